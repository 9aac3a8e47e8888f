"""F1：换一个散度，一个高斯去像两个高斯，走到的就是那个散度的极小点吗；JS 是不是居中。"""

import numpy as np
import paddle

from paddle_gan.figures import BLUE, GRAY, GREEN, ORANGE, RED, new_figure
from paddle_gan.lab.experiment import Experiment, Measurement
from paddle_gan.lab.rule import Rule, control
from paddle_gan.lab.training import Setup, build, mlp, train
from paddle_gan.metrics.gaussian_fit import (
    Minimum,
    best_gaussians,
    gaussian_minima,
    log_mixture,
    log_normal,
)

DIVERGENCES = {
    "kl": "KL",
    "pearson": "皮尔逊 χ²",
    "js": "JS",
    "hellinger": "Hellinger²",
    "reverse_kl": "反向 KL",
}
MIXTURES = {"A": "两峰一样大", "B": "一大一小", "C": "连成一片"}
THREE = "；".join(f"{mixture}：{label}" for mixture, label in MIXTURES.items())
LAST = 0.1  # 均值与标准差取最后一成步的平均
NEAR = 0.05  # 差这么多以内才算走到：均值按数轴上的长，标准差按比例
LEFT = (-1.5, 0.5)  # 混合 B 的左峰：(均值, 标准差)
ARMS = {
    f"{name}_{mixture}": f"{mixture}：{label}"
    for mixture in MIXTURES
    for name, label in DIVERGENCES.items()
}
EXTRA = {"left_js_B": "B：JS，从左峰出发", "trick_kl_C": "C：KL，不饱和损失"}
ANSWER = {"left_js_B": "js", "trick_kl_C": "reverse_kl"}  # 这两组与哪个散度的极小点比
STATISTICS = {
    "mean": "均值",
    "std": "标准差",
    "mean_error": "均值与极小点的差",
    "std_error": "标准差与极小点的差（比例）",
    "trapped": "停在局部的极小点旁边（1 是，0 不是）",
    "place": "极小点的标准差在反向 KL（0）与 KL（1）之间的位置",
    "reverse_error": "离反向 KL 的极小点多远（均值的差、标准差的比例，取大的）",
}


def configured(arm: str, settings: dict) -> dict:
    """一组的原始配置：与 configs/f_gan_mixture.yml 相同（散度、混合、G 的损失、批与步数除外）。"""
    divergence, mixture = arm.split("_", 1)[1] if arm in EXTRA else arm, arm[-1]
    rates = {"lr_D": 5e-3, "lr_G": 5e-3, "beta1": 0.0, "beta2": 0.99}
    return {
        "method": "f_gan",
        "hparams": {
            "divergence": divergence[:-2],
            "generator_loss": "non_saturating" if arm == "trick_kl_C" else "saturating",
            "z_dim": 1,
            "d_steps": 2,
            **rates,
        },
        "network": {
            "generator": {"name": "affine"},
            "discriminator": mlp(64, activation="tanh"),
        },
        "data": {"name": "gaussian_mixture_1d", "mixture": mixture},
        "batch_size": settings["batch"],
        "total_steps": settings["steps"],
        "lr_schedule": "linear",
    }


def prepared(arm: str, seed: int, settings: dict) -> Setup:
    """搭好的一切；均值从 0 出发，标准差由种子抽；另一组从左峰出发。"""
    setup = build(configured(arm, settings), seed)
    if arm == "left_js_B":
        layer = setup.method.G.layer
        layer.bias.set_value(paddle.full([1], LEFT[0]))
        layer.weight.set_value(paddle.full([1, 1], LEFT[1]))
    return setup


def apart(mean: float, std: float, to: Minimum) -> float:
    """离一个极小点多远：均值的差与标准差的比例，取大的。"""
    return max(abs(mean - to.mean), abs(std / to.std - 1))


def place(mixture: tuple, name: str) -> float:
    """这个散度最深的极小点的 σ*，在反向 KL 的（0）与 KL 的（1）之间的位置。"""
    own, low, high = (best_gaussians(n, *mixture)[0].std for n in (name, "reverse_kl", "kl"))
    return (own - low) / (high - low)


