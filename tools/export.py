"""把生成器导出成推理模型：python tools/export.py runs/dcgan_digits --out export/digits

得到 model.*（飞桨静态图：3.x 是 json，2.6 是 pdmodel，另有 pdiparams）和说明 export.json。
批大小不固定；图像翻译的边长也不固定，但要是 export.json 里 size_multiple 的倍数。
--onnx 再写一份 model.onnx，当场与飞桨的输出比对（要先 pip install paddle2onnx onnxruntime）。
"""

import _cli

from paddle_gan.errors import UserError
from paddle_gan.evaluation.export import export_run
from paddle_gan.evaluation.export_onnx import TOLERANCE, require_onnx
from paddle_gan.run import runtime
from paddle_gan.run.outputs import make_folder
from paddle_gan.run.run import Run


def main() -> int:
    parser = _cli.parser(__doc__)
    parser.add_argument(
        "run", type=_cli.path_of_run, help="训练目录（或 gallery:名字），例如 runs/dcgan_digits"
    )
    parser.add_argument("--out", type=_cli.path, required=True, help="导出目录，要不存在或是空的")
    parser.add_argument("--checkpoint", default="last", help="last（默认）、best 或步数")
    parser.add_argument("--ema", action="store_true", help="用生成器权重的滑动平均（EMA）")
    parser.add_argument("--direction", choices=["x2y", "y2x"], help="图像翻译的方向，默认 x2y")
    parser.add_argument("--onnx", action="store_true", help="再写一份 ONNX")
    args = parser.parse_args()
    if args.out.is_dir() and any(args.out.iterdir()):
        raise UserError(f"{args.out} 已经有内容，不会覆盖；请用 --out 换个目录")
    if args.onnx:
        require_onnx()

    run = Run(args.run)
    run.config()  # 先确认它是训练目录，再建导出目录
    runtime.set_device("cpu")
    make_folder(args.out)
    options = (args.checkpoint, args.direction, args.ema, args.onnx)
    description = export_run(run, args.out, *options)
    shape = description["input"]["shape"]
    print(f"已导出到 {args.out}，输入 {shape}（None 是任意大小）；在那个目录里这样用：")
    print("\n".join(f"    {line}" for line in description["usage"]))
    if args.onnx:
        difference = description["onnx"]["max_difference"]
        print(
            f"另有 model.onnx：与飞桨的输出最多差 {difference:.2g}（上限 {TOLERANCE:g}），这样用："
        )
        print("\n".join(f"    {line}" for line in description["onnx"]["usage"]))
    return 0


if __name__ == "__main__":
    _cli.run(main)
