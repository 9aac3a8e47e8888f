"""投影判别器：D 的数值、求和池化、线性项；类别条件的 BN；配错的网络一句话说清。"""

import numpy as np
import paddle
import pytest
from helpers import tiny_method
from paddle.nn.functional import one_hot

from paddle_gan.errors import UserError
from paddle_gan.methods.projection import Projection
from paddle_gan.networks.projection import (
    CBNGenerator,
    ConditionalBatchNorm,
    ProjectionDiscriminator,
)
from paddle_gan.run.build import Shapes, build_method
from paddle_gan.run.config import resolve

RNG = np.random.default_rng(0)
X = paddle.to_tensor(RNG.uniform(-1, 1, (4, 1, 8, 8)).astype(np.float32))
Y = paddle.to_tensor(np.eye(3, dtype=np.float32)[[0, 2, 1, 1]])


def plain_d() -> ProjectionDiscriminator:
    paddle.seed(0)
    return ProjectionDiscriminator(((1, 8, 8), (3,)), (1,), width=4, depth=2, spectral_norm=False)


def test_d_is_a_linear_term_plus_the_inner_product_of_the_sum_pooled_features():
    D = plain_d()
    maps = D.features(X).numpy().astype(np.float64)
    assert maps.min() >= 0  # ReLU 以后的
    phi = maps.sum(axis=(2, 3))
    psi = phi @ D.linear.weight.numpy() + D.linear.bias.numpy()
    e = Y.numpy() @ D.embedding.weight.numpy()
    expected = psi[:, 0] + (e * phi).sum(axis=1)
    assert D(X, Y).numpy()[:, 0] == pytest.approx(expected, rel=1e-4)


def test_without_the_embedding_the_linear_term_still_judges():
    D = plain_d()
    D.embedding.weight.set_value(paddle.zeros_like(D.embedding.weight))
    assert np.abs(D(X, Y).numpy() - D.linear.bias.numpy()).min() > 1e-4
    assert np.array_equal(D(X, Y).numpy(), D(X, Y.flip(axis=0)).numpy())


def test_every_layer_with_the_embedding_is_normalised():
    method = tiny_method("projection")
    assert len(dict(method.D.named_buffers())) == 4  # 两个卷积、嵌入、线性项各有一个 u


def test_a_discriminator_without_spectral_normalisation_is_refused_with_the_lever():
    G = CBNGenerator(((4,), (3,)), (1, 8, 8), width=4, depth=2)
    with pytest.raises(UserError, match="network.discriminator.spectral_norm: true"):
        Projection({"G": G, "D": plain_d()}, Projection.Hparams(z_dim=4), 3)


def test_both_losses_are_the_hinge_and_d_also_looks_at_the_class(monkeypatch):
    method, seen = tiny_method("projection"), []
    real, fake = [[2.0], [0.5]], [[-3.0], [0.25]]  # 分得够开的（2 与 −3）不再推
    scores = iter([real, fake, fake])

    def judge(x, labels):
        seen.append(labels.tolist())
        return paddle.to_tensor(next(scores))

    monkeypatch.setattr(method, "judge", judge)
    labels = paddle.to_tensor([7, 4])
    loss, logs = method.discriminator_loss(paddle.zeros([2, 1, 8, 8]), labels)
    assert loss.item() == pytest.approx((0 + 0.5) / 2 + (0 + 1.25) / 2)
    assert logs["score/real"].item() == pytest.approx(1.25)
    assert method.generator_loss(2, labels)[0].item() == pytest.approx((3 - 0.25) / 2)
    assert seen == [[7, 4]] * 3


def test_conditional_batch_norm_scales_and_shifts_by_the_row_of_the_class():
    layer = ConditionalBatchNorm(2, 3)
    gamma, beta = RNG.normal(size=(2, 3, 2)).astype(np.float32)
    layer.gamma.set_value(gamma)
    layer.beta.set_value(beta)
    h = RNG.normal(size=(4, 2, 3, 3)).astype(np.float32)
    labels = Y.numpy().argmax(axis=1)
    mean, var = h.mean(axis=(0, 2, 3), keepdims=True), h.var(axis=(0, 2, 3), keepdims=True)
    expected = gamma[labels][..., None, None] * (h - mean) / np.sqrt(var + 1e-5)
    expected += beta[labels][..., None, None]
    assert layer(paddle.to_tensor(h), Y).numpy() == pytest.approx(expected, abs=1e-4)


def test_a_new_conditional_batch_norm_treats_every_class_alike():
    G = CBNGenerator(((4,), (3,)), (1, 8, 8), width=4, depth=2)
    z = paddle.randn([3, 4])
    a, b = (G(z, one_hot(paddle.full([3], label, "int64"), 3)).numpy() for label in (0, 1))
    assert a.shape == (3, 1, 8, 8) and np.array_equal(a, b)


def test_the_sampler_takes_one_vector_and_hands_z_and_y_apart():
    method = tiny_method("projection")
    latent = method.noise(5)
    assert latent.shape == [5, 4 + 10]
    method.G.eval()
    with paddle.no_grad():
        apart = method.G(latent[:, :4], latent[:, 4:]).numpy()
    method.G.train()
    assert np.array_equal(method.generate(latent).numpy(), apart)


CBN, PROJECTION = ({"name": name} for name in ("cbn_generator", "projection_discriminator"))
PLAIN_G, PLAIN_D = {"name": "dcgan_generator"}, {"name": "dcgan_discriminator"}


@pytest.mark.parametrize(
    ("method", "generator", "discriminator", "said"),
    [
        ("projection", PLAIN_G, PROJECTION, "generator.name: dcgan_generator.*写 cbn_generator"),
        ("projection", CBN, PLAIN_D, "discriminator.name.*写 projection_discriminator"),
        ("projection", CBN, CBN, "discriminator.name: cbn_generator.*projection_discriminator"),
        ("cgan", CBN, PLAIN_D, "cbn_generator 要另看类别.*cgan 不给它看.*projection"),
        ("dcgan", PLAIN_G, PROJECTION, "projection_discriminator 要另看类别.*dcgan"),
    ],
)
def test_a_network_that_does_not_fit_is_one_sentence(method, generator, discriminator, said):
    raw = {
        "method": method,
        "network": {"generator": generator, "discriminator": discriminator},
        "data": {"name": "digits"},
        "batch_size": 4,
        "total_steps": 2,
    }
    with pytest.raises(UserError, match=said):
        build_method(resolve(raw), Shapes((1, 8, 8), classes=tuple("甲乙丙")))
