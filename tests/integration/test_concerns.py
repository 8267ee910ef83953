"""A concern after it was opened: the family's answers, what staff do, and what each side is told."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from factories import NUMBER, a_concern, a_conversation, a_message, a_risk
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.concerns import acts, closing, desk, intake, service
from gateway.concerns.desk import Opening, Step
from gateway.concerns.heard import Heard
from gateway.concerns.interview import QUESTIONS
from gateway.concerns.models import Concern, ConcernNote, Urgency
from gateway.conversations.models import Conversation, Message
from gateway.db import now
from gateway.deliveries.models import Delivery
from gateway.privacy.sealed import private
from gateway.staff.models import Staff
from gateway.wording import choices

VAGUE = "he sounded not himself on the phone"


@pytest.fixture
def staff(work: Session) -> Staff:
    officer = Staff(email="ann@prison.invalid", name="Ann Example", password="-", fs_uniquifier=uuid.uuid4().hex)
    work.add(officer)
    work.flush()
    return officer


@pytest.fixture
def conversation(work: Session) -> Conversation:
    return a_conversation(work)


class Family:
    """Somebody who writes in one conversation and answers the bot's questions about their concern."""

    def __init__(self, work: Session, conversation: Conversation) -> None:
        self.work, self.conversation = work, conversation
        self.asked: str | None = None
        self.settled: list[str] = []
        self.offered: list[str] = []
        self.reference = ""

    def write(self, text: str, **found: Any) -> int:
        """A message that the worker has taken in; not a worry unless told otherwise."""
        message = a_message(self.work, text, self.conversation)
        self.turn = intake.take_in(self.work, message.id, a_risk(**({"level": "none"} | found)), [])
        self.work.commit()
        return message.id

    def worry(self, text: str, **found: Any) -> Opening:
        """A message after which the bot begins its questions, and the first of them."""
        self.last = self.write(text, **({"level": "likely"} | found))
        return self.begin()

    def begin(self) -> Opening:
        opening = desk.begin(self.last, str(self.conversation.id))
        self.reference, self.settled = opening.reference, opening.settled
        self._take(desk.answer(self.reference, self.last, None, Heard("", ""), self.settled, [], None))
        return opening

    def answer(self, text: str, intent: str = "", **found: Any) -> Step:
        """A message as the answer to what was asked last."""
        self.last = self.write(text, **found)
        event = (self.turn.concern or {}).get("event")
        heard = Heard(text, intent, 0.9 if intent else 0.0)
        step = desk.answer(self.reference, self.last, self.asked, heard, self.settled, self.offered, event)
        self._take(step)
        return step

    def skip_to(self, question: str) -> Step:
        """Skip what is asked until it is this."""
        for _ in QUESTIONS:
            step = self.answer("skip")
            if self.asked == question:
                return step
        raise AssertionError(f"{question} was never asked")

    def _take(self, step: Step) -> None:
        self.work.expire_all()
        self.asked, self.settled = step.next_question, step.settled
        self.offered = [option["id"] for option in step.options]

    @property
    def concern(self) -> Concern:
        return self.work.scalars(select(Concern).where(Concern.reference == self.reference)).one()


@pytest.fixture
def family(work: Session, conversation: Conversation) -> Family:
    return Family(work, conversation)


@pytest.fixture
def by_text(work: Session) -> Family:
    return Family(work, a_conversation(work, "sms"))


def _alerts(work: Session, concern: Concern) -> list[tuple[str, str]]:
    query = select(Delivery).where(Delivery.concern_id == concern.id).order_by(Delivery.id)
    return [(delivery.reason, delivery.address) for delivery in work.scalars(query)]


def _events(work: Session, concern: Concern, event: LogEvent) -> list[LogEntry]:
    query = select(LogEntry).where(LogEntry.concern_id == concern.id, LogEntry.event == event.value)
    return list(work.scalars(query.order_by(LogEntry.id)).all())


def _told(work: Session, concern: Concern, *senders: str) -> list[str]:
    query = select(Message).where(Message.conversation_id == concern.conversation_id, Message.sender.in_(senders))
    return [message.text for message in work.scalars(query.order_by(Message.id))]


