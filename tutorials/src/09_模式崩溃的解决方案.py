# %% [markdown]
# # 09 模式崩溃的解决方案
#
# **学完你能**
# 1. 按“改目标、改结构、让 D 看一批、罚梯度、集成”五类，说出每种方法改了哪一行公式。
# 2. 用 xy 博弈推出 Unrolled 为什么止住转圈，用乘积分布推出 PacGAN 为什么看得见丢失的模式。
# 3. 读一张十个种子的总表，说出哪几样治好了、哪几样没有，自己的 GAN 丢了模式时先试什么。
#
# **CPU 用时** 约 3 分钟
#
# **先读** 03（崩溃的起因与怎样抓到它）、02（最优判别器）。梯度惩罚与第 07 章有关，不读也能懂。

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
# ## 先看治好了的
#
# 病人是 `gan_ring_greedy`：八个高斯，$G$ 走十步 $D$ 才走一步，别的与学得会的设定一样。
# 药是 PacGAN：$D$ 一次看两个样本（9.4）。两次都是随包的完整训练，2,000 步，种子相同，只差这一样。

# %%
import numpy as np

sick, well = (Lesson.shipped(name) for name in ("gan_ring_greedy", "pac_gan_ring"))
pair = {"GAN": sick, "PacGAN2": well}
data = sick.data
real = data.sample(1000, np.random.default_rng(0))
points({n: one.samples(1000) for n, one in pair.items()}, real, data.modes, data.std)

# %%
curves(pair, "loss/D", "modes/covered_1pct", "modes/high_quality")

# %% [markdown]
# 灰点是真的，红圈是八个模式。左图一千个样本全挤在一个模式上，右图八个都有，而且落得准。
# 再看曲线：GAN 的模式数从头到尾只有 0 或 1；它的高质量最后也不低，因为挤在那里的样本是好的。
# 损失的一条，GAN 的上下乱跳：整团样本每搬一次家，$D$ 就要重新学一次；PacGAN2 的贴着
# $2\log2\approx1.39$。跳只说明两边在拉锯，还剩几个模式，从损失上数不出来。
#
# 一个种子说明不了什么（这个种子是从只剩一个模式的里面挑的）。同样的设定，十个种子，加上别的解药：

# %%
claim("cures")

# %% [markdown]
# 散点是第一个种子的，题目下面的数是十个种子居中的（SNGAN 正好是没有治好的一个种子）。
# 两个数缺一不可：**占 1% 以上的模式**说丢没丢，**高质量**说落得准不准。
# 不加药的两组（批大一倍也一样）丢了模式，有的种子只剩一个，挤在那里的样本倒都是好的：
# 这才是**挤在一处的模式崩溃**。解药多半八个都在、也落得准；也有治不好的，
# 和只治好一部分种子的。
# 后面一节一节地说：为什么灵，为什么不灵，最后一节给一张先试什么的表。
#
# ### 先立一把尺子
#
# **什么也不学，在真模式张成的方框里（每边放宽 $5\sigma$，与台账相同）均匀撒点**，
# 几个量是多少？高质量的比例不必抽样，算得出来：一个模式的 $3\sigma$ 圆，面积是 $9\pi\sigma^2$，
# $K$ 个圆互不重叠，所以
#
# $$\text{撒点的高质量比例}=\frac{K\cdot9\pi\sigma^2}{\text{方框的面积}} .$$
#
# 抽一次会偏高或偏低，所以用公式；另抽二十次，看平均对不对得上。

# %%
from paddle_gan.data import Grid, Ring
from paddle_gan.metrics import mode_report, scatter_share

floor, kinds = {}, ("covered", "covered_1pct", "high_quality", "reverse_kl")
for name, shape in {"环": Ring(), "格": Grid(spacing=1.5, std=0.1)}.items():
    low, high = shape.modes.min(axis=0) - 5 * shape.std, shape.modes.max(axis=0) + 5 * shape.std
    floor[name] = scatter_share(shape.modes, shape.std, low, high)  # K·9πσ² / 方框的面积
    draws = np.random.default_rng(0).uniform(low, high, (20, 2500, 2))
    reports = [mode_report(dots, shape.modes, shape.std) for dots in draws]
    mean = {key: np.mean([r[f"modes/{key}"] for r in reports]) for key in kinds}
    print(f"{name}，均匀撒点的高质量比例，公式：{floor[name]:.4f}；抽二十次的平均：", end="")
    print("，".join(f"{key} {value:.4g}" for key, value in mean.items()))

# %%
assert round(floor["环"], 4) == 0.0279 and round(floor["格"], 4) == 0.1443

# %% [markdown]
# 撒点也“覆盖”全部模式，反向 KL 也接近 0。所以本章的规矩：
# **高质量比例不明显高过撒点的，覆盖数再多也不算治好了**，那只是把样本撒开。
#
# ## 9.1 改目标：Unrolled [§9.1]
#
# > Mode Collapse的解决方案 ——幻灯片 000（改目标：Unrolled GAN、DRAGAN、EBGAN）
#
# 现场训练一段短的（600 步），留几张样本看 $G$ 是怎样走的：

