# %% [markdown]
# # 02 目标函数与散度
#
# **学完你能**
#
# - 写出 V(G, D)，说清里层的 max 与外层的 min 各管什么，并认出日志里的 `loss/D` 就是 −V；
# - 推出最优判别器 D\* = p/(p+q) 与 V(G, D\*) = 2JS − 2log2，并说出后一个式子何时成立、
#   何时不成立；
# - 分清 KL 的两个方向与 JS：看到一个拟合，就认得出它在最小化哪一个。
#
# **CPU 用时** 约 1 分钟　**先读** 01 GAN 的想法
#
# 记号：p 是真实分布的密度，q 是生成器给出的分布的密度，log 是自然对数。D(x) 越大，越像真。

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
# ## 2.1 训练目标 V(G,D) [§2.1]
#
# **问题**
#
# > Loss Function 就是两者的"距离"
# >
# > 这里面的 generator 是固定的，在这个特定的 generator 下，寻找一个 discriminator 去最大化 V(G,D)
# >
# > —— 001 GAN 的训练目标、如何计算散度
#
# 生成器 G 把简单的 z 变成 x = G(z)，x 的分布就是 q。我们想让 q 与 p 的“距离”（散度）最小：
#
# $$G^* = \arg\min_G\ \mathrm{Div}(p, q).$$
#
# 难处在这里：p 与 q 的密度你都写不出来，只能各抽一批样本。散度公式里偏偏全是密度。
#
# GAN 的办法是换一个**只要样本就能估计**的量。任取一个输出在 (0, 1) 里的函数 D，记
#
# $$V(G,D) = \mathbb{E}_{x\sim p}[\log D(x)] + \mathbb{E}_{x\sim q}[\log(1-D(x))].$$
#
# 两项都是期望，用样本的平均就能估。第二项里的 x ~ q 就是 x = G(z)，所以也写成
# $\mathbb{E}_z[\log(1-D(G(z)))]$：这一步不需要 q 的密度。然后分两层：
#
# 1. **里层，max**：G 不动，找 D 使 V 最大。最大值是多少，就看 p 与 q 差多少（2.3、2.4 会证明）；
# 2. **外层，min**：换 G，使里层的最大值最小。
#
# $$G^* = \arg\min_G\max_D V(G,D).$$
#
# **代码** 库里的判别器损失是 −V：优化器只会求最小，最大化 V 就写成最小化 −V。

# %%
from paddle_gan.methods import GAN

show(GAN.discriminator_loss)

# %% [markdown]
# **跑** 先不训练。取最简单的例子：真实 p = N(0, 1)，生成 q = N(d, 1)，“生成器”只有一个旋钮 d。
# 判别器取一族逻辑函数 D(x) = σ(w·(d/2 − x))：中点左边像真，右边像假，w 管陡不陡。
# 密度都已知，V 在细网格上求和就行，不必抽样。

# %%
import numpy as np

from paddle_gan.lab import shift

w, shifts = np.linspace(0, 6, 121), np.linspace(0, 4, 41)
V = np.zeros((len(shifts), len(w)))
for i, d in enumerate(shifts):
    x, p, q = shift.densities(d, 2001)  # 网格，以及每一格的质量
    logit = w[:, None] * (d / 2 - x)  # (121, 2001)
    # log σ(a) = −log(1 + e^(−a))，log(1 − σ(a)) = −log(1 + e^a)
    V[i] = -(p * np.logaddexp(0, -logit)).sum(1) - (q * np.logaddexp(0, logit)).sum(1)
for d in (0, 1, 2, 3):
    row = V[10 * d]
    print(f"d = {d}：V 在 w = {w[row.argmax()]:.2f} 处最大，是 {row.max():.4f}")
print(f"−2·log2 = {-2 * np.log(2):.4f}")

# %%
with canvas(2) as c:
    left, right = c.axes[0]
    for d in (0, 1, 2, 3):
        row = V[10 * d]
        left.plot(w, row, label=f"d = {d}")
        left.plot(w[row.argmax()], row.max(), "ko", markersize=4)
    left.set(xlabel="判别器的陡度 w", ylabel="V(G, D)", ylim=(-3, 0))
    left.set(title="里层：G 不动，找 D 使 V 最大")
    left.legend()
    right.plot(shifts, V.max(axis=1))
    right.axhline(-2 * np.log(2), color="gray", linestyle="--", label="−2·log2")
    right.set(xlabel="生成分布的位置 d", ylabel="里层的最大值", title="外层：换 G，使最大值最小")
    right.legend()
c.picture

# %% [markdown]
# **看曲线** 左图每条线是一个固定的 G，黑点是里层的最大值；右图把这些最大值连起来，
# 最低点在 d = 0，也就是 q = p 的地方，高度是 −2·log2。
#
# - d = 0 时真假没有区别，最好的 D 是 w = 0，即 D 恒为 ½：V = log½ + log½ = −2·log2。
# - 最好的 w 恰好等于 d。这不是巧合，2.3 会推出来。
# - 里层先到最大，它才量出“距离”；D 还没到位就动 G，G 减小的是一个不可靠的数。
#   所以算法 1 每步先更新 D（01 章）。

