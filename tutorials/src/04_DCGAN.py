# %% [markdown]
# # 04 DCGAN
#
# **学完你能**
#
# - 从潜变量到图像，写出 DCGAN 每一层的形状，算出它有多少参数
# - 说清三个改进（去池化、去全连接、加 BN）各自要解决什么，在一组拆开做的实验里看哪几样经得起拆
# - 在训练好的生成器里做插值与向量加减，每次都先找一个“什么也不学也能得到的”来比
#
# **CPU 用时** 至多约 3 分钟
#
# **先读** 01（GAN 的想法）与 02（目标函数）。03 讲过的模式崩溃，这一章会再碰到。

# %%
# 第一格：找到工具箱。从仓库里直接用，不安装，也不动已经装好的飞桨
import sys
from pathlib import Path

places = [Path.cwd(), *Path.cwd().parents, *Path.home().glob("*"), *Path.home().glob("work/*")]
HOME = next(p for p in places if (p / "paddle_gan" / "__init__.py").is_file())
sys.path.insert(0, str(HOME))
try:
    from paddle_gan.teaching import *
except ModuleNotFoundError as e:
    hint = f"还缺 {e.name}：运行 !pip install -r {HOME}/requirements.txt，再重启内核"
    raise SystemExit(hint) from e
environment()

# %% [markdown]
# 先看做出来是什么样。下面一张是随包的 `dcgan_digits`：照 `configs/dcgan_digits.yml`
# 完整训练过一遍，生成器随工具箱一起发，不用等。
# 本章凡写“完整训练”的都是它；凡写“短训练”的，是现场训练的一小段。

# %%
import numpy as np
import paddle

digits = Lesson.shipped("dcgan_digits")
real = np.moveaxis(digits.data.images, 3, 1) / np.float32(127.5) - 1  # (4000, 1, 28, 28)
some = np.random.default_rng(0).permutation(len(real))
rows_of_images({"真的": real[some[:10]], "DCGAN 画的": digits.samples(10, seed=1)})

# %% [markdown]
# 同样的生成器多一层、宽一半（噪声换成正态的），就画得了彩色的人脸（`avatars_best`，32 × 32）；
# 训练时另加了 R1 与权重的滑动平均，不是原来的 DCGAN 训练。4.6 节要给它们戴上眼镜。

# %%
faces = Lesson.shipped("avatars_best")
filmstrip(faces)

# %% [markdown]
# ## 4.1 结构 [§4.1]
#
# 全连接的 GAN 把 28 × 28 的图像当成 784 个互不相干的数。左上角的一个像素和右下角的一个像素，
# 在它眼里没有远近之分。图像里的东西却是局部的：一段笔画只和旁边的像素有关，
# 而且画在哪里都是那一段笔画。
# 卷积正好有这两条性质：只看局部，各处共用同一组权重。DCGAN 就是把卷积用进 GAN，还训练得动。
#
# > 引入了卷积运算，通过实验得出一套效果相对不错的模型
# >
# > D网［None, 64, 64, 1］ -> [None, 32, 32, 128] -> [None, 16, 16, 256] -> [None, 8, 8, 512] ->
# > [None, 4, 4, 1024] -> [None, 1, 1, 1]
# >
# > G网[None, 1, 1, 100] -> [None, 4, 4, 1024] -> [None, 8, 8, 512] -> [None, 16, 16, 256] ->
# > [None, 32, 32, 128] -> [None, 64, 64, 1]
# >
# > ——004 stesha，02 DCGAN
#
# 002 里的结构图是论文的图 1，画的是生成器：100 维的 $z$ → 4×4×1024 → 8×8×512 → 16×16×256 →
# 32×32×128 → 64×64×3。
# 和 004 的 G 只差最后的通道数：一个画彩色的房间，一个画灰度的数字。
#
# **形状怎样算。** 卷积核边长 $k$，步长 $s$，四周补 $p$ 圈零。核在补过零的边上能站几个位置，
# 输出的边长就是几：
#
# $$n_\text{出} = \left\lfloor \frac{n_\text{入} + 2p - k}{s} \right\rfloor + 1 .$$
#
# 代入 $k=4,\ s=2,\ p=1$：$n_\text{出} = \lfloor (n_\text{入}-2)/2 \rfloor + 1 = n_\text{入}/2$，
# 边长正好减半。
#
# 转置卷积反过来走：把上式里的“入”和“出”对调，再解出大的那一边，
#
# $$n_\text{出} = (n_\text{入} - 1)\,s - 2p + k .$$
#
# 同样的 $k=4,\ s=2,\ p=1$ 给出 $n_\text{出} = 2n_\text{入} - 2 - 2 + 4 = 2n_\text{入}$，
# 边长正好翻倍。
# 第一层不同：输入是 1×1 的 $z$，取 $k=4,\ s=1,\ p=0$，得 $n_\text{出} = 0 - 0 + 4 = 4$。
#
# 下面照 004 的设定把两个网络建出来（配置是 `configs/stesha_02.yml`），画成结构图。
# 图上的形状不是抄的：送一个样本进去，一层一层量出来。方块的高是边长，宽是通道数（都取了对数）。

# %%
from paddle_gan.networks import DCGANDiscriminator, DCGANGenerator
from paddle_gan.run.config import load_config

wide = load_config(HOME / "configs" / "stesha_02.yml").network
options = {role: {k: v for k, v in wide[role].items() if k != "name"} for role in wide}
G = DCGANGenerator((100,), (1, 64, 64), **options["generator"])
D = DCGANDiscriminator((1, 64, 64), (1,), **options["discriminator"])
network_picture({"生成器 G": (G, (100, 1, 1)), "判别器 D": (D, (1, 64, 64))})

# %% [markdown]
# 与两条引文逐个对：每次翻倍或减半都在，D 几乎就是 G 的镜像。
# 再看哪几层后面没有 BN：G 的最后一层、D 的第一层和最后一层。4.3 节要用到这一点。
#
# **参数有多少。** 一层（转置）卷积的权重是 $c_\text{入} \cdot c_\text{出} \cdot k^2$ 个；
# 带偏置再加 $c_\text{出}$ 个；
# 一层 BN 有缩放 $\gamma$ 与平移 $\beta$，共 $2c$ 个。004 的网络（由作者的笔记本数出）G 有
# 12,656,257 个，D 有 11,033,985 个。

