"""方框图：每支箭头从说的框出来、指着说的框，梯度走的路与代码里的一样。"""

import numpy as np
import pytest
from matplotlib.colors import same_color, to_hex
from matplotlib.patches import ArrowStyle, FancyBboxPatch

from paddle_gan.figures import RED
from paddle_gan.teaching import (
    anomaly_diagram,
    autoencoder_diagram,
    conditional_diagram,
    gan_diagram,
    growing_diagram,
    pyramid_diagram,
    restoring_diagram,
    sampling_diagram,
    semi_diagram,
    stacked_diagram,
    vae_gan_diagram,
)

Z, G, FAKE = "噪声 z", "生成器 G", "假样本 G(z)"
REAL, D, VERDICT = "真样本 x", "判别器 D", "像真的概率"
FORWARD = {(Z, G), (G, FAKE), (FAKE, D), (REAL, D), (D, VERDICT)}


def boxes(axis) -> dict[str, FancyBboxPatch]:
    """{框里的字: 框}：字的位置在哪个框里，就是哪个框的。"""
    patches = [one for one in axis.patches if isinstance(one, FancyBboxPatch)]
    found = {}
    for patch in patches:
        low, size = (
            np.array([patch.get_x(), patch.get_y()]),
            (patch.get_width(), patch.get_height()),
        )
        inside = [t for t in axis.texts if within(np.array(t.get_position()), low, low + size)]
        (words,) = (text.get_text() for text in inside if text.get_text())
        found[words] = patch
    return found


def within(point, low, high) -> bool:
    return bool((point >= low - 1e-9).all() and (point <= high + 1e-9).all())


def touching(axis, point) -> str:
    """这个点在哪个框的边上。"""
    (name,) = (
        name
        for name, one in boxes(axis).items()
        if within(
            np.array(point),
            np.array([one.get_x(), one.get_y()]),
            np.array([one.get_x() + one.get_width(), one.get_y() + one.get_height()]),
        )
    )
    return name


def arrows(axis, dashed: bool) -> set[tuple[str, str]]:
    """{（尾在哪个框，尖在哪个框）}；尖必须画在 xy 那一头。"""
    found = set()
    for note in axis.texts:
        patch = getattr(note, "arrow_patch", None)
        if patch is None or (patch.get_linestyle() == "--") != dashed:
            continue
        assert isinstance(patch.get_arrowstyle(), ArrowStyle.CurveFilledB)
        assert same_color(patch.get_edgecolor(), RED) == dashed
        found.add((touching(axis, note.xyann), touching(axis, note.xy)))
    return found


def test_the_whole_runs_from_noise_to_verdict_and_has_no_gradient(drawn):
    gan_diagram()
    axis = drawn[-1].axes[0, 0]
    assert set(boxes(axis)) == {Z, G, FAKE, REAL, D, VERDICT}
    assert arrows(axis, dashed=False) == FORWARD and arrows(axis, dashed=True) == set()


GRADIENTS = {
    "D": {(VERDICT, D)},
    "G": {(VERDICT, D), (D, FAKE), (FAKE, G)},
}


@pytest.mark.parametrize("turn, wanted", GRADIENTS.items())
def test_the_gradient_stops_at_the_sample_in_the_turn_of_d_and_reaches_g_in_its_own(
    turn, wanted, drawn
):
    gan_diagram(turn)
    axis = drawn[-1].axes[0, 0]
    assert arrows(axis, dashed=True) == wanted
    assert arrows(axis, dashed=False) == FORWARD
    assert axis.get_title().startswith(f"轮到 {turn}：")


def test_each_turn_says_over_the_box_who_is_updated_and_who_is_frozen(drawn):
    gan_diagram("D", "G")
    said = []
    for axis in drawn[-1].axes[:, 0]:
        notes = [t for t in axis.texts if to_hex(t.get_color()).upper() == RED and t.get_text()]
        centers = {n: (p.get_x() + p.get_width() / 2, p.get_y()) for n, p in boxes(axis).items()}
        above = {}
        for note in notes:
            x, y = note.get_position()
            name = min(
                (n for n in centers if centers[n][1] < y),
                key=lambda n: abs(centers[n][0] - x) + y - centers[n][1],
            )
            above[name] = note.get_text()
        said.append(above)
    assert said[0] == {G: "不更新", FAKE: "梯度到此为止", D: "更新"}
    assert said[1] == {G: "更新", D: "冻结，只让梯度穿过"}


