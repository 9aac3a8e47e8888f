# %% [markdown]
# # 06 JS 的问题与 Wasserstein 距离
#
# **学完你能**
#
# - 说出真实分布与生成分布为什么一般不重叠，并在数据上量给别人看；
# - 推出不重叠时 JS 恒为 log2，以及饱和损失的梯度为什么会消失；
# - 算出 Wasserstein 距离：一维用排序，样本用指派，还能从“最省的搬法”推到“1-Lipschitz 的评论器”。
#
# **CPU 用时** 约 1 分钟　**先读** 02 目标函数与散度
#
# 记号同 02 章：p 真实，q 生成，log 是自然对数。

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
# ## 6.1 两个分布一般不重叠 [§6.1]
#
# **问题**
#
# > 两个分布一般不重叠，为什么？ overlap 重叠　manifold 集合
# >
# > —— 001 Tips for GAN
#
# （manifold 的通行译名是**流形**：高维空间里一张弯曲的、维数低得多的“面”。）原因有两个。
#
# **原因一：两个分布都躺在低维的流形上。**
# 生成器 $G:\mathbb{R}^k\to\mathbb{R}^n$ 把 k 维的 z 变成 n 维的图，
# 它的全部输出至多是一张 k 维的面；k < n 时，这张面在 $\mathbb{R}^n$ 里的体积是 0。
# 真实图像也一样：
# 随便改几个像素，就不再像数字了。两张低维的面在高维空间里，一般只在更低维的地方相交：
# 平面上两条随手画的曲线只交于几个点，而几个点在曲线上的概率是 0。
# 一般地，维数 $k_1$ 与 $k_2$ 的两张面相交出的维数是 $k_1+k_2-n$，负数就是“一般不相交”。
#
# **量一量** 用最近的两个邻居估计维数（TwoNN，Facco 等，2017）：
# 样本 i 到最近两个邻居的距离是 $r_1<r_2$，
# 在 d 维的面上，$P(r_2/r_1>u)=u^{-d}$，即 $\log(r_2/r_1)$ 服从均值 1/d 的指数分布，于是
#
# $$\hat d=\Big[\frac1N\sum_i\log\frac{r_2(i)}{r_1(i)}\Big]^{-1}.$$

# %%
import numpy as np
from scipy.spatial.distance import cdist

from paddle_gan.data import Digits, Images


def dimension(x):
    """TwoNN 估计的维数，x (N, …)。"""
    flat = x.reshape(len(x), -1)
    nearest = np.sort(cdist(flat, flat), axis=1)  # 第 0 列是自己
    return 1 / np.log(nearest[:, 2] / nearest[:, 1]).mean()


# %%
rng, data = np.random.default_rng(0), Digits()
digits = data.batch(Images, (rng.permutation(4000)[:1000],), rng).x  # (1000, 1, 28, 28)
print(f"一条曲线上的点：{dimension(np.c_[np.cos(t := rng.random(1000)), np.sin(t)]):.1f} 维")
print(f"手写数字：每张 {digits[0].size} 个像素，估计 {dimension(digits):.1f} 维")
print(f"同样多的噪声图：估计 {dimension(rng.standard_normal(digits.shape)):.1f} 维")

# %% [markdown]
# 曲线量出约 1 维，尺子大体是准的。手写数字的维数比像素数小得多。噪声图本该是 784 维，
# 1,000 个样本撑不起这么高的维数，估计值偏小；但与数字仍差得远。
#
# **真的分得开吗？** 把 G 固定，*从头*训练一个 D。不重叠，就该存在一个几乎不出错的 D，
# 而且换上**没见过的**真图与新生成的图，照样分得开。G 用两个：只训练 600 步的（现场训练），
# 与练完全程的（随包的，二万步，画的数字人也认得）。
# 再放一组对照：把“生成的图”换成另一半真图，真图对真图，正确率该一直在 0.5 上下。

# %%
import paddle
from paddle.optimizer import Adam

from paddle_gan.losses import discriminator_cross_entropy
from paddle_gan.networks.mlp import MLP

test = Digits(split="test")
order, held = rng.permutation(4000), rng.permutation(1000)


def take(data, index):
    return paddle.to_tensor(data.batch(Images, (index,), rng).x)


# %%
halves = {"真图与另一半真图（对照）": (take(data, order[2000:]), take(test, held[500:]))}
train_real, unseen = take(data, order[:2000]), take(test, held[:500])
short = train("gan_digits", "total_steps=600", "visualdl=false", name="06_数字")
full = Lesson.shipped("gan_digits")
for name, G in {"600 步的 G": short.method, "练完全程的 G": full.method}.items():
    halves[name] = tuple(G.generate(G.noise(n)).detach() for n in (2000, 500))


# %%
def accuracy(D, real, fake):
    """D 的正确率；logit 大于 0 判为真。"""
    with paddle.no_grad():
        right = paddle.concat([D(real) > 0, D(fake) <= 0]).astype("float32")
    return right.mean().item()


# %%
def told_apart(fakes, new_fakes, probes=(0, 1, 3, 7, 15, 31, 63, 127, 255, 511)):
    paddle.seed(0)
    D, scores = MLP((1, 28, 28), (1,), width=256, activation="leaky_relu"), {}
    adam, pick = Adam(1e-3, parameters=D.parameters()), np.random.default_rng(0)
    for step in range(probes[-1] + 1):
        if step in probes:
            scores[step + 1] = accuracy(D, unseen, new_fakes)
        i, j = (paddle.to_tensor(pick.integers(2000, size=128)) for _ in range(2))
        discriminator_cross_entropy(D(train_real[i]), D(fakes[j])).backward()
        adam.step()
        adam.clear_grad()
    return scores


