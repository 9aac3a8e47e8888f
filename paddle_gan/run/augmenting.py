"""把可微增广装到每个判别器的入口，它的机会 p 随判别器调；用不上的，在这里一句话说清。"""

import paddle
from paddle import nn

from paddle_gan.data import DATASETS
from paddle_gan.data.batches import Labeled, Pair
from paddle_gan.errors import UserError
from paddle_gan.methods import METHODS
from paddle_gan.methods.base import Method, section_of
from paddle_gan.networks.augmentation import Augmentation
from paddle_gan.run.build_network import takes_class
from paddle_gan.run.config import Config

RISE = 500  # p 最快多少步从 0 到 1；与论文不同：论文是 50 万张图，这里的整段训练只有几万到几十万张


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
            p = None
            if config.diff_augment_target is not None:
                p = paddle.zeros([1])
                network.register_buffer("augment_p", p)  # 跟着检查点走
            transform = Augmentation(config.diff_augment, pictures, value_range, ground, p)
            network.register_forward_pre_hook(transform)


class Strength:
    """训练循环的钩子：每一步照 D 认得真图有多准，把机会 p 调大调小一点（ADA，§3.2）。

    与论文不同：r_t 用概率的平均 2·E[D(T(x))] − 1，论文用 logit 的正负 E[sign D(T(x))]；两样都在
    −1 与 1 之间，D 分不出真假时是 0，认准了是 1。
    """

    def __init__(self, method: Method, config: Config):
        self.config = config
        judges = [method.networks[letter] for letter in method.discriminators]
        self.chances = [judge.augment_p for judge in judges]

    def __call__(self, step, logs, record):
        if not any(key.startswith("loss/D") for key in logs):
            return  # D 这一步没有更新，例如 SRGAN 的第一阶段
        if "prob/real" not in logs:
            raise UserError(
                f"diff_augment_target 要看 prob/real 来调，{self.config.method} 没有这一条曲线；"
                "请去掉它（每张都变），或换一个判别器给概率的方法"
            )
        # r_t = 2·E[D(T(x))] − 1；p ← p + sign(r_t − 目标)/RISE，截到 [0, 1]
        r_t = 2 * logs["prob/real"] - 1
        change = (1 if r_t > self.config.diff_augment_target else -1) / RISE
        for p in self.chances:
            p.set_value((p + change).clip(0.0, 1.0))
        if step % self.config.log_every == 0:
            record["augment/p"] = self.chances[0].item()


def strength_of(method: Method, config: Config) -> Strength | None:
    """配置写了 diff_augment_target 时，调 p 的钩子。"""
    return None if config.diff_augment_target is None else Strength(method, config)


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
