"""故事的文字：每次训练的诊断，曲线从开头到最后走了多少，损失跟不跟着质量走；数都由记录现算。"""

import numpy as np

from paddle_gan.monitor.explain import curve_of
from paddle_gan.monitor.run_view import RunView
from paddle_gan.run.stories import Story

SHARE = 0.1  # 开头与最后各取多少记录求平均


def short_name(tag: str) -> str:
    """曲线的中文名，带好坏的箭头；没有登记的写原名。"""
    curve = curve_of(tag)
    return curve.titled if curve else tag


def ends(view: RunView, tag: str) -> str:
    """一条曲线开头与最后的平均，写成“开头 → 最后”；没有记过的说没有。"""
    line = [record[tag] for record in view.records if tag in record]
    if not line:
        return "没有记"
    count = max(1, round(SHARE * len(line)))
    return f"{np.mean(line[:count]):.3g} → {np.mean(line[-count:]):.3g}"


def compared(tag: str, views: dict[str, RunView]) -> str:
    """一条曲线在几次训练里怎样走，一行。"""
    parts = [f"{label} {ends(view, tag)}" for label, view in views.items()]
    return f"{short_name(tag)}：{'；'.join(parts)}"


def rank_correlation(a: list[float], b: list[float]) -> float:
    """秩相关（Spearman）：次序完全一致是 1，完全相反是 −1。"""
    first, second = (np.argsort(np.argsort(values)) for values in (a, b))
    return float(np.corrcoef(first, second)[0, 1])


def follows(view: RunView, loss: str, quality: str) -> str:
    """损失与质量的秩相关，旁边是步数与质量的：只要两条都一直在走，相关也会高。"""
    both = [r for r in view.records if loss in r and quality in r]
    steps, lost, good = ([r[key] for r in both] for key in ("step", loss, quality))
    return f"{rank_correlation(lost, good):+.2f}（步数与质量 {rank_correlation(steps, good):+.2f}）"


def texts(story: Story, views: dict[str, RunView]) -> dict[str, str]:
    """整个故事的话 {题目: 一段}；VisualDL 按题目排，所以编号。"""
    shown = [compared(tag, views) for tag in story.shows]
    hidden = [compared(tag, views) for tag in story.hides]
    loss, quality = story.hides[0], story.shows[0]
    told = "；".join(f"{label} {follows(view, loss, quality)}" for label, view in views.items())
    pair = f"{short_name(loss)}与{short_name(quality)}"
    parts = {
        "讲什么": story.title,
        **{f"看什么 {i}": text for i, text in enumerate(story.looks, start=1)},
        **{f"看得出的 {i}": text for i, text in enumerate(shown, start=1)},
        **{f"看不出的 {i}": text for i, text in enumerate(hidden, start=1)},
        "损失跟不跟质量": f"{pair}在各次记录里的秩相关：{told}",
    }
    return {f"{number:02d} {title}": text for number, (title, text) in enumerate(parts.items(), 2)}
