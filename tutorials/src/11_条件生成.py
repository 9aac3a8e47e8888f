# %% [markdown]
# # 11 条件生成
#
# **学完你能**
# 1. 说出类别 $y$ 在条件 GAN 里从哪两处进，缺了哪一处会怎样。
# 2. 推出“打乱配对”改了 $D$ 的什么，知道它为什么让 $G$ 听话，又要付什么代价。
# 3. 从公式认出 ACGAN、投影判别器、InfoGAN 各把 $y$ 放在哪里。
# 4. 判断一个条件生成的模型时，同时看听话、花样与像不像，不被其中一个骗。
# 5. 看懂 pix2pix 的两项损失各管什么；在 $z$ 里找一个属性的方向，并量出它牵连了什么。
#
# **CPU 用时** 约 3 分钟
#
# **先读** 01（交替训练）、02（最优判别器）、04（DCGAN、加减 $z$）、07（§7.6 谱归一化）。

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
# ## 先看做成了什么样
#
# 到现在为止，$G$ 画什么由它自己定。这一章要它听话：要 7 就画 7。
# 下面每一列要同一个数字，每一行用同一个 $z$：

# %%
import numpy as np
import paddle

from paddle_gan.evaluation.sampling import decode, each_class_latents

digits = Lesson.shipped("cgan_digits", retrain=False)  # 换成 True，就在你的机器上从头训练一遍


def each_class(lesson, rows, seed=0):
    return decode(lesson.method, each_class_latents(lesson.method, rows, seed))


images(each_class(digits, 6), columns=10)

# %% [markdown]
# 竖着看，十列是 0 到 9，一列里写法各不相同；横着看，同一个 $z$ 换了数字，粗细与斜度多半还是那样：
# 类别管“写什么”，$z$ 管“怎么写”，没有人教它这样分工。换成人像，指定头发的颜色：

# %%
people = Lesson.shipped("cgan_avatars", retrain=False)
print("从左到右：", "、".join(people.data.class_names))
images(each_class(people, 3, seed=1), columns=len(people.data.class_names))

# %% [markdown]
# ## 11.1 条件 GAN：类别从哪里进 [§11.1]
#
# > Conditional GAN ——笔记 001；Conditional Generation ——提纲 003
#
# **为什么要两处都给。** 只给 $G$：$D$ 不知道要的是什么，画得真就给高分，
# $G$ 没有理由理会 $y$。所以 $D$ 也要看 $y$，
# 它判断的不是“真不真”，是“**真不真，而且配不配**”（Mirza 与 Osindero，2014）：
#
# $$
# \min_G\max_D\ \mathbb E_{x,y}[\log D(x,y)]+\mathbb E_{z,y}[\log(1-D(G(z,y),y))] .
# $$
#
# 固定 $y$ 看，这就是第 02 章的 GAN，两边都只在这一类里比。记真的一边 $p(x\mid y)$，
# 生成的一边 $q(x\mid y)$，逐点求极值：
#
# $$
# D^*(x,y)=\frac{p(x\mid y)}{p(x\mid y)+q(x\mid y)},\qquad
# \text{最优的 }G：q(x\mid y)=p(x\mid y)\ \text{对每个 }y\text{ 都成立}.
# $$
#
# 也就是说，目标本身没有毛病：走到底，$G$ 一定听话。毛病在走不到底（11.2）。

# %%
conditional_diagram(mismatched=False)

# %% [markdown]
# 图上淡的那一对先不管。代码里“给”就是接上：$y$ 的独热接在 $z$ 后面给 $G$；
# 给 $D$ 的图，每个像素都接上同一个 $y$，
# 一张 $(1,28,28)$ 的图变成 $(11,28,28)$：

# %%
from paddle_gan.methods.by_class import ByClass, beside

show(beside)
show(ByClass.of_class)
x = paddle.zeros([2, 1, 28, 28])
y = paddle.nn.functional.one_hot(paddle.to_tensor([3, 7]), 10)
print("D 看的：", beside(x, y).shape, " G 看的：", digits.method.noise(2).shape)

# %% [markdown]
# ### 先立尺子
#
# 要量两样，缺一不可：
#
# - **听话**：让一个在真图上训练好的分类器（随包的 LeNet）来认，认出的就是要的，占几成；
# - **花样**：同一类里两张图的平均距离，除以真实图像的。
#
# 三个不用训练的“生成器”，看看各自能得几分：

# %%
from paddle_gan.data import Digits
from paddle_gan.evaluation.scorers_classes import ObedienceScorer

judge = ObedienceScorer(Digits(), Digits(split="test"), samples=1000, seed=0)


def report(rows):
    print("听话   花样")
    for name, scores in rows.items():
        print("  ".join(f"{value:.3f}" for value in scores.values()), name, sep="  ")


