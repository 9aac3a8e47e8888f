"""速度对比的各个参赛者；只有 tools/maintain/bench.py 用它们。"""
