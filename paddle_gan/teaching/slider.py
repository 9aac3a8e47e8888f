"""一个滑块，拖到哪里画到哪里；ipywidgets 装了才有，没有装也不妨碍读这一章。"""

from collections.abc import Callable, Iterable
from contextlib import suppress

from paddle_gan.teaching.picture import Picture


def slide(
    draw: Callable[[object], Picture], choices: Iterable, label: str, start: object = None
) -> None:
    """显示一个滑块，停在哪个选项 choice，就显示 draw(choice)；开头停在 start，没有写是最后一个。

    没有装 ipywidgets 时显示开头的那一张，再印一句话：所以 start 挑一张自己就看得出要点的。
    """
    options = list(choices)
    first = options[-1] if start is None else start
    try:
        import ipywidgets
    except ModuleNotFoundError:
        shown(draw(first))
        print(
            f"这是“{label}”取 {first} 时的一张。这里没有装 ipywidgets，不能拖动；"
            "要拖：pip install ipywidgets，再重启内核"
        )
        return
    bar = ipywidgets.SelectionSlider(options=options, value=first, description=label)
    ipywidgets.interact(lambda choice: draw(choice), choice=bar)


def shown(picture: Picture) -> None:
    """在笔记本里显示一张图；不在笔记本里，什么也不做。"""
    with suppress(ModuleNotFoundError):
        from IPython.display import display

        display(picture)
