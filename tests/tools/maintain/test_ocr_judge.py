"""请别人的文字识别来认译文：递过去的图是正的、黑字白纸；比例数得对；用不了时一句话说清。"""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from tool_helpers import load_tool

from paddle_gan.data import Glyphs
from paddle_gan.errors import UserError
from paddle_gan.run import gallery
from paddle_gan.run.run import Run

judge = load_tool("ocr_judge")


def test_the_picture_is_upright_black_on_white_with_a_margin():
    glyph = np.ones((1, 32, 32), np.float32)
    glyph[0, :4, 20:] = -1  # 右上角一块墨
    picture = judge.picture(glyph)
    assert picture.shape == (judge.SIDE, judge.SIDE, 3) and picture.dtype == np.uint8
    rows, columns = np.nonzero(picture[..., 0] < 128)
    assert rows.max() < judge.SIDE / 2 < columns.min()
    assert (picture[: judge.MARGIN] == 255).all() and (picture[:, -judge.MARGIN :] == 255).all()


def test_the_share_counts_exact_characters_only():
    glyphs = np.ones((4, 1, 32, 32), np.float32)
    said = iter(["永", "水", "", "永和"])
    assert judge.recognised(glyphs, "永永永永", lambda _: next(said)) == 0.25
    assert judge.recognised(glyphs[:1], "永", lambda _: "永") == 1.0
    with pytest.raises(ValueError):
        judge.recognised(glyphs, "永", lambda _: "永")


def test_translation_copy_and_truth_are_judged_against_the_same_characters():
    test, asked = Glyphs(split="test"), []
    method = SimpleNamespace(translate=lambda part, direction: asked.append(direction) or -part)
    run = SimpleNamespace(
        load=lambda: (SimpleNamespace(data={"name": "glyphs", "split": "test"}), method)
    )
    seen = []

    def read(image):
        seen.append(image)
        return "字"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judge, "build_data", lambda config, split: test)
        found = judge.judged(run, read)
    n = len(test.codepoints)
    share = test.characters("y").count("字") / n
    assert found == {"译文": share, "不翻译": share, "真值": share} and set(asked) == {"x2y"}
    # 次序：译文（这里是反相的原字）、原字、真值
    assert np.array_equal(seen[n], judge.picture(test.x_images[0].transpose(2, 0, 1) / 127.5 - 1))
    assert seen[0].mean() < seen[n].mean()
    assert np.array_equal(
        seen[2 * n], judge.picture(test.y_images[0].transpose(2, 0, 1) / 127.5 - 1)
    )


def test_without_the_reader_or_on_other_data_one_sentence_names_the_way_out(monkeypatch):
    monkeypatch.setitem(sys.modules, "rapidocr_onnxruntime", None)
    with pytest.raises(UserError, match="pip install rapidocr-onnxruntime"):
        judge.reader()
    with pytest.raises(UserError, match="gallery:gan_ring 的数据是 ring；只认字形"):
        judge.judged(Run(gallery.GALLERY / "gan_ring"), lambda _: "")