report(judge.baselines() | {"随包的条件 GAN": judge.score(digits.method)})

# %% [markdown]
# **每类只画一张**：听话满分，花样是零。**类别打乱**：张张是真图，听话只有一成上下，花样反而超过 1，
# 因为一“类”里混着十种数字。所以两个数要一起看：只有真正学会的，两个才都接近 1。

# %% [markdown]
# ## 11.2 打乱配对 [§11.2]
#
# > 打乱 pair 的正确匹配 ——笔记 001
#
# 只接上类别的条件 GAN，训练一段短的，看它听不听：

# %%
SHORT = ["total_steps=500", "ema=null", "lr_schedule=constant", "metrics={}", "log_every=20"]
SHORT += ["hparams.lr_D=5e-4", "hparams.lr_G=5e-4"]  # 走得少，步子就大一些
plain = train("cgan_digits", *SHORT, "hparams.mismatched=false", name="11_plain")
images(each_class(plain, 3), columns=10)

# %% [markdown]
# 一行十张，除了 0、1 两列，几乎一样：画什么多半由 $z$ 定，$y$ 只管到一点点。
#
# **为什么。** 训练刚开始，假图一眼就看得出假，$D$ 只看 $x$ 就能答对，犯不着去学 $x$ 与 $y$ 配不配。
# $D$ 不看 $y$，$G$ 就收不到一点关于 $y$ 的梯度。照这个说法，要等 $G$ 画得很像了，
# $D$ 才不得不去看配不配（等多久，这里没有量）。
#
# **打乱配对**（Reed 等，2016，叫它 GAN-CLS）不等：直接给 $D$ 看第三种，**真的 $x$，错的 $y'$**，
# 告诉它这也是假的。这时图张张都是真的，只看 $x$ 答不对，$D$ 只好学“配不配”：

# %%
from paddle_gan.methods import ACGAN, CGAN, InfoGAN

conditional_diagram()

# %%
show(CGAN.discriminator_loss)

# %% [markdown]
# `wrong` 给出 $y'$：在其余 $K-1$ 类里均匀地抽，不会碰巧抽中对的那一个
# （练习 11.2 自己写一遍）。两种“假”各占一半：
#
# $$
# L_D=-\mathbb E[\log D(x,y)]-\tfrac12\Big\{\mathbb E[\log(1-D(G(z,y),y))]
# +\mathbb E[\log(1-D(x,y'))]\Big\} .
# $$
#
# 记 $m(x\mid y)=\frac1{K-1}\sum_{y'\ne y}p(x\mid y')$，
# 是“配给 $y$ 的、其实属于别的类的真 $x$”的密度（各类一样多时）。同样逐点求极值：
#
# $$
# D^*(x,y)=\frac{p(x\mid y)}{p(x\mid y)+\tfrac12\big(q(x\mid y)+m(x\mid y)\big)} .
# $$
#
# 在一张毫不含糊的 7 上（$y=7$，$m=0$），学成之后 $q=p$，$D^*=\frac23$，不再是 $\frac12$；配错的
# $p=q=0$，$D^*=0$。健康的样子因此也换了：

# %%
real, fake, wrong = 2 / 3, 2 / 3, 0
even = -np.log(real) - (np.log(1 - fake) + np.log(1 - wrong)) / 2
print(f"均衡处 loss/D = {even:.3f}；没有配错的一项时是 2·log 2 = {2 * np.log(2):.3f}")
marks = {"loss/D": even, "prob/real": real, "prob/fake": fake, "prob/mismatched": wrong}
curves(digits, "loss/D", ("prob/real", "prob/fake", "prob/mismatched"), marks=marks)

# %% [markdown]
# 随包的 5,000 步：配错的降到 0.2 上下就停住了，`loss/D` 也就还在虚线上面；
# 生成的一条还高过真的一条。一种解释是：真图里有含糊的，它们的 $m>0$，$D^*$ 就低于 $\frac23$，
# 而 $G$ 避开了它们（见下面的“代价”）。**读图时先看 `prob/mismatched`**：它若与 `prob/real` 一样高，
# $D$ 就没有在看类别。
#
# 同样 500 步，加上这一项：

# %%
paired = train("cgan_digits", *SHORT, name="11_paired")
images(each_class(paired, 3), columns=10)

# %%
short = {"只接上类别": plain, "再看配错的": paired}
report({f"{name}，短训练": judge.score(lesson.method) for name, lesson in short.items()})

# %% [markdown]
# 听话的比例高出一大截，花样却少了一大截：同一列里的几张彼此更像了。一个种子、几百步说明不了什么；
# 五个种子、1,600 步：

# %%
claim("mismatched_pairs")

