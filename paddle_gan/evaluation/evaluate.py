"""评估：在同一份参照数据上给一个方法打分；训练中按间隔调用，tools/evaluate.py 单独调用。"""

import json
import math
from collections.abc import Iterable
from pathlib import Path

from paddle_gan import metrics
from paddle_gan.data.base import Dataset
from paddle_gan.data.batches import Labeled, Pair, Unpaired
from paddle_gan.errors import UserError, notice, unknown_name
from paddle_gan.evaluation.scorers import SCORERS, compared, computable, shortage
from paddle_gan.evaluation.scorers_samples import MAX_REAL
from paddle_gan.evaluation.summary import lacking_metrics, report_lines
from paddle_gan.evaluation.trivial import trivial_scores
from paddle_gan.limits import require_memory
from paddle_gan.methods import METHODS
from paddle_gan.methods.abilities import Generates, Translates, Writes
from paddle_gan.methods.base import Method
from paddle_gan.monitor.glossary import GLOSSARY
from paddle_gan.run import runtime
from paddle_gan.run.build import build_data, shapes_of
from paddle_gan.run.config import Config
from paddle_gan.run.data_record import (
    class_changes,
    data_changes,
    describe_data,
    moved_to,
    read_record,
    require_paths,
)
from paddle_gan.run.gallery import shown
from paddle_gan.run.run import Run, versions

PAIRED_EVIDENCE = Path(metrics.__file__).parent / "assets" / "paired_glyphs.json"
PAIRED = "成对训练（pix2pix 式）"


class Evaluator:
    """反复评估一个方法；参照数据的特征只算一次。

    参数：
        config: 完整的配置；用 metrics.names、metrics.samples、metrics.best
        train, test: 训练与测试数据集
    .config 是去掉了用不了的指标的配置；什么时候跳过、什么时候抛出 UserError，见 settle_metrics。
    """

    def __init__(self, config: Config, train: Dataset, test: Dataset):
        self.seed = config.seed
        # 先全查一遍，再花时间算参照
        self.config = config = settle_metrics(config, train, test)
        self.scorers = [
            SCORERS[name](compared(name, train), test, config.metrics.samples, config.seed)
            for name in config.metrics.names
        ]

    def __call__(self, method: Method, draw: int = 0) -> dict[str, float]:
        """返回全部指标；用独立的随机数，不影响训练。draw 是第几次取样，训练中的是第 0 次。"""
        scores: dict[str, float] = {}
        for index, scorer in enumerate(self.scorers):
            again = (draw,) if draw else ()
            runtime.seed_stream(self.seed, runtime.METRICS, index, *again)
            scores |= scorer.score(method)
        return scores

    def baselines(self) -> dict[str, dict[str, float]]:
        """参照的分数：{参照的名字: {指标: 数值}}，例如真实数据、不翻译。"""
        rows: dict[str, dict[str, float]] = {}
        for scorer in self.scorers:
            for name, row in scorer.baselines().items():
                # 照抄的恰好就是真值时 PSNR 是无穷大：不写
                finite = {key: value for key, value in row.items() if math.isfinite(value)}
                rows.setdefault(name, {}).update(finite)
        return rows


def settle_metrics(config: Config, train: Dataset, test: Dataset) -> Config:
    """查 metrics.names、metrics.best 与 metrics.samples，返回去掉了用不了的指标的配置。

    你写的不对，抛出 UserError：没有的名字，与方法或数据对不上的指标，不在指标之内的 best。
    不是你选的不挡路，说一声就跳过：用 -o 换了 data 或 method，配置文件里原来的指标对不上
    或装不下（Config.inherited）；对得上、但图像太少的指标，不论谁写的。它们的 best 也去掉。
    """
    skipped = reasons_to_skip(config, train, test)
    kept = [name for name in config.metrics.names if name not in skipped]
    told = [f"跳过指标 {name}（{why}）" for name, why in skipped.items()]
    best = config.metrics.best
    if best not in (None, *keys_of(kept)):
        if best not in keys_of(skipped) and "best" not in config.inherited:
            raise unknown_name("量（metrics.best）", best, keys_of(config.metrics.names))
        told.append(f"metrics.best 的 {best} 不算了，不再挑 best")
        best = None
    if best and GLOSSARY[best].better == "neither":
        raise UserError(f"metrics.best 不能是 {best}：它不是越大或越小就越好")
    if told:
        notice("；".join(told))
    metrics = config.metrics.model_copy(update={"names": kept, "best": best})
    return config.model_copy(update={"metrics": metrics})


