"""台账里常用的量：一样一行，是什么、哪一头好、什么也不学的得几分。

往哪一头好由曲线词典（monitor/glossary.py）给；得几分都是随包的结果里的数，测试对着查。
"""

from typing import NamedTuple

from paddle_gan.monitor.glossary import GLOSSARY

BETTER = {"lower": "越小越好", "higher": "越大越好"}


class Measure(NamedTuple):
    """一样量；key 是它在曲线词典里的键，没有的自己写哪一头好。"""

    key: str
    name: str
    what: str
    trivial: str
    better: str = ""

    @property
    def line(self) -> str:
        """一行 Markdown。"""
        better = self.better or BETTER[GLOSSARY[self.key].better]
        return f"- **{self.name}**（{better}）：{self.what}。{self.trivial}。"


MEASURES = (
    Measure(
        "fd_lenet",
        "FD-LeNet",
        "生成的数字与真的数字差多远：两堆图各过一遍认数字的小网络 LeNet，比两堆特征；不是 FID",
        "各 1,000 张时，别的真图 0.884，照抄训练集 0.869，每类一张图 48.2，"
        "一张平均图 209，均匀噪声 532",
    ),
    Measure(
        "wasserstein/w1",
        "W₁",
        "把一堆点搬成另一堆，平均每个点要搬多远",
        "八个模式的环上，另一批真样本也有 0.127，均匀撒点 0.667",
    ),
    Measure(
        "modes/high_quality",
        "高质量",
        "落在某个真模式旁边（不到 3σ）的样本占几成",
        "环上真数据 99%，均匀撒点 2.8%；只占一个模式也可以是满分，要和模式数一起看",
    ),
    Measure(
        "modes/reverse_kl",
        "反向 KL",
        "各个模式分到的样本匀不匀，0 是一样多",
        "环上均匀撒点只有 0.0537，所以要和高质量一起看；八个模式只剩一个是 log 8 = 2.08",
    ),
    Measure(
        "prdc/precision",
        "精度",
        "生成的图里，像真图的（落在真图的近旁）占几成",
        "没见过的真图 0.886，照抄训练集 0.885，均匀噪声 0.002",
    ),
    Measure(
        "prdc/recall",
        "召回",
        "真图里，有生成的图像它的占几成",
        "没见过的真图 0.888，照抄训练集 0.88，每类一张图 0，均匀噪声 0",
    ),
    Measure(
        "prdc/coverage",
        "覆盖率",
        "真图里，近旁有生成的图的占几成",
        "没见过的真图 0.973，照抄训练集 0.972，每类一张图 0.012，均匀噪声 0.001",
    ),
    Measure(
        "",
        "秩相关",
        "两列数的名次合不合：1 是一步步跟着，0 是没有关系，−1 是正好相反",
        "一路在变好的训练里，什么也不量、只数还剩几步也常有 0.92 以上",
        "离 0 越远，跟得越紧",
    ),
    Measure(
        "anomaly/auc",
        "AUC",
        "随便拿一个异常的、一个正常的，异常的那个分更高的机会",
        "瞎猜 0.5；不用 GAN、只看离平均图多远，三个数字上 0.718 到 0.852",
    ),
    Measure(
        "sequences/nll_oracle",
        "NLL_oracle",
        "生成的序列在真正的链看来有多难写出，一条序列的和（奈特）",
        "真序列 11.7，比它低只是挑好写的写：一条抄到底的 3.65；均匀乱写 31.9",
        "接近真序列的值最好",
    ),
)
STATISTICS = """- **95% 区间**：照各个种子的起伏算出的一段。换许多批种子，每批都这样算一段，
  一百段里约有九十五段盖得住真正的平均差；整段都在“一样”的同一边，才说不是碰巧。
  看过一次数据又加种子的（M15），区间取到 97%，两次合起来误报仍是 5%。
- **居中的数**（中位数）：把各个种子的数排好，取正中间的一个；种子是偶数个时，取正中两个的平均。
- 别的词见[术语对照](README_zh.md#术语对照)。
"""


def common() -> str:
    """“常用的量”折起来的正文。"""
    return "\n".join([*(measure.line for measure in MEASURES), STATISTICS])
