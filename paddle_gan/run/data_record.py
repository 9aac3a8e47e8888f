"""训练用的是哪些数据：记在训练目录的 data.json 里，接着训练时核对。路径可以变，数据变了要说。

解码文件的数据集记下每个文件的相对路径与大小（同样大小的另一张图看不出来）；
别的记下样本数，以及均匀取出的几十个样本的 SHA-256。二维点由设定决定，没有什么可记。
"""

import hashlib
import json
from pathlib import Path

import numpy as np

from paddle_gan.data.base import Dataset
from paddle_gan.data.image_list import find_images
from paddle_gan.data.images import to_uint8
from paddle_gan.errors import UserError, listed
from paddle_gan.files import write_atomic
from paddle_gan.run.config import Config, configured

CHECKED = 64  # 取多少个样本来算 SHA-256


def require_paths(config: Config) -> None:
    """训练目录里写的数据还在，否则抛出 UserError，说怎样指明新位置。"""
    for key, value in config.data.items():
        if isinstance(value, Path) and not value.exists():
            raise UserError(
                f"找不到训练时的数据 {value}（data.{key}）；搬了家请用 -o data.{key}=新位置 指明"
            )


def moved_to(config: Config, overrides: list[str]) -> Config:
    """照 -o data.键=值 换了数据位置的设定；写了别的键，抛出 UserError。"""
    for override in overrides:
        if not override.startswith("data."):
            raise UserError(f"这里的 -o 只能写 data.键=值（数据搬到了哪里），现在是 {override!r}")
    return configured(config.model_dump(mode="json"), overrides)


def describe_data(config: Config, train: Dataset, kind: type) -> dict:
    """这份训练数据的记录；kind 是方法要的批。"""
    record: dict = {"samples": list(train.lengths(kind))}
    if train.decodes:
        record["files"] = {
            f"{option}/{name}": size
            for option, path in config.data.items()
            if isinstance(path, Path)
            for name, size in sizes_in(path).items()
        }
    elif len(train.shape) == 3:
        record["sha256"] = digest(train, kind)
    return record


def sizes_in(path: Path) -> dict[str, int | None]:
    """一个目录里全部图像的相对路径与字节数；path 是文件时只有它自己。

    测试目录可以是空的；断了的链接（skip_bad 跳过了它）没有字节数，记 None。
    """
    files = [path] if path.is_file() else find_images(path, may_be_empty=True).files
    return {
        file.relative_to(path).as_posix(): file.stat().st_size if file.exists() else None
        for file in files
    }


def digest(train: Dataset, kind: type) -> str:
    """均匀取出的样本的 SHA-256。"""
    lengths = train.lengths(kind)
    indices = tuple(np.linspace(0, n - 1, min(n, CHECKED)).astype(np.int64) for n in lengths)
    batch = train.batch(kind, indices, np.random.default_rng(0))
    sha = hashlib.sha256()
    for array in batch:
        # 图像换回 0–255：float32 的末位与机器有关，像素没有关系
        pixels = to_uint8(array, train.value_range) if array.dtype.kind == "f" else array
        sha.update(f"{pixels.shape}|".encode() + np.ascontiguousarray(pixels).tobytes())
    return sha.hexdigest()


def data_changes(old: dict, new: dict) -> str:
    """两份记录差在哪里，例如“多了 10 张、少了 2 张”；一样就是空串。"""
    before, after = old.get("files"), new.get("files")
    if before is not None and after is not None:
        shared = before.keys() & after.keys()
        resized = sum(before[name] != after[name] for name in shared)
        counts = {
            "多了 {} 张": len(after) - len(shared),
            "少了 {} 张": len(before) - len(shared),
            "{} 张的内容变了": resized,
        }
        return "、".join(text.format(n) for text, n in counts.items() if n)
    if old.get("samples") != new["samples"]:
        return f"样本数原来是 {old.get('samples')}，现在是 {new['samples']}"
    if old.get("sha256") != new.get("sha256"):
        return "样本数没变，内容变了"
    return ""


def class_changes(old: tuple[str, ...], new: tuple[str, ...]) -> str:
    """类别差在哪里，例如“类别 3 → 4（多了 9）”；一样就是空串。"""
    told = {"多了": [one for one in new if one not in old]}
    told["少了"] = [one for one in old if one not in new]
    if not any(told.values()):
        return ""
    named = "，".join(f"{how} {listed(names)}" for how, names in told.items() if names)
    return f"类别 {len(old)} → {len(new)}（{named}）"


def read_record(path: Path) -> dict | None:
    """读回 data.json；没有（旧版本的训练目录）就是 None，读不了时抛出 UserError。"""
    if not path.is_file():
        return None
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(record, dict) or not isinstance(record.get("files", {}), dict):
            raise ValueError("不是数据的记录")
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(
            f"读不了 {path}（{type(error).__name__}）；删掉它就不核对数据，接着训练时重新记下"
        ) from None
    return record


def write_record(path: Path, record: dict) -> None:
    """写下记录。"""
    write_atomic(path, json.dumps(record, ensure_ascii=False, indent=0) + "\n")
