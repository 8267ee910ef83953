"""Text messages through Twilio."""

from datetime import timedelta

from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from gateway.adapters.errors import Refused, Unreachable
from gateway.adapters.twilio_client import twilio_client
from gateway.config import Settings
from gateway.deliveries.models import Delivery

# Twilio's error codes after which another attempt cannot help.
# https://www.twilio.com/docs/api/errors: invalid number, not a mobile, no permission for the region, blacklisted.
PERMANENT = {21211, 21408, 21610, 21612, 21614}


class TwilioSms:
    """Sends from TWILIO_NUMBER; delivery receipts come back on /sms/twilio/status."""

    def __init__(self, client: Client, sender: str, status_url: str) -> None:
        self._client, self._sender, self._status_url = client, sender, status_url

    @classmethod
    def from_settings(cls, settings: Settings) -> "TwilioSms":
        return cls(twilio_client(settings), settings.twilio_number, f"{settings.public_url}/sms/twilio/status")

    def send(self, delivery: Delivery) -> str:
        try:
            made = self._client.messages.create(
                to=delivery.address, from_=self._sender, body=delivery.body, status_callback=self._status_url
            )
        except TwilioRestException as error:
            kind = Refused if error.code in PERMANENT else Unreachable
            raise kind(f"twilio-{error.code or error.status}") from error
        except (TwilioException, OSError) as error:
            raise Unreachable(type(error).__name__) from error
        return str(made.sid)

    def find(self, delivery: Delivery) -> str | None:
        """Look through what went to this number since the delivery was queued for one with the same words."""
        try:
            sent = self._client.messages.list(
                to=delivery.address, date_sent_after=delivery.queued_at - timedelta(minutes=1), limit=50
            )
        except (TwilioException, OSError) as error:
            raise Unreachable(type(error).__name__) from error
        return next((str(message.sid) for message in sent if message.body == delivery.body), None)
