"""风格裁判：认得真实字体，不被模糊、变灰与白纸骗过，可重复，不动全局随机数。"""

import cv2
import numpy as np
import paddle
import pytest

from paddle_gan.data import Avatars, Glyphs, Pair, Unpaired
from paddle_gan.errors import UserError
from paddle_gan.metrics import StyleJudge
from paddle_gan.metrics.style_judge import as_float_images, augment

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def held_out() -> Glyphs:
    return Glyphs(x_font="hei", y_font="wenkai", split="test")


@pytest.fixture(scope="module")
def judge() -> StyleJudge:
    train = Glyphs(x_font="hei", y_font="wenkai", split="train")
    return StyleJudge(train.x_images[::2], train.y_images[1::2], seed=0)


def blurred(images: np.ndarray, sigma: float) -> np.ndarray:
    return np.stack([cv2.GaussianBlur(x[0], (0, 0), sigma) for x in images])[:, None]


def test_it_tells_real_held_out_fonts_apart(judge, held_out):
    assert judge.accuracy(held_out.x_images, held_out.y_images) >= 0.98


@pytest.mark.parametrize("change", ["hair_color", "glasses"])
def test_it_tells_hair_colours_and_glasses_of_unseen_people_apart(change):
    train, test = (Avatars(size=32, change=change, split=split) for split in ("train", "test"))
    rows = tuple(np.arange(n) for n in train.lengths(Unpaired))
    real = train.batch(Unpaired, rows, np.random.default_rng(0))
    pair = test.batch(Pair, (np.arange(500),), np.random.default_rng(0))
    assert StyleJudge(real.x, real.y, seed=0).accuracy(pair.x, pair.y) >= 0.99


def test_degraded_source_glyphs_are_not_called_the_target_style(judge, held_out):
    x = as_float_images(held_out.x_images)
    noise = np.random.default_rng(0).standard_normal(x.shape).astype(np.float32)
    for fooled in (blurred(x, 0.6), blurred(x, 1.0), x + 0.1 * noise):
        assert judge.fraction_y(fooled) < 0.05


def test_degraded_target_glyphs_keep_their_style(judge, held_out):
    y = as_float_images(held_out.y_images)
    assert judge.fraction_y(blurred(y, 1.0)) > 0.95


def test_contrast_and_brightness_do_not_change_the_verdict(judge, held_out):
    x = as_float_images(held_out.x_images[:100])
    expected = judge.probability_y(x)
    assert judge.probability_y(0.4 * x + 0.3) == pytest.approx(expected, abs=0.01)


def test_a_blank_page_has_no_style(judge):
    assert judge.fraction_y(np.ones((5, 1, 32, 32), np.float32)) == 0.0


def test_uint8_and_float_images_get_the_same_verdict(judge, held_out):
    images = held_out.y_images[:50]
    assert judge.probability_y(images).tolist() == pytest.approx(
        judge.probability_y(as_float_images(images)).tolist()
    )


def two_textures(n: int, shape: tuple[int, ...], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """横条纹与竖条纹，(n, C, H, W)，相位随机。"""
    phase = np.random.default_rng(seed).uniform(0, 2 * np.pi, (n, 1, 1, 1))
    _, height, width = shape
    stripes = np.sin(np.arange(height)[:, None] + phase) * np.ones((1, *shape))
    return stripes, np.sin(np.arange(width)[None, :] + phase) * np.ones((1, *shape))


@pytest.mark.parametrize("shape", [(3, 16, 16), (1, 64, 48)])
def test_any_channels_and_sizes_work_even_inside_no_grad(shape):
    with paddle.no_grad():
        judge = StyleJudge(*two_textures(60, shape, seed=0), steps=25)
    assert judge.accuracy(*two_textures(60, shape, seed=1)) > 0.95


def test_the_same_seed_gives_the_same_judge_and_global_random_numbers_stay():
    x, y = two_textures(20, (1, 16, 16), seed=2)
    paddle.seed(7)
    expected = paddle.randn([4]).numpy()
    paddle.seed(7)
    first, again, other = (StyleJudge(x, y, seed=s, steps=3).probability_y(x) for s in (0, 0, 1))
    assert paddle.randn([4]).numpy().tolist() == expected.tolist()
    assert first.tolist() == again.tolist() != other.tolist()


def test_augmentation_keeps_shape_type_and_the_caller_s_array():
    images = np.random.default_rng(0).uniform(-1, 1, (9, 3, 16, 20)).astype(np.float32)
    before = images.copy()
    out = augment(images, np.random.default_rng(1))
    assert (out.shape, out.dtype) == (images.shape, np.float32)
    assert np.array_equal(images, before)
    assert not np.array_equal(out, before)


def test_wrong_inputs_are_refused():
    grey = np.zeros((4, 1, 32, 32), np.float32)
    with pytest.raises(UserError, match="形状不同"):
        StyleJudge(grey, np.zeros((4, 3, 32, 32), np.float32))
    with pytest.raises(UserError, match="不小于 16"):
        StyleJudge(grey[..., :12], grey[..., :12])
    with pytest.raises(ValueError, match="uint8"):
        as_float_images(np.zeros((4, 32), np.float32))
