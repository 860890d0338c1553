"""Numbers with a unit in a question: context length, prompt length, memory sizes, a speed the asker measured.

Each reader takes text in normal form and returns what is said, or None; memory sizes come with their place and role so
that `mentions` can give them to the device beside them. Nothing is inferred from models or devices here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from knowledge import linear

Role = Literal["ram", "vram", "bare", "for", "not"]

_CONTEXT_WORD = (
    r"(?:ctx|max[_-]model[_-]len|context|kontext|contexto|contexte|contesto|контекста?|上下文|长文本|コンテキスト|컨텍스트|window"
    r"|ctx[-_ ]?(?:size|len(?:gth)?))"
)
_N = r"(\d{1,3}(?:[,.]\d{3})+|\d+(?:\.\d+)?)[ ]?(k|m)?"
_CONTEXT_AFTER = linear.compile(
    r"(?:\b(?:num[_-]ctx|n[_-]ctx|max[_-]model[_-]len|ctx[-_]?size|max_seq_len)\b|(?:^|\s)(?:-c|--ctx)\b|"
    + _CONTEXT_WORD
    + r")(?: ?(?:of|size|length|window|len|is|at|to|about|around|von|长度|为|是|大小))*[ :=~≈]*"
    + _N
    + r"(?:\b|[^\x00-\x7f])"
)
_CONTEXT_SETTING = linear.compile(
    r"(?:\b(?:num[_-]ctx|n[_-]ctx|max[_-]model[_-]len|ctx[-_]size|max_seq_len)\b|(?:^|\s)(?:-c|--ctx)\b|\bctx ?=)[ :=]*"
    + _N
    + r"(?:\b|[^\x00-\x7f])"
)
_CONTEXT_BEFORE = linear.compile(
    r"(?:^|[^\d.,$€£a-z])"
    + _N
    + r"[ -]?(?:tokens?|tok|token)?[ -]?(?:of |de |of max |的|max |maximum |full |long |total |token )?"
    + _CONTEXT_WORD
)
_BARE_K = linear.compile(r"(?:^|[^\d.,$€£¥a-z_-])(\d{1,4})[ ]?(k)(?:[^\w%-]|$|[^\x00-\x7f])")
_BARE_M = linear.compile(
    r"(?:full|whole|@|at|with|w/|mit|avec)\s+(?:a |the |its )?(\d)[ ]?(m)\b(?: tokens?| ctx| context|$)"
)
_TOKENS = linear.compile(r"(?:^|[^\d.,$€£a-z])" + _N + r"[ -]?(?:tokens|token)\b")
_NOT_TOKENS = linear.compile(
    r"^\s*(?:/|per\b|a (?:second|minute)|each (?:second|minute)|usd|dollars?|eur|euros?|bucks|rmb|yuan"
    r"|budget|lines?|files?|messages?|users?|hours?|h\b|元|块|fps|monitor|display|rpm|iops|mhz|samples|images?"
    r"|docs?|documents?|requests?|stars?|views|context shift)"
)
_PROMPT = linear.compile(
    r"\bprompts?(?: (?:of|with|is|are|length|size|processing|about|around|at))*[ :=~≈]*" + _N + r"[ ]?(?:tokens?)?\b"
    r"|" + _N + r"[ -]?(?:tokens?)?[ -](?:long )?(?:prompts?|inputs?)\b|\bpp[ -]?(\d{2,6})\b"
)
_SPEED = linear.compile(
    r"(\d+(?:\.\d+)?)\s?(?:tok(?:en)?s?\s?(?:/|per|pro|每)\s?(?:s(?:ec(?:ond)?)?|sekunde)?\b|t/s|tps\b|tk/s|it/s)"
)
_MEASURED = linear.compile(
    r"\b(?:get|gets|getting|got|see|seeing|saw|measured?|measuring|achieve[ds]?|reach(?:ed|es|ing)?|only|at"
    r"|runs? at|hitting|hit|bekomme|erreiche|obtengo|只有|得到|跑出)"
    r"\s+(?:about |around |only |just |like |a |~ ?|ca\.? |nur |roughly |maybe |up to )*$"
)
_WANTED_SPEED = linear.compile(
    r"\b(?:will|would|could|can (?:i|it|this|you|my|a|the)|want|need|at least|target|expect|minimum|min|should"
    r"|more than|less than|over|under|above|below)\b[^.;!?]*$"
)
_MEMORY = linear.compile(
    r"(?P<low>\d{1,4}(?:\.\d{1,2})?)(?:\s?(?:-|–|to|~)\s?(?P<high>\d{1,4}))?[ -]?(?P<unit>tb|gib|gigabytes?"
    r"|gigs?|gb?|go)(?:\b|_|[^\x00-\x7f])"
    r"|(?P<low2>\d{1,4})\s?(?:гб|гиг)"
)
_RAM_AFTER = linear.compile(
    r"^[ +]*(?:x ?\d |\(\w+\) )?(?:of |de |von |di |at )?(?:the |total |system |main |host |cpu |pc "
    r"|dual[- ]channel |quad[- ]channel |shared |unified |octa[- ]channel |\d+[- ]channel |ecc |fast |slow "
    r"|physical |free |available |usable |universal |normal |regular |的|个)*"
    r"(?:lp)?(?:ram\b|ddr ?[345]x?|rdimm|udimm|dimms?|sodimm|memory\b|mem\b|unified|sys(?:tem)? ?(?:ram|mem)"
    r"|arbeitsspeicher|hauptspeicher|mémoire|memoria|оператив|озу|памяти|内存|記憶體|运存|メモリ|램|memoire|uma\b)"
)
_VRAM_AFTER = linear.compile(
    r"^[ +]*(?:of |de |von |di )?(?:the |total |combined |nvidia |gddr\d?x? |dedicated |video |gpu "
    r"|graphics |的|个)*(?:v-?ram|video (?:ram|memory)|gpu (?:ram|memory|mem)|graphics (?:ram|memory)"
    r"|gddr\d?x?|hbm\d?e?|显存|顯存|显卡|видеопамяти|vmem|видюх|ビデオメモリ|的卡|卡\b|gpus?\b|(?:graphics )?cards?\b"
    r"|video ?cards?\b|grafikkarte|vidéo|gráfica)"
)
_RAM_BEFORE = linear.compile(
    r"(?:\b(?:ram|ddr[345]|memory|mem|unified memory|arbeitsspeicher|system ram)\b|内存|記憶體|运存|メモリ)(?: of| is"
    r"| size|:| =|大小|是|为| only)*[ :=~]*$"
)
_VRAM_BEFORE = linear.compile(
    r"(?:\b(?:vram|v-ram|gpu memory|video memory|gpu ram)\b|显存|顯存)(?: of| is| size|:| =|大小|是|为| only"
    r"| limited to)*[ :=~]*$"
)
_NOT_BEFORE = linear.compile(
    r"(?:requir\w*|needs?|needing|takes?|takes up|using|uses?|usage(?: of| is)?|weigh(?:s|ing)?|size (?:of"
    r"|is)|about|around|file(?: is| of)?|model is|model of|offload(?:ing|ed)?|download(?:ing|ed)?(?: a)?|需要"
    r"|要|占用?|约|instead of|tried to allocate|allocate|costs?)[ (~]*(?:about |around |at least |over |just "
    r"|only |the |a |~)*$"
)
_NEED_BEFORE = linear.compile(r"\b(?:requir\w*|needs?|needing|minimum of) (?:about |around |at least |over |~ ?)?$")
_NOT_AFTER = linear.compile(
    r"^ ?(?:/s\b|ps\b|per second|bandwidth|model\b|models\b|file|gguf|download|disk|ssd|nvme|hdd|storage"
    r"|of (?:disk|storage|ssd|data|text|weights)|for ram usage|free space|of space|ethernet|network|quant\b"
    r"|模型|on disk|swap|(?:in )?total\b|combined|altogether|zusammen)"
)
_NEXT_LABEL = linear.compile(r"^[ ,;|/]*(?:v?ram|memory|gpu|内存|显存)[ :=是]*\d+ ?g")
_FOR_SIZE = linear.compile(r"^ ?for (?:the |a )?\d+b\b")
_BARE_RAM = linear.compile(
    r"(?:^|[^\d.,$€£¥x×*-])(4|8|12|16|20|24|32|36|40|48|64|80|96|112|128|160|192|224|256|320|384|512|768|1024)"
    r" ?(?:of |de |di |d[oa] |go |gigas? |g )?(?:(?:system|pc|lp)[ -]?)?"
    r"(?:ram\b|ddr[345]\b|arbeitsspeicher|озу\b|оперативк|оперативной|内存|記憶體)"
)
"""RAM without its unit, in a size that machines have: "64 de ram", "32 ddr5"."""
_MODULES = linear.compile(r"(?:^|[^\w.])([1-9]|1[0-9]|2[0-4]) ?[x*×] ?$")
"""What stands before the size of one memory module: "4x16 GB DDR4"."""
_ROUND_K = {262: 262_144, 131: 131_072, 65: 65_536, 524: 524_288, 32: 32_768, 16: 16_384}


@dataclass(frozen=True, slots=True)
class MemorySize:
    """A memory size in a text: GiB, where it stands, and what the words around it make of it.

    `role`: `ram`, `vram`, `bare` (nothing said), `for` (bare, "for 7B" behind it: a device's memory where it stands
    right beside one, else what a model takes), or `not` (the size of a model, a file, a need; nobody's memory).
    """

    gib: float
    start: int
    end: int
    role: Role


def tokens(number: str, unit: str | None) -> int:
    """A length in tokens: `32k` is 32,768, `262k` 262,144, `1m` 1,048,576; plain numbers stay as they are."""
    plain = number.replace(",", "")
    if plain.count(".") == 1 and len(plain.rpartition(".")[2]) == 3 and unit is None:
        plain = plain.replace(".", "")
    value = float(plain) if plain.count(".") <= 1 else float(plain.replace(".", ""))
    if unit == "k":
        return _ROUND_K.get(int(value), round(value * 1024)) if value < 10_000 else round(value)
    if unit == "m":
        return round(value * 1024 * 1024)
    return round(value)


def read_context(text: str) -> int | None:
    """The context length asked for, in tokens; a number beside the word context wins over a bare `32k`."""
    for pattern in (_CONTEXT_SETTING, _CONTEXT_BEFORE, _CONTEXT_AFTER):
        for match in pattern.finditer(text):
            value = tokens(match.group(1), match.group(2))
            if _plausible(value, match.group(2)) and not _memory_follows(
                text, match.end(2) if match.group(2) else match.end(1)
            ):
                return value
    for pattern in (_BARE_K, _BARE_M, _TOKENS):
        for match in pattern.finditer(text):
            end = match.end(2) if match.group(2) else match.end(1)
            behind = text[end : end + 24]
            if pattern is not _TOKENS and _NOT_TOKENS.search(behind):
                continue
            if pattern is _TOKENS and (
                _NOT_TOKENS.search(text[match.end() : match.end() + 24])
                or tokens(match.group(1), match.group(2)) < 1000
            ):
                continue
            value = tokens(match.group(1), match.group(2))
            if _plausible(value, match.group(2)) and "prompt" not in behind[:16] and "input" not in behind[:16]:
                return value
    return None


def _plausible(value: int, unit: str | None) -> bool:
    return (256 if unit is None else 1024) <= value <= 100 * 1024 * 1024


def _memory_follows(text: str, end: int) -> bool:
    return text[end : end + 3].lstrip(" ")[:1] == "g"


def read_prompt(text: str) -> int | None:
    """The prompt length asked about, in tokens."""
    match = _PROMPT.search(text)
    if match is None:
        return None
    number, unit = next((match.group(i), match.group(i + 1) if i < 5 else None) for i in (1, 3, 5) if match.group(i))
    value = tokens(number, unit)
    return value if 16 <= value <= 100 * 1024 * 1024 else None


def read_measured(text: str) -> float | None:
    """A decode speed the asker has measured, in tokens per second; one that is wanted or expected does not count."""
    for match in _SPEED.finditer(text):
        before = text[max(0, match.start() - 48) : match.start()]
        if _MEASURED.search(before) and not _WANTED_SPEED.search(before):
            value = float(match.group(1))
            return value if 0 < value < 100_000 else None
    return None


def read_memory(text: str) -> list[MemorySize]:
    """Every memory size in the text with its role, in order."""
    found: list[MemorySize] = []
    for match in _MEMORY.finditer(text):
        start = match.start()
        before = text[start - 1 : start]
        low, high, unit, cyrillic = match.groups()
        if (before.isalnum() and before.isascii()) or (before and before in ".$€£_"):
            if not high:
                continue
            start = match.start(2)  # "sxm2-32gb": what looks like a range is the end of a name and a size
        end = match.end(3) if unit else match.end()
        gib = float(high or low or cyrillic or 0) * (1024.0 if unit == "tb" else 1.0)
        if not 0.1 <= gib <= 65_536:
            continue
        size = MemorySize(gib, start, end, _role(text[max(0, start - 40) : start], text[end : end + 40]))
        found.append(as_ram(text, size) if size.role == "ram" else size)
    if not any(size.role == "ram" for size in found) and (bare := _BARE_RAM.search(text)) is not None:
        found.append(MemorySize(float(bare[1]), bare.start(1), bare.end(1), "ram"))
        found.sort(key=lambda size: size.start)
    return found


def as_ram(text: str, size: MemorySize) -> MemorySize:
    """A size as the machine's RAM: all its modules together where several are named ("2x32gb")."""
    modules = _MODULES.search(text[max(0, size.start - 6) : size.start])
    return replace(size, role="ram", gib=size.gib * (int(modules[1]) if modules else 1))


def _role(before: str, after: str) -> Role:
    """What the words around a size make of it; what stands behind it is nearer than what stands before."""
    if _NOT_AFTER.search(after):
        return "not"
    if _NEXT_LABEL.search(after):
        return "vram" if _VRAM_BEFORE.search(before) else "ram" if _RAM_BEFORE.search(before) else "bare"
    if _VRAM_AFTER.search(after):
        return "not" if _NOT_BEFORE.search(before) and "requir" in before else "vram"
    if _RAM_AFTER.search(after):
        return "not" if _NEED_BEFORE.search(before) else "ram"
    if _VRAM_BEFORE.search(before):
        return "vram"
    if _RAM_BEFORE.search(before):
        return "ram"
    if _NOT_BEFORE.search(before):
        return "not"
    return "for" if _FOR_SIZE.search(after) else "bare"
