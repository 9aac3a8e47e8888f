# %% [markdown]
# # 14 应用
#
# **学完你能**
# 1. 把一个应用拆成三问：解的是什么题，比最简单的办法好多少，付出了什么。
# 2. 推出“只求误差小”为什么糊、加上对抗为什么误差反而大，看懂 SRGAN 与上下文编码器各改了哪一行。
# 3. 判断拿生成的图教分类器划不划算，量出一个生成器把哪几类画少了。
# 4. 图少、标签少、只有正常图时，各知道 GAN 帮得上什么，先该赢过哪一个简单的办法。
#
# **CPU 用时** 约 4 分钟
#
# **先读** 10（尺子与参照）、11（§11.5 pix2pix）。

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
# ## 应用怎么看
#
# > 应用 ——幻灯片 000
#
# 幻灯片的“应用”是一页一页的图。图好看，不等于 GAN 有用。每一个应用，这一章都问同样的三句：
#
# 1. **题**：给什么，要什么，凭什么说答对了；
# 2. **好多少**：旁边放一个最简单的、不用 GAN 的办法，同一把尺子量；
# 3. **价钱**：误差、时间、会不会编，哪一样变坏了。
#
# 有的应用第二问过得去，有的过不去。过不去的也写在这里。

# %% [markdown]
# ## 14.1 超分辨率：误差小，还是像真的 [§14.1]
#
# **题。** 给一张 7 × 7 的数字，要 28 × 28 的。训练用的一对一对是现做的：
# 原图当答案 $y$，每 4 × 4 个像素平均成一个，就是小图 $x$。

# %%
import numpy as np
import paddle

from paddle_gan.data import DATASETS, Pair
from paddle_gan.evaluation import scorers_restoration as beside

small = {s: DATASETS["degraded"](of="digits", split=s) for s in ("train", "test")}
known, (x, y) = (
    small[s].batch(Pair, (np.arange(n),), None) for s, n in (("train", 4000), ("test", 1000))
)
ten = np.arange(50, 1000, 100)  # 测试集按类别排好：每类取正中一张，不挑
untrained = {"双三次放大": beside.unrestored(x, y), "照抄最像的": beside.nearest(x, known)}
tiny = x.repeat(4, axis=2).repeat(4, axis=3)
rows_of_images({"小图 x": tiny[ten], **{k: v[ten] for k, v in untrained.items()}, "答案 y": y[ten]})

# %% [markdown]
# 中间两行都不用训练。双三次放大是照相软件里的老办法；“照抄最像的”在 4,000 张训练小图里找
# 最像的一张，交出它的大图：张张清楚，可是不是这一张。
#
# **为什么不能只求误差小。** 固定 $x$，它的大图 $y$ 不止一种可能。$G$ 只能交一张 $g$：
#
# $$
# \mathbb E\big[\|y-g\|^2\mid x\big]
# =\underbrace{\|g-\mathbb E[y\mid x]\|^2}_{\text{交得不对}}
# +\underbrace{\mathbb E\big[\|y-\mathbb E[y\mid x]\|^2\mid x\big]}_{\text{谁也去不掉}} .
# $$
#
# 展开平方，交叉项 $\mathbb E[y-\mathbb E[y\mid x]\mid x]=0$，就得到它。
# 所以误差最小的是**平均** $\mathbb E[y\mid x]$。
# 几张清楚的图一平均，是一张糊的图，而且没有一张真图是那样的。
#
# 反过来，要像真的，就该交 $y'\sim p(y\mid x)$，随便哪一种真的可能。$y$ 与 $y'$ 独立同分布，
#
# $$
# \mathbb E\|y-y'\|^2=\mathbb E\|y-\mathbb E y\|^2+\mathbb E\|y'-\mathbb E y'\|^2
# =2\,\mathbb E\|y-\mathbb E y\|^2 ,
# $$
#
# 误差恰好大一倍（换成 PSNR 是多少分贝，练习 14.1）。**误差最小**与**像真的**，
# 不能同时到头（Blau 与 Michaeli，2018，叫它 perception–distortion）。

# %% [markdown]
# **SRGAN**（Ledig 等，2017）两样各要一点，分两个阶段：
#
# $$
# \text{一：}\ \min_G\ \mathbb E\|y-G(x)\|^2;\qquad
# \text{二：}\ \min_G\ \mathbb E\|y-G(x)\|^2-\lambda\,\mathbb E[\log D(G(x))] .
# $$
#
# 第二阶段里 $D$ 照常分真假（$y$ 是真，$G(x)$ 是假），它不看 $x$：配不配由误差管。
# 论文的误差取在 VGG19 的特征上；VGG 要下载，这里用像素的，论文里也有这一组（SRGAN-MSE）。

# %%
from paddle_gan.methods import SRGAN, Inpainting
from paddle_gan.methods.restoring import Restores

restoring_diagram()

# %%
show(SRGAN.train_step)
show(Restores.generator_loss)

# %% [markdown]
# $G$ 先在 7 × 7 上算完，最后才放大：卷积算出四倍的通道，每四个数摆成 2 × 2 个像素
# （PixelShuffle），两次就是四倍。放大之前的层都在小图上，所以便宜。
#
# 两次短训练，步数相同，只差第二阶段有没有对抗：

# %%
SR = ["total_steps=600", "hparams.pretrain=300", "metrics={}", "log_every=10"]
only_mse = train("sr_gan_digits", *SR, "hparams.adversarial=0", name="14_mse")
with_gan = train("sr_gan_digits", *SR, name="14_gan")
upscaled = {"短训练，只求误差": only_mse, "短训练，再加对抗": with_gan}


