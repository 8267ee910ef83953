"""Possible concerns and messages that were not processed: read, made a concern, dismissed, brought back."""

from datetime import timedelta

import pytest
from factories import a_conversation, a_message, a_risk
from sqlalchemy import func, select, update

from gateway.concerns.decision_models import MessageDecision
from gateway.concerns.intake import _store
from gateway.concerns.models import Concern
from gateway.concerns.service import add_words
from gateway.conversations.models import Conversation
from gateway.conversations.service import Reply, answer, hold
from gateway.db import now, unit_of_work


@pytest.fixture
def unsure(database):
    """A message that the bot was not sure of: `unsure("he sounded low", prison="LEI")`."""

    def made(text="he sounded low", prison="LEI", **found):
        with unit_of_work() as session:
            message = a_message(session, text)
            session.get_one(Conversation, message.conversation_id).prison_id = prison
            _store(session, message, a_risk(**({"level": "possible"} | found)), [])
            answer(session, message, [Reply("Are you worried about someone’s safety?")])
            return message.id

    return made


@pytest.fixture
def held(database):
    with unit_of_work() as session:
        message = a_message(session, "please help", a_conversation(session, "sms"))
        hold(session, message.id, Reply("wait"))
        return message.id


@pytest.fixture
def concerns(database):
    def stored():
        with unit_of_work() as session:
            return [(one.reference, one.urgency, one.prison_id) for one in session.scalars(select(Concern))]

    return stored


def text_of(page):
    return " ".join(page.find("main").text.split())


def words_on(page):
    return [words.text for words in page.select(".console-words__text")]


def reasons(message_id, reason, words=""):
    return {f"dismiss-{message_id}-reason": reason, f"dismiss-{message_id}-words": words}


# ----- the lists -----


def test_possible_concerns_come_in_the_familys_words_with_what_the_bot_made_of_them_and_asked(sign_in, unsure):
    unsure("he sounded <b>low</b>\nvery")

    page = sign_in("LEI").get("/console/possible")
    text = text_of(page)
    assert words_on(page) == ["he sounded <b>low</b>\nvery"]
    assert "perhaps a worry. If it is one: Urgent, Self-harm or suicide, about a person in prison." in text
    assert "Prison last named: HMP Leeds" in text and "Are you worried about someone’s safety?" in text
    assert page.select_one(".moj-ticket-panel__content").find(True).name == "blockquote"


def test_messages_that_were_held_are_listed_with_what_nobody_could_read(sign_in, held):
    page = sign_in(reads_unrouted=True).get("/console/not-processed")

    assert words_on(page) == ["please help"] and "Text message from +447700900123" in text_of(page)
    assert "It could not read it, so nobody has looked for danger in it." in text_of(page)


def test_when_there_is_nothing_to_decide_the_pages_say_so(sign_in):
    person = sign_in(reads_unrouted=True)

    assert "There are none to decide of." in text_of(person.get("/console/possible"))
    assert "Nothing was dismissed in the last 24 hours." in text_of(person.get("/console/possible?show=dismissed"))
    assert "Every message has been answered" in text_of(person.get("/console/not-processed"))


def test_many_possible_concerns_come_in_pages_of_fifty(sign_in, unsure):
    for _ in range(51):
        unsure()

    first = sign_in("LEI").get("/console/possible")
    assert len(words_on(first)) == 50 and first.select_one("a[rel=next]")["href"] == "/console/possible?page=2"


# ----- making a concern of it -----


def test_one_press_on_the_list_makes_a_concern_of_what_is_likeliest_and_a_second_press_none(
    sign_in, unsure, concerns, log
):
    message, person = unsure(urgency="emergency"), sign_in("LEI")
    form = person.get("/console/possible").select_one("form[action$='/make']")

    page = person.post(form["action"])
    ((reference, urgency, prison),) = concerns()
    assert (urgency, prison) == ("emergency", "LEI") and reference in page.title.text
    assert f"{reference} is open now. Those on its route are told." in page.text
    assert "Ann Example opened this concern from a message of the family" in text_of(page)
    again = person.post(f"/console/messages/{message}/make")
    assert "That was done already." in again.text and len(concerns()) == 1
    assert [row.actor for row in log("concern:opened")] == [f"staff:{person.staff_id}"]
    assert "There are none to decide of." in text_of(person.get("/console/possible"))


def test_prison_urgency_kind_and_whose_safety_can_be_chosen_first(sign_in, unsure, concerns):
    message, person = unsure(prison=None), sign_in(reads_unrouted=True)
    page = person.get(f"/console/messages/{message}")
    chosen = {select["name"]: select.select_one("option[selected]") for select in page.select("main select")}
    assert chosen["make-prison"] is None or chosen["make-prison"]["value"] == ""
    assert {name: one["value"] for name, one in chosen.items() if name != "make-prison"} == {
        "make-urgency": "urgent", "make-category": "self_harm_suicide", "make-subject": "prisoner"
    }  # fmt: skip

    fields = {"make-urgency": "routine", "make-category": "drugs", "make-subject": "other", "make-prison": "HLI"}
    after = person.post(f"/console/messages/{message}/make", **fields)
    ((reference, urgency, prison),) = concerns()
    assert (urgency, prison) == ("routine", "HLI")
    # It is Hull's now, and who made it has no page of it.
    assert "Possible concerns" in after.title.text and reference in after.text


