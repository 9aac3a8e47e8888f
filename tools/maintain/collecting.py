"""收结果：一个训练目录照指纹认它是哪个配置，分数与用时收进 configs/results.json 的内容。"""

import subprocess
from pathlib import Path

from fingerprint import digest

from paddle_gan.errors import UserError
from paddle_gan.run.config import Config, load_config
from paddle_gan.run.run import Run

ROOT = Path(__file__).resolve().parents[2]
# 分几段走的方法里，一段走多少步的超参数：各段的快慢不同，一段的用时推算不了整次
STAGES = ("generator_steps", "first_steps", "pretrain", "pretrain_steps", "stable")


def shipped() -> dict[str, Config]:
    """仓库里的全部配置：名字 → Config。"""
    return {path.stem: load_config(path) for path in sorted((ROOT / "configs").glob("*.yml"))}


def name_of(run: Run) -> str:
    """一个训练目录是哪个配置跑出来的；没有跑完，或设定对不上，抛出 UserError。"""
    fingerprint = digest(run.config())
    names = [name for name, config in shipped().items() if digest(config) == fingerprint]
    if not names or run.info()["status"] != "finished":
        raise UserError(
            f"{run.folder} 没有跑完，或者设定与 configs/ 里的任何一个配置都不相同；不用它"
        )
    return names[0]


def collect(results: dict, folder: Path, busy: bool = False) -> str:
    """把一个训练目录收进 results，返回它的配置名；训练时机器还忙着别的（busy），用时不留。"""
    run = Run(folder)
    name, info, fingerprint = name_of(run), run.info(), digest(run.config())
    entry = results.setdefault(name, {"digest": fingerprint, "seeds": {}})
    if entry["digest"] != fingerprint:
        entry.clear()  # 另量的用时也作废
        entry.update(digest=fingerprint, seeds={})
    kept = ("metrics", "seconds", "images_per_second", "threads", "device", "versions")
    found = {key: info[key] for key in kept} | {"commit": commit()}
    if busy:
        found |= {"seconds": None, "images_per_second": None}
    entry["seeds"][str(info["seed"])] = found
    entry["seeds"] = dict(sorted(entry["seeds"].items(), key=lambda one: int(one[0])))
    return name


def time(results: dict, folder: Path) -> str:
    """一段训练（只有步数少一些）的用时按步数放大，记作它的配置的用时，返回配置名。"""
    run = Run(folder)
    info, config = run.info(), run.config()
    for name, whole in shipped().items():
        # 没有写明的间隔由总步数定，所以照同样的步数把配置再读一遍来比
        path = ROOT / "configs" / f"{name}.yml"
        short = load_config(path, [f"total_steps={config.total_steps}"])
        if digest(short) == digest(config) and is_current(results.get(name), whole):
            staged = [key for key in STAGES if whole.hparams.get(key)]
            if staged and info["step"] < whole.total_steps:
                raise UserError(
                    f"{name} 分几段走（hparams.{staged[0]}），各段快慢不同，一段推算不了整次；"
                    f"请跑满 {whole.total_steps} 步"
                )
            seconds = info["seconds"] * whole.total_steps / info["step"]
            entry = {"seconds": round(seconds, 1), "threads": info["threads"]}
            results[name]["timed"] = entry | {"steps": info["step"], "commit": commit()}
            return name
    raise UserError(f"{folder} 除了步数，与收过结果的哪一个配置都不相同；不用它")


def commit() -> str:
    """收结果时检出的是哪一次提交。"""
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()


def is_current(entry: dict | None, config: Config) -> bool:
    """收过结果，而且配置没有改过。"""
    return entry is not None and entry["digest"] == digest(config)
