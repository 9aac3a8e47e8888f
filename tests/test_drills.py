"""断电演习：CI 里随机挑一个方法、随机的时刻杀六次；全部方法的记录在 fixtures/drills.json 里。"""

import json
import random
from collections import Counter

import pytest
from drills import CASES, EVERY, ROOT, STEPS, drill, straight

from paddle_gan.methods import METHODS

CORE = ("gan", "dcgan", "lsgan", "wgan", "wgan_gp", "cyclegan")  # 课程正文里的方法，各杀 50 次以上
RECORD = json.loads((ROOT / "tests" / "fixtures" / "drills.json").read_text(encoding="utf-8"))


@pytest.mark.slow
def test_killed_at_random_moments_and_resumed_the_run_ends_with_the_same_bytes(tmp_path):
    seed = random.SystemRandom().randrange(10**6)
    method = sorted(METHODS)[seed % len(METHODS)]
    again = f"重来一次：python -m tests.drills --methods {method} --seeds {seed} --out drill.json"
    print(again)  # 失败时 pytest 会印出来
    kills = drill(method, seed, straight(method, tmp_path / "whole"), tmp_path)
    assert all(kill.identical for kill in kills), (kills, again)


def test_the_methods_of_the_record_were_killed_often_and_always_ended_with_the_same_bytes():
    assert set(CASES) == set(METHODS)  # 后来加的方法没有记录，CI 每次随机挑一个现杀
    kills = Counter(row["method"] for row in RECORD)
    assert set(CORE) <= set(kills) <= set(METHODS)
    assert all(kills[method] >= (50 if method in CORE else 5) for method in kills), kills
    assert all(row["identical"] is True and row["commit"] for row in RECORD)
    for row in RECORD:
        assert 0 <= row["died_at"] - row["resumed_from"] <= EVERY and row["died_at"] <= STEPS, row


def test_the_kills_fell_all_over_the_training():
    thirds = Counter(3 * row["died_at"] // (STEPS + 1) for row in RECORD)
    assert set(thirds) == {0, 1, 2} and min(thirds.values()) >= 5, thirds
    # 有的死在存盘之前，有的死在之后
    assert {row["died_at"] - row["resumed_from"] for row in RECORD} >= {0, 1, 2}
