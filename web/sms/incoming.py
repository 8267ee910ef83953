"""A text message as Twilio posts it, read into the gateway's own terms."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from gateway.conversations.keywords import Keyword, keyword_of, obey
from gateway.conversations.service import Inbound, accept, sms_conversation
from gateway.staff.duty_texts import take_in_duty_text

PROVIDER = "twilio"

# Twilio's numbers have 15 digits at most and its ids 34 signs. Far longer ones could not be indexed.
LONGEST_NUMBER = 64
LONGEST_ID = 128

# PostgreSQL holds neither NUL nor half of a surrogate pair.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Incomplete(Exception):
    """The webhook lacks what a message cannot do without; the message names the parameter."""


@dataclass(frozen=True)
class Text:
    """One text message: from whom, what, and whether Twilio has answered a reserved word by itself."""

    number: str
    inbound: Inbound
    answered_by_twilio: Keyword | None


def read(form: "MultiDict[str, str]") -> Text:
    """The message in a webhook's parameters. Raises Incomplete."""
    inbound = Inbound(
        text=_storable(form.get("Body", "")),
        provider=PROVIDER,
        provider_id=_required(form, "MessageSid", LONGEST_ID),
        media=list(_media(form)),
    )
    return Text(_required(form, "From", LONGEST_NUMBER), inbound, _opt_out_type(form))


def take_in(session: Session, text: Text) -> None:
    """Keep the message and hand it on: to the bot, unless it is a reserved word or the OK of somebody on duty.

    A repeated one changes nothing.
    """
    conversation = sms_conversation(session, text.number)
    keyword = text.answered_by_twilio
    if keyword is None and not text.inbound.media:
        keyword = keyword_of(text.inbound.text, stopped=conversation.stopped_at is not None)
    if keyword is not None:
        obey(session, conversation, text.inbound, keyword, confirm=text.answered_by_twilio is None)
    elif not take_in_duty_text(session, conversation, text.inbound):
        accept(session, conversation, text.inbound)


def _required(form: "MultiDict[str, str]", name: str, longest: int) -> str:
    value = _storable(form.get(name, "")).strip()
    if not value or len(value) > longest:
        raise Incomplete(name)
    return value


def _storable(value: str) -> str:
    return _UNSTORABLE.sub("\ufffd", value)


def _media(form: "MultiDict[str, str]") -> Iterator[dict[str, Any]]:
    """Pictures and the like: addresses at Twilio, and what kind each is. NumMedia only repeats how many there are."""
    number = 0
    while url := form.get(f"MediaUrl{number}"):
        yield {"url": _storable(url), "type": _storable(form.get(f"MediaContentType{number}", ""))}
        number += 1


def _opt_out_type(form: "MultiDict[str, str]") -> Keyword | None:
    """Set by Twilio where its Advanced Opt-Out knew the word and has answered it."""
    given = form.get("OptOutType", "").strip().lower()
    return Keyword(given) if given in set(Keyword) else None
