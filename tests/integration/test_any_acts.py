"""Whatever staff do, in whatever order: nothing open falls silent, and no emergency is closed by one person."""

import contextlib

import pytest
from factories import a_concern
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.concerns import acts, closing, corrections, hands, moving
from gateway.concerns.models import Concern
from gateway.staff.service import add_staff

ACTS = {
    "acknowledge": lambda work, concern, staff: acts.acknowledge(work, concern, staff),
    "claim": lambda work, concern, staff: hands.claim(work, concern, staff),
    "hand over": lambda work, concern, staff: hands.hand_over(work, concern, staff, None, "a word"),
    "close": lambda work, concern, staff: closing.close(work, concern, staff, "welfare_check"),
    "confirm": lambda work, concern, staff: closing.confirm(work, concern, staff),
    "keep open": lambda work, concern, staff: closing.keep_open(work, concern, staff, "not yet"),
    "reopen": lambda work, concern, staff: closing.reopen(work, concern, staff, "again"),
    "to Hull": lambda work, concern, staff: moving.move(work, concern, staff, "HLI", "there"),
    "to Leeds": lambda work, concern, staff: moving.move(work, concern, staff, "LEI", "here"),
    "more": lambda work, concern, staff: corrections.correct(work, concern, staff, "worse", urgency="emergency"),
    "less": lambda work, concern, staff: corrections.correct(work, concern, staff, "better", urgency="routine"),
}
REFUSALS = (closing.AlreadyClosed, closing.NothingProposed, closing.OwnProposal)
STEPS = st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.sampled_from([0, 1])), min_size=1, max_size=8)


@pytest.fixture
def pair(work: Session) -> list[int]:
    names = ("Ann Example", "Bob Example")
    return [
        add_staff(work, f"{name[:3].lower()}@prison.invalid", name, "twelve plain signs", ["LEI", "HLI"], False).id
        for name in names
    ]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_order_of_acts_silences_a_concern_or_closes_an_emergency_alone(
    work: Session, pair: list[int], steps: list[tuple[str, int]]
) -> None:
    concern = a_concern(work, urgency="emergency")
    for name, who in steps:
        before = concern.urgency, concern.status
        with contextlib.suppress(*REFUSALS):
            ACTS[name](work, concern, pair[who])
        work.flush()
        assert (concern.status == "closed") == (concern.next_alarm_at is None)
        assert concern.status != "closed" or concern.proposed_by is None
        if concern.status == "closed" and before == ("emergency", "acknowledged"):
            assert _proposed_by(work, concern) not in (None, concern.closed_by)


def _proposed_by(work: Session, concern: Concern) -> int | None:
    query = select(LogEntry.details).where(
        LogEntry.concern_id == concern.id, LogEntry.event == LogEvent.CONCERN_CLOSED.value
    )
    return work.scalars(query.order_by(LogEntry.id.desc()).limit(1)).one()["proposed_by"]
