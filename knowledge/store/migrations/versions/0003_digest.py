"""Tables of the digest: what collecting remembers of a source; digest editing, requests, proposals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the columns and tables."""
    _collecting()
    _proposals()


def _collecting() -> None:
    """Give a source's state what politeness, completeness and its alarms need."""
    for column in (
        sa.Column(
            "source_url", sa.Text(), comment="the source file's address that all this is about; edited, it starts anew"
        ),
        sa.Column("not_before_at", INSTANT, comment="no request earlier, whoever asks: Retry-After, repeated failure"),
        sa.Column("interval_s", sa.Integer(), comment="how long the schedule leaves it alone"),
        sa.Column("recent_counts", JSON, comment="entries of its last documents, oldest first"),
        sa.Column("gap_from", INSTANT, comment="entries between gap_from and gap_to may have been missed"),
        sa.Column("gap_to", INSTANT),
    ):
        op.add_column("source_state", column)


def _proposals() -> None:
    """Create the table of models read from headers."""
    op.create_table(
        "model_proposal",
        sa.Column("place", sa.String(200), nullable=False, comment="the repository, as it is written"),
        sa.Column("state", sa.String(16), nullable=False, comment="found, failed"),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("shape", JSON, comment="the fields of ModelShape that are not as usual"),
        sa.Column("params_recounted", sa.BigInteger()),
        sa.Column("params_published", sa.BigInteger()),
        sa.Column("license", sa.String(80)),
        sa.Column("released", sa.String(10), comment="day its repository was made"),
        sa.Column("file_type", sa.String(40)),
        sa.Column("file_bytes", sa.BigInteger()),
        sa.Column("sources", JSON, comment="where it was read"),
        sa.Column("problem", sa.Text(), comment="why nothing was found"),
        sa.Column("looked_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("place", name="pk_model_proposal"),
    )
