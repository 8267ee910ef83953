"""What is taken from a family's own words, and what must not be."""

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.concerns.details import extract, name_from_answer

TODAY = date(2026, 11, 21)


def _of(text: str, field: str) -> Any:
    return extract(text, today=TODAY).get(field)


NAMES = {
    "my son Kyle Thompson is in Leeds": "Kyle Thompson",
    "my husband, Dean, hasn't eaten": "Dean",
    "My son Kyle isn't eating": "Kyle",
    "my brother Liam O'Neill-Smith was attacked": "Liam O'Neill-Smith",
    "I'm worried about my friend Tyreke Ogun": "Tyreke Ogun",
    "my partner Will is self harming": "Will",
    "his name is kyle thompson and he wont eat": "Kyle Thompson",
    "he's called kyle": "Kyle",
    "My son is called Kyle.": "Kyle",
    "Name: Kyle Thompson": "Kyle Thompson",
    "they moved him in with lads from the other estate. name of Kyle Thompson, at Hull": "Kyle Thompson",
    "my husband he want die, name Yusuf Demir, prison Hull": "Yusuf Demir",
    "he goes by the name of Kyle": "Kyle",
    "Kyle Thompson A1234BC": "Kyle Thompson",
    "its about kyle thompson, number a1234bc": "Kyle Thompson",
    "my son kyle jones is being bullied": "Kyle Jones",
    "my son kyle rang me": "Kyle",
    "MY SON KYLE THOMPSON IS NOT EATING": "Kyle Thompson",
    "I'm Kyle Jones's nan": "Kyle Jones",
    "im kyles mum": "Kyle",
    "I'm James' mum": "James",
    "my mum says my brother Liam is in Leeds": "Liam",
    "my brother Kyle Preston is scared": "Kyle",
}

NO_NAMES = [
    "my son Is in hull",
    "My Son Is In Leeds Prison And He Is Suicidal",
    "my brother Leeds",
    "my dad HMP Hull",
    "my son Guys Marsh",
    "my son Preston is scared",
    "my son Monday",
    "my daughter April",
    "my son will be 18 in june",
    "my son, he is not well",
    "my son called Kyle",
    "my son is Muslim",
    "my lad Please help him",
    "my brother ADHD",
    "my partner Polish",
    "an officer called Dave hit him",
    "a lad attacked him, his name is Jordan Smith",
    "my son's cellmate Jordan hit him",
    "an officer hit him, name of Jordan Smith",
    "they shouted his cellmates name Jordan",
    "do not give him my name Kyle said",
    "i dont know the name of the prison",
    "what is the name of the governor at Hull",
    "my mum Ann and my dad Bob are worried",
    "I rang Leeds A1234BC",
    "we are worried sick",
    "Help",
]

RELATIONS = {
    "my son": "parent",
    "my lad is in hull": "parent",
    "our lad": "parent",
    "my eldest son": "parent",
    "my step-son": "step-parent",
    "my fella": "partner",
    "me husband": "partner",
    "my baby daddy": "partner",
    "my son's dad is in HMP Hull": "partner",
    "my ex is inside": "ex-partner",
    "me mam": "child",
    "my step dad": "stepchild",
    "our kid": "sibling",
    "my little brother": "sibling",
    "my grandson": "grandparent",
    "my nephew": "aunt or uncle",
    "im his auntie, Grace": "aunt",
    "my nan": "grandchild",
    "my brother in law": "in-law",
    "my godson": "other relative",
    "my best mate": "friend",
    "I'm his mum": "parent",
    "im his nan": "grandparent",
    "I am Kyle's sister": "sibling",
    "his mum": "parent",
    "a friend": "friend",
    "i am brother, Minh": "sibling",
    "Magda Wilk, I am the wife": "partner",
    "Mr Adeyemi here, father of Samuel Adeyemi A2093EL at Wandsworth": "parent",
    "im his ex wife Nicola": "ex-partner",
    "I'm her support worker, my name is Bev Hargreaves": "professional",
    "Jane, his mum": "parent",
    "Festus Adeyemi, his father. You may telephone me at any hour.": "parent",
    "my nan is ill and my dad is in hmp hull": "child",
    "my mum says my brother is in Leeds": "sibling",
}

NO_RELATIONS = [
    "I am a mum of three",
    "I am mother of three",
    "im mum to four kids",
    "his mum died",
    "my brother's girlfriend and my mum fell out",
    "my son and my husband",
    "hello",
    "my sonar",
]

NUMBERS = {
    "A1234BC": "A1234BC",
    "a1234bc": "A1234BC",
    "his number is A 1234 BC thanks": "A1234BC",
    "(a1234 bc)": "A1234BC",
    "A12 34 BC": "A1234BC",
    "prison no. b9876zy.": "B9876ZY",
}

NO_NUMBERS = ["a 2000 am", "i 2019 he went in", "A1234B", "AA1234BC", "A12345BC", "xA1234BC", "LS1 4AB", "07700 900123"]

