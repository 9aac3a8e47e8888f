"""tools/evaluate.py 与 evaluation/evaluate.py：重算的分数与训练时相同，参照与说明齐全。"""

import functools
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
from tool_helpers import RAW, ROOT, assert_one_sentence, run_tool, tiny_run

from paddle_gan.data import Digits, Images, Ring, SwissRoll
from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.evaluation import evaluate, scorers_translation
from paddle_gan.evaluation.evaluate import PAIRED, paired_baseline
from paddle_gan.evaluation.summary import REPORTED, lacking_metrics, report_lines
from paddle_gan.evaluation.trivial import Copies, UniformNoise, box_of, trivial_scores
from paddle_gan.metrics.style_judge import StyleJudge
from paddle_gan.monitor.glossary import GLOSSARY
from paddle_gan.run.config import resolve

TRANSLATION = {"names": ["translation"], "samples": 60}
SCORES = ("correlation", "retrieval", "style", "l1", "score")


@pytest.fixture
def scored(capsys, monkeypatch):
    return lambda *arguments: run_tool(capsys, monkeypatch, "evaluate", *arguments)


def copy_run(name, tmp_path):
    """要往里写 eval.json，所以用一份拷贝。"""
    return shutil.copytree(tiny_run(name), tmp_path / "训练")


def config_of(name, **changes):
    return resolve(RAW[name] | {"batch_size": 4, "total_steps": 3} | changes)


