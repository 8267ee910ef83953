"""No other site can act in somebody's name: nothing is done without the token of a form, and nothing by a GET."""

import pytest
from every_page import Form, changed, rows, rules
from person import Person

MADE_UP = "IjAwMDAi.aAAAAA.not-one-of-ours"


def refusals(person: Person, stranger: str, form: Form):
    """What is answered to the same form without a token, with those that are not this session's, and in the address."""
    (name,) = [name for name in form.fields if name.endswith("csrf_token")]
    fields = {other: value for other, value in form.fields.items() if other != name}
    yield person.client.post(form.path, data=fields)
    for token in (MADE_UP, stranger, ""):
        yield person.client.post(form.path, data=fields | {name: token})
    yield person.client.post(f"{form.path}?{name}={form.fields[name]}", data=fields)


def test_each_form_without_its_own_token_is_refused_and_does_nothing(whole):
    stranger, before, wrong = whole.somebody().token(), rows(), {}
    for person, form in whole.forms:
        for answer in refusals(person, stranger, form) if form.method == "POST" else ():
            if answer.status_code != 400 or "without a valid token" not in answer.text:
                wrong[form.path] = answer.status_code

    assert wrong == {}
    assert changed(before) == set()


# With a key of one's own, by script: test_console_security_keys.py.
BY_SCRIPT = {"sign_in_key", "sign_in_key_challenge", "security_key_add", "security_key_remove"}


def test_every_rule_that_changes_something_is_a_form_on_some_page(whole):
    posts = {name for name, method, _ in rules(whole.app) if method == "POST"}

    assert posts - BY_SCRIPT == {whole.endpoint(form) for _, form in whole.forms if form.method == "POST"}
    assert {method for _, method, _ in rules(whole.app)} == {"GET", "POST"}


def test_looking_changes_nothing_but_the_log(whole):
    assert whole.changed == {"log_entry"}


def test_what_has_no_token_outside_the_console_is_signed_or_takes_no_form(whole):
    """Twilio's webhooks ask for its signature, the chat's JSON for a type that no form of another site has."""
    client, before = whole.somebody().client, rows()
    client.set_cookie("chat", "kept")
    asked = {}
    for rule in whole.app.url_map.iter_rules():
        if "POST" in rule.methods and not rule.endpoint.startswith("console."):
            path = rule.rule.replace("<token>", "x")
            asked[rule.endpoint] = [
                client.post(path, data='{"text": "hello"}', content_type=kind).status_code
                for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
            ]

    signed = {name: codes for name, codes in asked.items() if name.startswith(("sms.", "voice."))}
    others = {name: codes for name, codes in asked.items() if name not in signed}
    assert len(signed) >= 5 and all(codes == [403] * 3 for codes in signed.values())
    # The page's own forms, without theirs: the words go back into the box, and the other two only show the page.
    page = {"chat.send": [400] * 3, "chat.rate": [303] * 3, "chat.forget": [303] * 3}
    assert others == page | {"chat.api.send": [400] * 3, "chat.api.give": [400] * 3}
    assert client.get_cookie("chat").value == "kept"
    assert changed(before) <= {"log_entry", "suspect_message", "delivery"}


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_a_body_that_is_no_form_brings_no_token(whole, kind):
    token, path = whole.ann.token(), f"/console/concerns/{whole.known['reference']}/acknowledge"

    answer = whole.ann.client.post(path, data=f'{{"csrf_token": "{token}"}}', content_type=kind)

    assert answer.status_code == 400
