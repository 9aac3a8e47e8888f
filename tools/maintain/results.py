"""期望值从哪里来：把训练目录收进 configs/results.json，两张方法表和配置的第一行都由它生成。

    python tools/train.py -c configs/gan_ring.yml --seed 1 --output runs/gan_ring_1
    python tools/maintain/results.py collect runs/gan_ring_1  # 一个或多个训练目录
    python tools/maintain/results.py collect --busy runs/gan_ring_1  # 机器忙着别的：用时不算数
    python tools/maintain/results.py time runs/一成  # 空闲的机器上跑一段，照它推算用时
    python tools/maintain/results.py write  # 写进 README_zh.md、docs/结果.md 和各个配置的第一行

只收完整跑完、而且设定与仓库里的配置完全相同（种子除外）的训练；配置改了，旧的结果自动作废。
用时可以另量：步数取一成、别的照旧的一次训练（-o total_steps=…），按步数放大。
"""

import json
import sys
from pathlib import Path
from statistics import mean, stdev

import _above  # noqa: F401
import _cli
from collecting import ROOT, collect, is_current, shipped, time
from PIL import Image

from paddle_gan.files import write_atomic
from paddle_gan.lab.showcase import GOOD
from paddle_gan.methods import METHODS
from paddle_gan.monitor.glossary import GLOSSARY
from paddle_gan.run.config import Config

RESULTS = ROOT / "configs" / "results.json"
README, PAGE = ROOT / "README_zh.md", ROOT / "docs" / "结果.md"
THUMBS = ROOT / "tutorials" / "assets" / "thumbs"  # 由 build_pictures.py thumbs 画
BEGIN, END = "<!-- 方法一览表：由 tools/maintain/results.py write 生成 -->", "<!-- 一览表完 -->"
NOT_CURED = "环上不是每个种子都治好的，不进表：{}。"
# 配置第一行只写最要紧的几个量
HEADLINE = ("modes/covered", "modes/high_quality", "fd_lenet", "fd_pca64")
HEADLINE += ("obedience/accuracy", "obedience/spread", "codes/accuracy", "pixel_std", "edges")
HEADLINE += ("sequences/nll_oracle", "sequences/distinct4")
HEADLINE += ("poems/nll_test", "poems/found2", "poems/distinct2", "restoration/psnr")
HEADLINE += ("restoration/fd_lenet", "classification/accuracy", "anomaly/auc")
HEADLINE += (
    "fit/mean_error",
    "fit/std_ratio",
    "translation/style",
    "translation/retrieval",
    "translation/correlation",
)
# README 的表里每个方法只写一个数：配置量了的头一个
ONE = ("fd_lenet", "translation/score", "modes/high_quality", "fd_pca64", "fit/mean_error")
ONE += ("sequences/nll_oracle", "restoration/fd_lenet", "classification/accuracy", "anomaly/auc")


def spread(values: list[float]) -> str:
    """均值 ± 标准差；只有一个种子时只写数，一个也没有时写 –。"""
    if not values:
        return "–"
    if len(values) == 1:
        return f"{values[0]:.3g}"
    return f"{mean(values):.3g} ± {stdev(values):.2g}"


def column(entry: dict, key: str) -> list[float]:
    """一个指标在各个种子上的值。"""
    return [seed["metrics"][key] for seed in entry["seeds"].values()]


def minutes(entry: dict) -> list[float]:
    """用全部的核跑的种子各用了几分钟；少用核、几个一起跑、机器忙时跑的只算分数，不算用时。

    另外量过用时的（time），就用它。
    """
    if "timed" in entry:
        return [entry["timed"]["seconds"] / 60]
    seeds = [seed for seed in entry["seeds"].values() if seed["seconds"] is not None]
    most = max((seed["threads"] for seed in seeds), default=0)
    return [seed["seconds"] / 60 for seed in seeds if seed["threads"] == most]


def measured(entry: dict) -> list[str]:
    """量了哪些指标。"""
    return list(next(iter(entry["seeds"].values()))["metrics"])


def short_table(results: dict) -> str:
    """README 的表：一个方法一行，一张小图，一个数；环上没有治好的不进表，写在表后面。"""
    lines = ["| 方法 | 样子 | 最后一步的结果 | 分钟 |", "|---|---|---|--:|"]
    configs, left = shipped(), []
    for method in METHODS:
        mine = {name: config for name, config in configs.items() if config.method == method}
        ran = [name for name in mine if is_current(results.get(name), mine[name])]
        if mine:
            name = representative(method, ran or list(mine))
            entry = results[name] if ran else None
            if entry and mine[name].data["name"] == "ring" and not cured(entry):
                left.append(f"`{name}`")
            else:
                lines.append(short_row(name, mine[name], entry))
    if left:
        lines += ["", NOT_CURED.format("、".join(left))]
    return "\n".join(lines)


def cured(entry: dict) -> bool:
    """环上的一个配置：每个种子八个模式都占 1% 以上，高质量都不低于 GOOD。"""
    modes, quality = column(entry, "modes/covered_1pct"), column(entry, "modes/high_quality")
    return min(modes) == 8 and min(quality) >= GOOD


def representative(method: str, names: list[str]) -> str:
    """代表一个方法的配置：与方法同名的、画数字的优先，其次照名字的次序，格在环的后面。"""
    preferred = [name for name in (method, f"{method}_digits") if name in names]
    return (preferred or sorted(names, key=lambda name: (name.endswith("_grid"), name)))[0]


