"""Photos and voice notes: fetched from Twilio and from nowhere else, kept when safe, never silently dropped."""

import hashlib
import struct
from collections.abc import Iterator
from datetime import timedelta

import pytest
from factories import a_conversation
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from gateway.adapters import Unreachable, twilio_media
from gateway.adapters.errors import Refused
from gateway.adapters.twilio_media import fetch as fetch_from_twilio
from gateway.config import Settings
from gateway.conversations.service import Inbound, accept
from gateway.db import now
from gateway.media import jobs, service
from gateway.media.jobs import fetch
from gateway.media.kinds import kind_of
from gateway.media.models import Media
from tests.standins.twilio_api import SERVER_ERROR, TwilioApi

PATH = "/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
AMR = b"#!AMR\n" + b"\0" * 64


def box(brand: bytes) -> bytes:
    """The first box of an MPEG-4 file."""
    return struct.pack(">I", 24) + b"ftyp" + brand + b"\0" * 12 + b"\0" * 64


@pytest.fixture
def twilio(monkeypatch: pytest.MonkeyPatch) -> Iterator[TwilioApi]:
    with TwilioApi(token="the token") as api:
        monkeypatch.setattr(jobs, "settings", lambda: at(api))
        yield api


def at(api: TwilioApi, **given: str) -> Settings:
    usual = {"twilio_account_sid": api.account, "twilio_auth_token": "the token", "twilio_number": "+447700900000"}
    return Settings(secret_key="x", data_keys=(), twilio_api_url=api.url, **(usual | given))


def came(work: Session, url: str) -> Media:
    message = accept(work, a_conversation(work), Inbound("", media=[{"url": url, "type": "image/png"}]))
    work.commit()
    assert message is not None
    return work.query(Media).filter_by(message_id=message.id).one()


def after(work: Session, media: Media) -> Media:
    fetch(media.id)
    work.refresh(media, ["state", "reason", "type", "size", "sha256", "content"])
    return media


def test_what_comes_with_a_message_waits_to_be_fetched_with_a_job_in_the_same_transaction(work: Session) -> None:
    media = came(work, "https://api.twilio.com/x")

    assert (media.state, media.position, media.claimed_type) == ("waiting", 0, "image/png")
    query = "SELECT queue_name, args FROM procrastinate_jobs WHERE task_name = 'media:fetch'"
    assert [tuple(row) for row in work.execute(text(query))] == [("media", {"media_id": media.id})]


def test_a_photo_is_fetched_signed_in_and_kept_whole(work: Session, twilio: TwilioApi) -> None:
    twilio.media[PATH] = PNG, "image/png"

    kept = after(work, came(work, twilio.url + PATH))
    assert (kept.state, kept.content, kept.type, kept.size) == ("kept", PNG, "image/png", len(PNG))
    assert kept.sha256 == hashlib.sha256(PNG).hexdigest()


def test_fetching_again_changes_nothing(work: Session, twilio: TwilioApi) -> None:
    twilio.media[PATH] = PNG, "image/png"
    kept = after(work, came(work, twilio.url + PATH))
    fetch(kept.id)

    assert sum(PATH in request for request in twilio.requests) == 1


def test_what_was_deleted_with_its_message_is_not_fetched_any_more(work: Session, twilio: TwilioApi) -> None:
    gone = came(work, twilio.url + PATH)
    work.delete(gone)
    work.commit()

    fetch(gone.id)
    service.keep(work, gone.id, PNG, "image/png")  # it was being fetched just then
    assert twilio.requests == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<html><script>alert(1)</script>", "unknown_type"), (b"%PDF-1.7\n", "unknown_type"),
        (b"MZ\x90" + b"\0" * 64, "unknown_type"), (b"", "unknown_type"), (PNG + b"\0" * 2000, "too_large"),
    ],
    ids=["page", "document", "program", "nothing", "too large"],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_with_a_reason(
    work: Session, twilio: TwilioApi, monkeypatch: pytest.MonkeyPatch, content: bytes, reason: str
) -> None:
    monkeypatch.setattr(twilio_media, "LARGEST_BYTES", 1000)
    twilio.media[PATH] = content, "image/png"

    refused = after(work, came(work, twilio.url + PATH))
    assert (refused.state, refused.reason, refused.content) == ("refused", reason, None)


def test_what_twilio_no_longer_has_is_gone(work: Session, twilio: TwilioApi) -> None:
    assert after(work, came(work, twilio.url + PATH)).reason == "gone"


def test_a_twilio_in_trouble_is_asked_again_for_four_hours(work: Session, twilio: TwilioApi) -> None:
    media = came(work, twilio.url + PATH)
    twilio.fail(SERVER_ERROR, SERVER_ERROR)
    with pytest.raises(Unreachable):
        fetch(media.id)

    work.execute(update(Media).values(came_at=now() - timedelta(hours=4.1)))
    work.commit()
    assert after(work, media).reason == "unreachable"


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data", "https://twilio.com.evil.example/x", "https://eviltwilio.com/x",
        "file:///etc/passwd", "http://api.twilio.com/x", "https://s3-external-1.amazonaws.com/other/x", "nonsense", "",
        "https://api.twilio.com@evil.example/x", "http://127.0.0.1:1/x",
    ],
)  # fmt: skip
def test_nothing_is_fetched_from_anywhere_else(work: Session, twilio: TwilioApi, url: str) -> None:
    assert after(work, came(work, url)).reason == "not_twilio"


def test_a_redirect_to_anywhere_else_is_not_followed(work: Session, twilio: TwilioApi) -> None:
    twilio.moved[PATH] = "http://127.0.0.1:1/x"

    assert after(work, came(work, twilio.url + PATH)).reason == "not_twilio"


def test_a_redirect_within_twilio_is_followed_and_one_in_a_circle_is_not(work: Session, twilio: TwilioApi) -> None:
    twilio.moved[PATH] = twilio.url + "/elsewhere"
    twilio.media["/elsewhere"] = AMR, "audio/amr"
    assert after(work, came(work, twilio.url + PATH)).type == "audio/amr"

    twilio.moved["/circle"] = "/circle"
    with pytest.raises(Refused):
        fetch_from_twilio(twilio.url + "/circle", at(twilio))


def test_without_an_account_nothing_can_be_fetched(work: Session, twilio: TwilioApi) -> None:
    with pytest.raises(Refused) as error:
        fetch_from_twilio(twilio.url + PATH, at(twilio, twilio_auth_token=""))
    assert error.value.code == "not_set_up"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"), (b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 64, "image/jpeg"), (AMR, "audio/amr"),
        (box(b"mp42"), "video/mp4"), (box(b"M4A "), "audio/mp4"), (box(b"3gp4"), "video/3gpp"),
        (b"OggS" + b"\0" * 64, "audio/ogg"), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"PK\x03\x04" + b"\0" * 64, None), (b"#!/bin/sh\n", None),
    ],
)  # fmt: skip
def test_the_kind_is_what_the_first_bytes_say(content: bytes, kind: str | None) -> None:
    assert kind_of(content) == kind
