"""The only reader of the environment: every process asks `settings()` for its configuration."""

import hashlib
import hmac
import os
import re
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import NoReturn

from dotenv import load_dotenv

ROOT = Path(__file__).resolve().parent.parent


class MissingSetting(Exception):
    """A variable without which the service must not start; the message says which and what to do."""


class BadSetting(MissingSetting):
    """A variable whose value cannot be used; the message says which and what it should be."""


def _from(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


SECRETS = ("SECRET_KEY", "DATA_KEYS")
TWILIO = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_NUMBER")


def _missing() -> list[str]:
    """What has no default and is not set. Without all of Twilio's the stand-in serves; with some, nothing would."""
    twilio = [name for name in TWILIO if not _from(name)]
    return [name for name in SECRETS if not _from(name)] + (twilio if len(twilio) < len(TWILIO) else [])


def _refuse(missing: list[str]) -> NoReturn:
    verb = "is" if len(missing) == 1 else "are"
    raise MissingSetting(
        f"{', '.join(missing)} {verb} not set. Copy .env.example to .env (make setup does). SECRET_KEY is a long "
        "random value, DATA_KEYS what `gateway keys new` prints: lost, what families wrote is lost. Twilio's settings "
        "are given all or none."
    )


def _port(name: str, default: object) -> int:
    given = _from(name, str(default))
    if not re.fullmatch(r"[0-9]{1,5}", given) or int(given) > 65535:
        raise BadSetting(f"{name} is {given!r}, which is no port: give a whole number up to 65535, such as {default}.")
    return int(given)


def _seconds(name: str, default: object) -> float:
    return _amount(name, default, "no time: give a number of seconds")


def _amount(name: str, default: object, wanted: str = "no amount: give a number") -> float:
    given = _from(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", given):
        raise BadSetting(f"{name} is {given!r}, which is {wanted}, such as {default}.")
    return float(given)


def _keys(name: str) -> tuple[str, ...]:
    """Fernet keys, the newest first."""
    given = tuple(_from(name).split())
    # Fernet itself takes two keys with a comma between them for one.
    if not all(re.fullmatch(r"[A-Za-z0-9_-]{43}=", key) for key in given):
        raise BadSetting(
            f"{name} holds what is no key: give keys that `gateway keys new` printed, with spaces between."
        )
    return given


def _count(name: str, default: object) -> int:
    given = _from(name, str(default))
    if not re.fullmatch(r"[0-9]", given):
        raise BadSetting(f"{name} is {given!r}, which is no such number: give one from 0 to 9, such as {default}.")
    return int(given)


def _one_of(name: str, known: tuple[str, ...]) -> str:
    given = _from(name, known[0])
    if given not in known:
        raise BadSetting(f"{name} is {given!r}: give one of {', '.join(known)}.")
    return given


def _issuer(name: str) -> str:
    """What it says decides who comes in: nobody on the way may change it."""
    given = _from(name).rstrip("/")
    if given and not re.match(r"https://|http://(localhost|127\.0\.0\.1)(:|/|$)", given):
        raise BadSetting(f"{name} is {given!r}, which is not https: give one such as https://sign-in.example.org.")
    return given


def _nobodys_number(name: str, default: object) -> str:
    """A number that Ofcom keeps free for drama, so that no telephone has it.

    Ofcom: "Telephone numbers for use in TV and radio drama programmes".
    """
    given = _from(name, str(default))
    if not re.fullmatch(r"\+44(7700900|2079460)[0-9]{3}", given):
        raise BadSetting(f"{name} is {given!r}, which may be somebody's: give one kept free, such as {default}.")
    return given


@dataclass(frozen=True)
class Settings:
    """What the service needs to know of its surroundings. Secrets are hidden when printed."""

    secret_key: str = field(repr=False)
    data_keys: tuple[str, ...] = field(repr=False)
    database_url: str = field(default="", repr=False)
    public_url: str = "http://localhost:8080"
    web_host: str = "127.0.0.1"
    web_port: int = 8080
    web_serves: str = "all"
    console_idle: float = 1800.0
    console_longest: float = 43200.0
    console_second_factor: bool = True
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_roles_claim: str = ""
    oidc_prisons_claim: str = ""
    oidc_create: bool = False
    rasa_url: str = "http://127.0.0.1:5005"
    actions_url: str = "http://127.0.0.1:5055"
    twilio_account_sid: str = ""
    twilio_auth_token: str = field(default="", repr=False)
    twilio_auth_token_previous: str = field(default="", repr=False)
    twilio_number: str = ""
    twilio_api_url: str = "https://api.twilio.com"
    smtp_url: str = field(default="", repr=False)
    mail_from: str = "family-gateway@localhost"
    webhook_secret: str = field(default="", repr=False)
    alarm_email: str = ""
    widget_origins: tuple[str, ...] = ()
    trusted_proxies: int = 0
    holding_after: float = 30.0
    chat_wait: float = 5.0
    log_key: str = field(default="", repr=False)
    anchor_file: Path = ROOT / "var" / "anchors.jsonl"
    anchor_email: str = ""
    anchor_url: str = field(default="", repr=False)
    probe_number: str = "+442079460999"
    probe_every: float = 60.0
    path_late_after: float = 150.0
    alarm_sms: str = ""
    alarm_url: str = field(default="", repr=False)
    deadman_url: str = field(default="", repr=False)
    disk_least_mb: float = 500.0
    disk_least_percent: float = 5.0
    var_dir: Path = ROOT / "var"
    data_dir: Path = ROOT / "data"

    @classmethod
    def from_env(cls) -> "Settings":
        """Read the environment, after the file `.env` beside the project. Raises MissingSetting, BadSetting."""
        load_dotenv(ROOT / ".env")
        if not all(_from(name) for name in SECRETS):
            _refuse(_missing())
        defaults = {f.name: f.default for f in fields(cls)}
        return cls(
            secret_key=_from("SECRET_KEY"),
            data_keys=_keys("DATA_KEYS"),
            database_url=_from("DATABASE_URL"),
            public_url=_from("PUBLIC_URL", str(defaults["public_url"])).rstrip("/"),
            web_host=_from("WEB_HOST", str(defaults["web_host"])),
            web_port=_port("WEB_PORT", defaults["web_port"]),
            web_serves=_one_of("WEB_SERVES", ("all", "public", "console")),
            console_idle=_seconds("CONSOLE_IDLE", defaults["console_idle"]),
            console_longest=_seconds("CONSOLE_LONGEST", defaults["console_longest"]),
            console_second_factor=_one_of("CONSOLE_SECOND_FACTOR", ("on", "off")) == "on",
            oidc_issuer=_issuer("OIDC_ISSUER"),
            oidc_client_id=_from("OIDC_CLIENT_ID"),
            oidc_client_secret=_from("OIDC_CLIENT_SECRET"),
            oidc_roles_claim=_from("OIDC_ROLES_CLAIM"),
            oidc_prisons_claim=_from("OIDC_PRISONS_CLAIM"),
            oidc_create=_one_of("OIDC_CREATE", ("no", "yes")) == "yes",
            rasa_url=_from("RASA_URL", str(defaults["rasa_url"])),
            actions_url=_from("ACTIONS_URL", str(defaults["actions_url"])),
            twilio_account_sid=_from("TWILIO_ACCOUNT_SID"),
            twilio_auth_token=_from("TWILIO_AUTH_TOKEN"),
            twilio_auth_token_previous=_from("TWILIO_AUTH_TOKEN_PREVIOUS"),
            twilio_number=_from("TWILIO_NUMBER"),
            twilio_api_url=_from("TWILIO_API_URL", str(defaults["twilio_api_url"])).rstrip("/"),
            smtp_url=_from("SMTP_URL"),
            mail_from=_from("MAIL_FROM", str(defaults["mail_from"])),
            webhook_secret=_from("WEBHOOK_SECRET"),
            alarm_email=_from("ALARM_EMAIL"),
            widget_origins=tuple(_from("WIDGET_ORIGINS").split()),
            trusted_proxies=_count("TRUSTED_PROXIES", defaults["trusted_proxies"]),
            holding_after=_seconds("HOLDING_AFTER", defaults["holding_after"]),
            chat_wait=_seconds("CHAT_WAIT", defaults["chat_wait"]),
            log_key=_from("LOG_KEY"),
            anchor_file=Path(_from("ANCHOR_FILE", str(Path(_from("VAR_DIR", str(ROOT / "var"))) / "anchors.jsonl"))),
            anchor_email=_from("ANCHOR_EMAIL"),
            anchor_url=_from("ANCHOR_URL"),
            probe_number=_nobodys_number("PROBE_NUMBER", defaults["probe_number"]),
            probe_every=_seconds("PROBE_EVERY", defaults["probe_every"]),
            path_late_after=_seconds("PATH_LATE_AFTER", defaults["path_late_after"]),
            alarm_sms=_from("ALARM_SMS"),
            alarm_url=_from("ALARM_URL"),
            deadman_url=_from("DEADMAN_URL").rstrip("/"),
            disk_least_mb=_amount("DISK_LEAST_MB", defaults["disk_least_mb"]),
            disk_least_percent=_amount("DISK_LEAST_PERCENT", defaults["disk_least_percent"]),
            var_dir=Path(_from("VAR_DIR", str(ROOT / "var"))),
        )

    @property
    def is_https(self) -> bool:
        """Whether families and staff come by https: cookies and headers are stricter then."""
        return self.public_url.startswith("https://")

    @property
    def oidc_is_set(self) -> bool:
        """Whether staff may also sign in by their organisation's own accounts."""
        return bool(self.oidc_issuer and self.oidc_client_id and self.oidc_client_secret)

    @property
    def twilio_is_set(self) -> bool:
        """Whether text messages really go out; without it the console stand-in is used."""
        return bool(self.twilio_account_sid and self.twilio_auth_token and self.twilio_number)

    @property
    def sms_signing_key(self) -> str:
        """The token that signs inbound SMS webhooks: Twilio's, or one only this installation can know."""
        return self.twilio_auth_token or self.derived_key("inbound sms stand-in")

    @property
    def chain_key(self) -> bytes:
        """What seals the gateway log: LOG_KEY, or a key that follows from SECRET_KEY."""
        return (self.log_key or self.derived_key("gateway log")).encode()

    @property
    def sms_signing_keys(self) -> tuple[str, ...]:
        """Every token that is accepted: while Twilio's is changed, the one before as well."""
        return tuple(key for key in (self.sms_signing_key, self.twilio_auth_token_previous) if key)

    def derived_key(self, purpose: str) -> str:
        """A key for one purpose, made from SECRET_KEY so that no second secret has to be kept."""
        return hmac.new(self.secret_key.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def complete_settings() -> Settings:
    """The settings with which families may be served. Raises MissingSetting, which names all that is missing."""
    found = settings()
    if missing := _missing():
        _refuse(missing)
    return found


@cache
def settings() -> Settings:
    """This process's settings, read once."""
    return Settings.from_env()
