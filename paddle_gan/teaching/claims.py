"""课程实验的结论：从台账读一条，先说一句话，再显示图，判据与数折起来；教程里不重跑慢的实验。"""

import json

from paddle_gan.errors import unknown_name
from paddle_gan.figures import style
from paddle_gan.lab import EXPERIMENTS
from paddle_gan.lab.experiment import TIER_NAMES
from paddle_gan.lab.page import fold
from paddle_gan.lab.report import FIGURES, LEDGER
from paddle_gan.lab.runner import read_results
from paddle_gan.lab.verdict import UNKNOWN
from paddle_gan.teaching.picture import Picture, rendered


class ClaimPicture(Picture):
    """一个实验的图；在笔记本里，图的下面是折起来的判据与数。"""

    def __init__(self, png: bytes, details: str):
        super().__init__(png)
        self.details = details

    def _ipython_display_(self) -> None:
        from IPython.display import Markdown, display

        display(Picture(self.png), Markdown(self.details))


def claim(name: str) -> ClaimPicture | None:
    """印出一个实验的一句话与结论，返回它的图；判据、每个种子的数折在图的下面。

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
    print(found["sentence"])
    print(f"结论：{found['conclusion']}。（{head}，{TIER_NAMES[found['tier']]}，{seeds} 个种子）")
    return ClaimPicture(figure(name, found["tier"]), fold(name, found))


def figure(name: str, tier: str) -> bytes:
    """一个实验的图，PNG。"""
    saved = FIGURES / f"{name}.png"
    if saved.is_file():
        return saved.read_bytes()
    with style():  # 装成包之后没有 tutorials/，由随包的结果再画一遍
        return rendered(EXPERIMENTS[name].draw(read_results(name, tier))).png
