"""可以贴进报告的一段：只写该报的几个数（教程第 10 章“我该报告哪几个数”）。

旁边是够得着的分数与什么也不学就有的分数。tools/evaluate.py 打印它，也写进 eval.json 的 report。
"""

from collections.abc import Iterable
from statistics import fmean, stdev

from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Images
from paddle_gan.evaluation.scorers import SCORERS, compared, shortage
from paddle_gan.evaluation.scorers_classes import HELD_OUT
from paddle_gan.evaluation.scorers_digits import SAME_COUNT
from paddle_gan.methods.base import Method
from paddle_gan.monitor.glossary import GLOSSARY

TEST, TRAIN, TRUTH = "测试集", "训练集", "真分布"
# 该报的量 → 与谁比；不在这里的（IS、PRD、密度……）看得见、不必报
REPORTED = {
    "fd_lenet": TEST,
    "kd_lenet": TEST,
    "prdc/precision": TEST,
    "prdc/recall": TEST,
    "prdc/coverage": TEST,
    "classes/reverse_kl": "均匀的十类",
    "fd_pca64": TRAIN,
    "prdc_pca64/precision": TEST,
    "prdc_pca64/recall": TEST,
    "prdc_pca64/coverage": TEST,
    "memorisation/nearest_ratio": "训练集与测试集",
    "memorisation/one_nn": TRAIN,
    "obedience/accuracy": "要的类别",
    "obedience/spread": TEST,
    "stacked/covered": "1,000 种三位数",
    "stacked/reverse_kl": "1,000 种三位数",
    "stacked/fd_lenet": TEST,
    "modes/covered_1pct": TRUTH,
    "modes/high_quality": TRUTH,
    "modes/reverse_kl": TRUTH,
    "wasserstein/w1": TRUTH,
    "translation/correlation": TEST,
    "translation/retrieval": TEST,
    "translation/style": TEST,
    "unpaired/fd_y": TEST,
    "unpaired/cycle_x": TEST,
    "unpaired/cycle_y": TEST,
    "restoration/psnr": TEST,
    "restoration/edges": TEST,
    "restoration/fd_lenet": TEST,
    "restoration/accuracy": "测试集的标签",
    "sequences/nll_oracle": TRUTH,
    "sequences/entropy": TRUTH,
    "sequences/nll_test": TEST,
    "sequences/distinct4": TRUTH,
    "poems/nll_test": TEST,
    "poems/found2": TEST,
    "poems/distinct2": TEST,
    "poems/copied3": TRAIN,
}
TINY = 1e-6  # 照抄的最近距离之比不是恰好 0，是舍入误差
REAL = (SAME_COUNT, HELD_OUT, "真实数据")  # 哪一行参照是“真的”，先写的优先


def report_lines(
    result: dict, name: str, train: Dataset, test: Dataset, lacking: list[str]
) -> list[str]:
    """一段的各行；result 是 evaluate_run 的返回值，lacking 是该报而没有算的指标。"""
    keys = [key for key in REPORTED if key in result["scores"]]
    lines = ["可以贴进报告的一段：", setting(result, name, train, test)]
    lines += [f"- {line(key, result)}" for key in keys]
    if any(len(beside(key, result)) for key in keys):
        lines.append(
            "括号里的“真”是真实样本得到的分数，是够得着的界；后面几个什么也没学会："
            "没有明显好过噪声，就是没有学会；照抄的也拿高分的数，单独说明不了好坏。"
        )
    if any("照抄训练集" in beside(key, result) for key in keys):
        lines.append("“照抄训练集”抄的正是 1 近邻的参照，“随机照抄”抄随便哪几张训练图。")
    if lacking:
        names = ",".join([*result["metrics"]["names"], *lacking])
        lines.append(f"还该报、这次没有算的：{told(lacking)}；加 --metrics {names}")
    return lines


def setting(result: dict, name: str, train: Dataset, test: Dataset) -> str:
    """哪一份权重，生成了多少，真实的有多少。"""
    average = "，EMA 权重" if result["ema"] else ""
    times = f"，取样 {len(result['draws'])} 次" if len(result["draws"]) > 1 else ""
    sizes = ""
    if Images in train.batch_types and len(train.shape) == 3:
        counts = [max(data.lengths(Images)) for data in (train, test)]
        sizes = f"，训练集 {counts[0]} 张、测试集 {counts[1]} 张"
        sizes += "" if test.held_out else "（没有另外的测试集，就是训练集）"
    count = result["metrics"]["samples"]
    return f"{name}，第 {result['step']} 步{average}；每次 {count} 个样本{times}{sizes}。"


def line(key: str, result: dict) -> str:
    """一个量：几次取样的平均 ± 标准差、与谁比、旁边的参照。"""
    values = [scores[key] for scores in result["draws"]]
    said = f"{GLOSSARY[key].titled} {written(fmean(values))}"
    if len(values) > 1:
        said += f" ± {stdev(values):.2g}（{len(values)} 次取样的平均与标准差）"
    said += f"，对{REPORTED[key]}"
    found = beside(key, result)
    beside_it = "，".join(f"{name} {written(value)}" for name, value in found.items())
    return said + (f"（{beside_it}）" if found else "")


def written(value: float) -> str:
    """四位有效数字；舍入误差那样小的写 0。"""
    return "0" if abs(value) < TINY else f"{value:.4g}"


def beside(key: str, result: dict) -> dict[str, float]:
    """旁边的参照：真的一行，别的参照（不翻译……），什么也没学会的。"""
    rows = {name: row[key] for name, row in result["baselines"].items() if key in row}
    real = next((name for name in REAL if name in rows), None)
    found = {} if real is None else {"真": rows[real]}
    found |= {name: value for name, value in rows.items() if "真实数据" not in name}
    return found | {name: row[key] for name, row in result["trivial"].items() if key in row}


def lacking_metrics(
    method: type[Method], train: Dataset, test: Dataset, names: Iterable[str]
) -> list[str]:
    """该报、能算、而 names 里没有的指标。"""
    able = [
        name
        for name, scorer in SCORERS.items()
        if set(scorer.keys) & set(REPORTED)
        and scorer.fits(method, train.whole, test)
        and not shortage(name, compared(name, train), test)
    ]
    # 有 LeNet 的特征时不必再报像素主成分上的；无偏的 KD 只在张数少时要
    if "fd_lenet" in able:
        able = [name for name in able if name not in ("kd_lenet", "fd_pca64", "prdc_pca64")]
    if "translation" in able:
        able = [name for name in able if name != "translation_unpaired"]
    return [name for name in able if name not in set(names)]


def told(names: list[str]) -> str:
    """这些指标给出的该报的量，中文名。"""
    keys = [key for name in names for key in SCORERS[name].keys if key in REPORTED]
    return "、".join(GLOSSARY[key].name for key in keys)
