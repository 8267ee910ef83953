"""What families send beside words, on a concern's page and by itself."""

from pathlib import Path

import pytest
from factories import NUMBER, a_concern, a_conversation
from sqlalchemy import select

from gateway.conversations.service import Inbound, accept
from gateway.db import unit_of_work
from gateway.deliveries.models import Delivery
from gateway.media import service
from gateway.media.models import Media

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 2000
WITH_PHOTO = Inbound("", media=[{"url": "https://api.twilio.com/x", "type": "image/png"}])


@pytest.fixture
def sent(database):
    """A concern told by text with one thing beside the words; gives its reference and the id of the thing."""
    with unit_of_work() as session:
        thread = a_conversation(session, "sms")
        raised = a_concern(session, conversation=thread)
        message = accept(session, thread, WITH_PHOTO)
        media = session.scalars(select(Media.id).where(Media.message_id == message.id)).one()
    return raised.reference, media


def keep(media, content=PNG, kind="image/png"):
    with unit_of_work() as session:
        service.keep(session, media, content, kind)


def address(reference, media):
    return f"/console/concerns/{reference}/media/{media}"


def words_of(page):
    return " ".join(page.find("main").text.split())


def test_a_photo_is_shown_to_who_may_read_the_concern_and_the_look_is_logged(sign_in, sent, log):
    reference, media = sent
    keep(media)
    person = sign_in("LEI")

    page = person.get(f"/console/concerns/{reference}")
    assert page.select_one(f"a[href='{address(reference, media)}']").text == "A photo, 2 KB"
    answer = person.client.get(address(reference, media))
    assert (answer.status_code, answer.data, answer.mimetype) == (200, PNG, "image/png")
    assert [(row.actor[:6], row.details["media"]) for row in log("media:viewed_by_staff")] == [("staff:", media)]


@pytest.mark.parametrize(("kind", "shown"), [("image/png", "inline"), ("audio/amr", "attachment")])
def test_nothing_in_the_file_can_run(sign_in, sent, kind, shown):
    reference, media = sent
    keep(media, kind=kind)

    headers = sign_in("LEI").client.get(address(reference, media)).headers
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"].startswith(f"{shown}; filename=")
    assert headers["Cache-Control"] == "no-store"


def test_nobody_else_can_open_it(sign_in, sent, concern, web):
    reference, media = sent
    keep(media)
    other = concern(prison="MDI")

    assert web.get(address(reference, media)).status_code in (302, 401)
    assert sign_in("MDI", name="Moor Land").client.get(address(reference, media)).status_code == 404
    # By way of a concern that they may see, but that it does not belong to.
    assert sign_in("LEI", "MDI", name="Both Sides").client.get(address(other.reference, media)).status_code == 404


@pytest.mark.parametrize("reason", ["too_large", "unknown_type", "not_twilio", "gone", "unreachable", "not_set_up"])
def test_one_that_could_not_be_kept_says_why(sign_in, sent, reason):
    from gateway.wording import choices

    reference, media = sent
    with unit_of_work() as session:
        service.refuse(session, media, reason)
    person = sign_in("LEI")

    expected = f"A photo came. It could not be kept: {choices('media_refused')[reason]}."
    assert expected in words_of(person.get(f"/console/concerns/{reference}"))
    assert person.client.get(address(reference, media)).status_code == 404


def test_one_on_its_way_says_so(sign_in, sent):
    assert "A photo came. It is still being fetched." in words_of(sign_in("LEI").get(f"/console/concerns/{sent[0]}"))


def test_a_text_that_did_not_arrive_is_shown_in_plain_words(sign_in, sent):
    with unit_of_work() as session:
        for delivery in session.scalars(select(Delivery)):
            delivery.state, delivery.sent_at = "sent", delivery.queued_at
            delivery.receipt, delivery.receipt_code, delivery.receipt_at = "did_not_arrive", "30003", delivery.queued_at

    assert "It did not arrive: their phone was off or had no signal." in words_of(
        sign_in("LEI").get(f"/console/concerns/{sent[0]}")
    )


def test_every_code_has_words_for_staff_that_end_a_sentence():
    from gateway.deliveries.codes import codes, in_words

    assert Path("data/twilio_codes.yml").exists() and len(codes()) > 15
    assert all(code.told and not code.told.endswith(".") for code in codes().values())
    assert in_words("twilio-21610") == in_words("21610") == codes()[21610].told
    assert in_words("twilio-99999") == "twilio-99999"
    assert NUMBER not in str(codes())
