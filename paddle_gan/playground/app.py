"""把各页合成一个网页，开起来。"""

import gradio as gr

from paddle_gan.playground import page_train
from paddle_gan.playground.page_parts import CSS, theme
from paddle_gan.playground.sessions import Sessions

TITLE = "GAN 演练场"
UPLOAD = "4mb"  # 一个上传的文件最大多少


def blocks(sessions: Sessions) -> gr.Blocks:
    """整个网页；访客关了标签页，他的训练就收场。"""
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as page:
        gr.Markdown(f"# {TITLE}\n边训练边动手：改一个超参数，马上看见它做了什么。")
        with gr.Tab("训练"):
            arrive, places = page_train.build(sessions)

        def left(request: gr.Request) -> None:
            sessions.leave(request.session_hash)

        page.load(arrive, None, places, **page_train.REDRAW)
        page.unload(left)
    return page


def launch(page: gr.Blocks, host: str, port: int):
    """开起来，不等；返回 (应用, 本机的地址, 共享的地址)。"""
    return page.launch(
        server_name=host,
        server_port=port,
        prevent_thread_lock=True,
        quiet=True,
        share=False,
        ssr_mode=False,
        footer_links=[],
        max_file_size=UPLOAD,
        theme=theme(),
        css=CSS,
    )
