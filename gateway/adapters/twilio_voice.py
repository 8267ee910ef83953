"""Telephone calls through Twilio. What is said comes from our webhook when somebody answers."""

from collections.abc import Sequence

from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from gateway.adapters.errors import Refused, Unreachable
from gateway.adapters.twilio_client import twilio_client
from gateway.config import Settings
from gateway.deliveries.call_token import sign
from gateway.deliveries.models import Delivery

RING_SECONDS = 30
LONGEST_CALL_SECONDS = 180

# Twilio's error codes after which another attempt cannot help.
# https://www.twilio.com/docs/api/errors: invalid number, cannot be reached, region or number not allowed, not valid.
PERMANENT = {21211, 21214, 21215, 21216, 21217}


class TwilioVoice:
    """Rings from TWILIO_NUMBER, which must be able to make calls; how the call went comes back on /voice/twilio."""

    def __init__(self, client: Client, caller: str, public_url: str) -> None:
        self._client, self._caller, self._webhooks = client, caller, f"{public_url}/voice/twilio"

    @classmethod
    def from_settings(cls, settings: Settings) -> "TwilioVoice":
        return cls(twilio_client(settings), settings.twilio_number, settings.public_url)

    def send(self, delivery: Delivery) -> str:
        token = sign(delivery.id)
        try:
            made = self._client.calls.create(
                to=delivery.address,
                from_=self._caller,
                url=f"{self._webhooks}/concern/{token}",
                status_callback=f"{self._webhooks}/status/{token}",
                machine_detection="Enable",  # says who answered, before our words are asked for
                timeout=RING_SECONDS,
                time_limit=LONGEST_CALL_SECONDS,
            )
        except TwilioRestException as error:
            kind = Refused if error.code in PERMANENT else Unreachable
            raise kind(f"twilio-{error.code or error.status}") from error
        except (TwilioException, OSError) as error:
            raise Unreachable(type(error).__name__) from error
        return str(made.sid)

    def find(self, delivery: Delivery) -> Sequence[str]:
        """Twilio's list of calls does not say what each was about. One that rings twice does less harm than none."""
        return []
