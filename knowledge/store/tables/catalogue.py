"""The curated content as rows: what is searched for has a column of its own, the whole record is in `payload`.

`row_hash` lets `sync` see what changed without reading payloads. Ids point at each other without foreign keys: the
whole content is replaced in one transaction after every link was proved, and a run-time row must survive its model.
"""

from __future__ import annotations

import sqlalchemy as sa

from knowledge.store.tables.base import Payload, metadata


def _hash() -> sa.Column[str]:
    return sa.Column("row_hash", sa.String(64), nullable=False)


def _payload() -> sa.Column[object]:
    return sa.Column("payload", Payload, nullable=False)


model = sa.Table(
    "model",
    metadata,
    sa.Column("id", sa.String(200), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("family", sa.Text, nullable=False, index=True),
    sa.Column("org", sa.Text, nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("release_date", sa.String(10), index=True),
    sa.Column("params_total", sa.BigInteger),
    sa.Column("base_id", sa.String(200), index=True),
    _hash(),
    _payload(),
)

device = sa.Table(
    "device",
    metadata,
    sa.Column("id", sa.String(200), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("vendor", sa.Text, nullable=False, index=True),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("segment", sa.String(32), nullable=False),
    sa.Column("release_year", sa.Integer),
    sa.Column("memory_bytes", sa.BigInteger),
    _hash(),
    _payload(),
)

quant = sa.Table(
    "quant",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("format", sa.String(16), nullable=False),
    sa.Column("bpw", sa.Float, nullable=False),
    _hash(),
    _payload(),
)

alias = sa.Table(
    "alias",
    metadata,
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("text", sa.String(200), primary_key=True),
    sa.Column("target_id", sa.String(200), nullable=False, index=True),
    _hash(),
    _payload(),
)

term = sa.Table(
    "term",
    metadata,
    sa.Column("id", sa.String(200), primary_key=True),
    sa.Column("term", sa.Text, nullable=False),
    sa.Column("category", sa.Text, nullable=False),
    _hash(),
    _payload(),
)

error_class = sa.Table(
    "error_class",
    metadata,
    sa.Column("id", sa.String(200), primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    _hash(),
    _payload(),
)

page = sa.Table(
    "page",
    metadata,
    sa.Column("id", sa.String(200), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False, index=True, comment="guide, answer, kit"),
    sa.Column("title", sa.Text, nullable=False),
    _hash(),
    _payload(),
)

tool = sa.Table(
    "tool",
    metadata,
    sa.Column("id", sa.String(200), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    _hash(),
    _payload(),
)
