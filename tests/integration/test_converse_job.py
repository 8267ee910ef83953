"""What the worker does with a message, against a stand-in for Rasa that answers on the wire as our channel does."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from factories import a_concern, a_conversation, a_message
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.adapters.rasa import Rasa
from gateway.audit.models import LogEntry, LogEvent
from gateway.concerns.models import Concern
from gateway.concerns.questions import ask_family
from gateway.conversations import jobs
from gateway.conversations.jobs import BREAKS_ALLOWED, SECONDS_AFTER_A_BREAK, RasaIsAway, converse, hold_late
from gateway.conversations.models import Assessment, Conversation, Message
from gateway.db import now
from gateway.deliveries.models import Delivery
from gateway.staff.service import add_staff

CALM = {"level": "none", "urgency": None, "category": None, "subject": None, "scores": {}, "model_version": "m-7"}
LIKELY = CALM | {"level": "likely", "urgency": "emergency", "category": "self_harm_suicide", "subject": "prisoner"}
BUTTON = {"title": "Yes", "payload": "yes"}
SOURCE = {"title": "A guide", "url": "https://guide.example", "checked": "2026-11-21"}


class FakeRasa:
    """Answers as bot/channels/gateway.py does: a message asked about again gets the replies that it got before."""

    def __init__(self) -> None:
        self.risk: dict[str, Any] = CALM
        self.intent = "greet"
        self.replies: list[dict[str, Any]] = [{"text": "Hello.", "buttons": [], "sources": []}]
        self.understood: list[dict[str, Any]] = []
        self.conversed: list[dict[str, Any]] = []
        self.turns: dict[str, list[dict[str, Any]]] = {}
        self.broken: dict[str, int] = {}
        self.before_answering: Callable[[], None] = lambda: None

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        name = path.rpartition("/")[2]
        if name == "understand":
            self.understood.append(body)
            return self.broken.get(name, 200), {"risk": self.risk, "intent": self.intent}
        self.conversed.append(body)
        self.before_answering()
        if body["again"] and body["id"] in self.turns:
            return 200, {"replies": self.turns[body["id"]], "repeated": True}
        if name in self.broken:
            return self.broken[name], {"error": "the action server is away"}
        self.turns[body["id"]] = self.replies
        return 200, {"replies": self.replies, "repeated": False}


@pytest.fixture
def rasa(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeRasa]:
    stand_in = FakeRasa()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = stand_in.answer(self.path, body)
            sent = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *given: Any) -> None:
            """Keep the tests' output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    _ask(monkeypatch, f"http://127.0.0.1:{server.server_port}")
    yield stand_in
    server.shutdown()
    server.server_close()


