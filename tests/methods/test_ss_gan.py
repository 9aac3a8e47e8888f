"""半监督：K 个 logit 的真假概率、三项损失、特征匹配；只读有标签的那些标签；监督的对照。"""

import numpy as np
import paddle
import pytest
from helpers import same, seed_noise, tiny_batches, tiny_method, values

from paddle_gan.data import Batches, Digits, ImageArrays, Labeled
from paddle_gan.data.few import FewLabels
from paddle_gan.errors import UserError
from paddle_gan.evaluation.scorers_labels import ClassificationScorer
from paddle_gan.methods.ss_gan import SSGAN, evidence
from paddle_gan.networks.mlp import MLP
from paddle_gan.run.build import Shapes, build_data, build_method
from paddle_gan.run.config import load_config, resolve
from paddle_gan.run.data_record import digest

K = 3
X = np.array([[0.2, 0.4], [-3.0, 1.5], [0.25, -4.0], [2.0, 1.0]], np.float32)
LABELS = np.array([2, -1, 0, -1])


def toy(**hparams) -> SSGAN:
    paddle.seed(0)
    h = SSGAN.Hparams(z_dim=5, **hparams)
    shapes = SSGAN.shapes(h, (2,), (K,))
    return SSGAN({a: MLP(*shapes[a], width=4, depth=1) for a in "GD"}, h, K)


def forward(network, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """手算一个隐层的 MLP：隐层的特征与输出。"""
    w, b, v, c = (p.astype(np.float64) for p in values(network).values())
    hidden = np.maximum(x @ w + b, 0)
    return hidden, hidden @ v + c


def made(method: SSGAN, n: int) -> np.ndarray:
    """下一次会生成的 n 个样本。"""
    seed_noise()
    z = method.noise(n).numpy()
    seed_noise()
    return forward(method.G, z)[1]


def log_softmax(logits: np.ndarray) -> np.ndarray:
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def test_the_extra_class_has_logit_zero():
    logits = np.array([[0.5, -1.0, 2.0], [-4.0, -3.0, -6.0]], np.float32)
    eleven = np.concatenate([logits, np.zeros((2, 1))], axis=1)  # 第 K + 1 类的 logit 是 0
    real = 1 - np.exp(log_softmax(eleven))[:, -1]
    Z = evidence(paddle.to_tensor(logits)).numpy()[:, 0]
    assert 1 / (1 + np.exp(-Z)) == pytest.approx(real, rel=1e-5)
    assert method_outputs() == K


def method_outputs() -> int:
    return SSGAN.shapes(SSGAN.Hparams(), (2,), (K,))["D"][1][0]


def test_the_loss_of_d_is_the_three_terms_of_the_k_plus_one_classes():
    method = toy(unlabelled=0.7)
    fake = made(method, 2)
    scores = {"real": forward(method.D, X)[1], "fake": forward(method.D, fake)[1]}
    eleven = {
        key: log_softmax(np.concatenate([s, np.zeros((len(s), 1))], axis=1))
        for key, s in scores.items()
    }
    # 有标签的：已知是真的，在 K 类里是哪一类
    labelled = -np.mean([log_softmax(scores["real"])[i, LABELS[i]] for i in (0, 2)])
    real = -np.log(1 - np.exp(eleven["real"][[1, 3], -1])).mean()
    generated = -eleven["fake"][:, -1].mean()
    loss, logs = method.discriminator_loss(paddle.to_tensor(X), paddle.to_tensor(LABELS))
    assert loss.item() == pytest.approx(labelled + 0.7 * 0.5 * (real + generated), rel=1e-5)
    assert logs["loss/labelled"].item() == pytest.approx(labelled, rel=1e-5)
    assert logs["prob/real"].item() == pytest.approx(
        (1 - np.exp(eleven["real"][[1, 3], -1])).mean(), rel=1e-5
    )


def test_the_generator_matches_the_mean_features_of_the_unlabelled_only():
    method = toy()
    method.D.train()
    fake = made(method, 2)
    gap = forward(method.D, X[[1, 3]])[0].mean(axis=0) - forward(method.D, fake)[0].mean(axis=0)
    batch = Labeled(paddle.to_tensor(X), paddle.to_tensor(LABELS))
    (x,) = method.generator_inputs(batch)
    assert x.numpy() == pytest.approx(X[[1, 3]])
    loss, _ = method.generator_loss(x)
    assert loss.item() == pytest.approx((gap**2).sum(), rel=1e-4)


def test_one_generator_step_brings_the_features_closer():
    method = tiny_method("ss_gan", lr_G=2e-3, generator_loss="feature_matching")
    method.D.eval()  # 没有噪声
    x = next(tiny_batches("ss_gan", method, batch_size=16))
    (x,) = method.generator_inputs(x)

    def distance() -> float:
        seed_noise()
        return method.generator_loss(x)[0].item()

    before = distance()
    seed_noise()
    method.generator_step(x)
    assert distance() < before - 1e-5


# 只有这几个标签


def images(labels) -> ImageArrays:
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (len(labels), 8, 8, 1), dtype=np.uint8)
    return ImageArrays(pixels, labels, num_classes=10)


