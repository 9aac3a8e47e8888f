"""演练场：python tools/playground.py，再用浏览器打开打印出来的地址

边训练边动手：换数据、换方法、拖超参数、单走一步，画面、曲线与诊断跟着变。
要先装 requirements-playground.txt。只在本机（127.0.0.1）能打开，不联网；Ctrl-C 结束。
"""

import gc
import signal
import sys
import threading

import _cli

from paddle_gan.errors import UserError
from paddle_gan.playground.sessions import VISITORS, Sessions
from paddle_gan.playground.show import LOCAL, require_gradio


def main() -> int:
    parser = _cli.parser(__doc__)
    parser.add_argument("--port", type=_cli.whole(1, 65535), default=7860, help="端口，默认 7860")
    parser.add_argument(
        "--host", default="127.0.0.1", help="在哪个地址上开；0.0.0.0 是别的机器也能打开"
    )
    parser.add_argument(
        "--visitors", type=_cli.whole(1, 64), default=VISITORS, help="最多几位一起用，默认 8"
    )
    args = parser.parse_args()

    require_gradio()
    from paddle_gan.playground.app import blocks, launch

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sessions = Sessions(args.visitors)
    page = blocks(sessions, local=args.host in LOCAL)
    gc.freeze()  # 库的几十万个对象不再数：收垃圾不卡，走了的访客也收得早
    try:
        launch(page, args.host, args.port)
        print(f"演练场：http://{args.host}:{args.port}/", flush=True)
        threading.Event().wait()
    except OSError:
        raise UserError(
            f"{args.host} 的端口 {args.port} 用不了；可能已经开着一个演练场，"
            f"请关掉它，或换一个端口：--port {args.port % 65535 + 1}"
        ) from None
    except KeyboardInterrupt:
        print("演练场关了", file=sys.stderr)
    finally:
        page.close(verbose=False)
        sessions.close()
    return 0


if __name__ == "__main__":
    _cli.run(main)
