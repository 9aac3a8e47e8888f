# %% [markdown]
# # 07 WGAN 与 WGAN-GP
#
# **学完你能**
#
# - 说出 WGAN 对 GAN 的四处改动，每一处的理由，以及源笔记的代码与论文差在哪里
# - 推出“最优评论器在真假样本的连线上梯度为 1”，照它写出梯度惩罚，并知道它为什么和 BN 不能同用
# - 看权重直方图、评论器的分数与梯度范数，判断 Lipschitz 约束有没有起作用
#
# **CPU 用时** 机器空闲时约 2 分钟，忙的时候要几倍（现场训练的都是短的；完整的看随包的）
#
# **先读** 06（JS 的问题与 Wasserstein 距离）。04 讲过的 DCGAN 结构与 BN，7.5 节要用。

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
# ## 先看学成的样子
#
# 下面四种方法画的数字，都是随包的完整训练（各两分半到四分钟，两个核），不是现场训练的短的。
# WGAN 与 WGAN-GP 的网络只有 DCGAN 的一半宽，可是每更新一次 G 要更新五次评论器，所以时间差不多。

# %%
names = {"GAN（全连接）": "gan_digits", "DCGAN": "dcgan_digits"}
names |= {"WGAN": "wgan_digits", "WGAN-GP": "wgan_gp_digits"}
shipped = {name: Lesson.shipped(run) for name, run in names.items()}

# %%
import numpy as np

train_set = shipped["WGAN"].data
chosen = np.random.default_rng(0).permutation(len(train_set.images))[:12]
rows = {"真的": train_set.images[chosen]}
rows_of_images(rows | {name: lesson.samples(12) for name, lesson in shipped.items()})

# %% [markdown]
# 每行是随机的 12 张，没有挑过。单看一个个字，DCGAN 那一行最好认，比 WGAN-GP 的还清楚；
# 下面的分数却会反过来。FD-LeNet（越小越好）看的是整堆样本的分布：每种字有没有、写法全不全，
# 不看某一个字清不清楚，所以眼睛与它可以不一致，两样都要看。
# 横轴是*分钟*，因为一步的代价不一样。
# 两条对照线：同样用 LeNet 量，**真的**训练图离测试图多远（谁也不该比它低多少）；
# **每类照抄一张**（十张图重复，什么也没有学）又是多远。

# %%
from paddle_gan.data import Digits
from paddle_gan.data.images import to_float
from paddle_gan.metrics import digit_features, frechet_distance

once = [int(np.flatnonzero(train_set.labels == k)[0]) for k in range(10)]
sets = {"真的训练图": train_set.images, "每类照抄一张": train_set.images[once * 100]}
sets = {"测试": Digits(split="test").images} | sets
features = {name: digit_features(to_float(x, (-1, 1)))[0] for name, x in sets.items()}
test = features.pop("测试")
marks = {name: frechet_distance(mine, test) for name, mine in features.items()}


def minutes(lesson, steps):  # 第几步是第几分钟
    return steps / lesson.summary["step"] * lesson.summary["seconds"] / 60


# %%
until = min(lesson.summary["seconds"] for lesson in shipped.values()) / 60
for name, lesson in shipped.items():
    steps, fd = lesson.curve("fd_lenet")
    then = np.interp(until, minutes(lesson, steps), fd)
    print(f"{name}：同样 {until:.1f} 分钟时 FD-LeNet {then:.1f}，练完 {fd[-1]:.1f}", end="")
    print(f"（{minutes(lesson, steps[-1]):.1f} 分钟）")
print("对照：" + "，".join(f"{name} {value:.1f}" for name, value in marks.items()))

# %%
with canvas(size=(6.8, 3.8)) as c:
    axis = c.axes[0, 0]
    for name, lesson in shipped.items():
        steps, fd = lesson.curve("fd_lenet")
        axis.plot(minutes(lesson, steps), fd, marker=".", label=name)
    for (name, value), style in zip(marks.items(), ("-.", "--")):
        axis.axhline(value, color="gray", linestyle=style, label=name)
    axis.set(
        yscale="log", xlabel="分钟", ylabel="FD-LeNet（越小越好）", title="同样的时间，谁低谁好"
    )
    axis.legend(fontsize=9, loc=(0.7, 0.12))
c.picture

# %% [markdown]
# 随包的各是一个种子。别的种子练完的 FD 在结果表里（还没有量的，只有一个）：

# %%
import json

table = json.loads((HOME / "configs/results.json").read_text("utf-8"))


def every_seed(name, metric):
    return [run["metrics"][metric] for run in table[name]["seeds"].values()]


for name in names.values():
    print(f"{name}：FD-LeNet", "、".join(f"{x:.1f}" for x in every_seed(name, "fd_lenet")))

# %% [markdown]
# 一句话：**同样的时间，WGAN-GP 的分最低；裁剪的 WGAN 不比 DCGAN 好。** 当心三件事：
#
# - **照抄十张图，FD 也不过二十出头。** 全连接的 GAN 与练完的 WGAN 还在这条线上面，
#   DCGAN 只低一点，明显低过它的只有 WGAN-GP。FD 只比特征的均值与协方差，十张真图就凑得出大半，
#   所以分数要和上面那几行图一起看：照抄的只有十张，它们每张都不同。
# - 网络不一样宽，种子也不多；数据只有手写数字这一种。
# - 离“真的训练图”那条线，谁都还远得很。
#
# 下面说明它改了什么，为什么。
#
# ## 7.1 四处改动 [§7.1]
#
# 第 6 章的结论：两个分布不重叠时 JS 散度是常数，Wasserstein 距离仍随距离变化。
# 它难在要对所有搬运方案取最小。
# Kantorovich–Rubinstein 对偶把它换成对函数取最大：
#
# $$W(p, q) = \inf_{\pi}\, \mathbb{E}_{(x,y)\sim\pi}\|x-y\| = \sup_{\|f\|_L \le 1}\;
# \mathbb{E}_{x\sim p}[f(x)] - \mathbb{E}_{y\sim q}[f(y)] .$$
#
# $\|f\|_L \le 1$ 是说 $f$ 处处不陡于 1：$|f(x)-f(y)| \le \|x-y\|$。让一个网络 $D$ 去当这个 $f$，
# 它就叫评论器（critic）。
# 它输出的是分数，不是概率。若只保证 $\|D\|_L \le K$，右边得到的是 $K \cdot W$，方向照样对。
#
# > 关键点：1. D网最后一层去掉sigmoid 2. D网和G网的loss不取log
# > 3. 每次更新D网的参数后，把他们的绝对值截断到不超过一个固定常数c 4. 不用Adam，用RMSProp或者SGD
# > ——004，03 WGAN
#
# 四处改动，逐处看代码。先看判别器的损失：

# %%
from paddle_gan.methods import GAN, WGAN, WGANGP

compare(GAN.discriminator_loss, WGAN.discriminator_loss)

# %% [markdown]
# 改动 1、2 在同一个地方。GAN 的 $\sigma$ 与 $\log$ 合在一起写成 `discriminator_cross_entropy`，
# WGAN 两样都没有：
#
# $$L_D = \mathbb{E}[D(G(z))] - \mathbb{E}[D(x)],\qquad L_G = -\mathbb{E}[D(G(z))] .$$
#
# 这就是对偶式取负。去掉 sigmoid，因为 $f$ 的值域是整个实数轴；去掉 log，因为对偶式里没有 log。
# 记录的量也改了名字：`prob/real` 变成 `score/real`，分数不能当概率读。

# %%
compare(GAN.generator_loss, WGAN.generator_loss)
compare(GAN.make_optimizers, WGAN.make_optimizers)

