"""两个以上的方法共用的损失与惩罚；分数一律“越大，越像真”。"""

import paddle
from paddle import Tensor, nn
from paddle.nn.functional import softplus

from paddle_gan.draws import per_sample
from paddle_gan.errors import UserError
from paddle_gan.gradients import input_gradient, require_second_derivative


def discriminator_cross_entropy(real_logit: Tensor, fake_logit: Tensor) -> Tensor:
    """判别器的交叉熵，D = σ(logit)；Goodfellow 等（2014）式 (1) 取负。返回标量。"""
    # −log σ(a) = softplus(−a)，−log(1 − σ(a)) = softplus(a)
    # L_D = −E[log D(x)] − E[log(1 − D(G(z)))]
    return softplus(-real_logit).mean() + softplus(fake_logit).mean()


def saturating_generator(fake_logit: Tensor) -> Tensor:
    """极小极大博弈里的生成器损失，D 很强时梯度趋于零；同上，式 (1)。返回标量。"""
    # L_G = E[log(1 − D(G(z)))]
    return -softplus(fake_logit).mean()


def non_saturating_generator(fake_logit: Tensor) -> Tensor:
    """不饱和的生成器损失，实际训练用它；同上，§3 末段。返回标量。"""
    # L_G = −E[log D(G(z))]
    return softplus(-fake_logit).mean()


GENERATOR_LOSSES = {
    "saturating": saturating_generator,
    "non_saturating": non_saturating_generator,
}


def least_squares(score: Tensor, target: float) -> Tensor:
    """最小二乘损失：分数与目标（真 1、假 0）之差的平方均值；LSGAN 式 (2)。返回标量。"""
    # E[(D(x) − target)²]
    return (score - target).square().mean()


def l1(a: Tensor, b: Tensor) -> Tensor:
    """逐像素绝对差的均值。返回标量。"""
    return (a - b).abs().mean()


def refuse_batch_norm(critic: nn.Layer, method: str) -> None:
    """罚梯度的方法，D 里有 BN 就抛出 UserError；Gulrajani 等（2017）§4。"""
    require_second_derivative(critic, method)
    norms = (nn.BatchNorm1D, nn.BatchNorm2D, nn.BatchNorm3D, nn.BatchNorm, nn.SyncBatchNorm)
    if any(isinstance(layer, norms) for layer in critic.sublayers(include_self=True)):
        raise UserError(
            f"{method} 的判别器不能有 BN：惩罚对每个样本单独定义，BN 把整批混在一起；"
            "请写 network.discriminator.norm: none（mlp 写 batch_norm: false）"
        )


def squared_gradient_norm(critic: nn.Layer, points: Tensor) -> Tensor:
    """每个样本的 ‖∇_x D(x)‖₂²：(N, ...) → (N,)，还能对 D 的权重求导；points 不带梯度。"""
    points = points.detach()  # 要对它求导，不动调用者的张量
    points.stop_gradient = False
    with input_gradient():  # 惩罚本身还要对 D 的权重求导
        gradient = paddle.grad(critic(points).sum(), points, create_graph=True)[0]
    return gradient.reshape([gradient.shape[0], -1]).square().sum(axis=1)


def zero_centered_penalty(critic: nn.Layer, points: Tensor) -> Tensor:
    """中心在 0 的梯度惩罚，真样本上是 R₁、生成样本上是 R₂；Mescheder 等（2018）§4.1。返回标量。"""
    # ½·E[‖∇_x D(x)‖₂²]
    return 0.5 * squared_gradient_norm(critic, points).mean()


def gradient_penalty(critic: nn.Layer, real: Tensor, fake: Tensor) -> Tensor:
    """梯度惩罚；Gulrajani 等（2017）式 (3) 与算法 1。

    参数：
        critic: D，逐样本打分（不能有 BN：惩罚是对每个样本单独说的）
        real, fake: 同形状的两批样本 (N, ...)；fake 不带梯度
    返回：标量 E[(‖∇_x̂ D(x̂)‖₂ − 1)²]，x̂ 在真假样本的连线上均匀取
    """
    # (N, 1, ...)，U[0, 1)
    epsilon = per_sample(paddle.rand, [real.shape[0]] + [1] * (real.ndim - 1))
    # x̂ = ε·x + (1 − ε)·G(z)
    mixed = epsilon * real + (1.0 - epsilon) * fake
    # 平方根在 0 处的导数是无穷大，加一个不影响数值的小量
    norm = (squared_gradient_norm(critic, mixed) + 1e-12).sqrt()  # (N,)
    return (norm - 1.0).square().mean()
