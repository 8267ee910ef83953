"""What other programs are promised: concerns and messages as lines of JSON."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from gateway.cli import app
from gateway.concerns.models import Concern, ConcernWords
from gateway.conversations import tokens
from gateway.conversations.models import Message
from gateway.conversations.threads import open_web_conversation, sms_conversation
from gateway.db import now, unit_of_work
from gateway.deliveries.service import queue_reply
from gateway.prisons.models import Prison
from gateway.privacy.sealed import private, sealed
from gateway.staff.models import Staff

FIELDS = [
    "reference", "opened_at", "status", "urgency", "category", "subject", "prison_id", "prison_name", "prisoner_name",
    "prisoner_number", "prisoner_dob", "words", "summary", "reporter_name", "reporter_relationship", "reporter_contact",
    "reporter_anonymous", "contact_allowed", "tell_prisoner", "channel", "conversation", "acknowledged_at",
    "acknowledged_by", "outcome", "closed_at", "model_version",
]  # fmt: skip

Tell = Callable[..., Concern]


@pytest.fixture
def tell(database: str) -> Tell:
    """Put a concern, its conversation and its words into the log."""

    def told(reference: str, words: list[str], number: str | None = "+447700900001", **facts: object) -> Concern:
        with unit_of_work() as session:
            conversation = sms_conversation(session, number) if number else open_web_conversation(session)
            texts = [
                Message(
                    conversation_id=conversation.id, sender="family", text=private(session, conversation.id, text),
                    state="answered",
                )
                for text in words
            ]  # fmt: skip
            session.add_all(texts)
            session.flush()
            concern = Concern(
                **{
                    "reference": reference, "conversation_id": conversation.id, "opened_by": texts[0].id,
                    "channel": conversation.channel, "urgency": "urgent", "category": "self_harm_suicide",
                    "subject": "prisoner", "model_version": "test-1", "next_alarm_at": now(),
                    **sealed(session, conversation.id, Concern, facts),
                }
            )  # fmt: skip
            session.add(concern)
            session.flush()
            session.add_all(ConcernWords(concern_id=concern.id, message_id=text.id) for text in texts)
        return concern

    return told


def exported(*arguments: str) -> list[dict[str, object]]:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_concern_has_exactly_the_promised_fields_in_their_order(tell: Tell) -> None:
    tell("ABC-2345", ["he wants to die"])

    (concern,) = exported("concerns", "export")
    assert list(concern) == FIELDS


def test_everything_known_of_a_concern_is_exported(tell: Tell) -> None:
    with unit_of_work() as session:
        reader = Staff(email="sam@prison.example", name="Sam Reader", password="-", fs_uniquifier=uuid.uuid4().hex)
        session.add(reader)
        session.flush()
        prison = session.get_one(Prison, "LEI").name
    at = datetime(2026, 3, 1, 21, 7, tzinfo=UTC)
    tell(
        "ABC-2345", ["he wants to die"], opened_at=at, status="closed", urgency="emergency", prison_id="LEI",
        prisoner_name="Jon Doe", prisoner_number="A1234BC", prisoner_dob=date(1990, 2, 3), summary="since his visit",
        reporter_name="Mary Doe", reporter_relationship="mother", reporter_contact="+447700900001",
        reporter_anonymous=False, contact_allowed=True, tell_prisoner=False, acknowledged_at=at + timedelta(minutes=3),
        acknowledged_by=reader.id, outcome="acct_opened", closed_at=at + timedelta(hours=1),
    )  # fmt: skip

    assert exported("concerns", "export") == [
        {
            "reference": "ABC-2345", "opened_at": "2026-03-01T21:07:00+00:00", "status": "closed",
            "urgency": "emergency", "category": "self_harm_suicide", "subject": "prisoner", "prison_id": "LEI",
            "prison_name": prison, "prisoner_name": "Jon Doe", "prisoner_number": "A1234BC",
            "prisoner_dob": "1990-02-03", "words": ["he wants to die"], "summary": "since his visit",
            "reporter_name": "Mary Doe", "reporter_relationship": "mother", "reporter_contact": "+447700900001",
            "reporter_anonymous": False, "contact_allowed": True, "tell_prisoner": False, "channel": "sms",
            "conversation": "+447700900001", "acknowledged_at": "2026-03-01T21:10:00+00:00",
            "acknowledged_by": "Sam Reader", "outcome": "acct_opened", "closed_at": "2026-03-01T22:07:00+00:00",
            "model_version": "test-1",
        }
    ]  # fmt: skip


def test_what_nobody_said_is_null(tell: Tell) -> None:
    tell("ABC-2345", ["he wants to die"])

    (concern,) = exported("concerns", "export")
    unknown = [name for name in FIELDS if concern[name] is None]
    assert unknown == [
        "prison_id", "prison_name", "prisoner_name", "prisoner_number", "prisoner_dob", "summary", "reporter_name",
        "reporter_relationship", "reporter_contact", "reporter_anonymous", "contact_allowed", "tell_prisoner",
        "acknowledged_at", "acknowledged_by", "outcome", "closed_at",
    ]  # fmt: skip


def test_words_are_verbatim_and_in_the_order_they_came(tell: Tell) -> None:
    words = ['he said "it is over"', "two\nlines\tand 😢", "  spaces  ", "third, ŵ"]
    tell("ABC-2345", words)

    assert exported("concerns", "export")[0]["words"] == words


def test_concerns_are_exported_oldest_first_and_each_with_its_own_words(tell: Tell) -> None:
    tell("ABC-2345", ["first"])
    tell("ABC-6789", ["second", "third"], number="+447700900002")

    assert [(concern["reference"], concern["words"]) for concern in exported("concerns", "export")] == [
        ("ABC-2345", ["first"]),
        ("ABC-6789", ["second", "third"]),
    ]


def test_without_concerns_nothing_is_written(database: str) -> None:
    assert exported("concerns", "export") == []


@pytest.mark.parametrize(
    ("since", "found"),
    [
        ("2026-03-01T12:00:00+00:00", ["ABC-6789"]),
        ("2026-03-01T12:00:01+00:00", []),
        ("2026-03-01T14:00:00+02:00", ["ABC-6789"]),
        ("2026-03-01T12:00:00Z", ["ABC-6789"]),
        ("2026-03-01", ["ABC-6789"]),
        ("2026-02-28", ["ABC-2345", "ABC-6789"]),
    ],
)
def test_since_leaves_out_what_was_opened_before(tell: Tell, since: str, found: list[str]) -> None:
    tell("ABC-2345", ["older"], opened_at=datetime(2026, 2, 28, 23, 59, tzinfo=UTC))
    tell("ABC-6789", ["newer"], number="+447700900002", opened_at=datetime(2026, 3, 1, 12, tzinfo=UTC))

    assert [concern["reference"] for concern in exported("concerns", "export", "--since", since)] == found


def test_a_since_that_is_no_time_is_said_to_be_wrong(database: str) -> None:
    result = CliRunner().invoke(app, ["concerns", "export", "--since", "last tuesday"])

    assert result.exit_code == 2
    assert "last tuesday is not a time" in result.output


def test_a_conversation_on_the_web_is_named_by_the_token_that_its_browser_holds(tell: Tell, session: Session) -> None:
    concern = tell("ABC-2345", ["he wants to die"], number=None)

    (found,) = exported("concerns", "export")
    assert found["channel"] == "web"
    assert tokens.read(str(found["conversation"])) == concern.conversation_id


def test_the_token_of_the_chat_names_the_conversation_here_too(web: object) -> None:
    answer = web.post("/chat/api/messages", json={"text": "hello"})  # type: ignore[attr-defined]
    token = answer.get_json()["conversation"]

    assert [message["text"] for message in exported("messages", "export", "--conversation", token)] == ["hello"]
    assert exported("messages", "export")[0]["conversation"] == token


def test_messages_of_one_number_are_exported_with_what_became_of_each(tell: Tell) -> None:
    tell("ABC-2345", ["hello"])
    tell("ABC-6789", ["somebody else"], number="+447700900002")
    with unit_of_work() as session:
        asked = session.scalars(select(Message).order_by(Message.id)).first()
        whose = asked.conversation_id
        sources = [{"title": "Visits", "url": "https://www.gov.uk/prison-visits", "checked": "2026-03-01"}]
        said = Message(
            conversation_id=whose, sender="bot", text=private(session, whose, "Hello."), state="out",
            reply_to=asked.id, position=0, sources=sources,
        )  # fmt: skip
        session.add(said)
        session.flush()
        queue_reply(session, said, "+44").state = "sent"

    question, reply = exported("messages", "export", "--conversation", "+447700900001")
    assert (question["from"], question["text"], question["state"]) == ("family", "hello", "answered")
    assert (reply["from"], reply["text"], reply["reply_to"]) == ("bot", "Hello.", question["id"])
    assert (reply["delivery"], reply["sources"], reply["channel"]) == ("sent", sources, "sms")


def test_a_number_that_never_wrote_has_no_messages(tell: Tell) -> None:
    tell("ABC-2345", ["hello"])

    assert exported("messages", "export", "--conversation", "+447700900003") == []


@pytest.mark.parametrize("named", ["not-a-token", "WyJ4Il0.c2ln", "07700900001", "Ü"])
def test_a_conversation_that_is_neither_token_nor_number_is_said_to_be_wrong(tell: Tell, named: str) -> None:
    tell("ABC-2345", ["hello"])
    result = CliRunner().invoke(app, ["messages", "export", "--conversation", named])

    assert result.exit_code == 2
    assert "hello" not in result.output
