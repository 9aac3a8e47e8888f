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
# ## 11.5 GAN + 监督：pix2pix [§11.5]
#
# > Conditional GAN：GAN + Supervised Learning
# >
# > —— 001
#
# 前几节的条件是一个类别。条件也可以是一整张图 $x$，而且每个 $x$ 都配好了答案 $y$：
# 有答案，就能照着学（监督）；GAN 管的是答案里没有写死的那一部分。先看两个随包的完整训练，
# 题都是测试集里的，训练时没有见过：由边缘画出数字；由黑体写出楷体。

# %%
import numpy as np
import paddle

from paddle_gan.data import EdgeDigits, Glyphs, Pair

edges = Lesson.shipped("pix2pix_edges", retrain=False)
glyphs = Lesson.shipped("pix2pix_glyphs", retrain=False)
chosen = np.random.default_rng(0)


def translated(lesson, x):
    return lesson.method.translate(paddle.to_tensor(x), "x2y").numpy()


def pairs(data, shown):
    return data.batch(Pair, (shown,), chosen)


# %%
ten = np.arange(50, 1000, 100)  # 测试集按类别排好：每类取正中一张，不挑
x, y = pairs(EdgeDigits(split="test"), ten)
rows_of_images({"边缘 x": x, "画的 G(x)": translated(edges, x), "真值 y": y})

# %%
characters = np.arange(25, 500, 50)  # 500 个测试字里均匀取 10 个
x, y = pairs(Glyphs(split="test"), characters)
rows_of_images({"黑体 x": x, "写的 G(x)": translated(glyphs, x), "楷体 y": y})

# %% [markdown]
# 两道题不一样难。数字的边缘几乎把答案定死了，里面填满就是；黑体没有说楷体的每一笔落在哪里，
# 说了的只是“是哪个字”。这个差别后面要用。
#
# **目标。** $G$ 由 $x$ 画出 $G(x)$，要同时满足两样：离答案近；而且看上去是真的。
#
# $$
# \min_G\max_D\ \underbrace{\mathbb E[\log D(x,y)]+\mathbb E[\log(1-D(x,G(x)))]}_{\text{cGAN}}
# +\lambda\,\mathbb E\,\|y-G(x)\|_1,\qquad\lambda=100 .
# $$
#
# $D$ 看的是**一对**：$x$ 与 $y$ 接在一起，像多了几个通道的一张图。所以它判断的与 11.1 一样，
# “真不真，而且配不配”。这里的 $G$ 没有 $z$；论文试过给它噪声，$G$ 学会了不理，只好用 dropout。

# %%
from paddle_gan.methods.pix2pix import Pix2Pix

show(Pix2Pix.judge)
show(Pix2Pix.generator_loss)

# %% [markdown]
# **只用 L1 为什么会糊。** 固定 $x$，看一个像素：墨量 $y$ 是 1 的概率为 $p$，否则是 0；
# $G$ 在这里只能画一个数 $g\in[0,1]$。
#
# $$
# \mathbb E|y-g| = p(1-g)+(1-p)g = p+(1-2p)\,g .
# $$
#
# 这是 $g$ 的一条直线：$p>\tfrac12$ 时 $g=1$ 最好，$p<\tfrac12$ 时 $g=0$ 最好，也就是**中位数**
# （平方误差的最优是平均数 $g=p$，灰的）。设一笔宽 2 个像素，可能落在左右 5 个位置，等可能：

# %%
places = np.array([np.roll([1, 1, 0, 0, 0, 0], k) for k in range(5)])  # 每行一种可能的真值
p = places.mean(axis=0)
for name, g in {"L2 的最优": p, "L1 的最优": np.round(p), "随便猜一种": places[0]}.items():
    gap = np.abs(places - g).mean()
    print(f"{name} {g}：L1 平均 {gap:.2f}，墨 {g.sum():.1f}，边 {np.abs(np.diff(g)).sum():.1f}")

