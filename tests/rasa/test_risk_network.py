"""The network as it is committed: what it is given, what it answers, and that it is the one that is described."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.components.risk_network import (
    CATEGORIES,
    MOST_PIECES,
    SUBJECTS,
    URGENCIES,
    RiskNetwork,
    clean,
    make_tokenizer,
    read_pieces,
    stretches,
)

MODEL = Path(__file__).resolve().parents[2] / "data" / "safeguarding" / "model"
TOKENIZER = make_tokenizer()


@pytest.fixture(scope="module")
def network() -> RiskNetwork:
    return RiskNetwork(MODEL)


def test_a_network_other_than_the_described_one_is_refused(tmp_path):
    shutil.copy(MODEL / "risk.onnx", tmp_path)
    described = json.loads((MODEL / "risk.json").read_text(encoding="utf-8"))
    (tmp_path / "risk.json").write_text(json.dumps({**described, "sha256": "0" * 64}), encoding="utf-8")

    with pytest.raises(ValueError, match="not the network that risk.json describes"):
        RiskNetwork(tmp_path)


def test_every_question_gets_all_its_answers(network):
    scores = network.judge("he has stopped eating")

    assert [set(scores[name]) for name in ("urgency", "category", "subject")] == [
        set(URGENCIES), set(CATEGORIES), set(SUBJECTS),
    ]  # fmt: skip
    assert all(sum(answers.values()) == pytest.approx(1) for answers in scores.values())


def test_a_worry_at_the_end_of_a_very_long_message_is_found(network):
    told = "thank you for the bus times, we got there early and the cafe was open. " * 30

    assert network.judge(told)["level"]["likely"] < 0.3
    assert network.judge(told + "he said he is going to hang himself tonight")["level"]["likely"] > 0.7


def test_what_was_said_before_changes_what_a_message_means(network):
    before = ["he gave his radio to his padmate", "and all his photos, he said he wont need them where hes going"]

    alone = network.judge("now he wont come to the phone")["level"]["likely"]
    assert network.judge("now he wont come to the phone", before)["level"]["likely"] > alone


def test_the_pieces_tell_what_was_said_before_from_what_is_said_now():
    ids, sides = read_pieces(TOKENIZER, "he is not answering", ["he gave his radio away"])

    assert len(ids) == len(sides)
    assert TOKENIZER.decode([piece for piece, side in zip(ids, sides, strict=True) if side]) == "he is not answering"
    assert sides == sorted(sides)


@pytest.mark.parametrize(
    ("written", "read"), [("heee’s gooone", "hee's goone"), ("\uff28\uff25\uff2c\uff30", "HELP"), ("so\u2026", "so...")]
)
def test_one_form_for_what_is_written_in_several(written, read):
    assert clean(written) == read


@given(text=st.text(max_size=6000))
def test_no_part_of_a_message_is_left_unread(text):
    assert all(sign in "".join(stretches(text)) for sign in set(text))
    assert "".join(dict.fromkeys(stretches(text)))[:700] == text[:700]


@given(text=st.text(max_size=700), before=st.lists(st.text(max_size=400), max_size=3))
def test_a_stretch_is_never_longer_than_the_network_takes(text, before):
    ids, _ = read_pieces(TOKENIZER, text, before)

    assert len(ids) <= MOST_PIECES + 64 + 2
