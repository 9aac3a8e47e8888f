"""写序列（SeqGAN、Gumbel-softmax）的训练曲线与分数的说明。"""

from paddle_gan.monitor.curve import Curve

SEQUENCES = {
    "loss/MLE": Curve(
        "最大似然的损失",
        "−E[Σ_t log π(x_t | x_<t)]，一条真序列各处相加（奈特）",
        "降到数据的熵附近，然后走平",
        "停在 T·log V：什么也没有学到；训练集上还在降、sequences/nll_test 回升：在背训练集",
        "lower",
    ),
    "norm/grad_MLE": Curve(
        "最大似然的梯度范数",
        "‖∇_θG L_MLE‖₂，更新之前、全部参数",
        "先大后小，在一个量级里波动",
        "一路变大：学习率太大",
    ),
    "policy/entropy": Curve(
        "策略的熵",
        "E[Σ_t H(π(· | y_<t))]，沿着读到（或写下）的序列，各处的熵相加（奈特）",
        "最大似然时降到数据的熵；对抗时略低一些",
        "对抗时一路降到 0：每次都写同样的几条，花样没了",
    ),
    "reward/std": Curve(
        "奖励的标准差",
        "一批里 D(y) 的标准差（SeqGAN）",
        "0.05 到 0.4：D 分得出写得好的与写得差的",
        "接近 0：D 给谁都打一样的分，G 不知道往哪里走",
    ),
    "gumbel/tau": Curve(
        "Gumbel-softmax 的温度",
        "τ，从 hparams.tau 线性降到 tau_end",
        "照设定往下走：越小，梯度的偏差越小、方差越大",
        "很早就很小：梯度的方差大，loss/G 乱跳",
    ),
    "samples/transitions": Curve(
        "转移矩阵",
        "第 i 行第 j 列：词元 i 后面跟 j 的频率；左边数生成的序列，右边是真的 P，越深越大",
        "左右一样",
        "左边少了几列：那些词元不写了；左边一片均匀：什么也没有学到",
    ),
    "sequences/nll_oracle": Curve(
        "NLL_oracle",
        "−E_{y~G}[log P(y)]，P 是真正的链，一条序列（奈特）；链写不出的按每个词元 1e-12 算",
        "降到链自己的熵附近",
        "低于链的熵：只写最可能的那几条；单看它会误判，把一条抄到底的最低",
        "lower",
    ),
    "sequences/impossible": Curve(
        "链写不出的比例",
        "生成的序列里 P(y) = 0 的比例",
        "趋近 0，或一直是 0",
        "大于 0：写了链决不会写的；NLL_oracle 里它们按封顶的数算",
        "lower",
    ),
    "sequences/entropy": Curve(
        "生成器的熵",
        "H(G) = −E_{y~G}[log G(y)]，一条序列（奈特）；NLL_oracle 减去它就是 KL(G‖P)",
        "与链的熵一样",
        "比链的熵低得多：花样少了；高得多：在乱写",
    ),
    "sequences/nll_test": Curve(
        "NLL_test",
        "−E_{x~P}[log G(x)]，没有见过的真序列（奈特）；减去链的熵就是 KL(P‖G)",
        "降到链的熵附近",
        "对抗时回升：有的真序列 G 不肯写了",
        "lower",
    ),
    "sequences/distinct4": Curve(
        "不同的 4 元组",
        "生成的序列里，不重复的 4 元组占全部的比例；随条数变，只能与同样条数的比",
        "与真实数据的一样",
        "低得多：花样少了；高得多：在乱写",
    ),
}
