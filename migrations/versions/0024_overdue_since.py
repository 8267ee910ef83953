"""A concern knows since when it is overdue, so that the unread that are come first on the list of what waits."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


# The first time since it was acknowledged, was opened again or came.
FILL = """
    UPDATE concern SET escalated_at = (
        SELECT min(happened_at) FROM log_entry
        WHERE concern_id = concern.id AND event = 'concern:escalated' AND happened_at >= coalesce(
            acknowledged_at,
            (SELECT max(happened_at) FROM log_entry WHERE concern_id = concern.id AND event = 'concern:reopened'),
            opened_at))
    WHERE status <> 'closed'
"""


def upgrade() -> None:
    op.add_column("concern", sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(FILL)


def downgrade() -> None:
    op.drop_column("concern", "escalated_at")
