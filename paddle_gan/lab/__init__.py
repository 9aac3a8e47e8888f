"""课程实验：幻灯片的一句话 → 几组、几个种子 → 一个数 → 结论（见 verdict.py）。

EXPERIMENTS 是全部实验；跑用 runner，写台账用 report，命令行是 tools/lab.py。
"""

from paddle_gan.lab.autoencoders import A10
from paddle_gan.lab.balance import M10
from paddle_gan.lab.birthday import E4
from paddle_gan.lab.clipping import T8
from paddle_gan.lab.codes import A13, A13B
from paddle_gan.lab.collapse import M1
from paddle_gan.lab.collapse_on_demand import M14
from paddle_gan.lab.convergence import T5, T6
from paddle_gan.lab.cycle_parts import C1
from paddle_gan.lab.dcgan_parts import A2
from paddle_gan.lab.degenerate import A11
from paddle_gan.lab.directions import A5
from paddle_gan.lab.dropping import E2
from paddle_gan.lab.ensemble import M15
from paddle_gan.lab.experiment import Experiment
from paddle_gan.lab.f_gan_fit import F1, F1B
from paddle_gan.lab.few_labels import A17
from paddle_gan.lab.few_pictures import A16
from paddle_gan.lab.fooled import E1, E3
from paddle_gan.lab.grid25 import M19
from paddle_gan.lab.helvetica import M2
from paddle_gan.lab.hierarchy import A9
from paddle_gan.lab.judge_features import A4
from paddle_gan.lab.loss_across_models import T7B
from paddle_gan.lab.loss_quality import T7
from paddle_gan.lab.losses_spread import F3
from paddle_gan.lab.markov_chain import A12
from paddle_gan.lab.notes_setting import A1
from paddle_gan.lab.obey import A6, A7, A7B
from paddle_gan.lab.outliers import A18
from paddle_gan.lab.parzen_trap import E7
from paddle_gan.lab.pix2pix_parts import A8
from paddle_gan.lab.policy_gradient import S2
from paddle_gan.lab.remedies import M3, M4, M5, M8, M11, M16, M17, M18
from paddle_gan.lab.restoring import A14, A15
from paddle_gan.lab.sequences import S1
from paddle_gan.lab.shared_glyphs import C2
from paddle_gan.lab.stability_sweep import M6
from paddle_gan.lab.stacked import M13
from paddle_gan.lab.theory import T1, T2
from paddle_gan.lab.truncation import E5
from paddle_gan.lab.turned_digits import C3
from paddle_gan.lab.two_sides import E6
from paddle_gan.lab.update_ratio import A3
from paddle_gan.lab.vanishing import T3, T4
from paddle_gan.lab.verses import S3
from paddle_gan.lab.wgan_parts import T9

EXPERIMENTS: dict[str, Experiment] = {
    "optimal_discriminator": T1,
    "js_identity": T2,
    "vanishing_js": T3,
    "saturating_gradient": T4,
    "no_convergence": T5,
    "stop_rotation": T6,
    "loss_and_quality": T7,
    "loss_across_models": T7B,
    "weights_at_the_clip": T8,
    "wgan_parts": T9,
    "collapse_and_hops": M1,
    "helvetica": M2,
    "collapse_on_demand": M14,
    "notes_setting": A1,
    "dcgan_parts": A2,
    "update_ratio": A3,
    "stability_sweep": M6,
    "confident_fakes": E1,
    "dropped_classes": E2,
    "memoriser": E3,
    "birthday": E4,
    "truncation": E5,
    "quality_and_diversity": E6,
    "parzen_trap": E7,
    "unrolled": M3,
    "more_networks": M8,
    "minibatch_discrimination": M5,
    "packing": M4,
    "gradient_penalties": M11,
    "other_losses": M18,
    "even_updates": M17,
    "cures": M16,
    "grid25": M19,
    "stacked_digits": M13,
    "ensemble": M15,
    "mismatched_pairs": A7,
    "price_of_obedience": A7B,
    "conditional": A6,
    "code_kept": A13,
    "codes": A13B,
    "autoencoders": A10,
    "began_balance": M10,
    "hierarchy": A9,
    "pix2pix_parts": A8,
    "directions": A5,
    "cycle_parts": C1,
    "shared_glyphs": C2,
    "turned_digits": C3,
    "f_gan_fit": F1,
    "js_between": F1B,
    "losses_spread": F3,
    "sequences": S1,
    "policy_gradient": S2,
    "verses": S3,
    "super_resolution": A14,
    "fill_hole": A15,
    "degenerate": A11,
    "markov_chain": A12,
    "judge_features": A4,
    "few_pictures": A16,
    "few_labels": A17,
    "anomaly": A18,
}
