"""速度对比：同一台机器、交替进行、多次取中位数。

    python tools/maintain/bench.py [--cases dcgan_32 ...] [--repeats 9] [--out 文件.json]
    python tools/maintain/bench.py --write    把存下的结果写进 docs/速度.md 的表

参赛者：fit 是 tools/train.py 走的路；bare 是不经过引擎的循环；stock 是飞桨出厂的样子（一个线程、
没有 MKL 分派、自带的卷积）；torch 是同样结构的 PyTorch，没有装时说明并跳过；peak 是矩阵乘的极限。
每一轮里各参赛者紧挨着跑，比值在同一轮里算：机器忽快忽慢，两轮之间的数不能比。
"""

import importlib.util
import json
import platform
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import _above  # noqa: F401
import _cli
from bench_arms.cases import CASES, STEPS
from bench_arms.peak_arm import SIDE
from bench_arms.work import gflop_per_step

from paddle_gan.files import write_atomic
from paddle_gan.run import runtime
from paddle_gan.run.run import versions

ARMS = ("fit", "bare", "stock", "torch", "peak")
RATIOS = {"fit / torch": ("fit", "torch"), "fit / stock": ("fit", "stock")}
HERE = Path(__file__).resolve().parent
RESULTS, PAGE = HERE / "bench_results" / "speed.json", HERE.parents[1] / "docs" / "速度.md"
BEGIN, END = "<!-- 速度表：由 tools/maintain/bench.py --write 生成 -->", "<!-- 速度表完 -->"
QUIET = 0.3  # 秒；上一个参赛者的线程空转完，再放下一个


