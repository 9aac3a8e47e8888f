# %% [markdown]
# # 08 换一个散度
#
# **学完你能**
# 1. 由凸函数造出一个散度，推出只要样本就能估的下界，说清 $T^*=f'(p/q)$ 与 $g_f$ 从哪里来。
# 2. 认出 GAN 是表里的一行；看到一个拟合，知道它多半在减小哪一行。
# 3. 说出“不饱和”的 $G$ 那一步真正减小的是哪个散度，而且算得出来。
# 4. 推出 LSGAN 的 $\chi^2$，也指出它在哪里不成立；说清合页损失为什么要配谱归一化。
# 5. 看到“新损失好了几分”，先问学习率和种子带来的差别有多大。
#
# **CPU 用时** 机器空闲时约 1 分钟
#
# **先读** 02（最优判别器，$2\mathrm{JS}-2\log2$，KL 的两个方向）。06、07 的谱归一化在 8.6 要用。

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
# ## 先看换了以后有什么不同
#
# > Can we use other divergence? ——提纲 003
#
# 能。下面的灰底是真实分布 $p$，一大一小两个峰。$q$ 只许是一个高斯，两个峰像不全，总得舍掉点什么。
# 三格只有散度不同，画的都是**最小点**，是数值积分算出来的，没有训练：

# %%
import numpy as np

from paddle_gan.data.toy import MIXTURES
from paddle_gan.metrics.f_divergences import TABLE
from paddle_gan.metrics.gaussian_fit import best_gaussians, gaussian_minima, log_mixture, log_normal

x = np.linspace(-6, 6, 1201)
NAMES = {"kl": "KL(p‖q)", "js": "JS", "reverse_kl": "反向 KL(q‖p)"}


def draw_fit(axis, mixture, fits):
    axis.fill_between(x, np.exp(log_mixture(x, *mixture)), color="gray", alpha=0.3)
    for (mean, std), style in zip(fits, ("-", "--", ":")):
        axis.plot(x, np.exp(log_normal(x, mean, std)), style, color="#0072B2")
    axis.set(yticks=[], xlim=(-5, 5), ylim=(0, 0.85))


# %%
with canvas(3, size=(3.2, 2.6)) as c:
    for axis, (name, label) in zip(c.axes[0], NAMES.items()):
        (best,) = best_gaussians(name, *MIXTURES["B"])
        draw_fit(axis, MIXTURES["B"], [best[:2]])
        axis.set_title(f"{label}\nμ = {best.mean:.2f}，σ = {best.std:.2f}")
c.picture

# %% [markdown]
# KL 盖住两个峰，反向 KL 只占一个，这两句第 02 章说过。常有人接着说“JS 介于两者之间”。
# 看中间一格：它与反向 KL 几乎一样，**只占一个峰**。那句话错在哪里，8.4 讲。
#
# ## 8.1 凸函数量出散度 [§8.1]
#
# **造法。** 任取一个凸函数 $f(u)$，$u>0$，$f(1)=0$。令
#
# $$D_f(P\,\|\,Q)=\int q(x)\,f\!\Big(\frac{p(x)}{q(x)}\Big)dx=\mathbb E_{x\sim Q}\,
# f\!\Big(\frac{p(x)}{q(x)}\Big).$$
#
# 每一点看一个比：真的密度是生成的几倍，$u=p/q$。$u=1$ 不罚，别处罚多少，由 $f$ 定。
# $f=u\log u$ 就是 KL：$\int q\cdot\frac pq\log\frac pq=\int p\log\frac pq$。
#
# **为什么不小于 0。** 凸函数有琴生（Jensen）不等式：平均的函数值，不小于平均处的函数值。
# 设有 $p$ 的地方都有 $q$：
#
# $$D_f=\mathbb E_Q f\Big(\frac pq\Big)\ \ge\ f\Big(\mathbb E_Q\frac pq\Big)
# =f\Big(\int q\cdot\frac pq\,dx\Big)=f(1)=0 .$$
#
# **什么时候等于 0。** $f$ 若在 1 处是**严格**凸的（那里不是一段直线），琴生取等号只有一种可能：
# $p/q$ 处处是同一个数。两边积分都是 1，这个数只能是 1，所以 $P=Q$。
#
# **两个 $f$ 可以是同一个散度。** $f$ 加上 $c(u-1)$，散度多出 $c\int(p-q)\,dx=0$。
# 所以不妨挑这个 $c$，
# 使 $f'(1)=0$：这时 $f\ge0$，每一点的罚都看得见。看两头：
#
# - **画错**：生成了，可是没有真样本，$u\to0$。每一份 $q$ 罚 $f(u)$。
# - **漏掉**：有真样本，可是没有生成，$u\to\infty$。每一份 $p$ 罚 $q f(u)/p=f(u)/u$。

# %%
u = np.logspace(-6, 0, 200)
SHOWN = ("kl", "reverse_kl", "pearson", "neyman", "hellinger", "js")


def centred(row, u):  # 减去 f(1) 与 f′(1)(u − 1)，散度只差一个常数
    one = np.array(1.0)
    return row.f(u) - row.f(one) - row.slope(one) * (u - 1)


# %%
with canvas(2, size=(4.6, 3.2)) as c:
    wrong, missed = c.axes[0]
    for name in SHOWN:
        wrong.plot(u, centred(TABLE[name], u), label=name)
        missed.plot(u, u * centred(TABLE[name], 1 / u), label=name)
    wrong.set(title="画错一份 q 罚多少", xlabel="p / q（左边：没有真样本）")
    missed.set(title="漏掉一份 p 罚多少", xlabel="q / p（左边：没有生成）")
    for axis in (wrong, missed):
        axis.set(xscale="log", ylim=(-0.2, 6))
        axis.legend(fontsize=8)
c.picture

# %% [markdown]
# 往左走，一直往上冲的是“怕”，放平了的是“不怕”。`kl`、`pearson` 在右图往上冲：**怕漏**；
# `reverse_kl`、`neyman` 在左图往上冲：**怕错**。`js` 与 `hellinger` 两边都放平：漏一份、错一份，
# 都是有限的价钱，
# 合算的话哪一样都干得出来。这就是开头中间那一格的伏笔。

# %% [markdown]
# ## 8.2 变分下界：只要样本 [§8.2]
#
# 上面的式子里全是密度，你手里只有样本。第 02 章的办法是：让 $D$ 去最大化一个只含期望的量。
# 换成别的 $f$，也做得到（Nguyen 等，2010；Nowozin 等，2016，后者叫它 f-GAN）。
#
# **一步：共轭。** 凸函数可以用它的全部切线来描述。斜率是 $t$ 的直线 $ut-b$，
# 压在 $f$ 下面的最高一条，
# $b$ 最小能是多少？要对每个 $u$ 都有 $ut-b\le f(u)$，即 $b\ge ut-f(u)$，所以最小的 $b$ 是
#
# $$f^*(t)=\sup_{u>0}\ \{\,ut-f(u)\,\},$$
#
# 叫 $f$ 的**共轭**（Fenchel conjugate）。由这个定义，对任何 $u$ 与 $t$：
#
# $$f(u)\ \ge\ ut-f^*(t). \tag{1}$$

