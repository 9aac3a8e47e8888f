"""CycleGAN：损失的数值、图像池、学习率、前向次数。"""

import dataclasses

import numpy as np
import paddle
import pytest
from helpers import (
    PATCH,
    RESNET,
    gradient_left,
    same,
    seed_noise,
    step_inputs,
    tiny_batches,
    tiny_method,
)

from paddle_gan.data import Unpaired
from paddle_gan.errors import UserError
from paddle_gan.methods.adam import Adam
from paddle_gan.methods.cyclegan import CycleGAN
from paddle_gan.methods.image_pool import ImagePool
from paddle_gan.run.build import Shapes, build_method
from paddle_gan.run.config import resolve


def arrays(*tensors) -> list[np.ndarray]:
    return [t.numpy().astype(np.float64) for t in tensors]


def outputs(method, batch) -> dict[str, np.ndarray]:
    """四个网络在这一批上的全部输出；损失由它们用 NumPy 拼出来。"""
    G, F, D_X, D_Y = method.G, method.F, method.D_X, method.D_Y
    with paddle.no_grad():
        fake_x, fake_y = F(batch.y), G(batch.x)
        found = {
            "real_x": D_X(batch.x),
            "real_y": D_Y(batch.y),
            "fooled_x": D_X(fake_x),
            "fooled_y": D_Y(fake_y),
            "cycle_x": F(fake_y) - batch.x,
            "cycle_y": G(fake_x) - batch.y,
            "identity_x": F(batch.x) - batch.x,
            "identity_y": G(batch.y) - batch.y,
        }
    return dict(zip(found, arrays(*found.values())))


# 损失


@pytest.mark.parametrize(
    ("cycle", "back", "identity"),
    [(10.0, 1.0, 0.5), (3.0, 1.0, 0.5), (10.0, 1.0, 2.0), (4.0, 1.0, 0.0), (4.0, 0.5, 0.5)],
)
def test_the_generator_loss_is_rebuilt_from_the_outputs_of_the_four_networks(cycle, back, identity):
    method = tiny_method("cyclegan", cycle=cycle, backward_cycle=back, identity=identity)
    batch = next(tiny_batches("cyclegan", method))
    o = outputs(method, batch)
    loss, logs = method.generator_loss(*step_inputs(method, batch, "G"))

    adversarial_G = ((o["fooled_y"] - 1) ** 2).mean()
    adversarial_F = ((o["fooled_x"] - 1) ** 2).mean()
    cycle_x, cycle_y = np.abs(o["cycle_x"]).mean(), np.abs(o["cycle_y"]).mean()
    identity_loss = np.abs(o["identity_x"]).mean() + np.abs(o["identity_y"]).mean()
    cycle_loss = cycle_x + back * cycle_y
    expected = adversarial_G + adversarial_F + cycle * (cycle_loss + identity * identity_loss)
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    assert logs["loss/G"].item() == pytest.approx(adversarial_G, rel=1e-5)
    assert logs["loss/F"].item() == pytest.approx(adversarial_F, rel=1e-5)
    assert logs["loss/cycle"].item() == pytest.approx(cycle_x + cycle_y, rel=1e-5)
    assert ("loss/identity" in logs) == (identity > 0)
    if identity:
        assert logs["loss/identity"].item() == pytest.approx(identity_loss, rel=1e-5)


def test_each_discriminator_loss_is_half_the_sum_of_its_real_and_fake_terms():
    method = tiny_method("cyclegan")
    batch = next(tiny_batches("cyclegan", method))
    o = outputs(method, batch)
    loss, logs = method.discriminator_loss(*step_inputs(method, batch, "D"))
    loss_x = 0.5 * ((o["real_x"] - 1) ** 2).mean() + 0.5 * (o["fooled_x"] ** 2).mean()
    loss_y = 0.5 * ((o["real_y"] - 1) ** 2).mean() + 0.5 * (o["fooled_y"] ** 2).mean()
    assert logs["loss/D_X"].item() == pytest.approx(loss_x, rel=1e-5)
    assert logs["loss/D_Y"].item() == pytest.approx(loss_y, rel=1e-5)
    assert loss.item() == pytest.approx(loss_x + loss_y, rel=1e-5)


