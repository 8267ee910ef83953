"""Concerns are found by what families told. What is there already is put down by `gateway concerns index`."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "concern_search",
        sa.Column("concern_id", sa.BigInteger(), sa.ForeignKey("concern.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("tokens", ARRAY(sa.BigInteger()), nullable=False),
    )
    op.create_index(
        "concern_search_tokens", "concern_search", ["tokens"],
        postgresql_using="gin", postgresql_with={"fastupdate": "off"},
    )  # fmt: skip
    op.create_index("concern_opened", "concern", ["opened_at", "id"])
    op.create_index("concern_opened_in", "concern", ["prison_id", "opened_at", "id"])


def downgrade() -> None:
    op.drop_index("concern_opened_in", "concern")
    op.drop_index("concern_opened", "concern")
    op.drop_table("concern_search")
