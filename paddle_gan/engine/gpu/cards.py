"""同步的 BN：只有一个进程时，换成它前后的损失要一样。"""

from collections.abc import Callable

from paddle import nn

from paddle_gan.engine.gpu.losses import limit_of
from paddle_gan.engine.gpu.small import (
    Result,
    Small,
    build_on,
    exact,
    furthest,
    put_weights,
    train,
    verdict,
    weights_of,
)
from paddle_gan.errors import UserError
from paddle_gan.run.distributed import BATCH_NORMS


def synchronised(
    small: Small,
    device: str,
    convert: Callable[[nn.Layer], nn.Layer] = nn.SyncBatchNorm.convert_sync_batchnorm,
) -> Result:
    """一个进程的同步 BN 与普通的 BN 同样的损失；网络里没有 BN 时抛出 UserError。"""
    with exact(device):
        ordinary, method = (build_on(small, device) for _ in range(2))
        layers = [layer for n in ordinary.networks.values() for layer in n.sublayers()]
        norms = sum(isinstance(layer, BATCH_NORMS) for layer in layers)
        if not norms:
            raise UserError(f"{small.config.method} 的网络里没有 BN，请换一个配置来查同步的 BN")
        put_weights(method, weights_of(ordinary))
        for network in method.networks.values():
            convert(network)
        expected, _ = train(small, ordinary, device)
        got, _ = train(small, method, device)
    limit = limit_of(small.config.method, device)
    apart = furthest(expected, got)
    text = f"{small.config.method}：{norms} 层 BN 换成同步的，"
    text += f"损失最多相差 {apart:.2g}（容差 {limit:g}）"
    numbers = {"apart": apart, "limit": limit, "norms": norms}
    return verdict(text, "不要用多卡训练有 BN 的网络，并附上这一页", numbers, apart <= limit)
