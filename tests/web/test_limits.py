"""A flood is slowed and noted; what a family sends is kept all the same."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from gateway.audit.models import LogEntry, LogEvent
from gateway.config import settings
from gateway.conversations.models import Message
from gateway.db import unit_of_work
from gateway.jobs import slow_time
from web import create_app

SMALL = """
slow: {phone: 2 per hour, conversation: 2 per hour, address: 3 per hour}
slow_seconds: 3
refuse: {conversation: 4 per minute, new_conversations: 2 per minute, polls: 3 per minute}
"""
HERE = {"REMOTE_ADDR": "203.0.113.7"}


@pytest.fixture
def small(database: str, tmp_path) -> Callable[..., FlaskClient]:
    """The application with small limits."""
    (tmp_path / "limits.yml").write_text(SMALL)

    def made(**more: object) -> FlaskClient:
        return create_app(replace(settings(), data_dir=tmp_path, **more)).test_client()

    return made


def _jobs() -> list[tuple[int, bool]]:
    query = "SELECT priority, scheduled_at IS NOT NULL AS later FROM procrastinate_jobs ORDER BY id"
    with unit_of_work() as session:
        return [(row.priority, row.later) for row in session.execute(text(query))]


def _slowed() -> list[list[str]]:
    with unit_of_work() as session:
        query = select(LogEntry).where(LogEntry.event == LogEvent.MESSAGE_SLOWED.value).order_by(LogEntry.id)
        return [entry.details["limits"] for entry in session.scalars(query)]


def _say(web: FlaskClient, token: str | None = None, status: int = 200, **environment: str) -> dict:
    body = {"text": "he says he cant go on", "conversation": token}
    answer = web.post("/chat/api/messages", json=body, environ_overrides=environment)
    assert answer.status_code == status
    return answer.get_json()


def test_a_chat_over_its_limit_is_kept_noted_and_answered_later_behind_the_others(small):
    web = small()
    token = _say(web)["conversation"]
    for _ in range(2):
        _say(web, token)

    assert _jobs() == [(0, False), (0, False), (-1, True)]
    assert _slowed() == [["conversation"]]
    with unit_of_work() as session:
        assert len(session.scalars(select(Message)).all()) == 3


def test_a_number_over_its_limit_is_never_refused(small, monkeypatch):
    from web.sms import views

    monkeypatch.setattr(views, "is_from_twilio", lambda: True)
    web = small()
    for number in range(6):
        form = {"MessageSid": f"SM{number}", "From": "+447700900001", "Body": "he says he cant go on"}
        assert web.post("/sms/twilio", data=form).status_code == 200

    assert [later for _, later in _jobs()] == [False, False, True, True, True, True]
    assert _slowed() == [["phone"]] * 4


def test_a_public_address_is_slowed_over_all_its_chats(small):
    web = small()
    tokens = [_say(web)["conversation"] for _ in range(2)]
    for token in tokens:
        _say(web, token, **HERE)
    assert _slowed() == []

    _say(web, **HERE)
    _say(web, **HERE)
    assert _slowed() == [["address"]]


def test_new_chats_are_refused_only_to_a_public_address_and_to_a_whole_household_of_ipv6(small):
    web = small()
    codes = [200, 200, 429, 429]
    for last, code in enumerate(codes):
        _say(web, status=code, REMOTE_ADDR=f"2001:db8::{last}")
        _say(web, status=200, REMOTE_ADDR="10.0.0.1")

    assert _say(web, REMOTE_ADDR="2001:db8:0:1::1")["pending"] is True


def test_only_a_flood_of_one_conversation_is_refused_and_told_whom_to_ring(small):
    web = small()
    token = _say(web)["conversation"]
    for _ in range(3):
        _say(web, token)

    refused = web.post("/chat/api/messages", json={"text": "again", "conversation": token})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60") and "999" in refused.get_json()["error"]
    assert _say(web)["pending"] is True


def test_the_page_keeps_the_words_of_a_flood_in_the_box(small):
    from bs4 import BeautifulSoup

    web = small()
    proof = BeautifulSoup(web.get("/chat").text, "html5lib").select_one("#write input[name=csrf_token]")["value"]
    answers = [web.post("/chat", data={"csrf_token": proof, "text": "my words"}) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [303, 303, 303, 303, 429]
    assert BeautifulSoup(answers[-1].text, "html5lib").select_one("#text").text.strip() == "my words"


def test_asking_too_often_is_refused(small):
    web = small()
    token = _say(web)["conversation"]

    codes = [web.get(f"/chat/api/messages?conversation={token}").status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]


def test_the_address_in_x_forwarded_for_counts_only_as_far_as_proxies_are_trusted(small):
    def begin(web: FlaskClient, forwarded: str) -> int:
        headers = {"X-Forwarded-For": forwarded}
        body = {"text": "hello"}
        return web.post("/chat/api/messages", json=body, headers=headers, environ_overrides=HERE).status_code

    trusting, alone = small(trusted_proxies=1), small()

    assert [begin(trusting, f"198.51.100.1, 203.0.113.{last}") for last in (1, 2, 3)] == [200, 200, 200]
    assert [begin(trusting, f"198.51.100.{last}, 203.0.113.9") for last in (1, 2, 3)] == [200, 200, 429]
    assert [begin(alone, f"203.0.113.{last}") for last in (1, 2, 3)] == [200, 200, 429]


def test_the_limits_that_come_with_it_can_be_read_and_give_a_family_room(database):
    limits, _ = create_app().extensions["limits"]

    assert slow_time().total_seconds() <= 5
    assert all(rate.amount / rate.get_expiry() >= 1 / 60 for rate in [*limits.slow.values(), *limits.refuse.values()])
