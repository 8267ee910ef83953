"""Administration: looking through the log, having it verified, and the settings with their history."""

from time import monotonic, sleep

import pytest
from factories import a_message
from sqlalchemy import select

from gateway.audit import running_with, verification
from gateway.audit.models import LogEntry, LogEvent
from gateway.audit.service import record
from gateway.config import settings
from gateway.db import unit_of_work
from gateway.spoken import UK
from tests.integration.lanes import working

WORDS = "my son says the heron flies"


@pytest.fixture
def admin(sign_in):
    return sign_in(roles=["administrator"], name="Ada Example")


def text_of(page):
    return " ".join(page.find("main").text.split())


def events(page):
    return [line.find("strong").text for line in page.select(".moj-timeline__item")]


def numbers(page):
    return [int(line.text.split("Line ")[1].split(".")[0].split(",")[0]) for line in page.select(".moj-timeline__item")]


def test_the_log_is_shown_newest_first_without_anything_that_a_family_wrote(admin, concern):
    raised = concern(WORDS, prison="LEI", details={"prisoner_name": "Sam Sample"})

    page = admin.get("/console/log")

    assert "concern:opened" in events(page) and numbers(page) == sorted(numbers(page), reverse=True)
    assert f"concern {raised.reference}" in text_of(page) and "Ada Example" in text_of(page)
    assert "heron" not in page.decode() and "Sample" not in page.decode()


def test_a_text_that_should_never_stand_in_the_log_is_not_shown(admin):
    with unit_of_work() as session:
        record(session, LogEvent.CONCERN_NOTED, code="welfare_check", spoilt=WORDS, several=[WORDS, {"deep": WORDS}])

    text = text_of(admin.get("/console/log"))

    assert "code: welfare_check" in text and "spoilt: (text, not shown)" in text and "heron" not in text


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"event": "message:received"}, {"message:received"}),
        ({"actor": "family"}, {"message:received", "concern:opened", "concern:words_added", "concern:enriched"}),
        ({"event": "message:received", "actor": "system"}, set()),
        ({"first": "2020-01-01", "last": "2020-12-31"}, set()),
        ({"reference": "ABC-4KQ7"}, set()),
    ],
)
def test_the_log_is_filtered(admin, concern, asked, found):
    concern(WORDS, prison="LEI")

    shown = set(events(admin.get("/console/log?" + "&".join(f"{name}={value}" for name, value in asked.items()))))

    assert shown <= found and bool(shown) == bool(found)


def test_the_log_is_filtered_by_a_concern_and_by_one_of_staff(admin, concern, sign_in):
    first, second = concern(WORDS, prison="LEI"), concern("she is not safe", prison="LEI")
    bea = sign_in("LEI", name="Bea Example")
    bea.get(f"/console/concerns/{second.reference}")

    by_concern = admin.get(f"/console/log?reference={first.reference.lower()}")
    by_person = admin.get(f"/console/log?actor=staff:{bea.staff_id}")

    assert "concern:opened" in events(by_concern) and second.reference not in text_of(by_concern)
    assert {"staff:signed_in", "concern:viewed_by_staff"} < set(events(by_person))
    assert "concern:opened" not in events(by_person)


def test_days_are_those_of_a_uk_wall(admin):
    with unit_of_work() as session:
        a_message(session)
    with unit_of_work() as session:
        at = session.scalars(select(LogEntry.happened_at).order_by(LogEntry.id.desc()).limit(1)).one()
    today = at.astimezone(UK).date().isoformat()

    assert events(admin.get(f"/console/log?first={today}&last={today}"))


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "2026-3-1x", "9999-12-31", "0001-01-01", "20260301"])
def test_a_day_that_is_none_is_refused_in_words(admin, day):
    page = admin.get(f"/console/log?first={day}", status=400)

    assert "Enter a day such as 2026-03-01" in text_of(page)


def test_older_and_newer_lines_come_in_pages_of_fifty_and_none_is_left_out(admin):
    with unit_of_work() as session:
        for _ in range(120):
            record(session, LogEvent.MESSAGE_RECEIVED, actor="family")
    path, seen = "/console/log?event=message:received", []
    page = admin.get(path)
    while True:
        seen += numbers(page)
        older = page.select_one(".govuk-pagination__next a")
        if older is None:
            break
        page = admin.get(older["href"])

    assert len(seen) == len(set(seen)) == 120 and seen == sorted(seen, reverse=True)
    newer = admin.get(page.select_one(".govuk-pagination__prev a")["href"])
    assert numbers(newer) == seen[50:100]