# %% [markdown]
# 左图每行用同一个 $z$。图是种子 0 的，题目上的数是五个种子的中位数。只接上类别的，
# 一行十张几乎是同一张图：换了 $y$，$G$ 多半不理。
# 右图的每条细线是一个种子，从第 400 步走到第 1,600 步（圆点）；星是前面那三个不用训练的“生成器”。
# 只接上类别的贴着底往右走：越画越全，就是不听话；看了配错的先往左上（听话，花样少），
# 再往右走（花样回来）。
#
# ### 代价
#
# 为什么花样会少？看上面的 $D^*$：一张写得潦草、既像 4 又像 9 的图，在 $y=4$ 这里是“配对”，
# 在 $y=9$ 那里就是“配错”，$m(x\mid 4)>0$。$G$ 要的是 $\tfrac12(q+m)$ 像 $p$，逐点就是
#
# $$
# q(x\mid y)=\max\big(0,\ 2\lambda\,p(x\mid y)-m(x\mid y)\big),
# $$
#
# （$\lambda$ 由总量是 1 定，没有含糊的图时它是 $\frac12$，$q=p$）：**潦草的被减掉，端正的留下**。
# 这是最优时的账；早期的代价还要大，
# $D$ 一学会“配不配”，$G$ 最省力的办法是每类挑一个端正的样子反复画。量到的：

# %%
claim("price_of_obedience")

# %% [markdown]
# 花样要与听话一起读：只接上类别的超过 1，是因为类里混着别的数字，不是真的花样多；
# 真图的类别打乱也有 1.14（最上面一条虚线）。该比的是听话的真图（1 上下的一条）。
# ACGAN 也听话，花样没有少得这样多：少的那些不能全记在听话的账上。
#
# **代价会一直在吗？** 随包的那一次走了 5,000 步，每 500 步量一次（虚线是真实图像的值）：

# %%
truth = dict(zip(judge.keys, judge.baselines()["真实数据（测试集）"].values()))
curves(digits, *judge.keys, marks=truth)

# %% [markdown]
# 花样先低后高，走到后来与真图相差无几，听话也跟着升：**早期的大代价是一时的**；
# 照上面的式子，最优处还留一点，含糊的图永远少画。另外，它付的是花样，不是像不像：
# 同样 1,600 步，看了配错的 FD-LeNet 反而低得多（11.3 的表）。
# 这一条曲线是一个种子；三个种子的数也在 11.3 的表里。

# %% [markdown]
# ## 11.3 ACGAN 与投影判别器 [§11.3]
#
# > Conditional Generation ——提纲 003
#
# 让 $D$ 在乎 $y$ 的办法不止一种。
#
# **ACGAN**（Odena 等，2017）：$D$ 不看 $y$，自己认。一个头判真假，一个头认是哪一类；
# $G$ 要让它认出自己要的那一类，
#
# $$
# L_S=\mathbb E[\log P(\text{真}\mid x)]+\mathbb E[\log P(\text{假}\mid G(z,y))],\qquad
# L_C=\mathbb E[\log P(y\mid x)]+\mathbb E[\log P(y\mid G(z,y))],
# $$
#
# $$
# D\text{ 最大化 }L_S+L_C,\quad G\text{ 最大化 }L_C-L_S .
# $$

# %%
show(ACGAN.heads)
show(ACGAN.generator_loss)

# %% [markdown]
# 注意 $L_C$ 里没有一项管花样：每类只画一张最好认的，$L_C$ 最大。管花样的只有判真假的 $L_S$。
# 还有一处要当心：$G$ 听的是 **$D$ 自己的分类头**，它教 $G$、又被 $G$ 的样本教，两边可以合得很好，
# 换一个没有参与训练的分类器（我们的 LeNet）来认，未必认账。
#
# **投影判别器**（Miyato 与 Koyama，2018）：$D$ 还是看 $y$，但不接在输入上。
# 两边 $y$ 的比例相同时，交叉熵下最优的 logit 是
# $\log\frac{p(x\mid y)}{q(x\mid y)}=\log\frac{p(y\mid x)}{q(y\mid x)}+\log\frac{p(x)}{q(x)}$。
# 设 $p(y\mid x)$、
# $q(y\mid x)$ 都是特征 $\phi(x)$ 上的 softmax 分类器，权重各是 $v_y^p$、$v_y^q$：前一项给出
# $\langle v_y^p-v_y^q,\phi\rangle$，记作 $\langle e_y,\phi\rangle$；
# 归一化的部分与后一项都不含 $y$，
# 并进 $\psi$：
#
# $$
# D(x,y)=\underbrace{\psi(\phi(x))}_{\text{真不真}}
# +\underbrace{\langle e_y,\ \phi(x)\rangle}_{\text{配不配}},
# $$
#
# 每一类一个向量 $e_y$，与特征作内积。实际训练用的是合页损失与谱归一化
# （§7.6），推导只说明为什么是这个形状。$G$ 里的类别也换了进法：BN 的 $\gamma$、$\beta$ 随类别变。

