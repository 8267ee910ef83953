"""Time limits: what has reached them goes a day after it was listed, and nothing else ever does."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from factories import NUMBER, a_concern, a_conversation, a_message, a_risk
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from gateway import jobs, models
from gateway.audit.models import LogEntry
from gateway.cli import app
from gateway.concerns import acts, closing
from gateway.concerns import service as concerns
from gateway.concerns.intake import _store
from gateway.concerns.links import link, linked
from gateway.concerns.models import Concern
from gateway.config import ROOT
from gateway.conversations.models import Assessment, Conversation, Message
from gateway.conversations.service import Inbound, Reply, accept, answer
from gateway.db import Base, now
from gateway.deliveries.models import Delivery
from gateway.feedback.models import Feedback
from gateway.privacy import holds, policy, retention, spent
from gateway.privacy import jobs as night_job
from gateway.privacy.models import RetentionListed
from gateway.privacy.policy import BadPolicy, load
from gateway.suspects import service as suspects
from gateway.suspects.models import SuspectMessage

FILE = ROOT / "data" / "retention.yml"
OLD = timedelta(days=40)


def answered(work: Session, said: str, conversation: Any, ago: timedelta = OLD, level: str = "none") -> Message:
    """A message and its answer, of so long ago."""
    message = a_message(work, said, conversation)
    _store(work, message, a_risk(level=level), [])
    answer(work, message, [Reply("an answer")])
    work.execute(update(Message).where(Message.conversation_id == conversation.id).values(at=now() - ago))
    work.expire_all()
    return message


def a_closed_concern(work: Session, ago: timedelta, **told: Any) -> Concern:
    concern = a_concern(work, **told)
    closing.close(work, concern, staff_id=a_member(work), outcome="welfare_check")
    concern.closed_at = now() - ago
    work.execute(update(Message).where(Message.conversation_id == concern.conversation_id).values(at=now() - ago))
    work.execute(update(Message).where(Message.state == "accepted").values(state="answered"))
    work.flush()
    work.expire_all()
    return concern


def a_member(work: Session) -> int:
    staff = models.Staff(email=f"{now().timestamp()}@example.org", name="Ann", password="x", fs_uniquifier=str(now()))
    work.add(staff)
    work.flush()
    return staff.id


def texts(work: Session) -> list[str]:
    return list(work.scalars(select(Message.text).where(Message.sender == "family").order_by(Message.id)))


@pytest.fixture
def decided(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change the policy of this test."""

    def decide(**days: int | None) -> None:
        raw = yaml.safe_load(FILE.read_text())
        for kind, number in days.items():
            raw["kinds"][kind]["keep_days"] = number
        monkeypatch.setattr(retention, "policy", lambda: policy_of(raw))

    return decide


def policy_of(raw: dict[str, Any], folder: Path | None = None) -> policy.Policy:
    rules = {kind: policy._rule(FILE, kind, raw["kinds"][kind]) for kind in policy.KINDS}
    return policy.Policy(rules, raw["kept"], raw["erase_concerns_on_request"])


def delete_now(work: Session) -> dict[str, int]:
    work.commit()
    return retention.delete_due(listed_for=None)


def test_an_old_chat_goes_with_its_answers_and_a_young_one_stays(work: Session) -> None:
    old, young = a_conversation(work), a_conversation(work)
    answered(work, "when is my visit", old)
    answered(work, "what id do i need", young, ago=timedelta(days=29))

    delete_now(work)

    assert texts(work) == ["what id do i need"]
    assert work.get(Conversation, old.id) is not None  # opened today, so its thread is not yet old
    assert len(work.scalars(select(Assessment)).all()) == 1


def test_nothing_of_a_conversation_with_a_concern_goes_before_the_operator_has_decided(work: Session) -> None:
    concern = a_closed_concern(work, timedelta(days=9000))

    assert "chats" not in delete_now(work) and "concerns" not in delete_now(work)
    assert concerns.words(work, concern) == ["my son says he cant go on"]


