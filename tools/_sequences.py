"""写序列的方法取样：印出来，也画成图；sample.py 用。"""

from paddle_gan.errors import UserError
from paddle_gan.evaluation.preview import sequence_rows
from paddle_gan.methods.abilities import Writes
from paddle_gan.run import runtime
from paddle_gan.run.build import build_data
from paddle_gan.run.outputs import save_png
from paddle_gan.run.run import Run

SEQUENCES, MOST_SEQUENCES = 16, 1000  # 写几条序列：默认与最多


def write_sequences(run: Run, method: Writes, seed: int, args) -> int:
    """印出序列，也画成图；返回几条。"""
    useless = {"--columns": args.columns, "--interpolate": args.interpolate}
    useless |= {"--class": args.kind, "--each-class": args.each_class, "--separate": args.separate}
    if named := [name for name, value in useless.items() if value]:
        raise UserError(f"写的是序列，{'、'.join(named)} 用不上；请去掉")
    count = SEQUENCES if args.num is None else args.num
    if count > MOST_SEQUENCES:
        raise UserError(f"--num 要在 1 到 {MOST_SEQUENCES} 之间，现在是 {count}")
    runtime.seed_stream(seed, runtime.SAMPLE)
    tokens, data = method.write(count).numpy(), build_data(run.config(), "test")
    save_png(args.out, sequence_rows(data, tokens))
    print("\n".join(data.spell(tokens)))
    return count
