"""The log can be looked through by event, actor and time, and readings of the whole of it are kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "log_verification",
        sa.Column("id", sa.Integer(), sa.Identity(), primary_key=True),
        sa.Column("asked_by", sa.Integer(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("rows_read", sa.BigInteger(), nullable=False),
        sa.Column("rows_in_all", sa.BigInteger(), nullable=False),
        sa.Column("anchors", sa.BigInteger(), nullable=True),
        sa.Column("last_anchor_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("faults", JSONB(), nullable=False),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="log_verification_state"),
    )
    op.create_index("log_entry_event", "log_entry", ["event", "id"])
    op.create_index("log_entry_actor", "log_entry", ["actor", "id"])
    op.create_index("log_entry_happened_at", "log_entry", ["happened_at"])


def downgrade() -> None:
    op.drop_index("log_entry_happened_at", table_name="log_entry")
    op.drop_index("log_entry_actor", table_name="log_entry")
    op.drop_index("log_entry_event", table_name="log_entry")
    op.drop_table("log_verification")
