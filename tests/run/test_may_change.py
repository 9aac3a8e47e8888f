"""接着训练时什么能变、什么不能：能变的一句话说清原来与现在，学习率跳了也要说；不能变的拒绝。"""

import shutil

import pytest
from resume_cases import config_of, contents

from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.monitor.recorder import read_records
from paddle_gan.run.config import resolve
from paddle_gan.run.run import Run


def changed(config, path: str, value):
    """换了一项的设定；path 是“键.子键”。"""
    raw = config.model_dump(mode="json")
    *parents, last = path.split(".")
    node = raw
    for parent in parents:
        node = node[parent]
    node[last] = value
    return resolve(raw)


BASE = config_of("gan", total_steps=5, log_every=1, checkpoint_every=5, sample_every=5, metrics={})


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """训练完 5 步的目录，谁也不要往里写。"""
    folder = tmp_path_factory.mktemp("trained") / "run"
    Trainer(BASE, "cpu").run(folder)
    return folder


@pytest.fixture
def run(trained, tmp_path):
    return Run(shutil.copytree(trained, tmp_path / "run"))


ALLOWED = {
    "total_steps": (9, "total_steps 5 → 9"),
    "log_every": (2, "log_every 1 → 2"),
    "sample_every": (3, "sample_every 5 → 3"),
    "checkpoint_every": (3, "checkpoint_every 5 → 3"),
    "keep_checkpoints": (1, "keep_checkpoints 3 → 1"),
    "metrics.names": (["modes"], "metrics.names [] → ['modes']"),
    "board": (["visualdl"], "board [] → ['visualdl']"),
    "hparams.lr_D": (1e-3, "hparams.lr_D 0.0002 → 0.001"),
    "lr_schedule": ("linear", "lr_schedule 没写 → linear"),
}
FORBIDDEN = {
    "seed": 9,
    "batch_size": 8,
    "ema": 0.9,
    "hparams.beta1": 0.9,
    "hparams.z_dim": 3,
    "network.generator.width": 9,
    "data.modes": 5,
    "init": "别处",
}


@pytest.mark.parametrize("key", ALLOWED)
def test_what_may_change_is_said_in_one_line_with_both_values(key, run, capsys):
    value, said = ALLOWED[key]
    config = changed(changed(BASE, "total_steps", 6), key, value)
    summary = Trainer(config, "cpu").run(run.folder, resume=True)
    assert summary["status"] == "finished" and summary["step"] == config.total_steps
    (line,) = [text for text in capsys.readouterr().err.splitlines() if "与上次不同" in text]
    assert said in line and line.startswith("提示：接着训练，与上次不同的是：")
    assert run.config() == config  # 写下的是现在的设定


@pytest.mark.parametrize("key", FORBIDDEN)
def test_what_must_not_change_is_refused_with_both_values_and_nothing_is_written(key, run):
    before, config_text = contents(run.folder), run.config_file.read_text("utf-8")
    config = changed(changed(BASE, "total_steps", 9), key, FORBIDDEN[key])
    with pytest.raises(UserError, match=f"{key} 原来(是 .*|没写)，现在(是|没写)") as refused:
        Trainer(config, "cpu").run(run.folder, resume=True)
    assert "total_steps" not in str(refused.value) and "不写 -c" in str(refused.value)
    assert contents(run.folder) == before and run.config_file.read_text("utf-8") == config_text


def test_another_method_is_refused(run):
    raw = BASE.model_dump(mode="json") | {"method": "wgan", "hparams": {}, "total_steps": 9}
    with pytest.raises(UserError, match="method 原来是 gan，现在是 wgan"):
        Trainer(resolve(raw), "cpu").run(run.folder, resume=True)


def test_a_refused_resume_leaves_the_old_settings_so_the_next_one_still_says_what_changed(
    run, capsys
):
    faster = changed(BASE, "hparams.lr_G", 1e-3)
    with pytest.raises(UserError, match="已经训练到第 5 步"):
        Trainer(faster, "cpu").run(run.folder, resume=True)
    assert run.config() == BASE
    with pytest.raises(UserError, match="已经训练到第 5 步；"):  # 走到的，不是打算走的
        Trainer(changed(BASE, "total_steps", 3), "cpu").run(run.folder, resume=True)
    Trainer(changed(faster, "total_steps", 6), "cpu").run(run.folder, resume=True)
    assert "hparams.lr_G 0.0002 → 0.001" in capsys.readouterr().err


def test_the_new_rate_is_the_one_that_is_used_and_recorded(run, capsys):
    config = changed(changed(BASE, "total_steps", 7), "hparams.lr_D", 5e-4)
    trainer = Trainer(config, "cpu")
    trainer.run(run.folder, resume=True)
    assert "；第 6 步起的学习率 D 0.0002 → 0.0005" in capsys.readouterr().err
    assert trainer.method.optimizers["D"].get_lr() == 5e-4
    rates = [(r["lr/D"], r["lr/G"]) for r in read_records(run.metrics_file)]
    assert rates == [(2e-4, 2e-4)] * 5 + [(5e-4, 2e-4)] * 2


def test_more_steps_of_a_decaying_schedule_announce_the_jump_of_the_rate(tmp_path, capsys):
    short = config_of("cyclegan", total_steps=4, log_every=1, checkpoint_every=4)
    Trainer(short, "cpu").run(tmp_path / "run")
    capsys.readouterr()
    longer = changed(short, "total_steps", 8)
    Trainer(longer, "cpu").run(tmp_path / "run", resume=True)
    # 4 步里最后一步的倍数是 (1 − 3/4) / ½ = ½；8 步里第 5 步的进度是 ½，倍数是 1
    said = "；第 5 步起的学习率 D 0.0001 → 0.0002、G 0.0001 → 0.0002"
    assert said in capsys.readouterr().err
    rates = [r["lr/G"] for r in read_records(tmp_path / "run/metrics.jsonl")]
    expected = [1, 1, 1, 0.5, 1, 0.75, 0.5, 0.25]
    assert rates == pytest.approx([2e-4 * factor for factor in expected])


def test_intervals_that_follow_the_steps_are_not_told_but_written_ones_are(tmp_path, capsys):
    steps = {"sample_every": None, "checkpoint_every": None}
    Trainer(config_of("gan", total_steps=10, **steps), "cpu").run(tmp_path / "run")
    Trainer(config_of("gan", total_steps=20, **steps), "cpu").run(tmp_path / "run", resume=True)
    assert "：total_steps 10 → 20\n" in capsys.readouterr().err
    often = config_of("gan", total_steps=22, sample_every=1, checkpoint_every=None)
    Trainer(often, "cpu").run(tmp_path / "run", resume=True)
    assert "：total_steps 20 → 22；sample_every 2 → 1\n" in capsys.readouterr().err


def test_an_unchanged_schedule_says_nothing_of_the_rate(tmp_path, capsys):
    config = config_of("cyclegan", total_steps=8, checkpoint_every=4)
    Trainer(config, "cpu").run(tmp_path / "run")
    checkpoints = tmp_path / "run/checkpoints"
    (checkpoints / "step_0000004.safetensors").rename(checkpoints / "last.safetensors")
    capsys.readouterr()
    Trainer(config, "cpu").run(tmp_path / "run", resume=True)
    assert "与上次不同" not in capsys.readouterr().err
