"""A6、A7：要哪一类，画出来的就是哪一类吗；只接上类别、再给 D 看配错的类别、ACGAN、投影判别器。

几个实验共用这里的记录。听话总与同一类里的花样一起看：每类只画一张，也是句句听话。
"""

from statistics import median

import numpy as np

from paddle_gan.evaluation.sampling import decode, each_class_latents
from paddle_gan.evaluation.scorers_classes import generate_evenly
from paddle_gan.figures import COLORS, GRAY, new_figure
from paddle_gan.lab.dcgan_parts import as_image, as_text
from paddle_gan.lab.experiment import Experiment, Measurement
from paddle_gan.lab.label_judges import SCORED, judges, rows_beside
from paddle_gan.lab.rule import Rule, control
from paddle_gan.lab.training import SAMPLES, build, say_first_seed, short, train
from paddle_gan.methods.abilities import Conditional
from paddle_gan.run import runtime

GLIMPSED = 1000  # 中途看的样本数
SHOWN = 3  # 图上画几个 z，每个 z 画全十个数字
PLAIN = {"name": "dcgan_discriminator", "width": 32, "depth": 2, "norm": "none"}
UP = {"name": "dcgan_generator", "width": 32, "depth": 2}
# 组 → 与“只接上类别”那一组不同的设定
CASES: dict[str, dict] = {
    "concat": {},
    "mismatched": {"hparams": {"mismatched": True}},
    "acgan": {"method": "acgan"},
    "projection": {
        "method": "projection",
        "hparams": {"d_steps": 1, "lr_D": 4e-4, "lr_G": 1e-3},
        "network": {
            "generator": UP | {"name": "cbn_generator"},
            "discriminator": {"name": "projection_discriminator", "width": 32, "depth": 2},
        },
    },
}
NAMES = {
    "concat": "只接上类别的 CGAN",
    "mismatched": "还看配错类别的 CGAN",
    "acgan": "ACGAN",
    "projection": "投影判别器",
}
STATISTICS = {
    "accuracy": "听话的比例",
    "spread": "同一类里的花样",
    "fd": "FD-LeNet",
    "nn": "教出的 1 近邻的正确率",
    "nn_gap": "教出的正确率与真图教的之差",
    "early": "走到四分之一时听话的比例",
    "halfway": "走到一半时听话的比例",
}


def configured(arm: str, steps: int) -> dict:
    """一组的原始配置：与随包的配置相同，只是短，学习率不降，也不取参数的平均。"""
    case = CASES[arm]
    return {
        "method": case.get("method", "cgan"),
        "hparams": {"z_dim": 64} | case.get("hparams", {}),
        "network": case.get("network", {"generator": UP, "discriminator": PLAIN}),
        "data": {"name": "digits"},
        "batch_size": 64,
        "total_steps": steps,
    }


