"""一次训练的目录：runs/<名字>/ 里有什么、怎样新建、怎样接着跑、怎样读回来。"""

import json
import os
import platform
import time
from dataclasses import asdict
from pathlib import Path

import numpy
import paddle

from paddle_gan import __version__
from paddle_gan.errors import UserError, reason_of
from paddle_gan.files import write_atomic
from paddle_gan.lock import LOCK, OWNER, FolderLock
from paddle_gan.methods.base import Method
from paddle_gan.monitor.diagnose import Diagnosis, diagnose
from paddle_gan.monitor.recorder import read_records
from paddle_gan.run import runtime
from paddle_gan.run.build import Shapes, build_method
from paddle_gan.run.checkpoint import load_checkpoint
from paddle_gan.run.checkpoint_file import numbered_checkpoints, read_checkpoint
from paddle_gan.run.config import Config, anchored, resolve
from paddle_gan.run.data_record import write_record
from paddle_gan.run.ema import use_average
from paddle_gan.run.setting import setting_of
from paddle_gan.run.yaml_file import read_yaml

# 写下 config.yml 之前就被杀时，目录里可以有的
BEGUN = (LOCK, OWNER, f"{OWNER}.tmp", "data.json", "data.json.tmp", "config.yml.tmp")
LONGEST_NAME = 50  # 检查点名字的上限，免得文件系统嫌长


def versions() -> dict[str, str]:
    """与结果一起存下的版本号。"""
    return {
        "paddle_gan": __version__,
        "paddle": paddle.__version__,
        "numpy": numpy.__version__,
        "python": platform.python_version(),
    }


