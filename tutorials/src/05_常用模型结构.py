# %% [markdown]
# # 05 常用模型结构
#
# **学完你能**
# 1. 说出自编码器、VAE 与 GAN 各把什么写进损失，为什么随便取一个编码，自编码器画不出数字。
# 2. 不跳步地推出 ELBO 与两个高斯的 KL，知道为什么要重参数化、为什么两项都是求和。
# 3. 画出 VAE-GAN 的三路梯度，说出哪一路必须断开。
# 4. 看 EBGAN 的能量与间隔、BEGAN 的 $k$ 与 $M$，不被一条好看的曲线骗。
# 5. 说出 LAPGAN、StackGAN、ProGAN 各把一张大图拆成哪几步，并用同样的时间与一次画成的比。
#
# **CPU 用时** 约 3 分钟
#
# **先读** 01（交替训练）、02（KL、最优判别器）、04（DCGAN）。ProGAN 的损失在第 07 章，不读也能懂。

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
# ## 先看做成了什么样
#
# > GAN常用的模型结构：DCGAN、层级结构、自编码结构 ——幻灯片 000
#
# DCGAN 是第 04 章。这一章是另两类：**自编码结构**让模型不但会画，还会把图压成编码；
# **层级结构**不一次画成，先小后大。先看四种会画数字的，除了自编码器，都是随包的完整训练：

# %%
import numpy as np
import paddle

from paddle_gan.data import Digits

vae, vae_gan, gan = map(Lesson.shipped, ("vae_digits", "vae_gan_digits", "digits_best"))
SHORT = ["total_steps=2000", "metrics={}", "log_every=20"]
ae = train("ae_digits", *SHORT, name="05_ae")

# %%
test = Digits(split="test")
real = (test.images.transpose(0, 3, 1, 2) / 127.5 - 1).astype(np.float32)
z = np.random.default_rng(0).normal(size=(1000, 16)).astype(np.float32)  # N(0, I)
drawn = {
    "AE，编码随便取": ae.method.shown.draw(paddle.to_tensor(z)).numpy(),
    "AE，均值方差取对": ae.samples(1000),
    "VAE": vae.samples(1000),
    "VAE-GAN": vae_gan.samples(1000),
    "GAN": gan.samples(1000),
}
rows_of_images({**{name: x[:12] for name, x in drawn.items()}, "真的": real[5::84]})

# %% [markdown]
# 每行随机的 12 张，没有挑过。头一行最不像：编码从 $N(0,I)$ 随便取，自编码器没有见过那样的编码。
# 第二行公道一些，编码每一维的均值与方差都照训练集的取：有笔画了，许多断成几截。
# VAE 的连得起来，可是糊；GAN 的清楚。
#
# 先说清楚：**这几行不只差在目标**。AE 与 VAE 是全连接的，VAE-GAN 与 GAN 是卷积的，
# “GAN”一行还加了 $R_1$ 与权重的滑动平均；AE 是现训练的一段短的。只差目标的比法在 5.3。
#
# 把眼睛看见的量出来：
#
# - **FD-LeNet**：整堆样本离测试图多远，越小越好；
# - **边缘**：相邻两点之差的绝对值平均，是真图的几倍，糊的小于 1；
# - **类数**：十类里占 1% 以上的有几类。

# %%
from paddle_gan.evaluation.scorers_digits import FrechetLeNet
from paddle_gan.lab.autoencoders import reconstructed, scores

scorer = FrechetLeNet(Digits(), test, 1000, seed=0)
noise = np.random.default_rng(0).normal(0, 0.2, real.shape)
beside = {"真的训练图": scorer.train[::4], "真图，加噪声": np.clip(real + noise, -1, 1)}
beside["一律画平均的图"] = np.repeat(scorer.train.mean(axis=0, keepdims=True), 1000, axis=0)
print("FD-LeNet  边缘  类数")
for name, x in (drawn | beside).items():
    fd, classes, edges = scores(x.astype(np.float32), scorer).values()
    print(f"{fd:8.1f}  {edges:4.2f}  {classes:4.0f}  {name}")

# %% [markdown]
# 最下面三行是参照，什么也没有学。**加了噪声的真图边缘比真图还强**：边缘不是越大越好，
# 要看离 1 多远，还要与 FD 一起读；**平均的图**只像一类，边缘最弱。
# 前三行也要对着读：编码取对了均值与方差，自编码器的 FD 就降下一大截，与 VAE 差得不多。
# VAE 的长处不在这里有多大的分差，在于不用事后去量编码，先验就是 $N(0,I)$，而且有一个似然的下界。
# 一个种子说明不了什么，五个种子的在 5.3。下面说为什么会这样。

# %% [markdown]
# ## 5.1 自编码器：会压，不会画 [§5.1]
#
# > Auto-encoder v.s. GAN ——003
#
# 自编码器（AE）是两个网络：编码器把图压成一小段编码 $z$，解码器由 $z$ 还原：
#
# $$
# \min_{\text{Enc},\text{Dec}}\ \mathbb E_x\big[H\big(x,\ \text{Dec}(\text{Enc}(x))\big)\big],\qquad
# H(x,\hat x)=-\sum_i\big[x_i\log\hat x_i+(1-x_i)\log(1-\hat x_i)\big].
# $$
#
# $H$ 是各像素的交叉熵**之和**，墨量 $x_i\in[0,1]$ 当作“这一点是白的”的概率。墨量不是非 0 即 1，
# 怎么还能这样算？把一张灰度图看成许多张黑白图的平均：每一点照 $x_i$ 掷一次，$H$ 就是这些黑白图的
# 平均代价。画出来的 $\hat x$ 因此是**平均图**（每一点为白的概率），不是掷出来的一张。还原得好不好：

# %%
from paddle_gan.methods import VAE, VAEGAN

ten = real[50::100]  # 测试集按类别排好：每类取正中一张
backs = {"AE": ae, "VAE": vae}
rows = {name: reconstructed(lesson.method, ten) for name, lesson in backs.items()}
rows_of_images({"真的": ten} | rows)

# %% [markdown]
# 大体认得出：16 个数记住了一张 784 个像素的图；细处两种都糊，可见糊不全怪 5.2 的那一项。
# 那么 $z$ 里有什么，从哪里取？
# **损失里没有一个字管这件事。** 编码器爱把图放在哪里就放在哪里，只要不同的图不撞在一起。
# 看训练图的编码：每一维的均值与标准差，两维两维地看形状：

# %%
x = paddle.to_tensor(scorer.train[::2])
with paddle.no_grad():
    codes = {"AE": ae.method.Enc(x).numpy(), "VAE": vae.method.encode(x)[0].numpy()}
