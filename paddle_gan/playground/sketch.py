"""浏览器里画的一串坐标 → 配置里的 points。"""

import json
import math

from paddle_gan.data.drawn import MOST
from paddle_gan.errors import UserError

HALF = 2.0  # 画布是 [−HALF, HALF]²
KEPT = 400  # 至多用多少个点；多的隔几个取一个


def points_of(text: str) -> list[list[float]]:
    """浏览器给的一串点 → 配置里的 points；不是一串数对时抛出 UserError。"""
    if len(text or "") > 40 * MOST:
        raise UserError(f"画得太多了，至多 {MOST} 个点；请擦掉重画")
    try:
        found = [[float(x), float(y)] for x, y in json.loads(text or "[]")]
    except (ValueError, TypeError, RecursionError):
        raise UserError("画布给的不是一串坐标；请擦掉重画") from None
    if not all(math.isfinite(v) and abs(v) <= HALF for point in found for v in point):
        raise UserError("画布给的坐标出了界；请擦掉重画")
    stride = -(-len(found) // KEPT) or 1
    return [[round(x, 2), round(y, 2)] for x, y in found[::stride]]
