"""Issues announced in servers, each once; and why a server's channel is not posted in any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
STATES = "claimed, posted, refused, unsure, failed, skipped"


def upgrade() -> None:
    """Create the table and the column."""
    op.create_table(
        "announcement",
        sa.Column("month", sa.String(7), nullable=False, comment="the issue's"),
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False, comment=STATES),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("first_at", INSTANT, nullable=False, comment="when it was claimed first"),
        sa.Column("claimed_until", INSTANT, comment="one process posts it until then; after that it is taken for dead"),
        sa.Column("message_id", sa.BigInteger(), comment="what was posted"),
        sa.PrimaryKeyConstraint("month", "guild_id", name="pk_announcement"),
    )
    with op.batch_alter_table("guild_setting") as table:
        table.add_column(
            sa.Column(
                "channel_problem",
                sa.String(12),
                nullable=False,
                server_default=sa.text("''"),
                comment="why nothing is posted there any more: forbidden, gone; empty: it works",
            )
        )
