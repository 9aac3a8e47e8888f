# %% [markdown]
# # 10 生成的评估
#
# **学完你能**
# 1. 推出 IS、FID、KID、精度与召回各在比什么，说出每一个怎样被一个假的生成器骗过。
# 2. 用最近距离比、1 近邻检验与生日检验认出照抄，并说出“没有重复”为什么不等于多样。
# 3. 写报告时挑出该报的几个数，配上张数、下限与什么也不学就有的分，避开移植评测代码时的几种错。
#
# **CPU 用时** 约 2 分钟
#
# **先读** 01（GAN 的想法）、02（散度）。数模式的一节与第 09 章有关，不读也能懂。

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
# ## 先看六个“生成器”
#
# 一行一个：真图、练好的 GAN（随包的 `digits_best`，完整训练）、现场只练 2,000 步的 GAN、
# 每类只会画一张的、逐张照抄训练集的、对着分类器调出来的噪声。前两行之外，谁最差？
# 两个 GAN 不只是步数不同：`digits_best` 是卷积网络加 R1 与滑动平均，现场的是全连接的。

# %%
import numpy as np

from paddle_gan.lab.fooled import confident_noise, digits
from paddle_gan.metrics import digit_features

(train_x, train_y), (test_x, _) = digits("train"), digits("test")
good = Lesson.shipped("digits_best")
short = train("gan_digits", "total_steps=2000", "metrics.every=1000", name="10_short")
train_f, train_p = digit_features(train_x)
best = [np.flatnonzero(train_y == c)[train_p[train_y == c, c].argmax()] for c in range(10)]

# %%
COUNT, rng = 500, np.random.default_rng(0)  # 每样给这么多张；参照是测试集里另外的 500 张
order, (held, other) = rng.permutation(len(train_x)), np.split(rng.permutation(test_x), 2)
fakes = {
    "真图": held,
    "练好的 GAN": good.samples(COUNT),
    "练 2,000 步的 GAN": short.samples(COUNT),
    "每类一张": train_x[np.resize(best, COUNT)],
    "照抄训练集": train_x[order[:COUNT]],
    "调出来的噪声": np.resize(confident_noise(40, 0, 30), (COUNT, 1, 28, 28)),
}
rows_of_images({name: x[:10] for name, x in fakes.items()})

# %% [markdown]
# 眼睛一看就知道：噪声不是字，每类一张单调，照抄没有创造。指标看得出来吗？

# %%
from paddle_gan.metrics import (
    class_score,
    density_coverage,
    fit_pca,
    frechet_distance,
    nearest_ratio,
    one_nn_accuracy,
    precision_recall,
    project,
)

# %%
real_f, pixels = digit_features(other)[0], train_x.reshape(-1, 784)
pca = fit_pca(pixels, 64)
seen, unseen = project(pixels, *pca), project(other.reshape(-1, 784), *pca)
features, rows = {}, {}
for name, x in fakes.items():
    features[name], p = f, p = digit_features(x)
    near, flat = precision_recall(f, real_f), project(x.reshape(-1, 784), *pca)
    row = {"把握": p.max(axis=1).mean(), "IS": class_score(p, 1)[0]}
    row |= {"FD": frechet_distance(f, real_f), "精度": near[0], "召回": near[1]}
    row |= {"覆盖": density_coverage(f, real_f)[1], "最近距离比": nearest_ratio(flat, seen, unseen)}
    # 1 近邻的参照是另外 500 张训练图，不是它抄的那些
    rows[name] = row | {"1 近邻": one_nn_accuracy(flat, seen[order[COUNT : 2 * COUNT]])}

# %%
better = dict(zip(row, "↑↑↓↑↑↑→→")) | {"1 近邻": "→"}
score_table(rows, better, honest=["练好的 GAN", "练 2,000 步的 GAN"])

# %% [markdown]
# 涂色的格子，是假的得分**不比真图差**（差不到一成）的地方；→ 是越接近真图的得分越好。竖着看：
#
# - **把握与 IS** 夸噪声、夸每类一张：它们只问分类器认不认得。
# - **FD、精度、召回、覆盖、1 近邻** 夸照抄：它们问的是像不像、全不全、分不分得开，
#   照抄又像又全，与另外的训练图分不开。
# - **最近距离比** 揪得出照抄与每类一张（也是抄来的），可是它说不出画得好不好。
#
# 两个练出来的 GAN 没有涂色，也要看：只练 2,000 步的，精度并不比练好的低多少，甚至更高；
# 它丢掉了大半的花样，要看召回与覆盖才知道。
#
# **没有一列自己就够。** 本章一列一列地讲它在算什么、怎样被骗，最后给一张该报哪几个数的单子。
#
# ## 10.1 IS：概率越集中越好？ [§10.1]
#
# > 一个分类系统，概率越集中，效果越好 ——笔记 001
#
# 分类器看一张图，给出 $p(y|x)$。笔记的意思是：认得清（$p(y|x)$ 集中）就是画得好。
# 只看这一条，只会画一个 0 的生成器最好。所以 IS（Salimans 等，2016）再加一条：
# 平均起来 $p(y)=\mathbb E_x\,p(y|x)$ 要**散**，各类都有。两条合成一个数：
#
# $$
# \mathrm{IS}=\exp\Big(\mathbb E_x\,\mathrm{KL}\big(p(y|x)\,\|\,p(y)\big)\Big)
# =\exp\big(H(y)-H(y|x)\big)=e^{I(x;y)} .
# $$
#
# 中间一步把 KL 拆开：
# $\mathbb E_x\sum_y p(y|x)\log p(y|x)-\mathbb E_x\sum_y p(y|x)\log p(y)=-H(y|x)+H(y)$。
# 所以 IS 就是图与类别的**互信息**取指数。$H(y)\le\log K$、$H(y|x)\ge0$，上限是 $K$，
# 在“每张都确定、各类一样多”时取到。**互信息里没有一个字说类内**：每类一张就满分。

# %%
for name, kinds in {"十类，确定": 10, "一类，确定": 1}.items():
    certain = np.eye(10)[np.arange(1000) % kinds]
    print(f"{name}：IS = {class_score(certain, 1)[0]:.2f}")