def short_row(name: str, config: Config, entry: dict | None) -> str:
    """README 的一行；entry 是 None，就是还没有量。"""
    link = f"[{title(config.method)}](configs/{name}.yml)"
    if entry is None:
        return f"| {link} |  | 还没有量 | – |"
    key = next((key for key in ONE if key in measured(entry)), measured(entry)[0])
    score = f"{GLOSSARY[key].titled} {spread(column(entry, key))}"
    took = shown_minutes(mean(found)) if (found := minutes(entry)) else "–"
    return f"| {link} | {thumbnail(name, entry)} | {score} | {took} |"


def shown_minutes(value: float) -> str:
    """分钟，一位小数；几秒就跑完的两位，不写成 0.0。"""
    return f"{value:.1f}" if value >= 0.05 else f"{value:.2f}"


def title(method: str) -> str:
    """方法给人看的名字：它的文件第一行括号之前的字。"""
    return sys.modules[METHODS[method].__module__].__doc__.split("（")[0]


def thumbnail(name: str, entry: dict, up: str = "") -> str:
    """小图的 Markdown，up 是从那一页到仓库的路；没有画过，或是旧设定画的，就空着。"""
    path = THUMBS / f"{name}.png"
    if not path.is_file() or thumb_digest(path) != entry["digest"]:
        return ""
    return f"![{name} 的样本]({up}{path.relative_to(ROOT).as_posix()})"


def thumb_digest(path: Path) -> str | None:
    """小图是哪个设定画的：画的时候写在 PNG 的文字块里。"""
    with Image.open(path) as picture:
        return picture.text.get("digest")


def table(results: dict) -> str:
    """docs/结果.md 的表：方法 × 配置 × 数据 × 用时 × 结果。"""
    lines = [
        "| 方法 | 配置 | 样子 | 数据 | 步数 | 分钟 | 种子 | 最后一步的结果 |",
        "|---|---|---|---|--:|--:|--:|---|",
    ]
    configs = shipped()
    for method in METHODS:
        for name, config in configs.items():
            if config.method == method:
                lines.append(row(name, config, results.get(name)))
    return "\n".join(lines)


def row(name: str, config: Config, entry: dict | None) -> str:
    """一行；没有测过，或配置改过，就照实写。"""
    start = f"| `{config.method}` | [{name}](../configs/{name}.yml) |"
    task = f"{config.data['name']} | {config.total_steps:,}"
    if not is_current(entry, config):
        return f"{start}  | {task} | – | – | 还没有在这里跑过 |"
    scores = "；".join(
        f"{GLOSSARY[key].name} {spread(column(entry, key))}" for key in measured(entry)
    )
    numbers = f"{task} | {spread(minutes(entry))} | {len(entry['seeds'])} | {scores}"
    return f"{start} {thumbnail(name, entry, up='../')} | {numbers} |"


def first_line(line: str, entry: dict) -> str:
    """配置的第一行：用时与期望值换成测得的，“学什么”不变。"""
    scores = "，".join(
        f"{GLOSSARY[key].name} {spread(column(entry, key))}"
        for key in HEADLINE
        if key in measured(entry)
    )
    purpose, found = line.split("· CPU 用时：")[0].rstrip(), minutes(entry)
    longest, count = f"{shown_minutes(max(found))} 分钟" if found else "未测", len(entry["seeds"])
    return f"{purpose} · CPU 用时：{longest} · 期望值：{scores}（{count} 个种子）"


def rewritten(results: dict) -> dict[Path, str]:
    """README、结果那一页与各个配置应有的内容：文件 → 全文。"""
    files = {}
    for page, rows in ((README, short_table(results)), (PAGE, table(results))):
        before, rest = page.read_text(encoding="utf-8").split(BEGIN)
        _, after = rest.split(END)
        files[page] = f"{before}{BEGIN}\n{rows}\n{END}{after}"
    for name, config in shipped().items():
        entry = results.get(name)
        if is_current(entry, config):
            path = ROOT / "configs" / f"{name}.yml"
            line, body = path.read_text(encoding="utf-8").split("\n", 1)
            files[path] = f"{first_line(line, entry)}\n{body}"
    return files


def read_results() -> dict:
    """已收的结果；还没有时是空的。"""
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}


def main() -> None:
    parser = _cli.parser(__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    collecting = commands.add_parser("collect")
    collecting.add_argument("runs", nargs="+", type=Path)
    collecting.add_argument("--busy", action="store_true", help="训练时机器还忙着别的，用时不算数")
    timing = commands.add_parser("time")
    timing.add_argument("runs", nargs="+", type=Path)
    commands.add_parser("write")
    args, results = parser.parse_args(), read_results()
    if args.command in ("collect", "time"):
        for folder in args.runs:
            timed = args.command == "time"
            name = time(results, folder) if timed else collect(results, folder, args.busy)
            print(f"收下 {folder} → {name}")
        text = json.dumps(dict(sorted(results.items())), ensure_ascii=False, indent=1)
        write_atomic(RESULTS, text + "\n")
        return
    for path, text in rewritten(results).items():
        write_atomic(path, text)
        print(f"写好 {path}")


if __name__ == "__main__":
    _cli.run(main)
