"""E1、E3：会被骗的指标。假的“生成器”都是造出来的，不训练网络：看每个指标各说什么。"""

import numpy as np

from paddle_gan.data import Digits
from paddle_gan.data.images import to_float
from paddle_gan.figures import BLUE, COLORS, GRAY, RED, new_figure
from paddle_gan.lab.experiment import Experiment, Measurement, Published, Rule
from paddle_gan.lab.rule import premise
from paddle_gan.lab.training import short
from paddle_gan.lab.tuned_noise import confident_noise
from paddle_gan.metrics.class_scores import class_score
from paddle_gan.metrics.frechet import frechet_distance
from paddle_gan.metrics.lenet import digit_features
from paddle_gan.metrics.memorisation import nearest_ratio, one_nn_accuracy
from paddle_gan.metrics.prdc import density_coverage, precision_recall

SIZE = 1000  # 每个“生成器”给多少张，参照也是这么多
FAKES, FALSE = ("noise", "one_image", "one_per_class"), "先要假得厉害"
METRIC_NAMES = {
    "confidence": "分类器的把握",
    "is": "IS-LeNet",
    "fd": "FD-LeNet",
    "precision": "精度",
    "recall": "召回",
    "coverage": "覆盖率",
}


def digits(split: str) -> tuple[np.ndarray, np.ndarray]:
    """图像 (N, 1, 28, 28)，取值 [−1, 1]，与标签 (N,)。"""
    data = Digits(split=split)
    return to_float(data.images, data.value_range), data.labels


def scores(fake: np.ndarray, real: np.ndarray) -> dict[str, float]:
    """METRIC_NAMES 里的六个量；两边都是图像 (n, 1, 28, 28)。"""
    (features, probabilities), (reference, _) = digit_features(fake), digit_features(real)
    precision, recall = precision_recall(features, reference)
    return {
        "confidence": float(probabilities.max(axis=1).mean()),
        "is": class_score(probabilities, 1)[0],
        "fd": frechet_distance(features, reference),
        "precision": precision,
        "recall": recall,
        "coverage": density_coverage(features, reference)[1],
    }


def fake_generator(arm: str, seed: int, settings: dict) -> np.ndarray:
    """四个“生成器”各给 SIZE 张图。"""
    if arm == "noise":
        return confident_noise(SIZE, seed, settings["noise_steps"])
    x, y = digits("train")
    _, probabilities = digit_features(x)
    best = [np.flatnonzero(y == c)[probabilities[y == c, c].argmax()] for c in range(10)]
    if arm == "real":
        return x[np.random.default_rng(seed).permutation(len(x))[:SIZE]]
    picked = [best[seed % 10]] if arm == "one_image" else best
    return x[np.resize(picked, SIZE)]


def measure_e1(arm: str, seed: int, settings: dict) -> Measurement:
    """一个“生成器”的六个分数；参照是测试集的 1,000 张。"""
    fake = fake_generator(arm, seed, settings)
    curves = {"images": [short(image[0, ::2, ::2]) for image in fake[:4]]} if seed == 0 else {}
    return Measurement(scores(fake, digits("test")[0]), curves)


def plain_noise() -> dict[str, dict[str, float]]:
    """没有照着分类器调过的：均匀噪声的六个分数。"""
    noise = np.random.default_rng(0).uniform(-1, 1, (SIZE, 1, 28, 28)).astype(np.float32)
    return {"没有调过的均匀噪声": scores(noise, digits("test")[0])}


def draw_e1(records: dict[str, list[dict]]):
    """上：每个生成器的四张图；下：把握、IS、覆盖。"""
    figure, axes = new_figure(4, 2, size=(3.0, 2.6))
    for axis, (arm, rows) in zip(axes[0], records.items()):
        images = np.array(rows[0]["curves"]["images"]).reshape(4, 14, 14)
        axis.imshow(np.block([[images[0], images[1]], [images[2], images[3]]]), cmap="gray")
        axis.set_title(E1.arms[arm])
        axis.axis("off")
    bars = (("confidence", 1.05), ("is", 10.5), ("coverage", 1.05), ("fd", None))
    for axis, (key, top) in zip(axes[1], bars):
        values = [np.median([r["statistics"][key] for r in rows]) for rows in records.values()]
        axis.bar(range(len(values)), values, color=COLORS[: len(values)])
        axis.set_xticks(range(len(values)), ["真实", "噪声", "一张", "每类一张"])
        axis.set(title=METRIC_NAMES[key] + ("（越小越好）" if key == "fd" else ""))
        axis.set_ylim(0, top)
    return figure