for name, code in codes.items():
    mean, spread = code.mean(axis=0), code.std(axis=0)
    print(f"{name}：{len(mean)} 维，各维的均值从 {mean.min():.1f} 到 {mean.max():.1f}", end="")
    print(f"，标准差从 {spread.min():.1f} 到 {spread.max():.1f}")

# %%
axes = {name: np.argsort(-code.var(axis=0))[:2] for name, code in codes.items()}
kinds, turn = Digits().labels[::2], np.linspace(0, 2 * np.pi, 100)
with canvas(2, size=(4.2, 3.8)) as c:
    for axis, (name, code) in zip(c.axes[0], codes.items()):
        a, b = code[:, axes[name]].T
        dots = axis.scatter(a, b, c=kinds, cmap="tab10", s=4)
        axis.plot(2 * np.cos(turn), 2 * np.sin(turn), "k--")
        title = f"{name}：变得最多的两维，标准差 {a.std():.1f}、{b.std():.1f}"
        axis.set(title=title, aspect="equal", xlabel="变得最多的一维", ylabel="其次的一维")
    c.figure.colorbar(dots, ax=c.axes[0, 1], label="数字")
c.picture

# %% [markdown]
# 颜色是数字，虚线圈是半径 2：$N(0,I)$ 的两维有八成半落在里面。AE 的一团比圈大得多，中心也不在原点，
# 从 $N(0,I)$ 取，只碰得到它的一角。VAE 的每一维（看印出来的）都在 0 附近、标准差约 1：
# 取 $N(0,I)$ 就取得到。
# 两张图相差的，只是 5.2 的一项损失。
#
# 另一个看法是插值：从一张图的编码走到另一张的。GAN 没有编码器，只能在自己的两个 $z$ 之间走：

# %%
from paddle_gan.evaluation.sampling import interpolations

t = np.linspace(0, 1, 10, dtype=np.float32)[:, None]
with paddle.no_grad():
    ends = paddle.to_tensor(real[[250, 850]])
    sides = {"AE": ae.method.Enc(ends).numpy(), "VAE": vae.method.encode(ends)[0].numpy()}
paths = {}
for name, lesson in backs.items():
    path = paddle.to_tensor((1 - t) * sides[name][:1] + t * sides[name][1:])
    draw = lesson.method.shown.draw if name == "AE" else lesson.method.shown
    paths[name] = draw(path)
between = {name: walked.numpy() for name, walked in paths.items()}
rows_of_images(between | {"GAN": interpolations(gan.method, 1, 10, 3)})

# %% [markdown]
# 上面两行的两头是同样两张真图（2 与 8）的还原。这一对上，AE 与 VAE 走得差不多：
# 插值好看，不等于会画。两头都在训练见过的地方，走在它们之间；随便取一个编码，才是考它会不会画。
#
# ## 5.2 VAE：让编码听话 [§5.2]
#
# > (Variational) Auto-encoder ——003
#
# **问题。** 想要一个会画的模型：先取 $z\sim p(z)=N(0,I)$，再按 $p(x\mid z)$ 画 $x$。
# 照最大似然，要让真图的
#
# $$
# \log p(x)=\log\int p(x\mid z)\,p(z)\,dz
# $$
#
# 大。积分算不出来；抽几个 $z$ 求平均行不行？不行：对一张给定的图，几乎所有的 $z$ 都画不出它，
# $p(x\mid z)\approx0$，碰上一个好的 $z$ 要抽多少次，下面会算。
#
# **办法。** 找一个网络 $q(z\mid x)$，看着 $x$ 猜 $z$ 多半在哪里，只在那里抽。
#
# $$
# \log p(x)=\log\,\mathbb E_{q(z\mid x)}\!\left[\frac{p(x\mid z)\,p(z)}{q(z\mid x)}\right]
# \ \ge\ \mathbb E_{q(z\mid x)}\!\left[\log\frac{p(x\mid z)\,p(z)}{q(z\mid x)}\right].
# $$
#
# 等号是乘一个 $q$ 再除一个 $q$。不等号是 **Jensen 不等式**：记方括号里的是 $u>0$，平均数
# $m=\mathbb E[u]$。$\log$ 是凹的，整条曲线在 $m$ 处切线的下面：
# $\log u\le\log m+\frac{u-m}m$。两边取平均，右边第二项是 0，得
# $\mathbb E[\log u]\le\log\mathbb E[u]$。
# 把右边拆开，就是 **ELBO**（证据下界）：
#
# $$
# \text{ELBO}(x)=\underbrace{\mathbb E_{q(z\mid x)}[\log p(x\mid z)]}_{\text{还原得好}}
# -\underbrace{\mathrm{KL}\big(q(z\mid x)\,\|\,p(z)\big)}_{\text{编码不离先验太远}} .
# $$
#
# 下界差多少？由 $p(x)=p(x,z)/p(z\mid x)$（对哪个 $z$ 都成立），
#
# $$
# \log p(x)=\mathbb E_q\!\left[\log\frac{p(x,z)}{p(z\mid x)}\right]
# =\mathbb E_q\!\left[\log\frac{p(x,z)}{q(z\mid x)}\right]
# +\mathbb E_q\!\left[\log\frac{q(z\mid x)}{p(z\mid x)}\right]
# =\text{ELBO}(x)+\mathrm{KL}\big(q(z\mid x)\,\|\,p(z\mid x)\big).
# $$
#
# 差的正是 $q$ 离真正的后验多远。所以把 ELBO 推大，一面把似然推大，一面把 $q$ 推近后验。
#
# ### 两个高斯的 KL
#
# 取 $q(z\mid x)=N(\mu,\sigma^2)$，各维独立，$\mu$、$\sigma$ 由编码器给。先看一维，$p=N(0,1)$：
#
# $$
# \log\frac{q(z)}{p(z)}
# =\Big[-\tfrac12\log2\pi-\log\sigma-\frac{(z-\mu)^2}{2\sigma^2}\Big]
# -\Big[-\tfrac12\log2\pi-\frac{z^2}2\Big].
# $$
#
# 在 $q$ 下取平均：$\mathbb E(z-\mu)^2=\sigma^2$，$\mathbb E z^2=\mu^2+\sigma^2$，于是
#
# $$
# \mathrm{KL}=-\log\sigma-\tfrac12+\tfrac12(\mu^2+\sigma^2)
# =\tfrac12\big(\mu^2+\sigma^2-1-\log\sigma^2\big).
# $$
#
# 各维独立，密度是**相乘**，$\log$ 是相加：多维的 KL 是各维**之和**，不是平均。还原那一项也一样，
# 给定 $z$ 之后各像素独立，$\log p(x\mid z)=\sum_i[\,\cdot\,]=-H(x,\hat x)$，也是**之和**。
# 这两个“和”是推出来的，不是习惯。
#
# ### 重参数化
#
# 还原那一项里，$z$ 是抽出来的。“抽”没有导数，梯度怎样回到 $\mu$、$\sigma$？把随机的部分挪出去：
#
# $$
# z=\mu+\sigma\,\varepsilon,\quad\varepsilon\sim N(0,1)\qquad\Longrightarrow\qquad
# \frac{\partial}{\partial\mu}\mathbb E[f(z)]=\mathbb E[f'(\mu+\sigma\varepsilon)],\quad
# \frac{\partial}{\partial\sigma}\mathbb E[f(z)]=\mathbb E[f'(\mu+\sigma\varepsilon)\,\varepsilon].
# $$
#
# $\varepsilon$ 的分布里没有参数，求导与平均才换得了次序。不这样也有别的路：
# $\frac{\partial}{\partial\mu}\int q(z)f(z)\,dz$
# $=\mathbb E\big[f(z)\,\frac{\partial\log q}{\partial\mu}\big]
# =\mathbb E\big[f(z)\,\frac{z-\mu}{\sigma^2}\big]$，也对，只是抖得厉害。拿 $f(z)=z^2$ 试，
# 答案是 $2\mu$：

