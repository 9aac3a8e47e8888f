"""第一页上点了以后做什么；控件长什么样在 page_controls.py，怎样接起来在 page_train.py。"""

import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path

import gradio as gr

from paddle_gan.errors import UserError
from paddle_gan.methods import METHODS
from paddle_gan.playground import drawing, menu
from paddle_gan.playground.frames import Frame
from paddle_gan.playground.page_controls import HOW, PACES
from paddle_gan.playground.page_parts import spoken
from paddle_gan.playground.sessions import Visitor
from paddle_gan.playground.sketch import points_of
from paddle_gan.playground.status import facts, verdict_card
from paddle_gan.playground.why import why
from paddle_gan.playground.worker import OVER, Worker
from paddle_gan.run.options import validate_options

CALM = 0.8  # 秒；曲线与诊断多久换一次
RUNS = Path("runs")


def alone(act: Callable) -> Callable:
    """一位访客的动作，做完一个再做下一个：正换着方法时按的播放，播放的是换好的那一个。"""

    @wraps(act)
    def locked(visitor: Visitor, *given, **named):
        with visitor.lock:
            return act(visitor, *given, **named)

    return locked


def spec_of(visitor: Visitor) -> dict:
    """控件要画成什么样：方法、数据与现在的值。"""
    raw = visitor.raw
    hparams = validate_options(METHODS[raw["method"]].Hparams, raw["hparams"], "hparams")
    return {"method": raw["method"], "data": raw["data"]["name"], "hparams": hparams}


def chosen(visitor: Visitor) -> list:
    """左边各个选单现在该是什么样。"""
    raw, data = visitor.raw, visitor.raw["data"]["name"]
    return [
        spec_of(visitor),
        gr.update(value=data),
        gr.update(choices=menu.methods_on(data), value=raw["method"]),
        gr.update(value=raw.get("seed", 0)),
        gr.update(value=raw["total_steps"]),
        gr.update(visible=data == "drawn"),
        gr.update(value=visitor.preset),
        menu.PRESETS[visitor.preset].looks if visitor.preset else "",
        *buttons(visitor),
    ]


def buttons(visitor: Visitor) -> list:
    """播放的按钮写什么。"""
    playing = visitor.worker is not None and visitor.worker.playing
    return [gr.update(value="暂停" if playing else "播放")]


def begin(visitor: Visitor, raw: dict, play: bool, preset: str | None = None) -> list:
    """换一份设定，从头开始；原来走了几步的收场，说一声。"""
    before = visitor.worker
    visitor.reset(raw, preset).play(play)
    visitor.preset = preset
    if before is not None and before.step:
        visitor.say(f"从第 0 步重新开始；原来那一次走到第 {before.step:,} 步，收场了")
    return chosen(visitor)


def select(visitor: Visitor, raw: dict, play: bool, preset: str | None = None) -> list:
    """选单上选了一项。选单有时把一件事说两遍，第二遍时已经换好了：不从头来。"""
    worker, same = visitor.worker, (raw, preset) == (visitor.raw, visitor.preset)
    if worker is None or not same or worker.state in OVER:
        return begin(visitor, raw, play, preset)
    if play and not worker.step:  # 还没有开始的，这就开始
        worker.play(True)
    return chosen(visitor)


@alone
def take_preset(visitor: Visitor, name: str) -> list:
    """用一个预设，马上开始。"""
    return select(visitor, menu.preset(name), True, name)


@alone
def take_data(visitor: Visitor, data: str, method: str) -> list:
    """换数据；这个方法用不上时，换成第一个用得上的。自己画的等画好再开始。"""
    method = method if method in menu.methods_on(data) else menu.methods_on(data)[0]
    if data != "drawn":
        return select(visitor, menu.start(method, data), False)
    shown = gr.update(choices=menu.methods_on(data), value=method)
    as_is = gr.skip()
    board = gr.update(visible=True)
    hint = "在下面的画布上画几笔，再按“用这幅画”"
    return [as_is, as_is, shown, as_is, as_is, board, None, hint, as_is]


@alone
def take_method(visitor: Visitor, method: str, data: str) -> list:
    """换方法。"""
    points = visitor.raw["data"].get("points")
    return select(visitor, menu.start(method, data, points), False)


@alone
def take_drawing(visitor: Visitor, drawn: str, method: str) -> list:
    """用画布上画的。"""
    return begin(visitor, menu.start(method, "drawn", points_of(drawn)), True)