unsure = np.full((1000, 10), 0.1)
print(f"谁也认不出：IS = {class_score(unsure, 1)[0]:.2f}")

# %% [markdown]
# 五个种子的结论（每样 1,000 张）：

# %%
claim("confident_fakes")

# %% [markdown]
# 噪声是沿着 LeNet 输入的梯度走出来的：分类器很有把握，人却什么也看不见。
# 把握这一项其实不调也骗得过：均匀噪声 LeNet 全认作同一类，把握 99.6%；
# 要连 IS 一起骗过（十类都有），才要调。还要记住三件事：
#
# - 只有用 ImageNet 上的 Inception-v3 算的才叫 IS；这里的叫 **IS-LeNet**，两者不能比。
#   LeNet 训练时用了标签平滑，真图上的把握平均约 0.96，所以真图也到不了 10。
# - 分成几份（splits）各算再平均；一份不到几百张就偏小，张数比份数还少就报错。
# - 它**不看真图**：真图长什么样，和这个数没有关系。
#
# ## 10.2 FID：两团特征差多远 [§10.2]
#
# > FID …… 单纯和训练集里的图像相同 ——笔记 001
#
# 换一个看真图的：真假两批图各过一个网络，取倒数第二层的特征，各配一个高斯，量两个高斯的距离。
# 先看一维。把 $N(\mu_1,\sigma_1^2)$ 搬成 $N(\mu_2,\sigma_2^2)$，最省力的搬法是
# $x\mapsto\mu_2+\frac{\sigma_2}{\sigma_1}(x-\mu_1)$（06 章：一维按次序搬），每点搬动的平方平均是
#
# $$
# W_2^2=(\mu_1-\mu_2)^2+(\sigma_1-\sigma_2)^2 .
# $$
#
# 多维的同一件事（Dowson 与 Landau，1982）就是 FID（Heusel 等，2017）：
#
# $$
# d^2=\lVert\mu_1-\mu_2\rVert^2+\mathrm{Tr}\big(\Sigma_1+\Sigma_2-2(\Sigma_1\Sigma_2)^{1/2}\big).
# $$
#
# 注意惯例返回 $d^2$，不开方。库里不用 `sqrtm`：去了均值的特征除以 $\sqrt{n-1}$，QR 分解得 $R$，
# 于是 $\Sigma=R^\top R$。$\Sigma_1\Sigma_2=R_1^\top(R_1R_2^\top)R_2$ 与
# $(R_1R_2^\top)(R_1R_2^\top)^\top$ 的非零特征值相同，后者的特征值是 $R_1R_2^\top$ 奇异值的平方；
# 所以 $\mathrm{Tr}(\Sigma_1\Sigma_2)^{1/2}$ 就是 $R_1R_2^\top$ 的奇异值之和，协方差奇异也算得出。

# %%
show(frechet_distance)

# %% [markdown]
# **张数越少，FD 越大，真图也一样。** 先看均值的一项。两批各 $n$、$m$ 张，来自同一个分布，
# 真的均值相同，可是样本均值各有误差：
#
# $$
# \mathbb E\lVert\bar x-\bar y\rVert^2=\mathrm{Tr}\,\Sigma\Big(\frac1n+\frac1m\Big) .
# $$
#
# 协方差的一项同理，误差也是 $1/n$ 的量级。所以 $\mathrm{FD}_n\approx\mathrm{FD}_\infty+b/n$
# （$n$ 要比特征的维数 84 大得多），斜率 $b$ 还**随模型变**。下面照这个式子外推；
# 参照照 FID 的惯例用训练集，真图用 LeNet 没有训练过的测试集，点是平均，竖线是标准差：

# %%
sizes, pools = np.array([250, 350, 500, 700]), {"没见过的真图": test_x}
pools["练好的 GAN"] = good.samples(3000, seed=1)
with canvas(2) as c:
    for axis, (name, x) in zip(c.axes[0], pools.items()):
        pool = digit_features(x)[0]
        draws = [[pool[rng.permutation(len(pool))[:n]] for _ in range(8)] for n in sizes]
        found = np.array([[frechet_distance(d, train_f) for d in one] for one in draws])
        slope, limit = np.polyfit(1 / sizes, found.mean(axis=1), 1)
        axis.errorbar(1 / sizes, found.mean(axis=1), found.std(axis=1), fmt="o")
        axis.plot([0, 1 / sizes[0]], [limit, limit + slope / sizes[0]], "--")
        axis.set(title=f"{name}：FD ≈ {limit:.2f} + {slope:.0f} / n", xlabel="1 / n")
        axis.axhline(0, color="gray")
c.picture

# %% [markdown]
# 两格都近似直线，横线是 0；真图外推到 $1/n=0$ 约是 0（有误差，可以略小于 0）。
# 真图的一格在 250 张时也远不是 0，这就是**下限**。两格的斜率不一样，
# 所以一家用 500 张、另一家用 5,000 张，两个数不能比。规矩是：两边的张数固定；
# 旁边写同样张数的真图；与论文比，张数、网络、权重、参照（训练集还是测试集）要一样。
# FID 的原作者要至少 10,000 张，通行 50,000 张；这里的数字是 FD-LeNet，与论文里的 FID 不能比。
#
# 第二个毛病更要命：**照抄者得高分**。

# %%
claim("memoriser")

# %% [markdown]
# 照抄的 FD 比没见过的真图还小：参照就是训练集，抄训练集当然最近。换测试集作参照（第一张表），
# 照抄占不到便宜，与没见过的真图打平，可是也看不出它在抄。要靠 10.5 的最近距离比。
#
# ## 10.3 KID：张数少也不偏 [§10.3]
#
# > Objective Evalution ——笔记 003
#
# FD 只看均值与协方差，还随张数偏。KID（Bińkowski 等，2018）用最大均值差异：取一个核 $k$，
#
# $$
# \mathrm{MMD}^2=\mathbb E\,k(x,x')+\mathbb E\,k(y,y')-2\,\mathbb E\,k(x,y),\qquad
# k(x,y)=\Big(\frac{x^\top y}{d}+1\Big)^3 .
# $$
#
# 三项各是一个期望，用**不同的**两个样本的平均去估（$i\ne j$），每一项都无偏，所以和也无偏；
# 代价是同分布时它在 0 上下跳，可以是负的。三次的核展开，正好比较一、二、三阶矩：
# 比 FD 多看一阶。先看偏不偏：