# ----- the first reply -----


@pytest.mark.parametrize(
    "found, kind",
    [
        ({}, "recorded"),
        ({"urgency": "emergency"}, "emergency"),
        ({"subject": "caller", "category": "caller_risk"}, "caller"),
        ({"subject": "caller", "category": "caller_risk", "urgency": "emergency"}, "caller_emergency"),
        ({"category": "child_safeguarding"}, "child"),
        ({"category": "threat_by_prisoner"}, "threat"),
        ({"category": "threat_by_prisoner", "subject": "caller"}, "threat"),
        ({"category": "threat_by_prisoner", "subject": "caller", "urgency": "emergency"}, "threat"),
    ],
)
def test_the_first_reply_fits_the_worry(family: Family, found: dict[str, Any], kind: str) -> None:
    assert family.worry("something is wrong in leeds", **found).kind == kind


def test_the_first_reply_is_given_all_that_its_words_have_gaps_for(family: Family) -> None:
    opening = family.worry("my son in leeds cant go on", urgency="emergency")

    assert set(opening.values) == {"reference", "prison", "team", "switchboard", "next_check"}
    assert opening.values["team"] == "the safer custody team at HMP Leeds"
    assert "0113 203 2600" in opening.values["switchboard"]
    assert opening.values["reference"] == opening.reference and opening.values["next_check"]


@pytest.mark.parametrize(
    "text, found, team",
    [
        ("my son cant go on", {}, "our duty desk (they will find the right prison)"),
        ("i cant go on, im near leeds", {"subject": "caller"}, "our duty desk"),
        ("officers in leeds beat him", {"category": "staff_abuse"}, "senior staff who deal with this"),
        (
            "my ex in leeds threatens me",
            {"subject": "caller", "category": "threat_by_prisoner"},
            "senior staff who deal with this",
        ),
    ],
)
def test_the_family_is_told_truly_who_reads_it(family: Family, text: str, found: dict[str, Any], team: str) -> None:
    assert family.worry(text, **found).values["team"] == team


def test_nothing_is_asked_that_the_first_message_told(family: Family) -> None:
    family.worry(
        "my son Kyle Thompson A1234BC in Leeds says he cant go on, he has been told he will be stabbed on friday "
        "over eighty quid and he is too scared to come out of his cell. I'm Jane, his mum"
    )

    assert family.settled == ["details", "person", "prison", "reporter"]
    assert family.asked == "contact"


def test_beginning_again_for_the_same_message_gives_the_same(family: Family, work: Session) -> None:
    first = family.worry("my son in leeds cant go on")
    before = len(_alerts(work, family.concern))

    assert family.begin() == first
    assert len(_alerts(work, family.concern)) == before


# ----- a worry that the family names when it is asked -----


def test_yes_after_the_gentle_check_opens_a_concern_with_the_vague_words_too(family: Family, work: Session) -> None:
    family.write("hes in leeds", level="none")
    family.write(VAGUE, level="possible", urgency="routine", category="mental_health", subject="prisoner")
    family.last = family.write("yes")

    opening = family.begin()
    assert opening.kind == "recorded"
    assert service.words(work, family.concern) == [VAGUE, "yes"]
    assert (family.concern.category, family.concern.urgency) == ("mental_health", "routine")
    assert family.concern.prison_id == "LEI"


def test_the_first_alert_after_the_gentle_check_already_holds_the_vague_words(family: Family, work: Session) -> None:
    family.write(VAGUE, level="possible")
    family.last = family.write("yes")
    family.begin()

    (alert,) = work.scalars(select(Delivery).where(Delivery.concern_id == family.concern.id)).all()
    assert VAGUE in alert.body


def test_a_possible_risk_of_the_caller_goes_the_callers_way_when_it_is_confirmed(family: Family, work: Session) -> None:
    family.write("im in bits over this, hes in leeds", level="possible", subject="caller", category="caller_risk")
    family.last = family.write("yes")

    assert family.begin().kind == "caller"
    assert family.concern.prison_id is None
    assert _alerts(work, family.concern) == [("alert", "duty-desk@gateway.invalid")]


