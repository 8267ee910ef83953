"""Whether the log can be trusted, in one sentence for a concern's file."""

from sqlalchemy.orm import Session

from gateway.audit.anchors import read
from gateway.audit.reading import rows
from gateway.audit.verify import verify
from gateway.config import settings
from gateway.db import now
from gateway.spoken import spoken_time
from gateway.wording import say


def verification(session: Session) -> str:
    """What reading the whole log now came to. It takes a second for each hundred thousand rows or less."""
    file = settings().anchor_file
    known = list(read(file)) if file.is_file() else []  # before the rows, or the last anchor could be ahead of them
    report = verify(rows(session), known, settings().chain_key)
    facts = dict(time=spoken_time(now()), count=report.count, anchors=report.anchors)
    if report.faults:
        return say("file.log_has_faults", faults="; ".join(map(str, report.faults)), **facts)
    return say("file.log_stands", **facts)
