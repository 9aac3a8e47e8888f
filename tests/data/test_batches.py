"""批序列：第 k 批只由 (seed, k) 决定；一轮之内每个样本恰好一次。"""

import gc
import tracemalloc

import numpy as np
import pytest

from paddle_gan.data import Batches, Dataset, Images, Labeled, Unpaired
from paddle_gan.data.batches import to_tensors
from paddle_gan.data.toy import Ring


class Counting(Dataset):
    """样本就是自己的下标；两个域的长度可以不同，顺便记下每批用的随机数。"""

    batch_types = (Images, Unpaired)

    def __init__(self, *lengths):
        self._lengths = lengths
        self.draws = []

    def lengths(self, kind):
        return self._lengths

    def batch(self, kind, indices, rng):
        self.draws.append(rng.random())
        return kind(*(index.astype(np.float32) for index in indices))


def take(batches, n):
    return [tuple(part.numpy() for part in next(batches)) for _ in range(n)]


def test_resuming_at_position_k_equals_continuing():
    straight = take(Batches(Ring(), Images, 16, seed=7), 6)
    resumed = take(Batches(Ring(), Images, 16, seed=7, position=4), 2)
    for (a,), (b,) in zip(straight[4:], resumed, strict=True):
        assert np.array_equal(a, b)


@pytest.mark.parametrize("batch_size", [3, 10, 25])
def test_resuming_inside_and_across_epochs_gives_the_same_order(batch_size):
    straight = take(Batches(Counting(10), Images, batch_size, seed=1), 9)
    for k in range(9):
        (resumed,) = take(Batches(Counting(10), Images, batch_size, seed=1, position=k), 1)
        assert np.array_equal(straight[k][0], resumed[0])


@pytest.mark.parametrize("batch_size", [1, 3, 7, 10, 25])
def test_every_sample_appears_exactly_once_per_epoch(batch_size):
    epochs = 6
    n = -(-epochs * 10 // batch_size)
    stream = np.concatenate(
        [x for (x,) in take(Batches(Counting(10), Images, batch_size, seed=0), n)]
    )
    by_epoch = stream[: epochs * 10].reshape(epochs, 10)
    assert np.array_equal(np.sort(by_epoch, axis=1), np.tile(np.arange(10), (epochs, 1)))
    assert len({tuple(epoch) for epoch in by_epoch}) == epochs  # 每轮的顺序都不同


def test_a_batch_larger_than_the_data_set_wraps_around():
    ((x,),) = take(Batches(Counting(3), Images, 8, seed=0), 1)
    assert x.shape == (8,)
    assert sorted(np.bincount(x.astype(int))) == [2, 3, 3]


def test_two_domains_of_unequal_length_each_finish_their_own_epoch():
    pairs = take(Batches(Counting(6, 4), Unpaired, 2, seed=0), 6)
    x, y = (np.concatenate(part) for part in zip(*pairs, strict=True))
    assert np.array_equal(np.sort(x.reshape(2, 6), axis=1), np.tile(np.arange(6), (2, 1)))
    assert np.array_equal(np.sort(y.reshape(3, 4), axis=1), np.tile(np.arange(4), (3, 1)))


def test_two_domains_of_equal_length_are_shuffled_independently():
    ((x, y),) = take(Batches(Counting(50, 50), Unpaired, 50, seed=0), 1)
    assert not np.array_equal(x, y)


def test_seeds_change_both_the_order_and_the_augmentation():
    one, two = Counting(50), Counting(50)
    ((x1,),) = take(Batches(one, Images, 50, seed=1), 1)
    ((x2,),) = take(Batches(two, Images, 50, seed=2), 1)
    assert not np.array_equal(x1, x2)
    assert one.draws != two.draws


def test_the_augmentation_stream_is_never_the_order_stream():
    # NumPy 忽略熵末尾的零：计数若放在用途前面，第 e 轮的顺序会与第 e 批的增强用同一条流
    dataset = Counting(50, 50)
    take(Batches(dataset, Unpaired, 50, seed=3), 4)
    orders = [np.random.default_rng([3, 1, e, s]).random() for e in range(4) for s in range(2)]
    assert len(set(dataset.draws)) == 4
    assert not set(dataset.draws) & set(orders)


def test_tensors_keep_their_dtypes():
    batch = next(Batches(Ring(), Labeled, 4, seed=0))
    assert str(batch.x.dtype) == "paddle.float32" and str(batch.labels.dtype) == "paddle.int64"
    assert batch.x.shape == [4, 2] and batch.labels.shape == [4]


def test_tensors_are_copies_and_any_layout_of_the_array_will_do():
    array = np.arange(24, dtype=np.float32).reshape(4, 6)
    (x,) = to_tensors(Images(array.T[::2]))
    array[:] = 0
    assert x.numpy().tolist() == [[i, i + 6, i + 12, i + 18] for i in (0, 2, 4)]
    assert x.stop_gradient


def test_making_tensors_keeps_nothing_from_batch_to_batch():
    images = Images(np.zeros((4, 2), np.float32))
    to_tensors(images)
    tracemalloc.start()
    try:
        before = tracemalloc.take_snapshot()
        for _ in range(1000):
            to_tensors(images)
        gc.collect()
        grown = tracemalloc.take_snapshot().compare_to(before, "filename")
    finally:
        tracemalloc.stop()
    assert sum(row.size_diff for row in grown) / 1000 < 20, grown[:5]  # 字节/批
