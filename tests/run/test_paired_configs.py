"""一个配置说自己是另一个的对照：两份只差它说的那几处。"""

import pytest

from paddle_gan.run.config import load_config

METHOD = {"method", "hparams"}  # 换了方法，超参数的名字也换
PAIRS = [
    ("few_avatars", "few_avatars_plain", {"diff_augment"}),
    ("gan_grid", "pac_gan_grid", METHOD),
    ("gan_grid", "r1_grid", METHOD),
    ("gan_grid", "r3gan_grid", METHOD),
    # 用时一样多：评论器每步练三次，步数就少
    ("r3gan_avatars", "wgan_gp_avatars_long", METHOD | {"total_steps", "sample_every", "metrics"}),
]


@pytest.mark.parametrize(("one", "other", "apart"), PAIRS)
def test_two_configs_called_a_pair_differ_only_where_they_say(one, other, apart):
    first, second = (load_config(f"configs/{name}.yml").model_dump() for name in (one, other))
    differing = {key for key in first if first[key] != second[key]}
    assert differing - {"log_every", "checkpoint_every"} == apart


def test_the_three_cures_of_the_grid_keep_the_rates_of_the_patient():
    patient = load_config("configs/gan_grid.yml").hparams
    for name in ("pac_gan_grid", "r1_grid", "r3gan_grid"):
        cured = load_config(f"configs/{name}.yml").hparams
        for key in ("z_dim", "lr_D", "lr_G", "beta1"):
            assert cured[key] == patient[key], (name, key)
