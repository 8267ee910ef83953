"""The settings: read once, from the environment, with nothing secret shown."""

import re
from pathlib import Path

import pytest

from gateway import config
from gateway.config import BadSetting, MissingSetting, Settings

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
        return default or {"SECRET_KEY": "x", "PUBLIC_URL": "http://localhost"}.get(name, "")

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
    by_themselves = Settings.from_env()
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    assert Settings.from_env() == by_themselves


def test_env_example_holds_no_secret() -> None:
    given = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))

    assert {given[name] for name in ("SECRET_KEY", "DATABASE_URL", "TWILIO_AUTH_TOKEN", "SMTP_URL")} == {""}


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
    secrets["SMTP_URL"] = "smtp://u:s4-word@h"
    secrets |= {"DEADMAN_URL": "https://h/s5-ping", "ALARM_URL": "https://h/s6-hook"}
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)

    shown = repr(Settings.from_env())
    assert not any(value in shown for value in ("s1-key", "s2-word", "s3-token", "s4-word", "s5-", "s6-"))


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


def test_the_sms_webhook_is_signed_with_twilios_token_or_else_a_key_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "")
    stand_in = Settings.from_env().sms_signing_key
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "twilios")

    assert Settings.from_env().sms_signing_key == "twilios"
    assert len(stand_in) == 64


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
