"""训练循环与钩子：进度、停下、最好的一次、留哪几个检查点；方法与评估都用照本宣科的替身。"""

import math
import os
import signal

import paddle
import pytest
from tool_helpers import RAW

from paddle_gan.engine.hooks import CheckpointHook, EvaluateHook
from paddle_gan.engine.loop import Stop, fit
from paddle_gan.methods.base import PlainUpdates
from paddle_gan.run.checkpoint import Progress
from paddle_gan.run.config import resolve
from paddle_gan.run.finite import NonFinite

STEPS = 6


class Scripted:
    """代替一个方法：第 k 步的损失是 losses[k]，没有写的是 1；记下每一步的进度与抽到的随机数。"""

    def __init__(self, losses: dict[int, float] | None = None):
        self.losses = losses or {}
        self.networks, self.updates = {}, PlainUpdates()
        self.progress: list[float] = []
        self.drawn: list[tuple] = []

    def set_progress(self, progress: float) -> None:
        self.progress.append(progress)

    def train_step(self, batches, step: int):
        self.drawn.append(tuple(paddle.randn([2]).tolist()))
        return {"loss/D": paddle.to_tensor(self.losses.get(step, 1.0))}


def config_of(best: str | None = None, every: int = 1, **changes):
    metrics = {"names": ["modes", "wasserstein"], "every": every, "best": best}
    raw = RAW["gan"] | {"batch_size": 4, "total_steps": STEPS, "metrics": metrics}
    return resolve(raw | changes)


def run(method, hooks=(), start: int = 0, seed: int = 0) -> None:
    fit(method, None, hooks, seed=seed, start=start, total_steps=STEPS)


@pytest.mark.parametrize("start", [0, 4])
def test_progress_is_the_share_of_the_steps_already_done(start):
    method = Scripted()
    run(method, start=start)
    assert method.progress == pytest.approx([k / STEPS for k in range(start, STEPS)])


def test_the_random_numbers_of_a_step_depend_on_the_seed_and_the_step_alone():
    first, resumed, other = Scripted(), Scripted(), Scripted()
    run(first)
    paddle.randn([100])
    run(resumed, start=4)
    run(other, seed=1)
    assert resumed.drawn == first.drawn[4:]
    assert len({*first.drawn, *other.drawn}) == 2 * STEPS


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_not_a_number_or_infinite_stops_before_any_hook(value):
    seen = []
    with pytest.raises(NonFinite, match="第 3 步的 loss/D 变成了") as stopped:
        run(Scripted({3: value}), [lambda step, logs, record: seen.append(step)])
    assert seen == [1, 2]
    assert str(stopped.value).endswith("训练已停止")  # 怎么办由 engine/outcome.py 接着说


def test_the_step_that_was_interrupted_still_reaches_every_hook():
    seen = []

    def interrupt(step, logs, record):
        if step == 2:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Stop):
        run(Scripted(), [interrupt, lambda step, logs, record: seen.append(step)])
    assert seen == [1, 2, 3]  # 信号在第 2 步的钩子里来，第 3 步做完才停


class Scores:
    """代替 Evaluator：依次给出写好的分数。"""

    scorers = (None,)

    def __init__(self, name: str, values: list[float]):
        self.name, self.values = name, iter(values)

    def __call__(self, method) -> dict[str, float]:
        return {self.name: next(self.values)}


def improvements(name: str, values: list[float], best: float | None = None):
    """（哪几步比以前都好，最后记住的是多少）。"""
    hook = EvaluateHook(config_of(best=name), Scores(name, values), None, best)
    found = []
    for step in range(1, len(values) + 1):
        hook(step, {}, {})
        found += [step] * hook.improved
    return found, hook.best


def test_a_distance_is_best_when_lowest_and_a_count_when_highest():
    assert improvements("wasserstein/w1", [3.0, 4.0, 2.0, 2.0, 1.0]) == ([1, 3, 5], 1.0)
    assert improvements("modes/covered", [3.0, 2.0, 3.0, 5.0, 4.0]) == ([1, 4], 5.0)
    assert improvements("modes/covered", [3.0, 6.0], best=5.0) == ([2], 6.0)  # 恢复训练时记得以前的
    assert improvements("modes/covered", [3.0, 4.0], best=5.0) == ([], 5.0)


@pytest.mark.parametrize(("every", "steps"), [(4, [4, 6]), (3, [3, 6]), (9, [6])])
def test_the_last_step_is_evaluated_whatever_the_interval(every, steps):
    hook = EvaluateHook(config_of(every=every), Scores("modes/covered", [1.0] * STEPS), None, None)
    records = {step: {} for step in range(1, STEPS + 1)}
    for step, record in records.items():
        hook(step, {}, record)
    assert [step for step, record in records.items() if record] == steps


class Improved:
    """代替 EvaluateHook：improved 由测试来拨。"""

    improved, best = False, 0.5


class Counted:
    """代替批序列：一步取两批。"""

    position = 0


@pytest.mark.parametrize("kept", [1, 2, 9])
def test_the_newest_numbered_checkpoints_stay_with_last_and_best(kept, tmp_path):
    saved, evaluation, batches = {}, Improved(), Counted()

    def save(path, progress):
        path.write_bytes(b"")
        saved[path.stem] = progress

    config = config_of(checkpoint_every=2, keep_checkpoints=kept)
    hook = CheckpointHook(config, tmp_path, save, batches, evaluation, 0)
    for step in range(1, STEPS + 1):
        batches.position = 2 * step
        evaluation.improved = step == 3
        hook(step, {}, {})
    numbered = sorted(path.stem for path in tmp_path.glob("step_*"))
    assert numbered == ["step_0000002", "step_0000004", "step_0000006"][-kept:]
    assert saved["last"] == Progress(6, 12, 0.5) and saved["best"] == Progress(3, 6, 0.5)


def test_the_newest_checkpoints_are_those_with_the_largest_number_of_steps(tmp_path):
    # 一千万步起编号多一位，按文字排它们最小
    def save(path, progress):
        path.write_bytes(b"")

    config = config_of(checkpoint_every=1, keep_checkpoints=2, total_steps=20_000_000)
    (tmp_path / "step_mine.safetensors").touch()
    hook = CheckpointHook(config, tmp_path, save, Counted(), Improved(), 0)
    for step in range(9_999_998, 10_000_002):
        hook(step, {}, {})
    kept = {path.stem for path in tmp_path.glob("step_*")}
    assert kept == {"step_10000000", "step_10000001", "step_mine"}
