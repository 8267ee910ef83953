"""What families write lies encrypted in the database, and a key that is destroyed takes it away for good."""

import hashlib
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import psycopg
import pytest
from cachetools import TTLCache
from factories import a_concern, a_conversation, a_message, a_risk
from hypothesis import HealthCheck, given
from hypothesis import settings as rounds
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from gateway import db
from gateway.callbacks import service as callbacks
from gateway.concerns import acts, intake, service
from gateway.concerns.models import Concern
from gateway.config import ROOT
from gateway.conversations.models import Conversation, Message
from gateway.conversations.service import (
    Inbound,
    Reply,
    accept,
    answer,
    keep,
    say_to_family,
)
from gateway.conversations.threads import known_number, sms_conversation
from gateway.db import unit_of_work
from gateway.deliveries.models import Delivery
from gateway.feedback import service as feedback
from gateway.media import service as media
from gateway.media.models import Media
from gateway.privacy import vault
from gateway.privacy.blind import address_index, prisoner_name_index, prisoner_number_index
from gateway.privacy.models import DataKey
from gateway.privacy.sealed import Private, private, sealed
from gateway.reporting import export
from gateway.suspects import service as suspects
from gateway.wording import say
from tests.conftest import _use

NUMBER, OTHER_NUMBER = "+447700900917", "+447700900918"
# Signs by which what was planted is known again wherever it lies.
PLANTED = [
    "Quendolyn",
    "Zwyzzard",
    "A9876ZQ",
    "1987-06-05",
    "5 June 1987",
    "447700900917",
    "447700900918",
    "quibblefax",
]


