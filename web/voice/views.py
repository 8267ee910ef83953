"""Twilio's webhooks for calls: what to say, which key was pressed, how the call ended."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, Response, abort, request, url_for
from sqlalchemy.orm import Session

from gateway.db import unit_of_work
from gateway.deliveries import call_token
from gateway.deliveries.models import Delivery
from gateway.staff import duty_calls
from gateway.staff.duty_calls import Call
from gateway.wording import say
from web.csrf import csrf
from web.sms.signature import is_from_twilio
from web.sms.suspects import record_forgery
from web.voice import twiml

voice = Blueprint("voice", __name__, url_prefix="/voice/twilio")
# Nobody is signed in here: the signature says who posts.
csrf.exempt(voice)


@voice.before_request
def check() -> Response | None:
    """Nothing that Twilio did not sign gets past this."""
    if is_from_twilio():
        return None
    record_forgery()
    return Response(status=403)


@voice.post("/concern/<token>")
def concern(token: str) -> Response:
    """Somebody, or a machine, has answered."""
    with tested(token) as (_, test):
        if test is not None:
            return twiml.tell(test.body)
    with called(token) as (session, call):
        if duty_calls.is_machine(request.form.get("AnsweredBy", "")):
            return twiml.tell()
        return _offer(session, call, token)


@voice.post("/concern/<token>/key")
def key(token: str) -> Response:
    """A key was pressed: only 1 acknowledges."""
    with called(token) as (session, call):
        pressed = request.form.get("Digits", "")
        if pressed == "1" and not duty_calls.is_machine(request.form.get("AnsweredBy", "")):
            return twiml.tell(duty_calls.acknowledge(session, call))
        return _offer(session, call, token)


@voice.post("/status/<token>")
def status(token: str) -> Response:
    """The call is over."""
    how = request.form.get("CallStatus", ""), request.form.get("AnsweredBy", "")
    with tested(token) as (session, test):
        if test is not None:
            duty_calls.ended(session, test, *how)
            return twiml.done()
    with called(token) as (session, call):
        duty_calls.ended(session, call.delivery, *how)
    return twiml.done()


@contextmanager
def called(token: str) -> Iterator[tuple[Session, Call]]:
    """The call that a token stands for; 404 for any other."""
    with unit_of_work() as session:
        call = duty_calls.find_call(session, _delivery(token))
        if call is None:
            abort(404)
        yield session, call


@contextmanager
def tested(token: str) -> Iterator[tuple[Session, Delivery | None]]:
    """The call that only tries a route, if it is one."""
    with unit_of_work() as session:
        yield session, duty_calls.find_test(session, _delivery(token))


def _delivery(token: str) -> int:
    try:
        return call_token.read(token)
    except call_token.BadToken:
        abort(404)


def _offer(session: Session, call: Call, token: str) -> Response:
    words = duty_calls.spoken_concern(session, call.concern)
    if not duty_calls.is_waiting(call.concern):
        return twiml.tell(words, say("call.not_waiting"))
    if call.phone is None:
        return twiml.tell(words, words, say("call.not_registered"))
    return twiml.offer(words, url_for("voice.key", token=token))