# %%
found = {name: told_apart(*pair) for name, pair in halves.items()}
for name, scores in found.items():
    last = scores[512]
    print(f"{name}：没见过的图上正确率 {last:.3f}，TV 至少约 {max(0, 2 * last - 1):.2f}")
columns = {name: list(scores.values()) for name, scores in found.items()}
options = {"xscale": "log", "ylim": (0, 1.05), "title": "换上没见过的图，D 照样分得开"}
lines(list(scores), columns, "D 训练的步数 + 1", "正确率", **options)

# %% [markdown]
# **看曲线** 最好的正确率是 (1 + TV)/2（02 章 2.2），所以任何一个 D 的正确率都给 TV 一个下界：
# TV 至少是 2 × 正确率 − 1。三条线各说一件事：
#
# - 600 步的 G，D 十几步就一张不错：TV 贴着 1，就是不重叠。
# - 练完全程的 G，D 要练几百步，仍然分得开八九成。这只是*一个*全连接的 D 找到的下界，
#   换更好的 D 只会更高；它证明重叠很少，没有证明一点也不重叠。
# - 真图对真图，D 怎么练也是瞎猜：正确率高不是因为 D 会背，是因为真的有差别。
#
# 平时训练时 D 每步只更新一次，G 马上跟着变，日志里看不到这条线，但它就在那里。
#
# **原因二：你手里只有样本。** 就算两个分布完全相同，每边只抽一百张，也是两堆互不重叠的点；
# D 只要把它们背下来，就“分得开”。下面真假都取自同一批手写数字：

# %%
paddle.seed(0)
a, b, new_a, new_b = (take(data, order[k : k + 100]) for k in (0, 100, 200, 300))
D = MLP((1, 28, 28), (1,), width=128, activation="leaky_relu")
optimizer = Adam(1e-3, parameters=D.parameters())
for _ in range(150):
    discriminator_cross_entropy(D(a), D(b)).backward()
    optimizer.step()
    optimizer.clear_grad()

# %%
for name, one, two in (("训练用的两堆", a, b), ("新抽的两堆", new_a, new_b)):
    with paddle.no_grad():
        up, down = D(one), D(two)
    right = paddle.concat([up > 0, down <= 0]).astype("float32").mean().item()
    js = (2 * np.log(2) - discriminator_cross_entropy(up, down).item()) / 2
    print(f"{name}：正确率 {right:.2f}，JS 读数 {js / np.log(2):.3f}·log2")

# %% [markdown]
# 两堆图同出一源，真的 JS 是 0。训练用的两堆上，D 报的却是 log2；新抽的两堆上，
# 正确率退回一半左右，
# 读数变成负的（02 章：读数是下界，D 越自信地答错，缺口越大）。
# 教训：**样本少、D 强的时候，JS 的读数总往 log2 跑**，与 p、q 差多少没有关系。

# %% [markdown]
# ## 6.2 JS 恒为 log2 [§6.2]
#
# **问题**
#
# > JS 散度的问题
# >
# > —— 001 Tips for GAN；003 What is the problem of JS divergence?
#
# **公式** 设 p 全在集合 A 上，q 全在集合 B 上，A 与 B 不相交。$m=\frac{p+q}2$ 在 A 上等于 p/2，
# 在 B 上等于 q/2：
#
# $$\mathrm{KL}(p\|m)=\int_A p\log\frac{p}{p/2}\,dx=\log2\int_A p\,dx=\log2,\qquad
# \mathrm{KL}(q\|m)=\int_B q\log\frac{q}{q/2}\,dx=\log2.$$
#
# $$\mathrm{JS}(p,q)=\tfrac12\log2+\tfrac12\log2=\log2.$$
#
# 推导里**没有出现 A 与 B 的距离**。离一厘米与离一公里，JS 一样大。反过来，
# 02 章 2.6 证过 JS ≤ log2，
# 等号要求 p 有值的地方 m = p/2，也就是 q = 0：所以 JS = log2 **当且仅当**不重叠。
# 顺便：D\* = p/(p+q) 在 A 上是 1、在 B 上是 0，V(G, D\*) = 0，`loss/D` 可以降到 0。
#
# **跑** 一维网格上的两块质量，隔得越来越远：

# %%
from paddle_gan.metrics import divergence_report, wasserstein_grid

p = np.zeros(60)
p[:10] = 0.1
print("隔开几格   JS/log2     KL      TV     W（格）")
for gap in (0, 5, 9, 10, 20, 40):
    q = np.roll(p, gap)
    r = divergence_report(p, q)
    w1 = wasserstein_grid(p, q, 1.0)
    print(f"{gap:6d}   {r['js'] / np.log(2):9.4f}  {r['kl']:6.2f}  {r['tv']:6.2f}  {w1:7.2f}")

