"""分数的表：一行一个生成器，一列一个指标；假的得分不比真的差，那一格涂色：这个指标被骗过了。"""

from collections.abc import Collection

from paddle_gan.teaching.picture import Picture, canvas

FOOLED, PLAIN, REAL = "#F2C28B", "white", "#E3E8EE"
LOOSE = 0.1  # 差不到一成算不比真的差：几百张样本自己的波动就有这么大
CELL = 0.95, 0.36  # 一格的宽高，英寸


def as_good(value: float, real: float, better: str) -> bool:
    """value 不比真的一行差：better 是 ↑（越大越好）、↓（越小越好）或 →（越接近真的越好）。"""
    gap = {"↑": real - value, "↓": value - real, "→": abs(value - real)}[better]
    return gap <= LOOSE * abs(real)


def tidy(value: float) -> float:
    """舍入误差那样小的（照抄的最近距离比）写 0。"""
    return 0.0 if abs(value) < 1e-6 else value


def score_table(
    rows: dict[str, dict[str, float]], better: dict[str, str], honest: Collection[str] = ()
) -> Picture:
    """画一张表。

    参数：
        rows: {生成器: {指标: 数值}}，第一行是真的，别的与它比
        better: {指标: ↑、↓ 或 →}，也是列的次序
        honest: 不是假的那几行（练出来的 GAN），得分高也不涂色
    """
    (_, real), *_ = rows.items()
    text = [[f"{tidy(row[key]):.3g}" for key in better] for row in rows.values()]
    colors = [[REAL] * len(better)]
    for name, row in list(rows.items())[1:]:
        fake = name not in honest
        good = [fake and as_good(row[key], real[key], sign) for key, sign in better.items()]
        colors.append([FOOLED if one else PLAIN for one in good])
    size = (CELL[0] * (len(better) + 2.2), CELL[1] * (len(rows) + 1.6))
    with canvas(size=size) as c:
        axis = c.axes[0, 0]
        axis.axis("off")
        table = axis.table(
            cellText=text,
            cellColours=colors,
            rowLabels=list(rows),
            colLabels=[f"{key} {sign}" for key, sign in better.items()],
            cellLoc="center",
            loc="center",
        )
        table.auto_set_font_size(False)
        table.set_fontsize(10)
        table.scale(1, 1.5)
        axis.set_title("涂色：假的得分不比真图差，这一列被骗过了", fontsize=11)
    return c.picture
