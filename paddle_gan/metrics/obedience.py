"""按类别生成听不听话：生成的是不是要的那一类，同一类里又有多少花样。

单看听话会误判：每类只画一张图也是满分，所以总与类内的多样性一起看。
"""

import numpy as np

from paddle_gan.metrics.distances import check_features, distance_blocks

RIDGE = 10.0  # 线性裁判的 L2 惩罚


def within_class_distance(images: np.ndarray, labels: np.ndarray) -> float:
    """同一类的两张图 (N, ...) 的欧氏距离的平均：先在每一类里平均，再对各类平均；类别 (N,)。

    只有一张图的类不算；没有一类有两张时抛出 ValueError。
    """
    flat = np.asarray(images, np.float64).reshape(len(images), -1)
    classes, counts = np.unique(labels, return_counts=True)
    groups = [flat[labels == label] for label in classes[counts > 1]]
    if not groups:
        raise ValueError("每一类都只有一张图，没有类内的距离")
    return float(np.mean([_mean_distance(group) for group in groups]))


def _mean_distance(rows: np.ndarray) -> float:
    """(n, d) 两两距离的平均，不算自己到自己。"""
    rows = check_features(rows - rows.mean(axis=0), least=2)
    total = 0.0
    for start, block in distance_blocks(rows, rows):
        own = np.arange(len(block))
        block[own, start + own] = 0.0  # 舍入误差不算
        total += block.sum()
    return float(total / (len(rows) * (len(rows) - 1)))


class LinearJudge:
    """看特征 (N, d) 认类别的裁判：对独热的岭回归，取最大的一类。没有随机数，一次解出。

    它认得多准，看它在真实的测试图像上的正确率：不准时，用它量的听话也不准。
    """

    def __init__(self, features: np.ndarray, labels: np.ndarray, classes: int):
        x = np.asarray(features, np.float64)
        self.mean, self.scale = x.mean(axis=0), x.std(axis=0) + 1e-6
        x, y = self._standard(x), np.eye(classes)[labels]
        self.base = y.mean(axis=0)
        # W = (XᵀX + λI)⁻¹·Xᵀ(Y − Ȳ)
        gram = x.T @ x + RIDGE * np.eye(x.shape[1])
        self.weight = np.linalg.solve(gram, x.T @ (y - self.base))

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """各是哪一类 (N,)。"""
        scores = self._standard(np.asarray(features, np.float64)) @ self.weight + self.base
        return scores.argmax(axis=1)

    def _standard(self, x: np.ndarray) -> np.ndarray:
        return (x - self.mean) / self.scale


def matched_accuracy(codes: np.ndarray, labels: np.ndarray) -> float:
    """编码与类别一一配好（匈牙利算法，取最好的配法）以后，相符的比例；两者都是 (N,) 的非负整数。

    来源：InfoGAN §7.2 的做法。配法是看着答案选的，所以瞎猜也比 1/K 高一些，要与打乱的编码比。
    """
    # 这里才导入：scipy.optimize 要零点几秒，多数命令用不到
    from scipy.optimize import linear_sum_assignment

    size = int(max(codes.max(), labels.max())) + 1
    table = np.zeros((size, size))
    np.add.at(table, (codes, labels), 1)
    rows, columns = linear_sum_assignment(-table)
    return float(table[rows, columns].sum() / len(codes))