# %%
from paddle_gan.networks.projection import ConditionalBatchNorm, ProjectionDiscriminator

show(ProjectionDiscriminator.forward)
show(ConditionalBatchNorm.forward)

# %% [markdown]
# 四种放在一起。除了听话与花样，再加一把尺子：**拿 4,000 张生成的图与要的类别当训练集，
# 教一个 1 近邻，去认真实的测试图像**。要认得准，生成的图得既听话、又像、又有花样。
# 它比前几把难骗，可是照抄训练图仍是满分。

# %%
claim("conditional")

# %%
from IPython.display import Markdown

from paddle_gan.lab import EXPERIMENTS
from paddle_gan.lab.runner import read_results

lab = EXPERIMENTS["conditional"]
middles = {
    lab.label(arm): {k: np.median([r["statistics"][k] for r in rows]) for k in lab.statistics}
    for arm, rows in read_results("conditional", "full").items()
}

# %%
columns = {"accuracy": "听话", "spread": "花样", "fd": "FD-LeNet", "nn": "教出的 1 近邻"}
table = [
    f"| 1,600 步，五个种子的中位数 | {' | '.join(columns.values())} |",
    "|---|--:|--:|--:|--:|",
]
for name, row in (middles | lab.references()).items():
    cells = [f"{row[key]:.3g}" if key in row else "–" for key in columns]
    table.append(f"| {name} | {' | '.join(cells)} |")
Markdown("\n".join(table))

# %% [markdown]
# 最后三行是参照（抽的样本与 11.1 的尺子不同，末位会差一点）。
# **FD-LeNet 不看类别**：真图的类别全打乱，它一点不变；每类只有一张真图，它也给出一个不算坏的数。
#
# 结论是不成立：一千多步，没有一种教得出真图那样的 1 近邻。输的地方不同：只接上类别的输在不听话，
# 看了配错的输在花样少，ACGAN 两样都差一点，投影判别器花样最全、听话还在半路。
# 最后一行最扎眼：**十张真图**（每类一张）教出来的，就高过四千张不听话的图。
# 这张表里投影判别器的损失（合页）、谱归一化、Adam 的动量、学习率与 $G$ 的结构都与别的不同
# （照它自己的配置），所以不能说差别全在 $D$ 把 $y$ 放在哪里。
#
# 走到底呢？配置完整跑完的（5,000 步，投影 4,000 步；参数取滑动平均，学习率线性降到 0）：

# %%
import json

results = json.loads((HOME / "configs/results.json").read_text("utf-8"))
keys = ("obedience/accuracy", "obedience/spread", "fd_lenet")
table = ["| 配置 | 种子 | 听话 | 花样 | FD-LeNet |", "|---|--:|--:|--:|--:|"]
for name in ("cgan_digits", "acgan_digits", "projection_digits"):
    seeds = list(results.get(name, {"seeds": {}})["seeds"].values())
    row = [f"{np.mean([one['metrics'][key] for one in seeds]):.3g}" for key in keys if seeds]
    row = row or ["还没有量过", "", ""]
    table.append(f"| {name} | {len(seeds)} | {' | '.join(row)} |")
Markdown("\n".join(table))

# %% [markdown]
# 数是各个种子的平均。步数、数据与网络都小，这张表只说这份数据上的事；
# 论文里投影判别器的长处是在一千类的 ImageNet 上量的，那里接上一千维的独热行不通。

# %% [markdown]
# ## 11.4 InfoGAN：没有标签也要条件 [§11.4]
#
# > Conditional Generation ——提纲 003
#
# 没有标签，也想有一个旋钮：给 $G$ 一个编码 $c$（十选一），要求**从画里看得出 $c$ 是几**。
# 看得出多少，就是互信息
#
# $$
# I(c;G(z,c))=H(c)-H(c\mid G(z,c))=H(c)+\mathbb E\big[\log p(c\mid G(z,c))\big] .
# $$
#
# $p(c\mid G(z,c))$ 算不出来，用一个网络 $Q$ 代替。$p$ 与 $Q$ 的 KL 散度不小于 0，所以
#
# $$
# I(c;G(z,c))\ \ge\ L_I=H(c)+\mathbb E_{c,z}\big[\log Q(c\mid G(z,c))\big],\qquad
# H(c)=\log 10\approx2.303 .
# $$
#
# $L_I$ 是下界，$\log10$ 是上限：到了上限，$c$ 就从画里看得一清二楚。$Q$ 与 $D$ 共用主干，
# 只有最后一层不同，$L_I$ 两方都要它大：

# %%
show(InfoGAN.information)