# %%
mu, sigma = 1.0, 0.5
eps = np.random.default_rng(0).normal(size=100_000)
sample = mu + sigma * eps
ways = {"重参数化 f′(z)": 2 * sample, "不重参数化 f(z)(z − μ)/σ²": sample**2 * eps / sigma}
for name, each in ways.items():
    print(f"{name}：平均 {each.mean():.2f}（答案 {2 * mu:g}），一个样本的标准差 {each.std():.2f}")

# %% [markdown]
# 两种的平均都对，抖动差了几倍。$z$ 有几十维、$f$ 是一个网络时，差得更多。
# 代码里就是这几行：

# %%
show(VAE.generator_loss)

# %% [markdown]
# `beta` 是 KL 的权重，1 就是 ELBO。看随包的训练：

# %%
curves(vae, "elbo/reconstruction", "elbo/kl")

# %%
rec, kl = vae.last("elbo/reconstruction"), vae.last("elbo/kl")
print(f"还原 {rec:.0f} 奈特，KL {kl:.1f} 奈特，−ELBO 约 {rec + kl:.0f}")
print(f"q 比先验集中 e^KL = {np.exp(kl):.1e} 倍")

# %% [markdown]
# KL 有多少奈特，$q$ 就比先验集中约 $e^{\mathrm{KL}}$ 倍（各处的倍数取几何平均）：不看 $x$、
# 从先验里瞎抽，要抽这么多次，才碰得上一个画得出这张图的 $z$。这就是前面说的“不行”。
#
# ### 为什么糊
#
# 看一个像素。几张图分到了同一个 $z$，它们在这一点有墨的占 $p$，解码器只能给一个数 $g$：
#
# $$
# -p\log g-(1-p)\log(1-g)\ \text{对 } g\text{ 求导}\ =-\frac pg+\frac{1-p}{1-g}=0
# \quad\Longrightarrow\quad g=p .
# $$
#
# 最好的 $g$ 是**平均数**，一片灰。KL 逼着各张图的 $q$ 变宽、互相重叠，重叠的地方就只能画平均数。
# GAN 不这样：$D$ 一眼认得出灰，$G$ 宁可画清楚的一种。反过来，VAE 每一张真图都要还原，
# 漏掉哪一类，还原就付不起；GAN 漏掉一类，$D$ 未必看得出来（第 09 章）。
#
# ## 5.3 VAE-GAN：把“像不像”交给 D [§5.3]
#
# > 自编码结构 ——幻灯片 000
#
# 糊，是因为逐像素地比。**VAE-GAN**（Larsen 等，2016）换一把尺子：比 $D$ 的隐层特征 $f$。
# 解码器同时就是 GAN 的 $G$：
#
# $$
# L_{\text{Enc}}=\mathrm{KL}+L_{\text{rec}},\qquad
# L_{\text{Dec}}=\lambda L_{\text{rec}}+L_{\text{GAN}},\qquad
# L_{\text{rec}}=\tfrac12\,\mathbb E\,\|f(x)-f(\hat x)\|^2 .
# $$
#
# 三方轮流更新，要害是**哪一路梯度到哪里为止**：

# %%
vae_gan_diagram()

# %% [markdown]
# 真样本 $x$ 也经过 $D$（图上没有画）。两处必须断开，理由各一句：
#
# - $L_{\text{rec}}$ **不教 $D$**。不然 $D$ 有个省事的办法：把特征全变成 0，还原误差就是 0，
#   谁也不用学。
# - $L_{\text{GAN}}$ **不教编码器**。编码器的事是记住 $x$，骗 $D$ 不是它的事。
#
# 代码里不用 `detach`：轮到谁更新，别的网络都冻结，梯度流过去也改不了它们。$L_{\text{GAN}}$ 就是
# 第 01 章的 $-\mathbb E\log D$，假的有两种：还原的 $\hat x$，与由 $N(0,I)$ 画的。

# %%
show(VAEGAN.encoder_loss)
show(VAEGAN.generator_loss)

# %%
rows = {"真的": ten, "VAE": reconstructed(vae.method, ten)}
rows_of_images(rows | {"VAE-GAN": reconstructed(vae_gan.method, ten)})

# %%
for name, lesson in {"VAE": vae, "VAE-GAN": vae_gan}.items():
    back = reconstructed(lesson.method, real)
    error, fd = ((back - real) ** 2).mean() / 4, scores(back, scorer)["fd"]
    print(f"{name} 的还原：均方误差 {error:.4f}，FD-LeNet {fd:.1f}")
mean = scorer.train.mean(axis=0, keepdims=True)
print(f"一律答平均的图：均方误差 {((mean - real) ** 2).mean() / 4:.4f}")

# %% [markdown]
# 均方误差与清不清楚是两回事：VAE 逐像素地比，均方误差就是它的本行。
# 五个种子，四组的解码器是同样的网络：

# %%
claim("autoencoders")

# %% [markdown]
# 两处出乎意料。一是**自编码器不比 VAE 差**：编码的均值方差取对，它样本的 FD 反而略低。
# 所以 VAE 的长处不在这个分数，在不用事后去量编码，还给出似然的下界。
# 二是 VAE-GAN 清楚了，也像了，可是五个种子里有两个少了一类（那一类不到 1%）。
# 网络相同的 GAN，这五个种子倒是十类都占齐了，所以不能说这个毛病是从 GAN 带来的。
#
# ## 5.4 判别器也可以是自编码器：EBGAN、BEGAN [§5.4]
#
# > 自编码结构 ——幻灯片 000
#
# 反过来，把自编码器放到 $D$ 的位置。一张图还原得好不好，就是它像不像真的：

