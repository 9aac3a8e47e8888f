# %% [markdown]
# # 03 优点与缺点
#
# **学完你能**
# 1. 说清 GAN 的三条优点各是什么意思，并在一格代码里量出来。
# 2. 用两个能纸笔算清的小博弈，推出“交替训练为什么转圈”，以及三种止住转圈的办法。
# 3. 分清模式崩溃与模式丢失，指出它们的起因，并用诊断和看板抓到一次真的崩溃。
#
# **CPU 用时** 约 2 分钟
#
# **先读** 01（GAN 的想法与算法 1）、02（目标函数、最优判别器、JS 散度）。

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
# ## 3.1 优点 [§3.1]
#
# > 优点：（1）不需要马尔可夫链，反馈有反向梯度的形式，（2）
# > 对抗最大的好处是判别器的梯度之间传向生成器（3）生成对抗网络甚至可以拟合degenerate的分布。
# >
# > ——笔记 002“原始GAN优缺点”（幻灯片 000“GAN的优点”说“这里有好几个名词不熟悉”）
#
# 名词不熟，就一个一个量。
#
# ### 优点一：不需要马尔可夫链
#
# 假设你知道密度 $p(x)$，但只知道到一个常数：$p(x)=\tilde p(x)/Z$，$Z$ 算不出来。
# 经典的办法是马尔可夫链（Markov chain）：从 $x$ 试走一步到 $y$，
# 以概率 $\min\{1,\ \tilde p(y)/\tilde p(x)\}$ 接受。
# 走得足够久，链上的点就服从 $p$。毛病有两个：
#
# - 相邻的点很像，要走许多步才算一个“新”样本；
# - 模式之间隔着低密度的地带，步子小了跨不过去，步子大了几乎总被拒绝。
#
# GAN 不写密度。样本是 $x=G(z)$，一次前向就是一批，彼此独立。
# 先训练一个八个高斯上的 GAN，后面几节也用它。

# %%
import numpy as np

good = train(
    "gan_ring", "total_steps=3000", "metrics.every=100", "log_every=20", name="03_good", snapshots=6
)
good

# %% [markdown]
# 再写一条链，目标就是同样的八个高斯（这里我们替它把 $\tilde p$ 写了出来，GAN 没有这个便利）。
# 小步、大步各走 5,000 步。

# %%
modes, std, rng = good.data.modes, good.data.std, np.random.default_rng(0)


def log_p(x):
    return np.logaddexp.reduce(-((x - modes) ** 2).sum(axis=1) / (2 * std**2))


def chain(size, steps=5000):
    path = [modes[0]]
    for noise in size * rng.standard_normal((steps, 2)):
        y = path[-1] + noise
        accept = np.log(rng.random()) < log_p(y) - log_p(path[-1])
        path.append(y if accept else path[-1])
    return np.array(path[1:], np.float32)


# %%
import time

from paddle_gan.metrics import mode_report

makers = {"链，步长 0.05": lambda: chain(0.05), "链，步长 1": lambda: chain(1.0)}
makers["GAN"] = lambda: good.samples(5000)
drawn = {}
for name, make in makers.items():
    start = time.perf_counter()
    drawn[name] = make()
    seconds, r = time.perf_counter() - start, mode_report(drawn[name], modes, std)
    new = len(np.unique(drawn[name], axis=0)) / 5000
    print(f"{name}：{r['modes/covered']:.0f} 个模式，反向 KL {r['modes/reverse_kl']:.2f}", end="")
    print(f"，互不相同的 {new:.0%}，高质量 {r['modes/high_quality']:.0%}，{seconds:.2f} 秒")
points(drawn, good.data.sample(1000, rng), modes, std)

# %% [markdown]
# 看上面的数。小步的链困在出发的模式里；大步的链到得了别处，可是绝大多数提议被拒绝，
# 5,000 个样本里不同的没有几个。
# GAN 一次前向就有 5,000 个互不相同的样本，各个模式都有。
# 反过来也要说清：链走得够久，极限就是 $p$ 本身，没有近似误差；没走到极限时，它在到过的模式里画得准
# （高质量比例更高），各模式的轻重却不对。GAN 从头到尾只是近似，还要先花时间训练。
# 论文说的“不需要马尔可夫链”还有一层：像受限玻尔兹曼机那样的模型，**训练的每一步**里也要跑链，
# GAN 训练时也不用。
#
# 那么在手写数字上差多少？拿一个受限玻尔兹曼机（RBM）比：它是 GAN 的论文点名的、要走链的模型。

# %%
claim("markov_chain")

# %% [markdown]
# 右边横着看是**快慢**：一次前向比走完 1,000 步的链快上千倍，链只走到够用就停，也还差几十倍以上。
# 竖着看是**好坏**，那是另一回事：
#
# - RBM 的一条线先往左下走：链走到一两百步以前，越长画得越像，也越慢；再长就只是更慢，
#   五个种子有四个的 FD 还回升了一些。它画得仍比这一段 GAN **更像**，
#   训练用的时间只有一半上下：这条优点没有说 GAN 画得好。
# - 没有训练的 G 也是一次前向，一样快，画的是噪声。**一次前向只说明快，不说明好。**
#   （VAE 的解码器也是一次前向；今天的扩散模型取一个样本要走几十步以上，画得却好。）

# %% [markdown]
# ### 优点二：判别器的梯度传给生成器
#
# 生成器从来不看真样本。它的损失只经过 $D$：

# %%
from paddle_gan.methods import GAN

show(GAN.generator_loss)

# %% [markdown]
# 记 $x=G_\theta(z)$，不饱和损失 $L_G=-\mathbb E_z[\log D(G_\theta(z))]$。链式法则：
#
# $$
# \nabla_\theta L_G=\mathbb E_z\Big[
# \Big(\tfrac{\partial G_\theta(z)}{\partial\theta}\Big)^{\!\top}\,
# \underbrace{\nabla_x\big(-\log D(x)\big)\big|_{x=G_\theta(z)}}_{\text{判别器给每个样本的一支箭头}}
# \Big]
# $$
#
# 后一个因子是 $D$ 说的“这个样本往哪边挪才更像真的”。前一个因子是 $G$ 把它换成参数的改动。
# 下面取一个只训练了 200 步的 GAN，画出箭头 $-\nabla_x(-\log D)$，再验证两种算法给出同一个梯度。

# %%
import paddle

from paddle_gan.losses import non_saturating_generator

