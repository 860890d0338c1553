"""The outbox: one row per issue and subscriber, the run it belongs to, what was sent when, and alarms.

Written by `delivery_store`, `run_store` and `window_store`. `due_at` is one clock for all open rows: when a pending one
may be sent, when a sending one's lease ends. Open rows past it are to be claimed, whoever had them before.
"""

from __future__ import annotations

import sqlalchemy as sa

from knowledge.store.tables.base import RowId, UtcDateTime, metadata

OPEN_STATES = ("pending", "sending")
_OPEN = sa.text("state IN ('pending', 'sending')")

send_run = sa.Table(
    "send_run",
    metadata,
    sa.Column("month", sa.String(7), sa.ForeignKey("issue.month"), primary_key=True),
    sa.Column("state", sa.String(12), nullable=False, comment="running, paused, stopped, cancelled, done"),
    sa.Column("reason", sa.Text, nullable=False, server_default=sa.text("''"), comment="why it is not running"),
    sa.Column("message_key", sa.String(64), nullable=False, comment="hex; keys the Message-IDs of this run for good"),
    sa.Column("n_deliveries", sa.Integer, nullable=False, comment="rows made when the issue was approved"),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)

delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("month", sa.String(7), sa.ForeignKey("send_run.month"), primary_key=True),
    sa.Column(
        "subscriber_id",
        sa.BigInteger,
        sa.ForeignKey("subscriber.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    ),
    sa.Column("state", sa.String(12), nullable=False, comment="pending, sending, accepted, soft, hard, suppressed"),
    sa.Column("lane", sa.String(255), nullable=False, server_default=sa.text("''"), comment="domain with own limits"),
    sa.Column("due_at", UtcDateTime, nullable=False, comment="pending: not before; sending: end of the lease"),
    sa.Column("worker", sa.String(64), nullable=False, server_default=sa.text("''"), comment="who holds the lease"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0", comment="refused for now, so often"),
    sa.Column("reply", sa.Text, nullable=False, server_default=sa.text("''"), comment="what the server said last"),
    sa.Column("settled_at", UtcDateTime, comment="when it came to its final state"),
    sa.Index(
        "ix_delivery_open", "month", "lane", "due_at", "subscriber_id", sqlite_where=_OPEN, postgresql_where=_OPEN
    ),
)

rig_part = sa.Table(
    "rig_part",
    metadata,
    sa.Column("month", sa.String(7), sa.ForeignKey("issue.month"), primary_key=True),
    sa.Column("rig_key", sa.String(64), primary_key=True),
    sa.Column("html", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)

send_window = sa.Table(
    "send_window",
    metadata,
    sa.Column("scope", sa.String(255), primary_key=True, comment="a lane, or * for everything"),
    sa.Column("bucket", sa.BigInteger, primary_key=True, autoincrement=False, comment="start, seconds since 1970"),
    sa.Column("n_sent", sa.Integer, nullable=False),
)

alarm = sa.Table(
    "alarm",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String(32), nullable=False, comment="refused, unreachable, login, …"),
    sa.Column("subject", sa.String(200), nullable=False, comment="what it is about: a month, a server"),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("count", sa.Integer, nullable=False, server_default="1", comment="raised again while open"),
    sa.Column("raised_at", UtcDateTime, nullable=False),
    sa.Column("last_at", UtcDateTime, nullable=False),
    sa.Column("cleared_at", UtcDateTime),
)