def restored(lesson, x):
    return lesson.method.translate(paddle.to_tensor(x), "x2y").numpy()


made = untrained | {name: restored(lesson, x) for name, lesson in upscaled.items()}
rows_of_images({"小图 x": tiny[ten], **{k: v[ten] for k, v in made.items()}, "答案 y": y[ten]})

# %% [markdown]
# 放大细看（比如 1）：只求误差的一行，笔画边上有一圈灰；加了对抗的，灰少一些，黑底上却添了些碎点。
# 眼睛不容易分，用数量。四把尺子，全部 1,000 张测试图：
#
# - **PSNR**：均方误差取对数，$10\log_{10}(1/\text{MSE})$ 分贝（像素在 $[0,1]$），越大离答案越近；
# - **边缘**：相邻两点之差的平均，除以答案的。糊的小于 1；
# - **FD-LeNet**：与答案在 LeNet 特征上的距离，越小越像真的数字；
# - **认得对**：LeNet 认出的就是原来那个数字，占几成。


# %%
def judges_of(data):
    kinds = beside.Restoration, beside.DigitRestoration
    return [kind(*data.values(), samples=1000, seed=0) for kind in kinds]


def report(judges, made):
    print(" PSNR  边缘    FD  认得对")
    for name, images_of in made.items():
        (psnr, edges), (fd, right) = (judge.report(images_of).values() for judge in judges)
        print(f"{psnr:5.2f}  {edges:.2f}  {fd:5.1f}  {right:6.1%}  {name}")


sr_judges = judges_of(small)
report(sr_judges, made)

# %% [markdown]
# 竖着看每一列谁最好：
#
# - 双三次放大除了 PSNR，每一列都垫底，FD 尤其差：模糊的数字在 LeNet 看来不像数字。
#   **这是最低的一关。**
# - 照抄最像的，边缘与 FD 几乎满分（它交的本来就是真图），PSNR 却比双三次还低：
#   只看“像不像真的”，最好的办法是不看题。
# - 只求误差的，PSNR 比双三次高出好几分贝；加上对抗的，PSNR 略低，边缘更近 1，FD 小一大截。
#
# 五个种子、步数再多些（台账里的“真值”就是答案 $y$）：

# %%
claim("super_resolution")

# %% [markdown]
# 判据都过了：PSNR 每个种子都低一点；平均下来低不到半分贝，FD 不到三分之一，
# 边缘与答案的差距小了一大半。
#
# 再看“一开始就对抗”的一组：与分两阶段的不相上下。**“第一阶段不能省”在这里没有重现**：
# 论文先练了一百万步误差；我们的图小、网络浅，误差那一项又一直在，省了也行。图大、
# 网络深时照论文的做，稳妥些。

# %% [markdown]
# ### 价钱
#
# 多练一个 $D$，时间多了；误差也略大。还有一样，两种办法都逃不掉：小图里没有的信息，$G$ 只能**编**。
# 下面是加了对抗以后，LeNet 最有把握地认成了别的数字、而答案认得对的十张：

# %%
from paddle_gan.evaluation.scorers_samples import lenet_input
from paddle_gan.metrics import digit_features

labels = small["test"].source.labels
said = {k: digit_features(lenet_input(v, (-1, 1)))[1] for k, v in (made | {"y": y}).items()}
drawn = said["短训练，再加对抗"]
right = said["y"].argmax(axis=1) == labels
wrong = np.flatnonzero((drawn.argmax(axis=1) != labels) & right)
sure = wrong[np.argsort(-drawn[wrong].max(axis=1))][:10]  # 最有把握地认错的
heads = [f"{a}→{b}" for a, b in zip(labels[sure], drawn[sure].argmax(axis=1))]
rows = {"小图 x": tiny[sure], "G(x)": made["短训练，再加对抗"][sure], "答案 y": y[sure]}
rows_of_images(rows, heads=heads)

# %%
for name in upscaled:
    told = said[name]
    missed = (told.argmax(axis=1) != labels) & right
    print(f"{name}：认错 {missed.sum()} 张，平均的把握 {told[missed].max(axis=1).mean():.2f}")

# %% [markdown]
# 两种办法错得差不多多：编错不是对抗独有的，只求误差的也编。差别在样子：糊的还看得出是猜的，
# 清楚的看不出。**放大出来的细节不是证据**：车牌、脸、病灶，都不能照着放大的图来认。
#
# **用你自己的照片。** 改 `configs/sr_gan_own.yml` 的 `root`：训练时从照片上裁 64 × 64 的块，
# 缩到 16 × 16 再放回来；练好以后 `translate.py` 放大任意大小的图（命令在“GPU”一节）。

# %% [markdown]
# ## 14.2 补洞 [§14.2]
#
# **题。** 数字正中挖掉 16 × 16 的一块（整张 32 × 32），由四周猜它。洞里先填这张图
# 看得见的部分的平均色，另有一个通道告诉 $G$ 洞在哪里。
# 猜法比放大还多：四周只露出一点笔画，中间怎样连，往往不止一种。

# %%
holed = {s: DATASETS["masked"](of="digits", split=s) for s in ("train", "test")}
hole_known, (hole_x, hole_y) = (
    holed[s].batch(Pair, (np.arange(n),), None) for s, n in (("train", 4000), ("test", 1000))
)
hole_untrained = {
    "填平均色": beside.unrestored(hole_x, hole_y),
    "照抄最像的": beside.nearest(hole_x, hole_known),
}
restoring_diagram(hole=True)

