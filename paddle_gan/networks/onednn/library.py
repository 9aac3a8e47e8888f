"""飞桨安装包自带的 oneDNN：经 C 接口（interface.py）直接调用，不用编译，也不多装什么。

飞桨的动态图自己不用它的卷积。布局一律用步长（strides）写，不用标签的编号：编号会随版本变。
"""

import ctypes
import os
import sys
from ctypes import byref, c_int, c_void_p
from functools import lru_cache
from pathlib import Path

from paddle_gan.networks.onednn.interface import (
    ANY,
    ARG,
    DESTROY,
    F32,
    ISA,
    QUERY,
    RETURNS,
    SIGNATURES,
    STATUS,
    Argument,
    Dims,
)

SWITCH = "PADDLE_GAN_ONEDNN"  # 环境变量；0 是不用 oneDNN
NAMES = {"linux": ("libiomp5.so", "libdnnl.so.3")}  # 别的系统没有试过，用自己的实现


class OneDnnError(RuntimeError):
    """oneDNN 拒绝了一次调用。"""


class Handle(c_void_p):
    """oneDNN 给的一样东西；不用了就还给它。引擎与流一直留着。"""

    destroy = None

    def __del__(self):
        if self.destroy and self.value:
            self.destroy(self)


class Library:
    """载入的 oneDNN：一个引擎、一个流，和按名字调用的函数。"""

    def __init__(self, folder: Path, names: tuple[str, str]):
        # 飞桨已经载入了它们，这里只是拿到同一份；OpenMP 的运行时是飞桨的 libiomp5
        openmp = ctypes.CDLL(str(folder / names[0]), mode=ctypes.RTLD_GLOBAL)
        dnnl = ctypes.CDLL(str(folder / names[1]))
        self.set_threads = openmp.omp_set_num_threads
        self.set_threads.argtypes, self.set_threads.restype = [c_int], None
        self.get_threads = openmp.omp_get_max_threads
        for name, types in SIGNATURES.items():
            function = getattr(dnnl, f"dnnl_{name}")
            function.argtypes, function.restype = types, RETURNS.get(name, c_int)
            setattr(self, name, function)
        self.destroys = {name: getattr(dnnl, f"dnnl_{name}_destroy") for name in DESTROY}
        for function in self.destroys.values():
            function.argtypes, function.restype = [c_void_p], c_int
        self.engine = self.made("engine_create", 1, 0)  # dnnl_cpu
        self.stream = self.made("stream_create", self.engine, 1)  # dnnl_stream_in_order

    def made(self, name: str, *arguments) -> c_void_p:
        """调用一个“造”的函数，返回造出来的东西。"""
        handle = Handle()
        self.check(getattr(self, name)(byref(handle), *arguments), name)
        kind = name.partition("_create")[0]  # 各种 …_primitive_desc_create 造的是同一种东西
        handle.destroy = self.destroys.get("primitive_desc" if "primitive_desc" in kind else kind)
        return handle

    def described(self) -> str:
        """版本与用到的指令集，给体检的那一页。"""
        version, isa = self.version().contents, self.get_effective_cpu_isa()
        best = max((bits for bits in ISA if isa & bits == bits), default=0)
        name = ISA.get(best, hex(isa))
        return f"oneDNN {version.major}.{version.minor}.{version.patch}，{name}"

    @staticmethod
    def check(status: int, name: str) -> None:
        """状态码不是 0 就抛出一句话。"""
        if status:
            raise OneDnnError(
                f"oneDNN 的 dnnl_{name} 失败：{STATUS.get(status, status)}；"
                f"设环境变量 {SWITCH}=0 就不用 oneDNN，换回较慢的实现"
            )


@lru_cache(maxsize=1)
def library() -> Library | None:
    """这台机器上的 oneDNN；飞桨没有带、少了函数、或环境变量关掉了，就是 None。"""
    import paddle

    names = NAMES.get(sys.platform)
    folder = Path(paddle.__file__).parent / "libs"
    if os.environ.get(SWITCH) == "0" or names is None:
        return None
    if not hasattr(paddle.Tensor, "data_ptr") or not all((folder / n).is_file() for n in names):
        return None
    try:
        return Library(folder, names)
    except AttributeError:  # 版本太旧，没有要的函数
        return None


def dims(values) -> Dims:
    """一组整数。"""
    return Dims(*values)


def plain(shape, strides) -> c_void_p:
    """按步长写明布局的 float32 数组。"""
    arguments = (len(shape), dims(shape), F32, dims(strides))
    return library().made("memory_desc_create_with_strides", *arguments)


def any_layout(shape) -> c_void_p:
    """布局由 oneDNN 挑的 float32 数组。"""
    return library().made("memory_desc_create_with_tag", len(shape), dims(shape), F32, ANY)


def nhwc(n: int, c: int, h: int, w: int) -> c_void_p:
    """通道在最后的图：逻辑形状仍是 (n, c, h, w)。"""
    return plain((n, c, h, w), (h * w * c, 1, w * c, c))


def nchw(n: int, c: int, h: int, w: int) -> c_void_p:
    """飞桨的图。"""
    return plain((n, c, h, w), (c * h * w, h * w, w, 1))


def queried(description: c_void_p, what: str) -> c_void_p:
    """oneDNN 给一个原语挑的布局。"""
    return c_void_p(library().primitive_desc_query_md(description, QUERY[what], 0))


def same(a: c_void_p, b: c_void_p) -> bool:
    """两种布局是不是一样。"""
    return bool(library().memory_desc_equal(a, b))


def size_of(description: c_void_p) -> int:
    """一种布局占多少字节。"""
    return library().memory_desc_get_size(description)


class Primitive:
    """一个 oneDNN 原语；run(地址...) 按 arguments 的次序给出各个数组的地址。"""

    def __init__(self, description: c_void_p, arguments: dict[str, c_void_p]):
        lib = library()
        self.handle = lib.made("primitive_create", description)
        self.memories = [
            lib.made("memory_create", layout, lib.engine, None) for layout in arguments.values()
        ]
        self.addresses = [0] * len(arguments)  # 现在指着哪里
        pairs = zip(arguments, self.memories)
        self.arguments = (Argument * len(arguments))(
            *(Argument(ARG[name], memory) for name, memory in pairs)
        )
        self.set_handle, self.execute, self.stream = (
            lib.memory_set_data_handle,
            lib.primitive_execute,
            lib.stream,
        )
        self.description = description  # 反向的原语要拿它作提示

    def run(self, *addresses: int) -> None:
        """算一次；地址对应的数组在返回时已经写好。"""
        known = self.addresses
        for index, address in enumerate(addresses):
            if known[index] != address:  # 每一步的数组大多还在原处，少调用一次
                self.set_handle(self.memories[index], address)
                known[index] = address
        status = self.execute(self.handle, self.stream, len(self.memories), self.arguments)
        if status:
            library().check(status, "primitive_execute")


def reorder(source: c_void_p, target: c_void_p) -> Primitive:
    """换布局：run(从, 到)。"""
    lib = library()
    description = lib.made(
        "reorder_primitive_desc_create", source, lib.engine, target, lib.engine, None
    )
    return Primitive(description, {"src": source, "dst": target})
