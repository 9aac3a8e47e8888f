"""菜单、控件、画布：都由库里的东西推出来，坏的输入是一句话。"""

import json
import threading
from dataclasses import fields

import numpy as np
import pytest
from playground_cases import few, small, weights

from paddle_gan.data import Batches
from paddle_gan.engine.loop import fit
from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.methods import METHODS
from paddle_gan.methods.abilities import Generates
from paddle_gan.monitor.recorder import read_records
from paddle_gan.playground import menu
from paddle_gan.playground.controls import LIVE, RATES, comments, controls, set_live
from paddle_gan.playground.sessions import Sessions
from paddle_gan.playground.sketch import points_of
from paddle_gan.playground.turns import Turns
from paddle_gan.playground.why import SECTIONS, USUAL, section, why
from paddle_gan.run.config import resolve
from paddle_gan.run.options import validate_options
from paddle_gan.run.run import Run


def other(control):
    """这个控件的另一个值。"""
    if control.choices:
        return next(c for c in control.choices[::-1] if c != control.value)
    return control.value + 1


QUICK = [("gan", "g_steps"), ("wgan", "clip"), ("r1", "gamma_r1")]


def live_ones() -> list[tuple[str, str]]:
    """（方法，能当场生效的超参数），二维数据上的；学习率另测。"""
    return [
        (method, control.name)
        for method in menu.methods_on("ring")
        for control in controls(method, small(method)["hparams"])
        if control.name in LIVE
    ]


