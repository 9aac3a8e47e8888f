"""检查点里有什么：网络、优化器、方法自己的状态、EMA、放大倍数；文件格式见 checkpoint_file.py。

随机数和数据顺序由 (种子, 步数) 决定（见 runtime.seed_stream 与 data.Batches），只需记住走到哪一步。
几个进程训练时，权重处处相同，只存一份；方法自己的状态（图像池）各不相同，每个进程的都存。
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import paddle
from safetensors.numpy import load, save

from paddle_gan.errors import UserError
from paddle_gan.files import write_atomic
from paddle_gan.methods.base import Method
from paddle_gan.run.checkpoint_file import FORMAT, encode, kind_of, read_checkpoint
from paddle_gan.run.distributed import Team, agree, exchange, is_first
from paddle_gan.run.ema import PREFIX, Ema
from paddle_gan.run.finite import require_finite
from paddle_gan.run.missing import replace_missing


@dataclass(frozen=True)
class Progress:
    """走到哪里了：步数、已取的批数、目前最好的指标值。"""

    step: int = 0
    position: int = 0
    best: float | None = None


def save_checkpoint(path: Path, method: Method, progress: Progress, ema: Ema | None = None) -> None:
    """把全部状态写到 path（原子）；每个进程都要调用，0 号来写。

    网络或 EMA 里有非有限的数时，每个进程都抛出 NonFinite，已有的文件不变。
    """
    tensors = _arrays(_tensors(method))
    if ema:
        tensors |= _arrays({PREFIX + name: tensor for name, tensor in ema.average.items()})
    _require_finite_weights(progress.step, tensors)
    tensors |= _every_state(method)
    header = {
        "format": FORMAT,
        "method": type(method).__name__,
        "step": progress.step,
        "position": progress.position,
        "best": progress.best,
    }
    if Team.size > 1:
        header["processes"] = Team.size
    if is_first():
        write_atomic(path, encode(header, tensors))


def load_checkpoint(
    path: Path, method: Method, weights_only: bool = False, ema: Ema | None = None
) -> Progress:
    """把 path 装进 method 与 ema；weights_only 时只装网络。

    对不上或读不了时抛出 UserError，method 不变。
    """
    header, tensors = read_checkpoint(path)
    networks = {name: t for name, t in tensors.items() if name.startswith("network/")}
    only = header.get("only")
    if only and not weights_only:
        raise UserError(f"检查点 {path} 是随包的，只有 {'、'.join(only)}，不能接着训练")
    ours = network_tensors(method, only)
    _check_same(path, ours, networks)
    if header["method"] != type(method).__name__:
        raise UserError(
            f"检查点 {path} 是方法 {header['method']} 存的，配置里的方法是 {type(method).__name__}"
        )
    optimizers = {} if weights_only else _optimizer_states(path, method, tensors)
    if not weights_only:
        _check_processes(path, header.get("processes", 1))
    if ema:
        ema.load(path, tensors)

    for name, tensor in ours.items():
        tensor.set_value(networks[name])
    if only:
        replace_missing(method, only)
    for player, state in optimizers.items():
        method.optimizers[player].set_state_dict(state)
    if not weights_only:
        method.load_state(_strip(tensors, _own_prefix(Team.rank)))
        if updates := _strip(tensors, "updates/"):
            method.updates.load_state(updates)
    return Progress(header["step"], header["position"], header["best"])


def _tensors(method: Method) -> dict[str, paddle.Tensor]:
    updates = {f"updates/{name}": tensor for name, tensor in method.updates.state().items()}
    return network_tensors(method) | _optimizer_tensors(method) | updates


def _require_finite_weights(step: int, tensors: dict[str, np.ndarray]) -> None:
    """损失不一定看得出权重坏了：飞桨在 CPU 上的 relu(nan) 是 0。"""
    largest = {
        name: float(np.abs(array).max())
        for name, array in tensors.items()
        if name.startswith(("network/", PREFIX)) and array.dtype.kind == "f"
    }
    # BN 的统计量可以只在一个进程里坏掉，也要一起停
    largest, _ = agree(largest, stopping=False)
    require_finite(step, largest)


def _every_state(method: Method) -> dict[str, np.ndarray]:
    """每个进程的 method.state()，键是 method/… 与 rank1/method/…。"""
    own = _arrays(method.state())
    states = [own] if Team.size == 1 else [load(data) for data in exchange(save(own))]
    return {
        _own_prefix(rank) + name: array
        for rank, state in enumerate(states)
        for name, array in state.items()
    }


def _own_prefix(rank: int) -> str:
    return f"rank{rank}/method/" if rank else "method/"


def _arrays(tensors: dict[str, paddle.Tensor]) -> dict[str, np.ndarray]:
    return {name: np.ascontiguousarray(tensor.numpy()) for name, tensor in tensors.items()}


def _check_processes(path: Path, processes: int) -> None:
    if processes != Team.size:
        raise UserError(
            f"检查点 {path} 是 {processes} 个进程一起存的，现在是 {Team.size} 个，接不上；"
            f"请用 {processes} 个进程接着训练"
        )


def network_tensors(method: Method, only: list[str] | None = None) -> dict[str, paddle.Tensor]:
    """网络的权重与累计统计量；only 是要哪几个网络，不写是全部。"""
    return {
        f"network/{letter}/{name}": tensor
        for letter, network in method.networks.items()
        if only is None or letter in only
        for name, tensor in network.state_dict().items()
    }


def _owned(method: Method, player: str) -> dict[str, paddle.Tensor]:
    """一方的可学习参数：稳定的名字 → 参数；飞桨的内部名每次运行都可能不同，不能写进文件。"""
    return {
        f"optimizer/{player}/{letter}/{name}": parameter
        for letter in method.players[player]
        for name, parameter in method.networks[letter].named_parameters()
        if parameter.trainable
    }


def _optimizer_tensors(method: Method) -> dict[str, paddle.Tensor]:
    tensors = {}
    for player, optimizer in method.optimizers.items():
        stable = {parameter.name: name for name, parameter in _owned(method, player).items()}
        for key, tensor in optimizer.state_dict().items():
            if isinstance(tensor, paddle.Tensor):
                # 键是 “参数内部名_累加器名”；取最长的匹配，免得 w_1 吃掉 w_10
                owner = max((name for name in stable if key.startswith(name + "_")), key=len)
                accumulator = key[len(owner) + 1 :].rpartition("_")[0]
                tensors[f"{stable[owner]}|{accumulator}_0"] = tensor  # 编号随先后变，不存
    return tensors


def _optimizer_states(path: Path, method: Method, tensors: dict[str, np.ndarray]) -> dict:
    """每个优化器的状态，键换回这次运行的内部名；多了、少了、形状不对都抛出 UserError。"""
    states: dict[str, dict] = {}
    for player in method.optimizers:
        saved: dict[str, dict[str, np.ndarray]] = {name: {} for name in _owned(method, player)}
        for key, value in tensors.items():
            if key.startswith(f"optimizer/{player}/"):
                name, accumulator = key.rsplit("|", 1)
                saved.setdefault(name, {})[accumulator] = value
        _check_optimizer(path, _owned(method, player), saved)
        states[player] = {
            f"{parameter.name}_{accumulator}": paddle.to_tensor(value)
            for name, parameter in _owned(method, player).items()
            for accumulator, value in saved[name].items()
        }
    return states


def _check_optimizer(path: Path, owned: dict, saved: dict[str, dict[str, np.ndarray]]) -> None:
    # 一个网络归几方时，飞桨给后一个优化器的累加器编号 _1、_2…，编号不同不算对不上
    kinds = {name: {a.rpartition("_")[0] for a in saved[name]} for name in saved}
    wanted = set().union(*kinds.values())
    for name, accumulators in saved.items():
        if name not in owned or kinds[name] != wanted or len(accumulators) != len(wanted):
            raise UserError(f"检查点 {path} 的优化器状态与这个方法对不上：{name}")
        allowed = kind_of(owned[name]), kind_of(owned[name], (1,))
        for accumulator, value in accumulators.items():
            if kind_of(value) not in allowed:
                raise UserError(
                    f"检查点 {path} 的优化器状态形状或类型不对："
                    f"{name}|{accumulator} 是 {kind_of(value)}"
                )


def _check_same(path: Path, ours: dict, theirs: dict) -> None:
    for name in sorted(ours.keys() | theirs.keys()):
        have = kind_of(ours[name]) if name in ours else "没有"
        saved = kind_of(theirs[name]) if name in theirs else "没有"
        if have != saved:
            raise UserError(
                f"检查点 {path} 与配置不是同一个网络：{name} 在检查点里是 {saved}，按配置是 {have}"
            )


def _strip(tensors: dict[str, np.ndarray], prefix: str) -> dict[str, paddle.Tensor]:
    """名字以 prefix 开头的张量，去掉前缀。"""
    kept = [name for name in tensors if name.startswith(prefix)]
    return {name.removeprefix(prefix): paddle.to_tensor(tensors[name]) for name in kept}
