"""检查点：一个 safetensors 文件，张量是网络、优化器和方法自己的状态，说明写在文件头的 JSON 里。

随机数和数据顺序由 (种子, 步数) 决定（见 runtime.seed_stream 与 data.Batches），只需记住走到哪一步。
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import paddle
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from paddle_gan.errors import UserError
from paddle_gan.files import write_atomic
from paddle_gan.methods.base import Method

FORMAT = 1


@dataclass(frozen=True)
class Progress:
    """走到哪里了：步数、已取的批数、目前最好的指标值。"""

    step: int = 0
    position: int = 0
    best: float | None = None


def save_checkpoint(path: Path, method: Method, progress: Progress) -> None:
    """把方法的全部状态写到 path（原子）。"""
    header = {"format": FORMAT, "step": progress.step, "position": progress.position}
    header["best"] = progress.best
    tensors = {name: np.ascontiguousarray(t.numpy()) for name, t in _tensors(method).items()}
    write_atomic(path, save(tensors, metadata={"paddle_gan": json.dumps(header)}))


def load_checkpoint(path: Path, method: Method, weights_only: bool = False) -> Progress:
    """把 path 装进 method；weights_only 时只装网络。

    对不上或读不了时抛出 UserError，method 不变。
    """
    header, tensors = read_checkpoint(path)
    networks = {name: t for name, t in tensors.items() if name.startswith("network/")}
    _check_same(path, _network_tensors(method), networks)
    optimizers = {} if weights_only else _optimizer_states(path, method, tensors)

    for name, tensor in _network_tensors(method).items():
        tensor.set_value(networks[name])
    for player, state in optimizers.items():
        method.optimizers[player].set_state_dict(state)
    if not weights_only:
        method.load_state({k: paddle.to_tensor(v) for k, v in _strip(tensors, "method/").items()})
    return Progress(header["step"], header["position"], header["best"])


def read_checkpoint(path: Path) -> tuple[dict, dict[str, np.ndarray]]:
    """读出文件头和全部张量；损坏、不是本工具的检查点、版本更新时抛出 UserError。"""
    if not path.is_file():
        raise UserError(f"找不到检查点 {path}")
    try:
        with safe_open(str(path), framework="numpy") as file:
            metadata = file.metadata() or {}
            names = file.keys()
            tensors = {name: file.get_tensor(name) for name in names}
        header = json.loads(metadata["paddle_gan"])
        version = header["format"]
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"检查点 {path} 已损坏，或不是本工具写的（{type(error).__name__}）；"
            "请换一个编号的检查点"
        ) from None
    if version != FORMAT:
        raise UserError(
            f"检查点 {path} 的格式版本是 {version}，本工具只认得 {FORMAT}；请升级工具箱"
        )
    return header, tensors


def _tensors(method: Method) -> dict[str, paddle.Tensor]:
    own = {f"method/{name}": tensor for name, tensor in method.state().items()}
    return _network_tensors(method) | _optimizer_tensors(method) | own


def _network_tensors(method: Method) -> dict[str, paddle.Tensor]:
    return {
        f"network/{letter}/{name}": tensor
        for letter, network in method.networks.items()
        for name, tensor in network.state_dict().items()
    }


def _optimizer_names(method: Method, player: str) -> dict[str, str]:
    """飞桨给参数编的内部名（每次运行都可能不同）→ 稳定的名字。"""
    letters = method.discriminators if player == "D" else method.generators
    return {
        parameter.name: f"optimizer/{player}/{letter}/{name}"
        for letter in letters
        for name, parameter in method.networks[letter].named_parameters()
    }


def _optimizer_tensors(method: Method) -> dict[str, paddle.Tensor]:
    tensors = {}
    for player, optimizer in method.optimizers.items():
        names = _optimizer_names(method, player)
        for key, tensor in optimizer.state_dict().items():
            if isinstance(tensor, paddle.Tensor):
                # 键是 “参数内部名_累加器名”；取最长的匹配，免得 w_1 吃掉 w_10
                owner = max((n for n in names if key.startswith(n + "_")), key=len)
                tensors[f"{names[owner]}|{key[len(owner) + 1 :]}"] = tensor
    return tensors


def _optimizer_states(path: Path, method: Method, tensors: dict[str, np.ndarray]) -> dict:
    """每个优化器的状态，键换回这次运行的内部名。"""
    states: dict[str, dict] = {}
    for player in method.optimizers:
        internal = {stable: name for name, stable in _optimizer_names(method, player).items()}
        state = states.setdefault(player, {})
        for key, value in tensors.items():
            if key.startswith(f"optimizer/{player}/"):
                stable, accumulator = key.rsplit("|", 1)
                if stable not in internal:
                    raise UserError(f"检查点 {path} 的优化器状态里有这个方法没有的参数 {stable}")
                state[f"{internal[stable]}_{accumulator}"] = paddle.to_tensor(value)
    return states


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