# %%
plan = [100, 1024, 512, 256, 128, 1]  # G 每一层的通道数
weights = sum(16 * a * b for a, b in zip(plan, plan[1:]))
norms, hidden = 2 * sum(plan[1:-1]), sum(plan[1:-1])
by_hand = weights + norms + 1  # 输出层没有 BN，带 1 个偏置
counted = {
    name: sum(p.size for p in network.parameters() if not p.stop_gradient)
    for name, network in (("G", G), ("D", D))
}
print(f"G：手算 {by_hand:,}，数出来 {counted['G']:,}；作者 12,656,257，多 {12_656_257 - by_hand:,}")
print(f"D：数出来 {counted['D']:,}；作者 11,033,985，多 {11_033_985 - counted['D']:,}")
print(f"G 的隐层通道数之和 {hidden:,}；D 有 BN 的通道数之和 {256 + 512 + 1024:,}")

# %% [markdown]
# 作者的 G 多出来的个数，恰好是隐层通道数之和；D 多出来的，恰好是带 BN 的那些通道数。
# 多的是偏置：作者每层卷积都带偏置，这里后面跟着 BN 的卷积不带。4.3 节证明那些偏置没有用。
#
# **方法本身变了什么？** 几乎没有。看一眼 `GAN` 与 `DCGAN` 两个类的差别。

# %%
from paddle_gan.methods import DCGAN, GAN

compare(GAN.generator_loss, DCGAN.generator_loss)
compare(GAN.discriminator_loss, DCGAN.discriminator_loss)
compare(GAN.Hparams, DCGAN.Hparams)

# %% [markdown]
# 判别器的损失一字不差，生成器的损失固定用不饱和的那一种（004 关键点 2：“Loss函数与原始GAN一样”），
# 噪声默认改成 $U(-1, 1)$。DCGAN 的全部内容都在网络结构里：

# %%
show(DCGANGenerator.__init__)

# %% [markdown]
# ## 4.2 三个改进：去池化、去全连接、加 BN [§4.2]
#
# > 也就是取消pooling，取消全链接，加上BN。——002，“在DCGAN中三个改进cnn方式”
#
# **一、去池化。** D 里用步长 2 的卷积代替池化，G 里用步长 2 的转置卷积代替上采样。
# 最大池化 $y = \max(x_1, x_2, x_3, x_4)$ 的导数是
# $\partial y / \partial x_i = 1$（当 $x_i$ 是最大的那个），否则是 0。
# 四个像素里有三个收不到梯度。步长卷积 $y = \sum_i w_i x_i$ 的导数是 $w_i$，每个像素都收得到，
# 而且怎样缩小是学出来的。
# G 的梯度全部经过 D 传来，D 漏掉的像素，G 就没有人教。下面数一数有多少像素收到梯度。

# %%
from paddle import nn

from paddle_gan.methods.base import frozen

x = paddle.rand([8, 1, 28, 28])
x.stop_gradient = False
halves = {"最大池化": nn.MaxPool2D(2), "平均池化": nn.AvgPool2D(2), "步长 2 的卷积": D.layers[0]}
for name, layer in halves.items():
    with frozen(D):  # 只要对输入的导数
        gradient = paddle.grad(layer(x).sum(), x)[0]
    print(f"{name}：收到梯度的像素占 {(gradient != 0).astype('float32').mean().item():.0%}")

# %% [markdown]
# 平均池化也不漏梯度，可是它的权重定死是 1/4，什么也学不到。
#
# **二、去全连接。** 去的是全连接的*隐层*。4×4×1024 展平是 16,384 个数，若在后面接一层 1,024
# 个单元的全连接，
# 单这一层的权重就是 $16384 \times 1024$，比整个 D 还多：

# %%
print(f"一层全连接：{16384 * 1024:,}；整个 D：{counted['D']:,}")
z = paddle.randn([5, 100])
with paddle.no_grad():
    by_convolution = G.layers[0](z.reshape([5, 100, 1, 1])).reshape([5, -1])
    by_matrix = z @ G.layers[0].weight.reshape([100, -1])
print(f"第一层的转置卷积与矩阵乘相差至多 {(by_convolution - by_matrix).abs().max().item():.1e}")

# %% [markdown]
# 第二行说明另一件事：G 的第一层输入只有 1×1，转置卷积退化成一次矩阵乘，也就是全连接。论文也这样说。
# 所以“取消全连接”不是一个矩阵乘都不许有，而是两头之外不再有。
#
# **三、加 BN**（批归一化，batch normalization）。对一个通道，在这一批的全部样本、
# 全部位置上算均值与方差：
#
# $$\mu = \frac1m\sum_{i=1}^m h_i,\qquad \sigma^2 = \frac1m\sum_{i=1}^m (h_i-\mu)^2,\qquad
# \hat h_i = \frac{h_i - \mu}{\sqrt{\sigma^2 + \epsilon}},\qquad y_i = \gamma\,\hat h_i + \beta .$$
#
# 不管上一层把信号放大了还是缩小了，$\hat h$ 的均值总是 0，方差总是 1。信号于是能一层一层传下去。
# 推理时没有“这一批”，改用训练中累计的均值与方差。
#
# 没有 BN 会怎样？DCGAN 的初始化是 $w \sim N(0, 0.02^2)$。一个单元有 $n$ 个输入，方差的传递是
#
# $$\operatorname{Var}(h_\text{出}) = n \cdot 0.02^2 \cdot \mathbb{E}[h_\text{入}^2] .$$
#
# 步长 2、核 4 的转置卷积，每个输出位置只有 $2 \times 2$ 个核元素碰得到，所以 $n = 4c_\text{入}$。
# ReLU 又砍掉一半的平方均值。于是每过一层，标准差乘 $0.02\sqrt{4c_\text{入}/2}$。
# He 初始化（He 等，2015）把方差取成 $2/n$，正是为了补上 ReLU 砍掉的那一半。
# 下面不训练，只看初始的网络里，不同的 $z$ 画出来的图差多少。

# %%
starts = {"无 BN，N(0, 0.02²)": ("none", "normal_002"), "无 BN，He": ("none", "he_normal")}
starts["有 BN，N(0, 0.02²)"] = ("batch", "normal_002")
z = paddle.uniform([64, 100], min=-1.0, max=1.0)
for name, (norm, init) in starts.items():
    paddle.seed(0)
    network = DCGANGenerator((100,), (1, 32, 32), width=16, depth=3, norm=norm, init=init)
    with paddle.no_grad():
        spread = network(z).numpy().std(axis=0).mean()
    print(f"{name}：同一个像素在 64 个 z 之间的标准差 {spread:.2g}")
for c in (64, 32, 16):
    print(f"输入 {c} 个通道的一层，标准差乘 {0.02 * (2 * c) ** 0.5:.2f}")

