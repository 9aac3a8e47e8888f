"""第一页的控件：左边选什么，右边看什么；点了以后做什么在 page_train.py。"""

from collections.abc import Callable

import gradio as gr

from paddle_gan.playground import menu
from paddle_gan.playground.controls import Control, controls
from paddle_gan.playground.page_sketch import sketch_pad

PACES = {"不限": 0, "每秒 100 步": 100, "每秒 30 步": 30, "每秒 10 步": 10, "每秒 2 步": 2}
HOW = {  # 是不是二维点 → 画面怎样看
    True: "橙色的地方 D 认为像真，紫色的像假；灰点是真实的，蓝点是生成的，红圈是真模式。"
    "箭头是 G 的梯度：照它挪，G 的损失就小；越长，拉得越用力。",
    False: "同一批潜变量生成的 64 张，看它们怎样变化。",
}


def choose() -> dict:
    """左边：预设、数据、画布、方法、种子、总步数。"""
    presets = [(preset.title, name) for name, preset in menu.PRESETS.items()]
    made = {"preset": gr.Dropdown(presets, value="healthy", label="预设：各章的现象，选一个就开始")}
    made["looks"] = gr.Markdown(menu.PRESETS["healthy"].looks)
    with gr.Row():
        data = [(title, name) for name, title in menu.DATA.items()]
        made["data"] = gr.Dropdown(data, value="ring", label="数据", min_width=120)
        methods = menu.methods_on("ring")
        made["method"] = gr.Dropdown(methods, value="gan", label="方法", min_width=120)
    with gr.Column(visible=False) as made["board"]:
        sketch_pad()
        with gr.Row():
            made["use"] = gr.Button("用这幅画", variant="primary", size="sm", elem_id="use")
            made["wipe"] = gr.Button("擦掉", size="sm")
    with gr.Row():
        made["seed"] = gr.Number(0, label="种子", precision=0, minimum=0, min_width=80)
        made["steps"] = gr.Slider(
            100, menu.MOST_STEPS, 6000, step=100, label="总步数", min_width=160
        )
    return made


def watch() -> dict:
    """右边：按钮、画面、曲线、诊断、保存。"""
    made = {}
    with gr.Row():
        made["play"] = gr.Button("播放", variant="primary", elem_id="play", min_width=90)
        made["D"] = gr.Button("D 走一步", elem_id="one_D", min_width=90)
        made["G"] = gr.Button("G 走一步", elem_id="one_G", min_width=90)
        made["restart"] = gr.Button("重新开始", elem_id="restart", min_width=90)
        made["pace"] = gr.Dropdown(
            list(PACES), value="不限", show_label=False, container=False, min_width=110
        )
    made["facts"] = gr.HTML(elem_id="facts")
    made["verdict"] = gr.HTML(elem_id="verdict")
    with gr.Row():
        with gr.Column(scale=3, min_width=330):
            made["stage"] = gr.HTML(elem_id="stage", min_height=330)
        with gr.Column(scale=2, min_width=260):
            made["curves"] = gr.HTML(elem_id="curves")
    with gr.Accordion("为什么？现在的诊断，课程里怎样讲", open=False) as made["why"]:
        made["section"] = gr.Markdown(latex_delimiters=LATEX, elem_id="section")
    with gr.Row():
        made["save"] = gr.Button("存成训练目录与配置", size="sm", elem_id="save")
        made["file"] = gr.File(visible=False, label="config.yml，交给 train.py")
    made["saved"] = gr.Markdown(elem_id="saved")
    return made


LATEX = [
    {"left": "$$", "right": "$$", "display": True},
    {"left": "$", "right": "$", "display": False},
]


def draw_controls(spec: dict, changed: Callable[[Control], Callable]) -> None:
    """超参数的控件；changed(control) 是改了它以后做什么。"""
    if not spec:
        return
    gr.Markdown("改了下一步就生效；带 ↻ 的，重新开始才生效", elem_classes="small")
    with gr.Row(elem_classes="knobs"):
        knobs_of(spec, changed)


def knobs_of(spec: dict, changed: Callable[[Control], Callable]) -> None:
    """一个超参数一个控件，整数是滑块，别的是选单。"""
    for control in controls(spec["method"], spec["hparams"]):
        named = {
            "label": control.name + ("" if control.live else " ↻"),
            "info": control.said,
            "value": control.value,
            "key": f"{spec['method']}.{control.name}",
            "interactive": True,
            "min_width": 150,
        }
        if control.choices:
            options = [(told(choice), choice) for choice in control.choices]
            made = gr.Dropdown(options, elem_id=f"h_{control.name}", **named)
        else:
            made = gr.Slider(
                control.low, control.high, step=1, elem_id=f"h_{control.name}", **named
            )
        made.input(changed(control), made, None, show_progress="hidden", queue=False)


def told(choice) -> str:
    """一个可选的值怎样写。"""
    if isinstance(choice, bool):
        return "是" if choice else "否"
    return f"{choice:g}" if isinstance(choice, float) else str(choice)
