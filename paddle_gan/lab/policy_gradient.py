"""S2：梯度怎样穿过抽样。词元三种、长三步，27 条逐条算出真的梯度，各种估计与它比。"""

import numpy as np
import paddle
from paddle import Tensor
from paddle.nn.functional import one_hot, sigmoid

from paddle_gan.figures import BLUE, GRAY, RED, new_figure
from paddle_gan.lab.experiment import Experiment, Measurement
from paddle_gan.lab.rule import Rule
from paddle_gan.lab.training import Setup, build
from paddle_gan.methods.gumbel_gan import gumbel_softmax
from paddle_gan.methods.policy import log_policy, unroll
from paddle_gan.methods.seq_gan import SeqGAN
from paddle_gan.metrics.sequences import all_sequences
from paddle_gan.run import runtime

V, T = 3, 3
TEMPERATURES = {"gumbel_2": 2.0, "gumbel_1": 1.0, "gumbel_03": 0.3}
CLOSE = 0.1  # 平均与真的梯度差这么多以内，才算“就是”


def game(arm: str, seed: int, d_steps: int) -> Setup:
    """三种词元、三步的 SeqGAN；G 没有训练过，D 先学 d_steps 步认真假。"""
    raw = {
        "method": "seq_gan",
        "hparams": {"rollouts": 4, "baseline": arm == "baseline", "lr_D": 1e-2},
        "network": {
            "generator": {"name": "gru", "width": 6},
            "discriminator": {"name": "text_cnn", "width": 8, "widest": 2},
        },
        "data": {"name": "markov", "vocabulary": V, "length": T, "size": 500},
        "batch_size": 64,
        "total_steps": 1,
    }
    setup = build(raw, seed)
    for step in range(d_steps):
        runtime.seed_stream(seed, runtime.TRAIN, step)
        setup.method.discriminator_step(next(setup.batches).x)
    return setup


def gradient(method: SeqGAN, value: Tensor) -> np.ndarray:
    """value 对 G 全部参数的梯度，摊平；没有路可走的是 0。"""
    parameters = method.G.parameters()
    if value.stop_gradient:
        return np.zeros(sum(p.size for p in parameters))
    found = paddle.grad(value, parameters, allow_unused=True)
    parts = [np.zeros(p.size) if g is None else g.numpy() for p, g in zip(parameters, found)]
    return np.concatenate([part.ravel() for part in parts]).astype(np.float64)


def exact(method: SeqGAN) -> np.ndarray:
    """∇J，J = Σ_y π(y)·D(y)，27 条逐条相加。"""
    x = one_hot(paddle.to_tensor(all_sequences(V, T)), V)
    probability = (x * log_policy(method.G, x)).sum(axis=[1, 2]).exp()
    return gradient(method, (probability * sigmoid(method.D(x))[:, 0]).sum())


def estimate(arm: str, method: SeqGAN, n: int) -> np.ndarray:
    """n 条样本估计的 ∇J。"""
    if arm in ("plain", "baseline"):
        return -gradient(method, method.generator_loss(n)[0])

    def choose(t: int, logit: Tensor) -> Tensor:
        if arm == "argmax":
            return one_hot(logit.argmax(axis=-1), V)
        return gumbel_softmax(logit, TEMPERATURES[arm])

    return gradient(method, sigmoid(method.D(unroll(method.G, n, choose))).mean())


def measure(arm: str, seed: int, settings: dict) -> Measurement:
    """一万条的平均与真的梯度比方向、比长短；十六条一批的，看方差。"""
    method = game(arm, seed, settings["d_steps"]).method
    true = exact(method)
    runtime.seed_stream(seed, runtime.METRICS, 0)
    found = estimate(arm, method, settings["samples"])
    size = np.linalg.norm(true)
    statistics = {"length": float(np.linalg.norm(found) / size)}
    if arm != "argmax":
        rows = np.array([estimate(arm, method, 16) for _ in range(settings["repeats"])])
        statistics |= {
            "cosine": float(found @ true / np.linalg.norm(found) / size),
            "bias": float(np.linalg.norm(found - true) / size),
            "variance": float(rows.var(axis=0).sum() / size**2),
        }
    return Measurement(statistics)


