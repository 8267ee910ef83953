"""Holds, what goes tomorrow, emptied concerns, and references that let go of a message when it is deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

# table, column, the table that it names, and what happens when that row goes.
REFERENCES = (
    ("message", "reply_to", "message", "SET NULL"),
    ("assessment", "message_id", "message", "CASCADE"),
    ("delivery", "message_id", "message", "CASCADE"),
    ("callback", "message_id", "message", "SET NULL"),
    ("feedback", "message_id", "message", "SET NULL"),
    ("erasure_request", "message_id", "message", "SET NULL"),
    ("erasure_request", "conversation_id", "conversation", "SET NULL"),
)
NOW_OPTIONAL = (
    ("callback", "message_id", sa.BigInteger()),
    ("feedback", "message_id", sa.BigInteger()),
    ("erasure_request", "message_id", sa.BigInteger()),
    ("erasure_request", "conversation_id", sa.Uuid()),
)


def upgrade() -> None:
    for table, column, named, when_gone in REFERENCES:
        _refer(table, column, named, when_gone)
    for table, column, kind in NOW_OPTIONAL:
        op.alter_column(table, column, existing_type=kind, nullable=True)
    op.add_column("concern", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "retention_hold",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("conversation_id", sa.Uuid(), sa.ForeignKey("conversation.id"), nullable=False, index=True),
        sa.Column("concern_id", sa.BigInteger(), sa.ForeignKey("concern.id"), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("placed_by", sa.String(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.String(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_table(
        "retention_listed",
        sa.Column("kind", sa.String(), primary_key=True),
        sa.Column("item", sa.String(), primary_key=True),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table("spent_id", sa.Column("digest", sa.String(), primary_key=True))
    op.create_table(
        "erasure_notice",
        sa.Column("mark", sa.String(), primary_key=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Refused by the database once a request, a call or an opinion has outlived its message."""
    for table in ("erasure_notice", "spent_id", "retention_listed", "retention_hold"):
        op.drop_table(table)
    op.drop_column("concern", "erased_at")
    for table, column, kind in NOW_OPTIONAL:
        op.alter_column(table, column, existing_type=kind, nullable=False)
    for table, column, named, _ in REFERENCES:
        _refer(table, column, named, None)


def _refer(table: str, column: str, named: str, when_gone: str | None) -> None:
    name = f"{table}_{column}_fkey"
    op.drop_constraint(name, table, type_="foreignkey")
    op.create_foreign_key(name, table, named, [column], ["id"], ondelete=when_gone)
