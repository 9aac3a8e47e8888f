"""提前备批：训练第 k 步时，后台线程已经在解码第 k + 1 批；给出的批与不提前时逐位相同。

只有 NumPy 与 OpenCV 的部分（解码、增强、换成 float32）在后台，它们放开 GIL；张量仍在主线程里建。
用线程而不是进程：不占 /dev/shm（容器里常常只有 64 MB），在 Windows 上也一样。
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from paddle_gan.data.batches import Batches, to_tensors

DEPTH = 2  # 手里最多备着几批；再多只占内存，供不上时也快不了


class PreparedBatches:
    """与 Batches 同样的序列，后面 DEPTH 批由一个后台线程按次序备好。

    position 是已经取走的批数，不是已经备好的：检查点存它，恢复训练从它继续。
    备第 k 批时出的错，在取第 k 批的那一步原样抛出；再取还是这个错。
    """

    def __init__(self, batches: Batches):
        self.position = batches.position
        self._batches = batches
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="prefetch")
        self._ready: deque[Future] = deque()

    def __iter__(self):
        return self

    def __next__(self):
        self._refill()
        arrays = self._ready[0].result()
        self._ready.popleft()
        self._refill()
        self.position += 1
        return to_tensors(arrays)

    def close(self) -> None:
        """结束后台线程：最多等正在备的那一批做完。"""
        self._worker.shutdown(wait=True, cancel_futures=True)

    def _refill(self) -> None:
        while len(self._ready) < DEPTH:
            self._ready.append(self._worker.submit(self._batches.arrays))


@contextmanager
def prepared_ahead(batches: Batches) -> Iterator[Batches | PreparedBatches]:
    """数据集要解码文件时（dataset.decodes）提前备批，否则原样返回；离开时后台线程已经结束。"""
    if not batches.dataset.decodes:
        yield batches
        return
    prepared = PreparedBatches(batches)
    try:
        yield prepared
    finally:
        prepared.close()
