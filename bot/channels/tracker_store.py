"""Where Rasa remembers its conversations. endpoints.yml names this store.

Rasa wraps every store in one that takes a failed read for a conversation that never was and puts a failed write into
memory, where nothing looks for it. A family in the middle of a form would begin anew, and nobody would know. With this
store a failure breaks the turn, and the worker asks for it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rasa.core.tracker_store import SQLTrackerStore

from bot.channels.whole_turns import TurnBroken

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class WholeTurnStore(SQLTrackerStore):
    """Rasa's own store in a database. Whatever fails while it is read or written raises TurnBroken."""

    @contextmanager
    def session_scope(self) -> Iterator[Session]:
        """All of the store's work goes through here. The error names no more than its kind: it may hold their words."""
        try:
            with self.sessionmaker() as session:
                yield session
        except Exception as error:
            raise TurnBroken(f"the tracker store failed ({type(error).__name__})") from None
