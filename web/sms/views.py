"""Twilio's two webhooks, each in this order: check, identify, store, hand on, answer."""

import logging

from flask import Blueprint, Response, request

from gateway.conversations.receiving import receive
from gateway.conversations.spool import SpoolFull
from gateway.db import unit_of_work
from gateway.deliveries import receipts
from web import limits
from web.csrf import csrf
from web.sms import incoming, suspects
from web.sms.signature import is_from_twilio

logger = logging.getLogger(__name__)

sms = Blueprint("sms", __name__, url_prefix="/sms")
# Nobody is signed in here: the signature says who posts.
csrf.exempt(sms)


@sms.before_request
def check() -> Response | None:
    """Nothing that Twilio did not sign gets past this."""
    if is_from_twilio():
        return None
    suspects.record_forgery()
    return Response(status=403)


@sms.post("/twilio")
def message() -> Response:
    """A text from a family. Once this has answered, the text is kept, whatever happens next."""
    try:
        arrival = incoming.read(request.form, lambda number: limits.over(phone=number))
    except incoming.Incomplete as error:
        kept = suspects.keep(f"lacks {error}")
        logger.error("sms.incomplete_webhook", extra={"missing": str(error), "kept": kept})
        return Response(status=400)
    try:
        receive(arrival)
    except SpoolFull as error:
        logger.error("spool.full", extra={"error": str(error)})
        return Response(status=503)  # Twilio then tries the fallback address
    return _nothing_to_say()


@sms.post("/twilio/status")
def status() -> Response:
    """What became of a text of ours. What we do not know is answered well too, so that it is not sent again."""
    given = [request.form.get(name, "") for name in ("MessageSid", "MessageStatus", "ErrorCode")]
    with unit_of_work() as session:
        try:
            receipts.note(session, *given)
        except receipts.NotOurs:
            receipts.note_later(session, *given)
    return _nothing_to_say()


def _nothing_to_say() -> Response:
    """Replies go out by themselves, so Twilio is given none here."""
    return Response('<?xml version="1.0" encoding="UTF-8"?><Response/>', mimetype="text/xml")
