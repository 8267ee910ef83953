"""Messages that opened no concern by themselves: who may sort them, and what becomes of them."""

import json
from datetime import timedelta
from typing import Any

import pytest
from factories import NUMBER, a_concern, a_conversation, a_message, a_risk
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from gateway.audit.models import LogEntry, LogEvent
from gateway.cli import app
from gateway.concerns import deciding, unsorted
from gateway.concerns.deciding import AlreadyDecided, CannotBringBack, Chosen
from gateway.concerns.decision_models import MessageDecision
from gateway.concerns.intake import _store, take_in
from gateway.concerns.models import Concern, ConcernWords
from gateway.concerns.service import words
from gateway.conversations.models import Conversation, Message
from gateway.conversations.service import Reply, answer, hold
from gateway.db import now
from gateway.deliveries.models import Delivery
from gateway.privacy.removal import remove_messages
from gateway.staff.service import add_staff

AS_LIKELY = Chosen("urgent", "self_harm_suicide", "prisoner")


def staff(work: Session, *prisons: str, unrouted: bool = False, name: str = "Ann", role: str = "officer") -> Any:
    address = f"{name}-{'-'.join(prisons)}@prison.invalid"
    return add_staff(work, address, name, "twelve plain signs", list(prisons), unrouted, [role])


def unsure(work: Session, text: str = "he sounded low", prison: str | None = "LEI", **found: Any) -> Message:
    """A message that the bot was not sure of."""
    message = a_message(work, text)
    work.get_one(Conversation, message.conversation_id).prison_id = prison
    _store(work, message, a_risk(**({"level": "possible"} | found)), [])
    work.flush()
    return message


def held(work: Session, text: str = "please help") -> Message:
    """A message that the bot could not read in time."""
    message = a_message(work, text, a_conversation(work, "sms"))
    hold(work, message.id, Reply("wait"))
    return message


def shown(page: Any) -> list[int]:
    return [line.message.id for line in page.rows]


def lines(work: Session, event: LogEvent) -> list[LogEntry]:
    work.flush()
    return list(work.scalars(select(LogEntry).where(LogEntry.event == event.value).order_by(LogEntry.id)))


# ----- the lists -----


def test_what_may_be_a_worry_stays_on_the_list_until_somebody_decides(work: Session) -> None:
    ann, old, new = staff(work, "LEI"), unsure(work), unsure(work)
    work.execute(update(Message).where(Message.id == old.id).values(at=now() - timedelta(days=60)))

    assert shown(unsorted.possible_concerns(work, ann)) == [new.id, old.id]
    deciding.dismiss(work, new.id, ann.id, "no_worry")
    deciding.make(work, old.id, ann.id, AS_LIKELY)
    assert shown(unsorted.possible_concerns(work, ann)) == []
    assert shown(unsorted.dismissed(work, ann)) == [new.id]


def test_each_comes_with_what_the_bot_made_of_it_and_asked_back(work: Session) -> None:
    ann, message = staff(work, "LEI"), unsure(work)
    answer(work, message, [Reply("Visits are at two."), Reply("Are you worried about him?")])

    (line,) = unsorted.possible_concerns(work, ann).rows
    assert [reply.text for reply in line.replies] == ["Visits are at two.", "Are you worried about him?"]
    assert (line.assessment.category, line.prison, line.is_sorted) == ("self_harm_suicide", "HMP Leeds", False)


def test_a_familys_open_concern_stands_beside_its_message_for_whoever_may_see_it(work: Session) -> None:
    conversation = a_conversation(work)
    theirs = a_concern(work, conversation=conversation)
    a_concern(work, conversation=conversation, subject="caller")
    message = a_message(work, "he sounded low", conversation)
    _store(work, message, a_risk(level="possible"), [])
    work.flush()

    (line,) = unsorted.possible_concerns(work, staff(work, "LEI")).rows
    assert [concern.id for concern in line.open_concerns] == [theirs.id]


def test_the_lists_come_in_pages_of_fifty(work: Session) -> None:
    ann = staff(work, "LEI")
    ids = [unsure(work).id for _ in range(51)]

    first, second = unsorted.possible_concerns(work, ann), unsorted.possible_concerns(work, ann, 9)
    assert shown(first) == ids[:0:-1] and (first.total, first.pages) == (51, 2)
    assert shown(second) == ids[:1] and second.number == 2


def test_messages_that_were_not_processed_come_oldest_first_until_they_are_decided(work: Session) -> None:
    desk, first, second = staff(work, unrouted=True), held(work), held(work)

    assert shown(unsorted.held_messages(work, desk)) == [first.id, second.id]
    deciding.make(work, first.id, desk.id, AS_LIKELY)
    deciding.dismiss(work, second.id, desk.id, "question")
    assert shown(unsorted.held_messages(work, desk)) == []