# %% [markdown]
# ## 2.2 判别器就是二分类器：最大化目标 = 最小化交叉熵 [§2.2]
#
# **问题**
#
# > discriminator 其实就是一个分类器
# >
# > maximize Objective Function = minimize cross entropy of binary classification
# >
# > —— 001 如何计算散度
#
# **公式** 真样本 $x_1,\dots,x_N$ 标 y = 1，生成样本 $\tilde x_1,\dots,\tilde x_N$ 标 y = 0，
# 拼成 2N 个样本。二分类器 D 的平均交叉熵是
#
# $$\mathrm{CE} = -\frac{1}{2N}\sum_{\text{全部}}\big[y\log D(x) + (1-y)\log(1-D(x))\big].$$
#
# y = 1 的样本只留下前一项，y = 0 的只留下后一项，所以
#
# $$\mathrm{CE} = -\frac12\Big[\underbrace{\tfrac1N\sum_i \log D(x_i)}_{\to\ \mathbb{E}_p\log D}
# + \underbrace{\tfrac1N\sum_i \log(1-D(\tilde x_i))}_{\to\ \mathbb{E}_q\log(1-D)}\Big]
# \approx -\tfrac12 V(G,D).$$
#
# 最大化 V 就是最小化交叉熵，只差一个 ½。这句话成立，数量上请记住这个 ½：
# 库里的 `loss/D` 是 −V，普通二分类器报的是 −V/2。不同的代码用不同的约定，比较之前先看清楚。
#
# 还有一个写法上的细节。D 的最后一层不写 sigmoid，输出 logit a，D = σ(a) = 1/(1+e^{−a})。于是
#
# $$-\log\sigma(a) = \log(1+e^{-a}) = \mathrm{softplus}(-a),\qquad
# -\log(1-\sigma(a)) = \log(1+e^{a}) = \mathrm{softplus}(a).$$
#
# **代码**

# %%
from paddle_gan.losses import discriminator_cross_entropy

show(discriminator_cross_entropy)

# %%
import paddle
from paddle.nn.functional import binary_cross_entropy_with_logits, sigmoid, softplus

paddle.seed(0)
real_logit, fake_logit = paddle.randn([512, 1]) + 1, paddle.randn([512, 1]) - 1
labels = paddle.concat([paddle.ones([512, 1]), paddle.zeros([512, 1])])
average = binary_cross_entropy_with_logits(paddle.concat([real_logit, fake_logit]), labels).item()
loss = discriminator_cross_entropy(real_logit, fake_logit).item()
print(f"普通二分类器的平均交叉熵 {average:.6f}；loss/D {loss:.6f}，是它的 {loss / average:.4f} 倍")

a = paddle.to_tensor([-5.0, -50.0, -200.0])
print("先 sigmoid 再取 log：", paddle.log(sigmoid(a)).numpy())
print("−softplus(−a)：    ", -softplus(-a).numpy())

# %% [markdown]
# 最后两行说明为什么要用 softplus：a = −200 时 sigmoid 在 float32 里变成 0，log 就是 −∞，
# 一个样本就能毁掉整批的梯度。两种写法数学上相等，数值上不等。
#
# **跑** 生成器固定在 d = 2，把 D 当普通分类器训练。`shift.Shift(2.0)` 就是 G(z) = z + 2；
# D 是没有隐层的 mlp，也就是逻辑回归。训练走的是库里的 `discriminator_step`。

# %%
from paddle_gan.metrics.gaussians import gaussian_tv, shifted_gaussians

classifier = shift.make("gan", shift.Shift(2.0), {"name": "mlp", "depth": 0}, 0, {"lr_D": 0.05})
draw, logs = shift.normal_batches(1024), []
for _ in range(300):
    step_logs = classifier.discriminator_step(draw())
    logs.append({name: value.item() for name, value in step_logs.items()})
with paddle.no_grad():
    real, fake = classifier.D(paddle.randn([20000, 1])), classifier.D(paddle.randn([20000, 1]) + 2)
accuracy = ((real > 0).astype("float32").mean() + (fake <= 0).astype("float32").mean()).item() / 2
print(f"正确率 {accuracy:.4f}；理论上最高 (1 + TV)/2 = {(1 + gaussian_tv(0, 1, 2, 1)) / 2:.4f}")
best = -shifted_gaussians(2.0)["value"]
print(f"最后 50 步的 loss/D 平均 {np.mean([r['loss/D'] for r in logs[-50:]]):.4f}；下限 {best:.4f}")

# %%
with canvas(2) as c:
    left, right = c.axes[0]
    left.plot([row["loss/D"] for row in logs], label="loss/D")
    left.axhline(best, color="gray", linestyle="--", label="下限 −V(G, D*)")
    left.set(xlabel="只训练 D 的步数", ylabel="损失（奈特）", title="损失")
    for name, label in (("prob/real", "真样本 prob/real"), ("prob/fake", "假样本 prob/fake")):
        right.plot([row[name] for row in logs], label=label)
    right.set(xlabel="只训练 D 的步数", ylabel="概率", ylim=(0, 1), title="D 给的概率")
    left.legend()
    right.legend()
c.picture

# %% [markdown]
# **看曲线** 左右两图的单位不同：损失以奈特计（用自然对数的信息单位，1 奈特 ≈ 1.44 比特），
# 可以大于 1；概率在 0 与 1 之间。
# `loss/D` 降到下限附近就不动了，只剩批与批之间的抖动。它**不会**降到 0：
# 两个分布有重叠，
# 重叠里的样本谁也分不清。这也是读 GAN 日志的第一条：`loss/D` 停在一个正数上，未必是 D 没学好，
# 可能是 G 已经让真假难分。
#
# 正确率的上限来自同一个道理。给每个 x 都猜密度较大的一边，正确率是
# $\frac12\int\max(p,q)\,dx$；由 $\max(p,q)=\frac12(p+q+|p-q|)$，它等于 $\frac12(1+\mathrm{TV})$，
# 其中 $\mathrm{TV}=\frac12\int|p-q|\,dx$ 是全变差。两个数看上面那一格。

