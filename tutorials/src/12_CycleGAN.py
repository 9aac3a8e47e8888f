# %% [markdown]
# # 12 CycleGAN
#
# **学完你能**
# - 说清没有配对时缺的是什么：对抗损失管不住“谁对谁”，循环一致又管到哪一步为止；
# - 从源码里指出两个生成器、两个判别器、图像池、冻结 D 各在哪一行，为什么要有；
# - 用风格、检索、相关三个数判断一次翻译成不成，并从曲线认出判别器出了毛病。
#
# **CPU 用时** 约 2 分钟
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
# ## 12.1 没有配对的数据 [§12.1]
#
# > Unsupervised Conditional Generation：没有正确匹配的 pair
# >
# > —— 001 李宏毅 GAN 笔记；003 提纲里也有这一节
#
# 第 11 章（还没有写）的翻译要成对的数据：每张 $x_i$ 都配好了答案 $y_i$，照着 $y_i$ 学就行。
# 可是马和斑马没有人能拍出“同一匹”，白天的街和夜里的街很难对齐。手上往往只有两堆图：
#
# $$x_1,\dots,x_N \sim p_X,\qquad y_1,\dots,y_M \sim p_Y,\qquad \text{没有下标的对应。}$$
#
# 要学一个 $G: X\to Y$，让 $G(x)$ 看上去属于 $Y$，而且还是原来那件东西。
#
# 这一章用汉字：$X$ 是黑体，$Y$ 是楷体。训练时两边**没有一个字相同**，模型不可能靠记住配对取巧；
# 测试的 500 字两种字体都有，当作藏起来的真值。这样“是不是还是那个字”就能量，马和斑马做不到这一点。

# %%
import numpy as np
import paddle

from paddle_gan.data import Glyphs, Pair, Unpaired

data, test = Glyphs(), Glyphs(split="test")
for domain in ("x", "y"):
    characters = data.characters(domain)
    print(f"域 {domain}：{len(characters)} 字，例如 {characters[:12]}")
print("两个域公共的字：", len(set(data.characters("x")) & set(data.characters("y"))))
print("测试：", *test.lengths(Pair), "字，两种字体都有")

# %%
rng = np.random.default_rng(0)
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
# 判别器是 PatchGAN：不给整张图打一个分，而是给每一小块打一个分，再取平均。字体的差别在笔画的起收，
# 一小块就看得出来；块小，参数也少。

# %%
from paddle_gan.networks import PatchGAN

D_Y = PatchGAN((1, 32, 32), (1,), width=16, layers=2, norm="none")
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
# 第 1 步池子刚装满，原样返回；以后每一步，D 看到的是新旧混在一起的。
#
# 现在训练。完整的配置 `configs/cyclegan.yml` 在 CPU 上要五分钟；这里把网络缩窄、批减半、
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
curves(small, *adversarial, "loss/cycle", marks=quarter)

# %% [markdown]
# 怎样看这五条：
#
# - `loss/G`、`loss/F` 与两条 D 的损失都应当在 0.25（虚线）附近上下波动：双方拉锯，谁也没赢。
#   D 略占上风时，
#   D 的在 0.25 以下、生成器的在以上，就像这里的 X 域。D 的损失贴近 0 是危险信号：
#   判别器一眼认出假图，生成器学不到东西。
# - `loss/cycle` 从一开始就小，因为 $G$、$F$ 是从“几乎不改”出发的；改起来之后它稍有起落，
#   总的向下。**循环损失小不等于译得好**：原样照抄的循环损失最小。
# - 没有一条曲线告诉你字译对了没有。要看图、看三个数。


# %%
def there_and_back(lesson, x):
    there = lesson.method.translate(paddle.to_tensor(x), "x2y")
    return there.numpy(), lesson.method.translate(there, "y2x").numpy()


shown = np.arange(0, 500, 63)  # 8 个测试字
original, truth = scorer.x[shown], scorer.y[shown]
there, back = there_and_back(small, original)
rows_of_images({"原字 x": original, "译字 G(x)": there, "转回来": back, "真值": truth})

# %%
import json

recorded = json.loads((HOME / "configs" / "results.json").read_text(encoding="utf-8"))
full = recorded["cyclegan"]["seeds"]["0"]["metrics"]
paired_file = HOME / "paddle_gan" / "metrics" / "assets" / "paired_glyphs.json"
paired = json.loads(paired_file.read_text(encoding="utf-8"))[0]["mean"]
scores = scorer.score(small.method)
rows = {"不翻译": baseline["不翻译"], "这里的小网络": scores}
rows |= {"完整配置，1,600 步": full, "同样的网络，用成对的真值训练": paired}
report(rows)

# %% [markdown]
# 逐列读。
#
# - **风格**：从“不翻译”的接近 0 升上来了多少，就是学会了多少楷体的样子。
# - **检索**：要与“不翻译”比。短训练里它往往先降一点再回来：笔画刚被改动、还没改对。
#   完整配置的检索高于“不翻译”：译文比原字更接近真值，不只是换了表面。
# - **相关**：涨得最慢。真正的楷体连间架都与黑体不同，循环一致里没有任何东西要求间架也对上。
# - 最后一行是**有答案时的上限**（`tools/maintain/paired_baseline.py`，两个种子）。没有配对的代价，
#   就是它与完整配置之间的差。
#
# **想跑完整的**：`python tools/train.py -c configs/cyclegan.yml`（CPU 约 5 分钟）；
# 论文的原设定是 `python tools/train.py -c configs/cyclegan_horse2zebra.yml`，要 GPU 和自备的数据，
# 没有在这里跑过。

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
# 下面自己量一个：$\lambda=0$（超参数 `hparams.cycle`），其余与上面完全相同，连种子也相同。

