# %% [markdown]
# # 12 CycleGAN
#
# **学完你能**
# - 说清没有配对时缺的是什么：对抗损失管不住“谁对谁”，循环一致又管到哪一步为止；
# - 从源码里指出两个生成器、两个判别器、图像池、冻结 D 各在哪一行，为什么要有；
# - 用风格、检索、相关三个数判断一次翻译成不成，动手之前先估计会不会成；
# - 从曲线认出判别器出了毛病。
#
# **CPU 用时** 至多约 2 分钟
#
# **先读** 01 GAN 的想法（交替训练）。最小二乘的对抗损失在 12.4 从头推导。

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
# 先看做成了什么样。第一行是黑体，第三行是真正的楷体，中间一行是 CycleGAN 照着第一行写的。
# 这八个字它都没有见过；训练时也没有任何一个字，同时给它看过黑体与楷体。

# %%
import numpy as np
import paddle

from paddle_gan.data import Glyphs, Pair, Unpaired

large = Lesson.shipped("cyclegan_64", retrain=False)  # 换成 True，就在你的机器上从头训练一遍
shown = np.arange(0, 500, 63)  # 500 个测试字里均匀取 8 个，不挑


def translated(lesson, x, direction="x2y"):
    return lesson.method.translate(paddle.to_tensor(x), direction).numpy()


# %%
rng = np.random.default_rng(0)
x, y = Glyphs(size=64, split="test").batch(Pair, (shown,), rng)
rows_of_images({"原字": x, "译字": translated(large, x), "真值": y})

# %% [markdown]
# 译字是这一格现译的；权重来自随工具箱带来的一次完整训练，上面印着它走了多少步、用了多久。
# 64 像素训练得慢，所以这一章往下用 32 像素的同一对字体，也带了一次完整训练：

# %%
full = Lesson.shipped("cyclegan", retrain=False)
test = Glyphs(split="test")
original, truth = test.batch(Pair, (shown,), rng)
rows_of_images({"原字": original, "译字": translated(full, original), "真值": truth})

# %% [markdown]
# 32 像素的译字有断笔：“过”与“军”尤其看得出，后面的总分却不低。
# 这一章讲它凭什么做得到、好到什么地步、换一对字体又会怎样；12.4 里你自己训练一个短的来比。

# %% [markdown]
# ## 12.1 没有配对的数据 [§12.1]
#
# > Unsupervised Conditional Generation：没有正确匹配的 pair
# >
# > —— 001 李宏毅 GAN 笔记；003 提纲里也有这一节
#
# 第 11 章的翻译（pix2pix）要成对的数据：每张 $x_i$ 都配好了答案 $y_i$，照着 $y_i$ 学就行。
# 可是马和斑马没有人能拍出“同一匹”，白天的街和夜里的街很难对齐。手上往往只有两堆图：
#
# $$x_1,\dots,x_N \sim p_X,\qquad y_1,\dots,y_M \sim p_Y,\qquad \text{没有下标的对应。}$$
#
# 要学一个 $G: X\to Y$，让 $G(x)$ 看上去属于 $Y$，而且还是原来那件东西。
#
# 这一章用汉字：$X$ 是黑体，$Y$ 是楷体。训练时两边**没有一个字相同**，模型不可能靠记住配对取巧；
# 测试的 500 字两种字体都有，当作藏起来的真值。这样“是不是还是那个字”就能量，马和斑马做不到这一点。

# %%
data = full.data
for domain in ("x", "y"):
    characters = data.characters(domain)
    print(f"域 {domain}：{len(characters)} 字，例如 {characters[:12]}")
print("两个域公共的字：", len(set(data.characters("x")) & set(data.characters("y"))))
print("测试：", *test.lengths(Pair), "字，两种字体都有")

# %%
batch = data.batch(Unpaired, (np.arange(8), np.arange(8)), rng)
rows_of_images({"域 X：黑体": batch.x, "域 Y：楷体": batch.y})

# %% [markdown]
# 上下两行不是同一批字。先把尺子定好，再训练。一张译文要过三关：
#
# - **风格正确率**：一个小分类器（只用训练集的两堆图训练）把译文认作楷体的比例；
# - **检索正确率**：拿译文去 500 张楷体真值里找最像的一张，找到的恰是同一个字的比例；
# - **与真值的相关**：译文与真值逐像素的相关系数。
#
# 三者取调和平均就是“翻译总分”：一个塌了，总分就塌。先量三份不用训练的“译文”作参照。

# %%
from paddle_gan.evaluation.scorers import TranslationScorer

scorer = TranslationScorer(data, test, samples=500, seed=0)


def report(rows):
    print("风格   检索   相关   L1     总分")
    for name, scores in rows.items():
        keys = ("style", "retrieval", "correlation", "l1", "score")
        print(*(f"{scores[f'translation/{key}']:.3f}" for key in keys), name, sep="  ")


baseline = scorer.baselines()
report(baseline)

# %% [markdown]
# 看上面的数，有两个陷阱。
#
# 1. **不翻译**的检索和相关已经不低：黑体和楷体写的是同一个字，本来就像。所以检索要与这一行比，
#    不能与 0 比；它的风格接近 0，总分于是接近 0。
# 2. **白纸**的 L1 不比“不翻译”大多少：字的大部分面积是纸。只看 L1 会把白纸当成不坏的译文，
#    而它的另外三个数全是 0。
#
# 最后一行是真值自己：风格那一列就是分类器的正确率，它是上限，不一定正好是 1。