# %% [markdown]
# ## 2.3 最优判别器 D\*=p/(p+q) [§2.3]
#
# **问题** 里层的最大值在哪个 D 上取到？002 的“GAN 散度”一节截的是论文命题 1，我们把它推完整。
#
# **公式** 把 V 写成一个积分：
#
# $$V(G,D)=\int \big[p(x)\log D(x) + q(x)\log(1-D(x))\big]\,dx.$$
#
# 假定 D 想取什么形状都行（容量无限），那么每个 x 处的 D(x) 可以单独选，互不牵连；
# 每一点的被积函数都取最大，积分就最大。固定 x，记 a = p(x)、b = q(x)、y = D(x)，求
#
# $$f(y)=a\log y+b\log(1-y),\quad y\in(0,1).$$
#
# 求导：$f'(y)=\dfrac{a}{y}-\dfrac{b}{1-y}$。令它为 0：$a(1-y)=by$，即 $a=(a+b)y$，
#
# $$y^*=\frac{a}{a+b}.$$
#
# 再求一次导：$f''(y)=-\dfrac{a}{y^2}-\dfrac{b}{(1-y)^2}<0$，f 是上凸的，所以这是唯一的最大值，
# 不是鞍点也不是最小值。
# 边上的情形：a > 0、b = 0 时 f 一路上升，y\* = 1；a = 0、b > 0 时 y\* = 0，公式仍对；
# a = b = 0 处没有样本，D 取什么都不影响 V。于是
#
# $$\boxed{D^*(x)=\frac{p(x)}{p(x)+q(x)}}$$

# %%
y = np.linspace(0.005, 0.995, 199)
with canvas(size=(5.6, 3.4)) as c:
    axis = c.axes[0, 0]
    for a, b in ((0.4, 0.1), (0.25, 0.25), (0.1, 0.4)):
        f, top = a * np.log(y) + b * np.log(1 - y), a / (a + b)
        (line,) = axis.plot(y, f, label=f"p = {a}，q = {b}：最高在 {y[f.argmax()]:.2f}")
        axis.plot(top, a * np.log(top) + b * np.log(1 - top), "o", color=line.get_color())
    axis.set(xlabel="这一点上的 D", ylabel="p·log D + q·log(1−D)", ylim=(-1.2, -0.2))
    axis.legend()
c.picture

# %% [markdown]
# 圆点画在 p/(p+q)，正好落在每条曲线的顶上。
#
# **它是一个密度比。** 由 $D^*=\sigma(\ell)$ 解出 logit：
#
# $$\ell(x)=\log\frac{D^*}{1-D^*}=\log\frac{p(x)}{q(x)}.$$
#
# 判别器学到的是两个密度之比的对数：你没有写过密度，它替你估出来了。代入 p = N(0, 1)、
# q = N(d, 1)：
#
# $$\ell(x)=-\frac{x^2}{2}+\frac{(x-d)^2}{2}=\frac{d^2}{2}-d\,x=d\Big(\frac d2-x\Big).$$
#
# 它是直线，斜率 −d。这就是 2.1 里最好的 w 恰好等于 d 的原因，也是 2.2 里逻辑回归就够用的原因。
#
# **代码与实验** 结论和数看下面这一格（多个 d、多个种子、两种网络）。以后每章都有这样的格子：
# 它从[台账](claims.md)里读出一条：先是量到的一句话，再是结论，然后是图。点开图下面的三角，
# 是判据（✓、✗ 是满足与否）、每个种子的数、怎样重跑。“**完整档**”是台账登记的全部步数与种子；
# “**快速档**”的步数和种子都少，只用来试跑，两档的数从不放在一起。

# %%
from paddle_gan.metrics import optimal_discriminator

show(optimal_discriminator)

# %%
claim("optimal_discriminator")

# %% [markdown]
# **跑一个不是直线的例子** 真实分布改成两个峰，logit 就不是直线了，逻辑回归不够，换一个小网络。

# %%
from paddle_gan.lab.training import mlp


def two_bumps():
    """一批真样本：±2 处各一半的高斯，σ = 0.6。"""
    side = 2.0 * paddle.randint(0, 2, [512, 1]).astype("float32") - 1
    return 2 * side + 0.6 * paddle.randn([512, 1])


network = mlp(64, activation="leaky_relu")
bumps = shift.make("gan", shift.Shift(0.0), network, 0, {"lr_D": 0.01})  # 生成 N(0, 1)
shift.train_discriminator(bumps, two_bumps, 0, 600)


# %%
def bell(x, mean, std):
    """高斯在网格 x 上的密度。"""
    return np.exp(-(((x - mean) / std) ** 2) / 2) / (std * np.sqrt(2 * np.pi))


x = np.linspace(-7, 7, 281)
p, q = (bell(x, -2, 0.6) + bell(x, 2, 0.6)) / 2, bell(x, 0, 1)
best, learned = optimal_discriminator(p, q), 1 / (1 + np.exp(-shift.logits_on(bumps, x)))
gap = np.abs(learned - best)
print(f"|x| ≤ 3 处最多差 {gap[abs(x) <= 3].max():.3f}")
print(f"|x| > 4.5 处最多差 {gap[abs(x) > 4.5].max():.3f}")

# %%
with canvas(size=(6.4, 3.4)) as c:
    axis = c.axes[0, 0]
    axis.fill_between(x, p, alpha=0.25, label="真实 p")
    axis.fill_between(x, q, alpha=0.25, label="生成 q")
    axis.plot(x, best, "k--", label="p/(p+q)")
    axis.plot(x, learned, label="学到的 D")
    axis.set(xlabel="x", ylabel="密度，或 D(x)", ylim=(0, 1.25))
    axis.legend(loc="upper center", ncols=4, fontsize=8)
c.picture

# %% [markdown]
# **看曲线** 有样本的地方，学到的 D 贴着 p/(p+q)。两端几乎没有样本（p、q 都接近 0），
# 那里的 D 是外推出来的，
# 而公式说 D\* 最后会掉到 0：σ = 0.6 的峰比 N(0, 1) 的尾巴衰减得快。
# 公式对每一点都成立，**网络只在有样本的地方学得到它**。生成器若把样本放到没有人去过的地方，
# D 给它的意见就靠不住。

