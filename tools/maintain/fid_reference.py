"""拿 pytorch-fid 与 torch-fidelity 的算术对我们的 FID、KID、IS、精度与召回，数存进测试。

    python tools/maintain/fid_reference.py      # 重写 tests/fixtures/fid_reference.json

公开的软件包里没有 Inception 的权重（要另外下载），所以两边用同一个随机权重的网络：图像与权重
都由种子生成，特征由 NumPy 算一次，再各自往下算。要另装 torch、pytorch-fid 0.3.0 与
torch-fidelity 0.4.0（它们导入 torchvision，这里用不到它的网络）。
"""

import json
from pathlib import Path

import _above  # noqa: F401
import _cli
import numpy as np

from paddle_gan.files import write_atomic

SAVED = Path(__file__).resolve().parents[2] / "tests" / "fixtures" / "fid_reference.json"
DIMENSIONS, CLASSES, COUNT = 64, 10, 200
SIDE, SPLITS = 8, 4


def images() -> tuple[np.ndarray, np.ndarray]:
    """两组图像 (COUNT, 3, SIDE, SIDE)，[−1, 1]；第二组偏一点、宽一点。"""
    rng = np.random.default_rng(10)
    first, second = rng.normal(size=(2, COUNT, 3, SIDE, SIDE))
    return np.tanh(0.5 * first), np.tanh(0.6 * second + 0.1)


def features(batch: np.ndarray) -> np.ndarray:
    """随机权重的两层网络：图像 (n, 3, SIDE, SIDE) → 特征 (n, DIMENSIONS)。"""
    rng = np.random.default_rng(11)
    inner = rng.normal(size=(3 * SIDE * SIDE, 96)) / 8
    outer = rng.normal(size=(96, DIMENSIONS)) / 8
    hidden = np.maximum(batch.reshape(len(batch), -1) @ inner, 0)
    return np.maximum(hidden @ outer, 0)


def logits(batch: np.ndarray) -> np.ndarray:
    """同一批特征上的随机分类头 (n, CLASSES)。"""
    return features(batch) @ np.random.default_rng(12).normal(size=(DIMENSIONS, CLASSES))


def references() -> dict[str, float]:
    """两个公开实现给出的数。"""
    import torch
    from pytorch_fid.fid_score import calculate_frechet_distance
    from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
    from torch_fidelity.metric_isc import isc_features_to_metric
    from torch_fidelity.metric_kid import mmd2
    from torch_fidelity.metric_prc import calculate_precision_recall_full

    fake, real = (features(one) for one in images())
    stats = [fid_features_to_statistics(torch.from_numpy(one)) for one in (fake, real)]
    moments = [stat[key] for stat in stats for key in ("mu", "sigma")]
    kernels = [
        (a @ b.T / DIMENSIONS + 1) ** 3 for a, b in ((fake, fake), (fake, real), (real,) * 2)
    ]
    scores = isc_features_to_metric(torch.from_numpy(logits(images()[0])), SPLITS, shuffle=False)
    near = calculate_precision_recall_full(torch.from_numpy(fake), torch.from_numpy(real))
    return {
        "fid_pytorch_fid": float(calculate_frechet_distance(*moments)),
        "fid_torch_fidelity": fid_statistics_to_metric(*stats, False)["frechet_inception_distance"],
        "kid_torch_fidelity": float(mmd2(*kernels)),
        "is_torch_fidelity": scores["inception_score_mean"],
        "precision_torch_fidelity": float(near[0]),
        "recall_torch_fidelity": float(near[1]),
    }


def main() -> int:
    _cli.parser(__doc__).parse_args()
    write_atomic(SAVED, json.dumps(references(), ensure_ascii=False, indent=1) + "\n")
    print(f"写好 {SAVED}")
    return 0


if __name__ == "__main__":
    _cli.run(main)
