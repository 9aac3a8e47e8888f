"""成对翻译的几个数与不用训练的几行；z 里的方向：找得到知道答案的那一个，量的是它说的那几样。"""

import numpy as np
import paddle
import pytest

from paddle_gan.data import EdgeDigits, Glyphs, Pair
from paddle_gan.lab import EXPERIMENTS, directions, pix2pix_parts

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("name, data", [("digits", EdgeDigits), ("glyphs", Glyphs)])
def test_a_task_is_the_whole_test_set_and_the_truth_scores_perfectly(name, data):
    task, whole = pix2pix_parts.task(name), data(split="test")
    assert len(task.x) == len(task.y) == whole.lengths(Pair)[0]
    pair = whole.batch(Pair, (task.shown,), RNG)
    assert np.array_equal(task.x[task.shown], pair.x) and np.array_equal(task.y[task.shown], pair.y)
    found = pix2pix_parts.scores(name, task.y)
    assert found.pop("read") > 0.98
    assert found == pytest.approx({"edge": 1, "correlation": 1, "l1": 0, "variance": 1})


def test_one_picture_for_every_input_has_no_variance_and_each_class_is_shown():
    digits = pix2pix_parts.task("digits")
    same = np.repeat(digits.y[:1], len(digits.y), axis=0)
    found = pix2pix_parts.scores("digits", same)
    assert found["variance"] == pytest.approx(0, abs=1e-6)
    assert found["read"] == pytest.approx(0.1)
    assert len(digits.shown) == pix2pix_parts.COLUMNS
    labels = pix2pix_parts.lenet_says(digits.y[digits.shown])
    assert labels.tolist() == list(range(10))


def test_the_nearest_neighbour_copies_the_answer_of_the_closest_input():
    x, y = RNG.uniform(-1, 1, (2, 6, 1, 4, 4)).astype(np.float32)
    x[1] = 3 * x[4]  # 长的不占便宜
    asked = x[[4, 0, 2]] + 0.01
    assert np.array_equal(pix2pix_parts.nearest(asked, Pair(x, y)), y[[4, 0, 2]])


def test_the_row_beside_that_the_sentence_quotes_is_what_copying_the_nearest_answer_gives():
    made = pix2pix_parts.nearest(
        pix2pix_parts.task("digits").x, pix2pix_parts.pairs_of(EdgeDigits())
    )
    found = pix2pix_parts.scores("digits", made)["read"]
    [premise] = [rule for rule in EXPERIMENTS["pix2pix_parts"].rules if rule.role == "前提"]
    assert premise.bound == pytest.approx(found, abs=5e-4)
    assert f"照抄最像的训练边缘的答案认得出 {found:.0%}" in EXPERIMENTS["pix2pix_parts"].sentence


def test_a_pair_group_keeps_the_pictures_of_the_first_seed(monkeypatch):
    made = RNG.uniform(-1, 1, pix2pix_parts.task("glyphs").x.shape).astype(np.float32)
    monkeypatch.setattr(pix2pix_parts, "train", lambda *_: None)
    monkeypatch.setattr(pix2pix_parts, "translations", lambda method, x: made)
    measured = [
        pix2pix_parts.measure("glyphs_l1", seed, {"steps": 1}).curves.get("images")
        for seed in (0, 1)
    ]
    kept = np.stack([pix2pix_parts.unpacked(text) for text in measured[0]])
    assert abs(kept - made[pix2pix_parts.task("glyphs").shown, 0]).max() <= 1 / 15 + 1e-6
    assert measured[1] is None


