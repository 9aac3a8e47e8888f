"""损失与梯度惩罚：每个期望值都用 NumPy 另算一遍。"""

import numpy as np
import paddle
import pytest
from paddle import nn

from paddle_gan.losses import (
    GENERATOR_LOSSES,
    discriminator_cross_entropy,
    gradient_penalty,
    l1,
    least_squares,
    non_saturating_generator,
    saturating_generator,
)

LOGITS = np.array([[-30.0], [-2.0], [-0.5], [0.0], [1.5], [40.0]])
FAKES = np.array([[-25.0], [-3.0], [0.25], [0.0], [2.0], [35.0]])


def sigmoid(a: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-a))


def log_sigmoid(a: np.ndarray) -> np.ndarray:
    return -np.logaddexp(0.0, -a)  # log σ(a)，不会溢出


def slope(loss, logits: np.ndarray) -> np.ndarray:
    """每个样本的 ∂(N·loss)/∂logit。"""
    a = paddle.to_tensor(logits, stop_gradient=False)
    (loss(a) * len(logits)).backward()
    return a.grad.numpy()


# 交叉熵


def test_the_discriminator_loss_is_minus_log_d_real_minus_log_one_minus_d_fake(float64):
    loss = discriminator_cross_entropy(paddle.to_tensor(LOGITS), paddle.to_tensor(FAKES))
    expected = -log_sigmoid(LOGITS).mean() - log_sigmoid(-FAKES).mean()
    assert loss.item() == pytest.approx(expected, rel=1e-9)
    assert loss.shape == []


def test_an_undecided_discriminator_costs_two_log_two(float64):
    zero = paddle.zeros([5, 1])
    assert discriminator_cross_entropy(zero, zero).item() == pytest.approx(2 * np.log(2), rel=1e-9)


def test_real_and_fake_batches_may_differ_in_size_and_are_averaged_separately(float64):
    real, fake = np.array([[1.0], [3.0], [-2.0]]), np.array([[0.5]])
    loss = discriminator_cross_entropy(paddle.to_tensor(real), paddle.to_tensor(fake))
    expected = -np.log(sigmoid(real)).mean() - np.log(1 - sigmoid(fake)).mean()
    assert loss.item() == pytest.approx(expected, rel=1e-9)


def test_the_saturating_loss_is_log_one_minus_d_of_g(float64):
    loss = saturating_generator(paddle.to_tensor(FAKES))
    assert loss.item() == pytest.approx(log_sigmoid(-FAKES).mean(), rel=1e-9)


def test_the_non_saturating_loss_is_minus_log_d_of_g(float64):
    loss = non_saturating_generator(paddle.to_tensor(FAKES))
    assert loss.item() == pytest.approx(-log_sigmoid(FAKES).mean(), rel=1e-9)


def test_the_saturating_gradient_is_minus_sigma_and_the_other_minus_one_minus_sigma(float64):
    s = sigmoid(LOGITS)
    assert slope(saturating_generator, LOGITS) == pytest.approx(-s, rel=1e-7, abs=1e-14)
    assert slope(non_saturating_generator, LOGITS) == pytest.approx(-(1 - s), rel=1e-7, abs=1e-14)


def test_only_the_saturating_gradient_vanishes_when_d_is_sure_the_sample_is_fake():
    sure = np.array([[-20.0]], np.float32)
    assert slope(saturating_generator, sure).item() == pytest.approx(-2.0611536e-9, rel=1e-3)
    assert slope(non_saturating_generator, sure).item() == pytest.approx(-1.0, rel=1e-6)


@pytest.mark.parametrize("logit", [-1000.0, 1000.0])
def test_cross_entropy_stays_finite_at_extreme_logits(logit):
    a = paddle.full([2, 1], logit)
    for loss in (discriminator_cross_entropy(a, a), *(f(a) for f in GENERATOR_LOSSES.values())):
        assert np.isfinite(loss.item())
    assert discriminator_cross_entropy(a, a).item() == pytest.approx(1000.0, rel=1e-6)