# %% [markdown]
# ## 12.2 两个生成器、两个域 [§12.2]
#
# > Cycle GAN：两个 generator
# >
# > —— 001
#
# 与第 1 章的 GAN 比，有两处不同。
#
# **生成器的输入是图像，不是噪声。** $G: X\to Y$ 把黑体变成楷体，$F: Y\to X$ 把楷体变成黑体。
# 没有 $z$，所以同一张 $x$ 只有一个译文。
#
# **每个域有自己的判别器。** $D_Y$ 分辨真楷体 $y$ 与译出来的 $G(x)$；
# $D_X$ 分辨真黑体 $x$ 与 $F(y)$。一共四个网络。看库里怎样写明它们的输入输出：

# %%
from paddle_gan.methods import CycleGAN

show(CycleGAN.shapes)

# %%
from paddle_gan.networks.resnet import ResNetGenerator

show(ResNetGenerator.forward)

# %% [markdown]
# 生成器是“下采样 → 几个残差块 → 上采样”
# （残差块：输出 = 输入 + 几层卷积算出的改动）。`skip` 是这里为 32 像素的小图加的（论文没有）：
# 输出是 $\tanh(\operatorname{atanh}(0.97x)+\mathrm{net}(x))$，刚开始 $\mathrm{net}(x)\approx 0$，
# $G$ 几乎原样抄写，训练只需要学“哪里要改”。记住这个起点，12.3 会用到。
#
# 判别器是 PatchGAN：不给整张图打一个分，而是在图上的几个位置各打一个分，再取平均；
# 每个分数只看它周围的一块。论文的图是 256 像素，一块 70 像素，只占一角；这里的字只有 32 像素，
# 同样三层的判别器，一块已经盖住整个字，只是中心各不相同。

# %%
from paddle_gan.networks import PatchGAN

D_Y = PatchGAN((1, 32, 32), (1,), width=16, layers=3, norm="none")
G = ResNetGenerator((1, 32, 32), (1, 32, 32), width=16, blocks=2, skip=True)
x = paddle.to_tensor(batch.x)
print("D_Y(x) 的形状", list(D_Y(x).shape), "：每张图", D_Y(x)[0].size, "个分数")
print(f"没训练的 G：|G(x) − x| 平均 {float((G(x) - x).abs().mean()):.3f}，像素取值在 [−1, 1]")
for name, network in {"G": G, "D_Y": D_Y}.items():
    print(name, f"有 {sum(p.size for p in network.parameters()):,} 个参数")

# %% [markdown]
# ## 12.3 循环一致：让两个域有关系 [§12.3]
#
# > 也是一种限制：让两个 domain 有关系
# >
# > —— 001
#
# **只有对抗损失，谁对谁是没有定下来的。** 对抗损失只看分布：$G(x)$ 合起来像不像 $Y$。
# 把问题缩到最小来数一数：每个域只有 $N$ 个字，$G$ 把每个 $x_i$ 译成某个 $y_j$。
#
# - $G$ 一共有 $N^N$ 种。
# - 要让 $G(x)$ 的分布等于 $p_Y$（$N$ 个字各占 $1/N$），每个 $y_j$ 必须恰好被用一次，
#   所以 $G$ 是一个排列，有 $N!$ 种。它们的对抗损失**完全一样**，其中只有一种是对的。
# - $F$ 同理也有 $N!$ 种。两个方向各管各的，一共 $(N!)^2$ 种组合。
#
# 这就是“没有关系”：$G$ 可以把“中”译成楷体的“国”，$F$ 可以再把“国”译成“大”，谁都不扣分。
# 循环一致要求译过去再译回来是原样：
#
# $$F(G(x)) = x,\qquad G(F(y)) = y.$$
#
# 对排列来说，这就是 $F = G^{-1}$：选定了 $G$，$F$ 就定了。$(N!)^2$ 种变成 $N!$ 种。数给你看：

# %%
from itertools import permutations

N = 4
pairs = [(g, f) for g in permutations(range(N)) for f in permutations(range(N))]
cyclic = [(g, f) for g, f in pairs if all(f[g[i]] == i for i in range(N))]
right = [(g, f) for g, f in cyclic if g == tuple(range(N))]
print(f"每个域 {N} 个字；任意的 G 有 {N**N} 种")
print("对抗损失满意的 (G, F)：", len(pairs))
print("循环一致也满意的：", len(cyclic))
print("真正译对的：", len(right))

# %% [markdown]
# 注意最后两行：**循环一致没有把答案定下来，它只让两个方向不再互相矛盾。**
# 这一点可以写成一般的证明。设 $(G,F)$ 译得完全正确，
# $\pi: Y\to Y$ 是任意一个不改变 $p_Y$ 的可逆变换（例如把字打乱）。取
#
# $$G' = \pi\circ G,\qquad F' = F\circ \pi^{-1}.$$
#
# 1. $G'(x)=\pi(G(x))$ 的分布还是 $p_Y$，$F'(y)=F(\pi^{-1}(y))$ 的分布还是 $p_X$：对抗损失不变。
# 2. $F'(G'(x)) = F(\pi^{-1}(\pi(G(x)))) = F(G(x)) = x$；
#    $G'(F'(y)) = \pi(G(F(\pi^{-1}(y)))) = \pi(\pi^{-1}(y)) = y$：循环损失不变，是 0。
#
# 所以把字全部译错，损失也可以是满分。把 500 个测试字真的打乱一次，用 12.1 的尺子量：

