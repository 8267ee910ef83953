"""Chat tokens: what a browser holds to show which conversation is its own."""

import hashlib
import uuid

from itsdangerous import BadData, URLSafeSerializer

from gateway.config import settings


class BadToken(Exception):
    """This is not a token that we gave out."""


def _serializer() -> URLSafeSerializer:
    key = settings().derived_key("chat token")
    return URLSafeSerializer(key, signer_kwargs={"digest_method": hashlib.sha256})


def sign(conversation_id: uuid.UUID) -> str:
    """The token of a conversation: always the same, and impossible to make without our key."""
    token = _serializer().dumps(conversation_id.hex)
    return token if isinstance(token, str) else token.decode()


def read(token: object) -> uuid.UUID:
    """The conversation that a token stands for. Raises BadToken, also for what is no text at all.

    Base64 has more than one spelling for the same bytes: only the one that we gave out is taken.
    """
    if not isinstance(token, str):
        raise BadToken("a token is a text")
    try:
        conversation_id = uuid.UUID(hex=_serializer().loads(token))
    except (BadData, UnicodeError, ValueError) as error:
        raise BadToken("this is not a token of ours") from error
    if token != sign(conversation_id):
        raise BadToken("this is not how we spelled it")
    return conversation_id
