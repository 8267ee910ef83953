"""The sentence encoder: the pinned file and no other, and vectors that lie near when texts mean the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rasa.nlu.tokenizers.whitespace_tokenizer import WhitespaceTokenizer
from rasa.shared.nlu.training_data.message import Message

from bot.components.sentence_encoder import SentenceEncoder, SentenceEncoderFeaturizer


def featurize(message: Message) -> Message:
    """The message after the tokenizer and the encoder."""
    config = SentenceEncoderFeaturizer.get_default_config()
    WhitespaceTokenizer(WhitespaceTokenizer.get_default_config()).process([message])
    return SentenceEncoderFeaturizer("encoder", config).process([message])[0]


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder.shared()


def test_a_file_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "model.onnx"
    wrong.write_bytes(b"not the model")

    with pytest.raises(ValueError, match="not the pinned encoder"):
        SentenceEncoder(wrong)


@pytest.mark.parametrize("text", ["hello", "how do i book a visit?", "?", "🙏", "مرحبا", "a" * 10_000, "why " * 2_500])
def test_every_text_is_a_row_of_length_1(encoder: SentenceEncoder, text: str) -> None:
    vectors = encoder.encode([text])

    assert vectors.shape == (1, 384)
    assert np.linalg.norm(vectors[0]) == pytest.approx(1, abs=1e-5)


def test_the_same_text_is_always_the_same_row(encoder: SentenceEncoder) -> None:
    text = "can my nan come too"

    together = encoder.encode(["something else", text])

    assert np.array_equal(together[1], encoder.encode([text])[0])
    assert np.array_equal(together[1], encoder._encode_one.__wrapped__(encoder, text))


@pytest.mark.parametrize(
    ("text", "alike", "unlike"),
    [
        ("how do i book a visit", "where can we arrange to see him", "can i send him some money"),
        ("will they search my baby", "do officers check infants", "is there help with the train fare"),
        ("he says he wants to die", "she has talked of ending her life", "what time does the visit end"),
        ("am i allowed a hat", "can a scarf be worn in the hall", "his phone calls cost too much"),
    ],
)
def test_texts_that_mean_the_same_lie_nearer_than_others(
    encoder: SentenceEncoder, text: str, alike: str, unlike: str
) -> None:
    this, near, far = encoder.encode([text, alike, unlike])

    assert this @ near > this @ far


def test_a_message_gets_its_row_for_the_sentence_and_for_each_word() -> None:
    sequence, sentence = featurize(Message.build("can i visit")).get_dense_features("text", [])

    assert sequence.features.shape == (3, 384)
    assert sentence.features.shape == (1, 384)


def test_a_message_without_text_gets_no_row() -> None:
    assert featurize(Message()).features == []
