"""把可微增广装到每个判别器的入口；用不上的方法与数据，在这里一句话说清。"""

from paddle import nn

from paddle_gan.data import DATASETS
from paddle_gan.data.batches import Labeled, Pair
from paddle_gan.errors import UserError
from paddle_gan.methods import METHODS
from paddle_gan.methods.base import section_of
from paddle_gan.networks.augmentation import Augmentation
from paddle_gan.run.build_network import takes_class
from paddle_gan.run.config import Config


def install(config: Config, shapes, networks: dict[str, nn.Layer], ends: dict[str, tuple]) -> None:
    """照 config.diff_augment 给每个判别器装上变换；没有写就什么也不做。

    参数：
        shapes: 样本的形状（run/build.py 的 Shapes）
        networks, ends: 字母 → 网络、字母 → （输入形状，输出形状）
    """
    if not config.diff_augment:
        return
    value_range = shapes.value_range or (-1.0, 1.0)
    ground = ground_of(config.data["name"], value_range)
    for letter, network in networks.items():
        if section_of(letter) == "discriminator":
            pictures = pictures_in(config.method, ends[letter][0], shapes)
            transform = Augmentation(config.diff_augment, pictures, value_range, ground)
            network.register_forward_pre_hook(transform)


def ground_of(name: str, value_range: tuple[float, float]) -> float:
    """空出来的地方填什么：黑底的数据填黑，白纸的填白，没有底色的填正中（论文）。"""
    low, high = value_range
    return {"black": low, "white": high, None: (low + high) / 2}[DATASETS[name].ground]


def pictures_in(method: str, in_shape: tuple, shapes) -> list[int]:
    """判别器的输入里，前面哪些通道是图：一组一张；一张也认不出时抛出 UserError。"""
    seen = in_shape[0] if takes_class(in_shape) else in_shape
    if len(seen) != 3:
        raise UserError(
            f"diff_augment 变换的是图像，这里的样本形状是 {tuple(seen)}；请去掉 diff_augment"
        )
    C, C_y = shapes.x[0], (shapes.y or shapes.x)[0]
    known = {C: [C], C_y: [C_y]}
    if METHODS[method].batch_type is Labeled:
        known = {C + len(shapes.classes or ()): [C]} | known
    if METHODS[method].batch_type is Pair:  # 两张图接在一起，共用一次抽签
        known = {C + C_y: [C, C_y]} | known
    if seen[0] not in known:
        raise UserError(
            f"{method} 的判别器一次看的是 {tuple(seen)}，不是一张 {tuple(shapes.x)} 的图，"
            "不知道怎样变换；请去掉 diff_augment"
        )
    return known[seen[0]]
