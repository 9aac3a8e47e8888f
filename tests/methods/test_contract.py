"""每个方法都要守的约定；新方法只要登记进 METHODS 与 helpers.TINY，就自动受这里的检查。"""

import ast
import dataclasses
import inspect
import textwrap
from pathlib import Path

import numpy as np
import paddle
import pytest
from helpers import (
    CLASSES,
    TINY,
    VOCABULARY,
    gradient_left,
    same,
    seed_noise,
    step_inputs,
    tiny_batches,
    tiny_method,
    values,
)

from paddle_gan.data import Labeled, Pair, Sequences, Unpaired
from paddle_gan.methods import METHODS
from paddle_gan.methods.base import Method, frozen, inference
from paddle_gan.methods.began import BEGAN
from paddle_gan.methods.by_class import ByClass
from paddle_gan.methods.ebgan import EBGAN
from paddle_gan.methods.infogan import InfoGAN
from paddle_gan.methods.lapgan import LAPGAN
from paddle_gan.methods.mad_gan import MADGAN
from paddle_gan.methods.pac_gan import PacGAN
from paddle_gan.methods.pyramid import pyramid
from paddle_gan.methods.ss_gan import SSGAN
from paddle_gan.monitor.glossary import GLOSSARY
from paddle_gan.run import runtime

FOLDER = Path(inspect.getfile(Method)).parent

each_method = pytest.mark.parametrize("name", METHODS)
WITHOUT_D = {"ae", "vae"}
each_adversarial = pytest.mark.parametrize("name", [n for n in METHODS if n not in WITHOUT_D])


def players(method, letters) -> dict:
    """几个网络的参数合在一起。"""
    return {f"{a}/{k}": v for a in letters for k, v in values(method.networks[a]).items()}


def test_every_method_has_a_tiny_setting():
    assert set(TINY) == set(METHODS)


# 一步训练


@each_method
def test_a_train_step_takes_exactly_the_documented_number_of_batches(name):
    method = tiny_method(name)
    batches = tiny_batches(name, method)
    for step in (1, 2):
        method.train_step(batches, step)
        assert batches.position == step * TINY[name].batches


@each_method
def test_the_logs_are_finite_scalars_that_the_glossary_explains(name):
    method = tiny_method(name)
    logs = method.train_step(tiny_batches(name, method), 1)
    assert {"loss/G"} <= set(logs) <= set(GLOSSARY)
    assert any(key.startswith("loss/D") for key in logs) == (name not in WITHOUT_D)
    for value in logs.values():
        assert value.shape == [] and np.isfinite(value.item())


@each_method
def test_a_train_step_moves_every_learnable_parameter(name):
    # 分两段的，第二步就到第二段
    method = tiny_method(name, **({"generator_steps": 1} if name == "anomaly" else {}))
    before = {letter: values(network) for letter, network in method.networks.items()}
    batches = tiny_batches(name, method)
    for step in (1, 2):
        seed_noise(step)
        method.train_step(batches, step)
    still = {
        f"{letter}/{key}"
        for letter, network in method.networks.items()
        for key, after in values(network).items()
        if np.array_equal(before[letter][key], after)
    }
    # 分数只以差出现（合页在都没有分开时也是），输出层的偏置正好抵消，它的梯度是 0
    shifting = "wgan", "wgan_gp", "anomaly", "hinge", "sngan", "relativistic"
    if name in shifting:
        *_, output_bias = values(method.D)
        still.remove(f"D/{output_bias}")
    assert still == set()


@each_method
def test_a_train_step_leaves_no_gradient_behind(name):
    method = tiny_method(name)
    method.train_step(tiny_batches(name, method), 1)
    for network in method.networks.values():
        assert gradient_left(network) == 0
        assert not any(p.stop_gradient for p in network.parameters() if p.trainable)


@each_method
def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(name):
    def after_three_steps(seed: int) -> dict:
        method = tiny_method(name, seed=seed)
        batches = tiny_batches(name, method, seed=seed)
        for step in (1, 2, 3):
            runtime.seed_stream(seed, runtime.TRAIN, step)
            method.train_step(batches, step)
        return players(method, method.networks)

    one = after_three_steps(0)
    assert same(one, after_three_steps(0))
    assert not same(one, after_three_steps(1))


NOISELESS = {
    "ae",
    "sr_gan",
    "inpainting",
    *(n for n in METHODS if METHODS[n].batch_type is Unpaired),
}


@pytest.mark.parametrize("name", [n for n in METHODS if n not in NOISELESS])
def test_another_noise_gives_other_weights(name):
    def after_one_step(noise: int) -> dict:
        method = tiny_method(name)
        seed_noise(noise)
        method.train_step(tiny_batches(name, method), 1)
        return players(method, method.networks)

    assert same(after_one_step(1), after_one_step(1))
    assert not same(after_one_step(1), after_one_step(2))


# 谁被更新


