"""Record first, ask later: what becomes of a message before any dialogue."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from factories import a_conversation, a_message, a_risk
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.concerns import intake, service
from gateway.concerns.intake import Turn
from gateway.concerns.models import Concern, ConcernWords
from gateway.conversations.models import Assessment, Conversation, Message
from gateway.db import now
from gateway.deliveries.models import Delivery
from gateway.routing.routes import routing

TakeIn = Callable[..., Turn]


@pytest.fixture
def conversation(work: Session) -> Conversation:
    return a_conversation(work)


@pytest.fixture
def tell(work: Session, conversation: Conversation) -> TakeIn:
    """Take in one more message of the conversation, likely a worry unless told otherwise."""

    def told(text: str, recent: list[str] | None = None, **found: Any) -> Turn:
        return intake.take_in(work, a_message(work, text, conversation).id, a_risk(**found), recent or [])

    return told


def _concerns(work: Session) -> list[Concern]:
    return list(work.scalars(select(Concern).order_by(Concern.id)).all())


def _alerts(work: Session, concern: Concern) -> list[tuple[str, str]]:
    query = select(Delivery).where(Delivery.concern_id == concern.id).order_by(Delivery.id)
    return [(delivery.reason, delivery.address) for delivery in work.scalars(query)]


def _count(work: Session) -> dict[str, int]:
    tables = (Concern, ConcernWords, Assessment, Delivery, LogEntry, Message)
    return {table.__tablename__: work.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


# ----- a worry told over several texts -----


def test_texts_that_are_a_worry_only_together_stand_in_the_log_together(work: Session, tell: TakeIn) -> None:
    tell("he gave his radio to his padmate", level="none")
    tell("and all his photos", level="none")
    tell("he said to keep his letters safe", scores={"likely": 0.1, "together": 0.9, "from_recent": True})

    (concern,) = _concerns(work)
    assert service.words(work, concern) == [
        "he gave his radio to his padmate",
        "and all his photos",
        "he said to keep his letters safe",
    ]


def test_a_text_that_is_a_worry_by_itself_takes_no_others_with_it(work: Session, tell: TakeIn) -> None:
    tell("what time are visits", level="none")
    tell("he wants to die", scores={"likely": 0.9, "together": 0.9, "from_recent": False})

    assert service.words(work, _concerns(work)[0]) == ["he wants to die"]


def test_what_is_in_the_log_already_is_not_read_again_with_what_follows(
    work: Session, conversation: Conversation, tell: TakeIn
) -> None:
    tell("he wants to die")
    a_message(work, "his name is Kyle", conversation)

    untold, told = intake.before(work, a_message(work, "he is on B wing", conversation))
    assert (untold, told) == (["his name is Kyle"], ["he wants to die"])


# ----- a worry is recorded and routed at once -----


def test_a_risky_message_is_a_row_with_its_words_and_somebody_told_before_any_dialogue(
    work: Session, tell: TakeIn
) -> None:
    turn = tell("my son in Leeds says he cant go on", urgency="emergency")

    (concern,) = _concerns(work)
    assert service.words(work, concern) == ["my son in Leeds says he cant go on"]
    assert (concern.status, concern.urgency, concern.subject) == ("open", "emergency", "prisoner")
    assert (concern.category, concern.prison_id, concern.model_version) == ("self_harm_suicide", "LEI", "test-1")
    assert concern.reporter_relationship == "parent"
    assert _alerts(work, concern) == [("alert", "safer-custody.lei@gateway.invalid")]
    assert timedelta(minutes=4) < concern.next_alarm_at - now() <= timedelta(minutes=5)
    assert turn.prison == "LEI"
    assert turn.concern is not None and turn.concern["reference"] == concern.reference
    assert turn.concern["event"] == "opened"


def test_each_alert_has_its_job_in_the_same_transaction(work: Session, tell: TakeIn) -> None:
    tell("my son in Leeds says he cant go on")

    (delivery,) = work.scalars(select(Delivery)).all()
    waiting = work.scalars(text("SELECT args FROM procrastinate_jobs WHERE task_name = 'deliveries:deliver'")).all()
    assert waiting == [{"delivery_id": delivery.id}]
    work.rollback()
    assert work.scalars(text("SELECT args FROM procrastinate_jobs WHERE task_name = 'deliveries:deliver'")).all() == []


def test_a_worry_without_urgency_category_or_subject_is_recorded_all_the_same(work: Session, tell: TakeIn) -> None:
    tell("something is very wrong", urgency=None, category=None, subject=None)

    (concern,) = _concerns(work)
    assert (concern.urgency, concern.category, concern.subject) == ("urgent", "other", "prisoner")


def test_a_category_that_we_have_no_words_for_keeps_nobody_from_being_told(work: Session, tell: TakeIn) -> None:
    tell("something is very wrong", category="brand_new")

    (concern,) = _concerns(work)
    assert len(_alerts(work, concern)) == 1


@pytest.mark.parametrize("level", ["none", "possible"])
def test_what_is_not_likely_a_worry_opens_nothing(work: Session, tell: TakeIn, level: str) -> None:
    turn = tell("when are visits", level=level)

    assert _concerns(work) == [] and turn.concern is None
    assert work.scalars(select(Delivery)).all() == []


def test_every_decision_is_kept_with_the_text_scores_and_model_it_was_made_on(work: Session, tell: TakeIn) -> None:
    tell("he sounded low", ["hi", "its about my son"], level="possible", scores={"low": 0.4}, model_version="m-7")

    (kept,) = work.scalars(select(Assessment)).all()
    assert kept.text == "hi\nits about my son\nhe sounded low"
    assert (kept.level, kept.scores, kept.model_version) == ("possible", {"low": 0.4}, "m-7")


def test_what_happened_is_in_the_log_without_any_words(work: Session, tell: TakeIn) -> None:
    tell("my son in Leeds says he cant go on")

    (concern,) = _concerns(work)
    entries = work.scalars(select(LogEntry).where(LogEntry.concern_id == concern.id).order_by(LogEntry.id)).all()
    assert [entry.event for entry in entries] == [
        LogEvent.CONCERN_OPENED.value,
        LogEvent.CONCERN_WORDS_ADDED.value,
        LogEvent.CONCERN_ENRICHED.value,
        LogEvent.CONCERN_ROUTED.value,
    ]
    assert not any("cant go on" in str(entry.details) for entry in entries)


# ----- once, however often -----


@pytest.mark.parametrize("found", [{}, {"level": "possible"}, {"level": "none"}, {"subject": "caller"}])
def test_taking_in_a_message_again_adds_nothing_and_says_the_same(
    work: Session, conversation: Conversation, found: dict[str, Any]
) -> None:
    message = a_message(work, "my son in Leeds says he cant go on", conversation)
    first = intake.take_in(work, message.id, a_risk(**found), ["hello"])
    before = _count(work)

    again = intake.take_in(work, message.id, a_risk(**found), ["hello"])
    work.flush()
    assert (first.again, again.again) == (False, True)
    assert (again.prison, again.concern) == (first.prison, first.concern)
    assert _count(work) == before


def test_taking_in_again_what_made_it_more_urgent_says_so_again(
    work: Session, conversation: Conversation, tell: TakeIn
) -> None:
    tell("my son in Leeds says he cant go on")
    message = a_message(work, "he has a blade", conversation)
    first = intake.take_in(work, message.id, a_risk(urgency="emergency"), [])
    before = _count(work)

    again = intake.take_in(work, message.id, a_risk(urgency="emergency"), [])
    work.flush()
    assert again.concern is not None and again.concern["event"] == "urgency_raised"
    assert again.concern == first.concern
    assert _count(work) == before


def test_one_message_cannot_open_two_concerns_whatever_the_code_does(
    work: Session, conversation: Conversation, tell: TakeIn
) -> None:
    tell("my son in Leeds says he cant go on")
    message = work.scalars(select(Message).where(Message.conversation_id == conversation.id)).one()

    with pytest.raises(IntegrityError, match="opened_by"):
        intake.open_concern(work, conversation, message, a_risk())


# ----- more on the same worry -----


def test_a_further_worry_is_put_to_the_running_concern_and_staff_are_told(work: Session, tell: TakeIn) -> None:
    tell("my son in Leeds says he cant go on")
    turn = tell("he has not eaten for days")

    (concern,) = _concerns(work)
    assert service.words(work, concern) == ["my son in Leeds says he cant go on", "he has not eaten for days"]
    assert [reason for reason, _ in _alerts(work, concern)] == ["alert", "update"]
    assert turn.concern is not None and turn.concern["event"] == "words_added"


def test_further_words_fill_in_what_is_missing_and_replace_nothing(work: Session, tell: TakeIn) -> None:
    tell("my son Kyle in Leeds says he cant go on")
    tell("my son Carl A1234BC wants to die")

    (concern,) = _concerns(work)
    assert (concern.prisoner_name, concern.prisoner_number) == ("Kyle", "A1234BC")


def test_a_worse_message_raises_the_urgency_and_alarms_again(work: Session, tell: TakeIn) -> None:
    tell("my son in Leeds says he cant go on", urgency="urgent")
    turn = tell("he has a blade in his cell", urgency="emergency")

    (concern,) = _concerns(work)
    assert concern.urgency == "emergency"
    assert [reason for reason, _ in _alerts(work, concern)] == ["alert", "alert"]
    assert concern.next_alarm_at - now() <= timedelta(minutes=5)
    assert turn.concern is not None and turn.concern["event"] == "urgency_raised"


def test_a_milder_message_never_makes_a_concern_less_urgent(work: Session, tell: TakeIn) -> None:
    tell("he has a blade in his cell in leeds", urgency="emergency")
    alarm = _concerns(work)[0].next_alarm_at
    tell("he owes them money", urgency="routine")

    (concern,) = _concerns(work)
    assert concern.urgency == "emergency" and concern.next_alarm_at == alarm


def test_small_talk_while_a_concern_runs_changes_nothing_of_it(work: Session, tell: TakeIn) -> None:
    tell("my son in Leeds says he cant go on")
    before = len(_alerts(work, _concerns(work)[0]))
    turn = tell("thanks", level="none")

    (concern,) = _concerns(work)
    assert turn.concern is not None
    assert (turn.concern["reference"], turn.concern["event"]) == (concern.reference, None)
    assert len(_alerts(work, concern)) == before and len(service.words(work, concern)) == 1


# ----- another worry -----


def test_another_prison_makes_another_concern(work: Session, tell: TakeIn) -> None:
    tell("my son in Leeds says he cant go on")
    tell("and my brother in Durham is being beaten", category="violence_bullying")

    first, second = _concerns(work)
    assert (first.prison_id, second.prison_id) == ("LEI", "DMI")
    assert _alerts(work, second) == [("alert", "safer-custody.dmi@gateway.invalid")]


def test_the_callers_own_risk_makes_another_concern_without_a_prison(work: Session, tell: TakeIn) -> None:
    tell("my son in Leeds says he cant go on")
    tell("i want to die myself", subject="caller", category="caller_risk")

    theirs, own = _concerns(work)
    assert (theirs.prison_id, own.prison_id) == ("LEI", None)
    assert _alerts(work, own) == [("alert", "duty-desk@gateway.invalid")]
    assert service.words(work, theirs) == ["my son in Leeds says he cant go on"]


def test_who_says_who_they_are_while_the_questions_are_asked_opens_no_second_concern(
    work: Session, tell: TakeIn
) -> None:
    tell("my son in Leeds says he cant go on", urgency="emergency")
    doubtful = {"scores": {"likely": 0.6, "together": 0.9, "rules": []}}
    tell("im Jo, his wife", subject="caller", category="caller_risk", urgency="urgent", **doubtful)

    (concern,) = _concerns(work)
    assert (concern.subject, concern.urgency) == ("prisoner", "emergency")
    assert service.words(work, concern)[1:] == ["im Jo, his wife"]


@pytest.mark.parametrize(
    ("text", "scores"),
    [
        ("im Jo, his wife", {"likely": 0.9, "rules": []}),
        ("im Jo, his wife", {"likely": 0.6, "rules": ["will kill themselves"]}),
        ("i cant cope", {"likely": 0.6, "rules": []}),
        ("im Jo, his wife and i do not want to be here any more", {"likely": 0.6, "rules": []}),
    ],
)
def test_who_tells_more_than_that_while_the_questions_are_asked_has_a_concern_of_their_own(
    work: Session, tell: TakeIn, text: str, scores: dict[str, Any]
) -> None:
    tell("my son in Leeds says he cant go on")
    tell(text, subject="caller", category="caller_risk", scores=scores)

    assert [concern.subject for concern in _concerns(work)] == ["prisoner", "caller"]


def test_more_on_either_of_two_running_concerns_goes_to_the_right_one(work: Session, tell: TakeIn) -> None:
    tell("my son in Leeds says he cant go on")
    tell("i want to die myself", subject="caller", category="caller_risk")
    tell("my son has cut his arms")
    tell("i have taken tablets", subject="caller", category="caller_risk")

    theirs, own = _concerns(work)
    assert service.words(work, theirs)[1:] == ["my son has cut his arms"]
    assert service.words(work, own)[1:] == ["i have taken tablets"]


def test_an_allegation_against_staff_does_not_go_to_the_team_of_a_running_concern(work: Session, tell: TakeIn) -> None:
    tell("my son in Leeds says he cant go on")
    tell("the officers beat him", category="staff_abuse")

    first, allegation = _concerns(work)
    assert _alerts(work, allegation) == [
        ("alert", "duty-governor.lei@gateway.invalid"),
        ("alert", "regional-lead@gateway.invalid"),
    ]
    assert service.words(work, first) == ["my son in Leeds says he cant go on"]


def test_more_on_an_allegation_stays_with_it(work: Session, tell: TakeIn) -> None:
    tell("the officers in Leeds beat him", category="staff_abuse")
    tell("they hit him again", category="staff_abuse")

    assert len(_concerns(work)) == 1


# ----- what kind of worry it is -----


@pytest.mark.parametrize(
    "first, then, category",
    [
        # It became more urgent by these words, so their kind is what matters now.
        ({"category": "missing_contact_worry", "urgency": "routine"}, {"urgency": "emergency"}, "self_harm_suicide"),
        # Nobody knew what it was about.
        ({"category": "other"}, {"category": "violence_bullying"}, "violence_bullying"),
        ({"category": None}, {"category": "violence_bullying"}, "violence_bullying"),
        # The first guess was weak, and these words are plain.
        (
            {"category": "drugs", "scores": {"likely": 0.2}},
            {"category": "debt_threats", "scores": {"likely": 0.9}},
            "debt_threats",
        ),
        # Both are about as sure, so it stays.
        (
            {"category": "drugs", "scores": {"likely": 0.6}},
            {"category": "debt_threats", "scores": {"likely": 0.95}},
            "drugs",
        ),
        ({"category": "drugs", "scores": {"likely": 0.1}}, {"category": "other", "scores": {"likely": 1.0}}, "drugs"),
        ({"category": "drugs", "scores": {"likely": 0.1}}, {"category": None, "urgency": "emergency"}, "drugs"),
    ],
)
def test_the_kind_of_a_worry_is_chosen_again_from_what_was_told(
    work: Session, tell: TakeIn, first: dict[str, Any], then: dict[str, Any], category: str
) -> None:
    tell("i have not heard from my son", **first)
    before = _concerns(work)[0].category
    tell("he says he will end it", **then)

    [concern] = _concerns(work)
    assert concern.category == category
    lines = work.scalars(select(LogEntry).where(LogEntry.event == LogEvent.CONCERN_CATEGORY_CHANGED.value)).all()
    expected = [] if category == before else [{"before": before, "after": category}]
    assert [line.details for line in lines] == expected


def test_several_messages_of_one_kind_outweigh_an_earlier_of_another(work: Session, tell: TakeIn) -> None:
    tell("i have not heard from my son", category="missing_contact_worry", scores={"likely": 0.6})
    tell("they took his food", category="violence_bullying", scores={"likely": 0.8})
    assert _concerns(work)[0].category == "missing_contact_worry"
    tell("they hit him again", category="violence_bullying", scores={"likely": 0.8})
    assert _concerns(work)[0].category == "violence_bullying"


def test_a_worry_of_unknown_kind_that_proves_an_allegation_goes_that_route_from_its_first_step(
    work: Session, tell: TakeIn, conversation: Conversation
) -> None:
    conversation.prison_id = "LEI"
    tell("something is wrong with my son", category="other")
    [concern] = _concerns(work)
    concern.escalation_step = 2
    told_before = len(_alerts(work, concern))
    tell("an officer beat him", category="staff_abuse")

    assert len(_concerns(work)) == 1 and (concern.category, concern.escalation_step) == ("staff_abuse", 0)
    step = routing().ladder("LEI", "staff_abuse", "prisoner")[0]
    assert _alerts(work, concern)[told_before:] == [("alert", contact.address) for contact in step.tell]


def test_an_allegation_never_goes_back_to_the_team_that_it_is_about(work: Session, tell: TakeIn) -> None:
    tell("an officer beat my son", category="staff_abuse", urgency="routine", scores={"likely": 0.1})
    tell("he will end it", category="self_harm_suicide", urgency="emergency", scores={"likely": 1.0})

    [concern] = _concerns(work)
    assert (concern.category, concern.urgency) == ("staff_abuse", "emergency")


def test_a_worry_that_somebody_answers_for_is_not_turned_into_an_allegation(work: Session, tell: TakeIn) -> None:
    tell("something is wrong with my son", category="other")
    _concerns(work)[0].status = "acknowledged"
    tell("an officer beat him", category="staff_abuse")

    assert [concern.category for concern in _concerns(work)] == ["other", "staff_abuse"]


def test_after_a_concern_was_closed_a_worry_opens_another(work: Session, tell: TakeIn) -> None:
    tell("my son in Leeds says he cant go on")
    (concern,) = _concerns(work)
    concern.status, concern.outcome, concern.closed_at, concern.next_alarm_at = "closed", "welfare_check", now(), None
    tell("he says it again")

    assert len(_concerns(work)) == 2


def test_after_a_day_a_worry_opens_another(work: Session, tell: TakeIn) -> None:
    tell("my son in Leeds says he cant go on")
    _concerns(work)[0].opened_at = now() - intake.SAME_CONCERN_FOR - timedelta(minutes=1)
    tell("he says it again")

    assert len(_concerns(work)) == 2


def test_a_concern_of_another_conversation_is_never_added_to(work: Session, tell: TakeIn) -> None:
    tell("my son in Leeds says he cant go on")
    stranger = a_message(work, "my son in Leeds says he cant go on", a_conversation(work))
    intake.take_in(work, stranger.id, a_risk(), [])

    assert len(_concerns(work)) == 2


# ----- the prison -----


def test_the_prison_named_before_is_the_prison_of_the_worry(work: Session, tell: TakeIn) -> None:
    tell("how do i visit at Leeds", level="none")
    tell("my son says he cant go on")

    assert _concerns(work)[0].prison_id == "LEI"


def test_the_prison_named_last_counts(work: Session, tell: TakeIn) -> None:
    tell("how do i visit at Leeds", level="none")
    turn = tell("and how at Durham", level="none")

    assert turn.prison == "DMI"


def test_a_name_of_several_prisons_is_not_guessed(work: Session, tell: TakeIn) -> None:
    turn = tell("my son is in Leeds or Durham and cant go on")

    (concern,) = _concerns(work)
    assert turn.prison is None and concern.prison_id is None


def test_without_a_prison_the_duty_desk_is_told(work: Session, tell: TakeIn) -> None:
    tell("my son says he cant go on")

    (concern,) = _concerns(work)
    assert _alerts(work, concern) == [("alert", "duty-desk@gateway.invalid")]


def test_a_prison_named_later_in_the_same_worry_is_the_conversations(
    work: Session, conversation: Conversation, tell: TakeIn
) -> None:
    tell("my son says he cant go on")
    turn = tell("hes in hmp leeds")

    assert turn.prison == conversation.prison_id == "LEI"
    assert len(_concerns(work)) == 1


def test_a_prison_named_with_the_next_words_of_a_worry_is_told_once(work: Session, tell: TakeIn) -> None:
    tell("my son says he cant go on")
    tell("hes in hmp leeds and he has a blade", urgency="emergency")

    (concern,) = _concerns(work)
    assert (concern.prison_id, concern.urgency) == ("LEI", "emergency")
    assert _alerts(work, concern)[1:] == [("alert", "safer-custody.lei@gateway.invalid")]
    assert concern.next_alarm_at - now() <= timedelta(minutes=5)


def test_more_on_the_callers_own_risk_never_gives_it_a_prison(work: Session, tell: TakeIn) -> None:
    tell("i cant go on", subject="caller")
    tell("i have tablets here, my son is in leeds", subject="caller")

    (concern,) = _concerns(work)
    assert concern.prison_id is None and {address for _, address in _alerts(work, concern)} == {
        "duty-desk@gateway.invalid"
    }


# ----- a family that texted STOP -----


def test_after_stop_a_worry_is_recorded_and_routed_all_the_same(work: Session) -> None:
    conversation = a_conversation(work, "sms")
    conversation.stopped_at = now()
    message = a_message(work, "my son in Leeds says he cant go on", conversation)

    turn = intake.take_in(work, message.id, a_risk(urgency="emergency"), [])
    (concern,) = _concerns(work)
    assert turn.concern is not None and concern.channel == "sms"
    assert _alerts(work, concern) == [("alert", "safer-custody.lei@gateway.invalid")]


def test_a_message_that_is_not_there_is_an_error(work: Session) -> None:
    with pytest.raises(Exception, match="No row"):
        intake.take_in(work, 987654321, a_risk(), [])
    assert intake.running_concerns(work, uuid.uuid4()) == []