# 一步里谁算几次


@pytest.mark.parametrize(("identity", "calls"), [(0.5, 3), (0.0, 2)])
def test_each_generator_runs_once_for_fakes_once_for_cycles_and_once_for_identity(identity, calls):
    method = tiny_method("cyclegan", identity=identity)
    counts = dict.fromkeys(method.networks, 0)
    for letter, network in method.networks.items():

        def count(layer, inputs, letter=letter):
            counts[letter] += 1

        network.register_forward_pre_hook(count)
    method.train_step(tiny_batches("cyclegan", method), 1)
    # 判别器：G 的损失里一次，自己的损失里真、假各一次
    assert counts == {"G": calls, "F": calls, "D_X": 3, "D_Y": 3}


def test_the_discriminators_get_detached_fakes_made_before_the_generator_update(monkeypatch):
    method = tiny_method("cyclegan", pool_size=0)
    batches = tiny_batches("cyclegan", method)
    batch = next(tiny_batches("cyclegan", method))
    with paddle.no_grad():
        fake_x, fake_y = arrays(method.F(batch.y), method.G(batch.x))
    given, discriminator_loss = [], method.discriminator_loss

    def record(*inputs):
        given.extend(inputs)
        return discriminator_loss(*inputs)

    monkeypatch.setattr(method, "discriminator_loss", record)
    method.train_step(batches, 1)
    x, y, seen_x, seen_y = given
    assert np.array_equal(x.numpy(), batch.x.numpy()) and np.array_equal(y.numpy(), batch.y.numpy())
    assert seen_x.stop_gradient and seen_y.stop_gradient
    assert seen_x.numpy() == pytest.approx(fake_x, abs=1e-6)
    assert seen_y.numpy() == pytest.approx(fake_y, abs=1e-6)


def test_no_gradient_reaches_the_generators_from_the_discriminator_step():
    # 飞桨官方笔记本在这里漏掉 detach：G 的“骗过 D”的梯度混进了下一步
    method = tiny_method("cyclegan", pool_size=0)
    x, y = next(tiny_batches("cyclegan", method))
    fake_x, fake_y = method.F(y), method.G(x)
    pooled = method.pools["x"].query(fake_x), method.pools["y"].query(fake_y)
    method.discriminator_step(x, y, *pooled)
    assert gradient_left(method.G) == gradient_left(method.F) == 0


def test_without_leaks_a_least_squares_discriminator_learns_to_give_fakes_zero():
    # 泄漏时的不动点是 D(假) = 2/3（PEERS.md §3.4）
    method = tiny_method("cyclegan", lr_D=3e-3, lr_G=1e-9, pool_size=0)
    batch = next(tiny_batches("cyclegan", method, batch_size=1))
    for _ in range(80):
        method.train_step(iter([batch]), 1)
    o = outputs(method, batch)
    assert [o[k].mean() for k in ("fooled_x", "fooled_y")] == pytest.approx([0, 0], abs=0.1)
    assert [o[k].mean() for k in ("real_x", "real_y")] == pytest.approx([1, 1], abs=0.1)


# 图像池


def numbered(first: int, n: int) -> paddle.Tensor:
    """第 i 张图的每个像素都是 i。"""
    values = np.arange(first, first + n, dtype=np.float32).reshape(n, 1, 1, 1)
    return paddle.to_tensor(np.broadcast_to(values, (n, 1, 2, 2)).copy())


def ids(images) -> list[int]:
    return [int(image[0, 0, 0].item()) for image in images]


def test_the_pool_returns_the_first_fifty_images_as_they_are():
    pool = ImagePool(50)
    for first in range(0, 50, 5):
        assert ids(pool.query(numbered(first, 5))) == list(range(first, first + 5))
    assert ids(pool.images) == list(range(50))


