"""Tables of the delivery: subscribers, deliveries and what mail systems answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
OPEN = sa.text("state IN ('pending', 'sending')")


def upgrade() -> None:
    """Create the tables."""
    _people()
    _events()
    _outbox()
    _sending()


def _people() -> None:
    """Create the subscribers."""
    op.create_table(
        "subscriber",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("address", sa.Text(), nullable=False, comment="as mail is sent to it; the domain in its ASCII form"),
        sa.Column("address_key", sa.String(length=320), nullable=False, comment="normalised, to find it again"),
        sa.Column("domain", sa.String(length=255), nullable=False, comment="lower case, ASCII"),
        sa.Column(
            "state", sa.String(length=16), nullable=False, comment="pending, confirmed, unsubscribed, suppressed"
        ),
        sa.Column("language", sa.String(length=8), server_default=sa.text("'en'"), nullable=False),
        sa.Column("sections", JSON, comment="list of section slugs; NULL for all of them"),
        sa.Column("rig", JSON, comment="{name, ram_gib}: the machine as the answers understand it; NULL for none"),
        sa.Column(
            "rig_key", sa.String(length=64), server_default=sa.text("''"), nullable=False, comment="same rig, same key"
        ),
        sa.Column("paused_until", INSTANT),
        sa.Column(
            "token_version", sa.Integer(), server_default="1", nullable=False, comment="raised: older links are void"
        ),
        sa.Column(
            "n_confirmations", sa.Integer(), server_default="0", nullable=False, comment="confirmation mails asked"
        ),
        sa.Column("confirmation_sent_at", INSTANT),
        sa.Column(
            "end_reason", sa.Text(), server_default=sa.text("''"), nullable=False, comment="why it is not mailed"
        ),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT),
        sa.Column("ended_at", INSTANT, comment="when it was unsubscribed or suppressed"),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber")),
        sa.UniqueConstraint("address_key", name=op.f("uq_subscriber_address_key")),
        sqlite_autoincrement=True,  # an id is in links and return paths: a deleted one must never mean somebody else
    )
    op.create_index("ix_subscriber_state_id", "subscriber", ["state", "id"], unique=False)


def _events() -> None:
    """Create what mail systems said of their addresses."""
    op.create_table(
        "mail_event",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "month", sa.String(length=7), server_default=sa.text("''"), nullable=False, comment="the issue it is about"
        ),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="hard, soft, complaint"),
        sa.Column(
            "status",
            sa.String(length=12),
            server_default=sa.text("''"),
            nullable=False,
            comment="enhanced status 5.1.1",
        ),
        sa.Column("reason", sa.String(length=64), server_default=sa.text("''"), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False, comment="a mail read twice counts once"),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscriber.id"],
            name=op.f("fk_mail_event_subscriber_id_subscriber"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_event")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_mail_event_fingerprint")),
    )
    op.create_index("ix_mail_event_subscriber_id_at", "mail_event", ["subscriber_id", "at"], unique=False)


def _outbox() -> None:
    """Create the runs and their rows."""
    op.create_table(
        "send_run",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False, comment="running, paused, stopped, cancelled, done"),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False, comment="why it is not running"),
        sa.Column(
            "message_key",
            sa.String(length=64),
            nullable=False,
            comment="hex; keys the Message-IDs of this run for good",
        ),
        sa.Column("n_deliveries", sa.Integer(), nullable=False, comment="rows made when the issue was approved"),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["month"], ["issue.month"], name=op.f("fk_send_run_month_issue")),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_send_run")),
    )
    op.create_table(
        "delivery",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("subscriber_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "state", sa.String(length=12), nullable=False, comment="pending, sending, accepted, soft, hard, suppressed"
        ),
        sa.Column(
            "lane",
            sa.String(length=255),
            server_default=sa.text("''"),
            nullable=False,
            comment="domain with own limits",
        ),
        sa.Column("due_at", INSTANT, nullable=False, comment="pending: not before; sending: end of the lease"),
        sa.Column(
            "worker", sa.String(length=64), server_default=sa.text("''"), nullable=False, comment="who holds the lease"
        ),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False, comment="refused for now, so often"),
        sa.Column(
            "reply", sa.Text(), server_default=sa.text("''"), nullable=False, comment="what the server said last"
        ),
        sa.Column("settled_at", INSTANT, comment="when it came to its final state"),
        sa.ForeignKeyConstraint(["month"], ["send_run.month"], name=op.f("fk_delivery_month_send_run")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_delivery_subscriber_id_subscriber"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("month", "subscriber_id", name=op.f("pk_delivery")),
    )
    op.create_index(
        "ix_delivery_open",
        "delivery",
        ["month", "lane", "due_at", "subscriber_id"],
        unique=False,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index(op.f("ix_delivery_subscriber_id"), "delivery", ["subscriber_id"], unique=False)


def _sending() -> None:
    """Create what sending needs beside the outbox: readers' parts, the sliding window, alarms."""
    op.create_table(
        "rig_part",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("rig_key", sa.String(length=64), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["month"], ["issue.month"], name=op.f("fk_rig_part_month_issue")),
        sa.PrimaryKeyConstraint("month", "rig_key", name=op.f("pk_rig_part")),
    )
    op.create_table(
        "send_window",
        sa.Column("scope", sa.String(length=255), nullable=False, comment="a lane, or * for everything"),
        sa.Column("bucket", sa.BigInteger(), autoincrement=False, nullable=False, comment="start, seconds since 1970"),
        sa.Column("n_sent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "bucket", name=op.f("pk_send_window")),
    )
    op.create_table(
        "alarm",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False, comment="refused, unreachable, login, …"),
        sa.Column("subject", sa.String(length=200), nullable=False, comment="what it is about: a month, a server"),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), server_default="1", nullable=False, comment="raised again while open"),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("cleared_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
    )
