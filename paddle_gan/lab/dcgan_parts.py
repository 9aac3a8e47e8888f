"""A2：DCGAN 的几处设定，每次只改一处：去池化、去全连接、加 BN，lrelu，D 与 G 的更新比。"""

from statistics import median

import numpy as np
from paddle import nn

from paddle_gan.data import Digits
from paddle_gan.evaluation.scorers_digits import FrechetLeNet
from paddle_gan.evaluation.scorers_samples import flat
from paddle_gan.figures import new_figure
from paddle_gan.lab.collapse_on_demand import first_batch, pairwise
from paddle_gan.lab.experiment import Experiment, Measurement, Rule
from paddle_gan.lab.training import Setup, build, samples_of, say_first_seed, train
from paddle_gan.methods import DCGAN
from paddle_gan.networks.chain import Chain
from paddle_gan.networks.convolution import Conv2D, Conv2DTranspose
from paddle_gan.networks.dcgan import DCGANDiscriminator, DCGANGenerator
from paddle_gan.networks.init import normal_002

X, Z = (1, 28, 28), 100  # 一张图的形状，z 的维数
RATES = {"lr_D": 5e-4, "lr_G": 5e-4}  # 与论文不同：论文是 2e-4；这里训练得短，各组一样
HIDDEN = 256  # 全连接隐层的单元数
SCORED = 2500  # 算 FD 用的样本数
SHOWN = 8  # 图上每组画几个样本
WORSE, BETTER = 1.25, 0.8  # 差四分之一以上才算
# 组 → 只改的那一处：两个网络的一项，G 的一项，更新的次数
BOTH = {"no_bn": {"norm": "none"}}
IN_G = {"lrelu": {"activation": "leaky_relu"}}
RATIOS = {"g2": {"g_steps": 2}, "d2": {"d_steps": 2}}


class Reshaped(nn.Layer):
    """几段网络接起来，两头换形状：z (N, z_dim) 先变成 1 × 1 的图，判别器的输出变成 (N, 1)。"""

    def __init__(self, *pieces: nn.Layer):
        super().__init__()
        self.pieces = nn.Sequential(*pieces)

    def forward(self, x):
        if x.ndim == 2:
            return self.pieces(x.reshape([*x.shape, 1, 1]))
        return self.pieces(x).reshape([x.shape[0], -1])


def same(c_in: int, c_out: int, bias: bool | None = None) -> nn.Layer:
    """边长不变的 3 × 3 卷积。"""
    return Conv2D(c_in, c_out, kernel_size=3, padding=1, bias_attr=bias)


def pooled(width: int) -> dict[str, nn.Layer]:
    """步长换成池化：D 用最大池化减半，G 用最近邻上采样翻倍，卷积都不改变边长。"""
    w, start = width, Conv2DTranspose(Z, 2 * width, kernel_size=7, bias_attr=False)
    G = Reshaped(
        *(Chain(start, nn.BatchNorm2D(2 * w), nn.ReLU()), nn.Upsample(scale_factor=2)),
        Chain(same(2 * w, w, bias=False), nn.BatchNorm2D(w), nn.ReLU()),
        *(nn.Upsample(scale_factor=2), Chain(same(w, 1), nn.Tanh())),
    )
    D = Reshaped(
        *(Chain(same(1, w), nn.LeakyReLU(0.2)), nn.MaxPool2D(2)),
        Chain(same(w, 2 * w, bias=False), nn.BatchNorm2D(2 * w), nn.LeakyReLU(0.2)),
        *(nn.MaxPool2D(2), Conv2D(2 * w, 1, kernel_size=7)),
    )
    return {"G": G.apply(normal_002), "D": D.apply(normal_002)}


def connected(width: int) -> dict[str, nn.Layer]:
    """卷积照旧，两头各多一个全连接的隐层，也带 BN。"""
    size = {"width": width, "depth": 2}
    G = nn.Sequential(
        *(nn.Linear(Z, HIDDEN, bias_attr=False), nn.BatchNorm1D(HIDDEN), nn.ReLU()),
        DCGANGenerator((HIDDEN,), X, **size),
    )
    D = nn.Sequential(
        # 最后一层卷积的核盖住整张特征图，就是一层全连接
        DCGANDiscriminator(X, (HIDDEN,), **size),
        *(nn.BatchNorm1D(HIDDEN), nn.LeakyReLU(0.2), nn.Linear(HIDDEN, 1)),
    )
    return {"G": G.apply(normal_002), "D": D.apply(normal_002)}


