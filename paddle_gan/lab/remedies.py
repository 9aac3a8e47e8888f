"""M3、M4、M5、M8、M11、M16、M17、M18：治模式崩溃的办法，都在展台上（showcase.py）。"""

from paddle_gan.lab.experiment import Published
from paddle_gan.lab.showcase import CASES, CHOSEN, NEAR, SHORT
from paddle_gan.lab.showcase_row import draw_all, row, said_by_family

M3 = row(
    "M3",
    "Unrolled GAN：G 多看几步，就不崩溃",
    "000 飞桨幻灯片（改目标：Unrolled）",
    "[§9.1]",
    ("gan", "unroll_0", "unroll_1", "unroll_5", "unroll_10"),
    published=(
        Published(
            "Unrolled 在环形数据上的模式数 / 高质量",
            "7.6 / 35.6%",
            "VEEGAN 的设定与网络",
            "VEEGAN 表 1",
        ),
    ),
    note="展开 0 步就是极小极大损失的 GAN，是对照；虚拟的 D 照作者的代码，接着 D 自己的 Adam 走。"
    "这一条换过设定：原来照论文的式子，虚拟的 D 走梯度下降，3,000 步，"
    "不展开的 GAN 居中也有 6.5 个模式，病不够重，没有量成。"
    "展台上，梯度下降（η = 0.01）的展开 5 步走到第 488 步发散（种子 20）；"
    "改成 Adam 以后在种子 20 上试过，不发散、八个模式都有；那次学习率降法写错了，数不算。"
    "判据就是展台上各种解药的那三条，写在种子 0 到 9 之前；"
    "展开 10 步是看过前几组的数之后加的，先于它自己的数。"
    "代价：一个种子 GAN 十几秒，展开 1 步约 110 秒，5 步约 460 秒；10 步在慢些的机器上，"
    "头两个种子 1,620 秒，后八个换了快的写法（权重连成一个向量，只差舍入），1,110 到 1,230 秒。"
    + SHORT,
)

M4 = row(
    "M4",
    "PacGAN：D 一次看 m 个样本，丢了的模式就藏不住",
    "000 飞桨幻灯片（PacGAN）",
    "[§9.4]",
    ("gan", "gan_256", "gan_512", "pac_2", "pac_3", "pac_4"),
    published=(
        Published(
            "环 / 格，覆盖的模式数",
            "GAN 6.3 / 17.3；PacGAN2 7.9 / 23.8；PacGAN4 7.8 / 24.8",
            "4 × 400 的网络、maxout 判别器、40 万步、10 次；这里是环，2,000 步，格见 M19",
            "PacGAN 表 1",
        ),
    ),
    note="同作者的代码：打包 m 个，每次更新用 m 批样本；所以旁边放着批大一倍、大三倍的 GAN。"
    + SHORT
    + "原来这一条在学习率差十倍的 GAN 上量，环与格的样本都近于撒点，没有量成什么，换掉了。",
)

M5 = row(
    "M5",
    "小批量判别：D 看得到别的样本，崩溃就藏不住",
    "000 飞桨幻灯片（小批量判别）",
    "[§9.3]",
    ("gan", "minibatch_disc", "minibatch_std"),
    published=(
        Published(
            "堆叠 MNIST 的模式数（小批量标准差）",
            "857 → 881",
            "ProGAN 的网络与数据，不是环",
            "转述的 ProGAN（Karras 等，2018）表 4，没有核对原文",
            "S",
        ),
    ),
    note="小批量判别用 4 个 3 维的核；16 个 5 维的在种子 20、21 上一样好，可是慢三倍。"
    "小批量标准差 16 个样本一组，方法就是 GAN，只有 D 的网络多一层。" + SHORT,
)

