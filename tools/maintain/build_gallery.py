"""把跑完的训练收进 paddle_gan/gallery/，随包发给读者：

    python tools/train.py -c configs/gan_ring.yml
    python tools/maintain/build_gallery.py collect runs/gan_ring  # 一个或多个训练目录
    python tools/maintain/build_gallery.py retime  # 另量过用时的（results.py time），换上那个用时
    python tools/maintain/build_gallery.py tighten gan_ring  # 已经收了的，照现在的办法再压小

--only G：只收这几个生成器；CycleGAN 的两个都收，超过了一个训练的预算时用。
只收照仓库里的配置完整跑完的训练，种子也要是配置里的。生成器的权重存成 float16，尾数只留画图
用得着的几位（gallery_weights.py）；收的时候就量：样本最多差多少、分数变了多少，超过上限就不收。
"""

import platform
import shutil
import tempfile
from pathlib import Path

import _above  # noqa: F401
import _cli
import collecting
import fingerprint
import gallery_pictures as pictures
import gallery_records as records
import gallery_weights as weights
import numpy as np
import results

from paddle_gan.data import Batches
from paddle_gan.data.base import Dataset
from paddle_gan.evaluation.evaluate import evaluate_run
from paddle_gan.evaluation.preview import Previewer
from paddle_gan.evaluation.scorers import computable
from paddle_gan.files import write_atomic
from paddle_gan.methods.abilities import Translates
from paddle_gan.methods.base import Method
from paddle_gan.run import gallery, health, runtime
from paddle_gan.run.build import build_data
from paddle_gan.run.checkpoint_file import read_checkpoint
from paddle_gan.run.config import Config
from paddle_gan.run.missing import Missing
from paddle_gan.run.run import Run

ONE_RUN, ALL_RUNS = 1_500_000, 15_000_000  # 字节
# float16 的上限：样本的差，以取值范围的 1/255 为单位；分数的差，相对 1 %，另加 0.001
PICTURE, RELATIVE, ABSOLUTE = 2.0, 0.01, 0.001
KEPT_INFO = ("method", "seed", "device", "threads", "processes", "versions", "platform", "shapes")
KEPT_INFO += ("setting", "written_at", "status", "message", "step", "seconds")
KEPT_INFO += ("images_per_second", "metrics", "diagnosis")


def collect(folder: Path, only: list[str] | None = None) -> str:
    """把一个训练目录收进画廊，返回要说的一句；不合格时抛出 UserError，画廊不变。

    only 是收哪几个生成器，不写是全部。
    """
    run, target = Run(folder), gallery.GALLERY
    name = qualified(run)
    with tempfile.TemporaryDirectory(prefix="paddle_gan_gallery_") as temporary:
        staged = Run(Path(temporary) / name)
        stage(run, staged, name, only)
        others = sum(size_of(target / other) for other in gallery.names() if other != name)
        require_small(name, size_of(staged.folder), others)
        shutil.rmtree(target / name, ignore_errors=True)
        shutil.copytree(staged.folder, target / name)
    kept = Run(target / name).info()["gallery"]
    return (
        f"{name}（{size_of(target / name):,} 字节）：float16 的样本最多差 "
        f"{kept['float16']['pictures']:.2g}/255，分数 {kept['scores']}"
    )


def qualified(run: Run) -> str:
    """这次训练是哪个配置的；设定、种子不同，没有跑完，或用了别处的文件，抛出 UserError。"""
    name, config = collecting.name_of(run), run.config()
    seed = collecting.shipped()[name].seed
    if config.seed != seed:
        raise _cli.UserError(f"{run.folder} 的种子是 {config.seed}，配置 {name} 的是 {seed}；不收")
    if config.init or any(isinstance(value, Path) for value in config.data.values()):
        raise _cli.UserError(f"{run.folder} 用了不随包的文件（init 或 data 里的路径）；不收")
    return name


def stage(run: Run, staged: Run, name: str, only: list[str] | None) -> None:
    """在 staged 里写好全部文件，并核对 float16 没有改变样本与分数。"""
    staged.samples.mkdir(parents=True)
    staged.checkpoints.mkdir()
    config = run.config()
    write_atomic(staged.config_file, config.dump())
    shutil.copyfile(run.data_file, staged.data_file)
    rows = records.write_metrics(run, staged)
    pictures.write(run, staged, run.shapes())
    info = {key: run.info()[key] for key in KEPT_INFO}
    records.write_info(staged, info)
    bits = write_weights(run, staged, only, PICTURE)
    scores, changed = compared(run, staged)
    info["gallery"] = {
        "config": fingerprint.digest(config),
        "commit": collecting.commit(),
        "machine": machine(run),
        "ema": config.ema is not None,
        "networks": read_checkpoint(staged.checkpoint("last"))[0]["only"],
        "minutes": round(info["seconds"] / 60, 2),
        "headline": next((key for key in results.ONE if key in scores), next(iter(scores))),
        "scores": scores,
        "float16": changed | {"mantissa_bits": bits},
        "metrics_rows": rows,
    }
    records.write_info(staged, info)
    verdict = staged.diagnosis("").verdict
    if verdict != info["diagnosis"]["verdict"]:
        raise _cli.UserError(f"{run.folder} 的记录抽稀以后，诊断变成了“{verdict}”；不收")


def write_weights(run: Run, staged: Run, only: list[str] | None, room: float) -> int:
    """写好 staged 的检查点，返回尾数留了几位：最少的、样本的差不过 room 的；都超过时留全部。"""
    config, exact = run.load("last", averaged(run))
    candidates = weights.encodings(run, only)
    while True:
        bits, content = next(candidates)
        write_atomic(staged.checkpoint("last"), content)
        if bits == weights.FULL or apart(config, exact, staged.load("last")[1]) <= room:
            return bits


