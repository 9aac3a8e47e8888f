"""菜单：有哪些数据、每种数据上能用哪些方法、从哪份设定开始；预设照搬各章的配置。"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from paddle_gan.data import DATASETS
from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError, unknown_name
from paddle_gan.lab.training import digits, ring
from paddle_gan.methods import METHODS
from paddle_gan.methods.abilities import Generates
from paddle_gan.playground.faults import leaking
from paddle_gan.run.yaml_file import read_yaml

ROOT = Path(__file__).resolve().parents[2]
DATA = {  # 数据集 → 菜单上的叫法
    "ring": "八个高斯（环）",
    "grid": "二十五个高斯（格）",
    "swiss_roll": "瑞士卷",
    "two_lines": "两条线",
    "drawn": "自己画",
    "digits": "手写数字",
}
STEPS = {"points": 6000, "digits": 4000}
MOST_STEPS = 20_000
ON_POINTS = {"z_dim": 2, "lr_D": 1e-3, "lr_G": 5e-4}  # 二维数据上，没有自己的配置的方法用
PLAIN = {"g_steps": 1, "d_steps": 1}  # 各章为了让 GAN 崩溃，把 G 调成走十步；这里从一比一开始
IMAGE_ONLY = ("dcgan", "lapgan", "progan", "stackgan", "infogan", "ae", "vae", "vae_gan", "began")
BY_CLASS_ONLY_IMAGES = ("projection",)  # 要卷积网络


@dataclass(frozen=True)
class Preset:
    """一个预设：照哪份配置，改哪几处，看什么。"""

    title: str
    config: str
    looks: str
    changes: dict = field(default_factory=dict)  # "hparams.lr_G" 这样的键 → 值
    trainer: Callable = Trainer  # 弄坏的训练另有训练器


PRESETS = {
    "healthy": Preset("健康的 GAN", "gan_ring", "八个圈慢慢都有了蓝点，两条概率曲线走到 0.5 附近"),
    "collapse": Preset(
        "模式崩溃", "gan_ring_greedy", "G 走十步 D 才走一步：蓝点挤成一团，跟着 D 到处跑"
    ),
    "pac": Preset(
        "PacGAN 救回来", "pac_gan_ring", "与“模式崩溃”只差一处：D 一次看两个样本，八个圈都回来了"
    ),
    "r1": Preset("R1 救回来", "r1_ring", "罚 D 的坡度：决策面平缓了，蓝点不再乱跑"),
    "drop": Preset(
        "样本散开", "gan_ring_collapse", "G 的学习率是 D 的十倍：蓝点撒得很散，没有几个落准"
    ),
    "strong": Preset(
        "D 太强",
        "gan_ring",
        "D 走五步、学得又快，G 几乎不动：D 分得清清楚楚，箭头却带不动蓝点",
        {"hparams.lr_D": 5e-3, "hparams.lr_G": 1e-6, "hparams.d_steps": 5, "total_steps": 1500},
    ),
    "leak": Preset(
        "泄漏的梯度",
        "gan_ring",
        "只漏写一句：G 那一步的梯度没有清，D 下一步一起走了；两条概率曲线停在 0.67，不是 0.5",
        trainer=leaking,
    ),
    "clip": Preset("WGAN：裁剪权重", "wgan_ring", "D 的权重挤到 ±c，决策面只剩平缓的坡"),
    "gp": Preset("WGAN-GP", "wgan_gp_ring", "不裁剪，罚梯度：同样是评论器，学得更准"),
}


def methods_on(data: str) -> list[str]:
    """这种数据上能用的方法，照课程表的次序。"""
    return [name for name in METHODS if usable(name, data)]


def usable(method: str, data: str) -> bool:
    """从噪声生成、要的批这种数据给得了、有现成的设定。"""
    kind, given = METHODS[method].batch_type, DATASETS[data].batch_types
    # 半监督的要另说哪几张有标签，这里没有那一项
    if METHODS[method].partly_labelled or not issubclass(METHODS[method], Generates):
        return False
    if kind not in given:
        return False
    if data == "digits":
        return config_of(method, "digits") is not None or standard(method)
    if method in IMAGE_ONLY + BY_CLASS_ONLY_IMAGES:
        return False
    return config_of(method, "ring") is not None or standard(method)


def standard(method: str) -> bool:
    """只要一个生成器、一个判别器，普通的网络就行。"""
    return METHODS[method].sections == ("generator", "discriminator")


@cache
def config_of(method: str, data: str) -> str | None:
    """configs/ 里这个方法在这种数据上的配置，没有就是 None。"""
    name = f"{method}_{data}"
    return name if (ROOT / "configs" / f"{name}.yml").is_file() else None


def read(name: str) -> dict:
    """configs/ 里的一份原始配置。"""
    return read_yaml(ROOT / "configs" / f"{name}.yml")


def start(method: str, data: str, points: list | None = None) -> dict:
    """一种数据、一个方法从哪份原始配置开始；points 是自己画的点。"""
    if data not in DATA:
        raise unknown_name("数据", data, DATA)
    if method not in methods_on(data):
        raise unknown_name(f"{DATA[data]}上的方法", method, methods_on(data))
    if data == "digits":
        raw = digits_start(method)
    else:
        raw = points_start(method)
        raw["data"] = {"name": data}
    if data == "drawn":
        if not points:
            raise UserError("还没有画：在画布上点几下、画几笔，再按“用这幅画”")
        raw["data"]["points"] = points
    return settled(raw)


def points_start(method: str) -> dict:
    """二维数据上的原始配置。"""
    if (name := config_of(method, "ring")) is None:
        table = METHODS[method].Hparams.__dataclass_fields__
        return ring(method, 0, {k: v for k, v in ON_POINTS.items() if k in table})
    raw = read(name)
    raw.pop("lr_schedule", None)
    raw["hparams"] |= {k: v for k, v in PLAIN.items() if raw["hparams"].get(k, 1) > 3}
    return raw | {"seed": 0, "total_steps": 0}


def digits_start(method: str) -> dict:
    """手写数字上的原始配置。"""
    if (name := config_of(method, "digits")) is not None:
        return read(name)
    raw = digits(0) | {"method": method, "hparams": {"z_dim": 100}}
    if method == "sngan":
        raw["network"]["discriminator"]["spectral_norm"] = True
    return raw


def preset(name: str) -> dict:
    """一个预设的原始配置。"""
    if name not in PRESETS:
        raise unknown_name("预设", name, PRESETS)
    raw = read(PRESETS[name].config)
    for key, value in PRESETS[name].changes.items():
        section, _, last = key.rpartition(".")
        (raw[section] if section else raw)[last] = value
    return settled(raw)


def settled(raw: dict) -> dict:
    """演练场自己定的几项：不写看板，记得勤，样本图只画最后一张。"""
    image = raw["data"]["name"] == "digits"
    steps = raw.get("total_steps") or STEPS["digits" if image else "points"]
    steps = min(steps, MOST_STEPS)
    if image:
        names, samples, every = ["fd_lenet"], 500, max(1, steps // 10)
    else:
        counted = raw["data"]["name"] in ("ring", "grid")
        names, samples = (["modes"], 2500) if counted else (["wasserstein"], 300)
        every = max(1, steps // 30)
    return raw | {
        "total_steps": steps,
        "metrics": {"names": names, "samples": samples, "every": every},
        "log_every": 10,
        "sample_every": steps,
        "checkpoint_every": steps,
        "board": [],
    }
