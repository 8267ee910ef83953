"""Put every message that was not processed on the queue again: see a-message-not-processed.md beside this."""

from gateway import jobs
from gateway.conversations.service import not_processed
from gateway.db import unit_of_work

with unit_of_work() as session:
    waiting = not_processed(session, limit=10_000)
    for message in waiting:
        lock = f"conversation-{message.conversation_id}"
        jobs.defer(session, "conversations:converse", lock=lock, message_id=message.id)
print(f"{len(waiting)} messages are tried again.")
