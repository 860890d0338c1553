"""Quantisation names in text: of the weights, and of the KV cache.

`read_quant` finds how weights are quantised and writes it as the field does (`Q4_K_M`, `Q4`, `4-bit`, `3.0bpw`, `AWQ`);
`read_kv` finds cache types and says which words they took, so that nobody takes them for the weights'.
`canonical_quant` settles the loose ones to a file type. No models, no sizes.
"""

from __future__ import annotations

from dataclasses import dataclass

from knowledge import linear

_TYPE = (
    r"(?:ud[-_ ]?|i1[-_ ]?)?i?q[1-8](?:[-_ ]?(?:k[-_ ]?(?:xxl|xl|ss|s|m|l|v2)|xxs|xs|nl|kss|kt|ks|kl|km"
    r"|[01](?:[_ ]\d[_ ]\d)?|k)|[-_]?[sml])?(?:[-_]r[48])?"
    r"|t[qv][12](?:[-_]0)?"
)
_KV_TYPE = (
    r"(?:i?q[4-8](?:[-_ ]?(?:[01]|nl))?|(?:fp|f|bf|int)[-_ ]?(?:4|8|16|32)(?:[-_]e[45]m[23])?|[48][- ]?bits?"
    r"|turbo[234]|nvfp4)"
)
_QUANT = linear.compile(
    r"(?:\b|_)(?:(?P<bpw>\d{1,2}(?:\.\d{1,2})?)[ -]?bpw|(?P<type>"
    + _TYPE
    + r")|(?P<name>mxfp4|nvfp4|fp[-_ ]?8|fp4|fp[-_ ]?16|fp32|bf16|f16|f32|awq|gptq"
    r"|nf4|int[-_ ]?[48]|w[48]a(?:16|8)|exl[23]|hqq|aqlm|quip#?|bnb|bitsandbytes)"
    r"|(?P<bits>[1-8](?:\.\d{1,2})?)[- ]?bits?(?:量化)?)(?:\b|_|[^\x00-\x7f])"
)
_HALF = linear.compile(r"\bhalf[- ]precision\b")
_GGUF = linear.compile(r"\bgguf\b")
_KV_AFTER = linear.compile(
    r"(?:\b|_)(?:kv[ _-]?cache|kv|cache)(?:[-_ ](?:d?type|quant(?:ized|ised|ization|isation)?))?[ :=-]*(?:to"
    r"|at|in|of|is|as|量化)?[ :=]*(" + _KV_TYPE + r")(?:\b|[^\x00-\x7f])"
)
_KV_BEFORE = linear.compile(
    r"\b("
    + _KV_TYPE
    + r")[ -]*(?:for |on )?(?:quanti[sz]ed |quant )?(?:the )?(?:kv[ _-]?cache|kv|k/v|cache|context cache)\b"
)
_KV_FLAG = linear.compile(
    r"(?:-ctk|--cache[-_]type[-_]k|cache_type_k|type_k|k cache|-ctv|--cache[-_]type[-_]v|cache_type_v|type_v"
    r"|v cache)[ =:]+(" + _KV_TYPE + r")"
)
_WANTED_GROUPS = ("bpw", "type", "name", "bits")


@dataclass(frozen=True, slots=True)
class KvTypes:
    """The cache types a text names, in the engine's words, and the stretch of text they stand in."""

    type_k: str
    type_v: str
    spans: tuple[tuple[int, int], ...]


def read_quant(text: str) -> str | None:
    """How `text` (in normal form) says the weights are quantised, the clearest mention first; None if not said."""
    best: tuple[int, str] | None = None
    for match in _QUANT.finditer(text):
        for place, group in enumerate(_WANTED_GROUPS, start=1):
            words = match.group(place)
            if not words:
                continue
            written = _written(group, words)
            rank = 2 if written in _FORMATS else 1 if group == "bits" or written.startswith("INT") else 0
            if written and (best is None or rank < best[0]):
                best = (rank, written)
    if best is None:
        return "GGUF" if _GGUF.search(text) else "FP16" if _HALF.search(text) else None
    return best[1]


_FORMATS = frozenset({"EXL2", "EXL3", "BNB", "BITSANDBYTES"})


