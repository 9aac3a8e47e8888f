"""T1、T2：最优判别器 D* = p/(p + q)，以及 V(G, D*) = 2JS − 2log2。"""

import numpy as np
import paddle

from paddle_gan.figures import BLUE, GRAY, GREEN, RED, new_figure
from paddle_gan.lab import shift
from paddle_gan.lab.experiment import Experiment, Measurement, Published, Rule
from paddle_gan.lab.training import mlp, short
from paddle_gan.metrics.divergences import (
    js_divergence,
    normalize,
    optimal_discriminator,
    optimal_value,
)

LOG2 = float(np.log(2))
# JS / log 2 的参照值，由数值积分另行算得
JS_TABLE = {0.5: 0.0437, 1: 0.1608, 2: 0.4859, 3: 0.7600, 4: 0.9128, 5: 0.9752, 6: 0.9944}
JS_TABLE |= {7: 0.9990, 8: 0.99987, 10: 1.0}
CRITICS = {"logistic": {"name": "mlp", "depth": 0}, "mlp64": mlp(64, activation="leaky_relu")}
RATES = {
    "logistic": {"lr_D": 0.2, "beta2": 0.95},
    "mlp64": {"lr_D": 0.01},
}  # 逻辑回归要走到截距 d²/2 = 8


def measure_t1(arm: str, seed: int, settings: dict) -> Measurement:
    """训练判别器分辨 N(0, 1) 与 N(d, 1)，和 D* = p/(p + q) 比。"""
    slope, gap, value, curves = [], [], [], {}
    for d in settings["shifts"]:
        method = shift.make("gan", shift.Shift(d), CRITICS[arm], seed, RATES[arm])
        more = 3 if arm == "logistic" else 1  # 逻辑回归一步很便宜，要的精度也高
        draw = shift.normal_batches(more * settings["batch"])
        shift.train_discriminator(method, draw, seed, more * settings["steps"])
        x, p, q = shift.densities(d)
        logit, best = shift.logits_on(method, x), optimal_discriminator(p, q)
        at = np.interp([0.0, d], x, logit)
        slope.append(abs((at[0] - at[1]) / d - d) / d)  # 最优的 logit 是直线 d²/2 − d·x
        bulk = (x > -2) & (x < d + 2)
        output = 1 / (1 + np.exp(-logit))
        gap.append(abs(output - best)[bulk].max())
        # V(D) = ∫ p log D + q log(1 − D)
        reached = -(p * np.logaddexp(0, -logit) + q * np.logaddexp(0, logit)).sum()
        value.append(abs(reached - optimal_value(normalize(p), normalize(q))))
        show = np.linspace(-3, d + 3, 61)
        curves[f"{d:g}"] = [short(np.interp(show, x, y)) for y in (x, output, best)]
    statistics = {"slope_error": max(slope), "output_error": max(gap), "value_error": max(value)}
    return Measurement(statistics, curves if seed == 0 else {})


def draw_t1(records: dict[str, list[dict]]):
    """学到的 D（点）落在 D*（线）上。"""
    figure, axes = new_figure(2, 1)
    for axis, (arm, rows) in zip(axes[0], records.items()):
        for color, (d, (x, output, best)) in zip(
            (BLUE, RED, GREEN, GRAY), list(rows[0]["curves"].items())[1:]
        ):
            axis.plot(x, best, color=color, linewidth=1.2)
            axis.plot(x[::3], output[::3], "o", color=color, markersize=4, label=f"d = {d}")
        axis.set(xlabel="x", ylabel="D(x)", title=f"{T1.arms[arm]}：线是 p/(p+q)，点是学到的 D")
        axis.legend()
    return figure


def measure_t2(arm: str, seed: int, settings: dict) -> Measurement:
    """gaussians 组：恒等式与参照表；lines 组：不重叠的两条线，训练出来的 JS 与 W。"""
    return measure_gaussians() if arm == "gaussians" else measure_lines(seed, settings)


def measure_gaussians() -> Measurement:
    """V(G, D*) = 2JS − 2log2，逐个 d 用求积核对。"""
    identity, table, ratios = [], [], []
    for d, known in JS_TABLE.items():
        _, p, q = shift.densities(d)
        p, q = normalize(p), normalize(q)
        best = np.clip(optimal_discriminator(p, q), 1e-300, 1 - 1e-16)
        value = (p * np.log(best)).sum() + (q * np.log1p(-best)).sum()
        identity.append(abs(value - (2 * js_divergence(p, q) - 2 * LOG2)))
        ratios.append(js_divergence(p, q) / LOG2)
        table.append(abs(ratios[-1] - known))
    statistics = {"identity_error": max(identity), "table_error": max(table)}
    return Measurement(statistics, {"d": list(JS_TABLE), "js": short(ratios)})


def measure_lines(seed: int, settings: dict) -> Measurement:
    """两条平行线相距 θ：判别器量出的 JS / log2，评论器量出的 W / θ。"""
    js, distance = [], []
    for theta in settings["thetas"]:
        line, uniform = shift.Line(theta), {"noise": "uniform"}
        gan = shift.make("gan", line, mlp(64), seed, {"lr_D": 2e-3} | uniform)
        critic = shift.make("wgan_gp", line, mlp(64), seed, shift.PENALTY | uniform)
        for method in (gan, critic):
            draw = shift.line_batches(settings["batch"])
            shift.train_discriminator(method, draw, seed, settings["steps"])
        with paddle.no_grad():
            x = shift.line_batches(2000)()
            loss, _ = gan.discriminator_loss(x)
            fake = critic.G(critic.noise(2000))
            gap = (critic.D(x).mean() - critic.D(fake).mean()).item()
        distance.append(gap / shift.lipschitz(critic, x))
        js.append((-loss.item() + 2 * LOG2) / 2 / LOG2)  # V = 2JS − 2log2
    errors = [abs(w / theta - 1) for w, theta in zip(distance, settings["thetas"])]
    statistics = {"js_over_log2": min(js), "w_error": max(errors)}
    curves = {"theta": settings["thetas"], "js": short(js), "w": short(distance)}
    return Measurement(statistics, curves if seed == 0 else {})