def test_the_table_maps_each_name_to_its_own_loss(float64):
    a = paddle.to_tensor([[-2.0]])
    assert GENERATOR_LOSSES["saturating"](a).item() == pytest.approx(-0.126928, abs=1e-6)
    assert GENERATOR_LOSSES["non_saturating"](a).item() == pytest.approx(2.126928, abs=1e-6)


# 最小二乘与 L1


@pytest.mark.parametrize("target", [0.0, 1.0, -1.0])
def test_least_squares_is_the_mean_squared_distance_to_the_target(float64, target):
    score = np.arange(12.0).reshape(2, 1, 2, 3) / 5 - 1
    loss = least_squares(paddle.to_tensor(score), target)
    assert loss.item() == pytest.approx(((score - target) ** 2).mean(), rel=1e-9)
    assert loss.shape == []


def test_l1_is_the_mean_absolute_difference_over_every_pixel(float64):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 2, 3, 4, 5))
    loss = l1(paddle.to_tensor(a), paddle.to_tensor(b))
    assert loss.item() == pytest.approx(np.abs(a - b).mean(), rel=1e-9)
    assert l1(paddle.to_tensor(b), paddle.to_tensor(a)).item() == pytest.approx(loss.item())


# 梯度惩罚：数值


class LinearCritic(nn.Layer):
    """D(x) = ⟨w, x⟩，梯度处处是 w。"""

    def __init__(self, w: np.ndarray):
        super().__init__()
        self.w = paddle.to_tensor(w)

    def forward(self, x):
        return (x * self.w).reshape([x.shape[0], -1]).sum(axis=1, keepdim=True)


class QuadraticCritic(nn.Layer):
    """D(x) = ½‖x‖²，梯度就是 x̂ 自己；顺便记下看到的 x̂。"""

    def forward(self, x):
        self.seen = x.detach().numpy()
        return 0.5 * x.square().reshape([x.shape[0], -1]).sum(axis=1, keepdim=True)


def batch_of(shape: tuple, seed: int) -> paddle.Tensor:
    return paddle.to_tensor(np.random.default_rng(seed).normal(size=shape))


@pytest.mark.parametrize("shape", [(2,), (1, 4, 4), (3, 4, 6)])
def test_for_a_linear_critic_the_penalty_is_the_norm_of_w_minus_one_squared(float64, shape):
    w = np.random.default_rng(3).normal(size=shape)
    penalty = gradient_penalty(LinearCritic(w), batch_of((5, *shape), 1), batch_of((5, *shape), 2))
    assert penalty.item() == pytest.approx((np.linalg.norm(w) - 1) ** 2, rel=1e-9)
    assert penalty.shape == []


def test_the_norm_is_taken_per_sample_over_all_channels_and_pixels(float64):
    # 真假相同，于是 x̂ = x，第 i 个样本的梯度就是 x_i
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 4)) * np.array([0.1, 0.5]).reshape(
        2, 1, 1, 1
    )
    penalty = gradient_penalty(QuadraticCritic(), paddle.to_tensor(x), paddle.to_tensor(x)).item()
    per_sample = ((np.linalg.norm(x.reshape(2, -1), axis=1) - 1) ** 2).mean()
    assert penalty == pytest.approx(per_sample, rel=1e-9)

    wrong = {
        "整批": (np.linalg.norm(x) - 1) ** 2,
        "逐像素": ((np.linalg.norm(x, axis=1) - 1) ** 2).mean(),
        "逐通道": ((np.linalg.norm(x.reshape(2, 3, -1), axis=2) - 1) ** 2).mean(),
        "求和": 2 * per_sample,
    }
    for value in wrong.values():
        assert abs(penalty - value) > 0.05 * per_sample


def test_a_zero_gradient_costs_one_and_its_derivative_is_finite(float64):
    critic = nn.Linear(2, 1)
    nn.initializer.Constant(0.0)(critic.weight)
    penalty = gradient_penalty(critic, batch_of((4, 2), 0), batch_of((4, 2), 1))
    assert penalty.item() == pytest.approx(1.0, abs=1e-5)
    penalty.backward()
    assert np.isfinite(critic.weight.grad.numpy()).all()


# 梯度惩罚：x̂ 在哪里


