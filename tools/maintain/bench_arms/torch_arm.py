"""PyTorch 的参赛者：同样的结构、批大小、损失和更新次序，照 PyTorch 的惯例写。

python -m bench_arms.torch_arm 例子 秒数，见 meter.py。数据是随机数：只比速度。
"""

import sys

import torch
from torch import nn
from torch.nn.functional import l1_loss, mse_loss, softplus

from bench_arms.meter import Meter


def mlp(c_in: int, c_out: int, width: int, activation: type, output: nn.Module) -> nn.Module:
    layers = [nn.Linear(c_in, width), activation(), nn.Linear(width, width), activation()]
    return nn.Sequential(*layers, nn.Linear(width, c_out), output)


def leaky() -> nn.Module:
    return nn.LeakyReLU(0.2)


def dcgan(
    width: int, z_dim: int, norm: bool = True, depth: int = 3, colours: int = 1
) -> tuple[nn.Module, nn.Module]:
    plan = [width * 2**i for i in range(depth)]
    first, last = plan[-1], plan[0]
    G = [nn.ConvTranspose2d(z_dim, first, 4, bias=False), nn.BatchNorm2d(first), nn.ReLU()]
    for c_in, c_out in zip(plan[:0:-1], plan[-2::-1]):
        G += [nn.ConvTranspose2d(c_in, c_out, 4, 2, 1, bias=False), nn.BatchNorm2d(c_out)]
        G.append(nn.ReLU())
    G += [nn.ConvTranspose2d(last, colours, 4, 2, 1), nn.Tanh()]
    D = [nn.Conv2d(colours, last, 4, 2, 1), leaky()]
    for c_in, c_out in zip(plan, plan[1:]):
        D += [nn.Conv2d(c_in, c_out, 4, 2, 1, bias=not norm)]
        D += [nn.BatchNorm2d(c_out)] if norm else []
        D.append(leaky())
    return nn.Sequential(*G), nn.Sequential(*D, nn.Conv2d(first, 1, 4))


class Residual(nn.Module):
    def __init__(self, c: int):
        super().__init__()
        conv = [nn.ReflectionPad2d(1), nn.Conv2d(c, c, 3), nn.InstanceNorm2d(c)]
        again = [nn.ReflectionPad2d(1), nn.Conv2d(c, c, 3), nn.InstanceNorm2d(c)]
        self.body = nn.Sequential(*conv, nn.ReLU(), *again)

    def forward(self, x):
        return x + self.body(x)


def resnet(width: int, blocks: int) -> nn.Module:
    def norm_relu(c):
        return [nn.InstanceNorm2d(c), nn.ReLU()]

    a, b, c = width, 2 * width, 4 * width
    return nn.Sequential(
        *[nn.ReflectionPad2d(3), nn.Conv2d(1, a, 7), *norm_relu(a)],
        *[nn.Conv2d(a, b, 3, 2, 1), *norm_relu(b), nn.Conv2d(b, c, 3, 2, 1), *norm_relu(c)],
        *[Residual(c) for _ in range(blocks)],
        *[nn.ConvTranspose2d(c, b, 3, 2, 1, 1), *norm_relu(b)],
        *[nn.ConvTranspose2d(b, a, 3, 2, 1, 1), *norm_relu(a)],
        *[nn.ReflectionPad2d(3), nn.Conv2d(a, 1, 7), nn.Tanh()],
    )


def patchgan(width: int, layers: int) -> nn.Module:
    body, c_in = [nn.Conv2d(1, width, 4, 2, 1), leaky()], width
    for i in range(1, layers + 1):
        c_out = width * min(2**i, 8)
        body += [nn.Conv2d(c_in, c_out, 4, 2 if i < layers else 1, 1)]
        body += [nn.InstanceNorm2d(c_out), leaky()]
        c_in = c_out
    return nn.Sequential(*body, nn.Conv2d(c_in, 1, 4, 1, 1))


def frozen(networks, on: bool) -> None:
    for network in networks:
        network.requires_grad_(not on)