def measure_e3(arm: str, seed: int, settings: dict) -> Measurement:
    """bias 组：FD 随样本数 n 的变化；memoriser 组：照抄训练集的“生成器”。"""
    x, y = digits("train")
    train, test = (digit_features(images)[0] for images in (x, digits("test")[0]))
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(train))
    bank = train[order]
    if arm == "memoriser":
        # 各类一样多，与测试集相同：否则类别不匀本身就抬高了照抄的 FD
        copied = train[np.concatenate([order[y[order] == c][: SIZE // 10] for c in range(10)])]
        fd_copy, fd_test = (frechet_distance(x, train) for x in (copied, test))
        return Measurement(
            {
                "fd_copy": fd_copy,
                "fd_test": fd_test,
                "fd_ratio": fd_copy / fd_test,
                "copy_precision": precision_recall(copied, train)[0],
                "nearest_ratio": nearest_ratio(copied, train, test),
                "one_nn": one_nn_accuracy(copied, copied.copy()),
            }
        )
    sizes, means = settings["sizes"], []
    for n in sizes:
        draws = [bank[rng.permutation(len(bank))[:n]] for _ in range(settings["repeats"])]
        means.append(float(np.mean([frechet_distance(draw, test) for draw in draws])))
    inverse = 1 / np.array(sizes)
    slope, intercept = np.polyfit(inverse, means, 1)
    fit = np.corrcoef(inverse, means)[0, 1] ** 2
    statistics = {"slope": slope, "r_squared": fit, "fd_100_over_2000": means[0] / means[-1]}
    curves = {"sizes": sizes, "fd": short(means), "line": short([slope, intercept])}
    return Measurement(statistics, curves if seed == 0 else {})


def draw_e3(records: dict[str, list[dict]]):
    """左：同样是真图，n 越小 FD 越大，对 1/n 是直线；中、右：照抄的，FD 低，两个量看得出。"""
    figure, axes = new_figure(3, 1, size=(4.0, 3.6))
    left, middle, right = axes[0]
    curves = records["bias"][0]["curves"]
    inverse = 1 / np.array(curves["sizes"])
    slope, intercept = curves["line"]
    left.plot(inverse, curves["fd"], "o", color=RED, label="真图的 FD-LeNet")
    left.plot(inverse, slope * inverse + intercept, color=GRAY, label="直线 a + b/n")
    left.set(xlabel="1 / n（n 是样本数）", title="样本越少，FD 越大")
    left.legend()
    rows = records["memoriser"]
    bars(middle, rows, {"fd_copy": "照抄的\nFD", "fd_test": "没见过的真图\nFD"}, (RED, GRAY))
    middle.set_title("对训练集的 FD 夸照抄")
    names = {"nearest_ratio": "照抄的\n最近距离比", "one_nn": "照抄的\n1 近邻正确率"}
    bars(right, rows, names, (BLUE, BLUE))
    right.hlines([1, 0.5], [-0.4, 0.6], [0.4, 1.4], GRAY, "--", label="没有照抄时，约 1 与 0.5")
    right.legend()
    right.set(ylim=(0, 1.3), title="与被抄的那几张比，都是 0")
    return figure


def bars(axis, rows: list[dict], names: dict[str, str], colors: tuple) -> None:
    """{统计量: 柱子的名字} 各一根柱子，高是居中的种子，数写在上面。"""
    values = [np.median([row["statistics"][key] for row in rows]) for key in names]
    axis.bar(range(len(names)), values, color=colors)
    for index, value in enumerate(values):
        axis.text(index, value, f"{value:.2f}", ha="center", va="bottom")
    axis.set_xticks(range(len(names)), names.values(), fontsize=9)


E1 = Experiment(
    row="E1",
    title="“概率越集中越好”只量分类器的把握：每类一张图、甚至照着分类器调过的噪声，都骗得过",
    quote="一个分类系统，概率越集中，效果越好",
    source="001 Evaluation of Generation",
    anchor="[§10.1]",
    arms={
        "real": "真实数字",
        "noise": "照着分类器调过的噪声",
        "one_image": "只有一张图",
        "one_per_class": "每类一张图",
    },
    statistics=METRIC_NAMES,
    rules=(
        Rule("noise", "confidence", "≥", -0.01, versus="real"),
        Rule("one_image", "confidence", "≥", 0.0, versus="real"),
        Rule("one_per_class", "is", "≥", 0.0, versus="real"),
        *(premise(arm, "coverage", "≤", 0.1, form="总是", remark=FALSE) for arm in FAKES),
        premise("noise", "fd", "≥", 10, versus="real", compare="ratio", remark=FALSE),
    ),
    measure=measure_e1,
    draw=draw_e1,
    references=plain_noise,
    sentence="分类器的把握：真图 {v[real][confidence]:.1%}，照着分类器调过的噪声 "
    "{v[noise][confidence]:.1%}，只有一张图 {v[one_image][confidence]:.1%}；IS：真图 "
    "{v[real][is]}，调过的噪声 {v[noise][is]}，每类一张图 {v[one_per_class][is]}"
    "（没有调过的噪声都认作同一类，把握 99.6%，IS 只有 1）。"
    "可是真图的样子，三样假的各盖住 {v[noise][coverage]:.1%}、"
    "{v[one_image][coverage]:.1%}、{v[one_per_class][coverage]:.1%}",
    settings={tier: {"noise_steps": 30} for tier in ("quick", "full")},
    seeds={"quick": 1, "full": 5},
    budget={"quick": 45, "full": 45},
    published=(
        Published(
            "真实 MNIST 测试集的 IS",
            "9.8793 ± 0.0614",
            "另一个 MNIST 分类器；这里的 LeNet 用了标签平滑，满分不到 10，不能比",
            "公开的 MNIST-IS 代码",
        ),
        Published("每类一张、完全确定时的 IS", "10", "K 类的上限就是 K", "推导", "A"),
    ),
    note="覆盖率与 FD 是前提（判据改于看过数据之后，另两组的覆盖率是新加的）："
    "要先是假得厉害的，骗得过才算骗。噪声起初每步走 0.04、走 60 步，把握只有 0.948，没有够到界；"
    "界没有变，步子改成 0.2 降到 0、走 30 步之后重量。",
)

E3 = Experiment(
    row="E3",
    title="FD 随样本数变，还夸奖照抄训练集的生成器",
    quote="FID …… 单纯和训练集里的图像相同",
    source="001 Evaluation of Generation",
    anchor="[§10.2]",
    arms={"bias": "样本数 n 不同的真图", "memoriser": "照抄训练集的生成器"},
    statistics={
        "slope": "FD 对 1/n 的斜率",
        "r_squared": "直线 a + b/n 的 R²",
        "fd_100_over_2000": "n = 100 与 n = 2,000 的 FD 之比",
        "fd_copy": "照抄的 FD",
        "fd_test": "没见过的真图的 FD",
        "fd_ratio": "照抄的与没见过的真图的 FD 之比",
        "copy_precision": "照抄的精度",
        "nearest_ratio": "照抄的最近距离比",
        "one_nn": "照抄的与它抄的图之间，1 近邻的正确率",
    },
    rules=(
        Rule("bias", "r_squared", "≥", 0.95, form="总是"),
        Rule("bias", "fd_100_over_2000", "≥", 2.0, form="总是"),
        Rule("memoriser", "fd_ratio", "≤", 1.0, form="总是"),
        Rule("memoriser", "nearest_ratio", "≤", 0.05, form="总是"),
        Rule("memoriser", "one_nn", "≤", 0.05, form="总是"),
    ),
    measure=measure_e3,
    draw=draw_e3,
    settings={
        "quick": {"sizes": [100, 200, 300, 500, 1000, 2000], "repeats": 4, "revision": 2},
        "full": {"sizes": [100, 200, 300, 500, 1000, 2000], "repeats": 20, "revision": 2},
    },
    seeds={"quick": 2, "full": 5},
    budget={"quick": 10, "full": 40},
    sentence="照抄训练集的，FD 是没见过的真图的 {v[memoriser][fd_ratio]} 倍（越小越好）；"
    "同样是真图，取 100 张算的 FD 是取 2,000 张的 {v[bias][fd_100_over_2000]} 倍",
    note="n = 100 与特征的维数 84 差不多，直线 a + b/n 在那里弯；照抄的图第一次没有按类别取匀，"
    "FD 是没见过的真图的 1.01 倍，改成各类一样多（与测试集相同）之后重量。",
)
