"""速度对比：同一台机器、连续训练、轮流进行、多次取中位数。

    python tools/maintain/bench.py [--cases dcgan_32 ...] [--isa AVX2] [--out 文件.json]
    python tools/maintain/bench.py --check dcgan_32   与直接运行 train.py、普通的 PyTorch 脚本对一对
    python tools/maintain/bench.py --write            把存下的结果写进 docs/速度.md 的表

参赛者：fit 是 tools/train.py 走的路；stock 是飞桨出厂的样子（一个线程、没有 MKL 分派、自带的
实现）；torch 是同样结构的 PyTorch，没有装时说明并跳过。一次只有一个进程活着，先热身，再连续跑
--seconds 秒；每一轮换一个打头，比值在同一轮里算：机器忽快忽慢，两轮之间的数不能比。
"""

import importlib.metadata
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ENVIRONMENT = dict(os.environ)  # 导入飞桨会写下 OMP_NUM_THREADS=1，别的参赛者不该受它限制

import _above  # noqa: F401
import _cli
from bench_arms.cases import CASES
from bench_arms.paddle_arm import config_of
from bench_arms.peak_arm import SIDE
from bench_arms.work import gflop_per_step

from paddle_gan.files import write_atomic
from paddle_gan.networks.onednn.library import library
from paddle_gan.run import health, runtime
from paddle_gan.run.run import versions

ARMS = ("fit", "stock", "torch")
RATIOS = {"fit / torch": ("fit", "torch"), "fit / stock": ("fit", "stock")}
COLUMNS = ("样本/秒", "PyTorch", "飞桨出厂", "比 PyTorch", "比飞桨出厂")
COLUMNS += ("引擎开销", "占矩阵乘极限", "内存 MB", "启动秒")
CHECKED = ("fit", "torch")
PEAKS = ("numpy", "paddle", "onednn")
HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RESULTS, PAGE = HERE / "bench_results" / "speed.json", ROOT / "docs" / "速度.md"
BEGIN, END = "<!-- 速度表：由 tools/maintain/bench.py --write 生成 -->", "<!-- 速度表完 -->"
# 只许用某一种指令集时，各个库各听哪个变量
HELD = {"AVX2": {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}}
SLOWING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "ONEDNN_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY")


def contest(arm: str, case: str, seconds: float, held: dict) -> dict:
    """一个参赛者在全新的进程里跑一次：{step, inside, startup, peak_mb}。"""
    module, *rest = {"torch": ["torch_arm", case], "peak": ["peak_arm", case]}.get(
        arm, ["paddle_arm", arm, case]
    )
    command = [sys.executable, "-W", "ignore", "-m", f"bench_arms.{module}", *rest, str(seconds)]
    environment = ENVIRONMENT | held | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, env=environment)
    reports = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not reports:
        words = done.stderr.strip().splitlines() or ["没有说原因"]
        raise _cli.UserError(f"{arm} 跑 {case} 失败：{words[-1]}")
    return json.loads(reports[-1])


def measure(case: str, arms: list[str], repeats: int, seconds: float, held: dict) -> dict:
    """各参赛者每一轮的报告；每一轮换一个打头，谁也不总是跟在同一个后面。"""
    reports: dict[str, list[dict]] = {arm: [] for arm in arms}
    for number in range(repeats):
        first = number % len(arms)
        for arm in arms[first:] + arms[:first]:
            reports[arm].append(contest(arm, case, seconds, held))
    return reports


def summary(case: str, rounds: dict[str, list[dict]], gflop: float, peak: float) -> dict:
    """中位数与范围：图像/秒、启动秒数、峰值内存；同一轮里的比值；占矩阵乘极限的几成。"""
    batch, rows = CASES[case]["batch_size"], {}
    for arm, runs in rounds.items():
        rows[arm] = {"images_per_second": spread([batch / run["step"] for run in runs])}
        rows[arm] |= {key: median(run[key] for run in runs) for key in ("startup", "peak_mb")}
    seconds = {arm: [run["step"] for run in runs] for arm, runs in rounds.items()}
    ratios = {
        name: spread([b / a for a, b in zip(seconds[ours], seconds[theirs])])
        for name, (ours, theirs) in RATIOS.items()
        if theirs in seconds
    }
    # 飞桨在 CPU 上同步执行：一步里 train_step 之外的时间就是引擎用掉的
    ratios["engine"] = spread([run["step"] / run["inside"] - 1 for run in rounds["fit"]])
    ratios["of_peak"] = spread([gflop / a / peak for a in seconds["fit"]])
    return {"rows": rows, "ratios": ratios, "gflop_per_step": gflop}


