"""教程里反复要画的几种图，每个函数返回一张 Picture；别的图用 canvas() 自己画。"""

from collections.abc import Sequence

import numpy as np
import paddle
from matplotlib.patches import Circle

from paddle_gan.data.images import to_uint8
from paddle_gan.evaluation.film import training_frames
from paddle_gan.evaluation.strip import joined
from paddle_gan.figures import BLUE, COLORS, GRAY, RED
from paddle_gan.methods.base import inference
from paddle_gan.metrics import mode_report
from paddle_gan.metrics.modes import RADIUS
from paddle_gan.monitor.explain import curve_of
from paddle_gan.run.gallery import name_of
from paddle_gan.run.run import Run
from paddle_gan.teaching.lesson import Lesson
from paddle_gan.teaching.picture import Canvas, Picture, canvas, from_pixels
from paddle_gan.viz import extent_of, image_grid, plane

CELLS = 96  # 决策面每边取多少格
REAL = 1000  # 画多少个真实点
WIDER = 1.4  # 箭头的图比模式的范围放宽几倍；更远的点不画
FEW = 16  # 一条曲线不到这么多个点时，把点也画出来：只有一个点的线看不见


def images(x: np.ndarray, columns: int = 8, value_range=(-1.0, 1.0)) -> Picture:
    """图像拼成网格，每行 columns 张：样本 (N, C, H, W)，或数据集的 uint8 图 (N, H, W, C)。"""
    return from_pixels(image_grid(pixels(x, value_range), columns))


def pixels(x: np.ndarray, value_range: tuple[float, float]) -> np.ndarray:
    """uint8 (N, H, W, C)；浮点的样本按取值范围换算。"""
    return x if x.dtype == np.uint8 else to_uint8(x, value_range)


def rows_of_images(
    rows: dict[str, np.ndarray], value_range=(-1.0, 1.0), heads: Sequence[str] = ()
) -> Picture:
    """每行一组图像 {行名: 与 images() 同样的数组}，例如原图、译文；行名在左，列名 heads 在上。"""
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
        for axis, head in zip(c.axes[0], heads):
            axis.set_title(head, fontsize=9)
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


