"""静态报告：一次或几次训练的全部曲线与图，写成一个 HTML 文件；不联网，没有外部脚本。

内容与看板相同：结论在最上面，每个面板旁边是词汇表里的说明。页面上的文字一律转义。
"""

import base64
import json
from collections.abc import Callable, Iterable
from html import escape

from paddle_gan.monitor.charts import bar_chart, line_chart
from paddle_gan.monitor.diagnose import HEALTHY
from paddle_gan.monitor.explain import curve_of
from paddle_gan.monitor.glossary import GLOSSARY
from paddle_gan.monitor.report_page import SCRIPT, STYLE
from paddle_gan.monitor.run_view import IMAGES, RunView

IMAGE_BYTES = 3_000_000  # 内嵌的图总共不超过这么多，超过就少放几步
# 浏览器也不许这一页联网：只用内嵌的图、样式与脚本
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
SECTIONS = {  # 小节 → 标签的开头，按这个次序排；别处没有的都归第一节
    "生成得怎样": (),
    "损失": ("loss/",),
    "判别器的输出": ("prob/", "score/", "energy/", "balance/"),
    "梯度": ("norm/",),
    "权重": ("weights/",),
    "学习率": ("lr/",),
}


def fit_images(runs: list[RunView]) -> int:
    """每种图最多放几步，才不超过 IMAGE_BYTES；至少放最后一步。"""
    for count in range(10, 1, -1):
        kept = [spread(frames, count) for run in runs for frames in run.images.values()]
        if sum(len(data) for frames in kept for _, data in frames) <= IMAGE_BYTES:
            return count
    return 1


def spread(frames: list, count: int) -> list:
    """均匀取 count 个，最后一个必取。"""
    if len(frames) <= count:
        return frames
    return [frames[round((i + 1) * len(frames) / count) - 1] for i in range(count)]


def build_report(runs: list[RunView], missing: Iterable[str] = ()) -> str:
    """一份完整的 HTML；missing 是一条记录也没有的训练，一次一句为什么。"""
    charts: list[dict] = []
    body = [heading(runs), verdicts(runs, missing), final_metrics(runs), pictures(runs)]
    tags = list(dict.fromkeys(tag for run in runs for r in run.records for tag in r))
    for title in SECTIONS:
        panels = [curve_panel(t, runs, charts) for t in tags if section_of(t) == title]
        if title == "权重":
            panels += weight_panels(runs)
        if panels:
            body.append(f"<h2>{title}</h2>" + "".join(panels))
    data = json.dumps(charts, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>训练报告：{escape('、'.join(run.name for run in runs))}</title>"
        f'<style>{STYLE}</style></head><body>{"".join(body)}<div id="tip"></div>'
        f'<script type="application/json" id="data">{data}</script>'
        f"<script>{SCRIPT}</script></body></html>\n"
    )


def section_of(tag: str) -> str:
    """一条曲线归哪一节；步数不是曲线，哪一节也不归。"""
    if tag == "step":
        return ""
    return next((s for s, prefixes in SECTIONS.items() if tag.startswith(prefixes)), [*SECTIONS][0])


def heading(runs: list[RunView]) -> str:
    """标题与一句怎么看。"""
    names = "".join(f"<span>{dot(run)}{escape(run.name)}</span>　" for run in runs)
    return (
        f'<h1>训练报告</h1><div class="runs">{names}</div>'
        '<div class="soft">鼠标放在曲线上看数值；拖动图下面的滑块看不同的步数。</div>'
    )


def verdicts(runs: list[RunView], missing: Iterable[str]) -> str:
    """每次训练一张卡片：结论、证据、没法判断的；没有记录的，为什么没有。"""
    cards = []
    for run in runs:
        found = run.diagnosis()
        kind = "ok" if found.verdict == HEALTHY else "" if found.ill() else "none"
        lines = "".join(f"<li>{escape(text)}</li>" for text in found.sentences())
        about = f"{run.info.get('method', '')} · 第 {run.records[-1]['step']} 步"
        about += f" · 种子 {run.info.get('seed', '?')}"
        about += f" · {run.ending}" if run.ending else ""
        cards.append(
            f'<div class="card {kind}"><div>{dot(run)}{escape(run.name)} '
            f'<span class="soft">{escape(about)}</span></div>'
            f'<div class="verdict">{escape(found.title())}</div><ul>{lines}</ul></div>'
        )
    cards += [f'<div class="card none">{escape(sentence)}</div>' for sentence in missing]
    return f'<div class="cards">{"".join(cards)}</div>'


