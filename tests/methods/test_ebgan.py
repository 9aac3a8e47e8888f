"""EBGAN：能量、两个损失、拉开项的数值与常被写错的地方。"""

import numpy as np
import paddle
import pytest
from helpers import MLP as TINY_MLP
from helpers import seed_noise, tiny_batches, tiny_method, values

from paddle_gan.errors import UserError
from paddle_gan.methods.ebgan import EBGAN, pulling_away
from paddle_gan.monitor.diagnose import HEALTHY, diagnose
from paddle_gan.networks.mlp import MLP
from paddle_gan.run.build import Shapes, build_method
from paddle_gan.run.config import resolve

X = np.array([[1.0, 2.0], [-1.0, 0.5], [0.25, -2.0], [3.0, 1.0]], np.float32)


def toy(depth: int = 0, **hparams) -> EBGAN:
    """每个网络都是一个全连接层（depth = 0），方便手算。"""
    paddle.seed(0)
    h = EBGAN.Hparams(z_dim=3, code=3, **hparams)
    shapes = EBGAN.shapes(h, (2,), None)
    return EBGAN({letter: MLP(*ends, depth=depth) for letter, ends in shapes.items()}, h)


def linear(network, x: np.ndarray) -> np.ndarray:
    w, b = (v.astype(np.float64) for v in values(network).values())
    return x @ w + b


def energies(method: EBGAN, x: np.ndarray) -> np.ndarray:
    """每个样本的 ‖Dec(Enc(x)) − x‖，一个一个地算。"""
    back = linear(method.Dec, linear(method.Enc, x))
    return np.array([np.sqrt(sum(d**2 for d in row)) for row in back - x])


def made(method: EBGAN) -> np.ndarray:
    """把噪声拨回原处之后，下一步要用的 G(z)，手算。"""
    seed_noise()
    z = method.noise(len(X)).numpy()
    seed_noise()
    return linear(method.G, z)


def pt_by_hand(S: np.ndarray) -> float:
    """拉开项，照式子的两重求和。"""
    n, total = len(S), 0.0
    for i in range(n):
        for j in range(n):
            if j != i:
                lengths = np.linalg.norm(S[i]) * np.linalg.norm(S[j])
                total += (S[i] @ S[j] / lengths) ** 2
    return total / (n * (n - 1))


def pt(rows) -> float:
    return pulling_away(paddle.to_tensor(np.array(rows, np.float32))).item()


# 数值


def test_the_energy_is_the_distance_of_each_sample_to_its_own_reconstruction():
    method = toy()
    found = method.energy(paddle.to_tensor(X)).numpy()
    assert found.shape == (4,)
    assert found == pytest.approx(energies(method, X), rel=1e-5)
    # 同类仓库的真实错误：整批一个范数，再除以 N
    whole = np.sqrt((energies(method, X) ** 2).sum()) / len(X)
    assert abs(found.mean() - whole) > 0.1


def test_the_energy_of_an_image_counts_every_pixel():
    method = tiny_method("ebgan")
    method.Enc, method.Dec = (lambda x: x), (lambda S: S + 1.0)
    # 1×3×4 的图，每个像素差 1：√12
    assert method.energy(paddle.zeros([2, 1, 3, 4])).numpy() == pytest.approx([12**0.5] * 2)


@pytest.mark.parametrize("where", [0.1, 0.5, 2.0])
def test_the_loss_of_d_lowers_real_energy_and_lifts_fake_energy_up_to_the_margin(where):
    method = toy()
    fake = energies(method, made(method))
    margin = float(np.quantile(fake, 0.5) * where)  # 全在 m 之上、有的在下、全在下
    method = toy(margin=margin)
    real = energies(method, X)
    made(method)
    loss, logs = method.discriminator_loss(paddle.to_tensor(X))
    # 逐个样本过了 m 就不再推，不是先平均再和 m 比
    expected = real.mean() + np.maximum(margin - fake, 0).mean()
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    assert logs["loss/D"].item() == loss.item()
    assert logs["energy/real"].item() == pytest.approx(real.mean(), rel=1e-5)
    assert logs["energy/fake"].item() == pytest.approx(fake.mean(), rel=1e-5)
    assert logs["energy/margin"].item() == pytest.approx(margin, rel=1e-6)


