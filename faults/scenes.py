"""The faults, one kind after the other: each scene injects so many and says which."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

from faults.families import Text, Twilio
from faults.lives import Fate
from faults.mishaps import Mishaps
from faults.service import Broken
from faults.world import TWILIO_FAULTS, World

AT_ONCE = 8
# Calls fail while there are calls; more texts than these waiting would only make the run longer.
MOST_WAITING = 60
# A life ends at one of its first boundaries, each as likely: a message passes about a dozen in the worker.
WEB_BOUNDARIES, WORKER_BOUNDARIES = 10, 40


class Stage:
    """What every scene plays on."""

    def __init__(self, world: World) -> None:
        self.world, self.service = world, Broken(world)
        self.twilio = Twilio(f"http://127.0.0.1:{world.ports[0]}", world.ports, world.random)
        self.is_behind = False  # no new texts come until it is not

    def die_within(self, boundaries: int) -> Fate:
        """A death at one of the first so many boundaries."""
        return Fate(kill_at=self.world.random.randint(1, boundaries))

    def bring(self, number: int) -> None:
        """Have so many texts come in, several at a time."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self.twilio.bring, [self.twilio.write() for _ in range(number)]))

    @contextmanager
    def texts_coming(self, each: float) -> Iterator[None]:
        """Texts come in one by one, with so many seconds between them, as long as the block lasts."""
        going = True

        def come() -> None:
            while going:
                if not self.is_behind:
                    self.twilio.bring(self.twilio.write())
                time.sleep(each)

        with ThreadPoolExecutor(2) as pool:
            for _ in range(2):
                pool.submit(come)
            try:
                yield
            finally:
                going = self.is_behind = False


def web_is_killed(stage: Stage, times: int) -> int:
    """kill -9 of the web process at a boundary, while texts come in."""
    stage.service.worker()
    with stage.texts_coming(0.1):
        for _ in range(times):
            stage.service.web(0, stage.die_within(WEB_BOUNDARIES))
            _wait(lambda: stage.service.is_dead("web0"))
        stage.service.web()
    return times


def worker_is_killed(stage: Stage, times: int) -> int:
    """kill -9 of the worker at a boundary, while there is work."""
    stage.service.web()
    with stage.texts_coming(0.3):
        for number in range(times):
            stage.service.worker(stage.die_within(WORKER_BOUNDARIES))
            _wait(lambda: stage.service.is_dead("worker"))
            if number % 10 == 9:
                stage.service.hurry()
    return times


def webhooks_come_twice(stage: Stage, times: int) -> int:
    """Two copies of each text at the same moment, at two web processes."""
    stage.service.web(0)
    stage.service.web(1)
    stage.service.worker()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in range(times):
            text = stage.twilio.write()
            for port in stage.world.ports:
                pool.submit(_bring_to, stage.twilio, text, port)
    stage.service.end("web1")
    return times


def _bring_to(twilio: Twilio, text: Text, port: int) -> None:
    while not twilio.post(text, port):
        time.sleep(0.02)


def webhooks_come_late_and_in_disorder(stage: Stage, times: int) -> int:
    """Bursts of one person's texts in any order, each once more some time after it was answered."""
    stage.service.web()
    stage.service.worker()
    told: list[Text] = []
    while len(told) < times // 2:
        first = stage.twilio.write()
        burst = [first, *(stage.twilio.write(first.number) for _ in range(4))]
        stage.world.random.shuffle(burst)
        for text in burst:
            stage.twilio.bring(text)
        told += burst
    for text in told:
        stage.twilio.bring(text)
    return 2 * len(told)


def rasa_fails(stage: Stage, times: int) -> int:
    """Errors 500 and 503, connections cut, slow answers."""
    return _calls_fail(stage, stage.world.rasa.mishaps, ("500", "503", "reset", "slow"), 0.6, times)


def rasa_hangs(stage: Stage, times: int) -> int:
    """Rasa takes the question and never answers in time."""
    return _calls_fail(stage, stage.world.rasa.mishaps, ("hang",), 0.3, times)


def twilio_fails(stage: Stage, times: int) -> int:
    """Errors 500 and 429, a blocked number, connections cut before and after the text was taken, slow answers."""
    return _calls_fail(stage, stage.world.twilio_mishaps, tuple(TWILIO_FAULTS), 0.75, times)


def mail_fails(stage: Stage, times: int) -> int:
    """Mails put off, connections cut before and after the mail was taken, slow answers."""
    return _calls_fail(stage, stage.world.mail.mishaps, ("451", "reset", "reset after accept", "slow"), 0.8, times)


def _calls_fail(stage: Stage, mishaps: Mishaps, kinds: tuple[str, ...], chance: float, times: int) -> int:
    stage.service.web()
    stage.service.worker()
    mishaps.plan(kinds, chance, times)
    with stage.texts_coming(0.02):
        while mishaps.left:
            stage.service.hurry()
            stage.is_behind = stage.service.left() > MOST_WAITING
            time.sleep(0.2)
    return times


def database_crashes(stage: Stage, times: int) -> int:
    """PostgreSQL ends at once, as in a power cut, and recovers, while texts come in and are answered."""
    stage.service.web()
    stage.service.worker()
    with stage.texts_coming(0.1):
        for _ in range(times):
            time.sleep(stage.world.random.uniform(0.2, 1.0))
            stage.world.crash_database()
    return times


def database_is_away(stage: Stage, times: int) -> int:
    """Texts come in while there is no PostgreSQL at all."""
    stage.service.web()
    stage.world.stop_database()
    stage.bring(times)
    stage.world.start_database()
    return times


def disk_is_full(stage: Stage, times: int) -> int:
    """No file can grow while PostgreSQL is away, so nothing can be kept: the texts must be sent again, later."""
    stage.service.web(0, Fate(disk_full=True))
    stage.world.stop_database()
    texts = [stage.twilio.write() for _ in range(times)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(stage.twilio.post, texts))
    stage.world.start_database()
    stage.service.web()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(stage.twilio.bring, texts))
    return times


def clock_jumps(stage: Stage, times: int) -> int:
    """The worker's and the web's clocks are set an hour forward and back, by turns."""
    for number in range(times):
        off = timedelta(hours=1 if number % 2 else -1)
        stage.service.web(0, Fate(clock_off=off))
        stage.service.worker(Fate(clock_off=off))
        stage.bring(5)
    return times


def _wait(until: Callable[[], bool], within: float = 60) -> None:
    end = time.monotonic() + within
    while not until():
        if time.monotonic() > end:
            raise TimeoutError("the process has not come to its end")
        time.sleep(0.005)


# Each with its share of all the faults.
SCENES: dict[str, tuple[Callable[[Stage, int], int], float]] = {
    "web killed at a boundary": (web_is_killed, 0.05),
    "worker killed at a boundary": (worker_is_killed, 0.05),
    "webhook twice at once": (webhooks_come_twice, 0.2),
    "webhooks late and in disorder": (webhooks_come_late_and_in_disorder, 0.4),
    "Rasa fails": (rasa_fails, 0.1),
    "Rasa hangs": (rasa_hangs, 0.002),
    "Twilio fails": (twilio_fails, 0.1),
    "mail server fails": (mail_fails, 0.04),
    "database crashes": (database_crashes, 0.002),
    "database away": (database_is_away, 0.04),
    "disk full, database away": (disk_is_full, 0.02),
    "clock an hour wrong": (clock_jumps, 0.002),
}
