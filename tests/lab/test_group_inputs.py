"""不经过 training.train 的实验：每一组拿到的图、噪声、网络与更新规则，是它的名字说的那一种。"""

import re

import numpy as np
import pytest
from paddle import nn

from paddle_gan.lab import (
    EXPERIMENTS,
    birthday,
    clipping,
    dropping,
    fooled,
    parzen_trap,
    shift,
    shipped_models,
    truncation,
    two_sides,
    vanishing,
)
from paddle_gan.lab.runner import read_results
from paddle_gan.methods import WGAN, WGANGP
from paddle_gan.run import gallery

PER_CLASS = 120  # 每类取这么多张，够取一千张不同的


@pytest.fixture(scope="module")
def few_digits():
    """少取一些的训练图像与标签，和 {一张图: 它的类别}。"""
    x, y = fooled.digits("train")
    kept = np.concatenate([np.flatnonzero(y == c)[:PER_CLASS] for c in range(10)])
    return x[kept], y[kept], {image.tobytes(): label for image, label in zip(x[kept], y[kept])}


@pytest.fixture
def class_of(few_digits, monkeypatch):
    """一张图是哪一类；实验这时只拿得到少取的那些。"""
    for module in (dropping, fooled):
        monkeypatch.setattr(module, "digits", lambda split: few_digits[:2])
    return few_digits[2]


@pytest.mark.parametrize("arm", clipping.ARMS)
def test_a_critic_has_the_depth_and_the_bound_of_its_label(arm):
    label = EXPERIMENTS["weights_at_the_clip"].label(arm)
    kind, depth, c = re.fullmatch(r"(裁剪|梯度惩罚)，(\d+) 层(?:，c = ([\d.]+))?", label).groups()
    method, _ = clipping.make_critic(arm, 0, width=8)
    assert type(method) is (WGAN if kind == "裁剪" else WGANGP)
    weights = clipping.weights_of(method.D)
    assert len(weights) == int(depth) + 1  # 隐层与输出
    if c:
        assert (method.hparams.clip, method.hparams.lr) == (float(c), float(c) / 20)
        largest = max(w.abs().max().item() for w in weights)
        assert 0.9 * float(c) < largest <= float(c) + 1e-9


def seen_by_dropping(arm: str, monkeypatch) -> list[np.ndarray]:
    """E2 的一组依次打分的图。"""
    seen = []

    def scores(fake, real):
        seen.append(fake)
        return {key: float(len(seen) ** 1.5) for key in fooled.METRIC_NAMES}

    monkeypatch.setattr(dropping, "scores", scores)
    dropping.measure_e2(arm, 0, EXPERIMENTS["dropped_classes"].settings["full"])
    return seen


