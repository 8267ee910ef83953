"""kill -9 of each process while messages arrive: what was accepted is answered, exactly once."""

import signal
import threading
import time
import uuid

import httpx
import pytest

from tests.stack.conftest import HOLDING_AFTER, Stack, eventually

pytestmark = pytest.mark.stack
QUESTION = "how do i book a visit"


class Sender(threading.Thread):
    """Texts from one number after another, as long as it runs, and remembers what was accepted."""

    def __init__(self, stack: Stack, first: int) -> None:
        super().__init__(daemon=True)
        self._stack, self._first = stack, first
        self.accepted: dict[str, str] = {}
        self._enough = threading.Event()

    def run(self) -> None:
        while not self._enough.is_set():
            number, sid = f"+447700900{self._first + len(self.accepted):03d}", "SM" + uuid.uuid4().hex
            try:
                if self._stack.text_as(number, QUESTION, sid).status_code == 200:
                    self.accepted[number] = sid
            except httpx.HTTPError:
                pass  # not accepted: Twilio would try again, the family's phone shows it as sent by them only
            time.sleep(0.3)

    def stop(self) -> dict[str, str]:
        self._enough.set()
        self.join()
        return self.accepted


def _answers(stack: Stack, number: str) -> list[str]:
    """What was sent to a number, the holding reply left out: it is no answer."""
    return [text for text in stack.texts_to(number) if "taking longer than it should" not in text]


@pytest.mark.parametrize(("name", "first"), [("worker", 100), ("web", 300), ("rasa", 500), ("actions", 800)])
@pytest.mark.timeout(180)
def test_every_accepted_message_is_answered_exactly_once_after_kill_9_of(stack: Stack, name: str, first: int) -> None:
    sender = Sender(stack, first)
    sender.start()
    eventually(lambda: len(sender.accepted) >= 5)
    stack.kill(name)
    time.sleep(1.0)  # messages go on arriving while it is away
    eventually(lambda: stack.find(name) and stack.is_healthy(), within=90)
    before = len(sender.accepted)
    eventually(lambda: len(sender.accepted) >= before + 3)
    accepted = sender.stop()

    eventually(lambda: all(_answers(stack, number) for number in accepted), within=90, every=0.5)
    numbers_of_answers = {number: len(_answers(stack, number)) for number in accepted}
    assert set(numbers_of_answers.values()) == {1}, numbers_of_answers


@pytest.mark.timeout(180)
def test_while_rasa_is_away_the_family_gets_the_holding_reply_and_later_the_answer(stack: Stack) -> None:
    (rasa,) = stack.find("rasa")
    rasa.send_signal(signal.SIGSTOP)  # hung, not dead: nothing starts it again
    try:
        answer = stack.ask("what can i wear on a visit")
        told = eventually(lambda: stack.read(answer["conversation"]), within=HOLDING_AFTER + 20)
    finally:
        rasa.send_signal(signal.SIGCONT)

    assert told[0]["from"] == "system"
    for must_say in ("We have your message", "Orderly Officer", "999", "116 123"):
        assert must_say in told[0]["text"]
    messages = eventually(lambda: [m for m in stack.read(answer["conversation"]) if m["from"] == "bot"], within=60)
    assert len(messages) == 1
    assert len([m for m in stack.read(answer["conversation"]) if m["from"] == "system"]) == 1
