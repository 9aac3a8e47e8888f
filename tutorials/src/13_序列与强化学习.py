# %% [markdown]
# # 13 序列与强化学习
#
# **学完你能**
# 1. 说出 GAN 写文字为什么难：梯度断在哪一步，断了以后恰好是多少。
# 2. 从头推出策略梯度（REINFORCE）与基线，用逐条枚举的真梯度核对。
# 3. 把 GAN 与强化学习的演员—评论家对上号：谁是策略，谁给奖励，价值从哪里来。
# 4. 说出 Gumbel-softmax 怎样让梯度穿过抽样，温度 $\tau$ 拿什么换什么。
# 5. 看一个写序列的模型时，准与花样一起看，并拿调过温度的最大似然作对手。
# 6. 真的文字没有标准答案时，用没见过的诗、数出来的二元模型与几种取巧的办法看一个写诗的模型。
#
# **CPU 用时** 约 1.5 分钟
#
# **先读** 01（交替训练）、02（KL 散度）、09（模式崩溃）。

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
# > GAN for Sequence Generation ——笔记 001
# >
# > Relation to Reinforcement Learning ——提纲 003
#
# 讲义只留下这两个标题。图像的像素可以变亮一点点，文字不行：没有“比『猫』多一点点”的字。
# 这一章就讲这一点点的差别带来了什么：GAN 要写序列，得借强化学习的办法。

# %% [markdown]
# ## 13.1 题目：一条链写的序列 [§13.1]
#
# **问题。** 真的文字没有标准答案：一句话写得像不像，谁也给不出准确的概率。
# SeqGAN 的论文于是拿一个随机的 LSTM 当“标准答案”（oracle），让它写训练集，再由它给生成的句子打分。
# 这里用更简单的：一条**马尔可夫链**，下一个词元只看前一个，
#
# $$
# P(x)=\rho(x_1)\prod_{t=1}^{T-1}A(x_{t+1}\mid x_t),\qquad V=10\text{ 种词元},\ T=8 .
# $$
#
# $\rho$ 是第一个词元的分布，$A$ 是转移的概率，$P(x)$ 是整条的概率。
# 三样都是已知的，所以似然、熵都是精确的数，不用估计。训练集只有 500 条：

# %%
import numpy as np
import paddle

from paddle_gan.data import Markov

chain = Markov(size=500)
for row in chain.tokens[:5]:
    print(" ".join(map(str, row)))
print(f"一条的熵 {chain.entropy():.2f} 奈特；均匀乱写是 8·log 10 = {8 * np.log(10):.2f}")


# %% [markdown]
# **尺子。** 一条序列 $y$ 是生成器 $G$ 写的，链给它 $P(y)$；$G$ 是一个网络，参数是 $\theta$，
# 它自己写出 $y$ 的概率记作 $\pi_\theta(y)$，$H(G)$、$\mathrm{KL}(G\|P)$ 说的都是这个分布：
#
# - **NLL_oracle** $=-\mathbb E_{y\sim G}[\log P(y)]$：写的东西链认不认。论文报的就是它；
# - **不同的 4 元组**：2,500 条里，长 4 的小段不重复的占几成，看花样。
#   一条有 5 个小段，共 12,500 个，最多一万种；链有规律，常写的没有几种，真的也只有一两成；
# - **NLL_test** $=-\mathbb E_{x\sim P}[\log\pi_\theta(x)]$：真的序列，$G$ 肯不肯写；
# - **熵** $H(G)$。NLL_oracle 减去它，就是 KL 散度：
#
# $$
# \mathrm{KL}(G\|P)=\mathbb E_{y\sim G}[\log\pi_\theta(y)-\log P(y)]=\text{NLL\_oracle}-H(G).
# $$
#
# 先看几个什么也没学的“生成器”能得几分：

# %%
from IPython.display import Markdown

from paddle_gan.evaluation.scorers_sequences import SequenceScorer
from paddle_gan.run import runtime

# 训练时也用这 500 条测试序列
scorer = SequenceScorer(chain, Markov(size=500, split="test"), samples=2500, seed=0)
KEYS = {"nll_oracle": "NLL_oracle", "entropy": "熵", "kl": "KL(G‖P)"}
KEYS |= {"nll_test": "NLL_test", "distinct4": "4 元组"}


# %%
def report(rows):
    table = [f"| | {' | '.join(KEYS.values())} |", "|---|--:|--:|--:|--:|--:|"]
    for name, row in rows.items():
        found = {key: row.get(f"sequences/{key}") for key in KEYS}
        if found["entropy"] is not None:
            found["kl"] = found["nll_oracle"] - found["entropy"]
        cells = [found[key] for key in KEYS]
        shown = " | ".join("–" if cell is None else f"{round(cell, 6) + 0.0:.3f}" for cell in cells)
        table.append(f"| {name} | {shown} |")
    return Markdown("\n".join(table))


report(scorer.baselines())

