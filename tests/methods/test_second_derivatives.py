"""要二阶导的方法：随便哪个网络当判别器，要么走得完一步，要么在搭的时候用一句话拒绝。"""

import pytest

from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.networks import NETWORKS
from paddle_gan.run.config import resolve

# 名字 → 哪几种数据上走得完；没有写的都拒绝。dcgan、progressive 与 unet 要边长是 2 的幂
WORKS = {"mlp": {"ring", "digits"}, "affine": {"ring", "digits"}}
WORKS |= dict.fromkeys(("dcgan_discriminator", "progressive_discriminator", "patchgan"), {"digits"})
METHODS = "r1", "wgan_gp", "dragan", "unrolled"


def trainer(method: str, network: str, data: str) -> Trainer:
    where = {"name": data} | ({"size": 32} if data == "digits" else {})
    small = {"norm": "none", "width": 8}
    options = small if network in ("dcgan_discriminator", "patchgan") else {}
    raw = {
        "method": method,
        "hparams": {"z_dim": 2},
        "network": {"generator": {"name": "mlp"}, "discriminator": {"name": network} | options},
        "data": where,
        "batch_size": 8,
        "total_steps": 1,
    }
    return Trainer(resolve(raw), "cpu")


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("data", ["ring", "digits"])
def test_a_network_is_differentiable_twice_or_refused_before_anything_is_written(
    network, data, tmp_path
):
    for method in METHODS:
        if data in WORKS.get(network, ()):
            assert trainer(method, network, data).run(tmp_path / method)["status"] == "finished"
            continue
        with pytest.raises(UserError) as error:
            trainer(method, network, data)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("network", ["unet", "resnet_generator"])
@pytest.mark.parametrize("method", METHODS)
def test_a_transposed_convolution_is_named(method, network):
    with pytest.raises(UserError) as error:
        trainer(method, network, "digits")
    said, _, named = str(error.value).partition("，例如 ")
    assert said.startswith(f"{method} 要求判别器的二阶导数，飞桨的转置卷积没有")
    assert all("digits" in WORKS[name] for name in named.split("、"))  # 建议的都走得完
