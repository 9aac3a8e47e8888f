"""只看文件头就知道图像多大、朝哪边：一个几百字节的文件可以声称自己有 30000×30000 像素，
解码器会照着去要内存，所以先查尺寸，再决定要不要解码。
"""

import re
import struct
import zlib
from collections.abc import Iterator
from itertools import islice

PNG, JPEG, TIFF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", (b"II*\0", b"MM\0*")
GIF = (b"GIF87a", b"GIF89a")
PHONE = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis")  # 手机照片：HEIC 与 AVIF
SPACE = rb"(?:\s|#[^\r\n]*[\r\n])+"  # PNM 的头里，空白与注释可以写在任何两个数之间
PNM = re.compile(rb"P[1-6]" + SPACE + rb"(\d{1,9})" + SPACE + rb"(\d{1,9})\s")
NOT_FRAME = {0xC4, 0xC8, 0xCC}  # JPEG 里 0xC0–0xCF 是帧头，这三个例外
NO_LENGTH = {0x00, 0x01, *range(0xD0, 0xD9)}  # 后面没有长度的标记，libjpeg 跳过它们


def _jpeg_frame(data: bytes) -> int:
    """JPEG 帧头的位置：从文件头逐段跳过去，缩略图在前面的段里，不会误认。"""
    at = 2
    while True:
        marker = data[at + 1]
        if data[at] != 0xFF or marker == 0xFF:  # 填充字节
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in NOT_FRAME:
            return at
        elif marker in NO_LENGTH:
            at += 2
        else:
            at += 2 + struct.unpack_from(">H", data, at + 2)[0]


def _jpeg_size(data: bytes) -> tuple[int, int]:
    height, width = struct.unpack_from(">HH", data, _jpeg_frame(data) + 5)
    return width, height


def _bmp_size(data: bytes) -> tuple[int, int]:
    if struct.unpack_from("<I", data, 14)[0] == 12:  # OS/2 的旧头
        return struct.unpack_from("<HH", data, 18)
    width, height = struct.unpack_from("<ii", data, 18)
    return abs(width), abs(height)  # 高为负表示自上而下存


def _webp_size(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


def _gif_frames(data: bytes) -> Iterator[int]:
    """GIF 每一帧的描述在哪里；断在半路时抛出 IndexError。"""

    def table(flags: int) -> int:  # 调色板的字节数
        return 3 << (flags & 7) + 1 if flags & 0x80 else 0

    at = 13 + table(data[10])
    while data[at] != 0x3B:  # 结尾
        if data[at] == 0x2C:
            yield at
            at += 11 + table(data[at + 9])
        elif data[at] == 0x21:  # 扩展块
            at += 2
        else:  # 多余的字节，解码器跳过它
            at += 1
            continue
        while data[at]:  # 内容分成小块，以长度为零的一块结束
            at += 1 + data[at]
        at += 1


def _gif_size(data: bytes) -> tuple[int, int]:
    """画布与第一帧里大的：帧画到画布外面时，解码器把画布也放大。"""
    width, height = struct.unpack_from("<HH", data, 6)
    left, top, w, h = struct.unpack_from("<4H", data, next(_gif_frames(data)) + 1)
    return max(width, left + w), max(height, top + h)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """PNG 的块依次是：长度、名字、内容、校验和；给出每块的（名字, 从哪里, 到哪里）。"""
    at = len(PNG)
    while at + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        yield name, at, at + 12 + length
        at += 12 + length


def essential_png(data: bytes) -> bytes | None:
    """只留下解码要用的块；缺了结尾、校验和不对时返回 None。

    坏的颜色配置（iCCP）之类只会让 libpng 往标准错误里写英文；像素不受它们影响。
    """
    kept = [PNG]
    for name, start, end in _png_chunks(data):
        # 名字首字母大写的是必需的块；tRNS 是调色板的透明度
        if not name[:1].isupper() and name != b"tRNS":
            continue
        chunk = data[start:end]
        if struct.pack(">I", zlib.crc32(chunk[4:-4])) != chunk[-4:]:
            return None
        kept.append(chunk)
        if name == b"IEND":
            return b"".join(kept)
    return None


def _png_exif(data: bytes) -> bytes:
    """没有 eXIf 块时返回空。"""
    spans = (data[start + 8 : end - 4] for name, start, end in _png_chunks(data) if name == b"eXIf")
    return next(spans, b"")


def _webp_exif(data: bytes) -> bytes:
    """RIFF 的块依次是：名字、长度、内容（补齐到偶数）；没有 EXIF 块时返回空。"""
    at = 12
    while at + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, at)
        if name == b"EXIF":
            return data[at + 8 : at + 8 + length].removeprefix(b"Exif\0\0")
        at += 8 + length + length % 2
    return b""


