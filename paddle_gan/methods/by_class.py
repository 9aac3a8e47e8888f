"""按类别生成的方法共用的：潜变量后面接着类别的独热 y，G(z, y) → 样本。

潜变量是 [z, y] (N, z_dim + K)：取样、插值、导出都把它当作一个向量，换类别只换末 K 维。
子类写两个损失就够；D 怎样看类别由子类的 shapes 定。
"""

import paddle
from paddle import Tensor
from paddle.nn.functional import one_hot

from paddle_gan.data.batches import Labeled
from paddle_gan.draws import per_sample
from paddle_gan.methods.base import inference
from paddle_gan.methods.from_noise import FromNoise


def beside(x: Tensor, y: Tensor) -> Tensor:
    """样本后面接上类别：(N, C, ...) 与 (N, K) → (N, C + K, ...)；图像的每个像素都接同一个 y。"""
    maps = y.reshape([*y.shape, *[1] * (x.ndim - 2)]).expand([-1, -1, *x.shape[2:]])
    return paddle.concat([x, maps], axis=1)


class ByClass(FromNoise):
    """K 类：训练时类别来自这一批，取样时均匀地随机抽。classes 是 K，由数据定。"""

    batch_type = Labeled

    def __init__(self, networks, hparams, classes: int):
        super().__init__(networks, hparams)
        self.K = classes

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        # y_shape 是 (K,)；D 看 x 与 y 接在一起的
        joined = (x_shape[0] + y_shape[0], *x_shape[1:])
        return {"G": ((hparams.z_dim + y_shape[0],), x_shape), "D": (joined, (1,))}

    def one_hot(self, labels: Tensor) -> Tensor:
        """类别 (N,) int64 → y (N, K)。"""
        return one_hot(labels, self.K)

    def random_labels(self, n: int) -> Tensor:
        """n 个类别 (n,)，均匀。"""
        return per_sample(lambda shape: paddle.randint(0, self.K, shape), [n])

    def wrong(self, labels: Tensor) -> Tensor:
        """错的类别 y′ ≠ y (N,)，在其余 K − 1 类里均匀。"""
        shift = per_sample(lambda shape: paddle.randint(1, self.K, shape), labels.shape)
        return (labels + shift) % self.K

    def noise(self, n: int) -> Tensor:
        """n 个潜变量 [z, y] (n, z_dim + K)，类别随机。"""
        return self.of_class(super().noise(n), self.random_labels(n))

    def classes(self) -> int:
        """K：有几类。"""
        return self.K

    def of_class(self, z: Tensor, labels: Tensor) -> Tensor:
        """潜变量换成这些类别 (N,) 的，z 不变；z 没有接类别 (N, z_dim) 时就接上。"""
        return paddle.concat([z[:, : self.hparams.z_dim], self.one_hot(labels)], axis=1)

    def class_of(self, z: Tensor) -> Tensor:
        """潜变量 [z, y] 是哪一类的 (N,)。"""
        return z[:, self.hparams.z_dim :].argmax(axis=1)

    def made(self, labels: Tensor) -> Tensor:
        """生成这些类别 (N,) 的样本各一个。"""
        z = super().noise(labels.shape[0])
        return self.sampler()(self.of_class(z, labels))

    def made_for_D(self, labels: Tensor) -> Tensor:
        """给 D 看的：只更新 D，所以不记 G 的梯度。"""
        with paddle.no_grad():
            return self.made(labels)

    def realness(self, x: Tensor, labels: Tensor) -> Tensor:
        """D 给一批样本打的分 (N, 1)，labels (N,) 是它们的类别。"""
        return self.judge(x, labels)

    def preview(self, batch):
        """每列一类，每行同一个 z；类别多于一批时只画前几类。"""
        n = batch.x.shape[0]
        columns = min(self.K, n)
        z = super().noise(n // columns).repeat_interleave(columns, axis=0)
        labels = paddle.arange(columns).tile([n // columns])
        with inference(*self.layers(self.generators)):
            return self.sampler()(self.of_class(z, labels)), columns
