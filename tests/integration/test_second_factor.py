"""The code of the phone and the recovery codes: each is taken once, and guessing has to wait."""

from datetime import timedelta

import phone
import pytest
from passlib.totp import TOTP
from sqlalchemy import select, text

from gateway.audit.models import LogEntry
from gateway.db import now
from gateway.staff import second_factor, tries
from gateway.staff.second_factor import Refused
from gateway.staff.service import add_staff

EMAIL, HERE = "ann@prison.invalid", "192.0.2.7"


@pytest.fixture
def ann(session):
    """Somebody with the app on her phone, whose first code was not used for signing in."""
    staff = add_staff(session, EMAIL, "Ann Example", "twelve plain signs", ["LEI"], False)
    phone.give(session, EMAIL)
    second_factor.factor(session, staff.id).last_counter = 0
    session.flush()
    return staff


def shown(session, staff, steps=0):
    """What the phone shows, some half minutes from now."""
    key = second_factor.factor(session, staff.id).secret
    return TOTP(key).generate(time=now() + timedelta(seconds=30 * steps)).token


def test_a_code_is_taken_once(session, ann):
    code = shown(session, ann)

    assert second_factor.check(session, ann, HERE, code) is None
    assert second_factor.check(session, ann, HERE, code) is Refused.USED


def test_after_a_code_the_ones_before_it_are_not_taken(session, ann):
    before, code = shown(session, ann, -1), shown(session, ann)

    assert second_factor.check(session, ann, HERE, code) is None
    assert second_factor.check(session, ann, HERE, before) is Refused.WRONG


@pytest.mark.parametrize("steps", [-1, 1])
def test_a_clock_may_be_wrong_by_one_step(session, ann, steps, monkeypatch):
    moment = now().replace(second=15)
    monkeypatch.setattr(second_factor, "now", lambda: moment)
    code = TOTP(second_factor.factor(session, ann.id).secret).generate(time=moment + timedelta(seconds=30 * steps))

    assert second_factor.check(session, ann, HERE, code.token) is None


@pytest.mark.parametrize("steps", [-3, 3])
def test_an_old_or_an_early_code_is_wrong(session, ann, steps):
    assert second_factor.check(session, ann, HERE, shown(session, ann, steps)) is Refused.WRONG


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "000000", "1234567", "١٢٣٤٥٦", "' OR 1=1"])
def test_what_is_no_code_is_wrong_and_no_crash(session, ann, code):
    assert second_factor.check(session, ann, HERE, code) is Refused.WRONG
    assert second_factor.use_recovery_code(session, ann, HERE, code) is Refused.WRONG


def test_spaces_in_a_code_do_no_harm(session, ann):
    code = shown(session, ann)

    assert second_factor.check(session, ann, HERE, f" {code[:3]} {code[3:]} ") is None


def test_guessing_waits_wherever_it_comes_from_and_a_right_code_waits_too(session, ann):
    for number in range(tries.MOST_TRIES):
        assert second_factor.check(session, ann, f"192.0.2.{number}", "wrong") is Refused.WRONG

    code = shown(session, ann)
    assert second_factor.check(session, ann, "192.0.2.99", code) is Refused.TOO_MANY
    assert second_factor.use_recovery_code(session, ann, "192.0.2.99", "x") is Refused.TOO_MANY


def test_one_address_cannot_try_the_codes_of_many(session, ann, monkeypatch):
    monkeypatch.setattr(tries, "MOST_FROM_ONE_ADDRESS", 2)
    ben = add_staff(session, "ben@prison.invalid", "Ben Example", "twelve plain signs", ["LEI"], False)
    phone.give(session, ben.email)
    for _ in range(2):
        second_factor.check(session, ben, HERE, "wrong")

    assert second_factor.check(session, ann, HERE, shown(session, ann)) is Refused.TOO_MANY
    assert second_factor.check(session, ann, "192.0.2.99", shown(session, ann)) is None


def test_somebody_with_a_phone_cannot_be_given_another(session, ann):
    another = second_factor.new_secret()
    code = phone.shows(second_factor.shown(another, EMAIL)[1])

    assert second_factor.set_up(session, ann, HERE, another, code) is Refused.USED
    assert second_factor.check(session, ann, HERE, code) is Refused.WRONG


