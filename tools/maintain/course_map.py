"""课程地图：tutorials/README_zh.md 里的两张表，由笔记本、实验台账、练习与讲义的标题生成。

    python tools/maintain/course_map.py            # 重写表
    python tools/maintain/course_map.py --check    # 只看过期没有（不比分钟）

新写一章、量完一个实验之后重跑一次。要 requirements-dev.txt 里的 nbformat。
"""

import json
import re
from pathlib import Path

import _above  # noqa: F401
import _cli
import nbformat
from course_headings import HEADINGS, NOTES, Place

from paddle_gan.files import write_atomic
from paddle_gan.lab import EXPERIMENTS
from paddle_gan.lab.report import LEDGER
from paddle_gan.lab.verdict import UNKNOWN
from paddle_gan.methods import METHODS
from paddle_gan.run.config import load_config
from paddle_gan.teaching.exercises import EXERCISES

ROOT = Path(__file__).resolve().parents[2]
TUTORIALS = ROOT / "tutorials"
README = TUTORIALS / "README_zh.md"
BEGIN, END = "<!-- 课程地图：由 tools/maintain/course_map.py 生成 -->", "<!-- 课程地图完 -->"
NOTES_BEGIN = "<!-- 讲义的每个标题：由 tools/maintain/course_map.py 生成 -->"
NOTES_END = "<!-- 讲义的标题完 -->"
HEAD = "| 章 | 讲义里的哪几段 | 节 | 方法 | 配置 | 实验：结论 | 练习 | 分钟 |"
NONE = "–"
# 章号 → （题目，讲义的出处）；000–004 是哪几份讲义，写在课程地图里
PLAN = {
    "00": ("三分钟跑通", NONE),
    "01": ("GAN 的想法", "001 生成式的模型、GAN 的基本原理；003 step 1、step 2、Algorithm；004 01"),
    "02": (
        "目标函数与散度",
        "001 GAN 的训练目标、如何计算散度；002 GAN 散度、GAN 收敛；000 KL、JS",
    ),
    "03": ("优点与缺点", "000 GAN 的优缺点；002 原始 GAN 优缺点；004 02 的缺点"),
    "04": ("DCGAN", "002 DCGANs；004 02"),
    "05": ("常用模型结构", "000 常用的模型结构；003 Auto-encoder v.s. GAN"),
    "06": ("JS 的问题与 Wasserstein 距离", "001 Tips for GAN；003 JS divergence is not suitable"),
    "07": ("WGAN 与 WGAN-GP", "000 WGAN；001 WGAN；004 03、04"),
    "08": ("换一个散度", "003 Can we use other divergence?"),
    "09": ("模式崩溃的解决方案", "000 Mode Collapse 的解决方案；003 Tip: Ensemble"),
    "10": ("生成的评估", "001 Evaluation of Generation；003 Objective Evaluation"),
    "11": ("条件生成", "001 Conditional GAN；003 Conditional Generation"),
    "12": ("CycleGAN", "001 Unsupervised Conditional Generation；003 提纲"),
    "13": (
        "序列生成与强化学习",
        "001 GAN for Sequence Generation；003 Relation to Reinforcement Learning",
    ),
    "14": ("应用", "000 应用"),
}


def notebooks(folder: Path = TUTORIALS) -> dict[str, Path]:
    """已经有的笔记本：章号 → 文件。"""
    return {path.name[:2]: path for path in sorted(folder.glob("[0-9][0-9]_*.ipynb"))}


def text_of(notebook, kind: str) -> str:
    """一种单元的全部文字。"""
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == kind)


def sections(notebook) -> list[str]:
    """各节的标题：“12.1 没有配对的数据”。"""
    found = re.findall(r"^## (\d+\.\d+ .+?) *\[§[\d.]+\]", text_of(notebook, "markdown"), re.M)
    return [title.strip() for title in found]


def configs_of(notebook) -> list[str]:
    """这一章训练或提到的配置，按先后。"""
    text = "\n".join(cell.source for cell in notebook.cells)
    named = re.findall(r'\btrain\(\s*"(\w+)"|configs/(\w+)\.yml', text)
    known = {path.stem for path in (ROOT / "configs").glob("*.yml")}
    return list(dict.fromkeys(name for pair in named for name in pair if name in known))


def methods_of(notebook, configs: list[str]) -> list[str]:
    """这一章的方法：配置用的，和代码里从 paddle_gan.methods 导入的；照方法一览表的次序。"""
    lines = re.findall(
        r"^from paddle_gan\.methods\S* import (.+)$", text_of(notebook, "code"), re.M
    )
    imported = set(re.findall(r"\w+", " ".join(lines)))
    trained = {load_config(ROOT / "configs" / f"{name}.yml").method for name in configs}
    return [name for name, cls in METHODS.items() if name in trained or cls.__name__ in imported]


