"""The chat page. It is a form that works without a script; chat.js makes it quicker."""

import re
import time
import uuid
from contextlib import suppress
from datetime import date
from typing import Any

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from gateway import reach
from gateway.conversations import tokens
from gateway.conversations.service import is_waiting
from gateway.db import unit_of_work
from web.chat import cookie, feedback, thread
from web.chat.api import api
from web.chat.forms import ChatForm, MessageForm
from web.errors import sentence

chat = Blueprint("chat", __name__)
chat.register_blueprint(api)

# Where "Exit this page" leads: something that anybody might have been reading.
ELSEWHERE = "https://www.bbc.co.uk/weather"


@chat.get("/chat")
def page() -> ResponseReturnValue:
    """The conversation so far, and a box to write in."""
    return _page(MessageForm())


@chat.post("/chat")
def send() -> ResponseReturnValue:
    """Keep what was written and show the page again, with the replies if they came in time."""
    form = MessageForm()
    if not form.validate():
        return _page(form), 413 if form.is_too_long else 400
    try:
        conversation_id = thread.known(cookie.conversation_id()) or thread.new()
        message_id = thread.take(conversation_id, form.text.data)
    except (ServiceUnavailable, TooManyRequests) as error:
        reason = "not_kept" if isinstance(error, ServiceUnavailable) else "429"
        form.text.errors = [sentence(reason)]
        return _page(form), error.code
    if message_id is not None:
        with suppress(reach.DatabaseAway):
            thread.wait_for_answer(message_id, current_app.config["SETTINGS"].chat_wait)
    return cookie.remember(_back_to_page("latest"), tokens.sign(conversation_id))


@chat.post("/chat/feedback")
def rate() -> ResponseReturnValue:
    """Keep whether the last answer helped, and show the page again with a word of thanks."""
    if not ChatForm().validate():
        return _back_to_page()
    return _back_to_page("latest", helped=feedback.press(cookie.conversation_id()))


@chat.post("/chat/forget")
def forget() -> ResponseReturnValue:
    """Drop the conversation from this browser. What was said stays in the log."""
    if not ChatForm().validate():
        return _back_to_page()
    return cookie.forget(_back_to_page())


@chat.get("/chat/exit")
def leave() -> ResponseReturnValue:
    """Away, fast. A GET, because it must work from a link; it changes nothing but what this browser remembers."""
    return cookie.forget(make_response(redirect(ELSEWHERE, 303)))


@chat.get("/widget.js")
def widget() -> Response:
    """The button for other sites, which may load it from here."""
    response = current_app.send_static_file("widget.js")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _page(form: MessageForm) -> str:
    conversation_id = thread.known(cookie.conversation_id())
    spooled = conversation_id is not None and thread.in_spool(conversation_id)
    try:
        messages, pending = reach.ask(lambda: _said(conversation_id)) if conversation_id else ([], False)
    except reach.DatabaseAway:
        messages, pending = [thread.notice(kept=spooled)], spooled
    return render_template(
        "chat/page.html",
        form=form,
        token=tokens.sign(conversation_id) if conversation_id else "",
        messages=messages,
        pending=pending or spooled,
        moment=int(time.time()),
        thanked=feedback.thanked(),
    )


def _said(conversation_id: uuid.UUID) -> tuple[list[dict[str, Any]], bool]:
    with unit_of_work() as session:
        return thread.whole_since(session, conversation_id, 0), is_waiting(session, conversation_id)


def _back_to_page(anchor: str | None = None, helped: str | None = None) -> Response:
    return make_response(redirect(url_for("chat.page", _anchor=anchor, helped=helped), 303))


@chat.app_template_filter()
def spoken_day(day: str) -> str:
    """`2026-11-21` as `21 November 2026`; anything else as it stands."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", day):
        return day
    checked = date.fromisoformat(day)
    return f"{checked.day} {checked:%B %Y}"


@chat.record_once
def _leave_csrf_to_the_forms(state: BlueprintSetupState) -> None:
    """The page's forms check their own proof and keep the family's words when it fails; the JSON takes no forms."""
    if csrf := state.app.extensions.get("csrf"):
        csrf.exempt(chat)
        csrf.exempt(api)