@pytest.mark.parametrize(
    "who, may",
    [
        ({"prisons": ["LEI"]}, {"leeds"}),
        ({"prisons": ["HLI"]}, set()),
        ({"prisons": [], "unrouted": True}, {"leeds", "nowhere", "caller", "held"}),
        ({"prisons": ["LEI"], "unrouted": True, "role": "family_worker"}, set()),
        ({"prisons": ["LEI"], "unrouted": True, "role": "analyst"}, set()),
    ],
)
def test_a_message_is_sorted_by_the_staff_of_the_prison_named_and_by_the_duty_desk(
    work: Session, who: dict[str, Any], may: set[str]
) -> None:
    somebody = staff(work, *who.pop("prisons"), **who)
    found = {
        "leeds": unsure(work), "nowhere": unsure(work, prison=None), "caller": unsure(work, subject="caller"),
        "held": held(work),
    }  # fmt: skip

    assert {name for name, message in found.items() if unsorted.by_id(work, somebody, message.id)} == may
    listed = {*shown(unsorted.possible_concerns(work, somebody)), *shown(unsorted.held_messages(work, somebody))}
    assert listed == {found[name].id for name in may}


def test_no_other_message_can_be_opened_by_its_number(work: Session) -> None:
    desk, message = staff(work, unrouted=True), a_message(work, "when are visits?")
    _store(work, message, a_risk(level="none"), [])
    answer(work, message, [Reply("At two.")])
    reply = work.scalars(select(Message.id).where(Message.sender == "bot")).one()

    assert unsorted.by_id(work, desk, message.id) is unsorted.by_id(work, desk, reply) is None


def test_a_message_that_is_answered_while_somebody_reads_it_can_still_be_made_a_concern(work: Session) -> None:
    desk, message = staff(work, unrouted=True), held(work)
    answer(work, message, [Reply("At two.")])

    assert unsorted.by_id(work, desk, message.id) is not None
    assert deciding.make(work, message.id, desk.id, AS_LIKELY).opened_by == message.id


# ----- making a concern of it -----


def test_a_message_made_a_concern_is_one_like_any_other_opened_by_staff(work: Session) -> None:
    ann, message = staff(work, "LEI"), unsure(work)
    concern = deciding.make(work, message.id, ann.id, Chosen("emergency", "drugs", "prisoner"))

    assert (concern.urgency, concern.category, concern.prison_id) == ("emergency", "drugs", "LEI")
    assert (concern.status, words(work, concern), concern.model_version) == ("open", ["he sounded low"], "test-1")
    assert concern.next_alarm_at > now()
    assert work.scalar(select(func.count(Delivery.id)).where(Delivery.concern_id == concern.id))
    (opened,) = lines(work, LogEvent.CONCERN_OPENED)
    assert opened.actor == f"staff:{ann.id}" and opened.details["level"] == "possible"
    decision = work.scalars(select(MessageDecision)).one()
    assert (decision.concern_id, decision.staff_id, decision.reason) == (concern.id, ann.id, None)


def test_the_prison_that_staff_choose_goes_before_the_one_last_named(work: Session) -> None:
    ann, message, nowhere = staff(work, "LEI"), unsure(work), unsure(work, prison=None)

    assert deciding.make(work, message.id, ann.id, Chosen("urgent", "other", "prisoner", "HLI")).prison_id == "HLI"
    assert deciding.make(work, nowhere.id, ann.id, AS_LIKELY).prison_id is None


def test_the_callers_own_risk_goes_to_no_prison_whatever_is_chosen(work: Session) -> None:
    desk, message = staff(work, unrouted=True), unsure(work)

    assert deciding.make(work, message.id, desk.id, Chosen("urgent", "caller_risk", "caller", "LEI")).prison_id is None


def test_a_message_that_nobody_could_read_can_be_made_a_concern_and_is_read_later_as_part_of_it(work: Session) -> None:
    desk, message = staff(work, unrouted=True), held(work)
    concern = deciding.make(work, message.id, desk.id, deciding.likeliest(None))
    turn = take_in(work, message.id, a_risk(), [])

    assert (concern.urgency, concern.category, concern.model_version) == ("urgent", "other", deciding.NOT_READ)
    assert turn.concern and (turn.concern["reference"], turn.concern["event"]) == (concern.reference, "opened")
    assert work.scalar(select(func.count(Concern.id))) == 1


@pytest.mark.parametrize(
    "chosen",
    [Chosen("whenever", "drugs", "prisoner"), Chosen("urgent", "x", "prisoner"), Chosen("urgent", "drugs", "")],
)
def test_nothing_is_made_of_what_is_not_in_the_lists(work: Session, chosen: Chosen) -> None:
    ann, message = staff(work, "LEI"), unsure(work)

    with pytest.raises(KeyError):
        deciding.make(work, message.id, ann.id, chosen)
    assert work.scalar(select(func.count(Concern.id))) == 0


# ----- dismissing it -----