# %%
short_of = ("total_steps=600", "metrics.every=60", "seed=0")
base = train("gan_ring_greedy", *short_of, name="09_gan", snapshots=6)
filmstrip(base, 6)

# %% [markdown]
# 整团样本从一个模式扑向另一个，前面占住的又丢了：这就是追着 $D$ 跑。
# %% [markdown]
# 起因在 03 章推过：固定的 $D$ 若只有一个最高点，最好的 $G$ 就全挤在那里。$G$ 只对付眼前的 $D$，
# 就往那里跑；
# $D$ 追过来，它又跑。Unrolled GAN（Metz 等，2017）让 $G$ 对付“再学 $k$ 步之后的 $D$”：
#
# $$
# \theta_D^0=\theta_D,\qquad
# \theta_D^{i+1}=\theta_D^i+\eta\,\frac{\partial f(\theta_G,\theta_D^i)}{\partial\theta_D^i},\qquad
# L_G=f\big(\theta_G,\theta_D^k(\theta_G)\big),
# $$
#
# 其中 $f=\mathbb E[\log D(x)]+\mathbb E[\log(1-D(G(z)))]$。$G$ 的梯度因此有两项：
#
# $$
# \frac{dL_G}{d\theta_G}=\frac{\partial f(\theta_G,\theta_D^k)}{\partial\theta_G}
# +\frac{\partial f(\theta_G,\theta_D^k)}{\partial\theta_D^k}\cdot\frac{d\theta_D^k}{d\theta_G} .
# $$
#
# 第二项是新的：“我这样动，$D$ 会怎样回应”。全挤到一处，$D$ 几步就把那里判成假，
# 于是挤到一处不再划算。
#
# **用 xy 博弈算清楚**（$\min_x\max_y xy$，03 章）。虚拟的 $y$ 走 $k$ 步：$y^k=y+k\eta x$，代进去
# $f(x,y^k)=xy+k\eta x^2$，对 $x$ 求导是 $y+2k\eta x$：比原来多了一个把 $x$ 拉回 0 的力。
# 真正的更新仍同时走一步 $\alpha$：
#
# $$
# \begin{pmatrix}x\\y\end{pmatrix}\leftarrow
# \begin{pmatrix}1-2k\eta\alpha&-\alpha\\\alpha&1\end{pmatrix}
# \begin{pmatrix}x\\y\end{pmatrix},\qquad
# |\lambda|^2=\det=1-2k\eta\alpha+\alpha^2\quad(\lambda\text{ 是共轭的一对时}).
# $$
#
# $k=0$ 时 $|\lambda|>1$，发散；$2k\eta>\alpha$ 时收敛。
# 如果只把 $\theta_D^k$ 当常数（不穿过虚拟更新），
# 导数只剩 $y+k\eta x$，阻尼减半。

# %%
alpha, eta = 0.1, 0.1
trails = {}
for k in (0, 1, 5):
    M = np.array([[1 - 2 * k * eta * alpha, -alpha], [alpha, 1]])
    path = [np.array([2.0, 0.5])]
    for _ in range(150):
        path.append(M @ path[-1])
    radius = np.hypot(*np.array(path).T)
    trails[f"展开 {k} 步"] = radius / radius[0]
    size = abs(np.linalg.eigvals(M)).max()
    print(f"展开 {k} 步：|λ| = {size:.4f}，公式 {np.sqrt(1 - 2 * k * eta * alpha + alpha**2):.4f}")
lines(np.arange(151), trails, "步", "半径 / 出发时的半径", title="xy 博弈：展开多少步")

# %% [markdown]
# 看上面的数：公式与特征值一致，展开一步就够收敛。再看网络上怎样写：

# %%
from paddle_gan.methods import GAN, R1, MinibatchDisc, PacGAN, Unrolled

show(Unrolled.generator_loss)
show(Unrolled.virtual_step)

# %% [markdown]
# 两处容易讲错。一，幻灯片所据的综述写“更新 k 次生成器，判别器不更新参数”：正好反了。
# 往前走 $k$ 步的是（虚拟的）$D$，$G$ 只更新一次，走完 $D$ 的虚拟参数就丢掉。
# 二，“不更新”指的是真正的 $D$ 不受虚拟步影响，它自己照常更新。验证这一点：

# %%
import paddle

from paddle_gan.lab.training import build, ring
from paddle_gan.losses import discriminator_cross_entropy

setup = build(ring("unrolled", 10, {"z_dim": 16, "unroll": 5}), seed=0)
method, x = setup.method, next(setup.batches).x
before = [p.numpy().copy() for p in method.D.parameters()]
method.generator_step(x)
after = [p.numpy() for p in method.D.parameters()]
print("G 更新之后，D 逐字节不变：", all(np.array_equal(a, b) for a, b in zip(before, after)))

# %%
zero = build(ring("unrolled", 10, {"z_dim": 16, "unroll": 0}), seed=0).method
paddle.seed(0)
loss = float(zero.generator_loss(x)[0])
paddle.seed(0)
minimax = -float(discriminator_cross_entropy(zero.D(x), zero.D(zero.G(zero.noise(len(x))))))
print(f"展开 0 步的损失 {loss:.6f}，极小极大的损失 −L_D {minimax:.6f}")

