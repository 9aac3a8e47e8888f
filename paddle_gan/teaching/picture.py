"""笔记本里的一张图：一段 PNG，在 Jupyter、GitHub 与 AI Studio 里都能看，也能存成文件。"""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from paddle_gan.figures import missing_glyphs, new_figure, style
from paddle_gan.files import write_atomic


class Picture:
    """一张 PNG；放在一格的最后一行就会显示。"""

    def __init__(self, png: bytes):
        self.png = png

    def _repr_png_(self) -> bytes:
        return self.png

    def __repr__(self) -> str:
        return f"图（PNG，{len(self.png):,} 字节）"

    def save(self, path: Path | str) -> None:
        """存成文件。"""
        write_atomic(Path(path), self.png)


class Canvas:
    """一张正在画的图：axes 是 rows × columns 的坐标系，画完之后 picture 就是它。"""

    def __init__(self, figure: Figure, axes: np.ndarray):
        self.figure, self.axes = figure, axes
        self.picture: Picture | None = None


@contextmanager
def canvas(columns: int = 1, rows: int = 1, size: tuple[float, float] = (5.0, 3.6)) -> Iterator:
    """用本课程的字体与配色画一张图；size 是每格的英寸数。

        with canvas(2) as c:
            c.axes[0, 0].plot(x, y)
        c.picture

    图里有字体没有的字时抛出 ValueError：方框字不该到读者面前。
    """
    with style():
        made = Canvas(*new_figure(columns, rows, size))
        yield made
        made.picture = rendered(made.figure)


def rendered(figure: Figure) -> Picture:
    """一张 Matplotlib 图变成 Picture；要在 style() 块里。"""
    missing = missing_glyphs(figure)
    if missing:
        raise ValueError(f"随包字体里没有这些字：{''.join(sorted(missing))}；请换个说法")
    buffer = BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return Picture(small_png(buffer.getvalue()))


def small_png(png: bytes) -> bytes:
    """同样的图，至多 256 种颜色：看不出差别，文件小一大半，一章的图才装得进一本笔记本。"""
    buffer = BytesIO()
    image = Image.open(BytesIO(png)).convert("RGB")
    # 默认的 MEDIANCUT 会把占地少的颜色（色条的两端）换成灰的；MAXCOVERAGE 哪里都只差一点
    few = image.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)
    few.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def from_pixels(image: np.ndarray) -> Picture:
    """uint8 图像 (H, W, 3) 或 (H, W, 1) 变成 Picture。"""
    bgr = image[..., ::-1] if image.shape[2] == 3 else image
    return Picture(cv2.imencode(".png", np.ascontiguousarray(bgr))[1].tobytes())


def save_gif(pictures: list[Picture], path: Path | str, milliseconds: int = 250) -> None:
    """几张同样大小的图连成循环播放的 GIF，最后一张多停一会儿；一共最多 64 种颜色。"""
    frames = [Image.open(BytesIO(picture.png)).convert("RGB") for picture in pictures]
    palette = frames[-1].quantize(64)
    frames = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    pauses = [milliseconds] * (len(frames) - 1) + [6 * milliseconds]
    buffer = BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=pauses, loop=0)
    write_atomic(Path(path), buffer.getvalue())