def averaged(run: Run) -> bool:
    """这次训练该看滑动平均的权重；画廊里的已经是平均了。"""
    return run.config().ema is not None and "gallery" not in run.info()


def tighten(name: str) -> str:
    """画廊里的一个，照现在的办法重新压小，返回要说的一句；差多少与收的时候的合在一起算。"""
    run = Run(gallery.GALLERY / name)
    info, before = run.info(), size_of(run.folder)
    with tempfile.TemporaryDirectory(prefix="paddle_gan_gallery_") as temporary:
        staged = Run(Path(temporary) / name)
        shutil.copytree(run.folder, staged.folder)
        already = info["gallery"]["float16"]
        bits = write_weights(run, staged, None, PICTURE - already["pictures"])
        scores, changed = compared(run, staged, already)
        info["gallery"] |= {"scores": scores, "float16": changed | {"mantissa_bits": bits}}
        write_atomic(run.checkpoint("last"), staged.checkpoint("last").read_bytes())
        records.write_metrics(run, run)
        records.write_info(run, info)
    return f"{name}：尾数 {bits} 位，{before:,} → {size_of(run.folder):,} 字节"


def machine(run: Run) -> str:
    """在什么机器上训练的：就是这一台时写处理器的型号。"""
    here = run.info()["host"] == platform.node()
    return health.processor().text if here else run.info()["platform"]


def compared(run: Run, staged: Run, already: dict | None = None) -> tuple[dict, dict]:
    """(压小以后的分数, 与原来差多少)；差得超过上限时抛出 UserError。

    already 是 run 自己已经差了的：至多差两次之和。
    """
    runtime.set_device("cpu")
    already = already or {"pictures": 0.0, "scores": {}}
    config, exact = run.load("last", averaged(run))
    _, half = staged.load("last")
    worst = apart(config, exact, half) + already["pictures"]
    names = computable(config.metrics.names, half)  # 问判别器的随包的算不了
    before = evaluate_run(run, ema=averaged(run), names=names)["scores"]
    after = evaluate_run(staged, names=names)["scores"]
    change = {k: abs(after[k] - before[k]) + already["scores"].get(k, 0.0) for k in after}
    beyond = [key for key in after if change[key] > allowed(before[key])]
    if worst > PICTURE or beyond:
        told = "、".join(f"{key} {before[key]:.4g} → {after[key]:.4g}" for key in beyond)
        raise _cli.UserError(
            f"{run.folder} 存成 float16 变得太多：样本最多差 {worst:.2g}/255（上限 {PICTURE:g}）"
            f"，超过上限的分数：{told or '没有'}；不收"
        )
    return after, {
        "pictures": round(worst, 4),
        "pictures_limit": PICTURE,
        "scores": change,
        "scores_limit": f"{RELATIVE:g} × |分数| + {ABSOLUTE:g}",
    }


def apart(config: Config, one: Method, other: Method) -> float:
    """两个方法画同一批固定的样本，最多差几个 1/255 的取值范围。"""
    data = build_data(config, "test")
    low, high = data.value_range or (np.inf, -np.inf)
    worst = 0.0
    for first, second in zip(*(previewed(config, m, other, data) for m in (one, other))):
        low, high = min(low, first.min()), max(high, first.max())
        worst = max(worst, np.abs(first - second).max())
    return float(255 * worst / (high - low))


def previewed(config: Config, method: Method, shipped: Method, data: Dataset) -> list[np.ndarray]:
    """固定噪声的样本，与训练中画的是同一批；翻译是固定的测试图，shipped 会译的每个方向。"""
    runtime.seed_stream(config.seed, runtime.FIXED_PREVIEW, 0)
    count = Previewer(method, data, config.seed).count
    batch = next(Batches(data, method.batch_type, count, config.seed))
    if not isinstance(method, Translates):
        return [method.preview(batch)[0].numpy()]
    inputs = {"x2y": batch.x, "y2x": batch.y}
    able = [d for d in shipped.directions() if not isinstance(shipped.translator(d), Missing)]
    return [method.translate(inputs[direction], direction).numpy() for direction in able]


def allowed(score: float) -> float:
    """这个分数至多可以差多少。"""
    return RELATIVE * abs(score) + ABSOLUTE


def close(before: float, after: float) -> bool:
    """两个分数的差在上限以内。"""
    return abs(before - after) <= allowed(before)


def size_of(folder: Path) -> int:
    """一个目录里全部文件的字节数。"""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def require_small(name: str, size: int, others: int) -> None:
    """这一个与全部都在预算之内，否则抛出 UserError。"""
    if size > ONE_RUN:
        raise _cli.UserError(f"{name} 有 {size:,} 字节，一个最多 {ONE_RUN:,}；不收")
    if size + others > ALL_RUNS:
        raise _cli.UserError(f"收下 {name} 就有 {size + others:,} 字节，最多 {ALL_RUNS:,}；不收")


def main() -> None:
    parser = _cli.parser(__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("collect")
    one.add_argument("runs", nargs="+", type=Path)
    one.add_argument("--only", help="只收这几个生成器，用逗号隔开，例如 G；默认全部")
    commands.add_parser("retime")
    tighter = commands.add_parser("tighten")
    tighter.add_argument("names", nargs="+", choices=gallery.names(), metavar="名字")
    args = parser.parse_args()
    if args.command == "retime":
        print(f"换上了另量的用时：{'、'.join(records.retime())}")
        return
    if args.command == "tighten":
        print("\n".join(map(tighten, args.names)))
        return
    only = args.only.split(",") if args.only else None
    for folder in args.runs:
        print(f"收下 {collect(folder, only)}")


if __name__ == "__main__":
    _cli.run(main)
