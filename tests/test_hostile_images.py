"""不怀好意或不走运的图像：要么读成，要么一句话说出是哪个文件；不按它声称的大小去要内存。"""

import os
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from tool_helpers import write_image

from paddle_gan.data import list_images, read_image
from paddle_gan.data.image_files import MAX_BYTES
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


@pytest.mark.parametrize("extension", [".png", ".webp"])
def test_an_animation_gives_its_first_frame(extension, tmp_path):
    first, *rest = frames()
    options = {"save_all": True, "append_images": rest, "duration": 100, "lossless": True}
    first.save(tmp_path / f"a{extension}", **options)
    with Image.open(tmp_path / f"a{extension}") as saved:
        assert saved.n_frames == 2
    image = read_image(tmp_path / f"a{extension}")
    assert np.abs(image.astype(int) - np.asarray(first)).max() <= 8


def test_a_gif_is_not_listed_and_under_another_name_it_is_named(tmp_path):
    first, *rest = frames()
    first.save(tmp_path / "a.gif", save_all=True, append_images=rest)
    with pytest.raises(UserError, match="没有图像"):
        list_images(tmp_path)
    (tmp_path / "a.gif").rename(tmp_path / "a.png")
    with pytest.raises(UserError, match=r"a\.png 不是图像"):
        read_image(tmp_path / "a.png")


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
