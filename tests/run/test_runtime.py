"""运行环境：在 paddle 之前设好，用户自己设的不动，随机数只由 (种子, 步数) 决定。"""

import os
import subprocess
import sys
from pathlib import Path

import paddle
import pytest
from paddle import nn

from paddle_gan.errors import UserError
from paddle_gan.networks.convolution import Conv2DTranspose
from paddle_gan.run import runtime

ROOT = Path(__file__).resolve().parents[2]


def python(code: str, **environment) -> str:
    """在全新的进程里执行一段代码，返回它打印的东西。"""
    clean = {k: v for k, v in os.environ.items() if k not in VARIABLES}
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=ROOT,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.strip()


VARIABLES = {"MKL_DEBUG_CPU_TYPE", "PADDLE_GAN_THREADS", *runtime.THREAD_VARIABLES}
SHOW = "import os, paddle_gan; print(os.environ.get({!r}))"


def test_the_fast_mkl_path_is_chosen_only_on_amd():
    expected = "5" if "AuthenticAMD" in Path("/proc/cpuinfo").read_text() else "None"
    assert python(SHOW.format("MKL_DEBUG_CPU_TYPE")) == expected


def test_what_the_user_has_set_stays():
    assert python(SHOW.format("MKL_DEBUG_CPU_TYPE"), MKL_DEBUG_CPU_TYPE="0") == "0"
    threads = "from paddle_gan.run import runtime; import paddle; print(runtime.threads())"
    assert python(threads, OMP_NUM_THREADS="1") == "1"
    assert python(threads, MKL_NUM_THREADS="3") == "3"


def test_all_usable_cores_are_used_by_default():
    threads = "from paddle_gan.run import runtime; import paddle; print(runtime.threads())"
    assert int(python(threads)) == runtime.usable_cores() >= 1


@pytest.mark.parametrize(
    ("processes", "omp", "expected"),
    [("1", None, "8"), ("2", None, "4"), ("2", "1", "4"), ("2", "3", "3"), ("1", "1", "1")],
)
def test_launched_processes_share_the_cores(processes, omp, expected, monkeypatch):
    # 启动器导入飞桨时写下 OMP_NUM_THREADS=1，传给每个进程
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PADDLE_TRAINERS_NUM", processes)
    if omp:
        monkeypatch.setenv("OMP_NUM_THREADS", omp)
    monkeypatch.setattr(runtime, "usable_cores", lambda: 8)
    monkeypatch.delitem(sys.modules, "paddle")
    runtime.prepare()
    assert os.environ[runtime.THREADS] == expected


def test_importing_paddle_first_is_warned_about():
    code = (
        "import warnings, paddle\n"
        "with warnings.catch_warnings(record=True) as caught:\n"
        "    warnings.simplefilter('always')\n"
        "    import paddle_gan\n"
        "print([str(w.message) for w in caught])"
    )
    assert "请先 import paddle_gan" in python(code)


def test_a_device_that_is_not_there_is_named_with_the_ones_that_are():
    with pytest.raises(UserError, match="gpu:9 不可用（可用：cpu"):
        runtime.set_device("gpu:9")
    with pytest.raises(UserError, match="tpu 不可用"):
        runtime.set_device("tpu")


def test_auto_names_the_device_it_chose():
    assert runtime.set_device("auto") == ("gpu:0" if paddle.is_compiled_with_cuda() else "cpu")


def test_repeatable_convolutions_are_asked_for_on_a_gpu_only(monkeypatch):
    asked = []
    monkeypatch.setattr(paddle, "set_flags", asked.append)
    runtime.be_deterministic("cpu")
    assert asked == []
    runtime.be_deterministic("gpu:1")
    assert asked == [{"FLAGS_cudnn_deterministic": True}]


def test_random_numbers_depend_on_seed_and_path_alone():
    def draw(*path):
        runtime.seed_stream(*path)
        return paddle.randn([4]).tolist()

    first = draw(0, runtime.TRAIN, 7)
    paddle.randn([100])
    assert draw(0, runtime.TRAIN, 7) == first
    others = [draw(1, runtime.TRAIN, 7), draw(0, runtime.TRAIN, 8), draw(0, runtime.METRICS, 7)]
    assert first not in others and others[0] != others[1] != others[2]


def test_neighbouring_steps_are_uncorrelated():
    rows = []
    for step in range(200):
        runtime.seed_stream(0, runtime.TRAIN, step)
        rows.append(paddle.randn([200]))
    table = paddle.stack(rows)
    correlation = (table[1:] * table[:-1]).mean().item()
    assert abs(correlation) < 4 / (199 * 200) ** 0.5


def test_cores_go_to_the_convolutions_when_there_are_any_and_to_the_math_library_otherwise(
    monkeypatch,
):
    given = []
    monkeypatch.setenv(runtime.THREADS, "3")
    monkeypatch.setattr(paddle.base.core, "set_num_threads", given.append)
    runtime.share_cores([nn.Linear(2, 2), nn.Sequential(nn.ReLU(), Conv2DTranspose(1, 1, 3))])
    runtime.share_cores([nn.Linear(2, 2)])
    assert given == [1, 3]
