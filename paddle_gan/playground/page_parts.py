"""网页各页共用：一位访客是谁、出错怎样说、样式。"""

import html
import time
from collections.abc import Callable

import gradio as gr

from paddle_gan.errors import UserError
from paddle_gan.playground.sessions import Sessions, Visitor

FULL = "现在有 {limit} 位在用，坐满了；有人离开，这一页会自己接上，不用刷新"
CSS = """
:root, .gradio-container, .gradio-container * { font-family: "PingFang SC", "Microsoft YaHei",
  "Noto Sans CJK SC", system-ui, sans-serif; }
.gradio-container code, .gradio-container pre { font-family: ui-monospace, monospace; }
.gradio-container { max-width: 1500px !important; }
img.stage { width: 100%; max-width: 560px; display: block; margin: auto;
  image-rendering: auto; border-radius: 8px; }
#stage figure { margin: 0; } #stage figcaption { font-size: 13px; opacity: .85; margin-top: 6px; }
.curves { display: grid; gap: 6px; color: #59636e; }
.curves figure { margin: 0; }
.curves figcaption { font-size: 13px; color: var(--body-text-color); }
.curves figcaption span { margin-left: 8px; }
.curves figcaption i { float: right; font-style: normal; opacity: .75; }
.curves svg { width: 100%; height: auto; font-size: 11px; display: block; }
.curves svg .grid { stroke: #8884; } .curves svg .axis { stroke: #8889; }
.curves svg .cursor { display: none; } .curves svg text { fill: currentColor; }
.verdict { border-left: 6px solid #9a6700; border-radius: 6px; padding: 6px 12px;
  background: var(--block-background-fill); }
.verdict.ok { border-color: #1a7f37; } .verdict.ill { border-color: #cf222e; }
.verdict b { font-size: 17px; } .verdict small { opacity: .8; display: block; }
.small { font-size: 12px; opacity: .8; }
.facts { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 14px; margin: 2px 0 6px; }
#examined_curves .curves { grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); }
.verdict ul { margin: 4px 0; padding-left: 20px; font-size: 14px; list-style: disc; }
#paper { max-width: 340px; }
#said { position: fixed; top: 12px; right: 12px; z-index: 1000; width: min(440px, 92vw);
  padding: 0; border: 0; background: none; pointer-events: none; }
#said p { margin: 0; padding: 10px 14px; border-radius: 8px; color: #fff; background: #1f2937;
  box-shadow: 0 2px 10px #0006; animation: said 12s forwards; }
@keyframes said { 85% { opacity: 1; } to { opacity: 0; visibility: hidden; } }
@media (max-width: 767px) { #train > :last-child { order: -1; } }
.too_large:empty { display: none; }
.too_large { margin: 0; padding: 6px 12px; border-left: 6px solid #cf222e; }
canvas.sketch { background: #fff; border: 1px solid #8888; border-radius: 8px; width: 100%;
  aspect-ratio: 1; touch-action: none; cursor: crosshair; }
"""


def theme() -> gr.themes.Base:
    """系统字体的主题：什么也不从网上取。"""
    sans = ["PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "system-ui", "sans-serif"]
    return gr.themes.Soft(primary_hue="blue", font=sans, font_mono=["ui-monospace", "monospace"])


def for_visitor(sessions: Sessions, outputs: int) -> Callable:
    """处理一次点击的函数：第一个参数换成这位访客；坐满了、UserError 都在网页上说一句。

    不经过队列的动作，gr.Warning 只印在服务器上，所以交给访客，下一次来取画面时说。
    """

    def wrap(work: Callable) -> Callable:
        def handle(request: gr.Request, *inputs):
            visitor = None
            try:
                visitor = sessions.enter(request.session_hash)
                if visitor is None:
                    raise UserError(FULL.format(limit=sessions.limit))
                return work(visitor, *inputs)
            except UserError as error:
                if visitor:
                    visitor.say(str(error))
                else:
                    gr.Warning(str(error), title="请等一等")
                return nothing(outputs)

        return handle

    return wrap


def nothing(outputs: int):
    """什么也不改。"""
    skipped = [gr.skip() for _ in range(outputs)]
    return skipped[0] if outputs == 1 else skipped if outputs else None


def spoken(visitor: Visitor):
    """还没有说的话，写成一块过一会儿自己消失的字；没有就不动。"""
    sentences = [html.escape(visitor.sentences.popleft()) for _ in range(len(visitor.sentences))]
    if not sentences:
        return gr.skip()
    # 每次都不同，同一句话再说一遍也看得见
    return f'<p role="status" data-at="{time.monotonic()}">{"<br>".join(sentences)}</p>'
