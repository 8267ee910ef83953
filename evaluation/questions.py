"""How questions are answered: tests/nlu/questions.jsonl, each put to the chat in a conversation of its own."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from evaluation.cases import Question
from evaluation.chat import Family, NoAnswer, Reply, joined
from evaluation.figures import Figure, at_least, counted, grouped
from evaluation.matching import missing
from evaluation.outcome import Miss
from evaluation.replies import WITHOUT_FACTS, Responses

OUT_OF_SCOPE, ABOUT_THE_BOT = "out_of_scope", ("service", "prison")
# More at a time would only wait for one another: Rasa has one thread.
AT_ONCE = 4
TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Answered:
    """A question and what came of it."""

    question: Question
    right: bool
    refused: bool
    about: str  # what the reply is about
    said: str
    lacking: tuple[str, ...] = ()

    @property
    def in_scope(self) -> bool:
        return self.question.topic != OUT_OF_SCOPE


def ask(url: str, questions: Sequence[Question], responses: Responses) -> list[Answered]:
    """What the service answers to each question."""
    with httpx.Client(base_url=url, timeout=TIMEOUT_SECONDS) as client, ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda question: mark(question, _ask(client, question), responses), questions))


def _ask(client: httpx.Client, question: Question) -> list[Reply]:
    try:
        return Family(client).say(question.text)
    except (NoAnswer, httpx.HTTPError):
        return []


def mark(question: Question, replies: list[Reply], responses: Responses) -> Answered:
    """Whether the replies answer the question. One that is out of scope must get no sourced answer."""
    said, lacking = joined(replies), missing(joined(replies), question.expect)
    if question.topic == OUT_OF_SCOPE:
        right = bool(replies) and not responses.gave_an_answer(replies)
    elif question.expect:
        right = not lacking
    else:
        right = responses.is_called(replies, WITHOUT_FACTS[question.answer])
    return Answered(question, right, responses.refused(replies), responses.subject(replies), said, tuple(lacking))


def figures(answered: Sequence[Answered]) -> list[Figure]:
    """The figures that the design sets goals for, then by style."""
    inside = [one for one in answered if one.in_scope]
    outside = [one for one in answered if not one.in_scope]
    # A greeting, a thank you or nonsense has no answer that could be given or withheld.
    subjects = [one for one in inside if one.question.topic not in ABOUT_THE_BOT]
    goals = dict.fromkeys(("visits", "searches", "money"), at_least(0.95))
    return [
        counted("Questions", "answered with the right facts", inside, lambda one: one.right, at_least(0.92)),
        *grouped("Questions", inside, lambda one: one.question.topic, lambda one: one.right, goals),
        counted("Questions", "out of scope caught", outside, lambda one: one.right, at_least(0.85)),
        counted("Questions", "in scope answered", subjects, lambda one: not one.refused, at_least(0.95)),
        *grouped("Questions right, by style", inside, lambda one: one.question.style, lambda one: one.right),
    ]


def misses(answered: Sequence[Answered]) -> list[Miss]:
    """Every question that was not answered rightly."""
    return [
        Miss(one.question.id, one.question.text, one.question.style, f"question: {one.question.topic}", _told(one))
        for one in sorted(answered, key=lambda one: one.question.topic)
        if not one.right
    ]


def _told(one: Answered) -> str:
    lacking = " and ".join(f"“{alternatives}”" for alternatives in one.lacking)
    wanted = f"lacks {lacking}; " if lacking else ""
    return f"{wanted}taken for {one.about}; said: {one.said[:400]}"
