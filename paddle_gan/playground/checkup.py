"""体检：一份 metrics.jsonl，或这台机器上的一个训练目录，给出诊断与证据。"""

from pathlib import Path

from paddle_gan.errors import UserError, reason_of
from paddle_gan.monitor.diagnose import Diagnosis, diagnose
from paddle_gan.monitor.recorder import read_records
from paddle_gan.monitor.run_view import load_run
from paddle_gan.run.gallery import located

LARGEST = 64 * 2**20  # 字节；更大的记录不读
MOST_RECORDS = 200_000


def examined(upload: str | None, folder: str, local: bool) -> tuple[Diagnosis, list[dict]]:
    """诊断与记录；upload 是上传的文件，folder 是训练目录的写法（只在本机开着时可以写）。"""
    if folder.strip():
        if not local and not folder.strip().startswith("gallery:"):
            raise UserError("这一页开给了别的机器，不能读这台机器上的目录；请上传 metrics.jsonl")
        return from_folder(located(folder.strip()))
    if upload:
        return from_upload(Path(upload))
    raise UserError("放一份 metrics.jsonl，或写一个训练目录，例如 runs/gan_ring、gallery:gan_ring")


def from_folder(folder: Path) -> tuple[Diagnosis, list[dict]]:
    """一个训练目录。"""
    try:
        require_small(folder / "metrics.jsonl")
        view = load_run(folder.name, folder, 0)
    except OSError as error:
        raise UserError(f"读不了 {folder}：{reason_of(error)}") from None
    return view.diagnosis(), view.records


def from_upload(path: Path) -> tuple[Diagnosis, list[dict]]:
    """上传的一份记录；不知道配置，用到配置的几条规则不判断。"""
    require_small(path)
    try:
        records = read_records(path)
    except UserError as error:
        raise UserError(str(error).replace(str(path), "这个文件")) from None
    if not records:
        raise UserError("这个文件里一条记录也没有；要的是训练目录里的 metrics.jsonl")
    return diagnose(records[:MOST_RECORDS]), records[:MOST_RECORDS]


def require_small(path: Path) -> None:
    """不大得离谱，否则抛出 UserError。"""
    if path.is_file() and path.stat().st_size > LARGEST:
        raise UserError(f"记录超过 {LARGEST // 2**20} MB，不像是 metrics.jsonl")
