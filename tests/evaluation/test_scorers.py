"""打分器：用“照着给定的图吐出来”的生成器弄坏一处，该动的分数才动；参照与适用范围。"""

import types

import numpy as np
import paddle
import pytest
from tool_helpers import RAW

from paddle_gan.data import Digits, Emoji, Glyphs, Grid, Ring, StackedDigits, SwissRoll, TwoLines
from paddle_gan.data.batches import Images
from paddle_gan.data.images import ImageArrays
from paddle_gan.data.toy import GaussianMixture1D
from paddle_gan.errors import UserError
from paddle_gan.evaluation.evaluate import Evaluator, settle_metrics
from paddle_gan.evaluation.scorers import SCORERS
from paddle_gan.evaluation.scorers_digits import SAME_COUNT
from paddle_gan.evaluation.scorers_samples import all_images, lenet_input, real_images, some_rows
from paddle_gan.methods import METHODS
from paddle_gan.run.config import resolve

SAMPLES = 600
DIGIT_SCORERS = ("fd_lenet", "kd_lenet", "is_lenet", "prdc_lenet", "prd_lenet")


class Bank:
    """代替一个方法：依次吐出给定的样本。"""

    def __init__(self, samples: np.ndarray):
        self.samples, self.done = samples, 0

    def noise(self, n: int) -> int:
        return n

    def generate(self, n: int) -> paddle.Tensor:
        self.done += n
        return paddle.to_tensor(self.samples[self.done - n : self.done])


@pytest.fixture(scope="module")
def train():
    return Digits(split="train")


@pytest.fixture(scope="module")
def images(train):
    """训练集里随机的 600 张，与它们的数字。"""
    index = np.random.default_rng(3).permutation(len(train.images))[:SAMPLES]
    return train.batch(Images, (index,), None).x, train.labels[index]


@pytest.fixture(scope="module")
def digit_scorers(train):
    test = Digits(split="test")
    return {name: SCORERS[name](train, test, SAMPLES, 0) for name in DIGIT_SCORERS}


@pytest.fixture(scope="module")
def scores(digit_scorers):
    """给一组图像打全部五个分数；同一组只算一次。"""

    def score(samples):
        found = {}
        for scorer in digit_scorers.values():
            part = scorer.score(Bank(samples))
            assert tuple(part) == scorer.keys
            found |= part
        return found

    return score


@pytest.fixture(scope="module")
def real_scores(scores, images):
    return scores(images[0])


def test_dropping_digits_moves_every_score_that_watches_diversity(scores, real_scores, images):
    x, labels = images
    rows = [real_scores]
    for dropped in (3, 6):  # 丢掉前几个数字，再重复到 600 张
        rows.append(scores(np.resize(x[labels >= dropped], x.shape)))
    for key in ("classes/covered_1pct", "is_lenet", "prdc/recall", "prdc/coverage", "prd/f8"):
        values = [row[key] for row in rows]
        assert values[0] > values[1] > values[2], key
    for key in ("fd_lenet", "kd_lenet", "classes/reverse_kl"):
        values = [row[key] for row in rows]
        assert values[0] < values[1] < values[2], key
    assert rows[2]["prdc/coverage"] == pytest.approx(0.4, abs=0.08)
    assert rows[2]["prdc/precision"] == pytest.approx(real_scores["prdc/precision"], abs=0.08)
    assert rows[2]["classes/reverse_kl"] == pytest.approx(np.log(10 / 4), abs=0.05)


def test_noise_costs_precision_and_one_image_per_class_costs_diversity(scores, real_scores, images):
    x, labels = images
    noise = np.random.default_rng(0).uniform(-1, 1, x.shape).astype(np.float32)
    broken = scores(0.5 * x + 0.5 * noise)
    for key in ("prdc/precision", "prdc/density", "prd/f1_8", "is_lenet"):
        assert broken[key] < 0.8 * real_scores[key], key
    one_each = scores(np.stack([x[labels == k % 10][0] for k in range(SAMPLES)]))
    assert one_each["is_lenet"] == pytest.approx(real_scores["is_lenet"], rel=0.06)  # 受骗了
    assert one_each["prdc/coverage"] < 0.1 < 0.8 < real_scores["prdc/coverage"]
    assert one_each["diversity_lenet"] < real_scores["diversity_lenet"]


