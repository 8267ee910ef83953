"""Each person may have an hour of their own for the daily mail."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.add_column("staff", sa.Column("digest_at", sa.Time(), nullable=True))


def downgrade() -> None:
    op.drop_column("staff", "digest_at")
