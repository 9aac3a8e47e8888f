"""一个新方法只写自己的几个函数：几方、几个网络、会什么都由它说，训练、看板、存盘、恢复照样能用。

这里的方法是最小的实验品，每一种能力一个：没有判别器的、三方的、k 个生成器的、一个网络归两方的、
按类别的、成对翻译的、写序列的。它们只登记进 METHODS，别的地方一行也不改。
"""

from dataclasses import dataclass

import numpy as np
import paddle
import pytest
from helpers import gradient_left, same, values
from paddle import nn
from paddle.nn.functional import cross_entropy, one_hot
from pydantic import PositiveFloat, PositiveInt

from paddle_gan.data import DATASETS, Pair, Sequences
from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.evaluation.scorers import SCORERS
from paddle_gan.losses import discriminator_cross_entropy, l1, non_saturating_generator
from paddle_gan.methods import METHODS
from paddle_gan.methods.abilities import (
    ClipsWeights,
    Conditional,
    Generates,
    MeasuresDivergence,
    Mixes,
    Reconstructs,
    Translates,
    Writes,
)
from paddle_gan.methods.base import Method, inference, section_of
from paddle_gan.methods.by_class import ByClass, beside
from paddle_gan.methods.from_noise import FromNoise, probabilities
from paddle_gan.run.checkpoint_file import read_checkpoint
from paddle_gan.run.config import resolve
from paddle_gan.run.run import Run


class Autoencoder(Method):
    """没有判别器，编码器与生成器是一方。"""

    sections = ("encoder", "generator")

    @dataclass(frozen=True)
    class Hparams:
        code: PositiveInt = 2  # 编码的维数
        lr_R: PositiveFloat = 1e-3  # 学习率
        beta1: PositiveFloat = 0.9  # Adam 的 β₁
        beta2: PositiveFloat = 0.999  # Adam 的 β₂

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        return {"E": (x_shape, (hparams.code,)), "G": ((hparams.code,), x_shape)}

    def teams(self):
        return {"R": ("E", "G")}

    def losses(self):
        return {"R": self.reconstruction_loss}

    def reconstruction_loss(self, x):
        loss = (self.G(self.E(x)) - x).square().mean()
        return loss, {"loss/G": loss}

    def train_step(self, batches, step):
        return self.update("R", next(batches).x)

    def reconstruct(self, x):
        with inference(self.E, self.G):
            return self.G(self.E(x))

    def preview(self, batch):
        return self.reconstruct(batch.x), 4


class Three(FromNoise):
    """三方：编码器也有自己的损失和优化器，它不该动 G，G 的对抗损失不该动它。"""

    sections = ("encoder", "generator", "discriminator")

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        lr_E: PositiveFloat = 1e-3  # E 的学习率

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        rest = FromNoise.shapes(hparams, x_shape, y_shape)
        return {"E": (x_shape, (hparams.z_dim,))} | rest

    def teams(self):
        return {"E": ("E",)} | super().teams()

    def losses(self):
        return {"E": self.encoder_loss} | super().losses()

    def encoder_loss(self, x):
        loss = l1(self.G(self.E(x)), x)
        return loss, {"loss/cycle": loss}

    def discriminator_loss(self, x):
        real_logit, fake_logit = self.D(x), self.D(self.fakes(x.shape[0]))
        loss = discriminator_cross_entropy(real_logit, fake_logit)
        return loss, {"loss/D": loss, **probabilities(real_logit, fake_logit)}

    def generator_loss(self, n):
        loss = non_saturating_generator(self.D(self.G(self.noise(n))))
        return loss, {"loss/G": loss}

    def train_step(self, batches, step):
        x = next(batches).x
        return self.update("E", x) | self.update("D", x) | self.update("G", x.shape[0])


