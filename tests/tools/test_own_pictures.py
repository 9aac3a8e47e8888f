"""用自己的图像：文档里写的命令照抄就能训练；开头说找到了什么；坏文件、少图、没有测试图像都不挡路。"""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from tool_helpers import ROOT, assert_one_sentence, decode, run_tool, write_image

PAGES = [ROOT / "README_zh.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FOLDERS = re.compile(r"\b(?:root|x|y|test_x|test_y)(?:: |=)([^,} ]+)")
SMALL = {
    "dcgan_emoji": ["network.generator.width=2", "network.discriminator.width=2"],
    "cyclegan_horse2zebra": [
        *("network.generator.width=2", "network.generator.blocks=1"),
        "network.discriminator.width=2",
    ],
}
SMALL_PICTURES = {
    "dcgan_emoji": [],
    "cyclegan_horse2zebra": ["data.size=32", "data.load_size=36"],
}


def commands(wanted: str = " -c ") -> list[str]:
    """README 与 docs 里用自己的图像训练的命令，各一行；里面有 wanted 的。"""
    blocks = [block for page in PAGES for block in BLOCK.findall(page.read_text("utf-8"))]
    lines = [line for block in blocks for line in block.replace("\\\n", "").splitlines()]
    own = {line for line in lines if "train.py" in line and re.search("root|x: ", line)}
    # 带类别的、成对的、要还原的在 tests/test_doc_commands.py 里照原样跑
    other = re.compile(r"labeled_folders|\bpaired_folders|sr_gan_own|name: masked")
    return sorted(line for line in own if wanted in line and not other.search(line))


def options(*overrides: str) -> list[str]:
    return [part for override in overrides for part in ("-o", override)]


def noise(seed: int, height: int = 50, width: int = 70) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


