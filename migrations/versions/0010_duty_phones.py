"""Telephones from which staff acknowledge, and threads for what they text."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "duty_phone",
        sa.Column("id", sa.Integer(), sa.Identity(), primary_key=True),
        sa.Column("number", sa.String(), nullable=False),  # encrypted
        sa.Column("number_index", sa.String(), nullable=False),
        sa.Column("staff_id", sa.Integer(), sa.ForeignKey("staff.id"), nullable=False, index=True),
        sa.Column("prison_id", sa.String(), sa.ForeignKey("prison.id"), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("duty_phone_number", "duty_phone", ["number_index"], unique=True, postgresql_where="active")
    _channels("'sms', 'web', 'duty'")


def downgrade() -> None:
    _channels("'sms', 'web'")
    op.drop_table("duty_phone")


def _channels(allowed: str) -> None:
    op.drop_constraint("conversation_channel", "conversation")
    op.create_check_constraint("conversation_channel", "conversation", f"channel IN ({allowed})")
