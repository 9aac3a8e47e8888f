"""看板的面板：梯度范数、多样性、±c 处的比例、决策面都与独立算出的数一致，画不画都不影响训练。"""

import json
import math

import numpy as np
import paddle
import pytest
from board_case import RAW
from helpers import IDLE, seed_noise, tiny_batches, tiny_method
from paddle import nn

from paddle_gan.data.image_files import write_png
from paddle_gan.engine import hooks, panels
from paddle_gan.engine.hooks import Gallery
from paddle_gan.engine.train import Trainer
from paddle_gan.methods import METHODS
from paddle_gan.monitor.glossary import GLOSSARY
from paddle_gan.monitor.recorder import is_histogram, read_records
from paddle_gan.run.checkpoint_file import read_checkpoint
from paddle_gan.run.config import resolve
from paddle_gan.run.finite import NonFinite
from paddle_gan.viz import class_bars, color_bar, heat_map, plane, scatter


@pytest.mark.parametrize("name", METHODS)
def test_the_gradient_norms_are_those_of_the_gradients_the_step_uses(name):
    method, batches = tiny_method(name), tiny_batches(name, tiny_method(name))
    hook, seen = panels.GradientHook(method, 1, 0), {}
    look = method.watch

    def watch(player):
        mine = method.parameters(method.players[player])
        grads = [p.grad.numpy() for p in mine if p.grad is not None]
        seen[f"norm/grad_{player}"] = math.sqrt(sum((g.astype(float) ** 2).sum() for g in grads))
        look(player)

    method.watch = watch
    seed_noise()
    method.train_step(batches, 1)
    record = {}
    hook(1, {}, record)
    moving = {f"norm/grad_{player}" for player in method.players.keys() - IDLE.get(name, set())}
    assert record.keys() == moving <= set(GLOSSARY)
    assert record == pytest.approx(seen, rel=1e-4)
    assert min(seen.values()) > 0


def test_gradients_are_looked_at_only_on_the_steps_that_are_logged():
    method = tiny_method("gan")
    hook = panels.GradientHook(method, 3, start=4)
    armed = []
    for step in (5, 6, 7):
        armed.append(method.watch is not None)
        hook(step, {}, {})
    assert armed == [False, True, False]


def test_a_gradient_that_is_not_finite_stops_the_training_and_is_named():
    method = tiny_method("gan")
    hook = panels.GradientHook(method, 1, 0)
    hook.norms = {"norm/grad_D": math.inf}
    with pytest.raises(NonFinite, match="第 7 步的 norm/grad_D"):
        hook(7, {}, {})


@pytest.mark.parametrize("total", [1, 7, 10, 11, 99, 6000])
def test_expensive_panels_are_drawn_ten_times_and_always_at_the_end(total):
    steps = [s for s in range(1, total + 1) if panels.is_panel_step(s, total)]
    assert len(steps) == min(10, total) and steps[-1] == total


def test_diversity_is_one_for_real_data_and_zero_for_a_single_point():
    rng = np.random.default_rng(0)
    real = rng.normal(size=(300, 2))
    assert panels.diversity(real, real) == pytest.approx(1)
    assert panels.diversity(3 * real, real) == pytest.approx(3)
    assert panels.diversity(np.zeros((50, 2)), real) == pytest.approx(0)
    points = np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 4.0]])
    assert panels.mean_distance(points) == pytest.approx((5 + 4 + 3) / 3)


def test_outside_counts_the_pixels_beyond_the_range_of_the_data():
    samples = np.array([-1.0, -0.3, -0.05, 0.5, 1.05, 1.25])
    assert panels.outside(samples, (0.0, 1.0)) == pytest.approx(3 / 6)
    assert panels.outside(samples, (-1.0, 1.0)) == pytest.approx(1 / 6)


def test_weights_at_the_clip_are_counted_in_the_records_and_the_histograms(tmp_path):
    trainer = Trainer(resolve(RAW), "cpu")
    trainer.run(tmp_path / "run")
    weights = np.concatenate(
        [m.weight.numpy().ravel() for m in trainer.method.D.sublayers() if isinstance(m, nn.Linear)]
    )
    share = (np.abs(weights) >= np.float32(0.1)).mean()
    last = read_records(tmp_path / "run/metrics.jsonl")[-1]
    assert 0 < share < 1 and last["weights/at_clip"] == pytest.approx(share)

    histograms = read_records(tmp_path / "run/histograms.jsonl", is_histogram)
    assert [h["step"] for h in histograms] == list(range(2, 21, 2))
    drawn = histograms[-1]["weights/D"]
    assert drawn["half"] == pytest.approx(0.12) and sum(drawn["counts"]) == weights.size
    ends = drawn["counts"][4] + drawn["counts"][-5]  # ±0.1 落在从两端数的第 5 格
    assert ends >= share * weights.size