def curves(
    lessons: Lesson | dict[str, Lesson],
    *tags: str | tuple[str, ...],
    marks: dict[str, float] | None = None,
    until: int | None = None,
) -> Picture:
    """几次训练的曲线并排：每个标签一格，中文名取自词汇表，每次训练一种颜色。

    参数：
        tags: 一格画哪条曲线；要在同一格里比的几条写成元组，例如 ("prob/real", "prob/fake")
        marks: 拿来对照的数 {标签: 数}，在那一格画一条灰色虚线，例如 {"loss/D": 2 * np.log(2)}
        until: 只画到第几步；几次训练长短不同时，比同样多的步数
    """
    if not isinstance(lessons, dict):
        lessons = {"": lessons}
    columns = min(len(tags), 2)
    with canvas(columns, -(-len(tags) // columns), size=(5.2, 2.9)) as c:
        for axis, panel in zip(c.axes.ravel(), tags):
            together = (panel,) if isinstance(panel, str) else panel
            for tag in together:
                for name, lesson in lessons.items():
                    label = name if len(together) == 1 else f"{name} {curve_of(tag).name}".strip()
                    draw_curve(axis, lesson.curve(tag), until, label)
                if marks and tag in marks:
                    mark(axis, marks[tag])
            title = "、".join(curve_of(tag).name for tag in together)
            axis.set(title=f"{title}（{panel}）" if isinstance(panel, str) else title, xlabel="步")
            if len(lessons) * len(together) > 1:
                axis.legend()
        for axis in c.axes.ravel()[len(tags) :]:
            axis.set_visible(False)
    return c.picture


def draw_curve(axis, curve: tuple[np.ndarray, np.ndarray], until: int | None, label: str) -> None:
    """一条曲线（步，值），画到第 until 步；点少时把点也画出来。"""
    steps, values = curve
    shown = steps <= (until or steps[-1])
    dots = "." if shown.sum() < FEW else None
    axis.plot(steps[shown], values[shown], marker=dots, label=label)


def mark(axis, level: float) -> None:
    """一条灰色虚线，右端写着它的数。"""
    axis.axhline(level, color=GRAY, linestyle="--", linewidth=1)
    where = {"xy": (1, level), "xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
    axis.annotate(f"{level:.4g}", xytext=(0, 2), ha="right", color=GRAY, fontsize=9, **where)


def points(
    panels: dict[str, np.ndarray],
    real: np.ndarray,
    modes: np.ndarray | None = None,
    std: float | None = None,
) -> Picture:
    """几组二维点 {题目: (N, 2)} 并排画在真实点 real (M, 2) 上，红圈是真模式。

    给了模式的标准差 std，红圈的半径就是 3σ，题目下面写上高质量样本（落在圈里的）的比例：
    点多的图，眼睛数不出落准了几成。比例由全部样本算；样本多的时候，图上隔几个画一个。
    """
    center, half = extent_of(real)
    with canvas(len(panels), size=(2.4, 2.5)) as c:
        for axis, (name, fake) in zip(c.axes[0], panels.items()):
            scatter(axis, fake[:: max(1, len(fake) // REAL)], real, modes, std)
            frame(axis, center, half)
            axis.set_title(name if std is None else f"{name}\n{quality(fake, modes, std)}")
    return c.picture


def quality(fake: np.ndarray, modes: np.ndarray, std: float) -> str:
    """高质量样本的比例，写成百分数。"""
    return f"高质量 {mode_report(fake, modes, std)['modes/high_quality']:.1%}"


def surface(lesson: Lesson, title: str = "") -> Picture:
    """二维数据上的生成点、真模式与 D 的决策面；颜色是 D 的概率，评论器用它自己的分数。"""
    real = lesson.data.sample(REAL, np.random.default_rng(0))
    center, half = extent_of(real)
    probability = any("prob/real" in record for record in lesson.records)
    with canvas(size=(4.8, 4.0)) as c:
        axis = c.axes[0, 0]
        heat(c, lesson.method.D, center, half, probability)
        scatter(axis, lesson.samples(REAL), None, lesson.data.modes, lesson.data.std)
        frame(axis, center, half)
        axis.set_title(title)
    return c.picture


def arrows(D, at: np.ndarray, toward: np.ndarray, modes: np.ndarray, title: str = "") -> Picture:
    """点 at (N, 2) 各一支箭头，朝 toward (N, 2) 的方向，画在 D 的决策面上；一样长，只看方向。"""
    center, half = extent_of(modes)
    half *= WIDER
    size = np.linalg.norm(toward, axis=1, keepdims=True)
    with canvas(size=(5.0, 4.2)) as c:
        axis = c.axes[0, 0]
        heat(c, D, center, half, probability=True)
        axis.quiver(*at.T, *(toward / np.maximum(size, 1e-12)).T, width=0.004, scale=24)
        axis.plot(*modes.T, "o", color=RED, markersize=11, fillstyle="none")
        frame(axis, center, half)
        axis.set_title(title)
    return c.picture


def heat(c: Canvas, D, center: np.ndarray, half: float, probability: bool) -> None:
    """第一格里画 D 的决策面，旁边是色条。"""
    shown = face(c.axes[0, 0], D, center, half, probability)
    label = "D 认为像真的概率" if probability else "D 的分数"
    c.figure.colorbar(shown, ax=c.axes[0, 0], label=label)


def face(axis, D, center: np.ndarray, half: float, probability: bool):
    """D 的决策面：橙是像真，紫是像假；颜色是概率（D 给的是 logit），或评论器自己的分数。"""
    with inference(D):
        score = D(paddle.to_tensor(plane(center, half, CELLS))).numpy().reshape(CELLS, CELLS)
    if probability:
        score = 1 / (1 + np.exp(-np.clip(score.astype(np.float64), -60, 60)))
    limits = {"vmin": 0, "vmax": 1} if probability else {}
    box = (center[0] - half, center[0] + half, center[1] - half, center[1] + half)
    return axis.imshow(score, extent=box, cmap="PuOr_r", alpha=0.8, **limits)


def filmstrip(lesson: Lesson, count: int = 6) -> Picture:
    """训练途中留下的样本排成一条：二维点画散点，图像每次取 8 张排成一列。

    随包的训练没有留样本，有几步的样本图，就把它们连成一条。
    """
    steps = sorted(lesson.snapshots)
    if not steps and name_of(lesson.folder):
        frames = training_frames(lesson.folder / "samples")
        return from_pixels(joined(frames, Run(lesson.folder).shapes(), lesson.records))
    if not steps:
        raise ValueError("没有留样本；训练时写 train(…, snapshots=12)")
    chosen = [
        steps[i] for i in np.unique(np.linspace(0, len(steps) - 1, count).round().astype(int))
    ]
    if lesson.data.shape == (2,):
        data = lesson.data
        real = data.sample(REAL, np.random.default_rng(0))
        std = None if data.modes is None else data.std
        return points({f"第 {s} 步": lesson.snapshots[s] for s in chosen}, real, data.modes, std)
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


def scatter(
    axis,
    fake: np.ndarray,
    real: np.ndarray | None,
    modes: np.ndarray | None,
    std: float | None = None,
) -> None:
    """一格散点：灰是真实，蓝是生成，红圈是真模式；给了 std，圈的半径是 3σ，不然只标出位置。"""
    if real is not None:
        axis.plot(*real.T, ".", color=GRAY, markersize=2, alpha=0.35)
    axis.plot(*fake.T, ".", color=BLUE, markersize=3, alpha=0.6)
    if modes is not None and std is None:
        axis.plot(*modes.T, "o", color=RED, markersize=11, fillstyle="none")
    elif modes is not None:
        for mode in modes:  # 画在点的上面，才看得见
            axis.add_patch(Circle(mode, RADIUS * std, fill=False, color=RED, zorder=3))


def frame(axis, center: np.ndarray, half: float) -> None:
    """同一个数据集的图用同样的坐标范围，前后才可比。"""
    axis.set(xlim=center[0] + half * np.array([-1, 1]), ylim=center[1] + half * np.array([-1, 1]))
    axis.set_aspect("equal")
    axis.grid(False)
