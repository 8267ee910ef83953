"""What a security key is asked to sign: of whom, for which address, how long and how often."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import delete
from sqlalchemy.orm import Session
from webauthn import generate_authentication_options, generate_registration_options, options_to_json
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from gateway.config import settings
from gateway.db import now
from gateway.staff.models import Staff
from gateway.staff.second_factor import ISSUER
from gateway.staff.second_factor_models import SecurityKey, SecurityKeyChallenge

# Time enough to fetch the key from a bag, and for its own PIN.
VALID_FOR = timedelta(minutes=5)


def ask(session: Session, staff: Staff) -> str:
    """Something new for a key of this person to sign, within five minutes and once."""
    session.execute(delete(SecurityKeyChallenge).where(SecurityKeyChallenge.asked_at <= now() - VALID_FOR))
    challenge = secrets.token_urlsafe(32)
    session.add(SecurityKeyChallenge(challenge=challenge, staff_id=staff.id))
    session.flush()
    return challenge


def take(session: Session, staff: Staff, challenge: str) -> bool:
    """Whether we asked this person for it a short while ago, and nobody has answered it before."""
    this_one = SecurityKeyChallenge.challenge == challenge, SecurityKeyChallenge.staff_id == staff.id
    taken = delete(SecurityKeyChallenge).where(*this_one).returning(SecurityKeyChallenge.asked_at)
    asked_at = session.scalar(taken)
    return asked_at is not None and asked_at > now() - VALID_FOR


def to_add(staff: Staff, challenge: str, known: Sequence[SecurityKey]) -> str:
    """What the browser must know to have a key of theirs made that is not among those known, as JSON."""
    options = generate_registration_options(
        rp_id=site()[0],
        rp_name=ISSUER,
        user_id=_handle(staff),
        user_name=staff.email,
        user_display_name=staff.name,
        challenge=base64url_to_bytes(challenge),
        timeout=_milliseconds(),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
        exclude_credentials=_named(known),
    )
    return options_to_json(options)


def to_sign_in(challenge: str, known: Sequence[SecurityKey]) -> str:
    """What the browser must know to have one of these keys answer, as JSON."""
    options = generate_authentication_options(
        rp_id=site()[0],
        challenge=base64url_to_bytes(challenge),
        timeout=_milliseconds(),
        allow_credentials=_named(known),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return options_to_json(options)


def site() -> tuple[str, str]:
    """The name and the address for which keys sign, as browsers write them."""
    public = urlsplit(settings().public_url)
    host = public.hostname or ""
    usual = public.port in (None, {"https": 443, "http": 80}.get(public.scheme))
    return host, f"{public.scheme}://{host}" + ("" if usual else f":{public.port}")


def _named(known: Sequence[SecurityKey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=key.credential_id) for key in known]


def _handle(staff: Staff) -> bytes:
    """By what a key knows whose it is: always the same, and it says nothing about them."""
    return hmac.new(settings().derived_key("security keys").encode(), str(staff.id).encode(), hashlib.sha256).digest()


def _milliseconds() -> int:
    return int(VALID_FOR.total_seconds() * 1000)
