"""Posting as Twilio does."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from gateway.config import settings

Post = Callable[..., TestResponse]
Sign = Callable[..., str]


@pytest.fixture
def sign(database: str) -> Sign:
    """What Twilio would sign a form with, for the public address of this installation unless another is given."""

    def signed(form: list[tuple[str, str]], path: str = "/sms/twilio", public_url: str = "") -> str:
        validator = RequestValidator(settings().sms_signing_key)
        return validator.compute_signature((public_url or settings().public_url) + path, MultiDict(form))

    return signed


@pytest.fixture
def post(web: FlaskClient, sign: Sign) -> Post:
    """Post a form to one of Twilio's webhooks, rightly signed unless a signature is given."""

    def posted(
        path: str, form: list[tuple[str, str]], *, signed: str | None = None, base_url: str = "http://localhost:8080"
    ) -> TestResponse:
        headers = {"X-Twilio-Signature": sign(form, path) if signed is None else signed}
        return web.post(
            path,
            data=urlencode(form),
            headers=headers,
            base_url=base_url,
            content_type="application/x-www-form-urlencoded; charset=utf-8",
        )

    return posted


@pytest.fixture
def text(post: Post) -> Post:
    """Send a text from a family, with any further parameters that Twilio may add."""

    def sent(
        body: str | None, sid: str = "SM1", number: str = "+447700900001", signed: str | None = None, **more: str
    ) -> TestResponse:
        form = [("MessageSid", sid), ("From", number), ("To", "+447700900000"), *more.items()]
        return post("/sms/twilio", form if body is None else [*form, ("Body", body)], signed=signed)

    return sent
