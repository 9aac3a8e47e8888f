"""一句话里写着的旁边的数（真图、没有训练的、照抄的），就是参照的行现算出来的。"""

import pytest

from paddle_gan.lab import EXPERIMENTS
from paddle_gan.lab.sentences import number_text

REAL = "真实数据（同样张数）"
# 实验 → {一句话里的写法: （参照的行，量）}
SAID = {
    "dcgan_parts": {"真图 {}": (REAL, "fd"), "没有训练的 G {}": ("没有训练的 G", "fd")},
    "update_ratio": {"真图 {}": (REAL, "fd_cost"), "没有训练的 G {}": ("没有训练的 G", "fd_cost")},
    "losses_spread": {"真图 {}": (REAL, "ns"), "不训练 {}": ("没有训练的 G", "half")},
    "hierarchy": {
        "真图 {}，": (REAL, "fd"),
        "真图缩小一半再放大 {}）": ("真图缩小一半再放大", "fd"),
    },
    "autoencoders": {
        "真图 {}，": ("真实的训练图像", "fd"),
        "一律画平均的图 {}）": ("一律画平均的图", "fd"),
    },
    "few_pictures": {
        "真图 {}，": ("真实的训练图像", "fd_end"),
        "照抄那 100 张 {}）": ("照抄那 100 张", "fd_end"),
    },
    "few_labels": {"总答一类是 {}）": ("总答最多的一类", "accuracy")},
    "fill_hole": {
        "照抄最像的训练图 {}、": ("照抄最像的训练图", "edges"),
        "、{}。": ("照抄最像的训练图", "fd"),
        "照抄的 {}）": ("照抄最像的训练图", "psnr"),
    },
    "conditional": {
        "真图教的 {}%；": ("真实的训练图像", "nn"),
        "每类只拿一张真图来教也有 {}%": ("每类只有一张真图", "nn"),
    },
    "price_of_obedience": {
        "听话的真图 {}。": ("真实的训练图像", "spread"),
        "类别打乱也有 {}。": ("真图，类别打乱", "spread"),
    },
}


@pytest.mark.parametrize("name", SAID)
def test_the_numbers_beside_in_a_sentence_are_those_of_the_rows_beside(name):
    experiment, rows = EXPERIMENTS[name], EXPERIMENTS[name].references()
    for written, (row, key) in SAID[name].items():
        value = rows[row][key] * (100 if "%" in written else 1)
        assert written.format(number_text(value, 3)) in experiment.sentence, written
