"""读写图像文件；BGR 与 RGB 的换算只在这里发生，出了这个文件一律是 RGB。

路径经由 Path 读写字节，OpenCV 只管编码解码：它自己的 imread 在 Windows 上打不开中文路径。
"""

import io
import os
import stat
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

import cv2
import numpy as np
from PIL import Image

from paddle_gan.data.image_header import (
    GIF,
    JPEG,
    PNG,
    PNM,
    essential_png,
    image_size,
    is_animated,
    is_cut_short,
    is_phone_format,
    lies_down,
    orientation,
    premultiplied,
)
from paddle_gan.errors import UserError, reason_of
from paddle_gan.limits import MAX_PIXELS

MAX_BYTES = 2**30  # 16 位、带透明、不压缩的 MAX_PIXELS 像素正好这么多字节
BLOCK = 2**20  # 像素；一次换算这么多，中间的 uint32 最多几十 MB
DAMAGED = "已损坏，解码失败", "请删掉它或换一张"
# Pillow 读到半截的、乱写的文件时抛出的
PILLOW_ERRORS = (
    *(OSError, ValueError, SyntaxError, EOFError, IndexError, struct.error),
    Image.DecompressionBombError,
)


class BadImage(UserError):
    """一个读不成图像的文件；path 是它的位置，why 是原因，一小句。"""

    def __init__(self, path: Path, why: str, advice: str):
        super().__init__(f"文件 {path} {why}；{advice}")
        self.path, self.why = path, why


class Seen(NamedTuple):
    """一张读成了的图像，和读它时做了什么主。"""

    image: np.ndarray  # uint8 (H, W, C)，RGB 或灰度，透明的地方叠在了白底上
    alpha: np.ndarray | None  # 不透明度 uint8 (H, W)，255 是不透明；没有透明的地方时为 None
    animated: bool  # 不止一帧，取了第一帧


def _in_blocks(convert: Callable[[np.ndarray], np.ndarray], pixels: np.ndarray) -> np.ndarray:
    """逐像素的 convert：(n, C) → (n, C')，分块用在 (H, W) 或 (H, W, C) 上，得到 (H, W, C')。"""
    height, width = pixels.shape[:2]
    flat = pixels.reshape(height * width, -1)  # (H·W, C)
    blocks = [convert(flat[start : start + BLOCK]) for start in range(0, len(flat), BLOCK)]
    return np.concatenate(blocks).reshape(height, width, -1)


