"""ROC 曲线下的面积：随便一张异常的，分数比随便一张正常的高的概率；相等的算一半。"""

import numpy as np


def auc(normal: np.ndarray, abnormal: np.ndarray) -> float:
    """两组分数 (n,)、(m,)，越大越异常 → AUC；分不开是 0.5。只看次序，分数怎样放缩都一样。"""
    if not len(normal) or not len(abnormal):
        raise ValueError("正常与异常的都至少要有一个")
    ordered = np.sort(np.asarray(normal, np.float64))
    below = np.searchsorted(ordered, abnormal, side="left")
    upto = np.searchsorted(ordered, abnormal, side="right")
    # P(A(异常) > A(正常)) + ½·P(相等)
    return float((below + upto).mean() / (2 * len(ordered)))
