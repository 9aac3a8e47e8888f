"""画图：图像网格、二维散点与决策面、一维直方图、类别柱状图；返回 uint8 RGB，落盘由调用者决定。"""

import math
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

REAL, FAKE, MODE = (200, 200, 200), (31, 119, 180), (214, 39, 40)  # 灰：真实；蓝：生成；红：真模式
LIKE_REAL, LIKE_FAKE = (253, 174, 97), (158, 154, 200)  # 热力图：橙，判别器认为像真；紫，像假
LEVELS, EDGE = 20, 4  # 热力图分几层；找等高线时四周补几格
BINS = 60  # 一维直方图的格数
FONT = cv2.FONT_HERSHEY_SIMPLEX
CHINESE = Path(__file__).parent / "assets" / "PaddleGANSansSC.otf"


def tile_scale(height: int, width: int, min_tile: int = 48) -> int:
    """image_grid 把这么大的图放大几倍。"""
    return max(1, -(-min_tile // max(height, width)))


def image_grid(images: np.ndarray, columns: int) -> np.ndarray:
    """uint8 图像 (N, H, W, C) 拼成一张 (行·H, 列·W, C)；太小的图按整数倍放大，不模糊。"""
    n, height, width, channels = images.shape
    scale = tile_scale(height, width)
    rows = -(-n // columns)
    canvas = np.full((rows * columns, height, width, channels), 255, np.uint8)
    canvas[:n] = images
    grid = canvas.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    grid = grid.reshape(rows * height, columns * width, channels)
    return grid.repeat(scale, axis=0).repeat(scale, axis=1)


def caption(image: np.ndarray, text: str, height: int = 28) -> np.ndarray:
    """在 uint8 图 (H, W, C) 下面接一条 height 像素高的白边，写上黑字 text（可以是中文）。"""
    strip = Image.new("L", (image.shape[1], height), 255)
    font = ImageFont.truetype(str(CHINESE), round(0.6 * height))
    ImageDraw.Draw(strip).text((6, height / 2), text, fill=0, font=font, anchor="lm")
    return np.concatenate([image, np.asarray(strip)[..., None].repeat(image.shape[2], axis=2)])


def token_rows(tokens: np.ndarray, vocabulary: int, cell: int = 16) -> np.ndarray:
    """序列 (N, T) 画成 (N·cell, T·cell, 3)：一行一条，一格一个词元，颜色按编号，格里写编号。"""
    hues = np.zeros((1, vocabulary, 3), np.uint8)
    hues[0, :, 0] = np.arange(vocabulary) * 180 // vocabulary  # OpenCV 的色相是 0 到 179
    hues[0, :, 1:] = 110, 255
    palette = cv2.cvtColor(hues, cv2.COLOR_HSV2RGB)[0]
    canvas = np.ascontiguousarray(palette[tokens].repeat(cell, axis=0).repeat(cell, axis=1))
    for (row, column), token in np.ndenumerate(tokens):
        place = (column * cell + 2, row * cell + cell - 4)
        cv2.putText(canvas, str(token), place, FONT, 0.36, (40, 40, 40), 1, cv2.LINE_AA)
    return canvas


def text_rows(lines: list[str], height: int = 32) -> np.ndarray:
    """几行字画成 (行数·height, 宽, 1)，白底黑字；宽照最长的一行。"""
    font = ImageFont.truetype(str(CHINESE), round(0.75 * height))
    width = math.ceil(max(font.getlength(line) for line in lines)) + height // 2
    page = Image.new("L", (width, len(lines) * height), 255)
    for row, line in enumerate(lines):
        place = (height // 4, (row + 0.5) * height)
        ImageDraw.Draw(page).text(place, line, fill=0, font=font, anchor="lm")
    return np.asarray(page)[..., None]


def transition_maps(made: np.ndarray, true: np.ndarray, side: int = 240) -> np.ndarray:
    """两个转移矩阵 (V, V) 并排画：左边是生成的，右边是真的；概率从 0 到 1，由白到蓝。"""
    cell = max(1, side // len(made))
    parts = []
    for matrix, text in ((made, "生成的"), (true, "真的")):
        tint = 255 - matrix[..., None] * (255 - np.array(FAKE))
        tiles = tint.round().astype(np.uint8).repeat(cell, axis=0).repeat(cell, axis=1)
        parts.append(caption(np.pad(tiles, ((1, 1), (1, 1), (0, 0)), constant_values=200), text))
    return np.concatenate(parts, axis=1)


def extent_of(points: np.ndarray) -> tuple[np.ndarray, float]:
    """画二维点用的坐标范围：中心 (2,) 与半边长。"""
    low, high = points.min(axis=0), points.max(axis=0)
    return (low + high) / 2, float(max(high - low) * 0.65 + 1e-6)


def places(points: np.ndarray, center: np.ndarray, half: float, size: int) -> np.ndarray:
    """二维点 (N, 2) 落在边长 size 的图上的哪里：像素 (N, 2)，左上角是 (0, 0)。"""
    return (points - center) / half * [1, -1] * size / 2 + size / 2


def dots(
    canvas: np.ndarray, pixels: np.ndarray, radius: int, color: tuple, thickness: int = -1
) -> None:
    """在图上像素 pixels (N, 2) 处画圆点；thickness 为正时只画圈。图外的不画。"""
    size = canvas.shape[0]
    inside = pixels[(pixels > -10).all(axis=1) & (pixels < size + 10).all(axis=1)]
    for x, y in inside.round().astype(int):
        cv2.circle(canvas, (int(x), int(y)), radius, color, thickness, cv2.LINE_AA)


def scatter(
    fake: np.ndarray,
    real: np.ndarray | None = None,
    modes: np.ndarray | None = None,
    size: int = 480,
    background: np.ndarray | None = None,
) -> np.ndarray:
    """二维点 fake (N, 2) 画在真实点 real (M, 2) 上，标出真模式 modes (K, 2)；返回 (size, size, 3)。

    坐标范围由真实点决定，同一个数据集的图可以直接前后比较；没有真实点时由 fake 决定。
    background 是铺在下面的 uint8 图 (size, size, 3)，默认白色。
    """
    center, half = extent_of(fake if real is None else real)
    canvas = np.full((size, size, 3), 255, np.uint8) if background is None else background.copy()

    if real is not None and background is None:
        dots(canvas, places(real, center, half, size), 2, REAL)
    dots(canvas, places(fake, center, half, size), 2, FAKE)
    if modes is not None:
        thickness = 1 if background is None else 2
        dots(canvas, places(modes, center, half, size), 9, MODE, thickness)
    return canvas


def histograms(fake: np.ndarray, real: np.ndarray | None = None, size: int = 480) -> np.ndarray:
    """数轴上的点 fake (N, 1)：蓝线是直方图，灰底是真实点 real (M, 1) 的；返回 (size, size, 3)。

    横轴的范围、纵轴的高低都由真实点决定（没有时由 fake），高出去的截平，前后可以直接比较。
    """
    canvas = np.full((size, size, 3), 255, np.uint8)
    given = fake if real is None else real
    (center,), half = extent_of(given)
    edges = np.linspace(center - half, center + half, BINS + 1)
    top = 1.4 * np.histogram(given, edges)[0].max() / len(given)

    def outline(points: np.ndarray) -> np.ndarray:
        shares = np.histogram(points, edges)[0] / len(points)
        heights = np.repeat(np.clip(shares / top, 0, 1), 2) * (size - 20)
        x = np.repeat(np.linspace(0, size - 1, BINS + 1), 2)[1:-1]
        return np.stack([x, size - 10 - heights], axis=1).round().astype(np.int32)

    if real is not None:
        floor = np.array([[size - 1, size - 10], [0, size - 10]], np.int32)
        cv2.fillPoly(canvas, [np.concatenate([outline(real), floor])], REAL)
    cv2.polylines(canvas, [outline(fake)], False, FAKE, 2, cv2.LINE_AA)
    return canvas


def show_points(
    fake: np.ndarray, real: np.ndarray | None = None, modes: np.ndarray | None = None
) -> np.ndarray:
    """点 (N, 1) 画直方图，(N, 2) 画散点；参数见 histograms 与 scatter。"""
    return scatter(fake, real, modes) if fake.shape[1] == 2 else histograms(fake, real)


def plane(center: np.ndarray, half: float, cells: int) -> np.ndarray:
    """铺满坐标范围的方格点 (cells², 2)，先行后列，第一行在图的最上面。"""
    ticks = (np.arange(cells) + 0.5) / cells * 2 - 1
    x, y = np.meshgrid(ticks, -ticks)
    return (center + half * np.stack([x.ravel(), y.ravel()], axis=1)).astype(np.float32)


def heat_map(values: np.ndarray, low: float, high: float, size: int = 480) -> np.ndarray:
    """判别器在方格点上的输出 (n, n) 画成热力图 (size, size, 3)，中间值处画一条黑色等高线。

    values 取 low 是紫色（像假），取 high 是橙色（像真），中间是白色。
    """
    share = np.clip((values - low) / max(high - low, 1e-12), 0, 1)
    share = np.nan_to_num(share).astype(np.float32)  # 发散的判别器给得出 NaN
    share = cv2.resize(share, (size, size), interpolation=cv2.INTER_CUBIC)
    # 分层设色：看得清高低，图片文件也小得多；三次插值会冲出 0 与 1 一点
    level = (share * LEVELS).round().astype(np.int32)
    canvas = layer_colors(int(level.min()), int(level.max()))[level - level.min()]
    # 四周补几格再找等高线：图的边不是等高线
    above = np.pad((2 * level > LEVELS).astype(np.uint8), EDGE, mode="edge")
    border, _ = cv2.findContours(above, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    line = {"color": (60, 60, 60), "thickness": 1, "lineType": cv2.LINE_AA}
    return cv2.drawContours(np.ascontiguousarray(canvas), border, -1, offset=(-EDGE, -EDGE), **line)


def layer_colors(first: int, last: int) -> np.ndarray:
    """第 first 层到第 last 层各是什么颜色 uint8 (K, 3)；0 是像假，LEVELS 是像真。"""
    share = (np.arange(first, last + 1, dtype=np.float32) / LEVELS)[:, None]
    strength = np.abs(share - 0.5) * 2
    tint = np.where(share > 0.5, np.float32(LIKE_REAL), np.float32(LIKE_FAKE))
    return (255 * (1 - strength) + tint * strength).clip(0, 255).astype(np.uint8)


@cache
def empty_bar(width: int) -> np.ndarray:
    """一条 28 像素高的色标，还没有写数。"""
    bar = heat_map(np.tile(np.linspace(0, 1, width), (28, 1)), 0, 1, width)[:28]
    bar[:, width // 2] = (60, 60, 60)
    return bar


def color_bar(image: np.ndarray, low: float, high: float) -> np.ndarray:
    """在热力图下面接一条 28 像素高的色标，两端与中间写上数值。"""
    width = image.shape[1]
    bar = empty_bar(width).copy()
    texts = [f"{value:.3g}" for value in (low, (low + high) / 2, high)]
    for text, place in zip(texts, (0.0, 0.5, 1.0)):
        (w, _), _ = cv2.getTextSize(text, FONT, 0.5, 1)
        x = int(np.clip(place * width - place * w, 4, width - w - 4)) + (6 if place == 0.5 else 0)
        cv2.putText(bar, text, (x, 19), FONT, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
    return np.concatenate([image, bar])


def class_bars(shares: np.ndarray, width: int = 480, height: int = 240) -> np.ndarray:
    """各类别的比例 (K,) 画成柱状图 (height, width, 3)；虚线是均匀分布 1/K，柱下是类别号。"""
    count = len(shares)
    canvas = np.full((height, width, 3), 255, np.uint8)
    base, top = height - 28, 24
    full = max(0.3, float(shares.max()))  # 纵轴的上限
    slot = (width - 20) / count
    y = int(base - (base - top) / count / full)
    for x in range(10, width - 10, 12):
        cv2.line(canvas, (x, y), (x + 6, y), MODE, 1)
    for k, share in enumerate(shares):
        left, right = int(10 + slot * (k + 0.15)), int(10 + slot * (k + 0.85))
        y = int(base - (base - top) * share / full)
        cv2.rectangle(canvas, (left, y), (right, base), FAKE, -1)
        cv2.putText(canvas, str(k), (left + 4, height - 8), FONT, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
        text = f"{100 * share:.0f}%"
        cv2.putText(canvas, text, (left - 2, y - 5), FONT, 0.42, (0, 0, 0), 1, cv2.LINE_AA)
    return canvas
