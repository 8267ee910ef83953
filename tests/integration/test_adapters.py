"""Each adapter against the other end: a real SMTP server, real files, and Twilio's answers as they come on the wire."""

import email
import email.policy
import json
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import requests
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from gateway.adapters import Refused, Unreachable, twilio_client
from gateway.adapters.console_sms import ConsoleSms
from gateway.adapters.smtp_email import FileEmail, SmtpEmail
from gateway.adapters.twilio_sms import TwilioSms
from gateway.config import Settings
from gateway.db import now
from gateway.deliveries.models import Delivery
from tests.standins.twilio_api import HANG, RESET, RESET_AFTER_ACCEPT, SERVER_ERROR, TOO_MANY, Fault, TwilioApi

NUMBER = "+447700900001"


def to_family(id: int = 7, body: str = "We have your message.") -> Delivery:
    return Delivery(id=id, medium="sms", address=NUMBER, body=body, reason="reply", queued_at=now())


def to_staff(id: int = 7, body: str = "A concern:\n\nhe won’t eat 😢") -> Delivery:
    return Delivery(id=id, medium="email", address="duty@prison.example", subject="Concern – ABC-2345", body=body)


# --- e-mail through a server ---


class Mailbox:
    """The other end of SMTP: says to each command what the test wants, and keeps what it took."""

    def __init__(self) -> None:
        self.rcpt, self.data = "250 OK", "250 OK"
        self.taken: list[EmailMessage] = []

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        self.taken.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return self.data


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def smtp(mailbox: Mailbox) -> Iterator[SmtpEmail]:
    server = Controller(mailbox, hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=False)
    server.start()
    yield SmtpEmail(f"smtp://127.0.0.1:{server.port}", "gateway@charity.example")
    server.stop()


def test_a_mail_reaches_the_server_whole(smtp: SmtpEmail, mailbox: Mailbox) -> None:
    reference = smtp.send(to_staff())

    (mail,) = mailbox.taken
    assert mail.get_content().replace("\r\n", "\n").strip() == "A concern:\n\nhe won’t eat 😢"
    assert (mail["To"], mail["From"]) == ("duty@prison.example", "gateway@charity.example")
    assert (mail["Subject"], mail["Message-ID"]) == ("Concern – ABC-2345", reference)


def test_two_attempts_at_a_delivery_can_be_seen_to_be_the_same_mail(smtp: SmtpEmail, mailbox: Mailbox) -> None:
    smtp.send(to_staff(id=7))
    smtp.send(to_staff(id=7))
    smtp.send(to_staff(id=8))

    ids = [mail["Message-ID"] for mail in mailbox.taken]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize("where", ["rcpt", "data"])
def test_a_mail_that_the_server_will_never_take_is_refused(smtp: SmtpEmail, mailbox: Mailbox, where: str) -> None:
    setattr(mailbox, where, "550 no such person")

    with pytest.raises(Refused) as error:
        smtp.send(to_staff())
    assert error.value.code == "smtp-550"


@pytest.mark.parametrize("where", ["rcpt", "data"])
def test_a_server_that_cannot_take_a_mail_now_is_asked_again_later(
    smtp: SmtpEmail, mailbox: Mailbox, where: str
) -> None:
    setattr(mailbox, where, "451 try later")

    with pytest.raises(Unreachable) as error:
        smtp.send(to_staff())
    assert error.value.code == "smtp-451"


def test_a_mail_server_can_be_greeted_without_a_mail(smtp: SmtpEmail, mailbox: Mailbox) -> None:
    smtp.greet()

    assert mailbox.taken == []


def test_a_mail_server_that_is_away_cannot_be_greeted() -> None:
    with pytest.raises(Unreachable) as error:
        SmtpEmail(f"smtp://127.0.0.1:{free_port()}", "gateway@charity.example").greet()
    assert error.value.code == "ConnectionRefusedError"


def test_a_mail_server_that_is_away_is_unreachable() -> None:
    with pytest.raises(Unreachable) as error:
        SmtpEmail(f"smtp://127.0.0.1:{free_port()}", "gateway@charity.example").send(to_staff())
    assert error.value.code == "ConnectionRefusedError"


def test_a_mail_server_that_hangs_up_at_once_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        hang_up = threading.Thread(target=lambda: server.accept()[0].close())
        hang_up.start()
        with pytest.raises(Unreachable):
            SmtpEmail(f"smtp://127.0.0.1:{server.getsockname()[1]}", "gateway@charity.example").send(to_staff())
        hang_up.join()


