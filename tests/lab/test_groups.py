"""每一组真的做了它的名字说的那一处改动，而且只改了那一处：不训练，只看搭出来的方法与数据。"""

import re

import pytest
from lab_groups import SEED, built, flat
from tool_helpers import ROOT

from paddle_gan.lab import EXPERIMENTS, codes, obey, stability_sweep, vanishing, wgan_parts
from paddle_gan.lab.collapse import COLLAPSING
from paddle_gan.lab.cycle_parts import cyclegan
from paddle_gan.lab.pix2pix_parts import BLOCK, pix2pix
from paddle_gan.lab.runner import read_results
from paddle_gan.lab.training import ring
from paddle_gan.run.config import load_config, resolve


def both(key: str, value) -> dict:
    """两个网络都改。"""
    return {f"network.{side}.{key}": value for side in ("generator", "discriminator")}


DEMO = {"hparams.z_dim": 256, "hparams.lr_D": 1e-4, "hparams.lr_G": 1e-3}
DISEASE = {f"hparams.{key}": value for key, value in COLLAPSING.items()} | {"batch_size": 64}
ON_DIGITS = {"data.name": "digits", "batch_size": 64, "network.generator.output": "tanh"}
ON_DIGITS |= {"hparams.z_dim": 100, "hparams.lr_D": 2e-4, "hparams.lr_G": 2e-4} | both("width", 256)
CLIPPED = {"method": "wgan", "hparams.clip": 0.1, "hparams.n_critic": 10}
CLIPPED |= {"hparams.lr": 2e-4, "hparams.n_critic_boost": 100}
GP = {"method": "wgan_gp", "hparams.gp_weight": 1.0, "hparams.n_critic": 10}
GP |= {"hparams.n_critic_boost": 100, "hparams.beta1": 0.0, "hparams.beta2": 0.9}
GAMMAS = {"hparams.gamma_r1": 0.02, "hparams.gamma_r2": 0.02, "hparams.beta1": 0.0}
HALF = {"steps": 16_000}
ON_GRID_GAMMAS = {"hparams.gamma_r1": 0.01, "hparams.gamma_r2": 0.01}
SHOWN = {  # 展台上的各组与 GAN 差在哪里
    **{f"gan_{size}": {"batch_size": size} for size in (256, 512)},
    "gan_beta1_0": {"hparams.beta1": 0.0},
    "gan_no_decay": {"lr_schedule": "constant"},
    "gan_1to1_short": {"hparams.g_steps": 1},
    "gan_1to1": {"hparams.g_steps": 1, "steps": 11_000},  # 2,000 × (1 + 10) 次更新
    **{f"pac_{m}": {"method": "pac_gan", "hparams.packing": m} for m in (2, 3, 4)},
    "minibatch_std": {"network.discriminator.minibatch_std": 16},
    "lsgan": {"method": "lsgan", "hparams.a": 0.0, "hparams.b": 1.0, "hparams.c": 1.0},
    "rpgan": {"method": "relativistic", "hparams.form": "pair"}
    | {"hparams.gamma_r1": 0.0, "hparams.gamma_r2": 0.0},
    "wgan_gp": {"method": "wgan_gp", "hparams.lr": 1e-3, "hparams.gp_weight": 1.0}
    | {"hparams.n_critic": 1, "hparams.beta1": 0.0, "hparams.beta2": 0.9},
    "minibatch_disc": {"method": "minibatch_disc", "hparams.num_kernels": 4}
    | {"hparams.dim_per_kernel": 3},
    "r1_r2": {"method": "r1", "hparams.beta2": 0.99, **GAMMAS},
    "r1_r2_beta1": {"method": "r1", "hparams.beta2": 0.99}
    | {"hparams.gamma_r1": 0.02, "hparams.gamma_r2": 0.02},
    "r3gan": {"method": "relativistic", **GAMMAS},
    "dragan": {"method": "dragan", "hparams.gp_weight": 1.0, "hparams.perturbation": 0.1}
    | {"hparams.beta2": 0.9},
    "sngan": {"method": "sngan", "network.discriminator.spectral_norm": True}
    | {"hparams.beta1": 0.0, "hparams.beta2": 0.9},
    **{
        f"unroll_{k}": {"method": "unrolled", "hparams.unroll": k, "hparams.unroll_lr": 0.0}
        for k in (0, 1, 5, 10)
    },
    "unroll_1_cut": {"method": "unrolled", "hparams.unroll": 1, "hparams.unroll_lr": 0.0}
    | {"hparams.through_updates": False},
    "mr_gan": {"method": "mr_gan", "network.encoder.width": 128},
    **{f"mad_{k}": {"method": "mad_gan", "hparams.k": k, "hparams.z_dim": 3} for k in (2, 4, 8)},
    **{
        arm: {"method": "ebgan", "hparams.margin": 1.0, "hparams.pt": pt, "hparams.code": 16}
        for arm, pt in {"ebgan": 0.1, "ebgan_no_pt": 0.0}.items()
    },
}
SWEPT = {"wgan": {"hparams.clip": 0.1}}
SWEPT |= {"wgan_gp": {"hparams.gp_weight": 0.1, "hparams.beta1": 0.0, "hparams.beta2": 0.9}}
LABELS = {  # 按类别生成的各组与“只接上类别”差在哪里
    "mismatched": {"hparams.mismatched": True},
    "acgan": {"method": "acgan", "hparams.class_weight": 1.0, "hparams.classify_fakes": True},
    "projection": {"method": "projection", "hparams.lr_D": 4e-4, "hparams.lr_G": 1e-3}
    | {"hparams.beta1": 0.0, "hparams.beta2": 0.9, "network.generator.name": "cbn_generator"}
    | {"network.discriminator.name": "projection_discriminator"}
    | {"network.discriminator.spectral_norm": True},
}
FITS = [("kl_C", f"kl_{one}", {"data.mixture": one}) for one in "AB"]
FITS += [
    (f"kl_{mixture}", f"{name}_{mixture}", {"hparams.divergence": name})
    for mixture in "ABC"
    for name in ("pearson", "js", "hellinger", "reverse_kl")
]
FITS += [("js_B", "left_js_B", {})]  # 换的是起点，见 test_losses.py
FITS += [("kl_C", "trick_kl_C", {"hparams.generator_loss": "non_saturating"})]
# 实验 → [（对照，这一组，两组都有的设定里不同的全部，加上只有这一组才有的要紧的几项）]
CHANGED = {
    "collapse_and_hops": [
        (
            *("tuned", "demo"),
            {**DEMO, "hparams.generator_loss": "saturating", **both("activation", "tanh")},
        ),
        ("demo", "demo_data", {"data.radius": 1.0, "data.std": 0.01, "batch_size": 512}),
        (
            *("tuned", "greedy"),
            {"hparams.g_steps": 10, "hparams.lr_G": 1e-3, "batch_size": 128, "steps": 2000}
            | {"lr_schedule": "linear"},
        ),
        ("tuned", "momentum", {**DISEASE, "network.generator.activation": "leaky_relu"}),
    ],
    "collapse_on_demand": [
        ("normal", "he", both("init", "he_normal")),
        ("normal", "normal_bn", both("norm", "batch")),
    ],
    "dcgan_parts": [
        ("paper", "no_bn", both("norm", "none")),
        ("paper", "lrelu", {"network.generator.activation": "leaky_relu"}),
        ("paper", "g2", {"hparams.g_steps": 2, "steps": 300}),  # G 一共也更新 600 次
        ("paper", "d2", {"hparams.d_steps": 2}),
        *(("paper", arm, {}) for arm in ("pool", "fc")),  # 换的是网络，见 test_group_methods.py
    ],
    "update_ratio": [  # 走到两个打分处里远的那一个
        ("even", "d5", {"hparams.d_steps": 5}),
        ("even", "d2", {"hparams.d_steps": 2}),
        ("even", "g2", {"hparams.g_steps": 2, "steps": 571}),
        ("even", "g5", {"hparams.g_steps": 5, "steps": 307}),
    ],
    "helvetica": [
        ("frozen", "both", {}),
        ("g1d1", "g5d1", {"hparams.g_steps": 5, "steps": 1200}),
        ("g1d1", "g20d1", {"hparams.g_steps": 20, "steps": 300}),  # G 一共更新 6,000 次
        ("g1d1", "g1d5", {"hparams.d_steps": 5}),
    ],
    "loss_and_quality": [
        ("gan", "gan_collapsed", {**DISEASE, "network.generator.activation": "leaky_relu"}),
        ("gan", "wgan", CLIPPED),
        ("gan", "wgan_gp", GP),
    ],
    "loss_across_models": [  # 头一次训练；GAN 的 D 更新同样多次，要多走几步
        ("gan", arm, {"method": arm, "hparams.n_critic": 5, "steps": 200, **own})
        for arm, own in {
            "wgan": {"hparams.clip": 0.1},
            "wgan_gp": {"hparams.gp_weight": 1.0, "hparams.beta1": 0.0, "hparams.beta2": 0.9},
        }.items()
    ],
    "saturating_gradient": [
        ("g0", "g500", {"steps": 500}),
        ("g0", "g2000", {"steps": 2000}),
        ("g500", "digits", ON_DIGITS),
    ],
    **{
        name: [("gan", arm, SHOWN[arm]) for arm in experiment.arms if arm != "gan"]
        for name, experiment in EXPERIMENTS.items()
        if experiment.records == "cures" and name != "cures"
    },
    "cures": [("gan", arm, changed) for arm, changed in SHOWN.items()],
    "stability_sweep": [("gan", arm, {"method": arm, **own}) for arm, own in SWEPT.items()],
    "cycle_parts": [
        ("full", "gan", {"hparams.cycle": 0.0}),
        ("full", "forward", {"hparams.backward_cycle": 0.0}),
    ],
    "shared_glyphs": [  # 公共几个字是数据的事，见 test_translations.py
        ("none", "tenth", {}),
        ("none", "all", {}),
        ("none", "paired", {"method": "pix2pix", "hparams.l1": 100.0}),
    ],
    "turned_digits": [
        ("inverted", "turned", {}),
        ("turned", "paired", {"method": "pix2pix", "hparams.l1": 100.0}),
    ],
    "mismatched_pairs": [("concat", "mismatched", LABELS["mismatched"])],
    "price_of_obedience": [("concat", arm, LABELS[arm]) for arm in ("mismatched", "acgan")],
    "conditional": [("concat", arm, changed) for arm, changed in LABELS.items()],
    "code_kept": [("info", "none", {"hparams.info": 0.0})],
    "codes": [("info", "none", {"hparams.info": 0.0})],
    "pix2pix_parts": [
        ("l1_cgan", "l1", {"hparams.adversarial": 0.0}),
        ("l1_cgan", "gan", {"hparams.l1": 0.0, "hparams.conditional": False}),
        ("l1_cgan", "cgan", {"hparams.l1": 0.0}),
        ("l1_cgan", "l1_gan", {"hparams.conditional": False}),
        ("l1_cgan", "pixel", {"network.discriminator.layers": 0}),
        ("l1_cgan", "whole", {"network.discriminator.layers": 3}),
        ("glyphs_l1_cgan", "glyphs_l1", {"hparams.adversarial": 0.0}),
    ],
    "super_resolution": [
        ("gan", "mse", {"hparams.adversarial": 0.0}),
        ("gan", "at_once", {"hparams.pretrain": 0}),
    ],
    "fill_hole": [("joint", "l2", {"hparams.adversarial": 0.0})],
    "f_gan_fit": FITS,
    "js_between": [("js_A", f"js_{one}", {"data.mixture": one}) for one in "BC"],
    "losses_spread": [("losses", "settings", {"method": "relativistic"})],  # 头一次；见 test_losses
    "grid25": [
        ("gan", "pac_2", {"method": "pac_gan", "hparams.packing": 2, **HALF}),
        ("gan", "r1_r2", {"method": "r1", "hparams.beta2": 0.99, **ON_GRID_GAMMAS, **HALF}),
        ("gan", "r3gan", {"method": "relativistic", **ON_GRID_GAMMAS, **HALF}),
    ],
    "wgan_parts": [("wgan", arm, {}) for arm in wgan_parts.CHANGED],  # 改在方法里
}
# 不经过 training.train 的，在 test_group_inputs.py
ELSEWHERE = {"weights_at_the_clip", "dropped_classes", "confident_fakes", "js_identity"}
ELSEWHERE |= {"optimal_discriminator", "vanishing_js", "stop_rotation", "memoriser"}
ELSEWHERE |= {"birthday", "truncation", "quality_and_diversity", "parzen_trap"}
ELSEWHERE |= {"no_convergence"}  # test_games.py
ELSEWHERE |= {"directions"}  # test_pairs.py
ELSEWHERE |= {"autoencoders", "began_balance", "hierarchy"}  # test_structures.py
ELSEWHERE |= {"few_pictures", "few_labels", "anomaly"}  # test_few.py
# test_markov_chain.py、test_notes_setting.py、test_judge_features.py、test_degenerate.py
ELSEWHERE |= {"markov_chain", "notes_setting", "judge_features", "degenerate"}
ELSEWHERE |= {"sequences", "policy_gradient"}  # test_sequences.py
ELSEWHERE |= {"verses"}  # test_verses.py
ELSEWHERE |= {"ensemble"}  # test_ensemble.py
ELSEWHERE |= {"stacked_digits"}  # test_stacked.py


