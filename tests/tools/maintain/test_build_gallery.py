"""收画廊：只收该收的，收进去的与原来的相符，超了上限就不收，画廊不变。"""

import json
import re
import shutil
from io import BytesIO

import cv2
import numpy as np
import pytest
from PIL import Image
from tool_helpers import assert_one_sentence, load_tool, run_tool, tiny_run

from paddle_gan.errors import UserError
from paddle_gan.evaluation.film import training_frames
from paddle_gan.evaluation.strip import LINE, joined
from paddle_gan.monitor.recorder import read_records
from paddle_gan.run import gallery
from paddle_gan.run.checkpoint_file import encode, read_checkpoint
from paddle_gan.run.run import Run

build, pictures, records, collecting = map(
    load_tool, ("build_gallery", "gallery_pictures", "gallery_records", "collecting")
)


@pytest.fixture(autouse=True)
def empty(tmp_path, monkeypatch):
    """一个空的画廊；tiny_run("gan") 算是配置“小环”跑出来的。"""
    monkeypatch.setattr(gallery, "GALLERY", tmp_path / "gallery")
    (tmp_path / "gallery").mkdir()
    monkeypatch.setattr(collecting, "shipped", lambda: {"小环": Run(tiny_run("gan")).config()})
    monkeypatch.setattr(build.weights, "SMALL", 0)  # tiny_run 的权重都很小
    return tmp_path / "gallery"


@pytest.fixture
def run(tmp_path):
    """tiny_run("gan") 的一份拷贝，可以改。"""
    shutil.copytree(tiny_run("gan"), tmp_path / "run")
    return Run(tmp_path / "run")


def tree(folder) -> dict:
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def encoded(run: Run, only) -> bytes:
    """一位尾数也没省的检查点。"""
    return list(build.weights.encodings(run, only))[-1][1]


def edit(run: Run, **changes) -> None:
    run.info_file.write_text(json.dumps(run.info() | changes), "utf-8")


def test_several_runs_are_collected_and_the_same_run_gives_the_same_bytes(
    capsys, monkeypatch, empty, run
):
    result = run_tool(capsys, monkeypatch, "build_gallery", "collect", run.folder, run.folder)
    assert result.code == 0 and result.out.count("收下 小环（") == 2
    first = tree(empty)
    build.collect(run.folder)
    assert tree(empty) == first
    kept = Run(empty / "小环")
    assert kept.config() == run.config() and kept.info()["metrics"] == run.info()["metrics"]
    pair = map(read_records, (kept.metrics_file, run.metrics_file))
    for ours, theirs in zip(*pair, strict=True):
        assert ours.keys() == theirs.keys()
        assert list(ours.values()) == pytest.approx(list(theirs.values()), rel=1e-5)
    about = kept.info()["gallery"]
    assert about["config"] == collecting.digest(run.config()) and about["networks"] == ["G"]
    assert about["scores"].keys() == run.info()["metrics"].keys()
    assert 0 < about["float16"]["pictures"] <= build.PICTURE
    assert about["headline"] == "modes/high_quality"
    assert about["float16"]["mantissa_bits"] == 10  # 二维的点一位也不省
    for key, change in about["float16"]["scores"].items():
        assert change <= build.RELATIVE * abs(run.info()["metrics"][key]) + build.ABSOLUTE


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda run: edit(run, status="interrupted"), "没有跑完"),
        (lambda run: replace(run, batch_size=5), "都不相同"),
        (lambda run: replace(run, seed=3), "种子是 3，配置 小环 的是 0"),
    ],
)
def test_another_setting_another_seed_or_half_a_training_is_refused(
    spoil, said, run, empty, capsys, monkeypatch
):
    spoil(run)
    result = run_tool(capsys, monkeypatch, "build_gallery", "collect", run.folder)
    assert_one_sentence(result, said)
    assert tree(empty) == {}


def replace(run: Run, **changes) -> None:
    run.config_file.write_text(run.config().model_copy(update=changes).dump(), "utf-8")


def test_files_that_are_not_in_the_package_are_refused(run, monkeypatch):
    config = run.config().model_copy(update={"init": "runs/a"})
    run.config_file.write_text(config.dump(), "utf-8")
    monkeypatch.setattr(collecting, "shipped", lambda: {"小环": config})
    with pytest.raises(UserError, match="不随包的文件"):
        build.collect(run.folder)


@pytest.mark.parametrize(("limit", "said"), [("ONE_RUN", "一个最多 "), ("ALL_RUNS", "最多 ")])
def test_beyond_the_budget_nothing_changes(limit, said, run, empty, monkeypatch):
    build.collect(run.folder)
    size, before = build.size_of(empty / "小环"), tree(empty)
    monkeypatch.setattr(build, limit, size)
    build.collect(run.folder)  # 刚好装得下：自己的旧的一份不算
    monkeypatch.setattr(build, limit, size - 1)
    with pytest.raises(UserError, match=said):
        build.collect(run.folder)
    assert tree(empty) == before


@pytest.mark.parametrize(("limit", "said"), [("PICTURE", "样本最多差"), ("ABSOLUTE", "→")])
def test_too_great_a_change_is_refused_and_named(limit, said, run, empty, monkeypatch):
    monkeypatch.setattr(build, limit, 0.0 if limit == "PICTURE" else -1.0)
    monkeypatch.setattr(build, "RELATIVE", 0.0 if limit == "ABSOLUTE" else build.RELATIVE)
    with pytest.raises(UserError, match=f"float16 变得太多.*{said}.*不收"):
        build.collect(run.folder)
    assert tree(empty) == {}


