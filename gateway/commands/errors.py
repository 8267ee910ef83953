"""What a person at the keyboard is told when a command cannot do its work: one sentence, and what to do."""

from subprocess import SubprocessError
from typing import Any, NoReturn

import typer
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError
from typer.core import TyperGroup

from gateway.config import MissingSetting

CANNOT = 1  # the surroundings are not as they should be
WRONG = 2  # what was asked, or the settings, are wrong


def stop(sentence: str, code: int = CANNOT) -> NoReturn:
    """Say why on stderr and end the command."""
    typer.echo(sentence, err=True)
    raise typer.Exit(code)


class Plain(TyperGroup):
    """Turns the errors that any command can meet into sentences."""

    def invoke(self, ctx: Any) -> Any:
        from procrastinate.exceptions import ConnectorException

        try:
            return super().invoke(ctx)
        except MissingSetting as error:
            stop(str(error), WRONG)
        except ArgumentError:
            stop("DATABASE_URL is not an address like postgresql://user:password@host/database.", WRONG)
        except ProgrammingError as error:
            if type(error.orig).__name__ not in ("UndefinedTable", "UndefinedColumn"):
                raise
            stop("The database lacks tables or columns that this version needs. Run: gateway migrate")
        except (OperationalError, ConnectorException):
            stop(f"The database at {shown_address()} does not answer. {WHAT_TO_DO}")
        except SubprocessError as error:
            stop(f"The PostgreSQL that comes with the installation does not start: {error}.")


WHAT_TO_DO = "Start it, or correct DATABASE_URL in .env; empty, it stands for the one that comes with the installation."


def shown_address() -> str:
    """The database's address with its password hidden."""
    from gateway.db import database_url

    return make_url(database_url()).render_as_string(hide_password=True)
