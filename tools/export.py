"""把生成器导出成推理模型：python tools/export.py runs/dcgan_digits --out export/digits

得到 model.*（飞桨静态图：3.x 是 json，2.6 是 pdmodel，另有 pdiparams）和说明 export.json。
批大小不固定；图像翻译的边长也不固定，但要是 export.json 里 size_multiple 的倍数。
"""

import _cli

from paddle_gan.errors import UserError
from paddle_gan.evaluation.export import export_run
from paddle_gan.run import runtime
from paddle_gan.run.outputs import make_folder
from paddle_gan.run.run import Run


def main() -> int:
    parser = _cli.parser(__doc__)
    parser.add_argument("run", type=_cli.path, help="训练目录，例如 runs/dcgan_digits")
    parser.add_argument("--out", type=_cli.path, required=True, help="导出目录，要不存在或是空的")
    parser.add_argument("--checkpoint", default="last", help="last（默认）、best 或步数")
    parser.add_argument("--ema", action="store_true", help="用生成器权重的滑动平均（EMA）")
    parser.add_argument("--direction", choices=["x2y", "y2x"], help="图像翻译的方向，默认 x2y")
    args = parser.parse_args()
    if args.out.is_dir() and any(args.out.iterdir()):
        raise UserError(f"{args.out} 已经有内容，不会覆盖；请用 --out 换个目录")

    run = Run(args.run)
    run.config()  # 先确认它是训练目录，再建导出目录
    runtime.set_device("cpu")
    make_folder(args.out)
    description = export_run(run, args.out, args.checkpoint, args.direction, args.ema)
    shape = description["input"]["shape"]
    print(f"已导出到 {args.out}，输入 {shape}（None 是任意大小）；在那个目录里这样用：")
    print("\n".join(f"    {line}" for line in description["usage"]))
    return 0


if __name__ == "__main__":
    _cli.run(main)