# %%
from paddle_gan.metrics import kernel_distance

small, bias = np.array([50, 100, 200, 500]), {"FD": [], "KD": []}
for n in small:
    draws = [train_f[rng.permutation(len(train_f))[: 2 * n]] for _ in range(60)]
    bias["FD"].append([frechet_distance(d[:n], d[n:]) for d in draws])
    bias["KD"].append([kernel_distance(d[:n], d[n:]) for d in draws])
for name, values in bias.items():
    said = [f"{n} 张 {np.mean(v):.2f} ± {np.std(v) / 60**0.5:.2f}" for n, v in zip(small, values)]
    print(f"真图对真图，{name}（平均 ± 标准误）：", "，".join(said))
    print(f"    一次量的标准差：{small[1]} 张 {np.std(values[1]):.2f}")

# %% [markdown]
# 真图分成两半，本该是 0。FD 的平均随张数一路降，离 0 远远超过标准误；
# KD 的平均与 0 只差一两个标准误。
# 再看多的那一阶：造两批均值、方差都相同、只是一批**歪**的数。

# %%
skewed = rng.exponential(size=(4000, 4)) - 1  # 均值 0、方差 1，右边拖长尾
plain, again = rng.standard_normal((2, 4000, 4))
for name, distance in {"FD": frechet_distance, "KD": kernel_distance}.items():
    print(f"{name} = {distance(skewed, plain):.3f}，同分布时 {distance(again, plain):.3f}")

# %% [markdown]
# FD 分不出来，KD 分得出来。自己的图只有几百张时可以用 KD：它不偏。不偏不等于灵敏，
# 上面印了一次量的标准差：比它小的差别，一次看不出来，要多取几次求平均。
# （它照样认不出照抄：照抄的每一阶矩都对。）
#
# ## 10.4 质量与多样性分开量 [§10.4]
#
# > Quality:一张图片的准确性 ——笔记 001
# > Diversity:一堆图片的多样性 ——笔记 001
#
# FD 高了，是画得不像，还是画得不全？一个数说不清，就用两个。给每个样本一个球，半径是它到同组
# 第 $k$ 近邻的距离，球并起来近似这组数据的地盘（Kynkäänniemi 等，2019，$k=3$）：
#
# - **精度** = 生成样本落在真图地盘里的比例（质量）；
# - **召回** = 真图落在生成样本地盘里的比例（多样性）。
#
# 毛病出在球上：一个离群的点，近邻远，球就大得离谱。**密度与覆盖**（Naeem 等，2020，$k=5$）
# 改两处：数一个生成样本落在**几个**真球里（密度），只用真图的球（覆盖）：
#
# $$
# \mathrm{density}=\frac1{km}\sum_{j=1}^m\sum_{i=1}^n\mathbb 1[y_j\in B_i],\qquad
# \mathrm{coverage}=\frac1n\sum_{i=1}^n\mathbb 1[\exists j:\,y_j\in B_i] .
# $$
#
# 同分布时覆盖是多少？真球 $B_i$ 里有 $k$ 个真邻居。真的 $n$ 个、假的 $m$ 个混在一起从近到远排，
# 每一个是真的机会约 $n/(n+m)$；球里一个假的也没有，就是最近的 $k$ 个全是真的。所以满分是
# $1-\big(\frac n{n+m}\big)^k$：两边一样多、$k=5$ 时 $1-2^{-5}=0.97$，**不是 1**；假的少，满分更低。
# 看离群的点怎样骗精度（四个量都用 $k=3$）：

# %%
real = rng.standard_normal((400, 2))
odd = np.vstack([real, [[30.0, 0], [30, 4], [30, -4], [34, 0]]])  # 远处四个离群的真点
far = np.array([31.0, 0]) + 2 * rng.standard_normal((400, 2))  # 全画在离群的点旁边
for name, one in {"真点里没有离群的": real, "真点里有四个离群的": odd}.items():
    near, dense = precision_recall(far, one, k=3), density_coverage(far, one, k=3)
    print(f"{name}：精度 {near[0]:.2f}，召回 {near[1]:.2f}；", end="")
    print(f"密度 {dense[0]:.2f}，覆盖 {dense[1]:.2f}")
for m in (400, 200):
    covers = [density_coverage(rng.standard_normal((m, 2)), real)[1] for _ in range(20)]
    limit = 1 - (400 / (400 + m)) ** 5
    print(f"同分布的覆盖，真 400、假 {m}：{np.mean(covers):.2f}，公式 {limit:.2f}")

# %%
from matplotlib.patches import Circle

from paddle_gan.metrics.distances import nearest_distances, neighbor_distances

with canvas(size=(7.0, 3.4)) as c:
    axis = c.axes[0, 0]
    for name, dots in {"真的": odd, "生成的": far}.items():
        axis.scatter(*dots.T, s=5, label=name)
    for center, radius in list(zip(odd, neighbor_distances(odd, 3)))[-4:]:
        axis.add_patch(Circle(center, radius, fill=False))
    axis.set(aspect="equal", title="四个离群的真点，球大得罩住生成的点")
    axis.legend(loc="upper left")
c.picture

# %% [markdown]
# 只添四个点，画得全错的生成器精度就从 0 升上来，**密度也被骗**：这几个大球每个都罩住许多生成的点。
# 覆盖与召回不受骗：主体的四百个球里一个生成的也没有，生成的球也罩不到主体。
#
# 第三把尺 **PRD**（Sajjadi 等，2018）：两批混在一起聚成 20 类，得真的直方图 $p$、假的 $q$，
# 对每个斜率 $\lambda$ 算精度 $\alpha(\lambda)=\sum\min(\lambda p,q)$、
# 召回 $\beta(\lambda)=\sum\min(p,q/\lambda)$，画成一条曲线；
# $F_\beta=(1+\beta^2)\frac{\text{精度}\cdot\text{召回}}{\beta^2\,\text{精度}+\text{召回}}$
# 取曲线上的最大值，$F_8$ 偏重召回，$F_{1/8}$ 偏重精度。
# 三把尺量随包的五个数字模型与几样假的：

