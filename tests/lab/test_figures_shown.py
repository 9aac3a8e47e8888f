"""台账的图读回来：图例下面的线、刻度上面的柱、题目里的数，都是自己那一组那个量的。"""

import re

import numpy as np
import pytest
from lab_figures import drawn, middle_of, plain
from matplotlib.colors import same_color, to_hex
from scipy.stats import spearmanr

from paddle_gan.figures import BLUE, COLORS, GRAY, RED, style
from paddle_gan.lab import EXPERIMENTS, birthday, clipping, truncation, two_sides
from paddle_gan.lab.experiment import values_by_arm
from paddle_gan.lab.fooled import METRIC_NAMES
from paddle_gan.lab.sentences import number_text


def lines(axis) -> dict[str, np.ndarray]:
    """{图例里的名字: 这条线的点 (N, 2)}。"""
    return {line.get_label(): line.get_xydata() for line in axis.get_lines()}


def ticks(axis) -> list[str]:
    return [label.get_text() for label in axis.get_xticklabels()]


def same(points: np.ndarray, x, y) -> bool:
    return np.allclose(points, np.stack([x, y], axis=1))


def test_the_history_of_modes_is_numbered_from_the_top_and_dark_where_many_samples_are():
    records, axes = drawn("collapse_and_hops")
    for axis, (arm, rows) in zip(axes, records.items()):
        good = f"走完时高质量 {rows[0]['statistics']['high_quality']:.0%}"
        assert axis.get_title() == f"{EXPERIMENTS['collapse_and_hops'].arms[arm]}：{good}"
        (image,) = axis.get_images()
        values, (_, right, bottom, top) = image.get_array(), image.get_extent()
        assert (np.array(values) == np.array(rows[0]["curves"]["history"]).T).all()
        heights = top + (np.arange(8) + 0.5) * (bottom - top) / 8  # 从上往下各行的纵坐标
        assert image.origin == "upper" and heights == pytest.approx(np.arange(8))
        assert right == 100 * values.shape[1]
        few, many = image.cmap(image.norm(0.0))[:3], image.cmap(image.norm(1.0))[:3]
        assert sum(many) < sum(few) - 1  # 多的深


def test_the_bars_of_helvetica_stand_over_their_own_ratio():
    records, (*_, right) = drawn("helvetica")
    heights = dict(zip(ticks(right), (bar.get_height() for bar in right.patches)))
    for arm in ("g20d1", "g5d1", "g1d1", "g1d5"):
        g, d = re.findall(r"(\d+) 次", EXPERIMENTS["helvetica"].arms[arm])
        assert heights[f"{g}:{d}"] == pytest.approx(middle_of(records[arm], "covered_1pct"))


def test_each_fake_generator_has_its_own_bars_images_and_the_arrow_word_only_for_a_distance():
    records, axes = drawn("confident_fakes")
    shown = {"真实": "real", "噪声": "noise", "一张": "one_image", "每类一张": "one_per_class"}
    for axis, (arm, rows) in zip(axes[:4], records.items()):
        assert axis.get_title() == EXPERIMENTS["confident_fakes"].arms[arm]
        images = np.array(rows[0]["curves"]["images"]).reshape(4, 14, 14)
        mosaic = axis.get_images()[0].get_array()
        assert (mosaic[:14, 14:] == images[1]).all() and (mosaic[14:, :14] == images[2]).all()
    keys = {name: key for key, name in METRIC_NAMES.items()}
    for axis in axes[4:]:
        title, _, marked = axis.get_title().partition("（越小越好")
        assert bool(marked) == (keys[title] == "fd")
        heights = dict(zip(ticks(axis), (bar.get_height() for bar in axis.patches)))
        for name, arm in shown.items():
            assert heights[name] == pytest.approx(middle_of(records[arm], keys[title]))


def test_dropping_and_repeating_have_their_own_axes_and_curves():
    records, axes = drawn("dropped_classes")
    says = {"drop": "丢掉的类别数", "repeat": "不同的图像张数"}
    for arm, row in zip(("drop", "repeat"), (axes[:3], axes[3:])):
        curves = records[arm][0]["curves"]
        assert {axis.get_xlabel() for axis in row} == {says[arm]}
        assert {axis.get_xscale() for axis in row} == {"linear" if arm == "drop" else "log"}
        assert row[0].get_title() == "FD-LeNet（越小越好）" and row[2].get_title() == "IS-LeNet"
        for axis, key in ((row[0], "fd"), (row[2], "is")):
            assert same(axis.get_lines()[0].get_xydata(), curves["axis"], curves[key])
        for key in ("precision", "recall", "coverage"):
            assert same(lines(row[1])[METRIC_NAMES[key]], curves["axis"], curves[key])


