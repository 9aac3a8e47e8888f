"""轮流：飞桨的随机数与求导的记号整个进程只有一份，几位访客的训练一步一步地轮着来，先到先走。"""

import threading
from collections import deque
from contextlib import contextmanager


class Turns:
    """一把公平的锁：放手之后再要，就排到最后；Python 自己的锁，刚放手的往往又抢到。"""

    def __init__(self):
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    def take(self) -> None:
        """排队，轮到了才返回。"""
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            mine = threading.Event()
            self._waiting.append(mine)
        mine.wait()

    def give(self) -> None:
        """放手，轮到排在最前的。"""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()  # 直接交给它，别人插不进来
            else:
                self._taken = False

    def __enter__(self) -> "Turns":
        self.take()
        return self

    def __exit__(self, *error) -> None:
        self.give()

    @contextmanager
    def given(self):
        """块内先放手，出了块再排队。"""
        self.give()
        try:
            yield
        finally:
            self.take()


TURNS = Turns()
