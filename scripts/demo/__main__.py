"""Fill an empty database with invented concerns, and say how to look at them. `make demo` runs it.

.venv/bin/python -m scripts.demo [--yes]
"""

import argparse
import sys

from sqlalchemy import func, select

from gateway.commands.processes import migrate
from gateway.config import ROOT, settings
from gateway.conversations.models import Conversation
from gateway.db import unit_of_work
from gateway.prisons.service import load_prisons
from gateway.staff.models import Staff
from gateway.staff.service import add_staff, staff_by_email
from scripts.demo import stories
from scripts.demo.acts import Cast
from scripts.demo.play import play


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--yes", action="store_true", help="do not ask whether this database may be filled")
    given = options.parse_args()
    demo = stories.read()
    if why := refused():
        sys.exit(f"Nothing was filled in. {why}")
    migrate()
    if is_there(demo):
        print("The demo is there already. To have it with fresh dates, delete its database first: rm -r var/demo")
    elif why := in_use():
        sys.exit(f"Nothing was filled in. {why}")
    elif not given.yes and input("Fill this database with invented concerns? [y/N] ").strip().lower() != "y":
        sys.exit("Nothing was filled in.")
    else:
        fill(demo)
    print(how_to_look(demo))


def refused() -> str | None:
    """Why these settings are not those of a demo; none when they may be."""
    now_set = settings()
    real = {
        "PUBLIC_URL": now_set.is_https, "TWILIO_ACCOUNT_SID": now_set.twilio_account_sid, "SMTP_URL": now_set.smtp_url,
        "ALARM_URL": now_set.alarm_url, "WEBHOOK_SECRET": now_set.webhook_secret,
    }  # fmt: skip
    if found := [name for name, value in real.items() if value]:
        return f"{', '.join(found)} in the settings: this is a service for real families."
    return None


def is_there(demo: stories.Demo) -> bool:
    """Whether this database holds the demo already."""
    with unit_of_work() as session:
        return any(staff_by_email(session, person["email"]) for person in demo.people.values())


def in_use() -> str | None:
    """Why this database may not be filled; none when nobody has written to it and nobody works with it."""
    with unit_of_work() as session:
        rows = [session.scalar(select(func.count()).select_from(table)) for table in (Conversation, Staff)]
    return "This database is in use: there are conversations or staff in it." if any(rows) else None


def fill(demo: stories.Demo) -> None:
    """All of it. What is broken off half-way is told by `is_there`, and must be deleted before it is filled again."""
    print("Filling in. This takes a minute or two.")
    with unit_of_work() as session:
        load_prisons(session, ROOT / "scripts" / "demo" / "prisons.csv")
    play(demo.stories, lambda: cast(demo))


def cast(demo: stories.Demo) -> Cast:
    """The people, who can sign in from now on."""
    with unit_of_work() as session:
        numbers = {
            name: add_staff(
                session,
                person["email"],
                person["name"],
                demo.password,
                person["prisons"],
                person["reads_unrouted"],
                person["roles"],
            ).id
            for name, person in demo.people.items()
        }
    return Cast(numbers, demo.answers_for)


def how_to_look(demo: stories.Demo) -> str:
    """For whoever has run this."""
    people = "\n".join(f"  {person['email']:<28} {person['what']}" for person in demo.people.values())
    return (
        "Start the service on it, without codes from a phone:\n"
        "  CONSOLE_SECOND_FACTOR=off VAR_DIR=var/demo DATABASE_URL= .venv/bin/gateway run\n"
        f"Then sign in at {settings().public_url}/console/ with the password “{demo.password}” as\n{people}\n"
        "All people, prisons, numbers and messages in it are invented."
    )


if __name__ == "__main__":
    main()
