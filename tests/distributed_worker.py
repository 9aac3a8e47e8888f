"""run/test_distributed.py 用 paddle.distributed.launch 启动的程序：两个进程一起做完全部小实验。

用法：distributed_worker.py 目录。每个进程把看到的写进 目录/rank<号>.json。
"""

import hashlib
import json
import shutil
import sys
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.run import distributed
from paddle_gan.run.config import resolve

STEPS = 6
MLP = {"generator": {"name": "mlp", "width": 8}, "discriminator": {"name": "mlp", "width": 8}}
DCGAN = {
    "generator": {"name": "dcgan_generator", "width": 2, "depth": 2},
    "discriminator": {"name": "dcgan_discriminator", "width": 2, "depth": 2},
}
CYCLE = {
    "generator": {"name": "resnet_generator", "width": 2, "blocks": 1},
    "discriminator": {"name": "patchgan", "width": 2, "layers": 1},
}
RING, GLYPHS = {"name": "ring"}, {"name": "glyphs"}
FAST = {"lr": 1e-3}
AUTOENCODER = dict.fromkeys(("generator", "encoder", "decoder"), MLP["generator"])
# 名字 → 设定；前五个没有 BN，也没有各进程自己的随机数，两个进程要与一个进程一样
CASES = {
    "gan": {"network": MLP, "data": RING, "hparams": {"z_dim": 2, "d_steps": 2, "lr_G": 1e-3}},
    "wgan": {"network": MLP, "data": RING, "hparams": {"z_dim": 2, "clip": 0.5, **FAST}},
    "wgan_gp": {"network": MLP, "data": RING, "hparams": {"z_dim": 2, **FAST}, "ema": 0.5},
    "cyclegan": {"network": CYCLE, "data": GLYPHS, "hparams": {"pool_size": 0}},
    "began": {"network": AUTOENCODER, "data": RING, "hparams": {"z_dim": 2, "lambda_k": 0.5}},
    "pool": {
        "method": "cyclegan",
        "network": CYCLE,
        "data": GLYPHS,
        "hparams": {"pool_size": 3},
    },
    "dcgan": {"network": DCGAN, "data": {"name": "digits"}, "hparams": {"z_dim": 4}},
}
EQUAL = ("gan", "wgan", "wgan_gp", "cyclegan", "began")


def config_of(name: str, **changes):
    """CASES[name] 的完整配置。"""
    metrics = {"names": ["modes"], "every": 3, "samples": 50, "best": "modes/covered"}
    raw = {
        "method": name,
        **CASES[name],
        "batch_size": 4,
        "total_steps": STEPS,
        "log_every": 1,
        "checkpoint_every": STEPS // 2,
        "visualdl": False,
        "metrics": metrics if CASES[name]["data"] is RING else {},
    }
    return resolve({**raw, **changes})


def digest(method) -> str:
    """全部可学习权重的 SHA-256。"""
    sha = hashlib.sha256()
    for network in method.networks.values():
        for parameter in network.parameters():
            if parameter.trainable:
                sha.update(parameter.numpy().tobytes())
    return sha.hexdigest()


def copy_at_half(folder: Path, copy: Path) -> None:
    """复制一份，好像做完一半时断了电：last 是一半时的，后面的检查点没有了。"""
    shutil.copytree(folder, copy)
    half = copy / f"checkpoints/step_{STEPS // 2:07d}.safetensors"
    shutil.copy(half, copy / "checkpoints/last.safetensors")
    (copy / f"checkpoints/step_{STEPS:07d}.safetensors").unlink()


def poisoned(folder: Path) -> dict:
    """1 号进程的第 3 步出现 NaN。"""
    trainer = Trainer(config_of("gan"), "cpu")
    honest = trainer.method.train_step

    def train_step(batches, step):
        logs = honest(batches, step)
        if step == 3 and distributed.Team.rank == 1:
            logs["loss/G"] = logs["loss/G"] * float("nan")
        return logs

    trainer.method.train_step = train_step
    return trainer.run(folder)


def bad_weights(folder: Path) -> dict:
    """1 号进程的权重在第 3 步（要存检查点）之后坏了，损失还看不出来。"""
    trainer = Trainer(config_of("gan"), "cpu")

    def spoil(step, logs, record):
        if step == 3 and distributed.Team.rank == 1:
            weight = trainer.method.G.parameters()[0]
            weight.set_value(weight * float("nan"))

    return trainer.run(folder, watch=(spoil,))


def refused(action) -> str:
    """action 应当抛出的 UserError 的消息。"""
    try:
        action()
    except UserError as error:
        return str(error)
    return "没有抛出 UserError"


def main(folder: Path) -> None:
    seen: dict = {"first": {}, "trained": {}, "status": {}}
    for name in CASES:
        trainer = Trainer(config_of(name), "cpu")
        seen["first"][name] = digest(trainer.method)
        seen["status"][name] = trainer.run(folder / name)["status"]
        seen["trained"][name] = digest(trainer.method)
    for name in ("pool", "wgan_gp"):
        copy = folder / f"{name}_resumed"
        distributed.from_first(partial(copy_at_half, folder / name, copy))
        Trainer(config_of(name), "cpu").run(copy, resume=True)
    seen["size"] = distributed.Team.size
    seen["nan"] = poisoned(folder / "nan")
    seen["nan_weights"] = bad_weights(folder / "nan_weights")
    seen["exists"] = refused(lambda: Trainer(config_of("gan"), "cpu").run(folder / "gan"))
    rank = distributed.Team.rank
    seen["exchange"] = [part.decode() for part in distributed.exchange(b"x" * (1 + rank))]
    (folder / f"rank{rank}.json").write_text(json.dumps(seen), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
