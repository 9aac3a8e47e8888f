"""潜空间、翻译、体检：都是随包的模型与库里的函数；坏的输入是一句话。"""

import base64
import json
import shutil
import struct
import zlib
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from tool_helpers import tiny_run

from paddle_gan.errors import UserError
from paddle_gan.playground import attributes, latent, models, translating
from paddle_gan.playground.attributes import MOST
from paddle_gan.playground.checkup import examined
from paddle_gan.playground.turns import TURNS
from paddle_gan.run.gallery import GALLERY


@pytest.mark.parametrize(
    "name",
    [n if n == "gan_digits" else pytest.param(n, marks=pytest.mark.slow)
     for n in models.generators()],
)  # fmt: skip
def test_every_generator_can_be_walked(name):
    label = 1 if latent.classes(name) else None
    z = latent.at(name, 3, (), label)
    moved = latent.at(name, 3, (2.0,), label)
    assert z.shape == moved.shape and (z != moved).any()
    near = latent.around(name, z, 0)
    np.testing.assert_array_equal(near[:1], z)
    assert len({row.tobytes() for row in near}) == latent.SIDE**2
    road = latent.between(name, z, 5)
    np.testing.assert_allclose(road[0], z[0], atol=1e-5)
    image = latent.picture(name, near, latent.SIDE)
    assert image.dtype == np.uint8 and image.shape[0] == image.shape[1] and image.shape[2] == 3
    for row in (moved, near[5:6], road[-1:]):
        assert (latent.picture(name, row, 1) != latent.picture(name, z, 1)).any()


def test_the_class_is_kept_on_every_walk():
    z = latent.at("cgan_digits", 0, (1.0, -1.0), 7)
    for rows in (z, latent.around("cgan_digits", z, 1), latent.between("cgan_digits", z, 9)):
        np.testing.assert_array_equal(rows[:, -10:], np.tile(np.eye(10)[7], (len(rows), 1)))


def test_the_directions_found_change_the_picture_more_than_random_ones():
    with TURNS:
        every = latent.directions("gan_digits")
    assert np.linalg.norm(every, axis=1) == pytest.approx(np.ones(len(every)), abs=1e-5)
    assert len(every) == len(latent.names_of("gan_digits")) == MOST + latent.DIRECTIONS
    found = every[MOST:]
    model = models.load("gan_digits", models.generators())
    random = np.random.default_rng(0).standard_normal(found.shape).astype(np.float32)
    random /= np.linalg.norm(random, axis=1, keepdims=True)
    z = latent.random_latents(model.method, 32, 1)

    def change(directions) -> float:
        made = [latent.decode(model.method, z + 2 * d) for d in directions]
        return float(np.mean([np.abs(x - latent.decode(model.method, z)).mean() for x in made]))

    assert change(found[:3]) > 1.2 * change(random[:3])


@pytest.mark.parametrize(
    "name", ["digits_best", pytest.param("avatars_best", marks=pytest.mark.slow)]
)
def test_a_named_direction_moves_what_it_names_and_not_the_other(name):
    with TURNS:
        ways, model = latent.directions(name), models.load(name, models.generators())
        z = latent.random_latents(model.method, 64, 7)
        before = latent.decode(model.method, z)
        measures = list(attributes.named(before.shape[1]).values())
        scale = [measure(before).std() for measure in measures]

        def gains(way: np.ndarray) -> list[float]:
            low, high = (latent.decode(model.method, z + end * way) for end in (-3, 3))
            return [float((m(high) - m(low)).mean() / s) for m, s in zip(measures, scale)]

        moved = [gains(way) for way in ways[:MOST]]
    for k in range(MOST):
        assert moved[k][k] > 1 and abs(moved[k][1 - k]) < 0.5 * moved[k][k], moved


def test_what_the_names_of_the_directions_measure():
    image = np.full((2, 3, 4, 4), -1.0)
    image[1, 0] = 1.0  # 第二张全是红的
    assert attributes.brightness(image) == pytest.approx([-1.0, -1 / 3])
    assert attributes.warmth(image) == pytest.approx([0.0, 2.0])
    rng = np.random.default_rng(0)
    z = rng.standard_normal((400, 5)).astype(np.float32)
    light, warm = z[:, 0], z[:, 1] + 0.5 * z[:, 0]
    images = np.zeros((400, 3, 1, 1)) + light[:, None, None, None]
    images[:, 0, 0, 0] += warm / 2
    images[:, 2, 0, 0] -= warm / 2
    lighter, warmer = attributes.attribute_directions(z, images)
    # 变亮而不变暖：沿 (1, −0.5)；变暖而不变亮：沿 (0, 1)
    assert lighter == pytest.approx(np.array([2, -1, 0, 0, 0]) / 5**0.5, abs=1e-3)
    assert warmer == pytest.approx([0, 1, 0, 0, 0], abs=1e-3)