# %%
from math import lgamma, log

from paddle_gan.metrics.translation import correlation, retrieval_at_1

shuffle = np.random.default_rng(0).permutation(500)
back = np.argsort(shuffle)  # 逆排列：译回来
wrong = scorer.y[shuffle]  # 第 i 个字译成了第 shuffle[i] 个字的真楷体
print("循环损失", np.abs(scorer.x[back[shuffle]] - scorer.x).mean())
print("风格", scorer.judge.fraction_y(wrong), "检索", retrieval_at_1(wrong, scorer.y))
print(f"相关 {correlation(wrong, scorer.y):.3f}：随便两个楷体字就有这么像")
print(f"1250 个字的排列数是 10 的 {lgamma(1251) / log(10):.0f} 次方")

# %% [markdown]
# 风格和真楷体一样，循环损失是 0，检索却几乎是 0。那么 CycleGAN 凭什么译得对？凭另外两样，
# 公式里看不见：
#
# - **循环一致挡住了最坏的一类。** 几个 $x$ 译成同一个 $y$ 时，$F$ 没法同时译回几个不同的 $x$，
#   循环损失不会是 0。也就是说，信息不许丢：第 3 章的模式崩溃在这里要付出代价。
# - **网络的偏好选出了“改得最少”的那一个。** 卷积只看附近，残差块和 `skip` 从“原样”出发。
#   把“中”改成楷体的“中”只要动几笔，改成“国”要重画，后者对这样的网络难得多。
#
# 所以网络不是随便选的；两个域的形状差得远时，这个偏好就帮不上忙（12.6）。
#
# 写成损失，要求不必那么死，用 L1 距离（$\|\cdot\|_1$ 在代码里是逐像素的均值）：
#
# $$L_{cyc}(G,F)=\mathbb E_x\|F(G(x))-x\|_1+\mathbb E_y\|G(F(y))-y\|_1.$$
#
# 生成器的总损失是
#
# $$L=\underbrace{\mathbb E[(D_Y(G(x))-1)^2]+\mathbb E[(D_X(F(y))-1)^2]}_{\text{对抗}}
# +\lambda\,L_{cyc}\;\bigl(+\;0.5\lambda\,L_{identity}\bigr),\qquad \lambda=10.$$

# %%
show(CycleGAN.generator_loss)

# %% [markdown]
# 对着读：`fake_y` 就是 $G(x)$，`fake_x` 就是 $F(y)$，一步里只算一次。`h.cycle` 是 $\lambda$。
# 恒等损失 $\mathbb E\|G(y)-y\|_1+\mathbb E\|F(x)-x\|_1$ 说“已经是楷体的就别动”，
# 论文在画作转照片时用它保住颜色；这里的字没有颜色，而且 `skip` 已经从恒等出发，
# 配置里写的是 `identity: 0`。

# %% [markdown]
# ## 12.4 正反向同时训练 [§12.4]
#
# > 正反向训练同时进行
# >
# > —— 001
#
# 一步里 $G$、$F$ 一起更新一次，$D_X$、$D_Y$ 一起更新一次：

# %%
show(CycleGAN.train_step)
show(CycleGAN.discriminator_loss)

# %% [markdown]
# **最小二乘的对抗损失。** 第 1 章用交叉熵，这里用平方：真的目标是 1，假的目标是 0。固定 $G$，
# 在一点 $y$ 上，设真图的密度是 $p$，假图的密度是 $q$，$D_Y$ 要最小化
#
# $$\tfrac12 p\,(D-1)^2+\tfrac12 q\,D^2.$$
#
# 对 $D$ 求导得 $p(D-1)+qD=0$，所以 $D^*=\dfrac{p}{p+q}$，和第 2 章的最优判别器一样。
# 分不出真假（$p=q$）时 $D^*=\tfrac12$，于是
#
# $$L_{D_Y}=\tfrac12\cdot\tfrac14+\tfrac12\cdot\tfrac14=0.25,\qquad L_G=(\tfrac12-1)^2=0.25.$$
#
# **记住 0.25**：这一章的四条对抗曲线都拿它当基准。平方损失没有 log，
# $D$ 很自信时 $G$ 的梯度也不会被 sigmoid 压没。
#
# **冻结 D。** 更新 $G$ 时梯度要穿过 $D$，但 $D$ 自己不该被改，也不该留下梯度：

# %%
from paddle_gan.methods.base import Method, frozen

show(Method.update)  # generator_step 就是 update("G", …)
show(frozen.__wrapped__)  # contextmanager 包着的原函数

# %% [markdown]
# **图像池。** $D$ 只看最新的假图，就会忘掉生成器以前的花招，双方容易绕圈子。池里存 50 张旧图，
# 每张新图有一半机会换出一张旧图给 $D$ 看；池里的图都 `detach` 过，梯度传不回生成器。

# %%
from paddle_gan.methods.image_pool import ImagePool

