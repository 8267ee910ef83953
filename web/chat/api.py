"""The chat as JSON, for the page's own script and for other programs. Described in docs/chat-api.md.

Only `application/json` is taken and no other site is allowed in, so a foreign page cannot write in a family's name.
"""

import re
import uuid
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, request

from gateway.conversations import tokens
from gateway.conversations.service import is_waiting
from gateway.db import unit_of_work
from web.chat import cookie, thread
from web.chat.text import clean, fault

api = Blueprint("api", __name__, url_prefix="/chat/api")


@api.post("/messages")
def send() -> Response:
    """Keep a message; its replies come back if they are there soon."""
    body = body_of_request()
    text = _text(body)
    known = known_conversation(body["conversation"]) if body.get("conversation") not in (None, "") else None
    message = thread.take(known, text)
    answered = thread.wait_for_answer(message.id, current_app.config["SETTINGS"].chat_wait)
    with unit_of_work() as session:
        messages = thread.since(session, message.conversation_id, message.id)
    token = tokens.sign(message.conversation_id)
    return cookie.remember(jsonify(conversation=token, pending=not answered, messages=messages), token)


@api.get("/messages")
def read() -> Response:
    """What was said after a message; `own=1` adds the family's own words."""
    after, token = request.args.get("after", "0"), request.args.get("conversation")
    if not token:
        abort(400, "no_conversation")
    if not re.fullmatch(r"[0-9]{1,18}", after):
        abort(400, "bad_after")
    known = known_conversation(token)
    said = thread.whole_since if request.args.get("own") == "1" else thread.since
    with unit_of_work() as session:
        messages, pending = said(session, known, int(after)), is_waiting(session, known)
    return jsonify(conversation=token, pending=pending, messages=messages)


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
    with unit_of_work() as session:
        conversation = thread.find(session, named)
    if conversation is None:
        abort(404, "unknown_conversation")
    return conversation.id
