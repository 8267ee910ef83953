"""Telephones from which staff acknowledge, threads for what they text, and calls as a way to tell them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "duty_phone",
        sa.Column("id", sa.Integer(), sa.Identity(), primary_key=True),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("staff_id", sa.Integer(), sa.ForeignKey("staff.id"), nullable=False, index=True),
        sa.Column("prison_id", sa.String(), sa.ForeignKey("prison.id"), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("duty_phone_number", "duty_phone", ["number"], unique=True, postgresql_where="active")
    _allow("conversation", "channel", "'sms', 'web', 'duty'")
    _allow("delivery", "medium", "'sms', 'email', 'call'")


def downgrade() -> None:
    _allow("delivery", "medium", "'sms', 'email'")
    _allow("conversation", "channel", "'sms', 'web'")
    op.drop_table("duty_phone")


def _allow(table: str, column: str, values: str) -> None:
    op.drop_constraint(f"{table}_{column}", table)
    op.create_check_constraint(f"{table}_{column}", table, f"{column} IN ({values})")