# %% [markdown]
# 改动 4：不用 Adam。论文的理由是经验：评论器的损失随 G 变化而不平稳，
# 带动量的优化器会沿着过时的方向冲，
# 他们看到训练变坏时，Adam 走的方向与梯度的夹角余弦常常是负的。RMSProp 没有动量。
#
# 上面那行 `"epsilon": 1e-16` 不是笔误。RMSProp 记下梯度平方的滑动平均 $r$，拿它的根去除梯度，
# 步子就只看方向、不看大小。分母里再添一个很小的 ε，免得除以零；添在哪里，两个框架不一样：
#
# $$\text{PyTorch（作者的代码）：}\ \frac{g}{\sqrt r + 10^{-8}},\qquad
# \text{飞桨的默认值：}\ \frac{g}{\sqrt{r + 10^{-6}}} .$$
#
# 飞桨的 ε 在根号里面，等于在外面添了 $\sqrt{10^{-6}} = 10^{-3}$。梯度比 $10^{-3}$ 小，
# 步子就跟着缩小；而权重被裁到 0.01 的评论器，梯度正是这么小。
# 让梯度一直是 $10^{-5}$，看 100 步走多远：

# %%
import paddle
from paddle import nn


def distance_travelled(epsilon, gradient=1e-5):
    zero = nn.initializer.Constant(0.0)
    w = paddle.create_parameter([1], "float32", default_initializer=zero)
    rmsprop = paddle.optimizer.RMSProp(5e-5, rho=0.99, epsilon=epsilon, parameters=[w])
    for _ in range(100):
        (gradient * w).sum().backward()
        rmsprop.step()
        rmsprop.clear_grad()
    return abs(w.item())


# %%
for epsilon in (1e-6, 1e-16):
    print(f"ε = {epsilon:g}：走了 {distance_travelled(epsilon):.1e}；c = 0.01")

# %% [markdown]
# 照搬论文的学习率 $5\times10^{-5}$，用飞桨的默认值，权重几乎原地不动；ε 取 $10^{-16}$
# （开方是 $10^{-8}$），百步就走得到边界 $c$。
# *同一个名字、同一个学习率，换了框架就可能是另一个算法*：移植时，优化器的每个默认值都要核对。
#
# 改动 3：裁剪。

# %%
show(WGAN.discriminator_step)
show(WGAN.clip_weights)
compare(GAN.schedule, WGAN.schedule)

# %% [markdown]
# 权重都在 $[-c, c]$ 里，网络就有一个公共的斜率上限 $K$（只由 $c$ 与结构决定）。`schedule`
# 说的是一步里的更新次数：评论器 `n_critic` = 5 次，$G$ 一次。
# 评论器越接近最优，它给出的越接近 $W$ 的一个倍数；GAN 里 D 太强会让梯度消失，最优的评论器不会
# （可是裁得太紧、层数太多，梯度照样消失，见 7.3 节）。
#
# $K$ 有多大？一层全连接 $\|W h\| \le \|W\|_2\|h\|$，元素都不超过 $c$ 的 $m \times n$ 矩阵，
# $\|W\|_2 \le c\sqrt{mn}$；
# ReLU 不放大。几层相乘：

# %%
sizes = [2, 128, 128, 1]  # configs/wgan_ring.yml 的评论器
for c in (0.1, 0.01):
    bounds = [c * (m * n) ** 0.5 for m, n in zip(sizes, sizes[1:])]
    print(f"c = {c}：各层 ‖W‖₂ 至多", np.round(bounds, 3), f"，K 至多 {np.prod(bounds):.3g}")

# %% [markdown]
# 三层权重，$c$ 缩小到十分之一，$K$ 缩小到千分之一。`loss/D` 的大小也跟着变，所以不同 $c$、
# 不同结构的损失*不能互相比*。
#
# 源笔记的代码与论文有几处不同，照抄之前要知道：
#
# | | 论文 | 004 的代码 | 后果 |
# |---|---|---|---|
# | $c$ | 0.01 | 0.1 | $K$ 大得多，评论器更陡 |
# | 学习率 | 5e-5 | 2e-4 | 更快，也更容易冲过头 |
# | 5 次评论器更新 | 各用新的一批真样本 | 重复用同一批 | 评论器在这一批上过拟合 |
# | 裁什么 | 权重 $w$，没有单说 BN | 连 BN 的缩放也裁 | 见“弄坏它” |
#
# 论文没有说四处缺一不可。去掉一处，样本会变差吗？逐处改回去量。要公平，有两件事：
#
# - 学习率**每组各调各的**。一份学习率若是在完整的 WGAN 上调的，别的组一上来就吃亏。
#   这里每组都从同样的四个里挑，挑的时候用另外两个种子，不用要量的那十个。
# - “换成 Adam”同时换了两样：优化器，和它默认带着的动量（$\beta_1=0.9$）。所以 Adam 有两组，
#   另一组 $\beta_1=0$：

# %%
from paddle_gan.lab.wgan_parts import PARTS

compare(WGAN.make_optimizers, PARTS["adam"].make_optimizers)
show(PARTS["adam_0"])

# %%
claim("wgan_parts")

# %% [markdown]
# 下面是每组挑中的学习率，和十个种子上的 W₁。末一行是两个参照：“真实数据”是真样本对真样本，
# 一千个点之间也不是 0；“均匀撒点”什么也没有学，比它还大，就是学坏了。

# %%
from paddle_gan.lab import EXPERIMENTS
from paddle_gan.lab.wgan_parts import references

ledger = json.loads((HOME / "paddle_gan/lab/results/claims.json").read_text("utf-8"))
for group, found in ledger["wgan_parts"]["arms"].items():
    w1, rate = (found["statistics"][key] for key in ("w1", "rate"))
    label = EXPERIMENTS["wgan_parts"].label(group)
    print(f"{label}：学习率 {rate['median']:g}，W1 居中 {w1['median']:.3f}", end="，")
    print("各种子", np.round(sorted(w1["values"]), 2))
print("，".join(f"{name} {row['w1']:.3f}" for name, row in references().items()))

# %% [markdown]
# 一条一条读：
#
# - **坏事的是动量，不是 Adam**（这里的动量是 $\beta_1=0.9$，四种学习率都救不回来）。带动量的 Adam，
#   每个种子至多剩一个占 1% 以上的模式，$W_1$ 比均匀撒点还大；没有动量的，看不出比完整的差。
#   论文怀疑的也正是动量（$\beta_1>0$）。
# - **不裁剪的反而最好**，$W_1$ 快到真样本对真样本了，十个种子没有一个发散。评论器没有了上界，
#   分差就不再是距离。要当心的是它挑学习率：试学习率的那两个种子上，0.0003 时 $W_1$ 在 1 以上，
#   完整的只有 0.2 到 0.4；挑中的 0.003 又是四个里最大的。
#   裁剪换来的也许是不挑学习率，这一条没有量。
# - **加回 sigmoid**：居中差不多，十个里有两个全毁了，平均 1.7 倍，区间宽到 0.77 至 3.9，说不准。
#   多半是 sigmoid 饱和，$G$ 没有了梯度，碰上了就回不来（这里没有量梯度）。
# - **加回 log** 没有变差。它其实就是*权重被裁剪的 GAN*：取 log 要先过 sigmoid，所以加回的是两样。
#   不饱和的 $-\log\sigma$，$G$ 落后时梯度反而不小，与单加 sigmoid 不同；
#   普通的 GAN 在环上本来就练得成（7.2 节）。
#
# 没有量到变差，也许是那一处真的不重要，也许是任务太容易（八个高斯，学习率逐组调过，
# 后一半还线性降到 0），试不出来。量到少不了的只有一样：不带动量。
#
# ## 7.2 更稳 [§7.2]
#
# > 优点就是明显网络稳定很多，相对DCGAN更容易收敛，
# > 一般不会出现GAN网D_loss降到特别小而无法约束G网的情况
# > ——004，03 WGAN 优点
#
# 这里有两句话。后一句有道理可讲：GAN 的 D 越准，$\log(1-D)$ 越平，G 的梯度越小（第 3、6 章量过）；
# 评论器的斜率有上限 $K$，又要把真假分开，最优时它在两个分布之间就是一面斜坡，坡上处处有梯度。
# 前一句“稳定很多”要靠实验。先看三份*调好的*配置，在环（八个高斯）上各练完全程，
# 每份几个种子（结果表里的，不是现场训练的）：覆盖了几个模式，和样本里有几成是高质量的。