# %% [markdown]
# 看“墨”一列：真值总有 2，L1 的最优却一点墨也不画，因为没有哪个像素有墨的机会过半。
# 它的 L1 最小，可是没有一种真值是这样的：$D$ 一眼认出。最后一行的 L1 大，却像真的。
# 真的网络画不了那么干脆，定不下来的笔画就变淡、变细、断开，这就是“糊”。
#
# 糊能量：**边缘能量**是相邻两点墨量之差的平方的平均，越糊越小。自己训练两次短的，只差一项：

# %%
SHORT = ["total_steps=500", "metrics={}", "log_every=10"]
only_l1 = train("pix2pix_glyphs", *SHORT, "hparams.adversarial=0", name="11_l1")
with_gan = train("pix2pix_glyphs", *SHORT, name="11_l1_cgan")
both = {"短训练，L1": only_l1, "短训练，L1 + cGAN": with_gan}
made = {name: translated(lesson, x) for name, lesson in both.items()}
made["完整训练，L1 + cGAN"] = translated(glyphs, x)
rows_of_images({"黑体 x": x, **made, "楷体 y": y})

# %%
from paddle_gan.metrics.translation import correlation, edge_energy, retrieval_at_1

everything = pairs(Glyphs(split="test"), np.arange(500))
known = pairs(Glyphs(), np.arange(2500))
tried = {name: translated(lesson, everything.x) for name, lesson in both.items()}
tried |= {"完整训练，L1 + cGAN": translated(glyphs, everything.x), "照抄黑体": everything.x}
tried |= {"平均的楷体": np.repeat(known.y.mean(axis=0, keepdims=True), 500, axis=0)}
print("边缘能量（真值是 1）  相关   认得出")
for name, images_of in tried.items():
    sharp = edge_energy(images_of) / edge_energy(everything.y)
    related, found = correlation(images_of, everything.y), retrieval_at_1(images_of, everything.y)
    print(f"{sharp:20.2f}  {related:.3f}  {found:5.1%}  {name}")

# %% [markdown]
# 逐列读。
#
# - **边缘能量**：同样 500 步，只有 L1 的最低，加上 cGAN 的高一截，完整训练的再高。
#   可是单看它会受骗：照抄黑体的边缘能量就与真值差不多。所以旁边要有另两列。
# - **相关**：两次短训练差得不多。cGAN 要的是像真的，不是离这一个答案更近；笔画画清楚了，
#   位置猜错就错得更明白。
# - **认得出**（在 500 个楷体里找得到自己）：糊的也认得出，因为糊没有丢掉“是哪个字”。
#
# **PatchGAN。** “像不像真的”里，L1 管好了大块的深浅，$D$ 只要管细处，所以不必看整张图：
# 每个输出只看一小块，各打各的分。一块有多大，让一个输出对输入求导，数一数哪些像素有份：

# %%
from paddle_gan.networks import PatchGAN

for layers in (0, 1, 3):
    # 归一化会把整张图的平均带进来，数的时候先去掉
    D = PatchGAN((2, 32, 32), (1,), width=8, layers=layers, norm="none")
    pair = paddle.rand([1, 2, 32, 32])
    pair.stop_gradient = False
    scores = D(pair)
    middle = scores.shape[2] // 2
    scores[0, 0, middle, middle].backward()
    rows = (pair.grad.abs().sum(axis=[0, 1, 3]) > 0).sum()
    print(f"layers = {layers}：{scores[0].size:5d} 个分数，每个看 {int(rows)} 行")

# %% [markdown]
# 图只有 32 像素，三层的一块（论文的 70 像素）已经盖住整张图。
# 几个损失各留几个、一块看多大，我们都量了一遍：数字那道题七组，汉字两组，每组五个种子。

# %%
claim("pix2pix_parts")

