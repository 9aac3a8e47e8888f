"""整理 poems.npz：从 npm 包 chinese-poetry 的《全唐诗》里取五言诗的联（上下两句，十个字）。

四句、八句的五言诗（绝句、律诗与同样长的古诗），由繁体换成简体，只留最常用的 800 个字写成的联。
划分按诗：第 0、6、12……首的联作测试，其余的训练；测试的联里若有一句与训练的某一句至多差一个字，
不要。build_assets.py poems 会用到它；要先 pip install opencc==1.4.2。
"""

import json
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

LINE, COUPLET = 5, 10  # 一句、一联的字数
LENGTHS = (4, 8)  # 几句的诗
VOCABULARY = 800
TEST_EVERY = 6
SAME_LINE = 4  # 五个字里这么多个同处同字，就算同一句
SAME_COUPLET = 8  # 十个字里这么多个同处同字，就算同一联
SOURCE = re.compile(r"package/dist/quantangshi/poet\.tang\.(\d+)\.json")
STOPS = re.compile("[，。！？；、]")
HAN = re.compile("[\u4e00-\u9fff]{5}")  # 一句：恰好五个汉字
CHUNK = 500


def common_characters() -> set[str]:
    """GB 2312 一级汉字，3,755 个：随包的字体都写得出。"""
    cells = (bytes([row, cell]) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return set(b"".join(cells).decode("gb2312", errors="ignore"))


def five_character_poems(tarball: Path) -> Iterator[list[str]]:
    """包里四句、八句的五言诗，照包里的次序，每首是几句（繁体）。"""
    with tarfile.open(tarball) as archive:
        found = {int(m[1]): member for member in archive if (m := SOURCE.fullmatch(member.name))}
        for _, member in sorted(found.items()):
            for poem in json.load(archive.extractfile(member)):
                lines = [line for line in STOPS.split("".join(poem["paragraphs"])) if line]
                # 有缺字、校注的，句子里有别的符号，整首不要
                if len(lines) in LENGTHS and all(map(HAN.fullmatch, lines)):
                    yield lines


def couplets(poems: list[list[str]]) -> dict[str, int]:
    """{联: 第几首诗}；同一联出现几次，归第一首。"""
    found: dict[str, int] = {}
    for number, lines in enumerate(poems):
        for upper, lower in zip(lines[::2], lines[1::2]):
            found.setdefault(upper + lower, number)
    return found


def vocabulary_of(texts: list[str], size: int = VOCABULARY) -> str:
    """最常用的 size 个一级汉字，从多到少。"""
    common, counts = common_characters(), Counter("".join(texts))
    return "".join([c for c, _ in counts.most_common() if c in common][:size])


def repeated(rows: np.ndarray, earlier: np.ndarray, least: int) -> np.ndarray:
    """每一行 (N, T) 与 earlier 里的某一行至少 least 处相同吗 (N,)。"""
    found = [
        ((part[:, None] == earlier[None]).sum(axis=2) >= least).any(axis=1)
        for part in np.split(rows, range(CHUNK, len(rows), CHUNK))
    ]
    return np.concatenate(found)


def apart(tokens: np.ndarray, poem: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """按诗分成训练与测试 (N, 10)；训练里几乎相同的联只留第一个，测试里与训练雷同的不要。"""
    held_out = poem % TEST_EVERY == 0
    train, test = tokens[~held_out], tokens[held_out]
    same = (
        repeated(train[i : i + 1], train[:i], SAME_COUPLET)[0] if i else False
        for i in range(len(train))
    )
    train = train[~np.fromiter(same, bool)]
    lines = train.reshape(-1, LINE)
    known = [repeated(half, lines, SAME_LINE) for half in (test[:, :LINE], test[:, LINE:])]
    return train, test[~(known[0] | known[1])]


def simplified(poems: Iterator[list[str]], fail) -> list[list[str]]:
    """繁体换成简体；一句仍是五个字。"""
    try:
        from opencc import OpenCC
    except ImportError:
        fail("整理诗要把繁体换成简体：请运行 pip install opencc==1.4.2")
    converter = OpenCC("t2s")
    return [[converter.convert(line) for line in lines] for lines in poems]


def arrays(poems: list[list[str]], size: int = VOCABULARY) -> dict[str, np.ndarray]:
    """poems.npz 的全部数组：characters 字表，train、test (N, 10) uint16 字的编号。"""
    found = couplets(poems)
    characters = vocabulary_of(list(found), size)
    number = {character: i for i, character in enumerate(characters)}
    kept = {text: poem for text, poem in found.items() if number.keys() >= set(text)}
    tokens = np.array([[number[c] for c in text] for text in kept], np.uint16)
    train, test = apart(tokens, np.array([*kept.values()]))
    return {"characters": np.array(characters), "train": train, "test": test}


def build_poems(tarball: Path, fail) -> dict[str, np.ndarray]:
    """由 chinese-poetry-2.0.1.tgz 得到 poems.npz 的全部数组。"""
    return arrays(simplified(five_character_poems(tarball), fail))
