"""LAPGAN：金字塔合得回去，D 看合起来的图，各层互不相干，取样连起来，残差不设界。"""

import numpy as np
import paddle
import pytest
from helpers import TINY, same, seed_noise, tiny_batches, tiny_method, values

from paddle_gan.errors import UserError
from paddle_gan.evaluation.export import describe_generator, save_network
from paddle_gan.methods.lapgan import LAPGAN
from paddle_gan.methods.pyramid import beside_noise, down, pyramid, up
from paddle_gan.run.build import Shapes

RNG = np.random.default_rng(0)
X = RNG.uniform(-1, 1, (4, 1, 8, 8)).astype(np.float32)


def three(**hparams) -> LAPGAN:
    """三层：2×2、4×4、8×8。"""
    return tiny_method("lapgan", levels=3, **hparams)


def levels_of(x: np.ndarray) -> list:
    return pyramid(paddle.to_tensor(x), 3)


def softplus(a: np.ndarray) -> np.ndarray:
    return np.log1p(np.exp(a))


# 金字塔


def test_down_is_the_mean_of_each_two_by_two_block():
    blocks = X.reshape(4, 1, 4, 2, 4, 2).astype(np.float64).mean(axis=(3, 5))
    assert down(paddle.to_tensor(X)).numpy() == pytest.approx(blocks, abs=1e-6)


def test_up_doubles_the_sides_by_quarters_between_the_pixels():
    row = up(paddle.to_tensor(np.array([[[[0.0, 4.0], [0.0, 4.0]]]], np.float32))).numpy()[0, 0]
    # 双线性：新像素的中心在旧像素之间的 1/4、3/4 处，边上取边
    assert row == pytest.approx(np.tile([0.0, 1.0, 3.0, 4.0], (4, 1)))


@pytest.mark.parametrize("shape", [(2, 1, 1, 1), (1, 3, 4, 7)])
def test_up_is_the_bilinear_interpolation_of_paddle(shape):
    x = paddle.to_tensor(RNG.normal(size=shape).astype(np.float32))
    wanted = paddle.nn.functional.interpolate(x, scale_factor=2, mode="bilinear")
    assert up(x).numpy() == pytest.approx(wanted.numpy(), abs=1e-6)


def test_a_picture_is_its_coarse_one_enlarged_plus_the_residual():
    levels = levels_of(X)
    assert [level.shape[-1] for level in levels] == [2, 4, 8]
    assert np.array_equal(levels[-1].numpy(), X)
    for coarse, fine in zip(levels, levels[1:]):
        assert coarse.numpy() == pytest.approx(down(fine).numpy(), abs=1e-7)
        c = up(coarse)
        residual = fine - c
        assert (c + residual).numpy() == pytest.approx(fine.numpy(), abs=1e-6)
    # 一路合回去
    image = levels[0]
    for fine, coarse in zip(levels[1:], levels):
        image = up(image) + (fine - up(coarse))
    assert image.numpy() == pytest.approx(X, abs=1e-6)


# 损失


def hand(method: LAPGAN) -> tuple[list, list, np.ndarray]:
    """真图的各层、假图的各层（照式子一层一层地算）、用到的 z；噪声拨回原处。"""
    seed_noise()
    z = method.noise(len(X))
    seed_noise()
    levels, dim = levels_of(X), method.hparams.z_dim
    fakes, start = [method.G(z[:, :dim])], dim
    for k, side in ((1, 4), (2, 8)):
        z_k = z[:, start : start + side**2].reshape([-1, 1, side, side])
        c = up(levels[k - 1])
        fakes.append(c + method.networks[f"R_{k}"](paddle.concat([c, z_k], axis=1)))
        start += side**2
    assert start == z.shape[1]
    return levels, fakes, z.numpy()


def logits(method: LAPGAN, images: list) -> list[np.ndarray]:
    found = zip(("D", "D_1", "D_2"), images)
    return [method.networks[letter](image).numpy().astype(np.float64) for letter, image in found]


def test_every_d_judges_the_reassembled_picture_and_the_losses_add_up():
    method = three()
    levels, fakes, _ = hand(method)
    real, fake = logits(method, levels), logits(method, fakes)
    expected = sum(softplus(-r).mean() + softplus(f).mean() for r, f in zip(real, fake))
    loss, logs = method.discriminator_loss(paddle.to_tensor(X))
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    assert logs["loss/D"].item() == loss.item()
    sigmoid = [1 / (1 + np.exp(-np.concatenate(side))) for side in (real, fake)]
    assert logs["prob/real"].item() == pytest.approx(sigmoid[0].mean(), rel=1e-5)
    assert logs["prob/fake"].item() == pytest.approx(sigmoid[1].mean(), rel=1e-5)


def test_the_generators_want_every_level_to_look_real():
    method = three()
    method.noise_spread = lambda x: paddle.zeros([])  # 它也抽噪声
    _, fakes, _ = hand(method)
    expected = sum(softplus(-logit).mean() for logit in logits(method, fakes))
    loss, logs = method.generator_loss(paddle.to_tensor(X))
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    assert logs["loss/G"].item() == loss.item()


def test_the_levels_learn_independently():
    """换掉第 0 层的生成器，第 1、2 层走一步的结果逐位不变：它们的粗图是真的。"""
    after = []
    for shift in (0.0, 1.0):
        method = three()
        for p in method.G.parameters():
            p.set_value(p + shift)
        batches = tiny_batches("lapgan", method)
        seed_noise()
        method.train_step(batches, 1)
        after.append({a: values(method.networks[a]) for a in method.networks})
    for letter in ("R_1", "D_1", "R_2", "D_2"):
        assert same(after[0][letter], after[1][letter]), letter
    assert not same(after[0]["D"], after[1]["D"])


