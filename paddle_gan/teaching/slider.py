"""一个滑块，拖到哪里画到哪里；ipywidgets 装了才有，没有装也不妨碍读这一章。"""

from collections.abc import Callable, Iterable

from paddle_gan.teaching.picture import Picture


def slide(
    draw: Callable[[object], Picture], choices: Iterable, label: str, start: object = None
) -> None:
    """显示一个滑块，停在哪个选项 choice，就显示 draw(choice)；开头停在 start，没有写是最后一个。

    没有装 ipywidgets 时印一句话：滑块能看到的，上面的图里已经有了。
    """
    try:
        import ipywidgets
    except ModuleNotFoundError:
        print(
            f"这里没有装 ipywidgets，不能拖动“{label}”；上面的图就是其中的几格。"
            "要拖：pip install ipywidgets，再重启内核"
        )
        return
    options = list(choices)
    first = options[-1] if start is None else start
    bar = ipywidgets.SelectionSlider(options=options, value=first, description=label)
    ipywidgets.interact(lambda choice: draw(choice), choice=bar)
