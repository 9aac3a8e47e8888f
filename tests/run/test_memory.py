"""还有多少内存：系统的与容器的取小的那个；问不到时是 None。"""

import pytest

from paddle_gan.run import memory

MEMINFO = "MemTotal:       2000 kB\nMemFree:         100 kB\nMemAvailable:    900 kB\n"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """一台假的机器：/proc/meminfo 与容器的目录。"""
    (tmp_path / "meminfo").write_text(MEMINFO)
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "CGROUP", tmp_path)
    monkeypatch.delattr("os.sysconf", raising=False)
    return tmp_path


def test_without_a_container_it_is_what_the_system_says(machine):
    assert memory.total() == 2000 * 1024
    assert memory.available() == 900 * 1024


@pytest.mark.parametrize("limit, used, free, whole", [("500000", "200000", 300000, 500000)])
def test_a_container_counts_when_it_is_tighter(limit, used, free, whole, machine):
    (machine / "memory.max").write_text(f"{limit}\n")
    (machine / "memory.current").write_text(f"{used}\n")
    assert memory.available() == free and memory.total() == whole


def test_an_unlimited_container_and_a_loose_one_change_nothing(machine):
    (machine / "memory.max").write_text("max\n")
    (machine / "memory.current").write_text("123\n")
    (machine / "memory").mkdir()
    (machine / "memory/memory.limit_in_bytes").write_text("9223372036854771712\n")
    (machine / "memory/memory.usage_in_bytes").write_text("4096\n")
    assert memory.available() == 900 * 1024 and memory.total() == 2000 * 1024


def test_a_system_that_does_not_tell_gives_none(machine):
    (machine / "meminfo").unlink()
    assert memory.available() is None and memory.total() is None
