"""训练一个配置：python tools/train.py -c configs/gan_digits.yml

结果在 runs/<配置名>/：config.yml、metrics.jsonl、vdl/、samples/、checkpoints/、run.json。
几个进程一起训练（batch_size 是它们合起来的批，要能平分）：
python -m paddle.distributed.launch --gpus 0,1 tools/train.py -c configs/gan_digits.yml
没有 GPU 时把 --gpus 0,1 换成 --nproc_per_node 2 --backend gloo。
停下之后接着训练：python tools/train.py --resume runs/gan_digits（可以加 -o total_steps=更大的数）
"""

import sys
from functools import partial
from pathlib import Path

import _cli
from _said import describe, report, require_no_run_of_its_own, resume_command

from paddle_gan.engine.train import Trainer
from paddle_gan.errors import notice
from paddle_gan.run import distributed
from paddle_gan.run.config import MAX_SEED, configured, load_config
from paddle_gan.run.data_record import require_paths
from paddle_gan.run.run import Run

MEMORY = "请把 batch_size、网络的 width 或图像的边长改小"


def arguments():
    """命令行参数。"""
    parser = _cli.parser(__doc__)
    parser.add_argument(
        "-c",
        "--config",
        type=_cli.path,
        help="YAML 配置文件；接着训练时可以不写，照训练目录里的",
    )
    parser.add_argument(
        "-o",
        "--override",
        action="append",
        default=[],
        metavar="键.子键=值",
        help="覆盖配置里的一项，可以写多次，例如 -o total_steps=100",
    )
    parser.add_argument("--output", type=_cli.path_of_own_run, help="训练目录，默认 runs/<配置名>")
    parser.add_argument("--device", default="auto", help="auto（默认）、cpu 或 gpu:0")
    parser.add_argument("--seed", type=_cli.whole(0, MAX_SEED), help="覆盖配置里的种子")
    parser.add_argument(
        "--resume", nargs="?", const="", metavar="训练目录", help="从训练目录的 last 接着训练"
    )
    parser.add_argument(
        "--allow-data-change", action="store_true", help="接着训练时，数据与上次不同也行"
    )
    parser.add_argument("--dry-run", action="store_true", help="只检查配置与数据、打印模型，不训练")
    args = parser.parse_args()
    if args.resume and args.output and Path(args.resume) != args.output:
        parser.error(f"--resume {args.resume} 与 --output {args.output} 不是同一个目录")
    if args.config is None and not (args.resume or args.output and args.resume is not None):
        parser.error("要写 -c/--config 配置文件；接着训练可以只写 --resume 训练目录")
    if args.allow_data_change and args.resume is None:
        parser.error("--allow-data-change 只与 --resume 一起用")
    return args


def main() -> int:
    args = arguments()
    folder = _cli.own_run(args.resume) if args.resume else args.output
    if args.config:
        require_no_run_of_its_own(args)
        config = load_config(args.config, args.override, args.seed)
        folder = folder or Path("runs") / args.config.stem
    else:
        config = configured(Run(folder).raw_config(), args.override, args.seed)
        require_paths(config)
    trainer = Trainer(config, args.device)
    if distributed.is_first():
        print(describe(trainer, folder), flush=True)
    if args.dry_run:
        trainer.beginning.load_initial()
        print("配置与数据都没有问题（--dry-run：没有训练，也没有写文件）")
        return 0

    # 有终端时是进度条（标准错误）；没有时一行一行地印
    say = None if sys.stderr.isatty() else partial(print, flush=True)
    resume = args.resume is not None
    again = resume_command(args, folder)
    try:
        summary = trainer.run(folder, resume, (), args.allow_data_change, say)
    finally:
        if trainer.outcome and trainer.outcome.saved:
            saved = trainer.outcome.saved
            notice(f"出错之前的进度存好了：{saved}；解决之后接着训练：{again}")
    return report(summary, again)


if __name__ == "__main__":
    _cli.run(main, MEMORY)
