"""Playing all stories at once, in the order of time, with the clocks running as in the service."""

import heapq
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select, text

from gateway.concerns.models import Concern, Status
from gateway.db import now, unit_of_work
from gateway.routing.service import escalate_due
from scripts.demo.acts import Cast, act
from scripts.demo.clock import Clock, moved_to
from scripts.demo.family import Family
from scripts.demo.post import Post
from scripts.demo.stories import Story

BETWEEN_ANSWERS = timedelta(minutes=1)


def play(stories: list[Story], assemble: Callable[[], Cast]) -> None:
    """Everything that has happened by now, after the cast was assembled. What would come later is left out."""
    until = now()
    with moved_to(min(story.begins(until) for story in stories) - timedelta(days=1)) as clock:
        stage = Stage(clock, assemble())
        waiting = [(story.begins(until), number, stage.tell(story, until)) for number, story in enumerate(stories)]
        heapq.heapify(waiting)
        while waiting and waiting[0][0] <= until:
            moment, number, story = heapq.heappop(waiting)
            stage.go_on_to(moment)
            following = next(story, None)
            stage.post.bring()
            if following is not None:
                heapq.heappush(waiting, (following, number, story))
        stage.go_on_to(until)
    _forget_jobs()


class Stage:
    """Where the stories play."""

    def __init__(self, clock: Clock, cast: Cast) -> None:
        self.clock, self.cast, self.post = clock, cast, Post()

    def tell(self, story: Story, until: datetime) -> Iterator[datetime]:
        """Each step plays when the one before has given its time and that has come."""
        family, began = Family(story.sender), story.begins(until)
        family.writes(story.says, story.risk, story.photo)
        if story.fails:
            self.post.fails[family.id] = story.fails
        last = began
        acts, answered = list(story.then), set[str]()
        while (answer := story.answer_to(family.asked, answered)) or acts:
            answers_at = last + BETWEEN_ANSWERS
            if answer and (not acts or answers_at <= began + acts[0][0]):
                last = answers_at
                yield last
                answered.add(str(family.asked))
                family.writes(answer)
                continue
            passed, who, what, words = acts.pop(0)
            last = max(last, began + passed)
            yield last
            act(family, self.cast, who, what, words)

    def go_on_to(self, moment: datetime) -> None:
        """Let the clocks run until then: whoever has not answered in time is told of, as the worker would."""
        while (alarm := self._next_alarm()) is not None and alarm <= moment:
            self.clock.move_to(alarm)
            with unit_of_work() as session:
                escalate_due(session)
            self.post.bring()
        self.clock.move_to(moment)

    def _next_alarm(self) -> datetime | None:
        with unit_of_work() as session:
            open_ones = select(func.min(Concern.next_alarm_at)).where(Concern.status != Status.CLOSED.value)
            return session.scalar(open_ones)


def _forget_jobs() -> None:
    """What was played here must not be done again by a worker."""
    with unit_of_work() as session:
        session.execute(text("DELETE FROM procrastinate_jobs WHERE status = 'todo'"))
