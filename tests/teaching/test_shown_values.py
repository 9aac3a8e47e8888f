"""笔记本里给学员看的数：从存下的输出里读回来，与公式或另一条路算出来的比。"""

import json
import re
from pathlib import Path

import nbformat
import numpy as np
import paddle
import pytest
from tool_helpers import load_tool

from paddle_gan.data import Grid, Ring
from paddle_gan.lab.interval import TWO_LOOKS, paired_interval
from paddle_gan.lab.runner import RESULTS
from paddle_gan.methods import WGANGP
from paddle_gan.metrics import mode_report
from paddle_gan.metrics.gaussians import gaussian_hellinger, gaussian_kl
from paddle_gan.monitor.glossary import GLOSSARY
from paddle_gan.networks import MLP
from paddle_gan.run.gallery import GALLERY

ROOT = Path(__file__).resolve().parents[2]
build = load_tool("build_tutorials")


def shown(chapter: str) -> str:
    """一章存下的全部文字输出，包括表。"""
    (source,) = build.sources([chapter])
    notebook = nbformat.read(build.target(source), as_version=4)
    outputs = [o for cell in build.code_cells(notebook) for o in cell.outputs]
    texts = [o.get("text") or o.get("data", {}).get("text/markdown", "") for o in outputs]
    return "\n".join(texts)


