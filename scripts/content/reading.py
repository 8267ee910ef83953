"""How hard a text is to read: the Flesch-Kincaid grade, a school year, of what a reader has to puzzle out."""

import re

import textstat

# Looked up or tapped on, not read: links, addresses, telephone numbers, and gaps that are filled in later.
_LINK = r"(?:(?:https?://|www\.)\S*[\w/]|\S+@\S+\w|\b[A-Z]+\.UK\b)"
_GAP = r"\{\w+\}"
_PHONE = r"(?:(?<!\w)\+?\d[\d ]{5,}\d|\b\d{3} \d{3}\b|\b\d{5}\b)"
_NOT_READ = re.compile(f"{_LINK}|{_GAP}|{_PHONE}")
_LINK_AT_THE_END = re.compile(rf":? *{_LINK}(?= +[A-Z])")
_POINT = re.compile(r"(?<=\d)[.,](?=\d)")
# A name is one thing to a reader, however many words it has: capitals in the middle of a sentence, or two at its start.
_MORE = r"(?: (?:of |the |a |and )?[A-Z][\w'’-]+)"
_NAME = re.compile(rf"(?<=[\w,;'(] )(?!I\b)[A-Z][\w'’-]+{_MORE}*|\b[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)+")
# A line in another language says which; there is no grade for it.
_OTHER_LANGUAGE = re.compile(r"^(?:Cymraeg|Polski):.*$", re.M)


def grade(text: str) -> float:
    """The grade of a text, each line and list item counting as a sentence. 0 where there is nothing to read."""
    sentences = plain_sentences(text)
    return textstat.flesch_kincaid_grade(sentences) if sentences else 0.0


def plain_sentences(text: str) -> str:
    """What is left to read of a text, as sentences on one line."""
    text = _LINK_AT_THE_END.sub(".", _OTHER_LANGUAGE.sub("", text))
    text = _POINT.sub("", _NAME.sub("", _NOT_READ.sub("", text)))
    lines = (line.strip(" -\t") for line in text.splitlines())
    return " ".join(_ended(line) for line in lines if re.search(r"\w", line))


def _ended(line: str) -> str:
    return line if line[-1] in ".?!" else line.rstrip(" :,;") + "."
