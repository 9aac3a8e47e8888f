"""常见的与少见的格式：读得出就读，像素与 Pillow 的相同；读不出时不往终端写没头没尾的英文。"""

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image
from tool_helpers import write_image

from paddle_gan.data import list_images, read_image
from paddle_gan.data.image_files import inspect_image
from paddle_gan.data.image_header import essential_png, image_size
from paddle_gan.errors import UserError

RED_BLUE = np.zeros((6, 10, 3), np.uint8)  # 左红右蓝，6 高 10 宽
RED_BLUE[:, :5, 0] = RED_BLUE[:, 5:, 2] = 255


@pytest.mark.parametrize("extension", [".jfif", ".jpe", ".JFIF"])
def test_other_names_of_jpeg_are_read(extension, tmp_path):
    Image.fromarray(RED_BLUE).resize((40, 24)).save(tmp_path / f"a{extension}", "JPEG", quality=95)
    (file,) = list_images(tmp_path)
    image = read_image(file).astype(int)
    assert image.shape == (24, 40, 3)
    assert image[12, 5] == pytest.approx([255, 0, 0], abs=12)
    assert image[12, 35] == pytest.approx([0, 0, 255], abs=12)


GREY = [[0, 50, 100], [25, 75, 10]]
PNM = {
    "plain grey": (b"P2 3 2 100\n0 50 100 25 75 10\n", 100),
    "raw grey": (b"P5\n# note\n3 2\n100\n" + bytes([0, 50, 100, 25, 75, 10]), 100),
    "raw grey of ten bits": (
        b"P5\n3 2 1000\n" + struct.pack(">6H", 0, 500, 1000, 250, 750, 100),
        100,
    ),
}


@pytest.mark.parametrize("data, top", PNM.values(), ids=PNM)
def test_the_brightest_value_a_pgm_names_is_white(data, top, tmp_path):
    (tmp_path / "a.pgm").write_bytes(data)
    assert image_size(data) == (3, 2)
    (file,) = list_images(tmp_path)
    image = read_image(file, 1)[..., 0]
    assert image.astype(int) == pytest.approx(np.array(GREY) * 255 / top, abs=1)


@pytest.mark.parametrize("name", ["a.ppm", "a.pnm"])
def test_a_colour_pnm_keeps_its_places(name, tmp_path):
    (tmp_path / name).write_bytes(b"P6 10 6 255\n" + RED_BLUE.tobytes())
    assert np.array_equal(read_image(*list_images(tmp_path)), RED_BLUE)
    (tmp_path / name).write_bytes(b"P3 1 1 15\n15 0 5\n")
    assert read_image(tmp_path / name)[0, 0].tolist() == [255, 0, 85]


def test_a_bitmap_of_ones_is_black(tmp_path):
    (tmp_path / "a.pbm").write_bytes(b"P1\n# note\n3 1\n1 0 1\n")
    assert read_image(*list_images(tmp_path))[0, :, 0].tolist() == [0, 255, 0]


@pytest.mark.parametrize("data", [b"P5\n20 20\n255\n" + bytes(5), b"P2 3 2 100\n1 2", b"P6 3"])
def test_half_a_pnm_is_named(data, tmp_path):
    (tmp_path / "a.pgm").write_bytes(data)
    with pytest.raises(UserError, match=r"a\.pgm (已损坏|不是图像)"):
        read_image(tmp_path / "a.pgm")


def gif(transparent: bool = False) -> bytes:
    buffer = io.BytesIO()
    image = Image.fromarray(RED_BLUE).quantize(4)
    options = {"transparency": image.getpixel((0, 0))} if transparent else {}
    image.save(buffer, "GIF", **options)
    return buffer.getvalue()


def test_a_gif_keeps_its_places_and_its_transparency_becomes_white(tmp_path):
    (tmp_path / "a.gif").write_bytes(gif())
    seen = inspect_image(tmp_path / "a.gif")
    assert np.array_equal(seen.image, RED_BLUE) and not seen.transparent and not seen.animated
    (tmp_path / "b.gif").write_bytes(gif(transparent=True))
    seen = inspect_image(tmp_path / "b.gif")
    assert seen.transparent
    assert seen.image[3, 2].tolist() == [255, 255, 255] and seen.image[3, 8].tolist() == [0, 0, 255]


