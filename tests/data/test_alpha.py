"""不透明度：与颜色同在一个位置、同一个方向；16 位的也认得；写成 PNG，别的程序读得到原样的颜色。"""

import numpy as np
import pytest
from PIL import Image, ImageOps
from tool_helpers import write_image

from paddle_gan.data.image_files import inspect_image, write_png

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def coloured(height: int, width: int) -> np.ndarray:
    """RGBA：左上角红、右上角绿、左下角蓝，别处白；不透明度每个像素都不同。"""
    image = np.full((height, width, 4), 255, np.uint8)
    image[0, 0, :3], image[0, -1, :3], image[-1, 0, :3] = RED, GREEN, BLUE
    image[..., 3] = 100 + np.arange(height * width).reshape(height, width)
    return image


def test_another_program_reads_the_colours_and_the_alpha_that_were_written(tmp_path):
    image = coloured(3, 5)
    write_png(tmp_path / "a.png", image)
    with Image.open(tmp_path / "a.png") as read:
        assert (read.mode, read.size) == ("RGBA", (5, 3))
        assert np.array_equal(np.asarray(read), image)


@pytest.mark.parametrize("turned", range(1, 9))
def test_alpha_is_turned_upright_with_its_colours(turned, tmp_path):
    exif = Image.Exif()
    exif[274] = turned
    Image.fromarray(coloured(3, 5)).save(tmp_path / "a.png", exif=exif)
    with Image.open(tmp_path / "a.png") as read:
        upright = np.asarray(ImageOps.exif_transpose(read))
    seen = inspect_image(tmp_path / "a.png")
    assert seen.alpha.shape == seen.image.shape[:2] == ((5, 3) if turned >= 5 else (3, 5))
    assert np.array_equal(seen.alpha, upright[..., 3])
    # 叠在白底上：红的角还是偏红
    colour, alpha = upright[..., :3].astype(float), upright[..., 3:] / 255
    assert np.abs(seen.image - (colour * alpha + 255 * (1 - alpha))).max() <= 1


@pytest.mark.parametrize(
    ("lowest", "shown"), [(65535, None), (65534, 255), (40000, 156), (255, 1), (0, 0)]
)
def test_sixteen_bit_alpha_is_measured_on_its_own_scale(lowest, shown, tmp_path):
    image = np.full((2, 3, 4), 65535, np.uint16)
    image[1, 0, 3] = lowest
    alpha = inspect_image(write_image(tmp_path / "a.png", image)).alpha
    if shown is None:
        assert alpha is None
    else:
        assert alpha.tolist() == [[255, 255, 255], [shown, 255, 255]]
