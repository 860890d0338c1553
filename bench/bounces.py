"""How well returned mails are read: by mail system, with that system's own wordings left out, and beside a peer.

The folder holds mails named SYSTEM-NUMBER.eml and EXPECTED.csv (file, hardbounce). "Left out" means: every wording that
only mails of the left-out systems support is struck from the table before those are read, as if nobody had seen
them. What no mail supports (it was known from elsewhere) and the status codes of RFC 3463 stay. The rules that take a
mail apart cannot be left out so; for those the figure is in-sample.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import statistics
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from digest import bounce_reasons, bounces
from digest.bounce_wordings import WORDINGS

FOLDS: Final = 3
SHUFFLES: Final = 5
_PEER: Final = """
import email, json, sys
from flufl.bounce import all_failures
for name in sys.argv[1:]:
    with open(name, "rb") as handle:
        temporary, permanent = all_failures(email.message_from_binary_file(handle))
    print(json.dumps([bool(temporary or permanent), bool(permanent)]))
"""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail of the set: its system, its bytes, and whether its address is dead for good."""

    name: str
    system: str
    data: bytes
    hard: bool


@dataclass(slots=True)
class Score:
    """Counts over some mails."""

    n: int = 0
    addressed: int = 0
    kind_right: int = 0
    left_out_right: int = 0


def load(folder: Path) -> list[Mail]:
    """Read the set; of a mail with several expected rows the first counts."""
    expected: dict[str, bool] = {}
    with (folder / "EXPECTED.csv").open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            expected.setdefault(row["file"], row["hardbounce"] == "1")
    return [
        Mail(name, re.sub(r"-\d+\.eml$", "", name), (folder / name).read_bytes(), hard)
        for name, hard in sorted(expected.items())
        if (folder / name).exists()
    ]


def texts_of(mails: Sequence[Mail]) -> dict[str, list[str]]:
    """What the table of wordings was asked about, by system."""
    asked: defaultdict[str, list[str]] = defaultdict(list)
    usual = bounce_reasons.reason_of
    for mail in mails:

        def listening(text: str, status: str, context: str = "", declared: str = "", system: str = mail.system) -> str:
            asked[system].append(bounce_reasons.plain(text))
            return usual(text, status, context, declared)

        with replaced(bounces, "reason_of", listening):
            bounces.classify(mail.data)
    return asked


@contextmanager
def replaced(module: object, name: str, value: object) -> Iterator[None]:
    """Put something else in a module's place for a while: the table is a constant, and that is right for its users."""
    usual = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, usual)


def table_without(
    systems: Collection[str], support: Mapping[tuple[int, str], set[str]]
) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the table without the wordings that only these systems' mails support."""
    rows = []
    for at, (reason, wordings) in enumerate(WORDINGS):
        kept = [part for part in wordings if not support[at, part] or support[at, part] - set(systems)]
        if kept:
            rows.append((reason, re.compile("|".join(kept))))
    return tuple(rows)


def supports(texts: Mapping[str, Sequence[str]]) -> dict[tuple[int, str], set[str]]:
    """Which systems' mails each wording of the table matches."""
    found: dict[tuple[int, str], set[str]] = {}
    for at, (_, wordings) in enumerate(WORDINGS):
        for part in wordings:
            compiled = re.compile(part)
            found[at, part] = {name for name, asked in texts.items() if any(map(compiled.search, asked))}
    return found


def right(mail: Mail) -> bool:
    """Whether hard or not is said right of a mail."""
    return (bounces.classify(mail.data).kind == "hard") == mail.hard


def score(mails: Sequence[Mail]) -> dict[str, Score]:
    """Score every system, each with itself left out."""
    support = supports(texts_of(mails))
    scores: defaultdict[str, Score] = defaultdict(Score)
    for mail in mails:
        mine = scores[mail.system]
        mine.n += 1
        mine.addressed += bool(bounces.classify(mail.data).address)
        mine.kind_right += right(mail)
    for system, mine in scores.items():
        with replaced(bounce_reasons, "_TABLE", table_without({system}, support)):
            mine.left_out_right = sum(right(mail) for mail in mails if mail.system == system)
    return dict(scores)


def folds(mails: Sequence[Mail], seed: int | None = None) -> list[float]:
    """Leave out a third of the systems at once, in turn.

    Without a seed large and small ones are dealt out evenly; with one they are dealt out as they come after shuffling.
    """
    support = supports(texts_of(mails))
    sizes = Counter(mail.system for mail in mails)
    ordered = sorted(sizes, key=lambda name: (-sizes[name], name))
    if seed is not None:
        random.Random(seed).shuffle(ordered)  # noqa: S311 - deals systems out
    shares = []
    for fold in range(FOLDS):
        out = set(ordered[fold::FOLDS])
        theirs = [mail for mail in mails if mail.system in out]
        if theirs:
            with replaced(bounce_reasons, "_TABLE", table_without(out, support)):
                shares.append(sum(map(right, theirs)) / len(theirs))
    return shares


def peer(python: str, folder: Path, mails: Sequence[Mail]) -> dict[str, float]:
    """What flufl.bounce, installed for another Python, says of the same mails."""
    names = [str(folder / mail.name) for mail in mails]
    said = subprocess.run([python, "-c", _PEER, *names], capture_output=True, text=True, check=True).stdout.split("\n")
    found = [json.loads(line) for line in said if line]
    soft = [permanent for (_, permanent), mail in zip(found, mails, strict=True) if not mail.hard]
    return {
        "addressed": sum(any_address for any_address, _ in found) / len(found),
        "kind_right": sum(permanent == mail.hard for (_, permanent), mail in zip(found, mails, strict=True))
        / len(found),
        "soft_called_permanent": sum(soft) / len(soft),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="how well returned mails are read, by mail system")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peer", default="", metavar="PYTHON", help="a Python that has flufl.bounce")
    args = parser.parse_args(argv)
    mails = load(args.folder)
    scores = score(mails)
    print("| system | mails | address found | hard or soft right | right with it left out |\n|---|---|---|---|---|")
    for system, mine in sorted(scores.items(), key=lambda item: (-item[1].n, item[0])):
        print(f"| {system} | {mine.n} | {mine.addressed} | {mine.kind_right} | {mine.left_out_right} |")
    n = len(mails)
    found, kind, left = (
        sum(getattr(mine, name) for mine in scores.values()) / n
        for name in ("addressed", "kind_right", "left_out_right")
    )
    print(f"| **all** | {n} | {found:.1%} | {kind:.1%} | {left:.1%} |")
    soft = [mail for mail in mails if not mail.hard]
    called_hard = sum(not right(mail) for mail in soft) / len(soft) if soft else 0.0
    print(f"soft ones called hard: {called_hard:.1%}")
    print("a third of the systems left out at once: " + ", ".join(f"{share:.1%}" for share in folds(mails)))
    shuffled = [share for seed in range(SHUFFLES) for share in folds(mails, seed)]
    if shuffled:
        mean, least, most = statistics.mean(shuffled), min(shuffled), max(shuffled)
        print(f"the same, {SHUFFLES} shufflings: {mean:.1%} on average, {least:.1%} to {most:.1%}")
    with replaced(bounce_reasons, "_TABLE", ()):
        print(f"without any wording (statuses, and what is said of whom): {sum(map(right, mails)) / n:.1%}")
    if args.peer:
        print(
            "flufl.bounce: "
            + ", ".join(f"{name} {share:.1%}" for name, share in peer(args.peer, args.folder, mails).items())
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
