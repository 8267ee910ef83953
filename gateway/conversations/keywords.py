"""The words that telephone networks reserve: STOP and START for consent, HELP for what this number is."""

import re
from enum import StrEnum

from sqlalchemy.orm import Session

from gateway.conversations import service
from gateway.conversations.models import Conversation
from gateway.conversations.service import Inbound, Reply, say_to_family
from gateway.deliveries.service import queue_reply
from gateway.wording import say


class Keyword(StrEnum):
    """What a reserved word asks for. Stored in the log: add, never rename."""

    STOP = "stop"
    START = "start"
    HELP = "help"


RESERVED = {
    **dict.fromkeys(["stop", "stopall", "unsubscribe", "cancel", "end", "quit"], Keyword.STOP),
    **dict.fromkeys(["start", "yes", "unstop"], Keyword.START),
    **dict.fromkeys(["help", "info"], Keyword.HELP),
}

# Only the whole message counts: "stop him, he will kill himself" is a worry, not a wish to hear no more.
_ONE_WORD = re.compile(r"[\s\"'“‘]*([a-z]+)[\s.,;:!?…\"'”’)]*", re.IGNORECASE)


def keyword_of(text: str, *, stopped: bool) -> Keyword | None:
    """The reserved word that a whole message is. "Yes" is one only after STOP: else it answers a question of ours."""
    found = _ONE_WORD.fullmatch(text)
    word = found[1].casefold() if found else ""
    return None if word == "yes" and not stopped else RESERVED.get(word)


def obey(session: Session, conversation: Conversation, inbound: Inbound, keyword: Keyword, *, confirm: bool) -> bool:
    """Keep the message and do what it asks, once. False when it was kept before.

    `confirm`: answer it; not wanted where the provider has answered by itself.
    """
    message = service.keep(session, conversation, inbound, keyword=keyword.value)
    if message is None:
        return False
    # Two texts at once must not both find the conversation as it was before.
    session.refresh(conversation, with_for_update={"key_share": True})
    was_stopped = conversation.stopped_at is not None
    if keyword is Keyword.START:
        service.start(session, conversation)
    if confirm and not (keyword is Keyword.STOP and was_stopped):
        _confirm(session, conversation, message.id, keyword)
    if keyword is Keyword.STOP and not was_stopped:
        service.stop(session, conversation)
    return True


def _confirm(session: Session, conversation: Conversation, message_id: int, keyword: Keyword) -> None:
    name = {Keyword.STOP: "sms.stopped", Keyword.START: "sms.started", Keyword.HELP: "sms.help"}[keyword]
    said = say_to_family(session, conversation, Reply(say(name)), sender="system", reply_to=message_id, position=0)
    if conversation.stopped_at is not None:
        # Networks ask that HELP is answered after STOP too: it is the family that asks.
        queue_reply(session, said, str(conversation.address))
