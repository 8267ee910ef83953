"""The daily mail: to whom it goes, when, how often, and what it never holds."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller
from factories import a_concern, a_conversation
from sqlalchemy import select
from sqlalchemy.orm import Session
from test_adapters import Mailbox, free_port
from typer.testing import CliRunner

from gateway import db
from gateway.adapters.smtp_email import SmtpEmail
from gateway.audit.models import LogEntry
from gateway.cli import app
from gateway.concerns.models import Concern
from gateway.conversations.models import Conversation
from gateway.deliveries import jobs as deliveries
from gateway.deliveries.jobs import deliver
from gateway.deliveries.models import Delivery
from gateway.digest.jobs import send_digests
from gateway.digest.service import queue_due, set_digest, want
from gateway.privacy import expiry
from gateway.staff.models import Staff
from gateway.staff.service import CannotAdd, add_staff

Clock = Callable[[datetime], None]
# Seven in the morning of 23 November in London, when summer time is over.
SEVEN = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Set the time."""

    def set_to(at: datetime) -> None:
        monkeypatch.setattr(db, "_clock", lambda: at)

    set_to(SEVEN - timedelta(hours=2))
    return set_to


@pytest.fixture
def ann(work: Session, clock: Clock) -> Staff:
    """Somebody at Leeds who wants the mail."""
    staff = add_staff(work, "ann@prison.invalid", "Ann Example", "twelve plain signs", ["LEI"], False)
    want(work, staff.email, wanted=True)
    work.commit()
    return staff


def mails(work: Session) -> list[Delivery]:
    return list(work.scalars(select(Delivery).where(Delivery.reason == "digest").order_by(Delivery.id)))


# ----- once a day, in the morning -----


def test_it_goes_out_once_a_day_from_its_hour_on_however_often_the_worker_looks(work, ann, clock) -> None:
    queued = []
    for at in (SEVEN - timedelta(minutes=1), SEVEN, SEVEN + timedelta(minutes=5), SEVEN + timedelta(days=1)):
        clock(at)
        queued.append(queue_due(work))
        work.commit()

    assert queued == [0, 1, 0, 1]
    assert [(mail.medium, mail.address) for mail in mails(work)] == [("email", "ann@prison.invalid")] * 2


def test_after_a_morning_in_which_nothing_ran_it_comes_late_and_once(work, ann, clock) -> None:
    for hours in (9, 10):
        clock(SEVEN + timedelta(hours=hours))
        send_digests(timestamp=0)

    assert len(mails(work)) == 1


@pytest.mark.parametrize(
    ("before", "at"),
    [
        (datetime(2026, 3, 28, 7, 0, tzinfo=UTC), datetime(2026, 3, 29, 6, 0, tzinfo=UTC)),  # clocks go forward
        (datetime(2026, 10, 24, 6, 0, tzinfo=UTC), datetime(2026, 10, 25, 7, 0, tzinfo=UTC)),  # clocks go back
    ],
)
def test_it_comes_at_the_same_hour_of_a_uk_clock_when_the_clocks_change(work, clock, before, at) -> None:
    clock(before - timedelta(hours=1))
    staff = add_staff(work, "ann@prison.invalid", "Ann Example", "twelve plain signs", ["LEI"], False)
    want(work, staff.email, wanted=True)
    a_concern(work, opened_at=before + timedelta(minutes=1))
    a_concern(work, opened_at=before - timedelta(minutes=1))
    queued = []
    for moment in (before, at - timedelta(minutes=1), at, at + timedelta(hours=12)):
        clock(moment)
        queued.append(queue_due(work))

    assert queued == [1, 0, 1, 0]
    assert "Since 07:00 yesterday: opened 1," in mails(work)[-1].body


def test_who_asks_for_it_in_the_evening_gets_the_first_next_morning(work, clock) -> None:
    clock(SEVEN + timedelta(hours=11))
    staff = add_staff(work, "ann@prison.invalid", "Ann Example", "twelve plain signs", ["LEI"], False)
    want(work, staff.email, wanted=True)

    assert queue_due(work) == 0
    clock(SEVEN + timedelta(days=1))
    assert queue_due(work) == 1


def test_only_those_who_want_it_and_still_work_here_get_it(work, ann, clock) -> None:
    add_staff(work, "bob@prison.invalid", "Bob Example", "twelve plain signs", ["LEI"], False)
    ann.active = False
    clock(SEVEN)
    assert queue_due(work) == 0

    ann.active = True
    want(work, ann.email, wanted=False)
    assert queue_due(work) == 0


def test_with_an_hour_of_their_own_somebody_gets_it_then(work, ann, clock) -> None:
    bob = add_staff(work, "bob@prison.invalid", "Bob Example", "twelve plain signs", ["LEI"], False)
    set_digest(work, bob, wanted=True, at=time(6, 30), actor="system")
    sent = []
    for minutes in (-31, -30, -5, 0, 5):
        clock(SEVEN + timedelta(minutes=minutes))
        queue_due(work)
        sent.append([mail.address for mail in mails(work)])

    bobs, both = ["bob@prison.invalid"], ["bob@prison.invalid", "ann@prison.invalid"]
    assert sent == [[], bobs, bobs, both, both]


def test_who_has_their_hour_put_back_misses_no_day_and_gets_none_twice(work, ann, clock) -> None:
    clock(SEVEN - timedelta(minutes=10))
    set_digest(work, ann, wanted=True, at=time(6, 0), actor="system")  # has passed, and none was sent today
    assert queue_due(work) == 1

    set_digest(work, ann, wanted=True, at=time(9, 0), actor="system")
    clock(SEVEN + timedelta(hours=3))
    assert queue_due(work) == 0