# %%
claim("quality_and_diversity")

# %% [markdown]
# 越往右上越好。第一格：五个模型里，全连接 GAN 的精度最高，召回却最低，
# FD 也比 `digits_best` 差得多：只报精度，FD 最差的就排到了最前。
# 第二格：按密度与覆盖，全连接 GAN **两样都最高**，五个种子都是，又与召回、FD 的说法相反。
# 召回与覆盖都叫“多样性”，给出的名次却相反；为什么，这里没有量。
# 所以不能只报其中一把，也不能只拿一把说谁更多样。
#
# 再看几样什么也没学的。照抄与真图叠在一处，三把尺都分不开。噪声老老实实落在左下角。
# 平均图（一千张一模一样的）的精度、召回、覆盖都是 0 上下，**密度却有 0.4，比四个卷积模型都高**：
# 它恰好落进两张真图的球里，一千张每一张都数到两个，$2/k=2/5$。覆盖不上当：
# 一千个真球里只碰到这两个，是 0.002。所以密度不能单独看，旁边要有覆盖。
#
# **特征也会骗人。** 没有分类器的数据集，用像素的前 64 个主成分作特征，精度就靠不住：

# %%
noise = np.random.default_rng(1).uniform(-1, 1, (COUNT, 784))
blob, middle = project(noise, *pca), unseen.mean(axis=0)
near = precision_recall(blob, unseen)
print(f"均匀噪声，主成分上：精度 {near[0]:.2f}，召回 {near[1]:.2f}")
typical = np.linalg.norm(unseen - middle, axis=1).mean()
print(f"到真图的中心：噪声的中心 {np.linalg.norm(blob.mean(axis=0) - middle):.1f}，", end="")
print(f"真图平均 {typical:.1f}；", end="")
print(f"噪声自己的散布 {np.linalg.norm(blob - blob.mean(axis=0), axis=1).mean():.1f}")
with canvas(size=(5.0, 3.4)) as c:
    for name, dots in {"真图": unseen, "均匀噪声": blob}.items():
        c.axes[0, 0].scatter(*dots[:, :2].T, s=5, label=name)
    c.axes[0, 0].set(xlabel="第一主成分", ylabel="第二主成分", title="噪声缩成一小团")
    c.axes[0, 0].legend()
c.picture

# %% [markdown]
# 噪声投影之后缩成偏离中心的一小团，整团落进几个大的真球里，精度就高；召回看得出来。
# 所以精度与召回**总要一起报**，旁边写上噪声得几分。
#
# ## 10.5 照抄、1 近邻与生日检验 [§10.5]
#
# > 单纯和训练集里的图像相同 ——笔记 001；generator 開始產生一樣的東西 ——笔记 003
#
# **最近距离比**：生成样本到训练图的最近距离，除以**没见过的真图**到训练图的最近距离。
# 全抄是 0；远大于 1 是画得不像，不是清白的证据。约 1 也**不一定**清白：画得不像的有 1.3，
# 掺进两成照抄，平均又回到 1。所以再看最近的 5%：生成样本最近距离的 5% 分位，除以没见过的真图的。
#
# **1 近邻检验**（Lopez-Paz 与 Oquab，2017）：真假混在一起，每个样本按最近的**另一个**猜自己是
# 真是假。同分布时猜对一半；分得开时趋于 1。它量的是分不分得开；**只有参照恰好含它抄的那几张**，
# 最近的正是对方的那一张，才掉到 0。抄的是别的训练图，就约一半，是满分。
# 认照抄要靠最近距离比，而且对**全部**训练图算。
# （笔记引的综述说“否则接近 0%”，反了：分得开是接近 100%。）

# %%
usual = np.quantile(nearest_distances(unseen, seen), 0.05)
drawn, copied = fakes["练好的 GAN"], fakes["照抄训练集"]
suspects = {"没见过的真图": held, "练好的 GAN": drawn, "全部照抄": copied}
suspects["练好的掺 22% 照抄"] = np.concatenate([copied[:110], drawn[110:]])
suspects["照抄再右移一像素"] = np.roll(copied, 1, axis=3)
for name, x in suspects.items():
    flat = project(x.reshape(-1, 784), *pca)
    low = np.quantile(nearest_distances(flat, seen), 0.05) / usual
    print(
        f"{name}：最近距离比 {nearest_ratio(flat, seen, unseen):.2f}，5% 分位之比 {low:.2f}，",
        end="",
    )
    print(f"1 近邻 {one_nn_accuracy(flat, seen[order[COUNT : 2 * COUNT]]):.2f}")
same = one_nn_accuracy(seen[order[:COUNT]], seen[order[:COUNT]])
print(f"全部照抄，参照恰好是被抄的那 500 张：1 近邻 {same:.2f}")

# %%
pairs = {}
for name in ("练好的 GAN", "照抄再右移一像素"):
    flat = project(suspects[name][:10].reshape(-1, 784), *pca)
    closest = [((one - seen) ** 2).sum(axis=1).argmin() for one in flat]
    pairs |= {name: suspects[name][:10], f"{name}：最近的训练图": train_x[closest]}
rows_of_images(pairs)

# %% [markdown]
# 掺两成照抄，平均的一个看不出来，5% 分位之比是 0。照抄再移一个像素，两个都骗过了：
# 像素上的距离最怕平移。所以还要把生成图与它最近的训练图**并排看**，眼睛骗不过：
# 右移的那一行，最近的训练图多半正是它抄的那张。
#
# 这几个量都在像素的主成分上算，不用 LeNet 的特征：LeNet 就是用这批训练图训练的，
# 没见过的图在它的特征里本来就离得远些，比值会偏小。
#
# **生日检验**（Arora 与 Zhang，2017）：不看训练集，看生成器**自己重复不重复**。
# 支撑集有 $N$ 个等可能的元素，取 $s$ 个都不重复的机会是
#
# $$
# \prod_{i=1}^{s-1}\Big(1-\frac iN\Big)\approx e^{-s(s-1)/2N} .
# $$
#
# 令它等于一半，$N=\dfrac{s(s-1)}{2\log2}$：23 个人里有一半机会两人同一天生日。

