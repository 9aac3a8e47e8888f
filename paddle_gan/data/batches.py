"""批：有类型的小元组，以及一个可以从任意位置继续的批序列。

第 k 批由 (seed, k) 唯一决定：数据顺序和增强都不保存随机数状态，恢复训练只需要记住 k。
"""

from typing import NamedTuple

import numpy as np
import paddle
from paddle import Tensor

ORDER, AUGMENT = 1, 2  # 两个用途的随机数流，互不相同


class Images(NamedTuple):
    """只有样本：图像 x (N, C, H, W)，或二维点 x (N, 2)，float32。"""

    x: Tensor


class Labeled(NamedTuple):
    """样本与类别：x (N, C, H, W)，labels (N,) int64。"""

    x: Tensor
    labels: Tensor


class Unpaired(NamedTuple):
    """两个域各取一批，彼此没有对应关系：x (N, C, H, W)，y (N, C', H', W')。"""

    x: Tensor
    y: Tensor


class Pair(NamedTuple):
    """成对的两个域：y[i] 是 x[i] 的真值。"""

    x: Tensor
    y: Tensor


class Sequences(NamedTuple):
    """离散的序列：词元的编号 x (N, T) int64，在 0 到 V − 1 之间，V 是 dataset.vocabulary。"""

    x: Tensor


def generator(seed: int, purpose: int, *counters: int) -> np.random.Generator:
    """由种子、用途与计数唯一决定的随机数发生器。"""
    # 用途放在计数前面：NumPy 把熵末尾的零当作没有，[s, 3, 1] 与 [s, 3, 1, 0] 是同一条流
    return np.random.default_rng([seed, purpose, *(int(counter) for counter in counters)])


class Batches:
    """无尽的批序列；每轮（epoch）重新打乱，一轮之内每个样本恰好用一次。

    参数：
        dataset: 见 paddle_gan.data.base.Dataset
        kind: 要哪一种批，必须在 dataset.batch_types 里
        batch_size: 每批样本数 N
        seed: 数据顺序与增强的种子
        position: 从第几批开始（恢复训练时用）
    """

    def __init__(self, dataset, kind: type, batch_size: int, seed: int, position: int = 0):
        self.dataset, self.kind, self.batch_size, self.seed = dataset, kind, batch_size, seed
        self.position = position
        self.shard = slice(None)  # 只要一批里的哪一段；多进程时各取各的
        self._order: dict[int, tuple[int, np.ndarray]] = {}  # 域 -> (轮次, 该轮的排列)

    def __iter__(self):
        return self

    def __next__(self):
        return to_tensors(self.arrays())

    def arrays(self):
        """第 position 批，NumPy 数组；position 随后加一。"""
        lengths = self.dataset.lengths(self.kind)
        indices = tuple(self._indices(stream, length) for stream, length in enumerate(lengths))
        rng = generator(self.seed, AUGMENT, self.position)
        batch = self.dataset.batch(self.kind, indices, rng)
        self.position += 1
        # 取整批再留下一段：增强与二维点的随机数才与单进程逐位相同
        return self.kind(*(array[self.shard] for array in batch))

    def _indices(self, stream: int, length: int) -> np.ndarray:
        """第 position 批在第 stream 个域里的下标 (N,)；跨轮时从相邻几轮的排列里各取一段。"""
        start = self.position * self.batch_size
        stop = start + self.batch_size
        parts = [
            self._permutation(stream, epoch, length)[
                max(0, start - epoch * length) : stop - epoch * length
            ]
            for epoch in range(start // length, (stop - 1) // length + 1)
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _permutation(self, stream: int, epoch: int, length: int) -> np.ndarray:
        if self._order.get(stream, (None,))[0] != epoch:
            order = generator(self.seed, ORDER, epoch, stream).permutation(length)
            self._order[stream] = (epoch, order)
        return self._order[stream][1]


def to_tensors(batch):
    """把一批 NumPy 数组换成同类型的一批张量。"""
    return type(batch)(*(_tensor(array) for array in batch))


def _tensor(array: np.ndarray) -> Tensor:
    # 不用 paddle.to_tensor：飞桨 3.3 的它每次有约 100 字节不还，训练越久占得越多
    tensor = paddle.empty(array.shape, array.dtype.name)
    tensor.set_value(array)
    return tensor
