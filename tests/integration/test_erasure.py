"""Erasure on request: nothing of one family is left anywhere, and nothing of another's is touched."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from factories import NUMBER, a_concern, a_conversation, a_message, a_risk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from test_retention import a_closed_concern, a_member, an_event, make_tracker
from typer.testing import CliRunner

from gateway import config
from gateway.adapters.console_sms import ConsoleSms
from gateway.adapters.smtp_email import FileEmail
from gateway.audit.models import LogEntry
from gateway.callbacks import service as callbacks
from gateway.cli import app
from gateway.concerns import acts, deciding
from gateway.concerns import service as concerns
from gateway.concerns.intake import _store
from gateway.concerns.models import Concern
from gateway.config import ROOT
from gateway.conversations import spool
from gateway.conversations.arrivals import Arrival
from gateway.conversations.models import Assessment, Message
from gateway.conversations.service import Inbound, Reply, accept, answer
from gateway.conversations.threads import sms_conversation
from gateway.db import Base, now, unit_of_work
from gateway.deliveries.models import Delivery
from gateway.feedback import service as feedback
from gateway.media import service as media
from gateway.media.models import Media
from gateway.privacy import erasure, holds, policy, removal, service, vault
from gateway.privacy.models import ErasureRequest
from gateway.privacy.sealed import private
from gateway.suspects import service as suspects

OTHER = "+447700900199"


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of this test's own for what is written beside the database."""
    with monkeypatch.context() as changed:
        changed.setenv("VAR_DIR", str(tmp_path))
        config.settings.cache_clear()
        yield tmp_path
    config.settings.cache_clear()