def test_the_difference_of_pictures_is_counted_in_255ths_of_the_range():
    config, one = Run(tiny_run("dcgan")).load()
    _, other = Run(tiny_run("dcgan")).load()
    assert build.apart(config, one, other) == 0.0
    bias = list(other.G.state_dict().values())[-1]
    bias.set_value(bias + 0.02)
    data = build.build_data(config, "test")
    first, second = (build.previewed(config, m, other, data)[0] for m in (one, other))
    assert build.apart(config, one, other) == pytest.approx(
        np.abs(first - second).max() / 2 * 255, rel=1e-6
    )


def test_weights_below_the_limit_stay_float32(run, monkeypatch):
    _, tensors = read_checkpoint(run.checkpoint("last"))
    sizes = {k: v.nbytes for k, v in tensors.items() if k.startswith("network/G/")}
    monkeypatch.setattr(build.weights, "SMALL", max(sizes.values()))
    run.checkpoint("last").write_bytes(encoded(run, None))
    header, _ = read_checkpoint(run.checkpoint("last"))
    large = {name for name, layout in header["packed"].items() if layout["dtype"] == "<f2"}
    assert large == {name for name, size in sizes.items() if size == max(sizes.values())}
    assert len(large) < len(sizes)


def test_both_generators_of_a_translator_are_kept_or_only_the_one_asked_for():
    run = Run(tiny_run("cyclegan"))
    whole, one = encoded(run, None), encoded(run, ["G"])
    assert 1.8 < len(whole) / len(one) < 2.2
    with pytest.raises(UserError, match="未知的生成器 D_X"):
        encoded(run, ["D_X"])


def test_a_run_that_kept_an_average_ships_it_instead_of_the_last_weights(run):
    header, tensors = read_checkpoint(run.checkpoint("last"))
    average = {f"ema/{k[8:]}": v + 1 for k, v in tensors.items() if k.startswith("network/G/")}
    run.checkpoint("last").write_bytes(encode(header, tensors | average))
    plain = run.config_file.read_text(encoding="utf-8")
    run.config_file.write_text(re.sub("^ema: .*$", "ema: 0.9", plain, flags=re.M), "utf-8")
    assert run.config().ema == 0.9
    run.checkpoint("last").write_bytes(encoded(run, None))
    _, kept = read_checkpoint(run.checkpoint("last"))
    assert {k.replace("network/", "ema/") for k in kept} == average.keys()
    for name, values in average.items():
        assert np.allclose(kept[name.replace("ema/", "network/")], values, 1e-3)


def test_long_records_are_thinned_evenly_and_every_scored_row_stays(run, monkeypatch):
    rows = [{"step": s, "loss/D": 0.5} | ({"甲": 1.0} if s % 7 == 0 else {}) for s in range(1, 101)]
    lines = [json.dumps(row) + "\n" for row in rows]
    run.metrics_file.write_text("".join(lines), "utf-8")
    edit(run, metrics={"甲": 1.0})
    assert records.thinned(run) == (lines, {"kept": 100, "recorded": 100})
    long = json.dumps({"step": 1_234_567, "loss/D": 1.23456789e-3, "甲": -98765.4321})
    assert json.loads(records.shortened(long)) == {
        "step": 1_234_567,  # 步数是整数，一位不少
        "loss/D": 0.00123457,
        "甲": -98765.4,
    }
    monkeypatch.setattr(records, "METRICS", len("".join(lines)) // 2)
    kept, told = records.thinned(run)
    steps = [json.loads(line)["step"] for line in kept]
    every = next(n for n in range(2, 100) if n in steps and n % 7)
    assert steps == [s for s in range(1, 101) if s % every == 0 or s % 7 == 0 or s == 100]
    assert told == {"kept": len(kept), "recorded": 100} and set(kept) <= set(lines)
    monkeypatch.setattr(records, "METRICS", 100)
    with pytest.raises(UserError, match="只留有分数的行也超过"):
        records.thinned(run)


@pytest.mark.parametrize("name", ["dcgan", "cyclegan"])
def test_the_strip_has_one_row_for_each_step_and_each_frame_the_top_of_the_grid(name, tmp_path):
    run, staged = Run(tiny_run(name)), Run(tmp_path / "甲")
    staged.samples.mkdir(parents=True)
    pictures.write(run, staged, run.shapes())
    side = run.shapes().x[1]
    cell = side * -(-48 // side)
    names = sorted(path.name for path in run.samples.glob("fixed_*.png"))
    assert sorted(path.name for path in staged.samples.iterdir()) == names
    strip = joined(training_frames(staged.samples), run.shapes())[..., 0]
    assert strip.shape[0] == len(names) * (cell + LINE)
    for number, file in enumerate(names):
        whole = cv2.imread(str(run.samples / file), cv2.IMREAD_GRAYSCALE)
        kept = np.array(Image.open(staged.samples / file).convert("L"))
        assert np.array_equal(kept, whole[: 2 * cell])
        top = number * (cell + LINE)
        assert np.array_equal(strip[top : top + cell], whole[:cell])


def test_a_coloured_picture_keeps_its_look_in_few_colours():
    ramp = np.zeros((64, 64, 3), np.uint8)
    ramp[..., 0], ramp[..., 1] = np.arange(64) * 4, (np.arange(64) * 4)[:, None]
    with Image.open(BytesIO(pictures.png(ramp))) as picture:
        again = np.array(picture.convert("RGB")).astype(int)
    assert len(np.unique(again.reshape(-1, 3), axis=0)) <= pictures.COLORS
    assert np.abs(again - ramp).mean() < 16


def test_the_machine_is_named_only_when_it_is_this_one(run, monkeypatch):
    assert build.machine(run) == build.health.processor().text
    edit(run, host="别的机器", platform="Linux-x")
    assert build.machine(run) == "Linux-x"
