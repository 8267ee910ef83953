"""The index of answers says all that figures ask of them, so that they are counted without the messages themselves."""

from alembic import op

revision = "0026"
down_revision = "0025"

IS_ONE = "answer IS NOT NULL"


def upgrade() -> None:
    op.drop_index("message_answer", "message")
    op.create_index(
        "message_answer", "message", ["at"], postgresql_include=["answer", "conversation_id"], postgresql_where=IS_ONE
    )


def downgrade() -> None:
    op.drop_index("message_answer", "message")
    op.create_index("message_answer", "message", ["at"], postgresql_where=IS_ONE)
