"""由边缘画出数字：x 是现算的边缘，y 是原来的手写数字，成对；pix2pix 的 edges→photos 也是这种题。"""

import cv2
import numpy as np

from paddle_gan.data.base import Dataset, Split
from paddle_gan.data.batches import Images, Pair
from paddle_gan.data.digits import load_digits
from paddle_gan.data.images import SIGNED, image_shape, to_float
from paddle_gan.limits import Side

LOW, HIGH = 100, 200  # Canny 的两个阈值


def edges_of(images: np.ndarray) -> np.ndarray:
    """uint8 (N, H, W, 1) → 边缘 uint8 (N, H, W, 1)：边缘上是 255，别处是 0。"""
    return np.stack([cv2.Canny(image[..., 0], LOW, HIGH)[..., None] for image in images])


class EdgeDigits(Dataset):
    """边缘 → 手写数字，灰度，黑底；训练 4,000 对，测试 1,000 对，划分同 digits。

    .x_images、.y_images 是 uint8 (N, size, size, 1)，第 i 张都是同一个字；Images 只有边缘。
    """

    batch_types = (Images, Pair)
    ground = "black"
    value_range = SIGNED

    def __init__(self, *, size: Side = 32, split: Split = "train"):
        self.y_images, _ = load_digits(split, size)
        self.x_images = edges_of(self.y_images)
        self.shape = self.y_shape = image_shape(self.y_images)

    def lengths(self, kind: type) -> tuple[int, ...]:
        return (len(self.y_images),)

    def batch(self, kind: type, indices: tuple[np.ndarray, ...], rng: np.random.Generator):
        x = to_float(self.x_images[indices[0]], SIGNED)
        if kind is Pair:
            return Pair(x, to_float(self.y_images[indices[0]], SIGNED))
        return Images(x)