def test_a_dismissal_is_kept_with_its_reason_and_the_log_has_no_words_of_it(work: Session) -> None:
    ann, message = staff(work, "LEI"), unsure(work)
    deciding.dismiss(work, message.id, ann.id, "known", "the zorkmid of last week")

    decision = work.scalars(select(MessageDecision)).one()
    assert (decision.reason, decision.words, decision.concern_id) == ("known", "the zorkmid of last week", None)
    (entry,) = lines(work, LogEvent.MESSAGE_DISMISSED)
    assert (entry.actor, entry.message_id) == (f"staff:{ann.id}", message.id) and entry.details["reason"] == "known"
    assert "zorkmid" not in str(entry.details)
    with pytest.raises(KeyError):
        deciding.dismiss(work, unsure(work).id, ann.id, "dull")


def test_of_two_decisions_about_a_message_the_first_stands(work: Session) -> None:
    ann, bea, dismissed, made = staff(work, "LEI"), staff(work, "LEI", name="Bea"), unsure(work), unsure(work)
    deciding.dismiss(work, dismissed.id, ann.id, "past")
    deciding.make(work, made.id, ann.id, AS_LIKELY)

    for message in (dismissed, made):
        with pytest.raises(AlreadyDecided):
            deciding.make(work, message.id, bea.id, AS_LIKELY)
        with pytest.raises(AlreadyDecided):
            deciding.dismiss(work, message.id, bea.id, "no_worry")
    assert work.scalar(select(func.count(Concern.id))) == 1
    assert len(lines(work, LogEvent.MESSAGE_DISMISSED)) == 1


def test_what_was_dismissed_comes_back_within_a_day_and_then_no_more(work: Session) -> None:
    ann, bea, young, old = staff(work, "LEI"), staff(work, "LEI", name="Bea"), unsure(work), unsure(work)
    for message in (young, old):
        deciding.dismiss(work, message.id, ann.id, "past")
    work.execute(
        update(MessageDecision)
        .where(MessageDecision.message_id == old.id)
        .values(at=now() - timedelta(hours=24, minutes=1))
    )
    work.expire_all()

    assert shown(unsorted.dismissed(work, ann)) == [young.id]
    assert deciding.bring_back(work, young.id, bea.id) and not deciding.bring_back(work, young.id, bea.id)
    with pytest.raises(CannotBringBack):
        deciding.bring_back(work, old.id, bea.id)
    assert shown(unsorted.possible_concerns(work, ann)) == [young.id]
    assert [entry.actor for entry in lines(work, LogEvent.MESSAGE_BROUGHT_BACK)] == [f"staff:{bea.id}"]
    deciding.make(work, young.id, bea.id, AS_LIKELY)


def test_a_concern_is_not_undone(work: Session) -> None:
    ann, message = staff(work, "LEI"), unsure(work)
    deciding.make(work, message.id, ann.id, AS_LIKELY)

    assert not deciding.bring_back(work, message.id, ann.id)


# ----- teaching with it, and forgetting it -----


def test_decisions_are_exported_with_the_words_the_reason_and_what_the_model_thought(work: Session) -> None:
    ann, one, other, undone = staff(work, "LEI"), unsure(work), unsure(work, "he is late"), unsure(work)
    concern = deciding.make(work, one.id, ann.id, AS_LIKELY)
    deciding.dismiss(work, other.id, ann.id, "other", "a late train")
    deciding.dismiss(work, undone.id, ann.id, "past")
    deciding.bring_back(work, undone.id, ann.id)
    work.commit()

    found = [json.loads(line) for line in CliRunner().invoke(app, ["concerns", "decisions"]).stdout.splitlines()]
    assert all(line.pop("at") for line in found)
    thought = {"level": "possible", "urgency": "urgent", "category": "self_harm_suicide", "subject": "prisoner"}
    assert found == [
        thought
        | {"decision": "made a concern", "reference": concern.reference, "reason": None, "note": None}
        | {"words": "he sounded low", "read": "he sounded low", "model_version": "test-1"},
        thought
        | {"decision": "dismissed", "reference": None, "reason": "other", "note": "a late train"}
        | {"words": "he is late", "read": "he is late", "model_version": "test-1"},
    ]


def test_what_staff_decided_goes_with_the_message_also_where_that_stays_as_a_shell(work: Session) -> None:
    ann, gone, shell = staff(work, "LEI"), unsure(work), unsure(work)
    deciding.dismiss(work, gone.id, ann.id, "other", "about a zorkmid")
    deciding.dismiss(work, shell.id, ann.id, "other", "about a zorkmid")
    deciding.bring_back(work, shell.id, ann.id)
    deciding.make(work, shell.id, ann.id, AS_LIKELY)
    work.execute(update(Message).values(state="answered"))
    work.expire_all()
    remove_messages(work, [gone.id])
    work.execute(delete(ConcernWords))
    remove_messages(work, [shell.id])

    assert work.scalar(select(func.count(MessageDecision.id))) == 0
    assert work.get(Message, gone.id) is None and work.get_one(Message, shell.id).text == ""


def test_the_number_of_a_held_message_is_shown_to_the_desk(work: Session) -> None:
    held(work)

    (line,) = unsorted.held_messages(work, staff(work, unrouted=True)).rows
    assert line.conversation.address == NUMBER and line.assessment is None
