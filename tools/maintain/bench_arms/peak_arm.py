"""极限：一“步”是一次 SIDE×SIDE 的单精度矩阵乘，用全部的核。

python -m bench_arms.peak_arm 步数；听裁判的，见 gate.py。
"""

import sys

import numpy as np

from bench_arms.gate import Gate

SIDE = 1500


def main(steps: int) -> None:
    a, gate = np.ones((SIDE, SIDE), np.float32), Gate(steps)
    while True:
        gate()
        a @ a


if __name__ == "__main__":
    main(int(sys.argv[1]))
