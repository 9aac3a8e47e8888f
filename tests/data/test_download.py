"""下载：断点续传、校验、多余的与缺的字节、几个进程同时要；服务器在本机，由测试自己开。"""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from paddle_gan.data import download
from paddle_gan.data.download import fetch
from paddle_gan.errors import UserError

CONTENT = np.random.default_rng(0).bytes(300_000)
MD5 = hashlib.md5(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """听 server.settings 的话：cut 发多少字节就断，ranges 认不认 Range，claim 谎报的长度。"""

    def do_GET(self):
        settings = self.server.settings
        wanted = self.headers.get("Range")
        self.server.asked.append(wanted)
        if settings.get("status"):
            self.send_error(settings["status"])
            return
        content = settings.get("content", CONTENT)
        start = int(wanted[len("bytes=") : -1]) if wanted and settings.get("ranges", True) else 0
        if start >= len(content):
            self.send_error(416)
            return
        rest = content[start:]
        self.send_response(206 if start else 200)
        if settings.get("length", True):
            self.send_header("Content-Length", str(settings.get("claim", len(rest))))
        self.end_headers()
        self.wfile.write(rest[: settings.get("cut")])
        if "silent" in settings:  # 不断开，也不再说话
            settings["silent"].wait(120)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.settings, running.asked = {}, []
        threading.Thread(target=running.serve_forever, daemon=True).start()
        running.url = f"http://127.0.0.1:{running.server_address[1]}/data.gz"
        yield running
        running.shutdown()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / "data.gz"


def part(path):
    return path.with_name("data.gz.part")


def test_a_whole_file_arrives_once_and_is_kept(server, path, capsys):
    assert fetch(server.url, path, MD5) == path
    assert path.read_bytes() == CONTENT and not part(path).exists()
    assert capsys.readouterr().err == f"提示：下载 {server.url}（0.3 MB）\n"
    fetch(server.url, path, MD5)
    assert server.asked == [None]


def test_a_cut_download_leaves_no_half_file_and_goes_on_where_it_stopped(server, path, capsys):
    server.settings = {"cut": 100_000}
    with pytest.raises(UserError, match="没有完成（已有 100,000 字节）.*再运行一次会接着下"):
        fetch(server.url, path, MD5)
    assert not path.exists() and part(path).read_bytes() == CONTENT[:100_000]
    server.settings = {}
    fetch(server.url, path, MD5)
    assert path.read_bytes() == CONTENT and not part(path).exists()
    assert server.asked == [None, "bytes=100000-"]
    assert "接着上次的" in capsys.readouterr().err


def test_a_server_without_ranges_starts_again(server, path):
    path.parent.mkdir()
    part(path).write_bytes(CONTENT[:5000])
    server.settings = {"ranges": False}
    fetch(server.url, path, MD5)
    assert path.read_bytes() == CONTENT and server.asked == ["bytes=5000-"]


@pytest.mark.parametrize("stale", [b"x" * 5000, b"x" * 400_000])
def test_a_part_of_something_else_is_thrown_away(server, path, stale):
    path.parent.mkdir()
    part(path).write_bytes(stale)
    with pytest.raises(UserError, match=f"应为 {MD5}；下载的已删除，请再运行一次"):
        fetch(server.url, path, MD5)
    assert not path.exists() and not part(path).exists()
    fetch(server.url, path, MD5)
    assert path.read_bytes() == CONTENT


def test_a_part_that_is_already_whole_is_used(server, path):
    path.parent.mkdir()
    part(path).write_bytes(CONTENT)
    assert fetch(server.url, path, MD5).read_bytes() == CONTENT


def test_a_damaged_cached_file_is_fetched_again_and_replaced_only_when_whole(server, path):
    path.parent.mkdir()
    path.write_bytes(b"damaged")
    server.settings = {"cut": 10}
    with pytest.raises(UserError):
        fetch(server.url, path, MD5)
    assert path.read_bytes() == b"damaged"
    server.settings = {}
    assert fetch(server.url, path, MD5).read_bytes() == CONTENT


def test_other_content_under_the_same_name_is_refused(server, path):
    server.settings = {"content": CONTENT[::-1]}
    with pytest.raises(UserError, match="的 MD5 是"):
        fetch(server.url, path, MD5)
    assert list(path.parent.glob("data.gz*")) == [path.with_name("data.gz.lock")]


@pytest.mark.parametrize("status", [404, 500])
def test_a_server_that_says_no_is_one_sentence(server, path, status):
    server.settings = {"status": status}
    with pytest.raises(UserError, match=rf"没有完成（已有 0 字节）：HTTP Error {status}"):
        fetch(server.url, path, MD5)


@pytest.mark.parametrize("settings", [{"length": False}, {"claim": 10**12}, {"claim": "many"}])
def test_no_length_or_an_absurd_one_is_refused_before_anything_is_written(server, path, settings):
    server.settings = settings
    with pytest.raises(UserError, match="不是要的数据"):
        fetch(server.url, path, MD5)
    assert not part(path).exists()


def test_no_server_and_no_place_to_write_are_one_sentence(server, path, tmp_path):
    with pytest.raises(UserError, match="没有完成.*Connection refused"):
        fetch("http://127.0.0.1:9/data.gz", path, MD5)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UserError, match="没有完成"):
        fetch(server.url, tmp_path / "file" / "data.gz", MD5)
    assert server.asked == []


def test_a_silent_server_counts_as_cut(server, path, monkeypatch):
    monkeypatch.setattr(download, "PATIENCE", 1)  # 再短，慢的机器连头也来不及发
    over = threading.Event()
    server.settings = {"claim": len(CONTENT) + 1000, "silent": over}
    with pytest.raises(UserError, match="已有 [1-9].*timed out"):
        fetch(server.url, path, MD5)
    over.set()
    assert CONTENT.startswith(part(path).read_bytes())


def test_two_at_once_download_it_once(server, path):
    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(fetch, server.url, path, MD5) for _ in range(4)]
    assert [one.result() for one in done] == [path] * 4 and server.asked == [None]
    assert path.read_bytes() == CONTENT