# %% [markdown]
# 没有 BN、又用 DCGAN 的初始化时，$z$ 的影响过几层就几乎没有了：不管 $z$ 是什么，G
# 画的都是同一张图。
# 训练从这里出发，4.7 节的实验就是看它能不能走出来。
#
# ## 4.3 关键点：BN、lrelu、D:G 更新比 [§4.3]
#
# > 关键点：1. 每一层除了out层，都必须加上batch normalization. 2. Loss函数与原始GAN一样. 3.
# > 使用lrelu效果会更好.
# > 4. 训练一次D网，训练两次G网效果会好一些.——004，02 DCGAN
#
# 四条里，第 2 条照抄就对。另外三条要改一改说法。
#
# **BN 加在哪里。** 论文的话是：G 和 D 都用 BN，但 *G 的输出层和 D 的输入层不加*；每一层都加，
# 样本会震荡，训练不稳（§3 的原话：“Directly applying batchnorm to all layers however, resulted in
# sample oscillation and model instability.”）。
# 004 说“除了 out 层都必须加”，可是作者自己的代码里，D 的第一层也没有 BN。
# 道理不难：D 的输入是真实图像，它整体有多亮、对比度多大，正是 G 要学的东西，一归一化就看不见了；
# G 的输出若归一化，每一批图像的均值与方差就被钉死。
#
# **BN 前面的偏置没有用。** 给 $h$ 加一个常数 $b$，均值也变成 $\mu + b$，于是
# $(h_i + b) - (\mu + b) = h_i - \mu$，
# $b$ 消失了，它的梯度恒为 0。这就是 4.1 节里少掉的那些参数。
# 004 在 WGAN-GP 一节说“不使用bias效果会更好”，作者代码里只有 D 不用偏置，G 是用的；D 里没有 BN，
# 偏置就不是多余的。
# 所以那一句只能当作那一次调试的记录，不能当作规律。

# %%
layer, norm = nn.Conv2D(3, 4, kernel_size=3), nn.BatchNorm2D(4)
image, target = paddle.randn([16, 3, 8, 8]), paddle.randn([16, 4, 6, 6])
for name, output in (("后面有 BN", norm(layer(image))), ("后面没有 BN", layer(image))):
    loss = (output - target).square().mean()
    gradient = paddle.grad(loss, layer.bias)[0].abs().max().item()
    print(f"{name}：偏置的梯度至多 {gradient:.1e}")

# %% [markdown]
# 第一个数不是整 0，只因为是单精度的舍入误差。
#
# **lrelu 用在哪里。** LeakyReLU 是 $\max(x, 0.2x)$。论文只在 D 里用它，G 里用 ReLU（输出层用
# tanh）；004 两边都用。
# D 用它的理由和去池化一样：ReLU 在负半边的导数是 0，那里不给 G 梯度；LeakyReLU 留下 0.2。
#
# **谁多更新几次。** 论文是 1:1。004 说 D 一次、G 两次更好。比较之前先想清楚公平是什么意思：
# 固定 G 的更新次数，1:2 比 1:1 少训练 D；固定总时间，1:2 的 G 又多更新了。先固定 G 的更新次数，
# 时间一并印出来；后面两种都比。
#
# **拆开量一量。** 七组，每组只改一处，别的都照论文；都是**窄一半的网络、G 只更新 600 次**，
# 不是开头那次 5,000 步的完整训练：

# %%
claim("dcgan_parts")

# %% [markdown]
# 右边的 FD 越小越好，写的是居中的种子，括号里是全部五个，下面是用时。
# 组与组的差要和括号的宽度比：括号重叠，谁好谁坏就说不准。
# （“完整档”是说五个种子跑全了，不是说训练完整；判据与界折在图的下面。）
#
# - **BN 经得起拆。** 去掉它，有的种子还写得成数字（画出来的第一个种子正是最好的一个），
#   有的种子 FD 到了几百，走着走着就坏了。它换来的首先是*每次都能训练*，其次才是分数。
# - **全连接隐层确实不该有。** 五个种子都比论文的设定差，括号不重叠。
# - **池化这一条没有重现。** 同样的更新次数，用回池化的五个种子反而都好一点；代价是时间，要两三倍：
#   它的卷积都在没有缩小的图上做。4.2 节说四个像素里有三个收不到梯度，那是实话，在这里却不要紧。
# - **lrelu 与更新比，600 步时没有差别。** 三组的括号都和论文的设定重叠。
#   事后再看走到一半的时候（[台账](claims.md#dcgan_parts)里有一列），
#   lrelu 与“D 1 次 : G 2 次”是领先的：
#   004 的两条经验，像是只说中了*起步*。“D 1 次 : G 2 次”还省了一半的 D，快一点。
#
# 论文没有给每一条单独的数字，“去全连接”那一条还写明是为了更深的网络（for deeper architectures）；
# 这里的网络只有两层步长卷积，图只有 28 × 28。
#
# **更新比，两种公平各比一次。** 上面只固定了 G 的更新次数。更新比从 5:1 到 1:5 走一遍，
# 两种公平都比；判据要两种都好一成，1:2 才算更好：

# %%
claim("update_ratio")

# %% [markdown]
# 右边与左边同一行的是同一组，橙色的虚线是 1 : 1 的；左边的样本是 CPU 时间一样多时画的。
# 灰的一条（G 更新一样多）几乎是竖直的：D 多练少练，G 学到的差不多。蓝的一条（CPU 时间一样多）
# 往左下走，走到 1:2 就不再走：D 练得少，省下的时间给了 G。
# 所以 004 的话没有说中“D 少练、G 就学得好”，说中的是**时间花在 G 上更划算**；
# 反过来，D 练 5 次、G 练 1 次，同样的时间里网格还没有褪掉。
# 左边每一行是同样的时间里画成的，最上面与最下面差得最远。
# 折起来的表里还有损失：D 练得越多，D 的损失越小、G 的越大，004 印的 0.2 与 5 就是 D 强的样子；
# 可是 G 更新一样多时，样本并没有因此变坏。**损失的高低说的是 D 有多强，不是样本有多好。**

# %% [markdown]
# **源笔记代码里的一个错。** 004 的代码调用了 BN，却漏了更新累计统计量那一步（TensorFlow 1 的
# `UPDATE_OPS`），
# 所以累计的均值永远是 0、方差永远是 1；它画样本用的是推理模式，正好用到这两个错的数。
# 下面把完整训练好的 G 的统计量改回初值，别的都不动，再画一次。

# %%
import copy

stale = copy.deepcopy(digits.method.G)
for layer in stale.sublayers():
    if isinstance(layer, nn.BatchNorm2D):
        layer._mean.set_value(paddle.zeros_like(layer._mean))
        layer._variance.set_value(paddle.ones_like(layer._variance))
stale.eval()
z = digits.method.noise(8)
with paddle.no_grad():
    rows = {"更新过": digits.method.generate(z).numpy(), "从没更新过": stale(z).numpy()}
rows_of_images(rows)