# %% [markdown]
# 各跑一小段，主要看每步的代价；几百步看不出谁好（完整步数的数在 9.6 的表里）：

# %%
unrolled = train("unrolled_ring", "total_steps=400", "metrics.every=50", name="09_unrolled")
short = train("gan_ring_collapse", "total_steps=400", "metrics.every=50", name="09_gan_short")
for name, lesson in {"展开": unrolled, "GAN": short}.items():
    covered, kl = lesson.last("modes/covered_1pct"), lesson.last("modes/reverse_kl")
    cost = lesson.summary["seconds"] / lesson.summary["step"]
    high = lesson.last("modes/high_quality")
    print(f"{name}：占 1% 以上的模式 {covered:.0f}，高质量 {high:.3f}，反向 KL {kl:.2f}", end="")
    print(f"，每步 {1000 * cost:.0f} 毫秒")
both = {"展开": unrolled, "GAN": short}
ruler = {"modes/high_quality": floor["环"]}  # 撒点的高质量比例
curves(both, "modes/covered_1pct", "modes/high_quality", marks=ruler)

# %% [markdown]
# 健康的样子：高质量比例与覆盖数一起升，高出虚线（撒点）。危险的信号：覆盖数高，
# 高质量比例却一直在虚线上下，那是“散开了，没落准”。
# 代价看上面“每步”的用时。十个种子的结论：

# %%
claim("unrolled")

# %% [markdown]
# 这一条不在展台上：展开要照作者的网络（tanh、$G$ 的学习率是 $D$ 的十倍）才稳。
# 结论是“没有量成”，不是“不成立”：不展开的 GAN 居中也还有六七个模式，病得不够重，看不出药灵不灵。
# 只有 3,000 步，作者是 25,000 步，比的是早期稳不稳，不是最后好不好。
#
# **步长 $\eta$ 不能太大。** 梯度穿过虚拟的几步，步子大了虚拟的 $D$ 会走过头，
# $G$ 就学会专门让它走过头。看 $L_G=f(\theta_G,\theta_D^k)$ 就知道：
# 全靠猜的 $D$ 是 $-2\log 2$，再学几步不该更差。把 $\eta$ 放大十倍试试：

# %%
far = train("unrolled_ring", "total_steps=400", "hparams.unroll_lr=0.1", name="09_eta")
print(f"全靠猜的 D：{-2 * np.log(2):.3f}")
for eta, lesson in {0.01: unrolled, 0.1: far}.items():
    radius = np.median(np.linalg.norm(lesson.samples(500), axis=1))
    print(f"η = {eta}：L_G {lesson.last('loss/G'):.3f}，样本的半径（中位数） {radius:.2f}")

# %% [markdown]
# $\eta=0.1$ 时 $L_G$ 远低于 $-2\log 2$：“再学五步的 $D$”反而比猜还差，那不是 $D$ 会有的回应，
# $G$ 赢的是一个假对手，样本也就飞到环（半径 2）外去了。
#
# 幻灯片“改目标”一栏还有两个，另有出处：
#
# - **DRAGAN**（Kodali 等，2017，arXiv:1705.07215）：只在真数据附近罚 $D$ 的梯度，
#   $\lambda\,\mathbb E\big[(\lVert\nabla D(x+\delta)\rVert-1)^2\big]$。库里叫 `dragan`，
#   量到的在 9.4 与 $R_1$ 放在一起。
# - **EBGAN**（Zhao 等，2016，arXiv:1609.03126）：$D$ 是一个自编码器，重构误差就是能量，
#   损失带一个间隔 $m$；再让生成的一批彼此的编码“拉开”。库里叫 `ebgan`，量到的在 9.2。
#   综述说它用 VAE，不对，是普通的自编码器。第 05 章（还没有写）讲自编码结构。

# %% [markdown]
# ## 9.2 改结构：MAD-GAN、MRGAN [§9.2]
#
# > Mode Collapse的解决方案 ——幻灯片 000（改结构：MAD-GAN、MRGAN）
#
# 两种都在库里：`mad_gan` 与 `mr_gan`。先讲公式，再看量出来怎么样。
#
# ### MAD-GAN（Ghosh 等，2018，arXiv:1704.02906）
#
# 用 $k$ 个生成器 $G_1,\dots,G_k$。$D$ 做 $k+1$ 类分类：是真的（第 $k+1$ 类），
# 还是第几个生成器画的。
#
# $$
# L_D=-\mathbb E_{x}\log D_{k+1}(x)-\sum_{i=1}^k\mathbb E_{z}\log D_i(G_i(z)),\qquad
# L_{G_i}=\mathbb E_z\log\big(1-D_{k+1}(G_i(z))\big).
# $$
#
# 为了分清是谁画的，$D$ 会逼各个生成器去不同的地方。最优的 $D$ 是（同 02 章，对每个 $x$ 求极值）
# $D_{k+1}=\dfrac{p}{p+\sum_ip_i}$，$D_i=\dfrac{p_i}{p+\sum_jp_j}$。记 $\bar q=\frac1k\sum_ip_i$，
# 代回生成器的目标：
#
# $$
# \int p\log\frac{p}{p+k\bar q}+k\int\bar q\log\frac{k\bar q}{p+k\bar q}\ \ge\ k\log k-(k+1)
# \log(k+1),
# $$
#
# 等号在 $\bar q=p$。注意它只约束**混合** $\bar q$：每个 $G_i$ 各占一个模式可以，
# 人人都学会全部也可以。验证：

