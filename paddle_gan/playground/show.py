"""不用命令行，打开演练场：在笔记本的一格里，或者当应用的入口 app.py。"""

import os
import signal
import threading
from importlib.util import find_spec

from paddle_gan.errors import UserError
from paddle_gan.playground.sessions import VISITORS, Sessions

LOCAL = ("127.0.0.1", "localhost")


def require_gradio() -> None:
    """装了 gradio，否则抛出 UserError。"""
    if find_spec("gradio") is None:
        raise UserError(
            "演练场要 gradio，这里没有装；请运行 pip install -r requirements-playground.txt"
        )


class Playground:
    """开着的一个演练场；current 是现在的这个，再打开一次先关掉它。"""

    current: "Playground | None" = None

    def __init__(self, page, sessions: Sessions, address: str):
        self.page, self.sessions, self.address = page, sessions, address

    def __repr__(self) -> str:
        return f"演练场：{self.address}"

    def close(self) -> None:
        """关掉：训练停下，临时的文件删掉。"""
        self.page.close(verbose=False)
        self.sessions.close()

    def wait(self) -> None:
        """一直开着，收到 Ctrl-C 或 SIGTERM 才关掉；写在 app.py 里。"""
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            self.close()


def show(visitors: int = VISITORS, height: int = 1000) -> Playground:
    """打开演练场；在笔记本里显示在这一格下面，内核在它就在。

    地址与端口照环境变量 GRADIO_SERVER_NAME（默认只有本机能打开）、GRADIO_SERVER_PORT
    （默认 7860 起第一个空着的）。
    """
    require_gradio()
    from paddle_gan.playground.app import blocks, launch

    if Playground.current is not None:
        Playground.current.close()
    host = os.environ.get("GRADIO_SERVER_NAME", LOCAL[0])
    sessions = Sessions(visitors)
    page = blocks(sessions, local=host in LOCAL)
    _, address, _ = launch(page, host, None, height)
    Playground.current = Playground(page, sessions, address)
    return Playground.current
