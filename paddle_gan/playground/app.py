"""把各页合成一个网页，开起来。"""

import logging
from pathlib import Path

import gradio as gr

from paddle_gan.playground import page_checkup, page_latent, page_train, page_translate
from paddle_gan.playground.models import Own
from paddle_gan.playground.page_parts import CSS, theme
from paddle_gan.playground.page_upload import LARGEST
from paddle_gan.playground.sessions import Sessions

TITLE = "GAN 演练场"
PAGES = 64  # Gradio 至多记着几个标签页的控件（每个约 1 MB）；默认一万个，关了的也不删


def blocks(sessions: Sessions, local: bool = True) -> gr.Blocks:
    """整个网页；访客关了标签页，他的训练就收场。local 是不是只在本机开着。"""
    Own.folder = Path("runs") if local else None
    kept = {"delete_cache": (600, 1800)}  # 秒；换下来的图多久删一次，留多久
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True, **kept) as page:
        gr.Markdown(f"# {TITLE}\n边训练边动手：改一个超参数，马上看见它做了什么。")
        said = gr.HTML(elem_id="said")
        with gr.Tab("训练"):
            arrive, places = page_train.build(sessions, said)
        with gr.Tab("潜空间", elem_id="latent") as tab:
            page_latent.build(sessions, tab)
        with gr.Tab("翻译", elem_id="translate") as tab:
            page_translate.build(sessions, tab)
        with gr.Tab("体检", elem_id="checkup"):
            page_checkup.build(sessions, local)

        def left(request: gr.Request) -> None:
            sessions.leave(request.session_hash)

        page.load(arrive, None, places, **page_train.REDRAW)
        page.unload(left)
    return page


def launch(page: gr.Blocks, host: str, port: int | None, height: int = 1000):
    """开起来，不等；port 是 None 时找一个空的，height 是在笔记本里显示多高。

    返回 (应用, 本机的地址, 共享的地址)。
    """
    logging.getLogger("httpx").setLevel(logging.WARNING)  # 它会印出自己连自己的每个请求
    return page.launch(
        server_name=host,
        server_port=port,
        height=height,
        prevent_thread_lock=True,
        quiet=True,
        share=False,
        ssr_mode=False,
        _frontend=False,  # 不先连一次自己：忙的机器上几秒没有回答，它就当作连不上而退出
        footer_links=[],
        max_file_size=f"{LARGEST}mb",
        state_session_capacity=PAGES,
        theme=theme(),
        css=CSS,
    )
