"""诊断用的病人：健康的训练（长的、短的）、故意弄坏的训练，以及同类仓库里真实出现过的错误。

错误只在这里能打开。重新产生 tests/fixtures/patients.json（一个种子约十分钟 CPU，单线程）：
    python -m tests.patients --seeds 0 1 30 31
种子 0、1 用来定阈值，其余用来考核（见 monitor/test_diagnose.py）。
"""

import paddle_gan  # noqa: F401, I001  要在 paddle 之前导入，否则慢几倍
import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import paddle
from paddle import nn

from paddle_gan.engine.train import Trainer
from paddle_gan.methods.base import Method
from paddle_gan.monitor.recorder import read_records
from paddle_gan.playground.faults import leak_gradient
from paddle_gan.run.config import Config, load_config
from tests.patients_file import FIXTURE, load, save, thin

ROOT = Path(__file__).resolve().parents[1]


def double_sigmoid(method: Method) -> None:
    """判别器自己带 sigmoid，损失里又来一次（PaddleGAN 的 cond_dcgan_mnist，Paddle #22085）。"""
    method.D.layers.add_sublayer("sigmoid", nn.Sigmoid())


def clipped_norm_scales(method: Method) -> None:
    """裁剪时连归一化的缩放也裁到 ±c（PaddleGAN 的 gan_model.py，stesha 的笔记 03）。"""

    def clip_weights():
        with paddle.no_grad():
            for parameter in method.D.parameters():
                if parameter.trainable:
                    parameter.clip_(min=-method.hparams.clip, max=method.hparams.clip)

    method.clip_weights = clip_weights


def frozen_pool(method: Method) -> None:
    """图像池装满之后再也不换：判别器永远在看最早的那些假图。"""
    for pool in method.pools.values():

        def query(fakes, pool=pool):
            room = pool.size - len(pool.images)
            pool.images += [image.clone() for image in fakes.detach()][:room]
            return paddle.stack(pool.images[: len(fakes)])

        pool.query = query


def stopped_discriminator(method: Method) -> None:
    """判别器学了一百步就不再更新（优化器丢了）：没有人纠正，生成器越走越远。"""
    honest, done = method.discriminator_step, []

    def discriminator_step(*batch):
        done.append(1)
        if len(done) <= 100:
            return honest(*batch)
        with paddle.no_grad():
            return method.discriminator_loss(*batch)[1]

    method.discriminator_step = discriminator_step


@dataclass(frozen=True)
class Patient:
    """一个病人：从哪个配置改起、改哪些、弄坏什么、应当诊断成什么（几个都算对）。"""

    config: str
    steps: int
    expected: tuple[str, ...]
    overrides: tuple[str, ...] = ()
    fault: Callable[[Method], None] | None = None


