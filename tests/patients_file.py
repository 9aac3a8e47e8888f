"""诊断的病人怎样存：抽稀的曲线，一条曲线一列，一次训练一行。"""

import json
from pathlib import Path

from paddle_gan.monitor.rules import RULES

FIXTURE = Path(__file__).resolve().parent / "fixtures/patients.json"
KEPT = 25  # 每条训练留下多少条没有评估的记录
LOOKED_AT = {"step", "modes/high_quality", "modes/covered_1pct", "classes/covered_1pct"}
LOOKED_AT |= {"fd_lenet", "fd_pca64", *(tag for rule in RULES for tag in rule.curves)}


def thin(records: list[dict]) -> list[dict]:
    """带评估或面板的记录全留，其余均匀抽稀；只留诊断会看的曲线，数值留 3 位有效数字。"""
    rich = [r for r in records if "diversity" in r or any(k.startswith("modes/") for k in r)]
    plain = [r for r in records if r not in rich]
    plain = plain[:: max(1, -(-len(plain) // KEPT))]
    kept = sorted(rich + plain, key=lambda record: record["step"])
    return [
        {k: v if k == "step" else float(f"{v:.3g}") for k, v in r.items() if k in LOOKED_AT}
        for r in kept
    ]


def packed(run: dict) -> dict:
    """存的样子：一条曲线一列，没有记的那一步是 null，省下重复的名字。"""
    records = run["records"]
    tags = list(dict.fromkeys(tag for record in records for tag in record))
    columns = {tag: [record.get(tag) for record in records] for tag in tags}
    return {"diverged": run["diverged"], "curves": columns}


def unpacked(saved: dict) -> dict:
    """packed 的反面。"""
    columns = saved["curves"]
    rows = zip(*columns.values())
    records = [{k: v for k, v in zip(columns, row) if v is not None} for row in rows]
    return {"diverged": saved["diverged"], "records": records}


def load(path: Path = FIXTURE) -> dict[str, dict[str, dict]]:
    """存下的全部病人：{病人: {种子: examine 的结果}}。"""
    saved = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {name: {s: unpacked(run) for s, run in runs.items()} for name, runs in saved.items()}


def save(found: dict[str, dict[str, dict]], path: Path = FIXTURE) -> None:
    """一次训练一行。"""
    rows = [
        f"{json.dumps(name, ensure_ascii=False)}:{{\n"
        + ",\n".join(f'"{s}":{compact(packed(run))}' for s, run in runs.items())
        + "\n}"
        for name, runs in found.items()
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{" + ",\n".join(rows) + "}\n", encoding="utf-8")


def compact(value: dict) -> str:
    """不留空格的 JSON。"""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
