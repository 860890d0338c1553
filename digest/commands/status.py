"""`digest status`: how every source stands, what is stored, which issues exist. It fetches nothing."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from digest.commands.output import DONE, FAILED, say, say_json
from digest.commands.stores import open_store
from digest.dates import iso
from digest.health import Complaint, complaints, usual_gap
from digest.settings import SOURCES_DIR
from digest.sources import Source, load_sources
from knowledge.store.digest_rows import SourceRow

_FIGURES: Final = (
    "last_status",
    "failure_count",
    "n_entries_last",
    "n_entries_new",
    "n_fetches",
    "n_not_modified",
    "n_bytes_total",
)
_MOMENTS: Final = ("last_fetched_at", "last_success_at", "last_entry_at", "next_fetch_at", "not_before_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One source and how it stands."""

    source: Source
    state: SourceRow | None
    found: Sequence[Complaint]
    usual: timedelta | None

    @property
    def alarm(self) -> bool:
        return any(complaint.alarm for complaint in self.found)

    @property
    def mark(self) -> str:
        if self.state is None or self.state.last_fetched_at is None:
            return "-"
        return "ALARM" if self.alarm else "note" if self.found else "ok"


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    command = commands.add_parser("status", help="how the sources stand, what is stored")
    command.add_argument("--sources", type=Path, default=SOURCES_DIR, metavar="DIR", help="folder of source files")
    command.add_argument("--alarms", action="store_true", help="only the sources that alarm")
    command.add_argument("--json", action="store_true", help="one JSON document")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the status; exit 1 where a source alarms."""
    sources, store, now = load_sources(args.sources), open_store(), datetime.now(UTC)
    states, dates = store.sources(), store.entry_dates()
    lines = [_line(source, states.get(source.id), dates.get(source.id, ()), now) for source in sources]
    shown = [line for line in lines if line.alarm or not args.alarms]
    months, issues = store.counts(), store.issues()
    if args.json:
        say_json(
            {
                "ok": not any(line.alarm for line in lines),
                "n_alarms": sum(line.alarm for line in lines),
                "sources": [_as_json(line) for line in shown],
                "entries_by_month": {month or "undated": count for month, count in sorted(months.items())},
                "issues": [{"month": month, "status": status} for month, status in issues],
            }
        )
    else:
        _print_table(shown, now)
        _print_totals(lines)
        say(f"{sum(months.values())} entries stored.")
        for month, status in issues:
            say(f"  issue {month}: {status}")
    return FAILED if any(line.alarm for line in lines) else DONE


def _line(source: Source, state: SourceRow | None, dates: Sequence[datetime], now: datetime) -> _Line:
    return _Line(
        source=source,
        state=state,
        found=complaints(source, state, dates, now),
        usual=usual_gap(dates) or source.usual_gap,
    )


def _as_json(line: _Line) -> dict[str, object]:
    source, state = line.source, line.state
    data: dict[str, object] = {
        "source": source.id,
        "kind": source.kind,
        "url": source.url,
        "cadence": source.cadence,
        "ok": not line.found,
        "alarm": line.alarm,
        "alarms": [complaint.code for complaint in line.found if complaint.alarm],
        "complaints": [complaint.words for complaint in line.found],
        "usual_gap_days": None if line.usual is None else round(line.usual.total_seconds() / 86400, 2),
    }
    if state is None:
        return data
    data |= {name: getattr(state, name) for name in _FIGURES}
    data |= {name: iso(moment) if (moment := getattr(state, name)) is not None else None for name in _MOMENTS}
    return data | {"url_in_use": state.url, "interval_s": state.interval_s, "last_error": state.last_error}


def _print_table(lines: Sequence[_Line], now: datetime) -> None:
    width = max((len(line.source.id) for line in lines), default=6)
    heads = f"{'asked':>6}  {'next':>6}  {'newest':>6}  {'shows':>5}"
    say(f"{'':5}  {'source':{width}}  {'kind':11}  {'cadence':15}  {heads}")
    for line in lines:
        state = line.state
        seen = state is not None and state.last_fetched_at is not None
        words = "; ".join(complaint.words for complaint in line.found) if seen else ""
        say(
            f"{line.mark:5}  {line.source.id:{width}}  {line.source.kind:11}  {line.source.cadence:15}  "
            f"{_ago(state.last_fetched_at if state else None, now):>6}  "
            f"{_ago(_next(state), now, ahead=True):>6}  {_ago(state.last_entry_at if state else None, now):>6}  "
            f"{state.n_entries_last if state and seen else '':>5}  {words}".rstrip()
        )


def _print_totals(lines: Sequence[_Line]) -> None:
    marks = [line.mark for line in lines]
    say(
        f"{len(lines)} sources: {marks.count('ok')} well, {marks.count('note')} with a note, "
        f"{marks.count('ALARM')} alarming, {marks.count('-')} never fetched."
    )


def _next(state: SourceRow | None) -> datetime | None:
    moments = [moment for moment in (state.next_fetch_at, state.not_before_at) if moment] if state else []
    return max(moments, default=None)


def _ago(moment: datetime | None, now: datetime, *, ahead: bool = False) -> str:
    """Return a distance in its largest unit: `3 d`, `5 h`, `12 min`."""
    if moment is None:
        return ""
    minutes = max(0, round(((moment - now) if ahead else (now - moment)).total_seconds() / 60))
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"
