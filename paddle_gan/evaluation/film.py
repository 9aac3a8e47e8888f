"""动图：训练的影片（固定噪声的样本一步步变）、潜变量走一圈的影片；写成循环播放的 GIF。"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from paddle_gan.data.image_files import read_image
from paddle_gan.errors import UserError
from paddle_gan.evaluation.sampling import PATHS, decode, keep_class, of_class
from paddle_gan.files import write_atomic
from paddle_gan.methods.abilities import Generates
from paddle_gan.run import runtime

KEYS, STEPS = 4, 15  # 一圈经过几个潜变量、相邻两个之间几帧
ROUND = KEYS * STEPS  # 一圈几帧
MAX_FRAMES = 200  # 训练的影片最多几帧，多了均匀取
MAX_PIXELS = 2**26  # 一张图（或一部影片的全部帧）最多 6700 万像素，再多看图软件也打不开
FILM_MS = 6000  # 训练的影片大约放这么久（毫秒）
SLOWEST, FASTEST = 500, 60  # 每帧最长、最短停多久（毫秒）
ROUND_MS = 60  # 走一圈时每帧停多久
LAST_MS = 1500  # 训练的最后一帧停多久


def training_frames(samples: Path) -> list[tuple[int, np.ndarray]]:
    """训练目录的 samples/ 里固定噪声的样本图 [(步数, uint8 (H, W, 3))]，按步数排。

    多于 MAX_FRAMES 张、合起来多于 MAX_PIXELS 像素时均匀取，首尾必取。
    少于两张、大小不一时抛出 UserError。
    """
    names = {path.stem.removeprefix("fixed_"): path for path in samples.glob("fixed_*.png")}
    files = sorted((int(step), path) for step, path in names.items() if step.isdecimal())
    if len(files) < 2:
        raise UserError(
            f"{samples} 里只有 {len(files)} 张固定噪声的样本图，连不成影片；"
            "训练时每 sample_every 步画一张"
        )
    height, width, _ = read_image(files[0][1]).shape
    count = min(len(files), MAX_FRAMES, max(2, MAX_PIXELS // (height * width)))
    picked = np.linspace(0, len(files) - 1, count).round().astype(int)
    frames = [(step, read_image(path)) for step, path in (files[i] for i in picked)]
    if len({image.shape for _, image in frames}) > 1:
        raise UserError(f"{samples} 里固定噪声的样本图大小不一，连不成影片")
    return frames


def training_pauses(count: int) -> list[int]:
    """训练的影片每一帧停多久（毫秒）：一共约 FILM_MS，最后一帧另外多停。"""
    each = min(SLOWEST, max(FASTEST, FILM_MS // count))
    return [each] * (count - 1) + [LAST_MS]


def around(
    method: Generates, count: int, seed: int, label: int | None = None
) -> Iterator[np.ndarray]:
    """count 个样本各自的潜变量走一圈，逐帧给出样本 (count, ...)，共 ROUND 帧。

    每条路依次经过 KEYS 个随机的 z 再回到起点；第一帧就是同样种子的 random_samples。
    按类别生成的，一圈里类别不变；label 不是 None 时都是那一类。
    """
    runtime.seed_stream(seed, runtime.SAMPLE)
    keys = [method.noise(count).numpy() for _ in range(KEYS)]
    if label is not None:
        keys = [of_class(method, z, np.full(count, label)) for z in keys]
    path = PATHS[method.hparams.noise]
    for start, end in zip(keys, [*keys[1:], keys[0]]):
        for step in range(STEPS):
            yield decode(method, keep_class(method, path(start, end, step / STEPS), keys[0]))


def write_gif(path: Path, frames: list[np.ndarray], pauses: list[int]) -> None:
    """uint8 (H, W, 3) 或 (H, W, 1) 的几帧写成循环的 GIF；每帧至多 256 种颜色，pauses 是毫秒。"""
    pictures = [_indexed(frame) for frame in frames]
    buffer = BytesIO()
    options = {"save_all": True, "append_images": pictures[1:], "duration": pauses, "loop": 0}
    pictures[0].save(buffer, "GIF", **options)
    write_atomic(path, buffer.getvalue())


def _indexed(frame: np.ndarray) -> Image.Image:
    """每个像素换成调色板里的编号；灰度的 256 级一级不少，不加抖动。"""
    if frame.shape[2] == 1 or (frame == frame[..., :1]).all():
        return Image.fromarray(frame[..., 0])
    return Image.fromarray(frame).quantize(256, dither=Image.Dither.NONE)
