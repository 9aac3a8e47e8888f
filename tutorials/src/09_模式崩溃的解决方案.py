# %% [markdown]
# # 09 模式崩溃的解决方案
#
# **学完你能**
# 1. 按“看 D 的后几步、换损失、改结构、看一包看一批、管住 D 的坡度、集成”六类，
#    说出每种方法改了哪一行公式。
# 2. 用 xy 博弈推出 Unrolled 为什么止住转圈，用乘积分布推出 PacGAN 为什么看得见丢失的模式。
# 3. 读一张十个种子的总表，说出哪几样治好了、哪几样没有，自己的 GAN 丢了模式时先看什么、先试什么。
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
# 病人是 `gan_ring_greedy`：八个高斯，$G$ 走十步 $D$ 才走一步，两边的学习率 0.001，
# 后一半线性降到 0。
# 它与占得全八个模式的 `gan_ring`（样本还散，高质量平均 0.745）差五处
# （更新的次数、批的大小、$G$ 的学习率、步数、学习率降不降），
# 所以只凭这两个配置，说不出病出在哪一处。
# 药是 PacGAN：$D$ 一次看两个样本（9.4）。两次都是随包的完整训练，2,000 步，种子相同，只差这一样。

# %%
import numpy as np

sick, well = (Lesson.shipped(name) for name in ("gan_ring_greedy", "pac_gan_ring"))
pair = {"GAN": sick, "PacGAN2": well}
data = sick.data
real = data.sample(1000, np.random.default_rng(0))
points({n: one.samples(2500) for n, one in pair.items()}, real, data.modes, data.std)

# %%
guess = {"loss/D": 2 * np.log(2)}  # D 全靠猜时的损失
curves(pair, "loss/D", "modes/covered_1pct", "modes/high_quality", marks=guess)

# %% [markdown]
# 灰点是真的，蓝点是生成的，红圈是八个模式。左图的样本全挤在一个模式上，右图八个都有。
# 题目里的**高质量**，是落在某个模式 $3\sigma$ 之内的样本占几成，由新抽的 2,500 个样本算，
# 与随包的记录差一个百分点上下，只因为抽的不是同一批。
#
# 再看曲线。GAN **占 1% 以上的模式**（落在它 $3\sigma$ 之内的，要有全部样本的 1%）
# 从头到尾只有 0 或 1；
# 它的高质量最后却不低：挤在那里的样本是好的。
# 损失一格的虚线是 $2\log2$，$D$ 全靠猜时的损失：PacGAN2 很快贴上去，GAN 的大起大落。
# 大起大落说明两边在拉锯；还剩几个模式，从损失上数不出来。
#
# 一个种子说明不了什么（这个种子是从只剩一个模式的里面挑的），下面看十个种子。先要有一把尺子。
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

floor, counted = {}, ("covered", "covered_1pct", "high_quality", "reverse_kl")
for name, shape in {"环": Ring(), "格": Grid()}.items():
    low, high = shape.modes.min(axis=0) - 5 * shape.std, shape.modes.max(axis=0) + 5 * shape.std
    floor[name] = scatter_share(shape.modes, shape.std, low, high)  # K·9πσ² / 方框的面积
    draws = np.random.default_rng(0).uniform(low, high, (20, 2500, 2))
    reports = [mode_report(dots, shape.modes, shape.std) for dots in draws]
    mean = {key: np.mean([r[f"modes/{key}"] for r in reports]) for key in counted}
    print(f"{name}，均匀撒点的高质量比例，公式：{floor[name]:.4f}；抽二十次的平均：", end="")
    print("，".join(f"{key} {value:.4g}" for key, value in mean.items()))

# %%
assert round(floor["环"], 4) == 0.0279 and round(floor["格"], 4) == 0.0245

# %% [markdown]
# 撒点在环上“覆盖”（covered，有一个高质量的样本就算）全部模式，在格上也有 25 个里的 23 个；
# 反向 KL 环上 0.05、格上 0.23，也不算大（环上只剩一个模式是 2.08）。所以本章的规矩：
# **高质量不明显高过撒点的，覆盖数再多也不算治好了**，那只是把样本撒开。
#
# ### 展台：同一个病人，十个种子，各种解药
#
# 下面这组实验，本章叫它**展台**。一个种子**治好了**，是说走完的时候八个模式都占 1% 以上
# （下文简称**占全**）、高质量又不低于 0.8，两条缺一不可。
# 各个种子排好了取正中间的，是**中位数**（十个种子，取中间两个的平均），下文说“居中的”就是它。
# 点开图下面的三角看判据，句子前面的字是它的形式：（会）至少八成的种子这样，（通常）居中的种子这样，
# （更）逐个种子与另一组相减，平均过了界，95% 区间也不含 0：换一批种子再量，
# 这个平均差多半还落在区间里，区间不含 0，就不像是碰巧。

# %%
claim("cures")

# %% [markdown]
# 一行一组，一个数字是一个种子，右边写着治好了几个、属于哪一类。散点在后面各节的图里，
# 那里只画种子 0，它不一定像居中的：SNGAN 的种子 0 正好没有治好，EBGAN 的正好治好了。
#
# - 不加药的十个种子，一个也没有自己好：五个只剩一个模式，其中高质量最高 77%、最低 2%。
#   有的真挤在一处，有的走完还在扫，哪里也没停。
# - 批大一倍的 GAN 也一个没有好，还有两个种子一个模式也没有：只添数据治不了。
#   批再大一倍，也没有治好一个；学习率一路不降的，十个里碰巧好了一个。
# - **只把 Adam 的 $\beta_1$ 从 0.5 改成 0，十个种子都占全，治好八个**：
#   过了线的里面最便宜的一样，每步不多花时间。
#   看数据之前写下的猜想是“治不好”，猜错了。
# - “八成的种子”是先定的线。DRAGAN 治好八个、SNGAN 七个，一个过线、一个没过，
#   可是只差一个种子，十个种子分不出这两样的高下。
# - Unrolled 展开五步、十步，十个种子都全治好；展开一步，治好八个。只是贵：
#   展开一步，每步是 GAN 的好几倍；五步几十倍，十步再翻一倍（9.6 的表当场量）。
# - SNGAN 与 EBGAN 居中的高质量都不低，中位数藏住了失败的种子：先数治好几个，再看居中的数。
#
# 还要说清楚比的是什么：各组的数据、$G$、步数、种子与学习率相同，例外写在名字里
# （批 256 与 512、学习率不降、1 : 1、几个 $G$）；换上那一种方法，**连同作者的损失与 Adam**。
# $R_1+R_2$、R3GAN、SNGAN、WGAN-GP 的 $\beta_1$ 是 0，GAN 的是 0.5，
# 所以旁边放着 $\beta_1=0$ 的 GAN。它自己就过了线，所以这四样治好的，
# 先要问有几成是 $\beta_1$ 的功劳：
# 9.4 把 $R_1+R_2$ 的 $\beta_1$ 换回 0.5，又量了一遍。
# PacGAN、小批量判别、小批量标准差、MRGAN、DRAGAN 的 $\beta_1$ 与 GAN 的一样，不受这一条影响
# （DRAGAN 的 $\beta_2$ 是 0.9，GAN 是 0.999，这一处没有单独量）。
#
# 幻灯片把 Unrolled、DRAGAN、EBGAN 都列在“改目标”；图与表分得细些：Unrolled 是“看 D 的后几步”，
# DRAGAN 在“管住 D 的坡度”，EBGAN 的 $D$ 换了结构，在“改结构”。
# 后面一节一节地说：为什么灵，为什么不灵，最后给一张“看到什么，先试什么”的表。
#
# ## 9.1 改目标：Unrolled、EBGAN [§9.1]
#
# > Mode Collapse的解决方案 ——幻灯片 000（改目标：Unrolled GAN、DRAGAN、EBGAN）
#
# 先看病是怎样发作的。从头训练病人，到两百多步停下，每隔五步画一格；底色是 $D$ 的看法，
# 橙的地方 $D$ 认为像真：

# %%
import os

from paddle_gan.lab.showcase import configured
from paddle_gan.lab.training import build, ring