def test_a_probe_finds_the_direction_and_orthogonal_is_without_the_other():
    z = RNG.normal(size=(500, 6))
    a, b = directions.unit(np.arange(1.0, 7)), directions.unit(np.array([1.0, 0, 0, 0, 0, 2]))
    assert directions.probe(z, 3 * z @ a + 7) == pytest.approx(a)
    apart = directions.without(a, b)
    assert apart @ b == pytest.approx(0, abs=1e-12) and np.linalg.norm(apart) == pytest.approx(1)
    assert apart @ a > 0
    values = {"thick": z @ a, "slant": z @ b}
    ways = {way: directions.found(way, z, values, RNG) for way in directions.WAYS}
    assert ways["probe"]["thick"][0] == pytest.approx(a)
    assert ways["apart"]["thick"][0] == pytest.approx(apart)
    assert ways["apart"]["slant"][0] == pytest.approx(directions.without(b, a))
    along = {way: np.mean([d @ a for d in found["thick"]]) for way, found in ways.items()}
    assert abs(along["random"]) < 0.6 < along["one"] < along["three"] < along["probe"]
    assert [len(ways[way]["thick"]) for way in directions.WAYS] == [10, 10, 10, 1, 1]


class Strokes:
    """知道答案的生成器：z 的第一维把一竖变粗，第二维把它推斜。"""

    def generate(self, z):
        rows, columns = np.mgrid[:28, :28]
        thick, slope = 5 + z.numpy()[:, :1, None], 0.1 * z.numpy()[:, 1:2, None]
        away = abs(columns - 13.5 - slope * (13.5 - rows))
        ink = np.clip(thick / 2 - away + 0.5, 0, 1)
        return paddle.to_tensor((2 * ink - 1)[:, None].astype(np.float32))


def test_a_walk_says_how_far_each_attribute_went_and_how_many_digits_changed(monkeypatch):
    z = RNG.normal(size=(160, 3))
    monkeypatch.setattr(directions, "WALKED", 60)
    monkeypatch.setattr(directions, "generator", lambda name: Strokes())
    monkeypatch.setattr(directions, "random_latents", lambda method, count, seed: z)
    drawn = []

    def decode(method, z):
        drawn.append(z)
        return method.generate(paddle.to_tensor(z)).numpy()

    monkeypatch.setattr(directions, "decode", decode)
    monkeypatch.setattr(directions, "classes", lambda images: (images[:, 0, 0, 13] > 0.5) * 1)
    found = {arm: directions.measure(arm, 0, {"fitted": 100}).statistics for arm in directions.WAYS}
    assert np.array_equal(drawn[0], z[:100]) and np.array_equal(drawn[1], z[100:])  # 走的没有用过
    # 走 2 × 3，一个标准差大约是 1
    assert found["probe"]["gain_thick"] == pytest.approx(6, rel=0.2)
    assert found["probe"]["gain_slant"] == pytest.approx(6, rel=0.2)
    for arm in ("probe", "apart"):
        assert max(found[arm]["leak_thick"], found[arm]["leak_slant"]) < 0.6
    assert 0 < found["random"]["gain_thick"] < 5 < found["probe"]["gain_thick"]
    assert 0 < found["probe"]["class_slant"] <= 1
    nothing = directions.moved([z0 := page(), z0], np.zeros(2), {"thick": 1.0, "slant": 1.0})
    assert nothing == {"thick": 0, "slant": 0, "class": 0}


def page() -> np.ndarray:
    """两张空白的图。"""
    return -np.ones((2, 1, 28, 28), np.float32)


def test_by_hand_the_attribute_moves_and_the_digit_stays(monkeypatch):
    few = directions.real_images(directions.Digits(split="test"))[::10]
    monkeypatch.setattr(directions, "real_images", lambda data: few)
    [row] = directions.rows_beside().values()
    assert row["gain_thick"] > 3 and row["gain_slant"] > 1.5
    assert max(row["class_thick"], row["class_slant"]) < 0.1
    assert set(row) == set(EXPERIMENTS["directions"].statistics)


def test_every_group_walks_in_a_shipped_generator_and_is_found_its_own_way():
    wanted = {
        arm: ("wgan_gp_digits" if arm[:3] == "gp_" else "digits_best") for arm in directions.ARMS
    }
    assert {arm: name for arm, (name, _) in directions.ARMS.items()} == wanted
    assert {arm: way for arm, (_, way) in directions.ARMS.items()} == {
        arm: arm.removeprefix("gp_") for arm in EXPERIMENTS["directions"].arms
    }
