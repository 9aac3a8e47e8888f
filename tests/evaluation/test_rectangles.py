"""长方形的双色图从文件走到各处：哪一格、哪一角、什么颜色都读回来；高与宽换了就看得出。

每张图 12 高 20 宽，左上角 4×6 是它自己的颜色，右下角一格是白的，其余是黑的。
"""

import json

import numpy as np
import paddle
import pytest
from tool_helpers import decode, run_tool, write_image

from paddle_gan.data import Batches, Images, Unpaired
from paddle_gan.data.folders import ImageFolder, UnpairedFolders
from paddle_gan.engine.hooks import Gallery
from paddle_gan.engine.train import Trainer
from paddle_gan.evaluation.preview import Previewer
from paddle_gan.evaluation.sampling import draw_samples, interpolations, random_samples
from paddle_gan.evaluation.translation import Translator
from paddle_gan.methods.cyclegan import CycleGAN
from paddle_gan.methods.dcgan import DCGAN
from paddle_gan.run.build import Shapes
from paddle_gan.run.config import resolve
from paddle_gan.run.outputs import save_png
from paddle_gan.run.run import Run

HEIGHT, WIDTH, SCALE = 12, 20, 3  # 拼图时放大到长边不小于 48
COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (255, 0, 255), (0, 255, 255)]
SHAPE = (3, HEIGHT, WIDTH)


def picture(colour) -> np.ndarray:
    """RGB (12, 20, 3)。"""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[:4, :6] = colour
    image[-1, -1] = 255
    return image


@pytest.fixture
def folder(tmp_path):
    for i, colour in enumerate(COLOURS):
        write_image(tmp_path / "图" / f"{i}.png", picture(colour)[..., ::-1])
    return tmp_path / "图"


def tile(sheet: np.ndarray, row: int, column: int) -> np.ndarray:
    """PNG（BGR，放大过的）里第 row 行第 column 格，还原成 RGB (12, 20, 3)。"""
    small = sheet[::SCALE, ::SCALE, ::-1]
    assert np.array_equal(small.repeat(SCALE, 0).repeat(SCALE, 1), sheet[..., ::-1])
    top, left = row * HEIGHT, column * WIDTH
    return small[top : top + HEIGHT, left : left + WIDTH]


class Echo(DCGAN):
    """预览就是批里的图，6 张一行两张。"""

    batch_type = Images

    def __init__(self):
        pass

    def preview(self, batch):
        return batch.x[:6], 2