# %% [markdown]
# 每块宽 10 格。隔开 10 格以后就不重叠了：JS、KL、TV 都不再变（KL 只要有一格没盖住就是 ∞），
# 只有 W 还在变。
# 也请看重叠的那几行：q 平移 5 格时 JS 不是 log2，所以“JS 没有梯度”说的是**不重叠**，
# 不是任何时候。
#
# **WGAN 论文的例 1** 两条平行线段，x = 0 与 x = θ，y 都是 U[0, 1]。θ ≠ 0 时：
# KL = ∞，JS = log2，W = |θ|。下面在库里训练判别器与评论器各三次，看它们读出什么；
# 完整的实验（更多 θ、更多种子，判据先于数据写好）是再下面那一格，结论和数看它。

# %%
from paddle_gan.lab import shift
from paddle_gan.lab.training import mlp

print("  θ    JS/log2    W 的读数")
for theta in (0.25, 1.0, 2.0):
    line, uniform = shift.Line(theta), {"noise": "uniform"}
    judge = shift.make("gan", line, mlp(64), 0, {"lr_D": 2e-3} | uniform)
    critic = shift.make("wgan_gp", line, mlp(64), 0, shift.PENALTY | uniform)
    for method in (judge, critic):
        shift.train_discriminator(method, shift.line_batches(256), 0, 400)
    x = shift.line_batches(2000)()
    loss, _ = judge.discriminator_loss(x)
    gap = (critic.D(x).mean() - critic.D(critic.G(critic.noise(2000))).mean()).item()
    js = (2 * np.log(2) - loss.item()) / 2 / np.log(2)
    print(f"{theta:4.2f}   {js:8.4f}   {gap / shift.lipschitz(critic, x):8.4f}")

# %%
claim("js_identity")

# %% [markdown]
# （W 的读数除以评论器的平均梯度长度 K，理由在 07 章讲梯度惩罚时说：惩罚是软约束，
# 斜率会略大于 1。）
#
# **能不能让它们重叠？** 给真假都加上标准差 σ 的噪声，线就变成带，带与带总有重叠。
# 在 x 方向上，两条线变成 N(0, σ²) 与 N(θ, σ²)，它们的 JS 只看 θ/σ：

# %%
from paddle_gan.metrics.gaussians import shifted_gaussians

thetas = np.linspace(0, 4, 161)
noisy = {
    f"噪声 σ = {s}": [shifted_gaussians(t / s)["js"] / np.log(2) for t in thetas]
    for s in (0.1, 0.5, 1.0)
}
noisy["不加噪声"] = np.where(thetas > 0, 1.0, 0.0)
lines(thetas, noisy, "两条线的间距 θ", "JS / log2")

# %% [markdown]
# 拖动 θ，看四个点各往哪里走：不加噪声的一离开 0 就跳到 log2，再也不动。

# %%
from paddle_gan.teaching.knobs import two_lines

slide(two_lines, (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0), "θ", start=1.0)

# %% [markdown]
# 噪声越大，JS 变化的范围越宽，D 给得出方向。代价是它比的是加了噪声的分布，
# 细节糊掉了（Arjovsky 与 Bottou，
# 2017，§3）。另一条路是换一把本来就量得出远近的尺子。

# %% [markdown]
# ## 6.3 Wasserstein 距离：推土 [§6.3]
#
# **问题** 001 与 003 在 JS 的问题之后给出的都是 wasserstein distance：把 p 看成一堆土，
# q 看成一个坑，
# 把土全部搬进坑里，**平均每单位土最少要走多远**？（003 的标题写作 Wassertein，漏了一个 s。）
#
# **公式** 一维的情形可以直接推出来。把 x 轴切成小格，盯住格与格之间的一道关口 x。
# 关口左边，p 有 $F(x)$ 的土，q 要 $G(x)$ 的土（F、G 是累积分布）。多出来的必须往右过关，
# 不够的必须从右边补：
# 无论怎么安排，经过这道关口的土**至少**是 |F(x) − G(x)|。每单位土过一道宽 dx 的关口走 dx 的路，
# 所以总路程
#
# $$W_1\ \ge\ \int|F(x)-G(x)|\,dx.$$
#
# 等号取得到：把土按位置从左到右排好，坑也从左到右排好，依次相配，每道关口都只朝一个方向过，
# 没有一点冤枉路。于是
#
# $$W_1=\int_{-\infty}^{\infty}|F(x)-G(x)|\,dx=\int_0^1|F^{-1}(u)-G^{-1}(u)|\,du.$$
#
# 后一个式子是同一块面积横着数。样本一样多时，它就是**两边排序，依次相减，绝对值求平均**。

# %%
show(wasserstein_grid)

# %%
grid = np.arange(12)
p = np.array([4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0]) / 10
q = np.array([0, 0, 0, 0, 0, 0, 1, 2, 3, 2, 1, 1]) / 10

# %%
with canvas(2) as c:
    left, right = c.axes[0]
    left.bar(grid, p, label="土 p")
    left.bar(grid, q, label="坑 q")
    left.set(xlabel="位置", ylabel="质量", title="把蓝的搬到红的那里")
    left.legend()
    right.step(grid, p.cumsum(), where="post", label="F")
    right.step(grid, q.cumsum(), where="post", label="G")
    right.fill_between(grid, p.cumsum(), q.cumsum(), step="post", alpha=0.2)
    area = wasserstein_grid(p, q, 1.0)
    right.set(xlabel="位置", ylabel="累积的质量", title=f"中间的面积就是 W = {area:.2f}")
    right.legend()
c.picture

# %% [markdown]
# **看图** 右图两条阶梯线之间的面积就是 W。把 q 整个右移一格，面积就多 1：W 对平移是**线性**的，
# 永远有斜率。
# 平移 d 的两个高斯，W = d（每个点都走 d，而且不可能更省：均值就差这么多）。

