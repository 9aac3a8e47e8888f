"""画廊里的权重：只收生成器，存成 float16，尾数再少留几位，压小。

float16 的尾数有 10 位，图像的生成器用不了这么多：从 7 位试起，样本的差在上限以内就用这么多位，
余下的位是 0，压得更小。二维的点留全 10 位：差一点，就算不得高质量了。
"""

from collections.abc import Iterator

import _cli
import numpy as np

from paddle_gan.errors import unknown_name
from paddle_gan.methods.base import Method
from paddle_gan.run.checkpoint_file import encode, read_checkpoint
from paddle_gan.run.ema import PREFIX as AVERAGE
from paddle_gan.run.packing import pack
from paddle_gan.run.run import Run

SMALL = 6_000  # 字节；比它小的权重（偏置、BN、条件的层）照存 float32，省不了多少，画出来却准得多
FULL = 10  # float16 的尾数有几位
BITS = (7, 8, 9, FULL)  # 图像的依次试这几种


def encodings(run: Run, only: list[str] | None) -> Iterator[tuple[int, bytes]]:
    """（尾数留几位，last 里各个生成器的权重编成的检查点），越来越准；做了 EMA 的只收平均。

    run 也可以是画廊里的一个。only 里没有的生成器、float16 装不下的权重，抛出 UserError。
    """
    _, method = run.load("last")
    header, tensors = read_checkpoint(run.checkpoint("last"))
    shipped = header.get("only")
    able = shipped or method.generators
    letters = [letter for letter in able if only is None or letter in only]
    if only and len(letters) < len(only):
        raise unknown_name("生成器", " ".join(only), able)
    source = AVERAGE if run.config().ema and not shipped else "network/"
    ours = tuple(f"{source}{letter}/" for letter in letters)
    weights = {key: tensor for key, tensor in tensors.items() if key.startswith(ours)}
    header = {key: header[key] for key in header.keys() - {"processes", "packed"}}
    learned = learnable(method)
    for bits in BITS if len(run.shapes().x) == 3 else (FULL,):
        kept = {}
        for key, tensor in weights.items():
            name = key.removeprefix(source)
            small = name not in learned or tensor.nbytes < SMALL
            kept[f"network/{name}"] = tensor if small else narrowed(key, tensor, bits)
        packed, layouts = pack(kept)
        yield bits, encode(header | {"only": letters, "packed": layouts}, packed)


def learnable(method: Method) -> set[str]:
    """生成器里学出来的权重：<字母>/<权重名>；别的是累计统计量。"""
    return {
        f"{letter}/{name}"
        for letter in method.generators
        for name, parameter in method.networks[letter].named_parameters()
        if parameter.trainable
    }


def narrowed(key: str, tensor: np.ndarray, bits: int) -> np.ndarray:
    """float32 → float16，尾数四舍五入到 bits 位；超出它的范围时抛出 UserError。"""
    if np.abs(tensor).max() > np.finfo(np.float16).max:
        raise _cli.UserError(f"权重 {key} 超出了 float16 的范围（65504）；不收")
    mantissa, exponent = np.frexp(tensor.astype(np.float16))  # 0.5 ≤ |mantissa| < 1
    rounded = np.rint(np.ldexp(mantissa.astype(np.float32), bits + 1))
    return np.ldexp(rounded, exponent - bits - 1).astype(np.float16)
