"""What stands in the address of a call's webhooks in place of a number: nobody can make one for another delivery."""

import hashlib

from itsdangerous import BadData, URLSafeSerializer

from gateway.config import settings


class BadToken(Exception):
    """This is not a token that we gave out."""


def _serializer() -> URLSafeSerializer:
    key = settings().derived_key("voice call")
    return URLSafeSerializer(key, signer_kwargs={"digest_method": hashlib.sha256})


def sign(delivery_id: int) -> str:
    """The token of a delivery that is a call."""
    token = _serializer().dumps(delivery_id)
    return token if isinstance(token, str) else token.decode()


def read(token: str) -> int:
    """The delivery's id. Raises BadToken."""
    try:
        return int(_serializer().loads(token))
    except (BadData, UnicodeError, ValueError) as error:
        raise BadToken("this is not a token of ours") from error
