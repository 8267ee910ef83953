"""Staff link reports or keep them apart, and the prison that a concern has left can look that up."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    _allow_reasons("'number', 'name', 'staff', 'apart'")
    op.create_index("log_entry_concern_moved", "log_entry", ["happened_at"], postgresql_where="event = 'concern:moved'")


def downgrade() -> None:
    op.drop_index("log_entry_concern_moved", "log_entry")
    # This version knows no link but its own; it looks for those again with the next news of a concern.
    op.execute("DELETE FROM concern_link WHERE reason IN ('staff', 'apart')")
    _allow_reasons("'number', 'name'")


def _allow_reasons(reasons: str) -> None:
    op.drop_constraint("concern_link_reason", "concern_link")
    op.create_check_constraint("concern_link_reason", "concern_link", f"reason IN ({reasons})")
