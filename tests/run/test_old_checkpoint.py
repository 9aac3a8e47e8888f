"""旧版本存的检查点一直读得进、接得上：fixtures/format_1 是格式 1 的一个训练目录，存好之后不再改。

它是这样来的（第 6 步停下，只留 config.yml、run.json、metrics.jsonl 与 last.safetensors）：
    python tools/train.py --device cpu --seed 3 --output format_1 -c a.yml，a.yml 的内容是
    {method: cyclegan, hparams: {pool_size: 1}, network: {generator: {name: resnet_generator,
    width: 2, blocks: 1, down: 1}, discriminator: {name: patchgan, width: 2, layers: 1}},
    data: {name: glyphs}, batch_size: 2, total_steps: 6, log_every: 1, sample_every: 6,
    checkpoint_every: 6, visualdl: false, ema: 0.9}
格式变了就再存一个 format_2，这个照旧要读得进。
"""

import shutil

import numpy as np
import paddle
import pytest
from tool_helpers import ROOT

from paddle_gan.engine.train import Trainer
from paddle_gan.monitor.recorder import read_records
from paddle_gan.run.checkpoint_file import FORMAT, read_checkpoint
from paddle_gan.run.config import load_config
from paddle_gan.run.run import Run

OLD = ROOT / "tests" / "fixtures" / "format_1"
# 存它的那一版译一张固定的图得到的（平均、标准差）：方向、是否用 EMA
TRANSLATED = {
    ("x2y", False): (0.1414836198, 0.1544415653),
    ("y2x", False): (-0.0457249209, 0.0869483277),
    ("x2y", True): (0.1387455016, 0.1539797038),
    ("y2x", True): (-0.0481350422, 0.0876570717),
}
# 存它的那一版接着训练到第 9 步的损失
LOSSES = {
    "loss/G": 1.002421260,
    "loss/F": 0.992868066,
    "loss/cycle": 1.681259394,
    "loss/identity": 1.692070246,
    "loss/D_X": 0.492524862,
    "loss/D_Y": 0.505761325,
}
WEIGHTS = {  # 三步里变了约 1e-4；忘了优化器的动量就差得出来
    "network/D_Y/layers.0.weight": [-0.02249233, -0.02820639, -0.00076654, 0.02371432],
    "network/F/layers.0.weight": [-0.00700463, 0.04123864, -0.00827385, 0.00953101],
}


def test_the_kept_checkpoint_is_small_and_says_its_format():
    path = OLD / "checkpoints" / "last.safetensors"
    assert path.stat().st_size < 60_000
    header, tensors = read_checkpoint(path)
    assert header["format"] == 1 <= FORMAT and header["step"] == 6
    assert {name.split("/")[0] for name in tensors} == {"network", "optimizer", "method", "ema"}


@pytest.mark.parametrize("direction, ema", TRANSLATED)
def test_it_loads_and_translates_as_it_did(direction, ema):
    _, method = Run(OLD).load(ema=ema)
    x = np.linspace(-1, 1, 32 * 32, dtype=np.float32).reshape(1, 1, 32, 32)
    y = method.translate(paddle.to_tensor(x), direction).numpy()
    assert (y.mean(), y.std()) == pytest.approx(TRANSLATED[direction, ema], abs=1e-5)


def test_it_resumes_to_the_result_of_its_own_time(tmp_path):
    shutil.copytree(OLD, tmp_path / "run")
    config = load_config(tmp_path / "run" / "config.yml", ["total_steps=9"])
    Trainer(config, "cpu").run(tmp_path / "run", resume=True)
    records = read_records(tmp_path / "run" / "metrics.jsonl")
    assert [record["step"] for record in records] == list(range(1, 10))
    assert {key: records[-1][key] for key in LOSSES} == pytest.approx(LOSSES, rel=1e-4)
    _, tensors = read_checkpoint(tmp_path / "run" / "checkpoints" / "last.safetensors")
    for name, expected in WEIGHTS.items():
        assert tensors[name].ravel()[:4] == pytest.approx(expected, abs=3e-6), name