def test_the_bars_of_the_memoriser_are_what_is_written_below_and_above_them():
    records, (left, middle, right) = drawn("memoriser")
    rows, curves = records["memoriser"], records["bias"][0]["curves"]
    distances = {"照抄的\nFD": "fd_copy", "没见过的真图\nFD": "fd_test"}
    others = {"照抄的\n最近距离比": "nearest_ratio", "照抄的\n1 近邻正确率": "one_nn"}
    for axis, keys in ((middle, distances), (right, others)):
        assert ticks(axis) == list(keys)
        for bar, text, key in zip(axis.patches, axis.texts, keys.values()):
            assert bar.get_height() == pytest.approx(middle_of(rows, key))
            assert text.get_text() == f"{middle_of(rows, key):.2f}"
    inverse = 1 / np.array(curves["sizes"])
    assert same(lines(left)["真图的 FD-LeNet"], inverse, curves["fd"])
    straight = lines(left)["直线 a + b/n"]
    assert abs(straight[:, 1] - curves["fd"]).max() < 0.2 * max(curves["fd"])


def test_formula_and_network_of_each_gradient_carry_their_own_names():
    records, (axis,) = drawn("vanishing_js")
    names = {"JS（饱和损失 log(1−D)）": ("saturating", RED), "Wasserstein": ("w", BLUE)}
    names |= {"不饱和损失 −log D": ("non_saturating", GRAY)}
    found = {line.get_label(): line for line in axis.get_lines()}
    for name, (key, color) in names.items():
        for arm, what in (("closed_form", "公式"), ("trained", "训练出的网络")):
            line, curves = found[f"{name}：{what}"], records[arm][0]["curves"]
            assert same(line.get_xydata(), curves["d"], curves[key])
            assert same_color(line.get_color(), color)
            assert (line.get_marker() == "o") == (arm == "trained")
        dots = [line for line in axis.get_lines() if line.get_marker() == "o"]
        mine = [line for line in dots if same_color(line.get_color(), color)]
        for line, row in zip(mine, records["trained"], strict=True):  # 每个种子都画了
            assert same(line.get_xydata(), row["curves"]["d"], row["curves"][key])


def test_saturating_is_red_and_the_other_blue():
    records, axes = drawn("saturating_gradient")
    keys = "saturating_orders", "ns_norm_growth", "relative_growth"
    for axis, below, (arm, rows) in zip(axes[:4], axes[4:], records.items(), strict=True):
        fell, grew, relative = (f"{middle_of(rows, key):.2f}" for key in keys)
        name, said = axis.get_title().split("\n")
        assert name == EXPERIMENTS["saturating_gradient"].arms[arm]
        assert said == f"红的跌 {fell} 个数量级，蓝的到 {grew} 倍"
        assert below.get_title() == f"最后是开头的 {relative} 倍"
        ends = [(line.get_ydata()[0], line.get_ydata()[-1]) for line in below.get_lines()]
        assert np.median([b / a for a, b in ends]) == pytest.approx(float(relative), abs=0.006)
        for key, color in (("saturating", RED), ("non_saturating", BLUE)):
            mine = [n for n in axis.get_lines() if same_color(n.get_color(), color)]
            assert [list(n.get_ydata()) for n in mine] == [row["curves"][key] for row in rows]
    named = {line.get_label(): line.get_color() for line in axes[0].get_lines()}
    assert same_color(named["饱和 log(1−D)"], RED) and same_color(named["不饱和 −log D"], BLUE)


