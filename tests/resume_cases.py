"""几个测试文件共用：每个方法一个训练 40 步、每 20 步存一次的小配置，和一个训练目录的全部字节。"""

from helpers import TINY, sections

from paddle_gan.run.config import resolve

MLP = {
    "generator": {"name": "mlp", "width": 8, "batch_norm": True},
    "discriminator": {"name": "mlp", "width": 8},
}
DCGAN = {
    "generator": {"name": "dcgan_generator", "width": 2, "depth": 2},
    "discriminator": {"name": "dcgan_discriminator", "width": 2, "depth": 2},
}
CYCLE = {
    "generator": {"name": "resnet_generator", "width": 2, "blocks": 1},
    "discriminator": {"name": "patchgan", "width": 2, "layers": 1},
}
RING = {"name": "ring"}
CASES = {
    "gan": {"network": MLP, "data": RING, "hparams": {"z_dim": 2, "d_steps": 2}},
    "dcgan": {"network": DCGAN, "data": {"name": "digits"}, "hparams": {"z_dim": 4}},
    "wgan": {"network": MLP, "data": RING, "hparams": {"z_dim": 2, "n_critic_boost": 7}},
    "wgan_gp": {"network": MLP, "data": RING, "hparams": {"z_dim": 2}},
    "lsgan": {"network": DCGAN, "data": {"name": "digits"}, "hparams": {"z_dim": 4}},
    "unrolled": {"network": MLP, "data": RING, "hparams": {"z_dim": 2, "unroll": 2}},
    "minibatch_disc": {
        "network": MLP,
        "data": RING,
        "hparams": {"z_dim": 2, "features": 4, "num_kernels": 2},
    },
    "pac_gan": {"network": MLP, "data": RING, "hparams": {"z_dim": 2, "packing": 3}},
    "r1": {"network": MLP, "data": RING, "hparams": {"z_dim": 2, "gamma_r2": 1.0}},
    "cyclegan": {"network": CYCLE, "data": {"name": "glyphs"}, "hparams": {"pool_size": 5}},
}
# 没有单独写的方法，网络与超参数照 helpers.TINY，数据按它的样本形状选
DATA = {((2,), None): RING, ((1, 8, 8), None): {"name": "digits"}}
DATA |= {((1, 8, 8), (1, 8, 8)): {"name": "glyphs"}}
DATA |= {((1, 4, 4), (1, 8, 8)): {"name": "degraded", "of": "digits"}}
DATA |= {((2, 8, 8), (1, 8, 8)): {"name": "masked", "of": "digits"}}
DATA |= {((5,), None): {"name": "markov", "length": 5}}
CASES |= {
    name: {
        "network": sections(tiny),
        "data": DATA[tiny.x, tiny.y],
        "hparams": tiny.hparams,
    }
    for name, tiny in TINY.items()
    if name not in CASES
}
CASES["ss_gan"]["labels"] = 10


def config_of(method: str, **changes):
    metrics = {"names": ["modes"], "every": 10, "samples": 50, "best": "modes/covered"}
    raw = {
        "method": method,
        **CASES[method],
        "batch_size": 4,
        "total_steps": 40,
        "log_every": 5,
        "sample_every": 20,
        "checkpoint_every": 20,
        "visualdl": False,
        "metrics": metrics if CASES[method]["data"] is RING else {},
    }
    return resolve({**raw, **changes})


def contents(folder) -> dict[str, bytes]:
    kept = ("checkpoints", "samples")
    files = [p for name in kept for p in (folder / name).iterdir()] + [folder / "metrics.jsonl"]
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}
