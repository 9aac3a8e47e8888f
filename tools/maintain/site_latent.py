"""首页的生成器：gallery:gan_digits 的权重写成一个脚本，网页里的 latent.js 照它算 G(z)。

权重随包时就是 float16，照原样用 base64 写出来，一位不差；网页里用 float32 算。
"""

import base64
import json

import numpy as np
from paddle import nn

from paddle_gan.errors import UserError
from paddle_gan.methods.base import Method
from paddle_gan.run.gallery import PREFIX, located
from paddle_gan.run.run import Run

NAME = "gan_digits"
DIRECTIONS = 3  # 首页有几根滑杆


def load() -> Method:
    """随包的那次训练的方法。"""
    return Run(located(PREFIX + NAME)).load()[1]


def linears(method: Method) -> list[nn.Linear]:
    """G 的全连接层；有 latent.js 不会算的层时抛出 UserError。"""
    layers = list(method.G.layers)
    kinds = [type(layer) for layer in layers]
    wanted = [nn.Linear, nn.ReLU] * (len(layers) // 2 - 1) + [nn.Linear, nn.Tanh]
    if kinds != wanted:
        raise UserError(f"latent.js 只会算 ReLU 的多层感知机，{NAME} 的 G 是 {kinds}；请改 NAME")
    return layers[::2]


def packed(array: np.ndarray) -> str:
    """float16 的字节，base64。"""
    half = np.asarray(array, np.float32).astype("<f2")
    if not np.array_equal(half.astype(np.float32), array):
        raise UserError(f"{NAME} 的权重不是 float16，写进网页会变；请重新收这次训练")
    return base64.b64encode(half.tobytes()).decode("ascii")


def directions(first: nn.Linear) -> list[list[float]]:
    """z 里最管用的几个方向：第一层权重的奇异向量（SeFa，Shen 与 Zhou，2021，arXiv:2007.06600）。"""
    weight = first.weight.numpy()  # (z_dim, 宽)
    left = np.linalg.svd(weight, full_matrices=False)[0]
    return [[round(float(x), 5) for x in left[:, i]] for i in range(DIRECTIONS)]


def script() -> str:
    """latent_data.js 的全文。"""
    layers = linears(load())
    data = {
        "layers": [
            {
                "inputs": layer.weight.shape[0],
                "outputs": layer.weight.shape[1],
                "weight": packed(layer.weight.numpy()),
                "bias": packed(layer.bias.numpy()),
            }
            for layer in layers
        ],
        "directions": directions(layers[0]),
    }
    return f"window.LATENT = {json.dumps(data)};\n"