def draw_t2(records: dict[str, list[dict]]):
    """左：高斯的 JS 渐渐到顶；右：不重叠的两条线，JS 一直是 log2，W 等于间距。"""
    figure, axes = new_figure(2, 1)
    left, right = axes[0]
    gaussians, lines = (records[arm][0]["curves"] for arm in ("gaussians", "lines"))
    left.plot(gaussians["d"], gaussians["js"], "o-", color=RED)
    left.set(xlabel="两个高斯的间距 d", ylabel="JS / log2", title="重叠越少，JS 越贴近 log2")
    right.plot(lines["theta"], lines["js"], "o-", color=RED, label="判别器量出的 JS / log2")
    right.plot(lines["theta"], lines["w"], "s-", color=BLUE, label="评论器量出的 W")
    right.plot(lines["theta"], lines["theta"], color=GRAY, linewidth=1, label="真的 W = θ")
    right.set(xlabel="两条平行线的间距 θ", title="不重叠：JS 分不出远近，W 分得出")
    right.legend()
    return figure


T1 = Experiment(
    row="T1",
    title="最优判别器 D* = p/(p+q)",
    quote="maximize Objective Function = minimize cross entropy of binary classification",
    source="001 如何计算散度；002 GAN散度",
    anchor="[§2.3]",
    arms={"logistic": "逻辑回归", "mlp64": "两层 64 的网络"},
    statistics={
        "slope_error": "logit 斜率与 −d 的相对误差（各 d 的最大值）",
        "output_error": "max|D − D*|",
        "value_error": "V 与 2JS − 2log2 之差",
    },
    rules=(
        Rule("logistic", "slope_error", "≤", 0.03, form="等于"),
        Rule("logistic", "output_error", "≤", 0.02, form="等于"),
        Rule("logistic", "value_error", "≤", 0.01, form="等于"),
        Rule("mlp64", "output_error", "≤", 0.02, form="等于"),
        Rule("mlp64", "value_error", "≤", 0.01, form="等于"),
    ),
    measure=measure_t1,
    draw=draw_t1,
    settings={
        "quick": {"shifts": [0.5, 1, 2, 4], "batch": 512, "steps": 1500},
        "full": {"shifts": [0.5, 1, 2, 3, 4], "batch": 2048, "steps": 4000},
    },
    seeds={"quick": 1, "full": 5},
    budget={"quick": 40, "full": 150},
    sentence="最多差 {v[mlp64][output_error]:最大}：训练出的判别器给出的概率（0 到 1 之间），"
    "与公式 p/(p+q) 相比，{v[mlp64][output_error]:个数} 个种子里差得最多的一处",
    published=(
        Published("V(G, D*)", "d = 1：−1.1635；2：−0.7126；4：−0.1209", "数值积分", "推导", "A"),
    ),
)

T2 = Experiment(
    row="T2",
    title="V(G, D*) = 2JS − 2log2；不重叠时 JS 恒为 log2",
    quote="两个分布一般不重叠 …… JS 散度的问题",
    source="001 Tips for GAN；002 GAN散度 2JS(P_r‖P_g) − 2log2",
    anchor="[§6.2]",
    arms={"gaussians": "N(0, 1) 与 N(d, 1)", "lines": "两条平行线"},
    statistics={
        "identity_error": "V(G, D*) 与 2JS − 2log2 之差",
        "table_error": "JS / log2 与参照表之差",
        "js_over_log2": "训练出的 JS / log2（各 θ 的最小值）",
        "w_error": "评论器的 W 与 θ 的相对误差（各 θ 的最大值）",
    },
    rules=(
        Rule("gaussians", "identity_error", "≤", 1e-6, form="等于"),
        Rule("gaussians", "table_error", "≤", 1e-3, form="等于"),
        Rule("lines", "js_over_log2", "≤", 0.02, form="等于", target=1.0),
        Rule("lines", "w_error", "≤", 0.03, form="等于"),
    ),
    measure=measure_t2,
    draw=draw_t2,
    settings={
        "quick": {"thetas": [0.25, 0.5, 1.0, 2.0], "batch": 256, "steps": 1000, "revision": 2},
        "full": {
            "thetas": [0.1, 0.25, 0.5, 1.0, 2.0, 4.0],
            "batch": 256,
            "steps": 3000,
            "revision": 2,
        },
    },
    seeds={"quick": 1, "full": 5},
    budget={"quick": 40, "full": 150},
    published=(
        Published(
            "JS/log2", "d = 1：0.1608；2：0.4859；5：0.9752；8：0.99987", "数值积分", "推导", "A"
        ),
        Published("两条平行线", "JS = log2，W = |θ|", "θ ≠ 0 的公式", "WGAN 论文例 1", "S"),
    ),
    sentence="两条线不管离多远，训练出的 JS 都等于 log2（最小的是它的 "
    "{v[lines][js_over_log2]:最小.1%}）；Wasserstein 距离就是间距，最多差 "
    "{v[lines][w_error]:最大.1%}",
    note="W 的估计是评论器的分差除以它的平均梯度长度 K：惩罚只是软约束，"
    "最优的斜率是 1 + W/(2λ)，不除的话 θ = 1 处偏大 5%。",
)
