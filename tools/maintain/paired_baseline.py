"""成对训练的上限：同样的生成器，若有成对的真值能做到多好。

用法：python tools/maintain/paired_baseline.py -c configs/cyclegan.yml [--seeds 3] [--steps 1600]
目标照 pix2pix（Isola 等，2017，式 (4)）：L_GAN(G, D) + λ·E‖y − G(x)‖₁，λ = 100；与论文不同：对抗
损失用最小二乘，没有 dropout 噪声。网络、优化器、批大小、步数照配置；D 看拼起来的 (x, y)。
D 越大，越像真。结果追加到 --out，tools/evaluate.py 用它给 CycleGAN 作参照。
"""

import json
import sys
import time
from pathlib import Path

import _above  # noqa: F401
import _cli

from paddle_gan.data import Batches, Pair
from paddle_gan.engine.loop import fit
from paddle_gan.evaluation.evaluate import PAIRED_EVIDENCE, evidence_key
from paddle_gan.evaluation.scorers import TranslationScorer
from paddle_gan.files import write_atomic
from paddle_gan.losses import l1, least_squares
from paddle_gan.methods.base import Method, inference
from paddle_gan.methods.cyclegan import CycleGAN
from paddle_gan.networks import NETWORKS
from paddle_gan.run import runtime
from paddle_gan.run.build import build_data
from paddle_gan.run.config import load_config

from paddle import concat  # isort: skip
from paddle.optimizer import Adam  # isort: skip

L1_WEIGHT = 100.0  # 论文的 λ


class Paired(Method):
    """成对的翻译，只有 x2y 一个方向；超参数与学习率衰减照 CycleGAN。"""

    batch_type = Pair
    Hparams = CycleGAN.Hparams
    learning_rate_factor = CycleGAN.learning_rate_factor

    def make_optimizers(self):
        h, D, G = self.hparams, self.parameters(("D",)), self.parameters(("G",))
        adam_D = Adam(h.lr_D, h.beta1, h.beta2, parameters=D)
        return {"D": adam_D, "G": Adam(h.lr_G, h.beta1, h.beta2, parameters=G)}

    def discriminator_loss(self, x, y, fake):
        # L_D = ½·E[(D(x, y) − 1)²] + ½·E[D(x, G(x))²]
        real_score, fake_score = self.D(concat([x, y], axis=1)), self.D(concat([x, fake], axis=1))
        loss = (least_squares(real_score, 1.0) + least_squares(fake_score, 0.0)) / 2
        return loss, {"loss/D": loss}

    def generator_loss(self, x, y, fake):
        # L_G = E[(D(x, G(x)) − 1)²] + λ·E‖y − G(x)‖₁
        adversarial = least_squares(self.D(concat([x, fake], axis=1)), 1.0)
        loss = adversarial + L1_WEIGHT * l1(fake, y)
        return loss, {"loss/G": loss}

    def train_step(self, batches, step):
        x, y = next(batches)
        fake = self.G(x)
        logs = self.generator_step(x, y, fake)
        return logs | self.discriminator_step(x, y, fake.detach())

    def translate(self, images, direction):
        with inference(self.G):
            return self.G(images)


def build(config, data, seed: int) -> Paired:
    """配置里的生成器与判别器；判别器的输入是拼起来的 (x, y)。"""
    runtime.seed_stream(seed, runtime.INIT)
    both = (data.shape[0] + data.y_shape[0], *data.shape[1:])
    ends = {"G": ("generator", data.shape, data.y_shape), "D": ("discriminator", both, (1,))}
    networks = {}
    for letter, (role, in_shape, out_shape) in ends.items():
        options = dict(config.network[role])
        networks[letter] = NETWORKS[options.pop("name")](in_shape, out_shape, **options)
    return Paired(networks, Paired.Hparams(**config.hparams))


def train_and_score(config, seeds: int) -> dict:
    """训练 seeds 个种子、各评一次，返回要存下的一条结果。"""
    train, test = build_data(config, "train"), build_data(config, "test")
    scorer = TranslationScorer(train, test, config.metrics.samples, config.seed)
    scores, started = [], time.perf_counter()
    for seed in range(config.seed, config.seed + seeds):
        method = build(config, train, seed)
        batches = Batches(train, Pair, config.batch_size, seed)
        fit(method, batches, [], seed=seed, start=0, total_steps=config.total_steps)
        scores.append({"seed": seed, **scorer.score(method)})
        print(json.dumps(scores[-1]), flush=True)
    mean = {key: sum(score[key] for score in scores) / seeds for key in scorer.keys}
    cost = {"steps": config.total_steps, "seconds": round(time.perf_counter() - started, 1)}
    return evidence_key(config) | cost | {"scores": scores, "mean": mean}


def main() -> None:
    parser = _cli.parser(__doc__)
    parser.add_argument("-c", "--config", required=True, help="字形上的 CycleGAN 配置")
    parser.add_argument("-o", "--override", action="append", default=[], metavar="键.子键=值")
    parser.add_argument("--seeds", type=int, default=3, help="从配置的种子起，跑几个（默认 3）")
    parser.add_argument("--steps", type=int, help="步数，默认照配置的 total_steps")
    parser.add_argument("--out", type=Path, default=PAIRED_EVIDENCE, help="追加到哪个 JSON")
    args = parser.parse_args()
    steps = [] if args.steps is None else [f"total_steps={args.steps}"]
    config = load_config(args.config, args.override + steps)
    if (config.method, config.data["name"]) != ("cyclegan", "glyphs"):
        raise _cli.UserError("配置要是 method: cyclegan、data.name: glyphs；别的数据没有成对的真值")
    if args.seeds < 1:
        raise _cli.UserError(f"--seeds 要不小于 1，现在是 {args.seeds}")
    runtime.set_device("auto")
    entry = train_and_score(config, args.seeds)
    entry["command"] = " ".join(["python", *sys.argv])
    entries = json.loads(args.out.read_text("utf-8")) if args.out.is_file() else []
    write_atomic(args.out, json.dumps([*entries, entry], ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    _cli.run(main)
