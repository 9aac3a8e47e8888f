"""翻译：一张图译过去，再译回来；图由你给、由你写，或从测试集里取。"""

import base64
import binascii
import tempfile
from pathlib import Path

import numpy as np

from paddle_gan.data.batches import Batches
from paddle_gan.data.image_files import read_image, upright_size
from paddle_gan.data.images import resize_image, to_uint8
from paddle_gan.errors import UserError
from paddle_gan.evaluation.film import training_frames
from paddle_gan.evaluation.translation import Translator
from paddle_gan.methods import METHODS
from paddle_gan.playground.models import (
    Model,
    checkpoints,
    folder_of,
    load,
    step_of,
    translators,
)
from paddle_gan.playground.turns import TURNS
from paddle_gan.run.build import build_data
from paddle_gan.run.missing import Missing

SHOWN, LARGEST = 256, 4096  # 显示多大；给的图长边最大多少像素
HEAD = "data:image/png;base64,"
MOST_TEXT = 2_000_000  # 画布的图，写成文字最长多少


def directions(name: str) -> list[str]:
    """这个模型会译、网络也带着的方向。"""
    with TURNS:
        return able(load(name, translators()))


def able(model: Model) -> list[str]:
    """网络带着的方向。"""
    method = model.method
    return [d for d in method.directions() if not isinstance(method.translator(d), Missing)]


def there_and_back(name: str, image: np.ndarray, direction: str) -> dict[str, np.ndarray]:
    """{题目: uint8 图}：原图、译文，会译回来的再译回来；image 是 uint8 (H, W, 3)。"""
    with TURNS:
        model = load(name, translators())
        if direction not in able(model):
            raise UserError(f"{name} 会的方向：{'、'.join(able(model))}")
        small = fitted(image, model, direction)
        made = translate(model, small, direction)
        shown = {"原图": small, "译文": made}
        back = {"x2y": "y2x", "y2x": "x2y"}[direction]
        if back in able(model):
            shown["再译回来"] = translate(model, made, back)
    return {title: enlarged(picture) for title, picture in shown.items()}


def compared(name: str, image: np.ndarray, direction: str) -> list[tuple[np.ndarray, str]]:
    """[(uint8 图, 第几步)]：同一张图由各个检查点译；随包的只有一个，给训练途中存下的样本图。"""
    allowed = translators()
    kept = checkpoints(name, allowed)
    if len(kept) == 1:
        frames = training_frames(folder_of(name, allowed).samples)
        return [(frame, f"第 {step} 步") for step, frame in frames]
    shown = []
    for checkpoint in kept:
        with TURNS:
            model = load(name, allowed, checkpoint)
            made = translate(model, fitted(image, model, direction), direction)
        shown.append((enlarged(made), f"第 {step_of(name, checkpoint, allowed)} 步"))
    return shown


def translate(model: Model, image: np.ndarray, direction: str) -> np.ndarray:
    """一张 uint8 图 (H, W, C) 译成 (H', W', C')。"""
    translator = Translator(model.config, model.method, model.shapes, direction)
    return translator(channelled(image, translator.channels)[None])[0]


def channelled(image: np.ndarray, channels: int) -> np.ndarray:
    """换成网络要的通道数：灰度取亮度，灰度到彩色重复三次。"""
    if image.shape[2] == channels:
        return image
    if channels == 1:
        return (image @ np.array([0.299, 0.587, 0.114])).round().astype(np.uint8)[..., None]
    return np.repeat(image[..., :1], channels, axis=2)


def fitted(image: np.ndarray, model: Model, direction: str) -> np.ndarray:
    """缩到训练时的大小；长宽比不同的，先在四周补成正方形（白的）。"""
    _, height, width = model.shapes.x if direction == "x2y" else model.shapes.y
    side = max(image.shape[:2])
    canvas = np.full((side, side, image.shape[2]), 255, np.uint8)
    top, left = (side - image.shape[0]) // 2, (side - image.shape[1]) // 2
    canvas[top : top + image.shape[0], left : left + image.shape[1]] = image
    return resize_image(canvas, width, height)


def enlarged(image: np.ndarray) -> np.ndarray:
    """放大到看得清，RGB。"""
    scale = max(1, SHOWN // max(image.shape[:2]))
    large = image.repeat(scale, axis=0).repeat(scale, axis=1)
    return np.ascontiguousarray(np.broadcast_to(large, (*large.shape[:2], 3)))


def example(name: str, direction: str, number: int) -> np.ndarray:
    """测试集里的一张 uint8 (H, W, 3)。"""
    with TURNS:
        model = load(name, translators())
        data = build_data(model.config, "test")
        batches = Batches(data, METHODS[model.config.method].batch_type, 1, 0, number % 10_000)
        batch = next(batches)
        image = (batch.x if direction == "x2y" else batch.y).numpy()
        shown = to_uint8(image, model.shapes.value_range)[0]
    return np.ascontiguousarray(np.broadcast_to(shown, (*shown.shape[:2], 3)))


def from_file(path: str | None) -> np.ndarray:
    """上传的文件 → uint8 (H, W, 3)；不是图像时抛出 UserError。"""
    if not path:
        raise UserError("先放一张图，或在画布上写一个字")
    try:
        # 先看文件头再解码：几 KB 的文件，解开可以有几百 MB
        longest = max(upright_size(Path(path)))
        if longest > LARGEST:
            raise UserError(f"图太大了：长边至多 {LARGEST} 像素，现在是 {longest}")
        return read_image(Path(path))
    except UserError as error:  # 不提临时目录在哪里
        raise UserError(str(error).replace(path, Path(path).name[-40:])) from None


def from_canvas(text: str) -> np.ndarray:
    """画布给的一段文字（PNG）→ uint8 (H, W, 3)；不对时抛出 UserError。"""
    if not text.startswith(HEAD) or len(text) > MOST_TEXT:
        raise UserError("画布给的不是一张图；请擦掉重写")
    try:
        data = base64.b64decode(text.removeprefix(HEAD), validate=True)
    except (binascii.Error, ValueError):
        raise UserError("画布给的不是一张图；请擦掉重写") from None
    with tempfile.TemporaryDirectory(prefix="paddle_gan_canvas_") as folder:
        path = Path(folder) / "画布.png"
        path.write_bytes(data)
        return from_file(str(path))
