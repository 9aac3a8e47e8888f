"""读写图像文件：各种通道布局、方向、坏文件。"""

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from paddle_gan.data import list_images, read_image, write_png
from paddle_gan.data.image_header import image_size, orientation
from paddle_gan.errors import UserError

RED = (255, 0, 0)


def encode(path, array, extension=None):
    """按 OpenCV 的 BGR 约定写文件，与被测代码互不相干。"""
    path.write_bytes(cv2.imencode(extension or path.suffix, array)[1].tobytes())
    return path


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width, height, colour_type, *chunks):
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    body = b"".join(chunks)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


def exif(value):
    entry = struct.pack("<HHII", 274, 3, 1, value)
    return b"II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4)


def corners():
    """2×3 的图，四个角颜色不同（BGR），方向错了一定看得出。"""
    image = np.zeros((16, 24, 3), np.uint8)
    image[:8, :12], image[:8, 12:] = (0, 0, 255), (0, 255, 0)
    image[8:, :12], image[8:, 12:] = (255, 0, 0), (255, 255, 255)
    return image


@pytest.mark.parametrize("extension", [".png", ".bmp", ".webp", ".tif", ".jpg"])
def test_red_stays_red_in_every_format(tmp_path, extension):
    path = encode(tmp_path / f"red{extension}", np.full((8, 8, 3), RED[::-1], np.uint8))
    image = read_image(path)
    assert image.shape == (8, 8, 3) and image.dtype == np.uint8
    assert image[4, 4] == pytest.approx(RED, abs=4)


def test_write_png_takes_rgb_and_reads_back_exactly(tmp_path):
    image = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    path = tmp_path / "新目录" / "样本.png"
    write_png(path, image)
    assert np.array_equal(read_image(path), image)
    raw = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    assert np.array_equal(raw[..., ::-1], image)
    assert [file.name for file in path.parent.iterdir()] == ["样本.png"]  # 不留临时文件


@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 1)])
def test_write_png_takes_grey(tmp_path, shape):
    image = np.arange(24, dtype=np.uint8).reshape(shape)
    write_png(tmp_path / "grey.png", image)
    assert np.array_equal(read_image(tmp_path / "grey.png", 1)[..., 0], image.reshape(4, 6))


def test_grey_files_serve_three_channels_and_colour_files_serve_one(tmp_path):
    grey = encode(tmp_path / "grey.png", np.full((4, 4), 77, np.uint8))
    assert read_image(grey, 3)[0, 0].tolist() == [77, 77, 77]
    assert read_image(grey, 1).shape == (4, 4, 1)
    red = encode(tmp_path / "red.png", np.full((4, 4, 3), RED[::-1], np.uint8))
    assert read_image(red, 1)[0, 0, 0] == round(0.299 * 255)  # 亮度里红占 0.299；若当成蓝是 0.114


def test_transparent_pixels_are_composited_over_white(tmp_path):
    image = np.zeros((1, 3, 4), np.uint8)
    image[0, :, 2] = 255  # 红
    image[0, :, 3] = (0, 128, 255)
    path = encode(tmp_path / "alpha.png", image)
    assert read_image(path)[0].tolist() == [[255, 255, 255], [255, 127, 127], [255, 0, 0]]


@pytest.mark.parametrize("extra", [None, 2])
def test_transparent_tiff_is_composited_over_white_once(tmp_path, extra):
    # 2×1 的未压缩 RGBA；ExtraSamples = 2 时 libtiff 会先把颜色乘上透明度，没有这个标签时不会
    pixels = bytes([250, 0, 0, 100] * 2)
    tags = [(256, 2), (257, 1), (258, 8), (259, 1), (262, 2), (273, 8), (277, 4), (278, 1)]
    tags += [(279, len(pixels))] + ([(338, extra)] if extra else [])
    entries = b"".join(struct.pack("<HHII", tag, 3, 1, value) for tag, value in tags)
    directory = struct.pack("<H", len(tags)) + entries + bytes(4)
    path = tmp_path / "alpha.tif"
    path.write_bytes(b"II*\0" + struct.pack("<I", 16) + pixels + directory)
    # c' = (250·100 + 255·155) / 255 与 (0·100 + 255·155) / 255
    assert read_image(path)[0, 0].astype(int) == pytest.approx([253, 155, 155], abs=1)