OLDER = {"pool": pooled, "fc": connected}  # 论文去掉的两样，所以网络里没有这两种选项


def setup_of(arm: str, seed: int, settings: dict) -> tuple[Setup, int]:
    """一组搭好的一切，与训练几步；G 都更新 settings["g_updates"] 次。"""
    hparams = RATIOS.get(arm, {})
    steps = settings["g_updates"] // hparams.get("g_steps", 1)
    size = {"width": settings["width"], "depth": 2} | BOTH.get(arm, {})
    raw = {
        "method": "dcgan",
        "hparams": {"z_dim": Z} | RATES | hparams,
        "network": {
            "generator": {"name": "dcgan_generator"} | size | IN_G.get(arm, {}),
            "discriminator": {"name": "dcgan_discriminator"} | size,
        },
        "data": {"name": "digits"},
        "batch_size": settings["batch"],
        "total_steps": steps,
    }
    setup = build(raw, seed)
    if arm in OLDER:
        method = setup.method
        setup = setup._replace(method=DCGAN(OLDER[arm](settings["width"]), method.hparams))
    return setup, steps


def as_text(image: np.ndarray) -> str:
    """[−1, 1] 的图像 → 一个像素一个十六进制数字，0 最黑、f 最白；记录里才不占地方。"""
    levels = np.clip((image.ravel() + 1) * 8, 0, 15).astype(int)
    return "".join(f"{level:x}" for level in levels)


def as_image(text: str, shape: tuple[int, ...] = X[1:]) -> np.ndarray:
    """as_text 存下的图像，0..15；shape 不写是 (28, 28)。"""
    return np.array([int(digit, 16) for digit in text]).reshape(shape)


def draw_images(axes, texts: list[str], name: str) -> None:
    """as_text 存下的图像画成一行，左边写这一行的名字。"""
    for axis, text in zip(axes, texts):
        axis.imshow(as_image(text), cmap="gray", vmin=0, vmax=15)
        axis.set(xticks=[], yticks=[])
        axis.grid(False)
        axis.spines[:].set_visible(False)
    axes[0].set_ylabel(name, rotation=0, ha="right", va="center")


def measure(arm: str, seed: int, settings: dict) -> Measurement:
    """训练一遍，走到一半与走完各打一次分；分数就是 tools/train.py 的 FD-LeNet。"""
    setup, steps = setup_of(arm, seed, settings)
    scorer = FrechetLeNet(setup.data, Digits(split="test"), SCORED, seed)
    half = []

    def watch(step: int, logs: dict, record: dict) -> None:
        if step == steps // 2:
            half.append(scorer.of_images(samples_of(setup, SCORED))["fd_lenet"])

    train(setup, steps, hooks=[watch])
    fake = samples_of(setup, SCORED)
    real = setup.data.batch(*first_batch(setup.data)).x
    statistics = {
        "fd": scorer.of_images(fake)["fd_lenet"],
        "fd_half": half[0],
        "distance_ratio": pairwise(flat(fake[:64])) / pairwise(flat(real)),
    }
    images = [as_text(image) for image in fake[:SHOWN]]
    return Measurement(statistics, {"images": images} if seed == 0 else {})


def draw(records: dict[str, list[dict]]):
    """每组一行：左边是改了哪一处，中间是第一个种子画的，右边是全部种子的分数与最快一次的用时。"""
    figure, axes = new_figure(SHOWN, len(records), size=(1.1, 0.82))
    say_first_seed(figure)
    for line, (arm, rows) in zip(axes, records.items()):
        draw_images(line, rows[0]["curves"]["images"], A2.arms[arm])
        where = {"transform": line[-1].transAxes, "va": "center"}
        line[-1].text(1.15, 0.5, summary(rows), fontsize=10, **where)
    return figure


