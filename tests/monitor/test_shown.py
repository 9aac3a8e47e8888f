"""报告里的曲线与直方图、诊断的证据：画在哪里、写着哪个数，从页面上读回来。"""

import re

import numpy as np
import pytest
from made_curves import RING, records

from paddle_gan.monitor.charts import HEIGHT, Axis, Line, axes_of, bar_chart, line_chart, tick_texts
from paddle_gan.monitor.curves import Setting
from paddle_gan.monitor.diagnose import diagnose
from paddle_gan.monitor.explain import curve_of, explain
from paddle_gan.monitor.glossary import GLOSSARY


def paths(svg: str) -> dict[str, np.ndarray]:
    """{颜色: 折线各点的像素 (N, 2)}。"""
    found = re.findall(r'<polyline points="([^"]+)" fill="none" stroke="([^"]+)"', svg)
    return {
        color: np.array([[float(v) for v in point.split(",")] for point in points.split()])
        for points, color in found
    }


def labels(svg: str) -> list[tuple[str, float, float]]:
    """（文字，横，纵）。"""
    found = re.findall(r'<text x="([-\d.]+)" y="([-\d.]+)"[^>]*>([^<]+)</text>', svg)
    return [(text, float(x), float(y)) for x, y, text in found]


def read_off(svg: str, place: np.ndarray) -> tuple[float, float]:
    """照着刻度读一个像素的（步数，数值）。"""
    below = [
        (float(t.replace(",", "")), x) for t, x, y in labels(svg) if y == HEIGHT - 8 and t != "步"
    ]
    left = [(float(t.replace(",", "")), y) for t, x, y in labels(svg) if y != HEIGHT - 8]
    (s0, x0), *_, (s1, x1) = below
    (v0, y0), *_, (v1, y1) = left
    step = s0 + (place[0] - x0) / (x1 - x0) * (s1 - s0)
    return step, v0 + (place[1] - y0) / (y1 - y0) * (v1 - v0)


def test_a_curve_read_against_the_ticks_gives_the_numbers_and_more_is_higher_up():
    rising = Line("甲", "#ff0000", [0, 50, 100], [0.0, 2.5, 10.0])
    flat = Line("乙", "#0000ff", [0, 80], [5.0, 5.0])
    svg, _ = line_chart([rising, flat])
    drawn = paths(svg)
    assert list(drawn) == ["#ff0000", "#0000ff"]
    for line in (rising, flat):
        for step, value, place in zip(line.steps, line.values, drawn[line.color]):
            assert read_off(svg, place) == pytest.approx((step, value), abs=0.1)
    (x0, y0), _, (x1, y1) = drawn["#ff0000"]
    assert x1 > x0 and y1 < y0
    assert "对数轴" not in svg
    assert "对数轴" in line_chart([Line("甲", "#ff0000", [1, 2], [1e-3, 1e3])])[0]


def test_the_mouse_over_a_point_is_at_the_step_of_that_point():
    line = Line("甲", "#ff0000", [10, 60, 110], [1.0, 2.0, 3.0])
    svg, data = line_chart([line])
    low, high, left, right = data["x"]
    steps = low + (paths(svg)["#ff0000"][:, 0] - left) / (right - left) * (high - low)  # 同脚本
    assert steps == pytest.approx(line.steps, abs=0.2)
    assert (data["lines"][0]["steps"], data["lines"][0]["values"]) == (line.steps, line.values)


@pytest.mark.parametrize(
    "low, high",
    [(0, 1), (-0.31, 1.07), (249.9, 251.2), (1000, 1002), (0.12345, 0.12349), (1e-7, 4e-7)]
    + [(2e6, 2e6 + 30), (-3e4, 5e4), (123456, 123459)],
)
def test_no_two_ticks_say_the_same_and_each_says_where_it_is(low, high):
    axis = Axis(low, high, 0, 1)
    texts, gap = tick_texts(axis.ticks()), axis.ticks()[1] - axis.ticks()[0]
    assert len(set(texts)) == len(texts) >= 3
    read = [float(text.replace(",", "")) for text in texts]
    assert read == pytest.approx(axis.ticks(), abs=0.01 * gap)