def test_who_asks_to_report_something_is_heard_without_any_hint(family: Family, work: Session) -> None:
    family.last = family.write("i want to report a worry")
    family.begin()

    assert service.words(work, family.concern) == ["i want to report a worry"]
    assert (family.concern.category, family.concern.urgency, family.concern.subject) == ("other", "urgent", "prisoner")


def test_a_vague_message_of_days_ago_is_no_part_of_a_worry_of_today(family: Family, work: Session) -> None:
    old = work.get_one(Message, family.write(VAGUE, level="possible", category="mental_health"))
    old.at = now() - timedelta(days=3)
    work.commit()
    family.last = family.write("i want to report a worry")
    family.begin()

    assert service.words(work, family.concern) == ["i want to report a worry"]
    assert family.concern.category == "other"


def test_yes_while_a_concern_runs_is_put_to_it_and_staff_are_told(family: Family, work: Session) -> None:
    family.worry("my son in leeds cant go on")
    desk.finish(family.reference, family.last)
    before = len(_alerts(work, family.concern))
    family.write(VAGUE, level="possible")
    family.last = family.write("yes")

    opening = family.begin()
    assert (opening.kind, opening.asks) == ("added", False)
    assert service.words(work, family.concern)[1:] == [VAGUE, "yes"]
    assert [reason for reason, _ in _alerts(work, family.concern)[before:]] == ["update"]


# ----- more after the questions are done -----


@pytest.mark.parametrize(
    "found, later, kind",
    [
        ({}, {}, "added"),
        ({}, {"urgency": "emergency"}, "added_emergency"),
        ({"subject": "caller"}, {"subject": "caller"}, "caller"),
        ({"subject": "caller"}, {"subject": "caller", "urgency": "emergency"}, "caller_emergency"),
    ],
)
def test_more_after_the_receipt_is_thanked_for_and_asks_nothing(
    family: Family, found: dict[str, Any], later: dict[str, Any], kind: str
) -> None:
    family.worry("it is bad", **found)
    desk.finish(family.reference, family.last)

    opening = family.worry("it is worse", **later)
    assert (opening.kind, opening.asks) == (kind, False)


def test_more_before_the_receipt_goes_on_with_the_questions(family: Family) -> None:
    first = family.worry("my son in leeds is in a bad way")
    family.answer("kyle")

    opening = family.worry("he has a blade", urgency="emergency")
    assert (opening.reference, opening.kind, opening.asks) == (first.reference, "emergency", True)
    assert family.asked == "details"


# ----- the questions, one after the other -----


def test_a_whole_conversation_fills_the_row_and_ends_with_one_receipt(family: Family, work: Session) -> None:
    family.worry("my lad is in a bad way")
    asked = [family.asked]
    for answer in (
        "hes in hull",
        "Kyle Thompson A1234BC",
        "since tuesday he wont come out of his cell",
        "I'm his mum, Jane",
        "yes 07700 900123 after 5",
        "no",
        "yes",
    ):
        asked.append(family.answer(answer).next_question)
    values = desk.finish(family.reference, family.last)

    concern = family.concern
    assert asked == [*QUESTIONS, None]
    assert (concern.prison_id, concern.prisoner_name, concern.prisoner_number) == ("HLI", "Kyle Thompson", "A1234BC")
    assert concern.summary == "since tuesday he wont come out of his cell"
    assert (concern.reporter_name, concern.reporter_relationship) == ("Jane", "parent")
    assert (concern.contact_allowed, concern.tell_prisoner) == (True, False)
    assert concern.receipt_at is not None
    assert values["team"] == "the safer custody team at HMP/YOI Hull"
    assert service.words(work, concern) == ["my lad is in a bad way", "since tuesday he wont come out of his cell"]


def test_skipping_everything_leaves_a_concern_that_somebody_is_told_of(family: Family, work: Session) -> None:
    family.worry("somebody is in a bad way")
    for _ in QUESTIONS:
        family.answer("skip")

    assert family.asked is None
    assert (family.concern.status, family.concern.prison_id, family.concern.prisoner_name) == ("open", None, None)
    assert _alerts(work, family.concern) == [("alert", "duty-desk@gateway.invalid")]


