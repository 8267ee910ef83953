"""One thing of each kind at Leeds, for tests that ask for every page: what stands in the place of each argument.

A new page whose argument is none of these needs a line in `samples`.
"""

from factories import a_concern, a_conversation, a_message, a_risk
from sqlalchemy import select

from gateway.callbacks import service as callbacks
from gateway.concerns.intake import _store
from gateway.conversations.models import Conversation
from gateway.conversations.service import Inbound, accept
from gateway.db import unit_of_work
from gateway.media import service as media
from gateway.media.models import Media
from gateway.privacy import service as privacy
from gateway.staff.service import add_staff

# In the words of the family, and nowhere else.
WORDS = "he said the heron flies tonight"
PHOTO = Inbound("", media=[{"url": "https://api.twilio.com/x", "type": "image/png"}])


def samples() -> dict[str, object]:
    """By the name of an argument, or `endpoint.argument` where pages mean different things by one name."""
    with unit_of_work() as session:
        somebody = add_staff(session, "bystander@prison.invalid", "By Stander", "twelve plain signs", ["LEI"], False)
        thread = a_conversation(session, "sms")
        concern = a_concern(session, WORDS, conversation=thread)
        message = accept(session, thread, PHOTO)
        photo = session.scalars(select(Media.id).where(Media.message_id == message.id)).one()
        media.keep(session, photo, b"\x89PNG\r\n\x1a\n" + WORDS.encode(), "image/png")
        call = callbacks.ask(session, a_message(session, "ring me").id, "+447700900456")
        callbacks.enrich(session, call, call.message_id, prison_id="LEI", about=WORDS)
        wish = a_message(session, "delete me").id
        unsure = a_message(session, WORDS)
        session.get_one(Conversation, unsure.conversation_id).prison_id = "LEI"
        _store(session, unsure, a_risk(level="possible"), [])
    return {
        "reference": concern.reference,
        "media_id": photo,
        "kind": "json",
        "figures_file.kind": "csv",
        "staff_id": somebody.id,
        "key_id": 1,  # one's own or nobody's: there is no page for a key of somebody else
        "prison_id": "LEI",
        "callback_done.reference": call.reference,
        "callback_undo.reference": call.reference,
        "message_id": unsure.id,
        "erase.reference": privacy.ask(wish),
    }
