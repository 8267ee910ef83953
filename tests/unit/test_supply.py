"""What `make supply` makes of an audit."""

import json
from datetime import date

import pytest
import yaml

from scripts.supply import ACCEPTED, Known, NotAudited, is_accepted, overdue, read

FOUND = {"name": "flask", "version": "1", "vulns": [{"id": "CVE-1"}, {"id": "CVE-2"}]}
SKIPPED = {"name": "aiohttp", "skip_reason": "not found"}


def _answer(*packages: dict) -> str:
    return json.dumps({"dependencies": packages})


def test_every_vulnerability_is_found_also_beside_packages_that_could_not_be_audited() -> None:
    found = read("gateway", _answer(SKIPPED, FOUND), "")

    assert [str(known) for known in found] == [
        f"{name} in flask (requirements/gateway.txt)" for name in ("CVE-1", "CVE-2")
    ]


@pytest.mark.parametrize("answer", ["", "Traceback", _answer(SKIPPED), _answer()])
def test_an_audit_that_reached_nobody_is_no_all_clear(answer: str) -> None:
    with pytest.raises(NotAudited):
        read("gateway", answer, "ConnectionError: no way there")


def test_only_what_the_file_names_is_accepted() -> None:
    accepted = [{"id": "CVE-1", "file": "gateway"}, {"id": "all", "file": "rasa"}]

    assert is_accepted(Known("gateway", "flask", "CVE-1"), accepted)
    assert not is_accepted(Known("gateway", "flask", "CVE-2"), accepted)
    assert not is_accepted(Known("dev", "flask", "CVE-1"), accepted)
    assert is_accepted(Known("rasa", "sanic", "CVE-9"), accepted)


def test_what_was_not_looked_at_again_in_time_is_named() -> None:
    entry = {"id": "CVE-1", "file": "gateway", "review_by": date(2026, 12, 1)}

    assert overdue([entry], date(2026, 12, 1)) == []
    assert "2026-12-01" in overdue([entry], date(2026, 12, 2))[0]


def test_every_accepted_vulnerability_has_a_reason_and_a_day() -> None:
    for entry in yaml.safe_load(ACCEPTED.read_text(encoding="utf-8"))["accepted"]:
        assert set(entry) == {"id", "file", "reason", "review_by"} and len(entry["reason"]) > 40
        assert isinstance(entry["review_by"], date)
