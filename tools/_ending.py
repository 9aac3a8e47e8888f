"""训练结束时说的话：成了、停在哪里、怎么继续。"""

from pathlib import Path

import _cli

from paddle_gan.run import distributed


def resume_command(args, folder: Path) -> str:
    """接着训练的命令：照你写的那样，加上 --resume。"""
    given = ["-c", args.config] if args.config else []
    for override in args.override:
        given += ["-o", override]
    given += ["--seed", args.seed] if args.seed is not None else []
    given += ["--device", args.device] if args.device != "auto" else []
    return _cli.command("train", *given, "--output", folder, "--resume")


def report(summary: dict, resume: str) -> int:
    """结束时说清楚：成了、停在哪里、怎么继续；返回退出码。"""
    if summary["status"] == "diverged":
        raise _cli.UserError(summary["message"])
    if not distributed.is_first():
        return 130 if summary["status"] == "interrupted" else 0
    if summary["status"] == "interrupted":
        print(f"已停在第 {summary['step']} 步，进度存好了；接着训练：{resume}")
        return 130
    scores = [f"{name} {value:.4g}" for name, value in summary["metrics"].items()]
    print(
        f"完成：{summary['step']} 步，{summary['seconds']:.0f} 秒，"
        f"{summary['images_per_second']:.0f} 样本/秒\n" + "\n".join(scores)
    )
    found = summary["diagnosis"]
    print("\n  ".join([f"诊断：{found['verdict']}", *found["sentences"]]))
    return 0