@pytest.mark.parametrize("query", ["before=99999999999999999999", "after=x", "before=-1", "actor=%00", "event=none"])
def test_what_nobody_would_ask_for_breaks_nothing(admin, query):
    admin.get(f"/console/log?{query}")


def test_looking_at_the_log_is_a_line_in_it(admin, log):
    admin.get("/console/log?event=staff:added")

    assert [row.details["list"] for row in log("staff:viewed_list") if row.details["list"] == "log"] == ["log"]


def test_the_log_is_verified_by_the_worker_and_the_page_shows_the_result(admin, concern, log):
    concern(WORDS, prison="LEI")
    assert "not yet read" in text_of(admin.get("/console/log"))

    page = admin.post("/console/log/verify")
    assert "It is being read now" in text_of(page) and not page.select("form[action$='verify']")
    assert "Nothing was started a second time" in text_of(admin.post("/console/log/verify"))
    finish()

    text = text_of(admin.get("/console/log"))
    assert "Yes, as far as it could be checked." in text and "as Ada Example asked" in text
    assert [row.details["faults"] for row in log("log:verified")] == [0]
    assert len(log("log:verification_asked")) == 1


def test_a_log_that_was_changed_is_said_to_be_wrong(admin, database):
    with unit_of_work() as session:
        session.connection().exec_driver_sql("ALTER TABLE log_entry DISABLE TRIGGER ALL")
        session.connection().exec_driver_sql("UPDATE log_entry SET actor = 'family' WHERE id = 1")
    admin.post("/console/log/verify")
    finish()

    text = text_of(admin.get("/console/log"))
    assert "No: something is wrong." in text and "position 1: what is written there does not match its hash" in text


def test_a_reading_that_breaks_off_says_so_and_another_can_be_begun(admin, monkeypatch):
    admin.post("/console/log/verify")
    with monkeypatch.context() as broken:
        broken.setattr(verification, "verify", lambda *given: 1 / 0)
        with unit_of_work() as session:
            asked = verification.latest(session).id
        with pytest.raises(ZeroDivisionError):
            verification.run(asked)

    page = admin.get("/console/log")
    assert "The last reading broke off." in text_of(page) and page.select("form[action$='verify']")


def test_how_far_a_reading_has_come_is_kept_on_the_way(admin, monkeypatch):
    seen = []
    monkeypatch.setattr(verification, "SAYS_HOW_FAR_EVERY", 2)
    monkeypatch.setattr(verification, "verify", lambda rows, *given: seen.extend(how_far() for _ in rows) or 1 / 0)
    with unit_of_work() as session:
        for _ in range(5):
            record(session, LogEvent.MESSAGE_RECEIVED)
        verification.ask(session, admin.staff_id)
        asked = verification.latest(session).id
    with pytest.raises(ZeroDivisionError):
        verification.run(asked)

    assert {0, 2, 4} <= set(seen)


def how_far():
    with unit_of_work() as session:
        return verification.latest(session).rows_read


def finish():
    """The worker's real lane, until the reading that was asked for has ended."""
    end = monotonic() + 60
    with working("long"):
        while not has_ended():
            assert monotonic() < end, "the reading did not end"
            sleep(0.02)


def has_ended():
    with unit_of_work() as session:
        return verification.latest(session).state == "done"


def test_a_process_that_starts_with_another_file_says_which_once(database, log, monkeypatch):
    running_with.note_start("worker")
    running_with.note_start("worker")
    running_with.note_start("web")
    mark = running_with.file_mark
    monkeypatch.setattr(running_with, "file_mark", lambda name: "other" if name == "routing.yml" else mark(name))
    running_with.note_start("worker")

    rows = log("settings:changed")
    assert [row.details["process"] for row in rows] == ["worker", "web", "worker"]
    assert rows[-1].details["changed"] == ["routing.yml"]


def test_the_settings_are_shown_without_a_secret_and_with_what_changed(admin):
    running_with.note_start("worker")

    page = admin.get("/console/settings")

    text = text_of(page)
    assert "PUBLIC_URL http://localhost:8080" in text and "worker" in text and "data/routing.yml" in text
    for secret in (settings().secret_key, *settings().data_keys, settings().database_url):
        assert secret not in page.decode()


def test_a_mark_in_the_log_tells_nothing_of_a_secret(database, log):
    running_with.note_start("worker")

    (row,) = log("settings:changed")
    assert settings().data_keys[0] not in str(row.details) and "secret_key" not in row.details["marks"]