def test_stop_ends_the_questions_at_once(family: Family) -> None:
    family.worry("somebody is in a bad way")

    assert family.answer("stop").next_question is None
    assert family.concern.status == "open"


@pytest.mark.parametrize("text", ["Kyle Thompson", "skip", "i only know his nickname is dusty"])
def test_an_answer_heard_again_changes_nothing_more(family: Family, work: Session, text: str) -> None:
    family.worry("my lad in leeds is in a bad way")
    before = list(family.settled)
    first = family.answer(text)
    rows = work.scalar(select(func.count()).select_from(LogEntry))

    again = desk.answer(family.reference, family.last, "person", Heard(text), before, [], None)
    assert again == first
    assert work.scalar(select(func.count()).select_from(LogEntry)) == rows


def test_a_question_of_ones_own_changes_nothing_and_the_same_question_comes_again(family: Family) -> None:
    family.worry("my lad in leeds is in a bad way")
    settled = list(family.settled)

    step = family.answer("what id do i need to visit?", "visits")
    again = desk.ask_again(family.reference, "person", settled)
    assert step.digresses and (step.next_question, step.settled) == ("person", settled)
    assert (again.next_question, again.settled, again.asks) == ("person", settled, True)
    assert family.concern.prisoner_name is None


def test_several_prisons_of_a_name_are_offered_and_one_is_picked(family: Family, work: Session) -> None:
    family.worry("my lad is in a bad way")
    offer = family.answer("liverpool or durham")

    assert offer.say == ["which_prison"] and not offer.asks and offer.next_question == "prison"
    family.answer("2")
    assert family.concern.prison_id == offer.options[1]["id"]
    assert family.asked == "person"


def test_a_bare_name_is_taken_for_the_prison_that_goes_by_it_and_can_be_taken_back(family: Family) -> None:
    family.worry("my lad is in a bad way")
    step = family.answer("its portland")

    assert step.say == ["prison_taken_as"] and step.values["prison"] == "HMP/YOI Portland"
    assert (family.concern.prison_id, family.asked) == ("PDI", "person")
    family.answer("no sorry its the verne")
    assert family.concern.prison_id == "VEI"


def test_an_unknown_prison_is_kept_in_words_and_the_questions_go_on(family: Family, work: Session) -> None:
    family.worry("my lad is in a bad way")
    step = family.answer("the big one by the docks")

    assert step.say == ["prison_not_found"] and step.next_question == "person"
    assert service.words(work, family.concern)[-1] == "the big one by the docks"


def test_a_prison_named_later_is_told_at_once_beginning_at_its_first_step(family: Family, work: Session) -> None:
    family.worry("my lad is in a bad way")
    family.concern.escalation_step = 1
    work.commit()
    family.answer("hes in hull")

    assert _alerts(work, family.concern)[-1] == ("alert", "safer-custody.hli@gateway.invalid")
    assert family.concern.escalation_step == 0


def test_a_prison_given_in_answer_to_another_question_is_told_too(family: Family, work: Session) -> None:
    family.worry("my lad is in a bad way")
    family.answer("no sorry")
    family.answer("hull")

    assert family.concern.prison_id == "HLI"
    assert _alerts(work, family.concern)[-1] == ("alert", "safer-custody.hli@gateway.invalid")


def test_a_corrected_prison_is_told_and_the_question_stands(family: Family, work: Session) -> None:
    family.worry("my lad in leeds is in a bad way")
    step = family.answer("no sorry it's Hull not Leeds")

    assert step.say == ["corrected"] and step.next_question == "person"
    assert family.concern.prison_id == "HLI"
    assert _alerts(work, family.concern)[-1] == ("alert", "safer-custody.hli@gateway.invalid")


def test_a_prison_corrected_after_somebody_answered_is_told_all_the_same(
    family: Family, work: Session, staff: Staff
) -> None:
    family.worry("my lad in leeds is in a bad way")
    acts.acknowledge(work, family.concern, staff.id)
    work.commit()
    family.answer("no sorry it's Hull not Leeds")

    assert _alerts(work, family.concern)[-1] == ("alert", "safer-custody.hli@gateway.invalid")


