"""第 08 章的两个实验：量的是它说的那几个数，起点、设定各改各的，图上的数是自己那一组的。"""

from types import SimpleNamespace

import numpy as np
import paddle
import pytest
from lab_groups import flat
from tool_helpers import ROOT

from paddle_gan.data.toy import MIXTURES
from paddle_gan.figures import missing_glyphs, style
from paddle_gan.lab import f_gan_fit, losses_spread
from paddle_gan.metrics.gaussian_fit import best_gaussians
from paddle_gan.run.config import load_config, resolve
from paddle_gan.run.finite import NonFinite

FEW = {"steps": 20, "batch": 8}


def landed(monkeypatch, arm: str, *path: tuple[float, float]) -> dict:
    """一组走的是 path 里的 (均值, 标准差)：平均分给全部的步。"""

    def train(setup, steps, hooks):
        layer = setup.method.G.layer
        for step in range(1, steps + 1):
            mean, std = path[(step - 1) * len(path) // steps]
            layer.bias.set_value(paddle.full([1], mean))
            layer.weight.set_value(paddle.full([1, 1], std))
            for hook in hooks:
                hook(step, {}, {})

    monkeypatch.setattr(f_gan_fit, "train", train)
    return f_gan_fit.measure(arm, 0, FEW).statistics


def test_the_end_is_compared_with_the_nearest_of_the_deepest_minima(monkeypatch):
    for mean, std in ((-1.97, 0.52), (1.97, -0.52)):  # σ 的正负不要紧，左右都行
        found = landed(monkeypatch, "reverse_kl_A", (0.0, 1.0), (mean, std))
        assert found["mean_error"] == pytest.approx(0.03, abs=2e-3)
        assert found["std_error"] == pytest.approx(0.52 / 0.5004 - 1, abs=2e-3)
        assert found["mean"] == pytest.approx(mean) and found["std"] == pytest.approx(0.52)
        assert found["trapped"] == 0
        assert found["reverse_error"] == pytest.approx(found["std_error"], abs=2e-3)


def test_only_the_last_tenth_of_the_steps_is_averaged(monkeypatch):
    path = [(9.0, 9.0)] * 9 + [(0.1, 2.0)]
    assert landed(monkeypatch, "kl_A", *path)["mean"] == pytest.approx(0.1)


def test_the_wide_minimum_of_js_on_the_uneven_mixture_counts_as_a_trap(monkeypatch):
    wide = landed(monkeypatch, "js_B", (-0.62, 1.43))
    assert wide["trapped"] == 1 and wide["mean_error"] > 0.8 and wide["std_error"] > 1
    deep = landed(monkeypatch, "left_js_B", (-1.49, 0.51))
    assert deep["trapped"] == 0 and max(deep["mean_error"], deep["std_error"]) < 0.01


def test_the_place_of_js_is_never_in_the_middle(monkeypatch):
    places = {m: landed(monkeypatch, f"js_{m}", (0.0, 1.0))["place"] for m in "ABC"}
    assert places["B"] < 0.02 and places["A"] > 0.97 and 0.75 < places["C"] < 0.85
    for name, wanted in (("kl", 1.0), ("reverse_kl", 0.0)):
        assert landed(monkeypatch, f"{name}_C", (0.0, 1.0))["place"] == pytest.approx(wanted)


def test_one_group_starts_on_the_left_mode_and_the_rest_in_the_middle():
    for arm, mean in (("left_js_B", -1.5), ("js_B", 0.0), ("reverse_kl_A", 0.0)):
        layer = f_gan_fit.prepared(arm, 3, FEW).method.G.layer
        assert layer.bias.item() == mean
    assert f_gan_fit.prepared("left_js_B", 3, FEW).method.G.layer.weight.item() == 0.5


def test_the_fit_is_the_shipped_config_but_for_the_batch_and_the_steps():
    config = load_config(ROOT / "configs/f_gan_mixture.yml")
    mine = resolve(f_gan_fit.configured("kl_C", FEW))
    parts = {"method", "hparams", "network", "data", "lr_schedule"}
    assert mine.model_dump(include=parts) == config.model_dump(include=parts)


def fit_records() -> dict[str, list[dict]]:
    """每组两个种子：一个恰好走到，一个差得远。"""
    records = {}
    for arm in f_gan_fit.F1.arms:
        name, mixture = f_gan_fit.ANSWER.get(arm, arm[:-2]), MIXTURES[arm[-1]]
        best = best_gaussians(name, *mixture)[0]
        curves = {"mixture": [list(one) for one in mixture]}
        ends = ((best.mean, best.std), (4.0, 1.0))
        rows = [{"mean": mean, "std": std, "place": 0.5} for mean, std in ends]
        records[arm] = [{"statistics": one, "curves": curves} for one in rows]
    return records


def test_each_panel_of_the_fit_shows_its_mixture_its_answer_and_which_seeds_reached_it():
    records = fit_records()
    with style():
        figure = f_gan_fit.draw(records)
        assert missing_glyphs(figure) == set()
    panels = [axis for axis in figure.axes if axis.get_title()]
    assert len(panels) == len(records) == 17
    x = np.linspace(-4.5, 4.5, 361)
    for axis in panels:
        assert axis.get_title().endswith("到了 1 / 2 个种子")
        colors = [line.get_color() for line in axis.get_lines()]
        assert colors[:2] == [f_gan_fit.BLUE, f_gan_fit.RED]
        reached, _, *dashed = (x[line.get_ydata().argmax()] for line in axis.get_lines())
        assert reached in dashed  # 走到的那条与一条虚线的峰在同一处
    assert {axis.get_title().split("\n")[0] for axis in panels} == set(f_gan_fit.F1.arms.values())


def test_the_three_curves_of_js_between_have_their_peaks_at_their_minima():
    records = {arm: rows for arm, rows in fit_records().items() if arm in f_gan_fit.F1B.arms}
    with style():
        figure = f_gan_fit.draw_place(records)
    names = {label: name for name, label in f_gan_fit.DIVERGENCES.items()}
    for axis, mixture in zip(figure.axes, "ABC"):
        assert (
            axis.get_title() == f"{mixture}：{f_gan_fit.MIXTURES[mixture]}\nJS 的标准差在 0.500 处"
        )
        named = [line for line in axis.get_lines() if line.get_label() in names]
        assert len(named) == 3
        for line in named:
            best = best_gaussians(names[line.get_label()], *MIXTURES[mixture])[0]
            assert line.get_xdata()[line.get_ydata().argmax()] == pytest.approx(best.mean, abs=0.02)


# 损失之间差多少


def config_of(loss: str, setting: str) -> dict:
    config = resolve(losses_spread.configured(loss, setting, 10))
    return flat(config.model_dump(include={"method", "hparams", "network", "data", "batch_size"}))


def changes(one: dict, other: dict) -> dict:
    return {key: other[key] for key in one.keys() & other.keys() if one[key] != other[key]}


@pytest.mark.parametrize("loss", losses_spread.LOSSES)
def test_a_setting_changes_its_own_number_and_nothing_else(loss):
    rates = ["hparams.lr"] if loss == "wgan_gp" else ["hparams.lr_D", "hparams.lr_G"]
    wanted = {
        "half": dict.fromkeys(rates, 1e-4),
        "double": dict.fromkeys(rates, 4e-4),
        "beta0": {"hparams.beta1": 0.0},
        "batch32": {"batch_size": 32},
    }
    default = config_of(loss, "default")
    assert {default[key] for key in rates} == {2e-4} and default["hparams.beta1"] == 0.5
    for setting, change in wanted.items():
        assert changes(default, config_of(loss, setting)) == change


def test_a_loss_changes_the_method_and_the_hinge_adds_spectral_normalisation():
    ns = config_of("ns", "default")
    wanted = {"lsgan": "lsgan", "relativistic": "relativistic", "pearson": "f_gan"}
    for loss, method in wanted.items():
        assert changes(ns, config_of(loss, "default")) == {"method": method}
    normed = {"network.discriminator.spectral_norm": True}
    assert changes(ns, config_of("hinge", "default")) == {"method": "hinge"} | normed
    assert changes(ns, config_of("wgan_gp", "default")) == {"method": "wgan_gp"}
    assert config_of("wgan_gp", "default")["hparams.n_critic"] == 1
    assert config_of("pearson", "default")["hparams.divergence"] == "pearson"


@pytest.fixture
def scored(monkeypatch):
    """不训练：分数由损失与设定的次序定。"""
    losses, settings = list(losses_spread.LOSSES), list(losses_spread.SETTINGS)

    def trained(loss, setting, seed, steps):
        return 10.0 * losses.index(loss) + 3.0 * settings.index(setting) + 0.1 * seed

    monkeypatch.setattr(losses_spread, "trained", trained)


def test_one_group_changes_the_loss_and_the_other_the_setting_of_one_loss(scored):
    measured = losses_spread.measure("losses", 2, {"steps": 1})
    assert measured.statistics["spread"] == pytest.approx(50)
    assert measured.statistics["worst"] == pytest.approx(50.2)
    assert measured.statistics["hinge"] == pytest.approx(20.2)
    other = losses_spread.measure("settings", 2, {"steps": 1})
    assert other.statistics["spread"] == pytest.approx(12)
    assert other.statistics["batch32"] == pytest.approx(32.2)
    seeds = range(losses_spread.F3.seeds["full"])
    runs = [losses_spread.measure("settings", s, {"steps": 1}).curves["runs"] for s in seeds]
    assert [one[0][0] for one in runs] == list(losses_spread.LOSSES)
    assert [setting for _, setting in runs[0]] == list(losses_spread.SETTINGS)


def test_the_figure_puts_every_run_in_the_column_of_its_loss(scored):
    records = {arm: [] for arm in losses_spread.F3.arms}
    for arm, rows in records.items():
        for seed in range(6):
            found = losses_spread.measure(arm, seed, {"steps": 1})
            rows.append({"statistics": found.statistics, "curves": found.curves})
    with style():
        figure = losses_spread.draw(records)
        assert missing_glyphs(figure) == set()
    axis = figure.axes[0]
    names = [label.get_text() for label in axis.get_xticklabels()]
    assert names == list(losses_spread.LABELS.values())
    for place in range(6):
        seeds, settings, _ = axis.get_lines()[3 * place : 3 * place + 3]
        assert seeds.get_ydata() == pytest.approx([10 * place + 0.1 * s for s in range(6)])
        wanted = [10 * place + 3 * k + 0.1 * place for k in range(5)]
        assert settings.get_ydata() == pytest.approx(wanted)
        assert round(seeds.get_xdata()[0]) == round(settings.get_xdata()[0]) == place
    losses, settings = (np.median([r["statistics"]["spread"] for r in records[a]]) for a in records)
    assert axis.get_title() == (  # 与台账的一句话同一个数
        f"最坏与最好差多少，居中的：同一个种子换损失 {losses:.0f}，换设定 {settings:.0f}；"
        "同一个损失换种子 0"
    )
    assert (losses, settings) == pytest.approx((50, 12), abs=1)


def test_a_run_that_diverges_is_scored_as_an_untrained_generator(monkeypatch):
    def train(setup, steps):
        setup.method.G.layers[-2].bias.set_value(paddle.full([1], 9.0))
        if steps > 1:
            raise NonFinite("loss/D")

    seen = []
    scorer = SimpleNamespace(of_images=lambda x: seen.append(x) or {"fd_lenet": 1.0})
    monkeypatch.setattr(losses_spread, "train", train)
    monkeypatch.setattr(losses_spread, "SCORED", 8)
    monkeypatch.setattr(losses_spread, "FrechetLeNet", lambda *options: scorer)
    for steps in (1, 2):
        assert losses_spread.trained("ns", "default", 0, steps) == 1.0
    assert seen[0].mean() > 0.9 > seen[1].mean()