show(ImagePool._exchange)
paddle.seed(0)
pool = ImagePool(4)
for step in range(4):
    fakes = paddle.arange(4 * step, 4 * step + 4).reshape([4, 1, 1, 1])
    print(f"第 {step + 1} 步画的是", fakes.flatten().tolist(), end="，")
    print("D 看到的是", pool.query(fakes).flatten().tolist())

# %% [markdown]
# 现在训练。完整的一次在开头看过了（`full`）；这里自己跑一次**短的**：网络缩窄、批减半、
# 学习率加大，只走 300 步，看方向，不看终点。

# %%
SMALL = [
    "network.generator.width=16",
    "network.generator.blocks=2",
    "network.discriminator.width=16",
    "batch_size=4",
    "hparams.lr_G=1e-3",
    "hparams.lr_D=1e-3",
    "metrics={}",  # 上面已经有 scorer，不必在训练里另做一个
    "log_every=5",
]
small = train("cyclegan", *SMALL, "total_steps=300", name="12_cycle")
small

# %%
adversarial = ("loss/G", "loss/F", "loss/D_Y", "loss/D_X")
quarter = dict.fromkeys(adversarial, 0.25)  # 分不出真假时的值
both = {"短训练": small, "完整训练": full}
curves(both, *adversarial, "loss/cycle", marks=quarter)

# %% [markdown]
# 怎样看这五条：
#
# - `loss/G`、`loss/F` 与两条 D 的损失从 0.25（虚线）附近出发，上下拉锯，短训练一直是这样。
#   走得久了，D 慢慢占上风：D 的损失落到 0.25 以下，生成器的升到以上。只要 D 的损失没有贴住 0，
#   生成器就还学得到东西；贴住了才是危险信号：判别器一眼认出假图。
# - `loss/cycle` 一开始就不大，因为 $G$、$F$ 是从“几乎不改”出发的；短训练里它又降了一半，
#   完整训练先降一下，后来反而一路往上：
#   改得越多，原样转回来就越难。**循环损失小不等于译得好**：原样照抄的循环损失最小。
# - 没有一条曲线告诉你字译对了没有。要看图、看三个数。

# %%
there = {name: translated(lesson, original) for name, lesson in both.items()}
back = translated(small, there["短训练"], "y2x")  # 随包的训练只带 G，转不回来
rows = {"原字 x": original, "短训练 G(x)": there["短训练"], "转回来 F(G(x))": back}
rows_of_images(rows | {"完整训练 G(x)": there["完整训练"], "真值": truth})

# %%
from paddle_gan.evaluation.evaluate import PAIRED_EVIDENCE, paired_baseline

short, long = scorer.score(small.method), scorer.score(full.method)
ceiling = paired_baseline(full.config, PAIRED_EVIDENCE)
rows = {"不翻译": baseline["不翻译"], f"短训练，{small.config.total_steps} 步": short}
report(rows | {f"完整训练，{full.config.total_steps:,} 步": long} | ceiling)
key = "translation/retrieval"
print(f"{long[key]:.0%} 的译文在 500 个真楷体里找得到自己；不翻译是 {baseline['不翻译'][key]:.0%}")

# %% [markdown]
# 逐列读。
#
# - **风格**：从“不翻译”的接近 0 升上来了多少，就是学会了多少楷体的样子。
# - **检索**：要与“不翻译”比。完整训练的高于“不翻译”：译文比原字更接近真值，不只是换了表面。
# - **相关**：离上限还远。真正的楷体连间架都与黑体不同，循环一致里没有任何东西要求间架也对上。
#   看图也是这样：短训练多半只是把笔画削细，干净，却不像真值；完整训练的笔画开始挪到真值的位置，
#   代价是多了些墨点，有的字还断了笔（“过”“军”）。总分说完整训练更好，单看这几个字干不干净，
#   眼睛却会选短训练：分数比的是离真值多近，不是笔画断没断。
# - 最后一行是**有答案时的上限**：同样的生成器，直接照成对的真值训练
#   （`tools/maintain/paired_baseline.py`）。没有配对的代价，就是它与完整训练之间的差。
#
# 译文是怎样一步步好起来的？完整训练每隔一段就用同样的尺子量一次（虚线是“不翻译”）。
# 风格最先到，检索与相关一路慢慢涨，与上面的循环损失一起往上：

# %%
columns = [f"translation/{key}" for key in ("style", "retrieval", "correlation", "score")]
curves(full, *columns, marks={key: baseline["不翻译"][key] for key in columns})

# %% [markdown]
# **想跑完整的**：把 `full` 那一格的 `retrain=False` 换成 `True`，
# 或者 `python tools/train.py -c configs/cyclegan.yml`；论文的原设定是
# `python tools/train.py -c configs/cyclegan_horse2zebra.yml`，要 GPU 和自备的数据，没有在这里跑过。

