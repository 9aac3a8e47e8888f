"""没有真值的翻译：译得对的、原样照抄的、只画一张的、照抄训练图像的，各在哪一问上露馅。"""

import functools

import numpy as np
import paddle
import pytest
from tool_helpers import RAW

from paddle_gan.data import Digits, Glyphs
from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Unpaired
from paddle_gan.evaluation import scorers_translation
from paddle_gan.evaluation.evaluate import settle_metrics
from paddle_gan.evaluation.scorers_translation import UnpairedScorer, shrink
from paddle_gan.methods import METHODS
from paddle_gan.metrics import StyleJudge
from paddle_gan.metrics.frechet import frechet_distance
from paddle_gan.monitor.glossary import GLOSSARY
from paddle_gan.run.config import resolve

SHAPE = (3, 16, 20)


class Sides(Dataset):
    """x 是左边亮的图，y 是右边亮的，各有各的花纹：左右翻转就是正确的翻译。"""

    batch_types = (Unpaired,)
    shape = y_shape = SHAPE

    def __init__(self, counts, seed, value_range=(-1.0, 1.0)):
        rng = np.random.default_rng(seed)
        self.domains, self.value_range = [], value_range
        for flip, count in zip((False, True), counts):
            images = rng.uniform(-1, -0.9, (count, *SHAPE))
            images[..., :9] += rng.uniform(0.2, 1.8, (count, 3, 4, 1)).repeat(4, axis=2)
            images = images[..., ::-1] if flip else images
            low, high = value_range
            self.domains.append(np.float32(low + (images + 1) / 2 * (high - low)))

    def lengths(self, kind):
        return tuple(map(len, self.domains))

    def batch(self, kind, indices, rng):
        assert all(len(index) for index in indices)  # 空的下标，你的目录也给不了
        return Unpaired(*(images[index] for images, index in zip(self.domains, indices)))


class Translator:
    """各个方向用给定的函数翻译。"""

    def __init__(self, x2y, y2x):
        self.ways = {"x2y": x2y, "y2x": y2x}

    def translate(self, images, direction):
        return self.ways[direction](images)


def flipped(images):
    return paddle.flip(images, axis=[3])


def same(images):
    return images


def scorer(train=(90, 80), test=(40, 30), samples=1000, **options):
    return UnpairedScorer(Sides(train, 0, **options), Sides(test, 1, **options), samples, 0)


@pytest.fixture(autouse=True, scope="module")
def quick_judge():
    """哪边亮，几十步就学会。"""
    with pytest.MonkeyPatch.context() as patch:
        quick = functools.partial(StyleJudge, steps=30)
        patch.setattr(scorers_translation, "StyleJudge", quick)
        yield


@pytest.fixture(scope="module")
def judged():
    one = scorer()
    return one, one.baselines()


def test_the_right_translation_beats_every_cheap_trick_somewhere_and_loses_nowhere(judged):
    one, rows = judged
    right = one.score(Translator(flipped, flipped))
    for d in "xy":
        assert right[f"unpaired/cycle_{d}"] == 0
        assert right[f"unpaired/style_{d}"] == rows["照抄训练图像"][f"unpaired/style_{d}"] == 1
        floor, none = (rows[name][f"unpaired/fd_{d}"] for name in ("照抄训练图像", "不翻译"))
        assert right[f"unpaired/fd_{d}"] == pytest.approx(floor, rel=0.3)
        assert none > 3 * floor
        assert rows["不翻译"][f"unpaired/cycle_{d}"] == rows["不翻译"][f"unpaired/style_{d}"] == 0
        assert rows["平均图"][f"unpaired/fd_{d}"] > 2 * floor
        for trick in ("平均图", "照抄训练图像"):
            assert rows[trick][f"unpaired/cycle_{d}"] > 0.05
    assert set(rows) == {"不翻译", "平均图", "照抄训练图像"}
    assert all(set(row) == set(UnpairedScorer.keys) <= set(GLOSSARY) for row in rows.values())


def test_each_number_watches_its_own_direction(judged):
    one, rows = judged
    half = one.score(Translator(flipped, same))  # x 译对了，y 原样照抄
    assert half["unpaired/style_y"] == 1 and half["unpaired/style_x"] == 0
    assert half["unpaired/fd_x"] == pytest.approx(rows["不翻译"]["unpaired/fd_x"], rel=1e-4)
    assert half["unpaired/fd_y"] < rows["不翻译"]["unpaired/fd_y"] / 3
    shifted = one.score(Translator(flipped, lambda images: flipped(images) + 0.2))
    # 像素范围 [−1, 1] 里的 0.2 是 [0, 1] 里的 0.1；两条路都经过 y2x 一次
    assert shifted["unpaired/cycle_x"] == pytest.approx(0.1, abs=1e-6)
    assert shifted["unpaired/cycle_y"] == pytest.approx(0.1, abs=1e-6)
    halved = one.score(Translator(lambda images: 0 * images + 1, lambda images: -1 + 0 * images))
    test = one.test.domains
    # x → 全白 → 全黑，y → 全黑 → 全白
    assert halved["unpaired/cycle_x"] == pytest.approx((test[0] + 1).mean() / 2, rel=1e-5)
    assert halved["unpaired/cycle_y"] == pytest.approx((1 - test[1]).mean() / 2, rel=1e-5)
    assert halved["unpaired/style_x"] == halved["unpaired/style_y"] == 0  # 处处同色，谁也不像


