"""判据写成的句子：数、空格、高低多少，每一种写法都与手写的对照；台账里不写“臂”。"""

import re
from pathlib import Path

import pytest

from paddle_gan.lab import EXPERIMENTS, report
from paddle_gan.lab.rule import Rule
from paddle_gan.lab.sentences import number_text, spaced

PACKAGE = Path(report.__file__).parents[1]


@pytest.mark.parametrize(
    "value, text",
    [
        (0, "0"),
        (-0.0, "0"),
        (-0.0508, "−0.0508"),
        (7.6, "7.6"),
        (8.0, "8"),
        (0.1 + 0.2, "0.3"),
        (0.00012345, "0.0001234"),
        (2974.1, "2,974"),
        (10_000, "10,000"),
        (-100_712.0, "−100,700"),
        (999_960, "1,000,000"),
        (1e-6, "10⁻⁶"),
        (-1e-6, "−10⁻⁶"),
        (2.642e-6, "2.642×10⁻⁶"),
        (1e12, "10¹²"),
        (2.5e8, "2.5×10⁸"),
        (0.99999e-4, "10⁻⁴"),
    ],
)
def test_a_number_is_written_for_a_reader(value, text):
    assert number_text(value) == text


def test_fewer_digits_for_the_standard_error():
    assert number_text(812.3, 2) == "810" and number_text(0.0876, 2) == "0.088"
    assert number_text(4.44e-7, 2) == "4.4×10⁻⁷"


@pytest.mark.parametrize(
    "parts, text",
    [
        (("比", "完整的 WGAN", "少"), "比完整的 WGAN 少"),
        (("与真样本的 W₁", "平均"), "与真样本的 W₁ 平均"),
        (("max|D − D*|", "在"), "max|D − D*| 在"),
        (("直线 a + b/n 的 R²", "在"), "直线 a + b/n 的 R² 在"),
        (("换成 Adam", "（有动量）", "平均"), "换成 Adam（有动量）平均"),
        (("差", "−3", "", "个"), "差 −3 个"),
        (("格", "上的"), "格上的"),
    ],
)
def test_chinese_and_latin_are_set_apart_but_full_width_marks_are_not(parts, text):
    assert spaced(*parts) == text


COUNT, SHARE = ("covered", "模式数"), ("quality", "比例")


def said_of(rule: Rule, name: str, xs: list[float], versus: str = "") -> str:
    """句子与量到的数，连起来读；versus 那一组全是 0。"""
    values = {"a": {rule.statistic: xs}, "b": {rule.statistic: [0.0] * len(xs)}}
    return f"{rule.sentence('甲', name, versus)}；{rule.judge(values).measured}"


@pytest.mark.parametrize(
    "statistic, options, bound, xs, sentence",
    [
        (COUNT, {}, 7.6, [7.2], "甲：模式数通常至少 7.6 个；实测 7.2 个"),
        (COUNT, {"relation": "≤"}, 6.3, [8], "甲：模式数通常不超过 6.3 个；实测 8 个"),
        (SHARE, {}, 0.056, [0.17], "甲：比例通常不低于 0.056；实测 0.17"),
        (SHARE, {"remark": "两倍"}, 0.1, [0.2], "甲：比例通常不低于 0.1（两倍）；实测 0.2"),
        (
            *(COUNT, {"form": "总是"}, 8, [5, 8]),
            "甲：模式数在每个种子上都至少 8 个；实测 2 个种子里有 1 个，最小 5 个",
        ),
        (
            *(SHARE, {"form": "总是", "relation": "≤"}, 1e-6, [2e-7]),
            "甲：比例在每个种子上都不超过 10⁻⁶；实测 1 个种子里有 1 个，最大 2×10⁻⁷",
        ),
        (
            *(SHARE, {"form": "会"}, 0.5, [0.4, 0.6]),
            "甲：比例至少在八成的种子上不低于 0.5；实测 2 个种子里有 1 个",
        ),
        (
            *(SHARE, {"form": "等于"}, 0.01, [0.02]),
            "甲：比例在每个种子上都不超过 0.01；实测 1 个种子里有 0 个，差得最多的是 0.02",
        ),
        (
            *(SHARE, {"form": "等于", "target": 1.0}, 0.1, [0.95, 0.8]),
            "甲：比例在每个种子上都等于 1，相差不超过 0.1；"
            "实测 2 个种子里有 1 个，差得最多的是 0.8",
        ),
    ],
)
def test_a_rule_about_one_arm_is_a_sentence(statistic, options, bound, xs, sentence):
    key, name = statistic
    rule = Rule("a", key, bound=bound, **{"relation": "≥"} | options)
    assert said_of(rule, name, xs) == sentence


