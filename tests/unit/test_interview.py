"""The questions after a concern is recorded: their order, and what each answer means."""

from collections.abc import Sequence
from typing import Any

import pytest

from gateway.concerns.heard import Heard
from gateway.concerns.interview import (
    QUESTIONS,
    QUESTIONS_ABOUT_CALLER,
    Listener,
    Turn,
    already_told,
    next_question,
    questions_for,
)
from gateway.concerns.models import Concern
from gateway.prisons.models import Prison

IDS = {"leeds": "LEI", "hull": "HLI", "altcourse": "ACI", "liverpool": "LPI"}
PRISONS = {name: Prison(id=prison_id, name=name.title()) for name, prison_id in IDS.items()}
LONG = (
    "he rang last night crying and said the lads on his wing want eighty quid off him by friday "
    "and he is scared to come out"
)


def _find(text: str) -> Sequence[Prison]:
    """A small stand-in: a prison is named unless «not» stands before it, and Merseyside has two."""
    words = text.lower().replace(",", " ").replace(".", " ").replace("?", " ").split()
    if "merseyside" in words:
        return [PRISONS["altcourse"], PRISONS["liverpool"]]
    return [
        PRISONS[word] for before, word in zip(["", *words], words, strict=False) if word in PRISONS and before != "not"
    ]


def _listener(number: str | None = None, offered: Sequence[str] = ()) -> Listener:
    return Listener(
        find=_find,
        choose=lambda text: PRISONS[offered[int(text) - 1]] if offered and text.isdigit() else None,
        number=number,
        offered=bool(offered),
    )


def _concern(**known: Any) -> Concern:
    return Concern(**({"subject": "prisoner", "category": "other", "urgency": "urgent"} | known))


def _hear(
    asked: str, text: str, concern: Concern | None = None, *, intent: str = "", confidence: float = 0.0, **listener: Any
) -> Turn:
    return _listener(**listener).hear(concern or _concern(), asked, Heard(text, intent, confidence))


# ----- which questions -----


def test_a_concern_of_which_nothing_is_known_is_asked_everything_in_order() -> None:
    settled: set[str] = set()
    asked = []
    while question := next_question(_concern(), settled):
        asked.append(question)
        settled.add(question)

    assert tuple(asked) == QUESTIONS


def test_who_writes_about_their_own_risk_is_asked_only_how_to_be_reached() -> None:
    assert questions_for(_concern(subject="caller")) == QUESTIONS_ABOUT_CALLER == ("contact", "read_back")


@pytest.mark.parametrize(
    "known, told",
    [
        ({"prison_id": "LEI"}, {"prison"}),
        ({"prisoner_name": "Kyle"}, {"person"}),
        ({"prisoner_number": "A1234BC"}, {"person"}),
        ({"summary": "he is scared"}, {"details"}),
        ({"reporter_name": "Jane"}, set()),
        ({"reporter_name": "Jane", "reporter_relationship": "parent"}, {"reporter"}),
        ({"reporter_anonymous": True}, {"reporter"}),
        ({"contact_allowed": False}, {"contact"}),
        ({"tell_prisoner": False}, {"tell_prisoner"}),
    ],
)
def test_what_the_row_holds_is_not_asked(known: dict[str, Any], told: set[str]) -> None:
    assert already_told(_concern(**known), ["short words"]) == told


def test_a_long_first_message_has_told_what_is_happening() -> None:
    assert "details" in already_told(_concern(), [LONG])
    assert "details" in already_told(_concern(), [" ".join(LONG.split()[:13]), " ".join(LONG.split()[13:])])
    assert "details" not in already_told(_concern(), ["he wants to die"])


# ----- what every question has in common -----


@pytest.mark.parametrize("asked", QUESTIONS)
@pytest.mark.parametrize("text", ["skip", "I don’t know", "rather not say"])
def test_every_question_can_be_skipped_and_a_skip_says_nothing_of_anybody(asked: str, text: str) -> None:
    assert _hear(asked, text) == Turn(settled={asked})


def test_a_skip_with_more_in_it_keeps_the_words() -> None:
    assert _hear("details", "not sure but he sounded scared").adds_words


@pytest.mark.parametrize("asked", QUESTIONS)
@pytest.mark.parametrize("text", ["stop", "that’s all", "no more questions"])
def test_stop_ends_all_questions(asked: str, text: str) -> None:
    turn = _hear(asked, text)

    assert next_question(_concern(), turn.settled) is None
    assert turn.fields == {}


@pytest.mark.parametrize("asked", QUESTIONS)
def test_a_question_of_the_familys_own_leaves_everything_as_it_is(asked: str) -> None:
    assert _hear(asked, "what id do i need to visit?", intent="visits", confidence=0.9) == Turn(digresses=True)


