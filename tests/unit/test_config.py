"""The settings: read once, from the environment, with nothing secret shown."""

import re
from dataclasses import MISSING, fields
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from typer.testing import CliRunner

from gateway import config
from gateway.cli import app
from gateway.config import BadSetting, MissingSetting, Settings

KEY = Fernet.generate_key().decode()
ROOT = Path(config.__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the developer's own .env out of it."""
    monkeypatch.setattr(config, "load_dotenv", lambda path: False)


def offered() -> set[str]:
    """The variables that .env.example lists."""
    return set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))


def asked_for(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The variables that the settings really ask for when they are read."""
    names: set[str] = set()

    def noted(name: str, default: str = "") -> str:
        names.add(name)
        return default or {"SECRET_KEY": "x", "DATA_KEYS": KEY, "PUBLIC_URL": "http://localhost"}.get(name, "")

    monkeypatch.setattr(config, "_from", noted)
    Settings.from_env()
    return names


def test_env_example_lists_exactly_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert offered() == asked_for(monkeypatch)


def test_env_example_explains_every_variable() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()

    explained = False
    for line in lines:
        assert not line or line.startswith("#") or explained, f"{line} stands without a comment above it"
        explained = bool(line)


def test_env_example_offers_the_same_values_as_the_settings_have_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    given = dict(re.findall(r"^([A-Z_]+)=(.+)$", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    for name in offered():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SECRET_KEY", "x")
    monkeypatch.setenv("DATA_KEYS", KEY)
    by_themselves = Settings.from_env()
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    assert Settings.from_env() == by_themselves


def test_env_example_holds_no_secret() -> None:
    given = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))

    secrets = ("SECRET_KEY", "DATA_KEYS", "DATABASE_URL", "TWILIO_AUTH_TOKEN", "SMTP_URL", "LOG_KEY")
    assert {given[name] for name in secrets} == {""}


@pytest.mark.parametrize("value", [None, "", "   "])
def test_without_a_secret_key_nothing_starts_and_the_message_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    if value is None:
        monkeypatch.delenv("SECRET_KEY", raising=False)
    else:
        monkeypatch.setenv("SECRET_KEY", value)

    with pytest.raises(MissingSetting, match=r"SECRET_KEY.*\.env\.example"):
        Settings.from_env()


def test_without_data_keys_nothing_starts_and_the_message_says_where_one_comes_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATA_KEYS", " ")

    with pytest.raises(MissingSetting, match="^DATA_KEYS is not set.*gateway keys new"):
        Settings.from_env()


@pytest.mark.parametrize(
    "wrong",
    ["soon", KEY[:-2], f"{KEY},{KEY}", f"{KEY} x", "é" * 44],
    ids=["a word", "cut off", "with a comma", "with more behind it", "other letters"],
)
def test_what_is_no_data_key_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("DATA_KEYS", wrong)

    with pytest.raises(BadSetting, match="^DATA_KEYS holds what is no key") as refused:
        Settings.from_env()
    assert wrong not in str(refused.value)


def test_several_data_keys_are_read_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    newer = Fernet.generate_key().decode()
    monkeypatch.setenv("DATA_KEYS", f"{newer}  {KEY}")

    assert Settings.from_env().data_keys == (newer, KEY)


@pytest.mark.parametrize("command", ["web", "worker", "run"])
def test_a_process_names_all_that_is_missing_at_once(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setenv("SECRET_KEY", "")
    monkeypatch.setenv("TWILIO_NUMBER", "+447700900000")
    config.settings.cache_clear()
    try:
        result = CliRunner().invoke(app, [command])
    finally:
        config.settings.cache_clear()

    assert result.exit_code == 2
    assert "SECRET_KEY, TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN are not set" in result.stderr


def test_families_are_not_served_with_half_of_twilio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC1")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "t")

    with pytest.raises(MissingSetting, match="^TWILIO_NUMBER is not set"):
        config.complete_settings()


def test_no_secret_has_a_default() -> None:
    hidden = {f.name: f.default for f in fields(Settings) if not f.repr}

    assert {hidden.pop("secret_key"), hidden.pop("data_keys")} == {MISSING} and set(hidden.values()) == {""}


@pytest.mark.parametrize("name", ["WEB_PORT", "HOLDING_AFTER", "CHAT_WAIT"])
@pytest.mark.parametrize("value", ["soon", "-1", "1e3", "nan", "8080x", "٣"])
def test_what_is_no_number_is_named_with_its_variable(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(MissingSetting, match=rf"^{name} is '{value}'.*such as \d"):
        Settings.from_env()


@pytest.mark.parametrize("value", ["80.5", "65536"])
def test_a_port_that_cannot_be_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("WEB_PORT", value)

    with pytest.raises(BadSetting, match="^WEB_PORT"):
        Settings.from_env()


def test_times_may_be_parts_of_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOLDING_AFTER", "0.5")

    assert Settings.from_env().holding_after == 0.5


def test_no_secret_is_shown_when_the_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {"SECRET_KEY": "s1-key", "DATABASE_URL": "postgresql://u:s2-word@h/d", "TWILIO_AUTH_TOKEN": "s3-token"}
    secrets |= {"SMTP_URL": "smtp://u:s4-word@h", "LOG_KEY": "s5-key", "DATA_KEYS": KEY}
    secrets |= {"DEADMAN_URL": "https://h/s6-ping", "ALARM_URL": "https://h/s7-hook"}
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)

    shown = repr(Settings.from_env())
    marks = ("s1-key", "s2-word", "s3-token", "s4-word", "s5-key", "s6-", "s7-", KEY)
    assert not any(value in shown for value in marks)


def test_an_address_given_with_a_slash_at_its_end_is_used_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://gateway.example.org/")

    assert Settings.from_env().public_url == "https://gateway.example.org"


@pytest.mark.parametrize("missing", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_NUMBER"])
def test_twilio_counts_as_set_only_when_all_of_it_is(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_NUMBER"):
        monkeypatch.setenv(name, "given")
    assert Settings.from_env().twilio_is_set

    monkeypatch.setenv(missing, "")
    assert not Settings.from_env().twilio_is_set


def test_keys_for_different_purposes_differ_and_stay_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "one")
    one = Settings.from_env()
    monkeypatch.setenv("SECRET_KEY", "two")
    two = Settings.from_env()

    assert one.derived_key("sessions") == one.derived_key("sessions")
    assert len({one.derived_key("sessions"), one.derived_key("chat token"), two.derived_key("sessions")}) == 3


def test_the_log_is_sealed_with_its_own_key_or_else_one_that_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "one")
    monkeypatch.setenv("LOG_KEY", "")
    derived = Settings.from_env().chain_key
    monkeypatch.setenv("LOG_KEY", "the logs own")

    assert Settings.from_env().chain_key == b"the logs own"
    assert len(derived) == 64


def test_the_sms_webhook_is_signed_with_twilios_token_or_else_a_key_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "")
    stand_in = Settings.from_env().sms_signing_key
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "twilios")

    assert Settings.from_env().sms_signing_key == "twilios"
    assert len(stand_in) == 64


def test_while_the_token_is_changed_both_sign_what_comes_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "new")
    assert Settings.from_env().sms_signing_keys == ("new",)

    monkeypatch.setenv("TWILIO_AUTH_TOKEN_PREVIOUS", "s5-token")
    assert Settings.from_env().sms_signing_keys == ("new", "s5-token")
    assert "s5-token" not in repr(Settings.from_env())


def test_only_the_settings_read_variables_of_the_environment() -> None:
    """Others may hand the whole of it to a process that they start, or set a variable for it."""
    reads = re.compile(r"getenv\(|environ\.get\(|environ\[[^]]+\](?! *=[^=])")
    readers = [
        str(path.relative_to(ROOT))
        for folder in ("gateway", "web", "actions")
        for path in (ROOT / folder).rglob("*.py")
        if "node_modules" not in path.parts and reads.search(path.read_text(encoding="utf-8"))
    ]

    assert readers == ["gateway/config.py"]
