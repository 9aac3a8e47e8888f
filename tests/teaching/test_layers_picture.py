"""网络的结构图：方块的次序、大小与写着的形状，都与网络自己的一致。"""

import pytest
from matplotlib.patches import Rectangle

from paddle_gan.networks import DCGANDiscriminator, DCGANGenerator
from paddle_gan.teaching import network_picture

G = DCGANGenerator((10,), (3, 32, 48), width=4, depth=2)
D = DCGANDiscriminator((3, 32, 48), (1,), width=4, depth=2)


@pytest.fixture
def network(drawn):
    """画好的两行：生成器、判别器。"""
    network_picture({"生成器": (G, (10, 1, 1)), "判别器": (D, (3, 32, 48))})
    return drawn[-1]


def blocks_of(axis) -> list[tuple[float, float, float]]:
    """（左边的 x，宽，高），按画的次序。"""
    patches = [p for p in axis.patches if isinstance(p, Rectangle)]
    return [(p.get_x(), p.get_width(), p.get_height()) for p in patches]


def test_each_block_says_height_width_and_channels_in_the_order_of_the_network(network):
    upper, lower = network.axes[:, 0]
    said = [text.get_text() for text in upper.texts if "通道" in text.get_text()]
    assert said == ["1 × 1\n10 通道", "8 × 12\n8 通道", "16 × 24\n4 通道", "32 × 48\n3 通道"]
    said = [text.get_text() for text in lower.texts if "通道" in text.get_text()]
    assert said == ["32 × 48\n3 通道", "16 × 24\n4 通道", "8 × 12\n8 通道", "1 × 1\n1 通道"]
    assert (upper.get_title(), lower.get_title()) == ("生成器", "判别器")


def test_a_block_is_as_tall_as_its_image_and_as_wide_as_its_channels(network):
    upper, lower = (blocks_of(axis) for axis in network.axes[:, 0])
    for blocks in (upper, lower):
        assert [x for x, _, _ in blocks] == sorted(x for x, _, _ in blocks)
    tall = [height for _, _, height in upper]
    assert tall == sorted(tall) and [height for _, _, height in lower] == tall[::-1]
    wide = [width for _, width, _ in lower]
    assert wide[0] < wide[1] < wide[2] > wide[3]


def test_the_layers_on_the_way_to_a_block_are_named_below_its_arrow(network):
    upper, lower = network.axes[:, 0]
    on_the_way = [text.get_text() for text in upper.texts if "卷积" in text.get_text()]
    assert on_the_way == [
        "转置卷积\n8 × 12，步长 1\nBN\nReLU",
        "转置卷积\n4 × 4，步长 2\nBN\nReLU",
        "转置卷积\n4 × 4，步长 2\ntanh",
    ]
    on_the_way = [text.get_text() for text in lower.texts if "卷积" in text.get_text()]
    assert on_the_way == [
        "卷积\n4 × 4，步长 2\nlrelu",
        "卷积\n4 × 4，步长 2\nBN\nlrelu",
        "卷积\n8 × 12，步长 1",
    ]