@pytest.fixture
def no_rasa(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens where Rasa should."""
    _ask(monkeypatch, "http://127.0.0.1:9")


def _ask(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    client = Rasa(address)
    monkeypatch.setattr(Rasa, "shared", staticmethod(lambda: client))


@pytest.fixture
def conversation(work: Session) -> Conversation:
    return a_conversation(work, "sms")


def _write(work: Session, conversation: Conversation, text: str = "hello") -> Message:
    message = a_message(work, text, conversation)
    work.commit()
    return message


def _converse(work: Session, message: Message) -> None:
    converse(message_id=message.id)
    work.expire_all()


def _replies(work: Session, message: Message) -> list[str]:
    query = select(Message).where(Message.reply_to == message.id).order_by(Message.position)
    return [said.text for said in work.scalars(query)]


def _count(work: Session, table: Any) -> int:
    return work.scalar(select(func.count()).select_from(table)) or 0


# ----- a turn -----


def test_a_message_is_answered_with_what_rasa_says(work: Session, conversation: Conversation, rasa: FakeRasa) -> None:
    rasa.replies = [
        {"text": "One?", "buttons": [BUTTON], "sources": [SOURCE]},
        {"text": "Two.", "buttons": [], "sources": []},
    ]
    message = _write(work, conversation)
    _converse(work, message)

    one, two = work.scalars(select(Message).where(Message.reply_to == message.id).order_by(Message.position)).all()
    assert one.text.startswith("One?") and two.text == "Two."
    assert one.buttons == [BUTTON] and one.sources == [SOURCE]
    assert message.state == "answered"


def test_rasa_is_told_the_id_the_channel_and_what_the_message_touched(
    work: Session, conversation: Conversation, rasa: FakeRasa
) -> None:
    rasa.risk = LIKELY
    _write(work, conversation, "its about my son")
    message = _write(work, conversation, "hes in Leeds and cant go on")
    _converse(work, message)

    (asked,) = rasa.conversed
    assert (asked["id"], asked["conversation"], asked["channel"]) == (str(message.id), str(conversation.id), "sms")
    assert asked["text"] == "hes in Leeds and cant go on" and asked["again"] is False
    assert asked["metadata"]["recent"] == ["its about my son"] and asked["metadata"]["prison"] == "LEI"
    assert asked["metadata"]["concern"]["event"] == "opened"
    assert rasa.understood == [{"text": "hes in Leeds and cant go on", "recent": ["its about my son"], "told": []}]


def test_a_number_is_told_to_rasa_as_the_choice_that_it_stands_for(
    work: Session, conversation: Conversation, rasa: FakeRasa
) -> None:
    rasa.replies = [{"text": "Are you worried?", "buttons": [BUTTON], "sources": []}]
    _converse(work, _write(work, conversation))
    _converse(work, _write(work, conversation, "1"))

    assert [asked["text"] for asked in rasa.conversed] == ["hello", "yes"]


def test_a_worry_is_in_the_log_and_somebody_told_before_the_dialogue_begins(
    work: Session, conversation: Conversation, rasa: FakeRasa
) -> None:
    rasa.risk, seen = LIKELY, []
    rasa.before_answering = lambda: seen.extend([_count(work, Concern), _count(work, Delivery)])
    _converse(work, _write(work, conversation, "hes in Leeds and cant go on"))

    assert seen == [1, 1]


def test_a_worry_stays_in_the_log_when_the_dialogue_fails(
    work: Session, conversation: Conversation, rasa: FakeRasa
) -> None:
    rasa.risk, rasa.broken = LIKELY, {"messages": 500}
    message = _write(work, conversation, "hes in Leeds and cant go on")

    with pytest.raises(httpx.HTTPStatusError):
        _converse(work, message)
    assert (_count(work, Concern), _count(work, Assessment)) == (1, 1)
    assert message.state == "accepted" and _replies(work, message) == []


def test_a_turn_without_a_reply_is_not_silence(work: Session, conversation: Conversation, rasa: FakeRasa) -> None:
    rasa.replies = []
    message = _write(work, conversation)
    _converse(work, message)

    (said,) = _replies(work, message)
    assert "0808 808 2003" in said


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_a_message_without_words_is_answered_without_rasa(
    work: Session, conversation: Conversation, no_rasa: None, text: str
) -> None:
    message = _write(work, conversation, text)
    _converse(work, message)

    (said,) = _replies(work, message)
    assert "no words" in said and message.state == "answered"


# ----- again -----


def test_a_job_that_runs_again_after_its_answer_does_nothing(
    work: Session, conversation: Conversation, rasa: FakeRasa
) -> None:
    rasa.risk = LIKELY
    message = _write(work, conversation, "hes in Leeds and cant go on")
    _converse(work, message)
    before = [_count(work, table) for table in (Message, Concern, Assessment, Delivery, LogEntry)]

    _converse(work, message)
    assert [_count(work, table) for table in (Message, Concern, Assessment, Delivery, LogEntry)] == before
    assert len(rasa.conversed) == 1


def test_after_a_crash_behind_rasa_the_same_replies_arrive_once(
    work: Session, conversation: Conversation, rasa: FakeRasa, monkeypatch: pytest.MonkeyPatch
) -> None:
    rasa.risk = LIKELY
    message = _write(work, conversation, "hes in Leeds and cant go on")
    with monkeypatch.context() as dying:
        dying.setattr(jobs.service, "answer", _die)
        with pytest.raises(SystemExit):
            _converse(work, message)
    rasa.replies = [{"text": "A second turn.", "buttons": [], "sources": []}]

    _converse(work, message)
    assert [asked["again"] for asked in rasa.conversed] == [False, True]
    assert _replies(work, message) == ["Hello."]
    assert (_count(work, Concern), _count(work, Assessment)) == (1, 1)


def _die(*given: Any) -> None:
    raise SystemExit


# ----- Rasa away -----


def test_while_rasa_is_away_the_message_waits_and_the_job_is_to_be_tried_again(
    work: Session, conversation: Conversation, no_rasa: None
) -> None:
    message = _write(work, conversation)

    with pytest.raises(httpx.TransportError):
        _converse(work, message)
    assert message.state == "accepted" and _replies(work, message) == []


def _wait(error: BaseException, attempts: int) -> int | None:
    decision = RasaIsAway().get_retry_decision(exception=error, job=SimpleNamespace(attempts=attempts))  # type: ignore[arg-type]
    return decision and round((decision.retry_at - now()).total_seconds())  # type: ignore[operator]


def _status(code: int) -> httpx.HTTPStatusError:
    return httpx.HTTPStatusError("", request=httpx.Request("POST", "http://x"), response=httpx.Response(code))


@pytest.mark.parametrize("error", [httpx.ConnectError(""), httpx.ReadTimeout(""), _status(503), _status(502)])
def test_while_rasa_is_away_the_wait_grows_slowly_and_never_ends(error: Exception) -> None:
    assert [_wait(error, attempts) for attempts in (0, 1, 2, 14, 15, 5000)] == [1, 2, 3, 15, 15, 15]


@pytest.mark.parametrize("error", [_status(500), _status(400), KeyError("risk"), RuntimeError("the database restarts")])
def test_a_turn_that_breaks_does_not_hold_up_what_comes_behind_it_for_ever(error: Exception) -> None:
    assert _wait(error, 0) == _wait(error, BREAKS_ALLOWED - 1) == SECONDS_AFTER_A_BREAK
    assert _wait(error, BREAKS_ALLOWED) is None


def test_the_job_waits_as_these_rules_say() -> None:
    assert isinstance(converse.retry_strategy, RasaIsAway)


# ----- the holding reply -----


def _let_it_be_late(work: Session, message: Message) -> None:
    message.at = now().replace(year=2020)
    work.commit()


def test_a_family_that_waits_too_long_is_told_once_and_the_message_is_listed(
    work: Session, conversation: Conversation, no_rasa: None
) -> None:
    message = _write(work, conversation, "hes in Leeds and cant go on")
    hold_late(timestamp=0)
    assert _replies(work, message) == []

    _let_it_be_late(work, message)
    hold_late(timestamp=0)
    hold_late(timestamp=0)
    work.expire_all()
    (said,) = _replies(work, message)
    assert "116 123" in said and "999" in said and message.state == "held"
    events = work.scalars(select(LogEntry.event).where(LogEntry.message_id == message.id)).all()
    assert events.count(LogEvent.MESSAGE_NOT_PROCESSED.value) == 1


def test_the_answer_still_arrives_once_after_the_holding_reply(
    work: Session, conversation: Conversation, rasa: FakeRasa
) -> None:
    message = _write(work, conversation)
    _let_it_be_late(work, message)
    hold_late(timestamp=0)

    _converse(work, message)
    _converse(work, message)
    held, answer = _replies(work, message)
    assert "taking longer" in held and answer == "Hello." and message.state == "answered"


# ----- an answer to staff -----


@pytest.mark.parametrize("intent, replies", [("nlu_fallback", 1), ("greet", 2)])
def test_an_answer_to_a_question_of_staff_is_thanked_for(
    work: Session, rasa: FakeRasa, conversation: Conversation, intent: str, replies: int
) -> None:
    concern = a_concern(work, conversation=conversation)
    ann = add_staff(work, "ann@prison.invalid", "Ann Example", "twelve plain signs", ["LEI"], False)
    ask_family(work, concern, ann.id, "Which day did you last speak?")
    rasa.intent = intent
    message = _write(work, conversation, "on monday")
    _converse(work, message)

    said = _replies(work, message)
    assert len(said) == replies and f"your answer about {concern.reference}" in said[0]
