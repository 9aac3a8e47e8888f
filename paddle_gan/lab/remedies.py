"""M3、M4、M5、M11：治模式崩溃的四种办法，与同样预算的原始 GAN 比。"""

from paddle_gan.data import Grid, Ring
from paddle_gan.figures import new_figure
from paddle_gan.lab.collapse import BATCH, COLLAPSING, LEAKY, TANH
from paddle_gan.lab.cure import (
    CHOSEN,
    SCATTERED,
    TWICE_GRID,
    TWICE_RING,
    better_than_scattered,
    collapsed,
    on_the_ring,
)
from paddle_gan.lab.experiment import Experiment, Measurement, Published, Rule
from paddle_gan.lab.training import (
    MODE_NAMES,
    build,
    draw_group,
    draw_points,
    modes_of,
    ring,
    rows_beside,
    samples_of,
    short,
    train,
)


def collapsing(method: str, steps: int, extra: dict, data: dict | None = None) -> dict:
    """会崩溃的设定上的一组：环，或 data 给出的数据；extra 是解药自己的超参数。"""
    raw = ring(method, steps, COLLAPSING | extra) | {"batch_size": BATCH, "network": LEAKY}
    return raw | ({"data": data} if data else {})


def trained_modes(raw: dict, seed: int) -> Measurement:
    """训练一遍，数模式。"""
    setup = build(raw, seed)
    train(setup, raw["total_steps"])
    samples = samples_of(setup)
    points = [short(column[:400]) for column in samples.T]
    return Measurement(modes_of(samples, setup.data), {"points": points})


M5_ARMS = {"gan": "GAN", "minibatch_disc": "小批量判别"}
M11_ARMS = {"gan": "GAN", "r1": "GAN + R1 + R2"}


def measure_m3(arm: str, seed: int, settings: dict) -> Measurement:
    """八个高斯，展开 0 步与 5 步；0 步就是（极小极大的）原始 GAN。"""
    extra = {"unroll": int(arm.removeprefix("unroll_")), "beta1": 0.5}
    raw = collapsing("unrolled", settings["steps"], extra)
    return trained_modes(raw | {"network": TANH}, seed)  # 网络与 β₁ 照作者的演示代码


def measure_m4(arm: str, seed: int, settings: dict) -> Measurement:
    """环与格，D 一次看 m 个样本；m = 1 就是原始 GAN。"""
    shape, pack = arm.split("_")
    method, extra = ("pac_gan", {"packing": int(pack)}) if int(pack) > 1 else ("gan", {})
    data = {"name": shape} | (SCATTERED if shape == "grid" else {})
    return trained_modes(collapsing(method, settings["steps"], extra, data), seed)


def measure_m5(arm: str, seed: int, settings: dict) -> Measurement:
    """八个高斯，D 看不看小批量里别的样本。"""
    kernels = {"num_kernels": 16} if arm == "minibatch_disc" else {}
    return trained_modes(collapsing(arm, settings["steps"], kernels), seed)


def measure_m11(arm: str, seed: int, settings: dict) -> Measurement:
    """八个高斯，加不加 R1 + R2。"""
    gammas = {"gamma_r1": 1.0, "gamma_r2": 1.0} if arm == "r1" else {}
    return trained_modes(collapsing(arm, settings["steps"], gammas), seed)


def draw_m4(records):
    """上：环；下：格；每行从 GAN 到 PacGAN4。"""
    figure, axes = new_figure(4, 2, size=(2.6, 3.3))
    for line, (shape, data) in zip(axes, (("ring", Ring()), ("grid", Grid(**SCATTERED)))):
        for axis, m in zip(line, range(1, 5)):
            arm = f"{shape}_{m}"
            draw_group(axis, M4.label(arm), records[arm], data.modes)
    return figure


M3 = Experiment(
    row="M3",
    title="Unrolled GAN：G 多看几步，就不崩溃",
    quote="Mode Collapse的解决方案",
    source="000 飞桨幻灯片（改目标：Unrolled）",
    anchor="[§9.1]",
    arms={"unroll_0": "GAN", "unroll_5": "展开 5 步"},
    statistics=MODE_NAMES,
    rules=(
        Rule("unroll_5", "covered", "≥", 7.6),
        Rule("unroll_5", "reverse_kl", "≤", -0.2, versus="unroll_0"),
        collapsed("unroll_0"),
        better_than_scattered("unroll_5", TWICE_RING),
    ),
    measure=measure_m3,
    draw=lambda records: draw_points(records, M3.arms, Ring().modes),
    settings={"quick": {"steps": 1000}, "full": {"steps": 3000}},
    seeds={"quick": 1, "full": 10},
    budget={"quick": 50, "full": 145},
    references=lambda: rows_beside(Ring()),
    published=(
        Published(
            "Unrolled 在环形数据上的模式数 / 高质量",
            "7.6 / 35.6%",
            "VEEGAN 的设定与网络",
            "VEEGAN 表 1",
        ),
    ),
    sentence=on_the_ring("展开 5 步", "unroll_5", "unroll_0"),
    note="只训练 3,000 步（作者是 25,000 步），比的是早期稳不稳，不是最后好不好。"
    "步数是在种子 20 上挑的，判据没有动；预算放不下展开 10 步的那一组，关于它的一条判据就没有量。"
    "虚拟更新的步长 η 先是 0.1，虚拟的 D 会走过头（09 章有一格演示），改成 0.01 之后重量的。"
    "演示代码的环有一个端点重复，只有 7 个模式，这里 8 个；网络与 β₁ 照作者。" + CHOSEN,
)

