"""图少、标签少时的曲线的说明：判别器背下训练集了吗。"""

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
    "loss/labelled": Curve(
        "有标签的图的交叉熵",
        "E[−l_y + Z]，Z = log Σ_k exp(l_k)（SSGAN），只有给了标签的那些图",
        "很快降到 0 附近：标签就那么几个",
        "降不下来：网络太小，或标签与图对不上；它到了 0，测试集上认得准不准还要看分类的正确率",
        "lower",
    ),
    "classification/accuracy": Curve(
        "分类的正确率",
        "测试图像里 argmax_k l_k(x) 恰是类别的比例，评估模式",
        "高于只看有标签的图的同一个网络（hparams.unlabelled=0）",
        "不比对照高：没有标签的图没有帮上忙",
        "higher",
    ),
}
