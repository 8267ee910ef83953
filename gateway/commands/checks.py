"""What `gateway doctor` looks at. Each check yields findings; none stops the others."""

import ipaddress
from collections.abc import Iterator
from datetime import timedelta
from subprocess import SubprocessError
from urllib.parse import urlsplit

import httpx
import yaml
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from gateway.adapters.own_webhook import local_address
from gateway.commands.errors import WHAT_TO_DO, shown_address
from gateway.commands.findings import Finding
from gateway.commands.row_checks import rows
from gateway.config import ROOT, settings
from gateway.db import engine, now, unit_of_work

TIMEOUT_SECONDS = 5
SHORTEST_KEY = 32
# A worker writes a sign of life every second.
WORKER_SILENT_AFTER = timedelta(seconds=15)


def all_of_them() -> Iterator[Finding]:
    """Every check, in an order in which the first failure explains later ones."""
    yield from settings_are_safe()
    yield from staff_sign_in_safely()
    yield from database_answers()
    yield from files_load()
    yield from spool_is_empty()
    yield from retention_is_decided()
    yield from providers_are_set()
    yield from processes_answer()


def settings_are_safe() -> Iterator[Finding]:
    """Secrets that are long, and addresses that are what they should be."""
    if len(settings().secret_key) < SHORTEST_KEY:
        yield Finding("warn", f"SECRET_KEY is shorter than {SHORTEST_KEY} signs.")
    else:
        yield Finding("ok", "SECRET_KEY is set.")
    public = urlsplit(settings().public_url)
    if public.scheme not in ("http", "https") or not public.hostname:
        yield Finding("fail", f"PUBLIC_URL is not an address: {settings().public_url}")
    elif public.scheme == "http" and not _is_private(public.hostname):
        yield Finding(
            "warn", f"PUBLIC_URL is not https: {settings().public_url}. What families write could be read on its way."
        )
    else:
        yield Finding("ok", f"PUBLIC_URL is {settings().public_url}.")
    for name, address in (("RASA_URL", settings().rasa_url), ("ACTIONS_URL", settings().actions_url)):
        if not _is_private(urlsplit(address).hostname or ""):
            yield Finding("warn", f"{name} is {address}: make sure that only this service can reach it.")


def staff_sign_in_safely() -> Iterator[Finding]:
    """What staff need to come into the console."""
    given = [settings().oidc_issuer, settings().oidc_client_id, settings().oidc_client_secret]
    if settings().console_second_factor:
        yield Finding("ok", "Staff sign in with a password and a code of their phone.")
    else:
        yield Finding("warn", "CONSOLE_SECOND_FACTOR is off: a password alone lets staff in.")
    if any(given) and not all(given):
        yield Finding("fail", "OIDC is set in part: give OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET, or none.")
    elif all(given):
        yield Finding("ok", f"Staff may also sign in with {settings().oidc_issuer}.")


def _is_private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host  # a name such as localhost, or of a container beside this one


def database_answers() -> Iterator[Finding]:
    """The database, its tables and what must be in them."""
    try:
        with unit_of_work() as session:
            version = session.scalar(text("SHOW server_version"))
        yield Finding("ok", f"PostgreSQL {version} answers at {shown_address()}.")
        yield from _tables()
    except SubprocessError as error:
        yield Finding("fail", f"The PostgreSQL that comes with the installation does not start: {error}")
    except SQLAlchemyError as error:
        yield Finding(
            "fail", f"The database at {shown_address()} cannot be used ({type(error).__name__}). {WHAT_TO_DO}"
        )


def _tables() -> Iterator[Finding]:
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    newest = ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).get_current_head()
    with engine().connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current != newest:
        yield Finding("fail", f"The tables are at migration {current or 'none'}, not {newest}. Run: gateway migrate")
        return
    yield Finding("ok", f"The tables are up to date (migration {current}).")
    yield from rows()
    yield _data_keys()


def _data_keys() -> Finding:
    from gateway.privacy import rotation

    found = rotation.check()
    if found.lost:
        return Finding("fail", f"DATA_KEYS does not open {found.lost} data keys: what they encrypted cannot be read.")
    return Finding("ok", f"DATA_KEYS opens all {found.newest + found.older} data keys.")


def files_load() -> Iterator[Finding]:
    """The files that operators edit."""
    from gateway.handover.shifts import BadShifts, shifts
    from gateway.routing.check import doubts
    from gateway.routing.routes import BadRouting, load
    from gateway.wording import say

    try:
        routing = load(settings().data_dir / "routing.yml")
    except BadRouting as error:
        yield Finding("fail", f"data/routing.yml cannot be used: {error}")
    else:
        yield Finding("ok", f"data/routing.yml has {len(routing.ladders)} ladders.")
        yield from (Finding("warn", f"data/routing.yml {doubt}") for doubt in doubts(routing))
    try:
        yield Finding("ok", f"data/shifts.yml has {len(shifts().shifts)} shifts.")
    except BadShifts as error:
        yield Finding("fail", f"data/shifts.yml cannot be used: {error}")
    try:
        say("chat.holding")
    except (OSError, KeyError, TypeError, yaml.YAMLError) as error:
        yield Finding("fail", f"data/wording.yml cannot be used: {type(error).__name__}: {error}")
    else:
        yield Finding("ok", "data/wording.yml loads.")


