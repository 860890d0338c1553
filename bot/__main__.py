"""`python -m bot [run | sandbox | sync-commands]`: serve, show the cards, register the commands.

Exit codes: 0 done, 1 failed, 2 bad input (a setting that is missing or wrong). Every fault an operator can mend is
one clear line. Nothing is served or answered here.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Sequence

from knowledge.errors import BadInput, KnowledgeError


def parser() -> argparse.ArgumentParser:
    """The command line; docs/generate.py describes it from here."""
    made = argparse.ArgumentParser(prog="python -m bot", description="The RUNLOCALAI Discord bot.")
    made.add_argument("--json", action="store_true", help="print results as JSON")
    commands = made.add_subparsers(dest="command")
    run = commands.add_parser("run", help="connect to Discord and serve (the default); needs DISCORD_TOKEN")
    run.add_argument(
        "--wait", action="store_true", help="without a token, say so and wait to be ended (for the Procfile)"
    )
    sandbox = commands.add_parser("sandbox", help="show the cards without Discord, on the terminal and as a page")
    sandbox.add_argument(
        "call", nargs="*", help="such as: /fit model:qwen3-8b hardware:'RTX 3060 12GB' (default: a gallery of examples)"
    )
    sandbox.add_argument(
        "--html", default="", metavar="FILE", help="write the page there (default: sandbox.html in the data folder)"
    )
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
    from bot.settings import Settings

    if args.command == "sandbox":
        from bot.sandbox import run_sandbox

        settings = Settings.from_env(need_token=False)
        return run_sandbox(settings, " ".join(args.call), html=args.html, as_json=args.json)
    try:
        settings = Settings.from_env()
    except BadInput as error:
        if error.subject != "DISCORD_TOKEN" or not getattr(args, "wait", False):
            raise
        print(f"bot: {error}", file=sys.stderr, flush=True)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
        return 0
    from bot import log, serve
    from bot.desk import Desk

    log.configure()
    desk = Desk.open(settings.database_url)
    if args.command == "sync-commands":
        sent = asyncio.run(serve.sync_commands(settings, desk, force=args.force))
        print(
            json.dumps({"ok": True, "sent": sent})
            if args.json
            else "commands registered"
            if sent
            else "commands unchanged"
        )
        return 0
    return asyncio.run(serve.serve(settings, desk))


if __name__ == "__main__":
    sys.exit(main())
