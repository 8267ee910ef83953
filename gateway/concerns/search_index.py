"""Keeping what concerns are found by in step with what they say: in the transaction in which they change."""

from collections.abc import Iterable, Iterator
from itertools import chain

from sqlalchemy import delete, event, inspect, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, UOWTransaction

from gateway.concerns import tokens
from gateway.concerns.models import Concern, ConcernSearch, ConcernWords
from gateway.concerns.tokens import Tokens
from gateway.conversations.models import Conversation, Message
from gateway.db import unit_of_work

FOUND_BY = ("prison_id", "prisoner_name", "prisoner_number", "reporter_contact", "summary", "erased_at")
AT_ONCE = 500


def words(session: Session, concern: Concern) -> list[str]:
    """The family's own words, verbatim, in the order they came."""
    query = (
        select(Message.text)
        .join(ConcernWords, ConcernWords.message_id == Message.id)
        .where(ConcernWords.concern_id == concern.id)
        .order_by(Message.id)
    )
    return list(session.scalars(query).all())


def put_down(session: Session, concern: Concern) -> None:
    """Make what a concern is found by what it says now. One that was emptied is found by nothing."""
    if concern.erased_at is not None:
        session.execute(delete(ConcernSearch).where(ConcernSearch.concern_id == concern.id))
        return
    # Sorted, so that their order does not tell which of them is a name and which a word.
    found = sorted(set(chain.from_iterable(_found_by(session, concern))))
    statement = insert(ConcernSearch).values(concern_id=concern.id, tokens=found)
    session.execute(statement.on_conflict_do_update(index_elements=["concern_id"], set_={"tokens": found}))


def _found_by(session: Session, concern: Concern) -> Iterator[Tokens]:
    conversation = session.get_one(Conversation, concern.conversation_id)
    yield from tokens.of_name(concern.prisoner_name or "")
    yield from tokens.of_number(concern.prisoner_number or "")
    yield from tokens.of_telephones(conversation.address or "")
    yield from tokens.of_telephones(concern.reporter_contact or "")
    for text in (*words(session, concern), concern.summary or ""):
        yield from tokens.of_words(text)
    if concern.prison_id:
        yield tokens.of_prisons([concern.prison_id])


@event.listens_for(Session, "after_flush")
def _keep_in_step(session: Session, flush: UOWTransaction) -> None:
    """Whoever changes what a concern is found by need not think of it. Words that are added call `put_down`."""
    for row in (*session.new, *session.dirty):
        if isinstance(row, Concern) and _has_changed(row):
            put_down(session, row)


def _has_changed(concern: Concern) -> bool:
    attributes = inspect(concern).attrs
    return any(attributes[name].history.has_changes() for name in FOUND_BY)


def put_all_down() -> int:
    """Put down every concern anew, some in each transaction. Gives how many."""
    done = 0
    for ids in _in_parts():
        with unit_of_work() as session:
            for concern in session.scalars(select(Concern).where(Concern.id.in_(ids)).with_for_update()):
                put_down(session, concern)
        done += len(ids)
    return done


def _in_parts() -> Iterable[list[int]]:
    after = 0
    while True:
        with unit_of_work() as session:
            query = select(Concern.id).where(Concern.id > after, Concern.erased_at.is_(None))
            ids = list(session.scalars(query.order_by(Concern.id).limit(AT_ONCE)))
        if not ids:
            return
        yield ids
        after = ids[-1]
