"""自编码器一族（AE、VAE、VAE-GAN）的训练曲线与还原的分数的说明。"""

from paddle_gan.monitor.curve import Curve

ELBO = {
    "elbo/reconstruction": Curve(
        "还原的误差",
        "E[−log p(x|z)]：各像素的交叉熵相加（奈特），AE 与 VAE",
        "下降，然后走平；VAE 的停得高一些，因为编码带着噪声",
        "一直不降，而 elbo/kl 接近 0：塌缩，解码器不看编码",
        "lower",
    ),
    "elbo/kl": Curve(
        "编码与先验的 KL",
        "KL(q(z|x)‖N(0, I))，各维相加（奈特），VAE 与 VAE-GAN",
        "先升后稳：编码里记下了几奈特关于图的内容",
        "接近 0：后验塌缩，编码什么也没有记；多半是 β 太大，或有一项写成了平均",
    ),
    "norm/grad_E": Curve(
        "编码器的梯度范数",
        "‖∇_θE L_E‖₂，更新之前、全部参数（VAE-GAN）",
        "在同一个量级里波动",
        "一路变大：发散；趋近 0：编码器学不动了",
    ),
    "loss/similarity": Curve(
        "D 的特征之差",
        "½·Σ(f(x) − f(x̂))²，f 是 D 最后一个隐层的特征（VAE-GAN）",
        "先降；D 的特征变大时会慢慢升，不能跨步数比",
        "接近 0 而还原的图不像：梯度进了 D，特征都变成了 0",
    ),
}