def test_a_concern_past_the_operators_limit_is_emptied_and_its_record_stays(
    work: Session, decided: Callable[..., None]
) -> None:
    concern = a_closed_concern(work, OLD, details={"prisoner_name": "Zebedee Quux", "summary": "he owes zorkmids"})
    acts.add_note(work, concern, a_member(work), "spoke to Zebedee")
    young = a_closed_concern(work, timedelta(days=1))
    decided(concerns=30)

    assert delete_now(work)["concerns"] == 1
    work.expire_all()

    assert concern.erased_at and (concern.outcome, concern.category, concern.prison_id) == (
        "welfare_check",
        "self_harm_suicide",
        "LEI",
    )
    assert (concern.prisoner_name, concern.summary, concerns.words(work, concern)) == (None, None, [])
    assert [note.text for note in acts.notes(work, concern)] == [""]
    bodies = {delivery.body for delivery in work.scalars(select(Delivery).where(Delivery.concern_id == concern.id))}
    assert bodies == {""}
    assert young.erased_at is None and concerns.words(work, young) == ["my son says he cant go on"]


def test_an_emptied_concern_is_linked_to_none_that_tells_who_it_was_about(
    work: Session, decided: Callable[..., None]
) -> None:
    who = {"prisoner_name": "Zebedee Quux", "prisoner_number": "A1234BC"}
    old, first, last = (a_closed_concern(work, ago, details=who) for ago in (OLD, timedelta(1), timedelta(1)))
    link(work, first), link(work, last)
    assert [one.concern for one in linked(work, first)] == [old, last]
    decided(concerns=30)

    assert delete_now(work)["concerns"] == 1
    assert linked(work, old) == [] and [one.concern for one in linked(work, first)] == [last]


def test_an_open_concern_is_never_emptied(work: Session, decided: Callable[..., None]) -> None:
    concern = a_concern(work, opened_at=now() - timedelta(days=9000))
    decided(concerns=1)

    delete_now(work)
    work.expire_all()

    assert concern.erased_at is None and concerns.words(work, concern) == ["my son says he cant go on"]


def test_what_may_have_been_a_worry_is_kept_longer_than_other_chats(work: Session) -> None:
    conversation = a_conversation(work)
    answered(work, "he sounded odd", conversation, level="possible")

    delete_now(work)
    assert texts(work) == ["he sounded odd"]

    work.execute(update(Message).values(at=now() - timedelta(days=91)))
    delete_now(work)
    assert texts(work) == []


def test_a_message_that_waits_for_an_answer_never_goes(work: Session) -> None:
    message = a_message(work, "is anybody there", a_conversation(work))
    message.at = now() - timedelta(days=9000)

    delete_now(work)

    assert texts(work) == ["is anybody there"]


@pytest.mark.parametrize("until, stays", [(None, True), (timedelta(days=1), True), (timedelta(days=-1), False)])
def test_a_hold_keeps_a_conversation_until_it_ends(work: Session, until: timedelta | None, stays: bool) -> None:
    conversation = a_conversation(work)
    answered(work, "hello", conversation)
    end = now() + until if until else None
    holds.place(work, conversation.id, concern_id=None, reason="inquest", by="Ann", until=end)

    delete_now(work)

    assert texts(work) == (["hello"] if stays else [])


def test_a_held_concern_is_not_emptied_and_a_released_one_is(work: Session, decided: Callable[..., None]) -> None:
    concern = a_closed_concern(work, OLD)
    holds.place(work, concern.conversation_id, concern_id=concern.id, reason="inquest", by="Ann")
    decided(concerns=30)

    assert "concerns" not in delete_now(work)
    assert holds.release(work, concern.conversation_id, by="Ann") == 1
    assert delete_now(work)["concerns"] == 1


