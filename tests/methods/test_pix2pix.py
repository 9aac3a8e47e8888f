"""pix2pix：损失的数值、可以去掉的项、D 看的是配对；推理时没有噪声。"""

import numpy as np
import paddle
import pytest
from helpers import seed_noise, tiny_batches, tiny_method, values
from paddle import nn

from paddle_gan.errors import UserError
from paddle_gan.methods.pix2pix import Pix2Pix

RNG = np.random.default_rng(0)
X, Y = (RNG.uniform(-1, 1, (3, 1, 2, 2)).astype(np.float32) for _ in range(2))
FAKE = RNG.uniform(-1, 1, (3, 1, 2, 2)).astype(np.float32)


class Sum(nn.Layer):
    """D：输入的加权和，每个通道一个权重。"""

    def __init__(self, weights):
        super().__init__()
        self.w = self.create_parameter([len(weights)])
        self.w.set_value(np.array(weights, np.float32))

    def forward(self, x):
        return (x * self.w.reshape([1, -1, 1, 1])).sum(axis=[1, 2, 3], keepdim=True)


def toy(weights=(0.5, -1.5), **hparams) -> Pix2Pix:
    return Pix2Pix({"G": nn.Conv2D(1, 1, 1), "D": Sum(weights)}, Pix2Pix.Hparams(**hparams))


def tensors(*arrays):
    return [paddle.to_tensor(a) for a in arrays]


def softplus(a):
    return np.log1p(np.exp(a))


def logit(x, y):
    return (0.5 * x - 1.5 * y).sum(axis=(1, 2, 3)).astype(np.float64)


def test_both_losses_are_those_of_the_paper():
    method = toy(l1=7.0)
    loss, logs = method.discriminator_loss(*tensors(X, Y, FAKE))
    expected = (softplus(-logit(X, Y)).mean() + softplus(logit(X, FAKE)).mean()) / 2
    assert loss.item() == logs["loss/D"].item() == pytest.approx(expected, rel=1e-5)
    loss, logs = method.generator_loss(*tensors(X, Y, FAKE))
    distance, adversarial = np.abs(Y - FAKE).mean(), softplus(-logit(X, FAKE)).mean()
    assert loss.item() == pytest.approx(adversarial + 7 * distance, rel=1e-5)
    assert logs["loss/l1"].item() == pytest.approx(distance, rel=1e-5)
    assert logs["loss/G"].item() == pytest.approx(adversarial, rel=1e-5)


def test_the_default_weight_of_l1_is_a_hundred():
    assert (Pix2Pix.Hparams().l1, Pix2Pix.Hparams().lr_G, Pix2Pix.Hparams().beta1) == (
        *(100, 2e-4),
        0.5,
    )


def test_an_unconditional_d_sees_only_y_and_a_conditional_one_both_in_order():
    alone = toy(weights=(-1.5,), conditional=False)
    x, y = tensors(X, Y)
    assert alone.judge(x, y).flatten().numpy() == pytest.approx(-1.5 * Y.sum(axis=(1, 2, 3)))
    assert toy().judge(x, y).flatten().numpy() == pytest.approx(logit(X, Y), rel=1e-5)
    assert Pix2Pix.shapes(alone.hparams, (1, 4, 4), (3, 4, 4))["D"] == ((3, 4, 4), (1,))
    assert Pix2Pix.shapes(toy().hparams, (1, 4, 4), (3, 4, 4))["D"] == ((4, 4, 4), (1,))


def test_without_the_adversarial_term_d_is_not_trained_and_l1_is_all():
    method = tiny_method("pix2pix", adversarial=0.0)
    before = values(method.D)
    logs = method.train_step(tiny_batches("pix2pix", method), 1)
    assert set(logs) == {"loss/l1"}
    assert all(np.array_equal(before[k], v) for k, v in values(method.D).items())


def test_without_l1_only_d_teaches():
    loss, logs = toy(l1=0.0).generator_loss(*tensors(X, Y, FAKE))
    assert loss.item() == pytest.approx(logs["loss/G"].item())


def test_no_loss_at_all_and_two_sizes_are_refused_with_the_lever():
    with pytest.raises(UserError, match="hparams.l1 与 hparams.adversarial 不能都是 0"):
        Pix2Pix.shapes(Pix2Pix.Hparams(l1=0, adversarial=0), (1, 4, 4), (1, 4, 4))
    with pytest.raises(UserError, match="高与宽相同"):
        Pix2Pix.shapes(Pix2Pix.Hparams(), (1, 4, 4), (1, 8, 8))


def test_d_and_g_judge_the_same_fake_made_once_a_step():
    method, made = tiny_method("pix2pix"), []
    hook = method.G.register_forward_post_hook(lambda layer, inputs, output: made.append(output))
    method.train_step(tiny_batches("pix2pix", method), 1)
    hook.remove()
    assert len(made) == 1


def test_a_translation_has_no_noise_and_training_has():
    method = tiny_method("pix2pix")
    x = next(tiny_batches("pix2pix", method)).x
    assert np.array_equal(*(method.translate(x, "x2y").numpy() for _ in range(2)))
    seed_noise()
    with paddle.no_grad():
        assert not np.array_equal(method.G(x).numpy(), method.G(x).numpy())


def test_a_preview_shows_x_its_translation_and_the_truth():
    method = tiny_method("pix2pix")
    batch = next(tiny_batches("pix2pix", method))
    images, columns = method.preview(batch)
    assert columns == 3
    rows = images.numpy().reshape(-1, 3, *images.shape[1:])
    assert np.array_equal(rows[:, 0], batch.x.numpy())
    assert np.array_equal(rows[:, 1], method.translate(batch.x, "x2y").numpy())
    assert np.array_equal(rows[:, 2], batch.y.numpy())
