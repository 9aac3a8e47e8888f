"""头几步的损失：与 CPU 比，混合精度与 float32 比。

两边的初始权重、随机数、数据都相同；差别只来自加法的次序不同，再被后面的更新放大。
容差定在“初始权重各动最后一位，在 CPU 上训练同样的 20 步，损失相差多少”的十倍以上。
"""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from paddle_gan.engine.amp import use_amp
from paddle_gan.engine.gpu.small import (
    Result,
    Small,
    build_on,
    exact,
    furthest,
    put_weights,
    train,
    verdict,
    weights_of,
)
from paddle_gan.methods.base import Method

Build = Callable[[Small, str], Method]

# 全连接网络加 Adam：动最后一位只差 1e-6；没有写的方法也用它，不够再写出自己的与理由
MLP_TOLERANCE = 1e-4
# 卷积加 BN，Adam：动最后一位差 2e-7，但显卡的卷积有别的算法（Winograd），每层的舍入误差大约多十倍
DCGAN_TOLERANCE = 1e-4
# RMSProp 头一步就走满，放大了差别，但裁剪之后损失只有百分之几：动最后一位差 4e-9
WGAN_TOLERANCE = 1e-5
# 卷积加梯度惩罚，学习率又大：惩罚对 D 的二阶导数把差别放大到 6e-4
WGAN_GP_TOLERANCE = 1e-2
# 实例归一化之前的偏置，梯度只有舍入误差，Adam 把它放大到学习率那么大：1e-3
CYCLEGAN_TOLERANCE = 2e-2
TOLERANCES = {
    "dcgan": DCGAN_TOLERANCE,
    "wgan": WGAN_TOLERANCE,
    "wgan_gp": WGAN_GP_TOLERANCE,
    "cyclegan": CYCLEGAN_TOLERANCE,
}
# float16 的尾数是 10 位，每次舍入差千分之一；十来层累积下来到百分之几。
# 只比第 1 步：放大倍数从 65536 试起，头几步可能因为溢出不更新，后面的损失本来就不同
AMP_TOLERANCE = 0.05


def same_as_cpu(small: Small, device: str, build: Build = build_on) -> Result:
    """device 上的损失与 CPU 的相同；device 就是 cpu 时要逐位相同。"""
    small = without_pool(small)
    name = small.config.method
    limit = limit_of(name, device)
    reference = build_on(small, "cpu")
    start = weights_of(reference)
    expected, _ = train(small, reference, "cpu")
    with exact(device):
        method = build(small, device)
        put_weights(method, start)
        got, _ = train(small, method, device)
    apart = furthest(expected, got)
    text = f"{name}：{len(got)} 步的损失与 CPU 最多相差 {apart:.2g}（容差 {limit:g}）"
    advice = f"{device} 上算得不对；请附上这一页，并先用 --device cpu 训练 {name}"
    return verdict(text, advice, {"apart": apart, "limit": limit}, apart <= limit)


def limit_of(method: str, device: str) -> float:
    """损失最多可以差多少；CPU 与 CPU 要逐位相同。"""
    return 0.0 if device == "cpu" else TOLERANCES.get(method, MLP_TOLERANCE)


def without_pool(small: Small) -> Small:
    """图像池抽签用设备自己的随机数，比较两种设备时不用它。"""
    hparams = small.config.hparams
    hparams = hparams | {key: 0 for key in ("pool_size",) if key in hparams}
    return replace(small, config=small.config.model_copy(update={"hparams": hparams}))


def mixed_precision(
    small: Small, device: str, switch: Callable[[Method, str], None] = use_amp
) -> Result:
    """混合精度：第 1 步的损失与 float32 接近，之后都有限，每个网络都更新过。"""
    small = without_pool(small)
    plain = build_on(small, device)
    start = weights_of(plain)
    expected, _ = train(small, plain, device, stop=1)
    method = build_on(small, device)
    put_weights(method, start)
    switch(method, device)
    got, _ = train(small, method, device)
    apart, name = furthest(expected, got[:1]), small.config.method
    still = [letter for letter in method.networks if not moved(letter, start, method)]
    text = f"{name}：混合精度 {len(got)} 步，第 1 步的损失与 float32 相差 {apart:.2g}"
    text += f"（容差 {AMP_TOLERANCE:g}）" + (f"；{'、'.join(still)} 没有更新过" if still else "")
    numbers = {"apart": apart, "limit": AMP_TOLERANCE, "still": len(still)}
    good = math.isfinite(apart) and apart <= AMP_TOLERANCE and not still
    return verdict(text, "训练时去掉 amp: true，并附上这一页", numbers, good)


def moved(letter: str, start: dict[str, np.ndarray], method: Method) -> bool:
    """一个网络的可学习参数与开始时不同；BN 的统计量不算。"""
    return any(
        not np.array_equal(parameter.numpy(), start[f"network/{letter}/{name}"])
        for name, parameter in method.networks[letter].named_parameters()
        if parameter.trainable
    )
