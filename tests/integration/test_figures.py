"""Figures: what is counted, what is not, and that counting reads nothing that is encrypted."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from factories import a_concern, a_conversation, a_message
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from gateway import db
from gateway.concerns.models import Concern, ConcernLink
from gateway.conversations.models import Conversation, Message
from gateway.conversations.service import Reply, say_to_family
from gateway.feedback.service import give
from gateway.figures.counts import answers_given, concerns_by_kind, scores
from gateway.figures.models import AnswerTally
from gateway.figures.period import Period
from gateway.figures.scope import Scope, scope
from gateway.figures.tables import Table, figures
from gateway.figures.waits import waited
from gateway.prisons.models import Prison
from gateway.privacy import vault
from gateway.privacy.removal import empty_concern, remove_messages
from gateway.staff.service import add_staff

AUTUMN = Period(date(2026, 9, 1), date(2026, 10, 1))
SEPTEMBER = datetime(2026, 9, 14, 13, 30, tzinfo=UTC)  # half past two in London


@pytest.fixture(autouse=True)
def in_november(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is counted on 5 November, unless a test says otherwise."""
    monkeypatch.setattr(db, "_clock", lambda: datetime(2026, 11, 5, 9, tzinfo=UTC))


@pytest.fixture
def leeds(work: Session) -> Scope:
    """What somebody at Leeds may count."""
    return Scope([work.get_one(Prison, "LEI")], unrouted=False)


@pytest.fixture
def everything(work: Session) -> Scope:
    """What somebody of Leeds and Hull may count who also reads what has no prison."""
    return Scope([work.get_one(Prison, "LEI"), work.get_one(Prison, "HLI")], unrouted=True)


@pytest.fixture
def raised(work: Session) -> Callable[..., Concern]:
    """A concern of September, with columns set as given."""

    def opened(at: datetime = SEPTEMBER, *, channel: str = "web", **given: Any) -> Concern:
        found = {
            name: given.pop(name)
            for name in ("prison", "urgency", "category", "subject", "details", "conversation")
            if name in given
        }
        concern = a_concern(work, "he cant go on", opened_at=at, **found)
        for name, value in ({"channel": channel} | given).items():
            setattr(concern, name, value)
        work.flush()
        return concern

    return opened


def table(work: Session, of: Scope, key: str) -> Table:
    return next(one for one in figures(work, of, AUTUMN).tables if one.key == key)


def cells(found: Table) -> dict[str, Any]:
    return {row.label: row.cells if len(row.cells) > 1 else row.cells[0] for row in found.rows}


# ----- what is counted -----


def test_concerns_are_counted_by_their_month_hour_and_kind(work, leeds, raised) -> None:
    raised(category="drugs", urgency="routine", channel="sms")
    raised(category="drugs")
    raised(datetime(2026, 10, 31, 23, 59, tzinfo=UTC), outcome="welfare_check")

    def counted(kind: str) -> Counter[Any]:
        return concerns_by_kind(work, leeds, AUTUMN)[kind]

    assert counted("month") == {date(2026, 9, 1): 2, date(2026, 10, 1): 1}
    assert counted("hour") == {14: 2, 23: 1}
    assert counted("category") == {"drugs": 2, "self_harm_suicide": 1}
    assert counted("urgency") == {"routine": 1, "urgent": 2}
    assert counted("channel") == {"sms": 1, "web": 2}
    assert counted("outcome") == {None: 2, "welfare_check": 1}


def test_months_are_those_of_uk_clocks(work, leeds, raised) -> None:
    raised(datetime(2026, 8, 31, 22, 59, tzinfo=UTC))  # a minute before September in London
    raised(datetime(2026, 8, 31, 23, 0, tzinfo=UTC))
    raised(datetime(2026, 11, 1, 0, 0, tzinfo=UTC))

    assert concerns_by_kind(work, leeds, AUTUMN)["month"] == {date(2026, 9, 1): 1}


