"""README 里演练场的三张截图与一段影片：真的浏览器里点出来的，不是画的。

    python tools/maintain/build_screenshots.py [--steps 1200]

要 requirements-playground.txt、playwright 与系统里的 Chromium。网页改了以后重跑一次。
"""

import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import _above  # noqa: F401
import _cli
import cv2
from PIL import Image

from paddle_gan.files import write_atomic
from paddle_gan.playground import drawing, menu
from paddle_gan.playground.sessions import Sessions
from paddle_gan.playground.show import require_gradio
from paddle_gan.playground.worker import Worker
from paddle_gan.run.config import resolve
from paddle_gan.teaching.picture import Picture, save_gif, small_png

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "tutorials" / "assets"
WINDOW, SCALE = {"width": 1280, "height": 860}, 0.7  # 窗口；存的时候缩到几成
LONGEST = 600  # 秒；一样东西最多等多久
FILM, FRAMES, SIDE = "playground.gif", 30, 300  # 影片的文件、几格、多大


@contextmanager
def browser_page():
    """开一个演练场，用浏览器打开它的第一页。"""
    from playwright.sync_api import sync_playwright

    from paddle_gan.playground.app import blocks, launch

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise _cli.UserError("系统里没有 Chromium；请先 apt-get install chromium")
    sessions = Sessions(1)
    served = blocks(sessions)
    _, address, _ = launch(served, "127.0.0.1", None)
    try:
        with sync_playwright() as started:
            browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = browser.new_page(viewport=WINDOW, locale="zh-CN")
            page.set_default_timeout(1000 * LONGEST)
            page.goto(address)
            page.wait_for_selector("#stage img")
            yield page
            browser.close()
    finally:
        served.close(verbose=False)
        sessions.close()


def keep(page, name: str) -> None:
    """窗口里现在的样子，缩小了存成 PNG。"""
    image = Image.open(BytesIO(page.screenshot()))
    size = round(SCALE * image.width), round(SCALE * image.height)
    buffer = BytesIO()
    image.resize(size, Image.Resampling.LANCZOS).save(buffer, "PNG")
    path = ASSETS / f"playground_{name}.png"
    write_atomic(path, small_png(buffer.getvalue()))
    print(f"{path.relative_to(ROOT)}：{path.stat().st_size // 1024} KB", flush=True)


def shots(page, steps: int) -> None:
    """训练、潜空间，各一张。"""
    page.click("#play")
    script = """steps => {
        const found = document.querySelector("#facts")?.innerText.match(/第 ([\\d,]+) \\//);
        return found && +found[1].replace(",", "") >= steps;
    }"""
    page.wait_for_function(script, arg=steps)
    keep(page, "train")
    page.click("#play")
    page.get_by_role("tab", name="潜空间").click()
    page.wait_for_selector("#walk img")
    time.sleep(2)
    keep(page, "latent")


def checkup(page) -> None:
    """体检，一张。"""
    page.get_by_role("tab", name="体检").click()
    page.locator("#folder textarea, #folder input").fill("gallery:gan_ring_greedy")
    page.click("#examine")
    page.wait_for_function("document.querySelector('#examined')?.innerText.includes('崩溃')")
    time.sleep(1)
    keep(page, "checkup")


def film(preset: str, steps: int) -> None:
    """一个预设从第 0 步到第 steps 步的画面，与网页上的是同一个函数画的。"""
    pictures, seen = [], -1
    with tempfile.TemporaryDirectory() as folder:
        worker = Worker(resolve(menu.preset(preset)), Path(folder) / "run").start()
        worker.play(True)
        end = time.monotonic() + LONGEST
        while len(pictures) < FRAMES and time.monotonic() < end and worker.thread.is_alive():
            frame = worker.take()
            due = steps * len(pictures) / (FRAMES - 1)
            if frame and frame.number != seen and frame.step >= due:
                seen = frame.number
                pictures.append(small(drawing.stage(frame, worker.camera)))
            time.sleep(0.005)
        worker.discard()
        worker.join()
    save_gif(pictures, ASSETS / FILM, 160)
    print(f"{FILM}：{len(pictures)} 格，{(ASSETS / FILM).stat().st_size // 1024} KB", flush=True)


def small(image) -> Picture:
    """一格画面，缩到 SIDE 宽。"""
    height = round(image.shape[0] * SIDE / image.shape[1])
    reduced = cv2.resize(image, (SIDE, height), interpolation=cv2.INTER_AREA)
    return Picture(cv2.imencode(".png", reduced[..., ::-1])[1].tobytes())


def main() -> None:
    parser = _cli.parser(__doc__)
    parser.add_argument("--steps", type=int, default=1200, help="训练到第几步才拍，默认 1200")
    parser.add_argument("--only", choices=["shots", "checkup", "film"], help="只做这一样")
    args = parser.parse_args()
    require_gradio()
    os.chdir(ROOT)
    if args.only != "film":
        with browser_page() as page:
            if args.only != "checkup":
                shots(page, args.steps)
            checkup(page)
    if args.only in (None, "film"):
        film("healthy", args.steps)


if __name__ == "__main__":
    _cli.run(main)
