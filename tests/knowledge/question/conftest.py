"""One name index over the shipped catalogue for all tests of names and questions."""

from __future__ import annotations

import pytest

from knowledge.content_loader import build_knowledge, load_content
from knowledge.question.names import NameIndex


@pytest.fixture(scope="session")
def index() -> NameIndex:
    """The index over the shipped content, as the product builds it."""
    knowledge = build_knowledge(load_content())
    return NameIndex.build(knowledge.models, knowledge.devices, knowledge.quants, knowledge.aliases)