def drawn_by(method: Conditional, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """各类一样多的样本与要的类别；只由种子与权重决定，不扰动训练。"""
    runtime.seed_stream(SAMPLES + seed, runtime.SAMPLE)
    return generate_evenly(method, count)


def strip_of(method: Conditional, seed: int) -> list[str]:
    """每行同一个 z、每列一类的 SHOWN 行，存成文字。"""
    latents = each_class_latents(method, SHOWN, SAMPLES + seed)
    return [as_text(image) for image in decode(method, latents)]


def measure(arm: str, seed: int, settings: dict) -> Measurement:
    """训练一遍，走到四分之一、一半时各看一眼，走完打全部的分。"""
    steps, seen = settings["steps"], []
    setup = build(configured(arm, steps), seed)

    def look(step: int, logs: dict, record: dict) -> None:
        if step in (steps // 4, steps // 2):
            seen.append(judges().glimpse(*drawn_by(setup.method, GLIMPSED, seed)))

    train(setup, steps, hooks=[look])
    found = judges().all_of(*drawn_by(setup.method, SCORED, seed))
    seen.append(found)
    early = {"early": seen[0]["accuracy"], "halfway": seen[1]["accuracy"]}
    curves = {key: short([one[key] for one in seen]) for key in ("accuracy", "spread")}
    if seed == 0:
        curves["images"] = strip_of(setup.method, seed)
    return Measurement(found | early, curves)


def draw(records: dict[str, list[dict]]):
    """左：每组第一个种子画的，一行同一个 z；右：三次看到的听话与花样，一线一个种子。"""
    figure, axes = new_figure(2, len(records), size=(4.7, 2.4))
    say_first_seed(figure)
    for axis in axes[:, 1]:
        axis.remove()
    right = figure.add_subplot(axes[0, 1].get_gridspec()[:, 1])
    for (axis, _), color, (arm, rows) in zip(axes, COLORS, records.items()):
        show_strip(axis, rows[0]["curves"]["images"])
        axis.set_title(f"{NAMES[arm]}\n{summary(rows)}", fontsize=11)
        for row in rows:
            spread, accuracy = row["curves"]["spread"], row["curves"]["accuracy"]
            right.plot(spread, accuracy, color=color, linewidth=0.8, alpha=0.6)
            named = NAMES[arm] if row is rows[0] else None
            right.plot(spread[-1:], accuracy[-1:], "o", color=color, label=named)
    for name, row in rows_beside().items():
        right.plot(row["spread"], row["accuracy"], "*", color=GRAY, markersize=12)
        side = {"ha": "left" if row["spread"] < 0.5 else "right", "color": GRAY}
        above = 0.03 if row["accuracy"] > 0.5 else -0.06
        right.text(row["spread"], row["accuracy"] + above, name, fontsize=9, **side)
    right.set(xlabel="同一类里的花样（真实图像是 1）", ylabel="听话的比例", ylim=(0, 1.15))
    figure.legend(loc="outside lower right", ncols=2, fontsize=9)
    return figure


def show_strip(axis, texts: list[str]) -> None:
    """一格：存成文字的图拼成的一整张。"""
    axis.imshow(mosaic(texts), cmap="gray", vmin=0, vmax=15, interpolation="nearest")
    axis.axis("off")


def draw_price(records: dict[str, list[dict]]):
    """花样随步数怎样变，一线一个种子；虚线是真实图像的。"""
    figure, axes = new_figure(size=(5.6, 3.4))
    axis = axes[0, 0]
    for color, (arm, rows) in zip(COLORS, records.items()):
        for row in rows:
            steps = row["settings"]["steps"]
            looks, named = (steps // 4, steps // 2, steps), NAMES[arm] if row is rows[0] else None
            axis.plot(looks, row["curves"]["spread"], "o-", color=color, alpha=0.7, label=named)
    axis.axhline(1, color=GRAY, linestyle="--")
    axis.set(xlabel="步", ylabel="同一类里的花样（真实图像是 1）", ylim=(0, 1.2))
    axis.legend(fontsize=9)
    return figure


def summary(rows: list[dict]) -> str:
    """听话与花样，居中的种子。"""
    obeyed, spread = (
        median(row["statistics"][key] for row in rows) for key in ("accuracy", "spread")
    )
    return f"听话 {obeyed:.0%}，花样 {spread:.0%}"


def mosaic(texts: list[str]) -> np.ndarray:
    """一行十张，拼成一整张图。"""
    images = np.stack([as_image(text) for text in texts])
    return images.reshape(-1, 10, 28, 28).swapaxes(1, 2).reshape(-1, 280)


def row(number: str, title: str, quote: str, arms: tuple[str, ...], rules, **more) -> Experiment:
    """取几组。"""
    return Experiment(
        row=number,
        title=title,
        quote=quote,
        source=more.pop("source", "001 Conditional GAN"),
        anchor=more.pop("anchor", "[§11.2]"),
        records="conditional",
        arms={arm: NAMES[arm] for arm in arms},
        statistics=STATISTICS,
        rules=rules,
        measure=measure,
        draw=more.pop("draw", draw),
        settings={"quick": {"steps": 400}, "full": {"steps": 1600}},
        seeds={"quick": 1, "full": 5},
        budget={tier: seconds * len(arms) for tier, seconds in (("quick", 30), ("full", 100))},
        references=rows_beside,
        **more,
    )


A6 = row(
    "A6",
    "条件生成的样本当训练集，教出的 1 近邻与真图教的一样准",
    "Conditional Generation",
    tuple(CASES),
    tuple(Rule(arm, "nn_gap", "≤", 0.03, "会") for arm in CASES),
    source="003 aiacademy",
    anchor="[§11.3]",
    sentence="训练 1,600 步，拿 4,000 张生成的图与要的数字教 1 近邻，认真实的测试图像，"
    "正确率比真图教的低：只接上类别的 {v[concat][nn_gap]:.0%}，"
    "再看配错的 {v[mismatched][nn_gap]:.0%}，"
    "ACGAN {v[acgan][nn_gap]:.0%}，投影判别器 {v[projection][nn_gap]:.0%}；"
    "它们自己的听话依次是 {v[concat][accuracy]:.0%}、{v[mismatched][accuracy]:.0%}、"
    "{v[acgan][accuracy]:.0%}、{v[projection][accuracy]:.0%}",
    note="与真图教的相差不到三个百分点才算一样准。网络的宽窄、批与学习率照各自随包的配置，"
    "只是短：1,600 步，学习率不降，不取参数的平均；投影判别器的学习率与 G 的 BN 与别的不同，"
    "所以这张表不是只换了判别器。FD-LeNet 不看类别：真图的类别打乱，它一点不变；"
    "每类只有一张真图，听话满分，花样是零。判据先于数据写好。",
)
PAIR = ("concat", "mismatched")
A7 = row(
    "A7",
    "给 D 看配错的类别，G 才听话",
    "打乱 pair 的正确匹配",
    PAIR,
    (
        Rule("mismatched", "accuracy", "≥", 0.8, "会"),
        Rule("mismatched", "accuracy", "≥", 0.4, "总是", versus="concat"),
        control("concat", "accuracy", "≤", 0.4, form="会", remark="只接上类别，多半不听"),
    ),
    sentence="训练 1,600 步，要哪个数字就画哪个的，只接上类别的 {v[concat][accuracy]:.0%}，"
    "再给 D 看配错的类别 {v[mismatched][accuracy]:.0%}，十类里瞎猜 10%；"
    "走到四分之一时是 {v[concat][early]:.0%} 与 {v[mismatched][early]:.0%}",
    note="听话的比例：LeNet 认出的就是要的那个数字。0.8 与 0.4 是照先前两个种子的试跑定的，"
    "判据先于这里的数据写好。两组只差 mismatched 一项。"
    "1,600 步，学习率不降，不取参数的平均；随包的 cgan_digits 练到 5,000 步，见第 11 章。",
)
A7B = row(
    "A7b",
    "听话的代价：给 D 看配错的类别，同一类里的花样变少",
    "打乱 pair 的正确匹配",
    PAIR,
    (
        Rule("mismatched", "spread", "≤", -0.1, "更", versus="concat"),
        control("mismatched", "fd", "≤", 0.0, form="更", versus="concat", remark="画得像不像"),
    ),
    draw=draw_price,
    sentence="训练 1,600 步，同一类里两张图的平均距离，真实图像是 1：只接上类别的 "
    "{v[concat][spread]}，再给 D 看配错的类别 {v[mismatched][spread]}；"
    "FD-LeNet 是 {v[concat][fd]} 与 {v[mismatched][fd]}（越小越好）",
    note="花样是同一类里两张图的平均距离，真实的测试图像是 1。不听话的，一“类”里混着各种数字，"
    "花样自然多，所以要与听话一起看。"
    "差一成以上才算变少，判据先于数据写好。这是 1,600 步时的：练得更长，花样会不会回来，"
    "见第 11 章。",
)
