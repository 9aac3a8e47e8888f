"""条件生成（CGAN、ACGAN、InfoGAN、pix2pix）与还原（SRGAN、补洞）的训练曲线的说明。"""

from paddle_gan.monitor.curve import Curve

CONDITIONAL = {
    "prob/mismatched": Curve(
        "判别器认为配错类别的真样本为真的概率",
        "E[D(x, y′)]，y′ ≠ y（CGAN、StackGAN 的 mismatched）",
        "明显低于 prob/real，接近 0",
        "与 prob/real 一样高：D 只看真不真，不看配不配，G 就不听话",
    ),
    "loss/l1": Curve(
        "与真值的 L1 距离",
        "E‖y − G(x)‖₁，像素在 [−1, 1]（pix2pix）",
        "稳步下降，然后走平",
        "居高不下：没有学到对应；单看它会误判，糊的图 L1 最小",
        "lower",
    ),
    "loss/l2": Curve(
        "与真值的均方误差",
        "E‖y − G(x)‖²，对像素平均，像素在 [−1, 1]（SRGAN）；补洞只算归 G 画的地方，一圈里另有权重",
        "稳步下降，然后走平；加上对抗以后略微升高是正常的",
        "居高不下：没有学到对应；加上对抗以后大涨：对抗的权重太大",
        "lower",
    ),
    "loss/class_real": Curve(
        "真样本的类别损失",
        "−E[log P(y | x)]，P 是 D 的分类头（ACGAN）",
        "从 log K 很快降到接近 0",
        "停在 log K：分类头没有学到东西，多半是交叉熵之前又做了一次 softmax",
        "lower",
    ),
    "loss/class_fake": Curve(
        "生成样本的类别损失",
        "−E[log P(y | G(z, y))]（ACGAN）",
        "从 log K 降下来，比真样本的慢一些",
        "停在 log K：G 不听话；早早到 0 而类内的多样性很小：每类只画容易认的样子",
        "lower",
    ),
    "info/categorical": Curve(
        "类别编码的互信息（下界）",
        "log K + E[log Q(c | G(z, c))]（InfoGAN）",
        "从 0 附近升到 log K（K = 10 时是 2.30）",
        "停在 0 附近：编码被忽略了；负的：Q 还没有学会",
        "higher",
    ),
    "loss/code": Curve(
        "连续编码的误差",
        "½·E[Σ(c − μ(G(z, c)))²]，各维相加（InfoGAN）",
        "从 C/6（c 在 [−1, 1] 上均匀时，什么也不知道的值）降向 0",
        "停在 C/6：连续编码被忽略了",
        "lower",
    ),
}