def numbers_after(text: str, start: str) -> list[float]:
    """以 start 开头的那一行里，start 之后的数；只许有这样一行。"""
    (line,) = re.findall(rf"^{re.escape(start)}(.*)$", text, re.M)
    return [float(found) for found in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", line)]


def scattered(data) -> float:
    """在真模式张成的方框（每边放宽 5σ）里均匀撒点，落进某个 3σ 圆的概率。"""
    side = np.ptp(data.modes, axis=0) + 10 * data.std
    return len(data.modes) * np.pi * (3 * data.std) ** 2 / side.prod()


@pytest.mark.parametrize(
    "data, share",
    [(Ring(), 0.0279), (Grid(spacing=1.5, std=0.1), 0.1443), (Grid(), 0.0245)],
    ids=["环", "宽格", "窄格"],
)
def test_the_share_of_scattered_points_is_the_area_of_the_circles(data, share):
    assert scattered(data) == pytest.approx(share, abs=5e-5)
    low, high = data.modes.min(axis=0) - 5 * data.std, data.modes.max(axis=0) + 5 * data.std
    dots = np.random.default_rng(0).uniform(low, high, (100_000, 2))
    measured = mode_report(dots, data.modes, data.std)["modes/high_quality"]
    assert measured == pytest.approx(share, abs=4 * np.sqrt(share / len(dots)))


def test_chapter_09_measures_every_configuration_against_the_formula():
    text = shown("09")
    for name, data in {"环": Ring(), "格": Grid()}.items():
        ruler = numbers_after(text, f"{name}，均匀撒点的高质量比例，公式：")[0]
        assert ruler == pytest.approx(scattered(data), abs=5e-5)
    results = json.loads((ROOT / "configs/results.json").read_text("utf-8"))
    below = []
    for name in ("gan_ring", "gan_ring_collapse", "unrolled_ring", "gan_grid", "r1_grid"):
        data = Grid() if "grid" in name else Ring()
        runs = results[name]["seeds"].values()
        share = np.mean([run["metrics"]["modes/high_quality"] for run in runs])
        (row,) = re.findall(rf"^\| {name} \|(.*)\|$", text, re.M)
        times = float(row.split("|")[-1])
        assert times == pytest.approx(share / scattered(data), rel=5e-3)
        below += [name] if times < 1 else []
    assert below == ["gan_ring_collapse"]


def test_chapter_09_shows_how_much_unrolling_costs_and_where_gradient_descent_flies():
    text = shown("09")
    for k, (low, high) in {1: (3, 14), 5: (14, 56)}.items():  # 当场量的：四到十倍、二十到四十倍
        (row,) = re.findall(rf"^\| 展开 {k} 步 \| \$G\$(.*)\|$", text, re.M)
        assert low < float(row.split("|")[-1]) < high
    values = {
        name: [float(x) for x in re.findall(rf"^{name}：f = (\S+)，.*） (\S+)$", text, re.M)[0]]
        for name in ("Adam", "梯度下降，η = 0.01", "梯度下降，η = 0.1")
    }
    guess = -2 * np.log(2)
    assert 1 < values["Adam"][1] < 3
    assert values["梯度下降，η = 0.01"][0] > guess and values["梯度下降，η = 0.01"][1] > 200
    assert values["梯度下降，η = 0.1"][0] < 100 * guess


def test_chapter_09_says_what_the_ten_seeds_of_the_showcase_gave():
    (source,) = build.sources(["09"])
    text = "".join(source.read_text("utf-8").replace("\n# ", "").split())
    rows = {arm: [row["statistics"] for row in found] for arm, found in cures().items()}
    single = [one["high_quality"] for one in rows["gan"] if one["covered_1pct"] == 1]
    assert (len(single), round(max(single), 2), round(min(single), 2)) == (5, 0.77, 0.02)
    assert "五个只剩一个模式，其中高质量最高77%、最低2%" in text
    none = [one for one in rows["gan_256"] if one["covered_1pct"] == 0]
    assert len(none) == 2 and "还有两个种子一个模式也没有" in text
    won = {
        arm: sum(one["covered_1pct"] == 8 and one["high_quality"] >= 0.8 for one in found)
        for arm, found in rows.items()
    }
    wanted = dict.fromkeys(("gan", "gan_256", "gan_512", "mad_2", "mad_4", "mad_8", "rpgan"), 0)
    wanted |= dict.fromkeys(("pac_2", "pac_3", "r1_r2", "r3gan", "wgan_gp", "mr_gan"), 10)
    wanted |= {"minibatch_disc": 10, "minibatch_std": 9, "gan_beta1_0": 8, "dragan": 8, "sngan": 7}
    wanted |= {
        "gan_1to1": 6,
        "ebgan": 3,
        "ebgan_no_pt": 3,
        "lsgan": 2,
        "gan_1to1_short": 1,
        "gan_no_decay": 1,
    }
    wanted |= {"pac_4": 0, "r1_r2_beta1": 6, "unroll_0": 0, "unroll_1": 8, "unroll_5": 10}
    wanted |= {"unroll_10": 10, "unroll_1_cut": 7}
    assert {arm: won[arm] for arm in wanted} == wanted
    modes = {arm: [one["covered_1pct"] for one in found] for arm, found in rows.items()}
    assert min(modes["gan_beta1_0"]) == min(modes["pac_4"]) == 8
    assert sorted(modes["r1_r2_beta1"])[3:5] == [1, 8]
    assert "只罚，六个；只改$\\beta_1$，八个。一起用，十个，可是十个与八个分不出高下" in text
    assert sorted(modes["gan_1to1"])[:4] == [7] * 4 and min(modes["minibatch_std"]) == 6
    assert np.median(modes["lsgan"]) == 7 and np.median(modes["gan"]) == 3
    assert np.median(modes["gan_1to1_short"]) == 7.5
    quality = {
        arm: np.median([one["high_quality"] for one in found]) for arm, found in rows.items()
    }
    shares = [round(quality[arm], 2) for arm in ("pac_4", "gan_1to1_short", "gan_1to1")]
    assert shares == [0.69, 0.64, 0.96]
    halfway = [np.median([one["halfway"] for one in rows[f"pac_{m}"]]) for m in (2, 3, 4)]
    assert halfway == [8, 7, 1.5] and "居中各是8、7、1.5个" in text
    assert modes["unroll_0"].count(0) == 4 and set(modes["unroll_1"]) == {8}
    worst = sorted(one["high_quality"] for one in rows["unroll_1"])[:3]
    assert [round(one, 2) for one in (quality["unroll_0"], *worst)] == [0.43, 0.7, 0.72, 0.84]
    assert modes["unroll_1_cut"].count(8) == 9 and "它也治好七个，九个占全" in text

    def apart(a, b, key):
        found = paired_interval([x[key] - y[key] for x, y in zip(rows[a], rows[b])])
        return [round(value, 2) for value in found]

    assert apart("unroll_5", "unroll_1", "high_quality") == [0.09, 0.03, 0.15]
    assert "平均高9个百分点（95%区间3到15；" in text
    assert apart("unroll_1", "unroll_1_cut", "halfway") == [1.7, 0.48, 2.92]
    assert "多占1.7个模式（0.5到2.9）" in text
    for key in ("high_quality", "reverse_kl", "covered_1pct"):  # 穿过不穿过，走完分不出
        _, low, high = apart("unroll_1", "unroll_1_cut", key)
        assert low < 0 < high
    early = [one["curves"]["covered_1pct"][0] for one in cures()["unroll_5"]]  # 第 200 步
    assert np.median(early) == 1 and "展开五步的，这时居中也只占一个模式" in text
    assert [sum(one["halfway"] == 8 for one in rows[f"unroll_{k}"]) for k in (5, 10)] == [9, 10]
    for key in ("high_quality", "reverse_kl"):  # 十步与五步分不出
        gaps = np.subtract(*([one[key] for one in rows[f"unroll_{k}"]] for k in (5, 10)))
        interval = paired_interval(list(gaps))
        assert interval.low < 0 < interval.high
    for said in (
        "展开一步治好八个，展开五步、十步十个全治好",
        "展开一步，治好八个",
        "十步的半路全占全",
        "DRAGAN治好八个、SNGAN七个",
        "十个种子都占全，治好八个",
        "LSGAN治好两个，RpGAN一个也没有",
    ):
        assert said in text, said
    for said in (
        "居中的高质量64%，只治好一个",
        "居中的高质量96%，治好六个",
        "它治好九个种子，还有一个丢了",
    ):
        assert said in text, said


def test_chapter_04_says_how_many_of_twenty_seeds_stayed_on_one_picture():
    (source,) = build.sources(["04"])
    text = "".join(source.read_text("utf-8").replace("\n# ", "").split())
    ratio = {
        arm: sorted(row["statistics"]["distance_ratio"] for row in found)
        for arm, found in cures("collapse_on_demand").items()
    }
    assert [sum(one <= 0.01 for one in ratio[arm]) for arm in ("normal", "he", "normal_bn")] == (
        [8, 0, 0]
    )
    assert [len(found) for found in ratio.values()] == [20] * 3
    rest = [round(ratio["normal"][place], 3) for place in (8, 9, 10, -1)]
    assert rest == [0.025, 0.041, 0.172, 0.922]
    assert "二十个种子里八个崩溃，还有两个是2.5%与4.1%" in text
    assert "另外十个走出来了，差别是真图的17%到92%" in text


def test_chapter_09_says_what_the_ten_ensembles_and_the_ten_long_runs_gave():
    (source,) = build.sources(["09"])
    text = "".join(source.read_text("utf-8").replace("\n# ", "").split())
    rows = {arm: [row["statistics"] for row in found] for arm, found in cures("ensemble").items()}
    long = sorted((one["union"], round(one["high_quality"], 2)) for one in rows["long"])
    assert [modes for modes, _ in long] == [0, 1, 1, 1] + [8] * 6
    assert min(quality for _, quality in long[4:]) == 0.95
    assert "十次里六次八个模式都有，高质量95%以上；四次至多剩一个" in text
    assert {one[key] for one in rows["ensemble"] for key in ("union", "covered_1pct")} == {8}
    assert all(0.38 < one["high_quality"] < 0.8 for one in rows["ensemble"])
    assert 0.45 < np.median([one["high_quality"] for one in rows["ensemble"]]) < 0.55
    assert "八个并起来，十次都有八个模式，样本却多半只有一半上下是好的" in text
    assert round(max(one["high_quality"] for one in rows["ensemble"]), 2) == 0.78
    assert "八个并起来一次也没有治好**（高质量最好的一次78%），练一个久的治好六次" in text
    assert "这十组没有碰上" in text
    gaps = [a["union"] - b["union"] for a, b in zip(rows["ensemble"], rows["long"])]
    once, twice = paired_interval(gaps), paired_interval(gaps, TWO_LOOKS)
    found = [round(value, 1) for value in (once.mean, once.low, once.high, twice.low, twice.high)]
    assert found == [2.9, 0.2, 5.6, -0.2, 6.0] and once.low > 0 > twice.low
    assert sorted(gaps) == [0] * 6 + [7] * 3 + [8] and "六个是0，四个是7或8" in text
    assert "平均多2.9个" in text and "95%区间是0.2到5.6" in text and "97%：−0.2到6" in text


def test_chapter_03_says_who_is_nearer_to_the_circle():
    (source,) = build.sources(["03"])
    text = "".join(source.read_text("utf-8").replace("\n# ", "").split())
    off = {
        arm: np.median([row["statistics"]["off"] for row in found])
        for arm, found in cures("degenerate").items()
    }
    assert round(off["circle_gan"], 3) == 0.008 and "离圆平均约半径的0.8%" in text
    assert off["circle_gmm"] > off["circle_gan"] > off["circle_gmm32"] > off["circle_parzen"]
    assert "换成32个就比GAN近" in text and "帕尔森窗抄了训练样本，自己挑的窗很窄，最近" in text


def cures(name: str = "cures") -> dict[str, list[dict]]:
    """展台的记录 {组: [各个种子的]}，直接读结果文件。"""
    found = {}
    for line in (RESULTS / "full" / f"{name}.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        found.setdefault(record["arm"], []).append(record)
    return found


def test_chapter_03_takes_the_spread_along_each_axis():
    text = shown("03")
    spread = {
        name: numbers_after(text, f"{name}：")[-1]
        for name in ("崩溃：一个点", "一个好样本也没有：都在圆心", "真实数据")
    }
    assert spread["崩溃：一个点"] == spread["一个好样本也没有：都在圆心"] == 0
    assert spread["真实数据"] == pytest.approx(np.sqrt(2 + 0.05**2), abs=0.02)  # 半径 2 的圆环


def test_chapter_03_shows_both_meanings_of_the_largest_reverse_kl():
    text = shown("03")
    one_mode = numbers_after(text, "崩溃：一个点：")
    none = numbers_after(text, "一个好样本也没有：都在圆心：")
    assert one_mode[:3] == [1, 1.0, 2.079] and none[:3] == [0, 0.0, 2.079]


def test_chapter_03_only_the_simultaneous_steps_leave_the_circle():
    text = shown("03")
    assert numbers_after(text, "GAN，同时更新：") == [1.41, 3.35, 1.41, 3.35]
    first, _, least, most = numbers_after(text, "GAN，交替更新：")
    assert (first, least, most) == (1.41, 1.34, 1.42)
    assert numbers_after(text, "R1，交替更新：")[1] == 0


def test_chapter_03_penalises_the_logit_sixteen_times_as_hard_as_the_probability():
    line = r"^罚 logit：([\d.]+)，即 ψ²/2；罚概率：([\d.]+)，"
    on_logit, on_probability = map(float, re.search(line, shown("03"), re.M).groups())
    assert on_logit == 2 and on_probability == on_logit / 16


def test_chapter_04_says_what_its_paddle_gives_without_bounds():
    text = shown("04")
    version = re.search(r"^飞桨 (\S+) 的说明：下界默认", text, re.M).group(1)
    said = numbers_after(text, f"飞桨 {version} 的说明：下界默认")
    low, high = numbers_after(text, "paddle.uniform 不写上下界：")
    assert said == [pytest.approx(low, abs=0.01)] and high == pytest.approx(1, abs=0.01)
    if paddle.__version__ == version:  # 别的版本的默认值可以不同
        assert paddle.uniform([10_000]).numpy().min() == pytest.approx(low, abs=0.01)


def test_chapter_06_the_better_g_is_harder_to_tell_apart_and_real_from_real_is_not_told():
    text = shown("06")
    control, short, full = (
        numbers_after(text, f"{name}：没见过的图上正确率")[0]
        for name in ("真图与另一半真图（对照）", "600 步的 G", "练完全程的 G")
    )
    assert control == pytest.approx(0.5, abs=0.05)
    assert short > 0.98 and 0.75 < full < 0.95  # 正文：一张不错；八九成


DIGIT_RUNS = {"GAN（全连接）": "gan_digits", "DCGAN": "dcgan_digits"}
DIGIT_RUNS |= {"WGAN": "wgan_digits", "WGAN-GP": "wgan_gp_digits"}


def shipped_curve(name: str, tag: str) -> tuple[np.ndarray, np.ndarray]:
    """随包的训练的一条曲线：第几分钟，数值。"""
    folder = GALLERY / name
    seconds = json.loads((folder / "run.json").read_text("utf-8"))["seconds"]
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text("utf-8").splitlines()]
    points = np.array([(row["step"], row[tag]) for row in rows if tag in row])
    return points[:, 0] / points[-1, 0] * seconds / 60, points[:, 1]


def test_chapter_07_compares_the_shipped_runs_at_the_same_minutes():
    text = shown("07")
    curves = {name: shipped_curve(run, "fd_lenet") for name, run in DIGIT_RUNS.items()}
    until = min(minutes[-1] for minutes, _ in curves.values())
    then, end = {}, {}
    for name, (minutes, fd) in curves.items():
        at, then[name], end[name], total = numbers_after(text, f"{name}：同样")
        assert (at, total) == pytest.approx((until, minutes[-1]), abs=0.051)
        wanted = np.interp(until, minutes, fd), fd[-1]
        assert (then[name], end[name]) == pytest.approx(wanted, abs=0.051)
    _, copied = numbers_after(text, "对照：")
    # 正文：WGAN-GP 的分最低，WGAN 不比 DCGAN 好；照抄十张的线夹在中间
    assert min(then, key=then.get) == "WGAN-GP" and then["WGAN"] > then["DCGAN"]
    assert end["WGAN-GP"] < end["DCGAN"] < copied < min(end["WGAN"], end["GAN（全连接）"])


def test_chapter_07_only_the_gap_of_wgan_gp_goes_with_the_quality():
    text = shown("07")
    good, counting = numbers_after(text, "WGAN-GP：分差 与 FD 的 ρ =")
    assert good > 0.9 and counting >= good  # 只会数数的也不低
    assert abs(numbers_after(text, "WGAN：分差 与 FD 的 ρ =")[0]) < 0.5
    assert abs(numbers_after(text, "DCGAN：loss/D 与 FD 的 ρ =")[0]) < 0.5


def test_chapter_07_the_loss_of_wgan_gp_is_not_the_distance():
    text = shown("07")
    minus_loss, gap, penalty = numbers_after(text, "WGAN-GP：最后 −loss/D =")
    assert gap - penalty == pytest.approx(minus_loss, abs=0.011) and penalty > 0.05
    minus_loss, gap, penalty = numbers_after(text, "WGAN：最后 −loss/D =")
    assert (minus_loss, penalty) == (gap, 0)


def test_the_loss_of_wgan_gp_minus_its_penalty_is_the_score_gap():
    paddle.seed(0)
    hparams = WGANGP.Hparams(z_dim=2, gp_weight=0.7)
    method = WGANGP({"G": MLP((2,), (2,)), "D": MLP((2,), (1,))}, hparams)
    loss, logs = method.discriminator_loss(paddle.randn([64, 2]))
    gap = (logs["score/real"] - logs["score/fake"]).item()
    assert loss.item() == pytest.approx(-gap + 0.7 * logs["loss/gp"].item(), abs=1e-5)
    assert abs(loss.item() + gap) > 1e-3  # 惩罚不是 0：−loss/D 不是分差
    assert "score/real − score/fake" in GLOSSARY["loss/D"].healthy


@pytest.mark.parametrize("tag", ["score/real", "score/fake"])
def test_a_drifting_pair_of_scores_is_no_danger_but_a_growing_gap_is(tag):
    danger = GLOSSARY[tag].danger
    assert "差越拉越大" in danger and "一起漂移不要紧" in danger and "绝对值" not in danger


def test_the_largest_reverse_kl_is_explained_as_either_of_two_failures():
    ring = Ring()
    one_mode = mode_report(np.tile(ring.modes[0], (9, 1)), ring.modes, ring.std)
    nothing = mode_report(np.zeros((9, 2)), ring.modes, ring.std)
    assert one_mode["modes/reverse_kl"] == nothing["modes/reverse_kl"] == pytest.approx(np.log(8))
    assert (one_mode["modes/high_quality"], nothing["modes/high_quality"]) == (1, 0)
    danger = GLOSSARY["modes/reverse_kl"].danger
    assert "只剩一个模式" in danger and "一个高质量样本也没有" in danger


def test_chapter_08_integrates_to_the_closed_form_and_the_bound_is_tight():
    table, _ = shown("08").split("| 散度 |")  # 8.3 的表；后面 8.4 的表也是一行一个散度
    for name, value in {
        "| KL(P ‖ Q) |": gaussian_kl(0.0, 1.0, 0.5, 1.44),
        "| 反向 KL，KL(Q ‖ P) |": gaussian_kl(0.5, 1.44, 0.0, 1.0),
        "| Hellinger 距离的平方，∫(√p − √q)² |": 2 * gaussian_hellinger(0.0, 1.0, 0.5, 1.44) ** 2,
    }.items():
        _, defined, tight, loose = numbers_after(table, name)[-4:]
        assert defined == tight == pytest.approx(value, abs=1e-6) and loose < tight


def test_chapter_08_the_usual_step_of_kl_lands_nearer_to_the_reverse_kl():
    starts = "老实的 G：", "不饱和的 G：μ", "kl 的最小点：", "reverse_kl 的最小点："
    honest, usual, kl, reverse = (np.array(numbers_after(shown("08"), one)) for one in starts)
    assert np.abs(honest - kl).max() < np.abs(honest - reverse).max()
    assert np.abs(usual - reverse).max() < np.abs(usual - kl).max()


def test_chapter_08_the_constants_of_chi_square_always_shrink_the_generator():
    for s in (0.6, 0.8, 0.95, 1.05, 1.25):
        first, second, half = numbers_after(shown("08"), f" {s:.2f}")
        assert np.sign(first) == np.sign(half) == np.sign(s - 1) and second > 0
