"""第 01 章的练习：GAN 的想法。"""

import numpy as np
import paddle
from paddle import Tensor, nn

from paddle_gan.losses import discriminator_cross_entropy, non_saturating_generator
from paddle_gan.networks.mlp import MLP
from paddle_gan.teaching.exercise import Exercise, Mistake

ANSWERS, CHANCES = np.array([2.0, -2.0]), np.array([0.75, 0.25])
PIXELS, WIDTH, NOISE = 784, 128, 100


def parameters(inputs: int, outputs: int) -> int:
    """一个隐层的全连接网络的参数个数；由库里的网络数出来。"""
    network = MLP((inputs,), (outputs,), width=WIDTH, depth=1)
    return sum(int(np.prod(p.shape)) for p in network.parameters())


def discriminator_loss(a: np.ndarray, b: np.ndarray) -> float:
    """库里的 L_D。"""
    return float(discriminator_cross_entropy(paddle.to_tensor(a), paddle.to_tensor(b)))


def softplus(a: np.ndarray) -> np.ndarray:
    """log(1 + eᵃ)。"""
    return np.log1p(np.exp(a))


def resting_point(leaks: float) -> float:
    """p = q 时，最小化 L_D + leaks·L_G 的 D：−log D − log(1 − D) − leaks·log D。"""
    return (1 + leaks) / (2 + leaks)


def turn_of_d(detach, clear, judge=lambda D, fake: D(fake)):
    """更新 D 的一步；detach 是假样本的处理，clear 是在“前”还是“后”清梯度，或“不”清。"""

    def step(G, D, opt_D, x, z):
        loss = discriminator_cross_entropy(D(x), judge(D, detach(G(z))))
        if clear == "前":
            opt_D.clear_grad()
        loss.backward()
        opt_D.step()
        if clear == "后":
            opt_D.clear_grad()

    return step