def gan_step(G, D, noise, real):
    opts = [torch.optim.Adam(n.parameters(), 2e-4, (0.5, 0.999)) for n in (D, G)]

    def step():
        x = real()
        with torch.no_grad():
            fake = G(noise())
        loss = softplus(-D(x)).mean() + softplus(D(fake)).mean()
        opts[0].zero_grad()
        loss.backward()
        opts[0].step()
        frozen([D], True)
        loss = softplus(-D(G(noise()))).mean()
        opts[1].zero_grad()
        loss.backward()
        opts[1].step()
        frozen([D], False)

    return step


def wgan_gp_step(G, D, noise, real):
    opts = [torch.optim.Adam(n.parameters(), 1e-4, (0.0, 0.9)) for n in (D, G)]

    def step():
        for _ in range(5):
            x = real()
            with torch.no_grad():
                fake = G(noise())
            loss = D(fake).mean() - D(x).mean()
            epsilon = torch.rand(len(x), 1, 1, 1)
            mixed = (epsilon * x + (1 - epsilon) * fake).requires_grad_()
            gradient = torch.autograd.grad(D(mixed).sum(), mixed, create_graph=True)[0]
            norm = (gradient.flatten(1).square().sum(1) + 1e-12).sqrt()
            loss = loss + 10 * (norm - 1).square().mean()
            opts[0].zero_grad()
            loss.backward()
            opts[0].step()
        frozen([D], True)
        loss = -D(G(noise())).mean()
        opts[1].zero_grad()
        loss.backward()
        opts[1].step()
        frozen([D], False)

    return step


def cyclegan_step(batch: int):
    G, F = resnet(32, 6), resnet(32, 6)
    D_X, D_Y = patchgan(32, 3), patchgan(32, 3)
    g_opt = torch.optim.Adam([*G.parameters(), *F.parameters()], 2e-4, (0.5, 0.999))
    d_opt = torch.optim.Adam([*D_X.parameters(), *D_Y.parameters()], 2e-4, (0.5, 0.999))

    def one(score):
        return mse_loss(score, torch.ones_like(score))

    def zero(score):
        return mse_loss(score, torch.zeros_like(score))

    def step():
        x, y = torch.rand(2, batch, 1, 64, 64) * 2 - 1
        fake_x, fake_y = F(y), G(x)
        frozen([D_X, D_Y], True)
        cycle = l1_loss(F(fake_y), x) + l1_loss(G(fake_x), y)
        identity = l1_loss(G(y), y) + l1_loss(F(x), x)
        loss = one(D_Y(fake_y)) + one(D_X(fake_x)) + 10 * cycle + 5 * identity
        g_opt.zero_grad()
        loss.backward()
        g_opt.step()
        frozen([D_X, D_Y], False)
        loss = one(D_X(x)) + zero(D_X(fake_x.detach())) + one(D_Y(y)) + zero(D_Y(fake_y.detach()))
        d_opt.zero_grad()
        (loss / 2).backward()
        d_opt.step()

    return step


def build(case: str):
    """例子的一步训练。"""
    if case == "ring":
        G, D = mlp(2, 2, 128, nn.ReLU, nn.Identity()), mlp(2, 1, 128, leaky, nn.Identity())
        return gan_step(G, D, lambda: torch.randn(256, 2), lambda: torch.randn(256, 2))
    if case == "fc_gan":
        G, D = mlp(100, 784, 256, nn.ReLU, nn.Tanh()), mlp(784, 1, 256, leaky, nn.Identity())
        return gan_step(G, D, lambda: torch.randn(64, 100), lambda: torch.rand(64, 784) * 2 - 1)
    if case in ("dcgan_32", "wgan_gp_32"):
        gp = case == "wgan_gp_32"
        width, z_dim = (32, 128) if gp else (64, 100)
        G, D = dcgan(width, z_dim, norm=True)
        if gp:
            _, D = dcgan(width, z_dim, norm=False)
        noise, real = (lambda: torch.randn(64, z_dim, 1, 1)), (lambda: torch.rand(64, 1, 32, 32))
        return (wgan_gp_step if gp else gan_step)(G, D, noise, real)
    if case == "dcgan_64":
        G, D = dcgan(32, 100, depth=4, colours=3)
        return gan_step(
            G, D, lambda: torch.randn(32, 100, 1, 1), lambda: torch.rand(32, 3, 64, 64) * 2 - 1
        )
    return cyclegan_step(int(case[-1]))


def main(case: str, seconds: float) -> None:
    step, meter = build(case), Meter(seconds)
    while True:
        meter()
        step()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
