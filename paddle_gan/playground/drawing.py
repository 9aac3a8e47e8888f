"""画面与曲线：一格的数 → PNG；记录 → 折线图；都在网页的线程里画，不占训练的时间。"""

import base64
import html

import cv2
import numpy as np

from paddle_gan.data.images import to_uint8
from paddle_gan.monitor.charts import COLORS, Line, bar_chart, line_chart, thin
from paddle_gan.monitor.explain import curve_of
from paddle_gan.playground.frames import Camera, Frame
from paddle_gan.viz import FAKE, MODE, color_bar, dots, heat_map, image_grid, places

SIZE = 560
SEEN_REAL, PULL = (110, 110, 110), (20, 20, 20)  # 真实点在热力图上要深一点；箭头
LONGEST = 34  # 最长的箭头多少像素
CHARTS = (  # 从上到下；一格里的几条
    ("损失", ("loss/D", "loss/G")),
    ("D 给的概率", ("prob/real", "prob/fake")),
    ("D 给的分数", ("score/real", "score/fake")),
    ("高质量样本的比例", ("modes/high_quality",)),
    ("到真分布的距离", ("wasserstein/sliced",)),
    ("FD-LeNet", ("fd_lenet",)),
)
NAMES = {"loss/D": "D", "loss/G": "G", "prob/real": "真样本", "prob/fake": "生成样本"}
NAMES |= {"score/real": "真样本", "score/fake": "生成样本"}


def stage(frame: Frame, camera: Camera) -> np.ndarray:
    """一格画面 uint8 (H, W, 3)。"""
    if not camera.flat:
        samples = to_uint8(frame.fake, camera.value_range)
        grid = image_grid(samples, int(len(samples) ** 0.5))
        return np.ascontiguousarray(np.broadcast_to(grid, (*grid.shape[:2], 3)))
    canvas, limits = np.full((SIZE, SIZE, 3), 255, np.uint8), None
    if frame.surface is not None:
        values, limits = shares(frame.surface, camera.probability)
        canvas = heat_map(values, *limits, SIZE)
    where = camera.center, camera.half, SIZE
    dots(canvas, places(camera.real, *where), 2, SEEN_REAL)
    if camera.modes is not None:
        dots(canvas, places(camera.modes, *where), 13, MODE, 2)
    dots(canvas, places(frame.fake, *where), 4, (255, 255, 255))
    dots(canvas, places(frame.fake, *where), 3, FAKE)
    if frame.arrows:
        pull(canvas, *frame.arrows, where)
    return color_bar(canvas, *limits) if limits else canvas


def shares(surface: np.ndarray, probability: bool) -> tuple[np.ndarray, tuple[float, float]]:
    """D 的输出怎样上色：概率是 0 到 1，评论器是它自己的分数从低到高。"""
    if probability:
        return 1 / (1 + np.exp(-np.clip(surface, -60, 60))), (0.0, 1.0)
    return surface, (float(surface.min()), float(surface.max()))


def pull(canvas: np.ndarray, at: np.ndarray, toward: np.ndarray, where: tuple) -> None:
    """G 的梯度：每个样本被往哪里拉；长短照大小，最长的一支 LONGEST 像素。"""
    center, half, size = where
    toward = np.nan_to_num(toward)
    lengths = np.linalg.norm(toward, axis=1)
    most = np.quantile(lengths, 0.9) if len(lengths) else 0.0
    if most <= 0:
        return
    pixels = places(at, center, half, size)
    scale = LONGEST * np.minimum(lengths / most, 1) / np.maximum(lengths, 1e-30)
    ends = pixels + toward * scale[:, None] * [1, -1]
    for (x, y), (u, v) in zip(pixels.clip(-999, 9999), ends.clip(-999, 9999)):
        start, end = (round(x), round(y)), (round(u), round(v))
        cv2.arrowedLine(canvas, start, end, PULL, 1, cv2.LINE_AA, tipLength=0.3)


def embedded(image: np.ndarray, alt: str) -> str:
    """一张 uint8 图 (H, W, 3)，写成网页里的一张图：不另开请求。"""
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    png = cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, 3])[1]
    data = base64.b64encode(png.tobytes()).decode()
    return f'<img class="stage" alt="{html.escape(alt)}" src="data:image/png;base64,{data}">'


def curves(records: list[dict]) -> str:
    """记过的曲线，一格一张折线图；下面写健康时是什么样子。"""
    parts = []
    for title, tags in CHARTS:
        lines = [line_of(records, tag, color) for tag, color in zip(tags, COLORS)]
        if not all(lines):
            continue
        legend = "".join(
            f'<span style="color:{line.color}">● {line.name}</span>' for line in lines if line.name
        )
        latest = "，".join(f"{line.values[-1]:.3g}" for line in lines)
        head = f"<b>{title}</b> {legend} <i>{latest}</i>"
        healthy = html.escape("健康：" + curve_of(tags[0]).healthy, quote=True)
        svg = line_chart(lines)[0]
        parts.append(f'<figure title="{healthy}"><figcaption>{head}</figcaption>{svg}</figure>')
    return f'<div class="curves">{"".join(parts)}</div>'


def line_of(records: list[dict], tag: str, color: str) -> Line | None:
    """一条曲线；没有记过时为 None。"""
    points = [(r["step"], r[tag]) for r in records if tag in r]
    if not points:
        return None
    steps, values = thin(*map(list, zip(*points)))
    return Line(NAMES.get(tag, ""), color, steps, values)


def weights(frame: Frame) -> str:
    """D 的权重直方图；不裁剪的方法没有。"""
    if frame.weights is None:
        return ""
    half, counts = frame.weights
    said = f"D 的权重，裁到 ±{half / 1.2:.3g}"
    bars = bar_chart(half, counts, COLORS[0])
    return (
        f'<div class="curves"><figure><figcaption><b>{said}</b></figcaption>{bars}</figure></div>'
    )
