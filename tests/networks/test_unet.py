"""U-Net：大小、直接的连接、dropout 只在训练时有；最里一层只剩一个点也不归一化；PixelGAN。"""

import numpy as np
import paddle
import pytest

from paddle_gan.errors import UserError
from paddle_gan.networks.patchgan import PatchGAN
from paddle_gan.networks.unet import Dropout, UNet


def image(*shape: int):
    return paddle.to_tensor(np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32))


@pytest.mark.parametrize("skips", [True, False])
@pytest.mark.parametrize("norm", ["batch", "instance", "none"])
def test_the_output_is_as_large_as_the_input_and_has_the_channels_of_y(skips, norm):
    net = UNet((1, 8, 16), (3, 8, 16), width=4, depth=3, norm=norm, skips=skips)
    y = net(image(2, 1, 8, 16))
    assert y.shape == [2, 3, 8, 16] and float(y.abs().max()) <= 1


def test_a_side_that_cannot_be_halved_is_refused_with_the_lever():
    with pytest.raises(UserError, match="12×16.*2\\^depth = 8.*network.generator.depth"):
        UNet((1, 12, 16), (1, 12, 16), depth=3)
    with pytest.raises(UserError, match="unet 只处理图像"):
        UNet((2,), (2,))


def test_the_innermost_point_survives_at_batch_size_one():
    """1×1 上减均值什么也不剩：那一层归一化了，输出就与输入无关。"""
    net = UNet((1, 8, 8), (1, 8, 8), width=4, depth=3, norm="instance", skips=False, dropout=0.0)
    a, b = net(image(1, 1, 8, 8)), net(-image(1, 1, 8, 8))
    assert float((a - b).abs().max()) > 1e-4


def test_the_skips_carry_what_the_bottleneck_lost():
    """最里一层的权重全是 0：没有直接的连接，输出与输入无关；有，仍旧有关。"""

    def difference(skips: bool) -> float:
        net = UNet((1, 8, 8), (1, 8, 8), width=4, depth=3, norm="none", skips=skips, dropout=0.0)
        inner = net.downs[-1][-1]
        inner.weight.set_value(paddle.zeros_like(inner.weight))
        return float((net(image(1, 1, 8, 8)) - net(-image(1, 1, 8, 8))).abs().max())

    assert difference(False) == 0 < difference(True)


def test_each_skip_joins_features_of_the_same_size():
    net = UNet((1, 16, 16), (1, 16, 16), width=4, depth=4, norm="none")
    inputs = [up[0][1].weight.shape[0] for up in net.ups[:-1]] + [net.ups[-1][1].weight.shape[0]]
    # 编码器 4、8、16、32 个通道；解码器每层接上同样大小的那一层
    assert inputs == [32, 16 + 16, 8 + 8, 4 + 4]


def test_dropout_is_noise_in_training_and_nothing_in_evaluation():
    h, drop = paddle.ones([200, 50]), Dropout(0.25)
    paddle.seed(0)
    kept = drop(h).numpy()
    assert set(np.unique(kept)) == {0.0, np.float32(1 / 0.75)}
    assert (kept == 0).mean() == pytest.approx(0.25, abs=0.02) and kept.mean() == pytest.approx(
        1, abs=0.02
    )
    drop.eval()
    assert np.array_equal(drop(h).numpy(), h.numpy())


def test_only_the_first_three_layers_of_the_decoder_are_noisy():
    net = UNet((1, 32, 32), (1, 32, 32), width=2, depth=5)
    rates = [up[1].rate for up in net.ups[:-1]]
    assert rates == [0.5, 0.5, 0.5, 0.0]
    x = image(1, 1, 32, 32)
    assert not np.array_equal(net(x).numpy(), net(x).numpy())
    net.eval()
    assert np.array_equal(net(x).numpy(), net(x).numpy())


@pytest.mark.parametrize(("layers", "field"), [(0, 1), (1, 16), (2, 34), (3, 70)])
def test_one_score_sees_a_patch_of_the_size_the_paper_says(layers, field):
    side = 96
    net = PatchGAN((1, side, side), (1,), width=2, layers=layers, norm="none")
    x = image(1, 1, side, side)
    x.stop_gradient = False
    score = net(x)
    middle = score.shape[2] // 2
    gradient = paddle.grad(score[0, 0, middle, middle], x)[0].numpy()[0, 0]
    rows = np.flatnonzero(np.abs(gradient).max(axis=1))
    assert rows[-1] - rows[0] + 1 == field