def test_the_real_row_uses_as_many_images_and_lands_on_the_measured_floor(digit_scorers):
    rows = {}
    for scorer in digit_scorers.values():
        rows |= scorer.baselines()[SAME_COUNT]
    assert rows["fd_lenet"] == pytest.approx(1.4, abs=0.6)
    assert rows["kd_lenet"] == pytest.approx(0.0, abs=0.1)  # 丢三个数字时是 3 左右
    assert rows["is_lenet"] == pytest.approx(8.0, abs=0.2)
    assert rows["prdc/density"] == pytest.approx(1.0, abs=0.2)
    assert rows["prd/f8"] > 0.95 and rows["prd/f1_8"] > 0.95


def test_the_pixel_std_is_relative_to_the_training_pictures(train, images):
    scorer = SCORERS["pixel_std"](train, Digits(split="test"), SAMPLES, 0)
    x = images[0].astype(np.float64)
    real = train.batch(Images, (np.arange(4000),), None).x
    wanted = np.mean([pixel.std() for pixel in x.reshape(SAMPLES, -1).T])
    wanted /= np.mean([pixel.std() for pixel in real.reshape(4000, -1).T])
    assert scorer.score(Bank(images[0])) == {"pixel_std": pytest.approx(wanted, rel=1e-4)}
    assert wanted == pytest.approx(1.0, abs=0.05)
    assert scorer.baselines()["真实数据（测试集）"]["pixel_std"] == pytest.approx(1.0, abs=0.05)
    # 张张一样是 0，一张图里有明有暗也一样
    assert scorer.score(Bank(np.repeat(images[0][:1], SAMPLES, axis=0)))["pixel_std"] < 1e-6
    half = scorer.score(Bank(images[0] / 2))["pixel_std"]
    assert half == pytest.approx(wanted / 2, rel=1e-4)


def test_a_memoriser_is_caught_although_its_distance_is_perfect(train):
    scorer = SCORERS["memorisation"](train, Digits(split="test"), 400, 0)
    rows = scorer.baselines()
    copied, held_out = rows["照抄训练集"], rows["真实数据（测试集）"]
    assert copied["memorisation/nearest_ratio"] == pytest.approx(0.0, abs=1e-6)
    assert copied["memorisation/one_nn"] == 0.0
    assert held_out["memorisation/nearest_ratio"] == pytest.approx(1.0)
    assert held_out["memorisation/one_nn"] == pytest.approx(0.5, abs=0.06)
    noise = np.random.default_rng(0).uniform(-1, 1, (400, 1, 28, 28)).astype(np.float32)
    far = scorer.score(Bank(noise))
    assert far["memorisation/nearest_ratio"] > 1 and far["memorisation/one_nn"] > 0.95


def test_copies_of_any_training_image_are_seen_not_only_of_the_first_few(train):
    scorer = SCORERS["memorisation"](train, Digits(split="test"), 50, 0)
    last = train.batch(Images, (np.arange(3950, 4000),), None).x
    assert scorer.score(Bank(last))["memorisation/nearest_ratio"] < 1e-5
    assert sum(len(part) for part in all_images(train)) == 4000


def test_stacked_digits_are_read_channel_by_channel():
    data = StackedDigits(split="train")
    scorer = SCORERS["stacked_modes"](data, StackedDigits(split="test"), SAMPLES, 0)
    assert len(scorer.features) == 1000  # 质量与测试集的单个数字比，不是训练集的 4,000 个
    batch = data.batch(Images, (np.arange(1),), np.random.default_rng(5)).x
    collapsed = scorer.score(Bank(np.repeat(batch, SAMPLES, axis=0)))
    assert tuple(collapsed) == scorer.keys
    assert collapsed["stacked/covered"] == 1
    assert collapsed["stacked/reverse_kl"] == pytest.approx(np.log(1000))
    rows = scorer.baselines()
    assert rows[SAME_COUNT]["stacked/fd_lenet"] < 3 < 50 < collapsed["stacked/fd_lenet"]
    expected = 1000 * (1 - (1 - 1 / 1000) ** SAMPLES)  # 均匀抽样时看到的种数
    assert rows[SAME_COUNT]["stacked/covered"] == pytest.approx(expected, rel=0.05)
    assert rows["抽样本身就有的"]["stacked/reverse_kl"] == pytest.approx(999 / (2 * SAMPLES))


