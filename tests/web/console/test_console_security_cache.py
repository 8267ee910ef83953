"""Nothing that stands behind the sign-in is kept by a browser or shown after signing out; files are what they say."""

import io

import pytest
from person import Person
from samples import WORDS
from world import ANN

from gateway.media.kinds import OTHERS, PICTURES, kind_of
from gateway.media.models import Media
from web.console.figures import FILES
from web.console.media import _file

SAFE = {"application/json", "application/pdf", "text/csv", "application/vnd.oasis.opendocument.spreadsheet", *PICTURES}


def kept(answer) -> list[str]:
    """What is wrong in the headers of an answer."""
    headers = answer.headers
    wrong = [] if headers["Cache-Control"] == "no-store" else [f"Cache-Control {headers['Cache-Control']}"]
    wrong += [] if headers["X-Content-Type-Options"] == "nosniff" else ["may be taken for another kind"]
    wrong += [f"has {name}" for name in ("ETag", "Last-Modified", "Expires") if name in headers]
    if answer.data and answer.mimetype != "text/html":
        wrong += [] if answer.mimetype in SAFE else [f"is {answer.mimetype}"]
        disposition = headers.get("Content-Disposition", "")
        wrong += [] if disposition.startswith("attachment;") or answer.mimetype in PICTURES else [disposition]
    return wrong


def test_every_answer_behind_the_sign_in_is_kept_nowhere(fresh):
    token, kinds = fresh.ann.token(), set()
    wrong = {view.path: kept(view.answer) for view in fresh.views}
    for _, method, path in [one for one in fresh.addresses("POST") if one[0] not in ("sign_out", "erase")]:
        answer = fresh.ann.client.open(path, method=method, data={"csrf_token": token})
        wrong[f"{method} {path}"] = kept(answer)
        kinds.add(answer.mimetype)
    for kind in FILES:
        wrong[kind] = kept(fresh.ann.client.get(f"/console/figures.{kind}"))

    assert {path: what for path, what in wrong.items() if what} == {}
    assert "application/json" in kinds


@pytest.mark.parametrize(
    "asked", ["/console/nothing", "/console/concerns/ZZZ-2222", "/console/sign-out", "/console/people/1"]
)
def test_neither_is_an_error(whole, asked):
    for method in ("GET", "POST", "PUT"):
        for person in (whole.ann, whole.somebody()):
            assert kept(person.client.open(asked, method=method)) == []


def test_neither_is_what_was_too_much_or_what_broke(whole, monkeypatch):
    too_much = whole.ann.client.post("/console/find", data={"who": "a" * 300_000})
    monkeypatch.setitem(whole.app.view_functions, "console.closed", lambda: 1 / 0)
    broke = whole.ann.client.get("/console/closed")

    assert (too_much.status_code, broke.status_code) == (413, 500)
    assert kept(too_much) == kept(broke) == []
    assert "ZeroDivision" not in broke.text


def test_after_signing_out_no_page_and_no_file_opens_by_back_or_with_a_copy_of_the_session(fresh):
    person = Person(fresh.app.test_client(), ANN)
    person.sign_in(ANN)
    copy = fresh.somebody()
    copy.client.set_cookie("session", person.client.get_cookie("session").value)
    paths = [view.path for view in fresh.views if view.person is fresh.ann]
    assert WORDS in person.client.get(f"/console/concerns/{fresh.known['reference']}").text

    person.post("/console/sign-out")

    for path in paths:
        for one in (person, copy):
            answer = one.client.get(path)
            assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/console/sign-in"), path
            assert kept(answer) == [] and WORDS not in answer.text


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script>", b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7 javascript", b"PK\x03\x04 a document with macros", b"MZ\x90 a program", b"#!/bin/sh", b"",
        b"<svg onload=alert(1)>", b"\x00asm\x01", b"ID3 but not quite", b"BM a bitmap",
    ],
)  # fmt: skip
def test_what_a_browser_or_a_computer_would_run_is_not_kept(content):
    assert kind_of(content) in {None, *OTHERS} and kind_of(content) not in {"image/svg+xml", "application/pdf"}


@pytest.mark.parametrize("kind", sorted(PICTURES | OTHERS))
def test_a_file_of_each_kind_that_is_kept_can_run_nothing(whole, kind):
    """Also one that is two at once: a picture that a page would read as a script is served as a picture alone."""
    content = b"GIF89a/*<script>alert(1)</script>*/"
    with whole.app.test_request_context("/console/"):
        answer = whole.app.process_response(_file(Media(id=1, type=kind, claimed_type="text/html"), content))

    assert answer.mimetype == kind and "svg" not in kind and "html" not in kind
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (
        "sandbox" in answer.headers["Content-Security-Policy"]
        and "default-src 'none'" in answer.headers["Content-Security-Policy"]
    )
    assert answer.headers["Content-Disposition"].startswith("inline;" if kind in PICTURES else "attachment;")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_no_form_takes_a_file(whole):
    for person, form in whole.forms:
        if form.method == "POST":
            fields = form.fields | {name: (io.BytesIO(b"x"), "x.html") for name in form.words[:1] or ("other",)}
            assert person.client.post(form.path, data=fields).status_code == 400, form.path
