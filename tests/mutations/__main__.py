"""故意弄坏代码，看测试发现不发现：python -m tests.mutations [--only 名字里的字] [--jobs N]

清单是同目录的 *.yml；结果一条一条写进 results.json，中断了再运行就接着跑。
已经发现的不再跑；漏网的、超时的、跑不起来的、改过的重新跑。全部约一小时（一个核）。
"""

import argparse
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from paddle_gan.lab.runner import current_commit
from tests.mutations.catalogue import FOLDER, ROOT, Mutation, all_mutations
from tests.mutations.runner import check_clean, try_mutation

RESULTS = FOLDER / "results.json"
CAUGHT = ("caught", "timeout")
SHARED = ("paddle_gan", "tools", "configs", "tests/helpers.py", "tests/tool_helpers.py")


def is_known(mutation: Mutation, results: dict) -> bool:
    """以前有测试失败，而且改的内容没有变；超时的再试一次，也许只是机器忙。"""
    row = results["mutations"].get(mutation.name, {})
    return row.get("outcome") == "caught" and row["fingerprint"] == mutation.fingerprint()


def is_clean(name: str, results: dict) -> bool:
    """这个测试文件以前查过，从那时起它要用的东西都没有变。"""
    row = results["clean"].get(name, {"commit": ""})
    git = ["git", "diff", "--quiet", row["commit"], "--", *SHARED, name]
    return subprocess.run(git, cwd=ROOT, capture_output=True).returncode == 0


def load(path: Path) -> dict:
    """以前的结果；还没有就是空的。"""
    if not path.is_file():
        return {"clean": {}, "mutations": {}}
    return json.loads(path.read_text(encoding="utf-8"))


def save(path: Path, results: dict) -> None:
    """一条一行，按名字排，便于看差别。"""
    parts = []
    for section in ("clean", "mutations"):
        rows = [
            f"  {json.dumps(key)}: {json.dumps(row, ensure_ascii=False)}"
            for key, row in sorted(results[section].items())
        ]
        parts.append(f'"{section}": {{\n' + ",\n".join(rows) + "\n}")
    temporary = path.with_suffix(".tmp")
    temporary.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")
    temporary.replace(path)


def require_clean(mutations: list[Mutation], results: dict, path: Path, timeout: float) -> None:
    """要用的测试文件没有弄坏时都通过，否则退出；查过又没有变的不再查。"""
    now = current_commit()
    for name in sorted({name for mutation in mutations for name in mutation.tests}):
        if is_clean(name, results):
            continue
        outcome, detail, seconds = check_clean((name,), timeout)
        print(f"没有弄坏 {outcome} {seconds:6.1f} 秒 {name}", flush=True)
        if outcome != "passed":
            sys.exit(f"错误：没有弄坏时 {name} 就不通过：{detail}")
        results["clean"][name] = {"seconds": seconds, "commit": now}
        save(path, results)


def report(results: dict, mutations: list[Mutation]) -> str:
    """一共几条、发现几条、漏网的是哪些。"""
    rows = {m: results["mutations"].get(m.name, {}).get("outcome", "没有跑") for m in mutations}
    missed = [m for m, outcome in rows.items() if outcome not in CAUGHT]
    lines = [f"共 {len(rows)} 条，发现 {len(rows) - len(missed)} 条"]
    lines += [f"  {rows[m]} {m.name}（{m.file}）：{m.why}" for m in missed]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="只跑名字或文件里有这些字的")
    parser.add_argument("--quick", action="store_true", help="没发现的先不跑 wider")
    parser.add_argument("--jobs", type=int, default=1, help="同时跑几条（默认 1）")
    parser.add_argument("--timeout", type=float, default=240, help="一次测试最多几秒")
    parser.add_argument("--out", type=Path, default=RESULTS, help="结果的 JSON")
    args = parser.parse_args()

    results = load(args.out)
    chosen = [m for m in all_mutations() if args.only in m.name or args.only in m.file]
    todo = [m for m in chosen if not is_known(m, results)]
    todo = [replace(m, wider=()) if args.quick else m for m in todo]
    require_clean(todo, results, args.out, 4 * args.timeout)
    now = current_commit()
    with ThreadPoolExecutor(args.jobs) as pool:
        for m, row in zip(todo, pool.map(lambda m: try_mutation(m, args.timeout), todo)):
            print(f"{row['outcome']:8} {row['seconds']:6.1f} 秒 {m.name} {row['test']}", flush=True)
            kept = {"fingerprint": m.fingerprint(), **row, "commit": now}
            results["mutations"][m.name] = kept
            save(args.out, results)
    print(report(results, chosen))


if __name__ == "__main__":
    main()