# %%
K = k = 8
p = np.full(K, 1 / K)
mixes = {"各占一个模式": np.eye(K), "人人都是 p": np.tile(p, (k, 1))}
mixes["一半挤在模式 0"] = np.vstack([np.eye(K)[[0] * 4], np.eye(K)[4:]])
mixes["全挤在模式 0"] = np.eye(K)[[0] * 8]
for name, each in mixes.items():
    total = each.sum(axis=0)  # k·q̄
    fake = np.where(total > 0, total * np.log(np.maximum(total, 1e-300) / (p + total)), 0)
    print(f"{name}：{(p * np.log(p / (p + total))).sum() + fake.sum():.4f}")
print(f"下界 k·log k − (k+1)·log(k+1) = {k * np.log(k) - (k + 1) * np.log(k + 1):.4f}")

# %% [markdown]
# 前两行都到了下界，后两行没有。所以“每个生成器负责一个模式”是常见的结果，不是目标保证的结果。
# 综述把余弦相似度写成它的主要损失，那其实是变体 MAD-GAN-Sim；正文的方法是上面的 $k+1$ 类分类，
# 代码也只有这几行：

# %%
from paddle_gan.methods import MADGAN, MRGAN

show(MADGAN.discriminator_loss)

# %% [markdown]
# ### MRGAN（Che 等，2017，arXiv:1612.02136）
#
# 丢了的模式为什么找不回来？$G$ 的更新方向是 $\mathbb E_z[\nabla_\theta\log D(G(z))]$，
# 箭头只长在**生成样本所在的地方**。
# 没有样本的模式附近，$D$ 说得再对也没人听。看病人 `sick`：

# %%
samples, modes = sick.samples(2500), sick.data.modes
nearest = np.linalg.norm(samples[:, None] - modes, axis=2)
inside = nearest < 3 * sick.data.std
for i, count in enumerate(inside.sum(axis=0)):
    print(f"模式 {i}：3σ 内的生成样本 {count:4d}，真样本应有约 {2500 / len(modes):.0f}")

# %% [markdown]
# 计数是 0（或只有几个）的那些模式，几乎一支箭头也没有。MRGAN 加一个编码器 $E$，从**真样本**出发，
# 让每个模式都有箭头：
#
# $$
# L_G=-\mathbb E_z\log D(G(z))+\mathbb E_{x}\big[\lambda_1\lVert x-G(E(x))\rVert^2-\lambda_2\log
# D(G(E(x)))\big],
# $$
# $$
# L_E=\mathbb E_{x}\big[\lambda_1\lVert x-G(E(x))\rVert^2-\lambda_2\log D(G(E(x)))\big].
# $$
#
# $x$ 取遍真数据，所以每个模式分到的箭头和它的样本一样多。代价是多一个网络，
# 还要 $E(x)$ 落在 $z$ 的分布里。
# 第 05 章的 VAE-GAN 是同一个想法的另一种写法。

# %%
show(MRGAN.encoder_loss)

# %%
claim("more_networks")

# %% [markdown]
# MRGAN 治好了：从真样本出发的箭头，每个模式都有份。MAD-GAN 在这个病上帮不了忙：
# 病根是 $G$ 走得比 $D$ 多，多几个 $G$，一齐追着同一个落后的 $D$ 跑。
# $D$ 走三步 $G$ 走一步时它学得会（`mad_gan_ring`），但各个 $G$ 分得并不干净，纯度只有一半。
# EBGAN 比不加药的好得多，只是多半还差一两个模式。

# %% [markdown]
# ## 9.3 小批量判别 [§9.3]
#
# > Mode Collapse的解决方案 ——幻灯片 000（小批量判别）
#
# $D$ 逐个看样本：2,500 个一模一样的“真样本”，每一个单独看都无可挑剔。
# 让 $D$ 看到同批的其他样本（Salimans 等，2016）。
# 设 $f(x_i)\in\mathbb R^A$ 是 $D$ 的最后一个隐层，
# $T\in\mathbb R^{A\times B\times C}$ 是要学的张量，$M_i=f(x_i)\,T\in\mathbb R^{B\times C}$：
#
# $$
# o(x_i)_b=\sum_{j\ne i}\exp\big(-\lVert M_{i,b}-M_{j,b}\rVert_1\big),\qquad b=1,\dots,B .
# $$
#
# 一批 $N$ 个样本全相同时，每个 $o_b=N-1$；彼此差得远时接近 0。$[f,\ o]$ 一起进最后一层。

# %%
from paddle_gan.networks.minibatch import MinibatchDiscrimination

show(MinibatchDiscrimination.forward)

# %% [markdown]
# 不训练，只拿一个初始化好的 $D$，给它三批 64 个样本：真的、全在一个模式上的、完全相同的。

