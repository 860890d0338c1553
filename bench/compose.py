"""How long an issue takes: 20,000 made-up entries composed and set, readers' own parts, thousands of machines.

Composing is of one core, from entries in memory to HTML, text and pictures. "own" is what one more reader costs when
the part for the machine is in memory: the whole unsigned mail spliced together. "machines" are distinct ones, each
asked about every model. Times are of the processor. Nothing is asserted here; the test asserts wide bounds.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from bench.digest_rank import month_of
from digest.compose import Material, context_of, issue_of
from digest.context import Context
from digest.drafts import files_of, fitted
from digest.fits import Fits, Rig
from digest.message import Identity, MailTemplate, Reader, encoded
from digest.personal import RigParts
from digest.reach import verdicts
from digest.render import Rendered
from digest.settings import Settings
from digest.sources import Source
from digest.told import Told
from knowledge.answers import Answers
from knowledge.catalog import Model
from knowledge.content_loader import load_knowledge
from knowledge.estimator.request import DeviceAsk
from knowledge.store.digest_rows import EntryRow
from knowledge.store.subscriber_rows import SavedRig

MONTH = "2026-04"
NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
RAM_GIB = (8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0, 96.0, 128.0, 192.0, 256.0, 384.0, 512.0)
_KINDS = {"model_listing": "json_api", "github_release": "github_atom", "blog": "rss", "discussion": "rss"}


def stored(told: Sequence[Told], month: str = MONTH) -> tuple[list[EntryRow], dict[str, Source]]:
    """Return a month's entries as they are stored, and the sources they came from."""
    sources: dict[str, Source] = {}
    rows = []
    for number, one in enumerate(told):
        if one.source not in sources:
            sources[one.source] = Source(
                id=one.source,
                kind=_KINDS[one.kind],
                name=one.source,
                url=f"https://example.org/api?author={one.source.partition(':')[2]}"
                if one.org
                else "https://example.org/",
                category="model",
                role="community" if one.kind == "discussion" else "maker",
                evidence="made up",
            )
        published = datetime.fromisoformat(one.published[:10]).replace(tzinfo=UTC) if one.published else None
        rows.append(
            EntryRow(
                source_id=one.source,
                entry_key=str(number),
                title=one.title,
                url=one.url,
                content_hash="",
                month=month,
                summary=one.summary,
                votes=one.votes,
                published_at=published,
            )
        )
    return rows, sources


def machines(answers: Answers, count: int) -> list[Rig]:
    """Return `count` distinct machines: every device that has memory, with more and more RAM."""
    devices = [device for device in answers.knowledge.devices.values() if device.memory_bytes and device.kind == "gpu"]
    made: list[Rig] = []
    for extra in range(64):
        for ram_gib in RAM_GIB:
            for device in devices:
                if len(made) == count:
                    return made
                asks = (DeviceAsk(device=device),)
                made.append(
                    Rig(name=f"{device.id}/{ram_gib}/{extra}", short="", devices=asks, ram_gib=ram_gib + extra / 64)
                )
    return made


def measure(n_entries: int, n_machines: int, n_models: int) -> dict[str, float]:
    """Return all figures: seconds for the issue, microseconds a reader, seconds for the machines."""
    answers, settings = Answers(load_knowledge()), Settings.from_env({})
    entries, sources = stored(month_of(n_entries))
    start = time.process_time()
    context = context_of(MONTH, answers=answers, material=Material(entries=entries, sources=sources))
    composed = time.process_time()
    issue, rendered = fitted(issue_of(context), settings)
    set_in_type = time.process_time()
    files_of(issue)
    drawn = time.process_time()
    return {
        "entries": n_entries,
        "compose_s": round(composed - start, 2),
        "render_s": round(set_in_type - composed, 2),
        "charts_s": round(drawn - set_in_type, 2),
        "issue_s": round(drawn - start, 2),
        **_own_parts(context, rendered, answers, settings),
        **_machines(answers, n_machines, n_models),
    }


def _own_parts(context: Context, rendered: Rendered, answers: Answers, settings: Settings) -> dict[str, float]:
    parts = RigParts(MONTH, context.offers(), context.history, answers, settings)
    names = ("RTX 3060 12GB", "RTX 4090", "RTX 3090", "M4 Max 64GB", "RX 7900 XTX")
    parts(SavedRig(name=names[0]))
    start = time.process_time()
    made = {name: parts(SavedRig(name=name)) for name in names}
    made_s = time.process_time() - start
    kept = {name: (encoded(html), encoded(text)) for name, (html, text) in made.items()}
    identity = Identity(
        from_address="d@example.org", from_name="D", list_id="d.example.org", archive_url="https://e", domain="e.org"
    )
    template = MailTemplate(subject=rendered.subject, html=rendered.html, text=rendered.text, identity=identity)
    rounds = 2000
    start = time.process_time()
    for number in range(rounds):
        html, text = kept[names[number % len(names)]]
        reader = Reader(
            address=f"r{number}@example.org",
            message_id=f"{number}@e.org",
            unsubscribe_url=f"https://e.org/u/{number}",
            preferences_url=f"https://e.org/p/{number}",
            rig_html=html,
            rig_text=text,
        )
        template.compose(reader, now=NOW)
    own_us = (time.process_time() - start) / rounds * 1e6
    return {"part_made_ms": round(made_s / len(names) * 1e3, 1), "own_from_cache_us": round(own_us, 1)}


def _machines(answers: Answers, n_machines: int, n_models: int) -> dict[str, float]:
    known = sorted(
        (model for model in answers.knowledge.models.values() if _is_asked(model)), key=lambda m: (-m.downloads, m.id)
    )
    start = time.process_time()
    fits = Fits(answers).compiled(known[:n_models])
    compiled_s = time.process_time() - start
    rigs = machines(answers, n_machines)
    assert fits.cells is not None
    verdicts(fits.cells, rigs[:10])
    start = time.process_time()
    verdicts(fits.cells, rigs)
    return {
        "machines": len(rigs),
        "models": len(fits.cells.models),
        "compiled_s": round(compiled_s, 2),
        "machines_s": round(time.process_time() - start, 2),
    }


def _is_asked(model: Model) -> bool:
    return model.shape is not None and model.shape.n_ctx_train >= 8192 and model.kind in {"chat", "vlm", "code"}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=20_000)
    parser.add_argument("--machines", type=int, default=10_000)
    parser.add_argument("--models", type=int, default=200)
    args = parser.parse_args()
    print(json.dumps(measure(args.entries, args.machines, args.models)))


if __name__ == "__main__":
    main()
