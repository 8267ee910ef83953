"""Finishing a concern and opening it again. An emergency is not closed by one person alone."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.acts import acknowledge, first_time, keep_note, lock, tell
from gateway.concerns.models import Concern, ConcernCorrection, NoteKind, Status, Urgency
from gateway.concerns.service import to_be_read_again
from gateway.db import now
from gateway.routing.service import alert, next_alarm
from gateway.wording import choices, say

FITTING = "fitting"  # of `closing_told`: the family gets the sentence that belongs to the outcome


class AlreadyClosed(Exception):
    """The concern was closed before, so this can no longer be done."""


class NothingProposed(Exception):
    """Nobody proposes to close it any more, so there is nothing to confirm or to refuse."""


class OwnProposal(Exception):
    """Whoever proposes to close an emergency cannot confirm it: it takes somebody else."""


def close(session: Session, concern: Concern, staff_id: int, outcome: str, told: str = FITTING) -> bool:
    """Finish a concern with an outcome and what the family is told, each from its closed list; KeyError for any other.

    False when a second person has to confirm: until then it stays open, with its clocks. Raises AlreadyClosed.
    """
    lock(session, concern)
    if concern.status == Status.CLOSED.value:
        raise AlreadyClosed(concern.reference)
    if outcome not in choices("outcomes") or told not in choices("closing_told"):
        raise KeyError(f"{outcome}, {told}")
    if concern.acknowledged_at is None:
        acknowledge(session, concern, staff_id)
    if _needs_another(session, concern, staff_id) and concern.proposed_by in (None, staff_id):
        _propose(session, concern, staff_id, outcome, told)
        return False
    _finish(session, concern, staff_id, outcome, told)
    return True


def confirm(session: Session, concern: Concern, staff_id: int) -> None:
    """Close an emergency as somebody else proposed. Raises AlreadyClosed, NothingProposed, OwnProposal."""
    lock(session, concern)
    _check_proposal(concern)
    if concern.proposed_by == staff_id:
        raise OwnProposal(concern.reference)
    _finish(session, concern, staff_id, str(concern.proposed_outcome), str(concern.proposed_told))


def keep_open(session: Session, concern: Concern, staff_id: int, reason: str, act: uuid.UUID | None = None) -> bool:
    """Do not close what is proposed to be closed; its reason is a note. False when this act was done before.

    Raises AlreadyClosed, NothingProposed.
    """
    lock(session, concern)
    if not first_time(session, concern, staff_id, act):
        return False
    _check_proposal(concern)
    proposed_by = concern.proposed_by
    forget_proposal(concern)
    note = keep_note(session, concern, staff_id, reason, NoteKind.KEPT_OPEN)
    record(
        session, LogEvent.CONCERN_KEPT_OPEN, actor=f"staff:{staff_id}", concern=concern.id,
        proposed_by=proposed_by, note=note,
    )  # fmt: skip
    return True


def reopen(session: Session, concern: Concern, staff_id: int, reason: str, act: uuid.UUID | None = None) -> bool:
    """Take up a closed concern again: somebody must read it, and its route is told from the first step on.

    The reason is a note. False when it is open, or this act was done before.
    """
    lock(session, concern)
    if concern.status != Status.CLOSED.value or concern.erased_at or not first_time(session, concern, staff_id, act):
        return False
    note = keep_note(session, concern, staff_id, reason, NoteKind.REOPENED)
    concern.outcome, concern.closed_at, concern.closed_by, concern.assigned_to = None, None, None, None
    to_be_read_again(session, concern, actor=f"staff:{staff_id}", was_closed=True, note=note)
    concern.next_alarm_at = next_alarm(concern)
    alert(session, concern, reason="alert", why=say("why.reopened"))
    return True


def forget_proposal(concern: Concern) -> None:
    """Nobody waits for a second person any more."""
    concern.proposed_outcome = concern.proposed_told = concern.proposed_by = concern.proposed_at = None


def _check_proposal(concern: Concern) -> None:
    if concern.status == Status.CLOSED.value:
        raise AlreadyClosed(concern.reference)
    if concern.proposed_by is None:
        raise NothingProposed(concern.reference)


def _needs_another(session: Session, concern: Concern, staff_id: int) -> bool:
    """An emergency; and nobody gets round that by making less of it first."""
    if concern.urgency == Urgency.EMERGENCY.value:
        return True
    theirs = select(ConcernCorrection.id).where(
        ConcernCorrection.concern_id == concern.id,
        ConcernCorrection.staff_id == staff_id,
        ConcernCorrection.before == Urgency.EMERGENCY.value,
    )
    return session.scalar(theirs.limit(1)) is not None


def _propose(session: Session, concern: Concern, staff_id: int, outcome: str, told: str) -> None:
    if (concern.proposed_outcome, concern.proposed_told) == (outcome, told):
        return  # pressed twice
    concern.proposed_outcome, concern.proposed_told = outcome, told
    concern.proposed_by, concern.proposed_at = staff_id, now()
    actor = f"staff:{staff_id}"
    record(session, LogEvent.CONCERN_CLOSE_PROPOSED, actor=actor, concern=concern.id, outcome=outcome, told=told)
    alert(session, concern, reason="confirm", why=say("why.confirm"))


def _finish(session: Session, concern: Concern, staff_id: int, outcome: str, told: str) -> None:
    proposed_by = concern.proposed_by
    forget_proposal(concern)
    concern.status, concern.next_alarm_at = Status.CLOSED.value, None
    concern.outcome, concern.closed_at, concern.closed_by = outcome, now(), staff_id
    record(
        session, LogEvent.CONCERN_CLOSED, actor=f"staff:{staff_id}", concern=concern.id,
        outcome=outcome, told=told, proposed_by=proposed_by,
    )  # fmt: skip
    tell(session, concern, told_on_closing(concern, outcome, told))


def told_on_closing(concern: Concern, outcome: str, told: str) -> str:
    """What the family hears when a concern is closed like this."""
    sentence = f"closed.{choices('closed_for')[outcome]}" if told == FITTING else "family.closed"
    return say(sentence, reference=concern.reference)