# %%
for name in ("gan_ring", "wgan_ring", "wgan_gp_ring"):
    good, modes = (every_seed(name, f"modes/{tag}") for tag in ("high_quality", "covered_1pct"))
    print(f"{name}：高质量居中 {np.median(good):.3f}，各种子", np.round(good, 3), end="")
    print("；占 1% 以上的模式", [int(count) for count in modes])

# %% [markdown]
# **普通的 GAN 并不输**：它的高质量比例不比 WGAN-GP 低，模式也一个不丢；裁剪的 WGAN 明显差一截，
# 样本散在模式之间，还有的种子丢了模式。只报“八个模式都有样本”，会以为三样一样好。
# （三份配置的步数不同，各练到自己的全程。）
#
# 那么“稳定很多”呢？上面量不出来：三份都用*调好的*学习率，而论文说的稳，
# 是**换许多种设定，都训练得成**：WGAN-GP 的论文随机抽了 200 种结构，数几种训练成功。
# 照样做一次小的：环上，三种学习率、三种网络，九种设定，数成功的占几成。
# 什么算成功，先于数据写好；均匀撒点、一个高斯都不算成功。

# %%
claim("stability_sweep")

# %% [markdown]
# 每格是一种设定，写着几个种子里成功几个。**先看两把尺子**：左边两格都是 GAN。
# “G 更新同样多次”是论文的比法，可是这时 WGAN 的评论器已经多更新了四倍，时间也多花几倍；
# “D 更新同样多次”时看过的真样本一样多，时间差不多，GAN 的 G 更新得多。
# 只报前一把，就把“多花了时间”也算成了“更稳”。
# 结果是：G 更新同样多次时，WGAN-GP 最稳，WGAN 次之，与论文的次序一样；
# 花同样多的时间时，GAN 训练得成的设定反而最多。所以这里的“稳”，有很大一部分是多练换来的
# （GAN 的两格之间，D 与 G 都多练了四倍，分不出是谁的功劳）。
# 也要记住这是环：二维的八个点，九种设定。它说明不了 200 种卷积网络上的事。
#
# ### 分差与质量
#
# 曲线怎么读，先跑两段短的（900 步，全程的四分之一还不到）。

# %%
short = "total_steps=900", "visualdl=false", "log_every=20"
clip = train("wgan_ring", *short, name="07_clip")
penalty = train("wgan_gp_ring", *short, name="07_gp")


# %%
def gap(lesson):  # 分差 E[D(x)] − E[D(G(z))]：K·W 的估计
    steps, real_score = lesson.curve("score/real")
    return steps, real_score - lesson.curve("score/fake")[1]


weight = penalty.config.hparams["gp_weight"]
for name, lesson, gp in (("WGAN", clip, 0), ("WGAN-GP", penalty, penalty.curve("loss/gp")[1])):
    loss, extra = lesson.curve("loss/D")[1], weight * gp + 0 * gap(lesson)[1]
    assert np.allclose(loss, extra - gap(lesson)[1], atol=1e-4)  # loss/D = −分差 + λ·惩罚
    print(f"{name}：最后 −loss/D = {-loss[-1]:.2f}，分差 {gap(lesson)[1][-1]:.2f}", end="，")
    print(f"λ·惩罚 {extra[-1]:.2f}")

# %%
with canvas(2) as c:
    left, right = c.axes[0]
    for name, lesson, color in (("WGAN", clip, "#0072B2"), ("WGAN-GP", penalty, "#D55E00")):
        left.plot(*gap(lesson), color=color, label=name)
        right.plot(*lesson.curve("score/real"), color=color, label=f"{name}，真")
        right.plot(*lesson.curve("score/fake"), "--", color=color, label=f"{name}，假")
    left.set(title="分差 score/real − score/fake", xlabel="步", ylim=(0, None))
    right.set(title="两个分数自己", xlabel="步")
    left.legend()
    right.legend()
c.picture

# %% [markdown]
# - 左图的**分差**是 $K\cdot W$ 的估计，逐渐趋近 0 是健康的样子。先升上去再回来，
#   是评论器先学会分真假，G 再追上。两条线的*高低*不能比，$K$ 不同。
# - **不要把 $-$`loss/D` 当成距离**：裁剪的 WGAN 两者相等，WGAN-GP 的 `loss/D` 里还有
#   $\lambda\cdot$惩罚（看上面印的三个数），照它读会把距离读小。
# - 右图：`score/real` 与 `score/fake` 一起漂到多少都没关系，常数会抵消，只有差有意义。
#   差越拉越大、不回头，是约束没有起作用，分差不能再当距离看；样本坏不坏要另看
#   （7.1 节不裁剪的样本反而最好）。
#
# 分差变小，图就变好吗？把随包的完整训练放在一条时间轴上：上面是同一批 z 的样本，中间是分差，
# 下面是 FD-LeNet。先看 WGAN-GP：

# %%
titles = "分差 score/real − score/fake", "FD-LeNet（越小越好）"
good_run = shipped["WGAN-GP"]
curves_of = dict(zip(titles, (gap(good_run), good_run.curve("fd_lenet"))))
along(good_run, curves_of)

# %% [markdown]
# 样本从噪声变成有笔画的字的那一段（画出来的两个像 Q 与 Y，还不是数字），分差掉了一个数量级；
# 后来分差平了，FD 还在慢慢降。再看裁剪的 WGAN：

# %%
bad_run = shipped["WGAN"]
curves_of = dict(zip(titles, (gap(bad_run), bad_run.curve("fd_lenet"))))
scale = {"BN 缩放的平均大小": bad_run.curve("weights/norm_scale_D")}
along(bad_run, curves_of | scale)

# %% [markdown]
# 这一次不一样：分差先降，后半段又涨、又抖，FD 先降，后来又变坏了。最下面一格是一个可能的原因：
# 库里只裁卷积与全连接的权重，**BN 的缩放没有管**（7.5 节之后“弄坏它”说明为什么不能裁），
# 它一路变大，斜率的上限 $K$ 就跟着变大，前后不能比。分差有一处还掉到 0 以下：
# 那时评论器连真假都分反了，这个数更不是距离。
#
# “分差跟着质量走”有几分？算秩相关 ρ（1 是次序完全一致）。旁边放上两样对照：
# DCGAN 的 `loss/D`（它不是距离），和“还剩几步”（只会数数，什么也没有量）。

# %%
from scipy.stats import spearmanr


def before(curve, steps):  # 每次评测之前那一段的平均
    at, values = curve
    return [values[(a < at) & (at <= b)].mean() for a, b in zip(np.r_[0, steps], steps)]


watched = {"WGAN-GP": gap(good_run), "WGAN": gap(bad_run)}
watched["DCGAN"] = shipped["DCGAN"].curve("loss/D")
for name, curve in watched.items():
    steps, fd = shipped[name].curve("fd_lenet")
    rho = spearmanr(before(curve, steps), fd)[0]
    what = "loss/D" if name == "DCGAN" else "分差"
    print(f"{name}：{what} 与 FD 的 ρ = {rho:.2f}；还剩几步与 FD 的 {spearmanr(-steps, fd)[0]:.2f}")