def _written(group: str, words: str) -> str:
    """A matched quantisation as the field writes it."""
    if group == "bpw":
        return f"{words}bpw"
    if group == "bits":
        return f"{words}-bit"
    if group == "name":
        plain = words.replace("-", "").replace("_", "").replace(" ", "")
        return plain.upper()
    return _file_type(words)


def _file_type(words: str) -> str:
    """`q4km`, `q4-k-m`, `ud q4 k xl` as `Q4_K_M`, `Q4_K_M`, `UD-Q4_K_XL`."""
    plain = words.replace("-", "").replace("_", "").replace(" ", "").upper()
    head = ""
    for prefix, shown in (("UD", "UD-"), ("I1", "")):
        if plain.startswith(prefix) and "Q" in plain[2:4]:
            head, plain = shown, plain[2:]
    cut = plain.index("Q") + 2 if "Q" in plain else 3
    base, tail = plain[:cut], plain[cut:]
    repack = ""
    if len(tail) > 2 and tail[-2:] in {"R4", "R8"}:
        tail, repack = tail[:-2], "_" + tail[-2:]
    if base.startswith("T"):
        return f"{head}{base}_0"
    if not tail:
        return head + _PLAIN.get(base, base)
    if tail[0] == "K" and not base.startswith("I"):
        return (
            f"{head}{base}_K{'_' + tail[1:] if tail[1:] else ''}{repack}"
            if tail != "K"
            else head + _PLAIN_K.get(base, f"{base}_K") + repack
        )
    return f"{head}{base}_{tail}{repack}"


_PLAIN = {"Q8": "Q8_0", "Q6": "Q6_K", "Q2": "Q2_K"}
_PLAIN_K = {"Q3": "Q3_K_M", "Q4": "Q4_K_M", "Q5": "Q5_K_M"}

_SETTLED = {
    "Q4": "Q4_K_M",
    "Q5": "Q5_K_M",
    "Q3": "Q3_K_M",
    "IQ1": "IQ1_S",
    "IQ2": "IQ2_XS",
    "IQ3": "IQ3_XS",
    "IQ4": "IQ4_XS",
    "4-bit": "Q4_K_M",
    "8-bit": "Q8_0",
    "6-bit": "Q6_K",
    "5-bit": "Q5_K_M",
    "3-bit": "Q3_K_M",
    "2-bit": "Q2_K",
    "FP16": "F16",
    "16-bit": "F16",
    "FP32": "F32",
    "GGUF": "Q4_K_M",
}


def canonical_quant(written: str) -> str:
    """The file type usually meant by a loosely written quantisation (`Q4` is `Q4_K_M`, `8-bit` is `Q8_0`)."""
    return _SETTLED.get(written, written)


def read_kv(text: str) -> KvTypes | None:
    """The KV cache types `text` (in normal form) asks for; None where it names none."""
    flags = list(_KV_FLAG.finditer(text))
    if flags:
        types = [_cache_type(match.group(1)) for match in flags]
        spans = tuple(match.span() for match in flags)
        keys = [t for match, t in zip(flags, types, strict=True) if _is_key_flag(match.group())]
        values = [t for match, t in zip(flags, types, strict=True) if not _is_key_flag(match.group())]
        return KvTypes((keys or values)[0], (values or keys)[0], spans)
    match = _KV_AFTER.search(text) or _KV_BEFORE.search(text)
    if match is None:
        return None
    found = _cache_type(match.group(1))
    return KvTypes(found, found, (match.span(),))


def _is_key_flag(words: str) -> bool:
    return "ctk" in words or "type_k" in words or "type-k" in words or words.startswith("k cache")


def _cache_type(words: str) -> str:
    """A cache type in the engine's words: `q8` is `q8_0`, `8 bit` is `q8_0`, `fp8_e5m2` is `fp8`."""
    plain = words.replace("-", "").replace("_", "").replace(" ", "")
    if plain.endswith(("bit", "bits")):
        return {"4": "q4_0", "8": "q8_0"}[plain[0]]
    if plain.startswith("fp8"):
        return "fp8"
    if plain in {"q4", "q8"}:
        return f"{plain}_0"
    if plain[0] in "iq" and plain[-1] in "01" and len(plain) > 2:
        return f"{plain[:-1]}_{plain[-1]}"
    return "iq4_nl" if plain == "iq4nl" else plain