class Contestant:
    """一个参赛者的进程；go() 放行一轮，返回 {step, inside, startup, peak_mb}。"""

    def __init__(self, arm: str, case: str):
        modules = {"torch": ["torch_arm", case], "peak": ["peak_arm"]}
        module, *rest = modules.get(arm, ["paddle_arm", arm, case])
        steps = 10 if arm == "peak" else STEPS[case]
        command = [sys.executable, "-W", "ignore", "-m", f"bench_arms.{module}", *rest, str(steps)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.name = f"{arm} 跑 {case}"
        self.process = subprocess.Popen(command, cwd=HERE, text=True, **pipes)
        self.read()  # 热身完毕

    def go(self) -> dict:
        """放行一轮。"""
        time.sleep(QUIET)
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.read()

    def read(self) -> dict:
        """读一行报告；进程死了就把它的最后一句话报出来。"""
        for line in self.process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        words = self.process.stderr.read().strip().splitlines() or ["没有说原因"]
        raise _cli.UserError(f"{self.name} 失败：{words[-1]}")

    def close(self) -> None:
        """不再放行，进程自己结束。"""
        self.process.communicate()


def measure(case: str, arms: list[str], repeats: int) -> dict[str, list[dict]]:
    """各参赛者每一轮的报告。"""
    contestants = {}
    try:
        for arm in arms:
            contestants[arm] = Contestant(arm, case)
        rounds = [one_round(contestants, number) for number in range(repeats)]
    finally:
        for one in contestants.values():
            one.close()
    return {arm: [reports[arm] for reports in rounds] for arm in arms}


def one_round(contestants: dict[str, Contestant], number: int) -> dict[str, dict]:
    """一轮；每一轮换一个参赛者打头，谁也不总是跟在同一个后面。"""
    names = list(contestants)
    first = number % len(names)
    return {name: contestants[name].go() for name in names[first:] + names[:first]}


def summary(case: str, rounds: dict[str, list[dict]], gflop: float) -> dict:
    """中位数与范围：图像/秒、启动秒数、峰值内存；同一轮里的比值；占矩阵乘极限的几成。"""
    batch, rows = CASES[case]["batch_size"], {}
    for arm, runs in rounds.items():
        work = {"images_per_second": [batch / run["step"] for run in runs]}
        if arm == "peak":
            work = {"gflops": [2 * SIDE**3 / run["step"] / 1e9 for run in runs]}
        rows[arm] = {name: spread(values) for name, values in work.items()}
        rows[arm] |= {key: median(run[key] for run in runs) for key in ("startup", "peak_mb")}
    seconds = {arm: [run["step"] for run in runs] for arm, runs in rounds.items()}
    ratios = {
        name: spread([b / a for a, b in zip(seconds[ours], seconds[theirs])])
        for name, (ours, theirs) in RATIOS.items()
        if theirs in seconds
    }
    ratios["fit / bare"] = spread([b / a for a, b in zip(seconds["fit"], seconds["bare"])])
    # 飞桨在 CPU 上同步执行：一步里 train_step 之外的时间就是引擎用掉的
    ratios["engine"] = spread([run["step"] / run["inside"] - 1 for run in rounds["fit"]])
    possible = [gflop / (2 * SIDE**3 / 1e9 / peak) for peak in seconds["peak"]]
    ratios["of_peak"] = spread([best / a for best, a in zip(possible, seconds["fit"])])
    return {"rows": rows, "ratios": ratios, "gflop_per_step": gflop}


def spread(values: list[float]) -> dict[str, float]:
    """中位数、最小、最大。"""
    return {"median": median(values), "lowest": min(values), "highest": max(values)}


def table(results: dict) -> str:
    """Markdown 表；比值后面的括号是各轮的范围。"""
    lines = [
        "| 例子 | 图/秒 | PyTorch | 飞桨出厂 | 比 PyTorch | 比飞桨出厂 | 引擎开销 | 占矩阵乘极限 "
        "| 内存 MB | 启动秒 |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for case, result in results.items():
        rows, ratios = result["rows"], result["ratios"]
        cells = [rate(rows, arm) for arm in ("fit", "torch", "stock")]
        cells += [ranged(ratios.get(name), "{:.2f}") for name in RATIOS]
        cells += [ranged(ratios["engine"], "{:.1%}"), f"{ratios['of_peak']['median']:.0%}"]
        cells += [f"{rows['fit']['peak_mb']:.0f}", f"{rows['fit']['startup']:.1f}"]
        lines.append(f"| {case} | {' | '.join(cells)} |")
    return "\n".join(lines)


def rate(rows: dict, arm: str) -> str:
    """图像/秒的中位数。"""
    return f"{rows[arm]['images_per_second']['median']:.3g}" if arm in rows else "–"


def ranged(value: dict | None, form: str) -> str:
    """中位数（最小–最大）。"""
    if value is None:
        return "–"
    low, high = (form.format(value[key]) for key in ("lowest", "highest"))
    return f"{form.format(value['median'])}（{low}–{high}）"


def rewritten(content: dict) -> str:
    """速度那一页应有的全文。"""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table(content['results'])}\n{END}{after}"


def main() -> None:
    parser = _cli.parser(__doc__)
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--repeats", type=int, default=9, help="交替几轮（默认 9）")
    parser.add_argument("--out", type=Path, help="把结果写成 JSON（与文件里别的例子合并）")
    parser.add_argument("--write", action="store_true", help="只把存下的结果写进 docs/速度.md")
    args = parser.parse_args()
    if args.write:
        write_atomic(PAGE, rewritten(json.loads(RESULTS.read_text(encoding="utf-8"))))
        return

    arms = [arm for arm in ARMS if arm != "torch" or importlib.util.find_spec("torch")]
    if "torch" not in arms:
        print("没有装 PyTorch，跳过 torch 一列（pip install torch 后再跑）")
    old = json.loads(args.out.read_text(encoding="utf-8")) if args.out and args.out.exists() else {}
    results = old.get("results", {})
    runtime.set_device("cpu")
    for case in args.cases:
        rounds = measure(case, arms, args.repeats)
        results[case] = summary(case, rounds, gflop_per_step(case))
        print(table({case: results[case]}).splitlines()[-1], flush=True)
        if args.out:
            machine = {"platform": platform.platform(), "cores": runtime.threads()}
            content = {"results": results, "repeats": args.repeats, "versions": versions()}
            write_atomic(args.out, json.dumps(content | machine, ensure_ascii=False, indent=1))
    print(table(results))


if __name__ == "__main__":
    _cli.run(main)
