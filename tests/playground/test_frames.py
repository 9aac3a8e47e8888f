"""一格画面：箭头指着 G 的损失变小的方向，决策面的颜色照 D 给的是概率还是分数。"""

from types import SimpleNamespace

import numpy as np
import paddle
import pytest
from playground_cases import small

from paddle_gan.engine.train import Trainer
from paddle_gan.gradients import loss_backward
from paddle_gan.playground import drawing
from paddle_gan.playground.frames import ARROWS, Camera
from paddle_gan.run import runtime
from paddle_gan.run.config import resolve


@pytest.fixture(scope="module")
def camera():
    return Camera(Trainer(resolve(small()), "cpu"))


def test_moving_the_samples_along_the_arrows_lowers_the_loss_of_g(camera):
    at, toward = camera.shoot(0).arrows
    assert len(at) == ARROWS and np.linalg.norm(toward) > 0

    def loss(points: np.ndarray) -> float:
        # 不饱和：−log σ(D(x))
        with paddle.no_grad():
            score = camera.method.D(paddle.to_tensor(points.astype(np.float32))).numpy()
        return float(np.logaddexp(0, -score).mean())

    step = 0.01 / np.linalg.norm(toward, axis=1).mean()
    assert loss(at + step * toward) < loss(at) < loss(at - step * toward)


def test_the_arrows_leave_no_gradient_behind(camera):
    camera.shoot(0)
    for network in camera.method.networks.values():
        for weight in network.parameters():
            assert weight.grad is None or not weight.grad.numpy().any()
    runtime.seed_stream(0, runtime.TRAIN, 1)
    with loss_backward():
        assert camera.method.losses()["G"]


def test_an_arrow_upward_is_drawn_upward():
    canvas = np.full((drawing.SIZE, drawing.SIZE, 3), 255, np.uint8)
    where = np.zeros(2), 1.0, drawing.SIZE
    drawing.pull(canvas, np.zeros((1, 2)), np.array([[0.0, 1.0]]), where)
    rows = np.nonzero((canvas < 200).any(axis=(1, 2)))[0]
    middle = drawing.SIZE // 2  # 行号往下数
    assert rows.min() == pytest.approx(middle - drawing.LONGEST, abs=3)
    assert rows.max() == pytest.approx(middle, abs=3)


def test_a_probability_is_coloured_from_zero_to_one_and_a_critic_by_its_own_scores():
    surface = np.array([[-2.0, 0.0], [1.0, 100.0]])
    values, limits = drawing.shares(surface, True)
    assert limits == (0.0, 1.0)
    assert values == pytest.approx(1 / (1 + np.exp(-np.minimum(surface, 60))))
    values, limits = drawing.shares(surface, False)
    assert limits == (-2.0, 100.0) and (values == surface).all()


def test_the_same_number_of_another_training_is_another_frame():
    actions = pytest.importorskip("paddle_gan.playground.page_actions", exc_type=ImportError)
    frame, one, other = SimpleNamespace(number=1), SimpleNamespace(), SimpleNamespace()
    assert actions.shown_as(one, frame) != actions.shown_as(other, frame)
