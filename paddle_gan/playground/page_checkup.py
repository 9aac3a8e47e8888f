"""第四页：体检。放一份自己的 metrics.jsonl，或写一个训练目录，看诊断与证据。"""

import gradio as gr

from paddle_gan.playground import drawing
from paddle_gan.playground.checkup import examined
from paddle_gan.playground.page_controls import LATEX
from paddle_gan.playground.page_parts import for_visitor
from paddle_gan.playground.page_upload import upload_guard
from paddle_gan.playground.sessions import Sessions, Visitor
from paddle_gan.playground.status import full_card
from paddle_gan.playground.why import why


def build(sessions: Sessions, local: bool) -> None:
    """这一页；local 是不是只在本机开着：不是的话，不读这台机器上的目录。"""
    with gr.Row():
        with gr.Column(scale=1, min_width=300):
            file = gr.File(label="metrics.jsonl", type="filepath", elem_id="records")
            upload_guard("records", "记录太长的，用 tools/report.py 看那个训练目录")
            where = "训练目录，例如 runs/gan_ring；随包的写 gallery:gan_ring_collapse"
            if not local:
                where = "随包的训练，例如 gallery:gan_ring_collapse"
            folder = gr.Textbox(label=where, elem_id="folder")
            look = gr.Button("体检", variant="primary", elem_id="examine")
        with gr.Column(scale=2, min_width=400):
            verdict = gr.HTML(elem_id="examined")
            curves = gr.HTML(elem_id="examined_curves")
    with gr.Accordion("为什么？课程里怎样讲", open=False):
        section = gr.Markdown(latex_delimiters=LATEX)

    def examine(visitor: Visitor, upload: str | None, folder: str) -> list:
        found, records = examined(upload, (folder or "")[:500], local)
        return [full_card(found), drawing.curves(records), why(found.verdict)]

    work = for_visitor(sessions, 3)(examine)
    hidden = {"show_progress": "hidden", "concurrency_limit": None}
    for event in (look.click, file.upload, folder.submit):
        event(work, [file, folder], [verdict, curves, section], **hidden)
