"""照抄文档里的命令的目录：名字里有空格、中文与引号，里面是仓库的一份拷贝和读者会有的图像。"""

import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import yaml
from doc_commands import ROOT
from doc_worker import SMALL, write_shims
from tool_helpers import write_image

from paddle_gan.data.vision import CIFAR_RECORD

COPIED = ("paddle_gan", "tools", "configs", "tutorials", "docs", "tests")
THREADS = ("PADDLE_GAN_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
STEPS, BATCH, WIDTH = 2, 8, 4


def shrink(config: Path) -> None:
    """一个配置改小：步数、批、网络与评估的样本数；头一行注释留着。"""
    head, _, body = config.read_text(encoding="utf-8").partition("\n")
    raw = yaml.safe_load(body)
    raw |= {"batch_size": min(raw["batch_size"], BATCH), "total_steps": STEPS}
    raw["sample_every"] = STEPS
    if "load_size" in raw["data"]:
        raw["data"] |= SMALL
    if raw["method"] in ("cyclegan", "pix2pix"):
        raw.pop("metrics", None)  # 判风格的网络要训练十来秒；别的测试用它
    if "metrics" in raw:
        raw["metrics"] |= {"every": STEPS, "samples": 70}
    if raw["method"].startswith("wgan"):
        raw["hparams"] = raw.get("hparams", {}) | {"n_critic": 1, "n_critic_boost": 1}
    for section in raw["network"].values():
        small = {
            "width": WIDTH,
            "blocks": 1,
            "channels": [WIDTH] * len(section.get("channels", ())),
        }
        section |= {key: value for key, value in small.items() if key in section}
    text = yaml.safe_dump(raw, allow_unicode=True, sort_keys=False)
    config.write_text(f"{head}\n{text}", encoding="utf-8")


def pictures(folder: Path, count: int = 12) -> None:
    """一个文件夹的图像。"""
    for i in range(count):
        image = np.random.default_rng(i).integers(0, 256, (50, 70, 3), np.uint8)
        write_image(folder / f"{i}.jpg", image)


def cifar(path: Path) -> None:
    """CIFAR-10 的二进制包，每个文件三条记录。"""
    names = [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]
    with tarfile.open(path, "w:gz") as tar:
        for name in names:
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}.bin")
            member.size = 3 * CIFAR_RECORD
            tar.addfile(member, io.BytesIO(bytes(member.size)))


def shrink_the_tests_of_tests(tests: Path) -> None:
    """演习走十来步、只杀一次，变异只留第一条。"""
    drills = tests / "drills.py"
    text = drills.read_text(encoding="utf-8")
    for old, new in (("STEPS, EVERY = 60, 3", "STEPS, EVERY = 12, 3"), ("KILLS = 6", "KILLS = 1")):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    drills.write_text(text, encoding="utf-8")
    first = (tests / "mutations/losses.yml").read_text("utf-8").split("\n  - name:")[:2]
    for path in [*tests.glob("mutations/*.yml"), tests / "mutations/results.json"]:
        path.unlink()
    (tests / "mutations/losses.yml").write_text("\n  - name:".join(first) + "\n", "utf-8")


