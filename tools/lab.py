"""课程实验：幻灯片的每句话，跑出来、量出来。

    python tools/lab.py list                     # 全部实验、判据与预算
    python tools/lab.py run --quick              # 快速档，全部实验
    python tools/lab.py run T5 T6 --minutes 20   # 完整档的两个实验，20 分钟后不再开始新的任务
    python tools/lab.py run --minutes 240        # 完整档，从短的跑起，跑四小时
    python tools/lab.py report                   # 由结果重写 tutorials/claims.md 与图

结果在 paddle_gan/lab/results/<档>/<实验>.jsonl，一个（组，种子）一行；跑完的不会重算，随时可以停，
也可以同时开几个终端跑。
"""

import argparse
import re

import _cli

from paddle_gan.engine.loop import Stop
from paddle_gan.errors import unknown_name
from paddle_gan.lab import EXPERIMENTS
from paddle_gan.lab.experiment import TIER_NAMES, TIERS
from paddle_gan.lab.report import write_report
from paddle_gan.lab.runner import RESULTS, core_hours, finished, plan, read_results, run_jobs
from paddle_gan.run import runtime

BY_ROW = {experiment.row: name for name, experiment in EXPERIMENTS.items()}


def names_from(arguments: list[str]) -> list[str]:
    """实验的名字；行号（T5）也认得，不写是全部。"""
    for argument in arguments:
        if argument not in EXPERIMENTS and argument not in BY_ROW:
            raise unknown_name("实验", argument, [*EXPERIMENTS, *BY_ROW])
    return [BY_ROW.get(argument, argument) for argument in arguments] or list(EXPERIMENTS)


def show_list(names: list[str]) -> None:
    """每个实验：原话、判据、预算、已有的结果；末尾是一共多久。"""
    for name in names:
        experiment = EXPERIMENTS[name]
        print(f"{experiment.row} {name} {experiment.anchor} {experiment.title}")
        print(f"    “{experiment.quote}”（{experiment.source}）")
        for rule in experiment.rules:
            print(f"    {rule.role}（{rule.kind}）：{experiment.rule_text(rule)}")
        for tier in TIERS:
            total = experiment.seeds[tier] * len(experiment.arms)
            done = sum(len(rows) for rows in read_results(name, tier).values())
            took = f"全部约 {experiment.cost(tier):.0f} 秒"
            print(f"    {TIER_NAMES[tier]}：{done} / {total} 个任务，{took}")
    for tier in TIERS:
        hours = core_hours(names, tier)
        took = f"{hours:.1f} 个核时" if hours >= 1 else f"{max(1, 60 * hours):.0f} 分钟，一个核"
        print(f"{TIER_NAMES[tier]}一共约 {took}")


def run(names: list[str], args: argparse.Namespace) -> int:
    """跑还没有结果的任务；没跑完时说怎样接着跑。"""
    tier = "quick" if args.quick else "full"
    if not args.names:  # 没有指名，就从短的跑起：时间到了，跑完的实验最多
        names = sorted(names, key=lambda name: EXPERIMENTS[name].cost(tier))
    jobs = plan(names, tier, args.seeds)
    before = len(finished(jobs))

    def progress(record: dict) -> None:
        numbers = "  ".join(f"{k} {v:.4g}" for k, v in record["statistics"].items())
        label = f"{record['name']} {record['arm']} 种子 {record['seed']}"
        print(f"{label}（{record['seconds']:.0f} 秒）  {numbers}", flush=True)

    try:
        left = run_jobs(jobs, processes=args.jobs, minutes=args.minutes, report=progress)
    except (Stop, KeyboardInterrupt):
        print("停下了；做完的任务都存好了，再运行同一条命令接着跑")
        return 130
    print(f"{TIER_NAMES[tier]}：{len(jobs) - left} / {len(jobs)} 个任务有结果")
    if before == len(jobs):
        print(f"都是以前的结果，这次没有跑；要重跑，先移走 {RESULTS / tier} 里同名的 .jsonl")
    if left:
        print("再运行同一条命令接着跑；别的终端正在跑的，等它跑完")
    return 0


def main() -> int:
    parser = _cli.parser(__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="列出实验").add_argument("names", nargs="*")
    runner = commands.add_parser("run", help="跑实验")
    runner.add_argument("names", nargs="*", help="实验的名字或行号，不写是全部")
    runner.add_argument("--quick", action="store_true", help="快速档；不写是完整档")
    few = _cli.whole(1, 10_000)
    runner.add_argument("--seeds", type=few, help="只跑前几个种子")
    runner.add_argument("--minutes", type=minutes, help="这么多分钟之后不再开始新的任务")
    runner.add_argument(
        "--jobs", type=few, default=runtime.usable_cores(), help="几个进程，默认每核一个"
    )
    commands.add_parser("report", help="重写台账与图").add_argument("names", nargs="*")
    args = parser.parse_args()

    names = names_from(args.names)
    if args.command == "list":
        show_list(names)
    elif args.command == "run":
        return run(names, args)
    else:
        for path in write_report(only=names):
            print(f"写好 {path}")
    return 0


def minutes(text: str) -> float:
    """大于 0、不超过 10 万的分钟数，可以带小数。"""
    value = float(text) if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", text) else 0.0
    if not 0 < value <= 100_000:
        raise argparse.ArgumentTypeError(
            f"要大于 0、不超过 100000，写成 20 或 0.5 这样，现在是 {text[:20]}"
        )
    return value


if __name__ == "__main__":
    _cli.run(main)