def test_only_the_prisons_of_the_reader_are_counted(work, leeds, everything, raised) -> None:
    raised(prison="LEI")
    raised(prison="HLI")
    raised(prison="MDI")
    raised(prison=None)
    raised(subject="caller")

    assert concerns_by_kind(work, leeds, AUTUMN)["prison"] == {"LEI": 1}
    assert concerns_by_kind(work, everything, AUTUMN)["prison"] == {"LEI": 1, "HLI": 1, None: 2}


def test_one_prison_can_be_chosen_among_those_of_the_reader(work) -> None:
    staff = add_staff(work, "ann@prison.invalid", "Ann Example", "twelve plain signs", ["LEI", "HLI"], False)

    def chosen(prison: str) -> list[str] | None:
        found = scope(staff, prison)
        return [one.id for one in found.prisons] if found else None

    assert [chosen(prison) for prison in ("", "LEI", "MDI", "unrouted")] == [["LEI", "HLI"], ["LEI"], None, None]


def test_what_a_watcher_wrote_counts_nowhere(work, everything, raised) -> None:
    probe = raised(acknowledged_at=SEPTEMBER)
    answer = _answered(work, work.get_one(Conversation, probe.conversation_id))
    give(work, a_message(work, "5", work.get_one(Conversation, probe.conversation_id)).id, score=5).at = SEPTEMBER
    real = raised()
    work.add(ConcernLink(concern_id=real.id, other_id=probe.id, reason="number"))
    work.execute(update(Conversation).where(Conversation.id == probe.conversation_id).values(synthetic=True))
    work.flush()

    for kind in ("month", "prison", "hour", "repeat"):
        assert concerns_by_kind(work, everything, AUTUMN)[kind].total() == 1
    assert concerns_by_kind(work, everything, AUTUMN)["repeat"] == {"first": 1}
    assert waited(work, everything, AUTUMN).to_read["urgent"].done == 0
    assert answers_given(work, everything, AUTUMN) == {} and scores(work, everything, AUTUMN) == {}
    remove_messages(work, [answer.id])
    assert work.scalars(select(AnswerTally)).all() == []


def test_a_report_about_a_person_spoken_of_before_is_a_repeat(work, leeds, raised) -> None:
    details = {"prisoner_number": "A1234BC"}
    first, second = raised(details=details), raised(details=details)
    work.add(ConcernLink(concern_id=second.id, other_id=first.id, reason="number"))
    apart = raised()
    work.add(ConcernLink(concern_id=apart.id, other_id=first.id, reason="apart"))  # staff say that it is somebody else
    work.flush()

    assert concerns_by_kind(work, leeds, AUTUMN)["repeat"] == {"first": 2, "repeat": 1}


# ----- who they came from, without a name -----


def test_who_writes_is_counted_in_a_few_groups(work, leeds, raised) -> None:
    for said in ("parent", "step-parent", "aunt or uncle", "the lady from church", None):
        raised(details={"reporter_relationship": said} if said else {})

    assert concerns_by_kind(work, leeds, AUTUMN)["relationship"] == {
        "parent": 2,
        "other_family": 1,
        "other": 1,
        None: 1,
    }


def test_the_group_goes_when_a_concern_is_emptied(work, leeds, raised) -> None:
    concern = raised(details={"reporter_relationship": "parent"}, status="closed", outcome="moved", closed_at=SEPTEMBER)
    assert concern.relationship_group == "parent"

    empty_concern(work, concern)

    assert concern.relationship_group is None


def test_nothing_is_decrypted_for_figures(work, everything, raised, monkeypatch) -> None:
    raised(details={"reporter_relationship": "parent", "prisoner_name": "Sam Sample"})
    _answered(work, a_conversation(work))
    work.flush()
    work.expunge_all()

    def refuse(*given: object) -> None:
        raise AssertionError("a key was read")

    for name in ("key_for_reading", "remember", "unwrap"):
        monkeypatch.setattr(vault, name, refuse)
    assert figures(work, everything, AUTUMN).tables


# ----- how long it took -----


def _after(minutes: float) -> datetime:
    return SEPTEMBER + timedelta(minutes=minutes)