# %% [markdown]
# 权重一模一样，图却坏了，几乎全黑，只剩一点灰雾：训练时每层看到的是归一化过的信号，
# 推理时若统计量不对，
# 每层看到的尺度都是错的。
# 训练曲线完全看不出这个错，因为训练时用的是这一批自己的统计量。
# 危险信号是：训练中的损失正常，存下来的样本却一直难看。
#
# ## 4.4 判别器作特征 [§4.4]
#
# > We use the trained discriminators for image classification tasks, showing competitive
# > performance with other unsupervised algorithms.
# > ——002 摘的论文原文
#
# D 从没见过标签，只学会分真假。要分得好，它得认得笔画。那么 D 中间层的输出，能不能拿来认数字？
#
# 论文的做法：取 D 每个卷积层的输出，用最大池化缩到 4×4，展平拼起来，再训练一个线性分类器。
# 论文在 CIFAR-10 上得到 82.8 %（线性 SVM，D 在 ImageNet 上训练），一层 K-means 的特征是 80.6 %。
# 只报这一个数不够。至少要两个对照：**原始像素**，和**没有训练过的 D**。
# 随机的卷积本身就是不错的特征；只有比随机的 D 好，才说明 GAN 的训练有功劳。
#
# 线性分类器用岭回归，它有闭式解。$X$ 是特征，$Y$ 是独热标签，最小化
# $\|XW - Y\|^2 + \lambda\|W\|^2$；
# 对 $W$ 求导等于 0：$2X^\top(XW - Y) + 2\lambda W = 0$，移项得
#
# $$W = (X^\top X + \lambda I)^{-1} X^\top Y .$$
#
# 随包的训练只带生成器，D 要现场训练。下面这一段短训练（窄一半，600 步），本节与“弄坏它”用它。

# %%
short = ["network.generator.width=16", "network.discriminator.width=16", "batch_size=32"]
short += ["visualdl=false", "metrics.every=300", "metrics.samples=1000", "log_every=10"]
live = train("dcgan_digits", *short, "total_steps=600", name="04_short")
live

# %%
rows = {"短训练": live.samples(10, seed=1), "完整训练": digits.samples(10, seed=1)}
print(f"FD-LeNet：短训练 {live.last('fd_lenet'):.0f}，完整训练 {digits.last('fd_lenet'):.0f}")
rows_of_images(rows)

# %%
from paddle_gan.data import Digits

train_set, test_set = Digits(), Digits(split="test")
x, x_test = real, np.moveaxis(test_set.images, 3, 1) / np.float32(127.5) - 1
paddle.seed(1)
untrained = DCGANDiscriminator((1, 28, 28), (1,), width=16, depth=2)
print(x.shape, x_test.shape, x.min(), x.max())


# %%
def features(network, images):  # 每个卷积层（激活之后）缩到 4×4，拼成一行
    network.eval()
    h, found = paddle.to_tensor(images), []
    for layer in list(network.layers)[:-1]:
        h = layer(h)
        if isinstance(layer, nn.LeakyReLU):
            found.append(nn.functional.adaptive_max_pool2d(h, 4).flatten(1))
    return paddle.concat(found, axis=1).numpy()


# %%
def ridge(a, y, lam):  # W；样本比特征少时，解等价的 n × n 形式快得多
    return a.T @ np.linalg.solve(a @ a.T + lam * np.eye(len(a)), y)


def accuracy(f, f_test, count, rng):  # count 个有标签的样本，λ 由另外 500 个样本挑
    order = rng.permutation(len(f))
    few, held = order[:count], order[-500:]
    mean, std = f[few].mean(0), f[few].std(0) + 1e-3
    a, v, b = ((part - mean) / std for part in (f[few], f[held], f_test))
    found = [ridge(a, np.eye(10)[train_set.labels[few]], s * a.shape[1]) for s in (0.1, 1, 10)]
    best = max(found, key=lambda w: ((v @ w).argmax(1) == train_set.labels[held]).mean())
    return ((b @ best).argmax(1) == test_set.labels).mean()


# %%
with paddle.no_grad():
    kinds = {"训练过的 D": [features(live.method.D, v) for v in (x, x_test)]}
    kinds["随机的 D"] = [features(untrained, v) for v in (x, x_test)]
kinds["原始像素"] = [v.reshape(len(v), -1) for v in (x, x_test)]
counts = [50, 100, 300, 1000]
scores = {}
for name, (f, f_test) in kinds.items():
    runs = [[accuracy(f, f_test, n, np.random.default_rng(s)) for n in counts] for s in range(5)]
    scores[name] = np.mean(runs, axis=0)
    print(f"{name}（{f.shape[1]} 维）")
    for n, mean, std in zip(counts, scores[name], np.std(runs, axis=0)):
        print(f"   {n} 个标签：{mean:.3f} ± {std:.3f}")

# %%
ticks = {"xscale": "log", "xticks": counts, "xticklabels": counts}
lines(counts, scores, "有标签的样本数", "测试集正确率", title="线性分类器", **ticks)

# %% [markdown]
# 三条线要一起看。训练过的 D 与随机的 D 差多少，由下面一句算出来；两者都远远好过原始像素。

# %%
ahead = scores["训练过的 D"] - scores["随机的 D"]
print(
    f"训练过的 D 比随机的 D：{'，'.join(f'{n} 个标签 {gap:+.1%}' for n, gap in zip(counts, ahead))}"
)
over = scores["随机的 D"] - scores["原始像素"]
print(f"随机的 D 比原始像素：{'，'.join(f'{n} 个标签 {gap:+.1%}' for n, gap in zip(counts, over))}")

# %% [markdown]
# 结论是一句空结果：**在这段短训练里看不到训练的功劳**，看得到的功劳属于卷积加池化的*结构*。
# 只有一个短训练的 D、一个随机的 D，所以也不能反过来说训练把特征变坏了。
# 只和像素比，你会得出相反的结论：这就是为什么要“随机的 D”这一条线。
#
# 一个 D 太少。换五个种子，D 训练到 2,000 步，再添一个对照：同样的网络，只用那些标签从头学。

# %%
claim("judge_features")

