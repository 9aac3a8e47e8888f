"""恢复训练时换了评估的设定：两种分数不能比，最好的一次重新挑。"""

import pytest
from resume_cases import config_of

from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.monitor.recorder import read_records
from paddle_gan.run.checkpoint_file import encode, read_checkpoint


def judged(best: str | None, **changes) -> dict:
    """用 best 挑最好的一次的评估设定。"""
    metrics = {"names": ["modes", "wasserstein"], "every": 10, "samples": 50, "best": best}
    return {"metrics": metrics | changes}


def best_of(folder) -> list[tuple[int, float | None]]:
    """best 与 last 两个检查点的（步数，最好的分数）。"""
    headers = [
        read_checkpoint(folder / f"checkpoints/{n}.safetensors")[0] for n in ("best", "last")
    ]
    return [(header["step"], header["best"]) for header in headers]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (judged("wasserstein/w1"), "metrics.best 原来是 modes/covered，现在是 wasserstein/w1"),
        (judged("modes/covered", samples=60), "metrics.samples 原来是 50，现在是 60"),
        (judged("modes/covered", names=["modes"]), "metrics.names"),
    ],
    ids=["best", "samples", "names"],
)
def test_another_measure_on_resume_chooses_the_best_anew_and_says_so(
    changed, said, tmp_path, capsys
):
    folder = tmp_path / "run"
    Trainer(config_of("gan", total_steps=10, **judged("modes/covered")), "cpu").run(folder)
    last = folder / "checkpoints/last.safetensors"
    header, tensors = read_checkpoint(last)
    unbeatable = -1.0 if "wasserstein" in said else 99.0
    last.write_bytes(encode(header | {"best": unbeatable}, tensors))

    # 步数不够，被拒绝了一次：换过的设定已经写下，也不能忘了旧的分数
    with pytest.raises(UserError, match="已经训练到第 10 步"):
        Trainer(config_of("gan", total_steps=10, **changed), "cpu").run(folder, resume=True)
    assert said in capsys.readouterr().err
    Trainer(config_of("gan", total_steps=20, **changed), "cpu").run(folder, resume=True)
    score = read_records(folder / "metrics.jsonl")[-1][changed["metrics"]["best"]]
    assert best_of(folder) == [(20, score)] * 2


def test_evaluating_more_often_on_resume_keeps_the_best_score(tmp_path, capsys):
    folder = tmp_path / "run"
    Trainer(config_of("gan", total_steps=10, **judged("modes/covered")), "cpu").run(folder)
    last = folder / "checkpoints/last.safetensors"
    header, tensors = read_checkpoint(last)
    last.write_bytes(encode(header | {"best": 99.0}, tensors))
    often = config_of("gan", total_steps=20, **judged("modes/covered", every=5))
    Trainer(often, "cpu").run(folder, resume=True)
    assert best_of(folder)[0][0] == 10 and best_of(folder)[1] == (20, 99.0)
    assert "重新挑 best" not in capsys.readouterr().err
