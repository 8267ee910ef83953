"""The group of who writes is found for concerns from before there were groups."""

import uuid
from collections.abc import Iterator

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from gateway import db
from gateway.config import ROOT
from gateway.privacy.sealed import private
from tests.conftest import _run, _use

CONFIG = Config(ROOT / "alembic.ini")
OWNER = uuid.UUID(int=7)


@pytest.fixture
def before(postgres: str) -> Iterator[None]:
    """A database as it was before the groups."""
    _run(postgres, "DROP DATABASE IF EXISTS grouped", "CREATE DATABASE grouped")
    _use(postgres.replace("/postgres?", "/grouped?"))
    command.upgrade(CONFIG, "0013")
    yield
    db.engine().dispose()
    _run(postgres, "DROP DATABASE grouped WITH (FORCE)")


def test_what_families_said_before_is_put_into_its_group(before: None) -> None:
    with db.unit_of_work() as session:
        session.execute(
            text("INSERT INTO conversation (id, channel, opened_at) VALUES (:id, 'web', now())"), {"id": OWNER}
        )
        for number, said in enumerate(("step-parent", "his old scout leader", None), start=1):
            session.execute(
                text(
                    "INSERT INTO message (conversation_id, sender, text, state, media, buttons, sources, at) "
                    "VALUES (:owner, 'family', :text, 'kept', '[]', '[]', '[]', now())"
                ),
                {"owner": OWNER, "text": private(session, OWNER, "x").sealed},
            )
            sealed = private(session, OWNER, said).sealed if said else None
            session.execute(
                text(
                    "INSERT INTO concern (reference, conversation_id, opened_by, channel, opened_at, status, urgency, "
                    "category, subject, model_version, next_alarm_at, escalation_step, reporter_relationship) VALUES "
                    "(:number, :owner, :number, 'web', now(), 'open', 'urgent', 'other', 'prisoner', 'x', now(), 0, "
                    ":said)"
                ),
                {"owner": OWNER, "number": number, "said": sealed},
            )

    command.upgrade(CONFIG, "head")

    with db.unit_of_work() as session:
        groups = session.scalars(text("SELECT relationship_group FROM concern ORDER BY id")).all()
    assert groups == ["parent", "other", None]