@pytest.mark.parametrize("method, name", few(live_ones(), QUICK))
def test_a_live_change_is_the_same_as_having_started_the_step_with_it(method, name):
    raw = small(method, steps=2)
    old = next(c for c in controls(method, raw["hparams"]) if c.name == name)
    new = other(old)

    def walked(changes: dict, live: dict) -> list[np.ndarray]:
        trainer = Trainer(resolve(raw | {"hparams": raw["hparams"] | changes}), "cpu")
        for key, value in live.items():
            assert set_live(trainer.method, key, value)
        batches = Batches(trainer.train, trainer.method.batch_type, 16, 0)
        fit(trainer.method, batches, [], seed=0, start=0, total_steps=2)
        return weights(trainer.method)

    for mine, theirs in zip(walked({}, {name: new}), walked({name: new}, {}), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_what_shapes_the_network_or_the_optimizer_is_never_live():
    trainer = Trainer(resolve(small()), "cpu")
    for name in ("z_dim", "noise", "beta1", "beta2", "packing", "k", "code", "features"):
        assert not set_live(trainer.method, name, 3)
    before = trainer.method.base_rates["D"]
    assert set_live(trainer.method, "lr_G", 0.5)
    assert trainer.method.base_rates == {"D": before, "G": 0.5}
    critic = Trainer(resolve(small("wgan")), "cpu").method
    assert set_live(critic, "lr", 0.25) and critic.base_rates == {"D": 0.25, "G": 0.25}


@pytest.mark.parametrize("method", METHODS)
def test_every_control_offers_only_what_the_method_accepts_and_has_a_comment(method):
    table = METHODS[method].Hparams
    made = controls(method, {})
    assert [c.name for c in made] == [f.name for f in fields(table)]
    for control in made:
        assert control.said, "没有注释"
        values = control.choices or (control.low, control.high)
        assert control.value in (control.choices or range(control.low, control.high + 1))
        for value in values:
            validate_options(table, {control.name: value}, "hparams")


def test_the_comment_behind_a_field_is_found_also_when_it_stands_on_its_own_line():
    assert comments(METHODS["gan"].Hparams)["d_steps"] == "一步里先更新 D 几次（算法 1 的 k）"
    assert comments(METHODS["wgan"].Hparams)["n_critic_boost"].startswith("开头 25 步")


def test_every_method_that_generates_is_on_the_menu_somewhere():
    able = {name for name, method in METHODS.items() if issubclass(method, Generates)}
    offered = {name for data in menu.DATA for name in menu.methods_on(data)}
    assert offered == {name for name in able if not METHODS[name].partly_labelled}


def test_every_combination_on_the_menu_is_a_valid_config():
    points = [[0.0, 0.0], [1.0, 1.0]]
    for data in menu.DATA:
        for method in menu.methods_on(data):
            config = resolve(menu.start(method, data, points))
            assert (config.method, config.data["name"]) == (method, data)
            assert config.total_steps <= menu.MOST_STEPS and config.board == []


@pytest.mark.parametrize("data", ["grid", "swiss_roll", "two_lines"])
def test_plane_data_other_than_the_ring_train_too(data, tmp_path):
    trainer = Trainer(resolve(small("mr_gan", 2, data)), "cpu")
    assert trainer.run(tmp_path / "a")["status"] == "finished"


@pytest.mark.parametrize("method", ["r1", "dragan", "unrolled"])
def test_methods_with_a_second_derivative_train_on_digits_too(method, tmp_path):
    raw = menu.start(method, "digits") | {"total_steps": 1, "batch_size": 8}
    assert Trainer(resolve(raw), "cpu").run(tmp_path / "a")["status"] == "finished"


def test_what_is_not_on_the_menu_is_refused_in_one_sentence():
    for call in (
        lambda: menu.start("gan", "没有"),
        lambda: menu.start("vae", "ring"),
        lambda: menu.start("gan", "drawn"),
        lambda: menu.preset("没有"),
    ):
        with pytest.raises(UserError):
            call()


def test_the_presets_of_a_pair_differ_in_the_method_only():
    sick, cured = menu.preset("collapse"), menu.preset("pac")
    assert cured["hparams"].pop("packing") == 2
    assert sick.pop("method") == "gan" and cured.pop("method") == "pac_gan"
    assert sick == cured


def test_a_drawing_becomes_points_and_a_bad_one_a_sentence():
    assert points_of("[[0.5, -1], [1.239, 2]]") == [[0.5, -1.0], [1.24, 2.0]]
    assert points_of("") == []
    many = points_of(json.dumps([[k / 1000, 0] for k in range(1500)]))
    assert 300 <= len(many) <= 400
    for bad in (
        "不是",
        "{}1",
        "[1, 2]",
        "[[1]]",
        '[["a", 1]]',
        "[[NaN, 0]]",
        "[[9, 0]]",
        "[" * 9999,
    ):
        with pytest.raises(UserError):
            points_of(bad)
    with pytest.raises(UserError, match="太多"):
        points_of("1" * 50_000)


def test_the_sections_that_explain_a_verdict_exist_and_hold_no_code():
    for number, start in {*SECTIONS.values(), USUAL}:
        text = section(number, start)
        assert text.startswith(f"## {start} ") and len(text) > 200, (number, start)
        assert "import " not in text and "\n# %%" not in text
    assert "tutorials/03_优点与缺点.ipynb" in why("模式崩溃")


def test_turns_go_round_in_order():
    turns, order = Turns(), []
    turns.take()
    import threading
    import time

    def ask(name: int) -> None:
        with turns:
            order.append(name)

    threads = []
    for name in range(4):
        threads.append(threading.Thread(target=ask, args=(name,)))
        threads[-1].start()
        while len(turns._waiting) <= name:
            time.sleep(0.001)
    with turns.given():  # 放手再要，排在四个后面
        pass
    order.append("我")
    turns.give()
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, "我"]


def test_rates_and_live_names_are_hparams_of_some_method():
    known = {field.name for method in METHODS.values() for field in fields(method.Hparams)}
    assert LIVE | set(RATES) <= known


