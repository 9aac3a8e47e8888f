"""数据并行：CPU 上用 Gloo 启动两个进程；合起来与一个进程一样，一起停、一起出错，接得上。"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import paddle
import pytest
from distributed_worker import CASES, EQUAL, STEPS, config_of
from helpers import tiny_batches, tiny_method
from safetensors.numpy import load_file

from paddle_gan.data.batches import Batches, Images
from paddle_gan.data.toy import Ring
from paddle_gan.draws import per_sample
from paddle_gan.engine.loop import Stop, fit
from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.monitor.recorder import read_records
from paddle_gan.run import distributed

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
LAUNCH = [sys.executable, "-W", "ignore", "-m", "paddle.distributed.launch"]
LAUNCH += ["--nproc_per_node", "2", "--backend", "gloo"]
RING = ["-c", "configs/gan_ring.yml", "-o", "visualdl=false", "-o", "metrics={}"]
RING += ["-o", "log_every=1", "-o", "network.generator.width=8", "-o", "batch_size=8"]


def launch(logs: Path, *program) -> subprocess.Popen:
    """两个进程一起运行 program；各进程的输出在 logs/workerlog.0 与 .1。"""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    environment |= {"PADDLE_GAN_THREADS": "1", "TMPDIR": str(logs.parent)}  # launch 自己留下空目录
    return subprocess.Popen(
        [*LAUNCH, "--log_dir", str(logs), *map(str, program)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def output(logs: Path) -> list[str]:
    """两个进程各自的输出。"""
    return [(logs / f"workerlog.{rank}").read_text(errors="replace") for rank in (0, 1)]


def last(folder: Path) -> dict[str, np.ndarray]:
    return load_file(folder / "checkpoints/last.safetensors")


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    """两个进程做完 distributed_worker.py 里的全部实验：目录与两个进程各自看到的。"""
    folder = tmp_path_factory.mktemp("together")
    process = launch(folder / "logs", ROOT / "tests/distributed_worker.py", folder)
    code = process.wait(timeout=600)
    assert code == 0, output(folder / "logs")
    seen = [json.loads((folder / f"rank{r}.json").read_text(encoding="utf-8")) for r in (0, 1)]
    return folder, *seen


# 与一个进程相同


@pytest.mark.parametrize("name", EQUAL)
def test_two_processes_have_the_losses_of_one_process_with_the_whole_batch(
    name, together, tmp_path
):
    folder, *_ = together
    Trainer(config_of(name), "cpu").run(tmp_path / "alone")
    alone, both = (read_records(f / "metrics.jsonl") for f in (tmp_path / "alone", folder / name))
    assert [r["step"] for r in both] == list(range(1, STEPS + 1))
    for one, two in zip(alone, both, strict=True):
        assert one.keys() == two.keys()
        losses = [key for key in one if key.startswith(("loss/", "score/", "prob/", "balance/"))]
        assert losses
        for key in losses:
            assert two[key] == pytest.approx(one[key], rel=1e-6, abs=1e-5), (one["step"], key)
    one, two = last(tmp_path / "alone"), last(folder / name)
    # 别的进程自己的状态：由整批定的量，各进程的相同
    others = {key for key in two if key.startswith("rank1/")}
    assert one.keys() == two.keys() - others
    assert all(two[key] == two[key.removeprefix("rank1/")] for key in others)
    if name != "cyclegan":  # 实例归一化之前的偏置梯度只有舍入误差，Adam 会把它放大到 lr
        for key in (key for key in one if key.startswith(("network/", "ema/"))):
            assert two[key] == pytest.approx(one[key], abs=1e-4), key


def test_the_comparison_can_fail_the_losses_of_another_seed_are_far_away(tmp_path):
    for seed in (0, 1):
        Trainer(config_of("gan", seed=seed), "cpu").run(tmp_path / str(seed))
    one, two = (read_records(tmp_path / s / "metrics.jsonl")[0] for s in "01")
    assert abs(one["loss/D"] - two["loss/D"]) > 1e-3


@pytest.mark.parametrize("name", CASES)
def test_every_rank_starts_and_ends_with_the_same_weights(name, together):
    _, zero, one = together
    assert zero["size"] == one["size"] == 2
    assert zero["first"][name] == one["first"][name]
    assert zero["trained"][name] == one["trained"][name] != zero["first"][name]
    assert zero["status"][name] == one["status"][name] == "finished"


def test_only_the_first_rank_writes_the_run(together):
    folder, *_ = together
    for name in CASES:
        assert not [p for p in (folder / name).rglob("*") if "tmp" in p.name or "rank" in p.name]
        steps = [record["step"] for record in read_records(folder / name / "metrics.jsonl")]
        assert steps == sorted(set(steps))
    info = json.loads((folder / "gan/run.json").read_text(encoding="utf-8"))
    assert info["processes"] == 2 and info["status"] == "finished"
    assert "modes/covered" in info["metrics"]


# 恢复训练


@pytest.mark.parametrize("name", ["pool", "wgan_gp"])
def test_resuming_with_two_processes_is_exact_to_the_byte(name, together):
    folder, *_ = together
    for file in ("checkpoints/last.safetensors", "metrics.jsonl"):
        whole, resumed = folder / name / file, folder / f"{name}_resumed" / file
        assert whole.read_bytes() == resumed.read_bytes()


def test_the_image_pool_of_every_rank_is_saved_and_they_differ(together):
    tensors = last(together[0] / "pool")
    own, other = tensors["method/pool_x"], tensors["rank1/method/pool_x"]
    assert own.shape == other.shape == (3, 1, 32, 32)
    assert not np.array_equal(own, other)


def test_one_process_refuses_the_checkpoint_of_two(together):
    with pytest.raises(UserError, match="2 个进程一起存的，现在是 1 个.*用 2 个进程"):
        Trainer(config_of("gan", total_steps=9), "cpu").run(together[0] / "gan", resume=True)


# 一起出错


def test_a_nan_on_one_rank_stops_all_of_them_at_the_same_step(together):
    folder, zero, one = together
    for seen in (zero["nan"], one["nan"]):
        assert seen["status"] == "diverged" and seen["step"] == 2
        assert "第 3 步的 loss/G" in seen["message"]
    assert not (folder / "nan/checkpoints/last.safetensors").exists()


def test_a_bad_weight_on_one_rank_stops_all_of_them_before_anything_is_saved(together):
    folder, zero, one = together
    for seen in (zero["nan_weights"], one["nan_weights"]):
        assert seen["status"] == "diverged"
        assert "第 3 步的 network/G" in seen["message"]
    assert list((folder / "nan_weights/checkpoints").iterdir()) == []


def test_an_existing_folder_is_refused_by_all_ranks_with_the_same_sentence(together):
    _, zero, one = together
    assert zero["exists"] == one["exists"]
    assert "已经有内容，不会覆盖" in zero["exists"]


def test_exchange_gives_everyone_the_bytes_of_everyone(together):
    assert [seen["exchange"] for seen in together[1:]] == [["x", "xx"]] * 2


@pytest.mark.parametrize(
    ("size", "batch", "device", "backend", "match"),
    [
        ("2", 3, "cpu", "gloo", "3 不能平分给 2 个进程；请用 -o batch_size=4"),
        ("4", 6, "cpu", "gloo", "6 不能平分给 4 个进程；请用 -o batch_size=8"),
        ("2", 4, "cpu", "auto", "--backend gloo"),
        ("2", 4, "gpu:1", "auto", "不要写 --device"),
    ],
)
def test_a_launch_that_cannot_work_is_one_sentence(
    size, batch, device, backend, match, monkeypatch
):
    monkeypatch.setenv("PADDLE_TRAINERS_NUM", size)
    monkeypatch.setenv("PADDLE_DISTRI_BACKEND", backend)
    monkeypatch.setenv("FLAGS_selected_gpus", "0")
    with pytest.raises(UserError, match=match):
        distributed.start(batch, device)
    assert distributed.Team.size == 1


# 数据与随机数的分法


def test_the_shards_of_all_ranks_are_the_batch(monkeypatch):
    whole = next(Batches(Ring(), Images, 12, seed=3)).x.numpy()
    parts = []
    for rank in range(3):
        monkeypatch.setattr(distributed.Team, "rank", rank)
        monkeypatch.setattr(distributed.Team, "size", 3)
        batches = Batches(Ring(), Images, 12, seed=3)
        batches.shard = distributed.shard(12)
        parts.append(next(batches).x.numpy())
    assert [len(part) for part in parts] == [4, 4, 4]
    assert np.array_equal(np.concatenate(parts), whole)


def test_the_noise_of_all_ranks_is_the_noise_of_one_process_and_lots_stay_their_own(monkeypatch):
    def drawn(rank: int, size: int):
        monkeypatch.setattr(distributed.Team, "rank", rank)
        monkeypatch.setattr(distributed.Team, "size", size)
        with distributed.draws(5, 7):
            first = per_sample(paddle.randn, [6 // size, 2]).numpy()
            lot = paddle.rand([1]).item() if size > 1 else None  # 图像池抽签，各进程自己的
            second = per_sample(paddle.rand, [6 // size, 1]).numpy()
        return first, second, lot

    whole, ranks = drawn(0, 1), [drawn(rank, 2) for rank in (0, 1)]
    for k in (0, 1):
        assert np.array_equal(np.concatenate([drawn_by[k] for drawn_by in ranks]), whole[k])
    assert ranks[0][2] != ranks[1][2]


# GPU 上的同步 BN（只查换得对不对，算要用 GPU）


def test_on_a_gpu_every_batch_norm_is_replaced_and_every_parameter_stays(monkeypatch):
    method = tiny_method("dcgan")
    states = {letter: list(network.state_dict()) for letter, network in method.networks.items()}
    owned = {id(p) for network in method.networks.values() for p in network.parameters()}
    monkeypatch.setattr(distributed.Team, "size", 2)
    monkeypatch.setattr(paddle.distributed, "broadcast", lambda tensor, src: None)
    distributed.join(method, "gpu:0")
    kinds = [type(layer) for n in method.networks.values() for layer in n.sublayers()]
    assert paddle.nn.SyncBatchNorm in kinds and paddle.nn.BatchNorm2D not in kinds
    assert {letter: list(n.state_dict()) for letter, n in method.networks.items()} == states
    assert {id(p) for network in method.networks.values() for p in network.parameters()} == owned
    assert isinstance(method.updates, distributed.AveragedUpdates)


# 结束与停下


@pytest.mark.parametrize(
    ("number", "expected"), [(signal.SIGTERM, Stop), (signal.SIGINT, KeyboardInterrupt)]
)
def test_a_repeated_sigterm_lets_the_step_finish_and_a_repeated_ctrl_c_does_not(number, expected):
    # launch 停下时隔一秒连发两次 SIGTERM
    method, finished = tiny_method("gan"), []
    honest = method.train_step

    def train_step(batches, step):
        for _ in range(2):
            os.kill(os.getpid(), number)
        logs = honest(batches, step)
        finished.append(step)
        return logs

    method.train_step = train_step
    with pytest.raises(expected):
        fit(method, tiny_batches("gan", method), [], seed=0, start=0, total_steps=3)
    assert finished == ([1] if expected is Stop else [])


def wait_for_step(folder: Path, step: int, process: subprocess.Popen) -> None:
    """等训练记到第 step 步之后。"""
    deadline = time.monotonic() + 120
    file = folder / "metrics.jsonl"
    while time.monotonic() < deadline and process.poll() is None:
        records = read_records(file) if file.exists() else []
        if records and records[-1]["step"] > step:
            return
        time.sleep(0.1)
    raise AssertionError("训练没有开始")


def pids(logs: Path) -> list[int]:
    """两个训练进程的进程号：launch 的子进程里，命令行带着这个目录的。"""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                words = (entry / "environ").read_bytes().split(b"\0")
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            ranks = [w for w in words if w.startswith(b"PADDLE_TRAINER_ID=")]
            if ranks and str(logs.parent).encode() in command:
                found[int(ranks[0].split(b"=")[1])] = int(entry.name)
    return [found[rank] for rank in sorted(found)]


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="要 Linux 的 /proc")
def test_killing_one_rank_ends_the_other_and_the_last_checkpoint_resumes(tmp_path):
    folder, logs = tmp_path / "run", tmp_path / "logs"
    forever = ["-o", "total_steps=1000000", "-o", "checkpoint_every=5", "--output", folder]
    process = launch(logs, "tools/train.py", *RING, *forever)
    wait_for_step(folder, 10, process)
    os.kill(pids(logs)[1], signal.SIGKILL)
    assert process.wait(timeout=300) != 0  # 飞桨自己要等一天（FLAGS_stop_check_timeout）
    errors = [line for line in output(logs)[0].splitlines() if line.startswith("错误：")]
    assert len(errors) == 1 and "0 号进程与别的进程失去了联系" in errors[0]
    assert "--resume" in errors[0]

    # 接着训练，再停下启动器：两个进程做完一步、存好再走
    logs = tmp_path / "again"
    process = launch(logs, "tools/train.py", *RING, *forever, "--resume")
    before = read_records(folder / "metrics.jsonl")[-1]["step"]
    wait_for_step(folder, before, process)
    workers = pids(logs)
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=300)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and any(Path(f"/proc/{pid}").exists() for pid in workers):
        time.sleep(0.1)
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]
    info = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    steps = [record["step"] for record in read_records(folder / "metrics.jsonl")]
    assert info["status"] == "interrupted" and info["step"] == steps[-1] > before
    assert steps == list(range(1, len(steps) + 1))
    assert re.search("进度存好了", output(logs)[0]) and "进度存好了" not in output(logs)[1]