def test_only_what_was_listed_the_night_before_is_deleted(work: Session) -> None:
    conversation = a_conversation(work)
    answered(work, "hello", conversation)
    work.commit()

    assert retention.delete_due() == {} and retention.list_ahead()["chats"] == 2
    assert retention.list_ahead() == {} and retention.delete_due() == {}
    work.execute(update(RetentionListed).values(listed_at=now() - timedelta(hours=21)))
    work.commit()
    assert retention.delete_due()["chats"] == 2
    assert work.scalars(select(RetentionListed)).all() == []


def test_each_night_deletes_what_the_last_one_listed(work: Session) -> None:
    answered(work, "hello", a_conversation(work))
    work.commit()

    night_job.retain(timestamp=0)
    assert texts(work) == ["hello"]
    work.execute(update(RetentionListed).values(listed_at=now() - timedelta(days=1)))
    work.commit()
    night_job.retain(timestamp=0)
    assert texts(work) == []
    assert jobs.app().tasks["privacy:retain"].queue == jobs.CLOCKS


def test_a_hold_takes_what_it_keeps_off_the_list(work: Session) -> None:
    conversation = a_conversation(work)
    answered(work, "hello", conversation)
    work.commit()
    retention.list_ahead()
    holds.place(work, conversation.id, concern_id=None, reason="inquest", by="Ann")
    work.commit()

    retention.list_ahead()

    assert work.scalars(select(RetentionListed)).all() == []


