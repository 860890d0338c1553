"""Names that are two things at once, for the terms they name besides the one whose alias they are. Data only.

`<|im_end|>` is an end-of-sequence token and a mark of ChatML; `pp512` is a prefill and a test of llama-bench. An alias
belongs to one term in the content, where two entries claiming it are a mistake; here the second meaning is meant.
"""

from __future__ import annotations

from typing import Final

_LENGTHS: Final = (32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384)
_PROMPT: Final = tuple(f"pp{length}" for length in _LENGTHS)
_GENERATED: Final = tuple(f"tg{length}" for length in _LENGTHS)

MARKS: Final = {
    "chatml": ("im_end",),
    "decode": _GENERATED,
    "llama-bench": (*_PROMPT, *_GENERATED),
    "prefill": _PROMPT,
}
"""Id of a term → names of it that another term has too."""