def test_afterwards_about_half_are_swapped_for_a_uniformly_chosen_older_image():
    seed_noise()
    pool = ImagePool(50)
    pool.query(numbered(0, 50))
    given = list(range(50, 2050))
    pool_before, returned, chosen = set(range(50)), [], np.zeros(50)
    for new in given:
        slots = ids(pool.images)
        (out,) = ids(pool.query(numbered(new, 1)))
        returned.append(out)
        if out != new:  # 换出来的确实在池里，新图坐进了同一个位置
            assert out in pool_before
            assert ids(pool.images) == [new if old == out else old for old in slots]
            pool_before = pool_before - {out} | {new}
            chosen[slots.index(out)] += 1
        else:
            assert ids(pool.images) == slots
    swapped = [out for new, out in zip(given, returned) if out != new]
    # 二项分布 B(2000, 1/2)：均值的标准差是 0.011
    assert len(swapped) / len(given) == pytest.approx(0.5, abs=0.045)
    assert len(swapped) == len(set(swapped))  # 换出去的不会再出现
    # 50 个位置被均匀地选中：χ² 的均值是 49、标准差 9.9；停留时间是均值 100 步的几何分布
    expected = len(swapped) / 50
    assert chosen.min() > 0 and ((chosen - expected) ** 2 / expected).sum() < 49 + 5 * 9.9
    waits = [new - out for new, out in zip(given, returned) if out >= 50 and out != new]
    assert np.mean(waits) == pytest.approx(100, rel=0.15)


def test_an_image_in_the_same_batch_may_come_out_of_a_full_pool():
    seed_noise()
    pool = ImagePool(2)
    outs = ids(pool.query(numbered(0, 200)))
    assert outs[:2] == [0, 1]
    assert all(out <= new for new, out in enumerate(outs)) and outs != list(range(200))
    assert pool.query(numbered(200, 3)).shape == [3, 1, 2, 2]
    assert len(pool.images) == 2


def test_a_pool_of_size_zero_returns_every_image_and_keeps_none():
    pool = ImagePool(0)
    for first in (0, 20):
        assert ids(pool.query(numbered(first, 20))) == list(range(first, first + 20))
    assert pool.images == []


def test_the_pool_holds_and_returns_images_without_a_graph():
    pool = ImagePool(3)
    w = paddle.ones([1])
    w.stop_gradient = False
    for first in (0, 4):
        out = pool.query(numbered(first, 4) * w)
        assert out.stop_gradient and out.grad_fn is None
    assert all(image.stop_gradient and image.grad_fn is None for image in pool.images)


def test_the_pool_owns_its_images_instead_of_keeping_whole_batches_alive():
    # 飞桨的切片是视图：不拷贝的话，池里每张图都拖着它那一整批的内存
    pool = ImagePool(3)
    images = numbered(5, 3)
    pool.query(images)
    images.zero_()
    assert ids(pool.images) == [5, 6, 7]


def test_the_two_domains_have_separate_pools_that_survive_a_round_trip():
    method = tiny_method("cyclegan", pool_size=5)
    assert method.state() == {}
    seed_noise()
    method.train_step(tiny_batches("cyclegan", method), 1)
    state = {name: tensor.numpy() for name, tensor in method.state().items()}
    assert {name: array.shape for name, array in state.items()} == {
        "pool_x": (4, 1, 8, 8),
        "pool_y": (4, 1, 8, 8),
    }
    assert not np.array_equal(state["pool_x"], state["pool_y"])

    other = tiny_method("cyclegan", pool_size=5)
    other.load_state({name: paddle.to_tensor(array) for name, array in state.items()})
    assert same(state, {name: tensor.numpy() for name, tensor in other.state().items()})
    seed_noise()
    new = numbered(0, 30)[:, :, :1, :1].expand([30, 1, 8, 8])
    expected = method.pools["x"].query(new).numpy()
    seed_noise()
    assert np.array_equal(other.pools["x"].query(new).numpy(), expected)

    other.load_state({})
    assert other.state() == {}


# 学习率