def keys_of(names: Iterable[str]) -> list[str]:
    """这些指标给出的全部量。"""
    return [key for name in names for key in SCORERS[name].keys]


def reasons_to_skip(config: Config, train: Dataset, test: Dataset) -> dict[str, str]:
    """要跳过的指标与原因；没有的名字，或你选的指标对不上、装不下时抛出 UserError。"""
    skipped = {}
    for name in config.metrics.names:
        if name not in SCORERS:
            raise unknown_name("指标", name, SCORERS)
        if not SCORERS[name].fits(METHODS[config.method], train.whole, test):
            why = SCORERS[name].needs
            if "names" not in config.inherited:
                able = supported_metrics(config, train, test)
                raise UserError(f"指标 {name} {why}；这里能用的指标：{able}")
            skipped[name] = why
        elif why := shortage(name, compared(name, train), test):
            skipped[name] = why
    kept = [name for name in config.metrics.names if name not in skipped]
    try:
        if set(kept) - {"translation_unpaired"}:  # 它逐批译，只留缩小的图
            check_samples(config, train, test)
    except UserError as error:
        if "names" not in config.inherited:
            raise
        skipped |= dict.fromkeys(kept, str(error))
    return skipped


def check_samples(config: Config, train: Dataset, test: Dataset) -> None:
    """评估用的生成样本与真实样本（float32）各自装得下，否则抛出 UserError。"""
    method, made = METHODS[config.method], config.metrics.samples
    if issubclass(method, Translates):  # 译的是测试集里的图，没有更多
        made = min(made, max(test.lengths(Pair if Pair in test.batch_types else Unpaired)))
    real = min(MAX_REAL, max(train.lengths(method.batch_type)))
    for count, kind, advice in (
        (made, "生成", "请把 metrics.samples 改小"),
        (real, "真实", "请把图像的边长改小，或去掉 metrics.names"),
    ):
        shape = train.y_shape or train.shape  # 超分辨率的译文比输入大
        needed, what = 4 * count * math.prod(shape), f"评估用的 {count} 个 {shape} "
        require_memory(needed, f"{what}{kind}样本", advice)


def is_better(name: str, value: float, best: float | None) -> bool:
    """value 是否比 best 更好；方向见 glossary。"""
    if best is None:
        return True
    return value < best if GLOSSARY[name].better == "lower" else value > best


def supported_metrics(config: Config, train: Dataset, test: Dataset) -> str:
    """这个方法与数据集能用的指标，给人看的一串名字。"""
    method = METHODS[config.method]
    able = [name for name, scorer in SCORERS.items() if scorer.fits(method, train.whole, test)]
    return ", ".join(able) or "没有"


