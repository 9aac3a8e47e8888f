"""G 追着 D 跑的图：每一格是自己那一步的样本与 D，学习率照全程降，画完最后一格就停。"""

import numpy as np
import paddle

from paddle_gan.lab.showcase import configured
from paddle_gan.lab.training import build, samples_of, train
from paddle_gan.methods.base import inference
from paddle_gan.teaching import chase

STEPS = 2, 4


def test_each_panel_holds_the_samples_and_the_judge_of_its_own_step_of_the_whole_run(drawn):
    chased, whole = (build(configured("gan", 12), seed=2) for _ in range(2))
    chase(chased, STEPS)
    seen = {}

    def look(step, logs, record):
        with inference(whole.method.D):
            score = whole.method.D(paddle.zeros([1, 2])).item()
        seen[step] = samples_of(whole), 1 / (1 + np.exp(-score))

    train(whole, 12, hooks=[look])
    assert np.allclose(samples_of(chased), seen[4][0]) and not np.allclose(seen[4][0], seen[2][0])
    for axis, step in zip(drawn[-1].axes[0], STEPS, strict=True):
        samples, judged = seen[step]
        assert axis.get_title().startswith(f"第 {step} 步\n高质量 ")
        assert np.allclose(axis.get_lines()[0].get_xydata(), samples[:500])
        (image,) = axis.get_images()
        side = image.get_array().shape[0] // 2
        around = np.array(image.get_array())[side - 1 : side + 1, side - 1 : side + 1]
        assert around.min() - 1e-3 <= judged <= around.max() + 1e-3  # 围着原点的四格
