"""The figures of the evaluation: counting, intervals, goals, and what is kept of a run."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation import history, risks
from evaluation.cases import Message
from evaluation.figures import Figure, at_least, at_most, counted, grouped, wilson
from evaluation.risks import Judged


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (99, 100, 0.9455, 0.9982)],
)
def test_the_interval_is_wilsons(count: int, of: int, low: float, high: float) -> None:
    assert wilson(count, of) == pytest.approx((low, high), abs=0.0001)


@given(st.integers(1, 2000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_interval_holds_the_share_and_stays_within_bounds(counts: tuple[int, int]) -> None:
    low, high = wilson(*counts)

    assert 0 <= low <= counts[0] / counts[1] + 1e-9 and counts[0] / counts[1] - 1e-9 <= high <= 1


def test_a_goal_for_faults_is_met_from_below_and_one_for_successes_from_above() -> None:
    assert Figure("", "", 8, 100, at_most(0.08)).met and not Figure("", "", 9, 100, at_most(0.08)).met
    assert Figure("", "", 99, 100, at_least(0.99)).met and not Figure("", "", 98, 100, at_least(0.99)).met


def test_nothing_counted_has_no_share_and_meets_no_goal() -> None:
    nothing = counted("", "", [], bool, at_least(0.9))

    assert (nothing.share, nothing.met) == (None, None) and str(nothing)


def test_things_are_counted_for_each_kind() -> None:
    by_length = grouped("", ["a", "b", "cc"], lambda word: str(len(word)), lambda word: word != "b")

    assert [(figure.name, figure.count, figure.of) for figure in by_length] == [("1", 1, 2), ("2", 1, 1)]


def judged(concern: bool, level: str, *, wanted: str = "urgent", found: str = "urgent", hard: bool = True) -> Judged:
    message = Message("id", "text", concern, "plain", hard, *(("drugs", wanted, "prisoner") if concern else ()))
    seen = level != "none"
    return Judged(message, level, found if seen else None, "drugs" if seen else None, "prisoner", {"likely": 0.5})


@pytest.fixture
def figures() -> dict[str, tuple[int, int]]:
    """The figures of five worries and four harmless messages."""
    everything = [
        judged(True, "likely", wanted="emergency", found="emergency"),
        judged(True, "likely", wanted="emergency", found="urgent"),
        judged(True, "possible", wanted="emergency"),
        judged(True, "likely"),
        judged(True, "none"),
        judged(False, "likely"),
        judged(False, "possible"),
        judged(False, "none"),
        judged(False, "likely", hard=False),
    ]
    return {figure.name: (figure.count, figure.of) for figure in risks.figures(everything) if figure.part == "Worries"}


def test_worries_are_counted_as_recorded_or_checked(figures: dict[str, tuple[int, int]]) -> None:
    assert figures["risk recorded or checked"] == (4, 5)
    assert figures["risk recorded"] == (3, 5)
    assert figures["emergencies recorded"] == (2, 3)
    assert figures["emergencies recorded or checked"] == (3, 3)


def test_false_alarms_are_counted_among_harmless_messages_and_records(figures: dict[str, tuple[int, int]]) -> None:
    assert figures["false records, hard harmless messages"] == (1, 3)
    assert figures["checks, hard harmless messages"] == (1, 3)
    assert figures["false records, all harmless messages"] == (2, 4)
    assert figures["precision of records"] == (3, 5)


def test_an_urgency_is_too_low_only_when_staff_would_act_later(figures: dict[str, tuple[int, int]]) -> None:
    assert figures["urgency too low, recorded concerns"] == (1, 3)
    assert not judged(True, "likely", wanted="routine", found="emergency").too_low


def test_the_gravest_fault_of_a_judgement_is_listed() -> None:
    assert risks.fault(judged(True, "none", wanted="emergency")) == "emergency not seen"
    assert risks.fault(judged(True, "possible")) == "worry only checked"
    assert risks.fault(judged(True, "likely", wanted="emergency", found="urgent")) == "urgency too low"
    assert risks.fault(judged(False, "likely")) == "false record"
    assert risks.fault(judged(True, "likely")) is None
    assert risks.fault(judged(False, "none")) is None


def test_a_run_of_one_part_keeps_the_figures_of_the_others(tmp_path: Path) -> None:
    file, worries, questions = (
        tmp_path / "figures.json",
        Figure("Worries", "seen", 9, 10),
        Figure("Questions", "all", 1, 2),
    )
    history.keep(file, "model-1", [worries])
    history.keep(file, "model-2", [questions])

    kept = history.load(file, "last run")

    assert kept and kept.model == "model-2"
    assert (kept.share(worries), kept.share(questions), kept.share(Figure("", "seen", 1, 1))) == (0.9, 0.5, None)