class Run:
    """一个训练目录。

    config.yml 完全展开的配置 · run.json 状态、版本、设备、用时 · data.json 训练用的数据 ·
    metrics.jsonl 记录 · histograms.jsonl 权重直方图 · train.log 一行行的进度 ·
    vdl/ VisualDL 日志 · samples/ 样本图 · checkpoints/ last、best 与带编号的检查点
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.config_file, self.info_file = folder / "config.yml", folder / "run.json"
        self.metrics_file, self.vdl = folder / "metrics.jsonl", folder / "vdl"
        self.histograms_file = folder / "histograms.jsonl"
        self.samples, self.checkpoints = folder / "samples", folder / "checkpoints"
        self.data_file, self.log_file = folder / "data.json", folder / "train.log"
        self.lock = FolderLock(folder)

    def create(self, config: Config, data: dict) -> None:
        """新建并独占目录，写下设定与数据；已有内容时不动它，抛出 UserError 并说两条出路。"""
        if self.folder.exists() and (not self.folder.is_dir() or self._has_content()):
            raise self._not_new()
        self.make_folders()
        self.lock.acquire()
        if self._has_content():  # 等锁的时候，抢先的那个训练完了
            self.lock.release()
            raise self._not_new()
        self.keep(config, data)

    def keep(self, config: Config, data: dict) -> None:
        """写下设定与数据（data 见 data_record.py）；有了 config.yml，就算一个训练目录。"""
        write_record(self.data_file, data)
        write_atomic(self.config_file, anchored(config).dump())

    def _not_new(self) -> UserError:
        return UserError(
            f"{self.folder} 已经有内容，不会覆盖；"
            "接着训练请加 --resume，另存一份请用 --output 换个目录"
        )

    def latest(self) -> str | None:
        """接着训练用的检查点：last；第一次存到一半就被杀时还没有它，用编号最大的，或 best。"""
        numbered = [path.stem for path in numbered_checkpoints(self.checkpoints)]
        names = ["last", *numbered[::-1], "best"]
        return next((name for name in names if self.checkpoint(name).is_file()), None)

    def _has_content(self) -> bool:
        """除了刚建好就被杀时留下的空目录与锁，还有没有别的。"""
        started = {self.vdl, self.samples, self.checkpoints}
        remains = {self.folder / name for name in BEGUN}
        return any(
            any(path.iterdir()) if path in started and path.is_dir() else path not in remains
            for path in self.folder.iterdir()
        )

    def make_folders(self) -> None:
        """建好这个目录与它的子目录（看板的日志由看板自己建）；建不了时抛出 UserError。"""
        try:
            for folder in (self.samples, self.checkpoints):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"建不了训练目录 {self.folder}：{reason_of(error)}；请用 --output 换个位置"
            ) from None

    def raw_config(self) -> dict:
        """config.yml 的内容，还没有校验；不是训练目录时抛出 UserError。"""
        if not self.config_file.is_file():
            raise UserError(
                f"{self.folder} 不是训练目录（没有 config.yml）；训练目录形如 runs/gan_digits"
            )
        return read_yaml(self.config_file)

    def config(self) -> Config:
        """读回完全展开的配置。"""
        return resolve(self.raw_config())

    def info(self) -> dict:
        """读回 run.json；读不了，或里面不是键值对时抛出 UserError。"""
        try:
            info = json.loads(self.info_file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise UserError(
                f"读不了 {self.info_file}（{type(error).__name__}）；这个训练目录不完整"
            ) from None
        if not isinstance(info, dict):
            raise UserError(f"{self.info_file} 里不是键值对；这个训练目录不完整")
        return info

    def shapes(self) -> Shapes:
        """样本的形状与取值范围，不需要数据集在手边。"""
        try:
            saved = self.info()["shapes"]
            tuples = {key: tuple(value) if value else None for key, value in saved.items()}
            return Shapes(**tuples)
        except (KeyError, TypeError, AttributeError):
            raise UserError(f"{self.info_file} 里没有样本形状；这个训练目录不完整") from None

    def diagnosis(self, message: str) -> Diagnosis:
        """由记录得出的诊断；message 是训练因非有限的数停下时的那句话，没有就是空串。"""
        known = self.metrics_file.exists()
        records = read_records(self.metrics_file) if known else []
        return diagnose(records, message, setting_of(self.config()))

    def checkpoint(self, name: str) -> Path:
        """检查点的路径；name 是 last、best 或步数，太长时抛出 UserError。"""
        if len(name) > LONGEST_NAME:
            raise UserError(f"检查点要写成 last、best 或步数，现在是 {name[:LONGEST_NAME]}…")
        stem = f"step_{int(name):07d}" if name.isdecimal() else name
        return self.checkpoints / f"{stem}.safetensors"

    def load(self, checkpoint: str = "last", ema: bool = False) -> tuple[Config, Method]:
        """读回配置与训练好的方法（只装网络，用来推理）；ema 时生成器用 EMA 权重。"""
        path = self.checkpoint(checkpoint)
        config = self.config()
        if not path.is_file():
            have = (
                ", ".join(sorted(p.stem for p in self.checkpoints.glob("*.safetensors"))) or "没有"
            )
            raise UserError(f"找不到检查点 {path}（现有：{have}）")
        method = build_method(config, self.shapes())
        load_checkpoint(path, method, weights_only=True)
        if ema:
            use_average(path, method)
        return config, method

    def step(self, checkpoint: str) -> int:
        """这个检查点是第几步存的。"""
        header, _ = read_checkpoint(self.checkpoint(checkpoint))
        return header["step"]

    def write_info(self, config: Config, shapes: Shapes, device: str, **extra) -> None:
        """写 run.json；extra 是状态、用时、速度和最后的指标。"""
        info = {
            "method": config.method,
            "seed": config.seed,
            "device": device,
            "threads": runtime.threads(),
            "processes": runtime.processes(),
            "versions": versions(),
            "platform": platform.platform(),
            "host": platform.node(),
            "pid": os.getpid(),
            "shapes": asdict(shapes),
            "setting": asdict(setting_of(config)),
            "written_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            **extra,
        }
        write_atomic(self.info_file, json.dumps(info, ensure_ascii=False, indent=2) + "\n")
