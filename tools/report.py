"""把训练写成一个网页：python tools/report.py runs/gan_ring runs/wgan_ring --out report.html

内容与看板相同：诊断、全部曲线、样本图、权重直方图，旁边是每条曲线的说明；几次训练并排，
也可以只写它们共同的上级目录（python tools/report.py runs --out report.html）。
网页是一个文件，不联网就能打开，可以直接发给别人；AI Studio 上看不了 VisualDL 时用它。
"""

from pathlib import Path

import _cli

from paddle_gan.errors import UserError, notice
from paddle_gan.files import short_names, write_atomic
from paddle_gan.monitor.report import build_report
from paddle_gan.monitor.run_view import NoRecords, RunView, load_run, runs_under
from paddle_gan.run.gallery import name_of, shown
from paddle_gan.run.outputs import make_folder, require_new

MEMORY = "请少写几个训练目录"


def load(names: dict[str, Path]) -> tuple[list[RunView], list[str]]:
    """读得出记录的训练；一条记录也没有的，一次一句为什么。"""
    runs, missing = [], []
    for name, folder in names.items():
        try:
            runs.append(load_run(name, folder, len(runs)))
        except NoRecords as error:
            missing.append(str(error))
    return runs, missing


def main() -> int:
    parser = _cli.parser(__doc__)
    _cli.add_runs(parser)
    parser.add_argument("--out", type=_cli.path, required=True, help="写到哪个 .html 文件")
    parser.add_argument("--force", action="store_true", help="覆盖已有的文件")
    args = parser.parse_args()
    if args.out.suffix.lower() not in (".html", ".htm"):
        raise UserError(f"--out 要以 .html 结尾，现在是 {args.out}")
    require_new([args.out], args.force)

    found = runs_under(
        args.runs, "metrics.jsonl", lambda path: "训练目录形如 runs/gan_digits", True
    )
    runs, missing = load(short_names(found))
    if not runs:
        raise UserError("；".join(missing))
    make_folder(args.out.parent)
    write_atomic(args.out, build_report(runs, missing))
    for sentence in missing:
        notice(sentence)
    for folder in found:
        if name_of(folder):
            notice(f"{shown(folder)} 是随包的，没有决策面、换新噪声的样本与权重直方图")
    for run in runs:
        print("；".join(filter(None, [f"{run.name}：{run.diagnosis().title()}", run.ending])))
    print(f"已写到 {args.out}（{args.out.stat().st_size / 1e6:.1f} MB），用浏览器打开")
    return 0


if __name__ == "__main__":
    _cli.run(main, MEMORY)
