"""故意弄坏的训练：各章的“弄坏它”，在演练场里看。配置里写不出来，存下来时另记一笔。"""

from paddle_gan.engine.train import Trainer
from paddle_gan.methods.base import Method
from paddle_gan.run.config import Config


def leak_gradient(method: Method) -> None:
    """G 那一步没有冻结 D，也不清 D 的梯度，留到 D 下一步（飞桨官方 CycleGAN 教程）。"""

    def generator_step(*inputs):
        loss, logs = method.generator_loss(*inputs)
        loss.backward()
        method._update("G")
        return logs

    method.generator_step = generator_step


def leaking(config: Config, device: str) -> Trainer:
    """梯度泄漏的训练器。"""
    trainer = Trainer(config, device)
    leak_gradient(trainer.method)
    return trainer
