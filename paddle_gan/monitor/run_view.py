"""从训练目录读出报告要的东西：记录、图、权重直方图；只读文件，不需要飞桨。"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path

from paddle_gan.errors import UserError, notice
from paddle_gan.lock import held
from paddle_gan.monitor.charts import COLORS, Line, thin
from paddle_gan.monitor.curves import REAL_SHARE, Setting
from paddle_gan.monitor.diagnose import Diagnosis, diagnose
from paddle_gan.monitor.recorder import is_histogram, is_number, read_records

PNG = b"\x89PNG\r\n\x1a\n"
IMAGES = {  # samples/ 里文件名的开头 → 看板上的标签
    "surface": "surface/D",
    "fixed": "samples/fixed",
    "fresh": "samples/fresh",
    "classes": "classes/histogram",
}

RUNNING = "正在训练"


class NoRecords(UserError):
    """这个训练目录里一条记录也没有。"""


@dataclass(frozen=True)
class RunView:
    """一次训练在报告里的样子。images 是 {标签: [(步数, PNG)]}，histograms 同 histograms.jsonl。"""

    name: str
    color: str
    records: list[dict]
    info: dict = field(default_factory=dict)
    histograms: list[dict] = field(default_factory=list)
    images: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    ending: str = ""  # 没有训练完的，说它怎样了；训练完的是空串

    def diagnosis(self) -> Diagnosis:
        """由记录得出的结论。"""
        setting = read_setting(self.info.get("setting", {}), self.name)
        return diagnose(self.records, str(self.info.get("message", "")), setting)

    def line(self, tag: str) -> Line | None:
        """一条曲线；没有记过时为 None。"""
        points = [(r["step"], r[tag]) for r in self.records if tag in r]
        if not points:
            return None
        steps, values = thin([s for s, _ in points], [v for _, v in points])
        return Line(self.name, self.color, steps, values)


def runs_under(
    paths: list[Path], file: str, advice: Callable[[Path], str], empty: bool = False
) -> list[Path]:
    """有 file（例如 metrics.jsonl）的训练目录；路径可以是训练目录，或它们共同的上级目录。

    上级目录里 file 还是空的那几个，empty 时也要，否则跳过，说一声。
    一个也没有时抛出 UserError，advice 说那时怎么办。
    """
    runs = []
    for path in paths:
        if not path.is_dir():
            raise UserError(f"找不到训练目录 {path}；训练目录形如 runs/gan_digits")
        children = sorted(child for child in path.iterdir() if (child / file).is_file())
        found = (
            [path] if (path / file).is_file() else [c for c in children if empty or size(c / file)]
        )
        if not found:
            raise UserError(f"{path} 和它下面的目录里没有写了东西的 {file}；{advice(path)}")
        for child in children:
            if path not in found and child not in found:
                notice(f"跳过 {child}：{file} 还是空的")
        runs += found
    return runs


def size(file: Path) -> int:
    """一个文件的字节数。"""
    return file.stat().st_size


def load_run(name: str, folder: Path, index: int) -> RunView:
    """读一个训练目录；没有 metrics.jsonl 时抛出 UserError，它是空的时抛出 NoRecords。"""
    path = folder / "metrics.jsonl"
    if not path.is_file():
        raise UserError(
            f"{folder} 不是训练目录（没有 metrics.jsonl）；训练目录形如 runs/gan_digits"
        )
    records, info = read_records(path), read_info(folder / "run.json")
    if not records:
        raise NoRecords(f"{folder} {nothing_recorded(folder, info)}")
    histograms = folder / "histograms.jsonl"
    return RunView(
        name,
        COLORS[index % len(COLORS)],
        records,
        info,
        read_records(histograms, is_histogram) if histograms.is_file() else [],
        {tag: read_images(folder / "samples", kind) for kind, tag in IMAGES.items()},
        ending_of(folder, info),
    )


def nothing_recorded(folder: Path, info: dict) -> str:
    """为什么一条记录也没有：还没有跑到，还是在那之前就停下了。"""
    ending = ending_of(folder, info)
    if info.get("status") == "finished":
        return "训练完了，一条记录也没有；再训练时请把 log_every 改小"
    if not ending or ending == RUNNING:
        return "还没有记录；请等训练走过几十步再看"
    return f"在写第一条记录之前就停下了：{info.get('message') or ending}"


def ending_of(folder: Path, info: dict) -> str:
    """训练怎样了：还在跑、没有正常结束（被杀了、断电）、停下了、出错了；训练完的是空串。"""
    status = info.get("status")
    if status == "running":
        return RUNNING if held(folder) else "没有正常结束（被强制结束，或断了电）"
    if status == "failed":
        return f"出错了：{info.get('error', '')}"
    return {"interrupted": "中途停下了", "diverged": "发散了"}.get(status, "")


def read_info(path: Path) -> dict:
    """run.json 的内容；还没有时为空，不是 JSON 的键值对时抛出 UserError。"""
    try:
        info = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (ValueError, RecursionError):
        raise UserError(f"{path} 不是合法的 JSON；这个训练目录不完整") from None
    if not isinstance(info, dict):
        raise UserError(f"{path} 里不是键值对；这个训练目录不完整")
    return info


def read_setting(saved: object, name: str) -> Setting:
    """run.json 里的 setting；旧的训练目录没有，就是不知道。内容不对时抛出 UserError。"""
    known = {field.name for field in fields(Setting)}
    right = isinstance(saved, dict) and saved.keys() <= known
    if not right or not all(is_number(value) and value >= 0 for value in saved.values()):
        raise UserError(f"{name} 的 run.json 里 setting 不对；这个训练目录不完整")
    setting = Setting(**saved)
    if setting.scatter >= REAL_SHARE:
        raise UserError(f"{name} 的 run.json 里 setting.scatter 不是撒点的比例；这个训练目录不完整")
    return setting


def read_images(folder: Path, kind: str) -> list[tuple[int, bytes]]:
    """samples/ 里一种图的全部 (步数, PNG)，按步数排。"""
    found = []
    for path in sorted(folder.glob(f"{kind}_*.png")):
        step, data = path.stem.partition("_")[2], path.read_bytes()
        if step.isdecimal() and data.startswith(PNG):
            found.append((int(step), data))
    return found
