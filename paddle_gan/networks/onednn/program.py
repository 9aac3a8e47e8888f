"""一串层在一种输入形状上的程序：步骤、内存的排法，和前向、反向怎样跑。"""

from ctypes import memmove
from threading import RLock

import numpy as np
import paddle
from paddle import Tensor

from paddle_gan.gradients import weights_stamp
from paddle_gan.networks.cores import Threads
from paddle_gan.networks.onednn import primitives
from paddle_gan.networks.onednn.library import library
from paddle_gan.networks.onednn.plan import Block, Room, Value, floats_at
from paddle_gan.networks.onednn.steps import steps_of

LOCK = RLock()  # 原语里记着数组的地址，一次只能一个线程用
KEEP = 256  # 记住多少个程序


class Program:
    """一串层在输入形状 shape 上的程序。

    参数：
        specs: 层的说明，见 steps.py
        shape: 输入 (n, c, h, w) 或 (n, c)
        saving: 中间数组要不要留给反向
        twice: 还要对输入的梯度求导（只有分段线性的一串层能）
    """

    def __init__(self, specs: tuple, shape: tuple[int, ...], saving: bool, twice: bool):
        self.shape, self.steps, self.twice = shape, steps_of(specs), twice
        self.counts = [spec.count for spec in specs]  # 每一步有几个参数
        n, c, h, w = (*shape, 1, 1)[:4]
        self.forward_room, self.backward_room = Room(keep=saving), Room(keep=twice)
        self.third_room = Room(keep=False)
        self.x = value = self.forward_room.take(n, h, w, c)
        for step in self.steps:
            value = step.plan(self.forward_room, value)
        self.y = value
        if saving:
            self.dy = value = self.backward_room.take(*value.shape)
            for step in reversed(self.steps):
                value = step.plan_back(self.backward_room, value)
            self.dx = value
        if twice:
            self.v = value = self.third_room.take(n, h, w, c)
            for step in self.steps:
                value = step.plan_twice(self.third_room, value)
            self.u = value

    def forward(self, x: Tensor, parameters: list[Tensor], buffers: dict) -> tuple[Tensor, Block]:
        """（输出，留给反向的中间数组）。"""
        run = Run(Block(self.forward_room.size), None, parameters, buffers)
        with working():
            load(x, run.saved, self.x)
            for step in self.steps:
                step.forward(run)
            return unload(run.saved, self.y, len(self.shape)), run.saved

    def backward(self, saved: Block, dy: Tensor, parameters, wanted: list[bool]) -> list:
        """输入与各个参数的梯度；没有要的是 None。wanted 的第一个是输入，其余是参数。"""
        run = Run(saved, Block(self.backward_room.size), parameters, {}, wanted[1:])
        first = first_wanted(self.counts, wanted)
        with working():
            load(dy, run.scratch, self.dy)
            for number in range(len(self.steps) - 1, first - 1, -1):
                self.steps[number].backward(run, number > first or wanted[0])
            dx = unload(run.scratch, self.dx, len(self.shape)) if wanted[0] else None
        return [dx, *(run.gradients[i] if want else None for i, want in enumerate(wanted[1:]))]

    def input_gradient(self, saved: Block, dy: Tensor, parameters) -> tuple[Tensor, Block]:
        """（输入的梯度，留给二阶导数的各层梯度）。"""
        scratch = Block(self.backward_room.size)
        run = Run(saved, scratch, parameters, {}, [False] * len(parameters))
        with working():
            load(dy, scratch, self.dy)
            for step in reversed(self.steps):
                step.backward(run, True)
            return unload(scratch, self.dx, len(self.shape)), scratch

    def second(self, saved: Block, scratch: Block, v: Tensor, parameters, wanted) -> list:
        """对 dy 与各个参数的梯度；v 是对输入的梯度的梯度。偏置没有，是 None。"""
        run = Run(saved, scratch, parameters, {}, wanted)
        run.third = Block(self.third_room.size)
        with working():
            load(v, run.third, self.v)
            for step in self.steps:
                step.twice(run)
            return [unload(run.third, self.u, len(self.shape)), *run.gradients]


