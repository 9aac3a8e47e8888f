"""f-AnoGAN：两段训练各动谁、异常分的数值、评估模式、逐张地算；AUC 与不用 GAN 的办法。"""

import numpy as np
import paddle
import pytest
from helpers import TINY, same, seed_noise, tiny_batches, tiny_method

from paddle_gan.data import Digits, Images
from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.evaluation.scorers_anomaly import AnomalyScorer
from paddle_gan.methods import METHODS
from paddle_gan.metrics.auc import auc
from paddle_gan.run.config import load_config, resolve
from paddle_gan.run.options import validate_options

X = np.random.default_rng(0).uniform(-1, 1, (6, *TINY["anomaly"].x)).astype(np.float32)


def states(method) -> dict[str, dict]:
    """每个网络的权重与累计的统计量。"""
    return {
        letter: {name: t.numpy().copy() for name, t in network.state_dict().items()}
        for letter, network in method.networks.items()
    }


def test_first_g_and_d_learn_then_only_the_encoder_and_no_statistic_of_g_moves():
    method = tiny_method("anomaly", generator_steps=1)
    batches, moved = tiny_batches("anomaly", method), []
    for step in (1, 2):
        before = states(method)
        seed_noise(step)
        logs = method.train_step(batches, step)
        moved.append({a for a in before if not same(before[a], states(method)[a])})
        assert ("loss/E" in logs) == (step == 2)
    assert moved == [{"G", "D"}, {"E"}]
    assert all(network.training for network in method.networks.values())


def test_a_training_that_never_reaches_the_encoder_says_so(tmp_path, capsys):
    raw = load_config("configs/anomaly_digits.yml").model_dump(mode="json")
    small = {section: options | {"width": 4} for section, options in raw["network"].items()}
    raw |= {"network": small, "batch_size": 4, "metrics": {"names": []}, "board": []}

    def said(steps: int) -> bool:
        hparams = raw["hparams"] | {"n_critic": 1, "generator_steps": steps}
        config = resolve(raw | {"hparams": hparams, "total_steps": 2})
        Trainer(config, "cpu").run(tmp_path / str(steps))
        return (
            "第二段一步也不走；只想试试，请写 -o hparams.generator_steps=1"
            in capsys.readouterr().err
        )

    assert [said(steps) for steps in (1, 2, 3)] == [False, True, True]


def test_the_score_is_the_two_gaps_of_each_picture_and_kappa_weighs_the_features():
    method = tiny_method("anomaly", kappa=0.3)
    x = paddle.to_tensor(X)
    for network in method.networks.values():
        network.eval()
    back = method.G(method.E(x)).numpy()
    f, g = (method.features(paddle.to_tensor(a)).numpy().reshape(6, -1) for a in (X, back))
    image, feature = ((X - back) ** 2).mean(axis=(1, 2, 3)), ((f - g) ** 2).mean(axis=1)
    for network in method.networks.values():
        network.train()
    score = method.anomaly(x).numpy()
    assert score == pytest.approx(image + 0.3 * feature, rel=1e-4)
    assert f.shape[1] > 1 and not np.allclose(image, score)


def test_the_loss_of_the_encoder_is_the_mean_of_the_same_two_gaps():
    method = tiny_method("anomaly", kappa=0.3)
    method.E.eval()
    loss, logs = method.encoder_loss(paddle.to_tensor(X))
    assert loss.item() == pytest.approx(method.anomaly(paddle.to_tensor(X)).mean().item(), rel=1e-4)
    parts = logs["loss/back"].item() + 0.3 * logs["loss/back_features"].item()
    assert loss.item() == pytest.approx(parts, rel=1e-5)


def test_each_picture_is_scored_alone_and_nothing_is_learnt_from_the_test_set():
    method = tiny_method("anomaly")
    before = states(method)
    whole = method.anomaly(paddle.to_tensor(X)).numpy()
    alone = [method.anomaly(paddle.to_tensor(X[i : i + 1])).numpy()[0] for i in range(6)]
    assert whole == pytest.approx(np.array(alone), rel=1e-4)
    far = method.anomaly(paddle.to_tensor(np.concatenate([X[:1], 100 * X[1:]]))).numpy()
    assert far[0] == pytest.approx(whole[0], rel=1e-4)  # 不随别的测试图放缩
    assert all(same(before[a], states(method)[a]) for a in before)


def test_encoder_steps_bring_the_reconstruction_closer():
    method = tiny_method("anomaly", lr_E=5e-3)
    x = paddle.to_tensor(X)
    before = method.anomaly(x).mean().item()
    for _ in range(30):
        method.update("E", x)
    assert method.anomaly(x).mean().item() < before - 5e-6


def test_the_area_counts_pairs_and_half_the_ties():
    normal, odd = np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0])
    pairs = [(b > a) + 0.5 * (b == a) for a in normal for b in odd]
    assert auc(normal, odd) == pytest.approx(np.mean(pairs)) == pytest.approx(0.75)
    assert auc(normal, odd) == auc(100 * normal - 5, 100 * odd - 5)
    assert auc(odd, normal) == pytest.approx(0.25)
    assert auc(normal, normal) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="至少要有一个"):
        auc(normal, np.array([]))


class Ink:
    """墨越多越异常。"""

    def anomaly(self, x):
        return x.mean(axis=[1, 2, 3])


def test_the_scorer_compares_the_one_normal_digit_with_the_others():
    train, test = Digits(normal=1), Digits(normal=1, split="test")
    assert set(train.labels) == {1} and train.lengths(Images) == (400,)
    assert len(test.labels) == 1000 and len(set(test.labels)) == 10
    scorer = AnomalyScorer(train, test, 10, 0)
    x, normal = test.images.mean(axis=(1, 2, 3)), test.labels == 1
    pairs = (x[~normal][:, None] > x[normal]).mean() + 0.5 * (
        x[~normal][:, None] == x[normal]
    ).mean()
    assert scorer.score(Ink())["anomaly/auc"] == pytest.approx(pairs, abs=1e-3)
    mean = train.images.astype(np.float64).mean(axis=0)
    far = ((test.images - mean) ** 2).sum(axis=(1, 2, 3))
    rows = scorer.baselines()
    expected = auc(far[normal], far[~normal])
    assert rows["到正常图的平均的距离"]["anomaly/auc"] == pytest.approx(expected, abs=1e-6)
    assert 0.9 < rows["前 64 个主成分还原不了的"]["anomaly/auc"] <= 1
    assert AnomalyScorer.fits(METHODS["anomaly"], train, test)
    assert not AnomalyScorer.fits(METHODS["anomaly"], Digits(), test)
    assert not AnomalyScorer.fits(METHODS["gan"], train, test)


def test_a_normal_digit_is_one_of_ten():
    with pytest.raises(UserError, match="data.normal 要不大于 9，现在是 10"):
        validate_options(Digits, {"normal": 10}, "data", hidden=("split",))
