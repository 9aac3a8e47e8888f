"""README 与教程里的动画和三联图；现场训练，写进 tutorials/assets/。

python tools/maintain/build_pictures.py ring            # 约 2 分钟：八个高斯，正常与崩溃并排
python tools/maintain/build_pictures.py digits          # 约 2 分钟：手写数字怎样长出来
python tools/maintain/build_pictures.py report          # 约 4 分钟：训练报告的截图，要装好 Chromium
python tools/maintain/build_pictures.py cyclegan runs/cyclegan   # 由训练目录画三联图，不训练
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

import _above  # noqa: F401
import _cli
import numpy as np

from paddle_gan.data import Batches
from paddle_gan.files import write_atomic
from paddle_gan.monitor.report import build_report
from paddle_gan.monitor.run_view import load_run
from paddle_gan.run.build import build_data
from paddle_gan.run.run import Run
from paddle_gan.teaching import images, points, rows_of_images, train
from paddle_gan.teaching.picture import save_gif

ASSETS = Path(__file__).resolve().parents[2] / "tutorials" / "assets"
FRAMES = 25  # 动画有多少帧
SHOWN = 12  # 三联图画几个字
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WINDOW = "1265,1215"  # 截图的宽与高，像素


def ring() -> Path:
    """D 走 1 步：八个模式都在；G 走 20 步：所有的点挤在一处，跳来跳去。"""
    healthy = train("gan_ring", "total_steps=3000", name="picture_ring", snapshots=FRAMES)
    steps = ("total_steps=600", "hparams.g_steps=20")
    collapsed = train("gan_ring", *steps, name="picture_collapse", snapshots=FRAMES)
    real = healthy.data.sample(1000, np.random.default_rng(0))
    pairs = zip(sorted(healthy.snapshots.items()), sorted(collapsed.snapshots.items()))
    frames = [
        points(
            {f"D 1 : G 1，第 {a} 步": x, f"D 1 : G 20，第 {b} 步": y},
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
    """正常、模式崩溃与 WGAN 的训练报告，截最上面的一屏。"""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        raise _cli.UserError(f"没有找到浏览器（{'、'.join(BROWSERS)}）；装好其中一个再来")
    steps = {"gan_ring": 3000, "gan_ring_collapse": 4000, "wgan_ring": 4000}
    runs = [
        load_run(name, train(name, f"total_steps={n}", name=f"picture_{name}").folder, index)
        for index, (name, n) in enumerate(steps.items())
    ]
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


def main() -> None:
    parser = _cli.parser(__doc__)
    parser.add_argument("which", choices=("ring", "digits", "report", "cyclegan"), help="做哪一张")
    parser.add_argument("run", nargs="?", type=Path, help="cyclegan 的训练目录")
    args = parser.parse_args()
    if (args.which == "cyclegan") != (args.run is not None):
        raise _cli.UserError("cyclegan 后面要写一个训练目录，例如 runs/cyclegan；别的不要写")
    made = {"ring": ring, "digits": digits, "report": report}.get(args.which)
    print(f"写好 {made() if made else cyclegan(args.run)}")


if __name__ == "__main__":
    _cli.run(main)
