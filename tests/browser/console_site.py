"""A console with something on every page, long names among it, for tests that look at all of it in a browser."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from factories import a_concern, a_conversation, a_message
from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from gateway.callbacks import service as callbacks
from gateway.concerns import acts, closing
from gateway.config import settings
from gateway.conversations.service import Reply, hold
from gateway.db import unit_of_work
from gateway.feedback import service as feedback
from gateway.staff.roles import Role
from gateway.staff.service import add_staff
from tests.web.console.samples import samples
from web import create_app
from web.console.blueprint import OPEN

PASSWORD = "twelve plain signs"
LONG = "Wilhelmina-Konstantina Featherstonehaugh-Cholmondeley-Majoribanks van der Westhuizen"
FULL, EMPTY = "full@prison.invalid", "empty@prison.invalid"
# Files, and a part of a page; signing out ends the session.
NO_PAGES = {"media", "feedback_file", "figures_file", "queue_renewed"}


def fill() -> dict[str, object]:
    """Somebody for whom there is something on every page, somebody for whom there is nothing, and what stands in
    addresses."""
    known = samples()
    with unit_of_work() as session:
        roles = [role.value for role in Role]
        add_staff(session, EMPTY, "Nobody Waits", PASSWORD, ["HLI"], False, roles)
        reader = add_staff(session, FULL, LONG, PASSWORD, ["LEI"], True, roles)
        other = add_staff(session, "other@prison.invalid", "Olga Other", PASSWORD, ["LEI"], False)
        long = {"prisoner_name": LONG, "reporter_name": LONG, "reporter_contact": "x" * 120, "contact_allowed": False}
        proposed = a_concern(session, "W" * 300, urgency="emergency", details=long)
        acts.acknowledge(session, proposed, other.id)
        acts.add_note(session, proposed, other.id, "W" * 300)
        acts.tell_family(session, proposed, other.id, "being_looked_into")
        closing.close(session, proposed, other.id, "acct_opened")
        closed = a_concern(session, "he owes for vapes", urgency="routine", conversation=a_conversation(session, "sms"))
        closing.close(session, closed, reader.id, "welfare_check")
        late = a_message(session, "is anybody there", a_conversation(session, "sms", "+447700900777"))
        hold(session, late.id, Reply("Please wait."))
        call = callbacks.ask(session, a_message(session, "ring me too").id, "+447700900789")
        callbacks.enrich(session, call, call.message_id, prison_id="LEI", about=LONG)
        callbacks.finish(session, call, reader.id, "no_answer", "rang twice")
        feedback.give(session, a_message(session, "4. good").id, score=4, words=LONG)
        return {**known, "proposed": proposed.reference, "closed": closed.reference}


def addresses(app: Flask, known: dict[str, object]) -> dict[str, str]:
    """Every page of the console that opens with a GET for somebody who is signed in, by its name."""
    builder = app.url_map.bind("localhost")
    found = {}
    for rule in app.url_map.iter_rules():
        name = rule.endpoint.removeprefix("console.")
        if rule.endpoint.startswith("console.") and rule.endpoint not in OPEN and "GET" in (rule.methods or ()):
            values = {one: known.get(f"{name}.{one}", known.get(one)) for one in rule.arguments}
            found[name] = builder.build(rule.endpoint, values, method="GET")
    return {name: path for name, path in found.items() if name not in NO_PAGES}


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a free port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def without_codes() -> Flask:
    """The application that asks staff for a password only."""
    return create_app(replace(settings(), console_second_factor=False))


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of this machine."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-background-networking", "--disable-gpu"],
        )
        yield opened
        opened.close()
