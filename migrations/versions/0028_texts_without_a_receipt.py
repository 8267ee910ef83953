"""Texts of which nobody said what became of them are found quickly."""

from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_index(
        "delivery_silent",
        "delivery",
        ["sent_at"],
        postgresql_where="medium = 'sms' AND state = 'sent' AND (receipt IS NULL OR receipt = 'on_its_way')",
    )


def downgrade() -> None:
    op.drop_index("delivery_silent", "delivery")
