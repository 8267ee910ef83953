"""Calls that families asked for, what they thought of the service, and requests to delete what is kept of them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("message", sa.Column("answer", sa.String(), nullable=True))
    op.create_table(
        "callback",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("reference", sa.String(), nullable=False, unique=True),
        sa.Column("conversation_id", sa.Uuid(), sa.ForeignKey("conversation.id"), nullable=False, index=True),
        sa.Column("message_id", sa.BigInteger(), sa.ForeignKey("message.id"), nullable=False, unique=True),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("good_time", sa.String(), nullable=True),
        sa.Column("prison_id", sa.String(), sa.ForeignKey("prison.id"), nullable=True),
        sa.Column("about", sa.String(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Integer(), sa.ForeignKey("staff.id"), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.CheckConstraint("(done_at IS NULL) = (outcome IS NULL)", name="callback_outcome"),
    )
    op.create_index("callback_waiting", "callback", ["asked_at"], postgresql_where="done_at IS NULL")
    op.create_table(
        "feedback",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("conversation_id", sa.Uuid(), sa.ForeignKey("conversation.id"), nullable=False, index=True),
        sa.Column("message_id", sa.BigInteger(), sa.ForeignKey("message.id"), nullable=False, unique=True),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("about IN ('answer', 'concern', 'service')", name="feedback_about"),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name="feedback_score"),
        sa.CheckConstraint("score IS NOT NULL OR words IS NOT NULL", name="feedback_says_something"),
    )
    op.create_table(
        "erasure_request",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("reference", sa.String(), nullable=False, unique=True),
        sa.Column("conversation_id", sa.Uuid(), sa.ForeignKey("conversation.id"), nullable=False),
        sa.Column("message_id", sa.BigInteger(), sa.ForeignKey("message.id"), nullable=False, unique=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('asked', 'deleted', 'part_kept', 'refused')", name="erasure_request_state"),
        sa.CheckConstraint("(state = 'asked') = (settled_at IS NULL)", name="erasure_request_settled"),
    )
    op.create_index(
        "erasure_request_open",
        "erasure_request",
        ["conversation_id"],
        unique=True,
        postgresql_where="state = 'asked'",
    )


def downgrade() -> None:
    op.drop_table("erasure_request")
    op.drop_table("feedback")
    op.drop_table("callback")
    op.drop_column("message", "answer")