@alone
def take_number(visitor: Visitor, key: str, value: float) -> None:
    """种子与总步数：重新开始才生效。"""
    if int(value or 0) == visitor.raw.get(key, 0):
        return
    visitor.raw = visitor.raw | {key: int(value or 0)}
    if key == "total_steps":
        visitor.raw = menu.settled(visitor.raw)
    visitor.say("改好了；按“重新开始”生效")


@alone
def take_value(visitor: Visitor, name: str, value, live: bool) -> None:
    """改一个超参数：能当场生效的当场生效，不能的说一声。"""
    hparams = visitor.raw["hparams"] | {name: value}
    validate_options(METHODS[visitor.raw["method"]].Hparams, hparams, "hparams")
    visitor.raw = visitor.raw | {"hparams": hparams}
    if live and visitor.worker and visitor.worker.state not in OVER:
        visitor.worker.change(name, value)
    else:
        visitor.say(f"{name} 改好了；按“重新开始”生效")


@alone
def toggle(visitor: Visitor) -> dict:
    """播放与暂停。"""
    if visitor.worker is None:
        visitor.reset(visitor.raw)
    elif visitor.worker.state in OVER:
        raise UserError(f"这一次{visitor.worker.state}；按“重新开始”再走一遍")
    visitor.worker.play(not visitor.worker.playing)
    return buttons(visitor)[0]


@alone
def single(visitor: Visitor, player: str) -> dict:
    """D 或 G 单走一步。"""
    if visitor.worker is None:
        visitor.reset(visitor.raw)
    visitor.worker.single(player)
    return buttons(visitor)[0]


@alone
def restart(visitor: Visitor) -> list:
    """照现在的设定从头开始；原来在播放的接着播放。"""
    playing = visitor.worker is not None and visitor.worker.playing
    return begin(visitor, visitor.raw, playing, visitor.preset)


@alone
def pace(visitor: Visitor, name: str) -> None:
    """走多快。"""
    visitor.pace = PACES[name]
    if visitor.worker:
        visitor.worker.pace(visitor.pace)


@alone
def save(visitor: Visitor) -> list:
    """存成训练目录与配置。"""
    worker = visitor.worker
    target = visitor.save(RUNS)
    note = f"；途中改过 {len(worker.changes)} 次（单步也算），逐条写在 playground.json 里"
    note = note if worker.changes else ""
    said = (
        f"存到了 `{target}`{note}。照它再训练一遍：`python tools/train.py -c {target}/config.yml`；"
        f"接着训练：`python tools/train.py --resume {target}`"
    )
    return [said, gr.update(value=str(target / "config.yml"), visible=True), *buttons(visitor)]


def explain(visitor: Visitor) -> str:
    """为什么：现在的诊断去哪里读。"""
    return why(visitor.worker.diagnosis().verdict if visitor.worker else "")


def fresh(visitor: Visitor) -> bool:
    """有没有新的可看：新的一格画面，要说的话，或者该换曲线与诊断了。"""
    if visitor.sentences:
        return True
    worker, due = visitor.worker, time.monotonic() - visitor.drawn > CALM
    frame = worker.frame if worker else None
    return due or frame is not None and shown_as(worker, frame) != visitor.shown


def shown_as(worker: Worker, frame: Frame) -> tuple[int, int]:
    """一格画面记作什么：哪次训练的第几格。"""
    return id(worker), frame.number


def look(visitor: Visitor) -> list:
    """来取一次画面：画面、状态、曲线、诊断、按钮、要说的话；没有新的就不动。"""
    shown = [*(gr.skip() for _ in range(5)), spoken(visitor)]
    worker = visitor.worker
    if worker is None:
        visitor.reset(visitor.raw)
        return shown
    frame, camera = worker.take(), worker.camera
    if frame and shown_as(worker, frame) != visitor.shown:
        visitor.shown = shown_as(worker, frame)
        image = drawing.embedded(drawing.stage(frame, camera), f"第 {frame.step} 步")
        shown[0] = f"<figure>{image}<figcaption>{HOW[camera.flat]}</figcaption></figure>"
    now = time.monotonic()
    if now - visitor.drawn > CALM:
        visitor.drawn = now
        shown[1] = facts(worker, visitor)
        shown[2] = drawing.curves(worker.records) + (drawing.weights(frame) if frame else "")
        shown[3] = verdict_card(worker)
        shown[4] = buttons(visitor)[0]
    return shown
