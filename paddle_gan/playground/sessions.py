"""谁在用演练场：一位访客一次训练，最多几位；不再来看的，先停下，再请出去。"""

import itertools
import shutil
import tempfile
import threading
import time
from collections import deque
from pathlib import Path

from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.playground import menu
from paddle_gan.playground.worker import OVER, Worker
from paddle_gan.run.config import Config, resolve

VISITORS = 8
IDLE, GONE = 20.0, 150.0  # 秒没有来看：暂停；请出去。后台的标签页，浏览器一分钟才让它看一次
SWEEP = 5.0
SAVED = 20  # 一位访客至多存几次
REMEMBERED = 1000  # 记得多少个关了的标签页
LEFT = "这一页断开过，训练已经收场；请刷新这一页"


class Visitor:
    """一位访客：现在的设定与训练。"""

    def __init__(self, room: Path):
        self.room, self.seen = room, time.monotonic()
        self.worker: Worker | None = None
        self.leaving: Worker | None = None
        self.preset: str | None = "healthy"
        self.raw = menu.preset(self.preset)
        self.lock = threading.RLock()
        self.numbers, self.saved = itertools.count(), 0
        self.dozing = self.gone = False
        self.pace, self.shown, self.drawn = 0, None, 0.0  # 走多快；画到哪一格、什么时候画的曲线
        self.walk = None  # 潜空间那一页走到了哪里
        self.given = None  # 翻译那一页最后译的图
        self.sentences: deque[str] = deque(maxlen=5)  # 还没有在网页上说的话
        self._clock = (0.0, 0, None)

    def say(self, text: str) -> None:
        """下一次来取画面时，在网页上说这一句。"""
        self.sentences.append(text)

    def config(self) -> Config:
        """现在的设定。"""
        return resolve(self.raw)

    def reset(self, raw: dict, preset: str | None = None) -> Worker:
        """换成这份原始配置，从第 0 步开始；配置有误时抛出 UserError，原来的训练照旧。

        preset 是照哪个预设：弄坏的预设，训练器也是弄坏的，记作途中的一处改动。
        """
        config, trainer = resolve(raw), menu.PRESETS[preset].trainer if preset else Trainer
        with self.lock:
            if self.gone:
                raise UserError(LEFT)
            self.stop()
            self.raw = raw
            self.worker = Worker(config, self.room / str(next(self.numbers)), trainer)
            if trainer is not Trainer:
                self.worker.changes.append({"step": 0, "fault": preset})
            self.worker.start()
            self.worker.pace(self.pace)
            return self.worker

    def stop(self) -> None:
        """现在的训练收场；再早一次的，等它的线程真的结束，所以一位访客至多两个线程。"""
        with self.lock:
            if self.worker:
                if self.leaving:
                    self.leaving.join()
                self.leaving, self.worker = self.worker, None
                self.leaving.discard()

    def save(self, folder: Path) -> Path:
        """训练目录存到 folder 下的一个新名字；存得太多时抛出 UserError。"""
        with self.lock:
            if self.saved >= SAVED:
                raise UserError(f"已经存了 {SAVED} 次；请先整理 {folder}，再重新打开这一页")
            numbers = itertools.count(1)
            free = (folder / f"playground_{n}" for n in numbers)
            if self.worker is None:
                raise UserError("还没有训练，没有可存的；先按播放")
            target = self.worker.save(next(path for path in free if not path.exists()))
            self.saved += 1
            return target

    def speed(self, worker: Worker) -> float:
        """上次问过以后，每秒走几步。"""
        now, (then, step, who) = time.monotonic(), self._clock
        self._clock = (now, worker.step, worker)
        return (worker.step - step) / (now - then) if who is worker and now > then else 0.0

    def look(self) -> None:
        """来看了一眼；刚才因为没人看而停下的，接着走。"""
        self.seen = time.monotonic()
        if self.dozing:
            self.dozing = False
            if self.worker:
                self.worker.play(True)

    def doze(self) -> None:
        """没有人看，先停下，让出处理器。"""
        worker = self.worker
        if worker and worker.playing and worker.state not in OVER and not self.dozing:
            self.dozing = True
            worker.play(False)


class Sessions:
    """全部访客；超过 limit 位的，等有人离开。"""

    def __init__(self, limit: int = VISITORS):
        self.limit = limit
        self.folder = Path(tempfile.mkdtemp(prefix="paddle_gan_playground_"))
        self._visitors: dict[str, Visitor] = {}
        self._left: deque[str] = deque(maxlen=REMEMBERED)
        self._guard = threading.Lock()
        self._rooms, self._closed = itertools.count(), threading.Event()
        self._sweeper = threading.Thread(target=self._sweep, name="sweeper", daemon=True)
        self._sweeper.start()

    def enter(self, key: str) -> Visitor | None:
        """这位访客；第一次来的给他一间房，满了就是 None。

        离开过的又回来（浏览器的后退、断了网），网页上还是原来的选单，训练却没有了：抛出 UserError。
        """
        with self._guard:
            if key in self._left:
                raise UserError(LEFT)
            visitor = self._visitors.get(key)
            if visitor is None and len(self._visitors) < self.limit and not self._closed.is_set():
                visitor = Visitor(self.folder / str(next(self._rooms)))
                self._visitors[key] = visitor
        if visitor:
            visitor.look()
        return visitor

    def leave(self, key: str) -> None:
        """标签页关了：训练停下，线程结束，文件删掉。"""
        with self._guard:
            visitor = self._visitors.pop(key, None)
            if visitor:
                self._left.append(key)
        if visitor:
            with visitor.lock:  # 正在路上的命令，不会再开出一个没人管的训练
                visitor.gone = True
                visitor.stop()

    def count(self) -> int:
        """现在有几位。"""
        return len(self._visitors)

    def sweep(self, now: float) -> None:
        """很久没有来看的：先停下，再请出去。"""
        with self._guard:
            quiet = {key: now - visitor.seen for key, visitor in self._visitors.items()}
        for key, seconds in quiet.items():
            if seconds > GONE:
                self.leave(key)
            elif seconds > IDLE and (visitor := self._visitors.get(key)):
                visitor.doze()

    def close(self) -> None:
        """全部收场。"""
        self._closed.set()
        visitors = list(self._visitors.values())
        for key in list(self._visitors):
            self.leave(key)
        for visitor in visitors:
            if visitor.leaving:
                visitor.leaving.join()
        self._sweeper.join(2 * SWEEP)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _sweep(self) -> None:
        while not self._closed.wait(SWEEP):
            self.sweep(time.monotonic())