# %%
from paddle_gan.metrics import wasserstein_1d

for d in (1.0, 4.0, 10.0):
    x, y = rng.standard_normal(5000), rng.standard_normal(5000) + d
    by_sorting = np.abs(np.sort(x) - np.sort(y)).mean()
    print(f"d = {d:4.1f}：wasserstein_1d {wasserstein_1d(x, y):.4f}，排序相减 {by_sorting:.4f}")

# %% [markdown]
# ## 6.4 多条路径 [§6.4]
#
# **问题**
#
# > 但在复杂的分布下，有许多的路径，这会导致有不同的 distance
# >
# > —— 001 Tips for GAN
#
# 这句话要说完整：不同的**搬运方案**有不同的平均路程；Wasserstein 距离只有一个，
# 是其中**最小**的那个。
#
# **公式** 一个方案 γ(x, y) 说从 x 搬多少土到 y。它的两个边缘分布必须是 p 与 q：
# $\int\gamma(x,y)dy=p(x)$（土搬光），$\int\gamma(x,y)dx=q(y)$（坑填满）。
#
# $$W(p,q)=\min_{\gamma\in\Pi(p,q)}\mathbb{E}_{(x,y)\sim\gamma}\|x-y\|.$$
#
# **跑** 平面上 6 堆土、6 个坑，一堆填一个，方案就是排列，共 6! = 720 个。全部试一遍，
# 与库里的指派算法比。

# %%
from itertools import permutations

from paddle_gan.metrics import transport_plan, wasserstein

rng = np.random.default_rng(3)
x, y = rng.standard_normal((6, 2)), rng.standard_normal((6, 2)) + [1.5, 0]
cost = cdist(x, y)  # (6, 6)，从第 i 堆到第 j 坑的路程
plans = np.array(list(permutations(range(6))))  # (720, 6)
costs = cost[np.arange(6), plans].mean(axis=1)  # 每个方案的平均路程
best, worst = plans[costs.argmin()], plans[costs.argmax()]
print(f"720 个方案：最省 {costs.min():.4f}，最费 {costs.max():.4f}")
print(f"库里的 wasserstein {wasserstein(x, y):.4f}；方案 {transport_plan(x, y)}，穷举 {best}")

# %%
with canvas(3, size=(3.3, 3.0)) as c:
    for axis, plan, name in zip(c.axes[0], (best, worst), ("最省的方案", "最费的方案")):
        for i, j in enumerate(plan):
            axis.plot(*np.stack([x[i], y[j]]).T, color="gray", linewidth=1)
        axis.plot(*x.T, "o", label="土")
        axis.plot(*y.T, "s", label="坑")
        axis.set_title(f"{name}：{cost[np.arange(6), plan].mean():.2f}")
        axis.legend(fontsize=8)
        axis.set_aspect("equal")
    c.axes[0, 2].hist(costs, 30)
    c.axes[0, 2].axvline(cost.mean(), color="gray", linestyle="--", label="每堆都平均分给各坑")
    c.axes[0, 2].set(xlabel="平均路程", ylabel="方案数", title="W 是最左边那一个")
    c.axes[0, 2].legend(fontsize=8)
c.picture

# %% [markdown]
# **看图** 最省的方案没有交叉的线：两条线若交叉，换一下终点必定更短（三角不等式）。
# 最费的方案到处交叉。
#
# 方案也可以把一堆土分给几个坑（虚线是“每堆都平均分”）。那是一个**线性规划**：未知数 γᵢⱼ ≥ 0，
# 每行的和、每列的和都是 1/6，目标 Σγᵢⱼcᵢⱼ 是一次的。一次函数的最小值在可行域的顶点上，
# 而这个可行域的顶点恰是排列（Birkhoff 定理），所以允许分也不会更省：

# %%
from scipy.optimize import linprog

one_pile, one_pit = np.kron(np.eye(6), np.ones(6)), np.kron(np.ones(6), np.eye(6))
primal = linprog(cost.ravel(), A_eq=np.vstack([one_pile, one_pit]), b_eq=np.full(12, 1 / 6))
print(f"线性规划的最小值 {primal.fun:.6f}；指派的 {costs.min():.6f}")
print(f"每堆土去了几个坑：{(primal.x.reshape(6, 6) > 1e-9).sum(axis=1)}")

