"""哪些文件是一对：左右拼着的一个目录，或同名的两个目录；摆错了的，一句话说清。"""

import os
from pathlib import Path
from typing import NamedTuple

from paddle_gan.data.image_files import BadImage, upright_size
from paddle_gan.data.image_list import find_images, require_folders
from paddle_gan.errors import UserError, listed

TESTS = ("test", "val")  # root 里的测试目录，先有哪个用哪个
SQUARISH = 1.25  # 宽不到高的这么多倍，不像左右拼成的


class Files(NamedTuple):
    """成对的文件：x[i] 与 y[i] 是一对；左右拼着的，两列是同样的文件。"""

    x: list[Path]
    y: list[Path]


def side_by_side(folder: Path) -> Files:
    """左右拼着的一个目录；有分不成两半的、像是两个域分开放的，抛出 UserError。"""
    files = find_images(folder).files
    sizes = {file: size_of(file) for file in files}
    require_joined(folder, sizes)
    odd = [file for file, size in sizes.items() if size and size[0] % 2]
    if odd:
        raise UserError(
            f"{len(odd)} 张图的宽是奇数，分不成左右两半：{listed(odd)}；"
            "请改好它们，或者把两个域放进两个目录，写 data.x 与 data.y"
        )
    tall = [file for file, size in sizes.items() if size and size[0] < size[1]]
    if tall:
        raise UserError(
            f"{len(tall)} 张图的宽比高还小，不像左右拼成的一对：{listed(tall)}；"
            "左右拼的图，宽通常是高的两倍；两个域分开放的，请写 data.x 与 data.y"
        )
    return Files(files, files)


def require_joined(folder: Path, sizes: dict[Path, tuple[int, int] | None]) -> None:
    """图都在子目录里，又近似正方形（有两个子目录同名的，宽不到高的两倍）：抛出 UserError。

    两个域分开放的就是这样，照左右拼成的来切，每张都切成两半。
    """
    names: dict[str, set[str]] = {}  # 子目录 → 里面的文件，不带扩展名
    for file in sizes:
        first, *rest = file.relative_to(folder).with_suffix("").parts
        names.setdefault(first if rest else "", set()).add("/".join(rest))
    ratios = sorted(size[0] / size[1] for size in sizes.values() if size)
    if "" in names or len(names) < 2 or not ratios:
        return
    ratio, same = ratios[len(ratios) // 2], len(set(map(frozenset, names.values()))) < len(names)
    if ratio >= (2 if same else SQUARISH):
        return
    options = [f"data.{domain}={folder / name}" for domain, name in zip("xy", names)]
    lever = " -o ".join(["-o data.root=null", *options]) if len(names) == 2 else "data.x 与 data.y"
    raise UserError(
        f"{folder} 里的图分在 {listed(names)} 里，宽是高的 {ratio:.2g} 倍，"
        f"像是两个域分开放的，不像左右拼成一对；请改写成两个目录：{lever}；"
        "真是左右拼的，请都放进一个目录"
    )


def same_names(x: Path, y: Path) -> Files:
    """两个目录里同名（扩展名可以不同）的各一张；对不上、大小不同时抛出 UserError。"""
    known = {folder: by_name(folder) for folder in (x, y)}
    for here, there in ((x, y), (y, x)):
        alone = [file for name, file in known[here].items() if name not in known[there]]
        if alone:
            raise UserError(
                f"{here} 里有 {len(alone)} 张在 {there} 里没有同名的：{listed(alone)}；"
                "请补上，或移走它们"
            )
    files = Files(list(known[x].values()), [known[y][name] for name in known[x]])
    sizes = [(size_of(a), size_of(b)) for a, b in zip(*files)]
    apart = [a for a, pair in zip(files.x, sizes) if None not in pair and pair[0] != pair[1]]
    if apart:
        raise UserError(
            f"{len(apart)} 对的两张图大小不同：{listed(apart)} 与 {y} 里同名的；"
            "成对的两张要一样大，像素才对得上"
        )
    return files


def by_name(folder: Path) -> dict[str, Path]:
    """不带扩展名的相对路径 → 文件；有只差扩展名的两张时抛出 UserError。"""
    found: dict[str, Path] = {}
    for file in find_images(folder).files:
        name = file.relative_to(folder).with_suffix("").as_posix()
        if name in found:
            raise UserError(
                f"{found[name]} 与 {file} 只差扩展名，不知道该用哪一张配对；请移走其中一张"
            )
        found[name] = file
    return found


def size_of(file: Path) -> tuple[int, int] | None:
    """文件头里写的（宽，高）；看不出来的是 None，全部解码时会说为什么。"""
    try:
        return upright_size(file)
    except BadImage:
        return None


def pairs_in(given: dict[str, Path | None], train: bool) -> tuple[Files, bool]:
    """这个划分的成对文件，与是不是真的有这个划分（没有测试目录时是训练的，假）。"""
    root, x, y, test_x, test_y = given.values()
    written = [name for name, folder in given.items() if folder is not None]
    if root is not None and len(written) > 1:
        raise UserError(f"root 与 {'、'.join(written[1:])} 只能写一种；请去掉其中一种")
    if root is None and (x is None or y is None):
        missing = "、".join(name for name in ("x", "y") if given[name] is None)
        raise UserError(
            f"paired_folders 还缺 {missing}；请写 root: 目录（里面是 train/ 与 test/，"
            "每张左右拼成一对），或写 x 与 y 两个目录"
        )
    if (test_x is None) != (test_y is None):
        raise UserError("test_x 与 test_y 要一起写；请补上另一个，或都去掉")
    require_folders(given)
    for one, other in (("x", "y"), ("test_x", "test_y")):
        if given[one] and os.path.realpath(given[one]) == os.path.realpath(given[other]):
            raise UserError(
                f"data.{one} 与 data.{other} 是同一个目录 {given[one]}；"
                "一对的两张要各在一个目录里，请改其中一个"
            )
    if root is None:
        if train or test_x is None:
            return same_names(x, y), train
        return same_names(test_x, test_y), True
    folder = Path(root) / "train"
    # 没有 train/ 的，就是图像直接放在 root 里
    folder = folder if folder.is_dir() else Path(root)
    tests = [Path(root) / name for name in TESTS if (Path(root) / name).is_dir()]
    if folder == Path(root) and tests:
        raise UserError(f"{root} 里有 {tests[0].name}/ 却没有 train/；请把训练图像放进 train/")
    if train or not tests:
        return side_by_side(folder), train
    return side_by_side(tests[0]), True