def test_exactly_so_many_labels_the_same_of_each_class_for_everyone():
    few = FewLabels(Digits(), 100)
    assert np.bincount(Digits().labels[few.labelled]).tolist() == [10] * 10
    assert len(set(few.labelled.tolist())) == 100
    for seed in (0, 5):
        batches = Batches(few, Labeled, 40, seed)
        seen = set()
        for _ in range(30):
            x, labels = next(batches)
            assert (labels.numpy()[1::2] == -1).all() and (labels.numpy()[::2] >= 0).all()
            seen |= {image.tobytes() for image in x.numpy()[::2]}
        assert len(seen) == 100  # 一半来自有标签的 100 张


def test_the_record_of_the_data_covers_both_the_few_labels_and_all_pictures():
    data, found = images(np.arange(400) % 10), []
    few = FewLabels(data, 10)  # 带标签的比指纹要取的少
    found.append(digest(few, Labeled))
    data.images[:] = 255 - data.images
    found.append(digest(few, Labeled))
    assert found[0] != found[1]


def test_the_other_labels_are_never_read():
    def after_three_steps(spoil: bool) -> dict:
        data = images(np.arange(60) % 10)
        few = FewLabels(data, 20)
        others = np.setdiff1d(np.arange(60), few.labelled)
        if spoil:
            data.labels[others] = (data.labels[others] + 3) % 10
        method = tiny_method("ss_gan")
        batches = Batches(few, Labeled, 8, 0)
        for step in (1, 2, 3):
            seed_noise(step)
            method.train_step(batches, step)
        return values(method.D) | {f"G/{k}": v for k, v in values(method.G).items()}

    assert same(after_three_steps(False), after_three_steps(True))


def test_the_labels_that_are_given_do_matter():
    data, weights = images(np.arange(60) % 10), []
    for shift in (0, 3):
        few = FewLabels(data, 20)
        data.labels = (data.labels + shift) % 10
        method = tiny_method("ss_gan")
        seed_noise()
        method.train_step(Batches(few, Labeled, 8, 0), 1)
        weights.append(values(method.D))
    assert not same(*weights)


def test_the_supervised_control_neither_trains_g_nor_looks_at_the_unlabelled():
    results = []
    for noise in (0.0, 1.0):
        method = tiny_method("ss_gan", network={}, unlabelled=0.0)
        g = values(method.G)
        x, labels = next(tiny_batches("ss_gan", method, batch_size=8))
        x = x + noise * (labels < 0).astype("float32").reshape([-1, 1, 1, 1])
        seed_noise()
        logs = method.train_step(iter([Labeled(x, labels)]), 1)
        assert same(g, values(method.G)) and "loss/G" not in logs
        results.append(values(method.D))
    assert same(*results)


def test_labels_that_cannot_be_shared_out_and_other_methods_are_refused():
    with pytest.raises(UserError, match="labels: 15 不能平分给 10 类"):
        FewLabels(Digits(), 15)
    with pytest.raises(UserError, match="要每类 401 张，最少的一类只有 400 张"):
        FewLabels(Digits(), 4010)
    raw = load_config("configs/ss_gan_digits.yml").model_dump(mode="json")
    with pytest.raises(UserError, match="ss_gan 是半监督的，请写明给几张图的标签"):
        build_data(resolve(raw | {"labels": None}), "train")
    with pytest.raises(UserError, match="每个进程至少 2 张；请用 -o batch_size=2 或更大"):
        build_data(resolve(raw | {"batch_size": 1}), "train")
    assert build_data(resolve(raw | {"batch_size": 2}), "train").lengths(Labeled) == (100, 4000)
    patch = {"discriminator": {"name": "patchgan", "width": 4, "layers": 1}}
    config = resolve(raw | {"network": raw["network"] | patch})
    with pytest.raises(UserError, match=r"patchgan 输出的形状是 .*，这里要 \(10,\)；请换一个网络"):
        build_method(config, Shapes((1, 28, 28), classes=tuple("0123456789")))
    raw |= {"method": "gan", "hparams": {}}
    with pytest.raises(UserError, match=r"labels 只给半监督的方法（ss_gan）用，gan 要每张图"):
        resolve(raw)


# 打分


class Answers:
    """总答这些 logit。"""

    def __init__(self, answer):
        self.answer = answer

    def classify(self, x):
        return paddle.to_tensor(self.answer[: x.shape[0]])


def test_the_accuracy_is_that_of_the_largest_logit_on_the_test_images():
    data = images(np.arange(30) % 10)
    right = np.eye(10, dtype=np.float32)[np.arange(30) % 10]
    right[:6] = -right[:6]  # 六个答错
    scorer = ClassificationScorer(data, data, 100, 0)
    assert scorer.score(Answers(right))["classification/accuracy"] == pytest.approx(0.8)
    assert scorer.baselines() == {"总答最多的一类": {"classification/accuracy": pytest.approx(0.1)}}


def test_classifying_is_without_noise():
    method = tiny_method("ss_gan")
    x = paddle.ones([4, 1, 8, 8])
    assert method.classify(x).numpy().tobytes() == method.classify(x).numpy().tobytes()
    assert (method.D(x) - method.D(x)).abs().max().item() > 0  # 训练时有
