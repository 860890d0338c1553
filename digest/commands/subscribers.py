"""`digest subscribers`: what operators do with the list by hand. A suppressed address stays so, unless it is released.

`import` is for addresses whose owners confirmed elsewhere; it takes `--consented` as the operator's word for that.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec

from digest.addresses import Address, read_address
from digest.commands.output import DONE, FAILED, say, say_json
from digest.outgoing import utc_now
from digest.settings import Settings
from digest.subscribers import PENDING_KEPT
from digest.tokens import Links, Tokens
from knowledge.errors import BadInput
from knowledge.settings import Settings as KnowledgeSettings
from knowledge.store.stores import open_stores
from knowledge.store.subscriber_rows import Subscriber
from knowledge.store.subscriber_store import SubscriberStore

_STATES: Final = ("pending", "confirmed", "unsubscribed", "suppressed")
_BATCH: Final = 400
_LINE_MAX_CHARS: Final = 2000
_Run = Callable[[argparse.Namespace], int]


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command and its actions."""
    command = commands.add_parser("subscribers", help="the list of subscribers")
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")

    def add(
        name: str, words: str, run: Callable[[argparse.Namespace], int], *, address: bool
    ) -> argparse.ArgumentParser:
        action = actions.add_parser(name, help=words)
        if address:
            action.add_argument("address", metavar="ADDRESS")
        action.add_argument("--json", action="store_true", help="JSON instead of words")
        action.set_defaults(run=run)
        return action

    listed = add("list", "all of them, or those in one state", _list, address=False)
    listed.add_argument("--state", choices=_STATES, default="")
    add("export", "everything kept about an address", _export, address=True)
    add("confirm", "confirm an address by hand, adding it where it is new", _confirm, address=True)
    add("unsubscribe", "send nothing more to an address", _unsubscribe, address=True)
    add("suppress", "never mail an address again, whoever asks", _suppress, address=True)
    add("release", "take a suppression back: the address may subscribe again", _release, address=True)
    add("delete", "delete everything about an address", _delete, address=True)
    add("link", "the link to an address's preferences, for whoever lost it", _link, address=True)
    taken = add("import", "add confirmed addresses from a file, one a line", _import, address=False)
    taken.add_argument("file", type=Path, metavar="FILE", help="first column of each line; - for standard input")
    taken.add_argument("--consented", action="store_true", help="their owners confirmed that they want this digest")
    add("prune", f"delete what nobody confirmed in {PENDING_KEPT.days} days", _prune, address=False)


def _store() -> SubscriberStore:
    return open_stores(KnowledgeSettings.from_env().database_url).subscribers


def _list(args: argparse.Namespace) -> int:
    store, after_id, n_shown = _store(), 0, 0
    while rows := store.page(state=args.state, after_id=after_id):
        for row in rows:
            if args.json:
                say_json(msgspec.to_builtins(row))
            else:
                rig = row.rig.name if row.rig else ""
                say(f"{row.id:>8}  {row.state:12}  {row.created_at:%Y-%m-%d}  {row.address}  {rig}".rstrip())
        after_id, n_shown = rows[-1].id, n_shown + len(rows)
    if not args.json:
        say(f"{n_shown:,} subscribers.")
    return DONE


def _export(args: argparse.Namespace) -> int:
    store = _store()
    say_json(store.export(_known(store, args.address).id) or {})
    return DONE


def _confirm(args: argparse.Namespace) -> int:
    store, address, now = _store(), read_address(args.address), utc_now()
    asked = store.ask(address.address, address.key, address.domain, now=now)
    found = store.confirm(asked.id, asked.token_version, now=now)
    return _told(args, found is not None, "confirmed", "The address is suppressed, so it stays unmailed.")


def _unsubscribe(args: argparse.Namespace) -> int:
    store = _store()
    ended = store.unsubscribe(_known(store, args.address).id, reason="operator", now=utc_now())
    return _told(args, ended, "unsubscribed", "The address got no issues before either.")


