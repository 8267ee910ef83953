"""Whether a page is valid HTML that assistive technology can name the parts of."""

import re
from collections import Counter
from functools import lru_cache
from itertools import chain
from xml.etree.ElementTree import Element

import html5lib

# html5lib holds to an older standard in which the first was a fault; the second is what somebody typed, as it came.
NOT_FAULTS = {"expected-doctype-but-got-end-tag", "invalid-codepoint"}
FIELDS = {"input", "select", "textarea"}
# An input of these kinds is nothing to fill in, or says itself what it does.
UNLABELLED = {"hidden", "submit", "button", "reset", "image"}
REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "form")
# What differs from one showing of a page to the next.
PROOF = re.compile(r'(name="csrf_token"[^>]*value=")[^"]*')
PASSING = re.compile(r"\b[A-Z]{3}-[A-Z0-9]{4}\b|(?<![A-Za-z0-9&#])[0-9]+")


def faults(html: str) -> list[str]:
    """What is wrong with a page, or with a part of one. Pages that differ only in numbers are read once."""
    shape = PROOF.sub(r"\1", html)
    seen: dict[str, str] = {}
    # Numbered in the order in which they come, so that what was twice the same still is.
    return list(_faults(PASSING.sub(lambda found: seen.setdefault(found[0], f"{len(seen)}"), shape)))


@lru_cache(maxsize=4096)
def _faults(html: str) -> tuple[str, ...]:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    is_page = html.lstrip().lower().startswith("<!doctype")
    tree = parser.parse(html) if is_page else parser.parseFragment(html)
    invalid = (f"{fault} {told} at {place}" for place, fault, told in parser.errors if fault not in NOT_FAULTS)
    _empty_templates(tree)
    everything = [element for element in tree.iter() if isinstance(element.tag, str)]
    checks = (_twice(everything), _unlabelled(everything), _nameless(everything), _leading_nowhere(everything, is_page))
    return tuple(chain(invalid, *checks))


def _empty_templates(tree: Element) -> None:
    """What stands in them is filled in before anybody meets it."""
    for template in list(tree.iter("template")):
        template[:] = []


def _twice(everything: list[Element]) -> list[str]:
    times = Counter(element.get("id") for element in everything if "id" in element.attrib)
    return [f"id {name} {count} times" for name, count in times.items() if count > 1]


def _unlabelled(everything: list[Element]) -> list[str]:
    """Fields without a label, and labels without a field."""
    fields = [one for one in everything if one.tag in FIELDS and one.get("type") not in UNLABELLED]
    labels = [one for one in everything if one.tag == "label"]
    within = {id(field): label for label in labels for field in label.iter() if field.tag in FIELDS}
    labelled, ids = {label.get("for") for label in labels}, {field.get("id") for field in fields}
    return [
        *(
            f"{_shown(field)} has no label"
            for field in fields
            if field.get("id") not in labelled - {None} and id(field) not in within and not _is_named(field)
        ),
        *(
            f"{_shown(label)} labels nothing"
            for label in labels
            if label.get("for") not in ids - {None} and label not in within.values()
        ),
    ]


def _nameless(everything: list[Element]) -> list[str]:
    """What can be pressed and pictures, without words for who cannot see them."""
    pressed = [one for one in everything if one.tag in ("button", "summary") or (one.tag == "a" and one.get("href"))]
    pictures = [one for one in everything if one.tag == "img" and "alt" not in one.attrib]
    return [f"{_shown(one)} has no name" for one in pressed if not _is_named(one) and not _words(one)] + [
        f"{_shown(one)} has no alt" for one in pictures
    ]


def _leading_nowhere(everything: list[Element], is_page: bool) -> list[str]:
    """References to what is not on the page. Of a part the rest may stand elsewhere."""
    ids = {element.get("id") for element in everything}
    return [
        f"{_shown(element)}: no {name} {wanted}"
        for element in everything
        for name in REFERENCES
        for wanted in element.get(name, "").split()
        if is_page and wanted not in ids
    ]


def _is_named(element: Element) -> bool:
    return bool(element.get("aria-label", "").strip() or element.get("aria-labelledby", "").strip())


def _words(element: Element) -> str:
    return "".join([*element.itertext(), *(one.get("alt", "") for one in element.iter("img"))]).strip()


def _shown(element: Element) -> str:
    given = "".join(f' {name}="{value}"' for name, value in element.attrib.items() if name in ("id", "name", "for"))
    return f"<{element.tag}{given}>"
