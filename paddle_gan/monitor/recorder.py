"""metrics.jsonl：训练记录的唯一真相，一行一条，步数严格递增。"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from paddle_gan.errors import UserError, reason_of
from paddle_gan.files import WriteError, write_atomic

TOO_LARGE = 1e300  # 损失与指标到不了这么大；再大，画图时一减就溢出


class Recorder:
    """往 metrics.jsonl 追加记录。

    参数：
        path: 文件位置
        step: 从第几步继续；这一步之后的旧记录（检查点之后又多跑的）会被删掉
    """

    def __init__(self, path: Path, step: int = 0):
        self.path, self.last_step = path, step
        known = read_records(path, is_recorded) if path.exists() else []
        kept = [record for record in known if record["step"] <= step]
        write_atomic(path, "".join(_line(record) for record in kept))

    def write(self, step: int, values: dict[str, float]) -> None:
        """追加一条 {"step": step, 名字: 数值…}，立即写到磁盘；写不进去时抛出 WriteError。"""
        assert step > self.last_step, f"步数必须递增：{self.last_step} → {step}"
        line = _line({"step": step, **values})
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line)
        except OSError as error:
            raise WriteError(
                f"写不了 {self.path}：{reason_of(error)}；训练已停止，已有的检查点没有改动，"
                "排除之后可以 --resume"
            ) from None
        self.last_step = step


def is_number(value: Any) -> bool:
    """一个画得出来的数；nan、inf、true、文字都不是。"""
    return type(value) in (int, float) and abs(value) < TOO_LARGE


def is_histogram(value: Any) -> bool:
    """histograms.jsonl 里的一个直方图：{"half": 横轴到 ±half, "counts": [各格的个数]}。"""
    if not isinstance(value, dict) or value.keys() != {"half", "counts"}:
        return False
    half, counts = value["half"], value["counts"]
    if not isinstance(counts, list) or counts == []:
        return False
    return all(map(is_number, [half, *counts]))


def is_recorded(value: Any) -> bool:
    """metrics.jsonl 或 histograms.jsonl 里的一个值。"""
    return is_number(value) or is_histogram(value)


def read_records(path: Path, is_value: Callable[[Any], bool] = is_number) -> list[dict]:
    """读出全部记录；最后一行写了一半（断电、强制结束）时忽略它，别处损坏则抛出 UserError。

    is_value 说什么样的值是好的；读 histograms.jsonl 时用 is_histogram。
    """
    lines = path.read_bytes().splitlines(keepends=True)
    records = []
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
            whole = isinstance(record["step"], int) and line.endswith(b"\n")
            values = [value for key, value in record.items() if key != "step"]
            if not whole or not is_number(record["step"]) or not all(map(is_value, values)):
                raise ValueError("不完整的一行，或不是数")
        except (ValueError, KeyError, TypeError, RecursionError):
            if number == len(lines):
                break
            raise UserError(f"{path} 第 {number} 行不是合法的记录；请从备份恢复这个文件") from None
        records.append(record)
    return records


def _line(record: dict) -> str:
    return json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n"