# %%
u = np.linspace(0.01, 3.2, 200)
row = TABLE["kl"]
with canvas(size=(5.4, 3.4)) as c:
    axis = c.axes[0, 0]
    axis.plot(u, row.f(u), color="black", label="f(u) = u·log u")
    for at in (0.4, 1.0, 2.0):
        t = row.slope(at)  # 在 u = at 处相切的那条，斜率 f′(at)
        axis.plot(u, u * t - row.conjugate(t), label=f"斜率 {t:.2f}，截距 {-row.conjugate(t):.2f}")
        axis.plot(at, row.f(at), "o", color="black", markersize=5)
    axis.set(xlabel="u = p / q", ylim=(-2.2, 4), title="每条切线都压在 f 下面，碰到的只有一点")
    axis.legend(fontsize=9)
c.picture

# %% [markdown]
# **二步：逐点用。** 在每个 $x$ 处，取 $u=p(x)/q(x)$，斜率随便选一个 $t=T(x)$，代进 (1)，乘 $q$，
# 积分：
#
# $$D_f=\int q\,f\Big(\frac pq\Big)dx\ \ge\ \int q\Big[\frac pq\,T-f^*(T)\Big]dx
# =\mathbb E_{x\sim P}[T(x)]-\mathbb E_{x\sim Q}[f^*(T(x))]. \tag{2}$$
#
# 右边没有密度了：一个是真样本的平均，一个是生成样本的平均。$T$ 是**任何**函数，
# 所以让一个网络去当它，
# 把右边推得越大越好。
#
# **三步：什么时候取等号。** 固定 $u$，(1) 的缺口是 0，当且仅当 $t$ 就是 $f$ 在 $u$ 处的斜率。
# 算一遍：$h(v)=vt-f(v)$ 是凹的，最大在 $h'(v)=t-f'(v)=0$ 处。取 $t=f'(u)$，最大就在 $v=u$，于是
#
# $$f^*(f'(u))=u f'(u)-f(u), \tag{3}$$
#
# 代回 (1)，两边相等。逐点都要相等，所以
#
# $$\boxed{\,T^*(x)=f'\Big(\frac{p(x)}{q(x)}\Big)\,}$$
#
# **最优的 $T$ 只认密度比**：哪个 $f$ 都一样，变的只是拿 $p/q$ 去做什么。
#
# **四步：为什么还要 $g_f$。** $f^*(t)$ 不是对每个 $t$ 都有限。反向 KL，$f=-\log u$：$t\ge0$ 时
# $ut+\log u$ 要多大有多大，$f^*(t)=\infty$；$t<0$ 时最大在 $u=-1/t$，$f^*(t)=-1-\log(-t)$。
# 网络的输出 $V(x)$ 却是任何实数。所以中间垫一个递增的函数，把 $V$ 送进 $f^*$ 的定义域：
#
# $$T(x)=g_f(V(x)),\qquad g_f:\ (-\infty,\infty)\to\mathrm{dom}\,f^* .$$
#
# 反向 KL 用 $g_f(v)=-e^{-v}$，总是负的。别的递增函数也行，最优的 $T$ 不变，$V$ 变。
# 挑得好，$f^*(g_f(v))$ 化得很简单：这里是 $-1-\log e^{-v}=v-1$，不会溢出。

# %%
from paddle_gan.methods import GAN, LSGAN, Hinge, Relativistic
from paddle_gan.methods.f_gan import FGAN

show(FGAN.discriminator_loss)

# %% [markdown]
# 一行就是 (2)（注释里的“式 (6)”是论文的编号）。`score` 是 $V$，截在 10 以下：
# KL 的 $f^*(g_f(v))=e^{v-1}$ 涨得太快，不截会溢出。论文没有截；截了，上限之上就没有梯度。

# %% [markdown]
# ## 8.3 一张表：GAN 只是一行 [§8.3]
#
# 库里的方法、指标与这一章用的是同一张表，七行。不信它，就逐行算一遍。
# 取 $P=N(0,1)$，$Q=N(0.5,1.2^2)$，全用数值积分：
#
# - (3) 成立吗：$f^*(f'(u))$ 与 $uf'(u)-f(u)$ 最多差多少；
# - 按定义算的 $D_f$，与 $T=T^*$ 时的下界 (2)，是不是同一个数；
# - $T$ 差一点（$0.8\,T^*$），下界是不是变小。

# %%
from IPython.display import Markdown

wide, dx = np.linspace(-9, 9, 18001, retstep=True)
log_p, log_q = log_normal(wide, 0.0, 1.0), log_normal(wide, 0.5, 1.2)
p, q, u = np.exp(log_p), np.exp(log_q), np.exp(log_p - log_q)
table = ["| 行 | (3) 最多差 | 定义 | 下界，T* | 下界，0.8·T* |", "|---|--:|--:|--:|--:|"]
for row in TABLE.values():
    T = row.slope(u)
    defined = (q * row.f(u)).sum() * dx
    tight, loose = ((p * t - q * row.conjugate(t)).sum() * dx for t in (T, 0.8 * T))
    gap = np.abs(row.conjugate(T) - (u * T - row.f(u))).max()
    assert abs(defined - tight) < 1e-9 and loose < tight
    table.append(f"| {row.name} | {gap:.0e} | {defined:.6f} | {tight:.6f} | {loose:.6f} |")
Markdown("\n".join(table))

# %% [markdown]
# 七行都对上了，换一个 $T$ 都变小。表里的四个函数与 $g_f$ 就写在
# `paddle_gan/metrics/f_divergences.py` 里，一行一个。挑两行看：

# %%
for name in ("reverse_kl", "gan"):
    row, v = TABLE[name], np.array([-3.0, 0.0, 3.0])
    print(f"{row.name}：f* 的定义域 t < {row.below:g}；v = −3、0、3")
    print("   g_f(v)", row.g(v).round(3), "  f*(g_f(v))", row.conjugate_of_g(v).round(3))
    print("   直接代入差", np.abs(row.conjugate(row.g(v)) - row.conjugate_of_g(v)).max())

# %% [markdown]
# **GAN 在哪里。** 最后一行 $f(u)=u\log u-(u+1)\log(u+1)$，
# $g_f(v)=-\mathrm{softplus}(-v)=\log\sigma(v)$，
# $f^*(t)=-\log(1-e^t)$。代进 (2)，$V$ 就是 logit：
#
# $$\mathbb E_P[\log\sigma(V)]-\mathbb E_Q\big[-\log(1-\sigma(V))\big]
# =\mathbb E_P[\log D]+\mathbb E_Q[\log(1-D)],$$
#
# 正是第 02 章的 $V(G,D)$。它的最大值是这一行的“散度”：
#
# $$\int q\Big[\frac pq\log\frac pq-\frac{p+q}q\log\frac{p+q}q\Big]dx
# =\int p\log\frac p{p+q}+\int q\log\frac q{p+q}=2\,\mathrm{JS}-2\log2 .$$
#
# 它的 $f(1)=-2\log2$，不是 0，所以整个低了 $2\log2$；“JS 的两倍”那一行把它补回来。
# 最优的 $T^*=f'(u)=\log\frac u{u+1}=\log\frac p{p+q}$，也就是 $\log D^*$：第 02 章的最优判别器
# 不必单独推，是框里那个式子的一行。

# %%
import paddle

from paddle_gan.losses import discriminator_cross_entropy
from paddle_gan.metrics import js_divergence, normalize

