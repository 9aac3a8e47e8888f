"""分块翻译：切得对不对，拼起来看不看得出接缝；长方形的图，高与宽换了就看得出。"""

from contextlib import nullcontext

import numpy as np
import paddle
import pytest
from paddle import nn
from tool_helpers import tiny_run

from paddle_gan.errors import UserError
from paddle_gan.evaluation import translation
from paddle_gan.evaluation.tiles import cut, overlap_of, ramps, shared_statistics, starts
from paddle_gan.evaluation.translation import Translator
from paddle_gan.methods.base import inference
from paddle_gan.run.build import Shapes
from paddle_gan.run.run import Run

SHAPES = Shapes((3, 32, 32), (3, 32, 32), (-1.0, 1.0))


class Net:
    """把一个网络当作翻译方法，记下它看到的形状。"""

    def __init__(self, network):
        self.network, self.seen = network, []

    def translator(self, direction):
        return self.network

    def translate(self, images, direction):
        self.seen.append(tuple(images.shape[2:]))
        with inference(self.network):
            return self.network(images)


@pytest.fixture(scope="module")
def config():
    return Run(tiny_run("cyclegan")).config()


def translator(config, network, **options) -> Translator:
    return Translator(config, Net(network), SHAPES, "x2y", **{"max_side": None, **options})


