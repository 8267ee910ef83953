"""Which of our staff an account at the organisation's own sign-in is, and what its claims say they may see."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.config import settings
from gateway.prisons.models import Prison
from gateway.staff.identity_models import StaffIdentity
from gateway.staff.models import Staff
from gateway.staff.roles import Role
from gateway.staff.service import CannotAdd, add_staff, change, prison_ids, staff_by_email

Claims = Mapping[str, Any]


class Refused(StrEnum):
    """Why somebody whom the provider knows is not let in."""

    UNKNOWN = "oidc_unknown"
    UNVERIFIED = "oidc_unverified"
    TAKEN = "oidc_taken"
    NO_ROLE = "oidc_no_role"


@dataclass(frozen=True)
class Given:
    """What claims give somebody; None for what the provider does not decide."""

    prisons: list[str] | None
    roles: list[str] | None


def signed_in(session: Session, issuer: str, claims: Claims) -> Staff | Refused:
    """The person of ours, with what the claims give them now. Claims are believed: they must have been checked.

    Who comes twice at once, in two windows, is taken in one after the other, so that both are the same person.
    """
    given = given_by(session, claims)
    if given.roles == []:
        return Refused.NO_ROLE
    _wait_for_others(session, f"{issuer} {claims['sub']}")
    found = _known(session, issuer, claims) or _by_email(session, issuer, claims, given)
    if isinstance(found, Staff) and not found.active:
        return Refused.UNKNOWN
    if isinstance(found, Staff):
        _give(session, found, given)
    return found


def link(session: Session, staff: Staff, issuer: str, subject: str, actor: str = "system") -> None:
    """From now on this account is this person, whatever its e-mail address. Raises CannotAdd."""
    if session.get(StaffIdentity, (issuer, subject)) or _linked(session, issuer, staff):
        raise CannotAdd("This account, or this person, is linked already.")
    session.add(StaffIdentity(issuer=issuer, subject=subject, staff=staff))
    session.flush()
    record(session, LogEvent.STAFF_IDENTITY_LINKED, actor=actor, staff=staff.id, issuer=issuer)


def given_by(session: Session, claims: Claims) -> Given:
    """What the claims named in the settings say. What we have no name for gives nothing."""
    configuration = settings()
    prisons = _named(claims, configuration.oidc_prisons_claim)
    roles = _named(claims, configuration.oidc_roles_claim)
    known = set(session.scalars(select(Prison.id)))
    return Given(
        None if prisons is None else sorted({name.upper() for name in prisons} & known),
        None if roles is None else sorted({name.lower().replace("-", "_") for name in roles} & set(Role)),
    )


def _named(claims: Claims, name: str) -> list[str] | None:
    """The values of a claim: a list, or a text with spaces or commas between. None where no claim was agreed on."""
    if not name:
        return None
    value = claims.get(name) or []
    values = value.replace(",", " ").split() if isinstance(value, str) else value
    return [item.strip() for item in values if isinstance(item, str)] if isinstance(values, list) else []


def _known(session: Session, issuer: str, claims: Claims) -> Staff | None:
    identity = session.get(StaffIdentity, (issuer, str(claims["sub"])))
    return identity.staff if identity else None


def _by_email(session: Session, issuer: str, claims: Claims, given: Given) -> Staff | Refused:
    """The first time: who has this address, if the provider has made sure that it is theirs."""
    email = str(claims.get("email") or "")
    if not email:
        return Refused.UNKNOWN
    if claims.get("email_verified") is not True:
        return Refused.UNVERIFIED
    _wait_for_others(session, email.strip().lower())  # another account may bring the same address at this moment
    staff = staff_by_email(session, email)
    if staff is None:
        if not settings().oidc_create:
            return Refused.UNKNOWN
        # Nobody knows this password: they come in by the provider alone.
        name, roles = str(claims.get("name") or "") or email, given.roles or [Role.OFFICER]
        try:
            staff = add_staff(session, email, name, secrets.token_urlsafe(32), given.prisons or [], False, roles)
        except CannotAdd:  # an address that is none
            return Refused.UNKNOWN
    elif _linked(session, issuer, staff):
        return Refused.TAKEN
    link(session, staff, issuer, str(claims["sub"]))
    return staff


def _wait_for_others(session: Session, who: str) -> None:
    """Until whoever signs in as the same has been taken in; whoever comes later waits for this transaction."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"oidc {who}"))))


def _linked(session: Session, issuer: str, staff: Staff) -> StaffIdentity | None:
    theirs = StaffIdentity.issuer == issuer, StaffIdentity.staff_id == staff.id
    return session.scalar(select(StaffIdentity).where(*theirs))


def _give(session: Session, staff: Staff, given: Given) -> None:
    prisons = prison_ids(staff) if given.prisons is None else given.prisons
    change(session, staff, roles=given.roles or staff.roles, prisons=prisons, reads_unrouted=staff.reads_unrouted)
