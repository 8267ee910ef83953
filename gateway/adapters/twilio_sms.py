"""Text messages through Twilio."""

from collections.abc import Sequence
from datetime import timedelta

from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from gateway.adapters.errors import Refused, Unreachable
from gateway.adapters.twilio_client import twilio_client
from gateway.config import Settings
from gateway.deliveries.codes import is_permanent
from gateway.deliveries.models import Delivery

# Twilio lists the newest first; what went to one number since a delivery was queued is far fewer.
MOST_LOOKED_AT = 100
CLOCKS_MAY_DIFFER = timedelta(minutes=1)
NOT_FOUND = 404


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
            kind = Refused if is_permanent(error.code) else Unreachable
            raise kind(f"twilio-{error.code or error.status}") from error
        except (TwilioException, OSError) as error:
            raise Unreachable(type(error).__name__) from error
        return str(made.sid)

    def find(self, delivery: Delivery) -> Sequence[str]:
        """What went to this number with the same words since the delivery was queued, the oldest first.

        By the time it was made and not by when it was sent: what waits in Twilio's own queue has no such time yet.
        """
        since = delivery.queued_at - CLOCKS_MAY_DIFFER
        try:
            listed = self._client.messages.list(to=delivery.address, limit=MOST_LOOKED_AT, page_size=MOST_LOOKED_AT)
        except (TwilioException, OSError) as error:
            raise Unreachable(type(error).__name__) from error
        same = [
            str(message.sid)
            for message in listed
            if message.body == delivery.body and (message.date_created is None or message.date_created >= since)
        ]
        return same[::-1]

    def receipt(self, reference: str) -> tuple[str, str]:
        """What Twilio's webhook would say of the text: its status, and the code for what went wrong."""
        try:
            found = self._client.messages(reference).fetch()
        except TwilioRestException as error:
            kind = Refused if error.status == NOT_FOUND else Unreachable
            raise kind(f"twilio-{error.code or error.status}") from error
        except (TwilioException, OSError) as error:
            raise Unreachable(type(error).__name__) from error
        return str(found.status), str(found.error_code or "")
