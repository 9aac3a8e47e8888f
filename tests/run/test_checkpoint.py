"""检查点：恢复训练逐位相同；不合适、损坏、太新的文件用一句中文拒绝，且不动内存里的方法。"""

import json
import pickle
import struct

import numpy as np
import paddle
import pytest
from helpers import IDLE, TINY, same, tiny_batches, tiny_method
from safetensors.numpy import load_file, save_file

from paddle_gan.engine.loop import Stop, fit
from paddle_gan.errors import UserError
from paddle_gan.methods import METHODS
from paddle_gan.run.checkpoint import Progress, load_checkpoint, save_checkpoint
from paddle_gan.run.checkpoint_file import FORMAT, encode, read_checkpoint

each_method = pytest.mark.parametrize("name", METHODS)
TOTAL = 20


def train(name: str, method, start: int = 0, stop: int = TOTAL):
    """按 TOTAL 步的计划，从第 start + 1 步训练到第 stop 步（像被 Ctrl-C 打断一样）；返回批序列。"""
    batches = tiny_batches(name, method, batch_size=2, position=start * TINY[name].batches)

    def interrupt(step, logs, record):
        if step == stop:
            raise Stop

    try:
        fit(method, batches, [interrupt], seed=3, start=start, total_steps=TOTAL)
    except Stop:
        assert stop <= TOTAL
    return batches


def saved(path, method, step: int = 0) -> dict[str, np.ndarray]:
    """存一次，返回文件里的全部张量。"""
    save_checkpoint(path, method, Progress(step=step, position=step))
    return load_file(path)


def everything(method) -> dict[str, np.ndarray]:
    """内存里的全部网络张量（含 BN 的累计统计量）、优化器状态与方法自己的状态，按次序编号。"""
    found = {}
    for letter, network in method.networks.items():
        for key, tensor in network.state_dict().items():
            found[f"{letter}/{key}"] = tensor.numpy().copy()
    for player, optimizer in method.optimizers.items():
        tensors = [v for v in optimizer.state_dict().values() if isinstance(v, paddle.Tensor)]
        for i, tensor in enumerate(tensors):
            found[f"{player}/{i}"] = tensor.numpy().copy()
    return found | {key: tensor.numpy().copy() for key, tensor in method.state().items()}


@pytest.fixture(scope="module")
def ten_steps(tmp_path_factory):
    """每个方法训练 10 步后的检查点，按名字取；整个文件只训练一次。"""
    folder, made = tmp_path_factory.mktemp("checkpoints"), {}

    def path(name: str):
        if name not in made:
            method = tiny_method(name)
            batches = train(name, method, stop=10)
            made[name] = folder / f"{name}.safetensors"
            save_checkpoint(made[name], method, Progress(10, batches.position, best=0.25))
        return made[name]

    return path


# 恢复训练


@each_method
def test_ten_steps_a_checkpoint_and_ten_more_equal_twenty_steps_bit_by_bit(
    name, ten_steps, tmp_path
):
    straight = tiny_method(name)
    batches = train(name, straight)
    save_checkpoint(tmp_path / "straight", straight, Progress(TOTAL, batches.position))

    resumed = tiny_method(name, seed=8)  # 另一组初始权重，参数的内部名也不同
    names = [{p.name for p in m.parameters(tuple(m.networks))} for m in (straight, resumed)]
    assert not names[0] & names[1]
    progress = load_checkpoint(ten_steps(name), resumed)
    assert progress == Progress(10, 10 * TINY[name].batches, 0.25)
    halfway = everything(resumed)
    batches = train(name, resumed, start=progress.step)
    save_checkpoint(tmp_path / "resumed", resumed, Progress(TOTAL, batches.position))

    one, two = load_file(tmp_path / "straight"), load_file(tmp_path / "resumed")
    kinds = {key.split("/")[0] for key in one}
    assert kinds == {"network", "optimizer"} | ({"method"} if straight.state() else set())
    assert one.keys() == two.keys()
    assert [key for key in one if one[key].tobytes() != two[key].tobytes()] == []
    assert (tmp_path / "straight").read_bytes() == (tmp_path / "resumed").read_bytes()
    assert same(everything(straight), everything(resumed))
    assert not same(everything(straight), halfway)


