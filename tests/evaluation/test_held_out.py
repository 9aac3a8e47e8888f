"""判别器背下训练集了吗：两个量的数值、评估模式、各方法怎样打分、诊断。"""

import numpy as np
import paddle
import pytest
from helpers import TINY, TinyData, tiny_method
from tool_helpers import tiny_run

from paddle_gan.evaluation.evaluate import evaluate_run
from paddle_gan.evaluation.scorers import computable
from paddle_gan.evaluation.scorers_held_out import HeldOutScorer
from paddle_gan.methods import METHODS
from paddle_gan.methods.abilities import Judges
from paddle_gan.monitor.diagnose import diagnose
from paddle_gan.run import gallery
from paddle_gan.run.run import Run


class Other(TinyData):
    """没见过的样本：取值是训练的三成。"""

    def batch(self, kind, indices, rng):
        return kind(
            *(part * 0.3 if part.ndim > 1 else part for part in super().batch(kind, indices, rng))
        )


SHAPE = TINY["dcgan"].x
TRAIN, TEST = TinyData(SHAPE), Other(SHAPE)


def test_the_two_numbers_are_the_gap_and_its_share_of_the_gap_to_the_fakes():
    method = tiny_method("dcgan")
    scorer = HeldOutScorer(TRAIN, TEST, 24, 0)
    paddle.seed(3)
    found = scorer.score(method)
    paddle.seed(3)
    fake = method.generate(method.noise(24))
    method.D.eval()
    train, test, made = (
        method.D(paddle.to_tensor(x)).numpy().mean() for x in (TRAIN.x, TRAIN.x * 0.3, fake.numpy())
    )
    assert found["held_out/gap"] == pytest.approx(train - test, rel=1e-4)
    share = np.clip((train - test) / abs(train - made), -1, 1)
    assert found["held_out/overfit"] == pytest.approx(share, rel=1e-3)


def test_scoring_leaves_d_in_training_mode_and_its_statistics_alone():
    method = tiny_method("dcgan")
    before = {name: t.numpy().copy() for name, t in method.D.state_dict().items()}
    HeldOutScorer(TRAIN, TEST, 24, 0).score(method)
    assert method.D.training and method.G.training
    for name, tensor in method.D.state_dict().items():
        assert tensor.numpy().tobytes() == before[name].tobytes()


@pytest.mark.parametrize("name", [n for n in METHODS if issubclass(METHODS[n], Judges)])
def test_every_discriminator_gives_the_reals_its_own_score(name):
    method = tiny_method(name)
    data = TinyData(TINY[name].x)
    found = HeldOutScorer(data, data, 24, 0).score(method)
    assert found["held_out/gap"] == pytest.approx(0, abs=1e-6)  # 训练与没见过的是同一批
    other = HeldOutScorer(data, Other(TINY[name].x), 24, 0).score(method)
    assert other["held_out/gap"] != 0 and np.isfinite(list(other.values())).all()


def test_a_memorising_discriminator_is_diagnosed_and_a_fair_one_is_not():
    def verdict(overfit: float):
        records = [{"step": 100 * k, "held_out/overfit": overfit} for k in range(1, 13)]
        return diagnose(records)

    bad = verdict(0.8)
    assert bad.verdict == "判别器过强" and "是真假之差的 80 %" in bad.text()
    assert "diff_augment" in bad.text()
    assert verdict(0.4).verdict == "正常"


def test_without_the_discriminator_of_a_shipped_run_it_is_left_out_and_said(capsys):
    shipped = evaluate_run(Run(gallery.GALLERY / "dcgan_digits"), names=["held_out", "pixel_std"])
    assert shipped["scores"].keys() == {"pixel_std"}
    assert "没有存判别器，held_out 不算" in capsys.readouterr().err
    _, whole = Run(tiny_run("dcgan")).load()
    assert computable(["held_out", "edges"], whole) == ["held_out", "edges"]
    assert capsys.readouterr().err == ""