# %%
autoencoder_diagram()

# %% [markdown]
# **EBGAN**（Zhao 等，2017）叫它能量 $E(x)=\|\text{Dec}(\text{Enc}(x))-x\|$，越小越像真。
# $D$ 把真的压低，把假的抬高，抬到间隔 $m$ 为止：
#
# $$
# L_D=\mathbb E_{x\sim p}[E(x)]+\mathbb E_{x\sim q}\big[(m-E(x))_+\big],\qquad
# L_G=\mathbb E_{x\sim q}[E(x)].
# $$
#
# **为什么要有 $m$。** 假如 $E$ 可以是任意的非负函数，逐点求极小。在一点 $x$，
# 要让 $pE+q\,(m-E)_+$ 最小：$E$ 从 0 走到 $m$，斜率是 $p-q$，过了 $m$ 斜率是 $p$。所以
#
# $$
# E^*(x)=\begin{cases}0,&p(x)>q(x)\\ m,&p(x)<q(x)\end{cases}\qquad
# \min L_D=m\int\min(p,q)\,dx=m\,\big(1-\mathrm{TV}(p,q)\big),
# $$
#
# 其中 $\mathrm{TV}(p,q)=\frac12\int|p-q|$，叫全变差（用到 $\min(p,q)=\frac{p+q}2-\frac{|p-q|}2$）。
# 没有 $m$，$D$ 只要一味地抬高假的就行，$L_D$ 没有下界。$m$ 又要大于真样本做得到的能量，
# 不然 $D$ 没有余地把真假分开。三条线要画在一起看，现训练一段短的：

# %%
SOME = ["total_steps=1500", "metrics={}", "log_every=10"]
ebgan = train("ebgan_digits", *SOME, name="05_ebgan")
curves(ebgan, ("energy/real", "energy/fake", "energy/margin"), "loss/pt")

# %% [markdown]
# 正常的次序是：真的最低，假的在它与 $m$ 之间。开头几百步两条混在 $m$ 附近，要等 $D$ 学会还原真的，
# 才分得开。样本也画出来，不过这是走了 1,500 步的**半成品**；走满全程的分数印在下面：

# %%
import json

results = json.loads((HOME / "configs/results.json").read_text("utf-8"))
whole = [one["metrics"]["fd_lenet"] for one in results["ebgan_digits"]["seeds"].values()]
print("ebgan_digits 走满 4,000 步，各个种子的 FD-LeNet：", "，".join(f"{v:.1f}" for v in whole))
images(ebgan.samples(20), columns=10)

# %% [markdown]
# 曲线的右边一格是**拉开项**（pulling-away）：一批假样本的编码
# 两两夹角余弦的平方的平均，
#
# $$
# f_{\text{PT}}=\frac1{N(N-1)}\sum_i\sum_{j\ne i}
# \left(\frac{S_i^\top S_j}{\|S_i\|\,\|S_j\|}\right)^2 ,
# $$
#
# 都垂直是 0，都共线是 1；$N$ 比 $d$ 大时，不可能都垂直，到不了 0。它只进 $G$ 的损失，让一批样本
# 各不相同。图上它从接近 0 冲到接近 1，再慢慢降：没有训练过的编码器，各张图的编码差不多两两垂直；
# 训练百来步，编码全转到一个方向，以后才一点点分开（为什么先挤到一起，没有单独量）。平方不能丢：
# 方向相反的两个编码，余弦是 $-1$，它们也是共线的（练习 5.5）。
#
# **BEGAN**（Berthelot 等，2017）不要 $m$，换成自动调的权重 $k$。$L(v)$ 是还原误差：
#
# $$
# L_D=L(x)-k_t\,L(G(z)),\qquad L_G=L(G(z)),\qquad
# k_{t+1}=k_t+\lambda_k\big(\gamma L(x)-L(G(z))\big).
# $$
#
# $k$ 限在 0 到 1 之间。假的太容易还原（$L(G(z))<\gamma L(x)$），$k$ 就变大，$D$ 多花力气去抬它；
# 反之变小。想停在 $L(G(z))=\gamma L(x)$；可要是假的总比这还难还原，$k$ 就一直贴着 0，
# $D$ 成了只管真图的普通自编码器，平衡根本没到。论文说有一个量可以看收敛：
#
# $$
# M=L(x)+\big|\gamma L(x)-L(G(z))\big| .
# $$

# %%
began = Lesson.shipped("began_digits")
curves(began, "balance/M", "fd_lenet", "pixel_std", "balance/k")

# %%
M, fd = (dict(zip(*began.curve(tag))) for tag in ("balance/M", "fd_lenet"))
for step in (900, 1800, 3000):
    print(f"第 {step} 步：M {M[step]:.3f}，FD-LeNet {fd[step]:.0f}")
images(began.samples(20), columns=10)

# %% [markdown]
# 这一次 $M$ 一路降，样本大体也在变好。可是看印出来的前两行：$M$ 降了一大半，FD 却升了。
# $M$ 里只有两样：还原得好不好，平衡不平衡。**假如**样本都是
# 同一张，还原起来最容易，$M$ 照样一路降。光看 $M$ 分不出这两种；`pixel_std`（像素的标准差，
# 真图是 1）才说得出样本塌没塌。把“$M$ 跟着样本走”当成一句话来验，前两列就是塌了的：

# %%
claim("began_balance")

# %% [markdown]
# 三组都不成立，缘故不同。全连接的两组，样本塌成一片灰（像素的标准差接近 0，FD 与一律画平均的图
# 差不多），$M$ 照样一路降。秩相关三组都高，可是什么也不量、**只数还剩几步**，与 FD 的秩相关也一样
# 高：$M$ 要比数步数高，才算说出了什么，而两者的差是 0。画得出字的是卷积的一组，它的像素标准差
# 是真图的 0.67 倍，也没有到先定的 0.7；那里还有一个种子 $M$ 一路降，FD 中途却升上去了：
# 光看秩相关，看不见这个反例。
#
# ## 5.5 层级结构：LAPGAN、StackGAN [§5.5]
#
# > 层级结构 ——幻灯片 000
#
# 一张大图一次画成很难，拆开来画。先看怎样拆得不丢东西：**拉普拉斯金字塔**。
# 图缩小一半再放大，细节就丢了；把丢的记下来，叫残差 $r=x-\text{up}(\text{down}(x))$，那么
#
# $$
# x=\text{up}(\text{down}(x))+r .
# $$
#
# 这是恒等式，up、down 是什么都成立。拆两次再拼回来：