def _ifd(data: bytes) -> dict[int, int]:
    """TIFF 结构的第一个目录：标签号 -> 值；只收 SHORT 与 LONG，重复的与 libtiff 一样认第一个。"""
    order = "<" if data[:2] == b"II" else ">"
    at = struct.unpack_from(f"{order}I", data, 4)[0]
    tags = {}
    for entry in range(struct.unpack_from(f"{order}H", data, at)[0]):
        tag, kind, _ = struct.unpack_from(f"{order}HHI", data, at + 2 + 12 * entry)
        if kind in (3, 4):
            form = "H" if kind == 3 else "I"
            value = struct.unpack_from(order + form, data, at + 10 + 12 * entry)[0]
            tags.setdefault(tag, value)
    return tags


def image_size(data: bytes) -> tuple[int, int] | None:
    """文件头里写的 (宽, 高)：PNG、JPEG、BMP、WebP、TIFF、GIF、PNM；别的，或头不完整，是 None。"""
    try:
        if data.startswith(PNG):
            return struct.unpack_from(">II", data, 16)
        if data.startswith(JPEG):
            return _jpeg_size(data)
        if data.startswith(b"BM"):
            return _bmp_size(data)
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return _webp_size(data)
        if data.startswith(TIFF):
            tags = _ifd(data)
            return tags[256], tags[257]
        if data.startswith(GIF):
            return _gif_size(data)
        if found := PNM.match(data):
            return int(found[1]), int(found[2])
    except (struct.error, IndexError, KeyError, StopIteration):
        return None  # 头在半路断了
    return None


def is_phone_format(data: bytes) -> bool:
    """HEIC 或 AVIF：是图像，但这里解不了。"""
    return data[4:8] == b"ftyp" and data[8:12] in PHONE


def is_animated(data: bytes) -> bool:
    """不止一帧的 GIF、PNG（APNG）与 WebP；读的都是第一帧。"""
    try:
        if data.startswith(GIF):
            return len(list(islice(_gif_frames(data), 2))) == 2
        if data.startswith(PNG):
            return any(name == b"acTL" for name, *_ in _png_chunks(data))
        return data.startswith(b"RIFF") and data[12:16] == b"VP8X" and bool(data[20] & 0x02)
    except IndexError:
        return False


def orientation(data: bytes) -> int:
    """PNG 与 WebP 里 EXIF 的方向 1–8，没有写就是 1；JPEG 与 TIFF 由 OpenCV 自己转正。"""
    exif = b""
    if data.startswith(PNG):
        exif = _png_exif(data)
    elif data.startswith(b"RIFF"):
        exif = _webp_exif(data)
    return _turn(exif)


def lies_down(data: bytes) -> bool:
    """照 EXIF 要转 90 度，宽与高要对调；JPEG 与 TIFF 也算。"""
    if data.startswith(JPEG):
        return _turn(data[: 2**17].partition(b"Exif\0\0")[2]) > 4
    return (_turn(data) if data.startswith(TIFF) else orientation(data)) > 4


def _turn(exif: bytes) -> int:
    """EXIF 里的方向 1–8。"""
    try:
        value = _ifd(exif).get(274, 1) if exif.startswith(TIFF) else 1
    except struct.error:
        return 1  # EXIF 坏了不妨碍看图
    return value if 1 <= value <= 8 else 1


def premultiplied(data: bytes) -> bool:
    """OpenCV 解出的颜色是否已经乘过透明度：标明了 ExtraSamples 的 TIFF 是这样，别的都不是。"""
    try:
        return data.startswith(TIFF) and _ifd(data).get(338) in (1, 2)
    except struct.error:
        return False


def is_cut_short(data: bytes) -> bool:
    """JPEG 没有结束标志：旧版 OpenCV 会把缺的部分补成灰色，当作好图交出来。"""
    return data.startswith(JPEG) and data.find(b"\xff\xd9", _jpeg_frame(data)) < 0
