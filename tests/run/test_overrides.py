"""-o 换了名字以后：旧名字专有的选项不再用，说一声；你自己写的留着，错了才怪你。"""

from pathlib import Path

import pytest
import yaml

from paddle_gan.errors import UserError
from paddle_gan.run.config import load_config, resolve

ROOT = Path(__file__).resolve().parents[2]
EMOJI, DIGITS = ROOT / "configs/dcgan_emoji.yml", ROOT / "configs/gan_digits.yml"


def test_another_data_set_does_not_inherit_the_options_of_the_first(capsys):
    config = load_config(EMOJI, ["data.name=image_folder", "data.root=照片"])
    assert config.data["name"] == "image_folder" and "categories" not in config.data
    assert config.data["root"] == Path("照片")
    said = "提示：data.name 换成了 image_folder，配置文件里写给 emoji 的 data.categories 不再用\n"
    assert capsys.readouterr().err == said


def test_what_is_missing_is_said_and_nothing_else_is_blamed(capsys):
    with pytest.raises(UserError) as caught:
        load_config(EMOJI, ["data.name=image_folder"])
    assert str(caught.value) == "data.root 必须写明：写进配置，或用 -o data.root=…"
    assert capsys.readouterr().err == ""


def test_an_option_both_data_sets_know_is_kept_and_one_you_wrote_is_never_dropped(tmp_path, capsys):
    raw = yaml.safe_load(EMOJI.read_text(encoding="utf-8"))
    raw["data"]["size"] = 16
    (tmp_path / "c.yml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    options = ["data.name=image_folder", "data.root=x"]
    assert load_config(tmp_path / "c.yml", options).data["size"] == 16
    capsys.readouterr()
    with pytest.raises(UserError, match="未知的键 data.categories"):
        load_config(EMOJI, [*options, "data.categories=[Flags]"])
    assert capsys.readouterr().err == ""


def test_the_same_name_again_or_a_whole_new_section_drops_nothing(capsys):
    assert load_config(EMOJI, ["data.name=emoji"]).data["categories"] == ["Smileys & Emotion"]
    assert load_config(EMOJI, ["data={name: emoji}"]).data["categories"] is None
    assert capsys.readouterr().err == ""


def test_another_method_or_network_leaves_its_own_options_behind_too(tmp_path, capsys):
    raw = {
        "method": "wgan_gp",
        "hparams": {"z_dim": 7, "gp_weight": 3.0, "n_critic": 2},
        "network": {
            "generator": {"name": "dcgan_generator", "width": 8, "norm": "none"},
            "discriminator": {"name": "dcgan_discriminator"},
        },
        "data": {"name": "digits"},
        "batch_size": 4,
        "total_steps": 1,
    }
    (tmp_path / "c.yml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    config = load_config(tmp_path / "c.yml", ["method=dcgan", "network.generator.name=mlp"])
    assert config.hparams["z_dim"] == 7 and "gp_weight" not in config.hparams
    assert config.network["generator"]["width"] == 8 and "norm" not in config.network["generator"]
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "提示：network.generator.name 换成了 mlp，"
        "配置文件里写给 dcgan_generator 的 network.generator.norm 不再用",
        "提示：method 换成了 dcgan，"
        "配置文件里写给 wgan_gp 的 hparams.gp_weight、hparams.n_critic 不再用",
    ]


@pytest.mark.parametrize("bad", ["data.name=imagefolder", "data.name=[1]", "method=dcgn", "data=3"])
def test_a_misspelled_name_is_the_only_thing_blamed(bad, capsys):
    with pytest.raises(UserError) as caught:
        load_config(EMOJI, [bad])
    assert "categories" not in str(caught.value) and capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "overrides, inherited",
    [
        ([], set()),
        (["total_steps=3"], set()),
        (["metrics.samples=50"], set()),
        (["data={name: ring}"], {"names", "best"}),
        (["data.size=16"], {"names", "best"}),
        (["method=gan"], {"names", "best"}),
        (["data.size=16", "metrics.best=fd_lenet"], {"names"}),
        (["data.size=16", "metrics.names=[fd_lenet]"], {"best"}),
        (["metrics.names=[]"], {"best"}),
        (["metrics.names=[fd_lenet]", "metrics.best=fd_lenet"], set()),
        (["data.size=16", "metrics={names: [fd_lenet]}"], set()),
    ],
)
def test_which_metrics_were_not_chosen_by_you(overrides, inherited):
    config = load_config(DIGITS, overrides)
    assert config.inherited == inherited
    again = resolve(yaml.safe_load(config.dump()))
    assert again.inherited == set() and "inherited" not in config.dump()


def test_a_tilde_in_a_path_of_the_data_is_the_home_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    config = load_config(EMOJI, ["data={name: image_folder, root: ~/照片}"])
    assert config.data["root"] == tmp_path / "照片"
    two = load_config(EMOJI, ["method=cyclegan", "data={name: unpaired_folders, x: ~/a, y: b~/c}"])
    assert two.data["x"] == tmp_path / "a" and two.data["y"] == Path("b~/c")
    assert two.data["test_x"] is None


def test_another_encoder_leaves_the_options_of_the_first_behind(capsys):
    path = ROOT / "configs/mr_gan_ring.yml"
    encoder = load_config(path, ["network.encoder.name=patchgan"]).network["encoder"]
    assert encoder["name"] == "patchgan" and "depth" not in encoder
    said = "配置文件里写给 mlp 的 network.encoder.depth 不再用"
    assert said in capsys.readouterr().err