def draw(records: dict[str, list[dict]]):
    """左：平均与真的梯度之差，过了界的是红的；右：方差（对数）；一点一个种子，旁边是居中的数。"""
    figure, (axes,) = new_figure(2, 1, size=(4.9, 3.2))
    arms = list(reversed(records))
    for place, arm in enumerate(arms):
        if arm == "argmax":  # 梯度的长短就是差的另一头：一点也没有时，差就是全部
            gaps = [1 - row["statistics"]["length"] for row in records[arm]]
            middle = axes[1].get_yaxis_transform()
            axes[1].text(0.5, place, "方差也是 0", transform=middle, ha="center", va="center")
        else:
            gaps, spread = (
                [r["statistics"][k] for r in records[arm]] for k in ("bias", "variance")
            )
            axes[1].plot(spread, [place] * len(spread), "o", color=BLUE, alpha=0.6)
        color = BLUE if max(gaps) <= CLOSE else RED
        axes[0].plot(gaps, [place] * len(gaps), "o", color=color, alpha=0.6)
        said = "梯度恰好是 0" if arm == "argmax" else f"{np.median(gaps):.0%}"
        beside = max(*gaps, CLOSE if max(gaps) <= CLOSE else 0.0)  # 写在虚线的右边，不压着它
        axes[0].text(beside + 0.03, place, said, va="center", fontsize=10)
    axes[0].axvline(CLOSE, color=GRAY, linestyle="--", linewidth=1)
    axes[0].set(xlabel=S2.statistics["bias"], xlim=(-0.03, 1.45), title="虚线：差一成")
    axes[0].set_ylim(-0.5, len(arms) - 0.5)
    axes[0].set_yticks(range(len(arms)), [S2.label(arm) for arm in arms])
    axes[1].set(xscale="log", xlabel=S2.statistics["variance"], ylim=axes[0].get_ylim())
    axes[1].set_yticks(range(len(arms)), [])
    return figure


S2 = Experiment(
    row="S2",
    title="REINFORCE 的平均就是真的梯度，Gumbel-softmax 的有偏差；基线只减方差；"
    "取最大的一个，梯度恰好是 0",
    quote="Relation to Reinforcement Learning",
    source="003 aiacademy",
    anchor="[§13.4]",
    arms={
        "argmax": "取最大的一个",
        "plain": "REINFORCE",
        "baseline": "REINFORCE，减基线",
        "gumbel_2": "Gumbel-softmax，τ = 2",
        "gumbel_1": "Gumbel-softmax，τ = 1",
        "gumbel_03": "Gumbel-softmax，τ = 0.3",
    },
    statistics={
        "length": "长度（真的梯度是 1）",
        "cosine": "与真的梯度的夹角余弦",
        "bias": "平均与真的梯度之差（真的梯度是 1）",
        "variance": "一批 16 条的方差（真的梯度的平方是 1）",
    },
    rules=(
        Rule("argmax", "length", "≤", 0.0, "等于"),
        Rule("plain", "bias", "≤", CLOSE, "总是"),
        Rule("baseline", "bias", "≤", CLOSE, "总是"),
        Rule("gumbel_1", "bias", "≥", CLOSE, "总是", remark="有偏差的过不了同一个界"),
        Rule("plain", "variance", "≥", 2.0, "总是", versus="baseline", compare="ratio"),
        Rule("gumbel_2", "bias", "≥", 1.0, versus="gumbel_03", compare="ratio"),
        Rule("gumbel_03", "variance", "≥", 1.0, versus="gumbel_2", compare="ratio"),
    ),
    measure=measure,
    draw=draw,
    settings={
        "quick": {"d_steps": 20, "samples": 10_000, "repeats": 30},
        "full": {"d_steps": 20, "samples": 10_000, "repeats": 300},
    },
    seeds={"quick": 1, "full": 10},
    budget={"quick": 12, "full": 5},
    sentence="一万条样本的平均与真的梯度差：REINFORCE {v[plain][bias]:.0%}，"
    "减基线 {v[baseline][bias]:.0%}，Gumbel-softmax（τ = 1）{v[gumbel_1][bias]:.0%}；"
    "取最大的一个，梯度恰好是 {v[argmax][length]}（差 100%）。"
    "一批 16 条的方差，REINFORCE {v[plain][variance]}，减基线 {v[baseline][variance]}",
    note="词元三种、长三步：27 条，目标 J = Σ π(y)·D(y) 与它的梯度逐条相加，没有抽样。"
    "G 没有训练过，D 先学 20 步认真假。基线是同一批里别的各条在同一处的平均，与自己无关。"
    "Gumbel-softmax 是直通的：前向取硬的独热，反向走软的；各组的目标都是同一个 J。"
    "REINFORCE 与减基线剩下的 4% 与 1%，正是一万条还没有平均完的：一批 16 条的方差除以 625，"
    "再开方。判据改于看过数据之后：原来看夹角余弦不低于 0.95（减基线的要在每个种子上），"
    "可是有偏差的 Gumbel-softmax（τ = 1）在八成的种子上也过得了，什么也说明不了；"
    "现在看平均与真的梯度之差，不超过 0.1，并且要求 Gumbel-softmax（τ = 1）过不了，结论不变。"
    "别的判据写在种子 0 到 9 之前。先前用种子 20、21 试过 D 学 10、20、40、100 步：学得越久，"
    "各条的奖励差得越多，基线省下的方差越少（100 步时只有 1.4 与 1.5 倍）；"
    "取 20 步，奖励的标准差（0.15 与 0.06）与正式训练里的差不多。",
)