# %% [markdown]
# ## 12.5 消融：每一项都要吗 [§12.5]
#
# 论文在 Cityscapes（街景照片 ↔ 语义标签）上逐项拿掉损失。下面是**论文发表的数**（Zhu 等，2017，
# 表 4、5；逐像素正确率 / 逐类正确率 / 类别 IoU，越大越好），协议与这里不同，不要拿来与我们的字比。
#
# | 用了哪些损失 | 标签 → 照片 | 照片 → 标签 |
# |---|---|---|
# | 只有循环 | .22 / .07 / .02 | .10 / .05 / .02 |
# | 只有 GAN | .51 / .11 / .08 | .53 / .11 / .07 |
# | GAN + 正向循环 | **.55 / .18 / .12** | .49 / .11 / .07 |
# | GAN + 反向循环 | .39 / .14 / .06 | .01 / .06 / .01 |
# | CycleGAN（两个方向） | .52 / .17 / .11 | **.58 / .22 / .16** |
#
# 笔记说两个方向都要。照着表看，话要说得细一点：
#
# - 标签 → 照片这一列，**只用正向循环的分数比完整的还高**（.55 对 .52，IoU .12 对 .11）。
#   “两个方向都有，分数就更高”不成立。
# - 换到照片 → 标签，完整的最高（.58），只用正向循环的 .49 **还不如只有 GAN 的 .53**；
#   只用反向循环的是 .01。所以“有一个方向总比没有好”也不成立。
# - 论文给的理由是稳定：只留一个方向，训练常常不稳，被拿掉的那个方向会模式崩溃。
#   反向循环那一行的 .01 就是例子。（这张表没有报种子与误差，几个百分点的高低不要当真。）
#
# 所以能说的是：两个方向都有，**两边都站得住**；不是每一格都最高。
#
# 我们自己也量了一遍：黑体 ↔ 楷体，设定照完整的配置，只是步数少几倍；三组只差循环一致的权重。
# $\lambda=0$ 是 `hparams.cycle=0`；只用正向（黑 → 楷 → 黑）是 `hparams.backward_cycle=0`。

# %%
claim("cycle_parts")

# %% [markdown]
# 先看图，再看判据。
#
# - **只有 GAN**：笔触已经是目标字体的，眼睛认不出字；在真值里找得到自己的只剩 55%、33%
#   （这把尺子比眼睛宽，剩一点影子也找得到；瞎猜是 0.2%），远低于完整的一组的 84%、85%。
#   完整的一组也只比不翻译的（81%、79%）高几个百分点：它的好处在风格，不翻译的风格近 0。
#   它没有漂到 12.3 说的“另一个排列”，而是漂到了根本不是字的地方。风格却差不多是满分：
#   小分类器只见过好好的字，乱笔画它照样归到目标字体那边。三个数要一起看，单看哪一个都会受骗。
# - **只用正向循环**：字没有坏，判据里“被拿掉的方向差一截”那一条没有满足。拿掉的那一圈，
#   来回的误差是完整的近三倍，译文只差了一点点。倒是留下的方向（黑 → 楷）不太稳：五个种子里有两个，
#   风格降到六七成（都在[台账](claims.md)里）。论文说的崩溃，在这一对字体、这么多步上没有看到；
#   换一对形状差得远的域，只留一个方向会怎样，这里没有量。
#
# 所以站得住的是前半句：**没有循环一致，字就没有人管**。后半句“两个方向缺一不可”，
# 论文的表与我们的数都只说到“两个方向更稳妥”。要重做：`python tools/lab.py run cycle_parts`。

# %% [markdown]
# ## 12.6 何时失败 [§12.6]
#
# 把目标换成毛笔行楷（`configs/cyclegan_brush.yml`，别的设定一样），也随工具箱带了一次完整训练。

# %%
brush = Lesson.shipped("cyclegan_brush", retrain=False)
brush_scorer = TranslationScorer(brush.data, Glyphs(y_font="mashan", split="test"), 500, seed=0)
written = translated(brush, original)
rows_of_images({"黑体原字": original, "译字": written, "毛笔真值": brush_scorer.y[shown]})

# %%
plain, learned = brush_scorer.baselines()["不翻译"], brush_scorer.score(brush.method)
ceiling = paired_baseline(brush.config, PAIRED_EVIDENCE)
report({"不翻译": plain, "CycleGAN，完整训练": learned} | ceiling)
print(f"{learned[key]:.0%} 的译文在 500 个毛笔字里找得到自己；不翻译是 {plain[key]:.0%}")
for name, target in {"楷体": scorer.y, "毛笔": brush_scorer.y}.items():
    print(f"随便两个{name}字的相关 {correlation(target[shuffle], target):.3f}")

# %% [markdown]
# **风格到了，真值没有对上。** 译文的风格正确率接近满分，检索却与“不翻译”一样，几乎是 0；
# 楷体那边，完整训练的检索远远高过“不翻译”（12.4 的表）。只看风格，会以为成功了。
#
# 可是看图，不少字眼睛认得出来。是字丢了，还是尺子太严？成对训练的一行先答了一半：
# 同样的生成器、同一把尺子，有真值可学就认得出一大半，差别在没有配对。
# 另一半，把译文拿到**黑体原字**里去认一次：

# %%
print("认得出自己的：在 500 张真值里，在 500 张黑体原字里")
for name, lesson, ruler in (("楷体", full, scorer), ("毛笔", brush, brush_scorer)):
    made = translated(lesson, ruler.x)
    in_truth, in_source = retrieval_at_1(made, ruler.y), retrieval_at_1(made, ruler.x)
    print(f"{name}  {in_truth:.1%}  {in_source:.1%}")