def test_the_command_line_repeats_the_scores_of_the_training_exactly(tmp_path):
    folder = copy_run("gan", tmp_path)
    command = [sys.executable, str(ROOT / "tools/evaluate.py"), str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    saved = json.loads((folder / "eval.json").read_text(encoding="utf-8"))
    trained = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert saved["scores"] == trained["metrics"]
    assert saved["checkpoint"] == "last" and saved["step"] == 3
    assert saved["baselines"]["真实数据"]["modes/covered"] == 8
    assert saved["metrics"]["names"] == ["modes"] and saved["versions"]["paddle"]
    assert "覆盖的模式数 ↑" in result.stdout and "真实数据" in result.stdout


def test_the_columns_line_up_in_a_terminal(tmp_path, scored):
    result = scored(copy_run("gan", tmp_path), "--samples", 50)
    header, *rows = result.out.splitlines()[1:6]
    import evaluate as tool  # run_tool 已把 tools/ 放进路径

    where = tool.display_width(header[: header.index("真实数据")])
    for row in rows:
        last = row.split()[-1]
        assert tool.display_width(row[: row.rindex(last)]) == where


def test_another_checkpoint_and_sample_count_are_used(tmp_path, scored):
    folder = copy_run("gan", tmp_path)
    assert scored(folder, "--checkpoint", 1, "--samples", 40).code == 0
    saved = json.loads((folder / "eval.json").read_text(encoding="utf-8"))
    assert saved["step"] == 1 and saved["metrics"]["samples"] == 40
    assert saved["scores"]["modes/high_quality"] * 40 == pytest.approx(
        round(saved["scores"]["modes/high_quality"] * 40)
    )


def test_other_metrics_may_be_asked_for_and_are_written_down(tmp_path, scored):
    folder = copy_run("gan", tmp_path)
    result = scored(folder, "--metrics", " wasserstein，modes,wasserstein ", "--samples", 60)
    assert result.code == 0, result.err
    saved = json.loads((folder / "eval.json").read_text(encoding="utf-8"))
    assert saved["metrics"]["names"] == ["wasserstein", "modes"]
    assert [*saved["scores"]][:3] == ["wasserstein/w1", "wasserstein/sliced", "modes/covered"]
    assert saved["baselines"]["真实数据"]["wasserstein/w1"] > 0
    assert result.out.index("W₁ 距离") < result.out.index("覆盖的模式数")


def test_a_metric_is_refused_with_the_nearest_name_or_with_the_ones_that_fit(tmp_path, scored):
    folder = copy_run("gan", tmp_path)
    assert_one_sentence(scored(folder, "--metrics", "wassertein"), "你想写的是 wasserstein 吗")
    assert_one_sentence(scored(folder, "--metrics", "modes,fd_lenet"), "能用的指标：modes, wass")
    assert_one_sentence(scored(folder, "--metrics", ","), "--metrics", "要写指标的名字")
    assert not (folder / "eval.json").exists()


def test_a_run_without_metrics_is_told_which_ones_it_can_have(tmp_path, scored):
    folder = copy_run("dcgan", tmp_path)
    assert_one_sentence(scored(folder), "metrics.names", "fd_lenet, kd_lenet", "fd_pca64")
    assert not (folder / "eval.json").exists()
    translation = scored(tiny_run("cyclegan"))
    assert_one_sentence(translation, "cyclegan 在 glyphs", "--metrics", "translation")
    assert "fd_pca64" not in translation.err


@pytest.mark.parametrize(
    "name, metric, able",
    [
        ("cyclegan", "fd_pca64", "translation, translation_unpaired"),
        ("cyclegan", "fd_lenet", "translation, translation_unpaired"),
        (
            "dcgan",
            "translation",
            "fd_lenet, kd_lenet, is_lenet, prdc_lenet, prd_lenet, "
            "fd_pca64, prdc_pca64, memorisation, held_out, pixel_std, edges",
        ),
        ("gan", "fd_pca64", "modes, wasserstein"),
    ],
)
def test_a_metric_that_does_not_suit_the_method_fails_before_training(name, metric, able):
    with pytest.raises(UserError, match=f"指标 {metric} .*这里能用的指标：{able}$"):
        Trainer(config_of(name, metrics={"names": [metric]}), "cpu")


def test_fashion_is_not_scored_as_digits():
    from paddle_gan.data import FashionMnist

    fits = evaluate.SCORERS["fd_lenet"].fits
    fashion = FashionMnist.__new__(FashionMnist)  # 只看类型，不读文件
    assert not fits(evaluate.METHODS["dcgan"], fashion, fashion)


@pytest.fixture
def evidence(tmp_path):
    key = {"x_font": "hei", "y_font": "wenkai", "size": 32, "samples": 60}
    mean = {f"translation/{name}": 0.5 for name in SCORES}
    entries = [
        key | {"steps": 5, "mean": mean},
        key | {"steps": 50, "mean": mean | {"translation/score": 0.9}},
        key | {"steps": 99, "size": 64, "mean": mean},
        key | {"steps": 99, "samples": 500, "mean": mean},
    ]
    path = tmp_path / "paired.json"
    path.write_text(json.dumps(entries), encoding="utf-8")
    return path


def test_the_paired_ceiling_is_the_longest_entry_of_the_same_setting(evidence, tmp_path):
    config = config_of("cyclegan", metrics=TRANSLATION)
    assert paired_baseline(config, evidence)[PAIRED]["translation/score"] == 0.9
    other = config_of("cyclegan", metrics=TRANSLATION | {"samples": 61})
    assert paired_baseline(other, evidence) == {}
    assert paired_baseline(config, tmp_path / "无.json") == {}
    assert paired_baseline(config_of("gan"), evidence) == {}
    avatars = config_of("cyclegan", data={"name": "avatars", "size": 32}, metrics=TRANSLATION)
    assert paired_baseline(avatars, evidence) == {}  # 证据是字形的


def test_a_translation_run_is_put_beside_all_its_references(
    evidence, tmp_path, scored, monkeypatch
):
    folder = copy_run("cyclegan", tmp_path)
    text = (folder / "config.yml").read_text(encoding="utf-8")
    head, _, _ = text.partition("metrics:")
    (folder / "config.yml").write_text(
        head + "metrics: {names: [translation], samples: 60}\n", encoding="utf-8"
    )
    monkeypatch.setattr(evaluate, "PAIRED_EVIDENCE", evidence)
    quick = functools.partial(StyleJudge, steps=20)  # 只看表的内容，裁判不必准
    monkeypatch.setattr(scorers_translation, "StyleJudge", quick)
    result = scored(folder)
    assert result.code == 0, result.err
    for name in ("本模型", "不翻译", "白纸", "真值", PAIRED):
        assert name in result.out.splitlines()[1]
    saved = json.loads((folder / "eval.json").read_text(encoding="utf-8"))
    assert saved["baselines"]["真值"]["translation/correlation"] == pytest.approx(1.0)
    assert saved["baselines"][PAIRED]["translation/score"] == 0.9


def test_bad_uses_are_one_sentence(tmp_path, scored):
    assert_one_sentence(scored(tmp_path / "无"), "无", "不是训练目录")
    assert_one_sentence(scored(tiny_run("gan"), "--checkpoint", 8), "step_0000008", "last")
    assert_one_sentence(scored(tiny_run("gan"), "--samples", 1), "--samples")
    assert not (tiny_run("gan") / "eval.json").exists()


def test_the_block_to_paste_says_the_setting_the_spread_and_what_stands_beside_each_number(
    tmp_path, scored
):
    folder = copy_run("gan", tmp_path)
    result = scored(folder, "--metrics", "wasserstein", "--samples", 60, "--draws", 3)
    saved = json.loads((folder / "eval.json").read_text(encoding="utf-8"))
    assert "\n".join(saved["report"]) in result.out
    head, setting, *numbers, legend, lacking = saved["report"]
    assert head == "可以贴进报告的一段：" and "够得着的界" in legend
    assert setting == f"{folder}（gan，数据 ring，种子 0），第 3 步；每次 60 个样本，取样 3 次。"
    assert saved["draws"][0] == saved["scores"] and len({str(one) for one in saved["draws"]}) == 3
    key, name = "wasserstein/w1", "- W₁ 距离 ↓ "
    [said] = numbers  # 切片的一个看得见，不必报
    drawn = [one[key] for one in saved["draws"]]
    real, spread = saved["baselines"]["真实数据"][key], saved["trivial"]["均匀撒点"][key]
    mean, spread_of = np.mean(drawn), np.std(drawn, ddof=1)
    spoken = f"{mean:.4g} ± {spread_of:.2g}（3 次取样的平均与标准差），对真分布"
    assert said == f"{name}{spoken}（真 {real:.4g}，均匀撒点 {spread:.4g}）"
    named = "覆盖的模式数（占 1 % 以上）、高质量样本的比例、模式直方图的反向 KL"
    assert lacking == f"还该报、这次没有算的：{named}；加 --metrics wasserstein,modes"


def test_noise_and_copies_go_through_the_same_scorers_as_the_model():
    train, test = (Digits(split=split) for split in ("train", "test"))
    names = ["prdc_pca64", "memorisation"]
    evaluator = evaluate.Evaluator(
        config_of("dcgan", metrics={"names": names, "samples": 40}), train, test
    )
    rows = trivial_scores(evaluator.scorers, train, test, seed=0)
    assert list(rows) == ["随机照抄", "均匀噪声"]
    copied, noise = rows.values()
    assert copied["memorisation/nearest_ratio"] < 1e-6 and copied["prdc_pca64/precision"] > 0.7
    assert noise["memorisation/nearest_ratio"] > 1.5 and noise["memorisation/one_nn"] > 0.7
    # 噪声在主成分上的投影很小，都落在正中间：精度骗得过，召回与覆盖骗不过
    assert noise["prdc_pca64/precision"] > 0.9 and noise["prdc_pca64/recall"] == 0


def test_what_a_report_still_lacks_is_told_without_the_ones_that_say_the_same():
    train, test = (Digits(split=split) for split in ("train", "test"))
    lacking = functools.partial(lacking_metrics, evaluate.METHODS["dcgan"], train, test)
    assert lacking(["fd_lenet"]) == ["prdc_lenet", "memorisation"]
    assert lacking(["fd_lenet", "prdc_lenet", "memorisation", "is_lenet"]) == []
    assert {*REPORTED} <= {*GLOSSARY}
    assert not {"is_lenet", "diversity_lenet", "prd/f8", "modes/covered"} & {*REPORTED}


def test_a_translation_is_scored_once_beside_not_translating(tmp_path):
    config = config_of("cyclegan", metrics=TRANSLATION)
    row = {"translation/retrieval": 0.5}
    result = {"step": 3, "ema": True, "metrics": {"samples": 60, "names": ["translation"]}}
    result |= {"scores": row, "draws": [row], "trivial": {}}
    result |= {"baselines": {"不翻译": {"translation/retrieval": 0.25}}}
    data = evaluate.build_data(config, "train")
    lines = report_lines(result, "甲", data, data, [])
    assert lines[1].startswith("甲，第 3 步，EMA 权重；每次 60 个样本，训练集 ")
    assert lines[2] == "- 检索正确率 ↑ 0.5，对测试集（不翻译 0.25）"


def test_noise_fills_the_whole_range_and_copies_are_many_different_training_images():
    digits = Digits(split="train")
    noise, copies = UniformNoise(digits).noise(20).numpy(), Copies(digits).noise(50).numpy()
    assert noise.shape == (20, 1, 28, 28) and noise.min() < -0.99 and noise.max() > 0.99
    known = {image.tobytes() for image in digits.batch(Images, (np.arange(4000),), None).x}
    assert len({image.tobytes() for image in copies} & known) > 40
    for data, half in ((Ring(), 2 + 5 * 0.05), (SwissRoll(), None)):
        points = UniformNoise(data).noise(4000).numpy()
        low, high = box_of(data)
        assert points.min(axis=0) == pytest.approx(low, abs=0.1)
        assert points.max(axis=0) == pytest.approx(high, abs=0.1)
        assert half is None or high == pytest.approx([half, half])
