"""第一页：边训练边动手。左边是数据、方法与超参数，右边是画面、曲线与诊断。"""

import asyncio

import gradio as gr
from anyio import to_thread

from paddle_gan.errors import UserError
from paddle_gan.playground.page_actions import (
    CALM,
    chosen,
    explain,
    fresh,
    look,
    pace,
    restart,
    save,
    single,
    take_data,
    take_drawing,
    take_method,
    take_number,
    take_preset,
    take_value,
    toggle,
)
from paddle_gan.playground.page_controls import choose, draw_controls, watch
from paddle_gan.playground.page_parts import FULL, for_visitor
from paddle_gan.playground.page_sketch import READ, wipe
from paddle_gan.playground.sessions import Sessions, Visitor
from paddle_gan.playground.status import card

TICK, PEEK = 0.12, 0.03  # 秒；网页多久来取一次画面；没有新的，隔多久再看一眼
# 换了方法，控件要重画：Gradio 的 State 只有经过它的队列，才会引起重画
REDRAW = {"show_progress": "hidden", "concurrency_limit": None}


def build(sessions: Sessions, said: gr.HTML) -> tuple:
    """这一页；要在 gr.Blocks 里调用；said 是说话的地方。返回（打开网页时做什么，给哪些控件）。"""
    spec = gr.State({})
    with gr.Row(elem_id="train"):
        with gr.Column(scale=1, min_width=330):
            left = choose()
            knobs(sessions, spec)
        with gr.Column(scale=2, min_width=420):
            right = watch()
    names = ("data", "method", "seed", "steps", "board", "preset", "looks")
    outputs = [spec, *(left[name] for name in names), right["play"]]
    wire_left(sessions, left, outputs)
    wire_right(sessions, right, outputs)
    wire_ticks(sessions, right | {"said": said})
    return for_visitor(sessions, len(outputs))(chosen), outputs


def knobs(sessions: Sessions, spec: gr.State) -> None:
    """超参数的控件：方法换了就重画。"""
    with gr.Accordion("超参数", open=True):

        @gr.render(inputs=spec, show_progress="hidden")
        def show(spec: dict):
            def changed(control):
                return for_visitor(sessions, 0)(
                    lambda visitor, value: take_value(visitor, control.name, value, control.live)
                )

            draw_controls(spec, changed)


def wire_left(sessions: Sessions, left: dict, outputs: list) -> None:
    """左边点了以后做什么。"""
    handle, quick = for_visitor(sessions, len(outputs)), {"show_progress": "hidden", "queue": False}
    left["preset"].input(handle(take_preset), left["preset"], outputs, **REDRAW)
    both = [left["data"], left["method"]]
    left["data"].input(handle(take_data), both, outputs, **REDRAW)
    left["method"].input(handle(take_method), both[::-1], outputs, **REDRAW)
    drawn = gr.Textbox(visible=False)
    left["use"].click(handle(take_drawing), [drawn, left["method"]], outputs, js=READ, **REDRAW)
    left["wipe"].click(None, js=wipe("sketch"))
    silent = for_visitor(sessions, 0)
    for name, key in (("seed", "seed"), ("steps", "total_steps")):
        work = silent(lambda visitor, value, key=key: take_number(visitor, key, value))
        event = left[name].release if name == "steps" else left[name].blur
        event(work, left[name], None, **quick)


def wire_right(sessions: Sessions, right: dict, outputs: list) -> None:
    """右边点了以后做什么。"""
    handle, quick = for_visitor(sessions, 1), {"show_progress": "hidden", "queue": False}
    right["play"].click(handle(toggle), None, right["play"], **quick)
    for player in ("D", "G"):
        work = handle(lambda visitor, player=player: single(visitor, player))
        right[player].click(work, None, right["play"], **quick)
    again = for_visitor(sessions, len(outputs))(restart)
    right["restart"].click(again, None, outputs, **REDRAW)
    right["pace"].input(for_visitor(sessions, 0)(pace), right["pace"], None, **quick)
    right["why"].expand(handle(explain), None, right["section"], **quick)
    three = [right["saved"], right["file"], right["play"]]
    right["save"].click(for_visitor(sessions, 3)(save), None, three, **quick)


def wire_ticks(sessions: Sessions, right: dict) -> None:
    """每隔一会儿来取一次画面。"""
    names = ("stage", "facts", "curves", "verdict", "play", "said")

    def only(**places: str) -> list:
        return [places.get(name, gr.skip()) for name in names]

    def seen(visitor: Visitor | None) -> list:
        if visitor is None:
            return only(verdict=card("", "请等一等", FULL.format(limit=sessions.limit)))
        try:
            return look(visitor)
        except UserError as error:
            return only(verdict=card("ill", "出错了", str(error)))

    async def tick(request: gr.Request):
        try:
            visitor = sessions.enter(request.session_hash)
        except UserError as error:
            await asyncio.sleep(CALM)
            return only(verdict=card("ill", "请刷新", str(error)), facts="")
        await news(visitor)
        return await to_thread.run_sync(seen, visitor)

    places = [right[name] for name in names]
    how = {"queue": False, "show_progress": "hidden", "trigger_mode": "once"}
    gr.Timer(TICK).tick(tick, None, places, api_visibility="private", **how)


async def news(visitor: Visitor | None) -> None:
    """等到有新的可看才回答：停着的、坐满了在等的，一秒只来问一两次，不占别人的处理器。"""
    if visitor is None:
        await asyncio.sleep(CALM)
    while visitor and not fresh(visitor):
        await asyncio.sleep(PEEK)