def test_what_is_read_back_can_be_changed_and_is_read_back_again(family: Family) -> None:
    family.worry("my lad Kyle in leeds is in a bad way")
    step = family.skip_to("read_back")
    assert "Prison: HMP Leeds" in step.values["read_back"]

    assert family.answer("no").say == ["what_to_change"]
    changed = family.answer("it's Hull, not Leeds")
    assert changed.say == ["corrected"] and changed.next_question == "read_back"
    assert "Prison: HMP/YOI Hull" in changed.values["read_back"] and "Leeds" not in changed.values["read_back"]
    assert family.answer("yes").next_question is None


def test_what_is_read_back_is_in_plain_words_and_leaves_out_what_nobody_said(work: Session) -> None:
    concern = a_concern(work, details={"reporter_anonymous": True, "contact_allowed": False, "tell_prisoner": False})
    concern.prisoner_dob = private(work, concern.conversation_id, date(1991, 4, 3))
    work.commit()

    lines = desk.ask_again(concern.reference, "read_back", []).values["read_back"].splitlines()
    assert lines == [
        "Prison: HMP Leeds",
        "Born: 3 April 1991",
        "You are their: parent",
        "You stay anonymous: yes",
        "Staff may contact you: no",
        "They may be told it was you: no",
    ]


def test_who_wants_to_stay_anonymous_loses_a_name_given_before(family: Family) -> None:
    family.worry("somebody in leeds is in a bad way, my name is Jane")
    assert family.concern.reporter_name == "Jane"
    family.skip_to("reporter")
    family.answer("anonymous")

    assert (family.concern.reporter_anonymous, family.concern.reporter_name) == (True, None)


def test_by_text_message_a_yes_to_being_rung_takes_the_number_they_write_from(by_text: Family) -> None:
    by_text.worry("my lad in leeds is in a bad way")
    by_text.skip_to("contact")
    by_text.answer("yes")

    assert (by_text.concern.contact_allowed, by_text.concern.reporter_contact) == (True, NUMBER)


def test_about_their_own_risk_people_are_asked_only_how_to_be_reached_and_never_get_a_prison(family: Family) -> None:
    family.worry("i cant go on any more", subject="caller")
    asked = [family.asked]
    family.answer("no sorry it's Hull not Leeds")
    asked += [family.answer("skip").next_question for _ in range(2)]

    assert asked == ["contact", "read_back", None]
    assert family.concern.prison_id is None


@pytest.mark.parametrize(
    "found, before, after, kind",
    [
        ({}, "urgent", "emergency", "emergency"),
        ({"subject": "caller"}, "urgent", "emergency", "caller_emergency"),
        ({}, "routine", "urgent", None),
        ({}, "emergency", "emergency", "noted_emergency"),
        ({"subject": "caller"}, "emergency", "emergency", None),
        ({}, "emergency", "urgent", None),
    ],
)
def test_an_answer_that_makes_an_emergency_of_it_is_met_with_what_to_do_now(
    family: Family, found: dict[str, Any], before: str, after: str, kind: str | None
) -> None:
    family.worry("it is bad", urgency=before, **found)

    assert family.answer("it is happening now", level="likely", urgency=after, **found).emergency == kind


def test_an_answer_about_a_concern_that_is_not_there_ends_the_questions(family: Family) -> None:
    message = family.write("hello")

    assert desk.answer("ZZZ-9999", message, "person", Heard("x"), [], [], None).next_question is None
    assert desk.finish("ZZZ-9999", message) == {}


# ----- the receipt -----


def test_the_receipt_is_given_once_and_tells_staff_that_the_details_are_complete(family: Family, work: Session) -> None:
    family.worry("my lad in leeds is in a bad way")
    first = desk.finish(family.reference, family.last)
    again = desk.finish(family.reference, family.last)
    work.expire_all()

    assert first == again
    assert len(_events(work, family.concern, LogEvent.CONCERN_RECEIPT_GIVEN)) == 1
    assert [reason for reason, _ in _alerts(work, family.concern)] == ["alert", "update"]


# ----- only what is the family's to set -----


def test_a_field_that_is_not_the_familys_cannot_be_set_by_their_answers(work: Session) -> None:
    concern = a_concern(work)

    with pytest.raises(ValueError, match="status"):
        service.enrich(work, concern, concern.opened_by, status="closed")
    assert concern.status == "open"