# %% [markdown]
# 毛笔那一行，译文在 500 张真值里几乎都找不到自己，在 500 张黑体原字里几乎都找得到。
# 骨架没动，**它还站在黑体的骨架上**，可是有的部首已经写错（“阿”像“何”，“军”像“车”）：$G$ 换了笔触，
# 没有搬动间架。
# 这就是 12.3 说的“改得最少”。楷体的骨架与黑体差不多，改得最少就对了；毛笔的部件大小、位置、
# 连笔都变了，改得最少不再指向真值，而对抗损失与循环损失里，没有一项要求它指向真值。
#
# “译得回来”还可以作弊：有人发现 $G$ 会把原图的信息藏在人看不见的微小起伏里，只有 $F$ 认得
# （Chu 等，2017，把它叫“隐写”）。这里用不着那样：骨架就摆在明处。
#
# **缺的是同样的字吗？** 两个域里没有一个公共的字，会不会太苛刻？让一成的字、全部的字两边都有，
# 只是仍不告诉它谁对谁（换成楷体 → 毛笔，骨架近一些，好看出变化）：

# %%
claim("shared_glyphs")

# %% [markdown]
# 公共的字从一个没有到全部都是，前五名都是 52%（不翻译是 41%）：在这一对字体上没有用。
# 这不意外：损失里没有一项问“是不是同一个字”，两边有没有同样的字，对它都一样。
# 有人报过相反的（公共的字过了一成，内容就对了八成以上），量的是另一把尺子，见折起来的一段。
# 译文读着清楚，因为还站在楷体的骨架上：在楷体原字里找，个个找得到自己。
# 同样的 400 个字配成对，间架离真值近了（前五名 76%），可是字少、步数少，笔画断了，眼睛反而难认。
# **要间架也对，缺的是配对，不是同样的字。**
#
# **换一对只改颜色的呢？** 把橙发染成青发（`configs/cyclegan_avatars.yml`），别的都不许变。
# 每个测试的人都藏着一张准确的真值：同一个人，只换了发色。

# %%
from paddle_gan.data import Avatars

hair = Lesson.shipped("cyclegan_avatars", retrain=False)
hair_scorer = TranslationScorer(hair.data, Avatars(size=32, split="test"), 500, seed=0)
x, y = hair_scorer.x, hair_scorer.y
dyed = translated(hair, x)
rows_of_images({"原图": x[shown], "译图": dyed[shown], "真值": y[shown]})

# %%
report(hair_scorer.baselines() | {"CycleGAN，完整训练": hair_scorer.score(hair.method)})
should = np.broadcast_to((x != y).any(axis=1, keepdims=True), x.shape)  # 该变的像素
print(f"\n该变的像素占 {should.mean():.0%}。离真值多远（0 到 1）：该变的地方，不该变的地方")
average = np.broadcast_to(hair_scorer.mean, x.shape)
for name, made in {"不翻译": x, "平均图": average, "CycleGAN": dyed}.items():
    gap = np.abs(made - y) / 2
    print(f"{gap[should].mean():.3f}  {gap[~should].mean():.3f}  {name}")

# %% [markdown]
# **颜色对了，别的几乎没有动。** 逐行比：“不翻译”在不该变的地方分毫不差，错全在头发上；
# “平均图”哪里都差一截；CycleGAN 把头发上的误差去掉了将近九成，代价是别处多了一点点。
# 检索也与毛笔不同：“不翻译”的起点就高，译完差不多个个都认得出。
# 这一对域里，真值与原图的形状一模一样，“改得最少”的译法就是对的那一个。
#
# **再换一对只改方向的。** 一个域是数字，另一个域是转了 90° 的数字：真值也只有一个，也容易写出来。
# 旁边是同样的网络、同样的步数，一组换成颜色（反色），一组换成有配对的 pix2pix：

# %%
claim("turned_digits")

# %% [markdown]
# 看“转 90°”的两行：译文没有一个转对了，变回来认得出的不比一点不译多；再译回来，却与原图几乎一样
# （来回都只画平均的图，误差是 0.151）。
# **循环一致只要求回得来，不管中间成了什么。** 不是网络转不动：有了配对，同样的生成器就会转。
# 反色只要每个像素就地改，转 90° 每一笔都要搬家：难的是搬家（这是解释，没有单独量）。
# 反色也没有保证：图上是成了的一个；五个种子里有一个，变回来只认得出 25%，
# 来回的误差还是小（0.037）。
#
# 论文自己也写明了这条界线：改颜色、改纹理常常成功，要改形状的（例如狗变猫）很少成功。
# 动手之前先做一件便宜的事：**量一量“不翻译”的相关和检索**（只差颜色的，先把颜色变回来再量）。
# 它已经很低，CycleGAN 多半帮不了你，去找一些配对的数据。

# %% [markdown]
# ## 弄坏它
#
# 第 01 章“弄坏它”里的漏梯度，真实的出处在这里：飞桨官方的 CycleGAN 教程里有一个安静的错误，
# 更新生成器时梯度也流进了 $D$，
# 之后却只清了生成器自己的梯度（给 D 看的假图也没有 `detach`；这里只复现前一处）。
# $D$ 身上留着一份“请骗过我”的梯度，下一次更新 $D$ 时加了进去。程序不报错，样本也像模像样。
#
# 先算后果。$D$ 实际优化的是自己的损失，加上漏进来的 $L_G$：
#
# $$\tfrac12 p(D-1)^2+\tfrac12 qD^2+\underbrace{q(D-1)^2}_{\text{漏进来的}}
# \;\Rightarrow\; p(D-1)+qD+2q(D-1)=0\;\Rightarrow\; D=\frac{p+2q}{p+3q}.$$

