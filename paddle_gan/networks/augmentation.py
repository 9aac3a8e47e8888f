"""可微增广（DiffAugment；Zhao 等，2020，arXiv:2006.10738）：判别器看的图，先随机变一变。

图少时判别器把训练集背下来；每次看的都变过，就背不下来了。真图、假图都变，更新 G 时也变，
梯度穿过变换 T 回到 G：只变真图，G 会去画变过的图。T 装在判别器的入口（评估模式时不变），
所以方法一行不改：D 走、G 走、梯度惩罚、相对损失里的真图，凡过判别器的都变，各抽各的随机数。
变换都是 x 的仿射函数，用乘、加、矩阵乘写成，二阶导数（梯度惩罚）也对。
ADA（Karras 等，2020，arXiv:2006.06676）再加一个机会 p：每张图的每样变换各以 p 做，p 随 D 调。
"""

import paddle
from paddle import Tensor

from paddle_gan.draws import per_sample

SHIFT = 1 / 8  # 平移最多是边长的几分之一
CUT = 1 / 2  # 挖掉的方块的边长是图的几分之一
BRIGHTNESS = 0.5  # 亮度 ±0.5，取值范围是 [−1, 1] 时；别的照比例
SATURATION, CONTRAST = (0.0, 2.0), (0.5, 1.5)  # 饱和度、对比度乘以多少


def uniform(n: int, low: float, high: float) -> Tensor:
    """每个样本一个 U(low, high) 的数 (n, 1, 1, 1)。"""
    return low + (high - low) * per_sample(paddle.rand, [n, 1, 1, 1])


def integers(n: int, low: int, high: int) -> Tensor:
    """每个样本一个整数 (n,)，low 到 high 均匀，两头都算。"""
    return per_sample(lambda shape: paddle.randint(low, high + 1, shape), [n])


def recolored(x: Tensor, brightness: Tensor, saturation: Tensor, contrast: Tensor) -> Tensor:
    """一组图 (N, C, H, W) 加亮度，再乘饱和度与对比度；三个量都是 (N, 1, 1, 1)。"""
    x = x + brightness
    if x.shape[1] > 1:  # 灰度图没有饱和度
        grey = x.mean(axis=1, keepdim=True)
        x = (x - grey) * saturation + grey
    mean = x.mean(axis=[1, 2, 3], keepdim=True)
    return (x - mean) * contrast + mean


def moved(x: Tensor, down: Tensor, right: Tensor, ground: float) -> Tensor:
    """往下、往右平移整数个像素 (N,)，空出来的地方填 ground。"""
    # 每张图左右各乘一个 0 与 1 的矩阵：上边乘的第 i 行只在第 i − down 列是 1
    rows = shifting(x.shape[2], down, x.dtype)
    columns = shifting(x.shape[3], right, x.dtype).transpose([0, 1, 3, 2])
    return rows @ (x - ground) @ columns + ground


def shifting(side: int, shift: Tensor, dtype) -> Tensor:
    """平移矩阵 (N, 1, side, side)：第 i 行只在第 i − shift 列是 1，出界的一行全是 0。"""
    place = paddle.arange(side)
    wanted = place.reshape([1, side, 1]) - shift.reshape([-1, 1, 1])
    return (wanted == place.reshape([1, 1, side])).astype(dtype).unsqueeze(1)


def cut_out(x: Tensor, top: Tensor, left: Tensor, ground: float) -> Tensor:
    """挖掉一个方块，填 ground；左上角在 (top, left) (N,)，可以有一部分在图外。"""
    rows = inside(x.shape[2], top, x.dtype).unsqueeze(3)  # (N, 1, H, 1)
    columns = inside(x.shape[3], left, x.dtype).unsqueeze(2)  # (N, 1, 1, W)
    return (x - ground) * (1 - rows * columns) + ground


def inside(side: int, start: Tensor, dtype) -> Tensor:
    """从 start 起、长 side 的一半（四舍五入）的一段里是 1，别处是 0：(N, 1, side)。"""
    place, start = paddle.arange(side).unsqueeze(0), start.unsqueeze(1)
    covered = (place >= start) & (place < start + span(side, CUT))
    return covered.astype(dtype).unsqueeze(1)


def span(side: int, share: float) -> int:
    """边长的 share 是几个像素，四舍五入。"""
    return int(side * share + 0.5)


def sometimes(p: Tensor, changed: Tensor, x: Tensor) -> Tensor:
    """一组图 (N, C, H, W) 各以机会 p 换成变过的，别的照原样。"""
    chosen = (uniform(x.shape[0], 0.0, 1.0) < p).astype(x.dtype)
    return chosen * changed + (1 - chosen) * x


class Augmentation:
    """判别器入口的变换；装上用 network.register_forward_pre_hook(它)。

    参数：
        names: 做哪几样，照次序：color、translation、cutout
        pictures: 判别器的输入里，前面几个通道是图；[1, 1] 是两张灰度图接在一起（共用一次抽签），
            后面的通道（类别）不变
        value_range: 像素的取值范围
        ground: 平移、挖掉以后填什么
        p: 每样变换的机会，一个数的张量，谁改了它，下一次就照新的；不写是张张都变
    """

    def __init__(self, names: list[str], pictures: list[int], value_range, ground: float, p=None):
        self.names, self.pictures, self.ground, self.p = names, pictures, ground, p
        self.unit = (value_range[1] - value_range[0]) / 2

    def __call__(self, network, inputs: tuple) -> tuple:
        """判别器的输入 → 变过的；判别器在评估模式时原样。"""
        x, *others = inputs
        return (self.transformed(x), *others) if network.training else inputs

    def __deepcopy__(self, memo):
        return self  # 没有自己的状态：复制了判别器，还是同一个变换

    def transformed(self, x: Tensor) -> Tensor:
        """T(x)：(N, C, H, W) → 同样的形状。"""
        total = sum(self.pictures)
        seen, rest = (x[:, :total], x[:, total:]) if total < x.shape[1] else (x, None)
        for name in self.names:
            changed = OPERATIONS[name](self, seen)
            seen = changed if self.p is None else sometimes(self.p, changed, seen)
        return seen if rest is None else paddle.concat([seen, rest], axis=1)

    def color(self, x: Tensor) -> Tensor:
        """亮度、饱和度、对比度，一张图一个样。"""
        n, b = x.shape[0], BRIGHTNESS * self.unit
        drawn = uniform(n, -b, b), uniform(n, *SATURATION), uniform(n, *CONTRAST)
        if len(self.pictures) == 1:
            return recolored(x, *drawn)
        parts = x.split(self.pictures, axis=1)
        return paddle.concat([recolored(part, *drawn) for part in parts], axis=1)

    def translation(self, x: Tensor) -> Tensor:
        """平移。"""
        n, (most_down, most_right) = x.shape[0], (span(side, SHIFT) for side in x.shape[2:])
        down, right = integers(n, -most_down, most_down), integers(n, -most_right, most_right)
        return moved(x, down, right, self.ground)

    def cutout(self, x: Tensor) -> Tensor:
        """挖掉一个方块，中心在图里（偶数的边长还可以在右下的边上）均匀地取。"""
        starts = []
        for side in x.shape[2:]:
            cut = span(side, CUT)
            starts.append(integers(x.shape[0], 0, side - cut % 2) - cut // 2)
        return cut_out(x, *starts, self.ground)


OPERATIONS = {
    "color": Augmentation.color,
    "translation": Augmentation.translation,
    "cutout": Augmentation.cutout,
}
