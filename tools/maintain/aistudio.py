"""在虚拟环境里演一遍 AI Studio 的装法：飞桨已经在，site-packages 不能写，包只能装到用户目录。

    python tools/maintain/aistudio.py run       # 演一遍，结果收进 tests/aistudio.json

演的是：新机器一台（Python 3.10，自带飞桨与 Jupyter），家目录下放一份提交过的仓库，照课程说明
pip install -r requirements.txt，再跑第 00 章的笔记本、一次训练和一份网页报告；再装演练场的依赖，
照 docs/演练场.md 把它显示在笔记本的一格里，也当应用（app.py）开一次。
演不了的是平台自己的东西：GPU、VisualDL 面板、环境的快照、应用的域名与代理。
"""

import json
import os
import re
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import _above  # noqa: F401
import _cli
from compat import interpreter

from paddle_gan.files import write_atomic

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "tests" / "aistudio.json"
PYTHON = "3.10"
PLATFORM = ("paddlepaddle==3.2.2", "jupyter-core", "nbclient", "ipykernel", "setuptools<81")
CONFIG = "[global]\nuser = true\nno-cache-dir = true\n"  # 平台的 pip 就是这样配的


def platform(folder: Path) -> Path:
    """装好“平台自带”的那一套，返回它的目录。"""
    home = folder / "conda"
    subprocess.run([interpreter(PYTHON), "-m", "venv", str(home)], check=True)
    pip = [str(home / "bin" / "pip"), "install", "--quiet", *PLATFORM]
    subprocess.run(pip, check=True)
    settings = home / "pyvenv.cfg"  # 虚拟环境默认不认用户目录，AI Studio 的 conda 认
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("packages = false", "packages = true"), encoding="utf-8")
    # 有的机器在解释器启动时给 certifi 添证书；先启动一次，免得算到后面的步骤头上
    subprocess.run([str(home / "bin" / "python"), "-c", ""], check=True)
    return home


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    """目录里每个文件的大小与修改时刻；编译出来的 .pyc 不算。"""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


def environment(folder: Path) -> dict[str, str]:
    """AI Studio 那样的环境变量：家目录、用户包的目录、pip 的配置。"""
    user = folder / "aistudio"
    (user / "work").mkdir(parents=True)
    (folder / "pip.conf").write_text(CONFIG, encoding="utf-8")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PIP_CONFIG"))}
    return kept | {
        "HOME": str(user),
        "PYTHONUSERBASE": str(user / "external-libraries"),
        "PIP_CONFIG_FILE": str(folder / "pip.conf"),
        "PATH": f"{folder / 'conda' / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }


def git(repository: Path, *command: str) -> str:
    """一条只读的 git 命令的输出。"""
    done = ["git", "-C", str(repository), *command]
    return subprocess.run(done, capture_output=True, text=True, check=True).stdout.strip()


def doc_snippet(work: Path, ending: str) -> str:
    """docs/演练场.md 里以 ending 结尾的那段 Python。"""
    text = (work / "docs" / "演练场.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    return next(block for block in blocks if block.rstrip().endswith(ending))


def write_cell(path: Path, source: str) -> None:
    """只有一格的笔记本。"""
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
    cell |= {"execution_count": None, "id": "only"}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(book, ensure_ascii=False), encoding="utf-8")


def answers(work: Path, env: dict[str, str]) -> bool:
    """python app.py 开起来以后，网页答不答应；等三分钟。"""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    served = env | {"GRADIO_SERVER_NAME": "0.0.0.0", "GRADIO_SERVER_PORT": port}
    process = subprocess.Popen(["python", "app.py"], cwd=work, env=served)
    try:
        for _ in range(90):
            time.sleep(2)
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as page:
                    return "GAN 演练场" in page.read().decode()
            except OSError:
                continue
        return False
    finally:
        process.terminate()
        process.wait()


def rehearse(folder: Path) -> dict:
    """演一遍；目录已有内容，或哪一步不成，就抛出 UserError。"""
    if folder.exists() and any(folder.iterdir()):
        raise _cli.UserError(f"{folder} 已经有内容，不会清空它；请删掉，或用 --folder 换一个")
    home, env = platform(folder), environment(folder)
    work = folder / "aistudio" / "work" / "gan"
    before = snapshot(home)

    def step(where: Path, *command: str) -> None:
        done = subprocess.run(command, cwd=where, env=env, capture_output=True, text=True)
        if done.returncode:
            tail = (done.stdout + done.stderr).strip()[-2000:]
            raise _cli.UserError(f"这一步不成：{' '.join(command)}：{tail}")

    step(folder, "git", "clone", "--quiet", str(ROOT), str(work))
    step(work, "pip", "install", "--quiet", "-r", "requirements.txt")
    chapter = next((work / "tutorials").glob("00_*.ipynb"))
    step(work / "tutorials", "jupyter", "execute", chapter.name)
    step(work, "python", "tools/train.py", "-c", "configs/gan_ring.yml", "-o", "total_steps=300")
    step(work, "python", "tools/report.py", "runs/gan_ring", "--out", "report.html")

    step(work, "pip", "install", "--quiet", "-r", "requirements-playground.txt")
    write_cell(work / "inline.ipynb", doc_snippet(work, "show()"))
    step(work, "jupyter", "execute", "--inplace", "inline.ipynb")
    (work / "app.py").write_text(doc_snippet(work, ".wait()"), encoding="utf-8")

    packages = folder / "aistudio" / "external-libraries" / "lib" / f"python{PYTHON}"
    installed = sorted(path.name for path in (packages / "site-packages").glob("*.dist-info"))
    return {
        "commit": git(work, "rev-parse", "--short", "HEAD"),
        "python": PYTHON,
        "platform": list(PLATFORM),
        "platform_untouched": snapshot(home) == before,
        "paddle_in_user_folder": any(name.startswith("paddle") for name in installed),
        "inline_cell_shows": "<iframe" in (work / "inline.ipynb").read_text(encoding="utf-8"),
        "app_answers": answers(work, env),
        "user_packages": len(installed),
        "user_megabytes": round(sum(size for size, _ in snapshot(packages).values()) / 1e6),
    }


def main() -> int:
    parser = _cli.parser(__doc__)
    parser.add_argument("command", choices=["run"])
    where = Path(tempfile.gettempdir()) / "paddle_gan_aistudio"
    parser.add_argument("--folder", type=Path, default=where, help="演习放在哪里；要是空的")
    args = parser.parse_args()
    result = rehearse(args.folder)
    write_atomic(RESULT, json.dumps(result, ensure_ascii=False, indent=1) + "\n")
    print(json.dumps(result, ensure_ascii=False))
    return int(not result["platform_untouched"] or result["paddle_in_user_folder"])


if __name__ == "__main__":
    _cli.run(main)
