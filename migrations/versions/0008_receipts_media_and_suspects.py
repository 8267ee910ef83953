"""How a delivery ended, the pictures that families send, and the webhooks that failed the check."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in (
        sa.Column("first_tried_at", MOMENT),
        sa.Column("step", sa.Integer()),
        sa.Column("receipt", sa.String()),
        sa.Column("receipt_code", sa.String()),
        sa.Column("receipt_at", MOMENT),
    ):
        op.add_column("delivery", column)
    op.create_check_constraint("delivery_receipt", "delivery", "receipt IN ('on_its_way', 'arrived', 'did_not_arrive')")
    op.create_index("delivery_unfinished", "delivery", ["queued_at"], postgresql_where="state IN ('queued', 'sending')")
    op.create_index(
        "delivery_alarm",
        "delivery",
        ["reason", "queued_at"],
        postgresql_where="message_id IS NULL AND concern_id IS NULL",
    )
    # Two with one id were possible: one of them was wrongly found after a crash.
    op.execute(
        "UPDATE delivery later SET provider_reference = NULL WHERE medium = 'sms' AND EXISTS (SELECT FROM delivery d "
        "WHERE d.medium = 'sms' AND d.provider_reference = later.provider_reference AND d.id < later.id)"
    )
    op.create_index("delivery_text", "delivery", ["provider_reference"], unique=True, postgresql_where="medium = 'sms'")
    op.create_table(
        "media",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("message_id", sa.BigInteger(), sa.ForeignKey("message.id"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("claimed_type", sa.String()),
        sa.Column("type", sa.String()),
        sa.Column("size", sa.Integer()),
        sa.Column("sha256", sa.String()),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("came_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.UniqueConstraint("message_id", "position"),
        sa.CheckConstraint("state IN ('waiting', 'kept', 'refused')", name="media_state"),
        sa.CheckConstraint("(state = 'kept') = (content IS NOT NULL)", name="media_content"),
        sa.CheckConstraint("(state = 'refused') = (reason IS NOT NULL)", name="media_reason"),
    )
    op.create_index("media_waiting", "media", ["came_at"], postgresql_where="state = 'waiting'")
    op.create_table(
        "suspect_message",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("came_at", MOMENT, nullable=False, index=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("names_account", sa.Boolean(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),  # encrypted, as are media.url and media.content
        sa.Column("address_index", sa.String(), index=True),
        sa.Column("headers", JSONB(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.CheckConstraint("state IN ('waiting', 'released', 'dismissed')", name="suspect_message_state"),
    )
    op.create_index("suspect_message_waiting", "suspect_message", ["id"], postgresql_where="state = 'waiting'")
    # Texts and mails have lanes of their own from here on; what waits in the old one would be forgotten.
    op.execute(
        "UPDATE procrastinate_jobs job SET queue_name = 'deliver-' || delivery.medium FROM delivery "
        "WHERE job.queue_name = 'deliveries' AND job.status = 'todo' "
        "AND delivery.id = (job.args->>'delivery_id')::bigint"
    )


def downgrade() -> None:
    op.execute("UPDATE procrastinate_jobs SET queue_name = 'deliveries' WHERE task_name = 'deliveries:deliver'")
    op.drop_table("suspect_message")
    op.drop_table("media")
    op.drop_index("delivery_text", "delivery")
    op.drop_index("delivery_alarm", "delivery")
    op.drop_index("delivery_unfinished", "delivery")
    for column in ("receipt_at", "receipt_code", "receipt", "step", "first_tried_at"):
        op.drop_column("delivery", column)
