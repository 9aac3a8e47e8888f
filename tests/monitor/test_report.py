"""tools/report.py：一个不联网的网页，数与记录一致，文字都转义过，图有上限。"""

import html
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from tool_helpers import assert_one_sentence, run_tool, tiny_run

from paddle_gan.data.image_files import write_png
from paddle_gan.monitor.charts import Axis, Line, axes_of, bar_chart, line_chart, number, thin
from paddle_gan.monitor.recorder import read_records
from paddle_gan.monitor.report import IMAGE_BYTES, build_report, spread
from paddle_gan.monitor.run_view import load_run


@pytest.fixture
def report(capsys, monkeypatch):
    return lambda *arguments: run_tool(capsys, monkeypatch, "report", *arguments)


def page_data(page: str) -> list[dict]:
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.S).group(1))


class Balance(HTMLParser):
    """标签成对；收集全部会发起请求的属性。"""

    void = {"meta", "input", "img", "circle", "line", "rect", "polyline", "br"}

    def __init__(self):
        super().__init__()
        self.open, self.links = [], []

    def handle_starttag(self, tag, attrs):
        self.links += [v for k, v in attrs if k in ("src", "href", "action", "data", "srcset")]
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in self.void

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("names", [("gan",), ("gan", "dcgan", "cyclegan")])
def test_the_page_is_whole_and_asks_the_network_for_nothing(report, tmp_path, names):
    out = tmp_path / "new" / "report.html"
    result = report(*map(tiny_run, names), "--out", out)
    assert result.code == 0, result.err
    page = out.read_text(encoding="utf-8")
    checker = Balance()
    checker.feed(page)
    assert checker.open == [] and checker.links
    assert all(link.startswith("data:image/png;base64,") for link in checker.links)
    assert "://" not in re.sub(r"data:image/png;base64,[^\"]+", "", page)
    assert "Content-Security-Policy" in page and len(page) < 5e6
    for name in names:
        assert f"{name}：" in result.out and name in page


def test_the_curves_on_the_page_are_the_recorded_numbers(report, tmp_path):
    run = tiny_run("gan")
    report(run, "--out", tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    records = read_records(run / "metrics.jsonl")
    expected = [[r[tag] for r in records if tag in r] for tag in records[-1] if tag != "step"]
    drawn = [chart["lines"][0]["values"] for chart in page_data(page)]
    assert sorted(map(str, drawn)) == sorted(map(str, expected))
    for part in ("模式直方图的反向 KL", "健康", "危险", "判别器的决策面", "步数太少"):
        assert part in page


def test_names_and_messages_are_escaped(tmp_path):
    folder = tmp_path / "<img src=x onerror=alert(1)>"
    folder.mkdir()
    lines = [{"step": s, "loss/D": 1.0, "</script><b>": 2.0} for s in (1, 2)]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "metrics.jsonl").write_text(text, encoding="utf-8")
    (folder / "run.json").write_text('{"method": "<i>", "message": "<u>"}', encoding="utf-8")
    page = build_report([load_run(folder.name, folder, 0)])
    for bad in ("<img src=x", "<i>", "<u>", "<b>"):
        assert bad not in page
    assert page.count("</script>") == 2
    assert page_data(page)[0]["lines"][0]["name"] == folder.name


def test_pictures_are_thinned_to_the_size_limit_and_keep_the_last_step(tmp_path):
    rng = np.random.default_rng(0)
    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "loss/D": 1.0}\n', encoding="utf-8")
    for step in range(1, 21):
        noise = rng.integers(0, 256, (300, 300, 3), dtype=np.uint8)
        write_png(tmp_path / f"samples/fixed_{step:07d}.png", noise)
        write_png(tmp_path / f"samples/fresh_{step:07d}.png", noise)
    (tmp_path / "samples/surface_0000003.png").write_text("不是图像", encoding="utf-8")
    page = build_report([load_run("run", tmp_path, 0)])
    assert len(page) < IMAGE_BYTES * 4 / 3 + 100_000
    assert "第 20 步" in page and "surface/D" not in page
    assert spread(list(range(20)), 3) == [6, 12, 19]


def test_an_axis_has_round_ticks_and_switches_to_log_over_three_decades():
    assert Axis(0, 100, 0, 200).place(25) == pytest.approx(50)
    assert Axis(1, 1000, 0, 300, log=True).place(10) == pytest.approx(100)
    assert Axis(-0.31, 1.07, 0, 1).ticks() == pytest.approx([0, 0.5, 1.0])
    assert Axis(0.01, 200.0, 0, 1, log=True).ticks() == pytest.approx([0.01, 0.1, 1, 10, 100])
    assert axes_of([Line("a", "", [1, 2], [1e-3, 1e3])])[1].log
    assert not axes_of([Line("a", "", [1, 2], [0.0, 1e3])])[1].log
    assert [number(v) for v in (0, 0.25, 20000, 1e-5, 1e7)] == [
        *("0", "0.25", "20,000", "1.0e-05", "1.0e+07")
    ]


def test_a_constant_curve_a_single_point_and_ten_thousand_points_are_drawn():
    svg, _ = line_chart([Line("a", "#000", [5], [3.0])])
    assert "<circle" in svg
    svg, _ = line_chart([Line("a", "#000", [1, 2], [3.0, 3.0])])
    assert "nan" not in svg
    steps, values = thin(list(range(10_000)), [float(i) for i in range(10_000)])
    assert len(steps) <= 401 and steps[0] == 0 and steps[-1] == 9999 and values[-1] == 9999.0


def test_the_bars_of_a_histogram_are_as_tall_as_the_shares():
    heights = re.findall(r'height="([\d.]+)"', bar_chart(0.12, [3, 0, 1], "#000"))
    assert [float(h) for h in heights] == pytest.approx([146, 0, 146 / 3], abs=0.1)
    assert "75.0 %" in bar_chart(0.12, [3, 0, 1], "#000")


