"""What a browser sends, made safe to keep: the words stay as they were written."""

import unicodedata

# Some four screens on a phone. Longer worries come in parts, and every part is read with the ones before it.
LONGEST = 4000


def clean(text: str) -> str:
    """Without control characters and broken halves of letters, which no database or screen can hold."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs"))


def is_blank(text: str) -> bool:
    """Whether there is nothing to see in it: no letter, number, mark or picture."""
    return all(unicodedata.category(sign)[0] in "CZ" for sign in text)


def fault(text: str) -> str | None:
    """Why a cleaned message cannot be taken, as a name in error_sentences.html; None when it can."""
    if is_blank(text):
        return "no_text"
    return "too_long" if len(text) > LONGEST else None
