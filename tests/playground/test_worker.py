"""演练场的一次训练：走的就是 train.py 的路，看与不看结果一样，命令照办，线程会结束。"""

import json
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from playground_cases import few, small, until, weights

from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.methods import METHODS
from paddle_gan.playground import menu
from paddle_gan.playground.controls import controls
from paddle_gan.playground.drawing import stage
from paddle_gan.playground.sessions import Sessions
from paddle_gan.playground.worker import DIVERGED, FINISHED, PAUSED, READY, Worker, steps_alone
from paddle_gan.run.config import load_config, resolve
from paddle_gan.viz import heat_map


def straight(raw: dict, folder) -> Trainer:
    trainer = Trainer(resolve(raw), "cpu")
    trainer.run(folder)
    return trainer


def watched(raw: dict, folder) -> Worker:
    """每一步都画一格，走到完。"""
    worker = Worker(resolve(raw), folder).start()
    worker.play(True)
    while worker.thread.is_alive():
        worker.take()
        worker._between = 0
        time.sleep(0.001)
    return worker


@pytest.mark.parametrize("method", few(menu.methods_on("ring"), ["gan", "sngan", "mr_gan"]))
def test_a_watched_training_is_bit_for_bit_the_one_of_train_py(method, tmp_path):
    raw = small(method, steps=3)
    worker = watched(raw, tmp_path / "a")
    assert worker.state == FINISHED, worker.message
    assert worker.frame.number >= 3 and worker.frame.step == 3
    for mine, theirs in zip(
        weights(worker.trainer.method), weights(straight(raw, tmp_path / "b").method), strict=True
    ):
        np.testing.assert_array_equal(mine, theirs)
    lines = (tmp_path / "b" / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert worker.records == [json.loads(line) for line in lines]


def test_two_visitors_at_once_get_what_each_would_get_alone(tmp_path):
    raws = [small("gan", 8), small("wgan_gp", 3)]
    workers = [Worker(resolve(raw), tmp_path / str(k)).start() for k, raw in enumerate(raws)]
    for worker in workers:
        worker.play(True)
    for worker in workers:
        worker.join()
    for k, (raw, worker) in enumerate(zip(raws, workers)):
        alone = straight(raw, tmp_path / f"alone{k}")
        for mine, theirs in zip(weights(worker.trainer.method), weights(alone.method), strict=True):
            np.testing.assert_array_equal(mine, theirs)


def test_pause_stops_between_steps_and_play_goes_on(tmp_path):
    worker = Worker(resolve(small(steps=10_000)), tmp_path / "a").start()
    until(lambda: worker.frame is not None)
    assert worker.state == READY and worker.step == 0
    worker.play(True)
    until(lambda: worker.step > 3)
    worker.play(False)
    until(lambda: worker.state == PAUSED)
    stopped = worker.step
    time.sleep(0.2)
    assert worker.step == stopped
    worker.play(True)
    until(lambda: worker.step > stopped)
    worker.discard()
    worker.join()
    assert not (tmp_path / "a").exists()


def test_a_single_step_moves_one_side_only(tmp_path):
    worker = Worker(resolve(small()), tmp_path / "a").start()
    until(lambda: worker.frame is not None)
    method = worker.trainer.method
    for player, other in (("D", "G"), ("G", "D")):
        before = {a: [p.numpy().copy() for p in method.weights[a]] for a in "DG"}
        count = len(worker.changes)
        worker.single(player)
        until(lambda count=count: len(worker.changes) > count)
        moved = {
            a: any((p.numpy() != q).any() for p, q in zip(method.weights[a], before[a]))
            for a in "DG"
        }
        assert moved == {player: True, other: False}
    assert worker.step == 0
    worker.discard()
    worker.join()


def test_what_does_not_alternate_cannot_step_alone(tmp_path):
    assert steps_alone(METHODS["gan"]) and not steps_alone(METHODS["vae"])
    worker = Worker(resolve(menu.start("vae", "digits")), tmp_path / "a")
    with pytest.raises(UserError, match="不能单走"):
        worker.single("D")


def test_a_learning_rate_changed_halfway_counts_from_the_next_step(tmp_path):
    worker = Worker(resolve(small(steps=10_000)), tmp_path / "a").start()
    worker.change("lr_G", 0.0123)
    worker.play(True)
    until(lambda: worker.changes and worker.records and worker.step > 5)
    worker.save(tmp_path / "kept")
    assert worker.records[-1]["lr/G"] == pytest.approx(0.0123)
    saved = load_config(tmp_path / "kept" / "config.yml")
    assert saved.hparams["lr_G"] == 0.0123
    notes = json.loads((tmp_path / "kept" / "playground.json").read_text(encoding="utf-8"))
    assert notes == [{"step": 0, "change": "lr_G", "value": 0.0123}]


def test_what_is_saved_is_an_ordinary_run_that_goes_on_with_resume(tmp_path):
    worker = Worker(resolve(small(steps=10_000)), tmp_path / "a").start()
    worker.play(True)
    until(lambda: worker.step >= 3)
    target = worker.save(tmp_path / "kept")
    assert not (target / "playground.json").exists()
    step = worker.step
    more = Trainer(load_config(target / "config.yml", [f"total_steps={step + 2}"]), "cpu")
    assert more.run(target, resume=True)["step"] == step + 2


def test_nothing_to_save_before_the_first_step_is_said(tmp_path):
    worker = Worker(resolve(small()), tmp_path / "a").start()
    with pytest.raises(UserError, match="一步还没有走"):
        worker.save(tmp_path / "kept")


def test_the_pace_is_kept(tmp_path):
    worker = Worker(resolve(small(steps=10_000)), tmp_path / "a").start()
    worker.pace(20)
    worker.play(True)
    until(lambda: worker.step >= 2)
    first, began = worker.step, time.monotonic()
    time.sleep(0.5)
    assert worker.step - first <= 20 * (time.monotonic() - began) + 2
    worker.discard()
    worker.join()


def test_a_divergence_is_told_not_raised(tmp_path):
    worker = Worker(resolve(small(lr_G=1e30, lr_D=1e30)), tmp_path / "a").start()
    worker.play(True)
    worker.join()
    assert worker.state == "发散了" and worker.diagnosis().verdict == "发散"


def test_leaving_ends_the_thread_and_removes_the_files():
    before = set(threading.enumerate())
    sessions = Sessions(limit=2)
    visitor = sessions.enter("甲")
    worker = visitor.reset(small(steps=10_000))
    worker.play(True)
    until(lambda: worker.step > 2)
    assert worker.folder.is_dir()
    sessions.leave("甲")
    worker.join()
    assert not worker.folder.exists() and sessions.count() == 0
    with pytest.raises(UserError, match="请刷新"):  # 正在路上的命令不会再开出一个
        visitor.reset(small())
    with pytest.raises(UserError, match="请刷新"):  # 那一页又回来，不会悄悄换一个训练
        sessions.enter("甲")
    assert sessions.enter("乙") and sessions.count() == 1
    sessions.close()
    assert not sessions.folder.exists()
    left = [t for t in set(threading.enumerate()) - before if t.name in ("playground", "sweeper")]
    assert left == []


def test_visitors_beyond_the_limit_wait_until_one_leaves():
    sessions = Sessions(limit=2)
    assert sessions.enter("甲") and sessions.enter("乙")
    assert sessions.enter("丙") is None and sessions.enter("甲") is sessions.enter("甲")
    sessions.leave("乙")
    assert sessions.enter("丙")
    sessions.close()
    assert sessions.enter("丁") is None


def test_one_who_does_not_look_is_paused_then_shown_out_and_one_who_returns_goes_on():
    sessions = Sessions(limit=2)
    visitor = sessions.enter("甲")
    worker = visitor.reset(small(steps=10_000))
    worker.play(True)
    now = visitor.seen
    sessions.sweep(now + 30)
    assert visitor.dozing and not worker.playing
    sessions.enter("甲")
    assert worker.playing and not visitor.dozing
    sessions.sweep(visitor.seen + 200)
    worker.join()
    assert sessions.count() == 0
    sessions.close()


def test_resetting_again_and_again_keeps_two_threads_at_most():
    sessions = Sessions(limit=1)
    visitor = sessions.enter("甲")
    for _ in range(6):
        visitor.reset(small(steps=10_000)).play(True)
        assert sum(t.name == "playground" for t in threading.enumerate()) <= 2
    sessions.close()
    assert [t for t in threading.enumerate() if t.name == "playground"] == []


def test_a_bad_setting_leaves_the_running_one_alone():
    sessions = Sessions(limit=1)
    visitor = sessions.enter("甲")
    worker = visitor.reset(small(steps=10_000))
    with pytest.raises(UserError, match="hparams.z_dim"):
        visitor.reset(small() | {"hparams": {"z_dim": 0}})
    assert visitor.worker is worker and worker.thread.is_alive()
    sessions.close()


def test_the_config_that_is_shown_is_one_that_train_py_takes(tmp_path):
    for name in menu.PRESETS:
        config = resolve(menu.preset(name))
        path = tmp_path / f"{name}.yml"
        path.write_text(config.dump(), encoding="utf-8")
        assert load_config(path) == config
        assert yaml.safe_load(config.dump())["board"] == []


def test_there_is_news_when_a_frame_is_unseen_or_the_curves_are_due(monkeypatch):
    actions = pytest.importorskip("paddle_gan.playground.page_actions", exc_type=ImportError)
    frame, worker = SimpleNamespace(number=3), SimpleNamespace(frame=None)
    visitor = SimpleNamespace(worker=None, shown=None, drawn=100.0, sentences=[])
    now = [100.1]
    monkeypatch.setattr(actions.time, "monotonic", lambda: now[0])
    assert not actions.fresh(visitor)  # 还没有训练
    visitor.sentences.append("一句话")
    assert actions.fresh(visitor)
    visitor.sentences.clear()
    visitor.worker = worker
    assert not actions.fresh(visitor)  # 还没有画面
    worker.frame = frame
    assert actions.fresh(visitor)
    visitor.shown = actions.shown_as(worker, frame)
    assert not actions.fresh(visitor)
    frame.number = 4
    assert actions.fresh(visitor)
    visitor.shown, now[0] = actions.shown_as(worker, frame), 100.0 + actions.CALM + 0.01
    assert actions.fresh(visitor)


@pytest.mark.parametrize("points", [[[0.0, 0.0]], [[2.0, -2.0]] * 3])
def test_a_single_dot_can_be_learned_and_is_drawn(points, tmp_path):
    raw = small("gan", 3)
    raw["data"] = {"name": "drawn", "points": points}
    worker = watched(raw, tmp_path / "a")
    assert worker.state == FINISHED, worker.message
    image = stage(worker.frame, worker.camera)
    assert image.dtype == np.uint8 and image.std() > 0


def test_a_surface_that_has_become_nan_is_drawn_not_raised():
    image = heat_map(np.array([[np.nan, 1.0], [np.inf, -np.inf]]), 0.0, 1.0, 40)
    assert image.shape == (40, 40, 3)


@pytest.mark.parametrize("edge", [min, max], ids=["lowest", "highest"])
def test_every_knob_at_its_end_trains_or_says_why_not(edge, tmp_path):
    for name in ("gan", "wgan_gp"):
        knobs = controls(name, small(name)["hparams"])
        ends = {c.name: edge(c.choices) if c.choices else edge(c.low, c.high) for c in knobs}
        ends |= {c.name: c.choices[0] for c in knobs if isinstance(c.value, str)}
        worker = watched(small(name, 2, **ends), tmp_path / name)
        assert worker.state in (FINISHED, DIVERGED) and worker.frame is not None, worker.message