def test_a_preview_png_shows_each_picture_at_its_place_the_right_way_up(folder, tmp_path):
    data = ImageFolder(root=folder, size=[HEIGHT, WIDTH], split="test")
    sheet = Previewer(Echo(), data, seed=0).fixed()
    Gallery(tmp_path, None).show("fixed", "samples/fixed", 7, sheet)
    png = decode(tmp_path / "fixed_0000007.png")
    assert png.shape == (3 * HEIGHT * SCALE, 2 * WIDTH * SCALE, 3)
    first = next(Batches(data, Images, 64, 0)).x.numpy()[:6]
    for i in range(6):
        colour = tuple(int(c) for c in (first[i, :, 1, 2] + 1) / 2 * 255)
        assert colour in COLOURS
        assert np.array_equal(tile(png, i // 2, i % 2), picture(colour))


class EchoTranslator(CycleGAN):
    """翻译把红与蓝对调，别的不动。"""

    def __init__(self):
        pass

    def swap(self, x):
        return x[:, ::-1]

    G = F = swap

    def preview(self, batch):
        columns = [batch.x, self.G(batch.x), batch.x, batch.y, self.F(batch.y), batch.y]
        return paddle.stack(columns, axis=1).flatten(0, 1), 6

    def translate(self, images, direction):
        return self.swap(images)


def test_a_translation_preview_keeps_every_column_the_right_way_up(folder, tmp_path):
    data = UnpairedFolders(x=folder, y=folder, size=[HEIGHT, WIDTH], split="test")
    save_png(tmp_path / "a.png", Previewer(EchoTranslator(), data, seed=0).fixed())
    png = decode(tmp_path / "a.png")
    assert png.shape == (8 * HEIGHT * SCALE, 6 * WIDTH * SCALE, 3)
    batch = next(Batches(data, Unpaired, 8, 0))
    for row in (0, 5):
        for column, image in ((0, batch.x), (1, batch.x), (3, batch.y)):
            red, green, blue = ((image.numpy()[row, :, 1, 2] + 1) / 2 * 255).astype(int)
            colour = (blue, green, red) if column == 1 else (red, green, blue)
            assert np.array_equal(tile(png, row, column), picture(colour)), (row, column)


class Painter(DCGAN):
    """z 的第一维选颜色：≥ 0 是红，否则是绿。"""

    batch_type = Images

    class hparams:  # noqa: N801
        z_dim, noise = 4, "normal"

    def __init__(self):
        pass

    def generate(self, z):
        chosen = [COLOURS[0] if value >= 0 else COLOURS[1] for value in z.numpy()[:, 0]]
        images = np.stack([picture(colour) for colour in chosen]).transpose(0, 3, 1, 2)
        return paddle.to_tensor(images.astype(np.float32) / 127.5 - 1)


def test_samples_from_noise_are_drawn_row_by_row_the_right_way_up(tmp_path):
    samples = random_samples(Painter(), 5, seed=0)
    assert samples.shape == (5, *SHAPE)
    save_png(tmp_path / "a.png", draw_samples(samples, Shapes(SHAPE, None, (-1.0, 1.0)), 3))
    png = decode(tmp_path / "a.png")
    assert png.shape == (2 * HEIGHT * SCALE, 3 * WIDTH * SCALE, 3)
    for i in range(5):
        red = samples[i, 0, 0, 0] > 0
        assert np.array_equal(tile(png, i // 3, i % 3), picture(COLOURS[0 if red else 1]))
    assert (tile(png, 1, 2) == 255).all()  # 没有第六张，留白


def test_interpolations_put_one_path_on_one_row(tmp_path):
    samples = interpolations(Painter(), rows=3, steps=4, seed=1)
    save_png(tmp_path / "a.png", draw_samples(samples, Shapes(SHAPE, None, (-1.0, 1.0)), 4))
    png = decode(tmp_path / "a.png")
    assert png.shape == (3 * HEIGHT * SCALE, 4 * WIDTH * SCALE, 3)
    for i, sample in enumerate(samples):
        red = sample[0, 0, 0] > 0
        assert np.array_equal(tile(png, i // 4, i % 4), picture(COLOURS[0 if red else 1]))


def resnet(**changes) -> dict:
    generator = {"name": "resnet_generator", "width": 4, "blocks": 1, "skip": True}
    discriminator = {"name": "patchgan", "width": 4, "layers": 1}
    network = {"generator": generator, "discriminator": discriminator}
    return {"method": "cyclegan", "network": network, "batch_size": 2, **changes}


@pytest.mark.parametrize("name", ["resnet_generator", "mlp"])
@pytest.mark.parametrize("size", [(12, 20), (20, 12), (11, 17), (30, 9)])
def test_a_translated_picture_keeps_its_places_whatever_its_size(name, size):
    raw = resnet(total_steps=1, data={"name": "glyphs"})
    raw["network"]["generator"] = {"name": name}
    config = resolve(raw)
    seen = []

    class Watch(EchoTranslator):
        def translate(self, images, direction):
            seen.append(tuple(images.shape[2:]))
            return super().translate(images, direction)

    image = np.zeros((*size, 3), np.uint8)
    image[:2, :3] = (250, 10, 30)  # 左上角红
    image[-2:, :3] = (10, 250, 30)  # 左下角绿
    shapes = Shapes(SHAPE, SHAPE, (-1.0, 1.0))
    (out,) = Translator(config, Watch(), shapes, "x2y")(image[None])
    assert np.array_equal(out, image[..., ::-1])
    height, width = seen[0]
    multiple = (4, 4) if name == "resnet_generator" else (HEIGHT, WIDTH)
    assert height % multiple[0] == width % multiple[1] == 0
    assert height >= size[0] and width >= size[1]


def dcgan_run(folder, tmp_path, **changes):
    network = {
        "generator": {"name": "dcgan_generator", "width": 4, "depth": 2},
        "discriminator": {"name": "dcgan_discriminator", "width": 4, "depth": 2},
    }
    raw = {
        "method": "dcgan",
        "hparams": {"z_dim": 8},
        "network": network,
        "data": {"name": "image_folder", "root": str(folder), "size": [HEIGHT, WIDTH]},
        "batch_size": 3,
        "total_steps": 2,
        "visualdl": False,
    }
    Trainer(resolve(raw | changes), "cpu").run(tmp_path / "run")
    return tmp_path / "run"


def test_a_rectangular_gan_trains_samples_and_exports(folder, tmp_path, capsys, monkeypatch):
    run = dcgan_run(folder, tmp_path)
    assert Run(run).shapes().x == SHAPE
    png = decode(run / "samples/fixed_0000002.png")
    assert png.shape == (8 * HEIGHT * SCALE, 8 * WIDTH * SCALE, 3)
    arguments = [run, "--out", tmp_path / "a.png", "--num", 6, "--columns", 2]
    assert run_tool(capsys, monkeypatch, "sample", *arguments).code == 0
    assert decode(tmp_path / "a.png").shape == (3 * HEIGHT * SCALE, 2 * WIDTH * SCALE, 3)

    assert run_tool(capsys, monkeypatch, "export", run, "--out", tmp_path / "m").code == 0
    saved = json.loads((tmp_path / "m/export.json").read_text(encoding="utf-8"))
    assert saved["output"]["shape"] == [None, *SHAPE]
    z = np.random.default_rng(0).uniform(-1, 1, (2, 8)).astype(np.float32)
    _, method = Run(run).load()
    expected = method.generate(paddle.to_tensor(z)).numpy()
    net = paddle.jit.load(str(tmp_path / "m/model"))
    net.eval()
    assert np.allclose(net(paddle.to_tensor(z)).numpy(), expected, atol=1e-5)
    assert expected.shape == (2, *SHAPE)


def test_a_rectangular_cyclegan_trains_translates_and_exports(
    folder, tmp_path, capsys, monkeypatch
):
    data = {"name": "unpaired_folders", "x": str(folder), "y": str(folder)}
    raw = resnet(total_steps=1, data=data | {"size": [HEIGHT, WIDTH]}, visualdl=False)
    Trainer(resolve(raw), "cpu").run(tmp_path / "run")
    out = tmp_path / "out"
    arguments = [tmp_path / "run", "--input", folder, "--out", out]
    assert run_tool(capsys, monkeypatch, "translate", *arguments).code == 0
    for i, colour in enumerate(COLOURS):  # skip 从恒等附近出发，一步之后颜色还在原处
        image = decode(out / f"{i}.png")[..., ::-1].astype(int)
        assert image.shape == (HEIGHT, WIDTH, 3)
        assert np.corrcoef(image.ravel(), picture(colour).ravel())[0, 1] > 0.7
    arguments = [tmp_path / "run", "--out", tmp_path / "m"]
    assert run_tool(capsys, monkeypatch, "export", *arguments).code == 0
    saved = json.loads((tmp_path / "m/export.json").read_text(encoding="utf-8"))
    assert "[1, 3, 12, 20]" in "\n".join(saved["usage"])
    assert saved["input"]["size_multiple"] == 4


@pytest.mark.parametrize(
    "size, depth, parts", [([12, 18], 2, "12×18"), ([18, 12], 2, "18×12"), ([12, 20], 3, "12×20")]
)
def test_a_side_that_does_not_divide_is_named_in_the_order_height_width(
    size, depth, parts, folder, tmp_path
):
    data = {"name": "image_folder", "root": str(folder), "size": size}
    generator = {"name": "dcgan_generator", "depth": depth}
    network = {"generator": generator, "discriminator": {"name": "mlp"}}
    with pytest.raises(ValueError, match=f"高×宽是 {parts}，不能被 2.depth = {2**depth} 整除"):
        dcgan_run(folder, tmp_path, data=data, network=network)
