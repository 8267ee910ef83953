"""Whose concerns a person's figures count: their prisons', or one of them. Nobody's name is needed for that."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from gateway.concerns.models import Concern
from gateway.conversations.models import is_real
from gateway.db import one_of
from gateway.figures.period import Period
from gateway.prisons.models import Prison
from gateway.staff.models import Staff

# What has no prison, and the callers' own risk.
UNROUTED = "unrouted"


@dataclass(frozen=True)
class Scope:
    """The prisons that are counted, and whether what has none is counted too."""

    prisons: Sequence[Prison]
    unrouted: bool

    def concerns(self, period: Period) -> ColumnElement[bool]:
        """A condition: the real concerns of these prisons that were opened in the period."""
        nobodys = or_(Concern.prison_id.is_(None), Concern.subject == "caller")
        theirs = and_(one_of(Concern.prison_id, self._ids()), Concern.subject != "caller")
        opened = Concern.opened_at >= period.begins, Concern.opened_at < period.ends
        return and_(or_(theirs, nobodys) if self.unrouted else theirs, *opened, is_real(Concern.conversation_id))

    def about(self, prison_id: Any) -> ColumnElement[bool]:
        """The same for what only names a prison, such as a conversation."""
        theirs = one_of(prison_id, self._ids())
        return or_(theirs, prison_id.is_(None)) if self.unrouted else theirs

    def _ids(self) -> list[str]:
        return [prison.id for prison in self.prisons]


def scope(staff: Staff, prison: str = "") -> Scope | None:
    """All that a person may count, or one prison of it, or `unrouted`. None for a prison that is not theirs."""
    theirs = sorted(staff.prisons, key=lambda one: one.name)
    if not prison:
        return Scope(theirs, staff.reads_unrouted)
    if prison == UNROUTED:
        return Scope([], True) if staff.reads_unrouted else None
    chosen = [one for one in theirs if one.id == prison]
    return Scope(chosen, False) if chosen else None
