"""`gateway routing`: who would be told, and what is doubtful about the file that says so."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from gateway.cli import app
from gateway.config import ROOT
from gateway.routing import routes
from gateway.routing.check import doubts
from gateway.routing.routes import load

DESK = {"email": "desk@duty.example"}
RAW = {
    "acknowledge_within_minutes": {"emergency": 5, "urgent": 60, "routine": "next working day"},
    "review_within_minutes": {"emergency": 60, "urgent": 480, "routine": 2880},
    "hours": {"days": {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "08:00", "to": "17:00"}},
    "default": [{"step": "duty desk", "tell": [DESK]}],
    "fallback": [{"step": "duty desk", "tell": [DESK]}],
    "caller": [{"step": "duty desk", "tell": [DESK]}],
    "prisons": {
        "LEI": [
            {"step": "safer custody", "tell": [{"sms": "+447700900123", "on": ["days"]}]},
            {"step": "duty governor", "tell": [DESK]},
        ]
    },
}


@pytest.fixture
def use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make a routing file the one of this installation, with some of its parts changed."""

    def used(**changed: Any) -> Path:
        path = tmp_path / "routing.yml"
        path.write_text(yaml.safe_dump(RAW | changed), encoding="utf-8")
        monkeypatch.setattr(routes, "routing", lambda: load(path))
        return path

    return used


def _run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["routing", *arguments])


def test_show_says_who_is_told_when_and_in_which_hours_of_duty(use: Any) -> None:
    use()
    said = _run("show", "LEI", "--at", "2026-11-23 16:57").output.splitlines()

    assert said == [
        "Mon 23 Nov 2026 16:57  safer custody: the concern is opened",
        "    sms     +447700900123  (days)",
        "Mon 23 Nov 2026 17:02  duty governor: not acknowledged (time allowed: 5 minutes)",
        "    email   desk@duty.example  (always)",
        "Mon 23 Nov 2026 17:07  the last step again, and so on until somebody acknowledges",
    ]


def test_show_says_when_nobody_of_a_step_is_on_duty_and_who_is_told_then(use: Any) -> None:
    use()
    said = _run("show", "lei", "--at", "2026-12-26 03:00", "--urgency", "routine").output.splitlines()

    assert said[1:3] == [
        "    nobody on this step is on duty, so those on the last who are always there:",
        "    email   desk@duty.example  (always)",
    ]
    assert said[3].startswith("Tue 29 Dec 2026 09:00  duty governor")


@pytest.mark.parametrize(
    "arguments, named",
    [
        (["XXX"], "No prison has the id XXX"),
        (["LEI", "--category", "gossip"], "gossip is no category"),
        (["LEI", "--urgency", "soon"], "soon is no urgency"),
        (["LEI", "--at", "christmas"], "christmas is not a time"),
    ],
)
def test_show_says_what_it_cannot_show(use: Any, arguments: list[str], named: str) -> None:
    use()
    result = _run("show", *arguments)

    assert result.exit_code == 2 and named in result.output


def test_check_warns_of_hours_without_anybody_and_says_who_is_told_then(use: Any) -> None:
    use()
    result = _run("check")

    assert result.exit_code == 0
    assert "prison:LEI, step safer custody: nobody is on duty from " in result.output
    assert "1 warnings" in result.output


def test_check_ends_with_one_and_the_place_when_the_file_cannot_be_used(use: Any) -> None:
    use(broken={})
    result = _run("check")

    assert result.exit_code == 1 and "broken is unknown here" in result.output


def test_prisons_that_do_not_exist_and_webhooks_without_a_secret_are_doubtful(use: Any) -> None:
    webhook = [{"step": "all", "tell": [{"webhook": "https://duty.example/alert"}]}]
    found = list(doubts(load(use(prisons={"ZZZ": webhook}))))

    assert any("ladders for prisons that data/prisons.csv does not have: ZZZ" in doubt for doubt in found)
    assert any("WEBHOOK_SECRET is not set" in doubt for doubt in found)


def test_our_own_file_has_no_empty_hours() -> None:
    found = list(doubts(load(ROOT / "data" / "routing.yml")))

    assert [doubt.partition(":")[0] for doubt in found] == ["names addresses that nobody reads"]


@pytest.mark.parametrize("process", ["web", "worker", "actions"])
def test_no_process_starts_with_a_file_that_cannot_be_used(use: Any, process: str) -> None:
    use(broken={})
    result = CliRunner().invoke(app, [process])

    assert result.exit_code == 1 and "broken is unknown here" in result.output
