"""`digest edit --month M KIND [TARGET]`: pin, hide, reword, move, note or correct; list edits and take them back."""

from __future__ import annotations

import argparse
import getpass
from typing import cast

from digest.commands.output import DONE, FAILED, say, say_json
from digest.edits import check_edit
from digest.months import check_month
from digest.outgoing import utc_now
from knowledge.settings import Settings as KnowledgeSettings
from knowledge.store.issue_rows import EDIT_KINDS, EditKind, EditRow
from knowledge.store.stores import open_stores


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    command = commands.add_parser("edit", help="change a draft, apart from what was collected")
    command.add_argument("--month", required=True, metavar="YYYY-MM")
    command.add_argument("kind", nargs="?", choices=(*EDIT_KINDS, "list", "drop"), default="list")
    command.add_argument("target", nargs="?", default="", help="key of an item or section as the preview names it")
    command.add_argument("--text", default="", help="new words, a note, a correction")
    command.add_argument("--place", type=int, default=None, metavar="N", help="where to move it, 1 is first")
    command.add_argument("--json", action="store_true", help="one JSON document")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make or take back an edit, then list them; exit 1 where there was none to take back."""
    month = check_month(args.month)
    issues = open_stores(KnowledgeSettings.from_env().database_url).issues
    code = DONE
    if args.kind == "drop":
        number = int(args.target) if args.target.isdigit() else 0
        code = DONE if issues.drop_edit(month, number, now=utc_now()) else FAILED
    elif args.kind != "list":
        check_edit(args.kind, args.target, args.text, args.place)
        kind = cast("EditKind", args.kind)
        issues.add_edit(month, kind, args.target, text=args.text, place=args.place, by=who(), now=utc_now())
    edits = issues.edits(month)
    if args.json:
        say_json({"ok": code == DONE, "month": month, "edits": [as_json(edit) for edit in edits]})
    else:
        for edit in edits:
            where = f" to place {edit.place}" if edit.place else ""
            say(f"{edit.id:5d}  {edit.kind:7s} {edit.target}{where}  {edit.text}".rstrip() + f"  ({edit.made_by})")
        say(f"{len(edits)} edits of {month}; `digest preview` shows what they change.")
    return code


def as_json(edit: EditRow) -> dict[str, object]:
    """Return an edit as data."""
    data: dict[str, object] = {
        "id": edit.id,
        "kind": edit.kind,
        "target": edit.target,
        "text": edit.text,
        "place": edit.place,
    }
    data |= {"made_by": edit.made_by, "made_at": edit.made_at.isoformat()}
    return data


def who() -> str:
    """Return the name of whoever sits at this machine."""
    try:
        return getpass.getuser()[:64]
    except (OSError, KeyError):
        return "operator"
