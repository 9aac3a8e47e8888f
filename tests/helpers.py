"""几个测试文件共用：每个方法的最小设定、内存里的假数据、逐位比较。"""

from dataclasses import dataclass, field

import numpy as np

from paddle_gan.data import Batches, Dataset, Images, Labeled, Pair, Sequences, Unpaired
from paddle_gan.data.few import FewLabels
from paddle_gan.methods import METHODS
from paddle_gan.methods.from_noise import FromNoise
from paddle_gan.run import runtime
from paddle_gan.run.build import Shapes, build_method
from paddle_gan.run.config import resolve


@dataclass(frozen=True)
class Tiny:
    """一个方法的最小设定；batches 是 train_step 每步按文档要取的批数。"""

    generator: dict | None
    discriminator: dict | None
    hparams: dict
    batches: int
    x: tuple = (1, 8, 8)
    y: tuple | None = None
    encoder: dict | None = None
    decoder: dict | None = None
    refiner: dict | None = None
    gentle: dict = field(default_factory=dict)  # 只剩对抗损失、也不裁剪时的超参数


DCGAN_G = {"name": "dcgan_generator", "width": 4, "depth": 2}
DCGAN_D = {"name": "dcgan_discriminator", "width": 4, "depth": 2}
MLP = {"name": "mlp", "width": 16, "depth": 1}
RESNET = {"name": "resnet_generator", "width": 4, "blocks": 1, "down": 1}
PATCH = {"name": "patchgan", "width": 4, "layers": 1}
GRU = {"name": "gru", "width": 6}
TEXT_CNN = {"name": "text_cnn", "width": 6, "widest": 2}