def test_a_mail_server_cannot_be_asked_what_it_took(smtp: SmtpEmail) -> None:
    smtp.send(to_staff())

    assert smtp.find(to_staff()) == []


# --- e-mail as files ---


def test_a_mail_becomes_a_file_that_mail_programs_read(tmp_path: Path) -> None:
    name = FileEmail(tmp_path / "outbox", "gateway@localhost").send(to_staff())

    mail = email.message_from_bytes((tmp_path / "outbox" / name).read_bytes(), policy=email.policy.default)
    assert mail["Subject"] == "Concern – ABC-2345"
    assert "he won’t eat 😢" in mail.get_content()


def test_a_mail_written_before_is_found(tmp_path: Path) -> None:
    files = FileEmail(tmp_path, "gateway@localhost")

    assert files.find(to_staff()) == []
    reference = files.send(to_staff())
    assert FileEmail(tmp_path, "gateway@localhost").find(to_staff()) == [reference]


# --- texts as lines of a file ---


def test_a_text_becomes_a_line_of_the_outbox(tmp_path: Path) -> None:
    ConsoleSms(tmp_path).send(to_family(body="line one\nline two 😢"))

    (line,) = (tmp_path / "sms.jsonl").read_text(encoding="utf-8").splitlines()
    written = json.loads(line)
    assert (written["to"], written["text"]) == (NUMBER, "line one\nline two 😢")


def test_a_text_written_before_is_found(tmp_path: Path) -> None:
    console = ConsoleSms(tmp_path)

    assert console.find(to_family()) == []
    reference = console.send(to_family())
    assert ConsoleSms(tmp_path).find(to_family()) == [reference]
    assert console.find(to_family(id=8)) == []


# --- texts through Twilio ---


class Wire(HttpClient):
    """Stands where Twilio's HTTP client puts requests on the wire, and answers as the test says."""

    def __init__(self, answer: Callable[[], Response]) -> None:
        self._answer = answer
        self.requests: list[dict[str, Any]] = []

    def request(self, method: str, uri: str, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]
        self.requests.append({"method": method, "uri": uri, **kwargs})
        return self._answer()


def answers(status: int, body: dict[str, Any]) -> Callable[[], Response]:
    return lambda: Response(status, json.dumps(body))


def cannot_connect() -> Response:
    raise requests.exceptions.ConnectionError("connection refused")


def takes_too_long() -> Response:
    raise requests.exceptions.ReadTimeout("read timed out")


def twilio(answer: Callable[[], Response]) -> tuple[TwilioSms, Wire]:
    wire = Wire(answer)
    client = Client("AC" + "0" * 32, "a token", http_client=wire)
    return TwilioSms(client, "+447700900000", "https://gateway.example.org/sms/twilio/status"), wire


def message(body: str, sid: str = "SM1") -> dict[str, Any]:
    return {"sid": sid, "status": "queued", "body": body, "to": NUMBER, "from": "+447700900000"}


def test_a_text_is_handed_to_twilio_with_the_address_for_receipts() -> None:
    provider, wire = twilio(answers(201, message("We have your message.")))

    assert provider.send(to_family()) == "SM1"
    (request,) = wire.requests
    assert request["method"].upper() == "POST"
    assert request["data"]["To"] == NUMBER
    assert request["data"]["From"] == "+447700900000"
    assert request["data"]["Body"] == "We have your message."
    assert request["data"]["StatusCallback"] == "https://gateway.example.org/sms/twilio/status"


@pytest.mark.parametrize("code", [21211, 21610, 21614, 21635, 30006])
def test_a_number_that_can_never_take_texts_is_refused(code: int) -> None:
    provider, _ = twilio(answers(400, {"code": code, "message": "no", "more_info": "", "status": 400}))

    with pytest.raises(Refused) as error:
        provider.send(to_family())
    assert error.value.code == f"twilio-{code}"


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (500, {"code": 20500, "message": "internal", "status": 500}, "twilio-20500"),
        (503, {}, "twilio-503"),
        (429, {"code": 20429, "message": "too many requests", "status": 429}, "twilio-20429"),
    ],
)
def test_a_twilio_in_trouble_is_asked_again_later(status: int, body: dict[str, Any], code: str) -> None:
    provider, _ = twilio(answers(status, body))

    with pytest.raises(Unreachable) as error:
        provider.send(to_family())
    assert error.value.code == code


@pytest.mark.parametrize("fault", [cannot_connect, takes_too_long])
def test_a_twilio_out_of_reach_is_asked_again_later(fault: Callable[[], Response]) -> None:
    provider, _ = twilio(fault)

    with pytest.raises(Unreachable):
        provider.send(to_family())
    with pytest.raises(Unreachable):
        provider.find(to_family())


