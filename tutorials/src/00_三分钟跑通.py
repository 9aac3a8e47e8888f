# %% [markdown]
# # 00 三分钟跑通
#
# **学完你能**
#
# - 在自己的电脑或 AI Studio 上装好，让训练好的 GAN 画几张，再用一条命令训练一个；
# - 用 VisualDL 或一个网页看曲线，读懂训练目录里的每个文件；
# - 随时停下、接着训练，并验证结果与没有停过逐位相同。
#
# **CPU 用时** 至多约 1 分钟（2 核，机器空闲时；别的程序也在跑，就要几倍）。
# 不需要先读别的；会 Python、知道什么是神经网络就够了。
#
# ## 0.1 安装 [§0.1]
#
# 三种机器，三条命令，选一条（在仓库的目录里）：
#
# | 机器 | 命令 |
# |---|---|
# | 自己的电脑，只有 CPU | `pip install -r requirements-cpu.txt` |
# | 自己的机器，有 NVIDIA 显卡 | `pip install -r requirements-gpu.txt` |
# | AI Studio，或已经装好飞桨的机器 | `pip install -r requirements.txt` |
#
# 第三条**不碰飞桨**。AI Studio 自带 `paddlepaddle-gpu`；再装一个 `paddlepaddle`，CPU 版会盖住它，
# 训练就不用显卡了。不止一个人在那里遇到过，症状是报错
# `Cannot use GPU because you have installed CPU version PaddlePaddle`。已经装错了：先
# `pip uninstall -y paddlepaddle paddlepaddle-gpu`，再照飞桨官网重装 GPU 版。
#
# AI Studio 上还要知道（来自公开的文档和问题记录，没有在那里实测）：
#
# - 建项目时资源选 V100；列表里别家的卡不是 NVIDIA 的，跑不了 CUDA 版的飞桨。只用 CPU 也可以。
# - 代码放在 `/home/aistudio/work` 里，它会保留；`/home/aistudio/data` 每次重启都会还原。
# - 平台把整个 `/home/aistudio` 存成快照，文件多了、大了就切换不动。训练目录只留要用的。
# - 页面放着不动，大约十分钟环境就停了。长的训练用“后台任务”，断了用 0.5 节的办法接着跑。
#
# 不用安装这个仓库：下面第一格会自己找到它。每一章的第一格都相同，先看它印出的版本与设备。

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
# 有 `GPU 版` 和 `设备 gpu:0` 才是在用显卡。写着 `CPU 版` 也不要紧：这门课每章都能在 CPU 上跑完。
# 线程数是飞桨能用的核数，容器里看的是配额，不是整台机器。
#
# ## 先看看训练好了是什么样
#
# 工具箱里带着几个训练好的生成器，叫“随包的训练”，都是在 CPU 上练的，机器空着时几十秒到一刻钟多。
# 不训练，先让其中两个画几张。每张画的下面是训练集里与它最像的一张（像素的平方差最小）：
# 照抄训练集也能画得像，所以要放在一起看。
# （下面印出的 r1、relativistic 都是加了正则的 GAN，第 09 章讲；FD 开头的是分数，越小，整堆图的统计
# 越接近真的；数字与头像的尺子不同，两个数不能互相比，第 10 章讲。
# 同一个生成器换一批样本，分数会差一点，所以别处见到的数不会完全一样。）

# %%
import numpy as np

digits, faces = Lesson.shipped("digits_best"), Lesson.shipped("r3gan_avatars")


def closest(made, real):
    scaled = (np.moveaxis(made, 1, 3) + 1) * 127.5  # 从 [−1, 1] 换到像素的 0 到 255
    return real[[np.square(one - real).sum(axis=(1, 2, 3)).argmin() for one in scaled]]


rows = {}
for name, lesson in {"数字": digits, "头像": faces}.items():
    made = lesson.samples(8)
    rows |= {f"{name}：GAN 画的": made, f"{name}：最像的真图": closest(made, lesson.data.images)}
rows_of_images(rows)

