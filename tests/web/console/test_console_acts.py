"""What staff do on a concern's page: each act as its form does it, by two people at once, and where it is wrong."""

import pytest
from factories import a_concern, a_conversation, a_message, a_risk
from sqlalchemy import select

from gateway.concerns import intake, service
from gateway.concerns.models import Concern, ConcernNote, ConcernQuestion
from gateway.conversations.models import Conversation, Message
from gateway.db import unit_of_work
from gateway.staff.models import Staff
from gateway.wording import choices


def text_of(page):
    return " ".join(page.find("main").text.split())


def hidden(page, form):
    """The hidden fields of a form on a page, as the browser sends them back."""
    found = page.select_one(f"form[action$='/{form}']")
    return {field["name"]: field.get("value", "") for field in found.select("input[type=hidden]")}


def send(person, path, page, form, status=200, **typed):
    """Fill in a form of a page and send it: `reason="why"` is the field `form-reason`."""
    prefix = form.replace("-", "_")
    fields = {f"{prefix}-{name}": value for name, value in typed.items()}
    return person.post(f"{path}/{form}", status=status, **hidden(page, form), **fields)


def staff_id(name):
    with unit_of_work() as session:
        return str(session.scalar(select(Staff.id).where(Staff.name == name)))


def row(concern):
    with unit_of_work() as session:
        return session.get_one(Concern, concern.id)


@pytest.fixture
def desk(sign_in, concern):
    """An urgent concern at Leeds, its address, and two who may answer for it."""
    raised = concern()
    return sign_in("LEI"), sign_in("LEI", name="Bob Second"), raised, f"/console/concerns/{raised.reference}"


# ----- each act -----


def test_every_form_says_what_its_page_showed(desk):
    ann, bob, _, path = desk
    page = ann.post(f"{path}/acknowledge")
    forms = [form for form in page.select("main form[method=post]") if "file." not in form["action"]]

    assert len(forms) == 10
    lacking = [form["action"] for form in forms if not form.select("input[name$=-seen][value]")]
    assert lacking == []
    assert {form.select_one("input[name$=-seen]")["value"] for form in forms} != {""}


def test_a_colleague_takes_it_in_hand(desk):
    ann, bob, raised, path = desk
    ann.post(f"{path}/acknowledge")
    page = bob.get(path)
    assert "In the hands of Ann Example." in text_of(page)

    page = send(bob, path, page, "claim")

    assert "is in your hands" in text_of(page) and "In your hands." in text_of(page)
    assert "Bob Second took it in hand, from Ann Example." in text_of(page)
    assert not page.select("form[action$='/claim']")


def test_it_is_given_to_a_colleague_of_that_prison_and_to_nobody_else(desk, sign_in):
    ann, bob, raised, path = desk
    sign_in("HLI", name="Cat Elsewhere")
    page = ann.get(path)
    options = [option.text.strip() for option in page.select("select[name=give-to] option")]
    assert options == ["Choose", "Bob Second", "Whoever comes on next"]

    send(ann, path, page, "give", status=400, to=staff_id("Cat Elsewhere"))
    page = send(ann, path, page, "give", to=staff_id("Bob Second"))

    assert "is given to your colleague" in text_of(page)
    assert "Ann Example gave it to Bob Second." in text_of(page)


def test_what_is_handed_over_stands_beside_the_words_for_whoever_takes_it(desk):
    ann, bob, raised, path = desk
    page = ann.post(f"{path}/acknowledge")
    refused = send(ann, path, page, "give", status=400, to="next", text="  ")
    assert refused.select_one("details[open] form[action$='/give']")
    assert (
        refused.select_one(".govuk-error-summary a[href='#give-text']").text == "Write what the next person must know"
    )

    send(ann, path, page, "give", to="next", text="<b>ring</b> C wing at 7")
    page = bob.get(path)

    assert "Ann Example handed it over" in text_of(page) and "<b>ring</b> C wing at 7" in text_of(page)
    assert page.text.index("handed it over") < page.text.index("Who and where")
    assert "In nobody’s hands." in text_of(page)
    assert "Ann Example handed it over" in text_of(send(bob, path, page, "claim")).split("Who and where")[0]


def test_what_was_done_is_recorded_with_a_remark_and_once(desk, log):
    ann, _, raised, path = desk
    page = ann.get(path)
    refused = send(ann, path, page, "action", status=400, remark="rang")
    assert refused.select_one(".govuk-error-summary").text.strip().endswith("Choose what was done")
    assert refused.select_one("#action-remark").text.strip() == "rang"

    for _ in range(2):
        done = send(ann, path, page, "action", kind="acct_opened", remark="with the night manager")

    assert "ACCT opened, by Ann Example" in text_of(done) and "with the night manager" in text_of(done)
    assert len(log("concern:action_recorded")) == 1
    assert set(choices("outcomes").values()) == {
        label.text.strip() for label in page.select("form[action$='/action'] .govuk-radios__label")
    }


