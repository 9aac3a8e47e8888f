"""工作变大时代价怎样涨：每步时间、内存对批大小、网络宽度、图像边长、数据集大小；以及跑两万步稳不稳。

    python tools/maintain/bench_growth.py [--only batch_size ...] [--repeats 3] [--out 文件.json]
    python tools/maintain/bench_growth.py --long

每个点在全新的进程里量，几轮交替，取中位数；画在 --out 旁边的 PNG 里（双对数，标着斜率）。
分几次跑时结果并进同一个 JSON。只在 Linux 上能量：内存与句柄读自 /proc。
"""

import json
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import _above  # noqa: F401
import _cli
import cv2
import numpy as np

from paddle_gan import figures
from paddle_gan.files import write_atomic
from paddle_gan.run import runtime
from paddle_gan.run.run import versions

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "tools" / "maintain" / "bench_results" / "growth.json"
LONG = {"steps": 20_000, "window": 200}  # 跑多少步，每多少步记一行
MANY = 20_000  # 多少个文件算多
DEFAULT = {"method": "dcgan", "batch_size": 32, "width": 32, "image_size": 32, "steps": 6}
# 一条曲线：横轴取哪些值、别的设定怎样改；data_size 是目录里的文件数
CURVES = {
    "batch_size": ("batch_size", (8, 16, 32, 64), {}),
    "width": ("width", (8, 16, 32, 64), {}),
    "image_size": ("image_size", (16, 32, 64), {}),
    "data_size": ("data_size", (1250, 5000, MANY), {}),
    "data_size_gan": ("data_size", (1250, 5000, MANY), {"method": "gan", "steps": 60}),
}
LABELS = {
    "batch_size": "批大小",
    "width": "网络宽度",
    "image_size": "图像边长",
    "data_size": "数据多少张（DCGAN）",
    "data_size_gan": "数据多少张（MLP）",
}
# 很多文件的目录：留在内存里，或每批现解码；提前备批，或不备
FOLDERS = {
    "memory": {"ahead": False},
    "memory_ahead": {},
    "decode": {"limit": 0, "ahead": False},
    "decode_ahead": {"limit": 0},
}


def in_new_process(task: dict) -> dict | list:
    """在全新的进程里量一个点，或把 gan_ring 跑很多步。"""
    command = [sys.executable, "-W", "ignore", "-m", "bench_arms.growth_arm", json.dumps(task)]
    result = subprocess.run(
        command, cwd=ROOT / "tools" / "maintain", capture_output=True, text=True
    )
    if result.returncode:
        raise _cli.UserError(f"量 {task} 失败：{result.stderr.strip().splitlines()[-1]}")
    return json.loads(result.stdout.splitlines()[-1])


def make_folder(parent: Path, n: int) -> str:
    """parent/n 里 n 个 64×64 的小文件，PNG 与 JPEG 各半；只有 100 种内容，量的是读与解码。"""
    root = parent / str(n)
    if root.is_dir():
        return str(root)
    root.mkdir()
    coarse = np.random.default_rng(0).integers(0, 256, (100, 6, 6, 3), dtype=np.uint8)
    smooth = [cv2.resize(image, (64, 64), interpolation=cv2.INTER_CUBIC) for image in coarse]
    for i in range(n):
        extension = (".png", ".jpg")[i % 2]
        if i < 100:
            smooth[i] = cv2.imencode(extension, smooth[i])[1].tobytes()
        (root / f"{i}{extension}").write_bytes(smooth[i % 100])
    return str(root)


def four_digits(value: float) -> float:
    """四位有效数字。"""
    return float(f"{value:.4g}")


def summary(runs: list[dict]) -> dict:
    """几轮的中位数，以及每步秒数的最小与最大；四位有效数字。"""
    steps = [run["step"] for run in runs]
    row = {key: median(run[key] for run in runs) for key in runs[0]}
    row |= {"lowest": min(steps), "highest": max(steps)}
    return {key: four_digits(value) for key, value in row.items()}


def slope(curve: dict[str, dict], key: str) -> float:
    """log(key) 对 log(横轴) 的最小二乘斜率：1 是成正比，2 是平方，0 是不变。"""
    x, y = [float(value) for value in curve], [row[key] for row in curve.values()]
    return round(float(np.polyfit(np.log(x), np.log(y), 1)[0]), 3) + 0.0  # 不要 −0