# %% [markdown]
# 这几张没有一张与真图完全一样。有几个数字很近，细看，笔画的弯与粗细也不同；
# 头像的发型多半对得上，发色、背景、嘴与眼镜常常不同。有几张还有毛病，比如不成字的笔画、糊了的头发。
# 生成器的输入只是一串随机数，换一串就换一张。
#
# 终端里一条命令就能画；`gallery:名字` 是随包的训练，换成训练目录，画的就是你自己的训练：
#
# ```bash
# python tools/sample.py --gallery   # 有哪些，各训练了多久
# python tools/sample.py gallery:r3gan_avatars --num 64 --out faces.png   # 64 张画成一张图
# ```
#
# 笔记本里前面加一个感叹号，就是在终端里运行：

# %%
import shutil

RUNS = HOME / "runs" / "tutorials" / "ch00"
shutil.rmtree(RUNS, ignore_errors=True)  # 这一章自己的目录，每次从头来
RUNS.mkdir(parents=True)
FACES = RUNS / "faces.png"
# !{sys.executable} {HOME}/tools/sample.py gallery:r3gan_avatars --num 64 --columns 16 --out {FACES}
Picture(FACES.read_bytes())

# %% [markdown]
# 这一章教你自己训练一个：先用最小的，几秒钟就训练完。
#
# ## 0.2 一条命令训练 [§0.2]
#
# 终端里是 `python tools/train.py -c configs/gan_ring.yml`。先加 `--dry-run`，只检查、不训练：

# %%
TRAIN = f"{sys.executable} {HOME}/tools/train.py -c {HOME}/configs/gan_ring.yml"
# !{TRAIN} --dry-run

# %% [markdown]
# 三行说清了训练什么、多大、写到哪里。现在真的训练。完整的配置是 6,000 步；`-o 键=值` 改一项设定，
# 这里只跑 600 步。终端里会有进度条；末尾的 `2>&1 | cat` 让它改成隔一会儿印一行，不在笔记本里刷屏，
# 自己在终端里训练时不用写。

# %%
SHORT = "-o total_steps=600 -o log_every=20"
# !{TRAIN} {SHORT} --output {RUNS}/whole 2>&1 | cat

# %% [markdown]
# 各行的秒数与速度随机器和它忙不忙变，差几倍也正常；别的数在同样的环境里应当相同。
# 最后打印的几项，依次是：覆盖了八个模式中的几个（碰到一个样本就算）；占到 1% 以上的有几个；
# 多少样本是好的（真实数据是 0.989）；只看好样本，模式之间分得匀不匀（0 最匀）；把“落在模式之外”
# 也算一类，离真实数据多远（0 最好）；末了是诊断。
# 600 步还早，分数不高是正常的，诊断也说“还没学会”：跑满 6,000 步，
# 好样本的比例是 0.745 ± 0.18（5 个种子，写在 `configs/gan_ring.yml` 的第一行）：
# 它走到最后还在来回跳，碰巧停在哪一步，就是哪个数。
#
# 拼错了会怎样？每一种错都在训练之前报出来，说明错在哪里、可以写什么：

# %%
# !{TRAIN} -o hparams.lr_d=1e-4 --dry-run

# %% [markdown]
# 在 Python 里训练走的是同一条路，各章都这样写。返回值里有方法、数据、曲线：

# %%
lesson = train("gan_ring", "total_steps=600", "log_every=20", name="ch00/python", snapshots=4)
lesson

# %%
filmstrip(lesson, 4)

# %% [markdown]
# 灰点是真实数据：八个高斯，排成一圈。红圈是八个中心，蓝点是生成器的样本。600 步是**短的**一次：
# 它从一团乱点开始，先学会朝八个方向伸出去，还没有停在圈上。跑满 6,000 步是什么样？
# 随包的 `gan_ring` 就是这同一个配置跑满了的；最右边是拿来对照的，在方块里均匀撒点。

# %%
full = Lesson.shipped("gan_ring")
real = full.data.sample(1000, np.random.default_rng(0))
scattered = np.random.default_rng(1).uniform(-2.25, 2.25, (1000, 2))
panels = {
    f"刚才的 {lesson.summary['step']:,} 步": lesson.samples(1000),
    f"随包的 {full.summary['step']:,} 步": full.samples(1000),
    "均匀撒点": scattered,
}
points(panels, real, full.data.modes, full.data.std)

