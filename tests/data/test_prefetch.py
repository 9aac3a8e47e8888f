"""提前备批与线程解码：给出的字节不变，位置记的是用掉的批，出错在该出错的那一步，线程总会结束。"""

import os
import signal
import threading

import numpy as np
import pytest

from paddle_gan.data import Batches, Dataset, Images, Unpaired, image_store, write_png
from paddle_gan.data.digits import Digits
from paddle_gan.data.folders import ImageFolder, UnpairedFolders
from paddle_gan.data.image_store import fill_rows
from paddle_gan.data.prefetch import DEPTH, PreparedBatches, prepared_ahead
from paddle_gan.engine.train import Trainer
from paddle_gan.errors import UserError
from paddle_gan.run.checkpoint_file import read_checkpoint
from paddle_gan.run.config import resolve


@pytest.fixture
def folder(tmp_path):
    """40 张各不相同的 12×12 彩图。"""
    rng = np.random.default_rng(0)
    for i in range(40):
        image = rng.integers(0, 256, (12, 12, 3), dtype=np.uint8)
        write_png(tmp_path / "图" / f"{i}.png", image)
    return tmp_path / "图"


@pytest.fixture(autouse=True)
def no_thread_is_left_behind():
    yield
    assert background_threads() == []


def background_threads() -> list[str]:
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if name.startswith(("prefetch", "decode"))]


def take(batches, n):
    return [tuple(part.numpy().tobytes() for part in next(batches)) for _ in range(n)]


class Watched(Dataset):
    """样本就是下标；记下备到第几批，第 bad 批出错。"""

    batch_types = (Images,)
    decodes = True

    def __init__(self, bad: int | None = None):
        self.prepared, self.bad = 0, bad
        self.second = threading.Event()

    def lengths(self, kind):
        return (10,)

    def batch(self, kind, indices, rng):
        if self.prepared == self.bad:
            raise UserError("图像 坏.png 已损坏")
        self.prepared += 1
        if self.prepared == 2:
            self.second.set()
        return Images(indices[0].astype(np.float32))


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("limit", [0, 2**30])
def test_batches_are_the_same_bytes_however_they_are_prepared(folder, monkeypatch, workers, limit):
    options = {"root": folder, "size": 8, "load_size": 10, "flip": True}
    expected = take(Batches(ImageFolder(**options), Images, 16, seed=3), 6)
    monkeypatch.setattr(image_store, "MEMORY_LIMIT", limit)
    monkeypatch.setattr(image_store, "decode_threads", lambda files: workers)
    data = ImageFolder(**options)
    assert (data.store.memory is None) == (limit == 0)
    with prepared_ahead(Batches(data, Images, 16, seed=3)) as batches:
        assert isinstance(batches, PreparedBatches)
        assert take(batches, 6) == expected
    with prepared_ahead(Batches(data, Images, 16, seed=3, position=4)) as resumed:
        assert take(resumed, 2) == expected[4:]


def test_two_domains_prepared_ahead_are_the_same_bytes(folder, monkeypatch):
    monkeypatch.setattr(image_store, "MEMORY_LIMIT", 0)
    data = UnpairedFolders(x=folder, y=folder, size=8, load_size=10)
    with prepared_ahead(Batches(data, Unpaired, 3, seed=1)) as batches:
        assert take(batches, 5) == take(Batches(data, Unpaired, 3, seed=1), 5)


def test_the_next_batch_is_prepared_before_it_is_asked_for_and_only_a_few():
    data = Watched()
    with prepared_ahead(Batches(data, Images, 4, seed=0)) as batches:
        take(batches, 1)
        assert data.second.wait(timeout=120)  # 没有再取，后台也备好了第 2 批
        take(batches, 7)
    assert 8 <= data.prepared <= 8 + DEPTH


def test_position_counts_the_batches_taken_not_the_batches_prepared():
    data = Watched()
    with prepared_ahead(Batches(data, Images, 4, seed=0, position=5)) as batches:
        assert batches.position == 5
        take(batches, 1)
        assert data.second.wait(timeout=120)
        assert batches.position == 6


def test_an_error_appears_at_the_batch_that_needs_it_and_stays():
    with prepared_ahead(Batches(Watched(bad=3), Images, 4, seed=0)) as batches:
        assert take(batches, 3) == take(Batches(Watched(), Images, 4, seed=0), 3)
        for _ in range(2):
            with pytest.raises(UserError, match="图像 坏.png 已损坏"):
                next(batches)
        assert batches.position == 3


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_the_thread_ends_with_the_block_even_on_an_error(error):
    with pytest.raises(error), prepared_ahead(Batches(Watched(), Images, 4, seed=0)) as batches:
        next(batches)
        assert len(background_threads()) == 1
        raise error
    assert background_threads() == []


def test_data_in_memory_is_not_worth_a_thread():
    batches = Batches(Digits(), Images, 4, seed=0)
    with prepared_ahead(batches) as same:
        next(same)
        assert same is batches and background_threads() == []


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_of_several_bad_rows_the_first_is_reported_whatever_the_threads(workers):
    def read(row):
        if row in (7, 21, 39):
            raise UserError(f"第 {row} 行坏了")
        return np.full(3, row)

    with pytest.raises(UserError, match="第 7 行坏了"):
        fill_rows(np.zeros((40, 3)), read, workers)


