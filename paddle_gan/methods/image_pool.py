"""图像池（Shrivastava 等，2017，§2.3；CycleGAN §4）：让判别器也看旧的生成图。"""

import paddle
from paddle import Tensor


class ImagePool:
    """存最近生成的 size 张图；每张新图有一半机会换出一张旧图交给判别器。size = 0 时原样返回。"""

    def __init__(self, size: int):
        self.size = size
        self.images: list[Tensor] = []  # 每张 (C, H, W)

    def query(self, fakes: Tensor) -> Tensor:
        """放进一批 (N, C, H, W)，取回同样大小的一批；不带梯度。"""
        # 切片只是视图，不复制就会让整批图都留在内存里
        return paddle.stack([self._exchange(image.clone()) for image in fakes.detach()])

    def _exchange(self, image: Tensor) -> Tensor:
        if len(self.images) < self.size:
            self.images.append(image)
            return image
        if self.size == 0 or paddle.rand([1]).item() < 0.5:
            return image
        index = paddle.randint(0, self.size, [1]).item()
        old, self.images[index] = self.images[index], image
        return old