early = train("gan_ring", "total_steps=200", "log_every=10", "metrics.every=10", name="03_early")
paddle.seed(0)
x = early.method.G(early.method.noise(128))
loss = non_saturating_generator(early.method.D(x))
weights = early.method.parameters(("G",))
arrow = paddle.grad(loss, x, retain_graph=True)[0]  # (128, 2)
by_chain = paddle.grad(x, weights, grad_outputs=arrow, retain_graph=True)
direct = paddle.grad(loss, weights)
gap = max(float((a - b).abs().max()) for a, b in zip(by_chain, direct))
print(f"先求箭头、再乘 ∂G/∂θ，与直接反向传播相差至多 {gap:.1e}")

# %%
arrows(early.method.D, x.numpy(), -arrow.numpy(), modes, "D 给每个生成样本的方向")

# %% [markdown]
# 箭头从每个生成样本出发，红圈是真模式，底色是 $D$ 此刻的判断：橙像真，紫像假。
# 这就是“反馈有反向梯度的形式”：每个样本各有一支箭头，都从紫处指向橙处。
# 它们指向 **$D$ 此刻打分升得最快的方向**，不一定是最近的真模式：$D$ 也才学了 200 步，
# 只知道哪一片假样本太多（第 01 章数过有几成指对了，也与没训练过的 $D$ 比过）。
# 图里的箭头统一画成一样长，只看方向。健康的是同一片里方向分明；
# 危险的信号是箭头全都接近 0（$D$ 处处一样，或者饱和了，见 3.4）。
#
# ### 优点三：可以拟合退化的分布
#
# 退化分布（degenerate distribution）：全部概率落在一条线、一个点上，面积为 0，没有密度。
# 最大似然在这里失灵。设真样本都在直线 $x_1=0$ 上，模型在 $x_1$ 方向是 $\mathcal N(0,s^2)$，
# 平均对数似然是
#
# $$
# \frac1n\sum_i\log\Big(\frac{1}{\sqrt{2\pi}\,s}e^{-0^2/(2s^2)}\Big)
# =-\log s-\tfrac12\log(2\pi)\ \xrightarrow[s\to0]{}\ +\infty .
# $$
#
# 没有最大值，可以无穷地“好”下去。GAN 只要样本，不要密度，照样能训练。
# 数据取两条平行线段 $x_1=0$ 与 $x_1=1$。（方法用第 09 章的 PacGAN：原来的 GAN 也贴得上去，
# 只是常常丢掉一条线；那是模式丢失，3.3 节的事，与退化无关。）

# %%
for s in (0.1, 0.01, 1e-4, 1e-8):
    print(f"s = {s:g}：平均对数似然 {-np.log(s) - 0.5 * np.log(2 * np.pi):.1f}")
changes = ("hparams.g_steps=1", "data={name: two_lines}", "metrics={names: [], every: 100}")
lines_gan = train("pac_gan_ring", *changes, "total_steps=1500", name="03_lines")
fake = lines_gan.samples(2000)
distance = np.minimum(abs(fake[:, 0]), abs(fake[:, 0] - 1))
half, most = np.quantile(distance, [0.5, 0.9])
print(f"到最近一条线的距离：一半不到 {half:.3f}，九成不到 {most:.3f}")
print(f"左边一条线分到 {np.mean(fake[:, 0] < 0.5):.0%} 的样本")
real_lines = lines_gan.data.sample(2000, rng)
points({"真实数据": real_lines, "GAN 的样本": fake}, real_lines)

# %% [markdown]
# 看上面的数：样本贴着两条线，离线的距离比两线的间距小得多，但不是 0。网络是连续的，$z$ 也是连续的，
# 两条线之间还常留下几个“过桥”的点。
#
# 贴得多近？换成一个圆、一个点，各跑几个种子，旁边放两样最大似然的：高斯混合与帕尔森窗
# （每个训练样本上放一个小高斯）。

# %%
claim("degenerate")

# %% [markdown]
# GAN 确实贴得上去，整个圆也都占到了，居中的种子离圆平均约半径的 0.8%。
# 可是**别的办法也贴得上去，还更近**：
# 8 个高斯拼的圆有厚度，那只是高斯太少，换成 32 个就比 GAN 近；帕尔森窗抄了训练样本，
# 自己挑的窗很窄，最近；一个点上的高斯把方差一直缩到程序设的下限，没有那个下限，
# 就是上面那个没有上界的似然。“甚至可以”说的是 GAN 不必防这件事，不是只有它做得到。
#
# 所以这条优点的准确说法是：**GAN 的目标里没有密度，数据退化了，最优的还是生成分布等于数据分布**，
# 不必像似然那样设一个下限，样本贴得上去；不是说能精确地拟合。
# 它还有代价：真假两个支撑集不重叠时，JS 散度恒为 $\log 2$，$G$ 得不到方向，那是第 06 章的事。

# %% [markdown]
# ## 3.2 缺点：不收敛 [§3.2]
#
# > No-convergence ——幻灯片 000“Gan的缺点”
#
# 普通的训练是一个人下山。GAN 是两个人各走各的：你下山的方向，正是他上山的方向。
# 先看最小的例子，一个数对一个数：
#
# $$\min_x\max_y\ V(x,y)=xy .$$
#
# 唯一的均衡是 $(0,0)$。$x$ 沿 $-\partial V/\partial x=-y$ 走，$y$ 沿 $\partial V/\partial y=x$ 走，
# 合起来是
# $v(x,y)=(-y,\ x)$：永远垂直于半径，只转圈，不靠近圆心。
#
# **同时更新**，步长 $\eta$：
#
# $$
# \begin{pmatrix}x\\y\end{pmatrix}\leftarrow
# \begin{pmatrix}1&-\eta\\\eta&1\end{pmatrix}\begin{pmatrix}x\\y\end{pmatrix},
# \qquad \lambda=1\pm i\eta,\qquad |\lambda|=\sqrt{1+\eta^2}>1 .
# $$
#
# 步长再小，每步半径也要乘一个大于 1 的数，必定越转越远。
#
# **交替更新**：$x'=x-\eta y$，$y'=y+\eta x'=\eta x+(1-\eta^2)y$：
#
# $$
# M=\begin{pmatrix}1&-\eta\\\eta&1-\eta^2\end{pmatrix},
# \qquad \det M=(1-\eta^2)+\eta^2=1,\qquad \operatorname{tr}M=2-\eta^2 .
# $$
#
# $0<\eta<2$ 时 $|\operatorname{tr}M|<2$，两个特征值共轭，乘积是 $\det M=1$，所以 $|\lambda|=1$：
# 不发散，也不收敛，一直绕。

# %%
from paddle_gan.lab import games

eta, origin = 0.1, np.array([2.0, 0.5])
paths = {rule: games.xy_path(rule, eta, 1200, origin) for rule in games.XY_RULES}
names = {"simultaneous": "同时更新", "alternating": "交替更新", "extragradient": "外梯度"}
names |= {"omd": "乐观更新", "consensus": "共识优化"}
for rule, path in paths.items():
    theory, measured = games.theoretical_factor(rule, eta), games.measured_factor(path)
    print(f"{names[rule]}：每步半径乘 {theory:.5f}（公式），{measured:.5f}（量出来）")