def test_time_to_read_is_measured_against_the_clock_of_its_urgency(work, leeds, raised) -> None:
    for minutes in (1, 5, 6):  # an emergency has five
        raised(urgency="emergency", status="acknowledged", acknowledged_at=_after(minutes))
    raised(urgency="emergency")

    read = waited(work, leeds, AUTUMN).to_read["emergency"]

    assert (read.in_time, read.late, read.running, read.done) == (2, 2, 0, 3)
    assert read.median == 300 and read.most == pytest.approx(354)


def test_a_routine_one_has_until_the_next_working_morning(work, leeds, raised) -> None:
    friday = datetime(2026, 9, 11, 20, tzinfo=UTC)
    for read_at in ((14, 7, 59), (14, 8, 1)):  # Monday, before and after nine in London
        day, hour, minute = read_at
        at = datetime(2026, 9, day, hour, minute, tzinfo=UTC)
        raised(friday, urgency="routine", status="acknowledged", acknowledged_at=at)

    read = waited(work, leeds, AUTUMN).to_read["routine"]

    assert (read.in_time, read.late) == (1, 1)


def test_what_still_has_time_is_neither_in_time_nor_late(work, leeds, raised, monkeypatch) -> None:
    monkeypatch.setattr(db, "_clock", lambda: _after(30))
    raised(urgency="urgent")
    raised(urgency="urgent", status="acknowledged", acknowledged_at=_after(10))

    read, closed = waited(work, leeds, AUTUMN).to_read["urgent"], waited(work, leeds, AUTUMN).to_close["urgent"]

    assert (read.in_time, read.late, read.running) == (1, 0, 1)
    assert (closed.in_time, closed.late, closed.running, closed.median) == (0, 0, 2, None)


def test_time_to_close_runs_from_the_opening_and_its_clock_from_the_acknowledgement(work, leeds, raised) -> None:
    for closed in (100, 500):  # an urgent one has 480 minutes after it was read
        raised(status="closed", outcome="moved", acknowledged_at=_after(10), closed_at=_after(closed))
    raised(status="acknowledged", acknowledged_at=_after(10))

    closed = waited(work, leeds, AUTUMN).to_close["urgent"]

    assert (closed.in_time, closed.late, closed.running, closed.median) == (1, 2, 0, 300 * 60)


def test_times_and_shares_are_given_in_words_for_five_or_more(work, leeds, raised) -> None:
    for minutes in (1, 2, 3, 4, 61):
        raised(urgency="emergency", status="acknowledged", acknowledged_at=_after(minutes))
    for minutes in (6, 7, 8, 9):
        raised(urgency="emergency", status="acknowledged", acknowledged_at=_after(minutes))
    for _ in range(10):
        raised(urgency="urgent")
    for _ in range(3):
        raised(urgency="routine")

    read = cells(table(work, leeds, "read"))

    assert read["Urgent"] == (0, 10, 0, "0%", "none", "none")
    assert read["Routine"] == read["Emergency"] == (None,) * 6  # how many were routine would follow from the others


def test_of_a_wait_the_times_are_given_where_its_numbers_are_hidden(work, leeds, raised) -> None:
    for minutes in (1, 2, 3, 4, 6, 7, 8, 9, 61):
        raised(urgency="emergency", status="acknowledged", acknowledged_at=_after(minutes))

    read = cells(table(work, leeds, "read"))

    assert read["Emergency"] == (None, None, None, None, "6 min", "40 min")
    assert read["Urgent"] == (0, 0, 0, "none", "none", "none")


def test_the_share_in_time_is_given_where_nothing_small_is_in_it(work, leeds, raised) -> None:
    for minutes in (1, 2, 3, 4, 5):
        raised(urgency="emergency", status="acknowledged", acknowledged_at=_after(minutes))

    assert cells(table(work, leeds, "read"))["Emergency"][:4] == (5, 0, 0, "100%")


# ----- what families ask and think -----


def _answered(work: Session, conversation: Conversation, answer: str = "visits/book_visit") -> Message:
    """An answer of the bot, given in September."""
    conversation.prison_id = conversation.prison_id or "LEI"
    message = say_to_family(work, conversation, Reply("Like this.", answer=answer), sender="bot")
    message.at = SEPTEMBER
    work.flush()
    return message