BIRTHS = {
    "3/4/91": date(1991, 4, 3),
    "03.04.1991": date(1991, 4, 3),
    "3-4-91": date(1991, 4, 3),
    "3rd April 1991": date(1991, 4, 3),
    "dob 3 april 91": date(1991, 4, 3),
    "d.o.b: 03/04/1991, he isn't eating and nobody will tell us what is going on": date(1991, 4, 3),
    "he was born on the 3rd of April 1991": date(1991, 4, 3),
    "April 3rd 1991": date(1991, 4, 3),
    "1991-04-03": date(1991, 4, 3),
    "Kyle Thompson 3/4/05 A1234BC": date(2005, 4, 3),
    "dob 3/4/16": date(2016, 4, 3),
    "dob 3/4/27": date(1927, 4, 3),
}

NO_BIRTHS = [
    "dob 3/4/2027",
    "dob 22/11/2026",
    "dob 3/4/2020",
    "dob 3/4/20",
    "dob 31/2/1991",
    "dob 4/13/1991",
    "dob 3/4/1890",
    "visit on 3/4/15",
    "hes been in since 03/04/2010",
    "he went to prison on 3 April 2011",
    "3/4",
    "he is 3/4/5 weeks in",
]

WRITERS = {
    "I'm Sarah and my lad is in HMP Hull": "Sarah",
    "this is Joan Pike": "Joan Pike",
    "my name is joan pike, call me": "Joan Pike",
    "my names carrie": "Carrie",
    "i am jason": "Jason",
    "im his mum jane": "Jane",
    "I'm his mum, Jane.": "Jane",
    "I'm Sarah and Kyle's mum": "Sarah",
}

NO_WRITERS = [
    "I'm worried",
    "Im Really Worried",
    "I'm Irish",
    "this is urgent",
    "This is Leeds prison",
    "I'm Kyle's mum",
    "I'm Kyle Jones's nan",
    "This is Kyle Jones mum",
    "i'm his mum Kyle isnt eating",
    "My name is Sarah but I want to stay anonymous",
]

CONTACTS = {
    "call me on 07700 900123": "+447700900123",
    "ring me on 07700900123 after 6": "+447700900123",
    "+44 7700 900456 is my number": "+447700900456",
    "(0113) 496 0123": "+441134960123",
    "I rang but no answer. My number is 07700 900789": "+447700900789",
}

NO_CONTACTS = [
    "999",
    "116 123",
    "text SHOUT to 85258",
    "0808 808 2003",
    "I rang 020 8331 4400 and nobody picked up",
    "020 8331 4400",
    "he called me from 07700 900999",
    "his dealers number is 07700 900999",
    "A1234BC",
    "3/4/1991",
]

ANONYMOUS = [
    "anonymous",
    "anonymous please",
    "I want to stay anonymous",
    "keep this anonymous",
    "I don't want to give my name",
    "rather not say my name",
    "prefer not to say who i am",
    "not giving my name",
]

NOT_ANONYMOUS = [
    "he gets anonymous threats",
    "I don't need to be anonymous",
    "dont want him to know my name",
    "don't tell him my name",
    "my name is Sarah",
]


@pytest.mark.parametrize(("text", "name"), NAMES.items())
def test_the_prisoners_name_is_taken(text: str, name: str) -> None:
    assert _of(text, "prisoner_name") == name


@pytest.mark.parametrize("text", NO_NAMES)
def test_no_name_is_made_of_other_words_or_other_people(text: str) -> None:
    assert _of(text, "prisoner_name") is None


@pytest.mark.parametrize(("text", "relation"), RELATIONS.items())
def test_the_writers_relation_to_the_prisoner_is_taken(text: str, relation: str) -> None:
    assert _of(text, "reporter_relationship") == relation


@pytest.mark.parametrize("text", NO_RELATIONS)
def test_no_relation_is_guessed(text: str) -> None:
    assert _of(text, "reporter_relationship") is None


@pytest.mark.parametrize(("text", "number"), NUMBERS.items())
def test_a_prisoner_number_is_taken_in_its_usual_shape(text: str, number: str) -> None:
    assert _of(text, "prisoner_number") == number


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_other_figures_are_no_prisoner_number(text: str) -> None:
    assert _of(text, "prisoner_number") is None


@pytest.mark.parametrize(("text", "born"), BIRTHS.items())
def test_a_british_date_of_birth_is_taken(text: str, born: date) -> None:
    assert _of(text, "prisoner_dob") == born


@pytest.mark.parametrize("text", NO_BIRTHS)
def test_a_date_that_is_nobodys_birth_is_left(text: str) -> None:
    assert _of(text, "prisoner_dob") is None


@pytest.mark.parametrize(("text", "name"), WRITERS.items())
def test_the_writers_name_is_taken(text: str, name: str) -> None:
    assert _of(text, "reporter_name") == name


@pytest.mark.parametrize("text", NO_WRITERS)
def test_the_writer_is_not_named_after_a_feeling_or_a_prisoner(text: str) -> None:
    assert _of(text, "reporter_name") is None


@pytest.mark.parametrize(("text", "number"), CONTACTS.items())
def test_the_writers_telephone_number_is_taken(text: str, number: str) -> None:
    assert _of(text, "reporter_contact") == number


