"""The chat as JSON, for the page's own script and for other programs. Described in docs/chat-api.md.

Only `application/json` is taken and no other site is allowed in, so a foreign page cannot write in a family's name.
"""

import re
import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, request

from gateway import reach
from gateway.conversations import tokens
from gateway.conversations.service import is_waiting
from gateway.db import unit_of_work
from web import limits
from web.chat import cookie, thread
from web.chat.text import clean, fault

api = Blueprint("api", __name__, url_prefix="/chat/api")


@api.post("/messages")
def send() -> Response:
    """Keep a message; its replies come back if they are there soon."""
    body = body_of_request()
    text = _text(body)
    given = body.get("conversation") not in (None, "")
    conversation = known_conversation(body["conversation"]) if given else thread.new()
    message_id = thread.take(conversation, text)
    answered, messages = _replies(conversation, message_id)
    token = tokens.sign(conversation)
    return cookie.remember(jsonify(conversation=token, pending=not answered, messages=messages), token)


def _replies(conversation: uuid.UUID, message_id: int | None) -> tuple[bool, list[dict[str, Any]]]:
    """Whether the message was answered in time, and what was said since it."""
    if message_id is None:
        return False, [thread.notice(kept=True)]
    try:
        answered = thread.wait_for_answer(message_id, current_app.config["SETTINGS"].chat_wait)
        return answered, reach.ask(lambda: _said(conversation, message_id, thread.since))
    except reach.DatabaseAway:  # it went just after the message was kept
        return False, [thread.notice(kept=True)]


def _said(conversation: uuid.UUID, after: int, said: Callable[..., list[dict[str, Any]]]) -> list[dict[str, Any]]:
    with unit_of_work() as session:
        return said(session, conversation, after)


@api.get("/messages")
def read() -> Response:
    """What was said after a message; `own=1` adds the family's own words."""
    after, token = request.args.get("after", "0"), _token_of_request()
    if not token:
        abort(400, "no_conversation")
    if not re.fullmatch(r"[0-9]{1,18}", after):
        abort(400, "bad_after")
    limits.refuse_floods("polls", token)
    known = known_conversation(token)
    said = thread.whole_since if request.args.get("own") == "1" else thread.since
    spooled = thread.in_spool(known)
    try:
        messages, pending = reach.ask(lambda: (_said(known, int(after), said), _is_pending(known)))
    except reach.DatabaseAway:
        if not spooled:
            abort(503, "away")
        messages, pending = [thread.notice(kept=True)], True
    return jsonify(conversation=token, pending=pending or spooled, messages=messages)


def _token_of_request() -> str | None:
    """The token in the header, which nothing on the way writes down; else the one in the address."""
    given = request.authorization
    if given is not None and given.type == "bearer":
        return given.token
    return request.args.get("conversation")


def _is_pending(conversation: uuid.UUID) -> bool:
    with unit_of_work() as session:
        return is_waiting(session, conversation)


def body_of_request() -> dict[str, Any]:
    """The JSON object that was sent, or an error for the client."""
    try:
        body = request.get_json(silent=True)
    except RecursionError:  # thousands of opened brackets
        body = None
    if not isinstance(body, dict):
        abort(400, "not_json")
    return body


def _text(body: dict[str, Any]) -> str:
    text = body.get("text")
    if text is None:
        abort(400, "no_text")
    if not isinstance(text, str):
        abort(400, "text_not_words")
    text = clean(text)
    if reason := fault(text):
        abort(413 if reason == "too_long" else 400, reason)
    return text


def known_conversation(token: object) -> uuid.UUID:
    """The conversation that a token names, or an error for the client."""
    try:
        named = tokens.read(token)
    except tokens.BadToken:
        abort(404, "unknown_conversation")
    if thread.known(named) is None:
        abort(404, "unknown_conversation")
    return named