total = int(os.environ.get("PADDLE_GAN_TUTORIAL_STEPS", 2000))  # 设了它，只验证跑得通
patient = build(configured("gan", total), seed=2)
chase(patient, [total // 10 + 5 * i for i in range(6)])

# %% [markdown]
# 整团样本甩来甩去：样本在哪里，$D$ 随后多半就把哪里涂紫，$G$ 又整团往橙的地方搬，
# 几步就换一个方向。样本扫过模式而不停，题目里的高质量一直不高。这就是追着 $D$ 跑。
#
# 才走两百步，谁都还没有学会：展台上展开五步的，这时居中也只占一个模式。
# 分出高下在后面：走到一半，GAN 居中还是一个，展开五步的已经是八个（9.6 的表）。
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
# 于是挤到一处不再划算。（这一项是不是非有不可，下面量。）
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
# 两个特征值都在单位圆内，要 $\det<1$ 而且 $|\mathrm{tr}|<1+\det$（二阶的 Jury 判据），化开就是
#
# $$\alpha<2k\eta<\frac2\alpha+\frac\alpha2 .$$
#
# 左边不满足（$k=0$）就转着圈发散；右边不满足，展开得太多，阻尼过了头，一步跨到对面去，也发散。
# 如果只把 $\theta_D^k$ 当常数（不穿过虚拟更新），
# 导数只剩 $y+k\eta x$，阻尼减半。

# %%
alpha, eta, trails = 0.1, 0.1, {}
for k in (0, 1, 5, 100, 101):
    M = np.array([[1 - 2 * k * eta * alpha, -alpha], [alpha, 1]])
    path = [np.array([2.0, 0.5])]
    for _ in range(150):
        path.append(M @ path[-1])
    radius = np.hypot(*np.array(path).T)
    size, held = abs(np.linalg.eigvals(M)).max(), alpha < 2 * k * eta < 2 / alpha + alpha / 2
    print(f"展开 {k} 步：|λ| 的最大值 {size:.4f}；两头的条件{'满足' if held else '不满足'}")
    if k < 100:
        trails[f"展开 {k} 步"] = radius / radius[0]
lines(np.arange(151), trails, "步", "半径 / 出发时的半径", title="xy 博弈：展开多少步")

# %% [markdown]
# 看上面的数：展开一步就够收敛，一百步还收敛，一百零一步就过了头。再看网络上怎样写：

# %%
from paddle_gan.methods import GAN, R1, MinibatchDisc, PacGAN, Unrolled

show(Unrolled.generator_loss)
show(Unrolled.virtual_step)

# %% [markdown]
# 这里容易讲反。网上流传的一篇中文 GAN 综述（条目与幻灯片这一栏逐条相同，下称“那篇综述”）
# 写“更新 k 次生成器，判别器不更新参数”：正好反了。
# 往前走 $k$ 步的是虚拟的 $D$，$G$ 只更新一次，走完就把虚拟的参数丢掉。
# 真正的 $D$ 不受虚拟步影响，轮到它时照常更新。验证这一点；再核对一件事：
# 展开 0 步，就是 03 章那个会饱和的极小极大损失：

# %%
import paddle

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
# 虚拟的一步怎样走，论文与作者的代码不一样：论文的式子是上面那个，沿 $f$ 的梯度上升，
# 也就是沿 $L_D=-f$ 的**梯度下降**；
# 代码里虚拟的 $D$ 走的是 **Adam**，从真正的 $D$ 的 Adam 此刻记着的两个平均
# （梯度的、梯度平方的）接着算，走法与真的 $D$ 相同，只是用的批不同。
# 这里照代码；写了 `unroll_lr`（$\eta$）就照式子。差别有多大，后面有一格。
# 所以上面 xy 博弈推的是式子里的那一种，量的是 Adam 的这一种：推导说明为什么会有阻尼，代替不了测量。
#
# 虚拟的 $D$ 每走一步，都要再算一遍梯度，还要能对它求导，比普通的一步贵得多，
# 每多展开一步，每步就再多花 GAN 的好几倍：几次量下来，1 步是 GAN 的四到十倍，5 步二十到四十倍，
# 10 步再翻一倍（机器忙闲不同，比例也不同；当场量的秒数在 9.6 的总表里）。
# 0 步也有两到四倍，多出来的是换权重与真样本那一项，前面几个倍数里都含着它。
# 十个种子，走完 2,000 步：

# %%
claim("unrolled")

# %% [markdown]
# 展开 0 步就是把 GAN 的损失换成极小极大的，别的都一样：一个也没有治好，
# 四个种子没有一个模式占到 1%，居中的高质量 43%（图上的种子 0 是其中好的）。
# **展开一步治好八个，展开五步、十步十个全治好。** 展开一步没治好的两个也占全了，
# 只是高质量 70% 与 72%。
# 多看几步，样本更好：五步的高质量比一步的平均高 9 个百分点（95% 区间 3 到 15；
# 一步的另一遍算出来是 6 个，1 到 11，见下面“还有一条”）。
# 五步的九个种子半路就占全，十步的半路全占全；
# 五步与十步，高质量与反向 KL 都分不出高下，用时却翻一倍，一个种子二十来分钟：在这里五步就够了。
#
# **治好病的是哪一项？** “不穿过”的一组去掉了上面的第二项：$G$ 照样面对走了一步的 $D$，
# 只是看不见“我动一动，它会怎样回应”。它也治好七个，九个占全，与展开一步分不出高下：
# 在这里，光是**看见后一步的 $D$** 就管用，论文着重讲的第二项不是非有不可。
# （xy 博弈没有预告这一点：去掉第二项，要 $\alpha<k\eta$ 才收敛，
# $\alpha=\eta$ 时一步恰好原地转圈，两步才收敛。）
# 第二项也许让它快一点：走到一半，穿过的比不穿过的多占 1.7 个模式（0.5 到 2.9），
# 另一遍是 1.4 个（0.04 到 2.8），刚刚不含 0。五步的没有这样拆开量。
#
# 还有一条要知道：展开一步的十个种子跑过两遍，两遍的程序只差舍入，一遍治好八个，一遍九个；
# 种子 0 的高质量，一遍 72%，一遍 91%。训练会把舍入放大，种子定了起点，没有定死结局：
# 看治好几个就好，别认准是哪几个。
#
# 贵的时间花得值吗？同样的病人，让 GAN 走八倍的步数，十次里六次治好（9.5）；
# 展开一步的时间差不多是四到十个 GAN，治好八个，分不出；五步的时间是二十到四十个 GAN，
# 那么久的 GAN 没有量。PacGAN2 只多不到一半的时间，十个全治好：先试便宜的（9.6）。
#
# 发表的数：论文在三位数上量，$D$ 的宽度是 $G$ 的四分之一时，0、1、5、10 步各占 30.6、65.4、236.4、
# 327.2 种，看得越远越多；宽度是一半时，各 628、523.6、732、817.4 种，一步的反而少了。
# VEEGAN 的表里，GAN 占 1 个模式、高质量 99.3%，Unrolled 占 7.6 个、高质量 35.6%：
# 多占了模式，散了样本；网络、$\sigma$ 与步数都不同，不能与这里比大小。
# 论文的玩具例子（$z$ 256 维，批 512，$\sigma=0.02$）走 15,000 步，试过一个种子（20）：
# GAN 自己就占到八个模式，高质量 0.888，没有病可治。作者放出来的演示代码，学习率与数据都照抄，
# 03 章量了十个种子（M1）：六个占全，可是样本散，居中的高质量 58%，照本章的定义只好了一个。
# 那里的病多半是散，不是丢，所以放到展台上比。
#
# **虚拟的一步要走得像真的 $D$。** 梯度穿过虚拟的那一步，$G$ 就能左右它；
# 换成步长 $\eta$ 的梯度下降，$G$ 会学着让虚拟的 $D$ 走过头。
# 全靠猜的 $D$，$f=-2\log 2$；没有训练过的 $D$ 可以比猜还差一点（上面印的 −1.57），
# 低到负几万，就只能是 $D$ 被带坏了。
# 同一个病人，都只展开一步，各走 100 步：

# %%
print(f"全靠猜的 D，f = {-2 * np.log(2):.2f}")
short = ("total_steps=100", "metrics.every=100")
for eta in (0, 0.01, 0.1):
    tried = train("unrolled_ring", *short, f"hparams.unroll_lr={eta}", name=f"09_eta_{eta}")
    away = np.median(np.linalg.norm(tried.samples(500), axis=1))
    name = f"梯度下降，η = {eta}" if eta else "Adam"
    print(f"{name}：f = {tried.last('loss/G'):.4g}，样本的半径（中位数） {away:.4g}")

# %% [markdown]
# 环的半径是 2。Adam 的一步有封顶：梯度再大，一个权重一步也挪不过
# $(1-\beta_1)\big/\sqrt{(1-\beta_2)(1-\beta_1^2/\beta_2)}$ 个学习率，
# $\beta_1=0.5$、$\beta_2=0.999$ 时约是 18 个（柯西不等式）。
# 梯度下降的一步有多长，由梯度说了算，而样本飞得越远，$D$ 第一层的梯度越大。于是 $G$ 一路往外飞
# （只看了一个种子、一百步，缘由是解释）：$\eta=0.1$ 时 $f$ 比全靠猜还低得多，
# 赢的是一个被带坏的假对手。$\eta=0.01$ 时 $G$ 没有赢（$f$ 在全靠猜之上），
# 样本却也飞到了一百倍以外；展开五步的走到第 488 步就发散了（种子 20）。
#
# ### 只换损失：LSGAN、RpGAN
#
# 第 08 章的 LSGAN 把交叉熵换成平方；RpGAN（Jolicoeur-Martineau，2018，arXiv:1807.00734）
# 只比真与假的分数之差，就是 9.4 的 R3GAN 去掉两项罚。放到展台上，别的都不动：

# %%
claim("other_losses")

# %% [markdown]
# LSGAN 治好两个，RpGAN 一个也没有：只换成这两种损失，治不了这个病。
# LSGAN 居中有七个模式，比 GAN 的三个多得多，样本却还散。
#
# ### EBGAN（Zhao 等，2017，arXiv:1609.03126）
#
# $D$ 换成自编码器，还原误差当**能量** $E(x)=\lVert\mathrm{Dec}(\mathrm{Enc}(x))-x\rVert$，
# 越小越像真。真样本的能量压低，生成样本的抬到间隔 $m$ 为止（$[a]_+=\max(a,0)$）：
#
# $$
# L_D=\mathbb E[E(x)]+\mathbb E\big[m-E(G(z))\big]_+,\qquad
# L_G=\mathbb E[E(G(z))]+\lambda_{PT}f_{PT},\qquad
# f_{PT}=\frac1{N(N-1)}\sum_{i\ne j}
# \Big(\frac{S_i^\top S_j}{\lVert S_i\rVert\lVert S_j\rVert}\Big)^2 .
# $$
#
# 拉开项 $f_{PT}$ 是一批生成样本的编码 $S_i$ 两两夹角余弦平方的平均，挤在一处时接近 1，
# $G$ 要把它压小。式 (1)、(2) 与 §2.4；库里叫 `ebgan`，量到的在 9.2。
# 那篇综述说它用 VAE，不对，是普通的自编码器。自编码结构在第 05 章讲。
#
# 幻灯片“改目标”一栏的 DRAGAN 罚的是 $D$ 的梯度，放在 9.4。

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
# （训练时 $G_i$ 用不饱和的 $-\log D_{k+1}$，同 03 章。）论文的想法是：$D$ 要认出是谁画的，
# 各个 $G$ 就会分开。可是 $G_i$ 的损失里只有 $D_{k+1}$，下面看到，目标并不逼它们分开。
# 最优的 $D$ 是（同 02 章，对每个 $x$ 求极值）
# $D_{k+1}=\dfrac{p}{p+\sum_ip_i}$，$D_i=\dfrac{p_i}{p+\sum_jp_j}$。
# 把真样本的一项也写上，$k$ 个生成器合起来面对的是
#
# $$
# V=\mathbb E_{x}\log D_{k+1}(x)+\sum_{i=1}^k\mathbb E_z\log\big(1-D_{k+1}(G_i(z))\big) .
# $$
#
# 记 $\bar q=\frac1k\sum_ip_i$、$m=\frac{p+k\bar q}{k+1}$，把最优的 $D$ 代进去：
#
# $$
# \begin{aligned}
# V&=\int p\log\frac{p}{p+k\bar q}+k\int\bar q\log\frac{k\bar q}{p+k\bar q}\\
# &=k\log k-(k+1)\log(k+1)+\mathrm{KL}(p\Vert m)+k\,\mathrm{KL}(\bar q\Vert m)
# \ \ge\ k\log k-(k+1)\log(k+1),
# \end{aligned}
# $$
#
# 两个 KL 都是 0 才取等号，也就是 $\bar q=p$。注意它只约束**混合** $\bar q$：每个 $G_i$
# 各占一个模式可以，人人都学会全部也可以。验证：

# %%
k = 8
even = np.full(8, 1 / 8)  # 八个等重的模式
mixes = {"各占一个模式": np.eye(8), "人人都是 p": np.tile(even, (k, 1))}
mixes["一半挤在模式 0"] = np.vstack([np.eye(8)[[0] * 4], np.eye(8)[4:]])
mixes["全挤在模式 0"] = np.eye(8)[[0] * k]
bound = k * np.log(k) - (k + 1) * np.log(k + 1)
for name, each in mixes.items():
    made = each.sum(axis=0)  # k·q̄
    fake = np.where(made > 0, made * np.log(np.maximum(made, 1e-300) / (even + made)), 0)
    V = (even * np.log(even / (even + made))).sum() + fake.sum()
    print(f"{name}：V {'到了下界' if np.isclose(V, bound) else f'比下界高 {V - bound:.2f}'}")
print(f"下界 k·log k − (k+1)·log(k+1) = {bound:.4f}")

# %% [markdown]
# 前两行都到了下界，后两行没有。所以“每个生成器负责一个模式”是常见的结果，不是目标保证的结果。
# 那篇综述把余弦相似度写成它的主要损失，那其实是变体 MAD-GAN-Sim；正文的方法是上面的 $k+1$ 类分类，
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
inside = np.linalg.norm(samples[:, None] - modes, axis=2) < 3 * sick.data.std
with canvas(size=(4.4, 4.4)) as c:
    axis = c.axes[0, 0]
    axis.plot(*samples.T, ".", markersize=3, alpha=0.4)
    axis.plot(*modes.T, "o", color="#D55E00", fillstyle="none", markersize=11)
    for i, (right, up) in enumerate(1.35 * modes):
        count = f"模式 {i}\n{inside[:, i].sum()} 个"
        axis.text(right, up, count, ha="center", va="center")
    axis.set(xlim=(-3.4, 3.4), ylim=(-3.4, 3.4), aspect="equal")
    axis.set_title(f"3σ 内的样本；真数据每个约 {2500 / len(modes):.0f} 个")
c.picture

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
# MRGAN 十个种子都治好了。MAD-GAN 不管 2 个、4 个还是 8 个 $G$，一个种子也没有：
# 几个 $G$ 一齐追着同一个落后的 $D$ 跑，多几个 $G$ 帮不上忙（这是解释，没有单独量）。
# EBGAN 比不加药的好得多，只是多半的种子还差一两个模式；
# 去掉拉开项，治好的也是三个：在这里看不出拉开项的用处。
#
# MAD-GAN 换一套设定就学得会：`mad_gan_ring` 是 $D$ 走三步 $G$ 走一步，八个 $G$，每个只有 64 宽，
# 3,000 步（几处一起换的，分不出是哪一处的功劳）。可是各个 $G$ 分得并不干净。
# 看**纯度**：一个 $G$ 的样本有几成离它自己的主模式最近，对各个 $G$ 平均；各管各的是 1，
# 人人都学会全部约是八分之一。主模式是它的样本最多的那一个。

# %%
import json

results = json.loads((HOME / "configs/results.json").read_text("utf-8"))
many = [one["metrics"] for one in results["mad_gan_ring"]["seeds"].values()]
for key, title in {"modes/high_quality": "高质量", "generators/purity": "纯度"}.items():
    print(f"mad_gan_ring，{title}（各个种子）：" + "，".join(f"{one[key]:.2f}" for one in many))

# %% [markdown]
# ## 9.3 小批量判别 [§9.3]
#
# > Mode Collapse的解决方案 ——幻灯片 000（小批量判别）
#
# $D$ 逐个看样本：$G$ 交出 2,500 个一模一样的样本，一个一个看，个个像真的。
# 让 $D$ 看到同批的其他样本（Salimans 等，2016）。
# 设 $f(x_i)\in\mathbb R^A$ 是 $D$ 的最后一个隐层，
# $T\in\mathbb R^{A\times B\times C}$ 是要学的张量（$B$ 个核，每个 $C$ 维），
# $M_i=f(x_i)\,T\in\mathbb R^{B\times C}$：
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
# 不训练，只拿一个初始化好的 $D$（16 个 5 维的核），给它三批 64 个样本：真的、全在一个模式上的、
# 完全相同的。

# %%
setup = build(ring("minibatch_disc", 10, {"z_dim": 16, "num_kernels": 16}), seed=0)
inner, activation, layer, _ = setup.method.D
batch64 = setup.data.sample(64, np.random.default_rng(0))
one = setup.data.modes[0] + setup.data.std * np.random.default_rng(1).standard_normal((64, 2))
batches = {"真样本": batch64, "一个模式": one, "同一个点": np.tile(batch64[:1], (64, 1))}
for name, batch in batches.items():
    o = layer(activation(inner(paddle.to_tensor(batch.astype("float32")))))[:, -16:]
    print(f"{name}：o 的平均 {float(o.mean()):.2f}（最大可能 63）")

# %% [markdown]
# 一层线性就能把三批分开，$G$ 于是收到“彼此别太像”的梯度。两条注意：
#
# - $o$ 与批大小成正比，训练时与用 $D$ 打分时，要用同样大小的批；
# - 真样本和生成样本要**分两次**过 $D$。混成一批，$o$ 里就掺了对方，信号全乱。
#
# 换掉的只有 $D$ 的尾巴。$D$ 的损失与 GAN 只差一行注释，$G$ 的公式也相同：

# %%
show(MinibatchDisc.__init__)
compare(GAN.discriminator_loss, MinibatchDisc.discriminator_loss)

# %%
claim("minibatch_discrimination")

# %% [markdown]
# 代价是慢：每一对样本都要比。展台上用的是 4 个 3 维的核，每 1,000 步的用时仍是 GAN 的好几倍
# （9.6 的表）。ProGAN（Karras 等，2018）改用一个便宜的量，一组样本的标准差，
# 没有一个参数（配置 `minibatch_std_ring` 里 $G$ 只走五步，没有这个病）。
# 放到展台上，它治好九个种子，还有一个丢了两个模式；用时比小批量判别少得多（9.6 的表）。

# %% [markdown]
# ## 9.4 PacGAN；管住 D 的坡度：R1、R2、DRAGAN、SNGAN [§9.4]
#
# > Mode Collapse的解决方案 ——幻灯片 000（DRAGAN；PacGAN 与别的是我们补上的后来的做法）
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
ten = np.full(10, 0.1)
faults = {"丢了两个模式": np.r_[np.zeros(2), np.full(8, 0.125)]}
faults["没丢，只是不匀"] = np.r_[np.full(5, 0.06), np.full(5, 0.14)]
grown = {}
for name, q in faults.items():
    pm, qm, grown[name] = ten, q, []
    for _ in range(5):
        grown[name].append(0.5 * abs(pm - qm).sum())
        pm, qm = np.outer(pm, ten).ravel(), np.outer(qm, q).ravel()
    print(f"{name}：" + "，".join(f"m = {m} 时 {v:.4f}" for m, v in enumerate(grown[name], 1)))
print("公式 1 − 0.8^m：" + "，".join(f"{1 - 0.8**m:.4f}" for m in range(1, 6)))

# %%
with canvas(size=(6.0, 3.4)) as c:
    axis = c.axes[0, 0]
    for name, values in grown.items():
        axis.plot(range(1, 6), values, marker="o", label=name)
    axis.set(xlabel="一包 m 个", ylabel="总变差（越大越容易认出）", xticks=range(1, 6))
    axis.legend()
c.picture

# %% [markdown]
# 拖动 $m$。左图数的是一包里有几个来自生成得少的那五个模式，看真包与假包的两排柱子怎样分开：

# %%
from paddle_gan.teaching.knobs import packs

slide(packs, range(1, 11), "m", start=2)

# %% [markdown]
# 在这个例子里，$m=1$ 时两种毛病一样难认，打包以后“丢了模式”更显眼，$D$ 就更用力地罚它。
# （“不匀”的一条有时陡、有时平：最优的 $D$ 数一包里来自少的那一半的有几个，少于一个界就判假；
# 界只能是整数，随 $m$ 一跳一跳地变，四到五个之间就几乎是平的。）
# 代码只有一行 `reshape`：

# %%
show(PacGAN.pack)
compare(GAN.discriminator_loss, PacGAN.discriminator_loss)

# %% [markdown]
# 十个种子：

# %%
claim("packing")

# %% [markdown]
# 批大一倍、大三倍的 GAN 看过同样多的真样本，照样丢模式：起作用的是**打包**，不是数据多。
#
# 一包三个，十个种子也都治好。一包四个却一个也没有：十个种子都占全，模式没有丢，
# 可是居中的高质量只有 69%，不到 0.8 的线。走到一半时占 1% 以上的模式，
# 一包两个、三个、四个居中各是 8、7、1.5 个：包越大，走得越慢。
# 论文里一包四个也好，走的是 40 万步，这里是 2,000 步。
# 本章开头的 PacGAN2，就是一包两个的十个种子之一（种子 2）。
#
# ### R1、R2 与 R3GAN：罚梯度（Mescheder 等，2018；Huang 等，2025）
#
# $$
# L_D\mathrel{+}=\frac{\gamma_1}2\mathbb E_{x}\lVert\nabla D(x)\rVert^2
# +\frac{\gamma_2}2\mathbb E_{z}\lVert\nabla D(G(z))\rVert^2 ,
# $$
#
# $D$ 在这里指 logit。03 章在 Dirac-GAN 上算过：特征值从 $\pm\frac i2$ 变成
# $-\frac\gamma2\pm\sqrt{\frac{\gamma^2}4-\frac14}$，转圈变成收敛。
# 它与模式丢失的关系，通常这样解释（没有单独量）：$D$ 在两个模式之间的悬崖被抹平，
# 箭头伸得更远，离得远的样本也知道往哪走。
#
# 与 WGAN-GP 的差别：中心在 0，不在 1（均衡处 $D$ 应当是平的）；罚在数据上，不在连线上。
# R3GAN 再把交叉熵换成**相对**的损失，只比真与假的差：
#
# $$
# L_D=\mathbb E\big[-\log\sigma\big(D(x)-D(G(z))\big)\big]+\text{上面的两项罚},\qquad
# L_G=\mathbb E\big[-\log\sigma\big(D(G(z))-D(x)\big)\big].
# $$
#
# $G$ 的损失里也有真样本。作者的想法是：生成样本要比真样本的分数高才算赢，光过了 $D$ 的界线不够。
# 可是 9.1 里只换这个损失，一个也没有治好；R3GAN 灵，不能只归给它。

# %%
compare(GAN.discriminator_loss, R1.discriminator_loss)

# %% [markdown]
# ### DRAGAN 与 SNGAN
#
# **DRAGAN**（Kodali 等，2017，arXiv:1705.07215）只在真样本近旁罚，推向 1：
#
# $$
# L_D\mathrel{+}=\lambda\,\mathbb E\big[(\lVert\nabla D(x+\alpha\delta)\rVert-1)^2\big],\qquad
# \delta=c\cdot\mathrm{std}(x)\cdot U[0,1),\quad\alpha\sim U[0,1).
# $$
#
# $\mathrm{std}(x)$ 是整批的一个数，$\delta$ 逐维抽、只往正的一边：这是照作者的代码，
# 论文后来的版本用高斯扰动，没有 $\alpha$。
#
# **SNGAN**（Miyato 等，2018，arXiv:1802.05957）不加罚项：$D$ 每层的权重除以它最大的奇异值，
# $\bar W=W/\sigma(W)$，$D$ 的坡度就不超过 1（07 章算过）。损失也换成合页的（式 (16)、(17)）：
#
# $$
# L_D=\mathbb E\big[1-D(x)\big]_++\mathbb E\big[1+D(G(z))\big]_+,\qquad L_G=-\mathbb E[D(G(z))].
# $$
#
# WGAN-GP 也放上展台：它的前提是评论器比 $G$ 多走几步（07 章是五步），这里正相反，
# 所以量的是只换它的损失与罚项，治不治得好这一种病。

# %%
claim("gradient_penalties")

# %% [markdown]
# WGAN-GP 十个种子都治好，尽管它的评论器走得比 $G$ 少得多。可是它、$R_1+R_2$、R3GAN 与 SNGAN
# 的 $\beta_1$ 都是 0，而 $\beta_1=0$ 的 GAN 什么也不罚，就治好八个，十个都占全。
# 把 $R_1+R_2$ 的 $\beta_1$ 换回 0.5（$\beta_2$ 仍是 0.99），治好六个，另外四个至多剩一个模式，
# 没有过线。所以两样单独用，都比不加药的好：只罚，六个；只改 $\beta_1$，八个。
# 一起用，十个，可是十个与八个分不出高下。
#
# 罚真假两边的 $R_1+R_2$ 与 R3GAN，十个种子都治好；DRAGAN 八个；
# SNGAN 七个：它走到一半多半就占全了，走完却有三个种子又丢了模式。
# 再看 9.6 的表里“走到一半”的一列：罚梯度的那时多半还丢着几个模式，占全是在后一半；
# PacGAN2 早早就占全了。只改 $\beta_1=0$ 的 GAN 那时居中也是 4.5 个，
# 所以半路慢，不一定是罚梯度的缘故。
# 后一半学习率一路降到 0，是降学习率的功劳，还是只因为多走了一千步，
# 没有分开：罚梯度而不降学习率的组没有量。
# 一个是让 $D$ 看得见丢了什么，一个是让 $D$ 的坡平缓、$G$ 不至于一步扑过头，
# 这后一句也是解释，没有单独量。
#
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
# 训练几个互不相干的 GAN，采样时随机挑一个。设每个 GAN 都以概率 $c$ 覆盖某个模式，
# $n$ 个都漏掉它的概率是 $(1-c)^n$，
# 所以并起来的覆盖率期望是 $1-(1-c)^n$；各个不同时，换成 $1-\prod_i(1-c_i)$。
# 前提有两条：几个 GAN **互不相干**，各个模式又**一样难占**
# （环是对称的，八个模式没有分别）。有一个模式谁都难得占到，并起来也还是丢它。
# 量一量：展台上不加药的 GAN，八十个种子，八个一组，分成十组。旁边是同样的算力，
# 一个 GAN 走八倍的步数。

# %%
claim("ensemble")

# %% [markdown]
# 左上一格，$c_i$ 是第 $i$ 个 GAN 覆盖了几成。粗线（十次的平均）与虚线（公式）贴在一起：
# 环上的八个模式一样难占，并不是大家都爱丢同一个。要问的是下面一格：
# 同样的算力，练八个，还是练一个久的？
#
# - 练一个久的，要么八个全占，要么至多剩一个：十次里六次八个模式都有，高质量 95% 以上；
#   四次至多剩一个。
#   八个并起来，十次都有八个模式，样本却多半只有一半上下是好的。
# - **照本章的定义数，八个并起来一次也没有治好**（高质量最好的一次 78%），练一个久的治好六次。
#   集成保住的是模式，不是质量：混合的高质量由定义就是各个 GAN 的平均，要好的样本，先要每一个好。
# - 只数模式，八个并起来平均多 2.9 个，可是十次的起伏更大，所以判“不成立”：**分不出**。
#   这里有一个统计上的教训。先跑了五次，分不出，才又加了五次；十次合起来，95% 区间是 0.2 到 5.6，
#   刚刚不含 0。可是分不出就加、看着像了就停，早晚会碰上一次“不含 0”：看两次，误报就不止 5%。
#   所以两次各用宽一点的区间（97%：−0.2 到 6），合起来误报才是 5%（Pocock，1977），它含 0。
#   这个办法要在看数据之前就说好看两次，我们没有先说好，所以照它也还是从宽。
#   再者，十个差里六个是 0，四个是 7 或 8，这样一块一块的数，区间也只是近似。换一个不靠近似的算法：
#   把四个差的正负号随便翻，翻得一样大的机会是 2 / 16，12.5%，也是分不出。
# - 反向 KL 对分布是凸的，所以混合的不高于各个 GAN（按高质量的样本数加权）的平均；
#   各个丢的模式越不一样，降得越多。
# - 每个 GAN 的份额摊薄到八分之一：在一个里刚过 1% 的模式，混合以后可能又不到 1%。这十组没有碰上。

# %% [markdown]
# ## 9.6 总表 [§9.6]
#
# 先是展台上的全部组：同样的数据、$G$、步数、种子与学习率，例外写在名字里；各组换上那一种方法，
# 连同作者的损失与 Adam（差在哪里，点开前面各张图下面的三角看说明）。
# 除了治好的种子与末一列，数都是十个种子的中位数。“1 : 1，更新一样多”的步数是别组的 5.5 倍。

# %%
from IPython.display import Markdown

from paddle_gan.lab import EXPERIMENTS, cure_table
from paddle_gan.lab.runner import read_results

shown = read_results("cures", "full")
cost = cure_table.costs(min(50, total))  # 每 1,000 步的 CPU 秒数
Markdown(cure_table.table(shown, cost))

# %% [markdown]
# 秒数是刚才当场量的：各组的记录不是同一天跑的，机器忙闲不同，记录里的秒数不能上下比。
# 每组只走了五十步，几成的差别不要当真，几倍的可以。
#
# **自己的 GAN 出了毛病，看到什么，先试什么**：
#
# | 看到 | 先看哪两个数 | 多半是 | 先试 |
# |---|---|---|---|
# | 模式全有，样本却散 | 高质量是撒点的几倍；反向 KL | 还没学会，不是丢模式 | 多走些步，调学习率 |
# | 样本好，模式少 | 占 1% 以上；各模式的计数 | 挤在一处 | 先 $\beta_1=0$，再照下面的“第二、第三” |
# | 一次一个样，哪里也不停 | 高质量的曲线；损失大起大落吗 | 还在扫 | 更新次数调匀，多走几倍 |
# | 半路占全，走完又丢 | 占 1% 以上的曲线 | 没停在好的一步 | 留最好的一步（`metrics.best`） |
# | 不像真的，也不再变 | $D$(真)；$D$(假) | 判别器过强 | 07 章 |
#
# “先试”一栏里量过的是：$\beta_1=0$（治好八个）、更新次数调匀（六个，没有过线）、
# 下面的第二与第三（各十个）；其余是经验。
# 再看另一样也不换方法的，把更新次数调匀：

# %%
claim("even_updates")

# %% [markdown]
# “步数不变”只少更新了 $G$：居中有七个半模式，可是样本还散，居中的高质量 64%，只治好一个。
# $G$ 一共只更新了两千次，多半是没有练够。“更新一样多”的样本就好了：居中的高质量 96%，治好六个，
# 另外四个都只差一个模式。可是这一组走了 5.5 倍的步，$D$ 的更新、看到的真样本也都是 5.5 倍。
# 所以调匀更新次数，又相应地多走，病去了一大半，没有除根；
# $\beta_1$ 改成 0，只动一个数，更新次数还是十比一，治好八个：六个与八个分不出高下，只是线画在八个。
#
# 丢了模式，先照量到的排一排：治好的种子多的在前，一样多的不分先后。
# 没有过“八成的种子”这条线的，写在表下面。**这不是试的次序**，怎么试看表后。

# %%
failed = cure_table.left_out(shown)
Markdown(cure_table.order(shown, cost) + f"\n\n**没有过线**：{failed}。")

# %% [markdown]
# “改动”一栏要连着看：写了 $\beta_1=0$ 的几样，量的是**两处一起改**。只照 $L_D$ 加两项、
# $\beta_1$ 不动，治好的只有六个（写在没有过线的里面）。
#
# 治好 8 个与 10 个，十个种子其实分不出高下，所以先试便宜的：
#
# - **第一**，Adam 的 $\beta_1$ 改成 0：一个数，不多花时间；更新次数也可以调匀，步数要相应加几倍。
# - **第二**，PacGAN2：一行 `reshape`，半路就占全，治好 10 个。
# - **第三**，罚梯度（$R_1+R_2$、R3GAN、WGAN-GP，连同 $\beta_1=0$）：治好 10 个，$D$ 里不能有 BN。
# - **最后**，Unrolled：不动 $D$ 的结构与 $\beta_1$，治得也好，只是展开一步就贵好几倍。
# - 表里别的几样也过了线（MRGAN、PacGAN3、小批量判别各十个，小批量标准差九个，DRAGAN 八个），
#   治好的不比第二、第三多，前四样还要改网络或多用样本，不必先试。
#
# 这张表是八个高斯上的。二十五个高斯上，PacGAN2、$R_1+R_2$、R3GAN 也都过了线（下面有一格），
# **第一条却不够**：那里的 GAN 本来就是 $\beta_1=0$、更新 1 : 1，走 16,000 步三个种子没有一个占全，
# 走 32,000 步十个里也只有三个。在那里要直接从第二条起；别的数据没有这样量过，
# 三位数的图像上，不加药的看不出病，比不出次序，打包的反而落后（9.7 节）。
#
# 再看配置完整跑完的结果，这张表里是几个种子的**平均**；“撒点的几倍”是高质量除以前面那把尺子。

# %%
keys = ("covered", "covered_1pct", "high_quality", "reverse_kl")
wanted = ("gan_ring", "gan_ring_collapse", "gan_ring_greedy", "pac_gan_ring", "sngan_ring")
wanted += ("minibatch_disc_ring", "r1_ring", "unrolled_ring")
wanted += ("gan_grid", "pac_gan_grid", "r1_grid", "r3gan_grid")
table = ["| 配置（平均） | 种子 | 覆盖 | 占 1% 以上 | 高质量 | 反向 KL | 撒点的几倍 |"]
table.append("|---|--:|--:|--:|--:|--:|--:|")
for name in wanted:
    seeds = [one["metrics"] for one in results[name]["seeds"].values()]
    row = [np.mean([one[f"modes/{key}"] for one in seeds]) for key in keys]
    kind, modes_in = ("格", 25) if "grid" in name else ("环", 8)
    cells = [f"{row[0]:.3g} / {modes_in}", f"{row[1]:.3g} / {modes_in}"]
    cells += [f"{value:.3g}" for value in (*row[2:], row[2] / floor[kind])]
    table.append(f"| {name} | {len(seeds)} | " + " | ".join(cells) + " |")
Markdown("\n".join(table))

# %% [markdown]
# 这张表先读最后一列：**`gan_ring_collapse` 不到 1，还不如均匀撒点**，它的覆盖数不能当真。
# `gan_ring_collapse` 一直在扫来扫去，停下的那一刻多半不在任何一个模式上：
# 它覆盖了几个，全看扫到哪里。
# `gan_ring_greedy` 与 `sngan_ring` 的数与展台的不同：这里是几个种子（看“种子”一栏）的**平均**，
# 展台是十个种子的中位数。`sngan_ring`、`unrolled_ring`（只展开一步）、
# 没有列出的 `dragan_ring` 与 `lsgan_ring`
# 不是每个种子都占全、高质量都到 0.8，所以不在 README 的表里。
#
# **二十五个高斯。** 最后四行是格：模式多了，网络大一号（3 × 256），批 256，走 16,000 步，
# 学习率后一半降到 0，四个配置都一样，$\beta_1$ 也都是 0，只差解药。平均会盖住丢了几个，
# 所以一个种子一个种子地看：

# %%
for name in ("gan_grid", "pac_gan_grid", "r1_grid", "r3gan_grid"):
    seeds = [one["metrics"] for one in results[name]["seeds"].values()]
    each = {key: [one[f"modes/{key}"] for one in seeds] for key in keys[1:]}
    print(f"{name:12}  占 1% 以上：" + "、".join(f"{v:.0f}" for v in each["covered_1pct"]), end="")
    print("；高质量：" + "、".join(f"{v:.0%}" for v in each["high_quality"]), end="")
    print("；反向 KL：" + "、".join(f"{v:.3f}" for v in each["reverse_kl"]))

# %%
from paddle_gan.metrics.modes import box_around

wide = Lesson.shipped("r1_grid")
square = box_around(wide.data.modes, wide.data.std)
spots = np.random.default_rng(0).uniform(*square, (2500, 2))
panels = {"R1 + R2": wide.samples(2500), "均匀撒点": spots}
points(panels, wide.data.sample(1000, np.random.default_rng(0)), wide.data.modes, wide.data.std)

# %%
curves(wide, "modes/covered_1pct", "modes/high_quality", "modes/reverse_kl")

# %% [markdown]
# 圈小，二十五个合起来约是方框的 2.45%，撒点的高质量也就这么多（图上这 2,500 个碰巧少一点）。
# 看印出来的：
#
# - 普通的 GAN 样本的质量一点不差，病在**丢模式**：三个种子没有一个占全，最坏的一个有九个占不到 1%。
# - **PacGAN2 三个种子都占全**，反向 KL 也最小，份额最匀；代码只多一行 `reshape`。
#   它每步看两批真样本，这张表没有扣掉，下面那一格扣掉了。
# - $R_1+R_2$ 与 R3GAN 各有两个种子二十五个全占到，还有一个差一个；反向 KL 也小。
# - 步数一样，时间不一样：照下面那一格的 CPU 秒数（一个线程）折算，打包的约多三成，
#   罚梯度的约多七八成；[结果](../docs/结果.md)里的分钟是两个线程的，比例不同。
# - 三个种子只够说到这里：三种解药谁好，分不出。步数很要紧：看曲线（一个种子），到一半占了 17 个，
#   高质量约五成；学习率降下去的后一半，才补齐剩下的，高质量到九成半。
#
# 把这些时间给普通的 GAN 多走些步，够不够？让它走 32,000 步：看的真样本与 PacGAN2 一样多，
# 居中的时间比哪一组都多。十个种子：

# %%
claim("grid25")

# %% [markdown]
# 多走一倍，GAN 的样本最好（居中 97%），模式居中只差一个，最坏的差五个；十个种子里有三个自己占全了：
# **多走一倍有用，还是不够**（走得更久没有量；写判据时要求它居中最多占 24 个，量到的恰好是 24：
# 病得很轻）。
# 这里的“治好”是二十五个都占 1% 以上、高质量不低于 0.9。
# 三样解药居中用的时间更少，PacGAN2 治好十个，$R_1+R_2$ 与 R3GAN 各九个（没治好的都只差一个模式）；
# 九个与十个，分不出高下。图上有几个种子落在“真实数据”线的左边，不是比真的还匀：
# 真数据抽 2,500 个，反向 KL 也约有 0.005，有高有低。
# 次序与 PacGAN 论文一致：那里 GAN 17.3 个，PacGAN2 23.8 个。
#
# 论文发表的数，另放一张（VEEGAN 是 Srivastava 等，2017；ProGAN 是 Karras 等，2018）：

# %%
table = ["| 实验 | 量 | 发表的数 | 协议 | 出处 |", "|---|---|---|---|---|"]
for name in ("unrolled", "minibatch_discrimination", "packing", "gradient_penalties", "grid25"):
    for one in EXPERIMENTS[name].published:
        table.append(f"| {name} | {one.what} | {one.value} | {one.protocol} | {one.source} |")
Markdown("\n".join(table))

# %% [markdown]
# 与发表的数只比**方向和次序**：网络与步数不同；同叫“八个高斯的环”，
# 各家的半径、$\sigma$、取样的个数、什么算高质量也不一样。

# %% [markdown]
# ## 9.7 图像上的一千个模式：三位数 [§9.7]
#
# > Mode Collapse的解决方案 ——幻灯片 000（这里把解药放到图像上）
#
# 平面上的模式数得清，图像上也有一份数得清的：三个随机的数字叠成红、绿、蓝三个通道
# （stacked MNIST，Unrolled、VEEGAN、PacGAN 的论文都用它），就是 000 到 999 的一个三位数，
# 1,000 个模式，各一样多。随包的 `stacked_digits` 用 4,000 张训练数字边训练边拼，
# 拼法有 $4000^3$ 种，整张图背不完（可是各通道独立，一个一个记住单个的数字还是骗得过去，见下）。
# 这里缩到 16 像素：28 像素的试过一个种子，89 秒 CPU 还画不出数字。

# %%
from paddle_gan.data import StackedDigits
from paddle_gan.data.batches import Labeled

triples = StackedDigits(size=16)
drawn = triples.batch(Labeled, (np.arange(8),), np.random.default_rng(1))
print("类别：" + "，".join(f"{label:03d}" for label in drawn.labels))
planes = {color: drawn.x[:, [k]] for k, color in enumerate("红绿蓝")}
rows_of_images({"叠起来": drawn.x} | planes)

# %% [markdown]
# 生成的图没有标签，请裁判 LeNet 一个通道一个通道地认，再数两样：**种数**，
# 1,000 种里出现了几种；**反向 KL** $\sum_k\hat p_k\log(1000\,\hat p_k)$，
# 直方图离均匀多远，只剩一种时是 $\log 1000\approx6.9$。样本有限，真图的反向 KL 也不是 0，
# 期望约为 $\frac{K-1}{2n}$。这两样都只看分到哪一类，看不见像不像，所以再添两样。
# **拿得准**：裁判给的最大概率到了 0.9（真图缩到 16 像素再放大，也只有 66%）。
# **FD-LeNet**：两堆图的 LeNet 特征，均值与协方差差多远，越小越像（第 10 章）。

# %%
from paddle_gan.lab import stacked

print(f"25,600 个样本，抽样本身就有的反向 KL 约 {999 / (2 * 25_600):.4f}")
for name, row in stacked.rows_beside().items():
    if len(row) > 1:
        print(f"{name}：{row['covered']:.0f} 种，反向 KL {row['reverse_kl']:.3f}", end="")
        print(f"，拿得准的通道 {row['sure']:.0%}，逐通道的 FD-LeNet {row['fd_lenet']:.1f}")

# %% [markdown]
# 三样什么也没学会的，各骗过一两个量：
#
# - 每个数字只记住一张图，随机一拼，1,000 种一种不少，反向 KL 与真图一样。
# - 每个通道是两个数字的平均，人认不出是几，裁判照样归类，归出九百多种：
#   **种数多，不等于占住了那么多模式**。反向 KL 看得出，FD-LeNet 也看得出。
# - 均匀噪声，裁判几乎个个拿得准（都当成同一个数）。
#
# 所以种数、反向 KL、FD-LeNet 三个一起看；FD-LeNet 比“两个数字的平均”还远的，不算画出了数字。
# 三样合起来，也拦不住第一种：它的 FD-LeNet 在线内。同一个三位数有几个样子，这里没有量。
#
# 量一量：DCGAN、PacDCGAN2（一包两张，判别器的输入是六个通道）、RpGAN + R1 + R2，
# 给同样多的 CPU 时间（PacGAN 每步要取两批，走得慢，步数就少）。

# %%
claim("stacked_digits")

# %% [markdown]
# 读这一格：
#
# - 三组都过了先定的线（FD-LeNet 比“两个数字的平均”近），种数都在九百八十以上：
#   **数种数，看不出 DCGAN 丢了模式**。可是裁判拿得准的通道只有百分之几（真图 66%），
#   与“两个数字的平均”的 4% 几乎没有差别：数字还没有画清楚，这些种数要打折扣。
# - 没有病，就看不出药：所以结论是**没有量成**，不是药不灵。
#   PacGAN 论文自己跑的 DCGAN 是 78.9 种、反向 KL 4.50（它引的 VEEGAN 的数是 99 种、3.40），
#   打包以后 1,000 种、0.06；这个次序没有重现，是网络、步数、图的大小还是数据的缘故，没有拆开。
# - PacDCGAN2 反而落后，FD-LeNet 也大。同样的时间它少走三分之一的步；可是 RpGAN + R1 + R2
#   走得还少一点，并没有落后，所以不能全怪步数少。为什么，没有拆开。
# - RpGAN + R1 + R2 与 DCGAN 差不多。
#
# 所以数模式之前，先看两样：**不加药的那一组病了没有，样本像不像**。环上也是这两样。

# %% [markdown]
# ## 弄坏它
#
# PacGAN 的一包必须是 $m$ 个**独立**的样本。下面只改一处：训练时，一包里的两个生成样本用同一个 $z$。
# 这像是无害的偷懒（少采一半噪声）。设定、种子与随包的 `pac_gan_ring` 相同，走完全程，看看会怎样。

# %%
from paddle_gan.lab.training import samples_of
from paddle_gan.lab.training import train as train_setup
from paddle_gan.monitor.diagnose import diagnose


class TwinPac(PacGAN):
    def noise(self, n):
        return super().noise(n).repeat_interleave(2, axis=0)[:n]  # 相邻两个共用 z


def look(step, logs, _):
    log.append({"step": step} | logs)
    if step % 200 == 0:  # 随包的记录里也有模式与高质量
        log[-1] |= mode_report(samples_of(setup), data.modes, data.std)


# %%
setup, log = build(configured("pac_2", total), seed=2), []
twin = setup._replace(method=TwinPac(setup.method.networks, setup.method.hparams))
train_setup(twin, total, hooks=[look])
broken = {"正确（随包）": well.samples(2500), "同一个 z": samples_of(setup)}  # 取样时各用各的 z
for (name, dots), told in zip(broken.items(), (well.records, log)):
    recent = [one for one in told if one["step"] > 0.8 * total]
    right, wrong = (np.mean([one[f"prob/{side}"] for one in recent]) for side in ("real", "fake"))
    times = mode_report(dots, data.modes, data.std)["modes/high_quality"] / floor["环"]
    print(f"{name}：D(真) {right:.2f}，D(假) {wrong:.2f}；高质量是撒点的 {times:.1f} 倍", end="")
    blind = [{k: v for k, v in one.items() if not k.startswith("modes/")} for one in told]
    print(f"；诊断：{diagnose(told).title()}；只给它损失与概率：{diagnose(blind).title()}")
points(broken, real, data.modes, data.std)

# %% [markdown]
# 真的一包里两个样本几乎从不相同，假的一包里两个永远相同。$D$ 不必看样本像不像，
# 只要看“两个一样不一样”，$G$ 怎样改也改不掉这一点。
# 症状：$D(真)-D(假)$ 比正确的写法大得多，走完时没有一个好样本（看上面的数与图）。
# 这是往“判别器过强”走的样子。**诊断只看给它的曲线**：有高质量，它就说没有学会；
# 只给损失与概率，它说“正常”，因为相差没有到它的界限 0.9，样本全错了它也看不见。
# 所以训练时要让 `metrics` 开着，损失之外还要看样本。
#
# 别处的同类错误：
#
# - 小批量判别里，把真样本与生成样本混成一批；
# - 小批量判别里，有放回地取真样本，同一个样本在一批里出现两次；
# - 笔记 004 的 WGAN 代码，五次评论器更新用的是同一批真样本。

# %% [markdown]
# ## 小结
#
# | 类 | 方法 | 作用在哪里 | 改了什么 | 代价 |
# |---|---|---|---|---|
# | 看 D 的后几步 | Unrolled | $L_G$ | $G$ 对付 $k$ 步之后的 $D$ | 1 步慢四到十倍，5 步几十倍 |
# | 换损失 | LSGAN、RpGAN | $L_D$、$L_G$ | 平方；只比真与假的差 | 没过线（2 / 10、0 / 10） |
# | 改结构 | MAD-GAN | $G$、$D$ 的输出 | $k$ 个 $G$，$k+1$ 类 | $k$ 个生成器；没过线（0 / 10） |
# |  | MRGAN | $L_G$ | 加编码器，从真样本出发 | 多一个网络 |
# |  | EBGAN | $D$、$L_D$、$L_G$ | $D$ 是自编码器，编码拉开 | 调间隔 $m$；没过线（3 / 10） |
# | 看一包、看一批 | 小批量判别 | $D$ 的末层 | $D$ 看同批有多像 | 与批大小绑定；慢 |
# |  | 小批量标准差 | $D$ 的末层 | $D$ 看一组样本有多散 | 与批大小绑定 |
# |  | PacGAN | $D$ 的输入 | $D$ 看 $m$ 个拼成的一包 | 真样本用量乘 $m$；4 个没过线 |
# | 管住 D 的坡度 | $R_1$、$R_2$、DRAGAN | $L_D$ | 加罚梯度的项 | 二阶导；不能有 BN |
# |  | WGAN-GP | $L_D$、$L_G$ | 换成 W 距离的损失，加罚梯度的项 | 同上 |
# |  | R3GAN | $L_D$、$L_G$ | 相对的损失，加 $R_1$、$R_2$ | 同上 |
# |  | SNGAN | $D$ 的权重、$L_D$、$L_G$ | 权重除以最大的奇异值 | 慢一倍；没过线（7 / 10） |
# | 集成 | 几个 GAN 混合 | 取样 | 采样时随机挑一个 | 算力乘 $n$，质量不变 |
#
# 罚梯度的与 SNGAN，展台上量的除了 DRAGAN 都连着 $\beta_1=0$；$R_1+R_2$ 不改 $\beta_1$，只治好六个。
# 先做最便宜的：Adam 的 $\beta_1$ 改成 0，$G$、$D$ 的更新次数调匀、步数相应加几倍（03 章），
# 再换方法；
# 二十五个高斯上，这两样都做了还是不够，PacGAN2、$R_1+R_2$、R3GAN 够（9.6 节）。
# 判断治没治好，**占 1% 以上的模式**与**高质量**要一起看，还要看几个种子。

# %% [markdown]
# ## 一段历史
#
# 崩溃这个词还没有定下来的时候，药方已经开了好几张。2016 年 6 月 Salimans 等人的小批量判别
# （arXiv:1606.03498）让 D 看得到同批的样本；9 月的 EBGAN（arXiv:1609.03126）把编码拉开；11 月的
# Unrolled（arXiv:1611.02163）让 G 多看几步；12 月的 MRGAN（arXiv:1612.02136）从真样本出发，逼 G
# 走到每一处。2017 年又有 MAD-GAN（arXiv:1704.02906）与 DRAGAN（arXiv:1705.07215）。
#
# 药多了，就要有公平的秤。2017 年 5 月的 VEEGAN（arXiv:1705.07761）在环与格子上数模式，年底的
# PacGAN（arXiv:1712.04086）也数。可是同叫“八个高斯”，普通 GAN 在前者的表里是 1 个，在后者的表里
# 是 6.3 个：半径、方差、网络、步数都不同。这就是本章把所有的药放到同一个病人身上的原因，也是为什
# 么别人表里的数不能抄进同一列。
#
# 同时有人问得更深：D 的大小有限，它根本看不出 G 的支撑集有多小（Arora
# 等，arXiv:1703.00573）。PacGAN 的回答最省事：让 D 一次看两个。
#
# 最后留下来的却不是这些专门的药。2018 年 Mescheder 等人（arXiv:1801.04406）只罚 D 的梯度；2025 年
# 的 R3GAN（arXiv:2501.05441）用相对的损失加 $R_1$、$R_2$，别的窍门都去掉，堆叠 MNIST 的 1,000 个
# 模式一个不少。我们的展台上，$R_1+R_2$ 与 R3GAN 也都是十个种子全治好；
# 一起全治好的还有一包两个、三个的 PacGAN、小批量判别、展开五步、十步的 Unrolled、MRGAN 与 WGAN-GP。
# 可是八个高斯上只把 $\beta_1$ 改成 0，
# 也治好了八个；二十五个高斯上这就不够了（9.6 节）。

# %% [markdown]
# ## 练习

# %% [markdown]
# **9.1** xy 博弈，展开 $k$ 步，虚拟步长 $\eta=0.1$，真实步长 $\alpha=0.5$（同时更新，
# 穿过虚拟更新）。能收敛的 $k$ 一共有几个？（一个整数）

# %%
answer = None  # 换成你的答案
check("9.1", answer)

# %% [markdown]
# **9.2** 生成分布丢了四分之一的模式，其余均匀。一包至少几个，最优的 $D$ 才有九成以上的正确率？
# （一个整数）

# %%
answer = None  # 换成你的答案
check("9.2", answer)

# %% [markdown]
# **9.3** 一批 64 个样本，一半全同于 $a$，一半全同于 $b$，$a$ 与 $b$ 的 $M$ 相距很远。
# 过小批量判别层，每个 $o_b$ 约是多少？（一个整数）

# %%
answer = None  # 换成你的答案
check("9.3", answer)

# %% [markdown]
# **9.4** 写一个函数 `f(k)`：真数据是八个等重的模式，MAD-GAN 的 $k$ 个 $G$ 全挤在其中一个上，
# $D$ 最优，9.2 的 $V$ 是多少？（一个函数）

# %%
answer = None  # 换成你的答案
check("9.4", answer)

# %% [markdown]
# **9.5** 八个高斯上的一次训练：高质量 0.03，覆盖 8 / 8，反向 KL 0.05。治好了吗？
# （A）治好了，八个模式都覆盖；（B）治好了，反向 KL 接近 0；（C）没有，与均匀撒点一个样；
# （D）没有，挤在一个模式上了。

# %%
answer = None  # 换成你的答案
check("9.5", answer)

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
# | 及格 | `modes/covered_1pct` ≥ 8，`modes/high_quality` ≥ 0.91 | `r1_ring` | 0.5 |
# | 良好 | `modes/covered_1pct` ≥ 8，`modes/high_quality` ≥ 0.93 | `pac_gan_ring` | 0.5 |
# | 优秀 | `modes/covered_1pct` ≥ 25，`modes/high_quality` ≥ 0.94 | `r1_grid` | 2.0 |
#
# - **及格** 病人是 `gan_ring_greedy`；更新的次数不许改，只许换药。
# - **良好** 罚梯度管的是每一点的坡度，这里要让 D 看出“一批样本太像了”。
# - **优秀** 二十五个高斯，病人是 `gan_grid`，步数不许加。PacGAN 论文的 PacGAN4 有 24.8 ± 0.2 个、
# 93.6%（arXiv:1712.04086），走了 40 万步；这里 16,000 步多半够，看你在 D 的损失里添什么。

# %% [markdown]
# ## GPU
#
# 二维的设定 CPU 就够。要跑完整步数、更多种子：
#
# ```bash
# python tools/train.py -c configs/unrolled_ring.yml --seed 1
# python tools/train.py -c configs/r1_grid.yml --seed 1
# python tools/lab.py run cures
# ```
#
# 最后一条的记录已经随包，不会重算；要自己从头量，先把 `paddle_gan/lab/results/full/` 里的
# `cures.jsonl` 移走，一个线程七个多小时，多半花在展开五步、十步的上面。
#
# ## 延伸阅读
#
# - Metz 等，*Unrolled Generative Adversarial Networks*，arXiv:1611.02163。
# - Zhao 等，*Energy-based Generative Adversarial Network*，arXiv:1609.03126。
# - Salimans 等，*Improved Techniques for Training GANs*，arXiv:1606.03498，§3.2 小批量判别。
# - Karras 等，*Progressive Growing of GANs for Improved Quality, Stability, and Variation*，
#   arXiv:1710.10196，小批量标准差。
# - Lin 等，*PacGAN: The power of two samples in generative adversarial networks*，
#   arXiv:1712.04086。
# - Mescheder 等，*Which Training Methods for GANs do actually Converge?*，arXiv:1801.04406。
# - Huang 等，*The GAN is dead; long live the GAN! A Modern GAN Baseline*，arXiv:2501.05441，
#   R3GAN。
# - Kodali 等，*On Convergence and Stability of GANs*，arXiv:1705.07215（DRAGAN）。
# - Miyato 等，*Spectral Normalization for Generative Adversarial Networks*，arXiv:1802.05957。
# - Ghosh 等，*Multi-Agent Diverse Generative Adversarial Networks*，arXiv:1704.02906。
# - Che 等，*Mode Regularized Generative Adversarial Networks*，arXiv:1612.02136。
# - Srivastava 等，*VEEGAN: Reducing Mode Collapse in GANs using Implicit Variational Learning*，
#   arXiv:1705.07761。
# - 讲义背后的公开课：003 的 Tip: Ensemble 在它
# 的[第二段录像](https://www.youtube.com/watch?v=ZBY1shLnhUk)里；003 还链接了
# [GAN Zoo](https://github.com/hindupuravinash/the-gan-zoo) 与
# [ganhacks](https://github.com/soumith/ganhacks)。
#
# 接着打开 `10_生成的评估.ipynb`：图像上没有真模式可数，怎样知道丢没丢。