def test_the_computers_view_is_put_right_with_a_reason(desk, log):
    ann, _, raised, path = desk
    page = ann.post(f"{path}/acknowledge")
    as_it_is = dict(urgency="urgent", category="self_harm_suicide", subject="prisoner")
    for wrong in (as_it_is | {"reason": "why not"}, as_it_is | {"urgency": "emergency", "reason": " "}):
        send(ann, path, page, "correct", status=400, **wrong)
    assert not log("concern:corrected")

    page = send(ann, path, page, "correct", **as_it_is | {"urgency": "emergency", "reason": "he said tonight"})

    text = text_of(page)
    assert "put the urgency right" in text and "from “Urgent” to “Emergency”" in text
    assert "he said tonight" in text and "Because of that it must be read and acknowledged again." in text
    assert page.select("form[action$='/acknowledge']")


def test_a_moved_concern_is_gone_from_here_and_whole_there(desk, sign_in):
    ann, _, raised, path = desk
    page = ann.post(f"{path}/acknowledge")
    send(ann, path, page, "move", status=400, prison="", reason="not ours")

    page = send(ann, path, page, "move", prison="HLI", reason="he went there on Monday")

    assert page.find("h1").text == "No open concerns" and "is moved" in text_of(page)
    ann.get(path, status=404)
    assert f"{raised.reference} went to HMP/YOI Hull" in text_of(ann.get("/console/closed"))
    hull = sign_in("HLI", name="Hal Hull")
    there = text_of(hull.get(path))
    assert "he went there on Monday" in there and "Ann Example moved it from HMP Leeds to HMP/YOI Hull." in there
    assert "safer-custody.hli@gateway.invalid" in there and "Have you read it" in there
    assert raised.reference not in text_of(hull.get("/console/closed"))


def test_the_callers_own_risk_cannot_be_moved_to_a_prison(sign_in, concern):
    theirs = concern(subject="caller", category="caller_risk", prison=None)
    person = sign_in("LEI", reads_unrouted=True)

    page = person.get(f"/console/concerns/{theirs.reference}")
    person.post(
        f"/console/concerns/{theirs.reference}/move", status=400,
        **hidden(page, "note"), **{"move-prison": "LEI", "move-reason": "there", "move-act": "1"},
    )  # fmt: skip

    assert not page.select("form[action$='/move']") and row(theirs).prison_id is None


def test_concerns_are_linked_and_unlinked_by_hand(desk, concern):
    ann, _, raised, path = desk
    other, elsewhere = concern("he is frightened"), concern(prison="HLI")
    page = ann.get(path)
    for wrong in ("", "nonsense", elsewhere.reference):
        refused = send(ann, path, page, "link", status=400, other=wrong)
        assert elsewhere.reference not in text_of(refused) and refused.select("#link-other-error")

    page = send(ann, path, page, "link", other=f" {other.reference.lower()} ")
    assert "Why linked: staff say so." in text_of(page)
    page = ann.post(f"{path}/unlink", **{"unlink-other": other.reference})

    assert "is no longer linked" in text_of(page)
    assert not page.select(f"#linked ~ ul a[href$='{other.reference}']")


def test_what_the_same_family_told_before_is_listed(sign_in, database):
    with unit_of_work() as session:
        thread = a_conversation(session, "sms")
        first, own = (
            a_concern(session, conversation=thread, **found)
            for found in ({}, {"subject": "caller", "category": "caller_risk", "prison": None})
        )
        second = a_concern(session, conversation=thread)

    page = sign_in("LEI").get(f"/console/concerns/{second.reference}")

    assert [link.text for link in page.select("#earlier ~ ul a")][:1] == [first.reference]
    assert own.reference not in text_of(page)


# ----- the family -----


def test_a_question_goes_out_and_its_answer_comes_to_the_page(sign_in, database, log):
    with unit_of_work() as session:
        raised = a_concern(session, conversation=a_conversation(session, "sms"))
    ann, path = sign_in("LEI"), f"/console/concerns/{raised.reference}"
    page = ann.get(path)
    warned = send(ann, path, page, "ask", status=400, text="Is he in hospital?")
    assert "hospital" in warned.select_one("#warnings").text and not log("concern:family_asked")

    page = send(ann, path, warned, "ask", text="Which day did you last speak?")
    assert "Your question about" in text_of(page) and "No answer yet." in text_of(page)
    with unit_of_work() as session:
        message = a_message(session, "on <i>monday</i>", session.get_one(Conversation, raised.conversation_id))
        intake.take_in(session, message.id, a_risk(level="none", urgency=None, category=None, subject=None), [])

    text = text_of(ann.get(path))
    assert "Ann Example asked" in text and "The family answered" in text and "on <i>monday</i>" in text
    assert "The family answered a question of staff." in text


