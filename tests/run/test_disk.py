"""真的磁盘：4 MB 的 tmpfs 装满、改成只读；一句话、检查点完好，排除之后接着训练与没有中断过相同。"""

import hashlib
import json
import shutil
import subprocess
import sys

import pytest
import yaml
from resume_cases import CASES
from tool_helpers import ROOT

from paddle_gan.engine.train import Trainer
from paddle_gan.run.config import resolve

SPACE = ["unshare", "--map-root-user", "--mount"]  # 自己的挂载空间：别的进程看不见，退出就没了
RAW = {"method": "gan", **CASES["gan"], "batch_size": 4, "total_steps": 40, "checkpoint_every": 5}
RAW |= {"log_every": 1, "sample_every": 5}


def can_mount() -> bool:
    """能不能在自己的挂载空间里挂 tmpfs；macOS 与有的容器里不能。"""
    if not shutil.which("unshare"):
        return False
    trial = [*SPACE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(trial, capture_output=True).returncode == 0


@pytest.fixture(scope="module")
def scenes(tmp_path_factory) -> dict[str, dict]:
    if not can_mount():
        pytest.skip("这里不能挂 tmpfs；注入错误的测试见 engine/test_faults.py")
    folder = tmp_path_factory.mktemp("disk")
    (folder / "a.yml").write_text(yaml.safe_dump(RAW), encoding="utf-8")
    (folder / "disk").mkdir()
    worker = [*SPACE, sys.executable, "-W", "ignore", str(ROOT / "tests" / "disk_worker.py")]
    command = [*worker, str(folder / "a.yml"), str(folder / "disk")]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout.splitlines()[-1])
    Trainer(resolve(RAW), "cpu").run(folder / "whole")
    whole = (folder / "whole" / "checkpoints" / "last.safetensors").read_bytes()
    return found | {"whole": {"last": hashlib.sha256(whole).hexdigest()}}


@pytest.mark.parametrize("name", ["full", "full_new", "read_only", "read_only_new"])
def test_a_disk_one_cannot_write_to_is_one_sentence(name, scenes):
    assert scenes[name]["code"] == 2, scenes[name]
    errors = [line for line in scenes[name]["err"].splitlines() if line.startswith("错误：")]
    assert len(errors) == 1 and "Traceback" not in scenes[name]["err"], scenes[name]
    wanted = "磁盘满了" if name.startswith("full") else "磁盘是只读的"
    assert wanted in errors[0] and "/disk/" in errors[0]
    others = [line for line in scenes[name]["err"].splitlines() if not line.startswith("错误：")]
    # 各说至多一次：与上次不同的设定、VisualDL、样本图、train.log
    assert all(line.startswith("提示：") for line in others) and len(others) <= 4


def test_the_last_checkpoint_survives_and_the_resumed_run_equals_an_uninterrupted_one(scenes):
    assert scenes["begin"]["code"] == scenes["resumed"]["code"] == 0
    assert scenes["begin"]["last"] == scenes["full"]["last"] == scenes["read_only"]["last"]
    assert scenes["resumed"]["last"] == scenes["whole"]["last"] != scenes["begin"]["last"]
