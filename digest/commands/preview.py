"""`digest preview --month M`: compose and render a month's issue into files, look it over, keep it as a draft."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from digest.checks import Check, links_in
from digest.commands.output import DONE, say, say_json
from digest.months import check_month
from digest.outgoing import utc_now
from digest.preview import Preview, preview_of, summary, write
from digest.settings import SOURCES_DIR, Settings
from digest.sources import load_sources
from knowledge.errors import KnowledgeError
from knowledge.net import GuardedClient
from knowledge.settings import Settings as KnowledgeSettings
from knowledge.store.stores import open_stores


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    command = commands.add_parser("preview", help="render a month's issue into files and look it over")
    command.add_argument("--month", required=True, metavar="YYYY-MM")
    command.add_argument(
        "--rig", default="", metavar="HARDWARE", help="add the section for this machine, e.g. 'RTX 3060 12GB'"
    )
    command.add_argument("--ram", type=float, default=None, metavar="GIB", help="RAM beside the rig's card")
    command.add_argument("--sources", type=Path, default=SOURCES_DIR, metavar="DIR", help="folder of source files")
    command.add_argument(
        "--out", type=Path, default=None, metavar="DIR", help="where to write (default: the data folder)"
    )
    command.add_argument("--no-judge", action="store_true", help="do not ask SpamAssassin")
    command.add_argument("--check-links", action="store_true", help="ask every linked server (the only network use)")
    command.add_argument("--json", action="store_true", help="one JSON document with paths and figures")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Compose, look over and write the files."""
    month, where, settings = check_month(args.month), KnowledgeSettings.from_env(), Settings.from_env()
    sources = {source.id: source for source in load_sources(SOURCES_DIR)}
    sources |= {source.id: source for source in load_sources(args.sources)}
    preview = preview_of(
        open_stores(where.database_url),
        settings,
        month,
        now=utc_now(),
        rig_name=args.rig,
        rig_ram_gib=args.ram,
        sources=sources,
        judged=not args.no_judge,
    )
    paths = write(preview, settings, args.out or where.data_dir / "preview")
    more = [asyncio.run(answering(preview, settings))] if args.check_links else []
    _tell(preview, paths, more, as_json=args.json)
    return DONE


async def answering(preview: Preview, settings: Settings) -> Check:
    """Ask every linked server for its page's head, and say which did not answer well."""
    links = [url for url in links_in(preview.draft.rendered.html) if not url.startswith(settings.public_url)]
    silent = []
    async with GuardedClient(user_agent=f"RUNLOCALAI-digest/0.1 (+{settings.contact})") as client:
        for url in links:
            try:
                page = await client.get(url)
            except KnowledgeError as error:
                silent.append(f"{url} ({error})")
            else:
                if page.status >= 400:
                    silent.append(f"{url} ({page.status})")
    words = f"{len(links)} asked" + (
        f"; without a good answer: {', '.join(silent[:20])}." if silent else ", all answer."
    )
    return Check(name="servers", ok=not silent, words=words)


def _tell(preview: Preview, paths: dict[str, Path], more: list[Check], *, as_json: bool) -> None:
    """Say what was made and where it lies."""
    draft = preview.draft
    if not as_json:
        for line in [*summary(preview), *(f"  {check.name}: {check.words}" for check in more)]:
            say(line)
        for path in paths.values():
            say(f"  {path}")
        return
    checks = {check.name: {"ok": check.ok, "words": check.words} for check in (*preview.checks, *more)}
    say_json(
        {
            "ok": True,
            "month": draft.issue.month,
            "subject": draft.rendered.subject,
            "html_bytes": len(draft.rendered.html.encode()),
            "sections": [section.slug for section in draft.issue.sections],
            "n_items": sum(size.now or 0 for size in preview.compared),
            "draft": preview.kept,
            "status": preview.status,
            "revision": draft.record.revision,
            "checks": checks,
            "keys": [item.key for section in draft.issue.sections for item in section.items if item.key],
            "files": {kind: str(path) for kind, path in paths.items()},
        }
    )