TINY = {
    "gan": Tiny(MLP, MLP, {"z_dim": 4, "d_steps": 2}, batches=2, x=(2,)),
    "dcgan": Tiny(DCGAN_G, DCGAN_D, {"z_dim": 4, "g_steps": 2}, batches=1),
    "wgan": Tiny(DCGAN_G, DCGAN_D, {"z_dim": 4, "n_critic": 3}, batches=3, gentle={"clip": 9.0}),
    "wgan_gp": Tiny(
        DCGAN_G,
        DCGAN_D | {"norm": "instance"},
        {"z_dim": 4, "n_critic": 2},
        batches=2,
        gentle={"gp_weight": 0.0},
    ),
    "lsgan": Tiny(DCGAN_G, DCGAN_D, {"z_dim": 4, "g_steps": 2}, batches=1),
    "f_gan": Tiny(MLP, MLP, {"z_dim": 4, "d_steps": 2}, batches=2, x=(2,)),
    "hinge": Tiny(
        DCGAN_G, DCGAN_D | {"norm": "none", "spectral_norm": True}, {"z_dim": 4}, batches=1
    ),
    "unrolled": Tiny(MLP, MLP, {"z_dim": 4, "unroll": 2}, batches=1, x=(2,), gentle={"unroll": 0}),
    "minibatch_disc": Tiny(
        DCGAN_G, DCGAN_D, {"z_dim": 4, "features": 6, "num_kernels": 3}, batches=1
    ),
    "pac_gan": Tiny(DCGAN_G, DCGAN_D, {"z_dim": 4, "packing": 2}, batches=2),
    "r1": Tiny(
        DCGAN_G,
        DCGAN_D | {"norm": "none"},
        {"z_dim": 4, "gamma_r2": 1.0},
        batches=1,
        gentle={"gamma_r1": 0.0, "gamma_r2": 0.0},
    ),
    "mad_gan": Tiny(MLP, MLP, {"z_dim": 4, "k": 2, "d_steps": 2}, batches=2, x=(2,)),
    "mr_gan": Tiny(
        MLP,
        MLP,
        {"z_dim": 4},
        batches=1,
        x=(2,),
        encoder=MLP,
        gentle={"distance": 0.0, "mode": 0.0},
    ),
    "dragan": Tiny(
        DCGAN_G, DCGAN_D | {"norm": "none"}, {"z_dim": 4}, batches=1, gentle={"gp_weight": 0.0}
    ),
    "ebgan": Tiny(
        MLP,
        None,
        {"z_dim": 4, "code": 3, "margin": 5.0, "d_steps": 2},
        batches=2,
        x=(2,),
        encoder=MLP,
        decoder=MLP,
        gentle={"pt": 0.0},
    ),
    "ae": Tiny(None, None, {"z_dim": 3}, batches=1, encoder=MLP, decoder=MLP),
    "vae": Tiny(None, None, {"z_dim": 3}, batches=1, encoder=MLP, decoder=MLP),
    "vae_gan": Tiny(
        MLP,
        MLP,
        {"z_dim": 3, "similarity": 0.1},
        batches=1,
        x=(2,),
        encoder=MLP,
        gentle={"similarity": 0.0},
    ),
    "began": Tiny(
        MLP,
        None,
        {"z_dim": 4, "code": 3, "lambda_k": 0.1, "d_steps": 2},
        batches=2,
        x=(2,),
        encoder=MLP,
        decoder=MLP,
    ),
    "lapgan": Tiny(
        MLP,
        MLP,
        {"z_dim": 4, "levels": 2},
        batches=1,
        refiner={"name": "conv", "width": 4, "depth": 1, "kernel": 3},
    ),
    "progan": Tiny(
        {"name": "progressive_generator", "width": 4, "levels": 2},
        {"name": "progressive_discriminator", "width": 4, "levels": 2},
        {"z_dim": 4, "stable": 1, "fade": 2},
        batches=1,
        gentle={"gp_weight": 0.0, "drift": 0.0},
    ),
    "sngan": Tiny(
        DCGAN_G,
        DCGAN_D | {"norm": "none", "spectral_norm": True},
        {"z_dim": 4, "d_steps": 2},
        batches=2,
    ),
    "relativistic": Tiny(
        DCGAN_G,
        DCGAN_D | {"norm": "none"},
        {"z_dim": 4, "gamma_r1": 1.0, "gamma_r2": 1.0},
        batches=1,
        gentle={"gamma_r1": 0.0, "gamma_r2": 0.0},
    ),
    "cgan": Tiny(
        DCGAN_G,
        DCGAN_D,
        {"z_dim": 4, "mismatched": True},
        batches=1,
        gentle={"mismatched": False},
    ),
    "acgan": Tiny(DCGAN_G, DCGAN_D, {"z_dim": 4}, batches=1, gentle={"class_weight": 0.0}),
    "projection": Tiny(
        {"name": "cbn_generator", "width": 4, "depth": 2},
        {"name": "projection_discriminator", "width": 4, "depth": 2},
        {"z_dim": 4, "d_steps": 2},
        batches=2,
    ),
    "stackgan": Tiny(
        DCGAN_G | {"depth": None},
        DCGAN_D | {"depth": None},
        {"z_dim": 8, "condition": 2, "first_steps": 1},
        batches=1,
        encoder=MLP,
        refiner={"name": "refiner", "width": 3, "blocks": 1},
        gentle={"mismatched": False, "kl": 0.0},
    ),
    "infogan": Tiny(
        DCGAN_G,
        DCGAN_D,
        {"z_dim": 4, "categories": 3, "continuous": 2},
        batches=1,
        gentle={"info": 0.0},
    ),
    "ss_gan": Tiny(
        MLP,
        MLP | {"input_noise": 0.1},
        {"z_dim": 4},
        batches=1,
        gentle={"generator_loss": "non_saturating"},
    ),
    "anomaly": Tiny(
        DCGAN_G,
        DCGAN_D | {"norm": "none"},
        {"z_dim": 4, "n_critic": 1, "generator_steps": 15},
        batches=1,
        encoder=DCGAN_D,
        gentle={"gp_weight": 0.0},
    ),
    "pix2pix": Tiny(
        {"name": "unet", "width": 4, "depth": 2},
        PATCH,
        {},
        batches=1,
        y=(1, 8, 8),
        gentle={"l1": 0.0},
    ),
    "cyclegan": Tiny(
        RESNET,
        PATCH,
        {"pool_size": 3},
        batches=1,
        y=(1, 8, 8),
        gentle={"cycle": 0.0, "identity": 0.0},
    ),
    "sr_gan": Tiny(
        {"name": "sr_generator", "width": 4, "blocks": 1},
        DCGAN_D,
        {"pretrain": 0},
        batches=1,
        x=(1, 4, 4),
        y=(1, 8, 8),
        gentle={"adversarial": 1000.0},
    ),
    "inpainting": Tiny(
        {"name": "unet", "width": 4, "depth": 2, "dropout": 0.0},
        DCGAN_D,
        {"overlap": 1},
        batches=1,
        x=(2, 8, 8),
        y=(1, 8, 8),
        gentle={"reconstruction": 0.0, "adversarial": 1.0},
    ),
    "seq_gan": Tiny(
        GRU,
        TEXT_CNN,
        {"rollouts": 2, "baseline": True},
        batches=1,
        x=(5,),
        gentle={"lr_G": 0.1, "lr_D": 0.02, "rollouts": 16},
    ),
    "gumbel_gan": Tiny(
        GRU, TEXT_CNN, {"anneal_steps": 2, "d_steps": 2}, batches=2, x=(5,), gentle={"lr_G": 0.1}
    ),
}


