"""SRGAN：损失的数值；第一阶段只有均方误差，D 不动；D 不看 x；配不上的数据一句话拒绝。"""

import numpy as np
import paddle
import pytest
from helpers import same, tiny_batches, tiny_method, values
from paddle import nn

from paddle_gan.errors import UserError
from paddle_gan.methods.sr_gan import SRGAN
from paddle_gan.run.config import load_config

RNG = np.random.default_rng(0)
X = RNG.uniform(-1, 1, (3, 1, 2, 2)).astype(np.float32)
Y, FAKE = (RNG.uniform(-1, 1, (3, 1, 4, 4)).astype(np.float32) for _ in range(2))
SLOPE = 0.7  # D 的分数是像素之和的这么多倍


class Sum(nn.Layer):
    """D：像素之和乘 SLOPE。"""

    def forward(self, y):
        return SLOPE * y.sum(axis=[1, 2, 3]).unsqueeze(1)


def toy(**hparams) -> SRGAN:
    networks = {"G": nn.Conv2D(1, 1, 1), "D": Sum()}
    networks["D"].w = networks["D"].create_parameter([1])  # 优化器要有参数可管
    return SRGAN(networks, SRGAN.Hparams(**hparams))


def tensors(*arrays):
    return [paddle.to_tensor(a) for a in arrays]


def softplus(a):
    return np.log1p(np.exp(a))


def logit(y):
    return SLOPE * y.sum(axis=(1, 2, 3), dtype=np.float64)


def test_the_losses_are_the_mean_square_and_the_weighted_cross_entropy():
    method = toy(adversarial=0.25)
    loss, logs = method.discriminator_loss(*tensors(X, Y, FAKE))
    expected = softplus(-logit(Y)).mean() + softplus(logit(FAKE)).mean()
    assert loss.item() == logs["loss/D"].item() == pytest.approx(expected, rel=1e-5)
    loss, logs = method.generator_loss(*tensors(X, Y, FAKE))
    distance, adversarial = ((Y - FAKE) ** 2).mean(), softplus(-logit(FAKE)).mean()
    assert loss.item() == pytest.approx(distance + 0.25 * adversarial, rel=1e-5)
    assert logs["loss/l2"].item() == pytest.approx(distance, rel=1e-5)
    assert logs["loss/G"].item() == pytest.approx(adversarial, rel=1e-5)


def test_the_defaults_are_those_of_the_paper():
    h = SRGAN.Hparams()
    assert (h.adversarial, h.pretrain, h.lr_D, h.lr_G, h.beta1) == (
        1e-3,
        60_000,
        1e-4,
        1e-4,
        0.9,
    )


def test_in_the_first_phase_d_stands_still_and_only_the_square_teaches():
    method = tiny_method("sr_gan", pretrain=2, adversarial=1000.0)
    alone = tiny_method("sr_gan", adversarial=0.0)
    before = values(method.D)
    for step in (1, 2):
        for one in (method, alone):
            logs = one.train_step(tiny_batches("sr_gan", one, position=step), step)
            assert set(logs) == {"loss/l2"}
    assert same(before, values(method.D)) and same(values(method.G), values(alone.G))
    logs = method.train_step(tiny_batches("sr_gan", method, position=3), 3)
    assert {"loss/l2", "loss/G", "loss/D"} <= set(logs)
    assert not same(before, values(method.D))


def test_the_second_phase_starts_at_the_same_step_after_a_resume():
    method = tiny_method("sr_gan", pretrain=5)
    assert "loss/G" not in method.train_step(tiny_batches("sr_gan", method), 5)
    fresh = tiny_method("sr_gan", pretrain=5)  # 恢复出来的，没有走过前五步
    assert "loss/G" in fresh.train_step(tiny_batches("sr_gan", fresh), 6)


def test_the_shipped_config_does_not_skip_the_first_phase():
    hparams = load_config("configs/sr_gan_digits.yml").hparams
    assert 0 < hparams["pretrain"] < load_config("configs/sr_gan_digits.yml").total_steps


def test_d_does_not_see_x():
    method = toy()
    (y,) = tensors(Y)
    assert method.judge(paddle.zeros([3, 1, 2, 2]), y).numpy() == pytest.approx(
        method.judge(paddle.ones([3, 1, 2, 2]), y).numpy()
    )
    assert SRGAN.shapes(method.hparams, (3, 4, 4), (3, 16, 16))["D"] == ((3, 16, 16), (1,))


@pytest.mark.parametrize("y", [(1, 4, 4), (1, 12, 12), (1, 8, 16), (3, 8, 8), (1, 64, 64)])
def test_data_that_is_not_the_same_picture_a_power_of_two_larger_is_refused(y):
    with pytest.raises(UserError, match="2、4 或 8 倍.*degraded"):
        SRGAN.shapes(SRGAN.Hparams(), (1, 4, 4), y)


def test_a_preview_shows_x_enlarged_by_repeating_pixels_then_g_then_the_truth():
    method = tiny_method("sr_gan")
    batch = next(tiny_batches("sr_gan", method))
    images, columns = method.preview(batch)
    assert columns == 3
    rows = images.numpy().reshape(-1, 3, *images.shape[1:])
    assert np.array_equal(rows[:, 0], batch.x.numpy().repeat(2, axis=2).repeat(2, axis=3))
    assert np.array_equal(rows[:, 1], method.translate(batch.x, "x2y").numpy())
    assert np.array_equal(rows[:, 2], batch.y.numpy())