# %% [markdown]
# 先看图，再看判据。
#
# - **L1 糊在输入定不下来的地方。** 同样只用 L1，汉字糊，数字几乎不糊：边缘已经说了墨在哪里，
#   没有什么可平均的。“L1 会糊”说全了是“$x$ 定不下来的地方，L1 会糊”。
# - **D 看不看 $x$。** 不用 L1 时看得出差别：$D$ 不看 $x$，没有人问 $G(x)$ 配不配 $x$。
#   论文里这样的 $G$ 差不多只画一张图（Cityscapes 的 .22 / .05 / .01）；
#   这里没有塌（方差那一条不满足），多半因为 U-Net 把边缘直接接到了输出跟前，
#   照着边缘画反而最省事。有了 L1，答案由 L1 管着，$D$ 看 $x$ 没有更好：
#   论文表 1 的次序（.66 对 .64）这里没有重现。
# - **一块多大。** 只看一个像素的 $D$ 看不出糊，边缘能量低一点；
#   可是这道题本来就不糊，三种都在 1 附近，分不出高下。看整张的也没有论文表 3 那样坏：
#   那里的图边长是这里的八倍，看整张的 $D$ 大得多，也难训练得多。
# - **旁边的对照。** 照抄最像的训练边缘的答案，认得出的比例比哪一组都低（折起来的表里）。
#
# 一句话：监督管“对不对”，GAN 管“像不像真的”；$x$ 说得越少，越需要后一半。

# %% [markdown]
# **用你自己的图。** 左右拼成一对的一个文件夹（pix2pix 的数据集都是这样），或两个文件夹里同名的图：
# 改 `configs/pix2pix_own.yml` 的 `data` 就行，裁剪与翻转时一对总是一起动。

# %% [markdown]
# ## 11.6 控制一个属性 [§11.6]
#
# 前面的条件都是**训练时**给的。已经训练好、没有条件的 $G$，还能不能让它“再粗一点”？
# 第 04 章加减过 $z$：戴眼镜的减不戴的。那时每种只取几个样本的平均；有两千个样本，就能做得更好。
#
# **先能量，才能找。** 粗细与斜度由像素就算得出，不用分类器：宽 $w$、长 $L$ 的一笔，
# 面积 $wL$，周长约 $2L$，所以粗细 = 2 × 面积 / 周长；斜度是每往上一个像素，笔画平均往右几个像素。

# %%
from paddle_gan.evaluation.sampling import decode, random_latents
from paddle_gan.lab.directions import classes, probe, unit, without
from paddle_gan.metrics.lenet import digit_features
from paddle_gan.metrics.strokes import slant, thickness

show(thickness)
best = Lesson.shipped("digits_best", retrain=False)
z = random_latents(best.method, 2000, seed=0)
written = decode(best.method, z)
by_size = np.argsort(thickness(written))[np.linspace(0, 1999, 10).astype(int)]
by_slant = np.argsort(slant(written))[np.linspace(0, 1999, 10).astype(int)]
rows_of_images({"从细到粗": written[by_size], "从左倒到右倒": written[by_slant]})

# %% [markdown]
# 尺子是对的：两行都按它排好了。**线性探针**是拿 $z$ 去猜这个数，最小二乘：
#
# $$
# a(G(z))\approx w^\top z+b,\qquad d=\frac{w}{\|w\|} .
# $$
#
# 沿 $d$ 走一步 $t$，猜的数就多 $\|w\|\,t$；走别的方向（与 $w$ 垂直的）一点也不多。
# 猜得准不准是另一回事，所以走一走再量。旁边放一个随便的方向，走得一样远：

# %%
show(probe)
thicker, tilted = (probe(z, measured(written)) for measured in (thickness, slant))
anywhere = unit(np.random.default_rng(1).normal(size=z.shape[1]))
start, steps = random_latents(best.method, 300, seed=1), np.linspace(-3, 3, 9)


def walk(lesson, one, direction):
    return decode(lesson.method, one + steps[:, None] * direction)


sure = digit_features(decode(best.method, start))[1][:, [2, 4]].argmax(axis=0)  # 最像 2、最像 4 的
strips = {"更粗": thicker, "更斜": tilted, "随便": anywhere}
rows = {f"{name}，{k}": walk(best, start[k], d) for name, d in strips.items() for k in sure}
rows_of_images(rows)

