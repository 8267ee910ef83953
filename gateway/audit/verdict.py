"""Whether the log can be trusted, in one sentence for a concern's file."""

from sqlalchemy.orm import Session

from gateway.wording import say


def verification(session: Session) -> str:
    """What checking the log came to."""
    return say("file.not_verified")
