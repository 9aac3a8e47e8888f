"""docs/结果.md 写的头像的参照值，照样再算一遍。"""

import pytest

from paddle_gan.data import Avatars
from paddle_gan.evaluation.scorers import SCORERS
from paddle_gan.evaluation.scorers_digits import SAME_COUNT

pytestmark = pytest.mark.slow


def both(**options) -> tuple[Avatars, Avatars]:
    return tuple(Avatars(size=32, split=split, **options) for split in ("train", "test"))


@pytest.mark.parametrize(
    ("change", "copied"),
    [("hair_color", [0.679, 0.730, 0.0, 0.102]), ("glasses", [0.971, 1.0, 0.0, 0.0104])],
)
def test_copying_and_the_average_get_what_the_page_says(change, copied):
    rows = SCORERS["translation"](*both(change=change), 500, 0).baselines()
    keys = [f"translation/{key}" for key in ("correlation", "retrieval", "style", "l1")]
    assert [rows["不翻译"][key] for key in keys] == pytest.approx(copied, abs=0.005)
    assert rows["不翻译"]["translation/l1"] == pytest.approx(copied[3], abs=5e-4)
    average = rows["平均图"]
    assert average["translation/style"] > 0.99 and average["translation/retrieval"] <= 0.01
    assert average["translation/score"] < 0.03
    assert rows["真值"]["translation/score"] > 0.99


def test_real_against_real_gets_what_the_page_says():
    train, test = both()
    floor = SCORERS["fd_pca64"](train, test, 1000, 0).baselines()["真实数据（测试集）"]
    assert floor["fd_pca64"] == pytest.approx(6.0, abs=0.1)
    found = SCORERS["prdc_pca64"](train, test, 1000, 0).baselines()[SAME_COUNT]
    expected = [0.942, 0.949, 0.978, 0.959]
    assert [*found.values()] == pytest.approx(expected, abs=0.005)
