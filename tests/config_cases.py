"""几个测试文件共用：一份最小的合格配置，以及改了几项的它。"""

GOOD = {
    "method": "gan",
    "network": {"generator": {"name": "mlp"}, "discriminator": {"name": "mlp"}},
    "data": {"name": "ring"},
    "batch_size": 8,
    "total_steps": 20,
}


def changed(**changes) -> dict:
    return {**GOOD, **changes}