with canvas(5, size=(2.3, 2.5)) as c:
    for axis, (rule, path) in zip(c.axes[0], paths.items()):
        axis.plot(*path[:200].T, linewidth=0.9)
        axis.plot(0, 0, "*", color="black", markersize=9)
        axis.set(title=names[rule], xlim=(-6, 6), ylim=(-6, 6), aspect="equal")
c.picture

# %% [markdown]
# 图是前 200 步，★ 是均衡。拖动步长 η，看哪一种先散开、哪一种收得更快（题目下面是每步半径乘几）：

# %%
from paddle_gan.teaching.knobs import orbits

slide(orbits, (0.02, 0.05, 0.1, 0.2, 0.5, 1.0), "η", start=0.1)

# %% [markdown]
# 前两种是 GAN 平时的做法，后三种是补救。η = 0.1 时后三种的因子都小于 1：
#
# - **外梯度**（extragradient）：先试走一步，用那里的方向。
#   记旋转 $J=\begin{pmatrix}0&-1\\1&0\end{pmatrix}$，$J^2=-I$：
#   $w\leftarrow w+\eta J(w+\eta Jw)=\big[(1-\eta^2)I+\eta J\big]w$，
# $|\lambda|^2=(1-\eta^2)^2+\eta^2=1-\eta^2+\eta^4$。
# - **乐观更新**（OMD）：$w_{t+1}=w_t+2\eta v_t-\eta v_{t-1}$，用上一步的方向猜下一步。
#   代入 $w_t=\lambda^t w_0$、$J\to i$：
#   $\lambda^2-(1+2i\eta)\lambda+i\eta=0$，取模最大的根。
# - **共识优化**（consensus）：$w\leftarrow w+\eta\,(v-\nabla\tfrac12\lVert v\rVert^2)$。
#   这里 $\lVert v\rVert^2=\lVert w\rVert^2$，多出来的正好是 $-\eta w$：
#   $\lambda=(1-\eta)\pm i\eta$，$|\lambda|=\sqrt{(1-\eta)^2+\eta^2}$。
#
# ### Dirac-GAN：真正的 GAN 也一样
#
# 真分布是 0 处的一个点，生成分布是 $\theta$ 处的一个点，$D(x)=\sigma(\psi x)$（Mescheder 等，
# 2018）。
#
# $$
# V(\theta,\psi)=\log D(0)+\log(1-D(\theta))=-\log2-\log(1+e^{\psi\theta}),
# $$
#
# $$
# \dot\theta=-\frac{\partial V}{\partial\theta}=\psi\,\sigma(\psi\theta),
# \qquad \dot\psi=\frac{\partial V}{\partial\psi}=-\theta\,\sigma(\psi\theta).
# $$
#
# 于是 $\tfrac{d}{dt}(\theta^2+\psi^2)=2\theta\psi\sigma-2\psi\theta\sigma=0$：连续时间里是一个圆。
# 离散以后要分开说：**同时更新**的每一步都与半径垂直，步子是直角边，新的半径是斜边，只会变大，
# 越走越偏到圆外；**交替更新**留在圆的附近，不远去，也不靠近圆心。
# 均衡 $(0,0)$ 处的雅可比矩阵是 $\begin{pmatrix}0&\frac12\\-\frac12&0\end{pmatrix}$，
# $\lambda=\pm\tfrac i2$，实部为 0。
# $R_1$ 惩罚的是 **logit** $a(x)=\psi x$ 的梯度，不是概率 $D=\sigma(a)$ 的：
# $\nabla a(0)=\psi$，所以 $D$ 的损失加上
# $\tfrac\gamma2\lVert\nabla a(0)\rVert^2=\tfrac\gamma2\psi^2$，$\dot\psi$ 多一项 $-\gamma\psi$：
#
# $$
# \lambda^2+\gamma\lambda+\tfrac14=0,
# \qquad \lambda=-\tfrac\gamma2\pm\sqrt{\tfrac{\gamma^2}4-\tfrac14},\qquad \text{实部}<0 .
# $$
#
# 下面取 $\gamma=0.3$（论文笔记本里的值，写在 `games.R1_WEIGHT`）。

# %%
assert games.R1_WEIGHT == 0.3
for name in ("gan", "ns_gan", "wgan", "r1"):
    print(f"{name}：均衡处的特征值 {np.round(games.eigenvalues(name), 4)}")
start, cases = np.array([1.0, 1.0]), {"GAN，同时更新": ("gan", "sim")}
cases |= {f"{title}，交替更新": (name, "alt1") for title, name in (("GAN", "gan"), ("R1", "r1"))}
cases["WGAN-GP，交替更新"] = ("wgan_gp", "alt1")
trails = {title: games.dirac_path(*case, start, 0.2, 500) for title, case in cases.items()}
for title, path in trails.items():
    radius = np.hypot(*path.T)
    print(f"{title}：半径从 {radius[0]:.2f} 到 {radius[-1]:.2f}", end="，")
    print(f"途中在 {radius.min():.2f} 与 {radius.max():.2f} 之间")

# %%
away, near = (np.hypot(*trails[f"GAN，{how}更新"].T) for how in ("同时", "交替"))
assert away[-1] > 3.3 and near.min() > 1.33 and near.max() < 1.42
t = np.linspace(-3.5, 3.5, 11)
with canvas(4, size=(2.6, 2.8)) as c:
    for axis, (title, path) in zip(c.axes[0], trails.items()):
        rule = games.DIRAC[cases[title][0]]
        field = np.array([[rule(a, b) for a in t] for b in t])  # (ψ, θ, 2)
        axis.quiver(t, t, *field.transpose(2, 0, 1), color="#bbbbbb", width=0.005)
        axis.plot(*path.T, color="#D55E00", linewidth=1)
        axis.plot(0, 0, "*", color="black", markersize=9)
        axis.set(title=title, xlabel="θ（生成器）", aspect="equal")
    c.axes[0, 0].set_ylabel("ψ（判别器）")
c.picture

# %% [markdown]
# 灰箭头是向量场，红线是从 (1, 1) 出发、步长 0.2、走 500 步的轨迹。从左到右：GAN 同时更新，
# 一路绕到圆外；GAN 交替更新，绕着一个圈；$R_1$ 把轨迹拉进圆心；WGAN-GP
# 也停不下来（它要求 $|\psi|=1$，均衡却在 $\psi=0$）。
#
# 八种方法、三种次序的完整对照在下面，一格一格与理论对（“完整档”是台账登记的全部步数与种子，
# 第 02 章说过）：

