"""一级一级地画大图的方法（ProGAN、StackGAN）的训练曲线的说明。"""

from paddle_gan.monitor.curve import Curve

GROWING = {
    "grow/size": Curve(
        "长到了多大",
        "G 与 D 现在这一级的图的高（像素）；样本放大到数据的大小（ProGAN）",
        "照 hparams.stable 与 hparams.fade 一级一级翻倍，最后停在数据的大小",
        "训练完还没有到数据的大小：total_steps 太少，或 stable、fade 太多，样本是放大的小图",
    ),
    "grow/alpha": Curve(
        "新的一级淡入了多少",
        "α：画面是 (1 − α)·放大的前一级 + α·新的一级（ProGAN）",
        "换一级时从 0 匀速升到 1，稳定时一直是 1",
        "一直不到 1：fade 比剩下的步数还多",
    ),
    "loss/kl_condition": Curve(
        "条件增强的 KL",
        "KL(N(μ, σ²)‖N(0, I))，μ、log σ 由类别算来，各维平均（StackGAN）",
        "很小而不是 0：条件带着类别，又有一点随机",
        "到 0：条件里没有类别了，hparams.kl 太大；一路升：条件只剩类别，hparams.kl 太小",
    ),
}