def test_ever_more_classes_are_dropped(class_of, monkeypatch):
    seen = seen_by_dropping("drop", monkeypatch)
    classes = [{class_of[x.tobytes()] for x in images} for images in seen]
    assert [len(one) for one in classes] == [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert all(later < earlier for earlier, later in zip(classes, classes[1:]))


def test_ever_fewer_images_are_repeated(class_of, monkeypatch):
    seen = seen_by_dropping("repeat", monkeypatch)
    distinct = [len({x.tobytes() for x in images}) for images in seen]
    assert distinct == EXPERIMENTS["dropped_classes"].settings["full"]["distinct"]
    assert distinct == sorted(distinct, reverse=True)


def test_the_four_fake_generators_give_what_they_are_called(class_of):
    kinds = {arm: fooled.fake_generator(arm, 4, {"noise_steps": 1}) for arm in fooled.E1.arms}
    distinct = {arm: {x.tobytes() for x in images} for arm, images in kinds.items()}
    assert {arm: len(one) for arm, one in distinct.items()} == {
        "real": 1000,
        "noise": 1000,
        "one_image": 1,
        "one_per_class": 10,
    }
    assert [class_of[x] for x in distinct["one_image"]] == [4]
    assert {class_of[x] for x in distinct["one_per_class"]} == set(range(10))
    for arm, images in kinds.items():  # 噪声的左右两个像素不相干，数字的相干
        neighbours = np.corrcoef(images[..., :-1].ravel(), images[..., 1:].ravel())[0, 1]
        assert (abs(neighbours) < 0.2) == (arm == "noise")


def test_truncation_samples_with_each_scale_and_gains_precision_for_recall(monkeypatch):
    asked = []

    def drawn(name, count, seed, scale):
        asked.append((name, count, seed, scale))
        return np.full((count, 2), scale)

    pairs = iter(((0.9, 0.1), (0.8, 0.2), (0.7, 0.4), (0.6, 0.6), (0.5, 0.7)))
    monkeypatch.setattr(truncation, "drawn_from", drawn)
    monkeypatch.setattr(truncation, "precision_recall", lambda fake, real: next(pairs))
    monkeypatch.setattr(truncation, "frechet_distance", lambda fake, real: float(fake[0, 0]) ** 2)
    statistics = truncation.measure("gan_ring", 4, {"samples": 30}).statistics
    assert asked == [("gan_ring", 30, 4, scale) for scale in truncation.SCALES]
    assert statistics["precision_gain"] == pytest.approx(0.8 - 0.5)  # σ 从 1 减到 0.5
    assert statistics["recall_loss"] == pytest.approx(0.7 - 0.2)
    assert statistics["recall_rank"] == 1.0 and statistics["fd_ratio"] == pytest.approx(0.25)


def test_a_shipped_model_is_asked_by_its_name_and_its_z_is_scaled(monkeypatch):
    seen = {}
    monkeypatch.setattr(shipped_models, "decode", lambda method, z: seen.setdefault(method, z))
    monkeypatch.setattr(shipped_models, "random_latents", lambda *given: np.array(given[1:]))
    monkeypatch.setattr(shipped_models, "generator", lambda name: name)
    assert shipped_models.drawn_from("gan_digits", 7, 3, 0.5).tolist() == [3.5, 0.5 * 5003]
    assert list(seen) == ["gan_digits"]
    assert set(shipped_models.DIGIT_MODELS) <= set(gallery.names())


def test_a_bank_of_n_images_repeats_and_a_close_pair_is_counted_once(few_digits, monkeypatch):
    monkeypatch.setattr(birthday, "digits", lambda split: (few_digits[0][::3], few_digits[1][::3]))
    settings = {"images": 200, "draws": 300, "trials": 200}
    for name in ("bank_10", "bank_30"):
        statistics = birthday.measure(name, 0, settings).statistics
        size = int(name.removeprefix("bank_"))
        assert statistics["support"] == pytest.approx(size, rel=0.25)
        assert abs(statistics["error"]) < 0.12
    real = birthday.measure("real", 0, settings).statistics
    assert 3 <= real["repeats"] <= 80  # 门限就是另一半的第 20 近
    assert real["ones"] == pytest.approx(0.1, abs=0.05)
    assert birthday.pair_distances(np.array([[0.0], [3.0], [7.0]])).tolist() == [3, 7, 4]


def test_each_model_and_each_trivial_one_is_what_it_is_called(monkeypatch):
    monkeypatch.setattr(two_sides, "drawn_from", lambda name, count, seed: (name, count, seed))
    assert two_sides.images_of("dcgan_digits", 3, 5) == ("dcgan_digits", 5, 3)
    mean, noise = (two_sides.images_of(arm, 0, 20) for arm in ("mean", "noise"))
    train = fooled.digits("train")[0]
    assert mean.shape == noise.shape == (20, 1, 28, 28) and (mean[0] == mean[1]).all()
    assert mean[0] == pytest.approx(train.mean(axis=0)) and -0.05 < noise.mean() < 0.05
    known = {image.tobytes() for image in train}
    real, copied = (two_sides.images_of(arm, 0, 20) for arm in ("real", "memoriser"))
    assert {x.tobytes() for x in (*real, *copied)} <= known and not (real == copied).all()


def test_the_centroids_are_means_of_training_images_and_beat_the_images_on_parzen():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.eye(4) * 5, 30, axis=0)
    found = parzen_trap.candidates("centroids", groups + 0.1 * rng.normal(size=(120, 4)), 4, 0)
    assert found[found.argmax(axis=1).argsort()] == pytest.approx(np.eye(4) * 5, abs=0.1)
    fitted = rng.uniform(size=(9, 784))
    assert (parzen_trap.candidates("real", fitted, 5, 0) == fitted[:5]).all()
    noise = parzen_trap.candidates("noise", fitted, 5, 0)
    assert noise.shape == (5, 784) and noise.min() >= 0 and noise.max() <= 1
    assert parzen_trap.unit(np.full((2, 1, 28, 28), -1.0)).max() == 0


def shifted(name: str, arm: str, settings: dict, monkeypatch) -> list:
    """一组里训练过的判别器的方法，按次序；这里不训练。"""
    kept = []
    monkeypatch.setattr(shift, "train_discriminator", lambda method, *_: kept.append(method))
    EXPERIMENTS[name].measure(arm, 0, settings)
    return kept


def test_the_lines_are_uniform_and_as_far_apart_as_they_say(monkeypatch):
    settings = {"thetas": [0.5, 2.0], "batch": 8, "steps": 1}
    methods = shifted("js_identity", "lines", settings, monkeypatch)
    assert [type(method).__name__ for method in methods] == ["GAN", "WGANGP"] * 2
    for method, theta in zip(methods, (0.5, 0.5, 2.0, 2.0)):
        assert method.hparams.noise == "uniform"
        points = method.G(method.noise(500)).numpy()
        assert (points[:, 0] == theta).all()
        assert 0 <= points[:, 1].min() < 0.05 and 0.95 < points[:, 1].max() <= 1
    assert methods[1].hparams.gp_weight == 10.0


def test_the_logistic_group_is_one_line_and_the_other_two_layers_of_64(monkeypatch):
    settings = {"shifts": [0.5, 2], "batch": 8, "steps": 1}
    for arm, wanted in (("logistic", [(1, 1)]), ("mlp64", [(1, 64), (64, 64), (64, 1)])):
        methods = shifted("optimal_discriminator", arm, settings, monkeypatch)
        assert [method.G.theta.item() for method in methods] == [0.5, 2.0]
        shapes = [
            tuple(layer.weight.shape)
            for layer in methods[0].D.sublayers()
            if isinstance(layer, nn.Linear)
        ]
        assert shapes == wanted


