"""评测分数的说明，键与 evaluation/scorers.py 里各打分器的 keys 相同。"""

from paddle_gan.monitor.curve import Curve

METRICS = {
    "modes/covered": Curve(
        "覆盖的模式数",
        "至少有一个样本落在 3σ 内的模式个数（PacGAN 的规则）",
        "等于模式总数",
        "下降或跳动：模式崩溃、模式跳跃",
        "higher",
    ),
    "modes/covered_1pct": Curve(
        "覆盖的模式数（占 1 % 以上）",
        "至少有 1 % 的样本落在 3σ 内的模式个数",
        "等于模式总数",
        "比 modes/covered 少：有的模式只落了零星几个样本",
        "higher",
    ),
    "modes/high_quality": Curve(
        "高质量样本的比例",
        "落在最近模式 3σ 内的样本比例",
        "真实数据是 0.989；要和覆盖数一起看",
        "很高而覆盖数很低：崩溃到少数模式",
        "higher",
    ),
    "modes/reverse_kl": Curve(
        "模式直方图的反向 KL", "Σ p̂_k·log(K·p̂_k)", "接近 0", "log K：只剩一个模式", "lower"
    ),
    "modes/off_mode_kl": Curve(
        "含模式之外的 KL",
        "K 个模式加“模式之外”一类，到真实数据的 KL：Σ p̂_k·log(p̂_k / p_k)",
        "接近 0，下限约为 K/(2n)",
        "4.5：全落在模式之外；log K：只剩一个模式",
        "lower",
    ),
    "wasserstein/w1": Curve(
        "W₁ 距离",
        "min_π 1/n·Σ‖x_i − y_π(i)‖，至多 1,000 个点的精确值",
        "稳步下降，趋近真实对真实的下限",
        "停在一个大的值：丢了模式；来回跳：模式跳跃",
        "lower",
    ),
    "wasserstein/sliced": Curve(
        "切片 W₁ 距离",
        "E_θ W₁(θᵀx, θᵀy)，θ 是 200 个随机方向",
        "稳步下降，趋近真实对真实的下限",
        "停在一个大的值：丢了模式",
        "lower",
    ),
    "fd_lenet": Curve(
        "FD-LeNet",
        "生成与真实手写数字在 LeNet 特征上的弗雷歇距离（不是 FID）",
        "稳步下降，趋近真实对真实的下限",
        "回升：崩溃或过拟合",
        "lower",
    ),
    "classes/covered": Curve(
        "覆盖的数字类别数", "分类器认出的类别个数", "十个都有", "减少：模式丢失", "higher"
    ),
    "classes/reverse_kl": Curve(
        "类别直方图的反向 KL", "Σ p̂_k·log(10·p̂_k)", "接近 0", "变大：有的数字不再生成", "lower"
    ),
    "classes/covered_1pct": Curve(
        "覆盖的数字类别数（占 1 % 以上）",
        "至少占 1 % 的类别个数",
        "十个都有",
        "比“覆盖的数字类别数”少：有的类别只是分类器偶尔认错",
        "higher",
    ),
    "kd_lenet": Curve(
        "KD-LeNet",
        "LeNet 特征上的无偏 MMD²，核 (x·y/84 + 1)³（不是 KID）",
        "稳步下降，趋近真实对真实的值；可以略小于 0",
        "回升：崩溃或过拟合",
        "lower",
    ),
    "is_lenet": Curve(
        "IS-LeNet",
        "exp(E_x KL(p(y|x) ‖ p(y)))，p(y|x) 由 LeNet 给出（不是 IS）",
        "升到真实数据的值附近",
        "下降：认不清或丢了类别；每类只画一张图也能得高分，要和多样性一起看",
        "higher",
    ),
    "diversity_lenet": Curve(
        "LeNet 特征的多样性",
        "特征两两距离的平均 E‖f(x) − f(x')‖",
        "与真实数据的值相当",
        "变小：图像越来越像，模式崩溃",
        "higher",
    ),
    "prdc/precision": Curve(
        "精度",
        "生成样本落在真实样本的 3 近邻球里的比例",
        "接近真实数据的值",
        "下降：画得不像；很高而召回很低：崩溃",
        "higher",
    ),
    "prdc/recall": Curve(
        "召回",
        "真实样本落在生成样本的 3 近邻球里的比例",
        "接近真实数据的值",
        "下降：丢了模式；生成样本散得很开时虚高",
        "higher",
    ),
    "prdc/density": Curve(
        "密度",
        "1/(5m)·Σ 生成样本落进了几个真实样本的 5 近邻球",
        "接近 1",
        "接近 0：画得不像；远大于 1：都挤在真实样本密的地方",
        "higher",
    ),
    "prdc/coverage": Curve(
        "覆盖",
        "5 近邻球里有生成样本的真实样本的比例",
        "接近真实数据的值",
        "下降：丢了模式",
        "higher",
    ),
    "prd/f8": Curve(
        "PRD 的 F₈（偏重召回）",
        "max F₈(α, β)，α(λ) = Σ min(λp, q)，β = α/λ，聚成 20 类",
        "0.95 以上",
        "下降：丢了模式",
        "higher",
    ),
    "prd/f1_8": Curve(
        "PRD 的 F_⅛（偏重精度）",
        "max F_⅛(α, β)，曲线同上",
        "0.95 以上",
        "下降：画出了真实数据里没有的样子",
        "higher",
    ),
    "stacked/covered": Curve(
        "覆盖的三位数个数",
        "LeNet 逐通道认出的三位数有几种，共 1,000 种",
        "与同样张数的真实数据相同",
        "减少：模式丢失",
        "higher",
    ),
    "stacked/reverse_kl": Curve(
        "三位数直方图的反向 KL",
        "Σ p̂_k·log(1000·p̂_k)",
        "趋近抽样的下限 999/(2n)",
        "6.9（log 1000）：只剩一种",
        "lower",
    ),
    "memorisation/nearest_ratio": Curve(
        "最近距离之比",
        "E‖G(z) − 最近的训练图像‖ / E‖留出图像 − 最近的训练图像‖",
        "1 左右",
        "远小于 1：照抄训练图像；远大于 1：画得不像",
    ),
    "memorisation/one_nn": Curve(
        "1 近邻检验的正确率",
        "每个样本按最近的另一个样本猜真假，猜对的比例",
        "0.5：分不出真假",
        "接近 1：一眼看出是假的；接近 0：一对一地照抄",
    ),
    "fd_pca64": Curve(
        "FD-PCA64",
        "生成与真实图像在真实图像前 64 个主成分上的弗雷歇距离（不是 FID）",
        "稳步下降，趋近真实对真实的下限",
        "回升：崩溃",
        "lower",
    ),
    "translation/correlation": Curve(
        "与真值的相关",
        "译文与隐藏真值的逐图皮尔逊相关的均值",
        "高于不翻译",
        "低于不翻译：内容丢了",
        "higher",
    ),
    "translation/retrieval": Curve(
        "检索正确率",
        "测试字里与译文最相关的恰是同一个字的比例",
        "高于不翻译",
        "骤降：认不出是哪个字",
        "higher",
    ),
    "translation/style": Curve(
        "风格正确率",
        "风格分类器把译文认作目标字体的比例",
        "升到 0.9 以上",
        "一直接近 0：在照抄原图",
        "higher",
    ),
    "translation/l1": Curve(
        "与真值的 L1",
        "|译文 − 真值| 的均值，墨色取 [0, 1]",
        "下降；白纸也能得到 0.18",
        "单看它会误判",
        "lower",
    ),
    "translation/score": Curve(
        "翻译总分", "风格、检索、相关三者的调和平均", "上升", "三者有一个塌了就会很低", "higher"
    ),
}