@pytest.mark.parametrize("field", ["urgency", "category", "subject", "prison"])
def test_what_is_on_no_list_makes_no_concern(sign_in, unsure, concerns, field):
    message, person = unsure(), sign_in("LEI")

    page = person.post(f"/console/messages/{message}/make", status=400, **{f"make-{field}": "made up"})
    assert page.title.text.startswith("Error: ") and concerns() == []


def test_a_message_that_was_not_processed_becomes_a_concern_too(sign_in, held, concerns):
    person = sign_in(reads_unrouted=True)

    person.post(f"/console/messages/{held}/make")
    assert [(urgency, prison) for _, urgency, prison in concerns()] == [("urgent", None)]
    assert "Every message has been answered" in text_of(person.get("/console/not-processed"))


# ----- dismissing it -----


def test_a_message_is_dismissed_with_a_reason_once_and_can_be_brought_back(sign_in, unsure, log):
    message, person = unsure(), sign_in("LEI")
    path = f"/console/messages/{message}"

    page = person.post(f"{path}/dismiss", **reasons(message, "past", "it was <i>last</i> year"))
    again = person.post(f"{path}/dismiss", **reasons(message, "past"))
    assert "The message is dismissed" in page.text and "There are none to decide of." in page.text
    assert "That was done already." in again.text and len(log("message:dismissed")) == 1
    listed = text_of(person.get("/console/possible?show=dismissed"))
    assert (
        "Ann Example dismissed it" in listed and "It tells of something that is over. it was <i>last</i> year" in listed
    )

    back = person.post(f"{path}/bring-back")
    assert "The message is back on its list." in back.text and "Or dismiss it" in back.text
    assert "That was done already." in person.post(f"{path}/bring-back").text
    assert len(log("message:brought_back")) == 1 and words_on(person.get("/console/possible"))


@pytest.mark.parametrize(
    "fields, why",
    [(("", ""), "Choose why it is no concern"), (("made up", ""), "Not a valid choice"),
     (("other", " "), "Write why it is no concern"), (("past", "x" * 5001), "5,000 characters or fewer")],
)  # fmt: skip
def test_without_a_reason_of_the_list_nothing_is_dismissed_and_the_page_says_why(sign_in, unsure, log, fields, why):
    message = unsure()

    page = sign_in("LEI").post(f"/console/messages/{message}/dismiss", status=400, **reasons(message, *fields))
    assert why in page.text and page.title.text.startswith("Error: ") and not log("message:dismissed")


def test_after_a_day_a_dismissal_stands(sign_in, unsure):
    message, person = unsure(), sign_in("LEI")
    person.post(f"/console/messages/{message}/dismiss", **reasons(message, "past"))
    with unit_of_work() as session:
        session.execute(update(MessageDecision).values(at=now() - timedelta(hours=25)))

    assert not person.get(f"/console/messages/{message}").select("form[action$='/bring-back']")
    assert "more than 24 hours ago" in person.post(f"/console/messages/{message}/bring-back").text


# ----- two at once -----


def test_who_decides_after_a_colleague_sees_what_was_decided_and_keeps_what_they_wrote(sign_in, unsure, concerns):
    message, bea, ann = unsure(), sign_in("LEI", name="Bea Example"), sign_in("LEI")
    bea.post(f"/console/messages/{message}/dismiss", **reasons(message, "known"))

    page = ann.post(f"/console/messages/{message}/make", status=409)
    assert "so nothing was done" in text_of(page) and "Bea Example dismissed it" in text_of(page) and concerns() == []
    bea.post(f"/console/messages/{message}/bring-back")
    bea.post(f"/console/messages/{message}/make")
    late = ann.post(f"/console/messages/{message}/dismiss", status=409, **reasons(message, "other", "a late train"))
    ((reference, _, _),) = concerns()
    assert "Bea Example made it a concern" in text_of(late) and late.select(f"a[href$='{reference}']")
    assert "a late train" in text_of(late)


def test_a_message_that_the_familys_next_words_made_a_concern_says_so(sign_in, unsure, concern):
    message, person = unsure(), sign_in("LEI")
    with unit_of_work() as session:
        add_words(session, session.get_one(Concern, concern().id), message)

    page = person.post(f"/console/messages/{message}/dismiss", status=409, **reasons(message, "past"))
    assert "It belongs to a concern" in text_of(page)


# ----- closed doors -----


def test_a_message_of_another_prison_does_not_exist_and_cannot_be_decided(sign_in, unsure, concerns):
    message, person = unsure(), sign_in("HLI")

    assert words_on(person.get("/console/possible")) == []
    person.get(f"/console/messages/{message}", status=404)
    for act in ("make", "dismiss", "bring-back"):
        person.post(f"/console/messages/{message}/{act}", status=404, **reasons(message, "past"))
    with unit_of_work() as session:
        assert session.scalar(select(func.count(MessageDecision.id))) == 0 and concerns() == []


@pytest.mark.parametrize("number", ["0", "-1", "x", "999999", "9" * 30])
def test_a_number_that_is_no_message_is_not_found(sign_in, number):
    sign_in(reads_unrouted=True).get(f"/console/messages/{number}", status=404)


def test_reading_one_message_is_a_row_in_the_log(sign_in, unsure, log):
    message = unsure()
    sign_in("LEI").get(f"/console/messages/{message}")

    row = log("staff:viewed_list")[-1]
    assert row.details["list"] == "message" and row.details["messages"] == [message]
