"""A console with something in every state, so that each of its forms stands on a page; and who is at a browser."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

import phone
from bs4 import BeautifulSoup
from every_page import OTHER_PRISON, Form, View, address, changed, forms, look, rows, rules
from factories import a_concern, a_message, a_risk
from flask import Flask
from person import PASSWORD, Person
from samples import samples
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.callbacks import service as callbacks
from gateway.concerns import acts, closing, deciding, links
from gateway.concerns.intake import _store
from gateway.concerns.models import Concern
from gateway.conversations.models import Conversation
from gateway.conversations.service import Reply, hold
from gateway.db import unit_of_work
from gateway.feedback import service as feedback
from gateway.staff import tries
from gateway.staff.invitations import token
from gateway.staff.models import Staff
from gateway.staff.roles import Role
from gateway.staff.service import add_staff, set_active
from tests.policy import Watched
from web.console.blueprint import OPEN

# Ann has every role, the others are officers. Kim has not kept her recovery codes, Nell has no phone, Otto is shut out.
ANN, BOB, KIM, NELL, OTTO = (f"{name}@prison.invalid" for name in ("ann", "bob", "kim", "nell", "otto"))

# Pages whose forms stand there only when they are asked for in a certain way.
STATES = ("/console/?filtered=1&urgency=urgent", "/console/callbacks?show=done", "/console/possible?show=dismissed")


@dataclass
class World:
    """The application, what stands for each argument of a rule, and what there is to see and to send."""

    watched: Watched
    known: dict[str, object]
    ann: Person
    views: list[View] = field(default_factory=list)
    forms: list[tuple[Person, Form]] = field(default_factory=list)  # one of each kind, with whoever can send it
    cookies: dict[Person, str] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)  # the tables that looking at all the views has changed

    def as_at_first(self) -> "World":
        """With everybody's cookie as it was, whatever a test has done with it."""
        for view in self.views:
            view.person.client.set_cookie("session", self.cookies[view.person])
        return self

    @property
    def app(self) -> Flask:
        return self.watched.app

    def somebody(self, email: str = "", address: str = "127.0.0.1") -> Person:
        """Not signed in, at a browser of their own."""
        person = Person(self.app.test_client(), email)
        person.client.environ_base["REMOTE_ADDR"] = address
        return person

    def half_in(self, email: str, address: str = "127.0.0.1") -> Person:
        """With the password typed, before the page for the code."""
        person = self.somebody(email, address)
        person.post("/console/sign-in", email=email, password=PASSWORD)
        return person

    def addresses(self, *methods: str) -> Iterator[tuple[str, str, str]]:
        """Endpoint, method and path of every rule with one of these methods."""
        for name, method, rule in rules(self.app):
            if method in methods:
                yield name, method, address(self.app, rule, method, self.known)

    def endpoint(self, form: Form) -> str:
        """What a form is sent to."""
        found, _ = self.app.url_map.bind("localhost").match(form.path.partition("?")[0], method=form.method)
        return str(found).removeprefix("console.")


def world(watched: Watched) -> World:
    """All of it. The sessions hold in each copy of this database too."""
    known = samples()
    with unit_of_work() as session:
        staff = {email: _staff(session, email) for email in (ANN, BOB, KIM, NELL, OTTO)}
        set_active(session, staff[OTTO], False)
        for _ in range(tries.MOST_TRIES):
            tries.failed(session, OTTO, "192.0.2.9")
        for email in (ANN, BOB, KIM):
            phone.give(session, email, kept=email != KIM)
        concerns = _concerns(session, str(known["reference"]), staff[BOB].id)
        _calls(session, staff[BOB].id)
        _messages(session, staff[BOB].id)
        known["token"] = token(staff[NELL])
        more = [f"/console/people/{staff[OTTO].id}", *(f"/console/concerns/{one.reference}" for one in concerns)]
    made = World(watched, known, Person(watched.app.test_client(), ANN, staff[ANN].id))
    made.ann.sign_in(ANN)
    _look(made, more)
    return made


