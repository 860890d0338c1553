"""Models read from their publishers' headers and not yet entered in the catalogue: proposals for a person to look at.

Written by `proposal_store` alone. Catalogue rows never come from here by themselves.
"""

from __future__ import annotations

import sqlalchemy as sa

from knowledge.store.tables.base import Payload, UtcDateTime, metadata

model_proposal = sa.Table(
    "model_proposal",
    metadata,
    sa.Column("place", sa.String(200), primary_key=True, comment="the repository, as it is written"),
    sa.Column("state", sa.String(16), nullable=False, comment="found, failed"),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("shape", Payload, comment="the fields of ModelShape that are not as usual"),
    sa.Column("params_recounted", sa.BigInteger),
    sa.Column("params_published", sa.BigInteger),
    sa.Column("license", sa.String(80)),
    sa.Column("released", sa.String(10), comment="day its repository was made"),
    sa.Column("file_type", sa.String(40)),
    sa.Column("file_bytes", sa.BigInteger),
    sa.Column("sources", Payload, comment="where it was read"),
    sa.Column("problem", sa.Text, comment="why nothing was found"),
    sa.Column("looked_at", UtcDateTime, nullable=False),
)