def experiments(chapter: str, ledger: dict) -> list[str]:
    """这一章的实验：“§3.2 T5 成立”，量过的链到台账。"""
    found = []
    for name, experiment in EXPERIMENTS.items():
        section = experiment.anchor.strip("[]")
        if section[1:].split(".")[0] != str(int(chapter)):
            continue
        verdict = ledger.get(name, {}).get("verdict", UNKNOWN)
        shown = verdict if verdict == UNKNOWN else f"[{verdict}](claims.md#{name})"
        title = experiment.title.replace("|", "\\|")
        found.append((section, f"{section} {experiment.row} {title}：{shown}"))
    return [text for _, text in sorted(found)]


def row(chapter: str, path: Path | None, ledger: dict) -> str:
    """表里的一行；没有笔记本的章照实写。"""
    title, source = PLAN[chapter]
    tested = "<br>".join(experiments(chapter, ledger)) or NONE
    if path is None:
        return f"| {chapter} {title} | {source} | 还没有写 | – | – | {tested} | – | – |"
    notebook = nbformat.read(path, as_version=4)
    minutes = notebook.metadata.get("paddle_gan", {}).get("minutes")
    configs = configs_of(notebook)
    methods = [f"`{name}`" for name in methods_of(notebook, configs)]
    links = [f"[{name}](../configs/{name}.yml)" for name in configs]
    count = sum(key.split(".")[0] == str(int(chapter)) for key in EXERCISES)
    cells = [
        f"[{chapter} {title}]({path.name})",
        source,
        "<br>".join(sections(notebook)),
        "<br>".join(methods) or NONE,
        "<br>".join(links) or NONE,
        tested,
        str(count or NONE),
        NONE if minutes is None else f"{minutes:.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def table(folder: Path = TUTORIALS) -> str:
    """整张表；章的次序照 PLAN。"""
    ledger = json.loads(LEDGER.read_text(encoding="utf-8"))
    written = notebooks(folder)
    rows = [row(chapter, written.get(chapter), ledger) for chapter in PLAN]
    return "\n".join([HEAD, "|---|---|---|---|---|---|--:|--:|", *rows])


def headings(notebook) -> list[str]:
    """各节的标题，去掉锚：“1.2 生成器与判别器”“整体概念图”。"""
    found = re.findall(r"^## (.+)$", text_of(notebook, "markdown"), re.M)
    return [re.sub(r" *\[§[\d.]+\]$", "", title.strip()) for title in found]


def where(place: Place, books: dict[str, Path], titles: dict[str, list[str]]) -> str:
    """一处教的地方：“[07](…) 7.1 四处改动”；开头对不上任何一节就抛出 UserError。"""
    chapter, start = place
    if chapter not in books:
        return f"{chapter} {PLAN[chapter][0]}（还没有写）"
    link = f"[{chapter}]({books[chapter].name})"
    if not start:
        return f"{link} 整章"
    found = [title for title in titles[chapter] if f"{title} ".startswith(f"{start} ")]
    if len(found) != 1:
        raise _cli.UserError(f"第 {chapter} 章没有“{start}”这一节，请改 course_headings.py")
    return f"{link} {found[0]}"


def notes_table(folder: Path = TUTORIALS) -> str:
    """讲义的每个标题在哪里教。"""
    books = notebooks(folder)
    titles = {key: headings(nbformat.read(path, as_version=4)) for key, path in books.items()}
    lines = ["| 讲义 | 标题 | 在哪里教 |", "|---|---|---|"]
    for note, rows in HEADINGS.items():
        for heading, places in rows:
            taught = "<br>".join(where(place, books, titles) for place in places)
            lines.append(f"| {note} {NOTES[note]} | {heading} | {taught} |")
    return "\n".join(lines)


def replaced(text: str, begin: str, end: str, made: str) -> str:
    """两个记号之间换成 made。"""
    before, rest = text.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n{made}\n{end}{after}"


def rewritten(folder: Path = TUTORIALS) -> str:
    """课程地图应有的全文。"""
    text = replaced(README.read_text(encoding="utf-8"), BEGIN, END, table(folder))
    return replaced(text, NOTES_BEGIN, NOTES_END, f"\n{notes_table(folder)}\n")


def structure(text: str) -> str:
    """去掉每行最后的分钟：同样的内容重新执行一遍，分钟会变，不算过期。"""
    return re.sub(r"^(\| .*\|) [^|]+ \|$", r"\1", text, flags=re.M)


def main() -> int:
    parser = _cli.parser(__doc__)
    parser.add_argument("--check", action="store_true", help="只检查，不写")
    args = parser.parse_args()
    wanted = rewritten()
    if args.check:
        if structure(wanted) != structure(README.read_text(encoding="utf-8")):
            raise _cli.UserError(f"{README} 过期了；请运行 {_cli.command('course_map')}")
        return 0
    write_atomic(README, wanted)
    print(f"写好 {README}")
    return 0


if __name__ == "__main__":
    _cli.run(main)