def test_a_recovery_code_is_taken_once_however_it_is_typed(session, ann):
    second_factor.renew_recovery_codes(session, ann, HERE, shown(session, ann))
    codes = second_factor.recovery_codes(session, ann.id)

    assert len(codes) == len(set(codes)) == 10
    assert second_factor.use_recovery_code(session, ann, HERE, codes[0].upper().replace("-", " ")) is None
    assert second_factor.use_recovery_code(session, ann, HERE, codes[0]) is Refused.WRONG
    assert second_factor.recovery_codes_left(session, ann.id) == 9


def test_a_recovery_code_of_somebody_else_is_wrong(session, ann):
    second_factor.renew_recovery_codes(session, ann, HERE, shown(session, ann))
    ben = add_staff(session, "ben@prison.invalid", "Ben Example", "twelve plain signs", ["LEI"], False)

    code = second_factor.recovery_codes(session, ann.id)[0]
    assert second_factor.use_recovery_code(session, ben, HERE, code) is Refused.WRONG


def test_recovery_codes_that_were_kept_are_shown_no_more_but_still_taken(session, ann):
    second_factor.renew_recovery_codes(session, ann, HERE, shown(session, ann))
    codes = second_factor.recovery_codes(session, ann.id)
    second_factor.recovery_codes_kept(session, ann.id)

    assert second_factor.recovery_codes(session, ann.id) == []
    assert session.execute(text("SELECT code FROM recovery_code WHERE code IS NOT NULL")).all() == []
    assert second_factor.use_recovery_code(session, ann, HERE, codes[3]) is None


def test_new_recovery_codes_need_the_phone_and_end_the_old(session, ann):
    second_factor.renew_recovery_codes(session, ann, HERE, shown(session, ann))
    old = second_factor.recovery_codes(session, ann.id)

    assert second_factor.renew_recovery_codes(session, ann, HERE, "000000") is Refused.WRONG
    assert second_factor.recovery_codes(session, ann.id) == old
    assert second_factor.renew_recovery_codes(session, ann, HERE, shown(session, ann, 1)) is None
    assert second_factor.use_recovery_code(session, ann, HERE, old[0]) is Refused.WRONG


def test_neither_the_secret_nor_a_recovery_code_can_be_read_in_the_database(session, ann):
    second_factor.renew_recovery_codes(session, ann, HERE, shown(session, ann))
    secret, codes = second_factor.factor(session, ann.id).secret, second_factor.recovery_codes(session, ann.id)
    stored = str(session.execute(text("SELECT f, r FROM second_factor f, recovery_code r")).all())

    assert secret not in stored
    assert not [code for code in codes if code in stored]


def test_who_lost_the_phone_is_out_and_sets_up_another(session, ann):
    mark = ann.fs_uniquifier
    second_factor.renew_recovery_codes(session, ann, HERE, shown(session, ann))
    code = second_factor.recovery_codes(session, ann.id)[0]

    assert second_factor.reset(session, ann)

    assert second_factor.factor(session, ann.id) is None
    assert ann.fs_uniquifier != mark
    assert second_factor.use_recovery_code(session, ann, HERE, code) is Refused.WRONG
    assert not second_factor.reset(session, ann)
    phone.give(session, EMAIL)


def test_the_log_says_what_was_done_and_holds_no_code(session, ann):
    second_factor.renew_recovery_codes(session, ann, HERE, shown(session, ann))
    code = second_factor.recovery_codes(session, ann.id)[0]
    second_factor.use_recovery_code(session, ann, HERE, code)
    second_factor.reset(session, ann)

    rows = session.scalars(select(LogEntry).where(LogEntry.event.like("staff:%")).order_by(LogEntry.id)).all()
    assert [row.event.removeprefix("staff:") for row in rows] == [
        "added", "second_factor_set", "recovery_codes_made", "recovery_codes_made", "recovery_code_used",
        "second_factor_reset",
    ]  # fmt: skip
    assert code not in str([row.details for row in rows])
