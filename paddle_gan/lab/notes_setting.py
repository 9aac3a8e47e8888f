"""A1：笔记 004 的全连接 GAN，照原设定走两万步：损失到没到均衡，画的像不像。"""

from statistics import fmean, median

import numpy as np

from paddle_gan.data import Digits
from paddle_gan.evaluation.scorers_digits import SAME_COUNT, FrechetLeNet
from paddle_gan.evaluation.scorers_samples import lenet_input, some_rows
from paddle_gan.figures import BLUE, GRAY, ORANGE, RED, new_figure
from paddle_gan.lab.dcgan_parts import as_image, as_text
from paddle_gan.lab.experiment import Experiment, Measurement, Published
from paddle_gan.lab.rule import Rule, control
from paddle_gan.lab.shipped_models import drawn_from
from paddle_gan.lab.training import build, mlp, samples_of, short, train
from paddle_gan.metrics.lenet import digit_features
from paddle_gan.metrics.memorisation import one_nn_accuracy

SCORED = 1000  # 打分的样本数：与测试图像一样多，1 近邻的正确率才可比
PARTS, CHECKS = 80, 10  # 损失分成这么多段取平均；路过时量这么多次 FD
SHOWN = 12
BALANCE = {"D": 2 * np.log(2), "G": np.log(2)}  # D 处处答 1/2 时两边的损失
# 004 笔记本自己印的：步 → (D 的损失, G 的损失)
NOTEBOOK = {0: (1.62, 2.16), 2000: (0.028, 6.55), 4000: (0.19, 4.50), 10000: (0.63, 2.93)}
NOTEBOOK |= {18000: (0.64, 2.42)}


def configured(steps: int) -> dict:
    """照笔记的原始配置，就是 configs/stesha_01.yml（步数除外）。"""
    return {
        "method": "gan",
        "hparams": {"z_dim": 100, "noise": "uniform", "lr_D": 1e-3, "lr_G": 1e-3, "beta1": 0.9},
        "network": {"generator": mlp(128, 1, output="sigmoid"), "discriminator": mlp(128, 1)},
        "data": {"name": "digits", "unit_range": True},
        "batch_size": 128,
        "total_steps": steps,
    }


def scores(images: np.ndarray, scorer: FrechetLeNet) -> dict[str, float]:
    """[−1, 1] 的一堆图：FD-LeNet，十类的反向 KL，与测试图像分不分得开（1 近邻）。"""
    features, probabilities = digit_features(images)
    found = scorer.report(features, probabilities)
    return {
        "fd": found["fd_lenet"],
        "reverse_kl": found["classes/reverse_kl"],
        "one_nn": one_nn_accuracy(features, scorer.features[: len(features)]),
    }


def trace_of(losses: list[tuple[float, float]]) -> dict[str, list[float]]:
    """全程的损失分成 PARTS 段，各段的平均。"""
    parts = np.array_split(np.array(losses), min(PARTS, len(losses)))
    D, G = np.array([part.mean(axis=0) for part in parts]).T
    return {"D": short(D), "G": short(G)}


