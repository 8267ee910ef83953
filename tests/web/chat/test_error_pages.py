"""Error pages, in plain sentences."""

import pytest
from flask import Flask, abort
from flask_wtf.csrf import CSRFError

from tests.web.chat.reading import read_page
from web import create_app


@pytest.fixture
def failing(database: str) -> Flask:
    app = create_app()

    @app.get("/fail/<int:code>")
    def fail(code: int) -> None:
        abort(code)

    @app.get("/crash")
    def crash() -> None:
        raise RuntimeError("a secret detail")

    @app.get("/forged")
    def forged() -> None:
        raise CSRFError("The CSRF token is missing.")

    return app


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 410, 413, 415, 429, 500, 502, 503])
def test_every_error_is_a_sound_page_with_the_emergency_numbers(failing, code):
    response = failing.test_client().get(f"/fail/{code}")
    soup = read_page(response.text)

    assert response.status_code == code
    assert "116 123" in soup.get_text()
    assert soup.find("a", href="/chat")


def test_a_crash_says_sorry_and_no_more(failing):
    response = failing.test_client().get("/crash")

    assert response.status_code == 500
    assert "Sorry, something went wrong" in read_page(response.text).h1.text
    assert "secret" not in response.text


def test_a_form_without_proof_says_what_to_do(failing):
    response = failing.test_client().get("/forged")

    assert response.status_code == 400
    assert "load the page again" in read_page(response.text).get_text()


def test_a_wrong_method_says_which_are_right(web):
    response = web.delete("/chat")

    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]
    assert response.content_type.startswith("text/html")


def test_a_body_that_is_too_large_is_refused_in_words(web):
    response = web.post("/chat", data={"text": "a" * 300_000})

    assert response.status_code == 413
    assert "smaller parts" in read_page(response.text).get_text()
