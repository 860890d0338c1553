"""Says which error a pasted log or a description shows: `ErrorIndex.build(errors).diagnose(text)`.

Every class that a signature or the wording points to becomes a candidate with a handful of evidence features; a linear
model over them (weights.py) and a softmax that includes "none of these" turn them into calibrated probabilities. It
neither explains the error nor reads figures out of the log (oom.py does), and it never stores the text.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from knowledge.catalog import ErrorClass
from knowledge.search.prose import ProseIndex
from knowledge.search.redact import redact
from knowledge.search.signatures import Hit, SignatureSet, prepare
from knowledge.search.text import words
from knowledge.search.types import ErrorHit
from knowledge.search.weights import ERROR_WEIGHTS, NONE_SCORE, THRESHOLD

MAX_CHARS = 1_000_000
"""Of a longer text the first quarter and the last three quarters of this many characters are read."""
HEAD_BYTES = 300
PROSE_CHARS = 2400
MAX_PROSE_CANDIDATES = 24
MATCHED_CHARS = 160

_TOOL_WORDS = {
    "llama.cpp": {
        "llama.cpp",
        "llamacpp",
        "llama-server",
        "llama-cli",
        "llama-bench",
        "llama-quantize",
        "ggml",
        "gguf",
        "ggerganov",
    },
    "ollama": {"ollama"},
    "vllm": {"vllm"},
    "sglang": {"sglang"},
    "lm studio": {"lmstudio", "lm-studio", "lms"},
    "comfyui": {"comfyui", "comfy"},
    "koboldcpp": {"koboldcpp", "kobold"},
    "exllama": {"exllama", "exllamav2", "exllamav3", "tabbyapi", "exl2", "exl3"},
    "text-generation-webui": {"oobabooga", "text-generation-webui", "textgen"},
    "open-webui": {"open-webui", "openwebui", "open_webui"},
    "mlx": {"mlx", "mlx-lm", "mlx_lm"},
    "ik_llama.cpp": {"ik_llama.cpp", "ik_llama", "ikawrakow"},
    "llama-cpp-python": {"llama-cpp-python", "llama_cpp_python", "llama_cpp"},
    "transformers": {"transformers", "accelerate", "peft"},
    "docker": {"docker"},
}
_PLATFORM_WORDS = {
    "cuda": {"cuda", "nvidia", "rtx", "gtx", "geforce", "cublas"},
    "rocm": {"rocm", "hip", "amd", "radeon", "gfx"},
    "vulkan": {"vulkan", "ggml_vulkan"},
    "metal": {"metal", "macos", "mac", "macbook", "m1", "m2", "m3", "m4", "ggml_metal"},
    "intel": {"sycl", "oneapi", "ipex", "level-zero"},
    "windows": {"windows", "win10", "win11"},
    "wsl": {"wsl", "wsl2"},
    "android": {"android", "termux"},
    "macos": {"macos", "mac", "macbook"},
}


@dataclass(slots=True)
class _Evidence:
    """What speaks for one class in one text."""

    hits: list[tuple[float, Hit]] = field(default_factory=list)
    negated: bool = False
    cue: float = 0.0
    bm25: float = 0.0
    cue_text: str = ""


class ErrorIndex:
    """All error classes made ready for matching. Immutable; build one for each snapshot of the knowledge."""

    def __init__(self, errors: Sequence[ErrorClass]) -> None:
        self._errors = tuple(errors)
        self._owners: list[tuple[int, float]] = []
        patterns: list[str] = []
        for number, error in enumerate(self._errors):
            for signature in error.signatures:
                patterns.append(signature.pattern)
                self._owners.append((number, signature.weight))
            for pattern in error.not_signatures:
                patterns.append(pattern)
                self._owners.append((number, 0.0))
        self._signatures = SignatureSet(patterns)
        self._prose = ProseIndex([_document(error) for error in self._errors])
        self._tools = [frozenset(error.tools) for error in self._errors]

    @classmethod
    def build(cls, errors: Iterable[ErrorClass]) -> ErrorIndex:
        """Make the index of `errors`; the order of equals follows their ids."""
        return cls(sorted(errors, key=lambda error: error.id))

    def diagnose(self, text: str, limit: int = 3) -> tuple[ErrorHit, ...]:
        """Name the error classes `text` shows, likeliest first; empty when it shows none that is known."""
        hits = self.nearest(text, limit)
        return hits if hits and hits[0].confidence >= THRESHOLD else ()

    def nearest(self, text: str, limit: int = 3) -> tuple[ErrorHit, ...]:
        """Name the nearest classes with their probabilities even where they are too improbable to be an answer."""
        text = cap(text)
        data = prepare(text)
        evidence = self._gather(text, data)
        scored = sorted((-score(self.features(n, e, text)), n) for n, e in evidence.items())
        top = -scored[0][0] if scored else 0.0
        total = sum(math.exp(-s - top) for s, _ in scored) + math.exp(NONE_SCORE - top)
        return tuple(
            ErrorHit(id=self._errors[n].id, confidence=math.exp(-s - top) / total, matched=_matched(evidence[n], data))
            for s, n in scored[:limit]
        )

    def candidates(self, text: str) -> dict[str, tuple[float, ...]]:
        """Give the features of every candidate class, by id: what the weights are fitted on."""
        text = cap(text)
        evidence = self._gather(text, prepare(text))
        return {self._errors[n].id: self.features(n, e, text) for n, e in evidence.items()}

    def _gather(self, text: str, data: bytes) -> dict[int, _Evidence]:
        found: dict[int, _Evidence] = {}
        for hit in self._signatures.find(data):
            owner, weight = self._owners[hit.pattern]
            evidence = found.setdefault(owner, _Evidence())
            if weight == 0.0:
                evidence.negated = True
            else:
                evidence.hits.append((weight, hit))
        for number, cue, bm25, words_ in self._prose.score(prose_of(text), MAX_PROSE_CANDIDATES, set(found)):
            evidence = found.setdefault(number, _Evidence())
            evidence.cue, evidence.bm25, evidence.cue_text = cue, bm25, words_
        return found

    def features(self, number: int, evidence: _Evidence, text: str) -> tuple[float, ...]:
        """Lay out the evidence for class `number` as the numbers the model weighs, in the order of weights.FEATURES."""
        error = self._errors[number]
        named = set(words(text[:PROSE_CHARS]))
        tool_yes, tool_no = _agreement(error.tools, named, _TOOL_WORDS)
        platform_yes, platform_no = _agreement(error.platforms, named, _PLATFORM_WORDS)
        weights = sorted((weight for weight, _ in evidence.hits), reverse=True)
        best = weights[0] if weights else 0.0
        longest = max((hit.end - hit.start for _, hit in evidence.hits), default=0)
        first = min((hit.start for _, hit in evidence.hits), default=HEAD_BYTES)
        return (
            best,
            best * best,
            float(bool(weights)),
            min(sum(weights[1:]), 2.0),
            min(longest, 60) / 60,
            float(first < HEAD_BYTES and bool(weights)),
            (3 - error.rank) / 2 if weights else 0.0,
            (3 - error.rank) / 2 if not weights else 0.0,
            evidence.cue,
            evidence.cue * evidence.cue,
            evidence.bm25,
            evidence.bm25 if not weights else 0.0,
            tool_yes,
            tool_no,
            platform_yes,
            platform_no,
            float(evidence.negated),
        )


def score(features: Sequence[float]) -> float:
    """Weigh the features of one candidate."""
    return sum(weight * value for weight, value in zip(ERROR_WEIGHTS, features, strict=True))


def cap(text: str) -> str:
    """Cut `text` to what is read at all: the beginning, where people explain, and the end, where programs die."""
    text = text.replace("\r\n", "\n")
    if len(text) <= MAX_CHARS:
        return text
    return text[: MAX_CHARS // 4] + "\n" + text[-3 * MAX_CHARS // 4 :]


def prose_of(text: str) -> str:
    """Take from the beginning of `text` the lines a person may have written: not code, tables, traces or dumps."""
    kept: list[str] = []
    size = 0
    for line in text[: 4 * PROSE_CHARS].split("\n"):
        letters = sum(char.isalpha() or char == " " for char in line)
        if letters >= 0.72 * len(line) and len(line) > 2:
            kept.append(line)
            size += len(line)
            if size > PROSE_CHARS:
                break
    return "\n".join(kept)


def _document(error: ErrorClass) -> tuple[str, tuple[str, ...]]:
    """Give the text of a class for BM25, and its phrases: the title and the cues."""
    return " ".join([error.title, *error.cues, error.cause, *error.tools]), (error.title, *error.cues)


def _agreement(mine: Sequence[str], named: set[str], vocabulary: dict[str, set[str]]) -> tuple[float, float]:
    """Whether the text names one of `mine`, and whether it names only others."""
    seen = {name for name, names in vocabulary.items() if names & named}
    if not seen or "any" in mine:
        return 0.0, 0.0
    return (1.0, 0.0) if seen & set(mine) else (0.0, 1.0)


def _matched(evidence: _Evidence, data: bytes) -> str:
    if not evidence.hits:
        return evidence.cue_text
    _, hit = max(evidence.hits, key=lambda pair: (pair[0], pair[1].end - pair[1].start))
    return redact(" ".join(data[hit.start : hit.end].decode("utf-8", "replace").split()))[:MATCHED_CHARS]
