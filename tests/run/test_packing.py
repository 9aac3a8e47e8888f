"""随包的权重压小：一位不差，对不上的一律不收。"""

import json
import zlib

import numpy as np
import pytest

from paddle_gan.errors import UserError
from paddle_gan.run.checkpoint_file import encode, read_checkpoint
from paddle_gan.run.packing import Layout, pack, unpack

RNG = np.random.default_rng(0)
TENSORS = {
    "矩阵": (0.02 * RNG.normal(size=(256, 64))).astype(np.float16),
    "统计量": RNG.normal(size=7).astype(np.float32),
    "一个数": np.float32(3.5).reshape([]),
    "空": np.zeros((0, 3), np.float16),
}
HEADER = {"format": 1, "method": "gan", "step": 1, "position": 1, "best": None}


def layouts_of(found: dict) -> dict[str, Layout]:
    return {name: Layout.model_validate(one) for name, one in found.items()}


def test_what_is_packed_comes_back_bit_by_bit_and_is_smaller():
    packed, found = pack(TENSORS)
    back = unpack(packed, layouts_of(found))
    for name, tensor in TENSORS.items():
        assert back[name].dtype == tensor.dtype and back[name].shape == tensor.shape
        assert back[name].tobytes() == tensor.tobytes()
    assert packed["矩阵"].nbytes < 0.95 * TENSORS["矩阵"].nbytes
    # 高位字节全在前一半：只按原来的次序 deflate，差不多压不动
    assert packed["矩阵"].nbytes < len(zlib.compress(TENSORS["矩阵"].tobytes(), 9))


def test_only_floats_of_two_and_four_bytes_are_packed():
    _, found = pack({"整数": np.arange(3)})
    with pytest.raises(ValueError):
        layouts_of(found)


@pytest.mark.parametrize(
    "change",
    [
        {"shape": [256, 63]},  # 解出来的更长
        {"shape": [256, 65]},  # 更短
        {"shape": [10**6, 10**6]},  # 说得很大
        {"dtype": "|O"},
        {"dtype": "<f4"},
    ],
)
def test_a_layout_that_does_not_fit_is_a_damaged_checkpoint(change, tmp_path):
    packed, found = pack(TENSORS)
    found["矩阵"] |= change
    path = tmp_path / "last.safetensors"
    path.write_bytes(encode(HEADER | {"only": ["G"], "packed": found}, packed))
    with pytest.raises(UserError, match="已损坏"):
        read_checkpoint(path)


@pytest.mark.parametrize("data", [b"", b"not zlib", zlib.compress(bytes(4 * 7))[:-1]])
def test_bytes_that_are_not_the_whole_tensor_are_refused(data):
    packed, found = pack({"统计量": TENSORS["统计量"]})
    packed["统计量"] = np.frombuffer(data, np.uint8)
    with pytest.raises(ValueError):
        unpack(packed, layouts_of(found))


def test_names_that_do_not_agree_are_refused():
    packed, found = pack(TENSORS)
    del found["空"]
    with pytest.raises(ValueError, match="对不上"):
        unpack(packed, layouts_of(found))


def test_a_packed_checkpoint_reads_as_float32(tmp_path):
    packed, found = pack(TENSORS)
    path = tmp_path / "last.safetensors"
    path.write_bytes(encode(HEADER | {"only": ["G"], "packed": found}, packed))
    header, tensors = read_checkpoint(path)
    assert header["packed"] == json.loads(json.dumps(found))
    assert {t.dtype for t in tensors.values()} == {np.dtype(np.float32)}
    assert np.array_equal(tensors["矩阵"], TENSORS["矩阵"].astype(np.float32))