# %% [markdown]
# FD 几乎一路下降，“还剩几步”的 ρ 就接近 1。所以 ρ 高*不足以*说明一个量懂得质量：
# 凡是一路下降的都高。能说的是反过来的一句：ρ 低的那个量，你不能拿它看质量。
#
# 这与第 03 章的 T7（[台账](claims.md#loss_and_quality)，WGAN 的 ρ 0.946）矛盾吗？那里是二维的环，
# G 走一步、评论器走十步，练到了位；这里是数字，评论器只走五步，又有没被裁的 BN 缩放在涨。
# 而且在 T7 自己的记录上，只数“还剩几步”的 ρ 也有 0.94，没有高出判据要的 0.1，所以 T7 里 WGAN 的
# 那一半不成立，站得住的是 GAN 的损失不跟着质量走。换成在 18 个不同的模型之间比（第 03 章的 T7b），
# WGAN 的 ρ 只有 0.63，WGAN-GP 的 0.06，都没有过 0.8 的线。
#
# ## 7.3 权重聚到 ±c [§7.3]
#
# > 对D网的参数范围进行限制后，很容易训练出D网的参数就集中在c值或者-c值上，而不是在-c到c之间——004，
# > 03 WGAN 缺点
#
# **为什么会这样。** 先看线性的评论器 $D(x) = w\cdot x$。目标是
#
# $$\max_{|w_i| \le c}\; w\cdot(\mu_p - \mu_q) = \sum_i \max_{|w_i|\le c} w_i\,(\mu_p-\mu_q)_i ,$$
#
# 每一项都是 $w_i$ 的一次函数，最大值在端点：
# $w_i = c\,\operatorname{sign}(\mu_p-\mu_q)_i$。*没有一个权重愿意停在中间*。
# ReLU 网络对任何一个权重都是分段线性的，同样的道理局部成立：只要梯度的符号不变，
# 权重就一路走到边上。
#
# 量一量我们刚才训练的评论器。先当心一件事：它的初始权重若本来就超出 $\pm c$，
# 第一次裁剪就把它们放到边上了，
# 与“训练”无关。所以再训练一个从 $N(0, 0.02^2)$ 出发的，初始权重全在里面。

# %%
small = [
    "network.discriminator.init=normal_002",
    "total_steps=600",
    "visualdl=false",
    "log_every=20",
]
inside = train("wgan_ring", *small, name="07_inside")
steps, share = clip.curve("weights/at_clip")
steps_in, share_in = inside.curve("weights/at_clip")
print(f"从 He 初始化出发：第 {steps[0]:.0f} 步已有 {share[0]:.0%} 在 ±c 上，最后 {share[-1]:.0%}")
print(f"从 N(0, 0.02²) 出发：第 {steps_in[0]:.0f} 步 {share_in[0]:.0%}，最后 {share_in[-1]:.0%}")

# %%
from scipy.stats import norm

he = (2 / 128) ** 0.5  # 第二层有 128 个输入
print(f"He 初始化的标准差 {he:.3f}；一次裁剪就有 {2 * norm.sf(0.1 / he):.0%} 落到 ±0.1 上")
curves({"He 出发": clip, "N(0, 0.02²) 出发": inside}, "weights/at_clip")


# %%
def weights(lesson):
    layers = [x for x in lesson.method.D.sublayers() if isinstance(x, nn.Linear)]
    return np.concatenate([x.weight.numpy().ravel() for x in layers])


# %%
groups = {"裁剪，He 出发": weights(clip), "裁剪，N(0, 0.02²) 出发": weights(inside)}
groups["梯度惩罚"] = weights(penalty)
gaussian = {"同样多的正态随机数": np.random.default_rng(0).normal(size=weights(penalty).size)}
for name, w in (groups | gaussian).items():
    edge = abs(w).max()
    share = (abs(w) > 0.95 * edge).mean()
    print(f"{name}：最大的 |w| 是 {edge:.3f}，超过它的 0.95 倍的占 {share:.1%}")
histograms(groups, 0.3)

# %% [markdown]
# 先说两件小事：印的四成是*第一次裁剪*刚做完时放到边上的，折线的第一个点已经是几十步以后，
# 梯度朝里的那些离开了边，不再算；两条线的步数也不同（900 与 600 步），只看各自的走向。
#
# 折线图要分两条看。He 出发的从一开始就高，分不清是谁放的；$N(0, 0.02^2)$ 出发的从接近 0 涨上来，
# 这才是训练推的。`weights/at_clip` 只数*恰好*等于 $\pm c$ 的，也就是这一步刚被裁的；
# 刚裁过、又被推回来一点的不算，所以按 0.95c 数，比例更高。
#
# 直方图：裁剪的两头立着柱子，梯度惩罚的是一座钟形的山。源笔记的话在这里看得见。
# 也要看到中间不是空的，“只剩 $\pm c$ 两种值”是夸张。
#
# 梯度惩罚没有 $c$，“超过最大权重的 0.95 倍”这个比例对它**什么也没有检验**：任何钟形的分布都接近 0，
# 上面那行正态随机数就是。能说明问题的是直方图的形状。
#
# 论文用更深的评论器做过这件事，还看了每层的梯度。实验照它的图 1：瑞士卷，固定生成器，只训练评论器。
# （关于梯度惩罚的两条只是对照，不算进结论：用的正是刚才说的那个比例，正态分布也满足。）

# %%
claim("weights_at_the_clip")

# %% [markdown]
# 第三格（梯度惩罚）的纵轴取了对数：横轴除以最大的那个权重，九成九的权重不到它的二十分之一，
# 不取对数只剩一根针；尾巴向两边越来越少，边上没有立起来的柱子。
#
# 除了权重，还要看“往输入走一层，梯度乘几”（右图的图例；每一组的在折起来的表里）。
# 权重是随机符号的 $\pm c$、宽 $n$ 时，一层 ReLU
# 把梯度乘上约 $c\sqrt{n/2}$：
# $n$ 个 $\pm c$ 的方差是 $nc^2$，ReLU 留下一半，再开方。宽 512 时，$c=0.1$ 给出 1.6，$c=0.01$
# 给出 0.16。从 $U(-c, c)$ 出发的权重方差只有 $c^2/3$，再除以 $\sqrt3$：0.92 与 0.092。
#
# 把上面的数分两种情形看：
#
# - **训练得动的**（4 层的两组，12 层 $c=0.1$）：近四成到五成多的权重堆在边上，
#   每层的倍数是 1.6 与 0.16 的十几倍。权重不再是互相独立的随机数，
#   大多被推向同一头（直方图右边的柱子高），估计的前提没有了。
# - **训练不动的**（12 层，$c$ 是 0.01 与 0.001，写着“没有量成”）：倍数还是出发时的 0.09 与 0.009
#   （虚线是没有训练的：$c=0.01$ 的一条正压在绿线上，0.001 的没有画；$c=0.1$ 的一条碰巧与
#   梯度惩罚的蓝线重合，与它无关），边上的权重正是均匀分布该有的 5%，直方图是平的，权重没有走。
#   这个 0.09 从 $U(-c, c)$ 出发就有，不是训练出来的。一层权重的梯度大约是其余十一层倍数的乘积，
#   $0.09^{11}\approx 3\times10^{-12}$，比 RMSProp 分母里的 $10^{-8}$ 还小三四个数量级。
#   每步大约走 $\frac{c}{20}\cdot\frac{3\times10^{-12}}{10^{-8}}$（学习率是 $c/20$），
#   200 步也只有 $c$ 的千分之三。
#
# 大于 1 就逐层爆炸，小于 1 就逐层消失，$c$ 要恰好合适才不大不小。这是裁剪真正难用的地方。
# 拖动 $c$，看出发时 12 层的梯度怎样从消失变成爆炸，中间合适的有多窄：

# %%
from paddle_gan.teaching.knobs import layer_growth

slide(layer_growth, (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3), "c", start=0.1)