def test_a_path_that_reaches_the_equilibrium_is_green_and_another_red():
    _, axes = drawn("no_convergence")
    for axis in axes:
        path, start, star = axis.get_lines()
        radius = np.hypot(*path.get_xydata().T)
        reached = radius[-1] < 0.05 * radius[0]
        assert to_hex(path.get_color()).upper() == COLORS[2 if reached else 1], axis.get_title()
        assert start.get_xydata()[0] == pytest.approx(path.get_xydata()[0])
        assert star.get_xydata().tolist() == [[0, 0]]
    start = np.hypot(*axes[2].get_lines()[1].get_xydata()[0])  # Dirac-GAN 的头一格
    assert f"画的从离均衡 {start:.2f} 处出发" in axes[0].figure.get_suptitle()
    assert "百分比是从 0.3 处出发的" in axes[0].figure.get_suptitle()
    assert EXPERIMENTS["no_convergence"].settings["full"]["near"] == 0.3
    assert "绿：走到了" in axes[0].figure.get_suptitle() and "红：走不到" in (
        axes[0].figure.get_suptitle()
    )


def test_the_radius_of_a_rule_is_under_its_own_name():
    records, (left, right) = drawn("stop_rotation")
    for arm, rows in records.items():
        name, curves = EXPERIMENTS["stop_rotation"].arms[arm], rows[0]["curves"]
        assert lines(left)[name][:, 1].tolist() == curves["radius"]
        assert lines(left)[name][1, 0] == 5  # 每 5 步一个点
        if name in lines(right):
            assert same(lines(right)[name], *curves["path"])


def test_precision_and_recall_of_truncation_are_under_their_own_names():
    records, axes = drawn("truncation")
    names = {"精度（质量）": "precision", "召回（多样性）": "recall"}
    for axis, (arm, rows) in zip(axes, records.items()):
        assert axis.get_title() == EXPERIMENTS["truncation"].arms[arm]
        for name, key in names.items():
            assert same(lines(axis)[name], truncation.SCALES, rows[0]["curves"][key])


def ranks_of(x, y) -> float:
    """秩相关；记录里的数只留几位，有并列的。"""
    return spearmanr(x, y).statistic


def test_the_correlation_in_the_title_is_that_of_the_points_below_beside_counting_steps():
    records, axes = drawn("loss_and_quality")
    for axis, (arm, rows) in zip(axes, records.items()):
        name, rho, counted = re.split(r"\nρ = |（只数步数 |）$", axis.get_title())[:3]
        assert name == EXPERIMENTS["loss_and_quality"].arms[arm]
        points = [line.get_xydata().T for line in axis.get_lines()]
        ranks = [ranks_of(x, y) for x, y in points]
        assert float(rho) == pytest.approx(np.median(ranks), abs=0.03)
        alone = np.median([ranks_of(-np.arange(len(y)), y) for _, y in points])
        assert float(counted) == pytest.approx(alone, abs=0.006)
        if arm in ("wgan", "wgan_gp"):  # 一句话里也要有，免得人以为它量得准
            said = EXPERIMENTS["loss_and_quality"].said(values_by_arm(records))
            assert f"{number_text(alone, 3)} " in said or f"{number_text(alone, 3)}，" in said
        curves = rows[0]["curves"]
        assert same(axis.get_lines()[0].get_xydata(), curves["estimate"], curves["w1"])


def test_js_stays_at_one_and_w_is_the_distance_under_their_own_names():
    records, (left, right) = drawn("js_identity")
    lined, gaussians = (records[arm][0]["curves"] for arm in ("lines", "gaussians"))
    found = lines(right)
    assert same(found["判别器量出的 JS / log2"], lined["theta"], lined["js"])
    assert same(found["评论器量出的 W"], lined["theta"], lined["w"])
    assert same(found["真的 W = θ"], lined["theta"], lined["theta"])
    assert found["判别器量出的 JS / log2"][:, 1] == pytest.approx(1, abs=0.05)
    assert same(left.get_lines()[0].get_xydata(), gaussians["d"], gaussians["js"])