def test_only_the_trained_group_of_vanishing_trains_and_it_does_at_every_distance(monkeypatch):
    settings = {"shifts": [2, 8], "batch": 8, "steps": 1}
    assert shifted("vanishing_js", "closed_form", settings, monkeypatch) == []
    methods = shifted("vanishing_js", "trained", settings, monkeypatch)
    assert [type(method).__name__ for method in methods] == ["GAN", "WGANGP"] * 2
    assert [method.G.theta.item() for method in methods] == [2.0, 2.0, 8.0, 8.0]


def test_the_orders_lost_are_those_between_two_and_eight_and_what_is_beyond_is_only_drawn(
    monkeypatch,
):
    rows = {1: (0.9, 0.5, 1.0), 2: (0.2, 1.6, 0.98), 8: (0.0002, 4.0, 1.04), 10: (1e-6, 1.0, 7.0)}
    monkeypatch.setattr(vanishing, "gradients", lambda arm, seed, d, settings: rows[d])
    measured = vanishing.measure_t3("trained", 3, {"shifts": list(rows)})
    wanted = {"js_orders": 3.0, "w_error": 0.04, "ns_growth": 2.5}
    assert measured.statistics == pytest.approx(wanted)
    assert measured.curves["d"] == [1, 2, 8, 10] and measured.curves["w"][-1] == 7.0


def test_the_formula_loses_three_orders_from_two_to_eight():
    measured = vanishing.measure_t3("closed_form", 0, {"shifts": [2, 8]})
    # 2·dJS/dd，见 METHODS 的表：d = 2 是 0.225，d = 8 是 1.965e-4
    assert measured.statistics["js_orders"] == pytest.approx(np.log10(0.2248 / 1.965e-4), abs=2e-3)
    assert measured.statistics["w_error"] == 0.0


STEP = 0.1
SECOND_STEPS = {  # 记下的第三个点，由前两个点：最小化 xy 的 x、最大化的 y
    "simultaneous": lambda a, b: (b[0] - STEP * b[1], b[1] + STEP * b[0]),
    "alternating": lambda a, b: (b[0] - STEP * b[1], b[1] + STEP * (b[0] - STEP * b[1])),
    "extragradient": lambda a, b: (
        b[0] - STEP * (b[1] + STEP * b[0]),
        b[1] + STEP * (b[0] - STEP * b[1]),
    ),
    "omd": lambda a, b: (
        b[0] - 2 * STEP * b[1] + STEP * a[1],
        b[1] + 2 * STEP * b[0] - STEP * a[0],
    ),
    "consensus": lambda a, b: (
        b[0] - STEP * b[1] - STEP * b[0],
        b[1] + STEP * b[0] - STEP * b[1],
    ),
}


@pytest.mark.parametrize("arm", SECOND_STEPS)
def test_the_recorded_path_of_a_rule_obeys_that_rule(arm):
    points = np.array(read_results("stop_rotation", "full")[arm][0]["curves"]["path"]).T
    off = {}
    for rule, step in SECOND_STEPS.items():
        wanted = [step(*points[k - 1 : k + 1]) for k in range(1, len(points) - 1)]
        off[rule] = np.abs(points[2:] - wanted).max()
    assert off[arm] < 2e-3  # 记下的是四位有效数字
    assert min(off, key=off.get) == arm


def test_the_memoriser_copies_the_training_set_and_the_other_group_draws_n_of_it(
    class_of, monkeypatch
):
    compared = []

    def distance(fake, real):
        compared.append((len(fake), len(real), {row.tobytes() for row in fake}))
        return float(len(compared))

    rows = {image: np.full(4, k, float) for k, image in enumerate(class_of)}  # 一张图一个特征

    def features(images):
        return np.stack([rows[image.tobytes()] for image in images]), None

    monkeypatch.setattr(fooled, "digit_features", features)
    monkeypatch.setattr(fooled, "frechet_distance", distance)
    for name in ("nearest_ratio", "one_nn_accuracy"):
        monkeypatch.setattr(fooled, name, lambda *_: 0.0)
    monkeypatch.setattr(fooled, "precision_recall", lambda *_: (0.0, 0.0))
    statistics = fooled.measure_e3("memoriser", 0, {}).statistics
    copied = [k for row in compared[0][2] for k in np.frombuffer(row)[:1].astype(int)]
    labels = list(class_of.values())
    assert np.bincount([labels[k] for k in copied]).tolist() == [100] * 10
    assert statistics["fd_copy"] == 1.0 and statistics["fd_ratio"] == 0.5
    compared.clear()
    fooled.measure_e3("bias", 0, {"sizes": [100, 400], "repeats": 2})
    assert [count for count, _, _ in compared] == [100, 100, 400, 400]
    assert all(len(rows) == count for count, _, rows in compared)
