"""A1：照笔记的一组就是随包的 stesha_01；损失怎样分段；三个分数在知道答案的图上是多少。"""

import numpy as np
import pytest
from lab_groups import built
from matplotlib.colors import to_hex
from tool_helpers import ROOT

from paddle_gan.figures import BLUE, RED, missing_glyphs, style
from paddle_gan.lab import EXPERIMENTS, notes_setting
from paddle_gan.lab.dcgan_parts import as_text
from paddle_gan.run.config import load_config

A1 = EXPERIMENTS["notes_setting"]


def test_the_group_is_the_shipped_setting_of_the_notes_for_as_many_steps(monkeypatch):
    shipped = load_config(ROOT / "configs/stesha_01.yml")
    setup, facts = built("notes_setting", "notes", monkeypatch)
    setting = {"method", "hparams", "network", "data", "batch_size"}
    mine = setup.config.model_dump(include=setting)
    assert mine == shipped.model_dump(include=setting)
    assert facts["steps"] == shipped.total_steps == 20_000
    sizes = {
        letter: sum(p.size for p in network.parameters())
        for letter, network in setup.method.networks.items()
    }
    assert sizes == {"G": 114_064, "D": 100_609}  # 笔记印的


def test_the_equilibrium_is_where_d_answers_a_half():
    # −log ½ − log(1 − ½) 与 −log ½
    assert pytest.approx({"D": 1.386294, "G": 0.693147}, abs=1e-6) == notes_setting.BALANCE
    said = " ".join(rule.remark for rule in A1.rules)
    assert "1.386" in said and "0.693" in said


def test_the_trace_is_the_mean_of_every_part_of_the_run():
    losses = [(step / 10, 3 - step / 100) for step in range(160)]
    trace = notes_setting.trace_of(losses)
    assert trace["D"][:2] == pytest.approx([0.05, 0.25]) and len(trace["D"]) == 80
    assert trace["G"][-1] == pytest.approx(3 - 1.585, rel=1e-3)


def test_the_rows_beside_are_where_the_three_scores_should_be():
    real, ones, noise = notes_setting.rows_beside().values()
    assert real["fd"] < 3 and abs(real["one_nn"] - 0.5) < 0.05 and real["reverse_kl"] < 0.01
    assert ones["reverse_kl"] == pytest.approx(np.log(10), abs=0.1) and 150 < ones["fd"] < 220
    assert noise["one_nn"] > 0.99 and noise["fd"] > 300


def test_measuring_scores_the_last_samples_in_the_range_of_the_judge(monkeypatch):
    real = notes_setting.Digits().images.transpose(0, 3, 1, 2)[::4] / np.float32(255)

    def walk(setup, until, hooks):
        for step in range(1, until + 1):
            hooks[0](step, {"loss/D": step / 100, "loss/G": 2 - step / 100}, {})

    monkeypatch.setattr(notes_setting, "train", walk)
    monkeypatch.setattr(notes_setting, "samples_of", lambda setup, count: real[:count])
    found, curves = notes_setting.measure("notes", 1, {"steps": 100})
    assert found["fd"] < 3 and found["best_fd"] == pytest.approx(found["fd"])  # 真图：范围换对了
    assert len(curves["fd"]) == notes_setting.CHECKS and curves["total"] == [100]
    assert found["loss_D"] == pytest.approx(0.955) and found["loss_G"] == pytest.approx(1.045)
    assert found["highest_D"] == pytest.approx(1.0, abs=0.01)
    assert found["lowest_G"] == pytest.approx(1.0, abs=0.01)


def test_each_loss_is_drawn_against_its_own_equilibrium_and_the_numbers_of_the_notebook():
    def gray(fd):
        return {"images": [as_text(np.full((1, 28, 28), fd / 200 - 1))] * 12}

    notes = [
        {
            "statistics": {"fd": fd},
            "curves": {"D": [0.1, 0.2], "G": [5.0, 4.0], "fd": [90.0, fd], "total": [20000]}
            | gray(fd),
        }
        for fd in (60.0, 300.0, 80.0)
    ]
    records = {"notes": notes, "shipped": [{"statistics": {"fd": 27.0}, "curves": gray(27.0)}]}
    with style():
        figure = A1.draw(records)
        assert missing_glyphs(figure) == set()
    titled = {axis.get_title(): axis for axis in figure.axes}
    rows = [axis for axis in figure.axes if axis.get_images()]
    figure.canvas.draw()
    boxes = [axis.get_tightbbox() for axis in rows]
    assert all(a.y0 > b.y1 for a, b in zip(boxes, boxes[1:]))
    wanted = {"notes，居中的种子": 80, "notes，最坏的种子": 300, "shipped，居中的种子": 27}
    for axis, (title, fd) in zip(rows, wanted.items(), strict=True):
        arm, which = title.split("，")
        assert axis.get_title() == f"{A1.label(arm)}，{which}：FD {fd}"
        assert set(axis.get_images()[0].get_array().ravel()) == {int(fd / 200 * 8)}
    for letter, value, color, seen in (("D", 1.386, RED, 0.028), ("G", 0.693, BLUE, 6.55)):
        lines = titled[f"{letter} 的损失"].get_lines()
        named = {line.get_label(): line for line in lines}
        assert named["均衡"].get_ydata()[0] == pytest.approx(value, abs=1e-3)
        low, high = titled[f"{letter} 的损失"].get_ylim()
        assert low == 0 and high > value  # 均衡在图里
        assert [2000, seen] in named["笔记自己印的"].get_xydata().tolist()
        mine = [line for line in lines if to_hex(line.get_color()).upper() == color]
        assert len(mine) == 3 and list(mine[0].get_xdata()) == [10000, 20000]
        assert list(mine[0].get_ydata()) == notes[0]["curves"][letter]
    fd = titled["FD-LeNet（越小越好）"].get_lines()
    assert [line.get_ydata()[-1] for line in fd] == [60, 300, 80, 27]
