"""数据并行：几个进程各算一批的一段，梯度求平均，权重处处相同；只有一个进程时什么都不做。

用 python -m paddle.distributed.launch 启动 tools/train.py。不用 paddle.DataParallel：它把网络包起来
（名字会变），梯度惩罚要的二阶导数也不归它管；这里只在更新参数之前做一次求和。
CPU（Gloo）有测试；GPU（NCCL）没有在这里跑过。几台机器要共用训练目录，恢复时每个进程都读它。
"""

import json
import os
import sys
from collections.abc import Callable
from contextlib import contextmanager
from itertools import accumulate
from typing import Any

import numpy as np
import paddle
from paddle import Tensor, nn
from paddle import distributed as dist
from paddle.base import core

from paddle_gan.draws import Draw, drawing_with
from paddle_gan.errors import UserError
from paddle_gan.methods.base import Method, PlainUpdates
from paddle_gan.run import runtime

BATCH_NORMS = (nn.BatchNorm1D, nn.BatchNorm2D, nn.BatchNorm3D, nn.BatchNorm)


class Team:
    """一起训练的进程：我是几号、一共几个；整个进程只有一份，start() 填好。"""

    rank, size = 0, 1
    parent = 0  # 启动器的进程号
    messages = 0  # from_first 用过几次，各进程的次数相同


def start(batch_size: int, device: str) -> None:
    """与别的进程连上；用 launch 启动了不止一个进程时才有事做。在 runtime.set_device 之后调用一次。

    批分不匀、CPU 上没有写 --backend gloo 时抛出 UserError。
    """
    size = runtime.processes()
    if size == 1:
        return
    if batch_size % size:
        raise UserError(
            f"batch_size 是全部进程合起来的批，{batch_size} 不能平分给 {size} 个进程；"
            f"请用 -o batch_size={-(-batch_size // size) * size}，或改进程数"
        )
    if device == "cpu" and os.environ.get("PADDLE_DISTRI_BACKEND") != "gloo":
        raise UserError("CPU 上的多进程要让 paddle.distributed.launch 带上 --backend gloo")
    if device not in ("cpu", runtime.launched_gpu()):
        raise UserError("多进程时用启动器的 --gpus 选卡，不要写 --device，免得挤在同一张卡上")
    if Team.size > 1:  # 同一个进程里训练第二次
        return
    os.environ.setdefault("FLAGS_stop_check_timeout", "86400")  # 等 0 号评估，最多一天
    with lost_contact_is_an_error():
        dist.init_parallel_env()
    Team.rank, Team.size, Team.parent = dist.get_rank(), size, os.getppid()


def is_first() -> bool:
    """是不是 0 号进程：只有它写文件、评估、画样本、显示进度。"""
    return Team.rank == 0


def join(method: Method, device: str) -> None:
    """让一个方法参加数据并行：权重与 0 号相同，更新前平均梯度，GPU 上的 BN 换成同步的。"""
    if Team.size == 1:
        return
    method.updates = AveragedUpdates()
    norms = [
        layer
        for network in method.networks.values()
        for layer in network.sublayers()
        if isinstance(layer, BATCH_NORMS)
    ]
    if norms and device == "cpu" and is_first():
        print("提示：CPU 上各进程的 BN 各用自己那一段批的统计量", file=sys.stderr)
    with lost_contact_is_an_error():
        for network in method.networks.values():
            if norms and device != "cpu":
                nn.SyncBatchNorm.convert_sync_batchnorm(network)
            for tensor in network.state_dict().values():
                dist.broadcast(tensor, src=0)


def shard(batch_size: int) -> slice:
    """一批 batch_size 个样本里，归这个进程的一段。"""
    share = batch_size // Team.size
    return slice(Team.rank * share, (Team.rank + 1) * share)


class AveragedUpdates(PlainUpdates):
    """更新之前，把梯度换成各进程的平均。"""

    def settle(self, player, parameters, optimizer):
        average_gradients(parameters)

    def average(self, value):
        return average_value(value)


