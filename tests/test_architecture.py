"""结构的约定：谁可以导入谁、从入口读到损失要读多少。"""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "paddle_gan"

BELOW = ("data", "methods", "metrics", "monitor", "networks")  # run 之下的几层
# 层 → 可以从我们自己的包里导入的模块前缀（FOUNDATION 是地基，谁都可以用）
MAY_IMPORT = {
    "losses.py": (),
    "viz.py": (),
    "figures.py": (),
    "networks": ("networks",),
    "data": ("data",),
    "metrics": ("metrics",),
    "methods": (
        *("losses", "methods.base", "methods.adam", "methods.from_noise", "methods.image_pool"),
        *("methods.by_class", "methods.pyramid", "methods.autoencoding", "methods.two_stages"),
        "methods.restoring",
        *("methods.policy", "methods.writing", "networks.recurrent"),  # 写序列的
        "data.batches",
        "metrics.f_divergences",  # f-GAN 的散度是一张表，教程与答案也用它
        "networks.chain",  # VAE-GAN 取 D 的隐层特征
        "networks.minibatch",  # 小批量判别层由方法接在 D 后面
        "networks.progressive",  # ProGAN 的网络要会长大
        "networks.resize",  # 真样本也缩小、放大
        "networks.spectral",  # SNGAN 要看 D 是不是每一层都做了谱归一化
    ),
    "monitor": ("metrics", "monitor"),
    "run": ("run", *BELOW),
    "evaluation": ("evaluation", "run", *BELOW, "viz"),
    "engine": ("engine", "evaluation", "run", *BELOW, "viz"),
    "teaching": (
        "teaching",
        "lab",
        "engine",
        "evaluation",
        "run",
        *BELOW,
        "viz",
        "figures",
        "losses",
    ),
    "playground": ("playground", "lab", "engine", "evaluation", "run", *BELOW, "viz"),
    "lab": ("lab", "engine", "evaluation", "run", *BELOW, "losses", "figures"),
}
FOUNDATION = ("draws", "errors", "files", "gradients", "limits", "lock")
LAYERS = [
    (layer, path) for layer in MAY_IMPORT for path in sorted(PACKAGE.glob(f"{layer}/**/*.py"))
]
LAYERS += [(layer, PACKAGE / layer) for layer in MAY_IMPORT if layer.endswith(".py")]
# 从 tools/train.py 读到 CycleGAN 的损失要经过的文件
READING_PATH = [
    "tools/train.py",
    "paddle_gan/engine/train.py",
    "paddle_gan/run/build.py",
    "paddle_gan/engine/loop.py",
    "paddle_gan/methods/cyclegan.py",
    "paddle_gan/methods/base.py",
    "paddle_gan/losses.py",
]


def imported_names(path: Path) -> list[str]:
    """一个文件导入的全部模块名，函数里的也算。"""
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def ours(path: Path) -> list[str]:
    """其中属于 paddle_gan 的，去掉前缀。"""
    found = [name.removeprefix("paddle_gan.") for name in imported_names(path)]
    return [name for name, full in zip(found, imported_names(path)) if full != name]


def module_of(path: Path) -> str:
    """文件 → 模块名，去掉 paddle_gan.；目录的 __init__.py 就是目录名。"""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def arrows_from(path: Path) -> set[str]:
    """一个文件导入了哪些我们自己的文件。"""
    known = {module_of(other) for other in PACKAGE.rglob("*.py")}
    found = set()
    for name in ours(path):
        pieces = name.split(".")
        ends = [".".join(pieces[:n]) for n in range(len(pieces), 0, -1)]
        found |= set([end for end in ends if end in known][:1])
    return found - {module_of(path)}


@pytest.mark.parametrize("layer, path", LAYERS, ids=lambda v: getattr(v, "name", v))
def test_each_layer_imports_only_what_its_row_in_the_table_allows(layer, path):
    if layer == "methods" and path.name == "__init__.py":
        return  # 方法一览表当然要导入每个方法
    allowed = MAY_IMPORT[layer] + FOUNDATION
    bad = [n for n in ours(path) if not n.startswith(allowed) and n != "__version__"]
    assert bad == []


def test_the_layer_table_covers_every_folder_of_the_package():
    folders = {p.name for p in PACKAGE.iterdir() if p.is_dir() and any(p.glob("*.py"))}
    assert folders <= set(MAY_IMPORT)


def test_no_two_rooms_import_each_other_and_no_chain_of_files_closes_into_a_circle():
    arrows = {module_of(path): arrows_from(path) for path in PACKAGE.rglob("*.py")}
    rooms = {name.split(".")[0]: set() for name in arrows}
    for name, targets in arrows.items():
        rooms[name.split(".")[0]] |= {target.split(".")[0] for target in targets}
    for room, others in rooms.items():
        assert not [other for other in others - {room} if room in rooms.get(other, ())], room
    for graph in (arrows, {room: others - {room} for room, others in rooms.items()}):
        tuple(TopologicalSorter(graph).static_order())  # 有圈时抛出 CycleError


def test_only_the_board_imports_visualdl():
    users = [p.name for p in PACKAGE.rglob("*.py") if "visualdl.LogWriter" in imported_names(p)]
    assert users == ["visualdl_board.py"]
    assert not [p for p in PACKAGE.rglob("*.py") if "visualdl" in imported_names(p)]


def test_only_its_board_imports_tensorboard():
    users = [
        p.name
        for p in PACKAGE.rglob("*.py")
        if any(name.split(".")[0] == "tensorboardX" for name in imported_names(p))
    ]
    assert users == ["tensorboard_board.py"]


def test_only_the_pages_of_the_playground_import_gradio():
    users = [p for p in PACKAGE.rglob("*.py") if "gradio" in imported_names(p)]
    assert users and all(p.parent.name == "playground" for p in users)
    assert {p.name for p in users if not p.name.startswith("page_")} == {"app.py"}


def test_methods_do_not_print_and_do_not_know_files_or_the_clock():
    for path in (PACKAGE / "methods").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        forbidden = {"time", "pathlib", "os", "yaml", "visualdl", "random"}
        assert forbidden.isdisjoint(name.split(".")[0] for name in imported_names(path))
        assert "print(" not in text


def test_tools_use_only_public_names():
    for path in (ROOT / "tools").rglob("*.py"):
        private = [n for n in ours(path) if n.rsplit(".", 1)[-1].startswith("_")]
        assert private == [], path


def test_the_reading_path_from_the_entry_to_a_loss_is_short():
    lines = sum(
        len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in READING_PATH
    )
    assert len(READING_PATH) <= 8
    assert lines <= 900


def test_the_reading_path_really_is_the_chain_of_imports():
    for reader, read in zip(
        READING_PATH, ["engine.train", "run.build", None, None, "methods.base"]
    ):
        if read:
            assert any(name.startswith(read) for name in ours(ROOT / reader)), (reader, read)
    assert any(name.startswith("engine.loop") for name in ours(PACKAGE / "engine/train.py"))
    assert any(name.startswith("methods") for name in ours(PACKAGE / "run/build.py"))
    assert any(name.startswith("losses") for name in ours(PACKAGE / "methods/cyclegan.py"))


def test_files_stay_small():
    limits = {"methods": 120, "engine/loop.py": 90}
    for path in PACKAGE.rglob("*.py"):
        relative = path.relative_to(PACKAGE).as_posix()
        limit = 250
        if relative.startswith("methods/") and path.name != "base.py":
            limit = limits["methods"]
        limit = limits.get(relative, limit)
        assert len(path.read_text(encoding="utf-8").splitlines()) <= limit, relative