def spool_is_empty() -> Iterator[Finding]:
    """Messages on this machine's disk that the database does not have yet."""
    from gateway.conversations import spool

    if stuck := spool.stuck():
        yield Finding("fail", f"{len(stuck)} messages in {stuck[0].parent.parent} cannot be taken in: see the runbook.")
    if waiting := spool.paths():
        yield Finding("warn", f"{len(waiting)} messages wait on disk until the database is back.")
    if not stuck and not waiting:
        yield Finding("ok", "No message waits on disk.")


def retention_is_decided() -> Iterator[Finding]:
    """The time limits, and those that nobody has decided yet."""
    from gateway.privacy.policy import BadPolicy, load

    try:
        rules = load(settings().data_dir / "retention.yml").rules.values()
    except BadPolicy as error:
        yield Finding("fail", f"data/retention.yml cannot be used: {error}")
        return
    yield Finding("ok", f"data/retention.yml has {len(rules)} kinds of data.")
    for rule in rules:
        if rule.keep is None:
            yield Finding(
                "warn", f"data/retention.yml: nobody has decided how long {rule.kind} are kept, so none ever go."
            )


def providers_are_set() -> Iterator[Finding]:
    """Whether texts and mail leave this machine."""
    given = [settings().twilio_account_sid, settings().twilio_auth_token, settings().twilio_number]
    outbox = settings().var_dir / "outbox"
    if settings().twilio_is_set:
        yield Finding("ok", f"Texts go through Twilio, from {settings().twilio_number}.")
        if not settings().public_url.startswith("https://"):
            yield Finding(
                "warn", "Twilio is set, but PUBLIC_URL is not https: its webhooks will not reach this service."
            )
    elif any(given):
        yield Finding(
            "fail", "Twilio is set in part: give TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_NUMBER, or none."
        )
    else:
        yield Finding("warn", f"Texts are not sent: the stand-in writes them to {outbox / 'sms.jsonl'}.")
    if settings().smtp_url:
        yield Finding("ok", f"Mail goes through {urlsplit(settings().smtp_url).hostname}, from {settings().mail_from}.")
    else:
        yield Finding("warn", f"Mail is not sent: the stand-in writes it to {outbox} as .eml files.")


def processes_answer() -> Iterator[Finding]:
    """The processes beside the database, and whether a message gets through all of them."""
    yield _answers("Web", f"{local_address()}/health", "gateway web")
    yield _worker_lives()
    yield _path_is_open()
    yield _answers("Rasa", settings().rasa_url, "make run")
    yield _answers("The action server", f"{settings().actions_url.rstrip('/')}/health", "gateway actions")


def _answers(name: str, address: str, start: str) -> Finding:
    try:
        response = httpx.get(address, timeout=TIMEOUT_SECONDS)
    except httpx.HTTPError as error:
        return Finding("fail", f"{name} does not answer at {address} ({type(error).__name__}). Start it: {start}")
    if response.is_error:
        return Finding("fail", f"{name} answers {response.status_code} at {address}.")
    return Finding("ok", f"{name} answers at {address}.")


def _worker_lives() -> Finding:
    try:
        with unit_of_work() as session:
            newest = session.scalar(text("SELECT max(last_heartbeat) FROM procrastinate_workers"))
    except SQLAlchemyError:
        return Finding("fail", "Whether a worker lives cannot be seen without the database.")
    if newest is None or newest < now() - WORKER_SILENT_AFTER:
        return Finding("fail", "No worker has given a sign of life: messages wait. Start one: gateway worker")
    return Finding("ok", "A worker is at work.")


def _path_is_open() -> Finding:
    from gateway.path.service import health

    try:
        with unit_of_work() as session:
            found = health(session, timedelta(seconds=settings().path_late_after))
    except SQLAlchemyError:
        return Finding("fail", "How long ago a synthetic message came through cannot be seen without the database.")
    if found.last is None:
        return Finding("fail", "No synthetic message has come the whole path. Start the watcher: gateway watcher")
    age = f"The last synthetic message came the whole path {found.age_seconds:.0f} s ago"
    if not found.ok:
        return Finding("fail", f"{age}. See docs/runbooks/alarms.md, or start the watcher: gateway watcher")
    return Finding("ok", f"{age}.")
