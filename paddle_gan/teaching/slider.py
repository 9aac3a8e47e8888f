"""一个滑块，拖到哪里画到哪里；ipywidgets 装了才有，没有装也不妨碍读这一章。"""

from collections.abc import Callable, Iterable

from paddle_gan.teaching.picture import Picture


def slide(draw: Callable[[object], Picture], choices: Iterable, label: str) -> None:
    """显示一个滑块，停在哪个选项 choice，就显示 draw(choice)；开头停在最后一个选项。

    没有装 ipywidgets 时印一句话：滑块能看到的，上面的图里已经有了。
    """
    try:
        import ipywidgets
    except ModuleNotFoundError:
        print(f"这里没有装 ipywidgets，不能拖动“{label}”；上面的图就是其中的几格")
        return
    options = list(choices)
    bar = ipywidgets.SelectionSlider(options=options, value=options[-1], description=label)
    ipywidgets.interact(lambda choice: draw(choice), choice=bar)
