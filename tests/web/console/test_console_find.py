"""Finding a concern: by whatever is known of it, only among the reader's prisons, without telling any log what for."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from factories import a_concern, a_conversation
from person import Person

from gateway.audit.models import LogEntry
from gateway.concerns import find
from gateway.concerns.models import Concern
from gateway.db import now, unit_of_work

STEPHEN = {"prisoner_name": "Stephen O'Brien", "prisoner_number": "A1234BC", "reporter_contact": "07700 900456"}

SignIn = Callable[..., Person]
Open = Callable[..., Concern]


def look(person: Person, status: int = 200, **typed: str) -> BeautifulSoup:
    """The page after a search."""
    return person.post("/console/find", status=status, **typed)


def references(page: BeautifulSoup) -> list[str]:
    """What was found, in the order on the page."""
    return [link.text for link in page.select(".console-list__name a")]


@pytest.mark.parametrize(
    "typed",
    [
        "Stephen O'Brien", "stephen", "OBRIEN", "Steven O’Brien", "Stephan Obrian", "Stphen", "a1234bc", "A 1234 BC",
        "07700 900456", "+447700900456", "07700 900123",
    ],
)  # fmt: skip
def test_a_concern_is_found_by_name_number_and_telephone(typed: str, sign_in: SignIn, concern: Open) -> None:
    with unit_of_work() as session:
        wanted = a_concern(session, conversation=a_conversation(session, "sms"), details=STEPHEN)
    concern(details={"prisoner_name": "Martin Hughes", "prisoner_number": "A1234BD"})

    assert references(look(sign_in("LEI"), who=typed)) == [wanted.reference]


def test_a_concern_is_found_by_its_reference_however_it_is_typed(sign_in: SignIn, concern: Open) -> None:
    wanted, _ = concern(), concern()

    typed = wanted.reference.lower().replace("-", " - ")
    assert references(look(sign_in("LEI"), who=typed)) == [wanted.reference]


@pytest.mark.parametrize("typed", ["threatened knife", "threatens KNIVES", "that he is threatening"])
def test_a_concern_is_found_by_words_of_the_family_whatever_their_endings(
    typed: str, sign_in: SignIn, concern: Open
) -> None:
    wanted = concern("They threatened my lad with a knife. Knives, even!")
    concern("someone took his money")

    assert references(look(sign_in("LEI"), words=typed)) == [wanted.reference]


def test_all_that_is_given_must_fit(sign_in: SignIn, concern: Open) -> None:
    concern("he has a blade", details={"prisoner_name": "Martin Hughes"})
    concern("he has no food", details=STEPHEN)
    wanted = concern("he has a blade", details=STEPHEN)

    assert references(look(sign_in("LEI"), who="o'brien", words="blade")) == [wanted.reference]


def test_days_count_on_the_clock_of_the_wall(sign_in: SignIn, concern: Open) -> None:
    days = [concern(opened_at=now() - timedelta(days=days)) for days in range(4)]
    since, until = (f"{(now() - timedelta(days=ago)):%d/%m/%Y}" for ago in (2, 1))

    assert references(look(sign_in("LEI"), since=since, until=until)) == [days[1].reference, days[2].reference]


def test_nobody_finds_what_is_not_theirs(sign_in: SignIn, concern: Open) -> None:
    elsewhere = concern("a blade", prison="MDI", details=STEPHEN)
    unknown = concern("a blade", prison=None, details=STEPHEN)
    callers_own = concern("a blade", subject="caller", details=STEPHEN)
    person = sign_in("LEI")

    for typed in ({"who": "Stephen"}, {"words": "blade"}, {"who": "A1234BC"}, {"who": "07700900456"}):
        assert references(look(person, **typed)) == []
    for hidden in (elsewhere, unknown, callers_own):
        assert references(look(person, who=hidden.reference)) == []
    look(person, status=400, prison="MDI")


def test_who_reads_the_unrouted_finds_it_too_and_may_name_one_prison(sign_in: SignIn, concern: Open) -> None:
    unknown, leeds = concern("a blade", prison=None), concern("a blade", prison="LEI")
    person = sign_in("LEI", reads_unrouted=True)

    assert references(look(person, words="blade")) == [leeds.reference, unknown.reference]
    assert references(look(person, words="blade", prison="LEI")) == [leeds.reference]


def test_a_concern_beyond_the_newest_is_found_by_the_index(
    sign_in: SignIn, concern: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find, "NEWEST", 1)
    older, newer = concern("a blade"), concern("a blade")
    concern("a blade", prison="MDI")

    assert references(look(sign_in("LEI"), words="blade")) == [newer.reference, older.reference]


def test_the_likest_name_comes_first_and_another_with_the_same_sound_not_at_all(sign_in: SignIn, concern: Open) -> None:
    exact = concern(details={"prisoner_name": "John Smith"})
    near = concern(details={"prisoner_name": "Jon Smyth"})
    concern(details={"prisoner_name": "Jean Smith"})

    assert references(look(sign_in("LEI"), who="john smith"))[:2] == [exact.reference, near.reference]


def test_a_name_that_is_told_later_replaces_the_one_before(sign_in: SignIn, concern: Open) -> None:
    from gateway.concerns.service import enrich

    opened, person = concern(details=STEPHEN), sign_in("LEI")
    with unit_of_work() as session:
        enrich(session, session.get_one(Concern, opened.id), opened.opened_by, prisoner_name="Owen Pryce")

    assert references(look(person, who="Stephen")) == []
    assert references(look(person, who="Pryce")) == [opened.reference]


def test_many_are_paged_by_fifty(sign_in: SignIn, concern: Open) -> None:
    with unit_of_work() as session:
        conversation = a_conversation(session)
        made = [a_concern(session, "a blade", conversation=conversation).reference for _ in range(51)]

    first = look(person := sign_in("LEI"), words="blade")
    assert "51 found, page 1 of 2" in first.h2.text and references(first) == made[:0:-1]
    assert references(person.get(first.select_one("a[rel=next]")["href"])) == made[:1]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Enter something to look for"),
        ({"who": "7"}, "Enter a reference such as ABC-4KQ7"),
        ({"words": "he is in the"}, "Enter a word that says more"),
        ({"since": "32/1/2026"}, "Enter a day, such as 27/3/2026"),
        ({"since": "2/1/2026", "until": "1/1/2026"}, "Enter a last day that is not before the first"),
        ({"words": "x" * 201}, "Enter 200 characters or fewer"),
    ],
)
def test_a_search_that_cannot_be_made_says_why(typed: dict[str, str], said: str, sign_in: SignIn) -> None:
    page = look(sign_in("LEI"), status=400, **typed)

    assert said in page.select_one(".govuk-error-summary").text
    assert page.title.text.startswith("Error: ")


def test_the_address_of_what_was_found_does_not_say_what_was_looked_for(sign_in: SignIn, concern: Open) -> None:
    concern(details=STEPHEN)
    person = sign_in("LEI")
    token = person.token()

    answer = person.client.post("/console/find", data={"csrf_token": token, "who": "Stephen"})
    assert answer.status_code == 302
    assert "stephen" not in answer.location.lower()
    page = person.get(answer.location)
    assert page.select_one("#who")["value"] == "Stephen"
    assert "Enter it again" in person.get("/console/find?sealed=forged", status=400).text


def test_a_search_is_a_line_in_the_log_without_what_was_looked_for(
    sign_in: SignIn, concern: Open, log: Callable[..., list[LogEntry]]
) -> None:
    found = concern("he has a blade", details=STEPHEN)

    look(sign_in("LEI"), who="Stephen", words="blade", since="1/1/2020")

    (line,) = log("staff:searched")
    assert line.details == {"kinds": ["name", "since", "words"], "page": 1, "concerns": [found.id]}
    assert re.fullmatch(r"staff:\d+", line.actor)


def test_a_search_without_the_token_of_a_form_is_refused(sign_in: SignIn) -> None:
    assert sign_in("LEI").client.post("/console/find", data={"who": "Stephen"}).status_code == 400


def test_a_name_found_is_shown_as_text(sign_in: SignIn, concern: Open) -> None:
    concern(details={"prisoner_name": "Stephen <script>alert(1)</script>"})

    page = look(sign_in("LEI"), who="Stephen")
    assert "<script>alert(1)</script>" in page.select_one(".moj-ticket-panel").text
