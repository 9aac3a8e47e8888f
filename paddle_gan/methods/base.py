"""所有方法共用的骨架；参数只在这里被更新。

几方轮流更新：每一方（player）有自己的网络、损失和优化器；谁在走，别人就冻结。
从潜变量生成的方法（GAN 与它的近亲）用 from_noise.py 的 FromNoise，通常只写两个损失；
更新次序、优化器与默认不同的，才改写对应的那一个函数。
"""

from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

import paddle
from paddle import Tensor, nn
from paddle.optimizer import Optimizer
from pydantic import PositiveFloat

from paddle_gan.data.batches import Images
from paddle_gan.gradients import loss_backward, weights_moved
from paddle_gan.limits import Decay
from paddle_gan.methods.adam import Adam

Logs = dict[str, Tensor]
# 网络的字母照论文（多个时加下标，如 D_X、G_3）；字母决定它的结构写在配置 network 的哪一节
SECTIONS = {
    "G": "generator",
    "F": "generator",  # CycleGAN 的第二个生成器
    "D": "discriminator",
    "E": "encoder",
    "Q": "recognizer",  # InfoGAN 认编码的网络
    "R": "refiner",  # 由小图画大图的：LAPGAN 的残差生成器、StackGAN 的第二级
    "Enc": "encoder",  # EBGAN 的判别器是一对：编码器与解码器
    "Dec": "decoder",
}


def section_of(letter: str) -> str:
    """一个网络的字母（可带下标）对应的配置小节，例如 D_X → discriminator。"""
    return SECTIONS[letter.partition("_")[0]]


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

    def average(self, value: Tensor) -> Tensor:
        """一个由这一批算出来、要留到下一步的量，在各进程里的平均；一个进程时就是它自己。"""
        return value

    def state(self) -> dict[str, Tensor]:
        """恢复训练必需的张量；默认没有。"""
        return {}

    def load_state(self, state: dict[str, Tensor]) -> None:
        """装回 state() 给出的张量。"""