# %%
claim("no_convergence")

# %% [markdown]
# “不饱和 GAN”的一格看着一路往里收，线却是红的，没有涂错：它越近越慢，均衡处特征值的实部也是 0
# （上面印的 `ns_gan`），500 步后的半径还没有到出发时的 1%，所以算没有收敛。

# %%
claim("stop_rotation")

# %% [markdown]
# 这两个结论说的都是玩具博弈。真网络上有随机的批、Adam 和许多参数，轨迹不会这样干净；
# 留下来的教训是：
# **GAN 的损失不是一条要走到底的曲线，它停在哪里、停不停，都不说明学得好不好**（3.5 再谈）。

# %% [markdown]
# ## 3.3 缺点：模式崩溃与模式丢失 [§3.3]
#
# > Mode collapse：generator 開始產生一樣的東西；Mode Dropping：generator 同一類 ——笔记 003
# >
# > Mode Collapse:discriminator 的盲点，这个生成的图像可以永远地骗过discriminator ——笔记 001
#
# - **模式崩溃**（mode collapse）：许多不同的 $z$ 变成几乎同一个 $x$。
# - **模式丢失**（mode dropping）：真数据的某些模式，一个样本也不生成；剩下的模式里可以各不相同。
#
# 先看一次真的崩溃。随包的这一次 $G$ 每走十步 $D$ 才走一步，完整跑了 2,000 步：

# %%
sick = Lesson.shipped("gan_ring_greedy")
real = sick.data.sample(2500, np.random.default_rng(1))
crash = {"真实数据": real, "崩溃的 GAN": sick.samples(2500)}
points(crash, real, modes, std)

# %%
last = list(zip(*sick.curve("modes/high_quality")))[-3:]
print("高质量：" + "，".join(f"第 {step:,.0f} 步 {share:.0%}" for step, share in last))
filmstrip(sick)

# %% [markdown]
# 上图：2,500 个不同的 $z$，全落在一个模式上，别的七个红圈是空的；而且挤在那里的样本
# 大半是“高质量”的。下图是它怎样走到这里的：整团样本从一个模式跳到另一个，
# 最后缩成一点。它不是自己停住的：看印出来的高质量，前一个检查点样本还大半不在模式上；
# 学习率到这时降到了 0，落在一个模式上，才不再走。动画左边是只改一处的对照，$G$ 也只走一步：
#
# ![左：D 与 G 各走一步，八个模式都在；右：D 走一步 G 走十步，走完时在一个模式上](assets/ring.gif)
#
# 这个种子是挑出来的，不是次次这样。同样的设定，台账里有十个种子：

# %%
from paddle_gan.lab.runner import read_results

rows = [row["statistics"] for row in read_results("cures", "full")["gan"]]
kept = [int(row["covered_1pct"]) for row in rows]
shares = [row["high_quality"] for row in rows if row["covered_1pct"] == 1]
print(f"十个种子里有 {kept.count(1)} 个走完只剩一个模式；占 1% 以上的模式，各剩", kept)
print("只剩一个模式的，高质量各是：" + "，".join(f"{share:.0%}" for share in sorted(shares)))

# %% [markdown]
# “只剩一个”里也有两种：高质量的多，是真的挤在一处；高质量低的，样本大半不在任何模式上，
# 那是走完的一刻还在扫。

# %% [markdown]
# ### 三个量，一起看
#
# 设真数据有 $K$ 个等重的模式，$\hat p_k$ 是高质量样本落在模式 $k$ 的比例。三个量一起看：
# 覆盖的模式数；高质量的比例（离最近的中心不到 $3\sigma$）；反向 KL
#
# $$\mathrm{KL}(\hat p\,\Vert\,u)=\sum_k\hat p_k\log\frac{\hat p_k}{1/K}=\log K-H(\hat p).$$
#
# 只均匀地占了 $m$ 个模式时，$H(\hat p)=\log m$，反向 KL 是 $\log(K/m)$。
# 一个高质量样本也没有时，$\hat p$ 没有定义，库里取它的最大值 $\log K$。
# 先拿几组假样本看它们各能看出什么；散开的程度看每个坐标的标准差（沿样本算，再平均两个坐标）。

# %%
which = np.linalg.norm(real[:, None] - modes, axis=2).argmin(axis=1)
blur = rng.normal(0, 0.25, real.shape)
fakes = {"真实数据": real, "崩溃：一个点": np.tile(modes[0], (2500, 1))}
fakes |= {"丢失：只剩三个模式": real[which < 3], "没丢，但画得糊": real + blur}
fakes["一个好样本也没有：都在圆心"] = np.zeros_like(real)
fakes["上面那个崩溃的 GAN"] = crash["崩溃的 GAN"]
for name, samples in fakes.items():
    r, spread = mode_report(samples, modes, std), samples.std(axis=0).mean()
    print(f"{name}：覆盖 {r['modes/covered']:.0f}，高质量 {r['modes/high_quality']:.3f}", end="")
    print(f"，反向 KL {r['modes/reverse_kl']:.3f}，标准差 {spread:.2f}")
assert fakes["崩溃：一个点"].std(axis=0).max() == 0
print(f"log(8/1) = {np.log(8):.3f}，log(8/3) = {np.log(8 / 3):.3f}")
print(f"1 − e^(−9/2) = {1 - np.exp(-4.5):.3f}")

# %% [markdown]
# “崩溃”一行的高质量比例是满分。**只看质量，崩溃的生成器胜过真实数据**；
# 真实数据自己也只有 $1-e^{-9/2}\approx0.989$。
# 圆心一行的反向 KL 也是 $\log8$：**反向 KL 等于 2.08 有两种可能**，只剩一个模式，
# 或一个好样本也没有；看高质量的比例就知道是哪一种。真的崩溃（最后一行）是前一种，
# 标准差也塌到了百分之几。
#
# ### 起因：$G$ 走得太快
#
# 那么 GAN 一定崩溃吗？现场训练一次对照，与 `sick` **只差一处**：$G$ 每步也只更新一次。
# 网络、种子、学习率、批、步数（$D$ 都是 2,000 次）全一样。

# %%
calm = train("gan_ring_greedy", "hparams.g_steps=1", name="03_calm", snapshots=6)
calm

# %%
filmstrip(calm, 6)

# %%
for name, lesson in {"G 走 1 步": calm, "G 走 10 步": sick}.items():
    print(f"{name}：占 1% 以上的模式 {lesson.last('modes/covered_1pct'):.0f} 个", end="")
    print(f"，高质量 {lesson.last('modes/high_quality'):.0%}", end="")
    print(f"，多样性 {lesson.last('diversity'):.2f}（1 是与真数据一样散）")