# %%
from paddle_gan.methods.pyramid import pyramid, up

levels = pyramid(paddle.to_tensor(ten), 3)  # 由粗到细：7、14、28 像素
residuals = [fine - up(coarse) for coarse, fine in zip(levels, levels[1:])]
built = levels[0]
for r in residuals:
    built = up(built) + r
print(f"拼回来差 {float((built - paddle.to_tensor(ten)).abs().max()):.1e}")
sizes = [str(part[0].size) for part in (levels[0], *residuals)]
print("数的个数：", " + ".join(sizes), "；原图", ten[0].size)

# %%
shown = {"7 像素": levels[0], "残差 14": residuals[0], "残差 28": residuals[1], "拼回来": built}
rows_of_images({name: part.numpy() for name, part in shown.items()})

# %% [markdown]
# 残差大半是 0（灰）：笔画上是正的（白），笔画两侧是负的（黑），正好把糊开的墨收回来。
# **LAPGAN**（Denton 等，2015）每一层一个 GAN：最小的一层由噪声画 7 像素的图；
# 上面各层看着放大的粗图，画残差。$D_k$ 看的是拼好的图，不是光秃秃的残差。
# 各层**分开训练**，粗图用真的；取样时连起来，粗图是上一层画的：

# %%
pyramid_diagram()

# %%
lapgan = Lesson.shipped("lapgan_digits")
noise = paddle.to_tensor(lapgan.method.noise(10))
with paddle.no_grad():
    stages = {f"{x.shape[2]} 像素": x.numpy() for x in lapgan.method.chain.stages(noise)}
coarse = lapgan.method.with_real_coarse(paddle.to_tensor(ten)).numpy()
rows_of_images(stages | {"真的 14 像素，补细节": coarse, "真的": ten})

# %%
truth = paddle.to_tensor(real)
tried = {"连起来画": lapgan.samples(1000)}
tried["真的 14 像素，补细节"] = lapgan.method.with_real_coarse(truth).numpy()
with paddle.no_grad():
    noise = paddle.to_tensor(lapgan.method.noise(1000))
    tried["画的 14 像素，只放大"] = up(lapgan.method.chain.stages(noise)[1]).numpy()
tried["真的 14 像素，只放大"] = up(pyramid(truth, 2)[0]).numpy()
for name, x in tried.items():
    print(f"FD-LeNet {scores(x, scorer)['fd']:6.1f}  {name}")

# %% [markdown]
# “真的 14 像素”那一行好看，**不能当作生成的结果**：最难的一半（画成哪个字）是真图给的。
# 两行“只放大”一比就看得出，连起来画的差，先差在粗图：前两层画的 14 像素本身就不如真的。
# 最细的一层又没有见过这样的粗图，训练时看的都是真的，改不了前面的毛病；两样各占多少，没有分开量。
# 补的细节则是有用的：同样的粗图，补了都比只放大的强。
#
# **StackGAN**（Zhang 等，2017）是有条件的两级：第一级照条件画草图，第二级看着**第一级画的**草图
# 与条件，重画一张大的。它没有上面的毛病，因为第二级训练时看的就是自己的草图。
# 条件不直接给，先抖一抖，叫**条件增强**：
#
# $$
# c=\mu(y)+\sigma(y)\,\varepsilon,\qquad
# L_G\ \text{里再加}\ \lambda\,\mathrm{KL}\big(N(\mu(y),\sigma(y)^2)\,\|\,N(0,I)\big).
# $$
#
# 就是 5.2 的重参数化：一个条件变成一小团，条件少的时候，$G$ 也见得到连成片的输入。
# KL 也是那一个，只是作者的代码（这里照着）对各维取了平均，所以 $\lambda$ 不能当 5.2 的 $\beta$ 读。

# %%
stacked_diagram()

# %%
from paddle_gan.evaluation.sampling import decode, each_class_latents

stackgan = Lesson.shipped("stackgan_digits")
z = each_class_latents(stackgan.method, 2, seed=0)
draft = stackgan.method.first_stage(paddle.to_tensor(z)).numpy()
final = decode(stackgan.method, z)
rows = {"草图": draft[:10], "第二级": final[:10]}
rows |= {"又一批草图": draft[10:], "又一批第二级": final[10:]}
rows_of_images(rows, heads=[f"要 {k}" for k in range(10)])

# %%
from paddle_gan.evaluation.sampling import random_latents

z = random_latents(stackgan.method, 1000, seed=0)
stage = {"草图放大": stackgan.method.first_stage(paddle.to_tensor(z)).numpy()}
drawn_large = decode(stackgan.method, z)
blurred = {"第二级": drawn_large, "真图": real}
for name, x in blurred.items():
    halved = x.reshape(1000, 1, 14, 2, 14, 2).mean(axis=(3, 5))
    stage[f"{name}，缩小再放大（最近邻）"] = halved.repeat(2, axis=2).repeat(2, axis=3)
found = {name: scores(x, scorer)["fd"] for name, x in (stage | {"第二级": drawn_large}).items()}
for name, value in found.items():
    print(f"FD-LeNet {value:6.1f}  {name}")
drafted, shrunk, _, last = found.values()
print(f"一共降 {drafted - last:.0f}：同样大小就降的 {drafted - shrunk:.0f}", end="")
print(f"，图大了、清楚了才降的 {shrunk - last:.0f}")

# %% [markdown]
# 列头写着要的是几：**不听话的有三成**，要 0、要 6 的都有画成别的（比例在下一格；怎样让它听话，
# 在第 11 章）。第二级的 FD 低了许多，要分清有几成只是因为图大了、清楚了：
# 把它缩回 14 像素再放大，与草图站在一样的起点上比。大半是这样就降下来的：
# 重画的时候，确实改掉了一些毛病；余下的小半才是图大了的功劳。
# “真图，缩小再放大”一行是这样比的底。（这里放大用最近邻，一点变成四点；前面 LAPGAN 与 5.6
# 的放大是双线性的，所以同样是真图缩小再放大，那里的 FD 大得多，不能与这里互比。）
#
# 上面是种子 0。同一个配置，别的种子呢？旁边再放一个对照：`cgan_digits`（第 11 章）也看得见类别，
# 可是**一次画成**，没有两级：

