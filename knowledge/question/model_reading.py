"""The model a text asks about: an id where the catalogue has it, else the words it was named with.

Chooses among the names the index found, joins sizes that stand apart ("the 27b qwen 3.6"), and keeps a name the
catalogue lacks as words: a wrong neighbour is never taken for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from knowledge import linear
from knowledge.linear import Match
from knowledge.question import spans
from knowledge.question.model_names import shortest_key
from knowledge.question.tails import other_words, tail
from knowledge.question.text import normalise, squash

if TYPE_CHECKING:
    from knowledge.question.names import NameIndex, NameMatch

_LONE_SIZE = linear.compile(
    r"(?:^|[^\w.$€£])\+?(\d{1,4}(?:\.\d{1,2})?)[ -]?(?:b|billion|milliarden)(?:\b|_|[^\x00-\x7f])"
)
_TAIL_CONTEXT = linear.compile(r"[-_ ](\d{1,4})k(?:[-_. ]|$)")
_LOOKS_LIKE_MODEL = linear.compile(
    r"(?:^|[\s(/\"'：:，,])([a-z][a-z0-9.]*(?:[-_][a-z0-9.]+)*[-_ ]?\d{0,2}[-_]\d{1,4}(?:\.\d+)?b(?:[-_][a-z0-9.]+)*)\b"
)
_GATE_BEFORE = linear.compile(
    r"(?:\b(?:run|running|runs|load|loading|use|using|try|serve|host|deploy|for|is|of|with)\b|跑|运行"
    r"|部署) ?(?:a |the |my )?$"
)
_ASKED_BEFORE = linear.compile(r"(?:^|\b)(?:will|would|does|could|can|is|läuft) (?:a |the |my )?$")
_GATE_BEHIND = linear.compile(r"^ (?:run|runs|fit|fits|load|work|works|ok|usable|possible|on|auf)\b")


@dataclass(frozen=True, slots=True)
class ModelReading:
    """What was read: id, words, ids that may be meant where it stayed open, stretches of text, context in the name.

    `guessed` says that a misspelt word was put right to get there.
    """

    id: str | None = None
    words: str | None = None
    choices: tuple[str, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()
    named_ctx: int | None = None
    guessed: bool = False


def read_model(
    text: str, matches: list[NameMatch], index: NameIndex, *, others: Sequence[NameMatch] = ()
) -> ModelReading:
    """The model asked about. `matches` are the model names found in `text` (in normal form, engines blanked).

    `others` are names that another model of the text has, and whose sizes are not this one's.
    """
    clear = [match for match in matches if not match.entry.gated]
    usable = clear or [match for match in matches if _said_as_model(text, match)]
    stretches = tuple((match.start, match.end) for match in usable)
    if not usable:
        return _unnamed(text)
    best = next((match for match in usable if not match.entry.series), usable[0])
    apart = [match for match in (*matches, *others) if match is not best and text[best.end : match.start] != "-"]
    alone = _without([(match.start, match.end) for match in apart], text)
    reading = _series(alone, best, index) if best.entry.series else _single(alone, best, index)
    named = _TAIL_CONTEXT.search(_tail(text, best.start, best.end) + " ")
    ctx = int(named.group(1)) * 1024 if named else None
    extra = () if reading.spans == () else reading.spans
    return ModelReading(reading.id, reading.words, reading.choices, stretches + extra, ctx)


def _said_as_model(text: str, match: NameMatch) -> bool:
    """Whether a word that also means other things stands where a model's name would: "run K2", "will K2 fit"."""
    before = text[max(0, match.start - 24) : match.start]
    behind = text[match.end : match.end + 12]
    asked = _ASKED_BEFORE.search(before) is not None and _GATE_BEHIND.search(behind) is not None
    return asked or _GATE_BEFORE.search(before) is not None


def _without(stretches: list[tuple[int, int]], text: str) -> str:
    """`text` without the names of other models, whose sizes are their own: "R1 vs QwQ 32B" asks about no R1 of 32B."""
    for start, end in stretches:
        text = text[:start] + "\x01" * (end - start) + text[end:]
    return text