# %%
setup = build(ring("minibatch_disc", 10, {"z_dim": 16, "num_kernels": 16}), seed=0)
inner, activation, layer, _ = setup.method.D
real = setup.data.sample(64, np.random.default_rng(0))
one = setup.data.modes[0] + setup.data.std * np.random.default_rng(1).standard_normal((64, 2))
groups = {"真样本": real, "一个模式": one, "同一个点": np.tile(real[:1], (64, 1))}
for name, batch in groups.items():
    o = layer(activation(inner(paddle.to_tensor(batch.astype("float32")))))[:, -16:]
    print(f"{name}：o 的平均 {float(o.mean()):.2f}（最大可能 63）")

# %% [markdown]
# 一层线性就能把三批分开，$G$ 于是收到“彼此别太像”的梯度。两条注意：
#
# - $o$ 与批大小成正比，训练和打分要用同样大小的批；
# - 真样本和生成样本要**分两次**过 $D$。混成一批，$o$ 里就掺了对方，信号全乱。
#
# 换掉的只有 $D$ 的尾巴，损失一个字没变：

# %%
compare(GAN.generator_loss, MinibatchDisc.generator_loss)

# %%
claim("minibatch_discrimination")

# %% [markdown]
# 代价是慢：每一对样本都要比，一步要慢几倍。ProGAN 改用一个便宜的量，一组样本的标准差，
# 没有一个参数（`minibatch_std_ring`）。

# %% [markdown]
# ## 9.4 PacGAN、R1 与 R2 [§9.4]
#
# > Mode Collapse的解决方案 ——幻灯片 000（PacGAN 与正则化是我们补上的后来的做法）
#
# ### PacGAN：一次看 m 个（Lin 等，2018）
#
# $D$ 的输入换成 $m$ 个独立样本拼成的一包，要分的是 $p^m$ 与 $q^m$（乘积分布）。为什么有用？
# 用总变差 $\mathrm{TV}(p,q)=\frac12\sum|p-q|$ 量“多好分”，
# 最优 $D$ 的正确率是 $\frac12(1+\mathrm{TV})$。
# 若 $q$ 在 $p$ 的支撑的比例 $1-\varepsilon$ 上与 $p$ 成正比（丢了 $\varepsilon$ 的模式），
# 则 $\mathrm{TV}=\varepsilon$，打包以后
#
# $$
# \mathrm{TV}(p^m,q^m)=1-(1-\varepsilon)^m .
# $$
#
# 若 $q$ 什么也没丢，只是有的模式多些、有的少些，同样的 $\mathrm{TV}$ 打包以后长得慢。
# 精确地算十个模式、$\varepsilon=0.2$：

# %%
p = np.full(10, 0.1)
kinds = {"丢了两个模式": np.r_[np.zeros(2), np.full(8, 0.125)]}
kinds["没丢，只是不匀"] = np.r_[np.full(5, 0.06), np.full(5, 0.14)]
grown = {}
for name, q in kinds.items():
    pm, qm, grown[name] = p, q, []
    for _ in range(5):
        grown[name].append(0.5 * abs(pm - qm).sum())
        pm, qm = np.outer(pm, p).ravel(), np.outer(qm, q).ravel()
    print(f"{name}：" + "，".join(f"m = {m} 时 {v:.4f}" for m, v in enumerate(grown[name], 1)))
print("公式 1 − 0.8^m：" + "，".join(f"{1 - 0.8**m:.4f}" for m in range(1, 6)))
lines(range(1, 6), grown, "一包 m 个", "总变差（越大越容易认出）")

# %% [markdown]
# 看上面的数：$m=1$ 时两种毛病一样难认，打包以后“丢了模式”更显眼，$D$ 就更用力地罚它。
# 代码只有一行 `reshape`：

# %%
show(PacGAN.pack)
compare(GAN.discriminator_loss, PacGAN.discriminator_loss)

# %% [markdown]
# 十个种子：

# %%
claim("packing")

# %% [markdown]
# 批加大一倍的 GAN 看过同样多的真样本，照样丢模式：起作用的是**打包**，不是数据多。
# 开头那两条曲线就是其中一个种子。
#
# ### R1 与 R2：罚梯度（Mescheder 等，2018）
#
# $$
# L_D\mathrel{+}=\frac{\gamma_1}2\mathbb E_{x}\lVert\nabla D(x)\rVert^2
# +\frac{\gamma_2}2\mathbb E_{z}\lVert\nabla D(G(z))\rVert^2 ,
# $$
#
# $D$ 在这里指 logit。03 章在 Dirac-GAN 上算过：特征值从 $\pm\frac i2$ 变成
# $-\frac\gamma2\pm\sqrt{\frac{\gamma^2}4-\frac14}$，转圈变成收敛。
# 它与模式丢失的关系：$D$ 在两个模式之间的悬崖被抹平，箭头伸得更远，离得远的样本也知道往哪走。
#
# 与 WGAN-GP 的差别：中心在 0，不在 1（均衡处 $D$ 应当是平的）；罚在数据上，不在连线上。

# %%
compare(GAN.discriminator_loss, R1.discriminator_loss)

# %%
claim("gradient_penalties")