@pytest.mark.parametrize("transparent", [False, True])
def test_palette_png_is_expanded(tmp_path, transparent):
    rows = zlib.compress(b"\0\x01\x00" * 2)  # 两行，每行两个像素：1、0
    palette = chunk(b"PLTE", bytes([0, 0, 255, 255, 10, 20]))
    alpha = chunk(b"tRNS", bytes([255, 0])) if transparent else b""
    path = tmp_path / "palette.png"
    path.write_bytes(png(2, 2, 3, palette, alpha, chunk(b"IDAT", rows)))
    first = [255, 255, 255] if transparent else [255, 10, 20]
    assert read_image(path)[0].tolist() == [first, [0, 0, 255]]


def test_sixteen_bit_images_are_scaled_to_eight(tmp_path):
    grey = encode(tmp_path / "g.png", np.array([[0, 257, 32896, 65535]], np.uint16))
    assert read_image(grey, 1).ravel().tolist() == [0, 1, 128, 255]
    colour = encode(tmp_path / "c.png", np.full((2, 2, 3), (0, 257 * 9, 65535), np.uint16))
    assert read_image(colour)[0, 0].tolist() == [255, 9, 0]
    alpha = encode(tmp_path / "a.png", np.full((2, 2, 4), (0, 0, 65535, 0), np.uint16))
    assert read_image(alpha)[0, 0].tolist() == [255, 255, 255]
    levels = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    read = read_image(encode(tmp_path / "l.png", levels), 1)[..., 0]
    assert np.array_equal(read, np.rint(levels / 257))  # 没有一级落在两级正中


def test_half_a_picture_left_by_a_killed_process_is_replaced_by_the_next_one(tmp_path):
    (tmp_path / ".样本.png.tmp").write_bytes(b"\x89PNG half")
    write_png(tmp_path / "样本.png", np.zeros((4, 4, 3), np.uint8))
    assert [path.name for path in tmp_path.iterdir()] == ["样本.png"]


UPRIGHT = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: np.rot90(a, 2),
    4: lambda a: a[::-1],
    5: lambda a: np.transpose(a, (1, 0, 2)),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(np.transpose(a, (1, 0, 2)), 2),
    8: lambda a: np.rot90(a, 1),
}