# %% [markdown]
# **对偶：从搬土到评论器。** 高维、连续的分布没法列出全部方案。WGAN 用的是同一个问题的另一面，
# 分四步推。
#
# **第 1 步，雇一个搬运公司。** 公司在每个 x 收 f(x) 的装车费，
# 在每个 y 收 g(y) 的卸车费（可以是负的）。
# 你愿意雇它，条件是没有一条路比自己搬贵：$f(x)+g(y)\le\|x-y\|$，对一切 x、y。
#
# **第 2 步，弱对偶。** 公司的总收入是 $\mathbb{E}_p f+\mathbb{E}_q g$。任取一个方案 γ，
# 它的边缘是 p 与 q，所以
#
# $$\mathbb{E}_{x\sim p}f(x)+\mathbb{E}_{y\sim q}g(y)
# =\mathbb{E}_{(x,y)\sim\gamma}[f(x)+g(y)]\ \le\ \mathbb{E}_\gamma\|x-y\|.$$
#
# 左边任何一种报价，都不超过右边任何一个方案；于是 max 收入 ≤ min 路程 = W。
#
# **第 3 步，强对偶。** 把两条边缘的约束写进拉格朗日函数，f、g 就是乘子：
#
# $$W=\min_{\gamma\ge0}\max_{f,g}\ \mathbb{E}_\gamma\|x-y\|
# +\big(\mathbb{E}_pf-\mathbb{E}_\gamma f\big)+\big(\mathbb{E}_qg-\mathbb{E}_\gamma g\big).$$
#
# （边缘只要有一处不对，里层的 max 就是 ∞，所以外层只会选合格的方案。）交换 min 与 max，
# 先对 γ 取最小：
# 与 γ 有关的是 $\mathbb{E}_\gamma[\|x-y\|-f(x)-g(y)]$，方括号只要有一处是负的，
# 把 γ 都堆到那里就到 −∞；
# 所以必须处处 $f(x)+g(y)\le\|x-y\|$，这时最小值是 0，剩下的正是公司的总收入。
# 交换会不会变小？有限个点时这是一对线性规划，最优值**相等**（线性规划的对偶定理）；
# 连续的情形由 Kantorovich 证明，也相等。
#
# **第 4 步，两个函数并成一个。** 代价是距离时，任给合格的 (f, g)，
# 令 $h(x)=\min_y\big(\|x-y\|-g(y)\big)$。
#
# - 每个 $\|x-y\|-g(y)$ 对 x 都是 1-Lipschitz 的（三角不等式），取最小之后还是：
#   $|h(x)-h(x')|\le\|x-x'\|$；
# - 由 $f(x)\le\|x-y\|-g(y)$ 对一切 y 成立，得 $h(x)\ge f(x)$；
# - 取 y 为自己，$h(y)\le\|y-y\|-g(y)=-g(y)$，得 $-h(y)\ge g(y)$。
#
# 所以把 (f, g) 换成 (h, −h)，收入只增不减；而 (h, −h) 合格恰好就是 $h(x)-h(y)\le\|x-y\|$，
# 即 1-Lipschitz。于是
#
# $$\boxed{W(p,q)=\max_{\|h\|_L\le1}\ \mathbb{E}_{x\sim p}[h(x)]-\mathbb{E}_{x\sim q}[h(x)]}$$
#
# h 就是 WGAN 的**评论器**：没有 sigmoid，没有 log，只要它处处不太陡。
#
# **跑** 弱对偶：随手造 3,000 个 1-Lipschitz 函数 $h(x)=\min_k(c_k+\|x-a_k\|)$，没有一个超过 W。
# 强对偶：把 12 个点上的 h 当未知数解线性规划，正好等于 W。

# %%
everyone = np.vstack([x, y])  # (12, 2)
guesses = []
for _ in range(3000):
    anchors, offsets = everyone[rng.integers(12, size=6)], 1.5 * rng.standard_normal(6)
    h = (offsets + cdist(everyone, anchors)).min(axis=1)  # (12,)，1-Lipschitz
    guesses.append(h[:6].mean() - h[6:].mean())
i, j = np.nonzero(~np.eye(12, dtype=bool))  # 一切点对：h_i − h_j ≤ ‖x_i − x_j‖
A = np.eye(12)[i] - np.eye(12)[j]
income = np.repeat([1 / 6, -1 / 6], 6)
free = [(0, 0)] + [(None, None)] * 11  # h 加一个常数不变，第一个定为 0
dual = linprog(-income, A_ub=A, b_ub=cdist(everyone, everyone)[i, j], bounds=free)
print(f"随手造的最高 {max(guesses):.4f}；线性规划 {-dual.fun:.6f}；W {costs.min():.6f}")

# %%
with canvas(size=(6.4, 3.2)) as c:
    axis = c.axes[0, 0]
    axis.hist(guesses, 60, density=True, label="随手造的 1-Lipschitz 函数")
    axis.hist(costs, 30, density=True, label="720 个搬运方案")
    axis.axvline(costs.min(), color="black", linestyle="--", label="W")
    axis.set(xlabel="收入，或平均路程", ylabel="密度", title="左边往右挤，右边往左挤，中间是 W")
    axis.legend(fontsize=8)
c.picture

# %% [markdown]
# **看图** 评论器给的是**下界**，方案给的是**上界**，两边夹出 W。训练评论器，
# 就是在左边那一堆里往右走。
# 反过来也说明：评论器没练好时，它的分差小于 W；它不是 1-Lipschitz 时，分差可以超过 W，
# 就什么也不说明了（见“弄坏它”）。
#
# 还有一件该诚实说的事：样本少时，W 的估计偏大。同一个分布的两批样本，W 也不是 0，维数越高越严重：

# %%
print("维数    100 个样本    1,000 个样本")
for d in (1, 2, 10, 50):
    noise = np.random.default_rng(d)
    row = [wasserstein(*noise.standard_normal((2, n, d))) for n in (100, 1000)]
    print(f"{d:4d}    {row[0]:10.3f}    {row[1]:12.3f}")

