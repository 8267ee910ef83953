"""The second proof at signing in: the code of an app on the person's phone, or a recovery code where that is lost."""

import hashlib
import hmac
import uuid
from collections.abc import Sequence
from enum import StrEnum
from functools import cache

from passlib.exc import TokenError, UsedTokenError
from passlib.pwd import genword
from passlib.totp import TOTP, AppWallet
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.config import settings
from gateway.db import now
from gateway.privacy.sealed import private
from gateway.privacy.vault import NOBODY
from gateway.staff import tries
from gateway.staff.models import Staff
from gateway.staff.second_factor_models import RecoveryCode, SecondFactor, SecurityKey

ISSUER = "Family Gateway"
RECOVERY_CODES = 10
# A phone's clock may be wrong by one step, and typing takes time.
TOLERANCE_SECONDS = 30


class Refused(StrEnum):
    """Why a code was not taken."""

    WRONG = "wrong"
    USED = "used"
    TOO_MANY = "too_many"


def factor(session: Session, staff_id: int) -> SecondFactor | None:
    """The person's app, if they have set one up."""
    return session.get(SecondFactor, staff_id)


def new_secret() -> str:
    """A secret for an app, encrypted, so that the browser can keep it until the first code proves that it arrived."""
    return str(_totp().new().to_json(encrypt=True))


def shown(secret: str, email: str) -> tuple[str, str]:
    """What the person scans, and what they type where they cannot: in groups of four."""
    totp = _totp().from_json(secret)
    return totp.to_uri(label=email), totp.pretty_key(sep=" ")


def set_up(session: Session, staff: Staff, address: str, secret: str, code: str) -> Refused | None:
    """Keep the secret, now that a code shows that the app has it, and make recovery codes.

    Only for somebody who has none: whoever learns a password later must not be able to bring their own phone.
    """
    tries.one_at_a_time(session, staff)
    if factor(session, staff.id):
        return Refused.USED
    if tries.too_many_codes(session, staff, address):
        return Refused.TOO_MANY
    totp = _totp().from_json(secret)
    counter, refused = _match(totp, code, last=None)
    if counter is None:
        tries.wrong_code(session, staff, address)
        return refused
    sealed = private(session, NOBODY, totp.base32_key)
    session.add(SecondFactor(staff_id=staff.id, secret=sealed, last_counter=counter))
    record(session, LogEvent.STAFF_SECOND_FACTOR_SET, actor=f"staff:{staff.id}")
    _make_recovery_codes(session, staff)
    return None


def check(session: Session, staff: Staff, address: str, code: str) -> Refused | None:
    """Take a code of the app, once. What is refused is counted in the same transaction."""
    tries.one_at_a_time(session, staff)
    if tries.too_many_codes(session, staff, address):
        return Refused.TOO_MANY
    found = factor(session, staff.id)
    counter, refused = _match(_stored(found), code, found.last_counter) if found else (None, Refused.WRONG)
    if found is None or counter is None:
        tries.wrong_code(session, staff, address)
        return refused
    found.last_counter = counter
    return None


def use_recovery_code(session: Session, staff: Staff, address: str, code: str) -> Refused | None:
    """Take a recovery code, once."""
    tries.one_at_a_time(session, staff)
    if tries.too_many_codes(session, staff, address):
        return Refused.TOO_MANY
    this_one = RecoveryCode.staff_id == staff.id, RecoveryCode.digest == _digest(staff.id, code)
    if session.scalar(delete(RecoveryCode).where(*this_one).returning(RecoveryCode.staff_id)) is None:
        tries.wrong_code(session, staff, address)
        return Refused.WRONG
    record(session, LogEvent.STAFF_RECOVERY_CODE_USED, actor=f"staff:{staff.id}")
    return None


def renew_recovery_codes(session: Session, staff: Staff, address: str, code: str) -> Refused | None:
    """New recovery codes in place of the old, for whoever has the phone."""
    refused = check(session, staff, address, code)
    if refused is None:
        _make_recovery_codes(session, staff)
    return refused


def recovery_codes(session: Session, staff_id: int) -> Sequence[str]:
    """Those that the person has not yet said to have kept; none after that."""
    codes = session.scalars(select(RecoveryCode.code).where(RecoveryCode.staff_id == staff_id))
    return sorted(code for code in codes if code is not None)


def recovery_codes_left(session: Session, staff_id: int) -> int:
    """How many have not been used."""
    return session.scalar(select(func.count()).where(RecoveryCode.staff_id == staff_id)) or 0


def recovery_codes_kept(session: Session, staff_id: int) -> None:
    """From now on nobody can see them again, we included."""
    session.execute(update(RecoveryCode).where(RecoveryCode.staff_id == staff_id).values(code=None))


def reset(session: Session, staff: Staff, actor: str = "system") -> bool:
    """For who lost the phone: end their sessions, and let them set up another at the next sign-in.

    Their security keys go too: what is lost may be the bag with all of it. False when there was no phone.
    """
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff.id))
    session.execute(delete(SecurityKey).where(SecurityKey.staff_id == staff.id))
    gone = session.scalar(
        delete(SecondFactor).where(SecondFactor.staff_id == staff.id).returning(SecondFactor.staff_id)
    )
    if gone is None:
        return False
    staff.fs_uniquifier = uuid.uuid4().hex
    record(session, LogEvent.STAFF_SECOND_FACTOR_RESET, actor=actor, staff=staff.id)
    return True


def _make_recovery_codes(session: Session, staff: Staff) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff.id))
    for letters in genword(length=12, charset="hex", returns=RECOVERY_CODES):
        code = "-".join(letters[at : at + 4] for at in range(0, 12, 4))
        sealed = private(session, NOBODY, code)
        session.add(RecoveryCode(staff_id=staff.id, digest=_digest(staff.id, code), code=sealed))
    record(session, LogEvent.STAFF_RECOVERY_CODES_MADE, actor=f"staff:{staff.id}")


def _match(totp: TOTP, code: str, last: int | None) -> tuple[int | None, Refused | None]:
    try:
        return totp.match(code, time=now(), window=TOLERANCE_SECONDS, last_counter=last).counter, None
    except UsedTokenError:
        return None, Refused.USED
    except TokenError:
        return None, Refused.WRONG


def _stored(found: SecondFactor) -> TOTP:
    return _totp()(key=found.secret)


@cache
def _totp() -> type[TOTP]:
    wallet = AppWallet(secrets={"1": settings().derived_key("second factor")})
    return TOTP.using(issuer=ISSUER, wallet=wallet)


def _digest(staff_id: int, code: str) -> str:
    """A keyed hash: they are random and long enough that a slow one would guard them no better."""
    plain = f"{staff_id} {''.join(code.split()).replace('-', '').lower()}"
    return hmac.new(settings().derived_key("recovery codes").encode(), plain.encode(), hashlib.sha256).hexdigest()