def test_the_groups_of_every_experiment_are_looked_at():
    assert ELSEWHERE | set(CHANGED) == set(EXPERIMENTS)


@pytest.mark.parametrize("name", CHANGED)
def test_a_group_differs_from_its_control_by_its_own_change_and_by_nothing_else(name, monkeypatch):
    facts = {arm: built(name, arm, monkeypatch)[1] for arm in EXPERIMENTS[name].arms}
    assert {arm for pair in CHANGED[name] for arm in pair[:2]} == set(facts)
    for control, arm, changed in CHANGED[name]:
        first, second = facts[control], facts[arm]
        differ = {k: second[k] for k in first.keys() & second.keys() if first[k] != second[k]}
        shared = {key: value for key, value in changed.items() if key in first}
        assert differ == shared, arm
        assert {key: second.get(key) for key in changed} == changed, arm
        assert second["seed"] == first["seed"] == SEED


TANH, LEAKY = both("activation", "tanh"), both("activation", "leaky_relu")
TUNED = {"hparams.z_dim": 2, "hparams.lr_D": 1e-3, "hparams.lr_G": 5e-4, "batch_size": 256}
GREEDY = {"method": "gan", "hparams.z_dim": 2, "hparams.lr_D": 1e-3, "hparams.lr_G": 1e-3}
GREEDY |= {"hparams.d_steps": 1, "hparams.g_steps": 10, "batch_size": 128, "data.name": "ring"}
GREEDY |= both("width", 128) | both("depth", 2) | {"steps": 2000}
PAPER = {"method": "dcgan", "hparams.noise": "uniform", "hparams.z_dim": 100, "steps": 600}
PAPER |= {"hparams.lr_D": 5e-4, "hparams.lr_G": 5e-4, "batch_size": 32} | both("width", 16)
PAPER |= {"hparams.beta1": 0.5, "hparams.d_steps": 1, "hparams.g_steps": 1} | both("norm", "batch")
PAPER |= {"network.generator.activation": "relu"} | both("init", "normal_002")
STARTS = {  # 对照自己是什么样的：说明与注释里写的
    ("collapse_and_hops", "tuned"): TUNED,
    ("collapse_and_hops", "greedy"): GREEDY,
    ("loss_and_quality", "gan"): TUNED,
    ("dcgan_parts", "paper"): PAPER,
    ("update_ratio", "even"): PAPER | {"steps": 800},
    ("helvetica", "frozen"): TUNED,
    ("wgan_parts", "wgan"): {"method": "wgan", "hparams.clip": 0.1, "hparams.lr": 1e-3}
    | {"batch_size": 64, "lr_schedule": "linear", "steps": 1500},
    ("cures", "gan"): GREEDY | {"lr_schedule": "linear"},
    ("conditional", "concat"): {"method": "cgan", "hparams.mismatched": False, "steps": 1600}
    | {"hparams.lr_D": 2e-4, "hparams.lr_G": 2e-4, "hparams.z_dim": 64, "batch_size": 64},
    ("codes", "info"): {"hparams.info": 1.0, "hparams.categories": 10, "steps": 1000},
    ("cycle_parts", "full"): {"hparams.cycle": 10.0, "hparams.backward_cycle": 1.0, "steps": 400},
    ("shared_glyphs", "none"): {"method": "cyclegan", "hparams.cycle": 10.0, "steps": 800}
    | {"data.x_font": "wenkai", "data.y_font": "mashan", "batch_size": 8},
    ("turned_digits", "turned"): {"method": "cyclegan", "hparams.identity": 0.0, "steps": 2000}
    | {"hparams.cycle": 10.0, "batch_size": 8},
    ("pix2pix_parts", "l1_cgan"): {"hparams.l1": 100.0, "data.name": "edge_digits"}
    | {"hparams.adversarial": 1.0, "hparams.conditional": True, "steps": 1000},
    ("pix2pix_parts", "glyphs_l1_cgan"): {"data.name": "glyphs", "hparams.l1": 100.0},
    ("super_resolution", "gan"): {"hparams.pretrain": 500, "steps": 1500, "data.factor": 4}
    | {"hparams.adversarial": 0.01, "data.size": 28},
    ("fill_hole", "joint"): {"hparams.adversarial": 0.001, "steps": 1500, "data.hole": 16},
}


