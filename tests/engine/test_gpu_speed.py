"""显卡体检的速度：数运算与手算的相同，几个数互相对得上；没有的数据用噪声代替。"""

import paddle
import pytest
from paddle import nn
from tool_helpers import ROOT

from paddle_gan.data.batches import Images, Unpaired
from paddle_gan.engine.gpu import speed
from paddle_gan.networks.cores import Threads
from paddle_gan.run.build import build_data, build_method, shapes_of
from paddle_gan.run.config import load_config


def config_of(name: str):
    return load_config(ROOT / f"configs/{name}.yml")


class Nets:
    """两层网络，只为数运算。"""

    def __init__(self):
        self.D = nn.Sequential(nn.Conv2D(3, 5, 4, stride=2, padding=1), nn.ReLU())
        self.G = nn.Sequential(nn.Linear(7, 2))
        self.same = self.D  # 同一个网络有两个名字，只数一次
        self.up = nn.Conv2DTranspose(5, 3, 4, stride=2, padding=1)


def test_the_operations_of_each_kind_of_layer_are_those_counted_by_hand():
    nets = Nets()
    with speed.counting(nets) as counted:
        nets.up(nets.D(paddle.zeros([2, 3, 8, 8])))
        nets.G(paddle.zeros([6, 7]))
    # 卷积：2 张 × 输出 4×4 处 × 核 5·3·4·4，一次乘加算两次；转置卷积在输入的 4×4 处，一样多
    assert counted == [2 * 2 * 16 * 240, 2 * 2 * 16 * 240, 2 * 6 * 14]
    nets.G(paddle.zeros([6, 7]))
    assert len(counted) == 3  # 块外不再数


def test_a_step_of_a_gan_is_two_passes_of_g_and_three_of_d():
    config = config_of("gan_ring")
    data = build_data(config, "train")
    method = build_method(config, shapes_of(data))
    weights = {
        letter: sum(p.size for p in network.parameters() if p.ndim == 2)
        for letter, network in method.networks.items()
    }
    # D 那一步：G(z)、D(x)、D(G(z))；G 那一步：G(z)、D(G(z))
    forward = 2 * config.batch_size * (2 * weights["G"] + 3 * weights["D"])
    assert speed.step_flops(method, config, data) == speed.PASSES * forward


def test_the_numbers_of_a_config_agree_with_each_other():
    made = speed.training_speed("gan_ring", config_of("gan_ring"), "cpu", 1e12, seconds=0.1)
    numbers = made.numbers
    assert numbers["images_per_second"] == pytest.approx(256 * numbers["steps_per_second"])
    share = numbers["steps_per_second"] * numbers["flops_per_step"] / 1e12
    assert numbers["share_of_peak"] == pytest.approx(share) and 0 < share < 1
    assert numbers["memory_bytes"] is None and "显存问不到" in made.finding.text
    assert Threads.count > 0  # 数完运算，卷积换回快的


def test_a_critic_that_is_updated_more_often_takes_more_pictures():
    config = config_of("wgan_ring")  # 一步取五批
    numbers = speed.training_speed("wgan_ring", config, "cpu", 1e12, seconds=0.1).numbers
    images = config.hparams["n_critic"] * config.batch_size
    assert numbers["images_per_second"] == pytest.approx(images * numbers["steps_per_second"])


def test_the_clock_leaves_the_first_steps_out_and_stops_when_time_is_up(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(speed.time, "perf_counter", lambda: now[0])
    clock = speed.Clock(seconds=10)
    for step, minutes in enumerate((100, 200, 300, 304, 308), start=1):
        now[0] = minutes
        clock(step, {}, {})
    assert (clock.steps, clock.spent) == (2, 8)
    now[0] = 312
    with pytest.raises(speed.Stop):
        clock(6, {}, {})
    assert (clock.steps, clock.spent) == (3, 12)


@pytest.mark.parametrize(
    "name, kind, shape",
    [("stesha_03", Images, (3, 32, 32)), ("cyclegan_horse2zebra", Unpaired, (3, 256, 256))],
)
def test_pictures_you_would_have_to_bring_are_replaced_by_noise_and_it_is_said(
    name, kind, shape, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(speed, "STAND_IN", 3)
    data, note = speed.data_of(config_of(name))
    assert "噪声" in note and data.shape == shape
    batch = data.batch(kind, tuple(range(n) for n in data.lengths(kind)), None)
    assert all(part.shape == (3, *shape) and part.std() > 0.5 for part in batch)
    assert speed.data_of(config_of("gan_ring"))[1] == ""


def test_the_peak_is_a_number_of_operations_per_second():
    assert 1e8 < speed.matmul_peak("cpu", 256, seconds=0.0) < 1e14
