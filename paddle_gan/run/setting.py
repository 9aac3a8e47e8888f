"""诊断要知道、曲线里又没有的几个数，由配置算出来；写进 run.json，报告不必有配置也能用。"""

from dataclasses import replace

from paddle_gan.data import DATASETS
from paddle_gan.data.toy import Grid, Ring
from paddle_gan.metrics.modes import box_around, scatter_share
from paddle_gan.monitor.curves import Setting
from paddle_gan.run.build import build_data
from paddle_gan.run.config import Config


def setting_of(config: Config) -> Setting:
    """打算走的步数、评估的样本数；二维混合高斯还有模式数与撒点的参照。"""
    known = Setting(config.total_steps, config.metrics.samples)
    if DATASETS[config.data["name"]] not in (Ring, Grid):
        return known
    data = build_data(config, "train")
    try:
        box = box_around(data.modes, data.std)
        scatter = scatter_share(data.modes, data.std, *box)
    except ValueError:  # 各模式的圆相交，撒点的参照没有公式
        scatter = 0.0
    return replace(known, modes=len(data.modes), scatter=scatter)
