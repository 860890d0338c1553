"""Which of the names in a question are asked about, and which only set the scene or stand there by chance.

"mmap in llama.cpp" asks for mmap; "vllm vs llama.cpp" asks for both. The rules are one piece of evidence among others
for define.py; they know names and categories of terms, never their texts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from knowledge.catalog import Term
from knowledge.search.everyday import EVERYDAY_WORDS
from knowledge.search.lexicon import COMMON_NAMES
from knowledge.search.names import VERSUS_WORDS, NameHit, Word
from knowledge.search.pointing import after_preposition, compares, is_link, pointed_at
from knowledge.search.text import fold, stem

SETTING_CATEGORIES: Final = frozenset({"Runtimes & tools", "Model families"})
"""Terms of these kinds are usually where something happens, not what is asked about."""
SETTING_IDS: Final = frozenset(
    {"apple-silicon", "blackwell", "ada", "ampere", "turing", "pascal", "hopper", "rdna", "cdna", "intel-arc", "egpu"}
)
"""Chips are settings too: "P-cores on my M3" asks for P-cores."""
GENERIC_IDS: Final = frozenset(
    {"llm", "local-llm", "gpu", "token", "inference", "weights", "prompt", "vram", "system-ram", "attention"}
    | {"int4", "int8", "fp16", "layer"}
)
"""Terms that stand behind many others; they give way to any other term, unless both are compared."""
EVERYWHERE_IDS: Final = frozenset({"llm", "local-llm", "token", "inference", "prompt", "weights"})
"""Terms that stand in nearly every question here; they give way in any case."""
FORMAT_IDS: Final = frozenset({"int4", "int8", "fp16", "q8_0"})
"""Beside something else these only say which kind of it: "kv cache quantization q8 vs f16", "a 4 bit awq model"."""
UNIT_IDS: Final = frozenset({"gib", "tops", "tflops", "tokens-per-second", "token", "gpu"})
"""Behind a number these only say how much of something: "an NPU of 45 tops", "TP with 4 gpus"."""
MIN_PART_CHARS: Final = 5
"""A shorter piece of an identifier such as MAX_SEQUENCE_LENGTH is not a name."""
MAX_WORDS_ABOUT_A_WORD: Final = 6
MIN_POINTED_CHARS: Final = 4
"""A longer everyday word is a name where the question points at it: "what is an adapter"."""
KINDS_OF_TERMS: Final = frozenset({"sampler", "sampling", "penalty", "quant", "quants", "quantization", "attention"})
"""Behind a name of the same category these say what kind of thing it is."""
MIN_COMPANY_CHARS: Final = 3
"""A shorter word tells nothing in any company: "it" beside "fine-tuning" is no instruct model."""
PLATFORMS: Final = "Software platforms"
VERSUS: Final = re.compile(
    r"\b(?:vs\.?|versus|or|compared (?:to|with)|difference|differences|(?:\w+er|worse) than|"
    r"same (?:thing )?as|instead of|against)\b"
)
PRONOUNS: Final = frozenset({"it", "that", "this", "they", "one"})
_MARKED: Final = frozenset({"-", '"', "'", "`", "*"})
"""What stands before a word that is meant as a name."""
_PURPOSE: Final = re.compile(
    r"\bmatters? for\b|\bto (?:improve|increase|reduce|boost|speed up|save|lower|raise)\b|\bin terms of\b"
)
_ASKING_WORDS: Final = (
    "explain explained meaning mean means define definition stand purpose diff difference noob newbie dumb stupid "
    "dummies guys lol bruh quick sorry actually basically exactly anyway eli5 pls plz hell heck question "
    "understand confused wtf wat whats wut simple terms sert quoi significa bedeutet heißt wozu est que "
    "unterschied zwischen mais oder "
)
ASKING_STEMS: Final = frozenset(stem(fold(word)) for word in _ASKING_WORDS.split())
"""Words of asking, which say nothing about what is asked for."""
_SETTING_WORDS: Final = frozenset(
    {"in", "with", "on", "for", "using", "under", "from", "by", "inside", "of", "improve", "like", "to"}
)
_COMPARED: Final = (["compared"], ["versus"], ["same"])
ASKING: Final = re.compile(
    r"\b(?:what|whats|what's|wtf|explain|explained|explanation|meaning|means?|define|definition|purpose|stands? for|"
    r"eli5|how|why)\b|\?"
)


def is_setting(hit: NameHit, terms: Mapping[str, Term]) -> bool:
    """Whether the name is of a tool, a model family or a chip."""
    return all(terms[id_].category in SETTING_CATEGORIES or id_ in SETTING_IDS for id_ in hit.ids)


def is_generic(hit: NameHit) -> bool:
    """Whether the name is of a term that stands behind many others."""
    return all(id_ in GENERIC_IDS for id_ in hit.ids)


def asked_about(text: str, words: Sequence[Word], hits: Sequence[NameHit], terms: Mapping[str, Term]) -> list[NameHit]:
    """Leave out of `hits` what is only the setting of the question, and common words that are only words."""
    kept = [hit for hit in hits if not only_a_word(hit, hits, words, text) or in_company(hit, hits, terms)]
    others = [hit for hit in kept if not is_amount(hit, words)]
    if others and len(others) < len(kept):
        kept, hits = others, [hit for hit in hits if not is_amount(hit, words)]
    pointed = pointed_at(text, words, [hit for hit in hits if hit in kept or len(hit.text) >= MIN_POINTED_CHARS])
    if pointed:
        return _heads(text, words, pointed, kept, terms)
    compared_names = _compared_names(text, words, kept)
    if compared_names:
        return compared_names
    versus = bool(VERSUS.search(text.lower()))
    if not versus:
        kept = _without_settings(text, words, kept)
    purpose = _PURPOSE.search(text.lower())
    if purpose and any(words[hit.first].start < purpose.start() for hit in kept):
        kept = [hit for hit in kept if words[hit.first].start < purpose.start()]
    joined = _joined(text.lower(), words, kept, loose=False) if versus else []
    focus = [hit for hit in kept if not is_setting(hit, terms)]
    if not focus:
        return [hit for hit in kept if versus or not is_generic(hit)] or kept
    if any(not set(hit.ids) <= FORMAT_IDS and not is_compared(hit, words) for hit in focus):
        beside = [] if all(set(hit.ids) <= FORMAT_IDS for hit in joined) else joined
        focus = [hit for hit in focus if not set(hit.ids) <= FORMAT_IDS or hit in beside]
    setting = [hit for hit in kept if hit not in focus and not is_generic(hit)]
    compared = versus and not any(follows_setting_word(hit, words) for hit in setting)
    generic = [hit for hit in focus if is_generic(hit) and hit not in joined]
    if compared and setting:
        focus = [hit for hit in focus if not set(hit.ids) <= EVERYWHERE_IDS or hit in joined]
        generic = [hit for hit in generic if hit in focus]
    if len(generic) < len(focus):
        focus = [hit for hit in focus if hit not in generic or (versus and not set(hit.ids) <= EVERYWHERE_IDS)]
    sides = _sides(joined, focus)
    chosen = [hit for hit in kept if hit in focus or (hit in setting and (compared or hit in sides))]
    return [hit for n, hit in enumerate(chosen) if n == 0 or not _is_apposition(chosen[n - 1], hit, words, text, terms)]


def is_amount(hit: NameHit, words: Sequence[Word]) -> bool:
    """Whether a number stands before a unit."""
    return set(hit.ids) <= UNIT_IDS and hit.first > 0 and words[hit.first - 1].key.isdigit()


def _heads(
    text: str, words: Sequence[Word], pointed: Sequence[NameHit], kept: Sequence[NameHit], terms: Mapping[str, Term]
) -> list[NameHit]:
    """Of names pointed at, give the nouns: "vllm swap space" is a swap space, "awq quantization" is AWQ."""
    found: list[NameHit] = []
    for hit in pointed:
        following = next((other for other in kept if other.first == hit.last + 1), None)
        beside = following and text[words[hit.last].end : words[following.first].start] in {" ", "-"}
        head = following if following and beside and not is_generic(following) and _only_says_whose(hit, terms) else hit
        if head is hit and is_generic(hit):
            head = next((other for other in kept if _is_kind(other, hit, words, text)), hit)
        if head not in found and (head is not hit or not found or not _is_next(found[-1], hit, words, text)):
            found.append(head)
    return found


def _is_kind(one: NameHit, other: NameHit, words: Sequence[Word], text: str) -> bool:
    """Whether `one` stands right before `other` and says which kind of it: "cot prompting"."""
    return one.last + 1 == other.first and _is_next(one, other, words, text) and not is_generic(one)


def _is_next(one: NameHit, other: NameHit, words: Sequence[Word], text: str) -> bool:
    return text[words[one.last].end : words[other.first].start] == " "


def _only_says_whose(hit: NameHit, terms: Mapping[str, Term]) -> bool:
    return is_setting(hit, terms) or is_generic(hit) or all(terms[id_].category == PLATFORMS for id_ in hit.ids)


def _without_settings(text: str, words: Sequence[Word], kept: Sequence[NameHit]) -> list[NameHit]:
    """Drop what follows "in", "with", "for" and the like, where something else is named too."""
    lone = [hit for hit in kept if not is_generic(hit) and not after_preposition(text[: words[hit.first].start])]
    return [hit for hit in kept if hit in lone or is_generic(hit)] if lone else list(kept)


def _compared_names(text: str, words: Sequence[Word], kept: Sequence[NameHit]) -> list[NameHit]:
    """Names that are set against each other directly: "are X and Y the same", not "X with Y vs Z"."""
    low = text.lower()
    if not compares(low):
        return []
    joined = _joined(low, words, kept, loose=False) or _joined(low, words, kept, loose=True)
    if not joined or after_preposition(low[: words[joined[0].first].start]):
        return []
    formats = all(set(hit.ids) <= FORMAT_IDS for hit in joined)
    return [] if formats and len(joined) < len(kept) else joined


def _joined(low: str, words: Sequence[Word], kept: Sequence[NameHit], *, loose: bool) -> list[NameHit]:
    """Those of `kept` with nothing but "vs", "or", "and" between them: "inference or training"."""
    pairs = [(a, b) for a, b in pairwise(kept) if is_link(low[words[a.last].end : words[b.first].start], loose)]
    return list(dict.fromkeys(hit for pair in pairs for hit in pair))


def _sides(joined: Sequence[NameHit], focus: Sequence[NameHit]) -> list[NameHit]:
    """Those of `joined` set against one of `focus`: FlashInfer in "flashinfer or flash attention in vllm"."""
    return [hit for pair in pairwise(joined) if any(side in focus for side in pair) for hit in pair]


def _is_apposition(one: NameHit, other: NameHit, words: Sequence[Word], text: str, terms: Mapping[str, Term]) -> bool:
    """Whether `other` follows `one` at once and only says what that is: "yarn context extension", "xtc sampler"."""
    related = {id_ for known in one.ids for id_ in terms[known].related}
    kinds = {terms[id_].category for id_ in one.ids} == {terms[id_].category for id_ in other.ids}
    kind = kinds and other.first == other.last and words[other.first].key in KINDS_OF_TERMS
    return _is_next(one, other, words, text) and (kind or set(other.ids) <= related)


def follows_setting_word(hit: NameHit, words: Sequence[Word]) -> bool:
    """Whether "in", "with", "for" or the like stands before the name."""
    before = [word.key for word in words[max(hit.first - 2, 0) : hit.first]]
    return bool(set(before) & _SETTING_WORDS)


def is_compared(hit: NameHit, words: Sequence[Word]) -> bool:
    """Whether "vs", "or" or the like stands beside the name."""
    before = [word.key for word in words[max(hit.first - 2, 0) : hit.first]]
    after = [word.key for word in words[hit.last + 1 : hit.last + 3]]
    if (before and before[-1] in VERSUS_WORDS) or (after and after[0] in VERSUS_WORDS):
        return True
    return before[:1] in _COMPARED or before[-1:] == ["than"] or after[:1] in _COMPARED or after[-1:] == ["than"]


def in_company(hit: NameHit, hits: Sequence[NameHit], terms: Mapping[str, Term]) -> bool:
    """Whether another name is of a term that belongs to this one: a "router" beside "experts" is no network's."""
    if len(hit.text) < MIN_COMPANY_CHARS:
        return False
    near = {id_ for known in hit.ids for id_ in terms[known].related} - GENERIC_IDS
    return not is_generic(hit) and any(near & set(other.ids) for other in hits if other is not hit)