# %% [markdown]
# 先看蓝与橙：每一格都是训练过的 D 高一点，可是高得很少，圆点又叠在一起；
# 判据要的“至少高一个百分点”，三种标签数都不能算数。**训练的功劳小得这几次还量不准，
# 结构的功劳一眼看得见**（橙与灰之间）。再看绿：标签只有 100 张时，
# 从头学的网络不如这些没有见过标签的特征，到 1,000 张就一样了。论文 SVHN 的表 2 也有这样一比
# （1,000 个标签，错误率 22.48%，同样的网络从头学 28.87%），标签少时方向与这里一样。
# 引文里的 competitive 比的却是**别的无监督特征**（一层 K-means 之类），这里一样也没有量。
#
# 论文那句话错了吗？这个实验不能说它错：论文的 D 大得多，在 ImageNet 上训练，考的是彩色照片。
# 但是论文 CIFAR-10 的表 1 里没有“随机的 D”这一行，
# 所以 82.8 % 里有多少是训练带来的，那张表也说不出。
#
# ## 4.5 滤波器可视化 [§4.5]
#
# > We visualize the filters learnt by GANs and empirically show that specific filters have learned
# > to draw specific objects.
# > ——002 摘的论文原文
#
# “画”（draw）的是生成器，所以看训练好的头像生成器：输出层之前有 48 个通道，每个是一张 16 × 16
# 的图，最后一层转置卷积把它们合成一张彩色的脸。一个通道专管哪里，看它在 300 张脸上*平均*在哪里亮。
# 下面画成片的明暗最分明的 20 个（算出来的，不用标签），旁边是没有训练过的生成器，同样挑 10 个。


# %%
from paddle_gan.methods.base import inference


def channels_of(G, z):  # 输出层之前的各通道 (N, C, 16, 16)
    with inference(G):
        h = z.reshape([*z.shape, 1, 1])
        for layer in list(G.layers)[:-2]:
            h = layer(h)
    return h.numpy()


# %%
def clearest(G, z, count):  # 平均以后，成片的明暗最分明的几个通道，各自拉到 [−1, 1]
    mean = channels_of(G, z).mean(axis=0)
    # 相邻的 2 × 2 个再平均：转置卷积的棋盘格淡下去，成片的才看得见
    mean = np.mean([np.roll(mean, (-i, -j), axis=(1, 2)) for i in (0, 1) for j in (0, 1)], axis=0)
    mean = mean[:, :-1, :-1]  # (C, 15, 15)
    mean = mean[np.argsort(-mean.std(axis=(1, 2)))[:count], None]
    low, high = (end(axis=(1, 2, 3), keepdims=True) for end in (mean.min, mean.max))
    return 2 * (mean - low) / (high - low) - 1


# %%
paddle.seed(5)
z = faces.method.noise(300)
raw = DCGANGenerator((64,), (3, 32, 32), width=48, depth=3)
best = clearest(faces.method.G, z, 20)
rows = {"训练好的": best[:10], "（接着）": best[10:], "没训练过的": clearest(raw, z, 10)}
rows_of_images(rows)

# %% [markdown]
# 每一格是一个通道，越亮的地方它越活跃。训练好的通道里，有的亮在脸外面的一圈（背景），
# 有的亮在两只眼睛，有的亮在脸上或下巴；没训练过的只有转置卷积自己的棋盘格，看不出一张脸。
# 这是“专画某样东西”的弱的一面。强的一面是：把画眼镜的通道关掉，眼镜就该没有了。试一试：
# 挑 16 个在戴眼镜的脸上最活跃的通道关掉，旁边是*随便*关 16 个。判断戴没戴，
# 用数据集里知道的特征教一个线性分类器，先看它在没见过的人上准不准。

# %%
from paddle_gan.data import Avatars
from paddle_gan.evaluation import sampling

known, strangers = faces.data, Avatars(size=32, split="test")


def flat(images):  # 像素换到 [−1, 1]，拼成一行，再添一个 1
    x = np.moveaxis(images, 3, 1) / 127.5 - 1 if images.dtype == np.uint8 else images
    return np.c_[x.reshape(len(x), -1), np.ones(len(x))]


traits = {name: known.attribute(name)[:2500] for name in ("glasses", "hair_color")}
wanted = np.concatenate([np.eye(len(known.names[n]))[v] for n, v in traits.items()], axis=1)
weights = ridge(flat(known.images[:2500]), wanted, 100)
judge = {"glasses": weights[:, :4], "hair_color": weights[:, 4:]}

# %%
for name, w in judge.items():
    right = (flat(strangers.images) @ w).argmax(1) == strangers.attribute(name)
    print(f"{name}：没见过的 {len(right):,} 人里认对 {right.mean():.1%}")
paddle.seed(5)
z = faces.method.noise(2000).numpy()
painted = sampling.decode(faces.method, z)
glasses, hair = (flat(painted) @ w for w in judge.values())
bare, framed = (known.names["glasses"].index(value) for value in ("不戴", "方框"))
teal, orange = (known.names["hair_color"].index(value) for value in ("青", "橙"))
for name, kinds in {"数据里": traits["glasses"], "生成的": glasses.argmax(1)}.items():
    shares = np.bincount(kinds, minlength=4) / len(kinds)
    said = zip(known.names["glasses"], shares)
    print(f"{name}：" + "，".join(f"{kind} {share:.1%}" for kind, share in said))
print(f"发色瞎猜，认对 {1 / len(known.names['hair_color']):.1%}")

# %% [markdown]
# 圆框的在数据里有将近一成，生成的脸里几乎没有：**要么 $G$ 丢了这一种**（03 章的模式丢失），
# **要么画得不清楚，被认成了方框**，这一格分不出。
# 还要记住尺子有多准：眼镜认得准；发色比瞎猜好得多，可是五个里要认错一个，
# 下面说“橙发几成”，都要打些折扣。


# %%
def margin(scores, k):  # 认作第 k 种有多肯定
    return scores[:, k] - np.delete(scores, k, axis=1).max(axis=1)


def without(method, z, channels):  # 关掉输出层之前的几个通道，再画
    hidden = channels_of(method.G, paddle.to_tensor(z))
    hidden[:, channels] = 0
    *_, last, tanh = method.G.layers
    with inference(method.G):
        return tanh(last(paddle.to_tensor(hidden))).numpy()


# %%
wearing, not_wearing = (np.argsort(-margin(glasses, k))[:200] for k in (framed, bare))
on, off = (channels_of(faces.method.G, paddle.to_tensor(z[w])) for w in (wearing, not_wearing))
lively = ((on.mean(0) - off.mean(0)) / (on.std(0) + off.std(0) + 1e-3)).max(axis=(1, 2))
chosen = {"挑着关 16 个": np.argsort(-lively)[:16]}
chosen["随便关 16 个"] = np.random.default_rng(0).choice(48, 16, replace=False)
for name, channels in chosen.items():
    worn = flat(without(faces.method, z[wearing], channels)) @ judge["glasses"]
    print(f"{name}：{(worn.argmax(1) != bare).mean():.0%} 还认作戴眼镜")

