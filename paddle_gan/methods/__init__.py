"""方法一览，也是课程表：配置里 method 可以写的名字。"""

from paddle_gan.methods.cyclegan import CycleGAN
from paddle_gan.methods.dcgan import DCGAN
from paddle_gan.methods.gan import GAN
from paddle_gan.methods.wgan import WGAN
from paddle_gan.methods.wgan_gp import WGANGP

METHODS = {
    "gan": GAN,
    "dcgan": DCGAN,
    "wgan": WGAN,
    "wgan_gp": WGANGP,
    "cyclegan": CycleGAN,
}
