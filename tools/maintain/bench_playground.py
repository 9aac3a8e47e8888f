"""演练场扛得住几位：几位一起训练环，点一下要等多久；开了又关很多次，内存与线程涨不涨。

    python tools/maintain/bench_playground.py [--only load cycles] [--visitors 8] [--cycles 200]
    python tools/maintain/bench_playground.py --write      # 把结果写成 docs/演练场.md 里的表

访客不是浏览器，是照网页发的请求发的（bench_arms/playground_visitor.py），与服务器在同一台机器上。
分几次跑时结果并进同一个 JSON。只在 Linux 上能量：内存与线程读自 /proc。
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import _above  # noqa: F401
import _cli
import numpy as np
from bench_arms.playground_visitor import Page, Visitor
from bench_growth import machine

from paddle_gan.files import write_atomic

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "tools" / "maintain" / "bench_results" / "playground.json"
DOC = ROOT / "docs" / "演练场.md"
BEGIN, END = "<!-- 负荷：由 tools/maintain/bench_playground.py --write 生成 -->", "<!-- 负荷完 -->"
SECONDS, PLAYING, REST = 60, 4.0, 0.5  # 秒；几位一起用多久；一轮里播放多久；两次点击隔多久
EVERY = 10  # 开关多少次记一行
STEPS = ("play", "one_D", "one_G", "play")  # 一轮：暂停、D 一步、G 一步、播放


@contextmanager
def server(visitors: int):
    """开一个演练场，返回（进程号，端口）；出了块关掉。"""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    tool = str(ROOT / "tools" / "playground.py")
    command = [sys.executable, tool, "--port", str(port), "--visitors", str(visitors)]
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
        try:
            if not process.stdout.readline().startswith("演练场："):
                raise _cli.UserError("演练场没有开起来；请先单独运行 tools/playground.py 看看")
            yield process.pid, port
        finally:
            process.terminate()
            process.wait()


def footprint(pid: int) -> dict[str, float]:
    """一个进程现在占多少内存（MB）、几个线程、开着几个文件。"""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    found = dict(line.split(":", 1) for line in lines if ":" in line)
    return {
        "memory_mb": round(int(found["VmRSS"].split()[0]) / 1024, 1),
        "threads": int(found["Threads"]),
        "handles": len(os.listdir(f"/proc/{pid}/fd")),
    }


def cpu_seconds(pid: int) -> float:
    """一个进程用了多少秒处理器。"""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def click_round(visitor: Visitor, found: dict[str, list[float]]) -> None:
    """看着播放几秒，再点一轮；seen 是点了“D 走一步”到看见新的画面，rate 是播放时每秒几张。"""
    first, began = visitor.frames, time.monotonic()
    time.sleep(PLAYING)
    found["rate"].append((visitor.frames - first) / (time.monotonic() - began))
    for name in STEPS:
        seen, began = visitor.frames, time.monotonic()
        found["click"].append(visitor.click(name))
        if name == "one_D" and visitor.next_frame(seen):
            found["seen"].append(time.monotonic() - began)
        time.sleep(REST)


def busy(visitor: Visitor, end: float, found: dict[str, list[float]]) -> None:
    """一位访客：播放，每隔一会儿点一轮，直到 end。"""
    visitor.click("play")
    while time.monotonic() < end:
        click_round(visitor, found)


def arrive(page: Page, visitors: int, limit: int) -> tuple[list[Visitor], list[float]]:
    """一位一位地打开；前 limit 位等到看见第一张画面。返回（访客，各等了几秒）。"""
    people, waited = [], []
    for k in range(visitors):
        began = time.monotonic()
        people.append(Visitor(page).__enter__())
        if k < limit:
            people[-1].next_frame(0)
            waited.append(time.monotonic() - began)
    time.sleep(1)
    return people, waited


def measure_load(limit: int, visitors: int, seconds: float) -> dict:
    """visitors 位一起用 seconds 秒，其中坐得下 limit 位。"""
    found: dict[str, list[float]] = {"click": [], "seen": [], "rate": []}
    load = os.getloadavg()[0]
    with server(limit) as (pid, port):
        people, opened = arrive(Page(port), visitors, limit)
        inside = [person for person in people if not person.waiting]
        began, before = time.monotonic(), cpu_seconds(pid)
        shared = [(person, began + seconds, found) for person in inside]
        threads = [threading.Thread(target=busy, args=given) for given in shared]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        cores = (cpu_seconds(pid) - before) / (time.monotonic() - began)
        after = footprint(pid)
        for person in people:
            person.__exit__()
    return {
        "visitors": len(inside),
        "told_to_wait": len(people) - len(inside),
        "clicks": len(found["click"]),
        **{f"{name}_{q}": quantile(found[name], q) for name in found for q in (50, 95, 100)},
        "opened_100": quantile(opened, 100),
        "server_cores": round(cores, 2),
        "load_before": round(load, 1),
        **after,
    }


def quantile(values: list[float], percent: int) -> float:
    """一串秒数的分位数，三位有效数字。"""
    return float(f"{np.percentile(values, percent):.3g}")


def open_and_close(page: Page) -> None:
    """开一个标签页，训练几格画面，不收拾就关掉。"""
    with Visitor(page) as visitor:
        visitor.next_frame(0)
        visitor.click("play")
        visitor.next_frame(visitor.frames + 1)


def measure_cycles(cycles: int) -> list[dict]:
    """开了又关 cycles 次：每 EVERY 次记一行。"""
    rows = []
    with server(8) as (pid, port):
        page = Page(port)
        for k in range(cycles + 1):
            if k % EVERY == 0:
                time.sleep(2)  # 最后关掉的那一页，线程结束要一会儿
                rows.append({"cycles": k, **footprint(pid)})
                print(json.dumps(rows[-1]), flush=True)
            if k < cycles:
                open_and_close(page)
    return rows


def slope(rows: list[dict], key: str) -> float:
    """后一半里每开关一次涨多少：最小二乘；开头的是把库装进内存，不算。"""
    late = rows[len(rows) // 2 :]
    line = np.polyfit([row["cycles"] for row in late], [row[key] for row in late], 1)
    return round(float(line[0]), 3) + 0.0  # 不要 −0


def table(results: dict) -> str:
    """Markdown 的表与一句话。"""
    head = ("几位一起", "点一下 p50 / p95 / 最慢", "单走一步到看见 p50 / p95", "画面/秒")
    lines = [f"| {' | '.join((*head, '服务器用了几个核', '内存 MB', '线程'))} |"]
    lines.append("|--:|---|---|--:|--:|--:|--:|")
    for row in results.get("load", {}).values():
        click = " / ".join(f"{row[f'click_{q}']:.2f}" for q in (50, 95, 100))
        seen = " / ".join(f"{row[f'seen_{q}']:.2f}" for q in (50, 95))
        waiting = f"（另有 {row['told_to_wait']} 位在等）" if row["told_to_wait"] else ""
        cells = [f"{row['visitors']}{waiting}", f"{click} 秒", f"{seen} 秒"]
        cells += [f"{row['rate_50']:.1f}", f"{row['server_cores']:.2f}"]
        cells += [f"{row['memory_mb']:.0f}", row["threads"]]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    if rows := results.get("cycles"):
        ends = (rows[len(rows) // 2], rows[-1])
        lines += ["", cycle_sentence(*ends, rows)]
    return "\n".join(lines)


def cycle_sentence(middle: dict, last: dict, rows: list[dict]) -> str:
    """开关很多次：后一半里内存与线程变了多少。"""
    return (
        f"开了又关 {last['cycles']} 次：第 {middle['cycles']} 次到第 {last['cycles']} 次，"
        f"内存 {middle['memory_mb']:.0f} → {last['memory_mb']:.0f} MB"
        f"（每次 {1024 * slope(rows, 'memory_mb'):.0f} KB），"
        f"线程 {middle['threads']} → {last['threads']}，打开的文件 {middle['handles']} → "
        f"{last['handles']}。"
    )


def write_doc(results: dict) -> None:
    """docs/演练场.md 里两个记号之间换成表。"""
    before, rest = DOC.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    write_atomic(DOC, f"{before}{BEGIN}\n{table(results)}\n{END}{after}")


def main() -> None:
    parser = _cli.parser(__doc__)
    parts = ["load", "cycles"]
    parser.add_argument("--only", nargs="+", choices=parts, default=parts, help="只量这几样")
    parser.add_argument("--visitors", type=int, default=8, help="几位一起用，默认 8；多两位来等着")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="一起用几秒")
    parser.add_argument("--cycles", type=int, default=200, help="开关几次，默认 200")
    parser.add_argument("--write", action="store_true", help="不量，把 --out 的结果写进文档")
    parser.add_argument("--out", type=Path, default=RESULTS, help="结果的 JSON")
    args = parser.parse_args()
    if not Path("/proc/self/status").is_file():
        raise _cli.UserError("bench_playground 只能在 Linux 上量：内存与线程要读 /proc")
    results = json.loads(args.out.read_text("utf-8")) if args.out.is_file() else {}
    if args.write:
        write_doc(results)
        return
    if "load" in args.only:
        found = measure_load(args.visitors, args.visitors + 2, args.seconds)
        results.setdefault("load", {})[str(args.visitors)] = found
        print(json.dumps(found), flush=True)
    if "cycles" in args.only:
        results["cycles"] = measure_cycles(args.cycles)
    lines = [f'"{key}": {json.dumps(value)}' for key, value in (results | machine()).items()]
    write_atomic(args.out, "{\n" + ",\n".join(lines) + "\n}\n")
    print(table(results))


if __name__ == "__main__":
    _cli.run(main)
