"""«Did this help?» under the last answer, by the page's form and by the JSON."""

import pytest
from sqlalchemy import select

from gateway.conversations import service
from gateway.conversations.models import Message
from gateway.conversations.service import Reply
from gateway.db import unit_of_work
from gateway.feedback.models import Feedback


@pytest.fixture
def answered(say, database):
    """A conversation whose question was answered from the sheets, and the answer's number."""

    def asked(key="visits/late"):
        token = say("i am late for my visit")["conversation"]
        with unit_of_work() as session:
            for message in session.scalars(select(Message).where(Message.state == "accepted")).all():
                service.answer(session, message, [Reply("Ring the prison.", answer=key)])
            return token, session.scalars(select(Message.id).order_by(Message.id.desc())).first()

    return asked


@pytest.fixture
def scores(database):
    def stored():
        with unit_of_work() as session:
            return session.execute(select(Feedback.message_id, Feedback.score, Feedback.answer)).all()

    return stored


@pytest.fixture
def press(web, page):
    """Press a button under the answer on the page, as a browser without a script does."""

    def send(helped, **other):
        form = page().select_one("#rate")
        fields = {field["name"]: field["value"] for field in form.select("input")}
        return web.post(form["action"], data={**fields, "helped": helped, **other}, follow_redirects=True)

    return send


def test_only_an_answer_may_be_rated_and_only_until_it_is(web, answered, listen):
    token, answer = answered()
    plain, _ = answered(None)

    assert [said["rate"] for said in listen(token)["messages"]] == [True]
    assert [said["rate"] for said in listen(plain)["messages"]] == [False]
    web.post("/chat/api/feedback", json={"conversation": token, "message": answer, "helped": True})
    assert [said["rate"] for said in listen(token)["messages"]] == [False]


@pytest.mark.parametrize("helped, score", [(True, 5), (False, 1)])
def test_a_press_is_kept_as_a_score(web, answered, scores, helped, score):
    token, answer = answered()

    response = web.post("/chat/api/feedback", json={"conversation": token, "message": answer, "helped": helped})
    assert response.status_code == 200 and response.get_json() == {"kept": True}
    assert scores() == [(answer, score, "visits/late")]


@pytest.mark.parametrize(
    "change, status",
    [
        ({"conversation": None}, 400),
        ({"conversation": "made up"}, 404),
        ({"message": "12"}, 400),
        ({"message": True}, 400),
        ({"message": 10**30}, 404),
        ({"message": -1}, 404),
        ({"helped": "yes"}, 400),
        ({"helped": None}, 400),
    ],
)
def test_what_cannot_be_kept_is_refused_in_plain_words(web, answered, scores, change, status):
    token, answer = answered()
    body = {"conversation": token, "message": answer, "helped": True} | change

    response = web.post("/chat/api/feedback", json=body)
    assert response.status_code == status and response.get_json()["error"].endswith(".")
    assert scores() == []


def test_nobody_rates_in_another_conversation(web, answered, scores):
    (_, answer), (other, _) = answered(), answered()

    response = web.post("/chat/api/feedback", json={"conversation": other, "message": answer, "helped": False})
    assert response.status_code == 404 and scores() == []


def test_the_buttons_stand_under_the_last_answer_alone(web, answered, page, say):
    token, _ = answered()
    assert [button["value"] for button in page().select(".thread .rating__button")] == ["yes", "no"]

    say("thanks", conversation=token)
    assert page().select(".thread .rating__button") == []


def test_the_page_keeps_a_press_without_a_script_and_says_thank_you(answered, press, scores):
    _, answer = answered()

    shown = press("yes")
    assert "Thank you for telling us." in shown.text and scores() == [(answer, 5, "visits/late")]


def test_whom_an_answer_did_not_help_is_offered_a_call(answered, press, page):
    answered()
    press("no")

    offer = page("/chat?helped=no").select_one("#chat .rating button[form=press]")
    assert offer["value"] == "can someone ring me"
    assert page("/chat?helped=yes").select_one("#chat .rating button") is None


@pytest.mark.parametrize("wrong", [{"csrf_token": "x"}, {"helped": "perhaps"}, {"message": "999999"}, {"message": "x"}])
def test_a_press_that_is_not_the_pages_own_is_not_kept(answered, press, scores, wrong):
    answered()

    assert press(wrong.pop("helped", "yes"), **wrong).status_code == 200
    assert scores() == []
