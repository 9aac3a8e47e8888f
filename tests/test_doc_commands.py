"""文档、笔记本与 --help 里的每条命令都照抄运行过一遍；新写的命令不在下面的单子里，测试就不过。

在哪里、怎样缩小，见 doc_place.py 与 doc_worker.py。单子的一步：（命令，它留下的文件或目录……）。
"""

import re

import pytest
from doc_commands import ROOT, collected, of_help, of_markdown
from doc_place import Place

from paddle_gan.run.stories import story_names

TRAIN = "python tools/train.py -c configs/"
COPY = "python tools/maintain/build_tutorials.py 09 --copy"


def trained(config: str, options: str = "") -> tuple[str, str]:
    """训练一个配置，写到它自己的目录里。"""
    return f"{TRAIN}{config}.yml{options}", f"runs/{config}"


def stopped(run: str):
    """这次训练改成没有走完，好接着。"""
    return lambda place: place.stop_early(run)


def another(run: str, name: str):
    """这个训练目录再放一份，叫文档里的名字。"""
    return lambda place: place.another(run, name)


MINE = (
    f'{TRAIN}dcgan_emoji.yml --output runs/mine -o "data={{name: image_folder, root: 我的图像, '
    'size: 32, flip: true}"'
)
FIRST = [  # 头几页上的：几秒
    ("python tools/train.py -c configs/gan_ring.yml --dry-run",),
    trained("gan_ring"),
    trained("gan_digits"),
    ("python tools/sample.py runs/gan_digits --num 64 --out grid.png", "grid.png"),
    ("python tools/report.py runs/gan_digits --out report.html", "report.html"),
    (MINE, "runs/mine"),
    stopped("runs/mine"),
    ("python tools/train.py --resume runs/mine -o data.root=新位置",),
    ("python tools/lab.py list",),
    ("python tools/sample.py gallery:r3gan_avatars --num 64 --out faces.png", "faces.png"),
    ("python tools/report.py gallery:gan_ring --out ring.html", "ring.html"),
    ("python tools/sample.py --gallery",),
]
REST = [  # 同一个进程里的其余
    ("pip install -r requirements-cpu.txt && python tools/train.py -c configs/gan_digits.yml",)
    + ("runs/gan_digits",),
    ("pip install -r requirements-dev.txt && pytest",),
    ("pytest -m slow",),
    ("pip install -r requirements-dev.txt",),
    ("pip install -r requirements-cpu.txt",),
    ("pip install -r requirements-gpu.txt",),
    ("pip install -r requirements-playground.txt",),
    ("pip install -r requirements-site.txt",),
    ("pip install -r requirements.txt",),
    ("pip uninstall -y paddlepaddle paddlepaddle-gpu",),
    ("pip install paddle2onnx onnxruntime",),
    ("pip install tensorboardX",),
    ("pip install torch",),
    ("pip install jupyterlab && jupyter lab tutorials",),
    ("tensorboard --logdir runs",),
    ("pytest tests/methods tests/run/test_resume.py",),
    (
        "pytest tests/teaching/test_teaching.py tests/teaching/test_tutorials.py "
        "tests/tools/maintain/test_course_map.py",
    ),
    # 用自己的图像
    (MINE, "runs/mine"),
    ("python tools/evaluate.py runs/mine -o data.root=新位置", "runs/mine/eval.json"),
    trained("cyclegan_horse2zebra", " -o data.root=我的数据"),
    (
        "python tools/translate.py runs/cyclegan_horse2zebra --input 图.png --out out "
        "--direction x2y",
        "out",
    ),
    trained(
        "cyclegan_horse2zebra",
        ' -o "data={name: unpaired_folders, x: 照片, y: 画, size: 128, load_size: 143}"',
    ),
    trained("cyclegan_horse2zebra"),
    (
        f"{TRAIN}cyclegan_horse2zebra.yml --output runs/small -o data.root=我的数据 "
        "-o data.size=64 -o data.load_size=72 -o network.generator.width=24 "
        "-o network.generator.blocks=4 -o network.discriminator.width=24 -o total_steps=2000",
        "runs/small",
    ),
    (
        f'{TRAIN}cgan_avatars.yml --output runs/my_classes -o "data={{name: labeled_folders, '
        'root: 我的类别, size: 32}"',
        "runs/my_classes",
    ),
    ("python tools/sample.py runs/my_classes --each-class --out each.png", "each.png"),
    ("python tools/sample.py runs/my_classes --class 猫 --out cats.png", "cats.png"),
    (
        f'{TRAIN}pix2pix_own.yml --output runs/my_pairs -o "data={{name: paired_folders, x: 线稿, '
        'y: 上色, size: 64, load_size: 72}"',
        "runs/my_pairs",
    ),
    trained("sr_gan_digits", " --seed 1"),
    trained("inpainting_digits", " --seed 1"),
    trained("few_avatars"),
    trained("ss_gan_digits"),
    trained("anomaly_digits"),
    (f"{TRAIN}sr_gan_own.yml --output runs/larger -o data.root=我的图像", "runs/larger"),
    ("python tools/translate.py runs/larger --input 图.png --out 放大.png", "放大.png"),
    (
        f'{TRAIN}inpainting_digits.yml --output runs/filled -o "data={{name: masked, '
        'root: 我的图像, size: 32}"',
        "runs/filled",
    ),
    ("python tools/translate.py runs/filled --input 图.png --out 补好.png", "补好.png"),
    # 随包的训练
    ("python tools/evaluate.py gallery:gan_ring", "gallery_gan_ring/eval.json"),
    # 训练完了的
    stopped("runs/gan_digits"),
    ("python tools/train.py --resume runs/gan_digits",),
    ("python tools/train.py --resume runs/gan_digits -o total_steps=40000 -o hparams.lr_G=1e-4",),
    (f"{TRAIN}gan_ring.yml -o hparams.lr_D=5e-4 --output runs/try", "runs/try"),
    ("python tools/sample.py runs/gan_digits --interpolate --out path.png", "path.png"),
    ("python tools/sample.py runs/gan_digits --separate --out samples", "samples"),
    ("python tools/sample.py runs/gan_digits --gif --out training.gif", "training.gif"),
    ("python tools/sample.py runs/gan_digits --interpolate --gif --out round.gif", "round.gif"),
    ("python tools/evaluate.py runs/gan_digits", "runs/gan_digits/eval.json"),
    ("python tools/evaluate.py runs/gan_digits --metrics fd_lenet,prdc_lenet",),
    another("runs/gan_digits", "runs/digits_best"),
    (
        "python tools/evaluate.py runs/digits_best --metrics fd_lenet,prdc_lenet,memorisation "
        "--draws 5",
    ),
    ("python tools/export.py runs/gan_digits --out exported", "exported"),
    (
        f"nohup {TRAIN}gan_digits.yml --output runs/far > far.log &",
        *("runs/far", "far.log"),
    ),
    trained("avatars_best"),
    trained("cyclegan"),
    (
        "python tools/translate.py runs/cyclegan --input 大图.png --out 译文 --tile auto",
        "译文",
    ),
    ("python tools/translate.py runs/cyclegan --input 图.png --out out --direction x2y", "out"),
    (
        "python tools/translate.py runs/cyclegan --input 图或文件夹 --out out --direction x2y",
        "out",
    ),
    another("runs/cyclegan", "runs/X"),
    ("python tools/translate.py runs/X --input 照片/ --out 译文/", "译文/"),
    # 各章
    trained("gan_ring"),
    trained("gan_ring_greedy"),
    trained("stesha_01"),
    (
        f"{TRAIN}stesha_01.yml --output runs/calmer -o hparams.lr_D=2e-4 -o hparams.lr_G=2e-4 "
        "-o hparams.beta1=0.5",
        "runs/calmer",
    ),
    trained("stesha_02"),
    trained("stesha_03"),
    trained("stesha_04"),
    trained("dcgan_emoji"),
    trained("dcgan_digits"),
    trained("wgan_digits"),
    trained("wgan_gp_digits"),
    trained("hinge_digits"),
    trained("f_gan_mixture", " -o hparams.divergence=reverse_kl"),
    trained("unrolled_ring", " --seed 1"),
    trained("cgan_digits", " --seed 1"),
    ("python tools/sample.py gallery:cgan_digits --each-class --out out.png", "out.png"),
    trained("progan_avatars", " --seed 1"),
    trained("vae_digits", " --seed 1"),
    ("python tools/sample.py gallery:vae_digits --num 64 --out out.png", "out.png"),
    trained("seq_gan_markov", " --seed 1"),
    ("python tools/sample.py runs/seq_gan_markov --out out.png", "out.png"),
    trained("gumbel_markov", " --seed 1"),
    trained("mle_poems"),
    trained("seq_gan_poems"),
    ("python tools/sample.py runs/seq_gan_poems --num 20 --out verses.png", "verses.png"),
    trained("r1_grid", " --seed 1"),
    # 没有几张显卡，运行里面那一条
    lambda place: place.remove("runs/dcgan_digits"),
    (f"python -m paddle.distributed.launch --gpus 0,1 {TRAIN[7:]}dcgan_digits.yml",)
    + ("runs/dcgan_digits",),
    (f"python -m paddle.distributed.launch --gpus 0,1 {TRAIN[7:]}gan_digits.yml",)
    + ("runs/gan_digits",),
    # --help 里的
    ("python tools/sample.py runs/dcgan_digits --out grid.png", "grid.png"),
    ("python tools/evaluate.py runs/dcgan_digits --checkpoint best",),
    ("python tools/export.py runs/dcgan_digits --out export/digits", "export/digits"),
    another("runs/gan_ring", "runs/gan_ring_collapse"),
    another("runs/gan_ring", "runs/wgan_ring"),
    (
        "python tools/report.py runs/gan_ring runs/gan_ring_collapse --out report.html",
        "report.html",
    ),
    ("python tools/report.py runs/gan_ring runs/wgan_ring --out report.html", "report.html"),
    lambda place: place.remove("report.html"),
    ("python tools/report.py runs --out report.html", "report.html"),
    # 加一个方法、收结果
    ("python tools/train.py -c configs/lsgan_ring.yml --dry-run",),
    (f"{TRAIN}lsgan_ring.yml --output runs/try -o total_steps=10", "runs/try"),
    (
        f"for seed in 0 1 2; do {TRAIN}lsgan_ring.yml --seed $seed --output "
        "runs/lsgan_ring_$seed; done",
        *(f"runs/lsgan_ring_{seed}" for seed in range(3)),
    ),
    (
        "python tools/maintain/results.py collect runs/lsgan_ring_0 runs/lsgan_ring_1 "
        "runs/lsgan_ring_2",
    ),
    (
        "python tools/maintain/build_pictures.py thumbs runs/lsgan_ring_0",
        "tutorials/assets/thumbs/lsgan_ring.png",
    ),
    (f"{TRAIN}gan_ring.yml --seed 1 --output runs/gan_ring_1", "runs/gan_ring_1"),
    ("python tools/maintain/results.py collect runs/gan_ring_1",),
    ("python tools/maintain/results.py write",),
    ("python tools/maintain/course_map.py",),
    *(
        (f"{COPY} {kind} --out tutorials/{name}_09.ipynb", f"tutorials/{name}_09.ipynb")
        for kind, name in {"student": "学生", "teacher": "教师"}.items()
    ),
    ("python tools/maintain/compat.py list",),
    ("python tools/maintain/compat.py write",),
    ("python tools/maintain/bench.py --write",),
]
ONNX = ("python tools/export.py runs/gan_digits --out exported_onnx --onnx", "exported_onnx")
PROCESSES = [  # 要另开进程的：看板、体检、几个进程训练、演习
    trained("gan_ring"),
    another("runs/gan_ring", "runs/gan_ring_collapse"),
    another("runs/gan_ring", "runs/wgan_ring"),
    another("runs/gan_ring", "runs/tutorials/ch00/whole"),
    ("python tools/dashboard.py runs/gan_ring runs/gan_ring_collapse",),
    ("python tools/dashboard.py runs/gan_ring runs/wgan_ring",),
    ("python tools/dashboard.py runs",),
    *((f"python tools/dashboard.py gallery:{name}",) for name in story_names()),
    ("python tools/dashboard.py runs/tutorials/ch00/whole",),
    ("python tools/dashboard.py runs/tutorials/ch00",),
    ("python tools/doctor.py",),
    ("python tools/doctor.py --out doctor.txt", "doctor.txt"),
    (
        "python -m paddle.distributed.launch --nproc_per_node 2 --backend gloo "
        f"{TRAIN[7:]}cyclegan.yml",
        "runs/cyclegan",
    ),
    ("python -m tests.drills --methods gan --seeds 0 --out drill.json", "drill.json"),
    ("python -m tests.drills --methods lsgan --seeds 0 --out drill.json",),
    ("python -m tests.mutations --only loss",),
    ("python -m tests.mutations",),
    ("python tools/maintain/build_tutorials.py 09",),
]
LAB = [  # 随包的结果齐全，所以很快；少一个任务，真的跑它
    lambda place: place.lose_a_result(),
    ("python tools/lab.py run T5 --quick",),
    ("python tools/lab.py run --quick",),
    ("python tools/lab.py run T5 T6 --minutes 20",),
    ("python tools/lab.py run --minutes 240",),
    ("python tools/lab.py run helvetica collapse_and_hops",),
    ("python tools/lab.py run js_identity vanishing_js",),
    ("python tools/lab.py run cures",),
    ("python tools/lab.py run quality_and_diversity birthday parzen_trap",),
    ("python tools/lab.py run conditional codes pix2pix_parts directions",),
    ("python tools/lab.py run autoencoders began_balance hierarchy",),
    ("python tools/lab.py run f_gan_fit js_between losses_spread",),
    ("python tools/lab.py run sequences policy_gradient",),
    ("python tools/lab.py run super_resolution fill_hole few_pictures few_labels anomaly",),
]
# 台账里一条一个实验：重跑的命令
LAB += [(c,) for c in collected() if re.fullmatch(r"python tools/lab\.py run [a-z0-9_]+", c)]
LAB += [lambda place: place.leave_one_result(), ("python tools/lab.py report",)]
NOT_RUN = {  # 没有运行，只核对写到的脚本与选项都在：为什么
    "python tools/doctor.py --gpu": "要显卡；每一项由 engine/test_gpu.py 在 CPU 上跑",
    "python tools/maintain/aistudio.py run": "要联网装飞桨",
    "python tools/maintain/compat.py run py312": "要联网装飞桨",
    "python tools/playground.py": "一直开着的网页，由 playground/test_browser.py 在浏览器里用",
    "python tools/maintain/bench_playground.py": "太久；表由 playground/test_load.py 核对",
    "python tools/maintain/bench_playground.py --write": "改文档；由 playground/test_load.py 核对",
    "python tools/maintain/build_site.py": "由 tests/site/ 写一遍，在浏览器里打开",
    "python tools/maintain/bench.py --out tools/maintain/bench_results/speed.json": "太久",
    "python tools/maintain/bench.py --isa AVX2 --out tools/maintain/bench_results/speed.json": (
        "太久"
    ),
    "python tools/maintain/bench.py --check dcgan_32": "要 PyTorch；ring 的另有测试",
    "python tools/maintain/bench_growth.py --out tools/maintain/bench_results/growth.json": "太久",
}
AS = {  # 写法里有要读者换掉的字：换成什么来运行
    "python tools/train.py -c 配置 -o 键=值 --output 目录": (
        f"{TRAIN}gan_ring.yml -o batch_size=4 --output 目录"
    ),
    "python tools/train.py -c configs/名字.yml": f"{TRAIN}gan_ring.yml",
    "!python tools/report.py runs/某次训练 --out report.html": (
        "python tools/report.py runs/某次训练 --out 报告.html"
    ),
    "!pip install -r …/requirements.txt": "pip install -r ./requirements.txt",
    "python tools/evaluate.py 训练目录 --draws 5": (
        "python tools/evaluate.py gallery:gan_ring --draws 5"
    ),
    "python tools/maintain/build_tutorials.py NN": "python tools/maintain/build_tutorials.py 09",
    "pip install paddlepaddle": "",  # 叫人不要运行的
    "pip uninstall": "",  # 说的是这个命令，不是一条
}
REST += [another("runs/gan_ring", "runs/某次训练")]
REST += [(c,) for c in AS.values() if c and (c,) not in PROCESSES]


