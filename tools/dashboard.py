"""看曲线：python tools/dashboard.py runs/gan_ring runs/wgan_ring，再用浏览器打开打印出来的地址

几次训练并排显示，名字是目录名；也可以只写它们共同的上级目录（python tools/dashboard.py runs）。
gallery:collapse、gallery:convergence、gallery:wgan 各是一个故事：几个随包的训练并排，不用训练。
只在本机（127.0.0.1）能打开，不上报使用情况；Ctrl-C 结束。训练中也能开，页面会自己刷新。
"""

import http.client
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import _cli

from paddle_gan.data.image_files import read_image
from paddle_gan.errors import UserError, notice, reason_of
from paddle_gan.files import short_names
from paddle_gan.monitor.run_view import IMAGES, load_run, runs_under
from paddle_gan.monitor.visualdl_board import FILE, VisualDLBoard, repair, require_visualdl
from paddle_gan.run.gallery import name_of
from paddle_gan.run.stories import Story, located_or_story

HOST = "127.0.0.1"
START_SECONDS = 60  # 等 VisualDL 起来最多这么久


def instead(path: Path) -> str:
    """没有 VisualDL 日志的，还可以怎样看曲线；连训练目录也不是的，没有别的办法。"""
    inside = sorted(file.parent for file in path.glob("*/metrics.jsonl"))
    runs = [path] if (path / "metrics.jsonl").is_file() else inside
    if not runs:
        return "它也不是训练目录；训练目录形如 runs/gan_digits"
    logged = any((run / "tensorboard").is_dir() for run in runs)
    other = f"有 TensorBoard 日志，运行 {shlex.join(['tensorboard', '--logdir', str(path)])} 来看；"
    command = _cli.command("report", *runs, "--out", _cli.unused(Path("report.html")))
    return f"{other if logged else ''}没有 VisualDL 日志的，可以写成网页来看：{command}"


def require_free(port: int) -> None:
    """端口没有被占用，否则抛出 UserError。"""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise UserError(
                f"端口 {port} 用不了（{reason_of(error)}）；可能已经开着一个看板，"
                f"请关掉它，或换一个端口：--port {port % 65535 + 1}"
            ) from None


def link(names: dict[str, Path], folder: Path) -> list[str]:
    """在临时目录里给每份日志一个短名字；建不了链接（Windows 要权限）时用完整路径。"""
    try:
        for name, log in names.items():
            (folder / name).symlink_to(log, target_is_directory=True)
    except OSError:
        return [str(log) for log in names.values()]
    return list(names)


def logs_of(runs: list[Path], folder: Path) -> list[Path]:
    """有 VisualDL 日志的训练目录；随包的训练没有日志，由它的记录与样本图在 folder 里现写一份。"""
    found = []
    for run in runs:
        found += [write_log(run, folder / run.name)] if name_of(run) else [run]
    return runs_under(found, f"vdl/{FILE}", instead)


def logs_by_name(runs: list[Path | Story], folder: Path) -> dict[str, Path]:
    """{看板上的名字: 放日志的目录}；一个故事的日志在 folder 里现写。"""
    stories = [run for run in runs if isinstance(run, Story)]
    if not stories:
        return short_names(logs_of(runs, folder / "gallery"))
    if len(runs) > 1:
        raise UserError("一个故事自成一组，不能与别的一起开；请只写这一个名字")
    from paddle_gan.evaluation.story_board import write_story  # 要飞桨；只看曲线时不等它

    return write_story(stories[0], folder / "story")


def write_log(run: Path, home: Path) -> Path:
    """由 run 的记录与样本图写出 home/vdl，返回 home。"""
    view = load_run(run.name, run, 0)
    board = VisualDLBoard(home / "vdl", view.records)
    board.text("诊断", view.records[-1]["step"], view.diagnosis().text())
    for path in sorted(run.glob("samples/fixed_*.png")):
        step = path.stem.removeprefix("fixed_")
        board.image(IMAGES["fixed"], int(step), read_image(path))
    board.close()
    return home