# %% [markdown]
# 又是一句空结果：关掉三分之一的通道，眼镜多半还在，挑着关也只比随便关少一点。
# 通道对背景、边线、眼睛有分工，没有哪几个*只*画眼镜；论文那句强的话，在这个生成器上没有重现。
#
# ## 4.6 向量运算与插值 [§4.6]
#
# > We show that the generators have interesting vector arithmetic properties allowing for easy
# > manipulation of many
# > semantic qualities of generated samples.——002 摘的论文原文
#
# **插值。** 取两个 $z$，沿着路走过去，看图像怎样变。一步一步地变，说明 G 学到的是连续的东西；
# 中间忽然跳一下，说明 G 只是记住了几张图。
#
# 什么也不学也能得到一串慢慢变的图：把两张图的像素直接相混。所以两种并排看：
# 相混的中间是两张脸叠在一起的鬼影，走 $z$ 的中间也该是一张*完整的*脸。

# %%
rows, t = {}, np.linspace(0, 1, 9)[:, None, None, None]
for name, lesson in (("脸", faces), ("数字", digits)):
    walks = sampling.interpolations(lesson.method, rows=2, steps=9, seed=3).reshape(
        2, 9, *lesson.data.shape
    )
    for k, walk in enumerate(walks):
        rows[f"{name} {k + 1}：走 z"] = walk
        rows[f"{name} {k + 1}：像素相混"] = (1 - t) * walk[:1] + t * walk[-1:]
rows_of_images(rows)

# %% [markdown]
# 走哪条路？直线（lerp）是 $z(t) = (1-t)z_0 + t z_1$。
# $z$ 的每一维独立、均值 0、方差 $v$，$d$ 维的 $\mathbb{E}\|z\|^2 = dv$。在中点，
#
# $$\mathbb{E}\left\|\tfrac12 (z_0+z_1)\right\|^2 = \tfrac14\,(dv + dv) = \tfrac12\,dv ,$$
#
# 长度只剩 $1/\sqrt2 \approx 0.71$。$N(0, I)$ 在高维集中在半径 $\sqrt d$ 的球壳上，中点就落到了 G
# 没见过的地方，
# 所以高斯噪声用球面插值（slerp）：保持长度，只转角度。$U(-1,1)$ 填满立方体，
# 连线上每一点还在立方体里，用直线就行。
# 库里按噪声的分布自动选，选的那一句在下面调用的 `path_latents` 里
# （`paddle_gan/evaluation/sampling.py`）：

# %%
show(sampling.interpolations)

# %%
for name, lesson in (("数字，U(−1, 1)", digits), ("脸，N(0, I)", faces)):
    paddle.seed(4)
    start, end = (lesson.method.noise(200).numpy() for _ in range(2))
    contrast = abs(sampling.decode(lesson.method, start)).mean()
    for way, path in (("直线", sampling.lerp), ("球面", sampling.slerp)):
        middle = path(start, end, 0.5)
        ratio = np.linalg.norm(middle, axis=1).mean() / np.linalg.norm(start, axis=1).mean()
        change = abs(sampling.decode(lesson.method, middle)).mean() / contrast
        print(f"{name}，{way}：中点的 ‖z‖ 是端点的 {ratio:.2f} 倍，", end="")
        print(f"平均 |像素| 是 {change:.2f} 倍")

# %% [markdown]
# 直线的中点短到 0.7 倍，与推导的 $1/\sqrt2$ 一致；球面的长度不变。
# 像素的平均绝对值（越大，颜色越分明）差得不多：直线的中点不是禁区，用球面只是更稳妥。
#
# **向量运算。** 论文的例子是“微笑的女人 − 不笑的女人 + 不笑的男人 = 微笑的男人”，而且每个都用 **3
# 个样本的 $z$ 取平均**，
# 理由是经验：单个样本的结果不稳定。取平均改变了什么，方差说得清。设三个人各取 1 个 $z$：
#
# $$\operatorname{Var}(z_a - z_b + z_c) = v + v + v = 3v ,$$
#
# 每一维的标准差是训练时的 $\sqrt3$ 倍，已经跑到了 G 少见的地方。若每个都是 3 个的平均，方差各是
# $v/3$：
#
# $$\operatorname{Var}(\bar z_a - \bar z_b + \bar z_c) = \tfrac v3 + \tfrac v3 + \tfrac v3 = v ,$$
#
# 正好回到训练时的尺度。这是我们算的，论文没有这样说，也没有说为什么取 3。
#
# 我们的例子：**青发戴眼镜 − 青发不戴 + 橙发不戴 = 橙发戴眼镜** 吗？
# 检验要有对照：把“戴 − 不戴”换成*任意*两个样本之差，走得一样远，方向却没有意义。
# 上面的 2,000 张脸里，每一种各取最肯定的 30 张备用。


# %%
def surest(g, h):  # 眼镜是 g、头发是 h，最肯定的 30 张
    return np.argsort(-np.minimum(margin(glasses, g), margin(hair, h)))[:30]


groups = [surest(framed, teal), surest(bare, teal), surest(bare, orange), *[np.arange(2000)] * 2]


def compute(count, trials, rng):  # 每项取 count 个样本的 z 的平均；返回几组 z
    def average(group):
        return np.array([z[rng.choice(group, count, replace=False)].mean(0) for _ in range(trials)])

    a, b, c, one, other = map(average, groups)
    parts = {"青发，戴": a, "− 青发，不戴": b, "+ 橙发，不戴": c, "= 算出来的": a - b + c}
    return parts | {"对照：任意之差": one - other + c}


# %%
parts = compute(3, 7, np.random.default_rng(0))
rows_of_images({name: sampling.decode(faces.method, v) for name, v in parts.items()})

# %%
for count in (1, 3):
    print(f"每项取 {count} 个样本的平均（训练时 z 的标准差 {z.std():.2f}）")
    for name, v in list(compute(count, 300, np.random.default_rng(1)).items())[2:]:
        x_made = flat(sampling.decode(faces.method, v))
        worn = (x_made @ judge["glasses"]).argmax(1) != bare
        same = (x_made @ judge["hair_color"]).argmax(1) == orange
        print(f"   {name}：z 的标准差 {v.std():.2f}，橙发 {same.mean():.0%}，", end="")
        print(f"戴眼镜 {worn.mean():.0%}，都对 {(worn & same).mean():.0%}")

# %% [markdown]
# 怎样读这些数：
#
# - **方向是真的**：加上“戴 − 不戴”，多数人戴上了眼镜；换成任意的差，戴上的少得多。图上一眼看得出。
# - **别的没有全留住**：头发大多还是橙的，脸、背景却常常也跟着换，
#   因为三组人的平均本来就不只差一副眼镜。
# - **取平均有用**：尺度回到训练时的大小，与推导一致；“都对”的比例也明显高于每项只取 1 个样本。
#
# ## 4.7 稳定性 [§4.7]
#
# > 缺点：1. 训练过程不稳定，很有可能D网的loss会降到特别小，而G网的loss上升，D网约束不了G网了。
# > 2. 有时候G网生成的图片多样性不足。3. 没有一个值衡量结果的好坏，
# > Dloss与Gloss似乎要达到一种平衡才可以。
# > ——004，02 DCGAN 缺点
#
# 先看完整训练的曲线。