class Many(Three):
    """k 个生成器，一起更新；字母带下标。"""

    sections = ("generator", "discriminator")

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        k: PositiveInt = 3  # 几个生成器

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        many = {f"G_{i}": ((hparams.z_dim,), x_shape) for i in range(hparams.k)}
        return many | {"D": (x_shape, (1,))}

    def teams(self):
        return FromNoise.teams(self)

    def losses(self):
        return FromNoise.losses(self)

    def train_step(self, batches, step):
        return FromNoise.train_step(self, batches, step)

    def mixture(self, z):
        """z 均分给 k 个生成器。"""
        parts = paddle.chunk(z, self.hparams.k) if z.shape[0] % self.hparams.k == 0 else [z]
        return paddle.concat([G(part) for G, part in zip(self.layers(self.generators), parts)])

    def fakes(self, n):
        with paddle.no_grad():
            return self.mixture(self.noise(n))

    def generator_loss(self, n):
        loss = non_saturating_generator(self.D(self.mixture(self.noise(n))))
        return loss, {"loss/G": loss}

    def generate(self, z):
        with inference(*self.layers(self.generators)):
            return self.mixture(z)


class Shared(Three):
    """Q 归两方：D 与 G 更新时都带上它（InfoGAN）。"""

    sections = ("generator", "discriminator", "recognizer")

    @dataclass(frozen=True)
    class Hparams(FromNoise.Hparams):
        pass

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        rest = FromNoise.shapes(hparams, x_shape, y_shape)
        return rest | {"Q": (x_shape, (hparams.z_dim,))}

    def teams(self):
        return {"D": ("D", "Q"), "G": ("G", "Q")}

    def losses(self):
        return FromNoise.losses(self)

    def train_step(self, batches, step):
        return FromNoise.train_step(self, batches, step)

    def information(self, z, x):
        return (self.Q(x) - z).square().mean()

    def discriminator_loss(self, x):
        z = self.noise(x.shape[0])
        fake = self.G(z)  # G 冻结着
        loss = discriminator_cross_entropy(self.D(x), self.D(fake)) + self.information(z, fake)
        return loss, {"loss/D": loss}

    def generator_loss(self, n):
        z = self.noise(n)
        fake = self.G(z)
        loss = non_saturating_generator(self.D(fake)) + self.information(z, fake)
        return loss, {"loss/G": loss}


class Toy(ByClass):
    """G(z, y)、D(x, y)：类别接在后面；只写两个损失。"""

    def discriminator_loss(self, x, labels):
        y, fake = self.one_hot(labels), self.made_for_D(labels)
        loss = discriminator_cross_entropy(self.D(beside(x, y)), self.D(beside(fake, y)))
        return loss, {"loss/D": loss}

    def generator_loss(self, n, labels):
        fake = beside(self.made(labels), self.one_hot(labels))
        loss = non_saturating_generator(self.D(fake))
        return loss, {"loss/G": loss}


class OneWay(Method):
    """成对的翻译，只会 x2y。"""

    batch_type = Pair

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        return {"G": (x_shape, y_shape), "D": (y_shape, (1,))}

    def discriminator_loss(self, y, fake):
        loss = discriminator_cross_entropy(self.D(y), self.D(fake))
        return loss, {"loss/D": loss}

    def generator_loss(self, y, fake):
        loss = non_saturating_generator(self.D(fake)) + 100 * l1(fake, y)
        return loss, {"loss/G": loss}

    def train_step(self, batches, step):
        x, y = next(batches)
        fake = self.G(x)
        return self.generator_step(y, fake) | self.discriminator_step(y, fake.detach())

    @staticmethod
    def directions():
        return ("x2y",)

    def translator(self, direction):
        return {"x2y": self.G}[direction]

    def translate(self, images, direction):
        with inference(self.G):
            return self.translator(direction)(images)

    def preview(self, batch):
        return paddle.concat([batch.x, self.translate(batch.x, "x2y")]), batch.x.shape[0]