# %% [markdown]
# 逐行读。**真实数据**是链自己：NLL_oracle 与 NLL_test 都等于熵，相差的是抽样误差。
# 熵是 NLL_test 的下限，不是 NLL_oracle 的：对全部真序列求平均，谁的 NLL_test 也低不过它
# （这 500 条碰巧好写一点，所以表里略低）；挑好写的写，NLL_oracle 却可以低过它。
# **只写一条**（链最常写的那一条，写 2,500 遍）的 NLL_oracle 比链自己还低得多：
# 单看它，最好的生成器是个复读机。**均匀乱写**花样最多，可是链不认。
# **照抄训练集**的 NLL_oracle 像真的，翻来覆去就那 500 条，花样少一半多；它给没有抄到的真序列的
# 概率是 0，NLL_test 是无穷大，**只写一条**的也是（表里写作 –）。照抄的熵没有量，也写作 –：
# 500 条里均匀地挑一条，约是 $\log 500$，有相同的就再小一点。
# 真实数据的 KL 应当恰好是 0；这里用 2,500 条估计，有抽样误差，可以略小于 0。
#
# 所以这一章里 NLL_oracle 从不单独出现。

# %% [markdown]
# ## 13.2 最大似然，与温度 [§13.2]
#
# **不用 GAN 的办法。** $G$ 是一个小的循环网络（GRU），读着前面的词元，说下一个词元各有几成机会
# $\pi(\cdot\mid y_{<t})$。最大似然就是让真序列的概率大：
#
# $$
# L_\text{MLE}=-\mathbb E_x\Big[\sum_{t=1}^{T}\log\pi(x_t\mid x_{<t})\Big]
# \qquad(x_0\text{ 是“开头”}).
# $$

# %%
from paddle_gan.methods import SeqGAN
from paddle_gan.methods.policy import log_policy

show(log_policy)
show(SeqGAN.likelihood_loss)

# %%
OFTEN = ["log_every=10", "metrics.every=25", "board=[]"]
mle = train("mle_markov", *OFTEN, name="13_mle")
curves(mle, ("loss/MLE", "sequences/nll_test"), "sequences/distinct4")

# %%
for step, nll in zip(*mle.curve("sequences/nll_test")):
    print(f"第 {step:.0f} 步 NLL_test {nll:.3f}")

# %% [markdown]
# 左边两条分家的地方要紧：训练损失一路降，**NLL_test 先降后升**，后来是在背这 500 条。
# 最低点在一百步上下，早停就停在那里。下面主要用 150 步的，多走了五十步：台账里八个种子的实验、
# SeqGAN 的预训练都定在 150 步，同一个起点才好比；多走的代价就是上面两个数之差，很小。
# 停在 100 步的也留着，13.6 的表里有。150 步的写的东西与链的转移：

# %%
early = train("mle_markov", *OFTEN, "total_steps=100", name="13_mle_100")
learned = train("mle_markov", *OFTEN, "total_steps=150", name="13_mle_150")


def scores_of(lesson, tau=1.0):
    from dataclasses import replace

    runtime.seed_stream(0, runtime.METRICS, 0)
    method = lesson.method
    method.hparams = replace(method.hparams, temperature=tau)
    found = scorer.score(method)
    method.hparams = replace(method.hparams, temperature=1.0)
    return found


# %%
from paddle_gan.metrics.sequences import transition_frequencies

paddle.seed(0)
wrote = learned.method.write(2500).numpy()
with canvas(2, size=(3.4, 3.2)) as c:
    pair = {"生成的": transition_frequencies(wrote, 10), "真的": chain.transition}
    for axis, (name, matrix) in zip(c.axes[0], pair.items()):
        axis.imshow(matrix, cmap="Blues", vmin=0, vmax=1)
        axis.set(title=name, xlabel="后一个", ylabel="前一个")
        axis.grid(False)
c.picture

# %% [markdown]
# 没有对抗，已经学得很像。**温度**是一个不用训练的旋钮：写的时候用
# $\mathrm{softmax}(\text{logit}/\tau)$，$\tau<1$ 就只挑机会大的写：

# %%
cooled = {f"最大似然，τ = {tau:g}": scores_of(learned, tau) for tau in (1.0, 0.8, 0.6, 0.4)}
report({"真实数据": scorer.baselines()["真实数据"]} | cooled)

# %% [markdown]
# $\tau$ 越小，NLL_oracle 越低，花样越少，NLL_test 越高。
# **一个数变好，另外两个变坏，什么也没有学。**
# 谁说自己的 GAN 把 NLL_oracle 降下来了，先问：与调过温度的最大似然比过吗？

# %% [markdown]
# ## 13.3 梯度断在哪里 [§13.3]
#
# 让 $D$ 看整条序列，判真假；$G$ 照 $D$ 的意见改。图像的 $G$ 这样做毫不费事，序列的为什么不行？
# $G$ 给出的是概率，交给 $D$ 的是**选定的词元**。概率从 0.61 变到 0.62，选的还是那一个：
# 选词元是一个台阶，台阶上处处平，导数处处是 0。

# %%
sampling_diagram("argmax")

# %% [markdown]
# 真的求一次导。`game` 是一盘小棋：三种词元、长三步，一共 $3^3=27$ 条序列，$D$ 先学了 20 步：

# %%
from paddle_gan.lab import policy_gradient as small

toy = small.game("plain", seed=0, d_steps=20).method
blocked = small.estimate("argmax", toy, 64)
print(f"{blocked.size} 个参数的梯度，最大的绝对值：{np.abs(blocked).max()}")

# %% [markdown]
# 不是很小，是**恰好 0**。不过这个 0 是代码填上的：从 $D(y)$ 往回走，
# 走到取最大的一步就没有路了，自动求导什么也没有给，没有路的就填 0。
# 真是 0 吗？不求导，动一动参数看：每次把一个参数加上 0.001，
# 看 $D(y)$ 变不变；旁边是同一条序列的概率 $\pi_\theta(y)$。

