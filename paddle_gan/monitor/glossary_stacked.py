"""三位数（1,000 个模式）的分数的说明，键与 evaluation/scorers_digits.py 的 StackedScorer 相同。"""

from paddle_gan.monitor.curve import Curve

STACKED = {
    "stacked/covered": Curve(
        "覆盖的三位数个数",
        "LeNet 逐通道认出的三位数有几种，共 1,000 种",
        "与同样张数的真实数据相同",
        "减少：模式丢失",
        "higher",
    ),
    "stacked/reverse_kl": Curve(
        "三位数直方图的反向 KL",
        "Σ p̂_k·log(1000·p̂_k)",
        "趋近抽样本身就有的 999/(2n)",
        "6.9（log 1000）：只剩一种",
        "lower",
    ),
    "stacked/sure": Curve(
        "裁判拿得准的通道的比例",
        "LeNet 最大的类别概率不低于 0.9 的通道占几成",
        "升到真实数据的值附近（约 0.95）",
        "接近 0：糊在一起，认不出；噪声也是 1，要与 FD-LeNet 一起看",
        "higher",
    ),
    "stacked/fd_lenet": Curve(
        "逐通道的 FD-LeNet",
        "三个通道各与真的单个数字比的 FD-LeNet 的平均",
        "下降，趋近真实数据的值",
        "不再下降：种数再多，也只是样本散开了",
        "lower",
    ),
}
