"""What `gateway doctor` says of the rows: concerns that cannot be found, and people who are not there."""

from datetime import timedelta

from factories import a_concern
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from gateway.commands.row_checks import rows
from gateway.concerns.models import ConcernSearch
from gateway.concerns.search_index import put_all_down
from gateway.db import now
from gateway.prisons.models import Prison
from gateway.staff.models import Staff

FOUND = "Every concern can be found."
NOBODY = "Nobody is active who answers for the concerns that come about {}."


def said(level: str) -> str:
    return "\n".join(finding.text for finding in rows() if finding.level == level)


def member(work: Session, name: str, role: str, *prisons: str, reads_unrouted: bool = False) -> None:
    theirs = [work.get_one(Prison, prison) for prison in prisons]
    work.add(
        Staff(
            email=f"{name}@prison.invalid", name=name, password="-", fs_uniquifier=name, roles=[role], prisons=theirs,
            reads_unrouted=reads_unrouted,
        )
    )  # fmt: skip


def test_concerns_that_cannot_be_found_are_counted_until_they_are_put_down(work: Session) -> None:
    for erased_at in (None, None, now()):
        a_concern(work).erased_at = erased_at
    work.flush()
    work.execute(delete(ConcernSearch))
    work.commit()

    assert "2 concerns cannot be found by name, number or words. Run: gateway concerns index" in said("warn")
    put_all_down()
    assert "cannot be found" not in said("warn") and FOUND in said("ok")


def test_without_an_active_administrator_there_is_a_warning(work: Session) -> None:
    member(work, "ada", "administrator")
    work.commit()

    assert "administrator" not in said("warn")
    work.execute(update(Staff).values(active=False))
    work.commit()
    assert "No administrator is active" in said("warn")


def test_a_prison_that_gets_concerns_and_has_nobody_who_answers_is_named(work: Session) -> None:
    member(work, "ann", "officer", "LEI", reads_unrouted=True)
    member(work, "fay", "family_worker", "HLI")  # she reads concerns, and cannot answer for one
    member(work, "dee", "duty_manager", "BMI")
    for prison in ("LEI", "HLI", "BMI", None):
        a_concern(work, prison=prison)
    a_concern(work, prison="BXI", subject="caller")  # goes to those who read the unrouted
    open_long, over_long = a_concern(work, prison="PVI"), a_concern(work, prison="MDI")
    open_long.opened_at = over_long.opened_at = now() - timedelta(days=400)
    over_long.status, over_long.outcome, over_long.closed_at = "closed", "welfare_check", now()
    work.commit()

    assert NOBODY.format("HMP/YOI Hull, HMP/YOI Pentonville") in said("warn")
    work.execute(update(Staff).values(active=False))
    work.commit()
    all_of_them = "HMP Birmingham, HMP Leeds, HMP/YOI Hull, HMP/YOI Pentonville, no known prison or a caller's own risk"
    assert NOBODY.format(all_of_them) in said("warn")
