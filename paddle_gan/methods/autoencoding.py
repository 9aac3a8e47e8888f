"""自编码器一族（AE、VAE、VAE-GAN）共用的：解码器给出每个像素的 logit，图像、误差都由它来；KL。"""

from paddle import Tensor, nn
from paddle.nn.functional import softplus, tanh

from paddle_gan.errors import UserError


class Drawing(nn.Layer):
    """潜变量 → 图像：解码器的 logit ℓ 换成 [−1, 1] 里的图像，p = σ(ℓ) 是一个像素为白的概率。"""

    def __init__(self, decoder: nn.Layer):
        super().__init__()
        self.decoder = decoder

    def forward(self, z):
        # 2·σ(ℓ) − 1 = tanh(ℓ/2)
        return tanh(self.decoder(z) / 2)


def require_logits(decoder: nn.Layer, method: str) -> None:
    """解码器的最后一层不能已经是 tanh 或 sigmoid，否则抛出 UserError。"""
    if isinstance(decoder.sublayers()[-1], (nn.Tanh, nn.Sigmoid)):
        raise UserError(
            f"{method} 的解码器给出 logit，自己换成图像；请写 network.decoder.output: linear"
        )


def pixel_cross_entropy(logit: Tensor, x: Tensor) -> Tensor:
    """重建误差（奈特，标量）：各像素的交叉熵**相加**，再对样本平均；x 在 [−1, 1]。

    对像素求平均，等于把 KL 的权重悄悄放大 C·H·W 倍。
    """
    p = (x + 1) / 2
    # −p·log σ(ℓ) − (1 − p)·log(1 − σ(ℓ)) = log(1 + e^ℓ) − p·ℓ
    nats = softplus(logit) - p * logit
    return nats.reshape([x.shape[0], -1]).sum(axis=1).mean()


def gaussian_kl(mu: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(μ, σ²)‖N(0, I))，各维相加，再对样本平均（奈特，标量）；输入 (N, z_dim)；
    Kingma 与 Welling（2014）附录 B。"""
    # ½·Σ_d (μ_d² + σ_d² − 1 − log σ_d²)
    terms = mu.square() + log_variance.exp() - 1 - log_variance
    return 0.5 * terms.sum(axis=1).mean()
