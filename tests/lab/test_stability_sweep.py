"""更稳的扫描：成功的界，两把尺子看的是哪一刻，数与图里的格子是自己那种设定。"""

import numpy as np
import pytest

from paddle_gan.figures import style
from paddle_gan.lab import stability_sweep as sweep
from paddle_gan.run.finite import NonFinite

GOOD = {"covered_1pct": 8.0, "high_quality": 0.9}


def test_success_needs_seven_modes_and_five_times_the_quality_of_scattering():
    edge = {"covered_1pct": 7.0, "high_quality": 5 * 8 * np.pi * (3 * 0.05) ** 2 / 4.5**2}
    assert sweep.succeeded(edge) == 1.0
    assert sweep.succeeded(edge | {"covered_1pct": 6.0}) == 0.0
    assert sweep.succeeded(edge | {"high_quality": edge["high_quality"] - 1e-4}) == 0.0


def test_neither_scattering_nor_one_gaussian_succeeds_and_the_real_data_do():
    rows = sweep.references()
    for name, won in (("真实数据", 1.0), ("均匀撒点", 0.0), ("一个高斯", 0.0)):
        assert rows[name]["success_d"] == rows[name]["success_g"] == won
    assert 0 < rows["一个高斯"]["high_quality"] < rows["均匀撒点"]["high_quality"]


@pytest.fixture
def fake_training(monkeypatch):
    """不训练：记下从第几步到第几步，每次看到的好坏由 looks 给。"""
    spans, looks = [], []
    monkeypatch.setattr(sweep, "samples_of", lambda setup: None)
    monkeypatch.setattr(sweep, "modes_of", lambda samples, data: looks.pop(0))
    monkeypatch.setattr(sweep, "train", lambda _, until, start: spans.append((start, until)))
    return spans, looks


def test_gan_is_looked_at_twice_and_the_critics_once(fake_training):
    spans, looks = fake_training
    looks += [sweep.WORST, GOOD, GOOD]
    assert sweep.trained("gan", 1e-3, "2 层", 10, 0) == [sweep.WORST, GOOD]
    assert sweep.trained("wgan_gp", 1e-3, "2 层", 10, 0) == [GOOD, GOOD]
    assert spans == [(0, 10), (10, 50), (0, 10)]  # 评论器一步更新 5 次，D 一样多


def test_a_training_that_diverges_has_failed(monkeypatch, fake_training):
    def diverge(setup, until, start):
        if start:
            raise NonFinite("第 11 步的 loss/D 变成了 nan")

    _, looks = fake_training
    monkeypatch.setattr(sweep, "train", diverge)
    looks.append(GOOD)
    assert sweep.trained("gan", 1e-3, "2 层", 10, 0) == [GOOD, sweep.WORST]


def test_the_share_is_counted_over_the_nine_settings_of_its_own_moment(monkeypatch):
    runs = [[sweep.WORST, GOOD]] * 3 + [[GOOD, GOOD]] + [[sweep.WORST, sweep.WORST]] * 5
    monkeypatch.setattr(sweep, "trained", lambda *_: runs.pop(0))
    found = sweep.measure("gan", 0, {"steps": 10})
    assert found.statistics["success_d"] == pytest.approx(4 / 9)
    assert found.statistics["success_g"] == pytest.approx(1 / 9)
    assert found.statistics["high_quality"] == pytest.approx(0.4)
    assert found.curves == {"won_d": [1, 1, 1, 1] + 5 * [0], "won_g": [0, 0, 0, 1] + 5 * [0]}


def test_every_cell_of_the_figure_counts_its_own_setting():
    rng = np.random.default_rng(0)  # 三个种子，每种设定成功几次都不一样
    won = rng.integers(2, size=(3, 3, 2, 9)).tolist()  # (方法, 种子, 尺子, 设定)
    records = {
        arm: [{"curves": dict(zip(("won_d", "won_g"), row))} for row in rows]
        for arm, rows in zip(sweep.OWN, won)
    }
    with style():
        axes = sweep.draw(records).axes
    panels = [("gan", "won_g"), ("gan", "won_d"), ("wgan", "won_d"), ("wgan_gp", "won_d")]
    for axis, (arm, key) in zip(axes, panels):
        won = np.array([row["curves"][key] for row in records[arm]])
        shares = sorted(won.mean(axis=1))  # 居中的与台账里的是同一个数，不是平均
        said = f"居中 {shares[1]:.0%} 成功（{shares[0]:.0%} 到 {shares[2]:.0%}）"
        assert axis.get_title().split("\n")[1] == said
        counts = {text.get_position(): text.get_text() for text in axis.texts}
        for index, (net, rate) in enumerate((n, r) for n in sweep.NETS for r in sweep.RATES):
            x, y = list(sweep.RATES).index(rate), list(sweep.NETS).index(net)
            assert counts[x, y] == f"{won[:, index].sum():.0f} / {len(won)}"
            assert axis.get_xticklabels()[x].get_text() == f"{rate:g}"
            assert axis.get_yticklabels()[y].get_text().replace("\n", "，") == net
        (image,) = axis.get_images()
        few, many = image.cmap(image.norm(0.0))[:3], image.cmap(image.norm(1.0))[:3]
        assert sum(many) < sum(few) - 1  # 成功多的深
