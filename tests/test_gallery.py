"""随包的训练：与配置相符，不多不少，不超预算，装得进网络，记下的分数真的算得出来。"""

import json
import os
import random
from datetime import date

import numpy as np
import pytest
from PIL import Image
from tool_helpers import ROOT, load_tool

from paddle_gan.evaluation.evaluate import Evaluator
from paddle_gan.evaluation.film import training_frames
from paddle_gan.evaluation.strip import joined, words
from paddle_gan.methods.abilities import Generates, Translates
from paddle_gan.monitor.recorder import read_records
from paddle_gan.run import gallery
from paddle_gan.run.build import build_data
from paddle_gan.run.checkpoint_file import read_checkpoint
from paddle_gan.run.missing import Missing
from paddle_gan.run.run import Run

build, collecting = load_tool("build_gallery"), load_tool("collecting")
fingerprint = load_tool("fingerprint")
NAMES = gallery.names()
FILES = {"config.yml", "run.json", "data.json", "metrics.jsonl"}
FILES |= {"checkpoints/last.safetensors"}
each = pytest.mark.parametrize("name", NAMES)
# 收的时候都量过；每天换一批重算，几天轮完，CI 才装得下。要全部重算：PADDLE_GAN_ALL=1
TODAY = random.Random(date.today().toordinal()).sample(NAMES, 7)


def run_of(name: str) -> Run:
    return Run(gallery.GALLERY / name)


def test_there_is_at_least_one_and_each_is_the_name_of_a_config():
    assert "gan_ring" in NAMES and set(NAMES) <= set(collecting.shipped())


@each
def test_a_shipped_run_is_the_config_as_it_stands(name):
    run, config = run_of(name), collecting.shipped()[name]
    assert fingerprint.digest(run.config()) == fingerprint.digest(config) == kept(run)["config"], (
        f"configs/{name}.yml 改了；请重新训练，再运行 tools/maintain/build_gallery.py collect"
    )
    assert run.config().seed == run.info()["seed"] == config.seed
    assert run.info()["status"] == "finished" and run.info()["step"] == config.total_steps


def kept(run: Run) -> dict:
    return run.info()["gallery"]


def test_the_comparison_sees_one_changed_setting():
    run = run_of("gan_ring")
    other = run.config().model_copy(update={"batch_size": 1 + run.config().batch_size})
    assert fingerprint.digest(other) != kept(run)["config"]


@each
def test_no_file_is_missing_and_none_is_extra(name):
    run = run_of(name)
    found = {p.relative_to(run.folder).as_posix() for p in run.folder.rglob("*") if p.is_file()}
    frames = {path for path in found if path.startswith("samples/fixed_")}
    assert found - frames == FILES and 2 <= len(frames) <= 6
    assert {p.name for p in gallery.GALLERY.iterdir()} == {*NAMES, "README.md"}


def test_each_is_within_the_budget_and_so_are_all_of_them():
    sizes = [build.size_of(gallery.GALLERY / name) for name in NAMES]
    assert max(sizes) <= 1_500_000 and sum(sizes) <= 15_000_000
    assert (build.ONE_RUN, build.ALL_RUNS) == (1_500_000, 15_000_000)


@each
def test_its_weights_load_into_the_network_of_the_config_and_the_rest_is_refused(name):
    run = run_of(name)
    _, method = run.load()
    header, tensors = read_checkpoint(run.checkpoint("last"))
    letters = {key.split("/")[1] for key in tensors}
    assert letters == set(header["only"]) == set(kept(run)["networks"]) <= set(method.generators)
    assert header["step"] == run.info()["step"]
    for letter, network in method.networks.items():
        assert isinstance(network, Missing) == (letter not in letters)
        if letter in letters:
            for key, value in network.state_dict().items():
                assert np.array_equal(value.numpy(), tensors[f"network/{letter}/{key}"])
    assert isinstance(method, Generates | Translates)


@each
def test_what_it_says_of_itself_is_complete_and_names_no_machine_of_ours(name):
    run = run_of(name)
    info, about = run.info(), kept(run)
    assert {"host", "pid"}.isdisjoint(info) and info["versions"]["paddle"]
    assert about["commit"] and about["machine"]
    took = about.get("timed", info)["seconds"]  # 训练时机器忙着的，空着时另量
    assert about["minutes"] == pytest.approx(took / 60, abs=0.006)
    half = about["float16"]
    assert half["pictures"] <= half["pictures_limit"] == build.PICTURE
    for key, value in about["scores"].items():
        # 训练中评估的是最后一步的权重；收的若是平均，分数本来就不同
        assert about.get("ema") or build.close(info["metrics"][key], value), key
    for path in run.folder.rglob("*"):
        if path.suffix in (".yml", ".json", ".jsonl"):
            text = path.read_text(encoding="utf-8")
            assert not any(place in text for place in ("/work", "/tmp", "/home", "/root")), path


@each
def test_its_records_reach_the_end_and_keep_every_scored_row(name):
    run = run_of(name)
    records, config = read_records(run.metrics_file), run.config()
    assert records[-1]["step"] == config.total_steps
    scored = [r["step"] for r in records if set(run.info()["metrics"]) & r.keys()]
    assert scored == [s for s in range(1, config.total_steps + 1) if s % config.metrics.every == 0]
    assert len(records) == kept(run)["metrics_rows"]["kept"]
    assert run.diagnosis("").verdict == run.info()["diagnosis"]["verdict"]


@each
def test_its_pictures_show_something_that_changes_along_the_training(name):
    run = run_of(name)
    frames = [np.array(Image.open(p).convert("L")) for p in sorted(run.samples.glob("*.png"))]
    assert len({frame.shape for frame in frames}) == 1
    assert frames[-1].std() > 5 and (frames[0] != frames[-1]).mean() > 0.01
    strip = joined(training_frames(run.samples), run.shapes())
    assert max(strip.shape) <= 1500 and strip.std() > 5


def test_the_strip_of_a_growing_run_says_how_large_the_pictures_are():
    records = [{"step": 50, "grow/size": 7.0, "grow/alpha": 1.0}, {"step": 60, "loss/D": 0.1}]
    records += [{"step": 100, "grow/size": 14.0, "grow/alpha": 0.4}]
    assert words(40, records) == "第 40 步"
    assert words(99, records) == "第 99 步，7 像素"
    assert words(100, records) == "第 100 步，14 像素，正在淡入"
    frames = [(99, np.full((40, 200, 3), 255, np.uint8))]
    plain, said = (joined(frames, run_of("progan_digits").shapes(), r) for r in (None, records))
    assert plain.shape == said.shape and (plain != said).any()


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES if os.environ.get("PADDLE_GAN_ALL") else TODAY)
def test_the_recorded_score_is_reproduced(name):
    run = run_of(name)
    config, method = run.load("last")
    # 与 tools/evaluate.py 同样的分数；不算旁边的参照，它们占一多半的时间
    scores = Evaluator(config, build_data(config, "train"), build_data(config, "test"))(method)
    recorded = kept(run)["scores"]
    assert scores.keys() == recorded.keys()
    for key, value in recorded.items():
        assert build.close(value, scores[key]), (key, value, scores[key])


def test_everything_is_packaged():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for pattern in ("gallery/*.md", "gallery/*/*.*", "gallery/*/*/*.*"):
        assert json.dumps(pattern) in text
