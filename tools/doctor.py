"""体检：python tools/doctor.py，得到一页可以贴进问题报告的结果

逐项检查版本、机器、线程与数学库、飞桨自检、图像格式、中文字体、VisualDL、磁盘与速度（约 20 秒，
--quick 跳过）；✓ 是好的，✗ 下面一行说怎么办。有 ✗ 时退出码也是 0。不联网；不写主机名、用户名，
家目录写成 ~。
"""

import platform
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import _packages

PACKAGES, COMPLETE = _packages.check()
if not COMPLETE and __name__ == "__main__":  # 后面的导入都要这些包
    print("\n".join(_packages.entry(*found) for found in PACKAGES))
    print("装好上面的，再运行一次这条命令，才能检查别的")
    sys.exit(0)

import _cli
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


def main() -> int:
    parser = _cli.parser(__doc__)
    parser.add_argument("--quick", action="store_true", help="不量速度")
    parser.add_argument("--out", type=_cli.path, help="同时写到这个文件")
    parser.add_argument("--force", action="store_true", help="覆盖已有的文件")
    args = parser.parse_args()
    if args.out:
        require_new([args.out], args.force)
        make_folder(args.out.parent)

    lines, faults = [], 0
    for title, check in sections(args.quick):
        findings = list(check())
        faults += sum(bool(finding.advice) for finding in findings)
        part = [f"【{title}】", *(_packages.entry(*map(one_line, f)) for f in findings)]
        print("\n".join(part), flush=True)
        lines += part
    ending = f"{faults} 处要看一看，办法在 → 后面" if faults else "都好"
    print(ending)
    if args.out:
        write_atomic(args.out, "\n".join([*lines, ending]) + "\n")
        print(f"已写到 {args.out}")
    return 0


if __name__ == "__main__":
    _cli.run(main)
