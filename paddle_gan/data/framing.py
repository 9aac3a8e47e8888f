"""任意大小的图怎样变成网络要的那么大：先缩放（或不缩放），训练时再随机裁、随机翻转。

长宽一律先高后宽，(H, W)，与数组的次序相同。
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from paddle_gan.data.images import resize_image
from paddle_gan.errors import UserError

# cover：不变形，从正中裁成要的长宽比再缩放；stretch：直接缩放，会压扁；none：不缩放
Resize = Literal["cover", "stretch", "none"]


def sides(size: int | list[int]) -> tuple[int, int]:
    """一个边长是正方形；[H, W] 是长方形。"""
    return (size, size) if isinstance(size, int) else (size[0], size[1])


def centre(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """从 (H, W, C) 正中裁出 (height, width, C)。"""
    top, left = (image.shape[0] - height) // 2, (image.shape[1] - width) // 2
    return image[top : top + height, left : left + width]


def cover(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """从 (H, W, C) 正中裁出长宽比是 height : width 的最大一块，再缩放：照片不会被压扁。"""
    scale = min(image.shape[0] / height, image.shape[1] / width)
    cut = centre(image, max(1, round(height * scale)), max(1, round(width * scale)))
    return resize_image(cut, width, height)


def at_least(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """哪一边不够就按比例放大到刚好够；够大的原样返回。"""
    scale = max(height / image.shape[0], width / image.shape[1])
    if scale <= 1:
        return image
    h, w = (max(least, round(side * scale)) for least, side in zip((height, width), image.shape))
    return resize_image(image, w, h)


@dataclass(frozen=True)
class Framing:
    """一个数据集的图怎样缩放、怎样裁。"""

    size: tuple[int, int]  # 网络看到的 (H, W)
    load_size: tuple[int, int]  # 缩放到多大再裁；resize 是 none 时就是 size：至少这么大
    resize: Resize
    flip: bool  # 训练时以一半的概率水平翻转

    def load(self, image: np.ndarray) -> np.ndarray:
        """uint8 (H, W, C) 缩放成留在内存里的样子；resize 是 none 时各张的大小不同。"""
        if self.resize == "none":
            return at_least(image, *self.load_size)
        if self.resize == "cover":
            return cover(image, *self.load_size)
        return resize_image(image, self.load_size[1], self.load_size[0])

    def enlarges(self, image: np.ndarray) -> bool:
        """不缩放的设定下，这张小得只好放大。"""
        height, width = self.size
        return self.resize == "none" and (image.shape[0] < height or image.shape[1] < width)

    def cut(self, images: np.ndarray, rng: np.random.Generator | None) -> np.ndarray:
        """load() 过的 N 张裁成 size，uint8 (N, H, W, C)：rng 是 None 时裁正中，否则随机裁。"""
        height, width = self.size
        if rng is None:
            return np.stack([centre(image, height, width) for image in images])
        rooms = [np.subtract(image.shape[:2], self.size) + 1 for image in images]
        corners = rng.integers(0, rooms)  # 每张各裁各的，(N, 2)
        cropped = np.stack(
            [
                image[top : top + height, left : left + width]
                for image, (top, left) in zip(images, corners, strict=True)
            ]
        )
        if self.flip:
            chosen = rng.random(len(cropped)) < 0.5
            cropped[chosen] = cropped[chosen, :, ::-1]
        return cropped


def framing(
    size: int | list[int],
    load_size: int | list[int] | None,
    resize: Resize,
    flip: bool,
    augment: bool,
) -> Framing:
    """由数据集的选项得到 Framing；不增强时直接缩放到 size。load_size 写得不对时抛出 UserError。"""
    height, width = sides(size)
    if load_size is None:
        return Framing((height, width), (height, width), resize, flip)
    if resize == "none":
        raise UserError("resize: none 时不缩放，load_size 没有用；请去掉其中一个")
    loaded = sides(load_size)
    if loaded[0] < height or loaded[1] < width:
        raise UserError(
            f"load_size 是 {load_size}，小于 size {size}，裁不出来；"
            f"请写得不小于 {size}（论文是 286 裁 256）"
        )
    return Framing((height, width), loaded if augment else (height, width), resize, flip)
