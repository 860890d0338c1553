"""`python -m bot [run | sandbox | sync-commands]`: serve, try it in a browser, register the commands.

Exit codes: 0 done, 1 failed, 2 bad input (a setting that is missing or wrong). Every fault an operator can mend is
one clear line. Nothing is served or answered here.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import os
import sys
import threading
from collections.abc import Sequence
from typing import NoReturn

from knowledge.errors import KnowledgeError


def parser() -> argparse.ArgumentParser:
    """The command line; docs/generate.py describes it from here."""
    made = argparse.ArgumentParser(prog="python -m bot", description="The RUNLOCALAI Discord bot.")
    made.add_argument("--json", action="store_true", help="print results as JSON")
    commands = made.add_subparsers(dest="command")
    run = commands.add_parser("run", help="connect to Discord and serve (the default); needs DISCORD_TOKEN")
    run.add_argument(
        "--or-sandbox", action="store_true", help="without a token, open the sandbox instead (for the Procfile)"
    )
    sandbox = commands.add_parser("sandbox", help="use the bot in a browser on this machine, without Discord or token")
    sandbox.add_argument(
        "call", nargs="*", help="answer this on the terminal instead: /fit model:qwen3-8b hardware:'RTX 3060 12GB'"
    )
    sandbox.add_argument("--port", type=int, help="the page's port (default: 8400, or the next that is free)")
    sync = commands.add_parser(
        "sync-commands", help="register the slash commands with Discord if they changed; needs DISCORD_TOKEN"
    )
    sync.add_argument("--force", action="store_true", help="register them even if they are those registered last")
    for command in (sandbox, sync):
        command.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print results as JSON")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    args = parser().parse_args(argv)
    try:
        return _run(args)
    except KnowledgeError as error:
        if args.json:
            problem = {"code": error.code, "message": error.message, "hint": error.hint}
            print(json.dumps({"ok": False, "error": problem}, ensure_ascii=False))
        else:
            print(f"bot: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 0


def _run(args: argparse.Namespace) -> int:
    from bot.settings import Settings, one_thread_for_numpy, token_is_set

    if args.command == "sandbox" or (getattr(args, "or_sandbox", False) and not token_is_set()):
        from bot.sandbox import run_sandbox

        call, port = " ".join(getattr(args, "call", ())), getattr(args, "port", None)
        return run_sandbox(Settings.from_env(need_token=False), call, port=port, as_json=args.json)
    settings = Settings.from_env()
    one_thread_for_numpy()
    gc.disable()  # what is imported stays: no round looks through it; Desk enables it when the store is read
    from bot import log, serve
    from bot.desk import Desk
    from knowledge import heap

    log.configure()
    heap.tune()  # before the first thread, which would have a heap of its own
    if args.command == "sync-commands":
        desk = Desk.open(settings.database_url, settings.secret)
        sent = serve.run(serve.sync_commands(settings, desk, force=args.force))
        print(
            json.dumps({"ok": True, "sent": sent})
            if args.json
            else "commands registered"
            if sent
            else "commands unchanged"
        )
        return 0
    return serve.run(serve.serve(settings, Desk.opening(settings.database_url, settings.secret)))


def leave(code: int) -> NoReturn:
    """End the process, at once where a thread still reads the store or compiles.

    Such a thread is ended with the interpreter, and if that meets it in a C++ library the process aborts.
    """
    if any(thread.daemon for thread in threading.enumerate()):
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    leave(main())
