"""课程的网站：各章、台账、方法、画廊、词典、练习与文档，写成一个不联网也能看的文件夹。

    python tools/maintain/build_site.py              # 写到 site/，用浏览器打开 site/index.html
    python tools/maintain/build_site.py --out 目录

要先 pip install -r requirements-site.txt。笔记本、台账与结果照存下的样子，不重跑。
"""

import shutil
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import _above  # noqa: F401
import _cli

from paddle_gan.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
ASSETS = Path(__file__).with_name("site_theme")
NEEDED = ("mkdocs", "material", "markdown_it", "mdit_py_plugins", "mdurl", "pygments")
MARK = "theme/site.css"  # 有这个文件的目录才是上次写的网站，可以换掉


def lost_packages() -> list[str]:
    """还缺哪些包。"""
    return [name for name in NEEDED if find_spec(name) is None]


def require_packages() -> None:
    """缺包时抛出 UserError。"""
    if lost := lost_packages():
        raise UserError(f"还缺 {'、'.join(lost)}；请运行 pip install -r requirements-site.txt")


def require_replaceable(out: Path) -> None:
    """out 不存在、是空的，或是上次写的网站；否则抛出 UserError。"""
    if out.exists() and not out.is_dir():
        raise UserError(f"{out} 是一个文件；请用 --out 换个目录")
    if out.is_dir() and any(out.iterdir()) and not (out / MARK).is_file():
        raise UserError(f"{out} 已经有别的内容，不会覆盖；请用 --out 换个目录")


def write_assets(out: Path, course) -> None:
    """样式、脚本、KaTeX、图、搜索的索引与生成器的权重。"""
    import site_latent
    import site_search

    shutil.copytree(ASSETS / "theme", out / "theme")
    shutil.copytree(ASSETS / "katex", out / "theme" / "katex")
    scripts = {"search_data": site_search.script(course.pages), "latent_data": site_latent.script()}
    for name, text in scripts.items():
        (out / "theme" / f"{name}.js").write_text(text, encoding="utf-8")
    files = {path: data for path, data in course.media.items()}
    files |= {f"files/{path}": (ROOT / path).read_bytes() for path in course.pictures}
    for path, data in files.items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_bytes(data)


def build_site(out: Path) -> int:
    """写出整个网站，返回有几页；写好了才换掉上次的。"""
    import site_course
    import site_mkdocs

    course = site_course.course()
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder) / "site"
        site_mkdocs.write_site(course.pages, Path(folder), built)
        write_assets(built, course)
        if out.exists():
            shutil.rmtree(out)
        shutil.copytree(built, out)
    return len(course.pages)


def main() -> None:
    parser = _cli.parser(__doc__)
    parser.add_argument("--out", type=_cli.path, default=ROOT / "site", help="写到哪里，默认 site/")
    args = parser.parse_args()
    require_packages()
    require_replaceable(args.out)
    start = time.perf_counter()
    count = build_site(args.out)
    size = sum(file.stat().st_size for file in args.out.rglob("*") if file.is_file())
    took = time.perf_counter() - start
    print(f"写好 {args.out}：{count} 页，{size / 1e6:.1f} MB，{took:.1f} 秒")
    print(f"用浏览器打开 {args.out / 'index.html'}")


if __name__ == "__main__":
    _cli.run(main)