def test_an_answer_that_says_nothing_new_leaves_no_line_in_the_log(work: Session) -> None:
    concern = a_concern(work, details={"summary": "he is scared"})

    assert service.enrich(work, concern, concern.opened_by, summary="he is scared") == []
    assert service.enrich(work, concern, concern.opened_by, summary="he is hurt") == ["summary"]
    assert [entry.details for entry in _events(work, concern, LogEvent.CONCERN_ENRICHED)][-1] == {"fields": ["summary"]}


@pytest.mark.parametrize(
    "before, after, raised",
    [
        ("routine", "urgent", True),
        ("urgent", "emergency", True),
        ("urgent", "urgent", False),
        ("emergency", "routine", False),
    ],
)
def test_urgency_only_ever_rises(work: Session, before: str, after: str, raised: bool) -> None:
    concern = a_concern(work, urgency=before)

    assert service.raise_urgency(work, concern, Urgency(after), concern.opened_by) is raised
    assert concern.urgency == (after if raised else before)


# ----- what became of it -----


@pytest.mark.parametrize("text", ["what happened to {}?", "any news?", "{}"])
def test_the_state_is_told_to_the_conversation_that_raised_it(family: Family, text: str) -> None:
    reference = family.worry("my lad in leeds is in a bad way").reference

    found = desk.status(str(family.conversation.id), text.format(reference.lower()))
    assert found is not None and (found["reference"], found["state"]) == (reference, "open") and found["at"]


def test_the_state_is_told_to_nobody_else(family: Family, work: Session) -> None:
    reference = family.worry("my lad in leeds is in a bad way").reference
    stranger = a_conversation(work)
    work.commit()

    assert desk.status(str(stranger.id), f"what happened to {reference}?") is None
    assert desk.status(str(stranger.id), "any news?") is None
    assert _events(work, family.concern, LogEvent.CONCERN_STATUS_ASKED) == []


def test_without_a_reference_the_last_concern_is_meant(family: Family) -> None:
    family.worry("my lad in leeds is in a bad way")
    last = family.worry("my other lad in durham is in a bad way").reference

    found = desk.status(str(family.conversation.id), "any news?")
    assert found is not None and found["reference"] == last


def test_the_state_says_whether_and_when_it_was_read_and_nothing_else(
    family: Family, work: Session, staff: Staff
) -> None:
    family.worry("my lad in leeds is in a bad way")
    acts.acknowledge(work, family.concern, staff.id)
    work.commit()
    read = desk.status(str(family.conversation.id), "any news?")
    closing.close(work, family.concern, staff.id, "acct_opened")
    work.commit()
    closed = desk.status(str(family.conversation.id), "any news?")

    assert read is not None and closed is not None
    assert (read["state"], closed["state"]) == ("acknowledged", "closed")
    assert set(read) == set(closed) == {"reference", "state", "at"}


# ----- what staff do -----


def test_acknowledging_names_who_answers_for_it_and_tells_the_family_when(work: Session, staff: Staff) -> None:
    concern = a_concern(work, urgency="urgent")

    assert acts.acknowledge(work, concern, staff.id)
    assert (concern.status, concern.acknowledged_by) == ("acknowledged", staff.id)
    assert concern.next_alarm_at - now() > timedelta(hours=7)
    (told,) = _told(work, concern, "system")
    assert told.startswith(f"A person read your message {concern.reference} at ")
    (entry,) = _events(work, concern, LogEvent.CONCERN_ACKNOWLEDGED)
    assert entry.actor == f"staff:{staff.id}"


def test_acknowledging_again_changes_and_tells_nothing(work: Session, staff: Staff) -> None:
    concern = a_concern(work)
    acts.acknowledge(work, concern, staff.id)
    when = concern.acknowledged_at

    assert not acts.acknowledge(work, concern, staff.id)
    assert concern.acknowledged_at == when and len(_told(work, concern, "system")) == 1


