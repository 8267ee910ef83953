"""«Did this help?» under an answer: kept as a score, by the page's form or by the JSON."""

import uuid

from flask import Response, abort, jsonify, request

from gateway.db import unit_of_work
from gateway.feedback import service
from web.chat.api import api, body_of_request, known_conversation
from web.row_numbers import LARGEST


@api.post("/feedback")
def give() -> Response:
    """Keep whether an answer helped. Sent again it changes what was kept."""
    body = body_of_request()
    if not body.get("conversation"):
        abort(400, "no_conversation")
    conversation_id = known_conversation(body["conversation"])
    message_id, helped = body.get("message"), body.get("helped")
    if type(message_id) is not int or not isinstance(helped, bool):
        abort(400, "bad_feedback")
    if not keep(conversation_id, message_id, helped=helped):
        abort(404, "unknown_message")
    return jsonify(kept=True)


def press(conversation_id: uuid.UUID | None) -> str | None:
    """Keep what was pressed on the page, yes or no. None when there is nothing to keep it for."""
    helped, message_id = request.form.get("helped"), request.form.get("message", type=int)
    if conversation_id is None or message_id is None or helped not in ("yes", "no"):
        return None
    return helped if keep(conversation_id, message_id, helped=helped == "yes") else None


def keep(conversation_id: uuid.UUID, message_id: int, *, helped: bool) -> bool:
    """Whether the message is an answer in this conversation; then its score is kept."""
    if not 0 < message_id <= LARGEST:
        return False
    with unit_of_work() as session:
        return service.rate(session, conversation_id, message_id, helped=helped) is not None


def thanked() -> str | None:
    """Which word of thanks the page shows: for yes or for no, right after it was pressed."""
    said = request.args.get("helped")
    return said if said in ("yes", "no") else None
