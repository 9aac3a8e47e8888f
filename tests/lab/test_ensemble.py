"""集成：并起来的模式数、独立时该有几个、混合，各按定义算；训练的是展台上不加药的那一个。"""

import numpy as np
import pytest

from paddle_gan.data import Ring
from paddle_gan.lab import ensemble, showcase


def at(*modes: int, n: int = 100) -> np.ndarray:
    """n 个样本，平分到这几个模式的中心上。"""
    return np.repeat(Ring().modes[list(modes)], n // len(modes), axis=0)


def test_a_mode_is_present_from_one_percent_of_the_samples_within_three_sigma():
    far = np.full((97, 2), 9.0)
    samples = np.concatenate([at(0, n=1), at(1, n=2), far]) + [[0.1, 0.1]]  # 0.1·√2 < 3·0.05
    assert ensemble.present(samples, Ring()).tolist() == [True, True] + [False] * 6
    assert not ensemble.present(np.concatenate([at(0, n=1), np.full((100, 2), 9.0)]), Ring()).any()
    assert not ensemble.present(at(0) + [[0.11, 0.11]], Ring()).any()  # 0.156 > 0.15


def test_the_union_and_what_independence_would_give_are_averages_over_all_choices():
    covered = np.array([[1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 1]], bool)
    both, expected = ensemble.union(covered, 2)
    assert both == pytest.approx((2 + 4 + 3) / 3)
    # 4 × (1 − (1 − 1/2)(1 − 1/4)) = 2.5，4 × (1 − 1/4) = 3，2.5
    assert expected == pytest.approx((2.5 + 3 + 2.5) / 3)
    assert ensemble.union(covered, 1) == pytest.approx((5 / 3, 5 / 3))
    assert ensemble.union(covered, 3) == pytest.approx((4, 4 * (1 - 0.5 * 0.75 * 0.5)))


def test_the_mixture_takes_the_same_number_from_each_and_no_more_samples_than_one():
    parts = [np.full((16, 2), float(i)) for i in range(8)]
    whole = ensemble.mixed(parts)
    assert whole.shape == (16, 2)
    assert np.unique(whole, return_counts=True)[1].tolist() == [4] * 8  # 两个样本，各两个坐标


def test_the_members_are_eight_gans_of_other_seeds_and_the_long_one_takes_eight_times_the_steps(
    monkeypatch,
):
    asked = []

    def trained(seed, steps):
        asked.append((seed, steps))
        return at(*range(1 + seed % 2), n=2500)  # 单号的多一个模式

    monkeypatch.setattr(ensemble, "trained", trained)
    told = ensemble.measure("ensemble", 2, {"steps": 50}).statistics
    assert asked == [(1016 + i, 50) for i in range(8)]
    assert told["alone"] == 1.5 and told["union"] == 2 and told["gained"] == 0.5
    assert told["high_quality"] == told["alone_quality"] == 1 and told["quality_gap"] == 0
    some, formula = ensemble.union(np.arange(8) < 1 + np.arange(1016, 1024)[:, None] % 2, 2)
    assert told["ratio_2"] == pytest.approx(some / formula)
    asked.clear()
    told = ensemble.measure("long", 2, {"steps": 50}).statistics
    assert asked == [(1016, 400)] and told["union"] == 1


def test_a_member_is_the_patient_of_the_showcase(monkeypatch):
    seen = []
    monkeypatch.setattr(ensemble, "build", lambda raw, seed: seen.append((raw, seed)))
    monkeypatch.setattr(ensemble, "train", lambda setup, steps: seen.append(steps))
    monkeypatch.setattr(ensemble, "samples_of", lambda setup: "样本")
    assert ensemble.trained(1003, 70) == "样本"
    assert seen == [(showcase.configured("gan", 70), 1003), 70]


def test_the_figure_writes_the_modes_of_the_union_and_keeps_ten_runs_apart():
    records = {
        arm: [
            {
                "seed": seed,
                "statistics": {"union": union, "covered_1pct": 3, "high_quality": quality},
                "curves": {
                    "points": [[0.0], [0.0]],
                    "union": [1, 2, 4, 8],
                    "expected": [2 * seed] * 4,
                },
            }
            for seed in range(10)
        ]
        for arm, union, quality in (("ensemble", 8, 0.5), ("long", 1, 0.9))
    }
    figure = ensemble.draw(records)
    left, _, _, strip = figure.axes
    marks = [line for line in strip.get_lines() if line.get_marker().startswith("$")]
    found = {(mark.get_marker(), round(mark.get_ydata()[0])) for mark in marks}
    assert found == {("$8$", 0), ("$1$", 1)}
    assert len({mark.get_ydata()[0] for mark in marks}) == 20  # 同一个高质量的，上下错开
    assert list(left.get_lines()[-1].get_ydata()) == [9] * 4  # 公式画各次的平均


def test_no_seed_of_the_members_is_one_of_the_showcase_or_of_its_settings():
    assert max(22, showcase.SEEDS["full"] - 1) < ensemble.FIRST
