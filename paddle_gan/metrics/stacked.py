"""三位数图像（stacked MNIST）的四个量：LeNet 逐通道认出三位数，数 1,000 个模式，旁边是质量。

协议：Unrolled GAN §3.3.1、PacGAN §4.2：覆盖的种数，与直方图到均匀分布的反向 KL
（拼的时候三个数字各自均匀，所以数据是均匀的）。论文取 25,600 或 26,000 个样本，
抽样本身就有的是 (K − 1) / (2n) = 0.0195 与 0.0192。

只看这两个会受骗：每个数字只会画一张图，随机拼起来也是 1,000 种、反向 KL 到下限。
所以旁边有两个质量：裁判拿得准的通道的比例，与逐通道的 FD-LeNet。前一个单看也受骗：
裁判对均匀噪声个个拿得准；FD-LeNet 两样都看得出来。
"""

import numpy as np

from paddle_gan.metrics.frechet import frechet_distance
from paddle_gan.metrics.lenet import digit_features, spelled, three_planes
from paddle_gan.metrics.modes import class_report

SURE = 0.9  # 最大的类别概率到了这里，算裁判拿得准；真的训练数字里有 96%


def stacked_report(images: np.ndarray, real: np.ndarray) -> dict[str, float]:
    """一批三位数图像的四个量，见 report_of。

    参数：
        images: 浮点数组 (N, 3, 28, 28)，取值 [−1, 1]，黑底白字
        real: 真的单个数字的 LeNet 特征 (M, 84)，三个通道都与它比

    形状不对时抛出 UserError。
    """
    return report_of(*digit_features(three_planes(images)), real)


def report_of(
    features: np.ndarray, probabilities: np.ndarray, real: np.ndarray
) -> dict[str, float]:
    """LeNet 看过之后的四个量；features (3N, 84)、probabilities (3N, 10)，一张的三个通道相邻。

    返回：
        stacked/covered: 认出的三位数有几种，0..1000
        stacked/reverse_kl: 直方图 p̂ 到均匀分布的 KL，0..log 1000，奈特
        stacked/sure: 3N 个通道里，裁判的把握（最大的类别概率）不低于 SURE 的比例，0..1
        stacked/fd_lenet: 三个通道各自的 FD-LeNet 的平均
    """
    modes = class_report(spelled(probabilities), 1000)
    distances = [frechet_distance(features[channel::3], real) for channel in range(3)]
    return {
        "stacked/covered": modes["classes/covered"],
        "stacked/reverse_kl": modes["classes/reverse_kl"],
        "stacked/sure": float((probabilities.max(axis=1) >= SURE).mean()),
        "stacked/fd_lenet": float(np.mean(distances)),
    }