paddle.seed(0)
V_real, V_fake = paddle.randn([512, 1]) + 1, paddle.randn([512, 1]) - 1
row = TABLE["gan"]
bound = row.g(V_real).mean() - row.conjugate_of_g(V_fake).mean()
loss = discriminator_cross_entropy(V_real, V_fake)
print(f"f-GAN 的 gan 行，−下界 {-bound.item():.6f}；GAN 的 loss/D {loss.item():.6f}")
twice_js = 2 * js_divergence(normalize(p), normalize(q)) - 2 * np.log(2)
print(f"gan 行的散度 {(q * row.f(u)).sum() * dx:.6f}；2·JS − 2·log 2 = {twice_js:.6f}")

# %% [markdown]
# ## 8.4 散度决定像成什么样 [§8.4]
#
# $q$ 若什么形状都能有，哪个散度都一样：最小点是 $q=p$。差别出在 $q$ **像不全**的时候，
# 而真实的生成器总是像不全的。最小的例子：$G(z)=\mu+\sigma z$，只有两个数可调，
# $p$ 是两个高斯的混合。
# 库里备了三个：A 两峰一样大、离得远；B 一大一小；C 连成一片。每个散度的最小点：

# %%
rows = {name: [best_gaussians(name, *MIXTURES[m]) for m in "ABC"] for name in TABLE}
table = ["| 散度 | A：μ / σ | B：μ / σ | C：μ / σ |", "|---|---|---|---|"]
for name, bests in rows.items():
    cells = ["，".join(f"{one.mean:.2f} / {one.std:.2f}" for one in best) for best in bests]
    table.append(f"| {TABLE[name].name} | {' | '.join(cells)} |")
Markdown("\n".join(table).replace("-0.00", "0.00"))

# %% [markdown]
# A 的反向 KL、奈曼 $\chi^2$ 有两个一样深的，占左占右都行。C 上除了奈曼 $\chi^2$，各行差得不多：
# 像得越全，选哪个越无所谓。最宽的是皮尔逊 $\chi^2$，最窄的是奈曼 $\chi^2$，
# 正是 8.1 里最怕漏的与最怕错的。
#
# 训练走得到这些点吗？同一个起点，只换散度，走 600 步（短训练）：

# %%
QUICK_FIT = ["total_steps=600", "batch_size=512", "hparams.lr_D=5e-3", "hparams.lr_G=1e-2"]
QUICK_FIT += ["metrics={}", "log_every=20", "visualdl=false"]


def fit(divergence, mixture, *more):
    options = [f"hparams.divergence={divergence}", f"data.mixture={mixture}", *QUICK_FIT, *more]
    return train("f_gan_mixture", *options, name=f"08_{divergence}_{mixture}", snapshots=6)


# %%
def film(lessons):  # 一行一次训练；样本的均值与标准差，就是 G 的那两个数
    steps = sorted(next(iter(lessons.values())).snapshots)
    with canvas(len(steps), len(lessons), size=(1.6, 1.4)) as c:
        for line, (name, lesson) in zip(c.axes, lessons.items()):
            data = lesson.data
            for axis, step in zip(line, steps):
                made = lesson.snapshots[step]
                draw_fit(axis, (data.weights, data.means, data.stds), [(made.mean(), made.std())])
                axis.set_title(f"第 {step} 步", fontsize=9)
            line[0].set_ylabel(name, fontsize=9)
    return c.picture


# %%
covering = fit("kl", "A", "hparams.generator_loss=saturating")
seeking = fit("reverse_kl", "A", "hparams.generator_loss=saturating")
film({"KL": covering, "反向 KL": seeking})

# %%
for name, lesson in {"kl": covering, "reverse_kl": seeking}.items():
    layer = lesson.method.G.layer
    mean, std = layer.bias.item(), abs(layer.weight.item())
    near = min(best_gaussians(name, *MIXTURES["A"]), key=lambda one: abs(one.mean - mean))
    print(f"{name}：训练停在 {mean:.3f} / {std:.3f}，最小点 {near.mean:.3f} / {near.std:.3f}")

# %% [markdown]
# 上面一行张开去盖两个峰，下面一行滑到一个峰上缩进去。起点一样，网络一样，差的只是表里的一行。
# 这是一个种子，下面一行恰好滑到了峰上；不是每个种子都滑得过去。
# 五个散度、三个混合、五个种子，与算出来的最小点比。右边一列另有两组：JS 从左峰出发（8.4 的后半），
# KL 配不饱和的 $G$（8.5）：

# %%
claim("f_gan_fit")

# %% [markdown]
# 没有走到的，都不是走偏，是**停在另一个谷里**。反向 KL 在 A 上有三个谷：两个峰上各一个，最深；
# 正中还有一个浅的，又宽又平。从正中出发，五个种子有三个就停在那里。B 上的 JS 也一样：
# 从正中出发，没有一个种子走到最深的窄谷；从左峰出发，个个走到。
#
# ### “JS 介于两者之间”错在哪里
#
# 第 02 章的例子（两峰一样大）里，JS 的最小点确实是宽的那个，只是 $\sigma$ 小一点。
# 让大的那个峰从 50% 渐渐变到 90%，看三个散度的最小点怎样走：

# %%
weights = np.arange(0.5, 0.91, 0.025)
with canvas(2, size=(4.8, 3.2)) as c:
    left, right = c.axes[0]
    for name, label in (NAMES | {"hellinger": "Hellinger"}).items():
        found = [best_gaussians(name, (w, 1 - w), (-1.5, 1.5), (0.5, 0.5))[0] for w in weights]
        left.plot(weights, [one.std for one in found], ".-", label=label)
        right.plot(weights, [abs(one.mean) for one in found], ".-", label=label)
    left.set(title="最小点的 σ", xlabel="大的峰占几成", ylim=(0, 1.8))
    right.set(title="最小点离正中多远，|μ|", xlabel="大的峰占几成")
    left.legend()
c.picture

# %% [markdown]
# KL 一路平滑；反向 KL 一直贴在一个峰上；JS **跳**：三分之二以下跟着 KL，过了就跟着反向 KL。
# 它从来不在**正中**：不是贴着 KL 那头，就是贴着反向 KL 那头；Hellinger 也跳，只是晚一点。
# 谷不止一个，因为 $p$ 有两个峰，哪个散度都可能有。JS 特别在两个谷**差不多深**：8.1 的图上，漏一份、
# 错一份都是有限的价钱，宽的、窄的都合算，权重一变就换谷。把 B 的谷都列出来：

# %%
for name, label in NAMES.items():
    for one in gaussian_minima(name, *MIXTURES["B"]):
        scale = 0.5 if name == "js" else 1.0  # 表里的是 JS 的两倍
        print(f"{label:12s} μ = {one.mean:6.3f}，σ = {one.std:.3f}，值 {scale * one.value:.4f}")

# %% [markdown]
# “差不多在正中”也可以写成一条判据：
# JS 最小点的 $\sigma$，在反向 KL（0）与 KL（1）之间的 0.25 到 0.75。
# 三个混合各量一次：

# %%
claim("js_between")

# %% [markdown]
# C 连成一片，散度之间差得少，那里的“不居中”只差一点，不要当证据；看 A 与 B。
#
# 回到上面印的两个谷。训练是往下滑，不会翻山：**最小点是散度定的，停在哪个谷是起点定的**。
# 从宽的一边出发，JS 就可能停在宽的那个谷里，尽管窄的更深。所以由一个 GAN 的样本反推
# “它在减小 JS / 反向 KL”，证据是不够的；何况还有下一节的事。

