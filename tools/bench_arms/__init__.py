"""速度对比的各个参赛者；只有 tools/bench.py 用它们。"""