# %% [markdown]
# ## 2.4 2JS − 2log2：只在 D 最优时成立 [§2.4]
#
# **问题**
#
# > 注意上面的式子,也就变成了下面这个 2JS(P_r || P_g) − 2log2
# >
# > 我们越训练判别器，它就越接近最优，最小化生成器的loss也就会越近似于最小化P_r和P_g之间的JS散度。
# >
# > —— 002 GAN 散度（P_r 是我们的 p，P_g 是 q）
#
# **公式** KL 散度是 $\mathrm{KL}(p\,\|\,q)=\int p\log\frac pq\,dx$，
# JS 散度先取中间的分布 $m=\frac{p+q}2$，再平均两个 KL：
#
# $$\mathrm{JS}(p,q)=\tfrac12\mathrm{KL}(p\,\|\,m)+\tfrac12\mathrm{KL}(q\,\|\,m).$$
#
# 把 D\* 代入 V。关键一步：分子分母同除以 2，凑出 m。
#
# $$\frac{p}{p+q}=\frac{p/2}{(p+q)/2}=\frac12\cdot\frac{p}{m},\qquad
# 1-\frac{p}{p+q}=\frac{q}{p+q}=\frac12\cdot\frac{q}{m}.$$
#
# $$\begin{aligned}
# V(G,D^*)&=\int p\log\Big(\frac12\cdot\frac pm\Big)dx+\int q\log\Big(\frac12\cdot\frac qm\Big)dx\\
# &=-\log2\int p\,dx-\log2\int q\,dx+\int p\log\frac pm\,dx+\int q\log\frac qm\,dx\\
# &=-2\log2+\mathrm{KL}(p\,\|\,m)+\mathrm{KL}(q\,\|\,m)\\
# &=2\,\mathrm{JS}(p,q)-2\log2.
# \end{aligned}$$
#
# 用到的只有 ∫p = ∫q = 1 和 JS 的定义。JS ≥ 0，p = q 时为 0，所以外层的最小值是 −2·log2，
# 在 q = p 取到，
# 正是 2.1 右图的最低点。

# %%
from paddle_gan.metrics import js_divergence, normalize, optimal_value

show(optimal_value)
print("  d    积分算的 V(G, D*)    2JS − 2log2")
for d in (0.0, 1.0, 2.0, 4.0):
    x, p, q = shift.densities(d, 20_001)
    logit = d * d / 2 - d * x
    V = -(p * np.logaddexp(0, -logit)).sum() - (q * np.logaddexp(0, logit)).sum()
    print(f"{d:4.1f}    {V:15.6f}    {optimal_value(normalize(p), normalize(q)):11.6f}")

# %% [markdown]
# **D 不是最优时差多少？** 任取一个 D，与最优值相减：
#
# $$V(G,D^*)-V(G,D)=\int\Big[p\log\frac{D^*}{D}+q\log\frac{1-D^*}{1-D}\Big]dx.$$
#
# 由 $p=(p+q)D^*$、$q=(p+q)(1-D^*)$，提出 p + q：
#
# $$=\int(p+q)\Big[D^*\log\frac{D^*}{D}+(1-D^*)\log\frac{1-D^*}{1-D}\Big]dx
# =2\,\mathbb{E}_{x\sim m}
# \big[\mathrm{KL}\big(\mathrm{Bern}(D^*)\,\|\,\mathrm{Bern}(D)\big)\big]\ \ge 0.$$
#
# 方括号里是两枚硬币之间的 KL，永远不是负数。所以
#
# $$\underbrace{\tfrac12\big(V(G,D)+2\log2\big)}_{\text{由 loss/D 换算出的 JS 读数}}
# =\mathrm{JS}(p,q)-\mathbb{E}_m\big[\mathrm{KL}(D^*\|D)\big]\ \le\ \mathrm{JS}(p,q).$$
#
# 读数只是 JS 的**下界**，缺口恰好是 D 与 D\* 的差。看它怎样合上：

# %%
d, reading, missing = 2.0, [], []
gan = shift.make("gan", shift.Shift(d), network, 1, {"lr_D": 1e-3})
x, p, q = shift.densities(d, 2001)
optimum, draw = d * d / 2 - d * x, shift.normal_batches(512)  # D* 的 logit
for _ in range(201):
    logit = shift.logits_on(gan, x)
    V = -(p * np.logaddexp(0, -logit)).sum() - (q * np.logaddexp(0, logit)).sum()
    reading.append((V + 2 * np.log(2)) / 2)
    gain_real = np.logaddexp(0, -logit) - np.logaddexp(0, -optimum)  # log(D*/D)
    gain_fake = np.logaddexp(0, logit) - np.logaddexp(0, optimum)
    missing.append(((p * gain_real).sum() + (q * gain_fake).sum()) / 2)
    gan.discriminator_step(draw())

# %%
true_js = shifted_gaussians(d)["js"]
print(f"真的 JS {true_js:.4f}；读数：开始 {reading[0]:.4f}，最后 {reading[-1]:.4f}")
print(f"缺口：开始 {missing[0]:.4f}，最小 {min(missing):.6f}")
series = {"由 loss/D 换算的读数": reading, "读数 + 缺口": np.add(reading, missing)}
series["真的 JS"] = np.full(len(reading), true_js)
series["缺口 E[KL(D*‖D)]"] = missing
lines(np.arange(len(reading)), series, "只训练 D 的步数", "奈特")

