"""可微增广：每一样的数值与范围、梯度穿过变换、梯度惩罚的二阶导数；只变真图会怎样。"""

import numpy as np
import paddle
import pytest
from helpers import CLASSES, TINY, sections, seed_noise, tiny_batches
from paddle import nn
from paddle.nn.functional import softplus

from paddle_gan.errors import UserError
from paddle_gan.losses import squared_gradient_norm
from paddle_gan.methods import METHODS
from paddle_gan.methods.base import inference
from paddle_gan.networks.augmentation import Augmentation, cut_out, integers, moved, recolored
from paddle_gan.run.build import Shapes, build_method
from paddle_gan.run.config import resolve

ALL = ["color", "translation", "cutout"]
RNG = np.random.default_rng(0)


def column(*numbers) -> paddle.Tensor:
    return paddle.to_tensor(np.array(numbers, np.float32).reshape(-1, 1, 1, 1))


def augmented(name: str, names=ALL, x: tuple | None = None, data="ring", **hparams):
    """TINY 里的方法，判别器看的图先变一变。"""
    tiny = TINY[name]
    raw = {
        "method": name,
        "hparams": tiny.hparams | hparams,
        "network": sections(tiny),
        "data": {"name": data},
        "batch_size": 4,
        "total_steps": 20,
        "diff_augment": names,
    }
    return build_method(resolve(raw), Shapes(x or tiny.x, tiny.y, classes=CLASSES))


# 每一样的数值


def test_colours_are_added_and_scaled_about_the_grey_and_the_mean():
    x = RNG.uniform(-1, 1, (2, 3, 4, 5)).astype(np.float32)
    b, s, c = [0.3, -0.2], [1.7, 0.4], [0.6, 1.4]
    got = recolored(paddle.to_tensor(x), column(*b), column(*s), column(*c)).numpy()
    for i in range(2):
        image = x[i].astype(np.float64) + b[i]
        grey = image.mean(axis=0)
        image = grey + s[i] * (image - grey)
        expected = image.mean() + c[i] * (image - image.mean())
        np.testing.assert_allclose(got[i], expected, atol=1e-5)


def test_grey_pictures_have_no_saturation():
    x = paddle.to_tensor(RNG.uniform(-1, 1, (1, 1, 4, 4)).astype(np.float32))
    once, twice = (recolored(x, column(0.1), column(s), column(0.7)).numpy() for s in (0.0, 2.0))
    assert once.tobytes() == twice.tobytes()
    assert once.std() == pytest.approx(0.7 * x.numpy().std(), rel=1e-4)


@pytest.mark.parametrize("ground", [-1.0, 0.0, 1.0])
def test_moving_shifts_whole_pixels_and_fills_with_the_ground(ground):
    x = RNG.uniform(-1, 1, (3, 2, 5, 7)).astype(np.float32)
    down, right = [2, 0, -1], [0, -3, 2]
    got = moved(paddle.to_tensor(x), *map(paddle.to_tensor, (down, right)), ground).numpy()
    for i in range(3):
        expected = np.full((2, 5, 7), ground, np.float32)
        for row in range(5):
            for place in range(7):
                a, b = row - down[i], place - right[i]
                if 0 <= a < 5 and 0 <= b < 7:
                    expected[:, row, place] = x[i, :, a, b]
        np.testing.assert_allclose(got[i], expected, atol=1e-6)


def test_the_hole_is_half_a_side_wide_may_stick_out_and_holds_the_ground():
    x = RNG.uniform(-1, 1, (3, 1, 6, 8)).astype(np.float32)
    top, left = [1, -2, 4], [0, 6, -1]
    got = cut_out(paddle.to_tensor(x), *map(paddle.to_tensor, (top, left)), -1.0).numpy()
    for i in range(3):
        expected = x[i].copy()
        expected[:, max(top[i], 0) : top[i] + 3, max(left[i], 0) : left[i] + 4] = -1.0
        np.testing.assert_allclose(got[i], expected, atol=1e-6)


# 范围


def test_the_draws_fill_the_published_ranges_and_no_more():
    paddle.seed(0)
    seen = integers(2000, -3, 3).numpy()
    assert set(seen) == set(range(-3, 4)) and abs(seen.mean()) < 0.2

    transform = Augmentation(["color"], [1], (-1.0, 1.0), 0.0)
    flat = transform.transformed(paddle.zeros([2000, 1, 2, 2])).numpy()[:, 0, 0, 0]
    assert -0.5 <= flat.min() < -0.45 and 0.45 < flat.max() <= 0.5  # 亮度
    halves = paddle.to_tensor(np.tile([-0.5, 0.5], (2000, 1, 2, 1)).astype(np.float32))
    spread = np.ptp(transform.transformed(halves).numpy(), axis=(1, 2, 3))
    assert 0.5 <= spread.min() < 0.55 and 1.45 < spread.max() <= 1.5 + 1e-6  # 对比度
    colours = np.zeros((2000, 3, 1, 1), np.float32) + np.array([-0.3, 0, 0.3]).reshape(1, 3, 1, 1)
    transform = Augmentation(["color"], [3], (-1.0, 1.0), 0.0)
    spread = np.ptp(transform.transformed(paddle.to_tensor(colours)).numpy(), axis=(1, 2, 3)) / 0.6
    assert spread.min() < 0.1 and 2.5 < spread.max() <= 3 + 1e-5  # 饱和度 2 × 对比度 1.5

    transform = Augmentation(["color"], [1], (0.0, 1.0), 0.5)  # [0, 1] 的图，亮度只有一半
    flat = transform.transformed(paddle.full([2000, 1, 2, 2], 0.5)).numpy()[:, 0, 0, 0]
    assert 0.25 <= flat.min() < 0.28 and 0.72 < flat.max() <= 0.75


