"""Which messages are reserved words: the whole message or none of it."""

import pytest

from gateway.conversations.keywords import Keyword, keyword_of


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("STOP", Keyword.STOP),
        ("stop", Keyword.STOP),
        (" Stop. ", Keyword.STOP),
        ("stop!!!", Keyword.STOP),
        ('"STOP"', Keyword.STOP),
        ("“stop”\n", Keyword.STOP),
        ("STOPALL", Keyword.STOP),
        ("Unsubscribe", Keyword.STOP),
        ("cancel", Keyword.STOP),
        ("END", Keyword.STOP),
        ("Quit?", Keyword.STOP),
        ("START", Keyword.START),
        ("unstop", Keyword.START),
        ("HELP", Keyword.HELP),
        ("help…", Keyword.HELP),
        ("Info", Keyword.HELP),
    ],
)
def test_a_reserved_word_alone_is_a_keyword(text: str, keyword: Keyword) -> None:
    assert keyword_of(text, stopped=False) is keyword


@pytest.mark.parametrize(
    "text",
    [
        "stop him hes going to kill himself",
        "please stop",
        "stop texting me",
        "help my son",
        "help me please he is cutting himself",
        "cancel my visit on friday",
        "when does the visit end?",
        "no info",
        "starting",
        "stopped",
        "st op",
        "s t o p",
        "stop 🙏",
        "🛑",
        "",
        "   ",
        "...",
        "yes please",
    ],
)
def test_anything_more_than_the_word_is_an_ordinary_message(text: str) -> None:
    assert keyword_of(text, stopped=False) is None
    assert keyword_of(text, stopped=True) is None


@pytest.mark.parametrize("text", ["yes", "YES", "Yes!"])
def test_yes_counts_only_after_stop(text: str) -> None:
    assert keyword_of(text, stopped=False) is None
    assert keyword_of(text, stopped=True) is Keyword.START
