"""What a family is told once it is known what was done: only what is true of that outcome."""

import pytest
from factories import a_concern
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.concerns import acts, closing
from gateway.concerns.disclosure import warnings
from gateway.concerns.free_words import NeedsReason, tell_family_freely
from gateway.concerns.models import Concern
from gateway.conversations.models import Message
from gateway.staff.models import Staff
from gateway.staff.service import add_staff
from gateway.wording import choices, lists

OUTCOMES = list(choices("outcomes"))


@pytest.fixture
def staff(work: Session) -> Staff:
    return add_staff(work, "ann@prison.invalid", "Ann Example", "twelve plain signs", ["LEI"], False)


def told(work: Session, concern: Concern) -> list[str]:
    query = select(Message.text).where(Message.conversation_id == concern.conversation_id, Message.sender != "family")
    return list(work.scalars(query.order_by(Message.id)))


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_closing_tells_the_family_the_sentence_of_the_outcome(work: Session, staff: Staff, outcome: str) -> None:
    concern = a_concern(work)
    closing.close(work, concern, staff.id, outcome)

    expected = choices("closed")[choices("closed_for")[outcome]].format(reference=concern.reference)
    assert told(work, concern)[-1] == expected


def test_every_outcome_has_its_sentences_and_every_sentence_is_of_use() -> None:
    assert set(choices("closed_for")) == set(lists("approved_for")) == set(OUTCOMES)
    assert set(choices("closed_for").values()) == set(choices("closed"))
    assert {key for keys in lists("approved_for").values() for key in keys} <= set(choices("approved"))


def test_nothing_is_said_to_have_been_acted_on_where_nothing_was_done() -> None:
    for outcome in ("no_further_action", "passed_on"):
        said = [choices("closed")[choices("closed_for")[outcome]]]
        said += [choices("approved")[key] for key in lists("approved_for")[outcome]]

        assert [words for words in said if "have acted" in words] == []


def test_no_approved_sentence_gives_anything_away(work: Session) -> None:
    concern = a_concern(work)
    found = {
        key: warnings(words.format(reference=concern.reference), concern)
        for group in ("approved", "closed")
        for key, words in choices(group).items()
    }

    assert {key: warned for key, warned in found.items() if warned} == {}


def test_a_sentence_that_does_not_fit_the_outcome_is_not_sent(work: Session, staff: Staff) -> None:
    concern = a_concern(work)
    assert "being_looked_into" in acts.fitting_sentences(concern)
    closing.close(work, concern, staff.id, "no_further_action")
    before = told(work, concern)

    for sentence in ("being_looked_into", "looked_into", "anything"):
        with pytest.raises(KeyError):
            acts.tell_family(work, concern, staff.id, sentence)
    assert told(work, concern) == before
    assert acts.tell_family(work, concern, staff.id, "thank_you")


def test_free_words_are_checked_wherever_they_come_from(work: Session, staff: Staff) -> None:
    concern = a_concern(work)

    with pytest.raises(NeedsReason) as refused:
        tell_family_freely(work, concern, staff.id, "he is in hospital")
    assert [one.kind for one in refused.value.warned] == ["person", "health"]
    for wrong in ("", "  ", "a" * 601):
        with pytest.raises(ValueError):
            tell_family_freely(work, concern, staff.id, wrong)
    assert told(work, concern) == []
