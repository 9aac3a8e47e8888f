"""真正的 FID：弗雷歇距离 + Inception-v3 的 pool3 特征，网络或特征由你自备。

论文：FID（Heusel 等，2017）式 (6)；原作者要求至少 10,000 张，通行的是 50,000 张。
这个工具箱不附带、也不下载 Inception：权重有上百 MB，缩放方式和权重版本都会改变结果。
要与论文比较，先用它们那份代码提取特征，存成 .npz，再交给这里；只比较同一份权重下的数。

.npz 里要有 features (n, 2048)，或者 mu (2048,) 与 sigma (2048, 2048)（TTUR、pytorch-fid 的格式）。
"""

from collections.abc import Callable
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from paddle_gan.errors import UserError
from paddle_gan.metrics.distances import check_features
from paddle_gan.metrics.frechet import frechet_from_moments

POOL3 = 2048  # Inception-v3 的 pool3 特征的维数
BATCH = 64

Network = Callable[[np.ndarray], np.ndarray]
Source = np.ndarray | str | Path


def fid(generated: Source, real: Source, network: Network | None = None) -> float:
    """FID，越小越好，0..∞。

    参数：
        generated, real: 各是一组图像 (N, C, H, W)，或者一个 .npz 的路径（见本文件开头）
        network: 有一边是图像时要给：图像 (B, C, H, W) → pool3 特征 (B, 2048)，都是 NumPy 数组；
            缩放到 299×299、取值范围由它负责

    缺网络、找不到文件、文件里没有特征或维数不是 2048 时抛出 UserError。
    """
    mean_a, cov_a = inception_moments(generated, network)
    mean_b, cov_b = inception_moments(real, network)
    return frechet_from_moments(mean_a, cov_a, mean_b, cov_b)


def inception_moments(source: Source, network: Network | None) -> tuple[np.ndarray, np.ndarray]:
    """一边的均值 (2048,) 与协方差 (2048, 2048)；参数与错误同 fid。"""
    if not isinstance(source, np.ndarray):
        return _read_moments(Path(source))
    if network is None:
        raise UserError(
            "FID 要 Inception-v3 的 pool3 特征，这个工具箱不附带也不下载；请传入 network=你的网络，"
            "或传入特征文件 .npz 的路径。手写数字可以改用 FD-LeNet（fd_lenet）"
        )
    parts = [network(source[i : i + BATCH]) for i in range(0, len(source), BATCH)]
    return _moments(np.concatenate(parts), "network 的输出")


def _read_moments(path: Path) -> tuple[np.ndarray, np.ndarray]:
    if not path.is_file():
        raise UserError(f"找不到 Inception 特征文件 {path}；请先提取 pool3 特征并存成 .npz")
    stored = _load(path)
    if "features" in stored:
        return _moments(stored["features"], f"{path} 的 features")
    if not {"mu", "sigma"} <= stored.keys():
        raise UserError(f"{path} 里要有 features，或者 mu 与 sigma；现在有 {sorted(stored)}")
    mean, cov = (stored[name].astype(np.float64) for name in ("mu", "sigma"))
    if mean.shape != (POOL3,) or cov.shape != (POOL3, POOL3):
        raise UserError(f"{path} 的 mu、sigma 要是 {POOL3} 维的，得到 {mean.shape}、{cov.shape}")
    if not (np.isfinite(mean).all() and np.isfinite(cov).all()):
        raise UserError(f"{path} 里有 NaN 或 Inf")
    return mean, cov


def _load(path: Path) -> dict[str, np.ndarray]:
    """.npz 里的全部数组；.npy 里只有一个没有名字的数组，当作什么也没有。"""
    try:
        stored = np.load(path, allow_pickle=False)
        if isinstance(stored, np.ndarray):
            return {}
        with stored:
            return {name: stored[name] for name in stored.files}
    except (ValueError, OSError, EOFError, BadZipFile):
        raise UserError(f"{path} 不是 np.savez 存的 .npz，或者已经损坏") from None


def _moments(features: np.ndarray, where: str) -> tuple[np.ndarray, np.ndarray]:
    features = np.asarray(features)
    if features.ndim != 2 or features.shape[1] != POOL3 or len(features) < 2:
        raise UserError(f"{where} 要是 pool3 特征 (n, {POOL3})，n ≥ 2，得到 {features.shape}")
    features = check_features(features)
    return features.mean(axis=0), np.cov(features, rowvar=False)