def test_the_reader_of_stacked_digits_agrees_with_the_labels():
    from paddle_gan.data.batches import Labeled
    from paddle_gan.metrics import stacked_labels

    data = StackedDigits(split="test", size=32)
    batch = data.batch(Labeled, (np.arange(300),), np.random.default_rng(6))
    read = stacked_labels(lenet_input(batch.x, data.value_range))
    assert (read == batch.labels).mean() == pytest.approx(0.987**3, abs=0.04)


def test_the_wasserstein_row_tells_a_lost_mode_from_a_full_ring():
    data = Ring()
    scorer = SCORERS["wasserstein"](data, data, 800, 0)
    rng = np.random.default_rng(7)
    full = scorer.score(Bank(data.sample(800, rng)))
    half = data.sample(4000, rng)
    lost = scorer.score(Bank(half[half[:, 1] > 0.5][:800]))  # 只剩上方的三个模式
    floor = scorer.baselines()["真实数据"]
    for key in scorer.keys:
        assert full[key] == pytest.approx(floor[key], abs=0.15)
        assert lost[key] > 4 * floor[key]


def test_lenet_input_rescales_both_the_range_and_the_size():
    x = np.random.default_rng(8).random((4, 3, 56, 56)).astype(np.float32)
    y = lenet_input(x, (0.0, 1.0))
    assert y.shape == (4, 3, 28, 28)
    expected = x.reshape(4, 3, 28, 2, 28, 2).mean(axis=(3, 5)) * 2 - 1
    assert y == pytest.approx(expected, abs=1e-5)


def test_random_rows_are_distinct_and_repeat_with_their_seed():
    rows = np.arange(50)
    picked = some_rows(rows, 20, seed=0)
    assert len(set(picked)) == 20 and (picked == some_rows(rows, 20, seed=0)).all()
    assert sorted(some_rows(rows, 99, seed=1)) == rows.tolist()


@pytest.mark.parametrize(
    ("name", "suited", "unsuited"),
    [
        ("wasserstein", [Ring, Grid, SwissRoll, TwoLines], [Digits]),
        ("gaussian_fit", [], [GaussianMixture1D, Ring]),  # dcgan 没有写明散度
        ("stacked_modes", [StackedDigits], [Digits, Ring]),
        ("kd_lenet", [Digits], [StackedDigits, Emoji, Ring]),
        ("memorisation", [Digits, Emoji], [Ring]),
    ],
)
def test_each_metric_accepts_the_data_it_says_it_needs(name, suited, unsuited):
    for kinds, answer in ((suited, True), (unsuited, False)):
        for kind in kinds:
            data = kind() if name == "memorisation" else kind.__new__(kind)  # 只看类型时不读文件
            assert SCORERS[name].fits(METHODS["dcgan"], data, data) is answer, kind


def evaluator(metrics: dict) -> Evaluator:
    config = resolve(RAW["gan"] | {"batch_size": 4, "total_steps": 3, "metrics": metrics})
    return Evaluator(config, Ring(), Ring())


def test_a_score_without_a_better_direction_cannot_choose_the_best_checkpoint(train):
    raw = RAW["dcgan"] | {"batch_size": 4, "total_steps": 3}
    metrics = {"names": ["memorisation"], "samples": 20, "best": "memorisation/one_nn"}
    with pytest.raises(UserError, match="memorisation/one_nn.*不是越大或越小就越好"):
        Evaluator(resolve(raw | {"metrics": metrics}), train, Digits(split="test"))


def test_wasserstein_can_drive_best_and_a_digit_metric_on_a_ring_is_one_clear_sentence():
    evaluator({"names": ["wasserstein"], "samples": 50, "best": "wasserstein/w1"})
    with pytest.raises(UserError, match="指标 prdc_lenet 只认手写数字.*modes, wasserstein$"):
        evaluator({"names": ["prdc_lenet"]})


def test_too_few_samples_for_the_neighbours_are_refused_before_a_wrong_number(images, train):
    scorer = SCORERS["prdc_lenet"](train, Digits(split="test"), 3, 0)
    with pytest.raises(UserError, match="多生成一些样本"):
        scorer.score(Bank(images[0]))


