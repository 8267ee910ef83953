"""What those who watch from outside are told, and when it is bad."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from gateway.db import now, unit_of_work
from gateway.path.models import Probe
from web import health


def _came_through(seconds_ago: float) -> None:
    at = now() - timedelta(seconds=seconds_ago)
    with unit_of_work() as session:
        session.add(Probe(sid=f"SM{seconds_ago}", started_at=at, finished_at=at))


def test_before_a_synthetic_message_came_through_the_path_is_not_well(web: FlaskClient) -> None:
    answer = web.get("/health/path")

    assert answer.status_code == 503
    assert answer.json == {"ok": False, "age_seconds": None, "last": None, "steps": {}}
    assert web.get("/health").status_code == 200


@pytest.mark.parametrize(("age", "status"), [(1, 200), (149, 200), (151, 503)])
def test_the_path_is_well_for_two_and_a_half_minutes(web: FlaskClient, age: float, status: int) -> None:
    _came_through(age)
    _came_through(10_000)
    answer = web.get("/health/path")

    assert answer.status_code == status and answer.json is not None
    assert answer.json["ok"] is (status == 200)
    assert age <= answer.json["age_seconds"] < age + 5


def test_a_database_that_is_away_is_said_without_its_address(web: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*given: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("host=secret.example"))

    monkeypatch.setattr(health, "path_health", away)
    answer = web.get("/health/path")

    assert answer.status_code == 503 and answer.json is not None
    assert answer.json["ok"] is False and "secret" not in answer.text
