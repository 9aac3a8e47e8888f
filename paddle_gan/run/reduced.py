"""训练集照配置留下一小份：few 是几张图，labels 是几个标签。"""

from paddle_gan.data.base import Dataset
from paddle_gan.data.few import Few, FewLabels
from paddle_gan.errors import UserError
from paddle_gan.methods import METHODS
from paddle_gan.run.config import Config
from paddle_gan.run.distributed import Team


def reduced(dataset: Dataset, config: Config, split: str) -> Dataset:
    """训练集照 few、labels 只留几张图、几个标签；测试集不变。"""
    partly = METHODS[config.method].partly_labelled
    if split == "test":
        return dataset
    if partly and not config.labels:
        raise UserError(f"{config.method} 是半监督的，请写明给几张图的标签，例如 labels: 100")
    if partly and config.batch_size < 2 * Team.size:
        raise UserError(
            f"{config.method} 的一批里一半有标签、一半没有，每个进程至少 2 张；"
            f"请用 -o batch_size={2 * Team.size} 或更大"
        )
    dataset = Few(dataset, config.few) if config.few else dataset
    return FewLabels(dataset, config.labels) if partly else dataset