def measure(arm: str, seed: int, settings: dict) -> Measurement:
    """训练一遍，走到的均值、标准差与数值积分求得的极小点比。"""
    setup, steps, seen = prepared(arm, seed, settings), settings["steps"], []
    layer = setup.method.G.layer

    def watch(step: int, logs: dict, record: dict) -> None:
        if step > (1 - LAST) * steps:
            seen.append((layer.bias.item(), abs(layer.weight.item())))

    train(setup, steps, hooks=[watch])
    mean, std = (float(value) for value in np.mean(seen, axis=0))
    data, name = setup.data, setup.method.divergence()
    mixture = (data.weights, data.means, data.stds)
    best, minima = (find(name, *mixture) for find in (best_gaussians, gaussian_minima))
    nearest = min(best, key=lambda one: abs(one.mean - mean))
    closest = min(minima, key=lambda one: apart(mean, std, one))
    statistics = {
        "mean": mean,
        "std": std,
        "mean_error": abs(mean - nearest.mean),
        "std_error": abs(std / nearest.std - 1),
        "trapped": float(closest not in best),
        "place": place(mixture, name),
        "reverse_error": min(
            apart(mean, std, one) for one in best_gaussians("reverse_kl", *mixture)
        ),
    }
    return Measurement(statistics, {"mixture": [list(one) for one in mixture]})


def draw(records: dict[str, list[dict]]):
    """一行一种混合，一列一个散度：灰底是 P，黑虚线是极小点，彩线是训练出来的，一线一个种子。"""
    figure, axes = new_figure(len(DIVERGENCES) + 1, len(MIXTURES), size=(2.35, 1.95))
    more = dict(zip("BC", EXTRA))
    for line, mixture in zip(axes, MIXTURES):
        for axis, name in zip(line, DIVERGENCES):
            panel(axis, name, records[f"{name}_{mixture}"], F1.arms[f"{name}_{mixture}"])
        if mixture in more:
            arm = more[mixture]
            panel(line[-1], ANSWER[arm], records[arm], F1.arms[arm])
    corner = axes[0, -1]
    corner.axis("off")
    handles = [corner.fill_between([], [], color=GRAY, alpha=0.35, label="真实分布 P")]
    styles = {"极小点": ("black", "--"), "训练出来的，到了": (BLUE, "-")}
    for label, (color, style) in (styles | {"训练出来的，没有到": (RED, "-")}).items():
        handles += corner.plot([], [], style, color=color, label=label)
    corner.legend(handles=handles, loc="center", fontsize=10)
    return figure


def panel(axis, name: str, rows: list[dict], title: str) -> None:
    """一格：P、散度 name 的极小点、各个种子走到的；题目写着几个种子走到了。"""
    mixture, reached = mixture_of(rows), 0
    best = best_gaussians(name, *mixture)
    x = np.linspace(-4.5, 4.5, 361)
    axis.fill_between(x, np.exp(log_mixture(x, *mixture)), color=GRAY, alpha=0.35, linewidth=0)
    for row in rows:
        mean, std = (row["statistics"][key] for key in ("mean", "std"))
        good = min(apart(mean, std, one) for one in best) <= NEAR
        reached += good
        color = BLUE if good else RED
        axis.plot(x, np.exp(log_normal(x, mean, std)), color=color, linewidth=1, alpha=0.7)
    for one in best:
        axis.plot(x, np.exp(log_normal(x, one.mean, one.std)), "--", color="black", linewidth=1.2)
    axis.set_title(f"{title}\n到了 {reached} / {len(rows)} 个种子", fontsize=10)
    axis.set(ylim=(0, 0.9), xlim=(-4.5, 4.5), yticks=[], xticks=[-3, 0, 3])


def draw_place(records: dict[str, list[dict]]):
    """一格一种混合：KL、JS、反向 KL 最深的极小点。"""
    figure, axes = new_figure(len(records), 1, size=(3.6, 2.9))
    # JS 画得宽、在下面：另两条压在上面也看得见
    looks = {"js": (ORANGE, "-", 5), "kl": (GREEN, "-", 1.6), "reverse_kl": (BLUE, "--", 1.6)}
    x = np.linspace(-4.5, 4.5, 361)
    for axis, (arm, rows) in zip(axes[0], records.items()):
        mixture = mixture_of(rows)
        axis.fill_between(x, np.exp(log_mixture(x, *mixture)), color=GRAY, alpha=0.35, linewidth=0)
        for name, (color, style, width) in looks.items():
            for number, best in enumerate(best_gaussians(name, *mixture)):
                label = DIVERGENCES[name] if number == 0 else None
                q = np.exp(log_normal(x, best.mean, best.std))
                axis.plot(x, q, style, color=color, linewidth=width, label=label)
        where = rows[0]["statistics"]["place"]
        title = f"{arm[-1]}：{MIXTURES[arm[-1]]}\nJS 的标准差在 {where:.3f} 处"
        axis.set(title=title, ylim=(0, 0.9), yticks=[], xticks=[-3, 0, 3])
    axes[0, -1].legend(loc="upper right")
    return figure