# %%
from copy import deepcopy

from paddle.nn.functional import one_hot, sigmoid

from paddle_gan.methods.policy import unroll

moved, found = deepcopy(toy.G), []
with paddle.no_grad():
    for p in moved.parameters():
        for i in range(p.size):
            start, step = p.clone(), 1e-3 * one_hot(paddle.to_tensor([i]), p.size)
            p.set_value(start + step.reshape(p.shape))
            y = unroll(moved, 1, lambda t, logit: one_hot(logit.argmax(axis=-1), 3))
            found.append((sigmoid(toy.D(y)).item(), (y * log_policy(moved, y)).sum().exp().item()))
            p.set_value(start)

# %%
for name, values in zip(("D(y)", "π(y)"), zip(*found)):
    print(f"动了 {len(values)} 次，{name} 从 {min(values):.7f} 到 {max(values):.7f}")

# %% [markdown]
# $D(y)$ 一位也没有变，$\pi_\theta(y)$ 在变。换成抽样也一样：抽中哪一个，仍然是台阶。
#
# ## 13.4 策略梯度 [§13.4]
#
# > Relation to Reinforcement Learning ——提纲 003
#
# **换一个想法。** 序列不可导，**平均的奖励可导**。目标是 $D$ 给的平均分，
#
# $$
# J(\theta)=\mathbb E_{y\sim\pi_\theta}[D(y)]=\sum_y\pi_\theta(y)\,D(y),
# $$
#
# 词元是离散的，可是每条序列出现的**概率** $\pi_\theta(y)$ 是 $\theta$ 的光滑函数。求导：
#
# $$
# \nabla J=\sum_y\nabla\pi_\theta(y)\,D(y)
# =\sum_y\pi_\theta(y)\,\frac{\nabla\pi_\theta(y)}{\pi_\theta(y)}\,D(y)
# =\mathbb E_{y\sim\pi_\theta}\big[D(y)\,\nabla\log\pi_\theta(y)\big].
# $$
#
# 中间一步乘了又除以 $\pi_\theta(y)$，和就又成了平均，可以抽样来估。
# 而 $\log\pi_\theta(y)=\sum_t\log\pi_\theta(y_t\mid y_{<t})$，所以
#
# $$
# \nabla J=\mathbb E\Big[\sum_t\nabla\log\pi_\theta(y_t\mid y_{<t})\;Q_t\Big],\qquad
# Q_t=\mathbb E\big[D(y)\mid y_{\le t}\big].
# $$
#
# 把 $D(y)$ 换成 $Q_t$（写到第 $t$ 个为止，后面各种写法的平均分）期望不变：
# 先固定 $y_{\le t}$，对后面求平均就是。这就是 **REINFORCE**（Williams，1992）：
# **得分高的那一条，让它走过的每一步机会大一点**。$D$ 只打分，不用求导。

# %%
sampling_diagram("reinforce")

# %% [markdown]
# $Q_t$ 从哪里来？SeqGAN 的办法是 **roll-out**：写到一半的，让策略续写几遍，看 $D$ 平均给几分。
# **续写的策略**不就是 $G$：它是另一份参数 $\theta'$，跟在后面，每步
# $\theta'\leftarrow0.8\,\theta'+0.2\,\theta$（作者的代码）。
# 两份相同时 $Q_t$ 的估计才没有偏差；慢一拍，换来的是奖励变得不那么快。

# %%
show(SeqGAN.values)
show(SeqGAN.follow)
show(SeqGAN.generator_loss)

# %% [markdown]
# **对不对，核对一下。** 27 条序列数得完：逐条算 $\pi(y)D(y)$，加起来求导，是真的梯度，没有抽样。

# %%
show(small.exact)
true = small.exact(toy)
based = small.game("baseline", seed=0, d_steps=20).method
counts, closeness = (16, 64, 256, 1024, 4096, 16384), {"REINFORCE": [], "减基线": []}
paddle.seed(1)
for n in counts:
    for column, method, arm in zip(closeness.values(), (toy, based), ("plain", "baseline")):
        found = small.estimate(arm, method, n)
        column.append(found @ true / np.linalg.norm(found) / np.linalg.norm(true))
lines(counts, closeness, "几条样本", "与真的梯度的夹角余弦", xscale="log")