def measure_notes(seed: int, settings: dict) -> Measurement:
    """照笔记的设定训练一遍，路过时量几次 FD。"""
    steps, losses, fd = settings["steps"], [], []
    setup = build(configured(steps), seed)
    scorer = FrechetLeNet(setup.data, Digits(split="test"), SCORED, seed)

    def drawn() -> np.ndarray:
        return lenet_input(samples_of(setup, SCORED), scorer.value_range)

    def watch(step: int, logs: dict, record: dict) -> None:
        losses.append((logs["loss/D"], logs["loss/G"]))
        if step % (steps // CHECKS) == 0:
            fd.append(scorer.of_images(drawn())["fd_lenet"])

    train(setup, steps, hooks=[watch])
    images, trace = drawn(), trace_of(losses)
    D, G = (fmean(column) for column in zip(*losses[-len(losses) // 10 :]))
    late = {"loss_D": D, "loss_G": G, "highest_D": max(trace["D"]), "lowest_G": min(trace["G"])}
    curves = {**trace, "fd": short(fd), "total": [steps]}
    curves["images"] = [as_text(image) for image in images[:SHOWN]]
    return Measurement(scores(images, scorer) | late | {"best_fd": min(fd)}, curves)


def measure(arm: str, seed: int, settings: dict) -> Measurement:
    """notes 照笔记训练；shipped 是随包的 gan_digits，只取样。"""
    if arm == "notes":
        return measure_notes(seed, settings)
    scorer = FrechetLeNet(Digits(), Digits(split="test"), SCORED, seed)
    images = drawn_from("gan_digits", SCORED, seed)
    return Measurement(
        scores(images, scorer), {"images": [as_text(image) for image in images[:SHOWN]]}
    )


def rows_beside() -> dict[str, dict[str, float]]:
    """参照：一样多张真的训练图；一样多张真图，只有“1”；均匀噪声。"""
    data = Digits()
    scorer = FrechetLeNet(data, Digits(split="test"), SCORED, 0)
    ones = scorer.train[data.labels == 1]
    noise = np.random.default_rng(0).uniform(-1, 1, (SCORED, 1, 28, 28)).astype(np.float32)
    return {
        SAME_COUNT: scores(some_rows(scorer.train, SCORED, seed=0), scorer),
        "只有“1”的真图": scores(np.resize(ones, (SCORED, *ones.shape[1:])), scorer),
        "均匀噪声": scores(noise, scorer),
    }


def drawn_rows(records: dict[str, list[dict]]) -> dict[str, dict]:
    """画哪几个种子的图 {题目: 记录}：照笔记的设定里 FD 居中的与最坏的，随包的里居中的。"""
    notes, shipped = (
        sorted(records[arm], key=lambda row: row["statistics"]["fd"])
        for arm in ("notes", "shipped")
    )
    return {
        f"{A1.label('notes')}，居中的种子": notes[len(notes) // 2],
        f"{A1.label('notes')}，最坏的种子": notes[-1],
        f"{A1.label('shipped')}，居中的种子": shipped[len(shipped) // 2],
    }


def draw(records: dict[str, list[dict]]):
    """上面三排是 drawn_rows 的图，题目是它自己的 FD；下面是两边的损失与 FD，一线一个种子。"""
    shown = drawn_rows(records)
    figure, axes = new_figure(3, len(shown) + 1, size=(4.2, 1.7))
    grid = axes[0, 0].get_gridspec()
    grid.set_height_ratios([1] * len(shown) + [2.4])
    for axis in axes[:-1].ravel():
        axis.remove()
    for place, (title, row) in enumerate(shown.items()):
        axis = figure.add_subplot(grid[place, :])
        laid = np.hstack([as_image(text) for text in row["curves"]["images"]])
        axis.imshow(laid, cmap="gray", vmin=0, vmax=15, interpolation="nearest")
        axis.axis("off")
        axis.set_title(f"{title}：FD {row['statistics']['fd']:.0f}", fontsize=11)
    draw_traces(axes[-1], records)
    return figure


def draw_traces(axes, records: dict[str, list[dict]]) -> None:
    """两边的损失与 FD 随步数；横线是均衡与随包的 gan_digits。"""
    for axis, key, color in zip(axes, ("D", "G", "fd"), (RED, BLUE, GRAY)):
        for row in records["notes"]:
            line, [total] = row["curves"][key], row["curves"]["total"]
            across = np.arange(1, len(line) + 1) * total / len(line)
            axis.plot(across, line, color=color, alpha=0.6)
        axis.set_xlabel("步")
    for axis, (key, value), place in zip(axes, BALANCE.items(), (0, 1)):
        axis.axhline(value, color="black", linestyle="--", linewidth=1, label="均衡")
        points = [(step, found[place]) for step, found in NOTEBOOK.items()]
        axis.plot(*zip(*points), "x", color=ORANGE, label="笔记自己印的")
        axis.set_title(f"{key} 的损失")
        axis.legend(fontsize=9)
    shipped = median(row["statistics"]["fd"] for row in records["shipped"])
    axes[2].axhline(shipped, color="black", linestyle=":", label=A1.label("shipped"))
    axes[2].set_title("FD-LeNet（越小越好）")
    axes[2].legend(fontsize=9)
    for axis in axes:
        axis.set_ylim(0, None)


A1 = Experiment(
    row="A1",
    title="全连接的 GAN 走两万步，效果还不理想",
    quote="D和G同时训练20000次，虽然开始出现数字的雏形，但是效果并不是太理想",
    source="004 01 Basic GAN",
    anchor="[§1.7]",
    arms={"notes": "照笔记的设定", "shipped": "随包的 gan_digits（也是全连接）"},
    statistics={
        "fd": "FD-LeNet",
        "reverse_kl": "十类的反向 KL",
        "one_nn": "1 近邻分得开的比例（0.5 是分不开）",
        "best_fd": "路过的最低的 FD-LeNet",
        "loss_D": "最后一成步的 D 的损失",
        "loss_G": "最后一成步的 G 的损失",
        "highest_D": "各段里最高的 D 的损失",
        "lowest_G": "各段里最低的 G 的损失",
    },
    rules=(
        Rule("notes", "fd", "≥", 12, "总是", remark="真图与真图之间的十倍"),
        Rule("notes", "one_nn", "≥", 0.9, "总是", remark="真图与真图之间是 0.5"),
        Rule("notes", "reverse_kl", "≥", 0.1, "总是"),
        Rule("notes", "highest_D", "≤", 1.2, "总是", remark="均衡是 1.386，从来没有走到"),
        Rule("notes", "lowest_G", "≥", 0.8, "总是", remark="均衡是 0.693"),
        control("notes", "fd", "≥", 1.5, form="总是", versus="shipped", compare="ratio"),
    ),
    measure=measure,
    draw=draw,
    settings={"quick": {"steps": 200}, "full": {"steps": 20000}},
    seeds={"quick": 1, "full": 5},
    budget={"quick": 6, "full": 70},
    references=rows_beside,
    sentence="照笔记的设定走两万步，FD-LeNet 是 {v[notes][fd]}（{v[notes][fd]:最小} 到 "
    "{v[notes][fd]:最大}，真图与真图之间约 1），1 近邻分得出真假的有 {v[notes][one_nn]:.0%}；"
    "最后 D 的损失 {v[notes][loss_D]}，G 的 {v[notes][loss_G]}，离均衡的 1.386 与 0.693 还远。"
    "可是不能怪全连接：gan_digits 也是全连接、两万步，FD {v[shipped][fd]}。"
    "{rule:个数} 条判据不满足的有 {rule:不成立} 条：1 近邻要每个种子都分得出 0.9，"
    "{v[notes][one_nn]:个数} 个种子里有 {v[notes][one_nn]:≥0.9} 个，最小 {v[notes][one_nn]:最小}",
    published=(
        Published(
            "004 笔记本自己印的损失（D / G）",
            "开始 1.62 / 2.16，2,000 步 .028 / 6.55，4,000 步 .19 / 4.50，10,000 步 .63 / 2.93，"
            "18,000 步 .64 / 2.42",
            "同样的网络与设定；55,000 张训练图，这里是 4,000 张；不报种子",
            "stesha2016/GAN 01 Basic GAN",
        ),
    ),
    note="“照笔记的设定”就是 configs/stesha_01.yml：784-128-1 与 100-128-784，z 均匀，"
    "像素在 0 到 1，Adam 0.001、β₁ = 0.9，批 128，两万步；数据是 4,000 张的子集，笔记用 55,000 张。"
    "gan_digits 只有随包的一份权重，种子换的是取的样本；它与笔记的设定有好几处不同（层数、宽度、"
    "学习率、β₁、噪声、像素范围、批），差的那些分该记在哪一处，这里没有拆开。"
    "损失分成 80 段（一段 250 步）取平均；1 近邻在 LeNet 的特征上，1,000 张对测试集的 1,000 张。"
    "判据写在跑之前，可是写的时候知道这份配置的三个种子的 FD（50、212、87）与反向 KL，"
    "没有看过它们的损失与 1 近邻。",
)