# %% [markdown]
# ## 8.5 $G$ 这一步真正在减小什么 [§8.5]
#
# $D$ 推高 (2)，$G$ 压低它。与 $G$ 有关的只有后一项，老实的做法是最小化 $-\mathbb E_Q[f^*(T)]$
# （库里写 `generator_loss: saturating`）。
# 可是 $f^*$ 在 $D$ 占上风的时候往往是平的（GAN 的 $\log(1-D)$ 就是这样），
# 论文与几乎所有的代码都换成
# **不饱和**的：最大化 $\mathbb E_Q[T]$，也就是 $L_G=-\mathbb E_Q[g_f(V)]$。

# %%
show(FGAN.generator_loss)

# %% [markdown]
# GAN 的论文说两种做法的不动点一样，那是 $q$ 什么形状都能有的时候（$q=p$）。像不全的时候呢？
#
# 设 $D$ 已经最优，$r=p/q$（就是前面的 $u$）固定住，只让采样的 $q$ 动。先看任何一个散度 $D_h$：
# $q$ 变一点 $\delta q$，
# $q\,h(p/q)$ 对 $q$ 的导数是 $h(r)-r\,h'(r)$，所以
#
# $$\delta D_h=\int\delta q\,\big[h(r)-r\,h'(r)\big]dx. \tag{4}$$
#
# - 老实的一步：$\delta L_G=-\int\delta q\,f^*(f'(r))=\int\delta q\,[f(r)-rf'(r)]$，由 (3)。
#   与 (4) 对照，$h=f$：它减小的**正是** $D_f$。
# - 不饱和的一步：$\delta L_G=-\int\delta q\,f'(r)$。要它等于 $\delta D_h$，就要
#   $h(r)-rh'(r)=-f'(r)+\text{常数}$（常数不要紧，$\int\delta q=0$）。两边对 $r$ 求导，
#   左边是 $h'-h'-rh''$：
#
# $$\boxed{\,h''(r)=\frac{f''(r)}r\,} \tag{5}$$
#
# $f''>0$，$h''$ 也就 $>0$：不饱和的一步减小的也是一个 $f$-散度，**不过是另一个**
# （Shannon 等，2020）。照 (5) 积分两次：
#
# | $D$ 量的 | $f''$ | $h''$ | $G$ 减小的 |
# |---|---|---|---|
# | 皮尔逊 $\chi^2$ | $2$ | $2/r$ | $2\,\mathrm{KL}(p\Vert q)$ |
# | $\mathrm{KL}(p\Vert q)$ | $1/r$ | $1/r^2$ | **反向 KL，$\mathrm{KL}(q\Vert p)$** |
# | 反向 KL | $1/r^2$ | $1/r^3$ | ½ 奈曼 $\chi^2$ |
# | GAN，2·JS | $\frac1r-\frac1{r+1}$ | $\frac1{r^2}-\frac1r+\frac1{r+1}$ | 反向 KL − 2·JS |
#
# 一个个都往“怕错”的方向挪了一格。最后一行第 02 章推过；第二行最要当心：**你选了 KL，
# 想要它盖住每个峰，
# 配上通行的 $G$，减小的却是反向 KL。** 不信公式就算：$p$ 是混合 C，
# $q=N(0.3,0.8^2)$。依次印出三样的导数：不饱和的 $-\mathbb E_q[f'(r)]$（$r$ 不动）、表里那个散度、
# $D$ 自己量的散度。

# %%
from functools import partial

from paddle_gan.metrics.gaussian_fit import divergences_to

log_c, EPS = log_mixture(wide, *MIXTURES["C"]), 1e-4


def divergence(name, mean, std):
    return divergences_to(TABLE[name], wide, log_c, np.array([mean]), np.array([std]))[0]


def derivatives(value, mean=0.3, std=0.8):  # 对 μ、对 σ 的中心差分
    by_mean = value(mean + EPS, std) - value(mean - EPS, std)
    by_std = value(mean, std + EPS) - value(mean, std - EPS)
    return np.array([by_mean, by_std]) / (2 * EPS)


# %%
def practical(name):  # −E_q[T*]，T* = f′(r) 固定在 (0.3, 0.8) 处
    fixed = TABLE[name].slope(np.exp(log_c - log_normal(wide, 0.3, 0.8)))
    return lambda m, s: -(np.exp(log_normal(wide, m, s)) * fixed).sum() * dx


# %%
reduces = {"pearson": lambda m, s: 2 * divergence("kl", m, s)}
reduces["kl"] = lambda m, s: divergence("reverse_kl", m, s)
reduces["reverse_kl"] = lambda m, s: divergence("neyman", m, s) / 2
reduces["gan"] = lambda m, s: divergence("reverse_kl", m, s) - divergence("gan", m, s)
print("D 量的         不饱和的 G：对 μ、对 σ   表里的散度           D 自己的散度")
for name, other in reduces.items():
    own = derivatives(partial(divergence, name))
    step, expected = derivatives(practical(name)), derivatives(other)
    assert np.allclose(step, expected, rtol=1e-4)
    print(f"{name:12s}", *(f"{one[0]:10.4f} {one[1]:8.4f}" for one in (step, expected, own)))

# %% [markdown]
# 前两对数相等，第三对不同。真的训练一次：都选 `divergence: kl`，都在 C 上，只差 $G$ 的损失。

# %%
honest = fit("kl", "C", "hparams.generator_loss=saturating")
usual = fit("kl", "C", "hparams.generator_loss=non_saturating")
landed = {"老实的": honest, "不饱和的": usual}
for name, lesson in landed.items():
    layer = lesson.method.G.layer
    print(f"{name} G：μ = {layer.bias.item():.3f}，σ = {abs(layer.weight.item()):.3f}")
for name in ("kl", "reverse_kl"):
    (best,) = best_gaussians(name, *MIXTURES["C"])
    print(f"{name} 的最小点：μ = {best.mean:.3f}，σ = {best.std:.3f}")

# %% [markdown]
# 老实的走到 KL 的最小点；不饱和的离开了它，往反向 KL 的走去，这一次短训练停在半路。
# 练够了的五个种子在上面那条台账的图里（“C：KL，不饱和”），个个走到反向 KL 的最小点。
# 那为什么大家还用不饱和的？
# 因为离得远的时候，老实的一步几乎没有梯度（第 03、06 章量过）。得到梯度，付的是散度换了一个。
# 也要记住前提是 $D$ 最优：$D$ 没跟上的时候，(5) 与老实的一步都只是近似。

# %% [markdown]
# ## 8.6 最小二乘、合页与相对 [§8.6]
#
# 三种常用的损失，都不照 (2) 写。照样问：$D$ 最优时量的是什么，$G$ 减小的是什么。
# 前两种答得出；RpGAN 量的也是一个散度，只是写不成这样简单的式子。
#
# ### LSGAN：最小二乘（Mao 等，2017）

# %%
compare(GAN.discriminator_loss, LSGAN.discriminator_loss)
compare(GAN.generator_loss, LSGAN.generator_loss)

# %% [markdown]
# $D$ 的输出是分数，**不过 sigmoid**。真的要它是 $b$，假的要它是 $a$，$G$ 想让它是 $c$。
# 常用两组：$(a,b,c)=(0,1,1)$（库的默认）与 $(-1,1,0)$。
#
# **动机。** 交叉熵里，一个假样本只要落在“真”的一侧，$1-D$ 就接近 0，$G$ 不再管它，
# 离真样本还很远也不管。
# 平方不一样，离 $c$ 多远，就拉多大力：

