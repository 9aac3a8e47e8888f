"""README、docs 与教程里的图，写进 tutorials/assets/。

现场训练：

    python tools/maintain/build_pictures.py ring      # 约 2 分钟：八个高斯，正常与崩溃并排
    python tools/maintain/build_pictures.py digits    # 约 2 分钟：手写数字怎样长出来

不训练：

    python tools/maintain/build_pictures.py report    # 三次随包的训练的报告，要装好 Chromium
    python tools/maintain/build_pictures.py cyclegan runs/cyclegan_64   # 三联图
    python tools/maintain/build_pictures.py strip paddle_gan/gallery/digits_best runs/gan_ring \\
        runs/gan_ring_greedy runs/cyclegan_64   # README 开头的四格
    python tools/maintain/build_pictures.py film runs/progan_avatars …   # 训练中的样本，一步一行
    python tools/maintain/build_pictures.py thumbs runs/gan_ring …   # 方法表里的小图，几张都行

cyclegan、strip、film 与 thumbs 只收照仓库里的配置跑完的训练（种子随意）。
"""

import shutil
import subprocess
import tempfile
from io import BytesIO
from pathlib import Path

import _above  # noqa: F401
import _cli
import collecting
import cv2
import fingerprint
import gallery_pictures
import numpy as np
from PIL import Image, PngImagePlugin

from paddle_gan.data import Batches
from paddle_gan.evaluation.film import training_frames
from paddle_gan.evaluation.preview import Previewer
from paddle_gan.evaluation.strip import joined
from paddle_gan.files import write_atomic
from paddle_gan.methods.abilities import Translates
from paddle_gan.monitor.recorder import read_records
from paddle_gan.monitor.report import build_report
from paddle_gan.monitor.run_view import load_run
from paddle_gan.run import runtime
from paddle_gan.run.build import build_data
from paddle_gan.run.gallery import PREFIX, located
from paddle_gan.run.run import Run
from paddle_gan.run.stories import STORIES
from paddle_gan.teaching import canvas, images, points, rows_of_images, train
from paddle_gan.teaching.picture import save_gif

ASSETS = Path(__file__).resolve().parents[2] / "tutorials" / "assets"
FRAMES = 25  # 动画有多少帧
SHOWN = 12  # 三联图画几个字
# README 开头的四格，从左到右：配置 → 题目
STRIP = {
    "digits_best": "从噪声画出手写数字",
    "gan_ring": "八个模式都学会了",
    "gan_ring_greedy": "模式崩溃：都挤在一处",
    "cyclegan_64": "黑体译成楷体，不用配对",
}
COLUMNS, SMALL = 4, 128  # 一格里每行几张；小图最长的边，像素
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WINDOW = "1265,1500"  # 截图的宽与高，像素


def ring() -> Path:
    """G 走 1 步：八个模式都在；G 走 10 步：整团样本跳来跳去，走完时在一个模式上。"""
    settings = {"1": ("hparams.g_steps=1",), "10": ()}
    healthy, collapsed = (
        train("gan_ring_greedy", *one, name=f"picture_ring_{n}", snapshots=FRAMES)
        for n, one in settings.items()
    )
    real = healthy.data.sample(1000, np.random.default_rng(0))
    pairs = zip(sorted(healthy.snapshots.items()), sorted(collapsed.snapshots.items()))
    frames = [
        points(
            {f"D 1 : G 1，第 {a} 步": x, f"D 1 : G 10，第 {b} 步": y},
            real,
            healthy.data.modes,
        )
        for (a, x), (b, y) in pairs
    ]
    save_gif(frames, ASSETS / "ring.gif")
    return ASSETS / "ring.gif"


def digits() -> Path:
    """同一批 z 的三十二张手写数字，从噪声到笔画。"""
    lesson = train("gan_digits", name="picture_digits", snapshots=FRAMES)
    save_gif([images(x) for _, x in sorted(lesson.snapshots.items())], ASSETS / "digits.gif")
    return ASSETS / "digits.gif"


def report() -> Path:
    """健康、崩溃与治好的三次随包的训练，报告最上面的一屏。"""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        raise _cli.UserError(f"没有找到浏览器（{'、'.join(BROWSERS)}）；装好其中一个再来")
    names = STORIES["collapse"].runs.values()
    runs = [load_run(name, located(PREFIX + name), i) for i, name in enumerate(names)]
    with tempfile.TemporaryDirectory() as folder:
        page, picture = Path(folder) / "report.html", Path(folder) / "report.png"
        write_atomic(page, build_report(runs))
        options = ["--headless", "--no-sandbox", "--hide-scrollbars", f"--window-size={WINDOW}"]
        command = [browser, *options, f"--screenshot={picture}", page.as_uri()]
        subprocess.run(command, check=True, capture_output=True)
        write_atomic(ASSETS / "report_overview.png", picture.read_bytes())
    return ASSETS / "report_overview.png"


