"""What one message means as an answer, by its words and by the intent that the bot gives it."""

import pytest

from gateway.concerns.heard import Heard

YES = ["yes", "Yes please", "yeah", "yep go on", "ok", "Okay then", "sure", "of course", "that's right", "That’s right"]
NO = ["no", "No thanks", "nah", "nope", "not really", "never", "rather not", "please don't", "Don’t", "of course not"]
SKIP = [
    "skip",
    "Skip this one",
    "pass",
    "dunno",
    "idk",
    "don't know",
    "I don’t know",
    "i dont know",
    "not sure",
    "rather not say",
]
STOP = [
    "stop", "Stop.", "please stop", "stop it", "stop asking", "that's all", "That’s all thanks", "enough",
    "no more questions", "leave it", "never mind", "nevermind", "cancel",
]  # fmt: skip


@pytest.mark.parametrize("text", YES)
def test_a_yes_is_a_yes_and_not_a_no(text: str) -> None:
    assert Heard(text).is_yes and Heard(text).is_clear_yes and not Heard(text).is_no


@pytest.mark.parametrize("text", NO)
def test_a_no_is_a_no_and_not_a_yes(text: str) -> None:
    assert Heard(text).is_no and not Heard(text).is_yes


@pytest.mark.parametrize("text", SKIP)
def test_a_question_can_be_skipped_in_many_words(text: str) -> None:
    assert Heard(text).is_skip and not Heard(text).is_stop


@pytest.mark.parametrize("text", STOP)
def test_the_questions_can_be_stopped_in_many_words(text: str) -> None:
    assert Heard(text).is_stop


@pytest.mark.parametrize(
    "text",
    [
        "sorry im on shift, no more questions please, just get somebody to him",
        "cant answer any more now the kids are up",
        "i've got to go, my bus is here",
        "right gotta dash, thanks for this",
        "I cannot be dealing with all this tonight",
    ],
)
def test_who_breaks_off_in_other_words_is_heard(text: str) -> None:
    assert Heard(text).is_stop


@pytest.mark.parametrize(
    "text",
    [
        "he has got to go to court on monday and he is terrified",
        "they told him there would be no more visits",
        "he cant answer the phone anymore",
        "i have got to go and see him but he wont have me there",
    ],
)
def test_what_others_have_to_do_is_no_breaking_off(text: str) -> None:
    assert not Heard(text).is_stop


@pytest.mark.parametrize(
    "text",
    [
        "stop him before he does it",
        "stop it happening again please someone",
        "enough is enough he cries",
        "his cell mate said that's all",
    ],
)
def test_a_worry_that_sounds_like_stop_is_none(text: str) -> None:
    assert not Heard(text).is_stop


@pytest.mark.parametrize(
    "text",
    [
        "yes but don't tell him",
        "Yes but don’t say it was me",
        "yes if he stays safe",
        "ok but not my name",
        "ok only his mum",
        "fine, unless he asks",
        "yes dont",
    ],
)
def test_a_yes_with_something_behind_it_is_not_a_clear_one(text: str) -> None:
    assert Heard(text).is_yes and not Heard(text).is_clear_yes


@pytest.mark.parametrize(
    "text", ["hull", "he is in hull", "noon", "nobody told me", "yesterday", "noah", "yesterday he cried"]
)
def test_what_only_begins_alike_is_neither_yes_nor_no(text: str) -> None:
    assert not Heard(text).is_yes and not Heard(text).is_no


def test_the_bots_reading_counts_where_the_words_are_not_plain() -> None:
    assert Heard("aye", "affirm", 0.9).is_yes
    assert Heard("naw", "deny", 0.9).is_no
    assert Heard("move along", "skip", 0.9).is_skip
    assert Heard("give over now", "stop_questions", 0.9).is_stop
    assert Heard("it was the other lad", "correction", 0.9).is_correction


def test_the_bots_reading_does_not_count_when_it_is_unsure_or_the_text_is_long() -> None:
    assert not Heard("move along", "skip", 0.5).is_skip
    assert not Heard("give over now", "stop_questions", 0.5).is_stop
    assert not Heard("it was the other lad", "correction", 0.5).is_correction
    assert not Heard("he said he would end it all tonight", "stop_questions", 0.9).is_stop
    assert not Heard("he said he would be all right then", "affirm", 0.9).is_yes


def test_a_no_is_not_turned_by_the_bots_reading() -> None:
    assert Heard("no", "affirm", 0.9).is_no and not Heard("no", "affirm", 0.9).is_yes


@pytest.mark.parametrize(
    "text",
    [
        "no sorry it's Hull not Leeds",
        "sorry I meant Hull",
        "actually its hull",
        "that's wrong",
        "not leeds but hull",
        "no it’s hull",
        "hull, not leeds",
        "it's Hull, not Leeds.",
    ],
)
def test_a_correction_is_heard(text: str) -> None:
    assert Heard(text).is_correction


@pytest.mark.parametrize("text", ["hull", "no", "he is not eating well these days", "yes"])
def test_an_ordinary_answer_is_no_correction(text: str) -> None:
    assert not Heard(text).is_correction


@pytest.mark.parametrize(
    "text, intent, confidence, asks",
    [
        ("what id do i need?", "visits", 0.9, True),
        ("can i bring my kids", "visits", 0.4, True),
        ("i want to know about visit booking", "visits", 0.8, True),
        ("i want to know about visit booking", "visits", 0.5, False),
        ("can i bring my kids", "visits", 0.2, False),
        ("booking line please", "visits", 0.9, False),
        ("why is he crying?", "report_concern", 0.9, False),
        ("what?", "nlu_fallback", 0.9, False),
    ],
)
def test_a_question_of_the_familys_own_is_one_that_the_bot_can_answer(
    text: str, intent: str, confidence: float, asks: bool
) -> None:
    assert Heard(text, intent, confidence).is_question is asks


def test_more_than_a_bare_reply_is_known_for_it() -> None:
    assert not Heard("i don't know").says_more
    assert Heard("not sure but he sounded scared").says_more


@pytest.mark.parametrize("text", ["yes 07700 900020 not Wednesdays", "any time but not mornings", "not at weekends"])
def test_when_somebody_cannot_be_rung_is_no_correction(text: str) -> None:
    assert not Heard(text).is_correction


@pytest.mark.parametrize("text", ["not Leeds", "sorry its Hull not Leeds", "its Dan not Den"])
def test_what_it_is_not_is_a_correction(text: str) -> None:
    assert Heard(text).is_correction