# %%
marks = {"loss/D": 2 * np.log(2), "prob/fake": 0.5, "diversity": 1.0}
curves(digits, "loss/D", "prob/fake", "diversity", "fd_lenet", marks=marks)

# %% [markdown]
# 虚线是分不出真假时的值（`diversity` 那一格是与真实数据一样分散）。读图的次序：
#
# - `loss/D`：趋于 0、同时 `loss/G` 一路升，就是缺点 1。偶尔一个尖峰马上回来，是两边在争；
#   在 0.5 到 1.386 之间波动是常态。
# - `prob/fake`（还有没画的 `prob/real`）：同一件事，换成概率更好懂。贴到 0 与 1，G
#   就拿不到有用的梯度。
# - `diversity`：生成样本之间的距离除以真实样本之间的距离。趋近 0 就是缺点 2。
# - `fd_lenet`：缺点 3 说“没有一个值衡量好坏”，损失确实不行，所以要有一个与训练无关的评测。第 10
#   章专讲它。
#
# 缺点 2 的极端，可以按需造出来：4.2 节说过，没有 BN 又用 $N(0, 0.02^2)$ 初始化，出发时所有 $z$
# 画的就是同一张图。
# 训练一段能不能走出来？结论和数看下面这一格；判据是跑之前写好的。

# %%
claim("collapse_on_demand")

# %% [markdown]
# 机制是这样的：$z$ 的影响逐层变小，D 看到的假图全都一样，认出它只要记住这一张；
# D 给 G 的梯度对所有 $z$ 也几乎相同，G 只会把这一张图整体挪到别处，D 再跟过去。
# 对着病根的办法有两个：换一个不缩小信号的初始化（He），或者加 BN，把每层的信号拉回单位方差。
# 不治时，二十个种子里八个崩溃，还有两个是 2.5% 与 4.1%，只是没有低过事先定的 1%，图还是几乎一样；
# 另外十个走出来了，差别是真图的 17% 到 92%。没有到八成的种子，所以“换一个初始化就崩溃”判不成立：
# 这是常有的事，不是每次。还没有训练时，差别只有真图的 0.08%：崩溃是训练没有走出来。
# He 与加 BN 的各二十个种子，一个也没有崩溃。
# DCGAN 的三条改进是一套：它的初始化是和 BN 一起用的。
#
# ## 弄坏它
#
# 论文的噪声是 $U(-1, 1)$。PaddleGAN 的 `dc_gan_model.py` 写的是 `paddle.rand`，那是 $U[0, 1)$。
# 飞桨自己也有一个坑：`paddle.uniform` 不写上下界时给什么，**版本之间改过**。2.2 到 2.4
# 版的中文文档写着默认的下界是 −1；你装的这一版怎么说、真正给的是什么，印出来看：

# %%
import re

said = re.search(r"min\b.*?Default is\s*(-?[\d.]+)", paddle.uniform.__doc__, re.DOTALL)
numbers = paddle.uniform([100_000])
low, high = numbers.min().item(), numbers.max().item()
print(
    f"飞桨 {paddle.__version__} 的说明：下界默认 {said.group(1).rstrip('.') if said else '没有写'}"
)
print(f"paddle.uniform 不写上下界：最小 {low:.3f}，最大 {high:.3f}")

# %% [markdown]
# 所以不要靠默认值。照 PaddleGAN 那样换成 $U[0, 1)$，训练一段：

# %%
from paddle_gan.methods import from_noise

right = from_noise.NOISE["uniform"]
from_noise.NOISE["uniform"] = paddle.rand  # 换成错的
broken = train("dcgan_digits", *short, "total_steps=600", name="04_broken")
x_broken = broken.samples(8)
with paddle.no_grad():
    x_batch = broken.method.G(broken.method.noise(64)).numpy()[:8]  # 训练模式：用这一批的统计量
from_noise.NOISE["uniform"] = right
broken

# %%
rows = {"正确，推理": live.samples(8), "弄坏，推理": x_broken}
rows_of_images(rows | {"弄坏，训练模式": x_batch})

# %%
curves({"正确": live, "弄坏": broken}, "diversity", "prob/fake")

# %% [markdown]
# 弄坏的几张图是同一张。而且不管推理还是训练模式都一样，所以不是累计统计量的毛病。
# 曲线上的症状：正确的 `diversity` 在升，弄坏的不升反降，诊断也认出了模式崩溃；
# `prob/fake` 却大多更高，单看它会以为 G 学得更好。
#
# **为什么？** 写 $z_k = \frac12 + u_k$，$u$ 的均值 0、方差 $\frac1{12}$。第一层是矩阵乘，位置 $p$
# 上
#
# $$h_p = \sum_k z_k W_{k,p} = \underbrace{\tfrac12\sum_k W_{k,p}}_{\text{固定的图案}} +
# \underbrace{\sum_k u_k W_{k,p}}_{\text{随 } z \text{ 变}} .$$
#
# BN 减去的是一个通道在*全批、全部位置*上的均值。固定的图案在 7×7 个位置上各不相同，减不掉。
# 初始时 $W$ 的方差是 $\sigma^2 = 0.02^2$，图案在位置之间的方差是 $100\sigma^2/4$，$z$ 带来的是
# $100\sigma^2/12$：
# $z$ 一出发就只占四分之一。BN 再把总方差拉回 1，图案占得越多，$z$ 就被压得越小。

# %%
sigma2 = 0.02**2  # 初始权重的方差
print(f"出发时，弄坏的：固定的图案 {100 * sigma2 / 4:.4f}，z 带来的 {100 * sigma2 / 12:.4f}")
for name, lesson, mean, var in (("正确", live, 0, 1 / 3), ("弄坏", broken, 1 / 2, 1 / 12)):
    w = lesson.method.G.layers[0].weight.numpy().astype(float)  # (100, C, 7, 7)
    fixed = (mean * w.sum(axis=0)).var(axis=(1, 2)).mean()  # 固定的图案在 7×7 个位置之间的方差
    moving = (var * (w**2).sum(axis=0)).mean()  # z 带来的方差
    share = moving / (moving + fixed)
    print(f"{name}：固定的图案 {fixed:.4f}，z 带来的 {moving:.4f}，z 占 {share:.1%}")

