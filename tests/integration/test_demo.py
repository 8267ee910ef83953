"""The demo: all invented, played in the order of time, and never on a database that somebody uses."""

import re
from datetime import timedelta

import pytest
from factories import a_concern
from sqlalchemy import select, text

from gateway.audit.models import LogEntry
from gateway.audit.reading import rows
from gateway.audit.verify import verify
from gateway.concerns.models import Concern
from gateway.config import ROOT, settings
from gateway.db import now, unit_of_work
from gateway.prisons.register import read_prisons
from gateway.wording import choices
from scripts.demo import __main__ as demo
from scripts.demo import stories
from scripts.demo.acts import BY_STAFF, OF_BOT, OF_FAMILY
from scripts.demo.family import response, risk_of

DEMO = stories.read()


def test_whatever_the_file_names_is_there() -> None:
    for story in DEMO.stories:
        risk = risk_of(story.risk)
        assert risk.category is None or risk.category in choices("categories")
        for _, who, what, words in story.then:
            known = {"family": OF_FAMILY, "bot": OF_BOT}.get(who, BY_STAFF | {"calls back": None, "closes": None})
            assert what in known and (who in {"family", "bot", "officer"} or who in DEMO.people), (who, what)
            if what == "says":
                assert response(f"utter_{words}", "web")
            if what in ("sends", "closes", "calls back"):
                lists = {"sends": "approved", "closes": "outcomes", "calls back": "callback_outcomes"}
                assert words in choices(lists[what])


def test_every_number_and_prison_is_nobodys() -> None:
    written = (ROOT / "scripts" / "demo" / "stories.yml").read_text()
    real = {row["id"] for row in read_prisons(ROOT / "data" / "prisons.csv")}
    invented = {row["id"] for row in read_prisons(ROOT / "scripts" / "demo" / "prisons.csv")}

    assert all(
        re.fullmatch(r"(\+447700 ?|07700 ?)900 ?\d{3}", number)
        for number in re.findall(r"(?:\+44|\b07)[\d ]{9,}\d", written)
    )
    assert not real & invented
    assert {id for person in DEMO.people.values() for id in person["prisons"]} == invented
    assert all(person["email"].endswith(".invalid") for person in DEMO.people.values())


def test_stories_play_in_the_order_of_time_and_leave_nothing_to_be_done(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = [story for story in DEMO.stories if story.fails or story.photo or story.at in ("75m", "6m", "44d 19:12")]
    began = now()

    demo.fill(stories.Demo(DEMO.password, DEMO.people, DEMO.answers_for, few))

    assert now() - began < timedelta(minutes=5)  # the clock is the real one again
    with unit_of_work() as session:
        assert verify(rows(session), [], settings().chain_key).faults == []
        assert session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 0
        assert session.scalar(text("SELECT count(*) FROM delivery WHERE state IN ('queued', 'sending')")) == 0
        states = {(row.status, row.outcome) for row in session.scalars(select(Concern))}
        failed = session.scalar(text("SELECT count(*) FROM delivery WHERE state = 'failed'"))
        late = session.scalar(select(LogEntry.id).where(LogEntry.event == "message:held"))
    assert {("closed", "acct_opened"), ("open", None)} <= states
    assert failed and late
    assert demo.is_there(DEMO)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "https://gateway.example"),
        ("SMTP_URL", "smtp://mail.example"),
        ("ALARM_URL", "https://x.example"),
    ],
)
def test_settings_of_a_service_for_families_are_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as changed:
        changed.setenv(name, value)
        settings.cache_clear()
        assert name in str(demo.refused())
    settings.cache_clear()
    assert demo.refused() is None


def test_a_database_that_somebody_uses_is_refused(database: str) -> None:
    assert demo.in_use() is None
    with unit_of_work() as session:
        a_concern(session)

    assert "in use" in str(demo.in_use())
