"""The parts of an issue, one module each, found by themselves: adding one is adding a file with `ORDER` and `build`.

A section module says where it stands (`ORDER`, lower comes first) and builds itself from the Context, or returns None
where it has nothing to say. It computes no figures: `digest.fits` asks the estimator.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable

from digest.context import Context
from digest.issue import Section

Builder = Callable[[Context], Section | None]


def builders() -> tuple[Builder, ...]:
    """Return every section's builder in the order of the issue."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    return tuple(module.build for module in sorted(modules, key=lambda module: (module.ORDER, module.__name__)))
