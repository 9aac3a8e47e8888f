"""命令行工具的测试共用：每类方法一个训练了两三步的小目录，以及在本进程里运行一个工具。"""

import atexit
import functools
import importlib
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from paddle_gan.engine.train import Trainer
from paddle_gan.run.config import resolve

ROOT = Path(__file__).resolve().parents[1]
MLP = {"name": "mlp", "width": 16, "depth": 1}
RAW = {
    "gan": {
        "method": "gan",
        "hparams": {"z_dim": 4},
        "network": {"generator": MLP, "discriminator": MLP},
        "data": {"name": "ring"},
        "metrics": {"names": ["modes"], "samples": 200},
    },
    "dcgan": {
        "method": "dcgan",
        "hparams": {"z_dim": 8},
        "network": {
            "generator": {"name": "dcgan_generator", "width": 4, "depth": 2},
            "discriminator": {"name": "dcgan_discriminator", "width": 4, "depth": 2},
        },
        "data": {"name": "digits"},
    },
    "cgan": {
        "method": "cgan",
        "hparams": {"z_dim": 4},
        "network": {
            "generator": {"name": "dcgan_generator", "width": 4, "depth": 2},
            "discriminator": {"name": "dcgan_discriminator", "width": 4, "depth": 2},
        },
        "data": {"name": "avatars", "size": 16, "label": "hair_color"},
    },
    "cyclegan": {
        "method": "cyclegan",
        "network": {
            "generator": {"name": "resnet_generator", "width": 4, "blocks": 1, "skip": True},
            "discriminator": {"name": "patchgan", "width": 4, "layers": 1},
        },
        "data": {"name": "glyphs"},
    },
    "seq_gan": {
        "method": "seq_gan",
        "hparams": {"pretrain_steps": 1, "rollouts": 2},
        "network": {
            "generator": {"name": "gru", "width": 4},
            "discriminator": {"name": "text_cnn", "width": 4, "widest": 2},
        },
        "data": {"name": "markov", "size": 100},
        "metrics": {"names": ["sequences"], "samples": 50},
    },
    "poems": {
        "method": "seq_gan",
        "hparams": {"pretrain_steps": 1, "rollouts": 1},
        "network": {
            "generator": {"name": "gru", "width": 4},
            "discriminator": {"name": "text_cnn", "width": 4, "widest": 2},
        },
        "data": {"name": "poems", "vocabulary": 200},
        "metrics": {"names": ["poems"], "samples": 50},
    },
}


@functools.cache
def tiny_run(name: str) -> Path:
    """RAW[name] 训练 3 步的目录；整个测试过程只训练一次，谁也不要往里写。"""
    folder = Path(tempfile.mkdtemp(prefix="paddle_gan_test_"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    raw = RAW[name] | {"batch_size": 4, "total_steps": 3, "visualdl": False}
    Trainer(resolve(raw | {"checkpoint_every": 1}), "cpu").run(folder / name)
    return folder / name


class Result(NamedTuple):
    code: int
    out: str
    err: str


def load_tool(name: str):
    """tools/ 或 tools/maintain/ 下的一个工具，当作模块导入。"""
    for folder in (ROOT / "tools" / "maintain", ROOT / "tools"):
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
    return importlib.import_module(name)


def run_tool(capsys, monkeypatch, tool: str, *arguments) -> Result:
    """像在命令行里一样运行 tools/<tool>.py，但不另开进程（省下导入飞桨的几秒）。"""
    monkeypatch.setattr(sys, "argv", [f"tools/{tool}.py", *map(str, arguments)])
    cli, module = load_tool("_cli"), load_tool(tool)
    capsys.readouterr()
    try:
        cli.run(module.main, getattr(module, "MEMORY", cli.MEMORY))
    except SystemExit as end:
        return Result(end.code, *capsys.readouterr())
    raise AssertionError("cli.run 应当以退出码结束")


def assert_one_sentence(result: Result, *parts: str) -> None:
    """退出码 2，标准错误里恰好一句中文，里面有这些词。"""
    assert result.code == 2, result
    lines = result.err.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("错误："), result.err
    for part in parts:
        assert part in lines[0], lines[0]


def write_image(path: Path, image: np.ndarray) -> Path:
    """按 OpenCV 的 BGR(A) 约定写一张图，与被测代码互不相干。"""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(path.suffix, image)[1].tobytes())
    return path


def decode(path: Path) -> np.ndarray:
    """原样读回：(H, W) 或 (H, W, 3) BGR。"""
    return cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