# %%
cgan = Lesson.shipped("cgan_digits")
for name in ("stackgan_digits", "cgan_digits"):
    for seed, one in results[name]["seeds"].items():
        obeyed, spread = (one["metrics"][f"obedience/{key}"] for key in ("accuracy", "spread"))
        print(f"{name}，种子 {seed}：FD-LeNet {one['metrics']['fd_lenet']:4.1f}", end="")
        print(f"，听话的 {obeyed:.0%}，类内的多样性 {spread:.2f}（真图是 1）")
once = decode(cgan.method, each_class_latents(cgan.method, 1, seed=0))
rows_of_images({"cgan，一次画成": once}, heads=[f"要 {k}" for k in range(10)])

# %% [markdown]
# 先看 StackGAN 自己：两个种子离真图不远，另一个类内的多样性只剩一半，一类里画来画去就那么几张。
# **只看一个种子，就会说 StackGAN 很好，或者不行。**
#
# 再看对照：一次画成的 `cgan_digits`，三个种子都在 5 到 8，几乎个个听话，训练也快得多
# （两次用的线程数不同，只看个大概）。
# 所以 StackGAN 的低分**不能记在“两级”的账上**：看得见类别、一次画成，也到得了这里，还更稳、更听话。
# 在这么小的图上，两级没有显出好处（论文的图是 256 像素，这里没有量）。
#
# ## 5.6 ProGAN：一个网络慢慢长大 [§5.6]
#
# > 层级结构 ——幻灯片 000
#
# LAPGAN、StackGAN 的每一级是另一个网络。**ProGAN**（Karras 等，2018）只有一对，从小图练起，
# 练好一级就加一级。新加的一级什么也不会，一下子接上，前面学的会被冲掉，所以**淡入**：
#
# $$
# \text{图}=(1-\alpha)\,\text{up}(\text{旧的一级画的})+\alpha\,\text{新的一级画的},
# \qquad \alpha:0\to1 .
# $$
#
# （相加的是输出激活之前的数，`tanh` 在相加之后。）
# $\alpha=0$ 时画面与长大之前一模一样，$\alpha=1$ 时只剩新的，中间连续。真样本也照样淡入，
# 不然 $D$ 凭清楚不清楚就认得出真假：

# %%
growing_diagram()

# %% [markdown]
# （“上色”是一层 1×1 的卷积，把特征变成像素；“认色”反过来，把像素变成特征。）
#
# 人像从 8 像素长到 64，同样的八个 z（`progan_avatars` 照配置跑完的一次；网络太大没有随包，
# 只留了图）。看的是**怎样长大**，不是画得多好：网络小，只走 3,700 步，离练好还远，
# 召回（真脸里有几成落在它画得出的范围里）印在图的上面，几乎是 0。
# 每一行放大成了一样大，行下写着那时的边长：

# %%
from IPython.display import Image

for seed, one in results["progan_avatars"]["seeds"].items():
    print(f"progan_avatars，种子 {seed}：走完的召回 {one['metrics']['prdc_pca64/recall']:.3f}")
Image(str(HOME / "tutorials" / "assets" / "films" / "progan_avatars.png"))

# %% [markdown]
# 随包的是小一些的：数字从 7 像素长到 14、28：

# %%
progan = Lesson.shipped("progan_digits")
filmstrip(progan)

# %%
curves(progan, "grow/size", "grow/alpha")

# %% [markdown]
# $\alpha$ 从 0 起，图上却画不到 0：曲线每 50 步才记一次。
#
# 随包的权重也能当场验一遍：$\alpha=0$ 与长大之前差多少；$\alpha=0.3$ 与照式子手算的差多少。
# 再看同一个 $z$，$\alpha$ 从 0 走到 1：

# %%
from paddle_gan.networks.progressive import up as nearest

G, z = progan.method.G, paddle.to_tensor(progan.method.noise(4))
with paddle.no_grad():
    top = G.levels - 1
    before, after = nearest(G.image(z, top - 1, 1.0)), G.image(z, top, 1.0)
    mixed = (0.7 * before.atanh() + 0.3 * after.atanh()).tanh()
    for alpha, wanted in ((0.0, before), (0.3, mixed)):
        gap = float((G.image(z, top, alpha) - wanted).abs().max())
        print(f"α = {alpha:g}：差 {gap:.1e}")
    fading = {f"α = {a:g}": G.image(z, top, a).numpy() for a in (0.0, 0.25, 0.5, 0.75, 1.0)}
rows_of_images(fading)

# %% [markdown]
# 另有三样小改动，代替批归一化：
#
# - **均衡的学习率。** Adam 每一步走的距离约等于学习率 $\eta$，与梯度多大无关。
#   权重的标准差是 $s$ 的层，一步变了 $\eta/s$ 倍：各层的 $s$ 不同（He 初始化是
#   $\sqrt{2/n}$，$n$ 是输入数），学得有快有慢。
#   于是权重都取 $w\sim N(0,1)$，用的时候才乘 $\sqrt{2/n}$：大小与原来相同，相对的步子各层一样。
# - **逐像素归一化。** 每个位置的 $C$ 个数除以它们的均方根：
#   $b=a\big/\sqrt{\frac1C\sum_c a_c^2+10^{-8}}$，不让 $G$ 与 $D$ 较劲时数越变越大。
# - **小批量标准差**（第 09 章）：告诉 $D$ 这一批有多散。

# %%
eta = 1e-3
for inputs in (16, 144, 1568):
    s = np.sqrt(2 / inputs)
    print(f"{inputs:5d} 个输入：He 的标准差 {s:.3f}，一步变 {eta / s:.1%}；均衡的 {eta:.1%}")

# %% [markdown]
# ### 同样的时间，分层值不值
#
# 比同样的步数不公平：小图的一步便宜得多，几层的一步贵得多。所以先量好每步几秒，步数由它定，
# 让每组用的 CPU 时间一样；旁边放一次画成的 DCGAN，与 ProGAN 的网络从头就画大图的：

# %%
claim("hierarchy")

# %% [markdown]
# **在这么小的图上，分层不值**：同样的时间，一次画成的 DCGAN 好出近一倍。靠右的一条虚线是
# “真图缩小一半再放大”：LAPGAN、ProGAN 与“不长大”都在它附近，分数只相当于把真图糊掉一半。
# 分清两件事：
#
# - **ProGAN 与“不长大”只差一处**，它们之间的差别可以归给长大：小图便宜，走的步数多四成，
#   FD 略低，各个种子互有高低。
# - 它们与 DCGAN 差了损失、归一化、批的大小；DCGAN 便宜，同样的时间走得多得多。
#   28 像素的数字，一次画成并不难，分层的好处要在几百像素的图上才有地方使（这里没有量）。
#
# ### 旁白：自注意力
#
# 卷积一次只看一小块，两只眼睛对不对称，要隔许多层才知道。**自注意力**（SAGAN，Zhang 等，2019）
# 让每个位置直接看所有的位置。特征排成 $N=H\cdot W$ 行，
#
# $$
# A=\text{softmax}(QK^\top)\in\mathbb R^{N\times N},\qquad y=x+\gamma\,A V,
# \qquad \gamma\text{ 从 0 起}.
# $$
#
# $Q$、$K$、$V$ 都由 $x$ 过 1×1 的卷积得来。$A$ 的每一行加起来是 1：这个位置向各处各取几成。
# $\gamma=0$ 时什么也不变，与 ProGAN 的 $\alpha$ 一个意思。代价是 $N^2$：