# %% [markdown]
# ## 7.4 梯度惩罚 [§7.4]
#
# > mix = real + epsilon*(fake-real); grad = tf.gradients(D_mix, mix)[0];
# > slopes = tf.sqrt(tf.reduce_sum(tf.square(grad), axis=[1, 2, 3]));
# > penalty = tf.reduce_mean(tf.square(slopes - 1)); D_loss = D_loss_fake - D_loss_real + 10*penalty
# > ——004，04 WGAN-GP
#
# 裁剪管的是权重，我们真正要管的是斜率。那就直接罚斜率。罚成多少？先问最优的评论器是什么样子。
#
# **命题。** 设 $\pi$ 是最优的搬运方案，$f^*$ 是最优的 1-Lipschitz 评论器，并且可导。
# 那么对 $\pi$ 里的一对 $(x, y)$，在它们的连线 $x_t = t x + (1-t) y$ 上，$\|\nabla f^*(x_t)\| = 1$。
#
# **证明。** 对偶式取等号：
#
# $$\mathbb{E}_\pi\big[f^*(x) - f^*(y)\big] = W = \mathbb{E}_\pi\|x-y\| .$$
#
# 可是逐点地 $f^*(x)-f^*(y) \le \|x-y\|$，平均却相等，所以（几乎处处）$f^*(x)-f^*(y) = \|x-y\|$。
# 在连线上插一个点 $x_t$。它到 $x$ 的距离是 $(1-t)\|x-y\|$，到 $y$ 的距离是 $t\|x-y\|$，于是
#
# $$f^*(x)-f^*(x_t) \le (1-t)\|x-y\|,\qquad f^*(x_t)-f^*(y) \le t\|x-y\| .$$
#
# 两式相加，左边恰好是 $\|x-y\|$，右边也是，所以两个不等号都取等号：$f^*(x_t) = f^*(y) + t\|x-y\|$。
# 对 $t$ 求导，左边用链式法则：
#
# $$\nabla f^*(x_t)\cdot(x-y) = \|x-y\| \quad\Longrightarrow\quad \nabla
# f^*(x_t)\cdot\frac{x-y}{\|x-y\|} = 1 .$$
#
# 梯度在这个方向上的分量是 1，而它的长度不超过 1，所以长度就是 1，方向从假指向真。证毕。
#
# 于是惩罚写成 $\lambda\,\mathbb{E}_{\hat x}\big[(\|\nabla_{\hat x}D(\hat x)\|_2 - 1)^2\big]$。
# 两处要诚实：
# 最优方案 $\pi$ 不知道，只好把一批真的与一批假的*随便配对*，在连线上均匀取点；命题只说连线上，
# 别处没有管。
#
# 004 写的是 real + ε(fake − real) = (1 − ε)·real + ε·fake，
# 论文写 $\epsilon\, x + (1-\epsilon)\,G(z)$。
# $\epsilon$ 与 $1-\epsilon$ 同是 $U[0,1)$，两种写法一样。

# %%
from paddle_gan.losses import gradient_penalty, squared_gradient_norm

show(gradient_penalty)
show(squared_gradient_norm)

# %% [markdown]
# 三个细节，错一个就不是这个惩罚：
#
# 1. **每个样本一个 $\epsilon$**：形状 $(N, 1, \dots)$。整批共用一个，这一步就只查了一个位置。
# 2. **范数对每个样本求**：先展平成 $(N, -1)$，再沿第 1 维求范数，得到 $N$ 个数，各自减 1。
# 3. **`create_graph=True`**：惩罚里已经有一个梯度，训练还要对它求导，这是二阶导数。
#
# 用能手算的评论器核对。$D(x) = a\cdot x$ 的梯度处处是 $a$，惩罚应当恰好是 $(\|a\|-1)^2$：

# %%
paddle.seed(0)
linear = nn.Linear(784, 1)
images_a, images_b = paddle.randn([16, 1, 28, 28]), paddle.randn([16, 1, 28, 28])


def critic(x):
    return linear(x.reshape([x.shape[0], -1]))


length = linear.weight.norm().item()
print(f"‖a‖ = {length:.4f}，手算 {(length - 1) ** 2:.6f}", end="；")
print(f"库 {gradient_penalty(critic, images_a, images_b).item():.6f}")

# %%
compare(WGAN.discriminator_loss, WGANGP.discriminator_loss)
compare(WGAN.make_optimizers, WGANGP.make_optimizers)

# %% [markdown]
# 损失只多一项，裁剪不见了，优化器换回 Adam，默认 $\beta_1 = 0$（没有动量）。环上的 `wgan_gp_ring`
# 取 $\beta_1=0.5$，照样练得成：动量坏不坏事，要看多大、配什么约束；7.1 节量的只是裁剪的 WGAN
# 与 $\beta_1=0.9$。
#
# 训练好的评论器，连线上的斜率真的是 1 吗？刚才的 WGAN-GP 用的是
# $\lambda = 0.1$（作者给二维数据的值），
# 再训练一个论文给图像用的 $\lambda = 10$。取真假各 1,000 个点，随便配对，量斜率。

# %%
options = ["hparams.gp_weight=10", "total_steps=600", "visualdl=false", "log_every=20"]
strong = train("wgan_gp_ring", *options, name="07_strong")
rng, slopes = np.random.default_rng(0), {}
real = clip.data.sample(1000, rng)
critics = {"裁剪": clip, "惩罚，λ = 0.1": penalty, "惩罚，λ = 10": strong}
for name, lesson in critics.items():
    t = rng.random((1000, 1))
    mixed = t * real + (1 - t) * lesson.samples(1000)
    mixed = paddle.to_tensor(mixed.astype("float32"))
    slopes[name] = squared_gradient_norm(lesson.method.D, mixed).sqrt().numpy()
    low, middle, high = np.quantile(slopes[name], (0.1, 0.5, 0.9))
    print(f"{name}：斜率的中位数 {middle:.2f}，八成在 {low:.2f} 到 {high:.2f} 之间")

# %%
with canvas(size=(6, 3)) as c:
    for name, values in slopes.items():
        c.axes[0, 0].hist(values, np.linspace(0, 6, 61), alpha=0.6, label=name, density=True)
    c.axes[0, 0].axvline(1, color="k", linestyle="--")
    c.axes[0, 0].set(xlabel="连线上一点的斜率 ‖∇D‖", ylabel="密度", title="虚线是 1")
    c.axes[0, 0].legend()
c.picture

# %%
surface(penalty, "WGAN-GP 的评论器")

# %%
curves({"λ = 0.1": penalty, "λ = 10": strong}, "loss/gp", "modes/high_quality")

# %% [markdown]
# 结果要分开读：
#
# - 中间那张底色是评论器的分数，越橙越高：八个模式围着的一圈高，往外处处是下坡，坡上都有梯度。
# - $\lambda = 10$：斜率集中在 1 附近，`loss/gp` 贴着 0，与命题相符。可是它只走了 600 步
#   （另一条 900 步），高质量的比例到头也只有百分之几，与均匀撒点的 2.8% 差不多：
#   G 几乎还没有学到什么，斜率合格不等于样本合格。
# - $\lambda = 0.1$：斜率的中位数远大于 1。惩罚是*软*的：λ 小，评论器宁可挨罚也要更陡。
#   它的样本反而好得快（右图），所以作者给二维数据选了小的 λ。斜率恰好为 1 是手段，不是目的。
# - 裁剪：斜率也在 1 上下，但那是 $c$、宽度与层数碰巧凑出来的，换一个 $c$ 就差成百上千倍（7.1 节）。
#
# 危险信号：`loss/gp` 一路升而不回头。
#
# **换成彩色的头像。** 004 的 04 用 WGAN-GP 画动漫头像。随包有一份缩到 CPU 上的：
# 64 像素，网络窄，每步只练 3 次评论器。下面是它画的，权重取滑动平均，也没有挑过：

# %%
faces = Lesson.shipped("wgan_gp_avatars")
images(faces.samples(24), columns=8)

# %% [markdown]
# 脸、眼睛、头发都在该在的地方，颜色还很脏。是时间不够，还是损失不行？
# 网络加宽一半（16 → 24），CPU 时间给到两倍上下（R3GAN 约 16 分钟，WGAN-GP 约 20 分钟）：
# `wgan_gp_avatars_long` 照旧用 WGAN-GP，
# `r3gan_avatars` 换成 R3GAN（第 9 章：只比真假之差，再罚两边的梯度，D 与 G 一步一步轮着走）：