def spread(values: list[float]) -> dict[str, float]:
    """中位数、最小、最大。"""
    return {"median": median(values), "lowest": min(values), "highest": max(values)}


def machine(held: dict) -> dict:
    """这台机器：处理器、oneDNN 用的指令集、线程数、各个矩阵乘每秒多少 GFLOP。"""
    speeds = {
        name: 2 * SIDE**3 / contest("peak", name, 3.0, held)["step"] / 1e9
        for name in (PEAKS if library() else PEAKS[:2])
    }
    return {
        "cpu": health.processor().text,
        "onednn": library().described() if library() else "没有",
        "cores": runtime.threads(),
        "platform": platform.platform(),
        "gflops": speeds,
    }


def table(results: dict) -> str:
    """Markdown 表；比值后面的括号是各轮的范围；谁也没有量的列不写。"""
    rows = {case: columns(results[case]) for case in CASES if case in results}
    heads = [head for head in COLUMNS if any(row[head] != "–" for row in rows.values())]
    lines = [f"| 例子 | {' | '.join(heads)} |", "|---" + "|--:" * len(heads) + "|"]
    for case, row in rows.items():
        lines.append(f"| {case} | {' | '.join(row[head] for head in heads)} |")
    return "\n".join(lines)


def columns(result: dict) -> dict[str, str]:
    """一个例子的一行：列名 → 写什么；没有量的是 –。"""
    rows, ratios = result["rows"], result["ratios"]
    cells = [rate(rows, arm) for arm in ("fit", "torch", "stock")]
    cells += [ranged(ratios.get(name), "{:.2f}") for name in RATIOS]
    cells += [ranged(ratios["engine"], "{:.1%}"), f"{ratios['of_peak']['median']:.0%}"]
    cells += [f"{rows['fit']['peak_mb']:.0f}", f"{rows['fit']['startup']:.1f}"]
    return dict(zip(COLUMNS, cells))


def rate(rows: dict, arm: str) -> str:
    """图像/秒的中位数。"""
    return f"{rows[arm]['images_per_second']['median']:.3g}" if arm in rows else "–"


def ranged(value: dict | None, form: str) -> str:
    """中位数（最小–最大）。"""
    if value is None:
        return "–"
    low, high = (form.format(value[key]) for key in ("lowest", "highest"))
    return f"{form.format(value['median'])}（{low}–{high}）"


def section(key: str, content: dict) -> str:
    """一种设定的说明与表。"""
    made, ours = content["machine"], content["versions"]
    speeds = "、".join(f"{name} {value:.0f}" for name, value in made["gflops"].items())
    torch = f"，PyTorch {content['torch']}" if content["torch"] else ""
    limits = "、".join(f"{name}={value}" for name, value in HELD.get(key, {}).items())
    words = (
        f"**{key}**{limits and f'（{limits}）'}：{made['cpu']}，{made['cores']} 个线程，"
        f"飞桨 {ours['paddle']}（{made['onednn'].split('，')[0]}）{torch}；"
        f"每个参赛者连续跑 {content['seconds']:g} 秒，{content['repeats']} 轮。"
        f"单精度矩阵乘每秒多少 GFLOP：{speeds}；最快的那个算极限。"
    )
    return f"{words}\n\n{table(content['results'])}"


def rewritten(stored: dict) -> str:
    """速度那一页应有的全文。"""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    parts = "\n\n".join(section(key, content) for key, content in stored.items())
    return f"{before}{BEGIN}\n{parts}\n{END}{after}"


