"""增广的机会 p 随判别器调（ADA）：p 怎样走、怎样用、接着训练照旧，用不上的一句话说清。"""

import json

import numpy as np
import paddle
import pytest
from helpers import TINY, sections

from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.monitor.glossary import GLOSSARY
from paddle_gan.networks.augmentation import Augmentation
from paddle_gan.run.augmenting import RISE, Strength
from paddle_gan.run.build import Shapes, build_method
from paddle_gan.run.config import resolve

RAW = {
    "method": "dcgan",
    "hparams": TINY["dcgan"].hparams,
    "network": sections(TINY["dcgan"]),
    "data": {"name": "digits"},
    "batch_size": 4,
    "total_steps": 6,
    "few": 10,
    "board": [],
    "log_every": 2,
    "metrics": {"names": []},
    "diff_augment": ["translation"],
    "diff_augment_target": 0.6,
}


def strength(target: float = 0.6, **changed) -> Strength:
    config = resolve(RAW | {"diff_augment_target": target} | changed)
    return Strength(build_method(config, Shapes((1, 28, 28))), config)


def test_p_goes_up_while_r_t_is_over_the_target_and_down_below_and_stays_in_its_range():
    mine, record = strength(), {}
    likely = [0.9] * 3 + [0.7, 0.79, 0.7, 0.7, 0.81]  # 目标 0.6：概率在 0.8 上下分
    expected, found = 0.0, []
    for step, probability in enumerate(likely, 1):
        before = expected
        expected = min(max(before + np.sign(2 * probability - 1 - 0.6) / 500, 0.0), 1.0)
        mine(step, {"loss/D": 1.0, "prob/real": probability}, record := {})
        found.append(mine.chances[0].item() - expected)
        assert record == ({"augment/p": pytest.approx(expected, abs=1e-6)} if step % 2 == 0 else {})
    assert np.abs(found).max() < 1e-6 and RISE == 500
    assert expected == pytest.approx(0.002)  # 降到 0 以下截住，末一步又升
    mine.chances[0].set_value(paddle.to_tensor([0.9995]))
    mine(9, {"loss/D": 1.0, "prob/real": 1.0}, {})
    assert mine.chances[0].item() == 1.0


def test_every_picture_is_changed_with_chance_p_of_its_own():
    x = paddle.full([4000, 1, 4, 4], 0.3)
    p = paddle.to_tensor([0.3])
    transform = Augmentation(["color"], [1], (-1.0, 1.0), 0.0, p)
    paddle.seed(0)
    changed = (transform.transformed(x).numpy() != x.numpy()).any(axis=(1, 2, 3))
    assert changed.mean() == pytest.approx(0.3, abs=4 * (0.3 * 0.7 / 4000) ** 0.5)
    p.set_value(paddle.to_tensor([0.0]))  # 谁改了它，下一次就照新的
    assert transform.transformed(x).numpy().tobytes() == x.numpy().tobytes()
    p.set_value(paddle.to_tensor([1.0]))
    paddle.seed(1)
    assert (transform.transformed(x).numpy() != x.numpy()).any(axis=(1, 2, 3)).all()


def test_a_discriminator_that_knows_the_reals_is_shown_more_changed_pictures():
    shares = {}
    for probability in (0.95, 0.55):
        mine = strength()
        for step in range(250):
            mine(step, {"loss/D": 1.0, "prob/real": probability}, {})
        shares[probability] = mine.chances[0].item()
    assert shares == {0.95: pytest.approx(0.5, abs=1e-4), 0.55: 0.0}


def test_p_is_logged_explained_and_comes_back_with_the_checkpoint_to_the_byte(tmp_path):
    raw = RAW | {"diff_augment_target": -0.9}

    def train(folder, steps: int, resume: bool = False) -> bytes:
        Trainer(resolve(raw | {"total_steps": steps}), "cpu").run(tmp_path / folder, resume)
        return (tmp_path / folder / "checkpoints" / "last.safetensors").read_bytes()

    train("halves", 4)
    assert train("halves", 6, resume=True) == train("whole", 6)
    for folder in ("whole", "halves"):
        lines = (tmp_path / folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
        p = [row["augment/p"] for row in map(json.loads, lines) if "augment/p" in row]
        assert p == pytest.approx([0.004, 0.008, 0.012], abs=1e-6)
    assert "augment/p" in GLOSSARY


def test_a_step_without_d_leaves_p_alone():
    mine = strength()
    mine(2, {"loss/l2": 0.1}, record := {})
    assert mine.chances[0].item() == 0.0 and record == {}


def test_what_cannot_be_adapted_is_refused():
    with pytest.raises(UserError, match="还没有写变什么；请写 diff_augment: "):
        resolve(RAW | {"diff_augment": []})
    with pytest.raises(UserError, match="diff_augment_target"):
        resolve(RAW | {"diff_augment_target": 1.5})
    with pytest.raises(UserError, match="dcgan 没有这一条曲线；请去掉它"):
        strength()(1, {"loss/D": 0.3, "score/real": 2.0}, {})
