"""Who has a concern in hand, what staff did about it, asked the family and put right; a closing that is proposed."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

IN_CONCERN = ("assigned_to", "proposed_outcome", "proposed_told", "proposed_by", "proposed_at")


def upgrade() -> None:
    op.add_column("concern", sa.Column("assigned_to", sa.Integer(), sa.ForeignKey("staff.id"), nullable=True))
    op.add_column("concern", sa.Column("proposed_outcome", sa.String(), nullable=True))
    op.add_column("concern", sa.Column("proposed_told", sa.String(), nullable=True))
    op.add_column("concern", sa.Column("proposed_by", sa.Integer(), sa.ForeignKey("staff.id"), nullable=True))
    op.add_column("concern", sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_concern_assigned_to", "concern", ["assigned_to"])
    op.create_check_constraint(
        "concern_proposed_whole",
        "concern",
        "num_nonnulls(proposed_outcome, proposed_told, proposed_by, proposed_at) IN (0, 4)",
    )
    # Whoever acknowledged what is still open has it in hand.
    op.execute("UPDATE concern SET assigned_to = acknowledged_by WHERE status = 'acknowledged'")
    op.add_column("concern_note", sa.Column("kind", sa.String(), nullable=False, server_default="note"))
    op.create_table(
        "concern_action", *_of_staff(), sa.Column("kind", sa.String(), nullable=False), _note(optional=True)
    )
    op.create_table(
        "concern_question", *_of_staff(), _message("message_id"), _message("answer_id"), _time("answered_at")
    )
    op.create_table(
        "concern_correction",
        *_of_staff(),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("field", "before", "after", "model_version")),
        _note(optional=False),
        sa.CheckConstraint("field IN ('urgency', 'category', 'subject')", name="concern_correction_field"),
    )


def _of_staff() -> list[sa.Column]:  # type: ignore[type-arg]
    return [
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("concern_id", sa.BigInteger(), sa.ForeignKey("concern.id"), nullable=False, index=True),
        sa.Column("staff_id", sa.Integer(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    ]


def _note(*, optional: bool) -> sa.Column:  # type: ignore[type-arg]
    return sa.Column("note_id", sa.BigInteger(), sa.ForeignKey("concern_note.id"), nullable=optional)


def _message(name: str) -> sa.Column:  # type: ignore[type-arg]
    reference = sa.ForeignKey("message.id", ondelete="SET NULL")
    return sa.Column(name, sa.BigInteger(), reference, nullable=True, index=True)


def _time(name: str) -> sa.Column:  # type: ignore[type-arg]
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def downgrade() -> None:
    for table in ("concern_correction", "concern_question", "concern_action"):
        op.drop_table(table)
    op.drop_column("concern_note", "kind")
    op.drop_constraint("concern_proposed_whole", "concern")
    for column in IN_CONCERN:
        op.drop_column("concern", column)