HEALTHY, COLLAPSE, STRONG = ("正常",), ("模式崩溃",), ("判别器过强",)
WEAK, DIVERGED, SWING = ("判别器过弱",), ("发散",), ("震荡",)
SHORT, UNLEARNED = ("步数太少，还不能判断",), ("还没学会",)
YOUNG = (*HEALTHY, *UNLEARNED, "还不能判断")  # 健康，但没有跑满：只要不报病
UNEVEN = (  # 学习率 G 是 D 的十倍，动量 0.9；格密，σ 大
    *("hparams.lr_D=1e-4", "hparams.beta1=0.9", "hparams.z_dim=16", "batch_size=64"),
    *("data.spacing=1.5", "data.std=0.1", "lr_schedule=constant"),
    *("network.generator={name: mlp, width: 128, depth: 2, activation: leaky_relu}",),
    *("network.discriminator={name: mlp, width: 128, depth: 2, activation: leaky_relu}",),
)
TINY_INIT = tuple(f"network.{role}.init=normal_002" for role in ("generator", "discriminator"))
HOT = ("hparams.lr_D=4e-3", "hparams.lr_G=4e-3", "hparams.beta1=0.9")
DULL = ("hparams.lr_D=1e-8",)
SHARP = ("hparams.lr_G=1e-6", "hparams.lr_D=5e-3", "hparams.d_steps=5")
LOOSE = ("hparams.clip=1e9",)
UNSCORED = ("metrics={}",)  # 翻译的评估要训练一个风格分类器，太慢
UNIT = ("data.unit_range=true",)
PATIENTS = {
    "ring 健康 GAN": Patient("gan_ring", 2500, HEALTHY),
    "ring 健康 WGAN": Patient("wgan_ring", 1200, YOUNG),
    "ring 健康 WGAN-GP": Patient("wgan_gp_ring", 1200, YOUNG),
    "ring 小初始化": Patient("gan_ring", 1000, COLLAPSE, (*TINY_INIT, "network.generator.depth=4")),
    "ring 生成器太强": Patient("gan_ring", 400, COLLAPSE + SWING, ("hparams.g_steps=10",)),
    "ring 判别器太强": Patient("gan_ring", 600, STRONG, SHARP),
    "ring 判别器不学": Patient("gan_ring", 1000, WEAK, DULL),
    "ring 没有约束的评论器": Patient("wgan_ring", 800, DIVERGED, LOOSE),
    "ring 损失爆炸": Patient("gan_ring", 500, DIVERGED, ("hparams.lr_G=1e30",)),
    "ring 双重 sigmoid": Patient("gan_ring", 1500, WEAK, fault=double_sigmoid),
    "ring 梯度泄漏": Patient("gan_ring", 1500, WEAK, fault=leak_gradient),
    "digits 健康 GAN": Patient("gan_digits", 5000, YOUNG),
    "digits 健康 DCGAN": Patient("dcgan_digits", 300, YOUNG),
    "digits 健康 WGAN": Patient("wgan_digits", 200, YOUNG),
    "digits 健康 WGAN-GP": Patient("wgan_gp_digits", 200, YOUNG),
    "emoji 健康 DCGAN": Patient("dcgan_emoji", 200, YOUNG),
    "digits 生成器太强": Patient(
        "gan_digits", 1500, COLLAPSE, ("hparams.lr_G=3e-3", "hparams.beta1=0.9")
    ),
    "digits 大学习率": Patient("dcgan_digits", 250, STRONG + COLLAPSE, HOT),
    "digits [0, 1] 对 tanh": Patient("gan_digits", 2000, STRONG, UNIT),
    "digits DCGAN [0, 1] 对 tanh": Patient("dcgan_digits", 300, STRONG, UNIT),
    "digits 双重 sigmoid": Patient("dcgan_digits", 250, WEAK, fault=double_sigmoid),
    "digits 裁了归一化": Patient("wgan_digits", 120, WEAK, fault=clipped_norm_scales),
    "glyphs 健康 CycleGAN": Patient("cyclegan", 100, SHORT, UNSCORED),
    "glyphs 梯度泄漏": Patient("cyclegan", 100, WEAK, UNSCORED, leak_gradient),
    "glyphs 图像池不换": Patient("cyclegan", 100, WEAK, UNSCORED, frozen_pool),
    # 几百步以内的
    **{
        f"短 {config} {steps}": Patient(config, steps, SHORT)
        for config in ("gan_ring", "wgan_ring", "wgan_gp_ring", "lsgan_ring")
        for steps in (20, 100)
    },
    **{
        f"短 {config} {steps}": Patient(config, steps, SHORT)
        for config in ("gan_digits", "dcgan_digits", "wgan_gp_digits", "dcgan_emoji")
        for steps in (20, 100)
    },
    **{
        f"短 {config} 300": Patient(config, 300, UNLEARNED)
        for config in ("gan_ring", "wgan_ring", "wgan_gp_ring", "lsgan_ring")
    },
    "短 gan_digits 300": Patient("gan_digits", 300, YOUNG),
    "短 ring 学习率不平": Patient("gan_ring_collapse", 300, COLLAPSE),
    "短 grid 学习率不平": Patient("gan_grid", 300, COLLAPSE, UNEVEN),
    "短 ring 判别器停了": Patient("gan_ring", 300, WEAK, fault=stopped_discriminator),
    "短 ring 判别器太强": Patient("gan_ring", 300, STRONG, SHARP),
    "短 ring 判别器不学": Patient("gan_ring", 100, WEAK, DULL),
    "短 ring 没有约束的评论器": Patient("wgan_ring", 300, DIVERGED, LOOSE),
    "短 ring 双重 sigmoid": Patient("gan_ring", 300, WEAK, fault=double_sigmoid),
    "短 ring 梯度泄漏": Patient("gan_ring", 300, WEAK, fault=leak_gradient),
    "短 digits [0, 1] 对 tanh": Patient("gan_digits", 100, STRONG, UNIT),
    "短 digits 裁了归一化": Patient("wgan_digits", 40, WEAK, fault=clipped_norm_scales),
}

WELL = {name for name, patient in PATIENTS.items() if {*patient.expected} <= {*SHORT, *YOUNG}}


def examine(patient: Patient, seed: int) -> dict:
    """训练一个病人，返回 {"diverged": 停下的原因, "records": 抽稀了的记录}。"""
    trainer = Trainer(config_of(patient, seed), "cpu")
    if patient.fault:
        patient.fault(trainer.method)
    with tempfile.TemporaryDirectory() as folder:
        summary = trainer.run(Path(folder) / "run")
        records = read_records(Path(folder) / "run/metrics.jsonl")
    return {"diverged": summary["message"], "records": thin(records)}


def config_of(patient: Patient, seed: int = 0) -> Config:
    """病人的设定：记五十条，评估十次，每次 500 个样本。"""
    pace = [
        f"total_steps={patient.steps}",
        f"log_every={max(1, patient.steps // 50)}",
        f"metrics.every={max(1, patient.steps // 10)}",
        "metrics.samples=500",
        "visualdl=false",
    ]
    path = ROOT / f"configs/{patient.config}.yml"
    return load_config(path, [*pace, *patient.overrides], seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    parser.add_argument("--only", default="", help="只做名字里有这几个字的病人")
    parser.add_argument("--out", type=Path, default=FIXTURE)
    args = parser.parse_args()
    found = load(args.out)
    for name, patient in PATIENTS.items():
        for seed in args.seeds if args.only in name else ():
            if str(seed) in found.setdefault(name, {}):
                continue
            found[name][str(seed)] = examine(patient, seed)
            save(found, args.out)
            print(name, seed, round(time.process_time()), flush=True)


if __name__ == "__main__":
    main()