def commands(steps: list) -> list[str]:
    """一个单子里的命令。"""
    return [step[0] for step in steps if not callable(step)]


def test_every_command_shown_to_readers_is_run_and_every_command_run_is_shown():
    shown = collected()
    run = {*commands(FIRST + REST + PROCESSES + LAB + [ONNX]), *AS, *NOT_RUN}
    run -= {*AS.values()} - set(shown)
    assert {c: where for c, where in shown.items() if c not in run} == {}
    assert run - set(shown) == set()


def test_the_collector_sees_blocks_continued_lines_and_inline_commands_but_no_words():
    page = "甲 `python a.py  --b` 乙 `pytest` `tools/x.py`\n```bash\npip install x   # 注释\n"
    page += 'python c.py -o "d={e: 1}" \\\n    -o f\n\n```\n```yaml\npython 不是\n```\n'
    assert of_markdown(page) == [
        "pip install x",
        'python c.py -o "d={e: 1}" -o f',
        "python a.py --b",
    ]
    tool = '"""甲：python tools/a.py b，再\n\n    python -m c --d      # 注释\n"""\n'
    assert of_help(tool) == ["python tools/a.py b", "python -m c --d"]


@pytest.mark.parametrize("command", NOT_RUN)
def test_a_command_that_is_not_run_names_a_script_and_options_that_exist(command):
    _, script, *words = command.split()
    files = ROOT / script, ROOT / "tools/maintain/bench_arms/cases.py"  # 例子的名字在后一个里
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    for word in words:
        named = f'"{word}"' in text or f'"{word}":' in text
        assert named or (ROOT / word).is_file(), word


