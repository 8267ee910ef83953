"""How a browser remembers its conversation: the token, in a cookie that no script can read."""

import uuid
from typing import Any

from flask import Response, current_app, request

from gateway.conversations import tokens

NAME = "chat"
PATH = "/chat"
# Staff may write back days later, and on the web this is the only way to be found again.
SECONDS = 30 * 24 * 3600


def conversation_id() -> uuid.UUID | None:
    """The conversation that this browser remembers, which may no longer exist."""
    try:
        return tokens.read(request.cookies.get(_name()))
    except tokens.BadToken:
        return None


def remember(response: Response, token: str) -> Response:
    """Have the browser keep the token for a month."""
    response.set_cookie(_name(), token, max_age=SECONDS, **_manner())
    return response


def forget(response: Response) -> Response:
    """Have the browser drop the token."""
    response.delete_cookie(_name(), **_manner())
    return response


def _name() -> str:
    """Over https one that browsers take only from https. `__Host-` is not for cookies of a part of the site."""
    return f"__Secure-{NAME}" if current_app.config["SESSION_COOKIE_SECURE"] else NAME


def _manner() -> dict[str, Any]:
    """Out of reach of scripts. Over https also kept in a frame on another site, apart for each such site."""
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    return {
        "path": PATH,
        "httponly": True,
        "secure": secure,
        "samesite": "None" if secure else "Lax",
        "partitioned": secure,
    }
