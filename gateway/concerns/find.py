"""Finding a concern among all that a person may see: by blind indexes, then by what is read of the few found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, Select, and_, asc, desc, select
from sqlalchemy.orm import Session

from gateway.concerns import tokens
from gateway.concerns.models import Concern, ConcernSearch
from gateway.concerns.numbers import prisoner_number
from gateway.concerns.queue import PAGE_LENGTH, Line, is_shown, lines
from gateway.concerns.reference import find_reference
from gateway.concerns.tokens import Tokens
from gateway.privacy import vault
from gateway.spoken import UK
from gateway.staff.models import Staff
from gateway.staff.service import prison_ids

# No more than these are found; who looks for an older one says more of it.
MOST = 100
# So many of the newest are looked through first, then eight times as many, until there are enough: what many have said
# is found among few, and of what few have said there are never many to read.
NEWEST, MORE = 1000, 8
# Somebody with more prisons sees so many concerns that naming the prisons to the index narrows nothing.
FEW_PRISONS = 10
# Out of 100. With less two names have only their sound in common, as Jean and John.
LEAST_ALIKE = 60


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for. All that is given must fit."""

    reference: str | None = None
    number: str | None = None
    telephone: str | None = None
    name: str | None = None
    words: str | None = None
    since: date | None = None
    until: date | None = None
    prison: str | None = None

    def kinds(self) -> list[str]:
        """Which of these are given, for the log: never what they say."""
        return sorted(name for name, value in vars(self).items() if value)


@dataclass(frozen=True)
class Found:
    """Some of what was found, and how many there are: MOST means that there may be more."""

    lines: Sequence[Line]
    total: int
    number: int
    pages: int


def who(text: str) -> dict[str, str]:
    """What kind of thing somebody typed to say whom they look for: a reference, a number, a telephone or a name."""
    if reference := find_reference(text):
        return {"reference": reference}
    if number := prisoner_number(text):
        return {"number": number[0]}
    if telephones := tokens.telephones(text):
        return {"telephone": telephones[0]}
    return {"name": text} if tokens.name_parts(text) else {}


def find(session: Session, staff: Staff, wanted: Wanted, number: int = 1) -> Found:
    """A page of the concerns that fit, of those that this person may see.

    For a name the likest come first, else the newest.
    """
    ids = _ids(session, staff, wanted)
    if wanted.name:
        ids = _likest(session, ids, wanted.name)
    pages = max(1, -(-len(ids) // PAGE_LENGTH))
    number = min(max(1, number), pages)
    shown = ids[(number - 1) * PAGE_LENGTH : number * PAGE_LENGTH]
    return Found(lines(session, staff, shown), len(ids), number, pages)


def _ids(session: Session, staff: Staff, wanted: Wanted) -> Sequence[int]:
    if wanted.reference:
        query = select(Concern.id).where(Concern.reference == wanted.reference, is_shown(staff), *_narrowed(wanted))
        return session.scalars(query).all()
    needed = [one_of for value in _tokens(wanted) for one_of in value]
    if not needed:
        return session.scalars(_newest(staff, wanted)).all()
    first, last = (session.scalar(_ends(wanted, end)) or 0 for end in (asc, desc))
    newest = NEWEST
    while True:
        ids = session.scalars(_among(staff, wanted, needed, (last - newest, last))).all()
        if len(ids) == MOST or last - newest < first:
            return ids
        newest *= MORE


def _ends(wanted: Wanted, end: Callable[[Any], Any]) -> Select[int]:
    """The first or the last concern of the days that are wanted, whoever's it is."""
    return select(Concern.id).where(*_opened(wanted)).order_by(end(Concern.opened_at), end(Concern.id)).limit(1)


def _tokens(wanted: Wanted) -> list[list[Tokens]]:
    return [
        tokens.of_number(wanted.number or ""),
        tokens.of_telephones(wanted.telephone or ""),
        tokens.of_name(wanted.name or ""),
        tokens.of_words(wanted.words or ""),
    ]


def _newest(staff: Staff, wanted: Wanted) -> Select[int]:
    query = select(Concern.id).where(is_shown(staff), *_narrowed(wanted))
    return query.order_by(Concern.opened_at.desc(), Concern.id.desc()).limit(MOST)


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    within = [Concern.prison_id == wanted.prison] if wanted.prison else []
    return [*within, *_opened(wanted)]


def _opened(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Days are those of the clock on the wall."""
    since = [Concern.opened_at >= _midnight(wanted.since)] if wanted.since else []
    until = [Concern.opened_at < _midnight(wanted.until + timedelta(days=1))] if wanted.until else []
    return [*since, *until]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UK)


def _holds(needed: Sequence[Tokens]) -> ColumnElement[bool]:
    return and_(*(ConcernSearch.tokens.overlap(sorted(one_of)) for one_of in needed))


def _among(staff: Staff, wanted: Wanted, needed: Sequence[Tokens], between: tuple[int, int]) -> Select[int]:
    """Those above the one number and up to the other, for numbers rise with time.

    Asked of the index alone first: the database would guess how many there are, and guess wrong for two words.
    """
    theirs = [wanted.prison] if wanted.prison else prison_ids(staff)
    if wanted.prison or (not staff.reads_unrouted and len(theirs) <= FEW_PRISONS):
        needed = [*needed, tokens.of_prisons(theirs)]
    above, last = between
    number = ConcernSearch.concern_id
    found = select(number).where(_holds(needed), number > above, number <= last).cte("found")
    found = found.prefix_with("MATERIALIZED", dialect="postgresql")
    return _newest(staff, wanted).join(found, found.c.concern_id == Concern.id)


def _likest(session: Session, ids: Sequence[int], name: str) -> list[int]:
    """Those whose name is like enough, the likest first. Only here is what families wrote read."""
    of_these = select(Concern).where(Concern.id.in_(ids))
    vault.remember(session, of_these.with_only_columns(Concern.conversation_id))
    names = dict(session.execute(of_these.with_only_columns(Concern.id, Concern.prisoner_name)).all())
    alike = {id: likeness(name, names.get(id) or "") for id in ids}
    return sorted((id for id in ids if alike[id] >= LEAST_ALIKE), key=lambda id: -alike[id])


def likeness(wanted: str, name: str) -> float:
    """How well every part that is wanted stands in a name, from 0 to 100."""
    parts, there = tokens.name_parts(wanted), tokens.name_parts(name)
    best = [max((fuzz.ratio(part, other) for other in there), default=0.0) for part in parts]
    return sum(best) / len(best) if best else 0.0
