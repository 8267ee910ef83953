"""A text message as Twilio posts it, read into the gateway's own terms."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from werkzeug.datastructures import MultiDict

from gateway.conversations.arrivals import Arrival
from gateway.conversations.keywords import Keyword
from gateway.conversations.service import Inbound
from gateway.db import now

PROVIDER = "twilio"

# Twilio's numbers have 15 digits at most and its ids 34 signs. Far longer ones could not be indexed.
LONGEST_NUMBER = 64
LONGEST_ID = 128

# PostgreSQL holds neither NUL nor half of a surrogate pair.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Incomplete(Exception):
    """The webhook lacks what a message cannot do without; the message names the parameter."""


def read(form: "MultiDict[str, str]", over: Callable[[str], list[str]] = lambda number: []) -> Arrival:
    """The message in a webhook's parameters. Raises Incomplete. `over`: the limits that a number's sender passes."""
    number = _required(form, "From", LONGEST_NUMBER)
    inbound = Inbound(
        text=storable(form.get("Body", "")),
        provider=PROVIDER,
        provider_id=_required(form, "MessageSid", LONGEST_ID),
        media=list(_media(form)),
        over=over(number),
    )
    return Arrival("sms", number, inbound, now(), _opt_out_type(form))


def _required(form: "MultiDict[str, str]", name: str, longest: int) -> str:
    value = storable(form.get(name, "")).strip()
    if not value or len(value) > longest:
        raise Incomplete(name)
    return value


def storable(value: str) -> str:
    """What PostgreSQL can hold of it."""
    return _UNSTORABLE.sub("\ufffd", value)


def _media(form: "MultiDict[str, str]") -> Iterator[dict[str, Any]]:
    """Pictures and the like: addresses at Twilio, and what kind each is. NumMedia only repeats how many there are."""
    number = 0
    while url := form.get(f"MediaUrl{number}"):
        yield {"url": storable(url), "type": storable(form.get(f"MediaContentType{number}", ""))}
        number += 1


def _opt_out_type(form: "MultiDict[str, str]") -> Keyword | None:
    """Set by Twilio where its Advanced Opt-Out knew the word and has answered it."""
    given = form.get("OptOutType", "").strip().lower()
    return Keyword(given) if given in set(Keyword) else None
