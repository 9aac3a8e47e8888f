"""随包的生成器：E4–E7 拿来评的模型。权重只有一份，实验的“种子”换的只是样本。"""

from functools import lru_cache

import numpy as np

from paddle_gan.evaluation.sampling import decode, random_latents
from paddle_gan.lab.training import SAMPLES
from paddle_gan.methods.abilities import Generates
from paddle_gan.run.gallery import PREFIX, located
from paddle_gan.run.run import Run

DIGIT_MODELS = {
    "gan_digits": "全连接 GAN",
    "dcgan_digits": "DCGAN",
    "wgan_digits": "WGAN",
    "wgan_gp_digits": "WGAN-GP",
    "digits_best": "R1 + 滑动平均",
}
ONE_EACH = "每个模型只有随包的一份权重，种子换的是取的样本，所以说的是这几份权重，不是这几种方法。"


@lru_cache
def generator(name: str) -> Generates:
    """随包的训练 name 的生成器；读一次就够。"""
    return Run(located(PREFIX + name)).load()[1]


def drawn_from(name: str, count: int, seed: int, scale: float = 1.0) -> np.ndarray:
    """count 个样本；z 乘 scale，scale = 1 就是照常取样。"""
    method = generator(name)
    return decode(method, scale * random_latents(method, count, SAMPLES + seed))
