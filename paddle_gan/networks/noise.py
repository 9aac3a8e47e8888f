"""高斯噪声层：训练时给输入加 N(0, σ²)，评估时原样（Salimans 等，2016，半监督的判别器）。"""

import paddle
from paddle import nn

from paddle_gan.draws import per_sample


class GaussianNoise(nn.Layer):
    """x + σ·ε，ε ~ N(0, I)，只在训练时。"""

    def __init__(self, sigma: float):
        super().__init__()
        self.sigma = sigma

    def forward(self, x):
        return x + self.sigma * per_sample(paddle.randn, x.shape) if self.training else x
