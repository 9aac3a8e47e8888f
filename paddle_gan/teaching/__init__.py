"""教程用的小工具：看源码、训练一段、画图、看实验的结论、判练习。

笔记本第一格写 `from paddle_gan.teaching import *`，名字都在 __all__ 里；
它们只是库的薄薄一层，方法、指标、数据都从库里直接导入。
"""

# ruff: noqa: E402  过滤要在导入飞桨之前
import warnings

# 飞桨自己的英文提示（没装 ccache、BN 的统计量）与学员无关
warnings.filterwarnings("ignore", category=UserWarning, module="paddle")

from paddle_gan.teaching.along import along
from paddle_gan.teaching.chase import chase
from paddle_gan.teaching.claims import claim
from paddle_gan.teaching.diagrams import conditional_diagram, gan_diagram
from paddle_gan.teaching.diagrams_applications import anomaly_diagram, semi_diagram
from paddle_gan.teaching.diagrams_energy import autoencoder_diagram, pyramid_diagram
from paddle_gan.teaching.diagrams_growing import growing_diagram, stacked_diagram
from paddle_gan.teaching.diagrams_restoring import restoring_diagram
from paddle_gan.teaching.diagrams_sequences import sampling_diagram
from paddle_gan.teaching.diagrams_structures import vae_gan_diagram
from paddle_gan.teaching.grading import check
from paddle_gan.teaching.layers_picture import network_picture
from paddle_gan.teaching.lesson import Lesson, environment, train
from paddle_gan.teaching.one_dimension import duel, frame_of
from paddle_gan.teaching.picture import Picture, canvas
from paddle_gan.teaching.plots import (
    arrows,
    curves,
    filmstrip,
    histograms,
    images,
    lines,
    points,
    rows_of_images,
    surface,
)
from paddle_gan.teaching.score_table import score_table
from paddle_gan.teaching.slider import slide
from paddle_gan.teaching.source import compare, show

__all__ = [
    "Lesson",
    "Picture",
    "along",
    "anomaly_diagram",
    "arrows",
    "autoencoder_diagram",
    "canvas",
    "chase",
    "check",
    "claim",
    "compare",
    "conditional_diagram",
    "curves",
    "duel",
    "environment",
    "filmstrip",
    "frame_of",
    "gan_diagram",
    "growing_diagram",
    "histograms",
    "images",
    "lines",
    "network_picture",
    "points",
    "pyramid_diagram",
    "restoring_diagram",
    "rows_of_images",
    "sampling_diagram",
    "score_table",
    "semi_diagram",
    "show",
    "slide",
    "stacked_diagram",
    "surface",
    "train",
    "vae_gan_diagram",
]
