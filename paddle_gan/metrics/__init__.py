"""评测：只接收数组、返回 Python 浮点数的纯函数；不认识训练循环，也不读数据集。

modes        模式覆盖、高质量比例、反向 KL；类别统计
divergences  离散分布的 KL、JS、全变差、χ²、Hellinger，最优判别器与最优值
gaussians    高斯之间的精确值
transport    精确的与切片的 Wasserstein 距离
frechet      弗雷歇距离与主成分
lenet        手写数字的特征网络
image_scores FD-LeNet、FD-PCA64
translation  图像翻译：相关系数、L1、检索正确率、交并比
style_judge  图像翻译：像不像目标域的风格
"""

from paddle_gan.metrics.divergences import (
    chi_square,
    divergence_report,
    hellinger,
    js_divergence,
    kl_divergence,
    normalize,
    optimal_discriminator,
    optimal_value,
    shared_histogram,
    total_variation,
)
from paddle_gan.metrics.frechet import (
    fit_pca,
    frechet_distance,
    frechet_from_moments,
    project,
)
from paddle_gan.metrics.gaussians import (
    gaussian_hellinger,
    gaussian_js,
    gaussian_kl,
    gaussian_tv,
    gaussian_w2,
    shifted_gaussians,
)
from paddle_gan.metrics.image_scores import fd_lenet, fd_pca64
from paddle_gan.metrics.lenet import LeNet, digit_features, load_lenet
from paddle_gan.metrics.modes import class_report, mode_report
from paddle_gan.metrics.style_judge import StyleJudge
from paddle_gan.metrics.translation import correlation, iou, l1_ink, retrieval_at_1
from paddle_gan.metrics.transport import (
    sliced_wasserstein,
    transport_plan,
    wasserstein,
    wasserstein_1d,
    wasserstein_grid,
)

__all__ = [
    "LeNet",
    "StyleJudge",
    "chi_square",
    "class_report",
    "correlation",
    "digit_features",
    "divergence_report",
    "fd_lenet",
    "fd_pca64",
    "fit_pca",
    "frechet_distance",
    "frechet_from_moments",
    "gaussian_hellinger",
    "gaussian_js",
    "gaussian_kl",
    "gaussian_tv",
    "gaussian_w2",
    "hellinger",
    "iou",
    "js_divergence",
    "kl_divergence",
    "l1_ink",
    "load_lenet",
    "mode_report",
    "normalize",
    "optimal_discriminator",
    "optimal_value",
    "project",
    "retrieval_at_1",
    "shared_histogram",
    "shifted_gaussians",
    "sliced_wasserstein",
    "total_variation",
    "transport_plan",
    "wasserstein",
    "wasserstein_1d",
    "wasserstein_grid",
]
