"""Words that would run are kept as they were written and only ever shown: whoever wrote them, wherever they stand."""

import uuid

from every_page import Form
from hostile import made_of_it, marked, shows
from person import Person
from sqlalchemy import text

from gateway.db import Base, unit_of_work
from gateway.privacy import vault
from gateway.privacy.sealed import Sealed, SealedDate

# What some fields must hold for the form to be taken while another one is tried.
FITTING = {"email": "dora@prison.invalid", "prisons": "LEI", "since": "", "until": "", "who": ""}
# What is never shown again, not even beside the reason why it was refused.
NEVER_SHOWN = {"code", "password", "again"}
# Columns in plain text that hold what somebody has typed.
PLAIN = ("staff.name", "prison.name", "prison.phone", "media.claimed_type", "feedback.answer")
# No two may have the same; an address with such signs is none.
ONLY = {"prison.name": "WHERE id = 'LEI'"}
# What no page of the console shows.
ON_NO_PAGE = {
    "second_factor.secret", "duty_phone.number", "delivery.subject", "delivery.body", "suspect_message.form",
    "assessment.text", "media.url", "media.claimed_type",
}  # fmt: skip


def send(person: Person, form: Form, field: str, mark: str):
    """The form with the words in one field and what fits in the others, as though its page had just been opened."""
    words = {name: form.fields.get(name) or FITTING.get(name.rpartition("-")[2], "as usual") for name in form.words}
    acts = {name: str(uuid.uuid4()) for name in form.fields if name.endswith("-act")}
    fields = form.fields | acts | words | {field: marked(mark)}
    return person.client.post(form.path, data=fields, follow_redirects=True)


def pages(whole):
    for view in whole.views:
        answer = view.person.client.get(view.path)
        if answer.mimetype == "text/html":
            yield view.path, answer.text


def test_what_staff_type_in_any_field_is_shown_and_does_nothing(fresh):
    sent = [(person, form, field) for person, form in fresh.forms if form.method == "POST" for field in form.words]
    alive, answers, wanted = {}, [], {}
    for person, form, field in sent:
        mark = f"{fresh.endpoint(form)} {field}"
        wanted[mark] = field.rpartition("-")[2]
        answers.append((mark, send(person, form, field, mark).text))
    answers += pages(fresh)
    alive = {where: made_of_it(page) for where, page in answers}
    shown = {mark for mark in wanted for _, page in answers if shows(page, mark)}

    assert {where: what for where, what in alive.items() if what} == {}
    assert {wanted[mark] for mark in wanted.keys() - shown} == NEVER_SHOWN


def fill_every_column() -> set[str]:
    """Put the words into each text that is kept of somebody, in every row."""
    sealed = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Sealed) and not isinstance(column.type, SealedDate)
    ]
    with unit_of_work() as session:
        key = str(session.execute(text("SELECT text FROM message LIMIT 1")).scalar_one()).partition(":")[0]
        for name in (*sealed, *PLAIN):
            table, column = name.split(".")
            words = marked(name)
            if name in sealed:
                token = vault.key_for_reading(uuid.UUID(hex=key)).fernet.encrypt(words.encode())
                words = f"{key}:{token.decode()}"
            each = ONLY.get(name, "")
            session.execute(text(f'UPDATE "{table}" SET "{column}" = :words {each}'), {"words": words})
    return {*sealed, *PLAIN}


def test_whatever_a_family_or_a_provider_sent_is_shown_and_does_nothing(fresh):
    filled = fill_every_column()

    shown = list(pages(fresh))
    alive = {path: made_of_it(page) for path, page in shown}

    assert {path: what for path, what in alive.items() if what} == {}
    assert {name for name in filled if not any(shows(page, name) for _, page in shown)} == ON_NO_PAGE