def _tail(text: str, start: int, end: int) -> str:
    """The name's words and what hangs on them: `llama-2-7b` and `-32k-instruct-gptq`."""
    return text[start:end] + tail(text, end)


def _single(text: str, match: NameMatch, index: NameIndex) -> ModelReading:
    """One model's name; a size right behind it that is not that model's makes it another, unknown one.

    So do words hanging on it that belong to no quantisation or tuning: `llama-3-8b-lexi` is not `llama-3-8b`, though it
    is laid out alike, which is why that one stays the only choice.
    """
    model = index.models[match.entry.ids[0]]
    rest = text[match.end : match.end + 24]
    words = text[match.start : match.end]
    foreign = other_words(text, match.end, index.models, match.entry.ids)
    if foreign:
        return ModelReading(None, words + foreign, (model.id,))
    if spans.contradicts(model, match.key, rest):
        size = spans.stated_size(rest)
        other = index.model_entry(squash(f"{words} {size:g}b"))
        if other is not None and not other.series:
            return ModelReading(other.ids[0], words)
        return _sized(index, words, size or 0.0, f"{words} {size:g}b", ())
    bare = None if spans.has_size(match.key) else _bare_size(match, words, rest, index)
    if bare is not None:
        return bare
    listed = _largest_of_list(text, match, index)
    if listed is not None:
        return listed
    apart = _size_apart(text, match)
    if apart is not None and not spans.has_size(match.key):
        reading = _with_size_apart(match, words, apart, index)
        if reading is not None:
            return reading
    versions = _versions_of(model.id, words, index)
    if versions:
        return ModelReading(versions[0], words, versions)
    rivals = [id_ for id_ in match.entry.rivals if _differs(index, model.id, id_)]
    return ModelReading(model.id, words, (model.id, *rivals) if rivals else ())


_BARE_NAME = linear.compile(r"^([a-z]{2,}?)[ \-_:]{0,2}(\d{1,4}(?:\.\d{1,2})?)b$")


def _versions_of(id_: str, words: str, index: NameIndex) -> tuple[str, ...]:
    """The versions of a family whose first had no number, most used first, where there are later ones.

    "qwen 14b" may be Qwen 14B, Qwen2.5 14B or Qwen3 14B; empty where a name has but one meaning.
    """
    bare = _BARE_NAME.match(words)
    if bare is None:
        return ()
    family, size = bare.groups()
    entries = (index.model_entry(squash(f"{family} {version} {size}b")) for version in _VERSIONS)
    found = {entry.ids[0]: None for entry in entries if entry is not None and not entry.series and not entry.gated}
    found.pop(id_, None)
    return tuple(sorted((id_, *found), key=lambda one: -index.models[one].downloads)) if found else ()


_VERSIONS = tuple(f"{tenths / 10:g}" for tenths in range(10, 60))
"""What a later version of a family may be called."""


def _differs(index: NameIndex, first: str, other: str) -> bool:
    """Whether two models need different answers: their sizes are not nearly the same."""
    a, b = index.models[first].params_total, index.models[other].params_total
    return a is None or b is None or abs(a - b) > 0.03 * a


def _series(text: str, match: NameMatch, index: NameIndex) -> ModelReading:
    """A series' name; with a size said elsewhere it may be one model, else all of the series are choices."""
    words = text[match.start : match.end]
    rest = text[match.end : match.end + 24]
    size = spans.stated_size(rest)
    if size is not None:
        stated = _STATED.match(rest)
        return _sized(index, words, size, words + (stated.group(1) if stated else f" {size:g}b"), ())
    bare = _bare_size(match, words, rest, index)
    if bare is not None:
        return bare
    apart = _size_apart(text, match)
    if apart is not None:
        found = _with_size_apart(match, words, apart, index)
        value = apart.group(1)
        return found or _sized(index, words, float(value), f"{words} {value}b", (_size_span(apart),))
    ids = match.entry.ids
    first = shortest_key(index.models[ids[0]])
    if all(shortest_key(index.models[id_]) == first for id_ in ids[1:]):
        foreign = other_words(text, match.end, index.models, ids)
        return ModelReading(None, words + foreign, ids[:1]) if foreign else ModelReading(ids[0], words)
    return ModelReading(None, words, ids)


