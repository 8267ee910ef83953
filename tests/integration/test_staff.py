"""Adding staff, and the rule of what each may see."""

from itertools import product

import pytest
from factories import a_concern, a_conversation, a_message, a_risk
from flask import Flask
from flask_security.utils import hash_password, verify_password
from sqlalchemy import select

from gateway.audit.models import LogEntry, LogEvent
from gateway.concerns.dossier import dossier
from gateway.concerns.intake import _store
from gateway.concerns.models import Concern
from gateway.concerns.queue import open_concerns
from gateway.concerns.unsorted import possible_concerns
from gateway.prisons.models import Prison
from gateway.staff.roles import READS_CONCERNS, Role
from gateway.staff.service import CannotAdd, add_staff, may_see, seen_by, staff_by_email
from web import create_app

PASSWORD = "twelve plain signs"


@pytest.fixture
def add(session):
    def added(
        email="ann@prison.invalid",
        name="Ann Example",
        password=PASSWORD,
        prisons=("LEI",),
        reads_unrouted=False,
        roles=("officer",),
    ):
        return add_staff(session, email, name, password, prisons, reads_unrouted, roles)

    return added


def test_a_new_member_of_staff_is_found_by_address_whatever_its_capitals(session, add):
    added = add(email=" Ann@Prison.invalid ")

    assert staff_by_email(session, "ANN@prison.INVALID ") is added
    assert [prison.id for prison in added.prisons] == ["LEI"]


def test_adding_staff_is_a_row_in_the_log(session, add):
    added = add(prisons=["LEI", "HLI"])

    row = session.scalars(select(LogEntry).where(LogEntry.event == LogEvent.STAFF_ADDED.value)).one()
    assert row.details == {
        "staff": added.id,
        "roles": ["officer"],
        "prisons": ["HLI", "LEI"],
        "reads_unrouted": False,
    }


def test_the_password_is_kept_as_flask_security_keeps_it(add):
    app: Flask = create_app()
    stored = add(password="pässwörd of twelve").password

    with app.app_context():
        plain = app.extensions["security"].password_util.normalize("pässwörd of twelve")
        assert stored.startswith("$argon2id$")
        assert verify_password(plain, stored)
        assert not verify_password("another password", stored)
        assert hash_password(plain).split("$")[:4] == stored.split("$")[:4]


@pytest.mark.parametrize(
    "wrong, why",
    [
        ({"password": "short words"}, "The password has 11 characters. It needs 12 or more."),
        ({"prisons": ["LEI", "XQX", "NOPE"]}, "No prison has the id XQX, NOPE"),
        ({"email": "ann"}, "'ann' is not an e-mail address"),
        ({"email": "@"}, "'@' is not an e-mail address"),
        ({"name": "  "}, "needs a name"),
        ({"roles": []}, "needs a role"),
        ({"roles": ["officer", "king"]}, "There is no role king. There are: officer,"),
    ],
)
def test_what_is_wrong_is_refused_in_words(add, wrong, why):
    with pytest.raises(CannotAdd, match=why):
        add(**wrong)


def test_an_address_is_added_once(add):
    add()

    with pytest.raises(CannotAdd, match="already"):
        add(email="ANN@prison.invalid")


def test_all_means_every_prison(session, add):
    added = add(prisons="all")

    assert len(added.prisons) == len(session.scalars(select(Prison)).all()) > 100


def test_prison_ids_may_be_typed_small_and_twice(add):
    assert [prison.id for prison in add(prisons=["lei", "LEI "]).prisons] == ["LEI"]


@pytest.mark.parametrize(
    "prison, subject, prisons, reads_unrouted, seen",
    [
        ("LEI", "prisoner", ["LEI"], False, True),
        ("LEI", "other", ["HLI", "LEI"], False, True),
        ("LEI", "prisoner", ["HLI"], False, False),
        ("LEI", "prisoner", [], False, False),
        ("LEI", "prisoner", ["HLI"], True, False),
        (None, "prisoner", ["LEI"], False, False),
        (None, "prisoner", ["LEI"], True, True),
        ("LEI", "caller", ["LEI"], False, False),
        ("LEI", "caller", ["HLI"], True, True),
        (None, "caller", [], True, True),
    ],
)
def test_what_a_person_may_see(session, add, prison, subject, prisons, reads_unrouted, seen):
    staff = add(prisons=prisons, reads_unrouted=reads_unrouted)
    concern = a_concern(session, prison=prison, subject=subject, details={"prison_id": prison})

    assert may_see(staff, concern) is seen


@pytest.mark.parametrize("role", Role)
def test_only_who_works_with_concerns_sees_one_whatever_their_prisons(session, add, role):
    staff = add(reads_unrouted=True, roles=[role])

    seen = [may_see(staff, a_concern(session, prison=prison)) for prison in ("LEI", None)]

    assert seen == [role in READS_CONCERNS] * 2


def test_the_database_applies_the_same_rule(session, add):
    everyone = [
        add(email=f"{number}@prison.invalid", prisons=prisons, reads_unrouted=reads_unrouted, roles=[role])
        for number, (prisons, reads_unrouted, role) in enumerate(
            product(([], ["LEI"], ["LEI", "HLI"]), (False, True), ("family_worker", "analyst"))
        )
    ]
    concerns = [
        a_concern(session, subject=subject, prison=prison, details={"prison_id": prison})
        for subject, prison in product(("prisoner", "caller", "other"), ("LEI", "HLI", "MDI", None))
    ]

    for staff in everyone:
        found = session.scalars(select(Concern).where(seen_by(staff)).order_by(Concern.id)).all()
        assert found == [concern for concern in concerns if may_see(staff, concern)]
        assert open_concerns(session, staff).total == len(found)


def test_the_thread_leaves_out_what_belongs_to_a_concern_of_the_caller(session, add):
    conversation = a_conversation(session)
    theirs = a_concern(session, "my son is in danger", conversation=conversation)
    caller = a_concern(session, "i want to die myself", conversation=conversation, subject="caller")
    a_message(session, "when are visits?", conversation)

    seen_by_prison = dossier(session, theirs, add()).thread
    seen_by_desk = dossier(session, theirs, add(email="desk@prison.invalid", reads_unrouted=True)).thread

    assert [said.message.text for said in seen_by_prison.said] == ["my son is in danger", "when are visits?"]
    assert seen_by_prison.withheld == 1
    assert seen_by_desk.withheld == 0
    assert caller.prison_id is None


def test_a_possible_concern_is_shown_to_the_prison_that_was_named_and_to_the_duty_desk(session, add):
    conversation = a_conversation(session)
    conversation.prison_id = "LEI"
    message = a_message(session, "he sounded low", conversation)
    _store(session, message, a_risk(level="possible"), [])

    shown = {
        name: [one.message.text for one in possible_concerns(session, staff).rows]
        for name, staff in {
            "theirs": add(email="1@prison.invalid"),
            "elsewhere": add(email="2@prison.invalid", prisons=["HLI"]),
            "desk": add(email="3@prison.invalid", prisons=[], reads_unrouted=True),
        }.items()
    }

    assert shown == {"theirs": ["he sounded low"], "elsewhere": [], "desk": ["he sounded low"]}
