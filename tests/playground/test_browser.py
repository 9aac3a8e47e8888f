"""演练场在真的浏览器里：训练、换方法、预设、自己画、关掉标签页；没有一个请求离开本机。"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from board_server import free_port
from playground_cases import until
from tool_helpers import ROOT

pytestmark = pytest.mark.slow
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # 要在导入 gradio 之前
pytest.importorskip("gradio", reason="没有装 gradio（requirements-playground.txt）")
playwright = pytest.importorskip("playwright.sync_api", reason="没有装 playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if CHROMIUM is None:
    pytest.skip("系统里没有 Chromium（apt-get install chromium）", allow_module_level=True)
from paddle_gan.playground.app import blocks, launch  # noqa: E402
from paddle_gan.playground.sessions import Sessions  # noqa: E402
from paddle_gan.run.gallery import GALLERY  # noqa: E402

WAIT = 60_000  # 毫秒；忙的机器上，一次点击也可能等很久


class Server:
    """开着的一个演练场，就在这个进程里：看得见每位访客的训练。"""

    def __init__(self, visitors: int):
        self.sessions = Sessions(visitors)
        self.page, self.port = blocks(self.sessions), free_port()
        launch(self.page, "127.0.0.1", self.port)
        self.address = f"http://127.0.0.1:{self.port}/"

    def workers(self) -> list:
        """现在的几次训练。"""
        visitors = list(self.sessions._visitors.values())
        return [visitor.worker for visitor in visitors if visitor.worker]

    def close(self) -> None:
        self.page.close(verbose=False)
        self.sessions.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    before = os.getcwd()
    os.chdir(tmp_path_factory.mktemp("playground"))  # 存的东西写在当前目录下
    server = Server(visitors=2)
    yield server
    server.close()
    os.chdir(before)


@pytest.fixture(scope="module")
def chromium():
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, server):
    """一个标签页；控制台有错、有请求离开本机，就是没有通过。"""
    page = chromium.new_page(viewport={"width": 1400, "height": 1300})
    page.set_default_timeout(WAIT)
    errors, outside = [], []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    local = re.compile(rf"(http|ws)://127\.0\.0\.1:{server.port}/|data:|blob:")
    page.on("request", lambda r: None if local.match(r.url) else outside.append(r.url))
    page.goto(server.address)
    page.wait_for_selector("#stage img")
    yield page
    page.close()
    assert (errors, outside) == ([], [])


def choose(page, label: str, option: str) -> None:
    page.get_by_label(label).first.click()
    page.get_by_role("option", name=option).first.click()


def shown(page, text: str, where: str) -> None:
    """where 里出现 text。"""
    page.wait_for_function(
        "([where, text]) => document.querySelector(where)?.innerText.includes(text)",
        arg=[where, text],
    )


def frames(page, count: int) -> float:
    """看到 count 张不同的画面要几秒。"""
    began, seen = time.monotonic(), set()
    while len(seen) < count:
        assert time.monotonic() - began < WAIT / 1000, f"只看到 {len(seen)} 张"
        seen.add(page.locator("#stage img").get_attribute("alt"))
    return time.monotonic() - began


def test_play_shows_frame_after_frame_and_the_method_can_be_changed(page):
    page.click("#play")
    shown(page, "训练中", "#facts")
    frames(page, 20)
    choose(page, "方法", "wgan_gp")
    page.wait_for_selector("#h_gp_weight")  # 它自己的超参数
    shown(page, "第 0 / ", "#facts")
    page.click("#play")
    frames(page, 5)
    page.click("#play")
    shown(page, "暂停", "#facts")
    page.click("#one_D")
    shown(page, "途中改过 1 次", "#facts")


@pytest.mark.skipif(
    not os.environ.get("PADDLE_GAN_ALL"), reason="要整段训练两次；要跑：PADDLE_GAN_ALL=1"
)
def test_the_collapse_is_named_and_its_cure_is_healthy(page):
    for preset, verdict in (("模式崩溃", "模式崩溃"), ("PacGAN 救回来", "正常")):
        choose(page, "预设", preset)
        shown(page, "走完了", "#facts")
        shown(page, verdict, "#verdict")


def test_what_is_drawn_on_the_canvas_is_learned_and_can_be_saved(page, server):
    choose(page, "数据", "自己画")
    page.wait_for_selector("#sketch canvas", state="visible")
    box = page.locator("#sketch canvas").bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    for k in range(1, 15):
        page.mouse.move(box["x"] + (0.2 + 0.04 * k) * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.up()
    page.click("#use")
    shown(page, "训练中", "#facts")
    frames(page, 3)
    page.click("#save")
    shown(page, "playground_1", "#saved")
    found = re.search(r"runs/playground_1", page.locator("#saved").inner_text())
    assert found


def test_the_other_pages_answer(page, server):
    page.get_by_role("tab", name="潜空间").click()
    page.wait_for_selector("#walk img")
    before = page.locator("#walk img").get_attribute("src")
    box = page.locator("#walk img").bounding_box()
    page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + 0.6 * box["height"])
    changed(page, "#walk img", before)
    page.click("#road")
    page.wait_for_selector("#film img")

    page.get_by_role("tab", name="翻译").click()
    page.wait_for_selector("#seen_1 img")
    before = page.locator("#seen_1 img").get_attribute("src")
    box = page.locator("#paper canvas").bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 0.5 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 0.5 * box["height"], steps=5)
    page.mouse.up()
    page.click("#use_paper")
    changed(page, "#seen_1 img", before)

    page.get_by_role("tab", name="体检").click()
    page.set_input_files("#records input", GALLERY / "gan_ring_greedy" / "metrics.jsonl")
    shown(page, "模式崩溃", "#examined")


def changed(page, where: str, before: str) -> None:
    """图换了一张。"""
    page.wait_for_function(
        "([where, before]) => document.querySelector(where).src != before", arg=[where, before]
    )


def test_closing_the_tab_ends_its_training_and_lets_the_next_one_in(chromium, server):
    until(lambda: server.sessions.count() == 0)
    pages = [chromium.new_page() for _ in range(2)]
    for page in pages:
        page.set_default_timeout(WAIT)
        page.goto(server.address)
        page.wait_for_selector("#stage img")
        page.click("#play")
        shown(page, "训练中", "#facts")
    workers = server.workers()
    third = chromium.new_page()
    third.set_default_timeout(WAIT)
    third.goto(server.address)
    shown(third, "坐满了", "#verdict")
    for page in pages:
        page.close()
    for worker in workers:
        worker.join()
        assert not worker.folder.exists()
    third.wait_for_selector("#stage img")  # 有人离开，自己接上
    third.close()
    until(lambda: server.sessions.count() == 0)


def test_files_of_the_machine_are_not_served(server):
    for path in ("tools/playground.py", "/etc/passwd", "../../etc/passwd"):
        url = f"{server.address}gradio_api/file={path}"
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(url, timeout=60)
        assert refused.value.code in (403, 404)
    with urllib.request.urlopen(f"{server.address}config", timeout=60) as answer:
        config = json.loads(answer.read())
    assert config["analytics_enabled"] is False


def test_the_command_prints_the_address_serves_it_and_ends_with_ctrl_c(tmp_path):
    port = free_port()
    command = [sys.executable, str(ROOT / "tools/playground.py"), "--port", str(port)]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # 在后台跑测试时 SIGINT 是被忽略的，子进程会继承
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout.readline() == f"演练场：http://127.0.0.1:{port}/\n"
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
        assert "GAN 演练场" in answer.read().decode()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "") and "演练场关了" in err
    assert list(tmp_path.iterdir()) == []