# %%
info = Lesson.shipped("infogan_digits", retrain=False)
ceiling = np.log(10)
curves(info, "info/categorical", "codes/accuracy", marks={"info/categorical": ceiling})

# %%
images(each_class(info, 6), columns=10)

# %% [markdown]
# 左边的曲线几百步就到了上限：从画里看得出 $c$。竖着看，多数列各有各的样子，
# 也有两列画的是同一个数字、写法不同的。
# **可是“看得出 $c$”不等于“$c$ 就是数字”**：右边那条慢得多，而且远没有到 1。
# 数一数每个编码画的都是几（LeNet 来认）：

# %%
from paddle_gan.evaluation.scorers_classes import generate_evenly, judge_of

paddle.seed(0)
drawn, codes = generate_evenly(info.method, 2000)  # 每个编码 200 张
seen = judge_of(Digits())(drawn)
shares = np.zeros((10, 10))
np.add.at(shares, (codes, seen), 1 / 200)

# %%
with canvas(size=(4.6, 4.2)) as c:
    axis = c.axes[0, 0]
    shown = axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axis.set(xlabel="LeNet 认出的数字", ylabel="编码", xticks=range(10), yticks=range(10))
    axis.grid(False)
    c.figure.colorbar(shown, ax=axis, label="占这个编码的几成")
c.picture

# %% [markdown]
# 若编码就是数字，每一行应当只有一格是深的，而且各行深的不在同一列。
# 把编码与数字一一配好（取最好的配法），对得上的占几成？旁边放两样参照：
# 编码什么也不管的；和**什么也不生成的 k 均值**，它把训练图像的像素分成十堆，用同样的配法：

# %%
from paddle_gan.evaluation.scorers_classes import labelled_images
from paddle_gan.lab.codes import clustered
from paddle_gan.metrics.obedience import matched_accuracy

(train_x, _), (test_x, test_y) = (labelled_images(Digits(split=s)) for s in ("train", "test"))
piles = clustered(train_x, test_x, seed=0)
matched = {"InfoGAN 的编码，配它画出的数字": matched_accuracy(codes, seen)}
shuffled = np.random.default_rng(0).permutation(codes)
matched["编码打乱，什么也不管"] = matched_accuracy(shuffled, seen)
matched["k 均值的堆，配真实的测试图像"] = matched_accuracy(piles, test_y)
for name, share in matched.items():
    print(f"{share:.2f}  {name}")

# %% [markdown]
# 打乱的也高过一成：配法是看着答案挑的。三行的题不一样：头一行认的是生成的图，k 均值认的是真图；
# $Q$ 认真图的数在下面的台账里，比 k 均值还低。论文在 MNIST 上把编码当分类器，错误率是 5%：
# 网络宽得多，训练图是这里的 15 倍。
#
# 那十个编码学了什么？互信息只要求看得出 $c$，没有说凭什么看得出：
# 凭粗细、凭斜度、凭“像 4 或 9”都行，数字只是其中一种分法。五个种子的数，和不加互信息的一组：

# %%
claim("code_kept")

# %% [markdown]
# 不加互信息（$\lambda=0$），$c$ 就是十维没有人管的噪声：另训练一个线性分类器，从像素读 $c$，
# 几乎读不出。
# 加上以后读得出来：**互信息做到了它说的**。它没有说的那一半：

# %%
claim("codes")

# %% [markdown]
# 编码配得上数字的，五个种子的中位数不到一半；拿 $Q$ 去认真实的数字，还不如 k 均值。
# 要编码就是类别，还得有标签，或者更大的网络、更多的数据（这里没有量）。
#
# 连续的编码也看一眼。每行只动一个，从 $-1$ 走到 $1$，别的都不变：

# %%
h, steps = info.method.hparams, np.linspace(-1, 1, 9)
start = each_class_latents(info.method, 1, seed=2)
swept = {}
for number in range(h.continuous):
    for code in (0, 5):
        z = np.tile(start[code], (len(steps), 1))
        z[:, h.z_dim - h.continuous + number] = steps  # z 的末几维是连续编码
        swept[f"编码 {code}，动第 {number + 1} 个"] = decode(info.method, z)
rows_of_images(swept)

# %% [markdown]
# 它管什么，也没有人规定：看图自己起名字，换一个种子，名字就换了。

# %% [markdown]
# ## 11.5 GAN + 监督：pix2pix [§11.5]
#
# > Conditional GAN：GAN + Supervised Learning
# >
# > —— 001
#
# **记号换了**：这一节照论文，$x$ 是条件，$y$ 是要画的图。
# 前几节的条件是一个类别。条件也可以是一整张图 $x$，而且每个 $x$ 都配好了答案 $y$：
# 有答案，就能照着学（监督）；GAN 管的是答案里没有写死的那一部分。先看两个随包的完整训练，
# 题都是测试集里的，训练时没有见过：由边缘画出数字；由黑体写出楷体。

