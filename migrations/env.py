"""Alembic's entry: runs the numbered migrations against the gateway's database."""

from alembic import context

from gateway import models
from gateway.db import Base, engine

assert models, "imported so that autogenerate sees every table"


def _ours(thing: object, name: str | None, kind: str, reflected: bool, compared_to: object) -> bool:
    """Procrastinate looks after its own tables; autogenerate leaves them alone."""
    return not (kind == "table" and (name or "").startswith(("procrastinate_", "alembic_")))


with engine().connect() as connection:
    context.configure(
        connection=connection, target_metadata=Base.metadata, transaction_per_migration=True, include_object=_ours
    )
    with context.begin_transaction():
        context.run_migrations()