@pytest.mark.parametrize("value", range(1, 9))
@pytest.mark.parametrize("kind", ["jpg", "png", "alpha.png", "webp"])
def test_exif_orientation_turns_the_picture_upright(tmp_path, kind, value):
    stored = corners()
    if kind == "jpg":
        data = cv2.imencode(".jpg", stored, [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes()
        body = b"Exif\0\0" + exif(value)
        data = data[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + data[2:]
    elif kind == "webp":
        # 容器 VP8X 里依次放像素块与 EXIF 块；标志 0x08 表示有 EXIF
        simple = cv2.imencode(".webp", stored, [cv2.IMWRITE_WEBP_QUALITY, 101])[1].tobytes()
        canvas = (23).to_bytes(3, "little") + (15).to_bytes(3, "little")
        extended = b"VP8X" + struct.pack("<II", 10, 0x08) + canvas
        metadata = b"EXIF" + struct.pack("<I", len(exif(value))) + exif(value)
        body = b"WEBP" + extended + simple[12:] + metadata
        data = b"RIFF" + struct.pack("<I", len(body)) + body
    else:
        alpha = np.full((16, 24, 1), 255, np.uint8)
        pixels = np.concatenate([stored, alpha], axis=2) if kind == "alpha.png" else stored
        data = cv2.imencode(".png", pixels)[1].tobytes()
        data = data[:33] + chunk(b"eXIf", exif(value)) + data[33:]
    path = tmp_path / f"photo.{kind}"
    path.write_bytes(data)
    expected = UPRIGHT[value](stored[..., ::-1])
    seen = read_image(path)
    assert seen.shape == expected.shape
    assert np.abs(seen[2::4, 2::4].astype(int) - expected[2::4, 2::4]).max() < 40


@pytest.mark.parametrize("extension", [".png", ".jpg", ".bmp", ".webp", ".tif"])
def test_header_size_agrees_with_the_decoder(extension):
    data = cv2.imencode(extension, np.zeros((37, 53, 3), np.uint8))[1].tobytes()
    assert image_size(data) == (53, 37)
    assert orientation(data) == 1
    for cut in range(0, min(len(data), 200), 7):
        image_size(data[:cut])  # 头在任何地方断掉都不抛异常
        orientation(data[:cut])


def test_webp_variants_report_their_size():
    image = np.random.default_rng(0).integers(0, 255, (20, 30, 4), dtype=np.uint8)
    for quality in (50, 101):  # 有损与无损
        data = cv2.imencode(".webp", image, [cv2.IMWRITE_WEBP_QUALITY, quality])[1].tobytes()
        assert image_size(data) == (30, 20)


@pytest.mark.parametrize("content", [b"", b"hello, I am a text file", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_is_no_image_is_named(tmp_path, content):
    path = tmp_path / "假图.png"
    path.write_bytes(content)
    with pytest.raises(UserError, match="假图.png 不是图像（空文件、不完整，或内容与扩展名不符）"):
        read_image(path)


@pytest.mark.parametrize("extension", [".png", ".webp", ".jpg"])
def test_a_truncated_image_is_named(tmp_path, extension):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    data = cv2.imencode(extension, noise)[1].tobytes()
    path = tmp_path / f"half{extension}"
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(UserError, match=f"half{extension} 已损坏"):
        read_image(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UserError, match=r"文件 .*absent.png 打不开（没有这个文件"):
        read_image(tmp_path / "absent.png")


def test_a_huge_header_is_refused_before_decoding(tmp_path, monkeypatch):
    def decode(*_):
        raise AssertionError("解码器不该被调用")

    path = tmp_path / "bomb.png"
    path.write_bytes(png(30_000, 30_000, 2, chunk(b"IDAT", zlib.compress(b""))))
    monkeypatch.setattr(cv2, "imdecode", decode)
    with pytest.raises(UserError, match=r"bomb.png 有 30000×30000 像素，超过上限 134,217,728"):
        read_image(path)


def test_float_images_are_refused(tmp_path):
    path = encode(tmp_path / "float.tif", np.full((4, 4), 0.5, np.float32))
    with pytest.raises(UserError, match="像素类型是 float32，只支持 8 位与 16 位；请先转换"):
        read_image(path)


def test_images_are_listed_in_natural_order_recursively(tmp_path):
    names = ["img10.PNG", "img2.jpg", "b/1.webp", "a/10.tif", "a/9.TIFF", "img2a.bmp", "x²1.jpeg"]
    hidden = [".ipynb_checkpoints/img2.jpg", "._img2.jpg", "notes.txt"]
    for name in names + hidden:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    listed = [path.relative_to(tmp_path).as_posix() for path in list_images(tmp_path)]
    assert listed == [
        *("a/9.TIFF", "a/10.tif", "b/1.webp"),
        *("img2.jpg", "img2a.bmp", "img10.PNG", "x²1.jpeg"),
    ]


def test_listing_says_what_is_wrong_with_the_folder(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="找不到图像目录 .*absent"):
        list_images(tmp_path / "absent")
    with pytest.raises(UserError, match="file 是一个文件；这里要的是装着图像的目录"):
        list_images(Path(tmp_path / "file"))
    with pytest.raises(UserError, match="empty 里没有图像；.*扩展名可以是 png jpg jpeg"):
        list_images(tmp_path / "empty")