def evaluate_run(
    run: Run,
    checkpoint: str = "last",
    samples: int | None = None,
    ema: bool = False,
    moved: list[str] = (),
    names: list[str] | None = None,
    draws: int = 1,
) -> dict:
    """重新评估一个训练目录，返回 eval.json 的内容。

    samples 与 names（算哪些指标）默认照配置；ema 时用 EMA 权重；moved 是数据搬到了哪里，
    写法同 -o data.root=新位置；draws 是取几次样本（翻译没有随机的样本，只算一次）。
    第一次与训练中的评估用同样的随机数：同一个检查点、同样的数据、同样的 names，得到同样的分数。
    """
    config, method = run.load(checkpoint, ema)
    config = moved_to(config, moved)
    require_paths(config)
    train, test = build_data(config, "train"), build_data(config, "test")
    _require_classes(run, method, train)
    _say_data_changes(run, describe_data(config, train, method.batch_type))
    able = computable(names or config.metrics.names, method)
    changes = {"names": able, "best": None} if names or able != config.metrics.names else {}
    changes |= {"samples": samples} if samples is not None else {}
    config = config.model_copy(update={"metrics": config.metrics.model_copy(update=changes)})
    if not config.metrics.names:
        raise UserError(
            f"{run.config_file} 没有写 metrics.names，请用 --metrics 写明算哪些；{config.method} "
            f"在 {config.data['name']} 上能用的指标：{supported_metrics(config, train, test)}"
        )
    evaluator = Evaluator(config, train, test)
    if not evaluator.scorers:
        written = "--metrics" if names else run.config_file
        raise UserError(f"{written} 里的指标全都跳过了，没有可算的")
    generates = isinstance(method, Generates)
    times = draws if isinstance(method, Generates | Writes) else 1
    found = [evaluator(method, draw) for draw in range(times)]
    result = {
        "checkpoint": checkpoint,
        "ema": ema,
        "step": run.step(checkpoint),
        "scores": found[0],
        "draws": found,
        "trivial": trivial_scores(evaluator.scorers, train, test, config.seed) if generates else {},
        "baselines": evaluator.baselines() | paired_baseline(config, PAIRED_EVIDENCE),
        "metrics": evaluator.config.metrics.model_dump(mode="json"),
        "diagnosis": run.diagnosis(run.info().get("message", "")).to_dict(),
        "versions": versions(),
    }
    lacking = lacking_metrics(METHODS[config.method], train, test, result["metrics"]["names"])
    named = (
        f"{shown(run.folder)}（{config.method}，数据 {config.data['name']}，种子 {config.seed}）"
    )
    return result | {"report": report_lines(result, named, train, test, lacking)}


def _require_classes(run: Run, method: Method, train: Dataset) -> None:
    """按类别训练的，数据的类别还是原来的，否则抛出 UserError：编号对不上，分数没有意义。"""
    if method.batch_type is not Labeled:
        return
    if changes := class_changes(run.shapes().classes, shapes_of(train).classes):
        raise UserError(
            f"数据的类别与训练时不同：{changes}，分数没有意义；"
            "请放回原来的类别，或用 -o data.root=训练时的数据 指明"
        )


def _say_data_changes(run: Run, data: dict) -> None:
    old = read_record(run.data_file)
    if old and (changes := data_changes(old, data)):
        notice(f"数据与训练时不同：{changes}；分数是在现在的数据上算的")


def paired_baseline(config: Config, evidence: Path) -> dict[str, dict]:
    """成对训练的上限 {PAIRED: 各指标的平均}，来自 tools/maintain/paired_baseline.py 存下的结果。

    字体、尺寸与评估样本数都相同才可比；有几条时取步数最多的，一条也没有时为空。
    """
    known = "translation" in config.metrics.names and config.data["name"] == "glyphs"
    if not known or not evidence.is_file():
        return {}
    wanted = evidence_key(config)
    entries = json.loads(evidence.read_text(encoding="utf-8"))
    same = [entry for entry in entries if wanted.items() <= entry.items()]
    return {PAIRED: max(same, key=lambda entry: entry["steps"])["mean"]} if same else {}


def evidence_key(config: Config) -> dict:
    """成对训练的一条结果是在什么设定下得到的；检索的难度随评估的字数变，所以也要相同。"""
    data = {key: config.data[key] for key in ("x_font", "y_font", "size")}
    return data | {"samples": config.metrics.samples}