def test_each_deletion_is_a_line_of_the_log_with_ids_and_no_words(
    work: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = a_conversation(work)
    numbers = {str(answered(work, f"zorkmid {number}", conversation).id) for number in range(3)}
    monkeypatch.setattr(retention, "BATCH", 2)
    delete_now(work)

    lines = work.scalars(select(LogEntry).where(LogEntry.event == "retention:deleted")).all()
    chats = [line.details for line in lines if line.details["kind"] == "chats"]
    assert [line["count"] for line in chats] == [2, 2, 2]
    assert numbers <= {number for line in chats for number in line["ids"]}
    assert "zorkmid" not in str([line.details for line in lines])


def test_a_message_that_comes_again_after_it_was_deleted_is_known(work: Session) -> None:
    conversation, inbound = a_conversation(work, "sms"), Inbound("hello", "twilio", "SM1")
    message = accept(work, conversation, inbound)
    assert message is not None
    answer(work, message, [])
    message.at = now() - OLD
    delete_now(work)

    assert texts(work) == []
    assert accept(work, conversation, inbound) is None and texts(work) == []
    assert accept(work, conversation, Inbound("hello", "twilio", "SM2")) is not None
    assert not spent.is_spent(work, "other", "SM1")


def test_an_opinion_outlives_the_message_it_came_in(work: Session) -> None:
    conversation = a_conversation(work)
    message = answered(work, "great", conversation)
    work.add(Feedback(conversation_id=conversation.id, message_id=message.id, about="service", score=5))
    delete_now(work)

    [kept] = work.scalars(select(Feedback)).all()
    work.refresh(kept)
    assert (kept.score, kept.message_id) == (5, None)


def test_the_thread_of_a_number_goes_when_nothing_is_left_unless_it_was_stopped(work: Session) -> None:
    gone, stopped = a_conversation(work, "sms"), a_conversation(work, "sms", "+447700900124")
    stopped.stopped_at = now()
    for conversation in (gone, stopped):
        answered(work, "hello", conversation)
        conversation.opened_at = now() - OLD
    delete_now(work)

    assert list(work.scalars(select(Conversation.address))) == ["+447700900124"]


def test_suspect_messages_go_unless_they_were_released(work: Session) -> None:
    for state, days in (("waiting", 91), ("released", 91), ("dismissed", 89)):
        kept = suspects.keep(
            work, reason="signature", form=[["Body", "hello"]], headers={}, sender="127.0.0.1", names_account=False
        )
        assert kept is not None
        kept.state, kept.came_at = state, now() - timedelta(days=days)
    delete_now(work)

    left = work.scalars(select(SuspectMessage.state).order_by(SuspectMessage.id))
    assert list(left) == ["released", "dismissed"]


def make_tracker(work: Session) -> None:
    """The table as Rasa 3.6's SQLTrackerStore makes it."""
    work.execute(
        text(
            "CREATE TABLE rasa.events (id serial PRIMARY KEY, sender_id varchar(255) NOT NULL, "
            "type_name varchar(255) NOT NULL, timestamp float, intent_name varchar(255), "
            "action_name varchar(255), data text)"
        )
    )


def an_event(work: Session, sender: object, at: datetime) -> None:
    work.execute(
        text("INSERT INTO rasa.events (sender_id, type_name, timestamp, data) VALUES (:who, 'user', :at, 'words')"),
        {"who": str(sender), "at": at.timestamp()},
    )


def test_old_events_leave_rasas_tracker_but_not_under_a_conversation_that_goes_on(work: Session) -> None:
    make_tracker(work)
    quiet, talking, held = a_conversation(work), a_conversation(work), a_conversation(work)
    holds.place(work, held.id, concern_id=None, reason="inquest", by="Ann")
    for conversation in (quiet, talking, held):
        an_event(work, conversation.id, now() - OLD)
    an_event(work, quiet.id, now() - timedelta(days=2))
    an_event(work, talking.id, now())
    delete_now(work)

    left = work.execute(text("SELECT sender_id, count(*) FROM rasa.events GROUP BY sender_id")).all()
    assert dict(left) == {str(quiet.id): 1, str(talking.id): 2, str(held.id): 1}


def test_operators_list_hold_release_and_run_by_command(work: Session) -> None:
    concern = a_concern(work)
    conversation = a_conversation(work, "sms")
    answered(work, "hello", conversation)
    work.commit()
    run = CliRunner().invoke

    listed = run(app, ["retention", "list"])
    assert listed.exit_code == 0 and "chats              30 days      2 to go" in listed.stdout
    assert run(app, ["retention", "hold", NUMBER, "--reason", "inquest", "--by", "Ann"]).exit_code == 0
    assert run(app, ["retention", "hold", concern.reference.lower(), "--reason", "x", "--by", "Ann"]).exit_code == 0
    assert run(app, ["retention", "hold", "ZZZ-ZZZZ", "--reason", "x", "--by", "Ann"]).exit_code == 2
    assert "inquest" in run(app, ["retention", "holds"]).stdout
    assert "Deleted" not in run(app, ["retention", "run", "--yes"]).stdout
    assert run(app, ["retention", "release", NUMBER, "--by", "Ann"]).exit_code == 0
    assert run(app, ["retention", "release", NUMBER, "--by", "Ann"]).exit_code == 2
    assert run(app, ["retention", "run"], input="n\n").exit_code == 1
    assert texts(work) == ["my son says he cant go on", "hello"]
    assert "Deleted: chats 2" in run(app, ["retention", "run", "--yes"]).stdout
    assert texts(work) == ["my son says he cant go on"]


# ----- the file -----


def test_every_table_stands_in_the_retention_file() -> None:
    rules = load(FILE)
    named = {table for rule in rules.rules.values() for table in rule.tables} | set(rules.kept)

    assert models and set(Base.metadata.tables) - named == set()


@pytest.mark.parametrize(
    "change, complaint",
    [
        ({"kinds": {}}, "the kinds must be"),
        ({"erase_concerns_on_request": "perhaps"}, "neither true nor false"),
        ({"days": 0}, "keep_days is 0"),
        ({"days": "long"}, "keep_days is 'long'"),
        ({"days": True}, "keep_days is True"),
    ],
)
def test_a_wrong_file_is_refused_and_says_where(tmp_path: Path, change: dict[str, Any], complaint: str) -> None:
    raw = yaml.safe_load(FILE.read_text())
    if "days" in change:
        raw["kinds"]["chats"]["keep_days"] = change["days"]
    else:
        raw |= change
    path = tmp_path / "retention.yml"
    path.write_text(yaml.safe_dump(raw))

    with pytest.raises(BadPolicy, match=complaint):
        load(path)
