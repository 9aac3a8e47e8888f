"""用训练好的翻译模型处理图像：python tools/translate.py runs/X --input 照片/ --out 译文/

输入可以是一个文件或一个目录（含子目录），任意大小，灰度、彩色、透明都行；输出与输入一样大，
名字是 原名.png（旁边有只差扩展名的，就留着扩展名：照片.jpg.png），子目录照搬。
先把全部输入读一遍，有坏的、会重名的、会覆盖的，就什么都不写。
"""

from pathlib import Path

import _cli

from paddle_gan.errors import UserError
from paddle_gan.evaluation.translation import (
    MAX_SIDE,
    Translator,
    batches_of,
    plan_outputs,
    read_sizes,
    require_direction,
)
from paddle_gan.methods.abilities import Generates, Translates
from paddle_gan.methods.base import Method
from paddle_gan.run import runtime
from paddle_gan.run.outputs import save_png
from paddle_gan.run.run import Run

MIN_SIDE = 32  # --max-side 的下限


def arguments():
    """命令行参数。"""
    parser = _cli.parser(__doc__)
    parser.add_argument("run", type=_cli.path, help="训练目录，例如 runs/cyclegan")
    parser.add_argument("--input", type=_cli.path, required=True, help="图像文件，或装着图像的目录")
    parser.add_argument("--out", type=_cli.path, required=True, help="输出目录")
    parser.add_argument(
        "--direction", choices=["x2y", "y2x"], default="x2y", help="x2y（默认）或 y2x"
    )
    parser.add_argument(
        "--max-side",
        type=int,
        default=MAX_SIDE,
        help=f"长边超过它的图缩小后再译，译完放回原大小；默认 {MAX_SIDE}，内存与像素数成正比",
    )
    parser.add_argument("--checkpoint", default="last", help="last（默认）、best 或步数")
    parser.add_argument("--ema", action="store_true", help="用生成器权重的滑动平均（EMA）")
    parser.add_argument("--device", default="auto", help="auto（默认）、cpu 或 gpu:0")
    parser.add_argument("--force", action="store_true", help="覆盖已有的文件")
    return parser.parse_args()


def translate_all(translator: Translator, plan: dict[Path, Path], sizes: dict) -> str:
    """逐批翻译并写出；返回要补充的一句：有几张是缩小后译的。"""
    for files, images in batches_of(sizes, translator.channels):
        for file, image in zip(files, translator(images)):
            save_png(plan[file], image)
    shrunk = sum(max(size) > translator.max_side for size in sizes.values())
    return f"；{shrunk} 张长边超过 {translator.max_side}，是缩小后译的" if shrunk else ""


def instead(args, method: Method) -> str:
    """不做翻译的方法，建议怎样取样；取样也不会的，是空串。"""
    if not isinstance(method, Generates):
        return ""
    given = ["--ema"] if args.ema else []
    given += ["--device", args.device] if args.device != "auto" else []
    picture = _cli.unused(args.out / "samples.png")
    command = _cli.command(
        "sample", args.run, "--out", picture, "--checkpoint", args.checkpoint, *given
    )
    return f"；要从噪声生成，请用 {command}"


def main() -> int:
    args = arguments()
    if args.max_side < MIN_SIDE:
        raise UserError(f"--max-side 要不小于 {MIN_SIDE}，现在是 {args.max_side}")
    run = Run(args.run)
    runtime.set_device(args.device)
    config, method = run.load(args.checkpoint, args.ema)
    if not isinstance(method, Translates):
        raise UserError(f"{config.method} 不做图像翻译{instead(args, method)}")
    require_direction(config, method, args.direction)
    plan = plan_outputs(args.input, args.out, args.force)
    translator = Translator(config, method, run.shapes(), args.direction, args.max_side)
    sizes = read_sizes(list(plan), translator.channels)
    note = translate_all(translator, plan, sizes)
    print(f"译好 {len(plan)} 张，写在 {args.out}{note}")
    return 0


if __name__ == "__main__":
    _cli.run(main)