# %% [markdown]
# **上下文编码器**（Pathak 等，2016）与 SRGAN 只差三处：
#
# $$
# L_G=0.999\,\mathbb E\Big[\sum_i w_i\,(y_i-G(x)_i)^2\Big]-0.001\,\mathbb E[\log D(G(x))] .
# $$
#
# 1. 误差只算洞里（$w=1$）和四周一圈（$w=10$，接得上才行），别处 $w=0$；代码里对算进来的像素平均；
# 2. **$D$ 也只看这一块**（洞和那一圈）。若让它看整张补好的图，接缝就是最好认的记号；
# 3. 不分阶段，$G$ 的学习率是 $D$ 的 10 倍：误差的权重大得多，$D$ 只帮一点忙。

# %%
show(Inpainting.judge)
show(Inpainting.distance)

# %%
HOLE = ["total_steps=500", "metrics={}", "log_every=10"]
only_l2 = train("inpainting_digits", *HOLE, "hparams.adversarial=0", name="14_l2")
joint = train("inpainting_digits", *HOLE, name="14_joint")
fillers = {"短训练，只求误差": only_l2, "短训练，误差与对抗": joint}
filled = hole_untrained | {name: restored(lesson, hole_x) for name, lesson in fillers.items()}
rows_of_images({**{k: v[ten] for k, v in filled.items()}, "答案 y": hole_y[ten]})

# %%
hole_judges = judges_of(holed)
report(hole_judges, filled)

# %% [markdown]
# PSNR 与边缘**只算洞里**：洞外照原样，算进来谁的分都好看（“弄坏它”里有数）。
# FD 与认得对的比例算整张。
#
# - 填平均色也有三成认得对：四周剩下的就够认出一些；
# - 照抄最像的，是“看着四周去训练集里找”：认得对的将近八成，这才是要胜过的；
# - 学过的两行，PSNR 与认得对都胜过它；边缘与 FD 胜不过，它交的是真图。五百步里，
#   加不加对抗几乎看不出。

# %%
claim("fill_hole")

# %% [markdown]
# 判据写在前面，没有全过，照实读：
#
# - 过了的：加上对抗，FD 小了约三成，洞里的边缘也更近 1（照抄最像的两样都更好，
#   可是补的不是这一张）；
# - 没过的：只求误差的边缘比预先写的界（0.8）高出一点点，没有糊到那个地步；PSNR 五个种子里四个低、
#   一个高，说不准是不是更低。认得对的比例也分不出高下。
#
# 与 14.1 比，补洞里对抗添得少。一种解释是它的权重只有 0.001；换一个权重会怎样，这里没有量。

# %% [markdown]
# **用你自己的图。** `translate.py` 把**透明的地方**当作洞：在画图的程序里擦掉一块，存成 PNG 给它。
# 没有透明的地方，它就照训练时那样在正中挖一个。洞外一个像素也不改。

# %% [markdown]
# ## 14.3 拿生成的图教分类器 [§14.3]
#
# **题。** 只有 100 张有标签的图，教一个分类器。常听到的主意：拿这 100 张练一个条件 GAN，
# 让它再画几千张带标签的，一起教。划算吗？
#
# **最简单的办法**不是什么也不做，是把每张图平移一两个像素：写法没变，标签也不变。
# 还有两行是**不公平的**：两个条件 GAN 看过 4,000 个标签，画的图里就藏着那 4,000 个标签。
# 一个与只看 100 张的练得一样久，别的设定也相同；一个是随包的，练得久得多。

# %%
from paddle_gan.data import Digits, Labeled
from paddle_gan.evaluation.scorers_classes import generate_evenly
from paddle_gan.networks import MLP

SMALL = ["few=100", "total_steps=600", "ema=null", "lr_schedule=constant", "metrics={}"]
SMALL += ["hparams.lr_D=5e-4", "hparams.lr_G=5e-4"]
from_100 = train("cgan_digits", *SMALL, name="14_cgan_100")
as_long = train("cgan_digits", *SMALL[1:], name="14_cgan_4000")  # 只差给它看 4,000 张
hundred = from_100.data.batch(Labeled, (np.arange(100),), None)
whole = Digits().batch(Labeled, (np.arange(4000),), None)
exam = Digits(split="test").batch(Labeled, (np.arange(1000),), None)
from_4000 = Lesson.shipped("cgan_digits", retrain=False)

# %%
rng, COUNT = np.random.default_rng(0), 2000
picked, moved = rng.integers(100, size=COUNT), rng.integers(-2, 3, (COUNT, 2))
shifted = np.stack([np.roll(hundred.x[i, 0], d, (0, 1)) for i, d in zip(picked, moved)])[:, None]
again = hundred.x[picked], hundred.labels[picked]
lessons = {
    "100 张": again,
    "100 张，各移一两个像素": (shifted, hundred.labels[picked]),
    "100 张 + 只看过这 100 张的 GAN": generate_evenly(from_100.method, COUNT),
    "100 张 + 看过 4,000 个标签的 GAN，一样久": generate_evenly(as_long.method, COUNT),
    "100 张 + 看过 4,000 个标签的 GAN，练够了": generate_evenly(from_4000.method, COUNT),
    "4,000 张真图": (whole.x, whole.labels),
}

# %%
from paddle.nn.functional import cross_entropy


def taught(x, labels, seed):
    paddle.seed(seed)
    net, rng = MLP((1, 28, 28), (10,), width=128, depth=1), np.random.default_rng(seed)
    adam = paddle.optimizer.Adam(1e-3, parameters=net.parameters())
    for _ in range(300):
        batch = rng.integers(len(x), size=64)
        loss = cross_entropy(net(paddle.to_tensor(x[batch])), paddle.to_tensor(labels[batch]))
        loss.backward()
        adam.step()
        adam.clear_grad()
    return float((net(paddle.to_tensor(exam.x)).numpy().argmax(axis=1) == exam.labels).mean())


