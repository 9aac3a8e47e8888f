"""用不了的指标：不是你选的说一声就跳过，你写的就报错；图像少时照样训练。"""

import numpy as np
import pytest
import yaml
from tool_helpers import RAW, write_image

from paddle_gan.data import Images
from paddle_gan.data.digits import Digits
from paddle_gan.data.folders import ImageFolder
from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.evaluation.evaluate import Evaluator, evaluate_run, settle_metrics
from paddle_gan.metrics.frechet import fit_pca, frechet_distance
from paddle_gan.run.config import load_config
from paddle_gan.run.run import Run


def pictures(folder, n: int, same: bool = False):
    for i in range(n):
        rng = np.random.default_rng(0 if same else i)
        write_image(folder / f"{i}.png", rng.integers(0, 256, (28, 28), np.uint8))
    return folder


@pytest.fixture
def load(tmp_path):
    """load(*覆盖, **改动)：RAW["dcgan"] 写成文件，再像命令行那样读。"""

    def load(*overrides, names=("fd_pca64",), best="fd_pca64", data=None):
        metrics = {"names": list(names), "samples": 40} | ({"best": best} if best else {})
        raw = RAW["dcgan"] | {"batch_size": 4, "total_steps": 2, "visualdl": False}
        raw |= {"metrics": metrics} | ({"data": data} if data else {})
        (tmp_path / "c.yml").write_text(yaml.safe_dump(raw), encoding="utf-8")
        return load_config(tmp_path / "c.yml", list(overrides))

    return load


def own(folder, **options):
    return {"name": "image_folder", "root": str(folder), "size": 28, "channels": 1, **options}


def both(config):
    options = {key: value for key, value in config.data.items() if key != "name"}
    return [ImageFolder(**options, split=split) for split in ("train", "test")]


def settled(config):
    metrics = settle_metrics(config, *both(config)).metrics
    return metrics.names, metrics.best


class Bank:
    """生成的总是这些图。"""

    hparams = None

    def __init__(self, images):
        self.images = images

    def noise(self, n):
        return n

    def generate(self, n):
        class Result:
            def numpy(_):
                return self.images[:n]

        return Result()


@pytest.mark.parametrize("chosen", [True, False])
def test_sixty_pictures_are_scored_on_as_many_components_as_they_have(
    chosen, load, tmp_path, capsys
):
    data = own(pictures(tmp_path / "图", 60))
    config = load(data=data) if chosen else load(f"data={yaml.safe_dump(data).strip()}")
    evaluator = Evaluator(config, *both(config))
    said = "60 张 784 维的训练图像只有 59 个主成分，fd_pca64 只用它们来算，不能与用 64 个的比"
    assert capsys.readouterr().err == f"提示：{said}\n"
    assert evaluator.config.metrics == config.metrics
    real = both(config)[0].batch(Images, (np.arange(60),), np.random.default_rng(0)).x
    fake = real[:40] * 0.5
    mean, basis = fit_pca(real.reshape(60, -1), 59)
    expected = frechet_distance(
        *((images.reshape(len(images), -1) - mean) @ basis for images in (fake, real))
    )
    assert evaluator(Bank(fake)) == {"fd_pca64": pytest.approx(expected)}
    assert evaluator.baselines() == {}  # 没有留出的图像，真实对真实是自己比自己


@pytest.mark.parametrize("n", [1, 3, 9])
def test_a_handful_of_pictures_skip_the_metric_and_its_best_in_one_notice(
    n, load, tmp_path, capsys
):
    config = load(data=own(pictures(tmp_path / "图", n)))
    assert settled(config) == ([], None)
    assert capsys.readouterr().err == (
        f"提示：跳过指标 fd_pca64（训练图像只有 {n} 张，少于 10 张，均值与协方差没有意义）；"
        "metrics.best 的 fd_pca64 不算了，不再挑 best\n"
    )
    assert settled(load(data=own(pictures(tmp_path / "图", 10)))) == (["fd_pca64"], "fd_pca64")


def test_many_copies_of_one_picture_give_a_finite_score(load, tmp_path):
    config = load(data=own(pictures(tmp_path / "图", 70, same=True)))
    train, test = both(config)
    images = train.batch(Images, (np.arange(40),), np.random.default_rng(0)).x
    evaluator = Evaluator(config, train, test)
    assert evaluator(Bank(images))["fd_pca64"] == pytest.approx(0, abs=1e-6)
    assert 0 < evaluator(Bank(-images))["fd_pca64"] < np.inf


