"""网络一览：配置里 network.generator.name 和 network.discriminator.name 可以写的名字。

每个网络的前两个参数都是单个样本的输入、输出形状，其余是带默认值的关键字参数。
"""

from paddle_gan.networks.affine import Affine
from paddle_gan.networks.conv import Conv
from paddle_gan.networks.dcgan import DCGANDiscriminator, DCGANGenerator
from paddle_gan.networks.mlp import MLP
from paddle_gan.networks.patchgan import PatchGAN
from paddle_gan.networks.progressive import ProgressiveDiscriminator, ProgressiveGenerator
from paddle_gan.networks.projection import CBNGenerator, ProjectionDiscriminator
from paddle_gan.networks.recurrent import GRU
from paddle_gan.networks.refiner import Refiner
from paddle_gan.networks.resnet import ResNetGenerator
from paddle_gan.networks.super_resolution import SRGenerator
from paddle_gan.networks.text_cnn import TextCNN
from paddle_gan.networks.unet import UNet

NETWORKS = {
    "mlp": MLP,
    "affine": Affine,
    "dcgan_generator": DCGANGenerator,
    "dcgan_discriminator": DCGANDiscriminator,
    "progressive_generator": ProgressiveGenerator,
    "progressive_discriminator": ProgressiveDiscriminator,
    "refiner": Refiner,
    "resnet_generator": ResNetGenerator,
    "unet": UNet,
    "sr_generator": SRGenerator,
    "conv": Conv,
    "patchgan": PatchGAN,
    "cbn_generator": CBNGenerator,
    "projection_discriminator": ProjectionDiscriminator,
    "gru": GRU,
    "text_cnn": TextCNN,
}
# 另有一个输入是类别的网络，只配要它们的方法（projection）；输入形状写成两个：(z 或 x 的, (K,))
BY_CLASS = {"generator": "cbn_generator", "discriminator": "projection_discriminator"}