@pytest.fixture
def permitted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator lets closed concerns be emptied."""
    monkeypatch.setattr(erasure, "policy", lambda: policy.Policy({}, {}, True))


def a_family(work: Session, number: str, word: str) -> Concern:
    """Everything that a family can leave behind, each with the same unusual word in it."""
    conversation = a_conversation(work, "sms", number)
    for place in ("visit", "money"):
        photo = {"url": f"https://example.org/{word}", "type": "image/png"}
        message = accept(work, conversation, Inbound(f"{word} {place}", "twilio", f"SM{word}{place}", [photo]))
        assert message is not None
        media.keep(work, work.scalars(select(Media.id).filter_by(message_id=message.id)).one(), word.encode(), "x")
        _store(work, message, a_risk(level="none"), [f"{word} before"])
        buttons = [{"title": word, "payload": word}]
        answer(work, message, [Reply(f"{word}, you say", buttons, answer="visits/book_visit")])
    call = callbacks.ask(work, a_message(work, f"ring {word}", conversation).id, number)
    callbacks.enrich(work, call, call.message_id or 0, good_time=word, about=word)
    callbacks.finish(work, call, a_member(work), "spoke", f"rang {word}")
    unsure = a_message(work, f"{word} sounded low", conversation)
    _store(work, unsure, a_risk(level="possible"), [])
    deciding.dismiss(work, unsure.id, a_member(work), "other", f"about {word}")
    feedback.give(work, a_message(work, f"it was {word}", conversation).id, score=5, words=word)
    told = {"prisoner_name": word, "summary": word, "reporter_name": word, "reporter_contact": number}
    told |= {"prisoner_number": word, "contact_when": word, "reporter_relationship": word}
    concern = a_closed_concern(work, now() - now(), text=f"{word} cant go on", conversation=conversation, details=told)
    assessment = work.get_one(Assessment, concern.opened_by)
    assessment.text = private(work, conversation.id, f"{word} before\n{word} cant")
    acts.add_note(work, concern, a_member(work), f"rang about {word}")
    suspect = [["From", number], ["Body", word]]
    suspects.keep(work, reason="signature", form=suspect, headers={}, sender="127.0.0.1", names_account=False)
    if not removal.has_table(work, "rasa.events"):
        make_tracker(work)
    an_event(work, conversation.id, now())
    work.execute(
        text("UPDATE rasa.events SET data = :word WHERE sender_id = :id"), {"word": word, "id": str(conversation.id)}
    )
    service._ask(work, a_message(work, f"delete my {word}", conversation))
    work.execute(update(Message).where(Message.state == "accepted").values(state="answered"))
    send_all(work)
    return concern


def send_all(work: Session) -> None:
    """What the worker does with the deliveries where no provider is set."""
    outbox = config.settings().var_dir / "outbox"
    providers: dict[str, Any] = {"sms": ConsoleSms(outbox), "email": FileEmail(outbox, "gateway@example.org")}
    for delivery in work.scalars(select(Delivery).where(Delivery.state == "queued")):
        providers[delivery.medium].send(delivery)
        delivery.state = "sent"
    work.execute(text("UPDATE procrastinate_jobs SET status = 'failed' WHERE status = 'todo'"))
    work.flush()
    work.expire_all()


def reference_of(work: Session, conversation_id: object) -> str:
    query = select(ErasureRequest.reference).where(ErasureRequest.conversation_id == conversation_id)
    return work.scalars(query.order_by(ErasureRequest.id.desc())).first() or ""


def everywhere(work: Session, var: Path, *words: str) -> list[str]:
    """Where any of these words stands: every column of every table, as stored and as decrypted, and every file."""
    ours = {(table.schema or "public", table.name): table for table in Base.metadata.tables.values()}
    tables = work.execute(
        text(
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE table_schema IN ('public', 'rasa') AND table_type = 'BASE TABLE'"
        )
    ).all()
    found = []
    for schema, name in tables:
        rows = list(work.scalars(text(f'SELECT row::text FROM {schema}."{name}" AS row')))
        if (schema, name) in ours:
            rows += [str(tuple(row)) for row in work.execute(select(ours[schema, name]))]
        found += [f"{name}: {row}" for row in rows if any(word in row for word in words)]
    for path in (path for path in var.rglob("*") if path.is_file()):
        found += [str(path) for word in words if word.encode() in path.read_bytes()]
    return found


def test_of_a_family_who_is_deleted_nothing_is_left_in_any_table_or_file(
    work: Session, var: Path, permitted: None
) -> None:
    concern = a_family(work, NUMBER, "zorkmid")
    words = ("zorkmid", NUMBER)
    assert len(everywhere(work, var, *words)) > 20  # or the look below would prove nothing

    done = erasure.erase(work, reference_of(work, concern.conversation_id))
    work.expire_all()

    assert everywhere(work, var, *words) == []
    assert done.state == "deleted" and done.counts["messages"] > 8 and done.counts["concerns"] == 1
    assert (concern.outcome, concern.category) == ("welfare_check", "self_harm_suicide") and concern.erased_at
    [line] = work.scalars(select(LogEntry).where(LogEntry.event == "erasure:done")).all()
    assert line.details["counts"] == done.counts


def test_another_familys_data_is_not_touched(work: Session, var: Path, permitted: None) -> None:
    mine, other = a_family(work, NUMBER, "zorkmid"), a_family(work, OTHER, "grault")
    before = everywhere(work, var, "grault", OTHER)

    erasure.erase(work, reference_of(work, mine.conversation_id))
    work.expire_all()

    assert everywhere(work, var, "grault", OTHER) == before
    assert concerns.words(work, other) == ["grault cant go on"]


@given(erased=st.sets(st.integers(0, 5)), data=st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whoever_asks_only_their_own_messages_go(undone: Any, var: Path, erased: set[int], data: st.DataObject) -> None:
    with undone() as work:
        outer = work.begin_nested()
        threads = [
            a_conversation(work, data.draw(st.sampled_from(["web", "sms"])), f"+44770090010{n}") for n in range(6)
        ]
        for thread in threads * data.draw(st.integers(1, 2)):
            answer(work, a_message(work, f"of {threads.index(thread)}", thread), [Reply("so it is")])
        work.execute(update(Delivery).values(state="sent"))
        before = counts(work)
        for place in erased:
            request = service._ask(work, a_message(work, "delete it", threads[place]))
            work.execute(update(Message).where(Message.state == "accepted").values(state="answered"))
            erasure.erase(work, request.reference)

        gone = {threads[place].id for place in erased}
        assert counts(work) == {thread: number for thread, number in before.items() if thread not in gone}
        outer.rollback()


def counts(work: Session) -> dict[Any, int]:
    query = text("SELECT conversation_id, count(*) FROM message GROUP BY conversation_id")
    return {row[0]: row[1] for row in work.execute(query)}


@pytest.mark.parametrize("how", ["open", "asked", "not permitted"])
def test_a_concern_that_must_stay_keeps_its_words_and_the_rest_goes(
    work: Session, var: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "policy", lambda: policy.Policy({}, {}, how != "not permitted"))
    concern = a_family(work, NUMBER, "zorkmid")
    if how == "open":
        concern.status, concern.next_alarm_at = "acknowledged", now()
        work.flush()

    done = erasure.erase(work, reference_of(work, concern.conversation_id), keep_concern=how == "asked")
    work.expire_all()

    assert (done.state, done.kept) == ("part_kept", [concern.reference])
    assert concerns.words(work, concern) == ["zorkmid cant go on"] and concern.prisoner_name == "zorkmid"
    assert [m.text for m in work.scalars(select(Message).where(Message.sender == "family"))] == ["zorkmid cant go on"]
    left = everywhere(
        work, var, "zorkmid visit", "zorkmid money", "ring zorkmid", "it was zorkmid", "zorkmid before", "zorkmid, you"
    )
    assert left == []


def test_what_was_kept_goes_when_it_is_asked_for_again_and_may_go(work: Session, var: Path, permitted: None) -> None:
    concern = a_family(work, NUMBER, "zorkmid")
    reference = reference_of(work, concern.conversation_id)

    assert erasure.erase(work, reference, keep_concern=True).state == "part_kept"
    assert erasure.erase(work, reference).state == "deleted"
    assert everywhere(work, var, "zorkmid", NUMBER) == []
    with pytest.raises(service.NotWaiting):
        erasure.erase(work, reference)


def test_a_hold_refuses_with_its_reason_and_nothing_goes(work: Session, var: Path, permitted: None) -> None:
    concern = a_family(work, NUMBER, "zorkmid")
    before = everywhere(work, var, "zorkmid")
    holds.place(work, concern.conversation_id, concern_id=concern.id, reason="inquest in May", by="Ann")

    with pytest.raises(erasure.Refused, match="inquest in May"):
        erasure.erase(work, reference_of(work, concern.conversation_id))
    assert everywhere(work, var, "zorkmid") == before


def test_nothing_goes_while_a_message_waits_or_a_text_is_on_its_way(work: Session, var: Path) -> None:
    conversation = a_conversation(work, "sms")
    message = a_message(work, "delete it", conversation)
    reference = service._ask(work, message).reference
    with pytest.raises(erasure.Refused, match="waits to be answered"):
        erasure.erase(work, reference)

    answer(work, message, [Reply("we will")])
    work.execute(update(Delivery).values(state="sending"))
    with pytest.raises(erasure.Refused, match="on its way"):
        erasure.erase(work, reference)

    work.execute(update(Delivery).values(state="sent"))
    spool.put(Arrival("sms", NUMBER, Inbound("one thing more"), now()))
    with pytest.raises(erasure.Refused, match="waits to be answered"):
        erasure.erase(work, reference)

    spool.set_aside(spool.paths()[0])  # for a person to look at: it is this family's all the same
    with pytest.raises(erasure.Refused, match="waits to be answered"):
        erasure.erase(work, reference)

    spool.erase(spool.stuck()[0])
    assert erasure.erase(work, reference).state == "deleted"


@pytest.mark.parametrize("at", ["leave", "destroy"])
def test_after_a_crash_in_the_middle_it_is_done_again_in_whole(
    work: Session, var: Path, permitted: None, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    concern = a_family(work, NUMBER, "zorkmid")
    reference = reference_of(work, concern.conversation_id)
    work.commit()
    module = erasure.notices if at == "leave" else vault

    def crash(*given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(module, at, crash)
        with unit_of_work() as session:
            erasure.erase(session, reference)
    assert concerns.words(work, concern) == ["zorkmid cant go on"]
    work.commit()

    with unit_of_work() as session:
        assert erasure.erase(session, reference).state == "deleted"
    assert everywhere(work, var, "zorkmid", NUMBER) == []


@pytest.mark.parametrize("channel", ["web", "sms"])
def test_who_comes_back_is_told_once_that_it_was_done(work: Session, var: Path, channel: str) -> None:
    conversation = a_conversation(work, channel)
    message = a_message(work, "delete it", conversation)
    reference = service._ask(work, message).reference
    answer(work, message, [Reply("we will")])
    work.execute(update(Delivery).values(state="sent"))
    erasure.erase(work, reference)
    work.expire_all()

    back = a_conversation(work, channel) if channel == "sms" else conversation
    assert (back.id == conversation.id) is (channel == "web")
    replies = []
    for said in ("hello", "hello again"):
        message = a_message(work, said, back)
        answer(work, message, [Reply("good day")])
        replies += work.scalars(select(Message.text).where(Message.reply_to == message.id).order_by(Message.position))
    assert len(replies) == 3 and "delete your data" in replies[0] and replies[1:] == ["good day", "good day"]


def test_a_text_that_comes_while_its_thread_is_deleted_is_kept_in_a_new_one(database: str, var: Path) -> None:
    with unit_of_work() as session:
        conversation = a_conversation(session, "sms")
        message = a_message(session, "delete it", conversation)
        reference = service._ask(session, message).reference
        answer(session, message, [Reply("we will")])
        session.execute(update(Delivery).values(state="sent"))
    with unit_of_work() as deleting:
        erasure.erase(deleting, reference)
        must_wait(lambda arriving: sms_conversation(arriving, NUMBER))
    with unit_of_work() as arriving:
        again = sms_conversation(arriving, NUMBER)
        assert again.id != conversation.id and accept(arriving, again, Inbound("hello")) is not None


def test_a_thread_is_not_deleted_while_a_text_for_it_is_taken_in(database: str, var: Path) -> None:
    with unit_of_work() as session:
        message = a_message(session, "delete it", a_conversation(session, "sms"))
        reference = service._ask(session, message).reference
        answer(session, message, [Reply("we will")])
        session.execute(update(Delivery).values(state="sent"))
    with unit_of_work() as arriving:
        conversation = sms_conversation(arriving, NUMBER)
        must_wait(lambda deleting: erasure.erase(deleting, reference))
        accept(arriving, conversation, Inbound("one thing more"))
    with unit_of_work() as deleting, pytest.raises(erasure.Refused, match="waits to be answered"):
        erasure.erase(deleting, reference)


def must_wait(act: Callable[[Session], object]) -> None:
    """Another transaction holds what this act needs."""
    with unit_of_work() as session, pytest.raises(DBAPIError, match="lock timeout"):
        session.execute(text("SET LOCAL lock_timeout = '100ms'"))
        act(session)


def test_a_delivery_that_was_deleted_is_no_error(work: Session) -> None:
    from gateway.deliveries import service as deliveries

    assert deliveries.begin_attempt(work, 999_999) is None


def test_operators_erase_by_command(database: str, var: Path) -> None:
    with unit_of_work() as session:
        message = a_message(session, "delete it", a_conversation(session))
        answer(session, message, [Reply("we will")])
        reference = service._ask(session, message).reference
        other = a_concern(session)
    run = CliRunner().invoke

    assert run(app, ["privacy", "erase", reference], input="n\n").exit_code == 1
    assert run(app, ["privacy", "erase", "ZZZ-ZZZZ", "--yes"]).exit_code == 2
    done = run(app, ["privacy", "erase", reference.lower(), "--yes"])
    assert done.exit_code == 0 and "deleted" in done.stdout and "messages 2" in done.stdout
    with unit_of_work() as session:
        assert list(session.scalars(select(Message.text))) == concerns.words(session, other)


def test_the_outbox_of_the_stand_in_loses_only_those_lines(var: Path, work: Session) -> None:
    conversation, other = a_conversation(work, "sms"), a_conversation(work, "sms", OTHER)
    message = a_message(work, "delete it", conversation)
    reference = service._ask(work, message).reference
    for thread, said in ((conversation, message), (other, a_message(work, "hello", other))):
        assert thread is not None
        answer(work, said, [Reply("a reply")])
    send_all(work)
    erasure.erase(work, reference)

    lines = (var / "outbox" / "sms.jsonl").read_text().splitlines()
    assert [json.loads(line)["to"] for line in lines] == [OTHER]


def test_the_policy_that_is_delivered_keeps_concerns() -> None:
    assert policy.load(ROOT / "data" / "retention.yml").erase_concerns_on_request is False
