"""What glossary terms are called in other languages: German, French, Spanish, Portuguese, Italian, Russian, Asian ones.

Data only, in two modules by the letter a term begins with. English names stand in the entries; these would only clutter
them. A name leads to its term like an alias.
"""

from __future__ import annotations

from typing import Final

from knowledge.search.foreign_a_l import FOREIGN_NAMES_A_L
from knowledge.search.foreign_m_z import FOREIGN_NAMES_M_Z

FOREIGN_NAMES: Final[dict[str, str]] = FOREIGN_NAMES_A_L | FOREIGN_NAMES_M_Z
"""Term id → its names in other languages, separated by `|`, lower case."""
