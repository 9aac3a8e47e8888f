"""第 00 章的练习：三分钟跑通。"""

import json
import re
import tempfile
from pathlib import Path

from paddle_gan.monitor.recorder import read_records
from paddle_gan.teaching.exercise import Exercise, Mistake

STEPS, LOG_EVERY, CHECKPOINTS, STOPPED = 600, 50, 10, 517
CHECKPOINT_EVERY = STEPS // CHECKPOINTS
SAVED = STOPPED // CHECKPOINT_EVERY * CHECKPOINT_EVERY  # 停电前最后一个检查点


def last_step(text: str) -> int:
    """最后一条完整的记录是第几步：交给库读。"""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "metrics.jsonl"
        path.write_text(text, encoding="utf-8", newline="\n")
        return read_records(path)[-1]["step"]


def written(*steps: int) -> str:
    """走到这几步时记下的全文。"""
    return "".join(json.dumps({"step": step, "loss/D": 1.386}) + "\n" for step in steps)


EXERCISES = (
    Exercise(
        key="0.1",
        question="AI Studio 的 GPU 环境里，第一步该装哪一个（选项 A–D）",
        answer="C",
        why="它装飞桨以外的全部依赖，平台自带的 GPU 版飞桨原样保留。",
        mistakes=(
            Mistake("A", "它会装 CPU 版的飞桨，盖住平台自带的 GPU 版，训练就不用显卡了"),
            Mistake("B", "平台已经有 GPU 版的飞桨；再装一个，CUDA 的版本可能对不上驱动"),
            Mistake("D", "它是开发与测试用的，里面包含 requirements-cpu.txt，同样会盖住 GPU 版"),
        ),
    ),
    Exercise(
        key="0.2",
        question="600 步、log_every=50，loss/D 有几个点（一个整数）",
        answer=STEPS // LOG_EVERY,
        why="第 50、100、…、600 步各一个；步数从 1 数起，第 0 步没有损失可记。",
        mistakes=(
            Mistake(STEPS // LOG_EVERY + 1, "你多数了第 0 步：那时还没有训练，没有损失"),
            Mistake(STEPS, "不是每一步都记：log_every 是每多少步记一次"),
            Mistake(LOG_EVERY, "50 是间隔，不是个数；用总步数除以它"),
        ),
    ),
    Exercise(
        key="0.3",
        question="600 步、全程存 10 次，第 517 步做到一半停电，恢复后先做第几步（一个整数）",
        answer=SAVED + 1,
        why="每 60 步存一次，最后一个检查点在第 480 步；481 到 516 步要重走，结果与当初逐位相同。",
        mistakes=(
            Mistake(STOPPED, "停电时来不及存；能恢复到的是最近一个定时的检查点，不是停下的那一步"),
            Mistake(
                STOPPED + 1, "那是按 Ctrl-C 之后的情形：做完第 517 步、存好再停；停电没有机会存"
            ),
            Mistake(SAVED, "第 480 步已经做完，也存下了；接着做的是它的下一步"),
            Mistake(1, "不用从头来：每 60 步存一次检查点，从最近的一个接着做"),
        ),
    ),
    Exercise(
        key="0.4",
        question="同样的机器与软件，两个 gan_ring 的训练目录，哪一样对上了，"
        "也说明不了两者走的是同一条路（选项 A–D）",
        answer="B",
        why="GAN 的损失会上下波动，不同的设定也可能给出差不多的数；它不是指纹。",
        mistakes=(
            Mistake(
                "A",
                "学习率不变时，设定与种子相同，走的就是同一条路；学习率随总步数降的配置"
                "（lr_schedule: linear）才不是",
            ),
            Mistake("C", "检查点里有全部的权重与优化器状态，同一步逐位相同，走的就是同一条路"),
            Mistake("D", "记录有几百个数，逐字节相同不会是碰巧"),
        ),
    ),
    Exercise(
        key="0.5",
        question="改好函数 last_step(text)：text 是 metrics.jsonl 的全文，最后一行可能只写了一半，"
        "返回最后一条完整的记录的步数",
        answer=last_step,
        why="以换行结束的才是写完了的；丢开没写完的那一半，余下的最后一行就是。",
        mistakes=(
            Mistake(
                lambda text: json.loads(text.splitlines()[-2])["step"],
                "最后一行写完了的时候，也被你丢掉了：先看它是不是以换行结束",
            ),
            Mistake(
                lambda text: int(re.findall(r'"step": (\d+)', text)[-1]),
                "没写完的那一行也算进去了：它的步数看得见，别的数却没有",
            ),
            Mistake(
                lambda text: len(text.splitlines()),
                "这是行数；每隔 log_every 步才记一行，步数写在 step 里",
            ),
            Mistake(
                lambda text: last_step(text) + 1,
                "这是接着做的那一步；题目问的是记到了第几步",
            ),
        ),
        inputs=(
            (written(50, 100, 150),),
            (written(50, 100, 150)[:-9],),
            (written(20, 40)[:-1],),
            (written(300, 600) + '{"step": 9',),
        ),
    ),
)
