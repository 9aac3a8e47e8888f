"""训练里的每个数都要有限：损失、梯度、权重、指标，有一个不是，就停下并说出是哪一个。"""

import math

from paddle_gan.errors import UserError


class NonFinite(UserError):
    """某一项损失、梯度、权重或指标不再是有限的数。"""


def require_finite(step: int, logs: dict[str, float]) -> None:
    """每个量都是有限的数，否则抛出 NonFinite，说明哪一步的哪一项。"""
    for name, value in logs.items():
        if not math.isfinite(value):
            raise NonFinite(f"第 {step} 步的 {name} 变成了 {value}，训练已停止")
