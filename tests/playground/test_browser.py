"""演练场在真的浏览器里：训练、换方法、预设、自己画、关掉、后退与刷新；没有一个请求离开本机。"""

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
        late = time.monotonic() - began > WAIT / 1000
        assert not late, f"只看到 {sorted(seen)}；{page.inner_text('#facts')}"
        seen.add(page.locator("#stage img").get_attribute("alt"))
    return time.monotonic() - began


def test_play_shows_frame_after_frame_and_the_method_and_the_data_can_be_changed(page, server):
    page.click("#play")
    shown(page, "训练中", "#facts")
    frames(page, 20)
    shown(page, "D 给的概率", "#curves")
    choose(page, "方法", "wgan_gp")  # 正训练着
    page.wait_for_selector("#h_gp_weight")  # 它自己的超参数
    shown(page, "从第 0 步重新开始；原来那一次走到第", "#said")
    shown(page, "第 0 / ", "#facts")
    page.click("#play")
    frames(page, 5)
    shown(page, "D 给的分数", "#curves")
    assert "概率" not in page.locator("#curves").inner_text()  # 没有掺上原来的曲线
    page.click("#play")
    shown(page, "暂停", "#facts")
    page.click("#one_D")
    shown(page, "途中改过 1 次", "#facts")
    page.click("#play")
    shown(page, "训练中", "#facts")
    choose(page, "数据", "两条线")  # 正训练着
    shown(page, "第 0 / ", "#facts")
    (worker,) = [w for w in server.workers() if w.thread.is_alive()]
    assert (worker.config.method, worker.config.data["name"]) == ("wgan_gp", "two_lines")
    assert (worker.step, worker.records, worker.playing) == (0, [], False)


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
    page.get_by_label("种子").fill("7")
    page.get_by_label("种子").blur()
    shown(page, "按“重新开始”生效", "#said")  # 不经过队列的动作，说的话也看得见
    page.click("#save")
    shown(page, "playground_1", "#saved")
    found = re.search(r"runs/playground_1", page.locator("#saved").inner_text())
    assert found


def too_large(page, name: str, file, hint: str) -> None:
    """放上一个太大的文件：没有传，说一句话；再放一个小的，那句话就没了。"""
    sent = []
    page.on("request", lambda r: sent.append(r.url) if "/upload" in r.url else None)
    page.set_input_files(f"#{name} input", file)
    shown(page, f"{file.name} 有 50.0 MB，一个文件至多 4 MB；{hint}", f"#{name}_said")
    assert sent == []


def test_the_other_pages_answer_and_refuse_a_huge_file(page, server, tmp_path):
    huge = tmp_path / "huge.png"
    with huge.open("wb") as file:
        file.truncate(50 * 2**20)
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
    before = page.locator("#seen_1 img").get_attribute("src")
    too_large(page, "given", huge, "请先把图缩小")
    page.set_input_files("#given input", ROOT / "tutorials/assets/strip.png")
    changed(page, "#seen_1 img", before)
    assert page.locator("#given_said").inner_text() == ""

    page.get_by_role("tab", name="体检").click()
    too_large(page, "records", huge, "记录太长的")
    page.set_input_files("#records input", GALLERY / "gan_ring_greedy" / "metrics.jsonl")
    shown(page, "模式崩溃", "#examined")


def changed(page, where: str, before: str) -> None:
    """图换了一张。"""
    page.wait_for_function(
        "([where, before]) => document.querySelector(where).src != before", arg=[where, before]
    )


def test_two_tabs_train_apart_and_closing_one_ends_its_training_only(chromium, server):
    until(lambda: server.sessions.count() == 0)
    visitor = chromium.new_context()  # 同一位访客的两个标签页
    pages = [visitor.new_page() for _ in range(2)]
    for page, preset in zip(pages, ("WGAN-GP", "R1 救回来")):
        page.set_default_timeout(WAIT)
        page.goto(server.address)
        page.wait_for_selector("#stage img")
        choose(page, "预设", preset)  # 马上就开始
        shown(page, "训练中", "#facts")
    workers = server.workers()
    assert [worker.config.method for worker in workers] == ["wgan_gp", "r1"]
    third = chromium.new_page()
    third.set_default_timeout(WAIT)
    third.goto(server.address)
    shown(third, "坐满了", "#verdict")
    for k, page in enumerate(pages):
        page.close()
        workers[k].join()
        assert not workers[k].folder.exists()
        for other in workers[k + 1 :]:
            frames(pages[k + 1], 2)
            assert other.playing and other.thread.is_alive()
    third.wait_for_selector("#stage img")  # 有人离开，自己接上
    third.close()
    visitor.close()
    until(lambda: server.sessions.count() == 0)


def test_files_of_the_machine_are_not_served_and_a_huge_one_is_not_taken(server):
    for path in ("tools/playground.py", "/etc/passwd", "../../etc/passwd"):
        url = f"{server.address}gradio_api/file={path}"
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(url, timeout=60)
        assert refused.value.code in (403, 404)
    body = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
    body += bytes(50 * 2**20) + b"\r\n--x--\r\n"  # 不经过网页，直接发
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    sent = urllib.request.Request(f"{server.address}gradio_api/upload", body, kind)
    with pytest.raises(urllib.error.URLError) as refused:  # 回答 413，或者没有发完就断开
        urllib.request.urlopen(sent, timeout=60)
    assert getattr(refused.value, "code", 413) == 413
    with urllib.request.urlopen(f"{server.address}config", timeout=60) as answer:
        config = json.loads(answer.read())
    assert config["analytics_enabled"] is False


def rooms(folder) -> list:
    """正开着的训练目录：训练的线程结束时，最后一件事是删掉自己的。"""
    return list(folder.glob("paddle_gan_playground_*/*/*/config.yml"))


def test_reload_and_back_end_the_training_and_the_log_stays_clean(chromium, tmp_path):
    port = free_port()
    command = [sys.executable, str(ROOT / "tools/playground.py"), "--port", str(port)]
    (tmp_path / "tmp").mkdir()
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=os.environ | {"TMPDIR": str(tmp_path / "tmp")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # 在后台跑测试时 SIGINT 是被忽略的，子进程会继承
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout.readline() == f"演练场：http://127.0.0.1:{port}/\n"
    page = chromium.new_page()
    page.set_default_timeout(WAIT)
    page.goto(f"http://127.0.0.1:{port}/")
    assert "GAN 演练场" in page.content()
    for leave in (page.reload, page.go_back):
        page.wait_for_selector("#stage img")
        page.click("#play")
        shown(page, "训练中", "#facts")
        (before,) = rooms(tmp_path / "tmp")
        leave()
        until(lambda room=before.parent: not room.exists())
    assert page.url == "about:blank"
    page.close()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "", "演练场关了\n")
    assert [path.name for path in tmp_path.iterdir()] == ["tmp"]
    assert rooms(tmp_path / "tmp") == []