CLASSES = tuple("甲乙丙丁戊己庚辛壬癸")  # TinyData 的十类
VOCABULARY = 4  # TinyData 的序列有几种词元
# TINY 里头十步不走的一方：写序列的最大似然只在预训练里，f-AnoGAN 的编码器在第二段
IDLE = {"seq_gan": {"MLE"}, "gumbel_gan": {"MLE"}, "anomaly": {"E"}}


class TinyData(Dataset):
    """内存里的 24 个随机样本；两个域都有时，y 只有 20 个。"""

    batch_types = (Images, Labeled, Unpaired, Pair, Sequences)
    num_classes = len(CLASSES)

    def __init__(self, x_shape: tuple, y_shape: tuple | None = None):
        self.shape = x_shape
        rng = np.random.default_rng(0)
        self.x = rng.uniform(-1, 1, (24, *x_shape)).astype(np.float32)
        self.y = rng.uniform(-1, 1, (24, *(y_shape or x_shape))).astype(np.float32)
        self.labels = np.arange(24) % len(CLASSES)

    def lengths(self, kind):
        return (24, 20) if kind is Unpaired else (24,)

    def batch(self, kind, indices, rng):
        parts = {"x": self.x, "y": self.y, "labels": self.labels}
        if kind is Sequences:  # [−1, 1] 均分成几段，一段一个词元
            parts["x"] = ((self.x + 1) / 2 * VOCABULARY).astype(np.int64)
        rows = {"x": indices[0], "y": indices[-1], "labels": indices[0]}
        return kind(*(parts[name][rows[name]] for name in kind._fields))


def sections(tiny: Tiny) -> dict[str, dict]:
    """配置里的 network：有哪几节，就写哪几节。"""
    names = ("generator", "discriminator", "encoder", "decoder", "refiner")
    return {name: vars(tiny)[name] for name in names if vars(tiny)[name]}


def tiny_method(name: str, seed: int = 0, network: dict | None = None, **hparams):
    """按 TINY 建一个方法；hparams 覆盖设定里的超参数，network 覆盖各个网络的选项。"""
    tiny = TINY[name]
    raw = {
        "method": name,
        "hparams": tiny.hparams | hparams,
        "network": {
            section: options | (network or {}) for section, options in sections(tiny).items()
        },
        "data": {"name": "ring"},  # 只为通过校验；样本来自 TinyData
        "batch_size": 4,
        "total_steps": 20,
        "seed": seed,
    }
    return build_method(resolve(raw), Shapes(tiny.x, tiny.y, None, CLASSES, (VOCABULARY,)))


def tiny_batches(name: str, method, batch_size: int = 4, seed: int = 0, position: int = 0):
    """这个方法要的批序列。"""
    return Batches(tiny_data(name), method.batch_type, batch_size, seed, position)


def tiny_data(name: str) -> Dataset:
    """TINY 里这个方法的数据；半监督的只留几个标签。"""
    data = TinyData(TINY[name].x, TINY[name].y)
    return FewLabels(data, len(CLASSES)) if METHODS[name].partly_labelled else data


def step_inputs(method, batch, player: str) -> tuple:
    """discriminator_step（player = "D"）或 generator_step（"G"）的输入，与 train_step 给的一样。"""
    if method.batch_type is Unpaired:
        fakes = method.F(batch.y), method.G(batch.x)
        return (*batch, *(fake.detach() if player == "D" else fake for fake in fakes))
    if method.batch_type is Pair:
        fake = method.G(batch.x)
        return (*batch, fake.detach() if player == "D" else fake)
    if player == "G" and isinstance(method, FromNoise):
        return method.generator_inputs(batch)
    return tuple(batch) if player == "D" else (batch.x.shape[0], *batch[1:])


def seed_noise(step: int = 1) -> None:
    """把飞桨的随机数拨到固定位置：两次调用之后抽到的 z 相同。"""
    runtime.seed_stream(0, runtime.TRAIN, step)


def values(network) -> dict[str, np.ndarray]:
    """网络的可学习参数，拷贝成 NumPy；飞桨把 BN 的累计统计量也算作参数，这里不要它们。"""
    return {name: p.numpy().copy() for name, p in network.named_parameters() if p.trainable}


def same(a: dict, b: dict) -> bool:
    """两组数组逐位相同。"""
    return a.keys() == b.keys() and all(a[k].tobytes() == b[k].tobytes() for k in a)


def gradient_left(network) -> float:
    """参数上残留的梯度的最大绝对值；没有梯度是 0。"""
    grads = [p.grad for p in network.parameters() if p.grad is not None]
    return max((float(np.abs(g.numpy()).max()) for g in grads), default=0.0)
