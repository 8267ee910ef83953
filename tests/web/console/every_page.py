"""Every rule of the console with an address to ask for, the forms on a page, and all that the database holds."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask, Request
from person import Person
from sqlalchemy import text
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from gateway.db import Base, unit_of_work
from web.console.permissions import ADMINISTRATOR, MAY_REACH

# Of no prison, though it has an argument.
COUNTED = {"figures_file", "security_key_remove"}

WORDS = "input[type=text], input[type=email], input[type=date], input[type=datetime-local], input:not([type]), textarea"
# Asked for by the script of the queue: without it the part that renews itself only leads back.
LIVE = {"HX-Request": "true"}
OTHER_PRISON = "MDI"  # that ann sees too: what is moved there stays in sight
SECRET = "input[type=password]"


@dataclass(frozen=True)
class Form:
    """A form as it stands on a page: what a browser would send, and which of it somebody types."""

    path: str
    method: str
    fields: dict[str, str]
    words: tuple[str, ...]


@dataclass(frozen=True)
class View:
    """A page, or a state of one, as somebody was shown it."""

    person: Person
    path: str
    answer: TestResponse
    parameters: set[str]
    forms: list[Form] = field(default_factory=list)

    @property
    def place(self) -> str:
        return self.path.partition("?")[0]


def rules(app: Flask) -> list[tuple[str, str, Rule]]:
    """Endpoint without `console.`, method and rule of all that the console answers to."""
    found = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("console.")]
    return [
        (rule.endpoint.removeprefix("console."), method, rule)
        for rule in sorted(found, key=lambda rule: rule.endpoint)
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    ]


def address(app: Flask, rule: Rule, method: str, known: dict[str, object]) -> str:
    """The path with a sample for each argument."""
    endpoint = rule.endpoint.removeprefix("console.")
    values = {name: known.get(f"{endpoint}.{name}", known.get(name)) for name in rule.arguments}
    lacking = [name for name, value in values.items() if value is None]
    assert not lacking, f"samples.py has nothing for {lacking} of {endpoint}"
    return app.url_map.bind("localhost").build(rule.endpoint, values, method=method)


def is_bound(endpoint: str, rule: Rule) -> bool:
    """Whether a page is about one thing that belongs to a prison."""
    return bool(rule.arguments) and MAY_REACH[endpoint] != ADMINISTRATOR and endpoint not in COUNTED


def forms(page: BeautifulSoup, path: str) -> Iterable[Form]:
    """The forms of a page, each choice made."""
    for form in page.find_all("form"):
        method, action = form.get("method", "get").upper(), form.get("action") or path
        words = tuple(field["name"] for field in form.select(f"{WORDS}, {SECRET}"))
        yield Form(action, method, _chosen(form), words)
        for button in form.select("[formaction]"):
            yield Form(button["formaction"], method, _chosen(form), words)


def _chosen(form: Tag) -> dict[str, str]:
    given = {field["name"]: field.get("value", "") for field in form.select("input[type=hidden], input[type=text]")}
    given |= {field["name"]: field.text for field in form.select("textarea")}
    for box in form.select("input[type=radio], input[type=checkbox]"):
        given.setdefault(box["name"], box["value"])
    for select in form.select("select"):
        values = [option["value"] for option in select.select("option") if option["value"]]
        chosen = select.select_one("option[selected]")
        likely = OTHER_PRISON if OTHER_PRISON in values else "".join(values[-1:])
        given[select["name"]] = chosen["value"] if chosen else likely
    return given


def look(app: Flask, person: Person, path: str) -> View:
    """Open a page, and note which parameters its address may have: what its view asks for, its forms and links."""
    asked: set[str] = set()
    app.request_class = type("Spied", (Request,), {"parameter_storage_class": _spy(asked)})
    try:
        answer = person.client.get(path, headers=LIVE)
    finally:
        del app.request_class
    view = View(person, path, answer, asked)
    if answer.mimetype == "text/html":
        page = BeautifulSoup(answer.text, "html.parser")
        view.forms.extend(forms(page, path))
        here = [link["href"] for link in page.select("a[href*='?']") if link["href"].startswith(f"{view.place}?")]
        asked.update(*(form.fields for form in view.forms if form.method == "GET"))
        asked.update(*(dict(parse_qsl(urlsplit(link).query)) for link in here))
    return view


def _spy(asked: set[str]) -> type[ImmutableMultiDict]:
    class Asked(ImmutableMultiDict):
        def get(self, key, *args, **options):
            asked.add(key)
            return super().get(key, *args, **options)

        def getlist(self, key, *args, **options):
            asked.add(key)
            return super().getlist(key, *args, **options)

    return Asked


def rows() -> dict[str, str]:
    """What each table holds, as one mark: two are equal when nothing was added, changed or deleted in between."""
    each = " UNION ALL ".join(
        f"SELECT '{table}', md5(string_agg(one::text, ' ' ORDER BY one::text)) FROM \"{table}\" one"
        for table in Base.metadata.tables
    )
    with unit_of_work() as session:
        return dict(session.execute(text(each)).all())


def changed(before: dict[str, str]) -> set[str]:
    """The tables that hold other than they did."""
    return {table for table, mark in rows().items() if before[table] != mark}