@each_method
def test_forgetting_the_optimizer_state_would_not_give_the_same_weights(name, ten_steps):
    # 上一个测试能失败：只装网络就接不上
    resumed, forgetful = tiny_method(name, seed=8), tiny_method(name, seed=8)
    load_checkpoint(ten_steps(name), resumed)
    load_checkpoint(ten_steps(name), forgetful, weights_only=True)
    for method in (resumed, forgetful):
        train(name, method, start=10, stop=11)
    one, two = (
        {k: v for k, v in everything(m).items() if k.split("/")[0] in m.generators}
        for m in (resumed, forgetful)
    )
    assert not same(one, two)


@each_method
def test_a_checkpoint_holds_every_parameter_and_every_accumulator(name, ten_steps):
    header, tensors = read_checkpoint(ten_steps(name))
    assert (header["step"], header["best"]) == (10, 0.25)
    method = tiny_method(name)
    for letter, network in method.networks.items():
        for key in network.state_dict():
            assert f"network/{letter}/{key}" in tensors
    for player in method.players.keys() - IDLE.get(name, set()):
        for letter in method.players[player]:
            for key, p in method.networks[letter].named_parameters():
                owned = [k for k in tensors if k.startswith(f"optimizer/{player}/{letter}/{key}|")]
                assert bool(owned) == p.trainable
                shapes = [tensors[k].shape for k in owned]
                assert not p.trainable or shapes.count(tuple(p.shape)) >= 2


@each_method
def test_loading_into_the_method_that_went_on_training_takes_it_back(name, ten_steps):
    method = tiny_method(name)
    train(name, method, stop=12)
    load_checkpoint(ten_steps(name), method)
    fresh = tiny_method(name, seed=8)
    load_checkpoint(ten_steps(name), fresh)
    for each in (method, fresh):
        train(name, each, start=10, stop=13)
    assert same(everything(method), everything(fresh))


@pytest.mark.skipif(
    paddle.__version__ < "3",
    reason="飞桨 2.6 的优化器到第一步才装上读来的状态；训练总是先走一步再存",
)
@each_method
def test_saving_right_after_loading_gives_the_same_file(name, ten_steps, tmp_path):
    method = tiny_method(name, seed=8)
    progress = load_checkpoint(ten_steps(name), method)
    save_checkpoint(tmp_path / "again", method, progress)
    assert (tmp_path / "again").read_bytes() == ten_steps(name).read_bytes()


def test_a_parameter_name_that_begins_with_another_one_keeps_its_own_accumulators(tmp_path):
    straight = tiny_method("gan")
    for parameter, name in zip(straight.D.parameters(), ("p", "p_q", "p_q_r", "s"), strict=True):
        parameter.name = name
    train("gan", straight, stop=10)
    save_checkpoint(tmp_path / "last", straight, Progress(10, 20))
    resumed = tiny_method("gan", seed=8)
    load_checkpoint(tmp_path / "last", resumed)
    for method in (straight, resumed):
        train("gan", method, start=10, stop=11)
    assert same(everything(straight), everything(resumed))


def test_a_method_resumed_twice_in_one_process_keeps_its_base_learning_rate(tmp_path):
    # 笔记本里：训练、打断、用同一个对象 --resume。学习率衰减不能叠加
    method = tiny_method("cyclegan", decay_from=0.0)
    train("cyclegan", method, stop=10)
    save_checkpoint(tmp_path / "last", method, Progress(10, 10))
    load_checkpoint(tmp_path / "last", method)
    train("cyclegan", method, start=10, stop=11)
    expected = 2e-4 * (1 - 10 / TOTAL)
    assert method.optimizers["G"].get_lr() == pytest.approx(expected, rel=1e-6)


def test_loading_only_the_weights_leaves_the_optimizer_and_the_pool_empty(ten_steps):
    method = tiny_method("cyclegan", seed=8)
    load_checkpoint(ten_steps("cyclegan"), method, weights_only=True)
    tensors = load_file(ten_steps("cyclegan"))
    for letter, network in method.networks.items():
        for key, tensor in network.state_dict().items():
            assert np.array_equal(tensor.numpy(), tensors[f"network/{letter}/{key}"])
    assert method.state() == {}
    assert not any(
        isinstance(v, paddle.Tensor) for v in method.optimizers["G"].state_dict().values()
    )


# 对不上


def refused(path, method, match: str) -> None:
    """load 抛出 UserError，消息符合 match，而且 method 一点没变。"""
    before = everything(method)
    with pytest.raises(UserError, match=match):
        load_checkpoint(path, method)
    assert same(before, everything(method))