# %%
def with_real(x, labels):  # 每一份都有那 100 张真图（重复到一样多）
    return np.concatenate([again[0], x]).astype("float32"), np.concatenate([again[1], labels])


for name, (images_of, numbers) in lessons.items():
    found = [taught(*with_real(images_of, numbers), seed) for seed in range(5)]
    print(f"{np.mean(found):.1%} ± {np.std(found, ddof=1):.1%}  {name}")

# %% [markdown]
# 同一个分类器、同样的步数，五个种子；± 只是换分类器的种子，GAN 与那 100 张都只有一份。读法：
#
# - 先看第二行：平移不花一分钱，多认对的是白得的；
# - 第三行的 GAN 只看过同样的 100 张：没有帮上忙，也远不如平移。它只练了 600 步，
#   练久一点会不会好，这里没有量；可是这 100 张里没有的写法，练多久也不会知道；
# - 第四行与第三行只差标签：同样的网络、同样的 600 步，只是给它看 4,000 张。
#   多认对的，就是那 4,000 个标签换了个样子送进来了，与只有 100 个标签的题无关；
# - 第五行也看过 4,000 个标签，练得还久得多，又有滑动平均：再多认对的，不能全算在标签上。
#
# **看见“GAN 增广提高了多少”的报告，先问这个 GAN 看过多少标签。**
#
# 生成的图长什么样：

# %%
three = {"看过 100 张的，600 步": from_100, "看过 4,000 张的，600 步": as_long}
three |= {f"看过 4,000 张的，{from_4000.summary['step']:,} 步": from_4000}
ten_each = {name: generate_evenly(lesson.method, 10)[0] for name, lesson in three.items()}
rows_of_images(ten_each, heads=[str(k) for k in range(10)])

# %% [markdown]
# 上两行都只练了 600 步，样子差不多，教出来的却差好几个百分点。一种解释是差在花样：
# 一个只见过 100 种写法，一个见过 4,000 种，从十张里看不出来。
#
# ## 14.4 偏见：什么被画少了 [§14.4]
#
# **题。** 训练集里十个数字一样多。生成器也画得一样多吗？拿它的图当“数据”用之前，这一问非问不可：
# 画得少的一类，下游的分类器也就学得少。
#
# 让 LeNet 认 $n$ 张生成的图，第 $k$ 类占 $\hat p_k$。抽样自己就有波动：一类真占 $p$，
# $\hat p$ 的标准误是 $\sqrt{p(1-p)/n}$，所以画上 95% 的区间
# $\hat p\pm1.96\sqrt{\hat p(1-\hat p)/n}$；
# 区间不含 10% 的，才说它多了或少了。
# 参照是真图：随机抽同样多张（有放回），也让同一个 LeNet 认，它认偏了也看得出来。

# %%
from paddle_gan.evaluation.scorers_samples import generate


def shares(images_of):
    told = digit_features(lenet_input(images_of, (-1, 1)))[1].argmax(axis=1)
    p = np.bincount(told, minlength=10) / len(told)
    return p, 1.96 * np.sqrt(p * (1 - p) / len(told))


N = 2000
names = ("gan_digits", "dcgan_digits", "wgan_gp_digits", "digits_best")
shipped = {name: Lesson.shipped(name, retrain=False) for name in names}
paddle.seed(0)
counted = {"随机抽的真图": shares(whole.x[rng.integers(4000, size=N)])}
counted |= {name: shares(generate(lesson.method, N)) for name, lesson in shipped.items()}

# %%
with canvas(len(counted), size=(2.5, 2.6)) as c:
    for axis, (name, (p, half)) in zip(c.axes[0], counted.items()):
        axis.bar(range(10), 100 * p, yerr=100 * half, capsize=2)
        axis.axhline(10, color="black", linestyle="--", linewidth=1)
        axis.set(title=name, xticks=range(10), xlabel="数字", ylim=(0, 22))
    c.axes[0, 0].set_ylabel("占百分之几")
c.picture

# %%
print("区间不含 10% 的类   最少的一类")
for name, (p, half) in counted.items():
    off, k = int((np.abs(p - 0.1) > half).sum()), p.argmin()
    print(f"{off:9d} 个          {k}：{p[k]:.1%} ± {half[k]:.1%}  {name}")

# %% [markdown]
# 真图那一行也可能有一类“不含”：十个 95% 的区间，平均半个会冤枉。比它多出来的，才是生成器的。
#
# 训练目标没有一项说“各类要一样多”。到了最优 $q=p$ 自然一样多；没有走到，就会偏。
# 偏向哪一类没有定数：
# 四个里有三个最少的是 1，最好画的一个；为什么，没有量。**FD 与样本图都不容易看出这个**：
# 第 10 章的“占 1% 以上的类有几个”只看有没有，反向 KL 把多少压成一个数，这里看是哪几类。
# 还要当心：这里的训练集是平的，偏斜全是生成器添的；训练集自己偏的时候，两样叠在一起，
# 而没有标签的数据（脸、病历）连这把尺子也没有。