@pytest.mark.parametrize("weight", [0.0, 0.1, 5.0])
def test_the_loss_of_g_is_the_energy_plus_the_weighted_pulling_away_term(weight):
    method = toy(pt=weight)
    fake = made(method)
    closeness = pt_by_hand(linear(method.Enc, fake))  # 生成样本的编码，没有归一化
    loss, logs = method.generator_loss(len(X))
    expected = energies(method, fake).mean() + weight * closeness
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    assert logs["loss/G"].item() == loss.item()
    assert logs["loss/pt"].item() == pytest.approx(closeness, rel=1e-5)


# 拉开项


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([[3, 0], [0, 0.5]], 0.0),  # 垂直
        ([[3, 4], [3, 4]], 1.0),  # 相同
        ([[3, 4], [0.3, 0.4]], 1.0),  # 方向相同，长短不同：除以 ‖S_i‖·‖S_j‖，不是 ‖S_i‖²
        ([[3, 4], [-6, -8]], 1.0),  # 相反：忘了平方就是 −1
        ([[1, 0], [1, 1]], 0.5),  # 45°：cos² = ½
        ([[1, 0], [0, 1], [1, 0]], 1 / 3),  # 三对里有一对相同
    ],
)
def test_the_pulling_away_term_is_the_mean_squared_cosine_of_different_pairs(rows, expected):
    assert pt(rows) == pytest.approx(expected, abs=1e-5)


def test_the_pulling_away_term_is_the_double_sum_and_ignores_lengths():
    S = np.random.default_rng(0).normal(size=(7, 5))
    assert pt(S) == pytest.approx(pt_by_hand(S), rel=1e-4)
    assert pt(S * np.arange(1, 8)[:, None]) == pytest.approx(pt_by_hand(S), rel=1e-4)
    # 编码没有 BN：整批往一边挪，方向就都一样；减了均值的话还是原来的数
    assert pt(S + 100) == pytest.approx(1.0, abs=0.01) and pt_by_hand(S) < 0.5


def test_a_code_of_zero_gives_a_finite_gradient():
    S = paddle.to_tensor([[0.0, 0.0], [1.0, 2.0]], stop_gradient=False)
    pulling_away(S).backward()
    assert np.isfinite(S.grad.numpy()).all()


def test_a_batch_of_one_has_no_pairs_and_is_refused():
    with pytest.raises(UserError, match="batch_size"):
        tiny_method("ebgan").generator_loss(1)


def test_only_g_feels_the_pulling_away_term():
    x, losses = paddle.to_tensor(X), []
    for weight in (0.0, 5.0):
        method = toy(pt=weight)
        made(method)
        loss, logs = method.discriminator_loss(x)
        assert "loss/pt" not in logs
        losses.append(loss.item())
    assert losses[0] == losses[1]


def test_steps_on_the_pulling_away_term_turn_the_codes_away_from_each_other():
    method = toy(depth=1, pt=100.0, lr_G=1e-2)
    found = []
    for _ in range(20):
        seed_noise()
        found.append(method.generator_step(8)["loss/pt"].item())
    assert found[-1] < found[0] - 0.05


# 梯度


@pytest.mark.parametrize("weight", [0.0, 2.0])
def test_g_gets_the_whole_gradient_through_the_reconstruction_and_the_sample(weight):
    # 同类仓库的真实错误：把还原的目标 G(z) 断开，只剩一半梯度
    method = toy(pt=weight)
    made(method)
    method.generator_loss(len(X))[0].backward()
    gradient = method.G.layers[0].bias.grad.numpy()
    bias, step = method.G.layers[0].bias.numpy(), 1e-3
    for k in range(2):
        ends = []
        for sign in (1, -1):
            method.G.layers[0].bias.set_value(bias + sign * step * np.eye(2, dtype="float32")[k])
            fake = made(method)
            closeness = pt_by_hand(linear(method.Enc, fake))
            ends.append(energies(method, fake).mean() + weight * closeness)
        assert gradient[k] == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-2, abs=1e-3)


