"""What figures count: groups of relationships, answers whose messages are deleted; and who wants a daily digest."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

from gateway.concerns.relations import group_of
from gateway.privacy.sealed import Sealed

revision = "0017"
down_revision = "0016"

AT_ONCE = 1000
FACTS = ("acknowledged", "closed")
CONCERN = sa.table(
    "concern", sa.column("id", sa.BigInteger()), sa.column("reporter_relationship", Sealed()),
    sa.column("relationship_group", sa.String()),
)  # fmt: skip


def upgrade() -> None:
    op.add_column("concern", sa.Column("relationship_group", sa.String(), nullable=True))
    with Session(op.get_bind()) as session:
        _group(session)
    for fact in FACTS:
        op.create_index(f"concern_{fact}", "concern", [f"{fact}_at"])
    op.create_index("message_answer", "message", ["at"], postgresql_where="answer IS NOT NULL")
    op.create_table(
        "answer_tally",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("prison_id", sa.String(), sa.ForeignKey("prison.id"), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
    )
    op.create_index("answer_tally_month", "answer_tally", ["month"])
    op.add_column("staff", sa.Column("wants_digest", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("staff", sa.Column("digest_sent_for", sa.Date(), nullable=True))


def _group(session: Session) -> None:
    """The group of every relationship that can be read. One that cannot be read any more counts as `other`."""
    query = sa.select(CONCERN.c.id, CONCERN.c.reporter_relationship).where(CONCERN.c.reporter_relationship.is_not(None))
    change = (
        sa.update(CONCERN).where(CONCERN.c.id == sa.bindparam("key")).values(relationship_group=sa.bindparam("group"))
    )
    after = 0
    while rows := session.execute(query.where(CONCERN.c.id > after).order_by(CONCERN.c.id).limit(AT_ONCE)).all():
        session.connection().execute(change, [{"key": id, "group": group_of(said)} for id, said in rows])
        after = rows[-1].id


def downgrade() -> None:
    op.drop_column("staff", "digest_sent_for")
    op.drop_column("staff", "wants_digest")
    op.drop_table("answer_tally")
    op.drop_index("message_answer", "message")
    for fact in FACTS:
        op.drop_index(f"concern_{fact}", "concern")
    op.drop_column("concern", "relationship_group")