# %% [markdown]
# ## 14.5 图少：判别器背下训练集 [§14.5]
#
# **题。** 只有 100 张图，也想要一个生成器。
#
# 图少时，坏的先是 $D$：100 张它背得下来。背下以后，见过的给高分，没见过的真图也给低分，
# 于是它教 $G$ 的不再是“像不像数字”，是“像不像这 100 张”。这件事不看样本也量得出：
#
# $$
# \text{背了多少}=\mathbb E_{x\sim\text{训练集}}[s(x)]-\mathbb E_{x\sim\text{没见过的真图}}[s(x)] ,
# $$
#
# $s$ 是 $D$ 过 sigmoid 之前的分数（logit）。没有背，差在 0 上下；只有 100 张，
# 它自己也有抽样的误差。
#
# **DiffAugment**（Zhao 等，2020）：$D$ 看任何一张图（真的、假的、轮到 $G$ 时的）之前，
# 先随机变一变，$T$ 是换亮度、平移、挖掉一块：
#
# $$
# L_D=-\mathbb E[\log D(T(x))]-\mathbb E[\log(1-D(T(G(z))))],\qquad
# L_G=-\mathbb E[\log D(T(G(z)))] .
# $$
#
# 两边都变，缺一不可：只变真图，$G$ 就学着画变过的图；$T$ 要能求导，梯度才穿得过去回到 $G$。

# %%
from paddle_gan.networks.augmentation import Augmentation

T = Augmentation(["color", "translation", "cutout"], [1], (-1.0, 1.0), ground=-1.0)
paddle.seed(0)
seen = {"训练图": hundred.x[:10]}
few = paddle.to_tensor(hundred.x[:10])
seen |= {f"D 看到的，第 {k} 次": T.transformed(few).numpy() for k in (1, 2)}
rows_of_images(seen)

# %% [markdown]
# 同样 100 张、同样的全连接网络（随包的 `gan_digits` 那一个），各练一段短的，每 100 步量一次。
# 第三组的 $T$ 不是每次都变：每样变换以机会 $p$ 做，$D$ 认真图认得太准就把 $p$ 调大一点，反之调小，
# 这是 **ADA**（Karras 等，2020）。“太准”看的是 $r_t=2\,\mathbb E[D(T(x))]-1$，这里的目标是 0：

# %%
FEW = ["few=100", "total_steps=600", "log_every=20"]
FEW += ["metrics={names: [held_out, fd_lenet], every: 100, samples: 500}"]
CHANGE = "diff_augment=[color, translation, cutout]"
learnt = train("gan_digits", *FEW, name="14_few")
varied = train("gan_digits", *FEW, CHANGE, name="14_varied")
adapted = train("gan_digits", *FEW, CHANGE, "diff_augment_target=0", name="14_adapted")
three = {"不变": learnt, "先变一变": varied, "机会随 D 调": adapted}
curves(three, "held_out/gap", "fd_lenet")

# %%
curves(adapted, "augment/p")

# %% [markdown]
# 左图：不变的分差一路往上，$D$ 在背；每次都变的贴着 0；机会随 $D$ 调的停在中间，没有怎么升，
# 它的 $p$ 从 0 起一路升，快走完时顶到了 1。右图：$D$ 背了的，FD 停在两百多；变一变的两组低一些，
# 可是每次都变的那组，走到一半又往上走。这是一个种子、一段短的，不能下结论。
# 目标也要挑，论文用 0.6（练习之外可以试：把上面的 0 改成 0.6，看 $p$ 升不升）。
# 走得长的、五个种子的在台账里：

# %%
claim("few_pictures")

# %% [markdown]
# 读台账的次序：先看分差，$D$ 有没有背。**没有病，药就只剩副作用**：变过的图难认，同样步数学得慢。
# 有病，再看 FD：各在哪一步最好，后来坏了多少，与给足 4,000 张的差多少。
# 背不背，看 $D$ 多大、看得见多少：台账的说明里写着，先前用卷积的 $D$，五个种子都没有背。
#
# **最简单的办法**是照抄那 100 张（有放回地抽），同一把尺子、同样多张：

# %%
from paddle_gan.lab import EXPERIMENTS

for name, row in EXPERIMENTS["few_pictures"].references().items():
    print(f"{name}：FD-LeNet {row['fd_end']:.1f}")

# %% [markdown]
# 照抄的 FD 比治好的低得多，比给足 4,000 张的也低得多：张张是真图，只是没有一张新的。
# 所以这里的 FD 只能拿来比两个 GAN，不能说“治好了就比照抄强”；有没有新的，
# 要看第 10 章的最近距离比。
#
# **换成彩色的头像，走得久一些。** 也是 100 张，卷积的网络，加 $R_1$，九千步；
# `few_avatars` 变，`few_avatars_plain` 不变，别的都一样。同样的八个 $z$；
# 上面一幅，$D$ 看之前先变一变，下面一幅不变：

# %%
from IPython.display import Image, display

for name in ("few_avatars", "few_avatars_plain"):
    display(Image(str(HOME / "tutorials" / "assets" / "films" / f"{name}.png")))

# %% [markdown]
# 跑满的结果记在 `configs/results.json` 里：

# %%
import json

results = json.loads((HOME / "configs" / "results.json").read_text(encoding="utf-8"))
keys = {"fd_pca64": "FD-PCA64", "held_out/overfit": "背下的程度"}
keys |= {"memorisation/nearest_ratio": "最近距离之比", "prdc_pca64/recall": "召回"}
for name in ("few_avatars", "few_avatars_plain"):
    for seed, run in results[name]["seeds"].items():
        found = "，".join(f"{said} {run['metrics'][key]:.3g}" for key, said in keys.items())
        print(f"{name}，种子 {seed}：{found}")

