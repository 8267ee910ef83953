"""What staff decide of a message that may be a concern, and what they note of a call."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    message = sa.ForeignKey("message.id", ondelete="CASCADE")
    op.create_table(
        "message_decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("message_id", sa.BigInteger(), message, nullable=False, index=True),
        sa.Column("staff_id", sa.Integer(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("concern_id", sa.BigInteger(), sa.ForeignKey("concern.id"), nullable=True, index=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("words", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Integer(), sa.ForeignKey("staff.id"), nullable=True),
        sa.CheckConstraint("(reason IS NULL) = (concern_id IS NOT NULL)", name="message_decision_either"),
        sa.CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="message_decision_undone"),
    )
    op.create_index(
        "message_decision_stands", "message_decision", ["message_id"], unique=True, postgresql_where="undone_at IS NULL"
    )
    op.add_column("callback", sa.Column("note", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("callback", "note")
    op.drop_table("message_decision")
