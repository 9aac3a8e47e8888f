"""分数的表：假的不比真的差的那几格，而且只有那几格，涂上颜色。"""

import pytest
from matplotlib.colors import same_color

from paddle_gan.teaching import picture, score_table
from paddle_gan.teaching.score_table import FOOLED, PLAIN, REAL, as_good


@pytest.mark.parametrize(
    "value, better, wanted",
    [
        (9.5, "↑", True),
        (8.5, "↑", False),
        (30.0, "↑", True),
        (10.5, "↓", True),
        (30.0, "↓", False),
        (1.0, "↓", True),
        (10.5, "→", True),
        (8.5, "→", False),
        (11.5, "→", False),
    ],
)
def test_as_good_as_ten_follows_the_direction_of_the_column(value, better, wanted):
    assert as_good(value, 10.0, better) is wanted


def test_only_the_cells_that_are_as_good_as_the_real_row_are_coloured(monkeypatch):
    kept, rendered = [], picture.rendered
    monkeypatch.setattr(picture, "rendered", lambda one: kept.append(one) or rendered(one))
    rows = {"真图": {"甲": 8.0, "乙": 1.0}, "假": {"甲": 9.0, "乙": 5.0}}
    rows["诚实的"] = {"甲": 9.0, "乙": 0.5}
    assert score_table(rows, {"乙": "↓", "甲": "↑"}, honest=["诚实的"]).png[:4] == b"\x89PNG"
    [table] = kept[0].axes[0].tables
    cells = table.get_celld()
    texts = {place: cell.get_text().get_text() for place, cell in cells.items()}
    assert [texts[0, 0], texts[0, 1]] == ["乙 ↓", "甲 ↑"]
    assert [texts[1, 0], texts[1, 1], texts[2, 0], texts[2, 1]] == ["1", "8", "5", "9"]
    assert (texts[1, -1], texts[2, -1]) == ("真图", "假")
    colors = {(1, 0): REAL, (1, 1): REAL, (2, 0): PLAIN, (2, 1): FOOLED}
    colors |= {(3, 0): PLAIN, (3, 1): PLAIN}
    for place, color in colors.items():
        assert same_color(cells[place].get_facecolor(), color), place
