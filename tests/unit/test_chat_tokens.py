"""A chat's token: made by us alone, in one spelling, for one conversation."""

import hashlib
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from gateway.config import Settings, settings
from gateway.conversations import tokens
from gateway.deliveries import call_token

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=!/+ \n"
# Whatever else SECRET_KEY makes keys for: none of them makes a token.
OTHER_PURPOSES = ["voice call", "sessions", "gateway log", "spool", "staff passwords", "inbound sms stand-in", "chat"]


@given(st.uuids())
def test_a_token_names_the_conversation_that_it_was_made_for(conversation: uuid.UUID) -> None:
    assert tokens.read(tokens.sign(conversation)) == conversation


@given(st.uuids(), st.data())
def test_a_token_altered_in_any_letter_opens_nothing(conversation: uuid.UUID, data: st.DataObject) -> None:
    token = tokens.sign(conversation)
    place = data.draw(st.integers(0, len(token)))
    letter, cut = data.draw(st.sampled_from(LETTERS)), data.draw(st.integers(0, 2))
    altered = token[:place] + letter + token[place + cut :]

    if altered != token:
        with pytest.raises(tokens.BadToken):
            tokens.read(altered)


def test_a_token_has_one_spelling() -> None:
    """Base64 leaves bits of the last letter unused and passes over letters that are none of its own."""
    token = tokens.sign(uuid.UUID(int=1))

    for place in (0, token.index("."), len(token)):
        for letter in LETTERS:
            for altered in (
                token[:place] + letter + token[place:],
                token[: max(0, place - 1)] + letter + token[place:],
            ):
                if altered != token:
                    with pytest.raises(tokens.BadToken):
                        tokens.read(altered)


@given(st.uuids(), st.uuids())
def test_the_halves_of_two_tokens_make_no_third(one: uuid.UUID, other: uuid.UUID) -> None:
    (name, _), (_, proof) = (tokens.sign(each).split(".") for each in (one, other))

    if one != other:
        with pytest.raises(tokens.BadToken):
            tokens.read(f"{name}.{proof}")


@given(st.one_of(st.text(), st.uuids().map(str), st.integers(), st.binary(), st.none()))
def test_what_is_guessed_opens_nothing(guess: object) -> None:
    with pytest.raises(tokens.BadToken):
        tokens.read(guess)


@pytest.mark.parametrize("purpose", OTHER_PURPOSES)
def test_a_key_for_another_purpose_signs_no_token(purpose: str) -> None:
    with pytest.raises(tokens.BadToken):
        tokens.read(_signed(settings().derived_key(purpose)))


def test_the_key_of_another_installation_signs_no_token() -> None:
    with pytest.raises(tokens.BadToken):
        tokens.read(_signed(Settings(secret_key="another", data_keys=()).derived_key("chat token")))


def test_our_key_signs_a_token_so_the_tests_above_try_the_key_alone() -> None:
    assert tokens.read(_signed(settings().derived_key("chat token")))


def test_the_token_of_a_call_opens_no_chat() -> None:
    with pytest.raises(tokens.BadToken):
        tokens.read(call_token.sign(1))


def _signed(key: str) -> str:
    signed = URLSafeSerializer(key, signer_kwargs={"digest_method": hashlib.sha256}).dumps(uuid.uuid4().hex)
    return signed if isinstance(signed, str) else signed.decode()
