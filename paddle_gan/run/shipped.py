"""随包的每个训练，一句话是什么。"""

from paddle_gan.errors import UserError
from paddle_gan.monitor.glossary import GLOSSARY
from paddle_gan.run.gallery import GALLERY, PREFIX, names
from paddle_gan.run.run import Run


def about(name: str) -> str:
    """随包的训练 name 是什么：方法、步数、分钟、机器、提交与最要紧的分数。"""
    run = Run(GALLERY / name)
    info = run.info()
    try:
        kept = info["gallery"]
        curve, value = GLOSSARY[kept["headline"]], kept["scores"][kept["headline"]]
        machine = kept["machine"].partition("（")[0]
        idle = kept.get("timed")  # 训练时机器还忙着别的，空着时另量了一段
        took = "机器空着时约 " if idle else ""
        return (
            f"{PREFIX}{name}：{info['method']} 训练了 {info['step']} 步，"
            f"{took}{kept['minutes']:.1f} 分钟"
            f"（{machine}，{(idle or info)['threads']} 个线程，提交 {kept['commit']}）"
            f"{'，权重取滑动平均' if kept.get('ema') else ''}；"
            f"{curve.titled} {value:.4g}"
        )
    except (KeyError, TypeError, ValueError):
        raise UserError(f"{run.info_file} 不完整；请重新安装工具箱") from None


def listing() -> str:
    """随包的全部训练，一行一个。"""
    return "\n".join(map(about, names()))
