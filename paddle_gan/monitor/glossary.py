"""每条曲线的说明：中文名、公式、健康样子、危险信号。记录里出现的每个键都要在这里登记。

训练中的损失与梯度在这里，评测的分数在 glossary_metrics.py；GLOSSARY 是两者合起来。
"""

from paddle_gan.monitor.curve import Curve
from paddle_gan.monitor.glossary_metrics import METRICS

TRAINING = {
    "loss/D": Curve(
        "判别器损失",
        "GAN 一类：−E[log D(x)] − E[log(1 − D(G(z)))]（R1 再加 γ·惩罚）；"
        "WGAN：E[D(G(z))] − E[D(x)]（WGAN-GP 再加 λ·惩罚）；"
        "LSGAN：½·E[(D(x) − b)²] + ½·E[(D(G(z)) − a)²]",
        "GAN 在 0.5 到 1.386（2·log 2，分不出真假）之间波动；WGAN 从负值慢慢趋近 0；"
        "LSGAN 在 0.25（分不出真假）以下波动",
        "GAN 长期低于 0.1：判别器过强；一直是 1.386：判别器没有学到东西",
    ),
    "loss/G": Curve(
        "生成器损失",
        "不饱和：−E[log D(G(z))]；饱和：E[log(1 − D(G(z)))]；"
        "WGAN：−E[D(G(z))]；LSGAN：½·E[(D(G(z)) − c)²]；CycleGAN：E[(D_Y(G(x)) − 1)²]；"
        "Unrolled：E[log D(x)] + E[log(1 − D(G(z)))]，D 的权重是 θ_D^k",
        "不饱和时在 0.7 到 3 之间波动，Unrolled 在 −1.386 附近；它不衡量图像质量",
        "一路上升而判别器损失趋于 0：生成器跟不上",
    ),
    "prob/real": Curve(
        "判别器认为真样本为真的概率", "E[D(x)]", "0.5 到 0.9", "接近 1 且 prob/fake 接近 0：过强"
    ),
    "prob/fake": Curve(
        "判别器认为生成样本为真的概率", "E[D(G(z))]", "0.1 到 0.5", "接近 0：生成器拿不到有用的梯度"
    ),
    "score/real": Curve(
        "判别器给真样本的分数",
        "E[D(x)]，D 不过 sigmoid（WGAN、LSGAN）",
        "比 score/fake 高一些，差距逐渐缩小；LSGAN 从 b = 1 趋近 0.5",
        "绝对值无限增长",
    ),
    "score/fake": Curve(
        "判别器给生成样本的分数",
        "E[D(G(z))]，D 不过 sigmoid（WGAN、LSGAN）",
        "比 score/real 低一些，差距逐渐缩小；LSGAN 从 a = 0 趋近 0.5",
        "绝对值无限增长",
    ),
    "loss/gp": Curve(
        "梯度惩罚",
        "E[(‖∇_x̂ D(x̂)‖₂ − 1)²]",
        "很快降到 0.1 以下并保持",
        "居高不下：λ 太小或学习率太大",
    ),
    "loss/r1": Curve(
        "R₁：真样本上的梯度惩罚",
        "½·E[‖∇_x D(x)‖²]",
        "逐渐下降，趋近 0：D 在数据上变平",
        "一路上升：γ₁ 太小，D 在数据上越来越陡",
    ),
    "loss/r2": Curve(
        "R₂：生成样本上的梯度惩罚",
        "½·E[‖∇D(G(z))‖²]",
        "逐渐下降，趋近 0",
        "一路上升：γ₂ 太小",
    ),
    "loss/F": Curve(
        "反方向生成器的对抗损失", "E[(D_X(F(y)) − 1)²]", "在 0.25 上下波动", "接近 1：D_X 过强"
    ),
    "loss/D_X": Curve(
        "X 域判别器损失",
        "½·E[(D_X(x) − 1)²] + ½·E[D_X(F(y))²]",
        "0.1 到 0.25（0.25 是分不出真假）",
        "接近 0：判别器过强",
    ),
    "loss/D_Y": Curve(
        "Y 域判别器损失",
        "½·E[(D_Y(y) − 1)²] + ½·E[D_Y(G(x))²]",
        "0.1 到 0.25（0.25 是分不出真假）",
        "接近 0：判别器过强",
    ),
    "loss/cycle": Curve(
        "循环一致损失",
        "E‖F(G(x)) − x‖₁ + E‖G(F(y)) − y‖₁",
        "稳步下降",
        "很快到 0：译文原样照抄原图",
        "lower",
    ),
    "loss/identity": Curve(
        "恒等损失",
        "E‖G(y) − y‖₁ + E‖F(x) − x‖₁",
        "稳步下降",
        "居高不下：生成器在改动本来就对的图",
        "lower",
    ),
}

GLOSSARY: dict[str, Curve] = {**TRAINING, **METRICS}
