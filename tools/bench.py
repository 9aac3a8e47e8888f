"""速度对比：同一台机器、交替进行、多次取中位数。

    python tools/bench.py [--cases dcgan_32 ...] [--repeats 5] [--out 文件.json]

参赛者：fit 是 tools/train.py 走的路；bare 是不经过引擎的循环；stock 是飞桨出厂的样子（一个线程、
没有 MKL 分派、自带的卷积）；torch 是同样结构的 PyTorch，没有装时说明并跳过。
"""

import importlib.util
import json
import platform
import subprocess
import sys
from pathlib import Path
from statistics import median

import _cli
from bench_arms.cases import CASES, STEPS

from paddle_gan.engine.run import versions
from paddle_gan.files import write_atomic

ARMS = ("fit", "bare", "stock", "torch")
TOOLS = Path(__file__).resolve().parent


def measure(arm: str, case: str) -> dict:
    """在全新的进程里量一次：{step, startup, peak_mb}。"""
    module = ["bench_arms.torch_arm"] if arm == "torch" else ["bench_arms.paddle_arm", arm]
    command = [sys.executable, "-W", "ignore", "-m", *module, case, str(STEPS[case])]
    result = subprocess.run(command, cwd=TOOLS, capture_output=True, text=True)
    if result.returncode:
        raise _cli.UserError(f"{arm} 跑 {case} 失败：{result.stderr.strip().splitlines()[-1]}")
    return json.loads(result.stdout.splitlines()[-1])


def summary(case: str, rounds: dict[str, list[dict]]) -> dict:
    """每个参赛者：图像/秒的中位数与范围，启动秒数，峰值内存。"""
    rows = {}
    for arm, runs in rounds.items():
        rates = sorted(CASES[case]["batch_size"] / run["step"] for run in runs)
        rows[arm] = {
            "images_per_second": median(rates),
            "lowest": rates[0],
            "highest": rates[-1],
            "startup": median(run["startup"] for run in runs),
            "peak_mb": median(run["peak_mb"] for run in runs),
        }
    return rows


def table(results: dict) -> str:
    """Markdown 表；比值是各轮交替测得的中位数之比。"""
    lines = ["| 例子 | fit | bare | stock | torch | fit / torch | fit / stock | 引擎开销 |"]
    lines.append("|---|--:|--:|--:|--:|--:|--:|--:|")
    for case, rows in results.items():
        rate = {arm: row["images_per_second"] for arm, row in rows.items()}
        cells = [f"{rate[arm]:.3g}" if arm in rate else "–" for arm in ARMS]
        torch = f"{rate['fit'] / rate['torch']:.2f}" if "torch" in rate else "–"
        overhead = f"{(rate['bare'] / rate['fit'] - 1) * 100:.1f} %"
        ratios = [torch, f"{rate['fit'] / rate['stock']:.2f}", overhead]
        lines.append(f"| {case} | {' | '.join(cells + ratios)} |")
    return "\n".join(lines)


def main() -> None:
    parser = _cli.parser(__doc__)
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--repeats", type=int, default=5, help="交替几轮（默认 5）")
    parser.add_argument("--out", type=Path, help="把结果写成 JSON")
    args = parser.parse_args()
    arms = [arm for arm in ARMS if arm != "torch" or importlib.util.find_spec("torch")]
    if "torch" not in arms:
        print("没有装 PyTorch，跳过 torch 一列（pip install torch 后再跑）")

    results = {}
    for case in args.cases:
        rounds: dict[str, list[dict]] = {arm: [] for arm in arms}
        for _ in range(args.repeats):
            for arm in arms:
                rounds[arm].append(measure(arm, case))
        results[case] = summary(case, rounds)
        print(json.dumps({case: results[case]}, ensure_ascii=False), flush=True)
    print(table(results))
    if args.out:
        machine = {"platform": platform.platform(), "processor": platform.processor()}
        content = {"results": results, "repeats": args.repeats, "versions": versions(), **machine}
        write_atomic(args.out, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    _cli.run(main)
