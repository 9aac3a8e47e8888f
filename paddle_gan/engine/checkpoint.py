"""检查点里有什么：网络、优化器和方法自己的状态；文件格式见 checkpoint_file.py。

随机数和数据顺序由 (种子, 步数) 决定（见 runtime.seed_stream 与 data.Batches），只需记住走到哪一步。
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import paddle

from paddle_gan.engine.checkpoint_file import FORMAT, encode, read_checkpoint
from paddle_gan.errors import UserError
from paddle_gan.files import write_atomic
from paddle_gan.methods.base import Method


@dataclass(frozen=True)
class Progress:
    """走到哪里了：步数、已取的批数、目前最好的指标值。"""

    step: int = 0
    position: int = 0
    best: float | None = None


def save_checkpoint(path: Path, method: Method, progress: Progress) -> None:
    """把方法的全部状态写到 path（原子）。"""
    header = {
        "format": FORMAT,
        "method": type(method).__name__,
        "step": progress.step,
        "position": progress.position,
        "best": progress.best,
    }
    tensors = {name: np.ascontiguousarray(t.numpy()) for name, t in _tensors(method).items()}
    write_atomic(path, encode(header, tensors))


def load_checkpoint(path: Path, method: Method, weights_only: bool = False) -> Progress:
    """把 path 装进 method；weights_only 时只装网络。

    对不上或读不了时抛出 UserError，method 不变。
    """
    header, tensors = read_checkpoint(path)
    networks = {name: t for name, t in tensors.items() if name.startswith("network/")}
    _check_same(path, _network_tensors(method), networks)
    if header["method"] != type(method).__name__:
        raise UserError(
            f"检查点 {path} 是方法 {header['method']} 存的，配置里的方法是 {type(method).__name__}"
        )
    optimizers = {} if weights_only else _optimizer_states(path, method, tensors)

    for name, tensor in _network_tensors(method).items():
        tensor.set_value(networks[name])
    for player, state in optimizers.items():
        method.optimizers[player].set_state_dict(state)
    if not weights_only:
        method.load_state({k: paddle.to_tensor(v) for k, v in _strip(tensors, "method/").items()})
    return Progress(header["step"], header["position"], header["best"])


def _tensors(method: Method) -> dict[str, paddle.Tensor]:
    own = {f"method/{name}": tensor for name, tensor in method.state().items()}
    return _network_tensors(method) | _optimizer_tensors(method) | own


def _network_tensors(method: Method) -> dict[str, paddle.Tensor]:
    return {
        f"network/{letter}/{name}": tensor
        for letter, network in method.networks.items()
        for name, tensor in network.state_dict().items()
    }


def _owned(method: Method, player: str) -> dict[str, paddle.Tensor]:
    """一方的可学习参数：稳定的名字 → 参数；飞桨的内部名每次运行都可能不同，不能写进文件。"""
    letters = method.discriminators if player == "D" else method.generators
    return {
        f"optimizer/{player}/{letter}/{name}": parameter
        for letter in letters
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
                tensors[f"{stable[owner]}|{key[len(owner) + 1 :]}"] = tensor
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
    wanted = set().union(*saved.values())
    for name, accumulators in saved.items():
        if name not in owned or accumulators.keys() != wanted:
            raise UserError(f"检查点 {path} 的优化器状态与这个方法对不上：{name}")
        for accumulator, value in accumulators.items():
            if value.shape not in (tuple(owned[name].shape), (1,)):
                raise UserError(
                    f"检查点 {path} 的优化器状态形状不对：{name}|{accumulator} 是 {value.shape}"
                )


def _check_same(path: Path, ours: dict, theirs: dict) -> None:
    for name in sorted(ours.keys() | theirs.keys()):
        have = tuple(ours[name].shape) if name in ours else "没有"
        saved = tuple(theirs[name].shape) if name in theirs else "没有"
        if have != saved:
            raise UserError(
                f"检查点 {path} 与配置不是同一个网络：{name} 在检查点里是 {saved}，按配置是 {have}"
            )


def _strip(tensors: dict[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {name[len(prefix) :]: t for name, t in tensors.items() if name.startswith(prefix)}
