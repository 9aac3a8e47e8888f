"""从给定的权重开始训练：配置里的 init。只装网络，优化器、步数与数据次序都是新的。

init 是训练目录（last；写 目录@best、目录@3000 是别的检查点）、一个 .safetensors 检查点文件，
或 gallery:名字（随包的训练，只带生成器）。
一个网络里名字与形状都相同的权重占一半以上，就装这些（换了通道数，只差头尾两层）；不到一半的，
多半是另一种网络，碰巧同名，不装。换了方法也行；装了什么、没装什么，说一声。
"""

from pathlib import Path

import numpy as np

from paddle_gan.errors import UserError
from paddle_gan.methods.base import Method
from paddle_gan.run.checkpoint import network_tensors
from paddle_gan.run.checkpoint_file import kind_of, read_checkpoint
from paddle_gan.run.gallery import PREFIX, located
from paddle_gan.run.run import Run

SHOWN = 3  # 形状不同的权重，最多写出几个的名字


def load_initial(init: str, method: Method) -> str:
    """把 init 的权重装进 method，返回装了什么的一句话；一个网络也装不上时抛出 UserError。"""
    path = initial_checkpoint(init)
    header, saved = read_checkpoint(path)
    ours = network_tensors(method)
    fits = {name for name in ours if name in saved and kind_of(saved[name]) == kind_of(ours[name])}
    differ = [name for name in ours if name in saved and name not in fits]
    told, loaded = [], []
    for letter in method.networks:
        mine = [name for name in ours if name.startswith(f"network/{letter}/")]
        same = [name for name in mine if name in fits]
        enough = 2 * len(same) >= len(mine)
        loaded += same if enough else []
        why = "" if enough else "（太少，不装）"
        if letter not in (header.get("only") or letter):
            why = "（随包的只带生成器，它从头练）"
        told.append(f"{letter} {len(same)}/{len(mine)}{why}")
    if not loaded:
        raise UserError(
            f"init: {path} 里没有一个网络装得上（对得上的权重：{'、'.join(told)}"
            f"{_different(differ, saved, ours)}）；它是方法 {header['method']} 的，"
            "请换一个网络相同的，或去掉 init"
        )
    for name in loaded:
        ours[name].set_value(saved[name])
    source = init if init.startswith(PREFIX) else path
    return (
        f"从 {source}（第 {header['step']} 步）装了初始权重：{'、'.join(told)}"
        f"{_different(differ, saved, ours)}"
    )


def initial_checkpoint(init: str) -> Path:
    """init 指的检查点文件；找不到时抛出 UserError。"""
    if init.startswith(PREFIX):
        home, _, name = init.partition("@")
        return _existing(Run(located(home)).checkpoint(name or "last"))
    path = Path(init).expanduser()
    if path.is_dir():
        found = Run(path).checkpoint("last")
    elif path.suffix == ".safetensors":
        found = path
    else:
        folder, at, name = str(path).rpartition("@")
        if not at:
            raise UserError(f"init: 找不到训练目录 {path}；要写训练目录或 .safetensors 检查点文件")
        found = Run(Path(folder)).checkpoint(name)
    return _existing(found)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise UserError(f"init: 找不到检查点 {path}；请检查路径")
    return path


def _different(names: list[str], saved: dict[str, np.ndarray], ours: dict) -> str:
    if not names:
        return ""
    shown = [
        f"{name.removeprefix('network/')} 那里是 {kind_of(saved[name])}，"
        f"这里是 {kind_of(ours[name])}"
        for name in names[:SHOWN]
    ]
    more = f" 等 {len(names)} 个" if len(names) > SHOWN else ""
    return f"；形状不同的：{'、'.join(shown)}{more}"
