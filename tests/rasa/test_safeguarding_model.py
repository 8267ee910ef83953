import numpy as np
import pytest

from bot.components.safeguarding_model import QUESTIONS, Example, Passage, RiskModel


class Encoder:
    """Every text is a vector of two numbers: its length, and how often it says "he"."""

    def encode(self, texts):
        return np.array([[len(text) / 100, text.count("he") / 5] for text in texts], dtype=np.float32)


def passage(text: str) -> Passage:
    return Passage(text, text)


EXAMPLES = [
    Example(passage("he wants to die tonight"), "likely", "emergency", "self_harm_suicide", "prisoner"),
    Example(passage("i want to die"), "likely", "urgent", "caller_risk", "caller"),
    Example(passage("he wants to die"), "likely", "urgent", "self_harm_suicide", "prisoner"),
    Example(passage("he owes them money"), "likely", "urgent", "debt_threats", "prisoner"),
    Example(passage("he seemed low"), "possible", "routine", "mental_health", "prisoner"),
    Example(passage("she is quiet"), "possible", "routine", "other", "other"),
    Example(passage("how do i book a visit"), "none"),
    Example(passage("book a visit"), "none", is_part=True),
    Example(passage("thank you"), "none"),
]


@pytest.fixture(scope="module")
def model() -> RiskModel:
    return RiskModel.train(EXAMPLES, Encoder(), "v1")


def test_it_has_learned_its_examples(model):
    (score,) = model.judge([passage("he wants to die tonight")])

    best = {question: max(score[question], key=score[question].get) for question in QUESTIONS}
    assert best == {"level": "likely", "urgency": "emergency", "category": "self_harm_suicide", "subject": "prisoner"}


def test_the_answers_to_a_question_add_up_to_one(model):
    for score in model.judge([passage("he wants to die"), passage(""), passage("unheard of words")]):
        assert [round(sum(score[question].values()), 5) for question in QUESTIONS] == [1, 1, 1, 1]


def test_a_saved_model_is_the_same_model(model, tmp_path):
    model.save(tmp_path)

    loaded = RiskModel.load(tmp_path, Encoder())

    texts = [passage("he wants to die"), passage("how do i book")]
    for ours, theirs in zip(model.judge(texts), loaded.judge(texts), strict=True):
        assert ours["level"] == pytest.approx(theirs["level"])
    assert loaded.version == "v1"


def test_nothing_in_a_saved_model_is_code(model, tmp_path):
    model.save(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["risk.json", "risk.npz"]
    assert all(array.dtype != object for array in np.load(tmp_path / "risk.npz", allow_pickle=False).values())


def test_the_riskiest_clauses_of_a_long_message_keep_their_order(model):
    clauses = [passage(text) for text in ("thank you", "he wants to die", "book a visit", "he owes them money")]

    assert [clause.text for clause in model.riskiest(clauses, 2)] == ["he wants to die", "he owes them money"]
