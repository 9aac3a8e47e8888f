"""网页报告给人看的：卡片的颜色、表里的数、图是哪一步哪次训练的、鼠标旁边的话，都读回来。"""

import base64
import json
import re
import shutil
import subprocess

import numpy as np
import pytest
from made_curves import MODES, records

from paddle_gan.data.image_files import write_png
from paddle_gan.lock import FolderLock
from paddle_gan.monitor.diagnose import HEALTHY
from paddle_gan.monitor.glossary import GLOSSARY
from paddle_gan.monitor.report import build_report, fit_images, spread
from paddle_gan.monitor.report_page import SCRIPT, STYLE
from paddle_gan.monitor.run_view import IMAGES, RunView, ending_of, load_run

RED, BLUE = "#d62728", "#1f77b4"
PNG = b"\x89PNG\r\n\x1a\n"


def view(name: str, color: str, made: list[dict], **options) -> RunView:
    return RunView(name, color, made, options.pop("info", {}), **options)


def test_each_card_has_the_colour_of_its_own_verdict():
    good = {**MODES["good"], "prob__real": 0.6, "prob__fake": 0.4, "norm__grad_G": 1.0}
    runs = [
        view("好的", "#000001", records(**good), info={"seed": 7, "method": "gan"}),
        view("病的", "#000002", records(prob__real=0.99, prob__fake=0.01)),
        view("短的", "#000003", records(2, 5, prob__real=0.6, prob__fake=0.4)),
    ]
    page = build_report(runs)
    cards = re.findall(r'<div class="card ([a-z]*)">(.*?)</ul></div>', page, re.S)
    classes = {re.search(r"</span>(\S+) <span", body)[1]: kind for kind, body in cards}
    borders = {"": re.search(r"\.card \{[^}]*border-left: 6px solid #(\w{6})", STYLE)[1]}
    borders |= dict(re.findall(r"\.card\.(\w+) \{ border-left-color: #(\w{6})", STYLE))
    shown = {name: tuple(bytes.fromhex(borders[kind])) for name, kind in classes.items()}
    red, green, blue = shown["好的"]
    assert green > 1.5 * max(red, blue)  # 绿
    red, green, blue = shown["病的"]
    assert red > 3 * max(green, blue)  # 红
    red, green, blue = shown["短的"]
    assert red > green > 3 * blue + 50  # 黄
    assert f'<div class="verdict">{HEALTHY}' in cards[0][1] and "判别器过强" in cards[1][1]
    assert "gan · 第 3000 步 · 种子 7" in cards[0][1] and "第 10 步" in cards[2][1]


def test_the_table_has_the_last_number_of_each_run_under_its_name_and_the_right_arrow():
    def curve(*values):
        made = [{"fd_lenet": fd, "modes/covered": c, "loss/D": 1.0} for fd, c in values]
        return [{"step": 100 * (i + 1), **one} for i, one in enumerate(made)]

    runs = [
        view("甲", RED, curve((90, 1), (20, 8), (30, 7))),
        view("乙", BLUE, curve((80, 2), (10, 3), (15, 5))),
        view("丙", "#000000", [{"step": 1, "fd_lenet": 77.0}]),
    ]
    table = re.search(r"<table>(.*?)</table>", build_report(runs), re.S)[1]
    rows = [
        re.findall(r"<t[dh]>(.*?)</t[dh]>", row) for row in re.findall(r"<tr>(.*?)</tr>", table)
    ]
    head = [re.sub("<.*?>", "", cell) for cell in rows[0]]
    body = {row[0]: dict(zip(head[1:], row[1:])) for row in rows[1:]}
    assert body == {
        f"{GLOSSARY['fd_lenet'].name} ↓": {"甲": "30", "乙": "15", "丙": "77"},
        f"{GLOSSARY['modes/covered'].name} ↑": {"甲": "7", "乙": "5", "丙": "—"},
    }
    dots = re.findall(r"background:(#\w+)", rows[0][1] + rows[0][2])
    assert dots == [RED, BLUE]


