"""实验的图的测试共用：画出来，读题目。"""

import numpy as np

from paddle_gan.lab import EXPERIMENTS, report
from paddle_gan.lab.experiment import TIERS
from paddle_gan.lab.ledger import chosen_tier
from paddle_gan.lab.runner import read_results


def drawn(name: str):
    """一个实验写进台账的那一档：各组的记录，与画出来的每一格。"""
    results = {tier: read_results(name, tier) for tier in TIERS}
    tier = chosen_tier(results, EXPERIMENTS[name])
    return results[tier], report.figure_of(name, results, tier).axes


def plain(label: str) -> str:
    """去掉空白；下标的 1 有两种写法。"""
    return "".join(label.split()).replace("$_1$", "₁")


def middle_of(rows: list[dict], key: str) -> float:
    """各个种子居中的数：图上写的与台账里的一样。"""
    return float(np.median([row["statistics"][key] for row in rows]))