def test_the_layers_of_the_critics_go_from_the_input_and_the_weights_to_plus_c():
    records, (first, still, third, right) = drawn("weights_at_the_clip")
    for axis, arm in ((first, "clip_d4_0.1"), (still, "clip_d12_0.01"), (third, "gp_d4")):
        label = EXPERIMENTS["weights_at_the_clip"].arms[arm]
        assert axis.get_title() == f"{label}：没有动" * (axis is still) + label * (
            axis is not still
        )
        curves = records[arm][0]["curves"]
        assert [bar.get_height() for bar in axis.patches] == curves["share"]
        assert [bar.get_x() for bar in axis.patches] == pytest.approx(curves["edges"][:-1])
    heights = [bar.get_height() for bar in still.patches]
    assert max(heights) < 1.05 * min(heights) and still.get_ylim() == first.get_ylim()  # 平的
    assert right.get_xlabel() == "隐层（左边靠近输入）"
    dashed = [line.get_ydata() for line in right.get_lines() if line.get_linestyle() == "--"]
    bare = [clipping.untrained(arm).curves["norms"] for arm in ("clip_d12_0.1", "clip_d12_0.01")]
    assert [list(norms) for norms in dashed] == bare
    for arm in (arm for arm in records if "d12" in arm):
        factors = sorted(row["statistics"]["factor_per_layer"] for row in records[arm])
        middle = factors[len(factors) // 2]
        points = lines(right)[f"{EXPERIMENTS['weights_at_the_clip'].arms[arm]}：× {middle:.2g}"]
        assert same(points, range(1, 13), records[arm][0]["curves"]["norms"])


def test_the_learned_discriminators_lie_on_the_formula_of_their_own_distance():
    records, axes = drawn("optimal_discriminator")
    for axis, arm in zip(axes, records):
        assert axis.get_title().startswith(EXPERIMENTS["optimal_discriminator"].arms[arm])
        for name, points in lines(axis).items():
            if name.startswith("d = "):
                d = float(name.removeprefix("d = "))
                x = points[:, 0]
                best = 1 / (1 + np.exp(d * x - d * d / 2))  # p / (p + q)
                assert points[:, 1] == pytest.approx(best, abs=0.05)
        assert sum(name.startswith("d = ") for name in lines(axis)) == 4


def test_a_row_of_digits_carries_the_distance_of_its_own_initialisation():
    records, axes = drawn("collapse_on_demand")
    titles = [axis.get_title() for axis in axes if axis.get_title()]
    for title, (arm, rows) in zip(titles, records.items()):
        ratios = [row["statistics"]["distance_ratio"] for row in rows]
        label, fell = EXPERIMENTS["collapse_on_demand"].arms[arm], sum(r <= 0.01 for r in ratios)
        said = f"{label}：{fell} / 20 个种子崩溃；画的这个，两两距离是真图的 {ratios[0]:.1%}"
        assert plain(title) == plain(said)
    for line, (_, rows) in zip(np.reshape(axes, (3, 5)), records.items()):
        for axis, image in zip(line, rows[0]["curves"]["images"]):
            (shown,) = axis.get_images()
            assert (shown.get_array().ravel() == image).all()
            assert sum(shown.cmap(0.0)[:3]) < sum(shown.cmap(1.0)[:3])  # 大的亮


def test_a_dcgan_group_shows_its_own_samples_beside_its_own_scores():
    experiment = EXPERIMENTS["dcgan_parts"]
    rows = {arm: [{"curves": {"images": []}} for _ in range(3)] for arm in experiment.arms}
    for place, group in enumerate(rows.values()):
        for seed, row in enumerate(group):
            # 居中的不是平均：三个种子是 100、110、180
            row["statistics"] = {"fd": 100.0 * (place + 1) + (80, 0, 10)[seed]}
            row["seconds"] = 20 * place + 2 * seed
            row["curves"]["images"] = [f"{place:x}" * 783 + "f"] * 8
    with style():
        axes = np.reshape(experiment.draw(rows).axes, (len(rows), 8))
    for place, (line, label) in enumerate(zip(axes, experiment.arms.values())):
        assert line[0].get_ylabel() == label
        low = 100 * (place + 1)
        each = f"{low} {low + 10} {low + 80}；画的 {low + 80}"
        wanted = f"FD {low + 10}（{each}）\n{20 * place} 秒"
        assert [text.get_text() for text in line[-1].texts] == [wanted]
        for axis in line:
            (shown,) = axis.get_images()
            pixels = shown.get_array()
            assert (pixels.ravel()[:-1] == place).all() and pixels[-1, -1] == 15
            assert sum(shown.cmap(0.0)[:3]) < sum(shown.cmap(1.0)[:3])  # 大的亮
    single = {arm: group[:1] for arm, group in rows.items()}
    with style():
        axes = np.reshape(experiment.draw(single).axes, (len(rows), 8))
    assert axes[0, -1].texts[0].get_text() == "FD 180\n0 秒"  # 一个种子没有各个种子


@pytest.mark.parametrize("name, said", [("unrolled", 2), ("packing", 2), ("wgan_parts", 1)])
def test_the_points_of_a_scatter_are_the_first_seed_s_with_x_to_the_right(name, said):
    records, axes = drawn(name)
    titled = {plain("".join(axis.get_title().split("\n")[:-said])): axis for axis in axes}
    for arm, rows in records.items():
        dots, crosses = titled[plain(EXPERIMENTS[name].arms[arm])].get_lines()
        assert same(dots.get_xydata(), *rows[0]["curves"]["points"])
        assert len(crosses.get_xydata()) == (25 if arm.startswith("grid") else 8)


def bar_values(axis) -> dict[str, float]:
    """{纵轴的名字: 横柱的长}。"""
    names = [label.get_text() for label in axis.get_yticklabels()]
    return dict(zip(names, (bar.get_width() for bar in axis.patches), strict=True))


def rows_with(key: str, values: dict[str, float], **curves) -> dict[str, list[dict]]:
    """造的记录：每组一个种子，一个量。"""
    return {arm: [{"statistics": {key: value}, "curves": curves}] for arm, value in values.items()}


def test_the_repeats_of_each_generator_stand_beside_its_own_name():
    arms = [arm for arm in EXPERIMENTS["birthday"].arms if not arm.startswith("bank_")]
    repeats = dict(zip(arms, range(3, 3 + len(arms))))
    banks = {f"bank_{n}": float(n) for n in birthday.BANKS}
    records = rows_with("batch", banks) | rows_with("repeats", repeats)
    for arm, rows in records.items():
        rows[0]["statistics"] |= {"ones": repeats.get(arm, 0) / 100}
    with style():
        left, right = EXPERIMENTS["birthday"].draw(records).axes
    named = {EXPERIMENTS["birthday"].arms[arm]: value for arm, value in repeats.items()}
    assert bar_values(right) == named
    assert same(lines(left)["量到的"], birthday.BANKS, list(banks.values()))
    formula = lines(left)["公式"]
    assert formula[0, 1] == pytest.approx(4.2567, abs=1e-3)


def test_each_model_stands_where_its_quality_and_diversity_are():
    arms = EXPERIMENTS["quality_and_diversity"].arms
    values = {
        arm: {key: 10 * i + j for j, key in enumerate(two_sides.NAMES)}
        for i, arm in enumerate(arms)
    }
    records = {arm: [{"statistics": row, "curves": {}}] for arm, row in values.items()}
    with style():
        axes = EXPERIMENTS["quality_and_diversity"].draw(records).axes
    for axis, (_, across, up) in zip(axes, two_sides.PAIRS, strict=True):
        assert axis.get_xlabel().startswith(two_sides.NAMES[across])
        assert axis.get_xlabel().endswith("（质量）") and axis.get_ylabel().endswith("（多样性）")
        at = {line.get_label(): tuple(line.get_xydata()[0]) for line in axis.get_lines()}
        assert at == {arms[arm]: (row[across], row[up]) for arm, row in values.items()}
        crossed = [line for line in axis.get_lines() if line.get_marker() == "x"]
        assert len(crossed) == len(two_sides.TRIVIAL)


def shaded(first: int) -> list[str]:
    """八张图：第 k 张左上角是 k，别处是 first + 7。"""
    return [f"{k:x}" + f"{first + 7:x}" * 783 for k in range(8)]


def test_the_likelihoods_are_ordered_and_stand_over_their_own_pictures():
    arms = EXPERIMENTS["parzen_trap"].arms
    records = {
        arm: [{"statistics": {"likelihood": 10.0 * i}, "curves": {"images": shaded(i)}}]
        for i, arm in enumerate(arms)
    }
    with style():
        axes = EXPERIMENTS["parzen_trap"].draw(records).axes
    titles = [axis.get_title().split("\n") for axis in axes]
    assert [title[0] for title in titles] == [arms[arm] for arm in reversed(records)]
    for axis, (_, number) in zip(axes, titles):
        shown = axis.get_images()[0].get_array()
        assert shown.shape == (2 * 28, 4 * 28) and shown[0, 28] == 1 and shown[28, 0] == 4
        assert shown.max() == float(number.split()[0]) / 10 + 7
