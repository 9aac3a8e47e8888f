"""故事的文字：每次训练的诊断，曲线从开头到最后走了多少，损失跟不跟着质量走；数都由记录现算。"""

from math import isnan

import numpy as np

from paddle_gan.metrics.rank import spearman
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


def follows(view: RunView, loss: str, quality: str) -> str:
    """损失与质量的秩相关，旁边是步数与质量的：只要两条都一直在走，相关也会高。"""
    both = [r for r in view.records if loss in r and quality in r]
    steps, lost, good = ([r[key] for r in both] for key in ("step", loss, quality))
    rank, trivial = spearman(lost, good), spearman(steps, good)
    if isnan(rank):
        return f"谈不上（{len(both)} 次里，有一条没有变过，或者发散了）"
    return f"{rank:+.2f}（{len(both)} 次；步数与质量 {trivial:+.2f}）"


def reading(story: Story, views: dict[str, RunView]) -> list[str]:
    """先读的话，一句一条：讲什么，每次训练的诊断，看什么。"""
    told = [f"诊断 · {label}：{view.diagnosis().text()}" for label, view in views.items()]
    return [story.title, *told, *(f"看什么 · {look}" for look in story.looks)]


def numbers(story: Story, views: dict[str, RunView]) -> list[str]:
    """各条曲线从开头到最后，一条一句；要的话，最后一句是损失跟不跟着质量走。"""
    lines = [
        *(f"质量 · {compared(tag, views)}" for tag in story.shows),
        *(f"损失 · {compared(tag, views)}" for tag in story.losses),
    ]
    if story.follows:
        loss, quality = story.losses[0], story.shows[0]
        told = "；".join(f"{label} {follows(view, loss, quality)}" for label, view in views.items())
        lines.append(
            f"{curve_of(loss).name}与 {curve_of(quality).name} 的秩相关：{told}。"
            "±1 是一直跟着走，0 是不跟；损失只取评测那一步的一批，本身就有起伏"
        )
    return lines