@pytest.mark.parametrize("text", ["", "a" * 451])
def test_an_empty_or_too_long_question_is_refused(desk, text):
    ann, _, raised, path = desk

    send(ann, path, ann.get(path), "ask", status=400, text=text)

    with unit_of_work() as session:
        assert session.scalars(select(ConcernQuestion)).all() == []


# ----- closing -----


def test_an_emergency_is_closed_by_two_and_says_so_meanwhile(sign_in, concern):
    raised = concern(urgency="emergency")
    ann, bob, path = sign_in("LEI"), sign_in("LEI", name="Bob Second"), f"/console/concerns/{raised.reference}"
    page = send(ann, path, ann.get(path), "close", outcome="acct_opened", told="fitting")

    assert "is still open" in text_of(page) and "a second person must confirm" in text_of(page)
    assert not page.select("form[action$='/confirm'], form[action$='/close']")
    assert "To be finished or looked at again by" in text_of(page)
    assert "You proposed to close" in text_of(ann.post(f"{path}/confirm"))
    assert row(raised).status == "acknowledged"

    page = send(bob, path, bob.get(path), "confirm")

    assert "is closed" in text_of(page) and "as Ann Example had proposed" in text_of(page)
    assert row(raised).closed_by == int(staff_id("Bob Second"))
    assert "was closed before" in text_of(ann.post(f"{path}/confirm"))


def test_the_second_person_keeps_it_open_with_a_reason(sign_in, concern):
    raised = concern(urgency="emergency")
    ann, bob, path = sign_in("LEI"), sign_in("LEI", name="Bob Second"), f"/console/concerns/{raised.reference}"
    send(ann, path, ann.get(path), "close", outcome="acct_opened", told="fitting")
    page = bob.get(path)
    refused = send(bob, path, page, "keep-open", status=400, reason="")
    assert refused.select("details[open] form[action$='/keep-open']")

    page = send(bob, path, page, "keep-open", reason="nobody has seen him")

    assert "stays open" in text_of(page) and "nobody has seen him" in text_of(page)
    assert page.select("form[action$='/close']") and not page.select("form[action$='/confirm']")
    assert "Nobody proposes to close" in text_of(bob.post(f"{path}/confirm"))


def test_nobody_from_another_prison_is_the_second_person(sign_in, concern):
    raised = concern(urgency="emergency")
    ann, path = sign_in("LEI"), f"/console/concerns/{raised.reference}"
    send(ann, path, ann.get(path), "close", outcome="acct_opened", told="fitting")

    sign_in("HLI", name="Hal Hull").post(f"{path}/confirm", status=404)

    assert row(raised).status == "acknowledged"


def test_closing_says_what_the_family_was_told(desk):
    ann, _, raised, path = desk

    page = send(ann, path, ann.get(path), "close", outcome="welfare_check", told="finished")

    assert "What the family was told: only that staff have finished" in text_of(page)
    with unit_of_work() as session:
        said = session.scalars(select(Message.text).where(Message.sender == "system").order_by(Message.id)).all()
    assert said[-1].startswith("Staff have finished dealing with")


def test_a_closed_concern_is_opened_again_with_a_reason(desk):
    ann, bob, raised, path = desk
    page = send(ann, path, ann.get(path), "close", outcome="welfare_check", told="fitting")
    send(bob, path, page, "reopen", status=400, reason="")

    page = send(bob, path, page, "reopen", reason="his mother rang again")

    text = text_of(page)
    assert "is open again" in text and "his mother rang again" in text
    assert "Bob Second opened it again" in text and page.select("form[action$='/acknowledge']")


# ----- two at once -----