class Place:
    """一份拷贝；with 块里可以用 run() 一条一条地照抄命令。"""

    def __init__(self, parent: Path):
        self.here = parent / "我的 课程 it's"
        self.home = Path(tempfile.mkdtemp(prefix="place_"))  # 套接字的路径不能长
        quiet = shutil.ignore_patterns(".git", ".pytest_cache", "runs")
        for name in COPIED:
            shutil.copytree(ROOT / name, self.here / name, ignore=quiet)
        for path in [*ROOT.glob("*.md"), *ROOT.glob("*.txt"), ROOT / "pyproject.toml"]:
            shutil.copy(path, self.here)
        for config in (self.here / "configs").glob("*.yml"):
            shrink(config)
        shrink_the_tests_of_tests(self.here / "tests")
        for name in (
            "我的图像",
            "新位置",
            "照片",
            "画",
            "图或文件夹",
            "我的类别/猫",
            "我的类别/狗",
            "线稿",
            "上色",
        ):
            pictures(self.here / name)
        for part in ("trainA", "trainB"):
            pictures(self.here / "我的数据" / part)
            pictures(self.here / "data/horse2zebra" / part)
        cifar(self.here / "data/cifar-10-binary.tar.gz")
        for name in ("图.png", "大图.png"):
            write_image(self.here / name, np.full((64, 64, 3), 90, np.uint8))
        write_shims(self.home / "bin")

    def __enter__(self) -> "Place":
        address = str(self.home / "w")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        path = os.pathsep.join([str(self.home / "bin"), str(Path(sys.executable).parent)])
        self.environment = os.environ | {
            "PATH": f"{path}{os.pathsep}{os.environ['PATH']}",
            "WORKER": address,
            "FREE_PORT": port,
            "PADDLE_GAN_TUTORIAL_STEPS": "2",
            "PYTHONPATH": "",
            **dict.fromkeys(THREADS, "1"),  # 机器忙的时候，两个线程互相等
        }
        command = [sys.executable, "tests/doc_worker.py", address]
        self.worker = subprocess.Popen(
            command,
            cwd=self.here,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.worker.stdout.readline() == "好了\n"
        return self

    def __exit__(self, *_) -> None:
        self.worker.kill()
        self.worker.wait()
        self.worker.stdout.close()
        self.worker.stdin.close()
        shutil.rmtree(self.home)

    def run(self, command: str, leaves: tuple[str, ...] = ()) -> str:
        """照抄一条命令：之前没有 leaves 这些东西，之后都有；返回它印的字。"""
        for name in leaves:
            self.remove(name)
        script = f"{command}\nwait"  # 后台的命令也等它做完
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.here, env=self.environment, capture_output=True
        )
        said = (done.stdout + done.stderr).decode()
        assert done.returncode == 0, f"{command}\n{said}"
        for name in leaves:
            found = self.here / name
            assert found.exists(), f"{command}\n没有留下 {name}\n{said}"
            assert any(found.iterdir()) if found.is_dir() else found.stat().st_size, command
        return said

    def watch(self, command: str) -> str:
        """照抄一条看板的命令：等它说出地址，再按 Ctrl-C；返回它印的字。"""
        process = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=self.here,
            env=self.environment | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        first = process.stdout.readline() + process.stdout.readline()
        process.send_signal(signal.SIGINT)
        said = first + process.communicate(timeout=60)[0]
        assert process.returncode == 0 and "看板：http://127.0.0.1:" in said, f"{command}\n{said}"
        return said

    def play(self, steps: list) -> None:
        """照次序照抄：每步是（命令，留下的东西……），或者要先做的事（一个函数）。"""
        for step in steps:
            if callable(step):
                step(self)
            elif step[0].startswith("python tools/dashboard.py"):
                self.watch(step[0])
            else:
                self.run(step[0], step[1:])

    def remove(self, name: str) -> None:
        """没有这个文件或目录了。"""
        path = self.here / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def stop_early(self, run: str) -> None:
        """一次训练完了的，变成只走了一步就停下的。"""
        folder = self.here / run / "checkpoints"
        shutil.copy(folder / "step_0000001.safetensors", folder / "last.safetensors")

    def lose_a_result(self) -> None:
        """T5 的快速档少最后一个任务的结果。"""
        path = self.here / "paddle_gan/lab/results/quick/no_convergence.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(lines[:-1]), encoding="utf-8")

    def leave_one_result(self) -> None:
        """只留一个实验的结果：全部的图要画半分钟。"""
        for path in (self.here / "paddle_gan/lab/results").glob("*/*.jsonl"):
            if path.stem != "no_convergence":
                path.unlink()

    def another(self, run: str, name: str) -> None:
        """一个训练目录再放一份，叫 name。"""
        shutil.copytree(self.here / run, self.here / name, dirs_exist_ok=True)