@pytest.mark.parametrize("name, arm", STARTS)
def test_the_control_is_what_the_notes_say(name, arm, monkeypatch):
    _, facts = built(name, arm, monkeypatch)
    assert {key: facts[key] for key in STARTS[name, arm]} == STARTS[name, arm]


# 组的名字里写着的：数、数据、方法 → 设定
NUMBERS = {
    r"PacGAN(\d+)": ("hparams.packing",),
    r"展开 (\d+) 步": ("hparams.unroll",),
    r"G (\d+) 次 : D (\d+) 次": ("hparams.g_steps", "hparams.d_steps"),
    r"D (\d+) 次 : G (\d+) 次": ("hparams.d_steps", "hparams.g_steps"),
    r"训练 ([\d,]+) 步": ("steps",),
    r"动量 ([\d.]+)": ("hparams.beta1",),
    r"批 (\d+)": ("batch_size",),
    r"MAD-GAN（(\d+) 个 G）": ("hparams.k",),
    r"半径 (\d+)，σ = ([\d.]+)": ("data.radius", "data.std"),
}
WORDS = {
    "环上": {"data.name": "ring"},
    "没训练过": {"steps": 0},
    "不饱和损失": {"hparams.generator_loss": "non_saturating"},
    "He 初始化": both("init", "he_normal"),
    "N(0, 0.02²)": both("init", "normal_002"),
    "加 BN": both("norm", "batch"),
    "去掉 BN": both("norm", "none"),
    "G 也用 lrelu": {"network.generator.activation": "leaky_relu"},
    "R1 + R2": {"method": "r1"},
    "R3GAN": {"method": "relativistic", "hparams.beta1": 0.0},
    "步数多一倍": {"steps": 2 * 16_000},
    "SNGAN": {"network.discriminator.spectral_norm": True},
    "小批量标准差": {"method": "gan", "network.discriminator.minibatch_std": 16},
    "RpGAN": {"method": "relativistic", "hparams.gamma_r1": 0.0, "hparams.gamma_r2": 0.0},
    "GAN，β₁ = 0": {"hparams.beta1": 0.0},
    "R1 + R2，β₁ = 0.5": {"hparams.gamma_r1": 0.02, "hparams.beta1": 0.5},
    "学习率不降": {"lr_schedule": "constant"},
    "GAN，1 : 1": {"hparams.d_steps": 1, "hparams.g_steps": 1},
    "步数不变": {"steps": 2000},
    "更新一样多": {"steps": 2000 * 11 // 2},
    "不穿过": {"method": "unrolled", "hparams.through_updates": False},
    "不拉开": {"method": "ebgan", "hparams.pt": 0.0},
    "小批量判别": {"method": "minibatch_disc"},
    "λ = 0": {"hparams.cycle": 0.0},
    "只接上类别": {"method": "cgan", "hparams.mismatched": False},
    "还看配错类别": {"method": "cgan", "hparams.mismatched": True},
    "不加互信息": {"hparams.info": 0.0},
    "正向循环": {"hparams.backward_cycle": 0.0},
    "L1 + cGAN": {"hparams.l1": 100.0, "hparams.conditional": True, "hparams.adversarial": 1.0},
    "L1 + GAN": {"hparams.l1": 100.0, "hparams.conditional": False, "hparams.adversarial": 1.0},
    "汉字：": {"data.name": "glyphs"},
    "只求误差小": {"hparams.adversarial": 0.0},
    "一开始就对抗": {"hparams.pretrain": 0},
}


@pytest.mark.parametrize("name", CHANGED)
def test_what_the_label_of_a_group_says_is_what_the_group_has(name, monkeypatch):
    for arm in EXPERIMENTS[name].arms:
        label, (_, facts) = EXPERIMENTS[name].label(arm), built(name, arm, monkeypatch)
        for pattern, keys in NUMBERS.items():
            for numbers in re.findall(pattern, label):
                numbers = (numbers,) if isinstance(numbers, str) else numbers
                for key, number in zip(keys, numbers):
                    assert facts[key] == float(number.replace(",", "")), label
        for word, wanted in WORDS.items():
            if word in label:
                assert {key: facts[key] for key in wanted} == wanted, label


def test_each_word_of_a_label_that_is_checked_is_in_some_label():
    labels = [EXPERIMENTS[name].label(arm) for name in CHANGED for arm in EXPERIMENTS[name].arms]
    assert all(any(re.search(pattern, label) for label in labels) for pattern in NUMBERS)
    assert all(any(word in label for label in labels) for word in WORDS)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_no_two_groups_recorded_the_same_numbers(name):
    """丢了自己那一处改动的组，记下的数与对照一模一样。"""
    for tier in ("quick", "full"):
        seen = {}
        for arm, rows in read_results(name, tier).items():
            for row in rows:
                key = row["seed"], str(sorted(row["statistics"].items())), str(row["curves"])
                assert key not in seen, f"{arm} 与 {seen.get(key)}"
                seen[key] = arm


def test_the_translation_is_the_one_of_the_config_but_for_the_steps():
    setting = {"hparams", "network", "data", "batch_size"}
    pairs = {"pix2pix_edges": pix2pix("digits", 1, {}, BLOCK)}
    pairs |= {"pix2pix_glyphs": pix2pix("glyphs", 1, {}, BLOCK), "cyclegan": cyclegan(1, {})}
    for name, raw in pairs.items():
        config = load_config(ROOT / "configs" / f"{name}.yml")
        mine, shipped = (one.model_dump(include=setting) for one in (resolve(raw), config))
        if name == "pix2pix_glyphs":  # 随包的小一些，才装得下
            sizes = [one["network"]["generator"] for one in (mine, shipped)]
            assert [(size.pop("width"), size.pop("depth")) for size in sizes] == [(24, 5), (16, 4)]
            widths = [one["network"]["discriminator"].pop("width") for one in (mine, shipped)]
            assert widths == [24, 16]
        assert mine == shipped, name


@pytest.mark.parametrize(
    "experiment, arm, shipped",
    [
        (obey, "mismatched", "cgan_digits"),
        (obey, "acgan", "acgan_digits"),
        (obey, "projection", "projection_digits"),
        (codes, "info", "infogan_digits"),
    ],
)
def test_the_groups_by_class_are_the_shipped_configs_but_for_the_steps(experiment, arm, shipped):
    setting = {"hparams", "network", "data", "batch_size"}
    config = load_config(ROOT / "configs" / f"{shipped}.yml")
    mine = resolve(experiment.configured(arm, 1))
    assert mine.model_dump(include=setting) == config.model_dump(include=setting)


def test_the_ring_everyone_starts_from_is_the_one_of_the_configs():
    raw = ring("gan", 10, {"z_dim": 2})
    assert (raw["data"], raw["batch_size"], raw["total_steps"]) == ({"name": "ring"}, 256, 10)
    assert set(vanishing.WARM_UP) == set(EXPERIMENTS["saturating_gradient"].arms)


def test_the_sweep_changes_the_rate_the_depth_and_the_norm_and_nothing_else():
    for method in ("gan", "wgan", "wgan_gp"):
        raw = stability_sweep.configured(method, 3e-4, "4 层", 10)
        start = flat(resolve(raw).model_dump(include={"network", "hparams", "method"}))
        other = stability_sweep.configured(method, 3e-3, "2 层，G 有 BN", 10)
        end = flat(resolve(other).model_dump(include={"network", "hparams", "method"}))
        rates = {"hparams.lr_D", "hparams.lr_G"} if method == "gan" else {"hparams.lr"}
        norm = {"network.generator.batch_norm"}
        assert {k for k in start if start[k] != end[k]} == rates | norm | set(both("depth", 4))
        assert {start[k] for k in rates} == {3e-4} and {end[k] for k in rates} == {3e-3}
        assert end["network.generator.batch_norm"] and not start["network.generator.batch_norm"]
