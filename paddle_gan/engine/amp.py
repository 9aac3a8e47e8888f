"""混合精度（AMP，只用于 GPU）：前向用 float16，权重与更新用 float32，损失先放大再求导。

Micikevicius 等（2018，arXiv:1710.03740）§3。没有在 GPU 上跑过：这里只有 CPU，
测试用一个算术相同的放大器检查接线。
要求二阶导数的地方在 input_gradient（梯度惩罚）或 second_order（Unrolled）块里，那里不降精度。
"""

import paddle
from paddle import Tensor

from paddle_gan.errors import UserError
from paddle_gan.methods.base import Method, PlainUpdates
from paddle_gan.run import distributed
from paddle_gan.run.finite import NonFinite

SMALLEST_SCALE = 2.0**-10  # 缩到这么小梯度还溢出，就不是 float16 的问题了
SAVED = ("scale", "incr_count", "decr_count")  # 放大器会变的状态


def use_amp(method: Method, device: str) -> None:
    """让一个方法用混合精度训练；不在 GPU 上时抛出 UserError。"""
    if not device.startswith("gpu"):
        raise UserError(
            f"amp: true 只能在 GPU 上用，现在的设备是 {device}；请去掉它（-o amp=false）"
        )
    # D 与 G 各有一个放大器：一方溢出时，另一方照常更新
    method.updates = ScaledUpdates(
        {player: paddle.amp.GradScaler() for player in method.optimizers}
    )


class ScaledUpdates(PlainUpdates):
    """损失放大 S 倍再求导，梯度除以 S 再更新；梯度溢出的那一次不更新，S 减半。

    损失在放大之前就记下了，所以 NaN 的检查照旧；S 一路缩到几乎为零，也当作发散。
    """

    def __init__(self, scalers: dict[str, paddle.amp.GradScaler]):
        self.scalers = scalers

    def precision(self):
        return paddle.amp.auto_cast()

    def backward(self, player, loss):
        self.scalers[player].scale(loss).backward()

    def settle(self, player, parameters, optimizer):
        # 先求平均：一个进程溢出，大家都看到，一起跳过这次更新
        distributed.average_gradients(parameters)
        self.scalers[player].unscale_(optimizer)

    def average(self, value):
        return distributed.average_value(value)

    def step(self, player, optimizer):
        scaler = self.scalers[player]
        scaler.step(optimizer)
        scaler.update()
        scale = float(scaler.state_dict()["scale"].item())
        if scale < SMALLEST_SCALE:
            raise NonFinite(
                f"{player} 的梯度一直溢出（损失的放大倍数已缩到 {scale:.3g}），训练已停止；"
                "可以去掉 amp: true"
            )

    def state(self) -> dict[str, Tensor]:
        return {
            f"{player}/{name}": paddle.to_tensor(scaler.state_dict()[name]).astype("float32")
            for player, scaler in self.scalers.items()
            for name in SAVED
        }

    def load_state(self, state):
        for player, scaler in self.scalers.items():
            scale, *counts = (state[f"{player}/{name}"] for name in SAVED)
            new = {"scale": scale.reshape([1]).numpy()}
            new |= {name: int(count.item()) for name, count in zip(SAVED[1:], counts)}
            scaler.load_state_dict(scaler.state_dict() | new)
