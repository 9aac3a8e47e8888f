"""读写图像文件；BGR 与 RGB 的换算只在这里发生，出了这个文件一律是 RGB。

路径经由 Path 读写字节，OpenCV 只管编码解码：它自己的 imread 在 Windows 上打不开中文路径。
"""

import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from paddle_gan.data.image_header import (
    JPEG,
    image_size,
    is_cut_short,
    orientation,
    premultiplied,
)
from paddle_gan.errors import UserError
from paddle_gan.limits import MAX_PIXELS

EXTENSIONS = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff")
MAX_BYTES = 2**30  # 16 位、带透明、不压缩的 MAX_PIXELS 像素正好这么多字节
BLOCK = 2**20  # 像素；一次换算这么多，中间的 uint32 最多几十 MB


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
    """文件的内容；打不开、不是图像、大得离谱时报 UserError。"""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # 读管道或设备会一直等下去
            raise UserError(f"{path} 不是普通文件；这里要的是图像文件")
        if status.st_size > MAX_BYTES:
            raise UserError(
                f"图像 {path} 有 {status.st_size:,} 字节，超过上限 {MAX_BYTES:,}；请先缩小它"
            )
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"打不开图像 {path}：{error.strerror}") from error
    size = image_size(data)
    if size is None:
        raise UserError(f"{path} 不是图像（空文件，或内容与扩展名不符）；请删掉它或换一张")
    if size[0] * size[1] > MAX_PIXELS:
        raise UserError(
            f"图像 {path} 有 {size[0]}×{size[1]} 像素，超过上限 {MAX_PIXELS:,}；请先缩小它"
        )
    return data


def _decode(path: Path) -> np.ndarray:
    """解码成 BGR 或灰度，透明已叠在白底上、已转正，位深不变。"""
    data = _checked_bytes(path)
    # UNCHANGED 保留透明通道，但不理会 EXIF；JPEG 没有透明通道，让 OpenCV 转正
    keeps_alpha = not data.startswith(JPEG)
    flags = cv2.IMREAD_UNCHANGED if keeps_alpha else cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        pixels = None
    if pixels is None or is_cut_short(data):
        raise UserError(f"图像 {path} 已损坏，解码失败；请删掉它或换一张")
    if pixels.dtype not in (np.uint8, np.uint16):
        raise UserError(f"图像 {path} 的像素类型是 {pixels.dtype}；只支持 8 位与 16 位，请先转换")
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        multiplied = premultiplied(data) and pixels.dtype == np.uint8
        pixels = _in_blocks(lambda block: _over_white(block, multiplied), pixels)
    return _upright(pixels, orientation(data))


def natural_key(name: str) -> tuple[list, str]:
    """文件名里的数字按大小排：img2 在 img10 前；与操作系统列目录的顺序无关。name 用 / 分隔。"""
    parts = re.split(r"([0-9]+)", name)  # 奇数位是数字
    return [int(part) if i % 2 else part for i, part in enumerate(parts)], name


def _readable(entry: os.DirEntry) -> bool:
    """普通文件，或指向普通文件的链接；断了的、成环的链接也算，打开时会说出是哪个，不悄悄少一张。

    管道、套接字与设备不算。
    """
    if not entry.is_symlink():
        return entry.is_file()
    return os.path.isfile(entry.path) or not os.path.exists(entry.path)


def visible_images(root: str) -> Iterator[str]:
    """root 下（含各级子目录）全部图像的相对路径，用 / 分隔，次序不定；以点开头的不算。

    目录项自带是文件还是目录，不必每个文件再问一次系统：两万个文件快几倍。
    不用递归：目录套得再深，同时也只打开一个。
    """
    waiting = [(root, "")]  # 还没看的目录，与它里面文件名的前缀
    while waiting:
        folder, prefix = waiting.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((entry.path, f"{prefix}{entry.name}/"))
                elif entry.name.lower().endswith(EXTENSIONS) and _readable(entry):
                    yield prefix + entry.name


def list_images(root: Path) -> list[Path]:
    """root 下（含各级子目录）的全部图像，自然序；以点开头的文件与目录不算。

    不存在、不是目录、读不了、没有图像时报 UserError。
    """
    root = Path(root)
    try:  # 上级目录不让进、名字太长时，exists 也会出错
        if not root.exists():
            raise UserError(f"找不到图像目录 {root}；请检查路径（相对路径从你运行命令的目录算起）")
        if not root.is_dir():
            raise UserError(f"{root} 是一个文件；这里要的是装着图像的目录")
        names = sorted(visible_images(str(root)), key=natural_key)
    except OSError as error:
        raise UserError(f"读不了目录 {error.filename}：{error.strerror}") from error
    if not names:
        wanted = " ".join(extension[1:] for extension in EXTENSIONS)
        raise UserError(f"目录 {root} 里没有图像；把图像直接放进去，扩展名可以是 {wanted}")
    return [root / name for name in names]


def pixel_count(path: Path) -> int:
    """文件头里写的像素数，不解码；不是图像时报 UserError。"""
    width, height = image_size(_checked_bytes(path))
    return width * height


def read_image(path: Path, channels: Literal[1, 3] = 3) -> np.ndarray:
    """读一张图像，返回 uint8 (H, W, channels)，RGB 顺序或灰度。

    透明的叠在白底上，16 位的缩到 8 位，按 EXIF 转正；读不出来时报 UserError，写明是哪个文件。
    """
    pixels = _decode(Path(path))  # (H, W) 或 (H, W, 3 或 4)，BGR
    if pixels.dtype == np.uint16:
        pixels = _in_blocks(_to_bytes, pixels)
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        grey = pixels.reshape(*pixels.shape[:2], 1)
        return np.repeat(grey, channels, axis=2)
    if channels == 1:
        return cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)[..., None]
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)


def write_png(path: Path, image: np.ndarray) -> None:
    """把 uint8 (H, W)、(H, W, 1) 或 RGB (H, W, 3) 写成 PNG；先写临时文件再改名，不留半个文件。"""
    path = Path(path)
    colour = image.ndim == 3 and image.shape[2] == 3
    _, encoded = cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if colour else image)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")  # 名字固定：被杀后留下的半个，重画时就盖掉了
    try:
        temporary.write_bytes(encoded.tobytes())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
