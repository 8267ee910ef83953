"""The command `gateway`, as a person at a keyboard meets it."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import phone
import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session
from typer.testing import CliRunner, Result
from werkzeug.serving import make_server

from gateway import config
from gateway.audit.models import LogEntry
from gateway.cli import app
from gateway.conversations import service
from gateway.conversations.models import Message
from gateway.db import unit_of_work
from gateway.media.models import Media
from gateway.prisons.models import Prison
from gateway.staff.models import Staff
from gateway.staff.second_factor_models import SecondFactor
from gateway.wording import say
from tests.factories import a_message

GROUPS = [
    "concerns export",
    "messages export",
    "staff add",
    "staff reset-second-factor",
    "staff forgive-tries",
    "staff link-identity",
    "prisons load",
    "sms send-test",
    "keys new",
    "keys rotate",
    "keys check",
]
SINGLE = ["doctor", "migrate", "web", "worker", "actions"]


def gateway(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, list(arguments), input=typed)


def process(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """The command in a process of its own, with other settings."""
    command = [str(Path(sys.executable).parent / "gateway"), *arguments]
    return subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("command", ["", *GROUPS, *SINGLE])
def test_every_command_explains_itself(command: str) -> None:
    result = gateway(*command.split(), "--help")

    assert result.exit_code == 0
    assert "Usage" in result.output


# --- what is said when the surroundings are wrong ---


def test_a_missing_setting_is_named_in_one_sentence() -> None:
    result = process("concerns", "export", SECRET_KEY="")

    assert result.returncode == 2
    assert result.stderr.startswith("SECRET_KEY is not set")
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_database_that_is_away_is_named_without_its_password() -> None:
    result = process("concerns", "export", DATABASE_URL="postgresql://gateway:a-secret-word@127.0.0.1:9/family")

    assert result.returncode == 1
    assert "127.0.0.1:9/family does not answer" in result.stderr
    assert "a-secret-word" not in result.stderr
    assert "Traceback" not in result.stderr


def test_an_address_that_is_none_is_said_to_be_wrong() -> None:
    result = process("concerns", "export", DATABASE_URL="a database, please")

    assert result.returncode == 2
    assert "DATABASE_URL" in result.stderr


def test_a_database_without_tables_says_to_migrate(postgres: str) -> None:
    result = process("concerns", "export", DATABASE_URL=postgres)

    assert result.returncode == 1
    assert "gateway migrate" in result.stderr


# --- staff ---


def test_staff_are_added_with_a_password_typed_twice(database: str, session: Session) -> None:
    result = gateway(
        "staff", "add", "sam@prison.example", "--name", "Sam", "--prison", "LEI", "--prison", "mdi",
        typed="a long password\na long password\n",
    )  # fmt: skip

    added = session.scalars(select(Staff)).one()
    assert result.exit_code == 0, result.output
    assert "sees 2 prisons" in result.output
    assert {prison.id for prison in added.prisons} == {"LEI", "MDI"}
    assert not added.reads_unrouted
    assert "a long password" not in result.output + added.password


def test_who_lost_their_phone_may_set_up_another(database: str, session: Session) -> None:
    gateway("staff", "add", "sam@prison.example", "--name", "Sam", "--all-prisons", typed="a long password\n" * 2)
    assert "has set up no app" in gateway("staff", "reset-second-factor", "sam@prison.example").output
    with unit_of_work() as work:
        phone.give(work, "sam@prison.example")

    result = gateway("staff", "reset-second-factor", "Sam@prison.example")

    assert result.exit_code == 0, result.output
    assert "sets up the app anew" in result.output
    assert session.scalars(select(SecondFactor)).all() == []
    assert len(session.scalars(select(LogEntry).where(LogEntry.event == "staff:second_factor_reset")).all()) == 1


def test_an_account_of_the_organisation_is_linked_once(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway("staff", "add", "sam@prison.example", "--name", "Sam", "--all-prisons", typed="a long password\n" * 2)
    assert "are not set" in gateway("staff", "link-identity", "sam@prison.example", "a-1").output
    for name in ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"):
        monkeypatch.setenv(name, "https://sign-in.example")
    config.settings.cache_clear()

    results = [gateway("staff", "link-identity", "sam@prison.example", "a-1") for _ in range(2)]

    config.settings.cache_clear()
    assert [result.exit_code == 0 for result in results] == [True, False]
    assert "linked already" in results[1].output


@pytest.mark.parametrize("command", [["reset-second-factor"], ["link-identity"]])
def test_nobody_of_that_address_is_said(database: str, command: list[str]) -> None:
    result = gateway("staff", *command, "nobody@prison.example", *(["a-1"] if "link" in command[0] else []))

    assert result.exit_code != 0 and "Traceback" not in result.output


def test_two_different_passwords_are_asked_for_again(database: str, session: Session) -> None:
    typed = "a long password\na wrong password\na long password\na long password\n"
    result = gateway("staff", "add", "sam@prison.example", "--name", "Sam", "--all-prisons", typed=typed)

    assert result.exit_code == 0
    assert len(session.scalars(select(Staff)).one().prisons) > 1


def test_a_password_can_come_from_a_pipe(database: str, session: Session) -> None:
    arguments = ["--name", "Sam", "--reads-unrouted", "--password-stdin"]
    result = gateway("staff", "add", "sam@prison.example", *arguments, typed="a long password\n")

    assert result.exit_code == 0, result.output
    assert session.scalars(select(Staff)).one().reads_unrouted


@pytest.mark.parametrize(
    ("more", "password", "said"),
    [
        (["--prison", "XXX"], "a long password", "XXX"),
        (["--all-prisons"], "short", "password"),
        ([], "a long password", "Say what they may see"),
    ],
)
def test_why_somebody_cannot_be_added_is_said(
    database: str, session: Session, more: list[str], password: str, said: str
) -> None:
    arguments = ["sam@prison.example", "--name", "Sam", "--password-stdin", *more]
    result = gateway("staff", "add", *arguments, typed=f"{password}\n")

    assert result.exit_code == 2
    assert said in result.output
    assert session.scalars(select(Staff)).all() == []


def add_sam(*more: str) -> Result:
    arguments = ["sam@prison.example", "--name", "Sam", "--password-stdin", *more]
    return gateway("staff", "add", *arguments, typed="a long password\n")


def test_roles_are_given_shown_and_changed(database: str, session: Session) -> None:
    assert (
        "as officer, analyst and sees 1 prison."
        in add_sam("--role", "analyst", "--role", "officer", "--prison", "LEI").output
    )
    assert "is officer, analyst and sees" in gateway("staff", "roles", "SAM@prison.example").output
    changed = gateway("staff", "roles", "sam@prison.example", "--role", "duty-manager")

    assert changed.exit_code == 0 and "is duty_manager and sees" in changed.output
    assert session.scalars(select(Staff)).one().roles == ["duty_manager"]


def test_an_administrator_needs_no_prison(database: str, session: Session) -> None:
    assert add_sam("--role", "administrator").exit_code == 0
    assert session.scalars(select(Staff)).one().roles == ["administrator"]


def test_somebody_is_kept_out_and_let_in_again(database: str, session: Session) -> None:
    add_sam("--all-prisons")
    before = session.scalars(select(Staff.fs_uniquifier)).one()

    assert "cannot sign in" in gateway("staff", "deactivate", "sam@prison.example").output
    assert session.execute(select(Staff.active, Staff.fs_uniquifier == before)).one() == (False, False)
    assert "can sign in" in gateway("staff", "activate", "sam@prison.example").output
    assert session.scalars(select(Staff.active)).one()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["roles", "sam@prison.example", "--role", "king"], "There is no role king. There are: officer,"),
        (["roles", "bob@prison.example"], "There is no member of staff with the address bob@prison.example."),
        (["deactivate", "bob@prison.example"], "There is no member of staff"),
    ],
)
def test_what_cannot_be_done_with_staff_is_said(database: str, arguments: list[str], said: str) -> None:
    add_sam("--all-prisons")

    result = gateway("staff", *arguments)

    assert result.exit_code == 2 and said in result.output


# --- prisons ---


def test_prisons_are_loaded_as_often_as_one_likes(database: str, session: Session) -> None:
    before = len(session.scalars(select(Prison)).all())
    assert gateway("prisons", "load").exit_code == 0
    assert gateway("prisons", "load").exit_code == 0

    assert len(session.scalars(select(Prison)).all()) == before


def test_a_file_of_prisons_that_is_not_there_is_named(database: str) -> None:
    result = gateway("prisons", "load", "/nowhere/prisons.csv")

    assert result.exit_code == 2
    assert "/nowhere/prisons.csv" in result.output


def test_a_bad_file_of_prisons_changes_nothing_and_says_why(database: str, tmp_path: Path, session: Session) -> None:
    bad = tmp_path / "prisons.csv"
    bad.write_text("name,colour\nLeeds,blue\n", encoding="utf-8")
    result = gateway("prisons", "load", str(bad))

    assert result.exit_code == 2
    assert "prisons.csv" in result.output
    assert session.get(Prison, "LEI") is not None


# --- trying the text message channel ---


@pytest.fixture
def served(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The web application, listening on a port of its own."""
    from web import create_app

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    monkeypatch.setenv("WEB_PORT", str(port))
    monkeypatch.setenv("PUBLIC_URL", "https://gateway.example.org")
    config.settings.cache_clear()
    server = make_server("127.0.0.1", port, create_app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.shutdown()
    thread.join()
    monkeypatch.undo()
    config.settings.cache_clear()


def test_a_test_text_goes_through_the_webhook_as_twilios_would(served: str, session: Session) -> None:
    result = gateway("sms", "send-test", "+447700900001", "hello", "--wait", "0", "--sid", "SM42")

    message = session.scalars(select(Message)).one()
    assert result.exit_code == 0, result.output
    assert "The service answered 200." in result.output
    assert "sms.jsonl" in result.output
    assert (message.text, message.provider_id) == ("hello", "SM42")


def test_a_test_text_shows_the_reply(served: str) -> None:
    result = gateway("sms", "send-test", "+447700900001", "HELP")

    assert say("sms.help") in result.output


def test_a_test_text_that_was_sent_before_says_that_nothing_is_new(served: str) -> None:
    gateway("sms", "send-test", "+447700900001", "HELP", "--sid", "SM1")
    result = gateway("sms", "send-test", "+447700900001", "HELP", "--sid", "SM1")

    assert say("sms.help") not in result.output
    assert "had this message before" in result.output


def test_a_test_text_without_a_worker_says_that_no_answer_came(served: str) -> None:
    result = gateway("sms", "send-test", "+447700900001", "hello", "--wait", "0.3")

    assert result.exit_code == 0
    assert "No answer within 0.3 s" in result.output


def test_a_test_text_can_carry_pictures(served: str, session: Session) -> None:
    arguments = ["--media-url", "https://a.example/1.jpg", "--media-url", "https://a.example/2.jpg", "--wait", "0"]
    gateway("sms", "send-test", "+447700900001", "", *arguments)

    kept = session.scalars(select(Media.url).order_by(Media.position)).all()
    assert kept == ["https://a.example/1.jpg", "https://a.example/2.jpg"]


def test_a_test_text_to_a_service_with_another_key_says_so(served: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "another one")
    config.settings.cache_clear()
    result = gateway("sms", "send-test", "+447700900001", "hello", "--wait", "0")

    assert result.exit_code == 1
    assert "answered 403" in result.output
    assert "SECRET_KEY" in result.output


def test_a_test_text_to_no_service_says_what_to_start(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_PORT", "9")
    config.settings.cache_clear()
    result = gateway("sms", "send-test", "+447700900001", "hello", "--wait", "0")
    monkeypatch.undo()
    config.settings.cache_clear()

    assert result.exit_code == 1
    assert "Start the service" in result.output


@pytest.mark.parametrize("number", ["07700900001", "+0", "+44 7700 900001", "me"])
def test_a_number_in_another_form_is_said_to_be_wrong(number: str) -> None:
    result = gateway("sms", "send-test", number, "hello")

    assert result.exit_code == 2
    assert "+447700900001" in result.output


# --- the doctor ---


def test_the_doctor_fails_while_processes_are_away_and_says_how_to_start_them(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, address in (("RASA_URL", "http://127.0.0.1:9"), ("ACTIONS_URL", "http://127.0.0.1:9"), ("WEB_PORT", "9")):
        monkeypatch.setenv(name, address)
    config.settings.cache_clear()
    result = gateway("doctor")
    monkeypatch.undo()
    config.settings.cache_clear()

    assert result.exit_code == 1
    for start in ("gateway web", "gateway worker", "gateway actions", "make run"):
        assert start in result.output
    assert "ok    The tables are up to date" in result.output
    assert "ok    data/wording.yml loads." in result.output
    assert "ok    data/shifts.yml has 2 shifts." in result.output


def test_the_doctor_names_the_stand_ins_and_the_addresses_that_nobody_reads(database: str) -> None:
    result = gateway("doctor")

    assert "warn  Texts are not sent: the stand-in writes them to" in result.output
    assert "warn  Mail is not sent: the stand-in writes it to" in result.output
    assert "duty-desk@gateway.invalid" in result.output


def test_the_doctor_sees_the_web_process(served: str) -> None:
    assert f"ok    Web answers at {served}/health." in gateway("doctor").output


def test_the_doctor_says_how_staff_sign_in(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "ok    Staff sign in with a password and a code of their phone." in gateway("doctor").output

    monkeypatch.setenv("CONSOLE_SECOND_FACTOR", "off")
    monkeypatch.setenv("OIDC_ISSUER", "https://sign-in.example")
    config.settings.cache_clear()
    output = gateway("doctor").output

    config.settings.cache_clear()
    assert "warn  CONSOLE_SECOND_FACTOR is off" in output
    assert "FAIL  OIDC is set in part" in output


def test_the_doctor_says_for_what_nobody_has_decided_how_long_it_is_kept(database: str) -> None:
    output = gateway("doctor").output

    assert "ok    data/retention.yml has 12 kinds of data." in output
    assert "warn  data/retention.yml: nobody has decided how long concerns are kept" in output


def test_the_doctor_misses_prisons(database: str) -> None:
    with unit_of_work() as session:
        session.execute(delete(Prison))

    assert "FAIL  No prisons are loaded. Run: gateway prisons load" in gateway("doctor").output


def test_the_doctor_goes_on_without_a_database_and_hides_its_password() -> None:
    result = process("doctor", DATABASE_URL="postgresql://gateway:a-secret-word@127.0.0.1:9/family")

    assert result.returncode == 1
    assert "FAIL  The database at" in result.stdout
    assert "data/wording.yml loads" in result.stdout
    assert "a-secret-word" not in result.stdout + result.stderr


def test_the_doctor_finds_a_twilio_that_is_set_in_part() -> None:
    result = process("doctor", TWILIO_ACCOUNT_SID="AC1", DATABASE_URL="postgresql://127.0.0.1:9/family")

    assert "FAIL  Twilio is set in part" in result.stdout


def test_migrating_an_up_to_date_database_changes_nothing(database: str) -> None:
    result = gateway("migrate")

    assert result.exit_code == 0
    assert "up to date" in result.output


def test_retry_puts_each_waiting_message_on_the_queue_again(database: str) -> None:
    with unit_of_work() as session:
        message = a_message(session)
        service.hold(session, message.id, service.Reply("please wait"))
        session.execute(text("DELETE FROM procrastinate_jobs"))

    result = gateway("messages", "retry")

    assert result.exit_code == 0 and "1 messages are tried again" in result.output
    with unit_of_work() as session:
        jobs = session.execute(text("SELECT task_name, lock, args FROM procrastinate_jobs")).all()
    assert jobs == [("conversations:converse", f"conversation-{message.conversation_id}", {"message_id": message.id})]
