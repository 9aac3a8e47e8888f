"""画 avatars_64.npz：从 dicebear-styles 的 Adventurer 画风画出部件，再抽 6,000 个人的特征。

部件各画一张，不是每个人画一张：画布的合成规则“上 = 部件 + (1 − α)·下”对部件可结合，叠起来与
整张画只差舍入。脸与头发的颜色由人定：黑、白各画一遍，两遍之差就是每个像素上色的份量。
build_assets.py avatars 会用到它；要先 pip install dicebear-core==10.7.0 resvg-py==0.5.0。
"""

import io
import json
import sys
import zipfile
from pathlib import Path

import _above
import numpy as np

sys.path.insert(0, str(_above.ROOT))

from paddle_gan.data.avatars import ATTRIBUTES, PARTS

SIZE, PEOPLE = 64, 6000
FRAMING = {"scale": 1.2, "translateY": 3}  # 脸占大半张图
BLACK, WHITE = "#000000", "#ffffff"
NOTHING = ""  # 没有这个部件
COLOURS = {
    "background": {
        "天蓝": "#b6e3f4",
        "淡粉": "#ffd5dc",
        "淡紫": "#d1d4f9",
        "藕荷": "#c0aede",
        "杏色": "#ffdfbf",
        "淡绿": "#c7e9c0",
    },
    "skin": {"白皙": "#f2d3b1", "小麦": "#ecad80", "棕褐": "#9e5622", "深褐": "#763900"},
    "hair_color": {
        "黑": "#0e0e0e",
        "金": "#e5d7a3",
        "棕": "#6a4e35",
        "橙": "#cb6820",
        "绿": "#3eac2c",
        "青": "#85c2c6",
        "粉": "#dba3be",
        "紫": "#592454",
    },
}
LONG = (1, 2, 5, 6, 7, 9, 11, 14, 15, 19, 21, 22, 23, 24)  # 不要戴花的和遮住脸的
SHORT = (1, 2, 3, 5, 7, 8, 9, 10, 11, 14, 16, 17)  # 不要光头的和看不出发色的
VARIANTS = {
    "hair": {f"长发{i:02}": f"long{i:02}" for i in LONG}
    | {f"短发{i:02}": f"short{i:02}" for i in SHORT},
    "eyes": {
        "睁大": "variant03",
        "闪亮": "variant23",
        "上挑": "variant05",
        "半睁": "variant18",
        "低垂": "variant15",
        "闭着": "variant20",
    },
    "eyebrows": {
        "弯眉": "variant10",
        "竖眉": "variant02",
        "八字眉": "variant07",
        "挑眉": "variant08",
        "浓眉": "variant13",
    },
    "mouth": {
        "浅笑": "variant02",
        "大笑": "variant26",
        "露齿笑": "variant22",
        "张口笑": "variant28",
        "抿着": "variant09",
        "红唇": "variant08",
        "惊讶": "variant03",
        "发愁": "variant14",
    },
    "details": {"没有": NOTHING, "腮红": "blush", "雀斑": "freckles"},
    "glasses": {
        "不戴": NOTHING,
        "方框": "variant02",
        "圆框": "variant04",
        "墨镜": "variant01",
    },
}
WEIGHTS = {"details": (0.6, 0.2, 0.2), "glasses": (0.5, 0.3, 0.1, 0.1)}  # 其余的特征各值机会均等
PAIRED = ("hair_color", "glasses")  # 成对的图只差它们：其余的特征，任何两个人都不全同