def two_turns(step, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """step 更新 D 两次，中间 G 照常求一次梯度；量到的是 D 的权重，与每次留在 G 上的梯度。"""
    G, D = nn.Linear(2, 2), nn.Linear(2, 1)
    for seed, p in enumerate([*G.parameters(), *D.parameters()]):
        drawn = np.random.default_rng(seed).standard_normal(p.shape)
        p.set_value(paddle.to_tensor(drawn.astype(np.float32)))
    opt_D, measured = paddle.optimizer.SGD(0.5, parameters=D.parameters()), []
    for _ in range(2):
        step(G, D, opt_D, *(paddle.to_tensor(v.astype(np.float32)) for v in (x, z)))
        measured += [p.numpy() for p in D.parameters()] + [left_on(p) for p in G.parameters()]
        # 轮到 G：L_G 的梯度穿过 D，也留在了 D 上
        non_saturating_generator(D(G(paddle.to_tensor(z.astype(np.float32))))).backward()
        G.clear_gradients()
    return np.concatenate([part.ravel() for part in measured])


def left_on(parameter: Tensor) -> np.ndarray:
    """参数上留着的梯度；没有是 0。"""
    return np.zeros(parameter.shape) if parameter.grad is None else parameter.grad.numpy()


def cut(fake: Tensor) -> Tensor:
    """切断。"""
    return fake.detach()


def keep(fake: Tensor) -> Tensor:
    """不切断。"""
    return fake


EXERCISES = (
    Exercise(
        key="1.1",
        question="好答案 (2,0)、(−2,0) 的概率是 0.75、0.25，L2 回归输出的横坐标是多少（一个整数）",
        answer=round(ANSWERS @ CHANCES),
        why="L2 的最优解是平均数 0.75·2 + 0.25·(−2) = 1；那里仍然一个好答案也没有。",
        mistakes=(
            Mistake(2.0, "2 是最可能的答案（众数）；L2 要的是平均数，L1 要的中位数才是 2"),
            Mistake(0.0, "0 是两个答案各占一半时的平均数；现在的概率是 0.75 与 0.25，要加权"),
            Mistake(1.5, "你只加了 0.75·2；另一个答案是 −2，它的概率也要算进去"),
            Mistake(-1.0, "两个概率放反了：0.75 属于 (2,0)"),
        ),
    ),
    Exercise(
        key="1.2",
        question="784 → 128 → 1、每层都有偏置的全连接 D 有多少个参数（一个整数）",
        answer=parameters(PIXELS, 1),
        why="784·128 + 128 个，再加 128·1 + 1 个；1.7 里印出来的 D 就是这个数。",
        mistakes=(
            Mistake(PIXELS * WIDTH + WIDTH, "你只算了第一层；第二层还有 128 个权重、1 个偏置"),
            Mistake(parameters(NOISE, PIXELS), "这是 G（100 → 128 → 784）的个数；题目问的是 D"),
            Mistake(PIXELS * WIDTH * 1, "你只算了第一层的权重；还有第二层的权重和两层的偏置"),
        ),
    ),
    Exercise(
        key="1.3",
        question="更新 G 时写成 softplus(-my_D(my_G(z).detach()))，会怎样（选项 A–D）",
        answer="B",
        why="detach 在 G 的输出处切断，损失对 G 的参数没有梯度。固定 D 靠的是冻结参数，不是切断。",
        mistakes=(
            Mistake("A", "D 的参数在切断处的后面，照样有梯度；固定住的其实是 G，正好反了"),
            Mistake("C", "不是慢：detach 之后梯度一点也传不回 G，不管训练多久它都不动"),
            Mistake("D", "这里只有 G 的优化器在更新；D 上会留下梯度，但没有人用它更新第二次"),
        ),
    ),
    Exercise(
        key="1.4",
        question="函数 answer(a, b)：真、假样本的 logit（NumPy 数组）→ L_D",
        answer=discriminator_loss,
        why="真样本 softplus(−a)，假样本 softplus(b)，各自求平均再相加。",
        mistakes=(
            Mistake(
                lambda a, b: softplus(a).mean() + softplus(-b).mean(),
                "符号反了：这样的 D 把真的判成假、假的判成真；−log σ(a) = softplus(−a)",
            ),
            Mistake(
                lambda a, b: (softplus(-a).mean() + softplus(b).mean()) / 2,
                "多除了一个 2：L_D 是两个均值的和，分不出真假时是 2·log 2，不是 log 2",
            ),
            Mistake(
                lambda a, b: -(softplus(-a).mean() + softplus(b).mean()),
                "这是 V(G, D)，D 要最大化它；损失要取负号，才能最小化",
            ),
            Mistake(
                lambda a, b: softplus(-a).mean() + softplus(-b).mean(),
                "假样本用成了 G 的损失：对 D 来说，假样本的标签是 0，−log(1 − σ(b)) = softplus(b)",
            ),
        ),
        inputs=(
            (np.array([1.0, 2.0, -0.5]), np.array([-1.0, 0.5, 0.2])),
            (np.array([0.0, 3.0]), np.array([0.4, -2.0])),
        ),
    ),
    Exercise(
        key="1.5",
        question="D 在最小化 L_D + 2·L_G，p = q 时 D 停在多少（一个准确的数，可以写成分数）",
        answer=resting_point(2),
        why="每一点上是 −p·log D − q·log(1 − D) − 2q·log D；求导得 (p + 2q)/D = q/(1 − D)，"
        "D = (p + 2q)/(p + 3q) = 3/4。",
        mistakes=(
            Mistake(resting_point(0), "1/2 是一点也没有漏的时候；现在 D 的损失里多了两份 −log D"),
            Mistake(resting_point(1), "2/3 是漏一次（L_D + L_G）的结果；这里漏了两次"),
            Mistake(1 - resting_point(2), "这是 1 − D；多出来的 −log D 把 D 往大推，不是往小推"),
        ),
        tolerance=1e-9,
    ),
    Exercise(
        key="1.6",
        question="改好更新 D 的一步 answer(G, D, opt_D, x, z)：它在 G 上留下了梯度，"
        "也会用到别人留在 D 上的梯度",
        answer=turn_of_d(cut, "前"),
        why="假样本切断了，G 上什么也没留下；求梯度之前先清，D 只用自己的损失的梯度。",
        mistakes=(
            Mistake(
                turn_of_d(keep, "后"),
                "两处都还没有改好：假样本没有切断，G 上留下了梯度；"
                "清梯度放在更新之后，G 那一步留在 D 上的梯度会混进下一次更新",
            ),
            Mistake(
                turn_of_d(cut, "后"),
                "G 上干净了；可是清梯度放在更新之后，G 那一步留在 D 上的梯度会混进下一次更新",
            ),
            Mistake(
                turn_of_d(keep, "前"),
                "D 更新对了；可是假样本没有切断，D 的损失在 G 上留下了梯度",
            ),
            Mistake(
                turn_of_d(cut, "不"),
                "G 上干净了；可是梯度再也没有清过，每次更新都加上了以前的",
            ),
            Mistake(
                turn_of_d(cut, "前", lambda D, fake: D(fake).detach()),
                "切得太晚了：在 D 的输出上切断，假样本那一项对 D 就没有梯度了；要切在 D 之前",
            ),
        ),
        inputs=(
            (np.array([[1.0, 2.0], [-0.5, 1.0]]), np.array([[0.3, -1.0], [0.8, 0.4]])),
            (np.array([[0.2, -1.5]]), np.array([[-0.7, 0.6]])),
        ),
        measure=two_turns,
    ),
)
