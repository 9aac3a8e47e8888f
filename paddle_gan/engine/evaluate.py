"""评估：在同一份参照数据上给一个方法打分；训练中按间隔调用，tools/evaluate.py 单独调用。"""

from paddle_gan.data.base import Dataset
from paddle_gan.engine import runtime
from paddle_gan.engine.config import Config
from paddle_gan.engine.scorers import SCORERS
from paddle_gan.errors import unknown_name
from paddle_gan.methods.base import Method
from paddle_gan.monitor.glossary import GLOSSARY


class Evaluator:
    """反复评估一个方法；参照数据的特征只算一次。

    参数：
        config: 完整的配置；用 metrics.names、metrics.samples、metrics.best
        train, test: 训练与测试数据集
    指标不存在、与数据集对不上，或 best 不在指标之内时抛出 UserError。
    """

    def __init__(self, config: Config, train: Dataset, test: Dataset):
        self.seed = config.seed
        self.scorers = []
        for name in config.metrics.names:
            if name not in SCORERS:
                raise unknown_name("指标", name, SCORERS)
            self.scorers.append(SCORERS[name](train, test, config.metrics.samples, config.seed))
        produced = [key for scorer in self.scorers for key in scorer.keys]
        if config.metrics.best not in (None, *produced):
            raise unknown_name("量（metrics.best）", config.metrics.best, produced)

    def __call__(self, method: Method) -> dict[str, float]:
        """返回全部指标；用独立的随机数，不影响训练。"""
        scores: dict[str, float] = {}
        for index, scorer in enumerate(self.scorers):
            runtime.seed_stream(self.seed, runtime.METRICS, index)
            scores |= scorer.score(method)
        return scores

    def baselines(self) -> dict[str, dict[str, float]]:
        """参照的分数：{参照的名字: {指标: 数值}}，例如真实数据、不翻译。"""
        rows: dict[str, dict[str, float]] = {}
        for scorer in self.scorers:
            for name, row in scorer.baselines().items():
                rows.setdefault(name, {}).update(row)
        return rows


def is_better(name: str, value: float, best: float | None) -> bool:
    """value 是否比 best 更好；方向见 glossary。"""
    if best is None:
        return True
    return value < best if GLOSSARY[name].better == "lower" else value > best
