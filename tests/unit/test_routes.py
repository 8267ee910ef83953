"""Who is told: data/routing.yml, and what makes such a file useless."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.config import ROOT
from gateway.routing.clocks import due
from gateway.routing.routes import BadRouting, Contact, Routing, load
from gateway.wording import choices

OURS = ROOT / "data" / "routing.yml"


def _ladder(*steps: list[dict[str, str]]) -> list[dict[str, Any]]:
    return [{"step": f"step {number}", "tell": tell} for number, tell in enumerate(steps, start=1)]


def _raw(**changed: Any) -> dict[str, Any]:
    usual = {
        "acknowledge_within_minutes": {"emergency": 5, "urgent": 60, "routine": 960},
        "review_within_minutes": {"emergency": 60, "urgent": 480, "routine": 2880},
        "default": _ladder([{"email": "safer.{prison}@x.invalid"}], [{"email": "governor.{prison}@x.invalid"}]),
        "fallback": _ladder([{"email": "desk@x.invalid"}]),
        "caller": _ladder([{"email": "caller-desk@x.invalid"}]),
    }
    return {name: value for name, value in (usual | changed).items() if value is not None}


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Load a routing file with some of its parts changed; None leaves a part out."""

    def loaded(**changed: Any) -> Routing:
        path = tmp_path / "routing.yml"
        path.write_text(yaml.safe_dump(_raw(**changed)), encoding="utf-8")
        return load(path)

    return loaded


def _told(routing: Routing, prison: str | None, category: str = "other", subject: str = "prisoner") -> list[list[str]]:
    return [[contact.address for contact in step.tell] for step in routing.ladder(prison, category, subject)]


def test_a_prison_without_a_ladder_of_its_own_gets_the_default_with_its_id_in_the_addresses(read: Any) -> None:
    assert _told(read(), "LEI") == [["safer.lei@x.invalid"], ["governor.lei@x.invalid"]]


def test_a_prison_with_its_own_ladder_gets_that(read: Any) -> None:
    routing = read(prisons={"LEI": _ladder([{"email": "own@leeds.invalid"}, {"sms": "+447700900123"}])})

    (step,) = routing.ladder("LEI", "other", "prisoner")
    assert step.tell == (Contact("email", "own@leeds.invalid"), Contact("sms", "+447700900123"))
    assert _told(routing, "HLI")[0] == ["safer.hli@x.invalid"]


def test_an_unknown_prison_goes_to_the_fallback(read: Any) -> None:
    assert _told(read(), None) == [["desk@x.invalid"]]


def test_a_category_with_its_own_ladder_goes_past_the_prisons_own(read: Any) -> None:
    routing = read(
        prisons={"LEI": _ladder([{"email": "own@leeds.invalid"}])},
        categories={"staff_abuse": _ladder([{"email": "governor.{prison}@x.invalid"}, {"email": "lead@x.invalid"}])},
    )

    assert _told(routing, "LEI", "staff_abuse") == [["governor.lei@x.invalid", "lead@x.invalid"]]
    assert _told(routing, "LEI", "drugs") == [["own@leeds.invalid"]]
    assert routing.has_own_route("staff_abuse") and not routing.has_own_route("drugs")


def test_without_a_prison_nobody_is_written_to_at_an_address_that_needs_one(read: Any) -> None:
    both = _ladder([{"email": "governor.{prison}@x.invalid"}], [{"email": "lead@x.invalid"}])
    only = _ladder([{"email": "governor.{prison}@x.invalid"}])
    routing = read(categories={"staff_abuse": both, "drugs": only})

    assert _told(routing, None, "staff_abuse") == [["lead@x.invalid"]]
    assert _told(routing, None, "drugs") == [["desk@x.invalid"]]


@pytest.mark.parametrize("category", ["other", "staff_abuse"])
def test_the_callers_own_risk_goes_its_own_way_whatever_else_is_known(read: Any, category: str) -> None:
    routing = read(categories={"staff_abuse": _ladder([{"email": "lead@x.invalid"}])})

    assert _told(routing, "LEI", category, subject="caller") == [["caller-desk@x.invalid"]]


def test_the_clocks_are_minutes_for_each_urgency(read: Any) -> None:
    routing = read()

    assert routing.clocks["emergency"] == timedelta(minutes=5)
    assert routing.acknowledged_clocks["routine"] == timedelta(days=2)


@pytest.mark.parametrize(
    "changed, named",
    [
        ({"default": None}, "default"),
        ({"fallback": None}, "fallback"),
        ({"caller": None}, "caller"),
        ({"acknowledge_within_minutes": {"emergency": 5, "urgent": 60}}, "routine"),
        ({"review_within_minutes": None}, "review_within_minutes"),
        ({"acknowledge_within_minutes": {"emergency": "soon", "urgent": 60, "routine": 960}}, "routing.yml"),
        ({"acknowledge_within_minutes": {"emergency": 0, "urgent": 60, "routine": 960}}, "clock"),
        ({"default": []}, "default tells nobody"),
        ({"default": _ladder([])}, "default tells nobody"),
        ({"default": _ladder([{"pigeon": "loft"}])}, "pigeon is none of email"),
        ({"default": _ladder([{"email": "a@x.invalid", "sms": "+447700900123"}])}, "routing.yml"),
        ({"prisons": {"LEI": _ladder([])}}, "LEI tells nobody"),
        ({"categories": {"staf_abuse": _ladder([{"email": "lead@x.invalid"}])}}, "no such category: staf_abuse"),
        ({"fallback": _ladder([{"email": "desk.{prison}@x.invalid"}])}, "fallback has no prison"),
        ({"caller": _ladder([{"email": "desk.{prison}@x.invalid"}])}, "caller has no prison"),
    ],
)
def test_a_file_that_would_leave_somebody_untold_is_refused_with_the_place(
    read: Any, changed: dict[str, Any], named: str
) -> None:
    with pytest.raises(BadRouting, match=named):
        read(**changed)


@pytest.mark.parametrize("text", ["", "- a list", "default: [", "just words"])
def test_what_is_no_routing_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "routing.yml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(BadRouting, match="routing.yml"):
        load(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRouting, match="gone.yml"):
        load(tmp_path / "gone.yml")


def test_our_own_file_tells_somebody_whatever_the_prison_category_and_subject() -> None:
    routing = load(OURS)

    for prison in ("LEI", None):
        for category in choices("categories"):
            for subject in choices("subjects"):
                steps = routing.ladder(prison, category, subject)
                assert steps and all(step.tell for step in steps), (prison, category, subject)


def test_our_own_file_does_not_tell_only_the_team_that_an_allegation_is_about() -> None:
    first = load(OURS).ladder("LEI", "staff_abuse", "prisoner")[0]

    assert not any(contact.address.startswith("safer-custody") for contact in first.tell)
    assert any("{prison}" not in contact.address and "lei" not in contact.address for contact in first.tell)


def test_our_own_file_sends_the_callers_own_risk_to_no_prison() -> None:
    addresses = [contact.address for step in load(OURS).ladder("LEI", "other", "caller") for contact in step.tell]

    assert addresses and not any("lei" in address for address in addresses)


def test_our_own_file_waits_longer_the_less_urgent_it_is() -> None:
    routing, start = load(OURS), datetime(2026, 11, 20, 23, 59, tzinfo=UTC)

    for clocks in (routing.clocks, routing.acknowledged_clocks):
        assert due(clocks["emergency"], start) < due(clocks["urgent"], start) < due(clocks["routine"], start)
    assert routing.clocks["emergency"] == timedelta(minutes=5)