def _largest_of_list(text: str, match: NameMatch, index: NameIndex) -> ModelReading | None:
    """Of "Llama 2 7B 13B 70B" the largest, which answers for all, the others as choices; None for a single size."""
    more = _MORE_SIZES.match(text[match.end : match.end + 40])
    first = _LAST_SIZE.search(text[match.start : match.end])
    if more is None or first is None:
        return None
    stem = text[match.start : match.start + first.start()].rstrip(" -_:")
    sizes = [first.group(1), *_EACH_SIZE.findall(more.group())]
    found = []
    for size in sorted(sizes, key=float, reverse=True):
        entry = index.model_entry(squash(f"{stem} {size}b"))
        if entry is not None and not entry.series and entry.ids[0] not in found:
            found.append(entry.ids[0])
    if len(found) < 2:
        return None
    span = (match.end, match.end + more.end())
    return ModelReading(found[0], f"{stem} {max(sizes, key=float)}b", tuple(found), (span,))


_MORE_SIZES = linear.compile(r"^(?:[ ,/&+]{1,3}(?:and |or |und |和)?\d{1,4}(?:\.\d+)?b\b)+")
_LAST_SIZE = linear.compile(r"(\d{1,4}(?:\.\d+)?)b$")
_EACH_SIZE = linear.compile(r"(\d{1,4}(?:\.\d+)?)b")


def _size_apart(text: str, match: NameMatch) -> Match | None:
    """The one size said elsewhere in the text ("the 27b of qwen 3.6"), None where none or several are."""
    lone = [found for found in _LONE_SIZE.finditer(text) if found.end() <= match.start or found.start() >= match.end]
    return lone[0] if len({found.group(1) for found in lone}) == 1 else None


def _with_size_apart(match: NameMatch, words: str, apart: Match, index: NameIndex) -> ModelReading | None:
    """The model of a name and a size said elsewhere, where the two together are a catalogue name."""
    value = apart.group(1)
    entry = index.model_entry(squash(normalise(f"{words} {value}b")))
    if entry is None or entry.series or entry.ids[0] == match.entry.ids[0]:
        return None
    return ModelReading(entry.ids[0], f"{words} {value}b", (), (_size_span(apart),))


_BARE_SIZE = linear.compile(r"^ (\d{2,3})(?: [^\d ]|[?!.,;:)]|$)")
_OTHER_NUMBER = linear.compile(
    r"^ \d{2,3} ?(?:tok\w*|t/s|gb?\b|gi|k\b|layers?|gpus?|cards?|times|years?|days?|bits?|percent|%|billion|users?)"
)


def _bare_size(match: NameMatch, words: str, rest: str, index: NameIndex) -> ModelReading | None:
    """The model of a series whose size stands behind it without its "b": "gpt oss 120"; None for any other number."""
    found = _BARE_SIZE.match(rest)
    if found is None or _OTHER_NUMBER.match(rest):
        return None
    words = f"{words} {found[1]}b"
    entry = index.model_entry(squash(normalise(words)))
    if entry is None or entry.series:
        return None
    span = (match.end + 1, match.end + 1 + len(found[1]))
    return ModelReading(entry.ids[0], words, tuple(entry.rivals and (entry.ids[0], *entry.rivals)), (span,))


_STATED = linear.compile(r"^([ \-_:]{0,2}\d+(?:\.\d+)? ?b)\b")


