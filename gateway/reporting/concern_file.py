"""Everything on one concern for an ACCT file, an ombudsman or a coroner: a dictionary, its JSON and the JSON's hash."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.audit.service import history, record
from gateway.audit.verdict import verification
from gateway.concerns.dossier import Dossier, dossier
from gateway.concerns.models import Concern, ConcernAction, ConcernNote
from gateway.concerns.thread import Said
from gateway.conversations.models import Assessment, Message
from gateway.db import now
from gateway.deliveries.models import Delivery
from gateway.reporting.export import concern_facts, iso
from gateway.staff.models import Staff
from gateway.wording import say

FORM = "family-gateway concern file 1"


@dataclass(frozen=True)
class ConcernFile:
    """The file as data, as the bytes of its JSON, and their SHA-256, which the PDF carries on every page."""

    data: dict[str, Any]
    json: bytes
    sha256: str


def concern_file(session: Session, concern: Concern, staff: Staff | None) -> ConcernFile:
    """The file of a concern as `staff` may see it, which is asked before; None is the operator, who sees this concern
    and no other that was raised in its conversation. That it was made is a line in the log."""
    data = _gathered(session, concern, staff)
    written = (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode()
    made = ConcernFile(data, written, hashlib.sha256(written).hexdigest())
    actor = f"staff:{staff.id}" if staff else "system"
    record(session, LogEvent.CONCERN_FILED, actor=actor, concern=concern.id, sha256=made.sha256)
    return made


def _gathered(session: Session, concern: Concern, staff: Staff | None) -> dict[str, Any]:
    page = dossier(session, concern, staff)
    return {
        "form": FORM,
        "produced_at": iso(now()),
        "produced_by": f"{staff.name} ({staff.email})" if staff else say("file.operator"),
        "log": verification(session),
        "concern": _facts(page),
        "words": [_word(message, assessment) for message, assessment in page.words],
        "conversation": {
            "left_out": page.thread.withheld,
            "messages": [_said(said) for said in page.thread.said],
        },
        "told": [_told(delivery) for delivery in page.alerts],
        "actions": [_action(action, page.names) for action in page.actions],
        "notes": [_note(note, page.names) for note in page.notes],
        "history": [_entry(entry, page.names) for entry in history(session, concern.id)],
    }


def _facts(page: Dossier) -> dict[str, Any]:
    """As exported elsewhere, less the words, which come with their times, and the number of who wants no contact."""
    concern, conversation = page.concern, page.conversation
    reader = page.names.get(concern.acknowledged_by) if concern.acknowledged_by else None
    facts = concern_facts(concern, conversation, page.prison.name if page.prison else None, reader, [])
    hidden = concern.contact_allowed is False or concern.reporter_anonymous
    del facts["words"]
    # A chat's token opens the chat, so it is in no file; neither is a number that the family wants kept.
    facts["conversation"] = None if hidden else conversation.address
    closer = page.names.get(concern.closed_by) if concern.closed_by else None
    return facts | {"contact_when": concern.contact_when, "closed_by": closer}


def _word(message: Message, assessment: Assessment | None) -> dict[str, Any]:
    named = ("level", "urgency", "category", "model_version")
    found = {name: getattr(assessment, name) for name in named} if assessment else None
    return {"at": iso(message.at), "text": message.text, "files": len(message.media), "assessment": found}


def _said(said: Said) -> dict[str, Any]:
    message, delivery = said.message, said.delivery
    sent = (
        {"state": delivery.state, "sent_at": iso(delivery.sent_at), "error": delivery.last_error} if delivery else None
    )
    return {
        "at": iso(message.at),
        "from": message.sender,
        "text": message.text,
        "files": len(message.media),
        "delivery": sent,
    }


def _told(delivery: Delivery) -> dict[str, Any]:
    return {
        "queued_at": iso(delivery.queued_at), "to": delivery.address, "medium": delivery.medium,
        "reason": delivery.reason, "state": delivery.state, "sent_at": iso(delivery.sent_at),
        "attempts": delivery.attempts, "error": delivery.last_error,
    }  # fmt: skip


def _action(action: ConcernAction, names: dict[int, str]) -> dict[str, Any]:
    return {"at": iso(action.at), "by": names.get(action.staff_id), "kind": action.kind}


def _note(note: ConcernNote, names: dict[int, str]) -> dict[str, Any]:
    return {"at": iso(note.at), "by": names.get(note.staff_id), "kind": note.kind, "text": note.text}


def _entry(entry: LogEntry, names: dict[int, str]) -> dict[str, Any]:
    kind, _, number = entry.actor.partition(":")
    by = names.get(int(number)) if number.isdigit() else kind
    return {"id": entry.id, "at": iso(entry.happened_at), "event": entry.event, "by": by, "details": entry.details}