# %% [markdown]
# **看曲线** 刚初始化的 D 给出的“JS”可以是**负数**，而 JS 不可能是负的：
# 这时候 `loss/D` 与 JS 毫无关系。
# 训练 D，缺口合上，读数从下面贴到真的 JS；两者相加始终是那条水平线
# （图上“读数 + 缺口”与“真的 JS”重合，只看得见后者）。
#
# 所以 002 的后一句对，前提也要一并记住：**只有 D 最优**（或者近似最优）时，
# 才能说生成器在最小化 JS。
# 真实的训练里 D 每步只更新一次，你看到的 `loss/D` 上升，分不清是 q 靠近了 p，还是 D 没跟上。
#
# **还有一个前提：生成器用的是饱和损失** $\mathbb{E}_q[\log(1-D)]$。实际训练多用不饱和损失
# $\mathbb{E}_q[-\log D]$，它在 D\* 处的梯度是另一回事（Arjovsky 与 Bottou，2017，定理 2.5）。
# 设 q 由参数 θ 决定，在 θ = θ₀ 处把 $D^*=p/(p+q_{\theta_0})$ 固定住，只对采样的 q 求导：
#
# $$-\log D^*=\log\frac{p+q_{\theta_0}}{p}
# =\log\frac{q_{\theta_0}}{p}-\log\frac{q_{\theta_0}}{p+q_{\theta_0}}
# =\log\frac{q_{\theta_0}}{p}-\log(1-D^*).$$
#
# 两项分别求导。第一项：
# $\nabla_\theta\mathrm{KL}(q_\theta\|p)=\int\nabla q\,\log\frac qp\,dx+\int q\,\nabla\log q\,dx$，
# 末一项是 $\nabla\int q\,dx=0$，所以 $\int\nabla q\,\log\frac{q_{\theta_0}}p\,dx$ 就是 ∇KL(q‖p)。
# 第二项：V(G, D\*) 对 θ 求导时 D\* 在最优处，它自己的变化不贡献（导数为 0），
# 所以 $\int\nabla q\log(1-D^*)dx=\nabla(2\mathrm{JS})$。合起来
#
# $$\nabla_\theta\,\mathbb{E}_{q_\theta}[-\log D^*]
# =\nabla_\theta\big[\mathrm{KL}(q_\theta\|p)-2\,\mathrm{JS}(p,q_\theta)\big].$$
#
# 用平移的例子核对：KL(q‖p) = d²/2，导数是 d；不饱和损失的梯度直接积分，
# 是 $d\cdot\mathbb{E}_q[1-D^*]$。

# %%
print("  d   饱和：2·dJS/dd   不饱和：直接积分   KL′ − 2JS′")
for d in (0.5, 1.0, 2.0, 4.0, 8.0):
    x, p, q = shift.densities(d)
    direct = d * (q * (1 - optimal_discriminator(p, q))).sum()
    slope = shifted_gaussians(d)["js_slope"]
    print(f"{d:4.1f}  {2 * slope:14.6f}  {direct:16.6f}  {d - 2 * slope:12.6f}")

# %% [markdown]
# 后两列相等，公式核对无误。再看第二列：d 越大，饱和损失的梯度先升后落，到 d = 8 几乎没有了；
# 不饱和的却一路变大。离得远的时候两者的趋势相反，一句“GAN 最小化 JS”盖不住它们。
# 梯度消失是 06 章的正题。
#
# 画出来：左边是 d = 2 的两个分布与最优的 D，右边是 JS 与 W
# （第 06 章的 Wasserstein 距离，这里就是 d）：

# %%
from paddle_gan.teaching.knobs import apart

apart(2.0)

# %% [markdown]
# 把 d 从 0 拖到 8：JS 走到 log2 就不动了，W 一直在长。

# %%
slide(apart, (0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0), "d", start=2.0)

# %% [markdown]
# ## 2.5 收敛性 [§2.5]
#
# **问题**
#
# > 在优化最佳判别器的时候同时在给生成器最佳的梯度
# >
# > —— 002 GAN 收敛
#
# 它注解的是论文的命题 2：若 G、D 容量足够，算法 1 的每一步都让 D 走到给定 G 的最优，
# 而且 **q 按照改进
# $\mathbb{E}_p[\log D^*]+\mathbb{E}_q[\log(1-D^*)]$ 的方向更新**，那么 q 收敛到 p。
#
# **证明的要点** 固定 D，记 $U(q,D)=\mathbb{E}_p[\log D]+\int q\log(1-D)dx$。它对 q 是一次的，
# 因而是凸的。
#
# 1. 一族凸函数逐点取最大，还是凸的：
#    $\mathrm{C}(q)=\max_D U(q,D)=2\mathrm{JS}(p,q)-2\log2$ 对 q 是凸的。
# 2. 最大值在 D\* 取到，U(q, D\*) 在这一点的导数就是 C 的一个次梯度：它与 C 在 q 处相切，
#    而且处处不高于 C。
#    所以“先把 D 训练到最优，再用这个 D 的梯度”等于在 C 上做梯度下降。002 那句话说的就是这一条。
# 3. 凸函数没有坏的局部极小，最小点只有 q = p（2.4），步子足够小就走得到。
#
# **跑** 把命题 2 照字面做一遍。q 在网格上是一串质量，每一格自由变动，D 每步直接取 D\*。
# 对 q 的导数是 log(1−D\*)；为了让 q 保持非负、总和为 1，用乘法的梯度步
# $q\leftarrow q\,e^{-\eta\log(1-D^*)}$ 再归一。对照组是真实训练的样子：q = N(θ, 1)，只许改 θ，
# D 同样每步最优。