def test_after_stop_the_family_is_told_in_the_log_and_not_by_text(work: Session, staff: Staff) -> None:
    conversation = a_conversation(work, "sms")
    conversation.stopped_at = now()
    concern = a_concern(work, conversation=conversation)
    acts.acknowledge(work, concern, staff.id)

    assert len(_told(work, concern, "system")) == 1
    assert work.scalars(select(Delivery).where(Delivery.reason == "reply")).all() == []


def test_closing_needs_an_outcome_of_the_list_and_ends_the_alarms(work: Session, staff: Staff) -> None:
    concern = a_concern(work)

    with pytest.raises(KeyError):
        closing.close(work, concern, staff.id, "all fine")
    assert concern.status == "open"
    closing.close(work, concern, staff.id, "welfare_check")
    assert (concern.status, concern.outcome, concern.closed_by) == ("closed", "welfare_check", staff.id)
    assert concern.next_alarm_at is None and concern.closed_at is not None


def test_what_was_never_acknowledged_is_so_when_it_is_closed_and_the_family_hears_both(
    work: Session, staff: Staff
) -> None:
    concern = a_concern(work)
    closing.close(work, concern, staff.id, "welfare_check")

    assert concern.acknowledged_by == staff.id
    read, closed = _told(work, concern, "system")
    assert "read your message" in read and "looked into" in closed and "welfare" not in closed.lower()


def test_what_is_closed_cannot_be_closed_again(work: Session, staff: Staff) -> None:
    concern = a_concern(work)
    closing.close(work, concern, staff.id, "welfare_check")

    with pytest.raises(closing.AlreadyClosed):
        closing.close(work, concern, staff.id, "police_told")
    assert concern.outcome == "welfare_check" and not acts.acknowledge(work, concern, staff.id)


def test_staff_can_send_only_approved_sentences(work: Session, staff: Staff) -> None:
    concern = a_concern(work)

    with pytest.raises(KeyError):
        acts.tell_family(work, concern, staff.id, "he is fine")
    assert acts.tell_family(work, concern, staff.id, "thank_you")
    assert _told(work, concern, "staff") == [choices("approved")["thank_you"].format(reference=concern.reference)]


@pytest.mark.parametrize("act, words", [(acts.add_note, "rang the wing"), (acts.tell_family, "thank_you")])
def test_an_act_of_staff_that_comes_twice_is_done_once(
    work: Session, staff: Staff, act: Callable[..., bool], words: str
) -> None:
    concern, form = a_concern(work), uuid.uuid4()

    assert act(work, concern, staff.id, words, form)
    assert not act(work, concern, staff.id, words, form)
    done = len(_told(work, concern, "staff")) + (work.scalar(select(func.count(ConcernNote.id))) or 0)
    assert done == 1


def test_a_note_is_for_staff_alone(work: Session, staff: Staff) -> None:
    concern = a_concern(work)
    acts.add_note(work, concern, staff.id, "rang the wing")

    assert [note.text for note in acts.notes(work, concern)] == ["rang the wing"]
    assert _told(work, concern, "staff", "system") == []


# ----- what the table itself refuses -----


@pytest.mark.parametrize(
    "wrong, constraint",
    [
        ({"next_alarm_at": None}, "concern_open_has_alarm"),
        ({"status": "acknowledged", "next_alarm_at": None}, "concern_open_has_alarm"),
        ({"status": "closed"}, "concern_outcome"),
        ({"status": "closed", "outcome": "welfare_check"}, "concern_outcome"),
        ({"status": "forgotten"}, "concern_status"),
        ({"urgency": "whenever"}, "concern_urgency"),
        ({"subject": "nobody"}, "concern_subject"),
    ],
)
def test_no_concern_can_fall_silent_or_end_without_an_outcome(
    work: Session, wrong: dict[str, Any], constraint: str
) -> None:
    concern = a_concern(work)

    with pytest.raises(IntegrityError, match=constraint), work.begin_nested():
        for name, value in wrong.items():
            setattr(concern, name, value)
        work.flush()


def test_a_reference_is_never_given_twice(work: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = a_concern(work).reference
    drawn = iter([taken, taken, "NEW-2345"])
    monkeypatch.setattr(service, "new_reference", lambda: next(drawn))

    assert service.free_reference(work) == "NEW-2345"