def average_gradients(parameters: list[Tensor]) -> None:
    """各进程的梯度求平均，就地替换；拼成一个长向量，一次通信。"""
    owners = [parameter for parameter in parameters if parameter.grad is not None]
    if Team.size == 1 or not owners:
        return
    with paddle.no_grad(), lost_contact_is_an_error():
        flat = paddle.concat([parameter.grad.reshape([-1]) for parameter in owners])
        dist.all_reduce(flat)
        # 损失是批的均值，批又平分：ḡ = (1/K)·Σ_k g_k 正是整批的梯度
        flat = flat / Team.size
        ends = list(accumulate(parameter.size for parameter in owners))
        for parameter, end in zip(owners, ends):
            parameter.grad = flat[end - parameter.size : end].reshape(parameter.shape)


def average_value(value: Tensor) -> Tensor:
    """各进程的一个量求平均，不带梯度。"""
    if Team.size == 1:
        return value
    total = value.detach().clone()
    with lost_contact_is_an_error():
        dist.all_reduce(total)
    return total / Team.size


@contextmanager
def draws(seed: int, step: int):
    """一步训练的随机数，由 (seed, step) 决定。

    逐样本的随机数（draws.per_sample）在各进程里是同一大批的不同段，合起来与单进程逐位相同；
    其余的（例如图像池抽签）各进程用自己的一条流。
    """
    runtime.seed_stream(seed, runtime.TRAIN, step)
    if Team.size == 1:
        yield
        return
    shared = paddle.get_rng_state()
    runtime.seed_stream(seed, runtime.TRAIN, step, 1 + Team.rank)

    def take(draw: Draw, shape: list[int]) -> Tensor:
        nonlocal shared
        own = paddle.get_rng_state()
        paddle.set_rng_state(shared)
        whole = draw([shape[0] * Team.size, *shape[1:]])
        shared = paddle.get_rng_state()
        paddle.set_rng_state(own)
        return whole[shard(whole.shape[0])]

    with drawing_with(take):
        yield


def agree(logs: dict[str, float], stopping: bool) -> tuple[dict[str, float], bool]:
    """各进程的损失求平均；有一个要停，大家都停。NaN 会传给每一个进程，于是一起停下。"""
    if Team.size == 1:
        return logs, stopping
    orphaned = os.getppid() != Team.parent  # 启动器被结束了
    vector = paddle.to_tensor([float(stopping or orphaned), *logs.values()], dtype="float64")
    with lost_contact_is_an_error():
        dist.all_reduce(vector)
    stops, *sums = vector.tolist()
    return {name: total / Team.size for name, total in zip(logs, sums)}, stops > 0


def from_first(action: Callable[[], Any]) -> Any:
    """只在 0 号进程做 action，大家得到同样的结果（JSON 能写的）；它抛出 UserError，大家都抛出。

    等多久都行：Gloo 的通信等 30 秒就放弃，所以这里走启动时就有的键值服务。
    """
    if Team.size == 1:
        return action()
    Team.messages += 1
    store, key = core.create_or_get_global_tcp_store(), f"paddle_gan/{Team.messages}"
    if is_first():
        try:
            answer = {"value": action()}
        except UserError as error:
            answer = {"error": str(error)}
        store.set(key, json.dumps(answer, default=float).encode())
    with lost_contact_is_an_error():
        answer = json.loads(bytes(store.get(key)))
    if "error" in answer:
        raise UserError(answer["error"])
    return answer["value"]


def exchange(data: bytes) -> list[bytes]:
    """每个进程给出一段字节，大家都得到全部，按进程号排列。"""
    if Team.size == 1:
        return [data]
    lengths, everyone = [], []
    with lost_contact_is_an_error():
        dist.all_gather(lengths, paddle.to_tensor([len(data)], dtype="int64"))
        padded = np.zeros(max(length.item() for length in lengths), np.uint8)
        padded[: len(data)] = np.frombuffer(data, np.uint8)
        dist.all_gather(everyone, paddle.to_tensor(padded))
    return [part.numpy()[: n.item()].tobytes() for part, n in zip(everyone, lengths)]


@contextmanager
def lost_contact_is_an_error():
    """块内的通信失败（飞桨一律抛出 RuntimeError）说成一句话。"""
    try:
        yield
    except RuntimeError as error:
        raise UserError(
            f"{Team.rank} 号进程与别的进程失去了联系，可能有进程被强制结束；训练已停止，"
            "之前的检查点完好，请用同样多的进程重新启动并加 --resume"
            f"（{str(error).splitlines()[0][:80]}）"
        ) from error