@each_adversarial
def test_a_generator_step_changes_the_generators_and_neither_changes_nor_grades_d(name):
    method = tiny_method(name)
    batch = next(tiny_batches(name, method))
    d_before = players(method, method.discriminators)
    g_before = players(method, method.generators)

    method.generator_step(*step_inputs(method, batch, "G"))

    assert same(d_before, players(method, method.discriminators))
    for letter in method.discriminators:
        assert gradient_left(method.networks[letter]) == 0
    assert not same(g_before, players(method, method.generators))


@each_adversarial
def test_a_discriminator_step_changes_the_discriminators_and_neither_changes_nor_grades_g(name):
    method = tiny_method(name)
    batch = next(tiny_batches(name, method))
    d_before = players(method, method.discriminators)
    g_before = players(method, method.generators)

    method.discriminator_step(*step_inputs(method, batch, "D"))

    assert same(g_before, players(method, method.generators))
    for letter in method.generators:
        assert gradient_left(method.networks[letter]) == 0
    assert not same(d_before, players(method, method.discriminators))


@each_method
def test_each_optimizer_holds_exactly_the_parameters_of_its_own_player(name):
    method = tiny_method(name)
    for player, letters in method.players.items():
        owned = {p.name for p in method.optimizers[player]._parameter_list}
        assert owned == {p.name for p in method.parameters(letters)}


# 方向：分数越大，越像真


def scores(method, batch) -> tuple[float, float]:
    """真样本与生成样本的平均分；z 由当前的随机数决定。"""
    with paddle.no_grad():
        if method.batch_type is Unpaired:
            pairs = [
                (method.D_X(batch.x), method.D_X(method.F(batch.y))),
                (method.D_Y(batch.y), method.D_Y(method.G(batch.x))),
            ]
            real = sum(pair[0].mean().item() for pair in pairs)
            return real, sum(pair[1].mean().item() for pair in pairs)
        if method.batch_type is Pair:
            pair = (batch.y, method.G(batch.x))
            return tuple(method.judge(batch.x, y).mean().item() for y in pair)
        if isinstance(method, InfoGAN):  # 它的 D 还有 Q 的输出
            pair = (batch.x, method.fakes(batch.x.shape[0]))
            return tuple(method.judge(x).mean().item() for x in pair)
        if method.batch_type is Sequences:  # D 看的是独热
            pair = (method.one_hot(batch.x), method.fakes(batch.x.shape[0]))
            return tuple(method.D(x).mean().item() for x in pair)
        if isinstance(method, ByClass):  # 生成的类别就是这一批的
            made = method.made_for_D(batch.labels)
            pair = (method.judge(x, batch.labels).mean().item() for x in (batch.x, made))
            return tuple(pair)
        real, fake = batch.x, method.fakes(batch.x.shape[0])
        if isinstance(method, LAPGAN):  # 几层各有 D，真的与假的都有几层
            levels = pyramid(real, method.hparams.levels)
            pair = (method.judge(images) for images in (levels, method.made(levels)))
            return tuple(sum(logit.mean().item() for logit in logits) for logits in pair)
        if isinstance(method, (EBGAN, BEGAN)):  # 它的 D 是自编码器，分数是负的能量
            return tuple(-method.energy(x).mean().item() for x in (real, fake))
        if isinstance(method, PacGAN):  # 它的 D 看的是一包
            real, fake = method.pack(real), method.pack(fake)
        if isinstance(method, SSGAN):  # 它的 D 分 K 类，真假由 K 个 logit 合起来
            return tuple(method.realness(x, None).mean().item() for x in (real, fake))
        real, fake = method.D(real), method.D(fake)
        if isinstance(method, MADGAN):  # 它的 D 分 k + 1 类
            real, fake = method.score(real), method.score(fake)
        return real.mean().item(), fake.mean().item()


def eager(name: str):
    """学习率较大、只剩对抗损失的方法和它的一批。"""
    fields = {field.name for field in dataclasses.fields(METHODS[name].Hparams)}
    rates = {key: 2e-3 for key in ("lr", "lr_D", "lr_G") if key in fields}
    method = tiny_method(name, **rates | TINY[name].gentle)
    return method, next(tiny_batches(name, method, batch_size=8))


@each_adversarial
def test_one_discriminator_step_widens_the_gap_between_real_and_fake_on_its_own_batch(name):
    method, batch = eager(name)
    seed_noise()
    real, fake = scores(method, batch)
    seed_noise()
    method.discriminator_step(*step_inputs(method, batch, "D"))
    seed_noise()
    real_after, fake_after = scores(method, batch)
    assert real_after - fake_after > real - fake + 1e-4


@each_adversarial
def test_one_generator_step_raises_the_score_of_the_same_noise(name):
    method, batch = eager(name)
    for _ in range(20):  # 先让 D 有主见
        method.discriminator_step(*step_inputs(method, batch, "D"))
    seed_noise()
    _, fake = scores(method, batch)
    seed_noise()
    method.generator_step(*step_inputs(method, batch, "G"))
    seed_noise()
    _, fake_after = scores(method, batch)
    assert fake_after > fake + 1e-4


