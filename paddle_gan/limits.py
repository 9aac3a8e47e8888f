"""大小的上限：更大的多半是笔误。在读配置时就说，不等到要内存的时候——那时系统可能直接杀掉进程。"""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from paddle_gan.errors import UserError

LARGEST = 2**16  # 任何一个整数选项
MAX_PIXELS = 2**27  # 一个图像文件：约 1.34 亿像素（RGB 400 MB），一亿像素的手机照片读得进
LARGEST_FLOAT = 1e30  # 任何一个小数选项的绝对值；float32 到 3.4e38 就溢出
GIGABYTE = 2**30
MEMORY = 8 * GIGABYTE  # 一批样本、一份留在内存里的数据

LARGEST_SIDE = 2**13  # 图像的一边


def checked_size(value: Any) -> Any:
    """查一个写成边长或 [高, 宽] 的大小；不对时抛出 pydantic 的错误，由 run/options.py 译成中文。"""
    numbers = value if isinstance(value, list) and len(value) == 2 else [value]
    if not all(type(number) is int and 0 < number <= LARGEST_SIDE for number in numbers):
        raise PydanticCustomError("image_size", "要写边长，或 [高, 宽]")
    return value


Fraction = Annotated[float, Field(ge=0, le=1)]  # 比例
Decay = Annotated[float, Field(ge=0, lt=1)]  # Adam 的 β：1 就是从来不更新
Width = Annotated[int, Field(gt=0, le=2**13)]  # 一层的宽度、通道数
Depth = Annotated[int, Field(gt=0, le=64)]  # 层数；大小按 2^depth 变时，也不会超出整数
Side = Annotated[int, Field(gt=0, le=LARGEST_SIDE)]  # 图像的边长
# 图像的大小：一个边长（正方形），或 [高, 宽]
Size = Annotated[int | list[int], BeforeValidator(checked_size)]


def require_memory(needed: int, what: str, advice: str) -> None:
    """要 needed 字节的 what；超过 MEMORY 时抛出 UserError，advice 说怎么改。"""
    if needed > MEMORY:
        raise UserError(
            f"{what}要 {needed / GIGABYTE:.3g} GB 内存，超过上限 {MEMORY // GIGABYTE} GB；{advice}"
        )
