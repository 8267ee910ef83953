"""Whether the books balance: what was accepted, what was answered, what was sent, what was recorded."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from faults.families import Text
from faults.world import World

_REPLY = re.compile(r"Reply to (\d+)\.")


@dataclass
class Balance:
    """What is wrong with the books of one scene, as counts; all but `explained` and `silence` should be 0.

    `silence`: the longest time in seconds from a text's acceptance to its answer.
    """

    accepted: int = 0
    lost: int = 0
    doubled: int = 0
    out_of_order: int = 0
    explained: int = 0
    silence: float = 0.0


def newest_delivery(world: World) -> int:
    """Where the books of the next scene begin."""
    with world.connect() as database:
        row = database.execute("SELECT coalesce(max(id), 0) FROM delivery").fetchone()
    return int(row[0]) if row else 0


def balance(world: World, texts: dict[str, Text], after: int) -> Balance:
    """The books of the texts with these ids, and of the mails after a delivery, once nothing is at work any more."""
    with world.connect() as database:
        kept = database.execute(
            "SELECT m.provider_id, m.id, m.state, extract(epoch FROM m.answered_at - m.at), d.state, d.last_error "
            "FROM message m LEFT JOIN message r ON r.reply_to = m.id AND r.position = 0 "
            "LEFT JOIN delivery d ON d.message_id = r.id WHERE m.provider_id = ANY(%s)",
            [list(texts)],
        ).fetchall()
        told = Counter(row[0] for row in database.execute("SELECT message_id FROM concern_words").fetchall())
        # Nobody closes a concern here, so a second one in a conversation is one too many.
        twice = database.execute(
            "SELECT count(*) FROM concern c JOIN message m ON m.id = c.opened_by WHERE m.provider_id = ANY(%s) "
            "AND EXISTS (SELECT FROM concern e WHERE e.conversation_id = c.conversation_id AND e.id < c.id)",
            [list(texts)],
        ).fetchall()
        mails = database.execute(
            "SELECT id, state FROM delivery WHERE medium = 'email' AND id > %s", [after]
        ).fetchall()
    found = Balance(accepted=len(texts), lost=len(texts) - len(kept))
    found.doubled += twice[0][0]
    _replies(found, kept, _sent(world))
    _worries(found, kept, texts, told)
    _mails(found, mails, world)
    return found


def _sent(world: World) -> dict[int, int]:
    """How often Twilio took the reply to each message."""
    texts = (_REPLY.search(message["body"] or "") for message in list(world.twilio.messages))
    return Counter(int(match[1]) for match in texts if match)


def _replies(found: Balance, kept: list[Any], sent: dict[int, int]) -> None:
    for _, message_id, state, waited, delivery, error in kept:
        found.silence = max(found.silence, float(waited or 0))
        taken = sent.get(message_id, 0)
        if state != "answered" or (taken == 0 and not (delivery == "failed" and error)):
            found.lost += 1
        elif taken == 0:
            found.explained += 1  # Twilio refused it for ever, and the delivery says so
        found.doubled += max(0, taken - 1)


def _worries(found: Balance, kept: list[Any], texts: dict[str, Text], told: dict[int, int]) -> None:
    for sid, message_id, *_ in kept:
        times = told.get(message_id, 0)
        if "worry" in texts[sid].body:
            found.lost += times == 0
            found.doubled += max(0, times - 1)


def _mails(found: Balance, mails: list[Any], world: World) -> None:
    """A mail may come twice: no server can be asked what it took. One that never comes is lost."""
    for number, state in mails:
        taken = world.mail.taken.get(f"<delivery-{number}@localhost>", 0)
        found.lost += taken == 0
        found.explained += max(0, taken - 1) + (state == "failed")
