"""静态报告里的 SVG：折线图与直方图；不依赖任何画图库，数值另存一份给鼠标悬停用。"""

import math
from dataclasses import dataclass

WIDTH, HEIGHT = 560, 230
LEFT, RIGHT, TOP, BOTTOM = 62, 12, 12, 26
MAX_POINTS = 400  # 一条线最多画多少个点，再多屏幕也分不清
COLORS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#e377c2")


@dataclass(frozen=True)
class Line:
    """一条折线：哪次训练、步数、数值。"""

    name: str
    color: str
    steps: list[int]
    values: list[float]


@dataclass(frozen=True)
class Axis:
    """一根坐标轴：数值 → 像素；log 是对数轴。"""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def place(self, value: float) -> float:
        """数值落在哪个像素上。"""
        low, high, value = (self.scale(v) for v in (self.low, self.high, value))
        return self.start + (value - low) / (high - low) * (self.end - self.start)

    def scale(self, value: float) -> float:
        """对数轴取对数。"""
        return math.log10(value) if self.log else value

    def ticks(self, count: int = 5) -> list[float]:
        """好读的刻度：对数轴是 10 的整数次方，否则是 1、2、5 乘 10 的整数次方的倍数。"""
        if self.log:
            low, high = math.ceil(self.scale(self.low)), math.floor(self.scale(self.high))
            return [10.0**k for k in range(low, high + 1, max(1, (high - low) // count))]
        rough = (self.high - self.low) / count
        power = 10.0 ** math.floor(math.log10(rough))
        unit = next(power * m for m in (1, 2, 5, 10) if power * m >= rough * 0.999)
        first = math.ceil(self.low / unit - 1e-9)
        last = math.floor(self.high / unit + 1e-9)
        return [k * unit for k in range(first, last + 1)]


def thin(steps: list[int], values: list[float]) -> tuple[list[int], list[float]]:
    """均匀抽稀到 MAX_POINTS 个点以内，首尾都留。"""
    stride = -(-len(steps) // MAX_POINTS)
    keep = sorted({*range(0, len(steps), stride), len(steps) - 1})
    return [steps[i] for i in keep], [values[i] for i in keep]


def axes_of(lines: list[Line]) -> tuple[Axis, Axis]:
    """横轴（步数）与纵轴；全为正且跨三个数量级以上时纵轴取对数。"""
    steps = [step for line in lines for step in line.steps]
    values = [value for line in lines for value in line.values]
    low, high = min(values), max(values)
    log = low > 0 and high / low > 1000
    if not log:
        margin = (high - low) * 0.06 or abs(high) * 0.1
        margin = margin if margin > 1e-300 else 1.0  # 再小，刻度的间隔就成了 0
        low, high = low - margin, high + margin
    x = Axis(min(0, *steps), max(*steps, 1), LEFT, WIDTH - RIGHT)
    return x, Axis(low, high, HEIGHT - BOTTOM, TOP, log)


def line_chart(lines: list[Line]) -> tuple[str, dict]:
    """折线图的 SVG，以及悬停时要用的数据（像素位置与数值）。"""
    x, y = axes_of(lines)
    parts = [frame(x, y)]
    for line in lines:
        places = [f"{x.place(s):.1f},{y.place(v):.1f}" for s, v in zip(line.steps, line.values)]
        if len(places) == 1:
            cx, cy = places[0].split(",")
            parts.append(f'<circle cx="{cx}" cy="{cy}" r="3" fill="{line.color}"/>')
        path = f'<polyline points="{" ".join(places)}" fill="none" stroke="{line.color}"'
        parts.append(f'{path} stroke-width="1.6" stroke-linejoin="round"/>')
    parts.append(f'<line class="cursor" y1="{TOP}" y2="{HEIGHT - BOTTOM}" x1="-9" x2="-9"/>')
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}"'
    data = {
        "x": [x.low, x.high, LEFT, WIDTH - RIGHT],
        "lines": [
            {"name": n.name, "color": n.color, "steps": n.steps, "values": n.values} for n in lines
        ],
    }
    return f'<svg class="chart" {box}>{"".join(parts)}</svg>', data


def frame(x: Axis, y: Axis) -> str:
    """坐标轴、网格与刻度。"""
    parts = []
    for tick, said in zip(y.ticks(), tick_texts(y.ticks())):
        at = f"{y.place(tick):.1f}"
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at}" y2="{at}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{at}" dy="4" text-anchor="end">{said}</text>')
    if y.log:
        parts.append(f'<text x="{LEFT + 4}" y="{TOP + 8}">对数轴</text>')
    for tick, said in zip(x.ticks(), tick_texts(x.ticks())):
        at, anchor = x.place(tick), "end" if tick == x.high else "middle"
        parts.append(f'<text x="{at:.1f}" y="{HEIGHT - 8}" text-anchor="{anchor}">{said}</text>')
    base = HEIGHT - BOTTOM
    parts.append(f'<text x="{LEFT - 6}" y="{HEIGHT - 8}" text-anchor="end">步</text>')
    parts.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{base}" y2="{base}"/>')
    return "".join(parts)


def bar_chart(half: float, counts: list[int], color: str) -> str:
    """[−half, half] 上等宽直方图的 SVG，纵轴是占全部的比例。"""
    width, height, base = 360, 190, 166
    total, slot = max(sum(counts), 1), (360 - 20) / len(counts)
    top = max(*counts, 1) / total
    parts = [
        f'<rect x="{10 + i * slot:.1f}" width="{slot * 0.92:.1f}" fill="{color}"'
        f' y="{base - 146 * c / total / top:.1f}" height="{146 * c / total / top:.1f}"/>'
        for i, c in enumerate(counts)
    ]
    for value, at, anchor in ((-half, 10, "start"), (0.0, 180, "middle"), (half, 350, "end")):
        parts.append(f'<text x="{at}" y="184" text-anchor="{anchor}">{number(value)}</text>')
    parts.append(f'<text x="10" y="14">最高的一根 {100 * top:.1f} %</text>')
    parts.append(f'<line class="axis" x1="10" x2="350" y1="{base}" y2="{base}"/>')
    return f'<svg class="bars" viewBox="0 0 {width} {height}">{"".join(parts)}</svg>'


def tick_texts(ticks: list[float]) -> list[str]:
    """各个刻度写的字；四位有效数字分不开（例如 1,000 与 1,000.5）时多写几位。"""
    for digits in range(4, 17):
        texts = [number(tick, digits) for tick in ticks]
        if len(set(texts)) == len(texts):
            break
    return texts


def number(value: float, digits: int = 4) -> str:
    """给人看的数：最多 digits 位有效数字，千分位分开，太大太小用科学记数。"""
    if value == 0 or abs(value) < 1e-12:
        return "0"
    if abs(value) >= 1e6 or abs(value) < 1e-3:
        return f"{value:.{digits - 3}e}"
    if abs(value) >= 1000:  # 整数部分总写全
        return f"{value:,.{max(0, digits - len(str(int(abs(value)))))}f}"
    return f"{value:.{digits}g}"
