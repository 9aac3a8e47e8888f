"""逐个词元地写：把 G 当作策略 π(y_t | y_<t)，从它抽样、算它给一条序列的概率。

G 的输入是前面的词元（独热，V + 1 维，末一维是“开头”），输出是下一个词元的 logit。
"""

from collections.abc import Callable

import paddle
from paddle import Tensor
from paddle.nn.functional import log_softmax, one_hot

from paddle_gan.draws import per_sample
from paddle_gan.networks.recurrent import GRU


def gumbel(shape: list[int]) -> Tensor:
    """g = −log(−log U)：logit 加上它、取最大的一个，就是按 softmax(logit) 抽一个。"""
    # U 会正好抽到 0，−log 0 是无穷大；往上裁到 1e-20
    return -(-per_sample(paddle.rand, shape).clip(min=1e-20).log()).log()


def draw(logit: Tensor) -> Tensor:
    """按 softmax(logit) 各抽一个词元：(N, V) → 独热 (N, V)。"""
    return one_hot((logit + gumbel(logit.shape)).argmax(axis=-1), logit.shape[-1])


def beginning(G: GRU, n: int) -> Tensor:
    """“开头”的独热 (n, V + 1)。"""
    return one_hot(paddle.full([n], G.size - 1, "int64"), G.size)


def unroll(G: GRU, n: int, choose: Callable[[int, Tensor], Tensor]) -> Tensor:
    """从头写 n 条 (n, T, V)：第 t 个是 choose(t, logit (n, V))，写下的接着读。"""
    x, h, written = beginning(G, n), G.start(n), []
    for t in range(G.length):
        logit, h = G.step(x, h)
        written.append(choose(t, logit))
        x = paddle.concat([written[-1], paddle.zeros([n, 1])], axis=1)
    return paddle.stack(written, axis=1)


def sample(G: GRU, n: int, temperature: float = 1.0) -> Tensor:
    """从 softmax(logit/τ) 写 n 条，独热 (n, T, V)，不带梯度。"""
    with paddle.no_grad():
        return unroll(G, n, lambda t, logit: draw(logit / temperature))


def log_policy(G: GRU, x: Tensor, temperature: float = 1.0) -> Tensor:
    """读着 x (N, T, V)，每一处各个词元的对数概率 log π(· | x_<t)，(N, T, V)。"""
    n, T, _ = x.shape
    before = paddle.concat([x[:, :-1], paddle.zeros([n, T - 1, 1])], axis=2)
    before = paddle.concat([beginning(G, n).unsqueeze(1), before], axis=1)
    return log_softmax(G(before) / temperature, axis=-1)
