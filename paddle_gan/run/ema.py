"""生成器权重的指数滑动平均（EMA）：采样时常比最后一步的权重好。

来源：Polyak 与 Juditsky（1992）；GAN 上见 Yazıcı 等（2019，arXiv:1806.04498）。
"""

from pathlib import Path

import numpy as np
import paddle
from paddle import Tensor

from paddle_gan.errors import UserError
from paddle_gan.methods.base import Method
from paddle_gan.run.checkpoint_file import kind_of, read_checkpoint

PREFIX = "ema/"  # 检查点里的名字：ema/<字母>/<权重名>


class Ema:
    """跟着一个方法的全部生成器；是训练循环的钩子，每个 train_step 之后更新一次。

    参数：
        method: 已经建好的方法
        decay: β，配置里的 ema
    """

    def __init__(self, method: Method, decay: float):
        self.decay = decay
        self.live = generator_tensors(method)
        self.learnable = {p.name for p in method.parameters(method.generators) if p.trainable}
        self.average = {name: tensor.detach().clone() for name, tensor in self.live.items()}

    def __call__(self, step, logs, record):
        # 开头几步没有什么可平均的，用小一些的 β（TensorFlow ExponentialMovingAverage 的做法）
        beta = min(self.decay, (1 + step) / (10 + step))
        with paddle.no_grad():
            for name, average in self.average.items():
                theta = self.live[name]
                if theta.name in self.learnable:
                    # θ̄ ← β·θ̄ + (1 − β)·θ
                    average.set_value(beta * average + (1 - beta) * theta)
                else:  # BN 的累计统计量本来就是滑动平均，照抄
                    average.set_value(theta)

    def restart(self) -> None:
        """平均从现在的权重重新开始。"""
        for name, average in self.average.items():
            average.set_value(self.live[name])

    def load(self, path: Path, tensors: dict[str, np.ndarray]) -> None:
        """从检查点的全部张量里装回平均；对不上时抛出 UserError，什么都不变。"""
        saved = averages_in(path, tensors, self.average)
        for name, average in self.average.items():
            average.set_value(saved[name])


def generator_tensors(method: Method) -> dict[str, Tensor]:
    """全部生成器的权重与累计统计量：<字母>/<权重名> → 张量。"""
    return {
        f"{letter}/{name}": tensor
        for letter in method.generators
        for name, tensor in method.networks[letter].state_dict().items()
    }


def averages_in(path: Path, tensors: dict[str, np.ndarray], wanted: dict[str, Tensor]) -> dict:
    """检查点里的 EMA 权重；没有，或与网络对不上，抛出 UserError。"""
    saved = {n.removeprefix(PREFIX): t for n, t in tensors.items() if n.startswith(PREFIX)}
    if not saved:
        raise UserError(
            f"检查点 {path} 里没有 EMA 权重；要用它，训练时就得在配置里写 ema（例如 ema: 0.999）"
        )
    kinds = {name: kind_of(tensor) for name, tensor in wanted.items()}
    if {name: kind_of(array) for name, array in saved.items()} != kinds:
        raise UserError(f"检查点 {path} 的 EMA 权重与配置里的生成器不是同一个网络")
    return saved


def use_average(path: Path, method: Method) -> None:
    """推理时把生成器换成检查点里的 EMA 权重；没有时抛出 UserError，说明怎样才会有。"""
    header, tensors = read_checkpoint(path)
    if header.get("only"):
        raise UserError("随包的训练只有一份权重，做过 EMA 的收的就是平均；请去掉 --ema")
    live = generator_tensors(method)
    for name, array in averages_in(path, tensors, live).items():
        live[name].set_value(array)