# %%
x, p, q = (values[::10] for values in shift.densities(8.0, 20_001))
p, q = normalize(p), normalize(q)
curves_js = {"命题 2：直接改 q": [], "从 θ = 2 出发，只改 θ": [], "从 θ = 8 出发，只改 θ": []}
thetas = [2.0, 8.0]
for _ in range(40):
    curves_js["命题 2：直接改 q"].append(js_divergence(p, q))
    fake = optimal_discriminator(q, p)  # 1 − D* = q/(p+q)；用 1 减会丢掉很小的数
    q = normalize(q * np.where(q > 0, fake, 1.0) ** -0.5)  # q·exp(−½·log(1 − D*))
    for i, name in enumerate(list(curves_js)[1:]):
        known = shifted_gaussians(abs(thetas[i]))
        curves_js[name].append(known["js"])
        thetas[i] -= 0.5 * 2 * known["js_slope"]  # θ ← θ − η·d(2JS)/dθ
print(f"40 步之后：θ 分别是 {thetas[0]:.4f} 与 {thetas[1]:.4f}")
lines(np.arange(40), curves_js, "步", "JS(p, q)")

# %% [markdown]
# **看曲线** 直接改 q 的那条与“从 θ = 8 出发”的那条起点相同，JS 都几乎是 log2。前者很快到 0；
# 后者几乎不动。
# 两者的 D 都是最优的，差别只在“改的是什么”。
#
# 原因在凸不凸。命题 2 的凸是**对 q** 的凸；换成参数 θ，凸性就没有了：

# %%
t, shifts = np.linspace(0, 1, 41), np.linspace(-8, 8, 81)
x, p, far = shift.densities(4.0, 2001)
p, far = normalize(p), normalize(far)
with canvas(2) as c:
    left, right = c.axes[0]
    left.plot(t, [js_divergence(p, (1 - s) * p + s * far) for s in t])
    left.set(xlabel="q = (1−t)·p + t·N(4, 1) 里的 t", ylabel="JS(p, q)", title="对 q：凸的")
    right.plot(shifts, [shifted_gaussians(abs(d))["js"] for d in shifts])
    right.set(xlabel="q = N(θ, 1) 里的 θ", ylabel="JS(p, q)", title="对参数 θ：不凸，两边是平的")
c.picture

# %% [markdown]
# 命题 2 是一个真定理，但它**没有**保证下面这些事，而真实的训练样样都占：
#
# | 定理的前提 | 真实的训练 |
# |---|---|
# | D 每步走到最优 | D 每步只更新一两次，而且是有限的网络 |
# | 直接改 q，对 q 凸 | 改的是网络的参数 θ，不凸 |
# | 期望是准的 | 一批几百个样本 |
# | 先 max 后 min | 两边轮流走一小步，可能转圈 |
#
# 最后一条会让两个网络绕着均衡转，永不靠近：03 章量它（No-convergence，T5）。

# %% [markdown]
# ## 2.6 KL 与 JS [§2.6]
#
# **问题** 000 的 WGAN 一节之前给了两个链接：KL-Divergence 与 Jensen-Shannon divergence。
# 它们有什么不同？为什么说“选哪个散度，就选了犯哪种错”？
#
# **公式** 三条性质，各推一遍。
#
# 1. **KL ≥ 0。** 由 $\log u\le u-1$：
#    $-\mathrm{KL}(p\|q)=\int p\log\frac qp\,dx
#    \le\int p\big(\frac qp-1\big)dx=\int_{p>0}q\,dx-1\le0$。
#    等号只在 q = p 时成立。JS 是两个 KL 的平均，也 ≥ 0。
# 2. **KL 不对称，可以是 ∞。** 只要有一块地方 p > 0 而 q = 0，$\log\frac pq$ 就是 ∞。
# 3. **JS 对称，不超过 log2。** $m=\frac{p+q}2\ge\frac p2$，所以 $\log\frac pm\le\log2$，
#    于是 KL(p‖m) ≤ log2；KL(q‖m) 也一样，平均之后还是 ≤ log2。
#
# **两个方向各怕什么** 让 q 去拟合 p：
#
# - **正向 KL(p‖q)** $=\int p\log\frac pq$：p 大而 q 小的地方受重罚。
#   q 不敢漏掉任何有真样本的地方（zero avoiding），
#   宁可把没有真样本的空处也盖上。最大似然就是它：
# $\min_q\mathrm{KL}(p\|q)$ 等于 $\max_q\mathbb{E}_p[\log q]$，因为 $\int p\log p$ 与 q 无关。
# - **反向 KL(q‖p)** $=\int q\log\frac qp$：q 大而 p 小的地方受重罚。
#   q 不敢在没有真样本的地方生成（zero forcing），
#   宁可丢掉一个峰。
#
# **跑** p 是两个峰的混合，q 只许是一个高斯 N(μ, s²)。正向有闭式：
# $\mathrm{KL}(p\|q)=\text{常数}+\log s+\frac{\mathbb{E}_p(x-\mu)^2}{2s^2}$，
# 对 μ 求导得 $\mu=\mathbb{E}_p[x]$，
# 对 s 求导得 $\frac1s-\frac{\mathbb{E}_p(x-\mu)^2}{s^3}=0$，即 $s^2=\mathrm{Var}_p(x)$：
# 就是配均值与方差。
# 反向与 JS 没有闭式，从几个起点用数值方法找。

# %%
from paddle_gan.metrics import kl_divergence

x = np.linspace(-12, 12, 2401)
p = normalize(bell(x, -2, 0.6) + bell(x, 2, 0.6))
print(f"配均值与方差：μ = {(p * x).sum():.3f}，s = {np.sqrt((p * x * x).sum()):.3f}")


def fitted(v):
    """参数 v = (μ, log s) 的高斯；加一个极小的数，免得下溢成 0。"""
    return normalize(bell(x, v[0], np.exp(v[1])) + 1e-200)


goals = {"正向 KL(p‖q)": lambda v: kl_divergence(p, fitted(v))}
goals |= {"反向 KL(q‖p)": lambda v: kl_divergence(fitted(v), p)}
goals |= {"JS": lambda v: js_divergence(p, fitted(v))}

