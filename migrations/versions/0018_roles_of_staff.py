"""What each member of staff may do. Who could sign in before is an officer, and goes on seeing what they saw."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0018"
down_revision = "0017"

KNOWN = "ARRAY['officer', 'duty_manager', 'family_worker', 'analyst', 'administrator']"


def upgrade() -> None:
    op.add_column("staff", sa.Column("roles", ARRAY(sa.Text()), nullable=False, server_default="{officer}"))
    op.alter_column("staff", "roles", server_default=None)
    op.create_check_constraint("staff_roles", "staff", f"roles <@ {KNOWN}")


def downgrade() -> None:
    op.drop_constraint("staff_roles", "staff")
    op.drop_column("staff", "roles")