def test_no_error_names_the_number_or_the_words() -> None:
    provider, _ = twilio(answers(400, {"code": 21211, "message": f"{NUMBER} is not valid: We have", "status": 400}))

    with pytest.raises(Refused) as error:
        provider.send(to_family())
    assert str(error.value) == "twilio-21211"


def test_a_text_that_twilio_has_already_is_found_by_its_words() -> None:
    page = {
        "messages": [message("Other words.", "SM1"), message("We have your message.", "SM2")],
        "next_page_uri": None,
    }
    provider, wire = twilio(answers(200, page))

    assert provider.find(to_family()) == ["SM2"]
    assert wire.requests[0]["params"]["To"] == NUMBER


def test_the_same_words_of_long_ago_are_another_text(api: TwilioApi) -> None:
    provider = TwilioSms.from_settings(at(api))
    provider.send(to_family())
    later = to_family()
    later.queued_at = now() + timedelta(minutes=5)

    assert provider.find(to_family()) == [api.messages[0]["sid"]]
    assert provider.find(later) == []


def test_what_twilio_has_not_sent_yet_is_found(api: TwilioApi) -> None:
    TwilioSms.from_settings(at(api)).send(to_family())
    api.messages[0]["date_sent"] = None

    assert TwilioSms.from_settings(at(api)).find(to_family()) == [api.messages[0]["sid"]]


def test_a_text_that_twilio_never_had_is_not_found() -> None:
    provider, _ = twilio(answers(200, {"messages": [message("Other words.")], "next_page_uri": None}))

    assert provider.find(to_family()) == []


# --- Twilio's API at another address ---


@pytest.fixture
def api() -> Iterator[TwilioApi]:
    with TwilioApi(token="the token") as running:
        yield running


def at(api: TwilioApi, token: str = "the token") -> Settings:
    return Settings(
        secret_key="x", data_keys=(), twilio_account_sid=api.account,
        twilio_auth_token=token, twilio_number="+447700900000",
        twilio_api_url=api.url,
    )  # fmt: skip


def test_with_another_address_the_texts_go_there_signed_in(api: TwilioApi) -> None:
    reference = TwilioSms.from_settings(at(api)).send(to_family(body="hé 😢"))

    (taken,) = api.messages
    assert (taken["sid"], taken["to"], taken["body"]) == (reference, NUMBER, "hé 😢")
    with pytest.raises(Unreachable) as error:
        TwilioSms.from_settings(at(api, token="a wrong one")).send(to_family())
    assert error.value.code == "twilio-20003"


@pytest.mark.parametrize(
    ("fault", "accepted"),
    [(SERVER_ERROR, 0), (TOO_MANY, 0), (RESET, 0), (RESET_AFTER_ACCEPT, 1)],
    ids=["500", "429", "reset", "reset after accepting"],
)
def test_every_fault_that_may_pass_is_unreachable(api: TwilioApi, fault: Fault, accepted: int) -> None:
    api.fail(fault)

    with pytest.raises(Unreachable):
        TwilioSms.from_settings(at(api)).send(to_family())
    assert len(api.messages) == accepted


def test_a_twilio_that_never_answers_is_given_up(api: TwilioApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twilio_client, "TIMEOUT_SECONDS", 0.2)
    api.fail(HANG)

    with pytest.raises(Unreachable) as error:
        TwilioSms.from_settings(at(api)).send(to_family())
    assert error.value.code == "ReadTimeout"


# --- choosing one ---


def test_without_settings_the_stand_ins_are_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    chosen = chosen_with(monkeypatch, {"VAR_DIR": str(tmp_path)})

    assert [type(provider) for provider in chosen] == [ConsoleSms, FileEmail]


def test_with_settings_the_real_services_are_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    twilio_set = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "token", "TWILIO_NUMBER": "+447700900000"}
    chosen = chosen_with(monkeypatch, twilio_set | {"SMTP_URL": "smtp://127.0.0.1:2525"})

    assert [type(provider) for provider in chosen] == [TwilioSms, SmtpEmail]


def chosen_with(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> list[object]:
    from gateway import adapters, config

    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    caches = (config.settings, adapters.sms_provider, adapters.email_provider)
    for cached in caches:
        cached.cache_clear()
    try:
        return [adapters.sms_provider(), adapters.email_provider()]
    finally:
        for cached in caches:
            cached.cache_clear()
