"""A concern's page, and what can be done there."""

from datetime import date, timedelta

import pytest
from factories import NUMBER, a_conversation
from sqlalchemy import func, select, update

from gateway.concerns import service
from gateway.concerns.models import Concern, ConcernNote
from gateway.conversations.models import Conversation, Message
from gateway.db import now, unit_of_work
from gateway.deliveries.models import Delivery
from gateway.wording import choices

WORDS = "he said <script>alert(1)</script> & he\n\n  cant   go on 😔 {reference} {{ 7*7 }}"


def text_of(page):
    return " ".join(page.find("main").text.split())


def act(page, form):
    """The hidden fields of a form on a page, as the browser sends them back."""
    return {field["name"]: field["value"] for field in page.select(f"form[action$='/{form}'] input[type=hidden]")}


@pytest.fixture
def by_text(database):
    """A concern raised by text message, with its address."""
    from factories import a_concern

    with unit_of_work() as session:
        raised = a_concern(session, conversation=a_conversation(session, "sms"))
    return raised, f"/console/concerns/{raised.reference}"


def told(concern):
    """What the family was told, and how much of it was queued as a text."""
    with unit_of_work() as session:
        thread = select(Message.text).where(
            Message.conversation_id == concern.conversation_id, Message.sender.in_(["system", "staff"])
        )
        queued = session.scalars(select(Delivery.address).where(Delivery.reason == "reply")).all()
        return list(session.scalars(thread.order_by(Message.id))), queued.count(NUMBER)


def test_the_familys_words_come_first_verbatim_and_harmless(sign_in, concern):
    theirs = concern(WORDS)

    page = sign_in("LEI").get(f"/console/concerns/{theirs.reference}")

    assert page.select_one(".console-words__text").text == WORDS
    assert not page.select("main script")
    headings = [heading.text for heading in page.select("main h2")]
    assert headings[0] == "In the family's words"
    assert headings.index("What the computer made of it") > headings.index("How to reach the family safely")


def test_the_page_says_what_is_known_and_what_they_agreed_to(sign_in, concern):
    details = dict(
        prisoner_name="Sam <i>Sample", prisoner_number="A1234BC", prisoner_dob=date(1990, 3, 1), summary="owes money",
        reporter_name="Jo", reporter_relationship="mother", reporter_contact="07700 900456", contact_when="after 6",
        contact_allowed=True, reporter_anonymous=False, tell_prisoner=None,
    )  # fmt: skip
    theirs = concern(details=details)

    text = text_of(sign_in("LEI").get(f"/console/concerns/{theirs.reference}"))

    for part in (
        "HMP Leeds", "Sam <i>Sample", "A1234BC", "1 March 1990", "owes money", "mother", "07700 900456", "after 6",
        "Staff may contact them Yes", "Wants to stay anonymous No", "The prisoner may be told who spoke Not answered",
        "level likely, urgency Urgent, category Self-harm or suicide. Model test-1",
    ):  # fmt: skip
        assert part in text


def test_the_number_of_someone_who_wants_no_contact_is_not_shown(sign_in, by_text):
    raised, path = by_text
    person = sign_in("LEI")
    assert NUMBER in text_of(person.get(path))
    with unit_of_work() as session:
        session.execute(update(Concern).values(contact_allowed=False))

    text = text_of(person.get(path))

    assert NUMBER not in text
    assert "They do not want staff to contact them." in text


def test_opening_the_page_is_a_row_in_the_log_and_in_its_history(sign_in, concern, log):
    theirs = concern()
    person = sign_in("LEI")
    person.get(f"/console/concerns/{theirs.reference}")
    page = person.get(f"/console/concerns/{theirs.reference.lower()}")

    rows = log("concern:viewed_by_staff")
    assert [(row.concern_id, row.actor) for row in rows] == [(theirs.id, log("staff:signed_in")[0].actor)] * 2
    assert "Ann Example opened this page, 2 times by then." in text_of(page)


