"""How often each answer was given, kept when the messages themselves are deleted."""

from datetime import date

from sqlalchemy import BigInteger, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base


class AnswerTally(Base):
    """Answers of one kind that were given in a month about a prison and are deleted. Rows add up; none is changed."""

    __tablename__ = "answer_tally"
    __table_args__ = (Index("answer_tally_month", "month"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    month: Mapped[date]  # its first day, as UK clocks have it
    prison_id: Mapped[str | None] = mapped_column(ForeignKey("prison.id"))
    answer: Mapped[str]
    given: Mapped[int]