# %% [markdown]
# 罚真假两边的 $R_1+R_2$、再换成相对损失的 R3GAN，十个种子都治好；只罚真样本近旁的 DRAGAN 治好八个；
# 给 $D$ 的坡度封顶的谱归一化（SNGAN）半路就占全了，走完却有三个种子又丢了模式。
# 再看 9.6 的表里“走到一半”的一列：罚梯度的那时多半还丢着几个模式，学习率降下来以后才占全；
# PacGAN 早早就占全了。一个是让 $D$ 看得见丢了什么，一个是让 $D$ 的坡平缓、$G$ 不至于一步扑过头。
# （后一句是我们的解释，没有单独量过。）
#
# 看曲线时多看一条 `loss/r1`：
# 健康的是先升后降；降到 0 而样本很糟，
# 是 $\gamma$ 太大，$D$ 被压平了。
# 惩罚对每个样本单独定义，$D$ 里有 BN 就不成立。库会当场拒绝：

# %%
from paddle_gan.errors import UserError

try:
    train("r1_ring", "network.discriminator.batch_norm=true", name="09_refused")
except UserError as error:
    print(error)

# %% [markdown]
# ## 9.5 集成 [§9.5]
#
# > Tip: Ensemble ——笔记 003
#
# 训练几个互不相干的 GAN，采样时随机挑一个。设第 $i$ 个以概率 $c$ 覆盖某个模式，
# $n$ 个都漏掉它的概率是 $(1-c)^n$，
# 所以并起来的覆盖率期望是 $1-(1-c)^n$。前提是**独立**：大家都爱丢同一个模式时没有用。
# 量一量：同一个会丢模式的设定，三个种子，各训练 600 步，等权混合；再加一个公平的对照，
# **单独一个，训练三倍的步数**。

# %%
team, steps = [base], base.config.total_steps
for s in (1, 2):
    options = (f"total_steps={steps}", f"seed={s}")
    team.append(train("gan_ring_greedy", *options, name=f"09_seed{s}"))
longer = train("gan_ring_greedy", f"total_steps={3 * steps}", "seed=0", name="09_longer")
parts = [lesson.samples(2500, seed=i) for i, lesson in enumerate(team)]
mixed = np.concatenate([part[i::3] for i, part in enumerate(parts)])
groups = {f"种子 {i}": part for i, part in enumerate(parts)}
groups |= {"三个混合": mixed, "一个，三倍步数": longer.samples(2500)}

# %%
reports = {n: mode_report(x, base.data.modes, base.data.std) for n, x in groups.items()}
for name, r in reports.items():
    print(f"{name}：占 1% 以上 {r['modes/covered_1pct']:.0f} / 8", end="")
    print(f"，高质量 {r['modes/high_quality']:.3f}，反向 KL {r['modes/reverse_kl']:.3f}")
gaps = [np.linalg.norm(part[:, None] - base.data.modes, axis=2) for part in parts]
kept = np.array([(gap < 3 * base.data.std).mean(axis=0) >= 0.01 for gap in gaps])  # (3, 8)
missed, union = 1 - kept.mean(axis=1), kept.any(axis=0).sum()
print(f"三家并起来覆盖 {union}；独立时的期望 8 × (1 − Π(1 − cᵢ)) = {8 * (1 - missed.prod()):.2f}")
points({n: x[::2] for n, x in groups.items()}, real, base.data.modes, base.data.std)

# %% [markdown]
# 看上面的数：
#
# - 高质量比例约等于三家的平均，**集成不改善质量**。
# - 反向 KL 对分布是凸的，所以混合的不高于三家的（加权）平均；各家丢的模式越不一样，降得越多。
# - “三家并起来”比任何一家都多或相等，可是混合的“占 1% 以上”反而会少：每家的份额被摊薄到了三分之一。
# - 三倍步数是算力相同的对照（参数只有一份，集成有三份）：看它有没有补回丢掉的模式。
#
# 三个种子太少，这一格只说明怎样量，不下结论。

# %% [markdown]
# ## 9.6 总表 [§9.6]
#
# 先是展台上的十一组：同样的数据、网络、步数与种子，只差名字上写的那一处。数都是十个种子居中的；
# “治好的种子”要八个模式都占 1% 以上、而且高质量不低于 0.8。

# %%
import json

from IPython.display import Markdown

from paddle_gan.lab import EXPERIMENTS
from paddle_gan.lab.runner import read_results

shown = read_results("cures", "full")


# %%
def middle(rows, key):
    return np.median([row["statistics"][key] for row in rows])


def is_cured(row):
    found = row["statistics"]
    return found["covered_1pct"] == 8 and found["high_quality"] >= 0.8


# %%
columns = ("covered_1pct", "high_quality", "reverse_kl", "halfway")
table = ["| 组 | 治好的种子 | 占 1% 以上 | 高质量 | 反向 KL | 走到一半时的模式 | 秒 / 1,000 步 |"]
table.append("|---|--:|--:|--:|--:|--:|--:|")
for arm, rows in shown.items():
    cells = [f"{middle(rows, key):.3g}" for key in columns]
    seconds = np.median([row["seconds"] for row in rows]) / 2  # 一共 2,000 步
    won = f"{sum(map(is_cured, rows))} / {len(rows)}"
    name = EXPERIMENTS["cures"].label(arm)
    table.append(f"| {name} | {won} | " + " | ".join(cells) + f" | {seconds:.0f} |")
