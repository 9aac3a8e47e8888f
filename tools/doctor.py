"""体检：python tools/doctor.py，得到一页可以贴进问题报告的结果

逐项检查版本、机器、线程与数学库、飞桨自检、图像格式、中文字体、VisualDL、磁盘与速度（约 20 秒，
--quick 跳过）；✓ 是好的，✗ 下面一行说怎么办。有 ✗ 时退出码也是 0。不联网；不写主机名、用户名，
家目录写成 ~。
有显卡时运行 python tools/doctor.py --gpu，估计不到 10 分钟，逐项核对显卡上的训练：损失与 CPU 比、
混合精度、二阶导数、接着训练、EMA、多卡、速度与显存；写 --out 时，旁边另有一份同名的 .json。
"""

import json
import platform
import re
import sys
import tempfile
from collections.abc import Callable, Iterable
from math import isfinite
from pathlib import Path

import _packages

PACKAGES, COMPLETE = _packages.check()
if not COMPLETE and __name__ == "__main__":  # 后面的导入都要这些包
    print("\n".join(_packages.entry(*found) for found in PACKAGES))
    print("装好上面的，再运行一次这条命令，才能检查别的")
    sys.exit(0)

import _cli
import _gpu
import dashboard
import numpy as np

import paddle_gan
from paddle_gan.errors import UserError, one_line, reason_of
from paddle_gan.files import write_atomic
from paddle_gan.run import health
from paddle_gan.run.config import load_config
from paddle_gan.run.health import Finding
from paddle_gan.run.outputs import make_folder, require_new
from paddle_gan.viz import caption

CONFIGS = _packages.ROOT / "configs"
TIMED = {"gan_ring": 5.0, "dcgan_digits": 8.0}  # 量速度的配置 → 训练几秒
MATRIX_SECONDS = 3.0
MINUTES = re.compile(r"CPU 用时：([\d.]+) 分钟")  # 配置第一行的注释
Section = tuple[str, Callable[[], Iterable[Finding]]]


def sections(quick: bool) -> list[Section]:
    """（小节的名字，检查），按这个次序。"""
    found: list[Section] = [
        ("版本", versions),
        ("机器", health.machine),
        ("线程与数学库", health.libraries),
        ("飞桨自检", health.self_check),
        ("图像格式", health.pictures),
        ("中文字体", font),
        ("VisualDL", board),
        ("磁盘", lambda: health.disk(Path("runs"))),
    ]
    return found if quick else [*found, ("速度", speed)]


def versions() -> list[Finding]:
    """系统、Python、工具箱与每个包。"""
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    first = f"paddle_gan {paddle_gan.__version__}、Python {platform.python_version()}、{system}"
    return [Finding(first), *(Finding(*entry) for entry in PACKAGES)]


def font() -> list[Finding]:
    """随包的中文字体画得出字来：两个字画得不一样，也不是空白。"""
    blank = np.full((1, 40, 1), 255, np.uint8)
    try:
        drawn = [caption(blank, text) for text in ("学", "真", "\ue000")]
    except OSError as error:
        return [Finding(f"中文字体打不开（{reason_of(error)}）", "重新取一份工具箱，或重新安装")]
    different = all((a != b).any() for a, b in zip(drawn, [*drawn[1:], drawn[0]]))
    if not different or drawn[0].min() > 100:
        return [
            Finding("中文字体画不出字", "重新安装 Pillow：pip install --force-reinstall pillow")
        ]
    return [Finding("随包的中文字体画得出字")]


def board() -> list[Finding]:
    """VisualDL 在本机开得起来。"""
    try:
        seconds = dashboard.try_out()
    except (UserError, OSError) as error:
        return [
            Finding(f"VisualDL 开不起来：{error}", "看板用不了时，用 tools/report.py 看全部曲线")
        ]
    return [Finding(f"VisualDL 在 127.0.0.1 上开起来了，读得到曲线（{seconds:.0f} 秒）")]


def speed() -> list[Finding]:
    """矩阵乘的峰值，二维的与卷积的各训练几秒。"""
    found = [health.multiply(MATRIX_SECONDS)]
    for name, seconds in TIMED.items():
        path = CONFIGS / f"{name}.yml"
        (minutes,) = MINUTES.findall(path.read_text(encoding="utf-8"))
        config = load_config(path)
        found.append(health.training_speed(name, config, float(minutes), seconds))
    return found


def tell(found: Iterable[tuple[str, Iterable[Finding]]]) -> list[str]:
    """一节一节地印出来，做完一条印一条；返回印了的各行。"""
    lines: list[str] = []

    def put(line: str) -> None:
        print(line, flush=True)
        lines.append(line)

    faults = 0
    for title, findings in found:
        put(f"【{title}】")
        for finding in findings:
            faults += bool(finding.advice)
            put(_packages.entry(*map(one_line, finding)))
    put(f"{faults} 处要看一看，办法在 → 后面" if faults else "都好")
    return lines


def tell_gpu(device: str, quick: bool) -> tuple[list[str], list[dict]]:
    """显卡的各项；返回印了的各行，与写进 JSON 的每一项。"""
    rows: list[dict] = []

    def kept(title: str, checks) -> Iterable[Finding]:
        for name, check in checks:
            finding, numbers = _gpu.attempt(name, check)
            told = {key: _packages.private(text) for key, text in finding._asdict().items()}
            written = {k: v if v is None or isfinite(v) else None for k, v in numbers.items()}
            rows.append({"section": title, "name": name, **told, **written})
            yield finding

    with tempfile.TemporaryDirectory(prefix="paddle_gan_doctor_") as folder:
        found = _gpu.sections(device, Path(folder), quick)
        first = [("版本", versions()), ("设备", [health.device()])]
        return tell([*first, *((title, kept(title, checks)) for title, checks in found)]), rows


def main() -> int:
    parser = _cli.parser(__doc__)
    parser.add_argument("--quick", action="store_true", help="不量速度")
    parser.add_argument("--gpu", action="store_true", help="逐项核对显卡上的训练，估计不到 10 分钟")
    parser.add_argument("--out", type=_cli.path, help="同时写到这个文件")
    parser.add_argument("--force", action="store_true", help="覆盖已有的文件")
    args = parser.parse_args()
    device = _gpu.require_gpu() if args.gpu else ""
    data = args.out.with_suffix(".json") if args.out and args.gpu else None
    if data == args.out and data:
        raise UserError(
            f"--out 写的是 {args.out}，页与数据会是同一个文件；请换一个不是 .json 的名字"
        )
    if args.out:
        require_new([path for path in (args.out, data) if path], args.force)
        make_folder(args.out.parent)

    if args.gpu:
        lines, rows = tell_gpu(device, args.quick)
    else:
        lines, rows = tell((title, check()) for title, check in sections(args.quick)), []
    if data:
        write_atomic(data, json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    if args.out:
        write_atomic(args.out, "\n".join(lines) + "\n")
        print(f"已写到 {'、'.join(str(path) for path in (args.out, data) if path)}")
    return 0


if __name__ == "__main__":
    _cli.run(main)
