"""一次训练的线程：走的就是 Trainer.run，每一步之后停下来听指挥——暂停、单步、改超参数、收场。"""

import json
import shutil
import threading
import time
from collections import deque
from pathlib import Path

from paddle_gan.data.batches import Batches
from paddle_gan.engine.loop import Stop
from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError, one_line, reason_of
from paddle_gan.files import write_atomic
from paddle_gan.gradients import loss_backward
from paddle_gan.methods import METHODS
from paddle_gan.methods.from_noise import FromNoise
from paddle_gan.monitor.diagnose import Diagnosis, diagnose
from paddle_gan.playground.controls import set_live
from paddle_gan.playground.frames import Camera, Frame
from paddle_gan.playground.turns import TURNS
from paddle_gan.run import distributed
from paddle_gan.run.config import Config, anchored
from paddle_gan.run.finite import NonFinite, require_finite
from paddle_gan.run.run import Run
from paddle_gan.run.setting import setting_of

FRAMES_A_SECOND = 10
SHARE = 3.0
LONGEST = 60.0  # 秒；等一个线程结束，最多这么久
PATIENCE = 0.1  # 秒；暂停时多久醒来看一眼
SINGLES = 1_000_003  # 单步另用一串批：与训练自己的错开
READY, RUNNING, PAUSED = "准备好了", "训练中", "暂停"
FINISHED, DIVERGED, FAILED, CLOSED = "走完了", "发散了", "出错了", "收场了"
OVER = (FINISHED, DIVERGED, FAILED, CLOSED)