@pytest.mark.parametrize("x, y, chosen", [(0, 0, 0), (511, 0, 3), (130, 300, 9), (9999, 9999, 15)])
def test_a_click_walks_to_the_tile_that_was_clicked(x, y, chosen):
    page = pytest.importorskip("paddle_gan.playground.page_latent", exc_type=ImportError)
    visitor = SimpleNamespace(walk=None)
    page.settle(visitor, "gan_digits", 0, None)
    near, visitor.walk.side = visitor.walk.near, 512
    page.step_to(visitor, x, y)
    np.testing.assert_array_equal(visitor.walk.z, near[chosen : chosen + 1])


def test_only_what_is_shipped_is_loaded_and_few_are_kept(monkeypatch):
    for name in ("没有", "gan_ring", "../gan_digits", "cyclegan"):
        with pytest.raises(UserError, match="随包的模型"):
            latent.at(name, 0, (), None)
    assert latent.at("gan_digits", 0, (), None).shape == (1, 100)  # 锁没有留在别人手里
    monkeypatch.setattr(models, "KEPT", 2)
    for name in ("gan_digits", "wgan_digits", "vae_digits"):
        with TURNS:
            models.load(name, models.generators())
    assert len(models._loaded) == 2


def test_a_picture_goes_there_and_back():
    image = translating.example("cyclegan", "x2y", 0)
    shown = translating.there_and_back("cyclegan", image, "x2y")
    assert list(shown)[:2] == ["原图", "译文"]
    assert all(x.dtype == np.uint8 and x.shape[2] == 3 for x in shown.values())
    assert (shown["原图"] != shown["译文"]).any()
    with pytest.raises(UserError, match="会的方向"):
        translating.there_and_back("pix2pix_edges", image, "y2x")


def test_ones_own_cyclegan_goes_there_and_back_unless_the_page_is_open_to_others(monkeypatch):
    folder = tiny_run("cyclegan")
    monkeypatch.setattr(models.Own, "folder", folder.parent)
    assert translating.directions(str(folder)) == ["x2y", "y2x"]
    image = translating.example(str(folder), "x2y", 0)
    shown = translating.there_and_back(str(folder), image, "x2y")
    assert list(shown) == ["原图", "译文", "再译回来"]
    monkeypatch.setattr(models.Own, "folder", None)
    with pytest.raises(UserError, match="随包的模型"):
        translating.directions(str(folder))