# %% [markdown]
# 题目下面的“高质量”是落在红圈里的样本占几成：圈的半径就是 $3\sigma=0.15$。真实数据约 0.99，
# 均匀撒点也有百分之三左右。跑满以后，样本聚到了八个圈的旁边，圈与圈之间还连着几条细线。
# 为什么会这样，是第 01 章的事。
#
# ## 0.3 看 VisualDL [§0.3]
#
# 训练时已经写好了 VisualDL 日志，在训练目录的 `vdl/` 里。看它有三条路。
#
# **一、自己的电脑**。在终端里（不要在笔记本里，它会一直占着）：
#
# ```bash
# python tools/dashboard.py runs/tutorials/ch00/whole      # 一次训练
# python tools/dashboard.py runs/tutorials/ch00            # 这个目录下的全部，并排比较
# ```
#
# 再用浏览器打开它打印的地址。只在本机能打开，不上报任何东西；训练中也能开。曲线默认有 0.6 的平滑，
# 会把台阶抹弯，看覆盖的模式数时把它拉到 0。
#
# **二、AI Studio 的面板**。不要在格子里运行 `visualdl`：它占住内核，浏览器也连不到那台机器。
# 用左侧栏的“数据模型可视化”：
#
# 1. 训练时把目录写到 `/home/aistudio/log` 下，例如 `--output /home/aistudio/log/gan_ring`。
#    有人把日志放在 `work` 下，面板说没有权限（VisualDL 的问题 1103）。
# 2. 面板里“设置 logdir”，选 `/home/aistudio/log` 这个**文件夹**，不是里面的 `.log` 文件。
# 3. 点“启动 VisualDL 服务”，在新标签页里看。面板有时会消失，那就用第三条路。
#
# **三、一个网页**。内容与看板相同，每条曲线旁边还有说明；不联网也能打开，可以直接发给别人：

# %%
# !{sys.executable} {HOME}/tools/report.py {RUNS}/whole {RUNS}/python --out {RUNS}/report.html

# %% [markdown]
# AI Studio 上在左侧的文件栏里找到 `report.html`，下载下来双击。它长这样
# （这一张是三次随包的训练并排：健康的、只剩一个模式的、治好的）：
#
# ![训练报告：健康、模式崩溃与治好的并排](assets/report_overview.png)
#
# 卡片上的高质量样本是最后三分之一训练的中位数，“最后的指标”里的是最后一步的。
# 左边那次走到最后还在来回跳（0.2 节），两个数就差得多。
#
# 笔记本里也能直接画曲线，标题里的英文名和看板上的相同：

# %%
curves(lesson, "loss/D", "diversity", marks={"loss/D": 2 * np.log(2), "diversity": 1.0})

# %% [markdown]
# 左图在虚线 1.386（$2\log2$，分不出真假）以下不远处波动，没有贴近 0，是健康的。右图接近 1，
# 说明样本之间的距离与真实样本差不多；接近 0 就是样本都长得一样了。
#
# 每条曲线是什么、健康是什么样、危险是什么样，都登记在词汇表里，看板的“文本”页和网页上也是它。
# `loss/D` 那一条列了各种方法，现在只看“GAN 一类”的一句：

# %%
from paddle_gan.monitor.explain import explain

for tag in ("loss/D", "prob/fake", "diversity", "modes/high_quality"):
    print(f"{tag}\n  {explain(tag)}\n")

# %% [markdown]
# 日志里真的有东西吗？用 VisualDL 自己的读取器看一眼。PaddleGAN 的日志曾把所有点都写在第 0
# 步上（步数的计数器从来没有加过 1），曲线挤成一条竖线；所以要看步数：

# %%
from visualdl import LogReader

reader = LogReader(file_path=str(RUNS / "whole" / "vdl" / "vdlrecords.main.log"))
steps = [record.id for record in reader.get_data("scalar", "loss/D")]
print("曲线：", "、".join(sorted(reader.get_tags()["scalar"])))
print("loss/D 的步数：", steps)
assert steps == sorted(set(steps))  # 互不相同，递增

