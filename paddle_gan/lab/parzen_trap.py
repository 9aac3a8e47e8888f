"""E7：Parzen 窗的对数似然（GAN 论文表 1 用的数）：三张一组的平均图胜过生成器，也胜过真图。"""

import numpy as np

from paddle_gan.figures import BLUE, GRAY, RED, new_figure
from paddle_gan.lab.dcgan_parts import as_image, as_text
from paddle_gan.lab.experiment import Experiment, Measurement, Published, Rule
from paddle_gan.lab.fooled import digits
from paddle_gan.lab.shipped_models import DIGIT_MODELS, ONE_EACH, drawn_from
from paddle_gan.lab.training import say_first_seed
from paddle_gan.metrics.parzen import SIGMAS, best_sigma, parzen_log_likelihood

SHOWN = (2, 4)  # 图上每组画几行几列
COLUMNS = 4  # 图上一行几组


def unit(images: np.ndarray) -> np.ndarray:
    """[−1, 1] 的图像 → [0, 1] 的向量 (N, 784)，与 GAN 论文同样的尺度。"""
    return (images.reshape(len(images), -1) + 1) / 2


def centroids(images: np.ndarray, count: int, seed: int) -> np.ndarray:
    """k 均值的 count 个中心 (count, 784)：每个是几张训练图的平均。"""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):  # 与 prd.py 同样的缘故：多线程时结果不定
        return KMeans(count, n_init=1, random_state=seed).fit(images).cluster_centers_


def candidates(arm: str, fitted: np.ndarray, count: int, seed: int) -> np.ndarray:
    """一组的 count 个样本 (count, 784)。"""
    if arm in DIGIT_MODELS:
        return unit(drawn_from(arm, count, seed))
    if arm == "centroids":
        return centroids(fitted, count, seed)
    if arm == "noise":
        return np.random.default_rng(seed).uniform(size=(count, 784))
    return fitted[:count]  # 真图


def measure(arm: str, seed: int, settings: dict) -> Measurement:
    """σ 在 1,000 张训练图上挑，测试集上算；k 均值只看其余的训练图。"""
    train = np.random.default_rng(seed).permutation(unit(digits("train")[0]))
    validation, fitted = train[:1000], train[1000:]
    samples = candidates(arm, fitted, settings["samples"], seed)
    sigma = best_sigma(samples, validation)
    likelihood = parzen_log_likelihood(samples, unit(digits("test")[0]), sigma)
    images = [as_text(2 * image - 1) for image in samples[: np.prod(SHOWN)]]
    curves = {"images": images} if seed == 0 else {}
    return Measurement({"likelihood": likelihood, "sigma": sigma}, curves)


def rows_beside() -> dict[str, dict[str, float]]:
    """k 均值看过的 3,000 张真图全给；全部合成一张平均图。σ 是同样的格点上挑的，记在这里不重挑。"""
    train = np.random.default_rng(0).permutation(unit(digits("train")[0]))[1000:]
    beside = {"真图 3,000 张": (train, 11), "一张平均图": (train.mean(axis=0, keepdims=True), 14)}
    test = unit(digits("test")[0])
    return {
        name: {"likelihood": parzen_log_likelihood(x, test, SIGMAS[k]), "sigma": float(SIGMAS[k])}
        for name, (x, k) in beside.items()
    }


def draw(records: dict[str, list[dict]]):
    """一格一组：几张图，题目是对数似然，越大“越好”，从大到小排。"""
    figure, axes = new_figure(COLUMNS, -(-len(records) // COLUMNS), size=(3.0, 1.95))
    say_first_seed(figure)
    ordered = sorted(records, key=lambda arm: -np.median(column(records[arm])))
    for axis, arm in zip(axes.ravel(), ordered):
        images = np.stack([as_image(text) for text in records[arm][0]["curves"]["images"]])
        laid = images.reshape(*SHOWN, 28, 28).swapaxes(1, 2).reshape(SHOWN[0] * 28, -1)
        axis.imshow(laid, cmap="gray", vmin=0, vmax=15)
        color = {"centroids": RED, "real": "black", "noise": GRAY}.get(arm, BLUE)
        title = f"{E7.arms[arm]}\n{np.median(column(records[arm])):.0f} nat"
        axis.set_title(title, fontsize=11, color=color)
        axis.axis("off")
    return figure


def column(rows: list[dict]) -> list[float]:
    """各个种子的对数似然。"""
    return [row["statistics"]["likelihood"] for row in rows]


E7 = Experiment(
    row="E7",
    title="Parzen 窗的对数似然会骗人：三张一组的平均图胜过生成器，也胜过真图",
    quote="Objective Evalution",
    source="003 aiacademy；002 的 GAN 论文表 1",
    anchor="[§10.7]",
    arms={"real": "真图 1,000 张"}
    | DIGIT_MODELS
    | {"centroids": "三张一组的平均图", "noise": "均匀噪声"},
    statistics={"likelihood": "测试集的对数似然（nat）", "sigma": "挑中的 σ"},
    rules=tuple(
        Rule("centroids", "likelihood", "≥", 0.0, versus=arm) for arm in (*DIGIT_MODELS, "real")
    ),
    measure=measure,
    draw=draw,
    settings={"quick": {"samples": 300}, "full": {"samples": 1000}},
    seeds={"quick": 1, "full": 5},
    budget={"quick": 30, "full": 30},
    published=(
        Published(
            "MNIST 的 Parzen 对数似然",
            "GAN 225 ± 2，DBN 138 ± 2，CAE 121 ± 1.6，GSN 214 ± 1.1",
            "6 万张训练图、10,000 个样本；这里 1,000 个样本、1,000 张测试图",
            "GAN 论文表 1",
        ),
    ),
    references=rows_beside,
    sentence="测试集的对数似然（越大“越好”）：3,000 张训练图聚成一千组，一组一张平均图，"
    "{v[centroids][likelihood]}；同一批里的真图，1,000 张是 {v[real][likelihood]}，"
    "3,000 张全给是 199；全连接 GAN {v[gan_digits][likelihood]}，FD 最好的 R1 + 滑动平均 "
    "{v[digits_best][likelihood]}；全部合成一张平均图 −57.5，均匀噪声 {v[noise][likelihood]}",
    note="各组都是 1,000 个样本，σ 各挑各的。“三张一组的平均图”是 k 均值的中心：k 均值用了 3,000 张"
    "训练图，平均三张合成一张，看上去并不糊；真图那一组只给 1,000 张，所以旁边另写 3,000 张全给的"
    "（种子 0）：还是比不过。题目原来写作“模糊的平均图”。" + ONE_EACH,
)
