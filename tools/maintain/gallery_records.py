"""画廊里的记录：metrics.jsonl 的数少留几位、太大时抽稀，run.json 换上另量的用时。"""

import json

import results

from paddle_gan.errors import UserError
from paddle_gan.files import write_atomic
from paddle_gan.run import gallery
from paddle_gan.run.run import Run

DIGITS = 6  # metrics.jsonl 的数留几位有效数字；float32 自己也只有七位
METRICS = 250_000  # metrics.jsonl 最多这么大，再大就隔几行取一行（有分数的行都留）


def shortened(line: str) -> str:
    """metrics.jsonl 的一行，小数只留 DIGITS 位有效数字。"""
    record = json.loads(line)
    short = {k: float(f"{v:.{DIGITS}g}") if type(v) is float else v for k, v in record.items()}
    return json.dumps(short) + "\n"


def thinned(run: Run) -> tuple[list[str], dict]:
    """metrics.jsonl 留下的行，与 {留下几行, 原来几行}；太大时每隔几行取一行，有分数的都留。"""
    text = run.metrics_file.read_text(encoding="utf-8")
    lines = list(map(shortened, text.splitlines()))
    scored = set(run.info()["metrics"])
    for every in range(1, len(lines) + 1):
        kept = [
            line
            for number, line in enumerate(lines, start=1)
            if number % every == 0 or number == len(lines) or scored & json.loads(line).keys()
        ]
        if sum(len(line.encode()) for line in kept) <= METRICS:
            return kept, {"kept": len(kept), "recorded": len(lines)}
    raise UserError(f"{run.metrics_file} 只留有分数的行也超过 {METRICS:,} 字节；不收")


def write_metrics(run: Run, staged: Run) -> dict:
    """run 的 metrics.jsonl 抽稀以后写到 staged，返回 {留下几行, 原来几行}。"""
    lines, rows = thinned(run)
    write_atomic(staged.metrics_file, "".join(lines))
    return rows


def write_info(run: Run, info: dict) -> None:
    """写 run.json。"""
    write_atomic(run.info_file, json.dumps(info, ensure_ascii=False, indent=2) + "\n")


def retime() -> list[str]:
    """训练时机器还忙着别的、后来在空着的机器上另量过用时的，换上那个用时；返回换了哪几个。"""
    changed, measured = [], results.read_results()
    for name in gallery.names():
        run = Run(gallery.GALLERY / name)
        info, entry = run.info(), measured.get(name, {})
        if "timed" in entry and entry["digest"] == info["gallery"]["config"]:
            minutes = round(entry["timed"]["seconds"] / 60, 2)
            info["gallery"] |= {"minutes": minutes, "timed": entry["timed"]}
            write_info(run, info)
            changed.append(name)
    return changed