# %%
sharp = Lesson.shipped("r3gan_avatars")
rows_of_images({"真的": faces.data.images[::540], "R3GAN": sharp.samples(10)})

# %% [markdown]
# 走得久的 WGAN-GP 没有地方随包，只留了图：同样的八个 $z$，从头到尾。
# 看背景与脸的边缘，比 R3GAN 的脏；也看头发，长短、样子多几种：

# %%
from IPython.display import Image

Image(str(HOME / "tutorials" / "assets" / "films" / "wgan_gp_avatars_long.png"))

# %%
keys = {"fd_pca64": "FD-PCA64", "prdc_pca64/precision": "精度", "prdc_pca64/recall": "召回"}
for name in ("wgan_gp_avatars", "wgan_gp_avatars_long", "r3gan_avatars"):
    for seed, run in table[name]["seeds"].items():
        found = "，".join(f"{said} {run['metrics'][key]:.3g}" for key, said in keys.items())
        print(f"{name}，种子 {seed}：{found}")

# %% [markdown]
# 短的那份差，不全怪损失：同是 WGAN-GP，走得久、网络宽一些（两样一起加的，没有拆开），
# FD 低了快一半，召回是原来的四倍多。
# 与 R3GAN 比，各有长短：R3GAN 的线条、背景干净，精度高一点；WGAN-GP 的花样全，召回不比它低，
# FD-PCA64 不到它的一半。FD-PCA64 看的是 64 个大块的颜色，不看清楚不清楚（第 10 章）：
# R3GAN 的肤色、发型偏着几样，平均的颜色就对不上。一个数只看一面，哪一份好，要看你要什么；
# WGAN-GP 走得久的只练了一个种子。
#
# （精度：生成的图有几成落在真图附近；召回：真图有几成落在生成的图附近；
# “附近”是以每张图为心、到第三近的邻居为半径的球，第 10 章。）
#
# 再看练得短的那一份：精度高、召回低，读起来像是“画得像，花样只占一小部分”。先别急着信：
# 召回还怕**糊**。生成的球是照生成的图彼此离多远画的；图一糊，彼此就离得近，球变小，
# 真图落不进来。拿真图试：另取 1,000 张真头像，缩小再放大回 64 像素，花样一张也没有少：

# %%
from paddle_gan.data.images import resize_images, to_uint8
from paddle_gan.metrics import fit_pca, precision_recall, project


def rows(images):  # uint8 (N, H, W, 3) → 放大到 64 像素，(N, 64 × 64 × 3)
    return resize_images(images, 64).reshape(len(images), -1)


photos, others = faces.data.images[::5], faces.data.images[2::5]
pca = fit_pca(rows(photos), 64)
groups = {f"真图缩到 {size} 再放大": resize_images(others, size) for size in (64, 48, 32, 16)}
groups |= {
    name: to_uint8(lesson.samples(1000), (-1, 1))
    for name, lesson in {"WGAN-GP，短的": faces, "R3GAN": sharp}.items()
}

# %%
print("精度  召回  方差是真图的几成")
true_features = project(rows(photos), *pca)
for name, group in groups.items():
    features = project(rows(group), *pca)
    precision, recall = precision_recall(features, true_features)
    width = features.var(axis=0).sum() / true_features.var(axis=0).sum()
    print(f"{precision:.2f}  {recall:.2f}  {width:.2f}  {name}")
rows_of_images({name: resize_images(group, 64)[::100] for name, group in groups.items()})

# %% [markdown]
# 同样的 1,000 张真头像，只是缩到 16 像素再放大，召回就不足一成，精度反而更高。
# 所以 64 像素上的低召回，至少有一部分说的是“糊”，不是“花样少”，单凭它分不出这两样。
# R3GAN 与短的 WGAN-GP 方差差不多，召回却高好几倍：
# 与“清楚了，真图更容易落进来”说得通，还不算证明。
#
# ## 7.5 GP 不用 BN [§7.5]
#
# > D网不使用batch normalization；调试下来，不使用bias效果会更好——004，04 WGAN-GP 关键点 2、3
#
# 惩罚说的是：*每个* $\hat x_i$ 处，$D$ 对*这一个*输入的斜率是 1。有了 BN，第 $i$
# 个样本的输出依赖整批：
#
# $$D(x_i) = D_i(x_1, \dots, x_N),\qquad \frac{\partial D(x_i)}{\partial x_j} \ne 0 \quad (j \ne i)
# .$$
#
# “样本 $i$ 的斜率”这个说法就没有意义了。代码里更糟：它对 $\sum_i D(x_i)$ 求导，指望
# $\partial \sum_i D(x_i)/\partial x_j$
# 里只有 $i=j$ 一项。没有 BN 时的确如此；有 BN 时混进了另外 $N-1$ 项。量一量
# $\|\partial D(x_i)/\partial x_j\|$：

# %%
from paddle_gan.methods.base import frozen
from paddle_gan.networks import DCGANDiscriminator

tables = {}
for kind in ("none", "instance", "batch"):
    paddle.seed(1)
    D = DCGANDiscriminator((1, 28, 28), (1,), width=16, depth=2, norm=kind, init="he_normal")
    x = paddle.randn([4, 1, 28, 28])
    x.stop_gradient = False
    with frozen(D):  # 只要对输入的导数
        score = D(x)
        jacobian = [paddle.grad(score[i], x, retain_graph=True)[0].numpy() for i in range(4)]
    tables[kind] = np.array([[np.linalg.norm(g[j]) for j in range(4)] for g in jacobian])
    off = tables[kind][~np.eye(4, dtype=bool)].mean() / np.diag(tables[kind]).mean()
    print(f"norm: {kind}，对别的样本的斜率是对自己的 {off:.1%}")

# %%
titles = {"none": "不归一化", "instance": "实例归一化", "batch": "BN"}
with canvas(3, size=(3.1, 3.1)) as c:
    for axis, (kind, table) in zip(c.axes[0], tables.items()):
        shown = axis.imshow(table / table.max(), cmap="Blues", vmin=0, vmax=0.2)  # 0.2 以上同色
        others = table[~np.eye(4, dtype=bool)].mean() / np.diag(table).mean()
        verdict = "好：只有对角线" if others < 0.01 else "坏：别的样本也有份"
        axis.set(title=f"{titles[kind]}\n{verdict}", xlabel="对第几个输入求导")
        axis.set(xticks=range(4), yticks=range(4), ylabel="第几个样本的分数")
        axis.grid(False)
    c.figure.colorbar(shown, ax=c.axes, label="斜率（最大的是 1）")
c.picture

# %% [markdown]
# 没有归一化、用实例归一化（instance norm，每个样本自己算均值方差）时，只有对角线不是 0；BN
# 的非对角线不是 0。
# 所以库里的 `wgan_gp` 一见到 BN 就拒绝：

# %%
from paddle_gan.errors import UserError
from paddle_gan.networks import MLP

try:
    WGANGP({"G": MLP((2,), (2,)), "D": MLP((2,), (1,), batch_norm=True)}, WGANGP.Hparams(z_dim=2))
except UserError as e:
    print(e)

# %% [markdown]
# 论文推荐层归一化（layer norm）。在飞桨 3.3.1 的 CPU 版上，我们试过 `nn.LayerNorm` 求不了二阶导数，
# 所以配置里写 `norm: none`。
#
# **偏置呢？** 004 说“不使用bias效果会更好”。有一个偏置确实多余：评论器*最后一层*的。
# $D$ 加上常数 $b$，$\mathbb{E}[D(G(z))+b] - \mathbb{E}[D(x)+b]$ 里 $b$ 抵消，斜率也与它无关，
# 它的梯度恒为 0。
# 别的层的偏置不会抵消；而且作者的代码里 G 是带偏置的。所以那句话是一次调试的记录，不是规律。

