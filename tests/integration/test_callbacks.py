"""Calls that families ask for, from the first answer to the staff's outcome, on a real database."""

from typing import Any

import pytest
from factories import a_conversation, a_message
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry
from gateway.callbacks import desk, service
from gateway.callbacks.models import Callback
from gateway.concerns.heard import Heard
from gateway.staff.service import add_staff

NUMBER = "+447700900456"


def a_call(session: Session, prison: str | None = "LEI", number: str = NUMBER) -> Callback:
    callback = service.ask(session, a_message(session, "ring me").id, number)
    service.enrich(session, callback, callback.message_id, prison_id=prison)
    return callback


def staff(session: Session, *prisons: str, unrouted: bool = False) -> Any:
    email = f"{'-'.join(prisons) or 'duty'}@prison.invalid"
    return add_staff(session, email, "Ann", "twelve plain signs", list(prisons), unrouted)


def events(session: Session) -> list[str]:
    session.flush()
    found = select(LogEntry.event).where(LogEntry.event.startswith("callback:")).order_by(LogEntry.id)
    return list(session.scalars(found))


def test_a_call_is_kept_once_for_each_message(work: Session) -> None:
    message = a_message(work, "ring me on 07700 900456")

    first, again = service.ask(work, message.id, NUMBER), service.ask(work, message.id, NUMBER)
    assert first.id == again.id and work.scalar(select(func.count(Callback.id))) == 1
    assert events(work) == ["callback:asked"]


def test_only_what_is_the_familys_can_be_set_and_only_changes_are_logged(work: Session) -> None:
    callback = a_call(work, prison=None)
    service.enrich(work, callback, callback.message_id, good_time="after six")
    service.enrich(work, callback, callback.message_id, good_time="after six")

    with pytest.raises(ValueError, match="outcome"):
        service.enrich(work, callback, callback.message_id, outcome="spoke")
    assert events(work) == ["callback:asked", "callback:enriched"]


def test_staff_see_the_calls_of_their_prisons_and_the_duty_desk_those_of_none(work: Session) -> None:
    leeds, hull, duty = staff(work, "LEI"), staff(work, "HLI"), staff(work, unrouted=True)
    at_leeds, nowhere = a_call(work, "LEI"), a_call(work, None)
    a_call(work, "HLI")

    assert [line.callback.id for line in service.waiting(work, leeds).lines] == [at_leeds.id]
    assert [line.callback.id for line in service.waiting(work, duty).lines] == [nowhere.id]
    assert not service.may_see(work, hull, at_leeds) and service.may_see(work, leeds, at_leeds)


def test_a_call_to_a_prison_without_staff_here_is_seen_by_the_duty_desk(work: Session) -> None:
    duty = staff(work, unrouted=True)
    callback = a_call(work, "LEI")

    assert service.may_see(work, duty, callback) and service.reader_prison(work, callback) is None
    leeds = staff(work, "LEI")
    assert not service.may_see(work, duty, callback) and service.reader_prison(work, callback).id == "LEI"
    leeds.active = False
    work.flush()
    assert service.may_see(work, duty, callback)


def test_who_has_waited_longest_comes_first_in_pages_of_fifty(work: Session) -> None:
    leeds = staff(work, "LEI")
    calls = [a_call(work).id for _ in range(51)]

    first, last = service.waiting(work, leeds), service.waiting(work, leeds, 9)
    assert [line.callback.id for line in first.lines] == calls[:50] and (first.total, first.pages) == (51, 2)
    assert [line.callback.id for line in last.lines] == calls[50:] and last.number == 2


def test_a_call_is_finished_once_with_an_outcome_from_the_list(work: Session) -> None:
    leeds, callback = staff(work, "LEI"), a_call(work)
    for wrong in ("made_up", service.TAKEN_BACK):
        with pytest.raises(KeyError):
            service.finish(work, callback, leeds.id, wrong)
    service.finish(work, callback, leeds.id, "spoke")

    with pytest.raises(service.AlreadyDone):
        service.finish(work, callback, leeds.id, "no_answer")
    assert (callback.outcome, callback.done_by) == ("spoke", leeds.id)
    assert service.waiting(work, leeds).lines == [] and events(work)[-1] == "callback:done"


