"""诊断用的病人：健康的短训练、故意弄坏的训练，以及同类仓库里真实出现过的错误（只在这里能打开）。

重新产生 tests/fixtures/patients.json（约半小时 CPU）：
    python -m tests.patients --seeds 0 1 10 11 12
种子 0、1 用来定阈值，其余用来考核（见 monitor/test_diagnose.py）。
"""

import paddle_gan  # noqa: F401, I001  要在 paddle 之前导入，否则慢几倍
import argparse
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import paddle
from paddle import nn

from paddle_gan.run.config import load_config
from paddle_gan.engine.train import Trainer
from paddle_gan.methods.base import Method
from paddle_gan.monitor.recorder import read_records

ROOT = Path(__file__).resolve().parents[1]
FIXTURE = ROOT / "tests/fixtures/patients.json"
KEPT = 25  # 每条训练留下多少条没有评估的记录


def double_sigmoid(method: Method) -> None:
    """判别器自己带 sigmoid，损失里又来一次（PaddleGAN 的 cond_dcgan_mnist，Paddle #22085）。"""
    method.D.layers.add_sublayer("sigmoid", nn.Sigmoid())


def leaked_gradient(method: Method) -> None:
    """生成器那一步没有冻结判别器，也不清它的梯度，留到它下一步（飞桨官方 CycleGAN 教程）。"""

    def generator_step(*inputs):
        loss, logs = method.generator_loss(*inputs)
        loss.backward()
        method._update("G")
        return logs

    method.generator_step = generator_step


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
TINY_INIT = tuple(f"network.{role}.init=normal_002" for role in ("generator", "discriminator"))
HOT = ("hparams.lr_D=4e-3", "hparams.lr_G=4e-3", "hparams.beta1=0.9")
UNSCORED = ("metrics={}",)  # 翻译的评估要训练一个风格分类器，太慢
UNIT = ("data.unit_range=true",)
PATIENTS = {
    "ring 健康 GAN": Patient("gan_ring", 2500, HEALTHY),
    "ring 健康 WGAN": Patient("wgan_ring", 1200, HEALTHY),
    "ring 健康 WGAN-GP": Patient("wgan_gp_ring", 1200, HEALTHY),
    "ring 小初始化": Patient("gan_ring", 1000, COLLAPSE, (*TINY_INIT, "network.generator.depth=4")),
    "ring 生成器太强": Patient("gan_ring", 400, COLLAPSE + SWING, ("hparams.g_steps=10",)),
    "ring 判别器太强": Patient(
        "gan_ring", 600, STRONG, ("hparams.lr_G=1e-6", "hparams.lr_D=5e-3", "hparams.d_steps=5")
    ),
    "ring 判别器不学": Patient("gan_ring", 1000, WEAK, ("hparams.lr_D=1e-8",)),
    "ring 没有约束的评论器": Patient("wgan_ring", 800, DIVERGED, ("hparams.clip=1e9",)),
    "ring 损失爆炸": Patient("gan_ring", 500, DIVERGED, ("hparams.lr_G=1e30",)),
    "ring 双重 sigmoid": Patient("gan_ring", 1500, WEAK, fault=double_sigmoid),
    "ring 梯度泄漏": Patient("gan_ring", 1500, WEAK, fault=leaked_gradient),
    "digits 健康 GAN": Patient("gan_digits", 5000, HEALTHY),
    "digits 健康 DCGAN": Patient("dcgan_digits", 300, HEALTHY),
    "digits 健康 WGAN": Patient("wgan_digits", 160, HEALTHY),
    "digits 健康 WGAN-GP": Patient("wgan_gp_digits", 200, HEALTHY),
    "emoji 健康 DCGAN": Patient("dcgan_emoji", 150, HEALTHY),
    "digits 生成器太强": Patient(
        "gan_digits", 1500, COLLAPSE, ("hparams.lr_G=3e-3", "hparams.beta1=0.9")
    ),
    "digits 大学习率": Patient("dcgan_digits", 250, STRONG + COLLAPSE, HOT),
    "digits [0, 1] 对 tanh": Patient("gan_digits", 2000, STRONG, UNIT),
    "digits DCGAN [0, 1] 对 tanh": Patient("dcgan_digits", 300, STRONG, UNIT),
    "digits 双重 sigmoid": Patient("dcgan_digits", 250, WEAK, fault=double_sigmoid),
    "digits 裁了归一化": Patient("wgan_digits", 120, WEAK, fault=clipped_norm_scales),
    "glyphs 健康 CycleGAN": Patient("cyclegan", 100, HEALTHY, UNSCORED),
    "glyphs 梯度泄漏": Patient("cyclegan", 100, WEAK, UNSCORED, leaked_gradient),
    "glyphs 图像池不换": Patient("cyclegan", 100, WEAK, UNSCORED, frozen_pool),
}


def examine(patient: Patient, seed: int) -> dict:
    """训练一个病人，返回 {"diverged": 停下的原因, "records": 抽稀了的记录}。"""
    pace = [
        f"total_steps={patient.steps}",
        f"log_every={max(1, patient.steps // 50)}",
        f"metrics.every={max(1, patient.steps // 10)}",
        "metrics.samples=500",
        "visualdl=false",
    ]
    path = ROOT / f"configs/{patient.config}.yml"
    trainer = Trainer(load_config(path, [*pace, *patient.overrides], seed), "cpu")
    if patient.fault:
        patient.fault(trainer.method)
    with tempfile.TemporaryDirectory() as folder:
        summary = trainer.run(Path(folder) / "run")
        records = read_records(Path(folder) / "run/metrics.jsonl")
    return {"diverged": summary["message"], "records": thin(records)}


def thin(records: list[dict]) -> list[dict]:
    """带评估或面板的记录全留，其余均匀抽稀；数值留 3 位有效数字。"""
    rich = [r for r in records if "diversity" in r or any(k.startswith("modes/") for k in r)]
    plain = [r for r in records if r not in rich]
    plain = plain[:: max(1, -(-len(plain) // KEPT))]
    kept = sorted(rich + plain, key=lambda record: record["step"])
    return [{k: v if k == "step" else float(f"{v:.3g}") for k, v in r.items()} for r in kept]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    parser.add_argument("--only", default="", help="只做名字里有这几个字的病人")
    parser.add_argument("--out", type=Path, default=FIXTURE)
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    found = json.loads(args.out.read_text(encoding="utf-8")) if args.out.exists() else {}
    for name, patient in PATIENTS.items():
        for seed in args.seeds if args.only in name else ():
            found.setdefault(name, {})[str(seed)] = examine(patient, seed)
            text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
            args.out.write_text(text.replace('"diverged"', '\n"diverged"') + "\n", encoding="utf-8")
            print(name, seed, flush=True)


if __name__ == "__main__":
    main()
