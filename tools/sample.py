"""从训练好的生成器取样，画成一张图：python tools/sample.py runs/dcgan_digits --out grid.png

图像方法画网格；二维方法画散点（灰：真实点，蓝：样本，红圈：真模式）；
写序列的方法把序列印出来，也画成图：一行一条，一格一个词元。
--interpolate：每一行是两个随机潜变量之间的一条路径；正态噪声走球面，均匀噪声走直线。
--class 3（或类别的名字）只要这一类；--each-class 每类一列，每行同一个 z。只用于按类别生成的方法。
--separate：一张图一个 PNG，写进 --out 目录，名字是 seed种子_编号.png。
--gif：把训练时存下的固定噪声样本连成影片；与 --interpolate 合用，是潜变量走一圈的影片，首尾相接。
同样的种子得到同样的图。不用先训练：gallery:gan_ring 是随包的训练，--gallery 列出全部。
"""

import argparse
import math
from pathlib import Path

import _cli
import numpy as np
from _sequences import write_sequences

from paddle_gan.data.images import to_uint8
from paddle_gan.errors import UserError, notice
from paddle_gan.evaluation.film import (
    MAX_PIXELS,
    ROUND,
    ROUND_MS,
    around,
    training_frames,
    training_pauses,
    write_gif,
)
from paddle_gan.evaluation.preview import IMAGES, POINTS
from paddle_gan.evaluation.sampling import (
    class_number,
    decode,
    decode_parts,
    draw_samples,
    each_class_latents,
    of_class,
    path_latents,
    random_latents,
    require_classes,
)
from paddle_gan.methods.abilities import Generates, Translates, Writes
from paddle_gan.run import runtime
from paddle_gan.run.build import Shapes, build_data
from paddle_gan.run.config import MAX_SAMPLES, MAX_SEED, Config
from paddle_gan.run.outputs import make_folder, require_new, require_new_folder, save_png
from paddle_gan.run.run import Run
from paddle_gan.run.shipped import listing
from paddle_gan.viz import caption

FILM_IMAGES = 16  # 走一圈的影片默认几张图
EACH = 8  # --each-class 默认每类几张
MEMORY = "请把 --num 改小"


class Listing(argparse.Action):
    """--gallery：印出随包的训练，别的什么都不做。"""

    def __call__(self, parser, *_):
        print(listing())
        parser.exit()


def arguments():
    """命令行参数。"""
    parser = _cli.parser(__doc__)
    number = _cli.whole(1, MAX_SAMPLES)
    parser.add_argument(
        "run", type=_cli.path_of_run, help="训练目录（或 gallery:名字），例如 runs/dcgan_digits"
    )
    parser.add_argument(
        "--out", type=_cli.path, required=True, help="写到哪个 PNG（--gif：GIF，--separate：目录）"
    )
    parser.add_argument(
        "--num",
        type=number,
        help=f"样本数（--each-class：每类几个），默认图像 {IMAGES}（影片 {FILM_IMAGES}）、"
        f"二维点 {POINTS}",
    )
    parser.add_argument(
        "--columns", type=number, help="每行几张（插值时是每条路径几步），默认近似方形"
    )
    parser.add_argument("--interpolate", action="store_true", help="画潜变量之间的插值")
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument(
        "--class", dest="kind", help="只要哪一类：名字，或从 0 数起的编号（名字是数字的只认名字）"
    )
    kinds.add_argument("--each-class", action="store_true", help=f"每类都要，默认各 {EACH} 张")
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--separate", action="store_true", help="一张图一个 PNG，写进目录")
    forms.add_argument("--gif", action="store_true", help="写成影片")
    parser.add_argument("--seed", type=_cli.whole(0, MAX_SEED), help="噪声的种子，默认用训练的种子")
    parser.add_argument("--checkpoint", default="last", help="last（默认）、best 或步数")
    parser.add_argument("--ema", action="store_true", help="用生成器权重的滑动平均（EMA）")
    parser.add_argument(
        "--gallery", action=Listing, nargs=0, help="只列出随包的训练（写作 gallery:名字）"
    )
    parser.add_argument("--device", default="auto", help="auto（默认）、cpu 或 gpu:0")
    parser.add_argument("--force", action="store_true", help="覆盖已有的文件")
    return parser.parse_args()


def require_target(args) -> None:
    """--out 与要写的东西对得上，而且不覆盖已有的。"""
    if args.separate:
        require_new_folder(args.out, args.force)
        return
    ending = ".gif" if args.gif else ".png"
    if args.out.suffix.lower() != ending:
        other = "；影片要加 --gif" if args.out.suffix.lower() == ".gif" else ""
        raise UserError(f"--out 要以 {ending} 结尾，现在是 {args.out}{other}")
    require_new([args.out], args.force)


def layout(args, shape: tuple[int, ...]) -> tuple[int, int]:
    """样本数与每行几张；越界时抛出 UserError。"""
    points, moving = len(shape) == 1, args.gif
    default = POINTS if points else FILM_IMAGES if moving else IMAGES
    count = args.num if args.num is not None else default
    limit = MAX_SAMPLES if args.separate else most_in_a_picture(shape, ROUND if moving else 1)
    if count > limit:
        raise UserError(f"--num 要在 1 到 {limit} 之间，现在是 {count}")
    columns = math.ceil(math.sqrt(count)) if args.columns is None else args.columns
    least = 2 if args.interpolate and not moving else 1
    if not least <= columns <= max(count, least):
        raise UserError(f"--columns 要在 {least} 到 {max(count, least)} 之间，现在是 {columns}")
    return count, columns


