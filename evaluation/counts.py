"""How many callbacks and opinions a service's log holds, by conversation: JSON on standard output.

Run with the environment of that service; it reads the database as the service does.
"""

import json
from typing import Any

from sqlalchemy import func, select

from gateway.callbacks.models import Callback
from gateway.conversations.tokens import sign
from gateway.db import unit_of_work
from gateway.feedback.models import Feedback

KINDS: dict[str, Any] = {"callbacks": Callback, "feedback": Feedback}


def counts() -> dict[str, dict[str, int]]:
    """By kind and by the token of the conversation."""
    with unit_of_work() as session:
        return {
            kind: {
                sign(conversation): number
                for conversation, number in session.execute(
                    select(table.conversation_id, func.count()).group_by(table.conversation_id)
                )
            }
            for kind, table in KINDS.items()
        }


if __name__ == "__main__":
    print(json.dumps(counts()))
