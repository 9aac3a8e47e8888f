"""tools/dashboard.py 怎样停下它的服务进程。"""

import subprocess

from tool_helpers import load_tool


def test_a_server_that_is_too_slow_to_end_is_killed_without_a_traceback():
    class Slow:
        done = []

        def terminate(self):
            self.done.append("terminate")

        def kill(self):
            self.done.append("kill")

        def wait(self, timeout=None):
            if "kill" not in self.done:
                raise subprocess.TimeoutExpired("看板", timeout)
            self.done.append("wait")

    server = object.__new__(load_tool("dashboard").Server)
    server.process = Slow()
    server.stop()
    assert Slow.done == ["terminate", "kill", "wait"]
