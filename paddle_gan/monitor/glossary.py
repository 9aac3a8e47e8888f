"""每条曲线的说明：中文名、公式、健康样子、危险信号。记录里出现的每个键都要在这里登记。"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Curve:
    name: str  # 中文名
    formula: str  # 公式
    healthy: str  # 健康样子
    danger: str  # 危险信号
    better: Literal["lower", "higher", "neither"] = "neither"  # 越小越好、越大越好，或不能这样看


GLOSSARY = {
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
    "modes/covered": Curve(
        "覆盖的模式数",
        "至少有一个样本落在 3σ 内的模式个数（PacGAN 的规则）",
        "等于模式总数",
        "下降或跳动：模式崩溃、模式跳跃",
        "higher",
    ),
    "modes/covered_1pct": Curve(
        "覆盖的模式数（占 1 % 以上）",
        "至少有 1 % 的样本落在 3σ 内的模式个数",
        "等于模式总数",
        "同上",
        "higher",
    ),
    "modes/high_quality": Curve(
        "高质量样本的比例",
        "落在最近模式 3σ 内的样本比例",
        "真实数据是 0.989；要和覆盖数一起看",
        "很高而覆盖数很低：崩溃到少数模式",
        "higher",
    ),
    "modes/reverse_kl": Curve(
        "模式直方图的反向 KL", "Σ p̂_k·log(K·p̂_k)", "接近 0", "log K：只剩一个模式", "lower"
    ),
    "fd_lenet": Curve(
        "FD-LeNet",
        "生成与真实手写数字在 LeNet 特征上的弗雷歇距离（不是 FID）",
        "稳步下降，趋近真实对真实的下限",
        "回升：崩溃或过拟合",
        "lower",
    ),
    "classes/covered": Curve(
        "覆盖的数字类别数", "分类器认出的类别个数", "十个都有", "减少：模式丢失", "higher"
    ),
    "classes/reverse_kl": Curve(
        "类别直方图的反向 KL", "Σ p̂_k·log(10·p̂_k)", "接近 0", "变大：有的数字不再生成", "lower"
    ),
    "fd_pca64": Curve(
        "FD-PCA64",
        "生成与真实图像在真实图像前 64 个主成分上的弗雷歇距离（不是 FID）",
        "稳步下降，趋近真实对真实的下限",
        "回升：崩溃",
        "lower",
    ),
    "translation/correlation": Curve(
        "与真值的相关",
        "译文与隐藏真值的逐图皮尔逊相关的均值",
        "高于不翻译",
        "低于不翻译：内容丢了",
        "higher",
    ),
    "translation/retrieval": Curve(
        "检索正确率",
        "测试字里与译文最相关的恰是同一个字的比例",
        "高于不翻译",
        "骤降：认不出是哪个字",
        "higher",
    ),
    "translation/style": Curve(
        "风格正确率",
        "风格分类器把译文认作目标字体的比例",
        "升到 0.9 以上",
        "一直接近 0：在照抄原图",
        "higher",
    ),
    "translation/l1": Curve(
        "与真值的 L1",
        "|译文 − 真值| 的均值，墨色取 [0, 1]",
        "下降；白纸也能得到 0.18",
        "单看它会误判",
        "lower",
    ),
    "translation/score": Curve(
        "翻译总分", "风格、检索、相关三者的调和平均", "上升", "三者有一个塌了就会很低", "higher"
    ),
}
