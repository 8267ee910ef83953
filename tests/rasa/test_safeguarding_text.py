from hypothesis import given
from hypothesis import strategies as st

from bot.components.safeguarding_text import Spellings, sentences_of, words_of

SPELLINGS = Spellings.of(
    {"he is": ["hes"], "himself": ["hisself", "his self"], "tonight": ["2nite"], "overdosed": ["od'd"]},
    often_misspelt=["suicide"],
    written_right=["suicides"],
)


def plain(text: str) -> str:
    return " ".join(words_of(text, SPELLINGS))


def test_what_people_write_is_read_in_standard_spelling():
    assert plain("Hes gonna do it 2nite") == "he is gonna do it tonight"


def test_an_apostrophe_changes_nothing():
    assert plain("he's") == plain("he’s") == plain("hes") == "he is"


def test_short_forms_are_written_out():
    assert plain("I'll, can't, won't, they've, isn't") == "i will , can not , will not , they have , is not"


def test_belonging_keeps_a_mark_of_its_own():
    assert plain("my son's cell") == "my son 's cell"


def test_several_words_can_stand_for_one():
    assert plain("he hurt his self and od'd") == "he hurt himself and overdosed"


def test_one_wrong_letter_is_forgiven_in_a_risk_word_and_its_neighbours_are_left_alone():
    assert plain("sucide suicides suites") == "suicide suicides suites"


def test_stretched_words_are_shortened_and_numbers_are_not():
    assert plain("pleeeease he owes 1000") == "pleease he owes 1000"


def test_sentences_end_at_marks_and_lines():
    words = words_of("One two. Three\nfour? five", SPELLINGS)

    assert [" ".join(words[start:end]) for start, end in sentences_of(words)] == ["one two", "three", "four", "five"]


@given(st.text(max_size=300))
def test_any_text_can_be_read(text):
    words = words_of(text, SPELLINGS)

    assert all(0 <= start < end <= len(words) for start, end in sentences_of(words))