def test_a_gif_frame_reaching_out_of_its_screen_counts_with_its_real_size(tmp_path):
    data = bytearray(gif())
    at = data.index(b"\x2c", 13 + 3 * 4)  # 四色的调色板之后，第一帧的描述
    struct.pack_into("<4H", data, at + 1, 60_000, 60_000, 10, 6)
    assert image_size(bytes(data)) == (60_010, 60_006)
    (tmp_path / "a.gif").write_bytes(data)
    with pytest.raises(UserError, match="60010×60006 像素，超过上限"):
        read_image(tmp_path / "a.gif")


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_half_a_gif_is_named(share, tmp_path):
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40), np.uint8)).save(
        buffer, "GIF"
    )
    data = buffer.getvalue()
    (tmp_path / "a.gif").write_bytes(data[: int(len(data) * share)])
    with pytest.raises(UserError, match=r"a\.gif (已损坏|不是图像)"):
        read_image(tmp_path / "a.gif")


@pytest.mark.parametrize(
    "kind, options, expected",
    [
        ("GIF", {}, True),
        ("PNG", {}, True),
        ("WEBP", {"lossless": True}, True),
        ("TIFF", {}, False),  # 几页的文档不是动图
    ],
)
def test_animations_are_known_by_their_header(kind, options, expected, tmp_path):
    first = Image.fromarray(RED_BLUE)
    rest = [Image.fromarray(RED_BLUE[:, ::-1])]
    first.save(tmp_path / "many", kind, save_all=True, append_images=rest, **options)
    first.save(tmp_path / "one", kind)
    assert inspect_image(tmp_path / "many").animated is expected
    assert inspect_image(tmp_path / "one").animated is False
    assert np.array_equal(read_image(tmp_path / "many"), RED_BLUE)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def with_chunks(data: bytes, *chunks: bytes) -> bytes:
    """在 IHDR 之后插几块。"""
    return data[:33] + b"".join(chunks) + data[33:]


BAD_CHUNKS = {
    "colour profile that is no profile": chunk(b"iCCP", b"x\0\0" + zlib.compress(b"junk" * 40)),
    "colour profile that is cut": chunk(b"iCCP", b"x\0\0" + zlib.compress(b"junk" * 40)[:5]),
    "gamma of zero": chunk(b"gAMA", bytes(4)),
    "wrong checksum": chunk(b"tEXt", b"a\0b")[:-1] + b"\0",
    "background out of range": chunk(b"bKGD", bytes(1)),
}


@pytest.mark.parametrize("bad", BAD_CHUNKS.values(), ids=BAD_CHUNKS)
def test_a_png_with_a_bad_side_note_is_read_without_a_word(bad, tmp_path, capfd):
    plain = write_image(tmp_path / "a.png", RED_BLUE[..., ::-1]).read_bytes()
    (tmp_path / "a.png").write_bytes(with_chunks(plain, bad))
    assert np.array_equal(read_image(tmp_path / "a.png"), RED_BLUE)
    assert capfd.readouterr().err == ""


def test_what_decides_the_pixels_of_a_png_is_kept(tmp_path):
    image = Image.fromarray(RED_BLUE).quantize(4)
    image.save(tmp_path / "a.png", transparency=image.getpixel((0, 0)))
    data = (tmp_path / "a.png").read_bytes()
    assert b"tRNS" in data and essential_png(data) == data
    assert read_image(tmp_path / "a.png")[3, 2].tolist() == [255, 255, 255]


@pytest.mark.parametrize("place", [25, -20, -5], ids=["header", "pixels", "end"])
def test_a_png_with_one_flipped_bit_is_named_and_libpng_says_nothing(place, tmp_path, capfd):
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    data = bytearray(cv2.imencode(".png", pixels)[1].tobytes())
    data[place] ^= 1
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(UserError, match=r"a\.png 已损坏"):
        read_image(tmp_path / "a.png")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("extension", [".png", ".jpg", ".bmp", ".webp", ".tif"])
def test_a_truncated_file_is_named_and_the_decoder_says_nothing(extension, tmp_path, capfd):
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    path = write_image(tmp_path / f"a{extension}", pixels)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    # 这里的 TIFF 把目录写在末尾，断了就连头也没有
    why = "不是图像" if extension == ".tif" else "已损坏"
    with pytest.raises(UserError, match=rf"a{extension} {why}"):
        read_image(path)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"avif"])
def test_a_phone_photo_under_another_name_is_told_what_it_is(brand, tmp_path):
    (tmp_path / "IMG.jpg").write_bytes(b"\0\0\0\x18ftyp" + brand + bytes(50))
    with pytest.raises(
        UserError, match=r"IMG\.jpg 是 HEIC 或 AVIF，这里读不了；请先转成 JPEG 或 PNG"
    ):
        read_image(tmp_path / "IMG.jpg")
    (tmp_path / "IMG.jpg").write_bytes(b"\0\0\0\x18ftypisom" + bytes(50))  # 视频
    with pytest.raises(UserError, match=r"IMG\.jpg 不是图像"):
        read_image(tmp_path / "IMG.jpg")
