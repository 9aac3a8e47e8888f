"""二维玩具分布：几何、统计量与标签。"""

import numpy as np
import pytest

from paddle_gan.data import DATASETS, Images, Labeled, Pair, Sequences, Unpaired, datasets_with
from paddle_gan.data.drawn import Drawn
from paddle_gan.data.toy import GaussianMixture1D, Grid, Ring, SwissRoll, TwoLines
from paddle_gan.errors import UserError
from paddle_gan.run.config import resolve

N = 20_000


def labeled(dataset, n=N, seed=0):
    return dataset.batch(Labeled, (np.arange(n),), np.random.default_rng(seed))


def test_ring_modes_lie_on_the_circle_at_equal_angles():
    ring = Ring(modes=8, radius=2.0)
    assert ring.modes.shape == (8, 2) and ring.modes.dtype == np.float64
    assert np.linalg.norm(ring.modes, axis=1) == pytest.approx(np.full(8, 2.0))
    neighbours = np.linalg.norm(ring.modes - np.roll(ring.modes, 1, axis=0), axis=1)
    assert neighbours == pytest.approx(np.full(8, 4 * np.sin(np.pi / 8)))
    assert ring.modes[0] == pytest.approx([2.0, 0.0])


def test_grid_modes_are_centred_and_evenly_spaced():
    modes = Grid(side=5, spacing=2.0).modes
    assert modes.shape == (25, 2)
    assert modes.mean(axis=0) == pytest.approx([0, 0])
    assert sorted(set(modes[:, 0])) == [-4, -2, 0, 2, 4]
    assert modes[1] == pytest.approx([-4, -2])  # 模式 0·5 + 1：第 0 列、第 1 行
    assert len({tuple(mode) for mode in modes}) == 25


@pytest.mark.parametrize("dataset", [Ring(std=0.1), Grid(std=0.1)])
def test_mixture_samples_have_the_declared_std_around_their_labelled_mode(dataset):
    batch = labeled(dataset)
    noise = batch.x - dataset.modes[batch.labels]
    assert noise.std(axis=0) == pytest.approx([0.1, 0.1], rel=0.03)
    assert noise.mean(axis=0) == pytest.approx([0, 0], abs=0.005)
    assert batch.x.dtype == np.float32 and batch.labels.dtype == np.int64


@pytest.mark.parametrize("dataset", [Ring(), Grid()])
def test_mixture_modes_are_equally_likely(dataset):
    counts = np.bincount(labeled(dataset).labels, minlength=dataset.num_classes)
    expected = N / dataset.num_classes
    assert len(counts) == len(dataset.modes) == dataset.num_classes
    assert np.abs(counts - expected).max() < 5 * np.sqrt(expected)


def test_sample_agrees_with_an_images_batch_from_the_same_generator():
    for dataset in (Ring(), Grid(), SwissRoll(), TwoLines(), GaussianMixture1D()):
        drawn = dataset.sample(100, np.random.default_rng(3))
        batch = dataset.batch(Images, (np.arange(100),), np.random.default_rng(3))
        assert drawn.shape == (100, *dataset.shape) and drawn.dtype == np.float32
        assert np.array_equal(drawn, batch.x)


def test_every_batch_is_fresh_even_for_the_same_indices():
    ring, rng = Ring(), np.random.default_rng(0)
    first, second = (ring.batch(Images, (np.arange(8),), rng).x for _ in range(2))
    assert not np.array_equal(first, second)


def test_swiss_roll_without_noise_lies_on_the_spiral():
    x = SwissRoll(noise=0.0).sample(N, np.random.default_rng(0)).astype(np.float64)
    t = 7.5 * np.linalg.norm(x, axis=1)  # 螺线上半径就是参数 t
    assert t.min() == pytest.approx(1.5 * np.pi, abs=0.01)
    assert t.max() == pytest.approx(4.5 * np.pi, abs=0.01)
    assert 7.5 * x[:, 0] == pytest.approx(t * np.cos(t), abs=1e-3)
    assert 7.5 * x[:, 1] == pytest.approx(t * np.sin(t), abs=1e-3)