# %%
score = np.linspace(-8, 8, 400)
s = 1 / (1 + np.exp(-score))
pulls = {"GAN，饱和": s, "GAN，不饱和": 1 - s, "LSGAN": np.abs(score - 1)}
pulls |= {"LSGAN，误加了 sigmoid": (1 - s) ** 2 * s, "合页": np.ones_like(s)}
lines(
    score,
    pulls,
    "D 给生成样本的分数（右边：像真）",
    "G 收到的 |∂L_G/∂D|",
    yscale="log",
    ylim=(1e-5, 20),
    title="左半边：D 认出是假的，谁还有梯度",
)

# %% [markdown]
# 左半边是要紧的一边：饱和的一路掉下去，LSGAN 越往左越大；误加了 sigmoid 的
# LSGAN 又掉下去了（见“弄坏它”）。横轴的单位不同，不要竖着比：交叉熵的是 logit，最小二乘的假样本
# 学成之后分数在 0 附近，那里 LSGAN 的拉力约 1，与不饱和的一样。
#
# **$D$ 最优时量的是什么。** 逐点最小化 $\frac12p(d-b)^2+\frac12q(d-a)^2$，求导为 0：
# $D^*=\frac{bp+aq}{p+q}$。代回去，$D^*-b=-(b-a)\frac q{p+q}$，$D^*-a=(b-a)\frac p{p+q}$：
#
# $$L_D^*=\frac{(b-a)^2}2\int\frac{pq^2+qp^2}{(p+q)^2}dx=\frac{(b-a)^2}2\int\frac{pq}{p+q}dx
# =\frac{(b-a)^2}8\Big[2-\int\frac{(p-q)^2}{p+q}dx\Big],$$
#
# 末一步用 $4pq=(p+q)^2-(p-q)^2$。所以 $D$ 量的是 $\Delta=\int\frac{(p-q)^2}{p+q}$，对称，0 到 2，
# 也是一个
# $f$-散度，$f(u)=\frac{(u-1)^2}{u+1}$。它就是 $P+Q$ 与 $2Q$ 之间的皮尔逊 $\chi^2$：
# $\int\frac{(2q-(p+q))^2}{p+q}$。
#
# **$G$ 减小的是什么。** 论文的定理：取 $b-c=1$、$b-a=2$，即 $(-1,1,0)$，给 $G$ 的损失添一项
# $\frac12\mathbb E_P[(D-c)^2]$（里面没有 $G$，添了不影响），再代入 $D^*-c=\frac{p-q}{p+q}$，
# 两项合起来就是 $\frac12\Delta$。
#
# 代数没有错，可是当心：添的那一项在 $D$ **固定**时没有 $G$，代入 $D^*$ 之后却有了。
# 真正的 $G$ 那一步，$D$ 是固定的。照 8.5 的办法，$\delta L_G=\int\delta q\,\frac12(D^*-c)^2$，
# 要它等于 $\delta D_h$，求导：$-rh''=(D^*-c)\,\frac{dD^*}{dr}$，
#
# $$h''(r)=\frac{(b-a)\,\big[(c-a)-(b-c)\,r\big]}{r\,(r+1)^3}
# =\begin{cases}\dfrac1{r(r+1)^3}>0,&(0,1,1)\\[2ex]\dfrac{2(1-r)}{r(r+1)^3},&(-1,1,0)\end{cases}$$
#
# $(0,1,1)$：$h$ 是凸的，$G$ 减小一个真的散度。$(-1,1,0)$：$r>1$ 的地方 $h''<0$，**不是凸的**，
# 不是散度；$r=1$ 处 $h''=0$，到了 $q=p$ 也没有什么把它拉住。
# 它说的话也听得出来：$G$ 要的是 $D=0$，“$D$ 拿不准的地方”，不是“像真的地方”。
# 在 $p=N(0,1)$、$q=N(0,s^2)$ 上算 $G$ 的梯度（正的：$s$ 要变小；$D$ 每次都最优）：

# %%
print("   s    (0, 1, 1)   (−1, 1, 0)   Δ 的一半")
p = np.exp(log_normal(wide, 0.0, 1.0))
for s in (0.3, 0.6, 0.8, 0.95, 1.05, 1.25):
    q, up, down = (np.exp(log_normal(wide, 0.0, s + e)) for e in (0, EPS, -EPS))
    pulls = []
    for a, b, target in ((0, 1, 1), (-1, 1, 0)):
        best = (b * p + a * q) / (p + q)
        pulls.append(((up - down) * (best - target) ** 2 / 2).sum() * dx / (2 * EPS))
    half = [((p - one) ** 2 / (p + one)).sum() * dx / 2 for one in (up, down)]
    print(f"{s:5.2f} {pulls[0]:10.4f} {pulls[1]:12.4f} {(half[0] - half[1]) / (2 * EPS):11.4f}")

# %% [markdown]
# 第一列与 $\Delta$ 同号：窄了变宽，宽了变窄。中间一列，除了头一行**都是正的**：已经比真的窄了，
# 还要更窄，要窄到约三分之一才停。它不是缩成一点，是停得过窄。
# 训练里看得到吗？同样的起点，$G$ 走一步 $D$ 走五步，好让 $D$ 跟得上：

# %%
lsgans = {}
for constants in ((0, 1, 1), (-1, 1, 0)):
    a, b, target = constants
    hparams = f"hparams={{z_dim: 1, a: {a}, b: {b}, c: {target}, d_steps: 5}}"
    options = ["method=lsgan", hparams, "data.mixture=C", *QUICK_FIT]
    lsgans[f"{constants}"] = train("f_gan_mixture", *options, name="08_lsgan", snapshots=6)
film(lsgans)

# %%
print(f"混合 C 的两个峰，σ 是 {MIXTURES['C'][2]}")
for name, lesson in lsgans.items():
    made = lesson.snapshots[max(lesson.snapshots)]
    print(f"{name}：μ = {made.mean():.2f}，σ = {made.std():.2f}")

# %%
# (0, 1, 1) 减小的散度写得出来（照 h″ 积分两次）：∫ p·log(p/(p + q)) − ½∫ q²/(p + q)
p = np.exp(log_c)
found = []
for std in np.arange(0.8, 1.6, 0.01):
    q = np.exp(log_normal(wide, 0.0, std))
    value = (p * np.log(p / (p + q)) - q**2 / (p + q) / 2).sum() * dx
    found.append((value, std))
print(f"μ = 0 时，(0, 1, 1) 的最小点 σ = {min(found)[1]:.2f}")

# %% [markdown]
# 上面一行张开，盖住大半，还没有走到它的最小点（短训练）；下面一行缩进一个峰里，比那个峰还窄。
# 一个种子、一维，只说明公式说的事会发生；
# 真的 LSGAN 里 $D$ 往往跟不上，两组常数的差别可能小得多（这里没有量）。教训是：
# **“最小化了某某散度”，要问的是 $D$ 固定时 $G$ 的那一步，不是代入 $D^*$ 之后的式子。**
#
# **它治得了梯度消失吗。** 上面的图只画了 $\partial L_G/\partial D$；
# $G$ 收到的还要乘 $\partial D/\partial x$。
# $D$ 最优时，$(0,1,1)$ 的 $D^*=\frac p{p+q}$，与 GAN 的一样，离得远的地方一样平。
# $p=N(0,1)$，$q=N(d,1)$，算到底：

