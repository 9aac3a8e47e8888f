"""训练前后说的话：要训练什么；成了、停在哪里、怎么继续。"""

from pathlib import Path

import _cli

from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError, one_line
from paddle_gan.run import distributed
from paddle_gan.run.run import Run


def describe(trainer: Trainer, folder: Path) -> str:
    """开始前的几行：方法与数据、在你的目录里找到了什么、网络大小、写到哪里。"""
    config, method = trainer.config, trainer.method
    sizes = [
        f"{letter} {sum(p.size for p in network.parameters()):,}"
        for letter, network in method.networks.items()
    ]
    length = f"（{trainer.length}）" if trainer.length else ""
    lines = [
        f"方法 {config.method} · 数据 {config.data['name']} {trainer.shapes.x}"
        f" · 设备 {trainer.device}",
        one_line(trainer.train.summary),
        f"参数个数：{', '.join(sizes)} · 批大小 {config.batch_size}"
        f" · 共 {config.total_steps} 步{length}",
        f"训练目录：{folder}",
    ]
    return "\n".join(line for line in lines if line)


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
    done = (
        f"完成：{summary['step']} 步，{summary['seconds']:.0f} 秒，"
        f"{summary['images_per_second']:.0f} 样本/秒"
    )
    print("\n".join([done, *scores]))
    found = summary["diagnosis"]
    print("\n  ".join([f"诊断：{found['verdict']}", *found["sentences"]]))
    return 0


def require_no_run_of_its_own(args) -> None:
    """-c 写的是一个训练目录里的 config.yml，又没有写接着哪个目录：说出那个目录。"""
    home, run = args.config.parent, Run(args.config.parent)
    inside = run.config_file == args.config and run.info_file.is_file()
    if inside and args.resume == "" and not args.output:
        options = [word for override in args.override for word in ("-o", override)]
        again = _cli.command("train", "--resume", home, *options)
        raise UserError(f"{args.config} 是训练目录 {home} 里的配置；接着训练它：{again}")