# %%
from paddle_gan.metrics import birthday_test, collision_batch_size, support_size

print(f"365 天：{collision_batch_size(365):.1f} 人；23 人：约 {support_size(23):.0f} 天")
for bank in (30, 300):  # 只会画 bank 张图的生成器，给 2,000 张
    size, estimate = birthday_test(seen[rng.integers(0, bank, 2000)], 1e-3, trials=300)
    print(f"只有 {bank} 张：一批 {size:.1f} 张有一半机会重复，估计支撑集 {estimate:.0f}")

# %%
claim("birthday")

# %% [markdown]
# 支撑集已知时，它量得准。用在 GAN 上却要小心：图是连续的，多近才算重复要人来定。
# 这里的门限让真图自己有约二十对。除了全连接 GAN，别的模型比真图的重复**还少**，
# 均匀噪声一对也没有。这不是因为多样：真图里最近的几乎全是笔直的 1，而这几个模型的 1
# 只画了真图的三成到六成，噪声里一个也没有；画得略有抖动，也凑不成对。
# **“没有重复”不等于多样**；有很多重复，才是崩溃的证据。
#
# ## 10.6 数模式：丢了什么 [§10.6]
#
# > Mode Dropping：generator 同一類 ——笔记 003
#
# 知道真模式在哪里（第 09 章的环），就直接数：占 1% 以上的有几个；
# 高质量（离最近的模式不到 3σ）的比例；反向 KL，就是 $\mathrm{KL}(q\|p)$，
# $q$ 是生成样本落在各模式的比例，$p$ 是真的比例。
# 图像上用分类器的类别当模式。两条规矩：
#
# - **至少占 1% 才算**：分类器偶尔认错，丢掉的类也会“出现”几张；
# - **反向 KL 有下限**：$K$ 类、随机取 $n$ 个，真图自己也有约 $(K-1)/2n$。

# %%
from paddle_gan.metrics import class_report, sampling_floor

judged = {
    "真图": train_x[order[:1000]],
    "练好的 GAN": good.samples(1000),
    "2,000 步": short.samples(1000),
}
for name, x in judged.items():
    labels = digit_features(x)[1].argmax(axis=1)
    kept, kl = (class_report(labels, 10)[f"classes/{k}"] for k in ("covered_1pct", "reverse_kl"))
    print(f"{name}：占 1% 以上的类 {kept:.0f} 个，反向 KL {kl:.4f}；", end="")
    print("各类", np.bincount(labels, minlength=10))
print(f"同样多的随机真图，反向 KL 约 {sampling_floor(10, 1000):.4f}")

# %%
claim("dropped_classes")

# %% [markdown]
# 丢类别时精度几乎不动：剩下的每一张都是真图。FD、召回、覆盖看得出来，IS 也看得出来
# （它最怕类别少）。可是“精度看不出来”只对丢类别说得准：只剩 10 张不同的图，
# 精度也掉了 0.15（五个种子里最多 0.28），10 张里有一张落到球外，就是一成。重复的一行还要小心：
# 只有 10 到 100 张不同的图时，每张都有许多副本，第 3 近邻就是自己的副本，球的半径是 0，
# 召回掉到 0 有一部分是这个假象（每类一张也一样）。先去掉重复的再算召回。
# 类别看不见**类内**的丢失：每类一张，十类齐全，反向 KL 是 0。
#
# ## 10.7 Parzen 窗：GAN 论文的那个数 [§10.7]
#
# > Objective Evalution ——笔记 003；GAN 论文的评测见笔记 002
#
# 2014 年的 GAN 论文（表 1）用的是对数似然。$G$ 给不出密度，就用样本搭一个：
#
# $$
# \hat p(x)=\frac1n\sum_{j=1}^n\mathcal N\big(x;\,y_j,\sigma^2I\big) ,
# $$
#
# $\sigma$ 在验证集上挑，再看测试集的平均 $\log\hat p$。听上去公道，骗它却最容易：

# %%
claim("parzen_trap")

# %% [markdown]
# k 均值把 3,000 张训练图聚成一千组，一组交出一张平均图（平均三张合成一张，看上去并不糊），
# 分数远远高过生成器，也高过同样多的**真图**。同样多并不公平：“真图”一组只给了三分之一。
# 把 3,000 张真图全给，是 199，还是不如那一千张平均图的 218，里面却没有一张是真的。为什么？
# 784 维里每个球都罩不住什么，$\log\hat p(x)$ 主要由离 $x$ **最近**的中心有多远决定。
# k 均值正是在所有 $K$ 个点的集合里，让 $\mathbb E\min_j\lVert x-c_j\rVert^2$ 最小；
# $K$ 张真图只是候选之一，自然比不过。在一格里看更清楚，设格内的方差是 $\Sigma_c$：
# 中心是格里随便的一张真图，或格里的平均 $\mu_c$，
#
# $$
# \mathbb E\lVert x-x'\rVert^2=2\,\mathrm{Tr}\,\Sigma_c,\qquad
# \mathbb E\lVert x-\mu_c\rVert^2=\mathrm{Tr}\,\Sigma_c .
# $$
#
# 差一倍：糊掉细节反而占便宜。一张总的平均图却不行（−57.5），它离每张图都比最近的真图远：

# %%
from paddle_gan.lab.parzen_trap import centroids

unit, tested = (pixels[order[:2000]] + 1) / 2, (test_x.reshape(-1, 784) + 1) / 2
for count in (10, 100):
    centers = {"真图": unit[:count], "k 均值中心": centroids(unit, count, 0)}
    near = {name: (nearest_distances(tested, y) ** 2).mean() for name, y in centers.items()}
    said = "，".join(f"最近的 {name} {value:.1f}" for name, value in near.items())
    print(f"{count} 个，测试图到它的距离平方：{said}")