def test_the_leaking_preset_settles_near_two_thirds_and_the_healthy_one_does_not(tmp_path):
    sides, seen = ("prob/real", "prob/fake"), {}
    for name in ("leak", "healthy"):
        raw = menu.preset(name) | {"total_steps": 150}
        menu.PRESETS[name].trainer(resolve(raw), "cpu").run(tmp_path / name)
        rows = [r for r in read_records(Run(tmp_path / name).metrics_file) if "prob/real" in r]
        seen[name] = [np.mean([row[side] for row in rows[-5:]]) for side in sides]
    # 最小化 L_D + L_G 的 D，在 p = q 处是 2/3
    assert seen["leak"] == [pytest.approx(2 / 3, abs=0.06)] * 2
    assert seen["healthy"][1] < 0.5 < seen["healthy"][0] < 0.6


def test_a_broken_preset_stays_broken_when_restarted_and_says_so_when_saved():
    actions = pytest.importorskip("paddle_gan.playground.page_actions", exc_type=ImportError)
    visitor = Sessions(limit=1).enter("甲")
    actions.begin(visitor, menu.preset("leak"), False, "leak")
    for _ in range(2):
        assert visitor.worker.make is menu.PRESETS["leak"].trainer is not Trainer
        assert visitor.worker.changes == [{"step": 0, "fault": "leak"}]
        actions.restart(visitor)
    actions.begin(visitor, menu.start("gan", "ring"), False)
    assert visitor.worker.make is Trainer and visitor.worker.changes == []
    visitor.stop()


def test_a_menu_that_says_the_same_thing_twice_does_not_start_the_training_anew():
    actions = pytest.importorskip("paddle_gan.playground.page_actions", exc_type=ImportError)
    visitor = Sessions(limit=1).enter("甲")
    actions.take_method(visitor, "wgan", "ring")
    worker = visitor.worker
    actions.take_method(visitor, "wgan", "ring")
    assert visitor.worker is worker and not worker.playing
    actions.toggle(visitor)  # 第三遍还没有到，已经按了播放
    actions.take_method(visitor, "wgan", "ring")
    assert visitor.worker is worker and worker.playing
    actions.take_method(visitor, "gan", "ring")
    assert visitor.worker is not worker and not visitor.worker.playing
    actions.take_preset(visitor, "strong")
    worker = visitor.worker
    actions.take_preset(visitor, "strong")
    assert visitor.worker is worker and worker.playing
    actions.restart(visitor)  # 按“重新开始”，一样的设定也从头来
    assert visitor.worker is not worker
    visitor.worker.close()
    visitor.worker.join()
    over = visitor.worker
    actions.take_preset(visitor, "strong")  # 走完了的，再选一次就再来一次
    assert visitor.worker is not over and visitor.worker.playing
    visitor.stop()


def test_the_preset_shown_first_starts_when_it_is_chosen():
    actions = pytest.importorskip("paddle_gan.playground.page_actions", exc_type=ImportError)
    visitor = Sessions(limit=1).enter("甲")
    worker = visitor.reset(visitor.raw, visitor.preset)
    actions.take_preset(visitor, visitor.preset)
    assert visitor.worker is worker and worker.playing
    visitor.stop()


@pytest.mark.parametrize("act, ends", [("toggle", True), ("restart", False)])
def test_what_is_pressed_while_a_menu_still_changes_acts_on_the_new_training(act, ends):
    actions = pytest.importorskip("paddle_gan.playground.page_actions", exc_type=ImportError)
    visitor = Sessions(limit=1).enter("甲")
    old = visitor.reset(menu.start("gan", "ring"))
    with visitor.lock:  # 换方法要等上一次训练的线程结束，正在等
        pressed = threading.Thread(target=getattr(actions, act), args=[visitor])
        pressed.start()
        pressed.join(0.5)
        assert pressed.is_alive() and visitor.worker is old and not old.playing
        new = visitor.reset(menu.start("wgan", "ring"))
    pressed.join()
    assert visitor.worker.config.method == "wgan" and not old.playing
    assert (visitor.worker is new) is ends and visitor.worker.playing is ends
    visitor.stop()
