"""诊断的话说得对不对：数、哪头好、哪条曲线、先后、试试什么，逐句读回来。"""

import re

import pytest
from made_curves import MODES, RING, flicker, records, then

from paddle_gan.monitor.curves import Setting, percent
from paddle_gan.monitor.diagnose import diagnose

SAID = [  # 曲线 → 句子里依次有：结论、量到的数、哪头好、曲线的名字、试试什么
    (
        {"diversity": lambda t: 0.9 if t <= 1 / 3 else 0.3 if t <= 2 / 3 else 0.25},
        "模式崩溃：样本的多样性从 0.9 掉到 0.25（1 是和真实数据一样散，0 是全挤在一点），不到 0.5；"
        "8 个模式里占到 1 % 以上的有 1 个（diversity，第 2100–3000 步）。"
        "试试：减小 hparams.lr_G（或 g_steps）、加大 hparams.lr_D，或换 PacGAN、R1",
    ),
    (
        {"diversity": then(0.3, 0.2)},
        "模式崩溃：样本的多样性是 0.2（1 是和真实数据一样散，0 是全挤在一点），"
        "不到 0.5 就是彼此太像；最初三分之一是 0.3（diversity，第 2100–3000 步）",
    ),
    (
        {"diversity": lambda t: 0.1 + 0.36 * t},
        "还不能判断：样本的多样性是 0.41（1 是和真实数据一样散，0 是全挤在一点），"
        "不到 0.5，但比中间三分之一的 0.29 大，还在散开（diversity，第 2100–3000 步）"
        "。试试：再训练一倍的步数",
    ),
    (
        MODES["one"],
        "模式崩溃：有效的模式只占 12 %（e^(−反向 KL)；各模式一样多是 100 %），不到 50 %；"
        "最好时占过 12 %（modes/reverse_kl，第 2100–3000 步）",
    ),
    (
        {"classes__reverse_kl": then(0.1, 1.6)},
        "模式崩溃：有效的类别只占 20 %（e^(−反向 KL)；各类别一样多是 100 %），不到 50 %；"
        "最好时占过 90 %（classes/reverse_kl，第 2100–3000 步）",
    ),
    (
        {"classes__reverse_kl": lambda t: 2.0 - t},
        "还不能判断：有效的类别只占 32 %（e^(−反向 KL)；各类别一样多是 100 %），"
        "但比中间三分之一的 23 % 多，还在变好（classes/reverse_kl",
    ),
    (
        MODES["none"] | {"modes__high_quality": then(0.02, 0.05)},
        "还没学会：高质量样本 5 %，在方块里均匀撒点也有 2.8 %，真实数据是 99 %；"
        "8 个模式里占到 1 % 以上的有 1 个；扣掉撒点也有的，学到的不到一成（最初三分之一是 2 %）"
        "（modes/high_quality，第 2100–3000 步）。试试：先把步数加倍",
    ),
    (
        {"score__real": lambda t: 5 + 10 ** (4 * t), "score__fake": 5.0},
        "发散：真假分数的差是 2,542，最初三分之一的 464 倍，还在涨；超过 10 倍就不对"
        "（score/real，第 2100–3000 步）。试试：把 hparams.clip 改小，或把 hparams.gp_weight 加大",
    ),
    (
        {"prob__real": 0.7, "prob__fake": 0.6},
        "判别器过弱：E[D(x)] + E[D(G(z))] 是 1.30，学到位的判别器是 1，超过 1.15 就不对："
        "它优化的不是自己的损失，或者根本没有学（prob/fake，第 2100–3000 步）。"
        "试试：查更新生成器时有没有冻结判别器，判别器的输出有没有多套一层 sigmoid；"
        "都没有错，再加大 hparams.lr_D",
    ),
    (
        {"prob__real": 0.7, "prob__fake": 0.9, "prob__mismatched": 0.3},
        "判别器过弱：E[D(x)] + ½{E[D(G(z, y))] + E[D(x, y′)]} 是 1.30，学到位的判别器是 1",
    ),
    (
        {"prob__real": 0.5, "prob__fake": 0.49, "norm__grad_G": then(2.0, 0.02)},
        "判别器过弱：判别器给真假的概率只差 0.010（不到 0.02 就是分不出），"
        "生成器的梯度只剩最大时的 1 %：双方都停住了，不是学完了（norm/grad_G",
    ),
    (
        {"weights__norm_scale_D": 0.01},
        "判别器过弱：判别器归一化层的缩放只有 0.01，正常在 1 附近，不到 0.1 时"
        "判别器的输出和传给生成器的梯度逐层缩小（weights/norm_scale_D，第 2100–3000 步）。"
        "试试：裁剪时放过归一化层",
    ),
    (
        {"loss__D_X": 0.4},
        "判别器过弱：判别器的损失是 0.4，越小越准；永远答 0.5 也只有 0.25，超过 0.28 就不对"
        "（loss/D_X，第 2100–3000 步）。试试：查更新生成器时有没有冻结判别器",
    ),
    (
        {"loss__D_X": 0.07, "loss__F": 0.09},  # D_X 看的是 F 画的
        "判别器过弱：判别器的损失是 0.07，可生成器的 loss/F 是 0.09，看同一批假图时它至少是 0.245："
        "判别器看到的不是生成器现在的图（loss/D_X，第 2100–3000 步）。"
        "试试：查图像池有没有换进新图；先用 hparams.pool_size=0 比一比",
    ),
    (
        {"loss__D_Y": 0.07, "loss__G": 0.09},
        "判别器过弱：判别器的损失是 0.07，可生成器的 loss/G 是 0.09，看同一批假图时它至少是 0.245："
        "判别器看到的不是生成器现在的图（loss/D_Y，第 2100–3000 步）。"
        "试试：查图像池有没有换进新图；先用 hparams.pool_size=0 比一比",
    ),
    (
        {"prob__real": 0.98, "prob__fake": 0.03, "diversity": 0.9},
        "判别器过强：判别器给真假的概率相差 0.95，相差 1 是从不出错；超过 0.9 而样本不再变好，"
        "就是生成器从它那里学不到东西（prob/fake，第 2100–3000 步）。"
        "试试：减小 hparams.lr_D 或 d_steps，或换带梯度惩罚的 R1",
    ),
    (
        {"range__outside": 0.2},
        "判别器过强：20 % 的像素超出数据的取值范围，正常是 0；判别器只看这一点就够了"
        "（range/outside，第 2100–3000 步）。试试：让输出层与数据配套：tanh 对 [−1, 1]",
    ),
    (
        {"loss__D_Y": 0.01},
        "判别器过强：判别器的损失只有 0.01，0 是从不出错，0.25 是分不出真假；不到 0.02 就太强"
        "（loss/D_Y，第 2100–3000 步）。试试：减小 hparams.lr_D",
    ),
    (
        {"diversity": flicker(0.9, 0.3)},
        "震荡：样本的多样性在 0.6 与 1.2 之间忽大忽小，走了 5.4 的回头路（一路涨或一路跌是 0），"
        "超过 0.4 就不对（diversity，第 2100–3000 步）。试试：两边的学习率都减半",
    ),
    (
        {"prob__real": flicker(0.5, 0.4)},
        "震荡：判别器给真样本的概率在 0.10 与 0.90 之间来回，起落 0.80，"
        "超过 0.5 就是双方轮流占上风（prob/real，第 2100–3000 步）",
    ),
    (
        {"prob__fake": flicker(0.5, 0.4)},
        "震荡：判别器给生成样本的概率在 0.10 与 0.90 之间来回，起落 0.80，"
        "超过 0.5 就是双方轮流占上风（prob/fake，第 2100–3000 步）",
    ),
]


