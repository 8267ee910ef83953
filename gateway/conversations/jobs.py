"""What the worker does with each message: has its risk recorded first, then has it answered."""

import httpx
import procrastinate
from procrastinate import RetryStrategy

from gateway import jobs
from gateway.adapters.rasa import Rasa, Understood
from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns import intake
from gateway.concerns.questions import with_thanks
from gateway.conversations import service
from gateway.conversations.models import Conversation, Message
from gateway.conversations.service import Reply
from gateway.db import unit_of_work
from gateway.prisons.service import find_prisons
from gateway.wording import say

tasks = procrastinate.Blueprint()

# A turn that breaks on Rasa's side, as often as not a bad minute, is asked for again this often. Then a person must
# look, since what the family writes next waits behind it.
BREAKS_ALLOWED = 10
SECONDS_AFTER_A_BREAK = 30
# What stands in front of Rasa, and our channel when the action server is away, answer with these.
AWAY = {502, 503, 504}


class RasaIsAway(RetryStrategy):
    """While Rasa is away wait 1, 2, 3 … seconds, 15 at the most, as often as it takes: it restarts in about 20.

    A fault of the turn itself is waited out longer and not for ever.
    """

    def get_retry_decision(
        self, *, exception: BaseException, job: procrastinate.jobs.Job
    ) -> procrastinate.RetryDecision | None:
        if _is_away(exception):
            return procrastinate.RetryDecision(retry_in={"seconds": min(job.attempts + 1, 15)})
        if job.attempts < BREAKS_ALLOWED:
            return procrastinate.RetryDecision(retry_in={"seconds": SECONDS_AFTER_A_BREAK})
        return None


def _is_away(error: BaseException) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in AWAY
    return isinstance(error, httpx.TransportError)


@tasks.task(name="converse", queue=jobs.CONVERSATIONS, retry=RasaIsAway())
def converse(message_id: int) -> None:
    """Record what is at risk, then ask Rasa for the replies. Repeating it changes nothing that stands."""
    with unit_of_work() as session:
        message = session.get_one(Message, message_id)
        conversation = session.get_one(Conversation, message.conversation_id)
        recent, told = intake.before(session, message)
        text = service.as_chosen(session, message)
        names_a_prison = bool(find_prisons(session, text))
        known = intake.risk_of(session, message_id)
    if message.state == "answered":
        return
    if not message.text.strip():
        with unit_of_work() as session:
            service.answer(session, message, [Reply(say("chat.no_words"))])
        return

    understood = Understood(known, "") if known else Rasa.shared().understand(text, recent, told)
    with unit_of_work() as session:
        turn = intake.take_in(session, message_id, understood.risk, [*told, *recent])
    answer = Rasa.shared().converse(
        message_id=message_id,
        conversation=str(conversation.id),
        text=text,
        channel=conversation.channel,
        metadata={
            "recent": recent,
            "told": told,
            "prison": turn.prison,
            "names_a_prison": names_a_prison,
            "concern": turn.concern,
        },
        again=turn.again,
    )
    replies = answer or [Reply(say("chat.no_reply"))]
    if turn.answers:
        intent = understood.intent or Rasa.shared().understand(text, recent, told).intent
        replies = with_thanks(turn.answers, replies, intent)
    with unit_of_work() as session:
        service.answer(session, message, replies)


@tasks.periodic(cron="* * * * * */2")  # croniter's sixth field is seconds
@tasks.task(name="hold_late", queue=jobs.CLOCKS, queueing_lock="hold_late")
def hold_late(timestamp: int) -> None:
    """Tell the families whose messages have waited too long, with the numbers of people who can help."""
    with unit_of_work() as session:
        messages = service.late(session)
    for message_id in messages:
        with unit_of_work() as session:
            if service.hold(session, message_id, Reply(say("chat.holding"))):
                record(session, LogEvent.MESSAGE_NOT_PROCESSED, message=message_id)