# %%
from paddle_gan.networks.attention import SelfAttention

show(SelfAttention.attention)
layer, features = SelfAttention(16), paddle.randn([2, 16, 7, 7])
rows = layer.attention(features).sum(axis=-1)
print(f"一行的和从 {rows.min().item():.3f} 到 {rows.max().item():.3f}")
print(f"γ = 0，输出与输入差 {float((layer(features) - features).abs().max()):.1e}")
for side in (7, 14, 32, 64):
    print(f"{side:2d}×{side} 的特征：注意力的表有 {(side * side) ** 2:,} 个数")

# %% [markdown]
# 边长翻一倍，表大十六倍，所以只放在中间一层（配置里写 `attention: 14`）。这里没有量它有没有用。
#
# ## 弄坏它
#
# 5.2 说两项都要**求和**。有人顺手写了 `.mean()`：还原一项对 784 个像素求平均，KL 照旧求和。
# 程序不报错，损失也一路降。
#
# 先算后果。整个损失乘 784（Adam 不在乎一个总的倍数），还原就恢复原样，KL 多了 784 倍：
# 等于 $\beta=784$。**用 $z$ 划不划算**：不看 $z$ 的还原，最好也只是每个像素答平均数。
# 下面比的是这一份 $z$ 整份用、整份不用；真练起来会先少用几维（头几奈特省得最多），
# 全部丢掉的 $\beta$ 还要大些，可是离 784 远得很：

# %%
p = (scorer.train.mean(axis=0) + 1) / 2
p, ink = p.clip(1e-6, 1 - 1e-6), (real + 1) / 2
blind = -(ink * np.log(p) + (1 - ink) * np.log(1 - p)).reshape(1000, -1).sum(axis=1).mean()
print(f"不看 z：还原 {blind:.0f} 奈特；看 z：还原 {rec:.0f}，付 KL {kl:.0f}")
print(f"用 z 省 {blind - rec:.0f}，要付 β·{kl:.0f}：β 过了 {(blind - rec) / kl:.1f} 就不值了")

# %%
BRIEF = ["total_steps=1200", "metrics={}", "log_every=10"]
summed = train("vae_digits", *BRIEF, name="05_sum")
averaged = train("vae_digits", *BRIEF, "hparams.beta=784", name="05_mean")
light = train("vae_digits", *BRIEF, f"hparams.beta={1 / 784}", name="05_light")
pair = {"求和": summed, "还原取平均": averaged, "KL 取平均": light}
curves(pair, "elbo/kl", "elbo/reconstruction", marks={"elbo/reconstruction": blind})

# %%
rows = {"真的": ten}
for name, lesson in pair.items():
    rows[f"{name}：还原"] = reconstructed(lesson.method, ten)
    rows[f"{name}：样本"] = lesson.samples(10)
    fd = scores(lesson.samples(1000), scorer)["fd"]
    print(f"{name}：样本的 FD-LeNet {fd:.0f}")
rows_of_images(rows)

# %% [markdown]
# 症状：“还原取平均”的 KL 几乎是 0，还原停在虚线（不看 $z$ 的最好）上，十张真图还原成同一团灰，
# 样本也都是差不多的一团：编码什么也没有记，叫**后验塌缩**（posterior collapse）。
# 还有一行是反着错的：KL 对 784 取平均，等于 $\beta=\frac1{784}$，几乎就是自编码器：还原更好，
# KL 大得多，样本却又碎又脏。**看见 KL 是 0，或者大得出奇，先去数两项各是和还是平均。**
#
# ## 小结
#
# | 结构 | 损失里有什么 | 得到什么 | 当心 |
# |---|---|---|---|
# | AE | 还原 | 会压、会还原 | 编码在哪里没有人管，随便取一个画不出来 |
# | VAE | 还原 + KL（ELBO） | 会压，也会画，少漏类 | 糊；两项都要求和 |
# | VAE-GAN | D 的特征上的还原 + KL + GAN | 清楚一些，还会编码 | 还原不教 D，GAN 不教编码器 |
# | EBGAN | 能量，间隔 m，拉开项 | D 给的信息多 | m 要大于真样本的能量 |
# | BEGAN | 还原之差，k 自动调 | 不用调 m | M 降不等于样本好，看像素的标准差 |
# | LAPGAN | 每层一个 GAN，画残差 | 大图拆成小事 | 训练时粗图是真的，取样时不是 |
# | StackGAN | 两级条件 GAN | 第二级看着草图重画 | 与一次画成的条件 GAN 比；听不听话另量 |
# | ProGAN | WGAN-GP，慢慢长大 | 小图的步子便宜 | 要在同样的时间里比 |
#
# - 画得清楚、画得全、还原得像，是三件事；哪一种结构也没有白送三样。
# - 一条曲线说的是它自己：M 是还原与平衡，不是样本；边缘是清楚，不是像。

# %% [markdown]
# ## 一段历史
#
# 自编码器比 GAN 老得多。2006 年，Hinton 与 Salakhutdinov 把它练深，用来降维（Science，313 卷）；
# 那时没有人拿它画图，因为不知道该从哪里取编码。2013 年底 Kingma 与 Welling 的
# VAE（arXiv:1312.6114），和 2014 年初 Rezende 等人独立的一篇（arXiv:1401.4082），给编码规定了一个
# 分布，这才能画；糊也是从那时起的。
#
# GAN 出来以后，两家就开始互相借。2015 年 12 月的 VAE-GAN（arXiv:1512.09300）把“像不像”交给
# D；2016 年的 EBGAN（arXiv:1609.03126）反过来，把 D 做成自编码器；2017 年的
# BEGAN（arXiv:1703.10717）再加一个管平衡的 k。它们的论文都在人脸上做得好，搬到小小的数字上就未必：
# 5.4 里全连接的两组 BEGAN 塌成一片灰，卷积的一组，FD 也还有七十多。
#
# 另一条线是分层。2015 年 6 月的 LAPGAN（arXiv:1506.05751）一层一个 GAN，2016 年底的
# StackGAN（arXiv:1612.03242）先草图后细节，2017 年的 ProGAN（arXiv:1710.10196）让一个网络自己长
# 大，画到了 1024 像素。2018 年的 StyleGAN（arXiv:1812.04948）还留着“长大”，一年后的
# StyleGAN2（arXiv:1912.04958）就把它拿掉了：它会让牙齿、眼睛粘在原处，不跟着脸转，而换一个好的结
# 构不长大也练得成。
#
# 自编码器这条线反而走到了今天：2021 年底的潜扩散（arXiv:2112.10752）先用一个带对抗损失的自编码器
# 把图压小，再在编码里生成。5.3 节那个不起眼的组合，就是它的第一步。

