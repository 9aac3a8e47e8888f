"""直接给图像打分：FD-LeNet、KD-LeNet、IS-LeNet（手写数字）与 FD-PCA64、像素的标准差（任意图像）。

算法见 frechet.py、kernel.py、class_scores.py，特征见 lenet.py。特征不是 Inception 的，
所以都不叫 FID、KID、IS，也不能与论文里的数比较。

下限：同一个函数用训练集和测试集各作一边，得到“真实对真实”的值。随包数字的两个划分各类张数恰好相等，
而生成图像的类别是随机的，要付出更高的代价：同等张数的随机真实样本见 assets/README.md 的表。
"""

import numpy as np

from paddle_gan.metrics.class_scores import class_score
from paddle_gan.metrics.frechet import fit_pca, frechet_distance, project
from paddle_gan.metrics.kernel import kernel_distance
from paddle_gan.metrics.lenet import digit_features

PCA_COMPONENTS = 64


def fd_lenet(generated_images: np.ndarray, real_images: np.ndarray) -> float:
    """FD-LeNet：LeNet 倒数第二层 84 维特征的弗雷歇距离，越小越好。

    两边都是浮点数组 (N, 1, 28, 28)，取值 [−1, 1]，张数可以不同；
    每边最好不少于 1,000 张，而且比较时张数固定。出错的情形见 digit_features。
    """
    generated, _ = digit_features(generated_images)
    real, _ = digit_features(real_images)
    return frechet_distance(generated, real)


def kd_lenet(generated_images: np.ndarray, real_images: np.ndarray) -> float:
    """KD-LeNet：LeNet 84 维特征的核距离（无偏 MMD²），越小越好，同分布时在 0 上下；输入同上。"""
    generated, _ = digit_features(generated_images)
    real, _ = digit_features(real_images)
    return kernel_distance(generated, real)


def is_lenet(generated_images: np.ndarray, splits: int = 10) -> float:
    """IS-LeNet：LeNet 类别概率的 Inception 分数式的分数，1..10，越大越好。输入同 fd_lenet。

    LeNet 训练时用了 0.05 的标签平滑，不会给出 1 那样的概率，所以真实数字也只有 8.0 左右；
    每类只重复一张清晰的图却有 8.6，见 assets/README.md 的表。
    """
    _, probabilities = digit_features(generated_images)
    return class_score(probabilities, splits)[0]


def fd_pca64(generated_images: np.ndarray, real_images: np.ndarray) -> float:
    """FD-PCA64：真实图像前 64 个主成分上的弗雷歇距离，越小越好。

    两边都是浮点数组 (N, C, H, W)，取值 [−1, 1]。它只比较像素的均值与协方差，对清晰度不敏感：
    后面的主成分（细节）不参与比较，略微模糊的图像也能得低分，要和样本图一起看。

    真实图像少于 65 张，或一张的像素数不到 64 时抛出 UserError；形状不合时抛出 ValueError。
    """
    generated, real = np.asarray(generated_images), np.asarray(real_images)
    if generated.shape[1:] != real.shape[1:]:
        raise ValueError(f"两组图像的形状不同：{generated.shape[1:]} 与 {real.shape[1:]}")
    flat_real = real.reshape(len(real), -1)
    mean, basis = fit_pca(flat_real, PCA_COMPONENTS)
    flat_generated = generated.reshape(len(generated), -1)
    return frechet_distance(project(flat_generated, mean, basis), project(flat_real, mean, basis))


def pixel_std(images: np.ndarray) -> float:
    """图像 (N, C, H, W) 的花样：每个像素在 N 张里的标准差，对像素平均；都是同一张时是 0。"""
    return float(np.asarray(images, np.float64).std(axis=0).mean())


def edge_strength(images: np.ndarray) -> float:
    """图像 (N, C, H, W) 的边缘：上下、左右相邻两点之差的绝对值，各自平均再相加；处处同色时是 0。"""
    x = np.asarray(images, np.float64)
    return float(sum(np.abs(np.diff(x, axis=axis)).mean() for axis in (2, 3)))


def edge_strength_inside(images: np.ndarray, inside: np.ndarray) -> float:
    """edge_strength，只算两点都在 inside bool (N, 1, H, W) 里的；一对也没有时是 0。"""
    total = 0.0
    for axis in (2, 3):
        steps = np.abs(np.diff(np.asarray(images, np.float64), axis=axis))
        first, second = np.delete(inside, -1, axis), np.delete(inside, 0, axis)
        both = np.broadcast_to(first & second, steps.shape)
        total += steps[both].mean() if both.any() else 0.0
    return float(total)


def psnr(images: np.ndarray, truth: np.ndarray, inside: np.ndarray | None = None) -> float:
    """峰值信噪比（分贝）：两组图像 (N, C, H, W)，取值 [−1, 1]；越大越像。

    全部图的均方误差合起来算；inside 是 bool (N, 1, H, W)：只算里面的像素，默认全图。
    """
    squares = (np.asarray(images, np.float64) - truth) ** 2 / 4  # 像素换到 [0, 1]
    error = (
        squares.mean() if inside is None else squares[np.broadcast_to(inside, squares.shape)].mean()
    )
    # PSNR = 10·log₁₀(1 / MSE)
    return float(-10 * np.log10(error))