def test_answers_count_also_after_their_messages_are_deleted(work, leeds) -> None:
    conversation = a_conversation(work)
    given = [_answered(work, conversation) for _ in range(3)] + [_answered(work, conversation, "money/mileage")]
    before = answers_given(work, leeds, AUTUMN)

    remove_messages(work, [given[0].id, given[1].id, given[3].id])

    assert before == answers_given(work, leeds, AUTUMN) == {"visits/book_visit": 3, "money/mileage": 1}
    assert sum(row.given for row in work.scalars(select(AnswerTally))) == 3


def test_answers_of_other_prisons_and_months_do_not_count(work, leeds) -> None:
    elsewhere = a_conversation(work)
    elsewhere.prison_id = "HLI"
    other, early = _answered(work, elsewhere), _answered(work, a_conversation(work))
    early.at = datetime(2026, 8, 1, tzinfo=UTC)
    work.flush()

    assert answers_given(work, leeds, AUTUMN) == {}
    remove_messages(work, [other.id, early.id])
    assert answers_given(work, leeds, AUTUMN) == {}


def test_only_questions_that_were_asked_often_are_named(work, leeds) -> None:
    conversation = a_conversation(work)
    for answer, times in (("money/mileage", 4), ("visits/book_visit", 5), ("visits/late", 6)):
        for _ in range(times):
            _answered(work, conversation, answer)

    asked = table(work, leeds, "asked")

    assert [(row.label, row.cells) for row in asked.rows] == [("Visits: late", (6,)), ("Visits: book visit", (5,))]


def test_scores_have_an_average_only_where_it_gives_no_small_number_away(work, leeds) -> None:
    def score(points: int, times: int) -> None:
        for _ in range(times):
            conversation = a_conversation(work)
            conversation.prison_id = "LEI"
            give(work, a_message(work, "x", conversation).id, score=points).at = SEPTEMBER
        work.flush()

    score(5, 6)
    score(2, 6)
    assert "Average: 3.5 of 5." in table(work, leeds, "scores").note
    score(1, 1)
    scored = table(work, leeds, "scores")
    assert "Average" not in scored.note
    assert cells(scored) == dict.fromkeys("12345")


# ----- how it is counted -----


def test_the_concerns_are_read_twice_for_all_of_it_however_much_is_counted(work, everything, raised) -> None:
    raised()
    asked: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        asked.append(statement)

    event.listen(work.get_bind(), "before_cursor_execute", note)
    figures(work, everything, AUTUMN)
    event.remove(work.get_bind(), "before_cursor_execute", note)

    assert len([statement for statement in asked if "FROM concern " in statement.replace("\n", " ")]) == 2


# ----- small numbers -----


def test_small_numbers_are_hidden_with_what_would_give_them_away(work, leeds, raised) -> None:
    for category, times in (("drugs", 2), ("debt_threats", 6), ("self_harm_suicide", 7)):
        for _ in range(times):
            raised(category=category)

    made = figures(work, leeds, AUTUMN)
    by_category = cells(next(one for one in made.tables if one.key == "category"))

    assert made.total == 15
    assert [by_category[name] for name in ("Drugs", "Debt or threats", "Self-harm or suicide")] == [None, None, 7]
    assert by_category["Other"] == 0


def test_fewer_than_five_in_all_are_not_counted_out(work, leeds, raised) -> None:
    raised()
    made = figures(work, leeds, AUTUMN)

    assert made.total is None and made.total_in_words == "Concerns opened: [c]"
    for one in made.tables:
        if one.key not in ("asked", "scores"):
            assert not any(isinstance(cell, int) for row in one.rows for cell in row.cells), one.key


def test_a_prison_alone_has_no_table_of_prisons(work, leeds, everything) -> None:
    assert "prison" not in [one.key for one in figures(work, leeds, AUTUMN).tables]
    assert "prison" in [one.key for one in figures(work, everything, AUTUMN).tables]