def test_each_residual_generator_is_taught_by_its_own_d_only():
    method = three()
    fakes = method.made(levels_of(X))
    method.judge(fakes)[1].mean().backward()
    graded = {a for a, net in method.networks.items() if net.parameters()[0].grad is not None}
    assert graded == {"R_1", "D_1"}


# 取样


def test_sampling_chains_the_levels_and_every_coarse_picture_is_drawn():
    method = three()
    z = method.noise(3)
    assert z.shape == [3, method.hparams.z_dim + 4**2 + 8**2]
    image, start = method.G(z[:, : method.hparams.z_dim]), method.hparams.z_dim
    for k, side in ((1, 4), (2, 8)):
        z_k = z[:, start : start + side**2].reshape([-1, 1, side, side])
        c = up(image)
        image = c + method.networks[f"R_{k}"](beside_noise(c, z_k))
        start += side**2
    made = method.generate(z)
    assert made.shape == [3, 1, 8, 8] and made.stop_gradient
    assert made.numpy() == pytest.approx(image.numpy(), abs=1e-5)
    stages = method.chain.stages(z)
    assert [stage.shape[-1] for stage in stages] == [2, 4, 8]


def test_the_real_coarse_picture_gives_another_result_than_the_chain():
    method = three()
    x = paddle.to_tensor(X)
    _, fakes, _ = hand(method)
    shown = method.with_real_coarse(x)
    assert shown.stop_gradient and shown.numpy() == pytest.approx(fakes[-1].numpy(), abs=1e-5)
    seed_noise()
    chained = method.generate(method.noise(len(X)))
    assert np.abs(chained.numpy() - shown.numpy()).max() > 0.1  # 换了粗图
    assert all(net.training for net in method.layers(method.generators))


def test_the_noise_of_every_level_reaches_the_picture():
    method = three()
    z = method.noise(1).numpy()
    base = method.generate(paddle.to_tensor(z)).numpy()
    for place in (0, method.hparams.z_dim, method.hparams.z_dim + 16, z.shape[1] - 1):
        moved = z.copy()
        moved[0, place] += 2.0
        assert np.abs(method.generate(paddle.to_tensor(moved)).numpy() - base).max() > 1e-5, place


def test_the_residual_is_signed_and_has_no_bounds():
    method = three()
    for p in method.R_2.parameters():
        p.set_value(50 * p)
    _, coarse, image = method.chain.stages(method.noise(16))
    residual = (image - up(coarse)).numpy()
    assert residual.min() < -1.5 and residual.max() > 1.5  # 过了 tanh 的在 ±1 以内


def test_noise_that_is_ignored_has_no_spread():
    method = three()
    x = paddle.to_tensor(X)
    assert method.noise_spread(x, maps=16).item() > 0.01
    for R in (method.R_1, method.R_2):
        first = R.layers[0].weight
        weight = first.numpy()
        weight[:, -1] = 0.0  # 不看噪声的那个通道
        first.set_value(weight)
    assert method.noise_spread(x, maps=16).item() == pytest.approx(0.0, abs=1e-5)
    assert "residual/spread" in method.generator_loss(x)[1]


def test_the_spread_is_the_deviation_over_noise_divided_by_the_size_of_the_real_residual():
    method = tiny_method("lapgan")
    method.made = lambda levels: [None, up(levels[0]) + 0.3 * method.noise_maps.pop()]
    a, b = (paddle.to_tensor(RNG.normal(size=X.shape).astype(np.float32)) for _ in "ab")
    method.noise_maps = [a, b]
    levels = pyramid(paddle.to_tensor(X), 2)
    size = np.sqrt(((levels[1] - up(levels[0])).numpy() ** 2).mean())
    expected = 0.3 * np.sqrt(np.stack([a, b]).var(axis=0, ddof=1).mean()) / size
    assert method.noise_spread(paddle.to_tensor(X)).item() == pytest.approx(expected, rel=1e-5)


# 谁在走、导出、说清楚


def test_the_players_hold_the_levels_from_coarse_to_fine():
    method = three()
    assert method.players == {"D": ("D", "D_1", "D_2"), "G": ("G", "R_1", "R_2")}
    assert method.discriminators == ("D", "D_1", "D_2")
    assert method.generators == ("G", "R_1", "R_2")


def test_one_exported_network_draws_from_one_flat_latent(tmp_path):
    method = three()
    network, description = describe_generator(method, Shapes(TINY["lapgan"].x, None, (-1.0, 1.0)))
    size = method.hparams.z_dim + 16 + 64
    assert description["input"]["shape"] == [None, size]
    assert any(f"[16, {size}]" in line for line in description["usage"])
    save_network(network, tmp_path / "model", [None, size])
    z = method.noise(2)
    loaded = paddle.jit.load(str(tmp_path / "model"))
    loaded.eval()
    assert loaded(z).numpy() == pytest.approx(method.generate(z).numpy(), abs=1e-5)


@pytest.mark.parametrize("shape", [(2,), (1, 6, 8), (1, 8, 6)])
def test_pictures_that_cannot_be_halved_are_refused_with_the_lever(shape):
    with pytest.raises(UserError, match="整除.*hparams.levels"):
        LAPGAN.shapes(LAPGAN.Hparams(levels=3), shape, None)