class Bigram(Method):
    """写序列：下一个词元只看前一个，最大似然。"""

    batch_type = Sequences
    sections = ("generator",)

    @dataclass(frozen=True)
    class Hparams:
        lr_G: PositiveFloat = 1e-2  # 学习率
        beta1: PositiveFloat = 0.9  # Adam 的 β₁
        beta2: PositiveFloat = 0.999  # Adam 的 β₂

    def __init__(self, networks, hparams, vocabulary):
        super().__init__(networks, hparams)
        self.V = vocabulary

    @staticmethod
    def shapes(hparams, x_shape, y_shape):
        return {"G": ((y_shape[0] + 1,), y_shape)}  # 最后一位是“开头”

    def teams(self):
        return {"G": ("G",)}

    def losses(self):
        return {"G": self.generator_loss}

    def logits(self, previous):
        return self.G(one_hot(previous, self.V + 1))

    def generator_loss(self, x):
        start = paddle.full([x.shape[0], 1], self.V, "int64")
        previous = paddle.concat([start, x[:, :-1]], axis=1)
        loss = cross_entropy(self.logits(previous.flatten()), x.flatten())
        return loss, {"loss/G": loss}

    def train_step(self, batches, step):
        return self.generator_step(next(batches).x)

    def log_likelihood(self, x):
        with inference(self.G):
            losses = [self.generator_loss(row)[0] for row in x.split(x.shape[0])]
        return -x.shape[1] * paddle.stack(losses)

    def write(self, n):
        token, written = paddle.full([n], self.V, "int64"), []
        with inference(self.G):
            for _ in range(8):
                token = paddle.multinomial(nn.functional.softmax(self.logits(token))).flatten()
                written.append(token)
        return paddle.stack(written, axis=1)

    def preview(self, batch):
        return self.write(12), 1


MLP = {"name": "mlp", "width": 8, "depth": 1}
TOYS = {
    "autoencoder": (Autoencoder, "ring", {}),
    "three": (Three, "ring", {"z_dim": 2}),
    "many": (Many, "ring", {"z_dim": 2}),
    "shared": (Shared, "ring", {"z_dim": 2}),
    "by_class": (Toy, "ring", {"z_dim": 2}),
    "one_way": (OneWay, "glyphs", {}),
    "bigram": (Bigram, "markov", {}),
}
NETWORKS_OF = {"one_way": {"name": "resnet_generator", "width": 2, "blocks": 1, "down": 1}}
each_toy = pytest.mark.parametrize("name", TOYS)


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    """登记进 METHODS，这就是全部要改的地方。"""
    for name, (method, _, _) in TOYS.items():
        monkeypatch.setitem(METHODS, name, method)


def config_of(name: str, **changes):
    method, data, hparams = TOYS[name]
    network = dict.fromkeys(method.sections, MLP)
    if name in NETWORKS_OF:
        patch = {"name": "patchgan", "width": 2, "layers": 1}
        network = {"generator": NETWORKS_OF[name], "discriminator": patch}
    raw = {
        "method": name,
        "hparams": hparams,
        "network": network,
        "data": {"name": data},
        "batch_size": 6,
        "total_steps": 8,
        "log_every": 2,
        "sample_every": 8,
        "checkpoint_every": 4,
        "visualdl": False,
        "ema": 0.9,
    }
    return resolve(raw | changes)


def weights_after(folder) -> dict:
    _, tensors = read_checkpoint(folder / "checkpoints/last.safetensors")
    return tensors


@each_toy
def test_it_trains_draws_saves_and_resumes_bit_for_bit(name, tmp_path):
    whole = Trainer(config_of(name), "cpu").run(tmp_path / "whole")
    assert whole["status"] == "finished"
    assert len(list((tmp_path / "whole/samples").glob("f*_0000008.png"))) == 2
    Trainer(config_of(name, total_steps=4), "cpu").run(tmp_path / "half")
    Trainer(config_of(name), "cpu").run(tmp_path / "half", resume=True)
    assert same(weights_after(tmp_path / "whole"), weights_after(tmp_path / "half"))
    _, loaded = Run(tmp_path / "whole").load("last", ema=True)
    assert type(loaded) is TOYS[name][0]


@each_toy
def test_every_network_belongs_to_a_player_and_every_player_has_a_loss_and_an_optimizer(name):
    method = Trainer(config_of(name), "cpu").method
    assert set(method.networks) == {a for team in method.players.values() for a in team}
    assert set(method.players) == set(method.losses()) == set(method.optimizers)
    for player, letters in method.players.items():
        owned = {p.name for p in method.optimizers[player]._parameter_list}
        assert owned == {p.name for p in method.parameters(letters)}


@each_toy
def test_one_players_step_moves_its_own_networks_and_leaves_nothing_on_the_others(name):
    trainer = Trainer(config_of(name), "cpu")
    method, inputs = trainer.method, {}
    original = method.update

    def remember(player, *arguments):
        inputs.setdefault(player, arguments)
        return original(player, *arguments)

    method.update = remember
    batches = type("Endless", (), {"__next__": lambda self: batch})()
    batch = batch_for(trainer)
    method.train_step(batches, 1)
    for player, arguments in inputs.items():
        before = {letter: values(network) for letter, network in method.networks.items()}
        if name == "one_way" and player == "G":  # 计算图用过一次就没有了
            arguments = arguments[0], method.G(batch.x)
        original(player, *arguments)
        for letter, network in method.networks.items():
            moved = not same(before[letter], values(network))
            assert moved == (letter in method.players[player]), (player, letter)
            assert gradient_left(network) == 0


