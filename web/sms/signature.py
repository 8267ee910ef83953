"""Whether a webhook really comes from Twilio."""

from flask import current_app, request
from twilio.request_validator import SIGNATURE_HEADER, RequestValidator

from gateway.config import Settings


def is_from_twilio() -> bool:
    """Check the signature over everything posted, as it came, and the address that Twilio was given.

    That address is PUBLIC_URL: behind a proxy the request itself names another host, port or scheme. While the token
    is changed, either is right.
    """
    configuration: Settings = current_app.config["SETTINGS"]
    query = request.query_string.decode("latin-1")
    address = configuration.public_url + request.path + (f"?{query}" if query else "")
    given = request.headers.get(SIGNATURE_HEADER, "")
    return any(RequestValidator(key).validate(address, request.form, given) for key in configuration.sms_signing_keys)