# %%
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
places = np.array([np.roll([0, 1, 1, 0, 0, 0, 0, 0], k) for k in range(5)])  # 每行一种可能的真值
p = places.mean(axis=0)
for name, g in {"L2 的最优": p, "L1 的最优": np.round(p), "随便猜一种": places[0]}.items():
    gap = np.abs(places - g).mean()
    print(f"{name} {g}：L1 平均 {gap:.2f}，墨 {g.sum():.1f}，边 {np.abs(np.diff(g)).sum():.1f}")

# %% [markdown]
# 看“墨”一列：真值总有 2，L1 的最优却一点墨也不画，因为没有哪个像素有墨的机会过半。
# 它的 L1 最小，可是没有一种真值是这样的：$D$ 一眼认出。最后一行的 L1 大，却像真的。
# 练到底的网络，定不下来的笔画会变淡、变细、断开；没有练到底的，还停在平均数那样的灰上。
# 都叫“糊”。
#
# 糊不糊，量得出来：**边缘能量**是相邻两点墨量之差的平方的平均，越糊越小。自己训练两次短的，
# 只差一项：

# %%
BRIEF = ["total_steps=500", "metrics={}", "log_every=10"]
only_l1 = train("pix2pix_glyphs", *BRIEF, "hparams.adversarial=0", name="11_l1")
with_gan = train("pix2pix_glyphs", *BRIEF, name="11_l1_cgan")
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
#   论文里这样的 $G$ 差不多只画一张图（街景上逐像素、逐类正确率与 IoU 只有 .22、.05、.01）；
#   这里没有塌：像素随输入变的方差与真值相差无几（折起来的表里），
#   多半因为 U-Net 把边缘直接接到了输出跟前，照着边缘画反而最省事。
#   有了 L1，答案由 L1 管着，$D$ 看 $x$ 没有更好：论文表 1 的次序（.66 对 .64）这里没有重现。
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
# **先要量得出，才谈得上找。** 粗细与斜度由像素就算得出，不用分类器：宽 $h$、长 $L$ 的一笔，
# 面积 $hL$，周长约 $2L$，所以粗细 = 2 × 面积 / 周长；斜度是每往上一个像素，笔画平均往右几个像素。

# %%
from paddle_gan.evaluation.sampling import random_latents
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
# 两行是照这把尺子排的，看得出它量的是什么。**线性探针**是拿 $z$ 去猜这个数，最小二乘：
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
rows_of_images(rows, heads=[f"{t:+.2g}" for t in steps])

# %% [markdown]
# 行名里的数是第几个 $z$：300 个里 LeNet 看最像 2 与最像 4 的。列名是走了多远，正中一列是原来的
# 那一张，往右是加，往左是减，两头各走 3（$z$ 有 64 维，离原点约 $\sqrt{64}=8$，3 不算小）。
# 上面两条越走越粗，中间两条越走越往右倒，下面两条变得少得多。
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
# 折起来的表里有一行不用生成器：真的数字，直接在像素里加粗、斜切。粗细动得比探针多，
# 斜度动得少一些，换了数字的只有百分之几。几个样本的平均也比一个样本强，可是都不如探针。
# **能在像素里写出来的特征，用不着 GAN。** $z$ 里的方向值钱在写不出来的特征上：
# 眼镜、发型、表情。人像上仍用一个像素里算得出的（红减蓝，“画面有多暖”），只为看它牵连了什么：

# %%
faces = Lesson.shipped("avatars_best", retrain=False)
faces_z = random_latents(faces.method, 2000, seed=0)
drawn = decode(faces.method, faces_z)
warmer = probe(faces_z, (drawn[:, 0] - drawn[:, 2]).mean(axis=(1, 2)))
walkers = random_latents(faces.method, 4, seed=2)
heads = [f"{t:+.2g}" for t in steps]
rows_of_images({f"更暖 {k + 1}": walk(faces, walkers[k], warmer) for k in range(4)}, heads=heads)

# %% [markdown]
# 只说了“更暖”，没有说是背景、头发还是皮肤：能变暖的一起变，有的连发型也换了。
# 要的是哪一个，就得把它单独量出来，或者训练时就把它当条件（11.1），
# 再或者让 $G$ 自己分出来（11.4）。
# 三条路各要一样东西：属性的标签、训练时的标签、运气。

# %% [markdown]
# ## 弄坏它
#
# ACGAN 的一个不声不响的毛病：分类头的输出先过一次 softmax，再交给 `cross_entropy`，
# 而它自己还要做一次。程序不报错，损失也会降一点。
#
# 先算后果。第一次 softmax 之后，输出是 0 到 1 之间的数，最有把握也只是一个 1、九个 0；再做一次：
#
# $$
# -\log\frac{e^1}{e^1+9e^0}=\log\Big(1+\frac9e\Big) .
# $$
#
# 损失再也降不到它下面。真的去跑，两次训练只差这一处：