def test_the_words_beside_a_curve_stand_under_their_own_headings():
    page = build_report([view("甲", RED, records(prob__real=0.7, diversity=0.9))])
    for tag in ("prob/real", "diversity"):
        panel = re.search(rf"<code>{tag}</code></h3>(<dl>.*?</dl>)", page, re.S)[1]
        said = dict(re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", panel))
        curve = GLOSSARY[tag]
        assert said == {"公式": curve.formula, "健康": curve.healthy, "危险": curve.danger}
        assert re.findall(r'<dd class="danger">(.*?)</dd>', panel) == [curve.danger]
    red, green, blue = bytes.fromhex(re.search(r"dd\.danger \{ color: #(\w{6})", STYLE)[1])
    assert red > 3 * max(green, blue)


def frames(page: str, tag: str) -> list[tuple[bool, str, str, int, str]]:
    """一个面板的画面：（显示着，内容，色点，步数，训练名）。"""
    panel = next(p for p in page.split('<div class="panel">') if f"<code>{tag}</code>" in p)
    found = re.findall(
        r'<div class="frame( shown)?">(.*?)<figcaption>.*?background:(#\w+).*?</span>'
        r"(\S+?)，第 (\d+) 步",
        panel,
        re.S,
    )
    return [(bool(on), body, dot, int(step), name) for on, body, dot, name, step in found]


def test_every_picture_is_of_its_own_step_and_run_and_the_last_one_is_shown():
    pictures = {name: [(s, PNG + f"{name}{s}".encode()) for s in (1, 50, 300)] for name in "甲乙"}
    runs = [
        view(name, color, records(3), images={"samples/fixed": pictures[name]})
        for name, color in zip("甲乙", (RED, BLUE))
    ]
    shown = frames(build_report(runs), "samples/fixed")
    assert [(step, name) for *_, step, name in shown] == [
        (step, name) for name in "甲乙" for step in (1, 50, 300)
    ]
    for on, body, dot, step, name in shown:
        data = base64.b64decode(re.search(r"base64,([^\"]+)", body)[1])
        assert data == PNG + f"{name}{step}".encode()
        assert dot == {"甲": RED, "乙": BLUE}[name]
        assert on == (step == 300)


def test_the_bars_of_a_step_are_the_counts_of_that_step_from_left_to_right():
    histograms = [
        {"step": 10, "weights/D": {"half": 1.0, "counts": [4, 2, 1]}},
        {"step": 90, "weights/D": {"half": 1.0, "counts": [1, 1, 8]}},
    ]
    page = build_report([view("甲", RED, records(3), histograms=histograms)])
    tall = {}
    for on, body, _, step, _ in frames(page, "weights/D"):
        bars = re.findall(r'x="([\d.]+)" .*?height="([\d.]+)"', body)
        tall[step] = [float(h) for x, h in sorted(bars, key=lambda bar: float(bar[0]))]
        assert on == (step == 90)
    assert tall[10] == pytest.approx([146, 73, 36.5], abs=0.1)
    assert tall[90] == pytest.approx([146 / 8, 146 / 8, 146], abs=0.1)


def test_the_last_picture_is_always_among_the_few_that_fit():
    assert [spread(list(range(10)), count)[-1] for count in range(1, 11)] == [9] * 10
    assert spread(list(range(10)), 3) == sorted(spread(list(range(10)), 3))
    heavy = view(
        "甲", RED, records(1), images={"surface/D": [(s, b"x" * 900_000) for s in range(9)]}
    )
    assert fit_images([heavy]) == 3


def test_pictures_are_read_by_their_kind_in_the_order_of_their_steps(tmp_path):
    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "loss/D": 1.0}\n', encoding="utf-8")
    for k, kind in enumerate(IMAGES):
        for step in (2, 10, 300):
            write_png(
                tmp_path / f"samples/{kind}_{step:07d}.png", np.full((1, k + 1, 3), 9, np.uint8)
            )
    images = load_run("甲", tmp_path, 0).images
    tags = {"surface": "surface/D", "fixed": "samples/fixed", "fresh": "samples/fresh"}
    for kind, tag in (tags | {"classes": "classes/histogram"}).items():
        assert [step for step, _ in images[tag]] == [2, 10, 300]
        for step, data in images[tag]:
            assert data == (tmp_path / f"samples/{kind}_{step:07d}.png").read_bytes()


