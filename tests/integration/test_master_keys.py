"""The keys of DATA_KEYS: changed while the service runs, and missed loudly."""

import subprocess
import sys

import pytest
from cryptography.fernet import Fernet
from factories import a_message
from sqlalchemy import select
from typer.testing import CliRunner, Result

from gateway import config, db
from gateway.cli import app
from gateway.commands import checks, rasa
from gateway.config import ROOT
from gateway.conversations.models import Conversation, Message
from gateway.conversations.service import Inbound, accept
from gateway.db import unit_of_work
from gateway.privacy import vault


def keys(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["keys", *arguments])


def use_keys(monkeypatch: pytest.MonkeyPatch, *given: str) -> None:
    monkeypatch.setenv("DATA_KEYS", " ".join(given))
    config.settings.cache_clear()
    vault.forget()


@pytest.fixture
def old(database: str) -> str:
    """The master key that a message was kept under."""
    with unit_of_work() as session:
        a_message(session, "hello")
    return config.settings().data_keys[0]


def test_after_a_rotation_the_old_key_is_needed_no_more(old: str, monkeypatch: pytest.MonkeyPatch) -> None:
    new = keys("new").output.strip()
    use_keys(monkeypatch, new, old)
    assert "0 data keys open with the newest key of DATA_KEYS, 1 with an older one" in keys("check").output
    first, again = keys("rotate"), keys("rotate")
    use_keys(monkeypatch, new)

    assert first.output.startswith("1 data keys") and again.output.startswith("0 data keys")
    assert "1 data keys open with the newest" in keys("check").output
    with unit_of_work() as session:
        assert session.scalars(select(Message.text)).one() == "hello"


def test_a_rotation_goes_on_while_somebody_writes(old: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use_keys(monkeypatch, Fernet.generate_key().decode(), old)
    with db._sessions()() as writer:
        message = writer.scalars(select(Message)).one()
        accept(writer, writer.get_one(Conversation, message.conversation_id), Inbound("and more"))
        assert keys("rotate").output.startswith("1 data keys")
        writer.commit()

    with unit_of_work() as session:
        assert session.scalars(select(Message.text).order_by(Message.id)).all() == ["hello", "and more"]


def test_without_the_right_master_key_every_command_says_what_to_do(old: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use_keys(monkeypatch, Fernet.generate_key().decode())

    for command in (["messages", "export"], ["keys", "rotate"], ["migrate"]):
        result = CliRunner().invoke(app, command)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("DATA_KEYS does not hold the key")
    checked = keys("check")
    assert checked.exit_code == 1 and "1 open with none" in checked.stderr


def test_doctor_says_when_a_key_is_missing(old: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [finding.level for finding in checks.database_answers() if "DATA_KEYS" in finding.text] == ["ok"]
    use_keys(monkeypatch, Fernet.generate_key().decode())

    assert [finding.level for finding in checks.database_answers() if "DATA_KEYS" in finding.text] == ["fail"]


def test_rasa_is_not_given_the_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_KEYS", config.settings().data_keys[0])

    assert not {"DATA_KEYS", "SECRET_KEY"} & set(rasa.environment()) and "PATH" in rasa.environment()


def test_two_processes_read_each_other(old: str, database: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "messages", "export"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )

    assert '"text": "hello"' in done.stdout, done.stderr
