"""不用命令行，打开演练场：在笔记本的一格里，或者当应用的入口 app.py。"""

import os
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


class Shown:
    """现在开着的：再打开一次，先关掉它。"""

    page = sessions = None


def show(visitors: int = VISITORS, height: int = 1000):
    """打开演练场，返回它的网页；在笔记本里显示在这一格下面，内核在它就在。

    地址与端口照环境变量 GRADIO_SERVER_NAME（默认只有本机能打开）、GRADIO_SERVER_PORT
    （默认 7860 起第一个空着的）。在 app.py 里接着写 .block_thread()，进程就不退出。
    """
    require_gradio()
    from paddle_gan.playground.app import blocks, launch

    if Shown.page is not None:
        Shown.page.close(verbose=False)
        Shown.sessions.close()
    host = os.environ.get("GRADIO_SERVER_NAME", LOCAL[0])
    Shown.sessions = Sessions(visitors)
    Shown.page = blocks(Shown.sessions, local=host in LOCAL)
    launch(Shown.page, host, None, height)
    return Shown.page
