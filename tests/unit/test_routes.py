"""Who is told: data/routing.yml, and what makes such a file useless."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.config import ROOT
from gateway.routing.clocks import due
from gateway.routing.roster import who
from gateway.routing.routes import BadRouting, Contact, Routing, load
from gateway.wording import choices

OURS = ROOT / "data" / "routing.yml"


DESK = {"email": "desk@x.invalid"}
AUGUST = {"from": date(2026, 8, 1), "to": date(2026, 8, 31)}
QUARTERS = [datetime(2026, 1, 1, tzinfo=UTC) + number * timedelta(minutes=15) for number in range(365 * 96)]


def _ladder(*steps: list[dict[str, str]]) -> list[dict[str, Any]]:
    return [{"step": f"step {number}", "tell": tell} for number, tell in enumerate(steps, start=1)]


def _raw(**changed: Any) -> dict[str, Any]:
    usual = {
        "acknowledge_within_minutes": {"emergency": 5, "urgent": 60, "routine": 960},
        "review_within_minutes": {"emergency": 60, "urgent": 480, "routine": 2880},
        "hours": {"days": {"days": ["mon"], "from": "08:00", "to": "17:00"}},
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


def test_the_example_in_our_file_is_one_that_can_be_used(tmp_path: Path) -> None:
    text = OURS.read_text(encoding="utf-8").replace("\nprisons: {}", "")
    before, example = text.split("# prisons:\n")
    lines = ["prisons:", *(line.removeprefix("# ") for line in example.splitlines())]
    (tmp_path / "routing.yml").write_text(before + "\n".join(lines), encoding="utf-8")

    step = load(tmp_path / "routing.yml").ladder("LEI", "other", "prisoner")[0]

    assert [[window.name for window in contact.windows] for contact in step.tell] == [
        [], ["days"], ["nights", "weekends", "bank holidays"]
    ]  # fmt: skip


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
        ({"default": _ladder([DESK | {"on": ["days"]}])}, "default needs somebody without hours .* last step, step 1"),
        ({"default": _ladder([DESK | {"away": [AUGUST]}])}, "default needs somebody without hours"),
        ({"default": _ladder([DESK | {"on": ["dusk"]}], [DESK])}, "default, step step 1 names the hours 'dusk'"),
        ({"default": _ladder([DESK | {"on": "days"}], [DESK])}, "step 1 on: needs a list"),
        ({"default": _ladder([DESK | {"away": [{"from": "soon"}]}], [DESK])}, "step 1 has an absence"),
        ({"default": _ladder([DESK | {"away": [{"from": date(2026, 8, 2), "to": date(2026, 8, 1)}]}], [DESK])}, "abs"),
        ({"default": _ladder([{"email": "nobody"}])}, "nobody is no e-mail address"),
        ({"default": _ladder([{"call": 447700900123}])}, "number that is not like"),
        ({"default": _ladder([{"webhook": "http://x.invalid/alert"}])}, "must begin with https://"),
        ({"default": [{"step": "one", "tell": [DESK], "wihtin_minutes": 1}]}, "wihtin_minutes, which is unknown here"),
        ({"default": [{"tell": [DESK]}]}, "default has no name for its step 1"),
        ({"default": [{"step": "1", "tell": [DESK]}, {"step": "2", "tell": [DESK], "within_minutes": 4}]}, "4 minutes"),
        ({"hours": {"days": {"from": 8}}}, "hours, days, has the time 8"),
        ({"hours": {"days": {"from": "25:00"}}}, "hours, days, has the time '25:00'"),
        ({"hours": {"days": {"days": ["monday"]}}}, "hours, days, has the days"),
        ({"hours": {"days": {"bank_holidays": "perhaps"}}}, "bank_holidays: perhaps"),
        ({"hours": ["days"]}, "hours needs names"),
        ({"prisons": ["LEI"]}, "prisons needs names"),
        ({"working_day_begins": "nine"}, "working_day_begins has the time 'nine'"),
        ({"acknowledge_within_minutes": {"emergency": 5, "urgent": 60, "routine": "next week"}}, "clock routine"),
        ({"prison": {}}, "prison is unknown here"),
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


# ----- rosters -----


def test_a_step_without_anybody_on_duty_falls_to_those_who_are_always_there_on_the_last(read: Any) -> None:
    last = [{"email": "lead@x.invalid"}, {"sms": "+447700900123", "on": ["days"]}]
    routing = read(
        hours={"days": {"days": ["mon"], "from": "08:00", "to": "17:00"}},
        prisons={"LEI": _ladder([{"call": "+447700900124", "on": ["days"]}], last)},
    )
    first = routing.ladder("LEI", "other", "prisoner")[0]

    on_monday, on_tuesday = (datetime(2026, 11, day, 12, tzinfo=UTC) for day in (23, 24))
    assert [contact.address for contact in who(first, on_monday)] == ["+447700900124"]
    assert [contact.address for contact in who(first, on_tuesday)] == ["lead@x.invalid"]


def test_a_ladder_that_has_nobody_always_there_without_a_prison_is_passed_over_without_one(read: Any) -> None:
    hours = {"nights": {"from": "20:00", "to": "08:00"}}
    steps = _ladder([{"email": "governor.{prison}@x.invalid"}, {"sms": "+447700900123", "on": ["nights"]}])
    routing = read(hours=hours, categories={"drugs": steps})

    assert _told(routing, None, "drugs") == [["desk@x.invalid"]]


def test_next_working_day_is_a_clock(read: Any) -> None:
    clocks = {"emergency": 5, "urgent": 60, "routine": "next working day"}
    routing = read(acknowledge_within_minutes=clocks, working_day_begins="08:30")

    friday = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert due(routing.clocks["routine"], friday) == datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


_hours = st.fixed_dictionaries(
    {
        "days": st.lists(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1, unique=True),
        "from": st.times().map(lambda at: f"{at:%H:%M}"),
        "to": st.times().map(lambda at: f"{at:%H:%M}"),
        "bank_holidays": st.sampled_from(["yes", "no", "only", True, False]),
    }
)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=_hours, other=_hours, data=st.data())
def test_every_step_of_every_ladder_tells_somebody_in_each_quarter_of_an_hour_of_a_year(
    read: Any, one: dict[str, Any], other: dict[str, Any], data: st.DataObject
) -> None:
    rostered = [{"sms": "+447700900123", "on": ["one"]}, {"call": "+447700900124", "on": ["other"], "away": [AUGUST]}]
    routing = read(
        hours={"one": one, "other": other},
        prisons={"LEI": _ladder(rostered, rostered, [*rostered, DESK])},
        default=_ladder(rostered, [{"email": "governor.{prison}@x.invalid"}]),
    )
    prison = data.draw(st.sampled_from(["LEI", "HLI", None]))

    for step in routing.ladder(prison, "other", "prisoner"):
        assert [at for at in QUARTERS if not who(step, at)] == []


def test_a_threat_goes_to_public_protection_and_never_to_a_wing_also_when_it_is_the_writers_own_risk() -> None:
    ours = load(OURS)

    assert ours.ladder("LEI", "threat_by_prisoner", "other")[0].name == "public protection"
    own = [contact.address for step in ours.ladder(None, "threat_by_prisoner", "caller") for contact in step.tell]
    assert own[0].startswith("public-protection@")
    assert not any("safer-custody" in address or "{prison}" in address for address in own)


def test_our_own_file_has_told_the_duty_governor_of_an_emergency_by_the_fifteenth_minute() -> None:
    ours = load(OURS)
    names = [step.name for step in ours.ladder("LEI", "self_harm_suicide", "prisoner")]

    assert names == ["safer custody", "duty governor", "regional lead"]
    assert names.index("duty governor") * ours.clocks["emergency"] <= timedelta(minutes=15)
