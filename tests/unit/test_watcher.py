"""When the alarm goes off, and that it does so whatever else is broken."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import config
from gateway.path import alarm, certificate, checks, looking, watcher
from gateway.path.alarm import Alarm
from gateway.path.checks import Check, Clock
from gateway.path.looking import Looking
from gateway.path.probe import Outcome
from gateway.path.standing import REPEATED_EVERY, STARTING, TRIED_AGAIN_AFTER, Standing

START = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
PATIENCE = timedelta(seconds=45)
WORKER = Check("worker", lambda: None, PATIENCE)
MAIL = Check("mail", lambda: None, PATIENCE)
SOMETHING = Alarm("wrong", ["worker"], "ALARM", "No worker.", "ALARM: worker")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@pytest.fixture
def standing(tmp_path: Path) -> Standing:
    return Standing(tmp_path / "watcher.json", START - timedelta(hours=1))


# ----- when it goes off -----


@given(rounds=st.lists(st.booleans(), min_size=1, max_size=200))
def test_nobody_is_woken_early_and_nobody_sleeps_on(rounds: list[bool]) -> None:
    """Told exactly while it is wrong for longer than the patience, and of each end of what was told."""
    standing = Standing(Path("/nowhere"), START - timedelta(hours=1))
    wrong_for, is_told, last_told = -1, False, None
    for number, wrong in enumerate(rounds):
        moment = at(10 * number)
        due = standing.advance([WORKER], {"worker": "It is away." if wrong else None}, moment)
        wrong_for = wrong_for + 1 if wrong else -1
        should = wrong and 10 * wrong_for >= 45 and (last_told is None or moment - last_told >= REPEATED_EVERY)
        assert due.wrong == (["worker"] if should else [])
        assert due.well == (["worker"] if not wrong and is_told else [])
        if due.wrong:
            standing.told(due.wrong, moment, somebody=True)
            is_told, last_told = True, moment
        if not wrong:
            is_told, last_told = False, None


def test_whom_nobody_could_be_told_is_tried_again_soon(standing: Standing) -> None:
    standing.advance([WORKER], {"worker": "away"}, at(0))
    assert standing.advance([WORKER], {"worker": "away"}, at(50)).wrong == ["worker"]
    standing.told(["worker"], at(50), somebody=False)

    assert standing.advance([WORKER], {"worker": "away"}, at(100)).wrong == []
    assert standing.advance([WORKER], {"worker": "away"}, at(50) + TRIED_AGAIN_AFTER).wrong == ["worker"]


def test_while_everything_starts_nobody_is_woken(tmp_path: Path) -> None:
    standing = Standing(tmp_path / "watcher.json", START)
    standing.advance([WORKER], {"worker": "away"}, START)

    assert standing.advance([WORKER], {"worker": "away"}, START + STARTING - timedelta(seconds=1)).wrong == []
    assert standing.advance([WORKER], {"worker": "away"}, START + STARTING).wrong == ["worker"]
    assert timedelta(seconds=110) > STARTING, "or a stop at the start would be told too late"


def test_a_clock_that_is_set_back_puts_no_alarm_off(standing: Standing) -> None:
    standing.advance([WORKER, MAIL], {"worker": "away", "mail": "away"}, at(0))
    standing.advance([WORKER], {"worker": "away"}, at(50))
    standing.told(["worker"], at(50), somebody=True)
    day_before = at(-86400)

    assert standing.advance([WORKER, MAIL], {"worker": "away", "mail": "away"}, day_before).wrong == ["worker"]
    standing.told(["worker"], day_before, somebody=True)
    assert standing.advance([WORKER, MAIL], {"worker": "away", "mail": "away"}, day_before + STARTING).wrong == ["mail"]


def test_what_cannot_be_seen_stays_as_it_was(standing: Standing) -> None:
    standing.advance([WORKER], {"worker": "away"}, at(0))

    due = standing.advance([WORKER], {}, at(20))
    assert (due.wrong, due.well) == ([], [])
    assert standing.advance([WORKER], {"worker": "away"}, at(45)).wrong == ["worker"]


def test_a_restart_forgets_nothing(standing: Standing, tmp_path: Path) -> None:
    standing.advance([WORKER, MAIL], {"worker": "away", "mail": "away"}, at(0))
    standing.told(["worker"], at(50), somebody=True)
    standing.save(at(50))

    again = Standing(tmp_path / "watcher.json", START - timedelta(hours=1))
    assert again.wrong == standing.wrong
    assert again.advance([WORKER, MAIL], {"worker": "away", "mail": "away"}, at(60)).wrong == ["mail"]


@pytest.mark.parametrize("kept", ["", "no json", "[]", '{"wrong": {"worker": {"since": "soon"}}}'])
def test_a_spoilt_file_keeps_no_watcher_from_starting(tmp_path: Path, kept: str) -> None:
    (tmp_path / "watcher.json").write_text(kept)

    assert Standing(tmp_path / "watcher.json", START).wrong == {}


def test_a_disk_that_takes_no_file_does_not_stop_the_watcher(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    Standing(tmp_path / "file" / "watcher.json", START).save(START)  # raises nothing


# ----- looking -----


def test_a_check_that_hangs_delays_no_other_and_counts_as_wrong() -> None:
    goes_on, looks = threading.Event(), []
    hung = Check("rasa", lambda: looks.append(1) or goes_on.wait(30) or None)  # type: ignore[func-returns-value]
    eyes = Looking([hung, WORKER], deadline=0.05)
    began = time.monotonic()

    for _ in range(3):
        found = eyes.look()
        assert "not come back" in str(found["rasa"]) and found["worker"] is None
    assert time.monotonic() - began < 5 and looks == [1], "it is asked once, not once more in each round"
    goes_on.set()


def test_a_check_that_breaks_counts_as_wrong() -> None:
    def broken() -> None:
        raise RuntimeError("a secret")

    found = Looking([Check("worker", broken)]).look()["worker"]
    assert "RuntimeError" in str(found) and "a secret" not in str(found)


def test_without_the_database_only_its_own_check_is_wrong() -> None:
    away = Check("database", lambda: "It is away.")
    blind = Check("worker", lambda: "It is away.", needs_database=True)

    assert Looking([away, blind, MAIL]).look() == {"database": "It is away.", "mail": None}
    assert Looking([Check("database", lambda: None), blind]).look()["worker"] == "It is away."


def test_what_need_not_be_looked_at_in_each_round_keeps_what_was_seen() -> None:
    looks: list[int] = []
    eyes = Looking([Check("certificate", lambda: looks.append(1) or "It ends.", every=600)])  # type: ignore[func-returns-value]

    assert [eyes.look()["certificate"] for _ in range(3)] == ["It ends."] * 3
    assert looks == [1]


@pytest.mark.parametrize("step", [-3600, 11])
def test_a_clock_that_jumps_is_told_for_a_while(step: int) -> None:
    passed, jumped = [100.0], [0.0]
    clock = Clock(lambda: at(passed[0] + jumped[0]), lambda: passed[0])

    assert clock.look() is None
    passed[0], jumped[0] = 160.0, step
    assert f"{step:+}" in str(clock.look())
    passed[0] += 299
    assert clock.look() is not None
    passed[0] += 2
    assert clock.look() is None


def test_a_clock_that_is_kept_right_by_small_steps_is_well() -> None:
    passed, jumped = [100.0], [0.0]
    clock = Clock(lambda: at(passed[0] + jumped[0]), lambda: passed[0])
    passed[0], jumped[0] = 3700.0, 0.8

    assert clock.look() is None


def test_every_check_has_its_sentences_and_is_told_within_two_minutes() -> None:
    from gateway.wording import choices, say

    for check in checks.all_checks():
        assert say(f"alarms.{check.name}.title") and say(f"alarms.{check.name}.well")
        longest = check.patience.total_seconds() + check.every + watcher.ROUND_SECONDS + looking.DEADLINE_SECONDS
        # A certificate ends in days; the mail server is asked less often, so as not to be a burden to it.
        assert longest <= 120 or check.name == "certificate", check.name
    assert {check.name for check in checks.all_checks()} == set(choices("alarms"))
    assert 60 * checks.LATE_INTERVALS + watcher.ROUND_SECONDS + looking.DEADLINE_SECONDS <= 120


# ----- telling -----


@pytest.fixture
def channels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """All three channels are set; what each is given is kept."""
    given: dict[str, list[Any]] = {"email": [], "sms": [], "url": []}
    values = {"VAR_DIR": str(tmp_path), "ALARM_EMAIL": "o@x.example", "ALARM_SMS": "+447700900111", "ALARM_URL": "x"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)

    class Provider:
        def __init__(self, name: str) -> None:
            self.name = name

        def send(self, delivery: Any) -> str:
            given[self.name].append(delivery)
            return "1"

    monkeypatch.setattr(alarm, "email_provider", lambda: Provider("email"))
    monkeypatch.setattr(alarm, "sms_provider", lambda: Provider("sms"))
    monkeypatch.setattr(alarm, "_post", given["url"].append)
    config.settings.cache_clear()
    yield given
    monkeypatch.undo()
    config.settings.cache_clear()


def _broken() -> Any:
    raise OSError("away")


def test_every_channel_that_is_set_is_told(channels: dict[str, list[Any]], tmp_path: Path) -> None:
    assert alarm.raise_alarm(SOMETHING)

    assert [len(found) for found in channels.values()] == [1, 1, 1]
    assert channels["sms"][0].body == "ALARM: worker" and channels["email"][0].body == "No worker."
    assert json.loads((tmp_path / "alarms.jsonl").read_text())["checks"] == ["worker"]


def test_a_channel_that_fails_keeps_none_of_the_others_from_being_used(
    channels: dict[str, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarm, "email_provider", _broken)

    assert alarm.raise_alarm(SOMETHING)
    assert len(channels["sms"]) == len(channels["url"]) == 1


def test_it_is_known_when_no_channel_took_it(channels: dict[str, list[Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("email_provider", "sms_provider", "_post"):
        monkeypatch.setattr(alarm, name, lambda *given: _broken())

    assert not alarm.raise_alarm(SOMETHING)


def test_a_full_disk_keeps_nobody_from_being_told(channels: dict[str, list[Any]], tmp_path: Path) -> None:
    (tmp_path / "alarms.jsonl").mkdir()

    assert alarm.raise_alarm(SOMETHING)
    assert len(channels["email"]) == 1


def test_two_alarms_are_two_mails(channels: dict[str, list[Any]]) -> None:
    alarm.raise_alarm(SOMETHING)
    alarm.raise_alarm(SOMETHING)

    assert len({delivery.id for delivery in channels["email"]}) == 2, "or a mail server takes the second for the first"


# ----- the synthetic message's turn -----


def test_a_probe_each_minute_and_the_next_sooner_after_one_that_failed() -> None:
    outcomes, begun = [Outcome("late"), Outcome(), Outcome()], []

    def send(patience: float) -> Outcome:
        begun.append(patience)
        return outcomes.pop(0)

    probing = watcher.Probing(60, send)
    numbers = []
    for seconds in (0, 9, 2, 20, 39, 2):
        if probing._begun_at is not None:
            probing._begun_at -= seconds
        probing.tend()
        probing._under_way.result(5)  # type: ignore[union-attr]
        numbers.append(len(begun))
    assert numbers == [1, 1, 2, 2, 2, 3] and set(begun) == {45}


def test_a_probe_that_hangs_for_good_ends_the_process_so_that_a_new_one_is_started() -> None:
    goes_on = threading.Event()
    probing = watcher.Probing(0.01, lambda patience: goes_on.wait(30) or Outcome())  # type: ignore[arg-type, return-value]
    probing.tend()
    probing.tend()
    probing._begun_at -= 1  # type: ignore[operator]

    with pytest.raises(watcher.Stuck):
        probing.tend()
    goes_on.set()


# ----- settings and the certificate -----


@pytest.mark.parametrize("number", ["+447911123456", "07700900123", "+4477009001234", "+442079461000x", "x"])
def test_a_number_that_may_be_somebodys_is_refused(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    monkeypatch.setenv("PROBE_NUMBER", number)

    with pytest.raises(config.BadSetting, match="^PROBE_NUMBER"):
        config.Settings.from_env()


@pytest.mark.parametrize(("days", "wrong"), [(6.9, True), (-1, True), (7.1, False), (90, False)])
def test_a_certificate_is_told_a_week_before_it_ends(monkeypatch: pytest.MonkeyPatch, days: float, wrong: bool) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://gateway.example.org")
    config.settings.cache_clear()
    monkeypatch.setattr(certificate, "_ends", lambda host, port, context: certificate.now() + timedelta(days=days))
    found = certificate.look()
    monkeypatch.undo()
    config.settings.cache_clear()

    assert bool(found) is wrong