# %%
method = penalty.method
loss, _ = method.discriminator_loss(paddle.to_tensor(real[:256]))
layers = [layer for layer in method.D.sublayers() if isinstance(layer, nn.Linear)]
for index, layer in enumerate(layers, 1):
    gradient = paddle.grad(loss, layer.bias, retain_graph=True, allow_unused=True)[0]
    size = 0.0 if gradient is None else gradient.abs().max().item()
    print(f"第 {index} 层的偏置，梯度至多 {size:.1e}")

# %% [markdown]
# ## 7.6 谱归一化 SNGAN 的位置 [§7.6]
#
# 三种办法管的是同一件事，管的地方不同：
#
# | | 管什么 | 硬还是软 | 管到哪里 | 代价 |
# |---|---|---|---|---|
# | 权重裁剪 | 每个权重的大小 | 硬 | 处处，但 $K$ 难调 | 几乎没有 |
# | 梯度惩罚 | 斜率本身 | 软（罚） | 只在真假的连线上 | 一次二阶导数 |
# | 谱归一化 | 每层矩阵的最大奇异值 | 硬 | 处处，$K \le 1$ | 每步一次幂迭代 |
#
# 谱归一化（SNGAN，Miyato 等，2018）的想法：一层 $h \mapsto Wh$ 的 Lipschitz 常数正是最大奇异值
# $\sigma(W) = \max_{\|h\|=1}\|Wh\|$。每层换成
#
# $$\bar W = W / \sigma(W),$$
#
# 每层就恰好是 1；ReLU、LeakyReLU 不放大；复合起来 $\|D\|_L \le \prod_l \sigma(\bar W_l) = 1$。
# 和裁剪比，它只除以一个数，矩阵的形状不变，不会把权重挤到两头。
#
# $\sigma(W)$ 不必做奇异值分解，用幂迭代：$v \leftarrow W^\top u/\|W^\top u\|$，
# $u \leftarrow Wv/\|Wv\|$，$\sigma \approx u^\top W v$。
# 训练时权重每步只动一点，上一步的 $u$ 接着用，每步迭代一次就够。拿刚才几个评论器的第二层试试：

# %%
for name, lesson in critics.items():
    W = [x.weight.numpy().T for x in lesson.method.D.sublayers() if isinstance(x, nn.Linear)]
    u = np.random.default_rng(0).standard_normal(128)
    for _ in range(20):
        v = W[1].T @ u / np.linalg.norm(W[1].T @ u)
        u = W[1] @ v / np.linalg.norm(W[1] @ v)
    exact = [np.linalg.svd(w, compute_uv=False)[0] for w in W]
    print(f"{name}：第二层 σ 幂迭代 {u @ W[1] @ v:.3f}，精确 {exact[1]:.3f}；", end="")
    print(f"三层之积 {np.prod(exact):.1f}，实际斜率的最大值 {slopes[name].max():.1f}")

# %% [markdown]
# 最大的两个奇异值很接近时，迭代 20 次还差一点点（这里是 λ = 10 那一行）。三层之积是斜率的上界，
# 实际的斜率小得多：各层最放大的方向不会正好接在一起。谱归一化把上界钉在 1，
# 实际往往远小于 1，
# 这是它的代价。卷积层通常把核摊成 $(c_\text{出},\ c_\text{入}k^2)$ 的矩阵算 $\sigma$，
# 那只是卷积算子范数的近似。
#
# 库里的方法叫 `sngan`，谱归一化在 `paddle_gan/networks/spectral.py`，在别的方法里写
# `network.discriminator.spectral_norm: true` 也能用。环上的配置 `configs/sngan_ring.yml`
# 让 $G$ 走十步 $D$ 才走一步：三个种子里两个学全了八个模式，一个只剩四个（十个种子的在 09 章）。
#
# ## 弄坏它
#
# **一、范数求错了维。** PaddleGAN 的 `GradientPenalty` 写的是 `norm(2, 1)`：图像的梯度是
# $(N, C, H, W)$，
# 沿第 1 维（通道）求范数，得到的是*每个像素*的斜率，再要求每个像素都是 1。
# 784 个像素的斜率都是 1，整张图的斜率是 $\sqrt{784} = 28$。
# 下面让同样的评论器对着“真数字与噪声”各训练一会儿，只换惩罚，看整张图的斜率去哪里。

# %%
from paddle_gan.gradients import input_gradient


def per_pixel_penalty(critic, real, fake):  # 错的：范数只沿通道求
    epsilon = paddle.rand([real.shape[0], 1, 1, 1])
    mixed = (epsilon * real + (1 - epsilon) * fake).detach()
    mixed.stop_gradient = False
    with input_gradient():
        gradient = paddle.grad(critic(mixed).sum(), mixed, create_graph=True)[0]
    norm = (gradient.square().sum(axis=1) + 1e-12).sqrt()  # (N, H, W)
    return (norm - 1).square().mean()


# %%
digits = to_float(Digits().images, (-1, 1))
print(digits.shape, digits.min(), digits.max())


# %%
def slopes_while_training(penalty_of, steps=150):  # 只训练评论器，假样本一直是噪声
    paddle.seed(2)
    D = DCGANDiscriminator((1, 28, 28), (1,), width=8, depth=2, norm="none", init="he_normal")
    optimizer, found = paddle.optimizer.Adam(1e-3, 0.0, 0.9, parameters=D.parameters()), []
    for index in np.random.default_rng(0).integers(4000, size=(steps, 32)):
        x, noise = paddle.to_tensor(digits[index]), paddle.randn([32, 1, 28, 28])
        (D(noise).mean() - D(x).mean() + 10 * penalty_of(D, x, noise)).backward()
        optimizer.step()
        optimizer.clear_grad()
        found.append(squared_gradient_norm(D, (x + noise) / 2).sqrt().mean().item())
    return found


# %%
history = {"对的": slopes_while_training(gradient_penalty)}
history["求错了维"] = slopes_while_training(per_pixel_penalty)
for name, values in history.items():
    print(f"{name}：出发时的斜率 {values[0]:.2f}，最后 {values[-1]:.2f}")

# %%
lines(range(1, 151), history, "评论器更新的次数", "整张图的斜率", title="虽然都叫梯度惩罚")

# %% [markdown]
# 错的那一条直奔 28，过了 28 还在涨。为什么停不住？它有两处错：目标是每个像素 1（整张图 28），
# 而且又对 784 个像素取了*平均*，拉住整张图的力气小了几百倍，$\lambda = 10$ 形同虚设。
# 对的那一条也不恰好是 1：惩罚是软的，而真数字与噪声差得太远，评论器总想更陡一点。
# 二维数据上沿第 1 维求范数恰好是对的（样本只有那一维），所以这个错在玩具数据上测不出来。
#
# **二、裁剪时把归一化的缩放也裁了。** 004 的代码、作者最早的代码、PaddleGAN 都是对
# `D.parameters()` 一律裁剪。
# BN 的缩放 $\gamma$ 本来在 1 附近，被裁到 $c$ 以内之后，每过一层信号就乘一次 $c$。照做一次，
# 看曲线与诊断怎样报告：


# %%
def clip_everything(self):
    with paddle.no_grad():
        for parameter in self.D.parameters():
            parameter.clip_(min=-self.hparams.clip, max=self.hparams.clip)


options = ["network.generator.width=8", "network.discriminator.width=8", "batch_size=32"]
options += ["total_steps=40", "log_every=1", "visualdl=false", "metrics.samples=200"]
good = train("wgan_digits", *options, name="07_good")
right = WGAN.clip_weights
WGAN.clip_weights = clip_everything
bad = train("wgan_digits", *options, name="07_bad")
WGAN.clip_weights = right
for name, lesson in (("只裁权重", good), ("连缩放也裁", bad)):
    print(f"{name}：", *lesson.summary["diagnosis"]["sentences"], sep="\n   ")

# %%
shown = {"只裁权重": good, "连缩放也裁": bad}
steps = good.curve("weights/norm_scale_D")[0]
scales = {name: lesson.curve("weights/norm_scale_D")[1] for name, lesson in shown.items()}
lines(steps, scales, "步", "BN 缩放的平均大小", yscale="log")