def stands_for_another(text: str, words: Sequence[Word], hit: NameHit) -> bool:
    """Whether a name such as "-it" stands there without its hyphen: then it is a word for something said before."""
    start = words[hit.first].start
    return hit.first == hit.last and words[hit.first].key in PRONOUNS and text[max(start - 1, 0) : start] not in _MARKED


def only_a_word(hit: NameHit, hits: Sequence[NameHit], words: Sequence[Word], text: str) -> bool:
    """Whether an everyday word or a letter or two stands there by chance rather than as a term's name."""
    key = "".join(word.key for word in words[hit.first : hit.last + 1])
    start, end = words[hit.first].start, words[hit.last].end
    written = text[start:end]
    if text[max(start - 1, 0) : start] == "_" or text[end : end + 1] == "_":
        return len(written) < MIN_PART_CHARS or key in COMMON_NAMES
    if (len(key) > 2 or not key.isascii()) and key not in COMMON_NAMES and key not in EVERYDAY_WORDS:
        return False
    if text[max(start - 1, 0) : start] == "-" and text[max(start - 2, 0) : start - 1] in {"", " ", "`"}:
        return False
    if written.isupper() and len(written) > 1:
        return False
    if is_compared(hit, words):
        return False
    others = [other for other in hits if other is not hit]
    return bool(others) or len(words) > MAX_WORDS_ABOUT_A_WORD or not ASKING.search(text.lower())
