"""在仓库的一份临时拷贝里弄坏一处，跑应当发现它的测试；检出的目录一个字节也不动。"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.mutations.catalogue import ROOT, Mutation

COPIED = ("paddle_gan", "tools", "tests", "configs", "tutorials", "docs")
COPIED += ("pyproject.toml", "README_zh.md", "README.md")
COPIED += tuple(path.name for path in ROOT.glob("requirements*.txt"))  # 体检要读
THREADS = ("PADDLE_GAN_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
PYTEST = [sys.executable, "-m", "pytest", "-x", "-q", "-rfE", "-p", "no:cacheprovider", "-n", "0"]
PYTEST += ["-m", ""]  # 慢的也跑
FIRST = re.compile(r"^(?:FAILED|ERROR) (\S+?::.+?)(?: - |$)", re.MULTILINE)
PASSED, FAILED = 0, 1  # pytest 的退出码；2 以上是收集不了、用法不对


def copy_tree(folder: Path) -> None:
    """要用的目录的真拷贝（测试会 resolve 路径，链接会回到检出的目录）；连同编译好的 .pyc。"""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        else:
            shutil.copy2(source, folder / name)


def run_tests(tree: Path, tests: tuple[str, ...], timeout: float) -> tuple[str, str]:
    """在 tree 里跑几个测试文件，到第一个失败为止。

    返回（passed、failed、timeout 或 broken，第一个失败的测试或 pytest 的最后一行）。
    """
    process = subprocess.Popen(
        [*PYTEST, *tests],
        cwd=tree,
        env=os.environ | dict.fromkeys(THREADS, "1") | {"PYTHONPATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return "timeout", f"{timeout:g} 秒"
    first = FIRST.search(said)
    last = (said.strip().splitlines() or ["没有输出"])[-1]
    if process.returncode == PASSED:
        return "passed", last
    if (process.returncode == FAILED and first) or process.returncode < 0:  # 负数：被信号打死
        return "failed", first.group(1) if first else f"信号 {-process.returncode}"
    return "broken", last


def check_clean(tests: tuple[str, ...], timeout: float) -> tuple[str, str, float]:
    """没有弄坏时这些测试的结果，以及秒数。"""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="paddle_gan_mutation_") as folder:
        copy_tree(Path(folder))
        outcome, detail = run_tests(Path(folder), tests, timeout)
    return outcome, detail, round(time.perf_counter() - started, 1)


def try_mutation(mutation: Mutation, timeout: float) -> dict:
    """弄坏一处，先跑 tests，没发现再跑 wider。

    返回 {outcome: caught、timeout、survived 或 broken, test: 第一个失败的测试, wider: 靠不靠 wider,
    seconds}；timeout 也算发现了。
    """
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="paddle_gan_mutation_") as folder:
        tree = Path(folder)
        copy_tree(tree)
        target = tree / mutation.file
        target.write_text(mutation.apply(target.read_text(encoding="utf-8")), encoding="utf-8")
        outcome, detail = run_tests(tree, mutation.tests, timeout)
        wider = outcome == "passed" and bool(mutation.wider)
        if wider:
            outcome, detail = run_tests(tree, mutation.wider, 4 * timeout)
    names = {"passed": "survived", "failed": "caught"}
    return {
        "outcome": names.get(outcome, outcome),
        "test": "" if outcome == "passed" else detail,
        "wider": wider,
        "seconds": round(time.perf_counter() - started, 1),
    }
