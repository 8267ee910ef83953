"""Nobody reads or changes what is not theirs, and nothing changes without the token of a form."""

import uuid

import pytest
from samples import samples
from werkzeug.routing import IntegerConverter

from gateway.concerns.models import Concern
from gateway.db import unit_of_work
from gateway.staff.roles import Role

ACTS = {
    "acknowledge": {},
    "note": {"note-text": "seen", "note-act": str(uuid.uuid4())},
    "sentence": {"sentence-sentence": "thank_you", "sentence-act": str(uuid.uuid4())},
    "close": {"close-outcome": "welfare_check"},
}
NOT_THEIRS = [
    {"prison": "HLI"},
    {"prison": None},
    {"prison": "LEI", "subject": "caller", "details": {"prison_id": "LEI"}},
]


def as_it_stands(concern):
    with unit_of_work() as session:
        stored = session.get_one(Concern, concern.id)
        return stored.status, stored.outcome, stored.acknowledged_at


@pytest.mark.parametrize("given", NOT_THEIRS)
def test_a_concern_that_is_not_theirs_does_not_exist(sign_in, concern, log, given):
    hidden = concern(**given)
    person = sign_in("LEI")

    person.get(f"/console/concerns/{hidden.reference}", status=404)
    for act, fields in ACTS.items():
        person.post(f"/console/concerns/{hidden.reference}/{act}", status=404, **fields)
        person.post(f"/console/concerns/{hidden.reference}/{act}", status=404)

    assert as_it_stands(hidden) == ("open", None, None)
    assert hidden.reference not in person.get("/console/").text
    assert not log("concern:viewed_by_staff")
    assert not log("concern:noted") and not log("concern:family_told")


@pytest.mark.parametrize("reference", ["ABC-4KQ7", "x", "%00", "ABC-4KQ7%20", "../..", "é"])
def test_an_unknown_reference_is_not_found(sign_in, reference):
    sign_in("LEI").get(f"/console/concerns/{reference}", status=404)


def test_a_number_that_no_row_has_is_not_found_wherever_an_address_takes_one(sign_in, web):
    person = sign_in("LEI", reads_unrouted=True, roles=list(Role))
    known, token, adapter = samples(), person.token(), web.application.url_map.bind("localhost")
    asked = 0

    for rule in web.application.url_map.iter_rules():
        numbers = [name for name, kind in rule._converters.items() if isinstance(kind, IntegerConverter)]
        for number in ("2147483648", str(2**63 - 1), str(2**63), "9" * 30, "9" * 5000) if numbers else ():
            path = adapter.build(rule.endpoint, {**known, **dict.fromkeys(rule.arguments & set(numbers), 77777)})
            path = path.partition("?")[0].replace("77777", number)
            for method in rule.methods & {"GET", "POST"}:
                answer = person.client.open(path, method=method, data={"csrf_token": token})
                # Whoever takes one of their own keys away is first asked whether they are sure.
                right = (
                    400
                    if rule.endpoint == "console.security_key_remove" and len(number) < 20 and int(number) < 2**63
                    else 404
                )
                assert (method, path[:80], answer.status_code) == (method, path[:80], right)
                asked += 1
    assert asked > 40


@pytest.mark.parametrize("act", ACTS)
def test_a_form_without_its_token_changes_nothing_and_says_so(sign_in, concern, act):
    theirs = concern(prison="LEI")
    client = sign_in("LEI").client

    for fields in (ACTS[act], {**ACTS[act], "csrf_token": "made up"}):
        answer = client.post(f"/console/concerns/{theirs.reference}/{act}", data=fields)
        assert answer.status_code == 400
        assert "This form came without a valid token, so nothing was changed." in answer.text
    assert as_it_stands(theirs) == ("open", None, None)


@pytest.mark.parametrize("path", ["/console/sign-in", "/console/sign-out"])
def test_signing_in_and_out_need_the_token_too(sign_in, path):
    answer = sign_in("LEI").client.post(path, data={"email": "ann@prison.invalid", "password": "x"})

    assert answer.status_code == 400
    assert "without a valid token" in answer.text


def test_a_form_sent_when_no_longer_signed_in_changes_nothing_and_says_so(web, concern):
    theirs = concern(prison="LEI")

    answer = web.post(f"/console/concerns/{theirs.reference}/acknowledge", follow_redirects=True)

    assert "You were no longer signed in, so nothing was kept." in answer.text
    assert as_it_stands(theirs) == ("open", None, None)


def test_the_not_processed_list_is_for_those_who_read_the_unrouted(sign_in):
    sign_in("LEI").get("/console/not-processed", status=404)
    sign_in(reads_unrouted=True, name="Dee Desk").get("/console/not-processed")


def test_no_page_may_be_kept_or_framed(sign_in):
    headers = sign_in("LEI").client.get("/console/").headers

    assert headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
