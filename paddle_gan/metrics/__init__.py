"""评测：只接收数组、返回 Python 浮点数的纯函数；不认识训练循环，也不读数据集。

modes        模式覆盖、高质量比例、反向 KL；类别统计
divergences  离散分布的 KL、JS、全变差、χ²、Hellinger，最优判别器与最优值
gaussians    高斯之间的精确值
transport    精确的与切片的 Wasserstein 距离
frechet      弗雷歇距离与主成分
kernel       核距离（无偏 MMD²）
class_scores Inception 分数式的分数、特征的多样性
prdc         精度与召回、密度与覆盖
prd          PRD 曲线
memorisation 记忆：最近距离之比、1 近邻检验、生日检验
parzen       Parzen 窗的对数似然：会骗人，放在这里看它怎样骗
true_fid     真正的 FID，Inception 由你自备
lenet        手写数字的特征网络
image_scores FD-LeNet、KD-LeNet、IS-LeNet、FD-PCA64、像素的标准差
translation  图像翻译：相关系数、L1、检索正确率、交并比，边缘能量
strokes      手写数字的笔画：粗细、斜度
style_judge  图像翻译：像不像目标域的风格
"""

from paddle_gan.metrics.class_scores import class_score, feature_diversity
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
    triangular,
)
from paddle_gan.metrics.frechet import fit_pca, frechet_distance, frechet_from_moments, project
from paddle_gan.metrics.gaussians import (
    gaussian_hellinger,
    gaussian_js,
    gaussian_kl,
    gaussian_tv,
    gaussian_w2,
    shifted_gaussians,
)
from paddle_gan.metrics.image_scores import (
    edge_strength,
    fd_lenet,
    fd_pca64,
    is_lenet,
    kd_lenet,
    pixel_std,
)
from paddle_gan.metrics.kernel import kernel_distance, kernel_distance_subsets
from paddle_gan.metrics.lenet import LeNet, digit_features, load_lenet, stacked_labels
from paddle_gan.metrics.memorisation import (
    birthday_test,
    collision_batch_size,
    nearest_ratio,
    one_nn_accuracy,
    support_size,
)
from paddle_gan.metrics.modes import class_report, mode_report, sampling_floor, scatter_share
from paddle_gan.metrics.parzen import best_sigma, parzen_log_likelihood
from paddle_gan.metrics.prd import prd_curve, prd_f_scores, prd_scores
from paddle_gan.metrics.prdc import density_coverage, precision_recall
from paddle_gan.metrics.stacked import stacked_report
from paddle_gan.metrics.strokes import slant, thickness
from paddle_gan.metrics.style_judge import StyleJudge
from paddle_gan.metrics.translation import (
    correlation,
    edge_energy,
    iou,
    l1_ink,
    retrieval_at_1,
)
from paddle_gan.metrics.transport import (
    sliced_wasserstein,
    transport_plan,
    wasserstein,
    wasserstein_1d,
    wasserstein_grid,
)
from paddle_gan.metrics.true_fid import fid

__all__ = [
    "LeNet",
    "StyleJudge",
    "best_sigma",
    "birthday_test",
    "chi_square",
    "class_report",
    "class_score",
    "collision_batch_size",
    "correlation",
    "density_coverage",
    "digit_features",
    "divergence_report",
    "edge_energy",
    "fd_lenet",
    "fd_pca64",
    "feature_diversity",
    "fid",
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
    "is_lenet",
    "js_divergence",
    "kd_lenet",
    "kernel_distance",
    "kernel_distance_subsets",
    "kl_divergence",
    "l1_ink",
    "load_lenet",
    "mode_report",
    "nearest_ratio",
    "normalize",
    "one_nn_accuracy",
    "optimal_discriminator",
    "optimal_value",
    "parzen_log_likelihood",
    "edge_strength",
    "pixel_std",
    "prd_curve",
    "prd_f_scores",
    "prd_scores",
    "precision_recall",
    "project",
    "retrieval_at_1",
    "sampling_floor",
    "scatter_share",
    "shared_histogram",
    "shifted_gaussians",
    "slant",
    "sliced_wasserstein",
    "stacked_labels",
    "stacked_report",
    "support_size",
    "thickness",
    "total_variation",
    "transport_plan",
    "triangular",
    "wasserstein",
    "wasserstein_1d",
    "wasserstein_grid",
]