def _to_bytes(pixels: np.ndarray) -> np.ndarray:
    """16 位缩到 8 位，四舍五入。"""
    return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _over_white(pixels: np.ndarray, multiplied: bool) -> np.ndarray:
    """BGRA 叠在白底上，得到 BGR；8 位与 16 位都行（65535² 仍在 uint32 里）。"""
    white = int(np.iinfo(pixels.dtype).max)
    colour, alpha = pixels[..., :3].astype(np.uint32), pixels[..., 3:].astype(np.uint32)
    if multiplied:
        blended = np.minimum(colour + (white - alpha), white)
    else:
        # c' = (c·a + white·(white − a)) / white，四舍五入
        blended = (colour * alpha + white * (white - alpha) + white // 2) // white
    return blended.astype(pixels.dtype)


def _upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """按 EXIF 的方向 1–8 转正。"""
    if orientation in (5, 6, 7, 8):
        pixels = np.swapaxes(pixels, 0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def _checked_bytes(path: Path) -> bytes:
    """文件的内容；打不开、不是图像、大得离谱时抛出 BadImage。"""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # 读管道或设备会一直等下去
            raise BadImage(path, "不是普通文件", "这里要的是图像文件")
        if status.st_size > MAX_BYTES:
            why = f"有 {status.st_size:,} 字节，超过上限 {MAX_BYTES:,}"
            raise BadImage(path, why, "请先缩小它")
        data = path.read_bytes()
    except OSError as error:
        raise BadImage(path, f"打不开（{reason_of(error)}）", "请检查它的位置与权限") from error
    size = image_size(data)
    if size is None and is_phone_format(data):
        raise BadImage(path, "是 HEIC 或 AVIF，这里读不了", "请先转成 JPEG 或 PNG")
    if size is None:
        raise BadImage(path, "不是图像（空文件、不完整，或内容与扩展名不符）", "请删掉它或换一张")
    if size[0] * size[1] > MAX_PIXELS:
        why = f"有 {size[0]}×{size[1]} 像素，超过上限 {MAX_PIXELS:,}"
        raise BadImage(path, why, "请先缩小它")
    return data


def _decode(data: bytes) -> np.ndarray | None:
    """解码成 BGR(A) 或灰度；解不了时返回 None。"""
    if data.startswith(GIF) or PNM.match(data):
        return _decode_with_pillow(data)
    if data.startswith(PNG):
        data = essential_png(data)
    if data is None or is_cut_short(data):
        return None
    # UNCHANGED 保留透明通道，但不理会 EXIF；JPEG 没有透明通道，让 OpenCV 转正
    keeps_alpha = not data.startswith(JPEG)
    flags = cv2.IMREAD_UNCHANGED if keeps_alpha else cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH
    try:
        return cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        return None


def _decode_with_pillow(data: bytes) -> np.ndarray | None:
    """GIF 的第一帧与 PNM：旧的 OpenCV 不认 GIF，也不按 PNM 写明的最大值换算亮度。"""
    try:
        with Image.open(io.BytesIO(data), formats=("GIF", "PPM")) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            if image.mode.startswith("I"):  # 16 位的灰度
                return np.asarray(image).astype(np.uint16)
            if image.mode in ("1", "L") and "transparency" not in image.info:
                return np.asarray(image.convert("L"))
            pixels = np.asarray(image.convert("RGBA"))
    except PILLOW_ERRORS:
        return None
    return pixels[..., [2, 1, 0, 3]]


def pixel_count(path: Path) -> int:
    """文件头里写的像素数，不解码；不是图像时报 UserError。"""
    width, height = image_size(_checked_bytes(path))
    return width * height


def upright_size(path: Path) -> tuple[int, int]:
    """文件头里写的、照 EXIF 转正以后的（宽，高），不解码；不是图像时抛出 BadImage。"""
    data = _checked_bytes(Path(path))
    width, height = image_size(data)
    return (height, width) if lies_down(data) else (width, height)


def inspect_image(path: Path, channels: Literal[1, 3] = 3) -> Seen:
    """读一张图像，说明见 read_image；读不出来时抛出 BadImage。"""
    path = Path(path)
    data = _checked_bytes(path)
    pixels = _decode(data)  # (H, W) 或 (H, W, 3 或 4)，BGR
    if pixels is None:
        raise BadImage(path, *DAMAGED)
    if pixels.dtype not in (np.uint8, np.uint16):
        why = f"的像素类型是 {pixels.dtype}，只支持 8 位与 16 位"
        raise BadImage(path, why, "请先转换")
    alpha = None
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        if pixels[..., 3].min() < np.iinfo(pixels.dtype).max:
            alpha = _eight_bits(_upright(pixels[..., 3], orientation(data)))
        multiplied = premultiplied(data) and pixels.dtype == np.uint8
        pixels = _in_blocks(lambda block: _over_white(block, multiplied), pixels)
    pixels = _eight_bits(_upright(pixels, orientation(data)))
    return Seen(_with_channels(pixels, channels), alpha, is_animated(data))


def _eight_bits(pixels: np.ndarray) -> np.ndarray:
    """16 位的换成 8 位；形状不变。"""
    if pixels.dtype == np.uint8:
        return pixels
    return _in_blocks(_to_bytes, pixels).reshape(pixels.shape)


def _with_channels(pixels: np.ndarray, channels: int) -> np.ndarray:
    """8 位的灰度或 BGR 换成灰度或 RGB，(H, W, channels)。"""
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        grey = pixels.reshape(*pixels.shape[:2], 1)
        return np.repeat(grey, channels, axis=2)
    if channels == 1:
        return cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)[..., None]
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)


def read_image(path: Path, channels: Literal[1, 3] = 3) -> np.ndarray:
    """读一张图像，返回 uint8 (H, W, channels)，RGB 顺序或灰度。

    透明的叠在白底上，16 位的缩到 8 位，动图取第一帧，按 EXIF 转正；
    读不出来时抛出 BadImage（一种 UserError），写明是哪个文件。
    """
    return inspect_image(path, channels).image


def write_png(path: Path, image: np.ndarray) -> None:
    """把 uint8 (H, W)、(H, W, 1)、RGB(A) (H, W, 3 或 4) 写成 PNG。

    先写临时文件再改名，不留半个文件。
    """
    path = Path(path)
    swap = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
    channels = image.shape[2] if image.ndim == 3 else 1
    pixels = cv2.cvtColor(image, swap[channels]) if channels in swap else image
    _, encoded = cv2.imencode(".png", pixels)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")  # 名字固定：被杀后留下的半个，重画时就盖掉了
    try:
        temporary.write_bytes(encoded.tobytes())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