# %%
print("            D(真)  D(假)  loss/D  loss/G")
for name, real, fake in (
    ("健康，分不开", 1 / 2, 1 / 2),
    ("泄漏，分不开", 3 / 4, 3 / 4),
    ("健康，分得开", 1, 0),
    ("泄漏，分得开", 1, 2 / 3),
):
    loss_D = ((real - 1) ** 2 + fake**2) / 2
    print(f"{name}  {real:.2f}   {fake:.2f}   {loss_D:.3f}   {(fake - 1) ** 2:.3f}")

# %% [markdown]
# 注意“分得开”的两行：健康的 $D$ 给假图 0 分；泄漏的 $D$ 明明分得开，也要给假图 2/3 分，
# 因为有一股力一直在把它往“真”拉。症状就是：**`loss/G` 比 0.25 低一截**（0.06 到 0.11），
# 看上去生成器大获全胜；D 的损失下不去，甚至高过“永远答 0.5”的 0.25。真的去跑一次：

# %%
from paddle_gan.methods import METHODS


class Leaky(CycleGAN):
    def generator_step(self, *inputs):
        loss, logs = self.generator_loss(*inputs)
        loss.backward()  # 没有 frozen：梯度也流进了 D_X、D_Y
        self._update("G")  # 只清 G、F 的梯度，D 的留着
        return logs


METHODS["leaky"] = Leaky
leaky = train("cyclegan", *SMALL, "method=leaky", "total_steps=100", name="12_leaky")
for sentence in leaky.summary["diagnosis"]["sentences"]:
    print(sentence)

# %%
curves({"正常": small, "梯度泄漏": leaky}, *adversarial, marks=quarter, until=100)

# %%
leaked = translated(leaky, original)
report({"梯度泄漏": scorer.score(leaky.method), "正常（步数更多）": short})
rows_of_images({"原字": original, "梯度泄漏": leaked, "正常": there["短训练"], "真值": truth})

# %% [markdown]
# 两次都只画前 100 步，虚线是 0.25。曲线与算出来的一致：`loss/G`、
# `loss/F` 落在 0.25 以下很远的地方，两条 D 的损失在 0.25 以上下不去；
# 诊断认出来了，因为一个肯学的判别器至少能做到“永远答 0.5”，也就是 0.25。
# 所以 `loss/G` 低不是好消息，要与 D 的损失一起看。样本图干干净净，只是几乎没有变，风格还在 0 附近。
# 不过它只走了 100 步，正常的走了 300 步，这个差别不能都算在泄漏头上；可靠的证据是同样步数上的曲线。
# 改法就是 12.4 里的两处：`with frozen(...)` 包住前向和反向；给 D 看的假图先 `detach`。
#
# 同一份教程的图像池也是坏的：函数第一行就 `return`，等于 `hparams.pool_size=0`。
# 还有一种更难看出来的坏法：池子装满后再也不换，$D$ 永远在看最早的假图。这时 D 的损失很快接近 0，
# `loss/G` 却不高——练习 12.5 让你算：两个数什么时候互相矛盾。

# %% [markdown]
# ## 小结
#
# - 没有配对时，对抗损失只管“像不像那个域”，$(N!)^2$ 种译法它一视同仁。
# - 循环一致让 $F=G^{-1}$，剩下 $N!$ 种；它保证信息不丢，不保证译对。译对靠网络“改得最少”的偏好。
# - 健康的 CycleGAN：四条对抗曲线从 0.25 附近拉开，谁也没有贴住 0；循环损失小而不为 0，
#   译得好起来时还会升。曲线都不说明字译对了没有。
# - 去掉循环一致（λ = 0），找得到自己的只剩 55%、33%，眼睛多半认不出，风格却接近满分。
#   只留正向的一圈，我们的字没有坏；
#   论文里有的格更高，有的格还不如只有 GAN：两个方向是为了稳妥，不是每一格都最高。
# - 换发色几乎处处对准；黑体译毛笔，风格接近满分，字却还站在黑体的骨架上。先量“不翻译”的分数。
# - 数字转 90° 一个也没有学会，来回一趟却几乎不走样：循环一致不问中间对不对。
#   两个域里放同样的字也没有用，缺的是配对。

# %% [markdown]
# ## 一段历史
#
# 把一种图变成另一种，2001 年就有人做：Hertzmann 等人的 *Image Analogies*（SIGGRAPH 2001）给一对
# 图，学着改第三张。2016 年的 pix2pix（arXiv:1611.07004）把它交给 GAN，可是训练集里的图要一对一对
# 的。成对的图哪里来？斑马不会站到马的位置上再拍一张。
#
# 2017 年春天，三组人几乎同时想到了同一个约束，编号就排着
# 队：DiscoGAN（arXiv:1703.05192）、CycleGAN（arXiv:1703.10593）与 DualGAN（arXiv:1704.02510）。后
# 者的灵感来自机器翻译：译过去再译回来，句子该不变（arXiv:1611.00179）。CycleGAN 的论文把这个想法
# 追到更早，做视觉跟踪的人早就用“正着跟一遍、反着跟一遍”来查错。同一年的
# UNIT（arXiv:1703.00848）走了另一条路：两个域共用一个潜变量。
#
# 漏洞也是当年就发现的。Chu 等人看到，生成器会把原图藏进看不见的高频里，好让自己译得回来
# （arXiv:1712.02950）：循环损失小，不等于译得对，12.3 节说的就是它。
#
# 那么一定要转一圈吗？2020 年，原班作者里的几位换成对比学习，只译一个方向，不再译回来
# （CUT，arXiv:2007.15651）。这与本章量到的合得上：去掉循环一致，认得出的字少得多；只留一个方向的
# 一圈，字没有坏（台账 C1）。要紧的是译文与原文之间得有*一条*约束，不一定是圈。