# %% [markdown]
# ## 6.5 梯度何时消失 [§6.5]
#
# **问题**
#
# > wasserstein distance 在 JS divergence不能感知的范围内具有变化，让训练得以进行
# >
# > —— 001 Tips for GAN
#
# **公式** 还是 p = N(0, 1)，G(z) = z + θ，q = N(θ, 1)，θ = d > 0。
# D 最优时 logit 是 $\ell(x)=\frac{d^2}2-dx$（02 章 2.3）。
# 固定这个 D，对生成器的参数求导；样本移动 1，logit 变 $\ell'=-d$：
#
# - **饱和** $L=\mathbb{E}[\log(1-\sigma(\ell))]$：
#   $\frac{d}{d\ell}\log(1-\sigma(\ell))=-\sigma(\ell)$，所以
#   $\frac{\partial L}{\partial\theta}=\mathbb{E}_q[-\sigma(\ell)\cdot(-d)]=d\,\mathbb{E}_q[D^*]$。
#   它等于 $2\,\frac{d\mathrm{JS}}{d\theta}$。
# - **不饱和** $L=\mathbb{E}[-\log\sigma(\ell)]$：
#   $\frac{\partial L}{\partial\theta}=d\,\mathbb{E}_q[1-D^*]$。
# - **Wasserstein**：最优的评论器是 h(x) = −x，$L=-\mathbb{E}_q[h]=\theta$，
#   $\frac{\partial L}{\partial\theta}=1$。
#
# 饱和的那个有多小？由 $p+q\ge2\sqrt{pq}$，
#
# $$\mathbb{E}_q[D^*]=\int\frac{pq}{p+q}dx\ \le\ \frac12\int\sqrt{pq}\,dx=\frac12e^{-d^2/8}.$$
#
# （最后一步：$\sqrt{pq}$ 是 $e^{-d^2/8}$ 乘以 N(d/2, 1) 的密度，配方即得。）
# 所以 $\big|\frac{\partial L}{\partial\theta}\big|\le\frac d2e^{-d^2/8}$：
# 指数上是 d 的平方，消失得极快。