def test_a_single_tick_and_a_wide_axis_are_written_as_before():
    assert tick_texts([]) == [] and tick_texts([0.25]) == ["0.25"]
    assert tick_texts([0.0, 20000.0]) == ["0", "20,000"]
    lines = [Line("甲", "#ff0000", [1, 2], [1e-3, 1e3])]
    assert tick_texts(axes_of(lines)[1].ticks())[0] == "0.001"


def test_a_histogram_stands_on_its_base_from_minus_to_plus():
    svg = bar_chart(2.0, [1, 0, 3, 4], "#123456")
    bars = [
        {k: float(v) for k, v in re.findall(r'(x|y|width|height)="([\d.]+)"', bar)}
        for bar in re.findall(r"<rect[^>]*>", svg)
    ]
    assert [bar["x"] for bar in bars] == sorted(bar["x"] for bar in bars)
    assert {round(bar["y"] + bar["height"]) for bar in bars} == {166}
    assert [bar["height"] for bar in bars] == pytest.approx([146 / 4, 0, 146 * 3 / 4, 146], abs=0.1)
    ends = {text: x for text, x, _ in labels(svg)}
    assert ends["-2"] < ends["0"] < ends["2"]
    assert abs(ends["-2"] - bars[0]["x"]) < 1 and ends["2"] > bars[-1]["x"]
    assert "最高的一根 50.0 %" in svg


ILL = {  # 病 → (曲线, 量到的数, 界限, 病在界限的哪一边)
    "判别器过强": ({"prob__real": 0.99, "prob__fake": 0.02}, 0.97, 0.9, 1),
    "判别器过弱": ({"weights__norm_scale_D": 0.03}, 0.03, 0.1, -1),
    "模式崩溃": ({"modes__reverse_kl": 1.9}, 1.9, np.log(2), 1),
}


@pytest.mark.parametrize("verdict", ILL)
def test_the_value_of_a_finding_is_the_measured_one_and_beyond_its_limit(verdict):
    curves, value, limit, side = ILL[verdict]
    (found,) = diagnose(records(**curves)).to_dict()["findings"]
    assert found["verdict"] == verdict
    assert (found["value"], found["limit"]) == pytest.approx((value, limit))
    assert side * (found["value"] - found["limit"]) > 0
    assert (found["first_step"], found["last_step"]) == (2100, 3000)
    assert "第 2100–3000 步" in diagnose(records(**curves)).text()


def test_the_first_third_and_the_last_are_told_apart_in_words():
    made = records(modes__high_quality=lambda t: 0.012 if t <= 0.4 else 0.034)
    text = diagnose(made, setting=RING).text()
    assert "高质量样本 3.4 %" in text and "最初三分之一是 1.2 %" in text


def test_how_many_points_there_are_and_how_many_are_needed():
    made = records(6, diversity=0.9)  # 最后三分之一里两个点
    (said,) = diagnose(made, setting=Setting()).notes
    assert "至少要有 3 个点，现在最多有 2 个" in said and "只记下 6 条" in said


def test_what_could_be_judged_is_not_called_unjudged():
    unjudged = "".join(diagnose(records(diversity=0.95)).unjudged)
    assert "是不是过弱" in unjudged and "是不是过强" in unjudged
    assert "模式崩溃" not in unjudged and "震荡" not in unjudged
    unjudged = "".join(diagnose(records(prob__real=0.6, prob__fake=0.4)).unjudged)
    assert "模式崩溃" in unjudged and "过弱" not in unjudged and "震荡" not in unjudged


@pytest.mark.parametrize("tag", GLOSSARY)
def test_the_board_says_healthy_before_the_healthy_text_and_danger_before_the_other(tag):
    name, healthy, danger = explain(tag).split(" ｜ ")
    assert name == f"{GLOSSARY[tag].name} = {GLOSSARY[tag].formula}"
    assert healthy == f"健康：{GLOSSARY[tag].healthy}"
    assert danger == f"危险：{GLOSSARY[tag].danger}"


def test_a_scale_is_not_explained_as_a_histogram():
    assert curve_of("weights/norm_scale_D") is GLOSSARY["weights/norm_scale"]
    assert curve_of("weights/D") is GLOSSARY["weights"]
    assert curve_of("lr/G") is GLOSSARY["lr"]
