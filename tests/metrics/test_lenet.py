"""LeNet 特征：随包权重的准确率、FD-LeNet 的下限与坍塌时的读数。"""

import numpy as np
import paddle
import pytest

from paddle_gan.data import Digits
from paddle_gan.errors import UserError
from paddle_gan.metrics import class_report, digit_features, fd_lenet, frechet_distance
from paddle_gan.metrics.lenet import WEIGHTS, load_lenet


def signed(images: np.ndarray) -> np.ndarray:
    return images.transpose(0, 3, 1, 2).astype(np.float32) / 127.5 - 1


@pytest.fixture(scope="module")
def held_out() -> Digits:
    return Digits(split="test")


@pytest.fixture(scope="module")
def scored(held_out):
    return digit_features(signed(held_out.images))


def test_the_shipped_weights_classify_the_held_out_digits(held_out, scored):
    _, probabilities = scored
    accuracy = (probabilities.argmax(axis=1) == held_out.labels).mean()
    assert accuracy == pytest.approx(0.987, abs=0.0015)


def test_features_and_probabilities_have_the_promised_shapes(scored):
    features, probabilities = scored
    assert (features.shape, probabilities.shape) == ((1000, 84), (1000, 10))
    assert features.dtype == probabilities.dtype == np.float32
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(1000), abs=1e-5)


def test_the_batch_size_does_not_change_the_features(held_out, scored):
    again, _ = digit_features(signed(held_out.images[:130]), batch=47)
    assert again == pytest.approx(scored[0][:130], abs=1e-4)


def test_real_digits_cover_all_ten_classes_evenly(scored):
    report = class_report(scored[1].argmax(axis=1), 10)
    assert report["classes/covered"] == 10.0
    assert report["classes/reverse_kl"] == pytest.approx(0.0, abs=0.002)


def test_real_against_real_is_the_floor_and_collapse_is_far_above_it(held_out, scored):
    train_features, _ = digit_features(signed(Digits(split="train").images))
    floor = frechet_distance(scored[0], train_features)
    ones_only = frechet_distance(scored[0][held_out.labels == 1], train_features)
    assert floor == pytest.approx(0.409, rel=0.03)
    assert ones_only > 20 * floor


def test_fd_lenet_is_zero_on_itself_and_large_on_noise(held_out):
    real = signed(held_out.images[:200])
    noise = np.random.default_rng(0).uniform(-1, 1, real.shape).astype(np.float32)
    assert fd_lenet(real, real) == pytest.approx(0.0, abs=1e-6)
    assert fd_lenet(noise, real) > 50.0


def test_scoring_leaves_the_global_random_numbers_alone(held_out):
    paddle.seed(7)
    expected = paddle.randn([4]).numpy()
    paddle.seed(7)
    digit_features(signed(held_out.images[:2]))
    assert paddle.randn([4]).numpy().tolist() == expected.tolist()


def test_the_weights_stay_small_and_the_network_is_in_eval_mode():
    assert WEIGHTS.stat().st_size < 1_000_000
    assert not load_lenet().training


def test_only_28_by_28_grey_floats_are_accepted():
    with pytest.raises(UserError, match="28×28"):
        digit_features(np.zeros((2, 1, 32, 32), np.float32))
    with pytest.raises(ValueError, match="浮点"):
        digit_features(np.zeros((2, 1, 28, 28), np.uint8))
