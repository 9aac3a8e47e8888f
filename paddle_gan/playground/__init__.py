"""演练场：边训练边动手的网页。这里只管指挥，训练、指标、诊断、画图都是库里原来的那一份。

turns.py 轮流用飞桨 · menu.py 菜单与预设 · faults.py 弄坏的训练 ·
controls.py 由 Hparams 造控件 · frames.py 一格画面 ·
worker.py 一次训练的线程 · sessions.py 谁在用、最多几位 · drawing.py 画面与曲线 ·
why.py 去哪一章读 · show.py 在笔记本里、当应用打开 ·
app.py 与 page_*.py 是网页，只有它们导入 gradio。
"""

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # 要在导入 gradio 之前