# %% [markdown]
# ## 练习
#
# **5.1** $q=N(1,\,0.5^2)$，$p=N(0,1)$，$\mathrm{KL}(q\,\|\,p)$ 是多少奈特？（保留三位小数）

# %%
answer = None  # 换成你的答案
check("5.1", answer)

# %% [markdown]
# **5.2** 写一个函数 `kl(m1, s1, m2, s2)`：两个各维独立的高斯 $N(m_1,s_1^2)$、$N(m_2,s_2^2)$
# （四个一样长的数组，$s$ 是标准差），返回 $\mathrm{KL}$（一个数）。把正文的推导改一处就是。

# %%
answer = None  # 换成你的答案
check("5.2", answer)

# %% [markdown]
# **5.3** 换成 64×64 的彩色图（三个通道）、32 维的 $z$。有人把两项都写成 `.mean()`：还原对全部像素
# 求平均，KL 对各维求平均。等于 $\beta$ 是多少？（整数）

# %%
answer = None  # 换成你的答案
check("5.3", answer)

# %% [markdown]
# **5.4** 还原一项，不看 $z$ 最好要 206 奈特，看 $z$ 要 83，KL 是 23。只许整份用或整份不用 $z$，
# $\beta$ 过了多少就该不用？（保留一位小数）

# %%
answer = None  # 换成你的答案
check("5.4", answer)

# %% [markdown]
# **5.5** 写一个函数 `pull(S)`：`S` 是一批编码 $(N,d)$，返回拉开项 $f_{\text{PT}}$。（用 NumPy）

# %%
answer = None  # 换成你的答案
check("5.5", answer)

# %% [markdown]
# **5.6** 一张 64×64 的彩色图（三个通道）做四层的拉普拉斯金字塔：最小的一张是 8×8，另有三层残差。
# 一共要存几个数？（整数）

# %%
answer = None  # 换成你的答案
check("5.6", answer)

# %% [markdown]
# **5.7** 写一个函数 `next_k(k, real, fake, gamma, rate)`：BEGAN 的一步之后，$k$ 变成多少；
# `real`、`fake` 是 $L(x)$ 与 $L(G(z))$，`rate` 是 $\lambda_k$。别忘了 $k$ 限在 0 到 1 之间。

# %%
answer = None  # 换成你的答案
check("5.7", answer)

# %% [markdown]
# **5.8** 写一个函数 `faded(old, new, alpha)`：`old` 是小图 $(h,w)$，`new` 是大图 $(2h,2w)$，
# 小图用最近邻放大一倍，再照 $\alpha$ 淡入大图。（用 NumPy）

# %%
answer = None  # 换成你的答案
check("5.8", answer)

# %% [markdown]
# ## 目标
#
# 像作业一样，分三级。表里给了配置的，就用 `python tools/train.py -c configs/名字.yml` 训练，看它
# 最后印出的那几个数（用最后一步的，不挑最好的一步）。“做法”是我们到过那里的配置：先自己想能改什
# 么，再去看它。界是照我们量到的数定的，略松一点；各个种子的数在[结果](../docs/结果.md)里，分钟是
# 两核 CPU 上的。三级都不许看类别：看得见类别的 `stackgan_digits` 有两个种子远低于 22，不算。
#
# | 等级 | 要达到 | 做法 | 分钟 |
# |---|---|---|--:|
# | 及格 | `fd_lenet` ≤ 55，`classes/covered_1pct` ≥ 10 | `vae_digits` | 0.6 |
# | 良好 | `fd_lenet` ≤ 31 | `vae_gan_digits` | 1.7 |
# | 优秀 | `fd_lenet` ≤ 22 | `vae_gan_digits` 做不到 | 1.7 |
#
# - **及格** 十类都有就过，糊不要紧。若只剩几类，先看 KL 一项是求和还是求平均（5.2 节）。
# - **良好** 同样能把图编成 z，可是要清楚。谁来说“像不像”，看 5.3 节。
# - **优秀** 用这一章不看类别的一种结构，赢过一次画成的 `dcgan_digits`（22 上下）。我们的配置都还没
# 有做到：三个种子平均，最近的是 `vae_gan_digits`（25 上下），其次是 `lapgan_digits`（28 上下）。先
# 看差在哪里，`lapgan_digits` 要看是哪一层画坏的，再决定把步数花在哪里。

# %% [markdown]
# ## GPU
#
# 数字的配置 CPU 上都是几分钟；64 像素的人像用 GPU 更合适：
#
# ```bash
# python tools/train.py -c configs/progan_avatars.yml --seed 1
# python tools/train.py -c configs/vae_digits.yml --seed 1
# python tools/sample.py gallery:vae_digits --num 64 --out out.png
# python tools/lab.py run autoencoders began_balance hierarchy
# ```
#
# ## 延伸阅读
#
# - Kingma 与 Welling，*Auto-Encoding Variational Bayes*，arXiv:1312.6114：附录 B 是高斯的 KL。
# - Larsen 等，*Autoencoding beyond pixels using a learned similarity metric*，arXiv:1512.09300。
# - Zhao 等，*Energy-based Generative Adversarial Network*，arXiv:1609.03126：§2.4 是拉开项。
# - Berthelot 等，*BEGAN*，arXiv:1703.10717：§3.4 是 $M$。
# - Denton 等，*Deep Generative Image Models using a Laplacian Pyramid*，arXiv:1506.05751。
# - Zhang 等，*StackGAN*，arXiv:1612.03242：§3.2 是条件增强。
# - Karras 等，*Progressive Growing of GANs*，arXiv:1710.10196：§4.1 是均衡的学习率。
# - Zhang 等，*Self-Attention Generative Adversarial Networks*，arXiv:1805.08318。
# - 讲义背后的公开课：003 的自编码器两节在它
# 的[第一段录像](https://www.youtube.com/watch?v=oE6Xe5Cyy7Y)里。
#
# 接着打开 `06_JS的问题与Wasserstein距离.ipynb`：怎样让训练更稳，从它开始。
