"""评测分数的说明，键与 evaluation/scorers.py 里各打分器的 keys 相同；二维点的另在一处。"""

from paddle_gan.monitor.curve import Curve
from paddle_gan.monitor.glossary_points import POINTS
from paddle_gan.monitor.glossary_restoration import RESTORATION
from paddle_gan.monitor.glossary_stacked import STACKED

METRICS = {
    **POINTS,
    **RESTORATION,
    **STACKED,
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
    "obedience/accuracy": Curve(
        "听话的比例",
        "裁判认出的类别恰是要的类别的比例；每类一样多",
        "升到真实数据的值附近",
        "停在 1/K：G 不看类别；单看它会误判，每类只画一张也是满分",
        "higher",
    ),
    "obedience/spread": Curve(
        "类内的多样性",
        "E‖G(z, y) − G(z′, y)‖ / E‖x − x′‖，只比同一类的，各类平均",
        "接近 1：同一类里的花样与真实数据一样多",
        "远小于 1：每类只会画几张；大于 1：同一类里混着别的类",
    ),
    "codes/accuracy": Curve(
        "编码与类别相符的比例",
        "编码与裁判认出的类别一一配好（取最好的配法）以后，相符的比例",
        "升到 0.75 以上",
        "停在“编码什么也不管”的值：编码没有意义",
        "higher",
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
    "pixel_std": Curve(
        "像素的标准差",
        "每个像素在各张生成图像里的标准差，对像素平均，除以真实图像的",
        "1：与真实图像一样多样",
        "接近 0：张张一样，模式崩溃；比 1 大得多：画的是噪声",
    ),
    "edges": Curve(
        "边缘的强弱",
        "生成图像相邻两点之差的绝对值的平均，除以真实图像的",
        "1：与真实图像一样清楚",
        "明显小于 1：糊；大于 1：噪点，或笔画碎",
    ),
    "reconstruction/error": Curve(
        "还原的误差（均方）",
        "测试图像编码再还原，墨量之差的平方，对像素平均",
        "下降，远低于“只答平均的图”",
        "与“只答平均的图”一样：编码里什么也没有",
        "lower",
    ),
    "reconstruction/edges": Curve(
        "还原的图的边缘",
        "测试图像编码再还原，边缘的强弱除以原图的",
        "接近 1",
        "明显小于 1：还原的图糊",
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
        "测试图像里与译文最相关的恰是同一个字（同一个人）的比例",
        "升到与不翻译相当或更高",
        "骤降：认不出是哪个字、哪个人",
        "higher",
    ),
    "translation/style": Curve(
        "风格正确率",
        "风格裁判把译文认作目标域（字体、发色……）的比例",
        "升到 0.9 以上",
        "一直接近 0：在照抄原图",
        "higher",
    ),
    "translation/l1": Curve(
        "与真值的 L1",
        "|译文 − 真值| 的均值，像素取 [0, 1]",
        "降到比不翻译小；字形的白纸也能得到 0.18",
        "单看它会误判",
        "lower",
    ),
    "unpaired/cycle_y": Curve(
        "循环误差（y → x → y）",
        "E|G(F(y)) − y|，像素取 [0, 1]，测试图像",
        "下降，比平均图与照抄训练图像都小得多",
        "回升：译回来已不是它；单看它会误判，原样照抄是 0",
        "lower",
    ),
    "unpaired/cycle_x": Curve(
        "循环误差（x → y → x）",
        "E|F(G(x)) − x|，像素取 [0, 1]，测试图像",
        "下降，比平均图与照抄训练图像都小得多",
        "回升：译回来已不是它；单看它会误判，原样照抄是 0",
        "lower",
    ),
    "unpaired/fd_y": Curve(
        "x 的译文到 y 的 FD-PCA64",
        "G(x) 与测试的 y 在后者前 64 个主成分（图像少时更少）上的弗雷歇距离（不是 FID）",
        "从不翻译的值降向照抄训练图像的值",
        "停在不翻译的值：没有译；回升：崩溃。单看它会误判，照抄训练图像也很小",
        "lower",
    ),
    "unpaired/fd_x": Curve(
        "y 的译文到 x 的 FD-PCA64",
        "F(y) 与测试的 x 在后者前 64 个主成分（图像少时更少）上的弗雷歇距离（不是 FID）",
        "从不翻译的值降向照抄训练图像的值",
        "停在不翻译的值：没有译；回升：崩溃。单看它会误判，照抄训练图像也很小",
        "lower",
    ),
    "unpaired/style_y": Curve(
        "x 的译文像 y 的比例",
        "风格裁判（在两个域的训练图像上训练）把 G(x) 认作 y 的比例",
        "从不翻译的值升向照抄训练图像的值",
        "一直在不翻译的值：在照抄原图。照抄那一列低于 0.95 时，裁判自己也分不清，不必看它",
        "higher",
    ),
    "unpaired/style_x": Curve(
        "y 的译文像 x 的比例",
        "风格裁判（在两个域的训练图像上训练）把 F(y) 认作 x 的比例",
        "从不翻译的值升向照抄训练图像的值",
        "一直在不翻译的值：在照抄原图。照抄那一列低于 0.95 时，裁判自己也分不清，不必看它",
        "higher",
    ),
    "translation/score": Curve(
        "翻译总分", "风格、检索、相关三者的调和平均", "上升", "三者有一个塌了就会很低", "higher"
    ),
}
