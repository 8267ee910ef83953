"""What the processes log, and above all what they do not."""

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest

from gateway import logs

Lines = Callable[[], list[dict[str, object]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Logging as the processes have it; calling this gives what was logged."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    written = io.StringIO()
    logs.set_up()
    logs.set_up()
    (handler,) = (handler for handler in root.handlers if isinstance(handler.formatter, logs.JsonLines))
    handler.setStream(written)  # type: ignore[attr-defined]
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.handlers, root.level = before[0], before[1]


def test_an_event_is_one_line_with_its_fields(lines: Lines) -> None:
    logging.getLogger("gateway.deliveries.jobs").info("delivery.sent", extra={"delivery": 7, "medium": "sms"})

    (line,) = lines()
    assert (line["event"], line["level"], line["delivery"], line["medium"]) == ("delivery.sent", "info", 7, "sms")


def test_an_error_is_logged_by_its_kind_and_place_but_not_by_its_text(lines: Lines) -> None:
    try:
        try:
            raise ValueError("he wants to die")
        except ValueError as error:
            raise RuntimeError("+447700900001") from error
    except RuntimeError:
        logging.getLogger("gateway").exception("it.failed")

    (line,) = lines()
    assert [error["error"] for error in line["errors"]] == ["RuntimeError", "ValueError"]  # type: ignore[attr-defined]
    assert "test_logs.py" in str(line["errors"])
    assert "die" not in json.dumps(line) and "900001" not in json.dumps(line)


@pytest.mark.parametrize("name", ["procrastinate.worker", "httpx", "twilio.http_client", "sqlalchemy.engine"])
def test_libraries_that_print_arguments_and_addresses_are_quiet(lines: Lines, name: str) -> None:
    logging.getLogger(name).info("Job deliver(number=+447700900001)")

    assert lines() == []


def test_the_fields_of_a_librarys_record_are_left_out(lines: Lines) -> None:
    logging.getLogger("procrastinate.worker").warning("Job ended", extra={"job": {"lock": "sms-+447700900001"}})

    (line,) = lines()
    assert line["event"] == "Job ended"
    assert "job" not in line
