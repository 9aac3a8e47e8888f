"""整理诗：只要四句、八句的五言诗，按诗分开，雷同的去掉；没有 OpenCC 时一句话。"""

import io
import json
import sys
import tarfile

import numpy as np
from tool_helpers import load_tool, run_tool

poems = load_tool("build_poems")
SPLITS = ("train", "test")
CLIMB = ["白日依山盡，黃河入海流。", "欲窮千里目，更上一層樓。"]


def archive(path, files: dict[str, list]):
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            raw = json.dumps([{"paragraphs": part} for part in content]).encode()
            member = tarfile.TarInfo(f"package/dist/quantangshi/{name}")
            member.size = len(raw)
            tar.addfile(member, io.BytesIO(raw))
    return path


def test_only_whole_five_character_poems_of_four_or_eight_lines_are_read_in_order(tmp_path):
    other = ["床前明月光，疑是地上霜。", "舉頭望明月，低頭思故鄉。"]
    bad = [
        ["春眠不覺曉，處處聞啼鳥。"],  # 两句
        [*CLIMB, "一二三四五，六七八九十。"],  # 六句
        ["白日依山盡，黃河入海流水。", "欲窮千里目，更上一層樓。"],  # 六个字
        ["白日依山盡，黃河入□海流。", "欲窮千里目，更上一層樓。"],  # 缺字
        ["白日依山盡（一作近），黃河入海流。", "欲窮千里目，更上一層樓。"],
    ]
    files = {"poet.tang.10000.json": [CLIMB], "poet.tang.2000.json": [*bad, other * 2]}
    files["poet.song.0.json"] = [CLIMB]
    found = list(poems.five_character_poems(archive(tmp_path / "a.tgz", files)))
    assert found == [
        ["床前明月光", "疑是地上霜", "舉頭望明月", "低頭思故鄉"] * 2,
        ["白日依山盡", "黃河入海流", "欲窮千里目", "更上一層樓"],
    ]


def test_a_couplet_belongs_to_the_first_poem_and_the_vocabulary_is_common_and_ordered():
    found = poems.couplets([["甲乙丙丁戊", "子丑寅卯辰"], ["甲乙丙丁戊", "子丑寅卯辰", "一", "二"]])
    assert found == {"甲乙丙丁戊子丑寅卯辰": 0, "一二": 1}
    assert poems.vocabulary_of(["春春山鬓鬓鬓鬓", "山春月"], 2) == "春山"  # 鬓是二级字
    assert len(poems.common_characters()) == 3755


def test_the_split_is_by_poem_and_nothing_in_the_test_part_is_nearly_in_the_training_part():
    train = np.arange(20).reshape(2, 10)
    again, near = train[0].copy(), train[1].copy()
    again[:2] = 90, 91  # 与第一联差两个字：去掉
    near[:3] = 92, 93, 94  # 差三个：留着
    line = np.concatenate([[50, 51, 52, 53, 54], train[0, 5:]])
    line[9] = 55  # 下句与训练的只差一个字：去掉
    fresh = line.copy()
    fresh[8] = 56  # 差两个：留着
    tokens = np.stack([train[0], line, train[1], again, near, fresh])
    kept, held_out = poems.apart(tokens, np.array([1, 6, 2, 3, 5, 12]))
    assert kept.tolist() == [train[0].tolist(), train[1].tolist(), near.tolist()]
    assert held_out.tolist() == [fresh.tolist()]


def test_couplets_with_a_rare_character_are_dropped_whole():
    texts = [
        ["春春春春春", "山山月月月"],
        ["山春山月山", "月山春山舟"],
        ["春山春山春", "月山春春山"],
    ]
    built = poems.arrays(texts, size=3)
    assert str(built["characters"]) == "春山月"  # 舟只有一个，不在字表里
    spelled = {key: ["".join("春山月"[i] for i in row) for row in built[key]] for key in SPLITS}
    assert spelled == {"train": ["春山春山春月山春春山"], "test": ["春春春春春山山月月月"]}
    assert built["test"].dtype == built["train"].dtype == np.uint16


def test_without_opencc_the_command_says_what_to_install(capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "opencc", None)
    tarball = archive(tmp_path / "a.tgz", {"poet.tang.0.json": [CLIMB]})
    result = run_tool(capsys, monkeypatch, "build_assets", "poems", tarball)
    assert result.code == 2 and "pip install opencc==1.4.2" in result.err
    assert result.err.count("\n") == 1