# %% [markdown]
# 样本越多，方向越对：两条都走向 1。“减基线”的一条到得早得多。
#
# **基线。** 从奖励里减去一个与 $y_t$ 无关的数 $b$，期望不变：固定 $y_{<t}$，对 $y_t$ 求平均，
#
# $$
# \mathbb E\big[b\,\nabla\log\pi_\theta(y_t\mid y_{<t})\,\big|\,y_{<t}\big]
# =b\sum_{y_t}\pi_\theta(y_t\mid y_{<t})\,
# \frac{\nabla\pi_\theta(y_t\mid y_{<t})}{\pi_\theta(y_t\mid y_{<t})}
# =b\,\nabla\sum_{y_t}\pi_\theta(y_t\mid y_{<t})=b\,\nabla 1=0 .
# $$
#
# 方差却变了。奖励都在 0 与 1 之间，全是正的：不减基线，抽到什么就把什么往上推，
# 全靠“推得多些少些”的差；减去平均以后，比平均好的往上，比平均差的往下。
# 这里的基线是**同一批里别的各条**在同一处的平均，与自己抽到什么无关（练习 13.3 自己写）。
#
# 减多少最好？只看写一步的，记 $g=\nabla\log\pi_\theta(y)$。期望总是 $\nabla J$，
# 所以各个分量的方差之和
#
# $$
# \mathrm{Var}=\mathbb E\big[(D-b)^2\|g\|^2\big]-\|\nabla J\|^2,\qquad
# \text{对 }b\text{ 求导得 0}:\quad b^*=\frac{\mathbb E[D\,\|g\|^2]}{\mathbb E[\|g\|^2]} .
# $$
#
# 这是 $b$ 的抛物线，最低在 $b^*$，往两边都升：**减得不对，方差反而更大**。
# $b^*$ 是按 $\|g\|^2$ 加权的平均奖励；普通的平均离它不远，又好算。
#
# **GAN 与强化学习对上号。** 这就是讲义里那个标题说的关系：
#
# | 强化学习（演员—评论家） | 写序列的 GAN |
# |---|---|
# | 状态：到现在为止看到的 | 写好的前半条 $y_{<t}$ |
# | 动作 | 下一个词元 $y_t$ |
# | 策略（演员）$\pi(a\mid s)$ | 生成器 $G$ |
# | 奖励 | 写完之后 $D(y)$，中途没有 |
# | 价值 $Q(s,a)$ | $Q_t$，由 roll-out 估 |
# | 评论家：学价值 | 判别器 $D$：学真假，给的是奖励 |
# | 环境：不变 | $D$ 一直在变，奖励跟着变 |
#
# 最后一行是难处：强化学习里，棋的规则不会因为你下得好就改；这里会。

# %% [markdown]
# ## 13.5 让梯度穿过去：Gumbel-softmax [§13.5]
#
# **另一条路**：把抽样写成可导的。给每个 logit 加一个 Gumbel 噪声
# $g=-\log(-\log U)$，$U\sim U(0,1)$，取最大的，抽到第 $i$ 个的机会正好是 softmax 的第 $i$ 个。
#
# 为什么？softmax 的第 $i$ 个记作 $p_i$，$a_i=\log p_i$。
# $g\le s$ 的机会是 $e^{-e^{-s}}$，密度是它的导数 $e^{-s}e^{-e^{-s}}$。
# 第 $i$ 个最大，就是它等于某个 $s$，别的都不超过 $s$：
#
# $$
# \int \underbrace{e^{-(s-a_i)}}_{p_ie^{-s}}\;
# \prod_j e^{-e^{-(s-a_j)}}\,ds
# =p_i\int e^{-s}\,e^{-e^{-s}\sum_jp_j}\,ds=p_i\int e^{-s}e^{-e^{-s}}\,ds=p_i .
# $$
#
# 连乘里也有 $j=i$ 的一项：它不是“不超过 $s$”，是第 $i$ 个自己的密度的第二个因子，样子恰好相同。
#
# 随机的部分搬进了 $g$，剩下“取最大的”还是台阶。把它换成 $\mathrm{softmax}((a+g)/\tau)$：
# $\tau\to0$ 就是取最大的，$\tau>0$ 时可导。**直通**（straight-through）再补一手：
# 前向给 $D$ 硬的独热，免得 $D$ 凭“不是 0 或 1”认出假的；反向走软的。

# %%
from paddle_gan.methods.gumbel_gan import gumbel_softmax

sampling_diagram("gumbel")

# %%
show(gumbel_softmax)

# %% [markdown]
# 天下没有白来的：前向与反向不是同一个函数，梯度有**偏差**。$\tau$ 小，偏差小，方差大。
# 在那盘小棋上，几种估计都与真的梯度比（$J$ 相同，十个种子）。夹角余弦看不出偏差：
# 有偏差的也有 0.99。要看的是**差的长短**，什么也不给的（取最大的一个）差 100%：

# %%
claim("policy_gradient")

# %%
rows = {}
for name, arm in {"REINFORCE": "plain", "减基线": "baseline", "τ = 1": "gumbel_1"}.items():
    method = based if arm == "baseline" else toy
    paddle.seed(2)
    batches = np.array([small.estimate(arm, method, 16) for _ in range(100)])
    size = np.linalg.norm(true)
    gap = np.linalg.norm(batches.mean(axis=0) - true) / size
    rows[name] = (gap, batches.var(axis=0).sum() / size**2)
print("一百批、每批 16 条：平均与真的梯度之差，方差（都以真的梯度为 1）")
for name, (gap, spread) in rows.items():
    print(f"{gap:6.2f} {spread:8.2f}  {name}")

# %% [markdown]
# 这是种子 0 的一盘，批数少，“差”里也有没有平均掉的方差。REINFORCE 的差来自方差，批数多了就没有；
# Gumbel-softmax 的差来自偏差，批数再多也还在，方差却最小。

# %% [markdown]
# ## 13.6 SeqGAN 练起来 [§13.6]
#
# > GAN for Sequence Generation ——笔记 001
#
# 照 SeqGAN：先最大似然 150 步（与上面同一个种子，逐位相同），再对抗 100 步。
# 每步 $D$ 走一次，$G$ 用 REINFORCE 走一次。配置里**减基线**，所以下面写作“SeqGAN，减基线”；
# 台账里另有不减的一组。$D$ 不是从零开始对抗的：
# 最大似然的末 100 步里它已经在跟着学（`pretrain_D`）。续写的策略照样慢一拍（13.4）。
# 另一处要记得：SeqGAN 的奖励是 $D(y)$，Gumbel-softmax 的损失是 $-\log D(y)$，
# 两条路的目标不同，不只是梯度怎样传不同。

