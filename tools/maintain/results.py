"""期望值从哪里来：把训练目录收进 configs/results.json，README 的表和配置的第一行都由它生成。

    python tools/train.py -c configs/gan_ring.yml --seed 1 --output runs/gan_ring_1
    python tools/maintain/results.py collect runs/gan_ring_1  # 一个或多个训练目录
    python tools/maintain/results.py write  # 写进 README_zh.md 和各个配置的第一行

只收完整跑完、而且设定与仓库里的配置完全相同（种子除外）的训练；配置改了，旧的结果自动作废。
"""

import hashlib
import json
import subprocess
from pathlib import Path
from statistics import mean, stdev

import _above  # noqa: F401
import _cli

from paddle_gan.files import write_atomic
from paddle_gan.methods import METHODS
from paddle_gan.monitor.glossary import GLOSSARY
from paddle_gan.run.config import Config, load_config
from paddle_gan.run.run import Run

ROOT = Path(__file__).resolve().parents[2]
RESULTS, README = ROOT / "configs" / "results.json", ROOT / "README_zh.md"
BEGIN, END = "<!-- 方法一览表：由 tools/maintain/results.py write 生成 -->", "<!-- 一览表完 -->"
# 配置第一行只写最要紧的几个量
HEADLINE = ("modes/covered", "modes/high_quality", "fd_lenet", "fd_pca64")
HEADLINE += ("translation/style", "translation/retrieval", "translation/correlation")
# 发布以后添的开关：关着时与没有它们的时候完全一样，不进指纹，旧的结果仍然有效
LATER = ("ema", "amp")


def digest(config: Config) -> str:
    """设定的指纹；种子不算在内。"""
    settings = {**config.model_dump(mode="json"), "seed": None}
    for switch in LATER:
        if not settings[switch]:
            del settings[switch]
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]


def shipped() -> dict[str, Config]:
    """仓库里的全部配置：名字 → Config。"""
    return {path.stem: load_config(path) for path in sorted((ROOT / "configs").glob("*.yml"))}


def collect(results: dict, folder: Path) -> str:
    """把一个训练目录收进 results，返回它的配置名。"""
    run = Run(folder)
    info, fingerprint = run.info(), digest(run.config())
    names = [name for name, config in shipped().items() if digest(config) == fingerprint]
    if not names or info["status"] != "finished":
        raise _cli.UserError(
            f"{folder} 没有跑完，或者设定与 configs/ 里的任何一个配置都不相同；不收"
        )
    entry = results.setdefault(names[0], {"digest": fingerprint, "seeds": {}})
    if entry["digest"] != fingerprint:
        entry.update(digest=fingerprint, seeds={})
    kept = ("metrics", "seconds", "images_per_second", "threads", "device", "versions")
    entry["seeds"][str(info["seed"])] = {key: info[key] for key in kept} | {"commit": commit()}
    return names[0]


def commit() -> str:
    """收结果时检出的是哪一次提交。"""
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()


def spread(values: list[float]) -> str:
    """均值 ± 标准差；只有一个种子时只写数。"""
    if len(values) == 1:
        return f"{values[0]:.3g}"
    return f"{mean(values):.3g} ± {stdev(values):.2g}"


def table(results: dict) -> str:
    """Markdown 表：方法 × 配置 × 数据 × 用时 × 结果。"""
    lines = [
        "| 方法 | 配置 | 数据 | 步数 | 分钟 | 种子 | 最后一步的结果 |",
        "|---|---|---|--:|--:|--:|---|",
    ]
    configs = shipped()
    for method in METHODS:
        for name, config in configs.items():
            if config.method == method:
                lines.append(row(name, config, results.get(name)))
    return "\n".join(lines)


def row(name: str, config: Config, entry: dict | None) -> str:
    """一行；没有测过，或配置改过，就照实写。"""
    start = f"| `{config.method}` | [{name}](configs/{name}.yml) | {config.data['name']}"
    start += f" | {config.total_steps:,}"
    if entry is None or entry["digest"] != digest(config):
        return f"{start} | – | – | 没有在这里跑过（要 GPU 或自备数据） |"
    seeds = list(entry["seeds"].values())
    minutes = spread([seed["seconds"] / 60 for seed in seeds])
    scores = "；".join(
        f"{GLOSSARY[key].name} {spread([seed['metrics'][key] for seed in seeds])}"
        for key in seeds[0]["metrics"]
    )
    return f"{start} | {minutes} | {len(seeds)} | {scores} |"


def first_line(line: str, entry: dict) -> str:
    """配置的第一行：用时与期望值换成测得的，“学什么”不变。"""
    seeds = list(entry["seeds"].values())
    minutes = max(seed["seconds"] for seed in seeds) / 60
    scores = "，".join(
        f"{GLOSSARY[key].name} {spread([seed['metrics'][key] for seed in seeds])}"
        for key in HEADLINE
        if key in seeds[0]["metrics"]
    )
    purpose = line.split("· CPU 用时：")[0].rstrip()
    return f"{purpose} · CPU 用时：{minutes:.1f} 分钟 · 期望值：{scores}（{len(seeds)} 个种子）"


def rewritten(results: dict) -> dict[Path, str]:
    """README 与各个配置应有的内容：文件 → 全文。"""
    before, rest = README.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    files = {README: f"{before}{BEGIN}\n{table(results)}\n{END}{after}"}
    for name, config in shipped().items():
        entry = results.get(name)
        if entry and entry["digest"] == digest(config):
            path = ROOT / "configs" / f"{name}.yml"
            line, body = path.read_text(encoding="utf-8").split("\n", 1)
            files[path] = f"{first_line(line, entry)}\n{body}"
    return files


def read_results() -> dict:
    """已收的结果；还没有时是空的。"""
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}


def main() -> None:
    parser = _cli.parser(__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("collect").add_argument("runs", nargs="+", type=Path)
    commands.add_parser("write")
    args = parser.parse_args()

    results = read_results()
    if args.command == "collect":
        for folder in args.runs:
            print(f"收下 {folder} → {collect(results, folder)}")
        text = json.dumps(dict(sorted(results.items())), ensure_ascii=False, indent=1)
        write_atomic(RESULTS, text + "\n")
        return
    for path, text in rewritten(results).items():
        write_atomic(path, text)
        print(f"写好 {path}")


if __name__ == "__main__":
    _cli.run(main)