def test_a_skip_or_stop_is_never_taken_for_a_question_of_ones_own() -> None:
    assert _hear("person", "no more questions", intent="visits", confidence=0.9).settled == set(QUESTIONS)


def test_what_is_told_in_breaking_off_is_kept() -> None:
    turn = _hear("person", "sorry no more questions im at work, his name is Kyle Thompson")

    assert turn.fields == {"prisoner_name": "Kyle Thompson"} and turn.adds_words
    assert turn.settled == set(QUESTIONS)


# ----- corrections -----


@pytest.mark.parametrize("asked", [question for question in QUESTIONS if question != "prison"])
def test_a_correction_changes_the_prison_and_the_question_stands(asked: str) -> None:
    turn = _hear(asked, "no sorry it's Hull not Leeds", _concern(prison_id="LEI"))

    assert turn == Turn(fields={"prison_id": "HLI"}, say=["corrected"])


def test_a_correction_that_answers_the_question_settles_it() -> None:
    turn = _hear("prison", "no sorry it's Hull not Leeds", _concern(prison_id="LEI"))

    assert turn.fields == {"prison_id": "HLI"} and turn.settled == {"prison"}


def test_a_correction_can_change_other_facts() -> None:
    turn = _hear("reporter", "sorry his name is Kyle Thompson", _concern(prisoner_name="Carl"))

    assert turn.fields == {"prisoner_name": "Kyle Thompson"} and turn.say == ["corrected"]


def test_a_short_correction_heard_twice_changes_nothing_more() -> None:
    turn = _hear("details", "no sorry it's Hull not Leeds", _concern(prison_id="HLI"))

    assert turn == Turn(say=["corrected"])


def test_an_apology_before_an_answer_does_not_swallow_the_answer() -> None:
    text = "sorry I should have said, my son Kyle has been hit twice by the same lad this week"

    turn = _hear("details", text)
    assert turn.fields["summary"] == text
    assert turn.settled == {"details"} and turn.adds_words and turn.say == []


def test_a_long_correction_stands_with_the_words() -> None:
    assert _hear(
        "details", "no sorry I got that wrong he is in Hull not in Leeds", _concern(prison_id="LEI")
    ).adds_words


def test_a_correction_never_gives_the_callers_own_risk_a_prison() -> None:
    about_caller = _concern(subject="caller")

    for asked in QUESTIONS_ABOUT_CALLER:
        assert "prison_id" not in _hear(asked, "no sorry it's Hull not Leeds", about_caller).fields


# ----- which prison -----


def test_a_prison_that_is_named_is_taken() -> None:
    assert _hear("prison", "hes in hull") == Turn(fields={"prison_id": "HLI"}, settled={"prison"})


def test_a_prison_named_in_a_question_is_an_answer() -> None:
    turn = _hear("prison", "is it hull?", intent="prison_info_booking", confidence=0.9)

    assert turn.fields == {"prison_id": "HLI"} and not turn.digresses


def test_how_to_book_at_a_prison_is_no_answer() -> None:
    assert _hear("prison", "how do i book at hull?", intent="prison_info_booking", confidence=0.9).digresses


def test_a_name_of_several_prisons_asks_which_and_offers_them() -> None:
    turn = _hear("prison", "somewhere in merseyside")

    assert [prison.id for prison in turn.options] == ["ACI", "LPI"]
    assert turn.say == ["which_prison"] and turn.asks_itself and turn.settled == set()


def test_one_of_the_prisons_offered_can_be_picked() -> None:
    assert _hear("prison", "2", offered=["altcourse", "liverpool"]).fields == {"prison_id": "LPI"}


def test_a_name_that_answers_the_next_question_leaves_open_which_of_the_prisons_offered_it_is() -> None:
    turn = _hear("prison", "Callum Reyes", offered=["altcourse", "liverpool"])

    assert turn == Turn(fields={"prisoner_name": "Callum Reyes"}, settled={"prison"}, adds_words=True)


@pytest.mark.parametrize("asked", ["prison", "person", "reporter"])
def test_what_is_told_beside_the_question_is_added_and_the_question_asked_again(asked: str) -> None:
    turn = _hear(asked, "hes just rung and there is a sheet round the bars", intent="report_concern", confidence=1.0)

    assert turn == Turn(adds_words=True)


def test_a_prison_that_nobody_knows_is_kept_in_the_familys_words_and_not_asked_again() -> None:
    turn = _hear("prison", "the one by the river")

    assert turn == Turn(settled={"prison"}, say=["prison_not_found"], adds_words=True)


