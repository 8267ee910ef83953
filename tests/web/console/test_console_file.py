"""Getting a concern's file from its page."""

import io

import pytest
from pypdf import PdfReader


@pytest.mark.parametrize("kind", ["pdf", "json"])
def test_the_page_gives_the_file_to_who_may_see_it_and_logs_it(sign_in, concern, log, kind):
    theirs = concern("he wont eat")
    person = sign_in("LEI")
    path = f"/console/concerns/{theirs.reference}"

    button = person.get(path).select(f"form[action$='/file.{kind}'], button[formaction$='/file.{kind}']")
    answer = person.client.post(f"{path}/file.{kind}", data={"csrf_token": person.token()})

    assert len(button) == 1 and answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f"attachment; filename={theirs.reference}.{kind}"
    assert answer.headers["Cache-Control"] == "no-store"
    text = PdfReader(io.BytesIO(answer.data)).pages[0].extract_text() if kind == "pdf" else answer.text
    assert "he wont eat" in text and "Ann Example" in text
    assert len(log("concern:filed")) == 1
    assert "Ann Example had its file made." in person.get(path).text


def test_nobody_gets_the_file_of_a_concern_that_they_may_not_see(sign_in, concern, log):
    theirs = concern()
    person = sign_in("HLI")

    for kind in ("pdf", "json", "exe"):
        person.post(f"/console/concerns/{theirs.reference}/file.{kind}", status=404)
    assert log("concern:filed") == []


def test_the_file_cannot_be_had_without_the_token_of_the_page(sign_in, concern, log):
    theirs = concern()
    person = sign_in("LEI")

    assert person.client.post(f"/console/concerns/{theirs.reference}/file.json").status_code == 400
    assert person.client.get(f"/console/concerns/{theirs.reference}/file.json").status_code == 405
    assert log("concern:filed") == []