# %%
alone = train("cyclegan", *SMALL, "total_steps=300", "hparams.cycle=0", name="12_no_cycle")
report(
    {
        "不翻译": baseline["不翻译"],
        "λ = 10": scores,
        "λ = 0": scorer.score(alone.method),
    }
)

# %%
curves({"λ = 10": small, "λ = 0": alone}, "loss/cycle", "loss/G", marks={"loss/G": 0.25})

# %%
there_0, back_0 = there_and_back(alone, original)
rows = {"原字": original, "译字 λ = 10": there, "转回来 λ = 10": back}
rows_of_images(rows | {"译字 λ = 0": there_0, "转回来 λ = 0": back_0, "真值": truth})

# %% [markdown]
# 看三样东西：
#
# - **图**：λ = 10 的译字笔画变细、带了楷体的起收，转回来几乎就是原字。λ = 0 的译字是一团团断笔，
#   转回来更糟，八张都是差不多的格子：不同的字到了同一个样子，这就是模式崩溃。
# - **分数**：λ = 0 的检索掉到“不翻译”之下，译文比原字难认得多。可是它的**风格几乎是满分**：
#   小分类器只见过两种好好的字，乱笔画它照样归到楷体那边。所以三个数要一起看，哪一个单独都会受骗。
# - **曲线**：`loss/cycle` 的权重是 0，照样记录，λ = 0 的停在高处。只看 `loss/G`，到了后半段，
#   两条线都在 0.25 附近，分不出谁好谁坏。
#
# **能说到哪一步也要说清。** 只有一个种子、300 步、一个很窄的网络。
# λ = 0 没有漂到 12.3 说的“另一个排列”，而是漂到了根本不是字的地方：D 只看小块，又还没学好，
# 骗过它用不着写出完整的字。这里看得出的是方向：没有循环一致，内容没有人管；差多少、训练更久会怎样，
# 这一次量不出。要比较，就用完整配置各跑几个种子：
# `python tools/train.py -c configs/cyclegan.yml -o hparams.cycle=0`，再换 `--seed` 与 `--output`。

# %% [markdown]
# ## 12.6 何时失败 [§12.6]
#
# 把目标换成毛笔行楷（`configs/cyclegan_brush.yml`，别的设定一样）。先看两种字体离黑体有多远：

# %%
brush = Glyphs(y_font="mashan", split="test")
rows_of_images(
    {"黑体": test.x_images[shown], "楷体": test.y_images[shown], "毛笔": brush.y_images[shown]}
)

# %%
for name, dataset in {"楷体": test, "毛笔": brush}.items():
    hei, target = dataset.batch(Pair, (np.arange(500),), rng)
    print(f"黑体不翻译，与{name}：相关 {correlation(hei, target):.3f}", end="")
    print(f"，检索 {retrieval_at_1(hei, target):.3f}", end="；随便两个字：")
    print(f"相关 {correlation(target[shuffle], target):.3f}")
report({"毛笔，完整训练 1,600 步": recorded["cyclegan_brush"]["seeds"]["0"]["metrics"]})

# %% [markdown]
# **风格到了，字没有跟上。** 看上面的数（一个种子）：训练完的风格正确率接近 1，
# 检索却没有超过“不翻译”的那一点点，500 个字里只找得回 25 个。楷体那边不是这样：
# 完整配置的检索从“不翻译”的 0.81 升到了 0.88（12.4 的表，也是一个种子）。相关虽有一点进步，
# 也只比“随便两个字”高一点。三个数里只看风格，会以为成功了。
#
# 要公平地说一句：黑体原字与毛笔真值的相关，还不如随便两个毛笔字之间的高；像素的检索在这里本来就弱，
# 所以 0.05 不等于“95 % 的字认不出”。它说的是：训练了 1,600 步，
# 译文并没有比原字更接近真值里的那个字。
#
# 回到 12.3 就知道为什么。对抗损失要“像毛笔”，循环损失要“译得回来”，两样都没有说“还是那个字”。
# 黑体与楷体的相关高，“改得最少”的译法正好接近对的那一个；毛笔的粗细、连笔、位置都变了，
# “改得最少”不再指向正确的字。“译得回来”也不难骗：$G$ 把原字的信息藏在 $F$ 认得出、
# 人看不见的地方就行（Chu 等，2017，把它叫“隐写”）。
#
# 论文自己也写明了这条界线：改颜色、改纹理常常成功，要改形状的（例如狗变猫）很少成功。
# 动手之前先做一件便宜的事：**量一量“不翻译”的相关和检索**，就像上面那一格。它已经很低，
# CycleGAN 多半帮不了你，去找一些配对的数据。
#
# 看毛笔的译文：`python tools/train.py -c configs/cyclegan_brush.yml`（CPU 约 7 分钟），
# 图在 `runs/cyclegan_brush/samples/`。

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
there_leak, _ = there_and_back(leaky, original)
report({"梯度泄漏": scorer.score(leaky.method), "正常（步数更多）": scores})
rows_of_images({"原字": original, "梯度泄漏": there_leak, "正常": there, "真值": truth})

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
# - 健康的 CycleGAN：四条对抗曲线在 0.25 附近拉锯，循环损失小而不为 0。曲线都不说明字译对了没有。
# - 论文的消融：两个方向是为了两边都稳，不是每一格都最高（标签 → 照片只用正向的更高；照片 → 标签
#   只用正向的还不如只有 GAN）。
# - 形状变得多的翻译会失败，风格分却照样很高。先量“不翻译”的分数。

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
#
# **接着看**：[课程地图](README_zh.md)。想译自己的图，跑完 `cyclegan` 之后用
# `python tools/translate.py runs/cyclegan --input 图或文件夹 --out out --direction x2y`。
