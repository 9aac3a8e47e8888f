"""第二页：潜空间。拖滑块、换类别、点一格走过去、从一个 z 走到另一个。"""

import gradio as gr

from paddle_gan.playground import latent
from paddle_gan.playground.attributes import MOST
from paddle_gan.playground.models import generators
from paddle_gan.playground.page_parts import for_visitor
from paddle_gan.playground.sessions import Sessions, Visitor
from paddle_gan.run.shipped import about

HINT = (
    "左上角是现在的 z，其余各朝一个随机的方向走一点：**点一格，就走到那里**。"
    "滑块是 z 里的方向，单位是 z 的标准差：前两个有名字，是线性探针找的（第 11 章）；"
    f"后 {latent.DIRECTIONS} 个是样本变化最大的（主成分回归到 z 上），管什么，拖一拖自己看。"
)
SLIDERS = MOST + latent.DIRECTIONS


class Walk:
    """一位访客走到了哪里：z 与走了几步。"""

    def __init__(self, name: str):
        self.name, self.z, self.near, self.steps = name, None, None, 0
        self.side = 1  # 四周那张图的边长（像素）


def draw(visitor: Visitor) -> list:
    """四周的样本，和到终点的路。"""
    walk: Walk = visitor.walk
    walk.near = latent.around(walk.name, walk.z, walk.steps)
    image = latent.picture(walk.name, walk.near, latent.SIDE)
    walk.side = image.shape[0]
    return [image, None]


def settle(visitor: Visitor, name: str, seed: float, label: int | None, *shifts: float) -> list:
    """照种子、类别与滑块，重新站到一个 z 上。"""
    visitor.walk = walk = Walk(name)
    label = label if latent.classes(name) else None
    walk.z = latent.at(name, int(seed or 0) % 2**31, shifts, label)
    return draw(visitor)


def open_model(visitor: Visitor, name: str) -> list:
    """换一个模型：滑块归零，类别照它的。"""
    found = latent.classes(name)
    options = [(title, k) for k, title in enumerate(found)]
    chosen = 0 if found else None
    shown = gr.update(choices=options, value=chosen, visible=bool(found))
    pictures = settle(visitor, name, 0, chosen)
    return [*pictures, about(name), shown, 0, *named_sliders(name)]


def named_sliders(name: str) -> list:
    """各个滑块归零，写上这个模型的方向叫什么。"""
    return [gr.update(value=0, label=title) for title in latent.names_of(name)]


def step_to(visitor: Visitor, x: float, y: float) -> list:
    """点了图上的一个像素：走到那一格。"""
    walk: Walk | None = visitor.walk
    if walk is None or walk.near is None:
        return [gr.skip(), gr.skip()]
    row, column = (min(latent.SIDE - 1, int(v * latent.SIDE / walk.side)) for v in (y, x))
    chosen = max(0, row * latent.SIDE + column)
    walk.z, walk.steps = walk.near[chosen : chosen + 1], walk.steps + 1
    return draw(visitor)


def road(visitor: Visitor, name: str, seed: float) -> object:
    """从现在的 z 走到另一个种子。"""
    if visitor.walk is None:
        settle(visitor, name, 0, 0)
    walk: Walk = visitor.walk
    z = latent.between(walk.name, walk.z, int(seed or 0) % 2**31)
    return latent.picture(walk.name, z, latent.STEPS)


def build(sessions: Sessions, tab: gr.Tab) -> None:
    """这一页；第一次点开时才装模型。"""
    able = generators()
    with gr.Row():
        with gr.Column(scale=1, min_width=300):
            name = gr.Dropdown(able, value=able[0], label="随包的生成器", elem_id="generator")
            told = gr.Markdown(elem_classes="small")
            label = gr.Dropdown([], label="类别", visible=False, elem_id="class")
            seed = gr.Slider(0, 999, 0, step=1, label="z 的种子")
            shifts = [
                gr.Slider(-6, 6, 0, step=0.25, label=f"方向 {k + 1}", elem_id=f"shift_{k}")
                for k in range(SLIDERS)
            ]
        with gr.Column(scale=2, min_width=400):
            gr.Markdown(HINT)
            grid = gr.Image(
                label="点一格，走过去",
                type="numpy",
                interactive=False,
                height=430,
                buttons=[],
                elem_id="walk",
            )
            with gr.Row():
                end = gr.Slider(0, 999, 1, step=1, label="走到哪个种子的 z")
                go = gr.Button("走一遍", elem_id="road")
            film = gr.Image(
                label="一路上的样本", type="numpy", interactive=False, buttons=[], elem_id="film"
            )
    hidden = {"show_progress": "hidden", "concurrency_limit": None}
    opened = [grid, film, told, label, seed, *shifts]
    arrive = for_visitor(sessions, len(opened))(open_model)
    tab.select(arrive, name, opened, **hidden)
    name.input(arrive, name, opened, **hidden)
    again = for_visitor(sessions, 2)(settle)
    for control in (seed, label, *shifts):
        control.input(
            again, [name, seed, label, *shifts], [grid, film], trigger_mode="always_last", **hidden
        )
    walk = for_visitor(sessions, 2)(step_to)

    def clicked(request: gr.Request, event: gr.SelectData):
        return walk(request, *event.index)

    grid.select(clicked, None, [grid, film], **hidden)
    go.click(for_visitor(sessions, 1)(road), [name, end], film, **hidden)