def final_metrics(runs: list[RunView]) -> str:
    """各项指标最后一次的值，一列一次训练。"""
    tags = list(dict.fromkeys(t for run in runs for r in run.records for t in r))
    rows = []
    for tag in (t for t in tags if t in GLOSSARY and GLOSSARY[t].better != "neither"):
        lines = [run.line(tag) for run in runs]
        cells = "".join(
            f"<td>{line.values[-1]:.4g}</td>" if line else "<td>—</td>" for line in lines
        )
        rows.append(f"<tr><td>{escape(GLOSSARY[tag].titled)}</td>{cells}</tr>")
    if not rows:
        return ""
    head = "".join(f"<th>{dot(run)}{escape(run.name)}</th>" for run in runs)
    return f"<h2>最后的指标</h2><table><tr><th>指标</th>{head}</tr>{''.join(rows)}</table>"


def curve_panel(tag: str, runs: list[RunView], charts: list[dict]) -> str:
    """一条曲线：各次训练画在一起，旁边是说明。"""
    svg, data = line_chart([line for run in runs if (line := run.line(tag))])
    charts.append(data)
    return panel(tag, svg)


def pictures(runs: list[RunView]) -> str:
    """样本、决策面、类别直方图：各次训练并排，共用一个滑块。"""
    count, panels = fit_images(runs), []
    for tag in IMAGES.values():

        def draw(frame: tuple[int, bytes]) -> tuple[int, str]:
            encoded = base64.b64encode(frame[1]).decode("ascii")
            return frame[0], f'<img alt="" src="data:image/png;base64,{encoded}">'

        shown = {run.name: spread(run.images.get(tag, []), count) for run in runs}
        panels.append(slides(tag, runs, shown, draw))
    return f"<h2>看图</h2>{''.join(panels)}" if any(panels) else ""


def weight_panels(runs: list[RunView]) -> list[str]:
    """每个判别器的权重直方图。"""
    panels = []
    for tag in dict.fromkeys(t for run in runs for r in run.histograms for t in r if t != "step"):
        shown = {r.name: [(h["step"], h[tag]) for h in r.histograms if tag in h] for r in runs}

        def draw(frame: tuple[int, dict]) -> tuple[int, str]:
            return frame[0], bar_chart(frame[1]["half"], frame[1]["counts"], "#57606a")

        panels.append(slides(tag, runs, shown, draw))
    return panels


def slides(tag: str, runs: list[RunView], shown: dict[str, list], draw: Callable) -> str:
    """几次训练并排的一串画面，用一个滑块一起翻；不开脚本时显示最后一步。"""
    figures, most = [], 0
    for run in runs:
        frames = [draw(frame) for frame in shown[run.name]]
        most = max(most, len(frames))
        parts = [
            f'<div class="frame{" shown" if i == len(frames) - 1 else ""}">{content}'
            f"<figcaption>{dot(run)}{escape(run.name)}，第 {step} 步</figcaption></div>"
            for i, (step, content) in enumerate(frames)
        ]
        if parts:
            figures.append(f"<figure>{''.join(parts)}</figure>")
    if not figures:
        return ""
    slider = f'<input type="range" min="0" max="{max(most - 1, 1)}" value="{max(most - 1, 1)}">'
    body = f'<div class="frames">{"".join(figures)}</div>{slider if most > 1 else ""}'
    return panel(tag, f'<div class="{"slides" if most > 1 else ""}">{body}</div>')


def panel(tag: str, content: str) -> str:
    """左边是图，右边是词汇表里的说明。"""
    curve, rows = curve_of(tag), ""
    if curve:
        rows = (
            f"<dl><dt>公式</dt><dd>{escape(curve.formula)}</dd>"
            f"<dt>健康</dt><dd>{escape(curve.healthy)}</dd>"
            f'<dt>危险</dt><dd class="danger">{escape(curve.danger)}</dd></dl>'
        )
    title = f"<h3>{escape(curve.name if curve else tag)} <code>{escape(tag)}</code></h3>"
    return f'<div class="panel"><div>{content}</div><div>{title}{rows}</div></div>'


def dot(run: RunView) -> str:
    """这次训练的颜色。"""
    return f'<span class="dot" style="background:{run.color}"></span>'