# %% [markdown]
# 只差一处，一个把八个模式差不多占齐，一个只剩一个。注意：**光看高质量的比例，看不出谁崩溃了**，
# 分得出的是模式数与多样性。
# 所以**幻灯片那句话要补上起因**：不是“GAN 就会崩溃”，这里一步里 $G$ 更新得太多，是一个起因。
# 它**不是唯一的起因**，这里比的也只是一个种子。十个种子放在一起，看占全的（八个模式都占 1% 以上）：

# %%
tried = {"gan": "G 走 10 步（病人）", "gan_1to1_short": "只把 G 改成走 1 步"}
tried |= {"gan_1to1": "G 走 1 步，多走些步", "gan_beta1_0": "G 仍走 10 步，只把 β₁ 从 0.5 改成 0"}
for arm, name in tried.items():
    found = [row["statistics"] for row in read_results("cures", "full")[arm]]
    all_eight = sum(row["covered_1pct"] == 8 for row in found)
    quality = np.median([row["high_quality"] for row in found])
    print(f"{name}：{all_eight} / {len(found)} 个种子占全，高质量居中 {quality:.0%}")

# %% [markdown]
# 更新次数一动不动，只把 Adam 的 $\beta_1$ 改成 0，十个种子也都占全了：动量也是一个起因
# （第 09 章再比）。
#
# 起因还有别的样子。下面的实验把这个病人与另外四组放在一起，其中三组一步各更新一次，
# 只是 $G$ 的学习率是 $D$ 的十倍。每 100 步记一次模式直方图，数它“跳”了几次：

# %%
claim("collapse_and_hops")

# %% [markdown]
# 结论和数看上面这一格。“会崩溃”说的是有这样的设定，所以判据只看第三组，就是刚才的病人；
# 另外几组是对照，不算数。
# 前两组照演示代码的学习率（$G$ 是 $D$ 的十倍），居中都占全八个模式
# （第二组有四个种子不到六个，可是样本也散）；第四组还把动量加大（$\beta_1=0.9$）、
# 批减小（64），损失（不饱和）、$z$ 的维数（16）与激活（LeakyReLU）也换了，十个种子都丢模式。
# 几处一起改，分不出是哪一处起的作用；能说的只是，同一句话可以真，也可以假，要说清楚在什么设定下。
#
# 还要看一眼高质量：第四组居中只有 3%，与均匀撒点一样，所以**不能拿它说“崩溃”**。
# 图数的是“离哪个模式最近”，**不管好坏**：它是整团在扫，不是停在一个模式上。
# 第三组的高质量过半，样本真落在模式上。
#
# 读图：每一行是一个模式，颜色深是样本多。
# 健康的图是八条一样浅的横带。一条深带是崩溃；深带从一行换到另一行，是**模式跳跃**（mode hopping）：
# $G$ 挤到一处，$D$ 学会那里是假的，$G$ 又整个搬到下一处。001 说“可以永远地骗过”，
# 指的是停着不跳的一种。

# %% [markdown]
# ## 3.4 G 与 D 的训练强度 [§3.4]
#
# > 缺点：必须同时把握好训练强度，避免生成样本过度接近真实样本从而减少其多样性。
# > 也就是too many values of z to the same value of x to have enough diversity to model p data
# >
# > ——笔记 002
#
# 前半句读错了论文。论文 §6 说的是：**不更新 $D$ 的时候，不能把 $G$ 训练太多**，
# 否则太多的 $z$ 变成同一个 $x$（论文叫 Helvetica 情形）。
# 问题不在“太接近真实样本”，在 $G$ 走得太快。两行就能证明：固定 $D$，
#
# $$\mathbb E_z[\log D(G(z))]\ \le\ \max_x\log D(x),$$
#
# 等号当且仅当（几乎）每个 $G(z)$ 都落在 $D$ 的最高点上。
# 所以**固定的 $D$ 若只有一个最高点 $x^\star$，最好的 $G$ 就是崩溃的 $G$**：所有的 $z$
# 都变成 $x^\star$，与数据有几个模式无关。“只有一个”不能省：八个山头一样高时，
# 样本怎样分给它们都一样好；$D\equiv\tfrac12$ 处处一样高时，哪个 $G$ 都是最好的。
# 反过来，02 章的结论“全局最优是 $p_g=p_{\rm data}$”说的是 $\min_G\max_D$：
# 内层的 $D$ 每次都走到最优。
# $G$ 走得越快，实际在解的就越像 $\max_D\min_G$，次序一换，答案就变了。
#
# 这是全局最优的说法。梯度下降真的会走到那里吗？取只训练了 200 步的 `early` 和训练好的 `good`，
# 从现在起 $D$ 一动不动，只更新 $G$ 400 步：

# %%
for name, lesson in {"early": early, "good": good}.items():
    for step in range(401):
        if step % 200 == 0:
            x = lesson.samples(2000)
            near = np.linalg.norm(x[:, None] - modes, axis=2).argmin(axis=1)
            top = np.bincount(near, minlength=8).max() / len(x)
            print(f"{name}，只训练 G {step} 步：离原点的中位数 ", end="")
            print(f"{np.median(np.hypot(*x.T)):.2f}，最多的模式占 {top:.0%}")
        lesson.method.generator_step(256)

# %% [markdown]
# 看上面的数，两个结果都与“缩成一点”不同，值得想清楚：
#
# - `early` 的 $D$ 是 ReLU 类的网络，往某个方向走 logit 一直涨，**最高点在无穷远**。
#   $G$ 就一直往外跑。
# - `good` 的 $D$ 上，八个模式各是一个小山头。每个样本待在自己的山头上，
#   梯度不会把它搬到更高的另一座。
#
# 所以那个不等式说的是“崩溃的 $G$ 分数最高”，**会不会走到，还要看 $D$ 的形状**。十个种子、
# 还有不同的更新次数之比，在下面这一格：

# %%
claim("helvetica")

# %% [markdown]
# “固定 $D$、只训练 $G$ 就缩成一点”的三条判据**一条也没有满足**，与我们刚才看到的一样。
# 另外两条是对照，不算进结论：照旧交替训练，没有缩；20 次对 1 次，占 1% 以上的模式只剩一个或没有，
# 可是样本散开、哪个模式也不在时也是这样。
# 所以论文的话在这里还没有被证实，只能说：
#
# 造得出崩溃的，是**两边都在动、而 $G$ 快得多**：3.3 的 10 次对 1 次，有一半的种子走完只剩一个模式；
# 5 次对 1 次，只是有的种子丢几个；20 次对 1 次，样本散开了，说不清。通常这样解释：
# $D$ 每学会一处，就给 $G$ 指出一个新的最高点，
# $G$ 用十步整个搬过去，$D$ 再学。3.3 的 `sick` 就是这样从一个模式跳到另一个的。
#
# ### 抓到一次崩溃
#
# 崩溃要你自己能认出来。每个训练目录都带一份诊断：它只看记下的曲线，和写明的界限比。

