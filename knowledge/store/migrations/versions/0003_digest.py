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
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EMPTY = sa.text("''")


def upgrade() -> None:
    """Create the columns and tables."""
    _collecting()
    _proposals()
    _issues()
    _freeze_issues()
    _requests()


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


def _issues() -> None:
    """Give an issue its revision and content, its files, and what maintainers change of it."""
    for column in (
        sa.Column("revision", sa.String(12), nullable=False, server_default=EMPTY, comment="hash of what is sent"),
        sa.Column("preheader", sa.Text(), nullable=False, server_default=EMPTY),
        sa.Column("content", JSON, comment="the issue before it was set in type, to be compared with the next"),
        sa.Column("decided_by", sa.String(64), nullable=False, server_default=EMPTY, comment="who approved or held"),
        sa.Column("decided_at", INSTANT),
        sa.Column("reminded_at", INSTANT, comment="when maintainers were last told that it waits"),
    ):
        op.add_column("issue", column)
    op.create_table(
        "issue_file",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("name", sa.String(100), nullable=False, comment="the last part of its address"),
        sa.Column("media_type", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["month"], ["issue.month"], name=op.f("fk_issue_file_month_issue"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("month", "name", name=op.f("pk_issue_file")),
    )
    op.create_table(
        "issue_edit",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False, comment="pin, hide, reword, move, note, correct"),
        sa.Column(
            "target", sa.Text(), nullable=False, comment="key of an item, slug of a section; empty for the issue"
        ),
        sa.Column("text", sa.Text(), nullable=False, server_default=EMPTY, comment="new words"),
        sa.Column("place", sa.Integer(), comment="move: the new place, 1 is first"),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("dropped_at", INSTANT, comment="taken back; the row stays"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue_edit")),
    )
    op.create_index(op.f("ix_issue_edit_month"), "issue_edit", ["month"], unique=False)


def _freeze_issues() -> None:
    """Let the database itself refuse any change of an issue's words once it is past its draft."""
    past = "OLD.status NOT IN ('draft', 'held')"
    said = "an issue past its draft does not change"
    if op.get_bind().dialect.name == "sqlite":
        differs = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in ("subject", "html", "text"))
        back = "(OLD.status IN ('sending', 'sent') AND NEW.status IN ('draft', 'held', 'approved'))"
        op.execute(
            f"CREATE TRIGGER issue_frozen BEFORE UPDATE ON issue WHEN {past} AND ({differs} OR {back}) "
            f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
        )
        op.execute(
            f"CREATE TRIGGER issue_kept BEFORE DELETE ON issue WHEN {past} BEGIN SELECT RAISE(ABORT, '{said}'); END"
        )
        return
    op.execute(
        f"""CREATE FUNCTION issue_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {past} AND (TG_OP = 'DELETE' OR NEW.subject IS DISTINCT FROM OLD.subject
                OR NEW.html IS DISTINCT FROM OLD.html OR NEW.text IS DISTINCT FROM OLD.text
                OR (OLD.status IN ('sending', 'sent') AND NEW.status IN ('draft', 'held', 'approved'))) THEN
                RAISE EXCEPTION '{said}';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        END $$"""
    )
    op.execute(
        "CREATE TRIGGER issue_frozen BEFORE UPDATE OR DELETE ON issue FOR EACH ROW EXECUTE FUNCTION issue_frozen()"
    )


def _requests() -> None:
    """Create what bot and digest tell each other by."""
    op.create_table(
        "maintainer_request",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False, comment="preview, approve, hold, edit, status, collect, …"),
        sa.Column("month", sa.String(7), nullable=False, server_default=EMPTY, comment="YYYY-MM, empty for none"),
        sa.Column("args", JSON, comment="what else was asked, by name"),
        sa.Column(
            "asked_by", sa.String(64), nullable=False, comment="who: a Discord id, or a name on the command line"
        ),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(12), nullable=False, comment="queued, running, done, failed"),
        sa.Column("result", JSON, comment="what came of it: text first, figures beside it"),
        sa.Column("worker", sa.String(64), nullable=False, server_default=EMPTY, comment="who serves it"),
        sa.Column("lease_until", INSTANT, comment="running: after this another worker takes it over"),
        sa.Column("finished_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maintainer_request")),
    )
    op.create_index("ix_maintainer_request_state_id", "maintainer_request", ["state", "id"], unique=False)
    op.create_table(
        "request_file",
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("media_type", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="8 MB at most"),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["maintainer_request.id"],
            name=op.f("fk_request_file_request_id_maintainer_request"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_id", "name", name=op.f("pk_request_file")),
    )
    op.create_table(
        "diagnosis_count",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("error_id", sa.String(200), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", "error_id", name=op.f("pk_diagnosis_count")),
    )