def test_the_surface_is_the_probability_of_the_discriminator_at_each_point():
    method = tiny_method("gan")
    points = plane(np.array([1.0, 2.0]), 3.0, 4)
    assert points.shape == (16, 2)
    assert points[0].tolist() == pytest.approx([1 - 2.25, 2 + 2.25])  # 左上角那一格的中心
    assert points[-1].tolist() == pytest.approx([1 + 2.25, 2 - 2.25])
    assert panels.judges_points(method, (2,))
    assert not panels.judges_points(tiny_method("dcgan"), (1, 8, 8))


def test_the_heat_map_is_orange_where_real_violet_where_fake_with_a_line_between():
    image = heat_map(np.tile(np.linspace(0, 1, 50), (50, 1)), 0, 1, 100)
    left, right = image[50, 3].astype(int), image[50, 96].astype(int)
    assert left[2] > left[0] and right[0] > right[2]  # 紫偏蓝，橙偏红
    assert (image[50, 46:54].min(axis=1) < 130).any()  # 中间的黑线
    assert color_bar(image, 0, 1).shape == (128, 100, 3)
    background = np.full((480, 480, 3), 7, np.uint8)
    scatter(np.zeros((1, 2)), np.ones((3, 2)), background=background)
    assert (background == 7).all()


def test_class_bars_are_as_tall_as_the_shares():
    image = class_bars(np.array([0.5, 0.0, 0.25, 0.25]), 400, 240)
    blue = (image == (31, 119, 180)).all(axis=2).sum(axis=0)
    heights = [int(blue[int(10 + 95 * (k + 0.5))]) for k in range(4)]
    assert heights[1] <= 2 and heights[0] == pytest.approx(2 * heights[2], abs=4)


def test_the_dashboard_and_its_panels_leave_the_training_bit_identical(tmp_path, monkeypatch):
    Trainer(resolve(RAW | {"visualdl": True, "log_every": 1}), "cpu").run(tmp_path / "with")
    monkeypatch.setattr("paddle_gan.engine.train.GradientHook", lambda *_: lambda *_: None)
    monkeypatch.setattr("paddle_gan.engine.train.PanelHook", lambda *_: lambda *_: None)
    Trainer(resolve(RAW), "cpu").run(tmp_path / "without")
    (_, a), (_, b) = (
        read_checkpoint(tmp_path / name / "checkpoints/last.safetensors")
        for name in ("with", "without")
    )
    assert a.keys() == b.keys() and all((a[key] == b[key]).all() for key in a)


def test_pictures_that_cannot_be_written_are_mentioned_once(tmp_path, capsys, monkeypatch):
    def full(path, image):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(hooks, "write_png", full)
    gallery = Gallery(tmp_path, None)
    for step in (1, 2):
        gallery.show("fixed", "samples/fixed", step, np.zeros((4, 4, 3), np.uint8))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("提示：") and "训练照常进行" in lines[0]


def test_the_run_keeps_its_diagnosis(tmp_path):
    summary = Trainer(resolve(RAW), "cpu").run(tmp_path / "run")
    saved = json.loads((tmp_path / "run/run.json").read_text(encoding="utf-8"))
    assert saved["diagnosis"] == summary["diagnosis"]
    assert saved["diagnosis"]["verdict"] == "步数太少，还不能判断"
    assert f"才走了 {RAW['total_steps']} 步" in saved["diagnosis"]["sentences"][0]
    assert paddle.is_grad_enabled()


def test_a_single_real_image_leaves_diversity_out_instead_of_dividing_by_zero(tmp_path):
    write_png(tmp_path / "x" / "0.png", np.full((16, 16, 1), 9, np.uint8))
    data = {"name": "image_folder", "root": str(tmp_path / "x"), "size": 16, "channels": 1}
    network = {
        "generator": {"name": "dcgan_generator", "width": 2, "depth": 2},
        "discriminator": {"name": "dcgan_discriminator", "width": 2, "depth": 2},
    }
    raw = {"method": "dcgan", "network": network, "data": data, "hparams": {"z_dim": 4}}
    config = resolve(raw | {"batch_size": 4, "total_steps": 2, "visualdl": False})
    assert Trainer(config, "cpu").run(tmp_path / "run")["status"] == "finished"
    keys = {key for record in read_records(tmp_path / "run/metrics.jsonl") for key in record}
    assert "diversity" not in keys and "range/outside" in keys