def as_stored(session: Session) -> str:
    """Every column of every row of every table, as a dump would show it."""
    tables = session.scalars(
        text(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
    ).all()
    assert len(tables) > 15
    return "\n".join(row for table in tables for row in session.scalars(text(f"SELECT t::text FROM {table} AS t")))


def a_whole_conversation(session: Session) -> Concern:
    """By text: a worry with all that can be told, the answers, a note, a call, an opinion and a STOP."""
    conversation = a_conversation(session, "sms", NUMBER)
    first = a_message(session, "Quendolyn Zwyzzard A9876ZQ born 5 June 1987 wants to die, quibblefax", conversation)
    intake.take_in(session, first.id, a_risk(urgency="emergency"), ["quibblefax earlier"])
    concern = session.scalars(select(Concern)).one()
    service.enrich(
        session, concern, first.id,
        prison_id="LEI", prisoner_name="Quendolyn Zwyzzard", prisoner_number="A9876ZQ",
        prisoner_dob=date(1987, 6, 5), summary="quibblefax", reporter_name="Quendolyn", contact_when="quibblefax",
        reporter_relationship="quibblefax", reporter_contact=OTHER_NUMBER,
    )  # fmt: skip
    answer(session, first, [Reply("Is Quendolyn Zwyzzard, born 5 June 1987, right?")])
    service.give_receipt(session, concern, first.id)
    acts.add_note(session, concern, _staff(session), "quibblefax rang")
    callback = callbacks.ask(session, a_message(session, "ring me", conversation).id, OTHER_NUMBER)
    callbacks.enrich(session, callback, first.id, good_time="quibblefax", about="quibblefax")
    opinion = feedback.give(session, a_message(session, "3", conversation).id, score=3)
    feedback.add_words(session, opinion.id, "quibblefax")
    keep(session, conversation, Inbound("STOP quibblefax"), keyword="stop")
    a_photo(session, conversation)
    form = [["From", NUMBER], ["Body", "quibblefax"]]
    suspects.keep(session, reason="signature", form=form, headers={}, sender="127.0.0.1", names_account=False)
    return concern


def a_photo(session: Session, conversation: Conversation) -> Media:
    came = [{"url": "https://twilio.invalid/quibblefax", "type": "image/png"}]
    message = accept(session, conversation, Inbound("", media=came))
    assert message is not None
    photo = session.scalars(select(Media).where(Media.message_id == message.id)).one()
    media.keep(session, photo.id, b"the bytes of quibblefax", "image/png")
    session.flush()
    return photo


def _staff(session: Session) -> int:
    from gateway.staff.duty_phones import add_phone
    from gateway.staff.service import add_staff

    one = add_staff(session, "a@prison.example", "A", "twelve plain signs", ["LEI"], False)
    add_phone(session, one.email, OTHER_NUMBER, None)
    return one.id


def test_nothing_that_was_told_lies_in_any_table_in_plain(session: Session) -> None:
    a_whole_conversation(session)

    stored = as_stored(session).lower()
    assert "self_harm_suicide" in stored and "leeds" in stored  # the scan does see what is not encrypted
    assert [word for word in PLANTED if word.lower() in stored] == []


def test_all_of_it_is_read_as_it_was_told(database: str) -> None:
    with unit_of_work() as session:
        a_whole_conversation(session)
    with unit_of_work() as session:
        (told,) = export.concerns(session)
        texts = [message["text"] for message in export.messages(session)]

    assert (told["prisoner_name"], told["prisoner_number"], told["prisoner_dob"]) == (
        "Quendolyn Zwyzzard", "A9876ZQ", "1987-06-05",
    )  # fmt: skip
    assert (told["conversation"], told["reporter_contact"]) == (NUMBER, OTHER_NUMBER)
    assert len(told["words"]) == 1 and told["words"][0].endswith("wants to die, quibblefax")
    assert "STOP quibblefax" in texts and "Is Quendolyn Zwyzzard, born 5 June 1987, right?" in texts


@pytest.mark.parametrize("plain", ["a bare text", date(1990, 1, 1), 7])
def test_what_is_not_encrypted_is_not_stored(work: Session, plain: object) -> None:
    concern = a_concern(work)
    concern.summary = plain  # type: ignore[assignment]

    with pytest.raises(StatementError, match="only what `private` has encrypted may be stored") as refused:
        work.flush()
    assert isinstance(refused.value.orig, TypeError)
    assert "a bare text" not in str(refused.value)


@rounds(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.text())
def test_any_text_comes_back_as_it_was(work: Session, told: str) -> None:
    message = a_message(work)
    work.execute(update(Message).where(Message.id == message.id).values(text=private(work, uuid.uuid4(), told)))
    stored = work.scalar(text("SELECT text FROM message WHERE id = :id").bindparams(id=message.id))

    assert work.scalar(select(Message.text).where(Message.id == message.id)) == told
    assert len(told) < 5 or told not in str(stored)


def test_a_photo_is_read_as_it_was_sent_until_its_conversations_key_is_destroyed(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    def as_read() -> tuple[str, bytes | None]:
        with unit_of_work() as session:
            return session.execute(select(Media.url, Media.content)).one()._tuple()

    with unit_of_work() as session:
        conversation = a_conversation(session)
        photo = a_photo(session, conversation)
        assert photo.sha256 == hashlib.sha256(b"the bytes of quibblefax").hexdigest()
    assert as_read() == ("https://twilio.invalid/quibblefax", b"the bytes of quibblefax")
    with unit_of_work() as session:
        vault.destroy(session, conversation.id)
    assert as_read() == (say("desk.erased"), None) and "privacy.unreadable" not in caplog.messages

    with unit_of_work() as session:
        session.execute(text("UPDATE media SET content = 'in plain'"))
    assert as_read()[1] is None and "privacy.unreadable" in caplog.messages


def test_bytes_that_are_not_encrypted_are_not_stored(work: Session) -> None:
    photo = a_photo(work, a_conversation(work))
    photo.content = b"bare bytes"  # type: ignore[assignment]

    with pytest.raises(StatementError, match="only what `private_bytes` has encrypted may be stored"):
        work.flush()


@rounds(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(born=st.dates(min_value=date(1000, 1, 1)))
def test_any_day_comes_back_as_it_was(work: Session, born: date) -> None:
    concern = a_concern(work, details={"prisoner_dob": born})
    work.expire(concern)

    assert concern.prisoner_dob == born


def test_the_same_words_are_encrypted_differently_each_time(work: Session) -> None:
    owner = uuid.uuid4()

    assert private(work, owner, "help").sealed != private(work, owner, "help").sealed


def test_what_is_encrypted_already_stays_as_it_is(work: Session) -> None:
    once = private(work, uuid.uuid4(), "help")

    assert private(work, uuid.uuid4(), once) is once
    assert sealed(work, uuid.uuid4(), Message, {"text": once, "state": "out"}) == {"text": "help", "state": "out"}


def test_each_conversation_has_one_key_of_its_own(session: Session) -> None:
    one, other = a_conversation(session, "sms", NUMBER), a_conversation(session, "sms", OTHER_NUMBER)
    a_message(session, "hello", one)

    assert sorted(session.scalars(select(DataKey.owner))) == sorted([one.id, other.id])


# ----- looking up -----


def test_a_number_finds_its_conversation_and_is_kept_once(work: Session) -> None:
    made = sms_conversation(work, NUMBER)

    assert sms_conversation(work, NUMBER) is made
    assert known_number(work, NUMBER) is made and known_number(work, OTHER_NUMBER) is None
    assert len(work.scalars(select(DataKey)).all()) == 1


def test_two_first_texts_at_once_make_one_conversation(database: str) -> None:
    both = threading.Barrier(2)

    def text_in(_: int) -> uuid.UUID:
        with unit_of_work() as session:
            assert known_number(session, NUMBER) is None
            both.wait(10)
            return sms_conversation(session, NUMBER).id

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(text_in, range(2))
    with unit_of_work() as session:
        assert session.execute(select(Conversation.id, Conversation.address)).all() == [(one, NUMBER)] and one == other


@pytest.mark.parametrize(
    "same", ["Kyle O'Brien-Smith", "kyle obrien smith", "KYLE  O’BRIEN SMITH", "Kylé O'Brien Smith"]
)
def test_a_name_is_found_however_it_is_written(same: str) -> None:
    assert prisoner_name_index(same) == prisoner_name_index("Kyle O'Brien-Smith")


def test_other_names_and_numbers_have_other_indexes() -> None:
    assert prisoner_name_index("Kyle Smith") != prisoner_name_index("Kylesmith")
    assert prisoner_number_index("a1234 bc") == prisoner_number_index("A1234BC") != prisoner_number_index("A1234BD")
    assert len({index("A1234BC") for index in (address_index, prisoner_name_index, prisoner_number_index)}) == 3


def test_a_concern_is_found_by_the_person_that_it_is_about(work: Session) -> None:
    concern = a_concern(work, details={"prisoner_name": "Kyle Smith", "prisoner_number": "A1234BC"})

    query = select(Concern).where(Concern.prisoner_name_index == prisoner_name_index("kyle smith"))
    assert work.scalars(query).one() is concern
    assert concern.prisoner_number_index == prisoner_number_index("A1234BC")
    concern.prisoner_name = None
    assert concern.prisoner_name_index is None


# ----- destroying -----


def test_a_destroyed_key_leaves_a_sentence_and_no_date(database: str) -> None:
    with unit_of_work() as session:
        concern = a_whole_conversation(session)
        other = a_concern(session, "somebody else")
    with unit_of_work() as session:
        assert vault.destroy(session, concern.conversation_id)
        assert not vault.destroy(session, concern.conversation_id)

    with unit_of_work() as session:
        erased, kept = export.concerns(session)
        texts = {message["text"] for message in export.messages(session)}
    assert erased["words"] == [say("desk.erased")] and erased["prisoner_name"] == say("desk.erased")
    assert erased["prisoner_dob"] is None
    assert kept["words"] == ["somebody else"] and kept["reference"] == other.reference
    assert texts == {say("desk.erased"), "somebody else"}


def test_destroying_is_undone_with_its_transaction(database: str) -> None:
    with unit_of_work() as session:
        concern = a_concern(session, "he is scared")
    with pytest.raises(ZeroDivisionError), unit_of_work() as session:
        vault.destroy(session, concern.conversation_id)
        1 / 0  # noqa: B018

    with unit_of_work() as session:
        assert service.words(session, session.get_one(Concern, concern.id)) == ["he is scared"]


def test_who_writes_again_after_an_erasure_is_read_and_answered(database: str) -> None:
    with unit_of_work() as session:
        before = a_message(session, "before", a_conversation(session, "sms", NUMBER))
    with unit_of_work() as session:
        vault.destroy(session, before.conversation_id)
        # Whoever destroys it may still say so to the family.
        say_to_family(session, session.get_one(Conversation, before.conversation_id), Reply("done"), sender="system")
    with unit_of_work() as session:
        conversation = sms_conversation(session, NUMBER)
        assert conversation.id == before.conversation_id
        accept(session, conversation, Inbound("after"))

    with unit_of_work() as session:
        assert session.scalars(select(Message.text).order_by(Message.id)).all() == [say("desk.erased"), "done", "after"]
        assert session.execute(select(Delivery.address, Delivery.body)).all() == [(NUMBER, "done")]
        assert session.scalars(select(Conversation.address)).all() == [NUMBER]


def test_a_key_is_not_destroyed_while_somebody_writes_with_it(database: str) -> None:
    with unit_of_work() as session:
        owner = a_message(session, "before").conversation_id
    with db._sessions()() as writer, db._sessions()() as eraser:
        private(writer, owner, "now")
        eraser.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(Exception, match="lock timeout"):
            vault.destroy(eraser, owner)


def test_another_process_stops_reading_when_its_memory_is_over(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with unit_of_work() as session:
        owner = a_message(session, "hello").conversation_id
    moment = [0.0]
    monkeypatch.setattr(vault, "_remembered", TTLCache(10, vault.REMEMBERED_SECONDS, timer=lambda: moment[0]))
    with unit_of_work() as session:
        assert session.scalars(select(Message.text)).one() == "hello"
    with psycopg.connect(database) as elsewhere:
        elsewhere.execute("DELETE FROM data_key WHERE owner = %s", [owner])

    moment[0] = 60
    with unit_of_work() as session:
        assert session.scalars(select(Message.text)).one() == say("desk.erased")


def test_as_many_as_there_are_connections_read_at_once_and_wait_for_nobody(database: str) -> None:
    at_once = 24  # db.engine: 8 kept open and 16 more
    with unit_of_work() as session:
        for number in range(at_once):
            conversation = sms_conversation(session, f"+447700900{number:03d}")
            a_concern(session, f"he cannot go on {number}", conversation=conversation)
    together = threading.Barrier(at_once)

    def read(number: int) -> str:
        with unit_of_work() as session:
            session.connection()
            together.wait(30)
            query = select(Message.text).where(Message.text.is_not(None)).order_by(Message.id)
            return str(session.scalars(query.offset(number).limit(1)).one())

    vault.forget()
    with ThreadPoolExecutor(at_once) as pool:
        assert set(pool.map(read, range(at_once))) == {f"he cannot go on {number}" for number in range(at_once)}


def test_a_value_that_was_changed_in_the_database_says_so_and_hides_nothing_else(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    with unit_of_work() as session:
        one, other = a_concern(session, "one"), a_concern(session, "other")
    with unit_of_work() as session:
        session.execute(text("UPDATE message SET text = 'in plain' WHERE id = :id").bindparams(id=one.opened_by))

    with unit_of_work() as session:
        found = {told["reference"]: told["words"] for told in export.concerns(session)}
    assert found == {one.reference: [say("desk.unreadable")], other.reference: ["other"]}
    assert "privacy.unreadable" in caplog.messages


def test_the_words_of_one_conversation_cannot_be_passed_off_as_another_keys(database: str) -> None:
    with unit_of_work() as session:
        one, other = a_message(session, "one"), a_message(session, "other")
        swapped = f"{other.text.sealed.partition(':')[0]}:{one.text.sealed.partition(':')[2]}"
        session.execute(update(Message).where(Message.id == one.id).values(text=Private("", swapped)))

    with unit_of_work() as session:
        assert session.scalar(select(Message.text).where(Message.id == one.id)) == say("desk.unreadable")


# ----- what was there before -----


def test_the_migration_encrypts_what_was_there(postgres: str) -> None:
    from alembic import command
    from alembic.config import Config

    from tests.conftest import _run

    _run(postgres, "DROP DATABASE IF EXISTS earlier", "CREATE DATABASE earlier")
    address = postgres.replace("/postgres?", "/earlier?")
    _use(address)
    command.upgrade(Config(ROOT / "alembic.ini"), "0006")
    _run(address, *AS_BEFORE)
    command.upgrade(Config(ROOT / "alembic.ini"), "head")

    with unit_of_work() as session:
        (told,) = export.concerns(session)
        texts = [message["text"] for message in export.messages(session)]
        stored = as_stored(session)
        assert known_number(session, NUMBER) is not None
        assert session.scalar(text("SELECT prisoner_name_index FROM concern")) == prisoner_name_index("Quendolyn")
    assert texts == ["he wants quibblefax"] * 1203
    assert (told["prisoner_name"], told["prisoner_dob"], told["conversation"]) == ("Quendolyn", "1987-06-05", NUMBER)
    assert [word for word in PLANTED if word in stored] == []
    with pytest.raises(RuntimeError, match="restore the dump"):
        command.downgrade(Config(ROOT / "alembic.ini"), "0006")
    db.engine().dispose()
    _run(postgres, "DROP DATABASE earlier WITH (FORCE)")


AS_BEFORE = [
    "INSERT INTO conversation (id, channel, address, opened_at) VALUES "
    f"('6f1c2f3e-0000-4000-8000-000000000001', 'sms', '{NUMBER}', now())",
    "INSERT INTO message (conversation_id, sender, text, state, media, buttons, sources, at) "
    "SELECT '6f1c2f3e-0000-4000-8000-000000000001', 'family', 'he wants quibblefax', 'answered', '[]', '[]', '[]', "
    "now() FROM generate_series(1, 1203)",
    "INSERT INTO concern (reference, conversation_id, opened_by, channel, opened_at, status, urgency, category, "
    "subject, model_version, prisoner_name, prisoner_dob, next_alarm_at, escalation_step) SELECT 'ABC-2345', "
    "conversation_id, id, 'sms', now(), 'open', 'urgent', 'other', 'prisoner', 'm', 'Quendolyn', '1987-06-05', now(), "
    "0 FROM message LIMIT 1",
    "INSERT INTO assessment (message_id, level, scores, model_version, text, at) "
    "SELECT id, 'likely', '{}', 'm', 'quibblefax', now() FROM message LIMIT 2",
    f"INSERT INTO delivery (medium, address, body, message_id, reason, state, attempts, queued_at) "
    f"SELECT 'sms', '{NUMBER}', 'quibblefax', id, 'reply', 'sent', 1, now() FROM message LIMIT 1",
    "INSERT INTO delivery (medium, address, subject, body, concern_id, reason, state, attempts, queued_at) "
    "SELECT 'email', 'a@b.example', 's', 'quibblefax', id, 'alert', 'sent', 1, now() FROM concern",
    "INSERT INTO delivery (medium, address, body, reason, state, attempts, queued_at) "
    f"VALUES ('sms', '{OTHER_NUMBER}', 'quibblefax', 'alert', 'sent', 1, now())",
    "INSERT INTO callback (reference, conversation_id, message_id, number, about, asked_at) "
    f"SELECT 'CBK-2345', conversation_id, id, '{OTHER_NUMBER}', 'quibblefax', now() FROM message LIMIT 1",
    "INSERT INTO feedback (conversation_id, message_id, about, words, at) "
    "SELECT conversation_id, id, 'service', 'quibblefax', now() FROM message LIMIT 1",
]
