"""从结果写出台账 claims.json、tutorials/claims.md 与每个实验的图。"""

import json
from pathlib import Path

from paddle_gan.errors import UserError, one_line
from paddle_gan.figures import save_png, style
from paddle_gan.files import write_atomic
from paddle_gan.lab import EXPERIMENTS
from paddle_gan.lab.experiment import TIERS
from paddle_gan.lab.ledger import build_ledger
from paddle_gan.lab.page import markdown
from paddle_gan.lab.runner import RESULTS, read_results
from paddle_gan.lab.verdict import UNKNOWN

TUTORIALS = Path(__file__).resolve().parents[2] / "tutorials"
LEDGER, CLAIMS = RESULTS / "claims.json", TUTORIALS / "claims.md"
FIGURES = TUTORIALS / "claims"


def all_results(folder: Path = RESULTS) -> dict[str, dict[str, dict[str, list[dict]]]]:
    """{实验: {档: {组: [记录]}}}。"""
    return {
        name: {tier: read_results(name, tier, folder) for tier in TIERS} for name in EXPERIMENTS
    }


def texts(folder: Path = RESULTS) -> dict[Path, str]:
    """report 应当写出的文字：文件 → 全文；测试拿它与提交的文件比。"""
    return pages(build_ledger(all_results(folder)))


def pages(ledger: dict[str, dict]) -> dict[Path, str]:
    """台账写成的文字：文件 → 全文。"""
    return {
        LEDGER: json.dumps(ledger, ensure_ascii=False, indent=1) + "\n",
        CLAIMS: markdown(ledger),
    }


def figure_of(name: str, results: dict[str, dict[str, list[dict]]], tier: str):
    """一个实验的图；在 style() 里画，中文才有字形。记录里的曲线画不了，抛出 UserError。"""
    with style():
        try:
            return EXPERIMENTS[name].draw(results[tier])
        except (LookupError, TypeError, ValueError) as error:
            where = RESULTS / tier / f"{EXPERIMENTS[name].records or name}.jsonl"
            raise UserError(
                f"{where} 里的曲线画不出来（{one_line(str(error))}）；"
                "删掉改坏的那几行，用 tools/lab.py run 重跑"
            ) from error


def write_report(folder: Path = RESULTS, only: list[str] | None = None) -> list[Path]:
    """重写台账与图，返回写了的文件；only 只限制重画哪些图。"""
    written, results = [], all_results(folder)
    ledger = build_ledger(results)
    CLAIMS.parent.mkdir(exist_ok=True)
    for name, claim in ledger.items():
        if claim["verdict"] != UNKNOWN and (only is None or name in only):
            with style():  # 存盘时才排版，也要在样式里
                save_png(figure_of(name, results[name], claim["tier"]), FIGURES / f"{name}.png")
            written.append(FIGURES / f"{name}.png")
    told = pages(ledger)
    for path, text in told.items():  # 图都画得出来，才换掉文字
        write_atomic(path, text)
    return [*told, *written]