def batch_for(trainer):
    from paddle_gan.data import Batches

    return next(Batches(trainer.train, trainer.method.batch_type, 6, seed=1))


CAN = {
    "autoencoder": {Reconstructs},
    "three": {Generates},
    "many": {Generates},
    "shared": {Generates},
    "by_class": {Generates, Conditional},
    "one_way": {Translates},
    "bigram": {Writes},
    "gan": {Generates},
    "wgan": {Generates, ClipsWeights},
    "f_gan": {Generates, MeasuresDivergence},
    "hinge": {Generates},
    "mad_gan": {Generates, Mixes},
    "cgan": {Generates, Conditional},
    "mr_gan": {Generates, Reconstructs},
    "ebgan": {Generates, Reconstructs},
    "began": {Generates, Reconstructs},
    "ae": {Generates, Reconstructs},
    "vae": {Generates, Reconstructs},
    "vae_gan": {Generates, Reconstructs},
    "lapgan": {Generates},
    "progan": {Generates},
    "stackgan": {Generates, Conditional},
    "acgan": {Generates, Conditional},
    "projection": {Generates, Conditional},
    "infogan": {Generates, Conditional},
    "pix2pix": {Translates},
    "sr_gan": {Translates},
    "inpainting": {Translates},
    "cyclegan": {Translates},
    "seq_gan": {Writes},
    "gumbel_gan": {Writes},
}
ABILITIES = (Generates, Mixes, Conditional, Translates, Reconstructs, Writes, ClipsWeights)
ABILITIES += (MeasuresDivergence,)


@pytest.mark.parametrize("name", CAN)
def test_a_method_can_do_exactly_what_its_functions_say(name):
    assert {a for a in ABILITIES if issubclass(METHODS[name], a)} == CAN[name]


@pytest.mark.parametrize("name", ["autoencoder", "one_way", "bigram"])
def test_metrics_that_need_generated_samples_refuse_a_method_that_does_not_generate(name):
    data = DATASETS["digits"](split="test")
    ring = DATASETS["ring"]()
    for metric, dataset in (("modes", ring), ("fd_lenet", data), ("fd_pca64", data)):
        assert not SCORERS[metric].fits(METHODS[name], dataset, dataset)
        assert SCORERS[metric].fits(METHODS["gan"], dataset, dataset)


def test_the_config_asks_for_exactly_the_sections_of_the_method():
    with pytest.raises(UserError, match="network.discriminator.*network.encoder"):
        config_of("autoencoder", network=dict.fromkeys(("generator", "discriminator"), MLP))
    with pytest.raises(UserError, match="network.encoder.name 必须写明"):
        config_of("autoencoder", network={"generator": MLP})


def test_the_letter_with_or_without_an_index_decides_the_section():
    assert [section_of(a) for a in ("G", "G_12", "F", "D_X", "E", "Q")] == [
        *("generator", "generator", "generator", "discriminator", "encoder", "recognizer")
    ]


def test_the_bigram_learns_the_chain_it_reads(tmp_path):
    config = config_of("bigram", total_steps=400, batch_size=256, ema=None)
    trainer = Trainer(config, "cpu")
    chain, rng = trainer.train, np.random.default_rng(0)
    before = paddle.nn.functional.softmax(trainer.method.logits(paddle.arange(10))).numpy()
    trainer.run(tmp_path / "run")
    after = paddle.nn.functional.softmax(trainer.method.logits(paddle.arange(10))).numpy()
    truth = chain.transition
    assert np.abs(after - truth).max() < 0.1 < np.abs(before - truth).max()
    written = trainer.method.write(500).numpy()
    nll = -chain.log_likelihood(chain.sample(500, rng)).mean()
    assert nll == pytest.approx(chain.entropy(), rel=0.05)
    assert np.isfinite(chain.log_likelihood(written)).mean() > 0.9
