"""把 epochs（轮数）换成 total_steps（步数）。

规则：步数 = ⌈轮数 × 样本数 / (batch_size × 一步取几批)⌉。样本数取最长的那个域的（不成对的两个域），
二维点没有尽头，约定十万个样本一轮。一步取几批由方法定（WGAN 一步更新评论器几次就取几批），
这里用小批真走一步来数；WGAN 开头 25 步与每 500 步的加练不算，所以数的是第 26 步。
"""

import math

from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Batches
from paddle_gan.methods import METHODS
from paddle_gan.run import runtime
from paddle_gan.run.build import Shapes, build_method
from paddle_gan.run.config import Config, with_steps

COUNTED_STEP = 26  # 数哪一步取了几批
SMALL_BATCH = 2  # 数的时候一批几个样本；BN 至少要两个


def resolve_epochs(config: Config, train: Dataset, shapes: Shapes) -> tuple[Config, str]:
    """写了 epochs 的配置换成步数，另给出怎样算的一句话；没有写的原样返回，那句话是空串。"""
    if config.epochs is None:
        return config, ""
    taken = batches_per_step(config, train, shapes)
    length = max(train.lengths(METHODS[config.method].batch_type))
    steps = math.ceil(config.epochs * length / (config.batch_size * taken))
    rule = (
        f"{config.epochs} 轮 = {steps} 步：{length:,} 个样本，"
        f"一步取 {taken} 批 × {config.batch_size} 个"
    )
    return with_steps(config, steps), rule


def batches_per_step(config: Config, train: Dataset, shapes: Shapes) -> int:
    """一步取几批：另建一个同样的方法，用小批走一步，用完就扔，不影响训练。"""
    method = build_method(config, shapes)
    batches = Batches(train, method.batch_type, SMALL_BATCH, config.seed)
    runtime.seed_stream(config.seed, runtime.TRAIN, COUNTED_STEP)
    method.train_step(batches, COUNTED_STEP)
    return batches.position
