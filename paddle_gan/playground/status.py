"""画面上面的一行数与下面的诊断。"""

import html

from paddle_gan.monitor.diagnose import HEALTHY, SHORT, Diagnosis
from paddle_gan.playground.worker import FAILED, Worker

GO_ON = "再走一会儿就能判断：要走完总步数的一成，至少 200 步"


def facts(worker: Worker, visitor) -> str:
    """第几步、走多快、几个模式、高质量几成。"""
    total = worker.config.total_steps
    parts = [f"<b>{worker.state}</b>", f"第 <b>{worker.step:,}</b> / {total:,} 步"]
    parts.append(f"每秒 {visitor.speed(worker):.0f} 步")
    latest = {k: v for record in worker.records for k, v in record.items()}
    if "modes/covered_1pct" in latest and worker.camera is not None:
        count = len(worker.camera.modes)
        parts.append(f"模式 <b>{latest['modes/covered_1pct']:.0f} / {count}</b>")
        parts.append(f"高质量 <b>{latest['modes/high_quality']:.0%}</b>")
    if worker.changes:
        parts.append(f"途中改过 {len(worker.changes)} 次")
    return f'<div class="facts">{"".join(f"<span>{part}</span>" for part in parts)}</div>'


def verdict_card(worker: Worker) -> str:
    """一句话的诊断；训练出错了，说错在哪里。"""
    if worker.state == FAILED:
        return card("ill", "出错了", worker.message)
    found = worker.diagnosis()
    sentence = GO_ON if found.title() == SHORT else (found.sentences() or [""])[0]
    return card(kind_of(found), found.title(), sentence)


def kind_of(found: Diagnosis) -> str:
    """一种诊断是什么颜色。"""
    return "ill" if found.ill() else "ok" if found.title() == HEALTHY else ""


def full_card(found: Diagnosis) -> str:
    """诊断与全部证据。"""
    lines = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in found.sentences())
    title = html.escape(found.title())
    return f'<div class="verdict {kind_of(found)}"><b>{title}</b><ul>{lines}</ul></div>'


def card(kind: str, title: str, text: str) -> str:
    """一块诊断。"""
    words = html.escape(text)
    return f'<div class="verdict {kind}"><b>{html.escape(title)}</b><small>{words}</small></div>'
