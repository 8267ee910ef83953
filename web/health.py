"""Whether the service works, for supervisors and whoever watches from outside. Nothing here is about a family."""

from datetime import timedelta

from flask import current_app
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from gateway.config import Settings
from gateway.db import unit_of_work
from gateway.path.service import PathHealth
from gateway.path.service import health as path_health


def health() -> ResponseReturnValue:
    """Whether this process and the database answer; supervisors ask it."""
    with unit_of_work() as session:
        session.execute(text("SELECT 1"))
    return {"web": "up", "database": "up"}


def path() -> ResponseReturnValue:
    """How long ago a synthetic message last came the whole way; 503 when that is too long ago or cannot be seen."""
    configuration: Settings = current_app.config["SETTINGS"]
    try:
        with unit_of_work() as session:
            found = path_health(session, timedelta(seconds=configuration.path_late_after))
    except SQLAlchemyError:
        found = PathHealth(ok=False, age_seconds=None, last=None, steps={})
    body = {
        "ok": found.ok,
        "age_seconds": found.age_seconds,
        "last": found.last.isoformat() if found.last else None,
        "steps": found.steps,
    }
    return body, 200 if found.ok else 503
