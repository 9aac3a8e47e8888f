"""数据里的东西不会被执行；没有明说要下载时，任何命令都不联网。"""

import ast
import json
import re
import socket
from pathlib import Path

import numpy as np
import pytest
import yaml
from tool_helpers import (
    ROOT,
    assert_one_sentence,
    load_tool,
    run_tool,
    tiny_run,
    write_image,
)

SOURCES = [*ROOT.glob("paddle_gan/**/*.py"), *ROOT.glob("tools/**/*.py")]
BANNED_MODULES = {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal", "telnetlib", "ftplib"}
NETWORK = {"socket", "urllib", "http", "requests", "smtplib"}
# 看板找空闲端口，下载数据集；维护用的两个只连本机：演一遍 AI Studio，量演练场的快慢
NETWORKED = {"dashboard.py", "download.py"}
NETWORKED |= {"aistudio.py", "bench_playground.py", "playground_visitor.py"}
BANNED_CALLS = {"eval", "exec", "compile", "__import__"}
BANNED_ATTRIBUTES = {
    ("yaml", "load"),
    ("yaml", "unsafe_load"),
    ("yaml", "full_load"),
    ("os", "system"),
    ("os", "popen"),
    ("paddle", "load"),  # .pdparams 是 pickle
}


def calls(path: Path) -> list[ast.Call]:
    """一个文件里的全部调用。"""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def imports(path: Path) -> set[str]:
    """一个文件导入的顶层模块。"""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_nothing_in_the_code_can_execute_data(path):
    assert imports(path) & BANNED_MODULES == set()
    if path.name not in NETWORKED:
        assert imports(path) & NETWORK == set()
    for call in calls(path):
        if isinstance(call.func, ast.Name):
            assert call.func.id not in BANNED_CALLS, call.lineno
        if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
            assert (call.func.value.id, call.func.attr) not in BANNED_ATTRIBUTES, call.lineno
        shell = [k for k in call.keywords if k.arg == "shell"]
        assert not shell, call.lineno
        pickled = [k.value for k in call.keywords if k.arg == "allow_pickle"]
        assert all(isinstance(v, ast.Constant) and v.value is False for v in pickled), call.lineno


TRAP = """method: !!python/object/apply:os.system ["touch {}"]\n"""


def test_a_yaml_tag_that_runs_a_command_runs_nothing(tmp_path, capsys, monkeypatch):
    trap = tmp_path / "陷阱"
    (tmp_path / "a.yml").write_text(TRAP.format(trap), encoding="utf-8")
    result = run_tool(capsys, monkeypatch, "train", "-c", tmp_path / "a.yml")
    assert_one_sentence(result, "a.yml")
    assert not trap.exists()


class Trap:
    """解开就会留下一个文件的 pickle。"""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_malicious_pickle_named_like_a_checkpoint_runs_nothing(tmp_path, capsys, monkeypatch):
    import pickle
    import shutil

    run = tmp_path / "run"
    shutil.copytree(tiny_run("gan"), run)
    content = pickle.dumps({"G": Trap(tmp_path / "陷阱")})
    pickle.loads(content)  # 陷阱是真的
    (tmp_path / "陷阱").unlink()
    for name in ("last.safetensors", "last.pdparams"):
        (run / "checkpoints" / name).write_bytes(content)
    result = run_tool(capsys, monkeypatch, "sample", run, "--out", tmp_path / "a.png")
    assert_one_sentence(result, "last.safetensors")
    assert not (tmp_path / "陷阱").exists()


def test_a_malicious_npz_runs_nothing(tmp_path):
    from paddle_gan.errors import UserError
    from paddle_gan.metrics.true_fid import fid

    np.savez(tmp_path / "a.npz", features=np.array([Trap(tmp_path / "陷阱")], object))
    with pytest.raises(UserError):
        fid(str(tmp_path / "a.npz"), np.zeros((20_000, 2048), np.float32))
    assert not (tmp_path / "陷阱").exists()


@pytest.fixture
def offline(monkeypatch):
    """一碰网络就失败。"""

    def refuse(*args, **kwargs):
        raise AssertionError(f"有人要联网：{args}")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


def caught_writes(monkeypatch) -> list[str]:
    """lab report 与 results write 写的是仓库里的文件：不真的写，只记下名字。"""
    names = []
    load_tool("results")

    def write(path, content):
        names.append(path.name)

    for module in ("paddle_gan.lab.report", "results"):
        monkeypatch.setattr(f"{module}.write_atomic", write)
    monkeypatch.setattr(
        "paddle_gan.lab.report.save_png", lambda figure, path: names.append(path.name)
    )
    return names


def test_no_command_touches_the_network(offline, tmp_path, capsys, monkeypatch):
    small = {"batch_size": 4, "total_steps": 2, "data": {"name": "digits"}}
    small |= {"metrics": {"names": ["fd_pca64"], "samples": 100}}
    network = {"name": "mlp", "width": 8}
    small |= {"method": "gan", "network": {"generator": network, "discriminator": dict(network)}}
    (tmp_path / "a.yml").write_text(yaml.safe_dump(small), encoding="utf-8")
    run, picture = tmp_path / "run", tmp_path / "黑体.png"
    write_image(picture, np.zeros((32, 32, 1), np.uint8))
    commands = [
        ("train", "-c", tmp_path / "a.yml", "--output", run, "--device", "cpu"),
        ("sample", run, "--out", tmp_path / "a.png"),
        ("evaluate", run),
        ("export", run, "--out", tmp_path / "exported"),
        ("report", run, "--out", tmp_path / "a.html"),
        ("translate", tiny_run("cyclegan"), "--input", picture, "--out", tmp_path / "out"),
        ("lab", "list"),
        ("lab", "report", "T1"),
        ("results", "write"),
    ]
    written = caught_writes(monkeypatch)
    for tool, *arguments in commands:
        result = run_tool(capsys, monkeypatch, tool, *arguments)
        assert result.code == 0, (tool, result.err)
    assert {"claims.md", "claims.json", "README_zh.md", "结果.md", "gan_ring.yml"} <= set(written)
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "http://" not in page.replace("http://www.w3.org", "") and "https://" not in page


SAFE_OUTPUTS = {"text/plain", "text/markdown", "image/png"}  # 打开笔记本时不会运行的


def test_the_notebooks_hold_nothing_that_runs_when_they_are_opened():
    notebooks = sorted((ROOT / "tutorials").glob("*.ipynb"))
    assert notebooks
    for path in notebooks:
        book = json.loads(path.read_text(encoding="utf-8"))
        outputs = [out for cell in book["cells"] for out in cell.get("outputs", [])]
        assert {kind for out in outputs for kind in out.get("data", {})} <= SAFE_OUTPUTS, path.name
        shown = [str(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "markdown"]
        shown += [str(out["data"].get("text/markdown", "")) for out in outputs if "data" in out]
        assert not any(re.search(r"<\s*(script|iframe)|javascript:", text, re.I) for text in shown)


def test_a_dataset_is_downloaded_only_when_the_config_says_so(offline, tmp_path):
    from paddle_gan.data import DATASETS
    from paddle_gan.errors import UserError

    for name in ("mnist", "fashion_mnist"):  # cifar10 只读本地文件，没有下载
        with pytest.raises(UserError, match="root"):
            DATASETS[name](split="train")


@pytest.mark.parametrize("left", [None, b"\x1f\x8b half"])
def test_a_download_without_network_is_one_sentence_and_half_a_file_is_never_taken(
    left, tmp_path, capsys, monkeypatch
):
    def unreachable(*_):
        raise OSError("Network is unreachable")

    monkeypatch.setattr(socket, "create_connection", unreachable)
    monkeypatch.setattr("paddle_gan.data.vision.DATA_HOME", str(tmp_path / "缓存"))
    half = tmp_path / "缓存" / "mnist" / "train-images-idx3-ubyte.gz"
    half.parent.mkdir(parents=True)
    if left:
        half.write_bytes(left)
    data = "data={name: mnist, download: true}"
    config = ["-c", ROOT / "configs" / "dcgan_digits.yml", "-o", data, "-o", "metrics={}"]
    result = run_tool(capsys, monkeypatch, "train", *config, "--output", tmp_path / "run")
    assert result.code == 2
    said = [line for line in result.err.splitlines() if line.startswith("错误：")]
    assert len(said) == 1 and "Network is unreachable" in said[0] and "root: 目录" in said[0]
    assert not (tmp_path / "run").exists()
    assert not half.exists() or half.read_bytes() == left
