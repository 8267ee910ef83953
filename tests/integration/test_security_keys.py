"""The rules of security keys: for whom, for which address, once, in time, and never counting backwards."""

import json
import logging

import phone
import pytest
from security_key import SoftKey
from sqlalchemy import select, text

from gateway import config
from gateway.audit.models import LogEntry
from gateway.db import now
from gateway.staff import key_challenges, second_factor, security_keys, tries
from gateway.staff.second_factor_models import SecurityKeyChallenge
from gateway.staff.security_keys import Refused
from gateway.staff.service import add_staff

HERE = "192.0.2.7"


def somebody(session, name):
    staff = add_staff(session, f"{name.lower()}@prison.invalid", name, "twelve plain signs", ["LEI"], False)
    phone.give(session, staff.email)
    return staff


@pytest.fixture
def ann(session):
    return somebody(session, "Ann")


@pytest.fixture
def blue(session, ann):
    """A key of Ann's."""
    key = SoftKey()
    assert give(session, ann, key) is None
    return key


def give(session, staff, key, **wrong):
    challenge = key_challenges.ask(session, staff)
    options = key_challenges.to_add(staff, challenge, security_keys.keys(session, staff.id))
    return security_keys.add(session, staff, "blue", challenge, key.made(options, **wrong))


def asked(session, staff):
    """A challenge, and what the browser is told with it."""
    challenge = key_challenges.ask(session, staff)
    return challenge, key_challenges.to_sign_in(challenge, security_keys.keys(session, staff.id))


def use(session, staff, key, address=HERE, **wrong):
    challenge, options = asked(session, staff)
    return security_keys.check(session, staff, address, challenge, key.signed(options, **wrong))


def lines(session, event):
    return session.scalars(select(LogEntry).where(LogEntry.event == f"staff:{event}").order_by(LogEntry.id)).all()


def test_a_key_lets_in_again_and_again_and_is_known_by_its_name(session, ann, blue):
    assert [use(session, ann, blue), use(session, ann, blue)] == [None, None]

    (key,) = security_keys.keys(session, ann.id)
    assert (key.name, key.sign_count) == ("blue", 2)
    assert key.added_at <= key.last_used_at <= now()


def test_a_passkey_that_does_not_count_lets_in_again_and_again(session, ann):
    passkey = SoftKey(counts=False)
    give(session, ann, passkey)

    assert [use(session, ann, passkey) for _ in range(3)] == [None] * 3


def test_an_answer_is_taken_once_even_from_a_key_that_does_not_count(session, ann):
    passkey = SoftKey(counts=False)
    give(session, ann, passkey)
    challenge, options = asked(session, ann)
    answer = passkey.signed(options)

    assert security_keys.check(session, ann, HERE, challenge, answer) is None
    assert security_keys.check(session, ann, HERE, challenge, answer) is Refused.LATE


def test_after_a_wrong_answer_a_right_one_to_the_same_question_comes_too_late(session, ann, blue):
    challenge, options = asked(session, ann)

    assert security_keys.check(session, ann, HERE, challenge, "{}") is Refused.WRONG
    assert security_keys.check(session, ann, HERE, challenge, blue.signed(options)) is Refused.LATE


def test_an_answer_to_another_question_is_wrong(session, ann, blue):
    (_, before), (challenge, _) = asked(session, ann), asked(session, ann)

    assert security_keys.check(session, ann, HERE, challenge, blue.signed(before)) is Refused.WRONG


def test_a_question_is_good_for_five_minutes_and_then_swept_away(session, ann, blue, monkeypatch):
    challenge, options = asked(session, ann)
    key_challenges.ask(session, ann)
    late = now() + key_challenges.VALID_FOR
    monkeypatch.setattr(key_challenges, "now", lambda: late)

    assert security_keys.check(session, ann, HERE, challenge, blue.signed(options)) is Refused.LATE
    newest = key_challenges.ask(session, ann)
    assert session.scalars(select(SecurityKeyChallenge.challenge)).all() == [newest]


def test_what_was_asked_of_one_person_lets_nobody_else_in(session, ann, blue):
    ben, green = somebody(session, "Ben"), SoftKey()
    give(session, ben, green)
    challenge, options = asked(session, ann)

    assert security_keys.check(session, ben, HERE, challenge, green.signed(options)) is Refused.LATE
    assert use(session, ben, blue) is Refused.WRONG


def test_what_was_signed_for_another_site_is_wrong(session, ann, blue):
    for origin in ("http://localhost", "https://localhost:8080", "http://evil.example:8080"):
        assert use(session, ann, blue, origin=origin) is Refused.WRONG
        assert give(session, ann, SoftKey(), origin=origin) is Refused.WRONG
    challenge, options = asked(session, ann)
    elsewhere = json.dumps(json.loads(options) | {"rpId": "evil.example"})

    assert security_keys.check(session, ann, HERE, challenge, blue.signed(elsewhere)) is Refused.WRONG


def test_a_count_that_does_not_go_on_is_refused_and_noted_and_the_key_stays_where_it_was(session, ann, blue, caplog):
    blue.count = 4
    use(session, ann, blue)

    for blue.count in (3, 4):
        with caplog.at_level(logging.WARNING):
            assert use(session, ann, blue) is Refused.WENT_BACK

    (key,) = security_keys.keys(session, ann.id)
    noted = [line.details for line in lines(session, "security_key_went_back")]
    assert noted == [{"key": key.id, "counted": counted, "before": 5} for counted in (4, 5)] and key.sign_count == 5
    assert caplog.text.count("staff.security_key_went_back") == 2
    assert use(session, ann, blue) is None