class Painter:
    """用 DiceBear 与 resvg 画 Adventurer；wheel 是 dicebear-styles 的安装包。"""

    def __init__(self, wheel: Path, fail):
        try:
            from dicebear import Avatar, Style
            from PIL import Image
            from resvg_py import svg_to_bytes
        except ImportError as error:
            fail(
                f"重建头像缺少 {error.name}：请运行 "
                "pip install dicebear-core==10.7.0 resvg-py==0.5.0 'pillow>=12'"
            )
        self.Avatar, self.Image, self.svg_to_bytes = Avatar, Image, svg_to_bytes
        with zipfile.ZipFile(wheel) as archive:
            self.style = Style(json.loads(archive.read("dicebear_styles/adventurer.json")))

    def draw(self, **options) -> np.ndarray:
        """一张 uint8 (64, 64, 4)；没有写明的部件不画，没有写明的背景透明。"""
        absent = {f"{part}Probability": 0 for part in (*PARTS, "earrings")}
        svg = self.Avatar(self.style, {"seed": "0", **FRAMING, **absent, **options}).to_string()
        png = self.svg_to_bytes(svg_string=svg, width=SIZE, height=SIZE, skip_system_fonts=True)
        return np.asarray(self.Image.open(io.BytesIO(bytes(png))).convert("RGBA"))

    def layer(self, part: str, variant: str) -> np.ndarray:
        """一个部件 uint8 (64, 64, 5)：乘过不透明度的 RGB、上色的份量、不透明度。"""
        if variant == NOTHING:
            return np.zeros((SIZE, SIZE, 5), np.uint8)
        chosen = {f"{part}Variant": [variant], f"{part}Probability": 100}
        colour = {"head": "skinColor", "hair": "hairColor"}.get(part)
        tinted = [{colour: [value]} if colour else {} for value in (BLACK, WHITE)]
        black, white = (self.draw(**chosen, **extra) for extra in tinted)
        alpha = black[..., 3:].astype(np.int64)
        dark, light = (np.rint(image[..., :3] * alpha / 255) for image in (black, white))
        share = np.rint((light - dark).mean(axis=-1, keepdims=True))
        base = np.minimum(dark, alpha - share)  # 反锯齿的边上，四舍五入会多出 1
        return np.concatenate([base, share, alpha], axis=-1).astype(np.uint8)


def options_of(person: np.ndarray) -> dict:
    """一个人的特征换成 DiceBear 的选项，直接画出整张图。"""
    options = {"headVariant": ["default"], "headProbability": 100}
    for attribute, value in zip(ATTRIBUTES, person):
        if attribute in COLOURS:
            key = "hairColor" if attribute == "hair_color" else f"{attribute}Color"
            options[key] = [[*COLOURS[attribute].values()][value]]
        elif variant := [*VARIANTS[attribute].values()][value]:
            options |= {f"{attribute}Variant": [variant], f"{attribute}Probability": 100}
    return options


def draw_people(counts: dict[str, int]) -> np.ndarray:
    """抽 PEOPLE 个人的特征 uint8 (PEOPLE, 9)；除了 PAIRED，任何两个人至少还有一处不同。"""
    rng = np.random.default_rng(0)
    drawn = np.stack(
        [rng.choice(counts[key], 2 * PEOPLE, p=WEIGHTS.get(key)) for key in ATTRIBUTES], axis=1
    )
    apart = [i for i, key in enumerate(ATTRIBUTES) if key not in PAIRED]
    _, first = np.unique(drawn[:, apart], axis=0, return_index=True)
    return drawn[np.sort(first)[:PEOPLE]].astype(np.uint8)


def build_avatars(wheel: Path, fail) -> dict[str, np.ndarray]:
    """avatars_64.npz 的全部数组；格式见 paddle_gan/data/avatars.py 的 avatar_asset。"""
    painter = Painter(wheel, fail)
    names = {key: [*table] for key, table in (COLOURS | VARIANTS).items()}
    built = {"people": draw_people({key: len(values) for key, values in names.items()})}
    built |= {f"names_{key}": np.array(names[key]) for key in ATTRIBUTES}
    for key, table in COLOURS.items():
        built[f"rgb_{key}"] = np.array([[*bytes.fromhex(c[1:])] for c in table.values()], np.uint8)
    for part in PARTS:
        variants = VARIANTS.get(part, {"脸": "default"}).values()
        built[f"layers_{part}"] = np.stack([painter.layer(part, variant) for variant in variants])
    return built