@each_method
def test_a_network_of_another_width_is_refused_and_the_tensor_is_named(name, ten_steps):
    refused(ten_steps(name), tiny_method(name, network={"width": 5}), r"network/\w+/.*\w+\.")


@pytest.mark.parametrize(
    ("saved_as", "loaded_as"),
    [("gan", "dcgan"), ("dcgan", "cyclegan"), ("cyclegan", "gan"), ("wgan", "wgan_gp")],
)
def test_the_checkpoint_of_a_method_with_other_networks_is_refused_and_the_tensor_is_named(
    saved_as, loaded_as, ten_steps
):
    refused(ten_steps(saved_as), tiny_method(loaded_as), r"network/\w+/layers\.\d")


@pytest.mark.parametrize("saved_as", ["dcgan", "wgan"])
def test_the_checkpoint_of_a_method_with_the_same_networks_is_refused_too(saved_as, ten_steps):
    # dcgan 与 wgan 的网络可以完全相同，但一个用 Adam，一个用 RMSProp
    loaded_as = {"dcgan": "wgan", "wgan": "dcgan"}[saved_as]
    assert TINY["dcgan"].generator == TINY["wgan"].generator
    refused(ten_steps(saved_as), tiny_method(loaded_as), "moment|mean_square|方法")


def edited(source, target, change, header=None):
    """改动一个好的检查点：change(tensors) 就地改张量，header 换掉文件头。"""
    original, tensors = read_checkpoint(source)
    change(tensors)
    target.write_bytes(encode(original if header is None else header, tensors))
    return target


@pytest.mark.parametrize("kind", ["network", "optimizer"])
def test_a_checkpoint_that_lacks_one_tensor_is_refused(kind, ten_steps, tmp_path):
    def drop(tensors):
        del tensors[next(key for key in tensors if key.startswith(f"{kind}/G/"))]

    path = edited(ten_steps("dcgan"), tmp_path / "x.safetensors", drop)
    refused(path, tiny_method("dcgan"), f"{kind}/G")


@pytest.mark.parametrize("kind", ["network/G/extra", "optimizer/G/G/extra|moment1_0"])
def test_a_checkpoint_with_one_tensor_too_many_is_refused(kind, ten_steps, tmp_path):
    def add(tensors):
        tensors[kind] = np.zeros(3, np.float32)

    path = edited(ten_steps("dcgan"), tmp_path / "x.safetensors", add)
    refused(path, tiny_method("dcgan"), "extra")


def test_an_optimizer_accumulator_of_the_wrong_shape_is_refused(ten_steps, tmp_path):
    def squash(tensors):
        key = next(k for k in tensors if k.startswith("optimizer/G/") and tensors[k].ndim == 4)
        tensors[key] = tensors[key][:1]

    path = edited(ten_steps("dcgan"), tmp_path / "x.safetensors", squash)
    refused(path, tiny_method("dcgan"), "optimizer/G")


@pytest.mark.parametrize("kind", ["network", "optimizer"])
def test_a_tensor_of_another_type_is_refused(kind, ten_steps, tmp_path):
    def round_down(tensors):
        # 最后一个：前面的权重这时也不许换掉
        key = [k for k in tensors if k.startswith(f"{kind}/") and tensors[k].ndim == 4][-1]
        tensors[key] = tensors[key].astype(np.int64)

    path = edited(ten_steps("dcgan"), tmp_path / "x.safetensors", round_down)
    refused(path, tiny_method("dcgan"), f"{kind}/.*int64")


# 损坏、太新、不是检查点


@pytest.mark.parametrize("keep", [0, 4, 8, 100, 0.5, -1])
def test_a_truncated_file_is_refused(keep, ten_steps, tmp_path):
    content = ten_steps("dcgan").read_bytes()
    cut = content[: int(keep * len(content)) if isinstance(keep, float) else keep]
    (tmp_path / "x.safetensors").write_bytes(cut)
    refused(tmp_path / "x.safetensors", tiny_method("dcgan"), "已损坏")


def flip(source, target, position: int):
    content = bytearray(source.read_bytes())
    content[position] ^= 0x10
    target.write_bytes(content)
    return target


@pytest.mark.parametrize("position", [0, 3, 7, 8, 9, 200])
def test_a_bit_flip_in_the_header_is_refused(position, ten_steps, tmp_path):
    path = flip(ten_steps("dcgan"), tmp_path / "x.safetensors", position)
    refused(path, tiny_method("dcgan"), "已损坏|不是同一个网络")