def picture(height, width, seed=0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("length, tile, multiple", [(1000, 256, 4), (260, 256, 4), (76, 64, 4)])
def test_the_pieces_cover_the_side_overlap_and_start_on_the_grid(length, tile, multiple):
    overlap = overlap_of(tile, multiple)
    begins = starts(length, tile, overlap, multiple)
    assert begins[0] == 0 and begins[-1] == length - tile
    assert all(begin % multiple == 0 for begin in begins)
    gaps = np.diff(begins)
    assert (gaps > 0).all() and (gaps <= tile - overlap + multiple).all()
    weights, total = ramps(begins, tile, length, overlap), np.zeros(length)
    for begin, weight in zip(begins, weights):
        assert (weight >= 0).all()
        if begin:
            assert (weight[: overlap // 4] == 0).all()  # 块边上的像素看不到块外面，不要
        total[begin : begin + tile] += weight
    assert total == pytest.approx(np.ones(length))
    # 过渡是渐变的：相邻两个像素的权重差不多
    assert max(np.abs(np.diff(weight)).max() for weight in weights) < 5 / overlap


def test_a_side_that_fits_is_one_piece():
    assert starts(64, 64, 16, 4) == starts(20, 64, 16, 4) == [0]
    (weight,) = ramps([0], 64, 20, 16)
    assert weight.tolist() == [1.0] * 20
    pieces = cut((20, 100), (64, 64), (16, 16), (4, 4))
    assert [(p.place[0], p.place[1].start) for p in pieces] == [
        (slice(0, 20), 0),
        (slice(0, 20), 36),
    ]


@pytest.mark.parametrize("height, width", [(150, 333), (333, 150), (70, 65), (64, 200)])
def test_a_tiled_identity_network_is_exact(height, width, config):
    image = picture(height, width)
    tiled = translator(config, nn.Identity(), tile=64)
    assert np.array_equal(tiled(image[None])[0], image)
    assert tiled.in_tiles(height, width)
    assert set(tiled.method.seen) <= {(64, 64), (min(64, -(-height // 4) * 4), 64)}
    assert len(tiled.method.seen) > 1
    whole = translator(config, nn.Identity(), tile=None)
    assert np.array_equal(whole(image[None])[0], image) and len(whole.method.seen) == 1


def convolutions(radius: int) -> nn.Layer:
    """看得到四周 radius 个像素的卷积网络，没有归一化；输出在 [−1, 1] 里。"""
    paddle.seed(3)
    layers = []
    for _ in range(radius):
        layers += [nn.Conv2D(3, 3, 3, padding=1, padding_mode="reflect"), nn.Tanh()]
    return nn.Sequential(*layers)


def test_a_tiled_convolution_is_the_whole_one_when_it_sees_no_farther_than_the_margin(config):
    image = picture(140, 210)
    overlap = overlap_of(64, 4)
    assert overlap // 4 == 4
    for radius, limit in ((4, 1), (8, 40)):
        network = convolutions(radius)
        whole = translator(config, network)(image[None])[0].astype(int)
        tiled = translator(config, network, tile=64)(image[None])[0].astype(int)
        assert whole.std() > 3
        assert np.abs(tiled - whole).max() <= limit
        # 看得更远的，也只在块边上有差别
        assert np.mean(np.abs(tiled - whole) > 1) < 0.05


def test_down_and_up_sampling_stays_on_the_grid_of_the_whole_picture(config):
    network = nn.Sequential(nn.AvgPool2D(4), nn.Upsample(scale_factor=4, mode="nearest"))
    image = picture(100, 180)
    whole = translator(config, network)(image[None])[0].astype(int)
    tiled = translator(config, network, tile=64)(image[None])[0].astype(int)
    assert np.abs(tiled - whole).max() <= 1


def half_and_half() -> np.ndarray:
    """左边暗而平，右边亮而乱：各块的均值与方差大不相同。"""
    image = np.full((96, 240, 3), 40, np.uint8)
    image[:, 120:] = 150 + picture(96, 120) // 3
    image[:, :120] += picture(96, 120) // 64
    return image


def spread(made: np.ndarray, image: np.ndarray) -> int:
    """同样的颜色译出来最多差多少。"""
    shades = [made[image == value].astype(int) for value in (40, 42, 170, 200)]
    return max(shade.max() - shade.min() for shade in shades)


def test_every_piece_is_normalised_as_the_whole_picture_so_equal_pixels_stay_equal(
    config, monkeypatch
):
    network = nn.Sequential(nn.InstanceNorm2D(1, weight_attr=False, bias_attr=False), nn.Tanh())
    grey = Shapes((1, 32, 32), (1, 32, 32), (-1.0, 1.0))
    image = half_and_half()[..., :1]
    make = lambda tile: Translator(config, Net(network), grey, "x2y", None, tile)  # noqa: E731
    tiled, whole = (make(tile)(image[None])[0] for tile in (64, None))
    assert spread(tiled, image) <= 1 and spread(whole, image) <= 1
    assert np.abs(tiled.astype(int) - whole).max() <= 12  # 缩影的均值、方差与整张图的差一点
    # 各块用自己的，同样的颜色就深浅不一：上面的不是白写的
    monkeypatch.setattr(translation, "shared_statistics", lambda *_: nullcontext())
    assert spread(make(64)(image[None])[0], image) > 20


def test_shared_statistics_are_a_line_also_with_learned_scales_and_leave_no_hook():
    layer = nn.InstanceNorm2D(2)
    layer.scale.set_value(paddle.to_tensor([2.0, -3.0]))
    layer.bias.set_value(paddle.to_tensor([0.5, 1.0]))
    look = paddle.to_tensor(np.random.default_rng(0).normal(3, 2, (1, 2, 8, 9)).astype("float32"))
    look[:, 1] = 7.0  # 处处相同的通道：输出就是偏移，不除以 0
    other = paddle.full([1, 2, 4, 4], 5.0)
    with shared_statistics(layer, lambda: layer(look)):
        made = layer(other).numpy()
    mean, std = look[0, 0].numpy().mean(), look[0, 0].numpy().std()
    assert made[0, 0] == pytest.approx(2 * (5 - mean) / std + 0.5, abs=1e-3)
    assert made[0, 1] == pytest.approx(1.0, abs=1e-5)
    assert layer(other).numpy()[0, 0] == pytest.approx(0.5)  # 出了块，又是自己的均值


def test_memory_is_checked_before_and_the_sentence_names_the_levers(config, monkeypatch):
    monkeypatch.setattr(translation.memory, "available", lambda: 100 * 2**20)
    wide = config.model_copy(
        update={"network": {"generator": config.network["generator"] | {"width": 64}}}
    )
    shrunk = Translator(wide, Net(None), SHAPES, "x2y", max_side=512)
    shrunk.require_memory([(100, 90), (200, 100)])
    with pytest.raises(
        UserError, match="译 512×400 的图约要 0.38 GB.*0.098 GB；.*--max-side.*--tile"
    ):
        shrunk.require_memory([(100, 90), (400, 512)])
    tiled = Translator(wide, Net(None), SHAPES, "x2y", None, tile=0)
    assert 128 < tiled.tile < 200  # 一半的内存装得下
    tiled.require_memory([(1000, 800)])
    with pytest.raises(UserError, match="请把 --tile 改小，或用 --max-side 先缩小"):
        tiled.require_memory([(3000, 2000)])
    monkeypatch.setattr(translation.memory, "available", lambda: None)
    shrunk.require_memory([(4000, 4000)])  # 问不到还有多少内存，就不拦
    assert Translator(wide, Net(None), SHAPES, "x2y", None, tile=0).tile == 512
