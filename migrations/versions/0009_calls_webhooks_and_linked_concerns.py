"""Staff can be told by a telephone call or a webhook, and reports about one person are linked."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    _allow_media("'sms', 'email', 'call', 'webhook'")
    op.create_table(
        "concern_link",
        sa.Column("concern_id", sa.BigInteger(), sa.ForeignKey("concern.id"), primary_key=True),
        sa.Column("other_id", sa.BigInteger(), sa.ForeignKey("concern.id"), primary_key=True, index=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("other_id < concern_id", name="concern_link_to_earlier"),
        sa.CheckConstraint("reason IN ('number', 'name')", name="concern_link_reason"),
    )


def downgrade() -> None:
    op.drop_table("concern_link")
    # What was told in a way that this version does not know was told all the same.
    op.execute("UPDATE delivery SET medium = 'email' WHERE medium NOT IN ('sms', 'email')")
    _allow_media("'sms', 'email'")


def _allow_media(media: str) -> None:
    op.drop_constraint("delivery_medium", "delivery")
    op.create_check_constraint("delivery_medium", "delivery", f"medium IN ({media})")