def test_real_data_is_faint_only_in_the_turn_of_g_which_does_not_use_it(drawn):
    gan_diagram("D", "G")
    shades = [
        {name: box.get_alpha() for name, box in boxes(axis).items()}
        for axis in drawn[-1].axes[:, 0]
    ]
    assert set(shades[0].values()) == {1.0}
    assert shades[1].pop(REAL) < 0.5 and set(shades[1].values()) == {1.0}


PAIRED = {(Z, G), ("类别 y", G), (G, "G(z, y) 与 y"), (D, "真，而且配")}
PAIRED |= {("x 与 y", D), ("G(z, y) 与 y", D), ("x 与错的 y′", D)}


@pytest.mark.parametrize("mismatched", [True, False])
def test_the_three_pairs_go_to_d_each_with_what_it_should_say_and_the_wrong_one_may_be_faint(
    mismatched, drawn
):
    conditional_diagram(mismatched)
    axis = drawn[-1].axes[0, 0]
    found = boxes(axis)
    assert arrows(axis, dashed=False) == PAIRED and set(found) == {n for p in PAIRED for n in p}
    assert [n for n, one in found.items() if one.get_alpha() < 1] == ["x 与错的 y′"] * (
        not mismatched
    )
    said = {t.get_position()[1]: t.get_text() for t in axis.texts if "该判" in t.get_text()}
    assert [said[height] for height in sorted(said, reverse=True)] == ["该判真", "该判假", "该判假"]
    top = max(found, key=lambda name: found[name].get_y())
    assert top == "x 与 y"


X, ENC, CODE, DEC, RECONSTRUCTED = "真样本 x", "编码器 Enc", "编码 z", "解码器 Dec", "还原的样本"
FEATURE, TRUTH, DRAWN = "特征的距离", "真假", "假样本"
REBUILT = {(FEATURE, D), (D, RECONSTRUCTED), (RECONSTRUCTED, DEC)}
ROUTES = {  # GAN 的梯度不进编码器，还原的不进 D
    "Enc": REBUILT | {(DEC, CODE), (CODE, ENC)},
    "Dec": REBUILT | {(TRUTH, D), (D, DRAWN), (DRAWN, DEC)},
    "D": {(TRUTH, D)},
}


@pytest.mark.parametrize("turn, wanted", ROUTES.items())
def test_in_vae_gan_the_adversary_never_reaches_the_encoder_nor_the_reconstruction_d(
    turn, wanted, drawn
):
    vae_gan_diagram(turn)
    axis = drawn[-1].axes[0, 0]
    assert arrows(axis, dashed=True) == wanted
    forward = {(X, ENC), (ENC, CODE), (CODE, DEC), (DEC, RECONSTRUCTED), ("噪声 z′", DEC)}
    forward |= {(DEC, DRAWN), (RECONSTRUCTED, D), (DRAWN, D), (D, FEATURE), (D, TRUTH)}
    assert arrows(axis, dashed=False) == forward


def test_in_vae_gan_each_turn_names_the_one_that_is_updated_and_fades_what_it_does_not_use(drawn):
    vae_gan_diagram()
    titles = {"Enc": ENC, "Dec": DEC, "D": D}
    for axis, (turn, updated) in zip(drawn[-1].axes[:, 0], titles.items(), strict=True):
        found = boxes(axis)
        above = [t for t in axis.texts if t.get_text() == "更新"]
        (x,) = {t.get_position()[0] for t in above}
        one = found[updated]
        assert one.get_x() < x < one.get_x() + one.get_width()
        faint = {name for name, patch in found.items() if patch.get_alpha() < 1}
        used = {name for pair in ROUTES[turn] for name in pair}
        assert faint & used == set()
    assert len(drawn[-1].axes) == 3


# 自编码器作判别器，金字塔；训练时层与层之间没有箭头
TO_DEC = {("噪声 z", "生成器 G"), ("生成器 G", "假样本 G(z)"), ("编码器 Enc", "编码")}
TO_DEC |= {("真样本 x", "编码器 Enc"), ("假样本 G(z)", "编码器 Enc")}
TO_DEC |= {("编码", "解码器 Dec"), ("解码器 Dec", "还原误差")}


@pytest.mark.parametrize("balance", [True, False])
def test_both_samples_go_through_the_autoencoder_and_k_follows_the_energy(balance, drawn):
    autoencoder_diagram(balance)
    axis = drawn[-1].axes[0, 0]
    more = {("还原误差", "权重 k")} if balance else set()
    assert arrows(axis, dashed=False) == TO_DEC | more
    assert ("权重 k" in boxes(axis)) == balance


