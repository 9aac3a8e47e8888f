"""A17：只有 100 个标签：加上没有标签的图与生成的图，比只看那 100 张认得准。"""

from paddle_gan.data import Digits
from paddle_gan.evaluation.scorers_labels import ClassificationScorer
from paddle_gan.figures import BLUE, GRAY, new_figure
from paddle_gan.lab.experiment import Experiment, Measurement
from paddle_gan.lab.rule import Rule, control
from paddle_gan.lab.training import build, mlp, train
from paddle_gan.run.build import build_data

CASES = {
    "semi": {},
    "supervised": {"unlabelled": 0.0},
    "more": {"unlabelled": 0.0},
    "fooling": {"generator_loss": "non_saturating"},
}
LABELS = {"semi": 100, "supervised": 100, "more": 200, "fooling": 100}


def configured(arm: str, steps: int) -> dict:
    """一组的原始配置：同一个网络，与随包的 ss_gan_digits 相同。"""
    noise = {"input_noise": 0.3, "hidden_noise": 0.5}
    return {
        "method": "ss_gan",
        "hparams": {"z_dim": 100, "noise": "uniform", "lr_D": 1e-3, "lr_G": 1e-3} | CASES[arm],
        "network": {
            "generator": mlp(256, batch_norm=True, output="tanh"),
            "discriminator": mlp(300, 3, activation="leaky_relu", **noise),
        },
        "data": {"name": "digits"},
        "labels": LABELS[arm],
        "batch_size": 200,
        "total_steps": steps,
    }


def measure(arm: str, seed: int, settings: dict) -> Measurement:
    """训练一遍，认全部测试图像；只看最后，不挑最好的一步。"""
    setup = build(configured(arm, settings["steps"]), seed)
    train(setup, settings["steps"])
    test = build_data(setup.config, "test")
    found = ClassificationScorer(setup.data.whole, test, 0, seed).score(setup.method)
    return Measurement({"accuracy": found["classification/accuracy"]})


def rows_beside() -> dict[str, dict[str, float]]:
    """参照：总答最多的一类。"""
    rows = ClassificationScorer(Digits(), Digits(split="test"), 0, 0).baselines()
    return {name: {"accuracy": row["classification/accuracy"]} for name, row in rows.items()}


def draw(records: dict[str, list[dict]]):
    """每组一行，一点一个种子；同一个种子的两组用细线连起来。"""
    figure, axes = new_figure(1, 1, size=(6.2, 2.6))
    axis, values = axes[0, 0], {}
    for height, (arm, rows) in enumerate(reversed(records.items())):
        values[arm] = [row["statistics"]["accuracy"] for row in rows]
        axis.plot(values[arm], [height] * len(rows), "o", color=BLUE, alpha=0.7)
    heights = {arm: height for height, arm in enumerate(values)}
    for pair in zip(values["semi"], values["supervised"]):
        ends = heights["semi"], heights["supervised"]
        axis.plot(pair, ends, color=GRAY, linewidth=0.8, zorder=0)
    axis.set(yticks=range(len(values)), yticklabels=[A17.arms[arm] for arm in values])
    axis.set(xlabel="测试图像认对的比例（细线连着同一个种子）", ylim=(-0.5, len(values) - 0.5))
    axis.locator_params(axis="x", nbins=4)
    return figure


A17 = Experiment(
    row="A17",
    title="没有标签的图抵得上一些标签，特征匹配比骗 D 好",
    quote="应用：半监督",
    source="000 GAN的应用",
    anchor="[§14.6]",
    arms={
        "semi": "100 个标签，加 4,000 张没有标签的",
        "supervised": "只有那 100 张",
        "more": "只有 200 张有标签的",
        "fooling": "同第一组，G 去骗 D",
    },
    statistics={"accuracy": "测试图像认对的比例"},
    rules=(
        Rule("semi", "accuracy", "≥", 0.02, versus="supervised", remark="同一个网络"),
        Rule("semi", "accuracy", "≥", 0.0, versus="fooling", remark="特征匹配比骗 D 好"),
        control("more", "accuracy", "≥", 0.0, versus="semi", remark="再标 100 张"),
    ),
    measure=measure,
    draw=draw,
    settings={"quick": {"steps": 30}, "full": {"steps": 1500}},
    seeds={"quick": 1, "full": 5},
    budget={"quick": 8, "full": 110},
    references=rows_beside,
    sentence="测试图像认对的比例（总答一类是 0.1）：只有 100 张有标签的 {v[supervised][accuracy]}，"
    "加上没有标签的图 {v[semi][accuracy]}，只有 200 张有标签的 {v[more][accuracy]}，"
    "所以前一半{rule[1]}；G 不用特征匹配，改成去骗 D，是 {v[fooling][accuracy]}，"
    "后一半{rule[2]}",
    note="题目两半各一条判据，要都满足才成立；题目改于看过数据之后：原来只写了前一半，"
    "判据却一直有两条，没有动。去骗 D 的一组也看了没有标签的图。"
    "四组是同样的判别器、同样的步数；监督的两组不练 G，一步里只看有标签的一半。"
    "100 张是固定的，200 张也是（前一份的每一张都在后一份里）。"
    "判据照先前一次试跑的两个种子（另一份程序，1,000 步）：0.789、0.868 对 0.746、0.817。"
    "写好程序以后又看过种子 0 的前 600 步一次：0.80 对 0.755；设定与判据都没有因此改。",
)
