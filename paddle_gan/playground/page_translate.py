"""第三页：翻译。放一张图、写一个字，或从测试集里取一张：译过去，再译回来。"""

import gradio as gr
import numpy as np

from paddle_gan.playground import translating
from paddle_gan.playground.models import translators
from paddle_gan.playground.page_parts import for_visitor
from paddle_gan.playground.page_sketch import PICTURE, paper, wipe
from paddle_gan.playground.page_upload import upload_guard
from paddle_gan.playground.sessions import Sessions, Visitor
from paddle_gan.run.gallery import names
from paddle_gan.run.shipped import about

NAMES = {"x2y": "X → Y", "y2x": "Y → X"}
PLACES = 3


def shown(pictures: dict) -> list:
    """三个位置各放什么。"""
    given = [gr.update(value=image, label=title, visible=True) for title, image in pictures.items()]
    return given + [gr.update(visible=False)] * (PLACES - len(given))


def open_model(visitor: Visitor, name: str) -> list:
    """换一个模型：有哪几个方向，先译一张测试集里的。"""
    found = translating.directions(name)
    options = [(NAMES[direction], direction) for direction in found]
    return [
        gr.update(choices=options, value=found[0]),
        about(name) if name in names() else name,
        *sample(visitor, name, found[0], 0),
    ]


def translated(visitor: Visitor, name: str, direction: str, image: np.ndarray) -> list:
    """译一张图，记住它：换检查点比的时候还用。"""
    pictures = shown(translating.there_and_back(name, image, direction))
    visitor.given = image
    return pictures


def sample(visitor: Visitor, name: str, direction: str, number: float) -> list:
    """译一张测试集里的。"""
    image = translating.example(name, direction, int(number or 0))
    return translated(visitor, name, direction, image)


def upload(visitor: Visitor, name: str, direction: str, path: str | None) -> list:
    """译你给的一张图。"""
    return translated(visitor, name, direction, translating.from_file(path))


def written(visitor: Visitor, name: str, direction: str, text: str) -> list:
    """译你写的一个字。"""
    return translated(visitor, name, direction, translating.from_canvas(text or ""))


def compare(visitor: Visitor, name: str, direction: str) -> list:
    """同一张图，各个检查点译的并排。"""
    image = visitor.given
    if image is None:
        image = translating.example(name, direction, 0)
    return translating.compared(name, image, direction)


def build(sessions: Sessions, tab: gr.Tab) -> None:
    """这一页；第一次点开时才装模型。"""
    able = translators()
    with gr.Row():
        with gr.Column(scale=1, min_width=300):
            name = gr.Dropdown(
                able, value=able[0], label="随包的翻译器，和 runs/ 下你训练的", elem_id="translator"
            )
            told = gr.Markdown(elem_classes="small")
            direction = gr.Radio([("X → Y", "x2y")], value="x2y", label="方向")
            number = gr.Slider(0, 99, 0, step=1, label="测试集里的第几张")
            # 不用 gr.Image：它自己先把图解开，几 KB 的文件也能占几百 MB
            file = gr.File(label="放一张图（png、jpg……）", type="filepath", elem_id="given")
            upload_guard("given", "请先把图缩小")
        with gr.Column(scale=1, min_width=300):
            gr.Markdown("写一个字（随包的 cyclegan 把黑体译成楷体），或者画一笔")
            paper("paper")
            with gr.Row():
                use = gr.Button("译我写的", variant="primary", elem_id="use_paper")
                clear = gr.Button("擦掉")
    with gr.Row():
        frames = {"type": "numpy", "interactive": False, "buttons": [], "height": 300}
        places = [gr.Image(elem_id=f"seen_{k}", **frames) for k in range(PLACES)]
    with gr.Row():
        line = gr.Button("比一比各个检查点", size="sm", elem_id="compare")
    gr.Markdown("随包的只有一个检查点，给的是训练途中的样本图", elem_classes="small")
    strip = gr.Gallery(show_label=False, columns=6, height=260, elem_id="checkpoints", buttons=[])
    hidden = {"show_progress": "hidden", "concurrency_limit": None}
    arrive = for_visitor(sessions, 2 + PLACES)(open_model)
    for event in (tab.select, name.input):
        event(arrive, name, [direction, told, *places], **hidden)
    wrap = for_visitor(sessions, PLACES)
    for control in (direction, number):
        control.input(wrap(sample), [name, direction, number], places, **hidden)
    file.upload(wrap(upload), [name, direction, file], places, **hidden)
    line.click(for_visitor(sessions, 1)(compare), [name, direction], strip, **hidden)
    text = gr.Textbox(visible=False)
    use.click(wrap(written), [name, direction, text], places, js=PICTURE, **hidden)
    clear.click(None, js=wipe("paper"))
