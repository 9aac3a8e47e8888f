"""不怀好意或不走运的图像：要么读成，要么一句话说出是哪个文件；不按它声称的大小去要内存。"""

import os
import struct
import subprocess
import sys
import tracemalloc
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from tool_helpers import ROOT, write_image

from paddle_gan.data import image_files, list_images, read_image
from paddle_gan.data.image_files import MAX_BYTES
from paddle_gan.data.image_header import image_size
from paddle_gan.errors import UserError


def picture(size=(24, 16)) -> Image.Image:
    """左红右蓝。"""
    image = Image.new("RGB", size, (255, 0, 0))
    image.paste((0, 0, 255), (size[0] // 2, 0, *size))
    return image


def frames() -> list[Image.Image]:
    return [picture(), Image.new("RGB", (24, 16), (0, 255, 0))]


def test_a_cmyk_jpeg_has_the_colours_it_was_saved_from(tmp_path):
    picture().convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    assert Image.open(tmp_path / "a.jpg").mode == "CMYK"
    image = read_image(tmp_path / "a.jpg").astype(int)
    assert image.shape == (16, 24, 3)
    assert image[8, 3] == pytest.approx([255, 0, 0], abs=40)
    assert image[8, 20] == pytest.approx([0, 0, 255], abs=40)


@pytest.mark.parametrize("extension", [".png", ".webp", ".gif"])
def test_an_animation_gives_its_first_frame(extension, tmp_path):
    first, *rest = frames()
    options = {"save_all": True, "append_images": rest, "duration": 100, "lossless": True}
    first.save(tmp_path / f"a{extension}", **options)
    with Image.open(tmp_path / f"a{extension}") as saved:
        assert saved.n_frames == 2
    image = read_image(tmp_path / f"a{extension}")
    assert np.abs(image.astype(int) - np.asarray(first)).max() <= 8


@pytest.mark.parametrize("name", ["a.gif", "a.png"])
def test_a_gif_is_listed_and_read_whatever_its_name(name, tmp_path):
    first, *rest = frames()
    first.save(tmp_path / name, "GIF", save_all=True, append_images=rest)
    assert [path.name for path in list_images(tmp_path)] == [name]
    image = read_image(tmp_path / name).astype(int)
    assert image.shape == (16, 24, 3)
    assert image[8, 3] == pytest.approx([255, 0, 0], abs=8)
    assert image[8, 20] == pytest.approx([0, 0, 255], abs=8)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_mode_pillow_saves_as_png_reads_as_three_channels(mode, tmp_path):
    value, kind = {"1": (255, np.uint8), "I;16": (40_000, np.uint16)}.get(mode, (200, np.uint8))
    grey = Image.fromarray(np.full((8, 8), value, kind))
    grey = grey if mode == "I;16" else grey.convert(mode)
    assert grey.mode == mode
    grey.save(tmp_path / "a.png")
    seen = read_image(tmp_path / "a.png").astype(int)
    expected = round(value / 257) if mode == "I;16" else value
    assert seen.shape == (8, 8, 3) and np.abs(seen - expected).max() <= 1


@pytest.mark.parametrize(
    "content, name", [(".jpg", "a.png"), (".png", "a.jpeg"), (".webp", "a.bmp")]
)
def test_a_wrong_extension_is_no_harm(content, name, tmp_path):
    pixels = np.full((8, 8, 3), (0, 0, 255), np.uint8)
    (tmp_path / name).write_bytes(cv2.imencode(content, pixels)[1].tobytes())
    assert read_image(tmp_path / name)[4, 4] == pytest.approx([255, 0, 0], abs=8)


def lying_header(extension: str, side: int) -> bytes:
    """一张小图，头里却写着 side × side 像素。"""
    data = bytearray(cv2.imencode(extension, np.zeros((20, 30, 3), np.uint8))[1].tobytes())
    if extension == ".bmp":
        struct.pack_into("<ii", data, 18, side, side)
    elif extension == ".jpg":
        at = data.index(b"\xff\xc0")
        struct.pack_into(">HH", data, at + 5, side, side)
    else:
        for tag in (256, 257):  # TIFF 的宽与高；类型 3 是 SHORT，4 是 LONG
            at = max(data.find(struct.pack("<HH", tag, kind)) for kind in (3, 4))
            struct.pack_into("<HHII", data, at, tag, 4, 1, side)
    return bytes(data)


@pytest.mark.parametrize("extension", [".bmp", ".jpg", ".tif"])
def test_a_pixel_bomb_of_any_format_is_refused_before_decoding(extension, tmp_path, monkeypatch):
    def decode(*args):
        raise AssertionError("解码器不该被调用")

    (tmp_path / f"bomb{extension}").write_bytes(lying_header(extension, 30_000))
    monkeypatch.setattr(cv2, "imdecode", decode)
    with pytest.raises(UserError, match="30000×30000 像素，超过上限"):
        read_image(tmp_path / f"bomb{extension}")


def test_a_webp_bomb_in_the_extended_container_is_refused(tmp_path):
    simple = cv2.imencode(".webp", np.zeros((20, 30, 3), np.uint8))[1].tobytes()
    canvas = (29_999).to_bytes(3, "little") * 2
    body = b"WEBP" + b"VP8X" + struct.pack("<II", 10, 0) + canvas + simple[12:]
    (tmp_path / "a.webp").write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    with pytest.raises(UserError, match="30000×30000"):
        read_image(tmp_path / "a.webp")


def test_a_huge_file_is_refused_without_reading_it(tmp_path, monkeypatch):
    path = write_image(tmp_path / "a.png", np.zeros((8, 8, 3), np.uint8))
    os.truncate(path, MAX_BYTES + 1)  # 稀疏文件，不占磁盘

    def read(self):
        raise AssertionError("不该读它")

    monkeypatch.setattr(Path, "read_bytes", read)
    with pytest.raises(UserError, match=r"a\.png 有 1,073,741,825 字节，超过上限"):
        read_image(path)


def jpeg_with_a_decoy(marker: bytes, side: int) -> bytes:
    """SOI 之后插一个没有长度的标记：把接着的 FF E0 当作长度来跳，就落在注释里的假帧头上。"""
    real = lying_header(".jpg", side)
    assert real[2:4] == b"\xff\xe0"
    decoy = b"\xff\xc0" + struct.pack(">HBHH", 11, 8, 10, 10) + bytes(4)
    before = bytes(0xFFE0 - 18 - 4)  # 前面还有 18 字节的 APP0 与 4 字节的注释头
    comment = b"\xff\xfe" + struct.pack(">H", 2 + len(before) + len(decoy)) + before + decoy
    data = real[:2] + marker + real[2:20] + comment + real[20:]
    assert data[4 + 0xFFE0 :].startswith(decoy)
    return data


@pytest.mark.parametrize("second", [0x00, 0x01, *range(0xD0, 0xD9)], ids=hex)
def test_a_marker_without_a_length_does_not_hide_the_real_frame(second):
    assert image_size(jpeg_with_a_decoy(bytes([0xFF, second]), 30_000)) == (30_000, 30_000)


def test_of_repeated_tiff_tags_the_first_counts_as_in_the_decoder(tmp_path):
    tags = [(256, 4), (256, 2), (257, 3), (257, 1), (258, 8), (259, 1), (262, 1), (273, 8)]
    tags += [(277, 1), (278, 3), (279, 12)]
    entries = b"".join(struct.pack("<HHII", tag, 3, 1, value) for tag, value in tags)
    directory = struct.pack("<H", len(tags)) + entries + bytes(4)
    data = b"II*\0" + struct.pack("<I", 20) + bytes(12) + directory
    (tmp_path / "a.tif").write_bytes(data)
    assert read_image(tmp_path / "a.tif").shape == (3, 4, 3)
    assert image_size(data) == (4, 3)


def test_the_decoder_itself_refuses_a_bomb_whose_header_was_misread(tmp_path):
    (tmp_path / "a.png").write_bytes(cv2.imencode(".png", np.zeros((20, 30), np.uint8))[1])
    (tmp_path / "bomb.jpg").write_bytes(lying_header(".jpg", 12_000))  # 比 2²⁷ 多，比 OpenCV 的少
    code = (
        "from paddle_gan.data import image_files\n"
        "image_files.image_size = lambda data: (10, 10)\n"
        "print(image_files.read_image('a.png').shape)\n"
        "try:\n"
        "    print(image_files.read_image('bomb.jpg').shape)\n"
        "except image_files.UserError as error:\n"
        "    print(error)\n"
    )
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if not k.startswith("OPENCV")}
        | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "(20, 30, 3)\n文件 bomb.jpg 已损坏，解码失败；请删掉它或换一张\n"


def test_a_big_transparent_picture_is_blended_without_a_many_times_bigger_copy(
    tmp_path, monkeypatch
):
    pixels = np.random.default_rng(0).integers(0, 65536, (600, 700, 4), np.uint16)
    path = write_image(tmp_path / "a.png", pixels)
    assert path.stat().st_size < 8 * pixels.size
    whole = read_image(path)
    # c = ⌊(c·a + 65535·(65535 − a)) / 65535 + 1/2⌋，再除以 257
    colour, alpha = pixels[..., 2::-1].astype(np.int64), pixels[..., 3:].astype(np.int64)
    blended = (colour * alpha + 65535 * (65535 - alpha) + 32767) // 65535
    assert np.array_equal(whole, (blended + 128) // 257)

    monkeypatch.setattr(image_files, "BLOCK", 1000)  # 700 × 600 不是它的整倍数也不要紧
    tracemalloc.start()
    seen = read_image(path)
    peak = tracemalloc.get_traced_memory()[1] - path.stat().st_size
    tracemalloc.stop()
    assert np.array_equal(seen, whole)
    assert peak < 24 * 600 * 700  # 字节；一次算完要 52
