"""What the bot may tell about one prison, as the gaps of its responses."""

import re
import uuid

from gateway.conversations.models import Conversation
from gateway.db import unit_of_work
from gateway.prisons.models import Prison
from gateway.prisons.service import by_id, choice, find_prisons

_TOPICS = {
    "prison_info_booking": "booking",
    "prison_info_switchboard": "switchboard",
    "prison_info_page": "page",
    "safer_custody_number": "safer_custody",
}
_NAMES_A_TOPIC = re.compile(
    r"book|visit|line|number|phone|ring|call|page|web|site|address|post|where|custody", re.IGNORECASE
)


def topic(intent: str, text: str, before: str | None) -> str:
    """What is asked about the prison; «and what about Hull?» keeps the topic of the question before."""
    if before and not _NAMES_A_TOPIC.search(text):
        return before
    return _TOPICS.get(intent, "booking")


def named(text: str, remembered: str | None) -> list[dict[str, str]]:
    """The prisons that a text names, or else the one that the conversation is about."""
    with unit_of_work() as session:
        found = find_prisons(session, text)
        if not found and remembered and (known := by_id(session, remembered)):
            found = [known]
        return [_entry(prison) for prison in found]


def chosen(text: str, offered: list[str]) -> list[dict[str, str]]:
    """The prison that an answer picks among those offered, or that it names."""
    with unit_of_work() as session:
        picked = choice(session, text, offered) if offered else None
        return [_entry(prison) for prison in ([picked] if picked else find_prisons(session, text))]


def entry(prison_id: str) -> dict[str, str]:
    """One prison. Raises KeyError for an unknown id."""
    with unit_of_work() as session:
        prison = by_id(session, prison_id)
        if prison is None:
            raise KeyError(prison_id)
        return _entry(prison)


def remember(conversation_id: str, prison_id: str) -> None:
    """The conversation is about this prison from now on."""
    with unit_of_work() as session:
        session.get_one(Conversation, uuid.UUID(conversation_id)).prison_id = prison_id


def response_for(prison: dict[str, str], topic_name: str | None) -> str:
    """Which of the bot's responses fits what is held about a prison."""
    if prison["active"] == "no":
        return "utter_prison_closed"
    if prison["kind"] in ("irc", "sch"):
        return "utter_prison_not_prison_service"
    has_phone, has_line = bool(prison["prison_phone"]), bool(prison["prison_visits_phone"])
    if topic_name == "switchboard":
        return "utter_prison_switchboard" if has_phone else "utter_prison_switchboard_unknown"
    if topic_name == "safer_custody":
        return "utter_no_safer_custody_number" if has_phone else "utter_no_safer_custody_number_or_switchboard"
    if topic_name == "page":
        return "utter_prison_page" if prison["prison_url"] else "utter_prison_page_unknown"
    if prison["booking"] == "online":
        return "utter_prison_booking_online" if has_line else "utter_prison_booking_online_no_phone"
    if has_line:
        return (
            "utter_prison_booking_phone" if prison["booking"] == "phone" else "utter_prison_booking_unknown_with_phone"
        )
    return "utter_prison_booking_unknown" if prison["prison_url"] else "utter_prison_page_unknown"


def _entry(prison: Prison) -> dict[str, str]:
    place = ", ".join(part for part in (prison.town, prison.county, prison.postcode) if part)
    return {
        "id": prison.id,
        "kind": prison.kind,
        "active": "yes" if prison.active else "no",
        "booking": prison.visits_booking,
        "prison_name": prison.name,
        "prison_phone": prison.phone or "",
        "prison_visits_phone": prison.visits_phone or "",
        "prison_url": prison.gov_uk_url or "",
        "prison_place": place,
    }