def class_layout(args, shape: tuple[int, ...], classes: int) -> tuple[int, int]:
    """--each-class 的样本数与每行几张（就是类别数）；用不上的选项、越界时抛出 UserError。"""
    useless = {"--columns": args.columns, "--interpolate": args.interpolate, "--gif": args.gif}
    if named := [name for name, value in useless.items() if value]:
        raise UserError(f"--each-class 是每类一列，{'、'.join(named)} 用不上；请去掉其中一边")
    rows = EACH if args.num is None else args.num
    limit = (MAX_SAMPLES if args.separate else most_in_a_picture(shape, 1)) // classes
    if rows > limit:
        raise UserError(f"--num 要在 1 到 {limit} 之间（共 {classes} 类），现在是 {rows}")
    return rows * classes, classes


def most_in_a_picture(shape: tuple[int, ...], frames: int) -> int:
    """一张图（frames 帧的影片）里最多放几个样本。"""
    if len(shape) == 1:
        return MAX_PIXELS // 1000
    return MAX_PIXELS // frames // max(48 * 48, shape[1] * shape[2])


def training_film(run: Run, args) -> str:
    """训练的影片；返回要说的一句。"""
    given = {
        "--num": args.num,
        "--columns": args.columns,
        "--seed": args.seed,
        "--ema": args.ema or None,
        "--checkpoint": None if args.checkpoint == "last" else args.checkpoint,
        "--class": args.kind,
        "--each-class": args.each_class or None,
    }
    useless = [name for name, value in given.items() if value is not None]
    if useless:
        raise UserError(
            f"训练的影片由 {run.samples} 里已有的图连成，{'、'.join(useless)} 用不上；"
            "请去掉，或加 --interpolate"
        )
    run.config()  # 先确认它是训练目录
    frames = training_frames(run.samples)
    pictures = [caption(image, f"第 {step} 步") for step, image in frames]
    make_folder(args.out.parent)
    write_gif(args.out, pictures, training_pauses(len(pictures)))
    return f"{len(pictures)} 帧（第 {frames[0][0]} 到 {frames[-1][0]} 步）→ {args.out}"


def write_separate(z, method: Generates, shapes: Shapes, seed: int, out: Path) -> int:
    """每个潜变量 z 的图写成一个 PNG，返回张数。"""
    if len(shapes.x) != 3:
        raise UserError("--separate 只用于图像，二维点没有单张的图；请去掉它")
    others = len(list(out.iterdir())) if out.is_dir() else 0
    if others:
        notice(f"{out} 里原来就有 {others} 个文件；除了重名的，都不动")
    digits, done = len(str(len(z) - 1)), 0
    for part in decode_parts(method, z):
        for image in to_uint8(part, shapes.value_range):
            save_png(out / f"seed{seed}_{done:0{digits}d}.png", image)
            done += 1
    return done


def require_generator(config: Config, method) -> None:
    """从噪声生成的才能这样取样，否则说该用哪个命令。"""
    if isinstance(method, Generates):
        return
    translate = "；它翻译图像，请用 tools/translate.py，写明 --input 与 --out"
    other = translate if isinstance(method, Translates) else ""
    raise UserError(f"{config.method} 的输入不是噪声，不能这样取样{other}")


def draw(run: Run, args) -> str:
    """由噪声画图；返回要说的一句。"""
    runtime.set_device(args.device)
    config, method = run.load(args.checkpoint, args.ema)
    seed = config.seed if args.seed is None else args.seed
    about = f"（第 {run.step(args.checkpoint)} 步，种子 {seed}）→ {args.out}"
    if isinstance(method, Writes):
        return f"{write_sequences(run, method, seed, args)} 条序列{about}"
    require_generator(config, method)
    shapes = run.shapes()
    label = None if args.kind is None else class_number(method, args.kind, config, shapes)
    if args.each_class:
        require_classes(config, method)
        count, columns = class_layout(args, shapes.x, method.classes())
    else:
        count, columns = layout(args, shapes.x)
    data = build_data(config, "test") if len(shapes.x) == 1 else None
    if args.gif:
        frames = around(method, count, seed, label)
        frames = (draw_samples(x, shapes, columns, data) for x in frames)
        make_folder(args.out.parent)
        write_gif(args.out, list(frames), [ROUND_MS] * ROUND)
        return f"{count} 个样本走一圈，{ROUND} 帧{about}"
    if args.each_class:
        z = each_class_latents(method, count // columns, seed)
    elif args.interpolate:
        z = path_latents(method, -(-count // columns), columns, seed)
    else:
        z = random_latents(method, count, seed)
    if label is not None:
        z = of_class(method, z, np.full(len(z), label))
    if args.separate:
        return f"{write_separate(z, method, shapes, seed, args.out)} 张图{about}"
    save_png(args.out, draw_samples(decode(method, z), shapes, columns, data))
    return f"{len(z)} 个样本{about}"


def main() -> int:
    args = arguments()
    require_target(args)
    run = Run(args.run)
    print(draw(run, args) if args.interpolate or not args.gif else training_film(run, args))
    return 0


if __name__ == "__main__":
    _cli.run(main, MEMORY)