def test_memorisation_needs_pictures_that_were_held_out(load, tmp_path, capsys):
    names = ["fd_pca64", "memorisation"]
    root = pictures(tmp_path / "图", 140)
    assert settled(load(names=names, data=own(root))) == (["fd_pca64"], "fd_pca64")
    assert "跳过指标 memorisation（没有训练没见过的测试图像" in capsys.readouterr().err
    assert settled(load(names=names, data=own(root, test_fraction=0.25)))[0] == ["fd_pca64"]
    assert "各多于 64 张，现在是 105 与 35 张" in capsys.readouterr().err
    kept, best = settled(load(names=names, data=own(root, test_fraction=0.5)))
    assert kept == names and best == "fd_pca64" and capsys.readouterr().err == ""


def test_the_comparison_with_real_pictures_needs_held_out_ones(load, tmp_path):
    root = pictures(tmp_path / "图", 140)
    held_out = load(data=own(root, test_fraction=0.5))
    rows = Evaluator(held_out, *both(held_out)).baselines()
    assert rows["真实数据（测试集）"]["fd_pca64"] > 1
    shared = load(data=own(root))
    assert Evaluator(shared, *both(shared)).baselines() == {}


def test_a_digit_metric_is_skipped_when_only_the_data_was_replaced(load, tmp_path, capsys):
    data = yaml.safe_dump(own(pictures(tmp_path / "图", 12)), default_flow_style=True).strip()
    names, best = ["fd_lenet", "fd_pca64"], "fd_lenet"
    assert settled(load(f"data={data}", names=names, best=best)) == (["fd_pca64"], None)
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "跳过指标 fd_lenet（只认手写数字" in said
    assert "metrics.best 的 fd_lenet 不算了" in said
    for config in (
        load(names=names, best=best, data=own(tmp_path / "图")),  # 配置文件自己写的
        load(f"data={data}", "metrics.names=[fd_lenet]", best=None),  # 命令行自己写的
        load(f"data={data}", "metrics={names: [fd_lenet]}"),
    ):
        with pytest.raises(UserError, match="指标 fd_lenet 只认手写数字.*这里能用的指标：fd_pca64"):
            settle_metrics(config, *both(config))


def test_too_much_memory_skips_what_you_did_not_choose(load, monkeypatch, capsys):
    monkeypatch.setattr("paddle_gan.limits.MEMORY", 4 * 28 * 28 * 1000)
    data = Digits(), Digits(split="test")
    assert settle_metrics(load("data.size=28"), *data).metrics.names == []
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "跳过指标 fd_pca64（评估用的 4000 个" in said
    with pytest.raises(UserError, match="评估用的 4000 个"):
        settle_metrics(load(), *data)


def test_without_metrics_the_best_of_the_file_falls_away_and_your_own_does_not(load, capsys):
    data = Digits(), Digits(split="test")
    metrics = settle_metrics(load("metrics.names=[]"), *data).metrics
    assert (metrics.names, metrics.best) == ([], None)
    assert capsys.readouterr().err == "提示：metrics.best 的 fd_pca64 不算了，不再挑 best\n"
    metrics = settle_metrics(load("metrics.names=[is_lenet]"), *data).metrics
    assert (metrics.names, metrics.best) == (["is_lenet"], None)
    for wrong in (
        load("metrics.names=[]", "metrics.best=fd_pca64"),
        load("metrics.best=fd_pca"),
        load(best="fd_lenet"),
        load("metrics.names=[fd_pca64, fd_lent]"),
    ):
        with pytest.raises(UserError, match="未知的(量|指标)"):
            settle_metrics(wrong, *data)


def test_a_run_without_the_skipped_metric_trains_resumes_and_says_so(load, tmp_path, capsys):
    data = yaml.safe_dump(own(pictures(tmp_path / "图", 12)), default_flow_style=True).strip()
    options = {"names": ["fd_lenet", "fd_pca64"], "best": "fd_lenet"}
    Trainer(load(f"data={data}", **options), "cpu").run(tmp_path / "run")
    run = Run(tmp_path / "run")
    assert run.config().metrics.names == ["fd_pca64"] and run.config().metrics.best is None
    assert not run.checkpoint("best").exists()
    more = load(f"data={data}", "total_steps=3", **options)
    capsys.readouterr()
    assert Trainer(more, "cpu").run(tmp_path / "run", resume=True)["step"] == 3
    assert "评估的设定变了" not in capsys.readouterr().err
    result = evaluate_run(run)
    assert set(result["scores"]) == {"fd_pca64"} and result["metrics"]["names"] == ["fd_pca64"]


def test_evaluating_a_run_whose_pictures_became_too_few_is_one_sentence(load, tmp_path):
    root = pictures(tmp_path / "图", 12)
    Trainer(load(data=own(root)), "cpu").run(tmp_path / "run")
    for file in sorted(root.iterdir())[5:]:
        file.unlink()
    for names, written in {None: "config.yml", ("fd_pca64",): "^--metrics"}.items():
        with pytest.raises(UserError, match=f"{written} 里的指标全都跳过了"):
            evaluate_run(Run(tmp_path / "run"), names=names and list(names))
