"""Acts of staff that come with an id, so that a form sent twice is done once; and failed sign-ins found fast."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "concern_act",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("concern_id", sa.BigInteger(), sa.ForeignKey("concern.id"), nullable=False, index=True),
        sa.Column("staff_id", sa.Integer(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index(
        "log_entry_sign_in_failed", "log_entry", ["happened_at"], postgresql_where="event = 'staff:sign_in_failed'"
    )


def downgrade() -> None:
    op.drop_index("log_entry_sign_in_failed", table_name="log_entry")
    op.drop_table("concern_act")
