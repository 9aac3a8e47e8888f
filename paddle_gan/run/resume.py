"""接着训练：核对设定与数据，说清变了什么、什么不能变，从哪个检查点接。"""

from pathlib import Path

from paddle_gan.data.batches import Labeled
from paddle_gan.errors import UserError, notice
from paddle_gan.files import write_atomic
from paddle_gan.methods import METHODS
from paddle_gan.run.build import Shapes
from paddle_gan.run.checkpoint_file import encode, read_checkpoint
from paddle_gan.run.config import INTERVALS, Config, anchored, changed_keys, sentences, tenth
from paddle_gan.run.data_record import class_changes, data_changes, read_record
from paddle_gan.run.gallery import require_own
from paddle_gan.run.run import Run

# 可以改的：跑多久、记多勤、学习率怎样走，和数据在哪里；网络、方法、批、数据本身与种子不能
MAY_CHANGE = {"total_steps", "log_every", "sample_every", "checkpoint_every", "keep_checkpoints"}
MAY_CHANGE |= {"metrics", "board", "lr_schedule", "decay_from"}


def reopen(
    run: Run, config: Config, data: dict, shapes: Shapes, allow_data_change: bool = False
) -> dict:
    """独占目录，核对设定与数据（data 见 data_record.py）；不能变的变了，抛出 UserError。

    返回 {"name": 从哪个检查点继续, "old": 上次的设定}；还没有存过就被杀了时说一句，name 是 None。
    指标的设定或数据变了时，以前最好的分数作废。新的设定还没有写下：检查点装好了，再用 run.keep 写。
    """
    require_own(run.folder)
    if not run.config_file.is_file():
        raise UserError(
            f"{run.folder} 里没有 config.yml，不是可以接着训练的目录；"
            "请去掉 --resume，或检查 --output"
        )
    run.make_folders()
    run.lock.acquire()
    old = run.config()
    changed = settings_changed(old, config)
    refused = {key: pair for key, pair in changed.items() if not may_change(key, old, config)}
    if refused:
        raise UserError(
            f"--resume 的配置与 {run.config_file} 不同：{'、'.join(sentences(refused))}；"
            "请改回来（或不写 -c：照训练目录自己的设定），或用 --output 另开一次训练"
        )
    name = run.latest()
    classes = _check_classes(run, config, shapes) if name else ""
    data_changed = _check_data(run, data, classes, allow_data_change)
    if name is None:
        notice(f"{run.folder} 还没有存过检查点，从头开始")
    else:
        _forget_best(run.checkpoint(name), old, config, data_changed)
    return {"name": name, "old": old.model_dump(mode="json")}


def settings_changed(old: Config, new: Config) -> dict[str, tuple]:
    """{"键.子键": (原来的值, 现在的值)}；同一处的相对与绝对路径不算不同。"""
    return changed_keys(*(c.model_dump(mode="json") for c in (anchored(old), anchored(new))))


def may_change(key: str, old: Config, new: Config) -> bool:
    """接着训练时这一项可不可以变。"""
    section, _, name = key.partition(".")
    if section == "hparams":  # 学习率的名字：lr，或 lr_<方>
        return name == "lr" or name.startswith("lr_")
    if section == "data":  # 数据搬了家；是不是同一份，另外核对
        return any(isinstance(config.data.get(name), Path) for config in (old, new))
    return section in MAY_CHANGE


def allowed_changes(old: Config, new: Config) -> list[str]:
    """允许变的各变了什么，例如 ["total_steps 100 → 200"]。"""
    changed = settings_changed(old, new)
    for key in INTERVALS:  # 没有写的间隔跟着总步数走，不必再说
        if all(vars(config)[key] == tenth(config.total_steps) for config in (old, new)):
            changed.pop(key, None)
    shown = {key: ["没写" if v is None else v for v in pair] for key, pair in changed.items()}
    return [f"{key} {a} → {b}" for key, (a, b) in shown.items()]


def _check_classes(run: Run, config: Config, shapes: Shapes) -> str:
    """类别变了什么，没有变是空串；个数变了，网络就接不上，抛出 UserError。只看用类别的方法。"""
    if METHODS[config.method].batch_type is not Labeled:
        return ""
    old, new = run.shapes().classes or shapes.classes, shapes.classes
    changes = class_changes(old, new)
    if len(old) != len(new):
        raise UserError(
            f"{changes}：网络是照原来的类别搭的，接不上；请放回原来的类别，"
            "或重新训练（用 --output 换个目录）"
        )
    return changes


def _check_data(run: Run, data: dict, classes: str, allowed: bool) -> bool:
    """数据变了没有；变了而没有准许时抛出 UserError。classes 是类别变了什么。"""
    old = read_record(run.data_file)
    if old is None and "files" in data:
        notice(f"{run.folder} 里没有 data.json（旧版本训练的），数据变没变无从核对；这次记下")
    changes = "、".join(filter(None, [classes, data_changes(old, data) if old else ""]))
    if changes and not allowed:
        raise UserError(
            f"数据与上次训练时不同：{changes}；请换回原来的数据，"
            "确实要用现在的，请加 --allow-data-change"
        )
    if changes:
        notice(f"数据与上次训练时不同：{changes}；照 --allow-data-change 用现在的接着训练")
    return bool(changes)


def _forget_best(path: Path, old: Config, new: Config, data_changed: bool) -> None:
    """评估的设定（多久评估一次除外）或数据变了，检查点里最好的分数就不能再比：清掉，并说一句。

    要在改写 config.yml 之前写进检查点：中途被杀，下次 --resume 也不会拿两种分数来比。
    """
    both = (c.metrics.model_dump(mode="json") | {"every": None} for c in (old, new))
    changed = changed_keys(*both, "metrics.")
    if not changed and not data_changed:
        return
    header, tensors = read_checkpoint(path)
    if header["best"] is None:
        return
    why = f"评估的设定变了（{'、'.join(sentences(changed))}）" if changed else "数据变了"
    notice(f"{why}：以前最好的分数作废，重新挑 best")
    write_atomic(path, encode(header | {"best": None}, tensors))