# %%
from scipy.optimize import minimize

fits = {name: [] for name in goals}
for name, goal in goals.items():
    for start in (0.1, -1.5):
        found = minimize(goal, [start, 0.0], method="Nelder-Mead")
        fits[name].append((start, found.x, found.fun))
        mean, std = found.x[0], np.exp(found.x[1])
        print(f"{name}，从 μ = {start} 出发：μ = {mean:.3f}，s = {std:.3f}，值 {found.fun:.4f}")

# %%
with canvas(3, size=(3.4, 3.0)) as c:
    for axis, name in zip(c.axes[0], goals):
        axis.fill_between(x, p, alpha=0.25, label="真实 p")
        for (start, v, value), style in zip(fits[name], ("-", "--")):
            axis.plot(x, fitted(v), style, label=f"起点 {start}：值 {value:.3f}")
        axis.set(title=name, xlabel="x", yticks=[], xlim=(-6, 6))
        axis.legend(fontsize=8, loc="upper right")
        axis.set_ylim(0, 0.011)
c.picture

# %% [markdown]
# **看曲线**
#
# - **正向 KL**：一个又矮又宽的高斯盖住两个峰，最高的地方恰是没有真样本的中间。两个起点到同一处。
# - **反向 KL**：缩到一个峰上，另一个峰全丢。丢哪一个看起点，两个峰对称，谁也不比谁差。
# - **JS**：这个例子里有两个极小，比一比上面印出的两个值：宽的那个更低，蹲在一个峰上的是局部极小。
#   这个例子里它的 s 夹在两者中间；两个峰一大一小时它会跳到一个峰上去，所以不能说“JS 介于两者之间”
#   （§8.4）。
#
# 再试一个边缘情形：q 完全漏掉一个峰时，三个数各是多少。

# %%
left_only, nothing_shared = np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
both = np.array([0.5, 0.5, 0.0])
for name, q in {"漏掉一个峰": left_only, "完全不重叠": nothing_shared}.items():
    forward, reverse = kl_divergence(both, q), kl_divergence(q, both)
    print(f"{name}：正向 KL {forward}，反向 KL {reverse:.4f}，JS {js_divergence(both, q):.4f}")
print(f"log2 = {np.log(2):.4f}")

# %% [markdown]
# 漏掉一个峰，正向 KL 是 ∞，反向只有 log2。所以有人说：GAN 丢模式，是因为它更像反向 KL。
# 这个解释**不能全信**：把 GAN 的目标换成正向 KL 来训练，模式照样丢（Goodfellow，2016，
# 教程 §3.2.5）。
# 丢模式更多来自训练的过程，而不是散度的选择；第 09 章逐个量补救的办法。

# %% [markdown]
# ## 弄坏它
#
# 真实的错误：PaddleGAN 的 `configs/cond_dcgan_mnist.yaml` 让判别器的最后一层带 sigmoid，
# 损失却用 BCEWithLogits，后者里面又做一次 sigmoid（2020 年飞桨的 issue #22085 报过同样的错）。
# 程序不报错，照样训练。我们在环上把它做出来：只改一个配置项。

# %%
short = ("total_steps=1200", "log_every=20")
good = train("gan_ring", *short, name="02_单sigmoid")
bad = train("gan_ring", *short, "network.discriminator.output=sigmoid", name="02_双sigmoid")
print(bad)
print(bad.summary["diagnosis"]["sentences"][0])

# %%
tags = ("loss/D", "loss/G", "prob/real", "prob/fake")
chance = dict(zip(tags, (2 * np.log(2), np.log(2), 0.5, 0.5)))  # 分不出真假时的值
curves({"正确": good, "两次 sigmoid": bad}, *tags, marks=chance)

# %% [markdown]
# **症状** 送进第二个 sigmoid 的数只能在 (0, 1) 里，所以 D 的“概率”最低是 σ(0) = ½，最高是 σ(1)。
# 判别器没有办法说“这是假的”。看 `prob/fake`：正确的那次会低于 ½，出错的这次永远不会。
# 算一算能到的边界：

# %%
zero, one = paddle.to_tensor([[0.0]]), paddle.to_tensor([[1.0]])
floor = discriminator_cross_entropy(one, zero).item()  # 真样本给满 1，假样本给 0：最好也就这样
low, high = sigmoid(zero).item(), sigmoid(one).item()
print(f"概率的范围：{low:.3f} 到 {high:.3f}；loss/D 不低于 {floor:.3f}")
print(f"JS 的读数最多 {(2 * np.log(2) - floor) / 2:.3f}，而 JS 可以到 log2 = {np.log(2):.3f}")

# %% [markdown]
# **怎样发现** `prob/fake` 从来不低于 0.5，`prob/real` 从来不超过 0.731，
# `loss/D` 贴着 2·log2 = 1.386 不动。
# 诊断给出的话看上面那一格。内层的 sigmoid 一旦饱和，连梯度也没有了，D 就再也醒不过来。
# 本课程的 D 一律输出 logit，损失里只做一次 sigmoid；要概率时看 `prob/real`，不要在网络里加。

# %% [markdown]
# ## 小结
#
# - V(G, D) 只要样本就能估；里层 max 量距离，外层 min 缩距离。日志里的 `loss/D` 是 −V。
# - 判别器就是二分类器：平均交叉熵 = −V/2。
# - 最优判别器 D\* = p/(p+q)，它的 logit 是密度比的对数；网络只在有样本的地方学得到。
# - V(G, D\*) = 2JS − 2log2 只在 D 最优时成立；平时的读数是 JS 的下界，缺口是 E[KL(D\*‖D)]。
# - 不饱和损失在 D\* 处最小化的是 KL(q‖p) − 2JS，不是 JS。
# - 命题 2 说的是“D 每步最优、直接改 q”的世界；换成参数与交替更新，它什么也没有保证。
# - 正向 KL 怕漏，反向 KL 怕错，JS 有上限 log2。

