"""Deliveries found by the provider's reference, which is all that a delivery receipt brings."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_index("ix_delivery_provider_reference", "delivery", ["provider_reference"])


def downgrade() -> None:
    op.drop_index("ix_delivery_provider_reference", table_name="delivery")