# %% [markdown]
# 不变的那份，$D$ 差不多全背下了（背下的程度 1 是全背；变一变的也背了一部分），
# 样本也靠近那 100 张（最近距离之比 1 是与没见过的真图一样远，0 是照抄），
# 从头到尾盖着一层麻点，走得再久也没有褪；变一变的干净得多。
# 只看 FD 会看走眼：随手照抄那 100 张，FD 比两边都低（`tools/evaluate.py` 把它印在旁边）。
# 对照只练了一个种子。
# 召回两边都低：花样少与糊都会把它压低（第 07 章），这里分不开。
# 上面说卷积的 $D$ 在数字上没有背；这里网络不同、走得久，就背了。
#
# **价钱**：变得太狠，变过的样子可能漏进样本里。

# %% [markdown]
# ## 14.6 标签少：半监督 [§14.6]
#
# **题。** 4,000 张图，只有 100 张有标签，要一个分类器。14.3 让 $G$ 画图去教分类器；这里反过来，
# **要的就是 $D$**：它本来就是分类器。
#
# 让 $D$ 分 $K$ 类真的，再加一类“生成的”（Salimans 等，2016）。各类的 logit 是 $l_1,\dots,l_K$，
# 第 $K+1$ 类的可以固定为 0（softmax 只看差）。记 $Z=\log\sum_k e^{l_k}$，“是真的”的概率
#
# $$
# D(x)=\frac{\sum_k e^{l_k}}{\sum_k e^{l_k}+e^0}=\frac{e^Z}{e^Z+1}=\sigma(Z).
# $$
#
# 三样数据各说一句话：有标签的说“这是第 $y$ 类”，没有标签的真图只说“你是 $K$ 类之一”，
# 生成的说“你哪一类都不是”：
#
# $$
# L_D=\mathbb E_{(x,y)}[-l_y+Z]
# +\tfrac12\big\{-\mathbb E_x[\log\sigma(Z)]-\mathbb E_z[\log(1-\sigma(Z(G(z))))]\big\} .
# $$
#
# $G$ 不去骗 $D$，只让末隐层特征的平均与真图的一样（特征匹配）。

# %%
from paddle_gan.methods.ss_gan import SSGAN

semi_diagram()

# %%
show(SSGAN.discriminator_loss)

# %%
SEMI = ["total_steps=400", "log_every=20", "metrics={names: [classification], every: 100}"]
semi = train("ss_gan_digits", *SEMI, name="14_semi")
alone_100 = train("ss_gan_digits", *SEMI, "hparams.unlabelled=0", name="14_supervised")
curves({"加没有标签的图": semi, "只有那 100 张": alone_100}, "classification/accuracy")

# %% [markdown]
# **最简单的办法**是同一个网络、只看那 100 张。最该比的还有一个：再标 100 张。

# %%
claim("few_labels")

# %% [markdown]
# 图上的线连着同一个种子。台账写“不成立”，是因为题目的两半要都成立。前一半“没有标签的图有用”成立：
# 多认对了几个百分点，与再标 100 张差不多。不成立的是后一半，“特征匹配比骗 $D$ 好”：照论文，$G$ 该用
# 特征匹配；这里**老老实实去骗 $D$ 的一组反而好得多**，五个种子都是。网络小、步数少，
# 不能说论文错了，
# 可是两种都值得试。
#
# 14.3 与这里的标签一样多（抽法不同：那里是随机的 100 张，这里每类 10 张）。
# 那里 $G$ 的图要当真图用，
# 画错一张就教错一次；这里生成的图只当“别处”用，画错也不教错。

# %% [markdown]
# ## 14.7 找异常：先赢过平均图 [§14.7]
#
# **题。** 训练时只见过一个数字（正常的），测试时别的数字都算异常，给每张图一个异常分。
# 尺子是 AUC：随便一张异常的，分数比随便一张正常的高的概率，0.5 是瞎猜。
#
# **f-AnoGAN**（Schlegl 等，2019）：先用正常的图练一个 WGAN-GP；再固定 $G$、$D$，练编码器 $E$，
# 使 $G(E(x))$ 还原 $x$。$G$ 只会画正常的，还原不好的就是异常的：
#
# $$
# A(x)=\tfrac1n\|x-G(E(x))\|^2+\kappa\,\tfrac1{n_f}\|f(x)-f(G(E(x)))\|^2 ,
# $$
#
# $n$、$n_f$ 是像素与特征的个数，$f$ 是 $D$ 末隐层的特征。**最简单的办法**两行代码：
# 到正常图的平均的距离；
# 正常图的前 64 个主成分还原不了的那一份。

# %%
anomaly_diagram()

# %%
from paddle_gan.evaluation.scorers_anomaly import AnomalyScorer

finder = train("anomaly_digits", "metrics={}", name="14_anomaly")  # 跑满，两段各 1,200 步
normal = finder.config.data["normal"]
judge = AnomalyScorer(Digits(normal=normal), Digits(split="test", normal=normal), 0, 0)
print(f"正常的是 {normal}")
for name, row in (judge.baselines() | {"f-AnoGAN": judge.score(finder.method)}).items():
    print(f"AUC {row['anomaly/auc']:.3f}  {name}")

# %%
shown = np.concatenate([np.flatnonzero(exam.labels == k)[:1] for k in range(10)])
back = finder.method.reconstruct(paddle.to_tensor(exam.x[shown])).numpy()
score = finder.method.anomaly(paddle.to_tensor(exam.x[shown])).numpy()
rows = {"x": exam.x[shown], "G(E(x))": back}
rows_of_images(rows, heads=[f"{k}：{a:.2f}" for k, a in enumerate(score)])