@pytest.mark.parametrize("curves, sentence", SAID)
def test_a_finding_says_the_number_the_scale_the_curve_the_window_and_the_lever(curves, sentence):
    counted = {"modes__covered_1pct": 1.0} if "diversity" in curves and len(curves) == 1 else {}
    found = diagnose(records(**curves | counted), setting=RING)
    said = [finding.sentence() for finding in found.findings]
    assert said[0].startswith(sentence), said[0]
    assert found.title() == sentence.split("：")[0] == found.findings[0].verdict
    assert said[0].count("试试：") == 1


@pytest.mark.parametrize("curves, sentence", SAID)
def test_the_number_is_read_from_the_last_third_not_from_the_first(curves, sentence):
    """最后三分之一好好的，前面再坏也不说。"""
    good = {"prob__real": 0.6, "prob__fake": 0.4, "score__real": 0.1, "score__fake": 0.0}
    good |= {"loss__D_X": 0.2, "loss__D_Y": 0.2, "loss__G": 0.3, "loss__F": 0.3}
    good |= {"norm__grad_G": 1.0, "prob__mismatched": 0.2}
    good |= {"weights__norm_scale_D": 1.0, "range__outside": 0.0, "classes__reverse_kl": 0.05}
    good |= MODES["good"]
    before, after = records(**curves)[:20], records(**{k: good[k] for k in curves})[20:]
    if all(name.startswith("score") for name in curves):
        before, after = before[:7] + after[7:20], after  # 评论器看的是前后之比
    found = diagnose(before + after, setting=RING)
    swings = [f for f in found.findings if f.verdict == "震荡" and f.curve == "diversity"]
    assert [f for f in found.findings if f not in swings] == []  # 回头路看后三分之二


