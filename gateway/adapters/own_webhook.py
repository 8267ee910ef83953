"""Our own webhook for texts, called as Twilio calls it: signed for the public address, posted to the local one."""

import httpx
from twilio.request_validator import SIGNATURE_HEADER, RequestValidator

from gateway.config import settings

TIMEOUT_SECONDS = 20
PROVIDER = "twilio"


def local_address() -> str:
    """Where the web process of this machine is reached."""
    host = settings().web_host
    reached = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{reached}:{settings().web_port}"


def form(number: str, text: str, sid: str, media: list[str] | None = None) -> dict[str, str]:
    """What Twilio posts for a text."""
    made = {
        "ToCountry": "GB", "SmsMessageSid": sid, "NumMedia": str(len(media or [])), "SmsSid": sid, "FromCountry": "GB",
        "SmsStatus": "received", "Body": text, "To": settings().twilio_number or "+447700900000", "NumSegments": "1",
        "MessageSid": sid, "AccountSid": settings().twilio_account_sid or "AC" + "0" * 32, "From": number,
        "ApiVersion": "2010-04-01",
    }  # fmt: skip
    for place, address in enumerate(media or []):
        made |= {f"MediaUrl{place}": address, f"MediaContentType{place}": "image/jpeg"}
    return made


def post(parameters: dict[str, str], timeout: float = TIMEOUT_SECONDS) -> httpx.Response:
    """Sign and post. Raises httpx.HTTPError when nothing answers."""
    address = f"{settings().public_url}/sms/twilio"
    signature = RequestValidator(settings().sms_signing_key).compute_signature(address, parameters)
    return httpx.post(
        f"{local_address()}/sms/twilio", data=parameters, headers={SIGNATURE_HEADER: signature}, timeout=timeout
    )