def test_rows_are_shared_among_the_threads_but_few_rows_stay_here():
    seen = {}

    def read(row):
        seen[row] = threading.current_thread().name
        return row

    rows = np.zeros(40)
    fill_rows(rows, read, 4)
    assert rows.tolist() == list(range(40))
    assert all(name.startswith("decode") for name in seen.values())
    fill_rows(rows[:15], read, 4)
    assert {seen[row] for row in range(15)} == {threading.current_thread().name}


def test_only_folders_of_larger_pictures_get_threads(tmp_path, monkeypatch):
    monkeypatch.setenv("PADDLE_GAN_THREADS", "3")
    for name, sides in (("small", [95] * 20), ("large", [96] * 12 + [8] * 5), ("one", [300])):
        for i, side in enumerate(sides):
            write_png(tmp_path / name / f"{i}.png", np.zeros((side, side, 3), np.uint8))
    workers = {
        name: ImageFolder(root=tmp_path / name, size=8).store.workers
        for name in ("small", "large", "one")
    }
    assert workers == {"small": 1, "large": 3, "one": 3}


def test_a_folder_decoded_in_blocks_is_complete(folder, monkeypatch):
    whole = ImageFolder(root=folder, size=12).store.memory
    monkeypatch.setattr(image_store, "BLOCK", 7)
    assert np.array_equal(ImageFolder(root=folder, size=12).store.memory, whole)


def test_the_undivided_test_split_keeps_no_second_copy(folder):
    train, test = (ImageFolder(root=folder, size=8, split=split) for split in ("train", "test"))
    held_out = ImageFolder(root=folder, size=8, test_fraction=0.2, split="test")
    assert train.store.memory.dtype == held_out.store.memory.dtype == np.uint8
    assert test.store.memory is None
    index = np.array([3, 39, 0])
    assert np.array_equal(test.store.get(index), train.store.memory[index])


def config_of(folder, **changes):
    mlp = {"name": "mlp", "width": 8}
    return resolve(
        {
            "method": "gan",
            "hparams": {"z_dim": 4, "d_steps": 2},
            "network": {"generator": mlp, "discriminator": mlp},
            "data": {"name": "image_folder", "root": str(folder), "size": 8, "flip": True},
            "batch_size": 16,
            "total_steps": 12,
            "checkpoint_every": 4,
            "visualdl": False,
            **changes,
        }
    )


def last(run) -> tuple[dict, dict]:
    return read_checkpoint(run / "checkpoints/last.safetensors")


def assert_same_training(run, other):
    (header, tensors), (other_header, other_tensors) = last(run), last(other)
    assert header == other_header and tensors.keys() == other_tensors.keys()
    assert all(tensors[name].tobytes() == other_tensors[name].tobytes() for name in tensors)


def test_training_and_resuming_do_not_depend_on_where_the_images_are(folder, tmp_path, monkeypatch):
    Trainer(config_of(folder), "cpu").run(tmp_path / "memory")
    monkeypatch.setattr(image_store, "MEMORY_LIMIT", 0)
    monkeypatch.setattr(image_store, "decode_threads", lambda files: 3)
    Trainer(config_of(folder, total_steps=8), "cpu").run(tmp_path / "disk")
    assert last(tmp_path / "disk")[0]["position"] == 16  # 8 步，每步两批
    Trainer(config_of(folder), "cpu").run(tmp_path / "disk", resume=True)
    assert_same_training(tmp_path / "memory", tmp_path / "disk")


def test_a_broken_file_stops_training_at_its_step_and_earlier_checkpoints_stay(
    folder, tmp_path, monkeypatch
):
    monkeypatch.setattr(image_store, "MEMORY_LIMIT", 0)
    apart = {"name": "image_folder", "root": str(folder), "size": 8, "test_fraction": 0.25}
    changes = {"hparams": {"z_dim": 4}, "checkpoint_every": 1, "sample_every": 99, "data": apart}
    trainer = Trainer(config_of(folder, batch_size=8, **changes), "cpu")
    order = np.random.default_rng([0, 1, 0, 0]).permutation(len(trainer.train.files))
    bad = trainer.train.files[order[16]]  # 每批 8 张，第 3 批的第一张；测试集里没有它
    bad.write_text("不是图像")
    with pytest.raises(UserError, match=f"{bad.name} 不是图像"):
        trainer.run(tmp_path / "run")
    header, _ = last(tmp_path / "run")
    assert header["position"] == header["step"] == 2


def test_ctrl_c_while_a_batch_is_being_prepared_saves_only_what_was_used(
    folder, tmp_path, monkeypatch
):
    monkeypatch.setattr(image_store, "MEMORY_LIMIT", 0)
    trainer = Trainer(config_of(folder, hparams={"z_dim": 4}, total_steps=500), "cpu")
    prepare, prepared = trainer.train.batch, []

    def interrupted(kind, indices, rng):
        prepared.append(len(prepared))
        if len(prepared) == 5:
            os.kill(os.getpid(), signal.SIGINT)
        return prepare(kind, indices, rng)

    trainer.train.batch = interrupted
    summary = trainer.run(tmp_path / "run")
    assert summary["status"] == "interrupted" and background_threads() == []
    header, _ = last(tmp_path / "run")
    assert header["position"] == header["step"] == summary["step"] < len(prepared)