# %%
shifts = np.linspace(0.2, 8, 40)
grown = {"GAN，饱和": [], "GAN，不饱和": [], "LSGAN (0, 1, 1)": [], "合页：2·TV 的导数": []}
grid, cell = np.linspace(-12, 20, 6401, retstep=True)
for d in shifts:
    D_best = 1 / (1 + np.exp(np.clip(d * grid - d * d / 2, -700, 700)))
    slope = d * D_best * (1 - D_best)  # |dD*/dx|
    mass = np.exp(log_normal(grid, d, 1.0)) * cell
    parts = (d * D_best, d * (1 - D_best), (1 - D_best) * slope)
    for name, part in zip(grown, parts):
        grown[name].append((mass * part).sum())
    grown["合页：2·TV 的导数"].append(2 * np.exp(log_normal(np.array(d / 2), 0.0, 1.0)))
lines(shifts, grown, "真假相距 d", "D 最优时 G 收到的梯度", yscale="log", ylim=(1e-5, 20))

# %% [markdown]
# 除了不饱和的，全都掉下去：**$D$ 最优时，LSGAN 的梯度比饱和的 GAN 还小**。
# 平时它没有消失，靠的是 $D$ 还没有最优：没有 sigmoid 的网络，离开样本的地方还斜着。
# $d=6$，$G$ 不动，只训练 $D$ 两百步，量一量：

# %%
from paddle_gan.lab import shift
from paddle_gan.lab.vanishing import theta_gradient
from paddle_gan.losses import least_squares, non_saturating_generator, saturating_generator

critic, draw = {"name": "mlp", "width": 64, "depth": 2}, shift.normal_batches(256)
# %%
steps = {"LSGAN (0, 1, 1)": ("lsgan", lambda fake: least_squares(fake, 1.0) / 2)}
steps["GAN，饱和"] = ("gan", saturating_generator)
steps["GAN，不饱和"] = ("gan", non_saturating_generator)
for name, (method, loss) in steps.items():
    pulled = []
    for seed in range(3):
        made = shift.make(method, shift.Shift(6.0), critic, seed, {"lr_D": 2e-3})
        shift.train_discriminator(made, draw, seed, 200)
        pulled.append(f"{abs(theta_gradient(made, loss)):.4f}")
    best = np.interp(6, shifts, grown[name])
    print(f"{name}：三个种子 {'、'.join(pulled)}；D 最优时 {best:.4f}")

# %% [markdown]
# 同样练两百步的 $D$：LSGAN 给的梯度比饱和的大几倍，比不饱和的小一个数量级还多。它缓解了梯度消失，
# 缓解得不如换成不饱和的 $G$。
#
# ### 合页损失，与它离不开的谱归一化

# %%
show(Hinge.discriminator_loss)
show(Hinge.generator_loss)

# %% [markdown]
# 真的分数过了 1、假的过了 $-1$，$D$ 就不再管它。**$D$ 最优时**：逐点最小化 $p[1-d]_++q[1+d]_+$。
# $|d|\le1$ 时它等于 $(p+q)-(p-q)d$，一条直线，最小在端点：$p>q$ 取 $d=1$，$p<q$ 取 $d=-1$；
# 走出 $\pm1$ 只会更大。代回去，
#
# $$L_D^*=\int2\min(p,q)\,dx=2\,(1-\mathrm{TV}),\qquad
# L_G=-\mathbb E_Q[D^*]=-\mathbb E_Q[\mathrm{sign}(p-q)].$$
#
# TV 是全变差 $\frac12\int|p-q|$，$f(u)=\frac12|u-1|$。$\delta L_G=-\int\delta q\,\mathrm{sign}(p-q)
# =2\,\delta\mathrm{TV}$，这一回 $G$ 减小的正是 $D$ 量的。
#
# **毛病也在这里。** $D^*$ 只有 $+1$ 与 $-1$，是一级台阶：台阶上处处是平的，
# $\partial D/\partial x=0$，
# $G$ 收不到梯度；台阶的边上又是无穷陡。而且 $D$ 的损失只管到 $\pm1$，$G$ 的损失 $-D$ 没有下界，
# 分数的大小、坡的陡缓都没有人管。所以要从外面限住 $D$ 的坡度：谱归一化（§7.6），或者梯度惩罚。
# 限住以后，台阶变成坡度不超过 1 的斜坡。分数若都落在 $(-1,1)$ 里，合页就是一条直线，
# $L_D=2-(\mathbb E_P[D]-\mathbb E_Q[D])$：**它量的不再是 TV，是坡度有界的 $D$ 下两边分数之差，
# 也就是第 07 章的 WGAN**。环上各训练 600 步（短训练），只差谱归一化：

# %%
from paddle_gan.losses import squared_gradient_norm

SHORT = ["method=hinge", "hparams.g_steps=1", "total_steps=600", "metrics.every=600"]
SHORT += ["log_every=20", "visualdl=false"]
free = "network.discriminator.spectral_norm=false"
hinges = {"谱归一化": train("sngan_ring", *SHORT, name="08_sn")}
hinges["没有约束"] = train("sngan_ring", *SHORT, free, name="08_free")
ring = hinges["谱归一化"].data
real = ring.sample(1000, np.random.default_rng(0))
points({k: one.samples(2000) for k, one in hinges.items()}, real, ring.modes, ring.std)

# %%
for name, lesson in hinges.items():
    at = paddle.to_tensor(lesson.samples(1000))
    steep = squared_gradient_norm(lesson.method.D, at).sqrt().numpy()
    print(
        f"{name}：生成样本处 D 的坡度，中位数 {np.median(steep):.2f}，最陡 {steep.max():.2f}；",
        end="",
    )
    print(f"G 的梯度范数 {lesson.last('norm/grad_G'):.2f}")
curves(hinges, "norm/grad_G", "score/fake")

# %% [markdown]
# 随机撒点也有百分之二三落在模式里（第 09 章的尺子）。没有约束的那次，坡度大了一个数量级，
# $G$ 的梯度跟着大、跟着抖，点散在模式之间。谱归一化的坡度远小于 1：
# 每一层都不超过 1，乘起来常常小得多。一个种子；换种子、换设定的，看 8.7。
# 数字上的一次短训练，配上谱归一化，还糊着：

# %%
digits = train("hinge_digits", "total_steps=300", "metrics={}", "visualdl=false", name="08_digits")
images(digits.samples(20), columns=10)

# %% [markdown]
# ### 相对的 GAN：只比差
#
# 前面的损失都逐个打分。RpGAN（Jolicoeur-Martineau，2018）只看一真一假的**差**：
#
# $$L_D=\mathbb E\big[-\log\sigma(D(x)-D(\hat x))\big],\qquad
# L_G=\mathbb E\big[-\log\sigma(D(\hat x)-D(x))\big].$$

# %%
show(Relativistic.generator_loss)

# %% [markdown]
# 两件事因此不同。一，$D$ 的输出整个加上 5，损失不变：分数没有零点，不是概率，漂移不要紧。
# 二，$G$ 的损失里也有真样本：假的得了高分还不够，要**高过真的**。算给你看：

# %%
from paddle_gan.methods.relativistic import paired

real, fake = paddle.full([1], 12.0), paddle.full([1], 6.0)
for lift in (0.0, 5.0):
    print(
        f"都加 {lift:g}：不饱和的 L_G {non_saturating_generator(fake + lift).item():.4f}，", end=""
    )
    print(f"RpGAN 的 L_G {paired(fake + lift, real + lift).item():.4f}")
print(f"梯度的大小：不饱和 {1 / (1 + np.exp(6)):.4f}，RpGAN {1 / (1 + np.exp(-6)):.4f}")

