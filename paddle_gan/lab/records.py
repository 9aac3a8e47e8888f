"""实验结果的文件：一个实验一档一个 JSON Lines，一行一条记录，先按组、再按种子排好。"""

import json
from collections.abc import Iterable
from pathlib import Path

from filelock import FileLock

from paddle_gan.errors import UserError, reason_of
from paddle_gan.files import write_atomic
from paddle_gan.monitor.recorder import is_number

WORDS, TABLES = ("name", "arm", "tier", "commit"), ("settings", "statistics", "curves", "versions")
FIELDS = dict.fromkeys(WORDS, str) | dict.fromkeys(TABLES, dict)


def read_records(path: Path) -> list[dict]:
    """全部记录；还没有这个文件时是空的。哪一行坏了、重复了，抛出 UserError 说是哪一行。"""
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UserError(f"读不了 {path}：{reason_of(error)}") from error
    records = {}
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if not _belongs(record, path):
            raise UserError(
                f"{path} 第 {number} 行不是这个实验的一条完整记录；"
                "删掉这一行再运行，少了的任务会重跑"
            )
        if _key(record) in records:
            raise UserError(
                f"{path} 第 {number} 行与前面的一行是同一个任务（{record['arm']}，"
                f"种子 {record['seed']}）；删掉其中一行再运行"
            )
        records[_key(record)] = record
    return list(records.values())


def add_record(path: Path, record: dict, arms: Iterable[str]) -> None:
    """写进一条记录，同一个（组，种子）的旧记录被换掉；行按 arms 的次序、再按种子排。

    几个进程同时写也不会丢：锁住之后重读、合并，再整个换掉；任何时刻被打断，旧文件都完好。
    """
    place = {arm: number for number, arm in enumerate(arms)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(path.name + ".lock")):
            records = {_key(old): old for old in read_records(path)} | {_key(record): record}
            last = len(place)  # 后来不要了的组排在最后
            ordered = sorted(records, key=lambda key: (place.get(key[0], last), *key))
            write_atomic(path, "".join(_line(records[key]) for key in ordered))
    except OSError as error:
        raise UserError(f"写不了 {path}：{reason_of(error)}；已有的文件没有改动") from error


def _key(record: dict) -> tuple[str, int]:
    return record["arm"], record["seed"]


def _belongs(record, path: Path) -> bool:
    """是一条完整的记录，而且是这个文件的（<档>/<实验>.jsonl）。"""
    return (
        isinstance(record, dict)
        and all(isinstance(record.get(key), kind) for key, kind in FIELDS.items())
        and (record["tier"], record["name"]) == (path.parent.name, path.stem)
        and type(record.get("seed")) is int
        and record["seed"] >= 0
        and is_number(record.get("seconds"))
        and len(record["statistics"]) > 0
        and all(map(is_number, record["statistics"].values()))
        and isinstance(record["versions"].get("paddle"), str)
    )


def _line(record: dict) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"
