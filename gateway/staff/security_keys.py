"""A security key or a passkey as the second proof: it signs what we ask, for our address and no other (WebAuthn)."""

import logging
from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import base64url_to_bytes, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.db import now
from gateway.staff import tries
from gateway.staff.key_challenges import site, take
from gateway.staff.models import Staff
from gateway.staff.second_factor_models import SecurityKey

logger = logging.getLogger(__name__)

LONGEST_ID = 1023  # Web Authentication, "Credential ID"
# The package refuses what is wrong with errors of its own. Of what is no answer at all its parsers make the others.
BAD_ANSWER = (WebAuthnException, LookupError, TypeError, ValueError, AttributeError, RecursionError)


class Refused(StrEnum):
    """Why a key was not taken."""

    WRONG = "wrong"
    LATE = "late"
    TAKEN = "taken"
    WENT_BACK = "went_back"
    TOO_MANY = "too_many"


def keys(session: Session, staff_id: int) -> Sequence[SecurityKey]:
    """The person's keys, the oldest first."""
    return session.scalars(select(SecurityKey).where(SecurityKey.staff_id == staff_id).order_by(SecurityKey.id)).all()


def add(session: Session, staff: Staff, name: str, challenge: str, answer: str) -> Refused | None:
    """Keep the key that the browser had made, under the name that its owner gives it."""
    if not take(session, staff, challenge):
        return Refused.LATE
    rp_id, origin = site()
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=rp_id,
            expected_origin=origin,
        )
    except BAD_ANSWER:
        return Refused.WRONG
    if len(made.credential_id) > LONGEST_ID:
        return Refused.WRONG
    values = dict(
        staff_id=staff.id, name=name, credential_id=made.credential_id, public_key=made.credential_public_key,
        sign_count=made.sign_count,
    )  # fmt: skip
    new = insert(SecurityKey).values(**values).on_conflict_do_nothing(index_elements=["credential_id"])
    key_id = session.scalar(new.returning(SecurityKey.id))
    if key_id is None:
        return Refused.TAKEN
    record(session, LogEvent.STAFF_SECURITY_KEY_ADDED, actor=f"staff:{staff.id}", key=key_id)
    return None


def check(session: Session, staff: Staff, address: str, challenge: str, answer: str) -> Refused | None:
    """Take what a key of this person answers. What is refused is counted as a wrong code is."""
    tries.one_at_a_time(session, staff)
    if tries.too_many_codes(session, staff, address):
        return Refused.TOO_MANY
    refused = _check(session, staff, challenge, answer)
    if refused:
        tries.wrong_code(session, staff, address)
    return refused


def remove(session: Session, staff: Staff, key_id: int) -> str | None:
    """Forget a key of this person. Its name, or None when they have no such key."""
    theirs = SecurityKey.id == key_id, SecurityKey.staff_id == staff.id
    name = session.scalar(delete(SecurityKey).where(*theirs).returning(SecurityKey.name))
    if name is not None:
        record(session, LogEvent.STAFF_SECURITY_KEY_REMOVED, actor=f"staff:{staff.id}", key=key_id)
    return name


def _check(session: Session, staff: Staff, challenge: str, answer: str) -> Refused | None:
    if not take(session, staff, challenge):
        return Refused.LATE
    rp_id, origin = site()
    try:
        given = parse_authentication_credential_json(answer)
        key = next(key for key in keys(session, staff.id) if key.credential_id == given.raw_id)
        verified = verify_authentication_response(
            credential=given,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=rp_id,
            expected_origin=origin,
            credential_public_key=key.public_key,
            # Ours to compare, once the signature has shown that it was the key that counted.
            credential_current_sign_count=0,
        )
    except (StopIteration, *BAD_ANSWER):
        return Refused.WRONG
    if _went_back(key.sign_count, verified.new_sign_count):
        return _note_that_it_went_back(session, staff, key, verified.new_sign_count)
    key.sign_count, key.last_used_at = verified.new_sign_count, now()
    return None


def _went_back(before: int, counted: int) -> bool:
    """Whether there may be two of this key. Passkeys that lie on several devices do not count: they are always at 0."""
    return bool(before or counted) and counted <= before


def _note_that_it_went_back(session: Session, staff: Staff, key: SecurityKey, counted: int) -> Refused:
    details = {"key": key.id, "counted": counted, "before": key.sign_count}
    record(session, LogEvent.STAFF_SECURITY_KEY_WENT_BACK, actor=f"staff:{staff.id}", **details)
    logger.warning("staff.security_key_went_back", extra={"staff": staff.id, **details})
    return Refused.WENT_BACK
