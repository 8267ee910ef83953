"""A new model takes the place of the old one only when it misses no more, or when somebody says why."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from gateway.commands import rasa, training
from gateway.commands.gate import Judged, Worries, objections, summary

WORRIES = Worries(all=frozenset("abc"), emergencies=frozenset("a"))
OLD = Judged({"a": "likely", "b": "likely", "c": "none", "d": "none"}, frozenset(["visits", "money"]), frozenset())


def model(levels: dict[str, str] | None = None, failed: frozenset[str] = frozenset()) -> Judged:
    """The old one with some things changed."""
    return Judged({**OLD.levels, **(levels or {})}, OLD.passed - failed, failed)


@pytest.mark.parametrize(
    "levels", [{}, {"b": "possible"}, {"c": "likely"}, {"d": "likely"}, {"b": "none", "c": "possible"}]
)
def test_a_model_that_sees_as_many_worries_is_let_in(levels: dict[str, str]) -> None:
    assert objections(OLD, model(levels), WORRIES) == []


def test_a_worry_that_is_no_longer_seen_is_named() -> None:
    (told,) = objections(OLD, model({"b": "none"}), WORRIES)

    assert "fell from 2 to 1 of 3: b" in told


def test_an_emergency_that_is_only_checked_keeps_a_model_out() -> None:
    (told,) = objections(OLD, model({"a": "possible"}), WORRIES)

    assert "emergencies recorded fell from 1 to 0" in told


def test_a_conversation_that_no_longer_passes_keeps_a_model_out() -> None:
    (told,) = objections(OLD, model(failed=frozenset(["money"])), WORRIES)

    assert told.endswith("money")


def test_models_are_compared_on_what_both_were_asked() -> None:
    new = Judged({"a": "likely", "new": "none"}, frozenset(), frozenset(["a new conversation"]))

    assert objections(OLD, new, Worries(frozenset(["a", "b", "new"]), frozenset(["a", "new"]))) == []


LEVELS = st.fixed_dictionaries({id: st.sampled_from(["none", "possible", "likely"]) for id in "abcdef"})


@given(LEVELS, st.sets(st.sampled_from("abcdef")), st.sets(st.sampled_from("abcdef")))
def test_a_model_never_stands_in_its_own_way(levels: dict[str, str], concerns: set[str], emergencies: set[str]) -> None:
    judged = Judged(levels, frozenset(["one"]), frozenset(["other"]))

    assert objections(judged, judged, Worries(frozenset(concerns), frozenset(emergencies & concerns))) == []


def test_the_figures_kept_beside_a_model_can_be_read() -> None:
    assert summary(OLD, WORRIES) == {
        "worries seen": "2 of 3",
        "emergencies recorded": "1 of 1",
        "conversations passed": "2 of 2",
    }


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a model in use that saw both worries, and a candidate that misses one."""
    risks = tmp_path / "risks.jsonl"
    rows = [{"id": "a", "concern": True, "urgency": "emergency"}, {"id": "b", "concern": True, "urgency": "urgent"}]
    risks.write_text("".join(json.dumps(row) + "\n" for row in rows))
    names = {"MODEL": "gateway.tar.gz", "RECORD": "gateway.json", "FINGERPRINT": "gateway.sha256"}
    names |= {"CANDIDATE": "candidate.tar.gz", "CANDIDATE_RECORD": "candidate.json"}
    for name, file in {**names, "RISKS": risks.name, "RASA": risks.name, "ROOT": "."}.items():
        for module in (training, rasa):
            monkeypatch.setattr(module, name, tmp_path / file, raising=module is training)
    training.MODEL.write_text("old")
    training.RECORD.write_text(json.dumps(record(b="likely")))
    training.CANDIDATE.write_text("new")
    training.CANDIDATE_RECORD.write_text(json.dumps(record(b="none")))
    return tmp_path


def record(**levels: str) -> dict[str, Any]:
    return {"fingerprint": rasa.fingerprint(), "levels": {"a": "likely", **levels}, "passed": ["x"], "failed": []}


def train(because: str = "", unjudged: bool = False) -> int:
    """`gateway train` with a candidate that was judged already; gives its exit code."""
    try:
        training.train(force=False, because=because, unjudged=unjudged)
    except typer.Exit as ended:
        return ended.exit_code
    return 0


def test_a_model_that_misses_more_is_refused_and_kept_aside(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train() == 1

    told = capsys.readouterr().err
    assert "fell from 2 to 1 of 2: b" in told and "candidate.tar.gz" in told and "WHY=" in told
    assert training.MODEL.read_text() == "old" and training.CANDIDATE.read_text() == "new"
    assert not training.FINGERPRINT.exists()


def test_a_refused_model_is_let_in_for_a_reason_which_is_kept(models: Path) -> None:
    assert train(because="b was labelled wrongly") == 0

    kept = json.loads(training.RECORD.read_text())
    assert training.MODEL.read_text() == "new" and not training.CANDIDATE.exists()
    assert [entry["because"] for entry in kept["let_in"]] == ["b was labelled wrongly"]
    assert kept["figures"]["worries seen"] == "1 of 2"
    assert training.FINGERPRINT.read_text() == rasa.fingerprint()


def test_a_model_that_misses_no_more_is_let_in(models: Path) -> None:
    training.CANDIDATE_RECORD.write_text(json.dumps(record(b="possible")))

    assert train() == 0
    assert training.MODEL.read_text() == "new" and json.loads(training.RECORD.read_text())["let_in"] == []


def test_a_model_in_use_is_never_replaced_by_one_that_was_not_judged(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(unjudged=True) == 1

    assert "must be compared" in capsys.readouterr().err
    assert training.MODEL.read_text() == "old"


def test_the_first_model_has_nothing_to_be_compared_with(models: Path) -> None:
    training.MODEL.unlink()

    assert train() == 0
    assert training.MODEL.read_text() == "new"
