"""看板上的故事：gallery:故事的名字 把几个随包的训练并排打开，先看哪几条曲线、看什么都写在这里。

加一个故事、换一个训练，只改下面的表；名字不能与随包的训练相同。
"""

from dataclasses import dataclass

from paddle_gan.run.gallery import PREFIX, located, names


@dataclass(frozen=True)
class Story:
    title: str  # 一句话：讲什么
    runs: dict[str, str]  # 看板上的叫法 → 随包的训练，照这个次序排
    shows: tuple[str, ...]  # 质量：看得出差别的曲线，要紧的在前
    losses: tuple[str, ...]  # 人人先看的损失，放在后面对照
    looks: tuple[str, ...]  # 看什么，一条一句
    follows: bool = False  # 要不要写第一条损失与第一条质量的秩相关；常常并列的曲线（模式数）不要

    def folders(self) -> dict:
        """{看板上的名字: 训练目录}；VisualDL 按名字排，所以前面编号。"""
        return {
            f"{place}_{label}_{name}": located(PREFIX + name)
            for place, (label, name) in enumerate(self.runs.items(), start=1)
        }


STORIES = {
    "collapse": Story(
        "模式崩溃：损失数不出还剩几个模式，看样本一眼就知道",
        {"健康": "gan_ring", "崩溃": "gan_ring_greedy", "治好": "pac_gan_ring"},
        ("modes/covered_1pct", "modes/high_quality", "diversity"),
        ("loss/D", "loss/G"),
        (
            "标量：先看模式数与多样性，崩溃的只剩一个模式，高质量却不低；"
            "再看后面两张损失，崩溃的一条跳得厉害，跳只说明两边在拉锯，数不出丢了几个模式",
            "图像：同一批噪声随步数怎样走；蓝点是生成的，红圈是真模式",
            "数据降维：点 2D，“颜色分类方式”选“哪一批”；"
            "健康的与治好的落在真实的每一团上，崩溃的挤在一团上",
        ),
    ),
    "convergence": Story(
        "收敛：损失停在原地的时候，样本还在变好",
        {"全连接": "gan_digits", "卷积": "dcgan_digits", "最好": "digits_best"},
        ("fd_lenet", "classes/reverse_kl", "classes/covered_1pct", "diversity"),
        ("loss/D", "loss/G"),
        (
            "标量：先看 FD-LeNet 怎样降；再看后面两张损失，同一段里它们上下波动，说不出降到了哪里",
            "图像：同一批噪声写的数字随步数变清楚；损失那时没有跟着降",
            "数据降维：“颜色分类方式”选“哪一批”；特征来自 LeNet，与真实的叠得越匀，学得越好",
        ),
        follows=True,
    ),
    "wgan": Story(
        "WGAN：它的曲线跟不跟着质量走",
        {"GAN": "gan_digits", "WGAN": "wgan_digits", "WGAN-GP": "wgan_gp_digits"},
        ("fd_lenet", "classes/reverse_kl", "diversity"),
        ("loss/D", "loss/G"),
        (
            "标量：先看 FD-LeNet，再看判别器损失；WGAN 的趋近 0 时，质量有没有跟着变好",
            "几种损失的单位不同，不能互相比高低，只看各自的走向；秩相关在下一张卡片里",
            "数据降维：“颜色分类方式”选“哪一批”；FD-LeNet 低的一次，特征与真实的叠在一起",
        ),
        follows=True,
    ),
}


def story_names() -> list[str]:
    """有哪些故事。"""
    return sorted(STORIES)


def located_or_story(text: str):
    """训练目录的写法 → 路径，或 gallery:故事 → Story。

    两样都不是时抛出 UserError，列出有的。
    """
    name = text.removeprefix(PREFIX)
    if text.startswith(PREFIX) and name in STORIES and name not in names():
        return STORIES[name]
    return located(text, story_names())
