"""看板的测试共用：真的开着的一个看板，从 HTTP 接口读。"""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path

from tool_helpers import ROOT

WAIT = 120  # 等不到就是坏了；慢的机器也远用不了这么久


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Board:
    """一个开着的看板；api("scalar/list", run=…, tag=…) 取它的数据。"""

    def __init__(self, *runs: Path | str):
        self.port = free_port()
        command = [sys.executable, ROOT / "tools/dashboard.py", *runs, "--port", str(self.port)]
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            # 在后台跑测试时 SIGINT 是被忽略的，子进程会继承；Ctrl-C 的测试要它不被忽略
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        self.address = self.process.stdout.readline().strip()  # 打印出来时已经能访问
        assert self.address == f"看板：http://127.0.0.1:{self.port}/app/scalar"

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.port}/app/{path}", timeout=WAIT
        ) as page:
            return page.read()

    def api(self, name: str, **query):
        return json.loads(self.get(f"api/{name}?{urllib.parse.urlencode(query)}"))["data"]

    def close(self) -> tuple[int, str, str]:
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=WAIT)
        return self.process.returncode, out, err