@pytest.mark.parametrize("text", NO_CONTACTS)
def test_a_helpline_a_prison_or_somebody_else_is_no_contact(text: str) -> None:
    assert _of(text, "reporter_contact") is None


@pytest.mark.parametrize("text", ANONYMOUS)
def test_a_wish_to_be_nameless_is_heard(text: str) -> None:
    assert _of(text, "reporter_anonymous") is True


@pytest.mark.parametrize("text", NOT_ANONYMOUS)
def test_anonymous_is_never_assumed(text: str) -> None:
    assert "reporter_anonymous" not in extract(text)


def test_one_message_can_fill_everything() -> None:
    text = "I'm Joan Pike. My son Kyle Thompson A1234BC dob 3/4/91 is in Hull. Ring me on 07700 900123"

    assert extract(text, today=TODAY) == {
        "prisoner_name": "Kyle Thompson",
        "prisoner_number": "A1234BC",
        "prisoner_dob": date(1991, 4, 3),
        "reporter_relationship": "parent",
        "reporter_name": "Joan Pike",
        "reporter_contact": "+447700900123",
    }


ANSWERS = {
    "kyle thompson": "Kyle Thompson",
    "its Kyle": "Kyle",
    "KYLE THOMPSON": "Kyle Thompson",
    "Kyle Thompson dob 3/4/91 number A1234BC": "Kyle Thompson",
    "kyle thompson A1234BC": "Kyle Thompson",
    "Kyle, he's 24": "Kyle",
    "kyle thompson hes on b wing": "Kyle Thompson",
    "my son kyle": "Kyle",
    "my husband Dean Smith": "Dean Smith",
    "his name's Kyle": "Kyle",
    "yes its kyle thompson": "Kyle Thompson",
    "Thompson, Kyle": "Kyle Thompson",
    "sean mcdonald": "Sean McDonald",
    "Mohammed Al-Amin": "Mohammed Al-Amin",
    "adaeze okafor": "Adaeze Okafor",
    "Kyle J Thompson": "Kyle J Thompson",
    "kyle preston": "Kyle Preston",
    "o'brien": "O'Brien",
}

NO_ANSWERS = [
    "",
    "don't know",
    "dont know his name",
    "idk",
    "no",
    "skip",
    "rather not say",
    "i already told you",
    "he is in leeds",
    "leeds",
    "kyle leeds",
    "why do you need it",
    "can you help me",
    "will",
    "bananas are yellow",
    "A1234BC",
    "3/4/91",
    "my son",
    "my son is in hull",
]


@pytest.mark.parametrize(("answer", "name"), ANSWERS.items())
def test_a_direct_answer_gives_a_name(answer: str, name: str) -> None:
    assert name_from_answer(answer) == name


@pytest.mark.parametrize("answer", NO_ANSWERS)
def test_an_answer_that_is_no_name_gives_none(answer: str) -> None:
    assert name_from_answer(answer) is None


PIECES = "my son Kyle I'm his mum's , . A1234BC 3/4/91 dob 07700 900123 is in Leeds called name"


@given(st.text(max_size=300))
def test_no_text_makes_the_reading_fail(text: str) -> None:
    extract(text)
    name_from_answer(text)


@pytest.mark.timeout(10)
@pytest.mark.parametrize("part", ["W", "a", "Aa", "A-", "A'", "1 ", " ", "Jane, ", "my big ", "I'm Ann "])
def test_no_text_however_long_keeps_the_reader_busy(part: str) -> None:
    extract(part * (1600 // len(part)))


@given(
    st.lists(
        st.sampled_from(PIECES.split()),
        max_size=14,
    )
)
def test_no_mixture_of_cues_makes_the_reading_fail(words: list[str]) -> None:
    extract(" ".join(words))
    name_from_answer(" ".join(words))


@given(st.from_regex(r"[A-Z][0-9]{4}[B-DF-HJ-NP-TV-Z]{2}", fullmatch=True), st.sampled_from(["", " ", "-"]))
def test_every_prisoner_number_is_read_however_it_is_spaced(number: str, gap: str) -> None:
    written = gap.join((number[0], number[1:5], number[5:]))

    assert _of(f"number {written}", "prisoner_number") == number
    assert _of(f"number {number.lower()}.", "prisoner_number") == number


@given(st.dates(date(1927, 1, 1), date(2016, 1, 1)))
def test_every_plausible_birthday_is_read_as_written(born: date) -> None:
    assert _of(f"dob {born.day}/{born.month}/{born.year}", "prisoner_dob") == born
    assert _of(f"born {born.day} {born:%B} {born.year}", "prisoner_dob") == born


@given(st.dates(date(2017, 1, 1), date(2099, 1, 1)))
def test_no_child_and_nobody_unborn_is_taken_for_a_prisoner(born: date) -> None:
    assert _of(f"dob {born.day}/{born.month}/{born.year}", "prisoner_dob") is None


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=200))
def test_a_number_that_is_taken_has_the_shape_of_one(text: str) -> None:
    assert re.fullmatch(r"[A-Z]\d{4}[A-Z]{2}", _of(text, "prisoner_number") or "A1234BC")
