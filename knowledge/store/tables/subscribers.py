"""People who get the digest, and what mail systems said about their addresses. Written by `subscriber_store` alone.

An address is kept twice: as its owner wrote it, and as a key that finds it however it is written. No IP addresses, no
opens, no clicks.
"""

from __future__ import annotations

import sqlalchemy as sa

from knowledge.store.tables.base import Payload, RowId, UtcDateTime, metadata

subscriber = sa.Table(
    "subscriber",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("address", sa.Text, nullable=False, comment="as mail is sent to it; the domain in its ASCII form"),
    sa.Column("address_key", sa.String(320), nullable=False, unique=True, comment="normalised, to find it again"),
    sa.Column("domain", sa.String(255), nullable=False, comment="lower case, ASCII"),
    sa.Column("state", sa.String(16), nullable=False, comment="pending, confirmed, unsubscribed, suppressed"),
    sa.Column("language", sa.String(8), nullable=False, server_default=sa.text("'en'")),
    sa.Column("sections", Payload, comment="list of section slugs; NULL for all of them"),
    sa.Column("rig", Payload, comment="{name, ram_gib}: the machine as the answers understand it; NULL for none"),
    sa.Column("rig_key", sa.String(64), nullable=False, server_default=sa.text("''"), comment="same rig, same key"),
    sa.Column("paused_until", UtcDateTime),
    sa.Column("token_version", sa.Integer, nullable=False, server_default="1", comment="raised: older links are void"),
    sa.Column("n_confirmations", sa.Integer, nullable=False, server_default="0", comment="confirmation mails asked"),
    sa.Column("confirmation_sent_at", UtcDateTime),
    sa.Column("end_reason", sa.Text, nullable=False, server_default=sa.text("''"), comment="why it is not mailed"),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("confirmed_at", UtcDateTime),
    sa.Column("ended_at", UtcDateTime, comment="when it was unsubscribed or suppressed"),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Index("ix_subscriber_state_id", "state", "id"),
    sqlite_autoincrement=True,  # an id is in links and return paths: a deleted one must never mean somebody else
)

mail_event = sa.Table(
    "mail_event",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("subscriber_id", sa.BigInteger, sa.ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False),
    sa.Column("month", sa.String(7), nullable=False, server_default=sa.text("''"), comment="the issue it is about"),
    sa.Column("kind", sa.String(16), nullable=False, comment="hard, soft, complaint"),
    sa.Column("status", sa.String(12), nullable=False, server_default=sa.text("''"), comment="enhanced status 5.1.1"),
    sa.Column("reason", sa.String(64), nullable=False, server_default=sa.text("''")),
    sa.Column("fingerprint", sa.String(64), nullable=False, unique=True, comment="a mail read twice counts once"),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index("ix_mail_event_subscriber_id_at", "subscriber_id", "at"),
)
