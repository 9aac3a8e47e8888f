"""装成包（pip install .）之后缺不缺东西：代码之外的文件都在 pyproject.toml 的 package-data 里。"""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "paddle_gan"
NOT_PACKAGED = {".py", ".pyc", ".lock", ".tmp"}


def packaged() -> set[Path]:
    """package-data 的几个样式一共带上哪些文件。"""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    [patterns] = re.findall(r"package-data\]\npaddle_gan = (\[.*?\])", text, re.DOTALL)
    return {path for pattern in ast.literal_eval(patterns) for path in PACKAGE.glob(pattern)}


def test_every_file_beside_the_code_is_packaged():
    beside = {path for path in PACKAGE.rglob("*") if path.is_file()}
    beside = {path for path in beside if path.suffix not in NOT_PACKAGED}
    assert beside - packaged() == set()
    assert {path for path in packaged() if path.suffix in NOT_PACKAGED} == set()
