"""诊断的测试共用：凭空造的记录，和一份环上的设定。"""

from paddle_gan.monitor.curves import Setting

RING = Setting(total_steps=3000, samples=2500, modes=8, scatter=0.0279)


def records(count: int = 30, pace: int = 100, **curves) -> list[dict]:
    """每隔 pace 步一条，每条曲线一个常数，或进度 t ∈ (0, 1] 的一个函数；名字里的 __ 是 /。"""
    made = []
    for index in range(1, count + 1):
        t = index / count
        values = {k.replace("__", "/"): v(t) if callable(v) else v for k, v in curves.items()}
        made.append({"step": pace * index, **values})
    return made


def then(early: float, late: float, where: float = 0.5):
    """前一段是 early，过了 where 是 late。"""
    return lambda t: early if t <= where else late


def flicker(middle: float, half: float):
    """三十条记录，一上一下。"""
    return lambda t: middle + half * (-1) ** round(30 * t)


MODES = {  # 二维数据的三个量：学会了、只剩一个模式、什么也没有学会
    "good": {
        "modes__high_quality": 0.8,
        "modes__covered_1pct": 8.0,
        "modes__reverse_kl": 0.05,
        "diversity": 0.98,
    },
    "one": {
        "modes__high_quality": 0.8,
        "modes__covered_1pct": 1.0,
        "modes__reverse_kl": 2.08,
        "diversity": 0.9,
    },
    "none": {
        "modes__high_quality": 0.05,
        "modes__covered_1pct": 1.0,
        "modes__reverse_kl": 2.08,
        "diversity": 0.9,
    },
}