# %% [markdown]
# ## 0.4 读懂一个训练目录 [§0.4]
#
# 一次训练的全部结果都在一个目录里（`samples/` 全程画十次，只列出最后一次）：

# %%
for path in sorted((RUNS / "whole").rglob("*")):
    if path.is_file() and (path.parent.name != "samples" or "0600" in path.name):
        print(f"{path.stat().st_size:>9,} 字节  {path.relative_to(RUNS / 'whole').as_posix()}")

# %% [markdown]
# | 文件 | 是什么 | 什么时候看 |
# |---|---|---|
# | `config.yml` | 完全展开的配置，连默认值都写明 | 想知道“当时到底用的什么设定” |
# | `run.json` | 版本、设备、种子、用时、最后的指标、诊断 | 要报告结果 |
# | `metrics.jsonl` | 每条记录一行，步数递增；图表都由它画出 | 自己画图 |
# | `train.log` | 每隔一会儿一行的进度，和结局 | 训练时没有盯着看 |
# | `data.json` | 用的是哪些数据 | 接着训练时自动核对 |
# | `owner.json`、`training.lock` | 谁在训练；不让两个进程写同一个目录 | 一般不用看 |
# | `histograms.jsonl` | 判别器权重的直方图 | 第 07 章 |
# | `vdl/` | VisualDL 日志 | 看板 |
# | `samples/` | `fixed_*` 同一批噪声，`fresh_*` 新噪声，`surface_*` 是 D 的决策面 | 看变化 |
# | `checkpoints/` | `last`、`best` 和最近几个带编号的 | 采样、评估、接着训练 |

# %%
from paddle_gan.run.run import Run

run = Run(RUNS / "whole")
info = run.info()
print(run.config_file.read_text(encoding="utf-8")[:330], "……")
for key in ("status", "step", "seed", "device", "threads", "seconds", "versions", "metrics"):
    print(f"{key}：{info[key]}")

# %%
for line in run.metrics_file.read_text(encoding="utf-8").splitlines()[:2]:
    print(line[:200])
print("\n诊断：" + run.diagnosis("").text())

# %% [markdown]
# **诊断**只看曲线。先看有没有病：模式崩溃、判别器过强、判别器过弱、发散、震荡；没有病，
# 再看学会了没有（二维数据才有这一条）；步数或记录太少，就说还不能判断。每一句都附上证据：
# 哪条曲线、哪几步、量到多少、界限多少。它说“正常”的意思是“没有哪条规则越界”，不是“样本好”。
# 样本好不好，看指标，看图：

# %%
last = sorted(run.samples.glob("fixed_*.png"))[-1]
print(last.name)
Picture(last.read_bytes())

# %% [markdown]
# 检查点可以读回来接着用：采样、插值、评估。命令行是 `tools/sample.py`、`tools/evaluate.py`：

# %%
# !{sys.executable} {HOME}/tools/evaluate.py {RUNS}/whole

# %% [markdown]
# ## 0.5 恢复训练 [§0.5]
#
# **问题** 训练到一半停了（Ctrl-C、断电、AI Studio 关了环境），接着跑得到的结果，
# 和没有停过的一样吗？
#
# “一样”有一个严格的意思：每一个权重、优化器里的每一个数都**逐位相同**。要做到这一点，
# 要记住四样东西：网络、优化器的状态、数据走到哪一批、随机数走到哪里。这里的随机数不保存状态：第 $t$
# 步的噪声由（种子，$t$）决定，所以记住步数就够了。
#
# **跑** `whole` 是没有停过的 600 步。再来一次，在第 250 步“按下 Ctrl-C”：

# %%
import os
import signal

from paddle_gan.engine.train import Trainer
from paddle_gan.run.config import load_config


def press_ctrl_c(step, logs, record):
    if step == 250:
        os.kill(os.getpid(), signal.SIGINT)


config = load_config(HOME / "configs" / "gan_ring.yml", ["total_steps=600", "log_every=20"])
summary = Trainer(config).run(RUNS / "stopped", watch=(press_ctrl_c,))
print(summary["status"], "停在第", summary["step"], "步")

