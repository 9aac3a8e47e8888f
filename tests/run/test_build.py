"""搭出要训练的一切：数据给不了方法要的，说得出各是什么、换什么。"""

import pytest
from config_cases import changed

from paddle_gan.data import DATASETS, datasets_with
from paddle_gan.errors import UserError
from paddle_gan.methods import METHODS
from paddle_gan.run.build import CONTENTS, build_data
from paddle_gan.run.config import resolve


@pytest.mark.parametrize(
    ("method", "data", "said"),
    [
        (
            "gan",
            "markov",
            [
                "要图像或二维点，数据集 markov 给的是序列；",
                "的（seq_gan, gumbel_gan）",
            ],
        ),
        ("cyclegan", "digits", ["要不成对的两个域，数据集 digits 给的是图像或二维点", "（glyphs"]),
    ],
)
def test_data_that_does_not_fit_the_method_is_said_in_a_learner_s_words(method, data, said):
    with pytest.raises(UserError) as refused:
        build_data(resolve(changed(method=method, data={"name": data})), "train")
    sentence = str(refused.value)
    assert all(part in sentence for part in [*said, "data.name", "method"])
    assert not any(kind.__name__ in sentence for kind in CONTENTS)


def test_the_methods_offered_for_a_data_set_are_those_that_can_use_it():
    with pytest.raises(UserError) as refused:
        build_data(resolve(changed(method="cyclegan", data={"name": "ring"})), "train")
    offered = str(refused.value).rpartition("（")[2].rstrip("）").split(", ")
    other = "cyclegan", "pix2pix", "sr_gan", "inpainting", "seq_gan", "gumbel_gan"
    assert offered == [name for name in METHODS if name not in other]


def test_every_kind_of_batch_has_its_words():
    kinds = {kind for dataset in DATASETS.values() for kind in dataset.batch_types}
    assert kinds == set(CONTENTS) and all(datasets_with(kind) for kind in kinds)