def test_the_cheap_tricks_are_what_their_names_say(judged):
    one, rows = judged
    train, test = one.train.domains, one.test.domains
    for place, d in enumerate("xy"):
        mean = train[place].mean(axis=0)
        error = np.abs(mean - test[place]).mean() / 2
        assert rows["平均图"][f"unpaired/cycle_{d}"] == pytest.approx(error, rel=1e-5)
        # 两张独立的图之差，比与平均图之差大
        assert rows["照抄训练图像"][f"unpaired/cycle_{d}"] > 1.2 * error
    moved = frechet_distance(one._project(test[0], "y"), one.features["y"])
    assert rows["不翻译"]["unpaired/fd_y"] == pytest.approx(moved)


@pytest.mark.parametrize("trick", ["_average", "_copies"])
def test_a_trick_makes_as_many_pictures_as_the_other_domain_has(trick, judged, monkeypatch):
    one, _ = judged
    counted = []
    monkeypatch.setattr(one, "_report", lambda *parts: counted.extend(parts))
    getattr(one, trick)()
    errors, made = ({d: len(part[d]) for d in "xy"} for part in counted)
    assert errors == {"x": 40, "y": 30} and made == {"x": 30, "y": 40}


def test_three_pictures_are_enough_and_the_sample_count_is_a_ceiling():
    few = scorer(train=(3, 5), test=(2, 4))
    assert few.pca["x"][1].shape[1] == 1  # 主成分至多比最少的一边少一个
    values = [*few.score(Translator(flipped, flipped)).values()]
    assert np.isfinite(values).all()
    some = scorer(samples=7)
    assert [len(index) for index in some.indices.values()] == [7, 7]
    assert some.indices["x"].tolist() == [0, 6, 13, 19, 26, 32, 39]  # 均匀取，不只是开头几张


def test_the_unit_range_gives_the_same_scores(judged):
    one, _ = judged
    other = scorer(value_range=(0.0, 1.0))
    way = Translator(flipped, same)
    assert other.score(way) == pytest.approx(one.score(way), rel=1e-3, abs=1e-6)


def test_large_pictures_are_averaged_down_before_they_are_compared():
    images = np.arange(2 * 130 * 200, dtype=np.float64).reshape(1, 2, 130, 200)
    small = shrink(images)
    assert small.shape == (1, 2, 65, 100)
    assert small[0, 1, 3, 4] == images[0, 1, 6:8, 8:10].mean()
    assert shrink(images[..., :127, :63]).shape == (1, 2, 127, 63)


def test_a_distance_on_few_pictures_says_it_is_not_comparable(capsys):
    UnpairedScorer(Sides((70, 70), 0), Sides((65, 70), 1), 100, 0)
    assert capsys.readouterr().err == ""
    UnpairedScorer(Sides((4, 4), 0), Sides((70, 3), 1), 100, 0)
    assert "一个域只有 3 张" in (said := capsys.readouterr().err) and "最多用 2 个主成分" in said


def test_it_fits_translations_between_equal_domains_only():
    both, digits = METHODS["cyclegan"], Digits.__new__(Digits)
    data = Sides((2, 2), 0)
    assert UnpairedScorer.fits(both, data, data)
    assert not UnpairedScorer.fits(METHODS["dcgan"], data, data)
    assert not UnpairedScorer.fits(both, digits, digits)
    grey = Sides((2, 2), 0)
    grey.y_shape = (1, *SHAPE[1:])
    assert not UnpairedScorer.fits(both, grey, grey)


def test_it_can_choose_the_best_checkpoint_of_a_training(capsys):
    metrics = {"names": ["translation_unpaired"], "best": "unpaired/fd_y", "samples": 50}
    config = resolve(RAW["cyclegan"] | {"batch_size": 4, "total_steps": 3, "metrics": metrics})
    settled = settle_metrics(config, Glyphs(split="train"), Glyphs(split="test"))
    assert settled.metrics == config.metrics
    few = settle_metrics(config, Sides((2, 2), 0), Sides((1, 2), 0)).metrics
    assert few.names == [] and few.best is None
    assert (
        "跳过指标 translation_unpaired（两个域的训练与测试图像都要至少两张）"
        in capsys.readouterr().err
    )
