"""训练中画的图：决策面哪边是真、色标写着几，哪一张是固定噪声的、属于第几步；进度条上的速度。"""

import numpy as np
import pytest
from paddle import nn
from tool_helpers import RAW, decode

from paddle_gan.data.toy import Ring
from paddle_gan.engine import hooks, panels
from paddle_gan.run.config import resolve
from paddle_gan.viz import color_bar, extent_of

ORANGE, VIOLET = (253, 174, 97), (158, 154, 200)  # 像真、像假


class Slope(nn.Layer):
    """D 的分数只看横坐标：slope·x + level。"""

    def __init__(self, slope: float, level: float):
        super().__init__()
        self.slope, self.level = slope, level

    def forward(self, x):
        return x[:, :1] * self.slope + self.level


class Judge:
    """只有一个 D 的方法。"""

    def __init__(self, slope, level=0.0):
        self.D = Slope(slope, level)


def surface(method, logs: dict):
    """决策面的图与它的半边长。"""
    hook = panels.PanelHook.__new__(panels.PanelHook)
    hook.method, hook.test = method, Ring(std=0.01)
    hook.real = hook.test.sample(300, np.random.default_rng(0))
    center, half = extent_of(hook.real)
    return hook._surface(np.zeros((1, 2)), logs), half


@pytest.mark.parametrize("slope", [9.0, -9.0])
@pytest.mark.parametrize("logs", [{"prob/real": 0.5}, {}])
def test_the_surface_is_orange_on_the_side_that_looks_real(slope, logs):
    image, _ = surface(Judge(slope), logs)
    left, right = image[100, 2], image[100, -3]
    real, fake = (right, left) if slope > 0 else (left, right)
    assert np.abs(real.astype(int) - ORANGE).max() <= 2
    assert np.abs(fake.astype(int) - VIOLET).max() <= 2


def test_the_bar_of_a_critic_names_its_lowest_score_left_and_its_highest_right():
    image, half = surface(Judge(3.0, 100.0), {})
    reach = 3 * half * (1 - 1 / panels.CELLS)  # 最边上一格的中心
    bar = color_bar(np.zeros((480, 480, 3), np.uint8), 100 - reach, 100 + reach)[480:]
    assert np.array_equal(image[480:], bar)
    probability, _ = surface(Judge(3.0, 100.0), {"prob/real": 0.5})
    assert np.array_equal(
        probability[480:], color_bar(np.zeros((480, 480, 3), np.uint8), 0, 1)[480:]
    )


@pytest.mark.parametrize("low, high", [(-1.0, 1.0), (0.0, 1.0), (-3.0, -1.0)])
def test_a_tenth_of_the_whole_range_is_not_outside(low, high):
    width = high - low
    for inside in (low - 0.099 * width, low, high, high + 0.099 * width):
        assert panels.outside(np.array([inside]), (low, high)) == 0, inside
    for beyond in (low - 0.101 * width, high + 0.101 * width):
        assert panels.outside(np.array([beyond]), (low, high)) == 1, beyond


class Painter:
    """固定噪声画红，新噪声画步数那么蓝。"""

    def fixed(self):
        return np.full((2, 3, 3), (255, 0, 0), np.uint8)

    def fresh(self, step):
        return np.full((2, 3, 3), (0, 0, step), np.uint8)


class Board:
    """记下送来的图。"""

    def __init__(self):
        self.shown = {}

    def image(self, tag, step, image):
        self.shown[tag, step] = tuple(image[0, 0])


def test_fixed_and_fresh_pictures_go_under_their_own_names_and_steps(tmp_path):
    config = resolve(RAW["gan"] | {"batch_size": 4, "total_steps": 5, "sample_every": 2})
    board = Board()
    hook = hooks.SampleHook(config, Painter(), hooks.Gallery(tmp_path, board))
    for step in range(1, 6):
        hook(step, {}, {})
    colours = {"fixed": lambda step: (255, 0, 0), "fresh": lambda step: (0, 0, step)}
    wanted = {(kind, step): colour(step) for kind, colour in colours.items() for step in (2, 4, 5)}
    assert board.shown == {(f"samples/{k}", step): v for (k, step), v in wanted.items()}
    files = {path.stem: tuple(decode(path)[0, 0, ::-1]) for path in tmp_path.iterdir()}
    assert files == {f"{k}_{step:07d}": v for (k, step), v in wanted.items()}


def test_the_progress_bar_shows_the_losses_and_samples_not_steps_per_second(monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    hook = hooks.ProgressHook(start=0, total_steps=30, batch_size=64)
    try:
        shown = {}
        monkeypatch.setattr(type(hook.bar), "format_dict", {"rate": 2.5})
        monkeypatch.setattr(hook.bar, "set_description", lambda text, **_: shown.update(text=text))
        monkeypatch.setattr(hook.bar, "set_postfix", lambda d, **_: shown.update(losses=d))
        for step in range(1, 11):
            hook(step, {"loss/D": 0.5 * step, "loss/G": 7.0, "prob/real": 0.9}, {})
        assert shown == {"text": "160 样本/秒", "losses": {"D": "5", "G": "7"}}
    finally:
        monkeypatch.undo()
        hook.close()