def epsilons(n: int, shape: tuple, seed: int = 0) -> np.ndarray:
    """从评论器看到的 x̂ 反推 ε：(N, 像素数)。"""
    paddle.seed(seed)
    critic = QuadraticCritic()
    real, fake = batch_of((n, *shape), 1), batch_of((n, *shape), 2)
    gradient_penalty(critic, real, fake)
    x, g = real.numpy().reshape(n, -1), fake.numpy().reshape(n, -1)
    return (critic.seen.reshape(n, -1) - g) / (x - g)


@pytest.mark.parametrize("shape", [(2,), (3, 4, 4)])
def test_each_mixed_sample_lies_on_the_segment_of_its_own_pair_with_one_epsilon(float64, shape):
    found = epsilons(64, shape)
    assert np.ptp(found, axis=1).max() < 1e-6  # 一个样本的所有像素用同一个 ε
    assert ((found >= -1e-9) & (found < 1 + 1e-9)).all()
    assert len(np.unique(found[:, 0].round(6))) == 64  # 每个样本各抽各的


def test_epsilon_is_uniform_and_epsilon_one_means_the_real_sample(float64):
    found = np.sort(epsilons(4000, (1,))[:, 0])
    # 与 U(0, 1) 的 Kolmogorov 距离：1.95/√N 以下的概率是 99.9 %
    distance = np.abs(found - (np.arange(4000) + 0.5) / 4000).max()
    assert distance < 1.95 / np.sqrt(4000)


def test_epsilon_multiplies_the_real_sample(float64, monkeypatch):
    monkeypatch.setattr(paddle, "rand", lambda shape: paddle.full(shape, 0.25))
    critic = QuadraticCritic()
    gradient_penalty(critic, paddle.full([2, 3], 8.0), paddle.full([2, 3], 4.0))
    assert critic.seen == pytest.approx(np.full((2, 3), 5.0))  # 0.25·8 + 0.75·4


def test_the_inputs_are_left_without_gradients(float64):
    real, fake = batch_of((3, 2), 0), batch_of((3, 2), 1)
    gradient_penalty(nn.Linear(2, 1), real, fake).backward()
    assert real.stop_gradient and fake.stop_gradient
    assert real.grad is None and fake.grad is None


# 梯度惩罚：对参数的导数（要二阶导）


def mlp_critic() -> nn.Layer:
    return nn.Sequential(nn.Linear(3, 6), nn.LeakyReLU(0.2), nn.Linear(6, 1))


def conv_critic() -> nn.Layer:
    return nn.Sequential(
        nn.Conv2D(2, 3, kernel_size=3, stride=2, padding=1),
        nn.LeakyReLU(0.2),
        nn.Conv2D(3, 2, kernel_size=2),
        nn.InstanceNorm2D(2),
        nn.LeakyReLU(0.2),
        nn.Conv2D(2, 1, kernel_size=2),
    )


@pytest.mark.parametrize(
    ("critic", "shape"), [(mlp_critic, (3,)), (conv_critic, (2, 6, 6))], ids=["mlp", "conv"]
)
def test_the_parameter_gradient_agrees_with_central_finite_differences(float64, critic, shape):
    paddle.seed(1)
    network = critic()
    real, fake = batch_of((3, *shape), 1), batch_of((3, *shape), 2)

    def penalty() -> paddle.Tensor:
        paddle.seed(7)  # 每次都抽同一个 ε
        return gradient_penalty(network, real, fake)

    penalty().backward()
    # 最后一层的偏置不影响 ∇D，飞桨不给它梯度
    grads = [paddle.zeros_like(p) if p.grad is None else p.grad for p in network.parameters()]
    analytic = np.concatenate([grad.numpy().ravel() for grad in grads])

    numeric, h = [], 1e-6
    for parameter in network.parameters():
        original = parameter.numpy()
        for index in np.ndindex(original.shape):
            sides = []
            for sign in (1, -1):
                moved = original.copy()
                moved[index] += sign * h
                parameter.set_value(moved)
                sides.append(penalty().item())
            numeric.append((sides[0] - sides[1]) / (2 * h))
        parameter.set_value(original)

    assert np.linalg.norm(numeric) > 1e-2
    assert np.linalg.norm(analytic - numeric) / np.linalg.norm(numeric) < 1e-4
