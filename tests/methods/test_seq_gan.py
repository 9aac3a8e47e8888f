"""SeqGAN：REINFORCE 的平均就是枚举算得的梯度，基线不改期望、只减方差，argmax 的梯度恰好是 0。"""

import numpy as np
import paddle
import pytest
from helpers import gradient_left, same, seed_noise, tiny_batches, tiny_method, values
from paddle.nn.functional import one_hot, sigmoid

from paddle_gan.errors import UserError
from paddle_gan.methods.base import frozen
from paddle_gan.methods.policy import draw, log_policy, unroll
from paddle_gan.methods.seq_gan import SeqGAN
from paddle_gan.metrics.sequences import all_sequences
from paddle_gan.networks.mlp import MLP
from paddle_gan.networks.recurrent import GRU
from paddle_gan.networks.text_cnn import TextCNN

V, T = 3, 3
EVERY = all_sequences(V, T)  # 27 条


def toy(**hparams) -> SeqGAN:
    """三种词元、三步的 SeqGAN；D 的权重放大，各条的奖励才不一样。"""
    paddle.seed(3)
    h = SeqGAN.Hparams(**{"rollouts": 2, "rollout_keep": 0.0} | hparams)
    shapes = SeqGAN.shapes(h, (T,), (V,))
    D = TextCNN(*shapes["D"], width=8, widest=2)
    for parameter in D.parameters():
        parameter.set_value(2.0 * parameter)
    return SeqGAN({"G": GRU(*shapes["G"], width=4), "D": D}, h, V)


def flat_gradient(method: SeqGAN, loss) -> np.ndarray:
    """loss 对 G 全部参数的梯度，摊平。"""
    loss.backward()
    parts = [p.grad.numpy().ravel() for p in method.G.parameters()]
    for p in method.G.parameters():
        p.clear_gradient(False)
    return np.concatenate(parts).astype(np.float64)


def exact_gradient(method: SeqGAN) -> np.ndarray:
    """∇J，J = Σ_y π(y)·D(y)，27 条逐条相加。"""
    x = one_hot(paddle.to_tensor(EVERY), V)
    with frozen(method.D):
        probability = (x * log_policy(method.G, x)).sum(axis=[1, 2]).exp()
        return flat_gradient(method, (probability * sigmoid(method.D(x))[:, 0]).sum())


def estimate(method: SeqGAN, n: int) -> np.ndarray:
    """n 条样本的 REINFORCE 估计。"""
    with frozen(method.D):
        return -flat_gradient(method, method.generator_loss(n)[0])


@pytest.mark.parametrize("baseline", [False, True])
def test_the_mean_of_reinforce_is_the_enumerated_gradient_with_and_without_the_baseline(baseline):
    method = toy(baseline=baseline)
    exact = exact_gradient(method)
    seed_noise()
    found = estimate(method, 10_000)
    cosine = exact @ found / np.linalg.norm(exact) / np.linalg.norm(found)
    assert cosine > 0.95
    assert np.linalg.norm(found) == pytest.approx(np.linalg.norm(exact), rel=0.15)


def test_the_baseline_at_least_halves_the_variance():
    spread = {}
    for baseline in (False, True):
        method = toy(baseline=baseline)
        seed_noise()
        rows = [estimate(method, 16) for _ in range(25)]
        spread[baseline] = np.var(rows, axis=0).sum()
    assert spread[False] > 2 * spread[True] > 0


def test_the_gradient_through_argmax_is_exactly_zero_and_d_still_gets_one():
    method = toy()
    y = unroll(method.G, 8, lambda t, logit: one_hot(logit.argmax(axis=-1), V))
    method.D(y).mean().backward()
    assert gradient_left(method.G) == 0 < gradient_left(method.D)


def test_the_value_of_a_whole_sequence_is_its_own_reward_and_of_a_prefix_the_mean_over_endings():
    method = toy(rollouts=4000)
    tokens = paddle.to_tensor([[2, 0, 1]])
    seed_noise()
    Q = method.values(tokens).numpy()[0]
    reward = sigmoid(method.D(one_hot(paddle.to_tensor(EVERY), V))).numpy()[:, 0]
    chance = np.exp(method.log_likelihood(paddle.to_tensor(EVERY)).numpy())
    for t in range(T):
        same_start = (EVERY[:, : t + 1] == [2, 0, 1][: t + 1]).all(axis=1)
        weight = chance[same_start] / chance[same_start].sum()
        expected = weight @ reward[same_start]
        error = (weight @ (reward[same_start] - expected) ** 2 / 4000) ** 0.5
        assert Q[t] == pytest.approx(expected, abs=4 * float(error) + 1e-4)
    assert np.ptp(Q) > 0.01


def test_the_baseline_is_the_mean_of_the_others_at_the_same_place():
    Q = np.array([[1.0, 0.0], [2.0, 0.5], [6.0, 1.0]], np.float32)
    found = toy(baseline=True).advantages(paddle.to_tensor(Q)).numpy()
    assert found == pytest.approx(np.array([[-3, -0.75], [-1.5, 0], [4.5, 0.75]]))
    assert toy().advantages(paddle.to_tensor(Q)).numpy() == pytest.approx(Q)
    assert toy(baseline=True).advantages(paddle.to_tensor(Q[:1])).numpy() == pytest.approx(Q[:1])