def summary(rows: list[dict]) -> str:
    """一组的分数：居中的（各个种子，画的是哪一个），与最快的一次用的秒数：忙的时候别的几次会偏长。"""
    scores = sorted(row["statistics"]["fd"] for row in rows)
    seconds, shown = min(row["seconds"] for row in rows), rows[0]["statistics"]["fd"]
    each = " ".join(f"{score:.0f}" for score in scores)
    spread = f"（{each}；画的 {shown:.0f}）" if len(scores) > 1 else ""
    return f"FD {median(scores):.0f}{spread}\n{seconds:.0f} 秒"


def floor() -> dict[str, dict[str, float]]:
    """参照：一样多张真的训练图；一步也不训练的 G。"""
    data, test = Digits(), Digits(split="test")
    scorer = FrechetLeNet(data, test, SCORED, 0)
    [(name, found)] = list(scorer.baselines().items())[1:]
    fake = samples_of(setup_of("paper", 0, A2.settings["full"])[0], SCORED)
    real = pairwise(flat(data.batch(*first_batch(data)).x))
    untrained = {
        "fd": scorer.of_images(fake)["fd_lenet"],
        "distance_ratio": pairwise(flat(fake[:64])) / real,
    }
    return {name: {"fd": found["fd_lenet"], "distance_ratio": 1.0}, "没有训练的 G": untrained}


A2 = Experiment(
    row="A2",
    title="DCGAN 的改进去掉哪一样都更差；G 也用 lrelu、G 多更新，更好",
    quote="也就是取消pooling，取消全链接，加上BN；使用lrelu效果会更好；"
    "训练一次D网，训练两次G网效果会好一些",
    source="002 在DCGAN中三个改进cnn方式；004 02 DCGAN 关键点 3、4",
    anchor="[§4.3]",
    arms={
        "paper": "论文的设定",
        "no_bn": "去掉 BN",
        "pool": "用回池化",
        "fc": "用回全连接隐层",
        "lrelu": "G 也用 lrelu",
        "g2": "D 1 次 : G 2 次",
        "d2": "D 2 次 : G 1 次",
    },
    statistics={
        "fd": "FD-LeNet",
        "fd_half": "走到一半时的 FD-LeNet",
        "distance_ratio": "64 个样本的两两距离与真实图像的之比",
    },
    rules=(
        *(
            Rule(arm, "fd", "≥", WORSE, "总是", versus="paper", compare="ratio")
            for arm in ("no_bn", "pool", "fc")
        ),
        *(
            Rule(arm, "fd", "≤", BETTER, "总是", versus="paper", compare="ratio")
            for arm in ("lrelu", "g2")
        ),
    ),
    measure=measure,
    draw=draw,
    settings={
        "quick": {"width": 16, "batch": 32, "g_updates": 200},
        "full": {"width": 16, "batch": 32, "g_updates": 600},
    },
    seeds={"quick": 1, "full": 5},
    budget={"quick": 50, "full": 140},
    references=floor,
    sentence="FD-LeNet（越小越好，真图 0.504，没有训练的 G 203）：论文的设定 {v[paper][fd]}。"
    "差四分之一以上：去掉 BN {v[no_bn][fd]}（最坏的种子 {v[no_bn][fd]:最大}）：{rule[1]}，"
    "用回全连接隐层 {v[fc][fd]}：{rule[3]}，用回池化 {v[pool][fd]}：{rule[2]}；"
    "好两成以上：G 也用 lrelu {v[lrelu][fd]}：{rule[4]}，D 一次、G 两次 {v[g2][fd]}：{rule[5]}。"
    "各组的 G 更新同样多次",
    note="题目改于看过数据之后：原来只写了“去掉哪一样都更差”，那一次五条判据没有动。"
    "每一组的 G 都更新同样多次（完整档 600 次，批 32，宽度 16），"
    "所以“D 1 次 : G 2 次”的 D 只更新一半，用时也少；"
    "用时是最快的一个种子的，一个线程，连同打分。学习率都是 5×10⁻⁴，论文是 2×10⁻⁴。"
    "差四分之一以上才算更差、更好。004 的 lrelu 用在两个网络里，论文只用在 D 里，所以改的是 G。"
    "用回池化的卷积不改变边长，核是 3 × 3；别的是 4 × 4。"
    "另一次改了判据（也在看过数据之后）：原来比平均，现在要每一个种子都过界，更严；界没有动，五条满足与否也没有变。",
)