def cyclegan(folder: Path) -> Path:
    """黑体、译成的楷体、译回来的黑体，各一行；都是测试集里的字。"""
    config, method = Run(folder).load("last")
    batch = next(Batches(build_data(config, "test"), method.batch_type, SHOWN, seed=0))
    translated = method.translate(batch.x, "x2y")
    rows = {
        "黑体": batch.x,
        "译成楷体": translated,
        "译回黑体": method.translate(translated, "y2x"),
    }
    picture = rows_of_images({name: x.numpy() for name, x in rows.items()})
    write_atomic(ASSETS / "cyclegan.png", picture.png)
    return ASSETS / "cyclegan.png"


def still(run: Run) -> np.ndarray:
    """最后一步的样子，uint8 (H, W, 1 或 3)：散点，或 4 × 4 张图；翻译是一行原图、一行译文。"""
    config, method = run.load("last")
    data = build_data(config, "test")
    previewer = Previewer(method, data, config.seed)
    if previewer.real is not None:  # 二维点
        return previewer.fixed()
    runtime.seed_stream(config.seed, runtime.FIXED_PREVIEW)
    translates = isinstance(method, Translates)
    count = COLUMNS**2 // 2 if translates else COLUMNS**2
    samples, width = method.preview(next(Batches(data, method.batch_type, count, config.seed)))
    samples = samples.numpy()
    if translates:  # 预览的一行以 x、G(x) 开头；两行一组，上 x 下 G(x)
        pairs = samples.reshape(-1, COLUMNS, width, *samples.shape[1:])[:, :, :2]
        samples = pairs.swapaxes(1, 2).reshape(-1, *samples.shape[1:])
    return previewer.render(samples, COLUMNS)


def strip(*folders: Path) -> Path:
    """README 开头的四格图，STRIP 的次序。"""
    runs = {collecting.name_of(run): run for run in map(Run, folders)}
    if runs.keys() != STRIP.keys():
        raise _cli.UserError(f"strip 要的是这几个配置的训练目录：{'、'.join(STRIP)}")
    with canvas(len(STRIP), size=(3.1, 3.5)) as c:
        for axis, (name, caption) in zip(c.axes[0], STRIP.items()):
            axis.imshow(still(runs[name]), cmap="gray", vmin=0, vmax=255)
            axis.set(xticks=[], yticks=[])
            axis.grid(False)
            axis.spines[:].set_visible(False)
            axis.set_title(caption, fontsize=19)
    write_atomic(ASSETS / "strip.png", c.picture.png)
    return ASSETS / "strip.png"


def film(*folders: Path) -> Path:
    """训练中的样本连成一条，一步一行，至多取 FRAMES 步。"""
    folder = ASSETS / "films"
    folder.mkdir(exist_ok=True)
    for run in map(Run, folders):
        frames = gallery_pictures.spaced(training_frames(run.samples))
        drawn = joined(frames, run.shapes(), read_records(run.metrics_file))
        picture = gallery_pictures.png(drawn)
        write_atomic(folder / f"{collecting.name_of(run)}.png", picture)
    return folder


def thumbs(*folders: Path) -> Path:
    """方法表里的小图；PNG 的文字块里写着是哪个设定画的，配置改了表里就不再用它。"""
    folder = ASSETS / "thumbs"
    folder.mkdir(exist_ok=True)
    for run in map(Run, folders):
        write_atomic(folder / f"{collecting.name_of(run)}.png", small(run))
    return folder


def small(run: Run) -> bytes:
    """一张小图的 PNG，至多 64 种颜色。"""
    pixels = still(run)
    scale = min(1, SMALL / max(pixels.shape))
    pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    note = PngImagePlugin.PngInfo()
    note.add_text("digest", fingerprint.digest(run.config()))
    buffer = BytesIO()
    picture = Image.fromarray(pixels.squeeze()).convert("RGB").quantize(64)
    picture.save(buffer, "PNG", pnginfo=note, optimize=True)
    return buffer.getvalue()


WHOLE = {"ring": ring, "digits": digits, "report": report}  # 不要再写训练目录
DRAWN = {"cyclegan": cyclegan, "strip": strip, "film": film, "thumbs": thumbs}  # 由训练目录画


def main() -> None:
    parser = _cli.parser(__doc__)
    parser.add_argument("which", choices=(*WHOLE, *DRAWN), help="做哪一张")
    parser.add_argument("runs", nargs="*", type=Path, help="由训练目录画的：训练目录")
    args = parser.parse_args()
    several = args.which == "cyclegan" and len(args.runs) > 1
    if (args.which in DRAWN) != bool(args.runs) or several:
        raise _cli.UserError(
            "cyclegan 后面要写一个训练目录，例如 runs/cyclegan；strip、film 与 thumbs 写几个；"
            "别的不要写"
        )
    print(f"写好 {(WHOLE | DRAWN)[args.which](*args.runs)}")


if __name__ == "__main__":
    _cli.run(main)
