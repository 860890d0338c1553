"""Device names written as identifiers or without spaces: "rtx-3060-12gb", "rtx_5070_ti_laptop", "4090laptop".

`unglued` puts the spaces into running text that people leave out between a card, its version and its memory. `spread`
does so for a name that stands alone, where hyphens and underscores are spaces too. Neither knows a device.
"""

from __future__ import annotations

import re

_VERSION = r"(?:ti ?super|ti|super|xtx|xt|gre)"
_GLUED = re.compile(
    rf"(?<=\d\d\d)({_VERSION})?(?=(?:laptop|mobile|notebook|max-?q|refresh)(?![a-z]))"  # 4090laptop, 2070superlaptop
    rf"|(?<=\d\d) ?({_VERSION})(?=\d{{1,3}} ?gb?\b)"  # 4060ti16gb
    r"|(?<=laptop)(?=\d{1,3} ?gb?\b)|(?<=refresh)(?=\d{1,3} ?gb?\b)"
    r"|(?<=tx\d\d\d\d)(?=\d{1,2} ?gb?\b)|(?<=tx \d\d\d\d)(?=\d{1,2} ?gb?\b)"  # rtx306012gb
    r"|(?<=core)(?=gpu\b)|(?<=laptop|mobile)(?=refresh)|(?<=max-q)(?=refresh)"
)
_SLUG = re.compile(
    r"(?<![\w/-])(?:(?:nvidia|amd|apple|intel)[-_])?(?:geforce|radeon|rtx|gtx|rx|arc|tesla|quadro|m[1-5](?=[-_](?:pro|max|ultra)))"
    r"[-_][a-z0-9]+(?:[-_][a-z0-9]+)+"
)
_SIZE_BEHIND_HYPHEN = re.compile(r"-\d{1,3}-?gb?$")


def unglued(text: str) -> str:
    """`text` (in normal form) with the spaces put in that were left out between a card and what is said of it."""
    apart = _SLUG.sub(lambda slug: slug.group().replace("-", " ").replace("_", " "), text)
    return _GLUED.sub(lambda found: f"{found.group()} ", apart)


def spread(name: str) -> str:
    """A hardware name, alone and in normal form, as one would say it: "rtx_3060-12gb" is "rtx 3060 12gb"."""
    words = name.replace("_", " ")
    if " " not in words and (words.count("-") > 1 or _SIZE_BEHIND_HYPHEN.search(words)):
        words = words.replace("-", " ")
    return unglued(words)
