"""T5、T6：交替训练不保证收敛；怎样才收敛。全部是纸笔可验的二维博弈，不训练网络。"""

import numpy as np

from paddle_gan.figures import COLORS, new_figure
from paddle_gan.lab import games
from paddle_gan.lab.experiment import TIERS, Experiment, Measurement, Published, Rule
from paddle_gan.lab.rule import control
from paddle_gan.lab.training import short

RATES = [0.1, 0.2]  # 步长 η
DIRAC_NAMES = {
    "gan": "GAN",
    "ns_gan": "不饱和 GAN",
    "wgan": "WGAN（不裁剪）",
    "wgan_clip": "WGAN 裁剪",
    "wgan_gp": "WGAN-GP",
    "instance_noise": "实例噪声",
    "r1": "R1 惩罚",
    "consensus": "共识优化",
}
CONVERGES = {"instance_noise", "r1", "consensus"}  # Mescheder 等（2018）表 1
DIRAC_SETTINGS = {"xy_steps": 1200, "h": 0.2, "steps": 500, "near": 0.3, "revision": 3}
THRESHOLDS = {"omd": 1 / np.sqrt(3), "extragradient": 1.0, "consensus": 1.0}
XY_NAMES = {
    "simultaneous": "同时更新",
    "alternating": "交替更新",
    "extragradient": "外梯度",
    "omd": "乐观更新",
    "consensus": "共识优化",
}


def start_point(seed: int, radius: float) -> np.ndarray:
    """种子 0 从 45° 出发（Dirac-GAN 的 (1, 1)），其余随机取方向，半径相同。"""
    angle = np.pi / 4 if seed == 0 else np.random.default_rng(seed).uniform(0, 2 * np.pi)
    return radius * np.array([np.cos(angle), np.sin(angle)])


def measure_t5(arm: str, seed: int, settings: dict) -> Measurement:
    """xy 组：两条更新规则的半径因子；dirac 组：八种方法、三种次序是否收敛，以及特征值。"""
    return measure_xy(seed, settings) if arm == "xy" else measure_dirac(seed, settings)


def measure_xy(seed: int, settings: dict) -> Measurement:
    """同时更新的半径每步乘 √(1 + η²)，交替更新的半径不增不减。"""
    start = start_point(seed, np.sqrt(4.25))
    statistics, curves = {}, {}
    for rule in ("simultaneous", "alternating"):
        paths = [games.xy_path(rule, eta, settings["xy_steps"], start) for eta in RATES]
        errors = [
            abs(games.measured_factor(path) - games.theoretical_factor(rule, eta))
            for path, eta in zip(paths, RATES)
        ]
        statistics[f"{rule}_factor_error"] = max(errors)
        radius = np.hypot(*paths[0].T) / np.hypot(*start)
        statistics[f"{rule}_growth"] = radius[462:464].max()  # η = 0.1：同时更新 462.8 步乘 10
        curves[rule] = [short(column[:464:2]) for column in paths[0].T]
    return Measurement(statistics, curves if seed == 0 else {})


def measure_dirac(seed: int, settings: dict) -> Measurement:
    """收敛：500 步之后的半径不到出发时的 1%；理论管的是均衡附近，所以从近处、远处各出发一遍。"""
    start, h, steps = start_point(seed, np.sqrt(2)), settings["h"], settings["steps"]
    near = start_point(seed, settings["near"])
    theory = games.theoretical_eigenvalues()
    errors = [min(abs(games.eigenvalues(name) - value)) for name, value in theory.items()]
    statistics = {
        "near_agreement": agreement(near, h, steps),
        "table_agreement": agreement(start, h, steps),
        "small_step_agreement": agreement(start, h / 4, 4 * steps),
        "eigenvalue_error": max(errors),
    }
    names = games.DIRAC if seed == 0 else ()
    paths = {name: games.dirac_path(name, "alt1", start, h, steps) for name in names}
    curves = {name: [short(column[::2]) for column in path.T] for name, path in paths.items()}
    return Measurement(statistics, curves)


def agreement(start: np.ndarray, h: float, steps: int) -> float:
    """八种方法、三种次序，收敛与否和理论相符的比例。"""
    cells = [
        (np.hypot(*games.dirac_path(name, schedule, start, h, steps)[-1]), name in CONVERGES)
        for name in games.DIRAC
        for schedule in games.SCHEDULES
    ]
    right = [(radius < 0.01 * np.hypot(*start)) == expected for radius, expected in cells]
    return float(np.mean(right))