# %% [markdown]
# 训练之后更糟，$z$ 只剩百分之一上下：上面量到的“z 占”就是它。
# 正确的 $U(-1, 1)$ 均值是 0，没有这个图案。**改法**：写明上下界，
# `paddle.uniform(shape, min=-1.0, max=1.0)`。
#
# ## 小结
#
# - DCGAN 没有改目标函数，改的是网络：步长卷积代替池化，去掉全连接隐层，加 BN。
# - BN 不加在 G 的输出层和 D 的输入层；BN 前面的卷积不需要偏置；推理时的统计量要真的更新过。
# - LeakyReLU 用在 D；“G 多更新一次”是某一份设定的经验，论文是 1:1。
# - 特征、滤波器、插值、向量运算都要带对照：随机的网络、像素相混、随便关几个通道、任意两个样本之差。
# - 短训练看得出“一开始就坏了”，看不出最后谁好；要谈质量，就看完整训练。
#
# **有 GPU** 就跑源笔记的完整设定（64×64，1024 通道）：
#
# ```bash
# python tools/train.py -c configs/stesha_02.yml
# ```
#
# 在 CPU 上把本章两次完整训练重做一遍，再训练一个彩色的表情（笑脸、爱心和猫脸），
# 各要几分钟，图在 `runs/` 下各自的 `samples/` 里：
#
# ```bash
# python tools/train.py -c configs/dcgan_digits.yml
# python tools/train.py -c configs/avatars_best.yml
# python tools/train.py -c configs/dcgan_emoji.yml
# ```

# %% [markdown]
# ## 一段历史
#
# 卷积网络很早就会认图了，搬到 GAN 里却训练不起来。2015 年 6 月的 LAPGAN（arXiv:1506.05751）绕开了
# 它：不让一个网络画整张，而是一级一级地放大（第 05 章）。同年 11 月，Radford、Metz 与 Chintala 回
# 过头来正面解决（arXiv:1511.06434）：试了许多结构，找到一组稳得住的。论文开头就说，前人用卷积放大
# GAN 没有成功，LAPGAN 正是因此而来。
#
# 零件都是现成的。步长卷积代替池化，来自 2014 年那个只用卷积的网络（arXiv:1412.6806）；BN 是 2015
# 年初才有的（arXiv:1502.03167）；向量运算仿的是词向量的“国王 − 男 + 女”（arXiv:1301.3781）。新
# 的是把它们摆在哪里：G 的输出、D 的输入不放 BN，就是试出来的。
#
# 论文没有给出“去掉一样会差多少”的数，所以这一章才要自己量：去掉 BN、用回全连接隐层，差得明显；
# 用回池化反而好一点，只是慢两三倍（台账 A2，成立，有条件）。
#
# 后来人们又改回去一些。2016 年 Odena 等人指出转置卷积会画出棋盘格
# （<https://distill.pub/2016/deconv-checkerboard/>）；同年 White 把直线插值换成球面的
# （arXiv:1609.04468）。D 里的 BN 则慢慢退场：2017 年的梯度惩罚与它不能同用（第 07 章），2018 年的
# 谱归一化（arXiv:1802.05957）干脆换掉了它。你在本章看到的 `digits_best`、`avatars_best`，D 里也都
# 没有 BN。

# %% [markdown]
# ## 练习
#
# **4.1** 判别器有一层卷积：核 5，步长 2，四周补 2 圈零，输入边长 28。输出的边长是多少？（一个整数）

# %%
answer = None  # 换成你的答案
check("4.1", answer)

# %% [markdown]
# **4.2** 你照论文写 DCGAN。下面哪一层后面*不该*加 BN？
# A. G 的第二层转置卷积　B. D 的第二层卷积　C. D 的第一层卷积　D. G 的第一层转置卷积

# %%
answer = None  # 换成你的答案
check("4.2", answer)

# %% [markdown]
# **4.3** 论文图 1 的生成器（100 维 $z$，4×4×1024 → … → 64×64×3，核一律取 4），隐层带 BN、不带偏置，
# 输出层带偏置。
# 可以训练的参数一共多少个？（一个整数）

# %%
answer = None  # 换成你的答案
check("4.3", answer)

# %% [markdown]
# **4.4** 写一个函数 `f(k)`：$z \sim U(-1,1)$，向量运算 $\bar z_a - \bar z_b + \bar z_c$
# 的每一项都是 $k$ 个 $z$ 的平均，
# 返回结果每一维的*标准差*。

# %%
answer = None  # 换成你的答案
check("4.4", answer)

# %% [markdown]
# **4.5** 训练的损失一切正常，存下来的样本却全是一个样子的灰雾。下面哪一个解释与这两条都相符？
# A. D 太强，G 没有梯度　B. 推理时 BN 的累计统计量不对　C. 学习率太大，发散了　D. 批太小

# %%
answer = None  # 换成你的答案
check("4.5", answer)

# %% [markdown]
# ## 目标
#
# 像作业一样，分三级。表里给了配置的，就用 `python tools/train.py -c configs/名字.yml` 训练，看它
# 最后印出的那几个数（用最后一步的，不挑最好的一步）。“做法”是我们到过那里的配置：先自己想能改什
# 么，再去看它。界是照我们量到的数定的，略松一点；各个种子的数在[结果](../docs/结果.md)里，分钟是
# 两核 CPU 上的。
#
# | 等级 | 要达到 | 做法 | 分钟 |
# |---|---|---|--:|
# | 及格 | `fd_lenet` ≤ 25 | `dcgan_digits` | 2.5 |
# | 良好 | `fd_lenet` ≤ 12.5 | `digits_best` | 4.0 |
# | 优秀 | `fd_pca64` ≤ 72 | `avatars_best` | 9.0 |
#
# - **及格** 照论文的零件搭。全连接的 `gan_digits` 是 26 上下，比它好才算用上了卷积。
# - **良好** 结构与宽度不动，去掉 D 的 BN，换上 R1，学习率调高；再加 `ema` 与 `lr_schedule`。一次
# 只加一样，记下各值多少。
# - **优秀** 彩色的头像。`dcgan_avatars` 是 109 上下；“良好”里的那几样搬过来，还差多少？

# %% [markdown]
# ## 延伸阅读
#
# - Radford、Metz、Chintala（2016），*Unsupervised Representation Learning with Deep Convolutional
#   GANs*，arXiv:1511.06434
# - Ioffe、Szegedy（2015），*Batch Normalization*，arXiv:1502.03167
# - White（2016），*Sampling Generative Networks*，arXiv:1609.04468：球面插值
# - Springenberg 等（2015），*Striving for Simplicity: The All Convolutional Net*，arXiv:1412.6806：
#   用步长卷积代替池化、引导反向传播
# - Dumoulin、Visin（2016），*A guide to convolution arithmetic for deep learning*，arXiv:1603.07285
#
# 接着打开 `05_常用模型结构.ipynb`：自编码器、VAE 与一级一级画的 GAN。