# %%
for lesson in (calm, sick):
    found = lesson.summary["diagnosis"]
    print(f"{lesson.folder.name}：{found['verdict']}")
    print("    " + "\n    ".join(found["sentences"]))

# %% [markdown]
# 诊断里的数是最后三分之一记录的中位数，所以与 3.3 印的最后一步的数不同。

# %%
both = {"G 走 1 步": calm, "G 走 10 步": sick}
curves(both, "modes/reverse_kl", "diversity", marks={"modes/reverse_kl": np.log(8), "diversity": 1})

# %% [markdown]
# 两次都是 2,000 步。健康：反向 KL 降到 0.1 上下，中间有起落；
# `diversity`（样本两两距离与真数据之比）在 1 附近。
# 危险：反向 KL 贴着 $\log8\approx2.08$（只剩一个模式，或者没有好样本），
# `diversity` 先忽高忽低（整团样本在跳），最后掉到 0 附近（缩成一点）。
# 把两次训练写进同一个网页，并排看全部曲线：

# %%
names = "runs/tutorials/03_calm gallery:gan_ring_greedy"
# !cd "{HOME}" && "{sys.executable}" tools/report.py {names} --out runs/tutorials/03.html --force

# %% [markdown]
# 用浏览器打开 `runs/tutorials/03.html`。想在训练中边跑边看，用 VisualDL 的看板，
# 几次训练自动叠在一张图上。健康的、崩溃的、治好的三次，配好了要看什么：
#
# ```bash
# python tools/dashboard.py gallery:collapse
# ```
#
# ### D 太强又怎样
#
# > 训练过程不稳定，很有可能D网的loss会降到特别小，而G网的loss上升，D网约束不了G网了。
# > ——笔记 004“02 DCGAN”缺点 1
#
# 记 $a$ 是 $D$ 的 logit，$D=\sigma(a)$。对生成样本，两种损失的导数是
#
# $$
# \frac{d}{da}\log(1-\sigma(a))=-\sigma(a)=-D,
# \qquad \frac{d}{da}\big[-\log\sigma(a)\big]=-(1-\sigma(a))=-(1-D).
# $$
#
# $D$ 越准，$D(G(z))\to0$：饱和损失的导数趋于 0，不饱和的趋于 $-1$。所以“D loss 很小、G loss 上升”
# 的准确意思是
# **$D$ 太强，$G$ 学不动**（饱和损失）**，或收到的梯度越来越大**（不饱和损失：导数不小，$D$ 又越来越
# 陡；论文说这时也越来越不稳，下面量），而不是 $D$ 管不住 $G$。

# %%
from paddle_gan.losses import GENERATOR_LOSSES

a = paddle.to_tensor([0.0, -2.0, -5.0, -10.0, -20.0], stop_gradient=False)
for name, loss_of in GENERATOR_LOSSES.items():
    slope = paddle.grad(loss_of(a) * len(a), a)[0]  # 损失是平均，乘回个数
    row = [f"a = {at:g} 处 {g:.1e}" for at, g in zip(a.tolist(), slope.tolist())]
    print(f"{name}：" + "，".join(row))

# %% [markdown]
# logit 到 −20，两者差八个数量级以上。
# 再乘上 $\partial a/\partial x$ 与 $\partial x/\partial\theta$，$G$ 真正收到多少，要在网络上量：
# 固定 $G$，只训练 $D$，看梯度怎样变。

# %%
claim("saturating_gradient")

# %% [markdown]
# 结论和数看上面这一格；结论只算数字那一组，环上的三组是对照。两半要分开看：“梯度越小”量到了，
# “越不稳”没有。不饱和损失的梯度确实越来越长，方差也跟着涨，可是**梯度乘上 5，方差就乘 25**，
# 什么也没有变得更不稳。要除以长度的平方再看，数字上它每个种子都在降：各批指的方向反而更一致。
# 读图：上一行的红线（饱和）一路下坠是“学不动”，只有数字那一格下坠了；三格环上没有，
# 因为 $z$ 与 $x$ 同维，$G$ 铺满了平面，与真样本有重叠，$D$ 到不了 100% 准。
# 下一行是方差除以长度的平方：升了才是更不稳。

# %% [markdown]
# ## 3.5 没有一个值衡量好坏 [§3.5]
#
# > 没有一个值衡量结果的好坏，Dloss与Gloss似乎要达到一种平衡才可以。 ——笔记 004“02 DCGAN”缺点 3
#
# $p_g=p_{\rm data}$ 且 $D$ 最优时，$D\equiv\tfrac12$：
#
# $$L_D=-\log\tfrac12-\log\tfrac12=2\log2\approx1.386,\qquad L_G=-\log\tfrac12=\log2\approx0.693 .$$
#
# 可是 $L_D=2\log2$ 只说明 $D$ 分不出：也许 $G$ 完美，也许 $D$ 太弱。反过来，
# $L_D$ 小只说明 $D$ 分得出。
# **$L_D$ 量的是 $G$ 与“当前这个 $D$”的差距，而 $D$ 自己也在变。** 看三次训练最后十次损失的平均，
# 与走完时的质量：

# %%
runs = {"训练好的": good, "只训练 200 步": early, "崩溃的": sick}
for name, lesson in runs.items():
    loss_D, loss_G = (lesson.curve(tag)[1][-10:].mean() for tag in ("loss/D", "loss/G"))
    good_share, kl = (lesson.last(f"modes/{tag}") for tag in ("high_quality", "reverse_kl"))
    print(f"{name}：L_D {loss_D:.2f}，L_G {loss_G:.2f}", end="")
    print(f"；高质量 {good_share:.0%}，反向 KL {kl:.2f}")
print(f"均衡：L_D {2 * np.log(2):.2f}，L_G {np.log(2):.2f}；高质量 99%，反向 KL 0")

# %%
balance = {"loss/D": 2 * np.log(2), "loss/G": np.log(2)}
curves({"训练好的": good, "崩溃的": sick}, "loss/D", "loss/G", marks=balance, until=2000)

# %% [markdown]
# 虚线是均衡的值，两次都画前 2,000 步。只训练 200 步的，$L_D$ 与训练好的差不多，
# $L_G$ 离均衡值反而更近，可它几乎还没有好样本：按“离均衡多近”排，次序是错的。
# 崩溃的损失上下乱跳，跳只说明两边在拉锯，还剩几个模式，从损失上数不出来；它的高质量也不低，
# 所以**高质量比例与反向 KL 要一起看**，一眼便知谁好谁坏。要定量，
# 就在许多检查点上算损失与真的 $W_1$ 距离的秩相关 $\rho$：