def draw_t5(records: dict[str, list[dict]]):
    """相图：xy 的两种更新，Dirac-GAN 的八种方法。"""
    figure, axes = new_figure(5, 2, size=(2.5, 2.5))
    xy, dirac = (records[arm][0]["curves"] for arm in ("xy", "dirac"))
    panels = [(f"xy：{XY_NAMES[rule]}", xy[rule], "simultaneous" in rule) for rule in xy]
    panels += [(DIRAC_NAMES[name], dirac[name], name not in CONVERGES) for name in dirac]
    for axis, (title, (x, y), bad) in zip(axes.flat, panels):
        color = COLORS[1] if bad or "xy" in title else COLORS[2]
        axis.plot(x, y, color=color, linewidth=0.9)
        axis.plot(x[0], y[0], "o", color="black", markersize=4)
        axis.plot(0, 0, "*", color="black", markersize=10)
        axis.set_title(title, fontsize=11)
        axis.set_aspect("equal", adjustable="datalim")
    figure.suptitle(
        "★ 是均衡，● 是起点；红：走不到均衡，绿：走到了（Dirac-GAN 交替更新，500 步）\n"
        "Dirac-GAN 画的从离均衡 1.41 处出发；一句话里的百分比是从 0.3 处出发的，判据看那里"
    )
    return figure


def measure_t6(arm: str, seed: int, settings: dict) -> Measurement:
    """一条更新规则：半径因子、500 步之后的半径、能收敛的最大步长。"""
    start = start_point(seed, np.sqrt(4.25))
    errors = [
        abs(
            games.measured_factor(games.xy_path(arm, eta, settings["xy_steps"], start))
            - games.theoretical_factor(arm, eta)
        )
        for eta in settings["rates"]
    ]
    path = games.xy_path(arm, 0.1, 500, start)
    radius = np.hypot(*path.T) / np.hypot(*start)
    statistics = {"factor_error": max(errors), "final_radius": radius[-1]}
    if arm in THRESHOLDS:
        found = critical_rate(arm, settings["xy_steps"], start)
        statistics["threshold_error"] = abs(found - THRESHOLDS[arm])
    curves = {"radius": short(radius[::5]), "path": [short(c[:200]) for c in path.T]}
    return Measurement(statistics, curves if seed == 0 else {})


def critical_rate(rule: str, steps: int, start: np.ndarray) -> float:
    """二分法找出刚好不收敛的步长 η。"""
    low, high = 0.01, 1.5
    for _ in range(12):
        middle = (low + high) / 2
        path = games.xy_path(rule, middle, steps, start)
        shrinks = games.measured_factor(path) < 1
        low, high = (middle, high) if shrinks else (low, middle)
    return (low + high) / 2


def draw_t6(records: dict[str, list[dict]]):
    """左：五条规则的半径随步数的变化；右：三条会收敛的轨迹。"""
    figure, axes = new_figure(2, 1, size=(4.8, 4.0))
    left, right = axes[0]
    for color, arm in zip(COLORS, records):
        curves, line = records[arm][0]["curves"], "--" if arm == "omd" else "-"
        steps = np.arange(len(curves["radius"])) * 5
        left.semilogy(steps, curves["radius"], line, color=color, label=XY_NAMES[arm])
        if arm in THRESHOLDS:
            right.plot(*curves["path"], line, color=color, linewidth=1, label=XY_NAMES[arm])
    left.set_ylim(1e-3, 30)  # 共识优化 500 步到 1e-22，画到底别的就看不清
    left.set(xlabel="步数", ylabel="半径 / 出发时的半径", title="η = 0.1：半径随步数的变化")
    left.legend()
    right.plot(0, 0, "*", color="black", markersize=12)
    right.set(xlabel="x", ylabel="y", title="前 200 步的轨迹（★ 是均衡）")
    right.set_aspect("equal", adjustable="datalim")
    right.legend()
    return figure


