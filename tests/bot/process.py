"""The real bot process for wire tests: `python -m bot` as an operator starts it, pointed at the loopback Discord."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from bot.standin import StandIn
from bot.standin.rules import Rules
from tests.conftest import ROOT

PATIENT = Rules(deadline_s=30)
"""A Discord that waits, where a test is of what is answered and not of when: starting a process takes as long as the
machine is busy. Discord's own three seconds are held by the benches.
"""


def environment(data_dir: Path, **extra: str) -> dict[str, str]:
    """What the process sees: nothing of the tester's own environment but PATH and HOME."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "RUNLOCALAI_DATA": str(data_dir), "PYTHONPATH": str(ROOT), **extra}


@dataclass
class BotProcess:
    """A running bot; `lines` are its log."""

    process: asyncio.subprocess.Process
    lines: list[str] = field(default_factory=list)
    ended: bool = False
    reader: asyncio.Task[None] | None = None
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @classmethod
    async def start(
        cls,
        discord: StandIn,
        data_dir: Path,
        database_url: str,
        *arguments: str,
        script: Sequence[str] = ("-m", "bot"),
        **extra: str,
    ) -> Self:
        """Start `python -m bot` with `arguments` (or another `script`) against `discord`."""
        given = {
            "DISCORD_TOKEN": discord.token,
            "DATABASE_URL": database_url,
            "RUNLOCALAI_DISCORD_API": discord.api,
            "RUNLOCALAI_DISCORD_GATEWAY": discord.gateway_url,
        }
        env = environment(data_dir, **{**given, **extra})
        process = await asyncio.create_subprocess_exec(
            sys.executable, *script, *arguments, cwd=data_dir, env=env, stderr=asyncio.subprocess.PIPE
        )
        bot = cls(process)
        bot.reader = asyncio.create_task(bot._read())
        return bot

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def _read(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.lines.append(line.decode(errors="replace").rstrip("\n"))
            await self._tell()
        self.ended = True
        await self._tell()

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    @property
    def log(self) -> str:
        """All that was logged so far."""
        return "\n".join(self.lines)

    async def until_logged(self, text: str, timeout_s: float = 15) -> None:
        """Wait for a line that holds `text`; fails with the log where the process ends before."""
        async with asyncio.timeout(timeout_s), self.changed:
            await self.changed.wait_for(lambda: text in self.log or self.ended)
        assert text in self.log, self.log

    async def stop(self, timeout_s: float = 10) -> int:
        """End it as a supervisor does, with SIGTERM; returns its exit code."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = await asyncio.wait_for(self.process.wait(), timeout_s)
        except TimeoutError:
            self.process.kill()
            code = await self.process.wait()
        if self.reader is not None:
            await self.reader
        return code

    def rss_bytes(self) -> int:
        """Resident memory now."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def cpu_s(self) -> float:
        """Processor seconds used so far, user and system."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
