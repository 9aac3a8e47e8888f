"""演练场的一位访客：不开浏览器，照网页发的请求发；开着的心跳一断，服务器就当作标签页关了。"""

import json
import secrets
import threading
import time
from http.client import HTTPConnection, HTTPResponse

TICK, PATIENCE = 0.12, 60.0  # 秒；网页多久来取一次画面；一个请求最多等多久
STAGE, VERDICT = 0, 3  # 取一次画面，回来的第几样是画面、诊断


class Page:
    """服务器上的网页有哪些动作：谁的什么事件 → 几号函数。"""

    def __init__(self, port: int):
        self.port = port
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", "/config")
        found = json.loads(connection.getresponse().read())
        connection.close()
        named = {c["id"]: c["props"].get("elem_id") or c["type"] for c in found["components"]}
        self.actions = {
            (named.get(target, "page"), event): dependency["id"]
            for dependency in found["dependencies"]
            for target, event in dependency["targets"]
        }


class Visitor:
    """一个标签页；用 with 打开，出了块就关。"""

    def __init__(self, page: Page):
        self.page, self.key = page, secrets.token_hex(6)
        self.frames, self.waiting, self.worst = 0, False, 0.0
        self.news = threading.Condition()
        self._open = True
        self._ticks = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> "Visitor":
        self._call("GET", "/").read()
        self._heart, response = self._send("GET", f"/gradio_api/heartbeat/{self.key}")
        self._pulse = response
        self.queued("page", "load")
        self._ticks.start()
        return self

    def __exit__(self, *error) -> None:
        self._open = False
        self._ticks.join()
        self._pulse.close()
        self._heart.close()

    def click(self, name: str, event: str = "click", data: tuple = ()) -> float:
        """点一下，等到回答；返回几秒。"""
        began = time.monotonic()
        self._run(name, event, data)
        return time.monotonic() - began

    def queued(self, name: str, event: str, data: tuple = ()) -> float:
        """经过队列的动作，等它做完；返回几秒。"""
        began = time.monotonic()
        body = self._body(name, event, data)
        self._call("POST", "/gradio_api/queue/join?", body).read()
        connection, answer = self._send("GET", f"/gradio_api/queue/data?session_hash={self.key}")
        for line in iter(answer.readline, b""):
            if b"process_completed" in line or b"close_stream" in line:
                break
        answer.close()
        connection.close()
        return time.monotonic() - began

    def next_frame(self, seen: int) -> bool:
        """等到比 seen 更多的画面；等不到是假。"""
        with self.news:
            return self.news.wait_for(lambda: self.frames > seen, PATIENCE)

    def _tick(self) -> None:
        while self._open:
            began = time.monotonic()
            shown = self._run("timer", "tick")
            with self.news:
                self.frames += isinstance(shown[STAGE], str)
                if isinstance(shown[VERDICT], str):
                    self.waiting = "坐满了" in shown[VERDICT]
                self.news.notify_all()
            self.worst = max(self.worst, time.monotonic() - began)
            time.sleep(max(0.0, TICK - (time.monotonic() - began)))

    def _run(self, name: str, event: str, data: tuple = ()) -> list:
        body = self._body(name, event, data)
        return json.loads(self._call("POST", "/gradio_api/run/predict", body).read())["data"]

    def _body(self, name: str, event: str, data: tuple) -> str:
        number = self.page.actions[name, event]
        return json.dumps({"data": data, "fn_index": number, "session_hash": self.key})

    def _call(self, method: str, path: str, body: str | None = None) -> HTTPResponse:
        connection, answer = self._send(method, path, body)
        if answer.status != 200:
            raise ConnectionError(f"{path} 回答 {answer.status}：{answer.read()[:200]!r}")
        return answer

    def _send(self, method: str, path: str, body: str | None = None) -> tuple:
        connection = HTTPConnection("127.0.0.1", self.page.port, timeout=PATIENCE)
        connection.request(method, path, body, {"Content-Type": "application/json"})
        return connection, connection.getresponse()
