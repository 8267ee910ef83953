"""Staff keep the filter with which their list of open concerns opens."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("staff", sa.Column("queue_filter", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("staff", "queue_filter")
