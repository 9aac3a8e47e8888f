"""教程里反复要画的几种图，每个函数返回一张 Picture；别的图用 canvas() 自己画。"""

import numpy as np
import paddle

from paddle_gan.data.images import to_uint8
from paddle_gan.figures import BLUE, COLORS, GRAY, RED
from paddle_gan.methods.base import inference
from paddle_gan.monitor.explain import curve_of
from paddle_gan.teaching.lesson import Lesson
from paddle_gan.teaching.picture import Picture, canvas, from_pixels
from paddle_gan.viz import extent_of, image_grid, plane

CELLS = 96  # 决策面每边取多少格
REAL = 1000  # 画多少个真实点


def images(x: np.ndarray, columns: int = 8, value_range=(-1.0, 1.0)) -> Picture:
    """图像拼成网格，每行 columns 张：样本 (N, C, H, W)，或数据集的 uint8 图 (N, H, W, C)。"""
    return from_pixels(image_grid(pixels(x, value_range), columns))


def pixels(x: np.ndarray, value_range: tuple[float, float]) -> np.ndarray:
    """uint8 (N, H, W, C)；浮点的样本按取值范围换算。"""
    return x if x.dtype == np.uint8 else to_uint8(x, value_range)


def rows_of_images(rows: dict[str, np.ndarray], value_range=(-1.0, 1.0)) -> Picture:
    """每行一组图像 {行名: 与 images() 同样的数组}，例如原图、译文、转回来；行名写在左边。"""
    height = 0.85
    count = max(len(x) for x in rows.values())
    with canvas(count, len(rows), size=(height, height)) as c:
        for line, (name, x) in zip(c.axes, rows.items()):
            for axis, image in zip(line, pixels(x, value_range)):
                axis.imshow(image.squeeze(), cmap="gray", vmin=0, vmax=255)
            for axis in line:
                axis.set(xticks=[], yticks=[])
                axis.grid(False)
                axis.spines[:].set_visible(False)
            line[0].set_ylabel(name, rotation=0, ha="right", va="center")
    return c.picture


def lines(x, columns: dict[str, np.ndarray], xlabel: str, ylabel: str, **options) -> Picture:
    """几条折线 {图例: 数值}；options 交给坐标系，例如 yscale="log"、title="……"。"""
    with canvas(size=(6.4, 3.4)) as c:
        axis = c.axes[0, 0]
        for name, values in columns.items():
            axis.plot(x, values, label=name)
        axis.set(xlabel=xlabel, ylabel=ylabel, **options)
        axis.legend()
    return c.picture


def curves(lessons: Lesson | dict[str, Lesson], *tags: str) -> Picture:
    """几次训练的曲线并排：每个标签一格，中文名取自词汇表，每次训练一种颜色。"""
    if isinstance(lessons, Lesson):
        lessons = {"": lessons}
    columns = min(len(tags), 2)
    with canvas(columns, -(-len(tags) // columns), size=(5.2, 2.9)) as c:
        for axis, tag in zip(c.axes.ravel(), tags):
            for name, lesson in lessons.items():
                axis.plot(*lesson.curve(tag), label=name)
            axis.set(title=f"{curve_of(tag).name}（{tag}）", xlabel="步")
            if len(lessons) > 1:
                axis.legend()
        for axis in c.axes.ravel()[len(tags) :]:
            axis.set_visible(False)
    return c.picture


def points(panels: dict[str, np.ndarray], real: np.ndarray, modes: np.ndarray | None = None):
    """几组二维点 {题目: (N, 2)} 并排画在真实点 real (M, 2) 上，红圈是真模式。"""
    center, half = extent_of(real)
    with canvas(len(panels), size=(2.4, 2.5)) as c:
        for axis, (name, fake) in zip(c.axes[0], panels.items()):
            scatter(axis, fake, real, modes)
            frame(axis, center, half)
            axis.set_title(name)
    return c.picture


def surface(lesson: Lesson, title: str = "") -> Picture:
    """二维数据上的生成点、真模式与 D 的决策面；颜色是 D 的概率，评论器用它自己的分数。"""
    real = lesson.data.sample(REAL, np.random.default_rng(0))
    center, half = extent_of(real)
    with inference(lesson.method.D):
        score = lesson.method.D(paddle.to_tensor(plane(center, half, CELLS))).numpy()
    score = score.reshape(CELLS, CELLS)
    probability = any("prob/real" in record for record in lesson.records)
    if probability:
        score = 1 / (1 + np.exp(-score.astype(np.float64)))
    box = (center[0] - half, center[0] + half, center[1] - half, center[1] + half)
    with canvas(size=(4.8, 4.0)) as c:
        axis = c.axes[0, 0]
        limits = {"vmin": 0, "vmax": 1} if probability else {}
        shown = axis.imshow(score, extent=box, cmap="PuOr_r", alpha=0.8, **limits)
        scatter(axis, lesson.samples(REAL), None, lesson.data.modes)
        frame(axis, center, half)
        axis.set_title(title)
        c.figure.colorbar(shown, ax=axis, label="D 认为像真的概率" if probability else "D 的分数")
    return c.picture


def filmstrip(lesson: Lesson, count: int = 6) -> Picture:
    """训练途中留下的样本排成一条：二维点画散点，图像每次取 8 张排成一列。"""
    steps = sorted(lesson.snapshots)
    if not steps:
        raise ValueError("没有留样本；训练时写 train(…, snapshots=12)")
    chosen = [
        steps[i] for i in np.unique(np.linspace(0, len(steps) - 1, count).round().astype(int))
    ]
    if lesson.data.shape == (2,):
        real = lesson.data.sample(REAL, np.random.default_rng(0))
        return points({f"第 {s} 步": lesson.snapshots[s] for s in chosen}, real, lesson.data.modes)
    rows = {f"第 {s} 步": lesson.snapshots[s][:8] for s in chosen}
    return rows_of_images(rows, lesson.data.value_range)


def histograms(groups: dict[str, np.ndarray], half: float, bins: int = 49) -> Picture:
    """几组数的直方图并排，横轴 [−half, half]，纵轴是比例；看权重用。"""
    with canvas(len(groups), size=(3.8, 2.8)) as c:
        for axis, (name, values), color in zip(c.axes[0], groups.items(), COLORS):
            edges = np.linspace(-half, half, bins + 1)
            axis.hist(values, edges, weights=np.full(len(values), 1 / len(values)), color=color)
            axis.set(title=name, xlabel="权重", ylabel="比例")
    return c.picture


def scatter(axis, fake: np.ndarray, real: np.ndarray | None, modes: np.ndarray | None) -> None:
    """一格散点：灰是真实，蓝是生成，红圈是真模式。"""
    if real is not None:
        axis.plot(*real.T, ".", color=GRAY, markersize=2, alpha=0.35)
    axis.plot(*fake.T, ".", color=BLUE, markersize=3, alpha=0.6)
    if modes is not None:
        axis.plot(*modes.T, "o", color=RED, markersize=11, fillstyle="none")


def frame(axis, center: np.ndarray, half: float) -> None:
    """同一个数据集的图用同样的坐标范围，前后才可比。"""
    axis.set(xlim=center[0] + half * np.array([-1, 1]), ylim=center[1] + half * np.array([-1, 1]))
    axis.set_aspect("equal")
    axis.grid(False)