M4 = Experiment(
    row="M4",
    title="PacGAN：D 一次看 m 个样本，模式就不丢",
    quote="Mode Collapse的解决方案",
    source="000 飞桨幻灯片（PacGAN）",
    anchor="[§9.4]",
    arms={
        f"{shape}_{m}": f"{name}上的\n{f'PacGAN{m}' if m > 1 else 'GAN'}"
        for shape, name in (("ring", "环"), ("grid", "格"))
        for m in range(1, 5)
    },
    statistics=MODE_NAMES,
    rules=(
        *(
            rule
            for shape, more, twice in (("ring", 1.0, TWICE_RING), ("grid", 5.0, TWICE_GRID))
            for arm in (f"{shape}_2", f"{shape}_3", f"{shape}_4")
            for rule in (
                Rule(arm, "covered", "≥", more, versus=f"{shape}_1"),
                Rule(arm, "reverse_kl", "≤", -0.5, versus=f"{shape}_1"),
                better_than_scattered(arm, twice),
            )
        ),
        Rule("ring_2", "covered", "≥", 7.8),
        Rule("grid_4", "covered", "≥", 24.0),
        Rule("grid_2", "covered", "≥", 23.8),
        collapsed("ring_1"),
        collapsed("grid_1", 17.3),
    ),
    measure=measure_m4,
    draw=draw_m4,
    settings={"quick": {"steps": 2500}, "full": {"steps": 4000}},
    seeds={"quick": 1, "full": 10},
    budget={"quick": 150, "full": 240},
    references=lambda: rows_beside(Ring(), "，环") | rows_beside(Grid(**SCATTERED), "，格"),
    published=(
        Published(
            "格，占 1% 以上的模式数",
            "GAN 7.2，PacGAN2 24.6（25 个里）",
            "间距 1.5、σ = 0.1，z 16 维，2 × 128，批 256，5 万步，5 个种子，学习率不明；"
            "这里批 64，几千步，数的是 3σ 内至少有一个样本的模式",
            "一项 CPU 上的公开研究",
            "S",
        ),
        Published(
            "环 / 格，覆盖的模式数",
            "GAN 6.3 / 17.3；PacGAN2 7.9 / 23.8；PacGAN4 7.8 / 24.8",
            "4 × 400 的网络、maxout 判别器、40 万步、10 次",
            "PacGAN 表 1",
        ),
    ),
    sentence=on_the_ring("PacGAN2", "ring_2", "ring_1")
    + "。格上 25 个里 {v[grid_2][covered]} 个与 {v[grid_1][covered]} 个，"
    "高质量 {v[grid_2][high_quality]:.1%} 与 {v[grid_1][high_quality]:.1%}，"
    f"均匀撒点 {TWICE_GRID / 2:.1%}",
    note="同作者的代码：打包 m 个的各组，每次更新用 m 批样本。"
    "PacGAN2、3、4 后来用同样的三条判据（原来环上的 3、4 与格上的 3 一条也没有）。" + CHOSEN,
)

M5 = Experiment(
    row="M5",
    title="小批量判别：D 看得到别的样本，崩溃就藏不住",
    quote="Mode Collapse的解决方案",
    source="000 飞桨幻灯片（小批量判别）",
    anchor="[§9.3]",
    arms=M5_ARMS,
    statistics=MODE_NAMES,
    rules=(
        Rule("minibatch_disc", "covered", "≥", 1.0, versus="gan"),
        Rule("minibatch_disc", "reverse_kl", "≤", -0.2, versus="gan"),
        collapsed("gan"),
        better_than_scattered("minibatch_disc", TWICE_RING),
    ),
    measure=measure_m5,
    draw=lambda records: draw_points(records, M5_ARMS, Ring().modes),
    sentence=on_the_ring("小批量判别", "minibatch_disc", "gan"),
    settings={"quick": {"steps": 1500}, "full": {"steps": 1500}},
    seeds={"quick": 1, "full": 10},
    budget={"quick": 70, "full": 70},
    note=CHOSEN,
    references=lambda: rows_beside(Ring()),
    published=(
        Published(
            "堆叠 MNIST 的模式数（小批量标准差）",
            "857 → 881",
            "ProGAN 的网络与数据，不是环",
            "ProGAN 表 4 的转述",
            "S",
        ),
    ),
)

M11 = Experiment(
    row="M11",
    title="R1 + R2：罚真假两边的梯度，模式不丢",
    quote="Mode Collapse的解决方案",
    source="000 飞桨幻灯片（正则化）",
    anchor="[§9.4]",
    arms=M11_ARMS,
    statistics=MODE_NAMES,
    rules=(
        Rule("r1", "covered", "≥", 8.0, form="总是"),
        Rule("r1", "reverse_kl", "≤", -0.2, versus="gan"),
        collapsed("gan", 7.0, form="总是"),
        better_than_scattered("r1", TWICE_RING),
    ),
    measure=measure_m11,
    draw=lambda records: draw_points(records, M11_ARMS, Ring().modes),
    sentence=on_the_ring("R1 + R2", "r1", "gan"),
    settings={"quick": {"steps": 2500}, "full": {"steps": 4000}},
    seeds={"quick": 1, "full": 10},
    budget={"quick": 35, "full": 60},
    note=CHOSEN,
    references=lambda: rows_beside(Ring()),
    published=(
        Published(
            "二十五个高斯",
            "GAN 从没有到 25；加 R1 + R2 每个种子都是 25",
            "z 64 维，2 × 256，批 256，2 万步，γ = 1；这里是八个高斯，2 × 128",
            "d2l-neu convergence",
        ),
    ),
)