# %%
from paddle.nn.functional import softmax

from paddle_gan.methods import METHODS


class TwiceSoftmax(ACGAN):
    def heads(self, x):
        logit, named = super().heads(x)
        return logit, softmax(named)  # cross_entropy 里还有一次


METHODS["twice"] = TwiceSoftmax
right = train("acgan_digits", *SHORT, "total_steps=200", name="11_once")
broken = train("acgan_digits", *SHORT, "total_steps=200", "method=twice", name="11_twice")

# %%
floor = np.log(1 + 9 / np.e)
print(f"做两次 softmax 的下限 {floor:.3f}；什么也不知道是 log 10 = {np.log(10):.3f}")
pair = {"做一次": right, "做两次": broken}
curves(pair, "loss/class_real", "loss/class_fake", marks={"loss/class_real": floor})

# %%
report({f"{name}，200 步": judge.score(lesson.method) for name, lesson in pair.items()})

# %% [markdown]
# 症状：做一次的 `loss/class_real` 一路降到 0 附近；做两次的降得慢得多，200 步还停在虚线上面，
# 再练多久也到不了虚线下面。这一个种子的听话也差一截，花样反而多一些：那是类里混着别的数字
# （200 步，两边都还远没有练成）。看见一条分类的损失停在一个不该停的数上，先去数 softmax 做了几次。
#
# 顺便看“做一次”的：`loss/class_fake` 已经贴近 0，$D$ 自己的头几乎个个认得出；
# LeNet 认出的却没有那么多：$D$ 的头认得出，别的分类器未必认（11.3）。

# %% [markdown]
# ## 小结
#
# | 方法 | $y$ 从哪里进 $D$ | 凭什么听话 | 当心 |
# |---|---|---|---|
# | CGAN，只接上 | 接在 $x$ 后面 | 理论上走到底才听话（没有量） | 短训练里 $y$ 几乎等于没给 |
# | 打乱配对 | 同上，再看 $(x,y')$ | 不看配不配就答不对 | 早期花样少，要多走几步 |
# | ACGAN | 不进，$D$ 自己认 | $D$ 的分类头认得出 | $D$ 的头认得出，别人未必认；管不着花样 |
# | 投影判别器 | $\langle e_y,\phi(x)\rangle$ | 结构里就有“配不配” | 照论文要谱归一化、合页损失 |
# | InfoGAN | 没有 $y$ | 从画里看得出 $c$ | $c$ 是什么由它自己定，多半不是类别 |
# | pix2pix | 与输入的图接在一起 | L1 管着答案，$D$ 管像不像 | 定不下来的地方，只有 L1 会糊 |
#
# - 条件生成要量三样：听话、花样、像不像。取巧的办法各能骗过一样：每类一张、类别打乱。
# - 目标对，不等于走得到：打乱配对让目标也稍稍变了（只在含糊的图上），更要紧的是 $D$ 先学什么。
# - 没有条件的 $G$ 也控制得了：线性探针找得到方向，可是没有写进去的（是几）会跟着变。

# %% [markdown]
# ## 一段历史
#
# GAN 提出才五个月，Mirza 与 Osindero 就把类别接了进去（arXiv:1411.1784，2014 年 11 月）。那时的 D
# 只见过两种：真图配对的类别，假图配要它画的类别。2016 年 Reed 等人照句子画鸟，发现 D 还得见第三
# 种：真图配*错*的句子（arXiv:1605.05396）。11.2 节量的就是这一种，少了它，G 画得再像也不听话。
#
# 同一年有两个相反的主意。ACGAN（arXiv:1610.09585）让 D 自己认类别；InfoGAN（arXiv:1606.03657）干
# 脆不给类别，只要求编码能从图里读回来，论文说有一个编码认 MNIST 只错百分之五。我们的十个编码远没
# 有这样好（台账 A13b，不成立）。2018 年的投影判别器（arXiv:1802.05637）说 D 不必认，与类别作个内
# 积就行；同年画 ImageNet 的 BigGAN（arXiv:1809.11096）用的就是它。
#
# 条件也可以是一整张图。先是用平方误差，得到的总是糊：2015 年 Mathieu 等人预测视频的下一帧时就加了
# 对抗损失来治（arXiv:1511.05440），2016 年的上下文编码器（arXiv:1604.07379）补洞也这样做。同年底
# 的 pix2pix（arXiv:1611.07004）把它做成一个通用的框架，还老实列出消融：只有 GAN、D 又不看输入，几
# 乎不管输入是什么。2017 年 zi2zi（<https://github.com/kaonashi-tyc/zi2zi>）用它学写字，本章的
# `pix2pix_glyphs` 做的就是那道题。

