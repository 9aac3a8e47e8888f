"""课程实验的结论：从台账读一条，印出判据与数，显示它的图；教程里不重跑慢的实验。"""

import json

from paddle_gan.errors import unknown_name
from paddle_gan.figures import style
from paddle_gan.lab import EXPERIMENTS
from paddle_gan.lab.experiment import TIER_NAMES, UNKNOWN
from paddle_gan.lab.report import FIGURES, LEDGER
from paddle_gan.lab.runner import read_results
from paddle_gan.teaching.picture import Picture, rendered


def claim(name: str) -> Picture | None:
    """印出一个实验的结论、每条判据和量到的数，返回它的图。

    还没有量过时说怎样量，返回 None。名字见 python tools/lab.py list。
    """
    if name not in EXPERIMENTS:
        raise unknown_name("实验", name, EXPERIMENTS)
    found = json.loads(LEDGER.read_text(encoding="utf-8")).get(name)
    head = f"{EXPERIMENTS[name].row} {EXPERIMENTS[name].title}"
    if found is None or found["verdict"] == UNKNOWN:  # 新加的实验，台账里还没有
        print(f"{head}：还没有量过；要量就运行 python tools/lab.py run {name}")
        return None
    seeds = max(len(arm["seeds"]) for arm in found["arms"].values())
    print(f"{head}：{found['verdict']}（{TIER_NAMES[found['tier']]}，{seeds} 个种子）")
    print(f"原话“{found['quote']}”，{found['source']}")
    for rule in found["rules"]:
        print(f"  {'✓' if rule['holds'] else '✗'} {rule['text']}；{rule['measured']}")
    if found["note"]:
        print(f"说明：{found['note']}")
    saved = FIGURES / f"{name}.png"
    if saved.is_file():
        return Picture(saved.read_bytes())
    with style():  # 装成包之后没有 tutorials/，由随包的结果再画一遍
        return rendered(EXPERIMENTS[name].draw(read_results(name, found["tier"])))