@pytest.mark.parametrize(
    "statistic, relation, bound, value, sentence",
    [
        (COUNT, "≤", -1, -0.4, "甲：模式数平均比 GAN 至少少 1 个；实测平均少 0.4 个"),
        (COUNT, "≥", 5, 14.4, "甲：模式数平均比 GAN 至少多 5 个；实测平均多 14.4 个"),
        (COUNT, "≥", -1, -2, "甲：模式数平均比 GAN 最多少 1 个；实测平均少 2 个"),
        (SHARE, "≤", -0.2, -0.09, "甲：比例平均比 GAN 至少低 0.2；实测平均低 0.09"),
        (SHARE, "≤", 0.2, 0.3, "甲：比例平均比 GAN 最多高 0.2；实测平均高 0.3"),
        (SHARE, "≥", -0.01, 0, "甲：比例平均比 GAN 最多低 0.01；实测平均一样"),
        (SHARE, "≥", 0, 0.03, "甲：比例平均比 GAN 高；实测平均高 0.03"),
        (SHARE, "≤", 0, 0.03, "甲：比例平均比 GAN 低；实测平均高 0.03"),
        (COUNT, "≥", 0, -1, "甲：模式数平均比 GAN 多；实测平均少 1 个"),
        (COUNT, "≤", 0, -1, "甲：模式数平均比 GAN 少；实测平均少 1 个"),
    ],
)
def test_a_difference_is_said_as_more_or_less(statistic, relation, bound, value, sentence):
    key, name = statistic
    rule = Rule("a", key, relation, bound, versus="b")
    said = said_of(rule, name, [value - 0.01, value + 0.01], "GAN")
    start, _, interval = said.partition("（95% 区间 ")
    assert start == sentence and interval.endswith("）")
    # 句子说的与判的是一回事：照字面把句子读成不等式
    found = re.search(r"(至少|最多)(多|少|高|低) ([\d.]+)", sentence)
    if found:
        sign = 1 if found[2] in "多高" else -1
        towards = sign * value >= float(found[3])
        literal = towards if found[1] == "至少" else sign * value <= float(found[3])
        assert literal == rule.meets(value)


def test_a_ratio_and_a_comparison_of_every_seed():
    ratio = Rule("a", "fd", "≥", 10, versus="b", compare="ratio")
    assert ratio.sentence("甲", "FD", "真实数字") == "甲：FD 平均至少是真实数字的 10 倍"
    values = {"a": {"fd": [100.0, 400.0]}, "b": {"fd": [10.0, 10.0]}}
    assert ratio.judge(values).measured.startswith("实测 20 倍（95% 区间 ")
    gap = Rule("a", "fd", "≤", -1, form="总是", versus="b")
    assert gap.sentence("甲", "FD", "乙") == "甲：FD 在每个种子上都比乙至少低 1"


def test_the_sentence_the_review_called_unreadable():
    experiment = EXPERIMENTS["wgan_parts"]
    first, last = experiment.rules[0], experiment.rules[-1]
    assert experiment.rule_text(first) == (
        "加回 sigmoid：与没见过的真样本的 W₁ 平均至少是完整的 WGAN 的 1.2 倍"
    )
    assert experiment.rule_text(last) == (
        "换成 Adam（β₁ = 0，没有动量）：覆盖的模式数（占 1% 以上）平均比完整的 WGAN 至少少 1 个"
    )


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_rule_reads_as_a_sentence(name):
    experiment = EXPERIMENTS[name]
    for rule in experiment.rules:
        text = experiment.rule_text(rule)
        assert not re.search(r"[≥≤\n]|e[+-]\d|-\d", text)
        assert not re.search(r"[一-鿿][A-Za-z0-9]|[A-Za-z0-9₁²][一-鿿]", text), text
        assert "几" not in text and "多少" not in text  # 量的名字是名词，不是问句


def test_nothing_a_learner_reads_says_臂():
    sources = [*PACKAGE.rglob("*.py"), *(PACKAGE.parent / "tools").rglob("*.py")]
    texts = {path: path.read_text(encoding="utf-8") for path in [*sources, report.CLAIMS]}
    assert len(texts) > 150 and [path for path, text in texts.items() if "臂" in text] == []


def test_a_ratio_on_every_seed_says_so_and_counts_in_times():
    rule = Rule("a", "x", "≥", 1.25, "总是", versus="b", compare="ratio")
    assert rule.sentence("甲", "误差", "乙") == "甲：误差在每个种子上都至少是乙的 1.25 倍"
    found = rule.judge({"a": {"x": [3.0, 2.0]}, "b": {"x": [2.0, 2.0]}})
    assert (found.holds, found.value) == (False, 1.0)
    assert found.measured == "实测 2 个种子里有 1 个，最小 1 倍"
