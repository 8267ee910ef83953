"""What the chat's tests share: words in, a stand-in for the worker, and a look at each page as a reader meets it."""

import uuid
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select

from gateway.conversations import service
from gateway.conversations.models import Message
from gateway.conversations.service import Reply
from gateway.db import unit_of_work
from tests.web.chat.reading import read_page

Say = Callable[..., dict]


@pytest.fixture
def say(web: FlaskClient) -> Say:
    """Send words through the JSON and give back its answer."""

    def send(text: object, status: int = 200, **more: object) -> dict:
        response = web.post("/chat/api/messages", json={"text": text, **more})
        assert response.status_code == status, response.text
        return response.get_json()

    return send


@pytest.fixture
def listen(web: FlaskClient) -> Say:
    """Ask the JSON what came."""

    def get(token: str, after: object = 0, status: int = 200, **more: object) -> dict:
        response = web.get("/chat/api/messages", query_string={"conversation": token, "after": after, **more})
        assert response.status_code == status, response.text
        return response.get_json()

    return get


@pytest.fixture
def answer(database: str) -> Callable[..., None]:
    """Answer all that waits, as the worker would."""

    def reply(*texts: str, **more: list) -> None:
        with unit_of_work() as session:
            for message in session.scalars(select(Message).where(Message.state.in_(["accepted", "held"]))).all():
                service.answer(session, message, [Reply(text, **more) for text in texts])

    return reply


@pytest.fixture
def staff_write(database: str) -> Callable[[str], None]:
    """Put words of the staff into the only conversation there is."""

    def write(text: str) -> None:
        with unit_of_work() as session:
            conversation = session.scalars(select(service.Conversation)).one()
            service.say_to_family(session, conversation, Reply(text), sender="staff")

    return write


@pytest.fixture
def kept(database: str) -> Callable[[], list[str]]:
    """The family's messages as they stand in the log."""

    def texts() -> list[str]:
        with unit_of_work() as session:
            return list(session.scalars(select(Message.text).where(Message.sender == "family").order_by(Message.id)))

    return texts


@pytest.fixture
def conversations(database: str) -> Callable[[], list[uuid.UUID]]:
    """The ids of all conversations."""

    def ids() -> list[uuid.UUID]:
        with unit_of_work() as session:
            return list(session.scalars(select(service.Conversation.id)))

    return ids


@pytest.fixture
def page(web: FlaskClient) -> Callable[..., BeautifulSoup]:
    """Open the chat page, which must be sound HTML."""

    def get(path: str = "/chat", status: int = 200) -> BeautifulSoup:
        response = web.get(path)
        assert response.status_code == status
        return read_page(response.text)

    return get


@pytest.fixture
def write(web: FlaskClient, page: Callable[..., BeautifulSoup]) -> Callable[..., object]:
    """Fill in the form on the page and send it, as a browser without a script does."""

    def send(text: str, follow: bool = True) -> object:
        proof = page().select_one("#write input[name=csrf_token]")["value"]
        return web.post("/chat", data={"csrf_token": proof, "text": text}, follow_redirects=follow)

    return send