# %% [markdown]
# ## 练习
#
# **11.1** 有人写打乱配对时忘了两种“假”各乘 ½：
# $L_D=-\mathbb E\log D(x,y)-\mathbb E\log(1-D(G(z,y),y))-\mathbb E\log(1-D(x,y'))$。
# 在毫不含糊的图上，学成之后（$q=p$，$m=0$）$D^*(x,y)$ 是多少？（保留两位小数）

# %%
answer = None  # 换成你的答案
check("11.1", answer)

# %% [markdown]
# **11.2** 写一个函数 `wrong(labels, shift, K)`：`labels` 是对的类别（0 到 $K-1$ 的整数数组），
# `shift` 是同样长的、在 1 到 $K-1$ 里均匀抽的整数，返回错的类别：在其余 $K-1$ 类里均匀，
# 绝不是对的那一类。（一个函数）

# %%
answer = None  # 换成你的答案
check("11.2", answer)

# %% [markdown]
# **11.3** 只有 $K=4$ 类，softmax 做了两次，分类的损失最低能到多少？（保留三位小数）

# %%
answer = None  # 换成你的答案
check("11.3", answer)

# %% [markdown]
# **11.4** InfoGAN，$c$ 十选一。每张图上 $Q$ 给真正的 $c$ 的概率都是 0.8，$L_I$ 是多少？
# （奈特，保留两位小数）

# %%
answer = None  # 换成你的答案
check("11.4", answer)

# %% [markdown]
# **11.5** 一个条件生成的模型，FD-LeNet 与真图一样低，听话只有 0.10，花样是 1.14。
# 最可能是哪一种？
#
# A. 模式崩溃：每类只画一张。<br>
# B. 画得又像又全，只是不看要的是哪一类。<br>
# C. 不管要什么都只画一个数字。<br>
# D. 听话、只是画得潦草，LeNet 认不出。

# %%
answer = None  # 换成你的答案
check("11.5", answer)

# %% [markdown]
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
# | 及格 | `obedience/accuracy` ≥ 0.92，`fd_lenet` ≤ 10 | `cgan_digits` | 2.5 |
# | 良好 | `translation/score` ≥ 0.9 | `pix2pix_glyphs` | 1.1 |
# | 优秀 | `codes/accuracy` ≥ 0.9 | `infogan_digits` 做不到 | 2.0 |
#
# - **及格** 听话与画得像要一起过。听话的比例上不去，先看 D 有没有见过配错的类别（11.2 节）。
# - **良好** 有成对的字，把黑体写成楷体。只用 L1 会糊，只用 GAN 会不管输入；两样都要，D 还要看着输
# 入。
# - **优秀** 不给标签，让十个编码自己长成十个数字。我们的三个种子在 0.48 到 0.59，论文
# （arXiv:1606.03657）说有编码能到 0.95。编码最常见的归宿是粗细与斜度，想想怎样让它不值得学这些。

# %% [markdown]
# ## GPU
#
# 数字的配置 CPU 上几分钟。自己的图，每一类放一个子文件夹，就能照样练
# （见[常见问题](../docs/常见问题.md)）。
#
# ```bash
# python tools/train.py -c configs/cgan_digits.yml --seed 1
# python tools/sample.py gallery:cgan_digits --each-class --out out.png
# python tools/lab.py run conditional codes pix2pix_parts directions
# ```
#
# ## 延伸阅读
#
# - Mirza 与 Osindero，*Conditional Generative Adversarial Nets*，arXiv:1411.1784。
# - Reed 等，*Generative Adversarial Text to Image Synthesis*，arXiv:1605.05396：算法 1 是打乱配对。
# - Odena 等，*Conditional Image Synthesis with Auxiliary Classifier GANs*，arXiv:1610.09585。
# - Miyato 与 Koyama，*cGANs with Projection Discriminator*，arXiv:1802.05637：§3 是推导。
# - Chen 等，*InfoGAN*，arXiv:1606.03657：§5 是下界，§7.2 是配数字。
# - Isola 等，*Image-to-Image Translation with Conditional Adversarial Networks*，arXiv:1611.07004。
# - 讲义背后的公开课：001 的 Conditional GAN 对
# 应[李宏毅《机器学习》2021 春](https://speech.ee.ntu.edu.tw/~hylee/ml/2021-spring.php)的[第三讲](https://www.youtube.com/watch?v=MP0BnVH2yOo)，
# 后半讲条件生成；003 在提纲里列了它，录像[在这里](https://www.youtube.com/watch?v=ZBY1shLnhUk)。
#
# 接着打开 `12_CycleGAN.ipynb`：连“配好的答案”也没有，怎样翻译。
