"""词汇表说的对不对：好的样本真的比坏的高（或低），健康与危险没有写反，颜色与图上的一样。"""

import re

import numpy as np
import pytest

from paddle_gan.data import Digits, Ring
from paddle_gan.data.images import to_float
from paddle_gan.evaluation import scorers
from paddle_gan.evaluation.scorers_digits import DigitScorer
from paddle_gan.losses import discriminator_cross_entropy
from paddle_gan.metrics.lenet import digit_features
from paddle_gan.monitor.glossary import GLOSSARY
from paddle_gan.viz import heat_map, scatter

import paddle  # isort: skip

RING = Ring()
COUNT = 100
WAYS = {"lower": -1, "higher": 1}


def judge(key: str, good: float, bad: float) -> bool:
    """好样本的分数在“更好”的那一边。"""
    return WAYS[GLOSSARY[key].better] * (good - bad) > 0


class Fixed:
    """总给同一批样本的生成器。"""

    def __init__(self, samples: np.ndarray):
        self.samples = samples

    def noise(self, n: int) -> int:
        return n

    def generate(self, n: int):
        return paddle.to_tensor(np.resize(self.samples, (n, *self.samples.shape[1:])))


def test_the_scores_of_points_are_better_for_real_points_than_for_one_mode():
    real = RING.sample(400, np.random.default_rng(0)).astype(np.float32)
    noise = np.random.default_rng(0).normal(0, 0.4, (400, 2)).astype(np.float32)
    one = RING.modes[:1].astype(np.float32) + 0.3 * noise  # 只有一个模式，还画不准
    for make in (scorers.ModeScorer, scorers.WassersteinScorer):
        scorer = make(RING, RING, 400, 0)
        good, bad = scorer.score(Fixed(real)), scorer.score(Fixed(one))
        for key in scorer.keys:
            assert judge(key, good[key], bad[key]), key


DIGITS = [name for name, scorer in scorers.SCORERS.items() if issubclass(scorer, DigitScorer)]


@pytest.mark.parametrize("name", DIGITS)
def test_the_scores_of_digits_are_better_for_real_digits_than_for_one_far_away(name, monkeypatch):
    data = Digits(split="test")
    few = np.arange(0, len(data.images), len(data.images) // COUNT)[:COUNT]
    real = to_float(data.images, data.value_range)[few]
    monkeypatch.setattr("paddle_gan.evaluation.scorers_digits.real_images", lambda d: real)
    scorer = scorers.SCORERS[name](data, data, COUNT, 0)
    features, probabilities = digit_features(real)
    far = np.full_like(features, features.max() + 10 * features.std())  # 不像，也只有一种
    good = scorer.report(features[::-1], probabilities[::-1])
    bad = scorer.report(far, np.full_like(probabilities, 0.1))
    for key in scorer.keys:
        assert judge(key, good[key], bad[key]), key


@pytest.mark.parametrize("key", [k for k, curve in GLOSSARY.items() if curve.better != "neither"])
def test_the_words_of_a_score_agree_with_its_direction(key):
    curve = GLOSSARY[key]
    rising, falling = r"升|接近 1|等于|都有|0\.9|高于|真实数据|相当|相同", r"降|接近 0|趋近"
    if curve.better == "lower":
        assert re.search(falling, curve.healthy), curve.healthy
        assert not re.match(r"下降|减少|变小", curve.danger), curve.danger
    else:
        assert re.search(rising, curve.healthy), curve.healthy
        assert not re.match(r"上升|变大|回升", curve.danger), curve.danger


# 曲线 → （健康的里必有的，危险的里必有的）；都由定义推得出
MEANT = {
    "loss/cycle": ("下降", "照抄"),
    "loss/gp": ("降下来", "升"),
    "score/real": ("比 score/fake 高", "越拉越大"),
    "score/fake": ("比 score/real 低", "越拉越大"),
    "norm/grad_G": ("同一个量级", "趋近 0"),
    "diversity": ("接近 1", "接近 0：样本几乎都一样"),
    "range/outside": ("恒为 0", "大于 0"),
    "weights/norm_scale": ("在 1 附近", "接近 0"),
    "weights/at_clip": ("低于一半", "接近 1"),
    "samples/fixed": ("变清楚", "同一张：崩溃"),
    "samples/fresh": ("一样好", "只有固定的那批好看"),
    "surface/D": ("围着每个红圈", "挤在一处：崩溃"),
    "classes/histogram": ("虚线附近", "模式丢失"),
    "loss/D_X": ("0.25 是分不出真假", "接近 0：判别器过强"),
    "loss/D_Y": ("0.25 是分不出真假", "接近 0：判别器过强"),
    "modes/covered": ("等于模式总数", "下降"),
    "modes/reverse_kl": ("接近 0", "log K"),
    "memorisation/one_nn": ("0.5", "接近 1：一眼看出"),
}


@pytest.mark.parametrize("tag", MEANT)
def test_healthy_and_danger_are_what_the_definition_makes_them(tag):
    healthy, danger = MEANT[tag]
    assert healthy in GLOSSARY[tag].healthy and danger in GLOSSARY[tag].danger


def test_real_samples_get_the_high_probabilities_and_generated_ones_the_low():
    def span(tag):
        return [float(v) for v in re.findall(r"[\d.]+", GLOSSARY[tag].healthy)]

    assert span("prob/real") == [0.5, 0.9] and span("prob/fake") == [0.1, 0.5]
    assert "接近 0" in GLOSSARY["prob/fake"].danger and "接近 1" in GLOSSARY["prob/real"].danger


def test_a_small_loss_is_a_strong_discriminator_and_twice_log_two_an_idle_one():
    def loss(logit: float) -> float:
        scores = paddle.full([4, 1], logit)
        return discriminator_cross_entropy(scores, -scores).item()

    strong, idle, *_ = GLOSSARY["loss/D"].danger.split("；")
    low, middle = (float(re.search(r"\d\.\d+", text)[0]) for text in (strong, idle))
    assert loss(4.0) < low and "过强" in strong
    assert loss(0.0) == pytest.approx(middle, abs=1e-3) and "没有学到" in idle


def name_of(color) -> str:
    """橙、紫、蓝、红里最近的一种叫法。"""
    red, green, blue = (int(v) for v in color)
    if blue > max(red, green):
        return "紫" if red > green else "蓝"
    return "橙" if green > 1.5 * blue else "红"


def test_the_colours_of_the_surface_are_named_as_they_are_drawn():
    text = GLOSSARY["surface/D"].formula
    drawn = heat_map(np.tile(np.linspace(0, 1, 60), (60, 1)), 0, 1, 60)
    for at, what in ((57, "像真"), (2, "像假")):
        (named,) = re.findall(rf"(橙|紫)：(?:D 认为)?{what}", text)
        assert name_of(drawn[30, at]) == named
    points = scatter(np.zeros((1, 2)), np.array([[-1.0, -1], [1, 1]]), np.array([[0.5, 0.5]]), 100)
    seen = {what: named for named, what in re.findall(r"(蓝|红)[点圈]是(生成样本|真模式)", text)}
    assert seen["生成样本"] == name_of(points[50, 50])
    ring = [pixel for pixel in points[5:45, 55:95].reshape(-1, 3) if pixel.max() - pixel.min() > 90]
    assert ring and {name_of(pixel) for pixel in ring} == {seen["真模式"]}