def mixture_of(rows: list[dict]) -> tuple:
    """记录里的混合分布：（权重，均值，标准差）。"""
    return tuple(tuple(one) for one in rows[0]["curves"]["mixture"])


def row(number: str, title: str, arms: dict[str, str], rules: tuple[Rule, ...], **more):
    """同一批训练上的一句话。"""
    return Experiment(
        row=number,
        title=title,
        quote="Can we use other divergence?",
        source="003 GAN",
        anchor="[§8.4]",
        records="f_gan_fit",
        arms=arms,
        statistics=STATISTICS,
        rules=rules,
        measure=measure,
        draw=more.pop("draw", draw),
        settings={"quick": {"steps": 60, "batch": 256}, "full": {"steps": 2000, "batch": 1024}},
        seeds={"quick": 1, "full": 5},
        budget={"quick": 12, "full": 180},
        **more,
    )


F1 = row(
    "F1",
    "换一个散度，一个高斯走到的就是那个散度的极小点",
    ARMS | EXTRA,
    (
        *(Rule(a, key, "≤", NEAR, "会") for a in ARMS for key in ("mean_error", "std_error")),
        control("left_js_B", "mean_error", "≤", NEAR, form="会", remark="从最深的那个旁边出发"),
        control("trick_kl_C", "reverse_error", "≤", NEAR, form="会", remark="公式推得的"),
    ),
    sentence=f"三种真实分布，{THREE}。"
    "C 上走到的标准差：皮尔逊 χ² {v[pearson_C][std]}，KL {v[kl_C][std]}，"
    "JS {v[js_C][std]}，Hellinger² {v[hellinger_C][std]}，反向 KL {v[reverse_kl_C][std]}，"
    "与极小点的比例最多差 {v[pearson_C][std_error]:最大}、{v[kl_C][std_error]:最大}、"
    "{v[js_C][std_error]:最大}、{v[hellinger_C][std_error]:最大}、"
    "{v[reverse_kl_C][std_error]:最大}；"
    "B 上，JS 最深的极小点只占一个峰，从正中出发的 {v[js_B][trapped]:个数} 个种子里"
    "有 {v[js_B][trapped]:≥1} 个停在另一个宽的里（标准差 {v[js_B][std]}）；"
    "A 上的反向 KL 也有 {v[reverse_kl_A][trapped]:≥1} 个停在正中的浅谷里",
    note="D 是 1-64-64-1 的 tanh 网络，G 只有均值与标准差两个数，用下界里的那一项作损失（饱和的）。"
    "均值从 0 出发，标准差的起点由种子抽。极小点由数值积分求得，一样深的有两个时与近的比，"
    "停在局部的极小点上算没有走到。末一成步取平均。判据先于这里的数据写好；"
    "学习率与动量是在种子 0、20 上挑的，那时已经看到 B 上的 JS 停在宽的那个里。",
)
F1B = row(
    "F1b",
    "JS 的极小点差不多在反向 KL 与 KL 的正中",
    {arm: label for arm, label in ARMS.items() if arm.startswith("js_")},
    tuple(
        Rule(f"js_{mixture}", "place", "≤", 0.25, "等于", target=0.5, remark="0.5 是正中")
        for mixture in MIXTURES
    ),
    draw=draw_place,
    sentence="极小点的标准差，反向 KL 算 0、KL 算 1，JS 在 A 上是 {v[js_A][place]}，"
    "B 上是 {v[js_B][place]}，C 上是 {v[js_C][place]}"
    f"（0.5 是正中，0.25 到 0.75 算居中；{THREE}）",
    note="只看数值积分求得的最深的极小点，与训练无关，各个种子一样。"
    "0.25 到 0.75 算居中，是知道极小点在哪里以后写的。"
    "题目原来写作“JS 居中：它的极小点在反向 KL 与 KL 的之间”，三个都在之间，判据问的是正不正中。",
)