Markdown("\n".join(table))

# %% [markdown]
# 秒数是两个进程各用一个线程、并排跑时量的，只能在这张表里上下比；EBGAN 那时旁边更忙，偏大。
#
# **自己的 GAN 丢了模式，先试什么**（照上面量到的次序，先便宜的）：
#
# | 次序 | 做什么 | 改动 | 在展台上 |
# |--:|---|---|---|
# | 1 | 把 $G$、$D$ 的更新次数与学习率调匀（03 章） | 一个数 | 病根就在这里：各走一步就不丢 |
# | 2 | PacGAN2 | 一行 `reshape`；真样本用量翻倍 | 治好，每步只慢一点，半路就占全 |
# | 3 | $R_1+R_2$ 或 R3GAN | $L_D$ 加一项；$D$ 里不能有 BN | 治好，每步慢三成左右，占全得晚 |
# | 4 | MRGAN，小批量判别 | 多一个编码器；$D$ 多一层 | 都治好，每步慢一倍、慢几倍 |
#
# 数据换成图像，次序可能会变：这张表只在八个高斯上量过。
#
# 再看配置完整跑完的结果；“撒点的几倍”是高质量比例除以前面那把尺子。

# %%
keys = {"covered": "覆盖", "covered_1pct": "占 1% 以上", "high_quality": "高质量"}
keys["reverse_kl"] = "反向 KL"
results = json.loads((HOME / "configs/results.json").read_text("utf-8"))
wanted = ("gan_ring", "gan_ring_collapse", "gan_ring_greedy", "pac_gan_ring", "sngan_ring")
wanted += ("minibatch_disc_ring", "r1_ring", "unrolled_ring", "gan_grid", "pac_gan_grid")
table = ["| 配置 | 种子 | " + " | ".join(keys.values()) + " | 撒点的几倍 |"]
table.append("|---|--:|--:|--:|--:|--:|--:|")
for name in wanted:
    seeds = list(results.get(name, {"seeds": {}})["seeds"].values())
    row = [np.mean([x["metrics"][f"modes/{key}"] for x in seeds]) for key in keys if seeds]
    times = floor["格" if "grid" in name else "环"]
    row += [row[2] / times] if seeds else ["还没有量过", "", "", "", ""]
    row = [cell if isinstance(cell, str) else f"{cell:.3g}" for cell in row]
    table.append(f"| {name} | {len(seeds)} | " + " | ".join(row) + " |")
Markdown("\n".join(table))

# %% [markdown]
# 这张表要读最后一列。**`gan_ring_collapse`、`gan_grid`、`pac_gan_grid` 都不到 1：还不如均匀撒点**。
# 两个格走的步数太少，样本只是散开了，覆盖数**不能**当作“治好了”的证据：格上的解药还没有量成。
# `gan_ring_collapse` 一直在扫来扫去，停下的那一刻多半不在任何一个模式上：
# 它覆盖了几个，全看扫到哪里。
# `unrolled_ring` 是撒点的五六倍，可是它连网络与 $\beta_1$ 也换了，不能全算在展开头上。
#
# 论文发表的数，另放一张：

# %%
table = ["| 实验 | 量 | 发表的数 | 协议 | 出处 |", "|---|---|---|---|---|"]
for name in ("unrolled", "minibatch_discrimination", "packing", "gradient_penalties"):
    for one in EXPERIMENTS[name].published:
        table.append(f"| {name} | {one.what} | {one.value} | {one.protocol} | {one.source} |")
Markdown("\n".join(table))

# %% [markdown]
# 与发表的数只比**方向和次序**：网络、步数、数据的尺度都不同，“同一个环”在文献里至少有六种。

# %% [markdown]
# ## 弄坏它
#
# PacGAN 的一包必须是 $m$ 个**独立**的样本。下面只改一处：一包里的两个生成样本用同一个 $z$。
# 这像是无害的偷懒（少采一半噪声），看看会怎样。

# %%
from paddle_gan.lab.training import samples_of
from paddle_gan.lab.training import train as train_setup
from paddle_gan.monitor.diagnose import diagnose


class TwinPac(PacGAN):
    def noise(self, n):
        return super().noise(n).repeat_interleave(2, axis=0)[:n]  # 相邻两个共用 z


# %%
import os

steps, broken = int(os.environ.get("PADDLE_GAN_TUTORIAL_STEPS", 800)), {}
for name, kind in {"正确": PacGAN, "同一个 z": TwinPac}.items():
    setup = build(ring("pac_gan", steps, {"z_dim": 16, "lr_D": 1e-3, "lr_G": 1e-3}), seed=0)
    fitted, log = kind(setup.method.networks, setup.method.hparams), []
    setup = setup._replace(method=fitted)
    keep = [lambda step, logs, _, log=log: log.append({"step": step} | logs)]
    train_setup(setup, steps, hooks=keep)
    p, q = (np.mean([r[f"prob/{side}"] for r in log[-100:]]) for side in ("real", "fake"))
    print(f"{name}：D(真) {p:.2f}，D(假) {q:.2f}；诊断：{diagnose(log).title()}")
    broken[name] = samples_of(setup, 1000)
