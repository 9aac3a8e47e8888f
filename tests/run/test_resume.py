"""恢复训练逐位相同：40 步 = 20 步 + 恢复 20 步，比较检查点、记录和样本图的每一个字节。"""

import shutil

import pytest
from resume_cases import CASES, config_of, contents
from tool_helpers import RAW

from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.run.checkpoint_file import read_checkpoint
from paddle_gan.run.config import resolve
from paddle_gan.run.run import Run


def test_logging_sampling_and_evaluating_more_often_do_not_change_the_training(tmp_path):
    quiet = config_of("gan", log_every=40, sample_every=40, checkpoint_every=40, metrics={})
    Trainer(config_of("gan", sample_every=3, log_every=1), "cpu").run(tmp_path / "chatty")
    Trainer(quiet, "cpu").run(tmp_path / "quiet")

    _, a = read_checkpoint(tmp_path / "chatty/checkpoints/last.safetensors")
    _, b = read_checkpoint(tmp_path / "quiet/checkpoints/last.safetensors")
    assert a.keys() == b.keys()
    assert all((a[name] == b[name]).all() for name in a)


def test_another_seed_gives_another_result(tmp_path):
    for seed in (0, 1):
        Trainer(config_of("gan", seed=seed), "cpu").run(tmp_path / str(seed))
    first, second = (contents(tmp_path / str(seed)) for seed in (0, 1))
    assert first["metrics.jsonl"] != second["metrics.jsonl"]


def test_resume_refuses_another_setting_and_names_it(tmp_path):
    Trainer(config_of("gan", total_steps=5), "cpu").run(tmp_path / "run")
    before = contents(tmp_path / "run")
    with pytest.raises(UserError, match="batch_size 原来是 4，现在是 8"):
        Trainer(config_of("gan", batch_size=8), "cpu").run(tmp_path / "run", resume=True)
    raw = config_of("gan", total_steps=5).model_dump(mode="json")
    raw["hparams"]["z_dim"], raw["seed"], raw["ema"] = 3, 9, 0.5
    with pytest.raises(UserError) as refused:
        Trainer(resolve(raw), "cpu").run(tmp_path / "run", resume=True)
    assert "hparams.z_dim 原来是 2，现在是 3" in str(refused.value)
    assert "ema 原来没写，现在是 0.5" in str(refused.value)
    assert "seed 原来是 0，现在是 9" in str(refused.value) and "beta1" not in str(refused.value)
    assert contents(tmp_path / "run") == before


def test_a_finished_run_resumes_only_with_more_steps(tmp_path):
    Trainer(config_of("gan", total_steps=5), "cpu").run(tmp_path / "run")
    with pytest.raises(UserError, match="已经训练到第 5 步"):
        Trainer(config_of("gan", total_steps=5), "cpu").run(tmp_path / "run", resume=True)
    summary = Trainer(config_of("gan", total_steps=9), "cpu").run(tmp_path / "run", resume=True)
    assert summary["step"] == 9


def test_killed_before_the_first_checkpoint_resume_starts_again_from_the_beginning(
    tmp_path, capsys
):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    config = config_of("gan", total_steps=10, checkpoint_every=5)
    Trainer(config, "cpu").run(whole)
    shutil.copytree(whole, broken)
    for path in broken.glob("checkpoints/*"):
        path.unlink()
    summary = Trainer(config, "cpu").run(broken, resume=True)
    assert summary["step"] == 10
    assert capsys.readouterr().err.count(f"提示：{broken} 还没有存过检查点，从头开始\n") == 1
    assert contents(broken) == contents(whole)


@pytest.mark.parametrize("left", [("best", "step_0000015"), ("best",)], ids=len)
def test_killed_while_the_first_checkpoint_is_written_resume_takes_what_is_there(
    left, tmp_path, capsys
):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    config = config_of("gan", total_steps=20, checkpoint_every=15)
    Trainer(config, "cpu").run(whole)
    shutil.copytree(whole, broken)
    for path in broken.glob("checkpoints/*"):
        if path.stem not in left:
            path.unlink()
    Trainer(config, "cpu").run(broken, resume=True)
    assert "从头开始" not in capsys.readouterr().err
    assert contents(broken) == contents(whole)


