"""A conversation's token: its id, signed, so that nobody can make one up or read another family's thread."""

import hashlib
import uuid

from itsdangerous import BadData, URLSafeSerializer

from gateway.config import Settings


def issue(configuration: Settings, conversation_id: uuid.UUID) -> str:
    """The token that a browser keeps."""
    return _signer(configuration).dumps(conversation_id.hex)


def read(configuration: Settings, token: object) -> uuid.UUID | None:
    """The conversation that a token stands for; None for anything that we did not sign."""
    if not isinstance(token, str):
        return None
    try:
        return uuid.UUID(hex=_signer(configuration).loads(token))
    except (BadData, UnicodeError):
        return None


def _signer(configuration: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(configuration.derived_key("chat token"), signer_kwargs={"digest_method": hashlib.sha256})
