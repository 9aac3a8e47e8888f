"""从训练好的生成器取样，画成一张图：python tools/sample.py runs/dcgan_digits --out grid.png

图像方法画网格；二维方法画散点（灰：真实点，蓝：样本，红圈：真模式）。
--interpolate：每一行是两个随机潜变量之间的一条路径；正态噪声走球面，均匀噪声走直线。
同样的种子得到同样的图。
"""

import math
from pathlib import Path

import _cli

from paddle_gan.errors import UserError
from paddle_gan.evaluation.preview import IMAGES, POINTS
from paddle_gan.evaluation.sampling import draw_samples, interpolations, random_samples
from paddle_gan.methods.abilities import Generates, Translates
from paddle_gan.run import runtime
from paddle_gan.run.build import build_data
from paddle_gan.run.outputs import require_new, save_png
from paddle_gan.run.run import Run

MAX_PIXELS = 2**26  # 一张图最多 6700 万像素，再多看图软件也打不开


def arguments():
    """命令行参数。"""
    parser = _cli.parser(__doc__)
    parser.add_argument("run", type=_cli.path, help="训练目录，例如 runs/dcgan_digits")
    parser.add_argument("--out", type=_cli.path, required=True, help="写到哪个 PNG 文件")
    parser.add_argument("--num", type=int, help=f"样本数，默认图像 {IMAGES}、二维点 {POINTS}")
    parser.add_argument(
        "--columns", type=int, help="每行几张（插值时是每条路径几步），默认近似方形"
    )
    parser.add_argument("--interpolate", action="store_true", help="画潜变量之间的插值")
    parser.add_argument("--seed", type=int, help="噪声的种子，默认用训练的种子")
    parser.add_argument("--checkpoint", default="last", help="last（默认）、best 或步数")
    parser.add_argument("--ema", action="store_true", help="用生成器权重的滑动平均（EMA）")
    parser.add_argument("--device", default="auto", help="auto（默认）、cpu 或 gpu:0")
    parser.add_argument("--force", action="store_true", help="覆盖已有的文件")
    return parser.parse_args()


def require_png(path: Path, force: bool) -> None:
    """--out 是一个还不存在的 .png。"""
    if path.suffix.lower() != ".png":
        raise UserError(f"--out 要以 .png 结尾，现在是 {path}")
    require_new([path], force)


def layout(args, shape: tuple[int, ...]) -> tuple[int, int]:
    """样本数与每行几张；越界时抛出 UserError。"""
    points = len(shape) == 1
    count = args.num if args.num is not None else POINTS if points else IMAGES
    limit = MAX_PIXELS // (1000 if points else max(48 * 48, shape[1] * shape[2]))
    if not 1 <= count <= limit:
        raise UserError(f"--num 要在 1 到 {limit} 之间，现在是 {count}")
    if args.seed is not None and args.seed < 0:
        raise UserError(f"--seed 要是不小于 0 的整数，现在是 {args.seed}")
    columns = math.ceil(math.sqrt(count)) if args.columns is None else args.columns
    least = 2 if args.interpolate else 1
    if not least <= columns <= max(count, least):
        raise UserError(f"--columns 要在 {least} 到 {max(count, least)} 之间，现在是 {columns}")
    return count, columns


def main() -> int:
    args = arguments()
    require_png(args.out, args.force)

    run = Run(args.run)
    runtime.set_device(args.device)
    config, method = run.load(args.checkpoint, args.ema)
    if not isinstance(method, Generates):
        translate = f"；请用 python tools/translate.py {args.run}"
        other = translate if isinstance(method, Translates) else ""
        raise UserError(f"{config.method} 的输入不是噪声，不能这样取样{other}")
    shapes = run.shapes()
    count, columns = layout(args, shapes.x)
    seed = config.seed if args.seed is None else args.seed
    if args.interpolate:
        samples = interpolations(method, -(-count // columns), columns, seed)
    else:
        samples = random_samples(method, count, seed)
    data = build_data(config, "test") if len(shapes.x) == 1 else None
    save_png(args.out, draw_samples(samples, shapes, columns, data))
    print(f"{len(samples)} 个样本（第 {run.step(args.checkpoint)} 步，种子 {seed}）→ {args.out}")
    return 0


if __name__ == "__main__":
    _cli.run(main)
