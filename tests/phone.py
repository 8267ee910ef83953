"""The phone of a member of staff, for tests that sign in to the console: `give` it, then ask it for a `code`."""

from functools import cache

from passlib.totp import TOTP
from sqlalchemy import update
from sqlalchemy.orm import Session

from gateway.db import now, unit_of_work
from gateway.staff import second_factor
from gateway.staff.second_factor_models import SecondFactor
from gateway.staff.service import staff_by_email

ADDRESS = "192.0.2.1"


@cache
def _secret() -> str:
    return second_factor.new_secret()


def give(session: Session, email: str, *, kept: bool = True) -> None:
    """Set up the app on this person's phone, as they do at their first sign-in; they keep their recovery codes."""
    staff = staff_by_email(session, email)
    assert staff is not None
    key = second_factor.shown(_secret(), email)[1]
    assert second_factor.set_up(session, staff, ADDRESS, _secret(), shows(key)) is None
    if kept:
        second_factor.recovery_codes_kept(session, staff.id)


def shows(key: str) -> str:
    """What an app shows now that was given this key."""
    return str(TOTP(key.replace(" ", "")).generate(time=now()).token)


def code(email: str) -> str:
    """What this person's phone shows, taken even if it was before, as though half a minute had gone by."""
    with unit_of_work() as session:
        staff = staff_by_email(session, email)
        assert staff is not None
        session.execute(update(SecondFactor).where(SecondFactor.staff_id == staff.id).values(last_counter=0))
        factor = second_factor.factor(session, staff.id)
        assert factor is not None
        return shows(factor.secret)
