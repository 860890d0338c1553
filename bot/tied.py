"""`python -m bot.tied`: the bot as the sandbox starts it, which ends when whoever holds its standard input is gone.

A supervisor that is killed outright cannot end what it started; the pipe it held is closed for it on every system.
It adds nothing else to `python -m bot run`.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

STDIN = 0
END_WITHIN_S = 6.0


def end_with_holder(descriptor: int = STDIN) -> None:
    """Wait for the end of what is read, then end this process: as it ends by itself, and outright if it will not."""
    while os.read(descriptor, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(END_WITHIN_S)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=end_with_holder, name="tied", daemon=True).start()
    sys.argv = ["bot", "run"]
    runpy.run_module("bot", run_name="__main__", alter_sys=True)