print(f"2,000 张真图里最近的：{(nearest_distances(tested, unit) ** 2).mean():.1f}；", end="")
print(f"只有一张平均图：{((tested - unit.mean(axis=0)) ** 2).sum(axis=1).mean():.1f}")

# %% [markdown]
# 所以今天没有人再用它排名次（Theis 等，2016，讲了这些道理）。看见老论文里的这一列，
# 知道是什么就够了。
#
# ## 10.8 测试时提质：缩小 z、集成 [§10.8]
#
# > Tip: Improve Quality during Testing；Tip: Ensemble ——笔记 003
#
# 练完以后，取样时还能再做文章：把 $z$ 乘一个 $\tau<1$，相当于降温（台账的图里写作 σ）。
# 近亲有两个：BigGAN 的截断是把 $z$ 里超界的分量重抽；StyleGAN 的是在 $w$ 上往平均收，
# $\bar w+\psi(w-\bar w)$。都盼着画得稳些，代价是花样少了。看同一批 $z$：

# %%
from paddle_gan.lab.shipped_models import DIGIT_MODELS, drawn_from

scales = {f"τ = {s}": drawn_from("digits_best", 12, 0, s) for s in (1.0, 0.7, 0.5, 0.2)}
rows_of_images(scales)

# %% [markdown]
# 拖动 $\tau$，看同一批 32 个 $z$：

# %%
slide(
    lambda tau: images(drawn_from("digits_best", 32, 0, tau)),
    (0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 0.85, 1.0, 1.2, 1.5),
    "τ",
    start=1.0,
)

# %% [markdown]
# $\tau$ 小一些，笔画变粗、变简单；太小就不成字了：高维的高斯集中在一个球壳上，中间 $G$ 没有见过，
# $G$ 里的 BN 用的也是 $\tau=1$ 时记下的均值与方差。量出来：

# %%
claim("truncation")

# %% [markdown]
# 有的模型精度升、召回降，有的**两样都丢**：灵不灵要看模型。精度升了的，回头看上面的图：
# 眼睛看未必更好；一种解释（没有单独量）是笔画粗的字更容易落进真图的球里。
# 先在自己的模型上量，样本图也看，再决定用不用；
# 用了就要写明 $\tau$，因为 FD 与精度都会变。
#
# **集成**：几个生成器随机挑一个来画（推导在 09 章 9.5）。随包的五个数字模型放在一起：

# %%
alone, mixed = [], []
for draw in range(3):  # 取三次样，看波动
    parts = [digit_features(drawn_from(name, COUNT, draw))[0] for name in DIGIT_MODELS]
    pooled = np.vstack([f[i::5] for i, f in enumerate(parts)])  # 各出五分之一，仍是 COUNT 张
    judged = [(frechet_distance(f, real_f), *precision_recall(f, real_f)) for f in (*parts, pooled)]
    alone.append(judged[:-1])
    mixed.append(judged[-1])
alone = np.array(alone)  # 三次 × 五个模型 × 三个量
found = {"单个的平均": alone.mean(axis=1), "集成": np.array(mixed)}
found["单个里最好的"] = alone[:, alone[:, :, 0].mean(axis=0).argmin()]
for name, values in found.items():
    said = [f"{m:.2f} ± {s:.2f}" for m, s in zip(values.mean(axis=0), values.std(axis=0, ddof=1))]
    print(f"{name}：FD {said[0]}，精度 {said[1]}，召回 {said[2]}")

# %% [markdown]
# 集成的召回比单个的平均高，FD 也低：各人的毛病不一样，混在一起互相抵消。比不比得过最好的一个，
# 看上面最后一行，这里比不过；质量（精度）不会凭空变好。同一个 `digits_best`，第一张表里、这里、
# 下面的报告里 FD 都不一样，是抽样的误差，± 后面就是它；比它小的差别不要当真。
#
# ## 10.9 我该报告哪几个数 [§10.9]
#
# > Objective Evalution ——笔记 003
#
# - **手写数字**：FD-LeNet，精度、召回、覆盖，类别的反向 KL，最近距离比与 1 近邻。
#   真假各 1,000 张以上；旁边写同样张数的真图、噪声、照抄。
# - **自己的彩色图**：FD-PCA64，精度、召回、覆盖（PCA64），最近距离比与 1 近邻。
#   张数要比 64 个主成分多得多，各 1,000 张为好；旁边写测试集，样本图一定要附。
# - **只有几百张**：KD-LeNet（数字），或真正的 KID（自备网络）。每次取 100 张、取几十次，
#   写平均与标准差。
# - **二维点**：占 1% 以上的模式、高质量的比例、反向 KL、$W_1$，2,500 个点；旁边写真数据、均匀撒点。
# - **按类别生成**：上面的，再加与所给类别相符的比例、类内的多样性，每类 100 张；
#   旁边写“每类只画一张”。
# - **图像翻译**：有配对时检索、相关、风格，没有时译文的 FD 与循环误差；旁边写“不翻译”。
# - **与论文比**：用他们的网络、权重、缩放与张数重算 FID，10,000 张起，通行 50,000 张；
#   写明是哪一份代码、哪个版本。
#
# 每个数都要写：哪个检查点、用没用 EMA、几张、与谁比（训练集还是测试集）、取了几次样、参照的下限；
# 样本图不挑，取头几十张。比方法时每个至少三个训练种子，写平均 ± 标准差。
# 检查点若是按 FD 挑的，再报同一批参照上的 FD 就偏好看，要写明，最好换一批真图来报
# （`digits_best` 的配置写着 `best: fd_lenet`，取它的 best 检查点就是这样）。
# 最后还要有人看：打乱了请几个人评，比哪个像真的。
# 取样的波动与训练的波动是两回事：前者多取几次就看得见，后者要从头多练几次。
# IS、PRD、密度可以看，不必报：IS 不看真图，另外两个与已经报的重复。
#
# `python tools/evaluate.py 训练目录 --draws 5` 会照这张单子印出一段，平均 ± 标准差，直接贴：

# %%
from paddle_gan.evaluation.evaluate import evaluate_run
from paddle_gan.run.run import Run

