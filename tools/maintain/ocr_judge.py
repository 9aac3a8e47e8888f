"""请一个别人训练好的文字识别来认译文：认出来正是那个字的比例，旁边是不翻译的与真值。

    pip install rapidocr-onnxruntime
    python tools/maintain/ocr_judge.py runs/cyclegan gallery:cyclegan_64  # 一个或几个训练目录

RapidOCR（PP-OCRv4 的中文识别，权重在它的包里）没有见过这里的任何一张图。它只管认不认得出，原样
照抄的黑体也认得，所以要与检索、风格一起看。认的是 x2y 的译文，500 个测试字，训练时没有见过。
"""

from collections.abc import Callable

import _above  # noqa: F401
import _cli
import cv2
import numpy as np

from paddle_gan.data import Glyphs, Pair
from paddle_gan.evaluation.scorers_samples import translations
from paddle_gan.run import runtime
from paddle_gan.run.build import build_data
from paddle_gan.run.gallery import shown
from paddle_gan.run.run import Run

SIDE, MARGIN = 48, 8  # 识别网络的高是 48 像素；字的四周留白


def picture(glyph: np.ndarray) -> np.ndarray:
    """一个字 (1, H, W)，白纸 +1、墨 −1 → 四周留白的 uint8 (SIDE, SIDE, 3)。"""
    gray = np.clip((glyph[0] + 1) * 127.5, 0, 255).astype(np.uint8)
    inner = SIDE - 2 * MARGIN
    gray = cv2.resize(gray, (inner, inner), interpolation=cv2.INTER_CUBIC)
    gray = cv2.copyMakeBorder(gray, *[MARGIN] * 4, cv2.BORDER_CONSTANT, value=255)
    return np.repeat(gray[..., None], 3, axis=2)


def recognised(glyphs: np.ndarray, characters: str, read: Callable[[np.ndarray], str]) -> float:
    """认出来正是那个字的比例；glyphs 是 (N, 1, H, W)，characters 是这 N 个字。"""
    hits = [read(picture(g)) == c for g, c in zip(glyphs, characters, strict=True)]
    return float(np.mean(hits))


def reader() -> Callable[[np.ndarray], str]:
    """RapidOCR 的识别：一张图 → 认出的字（认不出是空串）；没有安装时抛出 UserError。"""
    try:
        from rapidocr_onnxruntime import RapidOCR
    except ModuleNotFoundError as error:
        raise _cli.UserError(f"没有 {error.name}；请先 pip install rapidocr-onnxruntime") from None
    engine = RapidOCR()

    def read(image: np.ndarray) -> str:
        found, _ = engine(image, use_det=False, use_cls=False, use_rec=True)
        return found[0][0].strip() if found else ""

    return read


def judged(run: Run, read: Callable[[np.ndarray], str]) -> dict[str, float]:
    """{译文, 不翻译, 真值} 各认出多少；不是字形的翻译时抛出 UserError。"""
    config, method = run.load()
    test = build_data(config, "test")
    if not isinstance(test, Glyphs):
        raise _cli.UserError(f"{shown(run.folder)} 的数据是 {config.data['name']}；只认字形的翻译")
    (length,) = test.lengths(Pair)
    x, y = test.batch(Pair, (np.arange(length),), np.random.default_rng(0))
    rows = {"译文": translations(method, x), "不翻译": x, "真值": y}
    characters = test.characters("y")
    return {name: recognised(glyphs, characters, read) for name, glyphs in rows.items()}


def main() -> None:
    parser = _cli.parser(__doc__)
    _cli.add_runs(parser)
    args = parser.parse_args()
    runtime.set_device("cpu")
    read = reader()
    for folder in args.runs:
        found = "  ".join(
            f"{name} {value:.3f}" for name, value in judged(Run(folder), read).items()
        )
        print(f"{shown(folder)}：认出来的比例  {found}")


if __name__ == "__main__":
    _cli.run(main)
