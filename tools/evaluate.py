"""重新评估一个训练目录：python tools/evaluate.py runs/dcgan_digits --checkpoint best

算配置里 metrics.names 的全部指标，与参照（真实数据、不翻译……）并排打印，写到 RUN/eval.json
（随包的 gallery:名字 写到当前目录的 gallery_名字/eval.json）；
--metrics fd_lenet,prdc_lenet 换成别的指标，对得上方法与数据的都行。
表的后面是可以贴进报告的一段：该报的几个数，旁边是同样多的真实样本与什么也没学会的各得几分；
--draws 5 取五次样本，看波动多大。
↑ 越大越好，↓ 越小越好；各项的含义见 paddle_gan/monitor/glossary.py。
"""

import argparse
import json
import unicodedata

import _cli

from paddle_gan.evaluation.evaluate import evaluate_run
from paddle_gan.files import write_atomic
from paddle_gan.monitor.glossary import GLOSSARY
from paddle_gan.run import runtime
from paddle_gan.run.config import MAX_SAMPLES
from paddle_gan.run.gallery import results_folder, shown
from paddle_gan.run.outputs import make_folder
from paddle_gan.run.run import Run

MEMORY = "请把 --samples 改小，或用 --metrics 少算几个指标"


def table(columns: dict[str, dict[str, float]]) -> str:
    """{列名: {指标: 数值}} 排成对齐的表：一行一个指标，没有的写 —。"""
    rows = [["指标", *columns]]
    for key in next(iter(columns.values())):
        cells = [f"{c[key]:.4g}" if key in c else "—" for c in columns.values()]
        rows.append([GLOSSARY[key].titled, *cells])
    widths = [max(map(display_width, column)) for column in zip(*rows)]
    return "\n".join(
        "  ".join(cell + " " * (w - display_width(cell)) for cell, w in zip(row, widths)).rstrip()
        for row in rows
    )


def display_width(text: str) -> int:
    """在终端里占几格：全角字占两格。"""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def names(text: str) -> list[str]:
    """用逗号（全角的也行）隔开的名字，去掉重复的。"""
    parts = [part.strip() for part in text.replace("，", ",").split(",")]
    named = list(dict.fromkeys(part for part in parts if part))
    if not named:
        raise argparse.ArgumentTypeError(f"要写指标的名字，用逗号隔开，现在是 {text!r}")
    return named


def main() -> int:
    parser = _cli.parser(__doc__)
    parser.add_argument(
        "run", type=_cli.path_of_run, help="训练目录（或 gallery:名字），例如 runs/dcgan_digits"
    )
    parser.add_argument("--checkpoint", default="last", help="last（默认）、best 或步数")
    parser.add_argument("--ema", action="store_true", help="用生成器权重的滑动平均（EMA）")
    parser.add_argument("--device", default="auto", help="auto（默认）、cpu 或 gpu:0")
    parser.add_argument(
        "-o",
        "--override",
        action="append",
        default=[],
        metavar="data.键=值",
        help="数据搬到了哪里，例如 -o data.root=新位置",
    )
    parser.add_argument(
        "--metrics", type=names, metavar="指标,指标", help="算哪些指标，默认照配置的 metrics.names"
    )
    parser.add_argument(
        "--samples", type=_cli.whole(2, MAX_SAMPLES), help="用多少个样本，默认照 metrics.samples"
    )
    parser.add_argument(
        "--draws",
        type=_cli.whole(1, 100),
        default=1,
        help="取几次样本，报告里写平均 ± 标准差，默认 1",
    )
    args = parser.parse_args()

    run = Run(args.run)
    runtime.set_device(args.device)
    result = evaluate_run(
        run, args.checkpoint, args.samples, args.ema, args.override, args.metrics, args.draws
    )
    path = results_folder(run.folder) / "eval.json"
    make_folder(path.parent)
    write_atomic(path, json.dumps(result, ensure_ascii=False, indent=2, allow_nan=False) + "\n")
    average = " · EMA 权重" if args.ema else ""
    print(f"{shown(run.folder)} · {args.checkpoint} · 第 {result['step']} 步{average}")
    print(table({"本模型": result["scores"], **result["baselines"]}))
    print("", *result["report"], "", sep="\n")
    print(f"已写到 {path}")
    return 0


if __name__ == "__main__":
    _cli.run(main, MEMORY)