class Server:
    """VisualDL 的服务进程；日志文件被换掉（--resume 会重写它）时重新启动，否则它会读错位置。"""

    def __init__(self, names: dict[str, Path], folder: Path, port: int):
        self.files = [log / FILE for log in names.values()]
        self.folder, self.port, self.runs = folder, port, link(names, folder)
        self.start()

    def start(self) -> None:
        self.identities = self._identities()
        root = str(Path(__file__).resolve().parents[1])  # 不安装也能找到 paddle_gan
        command = [sys.executable, "-m", "paddle_gan.monitor.visualdl_board", str(self.port)]
        with (self.folder / "server.txt").open("wb") as output:
            self.process = subprocess.Popen(
                [*command, *self.runs],
                cwd=self.folder,
                env=os.environ | {"PYTHONPATH": root},
                stdin=subprocess.PIPE,  # 这个命令被杀掉时，它读到头，跟着退出
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait_until_ready(self) -> None:
        """等到端口接得通；起不来时抛出 UserError，带上它自己的最后一句话。"""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex((HOST, self.port)) == 0:
                    return
            time.sleep(0.2)
        said = (self.folder / "server.txt").read_text(encoding="utf-8", errors="replace")
        raise UserError(f"VisualDL 没有启动：{said.strip().splitlines()[-1:] or '没有输出'}")

    def serve(self) -> None:
        """一直等到进程自己结束（不正常）或用户按 Ctrl-C（KeyboardInterrupt）。"""
        while self.process.poll() is None:
            time.sleep(1)
            if self._identities() != self.identities:
                self.stop()
                self.start()
        raise UserError("VisualDL 意外退出了；请重新运行这条命令")

    def stop(self) -> None:
        """让它结束；十秒还没有结束（机器太忙）就杀掉。"""
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _identities(self) -> list[int]:
        return [file.stat().st_ino if file.exists() else 0 for file in self.files]


def free_port() -> int:
    """一个现在没有人用的端口。"""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def try_out() -> float:
    """写一份只有一个点的日志，真的开一个看板读回来，再关掉；返回用了几秒，不成时抛出 UserError。"""
    require_visualdl()
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="paddle_gan_board_") as name:
        folder = Path(name)
        board = VisualDLBoard(folder / "log")
        board.write(1, {"loss/D": 0.5})
        board.close()
        (folder / "server").mkdir()
        server = Server({"try": folder / "log"}, folder / "server", free_port())
        try:
            server.wait_until_ready()
            answer = read_back(server.port, "/app/api/scalar/list?run=try&tag=loss%2FD")
        finally:
            server.stop()
    if [step for _, step, _ in answer["data"] or []] != [1]:
        raise UserError(f"VisualDL 开起来了，读回来的却不是写进去的：{answer}")
    return time.monotonic() - start


def read_back(port: int, path: str) -> dict:
    """看板的一个接口的回答；不经过代理。"""
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    try:
        connection.request("GET", path)
        return json.loads(connection.getresponse().read())
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise UserError(f"VisualDL 开起来了，但没有回答（{type(error).__name__}）") from None
    finally:
        connection.close()


def main() -> int:
    parser = _cli.parser(__doc__)
    _cli.add_runs(parser, located_or_story)
    parser.add_argument("--port", type=_cli.whole(1, 65535), default=8040, help="端口，默认 8040")
    args = parser.parse_args()

    require_free(args.port)
    require_visualdl()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="paddle_gan_board_") as folder:
        names = {name: run / "vdl" for name, run in logs_by_name(args.runs, Path(folder)).items()}
        for name, log in names.items():
            if lost := repair(log / FILE):
                notice(f"{name} 的日志{lost}")
        (Path(folder) / "server").mkdir()
        server = Server(names, Path(folder) / "server", args.port)
        try:
            server.wait_until_ready()
            print(f"看板：http://{HOST}:{args.port}/app/scalar")
            if any(isinstance(run, Story) for run in args.runs):
                print(f"先读：http://{HOST}:{args.port}/app/sample/text")
            print(f"训练：{'、'.join(names)}（Ctrl-C 结束）", flush=True)
            server.serve()
        except KeyboardInterrupt:
            print("看板已关闭")
        finally:
            server.stop()
    return 0


if __name__ == "__main__":
    _cli.run(main)