def _staff(session: Session, email: str) -> Staff:
    name = email.partition("@")[0].title()
    if email == ANN:
        return add_staff(session, email, name, PASSWORD, ["LEI", OTHER_PRISON], True, list(Role))
    return add_staff(session, email, name, PASSWORD, ["LEI"], False)


def _look(made: World, more: list[str]) -> None:
    """Open each page as somebody who can, and note the forms on it."""
    bob, nell, kim = (made.half_in(email) for email in (BOB, NELL, KIM))
    kim.post("/console/sign-in/code", code=phone.code(KIM))
    found_at = made.ann.client.post("/console/find", data={"csrf_token": made.ann.token(), "prison": "LEI"}).location
    nobody, kinds = made.somebody(), dict[tuple[str, ...], tuple[Person, Form]]()
    pages = [(nobody if f"console.{name}" in OPEN else made.ann, path) for name, _, path in made.addresses("GET")]
    pages += [(made.ann, path) for path in (*more, *STATES, found_at)]
    pages += [(bob, "/console/sign-in/code"), (bob, "/console/sign-in/recovery-code")]
    pages += [(nell, "/console/sign-in/set-up"), (kim, "/console/account")]
    before = rows()
    made.views += [look(made.app, person, path) for person, path in pages]
    made.changed |= changed(before)
    made.cookies |= {view.person: view.person.client.get_cookie("session").value for view in made.views}
    warned = [one for path in ("free", "ask") for one in _warned(made, path)]
    for view in [*made.views, *warned]:
        for form in view.forms:
            kinds.setdefault((made.endpoint(form), *form.fields), (view.person, form))
    made.forms += kinds.values()


def _warned(made: World, name: str) -> list[View]:
    """What an officer is shown whose words to the family give something away: only then is a reason asked for."""
    (path,) = [path for endpoint, _, path in made.addresses("POST") if endpoint == name]
    token, act = made.ann.token(), str(uuid.uuid4())
    sent = {"csrf_token": token, f"{name}-act": act, f"{name}-text": "He was moved to B wing"}
    answer = made.ann.client.post(path, data=sent)
    return [View(made.ann, path, answer, set(), list(forms(BeautifulSoup(answer.text, "html.parser"), path)))]


def _concerns(session: Session, linked: str, bob: int) -> list[Concern]:
    """One in a colleague's hands, one that waits for a second person, one that is closed; and a link to the sample."""
    in_hand, proposed, closed = (a_concern(session, urgency=how) for how in ("urgent", "emergency", "routine"))
    acts.acknowledge(session, in_hand, bob)
    acts.add_note(session, in_hand, bob, "I have rung the wing")
    for one in (proposed, closed):
        closing.close(session, one, bob, "welfare_check")
    sample = session.scalars(select(Concern).where(Concern.reference == linked)).one()
    links.link_by_hand(session, sample, bob, in_hand)
    return [in_hand, proposed, closed]


def _calls(session: Session, bob: int) -> None:
    done = callbacks.ask(session, a_message(session, "ring me too").id, "+447700900457")
    callbacks.enrich(session, done, done.message_id, prison_id="LEI")
    callbacks.finish(session, done, bob, next(iter(callbacks.outcomes())))


def _messages(session: Session, bob: int) -> None:
    """One that was dismissed, one that was not processed, and one with an opinion."""
    dismissed, held = a_message(session, "never mind"), a_message(session, "hello?")
    session.get_one(Conversation, dismissed.conversation_id).prison_id = "LEI"
    _store(session, dismissed, a_risk(level="possible"), [])
    session.flush()
    deciding.dismiss(session, dismissed.id, bob, "no_worry")
    hold(session, held.id, Reply("Sorry."))
    feedback.give(session, a_message(session, "4, it helped").id, score=4, words="it helped")
