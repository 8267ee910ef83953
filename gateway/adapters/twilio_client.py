"""Twilio's own client, with a limit on the time of every call and an address that may be another's."""

from typing import Any

from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from gateway.config import Settings

TIMEOUT_SECONDS = 10
PUBLIC_API = "https://api.twilio.com"


class HttpClient(TwilioHttpClient):
    """Sends what is meant for Twilio's public API to `base_url`, which is mostly the same. Gives up in time."""

    def __init__(self, base_url: str) -> None:
        super().__init__(timeout=TIMEOUT_SECONDS)
        self._base_url = base_url

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        return super().request(method, url.replace(PUBLIC_API, self._base_url, 1), *args, **kwargs)


def twilio_client(settings: Settings) -> Client:
    """A client of the account in the settings."""
    http = HttpClient(settings.twilio_api_url)
    return Client(settings.twilio_account_sid, settings.twilio_auth_token, http_client=http)
