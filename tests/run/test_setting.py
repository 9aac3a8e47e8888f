"""诊断要的几个数：由配置算出来，写进 run.json，命令行与网页的报告用的是同一份。"""

import json
import re
import shutil

import pytest
from made_curves import MODES, records
from tool_helpers import RAW, tiny_run

from paddle_gan.errors import UserError
from paddle_gan.monitor.curves import Setting
from paddle_gan.monitor.report import build_report
from paddle_gan.monitor.run_view import load_run
from paddle_gan.run.config import resolve
from paddle_gan.run.run import Run
from paddle_gan.run.setting import setting_of


def config_of(method: str = "gan", **changes):
    return resolve(RAW[method] | {"batch_size": 4, "total_steps": 30, "visualdl": False} | changes)


def test_the_ring_knows_its_modes_and_what_scattering_would_give():
    metrics = {"names": ["modes"], "samples": 700}
    found = setting_of(config_of(total_steps=6000, metrics=metrics))
    assert found == Setting(6000, 700, 8, pytest.approx(0.0279, abs=5e-5))
    grid = setting_of(config_of(data={"name": "grid", "spacing": 1.5, "std": 0.1}))
    assert (grid.modes, round(grid.scatter, 4)) == (25, 0.1443)


def test_images_have_no_modes_and_modes_that_overlap_have_no_scattering():
    assert setting_of(config_of("dcgan", total_steps=5)) == Setting(5, 2500, 0, 0.0)
    assert setting_of(config_of(data={"name": "ring", "std": 0.5})) == Setting(30, 200, 8, 0.0)


@pytest.fixture
def run(tmp_path):
    """一个训练目录的副本。"""
    shutil.copytree(tiny_run("gan"), tmp_path / "run")
    return tmp_path / "run"


def write(run, made: list[dict], **info) -> None:
    """换掉记录，改 run.json 里的几项。"""
    text = "".join(json.dumps(record) + "\n" for record in made)
    (run / "metrics.jsonl").write_text(text, encoding="utf-8")
    saved = json.loads((run / "run.json").read_text(encoding="utf-8")) | info
    (run / "run.json").write_text(json.dumps(saved), encoding="utf-8")


def test_the_command_and_the_page_judge_by_the_same_numbers(run):
    assert Run(run).info()["setting"] == vars(setting_of(Run(run).config()))
    write(run, records(**MODES["none"]))
    told, shown = Run(run).diagnosis(""), load_run("run", run, 0).diagnosis()
    assert told == shown and told.verdict == "还没学会"
    assert "均匀撒点也有 2.8 %" in told.text()


@pytest.mark.parametrize(
    ("kind", "title", "made"),
    [
        ("card ok", "正常", records(**MODES["good"])),
        ("card none", "还没学会", records(**MODES["none"])),
        ("card none", "步数太少，还不能判断", records(count=5, pace=4, **MODES["one"])),
        ("card ", "模式崩溃", records(**MODES["one"] | {"diversity": lambda t: 0.4 - 0.3 * t})),
    ],
)
def test_the_card_on_the_page_is_red_only_for_an_illness(kind, title, made, run):
    write(run, made)
    page = build_report([load_run("run", run, 0)])
    assert re.findall(r'<div class="(card(?!s)[^"]*)">', page) == [kind]
    assert f'<div class="verdict">{title}</div>' in page


def test_an_older_folder_without_the_numbers_is_judged_without_them(run):
    made = records(**MODES["none"])
    write(run, made)
    saved = json.loads((run / "run.json").read_text(encoding="utf-8"))
    del saved["setting"]
    (run / "run.json").write_text(json.dumps(saved), encoding="utf-8")
    found = load_run("run", run, 0).diagnosis()
    assert found.verdict == "还没学会" and "撒点也有 " not in found.text()


@pytest.mark.parametrize(
    "setting",
    [[], {"steps": 3}, {"modes": "8"}, {"modes": -1}, {"scatter": 0.989}, {"modes": None}],
)
def test_numbers_that_make_no_sense_are_one_sentence(setting, run):
    write(run, records(**MODES["none"]), setting=setting)
    with pytest.raises(UserError, match="run.json 里 setting.*这个训练目录不完整"):
        load_run("run", run, 0).diagnosis()