def test_the_history_is_told_in_sentences(sign_in, concern, log):
    theirs = concern()
    person = sign_in("LEI")
    path = f"/console/concerns/{theirs.reference}"
    page = person.get(path)
    person.post(f"{path}/acknowledge")
    person.post(f"{path}/note", **act(page, "note"), **{"note-text": "rang the wing"})
    person.post(f"{path}/sentence", **act(page, "sentence"), **{"sentence-sentence": "thank_you"})
    text = text_of(person.post(f"{path}/close", **{"close-outcome": "acct_opened"}))

    for part in (
        "A message from the family opened this concern: Urgent, Self-harm or suicide.",
        "address of the step “safer custody” is told of a new concern",
        "Ann Example acknowledged it. The family is told.",
        "Ann Example added a note.",
        f"Ann Example sent the family: “Thank you for telling us about {theirs.reference}.",
        "Ann Example closed it: ACCT opened.",
        "safer-custody.lei@gateway.invalid, by e-mail",
    ):
        assert part in text


def test_acknowledging_tells_the_family_when_it_was_read_and_sends_the_text(sign_in, by_text, log):
    raised, path = by_text
    page = sign_in("LEI").post(f"{path}/acknowledge")

    said, queued = told(raised)
    assert len(said) == queued == 1
    assert f"read your message {raised.reference} at " in said[0]
    assert "You have acknowledged" in text_of(page)
    assert "Acknowledged" in text_of(page) and "by Ann Example" in text_of(page)
    assert [row.actor for row in log("concern:acknowledged")] == [log("staff:signed_in")[0].actor]


def test_acknowledging_twice_tells_the_family_once(sign_in, by_text, log):
    raised, path = by_text
    person = sign_in("LEI")
    person.post(f"{path}/acknowledge")

    page = sign_in("LEI", name="Bob Second").post(f"{path}/acknowledge")

    assert "was acknowledged before" in text_of(page)
    assert "by Ann Example" in text_of(page)
    assert told(raised)[1] == 1
    assert len(log("concern:acknowledged")) == 1


def test_to_somebody_who_texted_stop_no_text_goes_and_staff_are_told(sign_in, by_text):
    raised, path = by_text
    with unit_of_work() as session:
        session.execute(update(Conversation).values(stopped_at=now()))

    page = sign_in("LEI").post(f"{path}/acknowledge")

    assert told(raised)[1] == 0
    assert "The family texted STOP, so no text tells them." in text_of(page)
    assert "Not sent: they had texted STOP." in text_of(page)


def test_a_note_is_kept_once_however_often_the_form_comes(sign_in, concern, log):
    theirs = concern()
    person = sign_in("LEI")
    path = f"/console/concerns/{theirs.reference}"
    fields = {**act(person.get(path), "note"), "note-text": "  rang <the> wing\r\nno answer  "}

    first = person.post(f"{path}/note", **fields)
    again = person.post(f"{path}/note", **fields)
    other = person.post(f"{path}/note", **{**act(first, "note"), "note-text": "rang again"})

    assert "is kept" in text_of(first)
    assert "That was done already." in text_of(again)
    kept = [note.text for note in other.select(".console-note .console-verbatim")]
    assert kept == ["rang <the> wing\nno answer", "rang again"]
    assert len(log("concern:noted")) == 2


@pytest.mark.parametrize(
    "text, why", [(" \r\n ", "Write the note"), ("x" * 5001, "The note must have 5,000 characters or fewer")]
)
def test_a_note_that_cannot_be_kept_is_refused_in_words_and_not_lost(sign_in, concern, text, why):
    theirs = concern()
    person = sign_in("LEI")
    path = f"/console/concerns/{theirs.reference}"

    page = person.post(f"{path}/note", status=400, **act(person.get(path), "note"), **{"note-text": text})

    assert page.title.text.startswith("Error: ")
    assert page.select_one(".govuk-error-summary a[href='#note-text']").text == why
    assert page.select_one("#note-text").text.strip() == text.strip()


def test_a_form_without_its_one_time_id_is_refused(sign_in, concern):
    theirs = concern()

    fields = {"note-text": "hello", "note-act": "1"}
    page = sign_in("LEI").post(f"/console/concerns/{theirs.reference}/note", status=400, **fields)

    assert "Load this page again" in text_of(page)
    with unit_of_work() as session:
        assert session.scalar(select(func.count(ConcernNote.id))) == 0


