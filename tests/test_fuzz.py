"""乱七八糟的输入：要么读成，要么是一句说清楚的 UserError；没有别的异常，也不会卡住。"""

import io
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from tool_helpers import ROOT, tiny_run

from paddle_gan.data.image_files import read_image
from paddle_gan.errors import UserError
from paddle_gan.monitor.recorder import read_records
from paddle_gan.monitor.run_view import load_run
from paddle_gan.run.checkpoint_file import read_checkpoint
from paddle_gan.run.config import Config, load_config, resolve
from paddle_gan.run.run import Run

MANY = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
CONFIGS = sorted((ROOT / "configs").glob("*.yml"))
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**25), 10**25),
    st.floats(),  # 含 nan 与 inf
    st.sampled_from([1e308, -1, 0, 10**9, "", "是", "\n", "x" * 1000, "2e-4", "null"]),
    st.text(max_size=8),
)
VALUES = st.recursive(
    SCALARS, lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=5), x, max_size=3)
)


def allowed(function, *arguments):
    """结果，或 None：抛出的只能是 UserError，而且是一行中文。"""
    try:
        return function(*arguments)
    except UserError as error:
        text = str(error)
        assert text and len(text) < 5000
        assert any("\u4e00" <= c <= "\u9fff" for c in text), text
        return None


def places(tree, path=()):
    """一棵 YAML 树里的每个位置。"""
    yield path
    if isinstance(tree, dict):
        for key in tree:
            yield from places(tree[key], (*path, key))


@MANY
@given(data=st.data())
def test_a_config_with_one_value_replaced_is_valid_or_refused_in_one_sentence(data):
    raw = yaml.safe_load(data.draw(st.sampled_from(CONFIGS)).read_text(encoding="utf-8"))
    path = data.draw(st.sampled_from([p for p in places(raw) if p]))
    node = raw
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = data.draw(VALUES)
    made = allowed(resolve, raw)
    assert made is None or isinstance(made, Config)


@MANY
@given(content=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_a_config_file_of_any_bytes(content, tmp_path):
    (tmp_path / "a.yml").write_bytes(content)
    assert allowed(load_config, tmp_path / "a.yml") is None


@MANY
@given(data=st.data())
def test_a_config_file_with_a_piece_cut_out_or_repeated(data, tmp_path):
    text = data.draw(st.sampled_from(CONFIGS)).read_text(encoding="utf-8")
    a, b = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    broken = (
        text[:a] + data.draw(st.sampled_from(["", text[a:b] * 2, "\x00", "&a [*a]"])) + text[b:]
    )
    (tmp_path / "a.yml").write_text(broken, encoding="utf-8")
    allowed(load_config, tmp_path / "a.yml")


def damaged(data, content: bytes) -> bytes:
    """截断、翻转一位、插入或换成别的字节。"""
    at = data.draw(st.integers(0, len(content) - 1))
    how = data.draw(st.sampled_from(["cut", "flip", "insert", "zero"]))
    if how == "cut":
        return content[:at]
    if how == "flip":
        return (
            content[:at]
            + bytes([content[at] ^ 1 << data.draw(st.integers(0, 7))])
            + content[at + 1 :]
        )
    if how == "insert":
        return content[:at] + data.draw(st.binary(min_size=1, max_size=9)) + content[at:]
    return content[:at] + bytes(min(64, len(content) - at)) + content[at + 64 :]


@MANY
@given(data=st.data())
def test_a_damaged_checkpoint_is_refused_or_unchanged(data, tmp_path):
    whole = Run(tiny_run("gan")).checkpoint("last")
    path = tmp_path / "a.safetensors"
    path.write_bytes(damaged(data, whole.read_bytes()))
    read = allowed(read_checkpoint, path)
    if read is not None:
        header, tensors = read_checkpoint(whole)
        assert read[0] == header and read[1].keys() == tensors.keys()
        assert all(np.array_equal(read[1][name], tensors[name]) for name in tensors)


@MANY
@given(data=st.data())
def test_a_damaged_record_file(data, tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(damaged(data, Run(tiny_run("gan")).metrics_file.read_bytes()))
    records = allowed(read_records, path)
    assert records is None or all(isinstance(r["step"], int) for r in records)


@MANY
@given(data=st.data(), name=st.sampled_from(["config.yml", "run.json", "metrics.jsonl"]))
def test_a_run_folder_with_one_damaged_file(data, name, tmp_path):
    folder = tmp_path / "run"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(tiny_run("gan"), folder)
    (folder / name).write_bytes(damaged(data, (folder / name).read_bytes()))
    allowed(Run(folder).load)
    allowed(lambda: load_run("a", folder, 0).diagnosis())


def encoded(extension: str) -> bytes:
    """一张小的彩色图。"""
    image = np.random.default_rng(0).integers(0, 256, (12, 10, 3), np.uint8)
    if extension == ".gif":
        buffer = io.BytesIO()
        frames = [Image.fromarray(image), Image.fromarray(image[::-1])]
        frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
        return buffer.getvalue()
    return cv2.imencode(extension, image)[1].tobytes()


EXTENSIONS = (".png", ".jpg", ".bmp", ".webp", ".tiff", ".gif", ".ppm")
IMAGES = {extension: encoded(extension) for extension in EXTENSIONS}
IMAGES[".pgm"] = b"P2\n3 2\n# note\n100\n0 50 100\n25 75 10\n"


@MANY
@given(data=st.data(), extension=st.sampled_from(list(IMAGES)))
def test_a_damaged_image(data, extension, tmp_path):
    path = tmp_path / f"图{extension}"
    path.write_bytes(damaged(data, IMAGES[extension]))
    image = allowed(read_image, path, 3)
    assert image is None or (image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3)


@pytest.mark.parametrize("name", ["空 格.png", "中文😀.png", "a\nb.png", "-rf.png", "%s{}.png"])
def test_strange_file_names(name, tmp_path):
    (tmp_path / name).write_bytes(IMAGES[".png"])
    assert read_image(tmp_path / name, 3).shape == (12, 10, 3)


def test_bytes_that_are_not_utf_8_are_named(tmp_path):
    path: Path = tmp_path / "metrics.jsonl"
    path.write_bytes(b'{"step": 1}\n\xff\xfe\n{"step": 2}\n')
    with pytest.raises(UserError, match="metrics.jsonl"):
        read_records(path)
