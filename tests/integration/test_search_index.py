"""What concerns are found by keeps in step with what they say, and goes with it."""

from datetime import timedelta

import pytest
from factories import NUMBER, a_concern, a_conversation, a_message
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from test_retention import a_closed_concern, decided, delete_now
from typer.testing import CliRunner

from gateway.cli import app
from gateway.concerns import service, tokens
from gateway.concerns.models import ConcernSearch
from gateway.db import unit_of_work
from gateway.privacy import removal
from gateway.privacy.sealed import private

assert decided  # a fixture

TOLD = {"prisoner_name": "Owen Pryce", "prisoner_number": "A1234BC", "summary": "he owes for vapes"}


def found_by(session: Session) -> dict[int, set[int]]:
    """Every row of the index."""
    return {row.concern_id: set(row.tokens) for row in session.scalars(select(ConcernSearch))}


def everything(words: str, prison: str = "LEI", **told: str) -> set[int]:
    values = [
        *tokens.of_name(told.get("prisoner_name", "")), *tokens.of_number(told.get("prisoner_number", "")),
        *tokens.of_telephones(NUMBER), *tokens.of_words(f"{words} {told.get('summary', '')}"),
        tokens.of_prisons([prison]),
    ]  # fmt: skip
    return set().union(*values)


def test_a_concern_is_found_by_all_it_says_and_by_no_more_after_a_change(work: Session) -> None:
    concern = a_concern(work, "a blade", conversation=a_conversation(work, "sms"), details=TOLD)
    assert found_by(work) == {concern.id: everything("a blade", **TOLD)}

    more = a_message(work, "bullied since May", a_conversation(work, "sms"))
    service.add_words(work, concern, more.id)
    service.enrich(work, concern, more.id, prisoner_name="Owain Price", prison_id="MDI")

    now_told = TOLD | {"prisoner_name": "Owain Price"}
    assert found_by(work) == {concern.id: everything("a blade bullied since May", "MDI", **now_told)}


def test_a_field_set_past_the_services_is_found_too(work: Session) -> None:
    concern = a_concern(work, "a blade")

    concern.prisoner_name = private(work, concern.conversation_id, "Owen Pryce")
    work.flush()

    assert tokens.of_name("Owen")[0] <= found_by(work)[concern.id]


def test_what_is_undone_is_not_found(work: Session) -> None:
    concern = a_concern(work, "a blade")
    before = found_by(work)
    with pytest.raises(RuntimeError), work.begin_nested():
        concern.prisoner_name = private(work, concern.conversation_id, "Owen Pryce")
        work.flush()
        raise RuntimeError

    assert found_by(work) == before


def test_a_concern_that_is_emptied_is_found_by_nothing(work: Session) -> None:
    kept = a_concern(work, "a blade")
    emptied = a_closed_concern(work, timedelta(days=1), conversation=a_conversation(work, "sms"), details=TOLD)
    assert set(found_by(work)) == {kept.id, emptied.id}

    removal.empty_concern(work, emptied)

    assert set(found_by(work)) == {kept.id}


def test_a_concern_past_its_time_limit_is_found_by_nothing(work: Session, decided) -> None:
    a_closed_concern(work, timedelta(days=31), conversation=a_conversation(work, "sms"), details=TOLD)
    decided(concerns=30)

    assert delete_now(work)["concerns"] == 1

    assert found_by(work) == {}


def test_the_command_puts_down_what_was_there_before(database: str) -> None:
    with unit_of_work() as session:
        concern = a_concern(session, "a blade", conversation=a_conversation(session, "sms"), details=TOLD)
        number = concern.id
        emptied = a_closed_concern(session, timedelta(days=1), details=TOLD)
        removal.empty_concern(session, emptied)
    with unit_of_work() as session:
        session.execute(delete(ConcernSearch))

    for _ in range(2):
        done = CliRunner().invoke(app, ["concerns", "index"])
        assert done.output == "1 concerns can be found.\n"
        with unit_of_work() as session:
            assert found_by(session) == {number: everything("a blade", **TOLD)}