def test_an_approved_sentence_goes_out_once_and_no_other_can(sign_in, by_text, log):
    raised, path = by_text
    person = sign_in("LEI")
    fields = {**act(person.get(path), "sentence"), "sentence-sentence": "being_looked_into"}

    person.post(f"{path}/sentence", **fields)
    again = person.post(f"{path}/sentence", **fields)
    for wrong in ("he is fine", ""):
        person.post(f"{path}/sentence", status=400, **act(again, "sentence"), **{"sentence-sentence": wrong})

    assert told(raised) == ([choices("approved")["being_looked_into"].format(reference=raised.reference)], 1)
    assert [row.details["sentence"] for row in log("concern:family_told")] == ["being_looked_into"]


def test_nothing_is_closed_without_an_outcome(sign_in, concern, log):
    theirs = concern()
    person = sign_in("LEI")
    path = f"/console/concerns/{theirs.reference}"

    page = person.post(f"{path}/close", status=400)
    person.post(f"{path}/close", status=400, **{"close-outcome": "all fine"})

    assert page.select_one(".govuk-error-summary a[href='#close-outcome']").text == "Choose what was done"
    assert not log("concern:closed")


def test_closing_keeps_the_outcome_tells_the_family_and_happens_once(sign_in, by_text, log):
    raised, path = by_text
    person = sign_in("LEI")

    page = person.post(f"{path}/close", **{"close-outcome": "healthcare_told"})
    again = person.post(f"{path}/close", **{"close-outcome": "police_told"})

    assert "is closed. The family is told" in text_of(page)
    assert "by Ann Example: Healthcare told." in text_of(page)
    assert not page.select("form[action$='/close'], form[action$='/acknowledge']")
    assert "was closed before. Nothing was changed." in text_of(again)
    assert [row.details["outcome"] for row in log("concern:closed")] == ["healthcare_told"]
    assert told(raised)[1] == 2  # that it was read, and that it is finished


def test_the_conversation_shows_how_each_text_fared(sign_in, by_text):
    raised, path = by_text
    person = sign_in("LEI")
    person.post(f"{path}/acknowledge")
    with unit_of_work() as session:
        replies, alerts = (update(Delivery).where(Delivery.reason == reason) for reason in ("reply", "alert"))
        session.execute(replies.values(state="failed", attempts=1, last_error="30003"))
        session.execute(alerts.values(state="sent", sent_at=now(), attempts=2))

    text = text_of(person.get(path))

    assert "Not sent after 1 try: their phone was off or had no signal." in text
    assert "went out" in text and "after 2 tries" in text


def test_a_concern_that_is_overdue_says_so(sign_in, concern):
    theirs = concern()
    with unit_of_work() as session:
        session.get_one(Concern, theirs.id).next_alarm_at = now() - timedelta(minutes=3)

    assert "Overdue since" in text_of(sign_in("LEI").get(f"/console/concerns/{theirs.reference}"))


def test_other_reports_about_the_same_person_are_listed_with_their_links_and_no_others(sign_in, concern):
    first, second, third = concern(), concern(), concern(prison="DMI")
    with unit_of_work() as session:
        for one in (first, second, third):
            row = session.get_one(Concern, one.id)
            service.enrich(session, row, row.opened_by, prisoner_number="A1234BC")

    page = sign_in("LEI").get(f"/console/concerns/{second.reference}")

    linked = page.select("#linked ~ ul")[0].select("a")
    assert [link["href"] for link in linked] == [f"/console/concerns/{first.reference}"]
    assert third.reference not in text_of(page)


def test_the_history_says_why_each_step_was_told(sign_in, concern):
    theirs = concern()

    assert "Why: the concern was opened." in text_of(sign_in("LEI").get(f"/console/concerns/{theirs.reference}"))


def test_the_callers_own_risk_carries_a_warning(sign_in, concern):
    theirs = concern(subject="caller", category="caller_risk", prison=None)

    text = text_of(sign_in(reads_unrouted=True).get(f"/console/concerns/{theirs.reference}"))

    assert "Do not pass it to a prison's wing." in text


def test_a_later_message_is_added_to_the_words(sign_in, concern):
    from factories import a_message

    theirs = concern("first")
    with unit_of_work() as session:
        message = a_message(session, "second", session.get_one(Conversation, theirs.conversation_id))
        service.add_words(session, session.get_one(Concern, theirs.id), message.id)

    page = sign_in("LEI").get(f"/console/concerns/{theirs.reference}")

    assert [words.text for words in page.select(".console-words__text")][:2] == ["first", "second"]
