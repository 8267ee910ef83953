"""stories.yml: who writes what and when, and what staff do about it. Everybody in it is invented."""

import re
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

import yaml

from gateway.config import ROOT
from gateway.spoken import UK

UNITS = {"m": "minutes", "h": "hours", "d": "days"}
Act = tuple[timedelta, str, str, str]


@dataclass(frozen=True)
class Story:
    """One family: its first message, what it answers when asked, and what follows."""

    at: str  # `12d 21:40` (so many days ago, UK time) or `25m` (so long ago)
    says: str
    sender: str | None = None  # a telephone number; none writes in the chat
    risk: str = "none"  # level, or urgency, category and whose safety of a likely one
    answers: dict[str, str] = field(default_factory=dict)  # by question of the interview
    then: list[Act] = field(default_factory=list)  # how long after the first message, who, does what, with which words
    photo: str | None = None  # what is written on the picture that comes with it
    fails: str | None = None  # `mail`: the alert to staff fails; `text`: texts to the family do not arrive

    def answer_to(self, question: str | None, asked_before: Container[str]) -> str | None:
        """What the family says when asked; none when nothing is asked or they answer no more. Nothing is said twice."""
        if question is None:
            return None
        given = None if question in asked_before else self.answers.get(question)
        return given or ("skip" if "read_back" in self.answers else None)

    def begins(self, now: datetime) -> datetime:
        """When the first message comes."""
        days, _, clock = self.at.partition(" ")
        if not clock:
            return now - after(days)
        day = (now.astimezone(UK) - after(days)).date()
        return datetime.combine(day, time.fromisoformat(clock), UK)


@dataclass(frozen=True)
class Demo:
    """The whole file."""

    password: str
    people: dict[str, dict[str, Any]]
    answers_for: dict[str, str]  # a prison's id to the one of them who deals with its concerns; `none`: without prison
    stories: list[Story]


def read() -> Demo:
    """The demo as it stands in the file."""
    raw = yaml.safe_load((ROOT / "scripts" / "demo" / "stories.yml").read_text(encoding="utf-8"))
    return Demo(
        raw["password"], raw["people"], raw["answers_for"], [_story(one, raw["courses"]) for one in raw["stories"]]
    )


def _story(raw: dict[str, Any], courses: dict[str, list[list[str]]]) -> Story:
    acts = [*courses.get(raw.pop("course", ""), []), *raw.pop("then", [])]
    return Story(**raw, then=sorted((after(act[0]), act[1], act[2], act[3] if len(act) > 3 else "") for act in acts))


def after(text: str) -> timedelta:
    """`25m`, `3h`, `12d` or `1h30m` as a time."""
    return timedelta(**{UNITS[unit]: int(number) for number, unit in re.findall(r"(\d+)([mhd])", text)})