# %%
curves(shown, "loss/D", "norm/grad_G")

# %% [markdown]
# 只有 40 步：好的那次，诊断说步数太少、还不能判断。
# 弄坏的那次不必等，它点名了归一化层的缩放：第一次裁剪就从 1 掉到 0.01，此后不会回来。
# 评论器的输出缩小，`loss/D` 贴着 0。这*看起来*像收敛了（WGAN 的损失趋近 0 不正是好事吗？），
# 其实是评论器瞎了。
# 分辨的办法：看样本，看 `norm/grad_G`，看缩放。库里的 `clip_weights` 只裁卷积与全连接的权重，
# 理由写在它的说明里（7.1 节印过）。
#
# ## 小结
#
# - WGAN 的四处改动，前三处来自对偶式：分数不是概率，差不取 log，用约束斜率代替 sigmoid；“不用
#   Adam”是经验，要避开的是动量。
# - 环上去掉一处、重新调学习率：只有带动量的 Adam 明显变差；不裁剪的样本反而最好，
#   可是分差不再是距离；加回 sigmoid，十个种子毁了两个（T9）。
# - 裁剪把权重推到边上，$K$ 随 $c$ 按层数的幂次变化；先分清是训练推的，还是第一次裁剪放的。
# - 最优评论器在搬运的连线上斜率为 1，梯度惩罚照它写：每个样本一个 $\epsilon$，每个样本一个范数。
# - BN 让样本互相牵连，“这个样本的斜率”没有定义；换成不归一化或实例归一化。
# - 看距离用分差 score/real − score/fake，不用 −`loss/D`（WGAN-GP 的里面有惩罚）；
#   不同结构、不同约束的也不能互相比大小。
#
# **有 GPU** 就跑源笔记的两份完整设定（CIFAR-10 要自备，头像用随包的），CPU 上跑手写数字的两份：
#
# ```bash
# python tools/train.py -c configs/stesha_03.yml
# python tools/train.py -c configs/stesha_04.yml
# python tools/train.py -c configs/wgan_digits.yml
# python tools/train.py -c configs/wgan_gp_digits.yml
# ```
#
# 后两份各要几分钟，就是本章开头看的那两次（各个种子的分数见[结果](../docs/结果.md)）。

# %% [markdown]
# ## 一段历史
#
# WGAN 的论文（arXiv:1701.07875，2017 年 1 月）给了理论，也给了一个临时的做法。作者自己写得很明
# 白：Weight clipping is a clearly terrible way to enforce a Lipschitz constraint。裁剪能用，只是
# 因为简单。
#
# 两个月之后，Gulrajani 等人拆穿了它的毛病（arXiv:1704.00028）：用瑞士卷上的十二层评论器，画出权重
# 聚到 ±c、梯度逐层爆炸或消失。7.3 节重做的就是那张图。他们换上梯度惩罚，又在 200 个随机的结构上比
# 谁训练得成。此后各有修补：Petzka 等人认为只该罚斜率大于 1 的一边（arXiv:1709.08894）；Miyato 等
# 人不罚，直接把每层的权重除以最大的奇异值（arXiv:1802.05957）。
#
# 接着是冷水。2017 年底 Lucic 等人各调 100 组超参数，MNIST 上的 FID：不饱和的 GAN 6.8 ± 0.5，WGAN
# 6.7 ± 0.4，WGAN-GP 20.3 ± 5.0（arXiv:1711.10337；用的是 Inception 的特征，与这里的 FD-LeNet 不能
# 比）。2018 年 Mescheder 等人证明 WGAN 与 WGAN-GP 也不保证收敛（arXiv:1801.04406）。2021 年
# Stanczuk 等人的题目是 *Wasserstein GANs Work Because They Fail (to Approximate the Wasserstein
# Distance)*（arXiv:2103.01678）。
#
# 我们量到的也有冷有热。GAN 的损失确实不跟着质量走（第 03 章的 T7）；WGAN 的分差在同一次训练里
# 跟着走，却不比数步数强，换到不同的模型之间就排不出好坏（T7b，不成立）。裁剪确实会把权重推到边上
# （T8，成立，有条件）；四处改动里，只量到动量坏事（T9）；“更稳、能训练的设定更多”这一句，
# 没有量出来（M6，不成立）。

# %% [markdown]
# ## 练习
#
# **7.1** 写一个函数 `f(norms)`：给出一批样本各自的斜率（列表），返回梯度惩罚的值（不乘
# $\lambda$）。

# %%
answer = None  # 换成你的答案
check("7.1", answer)

# %% [markdown]
# **7.2** 评论器有三层权重，没有偏置，激活是 ReLU。把*所有*权重同时乘 0.1，
# $\mathbb{E}[D(x)]-\mathbb{E}[D(G(z))]$ 变成原来的几倍？（准确的数）

# %%
answer = None  # 换成你的答案
check("7.2", answer)

# %% [markdown]
# **7.3** 32×32 的*彩色*图像，评论器在每个像素、每个通道上的偏导数都是 0.1。按正确的写法，
# 这张图的斜率是多少？（保留两位小数）

# %%
answer = None  # 换成你的答案
check("7.3", answer)

# %% [markdown]
# **7.4** 两次训练的评论器结构不同，`loss/D` 一个停在 −0.02，一个停在 −3。哪个说法对？
# A. −0.02 的生成器更好　B. −3 的生成器更好　C. 只凭这两个数比不了　D. 损失为负说明算错了

# %%
answer = None  # 换成你的答案
check("7.4", answer)

# %% [markdown]
# **7.5** 要给 WGAN-GP 的评论器加归一化，下面哪一种不破坏惩罚的定义？
# A. BN，训练模式　B. 实例归一化　C. 跨卡同步的 BN　D. BN，但把批加大

# %%
answer = None  # 换成你的答案
check("7.5", answer)

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
# | 及格 | `fd_lenet` ≤ 28 | `wgan_digits` | 3.4 |
# | 良好 | `fd_lenet` ≤ 16 | `wgan_gp_digits` | 3.9 |
# | 优秀 | `fd_lenet` ≤ 12.5 | `wgan_gp_digits` 做不到 | 3.9 |
#
# - **及格** 照 `wgan_digits` 的设定，优化器不要带动量（7.1 节）；看 `weights/at_clip`
#   知道裁剪有没有在起作用。
# - **良好** 换成梯度惩罚；D 里不要有 BN。
# - **优秀** 仍用 WGAN-GP，我们没有配置做到。做得到这个数的是 `digits_best`（不饱和的 GAN 加
# R1），它除了损失，还多了 `ema`、`lr_schedule`、宽一倍的网络和 2,000 步。这几样与损失无关，写在配
# 置里就能加；加上之后够不够，我们没有量，你来。

# %% [markdown]
# ## 延伸阅读
#
# - Arjovsky、Chintala、Bottou（2017），*Wasserstein GAN*，arXiv:1701.07875
# - Gulrajani 等（2017），*Improved Training of Wasserstein GANs*，arXiv:1704.00028：图 1 就是 7.3
#   的实验
# - Miyato 等（2018），*Spectral Normalization for Generative Adversarial Networks*，
#   arXiv:1802.05957
# - Mescheder、Geiger、Nowozin（2018），*Which Training Methods for GANs do actually Converge?*，
#   arXiv:1801.04406：WGAN-GP 也不保证收敛
# - Arjovsky、Bottou（2017），*Towards Principled Methods for Training Generative Adversarial
#   Networks*，arXiv:1701.04862
# - 讲义背后的公开课：001 的 WGAN 对
# 应[李宏毅《机器学习》2021 春](https://speech.ee.ntu.edu.tw/~hylee/ml/2021-spring.php)的[第二讲](https://www.youtube.com/watch?v=jNY1WBb8l4U)，
# 后半讲 WGAN。
#
# 接着打开 `08_换一个散度.ipynb`：别的散度、别的损失。