def test_a_yes_is_no_name_of_a_prison_and_the_question_stands() -> None:
    assert _hear("prison", "yes") == Turn()


def test_a_no_is_no_name_of_a_prison() -> None:
    assert _hear("prison", "no sorry") == Turn(settled={"prison"})


@pytest.mark.parametrize("asked", ["person", "details", "reporter", "contact"])
def test_a_prison_that_is_named_late_is_taken_whatever_was_asked(asked: str) -> None:
    assert _hear(asked, "hull").fields["prison_id"] == "HLI"
    assert "prison_id" not in _hear(asked, "hull", _concern(prison_id="LEI")).fields
    assert "prison_id" not in _hear(asked, "hull", _concern(subject="caller")).fields


@pytest.mark.parametrize("asked", ["person", "reporter"])
def test_a_name_that_is_a_prisons_too_is_a_name(asked: str) -> None:
    assert "prison_id" not in _hear(asked, "Kyle Hull").fields


def test_more_of_the_worry_in_place_of_a_prison_is_kept_and_the_prison_still_asked() -> None:
    turn = _hear("prison", "my son Kyle says they will stab him", intent="report_concern")

    assert turn.fields["prisoner_name"] == "Kyle"
    assert turn.adds_words and turn.settled == set() and turn.say == []


def test_an_answer_may_tell_more_than_was_asked() -> None:
    turn = _hear("prison", "hull, his number is A1234BC")

    assert turn.fields == {"prison_id": "HLI", "prisoner_number": "A1234BC"}


def test_what_is_known_is_not_replaced_by_the_way() -> None:
    assert "prisoner_number" not in _hear("prison", "hull A1234BC", _concern(prisoner_number="B9876ZY")).fields


# ----- who -----


@pytest.mark.parametrize("text", ["Kyle Thompson", "kyle thompson", "his name is Kyle Thompson"])
def test_a_name_is_taken(text: str) -> None:
    assert _hear("person", text) == Turn(fields={"prisoner_name": "Kyle Thompson"}, settled={"person"})


def test_a_name_number_and_birthday_are_taken_together() -> None:
    fields = _hear("person", "Kyle Thompson A1234BC born 3/4/91").fields

    assert (fields["prisoner_name"], fields["prisoner_number"]) == ("Kyle Thompson", "A1234BC")
    assert fields["prisoner_dob"].isoformat() == "1991-04-03"


def test_an_answer_without_a_name_is_kept_as_words_and_not_asked_again() -> None:
    turn = _hear("person", "i only know his nickname on the wing")

    assert turn == Turn(settled={"person"}, adds_words=True)


# ----- what is happening -----


def test_what_is_happening_is_kept_verbatim_as_summary_and_words() -> None:
    assert _hear("details", LONG) == Turn(fields={"summary": LONG}, settled={"details"}, adds_words=True)


def test_a_short_no_is_not_a_summary() -> None:
    assert _hear("details", "no").fields == {}


# ----- who is asking -----


def test_a_relation_and_a_name_are_taken() -> None:
    fields = _hear("reporter", "I'm his mum, Jane").fields

    assert fields == {"reporter_relationship": "parent", "reporter_name": "Jane"}


@pytest.mark.parametrize("text", ["anonymous", "no", "I want to stay anonymous", "rather not"])
def test_who_wants_no_name_on_it_gets_none(text: str) -> None:
    turn = _hear("reporter", text)

    assert turn.settled == {"reporter"}
    assert turn.fields.get("reporter_anonymous") is True and "reporter_name" not in turn.fields


def test_a_name_given_here_is_the_writers_and_never_the_prisoners() -> None:
    fields = _hear("reporter", "Jane Thompson").fields

    assert fields == {"reporter_name": "Jane Thompson"}


def test_an_answer_in_other_words_is_kept_as_the_relation() -> None:
    assert _hear("reporter", "i run the choir he sang in").fields == {
        "reporter_relationship": "i run the choir he sang in"
    }


# ----- contact -----


def test_a_number_and_a_time_allow_contact() -> None:
    fields = _hear("contact", "yes 07700 900123 after 5").fields

    assert fields["contact_allowed"] is True and fields["contact_when"] == "yes 07700 900123 after 5"
    assert fields["reporter_contact"].replace(" ", "") in ("07700900123", "+447700900123")


def test_by_text_message_the_number_is_known() -> None:
    assert _hear("contact", "yes", number="+447700900123").fields["reporter_contact"] == "+447700900123"


def test_a_yes_without_a_number_asks_for_one_once() -> None:
    first = _hear("contact", "yes")
    again = _hear("contact", "yes", _concern(contact_allowed=True))

    assert (first.fields, first.say, first.asks_itself) == ({"contact_allowed": True}, ["ask_number"], True)
    assert again.settled == {"contact"} and again.say == []


