"""E-mail: through an SMTP server, or as files where none is configured."""

import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from urllib.parse import unquote, urlsplit

from gateway.adapters.errors import Refused, Unreachable
from gateway.deliveries.models import Delivery

TIMEOUT_SECONDS = 15


def compose(delivery: Delivery, sender: str) -> EmailMessage:
    """The mail as it goes out. Its Message-ID comes from the delivery, so that a second copy can be recognised."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, delivery.address, delivery.subject or ""
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = f"<delivery-{delivery.id}@{sender.rpartition('@')[2]}>"
    mail.set_content(delivery.body)
    return mail


class SmtpEmail:
    """Sends through `smtp://user:password@host:587` (STARTTLS where offered) or `smtps://…:465`."""

    def __init__(self, url: str, sender: str) -> None:
        self._url, self._sender = urlsplit(url), sender

    def send(self, delivery: Delivery) -> str:
        mail = compose(delivery, self._sender)
        try:
            with self._connect() as server:
                server.send_message(mail)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
            code = _status(error)
            raise (Refused if code >= 500 else Unreachable)(f"smtp-{code}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(type(error).__name__) from error
        return str(mail["Message-ID"])

    def find(self, delivery: Delivery) -> Sequence[str]:
        """SMTP cannot be asked what it took. An alert that comes twice does less harm than one that never comes."""
        return []

    def greet(self) -> None:
        """Connect, sign in and say NOOP, so that it is known whether a mail would be taken. Raises Unreachable."""
        try:
            with self._connect() as server:
                code, _ = server.noop()
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(type(error).__name__) from error
        if code != 250:
            raise Unreachable(f"smtp-{code}")

    def _connect(self) -> smtplib.SMTP:
        host, port = self._url.hostname or "localhost", self._url.port
        if self._url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port or 465, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host, port or 25, timeout=TIMEOUT_SECONDS)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
        if self._url.username:
            server.login(unquote(self._url.username), unquote(self._url.password or ""))
        return server


def _status(error: smtplib.SMTPException) -> int:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next(iter(error.recipients.values()))[0]
    return int(getattr(error, "smtp_code", 0))


class FileEmail:
    """A stand-in: each mail becomes an .eml file that any mail program opens."""

    def __init__(self, outbox: Path, sender: str) -> None:
        outbox.mkdir(parents=True, exist_ok=True)
        self._outbox, self._sender = outbox, sender

    def send(self, delivery: Delivery) -> str:
        path = self._path(delivery)
        path.write_bytes(compose(delivery, self._sender).as_bytes())
        return path.name

    def find(self, delivery: Delivery) -> Sequence[str]:
        path = self._path(delivery)
        return [path.name] if path.exists() else []

    def _path(self, delivery: Delivery) -> Path:
        return self._outbox / f"delivery-{delivery.id}.eml"
