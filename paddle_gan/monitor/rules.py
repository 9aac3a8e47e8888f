"""诊断的规则表：每条规则判什么、要哪几条曲线、至少几步才作数、试试什么。

“几步”从数据来：种子 0、1 的健康训练，每记一次就停下来看一次，共 3,209 次。不设下限误报 191 次，
至少 50 步 17 次，100 步 4 次（都是看样本或分数的规则，最晚在第 168 步），看样本的至少 200 步时一次
也没有。归一化层的缩放、像素的取值范围与走了多久无关，从第一步起就作数。
界限也在那两个种子上定，在种子 30、31 上考核：弄坏的 38 次都报了病，名字对的 36 次；健康的 45 次
（33 次在 300 步以内）误报 1 次。每一次都在 tests/monitor/test_diagnose_patients.py；分不开的写在
各条规则的说明里。
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from paddle_gan.monitor import rules_discriminator as D
from paddle_gan.monitor import rules_samples as samples
from paddle_gan.monitor.curves import LEAST, Curves, Finding

AT_ONCE = 1  # 从第一步起就作数
DISCRIMINATOR_STEPS = 100  # 只看判别器的概率或损失的规则，和突然的崩溃
SAMPLE_STEPS = 200  # 看样本与分数起落的规则：生成器要有时间离开初始的样子
PLAN = 0.1  # 看样本的规则还要走完计划的这么多：大网络离开初始的样子要更久

CURE = "减小 hparams.lr_G（或 g_steps）、加大 hparams.lr_D，或换 PacGAN、R1（第 09 章）"
LEAK = "查更新生成器时有没有冻结判别器，判别器的输出有没有多套一层 sigmoid；"
CALM = "两边的学习率都减半，hparams.beta1 不大于 0.5"
MORE = "再训练一倍的步数，再看一次"
WEAK, STRONG, SWING, COLLAPSE = "判别器过弱", "判别器过强", "震荡", "模式崩溃"


def steps_needed(c: Curves, steps: int = SAMPLE_STEPS) -> int:
    """至少走几步才作数；看样本的规则还要走完计划的一成。"""
    planned = PLAN * c.setting.total_steps if steps == SAMPLE_STEPS else 0
    return max(steps, round(planned))


@dataclass(frozen=True)
class Rule:
    """一条规则：判的是什么、怎样判、要哪几条曲线、试试什么、至少走几步才作数。"""

    verdict: str
    judge: Callable[[Curves], Finding | None]
    curves: tuple[str, ...]
    advice: str
    steps: int = SAMPLE_STEPS

    def applies(self, c: Curves) -> bool:
        """步数够了，要的曲线在三段训练里都有点，最后一段里足够多。"""
        thirds = [c.count(self.curves, k / 3, (k + 1) / 3) for k in range(3)]
        return c.end >= steps_needed(c, self.steps) and min(thirds) >= 1 and thirds[-1] >= LEAST

    def find(self, c: Curves) -> Finding | None:
        """越过界限的证据，带上试试什么；没有越过时为 None。"""
        found = self.judge(c)
        if found is None:
            return None
        usual = MORE if found.verdict == samples.OPEN else self.advice
        return replace(found, advice=found.advice or usual)


def on(judge: Callable[[Curves, str], Finding | None], tag: str) -> dict:
    """同一个判法用在一条曲线上：Rule 的 judge 与 curves。"""
    return {"judge": lambda c: judge(c, tag), "curves": (tag,)}


PROBS = ("prob/real", "prob/fake")
YOUNG = {"steps": DISCRIMINATOR_STEPS}
BOUND = "把 hparams.clip 改小，或把 hparams.gp_weight 加大；没有这两项的，学习率减半"
RETRAIN = f"{LEAK}都没有错，再加大 hparams.lr_D"
SPARE = "裁剪时放过归一化层，只裁卷积与全连接的权重"
POOL = "查图像池有没有换进新图；先用 hparams.pool_size=0 比一比"
EASE = "减小 hparams.lr_D 或 d_steps，或换带梯度惩罚的 R1"
LEARN = "写 diff_augment: [color, translation, cutout]（第 14 章），或多找些图、少走些步"
RANGE = "让输出层与数据配套：tanh 对 [−1, 1]，sigmoid 对 [0, 1]（data.unit_range）"
RULES = (  # 次序就是要紧的程度：判别器坏了会连带别的症状，所以在崩溃之前
    Rule("发散", D.runaway, ("score/real", "score/fake"), BOUND),
    Rule(WEAK, D.biased, PROBS, RETRAIN, **YOUNG),
    Rule(WEAK, D.blind, (*PROBS, "norm/grad_G"), RETRAIN, **YOUNG),
    Rule(WEAK, **on(D.squeezed, "weights/norm_scale_D"), advice=SPARE, steps=AT_ONCE),
    Rule(WEAK, **on(D.worse_than_guess, "loss/D_X"), advice=RETRAIN, **YOUNG),
    Rule(WEAK, **on(D.worse_than_guess, "loss/D_Y"), advice=RETRAIN, **YOUNG),
    Rule(WEAK, lambda c: D.stale(c, "loss/D_X", "loss/F"), ("loss/D_X", "loss/F"), POOL, **YOUNG),
    Rule(WEAK, lambda c: D.stale(c, "loss/D_Y", "loss/G"), ("loss/D_Y", "loss/G"), POOL, **YOUNG),
    Rule(COLLAPSE, samples.sudden, ("diversity",), CURE, **YOUNG),
    Rule(COLLAPSE, samples.clumped, ("diversity",), CURE),
    Rule(STRONG, D.saturated, PROBS, EASE),
    Rule(STRONG, D.memorised, ("held_out/overfit",), LEARN),
    Rule(COLLAPSE, **on(samples.lost_modes, "modes/reverse_kl"), advice=CURE),
    Rule(COLLAPSE, **on(samples.lost_modes, "classes/reverse_kl"), advice=CURE),
    Rule(STRONG, D.out_of_range, ("range/outside",), RANGE, AT_ONCE),
    Rule(STRONG, **on(D.perfect, "loss/D_X"), advice=EASE, **YOUNG),
    Rule(STRONG, **on(D.perfect, "loss/D_Y"), advice=EASE, **YOUNG),
    Rule(SWING, samples.backtracking, ("diversity",), CALM),
    Rule(SWING, **on(samples.swinging, "prob/real"), advice=CALM),
    Rule(SWING, **on(samples.swinging, "prob/fake"), advice=CALM),
)
