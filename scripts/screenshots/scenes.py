"""The demo as it stands at one moment, and the console serving it. The same moment each time, so that pictures differ
only where the pages do."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from passlib.totp import TOTP
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from gateway.commands.processes import migrate
from gateway.concerns import closing
from gateway.concerns.models import Concern
from gateway.config import settings
from gateway.conversations.models import Assessment
from gateway.db import now, unit_of_work
from gateway.spoken import UK
from gateway.staff import invitations, second_factor
from gateway.staff.models import Staff
from gateway.staff.service import staff_by_email
from scripts.demo import __main__ as demo
from scripts.demo import stories
from scripts.demo.clock import moved_to
from scripts.demo.stories import Story
from web import create_app

MOMENT = datetime(2026, 11, 17, 10, 20, tzinfo=UK)
# When the families of stories.yml began to write whose concerns are pictured.
PICTURED = {"new": "24m", "acknowledged": "100m", "proposed": "50m", "closed": "18d 10:20"}


@contextmanager
def the_demo() -> Iterator[tuple[stories.Demo, dict[str, object]]]:
    """Fill this process's database, and stay at that moment until the block ends. Gives what fills gaps of paths."""
    migrate()
    found = stories.read()
    with moved_to(MOMENT):
        demo.fill(found)
        yield found, _known(found)


def _known(found: stories.Demo) -> dict[str, object]:
    with unit_of_work() as session:
        staff = {name: staff_by_email(session, person["email"]) for name, person in found.people.items()}
        priya, grace, tom = staff["priya"], staff["grace"], staff["tom"]
        assert priya and grace and tom
        concerns = {gap: _opened(session, Story(at, "").begins(MOMENT)) for gap, at in PICTURED.items()}
        assert not closing.close(session, concerns["proposed"], priya.id, "acct_opened")
        for one in (priya, tom):
            _set_up_an_app(session, one)
        second_factor.recovery_codes_kept(session, tom.id)
        unsure = session.scalars(select(Assessment.message_id).where(Assessment.level == "possible")).all()
        return {
            **{gap: concern.reference for gap, concern in concerns.items()},
            "message": unsure[-1],
            "invitation": invitations.token(grace),
            "priya": priya.id,
        }


def _opened(session: Session, moment: datetime) -> Concern:
    within = Concern.opened_at.between(moment, moment + timedelta(minutes=1))
    return session.scalars(select(Concern).where(within)).one()


def _set_up_an_app(session: Session, staff: Staff) -> None:
    secret = second_factor.new_secret()
    key = second_factor.shown(secret, staff.email)[1]
    code = TOTP(key.replace(" ", "")).generate(time=now()).token
    assert second_factor.set_up(session, staff, "192.0.2.1", secret, str(code)) is None


@contextmanager
def served(asks_for_code: bool) -> Iterator[str]:
    """The address of the console: the web process alone, without a worker or a bot."""
    app = create_app(replace(settings(), console_second_factor=asks_for_code))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/console/"
    server.shutdown()
    thread.join()
