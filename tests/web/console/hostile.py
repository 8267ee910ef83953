"""Words that would run, if a page took them for its own; and whether a page has done so."""

import html

from bs4 import BeautifulSoup

# Closes whatever it may stand in, then tries an element, an attribute, a script, an address and a template.
PAYLOAD = (
    "</textarea></title></select></script>--><hostile a=1>\"'><hostile><script>hostile()</script>"
    '<img src=hostile onerror=hostile()>" hostile="1" onfocus="hostile()\' hostile=\'1\' javascript:hostile() {{7*7}}'
)
RUN_FROM = ("href", "src", "action", "formaction", "data", "style", "srcdoc")


def marked(mark: str) -> str:
    """The payload, to be told from others: in the log, in the answer, on a page."""
    return f"h{mark}h {PAYLOAD}"


def made_of_it(page: str) -> list[str]:
    """The elements and attributes of a page that somebody's words have made."""
    if "hostile" not in page:
        return []
    found = []
    for element in BeautifulSoup(page, "html5lib").find_all(True):
        if element.name == "hostile" or (
            element.name == "script" and not element.get("src", "").startswith("/static/")
        ):
            found.append(f"<{element.name}>")
        found += [f"{element.name} {name}" for name in element.attrs if name.startswith(("on", "hostile"))]
        found += [
            f"{element.name} {name}={element[name]}"
            for name in RUN_FROM
            if "hostile" in str(element.get(name, "")).partition("?")[0].lower()
        ]
    return found


def shows(page: str, mark: str) -> bool:
    """Whether the words can be read on it as they were written, the whole of them."""
    return f"h{mark}h" in page and marked(mark) in html.unescape(page)