def test_a_key_that_nobody_touched_is_wrong_and_a_forged_one_no_sign_of_a_copy(session, ann, blue):
    blue.count = 4
    use(session, ann, blue)
    forged = SoftKey()
    forged.id = blue.id

    assert use(session, ann, blue, flags=0) is Refused.WRONG
    assert use(session, ann, forged) is Refused.WRONG
    assert lines(session, "security_key_went_back") == []


WEIRD = ["", "[]", "null", "{}", '"x"', "[" * 50_000, "1" * 5_000, '{"id": "é", "rawId": "é", "type": "public-key"}']


def test_what_is_no_answer_is_wrong_and_no_crash(session, ann, blue):
    for answer in WEIRD:
        assert security_keys.check(session, ann, HERE, key_challenges.ask(session, ann), answer) is Refused.WRONG
        assert security_keys.add(session, ann, "x", key_challenges.ask(session, ann), answer) is Refused.WRONG


def test_wrong_keys_and_wrong_codes_are_counted_together_and_a_right_key_waits_too(session, ann, blue):
    for number in range(tries.MOST_TRIES // 2):
        second_factor.check(session, ann, f"192.0.2.{number}", "000000")
        use(session, ann, SoftKey(), f"192.0.2.{number}")

    assert use(session, ann, blue, "192.0.2.99") is Refused.TOO_MANY
    assert second_factor.check(session, ann, "192.0.2.99", "x") is second_factor.Refused.TOO_MANY


def test_a_key_is_added_once_and_to_one_person(session, ann, blue):
    endless = SoftKey()
    endless.id = bytes(1024)
    assert give(session, ann, blue) is Refused.TAKEN
    assert give(session, somebody(session, "Ben"), blue) is Refused.TAKEN
    assert give(session, ann, endless) is Refused.WRONG
    assert len(security_keys.keys(session, ann.id)) == 1


def test_the_browser_is_told_our_name_the_keys_that_are_known_and_nothing_secret(session, ann, blue):
    challenge = key_challenges.ask(session, ann)
    known = security_keys.keys(session, ann.id)
    made = json.loads(key_challenges.to_add(ann, challenge, known))
    asked_for = json.loads(key_challenges.to_sign_in(challenge, known))

    assert made["rp"] == {"name": "Family Gateway", "id": "localhost"} and asked_for["rpId"] == "localhost"
    assert made["excludeCredentials"] == asked_for["allowCredentials"] and len(made["excludeCredentials"]) == 1
    assert made["authenticatorSelection"]["userVerification"] == asked_for["userVerification"] == "preferred"
    assert made["challenge"] == asked_for["challenge"] == challenge
    assert ann.email not in made["user"]["id"] and len(made["user"]["id"]) == 43


@pytest.mark.parametrize(
    ("public", "expected"),
    [
        ("https://gateway.example.org", ("gateway.example.org", "https://gateway.example.org")),
        ("https://Gateway.Example.org:443", ("gateway.example.org", "https://gateway.example.org")),
        ("https://gateway.example.org:8443", ("gateway.example.org", "https://gateway.example.org:8443")),
        ("http://localhost:8080", ("localhost", "http://localhost:8080")),
    ],
)
def test_keys_sign_for_the_public_address_as_browsers_write_it(monkeypatch, public, expected):
    monkeypatch.setenv("PUBLIC_URL", public)
    config.settings.cache_clear()
    found = key_challenges.site()
    config.settings.cache_clear()

    assert found == expected


def test_a_removed_key_lets_nobody_in_and_others_cannot_remove_it(session, ann, blue):
    (key,) = security_keys.keys(session, ann.id)

    assert security_keys.remove(session, somebody(session, "Ben"), key.id) is None
    assert security_keys.remove(session, ann, key.id) == "blue"
    assert security_keys.remove(session, ann, key.id) is None
    assert use(session, ann, blue) is Refused.WRONG


def test_who_lost_the_phone_has_no_keys_either(session, ann, blue):
    assert second_factor.reset(session, ann)

    assert security_keys.keys(session, ann.id) == []
    assert use(session, ann, blue) is Refused.WRONG


def test_keys_go_with_the_member_of_staff(session, ann, blue):
    key_challenges.ask(session, ann)
    for table in ("recovery_code", "second_factor", "staff_prison"):
        session.execute(text(f"DELETE FROM {table} WHERE staff_id = :id"), {"id": ann.id})
    session.execute(text("DELETE FROM staff WHERE id = :id"), {"id": ann.id})

    counted = "SELECT (SELECT count(*) FROM security_key), (SELECT count(*) FROM security_key_challenge)"
    assert session.execute(text(counted)).one() == (0, 0)


def test_the_log_says_which_key_and_not_what_it_is_called(session, ann, blue):
    (key,) = security_keys.keys(session, ann.id)
    security_keys.remove(session, ann, key.id)

    rows = lines(session, "security_key_added") + lines(session, "security_key_removed")
    assert [(row.actor, row.details) for row in rows] == [(f"staff:{ann.id}", {"key": key.id})] * 2
