"""F3：换一个损失差多少，换一组超参数又差多少：同样的网络、数据、步数，手写数字。"""

from statistics import median

from paddle_gan.data import Digits
from paddle_gan.evaluation.scorers_digits import FrechetLeNet
from paddle_gan.figures import BLUE, RED, new_figure
from paddle_gan.lab.experiment import Experiment, Measurement, Published
from paddle_gan.lab.rule import Rule, control
from paddle_gan.lab.training import build, samples_of, train
from paddle_gan.run.finite import NonFinite

WIDTH, RATE = 16, 2e-4  # 学习率是各方法的默认值
SCORED = 2500  # 算 FD 用的样本数
LOSSES = {  # 名字 → 方法与它自己的超参数
    "ns": ("gan", {}),
    "lsgan": ("lsgan", {}),
    "hinge": ("hinge", {}),
    "relativistic": ("relativistic", {}),
    "pearson": ("f_gan", {"divergence": "pearson"}),
    "wgan_gp": ("wgan_gp", {"n_critic": 1}),
}
LABELS = {
    "ns": "不饱和",
    "lsgan": "LSGAN",
    "hinge": "合页 + 谱归一化",
    "relativistic": "RpGAN",
    "pearson": "f-GAN 皮尔逊",
    "wgan_gp": "WGAN-GP",
}
SETTINGS = {  # 名字 → 与默认不同的一处
    "default": {},
    "half": {"rate": RATE / 2},
    "double": {"rate": RATE * 2},
    "beta0": {"beta1": 0.0},
    "batch32": {"batch": 32},
}


def configured(loss: str, setting: str, steps: int) -> dict:
    """一次训练的原始配置；各个损失的网络、数据与默认的设定都一样。"""
    method, own = LOSSES[loss]
    chosen = {"rate": RATE, "beta1": 0.5, "batch": 64} | SETTINGS[setting]
    rates = ("lr",) if method == "wgan_gp" else ("lr_D", "lr_G")
    size = {"width": WIDTH, "depth": 2}
    return {
        "method": method,
        "hparams": {
            "z_dim": 64,
            "beta1": chosen["beta1"],
            "beta2": 0.999,
            **dict.fromkeys(rates, chosen["rate"]),
            **own,
        },
        "network": {
            "generator": {"name": "dcgan_generator"} | size,
            "discriminator": {"name": "dcgan_discriminator", "norm": "none"}
            | size
            | {"spectral_norm": loss == "hinge"},
        },
        "data": {"name": "digits"},
        "batch_size": chosen["batch"],
        "total_steps": steps,
    }


def trained(loss: str, setting: str, seed: int, steps: int) -> float:
    """训练一遍，FD-LeNet；发散的按没有训练过的 G 算。"""
    setup = build(configured(loss, setting, steps), seed)
    try:
        train(setup, steps)
    except NonFinite:
        setup = build(configured(loss, setting, steps), seed)
    scorer = FrechetLeNet(setup.data, Digits(split="test"), SCORED, seed)
    return scorer.of_images(samples_of(setup, SCORED))["fd_lenet"]


def rows_beside() -> dict[str, dict[str, float]]:
    """参照：一样多张真的训练图；一步也不训练的 G，哪个损失、哪种设定都是同一个。"""
    scorer = FrechetLeNet(Digits(), Digits(split="test"), SCORED, 0)
    [(name, real)] = list(scorer.baselines().items())[1:]
    setup = build(configured("ns", "default", 1), 0)
    rows = {
        name: real["fd_lenet"],
        "没有训练的 G": scorer.of_images(samples_of(setup, SCORED))["fd_lenet"],
    }
    return {name: dict.fromkeys((*LOSSES, *SETTINGS), fd) for name, fd in rows.items()}


def measure(arm: str, seed: int, settings: dict) -> Measurement:
    """losses：默认的设定，六个损失各一遍；settings：第 seed 个损失，五种设定各一遍。"""
    steps, own = settings["steps"], list(LOSSES)[seed % len(LOSSES)]
    runs = [(loss, "default") for loss in LOSSES]
    if arm == "settings":
        runs = [(own, setting) for setting in SETTINGS]
    scores = [trained(loss, setting, seed, steps) for loss, setting in runs]
    names = LOSSES if arm == "losses" else SETTINGS
    statistics = {"spread": max(scores) - min(scores), "worst": max(scores)}
    return Measurement(statistics | dict(zip(names, scores)), {"runs": [list(one) for one in runs]})


def scores_of(records: dict[str, list[dict]], arm: str, loss: str) -> list[float]:
    """一组记录里这个损失的全部 FD。"""
    names = {"losses": LOSSES, "settings": SETTINGS}[arm]
    return [
        row["statistics"][name]
        for row in records[arm]
        for name, run in zip(names, row["curves"]["runs"])
        if run[0] == loss
    ]


