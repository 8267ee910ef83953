"""The outside services, each behind one small interface, chosen by configuration."""

from collections.abc import Sequence
from functools import cache
from typing import Protocol

from gateway.adapters.errors import Refused, Unreachable
from gateway.config import settings
from gateway.deliveries.models import Delivery

__all__ = [
    "Provider",
    "Refused",
    "Unreachable",
    "email_provider",
    "path_provider",
    "sms_provider",
    "voice_provider",
    "webhook_provider",
]


class Provider(Protocol):
    """Something that brings a delivery to a person."""

    def send(self, delivery: Delivery) -> str:
        """Hand it over and give the provider's reference. Raises Refused or Unreachable."""

    def find(self, delivery: Delivery) -> Sequence[str]:
        """References of what the provider has that may be this delivery, as after a crash. Raises Unreachable."""


class TextProvider(Provider, Protocol):
    """A provider of text messages, who can be asked later what became of one."""

    def receipt(self, reference: str) -> tuple[str, str] | None:
        """The provider's status of a text and its code for what went wrong; None when it gives none.

        Raises Refused when it does not know the text, and Unreachable.
        """


@cache
def sms_provider() -> TextProvider:
    """Twilio when its variables are set, otherwise the stand-in that writes var/outbox/sms.jsonl."""
    if settings().twilio_is_set:
        from gateway.adapters.twilio_sms import TwilioSms

        return TwilioSms.from_settings(settings())
    from gateway.adapters.console_sms import ConsoleSms

    return ConsoleSms(settings().var_dir / "outbox")


@cache
def voice_provider() -> Provider:
    """Twilio when its variables are set, otherwise the stand-in that writes var/outbox/calls.jsonl."""
    if settings().twilio_is_set:
        from gateway.adapters.twilio_voice import TwilioVoice

        return TwilioVoice.from_settings(settings())
    from gateway.adapters.console_voice import ConsoleVoice

    return ConsoleVoice(settings().var_dir / "outbox", settings().public_url)


@cache
def email_provider() -> Provider:
    """The SMTP server of SMTP_URL when set, otherwise the stand-in that writes .eml files under var/outbox/."""
    from gateway.adapters.smtp_email import FileEmail, SmtpEmail

    if settings().smtp_url:
        return SmtpEmail(settings().smtp_url, settings().mail_from)
    return FileEmail(settings().var_dir / "outbox", settings().mail_from)


@cache
def webhook_provider() -> Provider:
    """Posts signed JSON to the addresses in data/routing.yml."""
    from gateway.adapters.webhook import Webhook

    return Webhook(settings().webhook_secret)


@cache
def path_provider() -> Provider:
    """The end of the watched path: what synthetic messages cause is written under var/path/ and reaches nobody."""
    from gateway.adapters.path_end import PathEnd

    return PathEnd(settings().var_dir / "path")
