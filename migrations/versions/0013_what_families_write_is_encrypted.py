"""What families write is encrypted, with a key for each conversation; numbers and names are found by blind indexes."""

import uuid
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

from gateway.privacy import blind
from gateway.privacy.sealed import private
from gateway.privacy.vault import NOBODY

revision = "0013"
down_revision = "0012"

AT_ONCE = 1000
OF_CONCERN = "JOIN concern AS c ON c.id = t.concern_id"
# Each table's key, whose its rows are, where that is found, and what is encrypted.
TABLES = (
    ("conversation", "id", "t.id", "", ("address",)),
    ("message", "id", "t.conversation_id", "", ("text",)),
    ("assessment", "message_id", "m.conversation_id", "JOIN message AS m ON m.id = t.message_id", ("text",)),
    (
        "concern", "id", "t.conversation_id", "",
        (
            "prisoner_name", "prisoner_number", "prisoner_dob", "summary", "reporter_name", "reporter_relationship",
            "reporter_contact", "contact_when",
        ),
    ),
    ("concern_note", "id", "c.conversation_id", OF_CONCERN, ("text",)),
    (
        "delivery", "id", "coalesce(m.conversation_id, c.conversation_id)",
        "LEFT JOIN message AS m ON m.id = t.message_id LEFT " + OF_CONCERN, ("address", "subject", "body"),
    ),
    ("callback", "id", "t.conversation_id", "", ("number", "good_time", "about")),
    ("feedback", "id", "t.conversation_id", "", ("words",)),
)  # fmt: skip
INDEXES = {
    ("conversation", "address"): blind.address_index,
    ("concern", "prisoner_name"): blind.prisoner_name_index,
    ("concern", "prisoner_number"): blind.prisoner_number_index,
}


def upgrade() -> None:
    op.create_table(
        "data_key",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("owner", sa.Uuid(), nullable=False, unique=True),
        sa.Column("wrapped", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    )
    for table, column in INDEXES:
        op.add_column(table, sa.Column(f"{column}_index", sa.String(), nullable=True))
    op.alter_column(
        "concern", "prisoner_dob", type_=sa.String(), postgresql_using="to_char(prisoner_dob, 'YYYY-MM-DD')"
    )
    with Session(op.get_bind()) as session:
        for found in TABLES:
            _encrypt(session, *found)
    op.drop_constraint("conversation_channel_address_key", "conversation")
    op.create_unique_constraint(None, "conversation", ["channel", "address_index"])
    op.create_index("ix_concern_prisoner_name_index", "concern", ["prisoner_name_index"])
    op.create_index("ix_concern_prisoner_number_index", "concern", ["prisoner_number_index"])


def _encrypt(session: Session, table: str, key: str, owner: str, joins: str, columns: tuple[str, ...]) -> None:
    """Every row of a table, some at a time, in the order of its key."""
    kind = sa.Uuid() if table == "conversation" else sa.BigInteger()
    query = sa.text(
        f"SELECT t.{key} AS key, {owner} AS owner, {', '.join(f't.{column}' for column in columns)} "
        f"FROM {table} AS t {joins} WHERE t.{key} > :after ORDER BY t.{key} LIMIT {AT_ONCE}"
    ).bindparams(sa.bindparam("after", type_=kind))
    after: Any = uuid.UUID(int=0) if table == "conversation" else -1
    while rows := session.execute(query, {"after": after}).all():
        session.execute(_update(table, key, columns), [_row(session, table, columns, row) for row in rows])
        after = rows[-1].key


def _update(table: str, key: str, columns: tuple[str, ...]) -> sa.TextClause:
    named = [*columns, *(f"{column}_index" for of, column in INDEXES if of == table)]
    return sa.text(f"UPDATE {table} SET {', '.join(f'{name} = :{name}' for name in named)} WHERE {key} = :key")


def _row(session: Session, table: str, columns: tuple[str, ...], row: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"key": row.key}
    for column in columns:
        plain = getattr(row, column)
        values[column] = None if plain is None else private(session, row.owner or NOBODY, plain).sealed
        if index := INDEXES.get((table, column)):
            values[f"{column}_index"] = None if plain is None else index(plain)
    return values


def downgrade() -> None:
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM data_key")):
        raise RuntimeError(
            "What families wrote is encrypted and is not written back in plain. To go back to an earlier version, "
            "restore the dump that was taken before the upgrade."
        )
    op.drop_index("ix_concern_prisoner_number_index", "concern")
    op.drop_index("ix_concern_prisoner_name_index", "concern")
    op.drop_constraint("conversation_channel_address_index_key", "conversation")
    op.create_unique_constraint(None, "conversation", ["channel", "address"])
    op.alter_column("concern", "prisoner_dob", type_=sa.Date(), postgresql_using="prisoner_dob::date")
    for table, column in INDEXES:
        op.drop_column(table, f"{column}_index")
    op.drop_table("data_key")
