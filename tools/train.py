"""训练一个配置：python tools/train.py -c configs/gan_digits.yml

结果在 runs/<配置名>/：config.yml、metrics.jsonl、vdl/、samples/、checkpoints/、run.json。
几个进程一起训练（batch_size 是它们合起来的批，要能平分）：
python -m paddle.distributed.launch --gpus 0,1 tools/train.py -c configs/gan_digits.yml
没有 GPU 时把 --gpus 0,1 换成 --nproc_per_node 2 --backend gloo。
"""

from pathlib import Path

import _cli

from paddle_gan.engine.train import Trainer
from paddle_gan.errors import one_line
from paddle_gan.run import distributed
from paddle_gan.run.config import load_config

MEMORY = "请把 batch_size、网络的 width 或图像的边长改小"


def main() -> int:
    parser = _cli.parser(__doc__)
    parser.add_argument("-c", "--config", type=_cli.path, required=True, help="YAML 配置文件")
    parser.add_argument(
        "-o",
        "--override",
        action="append",
        default=[],
        metavar="键.子键=值",
        help="覆盖配置里的一项，可以写多次，例如 -o total_steps=100",
    )
    parser.add_argument("--output", type=_cli.path, help="训练目录，默认 runs/<配置名>")
    parser.add_argument("--device", default="auto", help="auto（默认）、cpu 或 gpu:0")
    parser.add_argument("--seed", type=int, help="覆盖配置里的种子")
    parser.add_argument("--resume", action="store_true", help="从训练目录的 last 检查点接着训练")
    parser.add_argument("--dry-run", action="store_true", help="只检查配置与数据、打印模型，不训练")
    args = parser.parse_args()

    config = load_config(args.config, args.override, args.seed)
    folder = args.output or Path("runs") / args.config.stem
    trainer = Trainer(config, args.device)
    if distributed.is_first():
        print(describe(trainer, folder))
    if args.dry_run:
        print("配置与数据都没有问题（--dry-run：没有训练，也没有写文件）")
        return 0

    summary = trainer.run(folder, args.resume)
    return report(summary, folder, args)


def describe(trainer: Trainer, folder: Path) -> str:
    """开始前的几行：方法与数据、在你的目录里找到了什么、网络大小、写到哪里。"""
    config, method = trainer.config, trainer.method
    sizes = [
        f"{letter} {sum(p.size for p in network.parameters()):,}"
        for letter, network in method.networks.items()
    ]
    lines = [
        f"方法 {config.method} · 数据 {config.data['name']} {trainer.shapes.x}"
        f" · 设备 {trainer.device}",
        one_line(trainer.train.summary),
        f"参数个数：{', '.join(sizes)} · 批大小 {config.batch_size} · 共 {config.total_steps} 步",
        f"训练目录：{folder}",
    ]
    return "\n".join(line for line in lines if line)


def report(summary: dict, folder: Path, args) -> int:
    """结束时说清楚：成了、停在哪里、怎么继续；返回退出码。"""
    again = f"python tools/train.py -c {args.config} --output {folder} --resume"
    if summary["status"] == "diverged":
        raise _cli.UserError(summary["message"])
    if not distributed.is_first():
        return 130 if summary["status"] == "interrupted" else 0
    if summary["status"] == "interrupted":
        print(f"已停在第 {summary['step']} 步，进度存好了；接着训练：{again}")
        return 130
    scores = [f"{name} {value:.4g}" for name, value in summary["metrics"].items()]
    print(
        f"完成：{summary['step']} 步，{summary['seconds']:.0f} 秒，"
        f"{summary['images_per_second']:.0f} 图/秒\n" + "\n".join(scores)
    )
    found = summary["diagnosis"]
    print("\n  ".join([f"诊断：{found['verdict']}", *found["sentences"]]))
    return 0


if __name__ == "__main__":
    _cli.run(main, MEMORY)
