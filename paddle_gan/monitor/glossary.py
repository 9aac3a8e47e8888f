"""每条曲线的说明：中文名、公式、健康样子、危险信号。记录里出现的每个键都要在这里登记。

训练中的损失与梯度在这里，条件生成的另在 glossary_conditional.py，
VAE 一族的在 glossary_elbo.py，能量与金字塔的在 glossary_energy.py，
一级一级画大图的在 glossary_growing.py，f-GAN 的在 glossary_divergences.py，
图少的在 glossary_few.py，写序列的在 glossary_sequences.py，评测的分数在 glossary_metrics.py；
GLOSSARY 是合起来的。
"""

from dataclasses import replace

from paddle_gan.monitor.curve import Curve
from paddle_gan.monitor.glossary_conditional import CONDITIONAL
from paddle_gan.monitor.glossary_divergences import DIVERGENCES
from paddle_gan.monitor.glossary_elbo import ELBO
from paddle_gan.monitor.glossary_energy import ENERGY
from paddle_gan.monitor.glossary_few import FEW
from paddle_gan.monitor.glossary_growing import GROWING
from paddle_gan.monitor.glossary_metrics import METRICS
from paddle_gan.monitor.glossary_sequences import POEMS, SEQUENCES

TRAINING = {
    "loss/D": Curve(
        "判别器损失",
        "GAN 一类：−E[log D(x)] − E[log(1 − D(G(z)))]（R1 再加 γ·惩罚）；"
        "WGAN：E[D(G(z))] − E[D(x)]（WGAN-GP 再加 λ·惩罚，ProGAN 还加 ε·E[D(x)²]）；"
        "LSGAN：½·E[(D(x) − b)²] + ½·E[(D(G(z)) − a)²]；"
        "MAD-GAN：−E[log D_{k+1}(x)] − Σ_i E[log D_i(G_i(z))]；"
        "hinge、SNGAN、projection（合页）：E[max(0, 1 − D(x))] + E[max(0, 1 + D(G(z)))]；"
        "ACGAN 再加类别的交叉熵，InfoGAN 再减 λ·L_I，pix2pix 除以 2；"
        "Relativistic：E[−log σ(D(x) − D(G(z)))]，average 时各与对方的均值比；"
        "EBGAN：E[E(x)] + E[[m − E(G(z))]₊]；BEGAN：L(x) − k·L(G(z))；LAPGAN 是各层的和；"
        "f-GAN：E[f*(g_f(V(G(z))))] − E[g_f(V(x))]，散度的下界取负",
        "GAN 在 0.5 到 1.386（2·log 2，分不出真假）之间波动；WGAN 从负值慢慢趋近 0"
        "（WGAN-GP 的里面还有 λ·惩罚，要看距离就看 score/real − score/fake）；"
        "LSGAN 在 0.25（分不出真假）以下波动；合页在 2 以下，Relativistic 在 0.693（log 2）以下，"
        "越往后越接近；EBGAN 在 m 以下波动；BEGAN 慢慢降到 L(x) 以下；"
        "MAD-GAN 降到 (k + 1)·log(k + 1) − k·log k 附近（G 们各占一处，合起来分不出真假）",
        "GAN 长期低于 0.1：判别器过强；一直是 1.386：判别器没有学到东西",
    ),
    "loss/G": Curve(
        "生成器损失",
        "不饱和：−E[log D(G(z))]；饱和：E[log(1 − D(G(z)))]；"
        "WGAN：−E[D(G(z))]；LSGAN：½·E[(D(G(z)) − c)²]；CycleGAN：E[(D_Y(G(x)) − 1)²]；"
        "Unrolled：E[log D(x)] + E[log(1 − D(G(z)))]，D 的权重是 θ_D^k；"
        "MAD-GAN：−1/k·Σ_i E[log D_{k+1}(G_i(z))]；MRGAN：不饱和的，再加重建的两项；"
        "hinge、SNGAN、projection：−E[D(G(z))]；ACGAN 再加类别的交叉熵，InfoGAN 再减 λ·L_I，"
        "StackGAN 再加 λ·KL；"
        "Relativistic：E[−log σ(D(G(z)) − D(x))]；EBGAN：E[E(G(z))] + λ_PT·f_PT；"
        "BEGAN：L(G(z))；LAPGAN 是各层的和；AE、VAE：还原的误差，VAE 另加 β·KL；"
        "f-GAN：不饱和 −E[g_f(V(G(z)))]，饱和 −E[f*(g_f(V(G(z))))]",
        "不饱和时在 0.7 到 3 之间波动，Unrolled 在 −1.386 附近，Relativistic 在 0.693 以上、"
        "慢慢降向它；它不衡量图像质量",
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
        "E[D(x)]，D 不过 sigmoid（WGAN、LSGAN、f-GAN、合页、Relativistic）",
        "比 score/fake 高一些，差距逐渐缩小；LSGAN 从 b = 1 趋近 0.5",
        "与 score/fake 的差越拉越大、不回头；两者一起漂移不要紧，WGAN 的分数只有差才算数",
    ),
    "score/fake": Curve(
        "判别器给生成样本的分数",
        "E[D(G(z))]，D 不过 sigmoid（WGAN、LSGAN、f-GAN、合页、Relativistic）",
        "比 score/real 低一些，差距逐渐缩小；LSGAN 从 a = 0 趋近 0.5",
        "与 score/real 的差越拉越大、不回头；两者一起漂移不要紧，WGAN 的分数只有差才算数",
    ),
    "prob/order": Curve(
        "真样本排在生成样本前面的概率",
        "E[σ(D(x) − D(G(z)))]，一个真样本配一个生成样本（Relativistic）",
        "0.5（分不出）到 0.8，越往后越接近 0.5",
        "接近 1：判别器过强，生成器的每个样本都排在后面",
    ),
    "loss/gp": Curve(
        "梯度惩罚",
        "E[(‖∇_x̂ D(x̂)‖₂ − 1)²]；x̂ 在真假样本的连线上（WGAN-GP），或在真样本近旁（DRAGAN）",
        "降下来并稳住：λ = 10 时在 0.1 以下，λ 小就停在高一些的地方（惩罚是软的）",
        "一路升而不回头：约束管不住评论器了，减小学习率或加大 λ",
    ),
    "loss/r1": Curve(
        "R₁：真样本上的梯度惩罚",
        "½·E[‖∇_x D(x)‖²]",
        "先升后降，趋近 0：D 在数据上变平",
        "一路上升：γ₁ 太小，D 在数据上越来越陡；早早到 0 而样本很糟：γ₁ 太大，D 被压平了",
    ),
    "loss/r2": Curve(
        "R₂：生成样本上的梯度惩罚",
        "½·E[‖∇D(G(z))‖²]",
        "先升后降，趋近 0",
        "一路上升：γ₂ 太小；早早到 0 而样本很糟：γ₂ 太大",
    ),
    "prob/owner": Curve(
        "判别器认出是哪个生成器的概率",
        "1/k·Σ_i E[D_i(G_i(z))]，D_i = softmax(logit)_i（MAD-GAN）",
        "从 1/(k + 1) 升到 k/(k + 1) 附近：生成器各占一处，合起来又像真",
        "停在 1/(k + 1)：几个生成器都一样，没有分工；接近 1：生成样本一眼看出是假的",
    ),
    "prob/reconstruction": Curve(
        "判别器认为重建样本为真的概率",
        "E[D(G(E(x)))]（MRGAN）",
        "与 prob/fake 相当，或更高",
        "接近 0 而重建误差很小：末项的符号写反了，重建被推向像假",
    ),
    "loss/reconstruction": Curve(
        "重建误差",
        "E‖x − G(E(x))‖²，各维加起来（MRGAN）",
        "稳步下降",
        "居高不下：G 的样本里没有离 x 近的，那里的模式丢了",
        "lower",
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
    "norm/grad_D": Curve(
        "判别器的梯度范数",
        "‖∇_θD L_D‖₂，更新之前、全部参数；一步更新几次时取最后一次",
        "在同一个量级里波动",
        "一路变大：发散；趋近 0：判别器已经满分，或根本没有梯度",
    ),
    "norm/grad_G": Curve(
        "生成器的梯度范数",
        "‖∇_θG L_G‖₂，更新之前、全部参数",
        "在同一个量级里波动",
        "趋近 0：判别器没有告诉它往哪里走（梯度消失）；一路变大：发散",
    ),
    "lr": Curve(
        "学习率",
        "这一步里这一方（斜杠后面的字母）用的学习率：最初的学习率 × 衰减的倍数",
        "照你写的走：不衰减时是一条水平线，衰减时平滑地降下来",
        "忽然跳高：接着训练时改了 total_steps 或学习率，衰减从头算起；"
        "很早就接近 0：后面的步都白走了",
    ),
    "diversity": Curve(
        "样本的多样性",
        "E‖G(z) − G(z′)‖ / E‖x − x′‖，每次用同一批 z",
        "接近 1：生成样本之间的距离和真实样本一样",
        "接近 0：样本几乎都一样，模式崩溃",
    ),
    "range/outside": Curve(
        "超出取值范围的像素",
        "生成图像里超出数据取值范围（放宽 10 %）的像素比例",
        "恒为 0：输出层与数据的取值范围配套",
        "大于 0：例如数据在 [0, 1] 而输出层是 tanh，判别器只看正负就能认出假图",
    ),
    "weights/norm_scale": Curve(
        "判别器归一化层的缩放",
        "E|γ|，判别器全部归一化层（BN、实例归一化……）的缩放",
        "在 1 附近",
        "接近 0：每过一层信号就缩小一次，传给生成器的梯度也一样；看看裁剪是不是连它也裁了",
    ),
    "weights/at_clip": Curve(
        "顶在 ±c 上的权重比例",
        "|w| = c 的权重占评论器全部卷积与全连接权重的比例",
        "低于一半",
        "接近 1：评论器几乎只剩 ±c 两种权重，学不了复杂的函数",
    ),
    "weights": Curve(
        "判别器权重的直方图",
        "判别器全部卷积与全连接权重的分布，全程十次",
        "一个钟形的峰，慢慢变宽",
        "裁剪的评论器：两端 ±c 处各堆起一根柱子",
    ),
    "samples/fixed": Curve(
        "固定噪声的样本",
        "每次用同一批 z（图像翻译是同一批测试图）",
        "逐渐变清楚，彼此不同",
        "都变成同一张：崩溃；隔一会儿全部换样：震荡",
    ),
    "samples/fresh": Curve(
        "新噪声的样本", "每次换一批 z", "与固定噪声的一样好", "只有固定的那批好看：检查随机数"
    ),
    "surface/D": Curve(
        "判别器的决策面",
        "橙：D 认为像真，紫：像假，黑线：中间值；蓝点是生成样本，红圈是真模式",
        "蓝点围着每个红圈，平面接近白色",
        "蓝点挤在一处：崩溃；全橙全紫、界线分明：判别器过强",
    ),
    "classes/histogram": Curve(
        "类别直方图",
        "分类器把生成图像认作 0–9 的比例，红虚线是均匀分布",
        "十根柱子都在虚线附近",
        "几根柱子很高、别的没有：模式丢失",
    ),
}

# 与手写数字的 prdc 是同样的四个量，特征换成真实图像的前 64 个主成分
PCA64 = {
    key.replace("/", "_pca64/"): replace(curve, name=f"{curve.name}（PCA64）")
    for key, curve in METRICS.items()
    if key.startswith("prdc/")
}

GROUPS = TRAINING, CONDITIONAL, DIVERGENCES, ELBO, ENERGY, FEW, GROWING, METRICS, PCA64
GROUPS += (SEQUENCES, POEMS)
GLOSSARY: dict[str, Curve] = {tag: curve for group in GROUPS for tag, curve in group.items()}