def test_a_fake_above_the_margin_no_longer_pushes_d():
    gradients = []
    for margin in (1e-6, 1e6):
        method = toy(margin=margin)
        made(method)
        loss, _ = method.discriminator_loss(paddle.to_tensor(X))
        (loss - method.energy(paddle.to_tensor(X)).mean()).backward()  # 只留生成样本的一项
        gradients.append(np.abs(method.Dec.layers[0].weight.grad.numpy()).max())
    assert gradients[0] < 1e-5 and gradients[1] > 0.1


def test_a_perfect_reconstruction_gives_a_finite_gradient():
    method = toy()
    for network, eye in ((method.Enc, np.eye(2, 3)), (method.Dec, np.eye(3, 2))):
        network.layers[0].weight.set_value(eye.astype(np.float32))
        network.layers[0].bias.set_value(np.zeros(eye.shape[1], np.float32))
    loss = method.energy(paddle.to_tensor(X)).mean()
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=1e-5)
    assert np.isfinite(method.Enc.layers[0].weight.grad.numpy()).all()


# 谁在走、推理、搭网络


def test_the_encoder_and_the_decoder_are_d():
    method = tiny_method("ebgan")
    assert method.players == {"D": ("Enc", "Dec"), "G": ("G",)}
    assert method.discriminators == ("Enc", "Dec") and method.generators == ("G",)


def test_a_reconstruction_has_no_gradient_and_returns_to_training_mode():
    method = tiny_method("ebgan", network={"batch_norm": True})
    x = next(tiny_batches("ebgan", method)).x
    back = method.reconstruct(x)
    assert back.shape == x.shape and back.stop_gradient
    alone = method.reconstruct(x[:1])
    assert alone.numpy() == pytest.approx(back[:1].numpy(), abs=1e-5)  # BN 用累计的统计量
    assert method.Enc.training and method.Dec.training


def config(**network):
    return resolve(
        {
            "method": "ebgan",
            "hparams": {"z_dim": 4, "code": 3},
            "network": dict.fromkeys(("generator", "encoder", "decoder"), TINY_MLP) | network,
            "data": {"name": "ring"},
            "batch_size": 4,
            "total_steps": 20,
        }
    )


def test_it_trains_on_images_with_convolutions():
    networks = {
        "generator": {"name": "dcgan_generator", "width": 4, "depth": 2},
        "encoder": {"name": "dcgan_discriminator", "width": 4, "depth": 2},
        "decoder": {"name": "dcgan_generator", "width": 4, "depth": 2},
    }
    method = build_method(config(**networks), Shapes((1, 8, 8)))
    logs = method.discriminator_step(paddle.rand([4, 1, 8, 8])) | method.generator_step(4)
    assert all(np.isfinite(value.item()) for value in logs.values())


def test_an_encoder_that_does_not_give_a_code_is_refused():
    wrong = {"encoder": {"name": "patchgan", "width": 4, "layers": 1}}
    with pytest.raises(UserError, match="network.encoder.name: patchgan 输出的形状是 .* \\(3,\\)"):
        build_method(config(**wrong), Shapes((1, 8, 8)))


# 诊断


def test_the_diagnosis_takes_energies_neither_for_probabilities_nor_for_runaway_scores():
    # 能量的差一路变大，超过最初的十倍；样本的多样性没有问题
    energies = [(step, 0.5 + 0.4 * step / 300) for step in range(10, 301, 10)]
    records = [
        {
            "step": step,
            "loss/D": 0.9,
            "loss/G": fake,
            "loss/pt": 0.5,
            "energy/real": 0.5,
            "energy/fake": fake,
            "energy/margin": 1.0,
            "diversity": 1.0,
        }
        for step, fake in energies
    ]
    found = diagnose(records)
    assert found.verdict == HEALTHY, found.text()
    assert any("过强" in text for text in found.unjudged)  # 没有概率，就说判断不了