class Worker:
    """一次训练；构造时只记下要做什么，start() 之后在自己的线程里。

    参数：
        config: 完整的配置；trainer: 由它造训练器，弄坏的预设换成别的
        folder: 训练目录，收场时删掉
    网页那一头只读 state、step、frame、records、message，和调用下面的几个命令。
    """

    def __init__(self, config: Config, folder: Path, trainer=Trainer):
        self.config, self.folder, self.make = config, folder, trainer
        self.state, self.step, self.message = READY, 0, ""
        self.frame: Frame | None = None
        self.camera: Camera | None = None
        self.records: list[dict] = []
        self.changes: list[dict] = []  # 途中改了什么、单走了几步：光凭配置重做不出来的
        self._said, self._kept = threading.Condition(), True
        self.playing = self._stopping = self._seen = False
        self._singles: deque[str] = deque()
        self._pending: dict = {}
        self._last: tuple[int, dict] | None = None
        self._pace = self._shot = self._stepped = self._between = 0.0
        self.thread = threading.Thread(target=self._work, name="playground", daemon=True)

    # 网页的命令：马上返回，训练线程在两步之间照办

    def start(self) -> "Worker":
        """开始；先停在第 0 步。"""
        self.thread.start()
        return self

    def play(self, playing: bool) -> None:
        """播放或暂停。"""
        with self._said:
            self.playing = playing
            self._said.notify_all()

    def single(self, player: str) -> None:
        """停下来，让一方（D 或 G）单走一步；有的方法不是这样两步一轮，抛出 UserError。"""
        if not steps_alone(METHODS[self.config.method]):
            raise UserError(f"{self.config.method} 的一步不是 D、G 各走各的，不能单走；请用播放")
        with self._said:
            self.playing = False
            if len(self._singles) < 20:  # 连点不积压
                self._singles.append(player)
            self._said.notify_all()

    def change(self, name: str, value) -> None:
        """下一步起用新的超参数。"""
        with self._said:
            self._pending[name] = value
            self._said.notify_all()

    def pace(self, steps_a_second: float) -> None:
        """每秒至多走几步；0 是不限。"""
        self._pace = steps_a_second

    def close(self) -> None:
        """收场：训练停在这一步之后，线程结束。不等它。"""
        with self._said:
            self._stopping, self.playing = True, False
            self._said.notify_all()

    def discard(self) -> None:
        """收场，训练目录也不要了，由线程自己删。"""
        self._kept = False
        self.close()
        if not self.thread.is_alive():
            self._tidy()

    def join(self) -> None:
        """等线程结束；等不到时抛出 UserError。"""
        self.thread.join(LONGEST)
        if self.thread.is_alive():
            raise UserError(f"训练停了 {LONGEST:.0f} 秒还没有停下来（机器太忙），请等一等再试")

    def take(self) -> Frame | None:
        """最新的一格；拿走了，才画下一格。"""
        self._seen = True
        return self.frame

    def diagnosis(self) -> Diagnosis:
        """由到现在为止的记录得出的诊断。"""
        message = self.message if self.state == DIVERGED else ""
        return diagnose(list(self.records), message, setting_of(self.config))

    # 训练线程

    def _work(self) -> None:
        try:
            with TURNS:
                trainer = self.make(self.config, "cpu")
                self.trainer, self.camera = trainer, Camera(trainer)
                self.singles = Batches(
                    trainer.train, trainer.method.batch_type, self.config.batch_size, SINGLES
                )
                self._shoot()
                self._obey()
                summary = trainer.run(self.folder, watch=(self._after_step,))
                self._note()
                self._shoot()
            self.message = summary["message"]
            ending = {"finished": FINISHED, "diverged": DIVERGED}
            self.state = ending.get(summary["status"], CLOSED)
        except Stop:
            self.state = CLOSED
        except NonFinite as error:
            self.state, self.message = DIVERGED, str(error)
        except UserError as error:
            self.state, self.message = FAILED, one_line(str(error))
        except (OSError, MemoryError, RuntimeError) as error:
            # RuntimeError：飞桨的算子做不了这件事（例如求不了二阶导），它的话有几十行
            lines = [line for line in reason_of(error).splitlines() if line.strip()]
            self.state, self.message = FAILED, one_line(lines[-1] if lines else str(error))
        finally:
            if not self._kept:
                self._tidy()

    def _tidy(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _after_step(self, step: int, logs: dict, record: dict) -> None:
        """Trainer 的钩子：走完一步。"""
        self._note()
        self._last, self.step = (step, record), step
        due = time.monotonic() - self._shot >= self._between
        if due and self._seen or step == 1:
            self._shoot()
        self._obey()

    def _note(self) -> None:
        # 轮到这个钩子时，上一步的记录已经填好了
        if self._last and self._last[1]:
            step, record = self._last
            self.records.append({"step": step, **record})
        self._last = None

    def _shoot(self) -> None:
        began = time.monotonic()
        self.frame = self.camera.shoot(self.step)
        self._seen, self._shot = False, time.monotonic()
        # 机器忙的时候，画面至多占四分之一的时间，其余的留给训练
        self._between = max(1 / FRAMES_A_SECOND, SHARE * (self._shot - began))

    def _obey(self) -> None:
        """照命令做完再走下一步；要收场时抛出 Stop。"""
        while True:
            with TURNS.given():
                self._wait()
            if self._stopping:
                raise Stop
            self._apply()
            while self._singles:
                self._single(self._singles.popleft())
            if self.playing:
                self.state, self._stepped = RUNNING, time.monotonic()
                return

    def _wait(self) -> None:
        """等到该做点什么：收场、单步、改超参数，或播放着、而且到了下一步的时候。"""
        with self._said:
            while not (self._stopping or self._singles or self._pending):
                due = self._stepped + 1 / self._pace if self._pace else 0.0
                late = due - time.monotonic()
                if self.playing and late <= 0:
                    return
                if not self.playing and self.state == RUNNING:
                    self.state = PAUSED
                self._said.wait(min(late, PATIENCE) if self.playing else PATIENCE)

    def _apply(self) -> None:
        with self._said:
            pending, self._pending = self._pending, {}
        for name, value in pending.items():
            if set_live(self.trainer.method, name, value):
                hparams = self.config.hparams | {name: value}
                self.config = self.config.model_copy(update={"hparams": hparams})
                self.changes.append({"step": self.step, "change": name, "value": value})

    def _single(self, player: str) -> None:
        method = self.trainer.method
        watch, method.watch = method.watch, None
        seen = SINGLES + len(self.changes)  # 每次单步各有自己的随机数
        with distributed.draws(self.config.seed, seen), loss_backward():
            batch = method.draw(self.singles)
            if player == "D":
                logs = method.discriminator_step(*batch)
            else:
                logs = method.generator_step(*method.generator_inputs(batch))
        method.watch = watch
        require_finite(self.step, {name: value.item() for name, value in logs.items()})
        self.changes.append({"step": self.step, "single": player})
        self._shoot()

    # 收场之后

    def save(self, target: Path) -> Path:
        """停下，把训练目录存到 target（不能已经有）；途中改过的，写在 playground.json。"""
        self.close()
        self.join()
        if not Run(self.folder).config_file.is_file():
            raise UserError("一步还没有走，没有可存的；先按播放")
        shutil.copytree(self.folder, target)
        write_atomic(Run(target).config_file, anchored(self.config).dump())
        if self.changes:
            text = json.dumps(self.changes, ensure_ascii=False, indent=1)
            write_atomic(target / "playground.json", text + "\n")
        return target


def steps_alone(method: type) -> bool:
    """D 与 G 能不能各走一步：照 FromNoise 的次序轮流的才行。"""
    return issubclass(method, FromNoise) and method.train_step is FromNoise.train_step