def test_how_a_run_ended_is_said_of_that_ending(tmp_path):
    said = {
        status: ending_of(tmp_path, {"status": status, "error": "内存不够"})
        for status in ("running", "failed", "interrupted", "diverged", "finished")
    }
    assert "强制结束" in said["running"] and "内存不够" in said["failed"]
    assert said["interrupted"] == "中途停下了" and said["diverged"] == "发散了"
    assert said["finished"] == ""
    lock = FolderLock(tmp_path)
    lock.acquire()
    try:
        assert ending_of(tmp_path, {"status": "running"}) == "正在训练"
    finally:
        lock.release()


# 一个刚够用的网页：一张 560 宽的图，两次训练；一个三步与一个两步的滑块
BROWSER = """
const make = () => ({style: {}, rows: [], on: {}, offsetWidth: 10, attributes: {},
  addEventListener(kind, act) { this.on[kind] = act; },
  setAttribute(key, value) { this.attributes[key] = value; },
  replaceChildren() { this.rows = []; }, append(row) { this.rows.push(row); }});
const tip = make(), cursor = make(), svg = make(), slider = make();
svg.querySelector = () => cursor;
svg.viewBox = {baseVal: {width: 560}};
svg.getBoundingClientRect = () => ({left: 100, width: 1120});  // 画大了一倍
const figure = n => ({frames: Array.from({length: n}, () => ({shown: false,
    classList: {toggle(_, on) { this.frame.shown = on; }}})),
  querySelectorAll() { this.frames.forEach(f => f.classList.frame = f); return this.frames; }});
const figures = [figure(3), figure(2)];
slider.max = "2";
const slides = {querySelector: () => slider, querySelectorAll: () => figures};
globalThis.innerWidth = 2000;
globalThis.document = {
  getElementById: id => id === "tip" ? tip : {textContent: DATA},
  querySelectorAll: which => which === "svg.chart" ? [svg] : [slides],
  createElement: make,
};
"""
CHECK = """
const said = {};
for (const step of STEPS) {
  const pixel = left0 + (step - low0) / (high0 - low0) * (right0 - left0);
  svg.on.mousemove({clientX: 100 + 2 * pixel, clientY: 0});
  said[step] = [tip.rows.map(r => [r.textContent, r.style.color]), cursor.attributes.x1];
}
const slid = [];
for (const value of ["0", "1", "2"]) {
  slider.value = value; slider.on.input();
  slid.push(figures.map(f => f.frames.map(x => x.shown).indexOf(true)));
}
console.log(JSON.stringify({said, slid}));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="没有装 node，跑不了网页里的脚本")
def test_the_mouse_reads_the_nearest_point_and_the_slider_goes_from_first_to_last():
    runs = [
        view("甲", RED, [{"step": s, "loss/D": v} for s, v in ((0, 1.5), (100, 2.5), (200, 9.0))]),
        view("乙", BLUE, [{"step": s, "loss/D": v} for s, v in ((0, -1.0), (180, 1e-5))]),
    ]
    data = re.search(r'id="data">(.*?)</script>', build_report(runs), re.S)[1]
    low, high, left, right = json.loads(data)[0]["x"]
    numbers = f"const low0={low}, high0={high}, left0={left}, right0={right}, STEPS=[4, 110, 190];"
    program = f"const DATA = {json.dumps(data)};{BROWSER}{{{SCRIPT}}}{numbers}{CHECK}"
    done = subprocess.run(["node", "-e", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert [rows for rows, _ in answer["said"].values()] == [
        [["甲 第 0 步：1.5", RED], ["乙 第 0 步：-1", BLUE]],
        [["甲 第 100 步：2.5", RED], ["乙 第 180 步：1.00e-5", BLUE]],
        [["甲 第 200 步：9", RED], ["乙 第 180 步：1.00e-5", BLUE]],
    ]
    wanted = [left + step / high * (right - left) for step in (0, 100, 200)]
    assert [x for _, x in answer["said"].values()] == pytest.approx(wanted)
    assert [pair[0] for pair in answer["slid"]] == [0, 1, 2]
    assert answer["slid"][0][1] == 0 and answer["slid"][2][1] == 1