# %% [markdown]
# 真的 12 分，假的 6 分：逐个打分的 $G$ 以为已经够像了，几乎没有梯度；RpGAN 知道还差 6 分。
# 均值的一种（RaGAN）各与对方的平均比，两项都要：真的要高过假的平均，假的要低过真的平均。
# 写 $G$ 时容易把真样本那一项丢了：程序照跑，只是又变回逐个打分。
# 加上 $R_1+R_2$ 就是第 09 章的 R3GAN。

# %% [markdown]
# ## 8.7 损失之间差多少 [§8.7]
#
# 每个新损失的论文都有一张表，说它比旧的好几分。Lucic 等（2018，*Are GANs Created Equal?*）
# 给每个损失同样的预算：同一个网络，各抽一百组超参数，挑最好的，再用五十个种子重训。
# MNIST 上的 FID（越小越好，均值 ± 标准差；数转引自后来一篇论文的重排表）：
#
# | 饱和的 GAN | 不饱和的 | LSGAN | WGAN | DRAGAN | WGAN-GP | 各用默认设定，其中最好的一个 |
# |--:|--:|--:|--:|--:|--:|--:|
# | 9.8 ± 0.9 | 6.8 ± 0.5 | 7.8 ± 0.6 | 6.7 ± 0.4 | 7.6 ± 0.4 | 20.3 ± 5.0 | 约 10 |
#
# 他们的结论：预算够，多数模型分数相近；没有看到哪一个总是胜过不饱和的 GAN。
# 调参带来的差别，不小于换损失带来的。
#
# 缩小了重做一遍：手写数字，六个损失，网络、步数、默认的设定都一样，各六个种子；
# 再让每个损失换五种设定（默认、学习率减半、加倍、$\beta_1$ 取 0、批取 32）。先定好要比的两样：
# **只换损失，最好与最坏差多少；同一个损失只换设定，又差多少**。

# %%
claim("losses_spread")

# %% [markdown]
# 读这张图：每一列是一个损失，左边的圆点是默认设定的几个种子，右边的方块是换了设定的。
# 一列里上下差得与列和列一样多，就不能由各一次训练排名次。
#
# 结果是**两样差不多大**：只换设定，也能把同一个损失翻上一倍多。“换损失比调参要紧”没有量出来，
# “换哪个都一样”也没有。最有用的是另一种读法：只看学习率加倍的那几个方块，六个损失就近多了。
# 默认的学习率对多数损失太小，1,000 步没有练够；所谓“这个损失差”，有一大半是“还没有练到”。
#
# 有两处与他们不同，下结论前要记住：我们没有逐个损失调参，默认的设定对哪个损失合适，哪个就占便宜；
# FD-LeNet 与上表的 FID 特征不同，数不能对着比。
#
# 那还要不要换散度？要看你缺什么：缺梯度，先换 $G$ 的损失，再限 $D$ 的坡度；丢模式，第 09 章的办法；
# 要盖住每一处（例如补全、估概率），要么 KL 配老实的 $G$，要么皮尔逊 $\chi^2$ 配不饱和的
# （8.5 的表：减小的是 $2\,\mathrm{KL}$）。

# %% [markdown]
# ## 弄坏它
#
# **最小二乘，误加一个 sigmoid。** “判别器的最后一层不是该有 sigmoid 吗？”加上，程序照跑。
# 先算：目标是 1，$D$ 的最后一层之前是 $-6$（认准了是假的）。
#
# $$\frac{d}{dv}\tfrac12(v-1)^2=v-1=-7,\qquad
# \frac{d}{dv}\tfrac12(\sigma(v)-1)^2=-(1-\sigma)^2\,\sigma\approx-0.0025 .$$
#
# 差了近三千倍，而且 $D$ 自己学的时候也要乘这个 $\sigma(1-\sigma)$：它若一开始就**自信地错**，
# 连改正的梯度也没有。交叉熵没有这个毛病：$\log$ 正好消掉 $1-\sigma$ 那个因子。
# 真的去跑：$p=N(0,1)$，假的在 $d=6$，$G$ 不动，只训练 $D$，五个种子：

# %%
JUDGES = {"最小二乘": ("lsgan", "linear"), "最小二乘 + sigmoid": ("lsgan", "sigmoid")}
JUDGES["交叉熵"] = ("gan", "linear")


def told_apart(method, output, seed, steps=200):  # D 给真的、给假的分数，训练之后
    critic = {"name": "mlp", "width": 64, "depth": 2, "output": output}
    made = shift.make(method, shift.Shift(6.0), critic, seed, {"lr_D": 2e-3})
    draw = shift.normal_batches(256)
    for _ in range(steps):
        logs = made.discriminator_step(draw())
    return logs["loss/D"].item(), shift.logits_on(made, np.array([0.0, 6.0]))


# %%
for name, (method, output) in JUDGES.items():
    print(name)
    for seed in range(5):
        loss, (at_real, at_fake) = told_apart(method, output, seed)
        print(f"   种子 {seed}：loss/D {loss:.3f}，真的 {at_real:6.2f}，假的 {at_fake:6.2f}")

# %% [markdown]
# 真假相距 6，本该一眼分开。加了 sigmoid 的，有的种子 `loss/D` 停在 0.5 上：$D$ 对谁都说“真”（1
# 分），
# 真的一边没有损失，假的一边满损失，却没有梯度。别的种子学得好好的，所以这个错时有时无，最难查。
# **症状**：LSGAN 的 `loss/D` 一动不动，正好是 ½；`score/real` 与 `score/fake` 都贴着 1 或都贴着 0。
# 看见它，先看 `network.discriminator.output` 是不是 `linear`。
#
# **$g_f$ 用了两次，或忘了用。** 网络的最后一层写成 $g_f$，损失里又来一次：对 `gan` 那一行，
# $g_f(g_f(v))$ 最大只有 $-\log2$，$T$ 到不了 $\log D^*$ 该去的地方。忘了用，$T=V$ 跑出定义域：

# %%
row, v = TABLE["gan"], np.linspace(-30, 30, 7)
print("用一次，T 的最大值", row.g(v).max().round(4), "；用两次", row.g(row.g(v)).max().round(4))
with np.errstate(invalid="ignore"):
    print("忘了用：f*(V) 在 V = −1、0.5 处", row.conjugate(np.array([-1.0, 0.5])))

# %% [markdown]
# 后一种当场是 NaN，还算好；前一种不报错，$e^T$ 永远不过 ½，与第 02 章的两次 sigmoid 是同一个病。
# 库里的 `conjugate_of_g` 把 $f^*(g_f(v))$ 化简成一个函数，从根上堵住“忘了用”。

# %% [markdown]
# ## 小结
#
# | 损失 | $D$ 最优时量的 | $G$ 那一步减小的（$D$ 固定） | 当心 |
# |---|---|---|---|
# | f-GAN，老实的 | $D_f$ | $D_f$ | 离得远没有梯度 |
# | f-GAN，不饱和 | $D_f$ | $D_h$，$h''=f''/r$ | 选 KL，减小的是反向 KL |
# | GAN，不饱和 | $2\mathrm{JS}-2\log2$ | 反向 KL − 2·JS | 不是 JS |
# | LSGAN (0, 1, 1) | $\Delta=\int\frac{(p-q)^2}{p+q}$ | 另一个散度（8.6） | 不过 sigmoid |
# | LSGAN (−1, 1, 0) | 同上 | 不是散度 | $D$ 跟得太紧时停得过窄 |
# | 合页 | TV；限了坡度，近于 WGAN 的 | 同左 | 要限 $D$ 的坡度 |
# | 相对的 | 是散度，没有简单的式子 | 没有推 | $G$ 里的真样本不能丢 |
#
# - $D_f\ge0$ 来自琴生；下界来自共轭；$T^*=f'(p/q)$，只认密度比。
# - 怕漏还是怕错，看 $f$ 的两头。两头都有限的（JS）会**跳**，不在正中。
# - 换损失之前，先量学习率与种子的散布。