@pytest.mark.parametrize(
    ("samples", "real", "sentence"),
    [
        (50_000, 100, "生成样本要 146 GB 内存，超过上限 8 GB；请把 metrics.samples 改小"),
        (2000, 3000, "真实样本要 8.79 GB 内存，超过上限 8 GB；请把图像的边长改小"),
        (2000, 2000, None),
    ],
)
def test_more_images_than_memory_holds_are_refused_before_training(samples, real, sentence):
    data = ImageArrays(np.broadcast_to(np.uint8(0), (real, 512, 512, 3)))  # 不占内存
    metrics = {"names": ["fd_pca64"], "samples": samples}
    config = resolve(RAW["dcgan"] | {"batch_size": 4, "total_steps": 3, "metrics": metrics})
    if sentence is None:
        settle_metrics(config, data, data)
        return
    with pytest.raises(UserError, match=sentence):
        settle_metrics(config, data, data)


def test_a_translation_is_never_scored_on_more_than_the_test_pairs(monkeypatch):
    monkeypatch.setattr("paddle_gan.limits.MEMORY", 4 * 32 * 32 * 5000)
    metrics = {"names": ["translation"], "samples": 200_000}
    config = resolve(RAW["cyclegan"] | {"batch_size": 4, "total_steps": 3, "metrics": metrics})
    data = Glyphs(split="test")
    assert data.shape == (1, 32, 32)
    settle_metrics(config, data, data)


class Blurred:
    """还原得糊的方法：每点与右边一点取平均。"""

    def reconstruct(self, x):
        return (x + paddle.concat([x[:, :, :, 1:], x[:, :, :, -1:]], axis=3)) / 2


def test_edges_are_relative_to_the_real_ones_and_fall_when_blurred():
    scorer = SCORERS["edges"](Digits(), Digits(split="test"), 100, 0)
    real = real_images(Digits())
    strength = sum(np.abs(np.diff(real.astype(float), axis=a)).mean() for a in (2, 3))
    assert scorer.real == pytest.approx(strength)
    assert scorer.baselines()["真实数据（测试集）"]["edges"] == pytest.approx(1, abs=0.05)
    flat = np.zeros((2, 1, 28, 28))
    assert scorer._report(flat)["edges"] == 0.0


def test_a_reconstruction_is_compared_with_the_image_it_came_from():
    scorer = SCORERS["reconstruction"](Digits(), Digits(split="test"), 50, 0)
    found, x = scorer.score(Blurred()), real_images(Digits(split="test"))[:50]
    blurred = (x + np.concatenate([x[..., 1:], x[..., -1:]], axis=3)) / 2
    assert found["reconstruction/error"] == pytest.approx((((blurred - x) / 2) ** 2).mean(), 1e-5)
    assert found["reconstruction/edges"] < 0.98
    beside = scorer.baselines()["只答平均的图"]
    mean = real_images(Digits()).mean(axis=0)
    assert beside["reconstruction/error"] == pytest.approx((((mean - x) / 2) ** 2).mean(), 1e-5)
    assert beside["reconstruction/error"] > found["reconstruction/error"]


def test_the_fit_of_a_gaussian_is_measured_against_the_nearest_deepest_minimum():
    data, rng = GaussianMixture1D(mixture="A"), np.random.default_rng(0)
    scorer = SCORERS["gaussian_fit"](data, data, 20_000, 0)
    assert SCORERS["gaussian_fit"].fits(METHODS["f_gan"], data, data)
    assert not SCORERS["gaussian_fit"].fits(METHODS["f_gan"], Ring(), Ring())
    made = rng.normal(-1.9, 0.6, (20_000, 1)).astype(np.float32)
    wanted = {"reverse_kl": (0.1, 1.2), "kl": (1.9, 0.6 / 2.062)}
    for name, (error, ratio) in wanted.items():
        method = types.SimpleNamespace(
            noise=lambda n: n,
            generate=lambda n: paddle.to_tensor(made),
            divergence=lambda d=name: d,
        )
        found = scorer.score(method)
        assert found["fit/mean"] == pytest.approx(-1.9, abs=0.02)
        assert found["fit/std"] == pytest.approx(0.6, abs=0.02)
        assert found["fit/mean_error"] == pytest.approx(error, abs=0.02)
        assert found["fit/std_ratio"] == pytest.approx(ratio, abs=0.03)