def test_pictures_move_by_an_eighth_and_lose_up_to_a_quarter():
    paddle.seed(0)
    dot = np.full((3000, 1, 16, 16), -1, np.float32)
    dot[:, 0, 8, 8] = 1
    transform = Augmentation(["translation"], [1], (-1.0, 1.0), -1.0)
    where = np.argwhere(transform.transformed(paddle.to_tensor(dot)).numpy() > 0)[:, 2:] - 8
    assert len(where) == 3000 and {tuple(w) for w in where} == {
        (a, b) for a in range(-2, 3) for b in range(-2, 3)
    }
    transform = Augmentation(["cutout"], [1], (-1.0, 1.0), -1.0)
    holes = transform.transformed(paddle.ones([3000, 1, 16, 16])).numpy() < 0
    sizes = holes.sum(axis=(1, 2, 3))
    assert sizes.max() == 64 and sizes.min() == 16  # 中心在角上时只剩四分之一
    # 左上角的点：17 种位置里有 5 种盖住第 0 行
    assert holes[:, 0, 0, 0].mean() == pytest.approx((5 / 17) ** 2, abs=0.02)


# 装在判别器上


def looks(network) -> list:
    """此后 network 看到的图：在变换之后再装一个钩子记下来。"""
    seen = []
    network.register_forward_pre_hook(lambda layer, inputs: seen.append(inputs[0].numpy().copy()))
    return seen


def test_reals_and_fakes_are_changed_in_both_steps_and_never_twice_alike():
    method = augmented("relativistic", gamma_r1=0.0, gamma_r2=0.0)
    seen, raw = looks(method.D), paddle.full([4, 1, 8, 8], 0.3)
    method.discriminator_loss(raw)
    real, fake = seen
    assert (real != 0.3).any(axis=(1, 2, 3)).all() and len({image.tobytes() for image in real}) == 4
    seed_noise()
    made = method.G(method.noise(4)).numpy()
    seed_noise()
    method.generator_loss(raw)
    _, _, fake, again = seen  # 相对损失里，更新 G 时真图也变
    assert (fake != made).any(axis=(1, 2, 3)).all() and (again != 0.3).any(axis=(1, 2, 3)).all()
    assert again.tobytes() != real.tobytes()


def test_in_evaluation_mode_nothing_is_changed():
    method, x = augmented("dcgan"), paddle.full([2, 1, 8, 8], 0.3)
    seen = looks(method.D)
    with inference(method.D):
        method.D(x)
    assert (seen[0] == np.float32(0.3)).all()


def test_labels_stay_and_a_pair_shares_one_draw():
    method = augmented("cgan")
    seen = looks(method.D)
    labels = paddle.to_tensor([1, 2])
    method.judge(paddle.full([2, 1, 8, 8], 0.3), labels)
    assert (seen[0][:, 1:] == method.one_hot(labels).numpy()[:, :, None, None]).all()
    assert (seen[0][:, 0] != np.float32(0.3)).any(axis=(1, 2)).all()
    method = augmented("pix2pix")
    seen, x = looks(method.D), paddle.to_tensor(RNG.uniform(-1, 1, (3, 1, 8, 8)).astype("float32"))
    method.judge(x, x)
    assert seen[0].shape[1] == 2 and (seen[0] != x.numpy()).any()
    np.testing.assert_allclose(seen[0][:, 0], seen[0][:, 1], atol=1e-6)


def test_black_ground_is_filled_black_and_white_paper_white():
    for data, ground in (("digits", -1), ("glyphs", 1), ("avatars", 0)):
        method = augmented("dcgan", ["cutout"], data=data) if data != "glyphs" else None
        method = method or augmented("pix2pix", ["cutout"], data=data)
        seen = looks(method.D)
        channels = 2 if data == "glyphs" else 1
        method.D(paddle.full([6, channels, 8, 8], 0.25))
        assert set(np.unique(seen[0])) == {0.25, ground}, data


# 梯度


def shifted(weights: list, directions: list, h: float) -> None:
    for weight, direction in zip(weights, directions):
        weight.set_value((weight + h * direction).detach())


