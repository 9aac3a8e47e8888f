"""docs/怎样加一个方法.md 里的例子：照抄下来就能用，损失与手算相同。"""

import re
from pathlib import Path

import numpy as np
import paddle
import pytest
from helpers import DCGAN_D, DCGAN_G, TINY, Tiny, seed_noise, tiny_batches, tiny_method

from paddle_gan.methods import METHODS

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "怎样加一个方法.md"


@pytest.fixture
def method(monkeypatch):
    """页上的代码当作一个模块执行，登记进 METHODS 与 TINY。"""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    names = {"__name__": "hinge"}
    exec(compile(code, str(PAGE), "exec"), names)  # noqa: S102  自己仓库里的一页
    monkeypatch.setitem(METHODS, "hinge", names["Hinge"])
    monkeypatch.setitem(TINY, "hinge", Tiny(DCGAN_G, DCGAN_D, {"z_dim": 4}, batches=1))
    return tiny_method("hinge")


def test_the_code_on_the_page_is_the_whole_file_of_the_method():
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert code == (ROOT / "paddle_gan/methods/hinge.py").read_text(encoding="utf-8")


def test_its_losses_are_those_of_the_formula(method):
    x = next(tiny_batches("hinge", method)).x
    seed_noise()
    with paddle.no_grad():
        real, fake = method.D(x).numpy(), method.D(method.G(method.noise(4))).numpy()
    expected = np.maximum(0, 1 - real).mean() + np.maximum(0, 1 + fake).mean()
    seed_noise()
    assert method.discriminator_loss(x)[0].item() == pytest.approx(expected, rel=1e-5)
    seed_noise()
    assert method.generator_loss(4)[0].item() == pytest.approx(-fake.mean(), rel=1e-5)


def test_it_trains_with_nothing_else_to_write(method):
    logs = method.train_step(tiny_batches("hinge", method), 1)
    assert set(logs) == {"loss/D", "loss/G", "score/real", "score/fake"}
    assert method.generate(method.noise(3)).shape == [3, 1, 8, 8]