def test_the_loss_is_minus_the_log_policy_times_the_value_summed_over_time():
    method = toy()
    Q = paddle.to_tensor(np.random.default_rng(0).random((4, T)).astype(np.float32))
    method.values = lambda tokens: Q
    seed_noise()
    loss, logs = method.generator_loss(4)
    seed_noise()
    y = method.fakes(4)
    chosen = (y * log_policy(method.G, y)).sum(axis=2).numpy().astype(np.float64)
    assert loss.item() == pytest.approx(-(chosen * Q.numpy()).sum(axis=1).mean(), rel=1e-5)
    assert logs["reward/std"].item() == pytest.approx(Q.numpy()[:, -1].std(), rel=1e-5)


def test_the_likelihoods_of_all_sequences_sum_to_one_and_are_the_frequencies_of_what_is_written():
    for tau in (1.0, 0.5):
        method = toy(temperature=tau)
        method.G.output.weight.set_value(3.0 * method.G.output.weight)
        chance = np.exp(method.log_likelihood(paddle.to_tensor(EVERY)).numpy().astype(np.float64))
        assert chance.sum() == pytest.approx(1, abs=1e-5)
        seed_noise()
        tokens = method.write(20_000).numpy()
        assert tokens.dtype == np.int64 and tokens.shape == (20_000, T)
        counts = np.bincount(tokens @ [9, 3, 1], minlength=27) / 20_000
        error = np.sqrt(chance * (1 - chance) / 20_000)
        assert (np.abs(counts - chance) < 4 * error + 1e-3).all()


def test_a_lower_temperature_is_less_random():
    entropies = []
    for tau in (2.0, 1.0, 0.3):
        method = toy(temperature=tau)
        logs = method.log_likelihood(paddle.to_tensor(EVERY)).numpy()
        entropies.append(-(np.exp(logs) * logs).sum())
    assert T * np.log(V) > entropies[0] > entropies[1] > entropies[2]


def test_maximum_likelihood_is_the_mean_negative_log_likelihood_of_a_sequence():
    method = toy()
    tokens = paddle.to_tensor(EVERY[[0, 5, 26, 11]])
    loss, logs = method.likelihood_loss(tokens)
    by_step = 0.0
    for row in tokens.numpy():  # 一步一步地读，自己归一
        x, h = np.eye(V + 1, dtype=np.float32)[[V]], method.G.start(1)
        for token in row:
            logit, h = method.G.step(paddle.to_tensor(x), h)
            p = np.exp(logit.numpy().astype(np.float64))[0]
            by_step -= np.log(p[token] / p.sum()) / 4
            x = np.eye(V + 1, dtype=np.float32)[[token]]
    assert loss.item() == logs["loss/MLE"].item() == pytest.approx(by_step, rel=1e-5)
    assert 0 < logs["policy/entropy"].item() < T * np.log(V)


def test_maximum_likelihood_comes_first_d_joins_late_and_then_the_adversarial_part_starts():
    method = tiny_method("seq_gan", pretrain_steps=3, pretrain_D=1)
    batches = tiny_batches("seq_gan", method)
    for step in (1, 2, 3, 4):
        before = {letter: values(network) for letter, network in method.networks.items()}
        logs = method.train_step(batches, step)
        moved = {a for a, old in before.items() if not same(old, values(method.networks[a]))}
        assert moved == ({"G"} if step < 3 else {"G", "D"})
        assert ("loss/MLE" in logs) == (step <= 3) and ("loss/G" in logs) == (step == 4)
        assert ("loss/D" in logs) == (step >= 3)


def test_the_rollout_policy_follows_slowly_and_is_saved():
    method = tiny_method("seq_gan", rollout_keep=0.8, lr_G=0.1)
    old = {name: value.numpy().copy() for name, value in method.rollout.named_parameters()}
    method.train_step(tiny_batches("seq_gan", method), 1)
    new = values(method.G)
    for name, late in method.rollout.named_parameters():
        assert late.numpy() == pytest.approx(0.8 * old[name] + 0.2 * new[name], abs=1e-6)
    assert not same(old, values(method.rollout)) and not same(new, values(method.rollout))
    other = tiny_method("seq_gan", seed=1)
    other.load_state({key: value.clone() for key, value in method.state().items()})
    assert same(values(other.rollout), values(method.rollout))


def test_drawing_follows_the_softmax_of_the_logits():
    logit = np.array([1.0, 0.0, -2.0], np.float32)
    seed_noise()
    drawn = draw(paddle.to_tensor(np.tile(logit, (30_000, 1)))).numpy()
    p = np.exp(logit) / np.exp(logit).sum()
    assert (np.abs(drawn.mean(axis=0) - p) < 3 * np.sqrt(p * (1 - p) / 30_000)).all()


def test_g_must_be_a_network_that_writes_step_by_step():
    h = SeqGAN.Hparams()
    shapes = SeqGAN.shapes(h, (T,), (V,))
    with pytest.raises(UserError, match="network.generator.name 写成 gru"):
        SeqGAN({"G": MLP(*shapes["G"]), "D": MLP(*shapes["D"])}, h, V)


def test_the_defaults_are_those_of_the_authors_code():
    h = SeqGAN.Hparams()
    assert (h.rollouts, h.rollout_keep, h.baseline) == (16, 0.8, False)
    assert (h.lr_MLE, h.lr_G, h.lr_D, h.beta1) == (1e-2, 1e-2, 1e-4, 0.9)