def test_healthy_says_both_ends_of_the_scale_and_promises_no_more():
    said = diagnose(records(**MODES["good"]), setting=RING).sentences()[0]
    assert said.startswith(
        "高质量样本 80 %（最后三分之一的中位数），在方块里均匀撒点也有 2.8 %，真实数据是 99 %；"
        "8 个模式里占到 1 % 以上的有 8 个"
    )
    unknown = diagnose(records(**MODES["good"])).sentences()[0]
    assert unknown.startswith("高质量样本 80 %（最后三分之一的中位数），真实数据是 99 %；")
    assert "撒点" not in unknown
    images = diagnose(records(diversity=0.9)).sentences()[0]
    assert "只说明没有病" in images and "样本图" in images


def test_a_short_run_says_what_it_has_and_what_it_needs():
    short = diagnose(records(count=4, pace=5, **MODES["none"]), setting=Setting(20, 500, 8, 0.0279))
    assert short.title() == "步数太少，还不能判断" and not short.ill()
    first, state = short.sentences()
    assert first.startswith("才走了 20 步、记下 4 条，") and "至少要 200 步" in first
    assert "-o total_steps=200" in first
    assert state.startswith("还没学会：高质量样本 5 %，在方块里均匀撒点也有 2.8 %")
    assert "判断不了" not in short.text() and "崩溃" not in short.text()


def test_a_run_stopped_early_says_how_much_of_the_plan_is_done():
    early = diagnose(records(count=5, pace=100, diversity=0.9), setting=Setting(6000))
    assert early.sentences()[0].startswith("才走了 500 步、记下 5 条，不到计划 6,000 步的一成；")
    assert "至少要 600 步" in early.text() and "--resume" in early.text()


def test_a_run_with_too_few_records_says_how_many_and_which_setting():
    found = diagnose(records(count=5, pace=2000, diversity=0.1))
    assert found.title() == "记录太少，还不能判断"
    said = found.sentences()[0]
    assert (
        said.startswith("走了 10,000 步，只记下 5 条；")
        and "至少要有 3 个点，现在最多有 2 个" in said
    )
    assert "log_every" in said and "metrics.every" in said


def test_an_unmoved_generator_and_unreadable_classes_are_said_as_such():
    still = diagnose(records(diversity=0.3)).sentences()[0]
    assert "和最初的 0.3 一样：生成器没有动" in still and "试试：加大 hparams.lr_G" in still
    few = diagnose(records(**MODES["one"]), setting=Setting(3000, 200, 8, 0.0279)).sentences()[0]
    assert few.startswith("还不能判断：有效的模式只占 12 %") and "只有 200 个样本，数不准" in few
    assert few.endswith("试试：metrics.samples 不小于 500")
    blurred = diagnose(records(pace=30, classes__reverse_kl=2.3, diversity=0.8)).sentences()[0]
    assert "只占 10 %" in blurred and "图像可能还认不出" in blurred
    young = diagnose(records(pace=20, diversity=then(0.4, 0.3)), setting=RING).sentences()[0]
    assert "才 600 步" in young and "没有足够的模式数作证" in young


def test_an_ill_run_gives_its_quality_but_not_a_second_advice():
    curves = MODES["none"] | {"diversity": then(1.0, 0.1)}
    said = diagnose(records(**curves), setting=RING).sentences()
    assert said[0].startswith("模式崩溃") and "试试" in said[0]
    assert said[1].startswith("还没学会：高质量样本 5 %") and "试试" not in said[1]


def test_a_sentence_never_ends_twice_and_has_no_half_width_stops():
    for curves, _ in SAID:
        text = diagnose(records(**curves), setting=RING).text()
        assert "。。" not in text and not re.search(r"[\u4e00-\u9fff][,;:]", text)


def test_what_cannot_be_judged_is_said():
    critic = diagnose(records(score__real=1.0, score__fake=0.5, diversity=0.9))
    assert critic.verdict == "正常"
    assert len(critic.unjudged) == 2 and all("判断不了" in text for text in critic.unjudged)
    assert any("过强" in text for text in critic.unjudged)
    nothing = diagnose([])
    assert nothing.title() == "步数太少，还不能判断"
    assert nothing.sentences()[0].startswith("才走了 0 步、记下 0 条")


@pytest.mark.parametrize(
    "share, text",
    [
        (0.0279, "2.8 %"),
        (0.05, "5 %"),
        (0.989, "99 %"),
        (1.0, "100 %"),
        (0.0, "0 %"),
        (0.1, "10 %"),
    ],
)
def test_shares_are_printed_in_hundreds_with_the_digits_that_matter(share, text):
    assert percent(share) == text
