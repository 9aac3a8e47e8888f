"""与 pytorch-fid、torch-fidelity 的数逐个对；存下的数出自 tools/maintain/fid_reference.py。"""

import json

import numpy as np
import pytest
from tool_helpers import ROOT, load_tool

from paddle_gan.metrics import class_score, fid, kernel_distance, precision_recall, true_fid

reference = load_tool("fid_reference")
SAVED = json.loads((ROOT / "tests/fixtures/fid_reference.json").read_text(encoding="utf-8"))


def test_the_numbers_of_two_public_implementations_come_out_again(monkeypatch):
    monkeypatch.setattr(true_fid, "POOL3", reference.DIMENSIONS)  # 2048 维的特征值分解要几秒
    pictures = reference.images()
    found = fid(*pictures, network=reference.features)
    assert found == pytest.approx(SAVED["fid_pytorch_fid"], rel=1e-8)
    assert found == pytest.approx(SAVED["fid_torch_fidelity"], rel=1e-8)
    fake, real = map(reference.features, pictures)
    assert kernel_distance(fake, real) == pytest.approx(SAVED["kid_torch_fidelity"], rel=1e-8)
    near = SAVED["precision_torch_fidelity"], SAVED["recall_torch_fidelity"]
    assert precision_recall(fake, real) == pytest.approx(near, abs=1e-6)
    odds = np.exp(reference.logits(pictures[0]))
    score, _ = class_score(odds / odds.sum(axis=1, keepdims=True), reference.SPLITS)
    assert score == pytest.approx(SAVED["is_torch_fidelity"], rel=1e-8)
