"""图像翻译的像素评测：恒等式、手工算例，以及未经翻译的源图的基线。"""

import numpy as np
import pytest

from paddle_gan.data import Glyphs
from paddle_gan.errors import UserError
from paddle_gan.metrics import correlation, iou, l1_ink, retrieval_at_1
from paddle_gan.metrics.translation import edge_energy, retrieval_at_k


def from_ink(*pages) -> np.ndarray:
    """墨量 → 图像 (N, 1, 1, W)，+1 是白纸。"""
    return 1 - 2 * np.array(pages, np.float32)[:, None, None, :]


def signed(images: np.ndarray) -> np.ndarray:
    return images.transpose(0, 3, 1, 2).astype(np.float32) / 127.5 - 1


@pytest.fixture(scope="module")
def pages() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (40, 3, 8, 8)).astype(np.float32)


def test_a_perfect_translation_scores_perfectly(pages):
    assert correlation(pages, pages) == pytest.approx(1.0)
    assert l1_ink(pages, pages) == 0.0
    assert retrieval_at_1(pages, pages) == 1.0
    assert iou(pages, pages) == 1.0


def test_a_negative_has_correlation_minus_one(pages):
    assert correlation(pages, -pages) == pytest.approx(-1.0)
    assert retrieval_at_1(-pages, pages) == 0.0


def test_correlation_is_the_mean_of_numpys_per_image_coefficients(pages):
    other = np.random.default_rng(1).uniform(-1, 1, pages.shape) + 0.7 * pages
    each = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(pages, other, strict=True)]
    assert correlation(pages, other) == pytest.approx(np.mean(each), abs=1e-6)


def test_correlation_and_retrieval_ignore_contrast_and_brightness(pages):
    faded = 0.3 * pages + 0.4
    assert correlation(faded, pages) == pytest.approx(1.0, abs=1e-6)
    assert retrieval_at_1(faded, pages) == 1.0
    assert l1_ink(faded, pages) == pytest.approx(np.abs(0.4 - 0.7 * pages).mean() / 2, rel=1e-5)


def test_a_blank_page_says_nothing(pages):
    for grey in (1.0, 0.3, -1.0):
        blank = np.full_like(pages, grey)
        assert correlation(blank, pages) == 0.0
        assert retrieval_at_1(blank, pages) == 0.0


def test_the_edge_energy_is_the_squared_step_between_neighbours_and_blurring_lowers_it():
    across, down = from_ink([0, 1, 1, 0.5]), from_ink([0, 1, 1, 0.5]).swapaxes(2, 3)
    square = np.concatenate([across] * 4, axis=2)  # 四行一样：上下没有差
    assert edge_energy(square) == edge_energy(square.swapaxes(2, 3)) == pytest.approx(1.25 / 3)
    assert edge_energy(np.concatenate([down] * 4, axis=3)) == pytest.approx(1.25 / 3)
    sharp = np.random.default_rng(0).uniform(-1, 1, (5, 1, 8, 8)).astype(np.float32)
    blurred = (sharp + np.roll(sharp, 1, axis=3)) / 2
    assert edge_energy(blurred) < 0.8 * edge_energy(sharp) < edge_energy(sharp)
    assert edge_energy(np.ones((1, 1, 3, 3))) == 0


def test_rounding_is_no_content_but_one_faint_pixel_is():
    paper = 0.3 + 1e-14 * np.random.default_rng(0).standard_normal((2, 1, 7, 9))
    assert correlation(paper, paper) == 0.0
    assert retrieval_at_1(paper, paper) == 0.0
    paper[0, 0, 2, 5] += 2 / 255  # 8 位图像里最小的一级
    paper[1, 0, 5, 2] += 2 / 255
    assert correlation(paper, paper) == pytest.approx(1.0)
    assert retrieval_at_1(paper, paper) == 1.0
    assert retrieval_at_1(paper, paper[::-1]) == 0.0


def test_a_collapsed_translator_retrieves_at_most_one_of_n(pages):
    collapsed = np.repeat(pages[7:8], len(pages), axis=0)
    assert retrieval_at_1(collapsed, pages) == 1 / len(pages)


def test_retrieval_counts_the_permutation_it_is_given(pages):
    swapped = pages[[1, 0, *range(2, 40)]]
    assert retrieval_at_1(swapped, pages) == 38 / 40


def test_l1_and_iou_of_hand_made_ink():
    a = from_ink([1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0])
    b = from_ink([0.6, 0, 0.9, 0], [0, 0, 0, 0], [1, 0, 0, 0])
    assert l1_ink(a, b) == pytest.approx((0.4 + 1 + 0.9 + 1) / 12, rel=1e-5)
    assert iou(a, b) == pytest.approx((1 / 3 + 1 + 0) / 3)
    assert iou(a, b, threshold=0.8) == pytest.approx((0 + 1 + 0) / 3)


@pytest.mark.parametrize(
    ("font", "l1", "blank_l1", "r", "hit"),
    [
        ("song", 0.106, 0.179, 0.793, 0.984),
        ("wenkai", 0.156, 0.183, 0.609, 0.806),
        ("mashan", 0.227, 0.177, 0.327, 0.058),
    ],
)
def test_untranslated_glyphs_reproduce_the_baselines(font, l1, blank_l1, r, hit):
    held_out = Glyphs(x_font="hei", y_font=font, split="test")
    x, y = signed(held_out.x_images), signed(held_out.y_images)
    assert len(x) == 500
    assert l1_ink(x, y) == pytest.approx(l1, abs=0.001)
    assert l1_ink(np.ones_like(y), y) == pytest.approx(blank_l1, abs=0.001)
    assert correlation(x, y) == pytest.approx(r, abs=0.001)
    assert retrieval_at_1(x, y) == pytest.approx(hit, abs=0.003)


def test_wrong_inputs_are_refused(pages):
    with pytest.raises(ValueError, match="形状相同"):
        correlation(pages, pages[:3])
    with pytest.raises(ValueError, match="浮点"):
        l1_ink(pages, np.zeros(pages.shape, np.uint8))
    with pytest.raises(ValueError, match="2 个目标"):
        retrieval_at_1(pages[:1], pages[:1])
    with pytest.raises(ValueError, match="threshold"):
        iou(pages, pages, threshold=1.0)
    with pytest.raises(UserError, match="NaN"):
        correlation(np.full_like(pages, np.nan), pages)


def test_retrieval_at_k_counts_those_ranked_ahead_and_ties_are_ahead():
    a, b = np.eye(4)[:, None, None, :] * 2 - 1, np.eye(4)[:, None, None, :] * 2 - 1
    a[3] = np.array([1.0, -1, -1, 0.5]).reshape(1, 1, 4)  # 最像第 0 个，其次才是自己
    assert retrieval_at_k(a, b, 1) == retrieval_at_1(a, b) == 0.75
    assert retrieval_at_k(a, b, 2) == 1.0
    blank = np.ones_like(a)  # 与谁都一样像：并列的都排在前面
    assert [retrieval_at_k(blank, b, k) for k in (1, 3)] == [0.0, 0.0]
    for k in (0, 4):
        with pytest.raises(ValueError, match="1 到 3"):
            retrieval_at_k(a, b, k)


def test_two_identical_targets_tie_whatever_the_rounding():
    pages = np.random.default_rng(0).uniform(-1, 1, size=(499, 1, 32, 32))
    for twin in (3, 400, 498):
        targets = pages.copy()
        targets[twin] = targets[0]
        # 第 0 张与它的双胞胎都不算找到
        assert retrieval_at_1(targets, targets) == pytest.approx(1 - 2 / len(pages))