# %%
seq = train("seq_gan_markov", *OFTEN, name="13_seq")
soft = train("gumbel_markov", *OFTEN, name="13_gumbel")
marks = {"sequences/nll_oracle": chain.entropy()}
both = {"SeqGAN，减基线": seq, "Gumbel-softmax": soft}
curves(both, "sequences/nll_oracle", "sequences/distinct4", marks=marks)

# %% [markdown]
# 第 150 步之前两条重合，那是最大似然；之后才对抗，NLL_oracle 先升一点，再一路往下。虚线是链的熵：
# **降到虚线以下不是更好**，真的序列平均就是虚线那么难写，比它低，就是只挑好写的写。
# 右边的花样跟着掉了下去。放进同一张表，旁边是没有对抗、只调温度的：

# %%
after = {"最大似然，100 步（早停）": scores_of(early), "最大似然，150 步": scores_of(learned)}
after |= {"最大似然，250 步": scores_of(mle), "SeqGAN，减基线": scores_of(seq)}
after |= {"Gumbel-softmax": scores_of(soft)}
truth = {"真实数据": scorer.baselines()["真实数据"]}
report(truth | after | {name: cooled[name] for name in list(cooled)[1:]})

# %%
for name, lesson in {"最大似然": learned, "SeqGAN，减基线": seq}.items():
    paddle.seed(0)
    print(name, "：", "   ".join("".join(map(str, row)) for row in lesson.method.write(5).numpy()))

# %% [markdown]
# “最大似然，250 步”与两种对抗走了一样多的步，只是一直在最大似然；它的 KL 也大了，背训练集也会这样。
# 读表的次序：先看 NLL_oracle，再看熵与 4 元组掉了多少、NLL_test 升了多少。这一个种子里，
# 两种对抗都让 NLL_oracle 降了，KL 却都大了：熵掉得更多。
# 然后与调温度的比：$\tau=0.8$ 的比 SeqGAN（减基线）准，花样还多；
# Gumbel-softmax 比 $\tau=0.6$ 的准一点、4 元组多一点，可是熵少、KL 大，
# 4 元组与熵不是同一把尺子。
#
# 一个种子的故事讲得很顺。换八个种子，再把温度调到熵正好与对抗以后的相同来比
# （台账里的 NLL_test 用 5,000 条测试序列，比上表的略高）：

# %%
claim("sequences")

# %% [markdown]
# **换了种子，故事就变了。** NLL_oracle 有降有升，靠它自己说不出对抗有没有用；
# 每个种子都一样的是另外几样：KL 比最大似然大，NLL_test 比最大似然高，同样的熵上输给只调温度的。
# 不减基线的，平均没有动（单个种子上下半奈特多）；多走四倍的步，KL 多半更大。右下的图最要紧：
# 灰线是只调温度的，圆点多半在灰线上方，也就是同样的花样，写得更不准。
#
# 为什么？一种解释（没有单独量）：最大似然离链已经很近，$D$ 能教的不多，奖励里多半是它自己的偏见；
# $G$ 追着奖励跑，没有一项管花样。论文里的标准答案难得多（五千个词元），
# 那里会怎样，这里没有量。
#
# 论文里的数（词表 5,000，对每个词元平均，协议不同，只作参照）折在台账里：
# NLL_oracle 随机 10.31，最大似然 9.04，SeqGAN 8.74；花样一栏论文没有报，后来的 Texygen 补上了：
# SeqGAN 的 self-BLEU 比最大似然高，也就是更重复。

# %% [markdown]
# ## 13.7 真的中文：唐诗的联 [§13.7]
#
# > GAN for Sequence Generation ——笔记 001
#
# **问题。** 马尔可夫链有标准答案，真的文字没有。这一节换成《全唐诗》里五言诗的**联**：上下两句，
# 十个字，字就是词元。只收 800 个最常用的字写成的联；训练与测试按诗分开，
# 测试的联里没有一句与训练的某一句只差一个字（怎样取的，见 `paddle_gan/data/assets/README.md`）。

# %%
from paddle_gan.data import Poems

poems, unseen = Poems(), Poems(split="test")
print(f"训练 {len(poems.tokens):,} 联，测试 {len(unseen.tokens):,} 联；最常用的二十个字：")
print(poems.characters[:20])
for verse in poems.spell(poems.tokens[1000::1600]):
    print(verse)

# %% [markdown]
# **尺子。** 没有 $P(x)$，NLL_oracle 与 KL 都算不了，剩下两类。
#
# 一类看似然：
#
# - **一个字的 NLL_test** $=-\frac1{10}\,\mathbb E_x[\log\pi_\theta(x)]$：
#   没见过的真诗，$G$ 肯不肯写；乱猜是 $\log800=6.68$；
# - **上句管下句**：把下句换成别的诗的，一联的 $-\log\pi_\theta$ 大了多少。
#   两句各写各的模型，恰好是 0。
#
# 一类只看写出来的联：**见过的两字**（句中相邻的两个字，没见过的诗里也有的占几成，看像不像）、
# **不同的两字**（看花样）、**抄来的三字**（连着的三个字，训练的诗里也有的占几成）、
# **有重字的联**。后一类每一个都骗得过：骗法摆在下面的表里。

