"""印出来的命令复制过去就能运行：逐条引出那句话，在有空格与中文的目录里照着运行一遍。"""

import ast
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tool_helpers import RAW, ROOT, assert_one_sentence, load_tool, run_tool, tiny_run

from paddle_gan.engine.hooks import ProgressHook
from paddle_gan.monitor.recorder import read_records
from paddle_gan.run.config import resolve
from paddle_gan.run.run import Run


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """名字里有空格、中文和引号的当前目录，里面有一份配置。"""
    folder = tmp_path / "我的 训练 it's"
    folder.mkdir()
    monkeypatch.chdir(folder)
    raw = RAW["gan"] | {"batch_size": 4, "total_steps": 9, "log_every": 1}
    Path("环 a.yml").write_text(resolve(raw).dump(), encoding="utf-8")
    return folder


def command_in(text: str) -> list[str]:
    """一段话里的命令，拆成参数；它总在一行的末尾。"""
    (line,) = [line for line in text.splitlines() if "python " in line]
    return shlex.split(line[line.index("python ") :])


def repeat(text: str, capsys, monkeypatch):
    """在本进程里运行一段话里的那条命令。"""
    python, script, *arguments = command_in(text)
    assert python == "python" and (ROOT / script).is_file()
    return run_tool(capsys, monkeypatch, Path(script).stem, *arguments)


def failing_at(step: int, failure):
    """到第 step 步就 failure() 的 ProgressHook.__call__。"""

    def call(self, now, logs, record):
        if now == step:
            failure()

    return call


def stop() -> None:
    os.kill(os.getpid(), signal.SIGINT)


OPTIONS = ["-c", "环 a.yml", "-o", "data={name: ring, modes: 5}", "-o", "board=[]", "--seed", "3"]
OPTIONS += ["--device", "cpu", "--output", "跑 1"]