data = setup.data
points(broken, data.sample(1000, np.random.default_rng(0)), data.modes, data.std)

# %% [markdown]
# 真的一包里两个样本几乎从不相同，假的一包里两个永远相同。$D$ 不必看样本像不像，
# 只要看“两个一样不一样”。
# 症状：$D(真)-D(假)$ 比正确的写法大得多，$G$ 的样本也不再变好（看上面的数与图）。
# 这是往“判别器过强”走的样子。诊断的界限是相差 0.9，这一次还没有到，所以没有报：诊断抓大的毛病，
# 小的要你自己比曲线。
# 真实的同类错误：小批量判别里把真假混成一批、有放回地重复取同一批真样本（笔记 004 的 WGAN 代码，
# 五次评论器更新用同一批真样本）。

# %% [markdown]
# ## 小结
#
# | 类 | 方法 | 改了什么 | 代价 |
# |---|---|---|---|
# | 改目标 | Unrolled | $G$ 对付 $k$ 步之后的 $D$ | 每步用时是 GAN 的几倍，至多约 $1+k$；要二阶导 |
# | 改结构 | MAD-GAN | $k$ 个 $G$，$D$ 分 $k+1$ 类 | $k$ 个生成器；治不了这里的病 |
# | 改结构 | MRGAN | 加编码器，从真样本出发 | 多一个网络（`mr_gan`） |
# | 看一批 | 小批量判别 | $D$ 看同批有多像 | 与批大小绑定 |
# | 看一包 | PacGAN | $D$ 看 $m$ 个拼成的一包 | 真样本用量乘 $m$ |
# | 罚梯度 | $R_1$、$R_2$、DRAGAN | $L_D$ 加罚梯度的一项 | 二阶导；不能有 BN |
# | 限坡度 | 谱归一化 | $D$ 每层的权重除以最大的奇异值 | 每步慢一倍左右 |
# | 集成 | 几个 GAN 混合 | 采样时随机挑一个 | 算力乘 $n$，质量不变 |
#
# 先做最便宜的：把 $G$、$D$ 的学习率与更新次数调匀（03 章），再考虑换方法。

# %% [markdown]
# ## 练习

# %% [markdown]
# **9.1** xy 博弈，展开 $k$ 步，虚拟步长 $\eta=0.1$，真实步长 $\alpha=0.5$（同时更新，
# 穿过虚拟更新）。
# $k$ 至少取几才收敛？（一个整数）

# %%
answer = None  # 换成你的答案
check("9.1", answer)

# %% [markdown]
# **9.2** 生成分布丢了四分之一的模式，其余均匀。一包 $m=3$ 个，$\mathrm{TV}(p^m,q^m)$ 是多少？
# （一个数，保留三位小数）

# %%
answer = None  # 换成你的答案
check("9.2", answer)

# %% [markdown]
# **9.3** 一批 $N=64$ 个完全相同的样本过小批量判别层，每个 $o_b$ 是多少？（一个整数）

# %%
answer = None  # 换成你的答案
check("9.3", answer)

# %% [markdown]
# **9.4** 写一个函数 `f(k)`：MAD-GAN 用 $k$ 个生成器，生成器目标的全局最小值。（一个函数）

# %%
answer = None  # 换成你的答案
check("9.4", answer)

# %% [markdown]
# **9.5** Unrolled GAN 的一步里，谁往前走了 $k$ 步？（A）$G$；（B）真正的 $D$；（C）虚拟的 $D$，
# 用完就丢；（D）$G$ 与 $D$ 各 $k$ 步。

# %%
answer = None  # 换成你的答案
check("9.5", answer)

# %% [markdown]
# ## GPU
#
# 二维的设定 CPU 就够。要跑完整步数、更多种子：
#
# ```bash
# python tools/train.py -c configs/unrolled_ring.yml --seed 1
# python tools/train.py -c configs/pac_gan_grid.yml
# python tools/lab.py run unrolled cures
# ```
#
# ## 延伸阅读
#
# - Metz 等，*Unrolled Generative Adversarial Networks*，arXiv:1611.02163。
# - Salimans 等，*Improved Techniques for Training GANs*，arXiv:1606.03498，§3.2 小批量判别。
# - Lin 等，*PacGAN: The power of two samples in generative adversarial networks*，
#   arXiv:1712.04086。
# - Mescheder 等，*Which Training Methods for GANs do actually Converge?*，arXiv:1801.04406。
# - Ghosh 等，*Multi-Agent Diverse Generative Adversarial Networks*，arXiv:1704.02906。
# - Che 等，*Mode Regularized Generative Adversarial Networks*，arXiv:1612.02136。
#
# 第 10 章（生成的评估）还没有写：图像上没有真模式可数，怎样知道丢没丢，先看
# [台账](claims.md)里 E 开头的几行。接着打开 `12_CycleGAN.ipynb`：没有配对的数据怎样翻译。
