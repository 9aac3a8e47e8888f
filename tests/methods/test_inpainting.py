"""上下文编码器：损失的数值；D 与对抗的梯度看不见洞外；补好的图洞外照原样。"""

import numpy as np
import paddle
import pytest
from helpers import tiny_method
from paddle import nn

from paddle_gan.data.masked import rectangles, with_hole
from paddle_gan.errors import UserError
from paddle_gan.methods.inpainting import Inpainting

RNG = np.random.default_rng(0)
SIDE, HOLE = 8, (2, 3)  # 洞高 2、宽 3
Y, FAKE = (RNG.uniform(-1, 1, (3, 1, SIDE, SIDE)).astype(np.float32) for _ in range(2))
CORNERS = np.array([[3, 2], [1, 4], [0, 5]])  # 最后一个洞贴着右上角
HOLES = rectangles(CORNERS, HOLE, (SIDE, SIDE))
X = with_hole(Y, HOLES)
SLOPE = 0.3


class Sum(nn.Layer):
    """D：像素之和乘 SLOPE。"""

    def forward(self, y):
        return SLOPE * y.sum(axis=[1, 2, 3]).unsqueeze(1)


def toy(**hparams) -> Inpainting:
    networks = {"G": nn.Conv2D(2, 1, 1), "D": Sum()}
    networks["D"].w = networks["D"].create_parameter([1])  # 优化器要有参数可管
    return Inpainting(networks, Inpainting.Hparams(**({"overlap": 1} | hparams)))


def tensors(*arrays):
    return [paddle.to_tensor(a) for a in arrays]


def softplus(a):
    return np.log1p(np.exp(a))


def ringed(width: int) -> np.ndarray:
    """洞与四周 width 宽的一圈，逐张写出来。"""
    wide = np.zeros((3, 1, SIDE, SIDE))
    for i, (top, left) in enumerate(CORNERS):
        rows = slice(max(0, top - width), top + HOLE[0] + width)
        wide[i, 0, rows, max(0, left - width) : left + HOLE[1] + width] = 1
    return wide


def test_the_defaults_are_those_of_the_authors_code():
    h = Inpainting.Hparams()
    assert (h.reconstruction, h.adversarial, h.overlap, h.overlap_weight) == (0.999, 0.001, 4, 10)
    assert h.lr_G == pytest.approx(10 * h.lr_D) and h.beta1 == 0.5


@pytest.mark.parametrize("overlap", [0, 1, 2])
def test_g_paints_the_hole_and_a_ring_of_the_overlap(overlap):
    painted = toy(overlap=overlap).painted(paddle.to_tensor(X)).numpy()
    assert np.array_equal(painted, ringed(overlap))


def test_both_losses_are_those_of_the_paper():
    method = toy(overlap_weight=7.0)
    seen = ringed(1)
    real, fake = (SLOPE * (images * seen).sum(axis=(1, 2, 3)) for images in (Y, FAKE))
    loss, logs = method.discriminator_loss(*tensors(X, Y, FAKE))
    expected = softplus(-real).mean() + softplus(fake).mean()
    assert loss.item() == logs["loss/D"].item() == pytest.approx(expected, rel=1e-5)
    weight = np.where(HOLES, 1.0, 7.0 * seen)
    distance = (weight * (Y - FAKE) ** 2).sum() / seen.sum()
    loss, logs = method.generator_loss(*tensors(X, Y, FAKE))
    assert logs["loss/l2"].item() == pytest.approx(distance, rel=1e-5)
    adversarial = softplus(-fake).mean()
    assert logs["loss/G"].item() == pytest.approx(adversarial, rel=1e-5)
    assert loss.item() == pytest.approx(0.999 * distance + 0.001 * adversarial, rel=1e-5)


def test_with_colours_the_square_is_a_mean_over_the_channels_too():
    colour = [np.repeat(images, 3, axis=1) for images in (Y, FAKE)]
    x = np.concatenate([np.repeat(X[:, :1], 3, axis=1), X[:, 1:]], axis=1)
    grey = toy().distance(*tensors(X, Y, FAKE)).item()
    assert toy().distance(*tensors(x, *colour)).item() == pytest.approx(grey, rel=1e-5)


def test_a_change_outside_changes_no_score_and_no_gradient_comes_from_there():
    method = tiny_method("inpainting", overlap=1)
    outside = ringed(1) == 0
    changed = np.where(outside, RNG.uniform(-1, 1, Y.shape), FAKE).astype(np.float32)
    x, *pair = tensors(X, FAKE, changed)
    method.D.eval()
    first, second = (method.judge(x, images).numpy() for images in pair)
    assert np.array_equal(first, second)
    made = paddle.to_tensor(FAKE, stop_gradient=False)
    method.judge(x, made).sum().backward()
    gradient = made.grad.numpy()
    assert (gradient[outside] == 0).all() and (gradient[~outside] != 0).any()


def test_neither_loss_teaches_g_anything_outside():
    made = paddle.to_tensor(FAKE, stop_gradient=False)
    x, y = tensors(X, Y)
    toy().generator_loss(x, y, made)[0].backward()
    outside = ringed(1) == 0
    assert (made.grad.numpy()[outside] == 0).all() and (made.grad.numpy()[~outside] != 0).all()


def test_the_restored_picture_is_the_old_one_outside_the_hole_and_gs_inside():
    method = tiny_method("inpainting")
    x = paddle.to_tensor(X)
    made = method.translate(x, "x2y").numpy()
    method.G.eval()
    with paddle.no_grad():
        painted = method.G(x).numpy()
    assert np.array_equal(made[~HOLES], Y[~HOLES])
    assert made[HOLES] == pytest.approx(painted[HOLES], abs=1e-6)


def test_data_without_the_channel_of_the_hole_and_no_loss_at_all_are_refused():
    shapes, h = Inpainting.shapes, Inpainting.Hparams
    assert shapes(h(), (4, 8, 8), (3, 8, 8))["D"] == ((3, 8, 8), (1,))
    for x in ((1, 8, 8), (2, 4, 4), (3, 8, 8)):
        with pytest.raises(UserError, match="多一个通道.*masked"):
            shapes(h(), x, (1, 8, 8))
    with pytest.raises(UserError, match="不能都是 0"):
        shapes(h(reconstruction=0, adversarial=0), (2, 8, 8), (1, 8, 8))