# %% [markdown]
# ## 练习
#
# **12.1** 每个域有 4 个字。对抗损失与循环一致都满意的 $(G,F)$ 有几对？（一个整数）

# %%
answer = None  # 换成你的答案
check("12.1", answer)

# %% [markdown]
# **12.2** 写一个函数 `cycle(x, x_back, y, y_back)`，返回 $L_{cyc}$：输入是四个 NumPy 数组，
# `x_back` 是 $F(G(x))$，`y_back` 是 $G(F(y))$，$\|\cdot\|_1$ 照库里取逐像素的均值。

# %%
answer = None  # 换成你的答案
check("12.2", answer)

# %% [markdown]
# **12.3** 有人把判别器损失里的 ½ 去掉了（$L_D=p(D-1)^2+qD^2$），同时有“弄坏它”里的梯度泄漏。
# 真假分得开时，$D$ 会给假图多少分？（一个准确的数）

# %%
answer = None  # 换成你的答案
check("12.3", answer)

# %% [markdown]
# **12.4** 看 12.5 的发表数据，下面哪句话站得住？
#
# A. 两个方向的循环损失都用，两个任务的分数都最高。<br>
# B. 只用循环损失、不用 GAN，也能译得不错，因为信息没有丢。<br>
# C. 只用正向循环在标签 → 照片上略高于完整的，换到照片 → 标签就明显更低；两个方向都有，
# 两边才都站得住。<br>
# D. 循环一致没有用：只有 GAN 的分数与完整的处处一样。

# %%
answer = None  # 换成你的答案
check("12.4", answer)

# %% [markdown]
# **12.5** 某次训练 `loss/G` = 0.36。如果 $D_Y$ 看的就是生成器现在画的图，`loss/D_Y` 至少是多少？
# （保留两位小数。提示：$\sqrt{\mathbb E[D^2]}\ge 1-\sqrt{\mathbb E[(D-1)^2]}$。）
# 实际记录到的是 0.01，你会去查哪里？

# %%
answer = None  # 换成你的答案
check("12.5", answer)

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
# | 及格 | `translation/score` ≥ 0.98 | `cyclegan_avatars` | 3.0 |
# | 良好 | `translation/score` ≥ 0.85 | `cyclegan` | 4.5 |
# | 优秀 | `translation/score` ≥ 0.6 | `cyclegan_brush` 做不到 | 5.0 |
#
# `translation/score` 是风格、检索、与真值的相关三个数的调和平均：有一个接近 0，它就接近 0，所以原
# 样交回不算，全画成一个样也不算。
#
# - **及格** 换发色：形状不动，只改颜色，是循环一致最拿手的题。
# - **良好** 黑体译楷体：既要像楷体，又要认得出是同一个字。判别器看得见的范围太小，间架就管不住。
# - **优秀** 黑体译毛笔。我们的三个种子风格都接近满分，检索只有半成：字还站在黑体的骨架上（12.6
# 节）。要动骨架，得让生成器够得着更远的笔画，或者给它几对字；全给成对的字能到多好，看第 11 章的
# `pix2pix_glyphs`（黑体译楷体，检索 0.98）。

# %% [markdown]
# ## 延伸阅读
#
# - Zhu、Park、Isola、Efros，2017，*Unpaired Image-to-Image Translation using Cycle-Consistent
#   Adversarial Networks*，arXiv:1703.10593：§3 是损失，§5.1.4 是消融，§6 是失败的例子。
# - Isola 等，2017，*Image-to-Image Translation with Conditional Adversarial Networks*，
#   arXiv:1611.07004：PatchGAN 与成对的翻译。
# - Mao 等，2017，*Least Squares Generative Adversarial Networks*，arXiv:1611.04076。
# - Shrivastava 等，2017，*Learning from Simulated and Unsupervised Images through Adversarial
#   Training*，arXiv:1612.07828：图像池出自 §2.3。
# - Chu、Zhmoginov、Sandler，2017，*CycleGAN, a Master of Steganography*，arXiv:1712.02950：
#   循环损失怎样被“藏信息”骗过。
# - 讲义背后的公开课：001 的这一节对
# 应[李宏毅《机器学习》2021 春](https://speech.ee.ntu.edu.tw/~hylee/ml/2021-spring.php)的[第四讲](https://www.youtube.com/watch?v=wulqhgnDr7E)；003
# 只在提纲里列了它，录像[在这里](https://www.youtube.com/watch?v=ZBY1shLnhUk)。
#
# **接着看**：[课程地图](README_zh.md)。想译自己的图，跑完 `cyclegan` 之后用
# `python tools/translate.py runs/cyclegan --input 图或文件夹 --out out --direction x2y`。
