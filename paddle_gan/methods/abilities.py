"""一个方法会什么：有这几个函数，就是会。

训练、看板、指标与命令只问会不会（isinstance、issubclass 都行），不问是哪一个方法；
新方法写上这几个函数，sample、translate、evaluate、export 就都能用它。
"""

from typing import Protocol, runtime_checkable

from paddle import Tensor, nn


@runtime_checkable
class Generates(Protocol):
    """从噪声生成样本（sample.py；一切从样本算的指标）。"""

    def noise(self, n: int) -> Tensor:
        """n 个潜变量 z (n, z_dim)。"""

    def generate(self, z: Tensor) -> Tensor:
        """推理：z (N, z_dim) → 样本 (N, ...)。"""

    def sampler(self) -> nn.Layer:
        """z (N, z_dim) → 样本的网络（导出用）。"""


@runtime_checkable
class Judges(Generates, Protocol):
    """有判别器，分数越大越像真（指标 held_out：训练集与没见过的图，它分得出吗）。"""

    def realness(self, x: Tensor, *condition: Tensor) -> Tensor:
        """D 给一批样本打的分，平均才有意义；condition 是批里 x 以外的（类别）。"""


@runtime_checkable
class Mixes(Generates, Protocol):
    """几个生成器混合成一个分布（指标 generators：各管哪个模式）。"""

    def owners(self, z: Tensor) -> Tensor:
        """每个 z (N, z_dim) 归第几个生成器，从 0 数起 (N,)。"""


@runtime_checkable
class Conditional(Generates, Protocol):
    """按类别生成：潜变量里带着类别（sample.py --class；指标 obedience、codes）。"""

    def classes(self) -> int:
        """有几类。"""

    def of_class(self, z: Tensor, labels: Tensor) -> Tensor:
        """潜变量 z (N, ...) 换成这些类别 (N,) int64 的，别的不变。"""

    def class_of(self, z: Tensor) -> Tensor:
        """每个潜变量 z (N, ...) 是哪一类的 (N,)。"""


@runtime_checkable
class Translates(Protocol):
    """把一个域的图像译成另一个域的（translate.py）。"""

    @staticmethod
    def directions() -> tuple[str, ...]:
        """会译哪几个方向：x2y、y2x。"""

    def translator(self, direction: str) -> nn.Layer:
        """这个方向的网络：图像 → 图像（导出用）。"""

    def translate(self, images: Tensor, direction: str) -> Tensor:
        """推理：(N, C, H, W) → (N, C', H, W)。"""


@runtime_checkable
class Reconstructs(Protocol):
    """把样本编码再还原（自编码器）。"""

    def reconstruct(self, x: Tensor) -> Tensor:
        """推理：x (N, ...) → x̂ (N, ...)。"""


@runtime_checkable
class Writes(Protocol):
    """写出离散的序列。"""

    def write(self, n: int) -> Tensor:
        """推理：n 条序列 (n, T) int64。"""

    def log_likelihood(self, tokens: Tensor) -> Tensor:
        """推理：这些序列 (N, T) 的对数概率 (N,)，按写的时候的分布。"""


@runtime_checkable
class MeasuresDivergence(Generates, Protocol):
    """D 量的是一个写明的 f-散度（指标 gaussian_fit：离它的极小点多远）。"""

    def divergence(self) -> str:
        """metrics/f_divergences.py 的表里的名字。"""


@runtime_checkable
class Classifies(Protocol):
    """认得类别（指标 classification：测试图像认对的比例）。"""

    def classify(self, x: Tensor) -> Tensor:
        """推理：x (N, ...) → 各类的 logit (N, K)。"""


@runtime_checkable
class Detects(Protocol):
    """给异常打分（指标 anomaly：正常与异常分得开吗）。"""

    def anomaly(self, x: Tensor) -> Tensor:
        """推理：x (N, ...) → 异常分 (N,)，越大越异常；每张只看它自己。"""


@runtime_checkable
class ClipsWeights(Protocol):
    """把判别器的权重裁到 [−c, c]（看板画 ±c 处的比例）。"""

    def clip_limit(self) -> float:
        """c。"""
