"""方法一览，也是课程表：配置里 method 可以写的名字。"""

from paddle_gan.methods.acgan import ACGAN
from paddle_gan.methods.ae import AE
from paddle_gan.methods.anomaly import Anomaly
from paddle_gan.methods.began import BEGAN
from paddle_gan.methods.cgan import CGAN
from paddle_gan.methods.cyclegan import CycleGAN
from paddle_gan.methods.dcgan import DCGAN
from paddle_gan.methods.dragan import DRAGAN
from paddle_gan.methods.ebgan import EBGAN
from paddle_gan.methods.f_gan import FGAN
from paddle_gan.methods.gan import GAN
from paddle_gan.methods.gumbel_gan import GumbelGAN
from paddle_gan.methods.hinge import Hinge
from paddle_gan.methods.infogan import InfoGAN
from paddle_gan.methods.inpainting import Inpainting
from paddle_gan.methods.lapgan import LAPGAN
from paddle_gan.methods.lsgan import LSGAN
from paddle_gan.methods.mad_gan import MADGAN
from paddle_gan.methods.minibatch_disc import MinibatchDisc
from paddle_gan.methods.mr_gan import MRGAN
from paddle_gan.methods.pac_gan import PacGAN
from paddle_gan.methods.pix2pix import Pix2Pix
from paddle_gan.methods.progan import ProGAN
from paddle_gan.methods.projection import Projection
from paddle_gan.methods.r1 import R1
from paddle_gan.methods.relativistic import Relativistic
from paddle_gan.methods.seq_gan import SeqGAN
from paddle_gan.methods.sngan import SNGAN
from paddle_gan.methods.sr_gan import SRGAN
from paddle_gan.methods.ss_gan import SSGAN
from paddle_gan.methods.stackgan import StackGAN
from paddle_gan.methods.unrolled import Unrolled
from paddle_gan.methods.vae import VAE
from paddle_gan.methods.vae_gan import VAEGAN
from paddle_gan.methods.wgan import WGAN
from paddle_gan.methods.wgan_gp import WGANGP

METHODS = {
    "gan": GAN,
    "dcgan": DCGAN,
    "wgan": WGAN,
    "wgan_gp": WGANGP,
    "lsgan": LSGAN,
    "f_gan": FGAN,
    "hinge": Hinge,
    "unrolled": Unrolled,
    "minibatch_disc": MinibatchDisc,
    "pac_gan": PacGAN,
    "r1": R1,
    "mad_gan": MADGAN,
    "mr_gan": MRGAN,
    "dragan": DRAGAN,
    "ebgan": EBGAN,
    "ae": AE,
    "vae": VAE,
    "vae_gan": VAEGAN,
    "began": BEGAN,
    "progan": ProGAN,
    "sngan": SNGAN,
    "relativistic": Relativistic,
    "cgan": CGAN,
    "acgan": ACGAN,
    "projection": Projection,
    "infogan": InfoGAN,
    "lapgan": LAPGAN,
    "stackgan": StackGAN,
    "ss_gan": SSGAN,
    "anomaly": Anomaly,
    "pix2pix": Pix2Pix,
    "cyclegan": CycleGAN,
    "sr_gan": SRGAN,
    "inpainting": Inpainting,
    "seq_gan": SeqGAN,
    "gumbel_gan": GumbelGAN,
}
