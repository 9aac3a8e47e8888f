"""体检量的速度：换上一只听话的钟，几步、几秒、几次运算都算得出来。"""

from types import SimpleNamespace

import pytest

from paddle_gan.run import health


@pytest.fixture
def clock(monkeypatch):
    """health 里每问一次时间，就给出下一个数。"""

    def set_times(*times):
        left = iter(times)
        monkeypatch.setattr(health, "time", SimpleNamespace(perf_counter=lambda: next(left)))

    return set_times


def test_the_peak_is_the_fastest_multiplication_two_operations_per_product(clock, monkeypatch):
    monkeypatch.setattr(health, "SIDE", 1000)
    monkeypatch.setattr(health.runtime, "threads", lambda: 3)
    # 三次乘法各用 0.5、0.1、0.9 秒：2·1000³ 次运算，最快的 0.1 秒
    times = (0, 1, 1.0, 1.5, 2, 2.0, 2.1, 3, 3.0, 3.9, 99)
    clock(*times)
    found = health.multiply(10)
    assert found.text.startswith("矩阵乘 20 GFLOP/s（float32，") and "抢 CPU" in found.advice
    clock(*times)
    monkeypatch.setattr(health, "LEAST_GFLOPS", 20 / 3 - 0.01)  # 每个线程的
    assert health.multiply(10).advice == ""


class Stub:
    """只数走了几步的方法。"""

    def __init__(self):
        self.steps = []

    def train_step(self, batches, step):
        self.steps.append(step)


@pytest.mark.parametrize(("minutes", "slow"), [(10, False), (9.9, True)])
def test_the_first_step_is_not_timed_and_the_rest_of_the_way_is_told_in_minutes(
    minutes, slow, clock, monkeypatch
):
    method = Stub()
    monkeypatch.setattr(health, "build_data", lambda config, split: None)
    monkeypatch.setattr(health, "shapes_of", lambda data: None)
    monkeypatch.setattr(health, "build_method", lambda config, shapes: method)
    monkeypatch.setattr(health, "training_batches", lambda config, data: None)
    config = SimpleNamespace(total_steps=600)
    # 从 100 秒起走了第 2、3、4 步，第 112 秒停：3 步 12 秒，600 步要 2400 秒
    clock(100, 100, 103, 106, 111, 112)
    found = health.training_speed("环", config, minutes, seconds=10)
    assert method.steps == [1, 2, 3, 4]
    assert found.text == (f"环：0.25 步/秒，全程约 40.0 分钟（写文档的 2 核机器 {minutes:g} 分钟）")
    assert bool(found.advice) == slow
