"""metrics.jsonl：训练记录的唯一真相，一行一条，步数严格递增。"""

import json
from pathlib import Path

from paddle_gan.errors import UserError
from paddle_gan.files import write_atomic


class Recorder:
    """往 metrics.jsonl 追加记录。

    参数：
        path: 文件位置
        step: 从第几步继续；这一步之后的旧记录（检查点之后又多跑的）会被删掉
    """

    def __init__(self, path: Path, step: int = 0):
        self.path, self.last_step = path, step
        kept = [r for r in read_records(path) if r["step"] <= step] if path.exists() else []
        write_atomic(path, "".join(_line(record) for record in kept))

    def write(self, step: int, values: dict[str, float]) -> None:
        """追加一条 {"step": step, 名字: 数值…}，立即写到磁盘；写不进去时抛出 UserError。"""
        assert step > self.last_step, f"步数必须递增：{self.last_step} → {step}"
        line = _line({"step": step, **values})
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line)
        except OSError as error:
            raise UserError(
                f"写不了 {self.path}：{error.strerror}；训练已停止，已有的检查点没有改动，"
                "排除之后可以 --resume"
            ) from None
        self.last_step = step


def read_records(path: Path) -> list[dict]:
    """读出全部记录；最后一行写了一半（断电、强制结束）时忽略它，别处损坏则抛出 UserError。"""
    lines = path.read_bytes().splitlines(keepends=True)
    records = []
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
            if not line.endswith(b"\n") or not isinstance(record["step"], int):
                raise ValueError("不完整的一行")
        except (ValueError, KeyError, TypeError):
            if number == len(lines):
                break
            raise UserError(f"{path} 第 {number} 行不是合法的记录；请从备份恢复这个文件") from None
        records.append(record)
    return records


def _line(record: dict) -> str:
    return json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n"
