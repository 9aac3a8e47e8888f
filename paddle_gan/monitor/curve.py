"""一条曲线的说明是什么样的。"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Curve:
    name: str  # 中文名
    formula: str  # 公式
    healthy: str  # 健康样子
    danger: str  # 危险信号
    better: Literal["lower", "higher", "neither"] = "neither"  # 越小越好、越大越好，或不能这样看

    @property
    def titled(self) -> str:
        """中文名，后面跟着往哪个方向好的箭头。"""
        return self.name + {"lower": " ↓", "higher": " ↑", "neither": ""}[self.better]