def test_the_checkpoints_of_ones_own_run_are_compared_on_the_same_picture(monkeypatch, tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(tiny_run("cyclegan"), folder)
    kept = folder / "checkpoints"
    for number in range(1, 10):  # 和 last 一样的九份，步数照文件名
        shutil.copy(kept / "last.safetensors", kept / f"step_{number:07d}.safetensors")
    monkeypatch.setattr(models.Own, "folder", tmp_path)
    last = models.step_of(str(folder), "last", [str(folder)])
    found = models.checkpoints(str(folder), [str(folder)])
    assert found == [*(str(n) for n in range(1, last)), "last"] and last < 10
    monkeypatch.setattr(models, "MOST_CHECKPOINTS", 2)
    assert len(models.checkpoints(str(folder), [str(folder)])) == 2
    image = translating.example(str(folder), "x2y", 0)
    shown = translating.compared(str(folder), image, "x2y")
    one = translating.there_and_back(str(folder), image, "x2y")["译文"]
    assert shown[-1][1] == f"第 {last} 步"
    np.testing.assert_array_equal(shown[-1][0], one)


def test_a_shipped_one_shows_the_samples_of_its_training():
    shown = translating.compared("cyclegan", np.zeros((28, 28, 3), np.uint8), "x2y")
    steps = [int(title.split()[1]) for _, title in shown]
    assert steps == sorted(steps) and len(steps) == 6
    with pytest.raises(UserError, match="随包的模型"):
        translating.compared("没有", np.zeros((28, 28, 3), np.uint8), "x2y")


@pytest.mark.slow
@pytest.mark.parametrize("name", models.translators())
def test_every_translator_translates_in_every_direction_it_has(name):
    for direction in translating.directions(name):
        image = translating.example(name, direction, 1)
        assert len(translating.there_and_back(name, image, direction)) >= 2


def test_a_photo_of_any_shape_and_a_canvas_are_taken():
    photo = np.random.default_rng(0).integers(0, 256, (30, 90, 3)).astype(np.uint8)
    assert "译文" in translating.there_and_back("cyclegan", photo, "x2y")
    png = cv2.imencode(".png", photo[..., ::-1])[1].tobytes()
    text = translating.HEAD + base64.b64encode(png).decode()
    np.testing.assert_array_equal(translating.from_canvas(text), photo)


def test_what_is_no_picture_is_one_sentence(tmp_path):
    bad = tmp_path / "x.png"
    bad.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    for call in (
        lambda: translating.from_file(str(bad)),
        lambda: translating.from_file(None),
        lambda: translating.from_canvas("x"),
        lambda: translating.from_canvas(translating.HEAD + "***"),
        lambda: translating.from_canvas(translating.HEAD + "A" * 3_000_000),
    ):
        with pytest.raises(UserError) as told:
            call()
        assert str(tmp_path) not in str(told.value)


def bomb(width: int, height: int) -> bytes:
    """一张几 KB 的 PNG，解开有 width × height 像素。"""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = zlib.crc32(kind + body).to_bytes(4, "big")
        return len(body).to_bytes(4, "big") + kind + body + check

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)  # 一个像素一位，灰度
    rows = zlib.compress(bytes((1 + (width + 7) // 8) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(*part) for part in ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    )


@pytest.mark.parametrize("size", [(5000, 5000), (60_000, 30), (30, 60_000)])
def test_a_small_file_that_unfolds_into_a_huge_picture_is_refused_undecoded(
    tmp_path, monkeypatch, size
):
    path = tmp_path / "bomb.png"
    path.write_bytes(bomb(*size))
    assert path.stat().st_size < 10_000
    monkeypatch.setattr(translating, "read_image", lambda path: pytest.fail("解开了"))
    with pytest.raises(UserError, match="长边至多") as told:
        translating.from_file(str(path))
    assert str(tmp_path) not in str(told.value)


def test_a_large_photo_is_made_small_and_translated(tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(bomb(4000, 100))
    shown = translating.there_and_back("cyclegan", translating.from_file(str(path)), "x2y")
    assert shown["原图"].shape[0] == shown["原图"].shape[1]


def test_a_record_file_gets_the_diagnosis_of_its_run():
    sick, records = examined(None, "gallery:gan_ring_greedy", local=False)
    assert sick.verdict == "模式崩溃" and records
    file = str(GALLERY / "gan_ring_greedy" / "metrics.jsonl")
    assert examined(file, "", local=True)[0].verdict == "模式崩溃"


HOSTILE = {
    "空的": b"",
    "不是文字": bytes(range(256)) * 10,
    "不是记录": b"[1, 2]\n" * 3,
    "没有步数": b'{"loss/D": 1}\n' * 3,
    "很深": b'{"step": 1, "a": ' + b"[" * 100_000 + b"\n" + b'{"step": 2}\n',
    "不是数": b'{"step": 1, "loss/D": "x"}\n{"step": 2, "loss/D": NaN}\n{"step": 3}\n',
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_record_file_is_one_sentence(tmp_path, content):
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(content)
    with pytest.raises(UserError) as told:
        examined(str(path), "", local=True)
    assert str(tmp_path) not in str(told.value)


def test_odd_but_valid_records_are_drawn(tmp_path):
    from paddle_gan.playground.drawing import curves

    rows = [{"step": s, "loss/D": v, "loss/G": -v} for s, v in enumerate((1e30, -1e30, 0.0), 1)]
    rows += [{"step": 4, "<script>": 1}]
    path = tmp_path / "metrics.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    _, records = examined(str(path), "", local=True)
    assert "<svg" in curves(records) and "<script>" not in curves(records)


def test_folders_of_this_machine_are_read_only_when_the_page_is_local(tmp_path):
    for folder in (str(tmp_path), "/etc", "runs/没有"):
        with pytest.raises(UserError, match="上传"):
            examined(None, folder, local=False)
        with pytest.raises(UserError):
            examined(None, folder, local=True)
    with pytest.raises(UserError):
        examined(None, "", local=True)