def draw(records: dict[str, list[dict]]):
    """一列一个损失：左边的点是默认设定的各个种子，右边的点是换了设定的；题目是三样的散布。"""
    figure, axes = new_figure(size=(8.6, 3.9))
    axis, by_seed, by_setting = axes[0, 0], {}, {}
    for place, loss in enumerate(LOSSES):
        by_seed[loss] = scores_of(records, "losses", loss)
        by_setting[loss] = scores_of(records, "settings", loss)
        looks = ((-0.14, by_seed, "o", BLUE), (0.14, by_setting, "s", RED))
        for shift, found, marker, color in looks:
            label = {BLUE: "默认的设定，一点一个种子", RED: "同一个种子，一点一种设定"}[color]
            x = [place + shift] * len(found[loss])
            label = label if place == 0 else None
            axis.plot(x, found[loss], marker, color=color, alpha=0.7, label=label)
        middle = median(by_seed[loss])
        axis.plot([place - 0.3, place + 0.02], [middle] * 2, color=BLUE, linewidth=1.5)
    axis.set_xticks(range(len(LOSSES)), [LABELS[loss] for loss in LOSSES])
    axis.set(ylabel="FD-LeNet（越小越好）", ylim=(0, None), title=summary(records, by_seed))
    figure.legend(loc="outside lower center", ncols=2, fontsize=10)
    return figure


def summary(records: dict[str, list[dict]], by_seed: dict[str, list[float]]) -> str:
    """三样的散布：同一个种子换损失、换设定（与台账的一句话同一个数），同一个损失换种子。"""
    losses, settings = (
        median(row["statistics"]["spread"] for row in records[arm])
        for arm in ("losses", "settings")
    )
    seeds = median(max(one) - min(one) for one in by_seed.values() if one)
    return (
        f"最坏与最好差多少，居中的：同一个种子换损失 {losses:.0f}，换设定 {settings:.0f}；"
        f"同一个损失换种子 {seeds:.0f}"
    )


F3 = Experiment(
    row="F3",
    title="损失之间的差别，比同一个损失里换一组超参数的小",
    quote="Can we use other divergence?",
    source="003 GAN",
    anchor="[§8.7]",
    arms={"losses": "只换损失", "settings": "只换设定"},
    statistics={
        "spread": "FD-LeNet 最坏与最好之差",
        "worst": "最坏的 FD-LeNet",
        **{loss: f"{label}，默认的设定" for loss, label in LABELS.items()},
        "default": "默认的设定",
        "half": "学习率减半",
        "double": "学习率加倍",
        "beta0": "β₁ = 0",
        "batch32": "批 32",
    },
    rules=(
        Rule("losses", "spread", "≤", 0.0, "更", versus="settings"),
        control("losses", "spread", "≤", 0.0, form="总是", versus="settings"),
    ),
    measure=measure,
    draw=draw,
    settings={"quick": {"steps": 30}, "full": {"steps": 1000}},
    seeds={"quick": 1, "full": 6},
    budget={"quick": 30, "full": 380},
    references=rows_beside,
    sentence="同一个种子、同样的设定，六个损失的 FD-LeNet（越小越好）最坏与最好差 "
    "{v[losses][spread]}；"
    "同一个种子、同一个损失，学习率减半、加倍，β₁ 取 0，批取 32，差 {v[settings][spread]}。"
    "默认的设定，居中的种子：不饱和 {v[losses][ns]}，LSGAN {v[losses][lsgan]}，"
    "合页 + 谱归一化 {v[losses][hinge]}，RpGAN {v[losses][relativistic]}，"
    "f-GAN 皮尔逊 {v[losses][pearson]}，WGAN-GP {v[losses][wgan_gp]}；"
    "一步也不训练 203，真图 0.504",
    note="六个种子，第几个种子就换第几个损失的设定，次序同上面一句；"
    "每一次都是 1,000 步，D、G 各走一次，网络宽 16，D 没有 BN（合页的加谱归一化），"
    "学习率 2×10⁻⁴，β₁ = 0.5，批 64，没有逐个损失调过。"
    "只换损失的一边是六个数的最坏与最好之差，只换设定的是五个数的，这对判据不利。"
    "发散的按没有训练过的 G 算。判据先于数据写好。种子 20 试跑过："
    "学习率 5×10⁻⁴ 时不饱和 57，合页 39，WGAN-GP 64，皮尔逊 116；"
    "换成各方法的默认值 2×10⁻⁴ 以后，不饱和 65，皮尔逊 135，没有再改。",
    published=(
        Published(
            "MNIST 上的 FID，每个损失抽一百组超参数，挑最好的，五十个种子",
            "不饱和 6.8 ± 0.5，LSGAN 7.8 ± 0.6，WGAN 6.7 ± 0.4，WGAN-GP 20.3 ± 5.0",
            "Inception 特征，网络大得多；这里是 LeNet 特征、五种设定、1,000 步，数不能对着比",
            "Lucic 等（2018），转引自后来一篇论文的重排表",
            "S",
        ),
    ),
)
