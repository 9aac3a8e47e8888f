"""还原残缺的图（超分辨率、补洞）的分数的说明。"""

from paddle_gan.monitor.curve import Curve

RESTORATION = {
    "restoration/psnr": Curve(
        "峰值信噪比（PSNR）",
        "10·log₁₀(1/MSE) 分贝，像素取 [0, 1]，全部测试图像合起来；补洞只算洞里",
        "高于双三次放大（或填平均色）",
        "低于它们：什么也没有学到；单看它会误判，糊的图 PSNR 最高",
        "higher",
    ),
    "restoration/edges": Curve(
        "还原的图的边缘",
        "还原的图相邻两点之差的绝对值的平均，除以真值的；补洞只算洞里",
        "接近 1：与真值一样清楚",
        "明显小于 1：糊；大于 1：噪点",
    ),
    "restoration/fd_lenet": Curve(
        "还原的图的 FD-LeNet",
        "还原的图与真值在 LeNet 特征上的弗雷歇距离（不是 FID）；真值自己是 0",
        "稳步下降",
        "停在照抄最像的训练图那样大：看上去不像真的",
        "lower",
    ),
    "restoration/accuracy": Curve(
        "还原的图认得对的比例",
        "LeNet 认出的数字恰是原图的标签的比例",
        "升到真值的值附近",
        "停在双三次放大（或填平均色）的值：内容没有还原出来",
        "higher",
    ),
}
