"""tools/doctor.py --gpu：没有显卡时一句话；有时一页与一份 JSON；没有做成的一项是 ✗，不是结束。"""

import json

import paddle
import pytest
from tool_helpers import assert_one_sentence, load_tool, run_tool

from paddle_gan.engine.gpu.small import Result
from paddle_gan.errors import UserError
from paddle_gan.methods import METHODS
from paddle_gan.run.health import Finding


@pytest.fixture
def gpu():
    return load_tool("_gpu")


@pytest.mark.parametrize(
    "cuda, driver, part",
    [
        (False, None, "没有 NVIDIA 的驱动"),
        (False, "/usr/bin/nvidia-smi", "pip uninstall -y paddlepaddle"),
        (True, "/usr/bin/nvidia-smi", "运行 nvidia-smi"),
    ],
)
def test_without_a_gpu_one_sentence_says_what_to_install(
    cuda, driver, part, capsys, monkeypatch, tmp_path
):
    monkeypatch.setattr(paddle, "is_compiled_with_cuda", lambda: cuda)
    monkeypatch.setattr(paddle.device.cuda, "device_count", lambda: 0)
    monkeypatch.setattr("shutil.which", lambda name: driver)
    result = run_tool(capsys, monkeypatch, "doctor", "--gpu", "--out", tmp_path / "a.txt")
    assert_one_sentence(result, "没有能用的 GPU", part)
    assert result.out == "" and list(tmp_path.iterdir()) == []


def test_with_a_gpu_its_name_is_returned(gpu, monkeypatch):
    monkeypatch.setattr(paddle, "is_compiled_with_cuda", lambda: True)
    monkeypatch.setattr(paddle.device.cuda, "device_count", lambda: 1)
    assert gpu.require_gpu() == "gpu:0"


def test_a_page_and_its_numbers_lie_side_by_side(gpu, tmp_path, capsys, monkeypatch):
    def broken():
        raise OSError("(External) CUDA error(719)\n\n  启动失败\n")

    checks = [
        ("gan", lambda: Result(Finding("gan：好"), {"apart": 1e-7, "memory": None})),
        ("r1", lambda: Result(Finding("r1：差得远", "附上这一页"), {"apart": float("inf")})),
        ("dcgan", broken),
    ]
    monkeypatch.setattr(gpu, "require_gpu", lambda: "cpu")
    monkeypatch.setattr(gpu, "sections", lambda device, folder, quick: [("损失", checks)])
    result = run_tool(capsys, monkeypatch, "doctor", "--gpu", "--out", tmp_path / "新/a.txt")
    page = (tmp_path / "新/a.txt").read_text(encoding="utf-8")
    assert result.code == 0 and result.out.startswith(page)
    ending = "✗ r1：差得远\n  → 附上这一页\n✗ dcgan：没有做成（OSError：启动失败）\n"
    assert "【损失】\n✓ gan：好\n" + ending in page and page.endswith("→ 后面\n")
    assert page.startswith("【版本】\n") and "【设备】\n" in page
    rows = json.loads((tmp_path / "新/a.json").read_text(encoding="utf-8"))
    assert [(r["section"], r["name"], bool(r["advice"])) for r in rows] == [
        ("损失", "gan", False),
        ("损失", "r1", True),
        ("损失", "dcgan", True),
    ]
    assert rows[0]["apart"] == 1e-7 and rows[0]["memory"] is None
    assert rows[1]["apart"] is None  # JSON 写不了无穷大
    for name in ("a.txt", "a.json"):  # 两份都不悄悄覆盖
        other = tmp_path / "新/b.txt"
        other.with_name(name.replace("a.", "b.")).write_text("旧的", encoding="utf-8")
        again = run_tool(capsys, monkeypatch, "doctor", "--gpu", "--out", other)
        assert_one_sentence(again, "--force")
        other.with_name(name.replace("a.", "b.")).unlink()
    same = run_tool(capsys, monkeypatch, "doctor", "--gpu", "--out", tmp_path / "c.json")
    assert_one_sentence(same, "同一个文件")


def test_every_method_is_in_the_sections_and_quick_leaves_the_speed_out(gpu, tmp_path):
    titles = {title: [name for name, _ in checks] for title, checks in sections(gpu, tmp_path)}
    for title in ("损失与 CPU 的相同", "混合精度", "接着训练", "混合精度接着训练", "EMA"):
        assert titles[title] == [*METHODS], title
    assert titles["梯度惩罚"] == ["wgan_gp", "r1"]
    assert titles["同步的 BN"] == ["dcgan"] and titles["两张卡"] == ["两张卡"]
    configs = sorted(path.stem for path in gpu.CONFIGS.glob("*.yml"))
    assert titles["速度与显存"] == ["float32", *configs, "float16", *configs]
    assert [title for title, _ in sections(gpu, tmp_path, quick=True)] == [*titles][:-1]


def sections(gpu, folder, quick=False):
    return gpu.sections("cpu", folder, quick)


def test_a_real_check_of_each_section_runs_through_the_page(gpu, tmp_path):
    found = dict(sections(gpu, tmp_path, quick=True))
    for title in ("损失与 CPU 的相同", "接着训练", "EMA"):
        assert not gpu.attempt("gan", dict(found[title])["gan"]).finding.advice, title
    refused = gpu.attempt("gan", dict(found["混合精度"])["gan"])  # CPU 上的混合精度
    assert "没有做成（UserError：amp: true 只能在 GPU 上用" in refused.finding.text


def test_without_a_peak_there_is_no_share_of_it(gpu):
    checks = dict(gpu.speeds("cpu"))
    with pytest.raises(UserError, match="没有量出 float16 的峰值"):
        checks["gan_ring"]()


def test_one_card_is_said_not_passed_over(gpu, tmp_path, monkeypatch):
    monkeypatch.setattr(paddle.device.cuda, "device_count", lambda: 1)
    result = gpu.two_cards(tmp_path)
    assert result.finding == ("只有 1 张显卡，没有查多卡训练", "") and result.numbers["cards"] == 1
    launches = []
    monkeypatch.setattr(paddle.device.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(gpu, "launched", lambda *arguments: launches.append(arguments))
    gpu.two_cards(tmp_path)
    assert launches == [(tmp_path, ["--gpus", "0,1"], ["--device", "gpu:0"])]


GLOO = ["--nproc_per_node", "2", "--backend", "gloo"]


@pytest.mark.slow
def test_two_processes_are_compared_with_one_and_another_seed_is_noticed(gpu, tmp_path):
    small = ("network.generator.width=8", "batch_size=8")
    for alone, fine in ((["--device", "cpu"], True), (["--device", "cpu", "--seed", "1"], False)):
        folder = tmp_path / str(fine)
        folder.mkdir()
        result = gpu.launched(folder, GLOO, alone, "gan_ring", small)
        assert (not result.finding.advice) is fine, result
        assert "两个进程 10 步" in result.finding.text


def test_a_command_that_fails_is_a_sentence_with_its_last_line(gpu, tmp_path, monkeypatch):
    python = load_tool("_gpu").sys.executable
    with pytest.raises(UserError, match="退出码是 3：坏了"):
        gpu.run([python, "-c", "print('开始'); print('坏了'); raise SystemExit(3)"], tmp_path)
    monkeypatch.setattr(gpu, "CARDS_SECONDS", 0.1)
    with pytest.raises(UserError, match="还没有做完"):
        gpu.run([python, "-c", "import time; time.sleep(60)"], tmp_path)
