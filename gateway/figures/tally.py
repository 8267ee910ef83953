"""Counting answers before their messages are deleted, so that last year's figures stand."""

from collections.abc import Sequence

from sqlalchemy import Date as SqlDate
from sqlalchemy import cast, func, insert, select
from sqlalchemy.orm import Session

from gateway.conversations.models import Conversation, Message
from gateway.figures.models import AnswerTally
from gateway.spoken import UK


def keep_tally(session: Session, ids: Sequence[int]) -> None:
    """Count the answers among these messages, by month and prison. Synthetic ones never count."""
    month = cast(func.date_trunc("month", func.timezone(str(UK), Message.at)), SqlDate)
    counted = (
        select(month, Conversation.prison_id, Message.answer, func.count())
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.id.in_(ids), Message.answer.is_not(None), ~Conversation.synthetic)
        .group_by(month, Conversation.prison_id, Message.answer)
    )
    session.execute(insert(AnswerTally).from_select(["month", "prison_id", "answer", "given"], counted))