def test_swiss_roll_noise_is_in_units_of_the_unscaled_roll():
    smooth = SwissRoll(noise=0.0).sample(N, np.random.default_rng(1))
    noisy = SwissRoll(noise=0.25).sample(N, np.random.default_rng(1))
    assert (noisy - smooth).std() == pytest.approx(0.25 / 7.5, rel=0.03)


def test_two_lines_mix_both_lines_equally():
    lines = TwoLines(distance=0.5)
    x = lines.sample(N, np.random.default_rng(0))
    assert set(np.unique(x[:, 0])) == {np.float32(0), np.float32(0.5)}
    assert (x[:, 0] == 0).mean() == pytest.approx(0.5, abs=0.02)
    assert x[:, 1].min() >= 0 and x[:, 1].max() <= 1
    assert x[:, 1].mean() == pytest.approx(0.5, abs=0.01)


def test_two_lines_geometry_can_be_queried_and_sampled_separately():
    lines = TwoLines(distance=0.5)
    assert lines.lines.tolist() == [[[0, 0], [0, 1]], [[0.5, 0], [0.5, 1]]]
    for line in (0, 1):
        x = lines.sample_line(line, 50, np.random.default_rng(0))
        assert np.all(x[:, 0] == lines.lines[line, 0, 0])


def test_drawn_points_are_met_equally_often_and_spread_by_std():
    drawn = Drawn(points=[[-1, 0], [1, 0.5]], std=0.1)
    x = drawn.sample(20_000, np.random.default_rng(0)).astype(np.float64)
    right = x[:, 0] > 0
    assert right.mean() == pytest.approx(0.5, abs=0.02)
    for side, center in ((right, (1, 0.5)), (~right, (-1, 0))):
        assert x[side].mean(axis=0) == pytest.approx(np.array(center), abs=0.01)
        assert x[side].std(axis=0) == pytest.approx(np.full(2, 0.1), rel=0.05)


BAD = ([], [[0]], [[0, 0, 0]], [[0, "a"]], [[0, 1e9]], [[0.0, 0.0]] * 1001)


@pytest.mark.parametrize("points", BAD)
def test_drawn_points_that_are_none_too_many_or_no_pairs_are_refused(points):
    raw = {"method": "gan", "network": {s: {"name": "mlp"} for s in ("generator", "discriminator")}}
    raw |= {"data": {"name": "drawn", "points": points}, "batch_size": 4, "total_steps": 1}
    with pytest.raises(UserError, match=r"data\.points"):
        resolve(raw)


def test_every_dataset_declares_its_kinds_and_the_table_finds_them():
    assert datasets_with(Pair) == [
        *("glyphs", "edge_digits", "avatars", "paired_folders"),
        *("degraded", "masked"),
    ]
    assert datasets_with(Unpaired) == ["glyphs", "avatars", "unpaired_folders"]
    assert set(datasets_with(Labeled)) == {
        *("ring", "grid", "digits", "stacked_digits"),
        *("mnist", "fashion_mnist", "cifar10", "emoji", "avatars", "labeled_folders"),
    }
    assert set(datasets_with(Images)) == set(DATASETS) - {"unpaired_folders", "markov", "poems"}
    assert datasets_with(Sequences) == ["markov", "poems"]


@pytest.mark.parametrize("mixture", "ABC")
def test_the_two_gaussians_on_the_line_have_their_weights_means_and_widths(mixture):
    data = GaussianMixture1D(mixture=mixture)
    x = data.sample(40_000, np.random.default_rng(0))[:, 0].astype(np.float64)
    w, m, s = (np.array(one) for one in (data.weights, data.means, data.stds))
    assert w.sum() == 1 and data.modes.tolist() == [[one] for one in data.means]
    mean = (w * m).sum()
    variance = (w * (s**2 + (m - mean) ** 2)).sum()
    third = (w * ((m - mean) ** 3 + 3 * (m - mean) * s**2)).sum()  # 哪一个重、哪一个宽
    assert x.mean() == pytest.approx(mean, abs=0.05)
    assert x.var() == pytest.approx(variance, rel=0.03)
    assert ((x - mean) ** 3).mean() == pytest.approx(third, abs=0.15)