def _sized(index: NameIndex, name: str, size: float, words: str, taken: tuple[tuple[int, int], ...]) -> ModelReading:
    """A name and a size that are no catalogue name together: models with those words and that size, if there are any.

    Where all of them are one model in several tunings it is taken; else they are choices.
    """
    fitting = []
    said = spans.number_words(name)
    for id_, _ in index.complete("model", name, _MOST_MEMBERS):
        total = index.models[id_].params_total
        if not total or abs(total - size * 1e9) > 0.06 * total or "abliterated" in id_:
            continue
        if said <= {*spans.number_words(id_), f"{size:g}"}:
            fitting.append(id_)
    bare = {shortest_key(index.models[id_]) for id_ in fitting}
    if len(bare) != 1:
        return ModelReading(None, words, _one_of_each(fitting, size, index), taken)
    key = bare.pop()
    entry = index.model_entry(key)
    best = entry.ids[0] if entry is not None and entry.ids[0] in fitting else fitting[0]
    if set(spans.numbers(key)) <= set(spans.numbers(squash(words))):
        return ModelReading(best, words, (), taken)
    return ModelReading(None, words, (best,), taken)


def _one_of_each(ids: Sequence[str], size: float, index: NameIndex) -> tuple[str, ...]:
    """Of models of about one size each version once, in its usual tuning; its makers' own before others' tunings."""
    models = index.models
    own = [id_ for id_ in ids if (base := models.get(models[id_].base_id or "")) is None or base.org == models[id_].org]
    exact = [id_ for id_ in ids if f"{size:g}b" in squash(normalise(models[id_].name))]
    versions: dict[str, str] = {}
    for id_ in [id_ for id_ in own if id_ in exact] or exact or own or ids:
        key = shortest_key(models[id_])
        entry = index.model_entry(key)
        versions.setdefault(key, entry.ids[0] if entry is not None and entry.ids[0] in ids else id_)
    return tuple(versions.values())


_MOST_MEMBERS = 400


def _size_span(match: Match) -> tuple[int, int]:
    start, end = match.span(1)
    return start, end


def _unnamed(text: str) -> ModelReading:
    """No known name: something that looks like a model's file name, or a bare size ("a 70B")."""
    looks = _LOOKS_LIKE_MODEL.search(text)
    if looks:
        return ModelReading(None, looks.group(1), (), (looks.span(1),))
    other = _OTHER_FAMILY.search(text)
    if other:
        return ModelReading(None, other.group(1), (), (other.span(1),))
    found = list(_LONE_SIZE.finditer(text))
    if not found:
        return ModelReading()
    size = max(found, key=lambda m: float(m.group(1))) if _NEED.search(text) else found[0]
    words = f"{size.group(1)}B"
    return ModelReading(None, _ONLY_SIZE.get(words, words), (), tuple(_size_span(match) for match in found))


_OTHER_FAMILIES = (
    "alpaca airoboros guanaco wizardlm wizardcoder wizardmath vicuna pygmalion mpt bloomz? gpt[-_ ]?j "
    "gpt[-_ ]?neox? oasst open[-_ ]?assistant redpajama chatglm\\d? xwin(?:-lm)? samantha mythomax "
    "mythalion manticore tigerbot xverse euryale lzlv miqu midnight[-_ ]miqu stable[-_ ]?lm stable[-_ "
    "]?vicuna hermes orca platypus dbrx musicgen florence stable[-_ ]diffusion sd[-_ ]?1\\.5 hunyuan[-_ "
    "]?video animatediff kandinsky pixart cogvideo\\w* idefics xtts "
)
_OTHER_FAMILY = linear.compile(
    rf"\b((?:{'|'.join(_OTHER_FAMILIES.split())})"
    r"(?:[- ]?v?\d(?:\.\d)?(?:-|\b))?(?:[- ]?\d{1,3}(?:\.\d+)?b\b)?)(?:\b|[^\x00-\x7f])"
)
"""Families people ask about that the catalogue does not have: the words are kept, so that the answer can say so."""

_NEED = linear.compile(r"requirement|\bwould the\b|需要")
_ONLY_SIZE = {"65B": "LLaMA 65B"}
"""Sizes only one family was ever published in."""
