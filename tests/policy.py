"""Whether pages keep to the Content-Security-Policy that they are sent with, and are valid."""

from html.parser import HTMLParser

from flask import Flask, Response, request

from tests.validity import faults


class _Inline(HTMLParser):
    """Collects what a policy without 'unsafe-inline' would stop."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in given):
            self.found.append(f"<{tag}>")
        self.found += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        self.found += [
            f"{tag} {name}" for name, value in attrs if (value or "").strip().lower().startswith("javascript:")
        ]
        address = given.get("src") or (given.get("href") if tag == "link" else "") or ""
        if address.startswith(("http:", "https:", "//")):
            self.found.append(f"{tag} {address}")


def stopped(html: str) -> list[str]:
    """What in a page would not run or not show."""
    reader = _Inline()
    reader.feed(html)
    return reader.found


class Watched:
    """An application whose every page is read as it goes out."""

    def __init__(self, app: Flask) -> None:
        self.app, self.broken = app, list[str]()
        app.after_request(self._look)

    def _look(self, response: Response) -> Response:
        if response.mimetype == "text/html" and not response.is_streamed:
            html = response.get_data(as_text=True)
            self.broken += [f"{request.path}: {what}" for what in (*stopped(html), *faults(html))]
        return response
