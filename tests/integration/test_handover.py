"""The handover sheet: what came, what was done, what waits and what families added, for one shift."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from factories import a_concern, a_message
from sqlalchemy.orm import Session

from gateway import db
from gateway.concerns import acts, closing, service
from gateway.concerns.models import Concern
from gateway.conversations.models import Conversation
from gateway.handover.service import Sheet, Span, sheet
from gateway.staff.models import Staff
from gateway.staff.service import add_staff

AT = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
SHIFT = Span(AT - timedelta(hours=12), AT)


@pytest.fixture(autouse=True)
def in_the_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is three in the morning, in the middle of the shift."""
    monkeypatch.setattr(db, "_clock", lambda: AT - timedelta(hours=4))


@pytest.fixture
def ann(work: Session) -> Staff:
    return add_staff(work, "ann@prison.invalid", "Ann Example", "twelve plain signs", ["LEI"], False)


def numbers(part: Any) -> list[int]:
    return [line.concern.id for line in part.lines]


def made(work: Session, ann: Staff) -> Sheet:
    work.commit()
    return sheet(work, ann, SHIFT)


def test_it_tells_what_was_opened_acknowledged_and_closed_in_the_shift(work, ann) -> None:
    long_ago = AT - timedelta(hours=13)
    opened, read, closed = a_concern(work), a_concern(work, opened_at=long_ago), a_concern(work, opened_at=long_ago)
    acts.acknowledge(work, read, ann.id)
    closing.close(work, closed, ann.id, "moved")
    closed.acknowledged_at = long_ago

    told = made(work, ann)

    assert (numbers(told.opened), numbers(told.acknowledged), numbers(told.closed)) == (
        [opened.id],
        [read.id],
        [closed.id],
    )
    assert [part.total for part in (told.opened, told.acknowledged, told.closed)] == [1, 1, 1]


def test_what_befell_at_the_end_belongs_to_the_next_shift(work, ann) -> None:
    begins = a_concern(work, opened_at=SHIFT.begins)
    a_concern(work, opened_at=SHIFT.ends)

    assert numbers(made(work, ann).opened) == [begins.id]


def test_what_is_open_stands_there_whenever_it_came_the_most_urgent_first(work, ann) -> None:
    old = a_concern(work, opened_at=AT - timedelta(days=9))
    emergency = a_concern(work, urgency="emergency")
    acts.acknowledge(work, emergency, ann.id)

    told = made(work, ann)

    assert numbers(told.still_open) == [emergency.id, old.id]
    assert told.names[emergency.acknowledged_by] == "Ann Example"


def test_it_tells_what_families_added_and_not_what_they_began_with(work, ann) -> None:
    concern = a_concern(work, "my son says he cant go on")
    conversation = work.get_one(Conversation, concern.conversation_id)
    more = a_message(work, "he has not eaten since friday", conversation)
    service.add_words(work, concern, more.id)
    service.enrich(work, concern, more.id, reporter_name="Jo Sample")

    added = made(work, ann).added[concern.id]

    assert [one.message.text if one.message else None for one in added] == ["he has not eaten since friday", None]
    assert [list(one.fields) for one in added] == [[], ["reporter_name"]]


def test_of_an_earlier_shift_only_its_own_additions_are_told(work, ann) -> None:
    concern = a_concern(work)
    more = a_message(work, "more", work.get_one(Conversation, concern.conversation_id))
    service.add_words(work, concern, more.id)
    work.commit()

    earlier = sheet(work, ann, Span(SHIFT.begins - timedelta(days=1), SHIFT.begins))

    assert earlier.added == {} and numbers(earlier.still_open) == [concern.id]


def test_nothing_of_other_prisons_and_of_the_watcher_stands_on_it(work, ann) -> None:
    a_concern(work, prison="HLI")
    a_concern(work, subject="caller")
    probe: Concern = a_concern(work)
    work.get_one(Conversation, probe.conversation_id).synthetic = True

    assert made(work, ann).shown == []


def test_a_long_list_is_cut_at_fifty_and_counted_whole(work, ann) -> None:
    for _ in range(51):
        a_concern(work)

    told = made(work, ann)

    assert (len(told.opened.lines), told.opened.total) == (50, 51)
    assert (len(told.still_open.lines), told.still_open.total, told.still_open.pages) == (50, 51, 2)
