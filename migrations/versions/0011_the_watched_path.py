"""Synthetic messages that go the whole path each minute, marked as such, and the watcher's sign of life."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("conversation", sa.Column("synthetic", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("conversation_synthetic", "conversation", ["id"], postgresql_where="synthetic")
    op.drop_constraint("delivery_medium", "delivery")
    op.create_check_constraint("delivery_medium", "delivery", "medium IN ('sms', 'email', 'call', 'webhook', 'path')")
    op.create_table(
        "path_probe",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("sid", sa.String(), nullable=False, unique=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("understood_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("logged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("ix_path_probe_finished_at", "path_probe", ["finished_at"])
    op.create_table(
        "watcher_sign",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("watcher_sign")
    op.drop_table("path_probe")
    op.drop_constraint("delivery_medium", "delivery")
    op.create_check_constraint("delivery_medium", "delivery", "medium IN ('sms', 'email', 'call', 'webhook')")
    op.drop_index("conversation_synthetic", table_name="conversation")
    op.drop_column("conversation", "synthetic")
