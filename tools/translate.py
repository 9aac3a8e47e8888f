"""用训练好的翻译模型处理图像：python tools/translate.py runs/X --input 照片/ --out 译文/

输入可以是一个文件或一个目录（含子目录），任意大小，灰度、彩色、透明都行；输出与输入一样大
（超分辨率的大几倍），名字是 原名.png（旁边有只差扩展名的，就留着扩展名：照片.jpg.png），
子目录照搬；输入是一个文件时，--out 也可以写成 译文.png。透明的地方照原样留着，网络看到的是叠在
白底上的。补洞的，透明的地方就是洞；没有透明的地方，就照训练时那样在正中挖一个。
大图默认缩小后译；--tile auto 不缩小，切成重叠的块来译，拼起来看不出接缝。
先把全部输入读一遍，有坏的、会重名的、会覆盖的、内存装不下的，就什么都不写。
"""

from pathlib import Path

import _cli
import numpy as np

from paddle_gan.errors import UserError, listed
from paddle_gan.evaluation.tiles import overlap_of
from paddle_gan.evaluation.translation import (
    MAX_SIDE,
    MIN_SIDE,
    MIN_TILE,
    Translator,
    require_direction,
)
from paddle_gan.evaluation.translation_files import (
    Source,
    batches_of,
    plan_outputs,
    read_sources,
    with_alpha,
)
from paddle_gan.limits import LARGEST, LARGEST_SIDE
from paddle_gan.methods.abilities import Generates, Translates
from paddle_gan.methods.base import Method
from paddle_gan.run import runtime
from paddle_gan.run.gallery import shown
from paddle_gan.run.outputs import save_png
from paddle_gan.run.run import Run

MEMORY = "请把 --max-side 改小，或用 --tile 256 一块一块地译"


def arguments():
    """命令行参数。"""
    parser = _cli.parser(__doc__)
    parser.add_argument(
        "run", type=_cli.path_of_run, help="训练目录（或 gallery:名字），例如 runs/cyclegan"
    )
    parser.add_argument("--input", type=_cli.path, required=True, help="图像文件，或装着图像的目录")
    parser.add_argument("--out", type=_cli.path, required=True, help="输出目录，或一个 .png")
    parser.add_argument(
        "--direction", choices=["x2y", "y2x"], default="x2y", help="x2y（默认）或 y2x"
    )
    parser.add_argument(
        "--max-side",
        type=_cli.whole(MIN_SIDE, LARGEST),
        help=f"长边超过它的图缩小后再译，译完放回原大小；默认 {MAX_SIDE}（写了 --tile 时不缩小），"
        "内存与像素数成正比",
    )
    parser.add_argument(
        "--tile",
        type=tile_side,
        metavar="auto 或边长",
        help="大图切成重叠的块来译，每块这么大；auto 按内存选，不超过 512",
    )
    parser.add_argument("--checkpoint", default="last", help="last（默认）、best 或步数")
    parser.add_argument("--ema", action="store_true", help="用生成器权重的滑动平均（EMA）")
    parser.add_argument("--device", default="auto", help="auto（默认）、cpu 或 gpu:0")
    parser.add_argument("--force", action="store_true", help="覆盖已有的文件")
    return parser.parse_args()


def tile_side(text: str) -> int:
    """--tile：auto 记作 0，否则是一块的边长。"""
    return 0 if text == "auto" else _cli.whole(MIN_TILE, LARGEST_SIDE)(text)


def translate_all(translator: Translator, plan: dict[Path, Path], sources: dict) -> None:
    """逐批翻译并写出。"""
    for files, seen in batches_of(sources, translator.channels):
        made = translator(np.stack([translator.prepared(one) for one in seen]))
        for file, image, one in zip(files, made, seen):
            alpha = None if translator.holed else one.alpha  # 透明的地方已经补上
            save_png(plan[file], with_alpha(image, alpha))


def require_something_seen(translator: Translator, sources: dict[Path, Source]) -> None:
    """补洞的图都有看得见的地方，否则抛出 UserError。"""
    empty = [file for file, source in sources.items() if source.empty]
    if translator.holed and empty:
        raise UserError(f"{listed(empty)} 没有一处是不透明的，整张都是洞，没有可依据的；请留下一些")


def remarks(translator: Translator, plan: dict[Path, Path], sources: dict[Path, Source]) -> str:
    """要补充的几句：有几张是缩小、分块译的，透明、动图与名字怎样处理。"""
    sizes = [source.size for source in sources.values()]
    height, width = translator.tiles()
    overlap = overlap_of(height, translator.multiples[0])
    transparent = sum(source.transparent for source in sources.values())
    told = {
        f"张长边超过 {translator.max_side}，是缩小后译的（--tile auto 不缩小）": sum(
            translator.shrinks(*size) for size in sizes
        ),
        f"张是分块译的，每块 {width}×{height}，重叠 {overlap}": sum(
            translator.in_tiles(*size) for size in sizes
        ),
        "张的透明照原样留着": 0 if translator.holed else transparent,
        "张补的是透明的地方": transparent if translator.holed else 0,
        "张没有透明的地方，照训练时那样在正中挖了洞": (
            len(sources) - transparent if translator.holed else 0
        ),
        "张动图，译的是第一帧": sum(source.animated for source in sources.values()),
        "张与别的只差扩展名，输出名里留着扩展名": sum(
            target.name == f"{file.name}.png" for file, target in plan.items()
        ),
    }
    larger = f"，边长都是原来的 {translator.factor} 倍" if translator.factor > 1 else ""
    return larger + "".join(f"；{count} {sentence}" for sentence, count in told.items() if count)


def instead(args, method: Method) -> str:
    """不做翻译的方法，建议怎样取样；取样也不会的，是空串。"""
    if not isinstance(method, Generates):
        return ""
    given = ["--ema"] if args.ema else []
    given += ["--device", args.device] if args.device != "auto" else []
    picture = _cli.unused(args.out / "samples.png")
    command = _cli.command(
        "sample", shown(args.run), "--out", picture, "--checkpoint", args.checkpoint, *given
    )
    return f"；要从噪声生成，请用 {command}"


def main() -> int:
    args = arguments()
    run = Run(args.run)
    device = runtime.set_device(args.device)
    config, method = run.load(args.checkpoint, args.ema)
    if not isinstance(method, Translates):
        raise UserError(f"{config.method} 不做图像翻译{instead(args, method)}")
    require_direction(config, method, args.direction)
    plan = plan_outputs(args.input, args.out, args.force)
    max_side = args.max_side or (MAX_SIDE if args.tile is None else None)
    translator = Translator(config, method, run.shapes(), args.direction, max_side, args.tile)
    sources = read_sources(list(plan), translator.channels)
    require_something_seen(translator, sources)
    if device == "cpu":
        translator.require_memory([source.size for source in sources.values()])
    translate_all(translator, plan, sources)
    print(f"译好 {len(plan)} 张，写在 {args.out}{remarks(translator, plan, sources)}")
    return 0


if __name__ == "__main__":
    _cli.run(main, MEMORY)
