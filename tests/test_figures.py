"""图的中文：字体随包带着，常用字都有，缺字查得出来，样式不外泄。"""

import matplotlib
import numpy as np
import pytest

from paddle_gan import figures


def drawn(text: str) -> np.ndarray:
    """把一行字画在白底上，返回灰度像素。"""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with figures.style():
        figure = matplotlib.figure.Figure(figsize=(1, 1))
        figure.text(0.2, 0.3, text, fontsize=40)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., 0].astype(int)


def test_the_font_is_small_and_its_licence_lies_beside_it():
    assert figures.FONT.stat().st_size < 1_000_000
    licence = (figures.FONT.parent / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence and "Adobe" in licence


def test_the_font_has_the_common_characters_and_the_symbols_of_the_formulas():
    rows, cells = range(0xB0, 0xD8), range(0xA1, 0xFF)
    common = b"".join(bytes([r, c]) for r in rows for c in cells).decode("gb2312", "ignore")
    assert len(common) == 3755
    assert set(common) <= figures.covered()
    assert set("ABCxyz019，。：；“”（）‖∇θψλσγημ√±≤≥≠∞∂Δ·×→−²★●") <= figures.covered()


def test_a_missing_glyph_is_found_and_a_covered_one_is_not():
    with figures.style():
        figure, axes = figures.new_figure()
        axes[0, 0].set_title("判别器")
        assert figures.missing_glyphs(figure) == set()
        axes[0, 0].set_xlabel("𪚥")
        assert figures.missing_glyphs(figure) == {"𪚥"}


def test_characters_are_drawn_as_themselves_not_as_boxes():
    one, other = drawn("学"), drawn("习")
    assert (one < 128).sum() > 50
    assert abs(one - other).mean() > 5


def test_the_style_ends_with_its_block():
    before = dict(matplotlib.rcParams)
    with figures.style():
        assert matplotlib.rcParams["font.family"] == [figures.FAMILY]
    assert dict(matplotlib.rcParams) == before


def test_the_same_figure_gives_the_same_file(tmp_path):
    for name in ("a.png", "b.png"):
        with figures.style():
            figure, axes = figures.new_figure(2, 1)
            assert axes.shape == (1, 2)
            axes[0, 0].plot([1, 2], label="损失")
            figures.save_png(figure, tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("a, b", [(0, 1), (0, 2), (1, 2), (2, 3)])
def test_the_colours_differ_in_lightness_too(a, b):
    """红绿色盲分不出色相时，还能靠明暗。"""

    def lightness(color: str) -> float:
        red, green, blue = matplotlib.colors.to_rgb(color)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    assert abs(lightness(figures.COLORS[a]) - lightness(figures.COLORS[b])) > 0.03
