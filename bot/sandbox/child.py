"""The bot's own process under the sandbox: started against the stand-in, watched, started anew when it ends.

It is `python -m bot run` as an operator starts it, tied to this process (bot.tied): killed outright, this one takes it
along. What the stand-in or the page show is not known here.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping

from bot.settings import environment

KEPT_LINES = 200
STEADY_S = 30.0
LONGEST_PAUSE_S = 30.0
END_WITHIN_S = 6.0
_LOUD = re.compile(r"\b(WARNING|ERROR|CRITICAL)\b|^bot: ")


class Child:
    """The process. `state` is `starting`, `running`, `restarting` or `ended`; all in `told` are called when it changes.

    A process that ends without ever having run is not started again: what it said is the operator's to mend.
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = environment(env)
        self.state = "starting"
        self.lines: deque[str] = deque(maxlen=KEPT_LINES)
        self.code: int | None = None
        self.told: list[Callable[[], None]] = []
        self._ran = False
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False

    def running(self) -> None:
        """The stand-in saw it log in."""
        self._ran = True
        self._become("running")

    async def watch(self) -> int:
        """Run it until `stop`, or until it ends for good; returns its exit code."""
        crashes = 0
        while True:
            began = time.monotonic()
            self.code = await self._once()
            if self._stopping or not self._ran:
                self._become("ended")
                return self.code
            crashes = 1 if time.monotonic() - began > STEADY_S else crashes + 1
            pause_s = min(2.0 ** (crashes - 1), LONGEST_PAUSE_S)
            print(f"bot: the bot ended with {self.code}; again in {pause_s:.0f} s", file=sys.stderr, flush=True)  # noqa: T201
            self._become("restarting")
            await asyncio.sleep(pause_s)

    async def _once(self) -> int:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.tied"),
            env=self.env,
            stdin=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        if self._process.stderr is not None:
            async for raw in self._process.stderr:
                line = raw.decode(errors="replace").rstrip()
                self.lines.append(line)
                if _LOUD.search(line):
                    print(line, file=sys.stderr, flush=True)  # noqa: T201
        return await self._process.wait()

    async def stop(self) -> None:
        """End it as a supervisor does: SIGTERM, and SIGKILL if it will not."""
        self._stopping = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), END_WITHIN_S)
            except TimeoutError:
                process.kill()

    @property
    def pid(self) -> int | None:
        """Its process id while it lives."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    def _become(self, state: str) -> None:
        if state != self.state:
            self.state = state
            for listener in self.told:
                listener()
