"""Whatever is sent, in each field of each form and in each parameter of each address, is answered and no crash."""

import io
import uuid
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote

import pytest
from every_page import LIVE, Form
from person import Person

# As they arrive: NUL, half of a pair, bytes that are no text, signs that steer, and letters that only look like some.
SIGNS = "%00a%00%ED%A0%80%FF%FE%C3" + quote("\u202e\x1b[2J\r\nSet-Cookie: a=b\u2028é٣²ſ\u212a😢")
NUMBER, LONG = "9" * 5000, "a" * 100_000
DAYS = (
    "0001-01-01T00:00",
    "9999-12-31T23:59",
    "0001-01-01",
    "9999-12-31",
    "31/12/9999",
    "1/1/0001",
    "2026-02-30T25:61",
)
Fields = Iterable[tuple[str, str]]


def usual(form: Form) -> dict[str, str]:
    """What its page would send, as though it had just been opened."""
    words = {name: form.fields.get(name) or "as usual" for name in form.words}
    acts = {name: str(uuid.uuid4()) for name in form.fields if name.endswith("-act")}
    return {name: quote(value) for name, value in (form.fields | words | acts).items()}


def in_words(form: Form, value: str) -> Fields:
    return (usual(form) | dict.fromkeys(form.words, value)).items()


def in_the_rest(form: Form, value: str) -> Fields:
    """In what a page fills in by itself, or has chosen from a list."""
    rest = [name for name in form.fields if name not in form.words and not name.endswith("csrf_token")]
    return (usual(form) | dict.fromkeys(rest, value)).items()


def twice(form: Form, value: str) -> Fields:
    for pair in usual(form).items():
        yield pair
        yield pair[0], value


def one_long(form: Form, value: str) -> Fields:
    return (usual(form) | dict.fromkeys(form.words[-1:], LONG)).items()


def send(person: Person, form: Form, fields: Fields) -> int:
    """Its answer. The body is written here, for a client would put it right."""
    body = "&".join(f"{name}={value}" for name, value in fields)
    if form.method == "GET":
        return person.client.get(f"{form.path.partition('?')[0]}?{body}").status_code
    return person.client.post(form.path, data=body, content_type="application/x-www-form-urlencoded").status_code


@pytest.mark.parametrize(
    ("put", "value"),
    [(in_words, SIGNS), (one_long, LONG), (in_the_rest, SIGNS), (in_the_rest, NUMBER), (twice, SIGNS)],
    ids=["signs in words", "long words", "signs elsewhere", "a number elsewhere", "everything twice"],
)
def test_no_form_breaks(fresh, put: Callable[[Form, str], Fields], value: str):
    forms = [one for one in fresh.forms if one[1].words or put is not one_long]
    forms.sort(key=lambda one: fresh.endpoint(one[1]) == "sign_out")  # which comes last, for nothing works after it

    answers = {f"{form.method} {form.path}": send(person, form, put(form, value)) for person, form in forms}

    assert {what: status for what, status in answers.items() if status >= 500} == {}
    assert put is not one_long or {status for what, status in answers.items() if "concerns" in what} == {400}


def days(forms: Iterable[tuple[Person, Form]]) -> Iterator[tuple[Person, Form, str, str]]:
    """Each field that may be a day or a time, with each of those at the ends of the calendar."""
    for person, form in forms:
        for name in form.words if form.method == "GET" or "since" in form.words else ():
            yield from ((person, form, name, day) for day in DAYS)


def test_no_day_breaks_a_form(whole):
    wrong = {}
    for person, form, name, day in days(whole.forms):
        fields = usual(form) | dict.fromkeys(form.words, "") | {name: quote(day)}
        if (status := send(person, form, fields.items())) >= 500:
            wrong[f"{form.path} {name}={day}"] = status

    assert wrong == {}


def test_no_form_takes_json_or_a_file_in_the_place_of_words(whole):
    wrong = {}
    for person, form in whole.forms:
        if form.method == "GET":
            continue
        token = next(value for name, value in form.fields.items() if name.endswith("csrf_token"))
        answers = [
            person.client.post(form.path, data=body, content_type="application/json", headers={"X-CSRFToken": token})
            for body in ("[1]", '{"email": 5}', "null", "[" * 5000, "\xff")
        ]
        file = {name: (io.BytesIO(b"x"), "x.txt") for name in form.words or ("other",)}
        answers.append(person.client.post(form.path, data=form.fields | file))
        wrong[form.path] = {answer.status_code for answer in answers} - {400}

    assert {path: codes for path, codes in wrong.items() if codes} == {}


def queries(parameters: set[str]) -> Iterator[str]:
    """Each name alone with odd signs; then all of them at once as numbers, as days, and twice."""
    names = sorted(parameters)
    yield from (f"{name}={SIGNS}" for name in names)
    yield "&".join(f"{name}=a&{name}={SIGNS}" for name in (*names, "next")) + "&%FF=%FE&&=&a&\xff"
    for value in (NUMBER, "-1", DAYS[0], DAYS[1]) if names else ():
        yield "&".join(f"{name}={value}" for name in names)


def test_no_parameter_breaks_a_page(whole):
    wrong = {}
    for place, view in {view.place: view for view in whole.views}.items():
        for query in queries(view.parameters):
            answer = view.person.client.get(place, headers=LIVE, environ_overrides={"QUERY_STRING": query})
            if answer.status_code >= 500:
                wrong[f"{place}?{query[:40]}"] = answer.status_code

    assert wrong == {}


def test_who_is_not_signed_in_is_asked_to_whatever_they_ask_for(whole):
    client = whole.somebody().client
    for query in (SIGNS, "\xff\xfe", "a=" + NUMBER, "\r\n", "next=//evil.example"):
        answer = client.get("/console/closed", environ_overrides={"QUERY_STRING": query})
        assert answer.status_code == 302 and answer.location.startswith("/console/sign-in?next=")
        assert client.get(answer.location).status_code == 200


@pytest.mark.parametrize("name", ["text", "csrf_token", "helped", "message"])
@pytest.mark.parametrize("path", ["/chat", "/chat/feedback", "/chat/forget"])
def test_the_chats_forms_do_not_break_either(whole, path, name):
    client = whole.somebody().client
    kinds = ({"data": {name: (io.BytesIO(b"x"), "x.txt")}}, {"json": [1]}, {"data": {name: LONG}})

    answers = [client.post(path, **given) for given in kinds]
    answers.append(client.post(path, data=f"{name}={SIGNS}", content_type="application/x-www-form-urlencoded"))

    assert {answer.status_code for answer in answers} <= {303, 400, 413}