def slope(loss, weights: list, h: float = 1e-3) -> tuple[float, float]:
    """loss() 沿自己的梯度方向的斜率：求导的（‖∇‖）与有限差分的。"""
    loss().backward()
    gradients = [weight.grad.clone() for weight in weights]
    length = float(sum(g.square().sum() for g in gradients).sqrt())
    directions = [g / length for g in gradients]
    shifted(weights, directions, h)
    above = float(loss())
    shifted(weights, directions, -2 * h)
    below = float(loss())
    shifted(weights, directions, h)
    return length, (above - below) / (2 * h)


def test_the_gradient_of_g_passes_through_the_transform():
    method = augmented("dcgan")
    method.D.train()

    def loss():
        seed_noise()
        return method.generator_loss(16)[0]

    for layer in method.G.sublayers():
        if isinstance(layer, nn.BatchNorm2D):
            layer.eval()
    exact, measured = slope(loss, [p for p in method.G.parameters() if p.trainable])
    assert exact > 1e-4 and exact == pytest.approx(measured, rel=0.02)


def test_the_penalty_is_that_of_d_after_t_and_its_gradient_is_right():
    method = augmented("r1", x=(3, 8, 8), lr_D=1.0)
    x = paddle.to_tensor(RNG.uniform(-1, 1, (2, 3, 8, 8)).astype("float32"))

    def penalty():
        seed_noise()
        return squared_gradient_norm(method.D, x).mean()

    # 值：沿各个像素的有限差分
    seed_noise()
    norms = squared_gradient_norm(method.D, x).numpy()
    squares, h = np.zeros(2), 1e-2
    for place in np.ndindex(3, 8, 8):
        scores = []
        for sign in (1, -1):
            moved_x = x.numpy().copy()
            moved_x[(slice(None), *place)] += sign * h
            seed_noise()
            with paddle.no_grad():
                scores.append(method.D(paddle.to_tensor(moved_x)).numpy().reshape(2))
        squares += ((scores[0] - scores[1]) / (2 * h)) ** 2
    np.testing.assert_allclose(norms, squares, rtol=0.05)
    # 对 D 的权重的导数
    weights = [p for p in method.D.parameters() if p.ndim > 1]
    exact, measured = slope(penalty, weights)
    assert exact > 1e-5 and exact == pytest.approx(measured, rel=0.03)


# 只变真图会怎样


def advantage(both: bool) -> float:
    """生成的就是真图时，学过的 D 给两边的差；只变真图，D 认的是变没变过。"""
    paddle.seed(0)
    D = nn.Sequential(nn.Flatten(), nn.Linear(64, 1))
    transform = Augmentation(["translation", "cutout"], [1], (-1.0, 1.0), -1.0)
    x = paddle.to_tensor(RNG.uniform(0, 1, (32, 1, 8, 8)).astype("float32"))
    optimizer = paddle.optimizer.Adam(1e-2, parameters=D.parameters())
    for _ in range(60):
        real = D(transform.transformed(x))
        fake = D(transform.transformed(x) if both else x)
        (softplus(-real) + softplus(fake)).mean().backward()
        optimizer.step()
        optimizer.clear_grad()
    return float((real - fake).mean())


def test_with_only_the_reals_changed_a_perfect_generator_is_told_to_copy_the_changes():
    assert abs(advantage(both=True)) < 0.3
    assert advantage(both=False) > 2.0


# 用不上的


@pytest.mark.parametrize("name", ["ae", "vae", "ebgan", "began"])
def test_methods_without_a_discriminator_of_pictures_refuse_it(name):
    with pytest.raises(UserError, match=f"{name} 没有这一节；请去掉 diff_augment"):
        augmented(name)


def test_points_packed_pictures_and_doubled_names_are_refused():
    with pytest.raises(UserError, match=r"变换的是图像，这里的样本形状是 \(2,\)"):
        augmented("gan")
    with pytest.raises(UserError, match=r"pac_gan 的判别器一次看的是 \(2, 8, 8\)，不是一张"):
        augmented("pac_gan")
    with pytest.raises(UserError, match="diff_augment 里有重复的"):
        augmented("dcgan", ["color", "color"])
    with pytest.raises(UserError, match="diff_augment.0 只能是 'color', 'translation' 或 'cutout'"):
        augmented("dcgan", ["colour"])


IMAGES = [n for n in METHODS if "discriminator" in METHODS[n].sections and n != "pac_gan"]


@pytest.mark.parametrize("name", [n for n in IMAGES if len(TINY[n].x) == 3])
def test_every_method_of_pictures_trains_with_it_and_the_same_seed_gives_the_same_bytes(name):
    def after_two_steps(names):
        method = augmented(name, names)
        batches = tiny_batches(name, method)
        for step in (1, 2):
            seed_noise(step)
            logs = method.train_step(batches, step)
        assert all(np.isfinite(value.item()) for value in logs.values())
        letters = method.networks.items()
        return b"".join(p.numpy().tobytes() for _, network in letters for p in network.parameters())

    assert after_two_steps(ALL) == after_two_steps(ALL) != after_two_steps([])
