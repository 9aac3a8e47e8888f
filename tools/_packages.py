"""体检用的：requirements.txt 里的包都装好了没有，一条结果怎样写；只用标准库，缺什么都能运行。"""

import getpass
import importlib
import os
import platform
import re
import sys
import warnings
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = {"opencv-python": "cv2", "pyyaml": "yaml", "scikit-learn": "sklearn", "pillow": "PIL"}
OPTIONAL = ("visualdl",)  # 没有它也能训练、也能看报告
# visualdl 与 protobuf、NumPy 的版本不合时，导入会抛出后两种；缺系统的动态库是 OSError
IMPORT_FAILS = (ImportError, OSError, TypeError, AttributeError)
PADDLES = ("paddlepaddle", "paddlepaddle-gpu")


def required() -> list[tuple[str, str]]:
    """requirements.txt 里的（包名，最低版本），没有写最低版本的是空串。"""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    names = [line.split("#")[0].strip() for line in lines]
    return [name.partition(">=")[::2] for name in names if name]


def check() -> tuple[list[tuple[str, str]], bool]:
    """每个包一条（说明，怎么办）：好的合成一条，不好的各一条；以及够不够检查别的。

    paddle_gan 要先于 paddle 导入，所以排在它前面。
    """
    good, bad, fatal = [], [], False
    install = "pip install -r requirements.txt"
    for name, least in required():
        fault = fault_of(MODULES.get(name, name))
        version = version_of(name) or "版本不明"
        if not fault and older(version, least):
            fault = f"版本 {version} 太旧，要 {least} 以上"
        if fault:
            bad.append((f"{name} 用不了：{fault}", f"重新安装：{install}"))
            fatal |= name not in OPTIONAL
        else:
            good.append(f"{name} {version}")
    found = [("、".join(good), "")] if good else []
    if not fatal:
        warnings.filterwarnings("ignore", category=UserWarning, module="paddle")  # 英文，与用户无关
        sys.path.insert(0, str(ROOT))
        importlib.import_module("paddle_gan")
        bad.append(paddle_entry())
        fatal = "paddle" not in sys.modules
    return [*found, *bad], not fatal


def fault_of(module: str) -> str:
    """导入一个模块；导入不了时返回原因，一行。"""
    try:
        importlib.import_module(module)
    except IMPORT_FAILS as error:
        return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return ""


def version_of(name: str) -> str:
    """装着的版本；没有装、或是以别的名字装的（opencv-python-headless）时为空。"""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def older(version: str, least: str) -> bool:
    """version 比 least 旧；只比开头的数字。"""
    numbers = [[int(part) for part in re.findall(r"\d+", text)] for text in (version, least)]
    return bool(least and numbers[0]) and numbers[0] < numbers[1]


def paddle_entry() -> tuple[str, str]:
    """飞桨的一条：版本、CPU 版还是 GPU 版；两版都装着时互相覆盖。"""
    installed = [name for name in PADDLES if version_of(name)]
    if fault := fault_of("paddle"):
        return f"paddle 用不了：{fault}", "安装飞桨：pip install -r requirements-cpu.txt"
    paddle = sys.modules["paddle"]
    kind = f"CUDA {paddle.version.cuda()}" if paddle.is_compiled_with_cuda() else "CPU 版"
    if len(installed) == 2:
        return (
            f"paddle {paddle.__version__}（{kind}）；CPU 版与 GPU 版都装着，互相覆盖",
            f"都卸掉再装要的那个：pip uninstall -y {' '.join(PADDLES)}",
        )
    return f"paddle {paddle.__version__}（{kind}）", ""


def private(text: str) -> str:
    """去掉私人的：家目录写成 ~，主机名、路径里的用户名写成代号。"""
    home, host = os.path.expanduser("~"), platform.node()
    if len(home) > 1:  # 有的容器里家目录就是 /
        text = text.replace(home, "~")
    if len(host) > 2:
        text = re.sub(rf"(?<!\w){re.escape(host)}(?!\w)", "<主机>", text)
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # 容器里没有登记的用户
        return text
    return re.sub(rf"(?<=[/\\]){re.escape(user)}(?=[/\\]|$)", "<用户>", text, flags=re.MULTILINE)


def entry(text: str, advice: str = "") -> str:
    """一条结果：好的一行 ✓，不好的 ✗ 与一行办法。"""
    return private(f"✗ {text}\n  → {advice}" if advice else f"✓ {text}")
