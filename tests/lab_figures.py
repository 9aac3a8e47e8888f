"""实验的图的测试共用：画出来，读题目。"""

import numpy as np

from paddle_gan.lab import report
from paddle_gan.lab.runner import read_results


def drawn(name: str):
    """一个实验的完整档：各组的记录，与画出来的每一格。"""
    records = read_results(name, "full")
    return records, report.figure_of(name, {"full": records}, "full").axes


def plain(label: str) -> str:
    """去掉空白；下标的 1 有两种写法。"""
    return "".join(label.split()).replace("$_1$", "₁")


def middle_of(rows: list[dict], key: str) -> float:
    """各个种子居中的数：图上写的与台账里的一样。"""
    return float(np.median([row["statistics"][key] for row in rows]))