# %% [markdown]
# 行名里的数是第几个 $z$：300 个里 LeNet 看最像 2 与最像 4 的。正中一列是原来的那一张，
# 往右是加，往左是减。上面两条越走越粗，中间两条越走越往右倒，下面两条变了，却说不出变的是什么。
# 再看别的东西有没有跟着变：走到头的几格，有的已经是另一个数字。
# 这叫**纠缠**（entanglement）：要的只是粗细，动的不只是粗细。
#
# 量一量：自己动了多少，另一个特征跟着动了多少（都以标准差为单位）。两个方向不垂直时，
# 走一个就带着另一个；从 $d$ 里去掉沿另一个方向 $e$ 的一份，就是**正交**：$d-(d^\top e)\,e$。

# %%
print(f"两个方向的余弦 {thicker @ tilted:.2f}")
before = classes(decode(best.method, start))
strips |= {"更粗，正交": without(thicker, tilted), "更斜，正交": without(tilted, thicker)}
print("粗细的变化  斜度的变化  换了数字")
for name, direction in strips.items():
    low, high = (decode(best.method, start + end * direction) for end in (-3, 3))
    for measured in (thickness, slant):
        change = (measured(high) - measured(low)).mean() / measured(written).std()
        print(f"{change:10.2f}", end="  ")
    print(f"{np.mean([classes(end) != before for end in (low, high)]):8.0%}  {name}")

# %% [markdown]
# - 探针的两行，自己动了好几个标准差；随便的方向小得多。方向是真的。
# - 没有正交时，跟着动的那一份不比随便走一趟大多少；正交以后更小，自己几乎照样动。正交便宜，该做。
# - 可是“换了数字”那一列没有小下来，比随便走还多：正交只管住了**写进去的**那一个特征。
#   是几没有人管，走得越远，越容易走成别的数字。
#
# 换几批 $z$、换一个生成器，也是这样；找方向的几种办法并排比：

# %%
claim("directions")

# %% [markdown]
# 折起来的表里有一行不用生成器：真的数字，直接在像素里加粗、斜切。它动得一样多，数字几乎不换。
# **能在像素里写出来的特征，用不着 GAN。** $z$ 里的方向值钱在写不出来的特征上：
# 眼镜、发型、表情。人像也照样走一走，特征取“画面有多暖”（红减蓝）：

# %%
faces = Lesson.shipped("avatars_best", retrain=False)
faces_z = random_latents(faces.method, 2000, seed=0)
drawn = decode(faces.method, faces_z)
warmer = probe(faces_z, (drawn[:, 0] - drawn[:, 2]).mean(axis=(1, 2)))
people = random_latents(faces.method, 4, seed=2)
rows_of_images({f"更暖 {k + 1}": walk(faces, people[k], warmer) for k in range(4)})

# %% [markdown]
# 只说了“更暖”，没有说是背景、头发还是皮肤：能变暖的一起变，有的连发型也换了。
# 要的是哪一个，就得把它单独量出来，或者训练时就把它当条件（11.1），
# 再或者让 $G$ 自己分出来（11.4）。
# 三条路各要一样东西：属性的标签、训练时的标签、运气。

# %% [markdown]
# ## 练习（11.5、11.6）
#
# **11.6** 写一个函数 `best(p)`：`p` 是各个像素有墨（1）的概率，其余的时候是 0；
# 返回让 $\mathbb E|y-g|$ 最小的 $g$（数组，没有哪个 $p$ 正好是 ½）。

# %%
answer = None  # 换成你的答案
check("11.6", answer)

# %% [markdown]
# **11.7** 写一个函数 `apart(d, e)`：从方向 `d` 里去掉沿 `e` 的一份，返回的方向与 `e` 垂直。
# `d`、`e` 都**不一定**是单位长，返回的也不用换成单位长。

# %%
answer = None  # 换成你的答案
check("11.7", answer)