chosen = ["fd_lenet", "prdc_lenet", "memorisation"]
result = evaluate_run(Run(good.folder), samples=500, names=chosen, draws=5)
print(*result["report"], sep="\n")

# %% [markdown]
# 那是一个模型、一次训练。比几种方法时，照下面这张样表写：四个随包的配置，各三个训练种子，
# 每次取 2,500 张，参照是没有训练过的测试集 1,000 张；先写照抄、每类一张与噪声得几分，再写方法。

# %%
import json

results = json.loads((HOME / "configs/results.json").read_text("utf-8"))
test_f, kl = digit_features(test_x)[0], "classes/reverse_kl"
print("| | FD-LeNet ↓ | 类别的反向 KL ↓ |\n|---|--:|--:|")
trivial = {"照抄训练集": train_x[order[:2500]], "每类一张": train_x[np.resize(best, 2500)]}
trivial["均匀噪声"] = rng.uniform(-1, 1, (2500, 1, 28, 28)).astype("float32")
for name, (f, p) in zip(trivial, map(digit_features, trivial.values())):
    uneven = class_report(p.argmax(axis=1), 10)[kl]
    print(f"| {name} | {frechet_distance(f, test_f):.1f} | {uneven:.3f} |")
for name in ("gan_digits", "dcgan_digits", "wgan_gp_digits", "digits_best"):
    runs = [one["metrics"] for one in results[name]["seeds"].values()]
    table = np.array([[run["fd_lenet"], run[kl]] for run in runs])
    mean, spread = table.mean(axis=0), table.std(axis=0, ddof=1)
    print(f"| {name} | {mean[0]:.1f} ± {spread[0]:.1f} | {mean[1]:.3f} ± {spread[1]:.3f} |")

# %% [markdown]
# 读这张表要看三处：`gan_digits` 与 `dcgan_digits` 差的比各自的 ± 大不大；
# 谁离“照抄”那一行还有多远；反向 KL 里，
# “每类一张”是满分，所以它要和 FD 一起报。表里没有的精度与召回，照上一段再各添一列。
#
# **真正的 FID** 要 Inception-v3 的权重，公开的软件包里都没有附带，要另外下载，所以工具箱不带。
# 你有网络，就写 `paddle_gan.metrics.fid(生成, 真实, network=你的网络)`；算术与 pytorch-fid、
# torch-fidelity 逐个对过（随机权重的网络，相差不到一亿分之一）。
#
# ## 弄坏它
#
# 下面三处都不报错，数却错了，都有人在移植评测代码时犯过。拿**真图对真图**试，正确的 FD
# 应当接近下限：

# %%
import cv2

resized = {}
for name, how in {"面积平均": cv2.INTER_AREA, "最近邻": cv2.INTER_NEAREST}.items():
    small = [cv2.resize(x[0], (14, 14), interpolation=how) for x in held]
    back = [cv2.resize(x, (28, 28), interpolation=cv2.INTER_LINEAR) for x in small]
    resized[name] = digit_features(np.array(back)[:, None].astype("float32"))[0]
wrong = {"正确": features["真图"], "归一化成 [0, 1]": digit_features((held + 1) / 2)[0]}
wrong |= {"只给 30 张": features["真图"][:30]}
for name, f in wrong.items():
    print(f"{name}：FD {frechet_distance(f, real_f):.1f}")
both = [digit_features((x + 1) / 2)[0] for x in (held, other)]
print(f"两边都归一化成 [0, 1]：FD {frechet_distance(*both):.1f}")
print(f"同一批图，只差缩放方法：FD {frechet_distance(*resized.values()):.1f}")

# %% [markdown]
# 一边的归一化错了，真图的 FD 比练好的 GAN 还大得多；张数太少，真图也像没有练好的 GAN。
# 最后一行是**同一批**图，没有抽样的误差，下限就是 0（两份都先缩到 14 再放回 28）：
# 全部的数都是缩放方法带来的，已经有“正确”一行那么大。
#
# **先拿真图对真图跑一遍评测代码**：能抓住一边错、张数少。**两边一起错抓不住**：
# 看倒数第二行，FD 比正确的还小。所以另外断言输入的最小值与最大值，用一份发表过的数对账，
# 真图与生成图走同一条读图的路。
#
# ## 小结
#
# | 指标 | 量的是 | 谁骗得过它 |
# |---|---|---|
# | IS | 图与类别的互信息 | 每类一张、调出来的噪声 |
# | FD（FID） | 均值与协方差 | 照抄；张数少就偏大；同矩不同形 |
# | KD（KID） | 前三阶矩，无偏 | 照抄 |
# | 精度、召回 | 两边的近邻球 | 离群的点、照抄；主成分上的噪声骗得过精度 |
# | 密度、覆盖 | 真图的近邻球 | 照抄；离群的点、平均图骗得过密度，骗不过覆盖 |
# | 最近距离比 | 抄没抄 | 平移一像素、只抄一部分（看 5% 分位）；画得不像的也“不抄” |
# | 1 近邻 | 分不分得开 | 照抄（参照里没有它抄的那几张） |
# | 生日检验 | 支撑集的大小 | 画得不像的从不重复 |
# | 类别计数 | 丢没丢类 | 每类一张 |
# | Parzen | 离最近的样本多远 | 几张一组的平均图 |

# %% [markdown]
# ## 一段历史
#
# 2014 年 GAN 的论文（arXiv:1406.2661）比高低用的是 Parzen 窗的对数似然。第二年 Theis 等人
# （arXiv:1511.01844）举出反例：聚类中心的 Parzen 分数能胜过真数据，并劝大家别再这样评。10.7 节照
# 着重做了一遍。
#
# 2016 年，Salimans 等人请真人看图打分，又嫌人不稳，于是拿一个分类器替人看，这就是
# IS（arXiv:1606.03498）。它从不看真图，每类记住一张就能满分（Barratt 与 Sharma 后来把毛病列全
# 了，arXiv:1801.01973）。2017 年 Heusel 等人补上真图，量两团特征的距离，就是
# FID（arXiv:1706.08500）。
#
# FID 用得最久，毛病也就被看得最清。张数少了偏大：2018 年有了无偏的 KID（arXiv:1801.01401），2019
# 年有了外推（arXiv:1911.07023）。一个数分不出质量与多样性：Sajjadi 等人把它拆成两个
# （arXiv:1806.00035），Kynkäänniemi 等人改用近邻（arXiv:1904.06991），Naeem 等人再修正成密度与覆
# 盖（arXiv:2002.09797）。换一种缩放方法，数就变（arXiv:2104.11222）。2022 年又发现它格外在意
# ImageNet 的类别（arXiv:2203.06026）。
#
# 每一把尺都是为了补上一把的漏洞造出来的，而新的漏洞总在后面。所以 10.9 节不挑“最好的”那个数，挑
# 几个漏洞不一样的放在一起。