def test_the_first_commands_run_as_they_stand(tmp_path):
    with Place(tmp_path) as place:
        place.play(FIRST)


@pytest.mark.slow
def test_the_commands_of_one_process_run_as_they_stand(tmp_path):
    with Place(tmp_path) as place:
        place.play(REST)


@pytest.mark.slow
def test_the_export_to_onnx_runs_as_it_stands(tmp_path):
    pytest.importorskip("paddle2onnx")
    pytest.importorskip("onnxruntime")
    with Place(tmp_path) as place:
        place.play([trained("gan_digits"), ONNX])


@pytest.mark.slow
def test_the_commands_that_start_processes_run_as_they_stand(tmp_path):
    with Place(tmp_path) as place:
        place.play(PROCESSES)


@pytest.mark.slow
def test_the_commands_of_the_laboratory_run_as_they_stand(tmp_path):
    with Place(tmp_path) as place:
        place.play(LAB)


def told_to_install() -> dict[str, str]:
    """印出来的话里 pip install 后面的每个词 → 哪个文件。"""
    files = [*(ROOT / "tools").rglob("*.py"), *(ROOT / "paddle_gan").rglob("*.py")]
    command = re.compile(r"pip install ((?:[-\w/.>='{}]+ ?)+)", re.ASCII)
    return {
        word.strip("'"): path.name
        for path in files
        for words in command.findall(path.read_text(encoding="utf-8"))
        for word in words.split()
        if not word.startswith("-")
    }


# 只有维护者重做一样东西时才装的：速度表的对手、头像的部件
MAINTAINERS = ("torch", "dicebear-core", "resvg-py", "rapidocr-onnxruntime", "opencc")


def test_what_a_message_tells_to_install_exists_or_is_a_package_the_project_names():
    known = "\n".join(
        path.read_text(encoding="utf-8")
        for path in [ROOT / "pyproject.toml", *ROOT.glob("requirements*.txt")]
    )
    words = told_to_install()
    assert {"requirements.txt", "requirements-gpu.txt", "visualdl", "onnxruntime"} <= set(words)
    for word, where in words.items():
        name = re.split("[><=]", word)[0]
        is_file = (ROOT / word.split("}/")[-1]).is_file()
        assert is_file or re.search(rf"\b{name}\b", known) or name in MAINTAINERS, (word, where)