# %%
ds = np.array([0.5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
slopes = 2 * np.array([shifted_gaussians(d)["js_slope"] for d in ds])
signals = {"饱和 log(1−D)，即 2·dJS/dθ": slopes, "它的上界": ds / 2 * np.exp(-(ds**2) / 8)}
signals |= {"不饱和 −log D": ds - slopes, "Wasserstein": np.ones(len(ds))}
print(f"d = 2：{slopes[2]:.3g}；d = 10：{slopes[-1]:.3g}；相差 {slopes[2] / slopes[-1]:.3g} 倍")
lines(ds, signals, "生成分布离真实分布多远（d）", "生成器收到的梯度", yscale="log")

# %% [markdown]
# 纵轴是对数。从 d = 2 到 d = 10，饱和损失的梯度跌了五个数量级，Wasserstein 的恒为 1。
# 上面是公式，D 都是最优的。训练出来的网络是不是这样，看实验：

# %%
claim("vanishing_js")

# %% [markdown]
# 读图：线是公式，点是训练出来的网络，每个种子一个。判据只看到 d = 8，那里公式跌三个数量级。
# 再远，两边之间几乎没有样本，D 学不到公式那么陡：d = 10 处的点高过公式，
# 判出来的是 D 练没练到最优，不是 JS。不饱和的点（灰）一直不小，可是照公式它该等于 d。
# Wasserstein 的点要看**每一个**是不是都在 1 上：一句话里先写居中的种子，括号里是最小与最大的，
# 有一个种子差得多，差在 d = 0.5 处。
#
# **不重叠时，D 训练得越久，梯度越小。** 高斯的尾巴毕竟还连着。换成真正不相交的两条线（θ = 1），
# 边训练 D 边量 G 收到的梯度：

# %%
from paddle_gan.lab.vanishing import theta_gradient
from paddle_gan.losses import GENERATOR_LOSSES

line, uniform = shift.Line(1.0), {"noise": "uniform"}
judge = shift.make("gan", line, mlp(64), 0, {"lr_D": 2e-3} | uniform)
critic = shift.make("wgan_gp", line, mlp(64), 0, shift.PENALTY | uniform)
probes, found, draw = (0, 10, 30, 60, 100, 200, 400, 600), [], shift.line_batches(256)
for step in range(probes[-1] + 1):
    if step in probes:
        row = [theta_gradient(judge, loss) for loss in GENERATOR_LOSSES.values()]
        found.append([*row, theta_gradient(critic, lambda score: -score.mean())])
    for method in (judge, critic):
        method.discriminator_step(draw())

# %%
names = ("饱和 log(1−D)", "不饱和 −log D", "Wasserstein（梯度惩罚）")
columns = dict(zip(names, np.abs(found).T))
print("最后：" + "，".join(f"{name} {values[-1]:.3g}" for name, values in columns.items()))
lines(np.array(probes) + 1, columns, "只训练 D 的步数 + 1", "|∂L/∂θ|", xscale="log", yscale="log")

# %% [markdown]
# **看曲线** 判别器越好，饱和损失的梯度越小：这就是原始 GAN 的两难，D 太差没有意义，
# D 太好没有梯度。
# 评论器相反：练好之后，梯度停在真的斜率 1 附近（这里没有除以 K，软约束让它略大于 1），
# 所以 WGAN 可以（而且应该）把评论器练到位。
# 不饱和损失没有消失，却一路变大：02 章说过，它最小化的是另一个量。
#
# **梯度小，就一定走不动吗？** 用公式里的梯度，从 θ = 8 出发走 150 步。还加上一条：
# 饱和损失配 Adam。

# %%
paths = {"饱和，梯度下降": [8.0], "Wasserstein，梯度下降": [8.0], "饱和，Adam": [8.0]}
m = v = 0.0
for t in range(1, 151):
    plain, w_path, adam = (path[-1] for path in paths.values())
    slope = 2 * shifted_gaussians(abs(plain))["js_slope"] * np.sign(plain)
    paths["饱和，梯度下降"].append(plain - 0.1 * slope)
    paths["Wasserstein，梯度下降"].append(w_path - 0.1 * np.sign(w_path))
    slope = 2 * shifted_gaussians(abs(adam))["js_slope"] * np.sign(adam)
    m, v = 0.5 * m + 0.5 * slope, 0.999 * v + 0.001 * slope**2
    size = (m / (1 - 0.5**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    paths["饱和，Adam"].append(adam - 0.1 * size)
lines(np.arange(151), paths, "步", "θ（真的在 0）")

# %% [markdown]
# **看曲线** 饱和损失配普通的梯度下降，原地不动。配 Adam 却走得动：Adam 把梯度除以它自己的大小，
# 小不要紧，只要方向准。所以“梯度小 = 学不动”要加上条件。真正要命的是**方向也没有了**：
# 不重叠时，精确的 2·dJS/dθ 就是 0，
# 训练出来的那一点点梯度只反映 D 这个网络在两堆样本之间怎样插值；
# 再有批的噪声一混，Adam 放大的就是噪声。这里的例子没有噪声，方向总是对的，
# 真实训练没有这样的好事。

# %% [markdown]
# ## 弄坏它
#
# 真实的错误：照着论文写了 W 的损失，却没有任何 Lipschitz 约束。PaddleGAN 的 `wgangp`
# 模式就是这样，既没有惩罚也没有裁剪。我们把梯度惩罚的权重设为 0，照样训练评论器。
# 两条线相距 0.5，真的 W = 0.5。
#
# labml 的 WGAN 一课是另一种：文字讲权重裁剪，代码里没有裁剪，损失也换成了 hinge（合页损失），
# $\operatorname{relu}(1-f(x))+\operatorname{relu}(1+f(\tilde x))$（$x$ 真，$\tilde x$ 假）。
# 真样本的分过了 1、假样本的分低过 −1，它就是 0，评论器不再使劲。也照做一次：

# %%
from paddle.nn.functional import relu

hinge = shift.make("wgan_gp", shift.Line(0.5), mlp(64), 0, uniform)  # 只借用它的两个网络
adam, hinge_gap = Adam(2e-3, parameters=hinge.D.parameters()), []
for _ in range(300):
    real, fake = hinge.D(draw()), hinge.D(hinge.generate(hinge.noise(256)))
    loss = relu(1 - real).mean() + relu(1 + fake).mean()
    loss.backward()
    adam.step()
    adam.clear_grad()
    hinge_gap.append((real.mean() - fake.mean()).item())
print(f"hinge 的损失最后是 {loss.item():.3f}")

# %%
readings = {"hinge，没有约束": hinge_gap}
for name, weight in {"有梯度惩罚（λ = 10）": 10.0, "没有约束（λ = 0）": 0.0}.items():
    options = shift.PENALTY | {"noise": "uniform", "gp_weight": weight}
    critic = shift.make("wgan_gp", shift.Line(0.5), mlp(64), 0, options)
    readings[name] = []
    for _ in range(300):
        logs = critic.discriminator_step(draw())
        readings[name].append((logs["score/real"] - logs["score/fake"]).item())
readings["真的 W"] = np.full(300, 0.5)
print("第 300 步：" + "；".join(f"{name} {values[-1]:.4g}" for name, values in readings.items()))
lines(np.arange(1, 301), readings, "训练评论器的步数", "score/real − score/fake", yscale="symlog")

# %% [markdown]
# **症状** λ = 0 的分差不停地涨，没有尽头。道理在对偶的式子里：把 h 换成 10h，分差也乘 10；
# 没有 1-Lipschitz 管着，max 就是 ∞。hinge 的不会无限涨：损失到 0 就停了。可是停在哪里，
# 由它冲过 ±1 多远决定，不是 W：真的 W 只有 0.5。
#
# **怎样发现**：`score/real` 与 `score/fake` 的**差**越拉越大、不回头（词汇表里写的危险信号），
# `loss/D` 一路奔向负无穷而不是慢慢回到 0。两个分数一起漂到多少都不要紧：给 h 加一个常数，差不变。
# 差不受约束时，“W”不是距离，损失曲线再漂亮也没有意义。

# %% [markdown]
# ## 小结
#
# - 不重叠有两个原因：低维的流形，有限的样本。量得出来：G 固定后，D 在没见过的图上也分得开，
#   真图对真图就分不开。
# - 不重叠时 JS 恒为 log2，推导里没有距离；W 仍然随距离线性变化。
# - W 是所有搬运方案里最小的平均路程；一维是 ∫|F − G|，样本是指派问题，
#   对偶是 1-Lipschitz 的评论器。
# - 评论器给下界，方案给上界；没有 Lipschitz 约束，分差不是距离。
# - 饱和损失的梯度 ≤ (d/2)·e^(−d²/8)，照公式跌五个数量级，W 的梯度恒为 1；
#   训练出来的 D 跌多少，看台账的 T3。不饱和损失不消失，但那不是 JS 的梯度。

# %% [markdown]
# ## 一段历史
#
# 这个距离比神经网络老得多。1781 年，Monge 问的真是土：挖出来的土怎样搬到要填的地方，路程才最省
# （*Mémoire sur la théorie des déblais et des remblais*）。他要求一堆土整个搬到一处，这个问题
# 很难。1942 年 Kantorovich 许一堆土分开搬，问题就变成线性的，有了解，也有了对偶。6.4 节先数方案、
# 再写对偶，走的正是这条路；把对偶写成“1-Lipschitz 的函数”，出自 1958 年他与 Rubinstein 的文章。
#
# 2000 年，Rubner、Tomasi 与 Guibas 拿它比较图像的颜色直方图，起名“推土机距离”
# （EMD，International Journal of Computer Vision，40 卷）。2013 年 Cuturi 加一点熵，把它算快了几
# 个数量级（arXiv:1306.0895）。
#
# 它走进 GAN 是 2017 年 1 月的事，前后两篇。第一篇（arXiv:1701.04862）先诊断：两个分布躺在低维的流
# 形上，几乎不重叠，D 可以完美，梯度就没有了，这是 6.1 与 6.5 节量的。第二篇（arXiv:1701.07875）开
# 方子：换成 Wasserstein 距离，用对偶让一个网络去估。例 1 就是 6.2 节的两条平行线。
#
# 诊断照公式算，从 d = 2 到 d = 8 梯度跌三个数量级，到 d = 10 跌五个；真的去训练一个 D，
# 不太远的地方跟得上公式，再远就跟不上了（台账 T3）。

# %% [markdown]
# ## 练习
#
# **6.1** p 是 U[0, 1]，q 是 U[½, 3/2]，重叠一半。JS 是多少奈特？（保留两位小数）

# %%
answer = None  # 换成你的答案
check("6.1", answer)

# %% [markdown]
# **6.2** 写一个函数 W(x, y)：两组**一样多**的一维样本的 Wasserstein 距离（p = 1）。

# %%
answer = None  # 换成你的答案，例如 lambda x, y: ...
check("6.2", answer)

# %% [markdown]
# **6.3** 位置 0、1、2 各有一份土，要搬成位置 1、2、3 各一份。甲：每份都右移一格。
# 乙：只把 0 那份搬到 3，其余不动。A 甲更省　B 乙更省　C 按路程一样，
# 按路程的平方甲更省　D 总是一样

# %%
answer = None  # 换成你的答案，例如 "A"
check("6.3", answer)

# %% [markdown]
# **6.4** p = N(0, 1)，q = N(d, 1)，D 最优。饱和损失的梯度，d = 2 处是 d = 8 处的几倍？
# 用库算（误差 1% 以内）。

# %%
answer = None  # 换成你的答案
check("6.4", answer)

# %% [markdown]
# **6.5** 评论器给真样本的平均分是 7.2，给生成样本的是 1.2；它不是 1-Lipschitz，
# 处处的梯度长度都是 3。
# 由它能得到的 W 的估计是多少？（一个整数）

# %%
answer = None  # 换成你的答案
check("6.5", answer)

# %% [markdown]
# ## 目标
#
# 像作业一样，分三级，先把前面的练习做完再看。表里给了配置的，用
# `python tools/train.py -c configs/名字.yml` 训练，看它最后印出的那几个数；界照我们量到的数定，略
# 松一点，分钟是两核 CPU 上的。
#
# | 等级 | 要达到 | 做法 | 分钟 |
# |---|---|---|--:|
# | 及格 | 练习 6.1、6.2 打勾 | – | – |
# | 良好 | 练习 6.1 到 6.5 全打勾 | – | – |
# | 优秀 | `modes/covered_1pct` ≥ 8，`modes/high_quality` ≥ 0.7 | `wgan_gp_ring`，`--seed 1` | 0.8 |
#
# 写了 `--seed` 的，多数种子到得了，不是每一个；命令末尾加上它。
#
# - **及格** 6.2 的函数先用 6.3 节的例子试，再用一组乱序的输入试。
# - **良好** 6.4 不要用手算，库里有 `shifted_gaussians`。
# - **优秀** 让评论器真的去带一个生成器。同样的步数，`wgan_ring` 五个种子的中位数不到 0.5；两份配
# 置怎样管住斜率不同，优化器也不同（第 07 章）。

# %% [markdown]
# ## 延伸阅读
#
# - Arjovsky 与 Bottou，2017，*Towards Principled Methods for Training GANs*，arXiv:1701.04862：
#   不重叠与梯度消失的证明。
# - Arjovsky、Chintala 与 Bottou，2017，*Wasserstein GAN*，arXiv:1701.07875：例 1（两条平行线）
#   与对偶。
# - Peyré 与 Cuturi，2019，*Computational Optimal Transport*，arXiv:1803.00567：
#   对偶与算法讲得最全。
# - Facco 等，2017，*Scientific Reports* 7:12140：用两个最近的邻居估计维数。
# - 讲义背后的公开课：001 的 Tips for GAN 对
# 应[李宏毅《机器学习》2021 春](https://speech.ee.ntu.edu.tw/~hylee/ml/2021-spring.php)的[第二讲](https://www.youtube.com/watch?v=jNY1WBb8l4U)；003
# 对应它的[第二段录像](https://www.youtube.com/watch?v=ZBY1shLnhUk)。
#
# **GPU** 本章用不着；把实验按完整档重跑：`python tools/lab.py run js_identity vanishing_js`。
#
# 接着打开 `07_WGAN与WGAN-GP.ipynb`，看 1-Lipschitz 这个条件怎样落到网络上。
