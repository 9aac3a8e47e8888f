"""所有方法共用的骨架；参数只在这里被更新。

一个方法只写三件事：判别器的损失、生成器的损失、更新次序（train_step）。
"""

from contextlib import contextmanager, nullcontext
from typing import Annotated, Literal

import paddle
from paddle import Tensor, nn
from pydantic import Field

from paddle_gan.data.batches import Images
from paddle_gan.draws import per_sample

Logs = dict[str, Tensor]
Noise = Literal["normal", "uniform"]
Fraction = Annotated[float, Field(ge=0, le=1)]  # 比例


def uniform(shape: list[int]) -> Tensor:
    """U(−1, 1)。上下界必须写明：飞桨 3.3 不写时是 [0, 1)，z 的均值不为 0，BN 之后样本都一样。"""
    return paddle.uniform(shape, min=-1.0, max=1.0)


NOISE = {"normal": paddle.randn, "uniform": uniform}  # N(0, 1) 与 U(−1, 1)


class PlainUpdates:
    """怎样求梯度、怎样更新参数；多进程与混合精度时引擎换上自己的做法。"""

    def precision(self):
        """一步训练所处的环境（混合精度）；默认没有。"""
        return nullcontext()

    def backward(self, player: str, loss: Tensor) -> None:
        """求梯度。"""
        loss.backward()

    def settle(self, player: str, parameters: list[Tensor], optimizer) -> None:
        """更新之前把梯度变成真正要用的（各进程求平均、去掉放大）；默认就是它自己。"""

    def step(self, player: str, optimizer) -> None:
        """用已有的梯度更新参数。"""
        optimizer.step()

    def state(self) -> dict[str, Tensor]:
        """恢复训练必需的张量；默认没有。"""
        return {}

    def load_state(self, state: dict[str, Tensor]) -> None:
        """装回 state() 给出的张量。"""


class Method:
    """一种 GAN：网络、优化器和一步训练。

    属性：
        batch_type: 需要哪一种批
        generators, discriminators: 网络的字母，照论文；networks[字母] 与 self.字母 是同一个网络
        Hparams: 超参数（冻结的 dataclass），默认值取自论文
    """

    batch_type: type = Images
    generators: tuple[str, ...] = ("G",)
    discriminators: tuple[str, ...] = ("D",)

    def __init__(self, networks: dict[str, nn.Layer], hparams):
        self.networks, self.hparams = networks, hparams
        for letter, network in networks.items():
            setattr(self, letter, network)
        self.optimizers = self.make_optimizers()
        self.updates = PlainUpdates()
        self.base_rates = {player: opt.get_lr() for player, opt in self.optimizers.items()}
        self.watch = None  # 看梯度的函数 watch(player)，更新之前、梯度还在时调用；引擎记梯度范数用

    @staticmethod
    def shapes(hparams, x_shape, y_shape) -> dict[str, tuple]:
        """每个网络的（输入形状，输出形状）；从潜变量生成的方法都是这样。"""
        return {"G": ((hparams.z_dim,), x_shape), "D": (x_shape, (1,))}

    def make_optimizers(self) -> dict[str, paddle.optimizer.Optimizer]:
        """返回 {"G": 更新全部生成器的优化器, "D": 更新全部判别器的优化器}。"""
        raise NotImplementedError

    def discriminator_loss(self, *inputs) -> tuple[Tensor, Logs]:
        """判别器的损失（标量）与要记录的量。"""
        raise NotImplementedError

    def generator_loss(self, *inputs) -> tuple[Tensor, Logs]:
        """生成器的损失（标量）与要记录的量。"""
        raise NotImplementedError

    def train_step(self, batches, step: int) -> Logs:
        """一步：生成器更新一次，判别器按论文的次数更新。step 从 1 数起。"""
        raise NotImplementedError

    def discriminator_step(self, *inputs) -> Logs:
        """更新一次判别器；生成器不变。"""
        loss, logs = self.discriminator_loss(*inputs)
        self.updates.backward("D", loss)
        self._update("D")
        return logs

    def generator_step(self, *inputs) -> Logs:
        """更新一次生成器；判别器冻结，它的权重既不变，也不留下梯度。"""
        with frozen(*self.players(self.discriminators)):
            loss, logs = self.generator_loss(*inputs)
            self.updates.backward("G", loss)
        self._update("G")
        return logs

    def learning_rate_factor(self, progress: float) -> float:
        """学习率的倍数，progress ∈ [0, 1) 是训练进度；默认不衰减。"""
        return 1.0

    def set_progress(self, progress: float) -> None:
        """按训练进度设学习率；总从最初的学习率算起，重复调用、恢复训练都不会叠加。"""
        factor = self.learning_rate_factor(progress)
        for player, optimizer in self.optimizers.items():
            if optimizer.get_lr() != self.base_rates[player] * factor:
                optimizer.set_lr(self.base_rates[player] * factor)

    def state(self) -> dict[str, Tensor]:
        """网络和优化器以外、恢复训练必需的张量（例如图像池）；默认没有。"""
        return {}

    def load_state(self, state: dict[str, Tensor]) -> None:
        """装回 state() 给出的张量。"""

    def preview(self, batch) -> tuple[Tensor, int]:
        """给人看的一批图像（或二维点）(M, ...) 和每行几张；调用者负责固定随机数。"""
        return self.generate(self.noise(batch.x.shape[0])), int(batch.x.shape[0] ** 0.5)

    def noise(self, n: int) -> Tensor:
        """n 个潜变量 z (n, z_dim)，分布见 hparams.noise。"""
        return per_sample(NOISE[self.hparams.noise], [n, self.hparams.z_dim])

    def generate(self, z: Tensor) -> Tensor:
        """推理：G(z)，BN 用累计的统计量，不记梯度。"""
        with inference(*self.players(self.generators)):
            return self.G(z)

    def players(self, letters: tuple[str, ...]) -> list[nn.Layer]:
        """字母对应的网络。"""
        return [self.networks[letter] for letter in letters]

    def parameters(self, letters: tuple[str, ...]) -> list[Tensor]:
        """这些网络的全部参数，给优化器用。"""
        return [p for network in self.players(letters) for p in network.parameters()]

    def _update(self, player: str) -> None:
        optimizer = self.optimizers[player]
        letters = self.discriminators if player == "D" else self.generators
        self.updates.settle(player, self.parameters(letters), optimizer)
        if self.watch:
            self.watch(player)
        self.updates.step(player, optimizer)
        optimizer.clear_grad()


@contextmanager
def frozen(*networks: nn.Layer):
    """冻结：块内前向和反向都不给这些网络的参数算梯度。飞桨在前向时就决定谁要梯度，所以前向也在块内。"""
    parameters = [p for network in networks for p in network.parameters() if not p.stop_gradient]
    for parameter in parameters:
        parameter.stop_gradient = True
    try:
        yield
    finally:
        for parameter in parameters:
            parameter.stop_gradient = False


@contextmanager
def inference(*networks: nn.Layer):
    """推理：块内用评估模式（BN 用累计统计量，dropout 关闭），不记梯度；结束后换回训练模式。"""
    for network in networks:
        network.eval()
    try:
        with paddle.no_grad():
            yield
    finally:
        for network in networks:
            network.train()