def check(case: str, seconds: float) -> None:
    """fit 与直接运行 tools/train.py、torch 与普通的 PyTorch 脚本，每步秒数之比应当在 5 % 以内。"""
    for arm in CHECKED:
        step = contest(arm, case, seconds, {})["step"]
        n = max(10, int(seconds / step))
        plain = (whole_run(arm, case, 3 * n) - whole_run(arm, case, n)) / (2 * n)
        words = f"{arm} 每步 {1e3 * step:.2f} 毫秒，普通的跑法 {1e3 * plain:.2f}"
        print(f"{case}：{words}，比 {step / plain:.3f}")


def whole_run(arm: str, case: str, steps: int) -> float:
    """普通的跑法跑 steps 步，一共几秒；两种长度之差里没有启动。"""
    with tempfile.TemporaryDirectory() as folder:
        if arm == "fit":
            path = Path(folder) / "config.yml"
            path.write_text(config_of(case, steps).dump(), encoding="utf-8")
            output = str(Path(folder) / "run")
            command = ["tools/train.py", "-c", str(path), "--output", output, "--device", "cpu"]
        else:
            script = f"from bench_arms.torch_arm import build\nstep = build({case!r})\n"
            command = ["-c", script + f"for _ in range({steps}): step()"]
        environment = ENVIRONMENT | {"PYTHONPATH": str(HERE)}
        start = time.perf_counter()
        options = {"cwd": ROOT, "env": environment, "check": True, "capture_output": True}
        subprocess.run([sys.executable, *command], **options)
        return time.perf_counter() - start


def main() -> None:
    parser = _cli.parser(__doc__)
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=ARMS, help="只让这几个参赛")
    parser.add_argument("--repeats", type=int, default=5, help="几轮（默认 5）")
    parser.add_argument("--seconds", type=float, default=10.0, help="每次连续跑几秒（默认 10）")
    parser.add_argument("--isa", choices=HELD, help="各个库最多用到这种指令集")
    parser.add_argument("--out", type=Path, help="把结果写成 JSON（与文件里别的例子合并）")
    parser.add_argument("--check", choices=CASES, help="与普通的跑法对一对")
    parser.add_argument("--write", action="store_true", help="只把存下的结果写进 docs/速度.md")
    args = parser.parse_args()
    if args.write:
        write_atomic(PAGE, rewritten(json.loads(RESULTS.read_text(encoding="utf-8"))))
        return
    for name in SLOWING:
        if name in os.environ:
            print(f"{name}={os.environ[name]} 会让数学库变慢；量之前请 unset {name}")
    runtime.set_device("cpu")
    if args.check:
        check(args.check, args.seconds)
        return

    arms = [arm for arm in args.arms if arm != "torch" or importlib.util.find_spec("torch")]
    if "torch" in args.arms and "torch" not in arms:
        print("没有装 PyTorch，跳过 torch 一列（pip install torch 后再跑）")
    held, key = HELD.get(args.isa, {}), args.isa or "全部指令集"
    stored = (
        json.loads(args.out.read_text(encoding="utf-8")) if args.out and args.out.exists() else {}
    )
    content = {"machine": machine(held), "versions": versions(), "torch": torch_version()}
    content |= {"repeats": args.repeats, "seconds": args.seconds}
    content["results"] = stored.get(key, {}).get("results", {})
    peak = max(content["machine"]["gflops"].values())
    for case in args.cases:
        rounds = measure(case, arms, args.repeats, args.seconds, held)
        content["results"][case] = summary(case, rounds, gflop_per_step(case), peak)
        print(table({case: content["results"][case]}).splitlines()[-1], flush=True)
        if args.out:
            text = json.dumps(stored | {key: content}, ensure_ascii=False, indent=1)
            write_atomic(args.out, text)
    print(section(key, content))


def torch_version() -> str:
    """装了的 PyTorch 的版本；没有装是空串。"""
    found = importlib.util.find_spec("torch")
    return importlib.metadata.version("torch") if found else ""


if __name__ == "__main__":
    _cli.run(main)