T5 = Experiment(
    row="T5",
    title="交替训练不保证收敛",
    quote="No-convergence",
    source="000 飞桨幻灯片“Gan的缺点”",
    anchor="[§3.2]",
    arms={"xy": "双线性博弈 xy", "dirac": "Dirac-GAN"},
    statistics={
        "simultaneous_factor_error": "同时更新的半径因子与 √(1+η²) 之差",
        "alternating_factor_error": "交替更新的半径因子与 1 之差",
        "simultaneous_growth": "同时更新 463 步后半径的倍数",
        "alternating_growth": "交替更新 463 步后半径的倍数",
        "near_agreement": "24 格“收敛与否”与理论相符的比例（离均衡 0.3 出发）",
        "table_agreement": "同一比例，离均衡 1.41 出发",
        "small_step_agreement": "同一比例，离均衡 1.41 出发，h = 0.05、2,000 步",
        "eigenvalue_error": "均衡处特征值与公式之差",
    },
    rules=(
        Rule("xy", "simultaneous_factor_error", "≤", 1e-3, form="等于"),
        Rule("xy", "alternating_factor_error", "≤", 1e-3, form="等于"),
        Rule("xy", "simultaneous_growth", "≥", 9.9, form="总是"),
        Rule("dirac", "near_agreement", "≥", 1.0, form="总是"),
        Rule("dirac", "eigenvalue_error", "≤", 1e-4, form="等于"),
        control("dirac", "table_agreement", "≥", 1.0, form="总是"),
    ),
    measure=measure_t5,
    draw=draw_t5,
    settings=dict.fromkeys(TIERS, DIRAC_SETTINGS),
    seeds={"quick": 5, "full": 10},
    budget={"quick": 2, "full": 2},
    published=(
        Published(
            "Dirac-GAN 收敛与否",
            "GAN、不饱和 GAN、WGAN、WGAN 裁剪、WGAN-GP 不收敛；实例噪声、R1、共识优化收敛",
            "理论结果；这里用 h = 0.2、500 步的模拟去对",
            "Mescheder 等（2018）与作者的 diracgan 代码",
        ),
        Published("同时更新半径乘 10 的步数", "462.8", "ln10 / ln√(1+η²)，η = 0.1", "推导", "A"),
    ),
    sentence="离均衡的距离变成 {v[xy][simultaneous_growth]} 倍（同时更新）、"
    "{v[xy][alternating_growth]} 倍（交替更新），都是走 463 步；二十四种走法收敛不收敛，"
    "从离均衡 0.3 处出发，{v[dirac][near_agreement]:.0%} 和理论说的一样（从 1.41 处出发是 "
    "{v[dirac][table_agreement]:.0%}）",
    note="收敛：500 步后半径不到出发时的 1%；三种次序是同时更新、D 走 1 次、D 走 5 次。"
    "原来从半径 1.41 出发，有的种子有一格不符：共识优化、D 走 5 次，停在 (0.44, −10.9) 附近。"
    "理论管的是均衡附近，所以改从半径 0.3 出发重跑，远处的改成对照（判据改于看过数据之后）。",
)

T6 = Experiment(
    row="T6",
    title="共识优化、乐观更新、外梯度能止住转圈",
    quote="No-convergence",
    source="000 飞桨幻灯片“Gan的缺点”（怎样补救）",
    anchor="[§3.2]",
    arms={rule: XY_NAMES[rule] for rule in games.XY_RULES},
    statistics={
        "factor_error": "半径因子与公式之差",
        "final_radius": "η = 0.1、500 步后的半径（出发时为 1）",
        "threshold_error": "收敛的步长上限与公式之差",
    },
    rules=tuple(
        rule
        for arm in THRESHOLDS
        for rule in (
            Rule(arm, "factor_error", "≤", 1e-3, form="等于"),
            Rule(arm, "final_radius", "≤", 0.12, form="总是"),
            Rule(arm, "threshold_error", "≤", 5e-3, form="等于"),
        )
    )
    + (control("simultaneous", "final_radius", "≥", 1, form="总是"),),
    measure=measure_t6,
    draw=draw_t6,
    settings=dict.fromkeys(TIERS, {"xy_steps": 1200, "rates": [0.1, 0.5], "revision": 2}),
    seeds={"quick": 3, "full": 10},
    budget={"quick": 5, "full": 5},
    published=(
        Published(
            "半径因子，η = 0.1",
            "外梯度 0.99504，共识优化 0.90554，乐观更新 0.99494",
            "无约束 xy 博弈的公式",
            "推导",
            "A",
        ),
    ),
    sentence="离均衡的距离剩下 {v[omd][final_radius]:.0%}（乐观更新）、"
    "{v[extragradient][final_radius]:.0%}（外梯度）、{v[consensus][final_radius]:.0%}（共识优化），"
    "什么也不加的同时更新变成 {v[simultaneous][final_radius]} 倍，都是走 500 步",
    note="只做了 xy 博弈；共识优化训练环形数据（每层 16 个单元的网络）没有做。",
)