# %%
claim("loss_and_quality")

# %% [markdown]
# 结论和数看上面这一格。$\rho$ 接近 1 才算“这个值衡量好坏”；GAN 的是负数，“距离”越大样本反而越好，
# 读反了，也不算。WGAN 的“距离”按理可以（第 06、07 章说理由），$\rho$ 也接近 1。可是图的题目里还有
# 一个数：**只数步数**，什么也不量，ρ 也接近 1，因为样本一路在变好。判据要它比数步数高 0.1，
# 没有高出来，所以 WGAN 的两组不成立：不是说它量得不准，是这样看分不出来。
# 要分开这两样，就换成在*不同的模型*之间比：学习率、$G$ 的宽度、训练长度各不相同，
# 最后的损失排得出谁好吗？旁边照样放着什么也不量的三样（图上只写了数步数，另两样在折起来的表里）。
# GAN 没有距离，用 $V=-L_D$ 代替，所以横轴是负的；题目说的是 WGAN，GAN 的一组是对照，不算进结论。

# %%
claim("loss_across_models")

# %% [markdown]
# WGAN 的 $\rho$ 与只数步数的分不出高下，WGAN-GP 的几乎是 0，不如数步数，更不如只看学习率。
# 为什么？把同一个学习率的六个模型放在一起，再各算一遍 $\rho$
# （这样分是看过数之后才想到的，一格只有六个，当线索看，不当结论）：

# %%
from statistics import median

from paddle_gan.lab.loss_across_models import T7B, within_rates
from paddle_gan.lab.records import read_records

records = read_records(HOME / "paddle_gan/lab/results/full/loss_across_models.jsonl")
for group, label in T7B.arms.items():
    seeds = [within_rates(record) for record in records if record["arm"] == group]
    ranks = {rate: median(one[rate] for one in seeds) for rate in seeds[0]}
    print(f"{label}，ρ：", "，".join(f"{rho:.2f}（学习率 {r:g}）" for r, rho in ranks.items()))

# %% [markdown]
# 一种说得通的解释：“损失 = 距离”要评论器走到（接近）最优；学习率小，评论器还没有练好，
# 给出的“距离”说的是它自己的本事，不是样本的好坏（上图 WGAN-GP 左上角的点：样本差，“距离”却小）。
# 评论器离最优多远，这里没有量；GAN 的 $\rho$ 也随学习率升高，所以还不能当结论。
# 评论器的结构这里没有换：结构一换，损失的单位就换了（第 07 章），本来就不能比。
#
# 那么看什么？
#
# 1. **样本本身**：固定的 $z$、随机的 $z$ 各一张，`samples/` 里都有。
# 2. **不经过 $D$ 的量**：二维看模式三件套与 $W_1$；图像看 FD、精度与召回（第 10 章）。
# 3. **$D(x)$ 与 $D(G(z))$**：两者之和应当在 1 附近，差接近 1 是 $D$ 太强，
#    差接近 0 且样本不好是 $D$ 太弱。
# 4. **诊断**：`lesson.summary["diagnosis"]`，它把上面几条和界限都写明了。

# %% [markdown]
# ## 弄坏它
#
# $R_1$ 罚的是 logit 的梯度。$D$ 的最后一层若带着 sigmoid，很容易顺手罚成**概率**的梯度：
# 程序照样跑，也照样叫 $R_1$。先看同一个 $D$（$a(x)=\psi x$，$\psi=2$）在 0 处两种写法各罚多少：

# %%
from paddle_gan.losses import zero_centered_penalty

D = paddle.nn.Linear(1, 1, bias_attr=False)
D.weight.set_value(paddle.full([1, 1], 2.0))  # ψ = 2
at = paddle.zeros([1, 1])
on_logit = zero_centered_penalty(D, at).item()
on_probability = zero_centered_penalty(lambda x: paddle.nn.functional.sigmoid(D(x)), at).item()
print(f"罚 logit：{on_logit:.4f}，即 ψ²/2；罚概率：{on_probability:.4f}，即 (ψ/4)²/2")
assert np.isclose(on_logit, 2.0) and np.isclose(on_probability, on_logit / 16)

# %% [markdown]
# $\nabla_x\sigma(\psi x)=\sigma'(\psi x)\,\psi$，在 0 处 $\sigma'(0)=\tfrac14$，
# 所以惩罚只有十六分之一，阻尼从 $\gamma$ 变成 $\gamma/16$：
#
# $$\lambda^2+\tfrac{\gamma}{16}\lambda+\tfrac14=0,\qquad\text{实部}=-\tfrac{\gamma}{32} .$$
#
# 放进 Dirac-GAN，从同一点出发：


# %%
def r1_on_probability(theta, psi):  # 错的：罚 σ(ψx) 在 0 处的梯度
    d_theta, d_psi = games.gan(theta, psi)
    return d_theta, d_psi - games.R1_WEIGHT * psi / 16


# %%
games.DIRAC["罚概率"] = r1_on_probability  # 只在这一格里用
radius = {}
for title, name in {"没有惩罚": "gan", "罚概率": "罚概率", "罚 logit": "r1"}.items():
    radius[title] = np.hypot(*games.dirac_path(name, "alt1", start, 0.2, 500).T)
    real_part = games.eigenvalues(name).real.max()
    print(f"{title}：特征值的实部 {real_part:.4f}，500 步后的半径 {radius[title][-1]:.2g}")
assert np.isclose(games.eigenvalues("罚概率").real.max(), -games.R1_WEIGHT / 32, atol=1e-6)
del games.DIRAC["罚概率"]
lines(range(501), radius, "步", "离均衡多远（半径）", yscale="log")

# %% [markdown]
# 症状：惩罚明明开着，转圈却几乎没有止住。**怎样发现**：`loss/r1` 从一开始就小得出奇，
# 把 $\gamma$ 加大十几倍才有反应；离均衡远的地方 sigmoid 饱和，$\sigma'$ 更小，惩罚几乎等于没有。
# 库里的 $D$ 一律输出 logit，`zero_centered_penalty` 拿到的就是它。
#
# 还有一个安静的错误：更新 $G$ 时没有冻结 $D$。它在第 01 章的“弄坏它”里讲过，第 12 章在 CycleGAN
# 上再碰到一次，这里不重复。

