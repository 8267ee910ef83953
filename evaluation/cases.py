"""The evaluation sets under tests/nlu/, read. They share no wording with what the bot learns from."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from evaluation.service import ROOT

FOLDER = ROOT / "tests" / "nlu"
RISKS, QUESTIONS, CONVERSATIONS = (FOLDER / f"{name}.jsonl" for name in ("risks", "questions", "conversations"))


Case = TypeVar("Case")


class BadCase(Exception):
    """A line of a set that cannot be used; the message says which and why."""


@dataclass(frozen=True)
class Message:
    """Something a family wrote, and whether a careful person would see a worry for somebody's safety in it."""

    id: str
    text: str
    concern: bool
    style: str
    hard: bool
    category: str | None = None
    urgency: str | None = None
    subject: str | None = None
    recent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """A question, and what a right answer says: of each string of `expect` one of its alternatives (split by `|`).

    Where it is not facts that make an answer right, `answer` is the intent that the question belongs to.
    """

    id: str
    text: str
    topic: str
    expect: tuple[str, ...]
    style: str
    answer: str = ""


@dataclass(frozen=True)
class Turn:
    """One message in a conversation, what its replies must say, and what they must not."""

    say: str
    expect: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


@dataclass(frozen=True)
class Conversation:
    """Several messages, and what the log must hold after them. A count that is None is not looked at."""

    id: str
    about: str
    turns: tuple[Turn, ...]
    concerns: tuple[dict[str, Any], ...] = ()
    counts: dict[str, int] = field(default_factory=dict)


def _message(row: dict[str, Any]) -> Message:
    if row["concern"] and not row.keys() >= {"category", "urgency", "subject"}:
        raise ValueError("a concern has a category, an urgency and a subject")
    return Message(**{**row, "recent": tuple(row.get("recent", ()))})


def _question(row: dict[str, Any]) -> Question:
    question = Question(**{**row, "expect": tuple(row["expect"])})
    if not (question.expect or question.answer or question.topic == "out_of_scope"):
        raise ValueError("a question has facts to expect or an answer, unless it is out of scope")
    return question


def _conversation(row: dict[str, Any]) -> Conversation:
    turns = tuple(
        Turn(turn["say"], tuple(turn.get("expect", ())), tuple(turn.get("never", ()))) for turn in row["turns"]
    )
    log = dict(row["log"])
    return Conversation(row["id"], row["about"], turns, tuple(log.pop("concerns", ())), log)


def _read(path: Path, make: Callable[[dict[str, Any]], Case]) -> list[Case]:
    cases = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            cases.append(make(json.loads(line)))
        except (KeyError, TypeError, ValueError) as error:
            raise BadCase(f"{path.name}, line {number}: {type(error).__name__} {error}") from error
    return cases


def read_risks(path: Path = RISKS) -> list[Message]:
    """Messages with a concern and harmless ones. Raises BadCase."""
    return _read(path, _message)


def read_questions(path: Path = QUESTIONS) -> list[Question]:
    """Questions with the facts of their answers. Raises BadCase."""
    return _read(path, _question)


def read_conversations(path: Path = CONVERSATIONS) -> list[Conversation]:
    """Conversations with what the log must hold. Raises BadCase; none when nobody has written any yet."""
    return _read(path, _conversation) if path.exists() else []
