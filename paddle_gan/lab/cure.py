"""治模式崩溃的几个实验共用的：先要有病，样本先要比撒点好；一句话的模板，设定是怎样挑的。"""

from paddle_gan.data import Ring
from paddle_gan.lab.rule import Rule, premise
from paddle_gan.lab.training import scattered_quality

CHOSEN = (
    "设定是先在种子 0、1 上试出来的：挑一个原始 GAN 会崩溃的，再加上解药。"
    "判据原来数的是占 1% 以上的模式；试设定时看到样本很散，那个数量的是质量，不是丢没丢模式，"
    "所以改成覆盖的模式数与模式直方图的反向 KL，发表的数要达到的水平没有改。"
    "可是在方块里均匀撒点也能覆盖全部模式，反向 KL 也小，所以看过数据之后又加了一条："
    "高质量样本的比例至少是均匀撒点的两倍。撒点的比例起初只抽了一次样，偏小（环 0.022、格 0.126）；"
    "后来改由公式算，这条判据的界也从 0.045、0.25 改成了公式的两倍。"
    "它和“GAN 会崩溃”都改成前提（判据改于看过数据之后）：没有病，或样本与撒点差不多，都说不上治好。"
)
TWICE_RING = 2 * scattered_quality(Ring())
COLLAPSED = 6.3  # PacGAN 表 1 里 GAN 的模式数


def better_than_scattered(arm: str, bound: float) -> Rule:
    """前提：样本比均匀撒点好一倍；不然覆盖的模式数与反向 KL，撒点也做得到。"""
    return premise(arm, "high_quality", "≥", bound, remark="样本要比均匀撒点好一倍")


def collapsed(arm: str, modes: float = COLLAPSED, form: str = "") -> Rule:
    """前提：不加解药就崩溃；不然没有病可治。"""
    return premise(arm, "covered", "≤", modes, form=form, remark="不加解药要先崩溃")


def on_the_ring(name: str, cure: str, plain: str) -> str:
    """一句话的模板：解药与 GAN 各有几个模式、样本好不好，旁边放上均匀撒点。"""
    modes = {
        arm: f"{{v[{arm}][covered]}} 个（各种子 {{v[{arm}][covered]:最小}} 到 "
        f"{{v[{arm}][covered]:最大}}）"
        for arm in (cure, plain)
    }
    return (
        f"8 个模式里有样本的，{name}有 {modes[cure]}，GAN 有 {modes[plain]}；"
        f"高质量的样本 {{v[{cure}][high_quality]:.1%}} 与 {{v[{plain}][high_quality]:.1%}}，"
        f"均匀撒点 {TWICE_RING / 2:.1%}"
    )
