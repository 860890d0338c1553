"""The digest's run-time rows: where each source stands, what was ever seen in it, and the issues made of that.

Written by `digest_store` and `issue_store`. What maintainers change (`issue_edit`) stands apart from what was
collected. An issue past its draft cannot be changed: the database's own triggers refuse it. `entry.source_id` is a
foreign key: a source's state is stored before its entries. Sources themselves are files of the digest, not rows.
"""

from __future__ import annotations

import sqlalchemy as sa

from knowledge.store.tables.base import Payload, RowId, UtcDateTime, metadata

source_state = sa.Table(
    "source_state",
    metadata,
    sa.Column("source_id", sa.String(200), primary_key=True),
    sa.Column("url", sa.Text, nullable=False, comment="the address in use; a permanent redirect rewrites it"),
    sa.Column("etag", sa.Text),
    sa.Column("last_modified", sa.Text, comment="as the server wrote it, to be sent back untouched"),
    sa.Column("body_hash", sa.String(64), comment="of the last body, for servers without validators"),
    sa.Column("last_status", sa.Integer, comment="HTTP status; NULL when no answer came"),
    sa.Column("last_error", sa.Text),
    sa.Column("failure_count", sa.Integer, nullable=False, server_default="0", comment="in a row; 0 after a success"),
    sa.Column("last_fetched_at", UtcDateTime),
    sa.Column("last_success_at", UtcDateTime),
    sa.Column("next_fetch_at", UtcDateTime, index=True),
    sa.Column("last_entry_at", UtcDateTime, comment="newest entry's date, for alarms on sources gone silent"),
    sa.Column("n_fetches", sa.Integer, nullable=False, server_default="0"),
    sa.Column("n_not_modified", sa.Integer, nullable=False, server_default="0"),
    sa.Column("n_entries_last", sa.Integer, nullable=False, server_default="0", comment="entries in the last document"),
    sa.Column("n_entries_new", sa.Integer, nullable=False, server_default="0", comment="new ones among them"),
    sa.Column("n_bytes_total", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column(
        "source_url", sa.Text, comment="the source file's address that all this is about; edited, it starts anew"
    ),
    sa.Column("not_before_at", UtcDateTime, comment="no request earlier, whoever asks: Retry-After, repeated failure"),
    sa.Column("interval_s", sa.Integer, comment="how long the schedule leaves it alone"),
    sa.Column("recent_counts", Payload, comment="entries of its last documents, oldest first"),
    sa.Column("gap_from", UtcDateTime, comment="entries between gap_from and gap_to may have been missed"),
    sa.Column("gap_to", UtcDateTime),
)

entry = sa.Table(
    "entry",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("source_id", sa.String(200), sa.ForeignKey("source_state.source_id"), nullable=False),
    sa.Column("entry_key", sa.Text, nullable=False, comment="the identity the decider gave it within its source"),
    sa.Column("kind", sa.String(32), nullable=False, server_default=sa.text("''"), comment="tool, model, news …"),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column(
        "url_key",
        sa.Text,
        nullable=False,
        server_default=sa.text("''"),
        index=True,
        comment="url normalised, finds doubles",
    ),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False, server_default=sa.text("''")),
    sa.Column("published_at", UtcDateTime),
    sa.Column("updated_at", UtcDateTime),
    sa.Column("first_seen_at", UtcDateTime, nullable=False),
    sa.Column("last_seen_at", UtcDateTime, nullable=False),
    sa.Column("content_hash", sa.String(64), nullable=False),
    sa.Column("month", sa.String(7), nullable=False, index=True, comment="YYYY-MM the entry counts for"),
    sa.Column("votes", sa.Integer),
    sa.Column("extra", Payload, comment="what only this kind of source gives"),
    sa.UniqueConstraint("source_id", "entry_key"),
)

issue = sa.Table(
    "issue",
    metadata,
    sa.Column("month", sa.String(7), primary_key=True),
    sa.Column("status", sa.String(16), nullable=False, comment="draft, approved, sending, sent"),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("html", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("ranked_items", Payload, comment="the ranked items it was made of"),
    sa.Column("content_version", sa.String(64), nullable=False, server_default=sa.text("''")),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("revision", sa.String(12), nullable=False, server_default=sa.text("''"), comment="hash of what is sent"),
    sa.Column("preheader", sa.Text, nullable=False, server_default=sa.text("''")),
    sa.Column("content", Payload, comment="the issue before it was set in type, to be compared with the next"),
    sa.Column(
        "decided_by", sa.String(64), nullable=False, server_default=sa.text("''"), comment="who approved or held"
    ),
    sa.Column("decided_at", UtcDateTime),
    sa.Column("reminded_at", UtcDateTime, comment="when maintainers were last told that it waits"),
)

issue_file = sa.Table(
    "issue_file",
    metadata,
    sa.Column("month", sa.String(7), sa.ForeignKey("issue.month", ondelete="CASCADE"), primary_key=True),
    sa.Column("name", sa.String(100), primary_key=True, comment="the last part of its address"),
    sa.Column("media_type", sa.String(64), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

issue_edit = sa.Table(
    "issue_edit",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("month", sa.String(7), nullable=False, index=True),
    sa.Column("kind", sa.String(12), nullable=False, comment="pin, hide, reword, move, note, correct"),
    sa.Column("target", sa.Text, nullable=False, comment="key of an item, slug of a section; empty for the issue"),
    sa.Column("text", sa.Text, nullable=False, server_default=sa.text("''"), comment="new words"),
    sa.Column("place", sa.Integer, comment="move: the new place, 1 is first"),
    sa.Column("made_by", sa.String(64), nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("dropped_at", UtcDateTime, comment="taken back; the row stays"),
)