# %% [markdown]
# 它没有立刻退出：又做完一整步，存好 `last`，才停（所以印的是 251）。接着训练，加 `--resume`：

# %%
# !{TRAIN} {SHORT} --output {RUNS}/stopped --resume 2>&1 | cat

# %%
from safetensors.numpy import load_file

once, twice = (
    load_file(RUNS / name / "checkpoints" / "last.safetensors") for name in ("whole", "stopped")
)
same = [name for name in once if once[name].tobytes() == twice[name].tobytes()]
print(f"检查点里 {len(once)} 个数组，逐位相同的 {len(same)} 个，例如 {same[0]}、{same[-1]}")
records = [(RUNS / name / "metrics.jsonl").read_bytes() for name in ("whole", "stopped")]
print("metrics.jsonl 逐字节相同：", records[0] == records[1])
assert once.keys() == twice.keys() and len(same) == len(once)

# %% [markdown]
# 包括 Adam 的两个动量在内，全部逐位相同；曲线的记录也一个字节不差，没有重复的点，也没有缺口。
#
# 前提是同一台机器、同样的线程数、同样的飞桨版本；换了其中一样，末几位会不同。
# 被强行杀掉（`kill -9`、断电）时来不及存，会从最近一次定时的检查点接着跑（默认全程存 10 次），
# 后面多记的曲线会被截掉再重走。
#
# 想训练得更久，就把总步数改大：`--resume -o total_steps=6000`。
#
# ## 弄坏它
#
# 接着训练时最容易犯的错，是悄悄换了设定：前一半是一个实验，后一半是另一个，曲线看起来却是连着的。
# 试试换掉批大小再 `--resume`，以及忘了写 `--resume`：

# %%
# !{TRAIN} {SHORT} -o batch_size=128 --output {RUNS}/stopped --resume
# !{TRAIN} {SHORT} --output {RUNS}/stopped

# %% [markdown]
# 两次都被挡下来，原来的结果没有动。网络、方法、批大小、数据与种子不能改；
# 总步数、记多勤、存多勤可以，学习率也可以，只是会明白说出从多少改成了多少。
#
# 再弄坏一次：记录写到一半断电，最后一行只剩半句。

# %%
from paddle_gan.monitor.recorder import read_records

broken = RUNS / "broken.jsonl"
whole = run.metrics_file.read_bytes()
broken.write_bytes(whole[:-40])
print(
    "原来", len(read_records(run.metrics_file)), "条，断电后还能读", len(read_records(broken)), "条"
)

# %% [markdown]
# 只丢了没写完的那一条。对照：VisualDL 自己的日志若断在一条记录中间，整个看板会起不来，
# 别的训练也看不了；`tools/dashboard.py` 打开之前会先把坏掉的末尾截掉。
#
# ## 小结
#
# - 安装选对那一条命令：AI Studio 上用 `requirements.txt`，不碰飞桨。
# - 随包的训练写 `gallery:名字`，不训练就能画、能看曲线；`tools/sample.py --gallery` 列出全部。
# - `python tools/train.py -c 配置 -o 键=值 --output 目录`；拼错了会在训练之前告诉你。
# - 看曲线：`dashboard.py`；AI Studio 用面板（日志放在 `/home/aistudio/log`）或 `report.py` 的网页。
# - 一个训练目录里有设定、版本、曲线、样本、检查点，结果可以追溯。
# - `--resume` 接着跑，与没有停过逐位相同。

# %% [markdown]
# ## 一段历史
#
# 只训练一次，得到的数能信多少？2017 年 9 月，Henderson 等人在强化学习里做了一个叫人不安的对照
# （arXiv:1709.06560）：设定一个字不改，只换随机种子，每五次一组求平均，两组的曲线竟然可以分得开。
#
# 几个月之后轮到 GAN。Lucic 等人把七种 GAN 放在一起重新量（arXiv:1711.10337）：网络一样，每种方法
# 随机试 100 组超参数，挑出最好的一组，再换 50 个种子各跑一次。结果是：肯花同样的力气去调，几种方
# 法差得不多；同一种方法换一组超参数，差得反而更多。
#
# 后来的代码库就照这个教训来做。2022 年的 StudioGAN（arXiv:2206.09479）用一套代码重新训练三十种
# GAN，配置、日志与评测都是同一份。
#
# 这一章里就有一个现成的例子：`gan_ring` 五个种子的高质量比例是 0.745 ± 0.18，最低的一个 0.51，最
# 高的一个 0.91。只跑一次，报哪个数全凭手气。所以训练目录里要有 `config.yml`（当时的设定）和
# `run.json`（种子与版本），所以断了要能逐位接上，所以后面各章的数总带着种子数。

