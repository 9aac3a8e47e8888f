"""极限：一“步”是一次 SIDE×SIDE 的单精度矩阵乘，用全部的核。

python -m bench_arms.peak_arm 库 秒数：库是 numpy（OpenBLAS）、paddle（MKL）或 onednn，见 meter.py。
"""

import sys

from bench_arms.meter import Meter

SIDE = 1536


def product(library: str):
    """做一次矩阵乘的函数。"""
    import numpy as np

    from paddle_gan.run import runtime

    a, c = np.ones((SIDE, SIDE), np.float32), np.empty((SIDE, SIDE), np.float32)
    if library == "numpy":
        return lambda: np.matmul(a, a, out=c)

    runtime.set_device("cpu")
    if library == "paddle":
        import paddle

        tensor = paddle.to_tensor(a)
        return lambda: tensor @ tensor

    from paddle_gan.networks.onednn import primitives, program

    with program.working():
        made = primitives.product(SIDE, SIDE, SIDE, False, False, False, 0, 0.0)

    def multiply():
        with program.working():
            made.run(a.ctypes.data, a.ctypes.data, c.ctypes.data)

    return multiply


def main(library: str, seconds: float) -> None:
    multiply, meter = product(library), Meter(seconds)
    while True:
        meter()
        multiply()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