# %%
from paddle_gan.evaluation.scorers_poems import PoemScorer

judge = PoemScorer(poems, unseen, samples=2000, seed=0)
beside = judge.baselines()
SHOWN = {"found2": "见过的两字", "distinct2": "不同的两字"}
SHOWN |= {"copied3": "抄来的三字", "repeats": "有重字的联"}


def verse_table(rows, keys):
    table = [f"| | {' | '.join(keys.values())} |", "|---|" + "--:|" * len(keys)]
    for name, row in rows.items():
        cells = [row.get(f"poems/{key}") for key in keys]
        shown = " | ".join("–" if cell is None else f"{round(cell, 6) + 0.0:.3f}" for cell in cells)
        table.append(f"| {name} | {shown} |")
    return Markdown("\n".join(table))


# %%
verse_table(beside, SHOWN)

# %% [markdown]
# 真诗的一行是没见过的诗的一半（另一半当“见过”的参照），各行都是同样多的联：不同的两字占几成，
# 随联数变，只能与同样多的比。照抄的，像不像与花样都和真诗差不多，只在“抄来的三字”上露馅；
# 把真诗的字打乱，重字一个不多；一联写到底，“见过的两字”比真诗还高得多，花样是 0。
#
# **数出来的对手。** 不用网络，也写得出诗：数一数训练的诗里前一个字后面跟什么，这就是**二元模型**。
# 没数到的不能算 0，要平滑：次数 $c$ 之外，再照这一处（第几个字）的字频 $p_t$ 添上 $k$ 次，
#
# $$
# p(b\mid a,t)=\frac{c(a,b)+k\,p_t(b)}{c(a)+k},\qquad k=200 .
# $$

# %%
from paddle_gan.metrics.verses import Counted

show(Counted.probabilities)
for name in ("只看字频（一元）", "只看前一个字（二元）"):
    print(f"{beside[name]['poems/nll_test']:.2f}  {name}")

# %% [markdown]
# **练一个。** 同样的 GRU，宽一些，最大似然。这里只练 150 步，是**短训练**（台账里的是 600 步，
# 几个种子的数在下面）：

# %%
brief = train("mle_poems", *OFTEN, "total_steps=150", "metrics={}", name="13_poems")
paddle.seed(0)
for verse in poems.spell(brief.method.write(4).numpy()):
    print(verse)
for name, value in judge.score(brief.method).items():
    print(f"{value:.3f}  {name}")

# %% [markdown]
# 练了这么短，字频与字的位置差不多会了，两个字还不大连得上。练完的，再对抗的，都在台账里
# （同一个种子的各组从同一个最大似然出发）：

# %%
claim("verses")

# %% [markdown]
# 把第一个种子写的头六联并排放着，没有挑：

# %%
from paddle_gan.lab.runner import read_results
from paddle_gan.lab.verses import S3

kept = read_results("verses", "full")
for arm, rows in kept.items():
    for row in rows[:1]:
        tokens = np.array(row["curves"]["verses"]).reshape(-1, 10)
        print(S3.label(arm), *poems.spell(tokens[:6]), sep="\n")

# %%
ALL = {"nll_test": "一个字的 NLL_test", "pairing": "上句管下句"} | SHOWN
rows = {"真诗": beside["真实数据"]}
for arm, found in kept.items():
    middle = {k: np.median([row["statistics"][k] for row in found]) for k in ALL if found}
    rows[S3.label(arm)] = {f"poems/{key}": value for key, value in middle.items()}
verse_table(rows, ALL)

# %% [markdown]
# **怎么读。** 先看一个字的 NLL_test：它比二元模型的低，低的那一截才是网络的功劳；
# “上句管下句”是二元模型无论如何也没有的。再看对抗，图上灰线是只调温度的最大似然，
# **对抗的点在灰线上方，才是对抗的本事**：五个种子，两种对抗，没有一种到了上方。
# SeqGAN 几乎没有动，“见过的两字”还低了一点；Gumbel-softmax 的 NLL_test 升了一截
# （有的真诗不肯写了），“见过的两字”反而少了。所以在这里，对抗没有赢过调温度。
# 对抗只走了 80 步；走得更久会怎样，没有量。
#
# SeqGAN 的论文也写过唐诗（整首的绝句），报的是 BLEU-2，比最大似然高。BLEU-2 与“见过的两字”
# 是一类的数：最大似然不调温度就去比，只写最常见的两个字也会赢。Caccia 等人说的正是这件事。
# 还有一样谁也没有量：诗好不好。押韵、平仄、对仗、有没有意思，上面的数一个也不管。
#
# %% [markdown]
# ## 弄坏它
#
# 写序列最常见的一处不报错的错：**忘了错开一位**。$G$ 预测第 $t$ 个词元时，输入里已经有第 $t$ 个。
# 损失降得又快又低，谁都会以为练得好：

# %%
from paddle.nn.functional import log_softmax, pad

from paddle_gan.methods import METHODS