# %% [markdown]
# ## 一段历史
#
# “换一个 f”的想法有六十年了。1966 年 Ali 与 Silvey 写下这一大类“两个分布差多少”的系数
# （Journal of the Royal Statistical Society B，28 卷），Csiszár 在同一时期独立地提出它，所以今天
# 叫 f 散度。2008 年 Nguyen、Wainwright 与 Jordan 证明它们都能由样本估出来，只要肯训练一个函数
# （arXiv:0809.0853），8.2 节的下界就是他们的。2016 年 Nowozin 等人把这个函数换成判别器，配上生成
# 器，就成了 f-GAN（arXiv:1606.00709）。
#
# 理论把门打开，后来的人却多从“训练好不好走”进门。2016 年 11 月的 LSGAN（arXiv:1611.04076）嫌交
# 叉熵在远处没有梯度，换成平方；合页损失 2017 年由两篇论文各自带进
# GAN（arXiv:1702.08896、arXiv:1705.02894），因为谱归一化的 SNGAN（arXiv:1802.05957）用它而流
# 行；2018 年的相对 GAN（arXiv:1807.00734）说，D 不该只看一边，要比真与假之差。
#
# 那么哪一个最好？2017 年底 Lucic 等人各调一百组超参数之后（arXiv:1711.10337），几种损失差得不多，
# 反而是超参数差得多。2025 年的 R3GAN（arXiv:2501.05441）选了相对的损失，可是离不开两边的梯度惩
# 罚。换散度是门学问，换到多好，要看别的东西调得怎样。

# %% [markdown]
# ## 练习
#
# **8.1** $f(u)=u^2-1$（$u>0$），$f^*(3)$ 是多少？（准确的数）

# %%
answer = None  # 换成你的答案
check("8.1", answer)

# %% [markdown]
# **8.2** 写一个函数 `best_T(p, q)`：散度取 $f(u)=\frac{(u-1)^2}{u+1}$，给出两个密度（数组，
# 都是正的），
# 返回最优的 $T^*$。

# %%
answer = None  # 换成你的答案
check("8.2", answer)

# %% [markdown]
# **8.3** 你宁可漏掉几个峰，也绝不能生成假的（例如给药的剂量）。$q$ 像不全，$G$ 用老实的一步，
# 选哪一行？
#
# A. KL　B. 皮尔逊 $\chi^2$　C. 反向 KL　D. JS

# %%
answer = None  # 换成你的答案
check("8.3", answer)

# %% [markdown]
# **8.4** 写一个函数 `bound(real, fake)`：反向 KL，`real`、`fake` 是网络在一批真样本、
# 一批生成样本上的
# 输出 $V$（数组，$g_f(v)=-e^{-v}$），返回下界 (2) 的估计。

# %%
answer = None  # 换成你的答案
check("8.4", answer)

# %% [markdown]
# **8.5** $D$ 量的是 Hellinger 距离的平方，$f(u)=(\sqrt u-1)^2$；$G$ 用不饱和的一步。
# 写一个函数 `h2(r)`，
# 返回它减小的那个散度的 $h''(r)$（数组）。

# %%
answer = None  # 换成你的答案
check("8.5", answer)

# %% [markdown]
# **8.6** 合页损失，$D$ 最优，`loss/D` 停在 1.3。$P$ 与 $Q$ 的全变差是多少？（保留两位小数）

# %%
answer = None  # 换成你的答案
check("8.6", answer)

# %% [markdown]
# **8.7** $D$ 给每个真样本 3 分，给每个生成样本 1 分。RpGAN 的 $L_G$ 是多少？（保留两位小数）

# %%
answer = None  # 换成你的答案
check("8.7", answer)

# %% [markdown]
# **8.8** 某论文：“我们的损失 FD 17.2，LSGAN 19.0。”各训练一次，各用自己论文里的学习率。
# 同一个 LSGAN，换学习率与种子，FD 在 16 到 31 之间。最恰当的读法是：
#
# A. 新损失更好，差 1.8。<br>
# B. LSGAN 更好，因为它最好能到 16。<br>
# C. 差别比设定与种子的散布小，由这两个数排不出名次。<br>
# D. FD 不能用来比损失。

# %%
answer = None  # 换成你的答案
check("8.8", answer)

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
# | 及格 | `modes/covered` ≥ 6，`modes/high_quality` ≥ 0.45 | `lsgan_ring` | 0.3 |
# | 良好 | `modes/covered_1pct` ≥ 8，`modes/high_quality` ≥ 0.75 | `relativistic_ring` | 0.3 |
# | 优秀 | `modes/covered_1pct` ≥ 8，`modes/high_quality` ≥ 0.9 | `r3gan_ring`，`--seed 1` | 0.5 |
#
# 写了 `--seed` 的，多数种子到得了，不是每一个；命令末尾加上它。
#
# - **及格** 平方损失，D 的输出不要再过 sigmoid。
# - **良好** 换成只比真假之差的损失（8.6 节）；$L_G$ 里真样本那一项也要在。
# - **优秀** 损失不动，再给 D 的两边都加上梯度惩罚。高的那一截是损失的，还是惩罚的？去掉一样再跑一
# 次就知道。

# %% [markdown]
# ## GPU
#
# 本章的一维训练用不着。数字上的合页与 f-GAN 的完整训练、两个实验：
#
# ```bash
# python tools/train.py -c configs/hinge_digits.yml
# python tools/train.py -c configs/f_gan_mixture.yml -o hparams.divergence=reverse_kl
# python tools/lab.py run f_gan_fit js_between losses_spread
# ```
#
# ## 延伸阅读
#
# - Nowozin、Cseke、Tomioka，2016，*f-GAN*，arXiv:1606.00709：表 1、2 是那张表（$P$、
#   $Q$ 的次序与这里不全同）。
# - Nguyen、Wainwright、Jordan，2010，*Estimating Divergence Functionals and the Likelihood Ratio by
#   Convex Risk Minimization*，arXiv:0809.0853：变分下界。
# - Shannon 等，2020，*Non-saturating GAN training as divergence minimization*，arXiv:2010.08029：
#   不饱和的 GAN 减小的是哪个散度。
# - Mao 等，2017，*Least Squares Generative Adversarial Networks*，arXiv:1611.04076。
# - Lim 与 Ye，2017，*Geometric GAN*，arXiv:1705.02894；Miyato 等，2018，arXiv:1802.05957：
#   合页与谱归一化。
# - Jolicoeur-Martineau，2018，*The relativistic discriminator*，arXiv:1807.00734。
# - Lucic 等，2018，*Are GANs Created Equal? A Large-Scale Study*，arXiv:1711.10337。
# - 讲义背后的公开课：003 的 Can we use other divergence? 在它
# 的[第二段录像](https://www.youtube.com/watch?v=ZBY1shLnhUk)里；它链接
# 的[报告](http://www.nowozin.net/sebastian/blog/nips-2016-generative-adversarial-training-workshop-talk.html)是
# f-GAN 的作者讲的。
#
# 接着打开 `09_模式崩溃的解决方案.ipynb`：换了散度还是丢模式，怎样治。