@pytest.mark.parametrize(
    ("decay_from", "progress", "factor"),
    [
        (0.5, 0.0, 1.0),
        (0.5, 0.5, 1.0),
        (0.5, 0.75, 0.5),
        (0.5, 0.9, 0.2),
        (0.5, 0.9999, 0.0002),
        (0.0, 0.0, 1.0),
        (0.0, 0.25, 0.75),
        (0.8, 0.79, 1.0),
        (0.8, 0.9, 0.5),
    ],
)
def test_the_rate_is_constant_and_then_falls_linearly_to_zero(decay_from, progress, factor):
    method = tiny_method("cyclegan", decay_from=decay_from)
    assert method.learning_rate_factor(progress) == pytest.approx(factor, rel=1e-9)


@pytest.mark.parametrize("progress", [0.0, 0.5, 0.999])
def test_decay_from_one_means_the_rate_never_decays(progress):
    method = tiny_method("cyclegan", decay_from=1.0)
    assert method.learning_rate_factor(progress) == 1.0


def test_a_decay_that_starts_after_the_end_is_refused_instead_of_giving_a_negative_rate():
    with pytest.raises(UserError, match="decay_from"):
        tiny_method("cyclegan", decay_from=2.0)


def test_the_defaults_are_the_papers():
    assert dataclasses.asdict(CycleGAN.Hparams()) == {
        "cycle": 10.0,
        "backward_cycle": 1.0,
        "identity": 0.5,
        "pool_size": 50,
        "lr_D": 2e-4,
        "lr_G": 2e-4,
        "beta1": 0.5,
        "beta2": 0.999,
        "decay_from": 0.5,
    }


def test_one_adam_holds_both_generators_and_another_both_discriminators():
    method = tiny_method("cyclegan", lr_D=0.125, lr_G=0.5)
    assert all(type(o) is Adam for o in method.optimizers.values())
    assert {name: o.get_lr() for name, o in method.optimizers.items()} == {"D": 0.125, "G": 0.5}


# 形状与翻译


def colour_to_grey(**hparams):
    raw = {
        "method": "cyclegan",
        "hparams": {"pool_size": 3, **hparams},
        "network": {"generator": RESNET, "discriminator": PATCH},
        "data": {"name": "glyphs"},
        "batch_size": 2,
        "total_steps": 5,
    }
    return build_method(resolve(raw), Shapes((3, 8, 8), (1, 8, 8)))


def test_domains_with_different_channels_are_refused_while_the_identity_loss_is_on():
    with pytest.raises(UserError, match="3 与 1.*identity: 0"):
        colour_to_grey(identity=0.5)


def test_domains_with_different_channels_train_and_preview_without_the_identity_loss():
    method = colour_to_grey(identity=0.0)
    batch = Unpaired(paddle.randn([2, 3, 8, 8]), paddle.randn([2, 1, 8, 8]))
    logs = method.train_step(iter([batch]), 1)
    assert np.isfinite(logs["loss/cycle"].item())
    assert method.translate(batch.x, "x2y").shape == [2, 1, 8, 8]
    assert method.translate(batch.y, "y2x").shape == [2, 3, 8, 8]
    images, columns = method.preview(batch)
    assert (images.shape, columns) == ([12, 3, 8, 8], 6)


def test_translation_uses_g_from_x_to_y_and_f_back_and_the_preview_shows_both_rows():
    method = tiny_method("cyclegan")
    batch = next(tiny_batches("cyclegan", method))
    with paddle.no_grad():
        fake_y, fake_x = method.G(batch.x), method.F(batch.y)
        back_x, back_y = method.F(fake_y), method.G(fake_x)
    assert method.translate(batch.x, "x2y").numpy() == pytest.approx(fake_y.numpy(), abs=1e-6)
    assert method.translate(batch.y, "y2x").numpy() == pytest.approx(fake_x.numpy(), abs=1e-6)
    images, columns = method.preview(batch)
    rows = images.reshape([4, columns, 1, 8, 8]).numpy()
    shown = [batch.x, fake_y, back_x, batch.y, fake_x, back_y]
    for column, image in enumerate(shown):
        assert rows[:, column] == pytest.approx(image.numpy(), abs=1e-6)