def _suppress(args: argparse.Namespace) -> int:
    store, address, now = _store(), read_address(args.address), utc_now()
    found = store.by_key(address.key) or store.ask(address.address, address.key, address.domain, now=now)
    ended = store.suppress(found.id, reason="operator", now=now)
    return _told(args, ended, "suppressed", "The address was suppressed before.")


def _release(args: argparse.Namespace) -> int:
    store = _store()
    released = store.release(_known(store, args.address).id, now=utc_now())
    return _told(args, released, "released", "The address was not suppressed, or its owner complained of a mail.")


def _delete(args: argparse.Namespace) -> int:
    store = _store()
    gone = store.delete(_known(store, args.address).id)
    return _told(args, gone, "deleted", "The address is suppressed: all but the bare address is deleted.")


def _link(args: argparse.Namespace) -> int:
    store, settings = _store(), Settings.from_env()
    settings.mail.require()
    found = _known(store, args.address)
    url = Links(settings.public_url, Tokens(settings.mail.secrets)).to("preferences", found.id, found.token_version)
    say_json({"ok": True, "url": url}) if args.json else say(url)
    return DONE


def _prune(args: argparse.Namespace) -> int:
    n_deleted = _store().prune_pending(before=utc_now() - PENDING_KEPT)
    say_json({"ok": True, "n_deleted": n_deleted}) if args.json else say(f"{n_deleted:,} addresses deleted.")
    return DONE


def _import(args: argparse.Namespace) -> int:
    if not args.consented:
        hint = "Pass --consented if their owners confirmed that they want it; else let them subscribe."
        raise BadInput("Nobody is mailed who did not ask.", subject="--consented", hint=hint)
    store, counts, bad, at = _store(), {"added": 0, "known": 0, "bad": 0}, [], 0
    lines = _lines(args.file)
    while batch := list(islice(lines, _BATCH)):
        new: dict[str, Address] = {}
        for line in batch:
            at += 1
            try:
                address = read_address(line)
            except BadInput as error:
                counts["bad"] += 1
                bad.append({"line": at, "message": error.message})
                continue
            counts["known"] += address.key in new
            new[address.key] = address
        known = store.known_keys(list(new))
        counts["known"] += len(known)
        counts["added"] += _add(store, [address for key, address in new.items() if key not in known])
    _tell_import(args, counts, bad)
    return FAILED if bad else DONE


def _add(store: SubscriberStore, addresses: Sequence[Address]) -> int:
    if addresses:
        rows = [{"address": one.address, "address_key": one.key, "domain": one.domain} for one in addresses]
        store.add_many(rows, now=utc_now())
    return len(addresses)


def _tell_import(args: argparse.Namespace, counts: dict[str, int], bad: list[dict[str, Any]]) -> None:
    if args.json:
        say_json({"ok": not bad, **counts, "lines": bad})
        return
    say(f"{counts['added']:,} added, {counts['known']:,} known before, {counts['bad']:,} not taken.")
    for problem in bad:
        say(f"  line {problem['line']}: {problem['message']}")


def _lines(file: Path) -> Iterator[str]:
    """Yield the first column of each line that has one. Raises BadInput for a file that cannot be read."""
    try:
        handle = sys.stdin if str(file) == "-" else file.open(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise BadInput(f"The file cannot be read: {error.strerror}.", subject=str(file)) from error
    with handle:
        for line in handle:
            first = line[:_LINE_MAX_CHARS].replace(";", ",").partition(",")[0].strip().strip('"')
            if first and first.casefold() not in {"email", "address", "e-mail", "mail"}:
                yield first


def _known(store: SubscriberStore, text: str) -> Subscriber:
    found = store.by_key(read_address(text).key)
    if found is None:
        raise BadInput("There is no such subscriber.", subject="address", hint="`digest subscribers list` shows all.")
    return found


def _told(args: argparse.Namespace, ok: bool, done: str, otherwise: str) -> int:
    if args.json:
        say_json({"ok": ok, "message": done if ok else otherwise})
    else:
        say(f"Done: {done}." if ok else otherwise)
    return DONE if ok else FAILED
