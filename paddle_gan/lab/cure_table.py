"""展台的记录写成两张表：全部组的总表，与“先试什么”的次序。

治好几个、样本多好，由记录算；用时不由记录算：各组是不同时候、不同忙闲下跑的。costs 把各组放在一起，
一组接一组地当场量。
"""

import time
from statistics import median

from paddle_gan.lab.rule import MOST
from paddle_gan.lab.showcase import FAMILIES, GOOD, NAMES, SETTINGS, configured, steps_of, won
from paddle_gan.lab.training import build, train

Records = dict[str, list[dict]]  # 组 → 各个种子的记录
NOISE = 1.5  # 用时相差不到这么多倍，看不出来
WARM_UP = 5  # 头几步要建图、造优化器，不算
COLUMNS = ("covered_1pct", "high_quality", "reverse_kl", "halfway")
CHANGES = {  # 组 → 要改哪里
    "gan_256": "`batch_size` 一个数",
    "gan_512": "`batch_size` 一个数",
    "gan_beta1_0": "`beta1` 一个数",
    "gan_no_decay": "`lr_schedule` 一个词",
    "gan_1to1_short": "`g_steps` 一个数",
    "gan_1to1": "`g_steps` 一个数，多走些步",
    "pac_2": "一行 `reshape`；真样本用量乘 2",
    "pac_3": "一行 `reshape`；真样本用量乘 3",
    "pac_4": "一行 `reshape`；真样本用量乘 4",
    "minibatch_disc": "$D$ 多一层；与批大小绑定",
    "minibatch_std": "$D$ 多一层，没有参数",
    "r1_r2": r"$L_D$ 加两项，$\beta_1=0$；$D$ 里不能有 BN",
    "r1_r2_beta1": r"$L_D$ 加两项，$\beta_1$ 不动；$D$ 里不能有 BN",
    "r3gan": r"换损失，$L_D$ 加两项，$\beta_1=0$；$D$ 里不能有 BN",
    "dragan": r"$L_D$ 加一项，$\beta_1$ 不动；$D$ 里不能有 BN",
    "wgan_gp": r"换损失，$L_D$ 加一项，$\beta_1=0$；$D$ 里不能有 BN",
    "sngan": r"$D$ 的每层归一化，换损失，$\beta_1=0$",
    "lsgan": "换损失",
    "rpgan": "换损失，$L_G$ 里也有真样本",
    "unroll_0": "换损失",
    "unroll_1": "$G$ 的损失穿过 $D$ 的 1 步",
    "unroll_5": "$G$ 的损失穿过 $D$ 的 5 步",
    "unroll_10": "$G$ 的损失穿过 $D$ 的 10 步",
    "unroll_1_cut": "$G$ 面对走了 1 步的 $D$，梯度不穿过",
    "mr_gan": "多一个编码器",
    "mad_2": "2 个 $G$，$D$ 认 3 类",
    "mad_4": "4 个 $G$，$D$ 认 5 类",
    "mad_8": "8 个 $G$，$D$ 认 9 类",
    "ebgan": "$D$ 换成自编码器，编码拉开",
    "ebgan_no_pt": "$D$ 换成自编码器",
}


def middle(rows: list[dict], key: str) -> float:
    """一个量在各个种子上的中位数。"""
    return median(row["statistics"][key] for row in rows)


def costs(steps: int) -> dict[str, float]:
    """{组: 每 1,000 步的 CPU 秒数}：每组走 steps 步，一个线程。"""
    found = {}
    for arm in NAMES:
        setup = build(configured(arm, WARM_UP + steps), seed=0)
        train(setup, WARM_UP)
        start = time.process_time()
        train(setup, WARM_UP + steps, start=WARM_UP)
        found[arm] = 1000 * (time.process_time() - start) / steps
    return found


def times_of_gan(arm: str, cost: dict[str, float]) -> float:
    """走完全程的用时是 GAN 的几倍。"""
    whole = {one: cost[one] * steps_of(one, SETTINGS["full"]) for one in (arm, "gan")}
    return whole[arm] / whole["gan"]


def times_text(times: float) -> str:
    """用时是 GAN 的几倍怎样写：只量了几十步，几成的差别是机器的，不写出来。"""
    return "约 1" if 1 / NOISE < times < NOISE else f"{times:.1f}" if times < 10 else f"{times:.0f}"


def table(records: Records, cost: dict[str, float]) -> str:
    """总表（Markdown）：一行一组，一类一类地排；治好的种子与用时之外都是中位数。"""
    lines = ["| 类 | 组 | 治好 | 占 1% 以上，/8 | 高质量 | 反向 KL | 走到一半，/8 | 秒 / 千步 |"]
    lines.append("|---|---|--:|--:|--:|--:|--:|--:|")
    for family, arms in FAMILIES.items():
        for arm in arms:
            rows = records[arm]
            cells = [f"{won(rows)} / {len(rows)}"]
            cells += [f"{middle(rows, key):.3g}" for key in COLUMNS]
            cells += [f"{cost[arm]:.0f}"]
            lines.append(f"| {family} | {NAMES[arm]} | " + " | ".join(cells) + " |")
            family = ""  # 一类只在头一行写
    return "\n".join(lines)


def reliable(records: Records) -> list[str]:
    """过线的组：八成的种子治好，居中的高质量也不低；治好的多的在前，一样多的照总表的次序。

    当对照量的组过了线，也在里面：能治好病，就值得先试。
    """
    passed = [
        arm
        for arm in CHANGES
        if arm in records
        and won(records[arm]) >= MOST * len(records[arm])
        and middle(records[arm], "high_quality") >= GOOD
    ]
    return sorted(passed, key=lambda arm: -won(records[arm]))


def order(records: Records, cost: dict[str, float]) -> str:
    """“先试什么”（Markdown）：过线的组照 reliable 的次序，用时是 GAN 的几倍。"""
    lines = ["| 做什么 | 改动 | 治好 | 走到一半，占 1% 以上 | 全程用时，GAN 的几倍 |"]
    lines.append("|---|---|--:|--:|--:|")
    for arm in reliable(records):
        rows = records[arm]
        cells = [NAMES[arm], CHANGES[arm], f"{won(rows)} / {len(rows)}"]
        cells += [f"{middle(rows, 'halfway'):g} / 8", times_text(times_of_gan(arm, cost))]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def left_out(records: Records) -> str:
    """没有过线的组，治好的多的在前：“DRAGAN 7 / 10；……”。"""
    passed = reliable(records)
    failed = [arm for arm in CHANGES if arm in records and arm not in passed]
    failed.sort(key=lambda arm: -won(records[arm]))
    return "；".join(f"{NAMES[arm]} {won(records[arm])} / {len(records[arm])}" for arm in failed)
