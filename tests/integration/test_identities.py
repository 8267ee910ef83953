"""Two windows in which the same person signs in with the organisation's account for the first time, at one moment."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import func, select

from gateway.config import settings
from gateway.db import unit_of_work
from gateway.staff import identities
from gateway.staff.identities import Refused, signed_in
from gateway.staff.identity_models import StaffIdentity
from gateway.staff.models import Staff
from gateway.staff.service import add_staff, prison_ids

ISSUER = "https://provider.invalid"
CLAIMS = {"sub": "a-1", "email": "ann@prison.invalid", "email_verified": True, "name": "Ann Example", "prisons": "LEI"}
WAITS = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@pytest.fixture
def at_once(database, monkeypatch):
    """Sign somebody in while another window, which came first, has not finished; gives who each of the two is."""
    made = replace(settings(), oidc_create=True, oidc_prisons_claim="prisons")
    monkeypatch.setattr(identities, "settings", lambda: made)

    def second(claims):
        with unit_of_work() as session:
            return _number(signed_in(session, ISSUER, claims))

    def both(claims):
        with ThreadPoolExecutor(1) as pool, psycopg.connect(database, autocommit=True) as watching:
            with unit_of_work() as session:
                first = _number(signed_in(session, ISSUER, CLAIMS))
                other = pool.submit(second, claims)
                while not other.done() and watching.execute(WAITS).fetchone() == (0,):
                    pass
            return first, other.result(20)

    return both


def _number(found):
    return found if isinstance(found, Refused) else found.id


@pytest.mark.parametrize("known", [True, False], ids=["known by the address", "new"])
def test_who_signs_in_twice_at_once_for_the_first_time_is_one_person(at_once, known):
    if known:
        with unit_of_work() as session:
            add_staff(session, CLAIMS["email"], "Ann Example", "twelve plain signs", ["HLI"], False)

    first, second = at_once(CLAIMS)

    with unit_of_work() as session:
        ann = session.scalars(select(Staff)).one()
        assert first == second == ann.id
        assert prison_ids(ann) == ["LEI"]
        assert session.scalar(select(func.count()).select_from(StaffIdentity)) == 1


def test_of_two_accounts_that_bring_one_address_at_once_the_first_is_the_person(at_once):
    first, second = at_once({**CLAIMS, "sub": "b-2", "email": "ANN@prison.invalid"})

    assert isinstance(first, int) and second is Refused.TAKEN
