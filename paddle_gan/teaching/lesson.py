"""在教程里训练一段：走的就是 tools/train.py 走的路，结果在 runs/tutorials/；或看随包的训练。"""

import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
import paddle

from paddle_gan.data.base import Dataset
from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.evaluation.sampling import random_samples
from paddle_gan.methods.base import Method
from paddle_gan.monitor.recorder import read_records
from paddle_gan.run import runtime
from paddle_gan.run.build import build_data, shapes_of
from paddle_gan.run.config import Config, load_config
from paddle_gan.run.epochs import resolve_epochs
from paddle_gan.run.gallery import PREFIX, located, name_of, shown
from paddle_gan.run.run import Run
from paddle_gan.run.shipped import about
from paddle_gan.teaching.source import ROOT

RUNS = ROOT / "runs" / "tutorials"
QUICK = "PADDLE_GAN_TUTORIAL_STEPS"  # 设了它，每次训练至多这么多步：只验证笔记本跑得通
SNAPSHOT, SNAPSHOT_IMAGES = 1000, 32  # 每次留几个样本：二维点、图像


class Lesson:
    """训练好的一段：方法、数据、记录，都可以接着看。

    属性：
        config, method, data: 配置、训练好的方法、训练集
        folder: 训练目录（给 tools/dashboard.py、tools/report.py 用）
        summary: 状态、用时、最后的指标与诊断
        snapshots: 训练中定时留下的样本 {步数: (N, ...)}，要了才有
    """

    def __init__(
        self,
        trained: tuple[Config, Method],
        data: Dataset,
        folder: Path,
        summary: dict,
        snapshots: dict,
    ):
        self.config, self.method = trained
        self.data = data
        self.folder, self.summary, self.snapshots = folder, summary, snapshots
        self.records = read_records(Run(folder).metrics_file)

    @classmethod
    def shipped(cls, name: str, retrain: bool = False) -> "Lesson":
        """随包的训练 name（tools/sample.py --gallery 列出全部），印一句它是什么。

        与 train() 给的一样用；只带生成器，用到判别器时抛出 UserError。
        retrain 时照配置把整次训练重做一遍，就是 train(name)。
        """
        folder = located(PREFIX + name)
        if retrain:
            return train(name)
        print(about(name))
        runtime.set_device("auto")
        run = Run(folder)
        config, method = run.load()
        return cls((config, method), build_data(config, "train"), folder, run.info(), {})

    def curve(self, tag: str) -> tuple[np.ndarray, np.ndarray]:
        """一条曲线的（步数，数值）；没有记过时说有哪些。"""
        points = [(r["step"], r[tag]) for r in self.records if tag in r]
        if not points:
            known = sorted({key for r in self.records for key in r} - {"step"})
            raise UserError(f"没有记过 {tag}；有的是：{', '.join(known)}")
        return tuple(np.array(points).T)

    def last(self, tag: str) -> float:
        """一条曲线最后的数值。"""
        return float(self.curve(tag)[1][-1])

    def samples(self, n: int, seed: int = 0) -> np.ndarray:
        """n 个新样本 (n, ...)；同样的 seed 给同样的样本。"""
        return random_samples(self.method, n, seed)

    def __repr__(self) -> str:
        s = self.summary
        scores = "，".join(f"{name} {value:.4g}" for name, value in s["metrics"].items())
        where = shown(self.folder)
        if not name_of(self.folder):
            where = self.folder.relative_to(ROOT).as_posix()
        return (
            f"{self.config.method} 训练了 {s['step']} 步，{s['seconds']:.0f} 秒\n"
            f"评测：{scores or '没有要求'}\n"
            f"诊断：{s['diagnosis']['verdict']}；训练目录 {where}"
        )


def train(config: str, *overrides: str, name: str = "", snapshots: int = 0) -> Lesson:
    """训练 configs/ 里的一个配置，返回 Lesson。

    参数：
        config: 配置的名字，例如 "gan_ring"
        overrides: 与命令行 -o 相同，例如 "total_steps=3000"、"hparams.lr_D=1e-4"
        name: 训练目录 runs/tutorials/<name>，默认用配置的名字；这个目录由教程重写
        snapshots: 训练途中均匀留几次样本（做动画、胶片用）
    训练发散时不抛异常：summary["status"] 是 "diverged"，教程正要看它。
    """
    loaded = load_config(ROOT / "configs" / f"{config}.yml", list(overrides))
    cap = os.environ.get(QUICK)
    if cap:
        if loaded.epochs is not None:
            data = build_data(loaded, "train")
            loaded, _ = resolve_epochs(loaded, data, shapes_of(data))
        steps = min(int(cap), loaded.total_steps)
        often = min(loaded.log_every, max(1, steps // 4))  # 步数少了也要有曲线可画
        loaded = loaded.model_copy(update={"total_steps": steps, "log_every": often})
    folder = RUNS / (name or config)
    if folder.exists():
        shutil.rmtree(folder)
    trainer = Trainer(loaded, "auto")
    keeper = Keeper(trainer, snapshots)
    summary = trainer.run(folder, watch=(keeper,))
    trained = trainer.config, trainer.method
    return Lesson(trained, trainer.train, folder, summary, keeper.kept)


class Keeper:
    """训练途中均匀留 count 次样本的钩子：每次用同一批 z，看同一批样本怎样变化。"""

    def __init__(self, trainer: Trainer, count: int):
        self.trainer, self.kept = trainer, {}
        self.wanted = {round(s) for s in np.linspace(1, trainer.config.total_steps, count)}
        self.n = SNAPSHOT if len(trainer.shapes.x) == 1 else SNAPSHOT_IMAGES

    def __call__(self, step, logs, record):
        if step in self.wanted:
            self.kept[step] = random_samples(self.trainer.method, self.n, self.trainer.config.seed)


def environment() -> None:
    """印出这台机器上的版本与设备；AI Studio 上先看它。"""
    compiled = paddle.device.is_compiled_with_cuda()
    print(f"飞桨 {paddle.__version__} · {'GPU 版' if compiled else 'CPU 版'}", end="")
    print(f" · 设备 {paddle.device.get_device()} · {runtime.threads()} 个线程")
    free = shutil.disk_usage(tempfile.gettempdir()).free / 2**30
    print(f"代码 {ROOT} · 磁盘还剩 {free:.0f} GiB")