def test_the_command_after_ctrl_c_has_every_option_that_was_given(here, capsys, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(ProgressHook, "__call__", failing_at(2, stop))
        stopped = run_tool(capsys, monkeypatch, "train", *OPTIONS)
    assert stopped.code == 130
    assert command_in(stopped.out)[2:] == [*OPTIONS, "--resume"]
    finished = repeat(stopped.out, capsys, monkeypatch)
    assert finished.code == 0, finished.err
    config = Run(Path("跑 1")).config()
    assert (config.seed, config.data["modes"]) == (3, 5)
    assert [r["step"] for r in read_records(Path("跑 1/metrics.jsonl"))] == list(range(1, 10))


def test_the_command_of_a_run_resumed_without_a_config_needs_none_either(here, capsys, monkeypatch):
    assert run_tool(capsys, monkeypatch, "train", *OPTIONS).code == 0
    with monkeypatch.context() as patch:
        patch.setattr(ProgressHook, "__call__", failing_at(11, stop))
        more = ["--resume", "跑 1", "-o", "total_steps=14"]
        stopped = run_tool(capsys, monkeypatch, "train", *more)
    assert stopped.code == 130, stopped.err
    assert "-c" not in command_in(stopped.out)
    assert repeat(stopped.out, capsys, monkeypatch).code == 0
    assert read_records(Path("跑 1/metrics.jsonl"))[-1]["step"] == 14


def test_a_config_inside_a_run_names_that_run_when_it_is_to_go_on(here, capsys, monkeypatch):
    assert run_tool(capsys, monkeypatch, "train", *OPTIONS, "-o", "total_steps=2").code == 0
    words = ["-c", "跑 1/config.yml", "-o", "total_steps=4"]
    refused = run_tool(capsys, monkeypatch, "train", *words, "--resume")
    assert_one_sentence(refused, "跑 1/config.yml 是训练目录 跑 1 里的配置")
    assert command_in(refused.err)[2:] == ["--resume", "跑 1", "-o", "total_steps=4"]
    assert repeat(refused.err, capsys, monkeypatch).code == 0
    assert Run(Path("跑 1")).info()["step"] == 4 and not Path("runs").exists()
    for where in (["--resume", "跑 1"], ["--output", "跑 1", "--resume"]):  # 写明了的照旧
        again = run_tool(capsys, monkeypatch, "train", "-c", "跑 1/config.yml", *where)
        assert_one_sentence(again, "已经训练到第 4 步")
    Path("环 a.yml").rename("config.yml")  # 只是名字相同，这里不是训练目录
    other = run_tool(capsys, monkeypatch, "train", "-c", "config.yml", "--resume")
    assert_one_sentence(other, "runs/config 里没有 config.yml")


def test_the_command_after_an_error_goes_on_from_what_was_saved(here, capsys, monkeypatch):
    def fail():
        raise OSError(5, "Input/output error", "图 7.png")

    with monkeypatch.context() as patch:
        patch.setattr(ProgressHook, "__call__", failing_at(4, fail))
        failed = run_tool(capsys, monkeypatch, "train", *OPTIONS)
    assert failed.code == 2
    saved, error = failed.err.splitlines()
    assert "出错之前的进度存好了：第 4 步；" in saved and "图 7.png" in error
    assert repeat(saved, capsys, monkeypatch).code == 0
    assert read_records(Path("跑 1/metrics.jsonl"))[-1]["step"] == 9


def test_a_method_that_does_not_translate_is_sampled_by_the_printed_command(
    here, capsys, monkeypatch
):
    Path("训练 1").symlink_to(tiny_run("gan"))
    Path("译文").mkdir()
    Path("译文/samples.png").write_bytes(b"")  # 已经有了，建议的名字要避开
    arguments = ["训练 1", "--input", "译文", "--out", "译文", "--checkpoint", "2"]
    refused = run_tool(capsys, monkeypatch, "translate", *arguments, "--device", "cpu")
    assert_one_sentence(refused, "gan 不做图像翻译")
    drawn = repeat(refused.err, capsys, monkeypatch)
    assert drawn.code == 0 and "第 2 步" in drawn.out
    assert Path("译文/samples_2.png").stat().st_size > 0


def test_a_run_without_a_board_is_reported_by_the_printed_command(here, capsys, monkeypatch):
    Path("训练 1").symlink_to(tiny_run("gan"))
    Path("report.html").write_text("以前的", encoding="utf-8")
    refused = run_tool(capsys, monkeypatch, "dashboard", "训练 1")
    assert_one_sentence(refused, "没有 VisualDL 日志")
    assert repeat(refused.err, capsys, monkeypatch).code == 0
    assert "训练报告" in Path("report_2.html").read_text(encoding="utf-8")
    assert Path("report.html").read_text(encoding="utf-8") == "以前的"


def test_a_run_with_only_a_tensorboard_log_is_told_how_to_see_it(here, capsys, monkeypatch):
    words = ["-c", "环 a.yml", "-o", "total_steps=2", "-o", "metrics={}", "--output", "跑 2"]
    result = run_tool(capsys, monkeypatch, "train", *words, "-o", "board=[tensorboard]")
    assert result.code == 0, result.err
    assert not Path("跑 2/vdl").exists() and any(Path("跑 2/tensorboard").iterdir())
    refused = run_tool(capsys, monkeypatch, "dashboard", "跑 2")
    assert_one_sentence(refused, "有 TensorBoard 日志，运行 tensorboard --logdir '跑 2' 来看")
    assert repeat(refused.err, capsys, monkeypatch).code == 0
    Path("训练 1").symlink_to(tiny_run("gan"))
    assert "tensorboard" not in run_tool(capsys, monkeypatch, "dashboard", "训练 1").err


def test_a_folder_of_runs_without_boards_is_reported_by_the_printed_command(
    here, capsys, monkeypatch
):
    Path("都 在").mkdir()
    for name in ("gan", "dcgan"):
        Path("都 在", name).symlink_to(tiny_run(name))
    refused = run_tool(capsys, monkeypatch, "dashboard", "都 在")
    result = repeat(refused.err, capsys, monkeypatch)
    assert result.code == 0 and "dcgan：" in result.out and "\ngan：" in result.out


def test_a_folder_that_is_no_run_gets_no_command_that_would_fail(here, capsys, monkeypatch):
    refused = run_tool(capsys, monkeypatch, "dashboard", here)
    assert_one_sentence(refused, "也不是训练目录")
    assert "python" not in refused.err


def test_the_maintainers_checks_print_what_to_run(here, capsys, monkeypatch):
    for folder in ("tools/maintain", "tools"):
        monkeypatch.syspath_prepend(str(ROOT / folder))
    course_map, tutorials = load_tool("course_map"), load_tool("build_tutorials")
    text = course_map.README.read_text(encoding="utf-8")
    Path("README.md").write_text(text.replace("| ", "| 旧的 ", 40), encoding="utf-8")
    monkeypatch.setattr(course_map, "README", here / "README.md")
    refused = run_tool(capsys, monkeypatch, "course_map", "--check")
    assert_one_sentence(refused, "过期了")
    assert command_in(refused.err) == ["python", "tools/course_map.py"]  # 与正在运行的同一个目录

    monkeypatch.setattr(
        tutorials, "problems", lambda source: ["旧了"] * source.name.startswith(("03", "07"))
    )
    refused = run_tool(capsys, monkeypatch, "build_tutorials", "--check")
    assert command_in(refused.err) == ["python", "tools/build_tutorials.py", "03", "07"]
    assert [path.name[:2] for path in tutorials.sources(["03", "07"])] == ["03", "07"]


def test_a_training_of_several_processes_is_launched_again_with_as_many(monkeypatch):
    cli = load_tool("_cli")
    monkeypatch.setattr(sys, "argv", ["/家 里/tools/train.py"])
    monkeypatch.setenv("PADDLE_TRAINERS_NUM", "2")
    monkeypatch.setenv("PADDLE_DISTRI_BACKEND", "gloo")
    launch = "python -m paddle.distributed.launch --nproc_per_node 2 --backend gloo"
    assert cli.command("train", "--resume") == f"{launch} '/家 里/tools/train.py' --resume"
    monkeypatch.delenv("PADDLE_DISTRI_BACKEND")  # GPU 上用 NCCL
    assert "--nproc_per_node 2 '/家" in cli.command("train", "--resume")


# 网页上的命令是给人抄的，不是程序说的话
SPOKEN = [p for p in (ROOT / "tools").rglob("*.py") if not p.name.startswith("site_")]
for room in ("run", "engine", "evaluation"):
    SPOKEN += (ROOT / "paddle_gan" / room).glob("*.py")


def spoken(path: Path) -> list[str]:
    """一个文件里会印出来的文字：全部字符串，不含文档字符串。"""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docs = {ast.get_docstring(n, clean=False) for n in ast.walk(tree) if isinstance(n, documented)}
    constants = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    return [text for text in constants if isinstance(text, str) and text not in docs]


@pytest.mark.parametrize("path", SPOKEN, ids=lambda path: path.name)
def test_no_message_spells_a_command_out_by_itself(path):
    assert [text for text in spoken(path) if "python tools/" in text] == []


@pytest.mark.slow
def test_in_a_shell_the_command_after_ctrl_c_runs_as_it_stands(here):
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    command = [sys.executable, str(ROOT / "tools/train.py"), *OPTIONS, "-o", "total_steps=100000"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    while "步 · " not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    line = said.splitlines()[-1]
    shown = line[line.index("python ") :]
    again = subprocess.run(
        f"{shown} -o total_steps=$(({Run(Path('跑 1')).info()['step']} + 2))",
        shell=True,
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
    )
    assert again.returncode == 0 and "完成" in again.stdout, again.stderr
