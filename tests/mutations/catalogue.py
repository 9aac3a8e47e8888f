"""把每一处代码故意弄坏的清单：*.yml，手写，一条一个真实会犯的错。

一条：name 是名字；why 说这是什么错；file 里唯一的一处 old 换成 new；
tests 是应当发现它的测试文件（最便宜的）；这些没发现时再跑同一份 yml 的 wider，还没发现才算漏网。
"""

import ast
import hashlib
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Mutation:
    """一处故意的错。"""

    name: str
    why: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]  # 相对仓库的路径
    wider: tuple[str, ...]  # 没发现时再跑的，不含 tests

    def fingerprint(self) -> str:
        """改的内容变了，以前的结果就作废。"""
        text = "\0".join((self.file, self.old, self.new))
        return hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]

    def apply(self, source: str) -> str:
        """弄坏之后的源码；old 不是恰好一处、改完不是合法的 Python 时抛出 ValueError。"""
        if source.count(self.old) != 1:
            raise ValueError(f"{self.name}：old 在 {self.file} 里有 {source.count(self.old)} 处")
        broken = source.replace(self.old, self.new)
        try:
            ast.parse(broken)
        except SyntaxError as error:
            raise ValueError(f"{self.name}：改完不是合法的 Python：{error}") from None
        return broken


def test_files(patterns: list[str]) -> tuple[str, ...]:
    """tests/ 下与这些通配符相配的文件，相对仓库的路径，按写的次序。"""
    found = [path for pattern in patterns for path in sorted((ROOT / "tests").glob(pattern))]
    return tuple(dict.fromkeys(path.relative_to(ROOT).as_posix() for path in found))


def read_catalogue(path: Path) -> list[Mutation]:
    """一份 yml 里的全部。"""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    wider, mutations = test_files(raw["wider"]), []
    for entry in raw["mutations"]:
        tests = test_files(entry.pop("tests"))
        rest = tuple(name for name in wider if name not in tests)
        mutations.append(Mutation(**entry, tests=tests, wider=rest))
    return mutations


def all_mutations() -> list[Mutation]:
    """全部 yml，按文件名与书写次序。"""
    return [m for path in sorted(FOLDER.glob("*.yml")) for m in read_catalogue(path)]
