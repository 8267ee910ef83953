"""The places that a family may name."""

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base


class Prison(Base):
    """One row of data/prisons.csv; docs/prisons.md says where each cell comes from."""

    __tablename__ = "prison"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]  # prison, yoi, stc, irc or sch
    active: Mapped[bool]  # people are held there
    sex_held: Mapped[str | None]
    category: Mapped[str | None]
    operator: Mapped[str | None]
    aliases: Mapped[list[str]] = mapped_column(ARRAY(Text))
    town: Mapped[str | None]
    county: Mapped[str | None]
    postcode: Mapped[str | None]
    phone: Mapped[str | None]
    visits_phone: Mapped[str | None]
    visits_booking: Mapped[str]  # online, phone, email or unknown
    gov_uk_url: Mapped[str | None]
    as_of: Mapped[str]