class Peeking(SeqGAN):
    def likelihood_loss(self, tokens):
        x = self.one_hot(tokens)
        log_pi = log_softmax(self.G(pad(x, [0, 0, 0, 0, 0, 1])), axis=-1)  # 没有错开：看着答案
        loss = -(x * log_pi).sum(axis=[1, 2]).mean()
        return loss, {"loss/MLE": loss}


# %%
METHODS["peeking"] = Peeking
peeked = train("mle_markov", *OFTEN, "method=peeking", "total_steps=150", name="13_peeking")
pair = {"对的": learned, "看着答案": peeked}
curves(pair, "loss/MLE", "sequences/nll_oracle", marks={"loss/MLE": chain.entropy()})

# %%
report({name: scores_of(lesson) for name, lesson in pair.items()})

# %% [markdown]
# 症状：`loss/MLE` 降到了虚线（链的熵）以下很远。**没有背过的序列，再好也低不过熵**
# （背下训练集的可以略低）；低得多，一定是看见了答案。写的时候没有答案可看，NLL_oracle 就高得离谱。
# 所以损失要与一个算得出的下限放在一起看。

# %% [markdown]
# ## 小结
#
# 先是那盘小棋上十个种子居中的数，从随包的结果里取
# （REINFORCE 与减基线的“差”，是一万条还没有平均完的方差）。再下面一张总表里的偏差与方差，是定性的：

# %%
from paddle_gan.lab import EXPERIMENTS
from paddle_gan.lab.runner import read_results

kept = read_results("policy_gradient", "full")
rows = ["| | 与真的梯度之差 | 一批 16 条的方差 |", "|---|--:|--:|"]
for arm in ("plain", "baseline", "gumbel_2", "gumbel_1", "gumbel_03"):
    found = [[r["statistics"][key] for r in kept[arm]] for key in ("bias", "variance")]
    gap, spread = np.median(found, axis=1)
    rows.append(f"| {EXPERIMENTS['policy_gradient'].label(arm)} | {gap:.2g} | {spread:.2g} |")
Markdown("\n".join(rows))

# %% [markdown]
# | 办法 | 梯度怎样到 G | 偏差 | 方差 |
# |---|---|---|---|
# | 取最大的，直接求导 | 到不了，恰好是 0 | – | – |
# | REINFORCE | 奖励 × $\nabla\log\pi$ | 没有（续写的策略就是 G 时） | 大 |
# | 减基线 | 同上，减别的各条的平均 | 没有 | 小几倍（见上表；D 学得越久，省得越少） |
# | Gumbel-softmax，直通 | 前向硬，反向软 | 有，$\tau$ 小就小 | 小，$\tau$ 小就大 |
#
# - 上表里 D 只学了 20 步。D 学得越久，各条的奖励差得越多，基线省下的方差越少：台账的说明里，
#   试跑的两个种子学到 100 步，两样的方差只差 1.4、1.5 倍。
# - 基线不改期望，只改方差；最好的是 $b^*=\mathbb E[D\|g\|^2]/\mathbb E[\|g\|^2]$，
#   减得不对，方差反而更大。
# - 写序列的 GAN 就是强化学习：$G$ 是策略，$D$ 给奖励，只是奖励一直在变。
# - NLL_oracle 单独看会被复读机骗过；与熵、花样、NLL_test 一起看。
# - 对手要公平：最大似然先早停，再调温度，比在同样的花样上。
# - 真的文字没有标准答案：看没见过的诗的似然，旁边放数出来的二元模型；只看写出来的，样样骗得过。

# %% [markdown]
# ## 一段历史
#
# 词是离散的，一句话又要写完才知道好不好，这两件事强化学习早就遇到过。1992 年 Williams 的
# REINFORCE（Machine Learning，8 卷）不要求回报可导，只要能取样，再减去一个基线来降方差。2016 年
# Pfau 与 Vinyals 把 GAN 与 actor–critic 放在一起对照（arXiv:1610.01945）：G 像 actor，D 像 critic，
# 两边的毛病与治法也对得上。
#
# 同一年，两种办法几乎一起出来。9 月的 SeqGAN（arXiv:1609.05473）把 D 的分数当回报，用 REINFORCE
# 去学；11 月的 Gumbel-softmax（arXiv:1611.01144）与 Concrete（arXiv:1611.00712）把取样放软，让梯
# 度照样传回来，Kusner 等人当月就拿它训练了序列的 GAN（arXiv:1611.04051）。SeqGAN 还留下一把好尺子：
# 拿一个已知的网络当“真的写法”，句子好不好就能准确地算。
#
# 冷水来自 2018 年。Caccia 等人的题目是 *Language GANs Falling Short*（arXiv:1811.02549）：只要把
# 最大似然的语言模型调一调温度，质量与多样性两头一起看，它就不比 GAN 差。所以这一章的对照组不是“什
# 么也不做”，是调过温度的最大似然。

# %% [markdown]
# ## 练习
#
# **13.1** 词元 $V=5$ 种，序列长 $T=4$。均匀乱写的生成器，NLL_test 是多少？（奈特，保留两位小数）

# %%
answer = None  # 换成你的答案
check("13.1", answer)

# %% [markdown]
# **13.2** 只写一个词元：甲或乙，$\pi(\text{甲})=\sigma(\theta)=0.2$。奖励：甲 1，乙 0。
# $\dfrac{dJ}{d\theta}$ 是多少？（保留两位小数）

# %%
answer = None  # 换成你的答案
check("13.2", answer)