# 推理


@each_method
def test_a_preview_changes_nothing_and_returns_to_training_mode(name):
    method = tiny_method(name)
    batch = next(tiny_batches(name, method, batch_size=9))
    before = [n.state_dict() for n in method.networks.values()]
    before = [{k: v.numpy().copy() for k, v in state.items()} for state in before]
    images, columns = method.preview(batch)
    assert images.stop_gradient and images.shape[0] % columns == 0
    for network, state in zip(method.networks.values(), before):
        assert same(state, {k: v.numpy() for k, v in network.state_dict().items()})
        assert all(layer.training for layer in network.sublayers(include_self=True))


def test_inference_uses_the_accumulated_batch_norm_statistics():
    method = tiny_method("dcgan")
    z = method.noise(4)
    alone, together = method.generate(z[:1]), method.generate(z)
    assert alone.numpy() == pytest.approx(together[:1].numpy(), abs=1e-6)
    with paddle.no_grad():  # 训练模式下，同一个 z 在不同的批里结果不同
        assert np.abs((method.G(z[:2]) - method.G(z)[:2]).numpy()).max() > 1e-4


def test_inference_returns_to_training_mode_even_after_an_error():
    method = tiny_method("dcgan")
    with pytest.raises(RuntimeError), inference(method.G):
        assert not method.G.training
        raise RuntimeError
    assert method.G.training


def test_frozen_restores_only_what_it_froze_even_after_an_error():
    network = tiny_method("dcgan").D
    first, *rest = [p for p in network.parameters() if p.trainable]
    first.stop_gradient = True
    with pytest.raises(RuntimeError), frozen(network):
        assert all(p.stop_gradient for p in rest)
        raise RuntimeError
    assert first.stop_gradient and not any(p.stop_gradient for p in rest)


@pytest.mark.parametrize(
    ("kind", "mean", "std", "low"), [("normal", 0.0, 1.0, None), ("uniform", 0.0, 3**-0.5, -1.0)]
)
def test_the_noise_has_the_distribution_its_name_says(kind, mean, std, low):
    seed_noise()
    z = tiny_method("gan", z_dim=10, noise=kind).noise(4000).numpy()
    assert z.shape == (4000, 10)
    assert z.mean() == pytest.approx(mean, abs=0.02)
    assert z.std() == pytest.approx(std, rel=0.02)
    assert low is None or low <= z.min() < low + 0.01 and 1 - 0.01 < z.max() <= 1
    assert low is not None or np.abs(z).max() > 3


# 写法


@each_method
def test_the_declared_letters_are_the_networks_and_the_shapes(name):
    method = tiny_method(name)
    letters = {letter for team in method.players.values() for letter in team}
    assert letters >= {*method.generators, *method.discriminators}
    assert sorted(letters) == sorted(method.networks)
    given = {Labeled: (len(CLASSES),), Sequences: (VOCABULARY,)}
    y = given.get(method.batch_type, TINY[name].y)
    assert sorted(letters) == sorted(method.shapes(method.hparams, TINY[name].x, y))
    assert all(vars(method)[letter] is method.networks[letter] for letter in letters)
    assert set(method.optimizers) == set(method.players) >= {"G"}
    assert ("D" in method.players) == bool(method.discriminators) == (name not in WITHOUT_D)


@each_method
def test_hparams_are_frozen_and_every_field_has_a_type_a_default_and_a_comment(name):
    hparams = METHODS[name].Hparams
    instance = hparams()
    first = dataclasses.fields(hparams)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(instance, first, 1)

    names = [field.name for field in dataclasses.fields(hparams)]
    untyped = {key for key in vars(hparams) if not key.startswith("_")} - set(names)
    assert not untyped

    said = {}
    for table in reversed(hparams.__mro__[:-1]):  # 自己写的，和继承来的
        tree = ast.parse(textwrap.dedent(inspect.getsource(table)))
        lines = textwrap.dedent(inspect.getsource(table)).splitlines()
        for node in tree.body[0].body:
            if isinstance(node, ast.AnnAssign):
                said[node.target.id] = "#" in "".join(lines[node.lineno - 1 : node.end_lineno])
    assert list(said) == names and all(said.values()), said


@each_method
def test_a_method_file_is_short_and_opens_with_a_docstring_that_names_its_tutorial(name):
    path = Path(inspect.getfile(METHODS[name]))
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 120
    docstring = ast.get_docstring(ast.parse(source))
    assert "教程" in docstring and "D 越大，越像真" in docstring
    assert len(docstring.splitlines()) <= 15


def test_the_base_class_is_at_most_250_lines():
    assert len((FOLDER / "base.py").read_text(encoding="utf-8").splitlines()) <= 250


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_no_method_file_binds_the_name_f_to_paddle_functional(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            assert "F" not in [alias.asname or alias.name for alias in node.names]