# ----- what stands in it -----


def test_it_holds_counts_references_urgency_and_due_times(work, ann, clock) -> None:
    clock(SEVEN - timedelta(minutes=20))
    urgent, emergency = a_concern(work, urgency="urgent"), a_concern(work, urgency="emergency")
    elsewhere, unrouted = a_concern(work, prison="HLI"), a_concern(work, prison=None)
    clock(SEVEN)
    queue_due(work)

    (mail,) = mails(work)
    lines = [line.strip() for line in mail.body.splitlines()]
    assert mail.subject == "Family Gateway: 2 open, 1 overdue at 07:00"
    assert "Since 07:00 yesterday: opened 2, read 0, closed 0." in lines
    start = lines.index("HMP Leeds: 2 open, 1 overdue")
    assert lines[start + 1 : start + 3] == [
        f"Emergency {emergency.reference}: not yet read, OVERDUE since 06:45",
        f"Urgent {urgent.reference}: not yet read, due 07:40",
    ]
    assert elsewhere.reference not in mail.body and unrouted.reference not in mail.body


def test_it_holds_no_name_and_no_words_of_a_family(work, ann, clock) -> None:
    details = {
        "prisoner_name": "Sam Sample", "prisoner_number": "A1234BC", "reporter_name": "Jo Sample",
        "reporter_contact": "+447700900123", "summary": "he owes for vapes", "reporter_relationship": "parent",
    }  # fmt: skip
    a_concern(work, "my son says he cant go on", conversation=a_conversation(work, "sms"), details=details)
    clock(SEVEN)
    queue_due(work)

    (mail,) = mails(work)
    told = f"{mail.subject}\n{mail.body}".lower()
    for word in ("sam", "sample", "a1234bc", "7700", "vapes", "go on", "parent", "self-harm", "ann"):
        assert word not in told


def test_what_the_watcher_wrote_stands_in_none(work, ann, clock) -> None:
    work.get_one(Conversation, a_concern(work).conversation_id).synthetic = True
    clock(SEVEN)
    queue_due(work)

    (mail,) = mails(work)
    assert mail.subject.startswith("Family Gateway: 0 open") and "Nothing is open." in mail.body


def test_a_long_list_is_cut_and_says_so(work, ann, clock) -> None:
    for _ in range(51):
        a_concern(work)
    clock(SEVEN)
    queue_due(work)

    assert mails(work)[0].body.count("Urgent ") == 50 and "and 1 more" in mails(work)[0].body


# ----- on its way -----


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A real mail server, to which the worker's mails go."""
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=False)
    server.start()
    provider = SmtpEmail(f"smtp://127.0.0.1:{server.port}", "gateway@charity.example")
    monkeypatch.setattr(deliveries, "email_provider", lambda: provider)
    yield box
    server.stop()


def test_it_reaches_a_mail_server(work, ann, clock, mailbox) -> None:
    reference = a_concern(work).reference
    work.commit()
    clock(SEVEN)
    send_digests(timestamp=0)
    deliver(SimpleNamespace(), delivery_id=mails(work)[0].id)

    (mail,) = mailbox.taken
    assert mail["To"] == "ann@prison.invalid" and mail["Subject"].startswith("Family Gateway: 1 open")
    assert reference in mail.get_content()
    work.refresh(mails(work)[0])
    assert mails(work)[0].state == "sent"


def test_that_it_was_queued_is_in_the_log(work, ann, clock) -> None:
    clock(SEVEN)
    queue_due(work)
    work.commit()

    rows = work.scalars(select(LogEntry).where(LogEntry.event.in_(["staff:digest_changed", "digest:queued"]))).all()
    assert [(row.event, row.details["staff"]) for row in rows] == [
        ("staff:digest_changed", ann.id), ("digest:queued", ann.id)
    ]  # fmt: skip
    assert rows[1].delivery_id == mails(work)[0].id


def test_old_mails_are_deleted_and_nothing_else(work, ann, clock) -> None:
    a_concern(work)
    clock(SEVEN)
    queue_due(work)
    kind = expiry.KINDS["digests"]
    found = work.execute(kind.find(SEVEN + timedelta(days=1))).all()

    kind.drop(work, [row[0] for row in found])

    assert mails(work) == [] and len(found) == 1
    assert work.scalars(select(Delivery.reason).distinct()).all() == ["alert"]


# ----- asking for it -----


def test_a_command_sets_who_gets_it(work, ann) -> None:
    off = CliRunner().invoke(app, ["staff", "digest", "Ann@prison.invalid", "--off"])
    assert off.exit_code == 0 and "gets no daily mail" in off.output
    work.refresh(ann)
    assert not ann.wants_digest

    on = CliRunner().invoke(app, ["staff", "digest", "ann@prison.invalid", "--on"])
    assert "from 07:00" in on.output
    work.refresh(ann)
    assert ann.wants_digest


def test_for_nobody_of_ours_it_says_so(work, ann) -> None:
    with pytest.raises(CannotAdd, match="no member of staff"):
        want(work, "who@prison.invalid", wanted=True)
    assert CliRunner().invoke(app, ["staff", "digest", "who@prison.invalid", "--on"]).exit_code == 2


def test_a_caller_in_danger_stands_under_no_prison(work, clock) -> None:
    staff = add_staff(work, "bob@prison.invalid", "Bob Example", "twelve plain signs", ["LEI"], True)
    want(work, staff.email, wanted=True)
    caller = a_concern(work, subject="caller")
    assert work.get_one(Concern, caller.id).prison_id is None
    clock(SEVEN)
    queue_due(work)

    assert "Prison not known, or the caller's own safety: 1 open" in mails(work)[0].body