def first_wanted(counts: list[int], wanted: list[bool]) -> int:
    """反向要走到哪一步为止：更前面的没有谁要梯度。"""
    if wanted[0]:
        return 0
    index = 1
    for number, count in enumerate(counts):
        if any(wanted[index : index + count]):
            return number
        index += count
    return len(counts)


class Run:
    """程序跑一次：内存、参数的地址、算出的梯度。"""

    def __init__(self, saved: Block, scratch, parameters, buffers: dict, wanted=()):
        self.saved, self.scratch = saved, scratch
        self.parameters, self.buffers, self.is_wanted = parameters, buffers, wanted
        self.addresses = [parameter.data_ptr() for parameter in parameters]
        self.gradients: list[Tensor | None] = [None] * len(parameters)

    def parameter(self, index: int) -> int:
        """一个参数的地址。"""
        return self.addresses[index]

    def stamp(self, index: int) -> tuple | None:
        """一个参数从上次更新以来没有动过的凭据；None 是不能保证。

        优化器的更新、就地的运算都数得出来；set_value 数不出来，所以还看均匀取的几十个数。
        """
        moment = weights_stamp()
        if moment is None:
            return None
        parameter = self.parameters[index]
        size = parameter.size
        some = floats_at(self.addresses[index], size)[:: 1 + size // 64]
        return moment, parameter.inplace_version, some.tobytes()

    def wanted(self, index: int) -> bool:
        """一个参数的梯度要不要。"""
        return self.is_wanted[index]

    def gradient(self, index: int) -> int:
        """一个参数的梯度写到哪里。"""
        tensor = self.gradients[index] = empty(self.parameters[index].shape)
        return tensor.data_ptr()

    def write(self, index: int, values: np.ndarray) -> None:
        """一个参数的梯度就是 values。"""
        floats_at(self.gradient(index), values.size)[...] = values

    def statistics(self, index: int) -> tuple[int, int]:
        """批归一化累计的均值与方差的地址；index 是它的第一个参数排第几。"""
        mean, variance, _ = self.buffers[index]
        return mean.data_ptr(), variance.data_ptr()

    def accumulate(self, index: int, *batch: np.ndarray) -> None:
        """把这一批的均值与方差累计进去：r ← 动量·r + (1 − 动量)·这一批的。"""
        *tensors, momentum = self.buffers[index]
        for tensor, values in zip(tensors, batch):
            running = floats_at(tensor.data_ptr(), values.size)
            running *= momentum
            running += (1 - momentum) * values


class working:
    """块内 oneDNN 用全部线程（造原语时也是）；出来换回原样，飞桨用的是同一个 OpenMP。"""

    def __enter__(self):
        LOCK.acquire()
        self.before = library().get_threads()
        library().set_threads(Threads.count)

    def __exit__(self, *_):
        library().set_threads(self.before)
        LOCK.release()


def empty(shape: list[int]) -> Tensor:
    """没有填过数的 float32 张量。"""
    return paddle._C_ops.empty(shape, paddle.float32, CPU)


CPU = paddle.CPUPlace()


def load(tensor: Tensor, block: Block, value: Value) -> None:
    """张量 → 通道在最后的数组。"""
    n, h, w, c = value.shape
    if not tensor.is_contiguous():
        tensor = tensor.contiguous()
    if c == 1 or h * w == 1:
        memmove(block.at(value), tensor.data_ptr(), 4 * value.size)
    else:
        primitives.to_channels_last(n, c, h, w).run(tensor.data_ptr(), block.at(value))


def unload(block: Block, value: Value, rank: int) -> Tensor:
    """通道在最后的数组 → 张量：rank 是 4 时 (n, c, h, w)，2 时 (n, c)。"""
    n, h, w, c = value.shape
    tensor = empty([n, c, h, w][:rank])
    if c == 1 or h * w == 1:
        memmove(tensor.data_ptr(), block.at(value), 4 * value.size)
    else:
        primitives.from_channels_last(n, c, h, w).run(block.at(value), tensor.data_ptr())
    return tensor


def _program(*arguments) -> Program:
    with working():
        return Program(*arguments)


program = primitives.kept(_program, KEEP)