class Method:
    """一种方法：网络、优化器和一步训练。

    属性：
        batch_type: 需要哪一种批
        sections: 配置 network 里要写的小节
        value_range: 只收取值在这个范围里的图像；None 是都收
        partly_labelled: 半监督：只有一部分图有标签，没有的标签是 −1
        Hparams: 超参数（冻结的 dataclass），默认值取自论文
        networks: 字母 → 网络，字母照论文；networks[字母] 与 self.字母 是同一个网络
        weights: 字母 → 它的参数；逐个去找要走遍各层，所以只找一次
        generators, discriminators: 属于生成器、判别器的字母
        players: 每一方更新哪些网络，{"D": ("D",), "G": ("G",)}；一个网络可以属于几方
        optimizers: 每一方一个优化器
    """

    batch_type: type = Images
    sections: tuple[str, ...] = ("generator", "discriminator")
    value_range: tuple[float, float] | None = None
    partly_labelled: bool = False
    first_stage_steps: str = ""  # 第一段走多少步的超参数；没有第二段也行的不写

    @dataclass(frozen=True)
    class Hparams:
        lr_D: PositiveFloat = 2e-4  # D 的学习率
        lr_G: PositiveFloat = 2e-4  # G 的学习率
        beta1: Decay = 0.5  # Adam 的 β₁
        beta2: Decay = 0.999  # Adam 的 β₂

    def __init_subclass__(cls, **options):
        """train_step 里的梯度都由 loss.backward() 求，自动放进 loss_backward 块。"""
        super().__init_subclass__(**options)
        if "train_step" in vars(cls):
            cls.train_step = loss_backward()(cls.train_step)

    def __init__(self, networks: dict[str, nn.Layer], hparams):
        self.networks, self.hparams = networks, hparams
        for letter, network in networks.items():
            setattr(self, letter, network)
        self.generators = tuple(a for a in networks if section_of(a) == "generator")
        self.discriminators = tuple(a for a in networks if section_of(a) == "discriminator")
        self.players = self.teams()
        self.weights = {letter: network.parameters() for letter, network in networks.items()}
        self.optimizers = self.make_optimizers()
        self.updates = PlainUpdates()
        self.base_rates = {player: opt.get_lr() for player, opt in self.optimizers.items()}
        self.watch = None  # 看梯度的函数 watch(player)，更新之前、梯度还在时调用；引擎记梯度范数用

    # 一个方法要写的

    @staticmethod
    def shapes(hparams, x_shape, y_shape) -> dict[str, tuple]:
        """每个网络的（输入形状，输出形状）；有哪些字母也由它定。"""
        raise NotImplementedError

    def train_step(self, batches, step: int) -> Logs:
        """一步：生成器更新一次，判别器按论文的次数更新。step 从 1 数起。"""
        raise NotImplementedError

    def discriminator_loss(self, *inputs) -> tuple[Tensor, Logs]:
        """判别器的损失（标量）与要记录的量。"""
        raise NotImplementedError

    def generator_loss(self, *inputs) -> tuple[Tensor, Logs]:
        """生成器的损失（标量）与要记录的量。"""
        raise NotImplementedError

    # 有默认做法、可以改写的

    def teams(self) -> dict[str, tuple[str, ...]]:
        """每一方更新哪些网络；默认是判别器一方、生成器一方。"""
        return {"D": self.discriminators, "G": self.generators}

    def losses(self) -> dict[str, Callable[..., tuple[Tensor, Logs]]]:
        """每一方的损失函数；不是两方的方法与 teams 一起改写。"""
        return {"D": self.discriminator_loss, "G": self.generator_loss}

    def make_optimizers(self) -> dict[str, Optimizer]:
        """每一方一个优化器；默认是 Adam，学习率取 hparams.lr_<方>。"""
        return self.adam({player: vars(self.hparams)[f"lr_{player}"] for player in self.players})

    def learning_rate_factor(self, progress: float) -> float:
        """学习率的倍数，progress ∈ [0, 1) 是训练进度；默认不衰减。"""
        return 1.0

    def state(self) -> dict[str, Tensor]:
        """网络和优化器以外、恢复训练必需的张量（例如图像池）；默认没有。"""
        return {}

    def load_state(self, state: dict[str, Tensor]) -> None:
        """装回 state() 给出的张量。"""

    # 共用的

    def update(self, player: str, *inputs) -> Logs:
        """一方走一步；不归它的网络都冻结：权重既不变，也不留下梯度。"""
        with frozen(weights=self.parameters(self.networks.keys() - self.players[player])):
            loss, logs = self.losses()[player](*inputs)
            self.updates.backward(player, loss)
        self._update(player)
        return logs

    def discriminator_step(self, *inputs) -> Logs:
        """更新一次判别器；生成器不变。"""
        return self.update("D", *inputs)

    def generator_step(self, *inputs) -> Logs:
        """更新一次生成器；判别器不变。"""
        return self.update("G", *inputs)

    def adam(self, rates: dict[str, float]) -> dict[str, Adam]:
        """每一方一个 Adam，学习率各写各的，β₁、β₂ 共用。"""
        h = self.hparams
        return {
            player: Adam(rate, h.beta1, h.beta2, parameters=self.parameters(self.players[player]))
            for player, rate in rates.items()
        }

    def set_progress(self, progress: float) -> None:
        """按训练进度设学习率；总从最初的学习率算起，重复调用、恢复训练都不会叠加。"""
        factor = self.learning_rate_factor(progress)
        for player, optimizer in self.optimizers.items():
            if optimizer.get_lr() != self.base_rates[player] * factor:
                optimizer.set_lr(self.base_rates[player] * factor)

    def layers(self, letters) -> list[nn.Layer]:
        """字母对应的网络。"""
        return [self.networks[letter] for letter in letters]

    def parameters(self, letters) -> list[Tensor]:
        """这些网络的全部参数，给优化器用。"""
        return [p for letter in letters for p in self.weights[letter]]

    def _update(self, player: str) -> None:
        """用已有的梯度更新一方，再清掉梯度。"""
        optimizer = self.optimizers[player]
        self.updates.settle(player, self.parameters(self.players[player]), optimizer)
        if self.watch:
            self.watch(player)
        self.updates.step(player, optimizer)
        weights_moved()
        optimizer.clear_grad(set_to_zero=False)  # 填零再加，比重写一遍多走两趟内存


@contextmanager
def frozen(*networks: nn.Layer, weights: list[Tensor] = ()):
    """冻结：块内不给这些网络（与 weights）算梯度。飞桨在前向时就决定谁要梯度，所以前向也在块内。"""
    found = [*weights, *(p for network in networks for p in network.parameters())]
    parameters = [p for p in found if not p.stop_gradient]
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