# %% [markdown]
# ## 练习

# %% [markdown]
# **10.1** 生成器只画十类里的四类，各占四分之一，分类器对每张都完全确定。IS 是多少？（一个整数）

# %%
answer = None  # 换成你的答案
check("10.1", answer)

# %% [markdown]
# **10.2** 特征是一维的：真 $N(0,1)$，生成 $N(1,3^2)$。FD 是多少？（一个数，保留一位小数）

# %%
answer = None  # 换成你的答案
check("10.2", answer)

# %% [markdown]
# **10.3**（移植的错：张数太少）$n=500$ 时 FD 是 4.0，$n=1000$ 时是 2.6，另一边的张数很多。
# 照 $a+b/n$ 外推，无穷多张时是多少？（一个数，保留一位小数）

# %%
answer = None  # 换成你的答案
check("10.3", answer)

# %% [markdown]
# **10.4**（移植的错：归一化）写函数 `prepare(images)`，把 uint8 的 0..255 换成网络要的
# $[-1,1]$，float32。（一个函数）

# %%
answer = None  # 换成你的答案
check("10.4", answer)

# %% [markdown]
# **10.5** 一批 20 张有一半机会出现重复，支撑集约有几张？用近似式。（一个数，四舍五入到整数）

# %%
answer = None  # 换成你的答案
check("10.5", answer)

# %% [markdown]
# **10.6**（移植的错：协方差奇异）2,048 维的特征，只生成了 500 张，pytorch-fid 报
# Imaginary component。为什么？（A）图像读成了复数；（B）均值算错了；
# （C）500 张的协方差秩不到 2,048，乘积的平方根带上虚部；（D）真图与生成图张数不同。

# %%
answer = None  # 换成你的答案
check("10.6", answer)

# %% [markdown]
# **10.7**（移植的错：缩放）真图用抗锯齿缩小，生成图用最近邻缩小，再算 FID。会怎样？
# （A）没有影响；（B）量到的有一部分是缩放方法的差别；（C）一定偏向生成图；（D）两边张数一样就抵消。

# %%
answer = None  # 换成你的答案
check("10.7", answer)

# %% [markdown]
# **10.8** 写函数 `precision(real, fake, k)`：`real` 是 $(n,2)$ 的真点，`fake` 是 $(m,2)$ 的假点，
# 球的半径是到第 $k$ 个**别的**真点的距离，返回 10.4 节的精度。（一个函数，只用 NumPy）

# %%
answer = None  # 换成你的答案
check("10.8", answer)

# %% [markdown]
# ## 目标
#
# 像作业一样，分三级，先把前面的练习做完再看。表里给了配置的，用
# `python tools/train.py -c configs/名字.yml` 训练，看它最后印出的那几个数；界照我们量到的数定，略
# 松一点，分钟是两核 CPU 上的。
#
# | 等级 | 要达到 | 做法 | 分钟 |
# |---|---|---|--:|
# | 及格 | 练习 10.1、10.2、10.3 打勾 | – | – |
# | 良好 | 练习 10.1 到 10.8 全打勾 | – | – |
# | 优秀 | `fd_lenet` ≤ 12.5，`classes/covered_1pct` ≥ 10 | `digits_best` | 4.0 |
#
# - **及格** 三题都是代公式；单位与对数的底先看清。
# - **良好** 10.4、10.6、10.7 都是移植评测代码时真会犯的错，想想每一种错出来的数偏大还是偏小；
# 10.8 先算真点两两的距离，再排序。
# - **优秀** 训练它，再照 10.9 节写一份报告：几个数、多少张、量几次、参照是什么。FD 好而照抄的生成
# 器也能得这个分，所以还要有照抄的检验。

# %% [markdown]
# ## GPU
#
# 评测不必用 GPU。要在自己的训练上算：
#
# ```bash
# python tools/evaluate.py runs/digits_best --metrics fd_lenet,prdc_lenet,memorisation --draws 5
# python tools/lab.py run quality_and_diversity birthday parzen_trap
# ```
#
# ## 延伸阅读
#
# - Salimans 等，*Improved Techniques for Training GANs*，arXiv:1606.03498，§4 IS。
# - Heusel 等，*GANs Trained by a Two Time-Scale Update Rule…*，arXiv:1706.08500，FID。
# - Bińkowski 等，*Demystifying MMD GANs*，arXiv:1801.01401，KID。
# - Chong 与 Forsyth，*Effectively Unbiased FID and Inception Score*，arXiv:1911.07023，外推。
# - Kynkäänniemi 等，arXiv:1904.06991；Naeem 等，arXiv:2002.09797；Sajjadi 等，arXiv:1806.00035。
# - Arora 与 Zhang，*Do GANs actually learn the distribution?*，arXiv:1706.08224，生日检验。
# - Theis 等，*A note on the evaluation of generative models*，arXiv:1511.01844，Parzen 的陷阱。
# - Parmar 等，*On Aliased Resizing…*，arXiv:2104.11222，缩放方法怎样改变 FID。
# - 讲义背后的公开课：001 的评估一节对
# 应[李宏毅《机器学习》2021 春](https://speech.ee.ntu.edu.tw/~hylee/ml/2021-spring.php)的[第三讲](https://www.youtube.com/watch?v=MP0BnVH2yOo)；003
# 对应它的[第二段录像](https://www.youtube.com/watch?v=ZBY1shLnhUk)。
#
# 接着打开 `11_条件生成.ipynb`：让生成器听话，听不听话也要量。
