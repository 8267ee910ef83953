"""Which reports are about one person: the same prison number, or the same name in the same prison."""

import re
import unicodedata
from collections.abc import Iterator

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from gateway.concerns.models import Concern


def normal_name(name: str | None) -> str | None:
    """A name without capitals, accents, hyphens and spare spaces. None for a single word: many have the same."""
    plain = unicodedata.normalize("NFKD", name or "").casefold()
    words = re.findall(r"\w+", "".join(sign for sign in plain if not unicodedata.combining(sign) and sign not in "'’"))
    return " ".join(words) if len(words) > 1 else None


def normal_number(number: str | None) -> str | None:
    """A prison number in capitals, without spaces."""
    return re.sub(r"\W", "", number).upper() or None if number else None


def same_person(session: Session, concern: Concern) -> Iterator[tuple[Concern, str]]:
    """The other concerns that are likely about the same prisoner, each with `number` or `name` as the reason.

    The caller's own risk is about nobody else, so it is never among them.
    """
    if concern.subject == "caller":
        return
    # Names and numbers are encrypted: blind indexes find who may be meant, and what was read then decides.
    name, number = concern.prisoner_name_index or "", concern.prisoner_number_index or ""
    named = and_(Concern.prison_id == concern.prison_id, Concern.prisoner_name_index == name)
    likely = or_(named, Concern.prisoner_number_index == number)
    others = select(Concern).where(likely, Concern.id != concern.id, Concern.subject != "caller").order_by(Concern.id)
    for other in session.scalars(others):
        if reason := _reason(concern, other):
            yield other, reason


def _reason(one: Concern, other: Concern) -> str | None:
    numbers = normal_number(one.prisoner_number), normal_number(other.prisoner_number)
    if all(numbers):  # two who have the same name have two numbers
        return "number" if numbers[0] == numbers[1] else None
    if one.prisoner_dob and other.prisoner_dob and one.prisoner_dob != other.prisoner_dob:
        return None
    name = normal_name(one.prisoner_name)
    alike = one.prison_id and one.prison_id == other.prison_id and name and name == normal_name(other.prisoner_name)
    return "name" if alike else None