def table(curves: dict[str, dict]) -> str:
    """Markdown 表：每条曲线一行，横轴的范围、两头的数与斜率。"""
    lines = ["| 曲线 | 范围 | 毫秒/步 | 斜率 | 多占的内存 MB | 斜率 |", "|---|---|---|--:|---|--:|"]
    for name, curve in curves.items():
        cells = [name, "–".join((next(iter(curve)), list(curve)[-1]))]
        ends = [next(iter(curve.values())), list(curve.values())[-1]]
        for key, scale in (("step", 1000), ("memory_mb", 1)):
            cells.append(" → ".join(f"{end[key] * scale:.3g}" for end in ends))
            cells.append(f"{slope(curve, key):.2f}")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def points_of(name: str) -> dict[str, dict]:
    """一条曲线的全部点 {横轴或读法: 设定}；folders 是 FOLDERS 的几种读法。"""
    if name == "folders":
        return {way: DEFAULT | {"data_size": MANY, "load": 40} | FOLDERS[way] for way in FOLDERS}
    axis, values, change = CURVES[name]
    return {str(value): DEFAULT | change | {axis: value} for value in values}


def measure_curves(names: list[str], repeats: int) -> dict[str, dict]:
    """几条曲线 {名字: {横轴或读法: summary}}；用到的图像目录是临时的。"""
    results: dict[str, dict] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for name in names:
            points = points_of(name)
            for point in points.values():
                if "data_size" in point:
                    point["root"] = make_folder(Path(temporary), point["data_size"])
            rounds = [
                {x: in_new_process(point) for x, point in points.items()} for _ in range(repeats)
            ]
            results[name] = {x: summary([row[x] for row in rounds]) for x in points}
            print(json.dumps({name: results[name]}), flush=True)
    return results


def draw(panel, curve: dict[str, dict], key: str) -> None:
    """双对数的一格：横轴标出量过的值，纵轴标两头；竖线是几轮的范围。"""
    x, y = [float(value) for value in curve], [row[key] for row in curve.values()]
    panel.loglog(x, y, "o-")
    if key == "step":
        panel.vlines(x, *([row[end] for row in curve.values()] for end in ("lowest", "highest")))
    panel.set_xticks(x, [f"{value:g}" for value in x])
    panel.set_yticks([min(y), max(y)], [f"{value:.3g}" for value in (min(y), max(y))])
    panel.set_ylim(min(y) / 2, max(y) * 2)  # 留出余地，不变的曲线看上去才是平的
    panel.minorticks_off()


def plot(results: dict, path: Path) -> None:
    """每条曲线一列：上面每步秒数，下面多占的内存；最后一列是跑两万步。"""
    curves = {name: curve for name, curve in results["curves"].items() if name in CURVES}
    with figures.style():
        figure, axes = figures.new_figure(len(curves) + 1, 2, size=(2.8, 2.8))
        for column, (name, curve) in enumerate(curves.items()):
            for panel, key, unit in zip(axes[:, column], ("step", "memory_mb"), ("每步秒数", "MB")):
                draw(panel, curve, key)
                panel.set(title=f"{unit}：斜率 {slope(curve, key):.2f}", xlabel=LABELS[name])
        long = results.get("long", [])
        for panel, key, unit in zip(axes[:, -1], ("cpu", "resident_mb"), ("每步 CPU 秒数", "MB")):
            y = [window[key] for window in long]
            panel.plot([window["step"] for window in long], y)
            panel.set(title=unit, xlabel="gan_ring：步", ylim=(0, 1.3 * max(y, default=1)))
        figure.savefig(path)


def machine() -> dict:
    """在哪个提交、什么机器上量的；不含日期。"""
    git = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(git, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    cores = runtime.usable_cores()
    return {
        "commit": commit,
        "platform": platform.platform(),
        "cores": cores,
        "versions": versions(),
    }


def main() -> None:
    parser = _cli.parser(__doc__)
    names = [*CURVES, "folders"]
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="只量这几条")
    parser.add_argument("--long", action="store_true", help=f"改为跑 {LONG['steps']} 步 gan_ring")
    parser.add_argument("--repeats", type=int, default=3, help="每个点量几轮（默认 3）")
    parser.add_argument("--out", type=Path, default=RESULTS, help="JSON；图写在它旁边")
    args = parser.parse_args()
    if not Path("/proc/self/statm").is_file():
        raise _cli.UserError("bench_growth 只能在 Linux 上量：内存与句柄要读 /proc")
    results = json.loads(args.out.read_text("utf-8")) if args.out.is_file() else {"curves": {}}
    if args.long:
        rows = in_new_process(LONG)
        results["long"] = [{key: four_digits(row[key]) for key in row} for row in rows]
    else:
        results["curves"] |= measure_curves(args.only, args.repeats)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    lines = [f'"{key}": {json.dumps(value)}' for key, value in (results | machine()).items()]
    write_atomic(args.out, "{\n" + ",\n".join(lines) + "\n}\n")
    plot(results, args.out.with_suffix(".png"))
    print(table({name: c for name, c in results["curves"].items() if name in CURVES}))


if __name__ == "__main__":
    _cli.run(main)