# %% [markdown]
# ## 练习

# %% [markdown]
# **0.1** 在 AI Studio 的 GPU 环境里，第一步该装哪一个？
# A. `requirements-cpu.txt`；B. `requirements-gpu.txt`；C. `requirements.txt`；D.
# `requirements-dev.txt`。（选项）

# %%
answer = None  # 换成你的答案
check("0.1", answer)

# %% [markdown]
# **0.2** 训练 600 步，`log_every=50`。`metrics.jsonl` 里 `loss/D` 有几个点？（一个整数）

# %%
answer = None  # 换成你的答案
check("0.2", answer)

# %% [markdown]
# **0.3** 训练 600 步，存检查点的间隔是默认的（全程 10 次）。第 517 步做到一半停电了。`--resume`
# 之后做的第一步是第几步？（一个整数）

# %%
answer = None  # 换成你的答案
check("0.3", answer)

# %% [markdown]
# **0.4** 同一台机器、同样的飞桨与线程数，两个训练目录都是 `gan_ring`（学习率从头到尾不变），
# 一个走了 300 步，一个走了 600 步。下面哪一样对上了，
# 也**说明不了**后一个的前 300 步与前一个走的是同一条路？
# A. `config.yml` 里除总步数外都相同（种子也相同）；B. 两个最后的 `loss/D` 差不多大；C. 第 300
# 步的检查点逐位相同；D. `metrics.jsonl` 到第 300 步为止逐字节相同。（选项）

# %%
answer = None  # 换成你的答案
check("0.4", answer)

# %% [markdown]
# **0.5** **改代码。** 断电之后，你想不靠工具箱，自己看一眼训练记到了第几步。下面的函数平时好用，
# 断过电就不行了：`text` 是 `metrics.jsonl` 的全文，一条记录一行，*最后一行可能只写了一半*
# （写完了的以换行结束）。改好它，返回最后一条完整的记录的步数，再运行，直到打勾。（一个函数）

# %%
import json


def last_step(text):
    return json.loads(text.splitlines()[-1])["step"]


check("0.5", last_step)

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
# | 及格 | `modes/covered_1pct` ≥ 8，`modes/high_quality` ≥ 0.5 | `gan_ring` | 0.4 |
# | 良好 | `modes/covered_1pct` ≥ 8，`modes/high_quality` ≥ 0.93 | `r1_ring` | 0.5 |
# | 优秀 | `fd_lenet` ≤ 12.5 | `digits_best` | 4.0 |
#
# - **及格** 照 0.2 节的命令，去掉 `total_steps`，让它跑满。八个都占到 1% 以上，还要有一半以上的
# 样本是好的；走 600 步的那次两样都差得远，它的 `modes/covered` 却已经是 8：
# 那个数什么也不学就能拿到。
# - **良好** 还是那一圈高斯，步数只有三分之一。打开两个配置对照着看：方法换了，多了一项管住 D 的坡
# 度（第 09 章）。
# - **优秀** 换成手写数字。配置里有两行 `gan_ring` 没有：`ema` 与 `lr_schedule`；删掉一行再跑，看
# 它值多少。

# %% [markdown]
# ## 延伸阅读
#
# - 飞桨安装：<https://www.paddlepaddle.org.cn/install/quick>
# - VisualDL：<https://github.com/PaddlePaddle/VisualDL>
#
# **GPU** 命令一字不改：装了 GPU 版的飞桨就自动用显卡；要指定用 `--device gpu:0`，要 CPU 用
# `--device cpu`。
#
# 接着打开 `01_GAN的想法.ipynb`：为什么要 GAN，两个网络怎样对抗，从零写一个。
