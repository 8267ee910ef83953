"""Fetching a photo or a voice note from Twilio, and from nowhere else."""

from urllib.parse import urljoin, urlsplit

import httpx

from gateway.adapters.errors import Refused, Unreachable
from gateway.config import Settings

TIMEOUT_SECONDS = 20.0
# Twilio takes 5 MB with one message: https://www.twilio.com/docs/messaging/guides/accepted-mime-types
LARGEST_BYTES = 10 * 1024 * 1024
MOST_REDIRECTS = 3
# The API sends those who may have a file on to where it lies.
HOSTS = (".twilio.com", ".twiliocdn.com")
BUCKET = "s3-external-1.amazonaws.com", "/media.twiliocdn.com/"


def fetch(url: str, settings: Settings) -> bytes:
    """The bytes. Raises Refused with a key of `media_refused` in data/wording.yml, or Unreachable."""
    if not settings.twilio_is_set:
        raise Refused("not_set_up")
    try:
        with httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False) as client:
            for _ in range(MOST_REDIRECTS + 1):
                found = _ask(client, url, settings)
                if isinstance(found, bytes):
                    return found
                url = urljoin(url, found)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unreachable(type(error).__name__) from error
    raise Refused("not_twilio")


def _ask(client: httpx.Client, url: str, settings: Settings) -> bytes | str:
    """The bytes, or where they have gone. Only Twilio's API learns the token."""
    is_api = _is_at(url, settings.twilio_api_url)
    if not is_api and not _is_twilios(url):
        raise Refused("not_twilio")
    auth = (settings.twilio_account_sid, settings.twilio_auth_token) if is_api else None
    with client.stream("GET", url, auth=auth) as response:
        if response.is_redirect:
            return response.headers.get("Location", "")
        if response.status_code in (404, 410):
            raise Refused("gone")
        if not response.is_success:
            raise Unreachable(f"twilio-{response.status_code}")
        return _read(response)


def _read(response: httpx.Response) -> bytes:
    content = bytearray()
    for piece in response.iter_bytes():
        content += piece
        if len(content) > LARGEST_BYTES:
            raise Refused("too_large")
    return bytes(content)


def _is_at(url: str, base: str) -> bool:
    ours, its = urlsplit(url), urlsplit(base)
    return (ours.scheme, ours.netloc) == (its.scheme, its.netloc)


def _is_twilios(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme != "https":
        return False
    in_bucket = (parts.hostname, parts.path.startswith(BUCKET[1])) == (BUCKET[0], True)
    return in_bucket or (parts.hostname or "").endswith(HOSTS)
