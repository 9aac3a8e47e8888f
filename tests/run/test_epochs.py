"""epochs：步数与手算的一致，一步取几批是数出来的；数的时候不影响训练。"""

import pytest
from helpers import CLASSES, TINY, VOCABULARY, TinyData, sections, tiny_data
from resume_cases import CASES, config_of
from tool_helpers import run_tool

from paddle_gan.engine.train import Trainer
from paddle_gan.run.build import Shapes, build_data, shapes_of
from paddle_gan.run.checkpoint_file import read_checkpoint
from paddle_gan.run.config import resolve
from paddle_gan.run.epochs import batches_per_step, resolve_epochs
from paddle_gan.run.run import Run


def in_epochs(method: str, epochs: int, **changes):
    """以轮数计的设定。"""
    raw = config_of(method, **changes).model_dump(mode="json", exclude={"total_steps"})
    return resolve(raw | {"epochs": epochs, "sample_every": None, "checkpoint_every": None})


@pytest.mark.parametrize("name", TINY)
def test_the_batches_of_a_step_are_counted_for_every_method(name):
    tiny = TINY[name]
    config = config_of(name)
    raw = config.model_dump(mode="json")
    config = resolve(raw | {"network": sections(tiny), "hparams": tiny.hparams})
    data, shapes = tiny_data(name), Shapes(tiny.x, tiny.y, None, CLASSES, (VOCABULARY,))
    assert batches_per_step(config, data, shapes) == tiny.batches


def test_the_extra_critic_updates_at_the_start_are_not_counted():
    assert CASES["wgan"]["hparams"]["n_critic_boost"] == 7
    config = config_of("wgan")
    data = build_data(config, "train")
    assert batches_per_step(config, data, shapes_of(data)) == config.hparams["n_critic"] == 5


@pytest.mark.parametrize(
    ("method", "epochs", "changes", "steps"),
    [
        # 二维点约定十万个一轮；gan 一步取 2 批：100000 / (4·2)
        ("gan", 1, {}, 12_500),
        ("gan", 3, {"batch_size": 7}, 21_429),  # 3·100000 / 14 = 21428.57，进一
        ("cyclegan", 2, {}, 625),  # 两个域各 1,250 个字，一步取 1 批 × 4 个
    ],
)
def test_the_steps_are_those_computed_by_hand(method, epochs, changes, steps):
    config = in_epochs(method, epochs, **changes)
    data = build_data(config, "train")
    resolved, rule = resolve_epochs(config, data, shapes_of(data))
    assert (resolved.total_steps, resolved.epochs) == (steps, None)
    assert resolved.sample_every == resolved.checkpoint_every == steps // 10
    assert rule.startswith(f"{epochs} 轮 = {steps} 步：")


def test_the_longer_of_two_domains_counts():
    config = in_epochs("cyclegan", 3)
    data = TinyData((1, 8, 8), (1, 8, 8))  # 24 与 20 个
    resolved, rule = resolve_epochs(config, data, Shapes((1, 8, 8), (1, 8, 8)))
    assert resolved.total_steps == 18 and "24 个样本" in rule  # 3·24 / 4


def test_counting_changes_nothing_of_the_training(tmp_path):
    counted = in_epochs("gan", 1, batch_size=10_000)
    Trainer(counted, "cpu").run(tmp_path / "epochs")
    Trainer(config_of("gan", batch_size=10_000, total_steps=5), "cpu").run(tmp_path / "steps")
    _, a = read_checkpoint(tmp_path / "epochs/checkpoints/last.safetensors")
    _, b = read_checkpoint(tmp_path / "steps/checkpoints/last.safetensors")
    assert a.keys() == b.keys() and all((a[name] == b[name]).all() for name in a)


def test_the_banner_states_the_rule_and_the_run_keeps_the_steps(tmp_path, capsys, monkeypatch):
    config = in_epochs("cyclegan", 1, batch_size=625)
    (tmp_path / "a.yml").write_text(config.dump(), encoding="utf-8")
    result = run_tool(capsys, monkeypatch, "train", "-c", tmp_path / "a.yml", "--dry-run")
    assert "共 2 步（1 轮 = 2 步：1,250 个样本，一步取 1 批 × 625 个）" in result.out
    trainer = Trainer(config, "cpu")
    Run(tmp_path / "run").create(trainer.config, {})
    saved = Run(tmp_path / "run").config()
    assert (saved.total_steps, saved.epochs) == (2, None)
