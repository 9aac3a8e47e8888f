"""图少、标签少时的曲线，与找异常的曲线的说明。"""

from paddle_gan.monitor.curve import Curve

FEW = {
    "held_out/gap": Curve(
        "判别器给训练图像多打的分",
        "E[D(训练图像)] − E[D(没见过的图像)]，D 是 logit 或分数，评估模式、没有增广",
        "0 附近：见没见过一个样",
        "一路变大：判别器在背训练集，打分靠的是认得，不是像不像",
    ),
    "held_out/overfit": Curve(
        "判别器背下训练集的程度",
        "(E[D(训练图像)] − E[D(没见过的图像)]) / |E[D(训练图像)] − E[D(G(z))]|，截到 ±1",
        "0 附近",
        "接近 1：没见过的真图，它当成了生成的图；用 diff_augment，或多找些图",
    ),
    "augment/p": Curve(
        "每样变换的机会",
        "p ← p + sign(r_t − 目标)/500，截到 [0, 1]；r_t = 2·E[D(T(x))] − 1（diff_augment_target）",
        "停在 0 与 1 之间：图够多时低，图少时高",
        "到了 1 还不停：D 仍然认得太准，图太少，或目标定得太低；一直是 0：用不着增广",
    ),
    "loss/labelled": Curve(
        "有标签的图的交叉熵",
        "E[−l_y + Z]，Z = log Σ_k exp(l_k)（SSGAN），只有给了标签的那些图",
        "很快降到 0 附近：标签就那么几个",
        "降不下来：网络太小，或标签与图对不上；它到了 0，测试集上认得准不准还要看分类的正确率",
        "lower",
    ),
    "loss/E": Curve(
        "编码器的损失",
        "E‖x − G(E(x))‖² + κ·E‖f(x) − f(G(E(x)))‖²，对像素、对特征平均（f-AnoGAN 的第二段）",
        "稳步下降，然后走平",
        "居高不下：G 画不出这些图，第一段练得不够",
        "lower",
    ),
    "loss/back": Curve(
        "还原的误差（图）",
        "E‖x − G(E(x))‖²，像素在 [−1, 1]，平均（f-AnoGAN）",
        "稳步下降",
        "居高不下：G 画不出这些图",
        "lower",
    ),
    "loss/back_features": Curve(
        "还原的误差（特征）",
        "E‖f(x) − f(G(E(x)))‖²，f 是 D 末隐层的特征，平均（f-AnoGAN）",
        "稳步下降",
        "比图的一项大几个量级：分数只由特征说了算，把 hparams.kappa 改小",
        "lower",
    ),
    "anomaly/auc": Curve(
        "异常检测的 AUC",
        "P(A(异常) > A(正常)) + ½·P(相等)，A 是异常分，测试集里正常的数字与别的",
        "接近 1，而且高过两个不用 GAN 的办法",
        "0.5：分不开；不比到平均图的距离高：GAN 没有帮上忙",
        "higher",
    ),
    "classification/accuracy": Curve(
        "分类的正确率",
        "测试图像里 argmax_k l_k(x) 恰是类别的比例，评估模式",
        "高于只看有标签的图的同一个网络（hparams.unlabelled=0）",
        "不比对照高：没有标签的图没有帮上忙",
        "higher",
    ),
}
