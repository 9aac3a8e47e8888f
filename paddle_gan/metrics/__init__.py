"""评测：只接收数组、返回 Python 浮点数的纯函数；不认识训练循环，也不读数据集。

modes        模式覆盖、高质量比例、反向 KL；类别统计
frechet      弗雷歇距离与主成分
lenet        手写数字的特征网络
image_scores FD-LeNet、FD-PCA64
translation  图像翻译：相关系数、L1、检索正确率、交并比
style_judge  图像翻译：像不像目标域的风格
"""

from paddle_gan.metrics.frechet import fit_pca, frechet_distance, project
from paddle_gan.metrics.image_scores import fd_lenet, fd_pca64
from paddle_gan.metrics.lenet import LeNet, digit_features, load_lenet
from paddle_gan.metrics.modes import class_report, mode_report
from paddle_gan.metrics.style_judge import StyleJudge
from paddle_gan.metrics.translation import correlation, iou, l1_ink, retrieval_at_1

__all__ = [
    "LeNet",
    "StyleJudge",
    "class_report",
    "correlation",
    "digit_features",
    "fd_lenet",
    "fd_pca64",
    "fit_pca",
    "frechet_distance",
    "iou",
    "l1_ink",
    "load_lenet",
    "mode_report",
    "project",
    "retrieval_at_1",
]
