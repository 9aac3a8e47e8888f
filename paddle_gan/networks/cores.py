"""把一批样本的计算分给几个核。"""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial

from threadpoolctl import ThreadpoolController


class Threads:
    """用几个线程；0 是不用这里的实现。整个进程共用一份，因为线程池与 BLAS 的设置也是整个进程的。"""

    count = 0


def use_threads(count: int) -> None:
    """用 count 个线程算卷积；0 换回飞桨的实现。"""
    Threads.count = count


# 分叉出来的子进程里，线程池与 OpenMP 的线程都不在了：换回飞桨的实现，免得等不到它们
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=partial(use_threads, 0))


@lru_cache(maxsize=4)
def pool(threads: int) -> ThreadPoolExecutor:
    """固定大小的线程池。"""
    return ThreadPoolExecutor(threads, thread_name_prefix="conv")


@lru_cache(maxsize=1)
def blas() -> list:
    """NumPy 的 BLAS（可能不止一份库）；改线程数只要一微秒。"""
    return ThreadpoolController().select(user_api="blas").lib_controllers


def set_blas_threads(threads: int) -> None:
    """此后一次矩阵乘用几个线程。"""
    for library in blas():
        library.set_num_threads(threads)


def split(length: int, parts: int) -> list[tuple[int, int]]:
    """把 0..length 分成 parts 段，尽量一样长。"""
    edges = [length * i // parts for i in range(parts + 1)]
    return list(zip(edges[:-1], edges[1:]))


def run(task, samples: int, threads: int) -> list:
    """样本分给各线程，当前线程也做一份；不够分（批大小 1）时不分，让矩阵乘自己用几个线程。

    两层线程不能同时开：会互相抢核，反而更慢。
    """
    if samples < threads:
        set_blas_threads(threads)
        return [task(0, samples)]
    set_blas_threads(1)
    first, *rest = split(samples, threads)
    futures = [pool(threads).submit(task, *one) for one in rest]
    return [task(*first), *(future.result() for future in futures)]