M8 = row(
    "M8",
    "改结构就治得好：MAD-GAN 用几个生成器，MRGAN 加编码器，EBGAN 的判别器是自编码器",
    "000 飞桨幻灯片（改结构：MAD-GAN、MRGAN；改目标：EBGAN）",
    "[§9.2]",
    ("gan", "mr_gan", "mad_2", "mad_4", "mad_8", "ebgan", "ebgan_no_pt"),
    note="MAD-GAN 的各个 G 一起更新，一样走十步，一批样本几个 G 平分；z 多一维，用来挑生成器。"
    "EBGAN 的损失与 D 都换了；“不拉开”只去掉拉开项。" + SHORT,
)

M11 = row(
    "M11",
    "罚 D 的梯度、限 D 的斜率，模式不丢",
    "000 飞桨幻灯片（正则化、DRAGAN）",
    "[§9.4]",
    ("gan", "gan_beta1_0", "r1_r2", "r1_r2_beta1", "r3gan", "dragan", "wgan_gp", "sngan"),
    published=(
        Published(
            "二十五个高斯",
            "GAN 没有一个种子覆盖满 25 个；加 R1 + R2，每个种子都是 25 个",
            "z 64 维，2 × 256，批 256，2 万步，γ = 1；这里是八个高斯，二十五个的见 M19",
            "d2l-neu 教材（收敛一章）",
        ),
    ),
    note="Adam 照各自的作者：R1 + R2、R3GAN、SNGAN、WGAN-GP 的 β₁ 是 0，别的是 0.5；"
    "DRAGAN、SNGAN、WGAN-GP 的 β₂ 是 0.9，R1 + R2 是 0.99，别的是 0.999；SNGAN 的损失是合页的。"
    "β₁ = 0 的 GAN 是对照：治好的是不是 Adam 的功劳；反过来，“R1 + R2，β₁ = 0.5”只留下罚项。"
    "什么也不罚的 GAN，β₁ 改成 0 也治好八个，与 DRAGAN 一样多、比 SNGAN 多，所以这里的“成立”说的是"
    "换上那一种方法连同它的 Adam；R1 + R2 的 β₁ 换回 0.5（β₂ 仍是 0.99）只治好六个。"
    "WGAN-GP 的作者让评论器比 G 多走五倍，这里正相反，评论器一次、G 十次，"
    "所以量的是换上它的损失治不治得好这一种病，不是它自己的设定好不好。" + NEAR + SHORT,
)

M16 = row(
    "M16",
    "同样的病，各种解药都治得好",
    "000 飞桨幻灯片（全部解药）",
    "[§9.6]",
    tuple(CASES),
    draw=draw_all,
    sentence=said_by_family(),
    note="同样的数据、步数、种子与学习率，G 也相同（MAD-GAN 是几个）；"
    "各组换上那一种方法，连同作者的损失、D 的结构与 Adam，差在哪里见 M4、M5、M8、M11、M17、M18，"
    "那几条就取这里的几组，散点也在那里。" + NEAR + CHOSEN,
)

M17 = row(
    "M17",
    "不换方法，只调匀 G 与 D 的更新次数，就治得好",
    "000 飞桨幻灯片（全部解药的对照）；003 先固定 G 训练 D，再固定 D 训练 G",
    "[§9.6]",
    ("gan", "gan_beta1_0", "gan_no_decay", "gan_1to1_short", "gan_1to1"),
    note="1 : 1 有两组。“步数不变”只把 G 的十次改成一次，D 的更新与看到的真样本都不变，"
    "一共 4,000 次更新；“更新一样多”走 11,000 步，D、G 一共还是 22,000 次更新，"
    "D 看到的真样本因此是 5.5 倍。"
    "另外两组各只改一处：Adam 的 β₁，学习率降不降。" + SHORT,
)

M18 = row(
    "M18",
    "换一个损失，模式不丢",
    "000 飞桨幻灯片（改目标）；003 别的散度",
    "[§9.1]",
    ("gan", "lsgan", "rpgan"),
    note="LSGAN 的 (a, b, c) 是 (0, 1, 1)，在种子 20 上比论文另一组 (−1, 1, 0) 好；"
    "RpGAN 只比真与假的分数之差，不罚梯度，"
    "加上 R1 与 R2 就是 M11 的 R3GAN。Adam 与 GAN 的相同。" + SHORT,
)
