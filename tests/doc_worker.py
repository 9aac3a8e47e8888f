"""照抄一条命令的地方：仓库的一份拷贝，配置都改小了；python 换成一个常驻的进程，省下导入飞桨的几秒。

命令原样交给 bash。PATH 里的 python 把参数递给常驻进程，在那里运行 tools/ 下的脚本；-m 与看板由真的
python 运行。缩小的办法都不在命令行上：改拷贝里的配置；写着很大步数、图像的，常驻进程里再缩小。
这里演不了的有替身：pip、pytest 等只核对写到的文件在不在；要几张显卡的，运行里面那一条。
"""

import contextlib
import io
import json
import os
import runpy
import socket
import sys
import threading
import traceback
from pathlib import Path

MOST = 4  # 一次训练最多几步
SMALL = {"size": 32, "load_size": 36}  # 两个文件夹的图像

CHECK = """#!{python}
import sys
from pathlib import Path
from packaging.requirements import Requirement
for word in sys.argv[1:]:
    path = Path(word)
    named = "/" in word or path.suffix in (".txt", ".py")
    assert path.exists() or not named, f"没有 {{word}}"
    if path.suffix == ".txt":
        lines = path.read_text(encoding="utf-8").splitlines()
        [Requirement(line) for line in lines if line and line[0] not in "#-"]
"""
SHIM = """#!{python} -SE
import json, os, socket, sys
arguments = sys.argv[1:]
if "--gpus" in arguments:
    arguments = arguments[arguments.index("--gpus") + 2 :]
if arguments[0].endswith("dashboard.py"):
    arguments += ["--port", os.environ["FREE_PORT"]]
if arguments[0] == "-m" or "--port" in arguments:
    os.execv({python!r}, [{python!r}, *arguments])
with socket.socket(socket.AF_UNIX) as worker:
    worker.connect(os.environ["WORKER"])
    worker.sendall(json.dumps([os.getcwd(), arguments]).encode() + b"\\n")
    answer = json.loads(worker.makefile("rb").read())
sys.stdout.write(answer["out"])
sys.stderr.write(answer["err"])
sys.exit(answer["code"])
"""


def write_shims(folder: Path) -> None:
    """PATH 里的 python 与几个替身。"""
    folder.mkdir(parents=True)
    names = {"python": SHIM} | dict.fromkeys(("pip", "pytest", "jupyter", "tensorboard"), CHECK)
    for name, text in names.items():
        path = folder / name
        path.write_text(text.format(python=sys.executable), encoding="utf-8")
        path.chmod(0o755)


def answer(folder: str, arguments: list[str]) -> dict:
    """像 python 那样运行一个脚本；返回退出码与它印的字。"""
    script, out, err = arguments[0], io.StringIO(), io.StringIO()
    sys.argv, kept = arguments, list(sys.path)
    sys.path.insert(0, str(Path(script).parent.absolute()))
    os.chdir(folder)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            runpy.run_path(script, run_name="__main__")
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except Exception:
            traceback.print_exc()
            code = 1
    sys.path[:] = kept
    return {"code": code, "out": out.getvalue(), "err": err.getvalue()}


def shorten() -> None:
    """很长的训练缩成 MOST 步，命令行上写着的大图像缩成 SMALL。"""
    import _cli  # noqa: F401  先于飞桨导入：它关掉飞桨自己的英文提示

    from paddle_gan.engine.train import Trainer
    from paddle_gan.run.config import with_steps

    begin = Trainer.__init__

    def short(self, config, device="auto"):
        if config.total_steps is not None and config.total_steps > MOST:
            config = with_steps(config, MOST)
        if config.data.get("load_size"):  # 照写的大小由 tools/test_own_pictures.py 核对
            config = config.model_copy(update={"data": config.data | SMALL})
        begin(self, config, device)

    Trainer.__init__ = short


def leave_with_parent() -> None:
    """测试被杀掉时，标准输入读到头，跟着退出。"""
    sys.stdin.read()
    os._exit(1)


def main(address: str) -> None:
    threading.Thread(target=leave_with_parent, daemon=True).start()
    sys.path[:0] = [os.getcwd(), str(Path("tools").absolute())]  # 这份拷贝里的
    shorten()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen()
        print("好了", flush=True)
        while True:
            with server.accept()[0] as client:
                said = client.makefile("rb").readline()
                if not said:
                    return
                client.sendall(json.dumps(answer(*json.loads(said))).encode())


if __name__ == "__main__":
    main(sys.argv[1])