# %% [markdown]
# 列名是哪个数字、得几分（异常分）。$G$ 只会画 8：正常的 8 还原得差不多，分数低；
# 别的数字不是被画得像 8，就是画成不成字的一团，差得多，分数就高。
# 这一张 9 最难：与 8 只差下面半个圈，分数几乎一样低。
# 一个数字、一个种子不作数：三个正常的数字、每个五个种子，判据写在前面，
# 至少比两个简单的办法都高 0.02。

# %%
claim("anomaly")

# %% [markdown]
# f-AnoGAN 赢过平均图，赢不过主成分：三个数字里有两个输给它。而主成分不用训练网络，不到一秒。
# 换一个正常的数字，简单的办法能差一大截，所以要一个一个数字看。
# **一篇异常检测的报告，没有平均图与主成分这两行，就还没有说完。**
#
# 两个老毛病：分数在测试集上做最大最小归一化（一张图的分就依赖别的测试图）；
# 测试时 BN 还在训练模式。这里每张图的分只看它自己，网络都在评估模式。

# %% [markdown]
# ## 弄坏它
#
# 一处不报错的：SRGAN 的误差对像素**求和**，不是平均。损失照样降：

# %%
from paddle_gan.methods import METHODS


class SummedSRGAN(SRGAN):
    def distance(self, x, y, fake):
        return (y - fake).square().sum() / len(y)  # 784 个像素相加


METHODS["summed"] = SummedSRGAN
ONCE = ["total_steps=300", "hparams.pretrain=0", "metrics={}", "log_every=5"]  # 省掉第一阶段
meant = train("sr_gan_digits", *ONCE, name="14_meant")
summed = train("sr_gan_digits", *ONCE, "method=summed", name="14_summed")
alone = train("sr_gan_digits", *ONCE, "hparams.adversarial=0", name="14_alone")
curves({"平均": meant, "求和": summed}, "prob/real", "prob/fake", "loss/G")

# %%
broken = {"误差取平均": meant, "误差求和": summed, "不要对抗": alone}
report(sr_judges, {f"{name}，300 步": restored(lesson, x) for name, lesson in broken.items()})

# %% [markdown]
# 求和把误差放大了 784 倍。Adam 不在乎一个总的倍数，剩下的就是把 $\lambda$ 悄悄除以 784：$D$ 照练，
# $G$ 却听不见它。曲线上不容易看出（`prob/fake` 后来多半低一些），看得出的是数：求和的一行与
# “不要对抗”的一行几乎一样。
# 看见加了对抗的结果与不加的几乎一样，先去查两项损失在同一个尺度上没有。
#
# 第二处不在训练里，在**尺子**里：补洞的 PSNR 算了整张图。

# %%
from paddle_gan.metrics.image_scores import psnr as decibels

for name, images_of in filled.items():
    inside = hole_judges[0].report(images_of)["restoration/psnr"]
    print(f"只算洞里 {inside:5.2f}   算整张 {decibels(images_of, hole_y):5.2f}  {name}")

# %% [markdown]
# 洞外照原样的三行，个个多出恰好 $10\log_{10}4\approx6.02$ 分贝：四分之三的像素是白送的
# （照抄最像的连洞外也换了，多得少一些）。
# 洞越小送得越多，什么也没有学会的也有了体面的分。

# %% [markdown]
# ## 小结
#
# | 应用 | 最简单的办法 | GAN 添了什么 | 价钱 |
# |---|---|---|---|
# | 超分辨率 | 双三次放大；只求误差 | 清楚，FD 小得多 | 误差不更小；会编；多练一个 $D$ |
# | 补洞 | 填平均色；照抄最像的 | 略清楚，FD 小一些 | 误差不更小，认得对的不变多 |
# | 教分类器 | 平移一两个像素 | 同样的标签，没有添 | 要先练一个 GAN；标签可能偷偷进来 |
# | 当数据用 | 真图 | – | 有的类画少了，要先数 |
# | 图少 | 照抄那几张（FD 低得多，只是没有新的） | 先变一变，$D$ 背不下来 | 学得慢；会漏进样本 |
# | 标签少 | 同一个网络只看有标签的 | 没有标签的图也用上 | 多练一个 $G$；再标几张也许更省 |
# | 找异常 | 到平均图的距离；主成分 | 见台账，未必 | 两段训练 |
#
# - 误差小与像真的，是两个目标；一个应用要哪一个，先说清楚。
# - 参照越简单、越诚实，结论越站得住：双三次、照抄最像的、平移、随机抽的真图。
# - 生成的细节是猜的，不是量到的。

# %% [markdown]
# ## 一段历史
#
# 应用总是跟着论文走得很快。2016 年 4 月的上下文编码器（arXiv:1604.07379）补洞，6 月 Salimans 等人
# 用判别器的特征做半监督（arXiv:1606.03498），9 月的 SRGAN（arXiv:1609.04802）放大照片；2017 年的
# AnoGAN（arXiv:1703.05921）拿“画不出来的”当异常。这一章的几道题，都出自那两年。
#
# 每一项后来都知道了价钱。2017 年底 Blau 与 Michaeli 证明，失真与感知不能两全（arXiv:1711.06077）：
# SRGAN 的图更像真的，逐像素的误差就得更大，这不是没有调好。AnoGAN 要为每张图做一次优化，2019 年的
# f-AnoGAN（Medical Image Analysis，54 卷）才加一个编码器把它省掉。
#
# 图少的时候，D 会把训练集背下来。2020 年 6 月，两组人在同一个月给出同一个答案：增广可以做，但要让
# 真假两边都变，梯度也要穿过去（DiffAugment，arXiv:2006.10738；ADA，arXiv:2006.06676）。
#
# 读应用的论文，要先找它的对照：不用 GAN 的、最简单的那个办法得多少分。这一章每一节都从那里开始。