def flow(axis) -> list[tuple[float, float]]:
    """每支箭头的尾与尖的 x；同名的框有两个，只能看位置。"""
    notes = [note for note in axis.texts if getattr(note, "arrow_patch", None) is not None]
    return sorted((*note.xyann, *note.xy) for note in notes)


def test_sampling_is_one_chain_and_training_cuts_it_at_every_level(drawn):
    pyramid_diagram()
    pyramid_diagram(training=True)
    sampling, training = (flow(one.axes[0, 0]) for one in drawn[-2:])
    level = [arrow for arrow in sampling if arrow[1] == arrow[3] == 0]
    assert len(level) == 6  # 噪声到 28×28，一个接一个
    assert all(b[0] > a[2] for a, b in zip(level, level[1:]))
    cut = [arrow for arrow in training if arrow[1] == arrow[3] == 0]
    assert [arrow for arrow in level if arrow not in cut] == [level[2], level[4]]
    said = [text.get_text() for text in drawn[-1].axes[0, 0].texts]
    assert {"真的 7×7", "真的 14×14", "判别器 D0", "判别器 D1", "判别器 D2"} <= set(said)
    assert not {"判别器 D0", "真的 7×7"} & {t.get_text() for t in drawn[-2].axes[0, 0].texts}
    # 真的粗图往下进残差生成器，画出的图往上给 D 看
    vertical = {(round(x, 1), y > to_y) for x, y, to_x, to_y in training if x == to_x}
    assert {(6.9, True), (11.5, True), (4.6, False), (9.2, False), (13.8, False)} <= vertical


# 新的一级淡入；两级接在一起

FADING = {("噪声 z", "前几级的 G"), ("前几级的 G", "上色，放大"), ("前几级的 G", "新级，上色")}
FADING |= {("上色，放大", "按 α 混合"), ("新级，上色", "按 α 混合")}
FADING |= {(x, way) for x in ("按 α 混合", "真的也混合") for way in ("缩小，认色", "认色，新级")}
FADING |= {("缩小，认色", "α 再混合"), ("认色，新级", "α 再混合"), ("α 再混合", "前几级的 D")}
FIRST = {("类别 y", "条件增强 1"), ("条件增强 1", "第一级 G"), ("噪声 z", "第一级 G")}
FIRST |= {("第一级 G", "14×14 的图")}
SECOND = {("类别 y", "条件增强 2"), ("条件增强 2", "第二级 R"), ("14×14 的图", "第二级 R")}
SECOND |= {("第二级 R", "28×28 的图"), ("28×28 的图", "判别器 D2")}


def test_the_old_way_and_the_new_are_mixed_in_both_networks_and_in_the_real_images(drawn):
    growing_diagram()
    assert arrows(drawn[-1].axes[0, 0], dashed=False) == FADING


@pytest.mark.parametrize("second", [True, False])
def test_the_second_stage_starts_from_the_image_of_the_first(second, drawn):
    stacked_diagram(second)
    axis, more = drawn[-1].axes[0, 0], SECOND if second else {("14×14 的图", "判别器 D1")}
    assert arrows(axis, dashed=False) == FIRST | more
    assert set(boxes(axis)) == {name for pair in FIRST | more for name in pair}


# 还原：误差与真假两路，补洞时 D 前面先只留洞与一圈


@pytest.mark.parametrize("hole", [True, False])
def test_d_sees_the_truth_and_the_restored_picture_and_of_a_hole_only_its_place(hole, drawn):
    restoring_diagram(hole)
    axis = drawn[-1].axes[0, 0]
    shown = [(pair[0], pair[1]) for pair in flow_names(axis)]
    seen = "只留洞与一圈" if hole else D
    wanted = [("挖了洞的 x" if hole else "小图 x", G), (G, "还原的图"), ("还原的图", "均方误差")]
    wanted += [("答案 y", "均方误差"), (D, VERDICT), ("答案 y", seen), ("还原的图", seen)]
    assert sorted(shown) == sorted(wanted + [("只留洞与一圈", D)] * hole)