# %% [markdown]
# **13.3** 写一个函数 `less(Q)`：`Q` 是 $(N,T)$ 的数组，一行是一条序列各处的价值；
# 返回每一条减去**别的各条**在同一处的平均。（一个函数）

# %%
answer = None  # 换成你的答案
check("13.3", answer)

# %% [markdown]
# **13.4** 写一个函数 `cool(p, tau)`：`p` 是一组概率（都大于 0），返回用温度 `tau` 写时的概率。
# （一个函数）

# %%
answer = None  # 换成你的答案
check("13.4", answer)

# %% [markdown]
# **13.5** 一个生成器，NLL_oracle 只有链的熵的三分之一，不同的 4 元组接近 0，NLL_test 是无穷大。
# 是谁？
#
# A. 均匀乱写。<br>
# B. 照抄训练集。<br>
# C. 只写一条。<br>
# D. 链自己。

# %%
answer = None  # 换成你的答案
check("13.5", answer)

# %% [markdown]
# **13.6** 假如一次对抗训练以后，NLL_oracle 从 12.1 降到 9.8，生成器的熵从 11.5 降到 7.7。
# 现在的 $\mathrm{KL}(G\|P)$ 是多少？（奈特，保留一位小数）

# %%
answer = None  # 换成你的答案
check("13.6", answer)

# %% [markdown]
# **13.7** 写一个函数 `distinct(tokens, n)`：`tokens` 是几条序列（列表的列表），
# 返回不重复的 $n$ 元组占全部 $n$ 元组的比例；$n$ 元组不跨过两条。（一个函数）

# %%
answer = None  # 换成你的答案
check("13.7", answer)

# %% [markdown]
# **13.8** 训练的诗里，“明”在句中（不在句末）写了 60 次，其中 40 次后面是“月”；
# 这一处“月”的字频 $p_t=0.02$，$k=200$。照平滑的二元模型，“明”后面写“月”的概率是多少？
# （保留三位小数）

# %%
answer = None  # 换成你的答案
check("13.8", answer)

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
# | 及格 | `sequences/nll_test` ≤ 12.6，`sequences/distinct4` ≥ 0.15 | `mle_markov` | 0.03 |
# | 良好 | `sequences/nll_test` ≤ 13.5，`sequences/entropy` ≥ 8.5 | `seq_gan_markov` | 0.2 |
# | 优秀 | `sequences/nll_test` ≤ 11.9，`sequences/nll_oracle` ≤ 11 | `gumbel_markov` 做不到 | 0.1 |
#
# 链的熵是 11.78，对全部真序列求平均，谁的 NLL_test 也低不过它。
#
# - **及格** 最大似然。这个配置已经练过了头；停在一百步上下，NLL_test 是 11.8（13.2 节），早停是白
# 得的。
# - **良好** 真的对抗过至少一百步，花样还在。三个种子差得很多：原样跑，三个里有两个到得了，
# 还有一个 NLL_test 高出一截。塌了的，先看有没有减基线，再看两边的学习率。
# - **优秀** 只挑好写的写，真序列却照样肯写。最大似然走 100 步、$\tau=0.9$ 时三个种子在 11.2 到 11.6
# 与 11.8 到 11.9，差一点点；我们的对抗都离得远，NLL_test 在 13 以上。

# %% [markdown]
# ## GPU
#
# 这一章的训练 CPU 上几秒到半分钟，用不着显卡。长一些的序列、大一些的词表，改 `data` 就行：
#
# ```bash
# python tools/train.py -c configs/seq_gan_markov.yml --seed 1
# python tools/train.py -c configs/gumbel_markov.yml --seed 1
# python tools/lab.py run sequences policy_gradient
# python tools/train.py -c configs/mle_poems.yml
# python tools/train.py -c configs/seq_gan_poems.yml
# python tools/sample.py runs/seq_gan_poems --num 20 --out verses.png
# ```
#
# 练完以后 `python tools/sample.py runs/seq_gan_markov --out out.png` 把序列印出来，也画成图。
#
# ## 延伸阅读
#
# - Yu 等，*SeqGAN*，arXiv:1609.05473：§2 是推导，表 1 是 NLL_oracle。
# - Williams，*Simple Statistical Gradient-Following Algorithms*，Machine Learning 8（1992）。
# - Jang 等，*Categorical Reparameterization with Gumbel-Softmax*，arXiv:1611.01144。
# - Kusner 与 Hernández-Lobato，*GANs for Sequences of Discrete Elements*，arXiv:1611.04051。
# - Pfau 与 Vinyals，*Connecting GANs and Actor-Critic Methods*，arXiv:1610.01945：13.4 的表，更全。
# - Caccia 等，*Language GANs Falling Short*，arXiv:1811.02549：调温度的最大似然是公平的对手。
# - Zhu 等，*Texygen*，arXiv:1802.01886：准与花样一起报。
# - 讲义背后的公开课：001 的 GAN for Sequence Generation 对
# 应[李宏毅《机器学习》2021 春](https://speech.ee.ntu.edu.tw/~hylee/ml/2021-spring.php)的[第三讲](https://www.youtube.com/watch?v=MP0BnVH2yOo)；
# 003 在提纲里列了与强化学习的关系，录像[在这里](https://www.youtube.com/watch?v=ZBY1shLnhUk)。
#
# 模式崩溃的别的样子，回头看 `09_模式崩溃的解决方案.ipynb`。