@pytest.mark.parametrize(
    "form, typed, by_bob",
    [
        ("close", {"outcome": "welfare_check", "told": "fitting"}, ("note", {"text": "he is in a bad way"})),
        ("close", {"outcome": "welfare_check", "told": "fitting"}, ("action", {"kind": "acct_opened"})),
        ("free", {"text": "Thank you, we are on it."}, ("sentence", {"sentence": "thank_you"})),
        ("ask", {"text": "Which day did you last speak?"}, ("sentence", {"sentence": "thank_you"})),
        ("action", {"kind": "welfare_check", "remark": "at 3"}, ("action", {"kind": "welfare_check"})),
        ("give", {"to": "next", "text": "ring C wing"}, ("claim", {})),
        (
            "correct",
            {"urgency": "routine", "category": "drugs", "subject": "prisoner", "reason": "old news"},
            ("correct", {"urgency": "urgent", "category": "debt_threats", "subject": "prisoner", "reason": "debts"}),
        ),
    ],
)
def test_who_acts_after_somebody_else_sees_it_first_and_loses_nothing(desk, log, form, typed, by_bob):
    ann, bob, raised, path = desk
    page = ann.post(f"{path}/acknowledge")
    send(bob, path, bob.get(path), by_bob[0], **by_bob[1])
    done = {
        entry.id for event in ("concern:closed", "concern:family_told", "concern:family_asked") for entry in log(event)
    }

    conflict = send(ann, path, page, form, status=409, **typed)

    assert "somebody else acted meanwhile" in text_of(conflict)
    assert "Bob Second" in conflict.select_one(".govuk-error-summary").text
    kept = conflict.select_one(f"details[open] form[action$='/{form}']")
    for name, value in typed.items():
        field = kept.select_one(f"[name={form}-{name}][checked]") or kept.select_one(f"[name={form}-{name}]")
        chosen = field.select_one("option[selected]") if field.name == "select" else None
        assert (chosen["value"] if chosen else field.get("value") or field.text.strip()) == value
    after = {
        entry.id for event in ("concern:closed", "concern:family_told", "concern:family_asked") for entry in log(event)
    }
    assert after == done

    send(ann, path, conflict, form, **typed)  # seen now, so it is done


@pytest.mark.parametrize(
    "form, typed",
    [
        ("give", {"to": "next", "text": "ring C wing"}),
        ("move", {"prison": "HLI", "reason": "not ours"}),
        ("action", {"kind": "acct_opened", "remark": "with the night manager"}),
        ("keep-open", {"reason": "nobody saw him"}),
    ],
)
def test_words_are_not_lost_when_it_was_closed_meanwhile(sign_in, concern, form, typed):
    raised = concern(urgency="emergency")
    ann, bob, path = sign_in("LEI"), sign_in("LEI", name="Bob Second"), f"/console/concerns/{raised.reference}"
    send(ann, path, ann.get(path), "close", outcome="acct_opened", told="fitting")
    page = ann.get(path)
    send(bob, path, bob.get(path), "confirm")
    written = next(value for name, value in typed.items() if name in ("text", "reason", "remark"))

    page = send(ann, path, page, form, status=409, **typed)
    assert written in page.select_one(f"details[open] form[action$='/{form}'] textarea").text
    page = send(ann, path, page, form, status=200 if form == "action" else 400, **typed)

    assert written in text_of(page)
    assert form == "action" or "It is closed now" in page.select_one(".govuk-error-summary").text


def test_new_words_of_the_family_are_seen_before_it_is_closed(desk):
    ann, _, raised, path = desk
    page = ann.post(f"{path}/acknowledge")
    with unit_of_work() as session:
        message = a_message(session, "he has stopped eating", session.get_one(Conversation, raised.conversation_id))
        service.add_words(session, session.get_one(Concern, raised.id), message.id)

    conflict = send(ann, path, page, "close", status=409, outcome="welfare_check", told="fitting")

    assert "he has stopped eating" in text_of(conflict) and row(raised).status == "acknowledged"


def test_a_note_stands_beside_what_others_did_and_views_matter_to_nobody(desk):
    ann, bob, raised, path = desk
    page = ann.post(f"{path}/acknowledge")
    bob.get(path)
    send(ann, path, page, "action", kind="welfare_check")
    send(bob, path, bob.get(path), "close", outcome="welfare_check", told="fitting")

    send(ann, path, page, "note", text="he was calm")

    with unit_of_work() as session:
        assert [note.text for note in session.scalars(select(ConcernNote))] == ["he was calm"]


def test_ones_own_acts_are_no_reason_to_look_again(desk):
    ann, _, raised, path = desk
    page = ann.post(f"{path}/acknowledge")
    send(ann, path, page, "note", text="rang")

    assert "is closed" in text_of(send(ann, path, page, "close", outcome="welfare_check", told="fitting"))


# ----- doors -----

POSTS = "acknowledge claim give note action correct move link unlink sentence free ask close confirm keep-open reopen"


@pytest.mark.parametrize("act", POSTS.split())
def test_no_act_is_open_to_who_may_not_see_the_concern(sign_in, concern, log, act):
    theirs = concern(prison="LEI")

    sign_in("HLI").post(f"/console/concerns/{theirs.reference}/{act}", status=404)

    assert row(theirs).status == "open" and row(theirs).assigned_to is None
