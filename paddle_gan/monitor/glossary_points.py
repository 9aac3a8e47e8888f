"""二维点的分数：模式、分工、W₁；别的评测分数在 glossary_metrics.py。"""

from paddle_gan.monitor.curve import Curve

POINTS = {
    "modes/covered": Curve(
        "覆盖的模式数",
        "至少有一个样本落在 3σ 内的模式个数（PacGAN 的规则）",
        "等于模式总数；均匀撒点也做得到，要和高质量比例一起看",
        "下降或跳动：模式崩溃、模式跳跃",
        "higher",
    ),
    "modes/covered_1pct": Curve(
        "覆盖的模式数（占 1 % 以上）",
        "至少有 1 % 的样本落在 3σ 内的模式个数",
        "等于模式总数",
        "比 modes/covered 少：有的模式只落了零星几个样本",
        "higher",
    ),
    "modes/high_quality": Curve(
        "高质量样本的比例",
        "落在最近模式 3σ 内的样本比例",
        "真实数据是 0.989；要和覆盖数一起看",
        "很高而覆盖数很低：崩溃到少数模式",
        "higher",
    ),
    "modes/reverse_kl": Curve(
        "模式直方图的反向 KL",
        "Σ p̂_k·log(K·p̂_k)，p̂ 只数高质量样本",
        "接近 0；均匀撒点也接近 0，要和高质量比例一起看",
        "log K：只剩一个模式，或一个高质量样本也没有（看高质量比例就知道是哪一种）",
        "lower",
    ),
    "modes/off_mode_kl": Curve(
        "含模式之外的 KL",
        "K 个模式加“模式之外”一类，到真实数据的 KL：Σ p̂_k·log(p̂_k / p_k)",
        "接近 0，下限约为 K/(2n)",
        "4.5：全落在模式之外；log K：只剩一个模式",
        "lower",
    ),
    "generators/purity": Curve(
        "生成器的纯度",
        "第 i 个生成器的样本里，离它的主模式最近的比例；对 k 个生成器平均",
        "k 与模式数相同时接近 1：一个生成器管一个模式；k 比模式少时，一个要管几个，低一些是应当的",
        "k 与模式数相同而远小于 1：分工没有形成；接近 1 而 generators/modes 很小：都挤在同一处",
        "higher",
    ),
    "generators/modes": Curve(
        "生成器分管的模式数",
        "k 个生成器的主模式里，不同的有几个",
        "等于 k 与模式数中小的那一个",
        "1：所有生成器挤在同一个模式上",
        "higher",
    ),
    "wasserstein/w1": Curve(
        "W₁ 距离",
        "min_π 1/n·Σ‖x_i − y_π(i)‖，至多 1,000 个点的精确值",
        "稳步下降，趋近真实对真实的下限",
        "停在一个大的值：丢了模式；来回跳：模式跳跃",
        "lower",
    ),
    "wasserstein/sliced": Curve(
        "切片 W₁ 距离",
        "E_θ W₁(θᵀx, θᵀy)，θ 是 200 个随机方向",
        "稳步下降，趋近真实对真实的下限",
        "停在一个大的值：丢了模式",
        "lower",
    ),
}