def test_the_folder_above_stands_for_its_runs_and_one_without_records_is_mentioned(
    report, tmp_path
):
    for name in ("乙", "甲", "空的"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        line = "" if name == "空的" else '{"step": 1, "loss/D": 1.0}\n'
        (tmp_path / "runs" / name / "metrics.jsonl").write_text(line, encoding="utf-8")
    (tmp_path / "runs" / "别的东西").mkdir()
    result = report(tmp_path / "runs", "--out", tmp_path / "r.html")
    assert result.code == 0
    assert re.match(r"提示：.*空的 还没有记录；请等训练走过几十步再看\n$", result.err)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert [line["name"] for line in page_data(page)[0]["lines"]] == ["乙", "甲"]


def test_a_folder_that_is_no_run_is_one_sentence(report, tmp_path):
    assert_one_sentence(report(tmp_path, "--out", tmp_path / "r.html"), "metrics.jsonl")
    (tmp_path / "metrics.jsonl").touch()
    assert_one_sentence(report(tmp_path, "--out", tmp_path / "r.html"), "还没有记录")


def stopped_at_once(folder, **info):
    """第一条记录之前就停下了的训练目录。"""
    folder.mkdir(parents=True)
    (folder / "metrics.jsonl").touch()
    (folder / "run.json").write_text(json.dumps(info), encoding="utf-8")
    return folder


ENDED = {  # run.json → 为什么没有记录
    "在写第一条记录之前就停下了：第 1 步的 loss/D 变成了 nan": {
        "status": "diverged",
        "message": "第 1 步的 loss/D 变成了 nan",
    },
    "在写第一条记录之前就停下了：出错了：内存不够": {"status": "failed", "error": "内存不够"},
    "在写第一条记录之前就停下了：中途停下了": {"status": "interrupted"},
    "在写第一条记录之前就停下了：没有正常结束（被强制结束，或断了电）": {"status": "running"},
    "训练完了，一条记录也没有；再训练时请把 log_every 改小": {"status": "finished"},
}


@pytest.mark.parametrize("sentence", ENDED)
def test_a_run_that_stopped_before_its_first_record_does_not_hide_the_others(
    sentence, report, tmp_path
):
    ended = stopped_at_once(tmp_path / "发<散", **ENDED[sentence])
    result = report(ended, tiny_run("gan"), "--out", tmp_path / "r.html")
    assert (result.code, result.err) == (0, f"提示：{ended} {sentence}\n")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert {line["name"] for chart in page_data(page) for line in chart["lines"]} == {"gan"}
    assert f"{html.escape(f'{ended} {sentence}')}</div>" in page and "发<散" not in page


def test_when_no_run_has_a_record_each_says_why_and_nothing_is_written(report, tmp_path):
    for name in ("甲", "乙"):
        stopped_at_once(tmp_path / "runs" / name, status="diverged", message=f"{name} 是 nan")
    result = report(tmp_path / "runs", "--out", tmp_path / "r.html")
    assert_one_sentence(result, "停下了：甲 是 nan", "停下了：乙 是 nan")
    assert not (tmp_path / "r.html").exists()


@pytest.mark.parametrize("content", ["[]", "1", "[" * 100_000], ids=lambda text: text[:2])
def test_a_run_json_that_is_no_object_is_one_sentence(content, report, tmp_path):
    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "loss/D": 1.0}\n', encoding="utf-8")
    (tmp_path / "run.json").write_text(content, encoding="utf-8")
    assert_one_sentence(report(tmp_path, "--out", tmp_path / "r.html"), "run.json", "不完整")


def test_a_message_that_is_not_text_and_a_folder_that_is_not_utf_8_are_shown(report, tmp_path):
    folder = tmp_path / "run_\udcff"  # 目录名里的坏字节 \xff，Python 这样表示
    folder.mkdir()
    (folder / "metrics.jsonl").write_text('{"step": 1, "loss/D": 1.0}\n', encoding="utf-8")
    (folder / "run.json").write_text('{"message": 5}', encoding="utf-8")
    result = report(folder, "--out", tmp_path / "r.html")
    assert result.code == 0, result.err
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<li>5</li>" in page and "run_\\udcff" in page
    assert page_data(page)[0]["lines"][0]["name"] == "run_\udcff"


@pytest.mark.parametrize("values", [(9e299, -9e299), (0, 3e-323), (-1000, -1000), (0, 0)])
def test_numbers_of_any_size_are_drawn_and_diagnosed(values, tmp_path):
    tags = ("loss/D_X", "loss/F", "modes/reverse_kl", "prob/real", "prob/fake", "norm/grad_G")
    records = [{"step": step} | dict.fromkeys(tags, values[step % 2]) for step in range(1, 31)]
    text = "".join(json.dumps(record) + "\n" for record in records)
    (tmp_path / "metrics.jsonl").write_text(text, encoding="utf-8")
    page = build_report([load_run("run", tmp_path, 0)])
    assert page.count("<polyline") == len(tags) and "nan" not in page.split("<h2>", 1)[1]


def test_an_existing_file_is_kept_and_another_ending_is_refused(report, tmp_path):
    (tmp_path / "r.html").write_text("旧的", encoding="utf-8")
    assert_one_sentence(report(tiny_run("gan"), "--out", tmp_path / "r.html"), "--force")
    assert (tmp_path / "r.html").read_text(encoding="utf-8") == "旧的"
    assert_one_sentence(report(tiny_run("gan"), "--out", tmp_path / "r.pdf"), ".html")
    assert report(tiny_run("gan"), "--out", tmp_path / "r.html", "--force").code == 0