def flow_names(axis) -> list[tuple[str, str]]:
    """每支箭头从哪个框到哪个框；框可以同名。"""
    centres = [(t.get_position(), t.get_text()) for t in axis.texts if t.get_text()]

    def named(point) -> str:
        inside = [
            (abs(point[0] - x) <= 0.76 and abs(point[1] - y) <= 0.37, words)
            for (x, y), words in centres
        ]
        (found,) = [words for hit, words in inside if hit]
        return found

    notes = [note for note in axis.texts if getattr(note, "arrow_patch", None) is not None]
    return [(named(note.xyann), named(note.xy)) for note in notes]


# 写序列：梯度断在哪里，怎样绕过去、穿过去
BEFORE, CHANCE, TOKEN, PAID = "前面的词元", "概率 π", "词元 y", "D(y)"
WAYS = {
    "argmax": {(PAID, D), (D, TOKEN)},
    "reinforce": {(CHANCE, G), (PAID, CHANCE)},
    "gumbel": {(PAID, D), (D, TOKEN), (TOKEN, CHANCE), (CHANCE, G)},
}


@pytest.mark.parametrize("way, wanted", WAYS.items())
def test_only_gumbel_goes_back_through_the_tokens_and_reinforce_goes_around(way, wanted, drawn):
    sampling_diagram(way)
    axis = drawn[-1].axes[0, 0]
    assert arrows(axis, dashed=True) == wanted
    assert arrows(axis, dashed=False) == {
        *((BEFORE, G), (G, CHANCE), (CHANCE, TOKEN), (TOKEN, D), (D, PAID))
    }
    assert ("×" in [text.get_text() for text in axis.texts]) == (way == "argmax")


def test_the_three_ways_have_a_row_each(drawn):
    sampling_diagram()
    titles = [axis.get_title() for axis in drawn[-1].axes[:, 0]]
    assert ["断" in titles[0], "奖励" in titles[1], "反向" in titles[2]] == [True] * 3


# 半监督与找异常


def notes_over(axis) -> list[tuple[str, str]]:
    """（框里的字，写在它上面的红字），照画的次序；框可以同名。"""
    inside = {t.get_position(): t.get_text() for t in axis.texts if t.get_text()}
    notes = [t for t in axis.texts if same_color(t.get_color(), RED) and t.get_text()]
    found = []
    for note in notes:
        x, y = note.get_position()
        (words,) = (w for (at, up), w in inside.items() if at == x and 0.35 < y - up < 0.5)
        found.append((words, note.get_text()))
    return found


LOGITS, F = "K 个 logit", "特征 f"
SEMI = {(Z, G), (G, FAKE), ("有标签的 x", D), ("没标签的 x", D), (FAKE, D), (D, LOGITS), (D, F)}
SEMI |= {(LOGITS, "第几类"), (LOGITS, "σ(Z)：真假"), (F, "特征的差")}


def test_the_semi_supervised_d_answers_twice_and_g_only_looks_at_the_features(drawn):
    semi_diagram()
    axis = drawn[-1].axes[0, 0]
    assert arrows(axis, dashed=False) == SEMI
    assert set(boxes(axis)) == {name for pair in SEMI for name in pair}
    assert dict(notes_over(axis)) == {
        "有标签的 x": "该认出 y",
        "没标签的 x": "该判真",
        FAKE: "该判假",
        "第几类": "D 学",
        "σ(Z)：真假": "D 学",
        "特征的差": "G 学",
    }


CRITIC, E, BACK, GAP = "评论器 D", "编码器 E", "G(E(x))", "特征差多少"
FIRST_STAGE = [(Z, G), (G, FAKE), (FAKE, CRITIC), ("正常的 x", CRITIC), (CRITIC, "分数")]
SECOND_STAGE = [("正常的 x", E), (E, G), (G, BACK), (BACK, "图差多少"), (BACK, "D 的特征 f")]
SECOND_STAGE += [("同一张 x", "图差多少"), ("同一张 x", "D 的特征 f"), ("D 的特征 f", GAP)]
SECOND_STAGE += [("图差多少", "异常分 A(x)"), (GAP, "异常分 A(x)")]


def test_f_anogan_fixes_g_and_d_in_the_second_stage_and_the_score_is_both_gaps(drawn):
    anomaly_diagram()
    axis = drawn[-1].axes[0, 0]
    assert sorted(flow_names(axis)) == sorted(FIRST_STAGE + SECOND_STAGE)
    wanted = [(Z, "第一段"), (G, "更新"), (CRITIC, "更新"), ("正常的 x", "第二段"), (E, "更新")]
    assert notes_over(axis) == wanted + [(G, "固定"), ("D 的特征 f", "固定")]
