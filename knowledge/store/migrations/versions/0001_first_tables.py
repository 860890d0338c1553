"""First tables: the curated catalogue, the digest's and the bot's run-time rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create every table."""
    _catalogue_models()
    _catalogue_knowledge()
    _digest()
    _digest_entries()
    _bot()


def _catalogue_models() -> None:
    """Create the content's version; models, devices, quants and the ways they are written."""
    op.create_table(
        "meta",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_meta")),
    )
    op.create_table(
        "model",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("org", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("release_date", sa.String(length=10)),
        sa.Column("params_total", sa.BigInteger()),
        sa.Column("base_id", sa.String(length=200)),
        sa.Column("row_hash", sa.String(length=64), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model")),
    )
    op.create_index(op.f("ix_model_base_id"), "model", ["base_id"])
    op.create_index(op.f("ix_model_family"), "model", ["family"])
    op.create_index(op.f("ix_model_release_date"), "model", ["release_date"])
    op.create_table(
        "device",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("segment", sa.String(length=32), nullable=False),
        sa.Column("release_year", sa.Integer()),
        sa.Column("memory_bytes", sa.BigInteger()),
        sa.Column("row_hash", sa.String(length=64), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
    )
    op.create_index(op.f("ix_device_vendor"), "device", ["vendor"])
    op.create_table(
        "quant",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("format", sa.String(length=16), nullable=False),
        sa.Column("bpw", sa.Float(), nullable=False),
        sa.Column("row_hash", sa.String(length=64), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quant")),
    )
    op.create_table(
        "alias",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("target_id", sa.String(length=200), nullable=False),
        sa.Column("row_hash", sa.String(length=64), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.PrimaryKeyConstraint("kind", "text", name=op.f("pk_alias")),
    )
    op.create_index(op.f("ix_alias_target_id"), "alias", ["target_id"])


def _catalogue_knowledge() -> None:
    """Create glossary, errors and tools."""
    op.create_table(
        "term",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("row_hash", sa.String(length=64), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term")),
    )
    op.create_table(
        "error_class",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("row_hash", sa.String(length=64), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_error_class")),
    )
    op.create_table(
        "tool",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("row_hash", sa.String(length=64), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tool")),
    )


def _digest() -> None:
    """Create the digest's sources and their state."""
    op.create_table(
        "source_state",
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("url", sa.Text(), nullable=False, comment="the address in use; a permanent redirect rewrites it"),
        sa.Column("etag", sa.Text()),
        sa.Column("last_modified", sa.Text(), comment="as the server wrote it, to be sent back untouched"),
        sa.Column("body_hash", sa.String(length=64), comment="of the last body, for servers without validators"),
        sa.Column("last_status", sa.Integer(), comment="HTTP status; NULL when no answer came"),
        sa.Column("last_error", sa.Text()),
        sa.Column(
            "failure_count", sa.Integer(), server_default="0", nullable=False, comment="in a row; 0 after a success"
        ),
        sa.Column("last_fetched_at", INSTANT),
        sa.Column("last_success_at", INSTANT),
        sa.Column("next_fetch_at", INSTANT),
        sa.Column("last_entry_at", INSTANT, comment="newest entry's date, for alarms on sources gone silent"),
        sa.Column("n_fetches", sa.Integer(), server_default="0", nullable=False),
        sa.Column("n_not_modified", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "n_entries_last", sa.Integer(), server_default="0", nullable=False, comment="entries in the last document"
        ),
        sa.Column("n_entries_new", sa.Integer(), server_default="0", nullable=False, comment="new ones among them"),
        sa.Column("n_bytes_total", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_source_state")),
    )
    op.create_index(op.f("ix_source_state_next_fetch_at"), "source_state", ["next_fetch_at"])


def _digest_entries() -> None:
    """Create the digest's entries and issues."""
    op.create_table(
        "entry",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("entry_key", sa.Text(), nullable=False, comment="the identity the decider gave it within its source"),
        sa.Column(
            "kind", sa.String(length=32), server_default=sa.text("''"), nullable=False, comment="tool, model, news …"
        ),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column(
            "url_key", sa.Text(), server_default=sa.text("''"), nullable=False, comment="url normalised, finds doubles"
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("published_at", INSTANT),
        sa.Column("updated_at", INSTANT),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("last_seen_at", INSTANT, nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False, comment="YYYY-MM the entry counts for"),
        sa.Column("votes", sa.Integer()),
        sa.Column("extra", JSON, comment="what only this kind of source gives"),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source_state.source_id"], name=op.f("fk_entry_source_id_source_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("source_id", "entry_key", name=op.f("uq_entry_source_id_entry_key")),
    )
    op.create_index(op.f("ix_entry_month"), "entry", ["month"])
    op.create_index(op.f("ix_entry_url_key"), "entry", ["url_key"])
    op.create_table(
        "issue",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False, comment="draft, approved, sending, sent"),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("ranked_items", JSON, comment="the ranked items it was made of"),
        sa.Column("content_version", sa.String(length=64), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_issue")),
    )


def _bot() -> None:
    """Create people's rigs and feedback."""
    op.create_table(
        "rig",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("devices", JSON, nullable=False, comment="list of {id, count, memory_bytes}"),
        sa.Column("ram_bytes", sa.BigInteger()),
        sa.Column("engine", sa.String(length=32), server_default=sa.text("''"), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_rig")),
    )
    op.create_table(
        "feedback",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("user_id", sa.BigInteger()),
        sa.Column(
            "kind", sa.String(length=16), nullable=False, comment="fit, define, error …: which answer it is about"
        ),
        sa.Column("subject", sa.Text(), nullable=False, comment="what was asked, as the answer names it"),
        sa.Column("helpful", sa.Boolean()),
        sa.Column("measured_tok_s", sa.Float()),
        sa.Column("comment", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("content_version", sa.String(length=64), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
    )
    op.create_index(op.f("ix_feedback_created_at"), "feedback", ["created_at"])