def test_a_bit_flip_in_the_step_count_is_refused(ten_steps, tmp_path):
    # "step": 10 变成 "step": 30：仍是合法的 JSON
    position = ten_steps("dcgan").read_bytes().index(b'step\\": 10') + len(b'step\\": ')
    content = bytearray(ten_steps("dcgan").read_bytes())
    content[position] ^= 0x02
    (tmp_path / "x.safetensors").write_bytes(content)
    refused(tmp_path / "x.safetensors", tiny_method("dcgan"), "已损坏")


@pytest.mark.parametrize("fraction", [0.3, 0.6, 0.99])
def test_a_bit_flip_in_the_weights_is_refused(fraction, ten_steps, tmp_path):
    content = ten_steps("dcgan").read_bytes()
    start = 8 + struct.unpack("<Q", content[:8])[0]
    position = start + int(fraction * (len(content) - start))
    path = flip(ten_steps("dcgan"), tmp_path / "x.safetensors", position)
    refused(path, tiny_method("dcgan"), "已损坏")


@pytest.mark.parametrize(
    ("header", "match"),
    [
        ({"format": FORMAT + 1, "step": 1, "position": 1, "best": None}, "格式版本.*升级"),
        ({"format": FORMAT}, "已损坏"),
        ({"format": FORMAT, "step": "ten", "position": 1, "best": None}, "已损坏"),
        ([1, 2], "已损坏"),
        ("text", "已损坏"),
        ({}, "已损坏"),
    ],
    ids=["newer", "no-step", "step-is-text", "list", "text", "empty"],
)
def test_a_header_that_is_newer_or_incomplete_is_refused(header, match, ten_steps, tmp_path):
    path = edited(ten_steps("dcgan"), tmp_path / "x.safetensors", lambda tensors: None, header)
    refused(path, tiny_method("dcgan"), match)


def test_files_that_are_not_our_checkpoints_are_refused(tmp_path):
    method = tiny_method("dcgan")
    refused(tmp_path / "missing.safetensors", method, "找不到检查点")
    refused(tmp_path, method, "找不到检查点")
    (tmp_path / "text").write_text("你好", encoding="utf-8")
    refused(tmp_path / "text", method, "已损坏，或不是本工具写的")
    save_file({"a": np.zeros(2, np.float32)}, tmp_path / "foreign")
    refused(tmp_path / "foreign", method, "已损坏，或不是本工具写的")
    (tmp_path / "pickled").write_bytes(pickle.dumps({"a": 1}))
    refused(tmp_path / "pickled", method, "已损坏，或不是本工具写的")


def test_a_description_nested_too_deeply_is_refused(tmp_path):
    metadata = {"paddle_gan": "[" * 200_000}
    save_file({"a": np.zeros(2, np.float32)}, tmp_path / "deep", metadata)
    refused(tmp_path / "deep", tiny_method("dcgan"), "已损坏，或不是本工具写的")


def test_a_checkpoint_is_plain_safetensors_without_any_pickle(ten_steps, tmp_path, monkeypatch):
    def forbidden(*args, **kwargs):
        raise AssertionError("不许用 pickle")

    for function in ("load", "loads", "dump", "dumps", "Pickler", "Unpickler"):
        monkeypatch.setattr(pickle, function, forbidden)
    for function in ("load", "save"):
        monkeypatch.setattr(paddle, function, forbidden)
    method = tiny_method("cyclegan")
    load_checkpoint(ten_steps("cyclegan"), method)
    train("cyclegan", method, start=10, stop=11)
    tensors = saved(tmp_path / "x.safetensors", method)

    # 文件的每个字节都有着落：8 字节长度 + JSON 头 + 首尾相接的张量
    content = (tmp_path / "x.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__")
    ranges = sorted(entry["data_offsets"] for entry in header.values())
    assert ranges[0][0] == 0 and ranges[-1][1] == len(content) - 8 - length
    assert all(a[1] == b[0] for a, b in zip(ranges, ranges[1:]))
    assert {entry["dtype"] for entry in header.values()} <= {"F32", "I64", "I32"}
    assert header.keys() == tensors.keys()


def test_a_failed_write_leaves_the_old_checkpoint_in_place(ten_steps, tmp_path, monkeypatch):
    path = tmp_path / "last.safetensors"
    path.write_bytes(ten_steps("gan").read_bytes())

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UserError, match="已有的文件没有改动"):
        save_checkpoint(path, tiny_method("gan"), Progress())
    assert path.read_bytes() == ten_steps("gan").read_bytes()
