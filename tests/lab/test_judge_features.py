"""A4：岭回归照公式；特征是每个卷积层激活后缩成的；四组只有自己的那一处不同，用同样的有标签图像。"""

import numpy as np
import paddle
import pytest
from matplotlib.colors import to_hex
from paddle import nn

from paddle_gan.figures import BLUE, missing_glyphs, style
from paddle_gan.lab import EXPERIMENTS, judge_features
from paddle_gan.lab.dcgan_parts import setup_of
from paddle_gan.lab.judge_features import COUNTS
from paddle_gan.lab.training import build

A4 = EXPERIMENTS["judge_features"]
RNG = np.random.default_rng(0)
SMALL = {"steps": 9, "lessons": 2}


@pytest.mark.parametrize("n, d", [(5, 12), (12, 5)])
def test_ridge_solves_the_regularised_least_squares_in_both_shapes(n, d):
    a, y = RNG.normal(size=(n, d)), RNG.normal(size=(n, 3))
    # 添 d 行 √λ·I、目标是 0，就是普通的最小二乘
    stacked, target = np.vstack([a, np.sqrt(0.7) * np.eye(d)]), np.vstack([y, np.zeros((d, 3))])
    expected = np.linalg.lstsq(stacked, target, rcond=None)[0]
    assert judge_features.ridge(a, y, 0.7) == pytest.approx(expected)


def test_a_feature_is_the_largest_activation_in_its_sixteenth_of_the_picture():
    D = build(judge_features.configured(1), 0).method.D
    images = RNG.uniform(-1, 1, (3, 1, 28, 28)).astype(np.float32)
    found = judge_features.features(D, images)
    assert found.shape == (3, 16 * (16 + 32))
    D.eval()
    with paddle.no_grad():
        first = nn.LeakyReLU(0.2)(D.layers[0](paddle.to_tensor(images))).numpy()  # (3, 16, 14, 14)
    assert found[:, 0] == pytest.approx(first[:, 0, :4, :4].max(axis=(1, 2)), abs=1e-6)
    assert found[:, 255] == pytest.approx(first[:, 15, 10:, 10:].max(axis=(1, 2)), abs=1e-6)


def test_a_linear_classifier_reads_a_linear_pattern_and_chance_where_there_is_none():
    labels = np.arange(300) % 10
    seen = np.eye(10)[labels] + 0.01 * RNG.normal(size=(300, 10))
    parts = [(seen[i::3], labels[i::3]) for i in range(3)]
    assert judge_features.linear_accuracy(*parts) == 1
    noise = [(RNG.normal(size=(100, 10)), part[1]) for part in parts]
    assert judge_features.linear_accuracy(*noise) < 0.3


def test_only_one_group_trains_a_discriminator_and_the_random_one_is_its_start(monkeypatch):
    trained = []
    monkeypatch.setattr(
        judge_features, "train", lambda setup, steps: trained.append((setup, steps))
    )
    images = [RNG.uniform(-1, 1, (2, 1, 28, 28)).astype(np.float32)] * 2
    found = {
        arm: judge_features.described(arm, 3, SMALL, images)[0]
        for arm in ("trained", "random", "pixels")
    }
    [(setup, steps)] = trained
    assert steps == 9 and setup.config.seed == 3
    assert np.array_equal(found["trained"], found["random"])  # 没有真的训练
    assert np.array_equal(found["pixels"], images[0].reshape(2, 784))
    paper, _ = setup_of("paper", 3, {"width": 16, "batch": 32, "g_updates": 9})
    setting = {"method", "hparams", "network", "data", "batch_size"}
    mine, theirs = (one.config.model_dump(include=setting) for one in (setup, paper))
    assert mine == theirs


def test_every_group_is_given_the_same_labelled_pictures(monkeypatch):
    y = judge_features.pictures("train")[1]
    seen: dict[str, list] = {"taught": [], "linear": []}

    def taught(images, labels, rng, lessons):
        seen["taught"].append(labels)
        return "网络"

    def linear(train, held, test):
        seen["linear"].append(train[1])
        assert len(held[1]) == 500 and len(test[1]) == 1000
        return 0.25

    monkeypatch.setattr(judge_features, "taught", taught)
    monkeypatch.setattr(judge_features, "read", lambda network, images: np.zeros(1000))
    monkeypatch.setattr(judge_features, "linear_accuracy", linear)
    supervised = judge_features.measure("supervised", 4, SMALL).statistics
    pixels = judge_features.measure("pixels", 4, SMALL).statistics
    assert list(supervised.values()) == pytest.approx([0.1] * 3)  # 总答“0”
    assert list(pixels.values()) == [0.25] * 3
    assert len(seen["taught"]) == 3 * len(COUNTS)
    for one, two in zip(*seen.values(), strict=True):
        assert np.array_equal(one, two)
    sizes = [len(labels) for labels in seen["linear"]]
    assert sizes == [*COUNTS] * 3 and not np.array_equal(seen["linear"][0], seen["linear"][3])
    assert np.bincount(y).tolist() == [400] * 10


def test_the_network_taught_from_scratch_learns_and_has_the_shape_of_d():
    x, y = judge_features.pictures("train")
    paddle.seed(0)
    network = judge_features.taught(x[:60], y[:60], np.random.default_rng(0), 40)
    assert (judge_features.read(network, x[:60]) == y[:60]).mean() > 0.8
    D = build(judge_features.configured(1), 0).method.D
    shapes = [[p.shape for p in one.parameters()][:-2] for one in (network, D)]
    assert shapes[0] == shapes[1]


def test_each_line_of_the_figure_is_the_middle_of_its_own_group():
    records = {
        arm: [
            {"statistics": {f"acc_{n}": place / 10 + n / 1e5 + s / 100 for n in COUNTS}}
            for s in (0, 2, 3)
        ]
        for place, arm in enumerate(A4.arms)
    }
    with style():
        figure = A4.draw(records)
        assert missing_glyphs(figure) == set()
    lines = {line.get_label(): line for line in figure.axes[0].get_lines()}
    for place, label in enumerate(A4.arms.values()):
        expected = [place / 10 + n / 1e5 + 0.02 for n in COUNTS]
        assert list(lines[label].get_ydata()) == pytest.approx(expected)
    assert to_hex(lines[A4.arms["trained"]].get_color()).upper() == BLUE
