"""«Delete my data»: written down once, listed for people, settled by people."""

from typing import Any

import pytest
from factories import NUMBER, a_concern, a_conversation, a_message
from sqlalchemy import select
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from gateway.audit.models import LogEntry
from gateway.cli import app
from gateway.conversations.models import Message
from gateway.db import unit_of_work
from gateway.privacy import service
from gateway.privacy.models import ErasureRequest


def asked(work: Session, text: str = "delete my data", conversation: Any = None) -> str:
    message = a_message(work, text, conversation)
    work.commit()
    return service.ask(message.id)


def test_a_request_is_kept_once_and_nothing_is_deleted(work: Session) -> None:
    conversation = a_conversation(work)
    first, again = asked(work, conversation=conversation), asked(work, "delete it all", conversation)

    assert first == again
    assert [row.state for row in work.scalars(select(ErasureRequest))] == ["asked"]
    assert len(work.scalars(select(Message)).all()) == 2
    assert len(work.scalars(select(LogEntry).where(LogEntry.event == "erasure:asked")).all()) == 1


def test_the_same_message_taken_twice_is_one_request_even_when_it_was_settled(work: Session) -> None:
    message = a_message(work, "delete my data")
    work.commit()
    reference = service.ask(message.id)
    service.settle(work, reference, "deleted")
    work.commit()

    assert service.ask(message.id) == reference


def test_a_request_after_a_settled_one_is_a_new_one(work: Session) -> None:
    conversation = a_conversation(work)
    first = asked(work, conversation=conversation)
    service.settle(work, first, "part_kept")

    assert asked(work, conversation=conversation) != first


def test_a_request_waits_with_the_concerns_that_may_have_to_be_kept(work: Session) -> None:
    conversation = a_conversation(work)
    concern = a_concern(work, conversation=conversation)
    reference = asked(work, conversation=conversation)

    [line] = service.waiting(work)
    assert (line.request.reference, line.concerns) == (reference, [concern.reference])


@pytest.mark.parametrize("state, refusal", [("asked", KeyError), ("made_up", KeyError)])
def test_a_request_is_settled_only_in_a_way_that_is_on_the_list(work: Session, state: str, refusal: type) -> None:
    with pytest.raises(refusal):
        service.settle(work, asked(work), state)


def test_a_request_is_settled_once(work: Session) -> None:
    reference = asked(work)
    service.settle(work, reference, "refused")

    with pytest.raises(service.NotWaiting):
        service.settle(work, reference, "deleted")
    assert service.waiting(work) == []


def test_operators_list_and_settle_the_requests_by_command(database: str) -> None:
    with unit_of_work() as session:
        message = a_message(session, "delete my data", a_conversation(session, "sms"))
    reference, run = service.ask(message.id), CliRunner().invoke

    listed = run(app, ["privacy", "requests"])
    assert listed.exit_code == 0 and reference in listed.stdout and NUMBER in listed.stdout
    assert run(app, ["privacy", "settle", reference, "burnt"]).exit_code != 0
    assert run(app, ["privacy", "settle", reference.lower(), "deleted"]).exit_code == 0
    assert run(app, ["privacy", "settle", reference, "deleted"]).exit_code != 0
    assert run(app, ["privacy", "requests"]).stdout == "0 waiting.\n"
