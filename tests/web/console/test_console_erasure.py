"""Deleting from the console what is kept of a family."""

import pytest
from factories import a_concern, a_conversation, a_message
from sqlalchemy import select

from gateway.conversations.models import Message
from gateway.conversations.service import Reply, answer
from gateway.db import unit_of_work
from gateway.privacy import holds
from gateway.privacy import service as privacy


@pytest.fixture
def request_of(database):
    """A family's request: its reference and conversation; with a concern where wanted."""

    def ask(with_concern=False):
        with unit_of_work() as session:
            conversation = a_conversation(session)
            messages = [a_message(session, "delete my data", conversation)]
            if with_concern:
                concern = a_concern(session, conversation=conversation)
                messages.append(session.get_one(Message, concern.opened_by))
            for message in messages:
                answer(session, message, [Reply("we will")])
            return privacy._ask(session, messages[0]).reference, conversation.id

    return ask


def texts():
    with unit_of_work() as session:
        return list(session.scalars(select(Message.text).where(Message.sender == "family")))


def test_the_duty_desk_deletes_with_a_tick_and_is_told(sign_in, request_of, log):
    reference, _ = request_of()
    duty = sign_in(reads_unrouted=True)
    path = f"/console/erasure-requests/{reference}/erase"

    assert "Tick that it may be deleted" in duty.post(path, status=400).text and texts() == ["delete my data"]
    assert f"asked in {reference} is deleted" in duty.post(path, tick="sure").text
    assert texts() == [] and [line.actor for line in log("erasure:done")] == ["staff:1"]
    assert "dealt with before" in duty.post(path, tick="sure").text


def test_nobody_else_deletes(sign_in, request_of):
    reference, _ = request_of()

    sign_in("LEI").post(f"/console/erasure-requests/{reference}/erase", follow=False, status=404, tick="sure")
    assert texts() == ["delete my data"]


def test_an_open_concern_is_kept_and_the_duty_desk_is_told_so(sign_in, request_of):
    reference, _ = request_of(with_concern=True)

    page = sign_in(reads_unrouted=True).post(f"/console/erasure-requests/{reference}/erase", tick="sure")
    assert "but for their concerns" in page.text and texts() == ["my son says he cant go on"]


def test_a_hold_is_named_and_nothing_goes(sign_in, request_of):
    reference, conversation = request_of()
    with unit_of_work() as session:
        holds.place(session, conversation, concern_id=None, reason="inquest in May", by="Ann")

    page = sign_in(reads_unrouted=True).post(f"/console/erasure-requests/{reference}/erase", status=409, tick="sure")
    assert "inquest in May" in page.text and texts() == ["delete my data"]