def test_a_call_taken_back_waits_no_more_and_a_finished_one_stays_as_it_is(work: Session) -> None:
    leeds, callback, rung = staff(work, "LEI"), a_call(work), a_call(work)
    service.finish(work, rung, leeds.id, "spoke")
    for one in (callback, callback, rung):
        service.take_back(work, one, one.message_id)

    assert (callback.outcome, callback.done_by, rung.outcome) == ("taken_back", None, "spoke")
    assert events(work).count("callback:taken_back") == 1


# ----- the dialogue's side -----


class Talk:
    """A family answering the questions about a call."""

    def __init__(self, session: Session, channel: str = "web") -> None:
        self.session = session
        self.conversation = a_conversation(session, channel)
        self.step: desk.Step | None = None

    def begin(self, text: str, wanted: bool = True) -> desk.Step:
        message = a_message(self.session, text, self.conversation)
        self.session.commit()
        self.step = desk.begin(str(self.conversation.id), message.id, text, wanted=wanted)
        return self.step

    def say(self, text: str, **heard: Any) -> desk.Step:
        message = a_message(self.session, text, self.conversation)
        self.session.commit()
        before = self.step
        assert before and before.next_question
        self.step = self.answer(message.id, text, before, **heard)
        return self.step

    def answer(self, message_id: int, text: str, before: desk.Step, **heard: Any) -> desk.Step:
        offered = [option["id"] for option in before.options]
        return desk.answer(
            str(self.conversation.id), message_id, str(before.next_question), Heard(text, **heard),
            settled=before.settled, reference=before.reference, offered=offered, tries=before.tries,
        )  # fmt: skip

    def rows(self) -> list[Callback]:
        self.session.expire_all()
        return list(self.session.scalars(select(Callback).order_by(Callback.id)))


def test_the_answers_become_one_row(work: Session) -> None:
    talk = Talk(work)

    asked = [talk.begin("can someone ring me").next_question]
    asked += [talk.say(text).next_question for text in ("07700 900456", "after six", "hmp leeds", "my visits")]
    assert asked == ["number", "time", "prison", "about", None]
    [row] = talk.rows()
    assert (row.number, row.good_time, row.prison_id, row.about) == (NUMBER, "after six", "LEI", "my visits")


def test_a_call_is_kept_as_soon_as_there_is_a_number(work: Session) -> None:
    talk = Talk(work)
    talk.begin("can someone ring me on 07700 900456 please")

    [row] = talk.rows()
    assert row.number == NUMBER and talk.step and talk.step.next_question == "time"


def test_by_text_the_own_number_is_offered_and_taken(work: Session) -> None:
    talk = Talk(work, "sms")

    assert talk.begin("ring me").values["number"] == "07700 900123"
    talk.say("yes")
    assert [row.number for row in talk.rows()] == ["+447700900123"]


def test_the_same_answer_again_changes_nothing_more(work: Session) -> None:
    talk = Talk(work)
    before = talk.begin("ring me")
    message = a_message(work, "07700 900456", talk.conversation)
    work.commit()

    first, again = (talk.answer(message.id, "07700 900456", before) for _ in range(2))
    assert first == again and len(talk.rows()) == 1


def test_the_prison_named_before_is_offered_and_a_yes_takes_it(work: Session) -> None:
    talk = Talk(work)
    talk.conversation.prison_id = "LEI"
    talk.begin("ring me on 07700 900456 any time")

    assert [option["id"] for option in talk.step.options] == ["LEI"]
    talk.say("yes")
    assert [row.prison_id for row in talk.rows()] == ["LEI"]


def test_stop_keeps_the_call_and_never_mind_takes_it_back(work: Session) -> None:
    kept, gone = Talk(work), Talk(work)
    for talk in (kept, gone):
        talk.begin("ring me on 07700 900456")
    stopped, taken = kept.say("stop asking"), gone.say("never mind")

    assert stopped.reference and stopped.next_question is None
    assert taken.reference is None and taken.say == "taken_back"
    assert [row.outcome for row in kept.rows()] == [None, "taken_back"]


def test_who_will_see_it_is_said_truly(work: Session) -> None:
    callback = a_call(work, "LEI")
    work.commit()
    without = desk.finished(callback.reference)
    staff(work, "LEI")
    work.commit()

    assert without["prison_name"] == "" and without["number"] == "07700 900456"
    assert desk.finished(callback.reference)["prison_name"] == "HMP Leeds"
