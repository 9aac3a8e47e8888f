"""自编码器作判别器（EBGAN、BEGAN）与金字塔（LAPGAN）的训练曲线的说明。"""

from paddle_gan.monitor.curve import Curve

ENERGY = {
    "energy/real": Curve(
        "真样本的能量",
        "E[E(x)]，自编码器的还原误差：EBGAN 是 ‖Dec(Enc(x)) − x‖，BEGAN 是 L(x)，"
        "即 |x − Dec(Enc(x))| 对像素的平均",
        "下降，在 energy/fake 以下（EBGAN 两者都在 energy/margin 以下）；"
        "BEGAN 的 γ·energy/real 慢慢与 energy/fake 相等",
        "EBGAN 里在 energy/margin 以上：间隔 m 比还原误差还小，判别器分不开真假，"
        "把 hparams.margin 加大；停在一个高的数上不动：自编码器没有学会还原",
    ),
    "energy/fake": Curve(
        "生成样本的能量",
        "E[E(G(z))]（EBGAN）；L(G(z_G))（BEGAN）",
        "EBGAN 在 energy/real 与 energy/margin 之间，慢慢接近 energy/real；"
        "BEGAN 在 γ·energy/real 附近",
        "一直在 energy/margin 以上：判别器对它们不再用力，生成器又追不上；"
        "EBGAN 里一直在 energy/real 以下：生成器挤到了最好还原的几处，看看有没有崩溃",
    ),
    "energy/margin": Curve(
        "间隔",
        "m：判别器把生成样本的能量抬到这里为止（EBGAN 的 hparams.margin）",
        "一条水平线，energy/real 与 energy/fake 都在它下面",
        "energy/real 高过它：m 太小",
    ),
    "loss/pt": Curve(
        "拉开项",
        "1/(N(N − 1))·Σ_i Σ_{j≠i} cos²(S_i, S_j)，S 是生成样本的编码（EBGAN）",
        "稳在一个低的数上；编码是 d 维的，最低约 1/d（各个方向都有），都共线时是 1",
        "接近 1：编码几乎都在一条线上，生成样本可能挤在一处",
    ),
    "balance/k": Curve(
        "平衡的权重",
        "k_{t+1} = k_t + λ_k·(γ·L(x) − L(G(z)))，裁到 [0, 1]（BEGAN）",
        "从 0 升到一个数，然后小幅波动",
        "一直是 0：生成样本总比 γ 要的难还原，判别器从没看过它们；一直是 1：判别器管不住生成器",
    ),
    "balance/M": Curve(
        "BEGAN 的收敛量",
        "M = L(x) + |γ·L(x) − L(G(z))|",
        "下降，然后走平",
        "它降而样本的多样性（diversity）也降：它只看还原与平衡，看不见崩溃，不要单凭它挑模型",
    ),
    "residual/spread": Curve(
        "噪声对残差的影响",
        "同一张粗图换噪声，r̂ 的标准差与真残差的均方根之比，各层平均（LAPGAN）",
        "明显大于 0",
        "接近 0：残差生成器不理噪声，同一张粗图总补同样的细节",
    ),
}
