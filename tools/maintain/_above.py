"""先导入它，才找得到上一层的 _cli.py：维护用的命令与用户的命令共用那一份。"""

import sys
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[1]
ROOT = TOOLS.parent
if str(TOOLS) not in sys.path:
    sys.path.insert(0, str(TOOLS))
