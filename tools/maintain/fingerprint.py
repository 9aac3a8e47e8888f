"""一份设定的指纹：期望值与随包的训练照它认配置，配置改了就作废。"""

import hashlib
import json

from paddle_gan.run.config import Config

# 发布以后添的开关：关着时与没有它们的时候完全一样，不进指纹，旧的结果仍然有效
LATER = ("ema", "amp", "epochs", "lr_schedule", "decay_from", "init", "deterministic")
LATER += ("diff_augment", "diff_augment_target", "few", "labels")
LATER_NETWORK = ("minibatch_std", "spectral_norm", "attention")  # 后来添的网络选项，也是这样
LATER_NETWORK += ("input_noise", "hidden_noise")
LATER_DATA = ("normal",)  # 后来添的数据选项，也是这样
# 后来才能改的超参数：取原来写死的值时，也不进指纹
LATER_HPARAMS = {
    "cyclegan": {"backward_cycle": 1.0},
    "wgan_gp": {"g_steps": 1},
}


def digest(config: Config) -> str:
    """设定的指纹；种子不算在内。"""
    settings = {**config.model_dump(mode="json"), "seed": None}
    for switch in LATER:
        if not settings[switch]:
            del settings[switch]
    sections = [(section, LATER_NETWORK) for section in settings["network"].values()]
    for section, later in (*sections, (settings["data"], LATER_DATA)):
        for option in {o for o in later if not section.get(o)} & section.keys():
            del section[option]
    # board 以前叫 visualdl: true；写哪种看板与结果无关
    del settings["board"]
    settings["visualdl"] = True
    fixed = LATER_HPARAMS.get(config.method, {}).items()
    settings["hparams"] = dict(h for h in settings["hparams"].items() if h not in fixed)
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
