"""What a family and the bot say: through the same doors as in the service, with the bot's words out of domain.yml."""

import uuid
from functools import cache
from typing import Any

import yaml
from sqlalchemy import select

from gateway.adapters.rasa import Risk
from gateway.concerns import desk, intake
from gateway.concerns.heard import Heard
from gateway.config import ROOT
from gateway.conversations.models import Message
from gateway.conversations.service import Inbound, Reply, accept, answer, hold
from gateway.conversations.threads import open_web_conversation, sms_conversation
from gateway.db import unit_of_work
from gateway.media import service as media
from gateway.media.models import Media
from gateway.wording import say
from scripts.demo.photo import picture_of

MODEL = "invented for the demo"


class Family:
    """A thread, and where its questions stand."""

    def __init__(self, sender: str | None) -> None:
        self.sender = sender
        self.id = uuid.uuid4()
        self.reference: str | None = None
        self.asked: str | None = None
        self.settled: list[str] = []
        self.offered: list[str] = []
        self.last = 0

    @property
    def channel(self) -> str:
        """How they write."""
        return "sms" if self.sender else "web"

    def writes(self, text: str, risk: str = "none", photo: str | None = None) -> None:
        """A message with what the safeguarding component made of it. Whoever is asked something answers with it."""
        self.last = self._accepted(text, photo)
        with unit_of_work() as session:
            turn = intake.take_in(session, self.last, risk_of(risk), [])
        concern = turn.concern or {}
        replies = [] if concern.get("event") in (None, "opened") else [self._added(concern)]
        if concern.get("event") == "opened":
            replies = self._begins()
        elif self.asked and self.reference:
            replies += self._goes_on(text)
        if replies:
            self._is_answered(replies)

    def is_told(self, name: str, **values: str) -> None:
        """The bot's reply to the last message, by its name in domain.yml."""
        self._is_answered([self._said(f"utter_{name}", values)])

    def waits(self) -> None:
        """The bot could not answer, and the family is told so."""
        with unit_of_work() as session:
            hold(session, self.last, Reply(say("chat.holding")))

    def _accepted(self, text: str, photo: str | None) -> int:
        with unit_of_work() as session:
            thread = sms_conversation(session, self.sender) if self.sender else open_web_conversation(session, self.id)
            self.id = thread.id
            came = [{"url": "https://example.invalid/photo", "type": "image/png"}] if photo else []
            provider = "twilio" if self.sender else None
            number = f"SM{uuid.uuid4().hex}" if self.sender else None
            message = accept(session, thread, Inbound(text, provider, number, came))
            assert message is not None
            if photo:
                kept = session.scalars(select(Media.id).where(Media.message_id == message.id)).one()
                media.keep(session, kept, picture_of(photo), "image/png")
            return message.id

    def _begins(self) -> list[Reply]:
        opening = desk.begin(self.last, str(self.id))
        self.reference, self.settled = opening.reference, opening.settled
        first = [self._said(f"utter_concern_{opening.kind}", opening.values)]
        return first + (self._goes_on(None) if opening.asks else [])

    def _added(self, concern: dict[str, Any]) -> Reply:
        opening = desk.begin(self.last, str(self.id))
        return self._said(f"utter_concern_{opening.kind}", opening.values)

    def _goes_on(self, text: str | None) -> list[Reply]:
        """The next question, or the receipt when the questions are done."""
        asked = self.asked if text is not None else None
        step = desk.answer(
            str(self.reference), self.last, asked, Heard(text or ""), self.settled, self.offered, None
        )  # fmt: skip
        self.asked, self.settled = step.next_question, step.settled
        self.offered = [option["id"] for option in step.options]
        said = [self._said(f"utter_concern_{name}", step.values) for name in step.say]
        if step.next_question is None:
            values = desk.finish(str(self.reference), self.last)
            return [*said, self._said("utter_concern_receipt", values)]
        return [*said, self._said(f"utter_concern_ask_{step.next_question}", step.values)] if step.asks else said

    def _said(self, name: str, values: dict[str, str]) -> Reply:
        kind = name.removeprefix("utter_")
        return Reply(response(name, self.channel).format(**values), answer=kind if "/" in kind else None)

    def _is_answered(self, replies: list[Reply]) -> None:
        with unit_of_work() as session:
            answer(session, session.get_one(Message, self.last), replies)


def risk_of(text: str) -> Risk:
    """`none`, `possible`, or `emergency violence_bullying prisoner`."""
    words = text.split()
    if len(words) == 1:
        return Risk(words[0], None, None, None, {}, MODEL)
    urgency, category, subject = words
    scores = {"likely": 0.97 if urgency == "emergency" else 0.91}
    return Risk("likely", urgency, category, subject, scores, MODEL)


@cache
def _responses() -> dict[str, list[dict[str, Any]]]:
    return dict(yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"])


def response(name: str, channel: str) -> str:
    """What the bot says on a channel."""
    several = _responses()[name]
    fitting = [one for one in several if one.get("channel") == channel] or [
        one for one in several if "channel" not in one
    ]
    return str(fitting[0]["text"])
