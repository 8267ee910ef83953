"""What the risk network learns from: reading, splitting and varying the messages, and choosing thresholds.

The learning itself needs torch and an environment of its own (`make safeguarding`).
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.training import curve
from bot.training.augment import Augmenter
from bot.training.messages import Labelled, read_labelled, read_questions

WORRY = Labelled("he wants to die", "likely", "urgent", "self_harm_suicide", "prisoner")
HARMLESS = ["when are visits", "can i bring a bag", "how much is the bus", "is there parking"]


def test_a_labelled_message_is_read_with_what_came_before(tmp_path):
    line = '{"text": "now this", "level": "none", "recent": ["first", "then"]}\n'
    (tmp_path / "messages.jsonl").write_text(line, encoding="utf-8")

    assert read_labelled(tmp_path / "messages.jsonl") == [Labelled("now this", "none", recent=("first", "then"))]


@pytest.mark.parametrize(
    "line",
    [
        '{"text": "hello"}',
        "not json",
        '{"text": "x", "level": "grave"}',
        '{"text": "x", "level": "likely", "urgency": "urgent", "category": "drugs"}',
        '{"text": "x", "level": "none", "urgency": "urgent"}',
        '{"text": "x", "level": "likely", "urgency": "soon", "category": "drugs", "subject": "prisoner"}',
    ],
)
def test_a_wrong_line_is_named(tmp_path, line):
    (tmp_path / "messages.jsonl").write_text(f'{{"text": "fine", "level": "none"}}\n{line}\n', encoding="utf-8")

    with pytest.raises(ValueError, match=r"messages.jsonl:2 is not a labelled message"):
        read_labelled(tmp_path / "messages.jsonl")


def test_ordinary_questions_are_harmless_but_for_those_named(tmp_path):
    (tmp_path / "visits.yml").write_text(
        "nlu:\n- intent: visits/dress\n  examples: |\n    - is [leeds](prison) strict\n"
        "- intent: report_concern\n  examples: |\n    - help\n",
        encoding="utf-8",
    )

    assert read_questions(tmp_path, frozenset(["report_concern"])) == [
        Labelled("is leeds strict", "none", answer="visits/dress")
    ]


@given(text=st.text(min_size=1, max_size=200), seed=st.integers(0, 1000))
def test_a_variation_keeps_the_labels(text, seed):
    message = Labelled(text, "likely", "emergency", "drugs", "prisoner")
    varied = Augmenter(HARMLESS, seed).vary(message)

    assert (varied.level, varied.urgency, varied.category, varied.subject) == (
        "likely",
        "emergency",
        "drugs",
        "prisoner",
    )


def test_the_same_seed_gives_the_same_variations():
    one, other = Augmenter(HARMLESS, 7), Augmenter(HARMLESS, 7)

    assert [one.vary(WORRY) for _ in range(50)] == [other.vary(WORRY) for _ in range(50)]


def test_variations_are_misspelt_joined_and_told_of_others():
    augmenter = Augmenter(HARMLESS, 1)
    varied = [augmenter.vary(WORRY) for _ in range(300)]

    assert len({message.text for message in varied}) > 100
    assert any(harmless in message.text for message in varied for harmless in HARMLESS)
    assert any(message.text.startswith("she ") for message in varied)
    assert any(message.recent for message in varied)


def test_a_message_stays_on_its_side_of_the_split_whatever_is_added():
    sides = [Labelled(f"message {number}", "none").is_validation for number in range(2000)]

    assert sides == [Labelled(f"message {number}", "none").is_validation for number in range(2000)]
    assert 0.09 < sum(sides) / len(sides) < 0.16


def scored(likely: float, emergency: float = 0.0) -> dict:
    return {"level": {"likely": likely, "none": 1 - likely}, "urgency": {"emergency": emergency}}


def test_the_curve_counts_what_each_threshold_finds_and_takes_falsely():
    messages = [
        WORRY,
        WORRY,
        Labelled("x", "none"),
        Labelled("y", "none"),
        Labelled("z", "possible", "routine", "other", "other"),
    ]
    steps = {s.threshold: s for s in curve.level_curve(messages, [scored(p) for p in (0.9, 0.25, 0.15, 0.0, 0.5)])}

    assert (steps[0.1].found, steps[0.1].falsely) == (1.0, 0.5)
    assert (steps[0.3].found, steps[0.3].falsely) == (0.5, 0.0)


def test_the_chosen_thresholds_keep_the_promise():
    steps = [curve.Step(0.1, 1.0, 0.3), curve.Step(0.2, 0.99, 0.1), curve.Step(0.3, 0.9, 0.02)]

    assert curve.highest_that_finds(steps, 0.99) == 0.2
    assert curve.lowest_that_spares(steps, 0.05) == 0.3