@pytest.fixture
def train(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: run_tool(capsys, monkeypatch, "train", *arguments)


def test_the_pages_show_both_kinds_of_folders():
    text = "\n".join(commands())
    assert "image_folder" in text and "unpaired_folders" in text and "data.root=" in text


@pytest.mark.parametrize("command", commands())
def test_a_command_of_the_pages_trains_on_ones_own_pictures(command, train, tmp_path):
    python, tool, *arguments = shlex.split(command)
    assert (python, tool) == ("python", "tools/train.py")
    named = {name for argument in arguments for name in FOLDERS.findall(argument)}
    assert named
    for name in named:
        parts = ("",) if "name:" in command else ("trainA", "trainB")
        for part in parts:
            for i in range(3):
                write_image(tmp_path / name / part / f"{i}.jpg", noise(i))
    at = arguments.index("-c") + 1
    config = Path(arguments[at]).stem
    arguments[at] = ROOT / arguments[at]
    quick = options(*SMALL[config], "total_steps=1", "visualdl=false")
    result = train(*arguments, *quick, "--dry-run")  # 图像照写的大小
    assert result.code == 0, result.err
    assert "找到 3 张图像" in result.out
    result = train(*arguments, *quick, *options(*SMALL_PICTURES[config]))
    assert result.code == 0, result.err
    output = arguments[arguments.index("--output") + 1] if "--output" in arguments else None
    run = tmp_path / (output or f"runs/{config}")
    assert json.loads((run / "run.json").read_text("utf-8"))["status"] == "finished"
    assert decode(run / "samples/fixed_0000001.png").size
    if "cyclegan" in config:
        assert result.err.count("没有测试图像（") == 1


@pytest.mark.parametrize("command", commands(" --resume "))
def test_a_command_of_the_pages_goes_on_after_the_pictures_have_moved(command, train, tmp_path):
    python, tool, *arguments = shlex.split(command)
    assert (python, tool) == ("python", "tools/train.py")
    for i in range(3):
        write_image(tmp_path / f"旧位置/{i}.jpg", noise(i))
    quick = options(*SMALL["dcgan_emoji"], "total_steps=1", "visualdl=false")
    place = options("data={name: image_folder, root: 旧位置, size: 32}")
    first = ("-c", ROOT / "configs/dcgan_emoji.yml", "--output", "runs/mine")
    assert train(*first, *place, *quick).code == 0
    Path("旧位置").rename(FOLDERS.findall(command)[0])
    result = train(*arguments, "-o", "total_steps=2")
    assert result.code == 0, result.err
    assert json.loads((tmp_path / "runs/mine/run.json").read_text("utf-8"))["step"] == 2


TINY = ["-c", ROOT / "configs/dcgan_emoji.yml", *options(*SMALL["dcgan_emoji"])]
TINY += options("total_steps=1", "visualdl=false")


def own(root, **more) -> str:
    written = "".join(f", {key}: {value}" for key, value in more.items())
    return f"data={{name: image_folder, root: {root}, size: 16{written}}}"


def test_the_first_lines_say_how_many_pictures_were_found_and_what_was_passed_over(train, tmp_path):
    for i in range(10):
        write_image(tmp_path / "图" / f"{i}.png", noise(i))
    for i in range(5):
        write_image(tmp_path / "图" / f"x{i}.jpg", noise(i)).rename(tmp_path / f"图/{i}.jfif")
        write_image(tmp_path / "图" / f"{i}.pgm", noise(i)[..., 0])
        (tmp_path / "图" / f"{i}.heic").touch()
    (tmp_path / "图" / "坏.png").touch()
    arguments = [*TINY, "--dry-run", *options(own("图"))]
    assert_one_sentence(train(*arguments), "图/坏.png", "skip_bad")
    result = train(*TINY, "--dry-run", *options(own("图", skip_bad="true")))
    assert result.code == 0
    line = "找到 20 张图像；跳过 5 个 .heic（不认得的格式）；跳过 1 个读不成图像的文件"
    assert result.out.splitlines()[1] == line


def test_a_dry_run_finds_every_bad_file_even_when_memory_is_too_small(train, tmp_path, monkeypatch):
    for i in range(8):
        write_image(tmp_path / "图" / f"{i}.jpg", noise(i))
    for i in (2, 5):
        path = tmp_path / f"图/{i}.jpg"
        path.write_bytes(path.read_bytes()[:-400])  # 头是好的
    monkeypatch.setattr("paddle_gan.data.image_store.MEMORY_LIMIT", 0)
    result = train(*TINY, "--dry-run", *options(own("图")))
    assert_one_sentence(result, "2 个文件读不成图像", "图/2.jpg 已损坏", "图/5.jpg 已损坏")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("count, said", [(60, "59 个主成分"), (3, "跳过指标 fd_pca64")])
def test_few_pictures_train_with_an_inherited_metric(count, said, train, tmp_path):
    for i in range(count):
        write_image(tmp_path / "图" / f"{i}.png", noise(i, 16, 16))
    arguments = [*TINY, *options(own("图"), "metrics.samples=20"), "--output", "run"]
    result = train(*arguments)
    assert result.code == 0, result.err
    assert result.err.count("提示：") == 1 and said in result.err
    scores = json.loads((tmp_path / "run/run.json").read_text("utf-8"))["metrics"]
    assert ("fd_pca64" in scores) is (count == 60)
    assert (tmp_path / "run/checkpoints/best.safetensors").exists() is (count == 60)


def test_switching_the_metrics_off_needs_nothing_else(train, tmp_path):
    write_image(tmp_path / "图" / "a.png", noise(0))
    result = train(*TINY, *options(own("图"), "metrics.names=[]"), "--output", "run")
    assert result.code == 0
    assert result.err == "提示：metrics.best 的 fd_pca64 不算了，不再挑 best\n"


def test_only_the_missing_folder_is_asked_for(train):
    result = train(*TINY, *options("data.name=image_folder"))
    assert_one_sentence(result, "data.root 必须写明")
    assert "categories" not in result.err


def test_a_tilde_is_the_home_folder_for_the_data_and_the_output(train, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "家"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "家"))
    write_image(tmp_path / "家/图/a.png", noise(0))
    (tmp_path / "家/c.yml").write_bytes((ROOT / "configs/dcgan_emoji.yml").read_bytes())
    result = train("-c", "~/c.yml", *TINY[2:], *options(own("~/图")), "--output=~/结果")
    assert result.code == 0, result.err
    assert (tmp_path / "家/结果/run.json").is_file() and not (tmp_path / "~").exists()
