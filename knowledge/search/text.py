"""Turns what people type into the stems and concepts that the matchers compare. No scoring, no knowledge of entries.

Stemming is crude on purpose: both sides of every comparison go through it, so it has to be consistent, not correct.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from knowledge.search.foreign_lexicon import FOREIGN_CONCEPTS, FOREIGN_STOP_WORDS
from knowledge.search.lexicon import CONCEPTS, STOP_WORDS

_ACCENTED: Final = "àáâãäåçèéêëìíîïñòóôõöùúûüýÿčďěğńřśšťůźżžßёйąćęłışőűșț"
_PLAIN: Final = "aaaaaaceeeeiiiinooooouuuuyycdegnrsstuzzzsеиacelisoust"
_FOLD: Final = str.maketrans(_ACCENTED, _PLAIN)
UNSPACED: Final = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""The scripts that are written without spaces, or with endings stuck to the words, as a range for patterns."""
_WORD: Final = re.compile(rf"@?[a-z0-9_+#.\-]*[a-z0-9_+#]|[а-я]+|[{UNSPACED}]+")
_APOSTROPHE: Final = re.compile(r"(?<=[a-z])['’`´](?=[a-z])")
_UNSPACED: Final = re.compile(f"[{UNSPACED}]")
_SUFFIXES: Final = (
    *(("ization", "iz"), ("isation", "iz"), ("izing", "iz"), ("ising", "iz"), ("ized", "iz"), ("ised", "iz")),
    *(("ize", "iz"), ("ise", "iz"), ("ations", "at"), ("ation", "at"), ("ating", "at"), ("ated", "at"), ("ates", "at")),
    *(("ate", "at"), ("ies", "y"), ("ings", ""), ("ing", ""), ("edly", ""), ("ed", ""), ("ers", "er"), ("es", "")),
    *(("ly", ""), ("s", ""), ("e", "")),
)
_ENDINGS: Final = tuple(suffix for suffix, _ in _SUFFIXES)
MAX_TOKEN_CHARS: Final = 40
LITERAL: Final = "="
"""Begins the token of a word itself that stands beside the token of its concept."""


def fold(text: str) -> str:
    """`text` in lower case without the accents of European letters; as many characters as before."""
    lowered = text.lower()
    return lowered if lowered.isascii() else lowered.translate(_FOLD)


def words(text: str) -> list[str]:
    """Folded words of `text`, apostrophes gone, `num_ctx` and `llama.cpp` kept whole, unspaced scripts in runs."""
    plain = _APOSTROPHE.sub("", fold(text))
    return [word.strip(".-") for word in _WORD.findall(plain) if len(word) <= MAX_TOKEN_CHARS]


_STOP: Final = frozenset(words(f"{STOP_WORDS} {FOREIGN_STOP_WORDS}"))


def _tables() -> tuple[dict[str, str], dict[str, list[tuple[tuple[str, ...], str]]], dict[str, list[tuple[str, str]]]]:
    plain: dict[str, str] = {}
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    unspaced: dict[str, list[tuple[str, str]]] = {}
    for concept, ways in (*CONCEPTS.items(), *FOREIGN_CONCEPTS.items()):
        for way in ways.split("|"):
            parts = tuple(words(way))
            if _UNSPACED.search(way):
                run = fold(way).replace(" ", "")
                unspaced.setdefault(run[0], []).append((run, concept))
            elif len(parts) == 1:
                plain.setdefault(parts[0], concept)
            elif parts:
                phrases.setdefault(parts[0], []).append((parts, concept))
    for choices in phrases.values():
        choices.sort(key=lambda choice: -len(choice[0]))
    return plain, phrases, unspaced


_WORD_CONCEPTS, _PHRASE_CONCEPTS, _UNSPACED_CONCEPTS = _tables()


def _compound(word: str) -> tuple[str, ...]:
    """Split off the parts of a word written with dots, hyphens or underscores, besides the word itself."""
    parts = tuple(part for part in re.split(r"[._\-+#]", word) if part)
    return parts if len(parts) > 1 else ()


@lru_cache(maxsize=32768)
def stem(word: str) -> str:
    """`word` without its usual English ending; words with digits and short words stay as they are."""
    if len(word) < 4 or not word.endswith(_ENDINGS) or not word.isascii() or not word.isalpha():
        return word
    for suffix, replacement in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            root = word[: len(word) - len(suffix)] + replacement
            return root[:-1] if len(root) > 4 and root[-1] == root[-2] and root[-1] not in "sl" else root
    return word


def tokens(text: str) -> list[str]:
    """Stems and concepts of `text` in order, stop words left out; one concept token stands for a whole phrase."""
    return tokens_of(words(text))


def tokens_of(plain: list[str]) -> list[str]:
    """The same for words that `words` gave."""
    found: list[str] = []
    done = 0
    for at, word in enumerate(plain):
        if at < done:
            continue
        for parts, concept in _PHRASE_CONCEPTS.get(word, ()):
            if tuple(plain[at : at + len(parts)]) == parts:
                found.append(concept)
                done = at + len(parts)
                break
        else:
            found += _word_tokens(word)
    return found


@lru_cache(maxsize=32768)
def _word_tokens(word: str) -> tuple[str, ...]:
    """What a word stands for; remembered, because prose repeats its words and an index then holds each token once."""
    concept = _WORD_CONCEPTS.get(word)
    if concept:
        return (concept, LITERAL + stem(word))
    if word in _STOP or not word:
        return ()
    if not word.isascii():
        return tuple(_run_concepts(word)) or (word,)
    compound = [token for part in _compound(word) for token in _word_tokens(part)] if len(word) < 24 else []
    return (stem(word), *compound)


def forget_words() -> None:
    """Let go of what was remembered of words: an index, once built, has had all of its own; a question has few."""
    stem.cache_clear()
    _word_tokens.cache_clear()


def _run_concepts(run: str) -> list[str]:
    """The concepts whose ways of being said stand anywhere in a run of an unspaced script."""
    return list(
        dict.fromkeys(
            concept
            for at, char in enumerate(run)
            for way, concept in _UNSPACED_CONCEPTS.get(char, ())
            if run.startswith(way, at)
        )
    )