# %% [markdown]
# ## 一段历史
#
# 1951 年，Kullback 与 Leibler 在《On Information and Sufficiency》里定义了我们今天叫 KL 的量
# （Annals of Mathematical Statistics，22 卷）。它有一个不方便的地方，就是 2.6 节算到的那个 ∞：q
# 漏掉一块，KL 就没有意义了。1991 年 Lin 提出的 JS 散度正是为了去掉这个条件（IEEE Transactions on
# Information Theory，37 卷），代价是它到 log2 就不再长了。
#
# 2008 年，Nguyen、Wainwright 与 Jordan 反过来想（arXiv:0809.0853）：一大类散度都能写成“最好的判
# 别函数得多少分”，所以只要样本就能估。2014 年 GAN 论文的定理 1（arXiv:1406.2661）是其中的一个特
# 例，只是判别函数换成了神经网络，又多了一个要骗过它的生成器。2016 年的 f-GAN（arXiv:1606.00709）
# 把这两条线接到一起：换一个 f，就换一个散度。
#
# “GAN 在最小化 JS”这句话，是后来一点一点加上条件的。2017 年，Arjovsky 与 Bottou 证明不饱和损失
# 在 D\* 处对应的是 KL − 2JS（arXiv:1701.04862），就是 2.4 节末尾核对的那个式子。同一年，Fedus 等
# 人的题目更直接：*Many Paths to Equilibrium: GANs Do Not Need to Decrease a Divergence At Every
# Step*（arXiv:1710.08446）。2.5 节的表说的是同一件事：定理的前提，真实的训练一条也不占。

# %% [markdown]
# ## 练习
#
# **2.1** 判别器完全分不出真假（D 恒为 ½）时，日志里的 `loss/D` 是多少？答案是一个数，
# 保留两位小数。

# %%
answer = None  # 换成你的答案
check("2.1", answer)

# %% [markdown]
# **2.2** 写一个函数 D(x, d)：真实 N(0, 1)、生成 N(d, 1) 时的最优判别器（概率，不是 logit）。

# %%
answer = None  # 换成你的答案，例如 lambda x, d: ...
check("2.2", answer)

# %% [markdown]
# **2.3** 判别器已经训练到最优，`loss/D` 停在 0.9。这时 p 与 q 的 JS 散度是多少奈特？
# 答案是一个数，保留两位小数。

# %%
answer = None  # 换成你的答案
check("2.3", answer)

# %% [markdown]
# **2.4** 判别器**没有**训练到最优，你照样用 (2·log2 − `loss/D`)/2 去算 JS。
# 算出来的数与真的 JS 比：
# A 一定不偏大　B 一定不偏小　C 平均起来不偏　D 恒等于 JS，因为公式是恒等式

# %%
answer = None  # 换成你的答案，例如 "B"
check("2.4", answer)

# %% [markdown]
# **2.5** p 是 N(−2, 0.5²) 与 N(2, 0.5²) 各占一半的混合。用一个高斯按**正向** KL(p‖q) 去拟合，
# 最好的标准差是多少？（保留两位小数）

# %%
answer = None  # 换成你的答案
check("2.5", answer)

# %% [markdown]
# ## 目标
#
# 像作业一样，分三级，先把前面的练习做完再看。表里给了配置的，用
# `python tools/train.py -c configs/名字.yml` 训练，看它最后印出的那几个数；界照我们量到的数定，略
# 松一点，分钟是两核 CPU 上的。
#
# | 等级 | 要达到 | 做法 | 分钟 |
# |---|---|---|--:|
# | 及格 | 练习 2.1、2.3 打勾 | – | – |
# | 良好 | 练习 2.1 到 2.5 全打勾 | – | – |
# | 优秀 | `fit/mean_error` ≤ 0.05，`fit/std_ratio` 在 0.95 到 1.05 | `f_gan_mixture` | 0.1 |
#
# - **及格** 两题都只用 `loss/D` = −V 这一条。
# - **良好** 2.2 写完，先在 2.3 节的网格上画出来，与学到的 D 比一比再交。
# - **优秀** 用对抗训练去做 2.6 节那件事：一个高斯拟合两个峰，走到的该是那个散度的极小点（第 08
# 章）。两个量是与数值解的差和比，越接近 0 与 1 越好。

# %% [markdown]
# ## 延伸阅读
#
# - Goodfellow 等，2014，*Generative Adversarial Nets*，arXiv:1406.2661：命题 1、定理 1、
#   命题 2 都在第 4 节。
# - Goodfellow，2016，*NIPS 2016 Tutorial: Generative Adversarial Networks*，arXiv:1701.00160：
#   散度与丢模式的关系。
# - Arjovsky 与 Bottou，2017，*Towards Principled Methods for Training GANs*，arXiv:1701.04862：
#   不饱和损失的梯度，定理 2.5。
# - Nowozin 等，2016，*f-GAN*，arXiv:1606.00709：换一个 f，就换一个散度。
# - 讲义背后的公开课：001 的这几节对
# 应[李宏毅《机器学习》2021 春](https://speech.ee.ntu.edu.tw/~hylee/ml/2021-spring.php)的[第二讲](https://www.youtube.com/watch?v=jNY1WBb8l4U)，
# 前半讲散度。
#
# **GPU** 本章用不着。要把环上的 GAN 训练足步数：`python tools/train.py -c configs/gan_ring.yml`。
#
# 接着打开 `03_优点与缺点.ipynb`，看命题 2 没有保证的事怎样发生。JS 的麻烦，接着读第 06 章。