def test_a_damaged_last_that_is_moved_away_as_advised_resumes_from_the_newest_numbered(tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    config = config_of("gan", total_steps=20, checkpoint_every=5)
    Trainer(config, "cpu").run(whole)
    shutil.copytree(whole, broken)
    (broken / "checkpoints/step_0000020.safetensors").unlink()
    last = broken / "checkpoints/last.safetensors"
    last.write_bytes(last.read_bytes()[:-1])
    with pytest.raises(UserError, match="要 --resume，把这个文件移走，就从编号最大的那个"):
        Trainer(config, "cpu").run(broken, resume=True)

    last.rename(tmp_path / "坏的")
    started = []
    trainer = Trainer(config, "cpu")
    trainer.run(broken, resume=True, watch=(lambda step, logs, record: started.append(step),))
    assert started[0] == 16
    assert contents(broken) == contents(whole)


def test_the_newest_numbered_checkpoint_is_the_one_with_the_most_steps(tmp_path):
    run = Run(tmp_path)
    run.checkpoints.mkdir()
    for step in ("9999998", "9999999", "10000000"):
        run.checkpoint(step).touch()
    assert run.latest() == "step_10000000"


@pytest.mark.parametrize(
    "left", ["training.lock", "owner.json", "data.json", "config.yml.tmp", "samples/"]
)
def test_a_folder_that_was_only_just_begun_counts_as_new(left, tmp_path):
    folder = tmp_path / "run"
    (folder / left).parent.mkdir(parents=True, exist_ok=True)
    (folder / left).mkdir() if left.endswith("/") else (folder / left).touch()
    config = config_of("gan", total_steps=2)
    assert Trainer(config, "cpu").run(folder)["status"] == "finished"
    with pytest.raises(UserError, match="已经有内容"):
        Trainer(config, "cpu").run(folder)


def test_a_folder_that_is_no_run_is_never_resumed(tmp_path):
    (tmp_path / "笔记.txt").touch()
    with pytest.raises(UserError, match="没有 config.yml，不是可以接着训练的目录"):
        Trainer(config_of("gan"), "cpu").run(tmp_path, resume=True)
    assert [p.name for p in tmp_path.iterdir()] == ["笔记.txt"]


@pytest.mark.parametrize("method", CASES)
def test_forty_steps_equal_twenty_plus_resumed_twenty_byte_for_byte(method, tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    Trainer(config_of(method), "cpu").run(whole)

    # 好像第 38 步时断了电：last 还是第 20 步的，记录却写到了后面，最后一行只写了一半
    shutil.copytree(whole, broken)
    checkpoints = broken / "checkpoints"
    (checkpoints / "step_0000040.safetensors").unlink()
    (checkpoints / "step_0000020.safetensors").rename(checkpoints / "last.safetensors")
    shutil.copy(checkpoints / "last.safetensors", checkpoints / "step_0000020.safetensors")
    with (broken / "metrics.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"step": 41, "loss')

    summary = Trainer(config_of(method), "cpu").run(broken, resume=True)

    assert summary["status"] == "finished" and summary["step"] == 40
    expected, resumed = contents(whole), contents(broken)
    assert expected.keys() == resumed.keys()
    assert [name for name in expected if expected[name] != resumed[name]] == []


@pytest.mark.parametrize("name", ["seq_gan", "gumbel_gan"])
@pytest.mark.parametrize("half", [1, 2, 3])
def test_resumed_before_and_after_the_pretraining_the_bytes_are_the_same(name, half, tmp_path):
    """G 归最大似然与对抗两个优化器：接着训练时先轮到谁、还轮不轮得到，都不要紧。"""
    raw = RAW["seq_gan"] | {"method": name, "batch_size": 4, "board": [], "metrics": {"names": []}}
    raw["hparams"] = {"pretrain_steps": 2, "pretrain_D": 1}

    def train(folder: str, steps: int, resume: bool = False) -> bytes:
        Trainer(resolve(raw | {"total_steps": steps}), "cpu").run(tmp_path / folder, resume)
        return (tmp_path / folder / "checkpoints/last.safetensors").read_bytes()

    train("halves", half)
    assert train("halves", 4, resume=True) == train("whole", 4)