# %% [markdown]
# ## 练习
#
# **14.1** 一个像素是 0 或 1，各一半机会（像素在 $[0,1]$）。一个办法总答 0.5，另一个各一半机会
# 猜 0 或 1。前者的 PSNR 比后者高多少分贝？（保留两位小数）

# %%
answer = None  # 换成你的答案
check("14.1", answer)

# %% [markdown]
# **14.2** 写一个函数 `psnr(a, b)`：两堆图，取值 $[-1,1]$，形状相同；返回 PSNR（分贝），
# 全部像素的均方误差合起来算。

# %%
answer = None  # 换成你的答案
check("14.2", answer)

# %% [markdown]
# **14.3** 写一个函数 `shuffle(h)`：`h` 是 $(4,H,W)$，每处的四个数摆成 2 × 2 个像素，
# 返回 $(2H,2W)$。
# 第 0 个通道在左上，第 1 个在右上，第 2 个在左下，第 3 个在右下。

# %%
answer = None  # 换成你的答案
check("14.3", answer)

# %% [markdown]
# **14.4** 洞是 16 × 16，四周一圈宽 2 个像素，洞里 $w=1$，圈里 $w=10$。误差里，
# 圈的总权重是洞的几倍？
# （保留一位小数）

# %%
answer = None  # 换成你的答案
check("14.4", answer)

# %% [markdown]
# **14.5** 写一个函数 `fill(x, hole)`：`x` 是一张图 $(H,W)$，`hole` 是同样大的布尔数组，真是洞；
# 洞里填这张图看得见的部分的平均，洞外照原样。

# %%
answer = None  # 换成你的答案
check("14.5", answer)

# %% [markdown]
# **14.6** 量到一类占 9%，它的 95% 区间（$\hat p\pm1.96\sqrt{\hat p(1-\hat p)/n}$）恰好碰到 10%。
# $n$ 是多少？（四舍五入到整数）

# %%
answer = None  # 换成你的答案
check("14.6", answer)

# %% [markdown]
# **14.7** 半监督的 $D$ 有 $K=10$ 类，一张图的 10 个 logit 全是 0（一点也不知道）。
# 它“是真的”的概率 $D(x)$ 是多少？（保留两位小数）

# %%
answer = None  # 换成你的答案
check("14.7", answer)

# %% [markdown]
# **14.8** 写一个函数 `auc(normal, odd)`：两个数组，正常的与异常的分数，返回随便一张异常的
# 分数高过随便一张正常的概率，一样高算一半。

# %%
answer = None  # 换成你的答案
check("14.8", answer)

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
# | 及格 | `restoration/psnr` ≥ 18.9，`restoration/fd_lenet` ≤ 2 | `sr_gan_digits` | 0.9 |
# | 良好 | `classification/accuracy` ≥ 0.79 | `ss_gan_digits` | 1.3 |
# | 优秀 | `anomaly/auc` ≥ 0.94 | `anomaly_digits` 做不到 | 0.7 |
#
# - **及格** 两样要一起过：双三次放大的 PSNR 是 14.5，FD 一百多；照抄最像的 FD 不到 1，PSNR 只有
# 14.1。PSNR 差一点，第一阶段多走几步；FD 差一点，第二阶段多走几步。
# - **良好** 只有 100 个标签。同一个网络只看那 100 张，五个种子在 0.72 到 0.78，不能算到了。还想往上
# 走，先换 $G$ 的损失（14.6 节的台账）。
# - **优秀** 正常的是 8。不用 GAN 的主成分在 3 与 5 上有 0.94 与 0.95，在 8 上只有 0.86；f-AnoGAN
# 三个数字都在 0.9 上下。想想哪些正常的 8 还原得不好，是 $G$ 不会画，还是 $E$ 找不到。

# %% [markdown]
# ## GPU
#
# ```bash
# python tools/train.py -c configs/sr_gan_digits.yml --seed 1
# python tools/train.py -c configs/inpainting_digits.yml --seed 1
# python tools/train.py -c configs/few_avatars.yml   # 14.5 节的办法用在 100 张彩色头像上，约 8 分钟
# python tools/train.py -c configs/ss_gan_digits.yml
# python tools/train.py -c configs/anomaly_digits.yml
# python tools/lab.py run super_resolution fill_hole few_pictures few_labels anomaly
# ```
#
# 你自己的照片放大、补洞的命令，见[常见问题](../docs/常见问题.md)“用自己的图像训练”一节。
#
# ## 延伸阅读
#
# - Ledig 等，*Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial
#   Network*，arXiv:1609.04802。
# - Blau 与 Michaeli，*The Perception-Distortion Tradeoff*，arXiv:1711.06077。
# - Pathak 等，*Context Encoders: Feature Learning by Inpainting*，arXiv:1604.07379。
# - Shi 等，*Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel
#   Convolutional Neural Network*，arXiv:1609.05158：PixelShuffle。
#
# - Zhao 等，*Differentiable Augmentation for Data-Efficient GAN Training*，arXiv:2006.10738。
# - Karras 等，*Training Generative Adversarial Networks with Limited Data*，
#   arXiv:2006.06676：机会 $p$ 怎样自己调。
# - Salimans 等，*Improved Techniques for Training GANs*，arXiv:1606.03498：§3.1 与 §5。
# - Schlegl 等，*f-AnoGAN*，Medical Image Analysis 54（2019）。
#
# 接着回到 `10_生成的评估.ipynb`：每把尺子能被谁骗，与这一章的参照对着看。