@pytest.mark.parametrize("text", ["no", "No thanks", "please don't"])
def test_a_no_forbids_contact_and_no_number_is_noted(text: str) -> None:
    assert _hear("contact", text, number="+447700900123").fields == {"contact_allowed": False}


@pytest.mark.parametrize("text", ["what for", "he is so frightened", "i love him"])
def test_nobody_may_be_rung_who_has_not_said_so(text: str) -> None:
    turn = _hear("contact", text, number="+447700900123")

    assert "contact_allowed" not in turn.fields and turn.settled == {"contact"}
    assert turn.adds_words is (len(text.split()) > 3)


def test_who_asks_late_to_stay_anonymous_is_heard() -> None:
    assert _hear("contact", "i want to stay anonymous").fields == {"reporter_anonymous": True}


@pytest.mark.parametrize("text", ["after 5pm", "any time", "text me", "mornings are best"])
def test_a_time_alone_allows_contact(text: str) -> None:
    assert _hear("contact", text, number="+447700900123").fields["contact_allowed"] is True


# ----- may the prisoner be told -----


@pytest.mark.parametrize("text", ["yes", "Yes that's fine", "ok"])
def test_the_prisoner_may_be_told_on_a_clear_yes(text: str) -> None:
    assert _hear("tell_prisoner", text).fields == {"tell_prisoner": True}


@pytest.mark.parametrize(
    "text", ["no", "maybe", "yes but don't say it was me", "of course not", "ok but not my name", "he would go mad"]
)
def test_anything_but_a_clear_yes_keeps_the_writer_secret(text: str) -> None:
    assert _hear("tell_prisoner", text).fields == {"tell_prisoner": False}


@pytest.mark.parametrize("asked", ["contact", "tell_prisoner", "read_back"])
def test_a_yes_or_no_with_more_in_it_is_an_answer_and_no_question(asked: str) -> None:
    bot_reads: dict[str, Any] = {"intent": "ask_privacy", "confidence": 0.9}

    assert not _hear(asked, "yes but don't tell him it was me", **bot_reads).digresses
    assert not _hear(asked, "no don't you dare tell him", **bot_reads).digresses
    assert _hear(asked, "ok but who reads this?", **bot_reads).digresses


# ----- read back -----


def test_a_yes_ends_the_questions() -> None:
    assert _hear("read_back", "yes") == Turn(settled={"read_back"})


def test_a_bare_no_asks_what_to_change() -> None:
    turn = _hear("read_back", "no")

    assert turn.say == ["what_to_change"] and turn.asks_itself and turn.settled == set()


@pytest.mark.parametrize("text", ["he is in hull", "yes but he is in hull", "no it's hull"])
def test_a_change_is_made_and_read_back_again(text: str) -> None:
    turn = _hear("read_back", text, _concern(prison_id="LEI"))

    assert turn.fields == {"prison_id": "HLI"} and turn.say == ["corrected"] and "read_back" not in turn.settled


def test_what_cannot_be_made_out_is_kept_as_words_and_not_argued_about() -> None:
    turn = _hear("read_back", "the spelling of the surname is a bit different from that")

    assert turn.settled == {"read_back"} and turn.adds_words


@pytest.mark.parametrize(
    ("asked", "text", "intent", "field", "value"),
    [
        ("contact", "ring me now 07700 900455", "request_callback", "reporter_contact", "+447700900455"),
        ("contact", "by telephone please, weekday mornings", "prison_info_switchboard", "contact_allowed", True),
        ("reporter", "i want to stay anonymous, he cant find out", "ask_anonymous", "reporter_anonymous", True),
        ("reporter", "I am his grandmother, Patricia Ellery.", "where_is_prisoner", "reporter_name", "Patricia Ellery"),
        ("prison", "its the one in Leeds near the big road", "prison_info_page", "prison_id", "LEI"),
    ],
)
def test_an_answer_is_one_whatever_else_it_could_be_taken_for(
    asked: str, text: str, intent: str, field: str, value: Any
) -> None:
    turn = _hear(
        asked,
        text,
        _concern(prison_id=None if asked == "prison" else "HLI"),
        intent=intent,
        confidence=0.95,
        number="x",
    )

    assert not turn.digresses
    assert turn.fields[field] == value


@pytest.mark.parametrize("text", ["can i stay anonymous?", "who will ring me?", "what number do i ring"])
def test_a_question_about_the_question_is_answered_first(text: str) -> None:
    assert _hear("contact", text, intent="ask_anonymous", confidence=0.95).digresses