# %% [markdown]
# ## 小结
#
# - 优点一：采样是一次前向，不要密度，不要链；代价是近似，而且要训练。
# - 优点二：$G$ 收到的是 $\nabla_x\log D$，一支一支的箭头。
#   优点三：目标里没有密度，数据退化了也有最优解。
# - 不收敛：同时更新的因子 $\sqrt{1+\eta^2}>1$，交替更新的因子是 1；$R_1$（罚 logit）、外梯度、
#   乐观更新、共识优化给出负的实部或小于 1 的因子。
# - 崩溃要有起因：固定的 $D$ 若只有一个最高点，分数最高的 $G$ 就是崩溃的 $G$（梯度下降未必走得到）；
#   两边都动而 $G$ 快得太多，整团样本会从一个模式跳到另一个，有的种子走完时在一个上；
#   快一点未必（5 次对 1 次、学习率大十倍，都有不崩溃的）；动量（$\beta_1$）也是一个起因。
#   反向 KL 是 $\log K$ 时，先看高质量比例，再说是崩溃还是没有好样本。
# - $D$ 太强时，饱和损失没有梯度；不饱和损失的梯度越来越大，是不是更不稳，没有量出来（T4，不成立）。
# - GAN 的损失不衡量好坏；看样本，看不经过 $D$ 的量，看诊断。
#   WGAN 的分差也不能拿来排不同的模型（T7b）；在同一次训练里，它不比数步数强。

# %% [markdown]
# ## 一段历史
#
# 缺点是 GAN 的论文自己先写的。2014 年的原文 §6（arXiv:1406.2661）就提醒：G 不能训练得太多而不更
# 新 D，否则许多不同的 z 会变成同一个 x，作者管它叫 Helvetica 的情形。
#
# 不收敛的病因，过两年才说清。2016 年 Salimans 等人（arXiv:1606.03498）举了 xy 这个最小的例子：两
# 边各自梯度下降，只会绕着均衡转。转圈并不是新病：1976 年 Korpelevich 的外梯度法治的就是一般的鞍点
# 问题。2017 年 Mescheder 等人从特征值看 GAN，提出共识优化（arXiv:1705.10461）；Daskalakis 等人把
# 博弈论里的乐观更新搬了过来（arXiv:1711.00141）。3.2 节把这几样放在同一个 xy 上，量的是同一个因
# 子。
#
# 2018 年，Mescheder 等人造出 Dirac-GAN（arXiv:1801.04406）：小到能用手算，却足以说明普通的 GAN 与
# WGAN 都不收敛，而 $R_1$ 收敛。这条正则留了下来：同年底的 StyleGAN（arXiv:1812.04948）画人脸用的
# 是它，2025 年的 R3GAN（arXiv:2501.05441）用的还是它，加上对假样本的那一半。
#
# 也有没对上的：照字面只训练 G、少更新 D，不同的 z 并没有变成同一个 x（台账 M2，不成立）。老论文里
# 的话也要量过才算数。

# %% [markdown]
# ## 练习

# %% [markdown]
# **3.1** 双线性博弈 $xy$，同时更新，$\eta=0.1$。多少步之后半径变成出发时的 10 倍？（一个数，
# 四舍五入到整数）

# %%
answer = None  # 换成你的答案
check("3.1", answer)

# %% [markdown]
# **3.2** Dirac-GAN 加 $R_1$。$\gamma$ 至少多大，均衡处的特征值才没有虚部（不再转圈，
# 直接走向均衡）？（一个整数）

# %%
answer = None  # 换成你的答案
check("3.2", answer)

# %% [markdown]
# **3.3** 八个等重的模式，生成样本均匀地落在其中三个。反向 KL 是多少奈特？（一个数，
# 保留两位小数）

# %%
answer = None  # 换成你的答案
check("3.3", answer)

# %% [markdown]
# **3.4** 写一个函数 `f(a)`：饱和损失 $\log(1-\sigma(a))$ 对 logit $a$ 的导数。（一个函数）

# %%
answer = None  # 换成你的答案
check("3.4", answer)

# %% [markdown]
# **3.5** 训练结束时 $L_D=1.386$，$L_G=0.693$。你能断定什么？（A）$G$ 学好了；（B）
# $D$ 此刻分不出真假，$G$ 好不好还要看样本；（C）$G$ 崩溃了；（D）$D$ 太强了。

# %%
answer = None  # 换成你的答案
check("3.5", answer)

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
# | 及格 | `modes/high_quality` ≤ 0.05 | `gan_ring_collapse` | 0.2 |
# | 良好 | `modes/covered_1pct` ≥ 8，`modes/high_quality` ≥ 0.75 | `gan_ring`，`--seed 2` | 0.4 |
# | 优秀 | `modes/covered_1pct` ≥ 8，`modes/high_quality` ≥ 0.93 | `pac_gan_ring` | 0.5 |
#
# 写了 `--seed` 的，多数种子到得了，不是每一个；命令末尾加上它。
#
# - **及格** 这一级是把它弄病：G 的学习率放到 D 的十倍。再看曲线，说出是哪一种病。
# - **良好** 不换方法，只调设定：两边的学习率、`beta1`、批的大小、步数。它走到最后还在跳，多跑几个
# 种子（`--seed`），取中间的那个。
# - **优秀** G 走十步、D 才走一步，也不许丢。提示在方法的名字里：D 一次看几个样本？真实数据自己也
# 只有 0.989。

# %% [markdown]
# ## GPU
#
# 本章的设定在 GPU 上不会更快（网络太小）。完整的步数：
#
# ```bash
# python tools/train.py -c configs/gan_ring.yml
# python tools/train.py -c configs/gan_ring_greedy.yml
# python tools/lab.py run helvetica collapse_and_hops   # 重做本章的实验
# ```
#
# ## 延伸阅读
#
# - Goodfellow 等，*Generative Adversarial Nets*，arXiv:1406.2661，§6 优缺点。
# - Mescheder 等，*Which Training Methods for GANs do actually Converge?*，
#   arXiv:1801.04406（Dirac-GAN、$R_1$）。
# - Mescheder 等，*The Numerics of GANs*，arXiv:1705.10461（共识优化）。
# - Daskalakis 等，*Training GANs with Optimism*，arXiv:1711.00141。
# - Arjovsky 与 Bottou，*Towards Principled Methods for Training GANs*，
#   arXiv:1701.04862（两种损失的梯度）。
# - 讲义背后的公开课：001 说模式崩溃的几句对
# 应[李宏毅《机器学习》2021 春](https://speech.ee.ntu.edu.tw/~hylee/ml/2021-spring.php)的[第三讲](https://www.youtube.com/watch?v=MP0BnVH2yOo)；003
# 对应它的[第二段录像](https://www.youtube.com/watch?v=ZBY1shLnhUk)。
#
# 接着打开 `04_DCGAN.ipynb`：换成卷积网络，看哪些结构让训练稳下来。崩溃怎样治，见第 09 章。
